# policy media
# paying serves advertising, too
/^functions:/,/^recipients:/ {
/^  payment:$/,/^    clause:/ {
s/purposes: \[\(.*\)\]/purposes: [\1, advertising]/
}
}
