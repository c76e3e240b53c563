/* bench.h - what the benchmarks share: clocks, random numbers, medians, printing of rows, and people
 * loaded into a store. Every program prints rows `name value unit`; nothing here passes or fails. */
#ifndef KEPT_BENCH_H
#define KEPT_BENCH_H

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "kept.h"

#define BENCH_VALUES 20u /* a person's values: v01 .. v19 and mail */
#define BENCH_BYTES 100u /* of each */
#define BENCH_FLIGHT 256u
#define BENCH_PATH 4096u

static inline void bench_die(const char *what, const struct kept_err *err)
{
    (void)fprintf(stderr, "bench: %s: %s\n", what, err != NULL ? err->text : "failed");
    exit(1);
}

static inline void *bench_alloc(size_t count, size_t size)
{
    void *p = calloc(count, size);
    if (p == NULL)
        bench_die("memory", NULL);
    return p;
}

static inline void bench_row(const char *name, double value, const char *unit)
{
    (void)printf("%-28s %14.*f %s\n", name, value < 10 ? 3 : value < 1000 ? 1 : 0, value, unit);
    (void)fflush(stdout);
}

/* ---- clocks ---- */

static inline double bench_clock(clockid_t id)
{
    struct timespec t;
    (void)clock_gettime(id, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}
static inline double bench_now(void)
{
    return bench_clock(CLOCK_MONOTONIC);
}
/* Processor seconds of all threads. */
static inline double bench_cpu(void)
{
    return bench_clock(CLOCK_PROCESS_CPUTIME_ID);
}

/* ---- random numbers: seeded, so that two runs ask the same ---- */

struct bench_random {
    uint64_t s;
};
static inline uint64_t bench_next(struct bench_random *r)
{
    uint64_t z = (r->s += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}
static inline uint32_t bench_below(struct bench_random *r, uint32_t n)
{
    return (uint32_t)((bench_next(r) >> 32) * n >> 32);
}

/* ---- a machine that is shared ---- */

/* Seconds of processor time that other machines took from this one (Linux, all processors); 0 where
 * nobody counts them. */
static inline double bench_stolen(void)
{
    double stolen = 0; /* the eighth number: behind user, nice, system, idle, wait, two of interrupts */
    FILE *f = fopen("/proc/stat", "r");
    if (f != NULL && fscanf(f, "cpu %*f %*f %*f %*f %*f %*f %*f %lf", &stolen) != 1)
        stolen = 0;
    if (f != NULL)
        (void)fclose(f);
    return stolen / (double)sysconf(_SC_CLK_TCK);
}

/* ---- medians ---- */

static inline int bench_order(const void *a, const void *b)
{
    double x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}
static inline double bench_at(double *v, size_t n, double part)
{
    if (n == 0)
        return 0;
    qsort(v, n, sizeof *v, bench_order);
    return v[(size_t)((double)(n - 1) * part)];
}
static inline double bench_median(double *v, size_t n)
{
    return bench_at(v, n, 0.5);
}

/* ---- files ---- */

/* Bytes of everything under a path; 0 when it is not there. */
static inline uint64_t bench_bytes(const char *path)
{
    struct stat st;
    if (lstat(path, &st) != 0)
        return 0;
    if (!S_ISDIR(st.st_mode))
        return (uint64_t)st.st_size;
    uint64_t sum = 0;
    DIR *dir = opendir(path);
    for (struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;) {
        char inner[BENCH_PATH];
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        (void)snprintf(inner, sizeof inner, "%.3000s/%s", path, e->d_name);
        sum += bench_bytes(inner);
    }
    if (dir != NULL)
        (void)closedir(dir);
    return sum;
}

static inline char *bench_text(const char *path)
{
    FILE *f = fopen(path, "rb");
    char *text = bench_alloc(1u << 20, 1);
    if (f == NULL || fread(text, 1, (1u << 20) - 1, f) == 0)
        bench_die(path, NULL);
    (void)fclose(f);
    return text;
}

/* ---- a store ---- */

struct bench_store {
    char store[BENCH_PATH], keyring[BENCH_PATH], root[BENCH_PATH], policy[BENCH_PATH];
    int cache_kib;
    struct kept_clock clock; /* zero: the system's */
    struct kept *kept;
    struct kept_id *ids;
    uint32_t people, values;
};

static inline void bench_open(struct bench_store *s)
{
    struct kept_err err = {0};
    const struct kept_options options = {
        .store = s->store, .keyring = s->keyring, .root_key = s->root, .clock = s->clock,
        .cache_kib = s->cache_kib};
    if (kept_open(&options, &s->kept, &err) != 0)
        bench_die("open", &err);
}

static inline void bench_close(struct bench_store *s)
{
    kept_close(s->kept);
    s->kept = NULL;
}

/* Size of a page in kept's file: its header says it at byte 16. */
static inline int bench_page(const struct bench_store *s)
{
    char path[BENCH_PATH];
    uint8_t at[2] = {0};
    (void)snprintf(path, sizeof path, "%.3000s/store.db", s->store);
    FILE *f = fopen(path, "rb");
    if (f == NULL || fseek(f, 16, SEEK_SET) != 0 || fread(at, 1, 2, f) != 2)
        bench_die(path, NULL);
    (void)fclose(f);
    return at[0] << 8 | at[1];
}

/* One call that must not fail. */
static inline struct kept_reply *bench_call(struct bench_store *s, const struct kept_request *r)
{
    struct kept_err err = {0};
    struct kept_reply *reply = NULL;
    if (kept_call(s->kept, r, &reply, &err) != 0)
        bench_die(kept_op_name(r->op), &err);
    return reply;
}

/* Make a store in folder/name and publish the policy of the benchmarks. */
static inline void bench_make(struct bench_store *s, const char *folder, const char *name,
                              const char *policy)
{
    struct kept_err err = {0};
    (void)snprintf(s->store, sizeof s->store, "%.3000s/%s.store", folder, name);
    (void)snprintf(s->keyring, sizeof s->keyring, "%.3000s/%s.keyring", folder, name);
    (void)snprintf(s->root, sizeof s->root, "%.3000s/%s.root", folder, name);
    (void)snprintf(s->policy, sizeof s->policy, "%.3000s", policy);
    const struct kept_options options = {
        .store = s->store, .keyring = s->keyring, .root_key = s->root, .clock = s->clock};
    if (kept_init(&options, &err) != 0)
        bench_die("init", &err);
    bench_open(s);
    char *text = bench_text(policy);
    kept_reply_free(bench_call(s, &(struct kept_request){.op = KEPT_OP_POLICY_PUBLISH,
                                                         .text = text}));
    free(text);
}

/* ---- people ---- */

static inline const char *bench_item(uint32_t value)
{
    static const char *const names[BENCH_VALUES] = {
        "v01", "v02", "v03", "v04", "v05", "v06", "v07", "v08", "v09", "v10",
        "v11", "v12", "v13", "v14", "v15", "v16", "v17", "v18", "v19", "mail"};
    return names[value];
}

/* 100 bytes that say whose value they are; an address has the look of one. */
static inline void bench_value(uint32_t person, uint32_t value, char out[BENCH_BYTES])
{
    static const char hex[] = "0123456789abcdef";
    static const char place[] = "@mail.subdomain-of-the-place.example.org";
    memset(out, 'x', BENCH_BYTES);
    out[0] = 'p';
    for (unsigned i = 0; i < 8; i++)
        out[1 + i] = hex[person >> (28 - 4 * i) & 15];
    out[9] = (char)('0' + value / 10 % 10);
    out[10] = (char)('0' + value % 10);
    if (value + 1 == BENCH_VALUES)
        memcpy(out + BENCH_BYTES - (sizeof place - 1), place, sizeof place - 1);
}

/* Submit n requests, reap all replies; each must have gone through. */
static inline void bench_batch(struct bench_store *s, const struct kept_request *requests, size_t n,
                               struct kept_id *ret_ids)
{
    struct kept_err err = {0};
    struct kept_reply *replies[BENCH_FLIGHT];
    size_t got = 0;
    for (size_t i = 0; i < n; i++)
        if (kept_submit(s->kept, &requests[i], &err) != 0)
            bench_die("submit", &err);
    for (size_t done = 0; done < n; done += got) {
        if (kept_reap(s->kept, replies, BENCH_FLIGHT, 1, &got, &err) != 0)
            bench_die("reap", &err);
        for (size_t i = 0; i < got; i++) {
            if (replies[i]->error != 0 || replies[i]->decision != KEPT_ALLOW)
                bench_die("a change", replies[i]->error != 0 ? &replies[i]->err : NULL);
            if (ret_ids != NULL)
                ret_ids[done + i] = replies[i]->subject;
            kept_reply_free(replies[i]);
        }
    }
}

/* A new person, notice and consent, for up to BENCH_FLIGHT people. */
static inline void bench_arrive(struct bench_store *s, struct kept_id *ids, size_t n)
{
    struct kept_request r[BENCH_FLIGHT];
    for (size_t i = 0; i < n; i++)
        r[i] = (struct kept_request){.op = KEPT_OP_SUBJECT_NEW, .actor = "backend"};
    bench_batch(s, r, n, ids);
    for (size_t i = 0; i < n; i++)
        r[i] = (struct kept_request){
            .op = KEPT_OP_CONSENT_ACKNOWLEDGE, .actor = "backend", .subject = ids[i]};
    bench_batch(s, r, n, NULL);
    for (size_t i = 0; i < n; i++)
        r[i] = (struct kept_request){.op = KEPT_OP_CONSENT_GRANT,
                                     .actor = "backend",
                                     .subject = ids[i],
                                     .function = "account",
                                     .consent = KEPT_C_EXPLICIT};
    bench_batch(s, r, n, NULL);
}

/* The people from `first` on arrive, and their values are collected (the last is always the mail address
 * with its token). Returns the seconds spent in collection alone. */
static inline double bench_load_some(struct bench_store *s, uint32_t first, uint32_t people)
{
    struct kept_request r[BENCH_FLIGHT];
    struct kept_field(*fields)[BENCH_VALUES] = bench_alloc(BENCH_FLIGHT, sizeof *fields);
    char(*text)[BENCH_VALUES][BENCH_BYTES] = bench_alloc(BENCH_FLIGHT, sizeof *text);
    double seconds = 0;
    for (uint32_t end = first + people; first < end; first += BENCH_FLIGHT) {
        uint32_t n = end - first < BENCH_FLIGHT ? end - first : BENCH_FLIGHT;
        bench_arrive(s, s->ids + first, n);
        for (uint32_t i = 0; i < n; i++) {
            for (uint32_t v = 0; v < s->values; v++) {
                uint32_t value = v + 1 == s->values ? BENCH_VALUES - 1 : v;
                bench_value(first + i, value, text[i][v]);
                fields[i][v] = (struct kept_field){
                    .name = bench_item(value),
                    .value = {(const uint8_t *)text[i][v], BENCH_BYTES}};
            }
            r[i] = (struct kept_request){.op = KEPT_OP_COLLECT,
                                         .actor = "backend",
                                         .subject = s->ids[first + i],
                                         .function = "account",
                                         .fields = fields[i],
                                         .field_count = s->values};
        }
        double start = bench_now();
        bench_batch(s, r, n, NULL);
        seconds += bench_now() - start;
    }
    free(fields);
    free(text);
    return seconds;
}

/* Room for people with as many values each, who come with bench_load_some. */
static inline void bench_expect(struct bench_store *s, uint32_t people, uint32_t values)
{
    s->ids = bench_alloc(people, sizeof *s->ids);
    s->people = people;
    s->values = values;
}

static inline double bench_load(struct bench_store *s, uint32_t people, uint32_t values)
{
    bench_expect(s, people, values);
    return bench_load_some(s, 0, people);
}

#endif
