/* read_cookies.c - trackers: what is set on people's devices, whose it is, how long it lasts and what it
 * takes to be rid of it; and what the model says. */
#include <string.h>

#include "policy/duties_int.h"

static const char *const category_words[] = {
#define X(name, word) word,
    KEPT_TRACKER_CATEGORIES(X)
#undef X
    NULL};

static void read_category(struct reader *r, const struct node *node, unsigned index)
{
    static const char *const keys[] = {"consent", "necessary", "clause", NULL};
    static const char *const consents[] = {"none", "explicit", "separate", NULL};
    struct category_rule *category = &r->policy->duties.categories[index];
    category->said = true;
    category->rule = (struct rule){.clause = r->policy->duties.cookies.clause, .line = node->key_line};
    category->column = node->key_column;
    category->necessary = index == KEPT_TRACKER_AUTHENTICATION || index == KEPT_TRACKER_SECURITY;
    category->consent = category->necessary ? KEPT_C_NONE : KEPT_C_EXPLICIT;
    if (node->kind == NODE_SCALAR && node->plain && node->text[0] == 0)
        return; /* `security:` alone */
    if (!kept_keys(r, node, keys, "a category of trackers"))
        return;
    struct rule rule = kept_rule(r, node, node->key_line);
    if (rule.clause[0] != 0)
        category->rule = rule;
    category->necessary = kept_flag(r, node, "necessary", category->necessary);
    const struct node *consent = kept_child(r, node, "consent");
    int word = consent != NULL ? kept_word(r, consent, consents) : -1;
    if (word >= 0)
        category->consent = word > 0 ? (enum kept_consent_kind)(KEPT_C_IMPLIED + word) : KEPT_C_NONE;
}

static void read_lifetime(struct reader *r, const struct node *node, struct tracker_rule *tracker)
{
    const struct node *life = kept_need(r, node, "lifetime", "people must know how long it stays");
    if (life != NULL && life->kind == NODE_SCALAR && strcmp(life->text, "session") == 0)
        return;
    if (life != NULL)
        (void)kept_duration(r, life, &tracker->lifetime);
}

static void read_tracker(struct reader *r, const struct node *node, struct tracker_rule *tracker)
{
    static const char *const keys[] = {"text", "category", "kind", "party", "lifetime", "clause", NULL};
    static const char *const kinds[] = {"cookie", "beacon", "pixel", "sdk", "proxy", NULL};
    *tracker = (struct tracker_rule){.rule = {.clause = "", .line = node->key_line},
                                     .name = node->key, .category = -1,
                                     .recipient = KEPT_NO_INDEX, .column = node->key_column};
    if (!kept_keys(r, node, keys, "a tracker"))
        return;
    tracker->rule = kept_rule(r, node, node->key_line);
    tracker->text = kept_text(r, node, "text", true);
    const struct node *category = kept_need(r, node, "category", "it can be refused by category");
    tracker->category = category != NULL ? kept_word(r, category, category_words) : -1;
    const struct node *kind = kept_need(r, node, "kind", "people are told what it is");
    int word = kind != NULL ? kept_word(r, kind, kinds) : -1;
    if (word >= 0)
        tracker->kind = (enum kept_tracker_kind)word;
    const struct node *party = kept_need(r, node, "party", "people are told whose it is");
    if (party != NULL && (party->kind != NODE_SCALAR || strcmp(party->text, "first") != 0))
        tracker->recipient = kept_name_of(r, party, KEPT_K_RECIPIENT);
    read_lifetime(r, node, tracker);
    if (tracker->category >= 0 && !r->policy->duties.categories[tracker->category].said)
        kept_find(r, KEPT_ERROR, "CATEGORY_UNSAID", category->line, category->column,
                  "add it under 'categories'",
                  "'%s' is of a category that people are not told of and could not refuse",
                  category_words[tracker->category]);
}

static void read_categories(struct reader *r, const struct node *cookies)
{
    const struct node *map =
        kept_need(r, cookies, "categories", "people choose by category what they want");
    if (!kept_keys(r, map, category_words, "'categories'"))
        return;
    for (unsigned i = 0; i < KEPT_TRACKER_CATEGORY_COUNT; i++) {
        const struct node *node = kept_child(r, map, category_words[i]);
        if (node != NULL)
            read_category(r, node, i);
    }
}

void kept_read_cookies(struct reader *r, const struct node *root)
{
    static const char *const keys[] = {"opt_out", "categories", "trackers", "clause", NULL};
    static const char *const opt_outs[] = {"preference", "logout", "cancel", NULL};
    struct duties *d = &r->policy->duties;
    const struct node *node = kept_child(r, root, "cookies");
    d->cookies = (struct rule){.clause = "", .line = 0};
    if (node == NULL || !kept_keys(r, node, keys, "'cookies'"))
        return;
    d->cookies = kept_rule(r, node, node->key_line);
    const struct node *out = kept_child(r, node, "opt_out");
    int word = out != NULL ? kept_word(r, out, opt_outs) : 0;
    d->opt_out = word > 0 ? (enum kept_opt_out)word : KEPT_OPT_OUT_PREFERENCE;
    read_categories(r, node);
    const struct node *map = kept_child(r, node, "trackers");
    if (map == NULL || !kept_keys(r, map, NULL, "'trackers'"))
        return;
    d->trackers = kept_arena_alloc(&r->policy->arena, map->count, sizeof *d->trackers);
    for (uint32_t i = map->first; d->trackers != NULL && i != NO_NODE; i = r->tree.nodes[i].next)
        read_tracker(r, &r->tree.nodes[i], &d->trackers[d->tracker_count++]);
}

/* ---- what it says ------------------------------------------------------------------------------ */

struct kept_tracker kept_policy_tracker(const struct kept_policy *policy, const char *name,
                                        uint32_t refused, uint32_t agreed)
{
    const struct duties *d = &policy->duties;
    struct kept_tracker answer = {.verdict = KEPT_TRACKER_UNDECLARED, .recipient = KEPT_NO_INDEX,
                                  .opt_out = d->opt_out, .clause = d->cookies.clause,
                                  .line = d->cookies.line};
    const struct tracker_rule *tracker = NULL;
    for (size_t i = 0; name != NULL && i < d->tracker_count && tracker == NULL; i++)
        if (strcmp(d->trackers[i].name, name) == 0)
            tracker = &d->trackers[i];
    if (tracker == NULL || tracker->category < 0)
        return answer;
    const struct category_rule *category = &d->categories[tracker->category];
    bool no = (refused >> tracker->category & 1u) != 0, yes = (agreed >> tracker->category & 1u) != 0;
    answer.category = (enum kept_tracker_category)tracker->category;
    answer.kind = tracker->kind;
    answer.recipient = tracker->recipient;
    answer.lifetime = tracker->lifetime;
    answer.clause = tracker->rule.clause[0] != 0 ? tracker->rule.clause : category->rule.clause;
    answer.line = tracker->rule.line;
    answer.verdict = category->necessary                            ? KEPT_TRACKER_SET
                     : no                                           ? KEPT_TRACKER_REFUSED
                     : category->consent != KEPT_C_NONE && !yes     ? KEPT_TRACKER_NEEDS_CONSENT
                                                                    : KEPT_TRACKER_SET;
    return answer;
}

uint32_t kept_policy_tracker_categories(const struct kept_policy *policy)
{
    uint32_t bits = 0;
    for (unsigned i = 0; i < KEPT_TRACKER_CATEGORY_COUNT; i++)
        bits |= policy->duties.categories[i].said ? 1u << i : 0;
    return bits;
}
