/* read.c - a run of reads: two look-ups a person, one statement for each round.
 *
 * Round 1 fetches all heads by one statement; keys and contexts are opened, decisions made. Round 2
 * fetches all records the decisions allow, again by one statement, and opens them. Then the entries
 * are handed to the scribe; the replies wait until they are durable. */
#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "engine/engine_int.h"

/* One record to fetch for one call. */
struct fetch {
    struct call *call;
    const struct kept_item *item;
    struct kept_dir_row row;
    struct kept_verdict verdict;
};

struct run {
    struct kept *kept;
    struct call **calls;
    size_t count;
    uint64_t keys[KEPT_MAX_BATCH];
    struct call *by_key[KEPT_MAX_BATCH];
    struct fetch *fetches;
    uint64_t *fetch_keys;
    size_t fetch_count, fetch_cap, key_cap;
    struct kept_err err[KEPT_MAX_BATCH];
    int rc[KEPT_MAX_BATCH];
    struct kept_buf value, masked; /* secret scratch */
};

static size_t number_of(const struct run *run, const struct call *call)
{
    return (size_t)(call->subject - run->kept->shells);
}

/* ---- round 1 -------------------------------------------------------------------------------- */

static int head_found(void *arg, size_t position, struct kept_span body)
{
    struct run *run = arg;
    struct call *call = run->by_key[position];
    size_t n = number_of(run, call);
    struct kept_head head;
    int rc = kept_head_decode(run->keys[position], body, &head);
    if (rc != 0)
        run->rc[n] = kept_fail(&run->err[n], rc, "a person's row is damaged");
    else if (kept_id_equal(&head.id, &call->request->subject))
        run->rc[n] = kept_load(call, &head, run->keys[position], &run->err[n]);
    return 0;
}

static int load_heads(struct run *run, struct kept_err *err)
{
    size_t count = 0;
    for (size_t i = 0; i < run->count; i++) {
        struct call *call = run->calls[i];
        call->subject = &run->kept->shells[i];
        call->change_seq = run->kept->change_seq;
        int rc = kept_prepare(call, &run->err[i]);
        if (rc == 0) {
            call->app_generation = call->app->generation;
            if (kept_id_is_zero(&call->request->subject))
                rc = kept_fail(&run->err[i], KEPT_E_USAGE, "this operation needs a subject");
        }
        if (rc == 0 && kept_subject_key(&call->request->subject, call->app->number,
                                        &run->keys[count]) == 0)
            run->by_key[count++] = call;
        run->rc[i] = rc;
    }
    int rc = kept_cell_get_many(run->kept->store, run->keys, count, head_found, run, err);
    for (size_t i = 0; rc == 0 && i < run->count; i++)
        if (run->rc[i] == 0 && !run->calls[i]->opened)
            run->rc[i] = kept_fail(&run->err[i], KEPT_E_NOTFOUND, "this app has no such subject");
    return rc;
}

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
    const struct kept_field field = {.item = item,
                                     .name = name,
                                     .decision = KEPT_DENY,
                                     .reason = v->reason,
                                     .clause = v->clause,
                                     .line = v->line};
    int rc = kept_box_field(call->box, &field, (struct kept_span){NULL, 0}, err);
    if (rc == 0 && kept_call_touch(call, item, 0, 0, KEPT_DENY, v->reason) != 0)
        rc = kept_fail(err, KEPT_E_NOMEM, "no memory for a ledger entry");
    return rc;
}

struct gather {
    struct run *run;
    struct call *call;
    const struct kept_item *item;
    struct kept_verdict verdict;
    uint32_t record;
    size_t found;
    int rc;
};

static int gather_row(void *arg, const struct kept_dir_row *row)
{
    struct gather *g = arg;
    struct run *run = g->run;
    if (g->record != 0 && row->slot != g->record)
        return 0;
    size_t n = run->fetch_count;
    g->rc = kept_grow(&run->fetches, &run->fetch_cap, n + 1, KEPT_MAX_BATCH * KEPT_MAX_FIELDS,
                      sizeof *run->fetches);
    if (g->rc == 0)
        g->rc = kept_grow(&run->fetch_keys, &run->key_cap, n + 1, KEPT_MAX_BATCH * KEPT_MAX_FIELDS,
                          sizeof *run->fetch_keys);
    if (g->rc != 0)
        return 1;
    run->fetches[n] = (struct fetch){g->call, g->item, *row, g->verdict};
    run->fetch_keys[n] = g->call->subject->key | row->slot;
    run->fetch_count++;
    g->found++;
    return 0;
}

static int ask_field(struct run *run, struct call *call, const struct kept_field *field, bool first,
                     struct kept_err *err)
{
    struct kept_question q = call->question;
    uint32_t ref = field->item != 0 || field->name == NULL
                       ? field->item
                       : kept_refs_get(run->kept->refs, KEPT_K_ITEM, field->name);
    q.use = KEPT_USE_READ;
    q.item = kept_policy_index(call->policy, KEPT_K_ITEM, ref);
    struct kept_verdict v = kept_decide(call->policy, &call->subject->context, &q);
    const struct kept_item *item =
        q.item == KEPT_NO_INDEX ? NULL : kept_policy_item(call->policy, q.item);
    struct gather g = {run, call, item, v, field->record, 0, 0};
    if (v.decision != KEPT_DENY && item != NULL) {
        int rc = kept_vault_each(run->kept->store, call->subject, ref, gather_row, &g, err);
        if (rc != 0 || g.rc != 0)
            return rc != 0 ? rc : kept_fail(err, g.rc, "no memory for a read");
        if (g.found == 0)
            v = (struct kept_verdict){KEPT_DENY, KEPT_R_NO_VALUE, v.clause, v.line};
    }
    raise_verdict(call, &v, first);
    if (g.found != 0)
        return 0;
    return refuse_field(call, ref, item == NULL ? "" : item->name, &v, err);
}

static int ask(struct run *run, struct call *call, struct kept_err *err)
{
    const struct kept_request *r = call->request;
    if (r->field_count == 0)
        return kept_fail(err, KEPT_E_USAGE, "use needs at least one item");
    if (!kept_admit(call))
        return 0;
    for (size_t i = 0; i < r->field_count; i++) {
        int rc = ask_field(run, call, &r->fields[i], i == 0, err);
        if (rc != 0)
            return rc;
    }
    return 0;
}

/* ---- round 2 -------------------------------------------------------------------------------- */

static int release_value(struct run *run, struct fetch *f, const struct kept_stamp *stamp,
                         struct kept_err *err)
{
    struct call *call = f->call;
    struct kept_verdict v = f->verdict;
    struct kept_span value = kept_buf_span(&run->value);
    if (stamp->until != 0 && stamp->until <= call->now)
        return refuse_field(call, f->row.item, f->item->name,
                            &(struct kept_verdict){KEPT_DENY, KEPT_R_NO_VALUE, v.clause, v.line},
                            err);
    if (v.decision == KEPT_MASK) {
        enum kept_item_kind kind = kept_kind_named(f->item->kind);
        kept_buf_clear(&run->masked);
        if (f->item->mask_whole)
            kept_buf_text(&run->masked, KEPT_KIND_HIDDEN);
        int rc = f->item->mask_whole ? run->masked.failed
                                     : kept_kind_mask(kind, value, &run->masked);
        if (rc != 0)
            return kept_fail(err, rc, "item %s cannot be masked", f->item->name);
        value = kept_buf_span(&run->masked);
    }
    const struct kept_field field = {.item = f->row.item,
                                     .name = f->item->name,
                                     .record = f->row.slot,
                                     .decision = v.decision,
                                     .reason = v.reason,
                                     .clause = v.clause,
                                     .line = v.line};
    int rc = kept_box_field(call->box, &field, value, err);
    if (rc == 0 && kept_call_touch(call, f->row.item, f->row.slot, f->row.version, v.decision,
                                   v.reason) != 0)
        rc = kept_fail(err, KEPT_E_NOMEM, "no memory for a ledger entry");
    return rc;
}

static int record_found(void *arg, size_t position, struct kept_span body)
{
    struct run *run = arg;
    struct fetch *f = &run->fetches[position];
    size_t n = number_of(run, f->call);
    struct kept_stamp stamp;
    if (run->rc[n] != 0)
        return 0;
    kept_buf_clear(&run->value);
    int rc = kept_vault_open(run->kept->store, f->call->subject, &f->row, body, &stamp, &run->value,
                             &run->err[n]);
    if (rc == 0)
        rc = release_value(run, f, &stamp, &run->err[n]);
    run->rc[n] = rc;
    f->row.slot = 0; /* done */
    return 0;
}

static int load_records(struct run *run, struct kept_err *err)
{
    int rc = kept_cell_get_many(run->kept->store, run->fetch_keys, run->fetch_count, record_found,
                                run, err);
    for (size_t i = 0; rc == 0 && i < run->fetch_count; i++) {
        size_t n = number_of(run, run->fetches[i].call);
        if (run->fetches[i].row.slot != 0 && run->rc[n] == 0)
            run->rc[n] = kept_fail(&run->err[n], KEPT_E_CORRUPT,
                                   "a record the directory names is missing: the store was changed "
                                   "outside kept");
    }
    return rc;
}

/* A value past its end is refused only when its stamp is read: the reply may promise no more than
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

/* ---- the run -------------------------------------------------------------------------------- */

int kept_read_batch(struct kept *kept, struct call **calls, size_t count, struct kept_err *err)
{
    struct run *run = kept->run;
    memset(run->rc, 0, count * sizeof run->rc[0]);
    run->kept = kept;
    run->calls = calls;
    run->count = count;
    run->fetch_count = 0;
    int rc = kept_store_begin_read(kept->store, err);
    if (rc == 0) {
        rc = load_heads(run, err);
        for (size_t i = 0; rc == 0 && i < count; i++)
            if (run->rc[i] == 0)
                run->rc[i] = ask(run, calls[i], &run->err[i]);
        if (rc == 0)
            rc = load_records(run, err);
        kept_store_end_read(kept->store);
    }
    for (size_t i = 0; rc == 0 && i < count; i++) {
        if (run->rc[i] == 0)
            settle(calls[i]);
        else
            kept_call_fail(calls[i], run->rc[i], &run->err[i]);
    }
    if (rc == 0)
        kept_scribe_hand(kept, calls, count);
    kept_wipe(kept->pool, count * sizeof *kept->pool);
    kept_buf_clear(&run->value);
    kept_buf_clear(&run->masked);
    return rc;
}

struct run *kept_run_new(void)
{
    struct run *run = kept_alloc(1, sizeof *run);
    if (run != NULL) {
        kept_buf_init_secret(&run->value, KEPT_MAX_VALUE_BYTES);
        kept_buf_init_secret(&run->masked, KEPT_MAX_VALUE_BYTES);
    }
    return run;
}

void kept_run_free(struct run *run)
{
    if (run == NULL)
        return;
    kept_buf_release(&run->value);
    kept_buf_release(&run->masked);
    kept_free(run->fetches);
    kept_free(run->fetch_keys);
    kept_free(run);
}

int kept_act_USE(struct call *call, struct kept_err *err)
{
    (void)call;
    return kept_fail(err, KEPT_E_BUG, "use goes through kept_read_batch");
}
