# policy messenger
# the camera needs no permission
/^functions:/,/^recipients:/ {
/^  camera:$/,/^    clause:/ {
/^    permissions:/ d
}
}
