# code src/policy/decide.c
# a permission nobody reported counts as on
s/return best != NULL \&\& best->on != 0;/return best == NULL || best->on != 0;/
