# policy smart-home
# the verified number is not locked
/^  phone:$/,/clause:/ { /locked_after_verification:/ d
}
