/* test_room.c - the room made ahead of the entries, on a disk that fails: what cannot be had is not needed,
 * what was acknowledged is there, and zeros are never taken for entries, nor left in a closed segment. */
#include "aid.h"

#include <errno.h>

#include "../aid/disk.h"

#define SEGMENT 200000u

static uint64_t file_size(const struct aid *a, uint32_t segment)
{
    char name[NAME_BYTES], path[512];
    struct stat st;
    kept_segment_name(name, segment);
    assert_int_equal(kept_path(path, sizeof path, a->folder, name, NULL), 0);
    assert_int_equal(stat(path, &st), 0);
    return (uint64_t)st.st_size;
}

static int sync_now(struct aid *a)
{
    return kept_ledger_sync(a->ledger, kept_ledger_flush(a->ledger), NULL);
}

/* Opened again: so many entries, and the log verifies without a torn tail. */
static void expect(struct aid *a, uint64_t entries)
{
    struct kept_verify_report report;
    aid_reopen(a);
    assert_int_equal(kept_ledger_size(a->ledger), entries);
    assert_int_equal(aid_verify_at(a, a->folder, &report), 0);
    assert_int_equal(report.entries, entries);
    assert_int_equal(report.torn_bytes, 0);
}

/* The disk is full behind the entries: they count all the same. */
static void test_the_disk_is_full_where_room_is_made(void **state)
{
    struct aid a;
    (void)state;
    aid_start(&a, SEGMENT);
    aid_append(&a, 0);
    disk_fail(a.root, DISK_WRITE, 1, ENOSPC, true); /* the batch, then the room */
    int rc = sync_now(&a);
    disk_fail_off();
    assert_int_equal(rc, 0);
    assert_true(disk_failed() > 0);
    assert_int_equal(kept_ledger_durable(a.ledger), 1);
    assert_int_equal(a.ledger->fd_room, a.ledger->fd_end);
    expect(&a, 1);
    aid_append(&a, 1); /* half of the room is had: from 64 KiB on it is written in pieces */
    aid_sync(&a);
    assert_true(a.ledger->fd_room > a.ledger->fd_end);
    for (uint64_t i = 2; a.ledger->segs[0].size < 100000u; i++)
        aid_append(&a, i);
    uint64_t n = kept_ledger_size(a.ledger);
    disk_fail(a.root, DISK_WRITE, 2, ENOSPC, true);
    rc = sync_now(&a);
    disk_fail_off();
    assert_int_equal(rc, 0);
    assert_int_equal(a.ledger->fd_room, a.ledger->fd_end + (64u << 10));
    expect(&a, n);
    aid_end(&a);
}

static void test_a_disk_that_stays_full(void **state)
{
    struct aid a;
    (void)state;
    aid_start(&a, SEGMENT);
    aid_append(&a, 0);
    disk_fail(a.root, DISK_WRITE, 1, ENOSPC, true);
    assert_int_equal(sync_now(&a), 0);
    aid_append(&a, 1); /* which is refused, and the handle does nothing more */
    assert_int_equal(sync_now(&a), KEPT_E_IO);
    disk_fail_off();
    assert_int_equal(sync_now(&a), KEPT_E_IO);
    assert_int_equal(kept_ledger_durable(a.ledger), 1);
    expect(&a, 1);
    aid_append(&a, 1);
    aid_sync(&a);
    expect(&a, 2);
    aid_end(&a);
}

/* The end of a full segment: not cut, or not synced. */
static void test_the_end_of_a_segment_fails(void **state)
{
    static const unsigned ways[] = {DISK_TRUNCATE, DISK_SYNC, DISK_CREATE};
    (void)state;
    for (size_t w = 0; w < 3; w++) {
        struct aid a;
        aid_start(&a, 4096);
        aid_fill(&a, 10, 5);
        while (a.ledger->seg_n == 1)
            aid_append(&a, kept_ledger_size(a.ledger));
        disk_fail(a.root, ways[w], 0, EIO, false);
        assert_int_equal(sync_now(&a), KEPT_E_IO);
        assert_int_equal(disk_failed(), 1);
        disk_fail_off();
        assert_int_equal(kept_ledger_durable(a.ledger), 10);
        assert_int_equal(sync_now(&a), KEPT_E_IO);
        aid_reopen(&a); /* entries that were written may be there, those that count are */
        uint64_t there = kept_ledger_size(a.ledger);
        assert_true(there >= 10);
        aid_fill(&a, there + 200, 20);
        assert_true(a.ledger->seg_n > 1);
        for (size_t s = 0; s + 1 < a.ledger->seg_n; s++)
            assert_int_equal(file_size(&a, (uint32_t)s), a.ledger->segs[s].size);
        expect(&a, there + 200);
        aid_end(&a);
    }
}

static void test_the_room_stays_when_closing_cannot_cut(void **state)
{
    struct aid a;
    struct kept_verify_report report;
    (void)state;
    aid_start(&a, SEGMENT);
    aid_fill(&a, 20, 10);
    uint64_t end = a.ledger->fd_end;
    disk_fail(a.root, DISK_TRUNCATE, 0, EIO, false);
    aid_close(&a);
    assert_int_equal(disk_failed(), 1);
    disk_fail_off();
    assert_true(file_size(&a, 0) > end); /* zeros, and told from a torn tail */
    assert_int_equal(aid_verify_at(&a, a.folder, &report), 0);
    assert_int_equal(report.torn_bytes, 0);
    assert_int_equal(report.entries, 20);
    aid_open(&a);
    assert_int_equal(kept_ledger_size(a.ledger), 20);
    assert_int_equal(a.ledger->fd_end, end);
    assert_true(a.ledger->fd_room > end); /* it is used, not made again */
    aid_fill(&a, 25, 5);
    end = a.ledger->fd_end;
    aid_close(&a);
    assert_int_equal(file_size(&a, 0), end);
    aid_open(&a);
    expect(&a, 25);
    aid_end(&a);
}

/* Zeros, but for one byte: a torn tail, which opening cuts. */
static void test_room_that_is_not_all_zeros(void **state)
{
    static const size_t places[] = {0, 1, 4095, 4096, 9000};
    (void)state;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        struct aid a;
        struct kept_buf bytes;
        struct kept_verify_report report;
        aid_start(&a, SEGMENT);
        aid_fill(&a, 20, 10);
        uint64_t end = a.ledger->fd_end;
        aid_close(&a);
        aid_get(a.folder, "segment-00000000", &bytes);
        assert_int_equal(bytes.n, end);
        uint8_t *tail = kept_buf_room(&bytes, 9001);
        memset(tail, 0, 9001);
        tail[places[i]] = 1;
        aid_put(a.folder, "segment-00000000", bytes.p, bytes.n);
        kept_buf_release(&bytes);
        assert_int_equal(aid_verify_at(&a, a.folder, &report), 0);
        assert_int_equal(report.torn_bytes, 9001);
        aid_open(&a);
        assert_int_equal(kept_ledger_size(a.ledger), 20);
        assert_int_equal(file_size(&a, 0), end);
        expect(&a, 20);
        aid_end(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_disk_is_full_where_room_is_made),
        cmocka_unit_test(test_a_disk_that_stays_full),
        cmocka_unit_test(test_the_end_of_a_segment_fails),
        cmocka_unit_test(test_the_room_stays_when_closing_cannot_cut),
        cmocka_unit_test(test_room_that_is_not_all_zeros),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
