/* test_item.c - values against the rule of their item: units, ranges, precision, choices; and what the
 * policy's reader refuses of such rules. */
#include "../aid/world.h"

#include "vault/item.h"

static struct kept_policy *policy;

#define NOTE "note:\n    {text: {en: note, zh: 备注}, kind: text, information: content, source: user, retain: account, values: many, clause: T-10}"
#define ITEM(rule) "note:\n    {text: {en: note, zh: 备注}, information: content, source: user, retain: account, clause: T-10, " rule "}"

/* The shop's policy with another note; NULL and the first finding's code when it is refused. */
static struct kept_policy *with(const char *rule, char code[64])
{
    struct kept_findings findings = {0};
    struct kept_policy *p = NULL;
    struct kept_err err;
    char *text = world_policy("shop", 1, NOTE, rule);
    int rc = kept_policy_read(world_text(text), &p, &findings, &err);
    code[0] = 0;
    for (size_t i = 0; i < findings.count && code[0] == 0; i++)
        if (findings.rows[i].severity == KEPT_ERROR)
            (void)snprintf(code, 64, "%s", findings.rows[i].code);
    assert_int_equal(rc, code[0] == 0 ? 0 : KEPT_E_POLICY);
    if (rc == 0 && findings.errors > 0)
        fail_msg("%s", findings.rows[0].text);
    kept_findings_release(&findings);
    free(text);
    return p;
}

static const struct kept_item *item_with(const char *rule)
{
    char code[64];
    kept_policy_free(policy);
    policy = with(rule, code);
    if (policy == NULL)
        fail_msg("refused: %s", code);
    return kept_policy_item(policy, kept_policy_index(policy, KEPT_K_ITEM,
                                                      kept_ref(KEPT_K_ITEM, "note")));
}

static void fits(const struct kept_item *item, const char *in, const char *want)
{
    struct kept_buf out;
    struct kept_err err = {0};
    kept_buf_init_secret(&out, 1 << 16);
    kept_buf_text(&out, "<");
    int rc = kept_item_normal(item, world_text(in), &out, &err);
    if (rc != 0)
        fail_msg("%s: %s", in, err.text);
    assert_string_equal((const char *)out.p + 1, want);
    kept_buf_clear(&out); /* the normal form is its own */
    assert_int_equal(kept_item_normal(item, world_text(want), &out, &err), 0);
    assert_string_equal((const char *)out.p, want);
    kept_buf_release(&out);
}

static void refused(const struct kept_item *item, const char *in)
{
    struct kept_buf out;
    struct kept_err err = {0};
    kept_buf_init_secret(&out, 1 << 16);
    int rc = kept_item_normal(item, world_text(in), &out, &err);
    if (rc != KEPT_E_USAGE)
        fail_msg("'%s' is taken: %d", in, rc);
    assert_int_equal(out.n, 0);
    assert_true(strlen(err.text) > 20);
    if (strlen(in) > 5)
        assert_null(strstr(err.text, in));
    assert_int_equal(kept_item_normal(item, world_text(in), &out, NULL), KEPT_E_USAGE);
    kept_buf_release(&out);
}

static void test_numbers_with_a_unit(void **state)
{
    (void)state;
    const struct kept_item *t =
        item_with(ITEM("kind: number, unit: °C, min: \"-40\", max: \"85.5\", decimals: 2"));
    fits(t, "21.5", "21.5");
    fits(t, " +021.50 °C ", "21.5");
    fits(t, "-0.00°C", "0");
    fits(t, "-40", "-40");
    fits(t, "85.50", "85.5");
    fits(t, "85.5000", "85.5"); /* idle zeros are no precision */
    refused(t, "-40.01");
    refused(t, "85.51");
    refused(t, "86");
    refused(t, "-100");
    refused(t, "21.505");
    refused(t, "21.5 °F");
    refused(t, "21.5 °C °C");
    refused(t, "°C");
    refused(t, "warm");
    refused(t, "");
    refused(t, "1e3");
    refused(t, "999999999999999999999999999999");
    const struct kept_item *level = item_with(ITEM("kind: number, unit: \"%\", min: 0, max: 100, decimals: 0"));
    fits(level, "77%", "77");
    fits(level, "100 %", "100");
    fits(level, "007", "7");
    refused(level, "101");
    refused(level, "-1");
    refused(level, "7.5");
    const struct kept_item *open = item_with(ITEM("kind: number, min: \"0.001\""));
    fits(open, "123456789012345678901234567890", "123456789012345678901234567890");
    fits(open, "0.0010", "0.001");
    refused(open, "0.0009999");
    refused(open, "5 m");
    const struct kept_item *plain = item_with(ITEM("kind: number"));
    assert_null(plain->limits);
    fits(plain, "-00.50", "-0.5");
}

static void test_choices(void **state)
{
    struct kept_buf out;
    (void)state;
    const struct kept_item *sex = item_with(
        ITEM("kind: choice, choices: {female: {en: a woman, zh: 女}, male: {en: a man, zh: 男}, "
             "not-said: {en: not said, zh: 未说明}}"));
    assert_int_equal(sex->limits->choice_count, 3);
    fits(sex, "female", "female");
    fits(sex, " not-said\t", "not-said");
    refused(sex, "fem");
    refused(sex, "females");
    refused(sex, "Female");
    refused(sex, "a woman");
    refused(sex, "");
    kept_buf_init(&out, 1 << 16);
    assert_int_equal(kept_item_mask(sex, world_text("female"), &out, NULL), 0);
    assert_string_equal((const char *)out.p, KEPT_KIND_HIDDEN);
    kept_buf_clear(&out); /* what is shown to people has the names and their texts */
    assert_int_equal(kept_policy_show(policy, 0, &out), 0);
    assert_non_null(strstr((const char *)out.p, "female (a woman), male (a man), not-said (not said)"));
    kept_buf_clear(&out);
    assert_int_equal(kept_policy_show(policy, 1, &out), 0);
    assert_non_null(strstr((const char *)out.p, "\"female\":{\"en\":\"a woman\",\"zh\":\"女\"}"));
    kept_buf_release(&out);
}

static void test_rules_that_are_refused(void **state)
{
    static const struct {
        const char *rule, *code;
    } bad[] = {
        {ITEM("kind: number, min: 5, max: 4"), "BAD_VALUE"},
        {ITEM("kind: number, min: much"), "BAD_NUMBER"},
        {ITEM("kind: number, max: 1e9"), "BAD_NUMBER"},
        {ITEM("kind: number, decimals: 13"), "BAD_NUMBER"},
        {ITEM("kind: number, decimals: -1"), "BAD_NUMBER"},
        {ITEM("kind: number, unit: \"k W\""), "BAD_VALUE"},
        {ITEM("kind: number, unit: \"7\""), "BAD_VALUE"},
        {ITEM("kind: number, unit: \"\""), "EMPTY_VALUE"},
        {ITEM("kind: text, unit: kWh"), "KEY_OF_OTHER_KIND"},
        {ITEM("kind: date, min: 5"), "KEY_OF_OTHER_KIND"},
        {ITEM("kind: number, choices: {a: {en: a, zh: a}}"), "KEY_OF_OTHER_KIND"},
        {ITEM("kind: choice"), "MISSING_KEY"},
        {ITEM("kind: choice, choices: {}"), "BAD_VALUE"},
        {ITEM("kind: choice, choices: [a, b]"), "WRONG_TYPE"},
        {ITEM("kind: choice, choices: {A: {en: a, zh: a}}"), "BAD_NAME"},
        {ITEM("kind: choice, choices: {a: {en: a}}"), "TEXT_MISSING"},
        {ITEM("kind: choice, choices: {a: {en: a, zh: a}, a: {en: b, zh: b}}"), "DUPLICATE_KEY"},
        {ITEM("kind: choice, token: true, choices: {a: {en: a, zh: a}}"), "TOKEN_LOW_ENTROPY"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char code[64];
        struct kept_policy *p = with(bad[i].rule, code);
        if (strcmp(code, bad[i].code) != 0)
            fail_msg("%s: %s, not %s", bad[i].rule, code, bad[i].code);
        assert_null(p);
    }
}

static int down(void **state)
{
    (void)state;
    kept_policy_free(policy);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_with_a_unit),
        cmocka_unit_test(test_choices),
        cmocka_unit_test(test_rules_that_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, down);
}
