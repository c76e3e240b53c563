# policy messenger
# a mobile number is an item like any other
/^items:/,/^functions:/ {
/^  phone:$/,/clause:/ {
s/sensitive: true, //
}
}
