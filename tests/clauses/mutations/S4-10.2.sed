# policy media
# the cookie of the login advertises, too
/^functions:/,/^recipients:/ {
/^  login-cookie:$/,/^    clause:/ {
s/purposes: \[\(.*\)\]/purposes: [\1, advertising]/
}
}
