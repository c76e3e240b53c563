/* test_intents.c - a key that is destroyed is told in the ledger before and after, once each, whatever
 * fails in between; and nobody with a disk editor has one destroyed before its day. */
#include "../aid/world.h"

#include <errno.h>

#include "../aid/disk.h"


/* Epoch 1 is retired, and its day has come. */
static void world_of_a_due_epoch(struct world *w)
{
    world_shop(w);
    (void)world_person(w);
    ALLOWS(w, .op = KEPT_OP_ROTATE);
    w->now += 25 * KEPT_DAY;
    ALLOWS(w, .op = KEPT_OP_TICK); /* so that no rotation is due with it */
    w->now += 5 * KEPT_DAY;
}

static void test_told_before_and_after(void **state)
{
    struct world w;
    (void)state;
    world_of_a_due_epoch(&w);
    assert_true(world_has_key(&w, "epoch-1"));
    w.now -= 1;
    world_tick_says(&w, "\"epochs_destroyed\":0");
    assert_int_equal(world_audit_has(&w, "epoch key 1"), 0);
    w.now += 1;
    world_tick_says(&w, "\"epochs_destroyed\":1");
    assert_false(world_has_key(&w, "epoch-1"));
    assert_int_equal(world_audit_has(&w, "epoch key 1 is to be destroyed"), 1);
    assert_int_equal(world_audit_has(&w, "epoch key 1 is destroyed"), 1);
    world_tick_says(&w, "\"epochs_destroyed\":0");
    world_reopen(&w);
    assert_int_equal(world_audit_has(&w, "epoch key 1"), 2);
    world_down(&w);
}

/* The keyring's disk says no: told what is to be done, not that it is done. */
static void fail_to_destroy(struct world *w)
{
    struct kept_reply *reply = NULL;
    const struct kept_request tick = {.op = KEPT_OP_TICK, .app = "shop"};
    disk_fail(w->keyring, DISK_RENAME, 0, EIO, true);
    assert_int_equal(kept_call(w->kept, &tick, &reply, &w->err), KEPT_E_IO);
    disk_fail_off();
    assert_true(world_has_key(w, "epoch-1"));
    assert_int_equal(world_audit_has(w, "epoch key 1 is to be destroyed"), 1);
    assert_int_equal(world_audit_has(w, "epoch key 1 is destroyed"), 0);
}

static void test_the_next_tick_finishes(void **state)
{
    struct world w;
    (void)state;
    world_of_a_due_epoch(&w);
    fail_to_destroy(&w);
    world_tick_says(&w, "\"epochs_destroyed\":1");
    assert_false(world_has_key(&w, "epoch-1"));
    assert_int_equal(world_audit_has(&w, "epoch key 1 is to be destroyed"), 1);
    assert_int_equal(world_audit_has(&w, "epoch key 1 is destroyed"), 1);
    world_down(&w);
}

/* Opening finishes; a store that was put back from in between does not tell it again. */
static void test_opening_finishes(void **state)
{
    struct world w;
    char copy[WORLD_PATH];
    (void)state;
    world_of_a_due_epoch(&w);
    fail_to_destroy(&w);
    world_close(&w);
    world_beside(&w, copy, "backup");
    world_copy(w.store, copy);
    world_open(&w);
    assert_false(world_has_key(&w, "epoch-1"));
    assert_int_equal(world_audit_has(&w, "epoch key 1 is destroyed"), 1);
    world_put_back(&w, "backup");
    assert_int_equal(world_audit_has(&w, "epoch key 1 is to be destroyed"), 1);
    assert_int_equal(world_audit_has(&w, "epoch key 1 is destroyed"), 1);
    world_tick_says(&w, "\"epochs_destroyed\":0");
    world_reopen(&w);
    world_down(&w);
}

/* What stands in the store is judged again by the keyring. */
static void test_a_forged_intent_destroys_nothing_early(void **state)
{
    static const char *const forged[] = {
        "x'010100000003" "00000000000000000000000000000000'",   /* the current epoch */
        "x'010100000001" "00000000000000000000000000000000'",   /* one whose day has not come */
        "x'010300000001" "00000000000000000000000000000000'",   /* the current token key */
        "x'0109'"};
    struct world w;
    (void)state;
    world_of_a_due_epoch(&w);
    w.now -= KEPT_DAY;
    for (size_t i = 0; i < sizeof forged / sizeof forged[0]; i++) {
        world_close(&w);
        world_sql(&w, "REPLACE INTO meta(name, value) VALUES('intent.1', %s)", forged[i]);
        assert_int_equal(world_try_open(&w), KEPT_E_CORRUPT);
        world_sql(&w, "DELETE FROM meta WHERE name = 'intent.1'");
        world_open(&w);
        assert_true(world_has_key(&w, "epoch-1") && world_has_key(&w, "epoch-2") && world_has_key(&w, "token-1"));
    }
    world_down(&w);
}

/* Every write, sync and name of the tick fails once. */
static void test_whatever_fails_it_is_told_once(void **state)
{
    (void)state;
    bool over = false;
    for (long n = 0; !over; n++) {
        struct world w;
        const struct kept_request tick = {.op = KEPT_OP_TICK, .app = "shop"};
        assert_true(n < 2000);
        world_of_a_due_epoch(&w);
        (void)world_call_failing(&w, &tick, (struct world_failure){WORLD_CHANGES, n, n % 2 == 0, n % 4 >= 2},
                                 &over); /* half of the time on the same handle */
        ALLOWS(&w, .op = KEPT_OP_TICK);
        if (world_has_key(&w, "epoch-1") || world_audit_has(&w, "epoch key 1 is to be destroyed") != 1 ||
            world_audit_has(&w, "epoch key 1 is destroyed") != 1)
            fail_msg("change %ld: destroyed %d, told %zu and %zu times", n, !world_has_key(&w, "epoch-1"),
                     world_audit_has(&w, "epoch key 1 is to be destroyed"),
                     world_audit_has(&w, "epoch key 1 is destroyed"));
        world_down(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_told_before_and_after),
        cmocka_unit_test(test_the_next_tick_finishes),
        cmocka_unit_test(test_opening_finishes),
        cmocka_unit_test(test_a_forged_intent_destroys_nothing_early),
        cmocka_unit_test(test_whatever_fails_it_is_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
