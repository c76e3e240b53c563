# policy media
# putting something up asks for nothing
/^functions:/,/^recipients:/ {
/^  uploading:$/,/^    clause:/ {
s/consent: explicit/consent: notice/
}
}
