/* gdpr.h - what GDPRbench asks, of whom, and the model that knows every answer.
 *
 * An engine is asked for whole operations of the benchmark: create, delete, read and update the records
 * that a key or one metadata value picks; the newest lines of the log; whether a record is gone. The
 * oracle answers the same from an array, looking at every record for every question. */
#ifndef KEPT_BENCH_GDPR_H
#define KEPT_BENCH_GDPR_H

#include "gdpr_gen.h"

/* Which records: those whose field has a value. G_KEY: the record of that number; G_TTL: those whose
 * time has come. */
struct gdpr_pick {
    enum gdpr_field field;
    uint32_t index;
};

enum { GDPR_WANT_META = 1, GDPR_WANT_DATA = 2 };

struct gdpr_row {
    uint32_t n;
    char meta[G_META][GDPR_TEXT], data[GDPR_DATA + 1];
};

struct gdpr_rows {
    struct gdpr_row *rows; /* room for as many as there can be records */
    size_t count;
};

struct gdpr_engine {
    const char *name;
    void *state;
    const struct gdpr_size *size;
    bool owner_stays; /* a value belongs to its person: changing USR is refused */
    /* Make an empty store for records; what is in it is gone after close. */
    void (*open)(struct gdpr_engine *e, const char *folder, uint32_t room);
    void (*create)(struct gdpr_engine *e, uint32_t first, uint32_t count);
    size_t (*remove)(struct gdpr_engine *e, const struct gdpr_pick *pick);
    void (*read)(struct gdpr_engine *e, const struct gdpr_pick *pick, unsigned want,
                 struct gdpr_rows *rows);
    /* Set one metadata field of each; returns how many. */
    size_t (*set)(struct gdpr_engine *e, const struct gdpr_pick *pick, enum gdpr_field field,
                  uint32_t index);
    /* Data of record n becomes that of `from`; all: and its metadata what it was at first. */
    size_t (*rewrite)(struct gdpr_engine *e, uint32_t n, uint32_t from, bool all);
    /* The newest lines of the log, at most so many; *ret_expected: how many there must be. */
    size_t (*logs)(struct gdpr_engine *e, size_t most, size_t *ret_expected);
    uint64_t (*space)(struct gdpr_engine *e);
    void (*close)(struct gdpr_engine *e);
};

/* A second of GDPRbench is an hour here, because hours are the least a policy speaks of. Every engine's
 * clock is this one; it is set on between loading and running, so that the first tenth of the records is
 * over, which the original waits for. */
#define GDPR_HOUR 3600000
static kept_ms gdpr_skew;
static inline kept_ms gdpr_now(void *arg)
{
    (void)arg;
    return (kept_ms)(bench_clock(CLOCK_REALTIME) * 1000) + gdpr_skew;
}

/* ---- the oracle ---- */

struct gdpr_truth {
    bool alive;
    uint32_t index[G_META], from;
    kept_ms ends;
};

struct gdpr_oracle {
    const struct gdpr_size *size;
    struct gdpr_truth *rows;
    uint32_t count;
};

static inline void oracle_reset(struct gdpr_oracle *o, uint32_t n)
{
    for (unsigned f = 0; f < G_META; f++)
        o->rows[n].index[f] = gdpr_index(o->size, (enum gdpr_field)f, n);
}

static inline void oracle_create(struct gdpr_oracle *o, uint32_t n)
{
    o->rows[n] = (struct gdpr_truth){.alive = true, .from = n};
    oracle_reset(o, n);
    o->rows[n].ends = gdpr_now(NULL) + (kept_ms)gdpr_ttl(o->rows[n].index[G_TTL]) * GDPR_HOUR;
    if (n >= o->count)
        o->count = n + 1;
}

static inline bool oracle_picks(const struct gdpr_oracle *o, const struct gdpr_pick *pick, uint32_t n)
{
    const struct gdpr_truth *row = &o->rows[n];
    if (!row->alive)
        return false;
    if (pick->field == G_KEY)
        return n == pick->index;
    if (pick->field == G_TTL)
        return row->ends <= gdpr_now(NULL);
    return row->index[pick->field] == pick->index;
}

static inline size_t oracle_remove(struct gdpr_oracle *o, const struct gdpr_pick *pick)
{
    size_t count = 0;
    for (uint32_t n = 0; n < o->count; n++)
        if (oracle_picks(o, pick, n)) {
            o->rows[n].alive = false;
            count++;
        }
    return count;
}

static inline size_t oracle_set(struct gdpr_oracle *o, const struct gdpr_pick *pick,
                                enum gdpr_field field, uint32_t index)
{
    size_t count = 0;
    bool *picked = bench_alloc(o->count, sizeof *picked); /* first all are picked, then all change */
    for (uint32_t n = 0; n < o->count; n++)
        picked[n] = oracle_picks(o, pick, n);
    for (uint32_t n = 0; n < o->count; n++)
        if (picked[n]) {
            o->rows[n].index[field] = index;
            count++;
        }
    free(picked);
    return count;
}

static inline int oracle_order(const void *a, const void *b)
{
    const struct gdpr_row *x = a, *y = b;
    return (x->n > y->n) - (x->n < y->n);
}

/* Every record that should be there is, no other, and each says what it should. */
static inline void oracle_check(const struct gdpr_oracle *o, const struct gdpr_pick *pick, unsigned want,
                                struct gdpr_rows *got, const char *engine)
{
    size_t at = 0;
    char text[GDPR_TEXT], data[GDPR_DATA + 1];
    qsort(got->rows, got->count, sizeof *got->rows, oracle_order);
    for (uint32_t n = 0; n < o->count; n++) {
        if (!oracle_picks(o, pick, n))
            continue;
        if (at == got->count || got->rows[at].n != n)
            bench_die(engine, &(struct kept_err){.text = "the oracle knows of another record"});
        const struct gdpr_row *row = &got->rows[at++];
        for (unsigned f = 0; f < G_META && (want & GDPR_WANT_META) != 0; f++) {
            gdpr_text((enum gdpr_field)f, o->rows[n].index[f], text);
            if (strcmp(text, row->meta[f]) != 0)
                bench_die(engine, &(struct kept_err){.text = "the oracle knows other metadata"});
        }
        gdpr_data(o->rows[n].from, data);
        if ((want & GDPR_WANT_DATA) != 0 && strcmp(data, row->data) != 0)
            bench_die(engine, &(struct kept_err){.text = "the oracle knows other data"});
    }
    if (at != got->count)
        bench_die(engine, &(struct kept_err){.text = "the oracle knows of fewer records"});
}

#endif
