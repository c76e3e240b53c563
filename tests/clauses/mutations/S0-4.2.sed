# code src/policy/decide.c
# an exemption needs no reasons
s/ \&\& d->q->justified;/;/
