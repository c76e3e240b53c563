/* scenes.h - one question, asked of two policies under the same names: of a person who may have everything,
 * and of one who lacks one thing of it. */
#ifndef KEPT_TESTS_POLICY_SCENES_H
#define KEPT_TESTS_POLICY_SCENES_H

#include "policy_aid.h"

/* What notices that two policies are not the same. FORM: the file is no policy any more. */
enum noticed { BY_DECISION = 0, BY_VALUE, BY_MASK, BY_END, BY_DUE, BY_DISPOSITION, BY_RECIPIENT, BY_FINDING, BY_FORM,
               BY_COUNT };

struct pair {
    const struct kept_policy *was, *is;
    unsigned by; /* bits of what noticed */
};

static inline void notice(struct pair *pair, enum noticed by, bool differs)
{
    pair->by |= differs ? 1u << by : 0;
}

/* ---- a person and a moment ------------------------------------------------------------------------- */

enum scope { SCOPE_FUNCTION = 0, SCOPE_ITEM, SCOPE_PURPOSE, SCOPE_RECIPIENT, SCOPE_WHOLE, SCOPES };
struct asked { /* indices of the former policy */
    enum kept_use use;
    uint32_t item, function, purpose, recipient, role;
};
struct scene {
    struct asked asked;
    struct kept_consent_row odd; /* stands in place of the ordinary row; state 0: there is none */
    enum scope odd_scope;
    bool is_odd;
    enum kept_consent_kind kind; /* of all rows */
    uint32_t back;               /* given to a version so much older */
    bool other_words, off, no_permissions, launched, unasked;
    int guardian;                /* 0: nobody speaks for them; 1: somebody said yes; 2: in writing */
    struct kept_context context; /* but for its rows */
    struct kept_question question; /* but for the names and the client */
    struct kept_client client;
    bool no_client;
};

static inline uint32_t region(const char *name)
{
    static const char *const names[] = {"CN", "HK", "SG"};
    static uint32_t refs[COUNT(names)];
    for (size_t i = 0; i < COUNT(names); i++) {
        refs[i] = refs[i] == 0 ? kept_ref(KEPT_K_REGION, names[i]) : refs[i];
        if (strcmp(names[i], name) == 0)
            return refs[i];
    }
    return KEPT_REF_NONE;
}

/* Where none is named: the first that has the item for the purpose. */
static inline uint32_t function_for(const struct kept_policy *p, const struct asked *a)
{
    if (a->function != KEPT_NO_INDEX || a->item == KEPT_NO_INDEX)
        return a->function;
    const struct list *functions = &p->item_functions[a->item];
    for (size_t i = 0; i < functions->n; i++)
        if (a->purpose != KEPT_NO_INDEX && kept_bit(&p->function_purposes, functions->v[i], a->purpose))
            return functions->v[i];
    return KEPT_NO_INDEX;
}

/* Everything is as it should be. */
static inline struct scene scene_of(const struct kept_policy *p, const struct asked *asked)
{
    uint32_t function = function_for(p, asked);
    struct scene s = {.asked = *asked, .kind = KEPT_C_WRITTEN, .context = live(p), .question = ask(asked->use)};
    s.context.region = region("CN");
    s.question.launch = 2;
    s.question.justified = true;
    if (function != KEPT_NO_INDEX)
        kept_client_fitting(&p->functions[function], &s.client);
    return s;
}

static inline void odd(struct scene *s, enum scope scope, enum kept_consent_state state, enum kept_consent_kind kind)
{
    s->is_odd = true;
    s->odd_scope = scope;
    s->odd = (struct kept_consent_row){.state = (uint8_t)state, .kind = (uint8_t)kind};
}

/* One thing is as it should not be; false: there are no more. */
static inline bool spoil(struct scene *s, int number)
{
    const int32_t today = 20605;
    switch (number) {
    case 0: return true;
    case 1: s->kind = KEPT_C_NONE; return true;
    case 2: s->kind = KEPT_C_IMPLIED; return true;
    case 3: s->kind = KEPT_C_EXPLICIT; return true;
    case 4: s->kind = KEPT_C_SEPARATE; return true;
    case 5: odd(s, SCOPE_FUNCTION, KEPT_CS_WITHDRAWN, KEPT_C_WRITTEN); return true;
    case 6: odd(s, SCOPE_ITEM, KEPT_CS_WITHDRAWN, KEPT_C_WRITTEN); return true;
    case 7: odd(s, SCOPE_PURPOSE, KEPT_CS_WITHDRAWN, KEPT_C_WRITTEN); return true;
    case 8: odd(s, SCOPE_RECIPIENT, KEPT_CS_WITHDRAWN, KEPT_C_WRITTEN); return true;
    case 9: odd(s, SCOPE_WHOLE, KEPT_CS_WITHDRAWN, KEPT_C_WRITTEN); return true;
    case 10: odd(s, SCOPE_WHOLE, KEPT_CS_REFUSED, KEPT_C_WRITTEN); return true;
    case 11: odd(s, SCOPE_FUNCTION, 0, 0); return true;
    case 12: odd(s, SCOPE_PURPOSE, 0, 0); return true;
    case 13: odd(s, SCOPE_RECIPIENT, 0, 0); return true;
    case 14: odd(s, SCOPE_ITEM, 0, 0); s->kind = KEPT_C_EXPLICIT; return true;
    case 15: odd(s, SCOPE_FUNCTION, KEPT_CS_GRANTED, KEPT_C_EXPLICIT); return true;
    case 16: odd(s, SCOPE_ITEM, KEPT_CS_GRANTED, KEPT_C_EXPLICIT); s->kind = KEPT_C_EXPLICIT; return true;
    case 17: s->back = 1; return true;
    case 18: s->back = 1; s->other_words = true; return true;
    case 19: s->no_permissions = true; return true;
    case 20: s->off = true; return true;
    case 21: s->question.facts = KEPT_F_USER_ACTION; return true;
    case 22: s->question.facts = KEPT_F_IN_USE | KEPT_F_BACKGROUND; return true;
    case 23: s->question.facts = KEPT_F_IN_USE; return true;
    case 24: s->launched = true; return true;
    case 25: s->question.launch = 0; return true;
    case 26: s->unasked = true; return true;
    case 27: s->question.justified = false; return true;
    case 28: s->context.birth_day = KEPT_BIRTH_UNKNOWN; return true;
    case 29: s->context.birth_day = today - 12 * 366; return true;
    case 30: s->context.birth_day = today - 12 * 366; s->guardian = 2; return true;
    case 31: s->context.birth_day = today - 16 * 366; s->guardian = 2; return true;
    case 32: s->context.notice_version = 0; return true;
    case 33: s->context.unshown = true; return true;
    case 34: s->context.ceased = true; return true;
    case 35: s->context.state = KEPT_S_REFUSED; return true;
    case 36: s->context.state = KEPT_S_KEPT_BY_LAW; return true;
    case 37: s->context.state = KEPT_S_KEPT_BY_LAW; s->question.held = true; return true;
    case 38: s->context.region = region("SG"); return true;
    case 39: s->question.region = region("HK"); return true;
    case 40: s->question.region = region("CN"); return true;
    case 41: s->question.region = region("SG"); return true;
    case 42: s->question.match = true; return true;
    case 43: s->no_client = true; return true;
    case 44: s->client.os = NULL; return true;
    case 45: s->client.os_version = NULL; return true;
    case 46: s->client.app_version = NULL; return true;
    case 47: s->client.surface = NULL; return true;
    default: return false;
    }
}

/* ---- the same of both ------------------------------------------------------------------------------ */

struct told { /* a scene as one policy is told of it */
    struct kept_context context;
    struct kept_question question;
    struct kept_consent_row consents[2 * SCOPES];
    struct kept_permission_row permissions[64];
    struct kept_launch_row launches[2];
};

/* Refs as the policy has them: making one is a hash. */
static inline uint32_t ref_in(const struct kept_policy *p, enum kept_kind kind, uint32_t index)
{
    if (index == KEPT_NO_INDEX)
        return KEPT_REF_NONE;
    switch (kind) {
    case KEPT_K_ITEM: return p->items[index].pub.ref;
    case KEPT_K_FUNCTION: return p->functions[index].ref;
    case KEPT_K_PURPOSE: return p->purposes[index].ref;
    case KEPT_K_PERMISSION: return p->permissions[index].ref;
    case KEPT_K_RECIPIENT: return p->recipients[index].ref;
    case KEPT_K_ROLE: return p->roles[index].ref;
    case KEPT_K_PARTITION: return p->partitions[index].ref;
    case KEPT_K_NONE:
    case KEPT_K_REGION: break;
    }
    return KEPT_REF_NONE;
}

static inline void tell_consents(const struct pair *pair, const struct kept_policy *p, const struct scene *s,
                                 struct told *told)
{
    const struct asked *a = &s->asked;
    const struct {
        enum kept_kind kind;
        uint32_t index;
    } scopes[SCOPES] = {{KEPT_K_FUNCTION, function_for(pair->was, a)}, {KEPT_K_ITEM, a->item}, {KEPT_K_PURPOSE, a->purpose},
                        {KEPT_K_RECIPIENT, a->recipient}, {KEPT_K_NONE, 0}};
    size_t n = 0;
    for (int by = 0; by < (s->guardian > 0 ? 2 : 1); by++)
        for (size_t i = 0; i < SCOPES; i++) {
            struct kept_consent_row row = {
                .kind = (uint8_t)(by > 0 ? KEPT_C_GUARDIAN : s->kind), .state = KEPT_CS_GRANTED};
            if (by == 0 && s->is_odd && s->odd_scope == i)
                row = s->odd;
            if (row.state == 0 || row.kind == KEPT_C_NONE || scopes[i].index == KEPT_NO_INDEX)
                continue;
            row.scope_kind = (uint8_t)scopes[i].kind;
            row.scope = ref_in(pair->was, scopes[i].kind, scopes[i].index);
            row.policy_version = p->info.version - s->back;
            row.flags = s->guardian > 1 ? KEPT_CF_WRITTEN | KEPT_CF_EVIDENCE : 0;
            row.at = 1000;
            if (!s->other_words)
                memcpy(row.text_hash, p->text_hashes[0], sizeof row.text_hash);
            told->consents[n++] = row;
        }
    told->context.consents = told->consents;
    told->context.consent_count = n;
}

static inline void tell_device(const struct pair *pair, const struct scene *s, struct told *told)
{
    const struct kept_policy *was = pair->was;
    uint32_t function = ref_in(was, KEPT_K_FUNCTION, s->asked.function);
    size_t n = 0;
    for (; n < was->info.permissions && n < COUNT(told->permissions) && !s->no_permissions; n++)
        told->permissions[n] =
            (struct kept_permission_row){.ref = was->permissions[n].ref, .on = !s->off, .at = 1000};
    told->context.permissions = told->permissions;
    told->context.permission_count = n;
    n = 0;
    if (!s->unasked)
        told->launches[n++] = (struct kept_launch_row){function, 0, 2};
    if (s->launched)
        told->launches[n++] =
            (struct kept_launch_row){function, ref_in(was, KEPT_K_ITEM, s->asked.item), 2};
    told->context.launches = told->launches;
    told->context.launch_count = n;
}

/* The index of the same name; unknown: it has none of that name. */
static inline uint32_t same_name(const struct pair *pair, const struct kept_policy *p, enum kept_kind kind,
                                 uint32_t index, bool *ret_unknown)
{
    if (index == KEPT_NO_INDEX || p == pair->was)
        return index;
    uint32_t at = kept_policy_index(p, kind, ref_in(pair->was, kind, index));
    *ret_unknown = *ret_unknown || at == KEPT_NO_INDEX;
    return at;
}

static inline struct kept_verdict verdict_of(const struct pair *pair, const struct kept_policy *p,
                                             const struct scene *s)
{
    struct told told;
    told.context = s->context;
    told.question = s->question;
    struct kept_question *q = &told.question;
    q->client = s->no_client ? NULL : &s->client;
    bool none = false;
    told.context.policy_version = p->info.version;
    if (s->context.notice_version != 0)
        told.context.notice_version = p->info.version;
    q->item = same_name(pair, p, KEPT_K_ITEM, s->asked.item, &none);
    q->function = same_name(pair, p, KEPT_K_FUNCTION, s->asked.function, &q->unknown_function);
    q->purpose = same_name(pair, p, KEPT_K_PURPOSE, s->asked.purpose, &q->unknown_purpose);
    q->recipient = same_name(pair, p, KEPT_K_RECIPIENT, s->asked.recipient, &q->unknown_recipient);
    q->role = same_name(pair, p, KEPT_K_ROLE, s->asked.role, &q->unknown_role);
    tell_consents(pair, p, s, &told);
    tell_device(pair, s, &told);
    return kept_decide(p, &told.context, q);
}

/* Two answers to one question. That another clause or line is named is a text. */
static inline void compare(struct pair *pair, const struct scene *s)
{
    struct kept_verdict was = verdict_of(pair, pair->was, s), is = verdict_of(pair, pair->is, s);
    bool masked = was.decision != is.decision && was.decision != KEPT_DENY && is.decision != KEPT_DENY;
    bool differ = !masked && (was.decision != is.decision || was.reason != is.reason);
    notice(pair, BY_MASK, masked);
    notice(pair, s->asked.use == KEPT_USE_DISCLOSE ? BY_RECIPIENT : BY_DECISION, differ);
}

/* The question in every scene. */
static inline void compare_scenes(struct pair *pair, const struct asked *asked, const char *exemption)
{
    for (int number = 0;; number++) {
        struct scene s = scene_of(pair->was, asked);
        s.question.exemption = exemption;
        if (!spoil(&s, number))
            return;
        compare(pair, &s);
    }
}

#endif
