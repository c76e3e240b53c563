# policy media
# the partner needs no consent
/^recipients:/,/^roles:/ {
/^  partner-service:$/,/^    clause:/ {
s/role: independent/role: processor/
s/consent: separate/consent: none/
}
}
