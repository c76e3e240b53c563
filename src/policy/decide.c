/* decide.c - the decision. Pure and total: every way out that is not the last line is a denial.
 *
 * The order of the steps is the order in which a reason is given when several hold; policy.h says
 * it in words, tests/policy/reference.h once more in code. */
#include <string.h>

#include "policy/policy_int.h"

struct decision { /* one question on its way */
    const struct kept_policy *p;
    const struct kept_context *c;
    const struct kept_question *q;
    uint32_t purpose; /* index; for collection without one, the function's first */
    const struct exemption_rule *exemption;
    bool exempt;   /* a code that is good for this use, with a justification */
    bool law_read; /* a role the law sends reads what the law keeps */
    struct standing s;
    const struct band_rule *band; /* whose rule asks a guardian, too; NULL: the person decides */
    enum kept_reason reason; /* set by the step that denies, with the rule that says so */
    const struct rule *rule;
};

static const struct rule no_rule = {.clause = "", .line = 0};

/* Every step returns whether it denies. */
static bool deny(struct decision *d, enum kept_reason reason, const struct rule *rule)
{
    d->reason = reason;
    d->rule = rule;
    return true;
}

static bool deny_if(struct decision *d, bool so, enum kept_reason reason, const struct rule *rule)
{
    if (so)
        (void)deny(d, reason, rule);
    return so;
}

static bool deny_item(struct decision *d, enum kept_reason reason)
{
    return deny(d, reason, &d->p->items[d->q->item].rule);
}

static const struct role_rule *role_of(const struct decision *d)
{
    uint32_t index = d->q->role == KEPT_NO_INDEX ? d->p->app_role : d->q->role;
    return index < d->p->info.roles ? &d->p->roles[index] : NULL;
}

/* An exemption counts when the policy has its code for this use and it came with a justification. */
static void look_up_exemption(struct decision *d)
{
    if (d->q->exemption == NULL || d->q->exemption[0] == 0)
        return;
    for (size_t i = 0; i < d->p->exemption_count; i++)
        if (strcmp(d->p->exemptions[i].code, d->q->exemption) == 0) {
            d->exemption = &d->p->exemptions[i];
            d->exempt = (d->exemption->uses >> d->q->use & 1u) != 0 && d->q->justified;
            return;
        }
}

/* Steps 1 and 2: does the service still run, and is the person still there? */
static bool state(struct decision *d)
{
    if (d->c->ceased && d->q->use != KEPT_USE_READ)
        return deny(d, KEPT_R_CEASED, &d->p->cessation);
    switch (d->c->state) {
    case KEPT_S_LIVE:
        return false;
    case KEPT_S_REFUSED:
        return deny(d, KEPT_R_REFUSED, &d->p->refusal);
    case KEPT_S_RESTRICTED:
        return deny_if(d, !d->law_read, KEPT_R_RESTRICTED, &no_rule);
    case KEPT_S_ERASED:
        return deny(d, KEPT_R_ERASED, &no_rule);
    case KEPT_S_KEPT_BY_LAW:
        return deny_if(d, !d->law_read, KEPT_R_KEPT_BY_LAW, &no_rule);
    case KEPT_S_NONE:
        break;
    }
    return deny(d, KEPT_R_DEFAULT, &no_rule);
}

/* What a role that the law sends may read of someone who is erased for all others, and of what is archived. */
static bool is_law_read(const struct decision *d)
{
    const struct kept_question *q = d->q;
    const bool there = d->c->state == KEPT_S_LIVE || d->c->state == KEPT_S_RESTRICTED;
    const bool apart = d->c->state == KEPT_S_KEPT_BY_LAW || (q->archived && there);
    if (q->use != KEPT_USE_READ || !apart || q->unknown_role ||
        q->role == KEPT_NO_INDEX || q->role >= d->p->info.roles || !d->p->roles[q->role].law)
        return false;
    if (q->item >= d->p->info.items || q->unknown_purpose || q->purpose >= d->p->info.purposes ||
        !d->p->purposes[q->purpose].law)
        return false;
    return q->held || d->p->items[q->item].pub.class == KEPT_CLASS_LAW;
}

/* Step 5: some values rest where kept cannot take them in or give them out. */
static bool place(struct decision *d, const struct item_rule *item)
{
    if (item->pub.place == KEPT_PLACE_DEVICE)
        return deny_item(d, KEPT_R_ON_DEVICE);
    if (item->pub.place == KEPT_PLACE_TRANSIENT && !(d->q->match && item->pub.match != KEPT_REF_NONE))
        return deny_item(d, KEPT_R_TRANSIENT);
    if (item->pub.hashed && d->q->use != KEPT_USE_COLLECT)
        return deny_item(d, KEPT_R_NO_VALUE);
    if (d->q->archived && !d->law_read)
        return deny_item(d, KEPT_R_KEPT_BY_LAW);
    return false;
}

/* Reading what was collected before a withdrawal, where its effect lets that go on. */
static bool goes_on(const struct decision *d, const struct kept_consent_row *row, enum kept_withdrawal effect)
{
    return row != NULL && row->state == KEPT_CS_WITHDRAWN && d->q->use == KEPT_USE_READ &&
           effect == KEPT_WITHDRAW_COLLECT_ONLY;
}

/* A guardian who speaks for the person has agreed in general, in the form that is asked for. */
static bool guarded(struct decision *d, const struct band_rule *band)
{
    const struct kept_consent_row *word = d->s.guardian.whole;
    enum kept_reason reason = KEPT_R_NEEDS_GUARDIAN;
    if (band->mode == BAND_BLOCK)
        return deny(d, KEPT_R_AGE, &band->rule);
    if (band->mode == BAND_SELF)
        return false;
    d->band = band;
    if (goes_on(d, word, d->p->info.withdrawal))
        return false;
    if (word == NULL || word->state != KEPT_CS_GRANTED || !band->written ||
        (word->flags & KEPT_CF_WRITTEN) != 0)
        reason = kept_satisfies(d->p, word, KEPT_C_GUARDIAN, d->q);
    return deny_if(d, reason != KEPT_R_NONE, reason, &band->rule);
}

/* Step 6. */
static bool age(struct decision *d)
{
    const struct kept_policy *p = d->p;
    if (kept_not_advertised(p, d->purpose, d->c->birth_day, d->q->now, &d->reason))
        return deny(d, d->reason, &p->duties.messages[KEPT_MESSAGE_MARKETING].rule);
    if (!p->age_gated || (d->exempt && d->exemption->spares_age))
        return false;
    int32_t today = kept_zone_day(&p->info.zone, d->q->now);
    if (d->c->birth_day == KEPT_BIRTH_UNKNOWN || d->c->birth_day > today)
        return deny_if(d, !kept_unknown_age_passes(p), KEPT_R_AGE_UNKNOWN, &p->age);
    if ((int64_t)today - d->c->birth_day > p->grown_days)
        return false;
    const struct band_rule *band = kept_band_on(p, d->c->birth_day, today);
    if (band == NULL) /* no test: AGE_BANDS, bands leave no gap */
        return deny(d, KEPT_R_AGE, &p->age); /* no test: nor this */
    return guarded(d, band);
}

/* Step 7: the role may do this, with this item, for this purpose. */
static bool role(struct decision *d)
{
    static const enum kept_op operation[] = {
        [KEPT_USE_COLLECT] = KEPT_OP_COLLECT,
        [KEPT_USE_READ] = KEPT_OP_USE,
        [KEPT_USE_DISCLOSE] = KEPT_OP_DISCLOSE,
    };
    const struct role_rule *role = d->q->unknown_role ? NULL : role_of(d);
    if (role == NULL)
        return deny(d, KEPT_R_ROLE, &d->p->undeclared);
    if ((role->operations >> operation[d->q->use] & 1u) == 0)
        return deny(d, KEPT_R_OPERATION, &role->rule);
    if (role->name[0] == 0)
        return false;
    size_t index = (size_t)(role - d->p->roles);
    if (!kept_bit(&d->p->role_sees, index, d->q->item)) {
        const struct rule *wall = kept_wall(d->p, role, d->q->item);
        return deny(d, wall != NULL ? KEPT_R_PARTITION : KEPT_R_ROLE, wall != NULL ? wall : &role->rule);
    }
    if (d->purpose < d->p->info.purposes && !kept_bit(&d->p->role_purposes, index, d->purpose))
        return deny(d, KEPT_R_ROLE, &role->rule);
    return false;
}

/* Step 8. */
static bool function(struct decision *d)
{
    const struct kept_policy *p = d->p;
    uint32_t index = d->q->function;
    if (d->q->unknown_function)
        return deny(d, KEPT_R_FUNCTION, &p->undeclared);
    if (index == KEPT_NO_INDEX)
        return deny_if(d, d->q->use == KEPT_USE_COLLECT, KEPT_R_FUNCTION, &p->undeclared);
    if (index >= p->info.functions || !kept_bit(&p->function_items, index, d->q->item))
        return deny_item(d, KEPT_R_FUNCTION);
    return false;
}

/* Step 9: the item was declared for the purpose, and the function follows it. */
static bool purpose(struct decision *d)
{
    const struct kept_policy *p = d->p;
    if (d->q->unknown_purpose || d->purpose >= p->info.purposes ||
        !kept_bit(&p->item_purposes, d->q->item, d->purpose))
        return deny_item(d, KEPT_R_PURPOSE);
    if (d->q->function != KEPT_NO_INDEX)
        return deny_if(d, !kept_bit(&p->function_purposes, d->q->function, d->purpose), KEPT_R_PURPOSE,
                       &p->functions[d->q->function].rule);
    const struct list *functions = &p->item_functions[d->q->item];
    for (size_t i = 0; i < functions->n; i++)
        if (kept_bit(&p->function_purposes, functions->v[i], d->purpose))
            return false;
    return deny_if(d, !d->law_read, KEPT_R_PURPOSE, &p->items[d->q->item].rule);
}

static bool agreed(const struct recipient_rule *recipient, kept_ms now)
{
    return now >= recipient->signed_at && now < recipient->expires_at; /* both 0: there is none */
}

/* May data leave the regions of storage for this recipient? */
static bool may_export(const struct decision *d, const struct recipient_rule *recipient, uint32_t target)
{
    return d->p->export == EXPORT_CONDITIONAL && target == recipient->region &&
           recipient->mechanism != NULL && recipient->checked && /* no test: EXPORT_CONDITIONS */
           recipient->consent >= KEPT_C_SEPARATE &&              /* no test: nor this */
           agreed(recipient, d->q->now);
}

/* Step 10. An unregistered recipient is left to step 11. */
static bool region(struct decision *d)
{
    const struct kept_policy *p = d->p;
    uint32_t target = d->q->region;
    if (p->served_said && !kept_list_has(&p->served_in, d->c->region) && d->q->use == KEPT_USE_COLLECT)
        return deny(d, KEPT_R_REGION, &p->served);
    if (d->q->use == KEPT_USE_READ)
        return false;
    if (d->q->use == KEPT_USE_COLLECT)
        return deny_if(d, target != KEPT_REF_NONE && !kept_list_has(&p->stored_in, target), KEPT_R_REGION,
                       &p->stored);
    if (d->q->unknown_recipient || d->q->recipient >= p->info.recipients)
        return false;
    const struct recipient_rule *recipient = &p->recipients[d->q->recipient];
    if (target == KEPT_REF_NONE)
        target = recipient->region;
    if (kept_list_has(&p->stored_in, target) || may_export(d, recipient, target))
        return false;
    return deny(d, KEPT_R_REGION, &p->stored);
}

/* Does another party pass the value in? One that gives nothing is no source, and naming it at
 * collection says nothing. */
static bool passed_in(const struct decision *d)
{
    const struct kept_policy *p = d->p;
    uint32_t by = d->q->recipient;
    if (d->q->use != KEPT_USE_COLLECT)
        return false;
    return p->items[d->q->item].from_others || d->q->unknown_recipient ||
           (by != KEPT_NO_INDEX && (by >= p->info.recipients || p->recipients[by].gives.n > 0));
}

/* Step 11: who gets it, or who gives it, and what was agreed with them. */
static bool recipient(struct decision *d)
{
    const struct kept_policy *p = d->p;
    bool in = passed_in(d);
    if (d->q->use != KEPT_USE_DISCLOSE && !in)
        return false;
    if (in && d->q->recipient == KEPT_NO_INDEX && !d->q->unknown_recipient)
        return deny_item(d, KEPT_R_RECIPIENT);
    if (d->q->unknown_recipient || d->q->recipient >= p->info.recipients)
        return deny(d, KEPT_R_RECIPIENT, &p->undeclared);
    const struct recipient_rule *to = &p->recipients[d->q->recipient];
    if (!kept_bit(in ? &p->recipient_gives : &p->recipient_items, d->q->recipient, d->q->item))
        return deny(d, KEPT_R_ITEM_NOT_IN_AGREEMENT, &to->rule);
    if (!kept_bit(&p->recipient_purposes, d->q->recipient, d->purpose))
        return deny(d, KEPT_R_PURPOSE, &to->rule);
    if (to->role != RECIPIENT_AUTHORITY && !agreed(to, d->q->now))
        return deny(d, KEPT_R_AGREEMENT_EXPIRED, &to->agreement);
    if (!in && (to->aggregate_only || (d->exempt && d->exemption->deidentified)))
        return deny(d, KEPT_R_AGGREGATE_ONLY, &to->rule);
    return false;
}

/* Step 12: a code that does not count is a denial even where consent would do: it would stand in
 * the ledger as the ground. An authority gets nothing without one. */
static bool exemption(struct decision *d)
{
    bool named = d->q->exemption != NULL && d->q->exemption[0] != 0;
    if (named && !d->exempt)
        return deny(d, KEPT_R_JUSTIFICATION,
                    d->exemption != NULL ? &d->exemption->rule : &d->p->undeclared);
    if (d->q->use == KEPT_USE_DISCLOSE && !d->exempt &&
        d->p->recipients[d->q->recipient].role == RECIPIENT_AUTHORITY)
        return deny(d, KEPT_R_JUSTIFICATION, &d->p->recipients[d->q->recipient].rule);
    return false;
}

static bool lit(const struct decision *d, const struct kept_permission_row *row)
{
    return row->on != 0 && (row->expires == 0 || d->q->now < row->expires);
}

/* Is a permission on? ret_known: somebody reported it. Of two reports at one instant off wins. */
static bool permission_on(const struct decision *d, uint32_t ref, bool *ret_known)
{
    const struct kept_permission_row *best = NULL;
    for (size_t i = 0; i < d->c->permission_count; i++) {
        const struct kept_permission_row *row = &d->c->permissions[i];
        if (row->ref == ref && (best == NULL || row->at > best->at || (row->at == best->at && !lit(d, row))))
            best = row;
    }
    *ret_known = best != NULL;
    return best != NULL && lit(d, best);
}

/* Step 13. Off is a withdrawal of what was collected with it, unless the policy says that
 * withdrawing stops collection only. */
static bool permission(struct decision *d, const struct function_rule *f)
{
    bool collect = d->q->use == KEPT_USE_COLLECT;
    if (!collect && d->exempt)
        return false;
    if (d->q->use == KEPT_USE_READ && f->effect == KEPT_WITHDRAW_COLLECT_ONLY)
        return false;
    for (size_t i = 0; i < f->permissions.n; i++) {
        bool known = false;
        if (permission_on(d, d->p->permissions[f->permissions.v[i]].ref, &known))
            continue;
        return deny(d, collect || !known ? KEPT_R_PERMISSION : KEPT_R_WITHDRAWN, &f->rule);
    }
    return false;
}

/* What is asked of the guardian where this is asked of the person. */
static enum kept_consent_kind of_guardian(enum kept_consent_kind need)
{
    return need > KEPT_C_IMPLIED ? KEPT_C_GUARDIAN : KEPT_C_NONE;
}

/* What is asked of the person: nothing but not to object, where the guardian speaks alone. */
static enum kept_consent_kind of_person(const struct decision *d, enum kept_consent_kind need)
{
    return d->band != NULL && d->band->mode == BAND_GUARDIAN ? KEPT_C_NONE : need;
}

/* One scope, one need, asked of whoever has to agree. */
static enum kept_reason agreed_to(const struct decision *d, const struct kept_consent_row *own,
                                  const struct kept_consent_row *guardian, enum kept_consent_kind need)
{
    enum kept_reason reason = kept_satisfies(d->p, own, of_person(d, need), d->q);
    return reason != KEPT_R_NONE || d->band == NULL
               ? reason
               : kept_satisfies(d->p, guardian, of_guardian(need), d->q);
}

static enum kept_reason function_voice(const struct decision *d, const struct function_rule *f,
                                       const struct voice *v, enum kept_consent_kind need)
{
    if (goes_on(d, v->function, f->effect))
        return KEPT_R_NONE;
    /* Agreeing to the whole policy is implied consent at most: it names no function (S0-0.3). */
    if (need == KEPT_C_IMPLIED && v->function == NULL)
        return kept_satisfies(d->p, v->whole, need, d->q);
    return kept_satisfies(d->p, v->function, need, d->q);
}

static enum kept_reason function_consent(const struct decision *d, const struct function_rule *f)
{
    bool notice_does = f->consent == KEPT_C_ACKNOWLEDGEMENT ||
                       (f->consent == KEPT_C_IMPLIED && d->p->info.implied_by_use);
    enum kept_consent_kind need = notice_does ? KEPT_C_NONE : f->consent;
    enum kept_reason reason = function_voice(d, f, &d->s.own, of_person(d, need));
    return reason != KEPT_R_NONE || d->band == NULL
               ? reason
               : function_voice(d, f, &d->s.guardian, of_guardian(need));
}

static enum kept_reason item_voice(const struct decision *d, const struct function_rule *f,
                                   const struct voice *v, enum kept_consent_kind need)
{
    if (goes_on(d, v->item, d->p->info.withdrawal))
        return KEPT_R_NONE;
    enum kept_reason reason = kept_satisfies(d->p, v->item, need, d->q);
    if (reason == KEPT_R_NONE || reason == KEPT_R_REFUSED || reason == KEPT_R_WITHDRAWN)
        return reason;
    if (goes_on(d, v->function, f->effect))
        return KEPT_R_NONE;
    enum kept_reason other = kept_satisfies(d->p, v->function, need, d->q);
    return other == KEPT_R_NONE || v->item == NULL ? other : reason;
}

static enum kept_reason item_consent(const struct decision *d, const struct function_rule *f)
{
    const struct item_rule *item = &d->p->items[d->q->item];
    bool apart = item->pub.sensitive || item->separate_consent;
    enum kept_consent_kind need = apart ? KEPT_C_SEPARATE : KEPT_C_NONE;
    enum kept_reason reason = item_voice(d, f, &d->s.own, of_person(d, need));
    return reason != KEPT_R_NONE || d->band == NULL
               ? reason
               : item_voice(d, f, &d->s.guardian, of_guardian(need));
}

/* Step 14 for the person's own choices: purpose, function, item. */
static bool consent(struct decision *d, const struct function_rule *f)
{
    const struct purpose_rule *why = &d->p->purposes[d->purpose];
    if (d->exempt || f->basis == BASIS_LEGAL_OBLIGATION)
        return false;
    enum kept_reason reason = agreed_to(d, d->s.own.purpose, d->s.guardian.purpose, why->consent);
    if (reason != KEPT_R_NONE)
        return deny(d, reason, &why->rule);
    if ((reason = function_consent(d, f)) != KEPT_R_NONE)
        return deny(d, reason, &f->rule);
    if ((reason = item_consent(d, f)) != KEPT_R_NONE)
        return deny_item(d, reason);
    return false;
}

/* Step 14 for the recipient, or for who passes the value in. */
static bool recipient_consent(struct decision *d)
{
    if ((d->q->use != KEPT_USE_DISCLOSE && !passed_in(d)) || d->exempt)
        return false;
    const struct recipient_rule *to = &d->p->recipients[d->q->recipient];
    enum kept_consent_kind need = to->consent;
    bool background = (d->q->facts & KEPT_F_BACKGROUND) != 0;
    if (to->sdk && background) {
        if (to->self_start == SELF_START_NEVER)
            return deny(d, KEPT_R_USER_ACTION, &to->rule);
        if (need == KEPT_C_NONE)
            need = KEPT_C_EXPLICIT;
    }
    enum kept_reason reason = agreed_to(d, d->s.own.recipient, d->s.guardian.recipient, need);
    return deny_if(d, reason != KEPT_R_NONE, reason, &to->rule);
}

/* Was consent to the function given in this very launch? Its row of launches names no item. */
static bool agreed_in_launch(const struct decision *d, const struct function_rule *f)
{
    for (size_t i = 0; d->q->launch != 0 && i < d->c->launch_count; i++)
        if (d->c->launches[i].function == f->ref && d->c->launches[i].item == KEPT_REF_NONE &&
            d->c->launches[i].launch == d->q->launch)
            return true;
    return false;
}

/* Step 15: what only the caller can know of this moment: which case it belongs to, and, for
 * collection, whether the person is there. */
static bool moment(struct decision *d, const struct function_rule *f)
{
    const struct kept_question *q = d->q;
    if (f->needs_case && !q->justified)
        return deny(d, KEPT_R_JUSTIFICATION, &f->rule);
    if (q->use != KEPT_USE_COLLECT)
        return false;
    if (f->in_use && (q->facts & KEPT_F_IN_USE) == 0)
        return deny(d, KEPT_R_NOT_IN_USE, &f->rule);
    if (f->user_action && ((q->facts & KEPT_F_USER_ACTION) == 0 || (q->facts & KEPT_F_BACKGROUND) != 0))
        return deny(d, KEPT_R_USER_ACTION, &f->rule);
    if (f->each_launch && !agreed_in_launch(d, f))
        return deny(d, KEPT_R_CONSENT_EXPIRED, &f->rule);
    if (!f->once_per_launch)
        return false;
    if (q->launch == 0)
        return deny(d, KEPT_R_FREQUENCY, &f->rule);
    uint32_t item = d->p->items[q->item].pub.ref;
    for (size_t i = 0; i < d->c->launch_count; i++)
        if (d->c->launches[i].function == f->ref && d->c->launches[i].item == item &&
            d->c->launches[i].launch >= q->launch)
            return deny(d, KEPT_R_FREQUENCY, &f->rule);
    return false;
}

/* Step 16: allowed; how much of it does the role see, and by which rule? */
static struct kept_verdict grant(const struct decision *d, const struct rule *rule)
{
    struct kept_verdict verdict = {.decision = KEPT_ALLOW, .reason = KEPT_R_NONE,
                                   .clause = rule->clause, .line = rule->line};
    if (d->q->use == KEPT_USE_DISCLOSE &&
        kept_bit(&d->p->recipient_masked, d->q->recipient, d->q->item)) {
        verdict.decision = KEPT_MASK;
        verdict.reason = KEPT_R_MASKED;
    }
    if (d->q->use != KEPT_USE_READ)
        return verdict;
    const struct role_rule *role = role_of(d);
    bool raw = role->name[0] == 0 || kept_bit(&d->p->role_raw, (size_t)(role - d->p->roles), d->q->item);
    if (!raw)
        rule = &role->rule;
    else if (d->exempt && d->exemption->deidentified)
        rule = &d->exemption->rule;
    else
        return verdict;
    return (struct kept_verdict){.decision = KEPT_MASK, .reason = KEPT_R_MASKED,
                                 .clause = rule->clause, .line = rule->line};
}

static struct kept_verdict denied(const struct decision *d)
{
    return (struct kept_verdict){.decision = KEPT_DENY, .reason = d->reason,
                                 .clause = d->rule->clause, .line = d->rule->line};
}

/* Steps 13 to 15 for one function. */
static bool by_function(struct decision *d, uint32_t index)
{
    const struct function_rule *f = &d->p->functions[index];
    d->rule = &f->rule;
    if ((f->client.said && kept_not_offered(f, d->q, &d->reason)) || permission(d, f))
        return true;
    kept_standing_function(d->c, f->ref, &d->s);
    return consent(d, f) || recipient_consent(d) || moment(d, f);
}

/* The function named, or, for a value already held, any that has the item for the purpose: what
 * rests on two grounds falls with both, not with one. Of several denials the first counts. */
static struct kept_verdict by_functions(struct decision *d)
{
    const struct list *functions = &d->p->item_functions[d->q->item];
    const struct rule *shared =
        d->q->use == KEPT_USE_DISCLOSE ? &d->p->recipients[d->q->recipient].rule : NULL;
    const struct rule *rule = NULL; /* of the first denial */
    enum kept_reason reason = KEPT_R_DEFAULT;
    if (d->law_read)
        return grant(d, &role_of(d)->rule);
    if (d->q->function != KEPT_NO_INDEX)
        return by_function(d, d->q->function)
                   ? denied(d)
                   : grant(d, shared != NULL ? shared : &d->p->functions[d->q->function].rule);
    for (size_t i = 0; i < functions->n; i++) {
        uint32_t f = functions->v[i];
        if (!kept_bit(&d->p->function_purposes, f, d->purpose))
            continue;
        if (!by_function(d, f))
            return grant(d, shared != NULL ? shared : &d->p->functions[f].rule);
        if (rule == NULL) {
            rule = d->rule;
            reason = d->reason;
        }
    }
    d->rule = rule != NULL ? rule : &no_rule; /* no test: where no function serves the purpose, it was denied before */
    d->reason = reason;
    return denied(d);
}

/* The person's word on everything (scope: the whole policy). Nothing opens what it closes. */
static bool whole_policy(struct decision *d)
{
    const struct kept_consent_row *whole = d->s.own.whole;
    if (whole == NULL || whole->state == KEPT_CS_GRANTED || goes_on(d, whole, d->p->info.withdrawal))
        return false;
    return whole->state == KEPT_CS_REFUSED ? deny(d, KEPT_R_REFUSED, &d->p->refusal)
                                           : deny(d, KEPT_R_WITHDRAWN, &d->p->withdrawal);
}

/* Steps 1 to 6: what does not depend on who asks. */
static bool person(struct decision *d)
{
    if (state(d))
        return true;
    kept_standing(d->p, d->c, d->q, d->purpose, &d->s);
    if (!d->law_read && whole_policy(d))
        return true;
    if (!d->law_read && d->c->notice_version != d->p->info.version && !d->s.acknowledged &&
        !(d->exempt && d->exemption->spares_notice))
        return deny(d, KEPT_R_NO_NOTICE, &d->p->notice);
    if (!d->law_read && d->c->unshown && !(d->exempt && d->exemption->spares_notice))
        return deny(d, KEPT_R_NO_NOTICE, d->p->changes.line != 0 ? &d->p->changes : &d->p->notice);
    if (d->q->item >= d->p->info.items)
        return deny(d, KEPT_R_UNDECLARED, &d->p->undeclared);
    return place(d, &d->p->items[d->q->item]) || (!d->law_read && age(d));
}

struct kept_verdict kept_decide(const struct kept_policy *policy, const struct kept_context *context,
                                const struct kept_question *question)
{
    struct decision d = {.p = policy, .c = context, .q = question, .reason = KEPT_R_DEFAULT,
                         .rule = &no_rule};
    if (policy == NULL || context == NULL || question == NULL ||
        question->use < KEPT_USE_COLLECT || question->use > KEPT_USE_DISCLOSE ||
        context->policy_version != policy->info.version)
        return denied(&d);
    if (question->own)
        return kept_decide_own(policy, context, question);
    look_up_exemption(&d);
    d.law_read = is_law_read(&d);
    d.purpose = question->purpose;
    if (question->use == KEPT_USE_COLLECT && !question->unknown_purpose &&
        question->purpose == KEPT_NO_INDEX && !question->unknown_function &&
        question->function < policy->info.functions)
        d.purpose = policy->functions[question->function].purposes.v[0];
    if (person(&d) || role(&d) || function(&d) || purpose(&d) || region(&d) || recipient(&d) ||
        exemption(&d))
        return denied(&d);
    return by_functions(&d);
}
