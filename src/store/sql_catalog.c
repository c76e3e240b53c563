/* sql_catalog.c - apps, policy versions, callers, and facts of the store, in SQLite. */
#include <string.h>

#include "store/sql_int.h"

static int not_bound(struct kept_err *err)
{
    return kept_fail(err, KEPT_E_BUG, "cannot bind a row of the store");
}

static int bind_text(sqlite3_stmt *stmt, int index, const char *text)
{
    return sqlite3_bind_text(stmt, index, text, -1, SQLITE_STATIC) == SQLITE_OK ? 0 : KEPT_E_BUG;
}

/* ---- apps --------------------------------------------------------------------------------------*/

int kept_sqlite_app_last(struct kept_store *store, uint64_t *ret_app, struct kept_err *err)
{
    return kept_sql_number(store, kept_sql_ready(store, KEPT_SQL_APP_LAST), "cannot read the apps",
                           ret_app, err);
}

int kept_sqlite_app_add(struct kept_store *store, uint32_t app, const char *name,
                        struct kept_err *err)
{
    sqlite3_stmt *stmt = kept_sql_ready(store, KEPT_SQL_APP_ADD);
    if (kept_sql_bind_u64(stmt, 1, app) != 0 || bind_text(stmt, 2, name) != 0)
        return not_bound(err);
    return kept_sql_run(store, stmt, "cannot add an app", err);
}

int kept_sqlite_app_each(struct kept_store *store, kept_saw_app *visit, void *arg,
                         struct kept_err *err)
{
    sqlite3_stmt *stmt = kept_sql_ready(store, KEPT_SQL_APP_EACH);
    int rc;
    while ((rc = kept_sql_row(store, stmt, "cannot read the apps", err)) == 0) {
        sqlite3_int64 app = sqlite3_column_int64(stmt, 0);
        const unsigned char *name = sqlite3_column_text(stmt, 1);
        if (app < 1 || app > KEPT_MAX_APPS || name == NULL)
            rc = kept_fail(err, KEPT_E_CORRUPT, "the list of apps is damaged");
        else
            rc = visit(arg, (uint32_t)app, (const char *)name);
        if (rc != 0) {
            kept_sql_done(stmt);
            return rc;
        }
    }
    return rc == KEPT_E_NOTFOUND ? 0 : rc;
}

/* ---- policy versions ---------------------------------------------------------------------------*/

int kept_sqlite_policy_put(struct kept_store *store, uint32_t app, uint32_t version,
                           kept_ms effective, kept_ms published, struct kept_span text,
                           struct kept_err *err)
{
    const uint64_t numbers[] = {app, version};
    sqlite3_stmt *stmt = kept_sql_with(store, KEPT_SQL_POLICY_PUT, numbers, 2);
    if (stmt == NULL || sqlite3_bind_int64(stmt, 3, effective) != SQLITE_OK ||
        sqlite3_bind_int64(stmt, 4, published) != SQLITE_OK ||
        kept_sql_bind_span(stmt, 5, text) != 0)
        return not_bound(err);
    return kept_sql_run(store, stmt, "cannot write a policy version", err);
}

int kept_sqlite_policy_each(struct kept_store *store, uint32_t app, kept_saw_policy *visit,
                            void *arg, struct kept_err *err)
{
    sqlite3_stmt *stmt = kept_sql_ready(store, KEPT_SQL_POLICY_EACH);
    int rc;
    if (kept_sql_bind_u64(stmt, 1, app) != 0)
        return not_bound(err);
    while ((rc = kept_sql_row(store, stmt, "cannot read policy versions", err)) == 0) {
        rc = visit(arg, (uint32_t)sqlite3_column_int64(stmt, 0), sqlite3_column_int64(stmt, 1),
                   sqlite3_column_int64(stmt, 2), kept_sql_span(stmt, 3));
        if (rc != 0) {
            kept_sql_done(stmt);
            return rc;
        }
    }
    return rc == KEPT_E_NOTFOUND ? 0 : rc;
}

/* ---- callers -----------------------------------------------------------------------------------*/

int kept_sqlite_caller_put(struct kept_store *store, uint32_t app, const struct kept_id *id,
                           struct kept_span body, struct kept_err *err)
{
    const uint64_t numbers[] = {app};
    sqlite3_stmt *stmt = kept_sql_with(store, KEPT_SQL_CALLER_PUT, numbers, 1);
    if (stmt == NULL || kept_sql_bind_span(stmt, 2, (struct kept_span){id->b, KEPT_ID_BYTES}) != 0 ||
        kept_sql_bind_span(stmt, 3, body) != 0)
        return not_bound(err);
    return kept_sql_run(store, stmt, "cannot write a caller", err);
}

int kept_sqlite_caller_each(struct kept_store *store, uint32_t app, kept_saw_caller *visit, void *arg,
                            struct kept_err *err)
{
    sqlite3_stmt *stmt = kept_sql_ready(store, KEPT_SQL_CALLER_EACH);
    int rc;
    if (kept_sql_bind_u64(stmt, 1, app) != 0)
        return not_bound(err);
    while ((rc = kept_sql_row(store, stmt, "cannot read the callers", err)) == 0) {
        struct kept_span bytes = kept_sql_span(stmt, 0);
        struct kept_id id = {{0}};
        memcpy(id.b, bytes.p, bytes.n < KEPT_ID_BYTES ? bytes.n : KEPT_ID_BYTES);
        rc = bytes.n == KEPT_ID_BYTES ? visit(arg, &id, kept_sql_span(stmt, 1))
                                      : kept_fail(err, KEPT_E_CORRUPT, "the list of callers is damaged");
        if (rc != 0) {
            kept_sql_done(stmt);
            return rc;
        }
    }
    return rc == KEPT_E_NOTFOUND ? 0 : rc;
}

/* ---- facts of the store ------------------------------------------------------------------------*/

int kept_sqlite_meta_put(struct kept_store *store, const char *name, struct kept_span value,
                         struct kept_err *err)
{
    sqlite3_stmt *stmt = kept_sql_ready(store, KEPT_SQL_META_PUT);
    if (bind_text(stmt, 1, name) != 0 || kept_sql_bind_span(stmt, 2, value) != 0)
        return not_bound(err);
    return kept_sql_run(store, stmt, "cannot write a fact of the store", err);
}

int kept_sqlite_meta_get(struct kept_store *store, const char *name, struct kept_buf *out,
                         struct kept_err *err)
{
    sqlite3_stmt *stmt = kept_sql_ready(store, KEPT_SQL_META_GET);
    if (bind_text(stmt, 1, name) != 0)
        return not_bound(err);
    int rc = kept_sql_row(store, stmt, "cannot read a fact of the store", err);
    if (rc != 0)
        return rc;
    struct kept_span value = kept_sql_span(stmt, 0);
    kept_buf_bytes(out, value.p, value.n);
    kept_sql_done(stmt);
    return 0;
}
