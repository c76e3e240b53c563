# policy smart-home
# a mail address is ordinary, and support asks for explicit consent
/^  mail:$/,/clause:/ { /sensitive:/ d
}
/^functions:/,/^recipients:/ {
/^  support:$/,/^    clause:/ {
s/consent: separate/consent: explicit/
s/optional: .*/optional: [user-name, mail, message]/
}
}
