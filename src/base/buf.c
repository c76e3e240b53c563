/* buf.c - buffers and cursors. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

void kept_buf_init(struct kept_buf *buf, size_t max)
{
    *buf = (struct kept_buf){.max = max};
}

void kept_buf_init_secret(struct kept_buf *buf, size_t max)
{
    *buf = (struct kept_buf){.max = max, .secret = true};
}

void kept_buf_release(struct kept_buf *buf)
{
    if (buf->secret)
        kept_wipe(buf->p, buf->cap);
    kept_free(buf->p);
    *buf = (struct kept_buf){.max = buf->max, .secret = buf->secret};
}

void kept_buf_clear(struct kept_buf *buf)
{
    if (buf->secret)
        kept_wipe(buf->p, buf->n);
    buf->n = 0;
    buf->failed = 0;
    if (buf->p != NULL)
        buf->p[0] = 0;
}

/* Room for n more bytes and the NUL. A secret buffer grows by copy and wipe, never by realloc. */
static int reserve(struct kept_buf *buf, size_t n)
{
    if (buf->failed != 0)
        return buf->failed;
    if (n > buf->max || buf->n > buf->max - n)
        return buf->failed = KEPT_E_LIMIT;
    size_t want = buf->n + n + 1;
    if (want <= buf->cap)
        return 0;
    size_t least = buf->secret ? 512 : 64; /* a secret one wipes what it leaves */
    size_t cap = buf->cap < least ? least : buf->cap;
    while (cap < want)
        cap *= 2;
    if (!buf->secret) {
        void *p = kept_resize(buf->p, cap, 1);
        if (p == NULL)
            return buf->failed = KEPT_E_NOMEM;
        buf->p = p;
    } else {
        uint8_t *p = kept_alloc(cap, 1);
        if (p == NULL)
            return buf->failed = KEPT_E_NOMEM;
        if (buf->n != 0)
            memcpy(p, buf->p, buf->n);
        kept_wipe(buf->p, buf->cap);
        kept_free(buf->p);
        buf->p = p;
    }
    buf->cap = cap;
    return 0;
}

uint8_t *kept_buf_room(struct kept_buf *buf, size_t n)
{
    if (reserve(buf, n) != 0)
        return NULL;
    uint8_t *at = buf->p + buf->n;
    buf->n += n;
    buf->p[buf->n] = 0;
    return at;
}

void kept_buf_bytes(struct kept_buf *buf, const void *p, size_t n)
{
    uint8_t *at = kept_buf_room(buf, n);
    if (at != NULL && n != 0)
        memcpy(at, p, n);
}

void kept_buf_text(struct kept_buf *buf, const char *text)
{
    kept_buf_bytes(buf, text, strlen(text));
}

void kept_buf_printf(struct kept_buf *buf, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0 || reserve(buf, (size_t)n) != 0)
        return;
    va_start(ap, fmt);
    (void)vsnprintf((char *)buf->p + buf->n, (size_t)n + 1, fmt, ap);
    va_end(ap);
    buf->n += (size_t)n;
}

void kept_buf_u8(struct kept_buf *buf, uint8_t v)
{
    kept_buf_bytes(buf, &v, 1);
}

void kept_buf_u16(struct kept_buf *buf, uint16_t v)
{
    uint8_t b[2] = {(uint8_t)(v >> 8), (uint8_t)(v & 0xff)};
    kept_buf_bytes(buf, b, sizeof b);
}

void kept_buf_u32(struct kept_buf *buf, uint32_t v)
{
    uint8_t b[4];
    kept_put_be32(b, v);
    kept_buf_bytes(buf, b, sizeof b);
}

void kept_buf_u64(struct kept_buf *buf, uint64_t v)
{
    uint8_t b[8];
    kept_put_be64(b, v);
    kept_buf_bytes(buf, b, sizeof b);
}

void kept_buf_varint(struct kept_buf *buf, uint64_t v)
{
    uint8_t b[10];
    size_t n = 0;
    while (v >= 0x80) {
        b[n++] = (uint8_t)(v | 0x80);
        v >>= 7;
    }
    b[n++] = (uint8_t)v;
    kept_buf_bytes(buf, b, n);
}

void kept_buf_id(struct kept_buf *buf, const struct kept_id *id)
{
    kept_buf_bytes(buf, id->b, sizeof id->b);
}

struct kept_span kept_buf_span(const struct kept_buf *buf)
{
    return (struct kept_span){buf->p, buf->n};
}

char *kept_buf_take(struct kept_buf *buf)
{
    if (reserve(buf, 0) != 0) {
        kept_buf_release(buf);
        return NULL;
    }
    buf->p[buf->n] = 0;
    char *text = (char *)buf->p;
    *buf = (struct kept_buf){.max = buf->max, .secret = buf->secret};
    return text;
}

struct kept_span kept_get_bytes(struct kept_cursor *c, size_t n)
{
    static const uint8_t nothing[1];
    if (c->bad || n > c->n) {
        c->bad = true;
        return (struct kept_span){nothing, 0};
    }
    struct kept_span s = {c->p, n};
    c->p += n;
    c->n -= n;
    return s;
}

uint16_t kept_get_u16(struct kept_cursor *c)
{
    struct kept_span s = kept_get_bytes(c, 2);
    return s.n == 2 ? (uint16_t)((unsigned)s.p[0] << 8 | s.p[1]) : 0;
}

uint64_t kept_get_u64(struct kept_cursor *c)
{
    struct kept_span s = kept_get_bytes(c, 8);
    return s.n == 8 ? kept_be64(s.p) : 0;
}

uint64_t kept_get_varint_long(struct kept_cursor *c, uint64_t max)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t b = kept_get_u8(c);
        if (c->bad)
            return 0;
        if (shift == 63 && b > 1)
            break;
        v |= (uint64_t)(b & 0x7f) << shift;
        if ((b & 0x80) == 0) {
            if ((b == 0 && shift != 0) || v > max)
                break;
            return v;
        }
    }
    c->bad = true;
    return 0;
}

struct kept_id kept_get_id(struct kept_cursor *c)
{
    struct kept_id id = {{0}};
    struct kept_span s = kept_get_bytes(c, sizeof id.b);
    if (s.n == sizeof id.b)
        memcpy(id.b, s.p, sizeof id.b);
    return id;
}
