# code src/policy/decide.c
# a permission nobody reported counts as on
s/return best != NULL \&\& lit(d, best);/return best == NULL || lit(d, best);/
