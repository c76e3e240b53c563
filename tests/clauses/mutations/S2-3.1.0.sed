# policy smart-home
# the statistics kit gets reports of crashes, too
/^  statistics-sdk:$/,/^    clause:/ s/items: \[/items: [crash-report, /
