/* draft.c - cells to requests. */
#include "transfer/draft.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "base/limits.h"
#include "base/mem.h"

struct drawer {
    struct kept_draft *d;
    const struct kept_draft_frame *f;
    const struct kept_mapping *m;
    const struct kept_row *row;
    int rc;
};

void kept_draft_init(struct kept_draft *draft)
{
    *draft = (struct kept_draft){.count = 0};
    kept_buf_init_secret(&draft->bytes, SIZE_MAX / 2);
}

void kept_draft_release(struct kept_draft *draft)
{
    kept_buf_release(&draft->bytes);
    kept_free(draft->requests);
    kept_free(draft->as);
    kept_free(draft->evidence);
    kept_free(draft->fields);
    kept_free(draft->items);
    kept_draft_init(draft);
}

static void spoil(struct drawer *w, const char *why, size_t column)
{
    if (w->d->bad != NULL)
        return;
    w->d->bad = why;
    w->d->bad_column = column;
}

/* ---- room: the copies are borrowed by requests, so that their buffer must not move ----------- */

static size_t cell_room(const struct drawer *w, const struct kept_from *from)
{
    size_t room = 0;
    if (from->column == KEPT_NO_COLUMN)
        return from->value != NULL ? strlen(from->value) + 1 + KEPT_DATE_TEXT : 0;
    const struct kept_cell *cell = &w->row->cells[from->column];
    for (size_t i = 0; i < cell->count; i++)
        room += cell->values[i].n + 1 + KEPT_DATE_TEXT;
    return room;
}

static size_t room_needed(const struct drawer *w)
{
    const struct kept_mapping *m = w->m;
    size_t room = cell_room(w, &m->birth_date) + cell_room(w, &m->region) +
                  cell_room(w, &m->subject);
    for (size_t c = 0; c < m->consent_count; c++) {
        const struct kept_mapped_consent *k = &m->consents[c];
        room += cell_room(w, &k->given) + cell_room(w, &k->version) +
                cell_room(w, &k->text_sha256) + cell_room(w, &k->language) +
                cell_room(w, &k->expires) + cell_room(w, &k->evidence);
    }
    for (size_t c = 0; c < m->collect_count; c++)
        for (size_t i = 0; i < m->collects[c].count; i++)
            room += cell_room(w, &m->collects[c].items[i].from);
    if (m->key != NULL)
        room += cell_room(w, &m->collects[m->key_collect].items[m->key_item].from);
    return room;
}

/* A copy with a NUL behind it. */
static const char *copy(struct drawer *w, struct kept_span value)
{
    struct kept_buf *b = &w->d->bytes;
    size_t at = b->n;
    kept_buf_bytes(b, value.p, value.n);
    kept_buf_u8(b, 0);
    if (b->failed != 0)
        w->rc = KEPT_E_NOMEM;
    return b->failed == 0 ? (const char *)b->p + at : "";
}

/* ---- values ----------------------------------------------------------------------------------- */

/* One value, in kept's own writing when it is a date. */
static struct kept_span write_value(struct drawer *w, const struct kept_from *from,
                                    struct kept_span value, bool date)
{
    char text[KEPT_DATE_TEXT];
    if (!date && from->date == NULL)
        return (struct kept_span){(const uint8_t *)copy(w, value), value.n};
    if (kept_date_read(from->date, value, text) != 0) {
        spoil(w, "the date is not written as the mapping says, or there is no such day",
              from->column);
        return (struct kept_span){(const uint8_t *)"", 0};
    }
    size_t n = strlen(text);
    struct kept_span out = {(const uint8_t *)copy(w, (struct kept_span){(uint8_t *)text, n}), n};
    kept_wipe(text, sizeof text);
    return out;
}

/* The one value of something, as text; NULL: there is none. */
static const char *single(struct drawer *w, const struct kept_from *from, bool date)
{
    if (!from->given)
        return NULL;
    if (from->column == KEPT_NO_COLUMN) {
        struct kept_span value = {(const uint8_t *)from->value,
                                  from->value != NULL ? strlen(from->value) : 0};
        return from->value != NULL ? (const char *)write_value(w, from, value, date).p : NULL;
    }
    const struct kept_cell *cell = &w->row->cells[from->column];
    if (cell->count == 0)
        return NULL;
    if (cell->count > 1) {
        spoil(w, "a list stands where one value is expected", from->column);
        return NULL;
    }
    if (memchr(cell->values[0].p, 0, cell->values[0].n) != NULL) {
        spoil(w, "a zero byte stands in it", from->column);
        return NULL;
    }
    return (const char *)write_value(w, from, cell->values[0], date).p;
}

static struct kept_request *add_request(struct drawer *w, enum kept_op op, enum kept_drafted what,
                                        size_t index)
{
    struct kept_draft *d = w->d;
    struct kept_request *r = &d->requests[d->count];
    d->as[d->count] = (struct kept_drafted_as){what, index};
    *r = (struct kept_request){.op = op, .app = w->f->app, .actor = w->f->actor,
                               .role = w->f->role, .follows = d->count > 0, .dry = w->f->dry,
                               .facts = KEPT_F_IMPORTED};
    if (d->count > 0)
        r->subject = d->requests[0].subject;
    d->count++;
    return r;
}

static void add_field(struct drawer *w, const struct kept_mapped_item *item, size_t index,
                      struct kept_span value)
{
    struct kept_draft *d = w->d;
    if (d->field_count == d->field_cap) {
        spoil(w, "more values than a row may have", item->from.column);
        return;
    }
    d->items[d->field_count] = index;
    d->fields[d->field_count++] = (struct kept_field){
        .name = item->item, .value = write_value(w, &item->from, value, false)};
}

static void add_item(struct drawer *w, const struct kept_mapped_item *item, size_t index)
{
    if (item->from.column == KEPT_NO_COLUMN) {
        if (item->from.value != NULL)
            add_field(w, item, index, (struct kept_span){(const uint8_t *)item->from.value,
                                                         strlen(item->from.value)});
        return;
    }
    const struct kept_cell *cell = &w->row->cells[item->from.column];
    for (size_t i = 0; i < cell->count; i++)
        add_field(w, item, index, cell->values[i]);
}

/* ---- the person, consents, collections --------------------------------------------------------- */

static void draw_person(struct drawer *w)
{
    const struct kept_mapping *m = w->m;
    struct kept_id subject = {{0}};
    size_t first = w->d->field_count;
    if (m->subject.given) {
        const char *hex = single(w, &m->subject, false);
        if (hex == NULL || kept_id_parse(hex, &subject) != 0 || kept_id_is_zero(&subject))
            spoil(w, "no id of a person: 32 hex digits", m->subject.column);
    }
    const char *birth_date = single(w, &m->birth_date, true);
    const char *region = single(w, &m->region, false);
    bool by_id = m->subject.given && !w->f->dry;
    if (m->key != NULL)
        add_item(w, &m->collects[m->key_collect].items[m->key_item], m->key_item);
    if (m->key != NULL && w->d->field_count != first + 1)
        spoil(w, w->d->field_count == first ? "no value to find the person by"
                                            : "more than one value to find the person by",
              m->collects[m->key_collect].items[m->key_item].from.column);
    struct kept_request *r =
        add_request(w, by_id ? KEPT_OP_SUBJECT_SET : KEPT_OP_SUBJECT_NEW, KEPT_DRAFTED_PERSON, 0);
    r->birth_date = birth_date;
    r->region = region;
    r->fields = &w->d->fields[first];
    r->field_count = w->d->field_count - first;
    if (!by_id)
        return;
    r->subject = subject;
    if (birth_date == NULL && region == NULL)
        w->d->count = 0; /* nothing to set: what comes names the person itself */
}

/* A number of at most nine digits; 0: it is none. */
static uint32_t small_number(const char *text)
{
    size_t n = strlen(text);
    return n > 0 && n <= 9 && strspn(text, "0123456789") == n ? (uint32_t)strtoul(text, NULL, 10)
                                                              : 0;
}

/* An instant as kept writes it; days begin at midnight, UTC. What could not be read is "", and none. */
static kept_ms instant(const char *text)
{
    int32_t day = 0;
    size_t n = text == NULL ? 0 : strlen(text);
    if ((n != 10 && n != 20) || kept_date_parse(text, 10, &day) != 0)
        return 0;
    kept_ms at = day * KEPT_DAY;
    if (n == 20)
        at += (kept_ms)small_number((char[]){text[11], text[12], 0}) * KEPT_HOUR +
              (kept_ms)small_number((char[]){text[14], text[15], 0}) * KEPT_MINUTE +
              (kept_ms)small_number((char[]){text[17], text[18], 0}) * KEPT_SECOND;
    return at;
}

static const uint8_t *hash_of(struct drawer *w, const struct kept_from *from, const char *hex)
{
    uint8_t hash[32];
    if (hex == NULL)
        return NULL;
    if (strlen(hex) != 64 || kept_unhex(hex, sizeof hash, hash) != 0) {
        spoil(w, "no SHA-256: 64 hex digits", from->column);
        return NULL;
    }
    return (const uint8_t *)copy(w, (struct kept_span){hash, sizeof hash});
}

/* Does this row bring the consent? */
static bool brings(const struct drawer *w, const struct kept_mapped_consent *c)
{
    if (!c->when.given || c->is == NULL)
        return true;
    const struct kept_cell *cell = &w->row->cells[c->when.column];
    for (size_t i = 0; i < cell->count; i++)
        if (cell->values[i].n == strlen(c->is) &&
            strncmp((const char *)cell->values[i].p, c->is, cell->values[i].n) == 0)
            return true;
    return false;
}

static void draw_consent(struct drawer *w, const struct kept_mapped_consent *c, size_t index,
                         const struct kept_id *subject)
{
    const char *given = single(w, &c->given, true), *expires = single(w, &c->expires, true);
    const char *version = single(w, &c->version, false);
    const char *hash = single(w, &c->text_sha256, false);
    struct kept_request *r =
        add_request(w, c->kind == KEPT_C_ACKNOWLEDGEMENT ? KEPT_OP_CONSENT_ACKNOWLEDGE
                                                         : KEPT_OP_CONSENT_GRANT,
                    KEPT_DRAFTED_CONSENT, index);
    r->subject = *subject;
    r->origin = KEPT_O_LEGACY;
    r->consent = c->kind == KEPT_C_ACKNOWLEDGEMENT ? KEPT_C_NONE : c->kind; /* seen, and answered */
    r->facts = KEPT_F_IMPORTED;
    r->function = c->function;
    r->purpose = c->purpose;
    r->item = c->item;
    r->recipient = c->recipient;
    r->language = single(w, &c->language, false);
    struct kept_evidence *evidence = &w->d->evidence[w->d->count - 1];
    *evidence = (struct kept_evidence){.reference = single(w, &c->evidence, false),
                                       .signed_at = instant(given)};
    r->evidence = evidence;
    r->text_sha256 = hash_of(w, &c->text_sha256, hash);
    r->policy_version = version != NULL ? small_number(version) : 0;
    r->expires = instant(expires);
    if (given == NULL)
        spoil(w, "nothing says when the consent was given", c->given.column);
    if (evidence->reference == NULL)
        spoil(w, "no evidence of the consent", c->evidence.column);
    if (version != NULL ? r->policy_version == 0 : r->text_sha256 == NULL)
        spoil(w, "nothing says which text the person saw: a version, or its SHA-256",
              version != NULL || !c->text_sha256.given ? c->version.column
                                                       : c->text_sha256.column);
}

static void draw_collect(struct drawer *w, const struct kept_mapped_collect *c, size_t index,
                         const struct kept_id *subject)
{
    const struct kept_mapping *m = w->m;
    bool has_key = m->key != NULL && m->key_collect == index;
    size_t first = w->d->field_count;
    if (has_key) /* first: without it the person would not be found again */
        add_item(w, &c->items[m->key_item], m->key_item);
    for (size_t i = 0; i < c->count; i++)
        if (!has_key || i != m->key_item)
            add_item(w, &c->items[i], i);
    if (w->d->field_count == first)
        return;
    struct kept_request *r = add_request(w, KEPT_OP_COLLECT, KEPT_DRAFTED_COLLECT, index);
    r->subject = *subject;
    r->function = c->function;
    r->purpose = c->purpose;
    r->facts = c->facts;
    r->fields = &w->d->fields[first];
    r->field_count = w->d->field_count - first;
    r->must = has_key ? 2 : !m->subject.given && m->key == NULL; /* nobody without a value */
}

static int make_room(struct drawer *w)
{
    struct kept_draft *d = w->d;
    const size_t requests = 1 + w->m->consent_count + w->m->collect_count;
    size_t fields = 1, cap = d->cap, proofs = cap;
    for (size_t c = 0; c < w->m->collect_count; c++)
        for (size_t i = 0; i < w->m->collects[c].count; i++) {
            size_t column = w->m->collects[c].items[i].from.column;
            fields += column == KEPT_NO_COLUMN ? 1 : w->row->cells[column].count;
        }
    kept_buf_clear(&d->bytes);
    d->count = d->field_count = 0;
    int rc = kept_grow(&d->requests, &d->cap, requests, requests, sizeof *d->requests);
    if (rc == 0)
        rc = kept_grow(&d->as, &cap, requests, requests, sizeof *d->as);
    if (rc == 0)
        rc = kept_grow(&d->evidence, &proofs, requests, requests, sizeof *d->evidence);
    if (rc == 0)
        rc = kept_grow(&d->fields, &d->field_cap, fields + 1, SIZE_MAX / 2, sizeof *d->fields);
    if (rc == 0)
        rc = kept_grow(&d->items, &d->item_cap, fields + 1, SIZE_MAX / 2, sizeof *d->items);
    size_t room = room_needed(w) + 64 * (1 + w->m->consent_count);
    if (rc == 0 && kept_buf_room(&d->bytes, room) == NULL)
        rc = KEPT_E_NOMEM;
    d->bytes.n = 0;
    return rc;
}

int kept_draft_row(struct kept_draft *draft, const struct kept_draft_frame *frame,
                   const struct kept_row *row)
{
    struct drawer w = {.d = draft, .f = frame, .m = frame->mapping, .row = row};
    draft->row = row->number;
    draft->line = row->line;
    draft->bad = row->bad;
    draft->bad_column = row->bad_column;
    draft->count = 0;
    if (row->bad != NULL)
        return 0;
    if ((w.rc = make_room(&w)) != 0)
        return KEPT_E_NOMEM;
    draw_person(&w);
    const struct kept_id subject = draft->requests[0].subject;
    for (size_t c = 0; frame->consents && c < w.m->consent_count; c++)
        if (brings(&w, &w.m->consents[c]))
            draw_consent(&w, &w.m->consents[c], c, &subject);
    for (size_t c = 0; c < w.m->collect_count; c++)
        draw_collect(&w, &w.m->collects[c], c, &subject);
    bool somebody = draft->count > 0 && draft->requests[0].op == KEPT_OP_SUBJECT_NEW;
    if (draft->count == (size_t)somebody)
        spoil(&w, "the row brings nothing: every column that the mapping names is empty",
              KEPT_NO_COLUMN);
    if (draft->bad != NULL)
        draft->count = 0;
    return w.rc;
}
