# policy media
# histories serve mailings, too
/^functions:/,/^recipients:/ {
/^  history:$/,/^    clause:/ {
s/purposes: \[\(.*\)\]/purposes: [\1, mailings]/
}
}
