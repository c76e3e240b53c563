# policy messenger
# advisers need no case
/^functions:/,/^recipients:/ {
/^  disputes:$/,/^    clause:/ {
/^    case:/ d
}
}
