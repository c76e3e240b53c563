# code src/policy/standing.c
# a withdrawn consent stands
s/return KEPT_R_WITHDRAWN;/return KEPT_R_NONE;/
