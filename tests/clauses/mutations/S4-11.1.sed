# policy media
# fitting advertising asks for nothing
/^  advertising: {/ s/consent: explicit, //
/^functions:/,/^recipients:/ {
/^  advertising:$/,/^    clause:/ {
s/consent: explicit/consent: notice/
}
}
