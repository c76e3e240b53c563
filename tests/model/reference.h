/* reference.h - what kept should answer, slowly: people in an array, values in another, every rule where
 * it is needed, nothing sealed, nothing saved. It is written to be read.
 *
 * Whether something may be done is asked of the slow decision (tests/policy/reference.h); what a value
 * looks like, of its kind (src/vault/kind.h). Here is what becomes of people: what they agreed to, which
 * values are there, until when, and what is left of the erased. */
#ifndef KEPT_TESTS_MODEL_REFERENCE_H
#define KEPT_TESTS_MODEL_REFERENCE_H

#include "../policy/reference.h"
#include "base/clock.h"
#include "vault/kind.h"

/* Of one person, unless whoever includes this has said less. */
#ifndef REF_VALUES
#define REF_VALUES 256
#define REF_ROWS 64
#define REF_TEXT 256
#endif

struct ref_value {
    uint32_t item, record;
    char text[REF_TEXT]; /* in normal form; "" when it was there and is deleted */
    kept_ms until;       /* 0: while the account lives */
    bool gone;
};

struct ref_person {
    enum kept_subject_state state; /* KEPT_S_NONE: no trace is left */
    struct kept_consent_row consents[REF_ROWS];
    struct kept_permission_row permissions[REF_ROWS];
    struct kept_launch_row launches[REF_ROWS];
    struct ref_value values[REF_VALUES];
    size_t consent_count, permission_count, launch_count, value_count;
    uint32_t notice, next_record;
    int32_t birth_day;
    uint32_t region;
    kept_ms trace_ends; /* of the erased */
    enum { REF_NO_MINOR, REF_REPORTED, REF_CHILD } minor;
    int32_t born_said;  /* of the report */
};

struct reference {
    const struct kept_policy *policy;
    struct ref_person *people; /* in the order they appeared; the caller's, with room for a new one */
    size_t count;
    bool ceased;
    kept_ms now;
};

/* An answer, as far as the two are compared. */
struct answer {
    int error;
    enum kept_decision decision;
    enum kept_reason reason;
    int person; /* FIND: which; else -1 */
    size_t count;
    struct answer_field {
        enum kept_decision decision;
        enum kept_reason reason;
        uint32_t record;
        char value[REF_TEXT];
    } fields[REF_VALUES];
};

static void ref_says(struct answer *a, enum kept_decision decision, enum kept_reason reason)
{
    a->decision = decision;
    a->reason = reason;
}

static void ref_fails(struct answer *a, int error)
{
    a->error = error;
    a->count = 0;
    ref_says(a, KEPT_DENY, KEPT_R_NONE);
}

/* The answer as a whole is as good as its best field. */
static void ref_field(struct answer *a, enum kept_decision decision, enum kept_reason reason,
                      uint32_t record, const char *value)
{
    struct answer_field *f = &a->fields[a->count++];
    *f = (struct answer_field){.decision = decision, .reason = reason, .record = record};
    (void)snprintf(f->value, sizeof f->value, "%s", value);
    if (a->count == 1 || decision > a->decision)
        ref_says(a, decision, reason);
}

static const struct kept_item *ref_item(const struct reference *ref, const char *name,
                                        uint32_t *ret_index)
{
    *ret_index = kept_policy_index(ref->policy, KEPT_K_ITEM, kept_ref(KEPT_K_ITEM, name));
    return *ret_index == KEPT_NO_INDEX ? NULL : kept_policy_item(ref->policy, *ret_index);
}

static uint32_t ref_index(const struct reference *ref, enum kept_kind kind, const char *name)
{
    return name == NULL ? KEPT_NO_INDEX
                        : kept_policy_index(ref->policy, kind, kept_ref(kind, name));
}

/* ---- who may ask at all --------------------------------------------------------------------- */

static bool ref_erased(const struct ref_person *p)
{
    return p->state == KEPT_S_ERASED || p->state == KEPT_S_KEPT_BY_LAW;
}

/* What people are owed, and the upkeep behind an erasure, the app itself may always do. */
static bool ref_owed(const struct kept_request *r)
{
    return r->op == KEPT_OP_CONSENT_WITHDRAW || r->op == KEPT_OP_CONSENT_REFUSE ||
           r->op == KEPT_OP_ERASE_SUBJECT || r->op == KEPT_OP_ERASE_RECORD ||
           r->op == KEPT_OP_SERVICE_CEASE || (r->op == KEPT_OP_PERMISSION_SET && r->on == 0) ||
           r->op == KEPT_OP_TICK || r->op == KEPT_OP_ROTATE;
}

static bool ref_admits(const struct reference *ref, const struct ref_person *p,
                       const struct kept_request *r, struct answer *a)
{
    uint32_t role = ref_index(ref, KEPT_K_ROLE, r->role);
    bool works_on_erased = r->op == KEPT_OP_USE || r->op == KEPT_OP_DISCLOSE ||
                           r->op == KEPT_OP_ERASE_SUBJECT || r->op == KEPT_OP_SUBJECT_SHOW;
    bool unknown = r->role != NULL && role == KEPT_NO_INDEX;
    if (unknown || !kept_policy_role_may(ref->policy, role, r->op))
        if (r->role != NULL || !ref_owed(r)) {
            ref_says(a, KEPT_DENY, KEPT_R_OPERATION);
            return false;
        }
    if (p != NULL && ref_erased(p) && !works_on_erased) {
        ref_says(a, KEPT_DENY, KEPT_R_ERASED);
        return false;
    }
    ref_says(a, KEPT_ALLOW, KEPT_R_NONE);
    return true;
}

static struct kept_verdict ref_decide(const struct reference *ref, const struct ref_person *p,
                                      const struct kept_request *r, enum kept_use use,
                                      uint32_t item)
{
    struct kept_question q = {
        .use = use,
        .item = item,
        .function = ref_index(ref, KEPT_K_FUNCTION, r->function),
        .purpose = ref_index(ref, KEPT_K_PURPOSE, r->purpose),
        .recipient = ref_index(ref, KEPT_K_RECIPIENT, r->recipient),
        .role = ref_index(ref, KEPT_K_ROLE, r->role),
        .facts = r->facts,
        .launch = r->launch,
        .justified = r->text != NULL,
        .now = ref->now,
    };
    q.unknown_function = r->function != NULL && q.function == KEPT_NO_INDEX;
    q.unknown_purpose = r->purpose != NULL && q.purpose == KEPT_NO_INDEX;
    q.unknown_recipient = r->recipient != NULL && q.recipient == KEPT_NO_INDEX;
    q.unknown_role = r->role != NULL && q.role == KEPT_NO_INDEX;
    const uint32_t version = kept_policy_info(ref->policy)->version;
    const struct kept_context c = {
        .state = p->state, .policy_version = version, .notice_version = p->notice,
        .birth_day = p->birth_day, .region = p->region, .ceased = ref->ceased,
        .consents = p->consents, .consent_count = p->consent_count,
        .permissions = p->permissions, .permission_count = p->permission_count,
        .launches = p->launches, .launch_count = p->launch_count};
    return reference_decide(ref->policy, &c, &q);
}

/* ---- people, consents, permissions ---------------------------------------------------------- */

static void ref_facts(struct reference *ref, struct ref_person *p, const struct kept_request *r,
                      struct answer *a)
{
    int32_t day = 0;
    if (r->birth_date != NULL) {
        if (kept_date_parse(r->birth_date, strlen(r->birth_date), &day) != 0 ||
            day > kept_zone_day(&kept_policy_info(ref->policy)->zone, ref->now)) {
            ref_fails(a, KEPT_E_USAGE);
            return;
        }
        p->birth_day = day;
    }
    if (r->region != NULL)
        p->region = kept_ref(KEPT_K_REGION, r->region);
    if (r->op == KEPT_OP_SUBJECT_SET && r->birth_date == NULL && r->region == NULL)
        ref_fails(a, KEPT_E_USAGE);
}

/* The row on a scope; acknowledgements are rows of their own. */
static struct kept_consent_row *ref_consent(struct ref_person *p, enum kept_kind kind, uint32_t scope,
                                            bool notice)
{
    for (size_t i = 0; i < p->consent_count; i++)
        if (p->consents[i].scope_kind == kind && p->consents[i].scope == scope &&
            (p->consents[i].kind == KEPT_C_ACKNOWLEDGEMENT) == notice)
            return &p->consents[i];
    return NULL;
}

static void ref_agree(struct ref_person *p, const struct kept_consent_row *row)
{
    struct kept_consent_row *old = ref_consent(p, (enum kept_kind)row->scope_kind, row->scope,
                                               row->kind == KEPT_C_ACKNOWLEDGEMENT);
    if (old == NULL)
        old = &p->consents[p->consent_count++];
    *old = *row;
}

static void ref_consents_change(struct reference *ref, struct ref_person *p,
                                const struct kept_request *r, struct answer *a)
{
    struct kept_consent_row row = {.scope_kind = KEPT_K_NONE, .kind = KEPT_C_EXPLICIT, .at = ref->now,
                                   .policy_version = kept_policy_info(ref->policy)->version};
    const struct { enum kept_kind kind; const char *name; } scopes[] = {
        {KEPT_K_FUNCTION, r->function}, {KEPT_K_PURPOSE, r->purpose},
        {KEPT_K_RECIPIENT, r->recipient}, {KEPT_K_ITEM, r->item}};
    for (size_t i = 0; i < 4; i++)
        if (scopes[i].name != NULL) {
            row.scope_kind = (uint8_t)scopes[i].kind;
            row.scope = kept_ref(scopes[i].kind, scopes[i].name);
            if (ref_index(ref, scopes[i].kind, scopes[i].name) == KEPT_NO_INDEX) {
                ref_fails(a, KEPT_E_NOTFOUND);
                return;
            }
        }
    (void)kept_policy_text_hash(ref->policy, kept_policy_info(ref->policy)->language, row.text_hash);
    const struct kept_consent_row *old =
        ref_consent(p, (enum kept_kind)row.scope_kind, row.scope, false);
    const struct kept_consent_row *whole = ref_consent(p, KEPT_K_NONE, 0, false);
    switch (r->op) {
    case KEPT_OP_CONSENT_GRANT:
        if ((r->consent != KEPT_C_EXPLICIT && r->consent != KEPT_C_SEPARATE) ||
            (r->consent == KEPT_C_SEPARATE && row.scope_kind == KEPT_K_NONE)) {
            ref_fails(a, KEPT_E_USAGE);
            return;
        }
        if (p->state == KEPT_S_REFUSED || p->notice == 0 ||
            (p->state == KEPT_S_RESTRICTED && whole != NULL && whole->state == KEPT_CS_REFUSED) ||
            (row.scope_kind != KEPT_K_NONE && whole != NULL && whole->state == KEPT_CS_WITHDRAWN)) {
            ref_fails(a, KEPT_E_CONFLICT);
            return;
        }
        row.kind = (uint8_t)r->consent;
        row.state = KEPT_CS_GRANTED;
        row.expires = r->expires;
        break;
    case KEPT_OP_CONSENT_REFUSE:
        row.state = KEPT_CS_REFUSED;
        if (row.scope_kind == KEPT_K_NONE && p->state != KEPT_S_RESTRICTED)
            p->state = KEPT_S_REFUSED;
        break;
    default: /* withdrawing everything withdraws each */
        for (size_t i = 0; i < p->consent_count && row.scope_kind == KEPT_K_NONE; i++)
            if (p->consents[i].kind != KEPT_C_ACKNOWLEDGEMENT) {
                p->consents[i].state = KEPT_CS_WITHDRAWN;
                p->consents[i].at = ref->now;
            }
        if (old != NULL)
            row = *old;
        row.state = KEPT_CS_WITHDRAWN;
        row.at = ref->now;
        row.expires = 0;
    }
    ref_agree(p, &row);
}

/* Who had refused everything goes on, and has refused nothing more than before. */
static void ref_acknowledge(struct reference *ref, struct ref_person *p)
{
    struct kept_consent_row row = {.kind = KEPT_C_ACKNOWLEDGEMENT, .state = KEPT_CS_GRANTED,
                                   .at = ref->now,
                                   .policy_version = kept_policy_info(ref->policy)->version};
    ref_agree(p, &row);
    p->notice = row.policy_version;
    if (p->state == KEPT_S_REFUSED)
        p->state = KEPT_S_LIVE;
    struct kept_consent_row *whole = ref_consent(p, KEPT_K_NONE, 0, false);
    if (whole != NULL && whole->state == KEPT_CS_REFUSED)
        *whole = p->consents[--p->consent_count];
}

static void ref_permission(struct reference *ref, struct ref_person *p,
                           const struct kept_request *r, struct answer *a)
{
    uint32_t name = kept_ref(KEPT_K_PERMISSION, r->permission);
    size_t i = 0;
    if (ref_index(ref, KEPT_K_PERMISSION, r->permission) == KEPT_NO_INDEX) {
        ref_says(a, KEPT_DENY, KEPT_R_UNDECLARED);
        return;
    }
    while (i < p->permission_count && p->permissions[i].ref != name)
        i++;
    if (i == p->permission_count)
        p->permission_count++;
    p->permissions[i] =
        (struct kept_permission_row){.ref = name, .on = r->on != 0, .at = ref->now};
}

/* ---- values ---------------------------------------------------------------------------------- */

/* The first living record of an item. A value whose time has passed stands until it is deleted. */
static struct ref_value *ref_held(struct ref_person *p, uint32_t item)
{
    for (size_t i = 0; i < p->value_count; i++)
        if (!p->values[i].gone && p->values[i].item == item)
            return &p->values[i];
    return NULL;
}

static bool ref_normal(const struct kept_item *item, struct kept_span value, char out[REF_TEXT])
{
    struct kept_buf normal;
    kept_buf_init(&normal, REF_TEXT - 1);
    bool fits = kept_kind_normal(kept_kind_named(item->kind), value, &normal) == 0;
    (void)snprintf(out, REF_TEXT, "%.*s", (int)normal.n, normal.n == 0 ? "" : (char *)normal.p);
    kept_buf_release(&normal);
    return fits;
}

static void ref_store(struct reference *ref, struct ref_person *p, const struct kept_item *item,
                      struct kept_span value, struct answer *a)
{
    struct ref_value *v = item->many ? NULL : ref_held(p, item->ref);
    if (v == NULL) {
        v = &p->values[p->value_count++];
        *v = (struct ref_value){.item = item->ref, .record = p->next_record++};
    }
    v->until = item->retain == 0 ? 0 : ref->now + item->retain;
    (void)ref_normal(item, value, v->text);
    a->fields[a->count - 1].record = v->record;
}

static void ref_collect(struct reference *ref, struct ref_person *p, const struct kept_request *r,
                        struct answer *a)
{
    struct kept_verdict v[8];
    const struct kept_item *items[8];
    char text[REF_TEXT];
    uint32_t index[8], f = ref_index(ref, KEPT_K_FUNCTION, r->function);
    for (size_t i = 0; i < r->field_count; i++) {
        items[i] = ref_item(ref, r->fields[i].name, &index[i]);
        v[i] = ref_decide(ref, p, r, KEPT_USE_COLLECT, index[i]);
        if (v[i].decision == KEPT_DENY || items[i] == NULL)
            continue;
        if (items[i]->locked && r->role == NULL && ref_held(p, items[i]->ref) != NULL)
            v[i] = (struct kept_verdict){KEPT_DENY, KEPT_R_LOCKED, "", 0};
        else if (!ref_normal(items[i], r->fields[i].value, text))
            v[i] = (struct kept_verdict){KEPT_DENY, KEPT_R_INVALID, "", 0};
        else if (items[i]->by_code && r->role == NULL && ref_held(p, items[i]->ref) != NULL)
            v[i] = (struct kept_verdict){KEPT_DENY, KEPT_R_NEED_VERIFICATION, "", 0}; /* nobody brings a code here */
    }
    for (size_t i = 0; i < r->field_count; i++)
        for (size_t j = 0; j < i; j++)
            if (items[i] != NULL && items[i] == items[j] && !items[i]->many) {
                ref_fails(a, KEPT_E_USAGE);
                return;
            }
    /* Without what the function cannot do without, nothing. */
    const struct list none = {0}, *needs = f == KEPT_NO_INDEX ? &none
                                                              : &ref->policy->functions[f].mandatory;
    for (size_t m = 0; m < needs->n; m++) {
        bool there = ref_held(p, kept_policy_item(ref->policy, needs->v[m])->ref) != NULL;
        for (size_t i = 0; i < r->field_count; i++)
            there |= index[i] == needs->v[m] && v[i].decision != KEPT_DENY &&
                     v[i].reason != KEPT_R_MANDATORY_MISSING;
        for (size_t i = 0; i < r->field_count && !there; i++)
            if (v[i].decision != KEPT_DENY)
                v[i] = (struct kept_verdict){KEPT_DENY, KEPT_R_MANDATORY_MISSING, "", 0};
        if (!there)
            break;
    }
    for (size_t i = 0; i < r->field_count; i++) {
        ref_field(a, v[i].decision, v[i].reason, 0, "");
        if (v[i].decision == KEPT_DENY)
            continue;
        if (items[i]->place == KEPT_PLACE_STORE)
            ref_store(ref, p, items[i], r->fields[i].value, a);
        if (r->launch != 0 && ref->policy->functions[f].once_per_launch) {
            size_t at = 0;
            while (at < p->launch_count && (p->launches[at].function != ref->policy->functions[f].ref ||
                                            p->launches[at].item != items[i]->ref))
                at++;
            p->launch_count += at == p->launch_count;
            p->launches[at] = (struct kept_launch_row){ref->policy->functions[f].ref, items[i]->ref,
                                                       r->launch};
        }
    }
}

static void ref_use(const struct reference *ref, const struct ref_person *p,
                    const struct kept_request *r, struct answer *a)
{
    uint32_t index = 0;
    const struct kept_item *item = ref_item(ref, r->fields[0].name, &index);
    struct kept_verdict v = ref_decide(ref, p, r, KEPT_USE_READ, index);
    for (size_t i = 0; i < p->value_count && item != NULL && v.decision != KEPT_DENY; i++) {
        const struct ref_value *value = &p->values[i];
        char shown[REF_TEXT];
        struct kept_buf masked;
        if (value->gone || value->item != item->ref)
            continue;
        (void)snprintf(shown, sizeof shown, "%s", value->text);
        if (v.decision == KEPT_MASK) {
            kept_buf_init(&masked, REF_TEXT - 1);
            if (item->mask_whole ||
                kept_kind_mask(kept_kind_named(item->kind), world_text(value->text), &masked) != 0)
                kept_buf_text(&masked, KEPT_KIND_HIDDEN);
            (void)snprintf(shown, sizeof shown, "%.*s", (int)masked.n, (char *)masked.p);
            kept_buf_release(&masked);
        }
        if (value->until != 0 && value->until <= ref->now)
            ref_field(a, KEPT_DENY, KEPT_R_NO_VALUE, 0, "");
        else
            ref_field(a, v.decision, v.reason, value->record, shown);
    }
    if (a->count == 0)
        ref_field(a, KEPT_DENY, v.decision == KEPT_DENY ? v.reason : KEPT_R_NO_VALUE, 0, "");
}

static void ref_find(struct reference *ref, const struct kept_request *r, struct answer *a)
{
    char wanted[REF_TEXT];
    uint32_t index = 0;
    const struct kept_item *item = ref_item(ref, r->fields[0].name, &index);
    if (item == NULL || !item->token) {
        ref_says(a, KEPT_DENY, item == NULL ? KEPT_R_UNDECLARED : KEPT_R_NOT_SEARCHABLE);
    } else if (r->role != NULL &&
               !kept_policy_role_sees(ref->policy, ref_index(ref, KEPT_K_ROLE, r->role), index)) {
        ref_says(a, KEPT_DENY,
                 kept_policy_role_reaches(ref->policy, ref_index(ref, KEPT_K_ROLE, r->role), index)
                     ? KEPT_R_ROLE
                     : KEPT_R_PARTITION);
    } else if (!ref_normal(item, r->fields[0].value, wanted)) {
        ref_fails(a, KEPT_E_USAGE);
    } else {
        ref_says(a, KEPT_DENY, KEPT_R_NO_VALUE);
        for (size_t i = ref->count; i-- > 0;) /* the first of several */
            for (size_t j = 0; j < ref->people[i].value_count && !ref_erased(&ref->people[i]); j++) {
                const struct ref_value *v = &ref->people[i].values[j];
                if (!v->gone && v->item == item->ref && strcmp(v->text, wanted) == 0 &&
                    (v->until == 0 || v->until > ref->now)) {
                    ref_says(a, KEPT_ALLOW, KEPT_R_NONE);
                    a->person = (int)i;
                }
            }
    }
}

/* ---- erasing, and time ----------------------------------------------------------------------- */

static bool ref_by_law(const struct reference *ref, const struct ref_value *v)
{
    uint32_t index = kept_policy_index(ref->policy, KEPT_K_ITEM, v->item);
    return kept_policy_item(ref->policy, index)->class == KEPT_CLASS_LAW;
}

/* Nothing is left but what a law keeps, and the trace. */
static void ref_erase(struct reference *ref, struct ref_person *p)
{
    if (ref_erased(p))
        return;
    p->state = KEPT_S_ERASED;
    for (size_t i = 0; i < p->value_count; i++) {
        p->values[i].gone |= !ref_by_law(ref, &p->values[i]);
        if (!p->values[i].gone)
            p->state = KEPT_S_KEPT_BY_LAW;
    }
    p->consent_count = p->permission_count = p->launch_count = 0;
    p->birth_day = KEPT_BIRTH_UNKNOWN;
    p->region = 0;
    p->trace_ends = ref->now + kept_policy_info(ref->policy)->evidence;
}

static void ref_erase_record(struct reference *ref, struct ref_person *p,
                             const struct kept_request *r, struct answer *a)
{
    bool any = false, law = false;
    for (size_t i = 0; i < p->value_count; i++) {
        struct ref_value *v = &p->values[i];
        if (v->gone || v->item != kept_ref(KEPT_K_ITEM, r->item) ||
            (r->record != 0 && r->record != v->record))
            continue;
        if (ref_by_law(ref, v))
            law = true;
        else
            any = v->gone = true;
    }
    if (!any)
        ref_says(a, KEPT_DENY, law ? KEPT_R_KEPT_BY_LAW : KEPT_R_NO_VALUE);
}

/* ---- children ---------------------------------------------------------------------------------- */

#define REF_ENDS (1u << KEPT_DISCOVERY_CANCEL | 1u << KEPT_DISCOVERY_DELETE)

/* Reports and findings need a policy that does something about it, and reasons. */
static bool ref_heard(const struct reference *ref, const struct kept_request *r, struct answer *a)
{
    if (kept_policy_on_discovery(ref->policy) == 0)
        ref_says(a, KEPT_DENY, KEPT_R_UNDECLARED);
    else if (r->text == NULL)
        ref_says(a, KEPT_DENY, KEPT_R_JUSTIFICATION);
    return a->decision != KEPT_DENY;
}

/* The day of birth that was found, which must fit what is said. */
static int32_t ref_found_born(const struct reference *ref, const struct kept_request *r, bool child, struct answer *a)
{
    int32_t day = KEPT_BIRTH_UNKNOWN;
    if (r->birth_date == NULL)
        return day;
    if (kept_date_parse(r->birth_date, strlen(r->birth_date), &day) != 0 ||
        day > kept_zone_day(&kept_policy_info(ref->policy)->zone, ref->now) ||
        (strcmp(kept_policy_age_band(ref->policy, day, ref->now), "self") == 0) == child)
        ref_fails(a, KEPT_E_USAGE);
    return day;
}

static void ref_found(struct reference *ref, struct ref_person *p, int32_t born)
{
    const uint32_t does = kept_policy_on_discovery(ref->policy);
    if (born == KEPT_BIRTH_UNKNOWN && p->minor == REF_REPORTED)
        born = p->born_said;
    if (born != KEPT_BIRTH_UNKNOWN)
        p->birth_day = born;
    p->minor = REF_CHILD;
    if (does != 0)
        p->state = KEPT_S_RESTRICTED;
}

static void ref_minor_report(struct reference *ref, struct ref_person *p, const struct kept_request *r, struct answer *a)
{
    if (!ref_heard(ref, r, a))
        return;
    const int32_t born = ref_found_born(ref, r, true, a);
    const uint32_t role = ref_index(ref, KEPT_K_ROLE, r->role);
    if (a->error != 0 || p->minor == REF_CHILD)
        return;
    if (born != KEPT_BIRTH_UNKNOWN && kept_policy_role_may(ref->policy, role, KEPT_OP_MINOR_SETTLE)) {
        ref_found(ref, p, born);
    } else if (p->minor == REF_NO_MINOR) {
        p->minor = REF_REPORTED;
        p->born_said = born;
        if ((kept_policy_on_discovery(ref->policy) & 1u << KEPT_DISCOVERY_RESTRICT) != 0)
            p->state = KEPT_S_RESTRICTED;
    }
}

static void ref_minor_settle(struct reference *ref, struct ref_person *p, const struct kept_request *r, struct answer *a)
{
    if (!ref_heard(ref, r, a))
        return;
    const int32_t born = ref_found_born(ref, r, r->on != 0, a);
    const char *band = kept_policy_age_band(ref->policy, p->birth_day, ref->now);
    const struct kept_consent_row *whole = ref_consent(p, KEPT_K_NONE, 0, false);
    if (a->error != 0)
        return;
    if (r->on != 0) {
        if (p->minor != REF_CHILD)
            ref_found(ref, p, born);
        return;
    }
    if (p->minor == REF_NO_MINOR || (born == KEPT_BIRTH_UNKNOWN && p->birth_day != KEPT_BIRTH_UNKNOWN && strcmp(band, "self") != 0)) {
        ref_fails(a, KEPT_E_CONFLICT);
        return;
    }
    if (born != KEPT_BIRTH_UNKNOWN)
        p->birth_day = born;
    if (p->state == KEPT_S_RESTRICTED)
        p->state = whole != NULL && whole->state == KEPT_CS_REFUSED ? KEPT_S_REFUSED : KEPT_S_LIVE;
    p->minor = REF_NO_MINOR;
}

/* What is due: children go, values end, then traces. */
static void ref_tick(struct reference *ref)
{
    const kept_ms evidence = kept_policy_info(ref->policy)->evidence;
    for (size_t i = 0; i < ref->count; i++) {
        struct ref_person *p = &ref->people[i];
        if (p->minor == REF_CHILD && !ref_erased(p) && p->state != KEPT_S_NONE &&
            (kept_policy_on_discovery(ref->policy) & REF_ENDS) != 0)
            ref_erase(ref, p);
        bool ended = false, left = false;
        for (size_t j = 0; j < p->value_count; j++) {
            struct ref_value *v = &p->values[j];
            if (!v->gone && v->until != 0 && v->until <= ref->now)
                ended = v->gone = true;
            left |= !v->gone;
        }
        if (p->state == KEPT_S_KEPT_BY_LAW && ended && !left) {
            p->state = KEPT_S_ERASED;
            p->trace_ends = ref->now + evidence;
        }
        if (!ref_erased(p) || p->trace_ends > ref->now)
            continue;
        if (p->state == KEPT_S_ERASED)
            p->state = KEPT_S_NONE;
        else
            p->trace_ends = ref->now + evidence;
    }
}

/* ---- one request ------------------------------------------------------------------------------ */

/* person: whom it is about, -1: nobody. */
static void ref_call(struct reference *ref, int person, const struct kept_request *r,
                     struct answer *a)
{
    struct ref_person *p = person < 0 ? NULL : &ref->people[person];
    memset(a, 0, sizeof *a);
    a->person = -1;
    const bool about_all = r->op == KEPT_OP_SUBJECT_NEW || r->op == KEPT_OP_SUBJECT_FIND ||
                           r->op == KEPT_OP_TICK || r->op == KEPT_OP_ROTATE ||
                           r->op == KEPT_OP_SERVICE_CEASE;
    if (!about_all && p == NULL)
        ref_fails(a, KEPT_E_USAGE);
    else if (!about_all && p->state == KEPT_S_NONE)
        ref_fails(a, KEPT_E_NOTFOUND);
    if (a->error != 0 || !ref_admits(ref, about_all ? NULL : p, r, a))
        return;
    switch (r->op) {
    case KEPT_OP_SUBJECT_NEW:
        p = &ref->people[ref->count];
        *p = (struct ref_person){.state = KEPT_S_LIVE, .next_record = 1,
                                 .birth_day = KEPT_BIRTH_UNKNOWN};
        ref_facts(ref, p, r, a);
        ref->count += a->error == 0;
        break;
    case KEPT_OP_SUBJECT_SET: ref_facts(ref, p, r, a); break;
    case KEPT_OP_SUBJECT_FIND: ref_find(ref, r, a); break;
    case KEPT_OP_CONSENT_ACKNOWLEDGE: ref_acknowledge(ref, p); break;
    case KEPT_OP_CONSENT_GRANT:
    case KEPT_OP_CONSENT_REFUSE:
    case KEPT_OP_CONSENT_WITHDRAW: ref_consents_change(ref, p, r, a); break;
    case KEPT_OP_PERMISSION_SET: ref_permission(ref, p, r, a); break;
    case KEPT_OP_COLLECT: ref_collect(ref, p, r, a); break;
    case KEPT_OP_USE: ref_use(ref, p, r, a); break;
    case KEPT_OP_DISCLOSE: {
        uint32_t index = 0;
        (void)ref_item(ref, r->fields[0].name, &index);
        struct kept_verdict v = ref_decide(ref, p, r, KEPT_USE_DISCLOSE, index);
        ref_field(a, v.decision, v.reason, 0, "");
        break;
    }
    case KEPT_OP_ERASE_SUBJECT: ref_erase(ref, p); break;
    case KEPT_OP_ERASE_RECORD: ref_erase_record(ref, p, r, a); break;
    case KEPT_OP_MINOR_REPORT: ref_minor_report(ref, p, r, a); break;
    case KEPT_OP_MINOR_SETTLE: ref_minor_settle(ref, p, r, a); break;
    case KEPT_OP_TICK: ref_tick(ref); break;
    case KEPT_OP_SERVICE_CEASE: ref->ceased = true; break;
    default: break; /* ROTATE: nobody sees anything of it; SHOW: what it shows is not compared */
    }
}

#endif
