/* gdpr_sql.h - GDPRbench on tables: one schema and the same statements for SQLite and PostgreSQL.
 *
 * A record is a row; every metadata field that a query picks by has an index, and the end of a record's
 * time too. An operation is one transaction, durable when it returns. Values are plain. SQLite keeps no
 * log of its own: the application writes a line for each operation in the same transaction.
 * PostgreSQL's is pgaudit's, of which the newest lines are read from the file, as the original does. */
#ifndef KEPT_BENCH_GDPR_SQL_H
#define KEPT_BENCH_GDPR_SQL_H

#include "gdpr.h"

#define SQL_STATEMENTS 128u
#define SQL_PARAMETERS 12u

struct sql;
typedef void sql_row(void *arg, const char *const *columns);

struct sql_backend {
    void *(*prepare)(struct sql *s, const char *text);
    /* Run a statement; each row is handed to see. Returns how many rows it returned or changed. */
    size_t (*run)(struct sql *s, void *statement, const char *const *parameters, int count, sql_row *see,
                  void *arg);
};

struct sql {
    const struct sql_backend *backend;
    void *db;
    struct {
        char *text;
        void *statement;
    } cache[SQL_STATEMENTS];
    size_t cached;
    const struct gdpr_size *size;
    bool own_log; /* the application writes the log */
    size_t logged;
    char path[BENCH_PATH];
};

static const char *const sql_columns[] = {"pur", "ttl", "usr", "obj", "dec", "acl",
                                          "shr", "src", "cat", "",    "key"};

static inline size_t sql_run(struct sql *s, const char *text, const char *const *parameters, int count,
                             sql_row *see, void *arg)
{
    size_t i = 0;
    while (i < s->cached && strcmp(s->cache[i].text, text) != 0)
        i++;
    if (i == SQL_STATEMENTS)
        bench_die("too many statements", NULL);
    if (i == s->cached) {
        s->cache[i].text = strdup(text);
        s->cache[i].statement = s->backend->prepare(s, text);
        s->cached++;
    }
    return s->backend->run(s, s->cache[i].statement, parameters, count, see, arg);
}

static inline void sql_do(struct sql *s, const char *text)
{
    (void)sql_run(s, text, NULL, 0, NULL, NULL);
}

static inline void sql_log(struct sql *s, const char *operation, const char *what)
{
    char at[24];
    const char *parameters[] = {at, operation, what};
    if (!s->own_log)
        return;
    (void)snprintf(at, sizeof at, "%lld", (long long)gdpr_now(NULL));
    (void)sql_run(s, "INSERT INTO log(at, operation, what) VALUES($1, $2, $3)", parameters, 3, NULL, NULL);
    s->logged++;
}

/* ---- the schema ---- */

static inline void sql_schema(struct sql *s, const char *number)
{
    static const char *const indexed[] = {"pur", "usr", "obj", "dec", "shr", "ends"};
    char text[512];
    (void)snprintf(text, sizeof text,
                   "CREATE TABLE record(key TEXT PRIMARY KEY, pur TEXT NOT NULL, ttl TEXT NOT NULL,"
                   " usr TEXT NOT NULL, obj TEXT NOT NULL, dec TEXT NOT NULL, acl TEXT NOT NULL,"
                   " shr TEXT NOT NULL, src TEXT NOT NULL, cat TEXT NOT NULL, data TEXT NOT NULL,"
                   " ends %s NOT NULL)",
                   number);
    sql_do(s, text);
    for (size_t i = 0; i < sizeof indexed / sizeof *indexed; i++) {
        (void)snprintf(text, sizeof text, "CREATE INDEX record_%s ON record(%s)", indexed[i], indexed[i]);
        sql_do(s, text);
    }
}

/* ---- the operations ---- */

static inline void sql_create(struct gdpr_engine *e, uint32_t first, uint32_t count)
{
    struct sql *s = e->state;
    for (uint32_t n = first; n < first + count; n++) {
        char text[SQL_PARAMETERS][GDPR_DATA + 1];
        const char *at[SQL_PARAMETERS];
        if ((n - first) % 1000 == 0 && (count > 1 || s->own_log))
            sql_do(s, n == first ? "BEGIN" : "COMMIT");
        if ((n - first) % 1000 == 0 && n != first)
            sql_do(s, "BEGIN");
        gdpr_text(G_KEY, n, text[0]);
        for (unsigned f = 0; f < G_META; f++)
            gdpr_text((enum gdpr_field)f, gdpr_index(s->size, (enum gdpr_field)f, n), text[1 + f]);
        gdpr_data(n, text[10]);
        (void)snprintf(text[11], sizeof text[11], "%lld",
                       (long long)gdpr_now(NULL) +
                           (long long)gdpr_ttl(gdpr_index(s->size, G_TTL, n)) * GDPR_HOUR);
        for (unsigned i = 0; i < SQL_PARAMETERS; i++)
            at[i] = text[i];
        (void)sql_run(s, "INSERT INTO record VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
                      at, SQL_PARAMETERS, NULL, NULL);
        sql_log(s, "create", text[0]);
    }
    if (count > 1 || s->own_log)
        sql_do(s, "COMMIT");
}

/* " WHERE ..." with the parameter of that number. */
static inline void sql_where(const struct gdpr_pick *pick, int parameter, char out[64],
                             char value[GDPR_TEXT])
{
    if (pick->field == G_TTL) {
        (void)snprintf(out, 64, " WHERE ends <= $%d", parameter);
        (void)snprintf(value, GDPR_TEXT, "%lld", (long long)gdpr_now(NULL));
    } else {
        (void)snprintf(out, 64, " WHERE %s = $%d", sql_columns[pick->field], parameter);
        gdpr_text(pick->field, pick->index, value);
    }
}

/* One statement, and its line where the application writes the log, in one transaction. */
static inline size_t sql_one(struct sql *s, const char *operation, const char *text,
                             const char *const *parameters, int count, sql_row *see, void *arg)
{
    if (s->own_log)
        sql_do(s, "BEGIN");
    size_t n = sql_run(s, text, parameters, count, see, arg);
    sql_log(s, operation, parameters[count - 1]);
    if (s->own_log)
        sql_do(s, "COMMIT");
    return n;
}

static inline size_t sql_remove(struct gdpr_engine *e, const struct gdpr_pick *pick)
{
    char where[64], value[GDPR_TEXT], text[128];
    const char *parameters[] = {value};
    sql_where(pick, 1, where, value);
    (void)snprintf(text, sizeof text, "DELETE FROM record%s", where);
    return sql_one(e->state, "delete", text, parameters, 1, NULL, NULL);
}

struct sql_reading {
    struct gdpr_rows *rows;
    unsigned want;
};

static inline void sql_take(void *arg, const char *const *columns)
{
    struct sql_reading *r = arg;
    struct gdpr_row *row = &r->rows->rows[r->rows->count++];
    unsigned at = 1;
    row->n = (uint32_t)strtoul(columns[0] + 3, NULL, 10);
    for (unsigned f = 0; f < G_META && (r->want & GDPR_WANT_META) != 0; f++)
        (void)snprintf(row->meta[f], sizeof row->meta[f], "%.23s", columns[at++]);
    if ((r->want & GDPR_WANT_DATA) != 0)
        (void)snprintf(row->data, sizeof row->data, "%.100s", columns[at]);
}

static inline void sql_read(struct gdpr_engine *e, const struct gdpr_pick *pick, unsigned want,
                            struct gdpr_rows *rows)
{
    char where[64], value[GDPR_TEXT], text[192];
    const char *parameters[] = {value};
    struct sql_reading reading = {rows, want};
    rows->count = 0;
    sql_where(pick, 1, where, value);
    (void)snprintf(text, sizeof text, "SELECT key%s%s FROM record%s",
                   (want & GDPR_WANT_META) != 0 ? ", pur, ttl, usr, obj, dec, acl, shr, src, cat" : "",
                   (want & GDPR_WANT_DATA) != 0 ? ", data" : "", where);
    (void)sql_one(e->state, "read", text, parameters, 1, sql_take, &reading);
}

static inline size_t sql_set(struct gdpr_engine *e, const struct gdpr_pick *pick, enum gdpr_field field,
                             uint32_t index)
{
    char where[64], value[GDPR_TEXT], set[GDPR_TEXT], text[192];
    const char *parameters[] = {set, value};
    gdpr_text(field, index, set);
    sql_where(pick, 2, where, value);
    (void)snprintf(text, sizeof text, "UPDATE record SET %s = $1%s", sql_columns[field], where);
    return sql_one(e->state, "update", text, parameters, 2, NULL, NULL);
}

static inline size_t sql_rewrite(struct gdpr_engine *e, uint32_t n, uint32_t from, bool all)
{
    struct sql *s = e->state;
    char data[GDPR_DATA + 1], meta[G_META][GDPR_TEXT], key[GDPR_TEXT];
    const char *few[] = {data, key}, *many[G_META + 2];
    gdpr_data(from, data);
    gdpr_text(G_KEY, n, key);
    if (!all)
        return sql_one(s, "update", "UPDATE record SET data = $1 WHERE key = $2", few, 2, NULL, NULL);
    for (unsigned f = 0; f < G_META; f++) {
        gdpr_text((enum gdpr_field)f, gdpr_index(s->size, (enum gdpr_field)f, n), meta[f]);
        many[f] = meta[f];
    }
    many[G_META] = data;
    many[G_META + 1] = key;
    return sql_one(s, "update", "UPDATE record SET pur = $1, ttl = $2, usr = $3, obj = $4, dec = $5,"
                                " acl = $6, shr = $7, src = $8, cat = $9, data = $10 WHERE key = $11",
                   many, G_META + 2, NULL, NULL);
}

#endif
