/* Do requests that are one stand and fall together, is a mark what was committed, does a dry run leave nothing,
 * and is who is looked up found or made once? */
#include "../aid/world.h"
#include "base/limits.h"
#include "engine/serve.h"

#define LEGACY_OF(day) (&(struct kept_evidence){.reference = "archive 7", .signed_at = day})

static size_t run(struct world *w, const struct kept_request *requests, size_t count,
                  struct kept_reply **replies)
{
    size_t done = 0;
    for (size_t i = 0; i < count; i++)
        assert_int_equal(kept_submit(w->kept, &requests[i], &w->err), 0);
    while (done < count) {
        size_t n = 0;
        assert_int_equal(kept_reap(w->kept, replies + done, count - done, 1, &n, &w->err), 0);
        done += n;
    }
    return done;
}

static void free_all(struct kept_reply **replies, size_t count)
{
    for (size_t i = 0; i < count; i++)
        kept_reply_free(replies[i]);
}

/* Somebody new, who was shown the notice and agreed, and their number; a unit of four. */
static void draw(struct kept_request r[4], const struct kept_field *phone, int dry)
{
    r[0] = (struct kept_request){.op = KEPT_OP_SUBJECT_NEW, .app = "shop", .fields = phone,
                                 .field_count = 1, .dry = dry};
    r[1] = (struct kept_request){.op = KEPT_OP_CONSENT_ACKNOWLEDGE, .app = "shop", .follows = 1,
                                 .dry = dry};
    r[2] = (struct kept_request){.op = KEPT_OP_CONSENT_GRANT, .app = "shop", .follows = 1,
                                 .function = "account", .consent = KEPT_C_EXPLICIT, .dry = dry};
    r[3] = (struct kept_request){.op = KEPT_OP_COLLECT, .app = "shop", .follows = 1,
                                 .function = "account", .fields = phone, .field_count = 1,
                                 .must = 2, .dry = dry, .mark = "work", .mark_text = "row 1"};
}

static void test_a_unit_stands(void **state)
{
    struct world w;
    struct kept_request r[4];
    struct kept_reply *replies[4];
    const struct kept_field phone = world_field("phone", "13800138000");
    (void)state;
    world_shop(&w);
    draw(r, &phone, 0);
    free_all(replies, run(&w, r, 4, replies)); /* a unit ... */
    run(&w, r, 4, replies);                    /* ... and again: the same person is found */
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(replies[i]->error, 0);
        assert_memory_equal(&replies[i]->subject, &replies[0]->subject, sizeof replies[0]->subject);
    }
    READS(&w, replies[0]->subject, "phone", "service", "13800138000");
    struct kept_reply *trail = ASK(&w, .op = KEPT_OP_TRAIL, .subject = replies[0]->subject);
    assert_int_equal(world_json_count(trail, "\"subject.new\""), 1);
    assert_int_equal(world_json_count(trail, "\"subject.find\""), 1);
    kept_reply_free(trail);
    free_all(replies, 4);
    assert_int_equal(world_number(&w, "people_ever"), 1);
    struct kept_reply *stat = ASK(&w, .op = KEPT_OP_STAT, .mark = "work");
    assert_true(world_json_has(stat, "\"mark\":\"row 1\""));
    kept_reply_free(stat);
    world_down(&w);
}

static void test_a_unit_falls(void **state)
{
    struct world w;
    struct kept_request r[4];
    struct kept_reply *replies[4];
    const struct kept_field phone = world_field("phone", "13800138000");
    (void)state;
    world_shop(&w);
    uint64_t before = world_number(&w, "ledger_entries");
    draw(r, &phone, 0);
    r[2].function = "notes"; /* agreed to something else: the number is refused, and must be taken */
    run(&w, r, 4, replies);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(replies[i]->error, KEPT_E_DENIED);
        assert_non_null(strstr(replies[i]->err.text, "NEEDS_CONSENT"));
    }
    free_all(replies, 4);
    assert_int_equal(world_number(&w, "people_ever"), 0);
    assert_int_equal(world_number(&w, "ledger_entries"), before + 2); /* the two looks */
    draw(r, &phone, 0);
    r[1].policy_version = 77; /* an error, not a denial */
    run(&w, r, 4, replies);
    assert_int_equal(replies[0]->error, KEPT_E_NOTFOUND);
    free_all(replies, 4);
    assert_int_equal(world_number(&w, "people_ever"), 0);
    /* Nothing is half there, also after opening anew; and a good unit takes the first number. */
    world_reopen(&w);
    assert_int_equal(world_number(&w, "people_ever"), 0);
    draw(r, &phone, 0);
    run(&w, r, 4, replies);
    assert_int_equal(replies[3]->decision, KEPT_ALLOW);
    free_all(replies, 4);
    assert_int_equal(world_number(&w, "people_ever"), 1);
    world_down(&w);
}

static void test_dry(void **state)
{
    struct world w;
    struct kept_request r[4];
    struct kept_reply *replies[4];
    const struct kept_field phone = world_field("phone", "13800138000");
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    world_put(&w, id, "account", "phone", "13800138000");
    uint64_t entries = world_number(&w, "ledger_entries");
    int64_t rows = world_sql_number(&w, "SELECT count(*) FROM cell");
    draw(r, &phone, 1);
    run(&w, r, 4, replies);
    for (size_t i = 0; i < 4; i++) {
        static const struct kept_id nobody;
        assert_int_equal(replies[i]->error, 0);
        assert_int_equal(replies[i]->decision, KEPT_ALLOW);
        assert_memory_equal(&replies[i]->subject, &nobody, sizeof nobody); /* not who is there */
        assert_memory_equal(&replies[i]->entry, &nobody, sizeof nobody);
    }
    free_all(replies, 4);
    assert_int_equal(world_number(&w, "ledger_entries"), entries + 1); /* the look */
    assert_int_equal(world_sql_number(&w, "SELECT count(*) FROM cell"), rows);
    assert_int_equal(world_number(&w, "people_ever"), 1);
    struct kept_reply *stat = ASK(&w, .op = KEPT_OP_STAT, .mark = "work");
    assert_false(world_json_has(stat, "\"mark\""));
    kept_reply_free(stat);
    /* Only of somebody new. */
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_COLLECT, .subject = id, .function = "account",
          .fields = &phone, .field_count = 1, .dry = 1);
    world_down(&w);
}

static void test_what_may_be_one(void **state)
{
    struct world w;
    struct kept_request r[4];
    const struct kept_field phone = world_field("phone", "13800138000");
    (void)state;
    world_shop(&w);
    draw(r, &phone, 0);
    /* Nothing is before it; a read; what people are owed. */
    assert_int_equal(kept_submit(w.kept, &r[1], &w.err), KEPT_E_USAGE);
    assert_int_equal(kept_submit(w.kept, &r[0], &w.err), 0);
    const enum kept_op none[] = {KEPT_OP_USE, KEPT_OP_TICK, KEPT_OP_ERASE_SUBJECT,
                                 KEPT_OP_CONSENT_WITHDRAW, KEPT_OP_SERVICE_CEASE};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        struct kept_request bad = {.op = none[i], .app = "shop", .follows = 1};
        assert_int_equal(kept_submit(w.kept, &bad, &w.err), KEPT_E_USAGE);
    }
    r[1].dry = 1; /* some dry, some not */
    assert_int_equal(kept_submit(w.kept, &r[1], &w.err), KEPT_E_USAGE);
    struct kept_reply *reply = NULL;
    size_t n = 0;
    assert_int_equal(kept_reap(w.kept, &reply, 1, 1, &n, &w.err), 0);
    kept_reply_free(reply);
    world_down(&w);
}

static void test_a_legacy_gives_way(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    kept_ms early = WORLD_T0 - 400 * KEPT_DAY;
#define BEFORE(...)                                                                                \
    .op = KEPT_OP_CONSENT_GRANT, .subject = id, .function = "notes", .consent = KEPT_C_EXPLICIT,   \
    .origin = KEPT_O_LEGACY, .facts = KEPT_F_IMPORTED, .evidence = LEGACY_OF(early), __VA_ARGS__
    ALLOWS(&w, .op = KEPT_OP_CONSENT_WITHDRAW, .subject = id, .function = "notes");
    SAYS(&w, KEPT_DENY, KEPT_R_WITHDRAWN, BEFORE(.policy_version = 1));
    ALLOWS(&w, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .function = "notes",
           .consent = KEPT_C_EXPLICIT);
    ALLOWS(&w, BEFORE(.policy_version = 1)); /* nothing is left to do */
    struct kept_reply *show = ASK(&w, .op = KEPT_OP_SUBJECT_SHOW, .subject = id);
    assert_false(world_json_has(show, "\"legacy\""));
    kept_reply_free(show);
    /* A text that is none of ours, a language, a hash; and an end that has come. */
    uint8_t hash[32] = {1};
    SAYS(&w, KEPT_DENY, KEPT_R_CONSENT_STALE, BEFORE(.policy_version = 9));
    SAYS(&w, KEPT_DENY, KEPT_R_CONSENT_STALE, BEFORE(.language = "fr"));
    SAYS(&w, KEPT_DENY, KEPT_R_CONSENT_STALE, BEFORE(.text_sha256 = hash));
    ALLOWS(&w, .op = KEPT_OP_CONSENT_REFUSE, .subject = id);
    SAYS(&w, KEPT_DENY, KEPT_R_REFUSED, BEFORE(.policy_version = 1));
    world_down(&w);
}

static void test_a_list_of_people(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id ids[5];
    char hex[33];
    for (size_t i = 0; i < 5; i++)
        ids[i] = world_person(&w);
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = ids[2]);
    struct kept_reply *page = ASK(&w, .op = KEPT_OP_SUBJECT_LIST, .limit = 3);
    for (size_t i = 0; i < 5; i++) {
        kept_id_hex(&ids[i], hex);
        assert_int_equal(world_json_has(page, hex), i != 2 && i < 4);
    }
    assert_true(world_json_has(page, "\"next\":5"));
    kept_reply_free(page);
    page = ASK(&w, .op = KEPT_OP_SUBJECT_LIST, .from = 5);
    kept_id_hex(&ids[4], hex);
    assert_true(world_json_has(page, hex));
    assert_false(world_json_has(page, "\"next\""));
    kept_reply_free(page);
    FAILS(&w, KEPT_E_LIMIT, .op = KEPT_OP_SUBJECT_LIST, .limit = 10001);
    world_down(&w);
}

/* ---- all or none ---------------------------------------------------------------------------------- */

static size_t drain(struct world *w)
{
    struct kept_reply *replies[16];
    size_t n = 0, done = 0;
    do {
        assert_int_equal(kept_reap(w->kept, replies, 16, 1, &n, &w->err), 0);
        free_all(replies, n);
        done += n;
    } while (n > 0);
    return done;
}

/* What cannot be queued whole is not queued at all, and what was queued before is as it was. */
static void test_all_or_none(void **state)
{
    struct world w;
    struct kept_request r[4];
    const struct kept_request *all[KEPT_MAX_UNIT + 1];
    const struct kept_field phone = world_field("phone", "13800138000");
    const struct kept_request stat = {.op = KEPT_OP_STAT, .app = "shop"}, new = {.op = KEPT_OP_SUBJECT_NEW, .app = "shop"};
    (void)state;
    world_shop(&w);
    draw(r, &phone, 0);
    for (size_t i = 0; i < 4; i++)
        all[i] = &r[i];
    assert_int_equal(kept_submit_all(w.kept, NULL, all, 4, &w.err), 0);
    assert_int_equal(drain(&w), 4);
    assert_int_equal(world_number(&w, "people_ever"), 1);
    /* The first follows nothing, though somebody else's stands there that it could follow. */
    assert_int_equal(kept_submit(w.kept, &new, &w.err), 0);
    assert_int_equal(kept_submit_all(w.kept, NULL, all + 1, 3, &w.err), KEPT_E_USAGE);
    /* The last cannot be one with those before it: none of them is queued. */
    const struct kept_request withdraw = {.op = KEPT_OP_CONSENT_WITHDRAW, .app = "shop", .follows = 1};
    all[3] = &withdraw;
    assert_int_equal(kept_submit_all(w.kept, NULL, all, 4, &w.err), KEPT_E_USAGE);
    all[0] = &stat;
    all[1] = &withdraw;
    assert_int_equal(kept_submit_all(w.kept, NULL, all, 2, &w.err), KEPT_E_USAGE);
    /* Longer than a unit may be. */
    all[0] = &r[0];
    for (size_t i = 1; i <= KEPT_MAX_UNIT; i++)
        all[i] = &r[3];
    assert_int_equal(kept_submit_all(w.kept, NULL, all, KEPT_MAX_UNIT + 1, &w.err), KEPT_E_LIMIT);
    assert_int_equal(drain(&w), 1); /* the one that was there */
    assert_int_equal(world_number(&w, "people_ever"), 2);
    /* And the queue is whole: what comes next goes its way. */
    all[0] = all[1] = &stat;
    assert_int_equal(kept_submit_all(w.kept, NULL, all, 2, &w.err), 0);
    assert_int_equal(drain(&w), 2);
    assert_int_equal(kept_submit_all(w.kept, NULL, NULL, 1, &w.err), KEPT_E_USAGE);
    assert_int_equal(kept_submit_all(NULL, NULL, all, 1, &w.err), KEPT_E_USAGE);
    world_down(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_or_none),
        cmocka_unit_test(test_a_unit_stands),   cmocka_unit_test(test_a_unit_falls),
        cmocka_unit_test(test_dry),             cmocka_unit_test(test_what_may_be_one),
        cmocka_unit_test(test_a_legacy_gives_way), cmocka_unit_test(test_a_list_of_people),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
