/* gdpr_sqlite.h - GDPRbench on plain SQLite: the settings of people.c, one connection. */
#ifndef KEPT_BENCH_GDPR_SQLITE_H
#define KEPT_BENCH_GDPR_SQLITE_H

#include <sqlite3.h>

#include "gdpr_sql.h"

static inline void *lite_prepare(struct sql *s, const char *text)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v3(s->db, text, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK)
        bench_die(sqlite3_errmsg(s->db), NULL);
    return statement;
}

static inline size_t lite_run(struct sql *s, void *statement, const char *const *parameters, int count,
                              sql_row *see, void *arg)
{
    sqlite3_stmt *st = statement;
    size_t rows = 0;
    int rc;
    for (int i = 0; i < count; i++)
        (void)sqlite3_bind_text(st, i + 1, parameters[i], -1, SQLITE_STATIC);
    while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
        const char *columns[SQL_PARAMETERS];
        int n = sqlite3_column_count(st) < (int)SQL_PARAMETERS ? sqlite3_column_count(st) : (int)SQL_PARAMETERS;
        for (int i = 0; i < n; i++)
            columns[i] = (const char *)sqlite3_column_text(st, i);
        if (see != NULL)
            see(arg, columns);
        rows++;
    }
    if (rc != SQLITE_DONE)
        bench_die(sqlite3_errmsg(s->db), NULL);
    if (sqlite3_stmt_readonly(st) == 0)
        rows = (size_t)sqlite3_changes(s->db);
    (void)sqlite3_reset(st);
    return rows;
}

static inline void lite_open(struct gdpr_engine *e, const char *folder, uint32_t room)
{
    static const struct sql_backend backend = {lite_prepare, lite_run};
    struct sql *s = bench_alloc(1, sizeof *s);
    sqlite3 *db = NULL;
    (void)room;
    e->state = s;
    s->backend = &backend;
    s->size = e->size;
    s->own_log = true;
    (void)snprintf(s->path, sizeof s->path, "%.3000s/gdpr.db", folder);
    if (sqlite3_open_v2(s->path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK)
        bench_die(s->path, NULL);
    s->db = db;
    if (sqlite3_exec(db, "PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                         "PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-65536",
                     NULL, NULL, NULL) != SQLITE_OK)
        bench_die(sqlite3_errmsg(db), NULL);
    sql_schema(s, "INTEGER");
    sql_do(s, "CREATE TABLE log(id INTEGER PRIMARY KEY, at INTEGER NOT NULL, operation TEXT NOT NULL,"
              " what TEXT NOT NULL)");
}

static inline size_t lite_logs(struct gdpr_engine *e, size_t most, size_t *ret_expected)
{
    struct sql *s = e->state;
    char limit[24];
    const char *parameters[] = {limit};
    (void)snprintf(limit, sizeof limit, "%zu", most);
    *ret_expected = most < s->logged ? most : s->logged;
    return sql_one(s, "logs", "SELECT at, operation, what FROM log ORDER BY id DESC LIMIT $1", parameters,
                   1, NULL, NULL);
}

static inline uint64_t lite_space(struct gdpr_engine *e)
{
    struct sql *s = e->state;
    if (sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) != SQLITE_OK)
        bench_die(sqlite3_errmsg(s->db), NULL);
    return bench_bytes(s->path);
}

static inline void lite_close(struct gdpr_engine *e)
{
    struct sql *s = e->state;
    for (size_t i = 0; i < s->cached; i++) {
        (void)sqlite3_finalize(s->cache[i].statement);
        free(s->cache[i].text);
    }
    if (sqlite3_close(s->db) != SQLITE_OK || unlink(s->path) != 0)
        bench_die(s->path, NULL);
    free(s);
}

static const struct gdpr_engine gdpr_sqlite = {
    .name = "sqlite", .open = lite_open, .create = sql_create, .remove = sql_remove, .read = sql_read,
    .set = sql_set, .rewrite = sql_rewrite, .logs = lite_logs, .space = lite_space, .close = lite_close};

#endif
