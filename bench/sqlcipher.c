/* sqlcipher.c - reading beside SQLCipher: the table and the transactions of bare SQLite in people.c, in
 * a database whose pages are encrypted and authenticated under one key. It keeps a disk that is lost from
 * telling; it knows no person, purpose or entry, so that what is measured is what it costs to encrypt.
 *
 * SQLCipher has SQLite's names: it is opened at run time with its own names before everybody's, and
 * called through a table, so that kept goes on with the SQLite it was linked with. */
#include "reads.h"

#include <dlfcn.h>
#include <sqlite3.h>

#define LIBRARY "libsqlcipher.so.0"

/* ---- SQLCipher's functions ---- */

struct cipher {
    int (*open)(const char *, sqlite3 **, int, const char *);
    int (*exec)(sqlite3 *, const char *, int (*)(void *, int, char **, char **), void *, char **);
    int (*prepare)(sqlite3 *, const char *, int, sqlite3_stmt **, const char **);
    int (*step)(sqlite3_stmt *);
    int (*reset)(sqlite3_stmt *);
    int (*finalize)(sqlite3_stmt *);
    int (*close)(sqlite3 *);
    int (*bind_int)(sqlite3_stmt *, int, int);
    int (*bind_blob)(sqlite3_stmt *, int, const void *, int, void (*)(void *));
    const void *(*blob)(sqlite3_stmt *, int);
    int (*bytes)(sqlite3_stmt *, int);
    const char *(*errmsg)(sqlite3 *);
    sqlite3 *db;
    sqlite3_stmt *get, *begin, *commit;
    const struct bench_store *like;
};

static void find(void *library, const char *name, void *ret_function)
{
    void *symbol = dlsym(library, name);
    if (symbol == NULL)
        bench_die(name, NULL);
    memcpy(ret_function, &symbol, sizeof symbol);
}

static void cipher_load(struct cipher *c)
{
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
    if (library == NULL)
        bench_die("no " LIBRARY ": install libsqlcipher0", NULL);
    find(library, "sqlite3_open_v2", &c->open);
    find(library, "sqlite3_exec", &c->exec);
    find(library, "sqlite3_prepare_v2", &c->prepare);
    find(library, "sqlite3_step", &c->step);
    find(library, "sqlite3_reset", &c->reset);
    find(library, "sqlite3_finalize", &c->finalize);
    find(library, "sqlite3_close", &c->close);
    find(library, "sqlite3_bind_int", &c->bind_int);
    find(library, "sqlite3_bind_blob", &c->bind_blob);
    find(library, "sqlite3_column_blob", &c->blob);
    find(library, "sqlite3_column_bytes", &c->bytes);
    find(library, "sqlite3_errmsg", &c->errmsg);
}

/* ---- the database ---- */

static void sql(const struct cipher *c, const char *text)
{
    if (c->exec(c->db, text, NULL, NULL, NULL) != SQLITE_OK)
        bench_die(c->errmsg(c->db), NULL);
}

static sqlite3_stmt *prepare(const struct cipher *c, const char *text)
{
    sqlite3_stmt *s = NULL;
    if (c->prepare(c->db, text, -1, &s, NULL) != SQLITE_OK)
        bench_die(c->errmsg(c->db), NULL);
    return s;
}

static void step(const struct cipher *c, sqlite3_stmt *s, int want)
{
    if (c->step(s) != want)
        bench_die(c->errmsg(c->db), NULL);
}

static void bind_place(const struct cipher *c, sqlite3_stmt *s, uint32_t person, uint32_t value)
{
    (void)c->bind_int(s, 1, 1);
    (void)c->bind_blob(s, 2, c->like->ids[person].b, sizeof(struct kept_id), SQLITE_STATIC);
    (void)c->bind_int(s, 3, 100 + (int)value);
}

/* A raw key: nothing is stretched. Settings as in people.c, but its usual pages: larger ones cost it more. */
static void cipher_open(struct cipher *c, const char *path)
{
    char text[512];
    if (c->open(path, &c->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) !=
        SQLITE_OK)
        bench_die(path, NULL);
    (void)snprintf(text, sizeof text,
                   "PRAGMA key=\"x'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'\";"
                   "PRAGMA cipher_page_size=4096; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                   "PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-%d",
                   c->like->cache_kib);
    sql(c, text);
}

static void cipher_make(struct cipher *c, const struct bench_store *like, const char *path)
{
    char text[BENCH_BYTES];
    c->like = like;
    cipher_open(c, path);
    sql(c, "CREATE TABLE value(app INTEGER NOT NULL, person BLOB NOT NULL, item INTEGER NOT NULL,"
           " value BLOB NOT NULL, PRIMARY KEY(app, person, item)) WITHOUT ROWID");
    sqlite3_stmt *put = prepare(c, "INSERT INTO value VALUES(?1, ?2, ?3, ?4)");
    for (uint32_t p = 0; p < like->people; p++) {
        if (p % 1000 == 0)
            sql(c, p == 0 ? "BEGIN" : "COMMIT; BEGIN");
        for (uint32_t v = 0; v < like->values; v++) {
            bench_value(p, v, text);
            bind_place(c, put, p, v);
            (void)c->bind_blob(put, 4, text, BENCH_BYTES, SQLITE_STATIC);
            step(c, put, SQLITE_DONE);
            (void)c->reset(put);
        }
    }
    sql(c, "COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
    (void)c->finalize(put);
    c->get = prepare(c, "SELECT value FROM value WHERE app = ?1 AND person = ?2 AND item = ?3");
    c->begin = prepare(c, "BEGIN");
    c->commit = prepare(c, "COMMIT");
}

static void cipher_close(struct cipher *c)
{
    (void)c->finalize(c->get);
    (void)c->finalize(c->begin);
    (void)c->finalize(c->commit);
    if (c->close(c->db) != SQLITE_OK)
        bench_die("close", NULL);
}

/* It must be SQLCipher that answers, and the file must not tell: neither SQLite's name at its head, nor
 * the head of any value. */
static void look_at_file(const char *path)
{
    char buffer[65536], value[BENCH_BYTES];
    FILE *f = fopen(path, "rb");
    size_t n = f != NULL ? fread(buffer, 1, sizeof buffer, f) : 0;
    bench_value(0, 0, value); /* every value begins like it */
    if (n < 4096 || memcmp(buffer, "SQLite format 3", 15) == 0 || memmem(buffer, n, value, 5) != NULL)
        bench_die("the file is not encrypted", NULL);
    (void)fclose(f);
}

/* ---- reading ---- */

static void read_cipher(const struct cipher *c, unsigned flight, double seconds, struct bench_random *r,
                        struct done *d)
{
    double start = bench_now(), cpu = bench_cpu(), now = start;
    while (now - start < seconds) {
        step(c, c->begin, SQLITE_DONE);
        (void)c->reset(c->begin);
        for (unsigned i = 0; i < flight; i++) {
            uint32_t person = bench_below(r, c->like->people);
            uint32_t value = bench_below(r, c->like->values);
            bind_place(c, c->get, person, value);
            step(c, c->get, SQLITE_ROW);
            const uint8_t *p = c->blob(c->get, 0);
            look(p, (size_t)c->bytes(c->get, 0), person, value);
            (void)c->reset(c->get);
        }
        step(c, c->commit, SQLITE_DONE);
        (void)c->reset(c->commit);
        double then = now;
        now = bench_now();
        d->reads += flight;
        note(d, now - then);
    }
    d->seconds += now - start;
    d->cpu += bench_cpu() - cpu;
}

static void rows(const struct bench_store *s, const struct cipher *c, bool quick)
{
    double ratio[ROUNDS_MAX], disturbed[ROUNDS_MAX];
    struct done kept = {.latency = NULL}, cipher = {.latency = NULL};
    struct bench_random r = {13};
    size_t rounds = quick ? 5 : 15, quiet = 0;
    for (size_t i = 0; i < rounds; i++) {
        const struct watch w = watch_begin(0);
        struct done k = {.latency = NULL}, q = {.latency = NULL};
        read_kept(s, BENCH_FLIGHT, quick ? 0.3 : 1, &r, &k);
        read_cipher(c, BENCH_FLIGHT, quick ? 0.3 : 1, &r, &q);
        ratio[i] = rate(&k) / rate(&q);
        disturbed[i] = watch_end(&w, 0);
        kept.reads += k.reads;
        kept.seconds += k.seconds;
        cipher.reads += q.reads;
        cipher.seconds += q.seconds;
        cipher.cpu += q.cpu;
    }
    bench_row("read_vs_sqlcipher", quiet_median(disturbed, ratio, rounds, &quiet), "x");
    bench_row("sqlcipher_rounds_quiet", (double)quiet, "rounds that count, if there are 3");
    bench_row("sqlcipher_reads_per_s", rate(&cipher), "/s");
    bench_row("sqlcipher_cpu", cipher.cpu / (double)cipher.reads * 1e6, "us of processor a read");
    bench_row("kept_beside_sqlcipher_per_s", rate(&kept), "/s");
}

int main(int argc, char **argv)
{
    char path[BENCH_PATH];
    if (argc < 4)
        bench_die("usage: sqlcipher FOLDER POLICY PEOPLE [quick]", NULL);
    const uint32_t people = (uint32_t)strtoul(argv[3], NULL, 10);
    struct bench_store *s = bench_alloc(1, sizeof *s);
    struct cipher *c = bench_alloc(1, sizeof *c);
    if (people == 0)
        bench_die("how many people?", NULL);
    cipher_load(c);
    s->cache_kib = 65536;
    bench_make(s, argv[1], "beside-sqlcipher", argv[2]);
    (void)bench_load(s, people, BENCH_VALUES);
    (void)snprintf(path, sizeof path, "%.3000s/sqlcipher.db", argv[1]);
    cipher_make(c, s, path);
    look_at_file(path);
    rows(s, c, argc > 4);
    cipher_close(c);
    bench_close(s);
    free(s->ids);
    free(s);
    free(c);
    return 0;
}
