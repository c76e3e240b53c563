# policy smart-home
# the place needs no permission
/^  location-service:$/,/^    clause:/ { /permissions:/ d
}
