/* gdpr_gen.h - the records of GDPRbench, byte for byte, and its choice of keys.
 *
 * GDPRbench (Shastri, Banakar, Wasserman, Kumar, Chidambaram: "Understanding and Benchmarking the Impact
 * of GDPR on Database Systems", VLDB 2020) is YCSB with records that carry metadata; its code is under the
 * Apache License 2.0. This is written from what that code does, not from the code. A record is its key
 * and ten fields, all of which follow from its number n:
 *   key     "key" n
 *   fields  PUR TTL USR OBJ DEC ACL SHR SRC CAT: one of a list of values, at n mod the list's length
 *   Data    n, the Java hash of the text so far, n, the hash of it all, and so on, cut at 100 bytes
 * so that all metadata of a record hangs together. Keys of requests are uniform, or zipfian over ten
 * thousand million ranks that FNV scatters over the records. The original draws them from Java's
 * thread-local generator, which has no seed: only the distributions can be the same, not the draws. */
#ifndef KEPT_BENCH_GDPR_GEN_H
#define KEPT_BENCH_GDPR_GEN_H

#include <math.h>

#include "bench.h"

enum gdpr_field { G_PUR, G_TTL, G_USR, G_OBJ, G_DEC, G_ACL, G_SHR, G_SRC, G_CAT, G_META, G_KEY };

#define GDPR_DATA 100u
#define GDPR_TEXT 24u /* the longest metadata value and its NUL */
#define GDPR_TTLS 10u

struct gdpr_size { /* of the lists; as in the repository's files */
    uint32_t records, purposes, users;
};

static inline uint32_t gdpr_count(const struct gdpr_size *size, enum gdpr_field field)
{
    const uint32_t counts[G_META] = {size->purposes, GDPR_TTLS, size->users, 100, 2, 10, 10, 10, 10};
    return counts[field];
}

/* The index of a record's value in its field's list. */
static inline uint32_t gdpr_index(const struct gdpr_size *size, enum gdpr_field field, uint32_t n)
{
    return n % gdpr_count(size, field);
}

static inline uint32_t gdpr_ttl(uint32_t index)
{
    static const uint32_t ttls[GDPR_TTLS] = {30,    10000, 12000, 14000, 16000,
                                             18000, 20000, 22000, 24000, 1000000};
    return ttls[index];
}

static inline void gdpr_text(enum gdpr_field field, uint32_t index, char out[GDPR_TEXT])
{
    static const char *const names[] = {"purpose", "", "user", "obj", "dec", "acl", "shr", "src", "cat"};
    if (field == G_TTL)
        (void)snprintf(out, GDPR_TEXT, "%u", gdpr_ttl(index));
    else
        (void)snprintf(out, GDPR_TEXT, "%s%u", field == G_KEY ? "key" : names[field], index);
}

/* String.hashCode of Java: of ASCII, in 32 bits that wrap, signed. */
static inline int32_t gdpr_hash(const char *text, size_t n)
{
    uint32_t h = 0;
    for (size_t i = 0; i < n; i++)
        h = h * 31 + (uint8_t)text[i];
    return (int32_t)h;
}

static inline void gdpr_data(uint32_t n, char out[GDPR_DATA + 1])
{
    char text[GDPR_DATA + 64];
    size_t used = 0;
    while (used < GDPR_DATA) {
        used += (size_t)snprintf(text + used, sizeof text - used, "%u", n);
        used += (size_t)snprintf(text + used, sizeof text - used, "%d", gdpr_hash(text, used));
    }
    memcpy(out, text, GDPR_DATA);
    out[GDPR_DATA] = 0;
}

/* ---- which record an operation is about ---- */

#define GDPR_ZIPF_ITEMS 10000000000.0
#define GDPR_ZETA 26.46902820178302 /* of the items, at the exponent below */
#define GDPR_THETA 0.99

static inline uint64_t gdpr_scatter(uint64_t rank)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (int i = 0; i < 8; i++, rank >>= 8)
        h = (h ^ (rank & 255)) * 1099511628211u;
    int64_t s = (int64_t)h;
    return s < 0 ? 0 - h : h; /* Math.abs */
}

static inline double gdpr_unit(struct bench_random *r)
{
    return (double)(bench_next(r) >> 11) * 0x1p-53;
}

/* Jim Gray's zipfian: rank 0 is the most frequent. */
static inline uint64_t gdpr_rank(double u)
{
    /* YCSB counts one item more than the items its zeta was made of. */
    const double items = GDPR_ZIPF_ITEMS + 1, zeta2 = 1 + pow(0.5, GDPR_THETA);
    const double eta = (1 - pow(2 / items, 1 - GDPR_THETA)) / (1 - zeta2 / GDPR_ZETA);
    if (u * GDPR_ZETA < 1)
        return 0;
    if (u * GDPR_ZETA < zeta2)
        return 1;
    return (uint64_t)(items * pow(eta * u - eta + 1, 1 / (1 - GDPR_THETA)));
}

/* A record among those there are; `room` is how many there may come to be. */
static inline uint32_t gdpr_choose(struct bench_random *r, bool zipf, uint32_t records, uint32_t room)
{
    uint32_t n;
    do
        n = zipf ? (uint32_t)(gdpr_scatter(gdpr_rank(gdpr_unit(r))) % room) : bench_below(r, room);
    while (n >= records);
    return n;
}

#endif
