# policy wallpaper
# the archive has no end that could be told
/^  purchase-record:/,/clause:/ s/retain: 1096 days/retain: 2000 days/
