/* sql_row.c - look-up tokens, queues, and work to do later, in SQLite. */
#include <string.h>

#include "store/sql_int.h"

static int not_bound(struct kept_err *err)
{
    return kept_fail(err, KEPT_E_BUG, "cannot bind a row of the store");
}

/* ---- tokens ------------------------------------------------------------------------------------*/

/* App and token, and the key where the statement has one. NULL: not bound. */
static sqlite3_stmt *with_token(struct kept_store *store, enum kept_sql which, uint32_t app,
                                const uint8_t *token, const uint64_t *key)
{
    sqlite3_stmt *stmt = kept_sql_ready(store, which);
    if (kept_sql_bind_u64(stmt, 1, app) != 0 ||
        kept_sql_bind_span(stmt, 2, (struct kept_span){token, KEPT_TOKEN_BYTES}) != 0 ||
        (key != NULL && kept_sql_bind_u64(stmt, 3, *key) != 0))
        return NULL;
    return stmt;
}

int kept_sqlite_token_put(struct kept_store *store, uint32_t app, const uint8_t *token,
                          uint64_t key, struct kept_err *err)
{
    sqlite3_stmt *stmt = with_token(store, KEPT_SQL_TOKEN_PUT, app, token, &key);
    return stmt == NULL ? not_bound(err) : kept_sql_run(store, stmt, "cannot write a token", err);
}

int kept_sqlite_token_find(struct kept_store *store, uint32_t app, const uint8_t *token,
                           kept_saw_key *visit, void *arg, struct kept_err *err)
{
    sqlite3_stmt *stmt = with_token(store, KEPT_SQL_TOKEN_FIND, app, token, NULL);
    int rc;
    if (stmt == NULL)
        return not_bound(err);
    while ((rc = kept_sql_row(store, stmt, "cannot look up a token", err)) == 0)
        if ((rc = visit(arg, (uint64_t)sqlite3_column_int64(stmt, 0))) != 0) {
            kept_sql_done(stmt);
            return rc;
        }
    return rc == KEPT_E_NOTFOUND ? 0 : rc;
}

int kept_sqlite_token_has(struct kept_store *store, uint32_t app, const uint8_t *token,
                          uint64_t key, struct kept_err *err)
{
    uint64_t one = 0;
    sqlite3_stmt *stmt = with_token(store, KEPT_SQL_TOKEN_HAS, app, token, &key);
    return stmt == NULL ? not_bound(err)
                        : kept_sql_number(store, stmt, "cannot look up a token", &one, err);
}

/* ---- queues ------------------------------------------------------------------------------------*/

static const struct queue {
    enum kept_sql put, each, del, last;
} queues[] = {
    [KEPT_QUEUE_LEDGER] = {KEPT_SQL_LEDGER_PUT, KEPT_SQL_LEDGER_EACH, KEPT_SQL_LEDGER_DELETE,
                           KEPT_SQL_LEDGER_LAST},
    [KEPT_QUEUE_JOURNAL] = {KEPT_SQL_JOURNAL_PUT, KEPT_SQL_JOURNAL_EACH, KEPT_SQL_JOURNAL_DELETE,
                            KEPT_SQL_JOURNAL_LAST},
};

int kept_sqlite_queue_put(struct kept_store *store, enum kept_queue queue, uint64_t seq,
                          uint32_t app, uint64_t key, const struct kept_id *id,
                          struct kept_span body, struct kept_err *err)
{
    const uint64_t numbers[] = {seq, app, key};
    sqlite3_stmt *stmt = kept_sql_with(store, queues[queue].put, numbers, 3);
    if (stmt == NULL ||
        kept_sql_bind_span(stmt, 4, (struct kept_span){id->b, KEPT_ID_BYTES}) != 0 ||
        kept_sql_bind_span(stmt, 5, body) != 0)
        return not_bound(err);
    return kept_sql_run(store, stmt, "cannot write a queue", err);
}

int kept_sqlite_queue_each(struct kept_store *store, enum kept_queue queue, kept_saw_queued *visit,
                           void *arg, struct kept_err *err)
{
    sqlite3_stmt *stmt = kept_sql_ready(store, queues[queue].each);
    int rc;
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

int kept_sqlite_queue_delete(struct kept_store *store, enum kept_queue queue, uint64_t up_to,
                             struct kept_err *err)
{
    sqlite3_stmt *stmt = kept_sql_with(store, queues[queue].del, &up_to, 1);
    return stmt == NULL ? not_bound(err) : kept_sql_run(store, stmt, "cannot empty a queue", err);
}

int kept_sqlite_queue_last(struct kept_store *store, enum kept_queue queue, uint64_t *ret_seq,
                           struct kept_err *err)
{
    return kept_sql_number(store, kept_sql_ready(store, queues[queue].last), "cannot read a queue",
                           ret_seq, err);
}

/* ---- work to do later --------------------------------------------------------------------------*/

/* Kind and instant. NULL: not bound. */
static sqlite3_stmt *with_due(struct kept_store *store, enum kept_sql which, enum kept_todo kind,
                              kept_ms now)
{
    const uint64_t number = kind;
    sqlite3_stmt *stmt = kept_sql_with(store, which, &number, 1);
    return stmt != NULL && sqlite3_bind_int64(stmt, 2, now) == SQLITE_OK ? stmt : NULL;
}

int kept_sqlite_todo_put(struct kept_store *store, enum kept_todo kind, uint64_t key, kept_ms at,
                         struct kept_err *err)
{
    const uint64_t numbers[] = {kind, key};
    sqlite3_stmt *stmt = kept_sql_with(store, KEPT_SQL_TODO_PUT, numbers, 2);
    if (stmt == NULL || sqlite3_bind_int64(stmt, 3, at) != SQLITE_OK)
        return not_bound(err);
    return kept_sql_run(store, stmt, "cannot note work to do", err);
}

int kept_sqlite_todo_next(struct kept_store *store, enum kept_todo kind, kept_ms now,
                          uint64_t *ret_key, kept_ms *ret_at, struct kept_err *err)
{
    sqlite3_stmt *stmt = with_due(store, KEPT_SQL_TODO_NEXT, kind, now);
    if (stmt == NULL)
        return not_bound(err);
    int rc = kept_sql_row(store, stmt, "cannot read work to do", err);
    if (rc != 0)
        return rc;
    *ret_key = (uint64_t)sqlite3_column_int64(stmt, 0);
    *ret_at = sqlite3_column_int64(stmt, 1);
    kept_sql_done(stmt);
    return 0;
}

int kept_sqlite_todo_get(struct kept_store *store, enum kept_todo kind, uint64_t key,
                         kept_ms *ret_at, struct kept_err *err)
{
    const uint64_t numbers[] = {kind, key};
    uint64_t at = 0;
    sqlite3_stmt *stmt = kept_sql_with(store, KEPT_SQL_TODO_GET, numbers, 2);
    if (stmt == NULL)
        return not_bound(err);
    int rc = kept_sql_number(store, stmt, "cannot read work to do", &at, err);
    if (rc == 0)
        *ret_at = (kept_ms)at;
    return rc;
}

int kept_sqlite_todo_delete(struct kept_store *store, enum kept_todo kind, uint64_t key,
                            struct kept_err *err)
{
    const uint64_t numbers[] = {kind, key};
    sqlite3_stmt *stmt = kept_sql_with(store, KEPT_SQL_TODO_DELETE, numbers, 2);
    return stmt == NULL ? not_bound(err) : kept_sql_run(store, stmt, "cannot strike out work", err);
}

int kept_sqlite_todo_due(struct kept_store *store, enum kept_todo kind, kept_ms now,
                         uint64_t *ret_count, struct kept_err *err)
{
    sqlite3_stmt *stmt = with_due(store, KEPT_SQL_TODO_DUE, kind, now);
    return stmt == NULL ? not_bound(err)
                        : kept_sql_number(store, stmt, "cannot count work to do", ret_count, err);
}
