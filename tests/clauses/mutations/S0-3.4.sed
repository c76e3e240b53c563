# policy widgets
# quick-launch needs no permission
/^  quick-launch:/,/^    clause:/ { /permissions:/ d
}
