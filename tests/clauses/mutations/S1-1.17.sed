# policy messenger
# what suppliers say may come from anybody
/^items:/,/^functions:/ {
/^  supplier-note:$/,/clause:/ {
s/source: third_party/source: user/
}
}
