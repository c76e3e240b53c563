/* The numbers on which the five policies differ: each is a parameter, and each test shows both sides, on
 * the policies themselves or on two small ones. */
#include "duties_aid.h"
#include "duties_five.h"

/* Received on 2026-09-20, verified on the 28th, checked on 12 October. */
static struct kept_due due(const struct kept_policy *p, enum kept_asked asked)
{
    const struct kept_anchors at = {
        .at = {noon("2026-09-20"), noon("2026-09-28"), noon("2026-10-12"), 0}};
    return kept_policy_due(p, asked, &at, false, &calendar);
}

/* S0: 15 working days from the verification; S2: complaints 30 days from the check. */
static void number_answer_to_question(void **state)
{
    (void)state;
    assert_int_equal(due(widgets, KEPT_ASK_QUESTION).last_day, day("2026-10-23"));
    assert_int_equal(due(widgets, KEPT_ASK_COMPLAINT).last_day, day("2026-10-23"));
    assert_int_equal(due(smart_home, KEPT_ASK_COMPLAINT).last_day, day("2026-11-11"));
    assert_string_equal(due(smart_home, KEPT_ASK_COMPLAINT).clause, "S2-5.10");
}

/* S1: 15 working days from the receipt; S2: 30. */
static void number_dsr_answer(void **state)
{
    (void)state;
    assert_int_equal(due(messenger, KEPT_ASK_CORRECT).last_day, day("2026-10-16"));
    assert_int_equal(due(smart_home, KEPT_ASK_CORRECT).last_day, day("2026-11-06"));
}

/* S2: 30 days of the calendar by phone; the others have no clock of their own for it. */
static void number_access_via_hotline(void **state)
{
    (void)state;
    struct kept_right access = kept_policy_right(smart_home, KEPT_ASK_ACCESS);
    assert_int_equal(due(smart_home, KEPT_ASK_ACCESS).last_day, day("2026-10-20"));
    assert_int_equal(access.deadline.within.unit, KEPT_UNIT_DAYS);
    assert_true((access.channels >> KEPT_CH_PHONE & 1u) != 0);
    assert_int_equal(due(messenger, KEPT_ASK_ACCESS).last_day, due(messenger, KEPT_ASK_COPY).last_day);
}

/* S1: at once when the app is removed; S2: seven days after; S4: behind what is open. */
static void number_cancellation_effect(void **state)
{
    (void)state;
    const char *const open[] = {"wallet-balance"};
    struct kept_leaving leaving = {.trigger = KEPT_TRIGGER_UNINSTALL, .at = noon("2026-03-02")};
    struct kept_cancellation c = kept_policy_cancellation(messenger, &leaving, &calendar);
    assert_true(c.accepted && c.effective == leaving.at);
    assert_false(kept_policy_cancellation(smart_home, &leaving, &calendar).accepted);
    leaving.trigger = KEPT_TRIGGER_SELF_SERVICE;
    c = kept_policy_cancellation(smart_home, &leaving, &calendar);
    assert_true(c.accepted && c.effective == leaving.at + 7 * KEPT_DAY);
    leaving.trigger = KEPT_TRIGGER_SUPPORT;
    leaving.open = open;
    leaving.open_count = 1;
    c = kept_policy_cancellation(media, &leaving, &calendar);
    assert_false(c.accepted);
    assert_string_equal(c.blocked_by, "wallet-balance");
    assert_string_equal(c.clause, "S4-5.10");
    leaving.open_count = 0;
    assert_true(kept_policy_cancellation(media, &leaving, &calendar).accepted);
}

/* S4: 15 days ahead; S1 and S2: promptly, which is no number, so that the profile's holds. */
static void number_cessation_notice(void **state)
{
    (void)state;
    struct kept_ending end = kept_policy_cessation(media, noon("2026-03-02"), &calendar);
    assert_int_equal(end.earliest.state, KEPT_DUE_SET);
    assert_int_equal(end.earliest.last_day, day("2026-03-17"));
    assert_int_equal(kept_policy_cessation(media, 0, &calendar).earliest.state, KEPT_DUE_WAITS);
    end = kept_policy_cessation(messenger, noon("2026-03-02"), &calendar);
    assert_true(end.earliest.filled != NULL && end.earliest.last_day == day("2026-04-01"));
    assert_int_equal(kept_policy_cessation(widgets, noon("2026-03-02"), &calendar).earliest.last_day,
                     day("2026-04-01"));
}

/* Whoever is so many years and no day old. */
static int32_t aged(int years)
{
    char text[KEPT_TIME_TEXT];
    (void)snprintf(text, sizeof text, "%04d-06-01", 2026 - years);
    return day(text);
}

/* S0: a guardian below 18; S1: none below 14; S2: none below 18; S4: mixed. */
static void number_minimum_age(void **state)
{
    (void)state;
    assert_string_equal(kept_policy_age_band(widgets, aged(16), NOON_2026), "guardian");
    assert_string_equal(kept_policy_age_band(messenger, aged(14) + 1, NOON_2026), "block");
    assert_string_equal(kept_policy_age_band(messenger, aged(14), NOON_2026), "self");
    assert_string_equal(kept_policy_age_band(smart_home, aged(18) + 1, NOON_2026), "block");
    assert_string_equal(kept_policy_age_band(smart_home, aged(18), NOON_2026), "self");
    assert_string_equal(kept_policy_age_band(media, aged(16), NOON_2026), "self_and_guardian");
}

/* "Under 14" ends on the fourteenth birthday, "14 and under" a year later. */
static void number_children_class_boundary(void **state)
{
    (void)state;
    static const char age[] = "age: {bands: [{from: 0, below: %d, mode: guardian}, {from: %d, mode: self}]}\n";
    for (int below = 14; below <= 15; below++) {
        char text[160];
        (void)snprintf(text, sizeof text, age, below, below);
        struct kept_policy *p = small(text);
        assert_string_equal(kept_policy_age_band(p, aged(14), NOON_2026),
                            below == 14 ? "self" : "guardian");
        assert_string_equal(kept_policy_age_band(p, aged(15), NOON_2026), "self");
        kept_policy_free(p);
    }
}

/* S0 and S2: three purposes; S4: seven; S1: none; S3 announces a part and has none. */
static void number_cookies(void **state)
{
    (void)state;
    assert_int_equal(__builtin_popcount(kept_policy_tracker_categories(widgets)), 3);
    assert_int_equal(__builtin_popcount(kept_policy_tracker_categories(smart_home)), 3);
    assert_int_equal(__builtin_popcount(kept_policy_tracker_categories(media)), 7);
    assert_int_equal(kept_policy_tracker_categories(messenger), 0);
    assert_int_equal(kept_policy_tracker_categories(wallpaper), 0);
    assert_int_equal(kept_policy_tracker(media, "login", 0, 0).verdict, KEPT_TRACKER_SET);
    assert_int_equal(kept_policy_tracker(wallpaper, "login", 0, 0).verdict, KEPT_TRACKER_UNDECLARED);
}

/* How many codes open a use. */
static size_t exemptions(const struct kept_policy *p, enum kept_use use)
{
    size_t n = 0;
    for (size_t i = 0; i < p->exemption_count; i++)
        n += (p->exemptions[i].uses >> use & 1u) != 0;
    return n;
}

/* S1: ten; S2: eleven, research for use only; S3: none. */
static void number_consent_exemptions(void **state)
{
    (void)state;
    assert_int_equal(exemptions(messenger, KEPT_USE_READ), 10);
    assert_int_equal(exemptions(smart_home, KEPT_USE_READ), 11);
    assert_int_equal(exemptions(wallpaper, KEPT_USE_COLLECT), 0);
}

/* A set of its own for each operation: what opens collection may not open sharing. */
static void number_share_exemptions(void **state)
{
    (void)state;
    assert_int_equal(exemptions(messenger, KEPT_USE_DISCLOSE), 1);
    assert_true(exemptions(smart_home, KEPT_USE_DISCLOSE) >= 6);
    assert_true(exemptions(media, KEPT_USE_DISCLOSE) != exemptions(media, KEPT_USE_COLLECT));
    assert_int_equal(exemptions(wallpaper, KEPT_USE_DISCLOSE), 0);
}

static size_t grounds(const struct kept_policy *p, enum kept_refusal refusal)
{
    size_t n = 0;
    const char *code = NULL;
    for (size_t i = 0; (code = kept_policy_refusal_code(p, i)) != NULL; i++)
        n += kept_policy_refuse(p, KEPT_ASK_ACCESS, code, true).refusal == refusal;
    return n;
}

/* S1: eight; S2: six that must and four that may; S3: the archive, against deleting only. */
static void number_refusal_grounds(void **state)
{
    (void)state;
    assert_int_equal(grounds(messenger, KEPT_REFUSAL_MUST) + grounds(messenger, KEPT_REFUSAL_MAY), 8);
    assert_int_equal(grounds(smart_home, KEPT_REFUSAL_MUST), 6);
    assert_int_equal(grounds(smart_home, KEPT_REFUSAL_MAY), 4);
    assert_int_equal(kept_policy_refuse(wallpaper, KEPT_ASK_ACCESS, "legal-hold", true).refusal,
                     KEPT_REFUSAL_OTHER);
    assert_int_equal(kept_policy_refuse(wallpaper, KEPT_ASK_DELETE, "legal-hold", true).refusal,
                     KEPT_REFUSAL_MUST);
    assert_int_equal(kept_policy_refuse(wallpaper, KEPT_ASK_DELETE, "legal-hold", false).refusal,
                     KEPT_REFUSAL_UNREASONED);
    assert_int_equal(kept_policy_refuse(widgets, KEPT_ASK_DELETE, "legal-hold", true).refusal,
                     KEPT_REFUSAL_UNKNOWN);
}

/* S1 and S4: six, and the loss of rights; S2: the loss of rights only. */
static void number_material_change_triggers(void **state)
{
    (void)state;
    for (unsigned i = 0; i < KEPT_MATERIAL_COUNT; i++) {
        uint32_t what = 1u << i;
        assert_true(kept_policy_change(messenger, what, 0, &calendar).material);
        assert_true(kept_policy_change(media, what, 0, &calendar).material);
        assert_true(kept_policy_change(smart_home, what, 0, &calendar).material ==
                    (i == KEPT_MATERIAL_REDUCTION));
    }
    assert_string_equal(kept_material_code(KEPT_MATERIAL_RISK), "M6");
    assert_false(kept_policy_change(messenger, 0, 0, &calendar).material);
}

/* S2: repeats cost; S4: free; S1: silent. */
static void number_fee(void **state)
{
    (void)state;
    assert_false(kept_policy_fee(smart_home, KEPT_ASK_COPY, 2).owed);
    struct kept_fee third = kept_policy_fee(smart_home, KEPT_ASK_COPY, 3);
    assert_true(third.owed && third.window == 365 * KEPT_DAY);
    assert_string_equal(third.clause, "S2-5.8d");
    assert_false(kept_policy_fee(smart_home, KEPT_ASK_COMPLAINT, 9).owed);
    struct kept_fee free_one = kept_policy_fee(media, KEPT_ASK_COPY, 99);
    assert_true(free_one.said && !free_one.owed);
    assert_false(kept_policy_fee(messenger, KEPT_ASK_COPY, 99).said);
}

/* S4: as soon as received, which is no number: its profile's holds, for requests, questions and complaints. */
static void number_as_soon_as_received(void **state)
{
    static const enum kept_asked asked[] = {KEPT_ASK_QUESTION, KEPT_ASK_COMPLAINT, KEPT_ASK_CORRECT, KEPT_ASK_ACCESS};
    (void)state;
    for (size_t i = 0; i < COUNT(asked); i++)
        assert_int_equal(due(media, asked[i]).last_day, day("2026-10-16"));
    assert_true(finds("rights: {channels: [mail], requests: {complaint: {}}}\n", "NO_DEADLINE") == false); /* by profile */
    assert_true(finds_lawless("rights: {channels: [mail], requests: {complaint: {}}}\n", "NO_DEADLINE"));
}

/* S4: about nine for collecting and for using, eight for sharing, the same cases for refusing; S0: its two cases of
 * disclosure, and a contract, of sharing only. */
static void number_cases_of_S4_and_S0(void **state)
{
    (void)state;
    assert_int_equal(exemptions(media, KEPT_USE_COLLECT), 8);
    assert_int_equal(exemptions(media, KEPT_USE_READ), 9);
    assert_int_equal(exemptions(media, KEPT_USE_DISCLOSE), 7);
    assert_int_equal(grounds(media, KEPT_REFUSAL_MUST), 4);
    assert_int_equal(grounds(media, KEPT_REFUSAL_MAY), 4); /* and two that are not for access */
    assert_int_equal(kept_policy_refuse(media, KEPT_ASK_DELETE, "news", true).refusal, KEPT_REFUSAL_MAY);
    assert_int_equal(kept_policy_refuse(media, KEPT_ASK_ACCESS, "news", true).refusal, KEPT_REFUSAL_OTHER);
    assert_int_equal(exemptions(widgets, KEPT_USE_DISCLOSE), 4);
    assert_int_equal(exemptions(widgets, KEPT_USE_COLLECT), 1); /* danger to life: the law's, not the seed's */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(number_answer_to_question),
        cmocka_unit_test(number_as_soon_as_received),
        cmocka_unit_test(number_cases_of_S4_and_S0),
        cmocka_unit_test(number_dsr_answer),
        cmocka_unit_test(number_access_via_hotline),
        cmocka_unit_test(number_cancellation_effect),
        cmocka_unit_test(number_cessation_notice),
        cmocka_unit_test(number_minimum_age),
        cmocka_unit_test(number_children_class_boundary),
        cmocka_unit_test(number_cookies),
        cmocka_unit_test(number_consent_exemptions),
        cmocka_unit_test(number_share_exemptions),
        cmocka_unit_test(number_refusal_grounds),
        cmocka_unit_test(number_material_change_triggers),
        cmocka_unit_test(number_fee),
    };
    return cmocka_run_group_tests(tests, load_all, free_all);
}
