/* test_rare.c - what no policy of ours asks of the room: names, kinds and people that are not there, files that are no
 * policy or profile, and versions that differ in nothing. */
#include "duties_aid.h"

#include "base/error.h"
#include "base/mem.h"
#include "policy/difference.h"
#include "policy/kinds.h"
#include "policy/overlay.h"
#include "policy/phrases.h"

static void blocks(void **state)
{
    (void)state;
    struct arena arena = {0};
    assert_non_null(kept_arena_alloc(&arena, 0, 8));
    assert_false(arena.nomem);
    assert_null(kept_arena_alloc(&arena, SIZE_MAX, 2));
    assert_true(arena.nomem);
    kept_arena_release(&arena);
    assert_false(kept_kind_low_entropy("no kind"));
    assert_string_equal(kept_named_kind(KEPT_K_ROLE), "name");
    assert_string_equal(kept_phrase_reason(KEPT_R_COUNT, "zh"), kept_reason_text(KEPT_R_COUNT));
}

static int read_profile_text(const char *text, struct profile *profile, struct arena *arena)
{
    struct kept_findings findings = {0};
    int rc = kept_profile_read(span_of(text), arena, profile, &findings);
    assert_int_equal(rc == 0, findings.errors == 0);
    kept_findings_release(&findings);
    return rc;
}

static void profiles(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct profile profile;
    assert_int_equal(read_profile_text("[one]\n", &profile, &arena), KEPT_E_POLICY);
    static const char head[] = "profile: 1\nname: xx\njurisdiction: XX\nread_by_lawyer: never\n";
    char text[1024];
    (void)snprintf(text, sizeof text, "%snecessary:\n  one: {n: 1, items: [name]}\n  two: {n: 2, items: [phone]}\n"
                   "  three: {n: 3, items: []}\n  four: {n: 4, items: [phone, name]}\n", head);
    assert_int_equal(read_profile_text(text, &profile, &arena), 0);
    assert_int_equal(kept_profile_demands(&profile, "one"), 2);
    assert_int_equal(kept_profile_demands(&profile, "two"), 1);
    assert_int_equal(kept_profile_demands(&profile, "three"), 0);
    assert_int_equal(kept_profile_demands(&profile, "four"), 2);
    (void)snprintf(text, sizeof text, "%sfloors:\n  answer: {requests: [nothing], within: 1 days, kind: law, article: 1, seen: true}\n",
                   head);
    assert_int_equal(read_profile_text(text, &profile, &arena), KEPT_E_POLICY);
    assert_null(kept_profile_export(NULL, 1, 1));
    kept_arena_release(&arena);
}

/* People and roles whom the policy does not speak of. */
static void nobody(void **state)
{
    (void)state;
    struct kept_policy *p = small("");
    int line = 7;
    assert_null(kept_policy_costs(p, KEPT_NO_INDEX, 99));
    assert_string_equal(kept_policy_costs(p, 0, 0), "nothing");
    assert_string_equal(kept_policy_role_rule(p, KEPT_NO_INDEX, &line), "");
    assert_int_equal(line, p->roles[p->app_role].rule.line); /* of the role app */
    assert_string_equal(kept_policy_age_band(p, day("1800-01-01"), NOON_2026), "none"); /* older than any band */
    assert_true(kept_policy_of_age(p, day("1800-01-01"), NOON_2026)); /* the law's bands gate nobody but known children */
    assert_false(kept_policy_of_age(p, day("2020-01-01"), NOON_2026));
    kept_policy_free(p);
    p = lawless("");
    assert_string_equal(kept_policy_age_band(p, day("2020-01-01"), NOON_2026), "none");
    assert_true(kept_policy_of_age(p, day("2020-01-01"), NOON_2026));
    kept_policy_free(p);
}

/* ---- what a regulator would find, in cases of their own ---- */

static bool found(const char *sections, const char *old, const char *new, const char *code)
{
    char *text = small_text(sections), *other = changed(text, old, new);
    bool there = finds_in(other, code);
    free(text);
    free(other);
    return there;
}

static const struct {
    const char *sections, *old, *new, *code;
    bool found;
} cases[] = {
    /* an address book meets what is stored with a token, and as it is */
    {"", "retain: account}\nfunctions", "retain: account, token: true}\n  friends: {text: friends, kind: phone, information: contacts, source: user, place: transient, match: phone, found_through: keep, match_limit: 5}\nfunctions", "MATCH_NOT_FOUND", false},
    {"", "retain: account}\nfunctions", "retain: account, token: true, store: hash}\n  friends: {text: friends, kind: phone, information: contacts, source: user, place: transient, match: phone, found_through: keep, match_limit: 5}\nfunctions", "MATCH_NOT_FOUND", true},
    {"", "retain: account}\nfunctions", "place: device, token: true}\n  friends: {text: friends, kind: phone, information: contacts, source: user, place: transient, match: phone, found_through: keep, match_limit: 5}\nfunctions", "MATCH_NOT_FOUND", true},
    /* a basic function of an app that may demand a phone number */
    {"", "app_type: other", "app_type: community", "MORE_THAN_A_PHONE", false},
    /* bands that hold nobody */
    {"age: {bands: [{from: 0, below: 18, mode: guardian}, {from: 18, below: 18, mode: self}, {from: 18, mode: self}]}\n", "version: 1", "version: 1", "AGE_BANDS", true},
    {"age: {bands: [{from: 0, below: 18, mode: guardian}, {from: 18, mode: self}]}\n", "version: 1", "version: 1", "AGE_BANDS", false},
    /* parts that are numbered */
    {"", "Read this.", "(1) one (2) two (3) three", "NUMBERING", false},
    {"", "Read this.", "(1) one (3) three", "NUMBERING", true},
    {"", "Read this.", "1.2.3 one 1.2.4 two", "NUMBERING", false},
    {"", "Read this.", "1.2.3 one, as in 1.2.3 above", "NUMBERING", false}, /* a reference */
    {"", "Read this.", "1.2.3 one, unlike 1.1.9", "NUMBERING", false},
    {"", "Read this.", "1.2.3 one 1.1.4 two", "NUMBERING", true}, /* counts on under a part before it */
    {"", "Read this.", "1.2.3 one 1.2.3.4 two (1) three", "NUMBERING", false},
    {"", "Read this.", "1.2.3.4.5.6.7.8 one (12 two (a) three", "NUMBERING", false},
    /* purposes that are counted */
    {"", "Read this.", "two purposes", "PURPOSES_MISCOUNTED", false},
    {"", "Read this.", "There are three purposes.", "PURPOSES_MISCOUNTED", true},
    {"", "Read this.", "xthree purposes", "PURPOSES_MISCOUNTED", false},
    /* what nobody needs is no archive of a law */
    {"", "retain: account}\nfunctions", "retain: 30 days, at_least: 10 days}\nfunctions", "STATUTE_MISSING", true},
    {"", "retain: account}\nfunctions", "retain: 30 days, at_least: 10 days, retention_class: law}\nfunctions", "STATUTE_MISSING", true},
    {"", "retain: account}\nfunctions", "retain: 30 days, at_least: 10 days, retention_class: law, statute: \"a law\"}\nfunctions", "STATUTE_MISSING", false},
    /* sections that are promised */
    {"", "Read this.", "We use a cookie.", "PROMISED_SECTION_MISSING", true},
    {"", "Read this.", "How to reach us: below.", "PROMISED_SECTION_MISSING", false},
    {"", "controller: {name: We, contact: a@example.org}\nnotice: {sentences: [{text: Read this.}]}", "controller: {name: We}\nnotice: {sentences: [{text: \"How to reach us: below.\"}]}", "PROMISED_SECTION_MISSING", true},
    /* the list of what is sensitive */
    {"", "Read this.}]}", "sensitive are none}]}", "SENSITIVE_UNSAID", false},
    {"", "kind: text, information: content, source: user, retain: account", "kind: text, information: content, source: user, retain: account, sensitive: true, nothing: 1", "SENSITIVE_UNSAID", false},
    {"", "Read this.", "As said in section \"a name that is longer than any section has ever been called by anybody\"", "SECTION_UNKNOWN", false},
    {"", "Read this.", "As said in section \"", "SECTION_UNKNOWN", false},
    {"", "Read this.", "As said in section \"Promotions\"", "SECTION_UNKNOWN", true},
    {"", "Read this.}]}", "As said in section \"Promotions\"}, {text: Promotions are shown.}]}", "SECTION_UNKNOWN", false},
};

static void each_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        if (found(cases[i].sections, cases[i].old, cases[i].new, cases[i].code) != cases[i].found)
            fail_msg("case %zu, %s: %s, and should%s", i, cases[i].code, cases[i].found ? "not found" : "found",
                     cases[i].found ? "" : " not");
}

/* An app of this kind may demand a phone number: what else it demands is too much. */
static void more_than_a_phone(void **state)
{
    (void)state;
    static const char *const demands[] = {"[phone]", "[note]"};
    for (size_t i = 0; i < COUNT(demands); i++) {
        char list[160];
        char *text = small_text(""), *typed = changed(text, "app_type: other", "app_type: community");
        (void)snprintf(list, sizeof list, "kind: basic, consent: explicit, purposes: [work], mandatory: %s", demands[i]);
        char *basic = changed(typed, "kind: extended, consent: explicit, purposes: [work], optional: [note, phone]", list);
        assert_int_equal(finds_in(basic, "MORE_THAN_A_PHONE"), i == 1);
        free(basic);
        free(typed);
        free(text);
    }
}

/* ---- two versions ---- */

static char *told(const char *then, const char *now, const char *language)
{
    struct kept_difference *d = NULL;
    struct kept_buf out;
    assert_int_equal(kept_policy_difference(span_of(then), span_of(now), &d, NULL), 0);
    kept_buf_init(&out, 1u << 20);
    assert_int_equal(kept_difference_text(d, language, &out), 0);
    kept_buf_u8(&out, 0);
    char *text = strdup((const char *)out.p);
    kept_buf_release(&out);
    kept_difference_free(d);
    return text;
}

static void versions_that_differ_in_nothing(void **state)
{
    (void)state;
    char *then = small_text(""), *now = changed(then, "version: 1", "version: 2");
    char *same = told(then, then, "en"), *number = told(then, now, "en");
    assert_non_null(strstr(same, kept_phrase(P_NOTHING, "en")));
    assert_null(strstr(same, kept_phrase(P_NUMBER_ALONE, "en")));
    assert_non_null(strstr(number, kept_phrase(P_NUMBER_ALONE, "en")));
    assert_null(strstr(number, kept_phrase(P_CHANGES_ARE, "en")));
    struct kept_difference *d = NULL;
    assert_int_equal(kept_policy_difference(span_of(then), span_of(then), &d, NULL), 0);
    assert_true(d->same_number && d->count == 0 && !d->takes_more && !d->material && d->late);
    kept_difference_effective(d, d->then->info.effective + 400 * KEPT_DAY);
    assert_false(d->late);
    kept_difference_free(d);
    free(same);
    free(number);
    free(now);
    free(then);
}

/* What a version that does more sets off, by the change. */
static const struct {
    const char *old, *new, *what;
} wider[] = {
    {"effect: collect_and_use", "effect: collect_only", "withdrawal"},
    {"stored: [CN]", "stored: [CN], export: conditional", "regions"},
    {"evidence: 4 years", "evidence: 5 years", "evidence"},
    {"backup_window: 30 days", "backup_window: 40 days", "backup_window"},
    {"name: We,", "name: They,", "controller"},
    {"contact: a@example.org", "contact: b@example.org", "controller"},
    {"contact: a@example.org", "contact: a@example.org, officer: o@example.org", "controller"},
};

static void versions_that_take_more(void **state)
{
    (void)state;
    char *bare = small_text("");
    char *then = changed(bare, "refusing_costs", "withdrawal: collect_and_use, refusing_costs");
    free(bare);
    for (size_t i = 0; i < COUNT(wider); i++) {
        char *now = changed(then, wider[i].old, wider[i].new);
        struct kept_policy *a = read_policy(then), *b = read_policy(now);
        const char *what = NULL;
        assert_true(kept_policy_takes_more(b, a, &what));
        assert_string_equal(what, wider[i].what);
        kept_policy_free(a);
        kept_policy_free(b);
        free(now);
    }
    free(then);
}

/* A version that takes more, and is shown before anything else: so people are told. */
static void shown_first(void **state)
{
    (void)state;
    char *then = small_text("changes: {wider_version: shown_first}\n");
    char *number = changed(then, "version: 1", "version: 2"), *now = changed(number, "evidence: 4 years", "evidence: 5 years");
    struct kept_difference *d = NULL;
    assert_int_equal(kept_policy_difference(span_of(then), span_of(now), &d, NULL), 0);
    assert_true(d->shown_first && d->takes_more && d->material);
    kept_difference_free(d);
    char *text = told(then, now, "en");
    char *other = told(then, number, "en");
    char first[64], second[64];
    (void)snprintf(first, sizeof first, "%.20s", kept_phrase(P_HOW_SHOWN, "en"));
    (void)snprintf(second, sizeof second, "%.20s", kept_phrase(P_HOW_PROMINENT, "en"));
    assert_non_null(strstr(text, first)); /* at the next start: so nobody is written to */
    assert_null(strstr(text, second));
    assert_null(strstr(other, first));
    free(text);
    free(other);
    free(number);
    free(now);
    free(then);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks),
        cmocka_unit_test(profiles),
        cmocka_unit_test(nobody),
        cmocka_unit_test(each_case),
        cmocka_unit_test(more_than_a_phone),
        cmocka_unit_test(versions_that_differ_in_nothing),
        cmocka_unit_test(versions_that_take_more),
        cmocka_unit_test(shown_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
