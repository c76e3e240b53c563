/* probe_duties.h - what of a policy's pure queries tells it from another: which values come in and what is
 * seen of them, when they end and what follows, what is due when, who is told what. */
#ifndef KEPT_TESTS_POLICY_PROBE_DUTIES_H
#define KEPT_TESTS_POLICY_PROBE_DUTIES_H

#include "duties_aid.h"
#include "probe.h"
#include "vault/item.h"

static const char *const of_each_kind[] = {
    "13912345678", "010-12345678", "a@example.org", "Zhang San", "11010519491231002X", "6222021234567890128",
    "1990-01-31", "39.9, 116.4", "192.0.2.7", "2001:db8::1", "00:1a:2b:3c:4d:5e", "490154203237518",
    "https://example.org/a", "free text", "42", "0.5", "-3", "100000", "42 kWh", "42 °C", "yes", "no"};

static inline bool differ(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a != b : strcmp(a, b) != 0;
}

static inline bool due_differs(const struct kept_due *a, const struct kept_due *b)
{
    return a->state != b->state || a->last_day != b->last_day || a->before != b->before;
}

/* ---- values ----------------------------------------------------------------------------------------- */

static inline void probe_value(struct pair *pair, const struct kept_item *was, const struct kept_item *is,
                               const char *value)
{
    struct kept_buf a, b;
    kept_buf_init(&a, 4096);
    kept_buf_init(&b, 4096);
    int taken = kept_item_normal(was, span_of(value), &a, NULL);
    notice(pair, BY_VALUE, taken != kept_item_normal(is, span_of(value), &b, NULL) || a.n != b.n ||
                               (a.n > 0 && memcmp(a.p, b.p, a.n) != 0));
    kept_buf_clear(&a);
    kept_buf_clear(&b);
    if (kept_item_mask(was, span_of(value), &a, NULL) == 0 && kept_item_mask(is, span_of(value), &b, NULL) == 0)
        notice(pair, BY_MASK, a.n != b.n || memcmp(a.p, b.p, a.n) != 0);
    kept_buf_release(&a);
    kept_buf_release(&b);
}

static inline void probe_end(struct pair *pair, uint32_t was, uint32_t is)
{
    const kept_ms ended[] = {0, NOON_2026 + 3 * KEPT_DAY};
    for (size_t i = 0; i < COUNT(ended); i++) {
        struct kept_end a = kept_policy_end(pair->was, was, NOON_2026, ended[i]);
        struct kept_end b = kept_policy_end(pair->is, is, NOON_2026, ended[i]);
        notice(pair, BY_END, a.at != b.at || a.archived_until != b.archived_until);
        notice(pair, BY_DISPOSITION, a.then != b.then);
    }
    struct kept_end a = kept_policy_deletion(pair->was, was, NOON_2026, NOON_2026 + KEPT_HOUR);
    struct kept_end b = kept_policy_deletion(pair->is, is, NOON_2026, NOON_2026 + KEPT_HOUR);
    notice(pair, BY_END, a.at != b.at || a.archived_until != b.archived_until);
    notice(pair, BY_DISPOSITION, a.then != b.then);
}

static inline void probe_item(struct pair *pair, uint32_t item)
{
    const struct kept_policy *p = pair->was, *q = pair->is;
    bool gone = false;
    uint32_t at = same_name(pair, q, KEPT_K_ITEM, item, &gone);
    if (gone) {
        notice(pair, BY_DECISION, true); /* UNDECLARED */
        return;
    }
    const struct kept_item *a = kept_policy_item(p, item), *b = kept_policy_item(q, at);
    notice(pair, BY_VALUE, a->many != b->many || a->token != b->token || a->hashed != b->hashed ||
                               a->locked != b->locked || a->by_code != b->by_code || a->match != b->match || a->found_through != b->found_through ||
                               a->match_limit != b->match_limit || a->place != b->place || a->class != b->class);
    notice(pair, BY_RECIPIENT, differ(kept_policy_held_in(p, item), kept_policy_held_in(q, at)));
    notice(pair, BY_VALUE, kept_policy_derived(p, item) != kept_policy_derived(q, at));
    notice(pair, BY_END, kept_policy_may_end(p, item) != kept_policy_may_end(q, at));
    for (uint32_t i = 0; i < p->info.recipients; i++) {
        uint32_t there = same_name(pair, q, KEPT_K_RECIPIENT, i, &gone);
        notice(pair, BY_RECIPIENT, there == KEPT_NO_INDEX || kept_policy_gives(p, i, item) != kept_policy_gives(q, there, at));
    }
    notice(pair, BY_VALUE, kept_policy_log_may(p, item) != kept_policy_log_may(q, at));
    for (size_t i = 0; i < COUNT(of_each_kind); i++)
        probe_value(pair, a, b, of_each_kind[i]);
    for (size_t i = 0; a->limits != NULL && i < a->limits->choice_count; i++)
        probe_value(pair, a, b, a->limits->choices[i]);
    probe_end(pair, item, at);
}

static inline void probe_edges(struct pair *pair, uint32_t item)
{
    const struct kept_item *a = kept_policy_item(pair->was, item);
    bool gone = false;
    uint32_t at = same_name(pair, pair->is, KEPT_K_ITEM, item, &gone);
    if (gone || a->limits == NULL)
        return;
    const char *const edges[] = {a->limits->min, a->limits->max};
    for (size_t i = 0; i < COUNT(edges); i++)
        for (int step = -1; edges[i] != NULL && step <= 1; step++) {
            char text[64];
            (void)snprintf(text, sizeof text, "%ld", strtol(edges[i], NULL, 10) + step);
            probe_value(pair, a, kept_policy_item(pair->is, at), text);
        }
    for (int digits = 1; digits < 14; digits++) {
        char text[64];
        long least = a->limits->min != NULL ? strtol(a->limits->min, NULL, 10) : 0;
        (void)snprintf(text, sizeof text, "%ld.%.*s", least < 0 ? 0 : least, digits, "11111111111111");
        probe_value(pair, a, kept_policy_item(pair->is, at), text);
    }
}

/* ---- functions -------------------------------------------------------------------------------------- */

static inline bool missing(const struct kept_policy *p, uint32_t function, uint32_t item)
{
    uint64_t present[KEPT_MAX_DECLARED / 64 + 1];
    memset(present, 0xff, sizeof present);
    present[item / 64] &= ~(1ull << item % 64);
    return kept_policy_missing(p, function, present) == item;
}

static inline void ask_client(struct pair *pair, const struct scene *ordinary, const struct kept_client *client)
{
    struct scene s = *ordinary;
    s.client = *client;
    compare(pair, &s);
}

/* Every system and screen, with versions around those that are asked for. */
static inline void probe_clients(struct pair *pair, uint32_t function)
{
    static const char *const systems[] = {"android", "ios", "harmonyos", "windows", "macos", "linux", NULL};
    static const char *const surfaces[] = {"phone", "tablet", "watch", "pc", "tv", "vr", "car", "web", "cinema", NULL};
    const struct function_rule *rule = &pair->was->functions[function];
    const struct list *items = rule->optional.n > 0 ? &rule->optional : &rule->mandatory;
    char version[16];
    if (items->n == 0)
        return;
    const struct asked a = {KEPT_USE_COLLECT, items->v[0], function, KEPT_NO_INDEX, giver_of(pair->was, items->v[0]),
                            KEPT_NO_INDEX};
    const struct scene ordinary = scene_of(pair->was, &a);
    for (size_t s = 0; s < COUNT(systems); s++)
        for (size_t k = 0; k < COUNT(surfaces) && (pair->by & 1u << BY_DECISION) == 0; k++)
            for (int v = 0; v < 40; v++) {
                (void)snprintf(version, sizeof version, "%d", v < 32 ? v : 20 * (v - 30));
                ask_client(pair, &ordinary, &(struct kept_client){systems[s], version, version, surfaces[k]});
                ask_client(pair, &ordinary, &(struct kept_client){systems[s], "99.9.9", version, surfaces[k]});
                ask_client(pair, &ordinary, &(struct kept_client){systems[s], version, "8.5", surfaces[k]});
            }
}

static inline void probe_function(struct pair *pair, uint32_t function)
{
    const struct kept_policy *p = pair->was, *q = pair->is;
    bool gone = false;
    uint32_t at = same_name(pair, q, KEPT_K_FUNCTION, function, &gone);
    if (gone)
        return; /* the decisions notice that */
    for (uint32_t i = 0; i < p->info.items; i++) {
        uint32_t there = same_name(pair, q, KEPT_K_ITEM, i, &gone);
        notice(pair, BY_DECISION, missing(p, function, i) != (there != KEPT_NO_INDEX && missing(q, at, there)));
    }
    notice(pair, BY_END, kept_policy_withdrawal(p, function) != kept_policy_withdrawal(q, at));
    notice(pair, BY_DECISION, kept_policy_each_launch(p, function) != kept_policy_each_launch(q, at) ||
                                  kept_policy_once_per_launch(p, function) != kept_policy_once_per_launch(q, at));
    for (kept_ms then = NOON_2026; then < NOON_2026 + 1000 * KEPT_DAY; then += 12 * KEPT_HOUR)
        notice(pair, BY_DECISION, kept_policy_observed(p, function, KEPT_R_NO_NOTICE, then) !=
                                      kept_policy_observed(q, at, KEPT_R_NO_NOTICE, then));
    for (int out = 0; out < 2; out++) {
        struct kept_showing a = kept_policy_showing(p, function, out > 0), b = kept_policy_showing(q, at, out > 0);
        notice(pair, BY_RECIPIENT, a.advertising != b.advertising || a.shown != b.shown ||
                                       a.personalised != b.personalised || a.same_count != b.same_count);
    }
    probe_clients(pair, function);
}

/* ---- rights ----------------------------------------------------------------------------------------- */

static inline void probe_refusals(struct pair *pair, enum kept_asked asked)
{
    const char *code = NULL;
    for (size_t i = 0; (code = kept_policy_refusal_code(pair->was, i)) != NULL; i++)
        for (int reasoned = 0; reasoned < 2; reasoned++)
            notice(pair, BY_RECIPIENT, kept_policy_refuse(pair->was, asked, code, reasoned > 0).refusal !=
                                           kept_policy_refuse(pair->is, asked, code, reasoned > 0).refusal);
}

static inline void probe_right(struct pair *pair, enum kept_asked asked, const struct kept_calendar *calendar)
{
    const struct kept_policy *p = pair->was, *q = pair->is;
    const struct kept_anchors at = {{NOON_2026, NOON_2026 + 20 * KEPT_DAY, NOON_2026 + 40 * KEPT_DAY, NOON_2026 + 60 * KEPT_DAY}};
    struct kept_right a = kept_policy_right(p, asked), b = kept_policy_right(q, asked);
    notice(pair, BY_DUE, a.said != b.said);
    notice(pair, BY_RECIPIENT, a.channels != b.channels || a.identity != b.identity);
    for (int day = 0; day < 14; day++) /* over a week's end and a holiday */
        for (int extended = 0; extended < 2; extended++) {
            struct kept_anchors then = at;
            for (size_t i = 0; i < COUNT(then.at); i++)
                then.at[i] += day * KEPT_DAY + 11 * KEPT_HOUR;
            struct kept_due x = kept_policy_due(p, asked, &then, extended > 0, calendar);
            struct kept_due y = kept_policy_due(q, asked, &then, extended > 0, calendar);
            notice(pair, BY_DUE, due_differs(&x, &y));
        }
    for (uint32_t n = 1; n < 12; n++) {
        struct kept_fee x = kept_policy_fee(p, asked, n), y = kept_policy_fee(q, asked, n);
        notice(pair, BY_DUE, x.said != y.said || x.owed != y.owed || x.free != y.free || x.window != y.window);
    }
    probe_refusals(pair, asked);
}

/* ---- accounts, the end, changes ---------------------------------------------------------------------- */

static inline void probe_cancellation(struct pair *pair, const struct kept_calendar *calendar)
{
    const struct kept_policy *p = pair->was, *q = pair->is;
    struct kept_account x = kept_policy_account(p), y = kept_policy_account(q);
    notice(pair, BY_DECISION, x.said != y.said || x.ways != y.ways || x.real_name != y.real_name || x.self_service != y.self_service ||
                                  differ(kept_policy_name(p, KEPT_K_FUNCTION, x.function),
                                         kept_policy_name(q, KEPT_K_FUNCTION, y.function)));
    for (int trigger = 0; trigger < KEPT_TRIGGER_COUNT; trigger++)
        for (int asked = KEPT_DISPOSE_NONE; asked <= KEPT_DISPOSE_ANONYMISE; asked++)
            for (size_t open = 0; open < 12; open++) {
                const char *text = NULL, *name = open > 0 ? kept_policy_precondition(p, open - 1, 0, &text) : NULL;
                const struct kept_leaving leaving = {(enum kept_trigger)trigger, NOON_2026,
                                                     (enum kept_disposition)asked, &name, name != NULL};
                struct kept_cancellation a = kept_policy_cancellation(p, &leaving, calendar);
                struct kept_cancellation b = kept_policy_cancellation(q, &leaving, calendar);
                notice(pair, BY_DUE, a.said != b.said || a.accepted != b.accepted || a.effective != b.effective ||
                                         due_differs(&a.due, &b.due));
                notice(pair, BY_DISPOSITION, a.disposition != b.disposition);
            }
    notice(pair, BY_DISPOSITION, kept_policy_on_discovery(p) != kept_policy_on_discovery(q));
}

static inline void probe_changes(struct pair *pair, const struct kept_calendar *calendar)
{
    const struct kept_policy *p = pair->was, *q = pair->is;
    struct kept_ending x = kept_policy_cessation(p, NOON_2026, calendar), y = kept_policy_cessation(q, NOON_2026, calendar);
    notice(pair, BY_DUE, x.said != y.said || due_differs(&x.earliest, &y.earliest));
    notice(pair, BY_RECIPIENT, x.channels != y.channels);
    notice(pair, BY_DISPOSITION, x.disposition != y.disposition);
    for (int what = -1; what < KEPT_MATERIAL_COUNT; what++) {
        uint32_t bit = what < 0 ? 0 : 1u << what;
        struct kept_change a = kept_policy_change(p, bit, NOON_2026, calendar);
        struct kept_change b = kept_policy_change(q, bit, NOON_2026, calendar);
        notice(pair, BY_DUE, a.said != b.said || due_differs(&a.earliest, &b.earliest));
        notice(pair, BY_RECIPIENT, a.material != b.material || a.channels != b.channels || a.consent != b.consent);
    }
}

/* ---- messages, incidents, trackers -------------------------------------------------------------------- */

static inline void probe_messages(struct pair *pair)
{
    const int32_t today = 20605;
    for (int class = 0; class < KEPT_MESSAGE_CLASSES; class++)
        for (int channel = 0; channel < KEPT_CH_COUNT; channel++)
            for (int years = -1; years < 40; years++)
                for (int off = 0; off < 2; off++) {
                    int32_t born = years < 0 ? KEPT_BIRTH_UNKNOWN : today - years * 366;
                    struct kept_message a = kept_policy_message(pair->was, (enum kept_message_class)class,
                                                                (enum kept_channel)channel, off > 0, born, NOON_2026);
                    struct kept_message b = kept_policy_message(pair->is, (enum kept_message_class)class,
                                                                (enum kept_channel)channel, off > 0, born, NOON_2026);
                    notice(pair, BY_RECIPIENT, a.verdict != b.verdict || a.can_switch_off != b.can_switch_off);
                }
}

static inline void probe_incidents(struct pair *pair, const struct kept_calendar *calendar)
{
    const struct kept_anchors at = {{NOON_2026, NOON_2026 + KEPT_DAY, NOON_2026 + 2 * KEPT_DAY, NOON_2026 + 3 * KEPT_DAY}};
    for (int who = 0; who < KEPT_TOLD_COUNT; who++) {
        struct kept_incident a = kept_policy_incident(pair->was, (enum kept_told)who, &at, calendar);
        struct kept_incident b = kept_policy_incident(pair->is, (enum kept_told)who, &at, calendar);
        notice(pair, BY_RECIPIENT, a.said != b.said || a.channels != b.channels || a.falls_back != b.falls_back ||
                                       a.fallback != b.fallback || a.fields != b.fields);
        notice(pair, BY_DUE, due_differs(&a.due, &b.due));
    }
}

static inline void probe_trackers(struct pair *pair)
{
    const struct kept_policy *p = pair->was, *q = pair->is;
    const uint32_t every = (1u << KEPT_TRACKER_CATEGORY_COUNT) - 1;
    for (size_t i = 0; i < p->duties.tracker_count; i++)
        for (int n = 0; n < 3; n++) {
            const char *name = p->duties.trackers[i].name;
            struct kept_tracker a = kept_policy_tracker(p, name, n == 2 ? every : 0, n == 1 ? every : 0);
            struct kept_tracker b = kept_policy_tracker(q, name, n == 2 ? every : 0, n == 1 ? every : 0);
            notice(pair, BY_VALUE, a.verdict != b.verdict || a.category != b.category || a.opt_out != b.opt_out);
            notice(pair, BY_RECIPIENT, differ(kept_policy_name(p, KEPT_K_RECIPIENT, a.recipient),
                                              kept_policy_name(q, KEPT_K_RECIPIENT, b.recipient)));
            notice(pair, BY_END, a.lifetime != b.lifetime);
        }
    notice(pair, BY_VALUE, kept_policy_tracker_categories(p) != kept_policy_tracker_categories(q));
}

static inline void probe_log_field(struct pair *pair, const struct kept_log_field *a, const struct kept_log_field *b)
{
    const struct kept_policy *p = pair->was, *q = pair->is;
    notice(pair, BY_VALUE, strcmp(a->name, b->name) != 0 || differ(a->from, b->from) || a->keep != b->keep ||
                               differ(kept_policy_name(p, KEPT_K_ITEM, a->item), kept_policy_name(q, KEPT_K_ITEM, b->item)));
    for (uint32_t role = 0; role < p->info.roles && role < q->info.roles; role++)
        notice(pair, BY_MASK, kept_policy_log_sees(p, a, role) != kept_policy_log_sees(q, b, role));
}

static inline void probe_logs(struct pair *pair)
{
    const struct kept_policy *p = pair->was, *q = pair->is;
    const struct kept_log *a, *b;
    const char *clause = NULL;
    int line = 0;
    for (size_t i = 0; (a = kept_policy_log_at(p, i)) != NULL; i++) {
        b = kept_policy_log(q, a->name);
        notice(pair, BY_VALUE, b == NULL || a->format != b->format || a->field_count != b->field_count);
        notice(pair, BY_END, b != NULL && a->retain != b->retain);
        for (size_t n = 0; b != NULL && n < a->field_count && n < b->field_count; n++)
            probe_log_field(pair, &a->fields[n], &b->fields[n]);
        for (uint32_t role = 0; b != NULL && role < p->info.roles && role < q->info.roles; role++)
            for (uint32_t purpose = 0; purpose < p->info.purposes && purpose < q->info.purposes; purpose++)
                notice(pair, BY_DECISION, kept_policy_log_read(p, a, role, purpose, &clause, &line) !=
                                              kept_policy_log_read(q, b, role, purpose, &clause, &line));
    }
    notice(pair, BY_VALUE, (kept_policy_log_at(q, 0) == NULL) != (kept_policy_log_at(p, 0) == NULL));
}

static inline void probe_duties(struct pair *pair, const struct focus *f, const struct kept_calendar *calendar)
{
    const struct kept_policy *p = pair->was, *q = pair->is;
    for (uint32_t i = 0; i < p->info.items; i++)
        if (f->at[KEPT_K_ITEM][i]) {
            probe_item(pair, i);
            probe_edges(pair, i);
        } else if (f->head) {
            bool gone = false;
            uint32_t at = same_name(pair, q, KEPT_K_ITEM, i, &gone);
            notice(pair, BY_VALUE, !gone && kept_policy_log_may(p, i) != kept_policy_log_may(q, at));
        }
    for (uint32_t i = 0; i < p->info.functions; i++)
        if (f->at[KEPT_K_FUNCTION][i])
            probe_function(pair, i);
    notice(pair, BY_DUE, p->info.rotation != q->info.rotation || p->info.window != q->info.window ||
                             p->info.effective != q->info.effective);
    notice(pair, BY_END, p->info.evidence != q->info.evidence || p->info.withdrawal != q->info.withdrawal);
    if (!f->head)
        return;
    for (int asked = 0; asked < KEPT_ASK_COUNT; asked++)
        probe_right(pair, (enum kept_asked)asked, calendar);
    probe_cancellation(pair, calendar);
    probe_changes(pair, calendar);
    probe_messages(pair);
    probe_incidents(pair, calendar);
    probe_trackers(pair);
    probe_logs(pair);
}

#endif
