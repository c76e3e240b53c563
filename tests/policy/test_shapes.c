/* test_shapes.c - every key of the language with a value of another shape than it takes: nothing is guessed. What is
 * wrong is found, with a line and a way to mend it, and no policy comes of it. */
#include "language_aid.h"

static const char *const shapes[] = {
    "3", "\"\"", "\" \"", "[]", "{}", "[[one]]", "[{one: two}]", "[\"\"]", "[\"Not A Name!\"]", "[0ne, one]", "{one: {two: three}}",
    "{one: 3}", "{\"\": 3}", "{\"Not A Name!\": {text: one}}", "{one: [two]}"};

#if defined(__SANITIZE_ADDRESS__)
#define STRIDE 4u /* each key in some of them, each of them with some keys */
#else
#define STRIDE 1u
#endif

static bool found_at(const struct kept_findings *findings, int line)
{
    bool found = false;
    for (size_t i = 0; i < findings->count; i++)
        found = found || (findings->rows[i].severity == KEPT_ERROR && findings->rows[i].line == line);
    return found;
}

static void every_key_in_every_shape(void **state)
{
    (void)state;
    size_t wrong = 0, at_home = 0; /* found on the very line of the key, and not by what follows from it only */
    for (enum key key = KEY_NONE + 1; key < KEY_COUNT; key++)
        for (size_t i = (size_t)key % STRIDE; i < COUNT(shapes); i += STRIDE) {
            const struct sample sample = say(key, shapes[i]);
            struct kept_policy *policy = NULL;
            struct kept_findings findings;
            read_sample(&sample, &policy, &findings);
            assert_int_equal(policy == NULL, findings.errors != 0);
            for (size_t k = 0; k < findings.count; k++)
                if (findings.rows[k].line < 1 || findings.rows[k].text[0] == 0 || findings.rows[k].mend[0] == 0 ||
                    findings.rows[k].code == NULL || findings.rows[k].code[0] == 0)
                    fail_msg("%s: %s: %s", kept_key_row(key)->name, shapes[i], findings.rows[k].text);
            wrong += findings.errors != 0;
            at_home += findings.errors != 0 && found_at(&findings, sample.line);
            kept_findings_release(&findings);
            kept_policy_free(policy);
        }
    assert_true(wrong > KEY_COUNT * COUNT(shapes) / STRIDE / 2);
    if (at_home * 10 < wrong * 9)
        fail_msg("of %zu mistakes %zu are found where they are", wrong, at_home);
}

/* A map nested anew wherever a value stands: "this" is what cannot be named better. */
static void what_has_no_key_is_this(void **state)
{
    (void)state;
    static const struct {
        enum key key;
        const char *value, *text;
    } wrongs[] = {{FUNCTION_purposes, "[{one: two}]", "'this' must be one value"},
                  {FUNCTION_purposes, "[\"\"]", "'this' is empty"},
                  {GUARDIAN_relations, "[\"Not A Name!\"]", "'Not A Name!' cannot be a word of 'relations'"}};
    for (size_t i = 0; i < COUNT(wrongs); i++) {
        const struct sample sample = say(wrongs[i].key, wrongs[i].value);
        struct kept_policy *policy = NULL;
        struct kept_findings findings;
        bool found = false;
        read_sample(&sample, &policy, &findings);
        assert_null(policy);
        for (size_t k = 0; k < findings.count; k++)
            found = found || (findings.rows[k].line == sample.line &&
                              strcmp(findings.rows[k].text, wrongs[i].text) == 0);
        if (!found)
            fail_msg("nothing says: %s", wrongs[i].text);
        kept_findings_release(&findings);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_in_every_shape),
        cmocka_unit_test(what_has_no_key_is_this),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
