# policy media
# the apps used are ordinary and asked for nowhere
/^items:/,/^functions:/ {
/^  apps-used:$/,/clause:/ {
s/sensitive: true, //
}
}
/^functions:/,/^recipients:/ {
/^  app-advice:$/,/^    clause:/ {
s/consent: separate/consent: notice/
}
}
