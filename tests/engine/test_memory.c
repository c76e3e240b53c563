/* test_memory.c - memory runs out at the N-th allocation, for every N: a clean error, the state as
 * it was or complete, the store opens again and the ledger holds what was answered.
 *
 * Allocations of kept are taken over at link time (--wrap), those of SQLite and of the JSON library
 * through their own hooks; all are counted together. */
#include "../aid/world.h"

#include "../aid/sampled.h"
#include "../aid/scarce.h"
#include "engine/admin.h"

/* ---- one operation ---- */

static struct kept_id ready_person(struct world *w)
{
    struct kept_id id = world_person(w);
    world_put(w, id, "account", "phone", "13800138000");
    world_put(w, id, "notes", "note", "first");
    return id;
}

/* Fail the N-th allocation of one operation, N = 0, 1, 2 ... until none fails; each time on a store
 * that is right, which must be right afterwards too. */
static void every_allocation(const struct kept_request *template, bool with_person, unsigned step,
                             bool only_once)
{
    struct world w;
    bool over = false;
    unsigned refused = 0;
    world_shop(&w);
    for (long n = 0; !over; n += step) {
        struct kept_reply *reply = NULL;
        struct kept_request r = *template;
        struct kept_err err = {0};
        static const struct kept_id nobody;
        struct kept_id id = nobody;
        uint64_t entries = 0;
        assert_true(n < 20000);
        if (with_person) {
            id = ready_person(&w);
            r.subject = id;
        }
        r.app = "shop";
        entries = world_number(&w, "ledger_entries");
        scarce_begin(n, only_once);
        int rc = kept_call(w.kept, &r, &reply, &err);
        scarce_end();
        over = scarce_failed() == 0;
        if (rc != 0) {
            if (rc != KEPT_E_NOMEM && rc != KEPT_E_IO && rc != KEPT_E_UNSETTLED)
                fail_msg("%s, allocation %ld: %d %s", kept_op_name(r.op), n, rc, err.text);
            assert_int_equal(err.code, rc);
            assert_null(reply);
            refused++;
        } else {
            assert_int_equal(reply->error, 0);
            if (reply->decision != KEPT_ALLOW)
                fail_msg("%s, allocation %ld: %s", kept_op_name(r.op), n,
                         kept_reason_name(reply->reason));
        }
        kept_reply_free(reply);
        world_reopen(&w);
        uint64_t now = world_number(&w, "ledger_entries");
        /* The two questions of ours, and one for the operation unless it changed nothing. */
        if (rc == 0 && template->op != KEPT_OP_TICK && now != entries + 2)
            fail_msg("%s, allocation %ld: %lu entries", kept_op_name(r.op), n,
                     (unsigned long)(now - entries));
        assert_true(now >= entries + 1 && now <= entries + 3);
        world_check(&w);
    }
    assert_true(refused > 0);
    world_down(&w);
}

/* Plainly built, each; slowly, under the sanitizer, every fifth. */
#define STRIDE (SAMPLED ? 5u : 1u)
#define EVERY(with_person, step, ...)                                                              \
    every_allocation(&(struct kept_request){__VA_ARGS__}, with_person, STRIDE * (step), true);     \
    every_allocation(&(struct kept_request){__VA_ARGS__}, with_person, 11 * STRIDE * (step), false)

static void test_people(void **state)
{
    (void)state;
    EVERY(false, 1, .op = KEPT_OP_SUBJECT_NEW);
    EVERY(true, 1, .op = KEPT_OP_SUBJECT_SET, .birth_date = "1990-01-01");
    EVERY(true, 1, .op = KEPT_OP_CONSENT_ACKNOWLEDGE);
}

static void test_consents(void **state)
{
    (void)state;
    EVERY(true, 1, .op = KEPT_OP_CONSENT_GRANT, .function = "caring", .consent = KEPT_C_SEPARATE);
    EVERY(true, 1, .op = KEPT_OP_CONSENT_WITHDRAW, .function = "notes");
    EVERY(true, 1, .op = KEPT_OP_CONSENT_REFUSE, .function = "caring");
    EVERY(true, 1, .op = KEPT_OP_PERMISSION_SET, .permission = "camera", .on = 1);
}

static void test_values(void **state)
{
    static uint8_t photo[70000];
    const struct kept_field fields[] = {world_field("note", "second"), world_field("note", "third"),
                                        world_field("imei", "490154203237518"),
                                        {.name = "photo", .value = {photo, sizeof photo}}};
    const struct kept_field phone = world_field("phone", "13800138000");
    (void)state;
    EVERY(true, 1, .op = KEPT_OP_COLLECT, .function = "notes", .fields = fields, .field_count = 4);
    EVERY(true, 1, .op = KEPT_OP_USE, .purpose = "service", .fields = &phone, .field_count = 1);
    EVERY(true, 1, .op = KEPT_OP_DISCLOSE, .purpose = "service", .recipient = "courier",
          .fields = &phone, .field_count = 1);
}

static void test_erasures(void **state)
{
    (void)state;
    EVERY(true, 1, .op = KEPT_OP_ERASE_SUBJECT);
    EVERY(true, 1, .op = KEPT_OP_ERASE_RECORD, .item = "note");
}

static void test_upkeep(void **state)
{
    (void)state;
    EVERY(true, 1, .op = KEPT_OP_TICK);
}

static void test_reports(void **state)
{
    (void)state;
    EVERY(true, 3, .op = KEPT_OP_SUBJECT_SHOW);
    EVERY(true, 3, .op = KEPT_OP_WHY, .item = "phone", .purpose = "service");
    EVERY(true, 7, .op = KEPT_OP_TRAIL);
    EVERY(false, 3, .op = KEPT_OP_STAT);
    EVERY(false, 3, .op = KEPT_OP_POLICY_SHOW);
}

/* A report that memory ran out on is no report: what it says is all there is. */
static void test_a_report_is_whole_or_not_there(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = ready_person(&w);
    const struct kept_request r = {.op = KEPT_OP_TRAIL, .app = "shop", .subject = id};
    struct kept_reply *whole = NULL, *reply = NULL;
    assert_int_equal(kept_call(w.kept, &r, &whole, &w.err), 0);
    size_t rows = world_json_count(whole, "\"operation\"");
    size_t items = world_json_count(whole, "\"item\"");
    kept_reply_free(whole);
    long n = 0;
    for (bool over = false; !over; n++) { /* every answered one makes the next longer */
        scarce_begin(n, true);
        int rc = kept_call(w.kept, &r, &reply, &w.err);
        scarce_end();
        over = scarce_failed() == 0;
        if (rc == 0) {
            if (world_json_count(reply, "\"operation\"") < rows ||
                world_json_count(reply, "\"item\"") < items)
                fail_msg("allocation %ld: a trail with holes", n);
            rows = world_json_count(reply, "\"operation\"") + 1; /* the question is the newest */
            kept_reply_free(reply);
        }
    }
    assert_in_range(n, 100, 20000);
    world_down(&w);
}

/* Either nothing of a batch was begun, or each of its operations has its reply, done or failed. */
static void test_a_batch(void **state)
{
    enum { COUNT = 6 };
    struct world w;
    unsigned nothing = 0, parts = 0;
    (void)state;
    world_shop(&w);
    struct kept_id id = ready_person(&w);
    const struct kept_field out = {.name = "phone"};
    struct kept_request requests[COUNT];
    for (unsigned i = 0; i < COUNT; i++)
        requests[i] = i % 2 == 0 ? (struct kept_request){.op = KEPT_OP_SUBJECT_NEW, .app = "shop"}
                                 : (struct kept_request){.op = KEPT_OP_USE, .app = "shop", .subject = id,
                                                         .purpose = "service", .fields = &out,
                                                         .field_count = 1};
    bool over = false;
    for (long n = 0; !over; n++) {
        struct kept_reply *replies[COUNT];
        unsigned done = 0;
        uint64_t people = world_number(&w, "people_ever"), born = 0;
        scarce_begin(n, true);
        int rc = kept_batch(w.kept, requests, COUNT, replies, &w.err);
        scarce_end();
        over = scarce_failed() == 0;
        for (unsigned i = 0; i < COUNT; i++) {
            if (rc != 0)
                assert_null(replies[i]);
            done += rc == 0 && replies[i]->error == 0;
            born += rc == 0 && i % 2 == 0 && /* what is unsettled stands, and is finished by opening */
                    (replies[i]->error == 0 || replies[i]->error == KEPT_E_UNSETTLED);
            kept_reply_free(rc == 0 ? replies[i] : NULL);
        }
        assert_true(rc == 0 || rc == KEPT_E_NOMEM);
        nothing += rc != 0;
        parts += rc == 0 && done < COUNT;
        world_reopen(&w);
        /* Who failed may leave a number unused, which this counts. */
        assert_in_range(world_number(&w, "people_ever") - people, born, rc == 0 ? COUNT / 2 : 0);
        world_check(&w);
        assert_true(n < 20000);
    }
    assert_true(nothing > 0 && parts > 0);
    world_down(&w);
}

/* Accepting a loss: what was committed before memory ran out stays, and the next call goes on. */
static void test_an_accepted_loss(void **state)
{
    const struct kept_loss loss = {.reason = "memory"};
    bool over = false;
    (void)state;
    for (long n = 0; !over; n += 5) {
        struct world w;
        struct kept_buf json;
        uint64_t problems = 0;
        world_shop(&w);
        struct kept_id id = ready_person(&w);
        world_sql(&w, "CREATE TABLE aside AS SELECT * FROM cell");
        world_put(&w, id, "account", "phone", "13800138000"); /* not what is put back */
        ALLOWS(&w, .op = KEPT_OP_CONSENT_WITHDRAW, .subject = id, .function = "notes");
        world_sql(&w, "DELETE FROM cell; INSERT INTO cell SELECT * FROM aside; DROP TABLE aside");
        kept_buf_init(&json, 1 << 20);
        scarce_begin(n, n % 2 != 0);
        int rc = kept_admin_accept_loss(w.kept, &loss, &json, &w.err);
        scarce_end();
        over = scarce_failed() == 0;
        if (over)
            assert_int_equal(rc, 0);
        else if (rc != 0 && rc != KEPT_E_NOMEM && rc != KEPT_E_IO && rc != KEPT_E_UNSETTLED)
            fail_msg("allocation %ld: %d %s", n, rc, w.err.text);
        kept_buf_clear(&json);
        world_reopen(&w);
        if (kept_admin_accept_loss(w.kept, &loss, &json, &w.err) != 0)
            fail_msg("again, after allocation %ld: %s", n, w.err.text);
        assert_int_equal(kept_admin_check(w.kept, &json, &problems, &w.err), 0);
        if (problems != 0)
            fail_msg("allocation %ld: %s", n, (const char *)json.p);
        HIDES(&w, id, "note", "service", KEPT_R_WITHDRAWN);
        kept_buf_release(&json);
        world_down(&w);
    }
}

/* Rotating and publishing leave traces outside the store: then the end is looked at. */
static void test_rotations(void **state)
{
    struct world w;
    bool over = false;
    (void)state;
    world_shop(&w);
    struct kept_id id = ready_person(&w);
    for (long n = 0; !over; n++) {
        struct kept_reply *reply = NULL;
        const struct kept_request r = {.op = KEPT_OP_ROTATE, .app = "shop"};
        ALLOWS(&w, .op = KEPT_OP_ERASE_RECORD, .subject = id, .item = "note");
        world_put(&w, id, "notes", "note", "again");
        scarce_begin(n, n % 2 != 0);
        int rc = kept_call(w.kept, &r, &reply, &w.err);
        scarce_end();
        over = scarce_failed() == 0;
        assert_true(rc == 0 || rc == KEPT_E_NOMEM || rc == KEPT_E_IO || rc == KEPT_E_UNSETTLED);
        kept_reply_free(reply);
        world_reopen(&w);
        world_check(&w);
        READS(&w, id, "note", "service", "again");
        w.now += 40 * KEPT_DAY;
        ALLOWS(&w, .op = KEPT_OP_TICK);
        READS(&w, id, "note", "service", "again");
    }
    assert_int_equal(world_number(&w, "reseals_pending"), 0);
    world_down(&w);
}

/* One tick with all there is to do: an end, a turn of the token key, a rotation, an epoch's end. */
static void test_all_of_a_tick(void **state)
{
    struct world w;
    bool over = false;
    (void)state;
    world_shop(&w);
    struct kept_id id = ready_person(&w);
    const struct kept_field phone = world_field("phone", "13800138000");
    for (long n = 0; !over; n += 3) {
        struct kept_reply *reply = NULL;
        const struct kept_request r = {.op = KEPT_OP_TICK, .app = "shop"};
        assert_true(n < 20000);
        world_put(&w, id, "notes", "visit", "door");
        ALLOWS(&w, .op = KEPT_OP_ROTATE, .text = "tokens");
        w.now += 40 * KEPT_DAY;
        scarce_begin(n, n % 2 != 0);
        int rc = kept_call(w.kept, &r, &reply, &w.err);
        scarce_end();
        over = scarce_failed() == 0;
        assert_true(rc == 0 || rc == KEPT_E_NOMEM || rc == KEPT_E_IO || rc == KEPT_E_UNSETTLED);
        kept_reply_free(reply);
        world_reopen(&w);
        world_check(&w);
        ALLOWS(&w, .op = KEPT_OP_SUBJECT_FIND, .fields = &phone, .field_count = 1);
        reply = ASK(&w, .op = KEPT_OP_TICK);
        assert_true(world_json_has(reply, "\"people_with_ends_left\":0"));
        assert_true(world_json_has(reply, "\"tokens_left\":false"));
        kept_reply_free(reply);
        HIDES(&w, id, "visit", "service", KEPT_R_NO_VALUE);
        ALLOWS(&w, .op = KEPT_OP_SUBJECT_FIND, .fields = &phone, .field_count = 1);
        READS(&w, id, "note", "service", "first");
    }
    world_down(&w);
}

static void test_publications(void **state)
{
    struct world w;
    bool over = false;
    unsigned version = 2;
    (void)state;
    world_shop(&w);
    for (long n = 0; !over; n += 7) {
        struct kept_reply *reply = NULL;
        char app[16];
        (void)snprintf(app, sizeof app, "club-%ld", n);
        char *text = world_policy(app, version, NULL, NULL);
        const struct kept_request r = {.op = KEPT_OP_POLICY_PUBLISH, .text = text};
        scarce_begin(n, n % 2 != 0);
        int rc = kept_call(w.kept, &r, &reply, &w.err);
        scarce_end();
        over = scarce_failed() == 0;
        if (rc != 0 && rc != KEPT_E_NOMEM && rc != KEPT_E_IO && rc != KEPT_E_UNSETTLED)
            fail_msg("publish, allocation %ld: %d %s", n, rc, w.err.text);
        kept_reply_free(reply);
        world_reopen(&w);
        if (rc != 0) { /* nothing of it stands in the way of another try */
            reply = NULL;
            int again = kept_call(w.kept, &r, &reply, &w.err);
            if (again != 0 && again != KEPT_E_CONFLICT)
                fail_msg("publish again, allocation %ld: %d %s", n, again, w.err.text);
            kept_reply_free(reply);
        }
        free(text);
    }
    world_check(&w);
    world_down(&w);
}

static void test_opening(void **state)
{
    struct world w;
    bool over = false;
    (void)state;
    world_shop(&w);
    struct kept_id id = ready_person(&w);
    world_close(&w);
    for (long n = 0; !over; n += n < 200 ? 1 : 29) {
        const struct kept_options o = world_options(&w);
        scarce_begin(n, n % 2 != 0);
        int rc = kept_open(&o, &w.kept, &w.err);
        scarce_end();
        over = scarce_failed() == 0;
        if (rc != 0) {
            if (rc != KEPT_E_NOMEM && rc != KEPT_E_IO && rc != KEPT_E_UNSETTLED)
                fail_msg("open, allocation %ld: %d %s", n, rc, w.err.text);
            assert_null(w.kept);
            world_open(&w);
        }
        world_close(&w);
    }
    world_open(&w);
    READS(&w, id, "note", "service", "first");
    world_check(&w);
    world_down(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_people),
        cmocka_unit_test(test_consents),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_erasures),
        cmocka_unit_test(test_upkeep),
        cmocka_unit_test(test_reports),
        cmocka_unit_test(test_a_report_is_whole_or_not_there),
        cmocka_unit_test(test_a_batch),
        cmocka_unit_test(test_an_accepted_loss),
        cmocka_unit_test(test_rotations),
        cmocka_unit_test(test_all_of_a_tick),
        cmocka_unit_test(test_publications),
        cmocka_unit_test(test_opening),
    };
    return cmocka_run_group_tests(tests, scarce_hook_up, NULL);
}
