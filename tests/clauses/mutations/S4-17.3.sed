# policy media
# the cookie of safety advertises, too
/^functions:/,/^recipients:/ {
/^  safety-cookie:$/,/^    clause:/ {
s/purposes: \[\(.*\)\]/purposes: [\1, advertising]/
}
}
