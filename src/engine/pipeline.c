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
#include "engine/approve_int.h"

#define LAST_INSTANT ((kept_ms)253402300799000) /* 9999-12-31T23:59:59Z: the last date of four digits */
/* A clock may jitter backwards by this much; then time stands still until it catches up. */
#define CLOCK_SLACK (5 * KEPT_MINUTE)

static const struct kept_op_row table[] = {
    {KEPT_OP_NONE, "", 0, 0, NULL, ""},
#define APP KEPT_WHO_APP
#define STAFF KEPT_WHO_STAFF
#define PERSON KEPT_WHO_PERSON
#define VISITOR KEPT_WHO_VISITOR
#define CHANGE KEPT_OPF_CHANGE
#define SUBJECT KEPT_OPF_SUBJECT
#define ERASED KEPT_OPF_ERASED
#define SOLO KEPT_OPF_SOLO
#define NAMED KEPT_OPF_NAMED
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
        {"exemption", r->exemption}, {"mark", r->mark}, {"system", r->os},
        {"system's version", r->os_version}, {"app's version", r->app_version}, {"surface", r->surface}};
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < sizeof names / sizeof names[0]; i++)
        rc = check_name(names[i][0], names[i][1], err);
    if (rc == 0 && r->mark != NULL && strlen(r->mark) > KEPT_MAX_MARK_NAME)
        rc = kept_fail(err, KEPT_E_USAGE, "the name of a mark is longer than %u bytes",
                       KEPT_MAX_MARK_NAME);
    if (rc == 0 && r->mark_text != NULL &&
        (strlen(r->mark_text) > KEPT_MAX_MARK || !is_text(r->mark_text)))
        rc = kept_fail(err, KEPT_E_USAGE, "the text of a mark is one line of at most %u bytes",
                       KEPT_MAX_MARK);
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
    call->actor_kind = kept_by_self(call) ? KEPT_ACTOR_PERSON : given(r->role) != NULL ? KEPT_ACTOR_STAFF : KEPT_ACTOR_APP;
    call->question.facts = r->facts;
    if (call->actor_kind == KEPT_ACTOR_PERSON) { /* it is their own doing, whatever they say of it */
        call->question.facts = KEPT_F_USER_ACTION | KEPT_F_IN_USE;
        call->question.own = r->op == KEPT_OP_USE;
    }
    call->client = (struct kept_client){given(r->os), given(r->os_version), given(r->app_version),
                                        given(r->surface)};
    call->question.client = &call->client;
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

/* No policy can shut from the app what people are owed, nor the upkeep that makes an erasure final, nor the way of orders to
 * other systems, nor the owner's to say who else may ask. */
static bool never_shut(const struct call *call)
{
    const enum kept_op op = call->row->op;
    return kept_is_owed(call) || op == KEPT_OP_TICK || op == KEPT_OP_ROTATE || op == KEPT_OP_POST_TAKE ||
           op == KEPT_OP_POST_TELL || op == KEPT_OP_ORDER_LIST || op == KEPT_OP_ORDER_DONE || op == KEPT_OP_STAFF_ATTEST ||
           (op >= KEPT_OP_CALLER_ADD && op <= KEPT_OP_CALLER_REVIEW);
}

/* By what the caller is limited to, and by the role's operations. */
static bool may_ask(struct call *call)
{
    const struct kept_question *q = &call->question;
    if (kept_is_leaving(call))
        return true;
    if (call->by != NULL && !kept_caller_may(call->by, call->request)) {
        kept_verdict(call, KEPT_DENY, KEPT_R_CALLER, "", 0);
        return false;
    }
    bool staff = call->actor_kind == KEPT_ACTOR_STAFF;
    bool may = (call->row->who & (staff ? KEPT_WHO_STAFF : KEPT_WHO_APP)) != 0 && !q->unknown_role &&
               kept_policy_role_may(call->policy, q->role, call->row->op);
    bool floor = !staff && never_shut(call);
    if (!may && !floor) {
        int line = 0;
        const char *clause = q->unknown_role
                                 ? kept_policy_undeclared_rule(call->policy, &line)
                                 : kept_policy_role_rule(call->policy, q->role, &line);
        kept_verdict(call, KEPT_DENY, KEPT_R_OPERATION, clause, line);
        return false;
    }
    return kept_attested_enough(call);
}

bool kept_admit(struct call *call)
{
    if (kept_by_self(call) ? !kept_self_may(call) : !may_ask(call))
        return false;
    if (call->opened && (call->row->flags & KEPT_OPF_ERASED) == 0 &&
        (call->subject->context.state == KEPT_S_ERASED ||
         call->subject->context.state == KEPT_S_KEPT_BY_LAW)) {
        kept_verdict(call, KEPT_DENY, KEPT_R_ERASED, "", 0);
        return false;
    }
    if (!kept_by_self(call) && !kept_approved(call))
        return false;
    kept_verdict(call, KEPT_ALLOW, KEPT_R_NONE, "", 0);
    return true;
}

/* Whom a call is about: who follows another and names nobody is about the same. */
static const struct kept_id *subject_of(const struct call *call)
{
    return kept_id_is_zero(&call->request->subject) && call->before != NULL
               ? &call->before->box->reply.subject
               : &call->request->subject;
}

static int find_head(struct call *call, uint64_t *ret_key, struct kept_err *err)
{
    const struct kept_id *subject = subject_of(call);
    if (kept_id_is_zero(subject) && call->before != NULL &&
        call->before->box->reply.decision == KEPT_DENY)
        return kept_fail(err, KEPT_E_CONFLICT, "nobody was found or made for it: %s, %s",
                         kept_reason_name(call->before->box->reply.reason),
                         kept_reason_text(call->before->box->reply.reason));
    if (kept_id_is_zero(subject))
        return kept_fail(err, KEPT_E_USAGE, "this operation needs a subject: the id that subject.new gave");
    if (kept_subject_key(subject, call->app->number, ret_key) != 0)
        return kept_fail(err, KEPT_E_NOTFOUND, "this app has no such subject");
    return 0;
}

int kept_load_subject(struct call *call, struct kept_err *err)
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
    if (rc == 0 && !kept_id_equal(&head.id, subject_of(call)))
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
            rc = kept_load_subject(call, &err);
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
