# policy messenger
# linking devices needs no separate consent
/^functions:/,/^recipients:/ {
/^  device-link:$/,/^    clause:/ {
s/consent: separate/consent: explicit/
}
}
