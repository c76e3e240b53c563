/* Does the fast decision agree with the slow one (reference.h), in decision, reason, clause and
 * line: on every combination of names of the real policies, on every combination of a person's
 * facts, and on drawn policies with drawn questions? And does it deny when a needed condition goes? */
#include "policy_aid.h"
#include "reference.h"

#if defined(__SANITIZE_ADDRESS__)
#define STRIDE 29
#else
#define STRIDE 1
#endif

static const char *const policies[] = {"policies/widgets.yaml", "policies/smart-home.yaml"};

static void differ(const struct kept_policy *p, const struct kept_context *c,
                   const struct kept_question *q, const struct kept_verdict *fast,
                   const struct kept_verdict *slow)
{
    fail_msg("%s: use %d item %d function %d purpose %d role %d recipient %d state %d: "
             "fast %d %s %s:%d, reference %d %s %s:%d",
             p->info.app, q->use, (int)q->item, (int)q->function, (int)q->purpose, (int)q->role,
             (int)q->recipient, c->state, fast->decision, kept_reason_name(fast->reason),
             fast->clause, fast->line, slow->decision, kept_reason_name(slow->reason), slow->clause,
             slow->line);
}

static enum kept_decision same(const struct kept_policy *p, const struct kept_context *c,
                               const struct kept_question *q)
{
    struct kept_verdict fast = kept_decide(p, c, q), slow = reference_decide(p, c, q);
    if (fast.decision != slow.decision || fast.reason != slow.reason || fast.line != slow.line ||
        strcmp(fast.clause, slow.clause) != 0)
        differ(p, c, q, &fast, &slow);
    return fast.decision;
}

/* ---- every combination of names --------------------------------------------------------------- */

struct person { /* a context with room for its rows */
    struct kept_context context;
    struct kept_consent_row consents[256];
    struct kept_permission_row permissions[64];
};

static void allow_everything(const struct kept_policy *p, struct person *person)
{
    size_t n = 0;
#define GRANT(rows, count, kind_, ref_)                                                            \
    for (size_t i = 0; i < (count) && n < COUNT(person->consents); i++)                            \
        person->consents[n++] = (struct kept_consent_row){                                         \
            .scope_kind = (kind_), .kind = KEPT_C_SEPARATE, .state = KEPT_CS_GRANTED,              \
            .scope = (rows)[i].ref_, .policy_version = 1, .at = 5};
    GRANT(p->functions, p->info.functions, KEPT_K_FUNCTION, ref)
    GRANT(p->purposes, p->info.purposes, KEPT_K_PURPOSE, ref)
    GRANT(p->recipients, p->info.recipients, KEPT_K_RECIPIENT, ref)
#undef GRANT
    person->context.consents = person->consents;
    person->context.consent_count = n;
    for (size_t i = 0; i < p->info.permissions; i++)
        person->permissions[i] =
            (struct kept_permission_row){.ref = p->permissions[i].ref, .on = 1, .at = 5};
    person->context.permissions = person->permissions;
    person->context.permission_count = p->info.permissions;
}

static void set_person(const struct kept_policy *p, int number, struct person *person)
{
    *person = (struct person){.context = live(p)};
    if (number == 0)
        person->context.notice_version = 0;
    if (number >= 2)
        allow_everything(p, person);
    if (number == 3)
        person->context.state = KEPT_S_KEPT_BY_LAW;
}

/* Index number of all, then none, then unknown. */
static void nth(uint32_t number, size_t count, uint32_t *ret_index, bool *ret_unknown)
{
    *ret_index = number < count ? number : KEPT_NO_INDEX;
    *ret_unknown = number > count;
}

static size_t names_for(const struct kept_policy *p, const struct kept_context *c,
                        struct kept_question *q, size_t *allowed)
{
    size_t asked = 0;
    uint32_t recipients = q->use == KEPT_USE_DISCLOSE ? (uint32_t)p->info.recipients + 2 : 1;
    for (uint32_t f = 0; f < p->info.functions + 2; f++)
        for (uint32_t u = 0; u < p->info.purposes + 2; u++)
            for (uint32_t r = 0; r < p->info.roles + 2; r++)
                for (uint32_t t = 0; t < recipients; t++) {
                    if (STRIDE > 1 && (f * 31 + u * 17 + r * 7 + t + q->item) % STRIDE != 0)
                        continue;
                    nth(f, p->info.functions, &q->function, &q->unknown_function);
                    nth(u, p->info.purposes, &q->purpose, &q->unknown_purpose);
                    nth(r, p->info.roles, &q->role, &q->unknown_role);
                    nth(t, p->info.recipients, &q->recipient, &q->unknown_recipient);
                    *allowed += same(p, c, q) != KEPT_DENY;
                    asked++;
                }
    return asked;
}

static void every_combination_of_names_agrees(void **state)
{
    (void)state;
    size_t asked = 0, allowed = 0;
    for (size_t file = 0; file < COUNT(policies); file++) {
        struct kept_policy *p = load_policy(policies[file]);
        for (int number = 0; number < 4; number++) {
            struct person person;
            set_person(p, number, &person);
            for (int use = KEPT_USE_COLLECT; use <= KEPT_USE_DISCLOSE; use++)
                for (uint32_t item = 0; item <= p->info.items; item++) {
                    struct kept_question q = ask((enum kept_use)use);
                    q.item = item < p->info.items ? item : KEPT_NO_INDEX;
                    asked += names_for(p, &person.context, &q, &allowed);
                }
        }
        kept_policy_free(p);
    }
    print_message("%zu questions, %zu not denied\n", asked, allowed);
    assert_true(allowed > 100);
}

/* ---- every combination of a person's facts ---------------------------------------------------- */

struct facts { /* numbers into the tables below */
    int function, item, purpose, whole, recipient, permission, notice, age, moment;
};

static const struct {
    uint8_t kind, state;
    kept_ms expires;
} function_rows[] = {{0, 0, 0},
                     {KEPT_C_IMPLIED, KEPT_CS_GRANTED, 0},
                     {KEPT_C_EXPLICIT, KEPT_CS_GRANTED, 0},
                     {KEPT_C_SEPARATE, KEPT_CS_GRANTED, 0},
                     {KEPT_C_SEPARATE, KEPT_CS_GRANTED, NOON_2026},
                     {KEPT_C_SEPARATE, KEPT_CS_WITHDRAWN, 0},
                     {KEPT_C_EXPLICIT, KEPT_CS_REFUSED, 0}};
static const int other_rows[] = {0, 2, 3, 5, 6}; /* of the table above */

static void add_row(struct person *person, enum kept_kind kind, uint32_t ref, int number)
{
    if (number == 0)
        return;
    person->consents[person->context.consent_count++] = (struct kept_consent_row){
        .scope_kind = (uint8_t)kind, .kind = function_rows[number].kind,
        .state = function_rows[number].state, .expires = function_rows[number].expires,
        .scope = ref, .policy_version = 1, .at = 5};
}

static void set_facts(const struct kept_policy *p, const struct facts *facts, uint32_t f,
                      struct kept_question *q, struct person *person)
{
    static const int32_t births[] = {KEPT_BIRTH_UNKNOWN, 14032, 14031, 5000};
    /* 2008-06-02, whose eighteenth birthday is tomorrow, and 2008-06-01, whose is today */
    static const struct {
        uint32_t facts, launch;
    } moments[] = {{KEPT_F_IN_USE | KEPT_F_USER_ACTION, 2},
                   {KEPT_F_USER_ACTION, 2},
                   {KEPT_F_IN_USE | KEPT_F_BACKGROUND, 2},
                   {KEPT_F_IN_USE | KEPT_F_USER_ACTION, 1}};
    person->context = live(p);
    person->context.consents = person->consents;
    person->context.permissions = person->permissions;
    person->context.notice_version = facts->notice != 0 ? p->info.version : p->info.version + 1;
    person->context.birth_day = births[facts->age];
    add_row(person, KEPT_K_FUNCTION, p->functions[f].ref, facts->function);
    add_row(person, KEPT_K_ITEM, p->items[q->item].pub.ref, other_rows[facts->item]);
    if (q->purpose < p->info.purposes)
        add_row(person, KEPT_K_PURPOSE, p->purposes[q->purpose].ref, other_rows[facts->purpose]);
    add_row(person, KEPT_K_NONE, 0, other_rows[facts->whole]);
    if (q->recipient < p->info.recipients)
        add_row(person, KEPT_K_RECIPIENT, p->recipients[q->recipient].ref,
                other_rows[facts->recipient]);
    for (size_t i = 0; i < p->functions[f].permissions.n && facts->permission > 0; i++)
        person->permissions[person->context.permission_count++] = (struct kept_permission_row){
            .ref = p->permissions[p->functions[f].permissions.v[i]].ref,
            .on = (uint8_t)(facts->permission == 1), .at = 5};
    q->facts = moments[facts->moment].facts;
    q->launch = moments[facts->moment].launch;
}

static size_t facts_for(const struct kept_policy *p, uint32_t f, struct kept_question *q,
                        size_t *allowed)
{
    const int recipients = q->use == KEPT_USE_DISCLOSE ? 5 : 1;
    const int permissions = p->functions[f].permissions.n > 0 ? 3 : 1;
    const int moments = q->use == KEPT_USE_READ ? 1 : 4;
    struct kept_launch_row launch = {p->functions[f].ref, p->items[q->item].pub.ref, 1};
    struct facts a = {0};
    size_t asked = 0;
    for (a.function = 0; a.function < 7; a.function++)
        for (a.item = 0; a.item < 5; a.item++)
            for (a.purpose = 0; a.purpose < 5; a.purpose += 2)
                for (a.whole = 0; a.whole < 5; a.whole += 2)
                    for (a.recipient = 0; a.recipient < recipients; a.recipient++)
                        for (a.permission = 0; a.permission < permissions; a.permission++)
                            for (int rest = 0; rest < 8 * moments; rest++) {
                                if (STRIDE > 1 && (a.function + a.item + rest) % STRIDE != 0)
                                    continue;
                                struct person person;
                                a.notice = rest & 1;
                                a.age = rest >> 1 & 3;
                                a.moment = rest >> 3;
                                set_facts(p, &a, f, q, &person);
                                person.context.launches = &launch;
                                person.context.launch_count = 1;
                                *allowed += same(p, &person.context, q) != KEPT_DENY;
                                asked++;
                            }
    return asked;
}

static void every_combination_of_facts_agrees(void **state)
{
    (void)state;
    size_t asked = 0, allowed = 0;
    for (size_t file = 0; file < COUNT(policies); file++) {
        struct kept_policy *p = load_policy(policies[file]);
        for (uint32_t i = 0; i < p->info.items; i++)
            for (uint32_t f = 0; f < p->info.functions; f++) {
                if (!function_has(p, f, i))
                    continue;
                struct kept_question q = ask(KEPT_USE_COLLECT);
                q.item = i;
                q.function = f;
                asked += facts_for(p, f, &q, &allowed);
                q.use = KEPT_USE_READ;
                q.purpose = p->functions[f].purposes.v[0];
                asked += facts_for(p, f, &q, &allowed);
                q.use = KEPT_USE_DISCLOSE;
                for (q.recipient = 0; q.recipient < p->info.recipients; q.recipient++)
                    if (in_list(&p->recipients[q.recipient].items, i)) {
                        q.purpose = p->recipients[q.recipient].purposes.v[0];
                        asked += facts_for(p, f, &q, &allowed);
                    }
            }
        kept_policy_free(p);
    }
    print_message("%zu questions, %zu not denied\n", asked, allowed);
    assert_true(allowed > 1000);
}

/* ---- drawn policies, drawn questions ---------------------------------------------------------- */

static void add_names(struct kept_buf *out, struct random *random, const char *key,
                      const char *prefix, uint32_t count, uint32_t least)
{
    uint32_t bits = draw(random, 1u << count) & draw(random, 1u << count);
    if (least > 0)
        bits |= 1u << draw(random, count);
    kept_buf_printf(out, "    %s: [", key);
    for (uint32_t i = 0, n = 0; i < count; i++)
        if ((bits >> i & 1) != 0)
            kept_buf_printf(out, "%s%s%u", n++ > 0 ? ", " : "", prefix, i);
    kept_buf_text(out, "]\n");
}

static const char *pick(struct random *random, const char *const *words, uint32_t count)
{
    return words[draw(random, count)];
}
#define PICK(random, ...)                                                                          \
    pick(random, (const char *const[]){__VA_ARGS__},                                               \
         sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

enum { P = 4, S = 3, I = 6, F = 5, T = 4, R = 3, X = 3 };

static void draw_head(struct kept_buf *out, struct random *random)
{
    kept_buf_printf(out,
                    "kept: 1\napp: drawn\nversion: %u\nissued: 2026-01-01\neffective: 2026-01-01\n"
                    "app_type: other\njurisdiction: CN\ntime_zone: \"%s\"\n"
                    "languages: {authority: en}\n"
                    "controller: {name: N, contact: a@example.org}\n"
                    "notice: {clause: n, sentences: [{text: Read this.}]}\n"
                    "refusal: {clause: r}\ncessation: {clause: c}\nundeclared: {clause: u}\n"
                    "consent: {implied_by_use: %s, other_versions: %s, clause: k}\n"
                    "withdrawal: {effect: %s, clause: w}\n"
                    "rotation: 1 day\nbackup_window: 1 day\nevidence: 4 years\n",
                    1 + draw(random, 3), PICK(random, "+08:00", "-05:30", "UTC"),
                    PICK(random, "true", "false"), PICK(random, "valid", "ask_again"),
                    PICK(random, "collect_only", "collect_and_use"));
    kept_buf_printf(out, "regions: {stored: [CN%s], export: %s%s, clause: g}\n",
                    PICK(random, "", ", HK"), PICK(random, "never", "conditional"),
                    PICK(random, "", "", ", served: [CN, SG]"));
    if (draw(random, 3) > 0)
        kept_buf_printf(out,
                        "age:\n  unknown: %s\n  clause: a\n  bands:\n"
                        "    - {from: 0, below: %u, mode: %s, clause: b1}\n"
                        "    - {from: %u, mode: self}\n",
                        PICK(random, "deny", "allow"), 18u, PICK(random, "block", "guardian", "self"),
                        18u);
}

static void draw_rules(struct kept_buf *out, struct random *random)
{
    kept_buf_text(out, "purposes:\n");
    for (uint32_t i = 0; i < P; i++) {
        kept_buf_printf(out, "  p%u:\n    text: t\n    consent: %s\n    law: %s\n    clause: cp%u\n", i,
                        PICK(random, "none", "none", "explicit", "separate"),
                        PICK(random, "false", "true"), i);
        add_names(out, random, "related", "p", P, 0);
    }
    kept_buf_text(out, "permissions:\n");
    for (uint32_t i = 0; i < S; i++)
        kept_buf_printf(out, "  s%u: {text: t}\n", i);
    kept_buf_text(out, "items:\n");
    for (uint32_t i = 0; i < I; i++) {
        kept_buf_printf(out,
                        "  i%u:\n    text: t\n    kind: phone\n    information: other\n"
                        "    source: user\n    sensitive: %s\n    separate_consent: true\n"
                        "    clause: ci%u\n",
                        i, PICK(random, "false", "true"), i);
        const char *place = PICK(random, "store", "store", "store", "external", "transient", "device");
        kept_buf_printf(out, "    place: %s\n", place);
        if (strcmp(place, "transient") != 0)
            kept_buf_text(out, "    retain: 9 days\n");
        if (draw(random, 4) == 0)
            kept_buf_text(out, "    retention_class: law\n    statute: Law\n");
        if (draw(random, 8) == 0)
            kept_buf_text(out, "    store: hash\n");
        if (draw(random, 3) == 0)
            add_names(out, random, "purposes", "p", P, 1);
    }
    kept_buf_text(out, "functions:\n");
    for (uint32_t i = 0; i < F; i++) {
        kept_buf_printf(out,
                        "  f%u:\n    text: t\n    refusing_costs: c\n    kind: extended\n"
                        "    consent: %s\n    basis: %s\n    frequency: %s\n    in_use: %s\n"
                        "    trigger: %s\n    clause: cf%u\n",
                        i, PICK(random, "notice", "implied", "explicit", "separate"),
                        PICK(random, "consent", "consent", "contract", "legal_obligation"),
                        PICK(random, "any", "any", "once_per_launch"), PICK(random, "any", "required"),
                        PICK(random, "any", "any", "user_action"), i);
        add_names(out, random, "purposes", "p", P, 1);
        add_names(out, random, "optional", "i", I, 1);
        add_names(out, random, "permissions", "s", S, 0);
    }
}

static void draw_parties(struct kept_buf *out, struct random *random)
{
    kept_buf_text(out, "recipients:\n");
    for (uint32_t i = 0; i < T; i++) {
        kept_buf_printf(out,
                        "  t%u:\n    text: t\n    role: %s\n    kind: %s\n    region: %s\n"
                        "    aggregate_only: %s\n    self_start: %s\n    consent: separate\n"
                        "    export_mechanism: contract\n    clause: ct%u\n"
                        "    agreement: {signed: 2026-01-01, expires: %s, checked: 2026-01-01, "
                        "clause: ca%u}\n",
                        i, PICK(random, "processor", "joint", "independent", "authority"),
                        PICK(random, "sdk", "partner"), PICK(random, "CN", "CN", "SG"),
                        PICK(random, "false", "false", "true"), PICK(random, "never", "consent"), i,
                        PICK(random, "2026-02-01", "2027-01-01"), i);
        add_names(out, random, "items", "i", I, 1);
        add_names(out, random, "purposes", "p", P, 1);
    }
    kept_buf_text(out, "roles:\n  app: {operations: [collect, use, disclose], clause: cr}\n");
    for (uint32_t i = 1; i < R; i++) {
        kept_buf_printf(out, "  r%u:\n    operations: [use%s%s]\n    law: %s\n    clause: cr%u\n", i,
                        PICK(random, "", ", collect"), PICK(random, "", ", disclose"),
                        PICK(random, "false", "true"), i);
        if (draw(random, 2) == 0)
            kept_buf_text(out, "    masked: all\n    purposes: all\n");
        else {
            add_names(out, random, "masked", "i", I, 0);
            add_names(out, random, "purposes", "p", P, 1);
        }
        add_names(out, random, "raw", "i", I, 0);
    }
    kept_buf_text(out, "exemptions:\n");
    for (uint32_t i = 0; i < X; i++)
        kept_buf_printf(out,
                        "  x%u: {text: t, for: [%s], spares_notice: %s, deidentified: %s, "
                        "clause: cx%u}\n",
                        i, PICK(random, "collect", "use", "share", "collect, use", "use, share"),
                        PICK(random, "false", "true"), PICK(random, "false", "true"), i);
}

static struct kept_policy *draw_policy(struct random *random)
{
    struct kept_policy *policy = NULL;
    struct kept_findings findings = {0};
    struct kept_buf out;
    kept_buf_init(&out, 1 << 20);
    draw_head(&out, random);
    draw_rules(&out, random);
    draw_parties(&out, random);
    int rc = kept_policy_read(kept_buf_span(&out), &policy, &findings, NULL);
    /* Only the checks of sense may refuse what is drawn here. */
    for (size_t i = 0; rc != 0 && i < findings.count; i++)
        if (strcmp(findings.rows[i].code, "UNKNOWN_KEY") == 0 ||
            strcmp(findings.rows[i].code, "YAML_SYNTAX") == 0 ||
            strcmp(findings.rows[i].code, "BAD_VALUE") == 0)
            fail_msg("%d: %s", findings.rows[i].line, findings.rows[i].text);
    kept_findings_release(&findings);
    kept_buf_release(&out);
    return policy;
}

static uint32_t draw_index(struct random *random, size_t count, bool *ret_unknown)
{
    uint32_t roll = draw(random, 24);
    *ret_unknown = roll == 0;
    return roll <= 2 ? KEPT_NO_INDEX : roll == 3 ? (uint32_t)count + 7 : draw(random, (uint32_t)count);
}

static uint32_t draw_ref(const struct kept_policy *p, struct random *random, enum kept_kind kind)
{
    switch (kind) {
    case KEPT_K_ITEM: return p->items[draw(random, I)].pub.ref;
    case KEPT_K_FUNCTION: return p->functions[draw(random, F)].ref;
    case KEPT_K_PURPOSE: return p->purposes[draw(random, P)].ref;
    case KEPT_K_RECIPIENT: return p->recipients[draw(random, T)].ref;
    case KEPT_K_NONE:
    case KEPT_K_PERMISSION:
    case KEPT_K_ROLE:
    case KEPT_K_REGION: break;
    }
    return draw(random, 3);
}

struct drawn {
    struct person person;
    struct kept_launch_row launches[4];
    struct kept_question question;
};

static void draw_person(const struct kept_policy *p, struct random *random, struct drawn *d)
{
    static const int32_t births[] = {KEPT_BIRTH_UNKNOWN, 14032, 14031, 14030, 5000, 20604, 20606,
                                     25000};
    struct kept_context *c = &d->person.context;
    *c = live(p);
    c->consents = d->person.consents;
    c->permissions = d->person.permissions;
    c->launches = d->launches;
    c->state = draw(random, 4) > 0 ? KEPT_S_LIVE : (enum kept_subject_state)draw(random, 8);
    c->ceased = draw(random, 24) == 0;
    c->notice_version = draw(random, 8) == 0 ? draw(random, 5) : p->info.version;
    c->policy_version = draw(random, 64) == 0 ? 9 : p->info.version;
    c->birth_day = births[draw(random, COUNT(births))];
    c->region = draw(random, 4) == 0 ? draw(random, 2) * 99
                                     : kept_ref(KEPT_K_REGION, draw(random, 2) == 0 ? "CN" : "SG");
    c->consent_count = draw(random, 28);
    for (size_t i = 0; i < c->consent_count; i++) {
        static const uint8_t kinds[] = {KEPT_K_FUNCTION, KEPT_K_FUNCTION, KEPT_K_FUNCTION,
                                        KEPT_K_ITEM, KEPT_K_PURPOSE, KEPT_K_PURPOSE,
                                        KEPT_K_RECIPIENT, KEPT_K_RECIPIENT};
        uint8_t kind = draw(random, 40) == 0 ? (uint8_t)draw(random, 9)
                                             : kinds[draw(random, COUNT(kinds))];
        d->person.consents[i] = (struct kept_consent_row){
            .scope_kind = kind, .kind = (uint8_t)(draw(random, 3) > 0 ? 4 : draw(random, 7)),
            .state = (uint8_t)(draw(random, 4) > 0 ? 1 : draw(random, 5)),
            .scope = draw_ref(p, random, (enum kept_kind)kind), .policy_version = draw(random, 4),
            .at = draw(random, 5), .expires = draw(random, 6) == 0 ? NOON_2026 - 1 + draw(random, 3) : 0};
        if (draw(random, 2) == 0)
            memcpy(d->person.consents[i].text_hash, p->text_hashes[0], 32);
    }
    c->permission_count = draw(random, 7);
    for (size_t i = 0; i < c->permission_count; i++)
        d->person.permissions[i] = (struct kept_permission_row){
            .ref = p->permissions[draw(random, S)].ref, .on = draw(random, 4) > 0, .at = draw(random, 3)};
    c->launch_count = draw(random, 4);
    for (size_t i = 0; i < c->launch_count; i++)
        d->launches[i] = (struct kept_launch_row){p->functions[draw(random, F)].ref,
                                                  p->items[draw(random, I)].pub.ref, draw(random, 4)};
}

static void draw_question(const struct kept_policy *p, struct random *random, struct drawn *d)
{
    static const char *const codes[] = {"x0", "x1", "x2", "x9", ""};
    struct kept_question *q = &d->question;
    *q = ask((enum kept_use)(draw(random, 40) == 0 ? draw(random, 6) : 1 + draw(random, 3)));
    bool none = false;
    q->item = draw_index(random, I, &none);
    q->function = draw_index(random, F, &q->unknown_function);
    if (draw(random, 2) == 0 && q->use != KEPT_USE_COLLECT)
        q->function = KEPT_NO_INDEX;
    q->purpose = draw_index(random, P, &q->unknown_purpose);
    if (q->use == KEPT_USE_COLLECT && draw(random, 3) == 0)
        q->purpose = KEPT_NO_INDEX;
    q->recipient = draw_index(random, T, &q->unknown_recipient);
    q->role = draw_index(random, R, &q->unknown_role);
    q->region = draw(random, 4) == 0 ? kept_ref(KEPT_K_REGION, PICK(random, "CN", "SG", "US", "HK")) : 0;
    q->launch = draw(random, 4);
    q->facts = draw(random, 2) == 0 ? (uint32_t)(KEPT_F_IN_USE | KEPT_F_USER_ACTION) : draw(random, 8);
    q->exemption = draw(random, 4) == 0 ? codes[draw(random, COUNT(codes))] : NULL;
    q->justified = draw(random, 4) > 0;
    q->held = draw(random, 2) == 0;
    if (draw(random, 6) == 0) { /* the edges of an agreement */
        const struct recipient_rule *to = &p->recipients[draw(random, T)];
        q->now = (draw(random, 2) == 0 ? to->signed_at : to->expires_at) - 1 + draw(random, 3);
    }
}

/* Each condition, taken away alone, must close what was open. */
static void conditions_are_necessary(const struct kept_policy *p, const struct drawn *d)
{
    const struct kept_context *c = &d->person.context;
    const struct kept_question *q = &d->question;
    static const enum kept_subject_state closed[] = {KEPT_S_NONE, KEPT_S_REFUSED,
                                                     KEPT_S_RESTRICTED, KEPT_S_ERASED};
    for (size_t i = 0; i < COUNT(closed); i++) {
        struct kept_context other = *c;
        other.state = closed[i];
        assert_int_equal(kept_decide(p, &other, q).decision, KEPT_DENY);
    }
    struct kept_question other = *q;
    other.item = KEPT_NO_INDEX;
    assert_int_equal(kept_decide(p, c, &other).decision, KEPT_DENY);
    other = *q;
    other.unknown_role = true;
    assert_int_equal(kept_decide(p, c, &other).decision, KEPT_DENY);
    other = *q;
    other.unknown_purpose = true;
    assert_int_equal(kept_decide(p, c, &other).decision, KEPT_DENY);
    other = *q;
    other.unknown_function = true;
    assert_int_equal(kept_decide(p, c, &other).decision, KEPT_DENY);
    other = *q;
    other.exemption = "nothing-of-the-kind";
    assert_int_equal(kept_decide(p, c, &other).decision, KEPT_DENY);
    if (q->exemption != NULL && q->exemption[0] != 0) {
        other = *q;
        other.justified = false;
        assert_int_equal(kept_decide(p, c, &other).decision, KEPT_DENY);
    }
    if (q->use == KEPT_USE_DISCLOSE) {
        other = *q;
        other.unknown_recipient = true;
        assert_int_equal(kept_decide(p, c, &other).decision, KEPT_DENY);
        if (p->recipients[q->recipient].role != RECIPIENT_AUTHORITY) {
            other = *q;
            other.now += 3 * 366 * KEPT_DAY; /* the agreement ended */
            assert_int_equal(kept_decide(p, c, &other).decision, KEPT_DENY);
        }
    }
    struct kept_context gone = *c;
    gone.policy_version = 99;
    assert_int_equal(kept_decide(p, &gone, q).decision, KEPT_DENY);
    if (q->use != KEPT_USE_READ) {
        gone = *c;
        gone.ceased = true;
        assert_int_equal(kept_decide(p, &gone, q).decision, KEPT_DENY);
    }
}

static void personal_conditions_are_necessary(const struct kept_policy *p, const struct drawn *d)
{
    const struct kept_question *q = &d->question;
    struct kept_context c = d->person.context;
    bool exempt = ref_exempt(p, q);
    if (c.state != KEPT_S_LIVE)
        return;
    if (!(exempt && ref_exemption(p, q)->spares_notice)) {
        c.notice_version = 0;
        c.consent_count = 0;
        assert_int_equal(kept_decide(p, &c, q).decision, KEPT_DENY);
    }
    c = d->person.context;
    c.consent_count = 0;
    const struct item_rule *item = &p->items[q->item];
    if (q->function < p->info.functions && !exempt) {
        const struct function_rule *f = &p->functions[q->function];
        if (f->basis != BASIS_LEGAL_OBLIGATION &&
            (item->pub.sensitive || f->consent >= KEPT_C_EXPLICIT))
            assert_int_equal(kept_decide(p, &c, q).decision, KEPT_DENY);
        c = d->person.context;
        c.permission_count = 0;
        if (f->permissions.n > 0 &&
            !(q->use == KEPT_USE_READ && p->info.withdrawal == KEPT_WITHDRAW_COLLECT_ONLY))
            assert_int_equal(kept_decide(p, &c, q).decision, KEPT_DENY);
    }
    c = d->person.context;
    c.birth_day = 20605 - 10 * 365;
    if (p->age_gated)
        assert_int_equal(kept_decide(p, &c, q).decision, KEPT_DENY);
}

static void drawn_policies_agree(void **state)
{
    (void)state;
    struct random random = {.state = 20260601};
    size_t read = 0, allowed = 0, asked = 0, reasons[KEPT_R_COUNT] = {0};
    for (size_t drawn = 0; drawn < 6000 && read < (STRIDE > 1 ? 30 : 400); drawn++) {
        struct kept_policy *p = draw_policy(&random);
        if (p == NULL)
            continue;
        read++;
        for (size_t i = 0; i < (STRIDE > 1 ? 2000 : 9000); i++) {
            static struct drawn d;
            draw_person(p, &random, &d);
            draw_question(p, &random, &d);
            asked++;
            reasons[kept_decide(p, &d.person.context, &d.question).reason]++;
            if (same(p, &d.person.context, &d.question) == KEPT_DENY)
                continue;
            allowed++;
            conditions_are_necessary(p, &d);
            personal_conditions_are_necessary(p, &d);
        }
        kept_policy_free(p);
    }
    print_message("%zu policies, %zu questions, %zu not denied\n", read, asked, allowed);
    for (int i = 0; i < KEPT_R_COUNT; i++)
        if (reasons[i] > 0)
            print_message("  %s %zu\n", kept_reason_name((enum kept_reason)i), reasons[i]);
    assert_true(read >= 20);
    assert_true(allowed > (STRIDE > 1 ? 100 : 10000));
}

static void nothing_given_is_denied(void **state)
{
    (void)state;
    struct kept_policy *p = load_policy(policies[0]);
    struct kept_context c = live(p);
    struct kept_question q = ask(KEPT_USE_READ);
    struct kept_context zero = {0};
    struct kept_question blank = {0};
    assert_int_equal(kept_decide(NULL, &c, &q).decision, KEPT_DENY);
    assert_int_equal(kept_decide(p, NULL, &q).decision, KEPT_DENY);
    assert_int_equal(kept_decide(p, &c, NULL).decision, KEPT_DENY);
    assert_int_equal(kept_decide(p, &zero, &q).decision, KEPT_DENY);
    assert_int_equal(kept_decide(p, &c, &blank).decision, KEPT_DENY);
    assert_non_null(kept_decide(NULL, NULL, NULL).clause);
    kept_policy_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_given_is_denied),
        cmocka_unit_test(every_combination_of_names_agrees),
        cmocka_unit_test(every_combination_of_facts_agrees),
        cmocka_unit_test(drawn_policies_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
