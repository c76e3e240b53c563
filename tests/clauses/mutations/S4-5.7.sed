# policy media
# scanning needs no permission
/^functions:/,/^recipients:/ {
/^  scan:$/,/^    clause:/ {
/^    permissions:/ d
}
}
