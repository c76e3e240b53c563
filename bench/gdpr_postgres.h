/* gdpr_postgres.h - GDPRbench on PostgreSQL with an index for each field that is asked for: plain values,
 * pgaudit's lines for the log, one connection, a transaction an operation. */
#ifndef KEPT_BENCH_GDPR_POSTGRES_H
#define KEPT_BENCH_GDPR_POSTGRES_H

#include "cluster.h"
#include "gdpr_sql.h"

#define PG_LINES (1u << 22) /* bytes of the log's end in which a thousand lines are */

struct pg {
    struct sql sql; /* first: the statements of gdpr_sql.h see this */
    const struct cluster *cluster; /* one for all workloads */
    char log[BENCH_PATH];
    long log_from; /* what is before is another workload's */
};

static inline void *pg_prepare(struct sql *s, const char *text)
{
    char *name = bench_alloc(16, 1);
    (void)snprintf(name, 16, "s%zu", s->cached);
    PGresult *result = PQprepare(s->db, name, text, 0, NULL);
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        bench_die(PQerrorMessage(s->db), NULL);
    PQclear(result);
    return name;
}

static inline size_t pg_run(struct sql *s, void *statement, const char *const *parameters, int count,
                            sql_row *see, void *arg)
{
    PGresult *result = PQexecPrepared(s->db, statement, count, parameters, NULL, NULL, 0);
    size_t rows = (size_t)PQntuples(result);
    if (PQresultStatus(result) != PGRES_TUPLES_OK && PQresultStatus(result) != PGRES_COMMAND_OK)
        bench_die(PQerrorMessage(s->db), NULL);
    for (size_t i = 0; i < rows && see != NULL; i++) {
        const char *columns[SQL_PARAMETERS];
        for (int c = 0; c < PQnfields(result) && c < (int)SQL_PARAMETERS; c++)
            columns[c] = PQgetvalue(result, (int)i, c);
        see(arg, columns);
    }
    if (PQresultStatus(result) == PGRES_COMMAND_OK)
        rows = (size_t)strtoul(PQcmdTuples(result), NULL, 10);
    /* pgaudit has a line for what reads or writes. */
    if (count > 0)
        s->logged++;
    PQclear(result);
    return rows;
}

static inline void pg_open(struct gdpr_engine *e, const char *folder, uint32_t room)
{
    static const struct sql_backend backend = {pg_prepare, pg_run};
    struct pg *p = bench_alloc(1, sizeof *p);
    struct stat st;
    (void)folder;
    (void)room;
    p->cluster = e->state; /* until now */
    e->state = p;
    p->sql.backend = &backend;
    p->sql.size = e->size;
    (void)snprintf(p->log, sizeof p->log, "%.3000s/log", p->cluster->folder);
    if (stat(p->log, &st) != 0)
        bench_die(p->log, NULL);
    p->log_from = (long)st.st_size;
    p->sql.db = cluster_connect(p->cluster, "owner", "bench");
    cluster_sql(p->sql.db, "DROP TABLE IF EXISTS record");
    sql_schema(&p->sql, "bigint");
}

static inline size_t pg_logs(struct gdpr_engine *e, size_t most, size_t *ret_expected)
{
    struct pg *p = e->state;
    static char text[PG_LINES];
    size_t lines = 0;
    *ret_expected = most < p->sql.logged ? most : p->sql.logged;
    FILE *f = fopen(p->log, "r");
    if (f == NULL || fseek(f, 0, SEEK_END) != 0)
        bench_die(p->log, NULL);
    long end = ftell(f), from = end - (long)sizeof text;
    if (from < p->log_from)
        from = p->log_from;
    if (fseek(f, from, SEEK_SET) != 0)
        bench_die(p->log, NULL);
    size_t n = fread(text, 1, sizeof text, f);
    (void)fclose(f);
    while (n > 0 && lines < most) { /* text[n - 1] ends a line */
        const char *before = n > 1 ? memrchr(text, '\n', n - 1) : NULL;
        size_t start = before == NULL ? 0 : (size_t)(before - text) + 1;
        lines += memmem(text + start, n - start, "AUDIT: SESSION", 14) != NULL;
        n = start;
    }
    return lines;
}

static inline uint64_t pg_space(struct gdpr_engine *e)
{
    struct pg *p = e->state;
    return (uint64_t)cluster_number(p->sql.db, "SELECT pg_total_relation_size('record')");
}

static inline void pg_close(struct gdpr_engine *e)
{
    struct pg *p = e->state;
    for (size_t i = 0; i < p->sql.cached; i++) {
        free(p->sql.cache[i].statement);
        free(p->sql.cache[i].text);
    }
    PQfinish(p->sql.db);
    free(p);
}

static const struct gdpr_engine gdpr_postgres = {
    .name = "postgres", .open = pg_open, .create = sql_create, .remove = sql_remove, .read = sql_read,
    .set = sql_set, .rewrite = sql_rewrite, .logs = pg_logs, .space = pg_space, .close = pg_close};

#endif
