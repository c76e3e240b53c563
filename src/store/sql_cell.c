/* sql_cell.c - cells and the chunks of large values in SQLite, and what is walked by key. */
#include "store/sql_int.h"

/* Bind the body behind count numbers, and run. */
static int put(struct kept_store *store, enum kept_sql which, const uint64_t *numbers, int count,
               struct kept_span body, struct kept_err *err)
{
    sqlite3_stmt *stmt = kept_sql_with(store, which, numbers, count);
    int rc = stmt == NULL ? KEPT_E_BUG : kept_sql_bind_span(stmt, count + 1, body);
    if (rc != 0)
        return kept_fail(err, rc, "a body of %zu bytes cannot be written", body.n);
    return kept_sql_run(store, stmt, "cannot write a cell", err);
}

/* Step to the one row of a bound statement and lend its body. */
static int lend(struct kept_store *store, sqlite3_stmt *stmt, struct kept_span *ret_body,
                struct kept_err *err)
{
    if (stmt == NULL)
        return kept_fail(err, KEPT_E_BUG, "cannot bind a key");
    int rc = kept_sql_row(store, stmt, "cannot read a cell", err);
    if (rc != 0)
        return rc;
    *ret_body = kept_sql_span(stmt, 0);
    store->sql->pending = stmt;
    return 0;
}

int kept_sqlite_cell_get(struct kept_store *store, uint64_t key, struct kept_span *ret_body,
                         struct kept_err *err)
{
    return lend(store, kept_sql_with(store, KEPT_SQL_CELL_GET, &key, 1), ret_body, err);
}

int kept_sqlite_cell_put(struct kept_store *store, uint64_t key, struct kept_span body,
                         struct kept_err *err)
{
    return put(store, KEPT_SQL_CELL_PUT, &key, 1, body, err);
}

int kept_sqlite_cell_delete(struct kept_store *store, uint64_t key, struct kept_err *err)
{
    sqlite3_stmt *stmt = kept_sql_with(store, KEPT_SQL_CELL_DELETE, &key, 1);
    if (stmt == NULL)
        return kept_fail(err, KEPT_E_BUG, "cannot bind a key");
    return kept_sql_run(store, stmt, "cannot delete a cell", err);
}

int kept_sqlite_chunk_put(struct kept_store *store, uint64_t key, uint32_t number,
                          struct kept_span body, struct kept_err *err)
{
    return put(store, KEPT_SQL_CHUNK_PUT, (const uint64_t[]){key, number}, 2, body, err);
}

int kept_sqlite_chunk_get(struct kept_store *store, uint64_t key, uint32_t number,
                          struct kept_span *ret_body, struct kept_err *err)
{
    const uint64_t numbers[] = {key, number};
    return lend(store, kept_sql_with(store, KEPT_SQL_CHUNK_GET, numbers, 2), ret_body, err);
}

/* ---- tables by key -----------------------------------------------------------------------------*/

int kept_sqlite_next(struct kept_store *store, enum kept_table table, uint64_t from,
                     uint64_t *ret_key, struct kept_err *err)
{
    static const enum kept_sql which[] = {KEPT_SQL_CELL_NEXT, KEPT_SQL_CHUNK_NEXT,
                                          KEPT_SQL_TOKEN_NEXT, KEPT_SQL_SLIP_NEXT};
    sqlite3_stmt *stmt = kept_sql_ready(store, which[table]);
    /* A key below zero is nothing that kept wrote: whoever begins at the beginning is to see it. */
    if (sqlite3_bind_int64(stmt, 1, from == 0 ? INT64_MIN : (int64_t)from) != SQLITE_OK)
        return kept_fail(err, KEPT_E_BUG, "cannot bind a key");
    return kept_sql_number(store, stmt, "cannot read a key", ret_key, err);
}

int kept_sqlite_count(struct kept_store *store, enum kept_table table, uint64_t from, uint64_t to,
                      uint64_t *ret_count, struct kept_err *err)
{
    static const enum kept_sql which[] = {KEPT_SQL_CELL_COUNT, KEPT_SQL_CHUNK_COUNT,
                                          KEPT_SQL_TOKEN_COUNT, KEPT_SQL_SLIP_COUNT};
    sqlite3_stmt *stmt = kept_sql_with(store, which[table], (const uint64_t[]){from, to}, 2);
    if (stmt == NULL)
        return kept_fail(err, KEPT_E_BUG, "cannot bind a key");
    return kept_sql_number(store, stmt, "cannot count rows", ret_count, err);
}

int kept_sqlite_delete_range(struct kept_store *store, enum kept_table table, uint64_t from,
                             uint64_t to, uint32_t limit, uint32_t *ret_deleted,
                             struct kept_err *err)
{
    static const enum kept_sql which[] = {KEPT_SQL_CELL_DELETE_RANGE, KEPT_SQL_CHUNK_DELETE_RANGE,
                                          KEPT_SQL_TOKEN_DELETE_RANGE,
                                          KEPT_SQL_SLIP_DELETE_RANGE};
    sqlite3_stmt *stmt = kept_sql_with(store, which[table], (const uint64_t[]){from, to, limit}, 3);
    if (stmt == NULL)
        return kept_fail(err, KEPT_E_BUG, "cannot bind a key");
    int rc = kept_sql_run(store, stmt, "cannot delete", err);
    if (rc == 0)
        *ret_deleted = (uint32_t)sqlite3_changes(store->sql->db);
    return rc;
}
