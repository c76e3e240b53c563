/* standing.c - what a person's consents, refusals and withdrawals say to one question. */
#include "base/id.h"

#include "policy/policy_int.h"

/* A later row replaces an earlier one on the same scope; of two at one instant the last in order. */
static void newer(const struct kept_consent_row **best, const struct kept_consent_row *row)
{
    if (*best == NULL || row->at >= (*best)->at)
        *best = row;
}

void kept_standing(const struct kept_policy *policy, const struct kept_context *context,
                   const struct kept_question *question, uint32_t purpose, struct standing *s)
{
    const struct kept_policy_info *n = &policy->info;
    uint32_t item = question->item < n->items ? policy->items[question->item].pub.ref : 0;
    uint32_t why = purpose < n->purposes ? policy->purposes[purpose].ref : 0;
    uint32_t to =
        question->recipient < n->recipients ? policy->recipients[question->recipient].ref : 0;
    for (size_t i = 0; i < context->consent_count; i++) {
        const struct kept_consent_row *row = &context->consents[i];
        const unsigned kind = row->scope_kind;
        /* Most rows speak of something else: one branch for them, which is foreseen. */
        if (((kind == KEPT_K_NONE) | ((kind == KEPT_K_PURPOSE) & (row->scope == why)) |
             ((kind == KEPT_K_ITEM) & (row->scope == item)) |
             ((kind == KEPT_K_RECIPIENT) & (row->scope == to))) == 0)
            continue;
        struct voice *v = row->kind == KEPT_C_GUARDIAN ? &s->guardian : &s->own;
        if (row->kind == KEPT_C_ACKNOWLEDGEMENT && row->state == KEPT_CS_GRANTED)
            s->acknowledged = s->acknowledged || (kind == KEPT_K_NONE &&
                                                row->policy_version == n->version);
        else if (kind == KEPT_K_NONE)
            newer(&v->whole, row);
        else if (row->scope == KEPT_REF_NONE)
            continue;
        else if (kind == KEPT_K_PURPOSE)
            newer(&v->purpose, row);
        else if (kind == KEPT_K_ITEM)
            newer(&v->item, row);
        else
            newer(&v->recipient, row);
    }
}

void kept_standing_function(const struct kept_context *context, uint32_t ref,
                            struct standing *standing)
{
    standing->own.function = standing->guardian.function = NULL;
    for (size_t i = 0; i < context->consent_count; i++) {
        const struct kept_consent_row *row = &context->consents[i];
        if (row->scope == ref && row->scope_kind == KEPT_K_FUNCTION && ref != KEPT_REF_NONE &&
            !(row->kind == KEPT_C_ACKNOWLEDGEMENT && row->state == KEPT_CS_GRANTED))
            newer(row->kind == KEPT_C_GUARDIAN ? &standing->guardian.function
                                               : &standing->own.function,
                  row);
    }
}

/* Given to another version that said less than ours does, or, where the policy asks again whenever
 * words change, in other words? */
static bool stale(const struct kept_policy *policy, const struct kept_consent_row *row)
{
    if (row->policy_version == policy->info.version)
        return false;
    if (!kept_covered(policy, row))
        return true;
    for (size_t i = 0; policy->ask_again && i < policy->info.languages; i++)
        if (kept_bytes_equal(policy->text_hashes[i], row->text_hash, sizeof row->text_hash))
            return false;
    return policy->ask_again;
}

static enum kept_reason lacks(enum kept_consent_kind need)
{
    return need == KEPT_C_SEPARATE   ? KEPT_R_NEEDS_SEPARATE_CONSENT
           : need == KEPT_C_WRITTEN  ? KEPT_R_NEEDS_WRITTEN_CONSENT
           : need == KEPT_C_GUARDIAN ? KEPT_R_NEEDS_GUARDIAN
                                     : KEPT_R_NEEDS_CONSENT;
}

enum kept_reason kept_satisfies(const struct kept_policy *policy,
                                const struct kept_consent_row *row, enum kept_consent_kind need,
                                const struct kept_question *question)
{
    if (row == NULL)
        return need == KEPT_C_NONE ? KEPT_R_NONE : lacks(need);
    if (row->state == KEPT_CS_REFUSED)
        return KEPT_R_REFUSED;
    if (row->state != KEPT_CS_GRANTED)
        return KEPT_R_WITHDRAWN;
    if (need == KEPT_C_NONE)
        return KEPT_R_NONE;
    if (row->kind < need || (row->kind > KEPT_C_WRITTEN && need != KEPT_C_GUARDIAN))
        return lacks(need);
    if (row->expires != 0 && question->now >= row->expires)
        return KEPT_R_CONSENT_EXPIRED;
    return stale(policy, row) ? KEPT_R_CONSENT_STALE : KEPT_R_NONE;
}
