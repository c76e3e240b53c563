# policy smart-home
# affiliates get the log of the service, too
/^  affiliate:$/,/^    clause:/ s/items: \[/items: [service-log, /
