/* pipeline.c - the one way through.
 *
 *   authenticate -> look up the operation -> begin -> load context -> decide -> act
 *   -> ledger entry -> commit -> reply
 *
 * A change's entry is queued in its own transaction and placed in the ledger after the commit; a
 * read's goes straight to the segment. flight.c decides which calls share a transaction, and when a
 * reply may leave. */
#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "engine/engine_int.h"

#define LAST_INSTANT ((kept_ms)253402300799000) /* 9999-12-31T23:59:59Z: the last date of four digits */
/* A clock may jitter backwards by this much; then time stands still until it catches up. */
#define CLOCK_SLACK (5 * KEPT_MINUTE)

static const struct kept_op_row table[] = {
    {KEPT_OP_NONE, "", 0, 0, NULL, ""},
#define APP KEPT_WHO_APP
#define STAFF KEPT_WHO_STAFF
#define CHANGE KEPT_OPF_CHANGE
#define SUBJECT KEPT_OPF_SUBJECT
#define ERASED KEPT_OPF_ERASED
#define SOLO KEPT_OPF_SOLO
#define OP(op, name, who, flags, help) {KEPT_OP_##op, name, who, flags, kept_act_##op, help},
#include "engine/ops.def"
#undef OP
};

_Static_assert(sizeof table / sizeof table[0] == KEPT_OP_COUNT, "ops.def lists every operation");

const struct kept_op_row *kept_op_row(enum kept_op op)
{
    if (op <= KEPT_OP_NONE || op >= KEPT_OP_COUNT)
        return NULL;
    KEPT_INVARIANT(table[op].op == op);
    return &table[op];
}

const char *kept_op_name(enum kept_op op)
{
    const struct kept_op_row *row = kept_op_row(op);
    return row == NULL ? "" : row->name;
}

/* ---- authenticate, look up ------------------------------------------------------------------ */

static const char *given(const char *text)
{
    return text != NULL && text[0] != 0 ? text : NULL;
}

static bool is_text(const char *text)
{
    struct kept_span span = {(const uint8_t *)text, strlen(text)};
    if (!kept_utf8_valid(span))
        return false;
    for (size_t i = 0; i < span.n; i++)
        if (span.p[i] < 0x20 || span.p[i] == 0x7f)
            return false;
    return true;
}

static int check_name(const char *what, const char *text, struct kept_err *err)
{
    if (text != NULL && strlen(text) <= KEPT_MAX_NAME && !is_text(text))
        return kept_fail(err, KEPT_E_USAGE, "the %s is not text in UTF-8", what);
    if (text != NULL && strlen(text) > KEPT_MAX_NAME)
        return kept_fail(err, KEPT_E_USAGE, "the %s is longer than %u bytes", what, KEPT_MAX_NAME);
    return 0;
}

static int check_fields(const struct kept_request *r, struct kept_err *err)
{
    if (r->field_count > KEPT_MAX_FIELDS)
        return kept_fail(err, KEPT_E_LIMIT, "%zu fields in one request, more than %u: make several",
                         r->field_count, KEPT_MAX_FIELDS);
    if (r->field_count > 0 && r->fields == NULL)
        return kept_fail(err, KEPT_E_USAGE, "there are no fields, but %zu are announced", r->field_count);
    for (size_t i = 0; i < r->field_count; i++)
        if (r->fields[i].value.p == NULL && r->fields[i].value.n > 0)
            return kept_fail(err, KEPT_E_USAGE, "field %zu has a length and no value", i);
        else if (given(r->fields[i].name) == NULL && r->fields[i].item == KEPT_REF_NONE)
            return kept_fail(err, KEPT_E_USAGE, "field %zu names no item: set its name, or item", i);
    return 0;
}

static int check_names(const struct kept_request *r, struct kept_err *err)
{
    const char *const names[][2] = {
        {"actor", r->actor}, {"role", r->role}, {"function", r->function}, {"purpose", r->purpose},
        {"recipient", r->recipient}, {"item", r->item}, {"permission", r->permission},
        {"exemption", r->exemption}};
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < sizeof names / sizeof names[0]; i++)
        rc = check_name(names[i][0], names[i][1], err);
    if (rc == 0 && r->op != KEPT_OP_POLICY_PUBLISH && r->text != NULL &&
        strlen(r->text) > KEPT_MAX_TEXT)
        rc = kept_fail(err, KEPT_E_LIMIT, "the text is longer than %u bytes", KEPT_MAX_TEXT);
    if (rc == 0 && r->op != KEPT_OP_POLICY_PUBLISH && r->text != NULL && !is_text(r->text))
        rc = kept_fail(err, KEPT_E_USAGE, "the text is not one line in UTF-8");
    bool late = r->expires < 0 || r->expires > LAST_INSTANT;
    if (rc == 0 && (late || r->at < 0 || r->at > LAST_INSTANT))
        rc = kept_fail(err, KEPT_E_USAGE,
                       "%s is no instant: milliseconds since 1970, up to the year 9999",
                       late ? "expires" : "at");
    return rc == 0 ? check_fields(r, err) : rc;
}

/* Once an operation, never decreasing in a store. */
int kept_take_time(struct kept *kept, kept_ms *ret_now, struct kept_err *err)
{
    kept_ms now = kept_now(&kept->clock);
    if (now < kept->last_now - CLOCK_SLACK)
        return kept_fail(err, KEPT_E_CLOCK,
                         "the clock stands %lld s before the newest thing in the store: set it "
                         "right",
                         (long long)((kept->last_now - now) / 1000));
    if (now > kept->last_now)
        kept->last_now = now;
    *ret_now = kept->last_now;
    return 0;
}

/* The policy that governs, and this policy's indices of the request's names. */
static void resolve(struct call *call, const struct kept_policy *policy)
{
    const struct kept_request *r = call->request;
    struct kept_question *q = &call->question;
    call->policy = policy;
    call->info = kept_policy_info(policy);
    call->box->reply.policy_version = call->info->version;
    q->item = KEPT_NO_INDEX;
    q->function = kept_policy_index(policy, KEPT_K_FUNCTION, call->function_ref);
    q->purpose = kept_policy_index(policy, KEPT_K_PURPOSE, call->purpose_ref);
    q->recipient = kept_policy_index(policy, KEPT_K_RECIPIENT, call->recipient_ref);
    q->role = kept_policy_index(policy, KEPT_K_ROLE, call->role_ref);
    q->unknown_function = given(r->function) != NULL && q->function == KEPT_NO_INDEX;
    q->unknown_purpose = given(r->purpose) != NULL && q->purpose == KEPT_NO_INDEX;
    q->unknown_recipient = given(r->recipient) != NULL && q->recipient == KEPT_NO_INDEX;
    q->unknown_role = given(r->role) != NULL && q->role == KEPT_NO_INDEX;
}

static uint32_t ref_of(struct refs *refs, enum kept_kind kind, const char *name)
{
    return given(name) == NULL ? KEPT_REF_NONE : kept_refs_get(refs, kind, name);
}

/* What a consent is about: exactly one name, or none for the whole policy. */
static int take_scope(struct call *call, struct refs *refs, struct kept_err *err)
{
    const struct kept_request *r = call->request;
    const struct {
        enum kept_kind kind;
        uint32_t ref;
    } names[] = {{KEPT_K_FUNCTION, call->function_ref},
                 {KEPT_K_PURPOSE, call->purpose_ref},
                 {KEPT_K_RECIPIENT, call->recipient_ref},
                 {KEPT_K_ITEM, ref_of(refs, KEPT_K_ITEM, r->item)}};
    unsigned count = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].ref != KEPT_REF_NONE) {
            call->scope_kind = (uint8_t)names[i].kind;
            call->scope = names[i].ref;
            count++;
        }
    bool consent = r->op >= KEPT_OP_CONSENT_GRANT && r->op <= KEPT_OP_CONSENT_WITHDRAW;
    if (consent && count > 1)
        return kept_fail(err, KEPT_E_USAGE,
                         "a consent is about one function, purpose, item or recipient, not %u",
                         count);
    if (!consent) {
        call->scope_kind = KEPT_K_NONE;
        call->scope = KEPT_REF_NONE;
    }
    return 0;
}

static int no_app(const struct kept *kept, const char *name, struct kept_err *err)
{
    if (kept->app_count == 0)
        return kept_fail(err, KEPT_E_NOTFOUND, "the store is empty: publish a policy first");
    if (name == NULL)
        return kept_fail(err, KEPT_E_USAGE, "%zu apps stand in this store: name one (%s, %s ...)",
                         kept->app_count, kept->apps[0]->name, kept->apps[1]->name);
    return kept_fail(err, KEPT_E_NOTFOUND, "there is no app of that name in this store, but %s",
                     kept->apps[0]->name);
}

int kept_begin(struct call *call, struct kept_err *err)
{
    int rc = kept_take_time(call->kept, &call->now, err);
    call->box->reply.at = call->now;
    kept_next_id(call->kept, &call->entry_id);
    return rc;
}

int kept_look_up(struct call *call, struct refs *refs, struct kept_err *err)
{
    const struct kept_request *r = call->request;
    call->row = kept_op_row(r->op);
    call->box->reply.tag = r->tag;
    if (call->row == NULL)
        return kept_fail(err, KEPT_E_USAGE, "there is no operation number %d: kept.h lists them", (int)r->op);
    int rc = check_names(r, err);
    if (rc != 0)
        return rc;
    call->actor = given(r->actor) != NULL ? r->actor : given(r->role) != NULL ? r->role : "app";
    call->actor_kind = given(r->role) != NULL ? KEPT_ACTOR_STAFF : KEPT_ACTOR_APP;
    call->question.facts = r->facts;
    call->question.launch = r->launch;
    call->question.exemption = given(r->exemption);
    call->question.justified = given(r->text) != NULL;
    call->question.now = call->now;
    call->question.region = ref_of(refs, KEPT_K_REGION, r->region);
    call->function_ref = ref_of(refs, KEPT_K_FUNCTION, r->function);
    call->purpose_ref = ref_of(refs, KEPT_K_PURPOSE, r->purpose);
    call->recipient_ref = ref_of(refs, KEPT_K_RECIPIENT, r->recipient);
    call->role_ref = ref_of(refs, KEPT_K_ROLE, r->role);
    if (r->op == KEPT_OP_POLICY_PUBLISH)
        return 0; /* it may be the app's first */
    call->app = kept_app_named(call->kept, given(r->app) != NULL ? r->app : "");
    if (call->app == NULL)
        return no_app(call->kept, given(r->app), err);
    const struct kept_policy *policy = kept_app_in_force(call->app, call->now);
    if (policy == NULL)
        return kept_fail(err, KEPT_E_POLICY, "no version of the policy is in effect yet");
    resolve(call, policy);
    return take_scope(call, refs, err);
}

int kept_prepare(struct call *call, struct kept_err *err)
{
    int rc = kept_begin(call, err);
    return rc == 0 ? kept_look_up(call, call->kept->refs, err) : rc;
}

/* ---- load, decide --------------------------------------------------------------------------- */

int kept_load(struct call *call, struct kept_head *head, uint64_t key, struct kept_err *err)
{
    struct app *app = call->app;
    if (kept_debt_unpaid(app, &head->id, head->version))
        return kept_fail(err, KEPT_E_CORRUPT,
                         "a person's row is older than the journal knows: it was put back outside "
                         "kept");
    int rc = kept_subject_open(call->subject, app->keyring, app->number, key, head, err);
    if (rc != 0)
        return rc;
    call->opened = true;
    call->subject->context.ceased = app->ceased;
    call->box->reply.subject = head->id;
    call->box->reply.version = head->version;
    uint32_t version = call->subject->context.policy_version;
    const struct kept_policy *policy = kept_app_policy(app, version);
    if (policy == NULL)
        return kept_fail(err, KEPT_E_CORRUPT,
                         "version %u of the policy governs a person: the store lacks it", version);
    call->subject->context.unshown = policy != call->policy && kept_unshown(call, version);
    if (policy != call->policy)
        resolve(call, policy);
    return 0;
}

void kept_verdict(struct call *call, enum kept_decision decision, enum kept_reason reason,
                  const char *clause, int line)
{
    struct kept_reply *reply = &call->box->reply;
    reply->decision = decision;
    reply->reason = reason;
    reply->clause = clause;
    reply->line = line;
}

bool kept_admit(struct call *call)
{
    const struct kept_question *q = &call->question;
    bool staff = call->actor_kind == KEPT_ACTOR_STAFF;
    bool may = (call->row->who & (staff ? KEPT_WHO_STAFF : KEPT_WHO_APP)) != 0 && !q->unknown_role &&
               kept_policy_role_may(call->policy, q->role, call->row->op);
    /* No policy can shut what people are owed, nor the upkeep that makes an erasure final. */
    bool floor = !staff && (kept_is_owed(call) || call->row->op == KEPT_OP_TICK ||
                            call->row->op == KEPT_OP_ROTATE);
    if (!may && !floor) {
        int line = 0;
        const char *clause = q->unknown_role
                                 ? kept_policy_undeclared_rule(call->policy, &line)
                                 : kept_policy_role_rule(call->policy, q->role, &line);
        kept_verdict(call, KEPT_DENY, KEPT_R_OPERATION, clause, line);
        return false;
    }
    if (call->opened && (call->row->flags & KEPT_OPF_ERASED) == 0 &&
        (call->subject->context.state == KEPT_S_ERASED ||
         call->subject->context.state == KEPT_S_KEPT_BY_LAW)) {
        kept_verdict(call, KEPT_DENY, KEPT_R_ERASED, "", 0);
        return false;
    }
    kept_verdict(call, KEPT_ALLOW, KEPT_R_NONE, "", 0);
    return true;
}

static int find_head(struct call *call, uint64_t *ret_key, struct kept_err *err)
{
    if (kept_id_is_zero(&call->request->subject))
        return kept_fail(err, KEPT_E_USAGE, "this operation needs a subject: the id that subject.new gave");
    if (kept_subject_key(&call->request->subject, call->app->number, ret_key) != 0)
        return kept_fail(err, KEPT_E_NOTFOUND, "this app has no such subject");
    return 0;
}

static int load_subject(struct call *call, struct kept_err *err)
{
    struct kept_head head;
    struct kept_span body = {NULL, 0};
    uint64_t key = 0;
    int rc = find_head(call, &key, err);
    if (rc == 0)
        rc = kept_cell_get(call->kept->store, key, &body, err);
    if (rc == KEPT_E_NOTFOUND)
        return kept_fail(err, rc, "this app has no such subject");
    if (rc == 0 && (rc = kept_head_decode(key, body, &head)) != 0)
        return kept_fail(err, rc, "a person's row is damaged");
    if (rc == 0 && !kept_id_equal(&head.id, &call->request->subject))
        return kept_fail(err, KEPT_E_NOTFOUND, "this app has no such subject");
    return rc != 0 ? rc : kept_load(call, &head, key, err);
}

/* ---- changes -------------------------------------------------------------------------------- */

int kept_put_head(struct call *call, struct kept_err *err)
{
    struct kept_buf *head = &call->kept->head;
    struct kept_subject *s = call->subject;
    kept_buf_clear(head);
    int rc = kept_subject_seal(s, call->app->keyring, head, err);
    if (rc == 0 && head->failed != 0)
        rc = kept_fail(err, head->failed, "a person's row does not fit");
    if (rc == 0)
        rc = kept_cell_put(call->kept->store, s->key, kept_buf_span(head), err);
    if (rc == 0) {
        call->box->reply.subject = s->id;
        call->box->reply.version = s->context.version;
        call->changed = false;
    }
    return rc;
}

int kept_save(struct call *call, struct kept_err *err)
{
    call->subject->context.version++;
    return kept_put_head(call, err);
}

/* One obligation as bytes for the journal's queue: the row itself, canonical. */
static int queue_obligation(struct call *call, struct kept_err *err)
{
    const struct kept_journal_row *j = &call->obligation;
    struct kept_buf body;
    uint64_t seq = 0;
    if (j->kind == 0)
        return 0;
    kept_buf_init(&body, 128);
    kept_buf_u8(&body, (uint8_t)j->kind);
    kept_buf_id(&body, &j->op);
    kept_buf_id(&body, &j->subject);
    kept_buf_u64(&body, (uint64_t)j->at);
    kept_buf_u64(&body, j->version);
    kept_buf_u8(&body, j->scope_kind);
    kept_buf_u32(&body, j->scope);
    kept_buf_u32(&body, j->record);
    int rc = body.failed != 0
                 ? kept_fail(err, body.failed, "no memory for an obligation")
                 : kept_queue_put(call->kept->store, KEPT_QUEUE_JOURNAL, call->app->number, 0,
                                  &j->op, kept_buf_span(&body), &seq, err);
    kept_buf_release(&body);
    if (rc == 0)
        call->kept->journal_hi = seq;
    return rc;
}

int kept_queue_entry(struct call *call, struct kept_err *err)
{
    uint64_t seq = 0;
    int rc = kept_call_encode(call, err);
    if (rc == 0)
        rc = kept_queue_put(call->kept->store, KEPT_QUEUE_LEDGER, call->app->number,
                            call->opened ? call->subject->key : 0, &call->entry_id,
                            kept_buf_span(&call->entry), &seq, err);
    if (rc == 0)
        call->kept->queue_hi = seq;
    return rc;
}

int kept_place(struct kept *kept, struct call *const *calls, size_t count, struct kept_err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < count; i++) {
        struct call *call = calls[i];
        if (call->entry.n == 0)
            continue;
        rc = kept_ledger_append(call->app->ledger, kept_buf_span(&call->entry),
                                call->tagged ? call->tag_key : NULL, &call->index, call->box->reply.leaf, err);
        kept->dirty = true;
    }
    for (size_t i = 0; rc == 0 && i < kept->app_count; i++)
        kept_log_kick(kept, kept->apps[i]);
    return rc;
}

/* Everything of one change inside the open transaction. */
static int change(struct call *call, struct kept_err *err)
{
    int rc = 0;
    if ((call->row->flags & KEPT_OPF_SUBJECT) != 0 && (rc = load_subject(call, err)) != 0)
        return rc;
    if (kept_admit(call)) {
        if ((rc = call->row->act(call, err)) != 0)
            return rc;
        if (call->changed && (rc = kept_save(call, err)) != 0)
            return rc;
        if (call->obligation.kind != 0) {
            call->obligation.op = call->entry_id;
            call->obligation.at = call->now;
            if (call->opened) {
                call->obligation.subject = call->subject->id;
                call->obligation.version = call->subject->context.version;
            }
            if ((rc = queue_obligation(call, err)) != 0)
                return rc;
        }
    }
    return call->quiet ? 0 : kept_queue_entry(call, err);
}

/* Journal rows of committed changes, one append and one sync an app; the store's queue holds them
 * until the journal does. */
static int journal(struct kept *kept, struct call *const *calls, size_t count, struct kept_err *err)
{
    struct kept_journal_row rows[KEPT_MAX_BATCH];
    for (size_t a = 0; a < kept->app_count; a++) {
        size_t n = 0;
        for (size_t i = 0; i < count; i++)
            if (calls[i]->app == kept->apps[a] && calls[i]->obligation.kind != 0 &&
                calls[i]->box->reply.error == 0)
                rows[n++] = calls[i]->obligation;
        int rc = n == 0 ? 0 : kept_journal_append(kept->apps[a]->keyring, rows, n, err);
        for (size_t i = 0; rc == 0 && i < n; i++)
            rc = kept_debt_note(kept->apps[a], &rows[i]);
        if (rc != 0)
            return rc;
    }
    return 0;
}

void kept_call_fail(struct call *call, int rc, const struct kept_err *err)
{
    struct kept_reply *reply = &call->box->reply;
    reply->error = rc;
    reply->err = *err;
    reply->decision = KEPT_DENY;
    kept_box_drop(call->box);
    reply->stripped = 0;
    if (reply->json != NULL) /* a certificate of what did not happen */
        kept_wipe(reply->json, strlen(reply->json));
    kept_free(reply->json);
    reply->json = NULL;
    reply->entry = (struct kept_id){{0}};
    memset(reply->leaf, 0, sizeof reply->leaf);
    kept_buf_clear(&call->entry);
    call->obligation.kind = 0;
}

static int stop(struct kept *kept, struct kept_err *err, const char *what)
{
    char first[KEPT_ERR_TEXT];
    memcpy(first, err->text, sizeof first);
    kept->stopped = true;
    return kept_fail(err, KEPT_E_UNSETTLED, "%s (%.150s): open the store again to finish", what, first);
}

static int change_one(struct kept *kept, struct call *call, struct kept_err *err)
{
    int rc = kept_store_mark(kept->store, err);
    if (rc != 0)
        return rc;
    call->subject = &kept->shells[0];
    struct kept_err own = {0};
    int own_rc = kept_prepare(call, &own);
    if (own_rc == 0)
        own_rc = change(call, &own);
    kept_wipe(kept->shells[0].keys, sizeof *kept->shells[0].keys);
    if (own_rc != 0) {
        kept_call_fail(call, own_rc, &own);
        return kept_store_undo(kept->store, err);
    }
    return kept_store_keep(kept->store, err);
}

/* The run's transaction. On failure nothing of it happened, and every call says so. */
static int transact(struct kept *kept, struct call **calls, size_t count, struct kept_err *err)
{
    int rc = kept_store_begin_write(kept->store, err);
    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = change_one(kept, calls[i], err);
    if (rc == 0)
        rc = kept_meta_put_u64(kept->store, "clock", (uint64_t)kept->last_now, err);
    if (rc == 0)
        rc = kept_store_commit(kept->store, err);
    if (rc == 0)
        return 0;
    kept_store_rollback(kept->store);
    for (size_t i = 0; i < count; i++)
        if (calls[i]->box->reply.error == 0)
            kept_call_fail(calls[i], rc, err);
    return rc;
}

/* What was committed reaches journal and ledger. */
static void settle(struct kept *kept, struct call **calls, size_t count, struct kept_err *err)
{
    kept->change_seq++;
    int rc = journal(kept, calls, count, err);
    if (rc != 0)
        rc = stop(kept, err, "the change is in the store, its obligation not in the journal");
    else if ((rc = kept_place(kept, calls, count, err)) != 0)
        rc = stop(kept, err, "the change is in the store, its entry not in the ledger");
    for (size_t i = 0; rc != 0 && i < count; i++)
        if (calls[i]->box->reply.error == 0)
            kept_call_fail(calls[i], rc, err);
}

int kept_change_batch(struct kept *kept, struct call **calls, size_t count, struct kept_err *err)
{
    int rc = transact(kept, calls, count, err);
    if (rc == 0)
        settle(kept, calls, count, err);
    /* The disk is full, perhaps: what people are owed gets the room that was kept for it. */
    for (size_t i = 0; i < count && !kept->stopped; i++)
        if (calls[i]->box->reply.error == KEPT_E_IO && kept_is_owed(calls[i]) &&
            (kept->reserve_used || kept_reserve_free(kept)) &&
            kept_call_restart(calls[i]) == 0 && transact(kept, &calls[i], 1, err) == 0)
            settle(kept, &calls[i], 1, err);
    return 0;
}

/* Operations with transactions of their own: publish, rotate, tick. */
int kept_change_alone(struct kept *kept, struct call *call, struct kept_err *err)
{
    struct kept_err own = {0};
    call->subject = &kept->shells[0];
    int rc = kept_prepare(call, &own);
    if (rc == 0 && call->request->op != KEPT_OP_POLICY_PUBLISH && !kept_admit(call)) {
        rc = kept_store_begin_write(kept->store, &own);
        if (rc == 0 && (rc = kept_queue_entry(call, &own)) == 0)
            rc = kept_store_commit(kept->store, &own);
    } else if (rc == 0) {
        rc = call->row->act(call, &own);
    }
    kept_store_rollback(kept->store);
    kept_wipe(kept->shells[0].keys, sizeof *kept->shells[0].keys);
    kept->change_seq++;
    if (rc != 0) {
        kept_call_fail(call, rc, &own);
        return 0;
    }
    if ((rc = kept_place(kept, &call, 1, err)) != 0) {
        rc = stop(kept, err, "the change is in the store, its entry not in the ledger");
        kept_call_fail(call, rc, err);
    }
    return 0;
}

/* ---- single reads: everything that is not USE ------------------------------------------------ */

void kept_read_alone(struct kept *kept, struct call *call)
{
    struct kept_err err = {0};
    call->subject = &kept->shells[0];
    call->change_seq = kept->change_seq;
    int rc = kept_prepare(call, &err);
    if (rc == 0)
        rc = kept_store_begin_read(kept->store, &err);
    if (rc == 0) {
        call->app_generation = call->app->generation;
        if ((call->row->flags & KEPT_OPF_SUBJECT) != 0)
            rc = load_subject(call, &err);
        if (rc == 0 && kept_admit(call))
            rc = call->row->act(call, &err);
        if (rc == 0)
            rc = kept_call_encode(call, &err);
        kept_store_end_read(kept->store);
    }
    kept_wipe(kept->shells[0].keys, sizeof *kept->shells[0].keys);
    if (rc != 0 || (rc = kept_place(kept, &call, 1, &err)) != 0)
        kept_call_fail(call, rc, &err);
}
