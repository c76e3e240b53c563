/* test_ends.c - what was kept long enough is deleted by the upkeep: value, chunks and tokens, a
 * person at a time, told in the ledger by item; what a law kept ends as well; and whatever fails in
 * between, it is done and told once. */
#include "../aid/world.h"

#include <errno.h>

#include "../aid/disk.h"
#include "engine/admin.h"
#include "store/store.h"

#define CHANGES (DISK_CREATE | DISK_WRITE | DISK_TRUNCATE | DISK_SYNC | DISK_RENAME)

static size_t trail_has(struct world *w, struct kept_id id, const char *words)
{
    struct kept_reply *reply = ASK(w, .op = KEPT_OP_TRAIL, .subject = id);
    size_t n = world_json_count(reply, words);
    kept_reply_free(reply);
    return n;
}

static int64_t listed_at(struct world *w, struct kept_id id)
{
    return world_sql_number(w, "SELECT at FROM todo WHERE kind = %d AND key = %lld", KEPT_TODO_END,
                            (long long)world_key(id));
}

/* The shop with one thing changed. */
static void shop_with(struct world *w, const char *from, const char *to)
{
    world_up(w);
    char *text = world_policy("shop", 1, from, to);
    ALLOWS(w, .op = KEPT_OP_POLICY_PUBLISH, .text = text);
    free(text);
}

/* ---- the living ------------------------------------------------------------------------------ */

static void test_a_value_past_its_end_is_deleted(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w), other = world_person(&w);
    world_put(&w, id, "notes", "visit", "door");
    world_put(&w, id, "notes", "note", "stays");
    world_put(&w, other, "notes", "note", "never ends");
    assert_true(listed_at(&w, id) == WORLD_T0 + KEPT_DAY);
    assert_true(listed_at(&w, other) == -1);
    w.now += KEPT_DAY - 1;
    assert_int_equal(world_number(&w, "people_with_ends_due"), 0);
    assert_int_equal(world_number(&w, "people_with_ends_ahead"), 1);
    world_tick_says(&w, "\"records_ended\":0");
    READS(&w, id, "visit", "service", "door");
    w.now += 1;
    HIDES(&w, id, "visit", "service", KEPT_R_NO_VALUE);
    assert_true(world_shows(&w, id, "\"visit\":1")); /* hidden, and there */
    assert_int_equal(world_number(&w, "people_with_ends_due"), 1);
    world_tick_says(&w, "\"records_ended\":1,\"people_with_ends\":1,\"people_with_ends_left\":0");
    assert_false(world_shows(&w, id, "\"visit\""));
    assert_true(world_shows(&w, id, "\"note\":1"));
    assert_true(listed_at(&w, id) == -1);
    HIDES(&w, id, "visit", "service", KEPT_R_NO_VALUE);
    READS(&w, id, "note", "service", "stays");
    READS(&w, other, "note", "service", "never ends");
    /* By item and by whom, never the value; the other has nothing to tell. */
    assert_int_equal(trail_has(&w, id, "\"operation\":\"erase.record\""), 1);
    assert_int_equal(trail_has(&w, id, "\"actor\":\"kept\""), 1);
    assert_int_equal(trail_has(&w, id, "the time to keep it has passed"), 1);
    assert_int_equal(trail_has(&w, id, "door"), 0);
    assert_int_equal(trail_has(&w, other, "erase.record"), 0);
    /* Old copies end with the person's key. */
    assert_int_equal(world_number(&w, "reseals_pending"), 1);
    ALLOWS(&w, .op = KEPT_OP_ROTATE);
    assert_int_equal(world_number(&w, "reseals_pending"), 0);
    world_tick_says(&w, "\"records_ended\":0");
    world_reopen(&w);
    READS(&w, id, "note", "service", "stays");
    world_check(&w);
    world_down(&w);
}

static void test_the_list_follows_what_is_collected(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    world_put(&w, id, "notes", "visit", "door");
    w.now += KEPT_DAY - KEPT_HOUR;
    world_put(&w, id, "notes", "visit", "window"); /* moved: nothing else ends */
    assert_true(listed_at(&w, id) == w.now + KEPT_DAY);
    w.now += 2 * KEPT_HOUR;
    world_tick_says(&w, "\"records_ended\":0");
    READS(&w, id, "visit", "service", "window");
    /* The earlier of several counts; what a row waited for may be gone when its time comes. */
    world_put(&w, id, "billing", "invoice", "one mug");
    assert_true(listed_at(&w, id) == w.now - 2 * KEPT_HOUR + KEPT_DAY);
    ALLOWS(&w, .op = KEPT_OP_ERASE_RECORD, .subject = id, .item = "visit");
    kept_ms bought = w.now;
    w.now += KEPT_DAY;
    world_tick_says(&w, "\"records_ended\":0");
    assert_true(listed_at(&w, id) == bought + 3650 * KEPT_DAY);
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id); /* a law keeps the invoice */
    assert_true(listed_at(&w, id) == bought + 3650 * KEPT_DAY);
    struct kept_id plain = world_person(&w);
    world_put(&w, plain, "notes", "visit", "door");
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = plain);
    assert_true(listed_at(&w, plain) == -1);
    world_down(&w);
}

static void test_tokens_and_chunks_go_too(void **state)
{
    static uint8_t photo[200000];
    struct world w;
    (void)state;
    shop_with(&w, "kind: phone, information: basic, source: user, retain: account",
              "kind: phone, information: basic, source: user, retain: 2 days");
    struct kept_id id = world_person(&w), other = world_person(&w);
    world_put(&w, id, "account", "phone", "13800138000");
    w.now += KEPT_DAY;
    world_put(&w, other, "account", "phone", "13800138001");
    assert_true(world_sql_number(&w, "SELECT count(*) FROM token") == 2);
    w.now += KEPT_DAY;
    world_tick_says(&w, "\"records_ended\":1");
    assert_true(world_sql_number(&w, "SELECT count(*) FROM token") == 1);
    READS(&w, other, "phone", "service", "13800138001");
    world_down(&w);
    shop_with(&w, "kind: blob, information: content, source: user, retain: account",
              "kind: blob, information: content, source: user, retain: 2 days");
    id = world_person(&w);
    memset(photo, 'p', sizeof photo);
    world_put_bytes(&w, id, "notes", "photo", (struct kept_span){photo, sizeof photo});
    assert_true(world_sql_number(&w, "SELECT count(*) FROM chunk") > 1);
    w.now += 2 * KEPT_DAY;
    world_tick_says(&w, "\"records_ended\":1");
    assert_true(world_sql_number(&w, "SELECT count(*) FROM chunk") == 0);
    world_down(&w);
}

/* The list is not sealed: a rotation puts back who was struck from it. */
static void test_who_was_struck_from_the_list_is_found_again(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    world_put(&w, id, "notes", "visit", "door");
    world_close(&w);
    world_sql(&w, "DELETE FROM todo");
    world_open(&w);
    w.now += 2 * KEPT_DAY;
    world_tick_says(&w, "\"records_ended\":0");
    HIDES(&w, id, "visit", "service", KEPT_R_NO_VALUE); /* the seal says so, not the list */
    ALLOWS(&w, .op = KEPT_OP_ROTATE);
    world_tick_says(&w, "\"records_ended\":1");
    /* And who was put on it for nothing loses nothing. */
    world_put(&w, id, "notes", "visit", "window");
    world_close(&w);
    world_sql(&w, "UPDATE todo SET at = 0 WHERE kind = %d", KEPT_TODO_END);
    world_sql(&w, "INSERT INTO todo(kind, key, at) VALUES(%d, %lld, 0)", KEPT_TODO_END,
              (long long)(world_key(id) + (77ll << KEPT_SLOT_BITS)));
    world_open(&w);
    world_tick_says(&w, "\"records_ended\":0,\"people_with_ends\":0,\"people_with_ends_left\":0");
    READS(&w, id, "visit", "service", "window");
    assert_true(listed_at(&w, id) == w.now + KEPT_DAY);
    assert_true(world_sql_number(&w, "SELECT count(*) FROM todo WHERE kind = %d", KEPT_TODO_END) ==
                1);
    world_down(&w);
}

static void test_a_damaged_person_holds_up_nobody(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id broken = world_person(&w), id = world_person(&w);
    world_put(&w, broken, "notes", "visit", "door");
    world_put(&w, id, "notes", "visit", "door");
    world_close(&w);
    world_sql(&w, "UPDATE cell SET body = substr(body, 1, length(body) - 1) || x'00' WHERE key = %lld",
              (long long)world_key(broken));
    world_open(&w);
    w.now += KEPT_DAY;
    world_tick_says(&w, "\"people_damaged\":1,\"records_ended\":1,\"people_with_ends\":1");
    assert_false(world_shows(&w, id, "\"visit\""));
    assert_true(listed_at(&w, broken) == w.now + KEPT_HOUR);
    world_down(&w);
}

/* ---- what a law keeps ------------------------------------------------------------------------ */

static void test_a_law_ends_too(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id living = world_person(&w), erased = world_person(&w);
    const struct kept_field invoice = {.name = "invoice"};
    world_put(&w, living, "billing", "invoice", "one mug");
    world_put(&w, erased, "billing", "invoice", "two mugs");
    w.now += KEPT_DAY;
    world_put(&w, erased, "billing", "invoice", "three mugs");
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = erased);
    w.now += 3649 * KEPT_DAY;
    world_tick_says(&w, "\"records_ended\":2,\"people_with_ends\":2");
    assert_false(world_shows(&w, living, "\"invoice\""));
    /* The second one is still kept, and the person for its sake. */
    assert_true(world_shows(&w, erased, "erased, but for what a law keeps"));
    SAYS(&w, KEPT_ALLOW, KEPT_R_NONE, .op = KEPT_OP_USE, .subject = erased, .role = "officer",
         .purpose = "legal-duty", .fields = &invoice, .field_count = 1);
    ALLOWS(&w, .op = KEPT_OP_ROTATE); /* those who stay are sealed anew */
    SAYS(&w, KEPT_ALLOW, KEPT_R_NONE, .op = KEPT_OP_USE, .subject = erased, .role = "officer",
         .purpose = "legal-duty", .fields = &invoice, .field_count = 1);
    w.now += KEPT_DAY;
    world_tick_says(&w, "\"swept\":1");
    assert_true(world_shows(&w, erased, "\"state\":\"erased\""));
    assert_false(world_shows(&w, erased, "\"rows_swept\":\"pending\""));
    HIDES(&w, erased, "invoice", "legal-duty", KEPT_R_ERASED);
    assert_int_equal(trail_has(&w, erased, "\"operation\":\"erase.record\""), 2);
    world_check(&w);
    w.now += 1100 * KEPT_DAY; /* and evidence ends as for anybody erased */
    world_tick_says(&w, "\"traces_ended\":1");
    FAILS(&w, KEPT_E_NOTFOUND, .op = KEPT_OP_SUBJECT_SHOW, .subject = erased);
    world_reopen(&w);
    world_check(&w);
    world_down(&w);
}

/* ---- many ------------------------------------------------------------------------------------ */

static void test_in_bites(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    for (int i = 0; i < 2; i++)
        world_put_many(&w, id, "billing", "invoice", 1500);
    w.now += KEPT_HOUR;
    world_put(&w, id, "billing", "invoice", "the last of them");
    w.now += 3650 * KEPT_DAY - KEPT_HOUR;
    world_tick_says(&w, "\"records_ended\":3000,\"people_with_ends\":1");
    assert_true(world_shows(&w, id, "\"invoice\":1"));
    assert_int_equal(trail_has(&w, id, "\"operation\":\"erase.record\""), 2); /* an entry a bite */
    assert_true(listed_at(&w, id) == w.now + KEPT_HOUR);
    world_down(&w);
}

static void test_a_tick_takes_so_many_people(void **state)
{
    enum { PEOPLE = 1030, A_TICK = 1024 };
    struct world w;
    char words[80];
    (void)state;
    world_shop(&w);
    for (unsigned i = 0; i < PEOPLE; i++) {
        struct kept_id id = world_person(&w);
        world_put(&w, id, "notes", "visit", "door");
    }
    w.now += KEPT_DAY;
    (void)snprintf(words, sizeof words, "\"people_with_ends\":%d,\"people_with_ends_left\":%d",
                   A_TICK, PEOPLE - A_TICK);
    world_tick_says(&w, words);
    (void)snprintf(words, sizeof words, "\"people_with_ends\":%d,\"people_with_ends_left\":0",
                   PEOPLE - A_TICK);
    world_tick_says(&w, words);
    world_tick_says(&w, "\"people_with_ends\":0");
    world_down(&w);
}

/* ---- failures -------------------------------------------------------------------------------- */

/* The disk says no at the n-th change of the tick; with again, the next tick comes on the same
 * handle if it still works. */
static bool fail_once(long n, bool lasting, bool again)
{
    struct world w;
    const struct kept_request tick = {.op = KEPT_OP_TICK, .app = "shop"};
    world_shop(&w);
    struct kept_id id = world_person(&w), erased = world_person(&w);
    world_put(&w, id, "notes", "visit", "door");
    world_put(&w, id, "notes", "note", "stays");
    world_put(&w, erased, "billing", "invoice", "one mug");
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = erased);
    w.now += 3650 * KEPT_DAY;
    bool over = false;
    (void)world_call_failing(&w, &tick, (struct world_failure){CHANGES, n, lasting, again}, &over);
    world_tick_says(&w, "\"people_with_ends_left\":0");
    assert_false(world_shows(&w, id, "\"visit\""));
    assert_true(world_shows(&w, erased, "\"state\":\"erased\""));
    READS(&w, id, "note", "service", "stays");
    if (trail_has(&w, id, "\"operation\":\"erase.record\"") != 1 ||
        trail_has(&w, erased, "\"operation\":\"erase.record\"") != 1)
        fail_msg("change %ld: not told once", n);
    world_check(&w);
    world_down(&w);
    return over;
}

static void test_whatever_fails_it_is_done_once(void **state)
{
    (void)state;
    bool over = false;
    for (long n = 0; !over; n++) {
        assert_true(n < 2000);
        over = fail_once(n, n % 2 == 0, n % 3 == 0);
    }
}

/* A store that is put back ends the same values again. */
static void test_a_restored_store_ends_them_again(void **state)
{
    struct world w;
    char copy[WORLD_PATH], ledger[WORLD_PATH], old[WORLD_PATH];
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    world_put(&w, id, "notes", "visit", "door");
    world_close(&w);
    world_beside(&w, copy, "backup");
    world_copy(w.store, copy);
    world_open(&w);
    w.now += KEPT_DAY;
    world_tick_says(&w, "\"records_ended\":1");
    world_close(&w);
    world_join(ledger, w.store, "ledger"); /* the ledger of today */
    world_join(old, copy, "ledger");
    world_remove(old);
    world_copy(ledger, old);
    world_remove(w.store);
    world_copy(copy, w.store);
    world_open(&w);
    assert_true(world_shows(&w, id, "\"visit\":1"));
    HIDES(&w, id, "visit", "service", KEPT_R_NO_VALUE);
    world_tick_says(&w, "\"records_ended\":1");
    assert_false(world_shows(&w, id, "\"visit\""));
    world_down(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_value_past_its_end_is_deleted),
        cmocka_unit_test(test_the_list_follows_what_is_collected),
        cmocka_unit_test(test_tokens_and_chunks_go_too),
        cmocka_unit_test(test_who_was_struck_from_the_list_is_found_again),
        cmocka_unit_test(test_a_damaged_person_holds_up_nobody),
        cmocka_unit_test(test_a_law_ends_too),
        cmocka_unit_test(test_in_bites),
        cmocka_unit_test(test_a_tick_takes_so_many_people),
        cmocka_unit_test(test_whatever_fails_it_is_done_once),
        cmocka_unit_test(test_a_restored_store_ends_them_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
