# code src/policy/check_duties.c
# no standard is known to be replaced
s/{{"35273-2017", /{{"35273-1999", /
