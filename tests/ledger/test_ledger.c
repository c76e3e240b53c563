/* The log: what is appended is found again - in memory, in files, after opening - by place, by id and
 * by person; checkpoints; two threads; and what is refused. */
#include "aid.h"

struct seen {
    uint64_t at[4096];
    size_t n, stop;
    bool bytes_fit;
};

static int see(void *arg, uint64_t index, struct kept_span entry)
{
    struct seen *s = arg;
    uint8_t want[128];
    size_t n = aid_entry(index, want);
    s->bytes_fit = s->bytes_fit && n == entry.n && kept_bytes_equal(entry.p, want, n);
    s->at[s->n++] = index;
    return s->stop != 0 && s->n == s->stop;
}

static void check_entry(struct aid *a, uint64_t i)
{
    struct kept_buf bytes;
    uint8_t want[128];
    size_t n = aid_entry(i, want);
    kept_buf_init(&bytes, 1000);
    assert_int_equal(kept_ledger_entry(a->ledger, i, &bytes, NULL), 0);
    assert_int_equal(bytes.n, n);
    assert_memory_equal(bytes.p, want, n);
    kept_buf_release(&bytes);
}

/* Every person's trail is exactly that person's entries, in order. */
static void check_trails(struct aid *a)
{
    static struct seen s;
    uint64_t size = kept_ledger_size(a->ledger);
    for (unsigned person = 0; person < 11; person++) {
        uint8_t key[16];
        size_t n = 0;
        aid_key(person, key);
        s = (struct seen){.bytes_fit = true};
        assert_int_equal(kept_ledger_trail(a->ledger, key, see, &s, NULL), 0);
        assert_true(s.bytes_fit);
        for (uint64_t i = person; person != 10 && i < size; i += 11)
            assert_true(n < s.n && s.at[n++] == i);
        assert_int_equal(s.n, n);
    }
    uint8_t key[16];
    aid_key(3, key);
    s = (struct seen){.bytes_fit = true, .stop = 2};
    assert_int_equal(kept_ledger_trail(a->ledger, key, see, &s, NULL), 0);
    assert_int_equal(s.n, size < 4 ? 0 : size < 15 ? 1 : 2);
}

static void check_all(struct aid *a)
{
    static struct seen s;
    uint64_t size = kept_ledger_size(a->ledger), index = 0;
    uint8_t root[32], want[32];
    for (uint64_t i = 0; i < size; i += 1 + size / 97)
        check_entry(a, i);
    s = (struct seen){.bytes_fit = true};
    assert_int_equal(kept_ledger_each(a->ledger, size / 3, see, &s, NULL), 0);
    assert_int_equal(s.n, size - size / 3);
    for (size_t i = 0; i < s.n; i++)
        assert_int_equal(s.at[i], size / 3 + i);
    assert_true(s.bytes_fit);
    kept_ledger_root(a->ledger, root);
    slow_root(0, size, want);
    assert_memory_equal(root, want, 32);
    if (size != 0) {
        const struct kept_id id = aid_id(size / 2), none = {{1}};
        assert_int_equal(kept_ledger_find(a->ledger, &id, &index, NULL), 0);
        assert_int_equal(index, size / 2);
        assert_int_equal(kept_ledger_find(a->ledger, &none, &index, NULL), KEPT_E_NOTFOUND);
    }
    check_trails(a);
}

static void grow(uint32_t segment_bytes, uint64_t n, uint64_t step, uint64_t batch)
{
    struct aid a;
    aid_start(&a, segment_bytes);
    check_all(&a);
    for (uint64_t size = step; size <= n; size += step) {
        while (kept_ledger_size(a.ledger) < size)
            aid_append(&a, kept_ledger_size(a.ledger));
        check_all(&a); /* from memory and files */
        if (size / step % 2 == 0) {
            aid_fill(&a, size, batch);
            if (size / step % 4 == 0)
                aid_checkpoint(&a);
            aid_verify(&a);
            check_all(&a);
        }
        if (size / step % 6 == 0) {
            aid_sync(&a);
            aid_reopen(&a);
            assert_int_equal(kept_ledger_size(a.ledger), size);
            check_all(&a);
        }
    }
    aid_checkpoint(&a);
    aid_verify(&a);
    aid_end(&a);
}

static void one_segment(void **state)
{
    (void)state;
    grow(0, 600, 25, 1);
}

static void many_segments(void **state)
{
    (void)state;
    grow(4096, 2400, 200, 7);
}

static void tiny_segments(void **state)
{
    (void)state;
    grow(256, 300, 13, 3);
}

/* 300 segments: lists of all three levels exist, and the trail uses them. */
static void lists_merge(void **state)
{
    struct aid a;
    unsigned levels[3] = {0};
    (void)state;
    aid_start(&a, 600);
    aid_fill(&a, 3000, 50);
    aid_checkpoint(&a);
    assert_true(a.ledger->seg_n > 290);
    for (size_t s = 0; s + 1 < a.ledger->seg_n; s++) {
        assert_true(a.ledger->segs[s].list < 3);
        levels[a.ledger->segs[s].list]++;
    }
    assert_int_equal(levels[2], 256);
    assert_true(levels[1] >= 16);
    aid_verify(&a);
    check_trails(&a);
    aid_reopen(&a);
    check_trails(&a);
    aid_verify(&a);
    /* A damaged list costs time, not entries. */
    aid_put(a.folder, "tags-2-00000000", "x", 1);
    check_trails(&a);
    aid_checkpoint(&a);
    aid_verify(&a);
    check_trails(&a);
    aid_end(&a);
}

/* In bites: unforced checkpoints get there as well. */
static void lists_merge_in_bites(void **state)
{
    struct aid a;
    kept_ms now = AT;
    (void)state;
    aid_start(&a, 600);
    for (uint64_t n = 100; n <= 3000; n += 100) {
        aid_fill(&a, n, 10);
        now += 1000;
        assert_int_equal(kept_ledger_checkpoint(a.ledger, now, 0, NULL), 0);
        check_trails(&a);
        aid_verify(&a);
    }
    for (int i = 0; i < 300; i++) {
        now += 1000;
        assert_int_equal(kept_ledger_checkpoint(a.ledger, now, 0, NULL), 0);
    }
    assert_int_equal(a.ledger->segs[0].list, 2);
    aid_verify(&a);
    aid_end(&a);
}

static void count_ids(void *arg, const struct kept_id *id)
{
    struct kept_id want = aid_id((*(uint64_t *)arg)++);
    assert_true(kept_id_equal(id, &want));
}

static void checkpoints(void **state)
{
    struct aid a;
    struct kept_checkpoint c;
    uint64_t n = 0;
    uint8_t root[32];
    (void)state;
    aid_start(&a, 0);
    assert_int_equal(kept_note_open(kept_ledger_note(a.ledger), a.public_key, &c), 0);
    assert_int_equal(c.size, 0);
    aid_fill(&a, 10, 3);
    aid_append(&a, 10); /* not durable: not covered */
    assert_int_equal(kept_ledger_checkpoint(a.ledger, AT, 0, NULL), 0);
    assert_int_equal(kept_note_open(kept_ledger_note(a.ledger), a.public_key, &c), 0);
    assert_int_equal(c.size, 10);
    slow_root(0, 10, root);
    assert_memory_equal(c.root, root, 32);
    assert_int_equal(kept_buf_span(&a.anchor).n, kept_ledger_note(a.ledger).n);
    aid_fill(&a, 20, 3);
    assert_int_equal(kept_ledger_checkpoint(a.ledger, AT + 999, 0, NULL), 0); /* too soon */
    assert_int_equal(kept_note_open(kept_ledger_note(a.ledger), a.public_key, &c), 0);
    assert_int_equal(c.size, 10);
    n = 10;
    assert_int_equal(kept_ledger_since_checkpoint(a.ledger, count_ids, &n, NULL), 0);
    assert_int_equal(n, 20);
    assert_int_equal(kept_ledger_checkpoint(a.ledger, AT + 1000, 0, NULL), 0);
    assert_int_equal(kept_ledger_since_checkpoint(a.ledger, count_ids, &n, NULL), 0);
    assert_int_equal(n, 20);
    /* An anchor that fails: not published, and the next try publishes. */
    aid_fill(&a, 30, 3);
    a.anchor_fails = 1;
    assert_int_equal(kept_ledger_checkpoint(a.ledger, AT, 1, NULL), KEPT_E_IO);
    assert_int_equal(kept_note_open(kept_ledger_note(a.ledger), a.public_key, &c), 0);
    assert_int_equal(c.size, 20);
    a.anchor_fails = 0;
    aid_checkpoint(&a);
    aid_reopen(&a);
    assert_int_equal(kept_note_open(kept_ledger_note(a.ledger), a.public_key, &c), 0);
    assert_int_equal(c.size, 30);
    aid_end(&a);
}

/* A crash between anchoring and publishing: the anchored checkpoint is taken over. */
static void an_anchored_checkpoint_is_published_late(void **state)
{
    struct aid a;
    struct kept_checkpoint c;
    struct kept_buf old;
    (void)state;
    aid_start(&a, 0);
    aid_fill(&a, 10, 3);
    aid_checkpoint(&a);
    aid_get(a.folder, "checkpoint", &old);
    aid_fill(&a, 20, 3);
    aid_checkpoint(&a);
    aid_close(&a);
    aid_put(a.folder, "checkpoint", old.p, old.n);
    aid_verify(&a);
    aid_open(&a);
    assert_int_equal(kept_note_open(kept_ledger_note(a.ledger), a.public_key, &c), 0);
    assert_int_equal(c.size, 20);
    aid_reopen(&a);
    assert_int_equal(a.ledger->checkpoint.size, 20);
    kept_buf_release(&old);
    aid_end(&a);
}

static void *sync_loop(void *arg)
{
    struct aid *a = arg;
    while (kept_ledger_durable(a->ledger) < 60000)
        if (kept_ledger_sync(a->ledger, kept_ledger_durable(a->ledger) + 1, NULL) == KEPT_E_IO)
            return arg;
    return NULL;
}

static void two_threads(void **state)
{
    struct aid a;
    pthread_t thread;
    void *failed = NULL;
    (void)state;
    aid_start(&a, 100000);
    assert_int_equal(pthread_create(&thread, NULL, sync_loop, &a), 0);
    for (uint64_t i = 0; i < 60000; i++) {
        aid_append(&a, i);
        if (i % 1000 == 0)
            check_entry(&a, i * 7 % (i + 1));
        if (i % 10000 == 0)
            aid_checkpoint(&a);
    }
    assert_int_equal(pthread_join(thread, &failed), 0);
    assert_null(failed);
    aid_checkpoint(&a);
    aid_verify(&a);
    aid_reopen(&a);
    assert_int_equal(kept_ledger_size(a.ledger), 60000);
    aid_end(&a);
}

/* A batch that is being written, in either of the two places, and the next one behind it. */
static void both_batches_are_read(void **state)
{
    (void)state;
    for (uint64_t synced = 5; synced <= 10; synced += 5) {
        struct aid a;
        aid_start(&a, 0);
        aid_fill(&a, synced, 5);
        for (uint64_t i = synced; i < 30; i++) {
            if (i == 20)
                a.ledger->active ^= 1u; /* a writer took it */
            aid_append(&a, i);
        }
        assert_true(a.ledger->batch[0].chunk_n == 1 && a.ledger->batch[1].chunk_n == 1);
        for (uint64_t i = 0; i < 30; i++)
            check_entry(&a, i);
        check_trails(&a);
        aid_end(&a);
    }
}

static void large_entries(void **state)
{
    static uint8_t bytes[KEPT_MAX_ENTRY_BYTES + 1];
    struct aid a;
    struct kept_buf out;
    uint8_t key[16];
    (void)state;
    aid_start(&a, 100000);
    aid_key(1, key);
    bytes[0] = 1;
    for (unsigned i = 0; i < 20; i++) {
        bytes[1] = (uint8_t)i;
        const struct kept_span entry = {bytes, i % 2 == 0 ? KEPT_MAX_ENTRY_BYTES : 17};
        assert_int_equal(kept_ledger_append(a.ledger, entry, key, NULL, NULL, NULL), 0);
    }
    aid_sync(&a);
    aid_checkpoint(&a);
    aid_reopen(&a);
    aid_verify(&a);
    kept_buf_init(&out, 100000);
    for (unsigned i = 0; i < 20; i++) {
        kept_buf_clear(&out);
        assert_int_equal(kept_ledger_entry(a.ledger, i, &out, NULL), 0);
        assert_int_equal(out.n, i % 2 == 0 ? KEPT_MAX_ENTRY_BYTES : 17);
        assert_int_equal(out.p[1], i);
    }
    kept_buf_release(&out);
    aid_end(&a);
}

static void refusals(void **state)
{
    struct aid a;
    struct kept_ledger *none = NULL;
    struct kept_ledger_options o;
    struct kept_buf out;
    uint8_t bytes[128] = {1};
    static uint8_t large[KEPT_MAX_ENTRY_BYTES + 1];
    (void)state;
    aid_start(&a, 0);
    kept_buf_init(&out, 100);
    assert_int_equal(kept_ledger_append(a.ledger, (struct kept_span){bytes, 16}, NULL, NULL, NULL,
                                        NULL), KEPT_E_USAGE);
    assert_int_equal(kept_ledger_append(a.ledger, (struct kept_span){large, sizeof large}, NULL,
                                        NULL, NULL, NULL), KEPT_E_USAGE);
    assert_int_equal(kept_ledger_size(a.ledger), 0);
    assert_int_equal(kept_ledger_sync(a.ledger, 1, NULL), KEPT_E_USAGE);
    assert_int_equal(kept_ledger_entry(a.ledger, 0, &out, NULL), KEPT_E_NOTFOUND);
    assert_int_equal(kept_ledger_prove(a.ledger, 0, 0, &out, NULL), KEPT_E_NOTFOUND);
    assert_int_equal(kept_ledger_prove(a.ledger, 0, 1, &out, NULL), KEPT_E_NOTFOUND);
    assert_int_equal(kept_ledger_prove_text(a.ledger, 0, &out, NULL), KEPT_E_NOTFOUND);
    assert_int_equal(kept_ledger_prove_consistency(a.ledger, 0, 1, &out, NULL), KEPT_E_NOTFOUND);
    aid_append(&a, 0); /* not durable yet: no proof */
    assert_int_equal(kept_ledger_prove(a.ledger, 0, 1, &out, NULL), KEPT_E_NOTFOUND);
    aid_sync(&a);
    assert_int_equal(kept_ledger_create(&a.options, NULL), KEPT_E_CONFLICT);
    o = a.options;
    o.origin = "a b";
    assert_int_equal(kept_ledger_create(&o, NULL), KEPT_E_USAGE);
    o = a.options;
    o.segment_bytes = 100;
    assert_int_equal(kept_ledger_open(&o, NOTHING, &none, NULL), KEPT_E_USAGE);
    o = a.options;
    o.origin = "kept.example/other";
    assert_int_equal(kept_ledger_open(&o, NOTHING, &none, NULL), KEPT_E_CONFLICT);
    o = a.options;
    o.seed = large;
    assert_int_equal(kept_ledger_open(&o, NOTHING, &none, NULL), KEPT_E_CRYPTO);
    o = a.options;
    o.folder = a.root;
    assert_int_equal(kept_ledger_open(&o, NOTHING, &none, NULL), KEPT_E_NOTFOUND);
    assert_null(none);
    kept_ledger_close(NULL);
    kept_buf_release(&out);
    aid_end(&a);
}

/* create was interrupted: it can be done again. */
static void create_again(void **state)
{
    struct aid a;
    (void)state;
    aid_start(&a, 0);
    aid_close(&a);
    for (unsigned cut = 0; cut <= HEADER_BYTES; cut += 32) {
        struct kept_buf seg;
        char path[200];
        aid_get(a.folder, "segment-00000000", &seg);
        aid_put(a.folder, "segment-00000000", seg.p, cut);
        (void)snprintf(path, sizeof path, "%s/checkpoint", a.folder);
        assert_int_equal(unlink(path), 0);
        struct kept_ledger *none = NULL;
        assert_int_equal(kept_ledger_open(&a.options, kept_buf_span(&a.anchor), &none, NULL),
                         KEPT_E_NOTFOUND);
        assert_int_equal(kept_ledger_create(&a.options, NULL), 0);
        aid_open(&a);
        aid_close(&a);
        kept_buf_release(&seg);
    }
    aid_end(&a);
}

/* Everything is gone, but the anchor remembers. */
static void a_ledger_that_is_gone(void **state)
{
    struct aid a;
    struct kept_ledger *none = NULL;
    (void)state;
    aid_start(&a, 0);
    aid_fill(&a, 5, 1);
    aid_checkpoint(&a);
    aid_close(&a);
    aid_remove(a.folder);
    assert_int_equal(kept_ledger_open(&a.options, kept_buf_span(&a.anchor), &none, NULL),
                     KEPT_E_ROLLBACK);
    assert_int_equal(kept_ledger_open(&a.options, NOTHING, &none, NULL), KEPT_E_NOTFOUND);
    aid_end(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_segment),
        cmocka_unit_test(many_segments),
        cmocka_unit_test(tiny_segments),
        cmocka_unit_test(lists_merge),
        cmocka_unit_test(lists_merge_in_bites),
        cmocka_unit_test(checkpoints),
        cmocka_unit_test(an_anchored_checkpoint_is_published_late),
        cmocka_unit_test(two_threads),
        cmocka_unit_test(both_batches_are_read),
        cmocka_unit_test(large_entries),
        cmocka_unit_test(refusals),
        cmocka_unit_test(create_again),
        cmocka_unit_test(a_ledger_that_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
