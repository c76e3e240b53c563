/* read_rights.c - what people may ask of us, by when it is answered, on what grounds it is refused, and
 * what it costs; and what the model says to who asks. */
#include <string.h>

#include "policy/duties_int.h"

/* {rule: free}, or {rule: cost, free: 2, window: 1 year}: what it costs us, from the third on. */
static void read_fee(struct reader *r, const struct node *node, struct fee_rule *fee)
{
    if (node == NULL || !kept_keys_of(r, node, SECTION_FEE))
        return;
    *fee = (struct fee_rule){.rule = kept_rule(r, node, node->key_line)};
    int word = kept_word_at(r, node, FEE_rule);
    fee->said = word >= 0;
    const struct node *free = kept_at(r, node, FEE_free), *window = kept_at(r, node, FEE_window);
    if (word == 0 && (free != NULL || window != NULL))
        kept_find(r, CODE_FEE_CONTRADICTION, node->key_line, node->key_column,
                  "remove 'free' and 'window', or let 'rule' be cost",
                  "what is free is not counted: these keys would never count for anything");
    if (word == 1) {
        (void)kept_need_at(r, node, FEE_free);
        (void)kept_need_at(r, node, FEE_window);
    }
    (void)kept_number_at(r, node, FEE_free, &fee->free);
    (void)kept_duration(r, window, &fee->window);
}

/* One kind of request. What it does not say, the section says for all. */
static void read_request(struct reader *r, const struct node *node, const struct right_rule *base,
                         struct right_rule *right)
{
    *right = *base;
    right->column = node->key_column;
    right->pub.said = true;
    right->pub.line = node->key_line;
    if (!kept_keys_of(r, node, SECTION_REQUEST))
        return;
    struct rule rule = kept_rule(r, node, node->key_line);
    if (rule.clause[0] != 0)
        right->pub.clause = rule.clause;
    kept_read_deadline(r, kept_at(r, node, REQUEST_deadline), &right->pub.deadline);
    kept_read_length(r, kept_at(r, node, REQUEST_extension), &right->pub.extension);
    if (kept_at(r, node, REQUEST_channels) != NULL)
        right->pub.channels = kept_read_words(r, node, REQUEST_channels);
    int word = kept_word_at(r, node, REQUEST_identity);
    if (word >= 0)
        right->pub.identity = (enum kept_identity)word;
    read_fee(r, kept_at(r, node, REQUEST_fee), &right->fee);
}

static void read_requests(struct reader *r, const struct node *rights,
                          const struct right_rule *base)
{
    const struct node *map = kept_at(r, rights, RIGHTS_requests);
    if (!kept_keys_of(r, map, SECTION_REQUESTS))
        return;
    for (unsigned i = 0; i < KEPT_ASK_COUNT; i++) {
        const struct node *node = kept_at(r, map, (enum key)(REQUESTS_access + i));
        if (node != NULL)
            read_request(r, node, base, &r->policy->duties.asked[i]);
    }
}

static void read_refusal(struct reader *r, const struct node *node, struct refusal_rule *refusal)
{
    *refusal = (struct refusal_rule){.rule = {.clause = "", .line = node->key_line},
                                     .code = node->key, .requests = (1u << KEPT_ASK_COUNT) - 1};
    if (!kept_name_valid(node->key))
        kept_find(r, CODE_BAD_NAME, node->key_line, node->key_column,
                  "use lower-case letters, digits, '.', '_', '-'; begin with a letter",
                  "'%.64s' cannot be the code of a ground: codes stand in answers and in the ledger",
                  node->key);
    if (!kept_keys_of(r, node, SECTION_REFUSAL))
        return;
    refusal->rule = kept_rule(r, node, node->key_line);
    refusal->text = kept_text_at(r, node, REFUSAL_text);
    if (kept_at(r, node, REFUSAL_requests) != NULL)
        refusal->requests = kept_read_words(r, node, REFUSAL_requests);
    refusal->discretionary = kept_flag_at(r, node, REFUSAL_discretionary);
    refusal->unreasoned = kept_word_at(r, node, REFUSAL_reason) == 1;
}

static void read_refusals(struct reader *r, const struct node *rights)
{
    struct duties *d = &r->policy->duties;
    const struct node *map = kept_at(r, rights, RIGHTS_refusals);
    if (map == NULL || !kept_keys(r, map, NULL, "'refusals'"))
        return;
    d->refusals = kept_arena_alloc(&r->policy->arena, map->count, sizeof *d->refusals);
    for (uint32_t i = map->first; d->refusals != NULL && i != NO_NODE; i = r->tree.nodes[i].next)
        read_refusal(r, &r->tree.nodes[i], &d->refusals[d->refusal_count++]);
}

void kept_read_rights(struct reader *r, const struct node *root)
{
    struct duties *d = &r->policy->duties;
    struct right_rule base = {.pub = {.clause = "", .identity = KEPT_IDENTITY_CODE},
                              .fee = {.rule = {.clause = "", .line = 0}}};
    d->rights = base.fee.rule;
    for (unsigned i = 0; i < KEPT_ASK_COUNT; i++)
        d->asked[i] = base;
    const struct node *node = kept_at(r, root, POLICY_rights);
    if (node == NULL || !kept_keys_of(r, node, SECTION_RIGHTS))
        return;
    d->rights = kept_rule(r, node, node->key_line);
    base.pub.clause = d->rights.clause;
    kept_read_deadline(r, kept_at(r, node, RIGHTS_deadline), &base.pub.deadline);
    kept_read_length(r, kept_at(r, node, RIGHTS_extension), &base.pub.extension);
    base.pub.channels = kept_read_words(r, node, RIGHTS_channels);
    base.pub.identity = (enum kept_identity)kept_word_at(r, node, RIGHTS_identity);
    read_fee(r, kept_at(r, node, RIGHTS_fee), &base.fee);
    read_requests(r, node, &base);
    read_refusals(r, node);
}

/* ---- what it says ------------------------------------------------------------------------------ */

struct kept_right kept_policy_right(const struct kept_policy *policy, enum kept_asked asked)
{
    struct kept_right none = {.clause = "", .identity = KEPT_IDENTITY_DOCUMENT};
    if ((unsigned)asked >= KEPT_ASK_COUNT)
        return none;
    bool by_law = !policy->duties.asked[asked].pub.said && (policy->rights_by_law >> asked & 1u) != 0;
    return by_law ? policy->right_by_law : policy->duties.asked[asked].pub;
}

static const struct refusal_rule *refusal_of(const struct kept_policy *p, const char *code)
{
    for (size_t i = 0; code != NULL && i < p->duties.refusal_count; i++)
        if (strcmp(p->duties.refusals[i].code, code) == 0)
            return &p->duties.refusals[i];
    return NULL;
}

struct kept_refusal_answer kept_policy_refuse(const struct kept_policy *policy,
                                              enum kept_asked asked, const char *code,
                                              bool reasoned)
{
    const struct refusal_rule *rule = refusal_of(policy, code);
    struct kept_refusal_answer answer = {.refusal = KEPT_REFUSAL_UNKNOWN, .clause = ""};
    if (rule == NULL || (unsigned)asked >= KEPT_ASK_COUNT)
        return answer;
    answer.clause = rule->rule.clause;
    answer.line = rule->rule.line;
    answer.refusal = (rule->requests >> asked & 1u) == 0      ? KEPT_REFUSAL_OTHER
                     : !reasoned && !rule->unreasoned         ? KEPT_REFUSAL_UNREASONED
                     : rule->discretionary                    ? KEPT_REFUSAL_MAY
                                                              : KEPT_REFUSAL_MUST;
    return answer;
}

const char *kept_policy_refusal_code(const struct kept_policy *policy, size_t index)
{
    return index < policy->duties.refusal_count ? policy->duties.refusals[index].code : NULL;
}

const char *kept_policy_refusal_text(const struct kept_policy *policy, const char *code,
                                     size_t language)
{
    const struct refusal_rule *rule = refusal_of(policy, code);
    return rule != NULL && language < policy->info.languages ? rule->text.v[language] : NULL;
}

struct kept_fee kept_policy_fee(const struct kept_policy *policy, enum kept_asked asked,
                                uint32_t nth)
{
    struct kept_fee fee = {.clause = ""};
    if ((unsigned)asked >= KEPT_ASK_COUNT || !policy->duties.asked[asked].fee.said)
        return fee;
    const struct fee_rule *rule = &policy->duties.asked[asked].fee;
    return (struct kept_fee){.said = true, .owed = rule->free > 0 && nth > rule->free,
                             .free = rule->free, .window = rule->window,
                             .clause = rule->rule.clause, .line = rule->rule.line};
}
