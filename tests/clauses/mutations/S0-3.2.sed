# policy widgets
# the device number is stored as it is
/^  imei:/,/clause:/ s/store: hash/store: value/
