/* test_staff.c - what a policy asks of staff: what must be on file of them, how much they may read before somebody is told,
 * and what another must approve of; each by the rule that says so, and by none where none does. */
#include "duties_aid.h"

#include "policy/show_int.h"

#define ROLES(more)                                                                                \
    "  app: {operations: all}\n"                                                                    \
    "  desk: {text: desk, clause: D-1, operations: [use], purposes: [work], raw: [note]" more "}\n"

/* Under no law, with roles and with sections. */
static struct kept_policy *staffed(const char *roles, const char *sections)
{
    char *text = small_text(sections), *other = changed(text, "  app: {operations: all}\n", roles);
    char *free_text = changed(other, "jurisdiction: CN", "jurisdiction: XX");
    struct kept_policy *p = read_policy(free_text);
    free(free_text);
    free(other);
    free(text);
    return p;
}

static void what_must_be_on_file(void **state)
{
    (void)state;
    struct kept_policy *p = staffed(ROLES(", requires: {confidentiality: {clause: R-1}, training: {}}"), "");
    const uint32_t desk = index_of(p, KEPT_K_ROLE, "desk");
    const char *clause = "none";
    int line = 0;
    for (size_t i = 0; i < KEPT_ATTESTATIONS; i++)
        assert_int_equal(kept_attestation_named(kept_attestation_word(i)), i);
    assert_int_equal(kept_attestation_named("charm"), KEPT_ATTESTATIONS);
    assert_string_equal(kept_attestation_word(KEPT_ATTESTATIONS), "");
    assert_false(kept_policy_requires(p, desk, kept_attestation_named("vetting"), &clause, &line));
    assert_false(kept_policy_requires(p, desk, KEPT_ATTESTATIONS, &clause, &line));
    assert_false(kept_policy_requires(p, 4000, 0, &clause, &line));
    assert_false(kept_policy_requires(p, p->app_role, 0, &clause, &line));
    assert_string_equal(clause, "none"); /* set where it is required only */
    assert_true(kept_policy_requires(p, desk, kept_attestation_named("confidentiality"), &clause, &line));
    assert_string_equal(clause, "R-1");
    assert_true(line > 0);
    assert_true(kept_policy_requires(p, desk, kept_attestation_named("training"), &clause, &line));
    assert_string_equal(clause, "D-1"); /* the role's, where it has none of its own */
    kept_policy_free(p);
}

static void how_much_is_read(void **state)
{
    (void)state;
    struct kept_policy *p = staffed(ROLES(", alarm: {reads: 100, within: 2 hours, clause: R-2}"), "");
    const struct kept_alarm alarm = kept_policy_alarm(p, index_of(p, KEPT_K_ROLE, "desk"));
    assert_int_equal(alarm.reads, 100);
    assert_true(alarm.within == 2 * KEPT_HOUR);
    assert_string_equal(alarm.clause, "R-2");
    assert_int_equal(kept_policy_alarm(p, p->app_role).reads, 0);
    assert_int_equal(kept_policy_alarm(p, 4000).reads, 0);
    assert_string_equal(kept_policy_alarm(p, KEPT_NO_INDEX).clause, "");
    kept_policy_free(p);
}

static bool approved(const struct kept_policy *p, const char *born, const char **clause)
{
    int line = 0;
    const bool needs = kept_policy_role_approval(p, index_of(p, KEPT_K_ROLE, "desk"), born != NULL ? day(born) : KEPT_BIRTH_UNKNOWN,
                                                 NOON_2026, clause, &line);
    assert_int_equal(needs, line > 0);
    return needs;
}

static void what_another_approves_of(void **state)
{
    (void)state;
    static const char ages[] = "age: {bands: [{from: 0, below: 18, mode: guardian}, {from: 18, mode: self}]}\n",
                      allowed[] = "age: {unknown: allow, bands: [{from: 0, below: 18, mode: guardian}, {from: 18, mode: self}]}\n";
    static const struct {
        const char *roles, *sections, *born; /* NULL: unknown */
        const char *clause;                  /* NULL: nobody need approve */
    } rows[] = {{ROLES(""), ages, "2020-01-01", NULL},
                {ROLES(", approval: {clause: P-1}"), ages, "1980-01-01", "P-1"},
                {ROLES(", approval: {for: minors, clause: P-1}"), ages, "1980-01-01", NULL},
                {ROLES(", approval: {for: minors, clause: P-1}"), ages, "2020-01-01", "P-1"},
                {ROLES(", approval: {for: minors}"), ages, "2020-01-01", "D-1"},
                {ROLES(", approval: {for: minors}"), ages, NULL, "D-1"},
                {ROLES(", approval: {for: minors}"), ages, "2026-06-02", "D-1"}, /* born tomorrow */
                {ROLES(", approval: {for: minors}"), allowed, NULL, NULL}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct kept_policy *p = staffed(rows[i].roles, rows[i].sections);
        const char *clause = NULL;
        int line = 0;
        if (approved(p, rows[i].born, &clause) != (rows[i].clause != NULL))
            fail_msg("row %zu", i);
        assert_true(rows[i].clause == NULL || strcmp(clause, rows[i].clause) == 0);
        assert_false(kept_policy_role_approval(p, 4000, day("2020-01-01"), NOON_2026, &clause, &line));
        assert_false(kept_policy_exemption_approval(p, "court", day("2020-01-01"), NOON_2026, &clause, &line));
        kept_policy_free(p);
    }
}

static void grounds_that_another_approves_of(void **state)
{
    (void)state;
    struct kept_policy *p = staffed(ROLES(""), "exemptions:\n  law: {text: law, for: [share]}\n  court: {text: court, clause: E-1, for: [share], approval: {}}\n");
    const char *clause = NULL;
    int line = 0;
    assert_false(kept_policy_exemption_approval(p, "law", KEPT_BIRTH_UNKNOWN, NOON_2026, &clause, &line));
    assert_false(kept_policy_exemption_approval(p, "none", KEPT_BIRTH_UNKNOWN, NOON_2026, &clause, &line));
    assert_null(clause);
    assert_true(kept_policy_exemption_approval(p, "court", KEPT_BIRTH_UNKNOWN, NOON_2026, &clause, &line));
    assert_string_equal(clause, "E-1");
    kept_policy_free(p);
}

/* As people and programs read it: a clause where there is one, and minors where they alone are meant. */
static void as_it_is_shown(void **state)
{
    (void)state;
    static const struct {
        const char *roles, *text, *json, *not;
    } rows[] = {{ROLES(", alarm: {reads: 100, within: 2 hours, clause: R-2}, approval: {for: minors}"), "more than 100 reads within 120 minutes (line", "\"within_ms\":7200000", "everybody"},
                {ROLES(", alarm: {reads: 7, within: 1 hour}, approval: {}"), "more than 7 reads within 60 minutes (line", "\"reads\":7", "minors"},
                {ROLES(", requires: {vetting: {}}"), "requires", "vetting", "alarm"}};
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int json = 0; json < 2; json++) {
            struct kept_policy *p = staffed(rows[i].roles, "exemptions:\n  court: {text: court, for: [share], approval: {for: everybody}}\n");
            struct kept_policy *bare = staffed(rows[i].roles, "");
            struct kept_buf out;
            kept_buf_init(&out, 1u << 20);
            assert_int_equal(kept_policy_show(bare, json != 0, &out), 0);
            if (strstr((const char *)out.p, json != 0 ? rows[i].json : rows[i].text) == NULL)
                fail_msg("row %zu says not '%s':\n%s", i, json != 0 ? rows[i].json : rows[i].text, (const char *)out.p);
            const size_t before = out.n;
            assert_null(strstr((const char *)out.p, rows[i].not));
            kept_buf_clear(&out);
            assert_int_equal(kept_policy_show(p, json != 0, &out), 0);
            assert_non_null(strstr((const char *)out.p, "everybody")); /* of the exemption */
            assert_true(out.n > before);
            kept_buf_release(&out);
            kept_policy_free(bare);
            kept_policy_free(p);
        }
}

/* A ground that needs another's word for the young alone is shown as that; the app itself is no staff, and is asked for nothing
 * of the kind. */
static void of_minors_and_of_the_app(void **state)
{
    (void)state;
    static const char *const app[] = {"partitions: [default]", "requires: {vetting: {}}", "alarm: {reads: 7, within: 1 hour}", "approval: {}"};
    struct kept_policy *p = staffed(ROLES(""), "exemptions:\n  court: {text: court, for: [share], approval: {for: minors}}\n");
    struct kept_buf out;
    kept_buf_init(&out, 1u << 20);
    assert_int_equal(kept_policy_show(p, false, &out), 0);
    assert_non_null(strstr((const char *)out.p, "minors"));
    kept_buf_release(&out);
    kept_policy_free(p);
    for (size_t i = 0; i < COUNT(app); i++) {
        char roles[128], *text = small_text("");
        (void)snprintf(roles, sizeof roles, "  app: {operations: all, %s}\n", app[i]);
        char *other = changed(text, "  app: {operations: all}\n", roles);
        if (!finds_in(other, "APP_ROLE"))
            fail_msg("%s", app[i]);
        assert_false(finds_in(text, "APP_ROLE"));
        free(other);
        free(text);
    }
}

/* What cannot be read is one mistake, where it stands; nothing of it is taken. */
static void what_cannot_be_read(void **state)
{
    (void)state;
    static const struct {
        const char *roles, *code;
    } rows[] = {{ROLES(", requires: all"), "WRONG_TYPE"}, {ROLES(", requires: {training: yes}"), "WRONG_TYPE"}, {ROLES(", alarm: loud"), "WRONG_TYPE"},
                {ROLES(", alarm: {reads: none, within: 1 hour}"), "BAD_NUMBER"}, {ROLES(", approval: always"), "WRONG_TYPE"},
                {ROLES(", approval: {for: some}"), "BAD_VALUE"}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *text = small_text(""), *other = changed(text, "  app: {operations: all}\n", rows[i].roles);
        if (!finds_in(other, rows[i].code))
            fail_msg("row %zu: no %s", i, rows[i].code);
        free(other);
        free(text);
    }
    char *text = small_text("exemptions:\n  court: {text: court, for: [share], approval: always}\n");
    assert_true(finds_in(text, "WRONG_TYPE"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_must_be_on_file), cmocka_unit_test(how_much_is_read), cmocka_unit_test(what_another_approves_of),
        cmocka_unit_test(grounds_that_another_approves_of), cmocka_unit_test(as_it_is_shown), cmocka_unit_test(of_minors_and_of_the_app),
        cmocka_unit_test(what_cannot_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
