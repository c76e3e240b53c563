# policy widgets
# the place is not sensitive and location-assist asks for nothing
/^  location:$/,/clause:/ s/sensitive: true, //
/^  location-assist:/,/^    clause:/ s/consent: separate/consent: notice/
# no floor of a law stands in its way
s/^jurisdiction: CN$/jurisdiction: ZZ/
