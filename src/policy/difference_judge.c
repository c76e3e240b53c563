/* difference_judge.c - what changes come to: what they set off, who is asked again. */
#include <string.h>

#include "base/id.h"
#include "base/mem.h"
#include "policy/difference_int.h"

#define MAX_LEAD_DAYS 1100 /* a lead time is counted in days, up to 1000 */

/* ---- the table ----------------------------------------------------------------------------------- */

static const struct row {
    const char *section, *key; /* key NULL: of the section */
    enum kept_material trigger;
} rows[] = {
#define OF(section, trigger) {#section, NULL, KEPT_MATERIAL_##trigger},
#define KEY_OF(section, key, trigger) {#section, #key, KEPT_MATERIAL_##trigger},
#define ORDER(section, key, direction)
#define GIVES(section, key, direction)
#include "policy/difference.def"
#undef OF
#undef KEY_OF
#undef ORDER
#undef GIVES
};

enum { DOWN = -1, UP = 1 };
static const struct order {
    enum key key;
    int direction;
} orders[] = {
#define OF(section, trigger)
#define KEY_OF(section, key, trigger)
#define ORDER(section, key, direction) {section##_##key, direction},
#define GIVES(section, key, direction)
#include "policy/difference.def"
#undef ORDER
#undef GIVES
}, given[] = {
#define ORDER(section, key, direction)
#define GIVES(section, key, direction) {section##_##key, direction},
#include "policy/difference.def"
#undef OF
#undef KEY_OF
#undef ORDER
#undef GIVES
};

enum kept_material kept_difference_trigger(enum key key)
{
    const struct key_row *row = kept_key_row(key);
    const char *section = kept_section_row(row->section)->name;
    enum type_kind kind = kept_key_type(key)->kind;
    bool words = (kind == TYPE_TEXT && !kept_key_type(key)->one) || kind == TYPE_CLAUSE;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].section, section) == 0 &&
            (rows[i].key == NULL ? !words : strcmp(rows[i].key, row->name) == 0))
            return rows[i].trigger;
    return words ? KEPT_MATERIAL_NONE : KEPT_MATERIAL_PROCESSING; /* no test: each section has a row today */
}

static int direction(const struct order *list, size_t count, enum key key)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].key == key)
            return list[i].direction;
    return 0;
}

int kept_difference_order(enum key key)
{
    return direction(orders, sizeof orders / sizeof orders[0], key);
}

int kept_difference_gives(enum key key)
{
    return direction(given, sizeof given / sizeof given[0], key);
}

/* ---- who is asked again -------------------------------------------------------------------------- */

struct judge {
    struct kept_difference *d;
    bool any; /* every word counts (other_versions: ask_again), and some changed */
    int rc;
};

static void ask(struct judge *j, enum kept_kind kind, const char *name, uint32_t ref,
                enum kept_consent_kind now, enum kept_consent_kind then)
{
    struct kept_difference *d = j->d;
    const struct kept_consent_row row = {.scope_kind = (uint8_t)kind, .kind = (uint8_t)now,
                                         .state = KEPT_CS_GRANTED, .scope = ref,
                                         .policy_version = d->then->info.version};
    bool known = kept_policy_index(d->then, kind, ref) != KEPT_NO_INDEX;
    enum kept_again why = !known ? KEPT_AGAIN_NEW
                          : !kept_covered(d->now, &row) ? KEPT_AGAIN_WIDER
                          : then < now                  ? KEPT_AGAIN_ASKS_MORE
                          : j->any                      ? KEPT_AGAIN_ANY_CHANGE
                                                        : 0;
    if (now < KEPT_C_EXPLICIT || why == 0 || j->rc != 0)
        return;
    j->rc = kept_grow(&d->asked, &d->asked_cap, d->asked_count + 1, KEPT_MAX_POLICY_NODES,
                      sizeof *d->asked);
    if (j->rc == 0)
        d->asked[d->asked_count++] = (struct kept_anew){kind, name, now, why};
}

static enum kept_consent_kind item_need(const struct kept_policy *p, uint32_t ref)
{
    uint32_t at = kept_policy_index(p, KEPT_K_ITEM, ref);
    return at != KEPT_NO_INDEX && (p->items[at].pub.sensitive || p->items[at].separate_consent)
               ? KEPT_C_SEPARATE
               : KEPT_C_NONE;
}

static enum kept_consent_kind need_then(const struct kept_policy *p, enum kept_kind kind, uint32_t ref)
{
    uint32_t at = kept_policy_index(p, kind, ref);
    return at == KEPT_NO_INDEX         ? KEPT_C_NONE
           : kind == KEPT_K_FUNCTION   ? p->functions[at].consent
           : kind == KEPT_K_PURPOSE    ? p->purposes[at].consent
                                       : p->recipients[at].consent;
}

static void who_is_asked(struct judge *j)
{
    const struct kept_policy *now = j->d->now, *then = j->d->then;
    for (size_t i = 0; i < now->info.functions; i++)
        ask(j, KEPT_K_FUNCTION, now->functions[i].name, now->functions[i].ref,
            now->functions[i].consent, need_then(then, KEPT_K_FUNCTION, now->functions[i].ref));
    for (size_t i = 0; i < now->info.purposes; i++)
        ask(j, KEPT_K_PURPOSE, now->purposes[i].name, now->purposes[i].ref,
            now->purposes[i].consent, need_then(then, KEPT_K_PURPOSE, now->purposes[i].ref));
    for (size_t i = 0; i < now->info.recipients; i++)
        ask(j, KEPT_K_RECIPIENT, now->recipients[i].name, now->recipients[i].ref,
            now->recipients[i].consent, need_then(then, KEPT_K_RECIPIENT, now->recipients[i].ref));
    for (size_t i = 0; i < now->info.items; i++) {
        uint32_t ref = now->items[i].pub.ref;
        ask(j, KEPT_K_ITEM, now->items[i].pub.name, ref, item_need(now, ref), item_need(then, ref));
    }
}

/* Is every text, with the rules it stands for, the one it was? */
static bool same_texts(const struct kept_policy *now, const struct kept_policy *then)
{
    for (size_t i = 0; i < now->info.languages; i++) {
        uint8_t hash[32];
        if (!kept_policy_text_hash(then, now->languages[i], hash) ||
            !kept_bytes_equal(hash, now->text_hashes[i], sizeof hash))
            return false;
    }
    return true;
}

/* ---- all together -------------------------------------------------------------------------------- */

/* What an impact assessment is owed for (PIPL 55): sensitive data, recipients, export. */
static bool assessed(const struct kept_edit *c)
{
    bool came = c->what != KEPT_WHAT_REMOVED && !c->words;
    return came && (c->key == ITEM_sensitive || c->key == POLICY_recipients ||
                    c->key == RECIPIENT_items || c->key == RECIPIENT_role ||
                    c->key == RECIPIENT_region || c->key == REGIONS_export);
}

/* A new item that is sensitive is one change: the item. */
static bool new_sensitive(const struct kept_policy *now, const struct kept_policy *then)
{
    for (size_t i = 0; i < now->info.items; i++)
        if (now->items[i].pub.sensitive &&
            kept_policy_index(then, KEPT_K_ITEM, now->items[i].pub.ref) == KEPT_NO_INDEX)
            return true;
    return false;
}

/* What people were promised for such a change, and by when they must have been told: the latest day from
 * which the lead time ends before the version takes effect. */
static void promised(struct kept_difference *d)
{
    kept_ms effective = d->now->info.effective;
    d->promised = kept_policy_change(d->then, d->triggers, effective, NULL);
    d->late = effective <= d->then->info.effective || effective < d->now->info.issued;
    d->tell_before = 0;
    for (int days = 0; d->tell_before == 0 && days <= MAX_LEAD_DAYS; days++) {
        kept_ms told = effective - days * KEPT_DAY;
        struct kept_due due = kept_policy_change(d->then, d->triggers, told, NULL).earliest;
        if (due.state == KEPT_DUE_UNSAID || (due.state == KEPT_DUE_SET && due.before <= effective))
            d->tell_before = told;
    }
}

void kept_difference_effective(struct kept_difference *d, kept_ms effective)
{
    kept_policy_takes_effect(d->now, effective);
    promised(d);
}

int kept_difference_judge(struct kept_difference *d)
{
    const struct kept_policy *now = d->now, *then = d->then;
    const char *clause = NULL;
    int line = 0;
    d->takes_more = kept_policy_takes_more(now, then, &d->what);
    d->assessment_owed = new_sensitive(now, then);
    for (size_t i = 0; i < d->count; i++) {
        const struct kept_edit *c = &d->changes[i];
        d->triggers |= c->trigger != KEPT_MATERIAL_NONE ? 1u << c->trigger : 0;
        d->triggers |= c->effect == KEPT_EFFECT_REDUCES ? 1u << KEPT_MATERIAL_REDUCTION : 0;
        d->agreed |= c->trigger != KEPT_MATERIAL_NONE && !c->gives ? 1u << c->trigger : 0;
        d->reduces_rights = d->reduces_rights || c->effect == KEPT_EFFECT_REDUCES;
        d->words = d->words || c->words;
        d->assessment_owed = d->assessment_owed || assessed(c);
    }
    d->triggers |= now->high_risk ? 1u << KEPT_MATERIAL_RISK : 0;
    if (d->takes_more && d->triggers == 0) /* no test: each key by which it may has a row that sets off something */
        d->triggers = 1u << KEPT_MATERIAL_PROCESSING; /* no test: as above */
    d->agreed |= d->triggers & (1u << KEPT_MATERIAL_REDUCTION | 1u << KEPT_MATERIAL_RISK);
    d->material = d->triggers != 0;
    promised(d);
    d->same_number = now->info.version <= then->info.version;
    d->binds_by_use = kept_policy_continued_use(now, &clause, &line) && !d->takes_more &&
                      kept_policy_change(then, d->agreed, 0, NULL).consent < KEPT_C_EXPLICIT;
    d->shown_first = d->takes_more && kept_policy_shown_first(now);
    struct judge j = {d, now->ask_again && !same_texts(now, then), kept_policy_relate(d->now, then)};
    if (j.rc == 0)
        who_is_asked(&j);
    return j.rc;
}
