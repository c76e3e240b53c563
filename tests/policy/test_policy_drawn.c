/* Does the fast decision agree with the slow one (reference.h) on drawn policies with drawn people and
 * questions, in decision, reason, clause and line? And does it deny when any condition goes that was
 * needed? */
#include "agree.h"

static void add_bits(struct kept_buf *out, const char *key, const char *prefix, uint32_t count,
                     uint32_t bits)
{
    kept_buf_printf(out, "    %s: [", key);
    for (uint32_t i = 0, n = 0; i < count; i++)
        if ((bits >> i & 1) != 0)
            kept_buf_printf(out, "%s%s%u", n++ > 0 ? ", " : "", prefix, i);
    kept_buf_text(out, "]\n");
}

static uint32_t add_names(struct kept_buf *out, struct random *random, const char *key,
                          const char *prefix, uint32_t count, uint32_t least)
{
    uint32_t bits = draw(random, 1u << count) & draw(random, 1u << count);
    if (least > 0)
        bits |= 1u << draw(random, count);
    add_bits(out, key, prefix, count, bits);
    return bits;
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
                    PICK(random, "collect_only", "collect_and_use", "delete"));
    kept_buf_printf(out, "regions: {stored: [CN%s], export: %s%s, clause: g}\n",
                    PICK(random, "", ", HK"), PICK(random, "never", "conditional"),
                    PICK(random, "", "", ", served: [CN, SG]"));
    if (draw(random, 3) > 0)
        kept_buf_printf(out,
                        "age:\n  unknown: %s\n  clause: a\n  bands:\n"
                        "    - {from: 0, below: %u, mode: %s, clause: b1}\n"
                        "    - {from: %u, mode: self}\n",
                        PICK(random, "deny", "allow"), 18u,
                        PICK(random, "block", "guardian", "self_and_guardian, form: written",
                             "self"),
                        18u);
}

static void draw_rules(struct kept_buf *out, struct random *random)
{
    kept_buf_text(out, "purposes:\n");
    for (uint32_t i = 0; i < P; i++) {
        kept_buf_printf(out, "  p%u:\n    text: t\n    consent: %s\n    law: %s\n    clause: cp%u\n", i,
                        PICK(random, "none", "none", "explicit", "separate", "written"),
                        PICK(random, "false", "true"), i);
        add_names(out, random, "related", "p", P, 0);
    }
    kept_buf_text(out, "permissions:\n");
    for (uint32_t i = 0; i < S; i++)
        kept_buf_printf(out, "  s%u: {text: t}\n", i);
    kept_buf_printf(out, "partitions:\n  a1: {text: t, clause: cw1}\n  a2: {text: t}\n%s",
                    PICK(random, "", "  default: {text: t, clause: cw}\n"));
    kept_buf_text(out, "items:\n");
    for (uint32_t i = 0; i < I; i++) {
        kept_buf_printf(out,
                        "  i%u:\n    text: t\n    kind: phone\n    information: other\n"
                        "    source: %s\n    sensitive: %s\n    separate_consent: %s\n"
                        "    clause: ci%u\n",
                        i, i + 1 < I ? "user" : PICK(random, "user", "third_party"),
                        PICK(random, "false", "true"), PICK(random, "true", "true", "true", "false"), i);
        const char *apart = PICK(random, "", "    partition: a1\n", "    partition: a2\n", "    partition: default\n");
        kept_buf_text(out, apart);
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
                        "    trigger: %s\n    case: %s\n    asked: %s\n    clause: cf%u\n",
                        i, PICK(random, "notice", "implied", "explicit", "separate", "written"),
                        PICK(random, "consent", "consent", "contract", "legal_obligation"),
                        PICK(random, "any", "any", "once_per_launch"), PICK(random, "any", "required"),
                        PICK(random, "any", "any", "user_action"), PICK(random, "any", "any", "required"),
                        PICK(random, "once", "once", "each_launch"), i);
        if (draw(random, 3) == 0)
            kept_buf_printf(out, "    withdrawal: %s\n",
                            PICK(random, "collect_only", "collect_and_use", "delete"));
        if (draw(random, 4) == 0)
            kept_buf_printf(out, "    client: {%s%s%s}\n",
                            PICK(random, "os: {android: \"10\", ios: any}", "os: {linux: \"5.10\"}", "app_from: \"1\""),
                            PICK(random, "", ", app_below: \"3.0.1\""), PICK(random, "", ", surfaces: [phone, tv]"));
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
        uint32_t gets = add_names(out, random, "items", "i", I, 1);
        if (i == 0 || draw(random, 4) == 0) /* the last item may come from others */
            kept_buf_printf(out, "    gives: [i%u]\n    lawful_source: asked for there\n",
                            i == 0 ? I - 1u : draw(random, I));
        if (draw(random, 4) == 0)
            kept_buf_text(out, "    masked: all\n");
        else
            add_bits(out, "masked", "i", I, gets & draw(random, 1u << I));
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
        const char *reaches = PICK(random, "", "[a1]", "[default, a1, a2]", "[default, a2]", "[]");
        if (reaches[0] != 0)
            kept_buf_printf(out, "    partitions: %s\n", reaches);
    }
    kept_buf_text(out, "exemptions:\n");
    for (uint32_t i = 0; i < X; i++)
        kept_buf_printf(out,
                        "  x%u: {text: t, for: [%s], spares_notice: %s, spares_age: %s, "
                        "deidentified: %s, clause: cx%u}\n",
                        i, PICK(random, "collect", "use", "share", "collect, use", "use, share"),
                        PICK(random, "false", "true"), PICK(random, "false", "true"),
                        PICK(random, "false", "true"), i);
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

/* What consents to other versions cover, of the two numbers that rows are drawn with beside ours. */
static void draw_formers(struct kept_policy *p, struct random *random)
{
    p->formers = kept_arena_alloc(&p->arena, 2, sizeof *p->formers);
    for (uint32_t i = 0; i < 2; i++) {
        uint64_t *words = kept_arena_alloc(&p->arena, 4, sizeof *words);
        assert_non_null(words);
        for (size_t w = 0; w < 4; w++)
            words[w] = draw(random, 64);
        p->formers[i] = (struct former){.version = (p->info.version + 1 + i) % 4,
                                        .whole = draw(random, 2) == 0,
                                        .functions = words, .items = words + 1,
                                        .purposes = words + 2, .recipients = words + 3};
    }
    p->former_count = 2;
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
    case KEPT_K_PARTITION:
    case KEPT_K_REGION: break;
    }
    return draw(random, 3);
}

struct drawn {
    struct person person;
    struct kept_launch_row launches[4];
    struct kept_client client;
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
            .flags = (uint8_t)draw(random, 4), .at = draw(random, 5), .expires = draw(random, 6) == 0 ? NOON_2026 - 1 + draw(random, 3) : 0};
        if (draw(random, 2) == 0)
            memcpy(d->person.consents[i].text_hash, p->text_hashes[0], 32);
    }
    /* Guardians' words, first the general one, for some of the rows. */
    for (size_t i = draw(random, 2) == 0 ? 0 : c->consent_count; i < c->consent_count; i++)
        if (i == 0 || draw(random, 3) == 0) {
            d->person.consents[i].kind = KEPT_C_GUARDIAN;
            d->person.consents[i].scope_kind = i == 0 ? KEPT_K_NONE : d->person.consents[i].scope_kind;
        }
    c->permission_count = draw(random, 7);
    for (size_t i = 0; i < c->permission_count; i++)
        d->person.permissions[i] = (struct kept_permission_row){
            .ref = p->permissions[draw(random, S)].ref, .on = draw(random, 4) > 0, .at = draw(random, 3),
            .expires = draw(random, 6) == 0 ? NOON_2026 - 1 + draw(random, 3) : 0};
    c->launch_count = draw(random, 4);
    for (size_t i = 0; i < c->launch_count; i++)
        d->launches[i] = (struct kept_launch_row){p->functions[draw(random, F)].ref,
                                                  draw(random, 2) == 0 ? 0 : p->items[draw(random, I)].pub.ref,
                                                  draw(random, 4)};
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
    if (q->use == KEPT_USE_COLLECT && draw(random, 2) == 0) {
        q->recipient = KEPT_NO_INDEX;
        q->unknown_recipient = false;
    }
    q->role = draw_index(random, R, &q->unknown_role);
    q->region = draw(random, 4) == 0 ? kept_ref(KEPT_K_REGION, PICK(random, "CN", "SG", "US", "HK")) : 0;
    q->launch = draw(random, 4);
    d->client = (struct kept_client){
        .os = PICK(random, "android", "ios", "linux", "beos", NULL),
        .os_version = PICK(random, "10", "9.9", "5.10.0", "10..1", "", NULL),
        .app_version = PICK(random, "1", "3.0.1", "2.99", "0", "3.0.1.0", "new", NULL),
        .surface = PICK(random, "phone", "tv", "car", "wall", NULL)};
    q->client = draw(random, 6) == 0 ? NULL : &d->client;
    q->facts = draw(random, 2) == 0 ? (uint32_t)(KEPT_F_IN_USE | KEPT_F_USER_ACTION) : draw(random, 16);
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
            !(q->use == KEPT_USE_READ && f->effect == KEPT_WITHDRAW_COLLECT_ONLY))
            assert_int_equal(kept_decide(p, &c, q).decision, KEPT_DENY);
    }
    c = d->person.context;
    c.birth_day = 20605 - 10 * 365; /* and nobody speaks for them */
    c.consent_count = 0;
    if (p->age_gated && !(exempt && ref_exemption(p, q)->spares_age))
        assert_int_equal(kept_decide(p, &c, q).decision, KEPT_DENY);
    if (item->from_others && q->use == KEPT_USE_COLLECT) { /* nobody, or nobody known, gave it */
        struct kept_question other = *q;
        other.recipient = KEPT_NO_INDEX;
        assert_int_equal(kept_decide(p, &d->person.context, &other).decision, KEPT_DENY);
        other.unknown_recipient = true;
        assert_int_equal(kept_decide(p, &d->person.context, &other).decision, KEPT_DENY);
    }
    if (q->function < p->info.functions && p->functions[q->function].needs_case) {
        struct kept_question other = *q;
        other.justified = false;
        assert_int_equal(kept_decide(p, &d->person.context, &other).decision, KEPT_DENY);
    }
}

static void drawn_policies_agree(void **state)
{
    (void)state;
    struct random random = {.state = 20260601};
    size_t read = 0, allowed = 0, asked = 0, reasons[KEPT_R_COUNT] = {0};
    for (size_t drawn = 0; drawn < 20000 && read < (STRIDE > 1 ? 30 : 200); drawn++) {
        struct kept_policy *p = draw_policy(&random);
        if (p == NULL)
            continue;
        read++;
        draw_formers(p, &random);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drawn_policies_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
