/* reads.h - reading, as every peer of kept is measured: what one side did in a round, the check of each
 * value, kept's own side, and medians of rounds that no other machine disturbed. */
#ifndef KEPT_BENCH_READS_H
#define KEPT_BENCH_READS_H

#include "bench.h"

#include <sys/syscall.h>

#define ROUNDS_MAX 31u
#define LATENCIES 2000000u

/* ---- syncs, counted: these stand before the C library's ---- */

static unsigned long syncs;

__attribute__((visibility("default"))) int fsync(int fd);
__attribute__((visibility("default"))) int fdatasync(int fd);
int fsync(int fd)
{
    (void)__atomic_add_fetch(&syncs, 1, __ATOMIC_RELAXED);
    return (int)syscall(SYS_fsync, fd);
}
int fdatasync(int fd)
{
    (void)__atomic_add_fetch(&syncs, 1, __ATOMIC_RELAXED);
    return (int)syscall(SYS_fdatasync, fd);
}

/* ---- what one side did ---- */

/* What one side did in one round. */
struct done {
    double seconds, cpu;
    uint64_t reads, syncs;
    double *latency;
    size_t latencies;
};

static inline void note(struct done *d, double seconds)
{
    if (d->latency != NULL && d->latencies < LATENCIES)
        d->latency[d->latencies++] = seconds;
}

/* The value must be the person's: the first eleven bytes say so. */
static inline void look(const uint8_t *p, size_t n, uint32_t person, uint32_t value)
{
    static const char hex[] = "0123456789abcdef";
    if (n != BENCH_BYTES || p[0] != 'p')
        bench_die("a wrong value", NULL);
    for (unsigned i = 0; i < 8; i++)
        if (p[1 + i] != (uint8_t)hex[person >> (28 - 4 * i) & 15])
            bench_die("somebody else's value", NULL);
    if (p[9] != (uint8_t)('0' + value / 10) || p[10] != (uint8_t)('0' + value % 10))
        bench_die("another item's value", NULL);
}

static inline double rate(const struct done *d)
{
    return d->seconds > 0 ? (double)d->reads / d->seconds : 0;
}

/* ---- kept ---- */

struct flying {
    struct kept_request request;
    struct kept_field field;
    uint32_t person, value;
    double start;
};

static inline void take_off(const struct bench_store *s, struct flying *f, struct bench_random *r,
                     double now)
{
    struct kept_err err = {0};
    f->person = bench_below(r, s->people);
    f->value = bench_below(r, s->values);
    f->request.subject = s->ids[f->person];
    f->field.name = bench_item(f->value);
    f->start = now;
    if (kept_submit(s->kept, &f->request, &err) != 0)
        bench_die("submit", &err);
}

static inline void read_kept(const struct bench_store *s, unsigned flight, double seconds,
                      struct bench_random *r, struct done *d)
{
    struct kept_err err = {0};
    struct kept_reply *replies[BENCH_FLIGHT];
    struct flying *flying = bench_alloc(flight, sizeof *flying);
    double start = bench_now(), cpu = bench_cpu(), now = start;
    unsigned long before = syncs;
    size_t in_flight = flight, got = 0;
    for (unsigned i = 0; i < flight; i++) {
        struct flying *f = &flying[i];
        f->request = (struct kept_request){.op = KEPT_OP_USE,
                                           .actor = "backend",
                                           .purpose = "service",
                                           .fields = &f->field,
                                           .field_count = 1,
                                           .tag = f};
        take_off(s, f, r, now);
    }
    while (in_flight > 0) {
        if (kept_reap(s->kept, replies, BENCH_FLIGHT, 1, &got, &err) != 0)
            bench_die("reap", &err);
        now = bench_now();
        for (size_t i = 0; i < got; i++) {
            struct flying *f = replies[i]->tag;
            if (replies[i]->error != 0 || replies[i]->decision != KEPT_ALLOW)
                bench_die("a read", &replies[i]->err);
            const struct kept_field *field = &replies[i]->fields[0];
            look(field->value.p, field->value.n, f->person, f->value);
            kept_reply_free(replies[i]);
            note(d, now - f->start);
            if (now - start < seconds)
                take_off(s, f, r, now);
            else
                in_flight--;
        }
        d->reads += got;
    }
    d->seconds += now - start;
    d->cpu += bench_cpu() - cpu;
    d->syncs += syncs - before;
    free(flying);
}

/* ---- rounds ---- */

/* What else the machine did meanwhile: other machines' part of the processors (steal), and this one's
 * processes that are neither the benchmark's nor its server's. A tenth of a processor is left
 * to the kernel's own threads, who write for us. */
#define OTHERS_FREE 0.1
struct watch {
    double began, stolen, others;
};

/* Processor seconds of the children of a process; *ret_child: one of them. */
static inline double watch_children(pid_t parent, pid_t *ret_child)
{
    double sum = 0;
    DIR *dir = parent > 0 ? opendir("/proc") : NULL;
    for (struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;) {
        char path[64], line[1024];
        long ppid = 0;
        double user = 0, kernel = 0;
        if (e->d_name[0] < '0' || e->d_name[0] > '9')
            continue;
        (void)snprintf(path, sizeof path, "/proc/%.20s/stat", e->d_name);
        FILE *f = fopen(path, "r");
        const char *tail = f != NULL && fgets(line, sizeof line, f) != NULL ? strrchr(line, ')') : NULL;
        if (tail != NULL &&
            sscanf(tail, ") %*c %ld %*d %*d %*d %*d %*u %*u %*u %*u %*u %lf %lf", &ppid, &user,
                   &kernel) == 3 &&
            ppid == (long)parent) {
            sum += user + kernel;
            *ret_child = (pid_t)strtol(e->d_name, NULL, 10);
        }
        if (f != NULL)
            (void)fclose(f);
    }
    if (dir != NULL)
        (void)closedir(dir);
    return sum / (double)sysconf(_SC_CLK_TCK);
}

/* Of a server that a keeper started, and of its processes; 0: there is none. */
static inline double watch_server(pid_t keeper)
{
    pid_t server = 0, any = 0;
    double own = watch_children(keeper, &server);
    return own + watch_children(server, &any);
}

static inline double watch_others(pid_t keeper)
{
    double user = 0, nice = 0, kernel = 0, soft = 0;
    FILE *f = fopen("/proc/stat", "r");
    if (f == NULL)
        return 0;
    if (fscanf(f, "cpu %lf %lf %lf %*f %*f %*f %lf", &user, &nice, &kernel, &soft) != 4)
        user = nice = kernel = soft = 0;
    (void)fclose(f);
    return (user + nice + kernel + soft) / (double)sysconf(_SC_CLK_TCK) - bench_cpu() -
           watch_server(keeper);
}

static inline struct watch watch_begin(pid_t keeper)
{
    return (struct watch){bench_now(), bench_stolen(), watch_others(keeper)};
}

/* Part of a processor that others had since. */
static inline double watch_end(const struct watch *w, pid_t keeper)
{
    double seconds = bench_now() - w->began;
    double others = (watch_others(keeper) - w->others) / seconds - OTHERS_FREE;
    return (bench_stolen() - w->stolen) / seconds + (others > 0 ? others : 0);
}

/* The median of the rounds in which no other machine took more than STOLEN_MOST of a processor: such a
 * round measures the other machine. Of all, when too few are left. */
#define STOLEN_MOST 0.02
#define ROUNDS_LEAST 3u
static inline double quiet_median(const double *stolen, const double *ratios, size_t count,
                                  size_t *ret_quiet)
{
    double v[ROUNDS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        if (stolen[i] <= STOLEN_MOST)
            v[n++] = ratios[i];
    *ret_quiet = n;
    if (n < ROUNDS_LEAST) {
        memcpy(v, ratios, count * sizeof *v);
        n = count;
    }
    return bench_median(v, n);
}

#endif
