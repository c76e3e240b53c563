# policy messenger
# talking is called a duty of law
/^functions:/,/^recipients:/ {
/^  communicate:$/,/^    clause:/ {
s/basis: contract/basis: legal_obligation/
}
}
