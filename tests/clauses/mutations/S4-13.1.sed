# policy media
# the button learns the address, too
/^recipients:/,/^roles:/ {
/^  share-button:$/,/^    clause:/ {
s/items: \[/items: [ip-address, /
}
}
