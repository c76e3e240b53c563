# policy media
# bank cards are ordinary
/^items:/,/^functions:/ {
/^  bank-card:$/,/clause:/ {
s/sensitive: true, //
}
}
