/* pack.c - small values in the person's own row.
 *
 * The pack is the end of a head's body, after the context: for each record in it
 *   u24 slot | u16 n | the record's body[n], as src/vault seals it
 * Every record is sealed by itself, its slot and version in the AAD, exactly as in a cell of its own;
 * which of them live the directory says. So nothing here is trusted, and one look-up of the person
 * brings head and values. Who has more small values than the pack holds has none here (src/vault). */
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "subject/subject_int.h"

#define ROW_HEAD 5u

static uint32_t slot_at(const uint8_t *p)
{
    return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

/* Bytes of the row at p, head included; n are left. 0: cut short. */
static size_t row_bytes(const uint8_t *p, size_t n)
{
    size_t bytes = n < ROW_HEAD ? 0 : ROW_HEAD + ((size_t)p[3] << 8 | p[4]);
    return bytes <= n ? bytes : 0;
}

/* Where a slot's row begins. pack.n: it is not there, or behind a row that is cut short. */
static size_t locate(const struct kept_span *pack, uint32_t slot)
{
    size_t n;
    for (size_t at = 0; at < pack->n; at += n) {
        if ((n = row_bytes(pack->p + at, pack->n - at)) == 0)
            break;
        if (slot_at(pack->p + at) == slot)
            return at;
    }
    return pack->n;
}

int kept_pack_open(struct kept_subject *subject, struct kept_span bytes)
{
    if (bytes.n > KEPT_PACK_BYTES)
        return KEPT_E_CORRUPT;
    subject->pack = bytes;
    if (subject->borrows)
        return 0; /* what is looked for is checked on the way */
    for (size_t at = 0, n; at < bytes.n; at += n)
        if ((n = row_bytes(bytes.p + at, bytes.n - at)) == 0)
            return KEPT_E_CORRUPT;
    return kept_pack_hold(subject);
}

int kept_pack_hold(struct kept_subject *subject)
{
    kept_buf_clear(&subject->pack_own);
    kept_buf_bytes(&subject->pack_own, subject->pack.p, subject->pack.n);
    subject->pack = kept_buf_span(&subject->pack_own);
    return subject->pack_own.failed;
}

bool kept_pack_find(const struct kept_subject *subject, uint32_t slot, struct kept_span *ret_body)
{
    const struct kept_span *pack = &subject->pack;
    size_t at = locate(pack, slot);
    if (at == pack->n)
        return false;
    *ret_body = (struct kept_span){pack->p + at + ROW_HEAD,
                                   row_bytes(pack->p + at, pack->n - at) - ROW_HEAD};
    return true;
}

bool kept_pack_next(const struct kept_subject *subject, size_t *at, uint32_t *ret_slot,
                    struct kept_span *ret_body)
{
    const struct kept_span *pack = &subject->pack;
    if (*at >= pack->n)
        return false;
    size_t n = row_bytes(pack->p + *at, pack->n - *at);
    *ret_slot = slot_at(pack->p + *at);
    *ret_body = (struct kept_span){pack->p + *at + ROW_HEAD, n - ROW_HEAD};
    *at += n;
    return true;
}

size_t kept_pack_count(const struct kept_subject *subject)
{
    struct kept_span body;
    uint32_t slot = 0;
    size_t at = 0, count = 0;
    while (kept_pack_next(subject, &at, &slot, &body))
        count++;
    return count;
}

/* To change it: the bytes are the subject's own. */
static struct kept_buf *own(struct kept_subject *subject)
{
    KEPT_INVARIANT(!subject->borrows);
    return &subject->pack_own;
}

void kept_pack_clear(struct kept_subject *subject)
{
    kept_buf_clear(&subject->pack_own);
    subject->pack = (struct kept_span){NULL, 0};
}

void kept_pack_drop(struct kept_subject *subject, uint32_t slot)
{
    struct kept_buf *pack = own(subject);
    size_t at = locate(&subject->pack, slot);
    if (at == pack->n)
        return;
    size_t n = row_bytes(pack->p + at, pack->n - at);
    memmove(pack->p + at, pack->p + at + n, pack->n - at - n);
    pack->n -= n;
    subject->pack = kept_buf_span(pack);
}

bool kept_pack_put(struct kept_subject *subject, uint32_t slot, struct kept_span body)
{
    struct kept_buf *pack = own(subject);
    size_t at = locate(&subject->pack, slot);
    size_t old = at == pack->n ? 0 : row_bytes(pack->p + at, pack->n - at);
    const uint8_t head[ROW_HEAD] = {(uint8_t)(slot >> 16), (uint8_t)(slot >> 8), (uint8_t)slot,
                                    (uint8_t)(body.n >> 8), (uint8_t)body.n};
    if (body.n > KEPT_PACK_VALUE || pack->n - old + ROW_HEAD + body.n > KEPT_PACK_BYTES)
        return false;
    kept_pack_drop(subject, slot);
    kept_buf_bytes(pack, head, sizeof head);
    kept_buf_bytes(pack, body.p, body.n);
    subject->pack = kept_buf_span(pack);
    return true;
}

void kept_pack_keep(struct kept_subject *subject, const struct kept_dir_row *rows, size_t count)
{
    struct kept_buf *pack = own(subject);
    size_t kept = 0;
    for (size_t at = 0, n; at < pack->n; at += n) {
        n = row_bytes(pack->p + at, pack->n - at);
        for (size_t i = 0; i < count; i++)
            if (rows[i].slot == slot_at(pack->p + at)) {
                memmove(pack->p + kept, pack->p + at, n);
                kept += n;
                break;
            }
    }
    pack->n = kept;
    subject->pack = kept_buf_span(pack);
}
