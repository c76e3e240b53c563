/* read_cookies.c - trackers: what is set on people's devices, whose it is, how long it lasts and what it
 * takes to be rid of it; and what the model says. */
#include <string.h>

#include "policy/duties_int.h"

static void read_category(struct reader *r, const struct node *node, unsigned index)
{
    struct category_rule *category = &r->policy->duties.categories[index];
    category->said = true;
    category->rule = (struct rule){.clause = r->policy->duties.cookies.clause, .line = node->key_line};
    category->column = node->key_column;
    category->necessary = index == KEPT_TRACKER_AUTHENTICATION || index == KEPT_TRACKER_SECURITY;
    category->consent = category->necessary ? KEPT_C_NONE : KEPT_C_EXPLICIT;
    if (!kept_keys_of(r, node, SECTION_CATEGORY))
        return;
    struct rule rule = kept_rule(r, node, node->key_line);
    if (rule.clause[0] != 0)
        category->rule = rule;
    category->necessary =
        kept_flag(r, node, kept_key_row(CATEGORY_necessary)->name, category->necessary);
    int word = kept_word_at(r, node, CATEGORY_consent);
    if (word >= 0)
        category->consent = word > 0 ? (enum kept_consent_kind)(KEPT_C_IMPLIED + word) : KEPT_C_NONE;
}

static void read_lifetime(struct reader *r, const struct node *node, struct tracker_rule *tracker)
{
    if (!kept_or_at(r, node, TRACKER_lifetime))
        (void)kept_duration(r, kept_at(r, node, TRACKER_lifetime), &tracker->lifetime);
}

static void read_tracker(struct reader *r, const struct node *node, struct tracker_rule *tracker)
{
    *tracker = (struct tracker_rule){.rule = {.clause = "", .line = node->key_line},
                                     .name = node->key, .category = -1,
                                     .recipient = KEPT_NO_INDEX, .column = node->key_column};
    if (!kept_keys_of(r, node, SECTION_TRACKER))
        return;
    tracker->rule = kept_rule(r, node, node->key_line);
    tracker->text = kept_text_at(r, node, TRACKER_text);
    const struct node *category = kept_at(r, node, TRACKER_category);
    tracker->category = kept_word_at(r, node, TRACKER_category);
    int word = kept_word_at(r, node, TRACKER_kind);
    if (word >= 0)
        tracker->kind = (enum kept_tracker_kind)word;
    if (!kept_or_at(r, node, TRACKER_party))
        tracker->recipient = kept_name_at(r, node, TRACKER_party);
    read_lifetime(r, node, tracker);
    if (tracker->category >= 0 && !r->policy->duties.categories[tracker->category].said)
        kept_find(r, CODE_CATEGORY_UNSAID, category->line, category->column,
                  "add it under 'categories'",
                  "'%s' is of a category that people are not told of and could not refuse",
                  kept_key_word(TRACKER_category, (size_t)tracker->category));
}

static void read_categories(struct reader *r, const struct node *cookies)
{
    const struct node *map = kept_at(r, cookies, COOKIES_categories);
    if (!kept_keys_of(r, map, SECTION_CATEGORIES))
        return;
    for (unsigned i = 0; i < KEPT_TRACKER_CATEGORY_COUNT; i++) {
        const struct node *node = kept_at(r, map, (enum key)(CATEGORIES_authentication + i));
        if (node != NULL)
            read_category(r, node, i);
    }
}

void kept_read_cookies(struct reader *r, const struct node *root)
{
    struct duties *d = &r->policy->duties;
    const struct node *node = kept_at(r, root, POLICY_cookies);
    d->cookies = (struct rule){.clause = "", .line = 0};
    if (node == NULL || !kept_keys_of(r, node, SECTION_COOKIES))
        return;
    d->cookies = kept_rule(r, node, node->key_line);
    int word = kept_word_at(r, node, COOKIES_opt_out);
    d->opt_out = word > 0 ? (enum kept_opt_out)word : KEPT_OPT_OUT_PREFERENCE;
    read_categories(r, node);
    const struct node *map = kept_at(r, node, COOKIES_trackers);
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
    if (tracker == NULL)
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
