# policy smart-home
# the clipboard is declared, too
/^items:/ a\
  clipboard: {text: {zh: 剪贴板, en: clipboard}, kind: text, information: content, source: generated, retain: 1 day, clause: S2-1.4.1a}
/^functions:/,/^recipients:/ {
/^  operation:$/,/^    clause:/ s/optional: \[/optional: [clipboard, /
}
