/* test_failures.c - a log's whole life while the nth allocation, read or change of the disk fails, for
 * every n: the error is a clean one; opened again, every entry that was synced is there, as it was, and
 * the log verifies and goes on. */
#include <errno.h>

#include "aid.h"

#include "../aid/disk.h"
#include "../aid/scarce.h"

#define ENTRIES 560u /* two blocks and some, in more than sixteen segments */

enum failing { MEMORY, READS, CHANGES, FAILINGS };
static const unsigned kinds[FAILINGS] = {0, DISK_READ, DISK_ALL};
static const char *const names[FAILINGS] = {"allocation", "read", "change"};

struct life {
    struct aid a;
    char tiles[96];
    uint64_t durable; /* entries that a sync acknowledged */
    bool created;
    struct kept_err err;
};

static int ignore(void *arg, uint64_t index, struct kept_span entry)
{
    (void)arg;
    (void)index;
    return entry.n == 0;
}

static void see(void *arg, const struct kept_id *id)
{
    (void)id;
    (*(unsigned *)arg)++;
}

static int fill(struct life *l, struct kept_ledger *ledger, uint64_t n)
{
    int rc = 0;
    for (uint64_t i = kept_ledger_size(ledger); rc == 0 && i < n; i++) {
        uint8_t bytes[128], key[16];
        struct kept_span entry = {bytes, aid_entry(i, bytes)};
        aid_key((unsigned)(i % 11), key);
        rc = kept_ledger_append(ledger, entry, i % 11 == 10 ? NULL : key, NULL, NULL, &l->err);
        if (rc == 0 && (i % 16 == 15 || i + 1 == n) &&
            (rc = kept_ledger_sync(ledger, kept_ledger_flush(ledger), &l->err)) == 0)
            l->durable = i + 1;
    }
    return rc;
}

/* Every question a log answers. */
static int ask(struct life *l, struct kept_ledger *ledger)
{
    struct kept_err *err = &l->err;
    struct kept_id id = aid_id(300);
    struct kept_buf out;
    uint8_t key[16];
    uint64_t index = 0;
    unsigned seen = 0;
    aid_key(3, key);
    kept_buf_init(&out, 1 << 20);
    int rc = kept_ledger_since_checkpoint(ledger, see, &seen, err);
    if (rc == 0)
        rc = kept_ledger_each(ledger, 0, ignore, NULL, err);
    if (rc == 0)
        rc = kept_ledger_trail(ledger, key, ignore, NULL, err);
    if (rc == 0)
        rc = kept_ledger_find(ledger, &id, &index, err);
    assert_true(rc != 0 || index == 300);
    if (rc == 0)
        rc = kept_ledger_entry(ledger, 77, &out, err);
    if (rc == 0)
        rc = kept_ledger_prove(ledger, 77, 400, &out, err);
    if (rc == 0)
        rc = kept_ledger_prove_consistency(ledger, 300, 400, &out, err);
    if (rc == 0)
        rc = kept_ledger_prove_text(ledger, 77, &out, err);
    kept_buf_release(&out);
    return rc;
}

static int live(struct life *l)
{
    struct kept_ledger *ledger = NULL;
    struct kept_verify_report report;
    int rc = kept_ledger_create(&l->a.options, &l->err);
    l->created = rc == 0;
    if (rc == 0)
        rc = kept_ledger_open(&l->a.options, NOTHING, &ledger, &l->err);
    if (rc == 0)
        rc = fill(l, ledger, ENTRIES - 50);
    if (rc == 0)
        rc = kept_ledger_checkpoint(ledger, AT, 1, &l->err);
    if (rc == 0)
        rc = fill(l, ledger, ENTRIES);
    if (rc == 0)
        rc = ask(l, ledger);
    if (rc == 0)
        rc = kept_ledger_export(ledger, l->tiles, 1, &l->err);
    kept_ledger_close(ledger);
    if (rc == 0)
        rc = kept_ledger_verify(l->a.folder, ORIGIN, l->a.public_key, kept_buf_span(&l->a.anchor), &report,
                                &l->err);
    return rc;
}

struct same {
    uint64_t next;
};

static int same(void *arg, uint64_t index, struct kept_span entry)
{
    struct same *s = arg;
    uint8_t bytes[128];
    assert_int_equal(index, s->next++);
    assert_int_equal(entry.n, aid_entry(index, bytes));
    assert_memory_equal(entry.p, bytes, entry.n);
    return 0;
}

static void check(struct life *l, const char *where)
{
    struct kept_ledger *ledger = NULL;
    struct kept_verify_report report;
    struct same s = {0};
    int rc = 0;
    if (!l->created) { /* an interrupted creation can be done again */
        rc = kept_ledger_create(&l->a.options, &l->err);
        if (rc != 0 && rc != KEPT_E_CONFLICT)
            fail_msg("%s: made again: %d %s", where, rc, l->err.text);
    }
    rc = kept_ledger_open(&l->a.options, kept_buf_span(&l->a.anchor), &ledger, &l->err);
    if (rc != 0)
        fail_msg("%s: opened again: %d %s", where, rc, l->err.text);
    if (kept_ledger_size(ledger) < l->durable)
        fail_msg("%s: %lu entries of %lu", where, (unsigned long)kept_ledger_size(ledger),
                 (unsigned long)l->durable);
    assert_int_equal(kept_ledger_each(ledger, 0, same, &s, &l->err), 0);
    assert_int_equal(s.next, kept_ledger_size(ledger));
    assert_int_equal(fill(l, ledger, ENTRIES + 10), 0);
    assert_int_equal(kept_ledger_checkpoint(ledger, AT + 5000, 1, &l->err), 0);
    assert_int_equal(ask(l, ledger), 0);
    kept_ledger_close(ledger);
    rc = kept_ledger_verify(l->a.folder, ORIGIN, l->a.public_key, kept_buf_span(&l->a.anchor), &report, &l->err);
    if (rc != 0)
        fail_msg("%s: verify: %d %s", where, rc, report.what);
    assert_int_equal(report.checkpoint_size, ENTRIES + 10);
}

static bool one(enum failing what, long n, bool lasting)
{
    static struct life l;
    char where[80];
    l = (struct life){.created = false};
    (void)snprintf(where, sizeof where, "%s %ld%s", names[what], n, lasting ? " and all behind it" : "");
    (void)snprintf(l.a.root, sizeof l.a.root, "%s/kept-ledger-XXXXXX",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    assert_non_null(mkdtemp(l.a.root));
    (void)snprintf(l.a.folder, sizeof l.a.folder, "%s/log", l.a.root);
    (void)snprintf(l.tiles, sizeof l.tiles, "%s/tiles", l.a.root);
    kept_buf_init(&l.a.anchor, MAX_NOTE);
    kept_sign_public(SEED, l.a.public_key);
    l.a.options = (struct kept_ledger_options){.folder = l.a.folder, .origin = ORIGIN, .seed = SEED,
                                               .segment_bytes = 2048, .anchor = aid_anchor, .anchor_arg = &l.a};
    if (what == MEMORY)
        scarce_begin(n, !lasting);
    else
        disk_fail(l.a.root, kinds[what], n, EIO, lasting);
    int rc = live(&l);
    scarce_end();
    disk_fail_off();
    bool failed = what == MEMORY ? scarce_failed() != 0 : disk_failed() != 0;
    if (rc != 0 && rc != (what == MEMORY ? KEPT_E_NOMEM : KEPT_E_IO))
        fail_msg("%s: %d %s", where, rc, l.err.text);
    if (!failed)
        assert_int_equal(rc, 0);
    check(&l, where);
    kept_buf_release(&l.a.anchor);
    aid_remove(l.a.root);
    return failed;
}

/* Of the hundreds all with KEPT_LONG; else the first and every few of the others. */
static void sweep(enum failing what)
{
    bool every = getenv("KEPT_LONG") != NULL;
    for (int lasting = 0; lasting < 2; lasting++) {
        long n = 0, tried = 0;
        while (one(what, n, lasting != 0)) {
            n += every || n < 30 ? 1 : lasting != 0 ? 2 + n / 12 : 1 + n / 40;
            tried++;
        }
        print_message("%s: %ld of %ld\n", names[what], tried, n);
        assert_in_range(n, 20, 20000);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation),
        cmocka_unit_test(every_read),
        cmocka_unit_test(every_change),
    };
    assert_int_equal(kept_crypto_init(), 0);
    return cmocka_run_group_tests(tests, scarce_hook_up, NULL);
}
