# policy messenger
# the log takes the nickname, too
/^functions:/,/^recipients:/ {
/^  service-log:$/,/^    clause:/ {
s/optional: \[/optional: [nickname, /
}
}
