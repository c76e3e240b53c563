# policy messenger
# the number of the phone comes in with the rest
/^functions:/,/^recipients:/ {
/^  basic-operation:$/,/^    clause:/ {
s/optional: \[/optional: [imei, /
}
}
