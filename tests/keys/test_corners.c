/* test_corners.c - files that somebody with the keys made, or a disk damaged in one place: each is refused
 * for what it is, and what is refused is not changed. */
#include "keys_aid.h"

#include <errno.h>

#include "../aid/disk.h"
#include "base/id.h"
#include "base/mem.h"
#include "keys/root_int.h"

/* ---- helpers ----------------------------------------------------------------------------------- */

static void refused(struct ring *r, int rc, int code, const char *words)
{
    if (rc != code || strstr(r->err.text, words) == NULL)
        fail_msg("%d, not %d for %s: %s", rc, code, words, r->err.text);
}

static int try_open(struct ring *r)
{
    struct kept_keyring *k = NULL;
    int rc = kept_keyring_open(r->folder, "widgets", r->root, &k, &r->err);
    kept_keyring_close(k);
    return rc;
}

static void in_app(struct ring *r, const char *name, char ret_path[512])
{
    (void)snprintf(ret_path, 512, "%s/%s", r->app, name);
}

static struct kept_root *another(struct ring *r, const char *name)
{
    struct kept_root *root = NULL;
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", r->dir, name);
    assert_int_equal(kept_root_create(path, &r->err), 0);
    assert_int_equal(kept_root_load(path, &root, &r->err), 0);
    return root;
}

/* A key file of epoch 1 that holds any plain bytes under a true seal. */
static void forge(struct ring *r, const uint8_t *plain, size_t n, enum kept_suite suite)
{
    struct kept_keyplace place;
    struct kept_buf file, aad;
    char path[512];
    static const char magic[] = "KEPTKEY\n";
    size_t sealed = n + kept_seal_overhead(suite);
    assert_int_equal(kept_keyplace_init(&place, r->folder, "widgets", r->root, &r->err), 0);
    kept_buf_init(&file, 65536);
    kept_buf_init(&aad, 256);
    kept_buf_bytes(&file, magic, 8);
    kept_buf_u32(&file, 1);
    kept_buf_bytes(&file, place.root_name, 4);
    kept_buf_u8(&file, (uint8_t)suite);
    kept_buf_u8(&file, KEPT_KEY_EPOCH);
    kept_buf_u32(&file, 1);
    kept_buf_u32(&file, (uint32_t)sealed);
    kept_buf_bytes(&aad, "kept key", 9);
    kept_buf_bytes(&aad, file.p, 26);
    kept_buf_text(&aad, "widgets");
    uint8_t *at = kept_buf_room(&file, sealed);
    assert_non_null(at);
    assert_int_equal(kept_seal(suite, place.seal, kept_buf_span(&aad), span_of(plain, n), at), 0);
    in_app(r, "epoch-1", path);
    spit(path, file.p, file.n);
    kept_buf_release(&file);
    kept_buf_release(&aad);
    kept_keyplace_release(&place);
}

#define FIXED 42u

/* created, key, count, and one former epoch. */
static size_t plain_of(uint8_t plain[128], kept_ms created, unsigned count, const struct kept_epoch *e)
{
    memset(plain, 7, 128);
    kept_put_be64(plain, (uint64_t)created);
    plain[40] = (uint8_t)(count >> 8);
    plain[41] = (uint8_t)count;
    if (e == NULL)
        return FIXED;
    kept_put_be32(plain + FIXED, e->number);
    kept_put_be64(plain + FIXED + 4, (uint64_t)e->created);
    kept_put_be64(plain + FIXED + 12, (uint64_t)e->retired);
    kept_put_be64(plain + FIXED + 20, (uint64_t)e->destroy_at);
    return FIXED + 28;
}

/* ---- key files ---------------------------------------------------------------------------------- */

static void test_what_opens_and_holds_no_key(void **state)
{
    static const struct {
        kept_ms created;
        unsigned count;
        bool epoch;
        struct kept_epoch e;
    } bad[] = {
        {.created = -1},
        {.created = T0, .count = 257},
        {.created = T0, .count = 1},                                     /* said, and not there */
        {.created = T0, .count = 0, .epoch = true},                      /* there, and not said */
        {.created = T0, .count = 1, .epoch = true, .e = {0, 1, 2, 3}},   /* no number */
        {.created = T0, .count = 1, .epoch = true, .e = {1, 1, 2, 3}},   /* not a former one */
        {.created = T0, .count = 1, .epoch = true, .e = {0xffffffff, 1, 2, 3}},
    };
    static const struct kept_epoch former[] = {{1, -1, 2, 3}, {1, 3, 2, 3}, {1, 1, 3, 2}};
    struct ring r;
    uint8_t plain[128];
    (void)state;
    ring_up(&r);
    kept_keyring_close(ring_new(&r));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        size_t n = plain_of(plain, bad[i].created, bad[i].count, bad[i].epoch ? &bad[i].e : NULL);
        forge(&r, plain, n, kept_suite_default());
        refused(&r, try_open(&r), KEPT_E_CORRUPT, "opens, but holds no key");
    }
    forge(&r, plain, FIXED - 1, kept_suite_default());
    refused(&r, try_open(&r), KEPT_E_CORRUPT, "is shorter or longer");
    forge(&r, plain, plain_of(plain, T0, 0, NULL), kept_suite_default());
    assert_int_equal(try_open(&r), 0); /* the forger can */
    /* Dates of a former epoch that cannot be: written by us, since nothing else stops them. */
    struct kept_keyring *k = ring_open(&r);
    uint8_t key[KEPT_KEY_BYTES] = {1};
    for (size_t i = 0; i < 3; i++) {
        struct kept_epoch e = former[i];
        struct kept_keyfile file = {.kind = KEPT_KEY_EPOCH, .number = 2, .created = T0, .key = key, .retired = &e,
                                    .retired_count = 1, .suite = kept_suite_default()};
        assert_int_equal(kept_keyfile_write(&k->place, &file, &r.err), 0);
        refused(&r, kept_keyfile_read(&k->place, &file, &r.err), KEPT_E_CORRUPT, "opens, but holds no key");
    }
    kept_keyring_close(k);
    ring_down(&r);
}

static void test_files_that_are_too_long(void **state)
{
    static uint8_t bytes[80000], plain[42 + 257 * 28];
    struct ring r;
    char path[512];
    (void)state;
    ring_up(&r);
    kept_keyring_close(ring_new(&r));
    in_app(&r, "anchor", path);
    size_t n = slurp(path, bytes, sizeof bytes);
    spit(path, bytes, sizeof bytes);
    refused(&r, try_open(&r), KEPT_E_CORRUPT, "is longer than an anchor");
    spit(path, bytes, n);
    in_app(&r, "token-1", path);
    n = slurp(path, bytes, sizeof bytes);
    spit(path, bytes, sizeof bytes);
    refused(&r, try_open(&r), KEPT_E_CORRUPT, "is longer than a key file");
    spit(path, bytes, n);
    assert_int_equal(try_open(&r), 0);
    if (kept_suite_default() == KEPT_SUITE_AES_GCM) { /* whose overhead is the smaller one */
        forge(&r, plain, 42 + 256 * 28 + 1, KEPT_SUITE_AES_GCM);
        refused(&r, try_open(&r), KEPT_E_CORRUPT, "is shorter or longer");
    }
    ring_down(&r);
}

static void test_a_former_seal_is_overwritten(void **state)
{
    struct ring r;
    char path[512], former[128];
    uint8_t key[KEPT_KEY_BYTES] = {9}, read_key[KEPT_KEY_BYTES], before[4096], after[4096];
    struct kept_epoch e = {1, T0, T0 + 1, T0 + 2};
    struct kept_keyfile file = {.kind = KEPT_KEY_EPOCH, .number = 7, .created = T0, .key = key, .retired = &e,
                                .retired_count = 1, .suite = kept_suite_default()};
    (void)state;
    ring_up(&r);
    struct kept_keyring *k = ring_new(&r);
    assert_int_equal(kept_keyfile_write(&k->place, &file, &r.err), 0);
    in_app(&r, "epoch-7", path);
    (void)snprintf(former, sizeof former, "%s/former", r.dir);
    assert_int_equal(link(path, former), 0); /* keeps hold of its bytes */
    size_t n = slurp(path, before, sizeof before);
    key[0] = 8;
    assert_int_equal(kept_keyfile_write(&k->place, &file, &r.err), 0);
    assert_int_equal(slurp(former, after, sizeof after), n);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(after[i], 0);
    struct kept_keyfile again = {.kind = KEPT_KEY_EPOCH, .number = 7, .key = read_key}; /* no room for dates */
    assert_int_equal(kept_keyfile_read(&k->place, &again, &r.err), 0);
    assert_memory_equal(read_key, key, sizeof key);
    assert_int_equal(again.retired_count, 1);
    /* A link in its place is not followed. */
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink(former, path), 0);
    refused(&r, kept_keyfile_write(&k->place, &file, &r.err), KEPT_E_IO, "cannot open");
    assert_int_equal(unlink(path), 0);
    file.retired_count = KEPT_MAX_KEYS + 1;
    refused(&r, kept_keyfile_write(&k->place, &file, &r.err), KEPT_E_LIMIT, "epochs are alive");
    assert_int_not_equal(access(path, F_OK), 0);
    kept_keyring_close(k);
    ring_down(&r);
}

/* Writing it over on a failing disk: the key is the former or the new one, whole. */
static void test_a_former_seal_on_a_failing_disk(void **state)
{
    static const unsigned ways[] = {DISK_LOOK, DISK_ALL};
    struct ring r;
    (void)state;
    ring_up(&r);
    struct kept_keyring *k = ring_new(&r);
    for (size_t w = 0; w < 2; w++) {
        bool over = false;
        for (long n = 0; !over; n++) {
            uint8_t key[KEPT_KEY_BYTES] = {1}, read_key[KEPT_KEY_BYTES];
            struct kept_keyfile file = {.kind = KEPT_KEY_TOKEN, .number = 7, .created = T0, .key = key,
                                        .suite = kept_suite_default()};
            struct kept_keyfile again = {.kind = KEPT_KEY_TOKEN, .number = 7, .key = read_key};
            assert_in_range(n, 0, 50);
            assert_int_equal(kept_keyfile_write(&k->place, &file, &r.err), 0);
            key[0] = 2;
            disk_fail(r.dir, ways[w], n, EIO, false);
            int rc = kept_keyfile_write(&k->place, &file, &r.err);
            disk_fail_off();
            over = disk_failed() == 0;
            assert_true(rc == 0 || (rc == KEPT_E_IO && !over));
            assert_int_equal(kept_keyfile_read(&k->place, &again, &r.err), 0);
            assert_true(read_key[0] == 2 || (rc != 0 && read_key[0] == 1));
        }
    }
    kept_keyring_close(k);
    ring_down(&r);
}

static void test_the_last_number_and_the_last_seal(void **state)
{
    struct ring r;
    uint8_t key[KEPT_KEY_BYTES] = {3}, box[64];
    struct kept_epoch former;
    (void)state;
    ring_up(&r);
    struct kept_keyring *k = ring_new(&r);
    assert_int_equal(kept_keyring_epochs(k, &former, 1), 1);
    former.retired = T0 + 1;
    former.destroy_at = T0 + 2;
    struct kept_keyfile file = {.kind = KEPT_KEY_EPOCH, .number = UINT32_MAX, .created = T0, .key = key,
                                .retired = &former, .retired_count = 1, .suite = kept_suite_default()};
    assert_int_equal(kept_keyfile_write(&k->place, &file, &r.err), 0);
    kept_keyring_close(k);
    k = ring_open(&r);
    assert_int_equal(kept_keyring_epoch(k), UINT32_MAX);
    refused(&r, kept_keyring_rotate(k, T0 + 5, 1, &r.err), KEPT_E_LIMIT, "no key numbers are left");
    assert_int_equal(kept_keyring_epoch(k), UINT32_MAX);
    kept_keyring_newest(k, KEPT_KEY_EPOCH)->seals = KEPT_MAX_SEALS - 1;
    const struct kept_span plain = span_of(key, 16);
    assert_int_equal(kept_keyring_wrap(k, UINT32_MAX, plain, plain, box), 0);
    assert_int_equal(kept_keyring_wrap(k, UINT32_MAX, plain, plain, box), KEPT_E_LIMIT);
    assert_int_equal(kept_keyring_wrap(k, 1, plain, plain, box), 0); /* another key has its own count */
    kept_keyring_close(k);
    ring_down(&r);
}

static void test_one_epoch_is_destroyed_on_its_day(void **state)
{
    struct ring r;
    uint8_t hash_key[KEPT_KEY_BYTES];
    struct kept_mirror broken = {.folder = "/nowhere", .journal = -1, .broken = true};
    (void)state;
    ring_up(&r);
    struct kept_keyring *k = ring_new(&r);
    memcpy(hash_key, kept_keyring_hash_key(k), sizeof hash_key);
    assert_int_equal(kept_keyring_rotate(k, T0 + DAY, DAY, &r.err), 0);
    assert_int_equal(kept_keyring_new_token(k, T0 + DAY, &r.err), 0);
    refused(&r, kept_keyring_destroy_epoch(k, 2, T0 + 9 * DAY, &r.err), KEPT_E_CONFLICT, "has not come");
    refused(&r, kept_keyring_destroy_epoch(k, 1, T0 + 2 * DAY - 1, &r.err), KEPT_E_CONFLICT, "has not come");
    k->place.mirror = &broken; /* which nothing may be written beside */
    refused(&r, kept_keyring_destroy_epoch(k, 1, T0 + 2 * DAY, &r.err), KEPT_E_IO, "/nowhere");
    refused(&r, kept_keyring_destroy_token(k, 1, &r.err), KEPT_E_IO, "/nowhere");
    k->place.mirror = NULL;
    assert_int_equal(kept_keyring_epochs(k, (struct kept_epoch[2]){{0}}, 2), 2);
    assert_int_equal(kept_keyring_destroy_epoch(k, 1, T0 + 2 * DAY, &r.err), 0);
    assert_int_equal(kept_keyring_epochs(k, (struct kept_epoch[2]){{0}}, 2), 1);
    assert_int_equal(kept_keyring_destroy_epoch(k, 1, T0 + 2 * DAY, &r.err), 0); /* it is gone already */
    kept_keyring_close(k);
    k = ring_open(&r);
    assert_memory_equal(kept_keyring_hash_key(k), hash_key, sizeof hash_key);
    kept_keyring_abandon(NULL);
    kept_keyring_close(k);
    ring_down(&r);
}

static void test_a_pool_has_an_end(void **state)
{
    static struct kept_pool pool;
    uint8_t *first = NULL;
    (void)state;
    assert_int_equal(kept_crypto_init(), 0);
    for (size_t i = 0; i < sizeof pool.used; i++) {
        uint8_t *key = kept_pool_take(&pool);
        assert_non_null(key);
        first = i == 0 ? key : first;
    }
    assert_null(kept_pool_take(&pool));
    kept_pool_give(&pool, NULL);
    assert_null(kept_pool_take(&pool));
    first[0] = 1;
    kept_pool_give(&pool, first);
    assert_int_equal(first[0], 0); /* wiped */
    assert_ptr_equal(kept_pool_take(&pool), first);
    kept_pool_release(&pool);
}

/* ---- opening ------------------------------------------------------------------------------------ */

static void test_a_folder_that_lacks_or_has_too_much(void **state)
{
    struct ring r;
    char path[512], aside[512];
    (void)state;
    ring_up(&r);
    kept_keyring_close(ring_new(&r));
    in_app(&r, "signing", path);
    in_app(&r, "aside", aside);
    assert_int_equal(rename(path, aside), 0);
    refused(&r, try_open(&r), KEPT_E_CORRUPT, "the signing key of app widgets is gone");
    assert_int_equal(rename(aside, path), 0);
    in_app(&r, "next-nothing", path);
    spit(path, "x", 1);
    refused(&r, try_open(&r), KEPT_E_CORRUPT, "is no key that waits");
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(unlink(path), 0);
    struct kept_root *second = another(&r, "second");
    in_app(&r, "epoch-01", path);
    spit(path, "x", 1);
    refused(&r, ring_change(r.folder, r.root, second, &r.err), KEPT_E_CORRUPT, "looks like a copy of a key");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(try_open(&r), 0);
    static const char *const names[] = {"a~b", "a{b", "a_b", "A", "a/b", "a.b"};
    for (size_t i = 0; i < 6; i++)
        refused(&r, kept_keyring_create(r.folder, names[i], r.root, T0, &r.err), KEPT_E_USAGE, "mend the name");
    /* Somebody has it open: what it opens with is asked all the same. */
    struct kept_keyring *k = ring_open(&r);
    assert_int_equal(kept_keyring_opens(r.folder, r.root, &r.err), 0);
    assert_int_equal(kept_keyring_opens(r.folder, second, &r.err), KEPT_E_CRYPTO);
    refused(&r, ring_change(r.folder, r.root, second, &r.err), KEPT_E_BUSY, "");
    kept_keyring_close(k);
    /* Two keys of one name, which the files could not tell apart. */
    memcpy(second->name, r.root->name, sizeof second->name);
    refused(&r, ring_change(r.folder, r.root, second, &r.err), KEPT_E_CONFLICT, "one name");
    assert_int_equal(try_open(&r), 0);
    kept_root_free(second);
    ring_down(&r);
}

/* ---- the journal -------------------------------------------------------------------------------- */

#define FRAME 102u

/* Give a frame its hash, as who has the key can. */
static void chain(const struct kept_keyring *k, const uint8_t *before, uint8_t *frame)
{
    const struct kept_span parts[] = {{k->journal.key, KEPT_KEY_BYTES}, {before, 32}, {frame, 70}};
    kept_sha256_parts(parts, 3, frame + 70);
}

/* Behind what is there: two rows of one append, with a word or two changed. */
static void append_by_hand(struct kept_keyring *k, size_t change_at, uint8_t change, bool both)
{
    uint8_t frames[2 * FRAME] = {0};
    for (size_t i = 0; i < 2; i++) {
        uint8_t *frame = frames + i * FRAME;
        frame[1] = 58;
        frame[3] = (uint8_t)(1 - i);
        kept_put_be64(frame + 4, k->journal.rows);
        frame[12] = KEPT_J_WITHDRAW;
        if (both || i == 1)
            frame[change_at] ^= change;
        chain(k, i == 0 ? k->journal.hash : frames + 70, frame);
    }
    assert_int_equal(pwrite(k->journal.fd, frames, sizeof frames, (off_t)(44 + k->journal.rows * FRAME)),
                     sizeof frames);
}

static int refuse_kind(void *arg, uint64_t number, const struct kept_journal_row *row)
{
    (void)arg;
    (void)number;
    return (int)row->kind > KEPT_J_CALLER_REVOKED ? KEPT_E_BUG : 0;
}

static void test_frames_that_check_and_do_not_fit(void **state)
{
    static const struct {
        size_t at;
        uint8_t change;
        bool both;
    } bad[] = {{1, 1, true}, {11, 4, true}, {3, 2, false}, {11, 4, false}, {1, 1, false}};
    struct ring r;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const struct kept_journal_row row = row_of(0);
        ring_up(&r);
        struct kept_keyring *k = ring_new(&r);
        assert_int_equal(kept_journal_append(k, &row, 1, &r.err), 0);
        append_by_hand(k, bad[i].at, bad[i].change, bad[i].both);
        kept_keyring_close(k);
        int rc = kept_keyring_open(r.folder, "widgets", r.root, &k, &r.err);
        /* The last append: torn, as far as anybody can tell; or one that began later, and so damage. */
        assert_true(rc == 0 || rc == KEPT_E_CORRUPT);
        if (rc == 0)
            assert_int_equal(kept_journal_length(k), 1);
        kept_keyring_close(k);
        ring_down(&r);
    }
}

static void test_rows_are_looked_at_each_time(void **state)
{
    struct ring r;
    struct kept_journal_row row = row_of(0);
    uint8_t byte = 0;
    uint64_t at = 44 + FRAME + 12; /* the kind, in the second row */
    (void)state;
    ring_up(&r);
    struct kept_keyring *k = ring_new(&r);
    assert_int_equal(kept_journal_append(k, &row, 1, &r.err), 0);
    append_by_hand(k, 12, 0x40, true); /* of a kind that a newer kept may know */
    kept_keyring_abandon(k);
    k = ring_open(&r);
    assert_int_equal(kept_journal_length(k), 3);
    refused(&r, kept_journal_each(k, 0, refuse_kind, NULL, &r.err), KEPT_E_FORMAT, "newer kept");
    assert_int_equal(pread(k->journal.fd, &byte, 1, (off_t)at), 1);
    byte ^= 1;
    assert_int_equal(pwrite(k->journal.fd, &byte, 1, (off_t)at), 1); /* while it is open */
    refused(&r, kept_journal_each(k, 0, refuse_kind, NULL, &r.err), KEPT_E_CORRUPT, "row 1 of the journal");
    kept_keyring_close(k);
    ring_down(&r);
}

static void test_an_anchor_of_another_beginning(void **state)
{
    struct ring r;
    (void)state;
    ring_up(&r);
    struct kept_keyring *k = ring_new(&r);
    k->anchor.hash[0] ^= 1;
    assert_int_equal(kept_anchor_save(&k->place, &k->anchor, &r.err), 0);
    kept_keyring_close(k);
    refused(&r, try_open(&r), KEPT_E_ROLLBACK, "or others");
    ring_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_opens_and_holds_no_key),
        cmocka_unit_test(test_files_that_are_too_long),
        cmocka_unit_test(test_a_former_seal_is_overwritten),
        cmocka_unit_test(test_a_former_seal_on_a_failing_disk),
        cmocka_unit_test(test_the_last_number_and_the_last_seal),
        cmocka_unit_test(test_one_epoch_is_destroyed_on_its_day),
        cmocka_unit_test(test_a_pool_has_an_end),
        cmocka_unit_test(test_a_folder_that_lacks_or_has_too_much),
        cmocka_unit_test(test_frames_that_check_and_do_not_fit),
        cmocka_unit_test(test_rows_are_looked_at_each_time),
        cmocka_unit_test(test_an_anchor_of_another_beginning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
