/* Are the profiles that are compiled in whole, with a source for each entry? Is a policy that is weaker than
 * its law refused by name of the article - and one that is not, not? */
#include "duties_aid.h"
#include "policy/kinds.h"
#include "policy/profile.h"

static struct arena arena;
static struct profile cn, eu;

static int read_both(void **state)
{
    static const char *const names[] = {"CN", "EU"};
    struct profile *const profiles[] = {&cn, &eu};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct kept_findings findings = {0};
        if (kept_profile_read(kept_profile_text(names[i]), &arena, profiles[i], &findings) != 0)
            fail_msg("%s: line %d: %s", names[i], findings.rows[0].line, findings.rows[0].text);
        kept_findings_release(&findings);
    }
    return 0;
}

static int release(void **state)
{
    (void)state;
    kept_arena_release(&arena);
    return 0;
}

static void every_entry_has_a_source(void **state)
{
    const struct profile *const profiles[] = {&cn, &eu};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct profile *p = profiles[i];
        assert_string_equal(p->lawyer, "never");
        for (unsigned v = 0; v < PROFILE_VALUE_COUNT; v++)
            assert_true(p->values[v].source != NULL || !p->values[v].said);
        for (unsigned f = 0; f < PROFILE_FLOOR_COUNT; f++)
            assert_true(p->floors[f].source != NULL && p->floors[f].said);
        for (size_t k = 0; k < p->sensitive.n; k++)
            assert_true(p->sensitive.v[k].article != NULL);
    }
    assert_int_equal(kept_profile_text("XX").n, 0);
    assert_int_equal(kept_profile_text(NULL).n, 0);
}

/* The same bytes are installed as files, for people to read. */
static void the_files_are_what_is_compiled_in(void **state)
{
    static const char *const names[][2] = {{"CN", "profiles/cn.yaml"}, {"EU", "profiles/eu.yaml"}};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        size_t n = 0;
        char *text = read_whole(names[i][1], &n);
        const struct kept_span built = kept_profile_text(names[i][0]);
        assert_int_equal(built.n, n);
        assert_memory_equal(built.p, text, n);
        assert_non_null(strstr(text, "NOT LEGAL ADVICE"));
        free(text);
    }
}

static void thirty_nine_kinds_of_app(void **state)
{
    static const char *const types[] = {
#define X(name, demands) name,
        KEPT_APP_TYPES(X)
#undef X
    };
    enum { NOTHING, A_PHONE, ITS_OWN };
    static const int demands[] = {
#define X(name, demands) demands,
        KEPT_APP_TYPES(X)
#undef X
    };
    (void)state;
    size_t none = 0, phones = 0;
    assert_int_equal(cn.app_count, 39);
    assert_int_equal(COUNT(types), 40); /* and other */
    for (size_t i = 0; i < cn.app_count; i++) {
        assert_string_equal(cn.apps[i].type, types[i]);
        assert_int_equal(cn.apps[i].article, i + 1);
        none += kept_profile_demands(&cn, types[i]) == NOTHING;
        phones += kept_profile_demands(&cn, types[i]) == A_PHONE;
    }
    for (size_t i = 0; i < COUNT(types); i++) /* what the manual says of a word is what holds */
        assert_int_equal(kept_profile_demands(&cn, types[i]), demands[i]);
    assert_int_equal(none, 13);
    assert_int_equal(phones, 6);
    assert_int_equal(kept_profile_demands(&eu, "utility"), ITS_OWN);
    assert_int_equal(kept_profile_demands(NULL, "utility"), ITS_OWN);
}

static void what_leaves_in_a_year(void **state)
{
    static const struct {
        uint32_t persons, sensitive;
        const char *mechanism;
    } cases[] = {{0, 0, "none"}, {99999, 0, "none"}, {100000, 0, "contract"}, {50, 1, "contract"},
                 {999999, 9999, "contract"}, {1000000, 0, "assessment"}, {10000, 10000, "assessment"}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_string_equal(
            kept_profile_export(&cn, cases[i].persons, cases[i].sensitive)->mechanism,
            cases[i].mechanism);
    assert_null(kept_profile_export(&eu, 5, 5));
}

/* A profile that is no profile is refused, where it is wrong. */
static void a_bad_profile(void **state)
{
    static const char head[] = "profile: 1\nname: x\njurisdiction: X\nread_by_lawyer: never\n";
    static const struct {
        const char *rest, *code;
    } cases[] = {
        {"floors: {guardian_below: {age: 14, kind: law, seen: true}}", "MISSING_KEY"},
        {"floors: {guardian_below: {age: 14, kind: law, article: A 1}}", "MISSING_KEY"},
        {"floors: {guardian_below: {age: 14, article: A 1, seen: true}}", "MISSING_KEY"},
        {"floors: {guardian_below: {age: 14, kind: law, article: A 1, seen: perhaps}}", "BAD_VALUE"},
        {"floors: {no_such_floor: {kind: law, article: A 1, seen: true}}", "UNKNOWN_KEY"},
        {"values: {answer: {within: soon, source: A 1, seen: true}}", "BAD_DEADLINE"},
        {"sensitive: {x: {kind: phone, seen: true}}", "MISSING_KEY"},
        {"necessary: {utility: {items: []}}", "MISSING_KEY"},
        {"values: [", "YAML_SYNTAX"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[300];
        struct arena own = {0};
        struct profile profile;
        struct kept_findings findings = {0};
        (void)snprintf(text, sizeof text, "%s%s\n", head, cases[i].rest);
        assert_int_equal(kept_profile_read(span_of(text), &own, &profile, &findings), KEPT_E_POLICY);
        if (strcmp(findings.rows[0].code, cases[i].code) != 0)
            fail_msg("%s: %s", cases[i].rest, findings.rows[0].code);
        kept_findings_release(&findings);
        kept_arena_release(&own);
    }
}

/* ---- floors ------------------------------------------------------------------------------------ */

/* The small policy with one line of it, or a section, in that law. */
static bool weak(const char *law, const char *old, const char *new, const char *sections,
                 const char *code)
{
    char *small = small_text(sections), with[4096];
    const char *at = strstr(small, old);
    assert_non_null(at);
    (void)snprintf(with, sizeof with, "%.*s%s%s", (int)(at - small), small, new, at + strlen(old));
    char *jurisdiction = strstr(with, "jurisdiction: CN");
    assert_non_null(jurisdiction);
    memcpy(jurisdiction + 14, law, 2);
    free(small);
    return finds_in(with, code);
}

static void floors_hold(void **state)
{
#define RIGHTS(within, requests)                                                                   \
    "rights: {deadline: {within: " within ", from: received}, channels: [mail], requests: " requests "}\n"
#define TOLD(within)                                                                               \
    "incident: {authority: {deadline: {within: " within ", from: aware}, channels: [phone], fields: [facts]}}\n"
#define REFUSAL(requests)                                                                          \
    "rights: {deadline: {within: 15 working days, from: received}, channels: [mail], requests: "   \
    "{access: {}}, refusals: {abuse: {text: abuse" requests "}}}\n"
#define AGES(mode, age)                                                                            \
    "age: {bands: [{from: 0, below: " age ", mode: guardian}, {from: " age ", mode: " mode "}]}\n"
#define NOTE "kind: text, information: content, source: user, retain: account}"
    static const struct {
        const char *law, *old, *new, *sections, *code;
        bool weaker;
    } cases[] = {
        {"CN", "k", "k", AGES("self", "13"), "FLOOR_AGE", true},
        {"CN", "k", "k", AGES("self", "14"), "FLOOR_AGE", false},
        {"CN", "k", "k", AGES("block", "13"), "FLOOR_AGE", false},
        {"EU", "k", "k", AGES("self", "12"), "FLOOR_AGE", true},
        {"EU", "k", "k", AGES("self", "13"), "FLOOR_AGE", false},
        {"XX", "k", "k", AGES("self", "5"), "FLOOR_AGE", false},
        {"CN", "k", "k", TOLD("5 hours"), "FLOOR_INCIDENT", true},
        {"CN", "k", "k", TOLD("4 hours"), "FLOOR_INCIDENT", false},
        {"EU", "k", "k", TOLD("73 hours"), "FLOOR_INCIDENT", true},
        {"EU", "k", "k", TOLD("72 hours"), "FLOOR_INCIDENT", false},
        {"CN", "k", "k", REFUSAL(", requests: [withdraw]"), "FLOOR_WITHDRAWAL_REFUSED", true},
        {"CN", "k", "k", REFUSAL(", requests: [access, withdraw]"), "FLOOR_WITHDRAWAL_REFUSED", true},
        {"CN", "k", "k", REFUSAL(", requests: [access]"), "FLOOR_WITHDRAWAL_REFUSED", false},
        {"CN", "k", "k", REFUSAL(""), "FLOOR_WITHDRAWAL_REFUSED", false},
        {"EU", "k", "k", RIGHTS("40 days", "{access: {}}"), "FLOOR_ANSWER", true},
        {"EU", "k", "k", RIGHTS("1 month", "{access: {}}"), "FLOOR_ANSWER", false},
        {"CN", "k", "k", RIGHTS("16 working days", "{delete: {}}"), "SLOW_ANSWER", true},
        {"CN", "k", "k", RIGHTS("15 working days", "{delete: {}}"), "SLOW_ANSWER", false},
        {"CN", "collect_and_use", "collect_only", "", "WITHDRAWAL_KEEPS", true},
        {"CN", "k", "k", "", "WITHDRAWAL_KEEPS", false},
        {"CN", NOTE, "kind: coordinates, information: location, source: user, retain: account}", "",
         "FLOOR_SENSITIVE", true},
        {"CN", NOTE, "kind: text, information: health, source: user, retain: account}", "",
         "FLOOR_SENSITIVE", true},
        {"CN", NOTE, "kind: text, information: health, source: user, retain: account, sensitive: true}",
         "", "FLOOR_SENSITIVE", false},
        {"CN", NOTE, NOTE, "", "FLOOR_SENSITIVE", false},
        {"CN", NOTE, "kind: text, information: log, source: user, retain: 183 days, retention_class: law, "
                     "statute: 'Cybersecurity Law, Art. 23(3)'}", "", "FLOOR_RETENTION", true},
        {"CN", NOTE, "kind: text, information: log, source: user, retain: 184 days, retention_class: law, "
                     "statute: 'Cybersecurity Law, Art. 23(3)'}", "", "FLOOR_RETENTION", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        if (weak(cases[i].law, cases[i].old, cases[i].new, cases[i].sections, cases[i].code) !=
            cases[i].weaker)
            fail_msg("case %zu, %s: %s %s", i, cases[i].law, cases[i].code, cases[i].sections);
}

/* A ground for all requests is for all but a withdrawal, which nobody may refuse. */
static void a_withdrawal_is_never_refused(void **state)
{
    (void)state;
    struct kept_policy *p = small(REFUSAL(""));
    assert_int_equal(kept_policy_refuse(p, KEPT_ASK_WITHDRAW, "abuse", true).refusal,
                     KEPT_REFUSAL_OTHER);
    assert_int_equal(kept_policy_refuse(p, KEPT_ASK_ACCESS, "abuse", true).refusal, KEPT_REFUSAL_MUST);
    kept_policy_free(p);
}

/* What the law says where the policy is silent is shown as the law's; what the policy says, is not. */
static void silence_is_filled_and_shown(void **state)
{
    static const struct {
        const char *sections, *what;
    } cases[] = {
        {RIGHTS("15 working days", "{access: {}}"), "answers to requests: within 15 working days"},
        {TOLD("4 hours"), "incidents, to the authority: within 4 hours"},
        {AGES("self", "14"), "children: a guardian consents below 14"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        for (unsigned said = 0; said < 2; said++) {
            struct kept_policy *p = small(said != 0 ? cases[i].sections : "");
            struct kept_fill fills[KEPT_MAX_FILLS];
            struct kept_buf out;
            kept_buf_init(&out, 1u << 20);
            assert_int_equal(kept_policy_fills(p, fills), 3 - said);
            assert_int_equal(kept_policy_show(p, 0, &out), 0);
            kept_buf_u8(&out, 0);
            assert_true((strstr((const char *)out.p, cases[i].what) == NULL) == (said != 0));
            assert_non_null(strstr((const char *)out.p, "from the profile cn"));
            assert_non_null(strstr((const char *)out.p, "read by a lawyer: never"));
            kept_buf_release(&out);
            kept_policy_free(p);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_entry_has_a_source), cmocka_unit_test(the_files_are_what_is_compiled_in),
        cmocka_unit_test(thirty_nine_kinds_of_app), cmocka_unit_test(what_leaves_in_a_year),
        cmocka_unit_test(a_bad_profile),            cmocka_unit_test(floors_hold),
        cmocka_unit_test(a_withdrawal_is_never_refused),
        cmocka_unit_test(silence_is_filled_and_shown),
    };
    return cmocka_run_group_tests(tests, read_both, release);
}
