/* probe.h - what of a policy's decisions tells it from another: every question near the names at hand, in
 * every scene. Near: the rules that are named, and the pairs of function and item, recipient and item, role and
 * item that they meet in. So a mutant is asked some thousands of questions, and not millions. */
#ifndef KEPT_TESTS_POLICY_PROBE_H
#define KEPT_TESTS_POLICY_PROBE_H

#include "scenes.h"

enum { MOST_PAIRS = 24, MOST_NAMES = 512 };

/* The names at hand. head: the rule is of the whole policy, and of no name. */
struct focus {
    bool any, head, exemption;
    bool at[KEPT_K_PARTITION + 1][MOST_NAMES];
};

static inline void focus_on(struct focus *f, const struct kept_policy *p, enum kept_kind kind, const char *name)
{
    if (kind == KEPT_K_NONE || kind == KEPT_K_REGION)
        return;
    uint32_t at = kept_policy_index(p, kind, kept_ref(kind, name));
    if (at < MOST_NAMES) {
        f->any = true;
        f->at[kind][at] = true;
    }
}

static inline bool holds_any(const struct list *list, const bool *at)
{
    for (size_t i = 0; i < list->n; i++)
        if (at[list->v[i]])
            return true;
    return false;
}

static inline bool has(const struct list *list, uint32_t value)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->v[i] == value)
            return true;
    return false;
}

/* At hand, or of the rule. */
static inline bool near(const struct list *list, const bool *at, uint32_t value)
{
    return at[value] || has(list, value);
}

/* ---- functions and items ---------------------------------------------------------------------------- */

static inline bool pair_at_hand(const struct focus *f, const struct kept_policy *p, uint32_t function, uint32_t item)
{
    const struct function_rule *rule = &p->functions[function];
    bool meet = has(&rule->mandatory, item) || has(&rule->optional, item);
    if (!f->any)
        return meet;
    if (f->at[KEPT_K_FUNCTION][function] && f->at[KEPT_K_ITEM][item])
        return true;
    return meet && (f->at[KEPT_K_FUNCTION][function] || f->at[KEPT_K_ITEM][item] ||
                    holds_any(&rule->purposes, f->at[KEPT_K_PURPOSE]) ||
                    holds_any(&p->items[item].purposes, f->at[KEPT_K_PURPOSE]) ||
                    holds_any(&rule->permissions, f->at[KEPT_K_PERMISSION]));
}

static inline uint32_t giver_of(const struct kept_policy *p, uint32_t item)
{
    for (uint32_t i = 0; i < p->info.recipients && p->items[item].from_others; i++)
        if (has(&p->recipients[i].gives, item))
            return i;
    return KEPT_NO_INDEX;
}

static inline void ask_pair(struct pair *pair, const struct focus *f, uint32_t function, uint32_t item)
{
    const struct kept_policy *p = pair->was;
    const struct function_rule *rule = &p->functions[function];
    struct asked a = {KEPT_USE_COLLECT, item, function, KEPT_NO_INDEX, giver_of(p, item), KEPT_NO_INDEX};
    compare_scenes(pair, &a, NULL);
    for (uint32_t u = 0, n = 0; u < p->info.purposes && n < 5; u++) {
        if (!near(&rule->purposes, f->at[KEPT_K_PURPOSE], u))
            continue;
        n++;
        a = (struct asked){KEPT_USE_COLLECT, item, function, u, giver_of(p, item), KEPT_NO_INDEX};
        compare_scenes(pair, &a, NULL);
        a.use = KEPT_USE_READ;
        a.recipient = KEPT_NO_INDEX;
        compare_scenes(pair, &a, NULL);
        a.function = KEPT_NO_INDEX;
        compare_scenes(pair, &a, NULL);
    }
}

static inline void probe_functions(struct pair *pair, const struct focus *f)
{
    const struct kept_policy *p = pair->was;
    size_t all = 0, met = 0;
    for (uint32_t i = 0; i < p->info.functions; i++)
        for (uint32_t k = 0; k < p->info.items; k++)
            all += pair_at_hand(f, p, i, k);
    size_t stride = all / MOST_PAIRS + 1;
    for (uint32_t i = 0; i < p->info.functions; i++)
        for (uint32_t k = 0; k < p->info.items; k++)
            if (pair_at_hand(f, p, i, k) && met++ % stride == 0 && (pair->by & 1u << BY_DECISION) == 0)
                ask_pair(pair, f, i, k);
}

/* ---- roles ------------------------------------------------------------------------------------------ */

static inline void ask_role(struct pair *pair, const struct focus *f, uint32_t role)
{
    const struct kept_policy *p = pair->was;
    bool whole = f->at[KEPT_K_ROLE][role];
    bool app = p->roles[role].name[0] == 0;
    bool unknown = false;
    uint32_t as = app ? KEPT_NO_INDEX : role;
    uint32_t there = same_name(pair, pair->is, KEPT_K_ROLE, as, &unknown);
    for (int op = 0; op < 64; op++)
        notice(pair, BY_DECISION, kept_policy_role_may(p, as, (enum kept_op)op) !=
                                      (!unknown && kept_policy_role_may(pair->is, there, (enum kept_op)op)));
    for (size_t k = 0; k < KEPT_ATTESTATIONS; k++) {
        const char *clause = NULL;
        int line = 0;
        notice(pair, BY_DECISION, kept_policy_requires(p, role, k, &clause, &line) !=
                                      (!unknown && kept_policy_requires(pair->is, there, k, &clause, &line)));
    }
    for (int born = 0; born < 3; born++) {
        static const int32_t days[] = {KEPT_BIRTH_UNKNOWN, 0, 20000}; /* nobody knows, 1970, 2024 */
        const char *clause = NULL;
        int line = 0;
        notice(pair, BY_DECISION, kept_policy_role_approval(p, as, days[born], NOON_2026, &clause, &line) !=
                                      (!unknown && kept_policy_role_approval(pair->is, there, days[born], NOON_2026, &clause, &line)));
    }
    const struct kept_alarm was = kept_policy_alarm(p, as), now = kept_policy_alarm(pair->is, unknown ? KEPT_NO_INDEX : there);
    notice(pair, BY_DUE, was.reads != now.reads || was.within != now.within);
    for (uint32_t i = 0; i < p->info.items; i++)
        for (uint32_t u = 0; u < p->info.purposes; u++) {
            bool at_hand = f->at[KEPT_K_ITEM][i] || f->at[KEPT_K_PURPOSE][u] ||
                           f->at[KEPT_K_PARTITION][p->items[i].partition];
            bool may = p->roles[role].all_purposes || near(&p->roles[role].purposes, f->at[KEPT_K_PURPOSE], u);
            if (!whole && !(at_hand && may))
                continue;
            for (int held = 0; held < 2; held++) {
                struct asked a = {KEPT_USE_READ, i, KEPT_NO_INDEX, u, KEPT_NO_INDEX, as};
                struct scene s = scene_of(p, &a);
                assert_true(spoil(&s, held > 0 ? 37 : 0));
                compare(pair, &s);
            }
        }
}

/* ---- recipients ------------------------------------------------------------------------------------- */

static inline void ask_days(struct pair *pair, const struct asked *a, const struct recipient_rule *to)
{
    for (int n = 0; n < 8; n++) {
        struct scene s = scene_of(pair->was, a);
        s.question.now = (n < 4 ? to->signed_at : to->expires_at) + (n % 4 - 2) * KEPT_DAY;
        compare(pair, &s);
    }
}

static inline void ask_recipient(struct pair *pair, const struct focus *f, uint32_t recipient)
{
    const struct kept_policy *p = pair->was;
    const struct recipient_rule *to = &p->recipients[recipient];
    const char *const exemption = p->exemption_count > 0 ? p->exemptions[p->exemption_count - 1].code : NULL;
    bool whole = f->at[KEPT_K_RECIPIENT][recipient];
    size_t met = 0;
    for (uint32_t i = 0; i < p->info.items; i++)
        for (uint32_t u = 0; u < p->info.purposes; u++) {
            bool at_hand = f->at[KEPT_K_ITEM][i] || f->at[KEPT_K_PURPOSE][u];
            bool in = has(&to->gives, i);
            if (!(whole || at_hand) || !(in || near(&to->items, f->at[KEPT_K_ITEM], i)) ||
                !near(&to->purposes, f->at[KEPT_K_PURPOSE], u) || met++ > MOST_PAIRS)
                continue;
            struct asked a = {KEPT_USE_DISCLOSE, i, KEPT_NO_INDEX, u, recipient, KEPT_NO_INDEX};
            compare_scenes(pair, &a, NULL);
            compare_scenes(pair, &a, to->role == RECIPIENT_AUTHORITY ? exemption : NULL);
            ask_days(pair, &a, to);
            a.use = KEPT_USE_COLLECT;
            if (in && p->item_functions[i].n > 0) {
                a.function = p->item_functions[i].v[0];
                compare_scenes(pair, &a, NULL);
                ask_days(pair, &a, to);
            }
        }
}

/* ---- ages and exemptions ---------------------------------------------------------------------------- */

static inline int32_t birthday(int years)
{
    char text[16];
    int32_t days = 0;
    (void)snprintf(text, sizeof text, "%04d-06-01", 2026 - years);
    assert_int_equal(kept_date_parse(text, strlen(text), &days), 0);
    return days;
}

/* Every birthday around every age, at four times of a day. */
static inline void ask_ages(struct pair *pair, const struct asked *a)
{
    for (int years = 0; years < 26; years++)
        for (int n = 0; n < 3 * 3 * 4; n++) {
            struct scene s = scene_of(pair->was, a);
            s.context.birth_day = birthday(years) + n % 3 - 1;
            s.guardian = n / 3 % 3;
            s.question.now += (n / 9 - 2) * 6 * KEPT_HOUR;
            compare(pair, &s);
        }
}

static inline void probe_guardians(struct pair *pair)
{
    static const char *const words[] = {"parent", "grandparent", "document", "call", "another"};
    const struct kept_policy *p = pair->was, *q = pair->is;
    for (int years = 0; years < 26; years++) {
        int32_t born = birthday(years);
        struct kept_guardian_need was = kept_policy_guardian_need(p, born, NOON_2026);
        struct kept_guardian_need is = kept_policy_guardian_need(q, born, NOON_2026);
        notice(pair, BY_DECISION, was.asked != is.asked || was.with_self != is.with_self ||
                                      was.written != is.written || was.evidence != is.evidence);
        notice(pair, BY_DECISION, strcmp(kept_policy_age_band(p, born, NOON_2026),
                                         kept_policy_age_band(q, born, NOON_2026)) != 0);
    }
    const struct guardian_rule *g = &p->guardian;
    for (int relation = 0; relation < 2; relation++) {
        size_t n = relation > 0 ? g->relation_count : g->method_count;
        for (size_t i = 0; i < n + COUNT(words); i++) {
            const char *word = i >= n ? words[i - n] : relation > 0 ? g->relations[i] : g->methods[i];
            notice(pair, BY_DECISION, kept_policy_guardian_word(p, relation > 0, word) !=
                                          kept_policy_guardian_word(q, relation > 0, word));
        }
    }
}

static inline void probe_exemptions(struct pair *pair, uint32_t item)
{
    const struct kept_policy *p = pair->was;
    uint32_t function = p->item_functions[item].n > 0 ? p->item_functions[item].v[0] : KEPT_NO_INDEX;
    uint32_t purpose = function != KEPT_NO_INDEX ? p->functions[function].purposes.v[0] : 0;
    for (size_t i = 0; i < p->exemption_count; i++)
        for (int born = 0; born < 2; born++) {
            const char *clause = NULL, *code = p->exemptions[i].code;
            int line = 0;
            notice(pair, BY_DECISION, kept_policy_exemption_approval(p, code, 20000 * born, NOON_2026, &clause, &line) !=
                                          kept_policy_exemption_approval(pair->is, code, 20000 * born, NOON_2026, &clause, &line));
        }
    for (size_t i = 0; i < p->exemption_count; i++)
        for (int use = KEPT_USE_COLLECT; use <= KEPT_USE_READ; use++) {
            struct asked a = {(enum kept_use)use, item, function, purpose, KEPT_NO_INDEX, KEPT_NO_INDEX};
            compare_scenes(pair, &a, p->exemptions[i].code);
        }
    for (uint32_t t = 0; t < p->info.recipients; t++)
        for (size_t i = 0; i < p->exemption_count && p->recipients[t].items.n > 0; i++) {
            struct asked a = {KEPT_USE_DISCLOSE, p->recipients[t].items.v[0], KEPT_NO_INDEX,
                              p->recipients[t].purposes.v[0], t, KEPT_NO_INDEX};
            compare_scenes(pair, &a, p->exemptions[i].code);
        }
}

/* ---- all of them ------------------------------------------------------------------------------------ */

static inline void probe_versions(struct pair *pair)
{
    const struct kept_policy *p = pair->was, *q = pair->is;
    const char *clause = NULL;
    int line = 0;
    notice(pair, BY_DECISION, kept_policy_continued_use(p, &clause, &line) != kept_policy_continued_use(q, &clause, &line));
    notice(pair, BY_DECISION, kept_policy_shown_first(p) != kept_policy_shown_first(q));
    notice(pair, BY_DECISION, kept_policy_takes_more_than(p, p->info.version - 1) !=
                                  kept_policy_takes_more_than(q, p->info.version - 1));
    notice(pair, BY_DECISION, p->info.implied_by_use != q->info.implied_by_use || p->info.version != q->info.version);
}

static inline void probe_ages(struct pair *pair)
{
    const struct kept_policy *p = pair->was;
    for (uint32_t f = 0; f < p->info.functions; f++) {
        const struct asked a = {KEPT_USE_COLLECT, p->functions[f].optional.n > 0 ? p->functions[f].optional.v[0]
                                : p->functions[f].mandatory.n > 0                ? p->functions[f].mandatory.v[0]
                                                                                 : KEPT_NO_INDEX,
                                f, KEPT_NO_INDEX, KEPT_NO_INDEX, KEPT_NO_INDEX};
        if (a.item != KEPT_NO_INDEX && f % (p->info.functions / 3 + 1) == 0)
            ask_ages(pair, &a);
    }
}

static inline void probe_decisions(struct pair *pair, const struct focus *f)
{
    const struct kept_policy *p = pair->was;
    probe_functions(pair, f);
    for (uint32_t i = 0; i < p->info.roles; i++)
        ask_role(pair, f, i);
    for (uint32_t i = 0; i < p->info.recipients && (pair->by & 1u << BY_RECIPIENT) == 0; i++)
        ask_recipient(pair, f, i);
    probe_versions(pair);
    if (!f->head)
        return;
    if (f->exemption)
        for (uint32_t i = 0; i < p->info.items; i += (uint32_t)p->info.items / 3 + 1)
            probe_exemptions(pair, i);
    probe_guardians(pair);
    probe_ages(pair);
}

#endif
