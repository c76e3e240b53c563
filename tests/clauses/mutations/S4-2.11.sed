# policy media
# finding friends is called a duty of law
/^functions:/,/^recipients:/ {
/^  find-friends:$/,/^    clause:/ {
s/^    consent: separate$/&\
    basis: legal_obligation/
}
}
