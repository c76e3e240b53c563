# policy media
# the microphone needs no permission
/^functions:/,/^recipients:/ {
/^  voice-search:$/,/^    clause:/ {
/^    permissions:/ d
}
}
