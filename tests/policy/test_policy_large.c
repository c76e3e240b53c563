/* Is a policy of a hundred thousand rules and ten megabytes read right? And is what is larger, deeper or made to
 * grow refused at a limit with a name (base/limits.h, tree.h), one behind it and not before? */
#include "agree.h"

#include "../../bench/large.h"
#include "base/buf.h"

#define RULES (STRIDE > 1 ? 1500u : LARGE_EACH)

static void a_hundred_thousand_rules(void **state)
{
    (void)state;
    struct kept_policy *p = NULL;
    struct kept_findings findings = {0};
    size_t n = 0;
    char *text = large_policy(RULES, &n);
    assert_non_null(text);
    assert_true(STRIDE > 1 || (n >= 10000000 && LARGE_KINDS * RULES >= 100000));
    assert_int_equal(kept_policy_read((struct kept_span){(const uint8_t *)text, n}, &p, &findings, NULL), 0);
    assert_int_equal(findings.count, 0);
    assert_true(p->info.items == RULES && p->info.functions == RULES && p->info.purposes == RULES);
    assert_true(p->info.permissions == RULES && p->info.recipients == RULES && p->exemption_count == RULES);
    assert_int_equal(p->sentence_count, RULES);
    const uint32_t some[] = {0, 1, RULES / 2, RULES - 1};
    for (size_t i = 0; i < COUNT(some); i++) {
        struct kept_question q = ask(KEPT_USE_COLLECT);
        struct kept_context c = live(p);
        char name[64];
        (void)snprintf(name, sizeof name, "function-%u", some[i]);
        struct kept_consent_row row =
            consent_row(KEPT_K_FUNCTION, name, KEPT_C_EXPLICIT, KEPT_CS_GRANTED);
        struct kept_permission_row on = {.ref = p->permissions[some[i]].ref, .on = 1, .at = 5};
        c.consents = &row;
        c.consent_count = 1;
        q.function = q.item = q.purpose = some[i];
        assert_int_equal(same(p, &c, &q), KEPT_DENY); /* the permission is not on */
        c.permissions = &on;
        c.permission_count = 1;
        assert_int_equal(same(p, &c, &q), KEPT_ALLOW);
        q.item = (some[i] + 1) % RULES;
        assert_int_equal(same(p, &c, &q), KEPT_DENY);
    }
    kept_policy_free(p);
    kept_findings_release(&findings);
    free(text);
}

/* ---- hostile files -------------------------------------------------------------------------------------- */

/* Is this its first finding? NULL: a file that is read as far as its words. */
static void found_first(struct kept_buf *text, int rc, const char *code)
{
    struct kept_policy *p = NULL;
    struct kept_findings findings = {0};
    struct kept_err err = {0};
    assert_int_equal(text->failed, 0);
    assert_int_equal(kept_policy_read(kept_buf_span(text), &p, &findings, &err), rc);
    assert_null(p);
    assert_true(findings.count > 0 && err.text[0] != 0);
    if (code != NULL)
        assert_string_equal(findings.rows[0].code, code);
    for (size_t i = 0; code == NULL && i < findings.count; i++) {
        assert_string_not_equal(findings.rows[i].code, "TOO_DEEP");
        assert_string_not_equal(findings.rows[i].code, "TOO_MANY");
        assert_string_not_equal(findings.rows[i].code, "TOO_LARGE");
    }
    kept_findings_release(&findings);
    kept_buf_clear(text);
}

static void what_is_too_deep_is_refused(void **state)
{
    (void)state;
    struct kept_buf text;
    kept_buf_init(&text, 1 << 20);
    const size_t depths[] = {KEPT_MAX_POLICY_DEPTH - 1, KEPT_MAX_POLICY_DEPTH, 100000};
    for (size_t i = 0; i < COUNT(depths); i++) { /* the file itself is the first level */
        kept_buf_text(&text, "kept: ");
        for (size_t k = 0; k < depths[i]; k++)
            kept_buf_text(&text, "[");
        kept_buf_text(&text, "1");
        for (size_t k = 0; k < depths[i]; k++)
            kept_buf_text(&text, "]");
        found_first(&text, KEPT_E_POLICY, i == 0 ? NULL : "TOO_DEEP");
    }
    kept_buf_release(&text);
}

static void what_grows_is_refused(void **state)
{
    (void)state;
    struct kept_buf text;
    kept_buf_init(&text, 1 << 20);
    kept_buf_text(&text, "a: &a [x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 20; i++) /* each nine of the one before */
        kept_buf_printf(&text, "%c: &%c [*%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c]\n", 'a' + i, 'a' + i, 'a' + i - 1,
                        'a' + i - 1, 'a' + i - 1, 'a' + i - 1, 'a' + i - 1, 'a' + i - 1, 'a' + i - 1, 'a' + i - 1,
                        'a' + i - 1);
    found_first(&text, KEPT_E_POLICY, "ANCHOR");
    kept_buf_text(&text, "kept: *nobody\n");
    found_first(&text, KEPT_E_POLICY, "ANCHOR");
    kept_buf_text(&text, "kept: &a 1\n");
    found_first(&text, KEPT_E_POLICY, "ANCHOR");
    kept_buf_release(&text);
}

static void too_many_entries_are_refused(void **state)
{
    (void)state;
    struct kept_buf text;
    kept_buf_init(&text, KEPT_MAX_POLICY_BYTES);
    for (unsigned more = 0; more < 2; more++) {
        kept_buf_text(&text, "kept: 1\napp: [");
        for (unsigned i = 0; i < KEPT_MAX_DECLARED + more; i++)
            kept_buf_text(&text, "1,");
        kept_buf_text(&text, "]\n");
        found_first(&text, KEPT_E_POLICY, more > 0 ? "TOO_MANY" : NULL);
    }
    kept_buf_text(&text, "app:\n"); /* few in each place, and too many in all */
    for (unsigned i = 0; i < KEPT_MAX_POLICY_NODES / 128; i++) {
        kept_buf_text(&text, "- [");
        for (unsigned k = 0; k < 128; k++)
            kept_buf_text(&text, "1,");
        kept_buf_text(&text, "]\n");
    }
    found_first(&text, KEPT_E_POLICY, "TOO_MANY");
    kept_buf_release(&text);
}

static void a_huge_value_is_refused(void **state)
{
    (void)state;
    struct kept_buf text;
    kept_buf_init(&text, KEPT_MAX_POLICY_BYTES + 1);
    for (size_t more = 0; more < 2; more++) {
        kept_buf_text(&text, "kept: 1\napp: ");
        size_t rest = KEPT_MAX_POLICY_BYTES - text.n + more;
        memset(kept_buf_room(&text, rest), 'a', rest);
        found_first(&text, more > 0 ? KEPT_E_LIMIT : KEPT_E_POLICY, more > 0 ? "TOO_LARGE" : NULL);
    }
    kept_buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hundred_thousand_rules),
        cmocka_unit_test(what_is_too_deep_is_refused),
        cmocka_unit_test(what_grows_is_refused),
        cmocka_unit_test(too_many_entries_are_refused),
        cmocka_unit_test(a_huge_value_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
