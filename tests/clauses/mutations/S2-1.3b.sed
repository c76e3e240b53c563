# policy smart-home
# the number is optional
/^  register:$/,/^    clause:/ {
/mandatory:/ d
s/optional: \[/optional: [phone, /
}
