# policy media
# search terms stay as long as the account
/^  search-terms:/,/clause:/ s/retain: 180 days/retain: account/
