# policy messenger
# receipts are stored here
/^items:/,/^functions:/ {
/^  receipt:$/,/clause:/ {
s/place: device/retain: 1 day/
}
}
