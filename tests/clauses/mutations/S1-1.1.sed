# policy messenger
# what fits the app to the device improves the service, too
/^functions:/,/^recipients:/ {
/^  basic-operation:$/,/^    clause:/ {
s/purposes: \[\(.*\)\]/purposes: [\1, improvement]/
}
}
