# policy messenger
# support sees whole numbers
/^roles:/,/^exemptions:/ {
/^  support:$/,/^    clause:/ {
s/raw: \[/raw: [phone, /
}
}
