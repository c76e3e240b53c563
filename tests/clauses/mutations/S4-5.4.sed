# policy media
# the number is not locked
/^items:/,/^functions:/ {
/^  phone:$/,/clause:/ {
s/locked_after_verification: true, //
}
}
