# policy widgets
# the data service may adapt, too
/^  data-service:/,/^    clause:/ s/purposes: \[/purposes: [adaptation, /
