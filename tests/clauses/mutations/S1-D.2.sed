# policy messenger
# messages are not sensitive and talking asks for nothing
/^items:/,/^functions:/ {
/^  message:$/,/clause:/ {
s/sensitive: true, //
}
}
/^items:/,/^functions:/ {
/^  contact-account:$/,/clause:/ {
s/sensitive: true, //
}
}
/^functions:/,/^recipients:/ {
/^  communicate:$/,/^    clause:/ {
s/consent: separate/consent: notice/
}
}
