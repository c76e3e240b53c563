# code src/policy/decide.c
# a refusal of the whole policy stops nothing
s/deny(d, KEPT_R_REFUSED, &d->p->refusal)/false/
