# policy media
# the map learns the region of the profile, too
/^recipients:/,/^roles:/ {
/^  map-abroad:$/,/^    clause:/ {
s/items: \[/items: [profile-region, /
}
}
