# policy smart-home
# the address book is declared, too
/^items:/ a\
  address-book: {text: {zh: 通讯录, en: address book}, kind: text, information: contacts, source: generated, retain: 1 day, clause: S2-4.3a}
/^functions:/,/^recipients:/ {
/^  operation:$/,/^    clause:/ s/optional: \[/optional: [address-book, /
}
