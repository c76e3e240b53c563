/* test_joined.c - two policy files as one, in shapes that no policy of ours has: what is silent, what is no map, words of
 * neither's languages. Each line is the product's, the base's, or both. */
#include "duties_aid.h"

#include "base/error.h"
#include "policy/overlay.h"

/* The two as one, without the notes on where each line stood; NULL: refused. */
static char *joint(const char *product, const char *base, struct kept_err *err)
{
    const struct kept_policy_file over = {"over.yaml", span_of(product)}, under = {"under.yaml", span_of(base)};
    struct kept_findings findings = {0};
    struct kept_buf out;
    kept_buf_init(&out, 1u << 20);
    int rc = kept_policy_overlay(&over, &under, &out, &findings, err);
    kept_findings_release(&findings);
    char *text = NULL;
    if (rc == 0) {
        kept_buf_u8(&out, 0);
        char *notes = strstr((char *)out.p, "\n\"origins\":");
        assert_non_null(notes);
        notes[1] = 0;
        text = strdup((const char *)out.p);
    }
    kept_buf_release(&out);
    return text;
}

#define HEAD "extends: under.yaml\nprecedence: product\n"
static const struct {
    const char *product, *base, *holds;
    bool there;
} cases[] = {
    {"log: {personal: never}\n", "log: {retain: 30 days}\n", "\n\"log\":\n  \"personal\": \"never\"\n  \"retain\": \"30 days\"\n", true},
    {"log: {personal: never}\n", "log:\n", "\n\"log\":\n  \"personal\": \"never\"\n", true}, /* what is silent says nothing */
    {"log:\n", "log: {personal: never}\n", "\n\"log\":\n  \"personal\": \"never\"\n", true},
    {"log:\n", "log:\n", "\n\"log\":\n", true},
    {"log: ''\n", "log: {personal: never}\n", "\n\"log\": \"\"\n", true}, /* an empty word is said */
    {"log: {personal: never}\n", "log: [never]\n", "\n\"log\":\n  \"personal\": \"never\"\n", true}, /* of two shapes the product's */
    {"log: [never]\n", "log: {personal: never}\n", "\n\"log\": [\"never\"]\n", true},
    {"log: {}\n", "log: {personal: never}\n", "\n\"log\":\n  \"personal\": \"never\"\n", true},
    /* a text is one thing, in the languages of either; a map of other words is joined */
    {"languages: {authority: zh}\nrefusal: {text: {zh: 无}}\n", "languages: {authority: en}\nrefusal: {text: {en: nothing}}\n", "nothing", false},
    {"languages: {authority: zh, also: [fr]}\nrefusal: {text: {fr: rien}}\n", "refusal: {text: {en: nothing}}\n", "nothing", false},
    {"languages: zh\nrefusal: {text: {zh: 无}}\n", "refusal: {text: {en: nothing}}\n", "nothing", true},
    {"languages: {authority: [zh], also: zh}\nrefusal: {text: {zh: 无}}\n", "refusal: {text: {en: nothing}}\n", "nothing", true},
    {"languages: {also: [[zh], fr]}\nrefusal: {text: {zh: 无}}\n", "refusal: {text: {en: nothing}}\n", "nothing", true},
    {"refusal: {text: {zh: 无}}\n", "languages: {authority: en}\nrefusal: {text: {en: nothing}}\n", "nothing", false}, /* the base's is a text */
    /* what is a file's own is not the other's; what joins them is said once */
    {"app: shop\n", "app: group\ntitle: Group\nprecedence: base\n", "Group", false},
    {"app: shop\n", "app: group\ntitle: Group\nprecedence: base\n", "precedence", false},
};

static void what_becomes_of_them(void **state)
{
    (void)state;
    unsigned wrong = 0;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char product[300];
        struct kept_err err = {0};
        (void)snprintf(product, sizeof product, HEAD "%s", cases[i].product);
        char *text = joint(product, cases[i].base, &err);
        if (text == NULL)
            fail_msg("%s: %s", cases[i].product, err.text);
        char line[2048];
        (void)snprintf(line, sizeof line, "\n%s", text);
        if ((strstr(line, cases[i].holds) != NULL) != cases[i].there) {
            print_error("%s+ %s-> %s\n", cases[i].product, cases[i].base, text);
            wrong++;
        }
        free(text);
    }
    assert_int_equal(wrong, 0);
}

/* A file that is no policy is refused as the file it is. */
static void what_is_no_policy(void **state)
{
    static const char *const none[] = {"[one]\n", "one\n", "kept: [\n", "extends: third.yaml\n"};
    (void)state;
    for (size_t i = 0; i < COUNT(none); i++) {
        const bool chain = i + 1 == COUNT(none);
        struct kept_err err = {0};
        char name[KEPT_MAX_POLICY_FILE];
        char *text = joint(HEAD "app: shop\n", none[i], &err);
        if (text != NULL)
            fail_msg("%s: %s", none[i], text);
        assert_int_equal(err.code, KEPT_E_POLICY);
        assert_int_equal(kept_policy_extends(span_of(none[i]), name, &err), 0); /* it extends nothing */
        assert_string_equal(name, chain ? "third.yaml" : "");
    }
}

/* The file that is named stands beside this one. */
static void which_file(void **state)
{
    (void)state;
    static const struct {
        const char *text, *name;
    } named[] = {{"extends: group.yaml\n", "group.yaml"}, {"kept: 1\n", ""}, {"extends: ''\n", NULL},
                 {"extends: .group\n", NULL}, {"extends: ../group.yaml\n", NULL}, {"extends: a/b\n", NULL},
                 {"extends: 'a\\b'\n", NULL}, {"extends: [a]\n", NULL}};
    char name[KEPT_MAX_POLICY_FILE], text[600];
    for (size_t i = 0; i < COUNT(named); i++) {
        int rc = kept_policy_extends(span_of(named[i].text), name, NULL);
        assert_int_equal(rc, named[i].name != NULL ? 0 : KEPT_E_POLICY);
        assert_string_equal(name, named[i].name != NULL ? named[i].name : "");
    }
    for (int n = (int)KEPT_MAX_POLICY_FILE - 1; n <= (int)KEPT_MAX_POLICY_FILE; n++) {
        (void)snprintf(text, sizeof text, "extends: %0*d\n", n, 1);
        assert_int_equal(kept_policy_extends(span_of(text), name, NULL), n < (int)KEPT_MAX_POLICY_FILE ? 0 : KEPT_E_POLICY);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_becomes_of_them),
        cmocka_unit_test(what_is_no_policy),
        cmocka_unit_test(which_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
