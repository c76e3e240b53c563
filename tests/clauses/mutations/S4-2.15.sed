# policy media
# the size of the screen is declared
/^items:/ a\
  screen-size: {text: size, kind: text, information: device, source: generated, retain: 90 days, clause: S4-2.6}
/^functions:/,/^recipients:/ {
/^  network:$/,/^    clause:/ {
s/optional: \[/optional: [screen-size, /
}
}
