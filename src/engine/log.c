/* log.c - the thread that makes ledger entries durable while the next batch is decided. */
#include <errno.h>

#include "base/error.h"
#include "engine/engine_int.h"

/* A checkpoint covers what was acknowledged at most this long ago, also when nobody calls. */
#define IDLE_SECONDS 1
/* Runs of reads that may share a sync: more would let the first of them wait too long. */
#define RUNS_A_SYNC 4u

/* The next app with something to sync, under log_mutex. */
static struct app *due(struct kept *kept, uint64_t *ret_ticket)
{
    for (size_t i = 0; i < kept->app_count; i++)
        if (kept->apps[i]->ticket > kept_ledger_durable(kept->apps[i]->ledger)) {
            *ret_ticket = kept->apps[i]->ticket;
            return kept->apps[i];
        }
    return NULL;
}

/* Nobody called for a while: sign what is not signed yet. Never blocks a caller. */
static void idle(struct kept *kept)
{
    if (pthread_mutex_trylock(&kept->mutex) != 0)
        return;
    if (kept->dirty && kept->waiting == NULL && !kept_reading(kept) && !kept->stopped)
        (void)kept_checkpoint(kept, 0, NULL);
    (void)pthread_mutex_unlock(&kept->mutex);
}

static void *log_main(void *arg)
{
    struct kept *kept = arg;
    (void)pthread_mutex_lock(&kept->log_mutex);
    while (!kept->log_stop) {
        uint64_t ticket = 0;
        unsigned runs = 0;
        while (!kept_scribe_helped(kept) && runs < RUNS_A_SYNC && kept_scribe_write(kept))
            runs++;
        struct app *app = kept->log_failed == 0 ? due(kept, &ticket) : NULL;
        if (app != NULL) {
            (void)pthread_mutex_unlock(&kept->log_mutex);
            int rc = kept_ledger_sync(app->ledger, ticket, NULL);
            (void)pthread_mutex_lock(&kept->log_mutex);
            if (rc != 0)
                kept->log_failed = rc;
            (void)pthread_cond_broadcast(&kept->log_done);
            kept_bell_ring(&kept->bell);
            continue;
        }
        struct timespec until;
        /* A condition's deadline, not a time that reaches any record. */
        (void)timespec_get(&until, TIME_UTC);
        until.tv_sec += IDLE_SECONDS;
        if (pthread_cond_timedwait(&kept->log_work, &kept->log_mutex, &until) == ETIMEDOUT &&
            !kept->log_stop) {
            (void)pthread_mutex_unlock(&kept->log_mutex);
            idle(kept);
            (void)pthread_mutex_lock(&kept->log_mutex);
        }
    }
    (void)pthread_mutex_unlock(&kept->log_mutex);
    return NULL;
}

int kept_log_start(struct kept *kept, struct kept_err *err)
{
    if (kept_thread_start(&kept->log_thread, log_main, kept) != 0)
        return kept_fail(err, KEPT_E_NOMEM, "cannot start the thread that writes the ledger");
    kept->log_running = true;
    return 0;
}

void kept_log_stop(struct kept *kept)
{
    if (!kept->log_running)
        return;
    (void)pthread_mutex_lock(&kept->log_mutex);
    kept->log_stop = true;
    (void)pthread_cond_broadcast(&kept->log_work);
    (void)pthread_mutex_unlock(&kept->log_mutex);
    (void)pthread_join(kept->log_thread, NULL);
    kept->log_running = false;
}

void kept_log_kick(struct kept *kept, struct app *app)
{
    if (kept_ledger_size(app->ledger) <= app->ticket)
        return;
    (void)pthread_mutex_lock(&kept->log_mutex);
    app->ticket = kept_ledger_flush(app->ledger);
    (void)pthread_cond_signal(&kept->log_work);
    (void)pthread_mutex_unlock(&kept->log_mutex);
}

bool kept_log_failed(struct kept *kept)
{
    (void)pthread_mutex_lock(&kept->log_mutex);
    bool failed = kept->log_failed != 0;
    (void)pthread_mutex_unlock(&kept->log_mutex);
    return failed;
}

int kept_log_wait(struct kept *kept, const struct app *app, uint64_t entries, struct kept_err *err)
{
    int rc = 0;
    (void)pthread_mutex_lock(&kept->log_mutex);
    while (kept_ledger_durable(app->ledger) < entries && (rc = kept->log_failed) == 0)
        (void)pthread_cond_wait(&kept->log_done, &kept->log_mutex);
    (void)pthread_mutex_unlock(&kept->log_mutex);
    return rc == 0 ? 0 : kept_fail(err, KEPT_E_IO, "the ledger cannot be written");
}

/* Rows that reached ledger and journal leave the queues, with how far both files reached. */
static int clear_queues(struct kept *kept, struct kept_err *err)
{
    char name[32];
    if (kept->queue_hi == kept->queue_done && kept->journal_hi == kept->journal_done)
        return 0;
    int rc = kept_store_begin_write(kept->store, err);
    if (rc == 0)
        rc = kept_queue_delete(kept->store, KEPT_QUEUE_LEDGER, kept->queue_hi, err);
    if (rc == 0)
        rc = kept_queue_delete(kept->store, KEPT_QUEUE_JOURNAL, kept->journal_hi, err);
    for (size_t i = 0; rc == 0 && i < kept->app_count; i++) {
        struct app *app = kept->apps[i];
        (void)snprintf(name, sizeof name, "floor.%u", app->number);
        rc = kept_meta_put_u64(kept->store, name, kept_ledger_durable(app->ledger), err);
        (void)snprintf(name, sizeof name, "journal.%u", app->number);
        if (rc == 0)
            rc = kept_meta_put_u64(kept->store, name, kept_journal_length(app->keyring), err);
    }
    if (rc == 0)
        rc = kept_store_commit(kept->store, err);
    if (rc != 0) {
        kept_store_rollback(kept->store);
        return rc;
    }
    kept->queue_done = kept->queue_hi;
    kept->journal_done = kept->journal_hi;
    return 0;
}

int kept_checkpoint(struct kept *kept, int force, struct kept_err *err)
{
    kept_ms now = kept->last_now;
    int rc = 0;
    if (!force && now - kept->checkpoint_at < KEPT_SECOND && now >= kept->checkpoint_at)
        return 0;
    kept_scribe_wait(kept);
    for (size_t i = 0; i < kept->app_count; i++)
        kept_log_kick(kept, kept->apps[i]);
    for (size_t i = 0; rc == 0 && i < kept->app_count; i++)
        if (kept->log_running && pthread_equal(pthread_self(), kept->log_thread))
            rc = kept_ledger_sync(kept->apps[i]->ledger, kept->apps[i]->ticket, err);
        else
            rc = kept_log_wait(kept, kept->apps[i], kept->apps[i]->ticket, err);
    if (rc == 0)
        rc = clear_queues(kept, err);
    for (size_t i = 0; rc == 0 && i < kept->app_count; i++) {
        struct app *app = kept->apps[i];
        rc = kept_ledger_checkpoint(app->ledger, now, force, err);
        if (rc == 0 && kept_ledger_size(app->ledger) / KEPT_AUDIT_ENTRIES != app->audit_block &&
            (rc = kept_keyring_new_audit(app->keyring, now, err)) == 0)
            app->audit_block++;
    }
    if (rc != 0)
        return rc;
    kept->checkpoint_at = now;
    kept->dirty = false;
    return 0;
}
