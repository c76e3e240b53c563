/* test_mirror.c - a store whose keyring has a mirror: obligations are in both before they count, a
 * failure of the mirror stops the handle, and one that is not of today is refused. */
#include "../aid/world.h"

#include <errno.h>
#include <unistd.h>

#include "../aid/disk.h"

#define CHANGES (DISK_CREATE | DISK_WRITE | DISK_TRUNCATE | DISK_SYNC | DISK_RENAME | DISK_UNLINK)

static char mirror[WORLD_PATH];

static int try_open(struct world *w)
{
    struct kept_options o = world_options(w);
    o.mirror = mirror;
    return kept_open(&o, &w->kept, &w->err);
}

static void open_it(struct world *w)
{
    if (try_open(w) != 0)
        fail_msg("open: %d %s", w->err.code, w->err.text);
}

static void up(struct world *w)
{
    world_shop(w);
    world_close(w);
    world_beside(w, mirror, "mirror");
    open_it(w);
}

/* From the mirror alone, with the store of today. */
static void use_the_mirror(struct world *w)
{
    world_close(w);
    world_remove(w->keyring);
    world_copy(mirror, w->keyring);
    world_remove(mirror);
    open_it(w);
}

static void test_the_mirror_takes_the_keyrings_place(void **state)
{
    struct world w;
    (void)state;
    up(&w);
    struct kept_id id = world_person(&w), gone = world_person(&w);
    world_put(&w, id, "account", "phone", "13800138000");
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = gone);
    ALLOWS(&w, .op = KEPT_OP_ROTATE);
    ALLOWS(&w, .op = KEPT_OP_ROTATE, .text = "tokens");
    ALLOWS(&w, .op = KEPT_OP_TICK);
    use_the_mirror(&w);
    READS(&w, id, "phone", "service", "13800138000");
    HIDES(&w, gone, "phone", "service", KEPT_R_ERASED);
    assert_int_equal(world_number(&w, "journal_obligations"), 1);
    assert_int_equal(world_number(&w, "epoch"), 2);
    world_down(&w);
}

static void test_refusals(void **state)
{
    struct world w;
    char older[WORLD_PATH];
    (void)state;
    up(&w);
    struct kept_id id = world_person(&w);
    world_close(&w);
    world_beside(&w, older, "older");
    world_copy(mirror, older);
    open_it(&w);
    for (int i = 0; i < 2; i++)
        ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = i == 0 ? id : world_person(&w));
    world_close(&w);
    world_remove(mirror);
    world_copy(older, mirror);
    assert_int_equal(try_open(&w), KEPT_E_ROLLBACK);
    assert_non_null(strstr(w.err.text, "move the mirror away"));
    world_remove(mirror);
    open_it(&w);
    world_close(&w);
    char keep[WORLD_PATH];
    memcpy(keep, mirror, sizeof keep);
    const char *const inside[] = {w.store, w.keyring, w.dir};
    for (size_t i = 0; i < 3; i++) {
        world_join(mirror, inside[i], i == 2 ? "." : "mirror");
        assert_int_equal(try_open(&w), KEPT_E_USAGE);
    }
    memcpy(mirror, keep, sizeof keep);
    open_it(&w);
    world_down(&w);
}

/* The mirror's disk says no at the n-th change of an erasure: it is settled by opening again, and in
 * both; nothing more is erased on that handle. */
static void test_whatever_fails(void **state)
{
    (void)state;
    bool over = false;
    for (long n = 0; !over; n++) {
        struct world w;
        struct kept_reply *reply = NULL;
        assert_true(n < 100);
        up(&w);
        struct kept_id id = world_person(&w), other = world_person(&w);
        struct kept_request r = {.op = KEPT_OP_ERASE_SUBJECT, .app = "shop", .subject = id};
        disk_fail(mirror, CHANGES, n, EIO, n % 2 == 0);
        int rc = kept_call(w.kept, &r, &reply, &w.err);
        over = disk_failed() == 0;
        disk_fail_off();
        kept_reply_free(reply);
        assert_true(over ? rc == 0 : rc == KEPT_E_UNSETTLED);
        r.subject = other;
        if (!over)
            assert_int_equal(kept_call(w.kept, &r, &reply, &w.err), KEPT_E_IO);
        world_close(&w);
        open_it(&w);
        HIDES(&w, id, "phone", "service", KEPT_R_ERASED);
        HIDES(&w, other, "phone", "service", KEPT_R_NO_VALUE);
        use_the_mirror(&w);
        HIDES(&w, id, "phone", "service", KEPT_R_ERASED);
        assert_int_equal(world_number(&w, "journal_obligations"), 1);
        world_down(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_mirror_takes_the_keyrings_place),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_whatever_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
