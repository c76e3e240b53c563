/* test_minors.c - somebody seems to be a child: restricted at once, settled by who may, erased by upkeep as anybody is, and no
 * restore undoes it; who comes of age is told of it to the day. */
#include "../aid/disk.h"
#include "../aid/world.h"

#define WHY .text = "case 12"
#define REPORT(id, ...) .op = KEPT_OP_MINOR_REPORT, .subject = (id), WHY, __VA_ARGS__
#define SETTLE(id, child, ...) .op = KEPT_OP_MINOR_SETTLE, .subject = (id), .on = (child), WHY, __VA_ARGS__
#define APP .role = NULL
#define NOTE "fourth grade"
#define AGE(acts)                                                                                  \
    "age:\n"                                                                                       \
    "  unknown: allow\n"                                                                           \
    "  clause: T-51\n"                                                                             \
    "  on_discovery: " acts "\n"                                                                   \
    "  guardian: {relations: [parent], verified_by: [document], evidence: optional}\n"             \
    "  bands:\n"                                                                                   \
    "    - {from: 0, below: 8, mode: block, clause: T-52}\n"                                       \
    "    - {from: 8, below: 14, mode: guardian, form: express, clause: T-52}\n"                    \
    "    - {from: 14, mode: self}\n"                                                               \
    "roles:\n"                                                                                     \
    "  teller:\n"                                                                                  \
    "    text: {en: tells us, zh: 报告人}\n"                                                         \
    "    operations: [minor_report, stat]\n"                                                       \
    "    purposes: []\n"                                                                           \
    "    clause: T-53"
#define ALL_ACTS AGE("[restrict, cancel, delete]")

static void open_shop(struct world *w, const char *age)
{
    world_up(w);
    char *text = world_policy("shop", 1, "roles:", age);
    char *at = strstr(text, "consent_withdraw, permission_set");
    assert_non_null(at); /* the app may also add a guardian */
    memcpy(at, "consent_withdraw, guardian_add  ", strlen("consent_withdraw, permission_set"));
    kept_reply_free(ASK(w, .op = KEPT_OP_POLICY_PUBLISH, .text = text));
    free(text);
    w->app = "shop";
}

static struct kept_id writer(struct world *w)
{
    struct kept_id id = world_person(w);
    world_put(w, id, "notes", "note", NOTE);
    return id;
}

#define ANSWERS(w, words, ...) answers(w, words, &(struct kept_request){__VA_ARGS__})
static void answers(struct world *w, const char *words, const struct kept_request *r)
{
    struct kept_reply *reply = world_ask(w, r);
    if (reply->decision != KEPT_ALLOW || !world_json_has(reply, words))
        fail_msg("wanted %s: %s %s", words, kept_reason_name(reply->reason), reply->json != NULL ? reply->json : "");
    kept_reply_free(reply);
}

static void test_a_report_restricts_and_deletes_nothing(void **state)
{
    struct world w;
    (void)state;
    open_shop(&w, ALL_ACTS);
    struct kept_id id = writer(&w), other = writer(&w);
    READS(&w, id, "note", "service", NOTE);
    SAYS(&w, KEPT_DENY, KEPT_R_JUSTIFICATION, .op = KEPT_OP_MINOR_REPORT, .subject = id);
    SAYS(&w, KEPT_DENY, KEPT_R_JUSTIFICATION, .op = KEPT_OP_MINOR_SETTLE, .subject = id, .on = 1, .text = "");
    SAYS(&w, KEPT_DENY, KEPT_R_OPERATION, REPORT(id, .role = "support"));
    SAYS(&w, KEPT_DENY, KEPT_R_OPERATION, SETTLE(id, 1, .role = "teller"));
    READS(&w, id, "note", "service", NOTE);
    ANSWERS(&w, "\"state\":\"reported\"", REPORT(id, .role = "teller", .actor = "tom"));
    ANSWERS(&w, "\"restricted\":true", REPORT(id, .role = "teller"));
    HIDES(&w, id, "note", "service", KEPT_R_RESTRICTED);
    const struct kept_field note = world_field("note", "more");
    SAYS(&w, KEPT_DENY, KEPT_R_RESTRICTED, .op = KEPT_OP_COLLECT, .subject = id, .function = "notes", .fields = &note, .field_count = 1);
    READS(&w, other, "note", "service", NOTE);
    assert_true(world_shows(&w, id, "\"state\":\"restricted\""));
    assert_true(world_shows(&w, id, "\"reported_by\":\"tom\""));
    ANSWERS(&w, "\"state\":\"reported\"", .op = KEPT_OP_ACCOUNT_SHOW, .subject = id);
    ALLOWS(&w, .op = KEPT_OP_TRAIL, .subject = id);
    w.now += 2000 * KEPT_DAY; /* longer than anything is waited for */
    world_tick_says(&w, "\"minors_erased\":0");
    assert_int_equal(world_number(&w, "minors_to_erase"), 0);
    ANSWERS(&w, "\"state\":\"of_age\"", SETTLE(id, 0, .role = "officer", .actor = "olga"));
    READS(&w, id, "note", "service", NOTE);
    assert_false(world_shows(&w, id, "\"minor\""));
    ALLOWS(&w, REPORT(id, APP));
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id); /* their own right holds */
    SAYS(&w, KEPT_DENY, KEPT_R_ERASED, SETTLE(id, 1, APP));
    world_check(&w);
    world_down(&w);
}

static void test_a_child_is_erased_as_anybody_is(void **state)
{
    struct world w;
    (void)state;
    open_shop(&w, ALL_ACTS);
    struct kept_id id = writer(&w), other = writer(&w);
    ALLOWS(&w, REPORT(id, .role = "teller", .birth_date = "2016-04-01")); /* who may not settle only says so */
    assert_true(world_shows(&w, id, "\"birth_date_said\":\"2016-04-01\""));
    assert_false(world_shows(&w, id, "\"birth_date\":"));
    const uint64_t owed = world_number(&w, "journal_obligations");
    struct kept_reply *r = ASK(&w, SETTLE(id, 1, .role = "officer", .actor = "olga"));
    assert_true(world_json_has(r, "\"state\":\"confirmed\""));
    assert_true(world_json_has(r, "\"erase_by\":\"2026-0"));
    assert_true(world_json_has(r, "\"does\":[\"restrict\",\"cancel\",\"delete\"]"));
    kept_reply_free(r);
    assert_true(world_shows(&w, id, "\"birth_date\":\"2016-04-01\""));
    assert_int_equal(world_number(&w, "journal_obligations"), owed + 1);
    assert_int_equal(world_number(&w, "minors_to_erase"), 1);
    assert_int_equal(world_number(&w, "minors_to_erase_late"), 0);
    HIDES(&w, id, "note", "service", KEPT_R_RESTRICTED);
    ANSWERS(&w, "\"state\":\"confirmed\"", SETTLE(id, 1, APP)); /* it was done */
    w.now += 60 * KEPT_DAY;
    assert_int_equal(world_number(&w, "minors_to_erase_late"), 1);
    world_tick_says(&w, "\"minors_erased\":1");
    assert_int_equal(world_number(&w, "minors_to_erase"), 0);
    assert_int_equal(world_number(&w, "minors_to_erase_late"), 0);
    assert_int_equal(world_number(&w, "journal_obligations"), owed + 2);
    HIDES(&w, id, "note", "service", KEPT_R_ERASED);
    assert_true(world_shows(&w, id, "\"state\":\"erased\""));
    assert_false(world_shows(&w, id, "2016-04-01"));
    ANSWERS(&w, "\"certificate\":\"erasure\"", .op = KEPT_OP_ERASE_SUBJECT, .subject = id);
    r = ASK(&w, .op = KEPT_OP_AUDIT, .role = "officer", .text = "kept");
    assert_int_equal(world_json_count(r, "\"operation\":\"erase.subject\""), 1);
    assert_int_equal(world_json_count(r, "found to be a child"), 1);
    kept_reply_free(r);
    world_tick_says(&w, "\"minors_erased\":0");
    READS(&w, other, "note", "service", NOTE);
    assert_int_equal(world_files_with(&w, NOTE, strlen(NOTE)), 0);
    world_check(&w);
    world_down(&w);
}

static void test_the_day_of_birth_settles_it(void **state)
{
    struct world w;
    (void)state;
    open_shop(&w, ALL_ACTS);
    struct kept_id id = writer(&w);
    FAILS(&w, KEPT_E_CONFLICT, SETTLE(id, 0, APP)); /* nobody reported it */
    FAILS(&w, KEPT_E_USAGE, REPORT(id, .birth_date = "2011-12-31"));
    FAILS(&w, KEPT_E_USAGE, REPORT(id, .birth_date = "2016-02-30"));
    FAILS(&w, KEPT_E_USAGE, SETTLE(id, 1, .birth_date = "2999-01-01"));
    READS(&w, id, "note", "service", NOTE);
    ANSWERS(&w, "\"state\":\"confirmed\"", REPORT(id, .birth_date = "2012-01-06")); /* fourteen tomorrow */
    FAILS(&w, KEPT_E_CONFLICT, SETTLE(id, 0, APP));
    FAILS(&w, KEPT_E_USAGE, SETTLE(id, 0, .birth_date = "2012-01-06"));
    ANSWERS(&w, "\"state\":\"of_age\"", SETTLE(id, 0, .birth_date = "2012-01-05")); /* a mistake, mended in time */
    world_tick_says(&w, "\"minors_erased\":0");
    READS(&w, id, "note", "service", NOTE);
    ANSWERS(&w, "\"state\":\"confirmed\"", SETTLE(id, 1, .birth_date = "2019-01-05"));
    world_tick_says(&w, "\"minors_erased\":1");
    struct kept_id own = writer(&w); /* erased meanwhile, by themselves: nothing is left to do */
    ALLOWS(&w, SETTLE(own, 1, APP));
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = own);
    assert_int_equal(world_number(&w, "minors_to_erase"), 0);
    world_down(&w);
}

static void test_what_the_policy_does_not_say_is_not_done(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w); /* without a word on ages */
    struct kept_id id = writer(&w);
    SAYS(&w, KEPT_DENY, KEPT_R_UNDECLARED, REPORT(id, APP));
    SAYS(&w, KEPT_DENY, KEPT_R_UNDECLARED, SETTLE(id, 1, APP));
    READS(&w, id, "note", "service", NOTE);
    world_down(&w);
    open_shop(&w, AGE("[delete]"));
    id = writer(&w);
    ANSWERS(&w, "\"restricted\":false", REPORT(id, APP));
    READS(&w, id, "note", "service", NOTE);
    ANSWERS(&w, "\"restricted\":true", SETTLE(id, 1, APP)); /* what is to be deleted is not used before */
    HIDES(&w, id, "note", "service", KEPT_R_RESTRICTED);
    world_tick_says(&w, "\"minors_erased\":1");
    world_down(&w);
    open_shop(&w, AGE("[restrict]"));
    id = writer(&w);
    ALLOWS(&w, SETTLE(id, 1, APP));
    w.now += 100 * KEPT_DAY;
    world_tick_says(&w, "\"minors_erased\":0");
    HIDES(&w, id, "note", "service", KEPT_R_RESTRICTED);
    world_down(&w);
}

/* Refusing and going on again is no way out of a restriction; and who refused has, when it is lifted. */
static void test_a_refusal_lifts_nothing(void **state)
{
    struct world w;
    (void)state;
    open_shop(&w, ALL_ACTS);
    struct kept_id id = writer(&w);
    ALLOWS(&w, REPORT(id, APP));
    ALLOWS(&w, .op = KEPT_OP_CONSENT_REFUSE, .subject = id);
    HIDES(&w, id, "note", "service", KEPT_R_RESTRICTED);
    FAILS(&w, KEPT_E_CONFLICT, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .function = "notes", .consent = KEPT_C_EXPLICIT);
    ALLOWS(&w, SETTLE(id, 0, APP));
    HIDES(&w, id, "note", "service", KEPT_R_REFUSED);
    ALLOWS(&w, REPORT(id, APP));
    ALLOWS(&w, .op = KEPT_OP_CONSENT_ACKNOWLEDGE, .subject = id);
    HIDES(&w, id, "note", "service", KEPT_R_RESTRICTED);
    ALLOWS(&w, SETTLE(id, 0, APP));
    READS(&w, id, "note", "service", NOTE);
    world_down(&w);
}

static void speak(struct world *w, struct kept_id id)
{
    static const struct kept_guardian kim = {.contact = "Kim, 13900001111", .relation = "parent", .method = "document"};
    ALLOWS(w, .op = KEPT_OP_GUARDIAN_ADD, .subject = id, .guardian = &kim);
}

/* A guardian who spoke before the report makes it lawful; one who comes afterwards does not. */
static void test_a_guardian_who_spoke_before(void **state)
{
    struct world w;
    (void)state;
    open_shop(&w, ALL_ACTS);
    struct kept_id before = writer(&w), after = writer(&w);
    ALLOWS(&w, .op = KEPT_OP_SUBJECT_SET, .subject = before, .birth_date = "2015-04-01");
    ALLOWS(&w, .op = KEPT_OP_SUBJECT_SET, .subject = after, .birth_date = "2015-04-01");
    speak(&w, before);
    w.now += 1;
    ALLOWS(&w, REPORT(before, APP));
    ALLOWS(&w, REPORT(after, APP));
    speak(&w, after);
    HIDES(&w, before, "note", "service", KEPT_R_RESTRICTED);
    ANSWERS(&w, "\"state\":\"guarded\"", SETTLE(before, 1, APP));
    ANSWERS(&w, "\"state\":\"confirmed\"", SETTLE(after, 1, APP));
    world_tick_says(&w, "\"minors_erased\":1");
    HIDES(&w, after, "note", "service", KEPT_R_ERASED);
    ALLOWS(&w, REPORT(before, APP));
    ANSWERS(&w, "\"state\":\"confirmed\"", SETTLE(before, 1, .birth_date = "2019-04-01")); /* whom no guardian can let in */
    world_down(&w);
}

/* To the day, in the policy's zone; and what only the guardian agreed to is named, before and after. */
static void test_who_comes_of_age_is_told(void **state)
{
    struct world w;
    (void)state;
    open_shop(&w, ALL_ACTS);
    struct kept_id id = writer(&w);
    assert_false(world_shows(&w, id, "of_age_from"));
    ALLOWS(&w, .op = KEPT_OP_SUBJECT_SET, .subject = id, .birth_date = "2012-02-29");
    assert_true(world_shows(&w, id, "\"of_age_from\":\"2026-03-01\""));
    speak(&w, id);
    ALLOWS(&w, .op = KEPT_OP_CONSENT_WITHDRAW, .subject = id, .function = "notes");
    ALLOWS(&w, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .function = "notes", .consent = KEPT_C_GUARDIAN);
    ALLOWS(&w, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .function = "account", .consent = KEPT_C_GUARDIAN);
    static const char *const needed = "\"own_consent_needed\":[{\"of\":\"function\",\"scope\":\"notes\"}]";
    ANSWERS(&w, needed, .op = KEPT_OP_ACCOUNT_SHOW, .subject = id);
    struct kept_reply *r = ASK(&w, .op = KEPT_OP_SUBJECT_SHOW, .subject = id, .role = "officer");
    assert_true(world_json_has(r, needed));
    assert_false(world_json_has(r, "2026-03-01")); /* the day is theirs and the app's to see */
    kept_reply_free(r);
    w.now = WORLD_T0 + 55 * KEPT_DAY; /* the birthday itself */
    assert_false(world_shows(&w, id, "of_age_from"));
    assert_true(world_shows(&w, id, needed));
    ALLOWS(&w, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .function = "notes", .consent = KEPT_C_EXPLICIT);
    assert_false(world_shows(&w, id, "own_consent_needed"));
    ALLOWS(&w, .op = KEPT_OP_SUBJECT_SET, .subject = id, .birth_date = "2013-03-05");
    assert_true(world_shows(&w, id, "\"of_age_from\":\"2027-03-05\""));
    world_down(&w);
}

/* A store of before is put back: what was reported, settled either way, and erased is so again. */
static void test_no_restore_undoes_it(void **state)
{
    struct world w;
    (void)state;
    open_shop(&w, ALL_ACTS);
    struct kept_id reported = writer(&w), found = writer(&w), cleared = writer(&w), erased = writer(&w);
    ALLOWS(&w, REPORT(cleared, APP));
    world_save(&w, "before");
    w.now += KEPT_HOUR;
    ALLOWS(&w, SETTLE(erased, 1, APP));
    world_tick_says(&w, "\"minors_erased\":1");
    ALLOWS(&w, REPORT(reported, APP));
    ALLOWS(&w, SETTLE(cleared, 0, APP));
    ALLOWS(&w, SETTLE(found, 1, APP));
    for (int times = 0; times < 2; times++) {
        w.now += KEPT_HOUR;
        world_reopen(&w);
        HIDES(&w, reported, "note", "service", KEPT_R_RESTRICTED);
        HIDES(&w, found, "note", "service", KEPT_R_RESTRICTED);
        HIDES(&w, erased, "note", "service", KEPT_R_ERASED);
        READS(&w, cleared, "note", "service", NOTE);
        assert_int_equal(world_number(&w, "minors_to_erase"), 1);
        assert_true(world_shows(&w, reported, "\"state\":\"reported\""));
        assert_true(world_shows(&w, found, "\"state\":\"confirmed\""));
        assert_false(world_shows(&w, cleared, "\"minor\""));
        world_check(&w);
        if (times == 0)
            world_put_back(&w, "before");
    }
    world_tick_says(&w, "\"minors_erased\":1");
    HIDES(&w, found, "note", "service", KEPT_R_ERASED);
    world_check(&w);
    world_down(&w);
}

/* Every change of the disk fails once: what was answered is done, or nothing is, and the next upkeep ends it. */
static void test_every_failure_of_the_job(void **state)
{
    struct world w;
    (void)state;
    open_shop(&w, ALL_ACTS);
    bool over = false;
    for (long n = 1; !over && n < 400; n++) {
        struct kept_id id = writer(&w);
        const struct kept_request settle = {SETTLE(id, 1, APP)}, tick = {.op = KEPT_OP_TICK};
        bool settled = false, ticked = false;
        int rc = world_call_failing(&w, &settle, (struct world_failure){WORLD_CHANGES, n, false, false}, &settled);
        if (rc == KEPT_E_IO) /* not done: nothing of it is there */
            assert_true(world_number(&w, "minors_to_erase") == 0 || world_shows(&w, id, "\"confirmed\""));
        ALLOWS(&w, SETTLE(id, 1, APP));
        assert_int_equal(world_number(&w, "minors_to_erase"), 1);
        (void)world_call_failing(&w, &tick, (struct world_failure){WORLD_CHANGES, n, false, false}, &ticked);
        ALLOWS(&w, .op = KEPT_OP_TICK);
        assert_int_equal(world_number(&w, "minors_to_erase"), 0);
        HIDES(&w, id, "note", "service", KEPT_R_ERASED);
        over = settled && ticked;
    }
    assert_true(over);
    world_check(&w);
    world_down(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_report_restricts_and_deletes_nothing),
        cmocka_unit_test(test_a_child_is_erased_as_anybody_is),
        cmocka_unit_test(test_the_day_of_birth_settles_it),
        cmocka_unit_test(test_what_the_policy_does_not_say_is_not_done),
        cmocka_unit_test(test_a_refusal_lifts_nothing),
        cmocka_unit_test(test_a_guardian_who_spoke_before),
        cmocka_unit_test(test_who_comes_of_age_is_told),
        cmocka_unit_test(test_no_restore_undoes_it),
        cmocka_unit_test(test_every_failure_of_the_job),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
