# code src/policy/decide.c
# a guardian who took the word back still opens what it opened
s/reason = kept_satisfies(d->p, word, KEPT_C_GUARDIAN, d->q);/reason = word == NULL ? KEPT_R_NEEDS_GUARDIAN : KEPT_R_NONE;/
