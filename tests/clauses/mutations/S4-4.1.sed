# policy media
# playing serves analysis, too
/^functions:/,/^recipients:/ {
/^  playing:$/,/^    clause:/ {
s/purposes: \[\(.*\)\]/purposes: [\1, analysis]/
}
}
