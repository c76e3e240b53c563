/* test_derived.c - indexes and tag lists that check and lie, are damaged or gone: they are made by somebody
 * who knows the formats, which need no key. Each costs time, and not the answer. */
#include <errno.h>

#include "aid.h"

#include "../aid/disk.h"

/* ---- index files ---------------------------------------------------------------------------------- */

/* Give a changed index its hash again, and put it where it was. */
static void index_put(const struct aid *a, uint32_t segment, struct kept_buf *bytes)
{
    char name[NAME_BYTES];
    uint8_t hash[32], origin_hash[32];
    kept_index_name(name, segment);
    kept_origin_hash(ORIGIN, origin_hash);
    const struct kept_span parts[] = {{origin_hash, 32}, {bytes->p, bytes->n - 32}};
    kept_sha256_parts(parts, 2, hash);
    memcpy(bytes->p + bytes->n - 32, hash, 32);
    aid_put(a->folder, name, bytes->p, bytes->n);
    kept_buf_release(bytes);
}

static void index_again(const struct aid *a, uint32_t segment, size_t at, uint8_t change, size_t cut)
{
    char name[NAME_BYTES];
    struct kept_buf bytes;
    kept_index_name(name, segment);
    aid_get(a->folder, name, &bytes);
    bytes.p[at] ^= change;
    bytes.n -= cut;
    index_put(a, segment, &bytes);
}

/* Whatever an index says, proofs and entries are right, and opening is too. */
static void indexes_lie(unsigned while_open)
{
    static const struct {
        size_t at;
        uint8_t change;
        size_t cut;
    } wrong[] = {{0, 1, 0},  {11, 2, 0}, {15, 1, 0}, {23, 1, 0}, {23, 2, 0}, {16, 1, 0}, {31, 1, 0},
                 {31, 2, 0}, {31, 1, 40}, {32, 1, 0}, {67, 1, 0}, {71, 1, 0}, {68, 1, 0}, {64, 1, 0}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct aid a;
        struct kept_buf out;
        uint8_t want[32];
        aid_start(&a, 4096);
        aid_fill(&a, 900, 20);
        aid_checkpoint(&a);
        uint32_t segment = kept_ledger_segment_of(a.ledger, 2 * BLOCK - 1);
        if (while_open == 0)
            aid_close(&a);
        index_again(&a, segment, wrong[i].at, wrong[i].change, wrong[i].cut); /* found by opening, or while open */
        if (while_open == 0)
            aid_open(&a);
        kept_buf_init(&out, 4096);
        for (uint64_t entry = 0; entry < 900; entry += 37) {
            uint8_t bytes[128];
            kept_buf_clear(&out);
            int rc = kept_ledger_entry(a.ledger, entry, &out, NULL);
            if (rc == KEPT_E_CORRUPT && wrong[i].at > 63)
                continue; /* the place is wrong: told, not guessed */
            assert_int_equal(rc, 0);
            assert_int_equal(out.n, aid_entry(entry, bytes));
            assert_memory_equal(out.p, bytes, out.n);
        }
        kept_buf_clear(&out);
        slow_root(0, 800, want);
        assert_int_equal(kept_ledger_prove(a.ledger, 700, 800, &out, NULL), 0);
        uint8_t leaf[32];
        slow_leaf(700, leaf);
        assert_true(kept_verify_inclusion(700, 800, leaf, kept_buf_span(&out), want));
        kept_buf_release(&out);
        aid_end(&a);
    }
}

static void indexes_that_check_and_lie(void **state)
{
    (void)state;
    indexes_lie(0);
    indexes_lie(1);
}

static void proof_is_right(struct aid *a, uint64_t index, uint64_t size)
{
    struct kept_buf out;
    uint8_t want[32], leaf[32];
    kept_buf_init(&out, 4096);
    slow_root(0, size, want);
    slow_leaf(index, leaf);
    assert_int_equal(kept_ledger_prove(a->ledger, index, size, &out, NULL), 0);
    assert_true(kept_verify_inclusion(index, size, leaf, kept_buf_span(&out), want));
    kept_buf_release(&out);
}

/* An index that is taken away, or larger than any, while the log is open. */
static void an_index_that_is_gone_or_too_large(void **state)
{
    (void)state;
    for (unsigned way = 0; way < 2; way++) {
        struct aid a;
        struct kept_verify_report report;
        char name[NAME_BYTES];
        aid_start(&a, 4096);
        aid_fill(&a, 900, 20);
        aid_checkpoint(&a);
        uint32_t segment = kept_ledger_segment_of(a.ledger, 2 * BLOCK - 1);
        assert_true(a.ledger->index.base > kept_record_of(2)); /* in its file only */
        kept_index_name(name, segment);
        if (way == 0)
            aid_unlink(&a, name);
        else
            aid_stretch(&a, name, KEPT_MAX_FILE_BYTES + 1);
        int rc = aid_verify_at(&a, a.folder, &report);
        assert_int_equal(rc, way == 0 ? 0 : KEPT_E_CORRUPT);
        assert_int_equal(report.derived_missing, way == 0);
        assert_true(way == 0 || strstr(report.what, "is damaged (opening") != NULL);
        proof_is_right(&a, 300, 800);
        assert_int_equal(a.ledger->index.base, 0); /* all of it read anew */
        aid_checkpoint(&a);
        aid_verify(&a);
        aid_end(&a);
    }
}

/* One in the middle is gone: those behind it are not trusted for what lacks. */
static void a_row_of_indexes_with_a_hole(void **state)
{
    struct aid a;
    char name[NAME_BYTES];
    (void)state;
    aid_start(&a, 4096);
    aid_fill(&a, 900, 20);
    aid_checkpoint(&a);
    uint32_t segment = kept_ledger_segment_of(a.ledger, 2 * BLOCK - 1);
    assert_true(segment + 2 < a.ledger->seg_n);
    aid_close(&a);
    kept_index_name(name, segment);
    aid_unlink(&a, name);
    aid_open(&a);
    assert_int_equal(kept_ledger_size(a.ledger), 900);
    for (uint32_t s = 0; s + 1 < a.ledger->seg_n; s++)
        assert_int_equal(a.ledger->segs[s].indexed, s < segment);
    proof_is_right(&a, 300, 800);
    aid_checkpoint(&a);
    assert_true(aid_there(&a, name));
    aid_verify(&a);
    aid_end(&a);
}

/* The block that opening starts from is said to stand in a segment that there is not, or in a header. The
 * checkpoint is the first one: it would not miss what is not read. */
static void an_index_leads_opening_astray(void **state)
{
    (void)state;
    for (unsigned way = 0; way < 2; way++) {
        struct aid a;
        struct kept_buf first, index;
        char name[NAME_BYTES];
        aid_start(&a, 4096);
        aid_get(a.folder, "checkpoint", &first);
        aid_fill(&a, 900, 20);
        aid_checkpoint(&a);
        uint64_t blocks = a.ledger->segs[a.ledger->seg_n - 1].first >> BLOCK_BITS;
        uint32_t segment = kept_ledger_segment_of(a.ledger, blocks * BLOCK - 1);
        aid_close(&a);
        aid_put(a.folder, "checkpoint", first.p, first.n);
        kept_buf_clear(&a.anchor);
        kept_index_name(name, segment);
        aid_get(a.folder, name, &index);
        size_t at = 32 + (size_t)(kept_record_of(blocks - 1) - kept_be64(index.p + 16)) * RECORD_BYTES + 32;
        kept_put_be32(index.p + at + (way == 0 ? 0 : 4), way == 0 ? 1000 : HEADER_BYTES - 1);
        index_put(&a, segment, &index);
        aid_open(&a);
        assert_int_equal(kept_ledger_size(a.ledger), 900);
        assert_false(a.ledger->segs[0].indexed); /* everything was read */
        proof_is_right(&a, 600, 800);
        kept_buf_release(&first);
        aid_end(&a);
    }
}

static void an_index_asked_for_too_much(void **state)
{
    struct aid a;
    struct kept_record record = {.segment = 9};
    struct kept_buf out;
    (void)state;
    aid_start(&a, 4096);
    aid_fill(&a, 300, 20);
    kept_buf_init(&out, 4096);
    assert_int_equal(kept_index_get(a.ledger, 1, &record, NULL), KEPT_E_NOTFOUND);
    assert_int_equal(record.segment, 9);
    assert_int_equal(kept_index_encode(&a.ledger->index, a.ledger->origin_hash, 0, 0, 512, &out), KEPT_E_BUG);
    a.ledger->index.base = 1;
    assert_int_equal(kept_index_encode(&a.ledger->index, a.ledger->origin_hash, 0, 0, 256, &out), KEPT_E_BUG);
    a.ledger->index.base = 0;
    assert_int_equal(out.n, 0);
    kept_buf_release(&out);
    aid_end(&a);
}

/* ---- tag lists ------------------------------------------------------------------------------------ */

/* A list of the first segment with records that lie. */
static void forge(const struct aid *a, uint64_t first, const struct kept_tagged *records, size_t n)
{
    struct kept_list_writer writer;
    uint8_t origin_hash[32];
    kept_origin_hash(ORIGIN, origin_hash);
    int rc = kept_list_create(&writer, a->folder, origin_hash, 0, 0, first, n, NULL);
    for (size_t i = 0; i < n; i++)
        rc = rc == 0 ? kept_list_put(&writer, &records[i], NULL) : rc;
    assert_int_equal(kept_list_finish(&writer, rc, NULL), 0);
}

#define OWN 0xffffffffu /* the place where the entry does stand */
#define FIRST_LIST "tags-0-00000000"

static void lists_that_check_and_lie(void **state)
{
    static const struct {
        uint32_t index, offset;
        uint64_t first;
    } ways[] = {{3, 5000, 0},             /* outside */
                {3, HEADER_BYTES, 0},     /* entry 0, which is somebody else's */
                {3, HEADER_BYTES + 1, 0}, /* no entry at all */
                {10, 0, 0},               /* in the header */
                {0, OWN, 0},              /* somebody else's, where it stands */
                {10, OWN, 0},             /* nobody's: an entry without a tag */
                {3, 0, 7}};               /* counted from elsewhere */
    const unsigned all = sizeof ways / sizeof ways[0];
    (void)state;
    for (unsigned way = 0; way < all + 2; way++) {
        struct aid a;
        int rc = 0;
        uint8_t key[16];
        uint32_t bytes = 0;
        struct kept_verify_report report;
        struct kept_tagged r = {.tag = 0};
        aid_start(&a, 2000);
        aid_fill(&a, 120, 10);
        aid_checkpoint(&a);
        uint64_t want = aid_trail(&a, 3, &rc);
        assert_true(rc == 0 && want > 5 && a.ledger->segs[0].list == 0);
        aid_key(3, key);
        if (way < all) {
            r = (struct kept_tagged){kept_tag_of(key, 0), ways[way].index, ways[way].offset};
            if (r.offset == OWN)
                r.offset = aid_place(&a, r.index, &bytes).offset;
            forge(&a, ways[way].first, &r, 1);
        } else if (way == all) {
            aid_put(a.folder, FIRST_LIST, "", 0);
        } else {
            aid_unlink(&a, FIRST_LIST);
        }
        assert_int_equal(aid_trail(&a, 3, &rc), want); /* the segments know better */
        assert_int_equal(rc, 0);
        assert_int_equal(a.ledger->segs[0].list, NO_LIST);
        assert_false(aid_there(&a, FIRST_LIST));
        aid_fill(&a, 130, 10);
        aid_checkpoint(&a); /* and the list is made anew */
        assert_true(aid_there(&a, FIRST_LIST));
        aid_verify(&a);
        if (way < all) {
            forge(&a, ways[way].first, &r, 1);
            assert_int_equal(aid_verify_at(&a, a.folder, &report), KEPT_E_CORRUPT);
        }
        aid_end(&a);
    }
}

/* As many records as there should be, of the right segment, and one of them changed. */
static void a_list_with_one_record_changed(void **state)
{
    struct aid a;
    struct kept_list list;
    struct kept_tagged r[LIST_PER_BLOCK];
    struct kept_verify_report report;
    uint8_t origin_hash[32];
    (void)state;
    aid_start(&a, 2000);
    aid_fill(&a, 120, 10);
    aid_checkpoint(&a);
    kept_origin_hash(ORIGIN, origin_hash);
    assert_int_equal(kept_list_open(&list, a.folder, origin_hash, 0, 0, NULL), 0);
    assert_int_equal(kept_list_block(&list, 0, NULL), 0);
    uint32_t n = list.block_n;
    assert_in_range(n, 10, list.count);
    for (uint32_t i = 0; i < n; i++)
        kept_list_record(&list, i, &r[i]);
    kept_list_close(&list);
    forge(&a, 0, r, n);
    aid_verify(&a); /* as it was */
    r[4].offset++;
    forge(&a, 0, r, n);
    assert_int_equal(aid_verify_at(&a, a.folder, &report), KEPT_E_CORRUPT);
    assert_non_null(strstr(report.what, FIRST_LIST " is damaged"));
    aid_end(&a);
}

/* A count so large that the length it asks for has gone round, and is the file's. */
static void a_list_of_too_many(void **state)
{
    const uint64_t full = LIST_PER_BLOCK * LIST_RECORD + 4, blocks = UINT64_MAX / full;
    const uint64_t rest = UINT64_MAX - blocks * full + 1;
    const uint64_t more = (rest - 4 + LIST_RECORD - 1) / LIST_RECORD;
    const uint64_t tail = more * LIST_RECORD + 4 - rest;
    struct aid a;
    struct kept_list list;
    struct kept_list_writer writer;
    uint8_t origin_hash[32];
    (void)state;
    aid_start(&a, 2000);
    kept_origin_hash(ORIGIN, origin_hash);
    assert_int_equal(kept_list_create(&writer, a.folder, origin_hash, 0, 0, 0, blocks * LIST_PER_BLOCK + more, NULL),
                     0);
    assert_int_equal(kept_list_finish(&writer, 0, NULL), 0);
    aid_stretch(&a, FIRST_LIST, LIST_HEADER + tail);
    assert_int_equal(kept_list_open(&list, a.folder, origin_hash, 0, 0, NULL), KEPT_E_CORRUPT);
    assert_int_equal(list.fd, -1);
    aid_end(&a);
}

/* The block that the search ends at was read, and another one since: reading it again fails. */
static void a_list_that_cannot_be_read_again(void **state)
{
    const uint64_t tag = (uint64_t)1 << 63;
    struct aid a;
    struct kept_list list;
    struct kept_tagged r[LIST_PER_BLOCK + 9];
    uint8_t origin_hash[32];
    uint64_t at = 7;
    (void)state;
    aid_start(&a, 2000);
    kept_origin_hash(ORIGIN, origin_hash);
    for (uint32_t i = 0; i < LIST_PER_BLOCK + 9; i++)
        r[i] = (struct kept_tagged){i < LIST_PER_BLOCK ? tag - 1 : tag, i, i};
    forge(&a, 0, r, LIST_PER_BLOCK + 9);
    for (long nth = 0; nth < 4; nth++) {
        assert_int_equal(kept_list_open(&list, a.folder, origin_hash, 0, 0, NULL), 0);
        disk_fail(a.root, DISK_READ, nth, EIO, false);
        int rc = kept_list_find(&list, tag, &at, NULL);
        disk_fail_off();
        assert_int_equal(rc, nth < 3 ? KEPT_E_IO : 0);
        assert_int_equal(at, nth < 3 ? 7 : LIST_PER_BLOCK);
        kept_list_close(&list);
    }
    aid_end(&a);
}

/* One person's records go on in a block that is damaged: what was visited is not visited again. */
static void a_list_damaged_behind_a_visit(void **state)
{
    struct aid a;
    uint8_t key[16] = {0}, bytes[128];
    uint64_t n = 0;
    (void)state;
    while (kept_tag_of(key, 0) >> 63 != 0) /* the search looks at the first block alone */
        key[0]++;
    aid_start(&a, 20000);
    for (uint64_t i = 0; i < 500; i++) {
        const struct kept_span entry = {bytes, aid_entry(i, bytes)};
        assert_int_equal(kept_ledger_append(a.ledger, entry, key, NULL, NULL, NULL), 0);
    }
    aid_sync(&a);
    aid_checkpoint(&a);
    assert_true(a.ledger->segs[0].list == 0 && a.ledger->segs[1].first > LIST_PER_BLOCK);
    assert_int_equal(kept_ledger_trail(a.ledger, key, aid_count, &n, NULL), 0);
    assert_int_equal(n, 500);
    aid_flip(&a, FIRST_LIST, LIST_HEADER + LIST_PER_BLOCK * LIST_RECORD + 4 + 3);
    n = 0;
    assert_int_equal(kept_ledger_trail(a.ledger, key, aid_count, &n, NULL), KEPT_E_CORRUPT);
    assert_int_equal(n, LIST_PER_BLOCK);
    aid_end(&a);
}

/* Verifying saw its name, and then it was merged away: only missing. */
static void a_list_that_goes_while_it_is_verified(void **state)
{
    struct aid a;
    struct kept_verify_report report;
    char path[512];
    (void)state;
    aid_start(&a, 2000);
    aid_fill(&a, 120, 10);
    aid_checkpoint(&a);
    aid_unlink(&a, FIRST_LIST);
    aid_path(&a, FIRST_LIST, path);
    assert_int_equal(symlink("nowhere", path), 0); /* a name, and nothing behind it */
    assert_int_equal(aid_verify_at(&a, a.folder, &report), 0);
    assert_int_equal(report.derived_missing, 1);
    aid_end(&a);
}

/* Tags wait in memory until an entry behind their segment is durable. */
static void lists_wait_for_a_sync(void **state)
{
    struct aid a;
    uint64_t i = 0;
    int rc = 0;
    (void)state;
    aid_start(&a, 2000);
    while (a.ledger->seg_n < 3)
        aid_append(&a, i++);
    aid_checkpoint(&a);
    assert_int_equal(a.ledger->pending_n, 2);
    assert_false(aid_there(&a, FIRST_LIST));
    assert_true(aid_trail(&a, 3, &rc) > 3);
    assert_int_equal(rc, 0);
    aid_sync(&a);
    aid_checkpoint(&a);
    assert_int_equal(a.ledger->pending_n, 0);
    assert_true(aid_there(&a, FIRST_LIST) && aid_there(&a, "tags-0-00000001"));
    aid_verify(&a);
    aid_end(&a);
}

/* Of sixteen lists that are to be one, one is damaged: it is made anew first. */
static void a_damaged_list_is_not_merged(void **state)
{
    struct aid a;
    uint64_t n = 0;
    int rc = 0;
    (void)state;
    aid_start(&a, 500);
    while (a.ledger->seg_n < 12)
        aid_fill(&a, n += 4, 4);
    aid_checkpoint(&a);
    assert_true(a.ledger->segs[3].list == 0);
    aid_flip(&a, "tags-0-00000003", LIST_HEADER + 5);
    while (a.ledger->seg_n < 19)
        aid_fill(&a, n += 4, 4);
    aid_checkpoint(&a);
    assert_int_equal(a.ledger->segs[3].list, NO_LIST);
    assert_false(aid_there(&a, "tags-0-00000003"));
    assert_false(aid_there(&a, "tags-1-00000000"));
    uint64_t want = aid_trail(&a, 3, &rc);
    assert_true(rc == 0 && want > 3);
    aid_checkpoint(&a);
    assert_true(a.ledger->segs[3].list == 1 && aid_there(&a, "tags-1-00000000"));
    assert_int_equal(aid_trail(&a, 3, &rc), want);
    aid_verify(&a);
    aid_end(&a);
}

/* Somebody's record is right, and the next one lies: what was visited is not visited again. */
static void a_list_that_lies_in_the_middle(void **state)
{
    struct aid a;
    struct kept_list list;
    struct kept_tagged r[2];
    uint64_t at = 0;
    uint8_t key[16], origin_hash[32];
    int rc = 0;
    (void)state;
    aid_start(&a, 2000);
    aid_fill(&a, 120, 10);
    aid_checkpoint(&a);
    aid_key(3, key);
    kept_origin_hash(ORIGIN, origin_hash);
    assert_int_equal(kept_list_open(&list, a.folder, origin_hash, 0, 0, NULL), 0);
    assert_int_equal(kept_list_find(&list, kept_tag_of(key, 0), &at, NULL), 0);
    assert_int_equal(kept_list_block(&list, 0, NULL), 0);
    kept_list_record(&list, (uint32_t)at, &r[0]);
    kept_list_close(&list);
    r[1] = (struct kept_tagged){r[0].tag, r[0].index + 1, HEADER_BYTES + 1};
    forge(&a, 0, r, 2);
    assert_int_equal(aid_trail(&a, 3, &rc), 1);
    assert_int_equal(rc, KEPT_E_CORRUPT);
    struct kept_tagged unsorted[2] = {{9, 1, 200}, {8, 2, 300}};
    struct kept_verify_report report;
    forge(&a, 0, unsorted, 2);
    assert_int_equal(aid_verify_at(&a, a.folder, &report), KEPT_E_CORRUPT);
    aid_end(&a);
}

static void strange_names_in_the_folder(void **state)
{
    static const char *const names[] = {"tags-0-0000000x", "tags-0-00000077", "tags-2-00000000", "tags-9-00000000",
                                        "tags-1-00000000", "index-0000000x", "index-00000077", ""};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct aid a;
        struct kept_verify_report report;
        uint32_t stray = 0;
        char open[NAME_BYTES];
        aid_start(&a, 2000);
        aid_fill(&a, 120, 10);
        aid_checkpoint(&a);
        kept_list_name(open, 0, (uint32_t)a.ledger->seg_n - 1);
        const char *name = names[i][0] == 0 ? open : names[i]; /* or a list of the open segment */
        aid_put(a.folder, name, "x", 1);
        assert_int_equal(aid_verify_at(&a, a.folder, &report), KEPT_E_CORRUPT);
        assert_int_equal(kept_lists_find(a.folder, a.ledger->segs, (uint32_t)a.ledger->seg_n - 1, false, &stray, NULL),
                         0);
        assert_int_equal(stray, strncmp(name, "tags-", 5) == 0 && i != 3);
        assert_true(aid_there(&a, name)); /* looked at only */
        aid_reopen(&a);
        assert_int_equal(aid_there(&a, name), i == 3); /* of a level that there is not: nobody's */
        if (i == 3)
            aid_unlink(&a, name);
        aid_verify(&a);
        aid_end(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(indexes_that_check_and_lie),
        cmocka_unit_test(an_index_that_is_gone_or_too_large),
        cmocka_unit_test(a_row_of_indexes_with_a_hole),
        cmocka_unit_test(an_index_leads_opening_astray),
        cmocka_unit_test(an_index_asked_for_too_much),
        cmocka_unit_test(lists_that_check_and_lie),
        cmocka_unit_test(a_list_with_one_record_changed),
        cmocka_unit_test(a_list_of_too_many),
        cmocka_unit_test(a_list_that_cannot_be_read_again),
        cmocka_unit_test(a_list_damaged_behind_a_visit),
        cmocka_unit_test(a_list_that_goes_while_it_is_verified),
        cmocka_unit_test(lists_wait_for_a_sync),
        cmocka_unit_test(a_damaged_list_is_not_merged),
        cmocka_unit_test(a_list_that_lies_in_the_middle),
        cmocka_unit_test(strange_names_in_the_folder),
    };
    assert_int_equal(kept_crypto_init(), 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
