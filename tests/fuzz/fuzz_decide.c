/* fuzz_decide.c - any person and any question under each of the five policies: the fast decision and
 * the slow reference agree in decision, reason, clause and line; and what was allowed is denied when
 * the person, their notice or the names go. */
#include "fuzz.h"

#include "../policy/reference.h"

#define POLICIES 5
#define CONSENTS 24
#define ROWS 8

static struct kept_policy *policies[POLICIES];

static void load(void)
{
    static const char *const paths[POLICIES] = {
        "policies/widgets.yaml", "policies/smart-home.yaml", "policies/messenger.yaml",
        "policies/wallpaper.yaml", "policies/media.yaml"};
    for (size_t i = 0; i < POLICIES; i++) {
        struct kept_findings found = {.count = 0};
        size_t n = 0;
        uint8_t *p = fuzz_get(paths[i], &n);
        FUZZ_MUST(p != NULL); /* from the top of the tree */
        FUZZ_MUST(kept_policy_read((struct kept_span){p, n}, &policies[i], &found, NULL) == 0);
        kept_findings_release(&found);
        free(p);
    }
}

struct asked {
    struct kept_context context;
    struct kept_question question;
    struct kept_consent_row consents[CONSENTS];
    struct kept_permission_row permissions[ROWS];
    struct kept_launch_row launches[ROWS];
    struct kept_client client;
};

static void take_client(struct fuzz *f, struct asked *a)
{
    static const char *const systems[] = {NULL, "android", "ios", "harmonyos", "linux", "beos", ""};
    static const char *const versions[] = {NULL, "10", "9.9", "12.0.1", "1..2", "", "999999999999999999999"};
    static const char *const surfaces[] = {NULL, "phone", "tv", "web", "wall", ""};
    a->client = (struct kept_client){systems[fuzz_u8(f) % 7], versions[fuzz_u8(f) % 7], versions[fuzz_u8(f) % 7],
                                     surfaces[fuzz_u8(f) % 6]};
    a->question.client = (fuzz_u8(f) & 7) == 7 ? NULL : &a->client;
}

/* A moment near one the policy speaks of, or any. */
static kept_ms moment(struct fuzz *f, const struct kept_policy *p)
{
    uint8_t which = fuzz_u8(f);
    kept_ms at = p->info.effective + (kept_ms)(which & 63) * 30 * KEPT_DAY;
    if (which >= 192 && p->info.recipients > 0) {
        const struct recipient_rule *to = &p->recipients[fuzz_below(f, (uint32_t)p->info.recipients)];
        at = (which & 1) != 0 ? to->signed_at : to->expires_at;
    }
    return at + (int)(fuzz_u8(f) % 3) - 1;
}

/* An index: of one there is, mostly. */
static uint32_t index_of(struct fuzz *f, size_t count, bool *ret_unknown)
{
    uint8_t which = fuzz_u8(f);
    *ret_unknown = which == 255;
    if (which >= 250)
        return KEPT_NO_INDEX;
    return which == 249 ? (uint32_t)count + fuzz_u8(f) : which % (count == 0 ? 1u : (uint32_t)count);
}

static uint32_t scope(struct fuzz *f, const struct kept_policy *p, uint8_t kind,
                      const struct kept_question *q)
{
    uint8_t which = fuzz_u8(f);
    bool asked = which >= 128; /* mostly what the question is about */
    size_t i = which & 127;
    if (kind == KEPT_K_ITEM && p->info.items > 0)
        return p->items[asked && q->item < p->info.items ? q->item : i % p->info.items].pub.ref;
    if (kind == KEPT_K_FUNCTION && p->info.functions > 0)
        return p->functions[asked && q->function < p->info.functions ? q->function : i % p->info.functions].ref;
    if (kind == KEPT_K_PURPOSE && p->info.purposes > 0)
        return p->purposes[asked && q->purpose < p->info.purposes ? q->purpose : i % p->info.purposes].ref;
    if (kind == KEPT_K_RECIPIENT && p->info.recipients > 0)
        return p->recipients[asked && q->recipient < p->info.recipients ? q->recipient : i % p->info.recipients].ref;
    return asked ? 0 : which;
}

static void take_question(struct fuzz *f, const struct kept_policy *p, struct kept_question *q)
{
    static const char *const regions[] = {"CN", "HK", "SG", "US"};
    uint8_t use = fuzz_u8(f);
    *q = (struct kept_question){.use = (enum kept_use)(use < 240 ? 1 + use % 3 : use)};
    q->item = index_of(f, p->info.items, &q->unknown_role);
    q->role = index_of(f, p->info.roles + 1, &q->unknown_role);
    if (q->role == p->info.roles) /* the app itself */
        q->role = KEPT_NO_INDEX;
    q->function = index_of(f, p->info.functions, &q->unknown_function);
    q->purpose = index_of(f, p->info.purposes, &q->unknown_purpose);
    q->recipient = index_of(f, p->info.recipients, &q->unknown_recipient);
    uint8_t bits = fuzz_u8(f);
    if ((bits & 1) != 0)
        q->function = KEPT_NO_INDEX;
    if ((bits & 2) != 0 && q->use != KEPT_USE_DISCLOSE)
        q->recipient = KEPT_NO_INDEX;
    if ((bits & 4) != 0 && p->exemption_count > 0)
        q->exemption = p->exemptions[fuzz_u8(f) % p->exemption_count].code;
    if ((bits & 12) == 12)
        q->exemption = (bits & 16) != 0 ? "" : "nothing-of-the-kind";
    q->justified = (bits & 32) == 0;
    q->held = (bits & 64) != 0;
    q->region = (bits & 128) != 0 ? kept_ref(KEPT_K_REGION, regions[fuzz_u8(f) % 4]) : 0;
    q->facts = fuzz_u8(f) % 8;
    q->launch = fuzz_u8(f) % 4;
    q->now = moment(f, p);
}

static void take_rows(struct fuzz *f, const struct kept_policy *p, struct asked *a)
{
    static const uint8_t kinds[] = {KEPT_K_FUNCTION, KEPT_K_FUNCTION, KEPT_K_PURPOSE, KEPT_K_ITEM,
                                    KEPT_K_RECIPIENT, KEPT_K_NONE, KEPT_K_FUNCTION, KEPT_K_PERMISSION};
    struct kept_context *c = &a->context;
    c->consent_count = fuzz_u8(f) % CONSENTS;
    for (size_t i = 0; i < c->consent_count; i++) {
        uint8_t kind = kinds[fuzz_u8(f) % 8], how = fuzz_u8(f);
        struct kept_consent_row *r = &a->consents[i];
        *r = (struct kept_consent_row){.scope_kind = kind, .kind = how % 8, .state = (how >> 3) % 5,
                                       .scope = scope(f, p, kind, &a->question), .at = fuzz_u8(f) % 8};
        r->policy_version = (how & 128) != 0 ? fuzz_u8(f) : p->info.version;
        r->expires = (how & 64) != 0 ? a->question.now + (int)(fuzz_u8(f) % 3) - 1 : 0;
        r->flags = fuzz_u8(f) % 4;
        if ((how & 128) == 0 || (fuzz_u8(f) & 1) != 0)
            memcpy(r->text_hash, p->text_hashes[fuzz_u8(f) % p->info.languages], 32);
    }
    c->permission_count = p->info.permissions == 0 ? 0 : fuzz_u8(f) % ROWS;
    for (size_t i = 0; i < c->permission_count; i++) {
        uint8_t how = fuzz_u8(f);
        a->permissions[i] = (struct kept_permission_row){
            .ref = p->permissions[how % p->info.permissions].ref, .on = how < 200, .at = fuzz_u8(f) % 4,
            .expires = how % 5 == 0 ? a->question.now + (int)(fuzz_u8(f) % 3) - 1 : 0};
    }
    c->launch_count = p->info.functions == 0 || p->info.items == 0 ? 0 : fuzz_u8(f) % ROWS;
    for (size_t i = 0; i < c->launch_count; i++)
        a->launches[i] = (struct kept_launch_row){p->functions[fuzz_u8(f) % p->info.functions].ref,
                                                  (fuzz_u8(f) & 1) != 0 ? 0 : scope(f, p, KEPT_K_ITEM, &a->question),
                                                  fuzz_u8(f) % 4};
    c->consents = a->consents;
    c->permissions = a->permissions;
    c->launches = a->launches;
}

static void take_person(struct fuzz *f, const struct kept_policy *p, struct asked *a)
{
    static const uint8_t ages[] = {0, 3, 13, 14, 15, 17, 18, 19, 40, 70};
    struct kept_context *c = &a->context;
    uint8_t how = fuzz_u8(f);
    *c = (struct kept_context){.state = how < 200 ? KEPT_S_LIVE : (enum kept_subject_state)(how % 8),
                               .policy_version = p->info.version, .version = 1};
    how = fuzz_u8(f);
    c->notice_version = how < 200 ? p->info.version : how % 4;
    if (how == 255)
        c->policy_version = 99;
    how = fuzz_u8(f);
    c->ceased = how >= 250;
    int32_t today = kept_zone_day(&p->info.zone, a->question.now);
    c->birth_day = how < 16 ? KEPT_BIRTH_UNKNOWN
                            : today - (int32_t)(365.2425 * ages[how % 10]) + (int)(fuzz_u8(f) % 5) - 2;
    c->region = (how & 1) != 0 ? kept_ref(KEPT_K_REGION, (how & 2) != 0 ? "CN" : "SG") : 0;
}

static void necessary(const struct kept_policy *p, const struct asked *a)
{
    static const enum kept_subject_state closed[] = {KEPT_S_NONE, KEPT_S_REFUSED, KEPT_S_RESTRICTED,
                                                     KEPT_S_ERASED};
    const struct kept_question *q = &a->question;
    for (size_t i = 0; i < sizeof closed / sizeof closed[0]; i++) {
        struct kept_context other = a->context;
        other.state = closed[i];
        FUZZ_MUST(kept_decide(p, &other, q).decision == KEPT_DENY);
    }
    struct kept_question other = *q;
    other.item = KEPT_NO_INDEX;
    FUZZ_MUST(kept_decide(p, &a->context, &other).decision == KEPT_DENY);
    other = *q;
    other.unknown_role = true;
    FUZZ_MUST(kept_decide(p, &a->context, &other).decision == KEPT_DENY);
    other = *q;
    other.unknown_purpose = other.unknown_function = true;
    FUZZ_MUST(kept_decide(p, &a->context, &other).decision == KEPT_DENY);
    struct kept_context nobody = a->context;
    nobody.notice_version = 0;
    nobody.consent_count = 0;
    if (a->context.state == KEPT_S_LIVE && q->exemption == NULL)
        FUZZ_MUST(kept_decide(p, &nobody, q).decision == KEPT_DENY);
}

void fuzz_decide(const uint8_t *p, size_t n)
{
    static struct asked a;
    struct fuzz f = fuzz_of(p, n);
    if (policies[0] == NULL)
        load();
    const struct kept_policy *policy = policies[fuzz_u8(&f) % POLICIES];
    take_question(&f, policy, &a.question);
    take_person(&f, policy, &a);
    take_rows(&f, policy, &a);
    take_client(&f, &a);
    struct kept_verdict fast = kept_decide(policy, &a.context, &a.question);
    struct kept_verdict slow = reference_decide(policy, &a.context, &a.question);
    FUZZ_MUST(fast.decision == slow.decision);
    FUZZ_MUST(fast.reason == slow.reason);
    FUZZ_MUST(fast.line == slow.line && strcmp(fast.clause, slow.clause) == 0);
    if (fast.decision != KEPT_DENY)
        necessary(policy, &a);
}

void seeds_decide(fuzz_give_fn *give)
{
    uint8_t seed[96];
    for (uint8_t policy = 0; policy < POLICIES; policy++)
        for (uint8_t use = 0; use < 3; use++)
            for (uint8_t item = 0; item < 6; item++) {
                for (size_t i = 0; i < sizeof seed; i++) /* most of them zeros: a plain case */
                    seed[i] = i < 40 ? (uint8_t)((i * 37 + item * 11u + use) % 128) : 0;
                seed[0] = policy;
                seed[1] = use;
                seed[2] = (uint8_t)(item * 5);
                give(seed, sizeof seed);
                memset(seed + 7, 0, sizeof seed - 7);
                give(seed, sizeof seed);
            }
}
