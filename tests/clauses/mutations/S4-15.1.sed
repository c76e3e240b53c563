# code src/policy/compare.c
# a purpose that was added is taken for one that was agreed to
/^static bool bits_within/,/^}/ s/return false;/return true;/
