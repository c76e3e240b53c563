# policy media
# histories serve other services without asking
/^  cross-service: {/ s/consent: explicit, //
/^functions:/,/^recipients:/ {
/^  history:$/,/^    clause:/ {
s/purposes: \[\(.*\)\]/purposes: [\1, cross-service]/
}
}
