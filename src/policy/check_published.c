/* check_published.c - a policy as somebody published it: what it is silent on. A policy that is to be loaded
 * has these filled in by the profile of its law; one that is only read is told of each. */
#include <string.h>

#include "policy/duties_int.h"

enum finding_code kept_gap_code(const char *key)
{
    static const struct {
        const char *key;
        enum finding_code code;
    } gaps[] = {{"regions", CODE_NO_LOCATION},  {"stored", CODE_NO_LOCATION},
                {"issued", CODE_NO_DATE},       {"effective", CODE_NO_DATE},
                {"controller", CODE_NO_CONTROLLER}, {"name", CODE_NO_CONTROLLER},
                {"contact", CODE_BLANK_CONTACT}};
    for (size_t i = 0; i < sizeof gaps / sizeof gaps[0]; i++)
        if (strcmp(gaps[i].key, key) == 0)
            return gaps[i].code;
    return CODE_MISSING_KEY;
}

/* Storing outside the mainland is export, also where the policy has conditions for that: it names none of
 * them for storing. */
static void check_stored(struct reader *r)
{
    const struct kept_policy *p = r->policy;
    bool cn = kept_policy_under(p, "CN");
    for (size_t i = 0; cn && p->export == EXPORT_CONDITIONAL && i < p->stored_in.n; i++)
        for (size_t k = 0; k < p->region_count; k++)
            if (p->regions[k].ref == p->stored_in.v[i] && strncmp(p->regions[k].name, "CN", 2) != 0)
                kept_find(r, CODE_EXPORT_CONDITIONS, p->stored.line, 1, "store in CN",
                          "storing in %s is export from the mainland, and no mechanism is named for it "
                          "(PIPL 38, 39)", p->regions[k].name);
}

void kept_check_published(struct reader *r)
{
    const struct kept_policy *p = r->policy;
    const struct duties *d = &p->duties;
    if (!r->as_published)
        return;
    check_stored(r);
    if (d->rights.line == 0) {
        kept_check_offered(r);
        kept_find(r, CODE_NO_DEADLINE, 1, 1, "add 'rights:' with a deadline",
                  "nothing says by when people are answered (PIPL 50)");
    }
    if (p->age.line == 0)
        kept_find(r, CODE_NO_AGE_RULE, 1, 1, "add 'age:' with its bands",
                  "nothing is said of children, who need a guardian's consent below 14 (PIPL 31)");
    if (p->changes.line == 0)
        kept_find(r, CODE_NO_CHANGE_RULE, 1, 1, "add 'changes:'",
                  "nothing says how people learn of a later version (PIPL 17)");
    bool told = false;
    for (unsigned i = 0; i < KEPT_TOLD_COUNT; i++)
        told = told || d->incidents[i].said;
    if (!told)
        kept_find(r, CODE_NO_INCIDENT_RULE, 1, 1, "add 'incident:' with persons and authority",
                  "nothing says who is told, and when, if data leaks (PIPL 57)");
    if (d->cessation.lead.n == 0)
        kept_find(r, CODE_NO_LEAD, p->cessation.line > 0 ? p->cessation.line : 1, 1,
                  "add 'cessation: {lead: 30 days, channels: [app]}'",
                  "'in advance' is no time: nothing says how long before the end people are told");
}
