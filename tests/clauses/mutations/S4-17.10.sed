# policy media
# copies are kept for two days
/^items:/,/^functions:/ {
/^  efficiency-copy:$/,/clause:/ {
s/retain: 12 hours/retain: 2 days/
}
}
