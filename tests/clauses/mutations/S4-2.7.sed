# policy media
# the place comes in at any time
/^functions:/,/^recipients:/ {
/^  location-service:$/,/^    clause:/ {
/^    in_use:/ d
}
}
