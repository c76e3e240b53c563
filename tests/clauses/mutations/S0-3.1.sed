# policy widgets
# location-assist needs no permission
/^  location-assist:/,/^    clause:/ { /permissions:/ d
}
