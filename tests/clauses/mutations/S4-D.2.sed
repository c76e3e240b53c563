# policy media
# passwords are declared
/^items:/ a\
  password: {text: password, kind: text, information: identity, source: user, sensitive: true, retain: account, clause: S4-D.2}
/^functions:/,/^recipients:/ {
/^  password:$/,/^    clause:/ {
s/optional: \[/optional: [password, /
}
}
