/* flight.c - calls in flight: which share a transaction, and when a reply may leave.
 *
 * Calls are taken in the order of their submission, in runs: a run of reads shares one read
 * transaction and one sync of the ledger; a run of changes shares one commit. A change's reply may
 * leave after the commit; a read's waits until its entry is durable. Before a read is released the
 * person's version is looked at again: if it moved, the operation is decided again. So after the
 * reply to a withdrawal or an erasure nothing is released that it forbids. */
#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "engine/staff_int.h"

#define MAX_ATTEMPTS 8u
#define READS 0u /* a kind of run beside those that KEPT_OPF_* name */

/* ---- release -------------------------------------------------------------------------------- */

static void push(struct call ***end, struct call *call)
{
    call->next = NULL;
    **end = call;
    *end = &call->next;
}

int kept_moved(struct kept *kept, struct sight *sight, bool *ret_moved, struct kept_err *err)
{
    struct kept_head head;
    struct kept_span body;
    uint64_t key = 0;
    *ret_moved = sight->app_generation != sight->app->generation;
    if (*ret_moved || sight->change_seq == kept->change_seq || kept_id_is_zero(&sight->subject))
        return 0;
    int rc = kept_subject_key(&sight->subject, sight->app->number, &key);
    if (rc == 0)
        rc = kept_store_begin_read(kept->store, err);
    if (rc != 0)
        return rc;
    rc = kept_cell_get(kept->store, key, &body, err);
    if (rc == KEPT_E_NOTFOUND) {
        *ret_moved = true;
        rc = 0;
    } else if (rc == 0 && (rc = kept_head_decode(key, body, &head)) == 0) {
        *ret_moved = head.version != sight->version;
    }
    kept_store_end_read(kept->store);
    if (rc == 0 && !*ret_moved)
        sight->change_seq = kept->change_seq;
    return rc;
}

struct sight kept_sight(const struct call *call)
{
    return (struct sight){call->app, call->box->reply.subject, call->box->reply.version,
                          call->change_seq, call->app_generation};
}

/* Did anything move since the call was decided that concerns it? */
static int moved(struct kept *kept, struct call *call, bool *ret_moved, struct kept_err *err)
{
    struct sight sight = kept_sight(call);
    int rc = kept_moved(kept, &sight, ret_moved, err);
    call->change_seq = sight.change_seq;
    return rc;
}

static int carry_out(struct kept *kept, struct call **calls, size_t count, unsigned kind,
                     struct kept_err *err);
static unsigned kind_of(const struct call *call);

void kept_flight_settle(struct kept *kept)
{
    struct call *calls[KEPT_READ_RUN];
    size_t count = kept_reading(kept) ? kept_read_close(kept, calls) : 0;
    for (size_t i = 0; i < count; i++)
        push(&kept->waiting_end, calls[i]);
}

/* Throw the verdict away and make another. The call keeps its place: replies of reads leave in the
 * order of their submission. */
static int decide_again(struct kept *kept, struct call *call, struct kept_err *err)
{
    int rc = kept_call_restart(call);
    if (rc != 0)
        return kept_fail(err, rc, "no memory to decide again");
    call->attempts++;
    kept_flight_settle(kept);
    return carry_out(kept, &call, 1, kind_of(call), err);
}

/* Move what is durable and still true from waiting to ready. */
static void release(struct kept *kept)
{
    bool failed = kept_scribe_take(kept);
    while (kept->waiting != NULL) {
        struct call *call = kept->waiting;
        struct kept_err err = {0};
        bool again = false;
        int rc = call->box->reply.error;
        if (rc == 0 && kept_ledger_durable(call->app->ledger) <= call->index) {
            if (!failed)
                break;
            kept_call_fail(call, kept_fail(&err, KEPT_E_IO, "the ledger cannot be written: nothing is "
                                                       "released until the store is opened again"),
                      &err);
        } else if (rc == 0 && (rc = moved(kept, call, &again, &err)) != 0) {
            kept_call_fail(call, rc, &err);
        }
        if (again && call->attempts < MAX_ATTEMPTS && (rc = decide_again(kept, call, &err)) == 0)
            continue;
        if (again) {
            if (rc == 0)
                rc = kept_fail(&err, KEPT_E_CONFLICT,
                               "the person's context kept changing: try again");
            kept_call_fail(call, rc, &err);
        }
        kept->waiting = call->next;
        if (kept->waiting == NULL)
            kept->waiting_end = &kept->waiting;
        kept_box_finish(call->box);
        push(&kept->ready_end, call);
    }
}

/* ---- runs ----------------------------------------------------------------------------------- */

static unsigned kind_of(const struct call *call)
{
    const struct kept_op_row *row = kept_op_row(call->request->op);
    if (row == NULL)
        return KEPT_OPF_CHANGE;
    if (row->op == KEPT_OP_USE) /* a value by stream is opened apart */
        return call->stream != NULL ? KEPT_OPF_ERASED : READS;
    return (row->flags & KEPT_OPF_CHANGE) == 0 ? KEPT_OPF_ERASED
                                               : row->flags & (KEPT_OPF_CHANGE | KEPT_OPF_SOLO);
}

static int carry_out(struct kept *kept, struct call **calls, size_t count, unsigned kind,
                     struct kept_err *err)
{
    struct call *same[KEPT_READ_RUN];
    if (kept->stopped || kept_log_failed(kept))
        return kept_fail(err, KEPT_E_IO, "a write failed after a commit: open the store again");
    if (kind == READS) {
        kept_read_open(kept, calls, count);
        (void)kept_read_close(kept, same);
        return 0;
    }
    kept_scribe_wait(kept);
    if (kind != KEPT_OPF_ERASED)
        return (kind & KEPT_OPF_SOLO) != 0 ? kept_change_alone(kept, calls[0], err)
                                           : kept_change_batch(kept, calls, count, err);
    kept_read_alone(kept, calls[0]);
    return 0;
}

static size_t take(struct kept *kept, unsigned kind, size_t most, struct call **calls)
{
    size_t count = 0;
    while (kept->inbox != NULL && count < most && kind_of(kept->inbox) == kind &&
           (kept->inbox->place > 0 || count + kept_unit_waiting(kept->inbox) <= most)) {
        calls[count++] = kept->inbox;
        kept->inbox = kept->inbox->next;
    }
    if (kept->inbox == NULL)
        kept->inbox_end = &kept->inbox;
    return count;
}

/* Begin with the next run, if it is one of reads, and leave it to the readers' threads: they need not
 * stand still while replies are handed out. */
static void read_ahead(struct kept *kept)
{
    struct call *calls[KEPT_READ_RUN];
    if (kept->inbox != NULL && kind_of(kept->inbox) == READS && kept->reader_count != 0 &&
        !kept->stopped && !kept_log_failed(kept))
        kept_read_open(kept, calls, take(kept, READS, KEPT_READ_RUN, calls));
}

/* Take the next run of calls of one kind from the inbox and carry it out. A failure is in the
 * replies, not in the run. */
static void run(struct kept *kept)
{
    struct call *calls[KEPT_MAX_BATCH];
    struct kept_err err = {0};
    unsigned kind = kind_of(kept->inbox);
    bool alone = kind == KEPT_OPF_ERASED || (kind & KEPT_OPF_SOLO) != 0;
    size_t count = take(kept, kind, alone ? 1 : kind == READS ? KEPT_READ_RUN : KEPT_MAX_BATCH, calls);
    int rc = carry_out(kept, calls, count, kind, &err);
    for (size_t i = 0; i < count; i++) {
        if (rc != 0 && calls[i]->box->reply.error == 0)
            kept_call_fail(calls[i], rc, &err);
        /* A change is durable with its commit; a read waits for its entry. */
        if (kind == READS || kind == KEPT_OPF_ERASED)
            push(&kept->waiting_end, calls[i]);
        else {
            kept_box_finish(calls[i]->box);
            push(&kept->ready_end, calls[i]);
        }
    }
}

static int submit(struct kept *kept, const struct kept_request *request, const struct kept_caller_row *by,
                  struct kept_stream *stream, struct kept_err *err)
{
    if (kept->in_flight >= KEPT_MAX_IN_FLIGHT)
        return kept_fail(err, KEPT_E_LIMIT, "%u operations are in flight: reap first",
                         KEPT_MAX_IN_FLIGHT);
    unsigned place = 0;
    int rc = kept_unit_place(kept, request, &place, err);
    if (rc != 0)
        return rc;
    struct call *call = kept_call_new(kept);
    if (call == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for an operation");
    call->request = request;
    call->by = by;
    call->stream = stream;
    call->place = place;
    kept->newest = call;
    call->box->reply.tag = request->tag;
    push(&kept->inbox_end, call);
    kept->in_flight++;
    return 0;
}

/* Nothing is under way. */
static bool idle(const struct kept *kept)
{
    return kept->inbox == NULL && kept->waiting == NULL && !kept_reading(kept);
}

/* Work until a reply is ready, or nothing is left to do; not longer than it takes unless wait. */
static void work(struct kept *kept, int wait)
{
    for (;;) {
        if (kept_reading(kept)) {
            if (!kept_read_share(kept)) { /* while others finish what they took, replies may leave */
                release(kept);
                if (kept->ready != NULL)
                    break;
            }
            kept_flight_settle(kept);
        } else if (kept->inbox != NULL)
            run(kept);
        read_ahead(kept);
        release(kept);
        if (kept->ready != NULL || idle(kept))
            break;
        if (kept->inbox != NULL || kept_reading(kept))
            continue;
        if (!wait)
            break;
        /* Its failure is found, and told to each call, by release. */
        kept_scribe_wait_for(kept, kept->waiting);
    }
}

/* The next reply that may leave, and which request it answers; NULL: none may. */
static struct kept_reply *leave(struct kept *kept, const struct kept_request **ret_request)
{
    struct call *call = kept->ready;
    if (call == NULL)
        return NULL;
    struct kept_reply *reply = &call->box->reply;
    kept_observe_count(call);
    kept_watch(call);
    *ret_request = call->request;
    if ((kept->ready = call->next) == NULL)
        kept->ready_end = &kept->ready;
    call->box = NULL;
    kept->in_flight--;
    kept_call_release(kept, call);
    return reply;
}

static void reap(struct kept *kept, struct kept_reply **ret_replies, size_t max, int wait,
                 size_t *ret_count)
{
    const struct kept_request *request = NULL;
    size_t count = 0;
    work(kept, wait);
    while (count < max && kept->ready != NULL)
        ret_replies[count++] = leave(kept, &request);
    *ret_count = count;
}

/* A store that went quiet is signed at once. A failure shows at the next change or at close. */
static void sign(struct kept *kept)
{
    if (idle(kept) && kept->dirty && !kept->stopped)
        (void)kept_checkpoint(kept, 0, NULL);
}

int kept_flight_submit(struct kept *kept, const struct kept_request *request, struct kept_err *err)
{
    (void)pthread_mutex_lock(&kept->mutex);
    int rc = submit(kept, request, NULL, NULL, err);
    if (rc == 0)
        kept_bell_ring(&kept->bell); /* there is work for the one who reaps */
    (void)pthread_mutex_unlock(&kept->mutex);
    return rc;
}

/* What was queued behind a place goes again. */
static void take_back(struct kept *kept, struct call **end, struct call *newest)
{
    struct call *call = *end;
    *end = NULL;
    kept->inbox_end = end;
    kept->newest = newest;
    while (call != NULL) {
        struct call *next = call->next;
        kept_reply_free(&call->box->reply);
        call->box = NULL;
        kept->in_flight--;
        kept_call_release(kept, call);
        call = next;
    }
}

int kept_flight_submit_all(struct kept *kept, const struct kept_caller_row *who,
                           const struct kept_request *const *requests, size_t count, struct kept_err *err)
{
    (void)pthread_mutex_lock(&kept->mutex);
    struct call **end = kept->inbox_end, *newest = kept->newest;
    int rc = count > 0 && requests[0]->follows != 0
                 ? kept_fail(err, KEPT_E_USAGE, "the first of several requests has none before it to follow")
                 : 0;
    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = submit(kept, requests[i], who, NULL, err);
    if (rc != 0)
        take_back(kept, end, newest);
    else
        kept_bell_ring(&kept->bell);
    (void)pthread_mutex_unlock(&kept->mutex);
    return rc;
}

int kept_flight_reap(struct kept *kept, struct kept_reply **ret_replies, size_t max, int wait,
                     size_t *ret_count, struct kept_err *err)
{
    (void)err; /* every failure is in the reply of its operation */
    (void)pthread_mutex_lock(&kept->mutex);
    kept_bell_hush(&kept->bell); /* what rings from now on was not looked at */
    reap(kept, ret_replies, max, wait, ret_count);
    if (kept->ready != NULL || kept->inbox != NULL || kept_reading(kept))
        kept_bell_ring(&kept->bell);
    sign(kept);
    (void)pthread_mutex_unlock(&kept->mutex);
    return 0;
}

int kept_flight_call(struct kept *kept, const struct kept_request *request,
                     struct kept_stream *stream, struct kept_reply **ret_reply,
                     struct kept_err *err)
{
    size_t count = 0;
    (void)pthread_mutex_lock(&kept->mutex);
    int rc = kept->in_flight != 0
                 ? kept_fail(err, KEPT_E_CONFLICT, "operations are in flight: reap them first")
                 : submit(kept, request, NULL, stream, err);
    if (rc == 0)
        reap(kept, ret_reply, 1, 1, &count);
    (void)pthread_mutex_unlock(&kept->mutex);
    if (rc == 0 && (*ret_reply)->error != 0) {
        rc = (*ret_reply)->error;
        if (err != NULL)
            *err = (*ret_reply)->err;
        kept_reply_free(*ret_reply);
        *ret_reply = NULL;
    }
    return rc;
}

/* Take back what was submitted and not begun. */
static void forget(struct kept *kept)
{
    while (kept->inbox != NULL) {
        struct call *call = kept->inbox;
        kept->inbox = call->next;
        kept_reply_free(&call->box->reply);
        call->box = NULL;
        kept->in_flight--;
        kept_call_release(kept, call);
    }
    kept->inbox_end = &kept->inbox;
    kept->newest = NULL;
}

int kept_flight_batch(struct kept *kept, const struct kept_request *requests, size_t count,
                      struct kept_reply **ret_replies, struct kept_err *err)
{
    const struct kept_request *of = NULL;
    if (count > KEPT_MAX_IN_FLIGHT)
        return kept_fail(err, KEPT_E_LIMIT, "a batch has at most %u operations, not %zu: make several",
                         KEPT_MAX_IN_FLIGHT, count);
    (void)pthread_mutex_lock(&kept->mutex);
    int rc = kept->in_flight == 0
                 ? 0
                 : kept_fail(err, KEPT_E_CONFLICT, "operations are in flight: reap them first");
    bool begun = rc == 0;
    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = submit(kept, &requests[i], NULL, NULL, err);
    if (rc != 0 && begun)
        forget(kept);
    for (size_t done = 0; rc == 0 && done < count;) {
        work(kept, 1);
        for (struct kept_reply *reply; (reply = leave(kept, &of)) != NULL; done++)
            ret_replies[of - requests] = reply;
    }
    sign(kept);
    (void)pthread_mutex_unlock(&kept->mutex);
    return rc;
}
