/* explain.c - a decision asked for in supposition, and what it would need. */
#include "policy/explain.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "policy/policy_int.h"

/* ---- the rule behind a line ---------------------------------------------------------------------- */

static const char *words_in(const struct kept_policy *p, const struct text *text, const char *language)
{
    for (size_t i = 0; text != NULL && language != NULL && i < p->info.languages; i++)
        if (strcmp(p->languages[i], language) == 0)
            return text->v[i];
    return text != NULL ? text->v[0] : NULL;
}

struct found {
    const char *kind, *name;
    const struct rule *rule;
    const struct text *text, *costs;
};

static bool at_line(struct found *f, const struct rule *rule, int line, const char *kind, const char *name,
                    const struct text *text)
{
    if (rule->line != line)
        return false;
    *f = (struct found){kind, name, rule, text, NULL};
    return true;
}

static bool find_declared(const struct kept_policy *p, int line, struct found *f)
{
    const struct kept_policy_info *n = &p->info;
    for (size_t i = 0; i < n->functions; i++)
        if (at_line(f, &p->functions[i].rule, line, "function", p->functions[i].name,
                    &p->functions[i].text)) {
            f->costs = &p->functions[i].cost;
            return true;
        }
    for (size_t i = 0; i < n->items; i++)
        if (at_line(f, &p->items[i].rule, line, "item", p->items[i].pub.name, &p->items[i].text))
            return true;
    for (size_t i = 0; i < n->purposes; i++)
        if (at_line(f, &p->purposes[i].rule, line, "purpose", p->purposes[i].name,
                    &p->purposes[i].text))
            return true;
    for (size_t i = 0; i < n->recipients; i++) {
        const struct recipient_rule *to = &p->recipients[i];
        if (at_line(f, &to->rule, line, "recipient", to->name, &to->text) ||
            at_line(f, &to->agreement, line, "agreement", to->name, &to->text))
            return true;
    }
    return false;
}

static bool find_other(const struct kept_policy *p, int line, struct found *f)
{
    const struct {
        const char *name;
        const struct rule *rule;
        const struct text *text;
    } sections[] = {{"notice", &p->notice, NULL}, {"refusal", &p->refusal, &p->refusal_text},
                    {"cessation", &p->cessation, &p->cessation_text},
                    {"undeclared", &p->undeclared, NULL}, {"withdrawal", &p->withdrawal, NULL},
                    {"changes", &p->changes, NULL}, {"regions", &p->stored, NULL},
                    {"age", &p->age, NULL}};
    for (size_t i = 0; i < p->info.roles; i++)
        if (at_line(f, &p->roles[i].rule, line, "role",
                    p->roles[i].name[0] != 0 ? p->roles[i].name : "app", &p->roles[i].text))
            return true;
    for (size_t i = 0; i < p->info.partitions; i++)
        if (at_line(f, &p->partitions[i].rule, line, "partition", p->partitions[i].name,
                    &p->partitions[i].text))
            return true;
    for (size_t i = 0; i < p->exemption_count; i++)
        if (at_line(f, &p->exemptions[i].rule, line, "exemption", p->exemptions[i].code,
                    &p->exemptions[i].text))
            return true;
    for (size_t i = 0; i < p->band_count; i++)
        if (at_line(f, &p->bands[i].rule, line, "band", kept_key_word(BAND_mode, p->bands[i].mode - BAND_BLOCK),
                    NULL))
            return true;
    for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++)
        if (at_line(f, sections[i].rule, line, "section", sections[i].name, sections[i].text))
            return true;
    return false;
}

bool kept_policy_rule_at(const struct kept_policy *policy, int line, const char *language,
                         struct kept_rule_at *ret_rule, const char **text, const char **costs)
{
    struct found f = {0};
    bool there = line > 0 && (find_declared(policy, line, &f) || find_other(policy, line, &f));
    *ret_rule = there ? (struct kept_rule_at){f.kind, f.name, f.rule->clause, line}
                      : (struct kept_rule_at){"", "", "", 0};
    if (text != NULL)
        *text = there ? words_in(policy, f.text, language) : NULL;
    if (costs != NULL)
        *costs = there ? words_in(policy, f.costs, language) : NULL;
    return there;
}

/* ---- what is supposed ---------------------------------------------------------------------------- */

#define MAX_ROWS (4u * (KEPT_C_GUARDIAN + 1u) + KEPT_MAX_NEEDS)

struct supposing {
    const struct kept_policy *p;
    struct kept_context context;
    struct kept_question question;
    struct kept_consent_row rows[MAX_ROWS];
    struct kept_permission_row *permissions;
    struct kept_launch_row launch;
    struct kept_client client;
    struct kept_explanation *e;
};

static void suppose_row(struct supposing *s, enum kept_kind kind, uint32_t ref, enum kept_consent_kind consent)
{
    size_t n = s->context.consent_count;
    KEPT_INVARIANT(n < MAX_ROWS); /* one for each that was named, and for each need */
    s->rows[n] = (struct kept_consent_row){
        .scope_kind = (uint8_t)kind, .kind = (uint8_t)consent, .state = KEPT_CS_GRANTED, .scope = ref,
        .policy_version = s->p->info.version, .at = (kept_ms)n + 1,
        .by = consent == KEPT_C_GUARDIAN, .flags = KEPT_CF_EVIDENCE | KEPT_CF_WRITTEN};
    s->context.consent_count++;
}

static uint32_t index_of(const struct kept_policy *p, enum kept_kind kind, const char *name, bool *ret_unknown)
{
    uint32_t at = name != NULL ? kept_policy_index(p, kind, kept_ref(kind, name)) : KEPT_NO_INDEX;
    *ret_unknown = name != NULL && at == KEPT_NO_INDEX;
    return at;
}

static void suppose_question(struct supposing *s, const struct kept_supposed *of)
{
    struct kept_question *q = &s->question;
    bool unknown_item = false;
    s->client = of->client;
    *q = (struct kept_question){.use = of->use, .launch = of->launch, .facts = of->facts, .client = &s->client,
                                .exemption = of->exemption, .justified = of->justified,
                                .now = of->now};
    q->item = index_of(s->p, KEPT_K_ITEM, of->item, &unknown_item);
    q->function = index_of(s->p, KEPT_K_FUNCTION, of->function, &q->unknown_function);
    q->purpose = index_of(s->p, KEPT_K_PURPOSE, of->purpose, &q->unknown_purpose);
    q->recipient = index_of(s->p, KEPT_K_RECIPIENT, of->recipient, &q->unknown_recipient);
    q->role = index_of(s->p, KEPT_K_ROLE, of->role, &q->unknown_role);
    q->region = of->region != NULL ? kept_ref(KEPT_K_REGION, of->region) : KEPT_REF_NONE;
}

static void suppose_person(struct supposing *s, const struct kept_supposed *of)
{
    const char *const names[] = {of->purpose, of->function, of->item, of->recipient};
    static const enum kept_kind kinds[] = {KEPT_K_PURPOSE, KEPT_K_FUNCTION, KEPT_K_ITEM, KEPT_K_RECIPIENT};
    s->context = (struct kept_context){
        .state = KEPT_S_LIVE, .policy_version = s->p->info.version,
        .notice_version = s->p->info.version, .birth_day = KEPT_BIRTH_UNKNOWN,
        .region = s->p->served_in.n > 0 ? s->p->served_in.v[0] : KEPT_REF_NONE,
        .consents = s->rows, .permissions = s->permissions, .launches = &s->launch};
    if (of->age >= 0) /* and about a hundred days more: no birthday is near */
        s->context.birth_day = kept_zone_day(&s->p->info.zone, of->now) - of->age * 36525 / 100 - 100;
    if ((of->consents >> KEPT_C_GUARDIAN & 1u) != 0)
        suppose_row(s, KEPT_K_NONE, KEPT_REF_NONE, KEPT_C_GUARDIAN);
    for (unsigned c = KEPT_C_EXPLICIT; c <= KEPT_C_GUARDIAN; c++)
        for (size_t i = 0; (of->consents >> c & 1u) != 0 && i < sizeof kinds / sizeof kinds[0]; i++)
            if (names[i] != NULL)
                suppose_row(s, kinds[i], kept_ref(kinds[i], names[i]), (enum kept_consent_kind)c);
}

bool kept_supposed_permission(const char **list, char ret_name[KEPT_MAX_NAME + 1], bool *ret_on)
{
    const char *text = *list;
    size_t all = strcspn(text, ","), n = strcspn(text, ",=");
    const char *word = text + n;
    *ret_on = n == all || strncmp(word, "=on", 3) == 0;
    if (n == 0 || n > KEPT_MAX_NAME ||
        (n != all && (all - n != (*ret_on ? strlen("=on") : strlen("=off")) ||
                      strncmp(word, *ret_on ? "=on" : "=off", all - n) != 0)))
        return false;
    (void)snprintf(ret_name, KEPT_MAX_NAME + 1, "%.*s", (int)n, text);
    *list = text + all + (text[all] == ',');
    return true;
}

/* One that is reported twice would be what was said last: who meant what is not known. */
static int suppose_permissions(struct supposing *s, const char *list)
{
    char name[KEPT_MAX_NAME + 1];
    bool on = false, unknown = false;
    while (list != NULL && kept_supposed_permission(&list, name, &on)) {
        uint32_t at = index_of(s->p, KEPT_K_PERMISSION, name, &unknown);
        for (size_t i = 0; !unknown && i < s->context.permission_count; i++)
            unknown = s->permissions[i].ref == s->p->permissions[at].ref;
        if (unknown)
            return KEPT_E_USAGE;
        s->permissions[s->context.permission_count++] =
            (struct kept_permission_row){.ref = s->p->permissions[at].ref, .on = on, .at = 1};
    }
    return list == NULL || *list == 0 ? 0 : KEPT_E_USAGE;
}

/* ---- what it needs ------------------------------------------------------------------------------- */

/* False: there is no room for it, or what is needed already does not help. */
static bool need(struct supposing *s, enum kept_need_kind kind, enum kept_consent_kind consent,
                 const char *rule_kind, const char *name)
{
    struct kept_explanation *e = s->e;
    for (size_t i = 0; i < e->need_count; i++)
        if (e->needs[i].kind == kind && e->needs[i].consent == consent && strcmp(e->needs[i].rule_kind, rule_kind) == 0 &&
            strcmp(e->needs[i].name, name) == 0)
            return false;
    if (e->need_count == KEPT_MAX_NEEDS)
        return false;
    e->needs[e->need_count++] = (struct kept_need){kind, consent, rule_kind, name};
    return true;
}

/* The function that denied: the one that was asked for, else the one of that line. */
static const struct function_rule *function_at(const struct supposing *s, int line)
{
    const struct kept_policy *p = s->p;
    size_t i = 0;
    if (s->question.function != KEPT_NO_INDEX)
        return &p->functions[s->question.function];
    while (p->functions[i].rule.line != line) {
        i++;
        KEPT_INVARIANT(i < p->info.functions); /* a function denied, and it stands on its line */
    }
    return &p->functions[i];
}

static bool is_on(const struct supposing *s, uint32_t ref)
{
    bool on = false;
    for (size_t i = 0; i < s->context.permission_count; i++)
        on = s->permissions[i].ref == ref ? s->permissions[i].on != 0 : on; /* the later row counts */
    return on;
}

/* Those of the function that are not on: never reported, or supposed off. */
static bool need_permissions(struct supposing *s, int line)
{
    const struct function_rule *f = function_at(s, line);
    bool more = false;
    for (size_t i = 0; i < f->permissions.n; i++) {
        const struct permission_rule *one = &s->p->permissions[f->permissions.v[i]];
        if (is_on(s, one->ref))
            continue;
        more = need(s, KEPT_NEED_PERMISSION, KEPT_C_NONE, "permission", one->name);
        if (more)
            s->permissions[s->context.permission_count++] =
                (struct kept_permission_row){.ref = one->ref, .on = 1, .at = 2};
    }
    return more;
}

/* Of the scope that the denying rule is. */
static bool need_consent(struct supposing *s, int line, enum kept_consent_kind consent)
{
    static const struct {
        const char *kind;
        enum kept_kind scope;
    } scopes[] = {{"function", KEPT_K_FUNCTION}, {"item", KEPT_K_ITEM}, {"purpose", KEPT_K_PURPOSE},
                  {"recipient", KEPT_K_RECIPIENT}};
    struct kept_rule_at at;
    (void)kept_policy_rule_at(s->p, line, NULL, &at, NULL, NULL);
    for (size_t i = 0; i < sizeof scopes / sizeof scopes[0]; i++)
        if (strcmp(scopes[i].kind, at.kind) == 0) {
            if (!need(s, KEPT_NEED_CONSENT, consent, at.kind, at.name))
                return false;
            suppose_row(s, scopes[i].scope, kept_ref(scopes[i].scope, at.name), consent);
            return true;
        }
    const struct band_rule *band = kept_band_of(s->p, s->context.birth_day, s->question.now);
    KEPT_INVARIANT(band != NULL); /* what no scope asks for, an age does */
    suppose_row(s, KEPT_K_NONE, KEPT_REF_NONE, KEPT_C_GUARDIAN);
    return need(s, KEPT_NEED_GUARDIAN, band->written ? KEPT_C_WRITTEN : KEPT_C_GUARDIAN, "", "");
}

static bool need_launch(struct supposing *s, int line)
{
    const struct function_rule *f = function_at(s, line);
    if (s->question.launch == 0)
        s->question.launch = 1;
    s->launch = (struct kept_launch_row){.function = f->ref, .launch = s->question.launch};
    s->context.launch_count = 1;
    return need(s, KEPT_NEED_ASKED_NOW, KEPT_C_NONE, "function", f->name);
}

/* Some client that the function is offered on, where nothing that is known speaks against it. */
static bool need_client(struct supposing *s, int line)
{
    const struct function_rule *f = function_at(s, line);
    kept_client_fitting(f, &s->client);
    return need(s, KEPT_NEED_CLIENT, KEPT_C_NONE, "function", f->name);
}

/* A justification that is missing; or, for an authority, any exemption that is good for this use. */
static bool need_ground(struct supposing *s)
{
    struct kept_question *q = &s->question;
    bool named = q->exemption != NULL;
    if (!q->justified) {
        q->justified = true;
        if (named || kept_decide(s->p, &s->context, q).reason != KEPT_R_JUSTIFICATION)
            return need(s, KEPT_NEED_JUSTIFIED, KEPT_C_NONE, "", "");
    }
    for (size_t i = 0; !named && i < s->p->exemption_count; i++)
        if ((s->p->exemptions[i].uses >> q->use & 1u) != 0) {
            q->exemption = s->p->exemptions[i].code;
            return need(s, KEPT_NEED_EXEMPTION, KEPT_C_NONE, "exemption", q->exemption);
        }
    return false;
}

/* Who gives it, where nobody was named: a recipient that may, for this purpose. */
static bool need_source(struct supposing *s)
{
    struct kept_question *q = &s->question;
    if (q->use != KEPT_USE_COLLECT || q->unknown_recipient)
        return false;
    for (size_t i = 0; i < s->p->info.recipients; i++) {
        q->recipient = (uint32_t)i;
        if (kept_policy_gives(s->p, q->recipient, q->item) &&
            kept_decide(s->p, &s->context, q).reason != KEPT_R_PURPOSE)
            return need(s, KEPT_NEED_SOURCE, KEPT_C_NONE, "recipient", s->p->recipients[i].name);
    }
    return false;
}

/* Suppose what the denial asks for. False: nobody can give that. */
static bool mend(struct supposing *s, const struct kept_verdict *v)
{
    switch (v->reason) {
    case KEPT_R_NEEDS_CONSENT:
        return need_consent(s, v->line, KEPT_C_EXPLICIT);
    case KEPT_R_NEEDS_SEPARATE_CONSENT:
        return need_consent(s, v->line, KEPT_C_SEPARATE);
    case KEPT_R_NEEDS_WRITTEN_CONSENT:
        return need_consent(s, v->line, KEPT_C_WRITTEN);
    case KEPT_R_NEEDS_GUARDIAN:
        return need_consent(s, v->line, KEPT_C_GUARDIAN);
    case KEPT_R_PERMISSION:
    case KEPT_R_WITHDRAWN: /* by a permission that is supposed off */
        return need_permissions(s, v->line);
    case KEPT_R_OS_UNKNOWN:
    case KEPT_R_APP_VERSION_UNKNOWN:
    case KEPT_R_SURFACE_UNKNOWN:
        return need_client(s, v->line);
    case KEPT_R_RECIPIENT:
        return need_source(s);
    case KEPT_R_NOT_IN_USE:
        s->question.facts |= KEPT_F_IN_USE;
        return need(s, KEPT_NEED_IN_USE, KEPT_C_NONE, "", "");
    case KEPT_R_USER_ACTION:
        s->question.facts = (s->question.facts & ~(unsigned)KEPT_F_BACKGROUND) | KEPT_F_USER_ACTION;
        return need(s, KEPT_NEED_USER_ACTION, KEPT_C_NONE, "", "");
    case KEPT_R_FREQUENCY:
        s->question.launch = 1;
        return need(s, KEPT_NEED_LAUNCH, KEPT_C_NONE, "", "");
    case KEPT_R_CONSENT_EXPIRED:
        return need_launch(s, v->line);
    case KEPT_R_JUSTIFICATION:
        return need_ground(s);
    case KEPT_R_AGE_UNKNOWN:
        s->context.birth_day = kept_zone_day(&s->p->info.zone, s->question.now) - s->p->grown_days - 1;
        return need(s, KEPT_NEED_AGE, KEPT_C_NONE, "", "");
    default:
        return false;
    }
}

/* ---- at which step ------------------------------------------------------------------------------- */

/* The step (policy.h) that denies so. Who is supposed saw the notice, and nothing is stale, or
 * withdrawn but by a permission. */
static unsigned step_of(const struct kept_policy *p, const struct kept_verdict *v)
{
    /* where: a kind of rule that denies so at another step. 0: nobody who is supposed is denied so. */
    static const struct {
        unsigned step;
        const char *where;
        unsigned there;
    } steps[KEPT_R_COUNT] = {
        [KEPT_R_UNDECLARED] = {4, "", 0},
        [KEPT_R_ON_DEVICE] = {5, "", 0},
        [KEPT_R_TRANSIENT] = {5, "", 0},
        [KEPT_R_NO_VALUE] = {5, "", 0},
        [KEPT_R_AGE] = {6, "", 0},
        [KEPT_R_AGE_UNKNOWN] = {6, "", 0},
        [KEPT_R_NEEDS_GUARDIAN] = {14, "band", 6},
        [KEPT_R_ROLE] = {7, "", 0},
        [KEPT_R_PARTITION] = {7, "", 0},
        [KEPT_R_OPERATION] = {7, "", 0},
        [KEPT_R_FUNCTION] = {8, "", 0},
        [KEPT_R_PURPOSE] = {9, "recipient", 11},
        [KEPT_R_REGION] = {10, "", 0},
        [KEPT_R_RECIPIENT] = {11, "", 0},
        [KEPT_R_ITEM_NOT_IN_AGREEMENT] = {11, "", 0},
        [KEPT_R_AGREEMENT_EXPIRED] = {11, "", 0},
        [KEPT_R_AGGREGATE_ONLY] = {11, "", 0},
        [KEPT_R_JUSTIFICATION] = {12, "function", 15},
        [KEPT_R_CLIENT] = {13, "", 0},
        [KEPT_R_OS_UNKNOWN] = {13, "", 0},
        [KEPT_R_APP_VERSION_UNKNOWN] = {13, "", 0},
        [KEPT_R_SURFACE_UNKNOWN] = {13, "", 0},
        [KEPT_R_PERMISSION] = {13, "", 0},
        [KEPT_R_WITHDRAWN] = {13, "", 0},
        [KEPT_R_USER_ACTION] = {15, "recipient", 14},
        [KEPT_R_NOT_IN_USE] = {15, "", 0},
        [KEPT_R_FREQUENCY] = {15, "", 0},
        [KEPT_R_CONSENT_EXPIRED] = {15, "", 0},
        [KEPT_R_NEEDS_CONSENT] = {14, "", 0},
        [KEPT_R_NEEDS_SEPARATE_CONSENT] = {14, "", 0},
        [KEPT_R_NEEDS_WRITTEN_CONSENT] = {14, "", 0}};
    struct kept_rule_at at;
    if (v->decision != KEPT_DENY)
        return 16;
    (void)kept_policy_rule_at(p, v->line, NULL, &at, NULL, NULL);
    bool there = at.kind[0] != 0 && strcmp(at.kind, steps[v->reason].where) == 0;
    return there ? steps[v->reason].there : steps[v->reason].step;
}

const char *kept_explanation_with(const struct kept_explanation *e, size_t number)
{
    const struct kept_policy *p = e->policy;
    if (e->supposed.use != KEPT_USE_COLLECT || e->function >= p->info.functions)
        return NULL;
    const struct list *demanded = &p->functions[e->function].mandatory;
    for (size_t i = 0; i < demanded->n; i++) {
        const char *name = p->items[demanded->v[i]].pub.name;
        if ((e->supposed.item == NULL || strcmp(name, e->supposed.item) != 0) && number-- == 0)
            return name;
    }
    return NULL;
}

int kept_policy_explain(const struct kept_policy *policy, const struct kept_supposed *supposed,
                        struct kept_explanation *ret)
{
    struct supposing *s = kept_alloc(1, sizeof *s);
    struct kept_permission_row *permissions =
        kept_alloc(2 * policy->info.permissions + 1, sizeof *permissions); /* supposed off, and then needed */
    *ret = (struct kept_explanation){.supposed = *supposed, .policy = policy};
    if (s == NULL || permissions == NULL) {
        kept_free(s);
        kept_free(permissions);
        return KEPT_E_NOMEM;
    }
    s->p = policy;
    s->permissions = permissions;
    s->e = ret;
    suppose_question(s, supposed);
    suppose_person(s, supposed);
    int rc = suppose_permissions(s, supposed->permissions);
    ret->function = s->question.function;
    ret->verdict = kept_decide(policy, &s->context, &s->question);
    ret->step = step_of(policy, &ret->verdict);
    if (kept_policy_observed(policy, ret->function, ret->verdict.reason, supposed->now))
        ret->observed_until = kept_policy_observed_until(policy, ret->function);
    ret->then = ret->verdict;
    while (ret->then.decision == KEPT_DENY && mend(s, &ret->then)) /* each time there is a need more */
        ret->then = kept_decide(policy, &s->context, &s->question);
    kept_free(permissions);
    kept_free(s);
    return rc;
}
