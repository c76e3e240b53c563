/* import.c - a file, row after row, through the engine: many in flight, each one unit, each with its mark. */
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/id.h"
#include "base/limits.h"
#include "base/mem.h"
#include "transfer/import_int.h"

/* ---- answers ---------------------------------------------------------------------------------- */

static int reject(struct import *w, const struct pending *p, const char *column, const char *item,
                  const char *reason)
{
    const struct kept_reject r = {.row = p->draft.row, .line = p->draft.line, .column = column,
                                  .item = item, .reason = reason, .again = p->again};
    if (w->o->reject == NULL || w->failed != 0)
        return 0;
    int rc = w->o->reject(w->o->arg, &r, &w->err);
    if (rc != 0)
        w->failed = rc;
    return rc;
}

static const char *column_name(const struct import *w, size_t column)
{
    return column == KEPT_NO_COLUMN ? NULL : w->m->columns[column];
}

static void count(struct import *w, struct pending *p, struct kept_tally *t,
                  enum kept_decision decision, enum kept_reason reason, bool stripped)
{
    bool accepted = !stripped && decision != KEPT_DENY;
    p->some = p->some || accepted;
    p->partly = p->partly || !accepted;
    if (p->again)
        return;
    t->accepted += accepted;
    t->stripped += stripped;
    t->refused[reason < KEPT_R_COUNT ? reason : KEPT_R_DEFAULT] += !stripped && !accepted;
    (void)w;
}

static void take_consent(struct import *w, struct pending *p, size_t index,
                         const struct kept_reply *reply)
{
    char reason[128];
    struct kept_tally *t = &w->s->tallies[index];
    count(w, p, t, reply->decision, reply->reason, false);
    if (reply->decision != KEPT_DENY)
        return;
    (void)snprintf(reason, sizeof reason, "the consent does not count: %s, %s",
                   kept_reason_name(reply->reason), kept_reason_text(reply->reason));
    (void)reject(w, p, NULL, t->name, reason);
}

static void take_values(struct import *w, struct pending *p, size_t at,
                        const struct kept_reply *reply)
{
    const struct kept_draft *d = &p->draft;
    const struct kept_request *r = &d->requests[at];
    const size_t collect = d->as[at].index;
    const size_t first = (size_t)(r->fields - d->fields);
    char reason[128];
    for (size_t i = 0; i < reply->field_count && i < r->field_count; i++) {
        const struct kept_field *f = &reply->fields[i];
        size_t item = d->items[first + i];
        const struct kept_mapped_item *mapped = &w->m->collects[collect].items[item];
        bool stripped = f->name == NULL || f->name[0] == 0;
        count(w, p, &w->s->tallies[w->firsts[collect] + item], f->decision, f->reason, stripped);
        if (stripped || f->decision != KEPT_DENY)
            continue;
        (void)snprintf(reason, sizeof reason, "%s, %s", kept_reason_name(f->reason),
                       kept_reason_text(f->reason));
        (void)reject(w, p, column_name(w, mapped->from.column), mapped->item, reason);
    }
}

/* A failure of the row; or of the engine, which ends the import: then the rows in flight fail, too. */
static void take_error(struct import *w, struct pending *p, const struct kept_reply *reply)
{
    if (w->failed == 0 && !kept_fault_of_request(reply->error)) {
        w->err = reply->err;
        w->failed = reply->error;
    }
    if (w->failed != 0) {
        p->undone = true;
        return;
    }
    if (p->error == 0)
        (void)reject(w, p, NULL, NULL, reply->err.text);
    p->error = reply->error;
}

static void take_reply(struct import *w, const struct kept_reply *reply)
{
    struct pending *p = reply->tag;
    size_t at = p->answered++;
    const struct kept_drafted_as as = p->draft.as[at];
    if (reply->error != 0) {
        take_error(w, p, reply);
    } else if (as.what == KEPT_DRAFTED_CONSENT) {
        take_consent(w, p, as.index, reply);
    } else if (as.what == KEPT_DRAFTED_COLLECT) {
        take_values(w, p, at, reply);
    } else if (p->draft.requests[at].op == KEPT_OP_SUBJECT_NEW) {
        p->person_new = reply->version <= 1; /* who is found had values already */
        p->person_found = !p->person_new;
    } else {
        p->some = reply->decision != KEPT_DENY;
    }
}

/* All of a row was answered. */
static void end_row(struct import *w, struct pending *p)
{
    struct kept_import_state *s = w->s;
    w->stopped = w->stopped || p->undone;
    if (w->stopped)
        return;
    w->seen = p->draft.row;
    if (p->again) {
        s->rechecked++;
        return;
    }
    s->rows++;
    if (p->error != 0 || p->draft.bad != NULL || !p->some) {
        s->refused++;
        return;
    }
    s->people_new += p->person_new;
    s->people_found += p->person_found;
    if (p->partly)
        s->in_part++;
    else
        s->taken++;
}

/* Rows at the front of the ring that need nothing more. */
static void retire(struct import *w)
{
    while (w->used > 0) {
        struct pending *p = &w->ring[w->front];
        if (p->answered < p->draft.count)
            return;
        end_row(w, p);
        if (p->draft.bytes.cap > LARGE_ROW)
            kept_draft_release(&p->draft);
        else
            kept_buf_clear(&p->draft.bytes);
        w->front = (w->front + 1) % RING;
        w->used--;
    }
}

/* After a failure nothing more is begun: a row behind the one that failed would be marked as the last. */
static void give_up_the_rest(struct import *w)
{
    for (size_t i = 0; i < w->used; i++) {
        struct pending *p = &w->ring[(w->front + i) % RING];
        if (p->answered == 0 && p->draft.count > 0)
            p->draft.requests[0].op = KEPT_OP_NONE;
    }
}

int kept_import_reap(struct import *w, size_t down_to)
{
    struct kept_reply *replies[KEPT_MAX_BATCH];
    size_t n = 0;
    retire(w);
    while (w->in_flight > down_to) {
        int rc = kept_reap(w->kept, replies, KEPT_MAX_BATCH, 1, &n, &w->err);
        if (rc != 0)
            return rc;
        for (size_t i = 0; i < n; i++) {
            take_reply(w, replies[i]);
            kept_reply_free(replies[i]);
        }
        w->in_flight -= n;
        retire(w);
        if (w->failed != 0)
            give_up_the_rest(w);
        if (n == 0)
            return kept_fail(&w->err, KEPT_E_BUG, "%zu operations in flight got lost",
                             w->in_flight);
    }
    if (w->o->progress != NULL)
        w->o->progress(w->o->arg, w->s);
    return w->failed;
}

/* ---- rows ------------------------------------------------------------------------------------- */

static int submit(struct import *w, struct pending *p)
{
    struct kept_draft *d = &p->draft;
    for (size_t i = 0; i < d->count; i++) {
        struct kept_request *r = &d->requests[i];
        r->tag = p;
        if (i + 1 == d->count && r->dry == 0) {
            (void)snprintf(p->mark, sizeof p->mark, "row %llu seen %llu",
                           (unsigned long long)d->row, (unsigned long long)w->seen);
            r->mark = w->mark;
            r->mark_text = p->mark;
        }
        int rc = kept_submit(w->kept, r, &w->err);
        if (rc != 0) { /* what was submitted of it must not be done without the rest */
            d->requests[0].op = KEPT_OP_NONE;
            d->count = i;
            p->undone = true;
            w->failed = rc;
            return rc;
        }
        w->in_flight++;
    }
    return 0;
}

static int take_row(struct import *w, const struct kept_row *row)
{
    if (row->number <= w->from)
        return 0; /* an earlier run took it, and said what was refused */
    if (w->used == RING || w->in_flight >= FLIGHT) {
        int rc = kept_import_reap(w, FLIGHT / 2);
        if (rc != 0)
            return rc;
    }
    struct pending *p = &w->ring[(w->front + w->used) % RING];
    struct kept_draft_frame frame = w->frame;
    struct kept_draft kept = p->draft;
    *p = (struct pending){.draft = kept, .again = row->number <= w->until};
    frame.dry = frame.dry || p->again;
    int rc = kept_draft_row(&p->draft, &frame, row);
    if (rc != 0)
        return kept_fail(&w->err, rc, "no memory for a row");
    w->used++;
    if (p->draft.bad != NULL)
        rc = reject(w, p, column_name(w, p->draft.bad_column), NULL, p->draft.bad);
    if (rc == 0)
        rc = submit(w, p);
    return rc;
}

static int read_rows(struct import *w, struct kept_rows *rows)
{
    const struct kept_row *row = NULL;
    int rc = 0;
    bool end = w->s->size == 0;
    while (rc == 0 && (!end || w->s->bytes == 0)) {
        size_t n = w->s->size - w->s->bytes < PIECE ? (size_t)(w->s->size - w->s->bytes) : PIECE;
        if (n > 0 && (rc = kept_file_read(w->fd, w->s->bytes, w->piece, n, &w->err)) != 0)
            return rc == KEPT_E_CORRUPT ? KEPT_E_CONFLICT : rc;
        kept_hash_more(&w->hash, (struct kept_span){w->piece, n});
        struct kept_cursor in = kept_cursor((struct kept_span){w->piece, n});
        w->s->bytes += n;
        end = w->s->bytes == w->s->size;
        while (rc == 0 && (rc = kept_rows_next(rows, &in, end, &row, &w->err)) == 1)
            rc = take_row(w, row);
        if (n == 0)
            break;
    }
    return rc;
}

/* Every row, and every answer, also after a failure: what is in flight ends. */
int kept_import_rows(struct import *w)
{
    struct kept_rows *rows = NULL;
    int rc = kept_rows_new(w->m, w->o->format, &rows, &w->err);
    if (rc == 0)
        rc = read_rows(w, rows);
    struct kept_err first = w->err;
    int drained = kept_import_reap(w, 0);
    if (rc == 0)
        rc = drained;
    else
        w->err = first;
    kept_rows_free(rows);
    return rc;
}
