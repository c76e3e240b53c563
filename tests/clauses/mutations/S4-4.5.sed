# policy media
# who counts for us improves its own, too
/^recipients:/,/^roles:/ {
/^  analyst:$/,/^    clause:/ {
s/purposes: \[\(.*\)\]/purposes: [\1, improvement]/
}
}
