/* fill.c - what the profile of its law says where a policy is silent (profile.h). */
#include <stdio.h>
#include <string.h>

#include "policy/show_int.h"

const char *kept_policy_profile(const struct kept_policy *policy, const char **ret_lawyer)
{
    const struct profile *profile = policy->profile;
    *ret_lawyer = profile != NULL ? profile->lawyer : "";
    return profile != NULL ? profile->name : "";
}

static struct kept_fill *add(struct kept_fill *ret, size_t *n, const char *what,
                             const struct profile_entry *entry)
{
    struct kept_fill *fill = &ret[(*n)++];
    *fill = (struct kept_fill){.what = what, .source = entry->source, .seen = entry->seen};
    if (entry->within.within.n > 0)
        (void)snprintf(fill->value, sizeof fill->value, "within %u %s of when it is %s",
                       entry->within.within.n, kept_show_unit(entry->within.within.unit),
                       kept_show_anchor(entry->within.from));
    else
        (void)snprintf(fill->value, sizeof fill->value, "a guardian consents below %u", entry->age);
    return fill;
}

size_t kept_policy_fills(const struct kept_policy *policy, struct kept_fill ret[KEPT_MAX_FILLS])
{
    const struct duties *d = &policy->duties;
    size_t n = 0;
    if (policy->profile == NULL)
        return 0;
    const struct profile_entry *values = policy->profile->values;
    if (d->rights.line == 0 && values[PROFILE_VALUE_ANSWER].said)
        (void)add(ret, &n, "answers to requests", &values[PROFILE_VALUE_ANSWER]);
    if (!d->incidents[KEPT_TOLD_AUTHORITY].said && values[PROFILE_VALUE_INCIDENT_AUTHORITY].said)
        (void)add(ret, &n, "incidents, to the authority", &values[PROFILE_VALUE_INCIDENT_AUTHORITY]);
    if (policy->band_count == 0 && values[PROFILE_VALUE_GUARDIAN_BELOW].said)
        (void)add(ret, &n, "children", &values[PROFILE_VALUE_GUARDIAN_BELOW]);
    return n;
}
