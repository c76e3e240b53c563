/* context.c - a person's context as bytes, and its rows.
 *
 * Format 2, all integers varint unless said otherwise (format 1: without papers, flags, guardians):
 *   u8 format | policy_version | notice_version | u32 birth_day | u32 region | created | erased_at |
 *   erased_epoch | swept_at | marked, spread | next_slot | seals |
 *   n consents: u8 scope_kind | u8 flags << 4 | kind | u8 state | u8 by << 4 | origin | u32 scope |
 *               policy_version |
 *               language | at | expires | text_hash[32], not there when state has 128: the same as
 *               in the consent before
 *   n permissions: u32 ref | u8 on, 2: it ends | u8 reported_by | at | [expires]
 *   n launches: u32 function | u32 item | launch
 *   n directory rows: u32 item | (slot - previous slot) << 3 | (version > 1) << 2 | class |
 *               [version]
 *   n pages: version | rows | u64 items
 *   n bytes of papers (consent/paper.c) */
#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "base/limits.h"
#include "base/mem.h"
#include "subject/subject_int.h"

#define CONTEXT_FORMAT 2
#define FIRST_FORMAT 1
#define MAX_PERMISSIONS 1024u
#define MAX_LAUNCHES 1024u
#define MAX_PAGES (KEPT_MAX_RECORDS / KEPT_DIR_PAGE + 1)
#define MAX_DIR (KEPT_DIR_PAGE + KEPT_MAX_LAW_ROWS)
#define SAME_TEXT 128u
#define MARKED 1u
#define SPREAD 2u
#define LATER_VERSION 4u
#define CLASS_BITS 3u
#define SMALL_CONTEXT 1024u
#define NIBBLE 15u
#define PERMISSION_ENDS 2u

_Static_assert(KEPT_CLASSES <= CLASS_BITS + 1, "a class fits in two bits");
_Static_assert(KEPT_MAX_GUARDIANS <= NIBBLE, "a guardian's number fits in four bits");
_Static_assert(sizeof(struct kept_consent_row) == 64, "a consent is a line of the cache");

static void encode_consent(const struct kept_consent_row *r, const struct kept_consent_row *before,
                           struct kept_buf *plain)
{
    bool same = before != NULL &&
                kept_bytes_equal(r->text_hash, before->text_hash, sizeof r->text_hash);
    const uint8_t head[4] = {r->scope_kind, (uint8_t)(r->flags << 4 | r->kind),
                             (uint8_t)(r->state | (same ? SAME_TEXT : 0)),
                             (uint8_t)(r->by << 4 | r->origin)};
    kept_buf_bytes(plain, head, sizeof head);
    kept_buf_u32(plain, r->scope);
    kept_buf_varint(plain, r->policy_version);
    kept_buf_varint(plain, r->language);
    kept_buf_varint(plain, (uint64_t)r->at);
    kept_buf_varint(plain, (uint64_t)r->expires);
    if (!same)
        kept_buf_bytes(plain, r->text_hash, sizeof r->text_hash);
}

static void encode_row(const struct kept_dir_row *r, uint32_t before, struct kept_buf *plain)
{
    bool later = r->version != 1;
    kept_buf_u32(plain, r->item);
    kept_buf_varint(plain, (uint64_t)(r->slot - before) << 3 | (later ? LATER_VERSION : 0) |
                               r->class);
    if (later)
        kept_buf_varint(plain, r->version);
}

void kept_context_encode(const struct kept_subject *subject, struct kept_buf *plain)
{
    const struct kept_context *c = &subject->context;
    kept_buf_u8(plain, CONTEXT_FORMAT);
    kept_buf_varint(plain, c->policy_version);
    kept_buf_varint(plain, c->notice_version);
    kept_buf_u32(plain, (uint32_t)c->birth_day);
    kept_buf_u32(plain, c->region);
    kept_buf_varint(plain, (uint64_t)subject->created);
    kept_buf_varint(plain, (uint64_t)subject->erased_at);
    kept_buf_varint(plain, subject->erased_epoch);
    kept_buf_varint(plain, (uint64_t)subject->swept_at);
    kept_buf_varint(plain, (subject->marked ? MARKED : 0u) | (subject->spread ? SPREAD : 0u));
    kept_buf_varint(plain, subject->next_slot);
    kept_buf_varint(plain, subject->seals);
    kept_buf_varint(plain, c->consent_count);
    for (size_t i = 0; i < c->consent_count; i++)
        encode_consent(&subject->consents[i], i == 0 ? NULL : &subject->consents[i - 1], plain);
    kept_buf_varint(plain, c->permission_count);
    for (size_t i = 0; i < c->permission_count; i++) {
        const struct kept_permission_row *r = &subject->permissions[i];
        kept_buf_u32(plain, r->ref);
        kept_buf_u8(plain, (uint8_t)(r->on | (r->expires != 0 ? PERMISSION_ENDS : 0)));
        kept_buf_u8(plain, r->reported_by);
        kept_buf_varint(plain, (uint64_t)r->at);
        if (r->expires != 0)
            kept_buf_varint(plain, (uint64_t)r->expires);
    }
    kept_buf_varint(plain, c->launch_count);
    for (size_t i = 0; i < c->launch_count; i++) {
        kept_buf_u32(plain, subject->launches[i].function);
        kept_buf_u32(plain, subject->launches[i].item);
        kept_buf_varint(plain, subject->launches[i].launch);
    }
    kept_buf_varint(plain, subject->dir_count);
    uint32_t slot = 0;
    for (size_t i = 0; i < subject->dir_count; i++) {
        encode_row(&subject->dir[i], slot, plain);
        slot = subject->dir[i].slot;
    }
    kept_buf_varint(plain, subject->page_count);
    for (size_t i = 1; i < subject->page_count; i++) {
        kept_buf_varint(plain, subject->pages[i].version);
        kept_buf_varint(plain, subject->pages[i].rows);
        kept_buf_u64(plain, subject->pages[i].items);
    }
    kept_buf_varint(plain, subject->papers.n);
    kept_buf_bytes(plain, subject->papers.p, subject->papers.n);
}

static kept_ms get_ms(struct kept_cursor *c)
{
    return (kept_ms)kept_get_varint(c, INT64_MAX);
}

static uint32_t get_32(struct kept_cursor *c)
{
    return (uint32_t)kept_get_varint(c, UINT32_MAX);
}

/* Count of rows of at least row_bytes each, made room for. */
static int get_count(struct kept_cursor *c, void *array, size_t *cap, size_t max, size_t size,
                     size_t row_bytes, size_t *ret_count)
{
    size_t n = kept_get_varint(c, max);
    if (c->bad || n > c->n / row_bytes)
        return KEPT_E_CORRUPT;
    int rc = kept_grow(array, cap, n, max, size);
    if (rc == 0)
        *ret_count = n;
    return rc;
}

static bool decode_consent(struct kept_cursor *c, struct kept_consent_row *r,
                           const struct kept_consent_row *before)
{
    r->scope_kind = kept_get_u8(c);
    uint8_t kind = kept_get_u8(c);
    r->kind = kind & NIBBLE;
    r->flags = kind >> 4;
    uint8_t state = kept_get_u8(c);
    bool same = (state & SAME_TEXT) != 0;
    r->state = state & (uint8_t)~SAME_TEXT;
    uint8_t origin = kept_get_u8(c);
    r->origin = origin & NIBBLE;
    r->by = origin >> 4;
    r->scope = kept_get_u32(c);
    r->policy_version = get_32(c);
    r->language = (uint16_t)kept_get_varint(c, UINT16_MAX);
    r->at = get_ms(c);
    r->expires = get_ms(c);
    struct kept_span hash = {r->text_hash, 0};
    if (!same)
        hash = kept_get_bytes(c, sizeof r->text_hash);
    else if (before != NULL)
        hash.p = before->text_hash;
    if (c->bad || (same && before == NULL))
        return false;
    memmove(r->text_hash, hash.p, sizeof r->text_hash);
    return true;
}

static int decode_agreed(struct kept_subject *s, struct kept_cursor *c)
{
    struct kept_context *x = &s->context;
    int rc = get_count(c, &s->consents, &s->consent_cap, KEPT_MAX_CONSENTS, sizeof *s->consents, 12,
                       &x->consent_count);
    for (size_t i = 0; rc == 0 && i < x->consent_count; i++) {
        if (!decode_consent(c, &s->consents[i], i == 0 ? NULL : &s->consents[i - 1]))
            return KEPT_E_CORRUPT;
    }
    if (rc == 0)
        rc = get_count(c, &s->permissions, &s->permission_cap, MAX_PERMISSIONS,
                       sizeof *s->permissions, 7, &x->permission_count);
    for (size_t i = 0; rc == 0 && i < x->permission_count; i++) {
        struct kept_permission_row *r = &s->permissions[i];
        r->ref = kept_get_u32(c);
        uint8_t on = kept_get_u8(c);
        r->on = on & (uint8_t)~PERMISSION_ENDS;
        r->reported_by = kept_get_u8(c);
        r->at = get_ms(c);
        r->expires = (on & PERMISSION_ENDS) != 0 ? get_ms(c) : 0;
    }
    if (rc == 0)
        rc = get_count(c, &s->launches, &s->launch_cap, MAX_LAUNCHES, sizeof *s->launches, 9,
                       &x->launch_count);
    for (size_t i = 0; rc == 0 && i < x->launch_count; i++) {
        s->launches[i].function = kept_get_u32(c);
        s->launches[i].item = kept_get_u32(c);
        s->launches[i].launch = get_32(c);
    }
    return rc;
}

static int decode_directory(struct kept_subject *s, struct kept_cursor *c)
{
    int rc = get_count(c, &s->dir, &s->dir_cap, MAX_DIR, sizeof *s->dir, 5, &s->dir_count);
    uint32_t slot = 0;
    for (size_t i = 0; rc == 0 && i < s->dir_count; i++) {
        struct kept_dir_row *r = &s->dir[i];
        r->item = kept_get_u32(c);
        uint32_t place = (uint32_t)kept_get_varint(c, (uint64_t)KEPT_MAX_RECORDS << 3 | 7);
        slot += place >> 3;
        r->slot = slot;
        r->version = (place & LATER_VERSION) != 0 ? get_32(c) : 1;
        r->class = place & CLASS_BITS;
        if (r->class >= KEPT_CLASSES)
            return KEPT_E_CORRUPT;
    }
    size_t pages = kept_get_varint(c, MAX_PAGES);
    if (rc == 0 && (c->bad || (pages > 0 && pages - 1 > c->n / 10)))
        rc = KEPT_E_CORRUPT;
    if (rc == 0)
        rc = kept_grow(&s->pages, &s->page_cap, pages, MAX_PAGES, sizeof *s->pages);
    if (rc != 0)
        return rc;
    s->page_count = pages;
    for (size_t i = 1; i < pages; i++) {
        s->pages[i].version = get_32(c);
        s->pages[i].rows = get_32(c);
        s->pages[i].items = kept_get_u64(c);
    }
    return 0;
}

static int decode(struct kept_subject *s, struct kept_span plain)
{
    struct kept_cursor c = kept_cursor(plain);
    struct kept_context *x = &s->context;
    uint8_t format = kept_get_u8(&c);
    if (format != CONTEXT_FORMAT && format != FIRST_FORMAT)
        return KEPT_E_CORRUPT;
    x->policy_version = get_32(&c);
    x->notice_version = get_32(&c);
    x->birth_day = (int32_t)kept_get_u32(&c);
    x->region = kept_get_u32(&c);
    s->created = get_ms(&c);
    s->erased_at = get_ms(&c);
    s->erased_epoch = get_32(&c);
    s->swept_at = get_ms(&c);
    uint64_t flags = kept_get_varint(&c, MARKED | SPREAD);
    s->marked = (flags & MARKED) != 0;
    s->spread = (flags & SPREAD) != 0;
    s->next_slot = get_32(&c);
    s->seals = kept_get_varint(&c, UINT64_MAX);
    int rc = decode_agreed(s, &c);
    if (rc == 0)
        rc = decode_directory(s, &c);
    if (rc == 0 && format != FIRST_FORMAT) {
        struct kept_span papers = kept_get_bytes(&c, kept_get_varint(&c, KEPT_MAX_PAPER_BYTES));
        if (!c.bad && papers.n != 0) {
            kept_buf_bytes(&s->papers, papers.p, papers.n);
            rc = s->papers.failed;
        }
    }
    x->consents = s->consents;
    x->permissions = s->permissions;
    x->launches = s->launches;
    if (rc == 0 && (c.bad || c.n != 0))
        rc = KEPT_E_CORRUPT;
    return rc;
}

int kept_context_open(struct kept_subject *subject, enum kept_suite suite, struct kept_span aad,
                      struct kept_span sealed)
{
    KEPT_SCRATCH uint8_t small[SMALL_CONTEXT];
    uint8_t *plain = small;
    size_t over = kept_seal_overhead(suite);
    if (over == 0 || sealed.n <= over)
        return KEPT_E_CORRUPT;
    size_t n = sealed.n - over;
    if (n > sizeof small && (plain = kept_alloc(n, 1)) == NULL)
        return KEPT_E_NOMEM;
    int rc = kept_unseal(suite, kept_subject_context_key(subject), aad, sealed, plain);
    if (rc == 0)
        rc = decode(subject, (struct kept_span){plain, n});
    kept_wipe(plain, n);
    if (plain != small)
        kept_free(plain);
    return rc;
}

/* ---- rows ----------------------------------------------------------------------------------- */

/* The notice, the person's consent and the guardian's may have the same scope, and are three rows. */
static bool same_class(uint8_t a, uint8_t b)
{
    return (a == KEPT_C_ACKNOWLEDGEMENT) == (b == KEPT_C_ACKNOWLEDGEMENT) &&
           (a == KEPT_C_GUARDIAN) == (b == KEPT_C_GUARDIAN);
}

struct kept_consent_row *kept_subject_consent(struct kept_subject *subject, uint8_t scope_kind,
                                              uint32_t scope, uint8_t kind)
{
    for (size_t i = 0; i < subject->context.consent_count; i++) {
        struct kept_consent_row *r = &subject->consents[i];
        if (r->scope_kind == scope_kind && r->scope == scope && same_class(r->kind, kind))
            return r;
    }
    return NULL;
}

int kept_subject_add_consent(struct kept_subject *subject, const struct kept_consent_row *row,
                             struct kept_err *err)
{
    struct kept_consent_row *old =
        kept_subject_consent(subject, row->scope_kind, row->scope, row->kind);
    if (old == NULL) {
        size_t n = subject->context.consent_count;
        int rc = kept_grow(&subject->consents, &subject->consent_cap, n + 1, KEPT_MAX_CONSENTS,
                           sizeof *row);
        if (rc != 0)
            return kept_fail(err, rc, "more than %u consents of one person", KEPT_MAX_CONSENTS);
        subject->context.consents = subject->consents;
        subject->context.consent_count = n + 1;
        old = &subject->consents[n];
    }
    *old = *row;
    return 0;
}

void kept_subject_drop_consent(struct kept_subject *subject, const struct kept_consent_row *row)
{
    size_t at = (size_t)(row - subject->consents);
    subject->context.consent_count--;
    memmove(subject->consents + at, subject->consents + at + 1,
            (subject->context.consent_count - at) * sizeof *row);
    kept_wipe(subject->consents + subject->context.consent_count, sizeof *row);
}

int kept_subject_set_permission(struct kept_subject *subject,
                                const struct kept_permission_row *row, struct kept_err *err)
{
    struct kept_context *c = &subject->context;
    for (size_t i = 0; i < c->permission_count; i++)
        if (subject->permissions[i].ref == row->ref) {
            subject->permissions[i] = *row;
            return 0;
        }
    int rc = kept_grow(&subject->permissions, &subject->permission_cap, c->permission_count + 1,
                       MAX_PERMISSIONS, sizeof *row);
    if (rc != 0)
        return kept_fail(err, rc, "more than %u permissions of one person", MAX_PERMISSIONS);
    c->permissions = subject->permissions;
    subject->permissions[c->permission_count++] = *row;
    return 0;
}

void kept_subject_drop_permission(struct kept_subject *subject, uint32_t ref)
{
    struct kept_context *c = &subject->context;
    for (size_t i = 0; i < c->permission_count; i++)
        if (subject->permissions[i].ref == ref) {
            struct kept_permission_row *last = &subject->permissions[--c->permission_count];
            subject->permissions[i] = *last;
            kept_wipe(last, sizeof *last);
            return;
        }
}

int kept_subject_set_launch(struct kept_subject *subject, const struct kept_launch_row *row,
                            struct kept_err *err)
{
    struct kept_context *c = &subject->context;
    for (size_t i = 0; i < c->launch_count; i++)
        if (subject->launches[i].function == row->function &&
            subject->launches[i].item == row->item) {
            subject->launches[i] = *row;
            return 0;
        }
    int rc = kept_grow(&subject->launches, &subject->launch_cap, c->launch_count + 1, MAX_LAUNCHES,
                       sizeof *row);
    if (rc != 0)
        return kept_fail(err, rc, "more than %u once-per-launch items of one person", MAX_LAUNCHES);
    c->launches = subject->launches;
    subject->launches[c->launch_count++] = *row;
    return 0;
}
