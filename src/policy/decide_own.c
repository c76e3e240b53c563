/* decide_own.c - what people may read and correct of themselves: by their rights, not by what anybody was allowed. */
#include <string.h>

#include "policy/policy_int.h"

static enum kept_reason state_of(const struct kept_context *c, bool correct)
{
    if (correct && c->ceased)
        return KEPT_R_CEASED;
    switch (c->state) {
    case KEPT_S_LIVE:
    case KEPT_S_REFUSED:
    case KEPT_S_RESTRICTED:
        return KEPT_R_NONE;
    case KEPT_S_ERASED:
        return KEPT_R_ERASED;
    case KEPT_S_KEPT_BY_LAW:
        return KEPT_R_KEPT_BY_LAW;
    case KEPT_S_NONE:
        break;
    }
    return KEPT_R_DEFAULT;
}

static enum kept_reason item_of(const struct kept_item *item, const struct kept_question *q, bool correct)
{
    if (item->place == KEPT_PLACE_DEVICE)
        return KEPT_R_ON_DEVICE;
    if (item->place == KEPT_PLACE_TRANSIENT)
        return KEPT_R_TRANSIENT;
    if (item->hashed && !correct)
        return KEPT_R_NO_VALUE;
    if (q->archived)
        return KEPT_R_KEPT_BY_LAW;
    return correct && strcmp(item->source, "user") != 0 ? KEPT_R_ROLE : KEPT_R_NONE;
}

struct kept_verdict kept_decide_own(const struct kept_policy *p, const struct kept_context *c, const struct kept_question *q)
{
    const bool correct = q->use == KEPT_USE_COLLECT;
    struct kept_verdict v = {.decision = KEPT_DENY, .reason = KEPT_R_DEFAULT, .clause = ""};
    if (!correct && q->use != KEPT_USE_READ)
        return v;
    if ((v.reason = state_of(c, correct)) != KEPT_R_NONE)
        return v;
    if (q->item >= p->info.items)
        return (struct kept_verdict){.decision = KEPT_DENY, .reason = KEPT_R_UNDECLARED, .clause = p->undeclared.clause,
                                     .line = p->undeclared.line};
    const struct kept_item *item = &p->items[q->item].pub;
    if ((v.reason = item_of(item, q, correct)) != KEPT_R_NONE)
        return (struct kept_verdict){.decision = KEPT_DENY, .reason = v.reason, .clause = item->clause, .line = item->line};
    const struct kept_right right = kept_policy_right(p, correct ? KEPT_ASK_CORRECT : KEPT_ASK_ACCESS);
    return (struct kept_verdict){.decision = right.said ? KEPT_ALLOW : KEPT_DENY,
                                 .reason = right.said ? KEPT_R_NONE : KEPT_R_DEFAULT, .clause = right.clause,
                                 .line = right.line};
}
