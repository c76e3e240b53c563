/* fill.c - what the profiles of its laws say where a policy is silent (profile.h): filled into the model, so
 * that whoever asks the policy is answered by it, and is told who said it. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "policy/duties_int.h"
#include "policy/show_int.h"

/* ---- which laws --------------------------------------------------------------------------------- */

static int choose(struct kept_policy *p, const char *jurisdiction)
{
    const struct kept_span text = kept_profile_text(jurisdiction);
    struct kept_findings findings = {0};
    if (text.n == 0 || kept_policy_under(p, jurisdiction)) /* once each, and there are no more than have room */
        return 0;
    struct profile *profile = kept_arena_alloc(&p->arena, 1, sizeof *profile);
    int rc = profile != NULL ? kept_profile_read(text, &p->arena, profile, &findings) : KEPT_E_NOMEM;
    kept_findings_release(&findings);
    if (rc == 0)
        p->profiles[p->profile_count++] = profile;
    return rc == KEPT_E_POLICY ? KEPT_E_BUG : rc; /* no test: it is compiled in, and test_profile.c reads it */
}

int kept_choose_profiles(struct reader *r, const struct node *root)
{
    struct kept_policy *p = r->policy;
    const uint32_t more = kept_read_words(r, root, POLICY_also_under);
    int rc = choose(p, p->jurisdiction);
    for (size_t i = 0; rc == 0 && i < kept_key_words(POLICY_also_under); i++)
        if ((more >> i & 1u) != 0)
            rc = choose(p, kept_key_word(POLICY_also_under, i));
    return rc;
}

bool kept_policy_under(const struct kept_policy *policy, const char *jurisdiction)
{
    for (size_t i = 0; i < policy->profile_count; i++)
        if (strcmp(policy->profiles[i]->jurisdiction, jurisdiction) == 0)
            return true;
    return false;
}

int kept_policy_demands(const struct kept_policy *policy)
{
    int least = kept_profile_demands(NULL, policy->app_type);
    for (size_t i = 0; i < policy->profile_count; i++) {
        int demands = kept_profile_demands(policy->profiles[i], policy->app_type);
        least = demands < least ? demands : least;
    }
    return least;
}

kept_ms kept_longest(struct kept_length length)
{
    const kept_ms n = (kept_ms)length.n;
    switch (length.unit) {
    case KEPT_UNIT_HOURS:
        return n * KEPT_HOUR;
    case KEPT_UNIT_DAYS:
        return n * KEPT_DAY;
    case KEPT_UNIT_WORKING_DAYS:
        return n * KEPT_DAY * 7 / 5;
    case KEPT_UNIT_MONTHS:
        return n * 31 * KEPT_DAY;
    case KEPT_UNIT_NONE:
        break;
    }
    return 0;
}

/* Is a stricter than b? Notice before something is longer, time to do something is shorter. */
static bool stricter(enum profile_value value, const struct profile_entry *a, const struct profile_entry *b)
{
    const kept_ms one = kept_longest(a->within.within), other = kept_longest(b->within.within);
    if (a->age != b->age)
        return a->age > b->age;
    if (a->at_least != b->at_least)
        return a->at_least > b->at_least;
    return value == PROFILE_VALUE_CESSATION ? one > other : one < other;
}

bool kept_profile_value(const struct kept_policy *policy, enum profile_value value,
                        struct profile_entry *ret)
{
    *ret = (struct profile_entry){.said = false};
    for (size_t i = 0; i < policy->profile_count; i++) {
        const struct profile_entry *entry = &policy->profiles[i]->values[value];
        const uint32_t requests = ret->requests | entry->requests, fields = ret->fields | entry->fields;
        if (!entry->said)
            continue;
        if (!ret->said || stricter(value, entry, ret))
            *ret = *entry;
        ret->requests = requests;
        ret->fields = fields;
    }
    return ret->said;
}

/* ---- what is filled in --------------------------------------------------------------------------- */

/* "profile cn, PIPL 31", as long as the policy lives. */
static const char *by(struct kept_policy *p, const struct profile_entry *entry)
{
    const size_t n = strlen(entry->profile) + strlen(entry->source) + sizeof "profile , ";
    char *text = kept_arena_alloc(&p->arena, n, 1);
    if (text != NULL)
        (void)snprintf(text, n, "profile %s, %s", entry->profile, entry->source);
    return text;
}

/* What several laws say together is said by each: entry names them all. */
static void name_all(struct kept_policy *p, enum profile_value value, struct profile_entry *entry)
{
    for (size_t i = 0; i < p->profile_count; i++) {
        const struct profile_entry *other = &p->profiles[i]->values[value];
        if (!other->said || strcmp(other->profile, entry->profile) == 0)
            continue;
        const char *more = by(p, other);
        const size_t n = strlen(entry->source) + (more != NULL ? strlen(more) : 0) + sizeof "; ";
        char *text = kept_arena_alloc(&p->arena, n, 1);
        if (text == NULL || more == NULL)
            return;
        (void)snprintf(text, n, "%s; %s", entry->source, more);
        entry->source = text;
    }
}

/* One value of one profile is noted at most twice: of what the policy says badly, and of what not at all. */
static struct kept_fill *note(struct kept_policy *p, const char *what, const struct profile_entry *entry)
{
    static_assert(KEPT_MAX_FILLS >= PROFILE_VALUE_COUNT + 1, "each value finds its place");
    struct kept_fill *fill = &p->fills[p->fill_count++];
    *fill = (struct kept_fill){.what = what, .profile = entry->profile, .source = entry->source,
                               .seen = entry->seen};
    const struct kept_length *length = &entry->within.within;
    if (length->n > 0)
        (void)snprintf(fill->value, sizeof fill->value, "within %u %s of when it is %s", length->n,
                       kept_show_unit(length->unit), kept_show_anchor(entry->within.from));
    return fill;
}

static void words(const char *const *all, uint32_t bits, char ret[KEPT_FILL_TEXT])
{
    size_t n = 0;
    for (unsigned i = 0; all[i] != NULL; i++)
        if ((bits >> i & 1u) != 0) {
            n += (size_t)snprintf(ret + n, KEPT_FILL_TEXT - n, "%s%s", n > 0 ? ", " : "", all[i]);
            KEPT_INVARIANT(n < KEPT_FILL_TEXT); /* all of them have room: tests/policy/test_filled.c */
        }
}

/* Requests that are answered some day. */
static void fill_answers(struct kept_policy *p, const struct kept_deadline *deadline,
                         const struct profile_entry *answer)
{
    uint32_t silent = 0;
    for (unsigned i = 0; i < KEPT_ASK_COUNT && answer->said; i++) {
        struct kept_right *right = &p->duties.asked[i].pub;
        if (!right->said || right->deadline.within.n > 0)
            continue;
        right->deadline = *deadline;
        silent |= 1u << i;
    }
    if (silent != 0)
        words(kept_asked_words(), silent, note(p, "answers to requests", answer)->of);
}

/* And those that the policy does not speak of: by mail, since who holds the data has an address. */
static void fill_rights(struct kept_policy *p)
{
    struct profile_entry answer, rights;
    struct kept_deadline deadline = {.from = KEPT_ANCHOR_RECEIVED};
    if (kept_profile_value(p, PROFILE_VALUE_ANSWER, &answer)) {
        deadline = answer.within;
        deadline.filled = by(p, &answer);
    }
    fill_answers(p, &deadline, &answer);
    if (kept_profile_value(p, PROFILE_VALUE_RIGHTS, &rights))
        name_all(p, PROFILE_VALUE_RIGHTS, &rights);
    for (unsigned i = 0; i < KEPT_ASK_COUNT; i++)
        rights.requests &= p->duties.asked[i].pub.said ? ~(1u << i) : UINT32_MAX;
    if (rights.requests == 0)
        return;
    p->rights_by_law = rights.requests;
    p->right_by_law = (struct kept_right){
        .said = true, .filled = by(p, &rights), .deadline = deadline,
        .channels = 1u << KEPT_CH_MAIL, .identity = KEPT_IDENTITY_CODE, .clause = ""};
    struct kept_fill *fill = note(p, "requests that everybody may make", &rights);
    words(kept_asked_words(), rights.requests, fill->of);
    if (answer.said)
        (void)snprintf(fill->value, sizeof fill->value, "by mail, within %u %s", deadline.within.n,
                       kept_show_unit(deadline.within.unit));
}

/* Who leaves is gone by a day that can be named; not where a longer time to come back was promised. */
static void fill_ends(struct kept_policy *p)
{
    struct cancellation_rule *c = &p->duties.cancellation;
    struct telling_rule *end = &p->duties.cessation;
    struct profile_entry entry;
    if (c->rule.line > 0 && c->within.within.n == 0 &&
        kept_profile_value(p, PROFILE_VALUE_CANCELLATION, &entry) &&
        c->cooling_off < (kept_ms)entry.within.within.n * KEPT_DAY) {
        c->within = entry.within;
        c->within.filled = by(p, &entry);
        (void)note(p, "a cancellation is done", &entry);
    }
    if (end->lead.n == 0 && kept_profile_value(p, PROFILE_VALUE_CESSATION, &entry)) {
        end->lead = entry.within.within;
        end->filled = by(p, &entry);
        (void)snprintf(note(p, "the end of the service is told", &entry)->value, KEPT_FILL_TEXT,
                       "%u %s before", end->lead.n, kept_show_unit(end->lead.unit));
    }
}

static void fill_told(struct kept_policy *p, enum kept_told who, enum profile_value value, const char *what)
{
    struct incident_rule *told = &p->duties.incidents[who], *law = &p->told_by_law[who];
    struct profile_entry entry;
    if (!kept_profile_value(p, value, &entry))
        return;
    if (told->said && told->deadline.within.n == 0 && entry.within.within.n > 0) {
        told->deadline = entry.within;
        told->deadline.filled = by(p, &entry);
        (void)note(p, what, &entry);
    }
    if (told->said)
        return;
    if (entry.fields != 0)
        name_all(p, value, &entry);
    *law = (struct incident_rule){.rule = {.clause = "", .line = 0}, .deadline = entry.within,
                                  .fields = entry.fields, .fallback = -1, .filled = by(p, &entry),
                                  .said = true};
    law->deadline.filled = law->filled;
    words(kept_incident_words(), entry.fields, note(p, what, &entry)->of);
}

/* The bands that the law makes, for who is known to be a child: of who tells no age, a policy that is silent
 * on ages asks none. Verdicts name the law. */
static void fill_ages(struct reader *r)
{
    struct kept_policy *p = r->policy;
    struct profile_entry entry;
    if (p->age.line > 0 || !kept_profile_value(p, PROFILE_VALUE_GUARDIAN_BELOW, &entry) ||
        (p->bands = kept_arena_alloc(&p->arena, 2, sizeof *p->bands)) == NULL)
        return;
    const struct rule rule = {.clause = entry.clause != NULL ? entry.clause : "", .line = 0};
    p->bands[0] = (struct band_rule){.rule = rule, .below = (int)entry.age, .mode = BAND_GUARDIAN};
    p->bands[1] = (struct band_rule){.rule = rule, .from = (int)entry.age, .below = 150, .mode = BAND_SELF};
    p->band_count = 2;
    p->age_gated = true;
    (void)snprintf(note(p, "children", &entry)->value, KEPT_FILL_TEXT, "a guardian consents below %u",
                   entry.age);
}

static void fill_evidence(struct reader *r, const struct node *root)
{
    struct kept_policy *p = r->policy;
    struct profile_entry entry;
    if (kept_at(r, root, POLICY_evidence) != NULL)
        return;
    if (r->as_published || !kept_profile_value(p, PROFILE_VALUE_EVIDENCE, &entry)) {
        (void)kept_need_at(r, root, POLICY_evidence);
        return;
    }
    p->info.evidence = entry.at_least;
    (void)snprintf(note(p, "evidence of what was done", &entry)->value, KEPT_FILL_TEXT, "kept %lld days",
                   (long long)(entry.at_least / KEPT_DAY));
}

/* What a law keeps, is kept as long as the law that the item names says. */
static void fill_item(struct kept_policy *p, struct item_rule *item)
{
    if (item->pub.class != KEPT_CLASS_LAW || item->statute == NULL || item->retain_said || item->lost)
        return;
    for (size_t i = 0; i < p->profile_count; i++)
        for (size_t k = 0; k < p->profiles[i]->retention.n; k++) {
            const struct profile_row *row = &p->profiles[i]->retention.v[k];
            if (!kept_names_law(p, item, row->law) || row->at_least <= item->pub.retain)
                continue;
            const struct profile_entry entry = {.profile = p->profiles[i]->name, .source = row->article};
            item->pub.retain = row->at_least;
            item->retain_said = true;
            item->filled = by(p, &entry);
        }
}

/* Who is told some day, when no law names the day either. */
static void need_deadlines(struct reader *r, const struct node *root)
{
    const struct node *section = kept_at(r, root, POLICY_incident);
    for (unsigned i = 0; i < KEPT_TOLD_COUNT; i++) {
        const struct node *node = kept_at(r, section, (enum key)(INCIDENT_persons + i));
        const struct incident_rule *told = &r->policy->duties.incidents[i];
        if (told->said && told->deadline.within.n == 0)
            (void)kept_need_at(r, node, TOLD_deadline);
    }
}

static void fill_all(struct reader *r)
{
    struct kept_policy *p = r->policy;
    fill_rights(p);
    fill_ends(p);
    fill_told(p, KEPT_TOLD_AUTHORITY, PROFILE_VALUE_INCIDENT_AUTHORITY, "incidents, to the authority");
    fill_told(p, KEPT_TOLD_PERSONS, PROFILE_VALUE_INCIDENT_PERSONS, "incidents, to persons");
    fill_ages(r);
    for (size_t i = 0; i < p->info.items; i++)
        fill_item(p, &p->items[i]);
}

void kept_fill_in(struct reader *r, const struct node *root)
{
    if (!r->as_published)
        fill_all(r);
    fill_evidence(r, root);
    need_deadlines(r, root);
}

/* ---- who asks what was filled in ----------------------------------------------------------------- */

const char *kept_policy_profile(const struct kept_policy *policy, size_t index, const char **ret_lawyer)
{
    const struct profile *profile = index < policy->profile_count ? policy->profiles[index] : NULL;
    *ret_lawyer = profile != NULL ? profile->lawyer : "";
    return profile != NULL ? profile->name : NULL;
}

const struct kept_fill *kept_policy_fill(const struct kept_policy *policy, size_t index)
{
    return index < policy->fill_count ? &policy->fills[index] : NULL;
}
