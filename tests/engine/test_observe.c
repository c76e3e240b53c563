/* test_observe.c - a function that is only observed: what it is denied is said, told and counted, nothing of it is
 * stored or given out, and from the day after its last, in the policy's own time, it is denied like any other. */
#include "../aid/world.h"

/* 2026-01-31T15:59:59.999Z: the last instant of the last day, at +08:00. */
#define LAST ((kept_ms)1769875199999)

#define OBSERVED "    purposes: [service]\n    optional: [note,", "    enforce: observe\n    observe_until: 2026-01-31\n" \
                 "    purposes: [service]\n    optional: [note,"

static void shop_observing(struct world *w)
{
    world_up(w);
    w->app = "shop";
    char *text = world_policy("shop", 1, OBSERVED);
    ALLOWS(w, .op = KEPT_OP_POLICY_PUBLISH, .text = text);
    free(text);
}

/* Saw the notice, and was asked for nothing yet. */
static struct kept_id stranger(struct world *w)
{
    struct kept_reply *reply = ASK(w, .op = KEPT_OP_SUBJECT_NEW);
    struct kept_id id = reply->subject;
    kept_reply_free(reply);
    ALLOWS(w, .op = KEPT_OP_CONSENT_ACKNOWLEDGE, .subject = id);
    return id;
}

/* Is the denial observed? Its reason, and that of each field, is as ever. */
static bool is_observed(struct world *w, enum kept_reason reason, const struct kept_request *request)
{
    struct kept_reply *reply = world_ask(w, request);
    bool observed = reply->observed != 0;
    assert_int_equal(reply->decision, KEPT_DENY);
    assert_int_equal(reply->reason, reason);
    for (size_t i = 0; i < reply->field_count; i++) {
        assert_int_equal(reply->fields[i].observed != 0, observed);
        assert_int_equal(reply->fields[i].value.n, 0);
    }
    kept_reply_free(reply);
    return observed;
}

#define OBSERVED_IN(w, reason, op_, id, function_, item_, purpose_, recipient_)                                      \
    is_observed(w, reason, &(struct kept_request){.op = (op_), .subject = (id), .function = (function_),         \
                .fields = &(struct kept_field){.name = (item_), .value = world_text("secret canary")}, .field_count = 1, \
                .purpose = (purpose_), .recipient = (recipient_)})

static uint64_t counted(struct world *w)
{
    return world_number(w, "would_be_denials");
}

static void test_what_is_denied_is_said_told_and_stored_nowhere(void **state)
{
    struct world w;
    (void)state;
    shop_observing(&w);
    struct kept_id id = stranger(&w);
    assert_int_equal(counted(&w), 0);
    assert_true(OBSERVED_IN(&w, KEPT_R_NEEDS_CONSENT, KEPT_OP_COLLECT, id, "notes", "note", NULL, NULL));
    assert_false(OBSERVED_IN(&w, KEPT_R_NEEDS_CONSENT, KEPT_OP_COLLECT, id, "account", "phone", NULL, NULL));
    assert_int_equal(counted(&w), 1);
    assert_int_equal(world_audit_has(&w, "\"observed\":1"), 1);
    struct kept_reply *trail = ASK(&w, .op = KEPT_OP_TRAIL, .subject = id);
    assert_int_equal(world_json_count(trail, "\"observed\":1"), 1);
    kept_reply_free(trail);
    assert_false(world_shows(&w, id, "\"note\""));
    assert_int_equal(world_files_with(&w, "secret canary", 13), 0);
    world_reopen(&w); /* the count is not lost by closing */
    assert_true(OBSERVED_IN(&w, KEPT_R_NEEDS_CONSENT, KEPT_OP_COLLECT, id, "notes", "note", NULL, NULL));
    assert_int_equal(counted(&w), 2);
    ALLOWS(&w, .op = KEPT_OP_TICK);
    assert_int_equal(counted(&w), 2);
    world_down(&w);
}

static void test_what_is_stored_stays_closed(void **state)
{
    struct world w;
    (void)state;
    shop_observing(&w);
    struct kept_id id = world_person(&w);
    world_put(&w, id, "notes", "note", "stored before");
    assert_false(OBSERVED_IN(&w, KEPT_R_NO_VALUE, KEPT_OP_USE, id, "notes", "scrap", "service", NULL));
    assert_true(OBSERVED_IN(&w, KEPT_R_PURPOSE, KEPT_OP_USE, id, "notes", "note", "ads", NULL));
    assert_true(OBSERVED_IN(&w, KEPT_R_RECIPIENT, KEPT_OP_DISCLOSE, id, "notes", "note", "service",
                            "nobody-known"));
    struct kept_reply *why = ASK(&w, .op = KEPT_OP_WHY, .subject = id, .function = "notes", .purpose = "ads", .item = "note");
    assert_int_equal(world_json_count(why, "\"observed\":true"), 2);
    kept_reply_free(why);
    READS(&w, id, "note", "service", "stored before");
    world_down(&w);
}

/* A person's no, an erasure and who may ask hold from the first day. */
static void test_what_always_holds(void **state)
{
    struct world w;
    (void)state;
    shop_observing(&w);
    struct kept_id id = world_person(&w);
    world_put(&w, id, "notes", "note", "x");
    ALLOWS(&w, .op = KEPT_OP_CONSENT_WITHDRAW, .subject = id, .function = "notes");
    assert_false(OBSERVED_IN(&w, KEPT_R_WITHDRAWN, KEPT_OP_COLLECT, id, "notes", "note", NULL, NULL));
    assert_false(OBSERVED_IN(&w, KEPT_R_WITHDRAWN, KEPT_OP_USE, id, "notes", "note", "service", NULL));
    const struct kept_field both[] = {world_field("note", "a"), world_field("no-such-item", "b")};
    struct kept_reply *mixed = ASK(&w, .op = KEPT_OP_COLLECT, .subject = id, .function = "notes", .fields = both, .field_count = 2);
    assert_int_equal(mixed->observed, 0); /* the app may not go on with all of it */
    assert_int_equal(mixed->fields[0].observed, 0);
    assert_int_equal(mixed->fields[1].observed, 1);
    kept_reply_free(mixed);
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id);
    assert_false(OBSERVED_IN(&w, KEPT_R_ERASED, KEPT_OP_COLLECT, id, "notes", "note", NULL, NULL));
    world_down(&w);
}

static void test_the_last_day_ends_where_the_policy_lives(void **state)
{
    struct world w;
    (void)state;
    shop_observing(&w);
    struct kept_id id = stranger(&w);
    w.now = LAST;
    assert_true(OBSERVED_IN(&w, KEPT_R_NEEDS_CONSENT, KEPT_OP_COLLECT, id, "notes", "note", NULL, NULL));
    w.now = LAST + 1;
    assert_false(OBSERVED_IN(&w, KEPT_R_NEEDS_CONSENT, KEPT_OP_COLLECT, id, "notes", "note", NULL, NULL));
    struct kept_reply *stat = ASK(&w, .op = KEPT_OP_STAT);
    assert_true(world_json_has(stat, "\"enforced_from\":\"2026-01-31T16:00:00Z\""));
    assert_true(world_json_has(stat, "\"enforced\":true"));
    kept_reply_free(stat);
    assert_int_equal(counted(&w), 1);
    world_down(&w);
}

static void test_without_a_day_or_a_word_there_is_no_policy(void **state)
{
    static const char *const wrong[] = {"    enforce: observe\n    purposes: [service]\n    optional: [note,",
                                        "    observe_until: 2026-01-31\n    purposes: [service]\n    optional: [note,",
                                        "    enforce: observe\n    observe_until: soon\n    purposes: [service]\n    optional: [note,"};
    struct world w;
    (void)state;
    world_up(&w);
    w.app = "shop";
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char *text = world_policy("shop", 1, "    purposes: [service]\n    optional: [note,", wrong[i]);
        FAILS(&w, KEPT_E_POLICY, .op = KEPT_OP_POLICY_PUBLISH, .text = text);
        free(text);
    }
    world_down(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_denied_is_said_told_and_stored_nowhere),
        cmocka_unit_test(test_what_is_stored_stays_closed),
        cmocka_unit_test(test_what_always_holds),
        cmocka_unit_test(test_the_last_day_ends_where_the_policy_lives),
        cmocka_unit_test(test_without_a_day_or_a_word_there_is_no_policy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
