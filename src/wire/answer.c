/* answer.c - replies as bytes, and back. */
#include "base/mem.h"
#include "wire/fields.h"

KEPT_WIRE_CODEC(reply, struct kept_reply, KEPT_WIRE_REPLY)

#define ERR (1ull << reply_rows)
#define LEAF (2ull << reply_rows)
#define FIELDS (4ull << reply_rows)
#define JSON (8ull << reply_rows)
#define LEAST_FIELD 2u /* bytes: a mask, and something */
_Static_assert(sizeof(struct kept_reply) == 416, "fields.h knows every member");

/* A reply, and the copy of its message which it points into. */
struct copy {
    struct kept_reply reply;
    size_t n;
    uint8_t bytes[];
};
_Static_assert(offsetof(struct copy, reply) == 0, "a reply is the start of its copy");

static bool zero(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] != 0)
            return false;
    return true;
}

static void put_reply(struct kept_buf *out, const struct kept_reply *r)
{
    uint64_t mask = reply_mask(r);
    mask |= (r->err.code != 0 || r->err.text[0] != 0 ? ERR : 0) |
            (zero(r->leaf, sizeof r->leaf) ? 0 : LEAF) | (r->field_count != 0 ? FIELDS : 0) |
            (r->json != NULL ? JSON : 0);
    kept_buf_varint(out, mask);
    reply_put(out, r, mask);
    if ((mask & ERR) != 0) {
        kept_put_SIGNED(out, r->err.code);
        kept_put_SPAN(out, (struct kept_span){(const uint8_t *)r->err.text, strnlen(r->err.text, sizeof r->err.text - 1)});
    }
    if ((mask & LEAF) != 0)
        kept_put_HASH(out, r->leaf);
    if ((mask & FIELDS) != 0) {
        kept_buf_varint(out, r->field_count);
        for (size_t i = 0; i < r->field_count; i++)
            kept_wire_field_put(out, &r->fields[i]);
    }
    if ((mask & JSON) != 0)
        kept_put_TEXT(out, r->json);
}

void kept_wire_answer(struct kept_buf *out, uint64_t id, struct kept_reply *const *replies, size_t count)
{
    size_t at = kept_wire_begin(out, KEPT_WIRE_ANSWER, id);
    kept_buf_varint(out, count);
    for (size_t i = 0; i < count && out->failed == 0; i++) {
        size_t from = out->n;
        kept_buf_u32(out, 0);
        put_reply(out, replies[i]);
        if (out->failed == 0 && out->n - from > KEPT_WIRE_MAX)
            out->failed = KEPT_E_LIMIT;
        if (out->failed == 0)
            kept_put_be32(out->p + from, (uint32_t)(out->n - from - 4));
    }
    if ((count == 0 || count > KEPT_WIRE_MAX_REQUESTS) && out->failed == 0)
        out->failed = KEPT_E_LIMIT;
    kept_wire_end(out, at);
}

int kept_wire_answers_begin(struct kept_span body, struct kept_wire_answers *ret_answers)
{
    struct kept_wire_answers answers = {.cursor = kept_cursor(body)};
    answers.left = kept_get_varint(&answers.cursor, KEPT_WIRE_MAX_REQUESTS);
    if (answers.cursor.bad || answers.left == 0)
        return KEPT_E_FORMAT;
    *ret_answers = answers;
    return 0;
}

static void get_err(struct kept_cursor *c, struct kept_err *err)
{
    err->code = kept_get_SIGNED(c);
    struct kept_span text = kept_get_SPAN(c);
    if (text.n >= sizeof err->text || memchr(text.p, 0, text.n) != NULL || (text.n == 0 && err->code == 0))
        c->bad = true;
    else
        memcpy(err->text, text.p, text.n);
}

static int get_fields(struct kept_cursor *c, struct kept_reply *r)
{
    size_t count = kept_get_varint(c, c->n / LEAST_FIELD);
    if (c->bad || count == 0)
        return KEPT_E_FORMAT;
    r->fields = kept_alloc(count, sizeof *r->fields);
    if (r->fields == NULL)
        return KEPT_E_NOMEM;
    r->field_count = count;
    for (size_t i = 0; i < count; i++)
        kept_wire_field_get(c, &r->fields[i]);
    return 0;
}

/* The reply owns its text, so it may be written to. */
static char *get_json(struct kept_cursor *c, struct copy *copy)
{
    const char *json = kept_get_TEXT(c);
    return json != NULL ? (char *)copy->bytes + ((const uint8_t *)json - copy->bytes) : NULL;
}

static int get_reply(struct copy *copy)
{
    struct kept_cursor c = kept_cursor((struct kept_span){copy->bytes, copy->n});
    struct kept_reply *r = &copy->reply;
    uint64_t mask = kept_get_varint(&c, (16ull << reply_rows) - 1);
    reply_get(&c, r, mask);
    if ((mask & ERR) != 0)
        get_err(&c, &r->err);
    if ((mask & LEAF) != 0) {
        struct kept_span leaf = kept_get_bytes(&c, sizeof r->leaf);
        if (leaf.n != sizeof r->leaf || zero(leaf.p, leaf.n))
            return KEPT_E_FORMAT;
        memcpy(r->leaf, leaf.p, leaf.n);
    }
    int rc = (mask & FIELDS) != 0 ? get_fields(&c, r) : 0;
    if (rc != 0)
        return rc;
    if ((mask & JSON) != 0)
        r->json = get_json(&c, copy);
    return c.bad || c.n != 0 ? KEPT_E_FORMAT : 0;
}

int kept_wire_answers_next(struct kept_wire_answers *answers, struct kept_reply **ret_reply)
{
    struct kept_cursor *c = &answers->cursor;
    if (answers->left == 0)
        return c->n == 0 ? 0 : KEPT_E_FORMAT;
    uint32_t n = kept_get_u32(c);
    struct kept_span bytes = kept_get_bytes(c, n);
    if (c->bad)
        return KEPT_E_FORMAT;
    struct copy *copy = kept_alloc(1, sizeof *copy + bytes.n);
    if (copy == NULL)
        return KEPT_E_NOMEM;
    copy->n = bytes.n;
    memcpy(copy->bytes, bytes.p, bytes.n);
    int rc = get_reply(copy);
    if (rc != 0) {
        kept_wire_reply_free(&copy->reply);
        return rc;
    }
    answers->left--;
    *ret_reply = &copy->reply;
    return 1;
}

void kept_wire_reply_free(struct kept_reply *reply)
{
    struct copy *copy = (struct copy *)reply;
    if (copy == NULL)
        return;
    kept_free(copy->reply.fields);
    kept_wipe(copy, sizeof *copy + copy->n);
    kept_free(copy);
}
