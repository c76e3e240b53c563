# policy media
# the place needs no permission
/^functions:/,/^recipients:/ {
/^  location-service:$/,/^    clause:/ {
/^    permissions:/ d
}
}
