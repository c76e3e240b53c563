/* many.c - reading many cells by one statement.
 *
 * keys(position, key) is a virtual table over the caller's array, found(position, body) an aggregate
 * that hands each row to the caller without a copy. One run of the statement replaces a reset, two
 * binds, a step and a column per key. The keys are sorted first, so that neighbours share the walk
 * down the tree and their page. */
#include "store/store_int.h"

#include <stdlib.h>

#include "base/mem.h"

#define MAX_KEYS (1u << 20)

struct table {
    sqlite3_vtab base;
    struct kept_many *many;
};

struct cursor {
    sqlite3_vtab_cursor base;
    size_t at;
};

static int keys_connect(sqlite3 *db, void *arg, int argc, const char *const *argv,
                        sqlite3_vtab **ret_table, char **ret_text)
{
    (void)argc;
    (void)argv;
    (void)ret_text;
    int code = sqlite3_declare_vtab(db, "CREATE TABLE keys(position INTEGER, key INTEGER)");
    if (code != SQLITE_OK)
        return code;
    (void)sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
    struct table *table = kept_alloc(1, sizeof *table);
    if (table == NULL)
        return SQLITE_NOMEM;
    table->many = arg;
    *ret_table = &table->base;
    return SQLITE_OK;
}

static int keys_disconnect(sqlite3_vtab *table)
{
    kept_free(table);
    return SQLITE_OK;
}

static int keys_best(sqlite3_vtab *table, sqlite3_index_info *info)
{
    (void)table;
    info->estimatedCost = 256;
    info->estimatedRows = 256;
    return SQLITE_OK;
}

static int keys_open(sqlite3_vtab *table, sqlite3_vtab_cursor **ret_cursor)
{
    (void)table;
    struct cursor *cursor = kept_alloc(1, sizeof *cursor);
    if (cursor == NULL)
        return SQLITE_NOMEM;
    *ret_cursor = &cursor->base;
    return SQLITE_OK;
}

static int keys_close(sqlite3_vtab_cursor *cursor)
{
    kept_free(cursor);
    return SQLITE_OK;
}

static struct cursor *cursor_of(sqlite3_vtab_cursor *base)
{
    return (struct cursor *)(void *)base;
}

static const struct kept_many *many_of(const sqlite3_vtab_cursor *base)
{
    return ((const struct table *)(const void *)base->pVtab)->many;
}

static int keys_filter(sqlite3_vtab_cursor *base, int number, const char *text, int argc,
                       sqlite3_value **argv)
{
    (void)number;
    (void)text;
    (void)argc;
    (void)argv;
    cursor_of(base)->at = 0;
    return SQLITE_OK;
}

static int keys_next(sqlite3_vtab_cursor *base)
{
    cursor_of(base)->at++;
    return SQLITE_OK;
}

static int keys_eof(sqlite3_vtab_cursor *base)
{
    return cursor_of(base)->at >= many_of(base)->count;
}

static int keys_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column)
{
    const struct kept_many_key *key = &many_of(base)->keys[cursor_of(base)->at];
    sqlite3_result_int64(context, column == 0 ? (int64_t)key->position : key->key);
    return SQLITE_OK;
}

static int keys_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *ret_rowid)
{
    *ret_rowid = (sqlite3_int64)cursor_of(base)->at;
    return SQLITE_OK;
}

static void found_step(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    struct kept_many *many = sqlite3_user_data(context);
    struct kept_span body = {0};
    (void)argc;
    body.p = sqlite3_value_blob(argv[1]);
    body.n = body.p == NULL ? 0 : (size_t)sqlite3_value_bytes(argv[1]);
    many->rc = many->found(many->arg, (size_t)sqlite3_value_int64(argv[0]), body);
    if (many->rc != 0)
        sqlite3_result_error_code(context, SQLITE_ABORT);
}

static void found_final(sqlite3_context *context)
{
    sqlite3_result_null(context);
}

int kept_many_register(struct kept_store *store, struct kept_err *err)
{
    static const sqlite3_module module = {
        .xConnect = keys_connect, /* no xCreate: it exists by its name alone, in no schema */
        .xBestIndex = keys_best,
        .xDisconnect = keys_disconnect,
        .xOpen = keys_open,
        .xClose = keys_close,
        .xFilter = keys_filter,
        .xNext = keys_next,
        .xEof = keys_eof,
        .xColumn = keys_column,
        .xRowid = keys_rowid,
    };
    int code = sqlite3_create_module_v2(store->db, "keys", &module, &store->many, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_create_function_v2(store->db, "found", 2, SQLITE_UTF8 | SQLITE_DIRECTONLY,
                                          &store->many, NULL, found_step, found_final, NULL);
    return kept_sql_fail(store, code, "cannot prepare reading", err);
}

static int by_key(const void *a, const void *b)
{
    const struct kept_many_key *x = a, *y = b;
    return (x->key > y->key) - (x->key < y->key);
}

int kept_cell_get_many(struct kept_store *store, const uint64_t *keys, size_t count,
                       int (*found)(void *arg, size_t position, struct kept_span body), void *arg,
                       struct kept_err *err)
{
    struct kept_many *many = &store->many;
    int rc = kept_sql_may_read(store, err);
    if (rc != 0)
        return rc;
    sqlite3_stmt *stmt = kept_sql_ready(store, KEPT_SQL_CELL_MANY);
    if (stmt == NULL)
        return kept_fail(err, KEPT_E_USAGE, "many cells are being read already");
    if ((rc = kept_grow(&many->keys, &many->cap, count, MAX_KEYS, sizeof *many->keys)) != 0)
        return kept_fail(err, rc, "cannot read %zu cells at once", count);
    bool sorted = true;
    for (size_t i = 0; i < count; i++) {
        if (keys[i] > INT64_MAX)
            return kept_fail(err, KEPT_E_USAGE, "a row key has 63 bits");
        many->keys[i].key = (int64_t)keys[i];
        many->keys[i].position = i;
        sorted = sorted && (i == 0 || keys[i - 1] <= keys[i]);
    }
    if (!sorted)
        qsort(many->keys, count, sizeof *many->keys, by_key);
    many->count = count;
    many->found = found;
    many->arg = arg;
    many->rc = 0;
    int code = sqlite3_step(stmt);
    (void)sqlite3_reset(stmt);
    many->count = 0;
    if (many->rc != 0)
        return many->rc;
    return code == SQLITE_ROW ? 0 : kept_sql_fail(store, code, "cannot read cells", err);
}
