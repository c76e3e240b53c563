/* scribe.c - the entries of reads are sealed and placed by another thread, while the next run of
 * reads is decided.
 *
 * A run's calls are handed over in a ring of sheets: the caller's thread fills sheets and takes the
 * written ones back, in order. A reader's thread writes them before it reads on, for it runs on a
 * processor of its own; the log thread where there is none; the caller's when it would only wait. What an entry says stands in the call, which does not change until its reply leaves; the trace
 * keys are copied into guarded memory, and wiped there when the sheet is written. While a sheet is
 * under way its writer alone appends to a ledger: everything else that appends, signs or reads a
 * ledger waits for the scribe first. */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "engine/engine_int.h"

#define SHEETS 8u

/* One handed over call, and what became of it. */
struct line {
    struct call *call;
    uint64_t index;
    int rc;
};

struct sheet {
    struct line lines[KEPT_READ_RUN];
    size_t count;
    uint8_t (*traces)[KEPT_TRACE_BYTES]; /* guarded, parallel to lines */
};

struct scribe {
    struct sheet sheets[SHEETS];
    uint64_t filled, written, taken; /* counts of sheets, under the log mutex */
    bool writing;                    /* somebody writes the next sheet */
    bool helped;                     /* the last one was left to the readers' threads */
    uint8_t (*traces)[KEPT_TRACE_BYTES];
    struct kept_buf actor, subject; /* the writer's scratch */
};

struct scribe *kept_scribe_new(void)
{
    struct scribe *scribe = kept_alloc(1, sizeof *scribe);
    if (scribe == NULL)
        return NULL;
    kept_buf_init_secret(&scribe->actor, KEPT_MAX_ENTRY_BYTES);
    kept_buf_init_secret(&scribe->subject, KEPT_MAX_ENTRY_BYTES);
    scribe->traces = kept_secret_new((size_t)SHEETS * KEPT_READ_RUN * sizeof *scribe->traces);
    if (scribe->traces == NULL) {
        kept_free(scribe);
        return NULL;
    }
    for (size_t i = 0; i < SHEETS; i++)
        scribe->sheets[i].traces = scribe->traces + i * KEPT_READ_RUN;
    return scribe;
}

void kept_scribe_free(struct scribe *scribe)
{
    if (scribe == NULL)
        return;
    kept_secret_free(scribe->traces);
    kept_buf_release(&scribe->actor);
    kept_buf_release(&scribe->subject);
    kept_free(scribe);
}

void kept_scribe_abandon(struct scribe *scribe)
{
    if (scribe != NULL)
        kept_secret_free(scribe->traces);
}

/* ---- writing -------------------------------------------------------------------------------- */

static int write_line(struct scribe *scribe, struct line *line, const uint8_t *trace)
{
    struct call *call = line->call;
    if (call == NULL)
        return 0; /* it failed: nothing to tell, and it may have left */
    if (!call->tagged)
        trace = NULL;
    int rc = kept_call_write(call, trace, &scribe->actor, &scribe->subject, NULL);
    if (rc == 0)
        rc = kept_ledger_append(call->app->ledger, kept_buf_span(&call->entry),
                                trace != NULL ? trace + KEPT_KEY_BYTES : NULL, &line->index,
                                call->box->reply.leaf, NULL);
    return rc;
}

bool kept_scribe_write(struct kept *kept)
{
    struct scribe *scribe = kept->scribe;
    if (scribe->writing || scribe->written == scribe->filled || kept->log_failed != 0)
        return false;
    struct sheet *sheet = &scribe->sheets[scribe->written % SHEETS];
    scribe->writing = true;
    (void)pthread_mutex_unlock(&kept->log_mutex);
    for (size_t i = 0; i < sheet->count; i++)
        sheet->lines[i].rc = write_line(scribe, &sheet->lines[i], sheet->traces[i]);
    kept_wipe(sheet->traces, sheet->count * sizeof *sheet->traces);
    (void)pthread_mutex_lock(&kept->log_mutex);
    for (size_t i = 0; i < sheet->count; i++)
        if (sheet->lines[i].rc == 0 && sheet->lines[i].index != KEPT_NO_PLACE)
            sheet->lines[i].call->app->ticket = sheet->lines[i].index + 1;
    scribe->written++;
    scribe->writing = false;
    (void)pthread_cond_broadcast(&kept->log_done); /* its places are known */
    kept_bell_ring(&kept->bell);                   /* or else failed, and may leave */
    return true;
}

bool kept_scribe_helped(const struct kept *kept)
{
    return kept->scribe->helped;
}

void kept_scribe_help(struct kept *kept)
{
    (void)pthread_mutex_lock(&kept->log_mutex);
    while (kept_scribe_write(kept))
        continue;
    (void)pthread_mutex_unlock(&kept->log_mutex);
    (void)pthread_cond_signal(&kept->log_work); /* who wakes up finds the mutex free */
}

/* ---- the caller's side ---------------------------------------------------------------------- */

/* Take written sheets back, under the log mutex: from now on their calls know their places. */
static void take_back(struct scribe *scribe)
{
    for (; scribe->taken < scribe->written; scribe->taken++) {
        struct sheet *sheet = &scribe->sheets[scribe->taken % SHEETS];
        for (size_t i = 0; i < sheet->count; i++) {
            struct call *call = sheet->lines[i].call;
            struct kept_err err = {0};
            if (call == NULL)
                continue;
            call->index = sheet->lines[i].index;
            if (sheet->lines[i].rc != 0)
                kept_call_fail(call,
                               kept_fail(&err, sheet->lines[i].rc, "cannot write the ledger entry"),
                               &err);
        }
    }
}

/* Did the log fail? Then no sheet is begun any more; but one that is being written has calls at hand. */
static bool failed(struct kept *kept)
{
    while (kept->log_failed != 0 && kept->scribe->writing)
        (void)pthread_cond_wait(&kept->log_done, &kept->log_mutex);
    return kept->log_failed != 0;
}

/* Another thread may be held up for long, in a sync say; what it has not begun is written here. */
static void help_or_wait(struct kept *kept)
{
    if (kept_scribe_write(kept))
        (void)pthread_cond_signal(&kept->log_work);
    else
        (void)pthread_cond_wait(&kept->log_done, &kept->log_mutex);
}

uint8_t (*kept_scribe_sheet(struct kept *kept))[KEPT_TRACE_BYTES]
{
    struct scribe *scribe = kept->scribe;
    (void)pthread_mutex_lock(&kept->log_mutex);
    take_back(scribe);
    while (scribe->filled - scribe->taken == SHEETS && kept->log_failed == 0) {
        help_or_wait(kept);
        take_back(scribe);
    }
    bool none = failed(kept);
    (void)pthread_mutex_unlock(&kept->log_mutex);
    /* Nobody else's until it is filled. */
    return none ? NULL : scribe->sheets[scribe->filled % SHEETS].traces;
}

void kept_scribe_hand(struct kept *kept, struct call *const *calls, size_t count)
{
    struct scribe *scribe = kept->scribe;
    struct sheet *sheet = &scribe->sheets[scribe->filled % SHEETS];
    for (size_t i = 0; i < count; i++) {
        struct call *call = calls[i];
        call->index = KEPT_NO_PLACE;
        sheet->lines[i] = (struct line){.call = call->box->reply.error == 0 ? call : NULL,
                                        .index = KEPT_NO_PLACE};
    }
    sheet->count = count;
    kept->dirty = true;
    (void)pthread_mutex_lock(&kept->log_mutex);
    scribe->filled++;
    bool helped = scribe->helped = kept_readers_run(kept->readers);
    (void)pthread_mutex_unlock(&kept->log_mutex);
    if (helped)
        kept_readers_seal(kept->readers);
    else
        (void)pthread_cond_signal(&kept->log_work);
}

bool kept_scribe_take(struct kept *kept)
{
    (void)pthread_mutex_lock(&kept->log_mutex);
    bool lost = failed(kept);
    take_back(kept->scribe);
    (void)pthread_mutex_unlock(&kept->log_mutex);
    return lost;
}

void kept_scribe_wait(struct kept *kept)
{
    struct scribe *scribe = kept->scribe;
    (void)pthread_mutex_lock(&kept->log_mutex);
    while (scribe->written < scribe->filled && !failed(kept))
        help_or_wait(kept);
    take_back(scribe);
    (void)pthread_mutex_unlock(&kept->log_mutex);
}

void kept_scribe_wait_for(struct kept *kept, const struct call *call)
{
    (void)pthread_mutex_lock(&kept->log_mutex);
    for (;;) {
        take_back(kept->scribe);
        if (call->box->reply.error != 0 || failed(kept) ||
            kept_ledger_durable(call->app->ledger) > call->index)
            break;
        help_or_wait(kept);
    }
    (void)pthread_mutex_unlock(&kept->log_mutex);
}
