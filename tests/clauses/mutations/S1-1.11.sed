# policy messenger
# the number of the phone is stored as it is
/^items:/,/^functions:/ {
/^  imei:$/,/clause:/ {
s/store: hash, //
}
}
