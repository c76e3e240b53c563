/* test_ages.c - when a child comes of age, to the day, and who never does; which rule on ages is named; and whom what
 * advertises does not reach by age, whoever agreed. */
#include "duties_aid.h"

#define BANDS(bands) "age: {clause: A-9, bands: [" bands "]}\n"

static void the_rule_on_ages(void **state)
{
    (void)state;
    int line = 7;
    struct kept_policy *p = small(BANDS("{from: 0, below: 18, mode: guardian}, {from: 18, mode: self}"));
    assert_string_equal(kept_policy_age_rule(p, &line), "A-9");
    assert_int_equal(line, p->age.line);
    assert_true(line > 0);
    kept_policy_free(p);
    p = small("");
    assert_string_equal(kept_policy_age_rule(p, &line), "");
    assert_int_equal(line, 0);
    kept_policy_free(p);
}

static void of_age_to_the_day(void **state)
{
    (void)state;
    static const char usual[] = BANDS("{from: 0, below: 14, mode: block}, {from: 14, below: 18, mode: guardian}, {from: 18, mode: self}"),
                      never[] = BANDS("{from: 0, below: 150, mode: guardian}");
    static const struct {
        const char *bands, *born, *now, *day; /* day NULL: does already, or never will */
    } rows[] = {{usual, "2010-06-02", "2026-06-01", "2028-06-02"}, {usual, "2020-06-02", "2026-06-01", "2038-06-02"},
                {usual, "2012-02-29", "2026-06-01", "2030-03-01"}, /* that year has no 29 February */
                {usual, "2008-06-01", "2026-06-01", NULL},         {usual, "2008-06-02", "2026-06-01", "2026-06-02"},
                {usual, "2027-01-01", "2026-06-01", NULL},         /* not born yet */
                {never, "2010-06-02", "2026-06-01", NULL}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct kept_policy *p = small(rows[i].bands);
        int32_t found = 0;
        const bool will = kept_policy_ages_out(p, day(rows[i].born), noon(rows[i].now), &found);
        if (will != (rows[i].day != NULL) || (will && found != day(rows[i].day)))
            fail_msg("row %zu: %d, %d", i, will, found);
        assert_false(kept_policy_ages_out(p, KEPT_BIRTH_UNKNOWN, noon(rows[i].now), &found));
        kept_policy_free(p);
    }
    struct kept_policy *p = lawless("");
    int32_t found = 0;
    assert_false(kept_policy_ages_out(p, day("2020-01-01"), NOON_2026, &found)); /* no band at all */
    kept_policy_free(p);
    p = small(usual);
    assert_false(kept_policy_ages_out(p, day("9990-01-01"), noon("9995-06-01"), &found)); /* on a day that has no name */
    kept_policy_free(p);
}

/* What is asked of a note for ads, by somebody of an age who agreed to everything. */
static struct kept_verdict asked(const struct kept_policy *p, int32_t birth_day, enum kept_use use, const char *exemption)
{
    const struct kept_consent_row rows[] = {consent_row(KEPT_K_FUNCTION, "keep", KEPT_C_EXPLICIT, KEPT_CS_GRANTED)};
    struct kept_context c = live(p);
    struct kept_question q = ask(use);
    c.birth_day = birth_day;
    c.consents = rows;
    c.consent_count = COUNT(rows);
    q.item = index_of(p, KEPT_K_ITEM, "note");
    q.function = index_of(p, KEPT_K_FUNCTION, "keep");
    q.purpose = index_of(p, KEPT_K_PURPOSE, "ads");
    q.exemption = exemption;
    q.justified = exemption != NULL;
    return kept_decide(p, &c, &q);
}

static struct kept_policy *advertising(const char *purpose, const char *sections)
{
    char *text = small_text(sections), *ads = changed(text, "ads: {text: advertise}", purpose);
    char *both = changed(ads, "purposes: [work]", "purposes: [work, ads]");
    memcpy(strstr(both, "jurisdiction: CN"), "jurisdiction: XX", strlen("jurisdiction: XX")); /* no law has a say in it */
    struct kept_policy *p = read_policy(both);
    free(both);
    free(ads);
    free(text);
    return p;
}

#define MARKETING "messages: {marketing: {clause: M-1, channels: [push], from_age: 18}}\n"
#define OF_AGE "age: {unknown: deny, bands: [{from: 0, mode: self}]}\n"
#define ANY_AGE "age: {unknown: allow, bands: [{from: 0, mode: self}]}\n"

static void whom_advertising_reaches(void **state)
{
    (void)state;
    static const struct {
        const char *purpose, *sections, *born; /* NULL: unknown */
        enum kept_reason reason;
    } rows[] = {{"ads: {text: advertise, advertises: true}", MARKETING OF_AGE, "2000-01-01", KEPT_R_NONE},
                {"ads: {text: advertise, advertises: true}", MARKETING OF_AGE, "2008-06-01", KEPT_R_NONE}, /* eighteen today */
                {"ads: {text: advertise, advertises: true}", MARKETING OF_AGE, "2008-06-02", KEPT_R_AGE},
                {"ads: {text: advertise, advertises: true}", MARKETING OF_AGE, NULL, KEPT_R_AGE_UNKNOWN},
                {"ads: {text: advertise, advertises: true}", MARKETING OF_AGE, "2026-06-02", KEPT_R_AGE_UNKNOWN},
                {"ads: {text: advertise, advertises: true}", MARKETING ANY_AGE, NULL, KEPT_R_NONE},
                {"ads: {text: advertise, advertises: true}", OF_AGE, "2020-01-01", KEPT_R_NONE}, /* marketing reaches any age */
                {"ads: {text: advertise}", MARKETING OF_AGE, "2020-01-01", KEPT_R_NONE}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct kept_policy *p = advertising(rows[i].purpose, rows[i].sections);
        const struct kept_verdict v = asked(p, rows[i].born != NULL ? day(rows[i].born) : KEPT_BIRTH_UNKNOWN, KEPT_USE_COLLECT, NULL);
        if (v.reason != rows[i].reason)
            fail_msg("row %zu: %s", i, kept_reason_text(v.reason));
        assert_int_equal(v.decision, v.reason == KEPT_R_NONE ? KEPT_ALLOW : KEPT_DENY);
        assert_true(v.reason == KEPT_R_NONE || strcmp(v.clause, "M-1") == 0);
        kept_policy_free(p);
    }
}

/* A version that advertises to more takes more than the one before. */
static void advertising_to_more(void **state)
{
    (void)state;
    struct kept_policy *then = advertising("ads: {text: advertise, advertises: true}", MARKETING OF_AGE),
                       *same = advertising("ads: {text: advertise, advertises: true}", MARKETING OF_AGE),
                       *more = advertising("ads: {text: advertise}", MARKETING OF_AGE);
    const char *what = NULL;
    assert_false(kept_policy_takes_more(same, then, &what));
    assert_true(kept_policy_takes_more(more, then, &what));
    assert_string_equal(what, "age");
    assert_false(kept_policy_takes_more(then, more, &what));
    kept_policy_free(more);
    kept_policy_free(same);
    kept_policy_free(then);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rule_on_ages), cmocka_unit_test(of_age_to_the_day), cmocka_unit_test(whom_advertising_reaches),
        cmocka_unit_test(advertising_to_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
