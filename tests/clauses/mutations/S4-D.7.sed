# policy media
# the number of the device is stored as it is
/^items:/,/^functions:/ {
/^  device-id:$/,/clause:/ {
s/store: hash, //
}
}
