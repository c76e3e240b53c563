# policy media
# binding accounts asks for nothing here
/^functions:/,/^recipients:/ {
/^  social-login:$/,/^    clause:/ {
s/consent: explicit/consent: notice/
}
}
