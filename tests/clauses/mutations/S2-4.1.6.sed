# code src/engine/callers.c
# a review of access leaves out who sees clear values
s/kept_policy_role_clear(policy, role, item))/item == KEPT_NO_INDEX)/
