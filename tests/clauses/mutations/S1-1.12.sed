# policy messenger
# the picture of oneself is called a duty of law
/^functions:/,/^recipients:/ {
/^  avatar:$/,/^    clause:/ {
s/^    consent: explicit$/&\
    basis: legal_obligation/
}
}
