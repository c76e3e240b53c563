/* Is a function found whose mandatory items no caller can bring together - and none that somebody can? And does an
 * explanation name what an item is collected together with, and suppose the permissions that it is told? */
#include "duties_aid.h"
#include "policy/explain.h"

#define ITEMS                                                                                      \
    "items:\n"                                                                                     \
    "  name: {text: name, kind: text, information: basic, source: user, retain: account}\n"         \
    "  credit: {text: credit, kind: text, information: property, source: third_party, retain: account}\n" \
    "  score: {text: score, kind: text, information: property, source: third_party, retain: account}\n" \
    "  clip: {text: clipboard, kind: text, information: content, source: user, place: transient}\n"  \
    "  lead: {text: lead, kind: text, information: basic, source: user, retain: account, purposes: [ads]}\n"
#define GIVER(name, gives)                                                                         \
    name ": {text: " name ", role: processor, kind: partner, gives: [" gives "], purposes: [work], " \
    "lawful_source: by contract, region: CN, agreement: {signed: 2026-01-01, expires: 2028-01-01}}"
#define FUNCTION(name, demands, more)                                                              \
    "  " name ": {text: " name ", kind: extended, consent: explicit, purposes: [work, ads], mandatory: [" demands    \
    "], optional: [" more "], refusing_costs: nothing}\n"
#define OF_ALL FUNCTION("all", "", "name, credit, score, clip, lead")

static char *text_of(const char *functions, const char *recipients)
{
    size_t n = 8192;
    char *text = malloc(n);
    assert_non_null(text);
    (void)snprintf(text, n, "%s" ITEMS "functions:\n%srecipients: {%s}\n%s", small_head, functions, recipients,
                   small_roles);
    return text;
}

static const char bureau[] = GIVER("bureau", "credit, score"), two[] = GIVER("bureau", "credit") ", "
                                                                           GIVER("other", "score"),
                  both[] = GIVER("bureau", "credit, score, name");

/* Lines of `functions:` that stand before the one to be judged. */
static void who_can_bring_it(void **state)
{
    static const struct {
        const char *functions, *recipients;
        bool apart;
    } cases[] = {
        {FUNCTION("lend", "name, credit", "score, lead, clip"), bureau, true}, /* the app the name, the bureau the credit */
        {FUNCTION("lend", "name, credit", "score, lead, clip"), both, false}, /* one who gives both */
        {FUNCTION("lend", "credit, score", "name, lead, clip"), bureau, false},
        {FUNCTION("lend", "credit, score", "name, lead, clip"), two, true}, /* of two who give */
        {FUNCTION("lend", "name", "credit, score, lead, clip"), bureau, false},
        {FUNCTION("join", "name", "lead") FUNCTION("lend", "name, credit", "score, clip"), bureau, false}, /* held before */
        {FUNCTION("lend", "name, credit", "score, clip") FUNCTION("join", "name", "lead"), bureau, false},
        {FUNCTION("join", "name, credit", "lead") FUNCTION("lend", "name, credit", "score, clip"), bureau, true},
        {FUNCTION("paste", "clip", "name, lead, credit, score"), bureau, true}, /* never stored */
        {FUNCTION("paste", "clip", "") FUNCTION("rest", "", "name, lead, credit, score"), bureau, false}, /* nothing to take in */
        {FUNCTION("send", "name, lead", "credit, score, clip"), bureau, false}, /* both for ads */
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *text = text_of(cases[i].functions, cases[i].recipients);
        if (finds_in(text, "MANDATORY_APART") != cases[i].apart)
            fail_msg("%s with %.20s", cases[i].functions, cases[i].recipients);
        free(text);
    }
    char *text = text_of(FUNCTION("send", "name, lead", "credit, score, clip"), bureau);
    char *apart = changed(text, "source: user, retain: account}", "source: user, retain: account, purposes: [work]}");
    assert_true(finds_in(apart, "MANDATORY_APART")); /* of two purposes, and a request is for one */
    free(apart);
    free(text);
}

/* It says which item, why, and what to do; and it is the only finding. */
static void it_says_what_and_why(void **state)
{
    struct kept_findings findings = {0};
    struct kept_policy *policy = NULL;
    struct kept_err err = {0};
    (void)state;
    char *text = text_of(FUNCTION("lend", "name, credit", "score, lead, clip"), bureau);
    assert_int_equal(kept_policy_read(span_of(text), &policy, &findings, &err), KEPT_E_POLICY);
    assert_int_equal(findings.errors, 1);
    assert_non_null(strstr(findings.rows[0].text, "'lend' demands 'credit', which only others give"));
    assert_non_null(strstr(findings.rows[0].mend, "optional"));
    kept_findings_release(&findings);
    free(text);
}

/* A policy in which looking for it would take for ever is read all the same. */
static void it_does_not_look_for_ever(void **state)
{
    enum { MANY = 3000 };
    const size_t room = sizeof small_head + 400u * MANY;
    (void)state;
    char *text = malloc(room);
    assert_non_null(text);
    size_t n = (size_t)snprintf(text, room, "%sitems:\n", small_head);
    for (unsigned i = 0; i < MANY; i++)
        n += (size_t)snprintf(text + n, room - n, "  i%u: {text: a, kind: text, information: basic, source: user, "
                              "retain: account}\n", i);
    n += (size_t)snprintf(text + n, room - n, "functions:\n");
    for (unsigned i = 0; i < MANY; i++)
        n += (size_t)snprintf(text + n, room - n, "  f%u: {text: a, kind: extended, consent: explicit, purposes: [work], "
                              "mandatory: [i%u, i%u], refusing_costs: nothing}\n", i, i, (i + 1) % MANY);
    (void)snprintf(text + n, room - n, "%s", small_roles);
    assert_false(finds_in(text, "MANDATORY_APART"));
    free(text);
}

static struct kept_explanation explained(const struct kept_policy *p, struct kept_supposed of, int want)
{
    struct kept_explanation e = {0};
    of.now = NOON_2026;
    of.age = 30;
    assert_int_equal(kept_policy_explain(p, &of, &e), want);
    return e;
}

static bool says(const struct kept_explanation *e, const char *language, const char *words)
{
    struct kept_buf out;
    kept_buf_init(&out, 1 << 16);
    assert_int_equal(kept_explanation_text(e, language, &out), 0);
    bool found = strstr((const char *)out.p, words) != NULL;
    kept_buf_release(&out);
    return found;
}

static void an_explanation_names_what_comes_with_it(void **state)
{
    (void)state;
    char *text = text_of(FUNCTION("lend", "name, credit, score", "lead, clip"), both);
    struct kept_policy *p = read_policy(text);
    struct kept_supposed of = {.use = KEPT_USE_COLLECT, .item = "name", .function = "lend", .recipient = "bureau"};
    struct kept_explanation e = explained(p, of, 0);
    assert_string_equal(kept_explanation_with(&e, 0), "credit");
    assert_string_equal(kept_explanation_with(&e, 1), "score");
    assert_null(kept_explanation_with(&e, 2));
    assert_true(says(&e, "en", "come in the same request: credit, score (else MANDATORY_MISSING)"));
    assert_true(says(&e, "zh", "credit, score"));
    of.use = KEPT_USE_READ;
    e = explained(p, of, 0);
    assert_null(kept_explanation_with(&e, 0));
    assert_false(says(&e, "en", "MANDATORY_MISSING"));
    of = (struct kept_supposed){.use = KEPT_USE_COLLECT, .item = "name", .function = "none"};
    e = explained(p, of, 0);
    assert_null(kept_explanation_with(&e, 0));
    kept_policy_free(p);
    free(text);
}

static void permissions_are_supposed(void **state)
{
    static const char *const wrong[] = {"eyes", "location=maybe", "location=of", "location,location", ",", "=on",
                                        "location=on,,", "location=offf"};
    (void)state;
    struct kept_policy *p = load_policy("policies/widgets.yaml");
    struct kept_supposed of = {.use = KEPT_USE_COLLECT, .item = "location", .function = "location-assist",
                               .facts = KEPT_F_IN_USE | KEPT_F_USER_ACTION, .consents = 1u << KEPT_C_SEPARATE};
    struct kept_explanation e = explained(p, of, 0);
    assert_int_equal(e.verdict.reason, KEPT_R_PERMISSION);
    of.permissions = "camera=off,location";
    e = explained(p, of, 0);
    assert_int_equal(e.verdict.decision, KEPT_ALLOW);
    assert_true(says(&e, "en", "switched the permission camera off, switched the permission location on."));
    of.permissions = "location=off";
    e = explained(p, of, 0);
    assert_int_equal(e.verdict.reason, KEPT_R_PERMISSION); /* to collect; of what is held it is a withdrawal */
    assert_int_equal(e.then.decision, KEPT_ALLOW);
    of.use = KEPT_USE_READ;
    of.purpose = p->purposes[p->functions[index_of(p, KEPT_K_FUNCTION, "location-assist")].purposes.v[0]].name;
    e = explained(p, of, 0);
    assert_int_equal(e.verdict.reason, KEPT_R_WITHDRAWN);
    assert_int_equal(e.step, 13);
    assert_int_equal(e.need_count, 1);
    assert_int_equal(e.needs[0].kind, KEPT_NEED_PERMISSION);
    assert_int_equal(e.then.decision, KEPT_ALLOW);
    for (size_t i = 0; i < COUNT(wrong); i++) {
        of.permissions = wrong[i];
        (void)explained(p, of, KEPT_E_USAGE);
    }
    kept_policy_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_can_bring_it),
        cmocka_unit_test(it_says_what_and_why),
        cmocka_unit_test(it_does_not_look_for_ever),
        cmocka_unit_test(an_explanation_names_what_comes_with_it),
        cmocka_unit_test(permissions_are_supposed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
