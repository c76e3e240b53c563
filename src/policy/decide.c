/* decide.c - the decision. Pure and total: every way out that is not the last line is a denial.
 *
 * The order of the steps is the order in which a reason is given when several hold; README.md and
 * policies/README.md say it in words, tests/policy/reference.c once more in code. */
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
};

static const struct rule no_rule = {.clause = "", .line = 0};

static struct kept_verdict deny(enum kept_reason reason, const struct rule *rule)
{
    return (struct kept_verdict){.decision = KEPT_DENY, .reason = reason, .clause = rule->clause,
                                 .line = rule->line};
}

static struct kept_verdict pass(void)
{
    return (struct kept_verdict){.decision = KEPT_ALLOW, .reason = KEPT_R_NONE, .clause = "",
                                 .line = 0};
}

static bool denies(const struct kept_verdict *verdict)
{
    return verdict->decision == KEPT_DENY;
}

static struct rule item_rule_of(const struct item_rule *item)
{
    return (struct rule){.clause = item->pub.clause, .line = item->pub.line};
}

static struct kept_verdict deny_item(enum kept_reason reason, const struct item_rule *item)
{
    struct rule rule = item_rule_of(item);
    return deny(reason, &rule);
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
static struct kept_verdict state(const struct decision *d)
{
    if (d->c->ceased && d->q->use != KEPT_USE_READ)
        return deny(KEPT_R_CEASED, &d->p->cessation);
    switch (d->c->state) {
    case KEPT_S_LIVE:
        return pass();
    case KEPT_S_REFUSED:
        return deny(KEPT_R_REFUSED, &d->p->refusal);
    case KEPT_S_RESTRICTED:
        return deny(KEPT_R_RESTRICTED, &no_rule);
    case KEPT_S_ERASED:
        return deny(KEPT_R_ERASED, &no_rule);
    case KEPT_S_KEPT_BY_LAW:
        return d->law_read ? pass() : deny(KEPT_R_KEPT_BY_LAW, &no_rule);
    case KEPT_S_NONE:
        break;
    }
    return deny(KEPT_R_DEFAULT, &no_rule);
}

/* What a role that the law sends may read of someone who is erased for all others. */
static bool is_law_read(const struct decision *d)
{
    const struct kept_question *q = d->q;
    if (q->use != KEPT_USE_READ || d->c->state != KEPT_S_KEPT_BY_LAW || q->unknown_role ||
        q->role == KEPT_NO_INDEX || q->role >= d->p->info.roles || !d->p->roles[q->role].law)
        return false;
    if (q->item >= d->p->info.items || q->unknown_purpose || q->purpose >= d->p->info.purposes ||
        !d->p->purposes[q->purpose].law)
        return false;
    return q->held || d->p->items[q->item].pub.class == KEPT_CLASS_LAW;
}

/* Step 3: the notice of the governing version was seen. */
static bool notice_seen(const struct decision *d)
{
    uint32_t version = d->p->info.version;
    if (d->c->notice_version == version)
        return true;
    for (size_t i = 0; i < d->c->consent_count; i++) {
        const struct kept_consent_row *row = &d->c->consents[i];
        if (row->kind == KEPT_C_ACKNOWLEDGEMENT && row->state == KEPT_CS_GRANTED &&
            row->scope_kind == KEPT_K_NONE && row->policy_version == version)
            return true;
    }
    return false;
}

/* Step 5: some values rest where kept cannot take them in or give them out. */
static struct kept_verdict place(const struct decision *d, const struct item_rule *item)
{
    if (item->pub.place == KEPT_PLACE_DEVICE)
        return deny_item(KEPT_R_ON_DEVICE, item);
    if (item->pub.place == KEPT_PLACE_TRANSIENT)
        return deny_item(KEPT_R_TRANSIENT, item);
    if (item->pub.hashed && d->q->use != KEPT_USE_COLLECT)
        return deny_item(KEPT_R_NO_VALUE, item);
    return pass();
}

/* Step 6. */
static struct kept_verdict age(const struct decision *d)
{
    const struct kept_policy *p = d->p;
    if (!p->age_gated)
        return pass();
    int32_t today = kept_day_of(d->q->now, p->info.utc_offset_minutes);
    if (d->c->birth_day == KEPT_BIRTH_UNKNOWN || d->c->birth_day > today)
        return p->age_unknown_allowed ? pass() : deny(KEPT_R_AGE_UNKNOWN, &p->age);
    if ((int64_t)today - d->c->birth_day > p->grown_days)
        return pass();
    int years = kept_age_years(d->c->birth_day, today);
    for (size_t i = 0; i < p->band_count; i++)
        if (years >= p->bands[i].from && years < p->bands[i].below)
            return p->bands[i].mode == BAND_SELF ? pass() : deny(KEPT_R_AGE, &p->bands[i].rule);
    return deny(KEPT_R_AGE, &p->age);
}

/* Step 7: the role may do this, with this item, for this purpose. */
static struct kept_verdict role(const struct decision *d)
{
    static const enum kept_op operation[] = {
        [KEPT_USE_COLLECT] = KEPT_OP_COLLECT,
        [KEPT_USE_READ] = KEPT_OP_USE,
        [KEPT_USE_DISCLOSE] = KEPT_OP_DISCLOSE,
    };
    const struct role_rule *role = d->q->unknown_role ? NULL : role_of(d);
    if (role == NULL)
        return deny(KEPT_R_ROLE, &d->p->undeclared);
    if ((role->operations >> operation[d->q->use] & 1u) == 0)
        return deny(KEPT_R_OPERATION, &role->rule);
    if (role->name[0] == 0)
        return pass();
    size_t index = (size_t)(role - d->p->roles);
    if (!kept_bit(&d->p->role_sees, index, d->q->item))
        return deny(KEPT_R_ROLE, &role->rule);
    if (d->purpose < d->p->info.purposes && !kept_bit(&d->p->role_purposes, index, d->purpose))
        return deny(KEPT_R_ROLE, &role->rule);
    return pass();
}

/* Step 8. */
static struct kept_verdict function(const struct decision *d)
{
    const struct kept_policy *p = d->p;
    uint32_t index = d->q->function;
    if (d->q->unknown_function)
        return deny(KEPT_R_FUNCTION, &p->undeclared);
    if (index == KEPT_NO_INDEX)
        return d->q->use == KEPT_USE_COLLECT ? deny(KEPT_R_FUNCTION, &p->undeclared) : pass();
    if (index >= p->info.functions || !kept_bit(&p->function_items, index, d->q->item))
        return deny_item(KEPT_R_FUNCTION, &p->items[d->q->item]);
    return pass();
}

/* Step 9: the item was declared for the purpose, and the function follows it. */
static struct kept_verdict purpose(const struct decision *d)
{
    const struct kept_policy *p = d->p;
    if (d->q->unknown_purpose || d->purpose >= p->info.purposes ||
        !kept_bit(&p->item_purposes, d->q->item, d->purpose))
        return deny_item(KEPT_R_PURPOSE, &p->items[d->q->item]);
    if (d->q->function != KEPT_NO_INDEX)
        return kept_bit(&p->function_purposes, d->q->function, d->purpose)
                   ? pass()
                   : deny(KEPT_R_PURPOSE, &p->functions[d->q->function].rule);
    const struct list *functions = &p->item_functions[d->q->item];
    for (size_t i = 0; i < functions->n; i++)
        if (kept_bit(&p->function_purposes, functions->v[i], d->purpose))
            return pass();
    return d->law_read ? pass() : deny_item(KEPT_R_PURPOSE, &p->items[d->q->item]);
}

static bool among(const struct list *list, uint32_t value)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->v[i] == value)
            return true;
    return false;
}

static bool agreed(const struct recipient_rule *recipient, kept_ms now)
{
    return recipient->agreement.line != 0 && now >= recipient->signed_at &&
           now < recipient->expires_at;
}

/* May data leave the regions of storage for this recipient? */
static bool may_export(const struct decision *d, const struct recipient_rule *recipient,
                       uint32_t target)
{
    return d->p->export == EXPORT_CONDITIONAL && target == recipient->region &&
           recipient->mechanism != NULL && recipient->checked &&
           recipient->consent == KEPT_C_SEPARATE && agreed(recipient, d->q->now);
}

/* Step 10. An unregistered recipient is left to step 11. */
static struct kept_verdict region(const struct decision *d)
{
    const struct kept_policy *p = d->p;
    uint32_t target = d->q->region;
    if (p->served_said && !among(&p->served_in, d->c->region) && d->q->use == KEPT_USE_COLLECT)
        return deny(KEPT_R_REGION, &p->served);
    if (d->q->use == KEPT_USE_READ)
        return pass();
    if (d->q->use == KEPT_USE_COLLECT)
        return target == KEPT_REF_NONE || among(&p->stored_in, target)
                   ? pass()
                   : deny(KEPT_R_REGION, &p->stored);
    if (d->q->unknown_recipient || d->q->recipient >= p->info.recipients)
        return pass();
    const struct recipient_rule *recipient = &p->recipients[d->q->recipient];
    if (target == KEPT_REF_NONE)
        target = recipient->region;
    if (among(&p->stored_in, target) || may_export(d, recipient, target))
        return pass();
    return deny(KEPT_R_REGION, &p->stored);
}

/* Step 11: who gets it, and what was agreed with them. */
static struct kept_verdict recipient(const struct decision *d)
{
    const struct kept_policy *p = d->p;
    if (d->q->use != KEPT_USE_DISCLOSE)
        return pass();
    if (d->q->unknown_recipient || d->q->recipient >= p->info.recipients)
        return deny(KEPT_R_RECIPIENT, &p->undeclared);
    const struct recipient_rule *to = &p->recipients[d->q->recipient];
    if (!kept_bit(&p->recipient_items, d->q->recipient, d->q->item))
        return deny(KEPT_R_ITEM_NOT_IN_AGREEMENT, &to->rule);
    if (!kept_bit(&p->recipient_purposes, d->q->recipient, d->purpose))
        return deny(KEPT_R_PURPOSE, &to->rule);
    if (to->role != RECIPIENT_AUTHORITY && !agreed(to, d->q->now))
        return deny(KEPT_R_AGREEMENT_EXPIRED, to->agreement.line != 0 ? &to->agreement : &to->rule);
    if (to->aggregate_only || (d->exempt && d->exemption->deidentified))
        return deny(KEPT_R_AGGREGATE_ONLY, &to->rule);
    return pass();
}

/* Step 12: a code that does not count is a denial even where consent would do: it would stand in
 * the ledger as the ground. An authority gets nothing without one. */
static struct kept_verdict exemption(const struct decision *d)
{
    bool named = d->q->exemption != NULL && d->q->exemption[0] != 0;
    if (named && !d->exempt)
        return deny(KEPT_R_JUSTIFICATION,
                    d->exemption != NULL ? &d->exemption->rule : &d->p->undeclared);
    if (d->q->use == KEPT_USE_DISCLOSE && !d->exempt &&
        d->p->recipients[d->q->recipient].role == RECIPIENT_AUTHORITY)
        return deny(KEPT_R_JUSTIFICATION, &d->p->recipients[d->q->recipient].rule);
    return pass();
}

/* Is a permission on? ret_known: somebody reported it. Of two reports at one instant off wins. */
static bool permission_on(const struct decision *d, uint32_t ref, bool *ret_known)
{
    const struct kept_permission_row *best = NULL;
    for (size_t i = 0; i < d->c->permission_count; i++) {
        const struct kept_permission_row *row = &d->c->permissions[i];
        if (row->ref == ref && (best == NULL || row->at > best->at ||
                                (row->at == best->at && row->on == 0)))
            best = row;
    }
    *ret_known = best != NULL;
    return best != NULL && best->on != 0;
}

/* Step 13. Off is a withdrawal of what was collected with it, unless the policy says that
 * withdrawing stops collection only. */
static struct kept_verdict permission(const struct decision *d, const struct function_rule *f)
{
    bool collect = d->q->use == KEPT_USE_COLLECT;
    if (!collect && d->exempt)
        return pass();
    if (d->q->use == KEPT_USE_READ && d->p->info.withdrawal == KEPT_WITHDRAW_COLLECT_ONLY)
        return pass();
    for (size_t i = 0; i < f->permissions.n; i++) {
        bool known = false;
        if (permission_on(d, d->p->permissions[f->permissions.v[i]].ref, &known))
            continue;
        return deny(collect || !known ? KEPT_R_PERMISSION : KEPT_R_WITHDRAWN, &f->rule);
    }
    return pass();
}

/* Reading what was collected before a withdrawal, where the policy lets it go on. */
static bool goes_on(const struct decision *d, const struct kept_consent_row *row)
{
    return row != NULL && row->state == KEPT_CS_WITHDRAWN && d->q->use == KEPT_USE_READ &&
           d->p->info.withdrawal == KEPT_WITHDRAW_COLLECT_ONLY;
}

static enum kept_reason function_consent(const struct decision *d, const struct function_rule *f,
                                         const struct standing *s)
{
    enum kept_consent_kind need =
        f->consent == KEPT_C_ACKNOWLEDGEMENT || (f->consent == KEPT_C_IMPLIED &&
                                                 d->p->info.implied_by_use)
            ? KEPT_C_NONE
            : f->consent;
    if (goes_on(d, s->function))
        return KEPT_R_NONE;
    /* Agreeing to the whole policy is implied consent at most: it names no function (S0-0.3). */
    if (need == KEPT_C_IMPLIED && s->function == NULL)
        return kept_satisfies(d->p, s->whole, need, d->q);
    return kept_satisfies(d->p, s->function, need, d->q);
}

static enum kept_reason item_consent(const struct decision *d, const struct standing *s)
{
    bool sensitive = d->p->items[d->q->item].pub.sensitive;
    if (goes_on(d, s->item))
        return KEPT_R_NONE;
    enum kept_reason reason =
        kept_satisfies(d->p, s->item, sensitive ? KEPT_C_SEPARATE : KEPT_C_NONE, d->q);
    if (reason == KEPT_R_NONE || reason == KEPT_R_REFUSED || reason == KEPT_R_WITHDRAWN)
        return reason;
    if (goes_on(d, s->function))
        return KEPT_R_NONE;
    enum kept_reason other = kept_satisfies(d->p, s->function, KEPT_C_SEPARATE, d->q);
    return other == KEPT_R_NONE || s->item == NULL ? other : reason;
}

/* Step 14 for the person's own choices: purpose, function, item. */
static struct kept_verdict consent(const struct decision *d, const struct function_rule *f,
                                   const struct standing *s)
{
    const struct purpose_rule *why = &d->p->purposes[d->purpose];
    const struct item_rule *item = &d->p->items[d->q->item];
    if (d->exempt || f->basis == BASIS_LEGAL_OBLIGATION)
        return pass();
    enum kept_reason reason = kept_satisfies(d->p, s->purpose, why->consent, d->q);
    if (reason != KEPT_R_NONE)
        return deny(reason, &why->rule);
    if ((reason = function_consent(d, f, s)) != KEPT_R_NONE)
        return deny(reason, &f->rule);
    if ((reason = item_consent(d, s)) != KEPT_R_NONE)
        return deny_item(reason, item);
    return pass();
}

/* Step 14 for the recipient. */
static struct kept_verdict recipient_consent(const struct decision *d, const struct standing *s)
{
    if (d->q->use != KEPT_USE_DISCLOSE || d->exempt)
        return pass();
    const struct recipient_rule *to = &d->p->recipients[d->q->recipient];
    enum kept_consent_kind need = to->consent;
    bool background = (d->q->facts & KEPT_F_BACKGROUND) != 0;
    if (strcmp(to->kind, "sdk") == 0 && background) {
        if (to->self_start == SELF_START_NEVER)
            return deny(KEPT_R_USER_ACTION, &to->rule);
        if (need == KEPT_C_NONE)
            need = KEPT_C_EXPLICIT;
    }
    enum kept_reason reason = kept_satisfies(d->p, s->recipient, need, d->q);
    return reason == KEPT_R_NONE ? pass() : deny(reason, &to->rule);
}

/* Step 15: what only the app can know of this moment. */
static struct kept_verdict moment(const struct decision *d, const struct function_rule *f)
{
    const struct kept_question *q = d->q;
    if (q->use != KEPT_USE_COLLECT)
        return pass();
    if (f->in_use && (q->facts & KEPT_F_IN_USE) == 0)
        return deny(KEPT_R_NOT_IN_USE, &f->rule);
    if (f->user_action && ((q->facts & KEPT_F_USER_ACTION) == 0 ||
                           (q->facts & KEPT_F_BACKGROUND) != 0))
        return deny(KEPT_R_USER_ACTION, &f->rule);
    if (!f->once_per_launch)
        return pass();
    if (q->launch == 0)
        return deny(KEPT_R_FREQUENCY, &f->rule);
    uint32_t item = d->p->items[q->item].pub.ref;
    for (size_t i = 0; i < d->c->launch_count; i++)
        if (d->c->launches[i].function == f->ref && d->c->launches[i].item == item &&
            d->c->launches[i].launch >= q->launch)
            return deny(KEPT_R_FREQUENCY, &f->rule);
    return pass();
}

/* Step 16: allowed; how much of it does the role see, and by which rule? */
static struct kept_verdict grant(const struct decision *d, const struct rule *rule)
{
    struct kept_verdict verdict = {.decision = KEPT_ALLOW, .reason = KEPT_R_NONE,
                                   .clause = rule->clause, .line = rule->line};
    if (d->q->use != KEPT_USE_READ)
        return verdict;
    const struct role_rule *role = role_of(d);
    bool raw = role->name[0] == 0 ||
               kept_bit(&d->p->role_raw, (size_t)(role - d->p->roles), d->q->item);
    if (!raw)
        rule = &role->rule;
    else if (d->exempt && d->exemption->deidentified)
        rule = &d->exemption->rule;
    else
        return verdict;
    return (struct kept_verdict){.decision = KEPT_MASK, .reason = KEPT_R_MASKED,
                                 .clause = rule->clause, .line = rule->line};
}

/* Steps 13 to 16 for one function. */
static struct kept_verdict by_function(const struct decision *d, uint32_t index)
{
    const struct function_rule *f = &d->p->functions[index];
    struct kept_verdict verdict = permission(d, f);
    if (denies(&verdict))
        return verdict;
    struct standing s = kept_standing(d->p, d->c, d->q, index, d->purpose);
    verdict = consent(d, f, &s);
    if (denies(&verdict))
        return verdict;
    verdict = recipient_consent(d, &s);
    if (denies(&verdict))
        return verdict;
    verdict = moment(d, f);
    if (denies(&verdict))
        return verdict;
    return grant(d, d->q->use == KEPT_USE_DISCLOSE ? &d->p->recipients[d->q->recipient].rule
                                                   : &f->rule);
}

/* The function named, or, for a value already held, any that has the item for the purpose: what
 * rests on two grounds falls with both, not with one. */
static struct kept_verdict by_functions(const struct decision *d)
{
    const struct list *functions = &d->p->item_functions[d->q->item];
    struct kept_verdict first = deny(KEPT_R_DEFAULT, &no_rule);
    bool any = false;
    if (d->law_read)
        return grant(d, &role_of(d)->rule);
    if (d->q->function != KEPT_NO_INDEX)
        return by_function(d, d->q->function);
    for (size_t i = 0; i < functions->n; i++) {
        if (!kept_bit(&d->p->function_purposes, functions->v[i], d->purpose))
            continue;
        struct kept_verdict verdict = by_function(d, functions->v[i]);
        if (!denies(&verdict))
            return verdict;
        if (!any)
            first = verdict;
        any = true;
    }
    return first;
}

/* The person's word on everything (scope: the whole policy). Nothing opens what it closes. */
static struct kept_verdict whole_policy(const struct decision *d)
{
    const struct kept_consent_row *whole = NULL;
    for (size_t i = 0; i < d->c->consent_count; i++) {
        const struct kept_consent_row *row = &d->c->consents[i];
        bool seen = row->kind == KEPT_C_ACKNOWLEDGEMENT && row->state == KEPT_CS_GRANTED;
        if (row->scope_kind == KEPT_K_NONE && !seen && (whole == NULL || row->at >= whole->at))
            whole = row;
    }
    if (whole == NULL || whole->state == KEPT_CS_GRANTED || goes_on(d, whole))
        return pass();
    return whole->state == KEPT_CS_REFUSED ? deny(KEPT_R_REFUSED, &d->p->refusal)
                                           : deny(KEPT_R_WITHDRAWN, &d->p->withdrawal);
}

/* Steps 1 to 6: what does not depend on who asks. */
static struct kept_verdict person(struct decision *d)
{
    struct kept_verdict verdict = state(d);
    if (denies(&verdict))
        return verdict;
    if (!d->law_read) {
        verdict = whole_policy(d);
        if (denies(&verdict))
            return verdict;
        if (!notice_seen(d) && !(d->exempt && d->exemption->spares_notice))
            return deny(KEPT_R_NO_NOTICE, &d->p->notice);
    }
    if (d->q->item >= d->p->info.items)
        return deny(KEPT_R_UNDECLARED, &d->p->undeclared);
    verdict = place(d, &d->p->items[d->q->item]);
    if (denies(&verdict) || d->law_read)
        return verdict;
    return age(d);
}

struct kept_verdict kept_decide(const struct kept_policy *policy,
                                const struct kept_context *context,
                                const struct kept_question *question)
{
    static struct kept_verdict (*const steps[])(const struct decision *) = {
        role, function, purpose, region, recipient, exemption};
    struct decision d = {.p = policy, .c = context, .q = question};
    if (policy == NULL || context == NULL || question == NULL ||
        question->use < KEPT_USE_COLLECT || question->use > KEPT_USE_DISCLOSE ||
        context->policy_version != policy->info.version)
        return deny(KEPT_R_DEFAULT, &no_rule);
    look_up_exemption(&d);
    d.law_read = is_law_read(&d);
    d.purpose = question->purpose;
    struct kept_verdict verdict = person(&d);
    if (denies(&verdict))
        return verdict;
    if (question->use == KEPT_USE_COLLECT && !question->unknown_purpose &&
        question->purpose == KEPT_NO_INDEX && !question->unknown_function &&
        question->function < policy->info.functions)
        d.purpose = policy->functions[question->function].purposes.v[0];
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        verdict = steps[i](&d);
        if (denies(&verdict))
            return verdict;
    }
    return by_functions(&d);
}
