/* On which day is an answer due? The vectors of the official calendars of China, months, hours, anchors
 * that have not happened, calendars that end too early. */
#include "duties_aid.h"

static const struct kept_zone beijing = {.offset_minutes = 480};

static void the_years_have_248_working_days(void **state)
{
    (void)state;
    struct kept_calendar calendar = china();
    struct kept_deadline next = {.within = {1, KEPT_UNIT_WORKING_DAYS}};
    static const char *const years[] = {"2024-12-31", "2025-12-31", "2026-12-31"};
    calendar.from = day("2024-12-31");
    for (size_t i = 0; i < 2; i++) {
        int32_t at = day(years[i]);
        int count = 0;
        for (;;) {
            struct kept_due due = kept_due(&beijing, &next, (kept_ms)at * KEPT_DAY, &calendar);
            if (due.state != KEPT_DUE_SET || due.last_day > day(years[i + 1]))
                break;
            at = due.last_day;
            count++;
        }
        assert_int_equal(count, 248);
    }
}

static void working_days_follow_the_official_calendar(void **state)
{
    (void)state;
    static const struct {
        const char *from;
        uint32_t n;
        const char *last;
    } vectors[] = {
        {"2025-01-20", 15, "2025-02-14"}, {"2025-09-26", 15, "2025-10-23"},
        {"2025-09-30", 15, "2025-10-28"}, {"2026-01-03", 15, "2026-01-22"},
        {"2026-02-10", 15, "2026-03-09"}, {"2026-02-14", 1, "2026-02-24"},
        {"2026-04-29", 15, "2026-05-22"}, {"2026-09-24", 1, "2026-09-28"},
        {"2026-09-28", 15, "2026-10-23"}, {"2026-09-30", 30, "2026-11-17"},
        {"2026-11-20", 15, "2026-12-11"},
    };
    struct kept_calendar calendar = china();
    for (size_t i = 0; i < COUNT(vectors); i++) {
        struct kept_deadline deadline = {.within = {vectors[i].n, KEPT_UNIT_WORKING_DAYS}};
        struct kept_due due = kept_due(&beijing, &deadline, noon(vectors[i].from), &calendar);
        assert_int_equal(due.state, KEPT_DUE_SET);
        assert_int_equal(due.last_day, day(vectors[i].last));
        assert_true(due.before == (kept_ms)(due.last_day + 1) * KEPT_DAY - 8 * KEPT_HOUR);
    }
}

/* The day is the policy's, not that of UTC: the last minute of a day in China, and the first. */
static void days_begin_in_the_zone(void **state)
{
    (void)state;
    struct kept_deadline deadline = {.within = {30, KEPT_UNIT_DAYS}};
    kept_ms midnight = (kept_ms)day("2026-03-02") * KEPT_DAY - 8 * KEPT_HOUR;
    assert_int_equal(kept_due(&beijing, &deadline, midnight - 1, NULL).last_day, day("2026-03-31"));
    assert_int_equal(kept_due(&beijing, &deadline, midnight, NULL).last_day, day("2026-04-01"));
}

static void months_are_the_calendars(void **state)
{
    (void)state;
    static const struct {
        const char *from;
        uint32_t n;
        const char *last;
    } vectors[] = {
        {"2026-01-31", 1, "2026-02-28"}, {"2028-01-31", 1, "2028-02-29"},
        {"2026-03-15", 1, "2026-04-15"}, {"2026-10-31", 4, "2027-02-28"},
        {"2026-12-31", 12, "2027-12-31"},
    };
    for (size_t i = 0; i < COUNT(vectors); i++) {
        struct kept_deadline deadline = {.within = {vectors[i].n, KEPT_UNIT_MONTHS}};
        struct kept_due due = kept_due(&beijing, &deadline, noon(vectors[i].from), NULL);
        assert_int_equal(due.last_day, day(vectors[i].last));
    }
}

static void hours_run_from_the_instant(void **state)
{
    (void)state;
    struct kept_deadline deadline = {.within = {72, KEPT_UNIT_HOURS}, .from = KEPT_ANCHOR_AWARE};
    kept_ms at = noon("2026-10-01");
    struct kept_due due = kept_due(&beijing, &deadline, at, NULL);
    assert_int_equal(due.state, KEPT_DUE_SET);
    assert_true(due.before == at + 72 * KEPT_HOUR);
    assert_int_equal(due.last_day, day("2026-10-04"));
}

/* What cannot be known is said, not guessed. */
static void nothing_is_guessed(void **state)
{
    (void)state;
    struct kept_calendar calendar = china();
    struct kept_deadline deadline = {.within = {15, KEPT_UNIT_WORKING_DAYS}}, none = {0};
    const struct kept_deadline unitless = {.within = {15, KEPT_UNIT_NONE}};
    assert_int_equal(kept_due(&beijing, &unitless, noon("2026-05-11"), &calendar).state, KEPT_DUE_UNSAID);
    assert_int_equal(kept_due(&beijing, &deadline, noon("2026-12-11"), &calendar).state,
                     KEPT_DUE_NO_CALENDAR);
    assert_int_equal(kept_due(&beijing, &deadline, noon("2024-12-11"), &calendar).state,
                     KEPT_DUE_NO_CALENDAR);
    assert_int_equal(kept_due(&beijing, &deadline, noon("2026-05-11"), NULL).state,
                     KEPT_DUE_NO_CALENDAR);
    assert_int_equal(kept_due(&beijing, &deadline, 0, &calendar).state, KEPT_DUE_WAITS);
    assert_int_equal(kept_due(&beijing, &none, noon("2026-05-11"), &calendar).state,
                     KEPT_DUE_UNSAID);
}

/* A last day in the National Day week: as it falls, or on the first working day behind it. */
static void a_last_day_of_rest_moves_where_the_policy_says_so(void **state)
{
    (void)state;
    struct kept_calendar calendar = china();
    struct kept_deadline deadline = {.within = {30, KEPT_UNIT_DAYS}};
    kept_ms at = noon("2026-09-03");
    assert_int_equal(kept_due(&beijing, &deadline, at, &calendar).last_day, day("2026-10-03"));
    deadline.moves = true;
    assert_int_equal(kept_due(&beijing, &deadline, at, &calendar).last_day, day("2026-10-08"));
    assert_int_equal(kept_due(&beijing, &deadline, at, NULL).state, KEPT_DUE_NO_CALENDAR);
}

static const char rights[] =
    "rights:\n"
    "  clause: R-1\n"
    "  deadline: {within: 15 working days, from: verified}\n"
    "  channels: [mail]\n"
    "  requests:\n"
    "    copy: {}\n"
    "    access: {deadline: {within: 30 days, from: received}, extension: 15 working days, clause: R-2}\n"
    "    complaint: {deadline: {within: 1 month, from: checked}, extension: 2 months}\n"
    "    question: {deadline: {within: 48 hours, from: received}, extension: 24 hours}\n";

/* Each kind of request has its own clock, and stops until its anchor is known. */
static void requests_have_their_own_anchors(void **state)
{
    (void)state;
    struct kept_policy *p = small(rights);
    struct kept_calendar calendar = china();
    struct kept_anchors at = {.at = {[KEPT_ANCHOR_RECEIVED] = noon("2026-09-20")}};
    struct kept_due due = kept_policy_due(p, KEPT_ASK_COPY, &at, false, &calendar);
    assert_int_equal(due.state, KEPT_DUE_WAITS);
    assert_string_equal(due.clause, "R-1");
    at.at[KEPT_ANCHOR_VERIFIED] = noon("2026-09-28");
    due = kept_policy_due(p, KEPT_ASK_COPY, &at, false, &calendar);
    assert_int_equal(due.state, KEPT_DUE_SET);
    assert_int_equal(due.last_day, day("2026-10-23"));
    due = kept_policy_due(p, KEPT_ASK_ACCESS, &at, false, &calendar);
    assert_int_equal(due.last_day, day("2026-10-20"));
    assert_string_equal(due.clause, "R-2");
    assert_true(due.line > 0);
    assert_int_equal(kept_policy_due(p, KEPT_ASK_COMPLAINT, &at, false, &calendar).state,
                     KEPT_DUE_WAITS);
    assert_null(due.filled);
    assert_int_equal(kept_policy_due(p, KEPT_ASK_COUNT, &at, false, &calendar).state,
                     KEPT_DUE_UNSAID);
    kept_policy_free(p);
    p = lawless(rights);
    assert_int_equal(kept_policy_due(p, KEPT_ASK_PORT, &at, false, &calendar).state,
                     KEPT_DUE_UNSAID);
    kept_policy_free(p);
}

/* An extension begins where the first time ended; without one, being late is being late. */
static void an_extension_begins_at_the_end(void **state)
{
    (void)state;
    struct kept_policy *p = small(rights);
    struct kept_calendar calendar = china();
    struct kept_anchors at = {.at = {noon("2026-09-20"), noon("2026-09-28"), noon("2026-07-31"), 0}};
    assert_int_equal(kept_policy_due(p, KEPT_ASK_ACCESS, &at, true, &calendar).last_day,
                     day("2026-11-10"));
    assert_int_equal(kept_policy_due(p, KEPT_ASK_COPY, &at, true, &calendar).last_day,
                     day("2026-10-23"));
    assert_int_equal(kept_policy_due(p, KEPT_ASK_COMPLAINT, &at, true, &calendar).last_day,
                     day("2026-10-31"));
    assert_true(kept_policy_due(p, KEPT_ASK_QUESTION, &at, true, NULL).before ==
                noon("2026-09-23"));
    kept_policy_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_years_have_248_working_days),
        cmocka_unit_test(working_days_follow_the_official_calendar),
        cmocka_unit_test(days_begin_in_the_zone),
        cmocka_unit_test(months_are_the_calendars),
        cmocka_unit_test(hours_run_from_the_instant),
        cmocka_unit_test(nothing_is_guessed),
        cmocka_unit_test(a_last_day_of_rest_moves_where_the_policy_says_so),
        cmocka_unit_test(requests_have_their_own_anchors),
        cmocka_unit_test(an_extension_begins_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
