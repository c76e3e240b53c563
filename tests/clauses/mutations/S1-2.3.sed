# policy messenger
# the affiliate gets the carrier, too
/^recipients:/,/^roles:/ {
/^  affiliate:$/,/^    clause:/ {
s/items: \[/items: [carrier, /
}
}
