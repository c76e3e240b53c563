/* sql_walk.c - reading many cells by one statement.
 *
 * keys(key) is a virtual table whose rows the caller makes up as they are asked for, found(body) an
 * aggregate that hands each cell to the caller without a copy. One run of the statement replaces a
 * reset, a bind, a step and a column per key; and because a key is asked for only when the cell before
 * it has been handed over, a body can name the cell to read next while its page is still at hand. */
#include "store/sql_int.h"

#include "base/mem.h"

struct table {
    sqlite3_vtab base;
    struct kept_walk *walk;
};

struct cursor {
    sqlite3_vtab_cursor base;
    uint64_t key;
    bool end;
};

static int keys_connect(sqlite3 *db, void *arg, int argc, const char *const *argv,
                        sqlite3_vtab **ret_table, char **ret_text)
{
    (void)argc;
    (void)argv;
    (void)ret_text;
    int code = sqlite3_declare_vtab(db, "CREATE TABLE keys(key INTEGER)");
    if (code != SQLITE_OK)
        return code;
    (void)sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
    struct table *table = kept_alloc(1, sizeof *table);
    if (table == NULL)
        return SQLITE_NOMEM;
    table->walk = arg;
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

static int keys_next(sqlite3_vtab_cursor *base)
{
    struct cursor *cursor = cursor_of(base);
    struct kept_walk *walk = ((const struct table *)(const void *)base->pVtab)->walk;
    cursor->end = !walk->next(walk->arg, &cursor->key);
    if (!cursor->end && cursor->key > INT64_MAX) {
        walk->bad_key = true;
        return SQLITE_ABORT;
    }
    return SQLITE_OK;
}

static int keys_filter(sqlite3_vtab_cursor *base, int number, const char *text, int argc,
                       sqlite3_value **argv)
{
    (void)number;
    (void)text;
    (void)argc;
    (void)argv;
    return keys_next(base);
}

static int keys_eof(sqlite3_vtab_cursor *base)
{
    return cursor_of(base)->end;
}

static int keys_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column)
{
    (void)column;
    sqlite3_result_int64(context, (int64_t)cursor_of(base)->key);
    return SQLITE_OK;
}

static int keys_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *ret_rowid)
{
    *ret_rowid = (sqlite3_int64)cursor_of(base)->key;
    return SQLITE_OK;
}

static void found_step(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    struct kept_walk *walk = sqlite3_user_data(context);
    struct kept_span body = {0};
    (void)argc;
    body.p = sqlite3_value_blob(argv[0]);
    body.n = body.p == NULL ? 0 : (size_t)sqlite3_value_bytes(argv[0]);
    walk->rc = walk->found(walk->arg, body);
    if (walk->rc != 0)
        sqlite3_result_error_code(context, SQLITE_ABORT);
}

static void found_final(sqlite3_context *context)
{
    sqlite3_result_null(context);
}

int kept_walk_register(struct kept_store *store, struct kept_err *err)
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
    int code = sqlite3_create_module_v2(store->sql->db, "keys", &module, &store->sql->walk, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_create_function_v2(store->sql->db, "found", 1, SQLITE_UTF8 | SQLITE_DIRECTONLY,
                                          &store->sql->walk, NULL, found_step, found_final, NULL);
    return kept_sql_fail(store, code, "cannot prepare reading", err);
}

int kept_sqlite_cell_walk(struct kept_store *store, kept_next_key *next, kept_saw_body *found,
                          void *arg, struct kept_err *err)
{
    struct kept_walk *walk = &store->sql->walk;
    sqlite3_stmt *stmt = kept_sql_ready(store, KEPT_SQL_CELL_WALK);
    *walk = (struct kept_walk){.next = next, .found = found, .arg = arg};
    int code = sqlite3_step(stmt);
    (void)sqlite3_reset(stmt);
    if (walk->bad_key)
        return kept_fail(err, KEPT_E_USAGE, "a row key has 63 bits");
    if (walk->rc != 0)
        return walk->rc;
    return code == SQLITE_ROW ? 0 : kept_sql_fail(store, code, "cannot read cells", err);
}
