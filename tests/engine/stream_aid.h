/* stream_aid.h - a value by stream, in and out, for tests: what is asked for, and its bytes, made by a seed. */
#ifndef KEPT_TESTS_STREAM_AID_H
#define KEPT_TESTS_STREAM_AID_H

#include "../aid/world.h"

#include <limits.h>
#include <sqlite3.h>
#include <unistd.h>

#include "base/limits.h"
#include "engine/admin.h"

#define CHUNK ((size_t)KEPT_CHUNK_BYTES)
#define DONE UINT_MAX
#define BITE (CHUNK * KEPT_CHUNKS_A_BITE)

static const struct kept_field photo = {.name = "photo"};
static inline struct kept_request writing(struct kept_id id)
{
    return (struct kept_request){.op = KEPT_OP_COLLECT, .app = "shop", .subject = id,
                                 .function = "notes", .fields = &photo, .field_count = 1};
}
static inline struct kept_request reading(struct kept_id id)
{
    return (struct kept_request){.op = KEPT_OP_USE, .app = "shop", .subject = id,
                                 .function = "notes", .purpose = "service", .fields = &photo,
                                 .field_count = 1};
}

/* Byte i of a value that a seed makes: another one in each place of each value. */
static inline uint8_t byte_at(uint64_t i, unsigned seed)
{
    uint64_t x = (i / 8 + seed * 0x9e3779b97f4a7c15ull) * 0xbf58476d1ce4e5b9ull;
    return (uint8_t)((x ^ x >> 29) >> (i % 8 * 8));
}

static inline struct kept_stream *begin(struct world *w, const struct kept_request *r)
{
    struct kept_stream *s = NULL;
    struct kept_reply *reply = NULL;
    if (kept_stream_begin(w->kept, r, &s, &reply, &w->err) != 0)
        fail_msg("begin: %s", w->err.text);
    assert_int_equal(reply->decision, KEPT_ALLOW);
    assert_non_null(s);
    kept_reply_free(reply);
    return s;
}

static inline int append(struct world *w, struct kept_stream *s, uint64_t *at, uint64_t n, unsigned seed,
                  size_t step)
{
    static uint8_t piece[1 << 20];
    int rc = 0;
    for (uint64_t end = *at + n; rc == 0 && *at < end;) {
        size_t m = end - *at < step ? (size_t)(end - *at) : step;
        for (size_t i = 0; i < m; i++)
            piece[i] = byte_at(*at + i, seed);
        rc = kept_stream_append(s, (struct kept_span){piece, m}, &w->err);
        *at += m;
    }
    return rc;
}

static inline void finish(struct world *w, struct kept_stream *s, enum kept_decision decision,
                   enum kept_reason reason)
{
    struct kept_reply *reply = NULL;
    if (kept_stream_finish(s, &reply, &w->err) != 0)
        fail_msg("finish: %s", w->err.text);
    assert_int_equal(reply->decision, decision);
    assert_int_equal(reply->reason, reason);
    assert_int_equal(reply->field_count, 1);
    assert_false(memcmp(&reply->entry, &(struct kept_id){{0}}, sizeof reply->entry) == 0);
    kept_reply_free(reply);
    kept_stream_close(s);
}

static inline void write_value(struct world *w, struct kept_id id, uint64_t size, unsigned seed,
                        size_t step)
{
    const struct kept_request r = writing(id);
    uint64_t at = 0;
    struct kept_stream *s = begin(w, &r);
    assert_int_equal(append(w, s, &at, size, seed, step), 0);
    finish(w, s, KEPT_ALLOW, KEPT_R_NONE);
}

static inline struct kept_stream *open_it(struct world *w, const struct kept_request *r)
{
    struct kept_stream *s = NULL;
    struct kept_reply *reply = NULL;
    if (kept_stream_open(w->kept, r, &s, &reply, &w->err) != 0)
        fail_msg("open: %s", w->err.text);
    assert_int_equal(reply->decision, KEPT_ALLOW);
    assert_int_equal(reply->fields[0].value.n, 0);
    assert_non_null(s);
    kept_reply_free(reply);
    return s;
}

/* The error of reading on to the end; *at: how far it came. What comes must be the value's. */
static inline int read_on(struct world *w, struct kept_stream *s, uint64_t *at, unsigned seed, size_t step)
{
    static uint8_t piece[1 << 20];
    for (;;) {
        size_t n = 0;
        int rc = kept_stream_read(s, piece, step, &n, &w->err);
        if (rc != 0 || n == 0)
            return rc;
        for (size_t i = 0; i < n; i++)
            if (piece[i] != byte_at(*at + i, seed))
                fail_msg("byte %llu is another", (unsigned long long)(*at + i));
        *at += n;
    }
}

static inline void read_value(struct world *w, struct kept_id id, uint64_t size, unsigned seed, size_t step)
{
    const struct kept_request r = reading(id);
    struct kept_stream *s = open_it(w, &r);
    uint64_t at = 0;
    assert_int_equal(kept_stream_size(s), size);
    assert_int_equal(read_on(w, s, &at, seed, step), 0);
    assert_int_equal(at, size);
    kept_stream_close(s);
}

static inline int64_t chunks(struct world *w)
{
    return world_sql_number(w, "SELECT count(*) FROM chunk");
}

static inline void refuses(struct world *w, const struct kept_request *r, enum kept_reason reason)
{
    struct kept_stream *s = NULL;
    struct kept_reply *reply = NULL;
    bool collects = r->op == KEPT_OP_COLLECT;
    uint64_t entries = world_number(w, "ledger_entries");
    int rc = collects ? kept_stream_begin(w->kept, r, &s, &reply, &w->err)
                      : kept_stream_open(w->kept, r, &s, &reply, &w->err);
    assert_int_equal(rc, 0);
    assert_null(s);
    assert_int_equal(reply->decision, KEPT_DENY);
    assert_int_equal(reply->reason, reason);
    kept_reply_free(reply);
    assert_int_equal(world_number(w, "ledger_entries"), entries + 2); /* and the STAT's before */
}

static inline void fails(struct world *w, const struct kept_request *r, int code)
{
    struct kept_stream *s = NULL;
    struct kept_reply *reply = NULL;
    int rc = r->op == KEPT_OP_COLLECT ? kept_stream_begin(w->kept, r, &s, &reply, &w->err)
                                      : kept_stream_open(w->kept, r, &s, &reply, &w->err);
    assert_int_equal(rc, code);
    assert_true(strlen(w->err.text) > 10);
    assert_null(s);
    assert_null(reply);
}

#endif
