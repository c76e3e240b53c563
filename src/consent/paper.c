/* paper.c - papers as bytes. */
#include "consent/paper.h"

#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "base/limits.h"

enum { HAS_TO = 1, HAS_SUBJECT = 2, HAS_HASH = 4 };
#define NIBBLE 15u
#define HASH_BYTES 32u

static void encode(const struct kept_paper *p, struct kept_buf *out)
{
    bool subject = !kept_id_is_zero(&p->subject);
    unsigned has = (p->to != KEPT_REF_NONE ? HAS_TO : 0u) | (subject ? HAS_SUBJECT : 0u) |
                   (p->sha256 != NULL ? HAS_HASH : 0u);
    kept_buf_u8(out, p->kind);
    kept_buf_u8(out, p->scope_kind);
    kept_buf_u8(out, p->by);
    kept_buf_u8(out, (uint8_t)((unsigned)p->state << 4 | has));
    kept_buf_u32(out, p->scope);
    if (p->to != KEPT_REF_NONE)
        kept_buf_u32(out, p->to);
    if (subject)
        kept_buf_id(out, &p->subject);
    if (p->sha256 != NULL)
        kept_buf_bytes(out, p->sha256, HASH_BYTES);
    kept_buf_varint(out, (uint64_t)p->at);
    kept_buf_varint(out, (uint64_t)p->until);
    for (size_t i = 0; i < KEPT_PAPER_TEXTS; i++) {
        kept_buf_varint(out, p->text[i].n);
        kept_buf_bytes(out, p->text[i].p, p->text[i].n);
    }
}

static bool decode(struct kept_span bytes, struct kept_paper *p)
{
    struct kept_cursor c = kept_cursor(bytes);
    *p = (struct kept_paper){.kind = kept_get_u8(&c)};
    p->scope_kind = kept_get_u8(&c);
    p->by = kept_get_u8(&c);
    uint8_t state = kept_get_u8(&c);
    p->state = state >> 4;
    p->scope = kept_get_u32(&c);
    if ((state & HAS_TO) != 0)
        p->to = kept_get_u32(&c);
    if ((state & HAS_SUBJECT) != 0)
        p->subject = kept_get_id(&c);
    if ((state & HAS_HASH) != 0)
        p->sha256 = kept_get_bytes(&c, HASH_BYTES).p;
    p->at = (kept_ms)kept_get_varint(&c, INT64_MAX);
    p->until = (kept_ms)kept_get_varint(&c, INT64_MAX);
    for (size_t i = 0; i < KEPT_PAPER_TEXTS; i++)
        p->text[i] = kept_get_bytes(&c, kept_get_varint(&c, KEPT_MAX_PAPER_BYTES));
    return !c.bad && c.n == 0 && (state & NIBBLE & ~7u) == 0;
}

bool kept_paper_next(const struct kept_subject *subject, size_t *at, struct kept_paper *ret_paper)
{
    const struct kept_buf *all = &subject->papers;
    if (*at >= all->n)
        return false;
    struct kept_cursor c = kept_cursor((struct kept_span){all->p + *at, all->n - *at});
    struct kept_span one = kept_get_bytes(&c, kept_get_varint(&c, KEPT_MAX_PAPER_BYTES));
    if (c.bad || !decode(one, ret_paper)) {
        *at = all->n;
        return false;
    }
    *at = all->n - c.n;
    return true;
}

/* Where it stands: from *ret_from up to *ret_to. */
static bool locate(const struct kept_subject *subject, const struct kept_paper *like,
                   struct kept_paper *ret_paper, size_t *ret_from, size_t *ret_to)
{
    struct kept_paper p;
    size_t from = 0, at = 0;
    for (; kept_paper_next(subject, &at, &p); from = at)
        if (p.kind == like->kind && p.scope_kind == like->scope_kind && p.by == like->by &&
            (p.kind == KEPT_P_GUARDIAN || (p.scope == like->scope && p.to == like->to))) {
            *ret_paper = p;
            *ret_from = from;
            *ret_to = at;
            return true;
        }
    return false;
}

bool kept_paper_find(const struct kept_subject *subject, const struct kept_paper *like,
                     struct kept_paper *ret_paper)
{
    size_t from = 0, to = 0;
    return locate(subject, like, ret_paper, &from, &to);
}

/* All papers but the one like it, and then perhaps one more. */
static int rewrite(struct kept_subject *subject, const struct kept_paper *like,
                   const struct kept_paper *more, struct kept_err *err)
{
    struct kept_paper old;
    struct kept_buf all, one;
    size_t from = 0, to = 0;
    const struct kept_buf *papers = &subject->papers;
    if (!locate(subject, like, &old, &from, &to))
        from = to = papers->n;
    kept_buf_init_secret(&all, KEPT_MAX_PAPER_BYTES);
    kept_buf_init_secret(&one, KEPT_MAX_PAPER_BYTES);
    kept_buf_bytes(&all, papers->p, from);
    kept_buf_bytes(&all, from == to ? NULL : papers->p + to, papers->n - to);
    if (more != NULL) {
        encode(more, &one);
        kept_buf_varint(&all, one.n);
        kept_buf_bytes(&all, one.p, one.n);
    }
    int rc = one.failed != 0 ? one.failed : all.failed;
    if (rc == 0) {
        kept_buf_release(&subject->papers);
        subject->papers = all;
    } else {
        kept_buf_release(&all);
        rc = kept_fail(err, rc, "no room for more evidence, guardians and notices owed of one person");
    }
    kept_buf_release(&one);
    return rc;
}

int kept_paper_put(struct kept_subject *subject, const struct kept_paper *paper,
                   struct kept_err *err)
{
    return rewrite(subject, paper, paper, err);
}

int kept_paper_drop(struct kept_subject *subject, const struct kept_paper *like,
                    struct kept_err *err)
{
    struct kept_paper old;
    return kept_paper_find(subject, like, &old) ? rewrite(subject, like, NULL, err) : 0;
}
