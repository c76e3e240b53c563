/* test_remnant.c - what is deleted is in no file of the store after a scrub.
 * Needles are planted in cells of all sizes, chunks, tokens, queues; pages split and merge around
 * them; all are deleted; then every file is searched for any eight bytes of any needle. */
#include "store_aid.h"

#define NEEDLE 32
#define PIECE 8
#define MAX_NEEDLES 60000
#define MAX_KEYS 4000

struct haystack {
    uint64_t random;
    uint64_t *pieces; /* open addressing; 0 is empty */
    size_t mask;
    size_t needles;
    size_t hits;
    char first[160]; /* where the first hit was */
};

static void haystack_init(struct haystack *h, uint64_t seed)
{
    *h = (struct haystack){.random = seed, .mask = (1u << 20) - 1};
    h->pieces = calloc(h->mask + 1, sizeof *h->pieces);
    assert_non_null(h->pieces);
}

static uint64_t piece_at(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static uint64_t *slot_of(const struct haystack *h, uint64_t piece)
{
    size_t at = (size_t)(piece * 0x9e3779b97f4a7c15u >> 40) & h->mask;
    while (h->pieces[at] != 0 && h->pieces[at] != piece)
        at = (at + 1) & h->mask;
    return &h->pieces[at];
}

/* Fresh random bytes, remembered by their pieces. */
static void plant(struct haystack *h, uint8_t *p, size_t n)
{
    assert_true(h->needles < MAX_NEEDLES);
    for (size_t i = 0; i + PIECE <= n; i += PIECE) {
        uint64_t piece = aid_random(&h->random);
        memcpy(p + i, &piece, PIECE);
        *slot_of(h, piece) = piece;
    }
    h->needles++;
}

static void search_one(void *arg, const char *path, const char *name)
{
    struct haystack *h = arg;
    size_t n = 0;
    uint8_t *p = aid_load(path, &n);
    for (size_t i = 0; i + PIECE <= n; i++) {
        uint64_t v = piece_at(p + i);
        if (v == 0 || *slot_of(h, v) == 0)
            continue;
        if (h->hits++ == 0)
            (void)snprintf(h->first, sizeof h->first, "%s page %zu at %zu", name, i / KEPT_STORE_PAGE + 1,
                           i % KEPT_STORE_PAGE);
    }
    free(p);
}

static size_t search(struct haystack *h, const char *folder)
{
    h->hits = 0;
    aid_folder_each(folder, search_one, h);
    return h->hits;
}

/* ---- a busy store ------------------------------------------------------------------------------*/

struct world {
    struct haystack hay;
    struct kept_store *store;
    char folder[AID_PATH];
    uint8_t body[40000];
};

static size_t pick_size(struct world *w)
{
    uint64_t r = aid_random(&w->hay.random) % 100;
    uint64_t s = aid_random(&w->hay.random);
    return NEEDLE + (size_t)(r < 60 ? s % 120 : r < 85 ? s % 600 : r < 97 ? s % 6000 : s % 39000);
}

/* A body of filler, with a needle somewhere in it or without. */
static struct kept_span make_body(struct world *w, size_t size, bool needle)
{
    memset(w->body, 'f', size);
    if (needle)
        plant(&w->hay, w->body + aid_random(&w->hay.random) % (size - NEEDLE + 1), NEEDLE);
    return (struct kept_span){w->body, size};
}

static uint64_t pick_key(struct world *w)
{
    uint64_t r = aid_random(&w->hay.random) % MAX_KEYS;
    return KEPT_KEY(1, 1 + r / 20, r % 20);
}

/* The others hold filler only, and stay: pages live on after their needles are gone. */
static bool has_needle(uint64_t key)
{
    return key % 3 == 0;
}

static void one_change(struct world *w)
{
    struct kept_store *s = w->store;
    uint64_t key = pick_key(w), seq;
    uint8_t token[16];
    struct kept_id id;
    switch (aid_random(&w->hay.random) % 12) {
    case 0:
    case 1:
    case 2:
        must(kept_cell_delete(s, key, &err));
        break;
    case 3:
        must(kept_chunk_put(s, key, (uint32_t)(key % 3), make_body(w, pick_size(w), true), &err));
        break;
    case 4:
        plant(&w->hay, token, sizeof token);
        must(kept_token_put(s, 1, token, key, &err));
        break;
    case 5:
        plant(&w->hay, id.b, sizeof id.b);
        must(kept_queue_put(s, KEPT_QUEUE_LEDGER, 1, key, &id,
                            make_body(w, pick_size(w) % 3000 + NEEDLE, true), &seq, &err));
        break;
    default:
        must(kept_cell_put(s, key, make_body(w, pick_size(w), has_needle(key)), &err));
    }
}

static void one_transaction(struct world *w, int changes)
{
    must(kept_store_begin_write(w->store, &err));
    for (int i = 0; i < changes; i++) {
        bool mark = aid_random(&w->hay.random) % 5 == 0;
        if (mark)
            must(kept_store_mark(w->store, &err));
        one_change(w);
        if (mark && i % 2 == 0)
            must(kept_store_undo(w->store, &err));
        else if (mark)
            must(kept_store_keep(w->store, &err));
    }
    if (aid_random(&w->hay.random) % 10 == 0)
        kept_store_rollback(w->store);
    else
        must(kept_store_commit(w->store, &err));
}

static void grow(struct world *w, int transactions)
{
    for (int i = 0; i < transactions; i++) {
        one_transaction(w, (int)(aid_random(&w->hay.random) % 40));
        if (i % 50 == 49)
            assert_int_equal(sqlite3_wal_checkpoint_v2(w->store->sql->db, NULL,
                                                       SQLITE_CHECKPOINT_PASSIVE, NULL, NULL),
                             SQLITE_OK);
    }
}

/* Delete in bites, one by one, and by putting something else in the place. */
static void delete_needles(struct world *w)
{
    const uint64_t end = KEPT_KEY(2, 0, 0);
    uint32_t n;
    struct kept_store *s = w->store;
    must(kept_store_begin_write(s, &err));
    for (uint64_t i = 0; i < MAX_KEYS; i++) {
        uint64_t key = KEPT_KEY(1, 1 + i / 20, i % 20);
        if (has_needle(key) && i % 4 == 0)
            must(kept_cell_put(s, key, make_body(w, 40 + i % 200, false), &err));
        else if (has_needle(key) && i % 4 != 3)
            must(kept_cell_delete(s, key, &err));
    }
    must(kept_store_commit(s, &err));
    for (uint64_t i = 0; i < MAX_KEYS; i++) {
        uint64_t key = KEPT_KEY(1, 1 + i / 20, i % 20);
        if (!has_needle(key) || i % 4 == 0)
            continue;
        must(kept_store_begin_write(s, &err));
        must(kept_cell_delete_range(s, key, key, 1, &n, &err));
        must(kept_store_commit(s, &err));
    }
    for (n = 1; n > 0;) {
        must(kept_store_begin_write(s, &err));
        must(kept_chunk_delete_range(s, 0, end, 100, &n, &err));
        must(kept_store_commit(s, &err));
    }
    for (n = 1; n > 0;) {
        must(kept_store_begin_write(s, &err));
        must(kept_token_delete_range(s, 0, end, 100, &n, &err));
        must(kept_store_commit(s, &err));
    }
    must(kept_store_begin_write(s, &err));
    must(kept_queue_delete(s, KEPT_QUEUE_LEDGER, INT64_MAX, &err));
    must(kept_store_commit(s, &err));
}

static struct world *world_new(uint64_t seed)
{
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    haystack_init(&w->hay, seed);
    w->store = aid_new(w->folder);
    /* A cache so small that unfinished transactions spill into the log. */
    assert_int_equal(sqlite3_exec(w->store->sql->db, "PRAGMA cache_size=-400", NULL, NULL, NULL), 0);
    return w;
}

static void world_free(struct world *w)
{
    aid_end(w->store, w->folder);
    free(w->hay.pieces);
    free(w);
}

static void expect_none(struct world *w, const char *folder)
{
    if (search(&w->hay, folder) != 0)
        fail_msg("%zu pieces of %zu needles are left, the first in %s", w->hay.hits,
                 w->hay.needles, w->hay.first);
}

static void no_needle_is_left_after_a_scrub(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct world *w = world_new(seed * 7919);
        bool done = false;
        grow(w, 300);
        must(kept_store_check(w->store, &err));
        assert_true(search(&w->hay, w->folder) > 1000);
        delete_needles(w);
        must(kept_store_scrub(w->store, &done, &err));
        assert_true(done);
        expect_none(w, w->folder);
        must(kept_store_check(w->store, &err));
        must(kept_store_shrink(w->store, 100, &err));
        must(kept_store_scrub(w->store, &done, &err));
        expect_none(w, w->folder);
        must(kept_store_check(w->store, &err));
        world_free(w);
    }
}

/* The same with SQLite's own file methods back in place: secure_delete alone is not enough. If this
 * ever finds nothing, the tests around it prove nothing. */
static void without_the_wipe_needles_are_left(void **state)
{
    (void)state;
    struct world *w = world_new(7919);
    sqlite3_file *file = NULL;
    bool done = false;
    assert_int_equal(
        sqlite3_file_control(w->store->sql->db, "main", SQLITE_FCNTL_FILE_POINTER, &file), SQLITE_OK);
    file->pMethods = w->store->sql->wipe.below;
    grow(w, 300);
    delete_needles(w);
    must(kept_store_scrub(w->store, &done, &err));
    assert_true(done);
    size_t hits = search(&w->hay, w->folder);
    print_message("without the wipe: %zu pieces of %zu needles are left\n", hits, w->hay.needles);
    assert_true(hits > 0);
    world_free(w);
}

static void a_foreign_reader_delays_the_scrub(void **state)
{
    (void)state;
    struct world *w = world_new(104729);
    sqlite3 *reader = NULL;
    bool done = true;
    grow(w, 100);
    assert_int_equal(sqlite3_open(w->store->sql->path, &reader), SQLITE_OK);
    assert_int_equal(sqlite3_exec(reader, "BEGIN; SELECT count(*) FROM cell", NULL, NULL, NULL),
                     SQLITE_OK);
    delete_needles(w);
    must(kept_store_scrub(w->store, &done, &err));
    assert_false(done);
    assert_true(search(&w->hay, w->folder) > 0);
    assert_int_equal(sqlite3_exec(reader, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    must(kept_store_scrub(w->store, &done, &err));
    assert_true(done);
    expect_none(w, w->folder);
    assert_int_equal(sqlite3_close(reader), SQLITE_OK);
    expect_none(w, w->folder);
    world_free(w);
}

static void killed_before_the_scrub(void **state)
{
    (void)state;
    struct world *w = world_new(1299709);
    char copy[AID_PATH], shm[AID_PATH];
    bool done = false;
    grow(w, 100);
    delete_needles(w);
    aid_folder_make(copy);
    aid_folder_copy(w->folder, copy); /* what a killed process leaves */
    aid_join(shm, copy, "store.db-shm");
    assert_int_equal(unlink(shm), 0);
    struct kept_store *store = aid_open(copy);
    must(kept_store_scrub(store, &done, &err));
    assert_true(done);
    expect_none(w, copy);
    must(kept_store_check(store, &err));
    aid_end(store, copy);
    world_free(w);
}

static void closing_leaves_no_needle(void **state)
{
    (void)state;
    struct world *w = world_new(15485863);
    grow(w, 100);
    delete_needles(w);
    kept_store_close(w->store);
    expect_none(w, w->folder);
    w->store = aid_open(w->folder);
    world_free(w);
}

/* ---- the page wipe by itself -------------------------------------------------------------------*/

static void pages_that_are_not_trees_stay(void **state)
{
    (void)state;
    uint8_t page[KEPT_STORE_PAGE], before[KEPT_STORE_PAGE];
    const uint8_t heads[][8] = {
        {0, 0, 0, 9, 'x'},                     /* overflow, with a next page */
        {1, 0xff, 0xff, 0xff, 0, 0, 0, 0},     /* the highest page number there can be */
        {0x0d, 0, 0, 0, 1, 0, 4, 0},           /* cells start before their pointers end */
        {0x0d, 0, 0, 0, 1, 0xff, 0xff, 0},     /* cells start behind the page */
        {0x05, 0, 0, 0, 0, 0x10, 0, 0},        /* a pointer map (page 2 below) */
    };
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        memset(page, 'x', sizeof page);
        memcpy(page, heads[i], sizeof heads[i]);
        memcpy(before, page, sizeof page);
        kept_wipe_page(page, i == 4 ? 2 : 3);
        assert_memory_equal(page, before, sizeof page);
    }
    /* The same bytes at the second pointer map, and around it. */
    memcpy(page, heads[4], sizeof heads[4]);
    memcpy(before, page, sizeof page);
    kept_wipe_page(page, 2 + KEPT_STORE_PAGE / 5 + 1);
    assert_memory_equal(page, before, sizeof page);
    kept_wipe_page(page, 3 + KEPT_STORE_PAGE / 5 + 1);
    assert_memory_not_equal(page, before, sizeof page);
}

static void damaged_free_blocks_end(void **state)
{
    (void)state;
    uint8_t page[KEPT_STORE_PAGE];
    uint64_t random = 42;
    for (int round = 0; round < 20000; round++) {
        for (size_t i = 0; i < sizeof page; i += 8) {
            uint64_t v = aid_random(&random);
            memcpy(page + i, &v, 8);
        }
        page[0] = (uint8_t[]){2, 5, 10, 13}[round % 4];
        page[3] = 0;
        page[5] = (uint8_t)(round % 16);
        kept_wipe_page(page, 3); /* ends, and stays inside the page (sanitizers) */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_needle_is_left_after_a_scrub),
        cmocka_unit_test(without_the_wipe_needles_are_left),
        cmocka_unit_test(a_foreign_reader_delays_the_scrub),
        cmocka_unit_test(killed_before_the_scrub),
        cmocka_unit_test(closing_leaves_no_needle),
        cmocka_unit_test(pages_that_are_not_trees_stay),
        cmocka_unit_test(damaged_free_blocks_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
