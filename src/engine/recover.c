/* recover.c - what opening a store mends: entries and obligations that were committed but had not
 * reached their files, and obligations of the journal that a restored store does not know. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "engine/minor_int.h"
#include "engine/orders.h"

int kept_load_key(struct call *call, uint64_t key, struct kept_err *err)
{
    struct kept_head head;
    struct kept_span body;
    int rc = kept_cell_get(call->kept->store, key, &body, err);
    if (rc == 0 && (rc = kept_head_decode(key, body, &head)) != 0)
        return kept_fail(err, rc, "a person's row is damaged");
    if (rc != 0)
        return rc;
    return kept_subject_open(call->subject, call->app->keyring, call->app->number, key, &head, err);
}

void kept_own_call(struct call *call, struct kept *kept, struct app *app, enum kept_op op,
                   const struct kept_request *request)
{
    call->kept = kept;
    call->app = app;
    call->request = request;
    call->row = kept_op_row(op);
    call->subject = &kept->shells[0];
    call->now = kept->last_now;
    call->actor = "kept";
    call->actor_kind = KEPT_ACTOR_ENGINE;
    call->policy = kept_app_in_force(app, call->now);
    call->info = call->policy != NULL ? kept_policy_info(call->policy) : NULL;
    call->box->reply.at = call->now;
    kept_next_id(kept, &call->entry_id);
    kept_verdict(call, KEPT_ALLOW, KEPT_R_NONE, "", 0);
}

/* ---- the ledger's queue --------------------------------------------------------------------- */

struct seen {
    struct kept_id *ids;
    size_t count, cap;
    int rc;
};

static int add_id(struct seen *seen, const struct kept_id *id)
{
    seen->rc = kept_grow(&seen->ids, &seen->cap, seen->count + 1, SIZE_MAX / 64, sizeof *id);
    if (seen->rc == 0)
        seen->ids[seen->count++] = *id;
    return seen->rc;
}

static int see_entry(void *arg, uint64_t index, struct kept_span bytes)
{
    struct kept_entry entry;
    (void)index;
    if (kept_entry_decode(bytes, &entry) != 0)
        return 0; /* opening the ledger judged it already */
    return add_id(arg, &entry.id);
}

static int by_id(const void *a, const void *b)
{
    return kept_bytes_compare(a, b, KEPT_ID_BYTES);
}

static bool has(const struct seen *seen, const struct kept_id *id)
{
    return seen->count > 0 &&
           bsearch(id, seen->ids, seen->count, sizeof *id, by_id) != NULL;
}

struct pending {
    struct kept *kept;
    struct app *app;
    struct seen *seen;
    struct kept_err *err;
    int rc;
};

/* Stops at the first row: is there any? */
static int any_row(void *arg, uint64_t seq, uint32_t app, uint64_t key, const struct kept_id *id,
                   struct kept_span body)
{
    (void)seq;
    (void)app;
    (void)key;
    (void)id;
    (void)body;
    (void)arg;
    return 1;
}

/* Append a queued entry that is not in the ledger; its tags need the person's trace key. */
static int place_row(void *arg, uint64_t seq, uint32_t app, uint64_t key, const struct kept_id *id,
                     struct kept_span body)
{
    struct pending *p = arg;
    struct kept_head head;
    struct kept_span cell;
    const uint8_t *tag_key = NULL;
    if (seq > p->kept->queue_hi)
        p->kept->queue_hi = seq;
    if (app != p->app->number || has(p->seen, id))
        return 0;
    struct kept_subject *s = &p->kept->shells[0];
    if (key != 0 && kept_cell_get(p->kept->store, key, &cell, NULL) == 0 &&
        kept_head_decode(key, cell, &head) == 0 &&
        kept_subject_open(s, p->app->keyring, app, key, &head, NULL) == 0 && s->keys->has_trace)
        tag_key = s->keys->trace + KEPT_KEY_BYTES;
    p->rc = kept_ledger_append(p->app->ledger, body, tag_key, NULL, NULL, p->err);
    p->kept->dirty = true;
    return p->rc;
}

static int recover_ledger(struct kept *kept, struct app *app, struct kept_err *err)
{
    char name[32];
    uint64_t floor = 0;
    struct seen seen = {0};
    struct pending pending = {kept, app, &seen, err, 0};
    (void)snprintf(name, sizeof name, "floor.%u", app->number);
    int rc = kept_meta_get_u64(kept->store, name, 0, &floor, err);
    if (rc == 0 && floor > kept_ledger_size(app->ledger))
        return kept_fail(err, KEPT_E_ROLLBACK,
                         "the ledger of %s has %llu entries, the store knows of %llu: an older "
                         "ledger was put back",
                         app->name, (unsigned long long)kept_ledger_size(app->ledger),
                         (unsigned long long)floor);
    /* Without a queue nothing can be missing: reads since the last change need no look. */
    if (rc == 0)
        rc = kept_queue_each(kept->store, KEPT_QUEUE_LEDGER, any_row, NULL, err);
    if (rc > 0)
        rc = kept_ledger_each(app->ledger, floor, see_entry, &seen, err);
    if (rc == 0 && seen.rc != 0)
        rc = kept_fail(err, seen.rc, "no memory to read the ledger's end");
    if (rc == 0 && seen.count > 1)
        qsort(seen.ids, seen.count, sizeof *seen.ids, by_id);
    if (rc == 0)
        rc = kept_queue_each(kept->store, KEPT_QUEUE_LEDGER, place_row, &pending, err);
    if (rc == 0)
        rc = pending.rc;
    kept_wipe(kept->shells[0].keys, sizeof *kept->shells[0].keys);
    kept_free(seen.ids);
    return rc;
}

/* ---- the journal ---------------------------------------------------------------------------- */

static int see_row(void *arg, uint64_t number, const struct kept_journal_row *row)
{
    (void)number;
    return add_id(arg, &row->op);
}

static int append_row(void *arg, uint64_t seq, uint32_t app, uint64_t key, const struct kept_id *id,
                      struct kept_span body)
{
    struct pending *p = arg;
    struct kept_cursor c = kept_cursor(body);
    struct kept_journal_row row;
    (void)key;
    if (seq > p->kept->journal_hi)
        p->kept->journal_hi = seq;
    if (app != p->app->number || has(p->seen, id))
        return 0;
    row = kept_journal_row_get(&c);
    p->rc = c.bad || c.n != 0 ? kept_fail(p->err, KEPT_E_CORRUPT, "a queued obligation is damaged")
                              : kept_journal_append(p->app->keyring, &row, 1, p->err);
    p->kept->dirty = true;
    return p->rc;
}

/* A service that ceased stays so, whatever the store says: all of the journal is asked. */
static int see_cease(void *arg, uint64_t number, const struct kept_journal_row *row)
{
    struct app *app = arg;
    (void)number;
    app->ceased = app->ceased || row->kind == KEPT_J_CEASE;
    return 0;
}

struct replay {
    struct kept *kept;
    struct app *app;
    struct kept_err *err;
    uint32_t applied;
};

static int replay_erasure(struct call *call, const struct kept_journal_row *row,
                          struct kept_err *err)
{
    struct kept_subject *s = call->subject;
    if (s->context.state == KEPT_S_ERASED || s->context.state == KEPT_S_KEPT_BY_LAW)
        return 0;
    kept_subject_erase(s, row->at);
    call->changed = true;
    int rc = kept_todo_put(call->kept->store, KEPT_TODO_SWEEP, s->key, row->at, err);
    if (rc == 0) /* this store does not know whether they were ever given */
        rc = kept_orders_erase(call, row->at, err);
    if (rc == 0)
        rc = kept_todo_delete(call->kept->store, KEPT_TODO_RESEAL, s->key, err);
    if (rc == 0)
        rc = kept_minor_done(call->kept->store, s->key, err);
    if (rc == 0 && s->context.state == KEPT_S_ERASED)
        rc = kept_todo_delete(call->kept->store, KEPT_TODO_END, s->key, err);
    else if (rc == 0)
        rc = kept_ends_look(call, err);
    if (rc == 0)
        rc = kept_todo_put(call->kept->store, KEPT_TODO_TRACE, s->key,
                           row->at + call->info->evidence, err);
    return rc;
}

struct doomed {
    struct call *call;
    const struct kept_journal_row *row;
    struct kept_err *err;
    int rc;
    struct kept_dir_row rows[64];
    size_t count;
};

/* Was a record there when the obligation came? Its own stamp says so: versions may have been given
 * twice when a store was restored before. What does not open is not spared. */
static int was_there(struct doomed *d, const struct kept_dir_row *row, bool *ret_was)
{
    struct kept_store *store = d->call->kept->store;
    const struct kept_subject *s = d->call->subject;
    struct kept_stamp stamp = {0};
    int rc = kept_vault_stamp(store, s, row, &stamp, d->err);
    *ret_was = rc != 0 || stamp.at < d->row->at ||
               (stamp.at == d->row->at && s->context.version < d->row->version);
    return rc == KEPT_E_CORRUPT ? 0 : rc;
}

static int doom(void *arg, const struct kept_dir_row *row)
{
    struct doomed *d = arg;
    bool was = false;
    if ((d->row->record != 0 && d->row->record != row->slot) || row->class == KEPT_CLASS_LAW)
        return 0;
    d->rc = was_there(d, row, &was);
    if (d->rc == 0 && was)
        d->rows[d->count++] = *row;
    return d->rc != 0 || d->count == sizeof d->rows / sizeof d->rows[0];
}

/* Records collected after the erasure stay: the restored store may hold both. */
static int replay_record(struct call *call, const struct kept_journal_row *row,
                         struct kept_err *err)
{
    struct doomed d;
    bool ordered = false, deleted = false;
    int rc = row->record == 0 ? kept_orders_again(call, row, &ordered, err) : 0;
    if (rc != 0)
        return rc;
    do {
        d = (struct doomed){.call = call, .row = row, .err = err};
        rc = kept_vault_each(call->kept->store, call->subject, row->scope, doom, &d, err);
        rc = d.rc != 0 ? d.rc : rc;
        for (size_t i = 0; rc == 0 && i < d.count; i++) {
            rc = kept_vault_delete(call->kept->store, call->subject, &d.rows[i], err);
            deleted = true;
        }
    } while (rc == 0 && d.count == sizeof d.rows / sizeof d.rows[0]);
    call->changed = call->changed || deleted || ordered;
    call->subject->marked = call->subject->marked || deleted;
    if (rc == 0 && deleted)
        rc = kept_todo_put(call->kept->store, KEPT_TODO_RESEAL, call->subject->key, row->at, err);
    return rc;
}

int kept_replay(struct call *call, const struct kept_journal_row *row, struct kept_err *err)
{
    bool changed = false;
    int rc = 0;
    switch (row->kind) {
    case KEPT_J_ERASE_SUBJECT:
        return replay_erasure(call, row, err);
    case KEPT_J_ERASE_RECORD:
        return replay_record(call, row, err);
    case KEPT_J_WITHDRAW:
    case KEPT_J_REFUSE:
    case KEPT_J_GUARDIAN_REVOKED:
        if (call->subject->context.state == KEPT_S_ERASED)
            return 0;
        rc = kept_consent_replay(call->subject, row, &changed, err);
        call->changed = changed;
        return rc == 0 && changed && row->kind != KEPT_J_REFUSE
                   ? kept_withdrawn_again(call, row, err)
                   : rc;
    case KEPT_J_RESTRICT:
        return kept_minor_replay(call, row, err);
    case KEPT_J_OBJECT:
    case KEPT_J_HOLD_SET:
    case KEPT_J_HOLD_RELEASE:
    case KEPT_J_CEASE:
    case KEPT_J_CALLER_REVOKED: /* obeyed as callers are loaded */
        return 0;
    }
    return kept_fail(err, KEPT_E_CORRUPT, "the journal holds an obligation kept does not know");
}

enum kept_op kept_replay_op(const struct kept_journal_row *row)
{
    const bool reported = row->record == KEPT_RESTRICTED_ONLY;
    return row->kind == KEPT_J_ERASE_SUBJECT      ? KEPT_OP_ERASE_SUBJECT
           : row->kind == KEPT_J_ERASE_RECORD     ? KEPT_OP_ERASE_RECORD
           : row->kind == KEPT_J_REFUSE           ? KEPT_OP_CONSENT_REFUSE
           : row->kind == KEPT_J_GUARDIAN_REVOKED ? KEPT_OP_GUARDIAN_REVOKE
           : row->kind == KEPT_J_RESTRICT         ? (reported ? KEPT_OP_MINOR_REPORT : KEPT_OP_MINOR_SETTLE)
                                                  : KEPT_OP_CONSENT_WITHDRAW;
}

static int replay_cease(struct replay *r, const struct kept_journal_row *row)
{
    char name[32];
    if (r->app->ceased)
        return 0;
    (void)snprintf(name, sizeof name, "ceased.%u", r->app->number);
    r->app->ceased = true;
    r->applied++;
    return kept_meta_put_u64(r->kept->store, name, (uint64_t)row->at, r->err);
}

/* One obligation onto the store, with its own entry, in a transaction of its own. */
static int replay_row(void *arg, uint64_t number, const struct kept_journal_row *row)
{
    static const struct kept_request nothing = {.op = KEPT_OP_NONE};
    struct replay *r = arg;
    uint64_t key = 0;
    char name[32];
    struct call *call = kept_call_new(r->kept);
    if (call == NULL)
        return kept_fail(r->err, KEPT_E_NOMEM, "no memory to replay the journal");
    kept_own_call(call, r->kept, r->app, kept_replay_op(row), &nothing);
    (void)snprintf(name, sizeof name, "journal.%u", r->app->number);
    int rc = kept_store_begin_write(r->kept->store, r->err);
    if (rc == 0 && row->kind == KEPT_J_CEASE) {
        rc = replay_cease(r, row);
    } else if (rc == 0 && kept_subject_key(&row->subject, r->app->number, &key) == 0) {
        rc = kept_load_key(call, key, r->err);
        /* Gone already, or never in this store; another person's tail: neither is this one. */
        if (rc == KEPT_E_NOTFOUND || (rc == 0 && !kept_id_equal(&call->subject->id, &row->subject)))
            rc = 0;
        else if (rc == 0) {
            call->opened = true;
            rc = kept_replay(call, row, r->err);
        }
    }
    if (rc == 0 && call->changed) {
        r->applied++;
        /* The version it had then: one more would hide the next obligation. */
        if (call->subject->context.version < row->version)
            call->subject->context.version = row->version - 1;
        rc = kept_save(call, r->err);
        if (rc == 0)
            rc = kept_queue_entry(call, r->err);
    }
    if (rc == 0)
        rc = kept_meta_put_u64(r->kept->store, name, number + 1, r->err);
    if (rc == 0)
        rc = kept_store_commit(r->kept->store, r->err);
    if (rc != 0)
        kept_store_rollback(r->kept->store);
    else if (call->entry.n != 0)
        rc = kept_ledger_append(r->app->ledger, kept_buf_span(&call->entry),
                                call->tagged ? call->tag_key : NULL, NULL, NULL, r->err);
    r->kept->dirty = true;
    kept_wipe(r->kept->shells[0].keys, sizeof *r->kept->shells[0].keys);
    kept_reply_free(&call->box->reply);
    call->box = NULL;
    kept_call_release(r->kept, call);
    return rc;
}

static int recover_journal(struct kept *kept, struct app *app, struct kept_err *err)
{
    char name[32];
    uint64_t from = 0;
    struct seen seen = {0};
    struct pending pending = {kept, app, &seen, err, 0};
    struct replay replay = {kept, app, err, 0};
    (void)snprintf(name, sizeof name, "journal.%u", app->number);
    int rc = kept_meta_get_u64(kept->store, name, 0, &from, err);
    if (rc == 0 && from > kept_journal_length(app->keyring))
        return kept_fail(err, KEPT_E_ROLLBACK,
                         "the journal of %s has %llu obligations, the store knows of %llu: an older "
                         "keyring was put back",
                         app->name, (unsigned long long)kept_journal_length(app->keyring),
                         (unsigned long long)from);
    if (rc == 0)
        rc = kept_journal_each(app->keyring, from, see_row, &seen, err);
    if (rc == 0 && seen.rc != 0)
        rc = kept_fail(err, seen.rc, "no memory to read the journal");
    if (rc == 0 && seen.count > 1)
        qsort(seen.ids, seen.count, sizeof *seen.ids, by_id);
    if (rc == 0)
        rc = kept_queue_each(kept->store, KEPT_QUEUE_JOURNAL, append_row, &pending, err);
    if (rc == 0)
        rc = pending.rc;
    if (rc == 0)
        rc = kept_journal_each(app->keyring, from, replay_row, &replay, err);
    if (rc == 0)
        rc = kept_journal_each(app->keyring, 0, see_cease, app, err);
    if (rc == 0)
        rc = kept_debt_load(app, err);
    kept_free(seen.ids);
    return rc;
}

int kept_recover(struct kept *kept, struct app *app, struct kept_err *err)
{
    uint32_t done = 0;
    int rc = recover_ledger(kept, app, err);
    if (rc == 0)
        rc = recover_journal(kept, app, err);
    return rc != 0 ? rc : kept_intent_finish(kept, app, &done, err);
}
