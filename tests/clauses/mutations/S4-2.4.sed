# policy media
# calls are kept for two months
/^items:/,/^functions:/ {
/^  call-record:$/,/clause:/ {
s/retain: 30 days/retain: 60 days/
}
}
