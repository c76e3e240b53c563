# policy media
# the map is at home and asks for nothing
/^recipients:/,/^roles:/ {
/^  map-abroad:$/,/^    clause:/ {
s/region: SG/region: CN/
s/consent: separate/consent: none/
/export_mechanism:/ d
}
}
