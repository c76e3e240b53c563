/* sql_slip.c - small rows with an instant, in SQLite. */
#include <string.h>

#include "store/sql_int.h"

static int not_bound(struct kept_err *err)
{
    return kept_fail(err, KEPT_E_BUG, "cannot bind a slip");
}

/* Kind, app and id. NULL: not bound. */
static sqlite3_stmt *named(struct kept_store *store, enum kept_sql which, enum kept_slip_kind kind,
                           uint32_t app, const struct kept_id *id)
{
    const uint64_t numbers[] = {kind, app};
    sqlite3_stmt *stmt = kept_sql_with(store, which, numbers, 2);
    return stmt != NULL && kept_sql_bind_span(stmt, 3, (struct kept_span){id->b, KEPT_ID_BYTES}) == 0
               ? stmt
               : NULL;
}

/* Kind, app and instant. NULL: not bound. */
static sqlite3_stmt *by_instant(struct kept_store *store, enum kept_sql which,
                                enum kept_slip_kind kind, uint32_t app, kept_ms now)
{
    const uint64_t numbers[] = {kind, app};
    sqlite3_stmt *stmt = kept_sql_with(store, which, numbers, 2);
    return stmt != NULL && sqlite3_bind_int64(stmt, 3, now) == SQLITE_OK ? stmt : NULL;
}

int kept_sqlite_slip_put(struct kept_store *store, const struct kept_slip *slip,
                         struct kept_err *err)
{
    const uint64_t numbers[] = {slip->kind, slip->app, slip->key};
    sqlite3_stmt *stmt = kept_sql_with(store, KEPT_SQL_SLIP_PUT, numbers, 3);
    if (stmt == NULL || sqlite3_bind_int64(stmt, 4, slip->at) != SQLITE_OK ||
        kept_sql_bind_span(stmt, 5, (struct kept_span){slip->id.b, KEPT_ID_BYTES}) != 0 ||
        kept_sql_bind_span(stmt, 6, slip->body) != 0)
        return not_bound(err);
    return kept_sql_run(store, stmt, "cannot write a slip", err);
}

/* The row of a bound statement, its body lent. */
static int lend(struct kept_store *store, sqlite3_stmt *stmt, enum kept_slip_kind kind,
                struct kept_slip *ret_slip, struct kept_err *err)
{
    if (stmt == NULL)
        return not_bound(err);
    int rc = kept_sql_row(store, stmt, "cannot read a slip", err);
    if (rc != 0)
        return rc;
    struct kept_span id = kept_sql_span(stmt, 1);
    if (id.n != KEPT_ID_BYTES) {
        kept_sql_done(stmt);
        return kept_fail(err, KEPT_E_CORRUPT, "a slip has a bad id");
    }
    *ret_slip = (struct kept_slip){.kind = kind,
                                   .app = (uint32_t)sqlite3_column_int64(stmt, 0),
                                   .key = (uint64_t)sqlite3_column_int64(stmt, 2),
                                   .at = sqlite3_column_int64(stmt, 3)};
    memcpy(ret_slip->id.b, id.p, KEPT_ID_BYTES);
    ret_slip->body = kept_sql_span(stmt, 4);
    store->sql->pending = stmt;
    return 0;
}

int kept_sqlite_slip_get(struct kept_store *store, enum kept_slip_kind kind, uint32_t app,
                         const struct kept_id *id, struct kept_slip *ret_slip, struct kept_err *err)
{
    return lend(store, named(store, KEPT_SQL_SLIP_GET, kind, app, id), kind, ret_slip, err);
}

int kept_sqlite_slip_from(struct kept_store *store, enum kept_slip_kind kind, uint32_t app,
                          const struct kept_id *id, struct kept_slip *ret_slip, struct kept_err *err)
{
    return lend(store, named(store, KEPT_SQL_SLIP_FROM, kind, app, id), kind, ret_slip, err);
}

int kept_sqlite_slip_due(struct kept_store *store, enum kept_slip_kind kind, uint32_t app, kept_ms now,
                         struct kept_slip *ret_slip, struct kept_err *err)
{
    return lend(store, by_instant(store, KEPT_SQL_SLIP_DUE, kind, app, now), kind, ret_slip, err);
}

int kept_sqlite_slip_delete(struct kept_store *store, enum kept_slip_kind kind, uint32_t app,
                            const struct kept_id *id, struct kept_err *err)
{
    sqlite3_stmt *stmt = named(store, KEPT_SQL_SLIP_DELETE, kind, app, id);
    return stmt == NULL ? not_bound(err) : kept_sql_run(store, stmt, "cannot delete a slip", err);
}

int kept_sqlite_slip_count(struct kept_store *store, enum kept_slip_kind kind, uint32_t app,
                           kept_ms now, uint64_t *ret_count, struct kept_err *err)
{
    sqlite3_stmt *stmt = by_instant(store, KEPT_SQL_SLIP_DUE_COUNT, kind, app, now);
    return stmt == NULL ? not_bound(err)
                        : kept_sql_number(store, stmt, "cannot count slips", ret_count, err);
}
