# policy messenger
# the other platform only follows orders, and needs no consent
/^recipients:/,/^roles:/ {
/^  other-platform:$/,/^    clause:/ {
s/role: independent/role: processor/
s/consent: separate/consent: none/
}
}
