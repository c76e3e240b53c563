# policy media
# the platform may pass in mail addresses
/^recipients:/,/^roles:/ {
/^  social-platform:$/,/^    clause:/ {
s/gives: \[/gives: [mail, /
}
}
