/* Does the fast decision agree with the slow one (reference.h), in decision, reason, clause and
 * line: on every combination of names of the real policies, and on every combination of a person's
 * facts? Drawn policies: test_policy_drawn.c. */
#include "agree.h"
#include "duties_aid.h"

static const char *const policies[] = {"policies/widgets.yaml", "policies/smart-home.yaml",
                                       "policies/messenger.yaml", "policies/wallpaper.yaml"};

/* ---- every combination of names --------------------------------------------------------------- */

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

/* A recipient abroad gets what it was agreed that it gets, and only while that holds. */
static void abroad_while_it_is_agreed(void **state)
{
    (void)state;
    char *home = small_text(
        "recipients:\n"
        "  host: {text: host, role: processor, kind: partner, items: [note], purposes: [work], region: SG, consent: separate, "
        "export_mechanism: contract, agreement: {signed: 2026-01-01, expires: 2026-07-01, checked: 2026-01-01}}\n"
        "  court: {text: court, role: authority, kind: authority, items: [note], purposes: [work], region: SG, consent: separate, "
        "export_mechanism: contract, agreement: {signed: 2026-01-01, expires: 2026-07-01, checked: 2026-01-01}}\n"
        "  desk: {text: desk, role: authority, kind: authority, items: [note], purposes: [work], region: CN}\n"
        "exemptions:\n  law: {text: law, for: [share]}\n");
    char *text = changed(home, "regions: {stored: [CN]}", "regions: {stored: [CN], export: conditional}");
    struct kept_policy *p = read_policy(text);
    struct kept_consent_row rows[] = {consent_row(KEPT_K_RECIPIENT, "host", KEPT_C_SEPARATE, KEPT_CS_GRANTED),
                                      consent_row(KEPT_K_FUNCTION, "keep", KEPT_C_EXPLICIT, KEPT_CS_GRANTED)};
    struct kept_context c = live(p);
    struct kept_question q = ask(KEPT_USE_DISCLOSE);
    c.consents = rows;
    c.consent_count = COUNT(rows);
    q.item = index_of(p, KEPT_K_ITEM, "note");
    q.purpose = index_of(p, KEPT_K_PURPOSE, "work");
    q.recipient = index_of(p, KEPT_K_RECIPIENT, "host");
    assert_int_equal(kept_decide(p, &c, &q).decision, KEPT_ALLOW);
    q.now = NOON_2026 + 60 * KEPT_DAY;
    assert_int_equal(kept_decide(p, &c, &q).reason, KEPT_R_REGION);
    q.now = NOON_2026;
    q.region = kept_ref(KEPT_K_REGION, "US"); /* it may not go on from there */
    assert_int_equal(kept_decide(p, &c, &q).reason, KEPT_R_REGION);
    q.region = KEPT_REF_NONE;
    q.recipient = index_of(p, KEPT_K_RECIPIENT, "court");
    assert_int_equal(kept_decide(p, &c, &q).reason, KEPT_R_JUSTIFICATION);
    q.now = NOON_2026 + 60 * KEPT_DAY;
    assert_int_equal(kept_decide(p, &c, &q).reason, KEPT_R_REGION);
    q.recipient = index_of(p, KEPT_K_RECIPIENT, "desk"); /* an authority signs nothing */
    assert_int_equal(kept_decide(p, &c, &q).reason, KEPT_R_JUSTIFICATION);
    q.exemption = "law";
    q.justified = true;
    assert_int_equal(kept_decide(p, &c, &q).decision, KEPT_ALLOW);
    kept_policy_free(p);
    free(text);
    free(home);
}

/* Rows that name nothing speak of nothing; a guardian's word is never the person's own. */
static void rows_without_a_name_say_nothing(void **state)
{
    (void)state;
    struct kept_policy *p = small("");
    static const enum kept_kind kinds[] = {KEPT_K_PURPOSE, KEPT_K_ITEM, KEPT_K_FUNCTION, KEPT_K_RECIPIENT};
    struct kept_consent_row rows[COUNT(kinds)];
    struct kept_context c = live(p);
    struct kept_question q = ask(KEPT_USE_READ);
    struct standing s = {0};
    for (size_t i = 0; i < COUNT(kinds); i++) {
        rows[i] = consent_row(kinds[i], "note", KEPT_C_WRITTEN, KEPT_CS_REFUSED);
        rows[i].scope = KEPT_REF_NONE;
    }
    c.consents = rows;
    c.consent_count = COUNT(rows);
    kept_standing(p, &c, &q, KEPT_NO_INDEX, &s);
    kept_standing_function(&c, KEPT_REF_NONE, &s);
    assert_true(s.own.purpose == NULL && s.own.item == NULL && s.own.function == NULL && s.own.recipient == NULL);
    assert_null(s.own.whole);
    const struct kept_consent_row word = consent_row(KEPT_K_ITEM, "note", KEPT_C_GUARDIAN, KEPT_CS_GRANTED);
    assert_int_equal(kept_satisfies(p, &word, KEPT_C_GUARDIAN, &q), KEPT_R_NONE);
    assert_int_equal(kept_satisfies(p, &word, KEPT_C_EXPLICIT, &q), KEPT_R_NEEDS_CONSENT);
    assert_int_equal(kept_satisfies(p, &word, KEPT_C_WRITTEN, &q), KEPT_R_NEEDS_WRITTEN_CONSENT);
    kept_policy_free(p);
}

/* A version that is to be shown first was not; and an exemption that spares it. */
static void what_was_not_shown(void **state)
{
    (void)state;
    static const char spared[] = "exemptions:\n  law: {text: law, for: [use], spares_notice: true}\n"
                                 "  use: {text: use, for: [use]}\n";
    char with[300];
    (void)snprintf(with, sizeof with, "changes: {clause: C-1}\n%s", spared);
    for (int says = 0; says < 2; says++) {
        struct kept_policy *p = small(says ? with : spared);
        struct kept_context c = live(p);
        struct kept_question q = ask(KEPT_USE_READ);
        q.item = index_of(p, KEPT_K_ITEM, "note");
        q.purpose = index_of(p, KEPT_K_PURPOSE, "work");
        assert_int_equal(kept_decide(p, &c, &q).reason, KEPT_R_NEEDS_CONSENT);
        c.unshown = true;
        struct kept_verdict v = kept_decide(p, &c, &q);
        assert_int_equal(v.reason, KEPT_R_NO_NOTICE);
        assert_int_equal(v.line, says ? p->changes.line : p->notice.line);
        q.justified = true;
        q.exemption = "use";
        assert_int_equal(kept_decide(p, &c, &q).reason, KEPT_R_NO_NOTICE);
        q.exemption = "law";
        assert_int_equal(kept_decide(p, &c, &q).decision, KEPT_ALLOW);
        kept_policy_free(p);
    }
}

/* An address book comes in to be met with members, and for nothing else; and code of others that starts by
 * itself asks first where the policy lets it start at all. */
static void books_and_background(void **state)
{
    (void)state;
    struct kept_policy *p = load_policy("tests/policy/made.yaml");
    struct kept_context c = live(p);
    struct kept_question q = ask(KEPT_USE_COLLECT);
    q.item = index_of(p, KEPT_K_ITEM, "friends");
    q.function = index_of(p, KEPT_K_FUNCTION, "findable");
    assert_int_equal(kept_decide(p, &c, &q).reason, KEPT_R_TRANSIENT);
    q.match = true;
    assert_int_not_equal(kept_decide(p, &c, &q).reason, KEPT_R_TRANSIENT);
    kept_policy_free(p);
    p = small("recipients:\n  code: {text: code, role: processor, kind: sdk, items: [note], purposes: [work], region: CN, "
              "self_start: consent, agreement: {signed: 2026-01-01, expires: 2028-01-01}}\n");
    struct kept_consent_row rows[] = {consent_row(KEPT_K_FUNCTION, "keep", KEPT_C_EXPLICIT, KEPT_CS_GRANTED),
                                      consent_row(KEPT_K_RECIPIENT, "code", KEPT_C_EXPLICIT, KEPT_CS_GRANTED)};
    c = live(p);
    c.consents = rows;
    c.consent_count = 1;
    q = ask(KEPT_USE_DISCLOSE);
    q.item = index_of(p, KEPT_K_ITEM, "note");
    q.purpose = index_of(p, KEPT_K_PURPOSE, "work");
    q.recipient = index_of(p, KEPT_K_RECIPIENT, "code");
    assert_int_equal(kept_decide(p, &c, &q).decision, KEPT_ALLOW);
    q.facts |= KEPT_F_BACKGROUND;
    assert_int_equal(kept_decide(p, &c, &q).reason, KEPT_R_NEEDS_CONSENT);
    c.consent_count = 2;
    assert_int_equal(kept_decide(p, &c, &q).decision, KEPT_ALLOW);
    kept_policy_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_given_is_denied),
        cmocka_unit_test(abroad_while_it_is_agreed),
        cmocka_unit_test(rows_without_a_name_say_nothing),
        cmocka_unit_test(what_was_not_shown),
        cmocka_unit_test(books_and_background),
        cmocka_unit_test(every_combination_of_names_agrees),
        cmocka_unit_test(every_combination_of_facts_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
