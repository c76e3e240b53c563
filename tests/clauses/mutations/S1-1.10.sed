# policy messenger
# the clipboard is stored for a day
/^items:/,/^functions:/ {
/^  clipboard:$/,/clause:/ {
s/place: transient/retain: 1 day/
}
}
