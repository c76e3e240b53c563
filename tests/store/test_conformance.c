/* test_conformance.c - what store.h says of rows, asked of every engine: what each call does, and what it
 * refuses. Transactions, visits, readers and upkeep: test_conformance_tx.c. */
#include "conformance.h"

/* ---- cells -------------------------------------------------------------------------------------*/

static void cells_come_back(void **state)
{
    struct fixture f;
    struct kept_store *s = up(&f, state);
    struct kept_span body;
    uint64_t next = 0;
    must(kept_store_begin_write(s, &err));
    put_text(s, 0, "first");
    put_text(s, ALL, "last");
    put_text(s, KEPT_KEY(1023, (1ull << 33) - 1, (1u << 20) - 2), "");
    put_text(s, 5, "old");
    put_text(s, 5, "new");
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
    down(&f);
}

/* What the full check walks by. */
static void keys_and_numbers_of_chunks_and_tokens(void **state)
{
    struct fixture f;
    struct kept_store *s = up(&f, state);
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
    down(&f);
}

static int saw_caller(void *arg, const struct kept_id *id, struct kept_span body)
{
    return note(arg, id->b[0], body.p, body.n);
}

static void callers_stand_by_app_and_id(void **state)
{
    struct fixture f;
    struct kept_store *s = up(&f, state);
    const struct kept_id one = {{1, 9}}, two = {{2}};
    struct seen seen = {0};
    must_fail(KEPT_E_USAGE, kept_caller_put(s, 1, &one, aid_text("x"), &err)); /* no transaction */
    must(kept_store_begin_write(s, &err));
    must(kept_caller_put(s, 1, &two, aid_text("two"), &err));
    must(kept_caller_put(s, 1, &one, aid_text("old"), &err));
    must(kept_caller_put(s, 1, &one, aid_text("one"), &err));
    must(kept_caller_put(s, 2, &one, aid_text("other"), &err));
    must(kept_store_commit(s, &err));
    must(kept_store_begin_write(s, &err));
    must(kept_caller_put(s, 1, &one, aid_text("undone"), &err));
    kept_store_rollback(s);
    s = reopen(&f);
    must(kept_caller_each(s, 1, saw_caller, &seen, &err));
    assert_int_equal(seen.count, 2);
    assert_true(seen.number[0] == 1 && seen.number[1] == 2);
    assert_string_equal(seen.text[0], "one");
    assert_string_equal(seen.text[1], "two");
    must(kept_caller_each(s, 3, saw_caller, &seen, &err));
    assert_int_equal(seen.count, 2); /* of no other app */
    seen = (struct seen){.stop_after = 1};
    assert_int_equal(kept_caller_each(s, 1, saw_caller, &seen, NULL), 77);
    must(kept_caller_each(s, 2, saw_caller, &(struct seen){0}, &err)); /* and may begin again */
    down(&f);
}

static void many_cells_at_once(void **state)
{
    struct fixture f;
    struct kept_store *s = up(&f, state);
    const uint64_t keys[] = {30, 10, 99, 20, 10, 0}, bad[] = {1, 1ull << 63}, head[] = {5, 10};
    struct walk w = {.keys = keys, .count = 6};
    must(kept_store_begin_write(s, &err));
    put_text(s, 5, ">\x14");
    put_text(s, 10, "ten");
    put_text(s, 20, "twenty");
    put_text(s, 30, "thirty");
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
    down(&f);
}

static void ranges_are_deleted_in_bites(void **state)
{
    struct fixture f;
    struct kept_store *s = up(&f, state);
    uint8_t token[16] = {1};
    struct kept_span body;
    uint32_t n = 99;
    must(kept_store_begin_write(s, &err));
    for (uint64_t key = 10; key < 20; key++) {
        put_text(s, key, "x");
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
    struct seen seen = {0};
    for (token[15] = 0; token[15] <= 10; token[15]++) /* found no more, by token either */
        must(kept_token_find(s, 1, token, saw_key, &seen, &err));
    assert_int_equal(seen.count, 8);
    for (size_t i = 0; i < seen.count; i++)
        assert_true(seen.number[i] < 12 || seen.number[i] > 17);
    must(kept_store_commit(s, &err));
    expect_cell(s, 11, "x");
    expect_cell(s, 18, "x");
    must(kept_chunk_get(s, 11, 1, &body, &err));
    must(kept_chunk_get(s, 18, 0, &body, &err));
    must_fail(KEPT_E_NOTFOUND, kept_chunk_get(s, 14, 0, &body, &err));
    must_fail(KEPT_E_NOTFOUND, kept_chunk_get(s, 18, 2, &body, &err));
    must(kept_store_check(s, &err));
    down(&f);
}

static void large_bodies(void **state)
{
    struct fixture f;
    struct kept_store *s = up(&f, state);
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
    down(&f);
}

/* ---- tokens, queues, todo ----------------------------------------------------------------------*/

static void tokens_find_their_records(void **state)
{
    struct fixture f;
    struct kept_store *s = up(&f, state);
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
    down(&f);
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
    struct fixture f;
    struct kept_store *s = up(&f, state);
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
    s = reopen(&f);
    must(kept_store_begin_write(s, &err));
    assert_int_equal(enqueue(s, KEPT_QUEUE_LEDGER, 1, "d"), three + 1);
    must_fail(KEPT_E_USAGE, kept_queue_delete(s, (enum kept_queue)3, 1, &err));
    must_fail(KEPT_E_USAGE, kept_queue_each(s, (enum kept_queue)0, saw_row, &seen, &err));
    must(kept_store_commit(s, &err));
    down(&f);
}

static void work_to_do(void **state)
{
    struct fixture f;
    struct kept_store *s = up(&f, state);
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
    must(kept_todo_due(s, KEPT_TODO_SWEEP, 199, &count, &err));
    assert_int_equal(count, 0);
    must(kept_todo_due(s, KEPT_TODO_SWEEP, 200, &count, &err));
    assert_int_equal(count, 2);
    must(kept_todo_count(s, KEPT_TODO_RESEAL, &count, &err));
    assert_int_equal(count, 0);
    /* Instants before 1970 come first. */
    must(kept_todo_put(s, KEPT_TODO_TRACE, 2, INT64_MIN, &err));
    must(kept_todo_put(s, KEPT_TODO_TRACE, 3, 0, &err));
    must(kept_todo_next(s, KEPT_TODO_TRACE, 0, &key, &at, &err));
    assert_int_equal(key, 2);
    assert_true(at == INT64_MIN);
    must(kept_todo_due(s, KEPT_TODO_TRACE, -1, &count, &err));
    assert_int_equal(count, 2);
    must(kept_todo_delete(s, KEPT_TODO_TRACE, 99, &err)); /* absent: fine */
    must(kept_store_commit(s, &err));
    down(&f);
}

/* ---- apps, policies, facts ---------------------------------------------------------------------*/

static struct kept_slip slip(enum kept_slip_kind kind, uint32_t app, uint8_t id, uint64_t key, kept_ms at,
                             const char *body)
{
    return (struct kept_slip){kind, app, {{id}}, key, at, {(const uint8_t *)body, strlen(body)}};
}

/* Slips are found by name and by instant, each app's apart, and go with the person they are about. */
static void slips_are_found_and_go(void **state)
{
    struct fixture f;
    struct kept_store *s = up(&f, state);
    const struct kept_slip rows[] = {
        slip(KEPT_SLIP_POST, 1, 1, 40, 300, "three"), slip(KEPT_SLIP_POST, 1, 2, 41, 200, "two"),
        slip(KEPT_SLIP_POST, 2, 1, 90, 100, "another app's"), slip(KEPT_SLIP_CODE, 1, 1, 0, 50, "nobody's"),
        slip(KEPT_SLIP_CODE, 1, 3, 42, INT64_MAX, "")};
    struct kept_slip got;
    uint64_t n = 0, key = 0;
    uint32_t deleted = 0;
    must_fail(KEPT_E_USAGE, kept_slip_put(s, &rows[0], &err));
    must(kept_store_begin_write(s, &err));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        must(kept_slip_put(s, &rows[i], &err));
    must(kept_slip_get(s, KEPT_SLIP_POST, 1, &rows[0].id, &got, &err));
    assert_true(got.key == 40 && got.at == 300 && got.body.n == 5 && memcmp(got.body.p, "three", 5) == 0);
    must_fail(KEPT_E_NOTFOUND, kept_slip_get(s, KEPT_SLIP_POST, 3, &rows[0].id, &got, &err));
    must_fail(KEPT_E_NOTFOUND, kept_slip_due(s, KEPT_SLIP_POST, 1, 199, &got, &err));
    must(kept_slip_due(s, KEPT_SLIP_POST, 1, 200, &got, &err));
    assert_true(got.id.b[0] == 2 && got.app == 1 && got.key == 41);
    struct kept_slip later = rows[1]; /* replaces, under another instant and person */
    later.at = 400;
    later.key = 43;
    must(kept_slip_put(s, &later, &err));
    must(kept_slip_due(s, KEPT_SLIP_POST, 1, INT64_MAX, &got, &err));
    assert_int_equal(got.at, 300);
    must(kept_slip_count(s, KEPT_SLIP_POST, 1, INT64_MAX, &n, &err));
    assert_int_equal(n, 2);
    must(kept_slip_count(s, KEPT_SLIP_POST, 1, 399, &n, &err));
    assert_int_equal(n, 1);
    must(kept_slip_next(s, 41, &key, &err));
    assert_int_equal(key, 42); /* 41 has none any more */
    must(kept_slip_delete_range(s, 1, 43, 2, &deleted, &err));
    assert_int_equal(deleted, 2);
    must(kept_slip_delete_range(s, 1, 43, 9, &deleted, &err));
    assert_int_equal(deleted, 1);
    must_fail(KEPT_E_NOTFOUND, kept_slip_due(s, KEPT_SLIP_POST, 1, INT64_MAX, &got, &err));
    must(kept_slip_due(s, KEPT_SLIP_CODE, 1, INT64_MAX, &got, &err)); /* nobody's stays */
    must(kept_slip_delete(s, KEPT_SLIP_CODE, 1, &got.id, &err));
    must(kept_slip_delete(s, KEPT_SLIP_CODE, 1, &rows[3].id, &err)); /* gone already */
    must(kept_store_commit(s, &err));
    s = reopen(&f);
    must(kept_slip_next(s, 0, &key, &err));
    assert_int_equal(key, 90);
    must_fail(KEPT_E_USAGE, kept_slip_get(s, KEPT_SLIP_KINDS, 1, &rows[0].id, &got, &err));
    must_fail(KEPT_E_USAGE, kept_slip_delete(s, KEPT_SLIP_POST, 1, &rows[0].id, &err));
    down(&f);
}

static void apps_get_numbers(void **state)
{
    char name[32];
    struct fixture f;
    struct kept_store *s = up(&f, state);
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
    down(&f);
}

static void policy_versions_are_immutable(void **state)
{
    struct fixture f;
    struct kept_store *s = up(&f, state);
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
    down(&f);
}

static void facts_of_the_store(void **state)
{
    char longer[KEPT_MAX_NAME + 2];
    struct fixture f;
    struct kept_store *s = up(&f, state);
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
    down(&f);
}

/* ---- refusals ----------------------------------------------------------------------------------*/

/* Every call that writes, with what a write is refused for. */
static void no_write(struct kept_store *s, int code, uint64_t key)
{
    static const uint8_t token[16] = {1};
    uint32_t n = 0;
    uint64_t seq = 0;
    must_fail(code, kept_cell_put(s, key, aid_text("x"), &err));
    must_fail(code, kept_cell_delete(s, key, &err));
    must_fail(code, kept_cell_delete_range(s, key, ALL, 1, &n, &err));
    must_fail(code, kept_cell_delete_range(s, 0, key | 1ull << 63, 1, &n, &err));
    must_fail(code, kept_chunk_put(s, key, 1, aid_text("x"), &err));
    must_fail(code, kept_chunk_delete_range(s, key, ALL, 1, &n, &err));
    must_fail(code, kept_token_put(s, 1, token, key, &err));
    must_fail(code, kept_token_delete_range(s, key, ALL, 1, &n, &err));
    must_fail(code, kept_queue_put(s, KEPT_QUEUE_LEDGER, 1, key, &id_of_store, aid_text("x"), &seq,
                                   &err));
    must_fail(code, kept_todo_put(s, KEPT_TODO_SWEEP, key, 1, &err));
    must_fail(code, kept_todo_delete(s, KEPT_TODO_SWEEP, key, &err));
    assert_int_equal(n, 0);
    assert_int_equal(seq, 0);
}

/* Those without a key. */
static void no_write_at_all(struct kept_store *s, int code)
{
    uint32_t app = 99;
    no_write(s, code, 1);
    must_fail(code, kept_queue_delete(s, KEPT_QUEUE_LEDGER, 1, &err));
    must_fail(code, kept_app_add(s, "two", &app, &err));
    must_fail(code, kept_policy_row_put(s, 1, 2, 1, 1, aid_text("x"), &err));
    must_fail(code, kept_meta_put(s, "name", aid_text("x"), &err));
    must_fail(code, kept_meta_put_u64(s, "name", 1, &err));
    assert_int_equal(app, 99);
}

static void nothing_is_there(struct kept_store *s)
{
    uint64_t n = 99;
    kept_ms at = 0;
    must_fail(KEPT_E_NOTFOUND, kept_cell_next(s, 0, &n, &err));
    must_fail(KEPT_E_NOTFOUND, kept_chunk_next(s, 0, &n, &err));
    must_fail(KEPT_E_NOTFOUND, kept_token_next(s, 0, &n, &err));
    must_fail(KEPT_E_NOTFOUND, kept_todo_next(s, KEPT_TODO_SWEEP, ALL, &n, &at, &err));
    assert_int_equal(n, 99);
    struct seen seen = {0};
    must(kept_queue_each(s, KEPT_QUEUE_LEDGER, saw_row, &seen, &err));
    must(kept_app_each(s, saw_app, &seen, &err));
    must(kept_policy_row_each(s, 1, saw_policy, &seen, &err));
    assert_int_equal(seen.count, 0);
    must(kept_store_check(s, &err));
}

static void writing_is_refused_and_leaves_nothing(void **state)
{
    struct fixture f;
    struct kept_store *s = up(&f, state), *r = NULL;
    no_write_at_all(s, KEPT_E_USAGE);
    must(kept_store_begin_read(s, &err));
    no_write_at_all(s, KEPT_E_USAGE);
    nothing_is_there(s);
    kept_store_end_read(s);
    must(kept_store_begin_write(s, &err));
    no_write(s, KEPT_E_USAGE, 1ull << 63);
    no_write(s, KEPT_E_USAGE, UINT64_MAX);
    nothing_is_there(s);
    must(kept_store_commit(s, &err));
    must(kept_store_reader(s, 0, &r, &err));
    no_write_at_all(r, KEPT_E_IO);
    nothing_is_there(r);
    kept_store_close(r);
    /* What was met to be damaged is only read. */
    kept_store_distrust(s);
    must_fail(KEPT_E_CORRUPT, kept_store_begin_write(s, &err));
    no_write_at_all(s, KEPT_E_CORRUPT);
    bool done = false;
    must_fail(KEPT_E_CORRUPT, kept_store_scrub(s, &done, &err));
    nothing_is_there(s);
    s = reopen(&f);
    must(kept_store_begin_write(s, &err));
    put_text(s, 1, "again");
    must(kept_store_commit(s, &err));
    down(&f);
}

static void keys_of_64_bits_are_not_looked_for(void **state)
{
    struct fixture f;
    struct kept_store *s = up(&f, state);
    static const uint8_t token[16] = {1};
    struct kept_span body;
    uint64_t n = 0;
    kept_ms at = 0;
    must_fail(KEPT_E_USAGE, kept_cell_get(s, UINT64_MAX, &body, &err));
    must_fail(KEPT_E_USAGE, kept_chunk_get(s, 1ull << 63, 0, &body, &err));
    must_fail(KEPT_E_USAGE, kept_chunk_count(s, 1ull << 63, ALL, &n, &err));
    must_fail(KEPT_E_USAGE, kept_chunk_count(s, 0, 1ull << 63, &n, &err));
    must_fail(KEPT_E_USAGE, kept_token_count(s, 1ull << 63, ALL, &n, &err));
    must_fail(KEPT_E_USAGE, kept_token_has(s, 1, token, 1ull << 63, &err));
    must_fail(KEPT_E_USAGE, kept_todo_get(s, KEPT_TODO_SWEEP, 1ull << 63, &at, &err));
    must_fail(KEPT_E_NOTFOUND, kept_todo_get(s, KEPT_TODO_SWEEP, 1, &at, &err));
    must_fail(KEPT_E_NOTFOUND, kept_chunk_get(s, 1, 0, &body, &err));
    down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH_ENGINE(cells_come_back),
        EACH_ENGINE(keys_and_numbers_of_chunks_and_tokens),
        EACH_ENGINE(callers_stand_by_app_and_id),
        EACH_ENGINE(many_cells_at_once),
        EACH_ENGINE(ranges_are_deleted_in_bites),
        EACH_ENGINE(large_bodies),
        EACH_ENGINE(tokens_find_their_records),
        EACH_ENGINE(queues_keep_order),
        EACH_ENGINE(work_to_do),
        EACH_ENGINE(slips_are_found_and_go),
        EACH_ENGINE(apps_get_numbers),
        EACH_ENGINE(policy_versions_are_immutable),
        EACH_ENGINE(facts_of_the_store),
        EACH_ENGINE(writing_is_refused_and_leaves_nothing),
        EACH_ENGINE(keys_of_64_bits_are_not_looked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
