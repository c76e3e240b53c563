# code src/policy/standing.c
# a consent that has ended stands
s/return KEPT_R_CONSENT_EXPIRED;/return KEPT_R_NONE;/
