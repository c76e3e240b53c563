# policy media
# the affiliate needs no consent
/^recipients:/,/^roles:/ {
/^  affiliate:$/,/^    clause:/ {
s/role: joint/role: processor/
s/consent: separate/consent: none/
}
}
