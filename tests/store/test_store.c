/* test_store.c - every function of the store: what it does, and what it refuses. */
#include "store_aid.h"

#include "base/file.h"

#define ALL INT64_MAX

/* ---- visitors ----------------------------------------------------------------------------------*/

struct seen {
    size_t count;
    size_t stop_after; /* 0: never */
    uint64_t number[64];
    uint32_t app[64];
    char text[64][32];
};

static int note(struct seen *seen, uint64_t number, const void *p, size_t n)
{
    size_t i = seen->count++;
    assert_true(i < 64 && n < 32);
    seen->number[i] = number;
    memcpy(seen->text[i], p, n);
    seen->text[i][n] = 0;
    return seen->count == seen->stop_after ? 77 : 0;
}

/* A walk over a list of keys, the next of which a body may name. */
struct walk {
    struct seen seen;
    const uint64_t *keys;
    size_t count, at;
    uint64_t follow; /* asked for before the rest of the list; 0: none */
};

static bool walk_next(void *arg, uint64_t *ret_key)
{
    struct walk *w = arg;
    if (w->follow != 0) {
        *ret_key = w->follow;
        w->follow = 0;
        return true;
    }
    if (w->at == w->count)
        return false;
    *ret_key = w->keys[w->at++];
    return true;
}

static int saw_cell(void *arg, struct kept_span body)
{
    struct walk *w = arg;
    if (body.n == 2 && body.p[0] == '>')
        w->follow = body.p[1];
    return note(&w->seen, w->at - 1, body.p, body.n);
}

static int saw_key(void *arg, uint64_t key)
{
    return note(arg, key, "", 0);
}

static int saw_row(void *arg, uint64_t seq, uint32_t app, uint64_t key, const struct kept_id *id,
                   struct kept_span body)
{
    struct seen *seen = arg;
    assert_int_equal(id->b[0], key);
    seen->app[seen->count] = app;
    return note(seen, seq, body.p, body.n);
}

static int saw_app(void *arg, uint32_t app, const char *name)
{
    return note(arg, app, name, strlen(name));
}

static int saw_policy(void *arg, uint32_t version, kept_ms effective, kept_ms published,
                      struct kept_span text)
{
    assert_int_equal(effective, (kept_ms)version * 10);
    assert_int_equal(published, (kept_ms)version * 10 + 1);
    return note(arg, version, text.p, text.n);
}

static void expect_cell(struct kept_store *store, uint64_t key, const char *text)
{
    struct kept_span body;
    must(kept_cell_get(store, key, &body, &err));
    assert_int_equal(body.n, strlen(text));
    assert_memory_equal(body.p == NULL ? (const void *)"" : body.p, text, body.n);
}

static void put(struct kept_store *store, uint64_t key, const char *text)
{
    must(kept_cell_put(store, key, aid_text(text), &err));
}

/* ---- cells -------------------------------------------------------------------------------------*/

static void cells_come_back(void **state)
{
    (void)state;
    char folder[AID_PATH];
    struct kept_store *s = aid_new(folder);
    struct kept_span body;
    uint64_t next = 0;
    must(kept_store_begin_write(s, &err));
    put(s, 0, "first");
    put(s, ALL, "last");
    put(s, KEPT_KEY(1023, (1ull << 33) - 1, (1u << 20) - 2), "");
    put(s, 5, "old");
    put(s, 5, "new");
    must(kept_store_commit(s, &err));
    expect_cell(s, 0, "first");
    expect_cell(s, ALL, "last");
    expect_cell(s, ALL - 1, "");
    expect_cell(s, 5, "new");
    must_fail(KEPT_E_NOTFOUND, kept_cell_get(s, 6, &body, &err));
    must(kept_cell_next(s, 1, &next, &err));
    assert_int_equal(next, 5);
    must(kept_cell_next(s, 6, &next, &err));
    assert_int_equal(next, ALL - 1);
    must_fail(KEPT_E_NOTFOUND, kept_cell_next(s, UINT64_MAX, &next, &err));
    must(kept_store_begin_write(s, &err));
    must(kept_cell_delete(s, ALL, &err));
    must(kept_cell_delete(s, ALL - 1, &err));
    must(kept_cell_delete(s, 12345, &err)); /* absent: fine */
    must(kept_store_commit(s, &err));
    must_fail(KEPT_E_NOTFOUND, kept_cell_next(s, 6, &next, &err));
    must_fail(KEPT_E_USAGE, kept_cell_get(s, 1ull << 63, &body, &err));
    aid_end(s, folder);
}

/* What the full check walks by. */
static void keys_and_numbers_of_chunks_and_tokens(void **state)
{
    (void)state;
    char folder[AID_PATH];
    struct kept_store *s = aid_new(folder);
    uint8_t token[16] = {7}, other[16] = {8};
    uint64_t key = 0, n = 0;
    must(kept_store_begin_write(s, &err));
    must(kept_chunk_put(s, 20, 0, aid_text("a"), &err));
    must(kept_chunk_put(s, 20, 1, aid_text("b"), &err));
    must(kept_chunk_put(s, ALL, 0, aid_text("c"), &err));
    must(kept_token_put(s, 1, token, 30, &err));
    must(kept_token_put(s, 2, token, 30, &err));
    must(kept_token_put(s, 1, other, 31, &err));
    must(kept_store_commit(s, &err));
    must(kept_chunk_next(s, 0, &key, &err));
    assert_int_equal(key, 20);
    must(kept_chunk_next(s, 21, &key, &err));
    assert_int_equal(key, ALL);
    must_fail(KEPT_E_NOTFOUND, kept_chunk_next(s, UINT64_MAX, &key, &err));
    must(kept_chunk_count(s, 20, 20, &n, &err));
    assert_int_equal(n, 2);
    must(kept_chunk_count(s, 0, ALL, &n, &err));
    assert_int_equal(n, 3);
    must(kept_chunk_count(s, 21, 22, &n, &err));
    assert_int_equal(n, 0);
    must(kept_token_next(s, 30, &key, &err));
    assert_int_equal(key, 30);
    must_fail(KEPT_E_NOTFOUND, kept_token_next(s, 32, &key, &err));
    must(kept_token_count(s, 30, 30, &n, &err));
    assert_int_equal(n, 2);
    must_fail(KEPT_E_USAGE, kept_token_count(s, 0, UINT64_MAX, &n, &err));
    must(kept_token_has(s, 1, token, 30, &err));
    must_fail(KEPT_E_NOTFOUND, kept_token_has(s, 1, other, 30, &err));
    must_fail(KEPT_E_NOTFOUND, kept_token_has(s, 3, token, 30, &err));
    must_fail(KEPT_E_NOTFOUND, kept_token_has(s, 1, token, 31, &err));
    /* A key that kept never gives is the first. */
    assert_int_equal(sqlite3_exec(s->sql->db, "INSERT INTO chunk VALUES(-5, 0, x'00')", NULL, NULL, NULL),
                     SQLITE_OK);
    must(kept_chunk_next(s, 0, &key, &err));
    assert_true(key > INT64_MAX);
    must(kept_chunk_next(s, 1, &key, &err));
    assert_int_equal(key, 20);
    aid_end(s, folder);
}

static void many_cells_at_once(void **state)
{
    (void)state;
    char folder[AID_PATH];
    struct kept_store *s = aid_new(folder);
    const uint64_t keys[] = {30, 10, 99, 20, 10, 0}, bad[] = {1, 1ull << 63}, head[] = {5, 10};
    struct walk w = {.keys = keys, .count = 6};
    must(kept_store_begin_write(s, &err));
    put(s, 5, ">\x14");
    put(s, 10, "ten");
    put(s, 20, "twenty");
    put(s, 30, "thirty");
    must(kept_store_commit(s, &err));
    must(kept_store_begin_read(s, &err));
    must(kept_cell_walk(s, walk_next, saw_cell, &w, &err));
    assert_int_equal(w.seen.count, 4);
    const char *const want[] = {"thirty", "ten", NULL, "twenty", "ten", NULL};
    for (size_t i = 0; i < w.seen.count; i++) {
        assert_non_null(want[w.seen.number[i]]);
        assert_string_equal(w.seen.text[i], want[w.seen.number[i]]);
    }
    w = (struct walk){.keys = keys, .count = 6, .seen = {.stop_after = 2}};
    assert_int_equal(kept_cell_walk(s, walk_next, saw_cell, &w, NULL), 77);
    assert_int_equal(w.seen.count, 2);
    w = (struct walk){0};
    must(kept_cell_walk(s, walk_next, saw_cell, &w, &err));
    assert_int_equal(w.seen.count, 0);
    w = (struct walk){.keys = bad, .count = 2};
    must_fail(KEPT_E_USAGE, kept_cell_walk(s, walk_next, saw_cell, &w, &err));
    /* What a body names is read before the rest of the list. */
    w = (struct walk){.keys = head, .count = 2};
    must(kept_cell_walk(s, walk_next, saw_cell, &w, &err));
    assert_int_equal(w.seen.count, 3);
    assert_string_equal(w.seen.text[1], "twenty");
    assert_string_equal(w.seen.text[2], "ten");
    kept_store_end_read(s);
    aid_end(s, folder);
}

static void a_reader_sees_what_is_committed_and_writes_nothing(void **state)
{
    (void)state;
    char folder[AID_PATH];
    struct kept_store *s = aid_new(folder), *r = NULL;
    struct kept_span body;
    must_fail(KEPT_E_USAGE, kept_store_reader(s, -1, &r, &err));
    assert_null(r);
    must(kept_store_reader(s, 1024, &r, &err));
    assert_memory_equal(kept_store_id(r).b, kept_store_id(s).b, KEPT_ID_BYTES);
    must(kept_store_begin_write(s, &err));
    put(s, 5, "old");
    must_fail(KEPT_E_NOTFOUND, kept_cell_get(r, 5, &body, &err));
    must(kept_store_commit(s, &err));
    must(kept_store_begin_read(r, &err));
    expect_cell(r, 5, "old");
    must(kept_store_begin_write(s, &err));
    put(s, 5, "new");
    must(kept_store_commit(s, &err));
    expect_cell(r, 5, "old"); /* the state its transaction began with */
    kept_store_end_read(r);
    expect_cell(r, 5, "new");
    must_fail(KEPT_E_IO, kept_store_begin_write(r, &err));
    must_fail(KEPT_E_IO, kept_cell_put(r, 6, aid_text("x"), &err));
    expect_cell(r, 5, "new");
    kept_store_close(r);
    expect_cell(s, 5, "new");
    aid_end(s, folder);
}

static struct kept_store *reentered;

static int reads_inside(void *arg, struct kept_span body)
{
    struct walk *w = arg;
    (void)body;
    w->seen.count++;
    expect_cell(reentered, 1, "one");
    must_fail(KEPT_E_USAGE, kept_cell_walk(reentered, walk_next, reads_inside, arg, &err));
    return 0;
}

static void a_visitor_may_read_but_not_visit(void **state)
{
    (void)state;
    char folder[AID_PATH];
    const uint64_t keys[] = {1, 2};
    struct walk w = {.keys = keys, .count = 2};
    reentered = aid_new(folder);
    must(kept_store_begin_write(reentered, &err));
    put(reentered, 1, "one");
    put(reentered, 2, "two");
    must(kept_cell_walk(reentered, walk_next, reads_inside, &w, &err));
    assert_int_equal(w.seen.count, 2);
    must(kept_store_commit(reentered, &err));
    aid_end(reentered, folder);
}

static void ranges_are_deleted_in_bites(void **state)
{
    (void)state;
    char folder[AID_PATH];
    struct kept_store *s = aid_new(folder);
    uint8_t token[16] = {1};
    struct kept_span body;
    uint32_t n = 99;
    must(kept_store_begin_write(s, &err));
    for (uint64_t key = 10; key < 20; key++) {
        put(s, key, "x");
        must(kept_chunk_put(s, key, 0, aid_text("a"), &err));
        must(kept_chunk_put(s, key, 1, aid_text("b"), &err));
        must(kept_token_put(s, 1, token, key, &err));
        token[15]++;
        must(kept_token_put(s, 1, token, key, &err));
    }
    must(kept_cell_delete_range(s, 12, 17, 4, &n, &err));
    assert_int_equal(n, 4);
    must(kept_cell_delete_range(s, 12, 17, 4, &n, &err));
    assert_int_equal(n, 2);
    must(kept_cell_delete_range(s, 12, 17, 4, &n, &err));
    assert_int_equal(n, 0);
    must(kept_cell_delete_range(s, 0, ALL, 0, &n, &err));
    assert_int_equal(n, 0);
    must(kept_chunk_delete_range(s, 12, 17, 5, &n, &err));
    assert_int_equal(n, 5);
    must(kept_chunk_delete_range(s, 12, 17, 100, &n, &err));
    assert_int_equal(n, 7);
    must(kept_token_delete_range(s, 12, 17, 11, &n, &err));
    assert_int_equal(n, 11);
    must(kept_token_delete_range(s, 12, 17, 100, &n, &err));
    assert_int_equal(n, 1);
    must(kept_store_commit(s, &err));
    expect_cell(s, 11, "x");
    expect_cell(s, 18, "x");
    must(kept_chunk_get(s, 11, 1, &body, &err));
    must(kept_chunk_get(s, 18, 0, &body, &err));
    must_fail(KEPT_E_NOTFOUND, kept_chunk_get(s, 14, 0, &body, &err));
    must_fail(KEPT_E_NOTFOUND, kept_chunk_get(s, 18, 2, &body, &err));
    must(kept_store_check(s, &err));
    aid_end(s, folder);
}

static void large_bodies(void **state)
{
    (void)state;
    char folder[AID_PATH];
    struct kept_store *s = aid_new(folder);
    struct kept_span body = {calloc(1, 18u << 20), 65536 + 40};
    assert_non_null(body.p);
    must(kept_store_begin_write(s, &err));
    must(kept_chunk_put(s, 1, 0, body, &err));
    body.n = KEPT_MAX_VALUE_BYTES;
    must(kept_cell_put(s, 1, body, &err));
    body.n = 18u << 20;
    must_fail(KEPT_E_LIMIT, kept_cell_put(s, 2, body, &err));
    must(kept_store_commit(s, &err)); /* a refused body leaves the rest as it is */
    free((void *)(uintptr_t)body.p);
    must(kept_cell_get(s, 1, &body, &err));
    assert_int_equal(body.n, KEPT_MAX_VALUE_BYTES);
    must(kept_chunk_get(s, 1, 0, &body, &err));
    assert_int_equal(body.n, 65536 + 40);
    aid_end(s, folder);
}

/* ---- transactions ------------------------------------------------------------------------------*/

static void undo_to_the_mark(void **state)
{
    (void)state;
    char folder[AID_PATH];
    struct kept_store *s = aid_new(folder);
    struct kept_span body;
    must(kept_store_begin_write(s, &err));
    for (uint64_t i = 0; i < 100; i++) {
        must(kept_store_mark(s, &err));
        put(s, i, "mine");
        put(s, 1000, i % 2 == 0 ? "even" : "odd");
        if (i % 2 == 0)
            must(kept_store_keep(s, &err));
        else
            must(kept_store_undo(s, &err));
    }
    put(s, 2000, "after");
    must(kept_store_commit(s, &err));
    for (uint64_t i = 0; i < 100; i++) {
        if (i % 2 == 0)
            expect_cell(s, i, "mine");
        else
            must_fail(KEPT_E_NOTFOUND, kept_cell_get(s, i, &body, &err));
    }
    expect_cell(s, 1000, "even");
    expect_cell(s, 2000, "after");
    aid_end(s, folder);
}

static void rollback_leaves_nothing(void **state)
{
    (void)state;
    char folder[AID_PATH];
    struct kept_store *s = aid_new(folder);
    struct kept_span body;
    must(kept_store_begin_write(s, &err));
    put(s, 1, "x");
    must(kept_store_mark(s, &err));
    put(s, 2, "x");
    kept_store_rollback(s);
    kept_store_rollback(s); /* without a transaction: nothing happens */
    must_fail(KEPT_E_NOTFOUND, kept_cell_get(s, 1, &body, &err));
    must(kept_store_begin_write(s, &err));
    must(kept_store_mark(s, &err)); /* the old mark went with its transaction */
    must(kept_store_keep(s, &err));
    must(kept_store_commit(s, &err));
    /* An open transaction at closing is undone too. */
    must(kept_store_begin_write(s, &err));
    put(s, 3, "x");
    kept_store_close(s);
    s = aid_open(folder);
    must_fail(KEPT_E_NOTFOUND, kept_cell_get(s, 3, &body, &err));
    aid_end(s, folder);
}

static void order_of_calls(void **state)
{
    (void)state;
    char folder[AID_PATH];
    struct kept_store *s = aid_new(folder);
    bool done = false;
    must_fail(KEPT_E_USAGE, kept_cell_put(s, 1, aid_text("x"), &err));
    must_fail(KEPT_E_USAGE, kept_store_commit(s, &err));
    must_fail(KEPT_E_USAGE, kept_store_mark(s, &err));
    must_fail(KEPT_E_USAGE, kept_meta_put_u64(s, "x", 1, &err));
    must(kept_store_begin_read(s, &err));
    must_fail(KEPT_E_USAGE, kept_store_begin_read(s, &err));
    must_fail(KEPT_E_USAGE, kept_store_begin_write(s, &err));
    must_fail(KEPT_E_USAGE, kept_cell_put(s, 1, aid_text("x"), &err));
    must_fail(KEPT_E_USAGE, kept_store_commit(s, &err));
    must_fail(KEPT_E_USAGE, kept_store_scrub(s, &done, &err));
    must_fail(KEPT_E_USAGE, kept_store_shrink(s, 1, &err));
    kept_store_end_read(s);
    must(kept_store_begin_write(s, &err));
    kept_store_end_read(s); /* not a read: nothing happens */
    must_fail(KEPT_E_USAGE, kept_store_undo(s, &err));
    must_fail(KEPT_E_USAGE, kept_store_keep(s, &err));
    must(kept_store_mark(s, &err));
    must_fail(KEPT_E_USAGE, kept_store_mark(s, &err));
    must_fail(KEPT_E_USAGE, kept_store_commit(s, &err));
    must(kept_store_keep(s, &err));
    must(kept_store_commit(s, &err));
    aid_end(s, folder);
}

/* ---- tokens, queues, todo ----------------------------------------------------------------------*/

static void tokens_find_their_records(void **state)
{
    (void)state;
    char folder[AID_PATH];
    struct kept_store *s = aid_new(folder);
    const uint8_t a[16] = {1}, b[16] = {2};
    struct seen seen = {0};
    must(kept_store_begin_write(s, &err));
    must(kept_token_put(s, 1, a, 30, &err));
    must(kept_token_put(s, 1, a, 20, &err));
    must(kept_token_put(s, 1, a, 20, &err)); /* again: once */
    must(kept_token_put(s, 1, b, 40, &err));
    must(kept_token_put(s, 2, a, 50, &err)); /* another app */
    must(kept_store_commit(s, &err));
    must(kept_token_find(s, 1, a, saw_key, &seen, &err));
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.number[0], 20);
    assert_int_equal(seen.number[1], 30);
    seen = (struct seen){.stop_after = 1};
    assert_int_equal(kept_token_find(s, 1, a, saw_key, &seen, NULL), 77);
    seen = (struct seen){0};
    must(kept_token_find(s, 3, a, saw_key, &seen, &err));
    assert_int_equal(seen.count, 0);
    aid_end(s, folder);
}

static uint64_t enqueue(struct kept_store *s, enum kept_queue queue, uint8_t key, const char *text)
{
    struct kept_id id = {{key}};
    uint64_t seq = 0;
    must(kept_queue_put(s, queue, key + 1u, key, &id, aid_text(text), &seq, &err));
    return seq;
}

static void queues_keep_order(void **state)
{
    (void)state;
    char folder[AID_PATH];
    struct kept_store *s = aid_new(folder);
    struct seen seen = {0};
    must(kept_store_begin_write(s, &err));
    uint64_t one = enqueue(s, KEPT_QUEUE_LEDGER, 9, "a");
    uint64_t two = enqueue(s, KEPT_QUEUE_LEDGER, 3, "b");
    uint64_t three = enqueue(s, KEPT_QUEUE_LEDGER, 5, "c");
    (void)enqueue(s, KEPT_QUEUE_JOURNAL, 7, "j");
    assert_true(one < two && two < three);
    must(kept_store_commit(s, &err));
    must(kept_queue_each(s, KEPT_QUEUE_LEDGER, saw_row, &seen, &err));
    assert_int_equal(seen.count, 3);
    assert_string_equal(seen.text[0], "a");
    assert_string_equal(seen.text[2], "c");
    assert_int_equal(seen.app[0], 10);
    seen = (struct seen){.stop_after = 1};
    assert_int_equal(kept_queue_each(s, KEPT_QUEUE_LEDGER, saw_row, &seen, NULL), 77);
    must(kept_store_begin_write(s, &err));
    must(kept_queue_delete(s, KEPT_QUEUE_LEDGER, two, &err));
    must(kept_store_commit(s, &err));
    seen = (struct seen){0};
    must(kept_queue_each(s, KEPT_QUEUE_LEDGER, saw_row, &seen, &err));
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.number[0], three);
    seen = (struct seen){0};
    must(kept_queue_each(s, KEPT_QUEUE_JOURNAL, saw_row, &seen, &err));
    assert_int_equal(seen.count, 1);
    /* Emptied, closed, opened: no number is given twice. */
    must(kept_store_begin_write(s, &err));
    must(kept_queue_delete(s, KEPT_QUEUE_LEDGER, UINT64_MAX, &err));
    must(kept_store_commit(s, &err));
    kept_store_close(s);
    s = aid_open(folder);
    must(kept_store_begin_write(s, &err));
    assert_int_equal(enqueue(s, KEPT_QUEUE_LEDGER, 1, "d"), three + 1);
    must_fail(KEPT_E_USAGE, kept_queue_delete(s, (enum kept_queue)3, 1, &err));
    must_fail(KEPT_E_USAGE, kept_queue_each(s, (enum kept_queue)0, saw_row, &seen, &err));
    must(kept_store_commit(s, &err));
    aid_end(s, folder);
}

static void work_to_do(void **state)
{
    (void)state;
    char folder[AID_PATH];
    struct kept_store *s = aid_new(folder);
    uint64_t key = 0, count = 0;
    kept_ms at = 0;
    must(kept_store_begin_write(s, &err));
    must(kept_todo_put(s, KEPT_TODO_SWEEP, 5, 300, &err));
    must(kept_todo_put(s, KEPT_TODO_SWEEP, 6, 200, &err));
    must(kept_todo_put(s, KEPT_TODO_SWEEP, 4, 200, &err));
    must(kept_todo_put(s, KEPT_TODO_SWEEP, 5, 100, &err)); /* replaces */
    must(kept_todo_put(s, KEPT_TODO_TRACE, 1, -1, &err));
    must_fail(KEPT_E_NOTFOUND, kept_todo_next(s, KEPT_TODO_SWEEP, 99, &key, &at, &err));
    must(kept_todo_next(s, KEPT_TODO_SWEEP, 100, &key, &at, &err));
    assert_int_equal(key, 5);
    assert_int_equal(at, 100);
    must(kept_todo_delete(s, KEPT_TODO_SWEEP, 5, &err));
    must(kept_todo_next(s, KEPT_TODO_SWEEP, 1000, &key, &at, &err));
    assert_int_equal(key, 4);
    must(kept_todo_get(s, KEPT_TODO_SWEEP, 6, &at, &err));
    assert_int_equal(at, 200);
    must_fail(KEPT_E_NOTFOUND, kept_todo_get(s, KEPT_TODO_SWEEP, 5, &at, &err));
    must(kept_todo_count(s, KEPT_TODO_SWEEP, &count, &err));
    assert_int_equal(count, 2);
    must(kept_todo_count(s, KEPT_TODO_RESEAL, &count, &err));
    assert_int_equal(count, 0);
    must(kept_store_commit(s, &err));
    aid_end(s, folder);
}

/* ---- apps, policies, facts ---------------------------------------------------------------------*/

static void apps_get_numbers(void **state)
{
    (void)state;
    char folder[AID_PATH], name[32];
    struct kept_store *s = aid_new(folder);
    struct seen seen = {.stop_after = 2};
    uint32_t app = 0;
    must(kept_store_begin_write(s, &err));
    must(kept_app_add(s, "widgets", &app, &err));
    assert_int_equal(app, 1);
    must_fail(KEPT_E_CONFLICT, kept_app_add(s, "widgets", &app, &err));
    must_fail(KEPT_E_USAGE, kept_app_add(s, "", &app, &err));
    for (uint32_t i = 2; i <= KEPT_MAX_APPS; i++) {
        (void)snprintf(name, sizeof name, "app-%u", i);
        must(kept_app_add(s, name, &app, &err));
        assert_int_equal(app, i);
    }
    must_fail(KEPT_E_LIMIT, kept_app_add(s, "one-more", &app, &err));
    must(kept_store_commit(s, &err));
    assert_int_equal(kept_app_each(s, saw_app, &seen, NULL), 77);
    assert_string_equal(seen.text[0], "widgets");
    assert_string_equal(seen.text[1], "app-2");
    assert_int_equal(seen.number[1], 2);
    aid_end(s, folder);
}

static void policy_versions_are_immutable(void **state)
{
    (void)state;
    char folder[AID_PATH];
    struct kept_store *s = aid_new(folder);
    struct seen seen = {0};
    must(kept_store_begin_write(s, &err));
    must(kept_policy_row_put(s, 1, 2, 20, 21, aid_text("two"), &err));
    must(kept_policy_row_put(s, 1, 1, 10, 11, aid_text("one"), &err));
    must(kept_policy_row_put(s, 2, 1, 10, 11, aid_text("other"), &err));
    must_fail(KEPT_E_CONFLICT, kept_policy_row_put(s, 1, 1, 0, 0, aid_text("changed"), &err));
    must(kept_store_commit(s, &err));
    must(kept_policy_row_each(s, 1, saw_policy, &seen, &err));
    assert_int_equal(seen.count, 2);
    assert_string_equal(seen.text[0], "one");
    assert_string_equal(seen.text[1], "two");
    aid_end(s, folder);
}

static void facts_of_the_store(void **state)
{
    (void)state;
    char folder[AID_PATH], longer[KEPT_MAX_NAME + 2];
    struct kept_store *s = aid_new(folder);
    struct kept_buf buf;
    uint64_t value = 0;
    kept_buf_init(&buf, 8);
    memset(longer, 'n', sizeof longer);
    longer[sizeof longer - 1] = 0;
    must(kept_store_begin_write(s, &err));
    must(kept_meta_put(s, "name", aid_text("old"), &err));
    must(kept_meta_put(s, "name", aid_text("value"), &err));
    must(kept_meta_put(s, "long", aid_text("123456789"), &err));
    must(kept_meta_put_u64(s, "number", UINT64_MAX, &err));
    must_fail(KEPT_E_USAGE, kept_meta_put(s, longer, aid_text("x"), &err));
    must(kept_store_commit(s, &err));
    must(kept_meta_get(s, "name", &buf, &err));
    assert_string_equal((const char *)buf.p, "value");
    must_fail(KEPT_E_NOTFOUND, kept_meta_get(s, "absent", &buf, &err));
    must_fail(KEPT_E_LIMIT, kept_meta_get(s, "long", &buf, &err));
    must(kept_meta_get_u64(s, "number", 1, &value, &err));
    assert_true(value == UINT64_MAX);
    must(kept_meta_get_u64(s, "absent", 5, &value, &err));
    assert_int_equal(value, 5);
    must_fail(KEPT_E_CORRUPT, kept_meta_get_u64(s, "name", 5, &value, &err));
    kept_buf_release(&buf);
    aid_end(s, folder);
}

static void upkeep(void **state)
{
    (void)state;
    char folder[AID_PATH];
    struct kept_store *s = aid_new(folder);
    uint64_t full = 0, empty = 0;
    uint32_t n = 0;
    bool done = false;
    const struct kept_id id = kept_store_id(s);
    assert_int_equal(id.b[0], 7);
    must(kept_store_begin_write(s, &err));
    for (uint64_t i = 0; i < 5000; i++)
        put(s, i, "a body of some length, so that pages fill up");
    must(kept_store_commit(s, &err));
    must(kept_store_scrub(s, &done, &err));
    assert_true(done);
    must(kept_store_bytes(s, &full, &err));
    must(kept_store_begin_write(s, &err));
    must(kept_cell_delete_range(s, 0, ALL, 5000, &n, &err));
    assert_int_equal(n, 5000);
    must(kept_store_commit(s, &err));
    must(kept_store_shrink(s, 0, &err));
    must(kept_store_shrink(s, 10, &err));
    must(kept_store_shrink(s, 100000, &err));
    must(kept_store_scrub(s, &done, &err));
    assert_true(done);
    must(kept_store_bytes(s, &empty, &err));
    assert_true(empty < full / 2);
    must(kept_store_check(s, &err));
    aid_end(s, folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_come_back),
        cmocka_unit_test(keys_and_numbers_of_chunks_and_tokens),
        cmocka_unit_test(many_cells_at_once),
        cmocka_unit_test(a_reader_sees_what_is_committed_and_writes_nothing),
        cmocka_unit_test(a_visitor_may_read_but_not_visit),
        cmocka_unit_test(ranges_are_deleted_in_bites),
        cmocka_unit_test(large_bodies),
        cmocka_unit_test(undo_to_the_mark),
        cmocka_unit_test(rollback_leaves_nothing),
        cmocka_unit_test(order_of_calls),
        cmocka_unit_test(tokens_find_their_records),
        cmocka_unit_test(queues_keep_order),
        cmocka_unit_test(work_to_do),
        cmocka_unit_test(apps_get_numbers),
        cmocka_unit_test(policy_versions_are_immutable),
        cmocka_unit_test(facts_of_the_store),
        cmocka_unit_test(upkeep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
