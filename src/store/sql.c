/* sql.c - running statements of SQLite, and turning its results into ours. */
#include "store/sql_int.h"

static int error_of(int code)
{
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return 0;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_NOLFS:
        return KEPT_E_IO;
    case SQLITE_NOTADB:
        return KEPT_E_FORMAT;
    case SQLITE_CORRUPT:
        return KEPT_E_CORRUPT;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
        return KEPT_E_BUSY;
    case SQLITE_NOMEM:
        return KEPT_E_NOMEM;
    case SQLITE_CONSTRAINT:
        return KEPT_E_CONFLICT;
    case SQLITE_TOOBIG:
        return KEPT_E_LIMIT;
    default:
        return KEPT_E_BUG;
    }
}

/* Only SQLite's fixed words for the code: its longer messages may quote the schema. */
int kept_sql_fail(struct kept_store *store, int code, const char *what, struct kept_err *err)
{
    int rc = error_of(code);
    if (rc == 0)
        return 0;
    /* A full disk undoes the transaction and no more: with room again, writing goes on. */
    bool full = (code & 0xff) == SQLITE_FULL;
    store->sql->failure = code;
    if (((rc == KEPT_E_IO && !full && store->tx != KEPT_TX_READ) || rc == KEPT_E_CORRUPT) &&
        store->broken == 0)
        store->broken = rc;
    if (full)
        return kept_fail(err, rc, "%s: the disk, or the store, is full: make room and try again",
                         what);
    return kept_fail(err, rc, "%s: %s (%d), at %.150s", what, sqlite3_errstr(code), code,
                     store->sql->path);
}

void kept_sql_settle(struct kept_store *store)
{
    if (store->sql->pending != NULL)
        (void)sqlite3_reset(store->sql->pending);
    store->sql->pending = NULL;
}

/* The doors let no visit begin inside itself, so what is busy here is a mistake of ours. */
sqlite3_stmt *kept_sql_ready(struct kept_store *store, enum kept_sql which)
{
    kept_sql_settle(store);
    sqlite3_stmt *stmt = store->sql->stmt[which];
    KEPT_INVARIANT(!sqlite3_stmt_busy(stmt));
    return stmt;
}

sqlite3_stmt *kept_sql_with(struct kept_store *store, enum kept_sql which, const uint64_t *numbers,
                            int count)
{
    sqlite3_stmt *stmt = kept_sql_ready(store, which);
    for (int i = 0; i < count; i++)
        if (kept_sql_bind_u64(stmt, i + 1, numbers[i]) != 0)
            return NULL;
    return stmt;
}

void kept_sql_done(sqlite3_stmt *stmt)
{
    (void)sqlite3_reset(stmt);
}

void kept_sql_lose(struct kept_store *store, int why)
{
    kept_sql_settle(store);
    if (!sqlite3_get_autocommit(store->sql->db)) {
        (void)sqlite3_step(store->sql->stmt[KEPT_SQL_ROLLBACK]);
        (void)sqlite3_reset(store->sql->stmt[KEPT_SQL_ROLLBACK]);
    }
    store->marked = false;
    store->lost = why;
    store->tx = KEPT_TX_LOST;
}

/* A failed write inside a write transaction: is the transaction still what the caller thinks? */
static void judge(struct kept_store *store, int rc)
{
    if (store->tx == KEPT_TX_WRITE &&
        (rc == KEPT_E_IO || rc == KEPT_E_CORRUPT || sqlite3_get_autocommit(store->sql->db)))
        kept_sql_lose(store, rc);
}

int kept_sql_run(struct kept_store *store, sqlite3_stmt *stmt, const char *what,
                 struct kept_err *err)
{
    int code = sqlite3_step(stmt);
    (void)sqlite3_reset(stmt);
    if (code == SQLITE_DONE || code == SQLITE_ROW)
        return 0;
    int rc = kept_sql_fail(store, code, what, err);
    judge(store, rc);
    return rc;
}

int kept_sql_row(struct kept_store *store, sqlite3_stmt *stmt, const char *what,
                 struct kept_err *err)
{
    int code = sqlite3_step(stmt);
    if (code == SQLITE_ROW)
        return 0;
    (void)sqlite3_reset(stmt);
    if (code == SQLITE_DONE)
        return KEPT_E_NOTFOUND;
    int rc = kept_sql_fail(store, code, what, err);
    judge(store, rc);
    return rc;
}

int kept_sql_number(struct kept_store *store, sqlite3_stmt *stmt, const char *what,
                    uint64_t *ret_number, struct kept_err *err)
{
    int rc = kept_sql_row(store, stmt, what, err);
    if (rc != 0)
        return rc;
    *ret_number = (uint64_t)sqlite3_column_int64(stmt, 0);
    kept_sql_done(stmt);
    return 0;
}

int kept_sql_bind_u64(sqlite3_stmt *stmt, int index, uint64_t value)
{
    if (value > INT64_MAX)
        return KEPT_E_USAGE;
    return sqlite3_bind_int64(stmt, index, (int64_t)value) == SQLITE_OK ? 0 : KEPT_E_BUG;
}

int kept_sql_bind_span(sqlite3_stmt *stmt, int index, struct kept_span span)
{
    /* An empty body is an empty blob, not NULL. The bytes are borrowed until the step is done. */
    int code = sqlite3_bind_blob64(stmt, index, span.n == 0 ? (const void *)"" : span.p, span.n,
                                   SQLITE_STATIC);
    return code == SQLITE_OK ? 0 : code == SQLITE_TOOBIG ? KEPT_E_LIMIT : KEPT_E_BUG;
}

struct kept_span kept_sql_span(sqlite3_stmt *stmt, int column)
{
    struct kept_span span = {0};
    span.p = sqlite3_column_blob(stmt, column);
    span.n = span.p == NULL ? 0 : (size_t)sqlite3_column_bytes(stmt, column);
    return span;
}
