# policy messenger
# one cannot register without a nickname
/^functions:/,/^recipients:/ {
/^  register:$/,/^    clause:/ {
s/mandatory: \[/mandatory: [nickname, /
}
}
