# policy widgets
# the place is not sensitive and location-assist asks for nothing
/^  location:$/,/clause:/ s/sensitive: true, //
/^  location-assist:/,/^    clause:/ s/consent: separate/consent: notice/
