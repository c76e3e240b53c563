# policy wallpaper
# purchases end with the account
/^items:/,/^functions:/ {
/^  purchase-record:$/,/clause:/ {
/retention_class:/ d
/statute:/ d
}
}
