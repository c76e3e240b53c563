# policy wallpaper
# letters stay for two years
/^  message:/,/clause:/ s/retain: 1 year/retain: 2 years/
