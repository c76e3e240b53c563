# policy media
# it may come from anybody
/^items:/,/^functions:/ {
/^  partner-activity:$/,/clause:/ {
s/source: third_party/source: user/
}
}
