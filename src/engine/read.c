/* read.c - a run of reads.
 *
 * The calls of a run are taken one by one, by as many readers as there are: the caller's thread and
 * those of readers.c, each with its own connection to the store. A reader walks through its calls by
 * one statement: the head of a person is found, their keys and context are opened, the decision is
 * made, and the records it allows are read next, while their page is still at hand. Then the run's
 * entries are handed to the scribe; the replies wait until they are durable. */
#include <stdatomic.h>
#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "engine/orders.h"
#include "engine/values_int.h"

/* Fewer calls are read sooner than a second thread wakes up. */
#define WORTH_SHARING 8u
/* What every thread writes stands apart from what they only read. */
#define CACHE_LINE 64

/* One record to read for the call at hand. */
struct fetch {
    const struct kept_item *item;
    struct kept_dir_row row;
    struct kept_verdict verdict;
    bool archive; /* it is given from the archive only */
    bool found;
};

struct run {
    struct call *calls[KEPT_READ_RUN];
    size_t count; /* 0: it is not open */
    uint8_t (*traces)[KEPT_TRACE_BYTES]; /* of the people, for the entries: guarded */
    struct result { /* of a call: written by whoever took it */
        uint64_t key;
        int rc;
        struct kept_err err;
    } results[KEPT_READ_RUN];
    int rc;              /* why the caller could not read on */
    struct kept_err err; /* of rc */
    uint8_t apart[CACHE_LINE];
    atomic_size_t taken; /* calls that a reader has taken */
};

struct reader {
    struct kept_store *store;
    struct refs *refs;
    struct kept_subject shell; /* of the call at hand */
    struct run *run;
    struct call *call; /* at hand; NULL: none */
    size_t number;     /* of that call in the run */
    bool head;         /* its head is being looked for; else the fetch at next - 1, if any */
    struct fetch *fetches;
    size_t fetch_count, fetch_cap, next;
    struct kept_buf value, masked; /* secret scratch */
};

/* ---- deciding ------------------------------------------------------------------------------- */

/* The better of two verdicts decides for the whole reply. */
static void raise_verdict(struct call *call, const struct kept_verdict *v, bool first)
{
    if (first || v->decision > call->box->reply.decision)
        kept_verdict(call, v->decision, v->reason, v->clause, v->line);
}

static int refuse_field(struct call *call, uint32_t item, const char *name,
                        const struct kept_verdict *v, struct kept_err *err)
{
    return kept_say(call, &(struct kept_dir_row){.item = item}, name,
                    &(struct kept_verdict){KEPT_DENY, v->reason, v->clause, v->line},
                    (struct kept_span){NULL, 0}, err);
}

struct gather {
    struct reader *reader;
    const struct kept_item *item;
    struct kept_verdict verdict;
    bool archive; /* only what is in the archive */
    uint32_t record;
    size_t found;
    int rc;
};

static int gather_row(void *arg, const struct kept_dir_row *row)
{
    struct gather *g = arg;
    struct reader *reader = g->reader;
    if (g->record != 0 && row->slot != g->record)
        return 0;
    /* No more than one entry can name. */
    g->rc = kept_grow(&reader->fetches, &reader->fetch_cap, reader->fetch_count + 1,
                      KEPT_MAX_FIELDS, sizeof *reader->fetches);
    if (g->rc != 0)
        return 1;
    reader->fetches[reader->fetch_count++] = (struct fetch){g->item, *row, g->verdict, g->archive, false};
    g->found++;
    return 0;
}

static int ask_field(struct reader *reader, const struct kept_field *field, bool first,
                     struct kept_err *err)
{
    struct call *call = reader->call;
    struct kept_verdict v;
    uint32_t ref = field->item != 0 || field->name == NULL
                       ? field->item
                       : kept_refs_get(reader->refs, KEPT_K_ITEM, field->name);
    bool archive = false;
    const struct kept_item *item = kept_judge_read(call, ref, &v, &archive);
    struct gather g = {reader, item, v, archive, field->record, 0, 0};
    if (v.decision != KEPT_DENY && item != NULL) {
        int rc = kept_vault_each(reader->store, call->subject, ref, gather_row, &g, err);
        if (rc != 0 || g.rc != 0)
            return rc != 0 ? rc
                           : kept_fail(err, g.rc, "one read gives at most %u values",
                                       KEPT_MAX_FIELDS);
        const bool elsewhere = g.found == 0 && item->place == KEPT_PLACE_EXTERNAL && field->record == 0;
        if (elsewhere) { /* allowed: it is had there, with a ticket */
            raise_verdict(call, &v, first);
            return kept_say(call, &(struct kept_dir_row){.item = ref}, item->name, &v, (struct kept_span){NULL, 0}, err);
        }
        if (g.found == 0)
            v = (struct kept_verdict){KEPT_DENY, KEPT_R_NO_VALUE, v.clause, v.line};
    }
    raise_verdict(call, &v, first);
    if (g.found != 0)
        return 0;
    return refuse_field(call, ref, item == NULL ? "" : item->name, &v, err);
}

static int ask(struct reader *reader, struct kept_err *err)
{
    struct call *call = reader->call;
    const struct kept_request *r = call->request;
    if (r->field_count == 0)
        return kept_fail(err, KEPT_E_USAGE, "use needs at least one item");
    if (!kept_admit(call))
        return 0;
    for (size_t i = 0; i < r->field_count; i++) {
        int rc = ask_field(reader, &r->fields[i], i == 0, err);
        if (rc != 0)
            return rc;
    }
    return call->box->reply.field_count > 0 ? kept_tickets(call, err) : 0; /* what is held here is said later */
}

/* ---- values --------------------------------------------------------------------------------- */

static int release_value(struct reader *reader, const struct fetch *f,
                         const struct kept_stamp *stamp, struct kept_err *err)
{
    struct call *call = reader->call;
    struct kept_verdict v = f->verdict;
    struct kept_span value = kept_buf_span(&reader->value);
    if (!kept_time_allows(call, f->row.item, stamp, f->archive, &v, NULL))
        return refuse_field(call, f->row.item, f->item->name, &v, err);
    if (kept_reaches_back(call, KEPT_USE_READ, f->row.item, stamp, &v))
        return refuse_field(call, f->row.item, f->item->name, &v, err);
    if (v.decision == KEPT_MASK) {
        kept_buf_clear(&reader->masked);
        int rc = kept_item_mask(f->item, value, &reader->masked, err);
        if (rc != 0)
            return rc;
        value = kept_buf_span(&reader->masked);
    }
    int rc = kept_say(call, &f->row, f->item->name, &v, value, err);
    if (rc == 0)
        kept_say_stamp(call, stamp);
    return rc;
}

/* A value past its end, or of before its purpose, is refused only when its stamp is read: the reply may promise no more than
 * the best of its fields. */
static void settle(struct call *call)
{
    const struct kept_reply *reply = &call->box->reply;
    const struct kept_field *best = NULL;
    for (size_t i = 0; i < reply->field_count; i++)
        if (best == NULL || reply->fields[i].decision > best->decision)
            best = &reply->fields[i];
    if (best != NULL && best->decision < reply->decision)
        kept_verdict(call, best->decision, best->reason, best->clause, best->line);
}

/* ---- one reader's walk through a run -------------------------------------------------------- */

static int record_found(struct reader *reader, struct fetch *f, struct kept_span body,
                        struct kept_err *err)
{
    struct kept_stamp stamp;
    kept_buf_clear(&reader->value);
    int rc = kept_vault_open(reader->store, reader->call->subject, &f->row, body, &stamp,
                             &reader->value, err);
    if (rc == 0)
        rc = release_value(reader, f, &stamp, err);
    f->found = true;
    return rc;
}

/* Values are given in the order in which they were asked for. Those in the person's own row can be
 * opened at once, while it is at hand, if there are no others. */
static int open_packed(struct reader *reader, struct kept_err *err)
{
    struct kept_subject *subject = reader->call->subject;
    struct kept_span body;
    size_t packed = 0;
    int rc = 0;
    while (packed < reader->fetch_count &&
           kept_pack_find(subject, reader->fetches[packed].row.slot, &body))
        packed++;
    if (packed < reader->fetch_count)
        return kept_pack_hold(subject) == 0 ? 0 : kept_fail(err, KEPT_E_NOMEM, "no memory to read");
    for (size_t i = 0; rc == 0 && i < packed; i++)
        if (kept_pack_find(subject, reader->fetches[i].row.slot, &body))
            rc = record_found(reader, &reader->fetches[i], body, err);
    reader->next = packed;
    return rc;
}

static int head_found(struct reader *reader, struct kept_span body, struct kept_err *err)
{
    struct call *call = reader->call;
    uint64_t key = reader->run->results[reader->number].key;
    struct kept_head head;
    int rc = kept_head_decode(key, body, &head);
    if (rc != 0)
        return kept_fail(err, rc, "a person's row is damaged");
    if (!kept_id_equal(&head.id, &call->request->subject))
        return 0; /* somebody was there before; the call stays without a subject */
    rc = kept_load(call, &head, key, err);
    if (rc == 0)
        rc = ask(reader, err);
    return rc == 0 ? open_packed(reader, err) : rc;
}

static int walk_found(void *arg, struct kept_span body)
{
    struct reader *reader = arg;
    struct run *run = reader->run;
    struct kept_err *err = &run->results[reader->number].err;
    run->results[reader->number].rc =
        reader->head ? head_found(reader, body, err)
                     : record_found(reader, &reader->fetches[reader->next - 1], body, err);
    return 0;
}

/* Was the cell that was looked for last not there? */
static int check_found(struct reader *reader, struct kept_err *err)
{
    if (reader->head && !reader->call->opened)
        return kept_fail(err, KEPT_E_NOTFOUND, "this app has no such subject");
    if (!reader->head && reader->next > 0 && !reader->fetches[reader->next - 1].found)
        return kept_fail(err, KEPT_E_CORRUPT,
                         "a record the directory names is missing: the store was changed outside "
                         "kept");
    return 0;
}

/* The next record of the call at hand that has a cell of its own, or false: the call is done. Those
 * in the person's row are opened on the way. */
static bool next_record(struct reader *reader, uint64_t *ret_key)
{
    struct run *run = reader->run;
    size_t n = reader->number;
    if (reader->call == NULL)
        return false;
    if (run->results[n].rc == 0)
        run->results[n].rc = check_found(reader, &run->results[n].err);
    reader->head = false;
    while (run->results[n].rc == 0 && reader->next < reader->fetch_count) {
        struct fetch *f = &reader->fetches[reader->next++];
        struct kept_span body;
        if (!kept_pack_find(reader->call->subject, f->row.slot, &body)) {
            *ret_key = reader->call->subject->key | f->row.slot;
            return true;
        }
        run->results[n].rc = record_found(reader, f, body, &run->results[n].err);
    }
    if (run->results[n].rc == 0) {
        kept_call_about(reader->call);
        if (reader->call->tagged)
            memcpy(run->traces[n], reader->shell.keys->trace, KEPT_TRACE_BYTES);
    }
    return false;
}

/* Begin with the call at hand: whose row is wanted? */
static int look_up(struct reader *reader, uint64_t *ret_key, struct kept_err *err)
{
    struct call *call = reader->call;
    call->subject = &reader->shell;
    call->change_seq = call->kept->change_seq;
    int rc = kept_look_up(call, reader->refs, err);
    if (rc != 0)
        return rc;
    call->app_generation = call->app->generation;
    if (kept_id_is_zero(&call->request->subject))
        return kept_fail(err, KEPT_E_USAGE, "this operation needs a subject: the id that subject.new gave");
    if (kept_subject_key(&call->request->subject, call->app->number, ret_key) != 0)
        return kept_fail(err, KEPT_E_NOTFOUND, "this app has no such subject");
    return 0;
}

static bool walk_next(void *arg, uint64_t *ret_key)
{
    struct reader *reader = arg;
    struct run *run = reader->run;
    if (next_record(reader, ret_key))
        return true;
    reader->call = NULL;
    for (;;) {
        size_t n = atomic_fetch_add(&run->taken, 1);
        if (n >= run->count)
            return false;
        struct result *result = &run->results[n];
        if (result->rc != 0)
            continue; /* it was refused before */
        reader->call = run->calls[n];
        reader->number = n;
        reader->head = true;
        reader->fetch_count = reader->next = 0;
        result->rc = look_up(reader, &result->key, &result->err);
        *ret_key = result->key;
        if (result->rc != 0)
            continue;
        return true;
    }
}

int kept_reader_work(struct reader *reader, struct run *run, struct kept_err *err)
{
    struct kept_err why = {0};
    reader->run = run;
    reader->call = NULL;
    int rc = kept_store_begin_read(reader->store, &why);
    if (rc == 0) {
        rc = kept_cell_walk(reader->store, walk_next, walk_found, reader, &why);
        kept_store_end_read(reader->store);
    }
    /* What it had taken and not finished fails with it. */
    if (rc != 0 && reader->call != NULL) {
        run->results[reader->number].rc = rc;
        run->results[reader->number].err = why;
    }
    if (rc != 0 && err != NULL)
        *err = why;
    kept_wipe(reader->shell.keys, sizeof *reader->shell.keys);
    kept_buf_clear(&reader->value);
    kept_buf_clear(&reader->masked);
    return rc;
}

int kept_reader_new(struct kept_store *store, struct reader **ret_reader, struct kept_err *err)
{
    struct reader *reader = kept_alloc(1, sizeof *reader);
    if (reader == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory to read");
    reader->store = store;
    reader->refs = kept_refs_new();
    kept_buf_init_secret(&reader->value, KEPT_MAX_VALUE_BYTES);
    kept_buf_init_secret(&reader->masked, KEPT_MAX_VALUE_BYTES);
    kept_subject_init(&reader->shell, kept_secret_new(sizeof *reader->shell.keys));
    reader->shell.borrows = true;
    if (reader->refs == NULL || reader->shell.keys == NULL) {
        kept_reader_free(reader);
        return kept_fail(err, KEPT_E_NOMEM, "no memory (or no lockable memory) to read");
    }
    *ret_reader = reader;
    return 0;
}

void kept_reader_free(struct reader *reader)
{
    if (reader == NULL)
        return;
    kept_subject_release(&reader->shell);
    kept_secret_free(reader->shell.keys);
    kept_buf_release(&reader->value);
    kept_buf_release(&reader->masked);
    kept_refs_free(reader->refs);
    kept_free(reader->fetches);
    kept_free(reader);
}

/* ---- the run -------------------------------------------------------------------------------- */

bool kept_reading(const struct kept *kept)
{
    return kept->run != NULL && kept->run->count != 0;
}

void kept_read_open(struct kept *kept, struct call *const *calls, size_t count)
{
    struct run *run = kept->run;
    KEPT_INVARIANT(run->count == 0 && count <= KEPT_READ_RUN);
    run->traces = kept_scribe_sheet(kept);
    run->count = count;
    for (size_t i = 0; i < count; i++) {
        struct result *result = &run->results[i];
        run->calls[i] = calls[i];
        result->rc = run->traces != NULL
                         ? kept_begin(calls[i], &result->err)
                         : kept_fail(&result->err, KEPT_E_IO,
                                     "the ledger cannot be written: nothing is read until the store "
                                     "is opened again");
    }
    atomic_store(&run->taken, 0);
    if (count >= WORTH_SHARING)
        kept_readers_open(kept, run);
}

/* What the caller cannot read for its own reasons another reader may: the last try is what counts. */
static void share(struct kept *kept, struct run *run)
{
    if (atomic_load(&run->taken) < run->count)
        run->rc = kept_readers_share(kept, run, &run->err);
}

bool kept_read_share(struct kept *kept)
{
    share(kept, kept->run);
    return kept_readers_left(kept->readers);
}

size_t kept_read_close(struct kept *kept, struct call *ret_calls[KEPT_READ_RUN])
{
    struct run *run = kept->run;
    size_t count = run->count;
    share(kept, run);
    kept_readers_close(kept);
    size_t taken = atomic_load(&run->taken);
    for (size_t i = 0; i < count; i++) {
        struct call *call = ret_calls[i] = run->calls[i];
        if (run->results[i].rc != 0)
            kept_call_fail(call, run->results[i].rc, &run->results[i].err);
        else if (i >= taken)
            kept_call_fail(call, run->rc, &run->err); /* no reader could */
        else {
            settle(call);
            kept_observe(call);
        }
        call->subject = NULL; /* it was the reader's */
    }
    if (run->traces != NULL)
        kept_scribe_hand(kept, run->calls, count);
    run->count = 0;
    return count;
}

struct run *kept_run_new(void)
{
    return kept_alloc(1, sizeof(struct run));
}

void kept_run_free(struct run *run)
{
    for (size_t i = 0; run != NULL && i < run->count; i++)
        kept_call_free(run->calls[i]);
    kept_free(run);
}

void kept_run_abandon(struct run *run)
{
    for (size_t i = 0; run != NULL && i < run->count; i++)
        kept_call_abandon(run->calls[i]);
}

void kept_reader_abandon(struct reader *reader)
{
    if (reader != NULL)
        kept_secret_free(reader->shell.keys);
}

int kept_act_USE(struct call *call, struct kept_err *err)
{
    return kept_stream_ask(call, err); /* the rest goes through kept_read_open */
}
