/* test_failures.c - a keyring's whole life while the nth allocation, read or change of the disk fails,
 * for every n: the error is a clean one; opened again, the keyring is there, no acknowledged obligation
 * is missing, none stands twice, and it goes on. */
#include <errno.h>

#include "keys_aid.h"

#include "keys/keys_int.h"

#include "../aid/disk.h"
#include "../aid/scarce.h"

enum failing { MEMORY, READS, CHANGES, FAILINGS };
static const unsigned kinds[FAILINGS] = {0, DISK_READ | DISK_LOOK, DISK_ALL};
static const char *const names[FAILINGS] = {"allocation", "read", "change"};

struct life {
    struct ring ring;
    char mirror[96], second[96], third[96], words[96];
    struct kept_root *last; /* the key that a passphrase gives, once it was made */
    bool created;         /* kept_keyring_create returned 0 */
    uint64_t acknowledged;
    uint64_t tried;       /* acknowledged, and what an append that failed was about */
    unsigned step;
};

static int count_rows(void *arg, uint64_t number, const struct kept_journal_row *row)
{
    uint64_t *count = arg;
    (void)row;
    return number == (*count)++ ? 0 : KEPT_E_BUG;
}

static int append(struct life *l, struct kept_keyring *k, size_t n)
{
    struct kept_journal_row rows[3];
    for (size_t i = 0; i < n; i++)
        rows[i] = row_of((unsigned)(l->acknowledged + i));
    l->tried = l->acknowledged + n;
    int rc = kept_journal_append(k, rows, n, &l->ring.err);
    if (rc == 0)
        l->acknowledged += n;
    return rc;
}

static int seal(struct kept_keyring *k)
{
    uint8_t plain[16] = "a person's keys", sealed[64], again[64];
    const struct kept_span aad = {plain, 4}, box = {plain, sizeof plain};
    int rc = kept_keyring_wrap(k, kept_keyring_epoch(k), aad, box, sealed);
    if (rc == 0)
        rc = kept_keyring_unwrap(k, kept_keyring_epoch(k), aad,
                                 (struct kept_span){sealed, 16 + kept_keyring_wrap_overhead(k)}, again);
    assert_true(rc != 0 || memcmp(plain, again, 16) == 0);
    return rc;
}

/* What is done with an open keyring. */
static int use(struct life *l, struct kept_keyring *k)
{
    struct kept_err *err = &l->ring.err;
    uint64_t count = 0;
    uint32_t destroyed = 0;
    int rc = kept_keyring_mirror(k, l->mirror, err);
    if (rc == 0)
        rc = append(l, k, 1);
    if (rc == 0)
        rc = append(l, k, 3);
    if (rc == 0)
        rc = kept_journal_each(k, 0, count_rows, &count, err);
    if (rc == 0)
        rc = kept_anchor_write(k, text_of("a note"), err);
    if (rc == 0)
        rc = seal(k);
    if (rc == 0)
        rc = kept_keyring_rotate(k, T0 + DAY, DAY, err);
    if (rc == 0)
        rc = kept_keyring_new_audit(k, T0 + DAY, err);
    if (rc == 0)
        rc = kept_keyring_new_token(k, T0 + DAY, err);
    if (rc == 0)
        rc = kept_keyring_destroy_token(k, kept_keyring_token(k) - 1, err);
    if (rc == 0)
        rc = kept_keyring_destroy_audit(k, kept_keyring_audit(k) - 1, err);
    if (rc == 0)
        rc = kept_keyring_destroy_due(k, T0 + 3 * DAY, &destroyed, err);
    if (rc == 0)
        rc = append(l, k, 2);
    return rc;
}

/* The key that is on paper, by a program and from its file. */
static int ask_for(struct life *l)
{
    static const enum kept_provider_kind kinds_of[] = {KEPT_BY_COMMAND, KEPT_BY_FILE};
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < 2; i++) {
        struct kept_provider p = {.kind = kinds_of[i]};
        struct kept_root *root = NULL;
        (void)snprintf(p.path, sizeof p.path, "%s%s", i == 0 ? "/bin/cat " : "", l->third);
        kept_root_name(l->ring.root, p.root);
        rc = kept_provider_root(&p, NULL, &root, &l->ring.err);
        if (rc == 0)
            rc = kept_provider_check(&p, root, &l->ring.err);
        kept_root_free(root);
    }
    return rc;
}

/* Without its mirror, and with it again: what the mirror lacks is brought over. */
static int come_back(struct life *l, const struct kept_root *root)
{
    struct ring *r = &l->ring;
    struct kept_keyring *k = NULL;
    int rc = kept_keyring_open(r->folder, "widgets", root, &k, &r->err);
    if (rc == 0)
        rc = append(l, k, 2);
    kept_keyring_close(k);
    k = NULL;
    if (rc == 0)
        rc = kept_keyring_open(r->folder, "widgets", root, &k, &r->err);
    if (rc == 0)
        rc = kept_keyring_mirror(k, l->mirror, &r->err);
    if (rc == 0)
        kept_keyring_close(k);
    else /* as a process that was killed */
        kept_keyring_abandon(k);
    return rc == 0 ? kept_keyring_mirror_settle(r->folder, l->mirror, &r->err) : rc;
}

/* The same key once more, as the keyring says. */
static int find_root(struct life *l)
{
    struct ring *r = &l->ring;
    struct kept_provider found;
    struct kept_root *root = NULL;
    int rc = kept_provider_find(r->folder, "", &found, &r->err);
    if (rc == 0)
        rc = kept_provider_root(&found, NULL, &root, &r->err);
    if (rc == 0)
        rc = kept_provider_check(&found, root, &r->err);
    if (rc == 0)
        rc = kept_keyring_opens(r->folder, root, &r->err);
    kept_root_free(root);
    return rc;
}

/* From one root key to another, and to one that a passphrase gives, mirror and all. */
static int change(struct life *l)
{
    struct ring *r = &l->ring;
    struct kept_root *second = NULL;
    struct kept_provider words = {.kind = KEPT_BY_PASSPHRASE, .words = KEPT_WORDS_FILE, .rounds = 1, .bytes = 8192};
    (void)snprintf(words.path, sizeof words.path, "%s", l->words);
    int rc = kept_root_create(l->second, &r->err);
    if (rc == 0)
        rc = kept_root_load(l->second, &second, &r->err);
    if (rc == 0)
        rc = ring_change(r->folder, r->root, second, &r->err);
    if (rc == 0)
        rc = come_back(l, second);
    if (rc == 0)
        rc = kept_provider_make(&words, NULL, &l->last, &r->err);
    const struct kept_root_change change = {.from = second, .to = l->last, .provider = &words};
    if (rc == 0)
        rc = kept_keyring_change_root(r->folder, l->mirror, &change, &r->err);
    kept_root_free(second);
    return rc == 0 ? find_root(l) : rc;
}

/* From making the root key to changing it; stops at the first error. */
static int live(struct life *l)
{
    struct ring *r = &l->ring;
    struct kept_err *err = &r->err;
    struct kept_keyring *k = NULL;
    struct kept_buf paper;
    kept_buf_init_secret(&paper, 4096);
    int rc = kept_keyring_create(r->folder, "widgets", r->root, T0, err);
    if (rc == 0) {
        l->created = true;
        rc = kept_keyring_open(r->folder, "widgets", r->root, &k, err);
    }
    if (rc == 0)
        rc = use(l, k);
    kept_keyring_close(k);
    if (rc == 0)
        rc = kept_root_recovery(r->root, &paper);
    if (rc == 0)
        rc = kept_root_from_recovery((const char *)paper.p, l->third, err);
    kept_buf_release(&paper);
    if (rc == 0)
        rc = ask_for(l);
    return rc == 0 ? change(l) : rc;
}

/* Under whichever root key it came to. */
static struct kept_keyring *open_again(struct life *l, const char *where)
{
    struct ring *r = &l->ring;
    struct kept_keyring *k = NULL;
    struct kept_root *second = NULL;
    int rc = kept_keyring_open(r->folder, "widgets", r->root, &k, &r->err);
    if (rc == KEPT_E_CRYPTO && kept_root_load(l->second, &second, &r->err) == 0)
        rc = kept_keyring_open(r->folder, "widgets", second, &k, &r->err);
    if (rc == KEPT_E_CRYPTO && l->last != NULL)
        rc = kept_keyring_open(r->folder, "widgets", l->last, &k, &r->err);
    if (rc != 0)
        fail_msg("%s: opened again: %d %s", where, rc, r->err.text);
    kept_root_free(second);
    return k;
}

static void check(struct life *l, const char *where)
{
    struct kept_keyring *k = NULL;
    uint64_t count = 0;
    if (!l->created) { /* nothing of it stands in the way */
        int rc = kept_keyring_create(l->ring.folder, "widgets", l->ring.root, T0, &l->ring.err);
        if (rc != 0 && rc != KEPT_E_CONFLICT)
            fail_msg("%s: made again: %d %s", where, rc, l->ring.err.text);
    }
    k = open_again(l, where);
    assert_int_equal(kept_journal_each(k, 0, count_rows, &count, &l->ring.err), 0);
    if (count != l->acknowledged && count != l->tried)
        fail_msg("%s: %lu obligations of %lu", where, (unsigned long)count, (unsigned long)l->acknowledged);
    assert_int_equal(seal(k), 0);
    l->acknowledged = count;
    assert_int_equal(append(l, k, 1), 0);
    assert_int_equal(kept_anchor_write(k, text_of("later"), &l->ring.err), 0);
    kept_keyring_close(k);
    k = open_again(l, where);
    assert_int_equal(kept_journal_length(k), count + 1);
    kept_keyring_close(k);
}

static bool one(enum failing what, long n, bool lasting)
{
    struct life l = {.created = false};
    char where[80];
    (void)snprintf(where, sizeof where, "%s %ld%s", names[what], n, lasting ? " and all behind it" : "");
    ring_up(&l.ring);
    (void)snprintf(l.mirror, sizeof l.mirror, "%s/mirror", l.ring.dir);
    (void)snprintf(l.second, sizeof l.second, "%s/second", l.ring.dir);
    (void)snprintf(l.third, sizeof l.third, "%s/third", l.ring.dir);
    (void)snprintf(l.words, sizeof l.words, "%s/words", l.ring.dir);
    spit(l.words, "correct horse battery staple\n", 29);
    memset(&l.ring.err, 0, sizeof l.ring.err);
    if (what == MEMORY)
        scarce_begin(n, !lasting);
    else
        disk_fail(l.ring.dir, kinds[what], n, EIO, lasting);
    int rc = live(&l);
    scarce_end();
    disk_fail_off();
    bool failed = what == MEMORY ? scarce_failed() != 0 : disk_failed() != 0;
    if (rc != 0 && rc != (what == MEMORY ? KEPT_E_NOMEM : KEPT_E_IO))
        fail_msg("%s: %d %s", where, rc, l.ring.err.text);
    if (!failed)
        assert_int_equal(rc, 0);
    check(&l, where);
    kept_root_free(l.last);
    ring_down(&l.ring);
    return failed;
}

static void sweep(enum failing what)
{
    bool every = getenv("KEPT_LONG") != NULL;
    for (int lasting = 0; lasting < 2; lasting++) {
        long n = 0;
        while (one(what, n, lasting != 0))
            n += every || lasting == 0 || n < 10 ? 1 : 5;
        print_message("%s: %ld\n", names[what], n);
        assert_in_range(n, 20, 3000);
    }
}

static void every_allocation(void **state)
{
    (void)state;
    sweep(MEMORY);
}

static void every_read(void **state)
{
    (void)state;
    sweep(READS);
}

static void every_change(void **state)
{
    (void)state;
    sweep(CHANGES);
}

/* ---- two places that a life does not come to ---------------------------------------------------- */

/* The key that needs another block of guarded memory. */
static void the_block_that_is_not_there(void **state)
{
    struct ring r;
    bool over = false;
    (void)state;
    ring_up(&r);
    struct kept_keyring *k = ring_new(&r);
    while (k->pool.blocks[1] == NULL && !k->pool.used[KEPT_POOL_KEYS - 1])
        assert_int_equal(kept_keyring_new_audit(k, T0, &r.err), 0);
    uint32_t newest = kept_keyring_audit(k);
    for (long n = 0; !over; n++) {
        assert_in_range(n, 0, 50);
        scarce_begin(n, true);
        int rc = kept_keyring_new_audit(k, T0, &r.err);
        scarce_end();
        over = scarce_failed() == 0;
        assert_int_equal(rc, over ? 0 : KEPT_E_NOMEM);
        assert_int_equal(kept_keyring_audit(k), over ? newest + 1 : newest);
    }
    assert_non_null(k->pool.blocks[1]);
    kept_keyring_close(k);
    kept_keyring_close(ring_open(&r));
    ring_down(&r);
}

/* A journal whose last append is torn, on a disk that does not read, or does not cut. */
static void a_torn_journal_and_a_failing_disk(void **state)
{
    static const unsigned ways[] = {DISK_READ | DISK_LOOK, DISK_TRUNCATE};
    struct ring r;
    char path[256];
    uint8_t torn[4096];
    (void)state;
    ring_up(&r);
    struct kept_keyring *k = ring_new(&r);
    struct kept_journal_row rows[4];
    for (unsigned i = 0; i < 4; i++)
        rows[i] = row_of(i);
    assert_int_equal(kept_journal_append(k, rows, 1, &r.err), 0);
    assert_int_equal(kept_anchor_write(k, text_of("a note"), &r.err), 0);
    assert_int_equal(kept_journal_append(k, rows, 4, &r.err), 0);
    kept_keyring_abandon(k);
    (void)snprintf(path, sizeof path, "%s/journal", r.app);
    size_t size = slurp(path, torn, sizeof torn);
    torn[size - 3 * 102 - 50] ^= 1; /* in the first of the four rows */
    for (size_t w = 0; w < 2; w++) {
        bool over = false;
        for (long n = 0; !over; n++) {
            assert_in_range(n, 0, 200);
            spit(path, torn, size);
            disk_fail(r.dir, ways[w], n, EIO, false);
            int rc = kept_keyring_open(r.folder, "widgets", r.root, &k, &r.err);
            disk_fail_off();
            over = disk_failed() == 0;
            assert_int_equal(rc, over ? 0 : KEPT_E_IO);
            kept_keyring_close(k);
            assert_true(over || slurp(path, (uint8_t[4096]){0}, 4096) == size); /* nothing was cut */
            k = ring_open(&r);
            assert_int_equal(kept_journal_length(k), 1);
            kept_keyring_abandon(k);
        }
    }
    ring_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation),
        cmocka_unit_test(every_read),
        cmocka_unit_test(every_change),
        cmocka_unit_test(the_block_that_is_not_there),
        cmocka_unit_test(a_torn_journal_and_a_failing_disk),
    };
    return cmocka_run_group_tests(tests, scarce_hook_up, NULL);
}
