# policy media
# support may erase people
/^roles:/,/^exemptions:/ {
/^  support:$/,/^    clause:/ {
s/operations: \[/operations: [erase_subject, /
}
}
