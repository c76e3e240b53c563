# policy media
# the log takes the number of the device
/^functions:/,/^recipients:/ {
/^  playing:$/,/^    clause:/ {
s/optional: \[/optional: [device-id, /
}
}
