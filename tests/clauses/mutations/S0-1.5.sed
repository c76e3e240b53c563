# policy widgets
# location-assist gets the list of apps, too
/^  location-assist:/,/^    clause:/ s/optional: \[location\]/optional: [location, app-list]/
