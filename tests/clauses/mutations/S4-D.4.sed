# policy media
# calls are not sensitive and ask for nothing
/^items:/,/^functions:/ {
/^  call-record:$/,/clause:/ {
s/sensitive: true, //
}
}
/^functions:/,/^recipients:/ {
/^  calls:$/,/^    clause:/ {
s/consent: separate/consent: notice/
}
}
