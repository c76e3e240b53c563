# policy wallpaper
# writing to us asks for nothing
/^functions:/,/^roles:/ {
/^  feedback:$/,/^    clause:/ {
s/consent: explicit/consent: notice/
}
}
