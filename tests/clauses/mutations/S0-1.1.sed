# policy widgets
# the colour of the wallpaper is declared, too
/^items:/ a\
  wallpaper-colour: {text: colour, kind: text, information: device, source: generated, retain: 1 day, clause: S0-1.1}
/^  device-adaptation:/,/^    clause:/ s/optional: \[/optional: [wallpaper-colour, /
