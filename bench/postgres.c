/* postgres.c - reading and writing beside PostgreSQL 15 doing what it can of the same: values encrypted
 * with pgcrypto under a key a person, row security by purpose, pgaudit's line for every statement.
 *
 * Operations in flight are independent, as an application's requests are: each read has its purpose, is a
 * transaction of its own and fails alone, here as in kept; they share round trips. `_together` is the same
 * with all reads in flight on a connection in one transaction, where one that fails takes the others along.
 * It is client-server against in-process: there is no other way to use either. PostgreSQL is given what
 * helps it: prepared statements sent in pipelines, as many in flight as kept has, over as many connections as
 * are fastest here, binary values, all rows in memory, writes of all in flight in one transaction, and an audit log that is not synced. kept's syncs before anything is released.
 * A value is encrypted under a person's key out of a row that one master key wraps, so that a person can
 * be forgotten. The headline is pgp_sym_encrypt, the one encryption of pgcrypto that sees a change to what
 * it encrypted, and the one its manual advises, without the stretching that a random key does not need
 * (s2k-mode=1). Beside it `_aes`: encrypt_iv, whose use the manual discourages: cheaper, and nobody sees a
 * change; and `_pgp`: pgp_sym_encrypt as it comes, which stretches the key for every value.
 * Rounds alternate; every value read, on both sides, is compared with what was written. */
#include "reads.h"

#include "cluster.h"

#include <arpa/inet.h>

#define CONNECTIONS_MAX 8u
#define PGP_PEOPLE 200u
#define CACHE_KIB (1 << 20) /* as PostgreSQL's shared_buffers: all rows lie in it, on both sides */
#define OID_UUID 2950u
#define OID_BYTEA 17u
#define OID_INT4 23u
#define OID_INT4_ARRAY 1007u
#define OID_BYTEA_ARRAY 1001u

/* ---- the tables ---- */

/* The master key stands in a setting, not in a parameter, so that the audit log does not hold it. */
#define MASTER "SET bench.master = '\\x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f';"
#define UNWRAP "decrypt(p.key, current_setting('bench.master')::bytea, 'aes-ecb/pad:none')"
#define WRAP "encrypt(gen_random_bytes(32), current_setting('bench.master')::bytea, 'aes-ecb/pad:none')"

static const char schema[] =
    "CREATE EXTENSION pgcrypto; CREATE EXTENSION pgaudit;"
    "CREATE TABLE person(id uuid PRIMARY KEY, key bytea NOT NULL);"
    "CREATE TABLE value(person uuid NOT NULL, item int NOT NULL, purpose text NOT NULL,"
    " value bytea NOT NULL, PRIMARY KEY(person, item));"
    "CREATE TABLE token(mac bytea PRIMARY KEY, person uuid NOT NULL);"
    "CREATE TABLE entry(id bigserial, at timestamptz NOT NULL, actor text NOT NULL,"
    " person uuid NOT NULL, item int NOT NULL, purpose text NOT NULL);"
    "CREATE TABLE pgp(LIKE value INCLUDING INDEXES); CREATE TABLE aes(LIKE value INCLUDING INDEXES);"
    "ALTER TABLE value ENABLE ROW LEVEL SECURITY; ALTER TABLE pgp ENABLE ROW LEVEL SECURITY;"
    "ALTER TABLE aes ENABLE ROW LEVEL SECURITY;"
    "CREATE POLICY by_purpose ON value USING (purpose = current_setting('bench.purpose'));"
    "CREATE POLICY by_purpose ON pgp USING (purpose = current_setting('bench.purpose'));"
    "CREATE POLICY by_purpose ON aes USING (purpose = current_setting('bench.purpose'));"
    "CREATE ROLE app LOGIN; GRANT SELECT, INSERT ON person, value, token, pgp, aes, entry TO app;"
    "GRANT USAGE ON entry_id_seq TO app;"
    "CREATE FUNCTION pgaudit_off() RETURNS text LANGUAGE sql SECURITY DEFINER AS"
    " $$SELECT set_config('pgaudit.log', 'none', false)$$;";

static const char purpose[] = "SELECT set_config('bench.purpose', 'service', true)";
static const char put_person[] = "INSERT INTO person VALUES($1, " WRAP ")";
#define TOKEN                                                                                      \
    "WITH t AS (INSERT INTO token SELECT hmac(value, current_setting('bench.master')::bytea, "     \
    "'sha256'), $1 FROM unnest($2::int[], $3::bytea[]) u(item, value) WHERE item = 19) "
#define PUT_PGP(table, options)                                                                    \
    TOKEN "INSERT INTO " table " SELECT p.id, n.item, 'service',"                                  \
    " pgp_sym_encrypt_bytea(n.value, encode(" UNWRAP ", 'hex')" options ") FROM person p,"         \
    " unnest($2::int[], $3::bytea[]) n(item, value) WHERE p.id = $1"
#define GET(table, value)                                                                          \
    "SELECT " value " FROM " table " v JOIN person p ON p.id = v.person WHERE v.person = $1 AND v.item = $2"
#define OPEN_PGP "pgp_sym_decrypt_bytea(v.value, encode(" UNWRAP ", 'hex'))"
static const char put[] = PUT_PGP("value", ", 's2k-mode=1, cipher-algo=aes256'");
static const char put_pgp[] = PUT_PGP("pgp", "");
static const char put_aes[] =
    TOKEN "INSERT INTO aes SELECT p.id, n.item, 'service',"
    " n.iv || encrypt_iv(n.value, " UNWRAP ", n.iv, 'aes') FROM person p,"
    " (SELECT item, value, gen_random_bytes(16) iv FROM unnest($2::int[], $3::bytea[]) u(item, value)) n"
    " WHERE p.id = $1";
static const char get[] = GET("value", OPEN_PGP);
static const char get_pgp[] = GET("pgp", OPEN_PGP);
static const char get_aes[] =
    GET("aes", "decrypt_iv(substr(v.value, 17), " UNWRAP ", substr(v.value, 1, 16), 'aes')");
static const char get_durable[] =
    "WITH e AS (INSERT INTO entry(at, actor, person, item, purpose)"
    " VALUES(now(), 'backend', $1, $2, 'service')) " GET("value", OPEN_PGP);

struct peer {
    struct cluster cluster;
    PGconn *owner, *conns[CONNECTIONS_MAX];
    unsigned count; /* connections in use */
    bool together;  /* reads in flight on a connection are one transaction */
    const struct bench_store *like;
};

static void prepare(PGconn *conn, const char *name, const char *text, int count, const Oid *types)
{
    PGresult *result = PQprepare(conn, name, text, count, types);
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        bench_die(PQerrorMessage(conn), NULL);
    PQclear(result);
}

static void peer_open(struct peer *p, const char *folder, const struct bench_store *like)
{
    static const Oid one[] = {OID_UUID, OID_INT4};
    static const Oid row[] = {OID_UUID, OID_INT4_ARRAY, OID_BYTEA_ARRAY};
    p->like = like;
    cluster_start(&p->cluster, folder);
    p->owner = cluster_connect(&p->cluster, "owner", "bench");
    cluster_sql(p->owner, schema);
    for (unsigned i = 0; i < CONNECTIONS_MAX; i++) {
        p->conns[i] = cluster_connect(&p->cluster, "app", "bench");
        cluster_sql(p->conns[i], MASTER);
        prepare(p->conns[i], "purpose", purpose, 0, NULL);
        prepare(p->conns[i], "put_person", put_person, 1, one);
        prepare(p->conns[i], "put", put, 3, row);
        prepare(p->conns[i], "get", get, 2, one);
        prepare(p->conns[i], "get_pgp", get_pgp, 2, one);
        prepare(p->conns[i], "put_pgp", put_pgp, 3, row);
        prepare(p->conns[i], "get_aes", get_aes, 2, one);
        prepare(p->conns[i], "put_aes", put_aes, 3, row);
        prepare(p->conns[i], "get_durable", get_durable, 2, one);
        if (PQenterPipelineMode(p->conns[i]) != 1)
            bench_die("pipeline mode", NULL);
    }
    p->count = 1;
}

static void peer_close(struct peer *p)
{
    for (unsigned i = 0; i < CONNECTIONS_MAX; i++)
        PQfinish(p->conns[i]);
    PQfinish(p->owner);
    cluster_stop(&p->cluster);
}

/* ---- pipelines: statements up to a sync are one transaction ---- */

static void ask_for(PGconn *conn, const char *name, int count, const char *const *values,
                    const int *lengths)
{
    static const int binary[] = {1, 1, 1};
    if (PQsendQueryPrepared(conn, name, count, values, lengths, binary, 1) != 1)
        bench_die(PQerrorMessage(conn), NULL);
}

static void begin(PGconn *conn)
{
    ask_for(conn, "purpose", 0, NULL, NULL);
}

static void commit(PGconn *conn)
{
    if (PQpipelineSync(conn) != 1 || PQflush(conn) != 0)
        bench_die(PQerrorMessage(conn), NULL);
}

/* The next statement's answer; freed by the caller. */
static PGresult *answer(PGconn *conn, ExecStatusType want)
{
    PGresult *result = PQgetResult(conn);
    if (PQresultStatus(result) != want)
        bench_die(PQerrorMessage(conn), NULL);
    if (want != PGRES_PIPELINE_SYNC && PQgetResult(conn) != NULL)
        bench_die("an answer too many", NULL);
    return result;
}

static void committed(PGconn *conn)
{
    PQclear(answer(conn, PGRES_PIPELINE_SYNC));
}

/* ---- writing ---- */

static size_t put_u32(char *at, uint32_t value)
{
    uint32_t net = htonl(value);
    memcpy(at, &net, sizeof net);
    return sizeof net;
}

/* An array of one dimension as PostgreSQL sends it: dimensions, no nulls, type, length, from 1. */
static size_t array_head(char *at, Oid type, uint32_t count)
{
    size_t n = put_u32(at, 1);
    n += put_u32(at + n, 0);
    n += put_u32(at + n, type);
    n += put_u32(at + n, count);
    return n + put_u32(at + n, 1);
}

static void send_person(const struct peer *p, const char *name, PGconn *conn, uint32_t person)
{
    char items[20 + BENCH_VALUES * 8], values[20 + BENCH_VALUES * (4 + BENCH_BYTES)];
    size_t i = array_head(items, OID_INT4, p->like->values);
    size_t v = array_head(values, OID_BYTEA, p->like->values);
    for (uint32_t n = 0; n < p->like->values; n++) {
        i += put_u32(items + i, sizeof n);
        i += put_u32(items + i, n);
        v += put_u32(values + v, BENCH_BYTES);
        bench_value(person, n, values + v);
        v += BENCH_BYTES;
    }
    const char *at[] = {(const char *)p->like->ids[person].b, items, values};
    const int lengths[] = {sizeof(struct kept_id), (int)i, (int)v};
    ask_for(conn, name, 3, at, lengths);
}

/* The people's own rows, with their keys. */
static void peer_arrive(const struct peer *p, uint32_t first, uint32_t people)
{
    PGconn *conn = p->conns[0];
    for (uint32_t end = first + people; first < end; first += BENCH_FLIGHT) {
        uint32_t n = end - first < BENCH_FLIGHT ? end - first : BENCH_FLIGHT;
        begin(conn);
        for (uint32_t i = 0; i < n; i++) {
            const char *at[] = {(const char *)p->like->ids[first + i].b};
            const int lengths[] = {sizeof(struct kept_id)};
            ask_for(conn, "put_person", 1, at, lengths);
        }
        commit(conn);
        PQclear(answer(conn, PGRES_TUPLES_OK));
        for (uint32_t i = 0; i < n; i++)
            PQclear(answer(conn, PGRES_COMMAND_OK));
        committed(conn);
    }
}

/* Values of the people from `first` on; as many people in flight as kept has requests. Returns seconds. */
static double peer_load(const struct peer *p, const char *name, uint32_t first, uint32_t people)
{
    uint32_t sent[CONNECTIONS_MAX] = {0}, each = BENCH_FLIGHT / p->count, left = people;
    double start = bench_now();
    for (unsigned turn = 0, flying = 0; left > 0 || flying > 0; turn = (turn + 1) % p->count) {
        PGconn *conn = p->conns[turn];
        if (sent[turn] > 0) {
            PQclear(answer(conn, PGRES_TUPLES_OK));
            for (uint32_t i = 0; i < sent[turn]; i++)
                PQclear(answer(conn, PGRES_COMMAND_OK));
            committed(conn);
            flying--;
        }
        sent[turn] = left < each ? left : each;
        if (sent[turn] == 0)
            continue;
        begin(conn);
        for (uint32_t i = 0; i < sent[turn]; i++)
            send_person(p, name, conn, first + people - left + i);
        commit(conn);
        left -= sent[turn];
        flying++;
    }
    return bench_now() - start;
}

/* ---- reading ---- */

struct asked {
    uint32_t person[BENCH_FLIGHT], value[BENCH_FLIGHT];
    double start;
};

static void ask(const struct peer *p, const char *name, PGconn *conn, struct asked *a, uint32_t n,
                uint32_t people, struct bench_random *r)
{
    a->start = bench_now();
    if (p->together)
        begin(conn);
    for (uint32_t i = 0; i < n; i++) {
        char item[4];
        if (!p->together)
            begin(conn);
        a->person[i] = bench_below(r, people);
        a->value[i] = bench_below(r, p->like->values);
        (void)put_u32(item, a->value[i]);
        const char *at[] = {(const char *)p->like->ids[a->person[i]].b, item};
        const int lengths[] = {sizeof(struct kept_id), sizeof item};
        ask_for(conn, name, 2, at, lengths);
        if (!p->together)
            commit(conn);
    }
    if (p->together)
        commit(conn);
}

static void hear(const struct peer *p, PGconn *conn, const struct asked *a, uint32_t n)
{
    if (p->together)
        PQclear(answer(conn, PGRES_TUPLES_OK));
    for (uint32_t i = 0; i < n; i++) {
        if (!p->together)
            PQclear(answer(conn, PGRES_TUPLES_OK));
        PGresult *result = answer(conn, PGRES_TUPLES_OK);
        if (PQntuples(result) != 1)
            bench_die("no value", NULL);
        look((const uint8_t *)PQgetvalue(result, 0, 0), (size_t)PQgetlength(result, 0, 0),
             a->person[i], a->value[i]);
        PQclear(result);
        if (!p->together)
            committed(conn);
    }
    if (p->together)
        committed(conn);
}

static void read_peer(const struct peer *p, const char *name, unsigned flight, uint32_t people,
                      double seconds, struct bench_random *r, struct done *d)
{
    struct asked *asked = bench_alloc(CONNECTIONS_MAX, sizeof *asked);
    unsigned count = p->count < flight ? p->count : flight, each = flight / count;
    double start = bench_now(), now = start;
    unsigned flying = 0;
    for (; flying < count; flying++)
        ask(p, name, p->conns[flying], &asked[flying], each, people, r);
    for (unsigned turn = 0; flying > 0; turn = (turn + 1) % count) {
        hear(p, p->conns[turn], &asked[turn], each);
        now = bench_now();
        note(d, now - asked[turn].start);
        d->reads += each;
        if (now - start < seconds)
            ask(p, name, p->conns[turn], &asked[turn], each, people, r);
        else
            flying--;
    }
    d->seconds += now - start;
    free(asked);
}

/* ---- rounds ---- */

/* Processor seconds of everybody at work: our threads and the server's processes. */
static double work(const struct peer *p)
{
    return bench_cpu() + watch_server(p->cluster.keeper);
}

struct rounds {
    double kept_cpu, peer_cpu; /* seconds of all rounds */
    uint64_t kept_done, peer_done;
    double ratio[ROUNDS_MAX], kept[ROUNDS_MAX], peer[ROUNDS_MAX], stolen[ROUNDS_MAX];
    size_t count;
};

static void enter(struct rounds *all, double kept, double peer, double disturbed)
{
    if (all->count == ROUNDS_MAX)
        return;
    all->kept[all->count] = kept;
    all->peer[all->count] = peer;
    all->ratio[all->count] = kept / peer;
    all->stolen[all->count] = disturbed;
    all->count++;
}

/* How many connections are fastest: 1, 2, 4 or 8. */
static void read_best(struct peer *p, struct bench_random *r)
{
    double most = 0;
    unsigned best = 1;
    for (p->count = 1; p->count <= CONNECTIONS_MAX; p->count *= 2) {
        struct done d = {0};
        read_peer(p, "get", BENCH_FLIGHT, p->like->people, 0.5, r, &d);
        if (rate(&d) > most) {
            most = rate(&d);
            best = p->count;
        }
    }
    p->count = best;
    bench_row("postgres_read_connections", best, "connections");
}

static void write_rows(struct bench_store *s, struct peer *p, struct rounds *ret_all)
{
    struct rounds all = {.count = 0};
    double most = 0;
    unsigned best = 1, tried = 1;
    uint32_t part = s->people / 40 > 4 * BENCH_FLIGHT ? s->people / 40 : 4 * BENCH_FLIGHT;
    for (uint32_t first = 0; first < s->people; first += part) {
        uint32_t n = s->people - first < part ? s->people - first : part;
        const struct watch w = watch_begin(p->cluster.keeper);
        double kept = (double)n * s->values / bench_load_some(s, first, n);
        peer_arrive(p, first, n);
        p->count = tried <= CONNECTIONS_MAX ? tried : best;
        double cpu = work(p);
        double peer = (double)n * s->values / peer_load(p, "put", first, n);
        all.peer_cpu += work(p) - cpu;
        all.peer_done += (uint64_t)n * s->values;
        if (tried > CONNECTIONS_MAX) {
            enter(&all, kept, peer, watch_end(&w, p->cluster.keeper));
        } else {
            if (peer > most) {
                most = peer;
                best = tried;
            }
            tried *= 2;
        }
        /* Too few people for rounds after the trials: a test, not a measurement. */
        if (all.count == 0 && first + n == s->people)
            enter(&all, kept, peer, watch_end(&w, p->cluster.keeper));
    }
    size_t quiet = 0;
    *ret_all = all;
    bench_row("write_vs_postgres", quiet_median(all.stolen, all.ratio, all.count, &quiet), "x");
    bench_row("postgres_write_rounds_quiet", (double)quiet, "rounds that count, if there are 3");
    bench_row("postgres_write_connections", best, "connections");
    bench_row("kept_write_rows_per_s", bench_median(all.kept, all.count), "values/s in collect");
    bench_row("postgres_write_cpu", all.peer_cpu / (double)all.peer_done * 1e6,
              "us of processor a value, both ends");
    bench_row("postgres_write_rows_per_s", bench_median(all.peer, all.count), "values/s");
}

static void read_rows(struct bench_store *s, struct peer *p, const char *get_name, const char *tail,
                      unsigned flight, unsigned rounds, double seconds, struct bench_random *r,
                      struct rounds *ret_all)
{
    char name[64];
    struct rounds all = {.count = 0};
    struct done kept = {.latency = bench_alloc(LATENCIES, sizeof(double))};
    struct done peer = {.latency = bench_alloc(LATENCIES, sizeof(double))};
    size_t quiet = 0;
    for (unsigned i = 0; i < rounds; i++) {
        struct done k = {.latency = kept.latency, .latencies = kept.latencies};
        struct done q = {.latency = peer.latency, .latencies = peer.latencies};
        const struct watch w = watch_begin(p->cluster.keeper);
        double cpu = work(p);
        read_kept(s, flight, seconds, r, &k);
        double between = work(p);
        read_peer(p, get_name, flight, s->people, seconds, r, &q);
        all.peer_cpu += work(p) - between;
        all.kept_cpu += between - cpu;
        all.kept_done += k.reads;
        all.peer_done += q.reads;
        enter(&all, rate(&k), rate(&q), watch_end(&w, p->cluster.keeper));
        kept.latencies = k.latencies;
        peer.latencies = q.latencies;
    }
    *ret_all = all;
#define NAME(text) ((void)snprintf(name, sizeof name, text "%s", tail), name)
    bench_row(NAME("read_vs_postgres"), quiet_median(all.stolen, all.ratio, all.count, &quiet), "x");
    bench_row(NAME("postgres_read_rounds_quiet"), (double)quiet, "rounds that count, if there are 3");
    bench_row(NAME("kept_reads_per_s"), bench_median(all.kept, all.count), "/s");
    bench_row(NAME("postgres_reads_per_s"), bench_median(all.peer, all.count), "/s");
    bench_row(NAME("kept_read_cpu"), all.kept_cpu / (double)all.kept_done * 1e6, "us of processor a read");
    bench_row(NAME("postgres_read_cpu"), all.peer_cpu / (double)all.peer_done * 1e6,
              "us of processor a read, both ends");
    bench_row(NAME("kept_read_p99"), bench_at(kept.latency, kept.latencies, .99) * 1e6, "us");
    bench_row(NAME("postgres_read_p99"), bench_at(peer.latency, peer.latencies, .99) * 1e6, "us");
#undef NAME
    free(kept.latency);
    free(peer.latency);
}

/* The same with encrypt_iv. What kept did at writing was measured. */
static void aes_rows(struct bench_store *s, struct peer *p, const struct rounds *writes, bool quick,
                     struct bench_random *r)
{
    struct rounds copy = *writes, reads;
    cluster_sql(p->owner, "TRUNCATE token");
    double puts = (double)s->people * s->values / peer_load(p, "put_aes", 0, s->people);
    bench_row("write_vs_postgres_aes", bench_median(copy.kept, copy.count) / puts, "x");
    bench_row("postgres_aes_write_rows_per_s", puts, "values/s");
    cluster_sql(p->owner, "VACUUM ANALYZE aes");
    read_rows(s, p, "get_aes", "_aes", BENCH_FLIGHT, quick ? 3 : 9, quick ? 0.4 : 1, r, &reads);
}

/* The same with the key stretched, for a few people: it is slow enough. What kept does was measured. */
static void pgp_rows(struct peer *p, const struct rounds *writes, const struct rounds *reads, double seconds,
                     struct bench_random *r)
{
    uint32_t people = p->like->people < PGP_PEOPLE ? p->like->people : PGP_PEOPLE;
    struct rounds copy = *writes;
    struct done d = {0};
    cluster_sql(p->owner, "TRUNCATE token");
    double puts = (double)people * p->like->values / peer_load(p, "put_pgp", 0, people);
    bench_row("write_vs_postgres_pgp", bench_median(copy.kept, copy.count) / puts, "x");
    bench_row("postgres_pgp_write_rows_per_s", puts, "values/s");
    copy = *reads;
    read_peer(p, "get_pgp", BENCH_FLIGHT, people, seconds, r, &d);
    bench_row("read_vs_postgres_pgp", bench_median(copy.kept, copy.count) / rate(&d), "x");
    bench_row("postgres_pgp_reads_per_s", rate(&d), "/s");
}

/* With an entry in a table in place of pgaudit's line, committed and synced before the batch counts: what
 * comes nearest to kept's promise. */
static void durable_rows(struct peer *p, const struct rounds *reads, double seconds, struct bench_random *r)
{
    struct rounds copy = *reads;
    struct done d = {0};
    for (unsigned i = 0; i < p->count; i++) {
        if (PQexitPipelineMode(p->conns[i]) != 1)
            bench_die("pipeline mode", NULL);
        cluster_sql(p->conns[i], "SELECT pgaudit_off()");
        if (PQenterPipelineMode(p->conns[i]) != 1)
            bench_die("pipeline mode", NULL);
    }
    read_peer(p, "get_durable", BENCH_FLIGHT, p->like->people, seconds, r, &d);
    bench_row("read_vs_postgres_durable", bench_median(copy.kept, copy.count) / rate(&d), "x");
    bench_row("postgres_durable_reads_per_s", rate(&d), "/s");
    if (cluster_number(p->owner, "SELECT count(*) FROM entry") != (double)d.reads)
        bench_die("not an entry for every read", NULL);
}

/* What the row security is for: without the purpose nothing is seen; the log tells of each statement. */
static void look_at_safety(const struct peer *p)
{
    PGconn *conn = cluster_connect(&p->cluster, "app", "bench");
    cluster_sql(conn, "SET bench.purpose = 'advertising'");
    if (cluster_number(conn, "SELECT count(*) FROM value") != 0)
        bench_die("row security shows what it should hide", NULL);
    PQfinish(conn);
    char path[BENCH_PATH], line[512];
    (void)snprintf(path, sizeof path, "%.3000s/log", p->cluster.folder);
    FILE *f = fopen(path, "r");
    bool told = false, shown = false;
    while (f != NULL && fgets(line, sizeof line, f) != NULL) {
        told = told || strstr(line, "AUDIT: SESSION") != NULL;
        shown = shown || strstr(line, "@mail.subdomain") != NULL;
    }
    if (f != NULL)
        (void)fclose(f);
    if (!told)
        bench_die("pgaudit wrote nothing", NULL);
    if (shown)
        bench_die("pgaudit wrote a value", NULL);
}

int main(int argc, char **argv)
{
    if (argc < 4)
        bench_die("usage: postgres FOLDER POLICY PEOPLE [quick]", NULL);
    const uint32_t people = (uint32_t)strtoul(argv[3], NULL, 10);
    const bool quick = argc > 4;
    struct bench_store *s = bench_alloc(1, sizeof *s);
    struct peer *p = bench_alloc(1, sizeof *p);
    struct bench_random r = {11};
    struct rounds writes, reads, few;
    if (people == 0)
        bench_die("how many people?", NULL);
    s->cache_kib = CACHE_KIB;
    bench_make(s, argv[1], "beside-postgres", argv[2]);
    bench_expect(s, people, BENCH_VALUES);
    peer_open(p, argv[1], s);
    write_rows(s, p, &writes);
    cluster_sql(p->owner, "VACUUM ANALYZE");
    cluster_sql(p->owner, "CHECKPOINT");
    bench_row("postgres_space_ratio",
              cluster_number(p->owner, "SELECT pg_total_relation_size('value') + "
                                       "pg_total_relation_size('person') + "
                                       "pg_total_relation_size('token')") /
                  ((double)people * s->values * BENCH_BYTES),
              "x, tables and indexes");
    read_best(p, &r);
    read_rows(s, p, "get", "", BENCH_FLIGHT, quick ? 5 : 15, quick ? 0.4 : 1, &r, &reads);
    read_rows(s, p, "get", "_16", 16, quick ? 1 : 3, quick ? 0.3 : 1, &r, &few);
    read_rows(s, p, "get", "_1", 1, quick ? 1 : 3, quick ? 0.3 : 1, &r, &few);
    p->together = true;
    read_rows(s, p, "get", "_together", BENCH_FLIGHT, quick ? 3 : 9, quick ? 0.4 : 1, &r, &few);
    p->together = false;
    aes_rows(s, p, &writes, quick, &r);
    pgp_rows(p, &writes, &reads, quick ? 0.3 : 1, &r);
    look_at_safety(p);
    durable_rows(p, &reads, quick ? 0.5 : 2, &r);
    peer_close(p);
    bench_close(s);
    free(s->ids);
    free(s);
    free(p);
    return 0;
}
