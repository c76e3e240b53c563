/* read_rights.c - what people may ask of us, by when it is answered, on what grounds it is refused, and
 * what it costs; and what the model says to who asks. */
#include <string.h>

#include "policy/duties_int.h"

static const char *const identities[] = {"none", "account", "code", "document", NULL};

/* {rule: free}, or {rule: cost, free: 2, window: 1 year}: what it costs us, from the third on. */
static void read_fee(struct reader *r, const struct node *map, struct fee_rule *fee)
{
    static const char *const keys[] = {"rule", "free", "window", "clause", NULL};
    static const char *const rules[] = {"free", "cost", NULL};
    const struct node *node = kept_child(r, map, "fee");
    if (node == NULL || !kept_keys(r, node, keys, "a fee"))
        return;
    *fee = (struct fee_rule){.rule = kept_rule(r, node, node->key_line)};
    const struct node *rule = kept_need(r, node, "rule", "people must know what asking costs them");
    int word = rule != NULL ? kept_word(r, rule, rules) : -1;
    fee->said = word >= 0;
    const struct node *free = kept_child(r, node, "free"), *window = kept_child(r, node, "window");
    if (word == 0 && (free != NULL || window != NULL))
        kept_find(r, KEPT_ERROR, "FEE_CONTRADICTION", node->key_line, node->key_column,
                  "remove 'free' and 'window', or let 'rule' be cost",
                  "what is free is not counted: these keys would never count for anything");
    if (word != 1)
        return;
    (void)kept_number(r, kept_need(r, node, "free", "some requests cost nothing (PIPL 50)"), 1, 100,
                      &fee->free);
    (void)kept_duration(r, kept_need(r, node, "window", "repeats are counted over some time"),
                        &fee->window);
}

/* One kind of request. What it does not say, the section says for all. */
static void read_request(struct reader *r, const struct node *node, const struct right_rule *base,
                         struct right_rule *right)
{
    static const char *const keys[] = {"deadline", "extension", "channels", "identity", "fee",
                                       "clause", NULL};
    *right = *base;
    right->column = node->key_column;
    right->pub.said = true;
    right->pub.line = node->key_line;
    if (node->kind == NODE_SCALAR && node->plain && node->text[0] == 0)
        return; /* `access:` alone: all as the section says */
    if (!kept_keys(r, node, keys, "a kind of request"))
        return;
    struct rule rule = kept_rule(r, node, node->key_line);
    if (rule.clause[0] != 0)
        right->pub.clause = rule.clause;
    kept_read_deadline(r, node, "deadline", &right->pub.deadline);
    if (kept_child(r, node, "extension") != NULL)
        (void)kept_read_length(r, kept_child(r, node, "extension"), &right->pub.extension);
    if (kept_child(r, node, "channels") != NULL)
        right->pub.channels = kept_read_words(r, node, "channels", kept_channel_words());
    int word = kept_child(r, node, "identity") != NULL
                   ? kept_word(r, kept_child(r, node, "identity"), identities)
                   : -1;
    if (word >= 0)
        right->pub.identity = (enum kept_identity)word;
    read_fee(r, node, &right->fee);
}

static void read_requests(struct reader *r, const struct node *rights,
                          const struct right_rule *base)
{
    const struct node *map = kept_need(r, rights, "requests", "people must know what they may ask for "
                                                              "(PIPL 17, 44 to 50)");
    if (!kept_keys(r, map, kept_asked_words(), "'requests'"))
        return;
    for (unsigned i = 0; i < KEPT_ASK_COUNT; i++) {
        const struct node *node = kept_child(r, map, kept_asked_words()[i]);
        if (node != NULL)
            read_request(r, node, base, &r->policy->duties.asked[i]);
    }
}

static void read_refusal(struct reader *r, const struct node *node, struct refusal_rule *refusal)
{
    static const char *const keys[] = {"text", "requests", "discretionary", "reason", "clause", NULL};
    static const char *const reasons[] = {"required", "optional", NULL};
    *refusal = (struct refusal_rule){.rule = {.clause = "", .line = node->key_line},
                                     .code = node->key, .requests = (1u << KEPT_ASK_COUNT) - 1};
    if (!kept_name_valid(node->key))
        kept_find(r, KEPT_ERROR, "BAD_NAME", node->key_line, node->key_column,
                  "use lower-case letters, digits, '.', '_', '-'; begin with a letter",
                  "'%.64s' cannot be the code of a ground: codes stand in answers and in the ledger",
                  node->key);
    if (!kept_keys(r, node, keys, "a ground of refusal"))
        return;
    refusal->rule = kept_rule(r, node, node->key_line);
    refusal->text = kept_text(r, node, "text", true);
    if (kept_child(r, node, "requests") != NULL)
        refusal->requests = kept_read_words(r, node, "requests", kept_asked_words());
    refusal->discretionary = kept_flag(r, node, "discretionary", false);
    refusal->unreasoned =
        strcmp(kept_choice(r, node, "reason", reasons, "required"), "optional") == 0;
}

static void read_refusals(struct reader *r, const struct node *rights)
{
    struct duties *d = &r->policy->duties;
    const struct node *map = kept_child(r, rights, "refusals");
    if (map == NULL || !kept_keys(r, map, NULL, "'refusals'"))
        return;
    d->refusals = kept_arena_alloc(&r->policy->arena, map->count, sizeof *d->refusals);
    for (uint32_t i = map->first; d->refusals != NULL && i != NO_NODE; i = r->tree.nodes[i].next)
        read_refusal(r, &r->tree.nodes[i], &d->refusals[d->refusal_count++]);
}

void kept_read_rights(struct reader *r, const struct node *root)
{
    static const char *const keys[] = {"deadline", "extension", "channels", "identity", "fee",
                                       "requests", "refusals", "clause", NULL};
    struct duties *d = &r->policy->duties;
    struct right_rule base = {.pub = {.clause = "", .identity = KEPT_IDENTITY_CODE},
                              .fee = {.rule = {.clause = "", .line = 0}}};
    d->rights = base.fee.rule;
    for (unsigned i = 0; i < KEPT_ASK_COUNT; i++)
        d->asked[i] = base;
    const struct node *node = kept_child(r, root, "rights");
    if (node == NULL || !kept_keys(r, node, keys, "'rights'"))
        return;
    d->rights = kept_rule(r, node, node->key_line);
    base.pub.clause = d->rights.clause;
    kept_read_deadline(r, node, "deadline", &base.pub.deadline);
    if (kept_child(r, node, "extension") != NULL)
        (void)kept_read_length(r, kept_child(r, node, "extension"), &base.pub.extension);
    base.pub.channels = kept_read_words(r, node, "channels", kept_channel_words());
    int word = kept_child(r, node, "identity") != NULL
                   ? kept_word(r, kept_child(r, node, "identity"), identities)
                   : -1;
    if (word >= 0)
        base.pub.identity = (enum kept_identity)word;
    read_fee(r, node, &base.fee);
    read_requests(r, node, &base);
    read_refusals(r, node);
}

/* ---- what it says ------------------------------------------------------------------------------ */

struct kept_right kept_policy_right(const struct kept_policy *policy, enum kept_asked asked)
{
    struct kept_right none = {.clause = "", .identity = KEPT_IDENTITY_DOCUMENT};
    return (unsigned)asked < KEPT_ASK_COUNT ? policy->duties.asked[asked].pub : none;
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
