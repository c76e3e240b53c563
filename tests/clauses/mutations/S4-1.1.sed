# policy media
# signing up takes the name, too
/^functions:/,/^recipients:/ {
/^  register:$/,/^    clause:/ {
s/optional: \[/optional: [real-name, /
}
}
