/* cell.c - cells, and the chunks of large values. */
#include "store/store_int.h"

static int bad_key(struct kept_err *err)
{
    return kept_fail(err, KEPT_E_USAGE, "a row key has 63 bits");
}

/* Bind key, number (if it has one) and body, and run. */
static int put(struct kept_store *store, enum kept_sql which, uint64_t key, const uint32_t *number,
               struct kept_span body, struct kept_err *err)
{
    int rc = kept_sql_may_write(store, err);
    if (rc != 0)
        return rc;
    sqlite3_stmt *stmt = kept_sql_ready(store, which);
    if (stmt == NULL)
        return kept_fail(err, KEPT_E_BUG, "a cell is being written already");
    if ((rc = kept_sql_bind_u64(stmt, 1, key)) != 0)
        return bad_key(err);
    if (number != NULL)
        rc = kept_sql_bind_u64(stmt, 2, *number);
    if (rc == 0)
        rc = kept_sql_bind_span(stmt, number == NULL ? 2 : 3, body);
    if (rc != 0)
        return kept_fail(err, rc, "a body of %zu bytes is too large", body.n);
    return kept_sql_run(store, stmt, "cannot write a cell", err);
}

/* Step to the one row and lend its body. */
static int get(struct kept_store *store, enum kept_sql which, uint64_t key, const uint32_t *number,
               struct kept_span *ret_body, struct kept_err *err)
{
    int rc = kept_sql_may_read(store, err);
    if (rc != 0)
        return rc;
    sqlite3_stmt *stmt = kept_sql_ready(store, which);
    if (stmt == NULL)
        return kept_fail(err, KEPT_E_BUG, "a cell is being read already");
    if ((rc = kept_sql_bind_u64(stmt, 1, key)) != 0)
        return bad_key(err);
    if (number != NULL && (rc = kept_sql_bind_u64(stmt, 2, *number)) != 0)
        return bad_key(err);
    rc = kept_sql_row(store, stmt, "cannot read a cell", err);
    if (rc == KEPT_E_NOTFOUND)
        return kept_fail(err, rc, "there is no such cell");
    if (rc != 0)
        return rc;
    *ret_body = kept_sql_span(stmt, 0);
    store->pending = stmt;
    return 0;
}

static int delete_range(struct kept_store *store, enum kept_sql which, uint64_t from, uint64_t to,
                        uint32_t limit, uint32_t *ret_deleted, struct kept_err *err)
{
    int rc = kept_sql_may_write(store, err);
    if (rc != 0)
        return rc;
    sqlite3_stmt *stmt = kept_sql_ready(store, which);
    if (stmt == NULL)
        return kept_fail(err, KEPT_E_BUG, "a range is being deleted already");
    if (kept_sql_bind_u64(stmt, 1, from) != 0 || kept_sql_bind_u64(stmt, 2, to) != 0 ||
        kept_sql_bind_u64(stmt, 3, limit) != 0)
        return bad_key(err);
    if ((rc = kept_sql_run(store, stmt, "cannot delete", err)) == 0)
        *ret_deleted = (uint32_t)sqlite3_changes(store->db);
    return rc;
}

int kept_cell_get(struct kept_store *store, uint64_t key, struct kept_span *ret_body,
                  struct kept_err *err)
{
    return get(store, KEPT_SQL_CELL_GET, key, NULL, ret_body, err);
}

int kept_cell_put(struct kept_store *store, uint64_t key, struct kept_span body,
                  struct kept_err *err)
{
    return put(store, KEPT_SQL_CELL_PUT, key, NULL, body, err);
}

int kept_cell_delete(struct kept_store *store, uint64_t key, struct kept_err *err)
{
    int rc = kept_sql_may_write(store, err);
    if (rc != 0)
        return rc;
    sqlite3_stmt *stmt = kept_sql_ready(store, KEPT_SQL_CELL_DELETE);
    if (stmt == NULL)
        return kept_fail(err, KEPT_E_BUG, "a cell is being deleted already");
    if ((rc = kept_sql_bind_u64(stmt, 1, key)) != 0)
        return bad_key(err);
    return kept_sql_run(store, stmt, "cannot delete a cell", err);
}

int kept_cell_delete_range(struct kept_store *store, uint64_t from, uint64_t to, uint32_t limit,
                           uint32_t *ret_deleted, struct kept_err *err)
{
    return delete_range(store, KEPT_SQL_CELL_DELETE_RANGE, from, to, limit, ret_deleted, err);
}

/* The first row of a statement that takes a key to begin with. */
static int next(struct kept_store *store, enum kept_sql which, uint64_t from, uint64_t *ret_key,
                struct kept_err *err)
{
    int rc = kept_sql_may_read(store, err);
    if (rc != 0)
        return rc;
    sqlite3_stmt *stmt = kept_sql_ready(store, which);
    if (stmt == NULL)
        return kept_fail(err, KEPT_E_BUG, "a row is being looked for already");
    if (from > INT64_MAX)
        return kept_fail(err, KEPT_E_NOTFOUND, "no row has so high a key");
    /* A key below zero is nothing that kept wrote: whoever begins at the beginning is to see it. */
    if (sqlite3_bind_int64(stmt, 1, from == 0 ? INT64_MIN : (int64_t)from) != SQLITE_OK)
        return bad_key(err);
    rc = kept_sql_row(store, stmt, "cannot read a key", err);
    if (rc == KEPT_E_NOTFOUND)
        return kept_fail(err, rc, "there is no further row");
    if (rc != 0)
        return rc;
    *ret_key = (uint64_t)sqlite3_column_int64(stmt, 0);
    kept_sql_done(stmt);
    return 0;
}

static int count_range(struct kept_store *store, enum kept_sql which, uint64_t from, uint64_t to,
                       uint64_t *ret_count, struct kept_err *err)
{
    int rc = kept_sql_may_read(store, err);
    if (rc != 0)
        return rc;
    sqlite3_stmt *stmt = kept_sql_ready(store, which);
    if (stmt == NULL)
        return kept_fail(err, KEPT_E_BUG, "rows are being counted already");
    if (kept_sql_bind_u64(stmt, 1, from) != 0 || kept_sql_bind_u64(stmt, 2, to) != 0)
        return bad_key(err);
    if ((rc = kept_sql_row(store, stmt, "cannot count rows", err)) != 0)
        return rc;
    *ret_count = (uint64_t)sqlite3_column_int64(stmt, 0);
    kept_sql_done(stmt);
    return 0;
}

int kept_cell_next(struct kept_store *store, uint64_t from, uint64_t *ret_key,
                   struct kept_err *err)
{
    return next(store, KEPT_SQL_CELL_NEXT, from, ret_key, err);
}

int kept_chunk_put(struct kept_store *store, uint64_t key, uint32_t number, struct kept_span body,
                   struct kept_err *err)
{
    return put(store, KEPT_SQL_CHUNK_PUT, key, &number, body, err);
}

int kept_chunk_get(struct kept_store *store, uint64_t key, uint32_t number,
                   struct kept_span *ret_body, struct kept_err *err)
{
    return get(store, KEPT_SQL_CHUNK_GET, key, &number, ret_body, err);
}

int kept_chunk_delete_range(struct kept_store *store, uint64_t from, uint64_t to, uint32_t limit,
                            uint32_t *ret_deleted, struct kept_err *err)
{
    return delete_range(store, KEPT_SQL_CHUNK_DELETE_RANGE, from, to, limit, ret_deleted, err);
}

int kept_chunk_next(struct kept_store *store, uint64_t from, uint64_t *ret_key,
                    struct kept_err *err)
{
    return next(store, KEPT_SQL_CHUNK_NEXT, from, ret_key, err);
}

int kept_chunk_count(struct kept_store *store, uint64_t from, uint64_t to, uint64_t *ret_count,
                     struct kept_err *err)
{
    return count_range(store, KEPT_SQL_CHUNK_COUNT, from, to, ret_count, err);
}

int kept_token_next(struct kept_store *store, uint64_t from, uint64_t *ret_key,
                    struct kept_err *err)
{
    return next(store, KEPT_SQL_TOKEN_NEXT, from, ret_key, err);
}

int kept_token_count(struct kept_store *store, uint64_t from, uint64_t to, uint64_t *ret_count,
                     struct kept_err *err)
{
    return count_range(store, KEPT_SQL_TOKEN_COUNT, from, to, ret_count, err);
}

int kept_token_delete_range(struct kept_store *store, uint64_t from, uint64_t to, uint32_t limit,
                            uint32_t *ret_deleted, struct kept_err *err)
{
    return delete_range(store, KEPT_SQL_TOKEN_DELETE_RANGE, from, to, limit, ret_deleted, err);
}
