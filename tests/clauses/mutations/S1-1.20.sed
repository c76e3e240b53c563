# policy messenger
# the place is declared, too
/^permissions:/ a\
  location: {text: where the phone is, clause: S1-1.20}
