# policy smart-home
# a dispute needs no case
/^  mediation:$/,/^    clause:/ { /case:/ d
}
