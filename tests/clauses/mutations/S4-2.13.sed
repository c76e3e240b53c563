# policy media
# what the bank tells may come from anybody
/^items:/,/^functions:/ {
/^  card-application:$/,/clause:/ {
s/source: third_party/source: user/
}
}
