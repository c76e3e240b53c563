# policy smart-home
# the campaign partner needs no consent
/^  campaign-partner:$/,/^    clause:/ {
s/role: independent/role: processor/
s/consent: separate/consent: none/
}
