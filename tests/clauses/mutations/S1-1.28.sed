# policy messenger
# the affiliate gets the name of the account as it is
/^recipients:/,/^roles:/ {
/^  affiliate:$/,/^    clause:/ {
s/masked: \[account-name, phone\]/masked: [phone]/
}
}
