/* fields.h - what of each structure of kept.h goes over the wire, in this order, and the code for it.
 *
 * A row is X(kind, member). kind: TEXT (NULL, or text) · SPAN (p NULL, or bytes) · ID · HASH (NULL, or 32 bytes)
 * · NUMBER (32 bits; an enum, too) · SIGNED (an int) · LONG (64 bits) · TIME (kept_ms).
 * A member stands in a message when it is not zero; a mask in front says which do, the first row's bit lowest,
 * and behind the rows those that request.c and answer.c code by hand. So there is one encoding of each value,
 * and anything else is refused. Not there is tag, which is a process's own.
 * A row that is added or moved is a new KEPT_WIRE_VERSION. */
#ifndef KEPT_WIRE_FIELDS_H
#define KEPT_WIRE_FIELDS_H

#include <string.h>

#include "base/id.h"
#include "wire/wire.h"

#define KEPT_WIRE_REQUEST(X)                                                                       \
    X(NUMBER, op)                                                                                  \
    X(TEXT, app)                                                                                   \
    X(TEXT, actor)                                                                                 \
    X(TEXT, role)                                                                                  \
    X(ID, subject)                                                                                 \
    X(TEXT, function)                                                                              \
    X(TEXT, purpose)                                                                               \
    X(TEXT, recipient)                                                                             \
    X(TEXT, permission)                                                                            \
    X(TEXT, item)                                                                                  \
    X(TEXT, language)                                                                              \
    X(TEXT, exemption)                                                                             \
    X(TEXT, text)                                                                                  \
    X(TEXT, region)                                                                                \
    X(TEXT, birth_date)                                                                            \
    X(TEXT, os)                                                                                    \
    X(TEXT, os_version)                                                                            \
    X(TEXT, app_version)                                                                           \
    X(TEXT, surface)                                                                               \
    X(NUMBER, consent)                                                                             \
    X(NUMBER, origin)                                                                              \
    X(NUMBER, guardian_number)                                                                     \
    X(NUMBER, policy_version)                                                                      \
    X(NUMBER, record)                                                                              \
    X(NUMBER, launch)                                                                              \
    X(NUMBER, facts)                                                                               \
    X(TIME, expires)                                                                               \
    X(TIME, at)                                                                                    \
    X(HASH, text_sha256)                                                                           \
    X(SIGNED, follows)                                                                             \
    X(SIGNED, must)                                                                                \
    X(SIGNED, dry)                                                                                 \
    X(TEXT, mark)                                                                                  \
    X(TEXT, mark_text)                                                                             \
    X(SIGNED, on)                                                                                  \
    X(TEXT, secret)                                                                                \
    X(TEXT, channel)                                                                               \
    X(TEXT, source)                                                                                \
    X(LONG, from)                                                                                  \
    X(NUMBER, limit)                                                                               \
    X(SIGNED, newest)

#define KEPT_WIRE_EVIDENCE(X)                                                                      \
    X(TEXT, reference)                                                                             \
    X(SPAN, sha256)                                                                                \
    X(TIME, signed_at)

#define KEPT_WIRE_GUARDIAN(X)                                                                      \
    X(ID, subject)                                                                                 \
    X(TEXT, contact)                                                                               \
    X(TEXT, relation)                                                                              \
    X(TEXT, method)                                                                                \
    X(SIGNED, written)

#define KEPT_WIRE_CALLER(X)                                                                        \
    X(TEXT, name)                                                                                  \
    X(TEXT, roles)                                                                                 \
    X(TEXT, operations)                                                                            \
    X(TEXT, functions)                                                                             \
    X(TEXT, purposes)                                                                              \
    X(SPAN, certificate)                                                                           \
    X(SIGNED, staff)                                                                               \
    X(TEXT, password)                                                                              \
    X(TEXT, new_password)

#define KEPT_WIRE_FIELD(X)                                                                         \
    X(NUMBER, item)                                                                                \
    X(TEXT, name)                                                                                  \
    X(SPAN, value)                                                                                 \
    X(NUMBER, record)                                                                              \
    X(NUMBER, decision)                                                                            \
    X(NUMBER, reason)                                                                              \
    X(TEXT, clause)                                                                                \
    X(SIGNED, line)                                                                                \
    X(TEXT, source)                                                                                \
    X(TIME, collected)                                                                             \
    X(TIME, until)                                                                                 \
    X(SIGNED, observed)

#define KEPT_WIRE_REPLY(X)                                                                         \
    X(SIGNED, error)                                                                               \
    X(NUMBER, decision)                                                                            \
    X(NUMBER, reason)                                                                              \
    X(TEXT, clause)                                                                                \
    X(SIGNED, line)                                                                                \
    X(ID, subject)                                                                                 \
    X(LONG, version)                                                                               \
    X(NUMBER, policy_version)                                                                      \
    X(ID, entry)                                                                                   \
    X(TIME, at)                                                                                    \
    X(NUMBER, stripped)                                                                            \
    X(SIGNED, observed)

/* ---- a kind: is it there, put it, get it ------------------------------------------------------- */

#define KEPT_WIRE_HASH 32u

static inline bool kept_there_TEXT(const char *v) { return v != NULL; }
static inline bool kept_there_SPAN(struct kept_span v) { return v.p != NULL; }
static inline bool kept_there_ID(struct kept_id v) { return !kept_id_is_zero(&v); }
static inline bool kept_there_HASH(const uint8_t *v) { return v != NULL; }
static inline bool kept_there_NUMBER(uint32_t v) { return v != 0; }
static inline bool kept_there_SIGNED(int v) { return v != 0; }
static inline bool kept_there_LONG(uint64_t v) { return v != 0; }
static inline bool kept_there_TIME(kept_ms v) { return v != 0; }

static inline void kept_put_SPAN(struct kept_buf *out, struct kept_span v)
{
    kept_buf_varint(out, v.n);
    kept_buf_bytes(out, v.p, v.n);
}
static inline void kept_put_TEXT(struct kept_buf *out, const char *v)
{
    kept_put_SPAN(out, (struct kept_span){(const uint8_t *)v, strlen(v) + 1});
}
static inline void kept_put_ID(struct kept_buf *out, struct kept_id v) { kept_buf_id(out, &v); }
static inline void kept_put_HASH(struct kept_buf *out, const uint8_t *v)
{
    kept_buf_bytes(out, v, KEPT_WIRE_HASH);
}
static inline void kept_put_NUMBER(struct kept_buf *out, uint32_t v) { kept_buf_varint(out, v); }
static inline void kept_put_SIGNED(struct kept_buf *out, int v) { kept_buf_varint(out, (uint32_t)v); }
static inline void kept_put_LONG(struct kept_buf *out, uint64_t v) { kept_buf_varint(out, v); }
static inline void kept_put_TIME(struct kept_buf *out, kept_ms v) { kept_buf_u64(out, (uint64_t)v); }

static inline struct kept_span kept_get_SPAN(struct kept_cursor *c)
{
    uint64_t n = kept_get_varint(c, c->n);
    return kept_get_bytes(c, n);
}
/* Its NUL stands at its end, and nowhere else. */
static inline const char *kept_get_TEXT(struct kept_cursor *c)
{
    struct kept_span v = kept_get_SPAN(c);
    if (v.n == 0 || memchr(v.p, 0, v.n) != v.p + v.n - 1) {
        c->bad = true;
        return NULL;
    }
    return (const char *)v.p;
}
static inline struct kept_id kept_get_ID(struct kept_cursor *c) { return kept_get_id(c); }
static inline const uint8_t *kept_get_HASH(struct kept_cursor *c)
{
    return kept_get_bytes(c, KEPT_WIRE_HASH).p;
}
static inline uint32_t kept_get_NUMBER(struct kept_cursor *c)
{
    return (uint32_t)kept_get_varint(c, UINT32_MAX);
}
static inline int kept_get_SIGNED(struct kept_cursor *c)
{
    return (int)(uint32_t)kept_get_varint(c, UINT32_MAX);
}
static inline uint64_t kept_get_LONG(struct kept_cursor *c) { return kept_get_varint(c, UINT64_MAX); }
static inline kept_ms kept_get_TIME(struct kept_cursor *c) { return (kept_ms)kept_get_u64(c); }

/* ---- a structure: its mask, its rows ----------------------------------------------------------- */

#define KEPT_WIRE_BIT(kind, member) bit_##member,
#define KEPT_WIRE_THERE(kind, member) | (uint64_t)kept_there_##kind(v->member) << bit_##member
#define KEPT_WIRE_PUT(kind, member)                                                                \
    if ((mask >> bit_##member & 1) != 0)                                                           \
        kept_put_##kind(out, v->member);
#define KEPT_WIRE_GET(kind, member)                                                                \
    if ((mask >> bit_##member & 1) != 0)                                                           \
        v->member = kept_get_##kind(c);

/* NAME_rows: how many bits; NAME_mask(v); NAME_put(out, v, mask); NAME_get(c, v, mask), into zeros: what is
 * in the mask and turns out to be zero makes the cursor bad. */
#define KEPT_WIRE_CODEC(name, type, rows)                                                          \
    enum { name##_rows = 0 rows(KEPT_WIRE_ONE) };                                                  \
    static inline uint64_t name##_mask(const type *v)                                              \
    {                                                                                              \
        enum { rows(KEPT_WIRE_BIT) };                                                              \
        return 0 rows(KEPT_WIRE_THERE);                                                            \
    }                                                                                              \
    static inline void name##_put(struct kept_buf *out, const type *v, uint64_t mask)              \
    {                                                                                              \
        enum { rows(KEPT_WIRE_BIT) };                                                              \
        rows(KEPT_WIRE_PUT)                                                                        \
    }                                                                                              \
    /* NOLINTNEXTLINE(bugprone-macro-parentheses): a type */                                       \
    static inline void name##_get(struct kept_cursor *c, type *v, uint64_t mask)                   \
    {                                                                                              \
        enum { rows(KEPT_WIRE_BIT) };                                                              \
        rows(KEPT_WIRE_GET)                                                                        \
        if (name##_mask(v) != (mask & ((1ull << name##_rows) - 1)))                                \
            c->bad = true;                                                                         \
    }
#define KEPT_WIRE_ONE(kind, member) +1 /* NOLINT(bugprone-macro-parentheses): a term of a sum */

/* ---- shared by the files of this room ---------------------------------------------------------- */

/* A field, in requests and replies. */
void kept_wire_field_put(struct kept_buf *out, const struct kept_field *field);
void kept_wire_field_get(struct kept_cursor *c, struct kept_field *ret_field);

/* A message's head, whose length end fills in: when the message does not fit, nothing of it stays in out, and
 * out->failed says so. */
size_t kept_wire_begin(struct kept_buf *out, enum kept_wire_kind kind, uint64_t id);
void kept_wire_end(struct kept_buf *out, size_t at);

void kept_wire_credential_put(struct kept_buf *out, const struct kept_credential *credential);
void kept_wire_credential_get(struct kept_cursor *c, struct kept_credential *ret_credential);

#endif
