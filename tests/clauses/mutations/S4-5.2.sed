# policy media
# what was played is kept as if a law demanded it
/^items:/,/^functions:/ {
/^  play-history:$/,/clause:/ {
s/retain: 180 days/retention_class: law, statute: none, retain: 184 days/
}
}
