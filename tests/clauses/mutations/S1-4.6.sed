# policy messenger
# orders end with the account
/^items:/,/^functions:/ {
/^  order-record:$/,/clause:/ {
/retention_class:/ d
/statute:/ d
}
}
