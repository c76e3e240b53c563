/* catalog.c - apps, policy versions, and facts of the store. */
#include <string.h>

#include "store/store_int.h"

static int bind_text(sqlite3_stmt *stmt, int index, const char *text)
{
    return sqlite3_bind_text(stmt, index, text, -1, SQLITE_STATIC) == SQLITE_OK ? 0 : KEPT_E_BUG;
}

static int check_name(const char *name, struct kept_err *err)
{
    size_t n = strnlen(name, KEPT_MAX_NAME + 1);
    if (n == 0 || n > KEPT_MAX_NAME)
        return kept_fail(err, KEPT_E_USAGE, "a name has 1 to %u bytes", KEPT_MAX_NAME);
    return 0;
}

/* ---- apps --------------------------------------------------------------------------------------*/

int kept_app_add(struct kept_store *store, const char *name, uint32_t *ret_app,
                 struct kept_err *err)
{
    int rc = check_name(name, err);
    if (rc != 0 || (rc = kept_sql_may_write(store, err)) != 0)
        return rc;
    sqlite3_stmt *stmt = kept_sql_ready(store, KEPT_SQL_APP_LAST);
    if ((rc = kept_sql_row(store, stmt, "cannot read the apps", err)) != 0)
        return rc;
    sqlite3_int64 app = sqlite3_column_int64(stmt, 0) + 1;
    kept_sql_done(stmt);
    if (app < 1 || app > KEPT_MAX_APPS)
        return kept_fail(err, KEPT_E_LIMIT, "a store holds at most %u apps", KEPT_MAX_APPS);
    stmt = kept_sql_ready(store, KEPT_SQL_APP_ADD);
    if (kept_sql_bind_u64(stmt, 1, (uint64_t)app) != 0 || bind_text(stmt, 2, name) != 0)
        return kept_fail(err, KEPT_E_BUG, "cannot bind an app");
    rc = kept_sql_run(store, stmt, "cannot add an app", NULL);
    if (rc == KEPT_E_CONFLICT)
        return kept_fail(err, rc, "the app %s exists already", name);
    if (rc != 0)
        return kept_fail(err, rc, "cannot add the app %s", name);
    *ret_app = (uint32_t)app;
    return 0;
}

int kept_app_each(struct kept_store *store, int (*visit)(void *arg, uint32_t app, const char *name),
                  void *arg, struct kept_err *err)
{
    int rc = kept_sql_may_read(store, err);
    if (rc != 0)
        return rc;
    sqlite3_stmt *stmt = kept_sql_ready(store, KEPT_SQL_APP_EACH);
    if (stmt == NULL)
        return kept_fail(err, KEPT_E_USAGE, "a visitor may not start the same visit again");
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

int kept_policy_row_put(struct kept_store *store, uint32_t app, uint32_t version,
                        kept_ms effective, kept_ms published, struct kept_span text,
                        struct kept_err *err)
{
    int rc = kept_sql_may_write(store, err);
    if (rc != 0)
        return rc;
    sqlite3_stmt *stmt = kept_sql_ready(store, KEPT_SQL_POLICY_PUT);
    if (kept_sql_bind_u64(stmt, 1, app) != 0 || kept_sql_bind_u64(stmt, 2, version) != 0 ||
        sqlite3_bind_int64(stmt, 3, effective) != SQLITE_OK ||
        sqlite3_bind_int64(stmt, 4, published) != SQLITE_OK)
        return kept_fail(err, KEPT_E_BUG, "cannot bind a policy version");
    if ((rc = kept_sql_bind_span(stmt, 5, text)) != 0)
        return kept_fail(err, rc, "a policy of %zu bytes is too large", text.n);
    rc = kept_sql_run(store, stmt, "cannot write a policy version", err);
    if (rc == KEPT_E_CONFLICT)
        return kept_fail(err, rc, "version %u is published already and cannot change", version);
    return rc;
}

int kept_policy_row_each(struct kept_store *store, uint32_t app,
                         int (*visit)(void *arg, uint32_t version, kept_ms effective,
                                      kept_ms published, struct kept_span text),
                         void *arg, struct kept_err *err)
{
    int rc = kept_sql_may_read(store, err);
    if (rc != 0)
        return rc;
    sqlite3_stmt *stmt = kept_sql_ready(store, KEPT_SQL_POLICY_EACH);
    if (stmt == NULL)
        return kept_fail(err, KEPT_E_USAGE, "a visitor may not start the same visit again");
    if (kept_sql_bind_u64(stmt, 1, app) != 0)
        return kept_fail(err, KEPT_E_BUG, "cannot bind an app");
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

/* ---- facts of the store ------------------------------------------------------------------------*/

int kept_meta_put(struct kept_store *store, const char *name, struct kept_span value,
                  struct kept_err *err)
{
    int rc = check_name(name, err);
    if (rc != 0 || (rc = kept_sql_may_write(store, err)) != 0)
        return rc;
    sqlite3_stmt *stmt = kept_sql_ready(store, KEPT_SQL_META_PUT);
    if (bind_text(stmt, 1, name) != 0 || (rc = kept_sql_bind_span(stmt, 2, value)) != 0)
        return kept_fail(err, rc != 0 ? rc : KEPT_E_BUG, "cannot bind %s", name);
    return kept_sql_run(store, stmt, "cannot write a fact of the store", err);
}

/* Stay on the row of name. */
static int find_meta(struct kept_store *store, const char *name, sqlite3_stmt **ret_stmt,
                     struct kept_err *err)
{
    int rc = check_name(name, err);
    if (rc != 0 || (rc = kept_sql_may_read(store, err)) != 0)
        return rc;
    *ret_stmt = kept_sql_ready(store, KEPT_SQL_META_GET);
    if (bind_text(*ret_stmt, 1, name) != 0)
        return kept_fail(err, KEPT_E_BUG, "cannot bind %s", name);
    rc = kept_sql_row(store, *ret_stmt, "cannot read a fact of the store", err);
    return rc == KEPT_E_NOTFOUND ? kept_fail(err, rc, "the store does not know %s", name) : rc;
}

int kept_meta_get(struct kept_store *store, const char *name, struct kept_buf *out,
                  struct kept_err *err)
{
    sqlite3_stmt *stmt = NULL;
    int rc = find_meta(store, name, &stmt, err);
    if (rc != 0)
        return rc;
    struct kept_span value = kept_sql_span(stmt, 0);
    kept_buf_bytes(out, value.p, value.n);
    kept_sql_done(stmt);
    return out->failed == 0 ? 0 : kept_fail(err, out->failed, "%s does not fit", name);
}

int kept_meta_put_u64(struct kept_store *store, const char *name, uint64_t value,
                      struct kept_err *err)
{
    uint8_t bytes[8];
    kept_put_be64(bytes, value);
    return kept_meta_put(store, name, (struct kept_span){bytes, sizeof bytes}, err);
}

int kept_meta_get_u64(struct kept_store *store, const char *name, uint64_t fallback,
                      uint64_t *ret_value, struct kept_err *err)
{
    sqlite3_stmt *stmt = NULL;
    int rc = find_meta(store, name, &stmt, NULL);
    if (rc == KEPT_E_NOTFOUND) {
        *ret_value = fallback;
        return 0;
    }
    if (rc != 0)
        return kept_fail(err, rc, "cannot read %s", name);
    struct kept_span value = kept_sql_span(stmt, 0);
    if (value.n == 8)
        *ret_value = kept_be64(value.p);
    else
        rc = kept_fail(err, KEPT_E_CORRUPT, "%s is not a number", name);
    kept_sql_done(stmt);
    return rc;
}
