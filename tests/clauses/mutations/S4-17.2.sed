# policy media
# preferences are kept for a year
/^items:/,/^functions:/ {
/^  preference-cookie:$/,/clause:/ {
s/retain: 180 days/retain: 360 days/
}
}
