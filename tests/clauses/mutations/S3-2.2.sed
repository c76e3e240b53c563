# policy wallpaper
# the account ends by itself
/^  account-name:/,/clause:/ s/retain: account/retain: 3 years/
