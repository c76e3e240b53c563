# policy media
# the advertiser gets single records
/^recipients:/,/^roles:/ {
/^  advertiser:$/,/^    clause:/ {
/^    aggregate_only:/ d
}
}
