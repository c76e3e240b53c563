/* gdprbench.c - GDPRbench's four workloads on kept, on PostgreSQL with indexes and on plain SQLite: how
 * long a workload takes, how much the records occupy, and whether every answer is right.
 *
 * Two mixes: the paper's (of the regulator's shares we have only what others quote), and that of the
 * files in the repository, which differs and has no regulator. One client, an operation after the other,
 * each durable before the next, as the original's default is. Engines get the same operations. Before a
 * run the clock is set on, so that a tenth of the records is over, and what is over is deleted, once
 * (the original waits for it). Every answer is compared with the oracle's outside the time measured.
 * Rows: gdprbench_[paper_]WORKLOAD_ENGINE_s and gdprbench_ENGINE_space. */
#include "gdpr_kept.h"
#ifdef WITH_POSTGRES
#include "gdpr_postgres.h"
#endif
#include "gdpr_sqlite.h"

#define LOG_MOST 1000u /* lines a regulator asks for: 1 to so many */
#define STEPS 8u
#define ANOTHER 1000003u /* data of another record: what a corrected value becomes */

/* Changes first, then questions. */
enum deed { CREATE, DELETE, SET_META, SET_DATA, SET_ALL, READ_DATA, READ_META, READ_ALL, LOGS, VERIFY };

struct step {
    double weight;
    enum deed deed;
    enum gdpr_field by[3];
    unsigned count; /* of by; one is drawn */
    bool uniform;   /* whatever the workload's distribution */
};

struct workload {
    const char *name;
    bool zipf;
    struct step steps[STEPS];
};

static const struct workload workloads[] = {
    {"paper_controller", false, {{.25, CREATE, {G_KEY}, 1, false},
                                 {.25, DELETE, {G_PUR, G_TTL, G_USR}, 3, false},
                                 {.50, SET_META, {G_PUR, G_USR, G_SHR}, 3, false}}},
    {"paper_customer", true, {{.2, READ_DATA, {G_USR}, 1, false},
                              {.2, READ_META, {G_KEY}, 1, false},
                              {.2, SET_DATA, {G_KEY}, 1, false},
                              {.2, SET_META, {G_KEY}, 1, false},
                              {.2, DELETE, {G_KEY}, 1, false}}},
    {"paper_processor", true, {{.8, READ_DATA, {G_KEY}, 1, false},
                               {.2, READ_DATA, {G_PUR, G_OBJ, G_DEC}, 3, true}}},
    {"paper_regulator", true, {{.46, READ_META, {G_USR}, 1, false},
                               {.31, LOGS, {G_KEY}, 1, false},
                               {.23, VERIFY, {G_KEY}, 1, false}}},
    {"controller", false, {{.25, CREATE, {G_KEY}, 1, false},
                           {.25, DELETE, {G_KEY}, 1, false},
                           {.25, SET_META, {G_PUR}, 1, false},
                           {.25, SET_META, {G_USR}, 1, false}}},
    {"customer", true, {{.2, READ_ALL, {G_KEY}, 1, false},
                        {.1, READ_ALL, {G_PUR}, 1, false},
                        {.1, READ_ALL, {G_USR}, 1, false},
                        {.2, SET_ALL, {G_KEY}, 1, false},
                        {.1, SET_META, {G_PUR}, 1, false},
                        {.1, SET_META, {G_USR}, 1, false},
                        {.2, DELETE, {G_KEY}, 1, false}}},
    {"processor", false, {{.2, READ_ALL, {G_KEY}, 1, false},
                          {.4, READ_ALL, {G_PUR}, 1, false},
                          {.4, READ_ALL, {G_USR}, 1, false}}},
};

/* ---- one operation, as drawn: the same for every engine ---- */

struct operation {
    enum deed deed;
    struct gdpr_pick pick;
    enum gdpr_field field; /* SET_META */
    uint32_t index, lines;
};

static const struct step *draw_step(const struct workload *w, struct bench_random *r)
{
    double at = gdpr_unit(r);
    unsigned i = 0;
    while (i + 1 < STEPS && w->steps[i + 1].weight > 0 && at >= w->steps[i].weight)
        at -= w->steps[i++].weight;
    return &w->steps[i];
}

static void draw(const struct workload *w, const struct gdpr_size *size, uint32_t *count,
                 struct bench_random *r, struct operation *op)
{
    static const enum gdpr_field set[] = {G_TTL, G_USR, G_OBJ, G_DEC, G_ACL, G_SHR, G_SRC, G_CAT};
    const struct step *step = draw_step(w, r);
    bool zipf = w->zipf && !step->uniform;
    /* As YCSB: zipfian knows of one record more than there are, and draws again. */
    uint32_t n = gdpr_choose(r, zipf, size->records, size->records + (zipf ? 1 : 0));
    enum gdpr_field by = step->by[bench_below(r, step->count)];
    *op = (struct operation){.deed = step->deed, .pick = {by, by < G_META ? gdpr_index(size, by, n) : n}};
    op->field = set[bench_below(r, 8)];
    op->index = gdpr_index(size, op->field, n);
    op->lines = 1 + bench_below(r, LOG_MOST);
    if (op->deed == CREATE)
        op->pick = (struct gdpr_pick){G_KEY, (*count)++};
}

/* ---- doing it, and looking at the answer ---- */

struct run {
    struct gdpr_engine *engine;
    struct gdpr_oracle oracle;
    struct gdpr_rows rows;
    size_t checked, refused;
    double seconds;
};

static void same(struct run *run, size_t got, size_t expected)
{
    struct kept_err err = {0};
    (void)snprintf(err.text, sizeof err.text, "answered %zu, where the oracle knows %zu", got, expected);
    if (got != expected)
        bench_die(run->engine->name, &err);
    run->checked++;
}

static void change(struct run *run, const struct operation *op)
{
    struct gdpr_engine *e = run->engine;
    uint32_t n = op->pick.index;
    double start = bench_now();
    if (op->deed == CREATE) {
        e->create(e, n, 1);
        run->seconds += bench_now() - start;
        oracle_create(&run->oracle, n);
    } else if (op->deed == DELETE) {
        size_t got = e->remove(e, &op->pick);
        run->seconds += bench_now() - start;
        same(run, got, oracle_remove(&run->oracle, &op->pick));
    } else if (op->deed == SET_META && op->field == G_USR && e->owner_stays) {
        run->refused++;
    } else if (op->deed == SET_META) {
        size_t got = e->set(e, &op->pick, op->field, op->index);
        run->seconds += bench_now() - start;
        same(run, got, oracle_set(&run->oracle, &op->pick, op->field, op->index));
    } else {
        bool all = op->deed == SET_ALL;
        size_t got = e->rewrite(e, n, all ? n : n + ANOTHER, all);
        run->seconds += bench_now() - start;
        bool there = oracle_picks(&run->oracle, &op->pick, n);
        same(run, got, there ? 1 : 0);
        if (there)
            run->oracle.rows[n].from = all ? n : n + ANOTHER;
        if (there && all)
            oracle_reset(&run->oracle, n);
    }
}

static void question(struct run *run, const struct operation *op)
{
    struct gdpr_engine *e = run->engine;
    unsigned want = op->deed == READ_META  ? GDPR_WANT_META
                    : op->deed == READ_ALL ? GDPR_WANT_META | GDPR_WANT_DATA
                                           : GDPR_WANT_DATA;
    double start = bench_now();
    if (op->deed == LOGS) {
        size_t expected = 0, got = e->logs(e, op->lines, &expected);
        run->seconds += bench_now() - start;
        same(run, got, expected);
        return;
    }
    e->read(e, &op->pick, want, &run->rows);
    run->seconds += bench_now() - start;
    oracle_check(&run->oracle, &op->pick, want, &run->rows, e->name);
    run->checked++;
}

/* When all is done, every record there should be is there, whatever the run looked at. */
static void everything(struct run *run)
{
    for (uint32_t i = 0; i < 2; i++) {
        const struct gdpr_pick pick = {G_DEC, i};
        const unsigned want = GDPR_WANT_META | GDPR_WANT_DATA;
        run->engine->read(run->engine, &pick, want, &run->rows);
        oracle_check(&run->oracle, &pick, want, &run->rows, run->engine->name);
        run->checked++;
    }
}

/* Load, measure the space, let a tenth of the records end, and run. */
static void run_on(struct run *run, const struct workload *w, const struct gdpr_size *size,
                   uint32_t operations, const char *folder, bool space)
{
    char name[64];
    struct gdpr_engine *e = run->engine;
    struct bench_random r = {17};
    struct operation op;
    uint32_t room = size->records + operations, count = size->records;
    run->oracle = (struct gdpr_oracle){size, bench_alloc(room, sizeof *run->oracle.rows), 0};
    run->rows.rows = bench_alloc(room, sizeof *run->rows.rows);
    gdpr_skew = 0;
    e->size = size;
    e->open(e, folder, room);
    e->create(e, 0, size->records);
    for (uint32_t n = 0; n < size->records; n++)
        oracle_create(&run->oracle, n);
    if (space) {
        (void)snprintf(name, sizeof name, "gdprbench_%s_space", e->name);
        bench_row(name, (double)e->space(e) / ((double)size->records * GDPR_DATA),
                  "x of the personal data");
    }
    gdpr_skew = 31 * (kept_ms)GDPR_HOUR;
    op = (struct operation){.deed = DELETE, .pick = {G_TTL, 0}};
    change(run, &op);
    for (uint32_t i = 0; i < operations; i++) {
        draw(w, size, &count, &r, &op);
        (op.deed <= SET_ALL ? change : question)(run, &op);
    }
    everything(run);
    (void)snprintf(name, sizeof name, "gdprbench_%s_%s_s", w->name, e->name);
    bench_row(name, run->seconds, "s");
    e->close(e);
    free(run->oracle.rows);
    free(run->rows.rows);
}

int main(int argc, char **argv)
{
    if (argc < 5)
        bench_die("usage: gdprbench FOLDER POLICY RECORDS OPERATIONS [none: without PostgreSQL]", NULL);
    const uint32_t records = (uint32_t)strtoul(argv[3], NULL, 10);
    const uint32_t operations = (uint32_t)strtoul(argv[4], NULL, 10);
    const struct gdpr_size size = {records, 25, records};
    size_t checked = 0, refused = 0;
    if (records < 100 || operations > records)
        bench_die("at least 100 records, and at most as many operations", NULL);
#ifdef WITH_POSTGRES
    struct cluster cluster;
    const bool postgres = argc == 5;
    if (postgres) {
        cluster_start(&cluster, argv[1]);
        PGconn *conn = cluster_connect(&cluster, "owner", "bench");
        cluster_sql(conn, "CREATE EXTENSION pgaudit");
        PQfinish(conn);
    }
#endif
    for (size_t w = 0; w < sizeof workloads / sizeof *workloads; w++) {
#ifdef WITH_POSTGRES
        struct gdpr_engine engines[] = {gdpr_kept, gdpr_sqlite, gdpr_postgres};
        engines[2].state = &cluster;
        const size_t count = postgres ? 3 : 2;
#else
        struct gdpr_engine engines[] = {gdpr_kept, gdpr_sqlite};
        const size_t count = 2;
#endif
        engines[0].state = argv[2];
        for (size_t i = 0; i < count; i++) {
            struct run run = {.engine = &engines[i]};
            run_on(&run, &workloads[w], &size, operations, argv[1], w == 0);
            checked += run.checked;
            refused += run.refused;
        }
    }
#ifdef WITH_POSTGRES
    if (postgres)
        cluster_stop(&cluster);
#endif
    bench_row("gdprbench_checked", (double)checked, "answers that the oracle agrees with");
    bench_row("gdprbench_refused", (double)refused, "changes of owner that kept refuses");
    return 0;
}
