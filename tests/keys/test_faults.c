/* test_faults.c - the disk dies at step N, for every N: the keyring is as it was, or complete, and trying
 * again finishes. */
#include "dying_disk.h"

/* ---- root -------------------------------------------------------------------------------------- */

static void test_a_root_file_is_whole_or_absent(void **state)
{
    (void)state;
    struct ring r;
    char path[128];
    ring_up(&r);
    (void)snprintf(path, sizeof path, "%s/second", r.dir);
    bool over = false;
    for (long n = 1; !over; n++) {
        assert_true(n < 20);
        die_at(n, true);
        int rc = kept_root_create(path, &r.err);
        over = survived(rc, n);
        revive();
        if (rc != 0) {
            assert_int_equal(rc, KEPT_E_IO);
            assert_int_equal(access(path, F_OK), -1);
        } else if (!over) { /* a step whose failure costs nothing: clearing what a crash left */
            assert_int_equal(unlink(path), 0);
        }
    }
    struct kept_root *root = NULL;
    assert_int_equal(kept_root_load(path, &root, &r.err), 0);
    kept_root_free(root);
    ring_down(&r);
}

/* ---- keyring ----------------------------------------------------------------------------------- */

static void test_create_is_all_or_nothing(void **state)
{
    (void)state;
    for (int only_once = 0; only_once <= 1; only_once++) {
        bool over = false;
        for (long n = 1; !over; n++) {
            struct ring r;
            struct kept_keyring *k = NULL;
            assert_true(n < 200);
            ring_up(&r);
            die_at(n, only_once == 1);
            int rc = kept_keyring_create(r.folder, "widgets", r.root, T0, &r.err);
            over = survived(rc, n);
            revive();
            int opened = kept_keyring_open(r.folder, "widgets", r.root, &k, &r.err);
            if (rc != 0 && opened == KEPT_E_NOTFOUND) { /* as it was: again, then */
                assert_int_equal(kept_keyring_create(r.folder, "widgets", r.root, T0, &r.err), 0);
                k = ring_open(&r);
            } else {
                assert_int_equal(opened, 0); /* complete, even if the last sync failed */
            }
            assert_int_equal(kept_keyring_epoch(k), 1);
            kept_keyring_close(k);
            ring_down(&r);
        }
    }
}

static void test_rotation_is_one_step(void **state)
{
    (void)state;
    for (int only_once = 0; only_once <= 1; only_once++) {
        bool over = false;
        for (long n = 1; !over; n++) {
            struct ring r;
            struct boxes b;
            struct kept_epoch e[4];
            assert_true(n < 50);
            ring_up(&r);
            struct kept_keyring *k = ring_new(&r);
            wrap(k, 1, &b);
            die_at(n, only_once == 1);
            int rc = kept_keyring_rotate(k, T0 + DAY, 9 * DAY, &r.err);
            over = survived(rc, n);
            size_t alive = kept_keyring_epochs(k, e, 4);
            assert_int_equal(alive, rc == 0 ? 2 : 1);
            assert_int_equal(e[0].destroy_at, rc == 0 ? T0 + 10 * DAY : 0);
            kept_keyring_close(k);
            revive();
            k = ring_open(&r);
            assert_int_equal(unwrap(k, 1, &b), 0);
            alive = kept_keyring_epochs(k, e, 4);
            if (rc == 0)
                assert_int_equal(alive, 2);
            if (alive == 2) { /* complete, dates and all */
                assert_int_equal(e[0].retired, T0 + DAY);
                assert_int_equal(e[0].destroy_at, T0 + 10 * DAY);
            } else { /* as it was, and it can be done again */
                assert_int_equal(e[0].retired, 0);
                assert_int_equal(kept_keyring_rotate(k, T0 + DAY, DAY, &r.err), 0);
            }
            assert_int_equal(kept_keyring_epoch(k), 2);
            kept_keyring_close(k);
            ring_down(&r);
        }
    }
}

static void test_a_failed_rotation_can_be_repeated_at_once(void **state)
{
    (void)state;
    for (long n = 1; n < 12; n++) {
        struct ring r;
        struct boxes b;
        ring_up(&r);
        struct kept_keyring *k = ring_new(&r);
        die_at(n, true);
        int rc = kept_keyring_rotate(k, T0 + DAY, DAY, &r.err);
        revive();
        if (rc != 0)
            assert_int_equal(kept_keyring_rotate(k, T0 + DAY, DAY, &r.err), 0);
        wrap(k, 2, &b);
        kept_keyring_close(k);
        k = ring_open(&r);
        assert_int_equal(unwrap(k, 2, &b), 0);
        kept_keyring_close(k);
        ring_down(&r);
    }
}

static void test_destruction_ends_destroyed(void **state)
{
    (void)state;
    for (int only_once = 0; only_once <= 1; only_once++) {
        bool over = false;
        for (long n = 1; !over; n++) {
            struct ring r;
            struct boxes b;
            uint32_t destroyed = 77;
            char path[256];
            assert_true(n < 50);
            ring_up(&r);
            struct kept_keyring *k = ring_new(&r);
            wrap(k, 1, &b);
            assert_int_equal(kept_keyring_rotate(k, T0 + 1, 10, &r.err), 0);
            wrap(k, 2, &b);
            assert_int_equal(kept_keyring_rotate(k, T0 + 2, 10, &r.err), 0);
            wrap(k, 3, &b);
            die_at(n, only_once == 1);
            int rc = kept_keyring_destroy_due(k, T0 + 100, &destroyed, &r.err);
            over = survived(rc, n);
            assert_int_equal(destroyed, rc == 0 ? 2 : 77); /* set on success only */
            assert_int_equal(unwrap(k, 3, &b), 0);
            kept_keyring_close(k);
            revive();
            k = ring_open(&r); /* a half-destroyed file does not lock anybody out */
            assert_int_equal(kept_keyring_destroy_due(k, T0 + 100, &destroyed, &r.err), 0);
            assert_int_equal(unwrap(k, 1, &b), KEPT_E_NOTFOUND);
            assert_int_equal(unwrap(k, 2, &b), KEPT_E_NOTFOUND);
            assert_int_equal(unwrap(k, 3, &b), 0);
            for (unsigned i = 1; i <= 2; i++) {
                (void)snprintf(path, sizeof path, "%s/epoch-%u", r.app, i);
                assert_int_equal(access(path, F_OK), -1);
            }
            kept_keyring_close(k);
            ring_down(&r);
        }
    }
}

static int count_rows(void *arg, uint64_t number, const struct kept_journal_row *row)
{
    struct kept_journal_row want = row_of((unsigned)number);
    assert_memory_equal(row->op.b, want.op.b, 16);
    ++*(uint64_t *)arg;
    return 0;
}

static void test_an_append_is_all_or_none(void **state)
{
    (void)state;
    for (int only_once = 0; only_once <= 1; only_once++) {
        bool over = false;
        for (long n = 1; !over; n++) {
            struct ring r;
            struct kept_journal_row rows[5];
            uint64_t count = 0;
            assert_true(n < 50);
            for (unsigned i = 0; i < 5; i++)
                rows[i] = row_of(i);
            ring_up(&r);
            struct kept_keyring *k = ring_new(&r);
            assert_int_equal(kept_journal_append(k, rows, 2, &r.err), 0);
            die_at(n, only_once == 1);
            int rc = kept_journal_append(k, rows + 2, 3, &r.err);
            over = survived(rc, n);
            assert_int_equal(kept_journal_length(k), rc == 0 ? 5 : 2);
            int again = rc == 0 ? 0 : kept_journal_append(k, rows + 2, 3, &r.err);
            if (again != 0)
                assert_int_equal(again, KEPT_E_IO);
            uint64_t said = kept_journal_length(k);
            kept_keyring_close(k);
            revive();
            k = ring_open(&r);
            uint64_t length = kept_journal_length(k);
            assert_true(length == 2 || length == 5);
            assert_true(length >= said); /* what was acknowledged is there */
            assert_int_equal(kept_journal_each(k, 0, count_rows, &count, &r.err), 0);
            assert_int_equal(count, length);
            if (length == 2)
                assert_int_equal(kept_journal_append(k, rows + 2, 3, &r.err), 0);
            kept_keyring_close(k);
            ring_down(&r);
        }
    }
}

static void test_an_anchor_is_the_old_one_or_the_new(void **state)
{
    (void)state;
    for (int only_once = 0; only_once <= 1; only_once++) {
        bool over = false;
        for (long n = 1; !over; n++) {
            struct ring r;
            assert_true(n < 50);
            ring_up(&r);
            struct kept_keyring *k = ring_new(&r);
            assert_int_equal(kept_anchor_write(k, text_of("old\n"), &r.err), 0);
            die_at(n, only_once == 1);
            int rc = kept_anchor_write(k, text_of("new\n"), &r.err);
            over = survived(rc, n);
            assert_memory_equal(kept_anchor_note(k).p, rc == 0 ? "new\n" : "old\n", 4);
            kept_keyring_close(k);
            revive();
            k = ring_open(&r);
            struct kept_span note = kept_anchor_note(k);
            assert_int_equal(note.n, 4);
            bool is_new = memcmp(note.p, "new\n", 4) == 0;
            assert_true(is_new || memcmp(note.p, "old\n", 4) == 0);
            assert_true(is_new || rc != 0);
            kept_keyring_close(k);
            ring_down(&r);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_root_file_is_whole_or_absent),
        cmocka_unit_test(test_create_is_all_or_nothing),
        cmocka_unit_test(test_rotation_is_one_step),
        cmocka_unit_test(test_a_failed_rotation_can_be_repeated_at_once),
        cmocka_unit_test(test_destruction_ends_destroyed),
        cmocka_unit_test(test_an_append_is_all_or_none),
        cmocka_unit_test(test_an_anchor_is_the_old_one_or_the_new),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
