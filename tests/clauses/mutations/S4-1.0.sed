# code src/policy/language.def
# a policy need not say what refusing costs
/^KEY(FUNCTION, refusing_costs/s/NEEDED("[^"]*")/MAY/
