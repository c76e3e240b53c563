# policy smart-home
# the log of use takes the city, too
/^  usage-log:$/,/^    clause:/ s/optional: \[/optional: [city, /
