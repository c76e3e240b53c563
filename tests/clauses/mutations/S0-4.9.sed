# policy widgets
# the agreement with the data service ends ten years later
/^  data-service:/,/^    clause:/ s/expires: 2028/expires: 2038/
