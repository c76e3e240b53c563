# policy media
# advertising is called a duty of law
/^functions:/,/^recipients:/ {
/^  advertising:$/,/^    clause:/ {
s/^    consent: explicit$/&\
    basis: legal_obligation/
}
}
