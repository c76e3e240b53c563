/* What a crash leaves behind is mended, and nothing else is taken for a crash. */
#include <fcntl.h>

#include "aid.h"

static void cut_file(const char *folder, const char *name, uint64_t size)
{
    char path[512];
    assert_int_equal(kept_path(path, sizeof path, folder, name, NULL), 0);
    assert_int_equal(truncate(path, (off_t)size), 0);
}

static int try_open(struct aid *a, const char *folder, struct kept_ledger **ret_ledger)
{
    struct kept_ledger_options o = a->options;
    o.folder = folder;
    return kept_ledger_open(&o, kept_buf_span(&a->anchor), ret_ledger, NULL);
}

/* Whole entries in a segment cut at size, and where the last one ends. */
static uint64_t whole(const struct kept_buf *seg, size_t size, size_t *ret_end)
{
    uint64_t n = 0;
    *ret_end = HEADER_BYTES;
    for (size_t at = HEADER_BYTES; at + 4 <= size;) {
        uint32_t bytes = kept_frame_claims(seg->p + at);
        if (at + bytes > size)
            break;
        bool entry = kept_be32(seg->p + at) != MARK_WORD;
        n += entry;
        at += bytes;
        if (entry)
            *ret_end = at;
    }
    return n;
}

/* Cut the last segment at every byte: opening gives the whole entries before, while the checkpoint is
 * held; below it, an error; and the log goes on from there. */
static void cut_at_every_byte(uint32_t segment_bytes, uint64_t covered, uint64_t n)
{
    struct aid a;
    struct kept_buf seg;
    struct kept_verify_report report;
    char copy[96], name[NAME_BYTES];
    aid_start(&a, segment_bytes);
    aid_fill(&a, covered, 3);
    aid_checkpoint(&a);
    aid_fill(&a, n, 4);
    uint32_t last = (uint32_t)a.ledger->seg_n - 1;
    uint64_t first = a.ledger->segs[last].first;
    aid_close(&a);
    kept_segment_name(name, last);
    aid_get(a.folder, name, &seg);
    (void)snprintf(copy, sizeof copy, "%s/copy", a.root);
    for (size_t size = 0; size <= seg.n; size++) {
        struct kept_ledger *ledger = NULL;
        size_t end = 0;
        uint64_t left = first + whole(&seg, size, &end);
        aid_copy(a.folder, copy);
        cut_file(copy, name, size);
        int v = aid_verify_at(&a, copy, &report);
        int rc = try_open(&a, copy, &ledger);
        if (left < covered || (last == 0 && size < HEADER_BYTES)) {
            assert_int_equal(v, KEPT_E_CORRUPT);
            assert_int_equal(rc, KEPT_E_CORRUPT);
            continue;
        }
        assert_int_equal(v, 0);
        assert_int_equal(rc, 0);
        assert_int_equal(report.entries, left);
        assert_int_equal(kept_ledger_size(ledger), left);
        assert_int_equal(kept_ledger_durable(ledger), left);
        size_t torn = size < HEADER_BYTES ? size : size - end;
        while (torn > 0 && size >= HEADER_BYTES && seg.p[end + torn - 1] == 0)
            torn--; /* nothing but zeros: room */
        assert_int_equal(report.torn_bytes, torn == 0 ? 0 : size < HEADER_BYTES ? size : size - end);
        struct aid b = a;
        b.ledger = ledger;
        (void)snprintf(b.folder, sizeof b.folder, "%s", copy);
        b.options.folder = b.folder;
        aid_fill(&b, n + 5, 2);
        kept_buf_init(&b.anchor, MAX_NOTE);
        b.ledger->options.anchor = NULL;
        aid_checkpoint(&b);
        aid_verify(&b);
        aid_close(&b);
        kept_buf_release(&b.anchor);
    }
    kept_buf_release(&seg);
    aid_end(&a);
}

static void torn_in_one_segment(void **state)
{
    (void)state;
    cut_at_every_byte(0, 7, 20);
}

static void torn_in_the_last_of_many(void **state)
{
    (void)state;
    cut_at_every_byte(500, 9, 23);
    cut_at_every_byte(500, 20, 23);
}

/* The room that is made ahead: taken for what it is after a kill, used on, gone after a close, and never
 * in a segment that is closed. */
static void zeros_ahead_are_room(void **state)
{
    struct aid a, b;
    struct kept_buf seg;
    struct kept_verify_report report;
    struct kept_ledger *ledger = NULL;
    char copy[96];
    (void)state;
    aid_start(&a, 4096);
    aid_fill(&a, 5, 3);
    aid_checkpoint(&a);
    (void)snprintf(copy, sizeof copy, "%s/copy", a.root);
    aid_copy(a.folder, copy); /* as a kill would leave it */
    aid_get(copy, "segment-00000000", &seg);
    size_t end = a.ledger->segs[0].size;
    assert_int_equal(seg.n, 4096);
    assert_true(end < 2048 && seg.p[end] == 0 && seg.p[4095] == 0);
    assert_int_equal(aid_verify_at(&a, copy, &report), 0);
    assert_int_equal(report.entries, 5);
    assert_int_equal(report.torn_bytes, 0);
    /* A byte that is none of a batch: torn, and cut. */
    seg.p[3000] = 1;
    aid_put(copy, "segment-00000000", seg.p, seg.n);
    assert_int_equal(aid_verify_at(&a, copy, &report), 0);
    assert_int_equal(report.torn_bytes, seg.n - end);
    seg.p[3000] = 0;
    aid_put(copy, "segment-00000000", seg.p, seg.n);
    assert_int_equal(try_open(&a, copy, &ledger), 0);
    assert_int_equal(kept_ledger_size(ledger), 5);
    assert_int_equal(ledger->fd_end, end);
    assert_int_equal(ledger->fd_room, 4096);
    b = a;
    b.ledger = ledger;
    (void)snprintf(b.folder, sizeof b.folder, "%s", copy);
    b.options.folder = b.folder;
    kept_buf_init(&b.anchor, MAX_NOTE);
    b.ledger->options.anchor = NULL;
    aid_fill(&b, 400, 7); /* over several segments */
    assert_true(b.ledger->seg_n > 2);
    aid_checkpoint(&b);
    aid_close(&b);
    kept_buf_release(&b.anchor);
    kept_buf_release(&seg);
    for (int i = 0; i < 2; i++) {
        const char *name = i == 0 ? "segment-00000000" : "segment-00000001";
        aid_get(copy, name, &seg);
        assert_true(seg.n <= 4096);
        assert_int_equal(aid_verify_at(&a, copy, &report), 0);
        cut_file(copy, name, seg.n + 64); /* longer: with zeros */
        assert_int_equal(aid_verify_at(&a, copy, &report), KEPT_E_CORRUPT);
        cut_file(copy, name, seg.n);
        assert_int_equal(aid_verify_at(&a, copy, &report), 0);
        kept_buf_release(&seg);
    }
    aid_end(&a);
}

/* Pages of an unsynced batch reach the disk in any order: zeros or noise inside it are torn too. */
static void garbled_last_batch(void **state)
{
    struct aid a;
    struct kept_buf seg;
    char copy[96];
    (void)state;
    aid_start(&a, 0);
    aid_fill(&a, 10, 5);
    aid_checkpoint(&a);
    size_t from = a.ledger->segs[0].size;
    for (uint64_t i = 10; i < 40; i++)
        aid_append(&a, i);
    aid_sync(&a);
    aid_close(&a);
    aid_get(a.folder, "segment-00000000", &seg);
    (void)snprintf(copy, sizeof copy, "%s/copy", a.root);
    for (size_t at = from; at < seg.n; at += 61) {
        struct kept_ledger *ledger = NULL;
        struct kept_verify_report report;
        uint8_t *was = kept_memdup(seg.p, seg.n);
        assert_non_null(was);
        if (at % 2 == 0)
            memset(seg.p + at, 0, seg.n - at < 200 ? seg.n - at : 200);
        else
            kept_random(seg.p + at, seg.n - at < 200 ? seg.n - at : 200);
        aid_copy(a.folder, copy);
        aid_put(copy, "segment-00000000", seg.p, seg.n);
        assert_int_equal(aid_verify_at(&a, copy, &report), 0);
        assert_true(report.torn_bytes > 0 && report.entries >= 10 && report.entries < 40);
        assert_int_equal(try_open(&a, copy, &ledger), 0);
        assert_int_equal(kept_ledger_size(ledger), report.entries);
        kept_ledger_close(ledger);
        assert_int_equal(aid_verify_at(&a, copy, &report), 0);
        assert_int_equal(report.torn_bytes, 0);
        memcpy(seg.p, was, seg.n);
        kept_free(was);
    }
    kept_buf_release(&seg);
    aid_end(&a);
}

/* Damage with a later batch behind it was durable once: never cut, though no checkpoint covers it. */
static void damage_before_a_mark_is_no_torn_tail(void **state)
{
    struct aid a;
    struct kept_buf seg;
    struct kept_verify_report report;
    size_t before_last = 0;
    (void)state;
    aid_start(&a, 0);
    for (uint64_t n = 5; n <= 20; n += 5) {
        before_last = a.ledger->segs[0].size;
        aid_fill(&a, n, 5);
    }
    aid_close(&a);
    aid_get(a.folder, "segment-00000000", &seg);
    for (size_t at = 0; at < before_last; at++) {
        struct kept_ledger *ledger = NULL;
        uint8_t was = seg.p[at];
        seg.p[at] ^= 0x10;
        aid_put(a.folder, "segment-00000000", seg.p, seg.n);
        assert_int_not_equal(aid_verify_at(&a, a.folder, &report), 0);
        int rc = try_open(&a, a.folder, &ledger);
        assert_true(rc == KEPT_E_CORRUPT || rc == KEPT_E_FORMAT);
        seg.p[at] = was;
    }
    kept_buf_release(&seg);
    aid_end(&a);
}

static void a_failed_write_is_final(void **state)
{
    static const char *const DEVICES[] = {"/dev/full", "/dev/null"}; /* write fails; sync fails */
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct aid a;
        struct kept_buf out;
        uint8_t bytes[128];
        kept_buf_init(&out, 1000);
        aid_start(&a, 0);
        aid_fill(&a, 10, 5);
        aid_checkpoint(&a);
        aid_append(&a, 10);
        int real = a.ledger->fd;
        a.ledger->fd = open(DEVICES[i], O_WRONLY);
        assert_true(a.ledger->fd >= 0);
        assert_int_equal(kept_ledger_sync(a.ledger, 11, NULL), KEPT_E_IO);
        kept_file_close(a.ledger->fd);
        a.ledger->fd = real;
        assert_int_equal(kept_ledger_durable(a.ledger), 10);
        const struct kept_span entry = {bytes, aid_entry(11, bytes)};
        assert_int_equal(kept_ledger_sync(a.ledger, 11, NULL), KEPT_E_IO);
        assert_int_equal(kept_ledger_append(a.ledger, entry, NULL, NULL, NULL, NULL), KEPT_E_IO);
        assert_int_equal(kept_ledger_checkpoint(a.ledger, AT, 1, NULL), KEPT_E_IO);
        assert_int_equal(kept_ledger_entry(a.ledger, 0, &out, NULL), KEPT_E_IO);
        assert_int_equal(kept_ledger_prove(a.ledger, 0, 10, &out, NULL), KEPT_E_IO);
        assert_int_equal(kept_ledger_each(a.ledger, 0, NULL, NULL, NULL), KEPT_E_IO);
        assert_int_equal(kept_ledger_trail(a.ledger, bytes, NULL, NULL, NULL), KEPT_E_IO);
        assert_int_equal(kept_ledger_export(a.ledger, a.root, 0, NULL), KEPT_E_IO);
        aid_reopen(&a);
        assert_int_equal(kept_ledger_size(a.ledger), 10);
        kept_buf_release(&out);
        aid_end(&a);
    }
}

/* An older copy of everything: consistent in itself. Only the anchor knows better. */
static void an_older_copy_is_a_rollback(void **state)
{
    struct aid a;
    struct kept_verify_report report;
    struct kept_err err = {.code = 0};
    char copy[96];
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct kept_ledger *ledger = NULL;
        aid_start(&a, i == 0 ? 0 : 500);
        (void)snprintf(copy, sizeof copy, "%s/copy", a.root);
        aid_fill(&a, 15, 4);
        aid_checkpoint(&a);
        aid_copy(a.folder, copy);
        aid_fill(&a, 30, 4);
        aid_checkpoint(&a);
        assert_int_equal(aid_verify_at(&a, copy, &report), KEPT_E_ROLLBACK);
        assert_int_equal(try_open(&a, copy, &ledger), KEPT_E_ROLLBACK);
        assert_null(ledger);
        assert_int_equal(kept_ledger_verify(copy, ORIGIN, a.public_key, NOTHING, &report, &err), 0);
        assert_false(report.anchored);
        assert_non_null(strstr(report.what, "rollback not excluded"));
        assert_int_equal(aid_verify_at(&a, a.folder, &report), 0);
        assert_true(report.anchored);
        /* Longer than the anchor, but another history. */
        struct aid b = a;
        (void)snprintf(b.folder, sizeof b.folder, "%s", copy);
        b.options.folder = b.folder;
        b.options.anchor = NULL;
        assert_int_equal(kept_ledger_open(&b.options, NOTHING, &b.ledger, NULL), 0);
        for (uint64_t n = 15; n < 40; n++) {
            uint8_t bytes[128];
            const struct kept_span entry = {bytes, aid_entry(n + 1000, bytes)};
            assert_int_equal(kept_ledger_append(b.ledger, entry, NULL, NULL, NULL, NULL), 0);
        }
        aid_sync(&b);
        aid_checkpoint(&b);
        aid_close(&b);
        assert_int_equal(aid_verify_at(&a, copy, &report), KEPT_E_ROLLBACK);
        assert_int_equal(try_open(&a, copy, &ledger), KEPT_E_ROLLBACK);
        aid_end(&a);
    }
}

static void anchors_that_are_none(void **state)
{
    struct aid a;
    struct kept_ledger *ledger = NULL;
    struct kept_verify_report report;
    struct kept_checkpoint c = {.origin = "kept.example/other", .size = 0};
    uint8_t seed[32] = {5};
    (void)state;
    aid_start(&a, 0);
    aid_close(&a);
    kept_buf_clear(&a.anchor);
    kept_buf_text(&a.anchor, "nonsense");
    assert_int_equal(try_open(&a, a.folder, &ledger), KEPT_E_CORRUPT);
    assert_int_equal(aid_verify_at(&a, a.folder, &report), KEPT_E_CORRUPT);
    kept_buf_clear(&a.anchor);
    assert_int_equal(kept_note_sign(&c, SEED, &a.anchor), 0);
    assert_int_equal(try_open(&a, a.folder, &ledger), KEPT_E_CONFLICT);
    assert_int_equal(aid_verify_at(&a, a.folder, &report), KEPT_E_CORRUPT);
    kept_buf_clear(&a.anchor);
    memcpy(c.origin, ORIGIN, sizeof ORIGIN);
    assert_int_equal(kept_note_sign(&c, seed, &a.anchor), 0);
    assert_int_equal(try_open(&a, a.folder, &ledger), KEPT_E_CRYPTO);
    assert_int_equal(aid_verify_at(&a, a.folder, &report), KEPT_E_CRYPTO);
    aid_end(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(torn_in_one_segment),
        cmocka_unit_test(torn_in_the_last_of_many),
        cmocka_unit_test(zeros_ahead_are_room),
        cmocka_unit_test(garbled_last_batch),
        cmocka_unit_test(damage_before_a_mark_is_no_torn_tail),
        cmocka_unit_test(a_failed_write_is_final),
        cmocka_unit_test(an_older_copy_is_a_rollback),
        cmocka_unit_test(anchors_that_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
