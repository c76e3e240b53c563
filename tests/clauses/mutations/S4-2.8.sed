# policy media
# uploads bring their place along
/^functions:/,/^recipients:/ {
/^  uploading:$/,/^    clause:/ {
s/optional: \[/optional: [place-tag, /
s/consent: explicit/consent: separate/
}
}
