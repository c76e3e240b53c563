# code src/policy/read_rules.c
# a policy need not say what refusing costs
s/"refusing_costs", true/"refusing_costs", false/
