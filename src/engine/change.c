/* change.c - people, permissions and collection. */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/id.h"
#include "engine/orders.h"
#include "engine/report_int.h"
#include "engine/values_int.h"

/* ---- people --------------------------------------------------------------------------------- */

static int set_facts(struct call *call, struct kept_err *err)
{
    const struct kept_request *r = call->request;
    struct kept_context *c = &call->subject->context;
    if (r->birth_date != NULL && r->birth_date[0] != 0) {
        int32_t day = 0;
        if (kept_date_parse(r->birth_date, strlen(r->birth_date), &day) != 0 ||
            day > kept_zone_day(&call->info->zone, call->now))
            return kept_fail(err, KEPT_E_USAGE,
                             "a birth date is a day of the past, as YYYY-MM-DD");
        c->birth_day = day;
    }
    if (r->region != NULL && r->region[0] != 0 &&
        (strlen(r->region) != 2 || r->region[0] < 'A' || r->region[0] > 'Z' || r->region[1] < 'A' ||
         r->region[1] > 'Z'))
        return kept_fail(err, KEPT_E_USAGE, "a region is two capitals of ISO 3166, such as CN");
    if (r->region != NULL && r->region[0] != 0)
        c->region = kept_ref(KEPT_K_REGION, r->region);
    return 0;
}

/* Facts for a person who was found: set where they differ. */
static int settle_facts(struct call *call, struct kept_err *err)
{
    const struct kept_context *c = &call->subject->context;
    const int32_t birth_day = c->birth_day;
    const uint32_t region = c->region;
    int rc = set_facts(call, err);
    if (rc != 0 || (birth_day == c->birth_day && region == c->region))
        return rc;
    if (!kept_may_also(call, KEPT_OP_SUBJECT_SET)) {
        call->subject->context.birth_day = birth_day;
        call->subject->context.region = region;
        return 0;
    }
    call->row = kept_op_row(KEPT_OP_SUBJECT_SET);
    call->changed = true;
    return 0;
}

static int next_number(struct call *call, uint64_t *ret_number, struct kept_err *err)
{
    char name[32];
    struct app *app = call->app;
    (void)snprintf(name, sizeof name, "next.%u", app->number);
    *ret_number = app->next_number++;
    call->born = *ret_number;
    return kept_meta_put_u64(call->kept->store, name, app->next_number, err);
}

int kept_act_SUBJECT_NEW(struct call *call, struct kept_err *err)
{
    uint64_t number = 0;
    struct kept_span body;
    bool is_new = true;
    int rc = kept_find_or_new(call, &is_new, err);
    if (rc != 0 || !is_new)
        return rc != 0 || !call->opened ? rc : settle_facts(call, err);
    rc = next_number(call, &number, err);
    if (rc == 0 && (rc = kept_cell_get(call->kept->store,
                                       KEPT_KEY(call->app->number, number, 0), &body, err)) == 0)
        rc = kept_fail(err, KEPT_E_CORRUPT,
                       "the next person's place is taken: the store was changed outside kept");
    else if (rc == KEPT_E_NOTFOUND)
        rc = 0;
    if (rc == 0)
        rc = kept_subject_make(call->subject, call->app->number, number, call->now, err);
    if (rc != 0)
        return rc;
    call->opened = true;
    call->subject->context.policy_version = call->info->version;
    call->changed = true;
    return set_facts(call, err);
}

int kept_act_SUBJECT_SET(struct call *call, struct kept_err *err)
{
    const struct kept_request *r = call->request;
    if ((r->birth_date == NULL || r->birth_date[0] == 0) &&
        (r->region == NULL || r->region[0] == 0))
        return kept_fail(err, KEPT_E_USAGE, "nothing to set: give a birth date or a region");
    call->changed = true;
    return set_facts(call, err);
}

/* ---- permissions, the end of the service ------------------------------------------------------ */

int kept_act_PERMISSION_SET(struct call *call, struct kept_err *err)
{
    const char *name = call->request->permission;
    struct kept_permission_row row = {.ref = name == NULL ? 0 : kept_ref(KEPT_K_PERMISSION, name),
                                      .on = call->request->on != 0,
                                      .reported_by = (uint8_t)call->actor_kind,
                                      .at = call->now,
                                      .expires = call->request->on != 0 ? call->request->expires : 0};
    if (name == NULL || name[0] == 0)
        return kept_fail(err, KEPT_E_USAGE, "which permission? Name one, as the policy does");
    if (row.expires != 0 && row.expires <= call->now)
        return kept_fail(err, KEPT_E_USAGE, "the permission would have ended before it began");
    if (kept_policy_index(call->policy, KEPT_K_PERMISSION, row.ref) == KEPT_NO_INDEX) {
        /* S1-1.20: an undeclared permission event is a violation, on record and without effect. */
        int line = 0;
        const char *clause = kept_policy_undeclared_rule(call->policy, &line);
        kept_verdict(call, KEPT_DENY, KEPT_R_UNDECLARED, clause, line);
        return 0;
    }
    call->scope_kind = KEPT_K_PERMISSION;
    call->scope = row.ref;
    call->changed = true;
    return kept_subject_set_permission(call->subject, &row, err);
}

int kept_act_SERVICE_CEASE(struct call *call, struct kept_err *err)
{
    char name[32];
    (void)snprintf(name, sizeof name, "ceased.%u", call->app->number);
    call->obligation = (struct kept_journal_row){.kind = KEPT_J_CEASE};
    int rc = kept_meta_put_u64(call->kept->store, name, (uint64_t)call->now, err);
    if (rc == 0) {
        /* Should the commit fail, staying ceased until reopened errs on the side of the person. */
        call->app->ceased = true;
        call->app->generation++;
    }
    return rc;
}

/* ---- collecting ----------------------------------------------------------------------------- */

/* One field on its way in. */
struct incoming {
    const struct kept_field *field;
    const struct kept_item *item; /* NULL: undeclared, stripped */
    uint32_t index, ref;
    struct kept_verdict verdict;
    bool held;                    /* a value is there already */
    struct kept_dir_row row;      /* that value's */
    struct kept_buf normal;       /* the value's normal form, secret */
};

static int find_held(struct call *call, struct incoming *in, struct kept_err *err)
{
    int rc = kept_vault_find(call->kept->store, call->subject, in->ref, 0, &in->row, err);
    in->held = rc == 0;
    return rc == KEPT_E_NOTFOUND ? 0 : rc;
}

/* People correct what is held of them by that right; what is new comes in as it does for anybody. */
static bool corrects(const struct call *call, const struct incoming *in)
{
    return call->actor_kind == KEPT_ACTOR_PERSON && in->held && !in->item->many;
}

static int judge(struct call *call, struct incoming *in, struct kept_err *err)
{
    struct kept_question q = call->question;
    q.use = KEPT_USE_COLLECT;
    q.item = in->index;
    int rc = in->item != NULL ? find_held(call, in, err) : 0;
    if (rc != 0)
        return rc;
    q.own = in->item != NULL && corrects(call, in);
    in->verdict = kept_decide(call->policy, &call->subject->context, &q);
    if (in->item == NULL || in->verdict.decision == KEPT_DENY)
        return 0;
    if (in->held && in->item->locked && call->role_ref == KEPT_REF_NONE) {
        in->verdict = (struct kept_verdict){KEPT_DENY, KEPT_R_LOCKED, in->item->clause,
                                            in->item->line};
        return 0;
    }
    bool fits = false;
    if (call->stream != NULL)
        rc = kept_stream_check(call, in->item, &fits, err);
    else
        fits = (rc = kept_item_normal(in->item, in->field->value, &in->normal, err)) == 0;
    if (rc != 0 && (call->stream != NULL || (rc != KEPT_E_USAGE && rc != KEPT_E_LIMIT)))
        return rc;
    if (!fits)
        in->verdict = (struct kept_verdict){KEPT_DENY, KEPT_R_INVALID, in->item->clause,
                                            in->item->line};
    else if (in->held && in->item->by_code && call->role_ref == KEPT_REF_NONE &&
             !kept_address_shown(call, in->item, kept_buf_span(&in->normal)))
        in->verdict = (struct kept_verdict){KEPT_DENY, KEPT_R_NEED_VERIFICATION, in->item->clause,
                                            in->item->line};
    return 0;
}

/* Two values for an item that holds one: which of them is meant would be a guess. */
static int check_once(const struct incoming *in, size_t count, struct kept_err *err)
{
    uint64_t seen[KEPT_MAX_DECLARED / 64] = {0};
    for (size_t i = 0; i < count; i++) {
        if (in[i].item == NULL || in[i].item->many)
            continue;
        uint64_t bit = 1ull << (in[i].index % 64);
        if ((seen[in[i].index / 64] & bit) != 0)
            return kept_fail(err, KEPT_E_USAGE,
                             "two values are given for %s, which holds one (line %d of the policy)",
                             in[i].item->name, in[i].item->line);
        seen[in[i].index / 64] |= bit;
    }
    return 0;
}

static int gather_fields(struct call *call, struct incoming *in, struct kept_err *err)
{
    const struct kept_request *r = call->request;
    for (size_t i = 0; i < r->field_count; i++) {
        const struct kept_field *f = &r->fields[i];
        in[i].field = f;
        in[i].ref = kept_field_ref(f);
        in[i].index = kept_policy_index(call->policy, KEPT_K_ITEM, in[i].ref);
        if (in[i].index != KEPT_NO_INDEX)
            in[i].item = kept_policy_item(call->policy, in[i].index);
        kept_buf_init_secret(&in[i].normal, KEPT_MAX_VALUE_BYTES);
        int rc = judge(call, &in[i], err);
        if (rc != 0)
            return rc;
        if (in[i].item == NULL)
            call->box->reply.stripped++;
    }
    return 0;
}

static int mark_present(void *arg, const struct kept_dir_row *row)
{
    struct call *call = ((void **)arg)[0];
    uint64_t *present = ((void **)arg)[1];
    uint32_t index = kept_policy_index(call->policy, KEPT_K_ITEM, row->item);
    if (index != KEPT_NO_INDEX)
        present[index / 64] |= 1ull << (index % 64);
    return 0;
}

/* Which of them are missing: kinds of item, so nothing personal. */
static int name_missing(struct call *call, uint64_t *present, uint32_t missing, struct kept_err *err)
{
    json_t *root = json_object(), *names = json_array();
    for (; missing != KEPT_NO_INDEX;
         missing = kept_policy_missing(call->policy, call->question.function, present)) {
        add(call, names, json_string(kept_policy_item(call->policy, missing)->name));
        present[missing / 64] |= 1ull << (missing % 64);
    }
    set(call, root, "missing", names);
    return kept_report_finish(call, root, err);
}

/* Deny everything when an item the function cannot do without is neither held nor coming. */
static int check_mandatory(struct call *call, struct incoming *in, size_t count,
                           struct kept_err *err)
{
    uint64_t present[KEPT_MAX_DECLARED / 64] = {0};
    void *arg[] = {call, present};
    if (call->question.function == KEPT_NO_INDEX)
        return 0;
    for (size_t i = 0; i < count; i++)
        if (in[i].item != NULL && in[i].verdict.decision != KEPT_DENY)
            present[in[i].index / 64] |= 1ull << (in[i].index % 64);
    uint32_t missing = kept_policy_missing(call->policy, call->question.function, present);
    if (missing == KEPT_NO_INDEX)
        return 0;
    int rc = kept_vault_each(call->kept->store, call->subject, 0, mark_present, arg, err);
    if (rc != 0)
        return rc;
    missing = kept_policy_missing(call->policy, call->question.function, present);
    if (missing == KEPT_NO_INDEX)
        return 0;
    const struct kept_item *item = kept_policy_item(call->policy, missing);
    for (size_t i = 0; i < count; i++)
        if (in[i].verdict.decision != KEPT_DENY)
            in[i].verdict = (struct kept_verdict){KEPT_DENY, KEPT_R_MANDATORY_MISSING, item->clause,
                                                  item->line};
    return name_missing(call, present, missing, err);
}

/* Where the value comes from: who passed it in, by which authority; else the person's own action, what
 * was worked out, or what using brings about (S0-2.1, S4-1.10). */
static void stamp_source(const struct call *call, const struct incoming *in,
                         struct kept_stamp *stamp)
{
    stamp->source = (call->question.facts & KEPT_F_IMPORTED) != 0      ? KEPT_SOURCE_IMPORTED
                    : (call->question.facts & KEPT_F_USER_ACTION) != 0 ? KEPT_SOURCE_USER
                                                                       : KEPT_SOURCE_GENERATED;
    if (kept_policy_derived(call->policy, in->index))
        stamp->source = KEPT_SOURCE_DERIVED;
    if (!kept_policy_gives(call->policy, call->question.recipient, in->index))
        return;
    stamp->source = KEPT_SOURCE_THIRD_PARTY;
    stamp->from = call->recipient_ref;
}

/* When it ends: with its time, or with a consent that was given until a day and takes what rests on it
 * along (S2-3.1.5b). */
static kept_ms end_of(const struct call *call, const struct kept_item *item)
{
    kept_ms until = item->retain > 0 ? call->now + item->retain : 0;
    const struct kept_context *c = &call->subject->context;
    if (item->class == KEPT_CLASS_LAW ||
        kept_policy_withdrawal(call->policy, call->question.function) != KEPT_WITHDRAW_DELETE)
        return until;
    for (size_t i = 0; i < c->consent_count; i++) {
        const struct kept_consent_row *row = &c->consents[i];
        if (row->scope_kind == KEPT_K_FUNCTION && row->scope == call->function_ref &&
            row->state == KEPT_CS_GRANTED && row->expires > call->now &&
            (until == 0 || row->expires < until))
            until = row->expires;
    }
    return until;
}

/* What was corrected stays what it was collected for. */
static int keep_function(struct call *call, const struct incoming *in, struct kept_stamp *stamp, struct kept_err *err)
{
    struct kept_stamp before = {0};
    if (!corrects(call, in))
        return 0;
    int rc = kept_vault_stamp(call->kept->store, call->subject, &in->row, &before, err);
    stamp->function = rc == 0 ? before.function : stamp->function;
    return rc;
}

static int store_value(struct call *call, struct incoming *in, struct kept_err *err)
{
    struct kept_store *store = call->kept->store;
    char hex[KEPT_HASHED_BYTES + 1];
    const struct kept_item *item = in->item;
    struct kept_span value = kept_buf_span(&in->normal);
    struct kept_stamp stamp = {
        .at = call->now,
        .until = end_of(call, item),
        .policy_version = call->info->version,
        .function = call->function_ref,
        .partition = item->partition,
    };
    stamp_source(call, in, &stamp);
    bool replaces = in->held && !item->many;
    int rc = keep_function(call, in, &stamp, err);
    if (rc == 0 && item->hashed) { /* S0-3.2: the value itself never reaches the store */
        rc = kept_hashed(call->app, in->ref, value, hex, err);
        value = (struct kept_span){(const uint8_t *)hex, sizeof hex - 1};
    }
    const struct kept_dir_row *over = replaces ? &in->row : NULL;
    if (rc == 0)
        rc = call->stream != NULL
                 ? kept_stream_keep(call, item, &stamp, over, &in->row, err)
                 : kept_vault_put(store, call->subject, over, in->ref, item->class, &stamp, value,
                                  &in->row, err);
    if (rc == 0 && item->token)
        rc = kept_tokens_put(call->kept, call->app, item, value, call->subject->key | in->row.slot,
                             err);
    if (rc == 0)
        rc = kept_ends_note(call, &in->row, replaces, stamp.until, err);
    return rc;
}

static int finish_field(struct call *call, struct incoming *in, bool first, struct kept_err *err)
{
    const struct kept_verdict *v = &in->verdict;
    bool stored = v->decision != KEPT_DENY && in->item->place == KEPT_PLACE_STORE;
    int rc = stored ? store_value(call, in, err) : 0;
    const struct kept_field out = {.item = in->ref,
                                   .name = in->item == NULL ? "" : in->item->name,
                                   .record = stored ? in->row.slot : 0,
                                   .decision = v->decision,
                                   .reason = v->reason,
                                   .clause = v->clause,
                                   .line = v->line};
    if (rc == 0)
        rc = kept_box_field(call->box, &out, (struct kept_span){NULL, 0}, err);
    if (rc == 0 && in->item != NULL &&
        kept_call_touch(call, in->ref, out.record, stored ? in->row.version : 0, v->decision,
                        v->reason) != 0)
        rc = kept_fail(err, KEPT_E_NOMEM, "no memory for a ledger entry");
    if (first || v->decision > call->box->reply.decision)
        kept_verdict(call, v->decision, v->reason, v->clause, v->line);
    call->changed = call->changed || stored;
    return rc;
}

/* Only a launch in which something was collected uses up the launch (S0-2.4). */
static int note_launch(struct call *call, const struct incoming *in, struct kept_err *err)
{
    const struct kept_launch_row row = {call->function_ref, in->ref, call->question.launch};
    if (in->verdict.decision == KEPT_DENY || row.launch == 0 ||
        !kept_policy_once_per_launch(call->policy, call->question.function))
        return 0;
    call->changed = true;
    return kept_subject_set_launch(call->subject, &row, err);
}

/* By which name the systems that are to hold what was allowed know the person: the app puts it there under that. */
static int name_elsewhere(struct call *call, const struct incoming *in, size_t count, struct kept_err *err)
{
    bool any = false;
    for (size_t i = 0; i < count; i++)
        any = any || (in[i].item != NULL && in[i].item->place == KEPT_PLACE_EXTERNAL && in[i].verdict.decision != KEPT_DENY);
    if (!any || call->box->reply.json != NULL || call->actor_kind == KEPT_ACTOR_PERSON)
        return 0;
    json_t *root = json_object(), *rows = json_array();
    kept_references(call, rows);
    set(call, root, "held_elsewhere", rows);
    return kept_report_finish(call, root, err);
}

int kept_act_COLLECT(struct call *call, struct kept_err *err)
{
    size_t count = call->request->field_count;
    if (count == 0)
        return kept_fail(err, KEPT_E_USAGE, "collect needs at least one field");
    struct incoming *in = kept_alloc(count, sizeof *in);
    if (in == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for %zu fields", count);
    int rc = gather_fields(call, in, err);
    if (rc == 0)
        rc = check_once(in, count, err);
    if (rc == 0)
        rc = check_mandatory(call, in, count, err);
    bool begins = rc == 0 && kept_stream_begins(call) && in[0].verdict.decision != KEPT_DENY;
    if (begins)
        rc = kept_stream_reserve(call, in[0].item, err);
    for (size_t i = 0; !begins && rc == 0 && i < count; i++) {
        rc = finish_field(call, &in[i], i == 0, err);
        if (rc == 0)
            rc = note_launch(call, &in[i], err);
    }
    if (!begins && rc == 0)
        rc = name_elsewhere(call, in, count, err);
    for (size_t i = 0; i < count; i++)
        kept_buf_release(&in[i].normal);
    kept_free(in);
    return rc;
}
