# policy messenger
# the officer cannot cancel an account
/^roles:/,/^exemptions:/ {
/^  officer:$/,/^    clause:/ {
s/erase_subject, //
}
}
