# policy messenger
# the number is optional
/^functions:/,/^recipients:/ {
/^  register:$/,/^    clause:/ {
s/mandatory: \[account-name, phone\]/mandatory: [account-name]\
    optional: [phone]/
}
}
