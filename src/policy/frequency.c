/* frequency.c - how often a function may collect. */
#include "policy/policy_int.h"

bool kept_policy_once_per_launch(const struct kept_policy *policy, uint32_t function)
{
    return function < policy->info.functions && policy->functions[function].once_per_launch;
}
