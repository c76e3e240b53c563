/* agree.h - one question asked twice: of the fast decision and of the reference. */
#ifndef KEPT_TESTS_POLICY_AGREE_H
#define KEPT_TESTS_POLICY_AGREE_H

#include "../aid/sampled.h"
#include "policy_aid.h"
#include "reference.h"

/* Under the sanitizer, or when lines are counted, every 29th question will do. */
#if SAMPLED
#define STRIDE 29
#else
#define STRIDE 1
#endif

struct person { /* a context with room for its rows */
    struct kept_context context;
    struct kept_consent_row consents[256];
    struct kept_permission_row permissions[64];
};

static void differ(const struct kept_policy *p, const struct kept_context *c,
                   const struct kept_question *q, const struct kept_verdict *fast,
                   const struct kept_verdict *slow)
{
    fail_msg("%s: use %d item %d function %d purpose %d role %d recipient %d state %d: "
             "fast %d %s %s:%d, reference %d %s %s:%d",
             p->info.app, q->use, (int)q->item, (int)q->function, (int)q->purpose, (int)q->role,
             (int)q->recipient, c->state, fast->decision, kept_reason_name(fast->reason),
             fast->clause, fast->line, slow->decision, kept_reason_name(slow->reason), slow->clause,
             slow->line);
}

static enum kept_decision same(const struct kept_policy *p, const struct kept_context *c,
                               const struct kept_question *q)
{
    struct kept_verdict fast = kept_decide(p, c, q), slow = reference_decide(p, c, q);
    if (fast.decision != slow.decision || fast.reason != slow.reason || fast.line != slow.line ||
        strcmp(fast.clause, slow.clause) != 0)
        differ(p, c, q, &fast, &slow);
    return fast.decision;
}

#endif
