/* disclose.c - what may leave for a recipient, and what a field of a reply says.
 *
 * Disclosing decides; kept carries nothing to anybody. Where the recipient gets a value as it is, the
 * app has it by reading; where it gets the masked form only, that form comes with the verdict, since
 * nobody else may make it. */
#include "base/error.h"
#include "engine/values_int.h"

int kept_say(struct call *call, const struct kept_dir_row *row, const char *name,
             const struct kept_verdict *verdict, struct kept_span value, struct kept_err *err)
{
    const struct kept_field field = {.item = row->item,
                                     .name = name,
                                     .record = row->slot,
                                     .decision = verdict->decision,
                                     .reason = verdict->reason,
                                     .clause = verdict->clause,
                                     .line = verdict->line};
    int rc = kept_box_field(call->box, &field, value, err);
    if (rc == 0 && kept_call_touch(call, row->item, row->slot, row->version, verdict->decision,
                                   verdict->reason) != 0)
        rc = kept_fail(err, KEPT_E_NOMEM, "no memory for a ledger entry");
    return rc;
}

void kept_say_stamp(struct call *call, const struct kept_stamp *stamp)
{
    struct kept_reply *reply = &call->box->reply;
    struct kept_field *field = &reply->fields[reply->field_count - 1];
    field->source = kept_source_name(stamp->source);
    field->collected = stamp->at;
    field->until = stamp->until;
}

const struct kept_item *kept_judge(const struct call *call, enum kept_use use, uint32_t item,
                                   struct kept_verdict *ret_verdict)
{
    struct kept_question q = call->question;
    q.use = use;
    q.item = kept_policy_index(call->policy, KEPT_K_ITEM, item);
    *ret_verdict = kept_decide(call->policy, &call->subject->context, &q);
    return q.item == KEPT_NO_INDEX ? NULL : kept_policy_item(call->policy, q.item);
}

static struct kept_verdict judge_archived(const struct call *call, uint32_t item)
{
    struct kept_question q = call->question;
    q.use = KEPT_USE_READ;
    q.archived = true;
    q.item = kept_policy_index(call->policy, KEPT_K_ITEM, item);
    return kept_decide(call->policy, &call->subject->context, &q);
}

const struct kept_item *kept_judge_read(const struct call *call, uint32_t item, struct kept_verdict *ret_verdict,
                                        bool *ret_archive)
{
    const struct kept_item *rule = kept_judge(call, KEPT_USE_READ, item, ret_verdict);
    *ret_archive = false;
    if (rule == NULL || ret_verdict->decision != KEPT_DENY || rule->then != KEPT_DISPOSE_ARCHIVE)
        return rule;
    struct kept_verdict v = judge_archived(call, item);
    *ret_archive = v.decision != KEPT_DENY;
    if (*ret_archive)
        *ret_verdict = v;
    return rule;
}

bool kept_time_allows(const struct call *call, uint32_t item, const struct kept_stamp *stamp, bool archive,
                      struct kept_verdict *verdict, kept_ms *ret_until)
{
    const kept_ms gone = kept_gone_at(call, item, stamp);
    const bool erased = stamp->until == 0 && gone != 0; /* then the archive begins with the erasure */
    const bool over = erased || (stamp->until != 0 && stamp->until <= call->now);
    if (ret_until != NULL)
        *ret_until = over ? gone : stamp->until;
    if (over && gone <= call->now)
        *verdict = (struct kept_verdict){KEPT_DENY, KEPT_R_NO_VALUE, verdict->clause, verdict->line};
    else if (over)
        *verdict = judge_archived(call, item);
    else if (archive)
        (void)kept_judge(call, KEPT_USE_READ, item, verdict);
    return verdict->decision != KEPT_DENY;
}

bool kept_reaches_back(const struct call *call, enum kept_use use, uint32_t item,
                       const struct kept_stamp *stamp, struct kept_verdict *ret_verdict)
{
    struct kept_question q = call->question;
    if (stamp->policy_version == call->info->version || call->question.own) /* the first: as good as always */
        return false;
    q.use = use;
    q.item = kept_policy_index(call->policy, KEPT_K_ITEM, item);
    return kept_policy_reaches_back(call->policy, &call->subject->context, &q, stamp->policy_version,
                                    ret_verdict);
}

int kept_say_masked(struct call *call, const struct kept_item *item, const struct kept_dir_row *row,
                    const struct kept_verdict *verdict, bool *ret_said, struct kept_err *err)
{
    struct kept_store *store = call->kept->store;
    struct kept_stamp stamp = {0};
    struct kept_buf value, masked;
    kept_buf_init_secret(&value, KEPT_MAX_VALUE_BYTES);
    kept_buf_init_secret(&masked, KEPT_MAX_VALUE_BYTES);
    /* What is hidden whole need not be opened, however large it is. */
    bool whole = item->mask_whole || kept_kind_can_stream(kept_kind_named(item->kind));
    int rc = whole ? kept_vault_stamp(store, call->subject, row, &stamp, err)
                   : kept_vault_get(store, call->subject, row, &stamp, &value, err);
    *ret_said = rc == 0 && (stamp.until == 0 || stamp.until > call->now);
    if (*ret_said)
        rc = kept_item_mask(item, kept_buf_span(&value), &masked, err);
    if (*ret_said && rc == 0)
        rc = kept_say(call, row, item->name, verdict, kept_buf_span(&masked), err);
    kept_buf_release(&value);
    kept_buf_release(&masked);
    return rc;
}

/* Records of an item that are to leave masked. */
struct leaving {
    struct call *call;
    const struct kept_item *item;
    struct kept_verdict *verdict;
    uint32_t record; /* 0: all */
    size_t count;
    struct kept_err *err;
    int rc;
};

static int mask_record(void *arg, const struct kept_dir_row *row)
{
    struct leaving *l = arg;
    bool said = false;
    if (l->record != 0 && row->slot != l->record)
        return 0;
    l->rc = l->count < KEPT_MAX_FIELDS
                ? kept_say_masked(l->call, l->item, row, l->verdict, &said, l->err)
                : kept_fail(l->err, KEPT_E_LIMIT, "one disclosure names at most %u values",
                            KEPT_MAX_FIELDS);
    l->count += said;
    return l->rc;
}

/* Is there a value among them that would serve a purpose of later than itself? */
static int look_back(void *arg, const struct kept_dir_row *row)
{
    struct leaving *l = arg;
    struct kept_stamp stamp;
    if (l->record != 0 && row->slot != l->record)
        return 0;
    l->rc = kept_vault_stamp(l->call->kept->store, l->call->subject, row, &stamp, l->err);
    return l->rc != 0 || kept_reaches_back(l->call, KEPT_USE_DISCLOSE, row->item, &stamp, l->verdict);
}

static int disclose_field(struct call *call, const struct kept_field *f, bool first,
                          struct kept_err *err)
{
    struct kept_verdict v;
    uint32_t ref = kept_field_ref(f);
    const struct kept_item *item = kept_judge(call, KEPT_USE_DISCLOSE, ref, &v);
    struct leaving l = {call, item, &v, f->record, 0, err, 0};
    int rc = 0;
    if (item != NULL && v.decision != KEPT_DENY && call->app->version_count > 1)
        rc = kept_vault_each(call->kept->store, call->subject, ref, look_back, &l, err);
    rc = rc != 0 ? rc : l.rc;
    if (rc == 0 && item != NULL && v.decision == KEPT_MASK)
        rc = kept_vault_each(call->kept->store, call->subject, ref, mask_record, &l, err);
    rc = rc != 0 ? rc : l.rc;
    if (rc == 0 && l.count == 0) /* nothing is held here, or it goes as it is: the verdict alone */
        rc = kept_say(call, &(struct kept_dir_row){.item = ref}, item == NULL ? "" : item->name, &v,
                      (struct kept_span){NULL, 0}, err);
    if (first || v.decision > call->box->reply.decision)
        kept_verdict(call, v.decision, v.reason, v.clause, v.line);
    return rc;
}

int kept_act_DISCLOSE(struct call *call, struct kept_err *err)
{
    const struct kept_request *r = call->request;
    if (r->field_count == 0)
        return kept_fail(err, KEPT_E_USAGE, "disclose needs at least one item");
    for (size_t i = 0; i < r->field_count; i++) {
        int rc = disclose_field(call, &r->fields[i], i == 0, err);
        if (rc != 0)
            return rc;
    }
    return 0;
}
