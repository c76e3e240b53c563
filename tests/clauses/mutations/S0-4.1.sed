# policy widgets
# the marketing partner needs no consent
/^  marketing-partner:/,/^    clause:/ {
s/role: independent/role: processor/
s/consent: separate/consent: none/
}
