/* tick.c - the engine's own work: sweeping, the end of evidence, destroying retired keys, and what
 * rotate.c, tokens.c and ends.c do.
 *
 * All of it goes in bites, each a transaction of its own, and goes on where it stopped after a
 * crash: how far keys have turned over is a row of the store, the rest are rows of `todo`. */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "engine/account_int.h"
#include "engine/minor_int.h"
#include "engine/orders.h"
#include "engine/values_int.h"

#define ROWS_A_BITE 8192u
#define SWEEPS_A_TICK 1024u

int kept_at_home(struct call *call, uint64_t key, struct kept_err *err)
{
    uint32_t number = (uint32_t)(key >> (KEPT_SUBJECT_BITS + KEPT_SLOT_BITS));
    for (size_t i = 0; i < call->kept->app_count; i++)
        if (call->kept->apps[i]->number == number) {
            struct app *app = call->kept->apps[i];
            const struct kept_policy *policy = kept_app_in_force(app, call->now);
            if (policy == NULL)
                break;
            call->app = app;
            call->info = kept_policy_info(policy);
            return kept_load_key(call, key, err);
        }
    return kept_fail(err, KEPT_E_CORRUPT, "work is left for an app that is not in the store");
}

static uint64_t last_key(uint64_t head)
{
    return head | KEPT_MAX_RECORDS;
}

/* ---- sweeping --------------------------------------------------------------------------------- */

/* Delete what an erased person left: up to limit rows. *ret_clean: nothing is left. */
static int sweep_rows(struct call *call, uint64_t key, bool *ret_clean, struct kept_err *err)
{
    struct kept_store *store = call->kept->store;
    uint32_t left = ROWS_A_BITE, n = 0;
    uint64_t from = key | 1;
    int rc = kept_at_home(call, key, err);
    bool gone = rc == KEPT_E_NOTFOUND;
    *ret_clean = false;
    if (gone) { /* the head went before, or its epoch: no law keeps anything */
        call->subject->dir_count = 0;
        rc = 0;
    }
    enum kept_subject_state state = call->subject->context.state;
    if (rc == 0 && !gone && state != KEPT_S_ERASED &&
        state != KEPT_S_KEPT_BY_LAW) /* nobody erased this person: the row is not ours */
        return kept_todo_delete(store, KEPT_TODO_SWEEP, key, err);
    /* Between the records that a law keeps. */
    for (size_t i = 0; rc == 0 && left > 0 && i <= call->subject->dir_count; i++) {
        bool last = i == call->subject->dir_count;
        uint64_t to = last ? last_key(key) : (key | call->subject->dir[i].slot) - 1;
        if (from <= to) {
            rc = kept_cell_delete_range(store, from, to, left, &n, err);
            left -= rc == 0 ? n : 0;
            if (rc == 0 && left > 0 &&
                (rc = kept_chunk_delete_range(store, from, to, KEPT_CHUNKS_A_BITE, &n, err)) == 0)
                left -= n == KEPT_CHUNKS_A_BITE ? left : n; /* large: that is a bite by itself */
            if (rc == 0 && left > 0 &&
                (rc = kept_token_delete_range(store, from, to, left, &n, err)) == 0)
                left -= n;
        }
        if (!last)
            from = (key | call->subject->dir[i].slot) + 1;
    }
    if (rc == 0 && left > 0) { /* the directory's pages */
        rc = kept_chunk_delete_range(store, key, key, left, &n, err);
        left -= rc == 0 ? n : 0;
    }
    *ret_clean = left > 0;
    return rc;
}

static int finish_sweeps(struct call *call, const uint64_t *keys, size_t count,
                         struct kept_err *err)
{
    struct kept_store *store = call->kept->store;
    int rc = kept_store_begin_write(store, err);
    for (size_t i = 0; rc == 0 && i < count; i++) {
        rc = kept_at_home(call, keys[i], err);
        if (rc == 0) {
            call->subject->swept_at = call->now;
            rc = kept_put_head(call, err);
        }
        if (rc == 0 || rc == KEPT_E_NOTFOUND)
            rc = kept_todo_delete(store, KEPT_TODO_SWEEP, keys[i], err);
    }
    if (rc == 0)
        rc = kept_store_commit(store, err);
    if (rc != 0)
        kept_store_rollback(store);
    return rc;
}

/* The next person due. KEPT_E_NOTFOUND: nobody. */
static int next_due(struct call *call, enum kept_todo kind, uint64_t *ret_key, struct kept_err *err)
{
    kept_ms at = 0;
    return kept_todo_next(call->kept->store, kind, call->now, ret_key, &at, err);
}

/* One bite of one sweep. *ret_clean: nothing is left of this person. */
static int sweep_one(struct call *call, uint64_t key, struct upkeep *work, bool *ret_clean,
                     struct kept_err *err)
{
    struct kept_store *store = call->kept->store;
    int rc = sweep_rows(call, key, ret_clean, err);
    if (rc == KEPT_E_CORRUPT) {
        work->damaged++;
        return kept_todo_put(store, KEPT_TODO_SWEEP, key, call->now + KEPT_HOUR, err);
    }
    /* Swept, not yet scrubbed: behind the others, so that the loop ends. */
    if (rc == 0 && *ret_clean)
        rc = kept_todo_put(store, KEPT_TODO_SWEEP, key, call->now + 1, err);
    return rc;
}

/* A person's sweep is over when the write-ahead log, too, holds nothing of them any more. */
static int sweep(struct call *call, struct upkeep *work, struct kept_err *err)
{
    struct kept_store *store = call->kept->store;
    uint64_t *keys = kept_alloc(SWEEPS_A_TICK, sizeof *keys);
    size_t count = 0;
    bool scrubbed = false, over = false;
    int rc = keys == NULL ? kept_fail(err, KEPT_E_NOMEM, "no memory to sweep") : 0;
    while (rc == 0 && !over && count < SWEEPS_A_TICK) {
        uint64_t key = 0;
        bool clean = false;
        if ((rc = kept_store_begin_write(store, err)) != 0)
            break;
        rc = next_due(call, KEPT_TODO_SWEEP, &key, err);
        over = rc == KEPT_E_NOTFOUND;
        rc = over ? 0 : rc == 0 ? sweep_one(call, key, work, &clean, err) : rc;
        if (rc == 0)
            rc = kept_store_commit(store, err);
        if (rc != 0)
            kept_store_rollback(store);
        else if (clean)
            keys[count++] = key;
    }
    if (rc == 0 && count > 0)
        rc = kept_store_scrub(store, &scrubbed, err);
    work->blocked = work->blocked || (count > 0 && !scrubbed);
    if (rc == 0 && scrubbed)
        rc = finish_sweeps(call, keys, count, err);
    work->swept = scrubbed ? (uint32_t)count : 0;
    kept_free(keys);
    return rc;
}

/* ---- the end of evidence ---------------------------------------------------------------------- */

/* The head goes, and with it the last key that opened anything of this person in the ledger.
 * *ret_gone false: it stays. */
static int end_one(struct call *call, uint64_t key, bool *ret_gone, struct kept_err *err)
{
    struct kept_store *store = call->kept->store;
    int rc = kept_at_home(call, key, err);
    *ret_gone = false;
    if (rc == 0 && call->subject->context.state == KEPT_S_KEPT_BY_LAW)
        return kept_todo_put(store, KEPT_TODO_TRACE, key, call->now + call->info->evidence, err);
    if (rc == 0 && call->subject->context.state != KEPT_S_ERASED)
        return kept_todo_delete(store, KEPT_TODO_TRACE, key, err); /* nobody erased this person */
    /* What does not open any more is of no use as evidence either. */
    if (rc != 0 && rc != KEPT_E_NOTFOUND && rc != KEPT_E_CORRUPT)
        return rc;
    if ((rc = kept_cell_delete(store, key, err)) != 0)
        return rc;
    *ret_gone = true;
    return kept_todo_put(store, KEPT_TODO_TRACE, key, call->now + 1, err);
}

static int finish_traces(struct call *call, const uint64_t *keys, size_t count,
                         struct kept_err *err)
{
    struct kept_store *store = call->kept->store;
    int rc = kept_store_begin_write(store, err);
    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = kept_todo_delete(store, KEPT_TODO_TRACE, keys[i], err);
    if (rc == 0)
        rc = kept_store_commit(store, err);
    if (rc != 0)
        kept_store_rollback(store);
    return rc;
}

/* Trace keys of people erased longer ago than the evidence period. As with a sweep, it is over when
 * the write-ahead log holds nothing of them. */
static int end_evidence(struct call *call, struct upkeep *work, struct kept_err *err)
{
    struct kept_store *store = call->kept->store;
    uint64_t *keys = kept_alloc(SWEEPS_A_TICK, sizeof *keys);
    size_t count = 0;
    bool scrubbed = false, over = false;
    int rc = keys == NULL ? kept_fail(err, KEPT_E_NOMEM, "no memory to end evidence") : 0;
    while (rc == 0 && !over && count < SWEEPS_A_TICK) {
        uint64_t key = 0;
        bool gone = false;
        if ((rc = kept_store_begin_write(store, err)) != 0)
            break;
        rc = next_due(call, KEPT_TODO_TRACE, &key, err);
        over = rc == KEPT_E_NOTFOUND;
        rc = over ? 0 : rc == 0 ? end_one(call, key, &gone, err) : rc;
        if (rc == 0)
            rc = kept_store_commit(store, err);
        if (rc != 0)
            kept_store_rollback(store);
        else if (gone)
            keys[count++] = key;
    }
    if (rc == 0 && count > 0)
        rc = kept_store_scrub(store, &scrubbed, err);
    work->blocked = work->blocked || (count > 0 && !scrubbed);
    if (rc == 0 && scrubbed)
        rc = finish_traces(call, keys, count, err);
    work->ended = scrubbed ? (uint32_t)count : 0;
    kept_free(keys);
    return rc;
}

/* ---- the operations --------------------------------------------------------------------------- */

static int own_entry(struct call *call, struct kept_err *err)
{
    struct kept_store *store = call->kept->store;
    call->opened = false; /* the entry is about the app, not about the last person looked at */
    int rc = kept_store_begin_write(store, err);
    if (rc == 0)
        rc = kept_queue_entry(call, err);
    if (rc == 0)
        rc = kept_meta_put_u64(store, "clock", (uint64_t)call->now, err);
    if (rc == 0)
        rc = kept_store_commit(store, err);
    if (rc != 0)
        kept_store_rollback(store);
    return rc;
}

static int report(struct call *call, const char *json, struct kept_err *err)
{
    call->box->reply.subject = (struct kept_id){{0}};
    call->box->reply.version = 0;
    call->box->reply.json = kept_strdup(json);
    return call->box->reply.json != NULL ? 0 : kept_fail(err, KEPT_E_NOMEM, "no memory");
}

static int rotate_tokens(struct call *call, struct kept_err *err)
{
    char json[64];
    int rc = kept_tokens_turn(call->kept, call->app, err);
    if (rc == 0)
        rc = own_entry(call, err);
    if (rc != 0)
        return rc;
    (void)snprintf(json, sizeof json, "{\"token_key\":%u}", kept_keyring_token(call->app->keyring));
    return report(call, json, err);
}

int kept_act_ROTATE(struct call *call, struct kept_err *err)
{
    char json[256];
    struct upkeep work = {0};
    const char *what = call->request->text;
    if (what != NULL && strcmp(what, "tokens") == 0)
        return rotate_tokens(call, err);
    if (what != NULL && what[0] != 0)
        return kept_fail(err, KEPT_E_USAGE,
                         "what is to be rotated? nothing named: the epoch; or: tokens");
    int rc = kept_epoch_turn(call, err);
    if (rc == 0)
        rc = kept_epoch_rewrap(call, &work, err);
    if (rc == 0)
        rc = kept_logs_rewrap(call, err);
    if (rc == 0)
        rc = kept_orders_rewrap(call, err);
    if (rc == 0)
        rc = own_entry(call, err);
    if (rc != 0)
        return rc;
    (void)snprintf(json, sizeof json,
                   "{\"epoch\":%u,\"people_rewrapped\":%u,\"people_damaged\":%u,\"rewrap_left\":%s,"
                   "\"rewrap_percent\":%u}",
                   kept_keyring_epoch(call->app->keyring), work.rewrapped, work.damaged,
                   kept_turn_left(&work.epochs) ? "true" : "false",
                   kept_turn_percent(call->app, &work.epochs));
    return report(call, json, err);
}

/* Keys whose day has come, each told before and after. While people are still under a key - the turn is
 * under way, or the store was put back from before it - its day waits for them. */
static int destroy_due(struct call *call, struct upkeep *work, struct kept_err *err)
{
    struct kept_epoch *epochs = kept_alloc(KEPT_MAX_EPOCHS, sizeof *epochs);
    if (epochs == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for the list of epochs");
    int rc = kept_intent_finish(call->kept, call->app, &work->destroyed, err);
    size_t n = kept_keyring_epochs(call->app->keyring, epochs, KEPT_MAX_EPOCHS);
    for (size_t i = 0; rc == 0 && i < n; i++)
        if (epochs[i].retired != 0 && epochs[i].destroy_at <= call->now &&
            epochs[i].number < work->epochs.done)
            rc = kept_intent_begin(call->kept, call->app, KEPT_INTENT_EPOCH_END, epochs[i].number,
                                   &work->destroyed, err);
    kept_free(epochs);
    return rc;
}

/* Rotation when its day has come, or one is under way; tokens; keys. */
static int upkeep_of_keys(struct call *call, struct upkeep *work, bool *ret_left,
                          struct kept_err *err)
{
    struct kept_epoch epochs[KEPT_MAX_EPOCHS];
    size_t n = kept_keyring_epochs(call->app->keyring, epochs, sizeof epochs / sizeof epochs[0]);
    bool due = n > 0 && epochs[n - 1].created + call->info->rotation <= call->now;
    int rc = due ? kept_epoch_turn(call, err) : 0;
    if (rc == 0)
        rc = kept_epoch_rewrap(call, work, err);
    if (rc == 0)
        rc = kept_logs_rewrap(call, err);
    if (rc == 0)
        rc = kept_orders_rewrap(call, err);
    if (rc == 0)
        rc = destroy_due(call, work, err);
    if (rc == 0)
        rc = kept_tokens_remake(call, work, ret_left, err);
    return rc;
}

/* Codes, counts and proofs that are past their time. */
static int slips_due(struct call *call, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    uint32_t deleted = 0;
    int rc = kept_store_begin_write(desk.store, err);
    if (rc == 0)
        rc = kept_desk_due(&desk, &deleted, err);
    if (rc == 0 && deleted > 0)
        rc = kept_store_commit(desk.store, err);
    kept_store_rollback(desk.store); /* no-op once committed */
    return rc;
}

/* Who showed what nobody has, in numbers: told once, in the ledger of whichever app's turn it is. */
static bool note_strangers(struct call *call, char text[96])
{
    struct kept *kept = call->kept;
    if (kept->strangers == 0)
        return false;
    (void)snprintf(text, 96, "%llu requests showed a credential that is nobody's", (unsigned long long)kept->strangers);
    call->note = text;
    return true;
}

int kept_act_TICK(struct call *call, struct kept_err *err)
{
    char json[640], text[96];
    struct upkeep work = {0};
    uint64_t still = 0;
    bool left = false;
    struct app *app = call->app;
    const struct kept_policy_info *info = call->info;
    int rc = kept_minors_due(call, &work, err);
    if (rc == 0)
        rc = kept_ends_due(call, &work, err);
    if (rc == 0)
        rc = sweep(call, &work, err);
    if (rc == 0)
        rc = kept_chunks_due(call, call->now, &work.chunks, err);
    if (rc == 0)
        rc = end_evidence(call, &work, err);
    call->app = app;
    call->info = info;
    if (rc == 0)
        rc = slips_due(call, err);
    if (rc == 0)
        rc = kept_observe_save(call->kept, err);
    if (rc == 0)
        rc = kept_logs_upkeep(call, &work, err);
    if (rc == 0)
        rc = kept_orders_upkeep(call, &work, err);
    if (rc == 0)
        rc = upkeep_of_keys(call, &work, &left, err);
    if (rc == 0)
        rc = kept_todo_due(call->kept->store, KEPT_TODO_END, call->now, &still, err);
    const bool strangers = rc == 0 && note_strangers(call, text);
    if (rc == 0 && (strangers || work.turned || (work.swept | work.destroyed | work.ended | work.retokened |
                                     work.records_ended | work.logs_ended | work.chunks) != 0))
        rc = own_entry(call, err);
    call->note = NULL;
    if (rc == 0 && strangers)
        call->kept->strangers = 0;
    if (rc != 0)
        return rc;
    (void)snprintf(json, sizeof json,
                   "{\"swept\":%u,\"sweep_blocked_by_reader\":%s,\"people_rewrapped\":%u,"
                   "\"epochs_destroyed\":%u,\"traces_ended\":%u,\"people_damaged\":%u,"
                   "\"records_ended\":%u,\"people_with_ends\":%u,\"people_with_ends_left\":%llu,"
                   "\"people_retokened\":%u,\"tokens_left\":%s,\"rewrap_left\":%s,"
                   "\"rewrap_percent\":%u,\"chunks_deleted\":%u,\"log_rows_ended\":%u,\"minors_erased\":%u,"
                   "\"systems_ordered\":%u}",
                   work.swept, work.blocked ? "true" : "false", work.rewrapped, work.destroyed,
                   work.ended, work.damaged, work.records_ended, work.people_ended,
                   (unsigned long long)still, work.retokened, left ? "true" : "false",
                   kept_turn_left(&work.epochs) ? "true" : "false",
                   kept_turn_percent(app, &work.epochs), work.chunks, work.logs_ended,
                   work.minors_erased, work.ordered);
    return report(call, json, err);
}
