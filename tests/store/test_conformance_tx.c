/* test_conformance_tx.c - what store.h says of handles, asked of every engine: making and opening,
 * transactions, visits, readers, upkeep, and running out of memory. */
#include "conformance.h"

#include <pthread.h>
#include <stdatomic.h>

/* ---- transactions ------------------------------------------------------------------------------*/

static void a_reader_sees_what_is_committed_and_writes_nothing(void **state)
{
    struct fixture f;
    struct kept_store *s = up(&f, state), *r = NULL;
    struct kept_span body;
    must_fail(KEPT_E_USAGE, kept_store_reader(s, -1, &r, &err));
    assert_null(r);
    must(kept_store_reader(s, 1024, &r, &err));
    assert_memory_equal(kept_store_id(r).b, kept_store_id(s).b, KEPT_ID_BYTES);
    must(kept_store_begin_write(s, &err));
    put_text(s, 5, "old");
    must_fail(KEPT_E_NOTFOUND, kept_cell_get(r, 5, &body, &err));
    must(kept_store_commit(s, &err));
    must(kept_store_begin_read(r, &err));
    expect_cell(r, 5, "old");
    must(kept_store_begin_write(s, &err));
    put_text(s, 5, "new");
    must(kept_store_commit(s, &err));
    expect_cell(r, 5, "old"); /* the state its transaction began with */
    kept_store_end_read(r);
    expect_cell(r, 5, "new");
    must_fail(KEPT_E_IO, kept_store_begin_write(r, &err));
    must_fail(KEPT_E_IO, kept_cell_put(r, 6, aid_text("x"), &err));
    expect_cell(r, 5, "new");
    kept_store_close(r);
    expect_cell(s, 5, "new");
    down(&f);
}

static void undo_to_the_mark(void **state)
{
    struct fixture f;
    struct kept_store *s = up(&f, state);
    struct kept_span body;
    must(kept_store_begin_write(s, &err));
    for (uint64_t i = 0; i < 100; i++) {
        must(kept_store_mark(s, &err));
        put_text(s, i, "mine");
        put_text(s, 1000, i % 2 == 0 ? "even" : "odd");
        if (i % 2 == 0)
            must(kept_store_keep(s, &err));
        else
            must(kept_store_undo(s, &err));
    }
    put_text(s, 2000, "after");
    must(kept_store_commit(s, &err));
    for (uint64_t i = 0; i < 100; i++) {
        if (i % 2 == 0)
            expect_cell(s, i, "mine");
        else
            must_fail(KEPT_E_NOTFOUND, kept_cell_get(s, i, &body, &err));
    }
    expect_cell(s, 1000, "even");
    expect_cell(s, 2000, "after");
    down(&f);
}

static void rollback_leaves_nothing(void **state)
{
    struct fixture f;
    struct kept_store *s = up(&f, state);
    struct kept_span body;
    must(kept_store_begin_write(s, &err));
    put_text(s, 1, "x");
    must(kept_store_mark(s, &err));
    put_text(s, 2, "x");
    kept_store_rollback(s);
    kept_store_rollback(s); /* without a transaction: nothing happens */
    must_fail(KEPT_E_NOTFOUND, kept_cell_get(s, 1, &body, &err));
    must(kept_store_begin_write(s, &err));
    must(kept_store_mark(s, &err)); /* the old mark went with its transaction */
    must(kept_store_keep(s, &err));
    must(kept_store_commit(s, &err));
    /* An open transaction at closing is undone too. */
    must(kept_store_begin_write(s, &err));
    put_text(s, 3, "x");
    s = reopen(&f);
    must_fail(KEPT_E_NOTFOUND, kept_cell_get(s, 3, &body, &err));
    down(&f);
}

static void order_of_calls(void **state)
{
    struct fixture f;
    struct kept_store *s = up(&f, state);
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
    down(&f);
}

static void upkeep(void **state)
{
    enum { ROWS = 20000 };
    struct fixture f;
    struct kept_store *s = up(&f, state);
    uint64_t full = 0, empty = 0;
    uint32_t n = 0;
    bool done = false;
    const struct kept_id id = kept_store_id(s);
    assert_int_equal(id.b[0], 7);
    must(kept_store_begin_write(s, &err));
    for (uint64_t i = 0; i < ROWS; i++)
        put_text(s, i, "a body of some length, so that pages fill up");
    must(kept_store_commit(s, &err));
    must(kept_store_scrub(s, &done, &err));
    assert_true(done);
    must(kept_store_bytes(s, &full, &err));
    must(kept_store_begin_write(s, &err));
    must(kept_cell_delete_range(s, 0, ALL, ROWS, &n, &err));
    assert_int_equal(n, ROWS);
    must(kept_store_commit(s, &err));
    must(kept_store_shrink(s, 0, &err));
    must(kept_store_shrink(s, 10, &err));
    must(kept_store_shrink(s, 100000, &err));
    must(kept_store_scrub(s, &done, &err));
    assert_true(done);
    must(kept_store_bytes(s, &empty, &err));
    assert_true(empty < full / 2);
    must(kept_store_check(s, &err));
    down(&f);
}

/* ---- making and opening ------------------------------------------------------------------------*/

static void one_store_one_handle(void **state)
{
    struct fixture f, other;
    struct kept_store *second = NULL;
    before(&f, state);
    struct kept_store_options o = options_of(&f);
    assert_false(kept_store_exists(&o));
    must_fail(KEPT_E_NOTFOUND, kept_store_open(&o, &second, &err));
    must(kept_store_create(&o, &id_of_store, &err));
    assert_true(kept_store_exists(&o));
    must_fail(KEPT_E_CONFLICT, kept_store_create(&o, &id_of_store, &err));
    o.cache_kib = -1;
    must_fail(KEPT_E_USAGE, kept_store_open(&o, &second, &err));
    (void)reopen(&f);
    assert_memory_equal(kept_store_id(f.store).b, id_of_store.b, KEPT_ID_BYTES);
    o.cache_kib = 0;
    must_fail(KEPT_E_BUSY, kept_store_open(&o, &second, &err));
    must_fail(KEPT_E_BUSY, kept_store_create(&o, &id_of_store, &err));
    assert_null(second);
    /* Nor the same rows through another folder. */
    before(&other, state);
    if (f.memory != NULL) {
        o.folder = other.folder;
        must_fail(KEPT_E_BUSY, kept_store_open(&o, &second, &err));
    }
    down(&other);
    o.folder = "/nonexistent/folder";
    int rc = kept_store_open(&o, &second, NULL);
    assert_true(f.memory != NULL ? rc == KEPT_E_IO : rc == KEPT_E_NOTFOUND);
    kept_store_close(NULL);
    down(&f);
}

/* A folder that holds store.db is taken, for whatever engine. */
static void a_folder_has_one_store(void **state)
{
    struct fixture f;
    (void)up(&f, state);
    kept_store_close(f.store);
    f.store = NULL;
    struct kept_memory *fresh = kept_memory_new();
    const struct kept_store_options o = {.folder = f.folder, .memory = fresh};
    assert_int_equal(kept_store_exists(&o), f.memory == NULL);
    if (f.memory == NULL)
        must_fail(KEPT_E_CONFLICT, kept_store_create(&o, &id_of_store, &err));
    kept_memory_free(fresh);
    kept_memory_free(NULL);
    down(&f);
}

static void everything_is_there_after_reopening(void **state)
{
    struct fixture f;
    struct kept_store *s = up(&f, state);
    static const uint8_t token[16] = {1};
    struct kept_span body;
    struct seen seen = {0};
    kept_ms at = 0;
    uint64_t value = 0;
    uint32_t app = 0;
    must(kept_store_begin_write(s, &err));
    put_text(s, 1, "cell");
    must(kept_chunk_put(s, 1, 2, aid_text("chunk"), &err));
    must(kept_token_put(s, 1, token, 1, &err));
    must(kept_todo_put(s, KEPT_TODO_END, 1, -5, &err));
    must(kept_queue_put(s, KEPT_QUEUE_JOURNAL, 3, 7, &id_of_store, aid_text("row"), &value, &err));
    must(kept_app_add(s, "app", &app, &err));
    must(kept_meta_put_u64(s, "number", 17, &err));
    must(kept_store_commit(s, &err));
    s = reopen(&f);
    expect_cell(s, 1, "cell");
    must(kept_chunk_get(s, 1, 2, &body, &err));
    assert_int_equal(body.n, 5);
    must(kept_token_has(s, 1, token, 1, &err));
    must(kept_todo_get(s, KEPT_TODO_END, 1, &at, &err));
    assert_int_equal(at, -5);
    must(kept_queue_each(s, KEPT_QUEUE_JOURNAL, saw_row, &seen, &err));
    assert_int_equal(seen.app[0], 3);
    assert_string_equal(seen.text[0], "row");
    must(kept_app_each(s, saw_app, &seen, &err));
    assert_string_equal(seen.text[1], "app");
    must(kept_meta_get_u64(s, "number", 0, &value, &err));
    assert_int_equal(value, 17);
    down(&f);
}

/* ---- old states, memory ------------------------------------------------------------------------*/

/* While somebody sees an old state, what is deleted is not gone. */
static void a_scrub_says_whether_it_is_done(void **state)
{
    struct fixture f;
    struct kept_store *s = up(&f, state), *r = NULL;
    struct kept_span body;
    bool done = false;
    must(kept_store_begin_write(s, &err));
    put_text(s, 1, "deleted");
    must(kept_store_commit(s, &err));
    must(kept_store_reader(s, 0, &r, &err));
    must(kept_store_begin_read(r, &err));
    expect_cell(r, 1, "deleted");
    must(kept_store_begin_write(s, &err));
    must(kept_cell_delete(s, 1, &err));
    must(kept_store_commit(s, &err));
    done = true;
    must(kept_store_scrub(s, &done, &err));
    assert_false(done);
    expect_cell(r, 1, "deleted");
    kept_store_end_read(r);
    must(kept_store_scrub(s, &done, &err));
    assert_true(done);
    must_fail(KEPT_E_NOTFOUND, kept_cell_get(r, 1, &body, &err));
    kept_store_close(r);
    down(&f);
}

struct other_thread {
    struct kept_store *store;
    atomic_bool stop;
    size_t looks, torn;
};

/* Two cells that are always written together. */
static void *looks_on(void *arg)
{
    struct other_thread *t = arg;
    while (!atomic_load(&t->stop) || t->looks == 0) {
        struct kept_span body;
        uint64_t one = 0, two = 0;
        if (kept_store_begin_read(t->store, NULL) != 0)
            continue;
        if (kept_cell_get(t->store, 1, &body, NULL) == 0)
            one = kept_be64(body.p);
        if (kept_cell_get(t->store, 2, &body, NULL) == 0)
            two = kept_be64(body.p);
        t->torn += one != two;
        t->looks++;
        kept_store_end_read(t->store);
    }
    return NULL;
}

static void a_reader_in_another_thread_sees_whole_states(void **state)
{
    struct fixture f;
    struct kept_store *s = up(&f, state);
    struct other_thread t = {0};
    pthread_t thread;
    must(kept_store_reader(s, 0, &t.store, &err));
    assert_int_equal(pthread_create(&thread, NULL, looks_on, &t), 0);
    for (uint64_t i = 1; i <= 500; i++) {
        uint8_t bytes[8];
        kept_put_be64(bytes, i);
        must(kept_store_begin_write(s, &err));
        must(kept_cell_put(s, 1, (struct kept_span){bytes, 8}, &err));
        must(kept_cell_put(s, 2, (struct kept_span){bytes, 8}, &err));
        must(kept_store_commit(s, &err));
    }
    atomic_store(&t.stop, true);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(t.looks > 0);
    assert_int_equal(t.torn, 0);
    kept_store_close(t.store);
    down(&f);
}

/* Each request for memory of one call fails in turn: the transaction stays as it was. */
static size_t requests, fail_at; /* fail_at 0: none */

void *__wrap_calloc(size_t count, size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size)
{
    return ++requests == fail_at ? NULL : __real_calloc(count, size);
}

static int one_write(struct kept_store *s, int which, struct kept_err *err)
{
    static const uint8_t token[16] = {1};
    uint32_t n = 0;
    uint64_t seq = 0;
    switch (which) {
    case 0: return kept_cell_put(s, 5, aid_text("new"), err);
    case 1: return kept_cell_delete(s, 5, err);
    case 2: return kept_token_put(s, 1, token, 5, err);
    case 3: return kept_token_delete_range(s, 0, ALL, 100, &n, err);
    case 4: return kept_queue_put(s, KEPT_QUEUE_LEDGER, 1, 7, &id_of_store, aid_text("q"), &seq, err);
    case 5: return kept_queue_delete(s, KEPT_QUEUE_LEDGER, UINT64_MAX, err);
    case 6: return kept_todo_put(s, KEPT_TODO_SWEEP, 5, 2, err);
    case 7: return kept_todo_delete(s, KEPT_TODO_SWEEP, 5, err);
    case 8: return kept_cell_delete_range(s, 0, ALL, 100, &n, err);
    case 9: return kept_meta_put(s, "name", aid_text("value"), err);
    case 10: return kept_policy_row_put(s, 1, 9, 90, 91, aid_text("text"), err);
    default: return kept_chunk_put(s, 5, 1, aid_text("chunk"), err);
    }
}

static uint64_t rows_of(struct kept_store *s)
{
    uint64_t cells = 0, tokens = 0, chunks = 0, todo = 0;
    struct seen seen = {0};
    for (uint64_t key = 0; kept_cell_next(s, key, &key, NULL) == 0; key++)
        cells++;
    must(kept_token_count(s, 0, ALL, &tokens, &err));
    must(kept_chunk_count(s, 0, ALL, &chunks, &err));
    must(kept_todo_count(s, KEPT_TODO_SWEEP, &todo, &err));
    must(kept_queue_each(s, KEPT_QUEUE_LEDGER, saw_row, &seen, &err));
    must(kept_policy_row_each(s, 1, saw_policy, &seen, &err));
    must(kept_store_check(s, &err));
    return cells + 100 * tokens + 10000 * chunks + 1000000 * todo + 100000000 * seen.count;
}

static void no_memory_leaves_the_transaction(void **state)
{
    struct fixture f;
    struct kept_store *s = up(&f, state);
    size_t failures = 0;
    must(kept_store_begin_write(s, &err));
    for (uint8_t i = 0; i < 20; i++) {
        const uint8_t token[16] = {1, i};
        put_text(s, i * 3u, "some");
        must(kept_token_put(s, 1, token, i * 3u, &err));
        must(kept_todo_put(s, KEPT_TODO_SWEEP, i * 3u, i, &err));
    }
    for (int which = 0; which < 12; which++) {
        const uint64_t before_it = rows_of(s);
        int rc = KEPT_E_NOMEM;
        for (size_t n = 1; rc != 0; n++) {
            requests = 0;
            fail_at = n;
            rc = one_write(s, which, NULL);
            fail_at = 0;
            if (rc != 0) {
                failures++;
                assert_int_equal(rc, KEPT_E_NOMEM);
                assert_int_equal(rows_of(s), before_it);
            }
        }
    }
    must(kept_store_commit(s, &err));
    assert_true(f.memory == NULL || failures > 50);
    down(&f);
}

static void no_memory_opens_nothing(void **state)
{
    struct fixture f;
    (void)up(&f, state);
    kept_store_close(f.store);
    f.store = NULL;
    const struct kept_store_options o = options_of(&f);
    int rc = KEPT_E_NOMEM;
    size_t n = 1;
    for (; rc != 0; n++) {
        requests = 0;
        fail_at = n;
        rc = kept_store_open(&o, &f.store, NULL);
        fail_at = 0;
        assert_true(rc == 0 || rc == KEPT_E_NOMEM);
        assert_int_equal(f.store != NULL, rc == 0);
    }
    assert_true(n > 2);
    down(&f);
}

/* ---- visits ------------------------------------------------------------------------------------*/

/* The same visitor for every kind of visit: it reads, and tries to begin each visit again. */
struct within {
    struct kept_store *store;
    const char *self; /* the visit it is in */
    size_t seen;
};

static int again_key(void *arg, uint64_t key);
static int again_cell(void *arg, struct kept_span body);
static int again_row(void *arg, uint64_t seq, uint32_t app, uint64_t key, const struct kept_id *id,
                     struct kept_span body);
static int again_app(void *arg, uint32_t app, const char *name);
static int again_policy(void *arg, uint32_t version, kept_ms effective, kept_ms published,
                        struct kept_span text);

static bool one_key(void *arg, uint64_t *ret_key)
{
    const struct within *w = arg;
    *ret_key = 1;
    return w->seen == 0;
}

static int visit(struct within *w, const char *which, struct kept_err *err)
{
    static const uint8_t token[16] = {1};
    switch (which[0]) {
    case 'w': return kept_cell_walk(w->store, one_key, again_cell, w, err);
    case 't': return kept_token_find(w->store, 1, token, again_key, w, err);
    case 'l': return kept_queue_each(w->store, KEPT_QUEUE_LEDGER, again_row, w, err);
    case 'j': return kept_queue_each(w->store, KEPT_QUEUE_JOURNAL, again_row, w, err);
    case 'a': return kept_app_each(w->store, again_app, w, err);
    default: return kept_policy_row_each(w->store, 1, again_policy, w, err);
    }
}

static const char *const visits[] = {"walk", "token", "ledger", "journal", "app", "policy"};

static int look(struct within *w)
{
    w->seen++;
    expect_cell(w->store, 1, "one"); /* reading is fine */
    must_fail(KEPT_E_USAGE, visit(w, w->self, &err));
    for (size_t i = 0; w->seen == 1 && i < sizeof visits / sizeof visits[0]; i++) {
        struct within inner = {w->store, visits[i], 1}; /* looks no deeper */
        if (visits[i] != w->self)
            must(visit(&inner, visits[i], &err));
    }
    expect_cell(w->store, 1, "one");
    return 0;
}

static int again_key(void *arg, uint64_t key)
{
    assert_int_equal(key, 1);
    return look(arg);
}

static int again_cell(void *arg, struct kept_span body)
{
    assert_int_equal(body.n, 3);
    return look(arg);
}

static int again_row(void *arg, uint64_t seq, uint32_t app, uint64_t key, const struct kept_id *id,
                     struct kept_span body)
{
    (void)seq;
    (void)id;
    assert_int_equal(app, 1);
    assert_int_equal(key, 1);
    assert_int_equal(body.n, 3);
    return look(arg);
}

static int again_app(void *arg, uint32_t app, const char *name)
{
    assert_int_equal(app, 1);
    assert_string_equal(name, "one");
    return look(arg);
}

static int again_policy(void *arg, uint32_t version, kept_ms effective, kept_ms published,
                        struct kept_span text)
{
    assert_true(version == 1 && effective == 1 && published == 1 && text.n == 3);
    return look(arg);
}

static void a_visitor_may_read_but_not_visit(void **state)
{
    struct fixture f;
    struct kept_store *s = up(&f, state);
    static const uint8_t token[16] = {1};
    uint64_t seq = 0;
    uint32_t app = 0;
    must(kept_store_begin_write(s, &err));
    put_text(s, 1, "one");
    must(kept_token_put(s, 1, token, 1, &err));
    must(kept_queue_put(s, KEPT_QUEUE_LEDGER, 1, 1, &id_of_store, aid_text("one"), &seq, &err));
    must(kept_queue_put(s, KEPT_QUEUE_JOURNAL, 1, 1, &id_of_store, aid_text("one"), &seq, &err));
    must(kept_app_add(s, "one", &app, &err));
    must(kept_policy_row_put(s, 1, 1, 1, 1, aid_text("one"), &err));
    for (int inside = 1; inside >= 0; inside--) { /* in a write transaction, and in none */
        for (size_t i = 0; i < sizeof visits / sizeof visits[0]; i++) {
            struct within w = {s, visits[i], 0};
            must(visit(&w, visits[i], &err));
            assert_int_equal(w.seen, 1);
        }
        if (inside == 1)
            must(kept_store_commit(s, &err));
    }
    down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH_ENGINE(a_reader_sees_what_is_committed_and_writes_nothing),
        EACH_ENGINE(undo_to_the_mark),
        EACH_ENGINE(rollback_leaves_nothing),
        EACH_ENGINE(order_of_calls),
        EACH_ENGINE(upkeep),
        EACH_ENGINE(one_store_one_handle),
        EACH_ENGINE(a_folder_has_one_store),
        EACH_ENGINE(everything_is_there_after_reopening),
        EACH_ENGINE(a_scrub_says_whether_it_is_done),
        EACH_ENGINE(a_reader_in_another_thread_sees_whole_states),
        EACH_ENGINE(no_memory_leaves_the_transaction),
        EACH_ENGINE(no_memory_opens_nothing),
        EACH_ENGINE(a_visitor_may_read_but_not_visit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
