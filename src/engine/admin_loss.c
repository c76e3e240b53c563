/* admin_loss.c - accepting what a restore lost.
 *
 * What accepting must not become is a way to bring a withdrawn consent or an erased value back with an
 * old row. So nothing is taken on the row's word: all obligations of the journal are applied to it
 * again, whatever version it claims, with ties decided for the person; and its new version is above all
 * that journal and ledger know, so that rows of the lost store, whose versions would else be given a
 * second time, can never count again. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "engine/admin.h"
#include "engine/admin_int.h"
#include "engine/report_int.h"

#define HEADS_A_BITE 512u  /* looked at in one transaction */
#define ENTRIES_A_BITE 64u /* written in one, unless one person needs more */
#define EVENTS 256u
#define EXEMPTION "accepted-loss" /* beside it stands the reason, as a justification */

/* A row of the journal, by whom it is about. */
struct owed {
    struct kept_id subject;
    uint64_t row;
};

struct loss {
    struct kept *kept;
    struct app *app;
    struct kept_request request; /* of the entries: reason */
    const char *actor;
    kept_ms now;
    struct owed *owed; /* ascending by subject, then row */
    size_t owed_count, owed_cap;
    const struct kept_id *only; /* NULL: everybody */
    struct call **calls;        /* whose entries this transaction queues */
    size_t call_count, call_cap;
    uint64_t heads, accepted, gone, replayed, shut;
    uint64_t lost[EVENTS];
    char first[KEPT_ERR_TEXT];
    struct kept_err *err;
};

static const struct kept_op_row accept_row = {.op = (enum kept_op)KEPT_EVENT_ACCEPT_LOSS,
                                              .name = "accept.loss"};

/* ---- what is owed ---------------------------------------------------------------------------- */

static int note_owed(void *arg, uint64_t number, const struct kept_journal_row *row)
{
    struct loss *l = arg;
    if (kept_id_is_zero(&row->subject) ||
        (l->only != NULL && !kept_id_equal(l->only, &row->subject)))
        return 0;
    int rc = kept_grow(&l->owed, &l->owed_cap, l->owed_count + 1, SIZE_MAX / sizeof *l->owed / 2,
                       sizeof *l->owed);
    if (rc == 0)
        l->owed[l->owed_count++] = (struct owed){row->subject, number};
    return rc;
}

static int by_subject(const void *a, const void *b)
{
    const struct owed *x = a, *y = b;
    int order = kept_bytes_compare(x->subject.b, y->subject.b, KEPT_ID_BYTES);
    return order != 0 ? order : (x->row > y->row) - (x->row < y->row);
}

static size_t first_owed(const struct loss *l, const struct kept_id *subject)
{
    return kept_id_place(l->owed, l->owed_count, sizeof *l->owed, offsetof(struct owed, subject), subject);
}

struct one_row {
    struct kept_journal_row row;
    bool found;
};

static int take_row(void *arg, uint64_t number, const struct kept_journal_row *row)
{
    struct one_row *one = arg;
    (void)number;
    one->row = *row;
    one->found = true;
    return KEPT_E_LIMIT; /* no more of them */
}

static int journal_row(struct loss *l, uint64_t number, struct kept_journal_row *ret_row)
{
    struct one_row one = {.found = false};
    int rc = kept_journal_each(l->app->keyring, number, take_row, &one, l->err);
    if (!one.found)
        return rc != 0 ? rc : kept_fail(l->err, KEPT_E_CORRUPT, "the journal lost a row");
    *ret_row = one.row;
    return 0;
}

/* ---- calls: one an entry --------------------------------------------------------------------- */

/* A call of the administrator's; it is the transaction's last. */
static int add_call(struct loss *l, struct call **ret_call)
{
    int rc = kept_grow(&l->calls, &l->call_cap, l->call_count + 1, SIZE_MAX / 64, sizeof *l->calls);
    struct call *call = rc == 0 ? kept_call_new(l->kept) : NULL;
    if (call == NULL)
        return kept_fail(l->err, KEPT_E_NOMEM, "no memory to accept a loss");
    kept_own_call(call, l->kept, l->app, KEPT_OP_STAT, &l->request);
    call->row = &accept_row;
    call->actor = l->actor;
    call->actor_kind = KEPT_ACTOR_APP;
    l->calls[l->call_count++] = call;
    *ret_call = call;
    return 0;
}

/* Let go of the calls behind the first keep. */
static void drop_calls(struct loss *l, size_t keep)
{
    while (l->call_count > keep) {
        struct call *call = l->calls[--l->call_count];
        kept_reply_free(&call->box->reply);
        call->box = NULL;
        kept_call_release(l->kept, call);
    }
}

/* ---- one person ------------------------------------------------------------------------------ */

struct seen {
    struct kept_subject *subject;
    uint64_t lost[EVENTS];
    uint64_t version; /* of the row */
};

/* A permission is no obligation of the journal; but where the ledger knows a later report of it than
 * the row, the row's is not the last word, and what it was nobody knows any more. */
static void forget_permission(struct seen *seen, const struct kept_entry *e, uint32_t ref)
{
    const struct kept_subject *s = seen->subject;
    for (size_t i = 0; i < s->context.permission_count; i++) {
        const struct kept_permission_row *r = &s->permissions[i];
        if (r->ref != ref)
            continue;
        if (e->at > r->at || (e->at == r->at && e->subject_version > seen->version))
            kept_subject_drop_permission(seen->subject, ref);
        return;
    }
}

static int see_entry(void *arg, const struct kept_entry *e, const struct subject_part *part)
{
    struct seen *seen = arg;
    const struct kept_op_row *row = kept_op_row(e->event);
    if (e->decision != KEPT_ALLOW || row == NULL || (row->flags & KEPT_OPF_CHANGE) == 0)
        return 0;
    seen->lost[e->event] += e->subject_version > seen->version;
    if (e->event == KEPT_OP_PERMISSION_SET && part->scope_kind == KEPT_K_PERMISSION)
        forget_permission(seen, e, part->scope);
    return 0;
}

/* An obligation that changed something has an entry of its own. */
static int enter_replay(struct loss *l, const struct kept_journal_row *row, uint64_t version)
{
    struct call *call = NULL;
    int rc = add_call(l, &call);
    if (rc != 0)
        return rc;
    call->row = kept_op_row(kept_replay_op(row));
    call->opened = true;
    call->subject->context.version = version;
    return kept_queue_entry(call, l->err);
}

/* Everything the journal holds of the person, in its order. *version grows with each that changed
 * something. Version 0 meanwhile: of two acts of one millisecond the person's obligation wins. */
static int replay_owed(struct loss *l, struct call *call, uint64_t *version, uint64_t *ret_replayed)
{
    struct kept_subject *s = call->subject;
    int rc = 0;
    for (size_t i = first_owed(l, &s->id);
         rc == 0 && i < l->owed_count && kept_id_equal(&l->owed[i].subject, &s->id); i++) {
        struct kept_journal_row row;
        if ((rc = journal_row(l, l->owed[i].row, &row)) != 0)
            break;
        call->changed = false;
        s->context.version = 0;
        rc = kept_replay(call, &row, l->err);
        if (rc == 0 && call->changed) {
            (*ret_replayed)++;
            rc = enter_replay(l, &row, ++*version);
        }
    }
    return rc;
}

static int accept_opened(struct loss *l, struct call *call, uint64_t newest, uint64_t *ret_replayed)
{
    struct kept_store *store = l->kept->store;
    struct kept_subject *s = call->subject;
    uint64_t version = newest;
    int rc = replay_owed(l, call, &version, ret_replayed);
    bool erased = s->context.state == KEPT_S_ERASED || s->context.state == KEPT_S_KEPT_BY_LAW;
    s->context.version = version + 1;
    if (rc == 0 && !erased) { /* with new keys no record of the lost store opens any more */
        s->marked = true;
        rc = kept_todo_put(store, KEPT_TODO_RESEAL, s->key, call->now, l->err);
    }
    if (rc == 0)
        rc = kept_put_head(call, l->err);
    call->opened = true;
    return rc != 0 ? rc : kept_queue_entry(call, l->err);
}

/* Inside the transaction, behind a mark. Nothing is to be done for who stands where they should. */
static int accept_person(struct loss *l, uint64_t head)
{
    struct call *call = NULL;
    struct seen seen = {.subject = &l->kept->shells[0]};
    uint64_t newest = 0, replayed = 0;
    size_t before = l->call_count;
    int rc = add_call(l, &call);
    if (rc == 0)
        rc = kept_load_key(call, head, l->err);
    if (rc == 0 && l->only != NULL && !kept_id_equal(l->only, &call->subject->id))
        rc = kept_fail(l->err, KEPT_E_NOTFOUND, "this app has no such subject");
    if (rc != 0)
        return rc;
    seen.version = call->subject->context.version;
    rc = kept_known(l->app, call->subject, see_entry, &seen, &newest, l->err);
    if (rc == 0 && seen.version >= newest) {
        drop_calls(l, before);
        return 0;
    }
    if (rc == 0)
        rc = accept_opened(l, call, newest, &replayed);
    if (rc != 0)
        return rc;
    /* The person's own entry comes last, behind those of what was replayed. */
    memmove(l->calls + before, l->calls + before + 1,
            (l->call_count - before - 1) * sizeof *l->calls);
    l->calls[l->call_count - 1] = call;
    l->accepted++;
    l->replayed += replayed;
    for (size_t i = 0; i < EVENTS; i++)
        l->lost[i] += seen.lost[i];
    return 0;
}

/* May the others go on when one person's row gives this? */
static bool is_theirs(int rc)
{
    return rc == KEPT_E_CORRUPT || rc == KEPT_E_CRYPTO || rc == KEPT_E_NOTFOUND ||
           rc == KEPT_E_FORMAT || rc == KEPT_E_LIMIT;
}

/* One person, or nothing of them. */
static int try_person(struct loss *l, uint64_t head)
{
    struct kept_store *store = l->kept->store;
    struct kept_err own = {0}, *err = l->err;
    size_t before = l->call_count;
    int rc = kept_store_mark(store, err);
    if (rc != 0)
        return rc;
    l->err = &own;
    int own_rc = accept_person(l, head);
    l->err = err;
    kept_wipe(l->kept->shells[0].keys, sizeof *l->kept->shells[0].keys);
    if (own_rc == 0)
        return kept_store_keep(store, err);
    drop_calls(l, before);
    rc = kept_store_undo(store, err);
    if (rc != 0)
        return rc;
    if (l->only != NULL || !is_theirs(own_rc))
        return kept_fail(err, own_rc, "%s", own.text);
    if (l->shut++ == 0)
        memcpy(l->first, own.text, sizeof l->first);
    return 0;
}

/* ---- transactions ---------------------------------------------------------------------------- */

/* What was queued reaches the ledger. After the commit there is no way back. */
static int settle(struct loss *l)
{
    struct kept_err own = {0};
    struct kept *kept = l->kept;
    int rc = kept_meta_put_u64(kept->store, "clock", (uint64_t)kept->last_now, l->err);
    if (rc == 0)
        rc = kept_store_commit(kept->store, l->err);
    if (rc != 0)
        return rc;
    kept->change_seq++;
    rc = kept_place(kept, l->calls, l->call_count, &own);
    drop_calls(l, 0);
    if (rc == 0)
        return 0;
    kept->stopped = true;
    return kept_fail(l->err, KEPT_E_UNSETTLED,
                     "the loss is accepted in the store, its entry not in the ledger (%.150s): open "
                     "the store again to finish",
                     own.text);
}

/* A transaction's worth of people from *key on; *key 0: there are no more. */
static int bite(struct loss *l, uint64_t *key)
{
    struct kept_store *store = l->kept->store;
    uint64_t end = KEPT_KEY(l->app->number + 1, 0, 0);
    int rc = kept_store_begin_write(store, l->err);
    for (unsigned i = 0; rc == 0 && *key != 0 && i < HEADS_A_BITE; i++) {
        uint64_t next = 0;
        int found = kept_cell_next(store, *key, &next, NULL);
        if (found == KEPT_E_NOTFOUND || (found == 0 && next >= end)) {
            *key = 0;
            break;
        }
        if (found != 0) {
            rc = kept_fail(l->err, found, "cannot read the people of %s", l->app->name);
            break;
        }
        uint64_t head = next & ~(uint64_t)KEPT_MAX_RECORDS;
        *key = (head | KEPT_MAX_RECORDS) + 1;
        if (next != head)
            continue; /* rows of a person whose head is gone */
        l->heads++;
        rc = try_person(l, head);
        if (l->call_count >= ENTRIES_A_BITE)
            break;
    }
    if (rc == 0 && l->call_count != 0)
        rc = settle(l);
    kept_store_rollback(store); /* a no-op after the commit */
    drop_calls(l, 0);
    return rc;
}

/* The entry about nobody in particular: how many people were concerned, and how many are gone. */
static int enter_sum(struct loss *l)
{
    char text[KEPT_MAX_TEXT + 1];
    const char *reason = l->request.text;
    struct call *call = NULL;
    (void)snprintf(text, sizeof text,
                   "newest changes of %llu people lost, %llu people gone: %s",
                   (unsigned long long)l->accepted, (unsigned long long)l->gone, reason);
    l->request.text = text;
    int rc = kept_store_begin_write(l->kept->store, l->err);
    if (rc == 0)
        rc = add_call(l, &call);
    if (rc == 0) {
        call->absent = l->gone > UINT32_MAX ? UINT32_MAX : (uint32_t)l->gone;
        rc = kept_queue_entry(call, l->err);
    }
    if (rc == 0)
        rc = settle(l);
    kept_store_rollback(l->kept->store);
    drop_calls(l, 0);
    l->request.text = reason;
    return rc;
}

static int accept_all(struct loss *l, const struct kept_policy_info *info)
{
    uint64_t key = KEPT_KEY(l->app->number, 0, 0), born = 0, gone = 0;
    int rc = 0;
    while (rc == 0 && key != 0)
        rc = bite(l, &key);
    if (rc == 0)
        rc = kept_known_people(l->app, info, l->now, &born, &gone, l->err);
    if (rc != 0)
        return rc;
    l->gone = l->heads + gone < born ? born - gone - l->heads : 0;
    return l->accepted != 0 || l->gone != 0 ? enter_sum(l) : 0;
}

static int accept_one(struct loss *l)
{
    uint64_t key = 0;
    if (kept_subject_key(l->only, l->app->number, &key) != 0)
        return kept_fail(l->err, KEPT_E_NOTFOUND, "this app has no such subject");
    int rc = kept_store_begin_write(l->kept->store, l->err);
    if (rc == 0 && (rc = try_person(l, key)) == 0 && l->call_count != 0)
        rc = settle(l);
    kept_store_rollback(l->kept->store);
    drop_calls(l, 0);
    return rc;
}

/* ---- the call -------------------------------------------------------------------------------- */

static bool is_line(const char *text, size_t max)
{
    size_t n = strlen(text);
    if (n == 0 || n > max || !kept_utf8_valid((struct kept_span){(const uint8_t *)text, n}))
        return false;
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return false;
    return true;
}

static int check(const struct kept_loss *loss, struct kept_err *err)
{
    /* Room is left for the numbers that stand before it. */
    if (loss->reason == NULL || !is_line(loss->reason, KEPT_MAX_TEXT - 100))
        return kept_fail(err, KEPT_E_USAGE,
                         "a loss is accepted with a reason, one line of at most %u bytes: it goes "
                         "into the ledger",
                         KEPT_MAX_TEXT - 100);
    if (loss->actor != NULL && loss->actor[0] != 0 && !is_line(loss->actor, KEPT_MAX_NAME))
        return kept_fail(err, KEPT_E_USAGE, "the actor is text of at most %u bytes",
                         KEPT_MAX_NAME);
    if (loss->subject != NULL && kept_id_is_zero(loss->subject))
        return kept_fail(err, KEPT_E_USAGE, "no person is named: name one, or everybody");
    return 0;
}

static int report(const struct loss *l, struct kept_buf *json, struct kept_err *err)
{
    json_t *root = json_pack("{s:s,s:I,s:I,s:I,s:I}", "app", l->app->name, "accepted",
                             (json_int_t)l->accepted, "gone", (json_int_t)l->gone, "replayed",
                             (json_int_t)l->replayed, "shut", (json_int_t)l->shut);
    json_t *lost = json_object();
    if (l->shut != 0)
        (void)json_object_set_new(root, "first", json_string(l->first));
    for (unsigned i = 0; i < EVENTS; i++)
        if (l->lost[i] != 0)
            (void)json_object_set_new(lost, kept_event_name(i),
                                      json_integer((json_int_t)l->lost[i]));
    (void)json_object_set_new(root, "lost", lost);
    return kept_admin_dump(root, json, err);
}

static int accept(struct loss *l)
{
    const struct kept_policy *policy = kept_app_in_force(l->app, l->now);
    if (policy == NULL)
        return kept_fail(l->err, KEPT_E_POLICY, "no version of the policy is in effect yet");
    int rc = kept_journal_each(l->app->keyring, 0, note_owed, l, l->err);
    if (rc != 0)
        return kept_fail(l->err, rc, "cannot read the journal of %s", l->app->name);
    if (l->owed_count > 1)
        qsort(l->owed, l->owed_count, sizeof *l->owed, by_subject);
    return l->only != NULL ? accept_one(l) : accept_all(l, kept_policy_info(policy));
}

int kept_admin_accept_loss(struct kept *kept, const struct kept_loss *loss, struct kept_buf *json,
                           struct kept_err *err)
{
    struct app *app = NULL;
    int rc = check(loss, err);
    if (rc == 0)
        rc = kept_admin_begin(kept, loss->app, &app, err);
    if (rc != 0)
        return rc;
    struct kept_err own = {0}; /* what is looked for and not there is no failure of ours */
    struct loss *l = kept_alloc(1, sizeof *l);
    if (l == NULL) {
        kept_admin_end(kept);
        return kept_fail(err, KEPT_E_NOMEM, "no memory to accept a loss");
    }
    l->kept = kept;
    l->app = app;
    l->only = loss->subject;
    l->actor = loss->actor != NULL && loss->actor[0] != 0 ? loss->actor : "administrator";
    l->request = (struct kept_request){.exemption = EXEMPTION, .text = loss->reason};
    l->err = &own;
    rc = kept_take_time(kept, &l->now, &own);
    if (rc == 0)
        rc = accept(l);
    if (rc == 0)
        rc = kept_checkpoint(kept, 1, &own);
    if (rc == 0)
        rc = report(l, json, &own);
    kept_admin_end(kept);
    kept_free(l->owed);
    kept_free(l->calls);
    kept_free(l);
    return rc == 0 ? 0 : kept_fail(err, rc, "%s", own.text);
}
