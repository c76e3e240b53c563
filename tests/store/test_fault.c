/* test_fault.c - the disk fails at step N, for every N: a clear error, nothing changed, and the
 * store opens again. Steps are writes, cuts, syncs, openings and changes of names. */
#include "store_aid.h"

#include <errno.h>

#include "../aid/disk.h"

#define MAX_STEPS 20000
#define CELLS 40u

static const struct kept_id id_of_test = {{7, 1, 2, 3}};

static bool there(const char *folder, const char *name)
{
    char path[AID_PATH];
    aid_join(path, folder, name);
    return access(path, F_OK) == 0;
}

/* All cells hold the same text of many bytes. */
static struct kept_span text_of(char letter)
{
    static uint8_t body[3000];
    memset(body, letter, sizeof body);
    return (struct kept_span){body, sizeof body};
}

static int write_all(struct kept_store *s, char letter, struct kept_err *err)
{
    int rc = kept_store_begin_write(s, err);
    if (rc != 0)
        return rc;
    for (uint64_t key = 0; rc == 0 && key < CELLS; key++) {
        if ((rc = kept_store_mark(s, err)) == 0 &&
            (rc = kept_cell_put(s, key, text_of(letter), err)) == 0)
            rc = kept_store_keep(s, err);
    }
    if (rc == 0)
        return kept_store_commit(s, err);
    kept_store_rollback(s);
    return rc;
}

static void expect_all(struct kept_store *s, char letter)
{
    struct kept_span body;
    for (uint64_t key = 0; key < CELLS; key++) {
        must(kept_cell_get(s, key, &body, &err));
        assert_int_equal(body.n, 3000);
        assert_int_equal(body.p[0], letter);
        assert_int_equal(body.p[2999], letter);
    }
}

/* A cache so small that pages spill before the commit. */
static struct kept_store *open_small(const char *folder)
{
    struct kept_store *s = NULL;
    must(kept_store_open(&(struct kept_store_options){.folder = folder, .cache_kib = 64}, &s, &err));
    return s;
}

static void making_fails_at(unsigned kinds, int error)
{
    char folder[AID_PATH];
    for (long n = 0;; n++) {
        struct kept_err what = {0};
        assert_true(n < MAX_STEPS);
        aid_folder_make(folder);
        disk_fail(folder, kinds, n, error, true);
        int rc = kept_store_create(&(struct kept_store_options){.folder = folder}, &id_of_test, &what);
        bool failed = disk_failed() > 0;
        disk_fail_off();
        if (rc == 0) {
            assert_false(failed && there(folder, "store.db-journal"));
        } else {
            assert_int_equal(rc, KEPT_E_IO);
            assert_true(what.text[0] != 0);
            /* Only its name may be unsynced: then it is there, and whole. */
            if (!there(folder, "store.db"))
                must(kept_store_create(&(struct kept_store_options){.folder = folder}, &id_of_test, &err));
        }
        struct kept_store *s = aid_open(folder);
        must(kept_store_check(s, &err));
        aid_end(s, folder);
        if (!failed) {
            assert_true(n > 3); /* there were steps to fail */
            return;
        }
    }
}

static void making(void **state)
{
    (void)state;
    making_fails_at(DISK_WRITE | DISK_TRUNCATE, ENOSPC);
    making_fails_at(DISK_ALL & ~DISK_UNLINK, EIO);
    making_fails_at(DISK_ALL, EROFS);
}

/* A store with a log, as a killed process leaves it. */
static void leave_log(char ret_folder[AID_PATH])
{
    char folder[AID_PATH], shm[AID_PATH];
    struct kept_store *s = aid_new(folder);
    must(write_all(s, 'a', &err));
    aid_folder_make(ret_folder);
    aid_folder_copy(folder, ret_folder);
    aid_join(shm, ret_folder, "store.db-shm");
    assert_int_equal(unlink(shm), 0);
    aid_end(s, folder);
}

static void opening_fails_at(unsigned kinds, int error)
{
    for (long n = 0;; n++) {
        char folder[AID_PATH];
        struct kept_err what = {0};
        struct kept_store *s = NULL;
        assert_true(n < MAX_STEPS);
        leave_log(folder);
        disk_fail(folder, kinds, n, error, true);
        int rc = kept_store_open(&(struct kept_store_options){.folder = folder}, &s, &what);
        bool failed = disk_failed() > 0;
        if (rc != 0) {
            assert_int_equal(rc, KEPT_E_IO);
            assert_true(what.text[0] != 0);
            assert_null(s);
        } else {
            expect_all(s, 'a');
            kept_store_close(s); /* with the fault still there: the log stays */
        }
        disk_fail_off();
        s = aid_open(folder);
        expect_all(s, 'a');
        must(kept_store_check(s, &err));
        aid_end(s, folder);
        if (!failed) {
            assert_true(n > 3); /* there were steps to fail */
            return;
        }
    }
}

static void opening(void **state)
{
    (void)state;
    opening_fails_at(DISK_WRITE | DISK_TRUNCATE, ENOSPC);
    opening_fails_at(DISK_ALL, EIO);
}

static void a_read_only_folder(void **state)
{
    (void)state;
    char folder[AID_PATH];
    struct kept_store *s = NULL;
    leave_log(folder);
    disk_fail(folder, DISK_ALL, 0, EROFS, true);
    must_fail(KEPT_E_IO, kept_store_open(&(struct kept_store_options){.folder = folder}, &s, &err));
    must_fail(KEPT_E_IO, kept_store_create(&(struct kept_store_options){.folder = folder}, &id_of_test, &err));
    disk_fail_off();
    s = aid_open(folder);
    expect_all(s, 'a');
    aid_end(s, folder);
}

/* What a crash right now would leave, opened: the letter in all its cells. */
static void expect_after_crash(const char *folder, char letter)
{
    char copy[AID_PATH], shm[AID_PATH];
    aid_folder_make(copy);
    aid_folder_copy(folder, copy);
    aid_join(shm, copy, "store.db-shm");
    (void)unlink(shm);
    struct kept_store *s = aid_open(copy);
    expect_all(s, letter);
    must(kept_store_check(s, &err));
    aid_end(s, copy);
}

static void writing_fails_at(unsigned kinds, int error, bool lasting)
{
    for (long n = 0;; n++) {
        char folder[AID_PATH];
        struct kept_err what = {0};
        assert_true(n < MAX_STEPS);
        kept_store_close(aid_new(folder));
        struct kept_store *s = open_small(folder);
        must(write_all(s, 'a', &err));
        disk_fail(folder, kinds, n, error, lasting);
        int rc = write_all(s, 'b', &what);
        bool failed = disk_failed() > 0;
        disk_fail_off();
        expect_all(s, rc == 0 ? 'b' : 'a');
        expect_after_crash(folder, rc == 0 ? 'b' : 'a');
        if (rc != 0) {
            assert_int_equal(rc, KEPT_E_IO);
            assert_true(what.text[0] != 0);
            rc = write_all(s, 'c', &what);
            /* With room again, writing goes on; after an I/O error, only reading. */
            assert_int_equal(rc, error == ENOSPC ? 0 : KEPT_E_IO);
            expect_all(s, error == ENOSPC ? 'c' : 'a');
            kept_store_close(s);
            s = open_small(folder);
            expect_all(s, error == ENOSPC ? 'c' : 'a');
            must(write_all(s, 'd', &err));
        }
        must(kept_store_check(s, &err));
        aid_end(s, folder);
        if (!failed) {
            assert_true(n > 3); /* there were steps to fail */
            return;
        }
    }
}

static void disk_full_while_writing(void **state)
{
    (void)state;
    writing_fails_at(DISK_WRITE, ENOSPC, true);
    writing_fails_at(DISK_WRITE, ENOSPC, false);
}

static void io_errors_while_writing(void **state)
{
    (void)state;
    writing_fails_at(DISK_WRITE, EIO, true);
    writing_fails_at(DISK_WRITE | DISK_SYNC | DISK_TRUNCATE, EIO, false);
}

static void scrubbing_fails_at(int error)
{
    for (long n = 0;; n++) {
        char folder[AID_PATH];
        struct kept_err what = {0};
        bool done = false;
        assert_true(n < MAX_STEPS);
        struct kept_store *s = aid_new(folder);
        must(write_all(s, 'a', &err));
        disk_fail(folder, DISK_ALL, n, error, true);
        int rc = kept_store_scrub(s, &done, &what);
        bool failed = disk_failed() > 0;
        assert_true(rc == 0 || rc == KEPT_E_IO);
        assert_int_equal(done, rc == 0);
        expect_all(s, 'a');
        expect_after_crash(folder, 'a');
        if (n % 2 == 0)
            disk_fail_off();
        kept_store_close(s); /* on a good disk and on a bad one */
        disk_fail_off();
        s = aid_open(folder);
        expect_all(s, 'a');
        must(kept_store_scrub(s, &done, &err));
        assert_true(done);
        aid_end(s, folder);
        if (!failed) {
            assert_true(n > 3); /* there were steps to fail */
            return;
        }
    }
}

static void scrubbing(void **state)
{
    (void)state;
    scrubbing_fails_at(ENOSPC);
    scrubbing_fails_at(EIO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(making),
        cmocka_unit_test(opening),
        cmocka_unit_test(a_read_only_folder),
        cmocka_unit_test(disk_full_while_writing),
        cmocka_unit_test(io_errors_while_writing),
        cmocka_unit_test(scrubbing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
