/* ends.c - values whose time has passed: found by a list, deleted a person at a time, told in the
 * ledger by item, never by value.
 *
 * The end of a value stands in its sealed stamp, and reading goes by that alone. The list (`todo`)
 * only says when to look at a person next: it may say too early, never too late. Looking opens the
 * stamps, deletes what is over, and moves the row to the next end. What was deleted stays readable in
 * old pages and backups until the person's key changes, so they are marked as by an erasure of a
 * record; a restored store holds the list as well, and ends the same values again. */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "engine/engine_int.h"

#define PEOPLE_A_TICK 1024u
#define RECORDS_A_BITE 2048u

_Static_assert(RECORDS_A_BITE <= KEPT_MAX_FIELDS, "an entry can name all that one bite deletes");

/* Has a value of this item an end, under any version of the policy? */
static bool may_end(const struct app *app, uint32_t item)
{
    for (size_t i = app->version_count; i > 0; i--) {
        const struct kept_policy *policy = app->versions[i - 1].policy;
        uint32_t index = kept_policy_index(policy, KEPT_K_ITEM, item);
        if (index != KEPT_NO_INDEX && kept_policy_may_end(policy, index))
            return true;
    }
    return false;
}

kept_ms kept_gone_at(const struct call *call, uint32_t item, const struct kept_stamp *stamp)
{
    const struct kept_policy *policy = kept_app_policy(call->app, stamp->policy_version);
    uint32_t index = policy != NULL ? kept_policy_index(policy, KEPT_K_ITEM, item) : KEPT_NO_INDEX;
    const struct kept_item *rule = index != KEPT_NO_INDEX ? kept_policy_item(policy, index) : NULL;
    kept_ms archive = rule != NULL && rule->then == KEPT_DISPOSE_ARCHIVE ? rule->archive : 0;
    kept_ms end = stamp->until != 0 ? stamp->until : archive != 0 ? call->subject->erased_at : 0;
    return end != 0 ? end + archive : 0;
}

bool kept_ends_any(const struct app *app)
{
    for (size_t i = 0; i < app->version_count; i++) {
        const struct kept_policy *policy = app->versions[i].policy;
        size_t items = kept_policy_info(policy)->items;
        for (uint32_t k = 0; k < items; k++)
            if (kept_policy_item(policy, k)->retain > 0 ||
                kept_policy_item(policy, k)->then == KEPT_DISPOSE_ARCHIVE)
                return true;
    }
    return false;
}

/* ---- the list -------------------------------------------------------------------------------- */

struct look {
    const struct app *app;
    uint32_t but; /* this record; 0: none */
    bool found;
};

static int see(void *arg, const struct kept_dir_row *row)
{
    struct look *look = arg;
    look->found = row->slot != look->but && may_end(look->app, row->item);
    return look->found;
}

/* Has the person another value that may end? For the many pages of a few: taken for granted. */
static int others(const struct call *call, uint32_t but, bool *ret_found, struct kept_err *err)
{
    struct look look = {call->app, but, call->subject->page_count > 1};
    int rc = look.found ? 0
                        : kept_vault_each(call->kept->store, call->subject, 0, see, &look, err);
    *ret_found = look.found;
    return rc;
}

/* When a person is looked at next; *ret_listed false: never. */
static int listed(const struct call *call, kept_ms *ret_at, bool *ret_listed, struct kept_err *err)
{
    int rc = kept_todo_get(call->kept->store, KEPT_TODO_END, call->subject->key, ret_at, NULL);
    *ret_listed = rc == 0;
    return rc == 0 || rc == KEPT_E_NOTFOUND ? 0 : kept_fail(err, rc, "cannot read work to do");
}

int kept_ends_note(struct call *call, const struct kept_dir_row *row, bool replaced, kept_ms until,
                   struct kept_err *err)
{
    struct kept_store *store = call->kept->store;
    kept_ms at = 0;
    bool on = false, more = true;
    if (until == 0 && !(replaced && may_end(call->app, row->item)))
        return 0;
    int rc = listed(call, &at, &on, err);
    /* The value it replaces may be what the row was for; opening the rest to know costs more than
     * looking once too often, so it is moved only when there is nothing else to wait for. */
    if (rc == 0 && on && replaced)
        rc = others(call, row->slot, &more, err);
    if (rc != 0)
        return rc;
    if (until == 0)
        return on && !more ? kept_todo_delete(store, KEPT_TODO_END, call->subject->key, err) : 0;
    return on && more && at <= until
               ? 0
               : kept_todo_put(store, KEPT_TODO_END, call->subject->key, until, err);
}

int kept_ends_look(struct call *call, struct kept_err *err)
{
    kept_ms at = 0;
    bool on = false, some = false;
    int rc = others(call, 0, &some, err);
    if (rc == 0 && some)
        rc = listed(call, &at, &on, err);
    return rc != 0 || !some || on
               ? rc
               : kept_todo_put(call->kept->store, KEPT_TODO_END, call->subject->key, call->now,
                               err);
}

/* ---- one person ------------------------------------------------------------------------------ */

struct ending {
    struct call *call;         /* of upkeep: knows the app */
    struct upkeep *work;
    struct kept_dir_row *rows; /* that may end */
    size_t count, cap;
    size_t at;                 /* rows looked at so far */
    uint32_t deleted;          /* in this bite */
    kept_ms next;              /* end of the first that stays; 0: none */
    int rc;
};

static int add_row(void *arg, const struct kept_dir_row *row)
{
    struct ending *e = arg;
    if (!may_end(e->call->app, row->item))
        return 0;
    e->rc = kept_grow(&e->rows, &e->cap, e->count + 1, KEPT_MAX_RECORDS, sizeof *e->rows);
    if (e->rc == 0)
        e->rows[e->count++] = *row;
    return e->rc != 0;
}

/* 0: it does not end. What is archived ends with the archive. */
static int end_of(struct ending *e, const struct kept_dir_row *row, kept_ms *ret_until,
                  struct kept_err *err)
{
    struct kept_stamp stamp = {0};
    int rc = kept_vault_stamp(e->call->kept->store, e->call->subject, row, &stamp, err);
    if (rc == 0)
        *ret_until = kept_gone_at(e->call, row->item, &stamp);
    return rc;
}

static void wait_for(struct ending *e, kept_ms at)
{
    if (e->next == 0 || at < e->next)
        e->next = at;
}

/* Look at a bite of the rows, and delete what is over, in the name of the entry's call. */
static int end_rows(struct ending *e, struct call *own, struct kept_err *err)
{
    size_t end = e->count - e->at < RECORDS_A_BITE ? e->count : e->at + RECORDS_A_BITE;
    int rc = 0;
    e->deleted = 0;
    for (; rc == 0 && e->at < end; e->at++) {
        const struct kept_dir_row *row = &e->rows[e->at];
        struct kept_err own_err = {0};
        kept_ms until = 0;
        rc = end_of(e, row, &until, &own_err);
        if (rc == KEPT_E_CORRUPT) { /* nobody knows when it ends: look again */
            e->work->damaged++;
            wait_for(e, own->now + KEPT_HOUR);
            rc = 0;
            continue;
        }
        if (rc != 0)
            return kept_fail(err, rc, "%s", own_err.text);
        if (until > own->now)
            wait_for(e, until);
        if (until == 0 || until > own->now)
            continue;
        rc = kept_vault_delete(own->kept->store, own->subject, row, err);
        if (rc == 0 && kept_call_touch(own, row->item, row->slot, row->version, KEPT_ALLOW,
                                       KEPT_R_NONE) != 0)
            rc = kept_fail(err, KEPT_E_NOMEM, "no memory for a ledger entry");
        e->deleted++;
    }
    return rc;
}

/* The last of what a law kept is gone: nothing of the person is left to keep. */
static int end_wholly(struct call *own, struct kept_err *err)
{
    struct kept_store *store = own->kept->store;
    struct kept_subject *s = own->subject;
    kept_subject_erase(s, own->now);
    s->swept_at = 0;
    int rc = kept_todo_put(store, KEPT_TODO_SWEEP, s->key, own->now, err);
    if (rc == 0)
        rc = kept_todo_delete(store, KEPT_TODO_RESEAL, s->key, err);
    if (rc == 0)
        rc = kept_todo_put(store, KEPT_TODO_TRACE, s->key, own->now + own->info->evidence, err);
    return rc;
}

/* What a bite did goes into the person's head and into the ledger. */
static int settle(struct ending *e, struct call *own, struct kept_err *err)
{
    struct kept_store *store = own->kept->store;
    struct kept_subject *s = own->subject;
    int rc = 0;
    if (e->deleted > 0 && s->context.state == KEPT_S_KEPT_BY_LAW && s->dir_count == 0) {
        rc = end_wholly(own, err);
    } else if (e->deleted > 0) {
        s->marked = true;
        rc = kept_todo_put(store, KEPT_TODO_RESEAL, s->key, own->now, err);
    }
    if (rc == 0 && e->deleted > 0 && (rc = kept_save(own, err)) == 0)
        rc = kept_queue_entry(own, err);
    if (rc != 0 || e->at < e->count)
        return rc; /* still due */
    return e->next != 0 ? kept_todo_put(store, KEPT_TODO_END, s->key, e->next, err)
                        : kept_todo_delete(store, KEPT_TODO_END, s->key, err);
}

/* One transaction, begun already: the next bite of a person. */
static int bite(struct ending *e, struct kept_err *err)
{
    static const struct kept_request request = {.op = KEPT_OP_ERASE_RECORD, .exemption = "",
                                                .text = "the time to keep it has passed"};
    struct kept *kept = e->call->kept;
    struct call *own = kept_own_begin(kept, e->call->app, &request);
    if (own == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for a ledger entry");
    own->opened = true;
    int rc = end_rows(e, own, err);
    if (rc == 0)
        rc = settle(e, own, err);
    if (rc == 0)
        rc = kept_store_commit(kept->store, err);
    if (rc == 0)
        rc = kept_own_place(own, err);
    if (rc == 0)
        e->work->records_ended += e->deleted;
    kept_own_end(own);
    return rc;
}

/* Somebody of the list whose row is of no use. */
static int strike(struct call *call, uint64_t key, int why, struct upkeep *work,
                  struct kept_err *err)
{
    struct kept_store *store = call->kept->store;
    int rc = 0;
    if (why == KEPT_E_CORRUPT) {
        work->damaged++;
        rc = kept_todo_put(store, KEPT_TODO_END, key, call->now + KEPT_HOUR, err);
    } else { /* the row went, or its epoch */
        rc = kept_todo_delete(store, KEPT_TODO_END, key, err);
    }
    return rc != 0 ? rc : kept_store_commit(store, err);
}

static int end_person(struct call *call, uint64_t key, struct upkeep *work, struct kept_err *err)
{
    struct kept_store *store = call->kept->store;
    struct ending e = {.call = call, .work = work};
    struct kept_err own = {0};
    int rc = kept_store_begin_write(store, err);
    if (rc != 0)
        return rc;
    uint32_t before = work->records_ended;
    rc = kept_at_home(call, key, &own);
    if (rc == 0)
        rc = kept_vault_each(store, call->subject, 0, add_row, &e, &own);
    if (rc == 0 && e.rc != 0)
        rc = kept_fail(&own, e.rc, "no memory for a person's records");
    if (rc == KEPT_E_NOTFOUND || rc == KEPT_E_CORRUPT)
        rc = strike(call, key, rc, work, err);
    else if (rc != 0)
        rc = kept_fail(err, rc, "%s", own.text);
    else
        while ((rc = bite(&e, err)) == 0 && e.at < e.count &&
               (rc = kept_store_begin_write(store, err)) == 0)
            continue;
    kept_store_rollback(store);
    work->people_ended += rc == 0 && work->records_ended > before;
    kept_free(e.rows);
    return rc;
}

/* ---- everybody due --------------------------------------------------------------------------- */

int kept_ends_due(struct call *call, struct upkeep *work, struct kept_err *err)
{
    struct kept_store *store = call->kept->store;
    bool scrubbed = true;
    int rc = 0;
    for (unsigned i = 0; rc == 0 && i < PEOPLE_A_TICK; i++) {
        uint64_t key = 0;
        kept_ms at = 0;
        struct kept_err own = {0};
        rc = kept_todo_next(store, KEPT_TODO_END, call->now, &key, &at, &own);
        if (rc == KEPT_E_NOTFOUND) {
            rc = 0;
            break;
        }
        rc = rc != 0 ? kept_fail(err, rc, "%s", own.text) : end_person(call, key, work, err);
    }
    if (rc == 0 && work->records_ended > 0)
        rc = kept_store_scrub(store, &scrubbed, err);
    work->blocked = work->blocked || !scrubbed;
    return rc;
}
