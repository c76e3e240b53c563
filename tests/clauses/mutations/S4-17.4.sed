# policy media
# the cookie of the login serves preferences, too
/^functions:/,/^recipients:/ {
/^  login-cookie:$/,/^    clause:/ {
s/purposes: \[\(.*\)\]/purposes: [\1, preferences]/
}
}
