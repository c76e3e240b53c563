/* check_duties.c - what a regulator would find in what a policy owes: answers that never come, ends that
 * contradict each other, choices that are none. */
#include <stdio.h>

#include "policy/duties_int.h"

/* What the law gives everybody; where the policy speaks of rights, it should not leave these out. */
static void check_offered(struct reader *r)
{
    static const struct {
        enum kept_asked asked;
        const char *law;
    } owed[] = {{KEPT_ASK_ACCESS, "PIPL 45"},   {KEPT_ASK_COPY, "PIPL 45"},
                {KEPT_ASK_CORRECT, "PIPL 46"},  {KEPT_ASK_DELETE, "PIPL 47"},
                {KEPT_ASK_WITHDRAW, "PIPL 15"}, {KEPT_ASK_EXPLAIN, "PIPL 24, 48"},
                {KEPT_ASK_PORT, "PIPL 45"},     {KEPT_ASK_COMPLAINT, "PIPL 50"}};
    const struct duties *d = &r->policy->duties;
    for (size_t i = 0; i < sizeof owed / sizeof owed[0]; i++) {
        char mend[MEND_TEXT];
        (void)snprintf(mend, sizeof mend, "add '%s:' under 'requests'", kept_asked_word(owed[i].asked));
        if (!d->asked[owed[i].asked].pub.said)
            kept_find(r, KEPT_WARNING, "RIGHT_MISSING", d->rights.line, 1, mend,
                      "nobody is told that they may ask for '%s' (%s)",
                      kept_asked_word(owed[i].asked), owed[i].law);
    }
}

void kept_check_rights(struct reader *r)
{
    const struct duties *d = &r->policy->duties;
    if (d->rights.line == 0)
        return;
    check_offered(r);
    for (unsigned i = 0; i < KEPT_ASK_COUNT; i++) {
        const struct right_rule *right = &d->asked[i];
        if (!right->pub.said)
            continue;
        if (right->pub.deadline.within.n == 0)
            kept_find(r, KEPT_ERROR, "NO_DEADLINE", right->pub.line, right->column,
                      "add 'deadline: {within: 15 working days, from: received}'",
                      "'%s' is answered some day: promptly means a day that can be named (PIPL 50)",
                      kept_asked_word((enum kept_asked)i));
        if (right->pub.channels == 0)
            kept_find(r, KEPT_ERROR, "NO_CHANNEL", right->pub.line, right->column,
                      "add 'channels: [settings, mail]', here or for all requests",
                      "nobody is told how to ask for '%s': the way must be easy (PIPL 50)",
                      kept_asked_word((enum kept_asked)i));
    }
}
