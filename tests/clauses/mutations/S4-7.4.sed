# policy media
# playing takes the nickname
/^functions:/,/^recipients:/ {
/^  playing:$/,/^    clause:/ {
s/optional: \[/optional: [nickname, /
}
}
