/* people.c - rows about many people: writing, space, reading beside bare SQLite, growth, rotation.
 *
 * Bare SQLite is what an application would do without kept: plain values, one prepared SELECT a
 * read, transactions of as many reads as are in flight, the same settings and cache, one thread.
 * Two tables: `app` is what such an application has, (app, person's id, item) -> value; `rowid` is the
 * fastest SQLite can be: a value by an integer key, its usual pages of 4 KiB, CACHE_KIB. Rounds alternate between all of them, so
 * that a machine that is busy for a while is busy for each; the rows are medians of ratios.
 * Every value read, on every side, is compared with what was written. */
#include "reads.h"

#include <sqlite3.h>
#include <unistd.h>

#define SMALL_PEOPLE 10000u

/* ---- bare SQLite ---- */

struct bare {
    sqlite3 *db;
    sqlite3_stmt *get, *begin, *commit;
    bool rowid;
    const struct bench_store *like;
};

static void sql(struct bare *b, const char *text)
{
    if (sqlite3_exec(b->db, text, NULL, NULL, NULL) != SQLITE_OK)
        bench_die(sqlite3_errmsg(b->db), NULL);
}

#define CACHE_KIB 65536

static sqlite3_stmt *prepare(struct bare *b, const char *text)
{
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v3(b->db, text, -1, SQLITE_PREPARE_PERSISTENT, &s, NULL) != SQLITE_OK)
        bench_die(sqlite3_errmsg(b->db), NULL);
    return s;
}

static void bare_open(struct bare *b, const char *folder, const char *name, int cache_kib, int page)
{
    char path[BENCH_PATH], text[256];
    (void)snprintf(path, sizeof path, "%.3000s/%s.db", folder, name);
    if (sqlite3_open_v2(path, &b->db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK)
        bench_die(path, NULL);
    (void)snprintf(text, sizeof text,
                   "PRAGMA page_size=%d; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                   "PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-%d",
                   page, cache_kib);
    sql(b, text);
}

/* Item number of a value, as an application would give it. */
static int item_number(uint32_t value)
{
    return 100 + (int)value;
}

static void bind_place(const struct bare *b, sqlite3_stmt *s, uint32_t person, uint32_t value)
{
    if (b->rowid) {
        (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)person * BENCH_VALUES + value);
    } else {
        (void)sqlite3_bind_int(s, 1, 1);
        (void)sqlite3_bind_blob(s, 2, b->like->ids[person].b, sizeof(struct kept_id), SQLITE_STATIC);
        (void)sqlite3_bind_int(s, 3, item_number(value));
    }
}

/* The same people and values as in a store of kept. */
static void bare_make(struct bare *b, const struct bench_store *like, const char *folder,
                      const char *name, bool rowid)
{
    char text[BENCH_BYTES];
    *b = (struct bare){.rowid = rowid, .like = like};
    bare_open(b, folder, name, rowid ? CACHE_KIB : like->cache_kib, rowid ? 4096 : bench_page(like));
    sql(b, rowid ? "CREATE TABLE value(key INTEGER PRIMARY KEY, value BLOB NOT NULL)"
                 : "CREATE TABLE value(app INTEGER NOT NULL, person BLOB NOT NULL, item INTEGER NOT "
                   "NULL, value BLOB NOT NULL, PRIMARY KEY(app, person, item)) WITHOUT ROWID");
    sqlite3_stmt *put = prepare(b, rowid ? "INSERT INTO value VALUES(?1, ?2)"
                                         : "INSERT INTO value VALUES(?1, ?2, ?3, ?4)");
    for (uint32_t p = 0; p < like->people; p++) {
        if (p % 1000 == 0)
            sql(b, p == 0 ? "BEGIN" : "COMMIT; BEGIN");
        for (uint32_t v = 0; v < like->values; v++) {
            bench_value(p, v, text);
            bind_place(b, put, p, v);
            (void)sqlite3_bind_blob(put, rowid ? 2 : 4, text, BENCH_BYTES, SQLITE_STATIC);
            if (sqlite3_step(put) != SQLITE_DONE)
                bench_die(sqlite3_errmsg(b->db), NULL);
            (void)sqlite3_reset(put);
        }
    }
    sql(b, "COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
    (void)sqlite3_finalize(put);
    b->get = prepare(b, rowid ? "SELECT value FROM value WHERE key = ?1"
                              : "SELECT value FROM value WHERE app = ?1 AND person = ?2 AND item = ?3");
    b->begin = prepare(b, "BEGIN");
    b->commit = prepare(b, "COMMIT");
}

static void bare_close(struct bare *b)
{
    (void)sqlite3_finalize(b->get);
    (void)sqlite3_finalize(b->begin);
    (void)sqlite3_finalize(b->commit);
    (void)sqlite3_close(b->db);
}

/* ---- reading ---- */

static void step(const struct bare *b, sqlite3_stmt *s, int want)
{
    if (sqlite3_step(s) != want)
        bench_die(sqlite3_errmsg(b->db), NULL);
}

static void read_bare(const struct bare *b, unsigned flight, double seconds, struct bench_random *r,
                      struct done *d)
{
    double start = bench_now(), cpu = bench_cpu(), now = start;
    unsigned long before = syncs;
    while (now - start < seconds) {
        step(b, b->begin, SQLITE_DONE);
        (void)sqlite3_reset(b->begin);
        for (unsigned i = 0; i < flight; i++) {
            uint32_t person = bench_below(r, b->like->people);
            uint32_t value = bench_below(r, b->like->values);
            bind_place(b, b->get, person, value);
            step(b, b->get, SQLITE_ROW);
            const uint8_t *p = sqlite3_column_blob(b->get, 0);
            look(p, (size_t)sqlite3_column_bytes(b->get, 0), person, value);
            (void)sqlite3_reset(b->get);
        }
        step(b, b->commit, SQLITE_DONE);
        (void)sqlite3_reset(b->commit);
        double then = now;
        now = bench_now();
        d->reads += flight;
        note(d, now - then);
    }
    d->seconds += now - start;
    d->cpu += bench_cpu() - cpu;
    d->syncs += syncs - before;
}

/* ---- rounds ---- */

enum { KEPT, APP, ROWID, SIDES };

struct pair { /* a store and the same people in bare SQLite */
    struct bench_store store;
    struct bare app, rowid;
};

struct rounds {
    double app[ROUNDS_MAX], rowid[ROUNDS_MAX]; /* ratios */
    double stolen[ROUNDS_MAX];
    struct done done[SIDES];
    size_t count;
};

/* sides: KEPT and APP, or all three. */
static void round_of(const struct pair *p, struct rounds *all, int sides, unsigned flight,
                     double seconds, struct bench_random *r)
{
    double rates[SIDES], began = bench_now(), stolen = bench_stolen();
    for (int side = 0; side < sides; side++) {
        struct done d = {0};
        struct done *sum = &all->done[side];
        if (sum->latency == NULL)
            sum->latency = bench_alloc(LATENCIES, sizeof *sum->latency);
        d.latency = sum->latency;
        d.latencies = sum->latencies;
        if (side == KEPT)
            read_kept(&p->store, flight, seconds, r, &d);
        else
            read_bare(side == APP ? &p->app : &p->rowid, flight, seconds, r, &d);
        rates[side] = rate(&d);
        sum->seconds += d.seconds;
        sum->cpu += d.cpu;
        sum->reads += d.reads;
        sum->syncs += d.syncs;
        sum->latencies = d.latencies;
    }
    all->app[all->count] = rates[KEPT] / rates[APP];
    all->rowid[all->count] = sides > ROWID ? rates[KEPT] / rates[ROWID] : 0;
    all->stolen[all->count] = (bench_stolen() - stolen) / (bench_now() - began);
    all->count++;
}

static void forget(struct rounds *all)
{
    for (int side = 0; side < SIDES; side++)
        free(all->done[side].latency);
}

static void per_read(const char *name, const struct done *d, double value, double unit,
                     const char *what)
{
    if (d->reads != 0)
        bench_row(name, value / (double)d->reads * unit, what);
}

static void report(struct rounds *all, unsigned flight)
{
    char name[64], tail[16] = "";
    if (flight != BENCH_FLIGHT)
        (void)snprintf(tail, sizeof tail, "_%u", flight);
#define NAME(text) ((void)snprintf(name, sizeof name, text "%s", tail), name)
    size_t quiet = 0;
    bench_row(NAME("read_vs_sqlite"), quiet_median(all->stolen, all->app, all->count, &quiet), "x");
    bench_row(NAME("read_vs_sqlite_rowid"), quiet_median(all->stolen, all->rowid, all->count, &quiet), "x");
    bench_row(NAME("read_rounds"), (double)all->count, "rounds");
    bench_row(NAME("read_rounds_quiet"), (double)quiet, "rounds that count, if there are 3");
    bench_row(NAME("reads_per_s"), rate(&all->done[KEPT]), "/s");
    bench_row(NAME("sqlite_reads_per_s"), rate(&all->done[APP]), "/s");
    bench_row(NAME("sqlite_rowid_reads_per_s"), rate(&all->done[ROWID]), "/s");
    bench_row(NAME("read_p50"), bench_at(all->done[KEPT].latency, all->done[KEPT].latencies, .5) * 1e6,
              "us");
    bench_row(NAME("read_p99"), bench_at(all->done[KEPT].latency, all->done[KEPT].latencies, .99) * 1e6,
              "us");
    bench_row(NAME("sqlite_p99"), bench_at(all->done[APP].latency, all->done[APP].latencies, .99) * 1e6,
              "us");
    per_read(NAME("read_cpu"), &all->done[KEPT], all->done[KEPT].cpu, 1e6, "us of processor a read");
    per_read(NAME("sqlite_cpu"), &all->done[APP], all->done[APP].cpu, 1e6, "us of processor a read");
    per_read(NAME("read_syncs"), &all->done[KEPT], (double)all->done[KEPT].syncs, 1000,
             "syncs a thousand reads");
#undef NAME
}

/* ---- the program ---- */

static void space(struct bench_store *s, const char *name)
{
    bench_close(s);
    uint64_t store = bench_bytes(s->store), keyring = bench_bytes(s->keyring);
    double data = (double)s->people * s->values * BENCH_BYTES;
    bench_row(name, (double)(store + keyring) / data, "x");
    bench_open(s);
}

/* A store of its own for the space of people with fewer values. */
static void space_at(const char *folder, const char *policy, uint32_t people, uint32_t values)
{
    char name[32];
    struct bench_store *s = bench_alloc(1, sizeof *s);
    (void)snprintf(name, sizeof name, "space_ratio_%u", values);
    bench_make(s, folder, name, policy);
    (void)bench_load(s, people, values);
    space(s, name);
    bench_close(s);
    free(s->ids);
    free(s);
}

/* People are drawn evenly, so that it is not the cache that is measured: it grows with them, 2 MiB and
 * 28 KiB a thousand people, the same for both sides. That holds the pages above the leaves, for each of
 * kept's two connections, and about a hundredth of the leaves, at a hundred thousand people as at a million.
 * CACHE_KIB, which holds a quarter of a hundred thousand people, has a row of its own. */
static int reading_cache(uint32_t people)
{
    int kib = (int)(2048 + (uint64_t)people * 2 * 4096 / 290 / 1024);
    return kib < CACHE_KIB ? kib : CACHE_KIB;
}

static void set_cache(struct pair *p, int kib)
{
    char text[64];
    bench_close(&p->store);
    p->store.cache_kib = kib;
    bench_open(&p->store);
    (void)snprintf(text, sizeof text, "PRAGMA cache_size=-%d; PRAGMA shrink_memory", kib);
    sql(&p->app, text);
}

static void make_pair(struct pair *p, const char *folder, const char *policy, const char *name,
                      uint32_t people, bool rows)
{
    char text[64];
    p->store.cache_kib = CACHE_KIB;
    bench_make(&p->store, folder, name, policy);
    double start = bench_now();
    double collect = bench_load(&p->store, people, BENCH_VALUES);
    double load = bench_now() - start;
    if (rows) {
        double values = (double)people * BENCH_VALUES;
        bench_row("write_rows_per_s", values / collect, "values/s in collect");
        bench_row("import_rows_per_s", values / load, "values/s with person, notice and consent");
        bench_row("changes_per_s", (double)people * 4 / load, "operations/s of the import");
        space(&p->store, "space_ratio");
    }
    (void)snprintf(text, sizeof text, "%s-app", name);
    bare_make(&p->app, &p->store, folder, text, false);
    (void)snprintf(text, sizeof text, "%s-rowid", name);
    bare_make(&p->rowid, &p->store, folder, text, true);
    set_cache(p, reading_cache(people));
}

/* With CACHE_KIB for both sides. */
static void cache_row(struct pair *p, double seconds, struct bench_random *r)
{
    struct rounds all = {.count = 0}, warm = {.count = 0};
    size_t quiet = 0;
    set_cache(p, CACHE_KIB);
    round_of(p, &warm, ROWID, BENCH_FLIGHT, 2 * seconds, r); /* caches fill; not counted */
    forget(&warm);
    for (int i = 0; i < 5; i++)
        round_of(p, &all, ROWID, BENCH_FLIGHT, seconds, r);
    bench_row("read_vs_sqlite_64mib", quiet_median(all.stolen, all.app, all.count, &quiet),
              "x, a cache of 64 MiB for both");
    forget(&all);
    set_cache(p, reading_cache(p->store.people));
}

static void read_rows(struct pair *large, const struct pair *small, bool quick)
{
    static const unsigned flights[] = {BENCH_FLIGHT, 16, 1};
    struct bench_random r = {7};
    struct rounds growth = {.count = 0};
    double seconds = quick ? 0.5 : 1;
    unsigned rounds = quick ? 9 : 31;
    for (size_t f = 0; f < 3; f++) {
        struct rounds all = {.count = 0};
        struct rounds warm = {.count = 0};
        round_of(large, &warm, SIDES, flights[f], seconds, &r); /* caches fill; not counted */
        forget(&warm);
        for (unsigned i = 0; i < (f == 0 ? rounds : 3); i++) {
            round_of(large, &all, SIDES, flights[f], seconds, &r);
            if (f == 0)
                round_of(small, &growth, ROWID, flights[f], seconds / 2, &r);
        }
        report(&all, flights[f]);
        forget(&all);
        if (f == 0) {
            size_t quiet = 0;
            double at_large = quiet_median(all.stolen, all.app, all.count, &quiet);
            double at_small = quiet_median(growth.stolen, growth.app, growth.count, &quiet);
            bench_row("read_vs_sqlite_10k", at_small, "x");
            bench_row("read_growth", at_large / at_small, "x");
            forget(&growth);
            cache_row(large, seconds, &r);
        }
    }
}

/* Bytes the ledger grew by for each read, once it is closed and its indexes are made. */
static void ledger_row(struct bench_store *s)
{
    char path[BENCH_PATH];
    struct done d = {0};
    struct bench_random r = {9};
    (void)snprintf(path, sizeof path, "%.3000s/ledger", s->store);
    d.latency = bench_alloc(LATENCIES, sizeof *d.latency);
    bench_close(s);
    double before = (double)bench_bytes(path);
    bench_open(s);
    read_kept(s, BENCH_FLIGHT, 1.0, &r, &d);
    bench_close(s);
    per_read("ledger_bytes_per_read", &d, (double)bench_bytes(path) - before, 1, "bytes");
    bench_open(s);
    free(d.latency);
}

static void rotate_row(struct bench_store *s)
{
    double start = bench_now();
    struct kept_reply *reply = bench_call(s, &(struct kept_request){.op = KEPT_OP_ROTATE});
    while (strstr(reply->json, "\"rewrap_left\":true") != NULL) { /* a bounded piece a call */
        kept_reply_free(reply);
        reply = bench_call(s, &(struct kept_request){.op = KEPT_OP_TICK});
    }
    kept_reply_free(reply);
    bench_row("rotate_keys_per_s", (double)s->people / (bench_now() - start), "people/s");
}

int main(int argc, char **argv)
{
    if (argc < 4)
        bench_die("usage: people FOLDER POLICY PEOPLE [quick]", NULL);
    const char *folder = argv[1], *policy = argv[2];
    uint32_t people = (uint32_t)strtoul(argv[3], NULL, 10);
    bool quick = argc > 4;
    struct pair *large = bench_alloc(1, sizeof *large), *small = bench_alloc(1, sizeof *small);
    if (people == 0)
        bench_die("how many people?", NULL);
    make_pair(large, folder, policy, "large", people, true);
    space_at(folder, policy, people / 10, 5);
    space_at(folder, policy, people / 10, 1);
    make_pair(small, folder, policy, "small", SMALL_PEOPLE, false);
    read_rows(large, small, quick);
    ledger_row(&large->store);
    rotate_row(&small->store);
    for (int i = 0; i < 2; i++) {
        struct pair *p = i == 0 ? large : small;
        bench_close(&p->store);
        bare_close(&p->app);
        bare_close(&p->rowid);
        free(p->store.ids);
        free(p);
    }
    return 0;
}
