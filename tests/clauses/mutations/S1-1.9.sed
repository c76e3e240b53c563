# policy messenger
# receipts are read at any time
/^functions:/,/^recipients:/ {
/^  receipts:$/,/^    clause:/ {
/^    trigger:/ d
}
}
