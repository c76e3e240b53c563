/* buf.h - a growing buffer with a ceiling, and a cursor that reads bytes without running over.
 *
 * Invariants of kept_buf: 1. p is NULL or holds n bytes and a NUL behind them.  2. n <= max.
 * 3. A failed append leaves the content as it was and sets .failed; later appends do nothing, so a
 * builder checks once at its end.  4. With .secret the old block is wiped when it grows or is freed.
 * Cursor: every read has a bound; a read past the end sets .bad and yields zeros, so a decoder
 * checks once. Integers are big-endian; varints are LEB128, shortest form only. */
#ifndef KEPT_BASE_BUF_H
#define KEPT_BASE_BUF_H

#include <stdbool.h>

#include "kept.h"

struct kept_buf {
    uint8_t *p;
    size_t n;
    size_t cap;
    size_t max;
    int failed; /* 0, KEPT_E_LIMIT or KEPT_E_NOMEM */
    bool secret;
};

void kept_buf_init(struct kept_buf *buf, size_t max);
void kept_buf_init_secret(struct kept_buf *buf, size_t max);
void kept_buf_release(struct kept_buf *buf); /* frees, and stays usable with the same max */
void kept_buf_clear(struct kept_buf *buf);   /* n = 0; wipes when secret; clears .failed */

void kept_buf_bytes(struct kept_buf *buf, const void *p, size_t n);
void kept_buf_text(struct kept_buf *buf, const char *text);
void kept_buf_printf(struct kept_buf *buf, const char *fmt, ...) KEPT_PRINTF(2, 3);
void kept_buf_u8(struct kept_buf *buf, uint8_t v);
void kept_buf_u16(struct kept_buf *buf, uint16_t v);
void kept_buf_u32(struct kept_buf *buf, uint32_t v);
void kept_buf_u64(struct kept_buf *buf, uint64_t v);
void kept_buf_varint(struct kept_buf *buf, uint64_t v);
void kept_buf_id(struct kept_buf *buf, const struct kept_id *id);

/* Make n more bytes at the end and return where they are, for the caller to fill; NULL on failure. */
uint8_t *kept_buf_room(struct kept_buf *buf, size_t n);

/* The content as a borrowed span, valid until the buffer changes. */
struct kept_span kept_buf_span(const struct kept_buf *buf);

/* Take the text out (NUL-terminated, caller frees with kept_free); NULL if the builder failed. It is empty
 * afterwards, in both cases. */
char *kept_buf_take(struct kept_buf *buf) KEPT_MUST_USE;

struct kept_cursor {
    const uint8_t *p;
    size_t n;  /* bytes left */
    bool bad;  /* something read was not there, or not in its shortest form */
};

/* Fixed big-endian stores and loads for headers and keys. */
static inline void kept_put_be32(uint8_t *p, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (24 - 8 * i));
}
static inline void kept_put_be64(uint8_t *p, uint64_t v)
{
    for (unsigned i = 0; i < 8; i++)
        p[i] = (uint8_t)(v >> (56 - 8 * i));
}
static inline uint32_t kept_be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}
static inline uint64_t kept_be64(const uint8_t *p)
{
    return (uint64_t)kept_be32(p) << 32 | kept_be32(p + 4);
}

/* Those that every read of a person calls dozens of times are inline. */
static inline struct kept_cursor kept_cursor(struct kept_span span)
{
    return (struct kept_cursor){span.p, span.n, false};
}
static inline uint8_t kept_get_u8(struct kept_cursor *c)
{
    if (c->bad || c->n == 0) {
        c->bad = true;
        return 0;
    }
    c->n--;
    return *c->p++;
}
static inline uint32_t kept_get_u32(struct kept_cursor *c)
{
    if (c->bad || c->n < 4) {
        c->bad = true;
        return 0;
    }
    c->p += 4;
    c->n -= 4;
    return kept_be32(c->p - 4);
}
uint16_t kept_get_u16(struct kept_cursor *c);
uint64_t kept_get_u64(struct kept_cursor *c);
uint64_t kept_get_varint_long(struct kept_cursor *c, uint64_t max);
static inline uint64_t kept_get_varint(struct kept_cursor *c, uint64_t max) /* larger than max: bad */
{
    if (c->bad || c->n == 0 || c->p[0] >= 0x80 || c->p[0] > max)
        return kept_get_varint_long(c, max);
    c->n--;
    return *c->p++;
}
struct kept_span kept_get_bytes(struct kept_cursor *c, size_t n);
struct kept_id kept_get_id(struct kept_cursor *c);

#endif
