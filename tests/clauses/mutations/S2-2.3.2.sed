# policy smart-home
# the sharing kit gets one item more
/^  share-sdk:$/,/^    clause:/ s/items: \[/items: [app-version, /
