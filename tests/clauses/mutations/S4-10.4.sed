# policy media
# the tracker is a partner, not a kit on our pages
/^recipients:/,/^roles:/ {
/^  ad-tracker:$/,/^    clause:/ {
s/kind: sdk/kind: partner/
}
}
