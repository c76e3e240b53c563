/* reference.h - the decision once more, slowly, from the written rules (src/policy/policy.h) and the
 * model alone: no table of bits, no early way out. It collects every obstacle with the number of
 * its step, and the first by number is the answer. */
#ifndef KEPT_TESTS_POLICY_REFERENCE_H
#define KEPT_TESTS_POLICY_REFERENCE_H

#include <stdlib.h>
#include <string.h>

#include "reference_client.h"

static bool in_list(const struct list *list, uint32_t value)
{
    bool found = false;
    for (size_t i = 0; i < list->n; i++)
        found |= list->v[i] == value;
    return found;
}

/* A list of purposes covers what it names and what is directly related to that. */
static bool list_covers(const struct kept_policy *p, const struct list *list, uint32_t purpose)
{
    bool covers = in_list(list, purpose);
    for (size_t i = 0; i < list->n; i++)
        covers |= in_list(&p->purposes[list->v[i]].related, purpose);
    return covers;
}

static bool function_has(const struct kept_policy *p, uint32_t f, uint32_t item)
{
    return in_list(&p->functions[f].mandatory, item) || in_list(&p->functions[f].optional, item);
}

static bool function_follows(const struct kept_policy *p, uint32_t f, uint32_t purpose)
{
    return list_covers(p, &p->functions[f].purposes, purpose);
}

static bool item_declared_for(const struct kept_policy *p, uint32_t item, uint32_t purpose)
{
    if (p->items[item].purposes.n > 0)
        return list_covers(p, &p->items[item].purposes, purpose);
    bool any = false;
    for (uint32_t f = 0; f < p->info.functions; f++)
        any |= function_has(p, f, item) && function_follows(p, f, purpose);
    return any;
}

static const struct role_rule *ref_role(const struct kept_policy *p,
                                        const struct kept_question *q)
{
    for (size_t i = 0; i < p->info.roles; i++)
        if (q->role == KEPT_NO_INDEX ? p->roles[i].name[0] == 0 : q->role == i)
            return &p->roles[i];
    return NULL;
}

static const struct exemption_rule *ref_exemption(const struct kept_policy *p,
                                                  const struct kept_question *q)
{
    const struct exemption_rule *found = NULL;
    for (size_t i = 0; q->exemption != NULL && i < p->exemption_count; i++)
        if (strcmp(p->exemptions[i].code, q->exemption) == 0)
            found = &p->exemptions[i];
    return found;
}

static bool ref_named(const struct kept_question *q)
{
    return q->exemption != NULL && *q->exemption != 0;
}

static bool ref_exempt(const struct kept_policy *p, const struct kept_question *q)
{
    const struct exemption_rule *e = ref_exemption(p, q);
    return ref_named(q) && e != NULL && q->justified && (e->uses & (1u << q->use)) != 0;
}

/* The newest row on one scope that is not a mere acknowledgement, of the person or of a guardian. */
static const struct kept_consent_row *ref_row_of(const struct kept_context *c, bool guardian,
                                                 enum kept_kind kind, uint32_t ref)
{
    const struct kept_consent_row *best = NULL;
    for (size_t i = 0; i < c->consent_count; i++) {
        const struct kept_consent_row *row = &c->consents[i];
        bool acknowledgement =
            row->kind == KEPT_C_ACKNOWLEDGEMENT && row->state == KEPT_CS_GRANTED;
        bool same = row->scope_kind == (int)kind &&
                    (kind == KEPT_K_NONE || (ref != 0 && row->scope == ref));
        if (same && !acknowledgement && (row->kind == KEPT_C_GUARDIAN) == guardian &&
            (best == NULL || best->at <= row->at))
            best = row;
    }
    return best;
}

static const struct kept_consent_row *ref_row(const struct kept_context *c, enum kept_kind kind,
                                              uint32_t ref)
{
    return ref_row_of(c, false, kind, ref);
}

/* The mode of the person's age, where a guardian has a say; 0: none has. */
static int ref_guarded(const struct kept_policy *p, const struct kept_context *c,
                       const struct kept_question *q)
{
    int32_t today = kept_zone_day(&p->info.zone, q->now);
    if (c->birth_day == KEPT_BIRTH_UNKNOWN || c->birth_day > today || !p->age_gated ||
        (ref_exempt(p, q) && ref_exemption(p, q)->spares_age))
        return 0;
    int years = kept_age_years(c->birth_day, today);
    for (size_t i = 0; i < p->band_count; i++)
        if (p->bands[i].from <= years && years < p->bands[i].below &&
            (p->bands[i].mode == BAND_GUARDIAN || p->bands[i].mode == BAND_SELF_AND_GUARDIAN))
            return (int)p->bands[i].mode;
    return 0;
}

/* What is wrong with a row, when need is asked of it. */
static enum kept_reason ref_wrong(const struct kept_policy *p, const struct kept_consent_row *row,
                                  enum kept_consent_kind need, const struct kept_question *q)
{
    enum kept_reason none = need == KEPT_C_SEPARATE   ? KEPT_R_NEEDS_SEPARATE_CONSENT
                            : need == KEPT_C_WRITTEN  ? KEPT_R_NEEDS_WRITTEN_CONSENT
                            : need == KEPT_C_GUARDIAN ? KEPT_R_NEEDS_GUARDIAN
                                                      : KEPT_R_NEEDS_CONSENT;
    if (row != NULL && row->state == KEPT_CS_REFUSED)
        return KEPT_R_REFUSED;
    if (row != NULL && row->state != KEPT_CS_GRANTED)
        return KEPT_R_WITHDRAWN;
    if (need == KEPT_C_NONE)
        return KEPT_R_NONE;
    if (row == NULL || row->kind < need ||
        (row->kind > KEPT_C_WRITTEN && need != KEPT_C_GUARDIAN))
        return none;
    if (row->expires != 0 && row->expires <= q->now)
        return KEPT_R_CONSENT_EXPIRED;
    if (row->policy_version != p->info.version && !kept_covered(p, row)) /* test_compare.c */
        return KEPT_R_CONSENT_STALE;
    if (p->ask_again && row->policy_version != p->info.version) {
        bool same_words = false;
        for (size_t i = 0; i < p->info.languages; i++)
            same_words |= memcmp(row->text_hash, p->text_hashes[i], 32) == 0;
        if (!same_words)
            return KEPT_R_CONSENT_STALE;
    }
    return KEPT_R_NONE;
}

static bool ref_only_collecting_stops(const struct kept_question *q, enum kept_withdrawal effect)
{
    return q->use == KEPT_USE_READ && effect == KEPT_WITHDRAW_COLLECT_ONLY;
}

static bool ref_old_enough_to_read(enum kept_withdrawal effect, const struct kept_question *q,
                                   const struct kept_consent_row *row)
{
    return ref_only_collecting_stops(q, effect) && row != NULL && row->state == KEPT_CS_WITHDRAWN;
}

static bool ref_law_read(const struct kept_policy *p, const struct kept_context *c,
                         const struct kept_question *q)
{
    return c->state == KEPT_S_KEPT_BY_LAW && q->use == KEPT_USE_READ &&
           q->role < p->info.roles && !q->unknown_role && p->roles[q->role].law &&
           q->purpose < p->info.purposes && !q->unknown_purpose && p->purposes[q->purpose].law &&
           q->item < p->info.items &&
           (p->items[q->item].pub.class == KEPT_CLASS_LAW || q->held);
}

/* Steps 1 to 4 and 6. */
static void ref_person(struct obstacles *o, const struct kept_policy *p,
                       const struct kept_context *c, const struct kept_question *q, uint32_t purpose)
{
    bool law = ref_law_read(p, c, q);
    bool seen = c->notice_version == p->info.version;
    if (c->ceased && q->use != KEPT_USE_READ)
        in_the_way(o, 10, KEPT_R_CEASED, p->cessation.clause, p->cessation.line);
    if (c->state == KEPT_S_ERASED)
        in_the_way(o, 20, KEPT_R_ERASED, "", 0);
    else if (c->state == KEPT_S_REFUSED)
        in_the_way(o, 20, KEPT_R_REFUSED, p->refusal.clause, p->refusal.line);
    else if (c->state == KEPT_S_RESTRICTED)
        in_the_way(o, 20, KEPT_R_RESTRICTED, "", 0);
    else if (c->state == KEPT_S_KEPT_BY_LAW && !law)
        in_the_way(o, 20, KEPT_R_KEPT_BY_LAW, "", 0);
    else if (c->state != KEPT_S_LIVE && c->state != KEPT_S_KEPT_BY_LAW)
        in_the_way(o, 20, KEPT_R_DEFAULT, "", 0);
    const struct kept_consent_row *whole = ref_row(c, KEPT_K_NONE, 0);
    if (!law && whole != NULL && whole->state == KEPT_CS_REFUSED)
        in_the_way(o, 25, KEPT_R_REFUSED, p->refusal.clause, p->refusal.line);
    else if (!law && whole != NULL && whole->state != KEPT_CS_GRANTED &&
             !ref_old_enough_to_read(p->info.withdrawal, q, whole))
        in_the_way(o, 25, KEPT_R_WITHDRAWN, p->withdrawal.clause, p->withdrawal.line);
    for (size_t i = 0; i < c->consent_count; i++)
        seen |= c->consents[i].kind == KEPT_C_ACKNOWLEDGEMENT && c->consents[i].state == 1 &&
                c->consents[i].scope_kind == 0 && c->consents[i].policy_version == p->info.version;
    if (!seen && !law && !(ref_exempt(p, q) && ref_exemption(p, q)->spares_notice))
        in_the_way(o, 30, KEPT_R_NO_NOTICE, p->notice.clause, p->notice.line);
    if (c->unshown && !law && !(ref_exempt(p, q) && ref_exemption(p, q)->spares_notice))
        in_the_way(o, 31, KEPT_R_NO_NOTICE, p->changes.line ? p->changes.clause : p->notice.clause,
                   p->changes.line ? p->changes.line : p->notice.line);
    if (q->item >= p->info.items)
        in_the_way(o, 40, KEPT_R_UNDECLARED, p->undeclared.clause, p->undeclared.line);
    const struct message_rule *ads = &p->duties.messages[KEPT_MESSAGE_MARKETING];
    if (!law && purpose < p->info.purposes && p->purposes[purpose].advertises && ads->from_age > 0) {
        int32_t day = kept_zone_day(&p->info.zone, q->now);
        if (c->birth_day == KEPT_BIRTH_UNKNOWN || c->birth_day > day) {
            if (!p->age_unknown_allowed)
                in_the_way(o, 55, KEPT_R_AGE_UNKNOWN, ads->rule.clause, ads->rule.line);
        } else if (kept_age_years(c->birth_day, day) < (int)ads->from_age) {
            in_the_way(o, 55, KEPT_R_AGE, ads->rule.clause, ads->rule.line);
        }
    }
    if (law || !p->age_gated || (ref_exempt(p, q) && ref_exemption(p, q)->spares_age))
        return;
    int32_t today = kept_zone_day(&p->info.zone, q->now);
    if (c->birth_day == KEPT_BIRTH_UNKNOWN || c->birth_day > today) {
        if (!p->age_unknown_allowed && p->age.line > 0) /* without 'age:' a law speaks, of known children */
            in_the_way(o, 60, KEPT_R_AGE_UNKNOWN, p->age.clause, p->age.line);
        return;
    }
    int years = kept_age_years(c->birth_day, today);
    const struct rule *rule = &p->age;
    const struct band_rule *band = NULL;
    for (size_t i = 0; i < p->band_count; i++)
        if (p->bands[i].from <= years && years < p->bands[i].below) {
            band = &p->bands[i];
            rule = &band->rule;
        }
    if ((band == NULL || band->mode == BAND_BLOCK) && years <= 199)
        in_the_way(o, 60, KEPT_R_AGE, rule->clause, rule->line);
    const struct kept_consent_row *word = ref_row_of(c, true, KEPT_K_NONE, 0);
    if (ref_guarded(p, c, q) == 0 || ref_old_enough_to_read(p->info.withdrawal, q, word))
        return;
    enum kept_reason bad = ref_wrong(p, word, KEPT_C_GUARDIAN, q);
    if (word != NULL && word->state == KEPT_CS_GRANTED && band->written &&
        (word->flags & KEPT_CF_WRITTEN) == 0)
        bad = KEPT_R_NEEDS_GUARDIAN;
    if (bad != KEPT_R_NONE)
        in_the_way(o, 60, bad, rule->clause, rule->line);
}

/* Steps 5 and 7 to 9. */
static void ref_names(struct obstacles *o, const struct kept_policy *p, const struct kept_context *c,
                      const struct kept_question *q, uint32_t purpose)
{
    const struct item_rule *item = &p->items[q->item];
    const char *clause = item->pub.clause;
    int line = item->pub.line;
    if (item->pub.place == KEPT_PLACE_DEVICE)
        in_the_way(o, 50, KEPT_R_ON_DEVICE, clause, line);
    if (item->pub.place == KEPT_PLACE_TRANSIENT)
        in_the_way(o, 50, KEPT_R_TRANSIENT, clause, line);
    if (item->pub.hashed && q->use != KEPT_USE_COLLECT)
        in_the_way(o, 51, KEPT_R_NO_VALUE, clause, line);
    const struct role_rule *role = ref_role(p, q);
    enum kept_op op = q->use == KEPT_USE_COLLECT ? KEPT_OP_COLLECT
                      : q->use == KEPT_USE_READ  ? KEPT_OP_USE
                                                 : KEPT_OP_DISCLOSE;
    if (role == NULL || q->unknown_role) {
        in_the_way(o, 70, KEPT_R_ROLE, p->undeclared.clause, p->undeclared.line);
    } else if (((role->operations >> op) & 1) == 0) {
        in_the_way(o, 70, KEPT_R_OPERATION, role->rule.clause, role->rule.line);
    } else if (role->name[0] != 0) {
        bool reaches = in_list(&role->partitions, item->partition);
        const struct rule *wall = &p->partitions[item->partition].rule;
        if (wall->line == 0)
            wall = &role->rule;
        if (!reaches)
            in_the_way(o, 70, KEPT_R_PARTITION, wall->clause, wall->line);
        bool sees =
            role->sees_all || in_list(&role->sees, q->item) || in_list(&role->raw, q->item);
        bool may = role->all_purposes || purpose >= p->info.purposes ||
                   in_list(&role->purposes, purpose);
        if (!sees || !may)
            in_the_way(o, 71, KEPT_R_ROLE, role->rule.clause, role->rule.line);
    }
    bool known = q->function < p->info.functions && !q->unknown_function;
    if (q->unknown_function || (q->function == KEPT_NO_INDEX && q->use == KEPT_USE_COLLECT))
        in_the_way(o, 80, KEPT_R_FUNCTION, p->undeclared.clause, p->undeclared.line);
    else if (q->function != KEPT_NO_INDEX && (!known || !function_has(p, q->function, q->item)))
        in_the_way(o, 80, KEPT_R_FUNCTION, clause, line);
    if (q->unknown_purpose || purpose >= p->info.purposes ||
        !item_declared_for(p, q->item, purpose)) {
        in_the_way(o, 90, KEPT_R_PURPOSE, clause, line);
    } else if (known) {
        if (!function_follows(p, q->function, purpose))
            in_the_way(o, 91, KEPT_R_PURPOSE, p->functions[q->function].rule.clause,
                       p->functions[q->function].rule.line);
    } else {
        bool any = ref_law_read(p, c, q);
        for (uint32_t f = 0; f < p->info.functions; f++)
            any |= function_has(p, f, q->item) && function_follows(p, f, purpose);
        if (!any)
            in_the_way(o, 91, KEPT_R_PURPOSE, clause, line);
    }
}

static bool ref_agreed(const struct recipient_rule *to, kept_ms now)
{
    return to->agreement.line != 0 && to->signed_at <= now && now < to->expires_at;
}

/* Step 11 for a value that another party passes in: where it came from, and by what right. */
static bool ref_in(const struct kept_policy *p, const struct kept_question *q)
{
    return q->use == KEPT_USE_COLLECT &&
           (strcmp(p->items[q->item].source, "third_party") == 0 || q->unknown_recipient ||
            (q->recipient < p->info.recipients ? p->recipients[q->recipient].gives.n > 0
                                               : q->recipient != KEPT_NO_INDEX));
}

static void ref_passed_in(struct obstacles *o, const struct kept_policy *p,
                          const struct kept_question *q, uint32_t purpose)
{
    if (!ref_in(p, q))
        return;
    const struct rule *item = &p->items[q->item].rule;
    if (q->unknown_recipient || (q->recipient != KEPT_NO_INDEX && q->recipient >= p->info.recipients)) {
        in_the_way(o, 110, KEPT_R_RECIPIENT, p->undeclared.clause, p->undeclared.line);
    } else if (q->recipient == KEPT_NO_INDEX) {
        in_the_way(o, 110, KEPT_R_RECIPIENT, item->clause, item->line);
    } else {
        const struct recipient_rule *by = &p->recipients[q->recipient];
        const struct rule *paper = by->agreement.line != 0 ? &by->agreement : &by->rule;
        if (!in_list(&by->gives, q->item))
            in_the_way(o, 111, KEPT_R_ITEM_NOT_IN_AGREEMENT, by->rule.clause, by->rule.line);
        if (!in_list(&by->purposes, purpose))
            in_the_way(o, 112, KEPT_R_PURPOSE, by->rule.clause, by->rule.line);
        if (by->role != RECIPIENT_AUTHORITY && !ref_agreed(by, q->now))
            in_the_way(o, 113, KEPT_R_AGREEMENT_EXPIRED, paper->clause, paper->line);
    }
}

/* Steps 10 to 12. */
static void ref_outside(struct obstacles *o, const struct kept_policy *p,
                        const struct kept_context *c, const struct kept_question *q,
                        uint32_t purpose)
{
    bool disclose = q->use == KEPT_USE_DISCLOSE;
    bool known = !q->unknown_recipient && q->recipient < p->info.recipients;
    const struct recipient_rule *to = disclose && known ? &p->recipients[q->recipient] : NULL;
    const struct exemption_rule *e = ref_exemption(p, q);
    if (q->use == KEPT_USE_COLLECT && p->served_said && !in_list(&p->served_in, c->region))
        in_the_way(o, 100, KEPT_R_REGION, p->served.clause, p->served.line);
    if (q->use == KEPT_USE_COLLECT && q->region != 0 && !in_list(&p->stored_in, q->region))
        in_the_way(o, 101, KEPT_R_REGION, p->stored.clause, p->stored.line);
    if (to != NULL) {
        uint32_t target = q->region != 0 ? q->region : to->region;
        bool inside = in_list(&p->stored_in, target);
        bool conditions = p->export == EXPORT_CONDITIONAL && to->mechanism != NULL &&
                          to->checked && to->consent >= KEPT_C_SEPARATE &&
                          ref_agreed(to, q->now) && target == to->region;
        if (!inside && !conditions)
            in_the_way(o, 101, KEPT_R_REGION, p->stored.clause, p->stored.line);
    }
    if (disclose && to == NULL)
        in_the_way(o, 110, KEPT_R_RECIPIENT, p->undeclared.clause, p->undeclared.line);
    ref_passed_in(o, p, q, purpose);
    if (to != NULL && !in_list(&to->items, q->item))
        in_the_way(o, 111, KEPT_R_ITEM_NOT_IN_AGREEMENT, to->rule.clause, to->rule.line);
    if (to != NULL && !in_list(&to->purposes, purpose))
        in_the_way(o, 112, KEPT_R_PURPOSE, to->rule.clause, to->rule.line);
    if (to != NULL && to->role != RECIPIENT_AUTHORITY && !ref_agreed(to, q->now)) {
        const struct rule *rule = to->agreement.line != 0 ? &to->agreement : &to->rule;
        in_the_way(o, 113, KEPT_R_AGREEMENT_EXPIRED, rule->clause, rule->line);
    }
    if (to != NULL && (to->aggregate_only || (ref_exempt(p, q) && e->deidentified)))
        in_the_way(o, 114, KEPT_R_AGGREGATE_ONLY, to->rule.clause, to->rule.line);
    if (ref_named(q) && !ref_exempt(p, q))
        in_the_way(o, 120, KEPT_R_JUSTIFICATION, e != NULL ? e->rule.clause : p->undeclared.clause,
                   e != NULL ? e->rule.line : p->undeclared.line);
    else if (to != NULL && to->role == RECIPIENT_AUTHORITY && !ref_exempt(p, q))
        in_the_way(o, 121, KEPT_R_JUSTIFICATION, to->rule.clause, to->rule.line);
}

/* Step 13: each permission of the function, as last reported; off wins a tie. */
static void ref_permissions(struct obstacles *o, const struct kept_policy *p,
                            const struct kept_context *c, const struct kept_question *q,
                            const struct function_rule *f)
{
    if (q->use != KEPT_USE_COLLECT && (ref_exempt(p, q) || ref_only_collecting_stops(q, f->effect)))
        return;
    for (size_t i = 0; i < f->permissions.n; i++) {
        uint32_t ref = p->permissions[f->permissions.v[i]].ref;
        kept_ms last = INT64_MIN;
        bool known = false, on = false;
        for (size_t j = 0; j < c->permission_count; j++)
            if (c->permissions[j].ref == ref && c->permissions[j].at >= last) {
                known = true;
                last = c->permissions[j].at;
            }
        on = known;
        for (size_t j = 0; j < c->permission_count; j++)
            if (c->permissions[j].ref == ref && c->permissions[j].at == last)
                on = on && c->permissions[j].on != 0 &&
                     (c->permissions[j].expires == 0 || q->now < c->permissions[j].expires);
        if (!on)
            in_the_way(o, 130 + (int)i,
                       known && q->use != KEPT_USE_COLLECT ? KEPT_R_WITHDRAWN : KEPT_R_PERMISSION,
                       f->rule.clause, f->rule.line);
    }
}

/* Step 14, for one voice: step is 140 for the person, 150 for a guardian; asks: it has to agree at all. */
static void ref_voice(struct obstacles *o, const struct kept_policy *p,
                      const struct kept_context *c, const struct kept_question *q,
                      const struct function_rule *f, uint32_t purpose, bool guardian, bool asks)
{
    const struct purpose_rule *why = &p->purposes[purpose];
    const struct item_rule *item = &p->items[q->item];
    int g = guardian ? 1 : 0;
#define REF_NEED(kind)                                                                             \
    (!asks ? KEPT_C_NONE : !guardian ? (kind) : (kind) > KEPT_C_IMPLIED ? KEPT_C_GUARDIAN : KEPT_C_NONE)
    const struct kept_consent_row *fr = ref_row_of(c, guardian, KEPT_K_FUNCTION, f->ref);
    const struct kept_consent_row *ir = ref_row_of(c, guardian, KEPT_K_ITEM, item->pub.ref);
    enum kept_reason bad = ref_wrong(p, ref_row_of(c, guardian, KEPT_K_PURPOSE, why->ref),
                                     REF_NEED(why->consent), q);
    if (bad != KEPT_R_NONE)
        in_the_way(o, 1400 + g, bad, why->rule.clause, why->rule.line);
    enum kept_consent_kind need = f->consent == KEPT_C_ACKNOWLEDGEMENT ? KEPT_C_NONE : f->consent;
    if (need == KEPT_C_IMPLIED && p->info.implied_by_use)
        need = KEPT_C_NONE;
    need = REF_NEED(need);
    const struct kept_consent_row *row = fr;
    if (need == KEPT_C_IMPLIED && fr == NULL)
        row = ref_row_of(c, guardian, KEPT_K_NONE, 0);
    bad = ref_wrong(p, row, need, q);
    if (bad != KEPT_R_NONE && !ref_old_enough_to_read(f->effect, q, fr))
        in_the_way(o, 1410 + g, bad, f->rule.clause, f->rule.line);
    enum kept_reason object = ref_wrong(p, ir, KEPT_C_NONE, q);
    if (object != KEPT_R_NONE && !ref_old_enough_to_read(p->info.withdrawal, q, ir))
        in_the_way(o, 1420 + 2 * g, object, item->pub.clause, item->pub.line);
    enum kept_consent_kind on = REF_NEED(KEPT_C_SEPARATE);
    enum kept_reason on_item = ref_wrong(p, ir, on, q);
    enum kept_reason on_function = ref_wrong(p, fr, on, q);
    if ((item->pub.sensitive || item->separate_consent) && on != KEPT_C_NONE && on_item != KEPT_R_NONE &&
        on_function != KEPT_R_NONE && !ref_old_enough_to_read(p->info.withdrawal, q, ir) &&
        !ref_old_enough_to_read(f->effect, q, fr))
        in_the_way(o, 1421 + 2 * g, ir == NULL ? on_function : on_item, item->pub.clause,
                   item->pub.line);
}

#undef REF_NEED

/* Step 14. */
static void ref_consents(struct obstacles *o, const struct kept_policy *p,
                         const struct kept_context *c, const struct kept_question *q,
                         const struct function_rule *f, uint32_t purpose)
{
    int mode = ref_guarded(p, c, q);
    if (ref_exempt(p, q))
        return;
    if (f->basis != BASIS_LEGAL_OBLIGATION) {
        ref_voice(o, p, c, q, f, purpose, false, mode != BAND_GUARDIAN);
        if (mode != 0)
            ref_voice(o, p, c, q, f, purpose, true, true);
    }
    if (q->use != KEPT_USE_DISCLOSE && !ref_in(p, q))
        return;
    if (q->recipient >= p->info.recipients || q->unknown_recipient)
        return;
    const struct recipient_rule *to = &p->recipients[q->recipient];
    bool alone = strcmp(to->kind, "sdk") == 0 && (q->facts & KEPT_F_BACKGROUND) != 0;
    if (alone && to->self_start == SELF_START_NEVER)
        in_the_way(o, 1440, KEPT_R_USER_ACTION, to->rule.clause, to->rule.line);
    enum kept_consent_kind need =
        alone && to->consent == KEPT_C_NONE ? KEPT_C_EXPLICIT : to->consent;
    enum kept_reason bad = ref_wrong(p, ref_row(c, KEPT_K_RECIPIENT, to->ref),
                                     mode == BAND_GUARDIAN ? KEPT_C_NONE : need, q);
    if (bad != KEPT_R_NONE)
        in_the_way(o, 1450, bad, to->rule.clause, to->rule.line);
    bad = mode == 0 ? KEPT_R_NONE
                    : ref_wrong(p, ref_row_of(c, true, KEPT_K_RECIPIENT, to->ref),
                                need == KEPT_C_NONE ? KEPT_C_NONE : KEPT_C_GUARDIAN, q);
    if (bad != KEPT_R_NONE)
        in_the_way(o, 1451, bad, to->rule.clause, to->rule.line);
}

/* Step 15. */
static void ref_moment(struct obstacles *o, const struct kept_policy *p,
                       const struct kept_context *c, const struct kept_question *q,
                       const struct function_rule *f)
{
    bool own = (q->facts & KEPT_F_USER_ACTION) != 0 && (q->facts & KEPT_F_BACKGROUND) == 0;
    bool before = q->launch == 0;
    if (f->needs_case && !q->justified)
        in_the_way(o, 1490, KEPT_R_JUSTIFICATION, f->rule.clause, f->rule.line);
    if (q->use != KEPT_USE_COLLECT)
        return;
    for (size_t i = 0; i < c->launch_count; i++)
        before |= c->launches[i].function == f->ref &&
                  c->launches[i].item == p->items[q->item].pub.ref &&
                  q->launch <= c->launches[i].launch;
    if (f->in_use && (q->facts & KEPT_F_IN_USE) == 0)
        in_the_way(o, 1500, KEPT_R_NOT_IN_USE, f->rule.clause, f->rule.line);
    if (f->user_action && !own)
        in_the_way(o, 1510, KEPT_R_USER_ACTION, f->rule.clause, f->rule.line);
    bool agreed = false;
    for (size_t i = 0; q->launch != 0 && i < c->launch_count; i++)
        agreed |= c->launches[i].function == f->ref && c->launches[i].item == 0 &&
                  c->launches[i].launch == q->launch;
    if (f->each_launch && !agreed)
        in_the_way(o, 1515, KEPT_R_CONSENT_EXPIRED, f->rule.clause, f->rule.line);
    if (f->once_per_launch && before)
        in_the_way(o, 1520, KEPT_R_FREQUENCY, f->rule.clause, f->rule.line);
}

static const struct obstacle *ref_first(const struct obstacles *o)
{
    const struct obstacle *first = NULL;
    for (size_t i = 0; i < o->n; i++)
        if (first == NULL || o->rows[i].step < first->step)
            first = &o->rows[i];
    return first;
}

static struct kept_verdict ref_denied(const struct obstacle *o)
{
    return (struct kept_verdict){KEPT_DENY, o->reason, o->clause, o->line};
}

/* Step 16. */
static struct kept_verdict ref_granted(const struct kept_policy *p, const struct kept_question *q,
                                       const struct rule *rule)
{
    const struct role_rule *role = ref_role(p, q);
    const struct exemption_rule *e = ref_exempt(p, q) ? ref_exemption(p, q) : NULL;
    if (q->use == KEPT_USE_READ && role->name[0] != 0 && !in_list(&role->raw, q->item))
        return (struct kept_verdict){KEPT_MASK, KEPT_R_MASKED, role->rule.clause, role->rule.line};
    if (q->use == KEPT_USE_READ && e != NULL && e->deidentified)
        return (struct kept_verdict){KEPT_MASK, KEPT_R_MASKED, e->rule.clause, e->rule.line};
    const struct recipient_rule *to =
        q->use == KEPT_USE_DISCLOSE ? &p->recipients[q->recipient] : NULL;
    if (to != NULL && (to->masked_all || in_list(&to->masked, q->item)))
        return (struct kept_verdict){KEPT_MASK, KEPT_R_MASKED, rule->clause, rule->line};
    return (struct kept_verdict){KEPT_ALLOW, KEPT_R_NONE, rule->clause, rule->line};
}

static struct kept_verdict reference_decide(const struct kept_policy *p,
                                            const struct kept_context *c,
                                            const struct kept_question *q)
{
    struct kept_verdict nothing = {KEPT_DENY, KEPT_R_DEFAULT, "", 0};
    struct obstacles o = {.n = 0};
    if (p == NULL || c == NULL || q == NULL || (int)q->use < 1 || (int)q->use > 3 ||
        c->policy_version != p->info.version)
        return nothing;
    uint32_t purpose = q->purpose;
    if (purpose == KEPT_NO_INDEX && !q->unknown_purpose && q->use == KEPT_USE_COLLECT &&
        !q->unknown_function && q->function < p->info.functions)
        purpose = p->functions[q->function].purposes.v[0];
    ref_person(&o, p, c, q, purpose);
    if (q->item < p->info.items) {
        ref_names(&o, p, c, q, purpose);
        ref_outside(&o, p, c, q, purpose);
    }
    if (o.n > 0)
        return ref_denied(ref_first(&o));
    if (ref_law_read(p, c, q))
        return ref_granted(p, q, &ref_role(p, q)->rule);
    struct kept_verdict answer = nothing;
    bool first = true;
    for (uint32_t f = 0; f < p->info.functions; f++) {
        if (q->function != KEPT_NO_INDEX ? q->function != f
                                         : !function_has(p, f, q->item) ||
                                               !function_follows(p, f, purpose))
            continue;
        const struct function_rule *function = &p->functions[f];
        o.n = 0;
        ref_client(&o, q, function);
        ref_permissions(&o, p, c, q, function);
        ref_consents(&o, p, c, q, function, purpose);
        ref_moment(&o, p, c, q, function);
        if (o.n == 0)
            return ref_granted(p, q, q->use == KEPT_USE_DISCLOSE ? &p->recipients[q->recipient].rule
                                                                 : &function->rule);
        if (first)
            answer = ref_denied(ref_first(&o));
        first = false;
    }
    return answer;
}

#endif
