/* withdraw.c - what a withdrawal does beside stopping: what rests on nothing else is deleted where the
 * policy says so, recipients who got it are owed a word, and the rest stays as it is. Forward only.
 *
 * A value keeps its ground while one function may still use it for one purpose, or is held up by
 * something that is not the person's word (a case to be named, a notice to be seen). Values of class
 * law are not the person's to withdraw. Whom to tell stands in the person's own entries of the ledger. */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "engine/orders.h"
#include "engine/report_int.h"

/* Is it the person's word, or their guardian's, that is missing? */
static bool is_word(enum kept_reason reason)
{
    return reason == KEPT_R_WITHDRAWN || reason == KEPT_R_REFUSED ||
           reason == KEPT_R_NEEDS_CONSENT || reason == KEPT_R_NEEDS_SEPARATE_CONSENT ||
           reason == KEPT_R_NEEDS_WRITTEN_CONSENT || reason == KEPT_R_NEEDS_GUARDIAN ||
           reason == KEPT_R_CONSENT_EXPIRED || reason == KEPT_R_CONSENT_STALE;
}

/* May it go on, as far as the person's word goes? Neither what no rule opens nor what the app itself
 * may not do is a ground. */
static bool stands(const struct kept_verdict *v)
{
    return v->decision != KEPT_DENY ||
           (!is_word(v->reason) && v->reason != KEPT_R_PURPOSE && v->reason != KEPT_R_FUNCTION &&
            v->reason != KEPT_R_OPERATION && v->reason != KEPT_R_ROLE &&
            v->reason != KEPT_R_PARTITION);
}

static struct kept_question question_of(const struct call *call, enum kept_use use, uint32_t item)
{
    return (struct kept_question){.use = use,
                                  .item = item,
                                  .function = KEPT_NO_INDEX,
                                  .purpose = KEPT_NO_INDEX,
                                  .recipient = KEPT_NO_INDEX,
                                  .role = KEPT_NO_INDEX,
                                  .now = call->now};
}

/* Is there a function through which the item may still be used? Of what nobody reads, collected. */
static bool has_ground(const struct call *call, uint32_t item)
{
    bool hashed = kept_policy_item(call->policy, item)->hashed;
    struct kept_question q = question_of(call, hashed ? KEPT_USE_COLLECT : KEPT_USE_READ, item);
    size_t count = hashed ? call->info->functions : call->info->purposes;
    for (uint32_t i = 0; i < count; i++) {
        if (hashed)
            q.function = i;
        else
            q.purpose = i;
        struct kept_verdict v = kept_decide(call->policy, &call->subject->context, &q);
        if (stands(&v))
            return true;
    }
    return false;
}

static bool may_have(const struct call *call, uint32_t recipient, uint32_t item)
{
    struct kept_question q = question_of(call, KEPT_USE_DISCLOSE, item);
    q.recipient = recipient;
    for (q.purpose = 0; q.purpose < call->info->purposes; q.purpose++) {
        struct kept_verdict v = kept_decide(call->policy, &call->subject->context, &q);
        if (stands(&v))
            return true;
    }
    return false;
}

/* ---- deleting --------------------------------------------------------------------------------- */

struct loss {
    struct call *call;
    kept_ms before; /* records later than this are spared */
    enum kept_kind scope_kind;
    uint32_t scope; /* index */
    bool deletes;
    json_t *deleted, *ordered, *stays; /* NULL: nobody reads the report */
    struct kept_wants wants; /* of what lies elsewhere */
    struct kept_dir_row *rows;
    size_t count, cap, named;
    struct kept_err *err;
    int rc;
};

static int take(void *arg, const struct kept_dir_row *row)
{
    struct loss *l = arg;
    l->rc = kept_grow(&l->rows, &l->cap, l->count + 1, KEPT_MAX_RECORDS, sizeof *l->rows);
    if (l->rc == 0)
        l->rows[l->count++] = *row;
    return l->rc != 0;
}

/* Was the record there when the withdrawal came? Only a replay has to ask. */
static int was_there(const struct loss *l, const struct kept_dir_row *row, bool *ret_was)
{
    struct kept_stamp stamp = {0};
    struct kept_buf value;
    *ret_was = true;
    if (l->before >= l->call->now)
        return 0;
    kept_buf_init_secret(&value, KEPT_MAX_VALUE_BYTES);
    int rc = kept_vault_get(l->call->kept->store, l->call->subject, row, &stamp, &value, l->err);
    kept_buf_release(&value);
    *ret_was = rc != 0 || stamp.at <= l->before;
    return rc == KEPT_E_CORRUPT ? 0 : rc;
}

static int delete_row(struct loss *l, const struct kept_dir_row *row)
{
    struct call *call = l->call;
    bool was = false;
    int rc = was_there(l, row, &was);
    if (rc != 0 || !was)
        return rc;
    rc = kept_vault_delete(call->kept->store, call->subject, row, l->err);
    /* More records than an entry can name are named by their item alone. */
    bool each = l->named + 1 < KEPT_MAX_FIELDS;
    if (rc == 0 && each &&
        kept_call_touch(call, row->item, row->slot, row->version, KEPT_ALLOW, KEPT_R_NONE) != 0)
        rc = kept_fail(l->err, KEPT_E_NOMEM, "no memory for a ledger entry");
    l->named++;
    call->changed = true;
    return rc;
}

static void tell_item(struct loss *l, json_t *object, const char *name, json_t *value)
{
    if (object != NULL)
        set(l->call, object, name, value);
    else
        json_decref(value);
}

/* One item that the scope touches, and of which something is held. */
static int lose_item(struct loss *l, uint32_t index)
{
    const struct kept_item *item = kept_policy_item(l->call->policy, index);
    size_t deleted = 0;
    l->count = 0;
    int rc = kept_vault_each(l->call->kept->store, l->call->subject, item->ref, take, l, l->err);
    if (rc == 0 && l->rc != 0)
        rc = kept_fail(l->err, l->rc, "no memory for the records to delete");
    const char *elsewhere = kept_policy_held_in(l->call->policy, index); /* whether of this person, they know there */
    if (rc != 0 || (l->count == 0 && elsewhere == NULL))
        return rc;
    bool ground = has_ground(l->call, index);
    const char *why = item->class == KEPT_CLASS_LAW ? "a law keeps it"
                      : ground                      ? "another consent or ground carries it"
                      : !l->deletes                 ? "held, not used; deleted when asked for"
                                                    : NULL;
    for (size_t i = 0; rc == 0 && why == NULL && i < l->count; i++)
        if (l->rows[i].class != KEPT_CLASS_LAW) {
            rc = delete_row(l, &l->rows[i]);
            deleted++;
        }
    if (rc == 0 && why == NULL && elsewhere != NULL) {
        rc = kept_want(&l->wants, l->call->policy, index, l->before, l->err);
        tell_item(l, l->ordered, item->name, json_string(elsewhere));
    }
    if (why != NULL)
        tell_item(l, l->stays, item->name, json_string(why));
    else if (l->count > 0)
        tell_item(l, l->deleted, item->name, json_integer((json_int_t)deleted));
    return rc;
}

static int lose_items(struct loss *l)
{
    int rc = 0;
    size_t before = l->named;
    for (uint32_t i = 0; rc == 0 && i < l->call->info->items; i++)
        if (l->scope_kind != KEPT_K_RECIPIENT &&
            kept_policy_touches(l->call->policy, l->scope_kind, l->scope, i))
            rc = lose_item(l, i);
    for (size_t i = 0; rc == 0 && i < l->wants.count && i < KEPT_MAX_FIELDS; i++)
        if (kept_call_touch(l->call, l->wants.rows[i].item.item, 0, 0, KEPT_ALLOW, KEPT_R_NONE) != 0)
            rc = kept_fail(l->err, KEPT_E_NOMEM, "no memory for a ledger entry");
    if (rc == 0)
        rc = kept_wants_order(l->call, &l->wants, KEPT_ASK_WITHDRAW, NULL, l->err);
    if (rc == 0 && l->named > before) {
        /* What is deleted stays readable in old pages and backups until the person's key changes. */
        l->call->subject->marked = true;
        rc = kept_todo_put(l->call->kept->store, KEPT_TODO_RESEAL, l->call->subject->key,
                           l->call->now, l->err);
    }
    return rc;
}

/* ---- telling ---------------------------------------------------------------------------------- */

struct telling {
    struct loss *loss;
    json_t *owed; /* NULL: nobody reads it */
    int rc;
};

static int owe(struct telling *t, uint32_t to, uint32_t index, uint32_t item)
{
    struct call *call = t->loss->call;
    struct kept_paper old;
    struct kept_paper paper = {.kind = KEPT_P_OWED,
                               .scope_kind = KEPT_K_ITEM,
                               .state = t->loss->deletes && !has_ground(call, index)
                                            ? KEPT_OWED_DELETE
                                            : KEPT_OWED_STOP,
                               .scope = item,
                               .to = to,
                               .at = call->now};
    if (kept_paper_find(call->subject, &paper, &old) && old.state >= paper.state)
        return 0;
    int rc = kept_paper_put(call->subject, &paper, t->loss->err);
    call->changed = true;
    if (rc != 0 || t->owed == NULL)
        return rc;
    json_t *row = json_object();
    set(call, row, "recipient", json_string(kept_ref_name(call->app, KEPT_K_RECIPIENT, to)));
    set(call, row, "item", json_string(kept_ref_name(call->app, KEPT_K_ITEM, item)));
    set(call, row, "tell", json_string(paper.state == KEPT_OWED_DELETE ? "delete" : "stop"));
    add(call, t->owed, row);
    return 0;
}

/* Does the withdrawn scope touch what this recipient got? */
static bool concerns(const struct loss *l, uint32_t recipient, uint32_t item)
{
    return l->scope_kind == KEPT_K_RECIPIENT
               ? l->scope == recipient
               : kept_policy_touches(l->call->policy, l->scope_kind, l->scope, item);
}

static int see_entry(void *arg, const struct kept_entry *entry, const struct subject_part *part)
{
    struct telling *t = arg;
    const struct call *call = t->loss->call;
    struct subject_part own = *part;
    struct touched touched;
    if (entry->event != KEPT_OP_DISCLOSE || entry->decision == KEPT_DENY)
        return 0;
    uint32_t to = kept_policy_index(call->policy, KEPT_K_RECIPIENT, part->recipient);
    while (t->rc == 0 && kept_next_touched(&own, &touched)) {
        uint32_t item = kept_policy_index(call->policy, KEPT_K_ITEM, touched.item);
        if (touched.decision != KEPT_DENY && to != KEPT_NO_INDEX && item != KEPT_NO_INDEX &&
            concerns(t->loss, to, item) && !may_have(call, to, item))
            t->rc = owe(t, part->recipient, item, touched.item);
    }
    return t->rc;
}

/* ---- all of it -------------------------------------------------------------------------------- */

static int act(struct loss *l, json_t *owed)
{
    struct call *call = l->call;
    struct telling t = {.loss = l, .owed = owed};
    uint64_t newest = 0;
    int rc = lose_items(l);
    if (rc == 0 && call->info->recipients > 0) {
        rc = kept_known(call->app, call->subject, see_entry, &t, &newest, l->err);
        rc = t.rc != 0 ? t.rc : rc;
    }
    kept_free(l->rows);
    kept_wants_release(&l->wants);
    return rc;
}

static struct loss loss_of(struct call *call, enum kept_kind scope_kind, uint32_t scope,
                           struct kept_err *err)
{
    uint32_t index = scope_kind == KEPT_K_NONE
                         ? KEPT_NO_INDEX
                         : kept_policy_index(call->policy, scope_kind, scope);
    uint32_t function = scope_kind == KEPT_K_FUNCTION ? index : KEPT_NO_INDEX;
    return (struct loss){.call = call,
                         .before = call->now,
                         .scope_kind = scope_kind,
                         .scope = index,
                         .deletes = kept_policy_withdrawal(call->policy, function) ==
                                    KEPT_WITHDRAW_DELETE,
                         .err = err};
}

int kept_withdrawn(struct call *call, enum kept_kind scope_kind, uint32_t scope,
                   struct kept_err *err)
{
    static const char *const effects[] = {
        "collection stops", "collection and use stop",
        "collection and use stop; what rests on nothing else is deleted"};
    uint32_t function = scope_kind == KEPT_K_FUNCTION
                            ? kept_policy_index(call->policy, scope_kind, scope)
                            : KEPT_NO_INDEX;
    struct loss l = loss_of(call, scope_kind, scope, err);
    json_t *root = json_object(), *owed = json_array();
    bool done = false;
    l.deleted = json_object();
    l.ordered = json_object();
    l.stays = json_object();
    int rc = act(&l, owed);
    set(call, root, "effect", json_string(effects[kept_policy_withdrawal(call->policy, function)]));
    set(call, root, "deleted", l.deleted);
    set(call, root, "ordered_deleted", l.ordered);
    if (l.named > 0)
        set(call, root, "final",
            time_json(kept_final_at(call->app, call->info, call->subject->epoch, &done)));
    set(call, root, "stays", l.stays);
    set(call, root, "to_be_told", owed);
    set(call, root, "earlier_processing", json_string("stays lawful"));
    if (rc != 0) {
        kept_json_free(root);
        return rc;
    }
    return kept_report_finish(call, root, err);
}

int kept_withdrawn_again(struct call *call, const struct kept_journal_row *row, struct kept_err *err)
{
    bool guardian = row->kind == KEPT_J_GUARDIAN_REVOKED;
    const struct kept_policy *governs =
        kept_app_policy(call->app, call->subject->context.policy_version);
    if (governs == NULL)
        return 0; /* opening the person says so */
    call->policy = governs;
    call->info = kept_policy_info(governs);
    struct loss l = loss_of(call, guardian ? KEPT_K_NONE : (enum kept_kind)row->scope_kind,
                            row->scope, err);
    l.before = row->at;
    return act(&l, NULL);
}
