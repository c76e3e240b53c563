# policy messenger
# feedback improves the service, too
/^functions:/,/^recipients:/ {
/^  feedback:$/,/^    clause:/ {
s/purposes: \[\(.*\)\]/purposes: [\1, improvement]/
}
}
