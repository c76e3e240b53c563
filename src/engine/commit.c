/* commit.c - runs of changes: units that stand or fall alone, one transaction, and then journal and ledger. */
#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "engine/engine_int.h"

/* A mark in the store before each unit costs a third of a run, and is mostly for nothing: a run goes without, until
 * one of several units has to be undone; then it is gone through again with marks, as so many after it are. */
#define WARY_RUNS 16u
#define UNDO 1

/* One obligation as bytes for the journal's queue: the row itself, canonical. */
static int queue_obligation(struct call *call, struct kept_err *err)
{
    const struct kept_journal_row *j = &call->obligation;
    struct kept_buf body;
    uint64_t seq = 0;
    if (j->kind == 0)
        return 0;
    kept_buf_init(&body, 128);
    kept_journal_row_put(&body, j);
    int rc = body.failed != 0
                 ? kept_fail(err, body.failed, "no memory for an obligation")
                 : kept_queue_put(call->kept->store, KEPT_QUEUE_JOURNAL, call->app->number, 0,
                                  &j->op, kept_buf_span(&body), &seq, err);
    kept_buf_release(&body);
    if (rc == 0)
        call->kept->journal_hi = seq;
    return rc;
}

/* What follows an act: head, obligation, entry. */
static int write_down(struct call *call, struct kept_err *err)
{
    int rc = call->changed ? kept_save(call, err) : 0;
    if (rc == 0 && call->obligation.kind != 0) {
        call->obligation.op = call->entry_id;
        call->obligation.at = call->now;
        if (call->opened) {
            call->obligation.subject = call->subject->id;
            call->obligation.version = call->subject->context.version;
        }
        rc = queue_obligation(call, err);
    }
    return rc != 0 || call->quiet ? rc : kept_queue_entry(call, err);
}

/* Everything of one change inside the open transaction. */
static int change(struct call *call, struct kept_err *err)
{
    int rc = 0;
    bool about = (call->row->flags & KEPT_OPF_SUBJECT) != 0 ||
                 ((call->row->flags & KEPT_OPF_NAMED) != 0 && !kept_id_is_zero(&call->request->subject));
    if (about && (rc = kept_load_subject(call, err)) != 0)
        return rc;
    if (kept_admit(call) && (rc = call->row->act(call, err)) != 0)
        return rc;
    return write_down(call, err);
}

/* Journal rows of committed changes, one append and one sync an app; the store's queue holds them
 * until the journal does. */
static int journal(struct kept *kept, struct call *const *calls, size_t count, struct kept_err *err)
{
    struct kept_journal_row rows[KEPT_MAX_BATCH];
    for (size_t a = 0; a < kept->app_count; a++) {
        size_t n = 0;
        for (size_t i = 0; i < count; i++)
            if (calls[i]->app == kept->apps[a] && calls[i]->obligation.kind != 0 &&
                calls[i]->box->reply.error == 0)
                rows[n++] = calls[i]->obligation;
        int rc = n == 0 ? 0 : kept_journal_append(kept->apps[a]->keyring, rows, n, err);
        for (size_t i = 0; rc == 0 && i < n; i++)
            rc = kept_debt_note(kept->apps[a], &rows[i]);
        if (rc != 0)
            return rc;
    }
    return 0;
}

void kept_call_fail(struct call *call, int rc, const struct kept_err *err)
{
    struct kept_reply *reply = &call->box->reply;
    kept_caller_settle(call, false);
    reply->error = rc;
    reply->err = *err;
    reply->decision = KEPT_DENY;
    kept_box_drop(call->box);
    kept_unborn(call);
    reply->stripped = 0;
    reply->observed = 0;
    if (reply->json != NULL) /* a certificate of what did not happen */
        kept_wipe(reply->json, strlen(reply->json));
    kept_free(reply->json);
    reply->json = NULL;
    reply->entry = (struct kept_id){{0}};
    memset(reply->leaf, 0, sizeof reply->leaf);
    kept_buf_clear(&call->entry);
    call->obligation.kind = 0;
}

static int stop(struct kept *kept, struct kept_err *err, const char *what)
{
    char first[KEPT_ERR_TEXT];
    memcpy(first, err->text, sizeof first);
    kept->stopped = true;
    return kept_fail(err, KEPT_E_UNSETTLED, "%s (%.150s): open the store again to finish", what, first);
}

static int change_one(struct kept *kept, struct call *call, struct kept_err *err)
{
    call->subject = &kept->shells[0];
    int rc = kept_prepare(call, err);
    if (rc == 0)
        rc = change(call, err);
    kept_wipe(kept->shells[0].keys, sizeof *kept->shells[0].keys);
    return rc;
}

/* Calls that stand or fall together: mostly one alone. Returns UNDO when what they did must be undone, and there is no
 * mark to undo it to. */
static int change_unit(struct kept *kept, struct call *const *calls, size_t count, bool marked,
                       struct kept_err *err)
{
    struct kept_err own = {0};
    const uint64_t queue_hi = kept->queue_hi, journal_hi = kept->journal_hi;
    int own_rc = 0, rc = marked ? kept_store_mark(kept->store, err) : 0;
    if (rc != 0)
        return rc;
    for (size_t i = 0; own_rc == 0 && i < count; i++) {
        calls[i]->before = i > 0 ? calls[i - 1] : NULL;
        own_rc = change_one(kept, calls[i], &own);
        if (own_rc == 0)
            own_rc = kept_unit_must(calls[i], &own);
    }
    if (own_rc == 0 && calls[0]->request->dry == 0)
        return marked ? kept_store_keep(kept->store, err) : 0;
    kept->queue_hi = queue_hi;
    kept->journal_hi = journal_hi;
    for (size_t i = 0; i < count; i++)
        if (own_rc != 0)
            kept_call_fail(calls[i], own_rc, &own);
        else
            kept_unit_forget(calls[i]);
    return marked ? kept_store_undo(kept->store, err) : UNDO;
}

static void fail_as(const struct call *other, struct call *const *calls, size_t count)
{
    for (size_t i = 0; i < count; i++)
        kept_call_fail(calls[i], other->box->reply.error, &other->box->reply.err);
}

/* An empty transaction in place of the open one. */
static int empty(struct kept *kept, struct kept_err *err)
{
    kept_store_rollback(kept->store);
    return kept_store_begin_write(kept->store, err);
}

static int each_unit(struct kept *kept, struct call **calls, size_t count, bool marked, struct kept_err *err)
{
    const struct call *stopped = NULL;
    bool others = false; /* something stands in the transaction */
    int rc = 0;
    for (size_t i = 0, n = 0; rc == 0 && i < count; i += n) {
        n = kept_unit_size(calls + i, count - i);
        if (kept_mark_passes(stopped, calls + i, n))
            fail_as(stopped, calls + i, n);
        else if ((rc = change_unit(kept, calls + i, n, marked, err)) == 0)
            others = true;
        else if (rc == UNDO && !others)
            rc = empty(kept, err);
        if (stopped == NULL && rc == 0)
            stopped = kept_mark_stopped(calls + i, n);
    }
    return rc;
}

/* One of several is to be undone: nothing of any happened, and they begin anew, with marks. */
static int again(struct kept *kept, struct call **calls, size_t count, struct kept_err *err)
{
    int rc = empty(kept, err);
    kept->wary = WARY_RUNS;
    for (size_t i = count; i > 0; i--) /* the first of those who were born gives the number back last */
        kept_unborn(calls[i - 1]);
    for (size_t i = 0; rc == 0 && i < count; i++)
        if (kept_call_restart(calls[i]) != 0)
            rc = kept_fail(err, KEPT_E_NOMEM, "no memory to decide again");
    return rc == 0 ? each_unit(kept, calls, count, true, err) : rc;
}

/* The run's transaction. On failure nothing of it happened, and every call says so. */
static int transact(struct kept *kept, struct call **calls, size_t count, struct kept_err *err)
{
    const uint64_t queue_hi = kept->queue_hi, journal_hi = kept->journal_hi;
    bool marked = kept->wary > 0;
    kept->wary -= marked ? 1 : 0;
    int rc = kept_store_begin_write(kept->store, err);
    if (rc == 0)
        rc = each_unit(kept, calls, count, marked, err);
    if (rc == UNDO) {
        kept->queue_hi = queue_hi;
        kept->journal_hi = journal_hi;
        rc = again(kept, calls, count, err);
    }
    if (rc == 0 && kept_unit_all_dry(calls, count)) {
        kept_store_rollback(kept->store);
        return 0;
    }
    if (rc == 0)
        rc = kept_marks_put(kept, calls, count, err);
    if (rc == 0)
        rc = kept_meta_put_u64(kept->store, "clock", (uint64_t)kept->last_now, err);
    if (rc == 0)
        rc = kept_store_commit(kept->store, err);
    if (rc == 0)
        return 0;
    kept_store_rollback(kept->store);
    for (size_t i = 0; i < count; i++)
        if (calls[i]->box->reply.error == 0)
            kept_call_fail(calls[i], rc, err);
    return rc;
}

/* What was committed reaches journal and ledger. */
static void settle(struct kept *kept, struct call **calls, size_t count, struct kept_err *err)
{
    kept->change_seq++;
    for (size_t i = 0; i < count; i++)
        kept_caller_settle(calls[i], true);
    int rc = journal(kept, calls, count, err);
    if (rc != 0)
        rc = stop(kept, err, "the change is in the store, its obligation not in the journal");
    else if ((rc = kept_place(kept, calls, count, err)) != 0)
        rc = stop(kept, err, "the change is in the store, its entry not in the ledger");
    for (size_t i = 0; rc != 0 && i < count; i++)
        if (calls[i]->box->reply.error == 0)
            kept_call_fail(calls[i], rc, err);
}

int kept_change_own(struct call *call, struct kept_err *err)
{
    int rc = call->row->act(call, err);
    if (rc == 0)
        rc = write_down(call, err);
    if (rc == 0)
        rc = kept_store_commit(call->kept->store, err);
    if (rc != 0) {
        kept_store_rollback(call->kept->store);
        return rc;
    }
    settle(call->kept, &call, 1, err);
    return call->box->reply.error;
}

int kept_change_batch(struct kept *kept, struct call **calls, size_t count, struct kept_err *err)
{
    int rc = transact(kept, calls, count, err);
    if (rc == 0)
        settle(kept, calls, count, err);
    /* The disk is full, perhaps: what people are owed gets the room that was kept for it. */
    for (size_t i = 0; i < count && !kept->stopped; i++)
        if (calls[i]->box->reply.error == KEPT_E_IO && kept_is_owed(calls[i]) &&
            (kept->reserve_used || kept_reserve_free(kept)) &&
            kept_call_restart(calls[i]) == 0 && transact(kept, &calls[i], 1, err) == 0)
            settle(kept, &calls[i], 1, err);
    return 0;
}

/* Operations with transactions of their own: publish, rotate, tick. */
int kept_change_alone(struct kept *kept, struct call *call, struct kept_err *err)
{
    struct kept_err own = {0};
    call->subject = &kept->shells[0];
    int rc = kept_prepare(call, &own);
    if (rc == 0 && call->request->op != KEPT_OP_POLICY_PUBLISH && !kept_admit(call)) {
        rc = kept_store_begin_write(kept->store, &own);
        if (rc == 0 && (rc = kept_queue_entry(call, &own)) == 0)
            rc = kept_store_commit(kept->store, &own);
    } else if (rc == 0) {
        rc = call->row->act(call, &own);
    }
    kept_store_rollback(kept->store);
    kept_wipe(kept->shells[0].keys, sizeof *kept->shells[0].keys);
    kept->change_seq++;
    if (rc != 0) {
        kept_call_fail(call, rc, &own);
        return 0;
    }
    if ((rc = kept_place(kept, &call, 1, err)) != 0) {
        rc = stop(kept, err, "the change is in the store, its entry not in the ledger");
        kept_call_fail(call, rc, err);
    }
    return 0;
}
