/* erase.c - rows erase_ms, erase_sweep_s: one person with very many records, tokens and entries.
 *
 * Step 1 is the call kept answers: from its return on nothing of the person is released. Step 2 is
 * the sweep, carried out by ticks until one finds no more to do. Beside them the same for an
 * ordinary person, many times, to show that step 1 does not grow with the records. */
#include "bench.h"

#define PEOPLE 200u
#define SMALL 64u       /* ordinary people erased one by one */
#define FIELDS 2000u    /* of one collection of the large person */
#define TOKENS 10000u
#define ENTRIES 10000u

/* count values of item for one person, FIELDS in a request. */
static void collect(struct bench_store *s, const struct kept_id *who, const char *item, bool mail,
                    uint32_t count)
{
    struct kept_field *fields = bench_alloc(FIELDS, sizeof *fields);
    char(*text)[BENCH_BYTES] = bench_alloc(FIELDS, sizeof *text);
    for (uint32_t first = 0; first < count; first += FIELDS) {
        uint32_t n = count - first < FIELDS ? count - first : FIELDS;
        for (uint32_t i = 0; i < n; i++) {
            bench_value(first + i, mail ? BENCH_VALUES - 1 : 0, text[i]);
            fields[i] = (struct kept_field){.name = item,
                                            .value = {(const uint8_t *)text[i], BENCH_BYTES}};
        }
        const struct kept_request r = {.op = KEPT_OP_COLLECT,
                                       .actor = "backend",
                                       .subject = *who,
                                       .function = "account",
                                       .fields = fields,
                                       .field_count = n};
        bench_batch(s, &r, 1, NULL);
    }
    free(fields);
    free(text);
}

/* Entries in the ledger about one person: reads of one record. */
static void read_often(struct bench_store *s, const struct kept_id *who, uint32_t count)
{
    const struct kept_field field = {.name = "note", .record = 1};
    struct kept_request r[BENCH_FLIGHT];
    for (uint32_t first = 0; first < count; first += BENCH_FLIGHT) {
        uint32_t n = count - first < BENCH_FLIGHT ? count - first : BENCH_FLIGHT;
        for (uint32_t i = 0; i < n; i++)
            r[i] = (struct kept_request){.op = KEPT_OP_USE,
                                         .actor = "backend",
                                         .subject = *who,
                                         .purpose = "service",
                                         .fields = &field,
                                         .field_count = 1};
        bench_batch(s, r, n, NULL);
    }
}

static double erase(struct bench_store *s, const struct kept_id *who)
{
    const struct kept_request r = {
        .op = KEPT_OP_ERASE_SUBJECT, .actor = "backend", .subject = *who};
    double start = bench_now();
    struct kept_reply *reply = bench_call(s, &r);
    double seconds = bench_now() - start;
    kept_reply_free(reply);
    return seconds;
}

/* Ticks until nothing was swept. */
static double sweep(struct bench_store *s)
{
    double start = bench_now();
    bool more = true;
    while (more) {
        struct kept_reply *reply = bench_call(s, &(struct kept_request){.op = KEPT_OP_TICK});
        more = reply->json != NULL && strstr(reply->json, "\"swept\":0,") == NULL;
        kept_reply_free(reply);
    }
    return bench_now() - start;
}

int main(int argc, char **argv)
{
    if (argc < 4)
        bench_die("usage: erase FOLDER POLICY RECORDS", NULL);
    uint32_t records = (uint32_t)strtoul(argv[3], NULL, 10);
    struct bench_store *s = bench_alloc(1, sizeof *s);
    struct kept_id who = {{0}};
    double small[SMALL];
    char name[64];
    bench_make(s, argv[1], "erase", argv[2]);
    (void)bench_load(s, PEOPLE, BENCH_VALUES);
    bench_arrive(s, &who, 1);
    double start = bench_now();
    collect(s, &who, "note", false, records - TOKENS);
    collect(s, &who, "mails", true, TOKENS);
    (void)snprintf(name, sizeof name, "one_person_rows_per_s");
    bench_row(name, (double)records / (bench_now() - start), "values/s for one person");
    read_often(s, &who, ENTRIES);
    for (uint32_t i = 0; i < SMALL; i++)
        small[i] = erase(s, &s->ids[i]);
    double large = erase(s, &who);
    (void)snprintf(name, sizeof name, "ms: step 1, a person with %u records", records);
    bench_row("erase_ms", large * 1e3, name);
    bench_row("erase_small_ms", bench_median(small, SMALL) * 1e3, "ms: a person with 20 records");
    bench_row("erase_sweep_s", sweep(s), "s: step 2");
    bench_close(s);
    free(s->ids);
    free(s);
    return 0;
}
