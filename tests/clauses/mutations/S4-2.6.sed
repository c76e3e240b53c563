# policy media
# the neighbours are declared, too
/^items:/ a\
  neighbours: {text: networks nearby, kind: text, information: device, source: generated, retain: 1 day, clause: S4-2.6}
/^functions:/,/^recipients:/ {
/^  network:$/,/^    clause:/ {
s/optional: \[/optional: [neighbours, /
}
}
