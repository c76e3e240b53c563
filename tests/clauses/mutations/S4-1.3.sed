# policy media
# after-sales needs no case
/^functions:/,/^recipients:/ {
/^  after-sales:$/,/^    clause:/ {
/^    case:/ d
}
}
