/* test_failures.c - a log's whole life while the nth allocation, read or change of the disk fails, for
 * every n: the error is a clean one; opened again, every entry that was synced is there, as it was, and
 * the log verifies and goes on. */
#include <errno.h>

#include "aid.h"

#include "../aid/disk.h"
#include "../aid/scarce.h"

#define ENTRIES 560u /* two blocks and some, in more than sixteen segments */

enum failing { MEMORY, READS, CHANGES, FAILINGS };
static const unsigned kinds[FAILINGS] = {0, DISK_READ | DISK_LOOK, DISK_ALL};
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

static void life_up(struct life *l)
{
    *l = (struct life){.created = false};
    (void)snprintf(l->a.root, sizeof l->a.root, "%s/kept-ledger-XXXXXX",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    assert_non_null(mkdtemp(l->a.root));
    (void)snprintf(l->a.folder, sizeof l->a.folder, "%s/log", l->a.root);
    (void)snprintf(l->tiles, sizeof l->tiles, "%s/tiles", l->a.root);
    kept_buf_init(&l->a.anchor, MAX_NOTE);
    kept_sign_public(SEED, l->a.public_key);
    l->a.options = (struct kept_ledger_options){.folder = l->a.folder, .origin = ORIGIN, .seed = SEED,
                                                .segment_bytes = 2048, .anchor = aid_anchor, .anchor_arg = &l->a};
}

static bool one(enum failing what, long n, bool lasting)
{
    static struct life l;
    char where[80];
    (void)snprintf(where, sizeof where, "%s %ld%s", names[what], n, lasting ? " and all behind it" : "");
    life_up(&l);
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

/* ---- every question, every failure -------------------------------------------------------------- */

/* A log that was made once, and is asked while one thing fails: all of them, for each question. */
struct asked {
    struct life *l;
    struct kept_ledger *ledger;
    struct kept_buf out;
    char tiles[96];
};

static int ask_each(struct asked *q)
{
    return kept_ledger_each(q->ledger, 0, ignore, NULL, &q->l->err);
}

static int ask_trail(struct asked *q)
{
    uint8_t key[16];
    aid_key(3, key);
    return kept_ledger_trail(q->ledger, key, ignore, NULL, &q->l->err);
}

static int ask_entry(struct asked *q)
{
    return kept_ledger_entry(q->ledger, 300, &q->out, &q->l->err);
}

static int ask_proof(struct asked *q)
{
    return kept_ledger_prove(q->ledger, 77, 500, &q->out, &q->l->err);
}

static int ask_consistency(struct asked *q)
{
    return kept_ledger_prove_consistency(q->ledger, 300, 500, &q->out, &q->l->err);
}

static int ask_text(struct asked *q)
{
    return kept_ledger_prove_text(q->ledger, 77, &q->out, &q->l->err);
}

static int ask_export(struct asked *q)
{
    aid_remove(q->tiles);
    return kept_ledger_export(q->ledger, q->tiles, 1, &q->l->err);
}

/* Into a folder that holds a former one. */
static int ask_export_again(struct asked *q)
{
    return kept_ledger_export(q->ledger, q->tiles, 1, &q->l->err);
}

static int ask_verify(struct asked *q)
{
    struct kept_verify_report report;
    return kept_ledger_verify(q->l->a.folder, ORIGIN, q->l->a.public_key, kept_buf_span(&q->l->a.anchor), &report,
                              &q->l->err);
}

/* Damage the index that holds the first block. */
static void damage(const char *folder, uint32_t segment)
{
    char name[NAME_BYTES];
    kept_index_name(name, segment);
    aid_put(folder, name, "junk", 4);
}

/* What it held is made anew while something fails. */
static int ask_damaged(struct asked *q)
{
    damage(q->l->a.folder, kept_ledger_segment_of(q->ledger, BLOCK - 1));
    return ask_proof(q);
}

static int ask_tile(struct asked *q)
{
    const struct kept_tile tile = {false, 0, 0, BLOCK};
    damage(q->l->a.folder, kept_ledger_segment_of(q->ledger, BLOCK - 1));
    return kept_ledger_tile(q->ledger, &tile, &q->out, &q->l->err);
}

static int ask_bundle(struct asked *q)
{
    const struct kept_tile tile = {true, 0, 1, 200};
    return kept_ledger_tile(q->ledger, &tile, &q->out, &q->l->err);
}

/* Sixteen lists made one again. */
static int ask_merged(struct asked *q)
{
    kept_list_demote(q->ledger, 1, 0);
    return kept_lists_upkeep(q->ledger, 1, &q->l->err);
}

static int ask_grown(struct asked *q)
{
    return fill(q->l, q->ledger, kept_ledger_size(q->ledger) + 30);
}

static int ask_checkpoint(struct asked *q)
{
    int rc = ask_grown(q);
    return rc != 0 ? rc : kept_ledger_checkpoint(q->ledger, AT + 9000, 1, &q->l->err);
}

static const struct {
    const char *name;
    int (*ask)(struct asked *q);
    bool writes; /* behind a failed write the handle is of no more use */
} questions[] = {{"each", ask_each, false}, {"trail", ask_trail, false}, {"entry", ask_entry, false},
                 {"proof", ask_proof, false}, {"consistency", ask_consistency, false}, {"text", ask_text, false},
                 {"export", ask_export, false}, {"export again", ask_export_again, false}, {"verify", ask_verify, false}, {"damaged", ask_damaged, false},
                 {"tile", ask_tile, false}, {"bundle", ask_bundle, false},
                 {"merged", ask_merged, false}, {"grown", ask_grown, true}, {"checkpoint", ask_checkpoint, true}};

static void begin(struct life *l, enum failing what, long n)
{
    if (what == MEMORY)
        scarce_begin(n, true);
    else
        disk_fail(l->a.root, kinds[what], n, EIO, false);
}

/* Whether anything failed. */
static bool end(enum failing what)
{
    scarce_end();
    disk_fail_off();
    return what == MEMORY ? scarce_failed() != 0 : disk_failed() != 0;
}

static bool ask_one(struct life *l, const char *pristine, size_t question, enum failing what, long n)
{
    struct asked q = {.l = l};
    (void)snprintf(q.tiles, sizeof q.tiles, "%s/out", l->a.root);
    kept_buf_init(&q.out, 1 << 20);
    aid_copy(pristine, l->a.folder);
    kept_buf_release(&l->a.anchor);
    aid_get(pristine, "checkpoint", &l->a.anchor);
    aid_open(&l->a);
    q.ledger = l->a.ledger;
    uint64_t size = kept_ledger_size(q.ledger);
    if (questions[question].ask == ask_export_again)
        assert_int_equal(ask_export(&q), 0);
    begin(l, what, n);
    int rc = questions[question].ask(&q);
    bool failed = end(what);
    if (rc != 0 && (rc != (what == MEMORY ? KEPT_E_NOMEM : KEPT_E_IO) || !failed))
        fail_msg("%s, %s %ld: %d %s", questions[question].name, names[what], n, rc, l->err.text);
    if (rc != 0)
        assert_int_equal(q.out.n, 0);
    if (questions[question].writes) {
        l->durable = 0;
        aid_reopen(&l->a);
        q.ledger = l->a.ledger;
        assert_true(kept_ledger_size(q.ledger) >= size);
    }
    assert_int_equal(ask(l, q.ledger), 0); /* which mends a damaged index; upkeep writes it */
    assert_int_equal(kept_ledger_checkpoint(q.ledger, AT + 99000, 1, &l->err), 0);
    assert_int_equal(ask_verify(&q), 0);
    kept_buf_release(&q.out);
    aid_close(&l->a);
    return failed;
}

/* Opening is asked while something fails: with an anchor that was not published, with a last segment whose
 * header is torn, with a torn tail, and with a damaged index. */
static bool open_one(struct life *l, const char *pristine, struct kept_span anchored, enum failing what, long n)
{
    struct kept_ledger *ledger = NULL;
    aid_copy(pristine, l->a.folder);
    begin(l, what, n);
    int rc = kept_ledger_open(&l->a.options, anchored, &ledger, &l->err);
    bool failed = end(what);
    if (rc != 0 && (rc != (what == MEMORY ? KEPT_E_NOMEM : KEPT_E_IO) || !failed))
        fail_msg("open, %s %ld: %d %s", names[what], n, rc, l->err.text);
    assert_int_equal(ledger == NULL, rc != 0);
    kept_ledger_close(ledger);
    assert_int_equal(kept_ledger_open(&l->a.options, anchored, &ledger, &l->err), 0);
    assert_int_equal(ask(l, ledger), 0);
    kept_ledger_close(ledger);
    return failed;
}

static void every_opening(struct life *l, const char *pristine)
{
    static const char *const wrongs[] = {"nothing", "late anchor", "torn header", "torn tail", "damaged index"};
    struct kept_buf newest, log;
    kept_buf_init(&newest, MAX_NOTE);
    aid_copy(pristine, l->a.folder);
    kept_buf_release(&l->a.anchor);
    aid_get(pristine, "checkpoint", &l->a.anchor);
    aid_open(&l->a);
    aid_checkpoint(&l->a); /* of a copy: pristine does not hold it */
    kept_buf_bytes(&newest, l->a.anchor.p, l->a.anchor.n);
    for (int i = 0; i < 60; i++) /* signed by others too: it needs more room than the one published */
        kept_buf_text(&newest, "\xe2\x80\x94 witness.example/of/all/logs AAAAAAAA\n");
    uint32_t last = (uint32_t)l->a.ledger->seg_n - 1, first_block = kept_ledger_segment_of(l->a.ledger, BLOCK - 1);
    aid_close(&l->a);
    for (size_t wrong = 0; wrong < sizeof wrongs / sizeof wrongs[0]; wrong++) {
        char name[NAME_BYTES];
        kept_segment_name(name, last + 1);
        if (wrong == 2)
            aid_put(pristine, name, "a header that was not written to its end", 40);
        if (wrong == 3) {
            kept_remove(pristine, name);
            kept_segment_name(name, last);
            aid_get(pristine, name, &log);
            kept_buf_bytes(&log, "\x00\x00\x00\x20torn", 8);
            aid_put(pristine, name, log.p, log.n);
            kept_buf_release(&log);
        }
        if (wrong == 4)
            damage(pristine, first_block);
        for (unsigned what = 0; what < FAILINGS; what++) {
            long n = 0;
            while (open_one(l, pristine, wrong == 0 ? NOTHING : kept_buf_span(&newest), (enum failing)what, n))
                n++;
            print_message("open, %s, %s: %ld\n", wrongs[wrong], names[what], n);
        }
    }
    kept_buf_release(&newest);
}

static void every_question(void **state)
{
    static struct life l;
    char pristine[96];
    (void)state;
    life_up(&l);
    (void)snprintf(pristine, sizeof pristine, "%s/pristine", l.a.root);
    assert_int_equal(kept_ledger_create(&l.a.options, &l.err), 0);
    aid_open(&l.a);
    assert_int_equal(fill(&l, l.a.ledger, ENTRIES - 50), 0);
    assert_int_equal(kept_ledger_checkpoint(l.a.ledger, AT, 1, &l.err), 0);
    assert_int_equal(fill(&l, l.a.ledger, ENTRIES), 0);
    aid_close(&l.a);
    assert_int_equal(rename(l.a.folder, pristine), 0);
    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++)
        for (unsigned what = 0; what < FAILINGS; what++) {
            long n = 0;
            while (ask_one(&l, pristine, i, (enum failing)what, n))
                n++;
            print_message("%s, %s: %ld\n", questions[i].name, names[what], n);
            assert_in_range(n, 0, 3000);
        }
    every_opening(&l, pristine);
    kept_buf_release(&l.a.anchor);
    aid_remove(l.a.root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation),
        cmocka_unit_test(every_read),
        cmocka_unit_test(every_change),
        cmocka_unit_test(every_question),
    };
    assert_int_equal(kept_crypto_init(), 0);
    return cmocka_run_group_tests(tests, scarce_hook_up, NULL);
}
