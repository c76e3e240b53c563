/* row.c - look-up tokens, queues, and work to do later. */
#include <string.h>

#include "store/store_int.h"

#define TOKEN_BYTES 16

/* Bind u64 values 1 .. count. */
static int bind_all(sqlite3_stmt *stmt, const uint64_t *values, int count)
{
    for (int i = 0; i < count; i++)
        if (kept_sql_bind_u64(stmt, i + 1, values[i]) != 0)
            return KEPT_E_USAGE;
    return 0;
}

static int bad_number(struct kept_err *err)
{
    return kept_fail(err, KEPT_E_USAGE, "a key or number has 63 bits");
}

/* A statement for reading or writing, or why not. */
static int take(struct kept_store *store, enum kept_sql which, bool write, sqlite3_stmt **ret_stmt,
                struct kept_err *err)
{
    int rc = write ? kept_sql_may_write(store, err) : kept_sql_may_read(store, err);
    if (rc != 0)
        return rc;
    *ret_stmt = kept_sql_ready(store, which);
    if (*ret_stmt == NULL)
        return kept_fail(err, KEPT_E_USAGE, "a visitor may not start the same visit again");
    return 0;
}

/* ---- tokens ------------------------------------------------------------------------------------*/

int kept_token_put(struct kept_store *store, uint32_t app, const uint8_t token[16], uint64_t key,
                   struct kept_err *err)
{
    sqlite3_stmt *stmt = NULL;
    int rc = take(store, KEPT_SQL_TOKEN_PUT, true, &stmt, err);
    if (rc != 0)
        return rc;
    if (kept_sql_bind_u64(stmt, 1, app) != 0 ||
        kept_sql_bind_span(stmt, 2, (struct kept_span){token, TOKEN_BYTES}) != 0 ||
        kept_sql_bind_u64(stmt, 3, key) != 0)
        return bad_number(err);
    return kept_sql_run(store, stmt, "cannot write a token", err);
}

int kept_token_find(struct kept_store *store, uint32_t app, const uint8_t token[16],
                    int (*visit)(void *arg, uint64_t key), void *arg, struct kept_err *err)
{
    sqlite3_stmt *stmt = NULL;
    int rc = take(store, KEPT_SQL_TOKEN_FIND, false, &stmt, err);
    if (rc != 0)
        return rc;
    if (kept_sql_bind_u64(stmt, 1, app) != 0 ||
        kept_sql_bind_span(stmt, 2, (struct kept_span){token, TOKEN_BYTES}) != 0)
        return bad_number(err);
    while ((rc = kept_sql_row(store, stmt, "cannot look up a token", err)) == 0)
        if ((rc = visit(arg, (uint64_t)sqlite3_column_int64(stmt, 0))) != 0) {
            kept_sql_done(stmt);
            return rc;
        }
    return rc == KEPT_E_NOTFOUND ? 0 : rc;
}

int kept_token_has(struct kept_store *store, uint32_t app, const uint8_t token[16], uint64_t key,
                   struct kept_err *err)
{
    sqlite3_stmt *stmt = NULL;
    int rc = take(store, KEPT_SQL_TOKEN_HAS, false, &stmt, err);
    if (rc != 0)
        return rc;
    if (kept_sql_bind_u64(stmt, 1, app) != 0 ||
        kept_sql_bind_span(stmt, 2, (struct kept_span){token, TOKEN_BYTES}) != 0 ||
        kept_sql_bind_u64(stmt, 3, key) != 0)
        return bad_number(err);
    if ((rc = kept_sql_row(store, stmt, "cannot look up a token", err)) == 0)
        kept_sql_done(stmt);
    return rc == KEPT_E_NOTFOUND ? kept_fail(err, rc, "there is no such token") : rc;
}

/* ---- queues ------------------------------------------------------------------------------------*/

struct queue {
    enum kept_sql put, each, del, last;
    const char *sent; /* the meta value that holds the highest number ever deleted */
};

/* NULL: there is no such queue. */
static const struct queue *queue_of(enum kept_queue queue)
{
    static const struct queue ledger = {KEPT_SQL_LEDGER_PUT, KEPT_SQL_LEDGER_EACH,
                                        KEPT_SQL_LEDGER_DELETE, KEPT_SQL_LEDGER_LAST,
                                        "queue-ledger-sent"};
    static const struct queue journal = {KEPT_SQL_JOURNAL_PUT, KEPT_SQL_JOURNAL_EACH,
                                         KEPT_SQL_JOURNAL_DELETE, KEPT_SQL_JOURNAL_LAST,
                                         "queue-journal-sent"};
    return queue == KEPT_QUEUE_LEDGER ? &ledger : queue == KEPT_QUEUE_JOURNAL ? &journal : NULL;
}

int kept_queue_resume(struct kept_store *store, struct kept_err *err)
{
    for (int i = KEPT_QUEUE_LEDGER; i <= KEPT_QUEUE_JOURNAL; i++) {
        const struct queue *q = queue_of((enum kept_queue)i);
        uint64_t last = 0;
        int rc = kept_meta_get_u64(store, q->sent, 0, &last, err);
        if (rc != 0)
            return rc;
        sqlite3_stmt *stmt = kept_sql_ready(store, q->last);
        rc = kept_sql_row(store, stmt, "cannot read a queue", err);
        if (rc == 0 && (uint64_t)sqlite3_column_int64(stmt, 0) > last)
            last = (uint64_t)sqlite3_column_int64(stmt, 0);
        kept_sql_done(stmt);
        if (rc != 0 && rc != KEPT_E_NOTFOUND)
            return rc;
        store->next_seq[i] = last + 1;
    }
    return 0;
}

int kept_queue_put(struct kept_store *store, enum kept_queue queue, uint32_t app, uint64_t key,
                   const struct kept_id *id, struct kept_span body, uint64_t *ret_seq,
                   struct kept_err *err)
{
    const struct queue *q = queue_of(queue);
    sqlite3_stmt *stmt = NULL;
    if (q == NULL)
        return kept_fail(err, KEPT_E_USAGE, "there is no such queue");
    int rc = take(store, q->put, true, &stmt, err);
    if (rc != 0)
        return rc;
    uint64_t seq = store->next_seq[queue];
    const uint64_t values[3] = {seq, app, key};
    if (bind_all(stmt, values, 3) != 0 ||
        kept_sql_bind_span(stmt, 4, (struct kept_span){id->b, KEPT_ID_BYTES}) != 0)
        return bad_number(err);
    if ((rc = kept_sql_bind_span(stmt, 5, body)) != 0)
        return kept_fail(err, rc, "a body of %zu bytes is too large", body.n);
    if ((rc = kept_sql_run(store, stmt, "cannot write a queue", err)) != 0)
        return rc;
    /* A number whose transaction is undone is skipped, not given again. */
    store->next_seq[queue] = seq + 1;
    *ret_seq = seq;
    return 0;
}

int kept_queue_each(struct kept_store *store, enum kept_queue queue,
                    int (*visit)(void *arg, uint64_t seq, uint32_t app, uint64_t key,
                                 const struct kept_id *id, struct kept_span body),
                    void *arg, struct kept_err *err)
{
    const struct queue *q = queue_of(queue);
    sqlite3_stmt *stmt = NULL;
    if (q == NULL)
        return kept_fail(err, KEPT_E_USAGE, "there is no such queue");
    int rc = take(store, q->each, false, &stmt, err);
    if (rc != 0)
        return rc;
    while ((rc = kept_sql_row(store, stmt, "cannot read a queue", err)) == 0) {
        struct kept_id id;
        struct kept_span bytes = kept_sql_span(stmt, 3);
        if (bytes.n != KEPT_ID_BYTES) {
            kept_sql_done(stmt);
            return kept_fail(err, KEPT_E_CORRUPT, "a queue holds a row with a bad id");
        }
        memcpy(id.b, bytes.p, KEPT_ID_BYTES);
        rc = visit(arg, (uint64_t)sqlite3_column_int64(stmt, 0),
                   (uint32_t)sqlite3_column_int64(stmt, 1),
                   (uint64_t)sqlite3_column_int64(stmt, 2), &id, kept_sql_span(stmt, 4));
        if (rc != 0) {
            kept_sql_done(stmt);
            return rc;
        }
    }
    return rc == KEPT_E_NOTFOUND ? 0 : rc;
}

int kept_queue_delete(struct kept_store *store, enum kept_queue queue, uint64_t up_to,
                      struct kept_err *err)
{
    const struct queue *q = queue_of(queue);
    sqlite3_stmt *stmt = NULL;
    if (q == NULL)
        return kept_fail(err, KEPT_E_USAGE, "there is no such queue");
    int rc = take(store, q->del, true, &stmt, err);
    if (rc != 0)
        return rc;
    /* What was never given cannot be sent: it would keep later numbers from being given. */
    if (up_to >= store->next_seq[queue])
        up_to = store->next_seq[queue] - 1;
    if (kept_sql_bind_u64(stmt, 1, up_to) != 0)
        return bad_number(err);
    if ((rc = kept_sql_run(store, stmt, "cannot empty a queue", err)) != 0)
        return rc;
    uint64_t sent = 0;
    if ((rc = kept_meta_get_u64(store, q->sent, 0, &sent, err)) != 0 || sent >= up_to)
        return rc;
    return kept_meta_put_u64(store, q->sent, up_to, err);
}

/* ---- work to do later --------------------------------------------------------------------------*/

int kept_todo_put(struct kept_store *store, enum kept_todo kind, uint64_t key, kept_ms at,
                  struct kept_err *err)
{
    sqlite3_stmt *stmt = NULL;
    int rc = take(store, KEPT_SQL_TODO_PUT, true, &stmt, err);
    if (rc != 0)
        return rc;
    const uint64_t values[2] = {(uint64_t)kind, key};
    if (bind_all(stmt, values, 2) != 0 || sqlite3_bind_int64(stmt, 3, at) != SQLITE_OK)
        return bad_number(err);
    return kept_sql_run(store, stmt, "cannot note work to do", err);
}

int kept_todo_next(struct kept_store *store, enum kept_todo kind, kept_ms now, uint64_t *ret_key,
                   kept_ms *ret_at, struct kept_err *err)
{
    sqlite3_stmt *stmt = NULL;
    int rc = take(store, KEPT_SQL_TODO_NEXT, false, &stmt, err);
    if (rc != 0)
        return rc;
    if (kept_sql_bind_u64(stmt, 1, (uint64_t)kind) != 0 ||
        sqlite3_bind_int64(stmt, 2, now) != SQLITE_OK)
        return bad_number(err);
    rc = kept_sql_row(store, stmt, "cannot read work to do", err);
    if (rc == KEPT_E_NOTFOUND)
        return kept_fail(err, rc, "nothing is due");
    if (rc != 0)
        return rc;
    *ret_key = (uint64_t)sqlite3_column_int64(stmt, 0);
    *ret_at = sqlite3_column_int64(stmt, 1);
    kept_sql_done(stmt);
    return 0;
}

int kept_todo_get(struct kept_store *store, enum kept_todo kind, uint64_t key, kept_ms *ret_at,
                  struct kept_err *err)
{
    sqlite3_stmt *stmt = NULL;
    int rc = take(store, KEPT_SQL_TODO_GET, false, &stmt, err);
    if (rc != 0)
        return rc;
    const uint64_t values[2] = {(uint64_t)kind, key};
    if (bind_all(stmt, values, 2) != 0)
        return bad_number(err);
    rc = kept_sql_row(store, stmt, "cannot read work to do", err);
    if (rc == KEPT_E_NOTFOUND)
        return kept_fail(err, rc, "nothing is to do for this key");
    if (rc != 0)
        return rc;
    *ret_at = sqlite3_column_int64(stmt, 0);
    kept_sql_done(stmt);
    return 0;
}

int kept_todo_delete(struct kept_store *store, enum kept_todo kind, uint64_t key,
                     struct kept_err *err)
{
    sqlite3_stmt *stmt = NULL;
    int rc = take(store, KEPT_SQL_TODO_DELETE, true, &stmt, err);
    if (rc != 0)
        return rc;
    const uint64_t values[2] = {(uint64_t)kind, key};
    if (bind_all(stmt, values, 2) != 0)
        return bad_number(err);
    return kept_sql_run(store, stmt, "cannot strike out work", err);
}

/* The number in the only row of a bound statement. */
static int count_rows(struct kept_store *store, sqlite3_stmt *stmt, uint64_t *ret_count,
                      struct kept_err *err)
{
    int rc = kept_sql_row(store, stmt, "cannot count work to do", err);
    if (rc != 0)
        return rc;
    *ret_count = (uint64_t)sqlite3_column_int64(stmt, 0);
    kept_sql_done(stmt);
    return 0;
}

int kept_todo_count(struct kept_store *store, enum kept_todo kind, uint64_t *ret_count,
                    struct kept_err *err)
{
    sqlite3_stmt *stmt = NULL;
    int rc = take(store, KEPT_SQL_TODO_COUNT, false, &stmt, err);
    if (rc != 0)
        return rc;
    if (kept_sql_bind_u64(stmt, 1, (uint64_t)kind) != 0)
        return bad_number(err);
    return count_rows(store, stmt, ret_count, err);
}

int kept_todo_due(struct kept_store *store, enum kept_todo kind, kept_ms now, uint64_t *ret_count,
                  struct kept_err *err)
{
    sqlite3_stmt *stmt = NULL;
    int rc = take(store, KEPT_SQL_TODO_DUE, false, &stmt, err);
    if (rc != 0)
        return rc;
    if (kept_sql_bind_u64(stmt, 1, (uint64_t)kind) != 0 ||
        sqlite3_bind_int64(stmt, 2, now) != SQLITE_OK)
        return bad_number(err);
    return count_rows(store, stmt, ret_count, err);
}
