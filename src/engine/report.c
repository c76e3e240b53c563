/* report.c - what can be asked about: people, reasons, trails, actors, versions, numbers.
 * Reports are JSON in the reply; the command line prints them as text unless told otherwise. */
#include <jansson.h>
#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "engine/engine_int.h"

/* Rows of one trail or audit; the newest are left out when there are more, and it says "more". */
#define MAX_ROWS 100000u

/* A report is built without looking back; a piece that did not fit makes all of it a failure. */
static void set(struct call *call, json_t *object, const char *key, json_t *value)
{
    call->holes = json_object_set_new(object, key, value) != 0 || call->holes;
}

static void add(struct call *call, json_t *array, json_t *value)
{
    call->holes = json_array_append_new(array, value) != 0 || call->holes;
}

/* An entry cannot be mended: what is no text in it is shown as such, and hides nothing else. */
static json_t *text_json(const uint8_t *p, size_t n)
{
    return kept_utf8_valid((struct kept_span){p, n}) ? json_stringn((const char *)p, n)
                                                     : json_string("(not text)");
}

static int finish(struct call *call, json_t *root, struct kept_err *err)
{
    char *text = root == NULL || call->holes ? NULL : json_dumps(root, JSON_COMPACT);
    json_decref(root);
    if (text != NULL)
        call->box->reply.json = kept_strdup(text);
    if (text != NULL)
        kept_wipe(text, strlen(text));
    kept_free(text);
    return call->box->reply.json != NULL ? 0 : kept_fail(err, KEPT_E_NOMEM, "no memory for a report");
}

static json_t *time_json(kept_ms at)
{
    char text[KEPT_TIME_TEXT];
    kept_time_text(at, text);
    return json_string(text);
}

static json_t *id_json(const struct kept_id *id)
{
    char hex[33];
    kept_id_hex(id, hex);
    return json_string(hex);
}

static const char *state_name(enum kept_subject_state state)
{
    switch (state) {
    case KEPT_S_LIVE:
        return "live";
    case KEPT_S_REFUSED:
        return "refused";
    case KEPT_S_RESTRICTED:
        return "restricted";
    case KEPT_S_ERASED:
        return "erased";
    case KEPT_S_KEPT_BY_LAW:
        return "erased, but for what a law keeps";
    case KEPT_S_NONE:
        break;
    }
    return "unknown";
}

static const char *decision_name(unsigned decision)
{
    return decision == KEPT_ALLOW ? "allow" : decision == KEPT_MASK ? "mask" : "deny";
}

static const char *consent_kind_name(unsigned kind)
{
    static const char *const names[] = {"none", "acknowledgement", "implied", "explicit",
                                        "separate"};
    return kind < sizeof names / sizeof names[0] ? names[kind] : "?";
}

static const char *consent_state_name(unsigned state)
{
    return state == KEPT_CS_GRANTED   ? "granted"
           : state == KEPT_CS_REFUSED ? "refused"
                                      : "withdrawn";
}

/* ---- subject.show ---------------------------------------------------------------------------- */

static json_t *consents_json(struct call *call)
{
    json_t *rows = json_array();
    char hash[65];
    for (size_t i = 0; i < call->subject->context.consent_count; i++) {
        const struct kept_consent_row *r = &call->subject->consents[i];
        const struct kept_policy *shown = kept_app_policy(call->app, r->policy_version);
        const char *language = shown != NULL ? kept_policy_language(shown, r->language) : "";
        json_t *row = json_object();
        kept_hex(r->text_hash, sizeof r->text_hash, hash);
        set(call, row, "kind", json_string(consent_kind_name(r->kind)));
        set(call, row, "scope",
                                  json_string(r->scope_kind == KEPT_K_NONE
                                                  ? "policy"
                                                  : kept_ref_name(call->app, r->scope_kind,
                                                                  r->scope)));
        set(call, row, "state", json_string(consent_state_name(r->state)));
        set(call, row, "policy_version", json_integer(r->policy_version));
        set(call, row, "language", json_string(language != NULL ? language : ""));
        set(call, row, "text_sha256", json_string(hash));
        set(call, row, "at", time_json(r->at));
        if (r->expires != 0)
            set(call, row, "expires", time_json(r->expires));
        add(call, rows, row);
    }
    return rows;
}

static int count_row(void *arg, const struct kept_dir_row *row)
{
    json_t *items = ((void **)arg)[0];
    struct call *call = ((void **)arg)[1];
    const char *name = kept_ref_name(call->app, KEPT_K_ITEM, row->item);
    json_int_t n = json_integer_value(json_object_get(items, name));
    set(call, items, name, json_integer(n + 1));
    return 0;
}

static void erasure_json(struct call *call, json_t *root)
{
    const struct kept_subject *s = call->subject;
    bool done = false;
    if (s->erased_at == 0)
        return;
    kept_ms final = kept_final_at(call->app, call->info, s->erased_epoch, &done);
    set(call, root, "keys_destroyed", time_json(s->erased_at));
    if (s->swept_at != 0)
        set(call, root, "rows_swept", time_json(s->swept_at));
    else
        set(call, root, "rows_swept", json_string("pending"));
    set(call, root, "final",
                              done ? json_string("reached") : time_json(final));
    set(call, root, "epoch", json_integer(s->erased_epoch));
}

int kept_act_SUBJECT_SHOW(struct call *call, struct kept_err *err)
{
    const struct kept_subject *s = call->subject;
    json_t *root = json_object(), *permissions = json_object(), *items = json_object();
    void *arg[] = {items, call};
    set(call, root, "subject", id_json(&s->id));
    set(call, root, "app", json_string(call->app->name));
    set(call, root, "state", json_string(state_name(s->context.state)));
    set(call, root, "version", json_integer((json_int_t)s->context.version));
    set(call, root, "policy_version", json_integer(s->context.policy_version));
    set(call, root, "notice_version", json_integer(s->context.notice_version));
    set(call, root, "created", time_json(s->created));
    set(call, root, "consents", consents_json(call));
    for (size_t i = 0; i < s->context.permission_count; i++)
        set(call, permissions,
                                  kept_ref_name(call->app, KEPT_K_PERMISSION,
                                                s->permissions[i].ref),
                                  json_string(s->permissions[i].on ? "on" : "off"));
    set(call, root, "permissions", permissions);
    int rc = kept_vault_each(call->kept->store, s, 0, count_row, arg, err);
    set(call, root, "records", items);
    erasure_json(call, root);
    if (rc != 0) {
        json_decref(root);
        return rc;
    }
    return finish(call, root, err);
}

/* ---- why ------------------------------------------------------------------------------------- */

static void verdict_json(struct call *call, json_t *root, const char *use,
                         const struct kept_verdict *v)
{
    json_t *row = json_object();
    set(call, row, "decision", json_string(decision_name(v->decision)));
    set(call, row, "reason", json_string(kept_reason_name(v->reason)));
    set(call, row, "means", json_string(kept_reason_text(v->reason)));
    set(call, row, "clause", json_string(v->clause));
    set(call, row, "line", json_integer(v->line));
    set(call, root, use, row);
}

int kept_act_WHY(struct call *call, struct kept_err *err)
{
    const struct kept_request *r = call->request;
    struct kept_question q = call->question;
    json_t *root = json_object();
    set(call, root, "subject", id_json(&call->subject->id));
    set(call, root, "state", json_string(state_name(call->subject->context.state)));
    set(call, root, "policy_version", json_integer(call->info->version));
    erasure_json(call, root);
    if (r->item != NULL && r->item[0] != 0) {
        static const struct {
            enum kept_use use;
            const char *name;
        } uses[] = {{KEPT_USE_COLLECT, "collect"}, {KEPT_USE_READ, "use"}};
        set(call, root, "item", json_string(r->item));
        q.item = kept_policy_index(call->policy, KEPT_K_ITEM, kept_ref(KEPT_K_ITEM, r->item));
        for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++) {
            q.use = uses[i].use;
            struct kept_verdict v = kept_decide(call->policy, &call->subject->context, &q);
            verdict_json(call, root, uses[i].name, &v);
        }
        if (call->recipient_ref != KEPT_REF_NONE) {
            q.use = KEPT_USE_DISCLOSE;
            struct kept_verdict v = kept_decide(call->policy, &call->subject->context, &q);
            verdict_json(call, root, "disclose", &v);
        }
    }
    return finish(call, root, err);
}

/* ---- trail and audit ------------------------------------------------------------------------- */

struct listing {
    struct call *call;
    json_t *rows;
    const char *wanted; /* actor, or NULL: all */
    struct kept_buf plain;
    size_t unreadable;
    bool more; /* than MAX_ROWS */
};

static bool open_actor(struct listing *l, struct kept_span bytes, struct actor_part *ret)
{
    const struct kept_keyring *ring = l->call->app->keyring;
    for (uint32_t n = kept_keyring_audit(ring); n > 0; n--) {
        const uint8_t *key = kept_keyring_audit_key(ring, n);
        kept_buf_clear(&l->plain);
        int rc = key == NULL ? KEPT_E_NOTFOUND : kept_entry_open_actor(bytes, key, &l->plain);
        l->call->holes = l->call->holes || rc == KEPT_E_NOMEM;
        if (rc == 0)
            return kept_actor_decode(kept_buf_span(&l->plain), ret) == 0;
    }
    return false;
}

static json_t *row_json(const struct listing *l, uint64_t index, const struct kept_entry *e)
{
    struct call *call = l->call;
    json_t *row = json_object();
    const struct kept_op_row *op = kept_op_row(e->event);
    set(call, row, "index", json_integer((json_int_t)index));
    set(call, row, "entry", id_json(&e->id));
    set(call, row, "at", time_json(e->at));
    set(call, row, "operation", json_string(op == NULL ? "?" : op->name));
    set(call, row, "decision", json_string(decision_name(e->decision)));
    if (e->decision != KEPT_ALLOW)
        set(call, row, "reason", json_string(kept_reason_name(e->reason)));
    set(call, row, "policy_version", json_integer(e->policy_version));
    return row;
}

static void set_name(const struct listing *l, json_t *row, const char *key, enum kept_kind kind,
                     uint32_t ref)
{
    if (ref != KEPT_REF_NONE)
        set(l->call, row, key, json_string(kept_ref_name(l->call->app, kind, ref)));
}

static void actor_json(const struct listing *l, json_t *row, const struct actor_part *a)
{
    struct call *call = l->call;
    json_t *items = json_array();
    struct kept_cursor c = kept_cursor(a->items);
    set(call, row, "actor", text_json((const uint8_t *)a->actor, strlen(a->actor)));
    set_name(l, row, "role", KEPT_K_ROLE, a->role);
    set_name(l, row, "function", KEPT_K_FUNCTION, a->function);
    set_name(l, row, "purpose", KEPT_K_PURPOSE, a->purpose);
    while (c.n > 0)
        add(call, items, json_string(kept_ref_name(call->app, KEPT_K_ITEM, kept_get_u32(&c))));
    set(call, row, "items", items);
    set(call, row, "subjects", json_integer(a->subjects));
    if (a->text.n != 0)
        set(call, row, "justification", text_json(a->text.p, a->text.n));
}

/* Is there room for a row? If not, the listing says so. */
static bool room(struct listing *l)
{
    l->more = l->more || json_array_size(l->rows) >= MAX_ROWS;
    return !l->more && !l->call->holes;
}

static int audit_row(void *arg, uint64_t index, struct kept_span bytes)
{
    struct listing *l = arg;
    struct kept_entry e;
    struct actor_part a;
    if (kept_entry_decode(bytes, &e) != 0 || !open_actor(l, bytes, &a)) {
        l->unreadable++;
        return 0;
    }
    if (l->wanted != NULL && strcmp(l->wanted, a.actor) != 0)
        return 0;
    if (!room(l))
        return 1;
    json_t *row = row_json(l, index, &e);
    actor_json(l, row, &a);
    add(l->call, l->rows, row);
    return 0;
}

static void subject_json(struct listing *l, json_t *row, const struct kept_entry *e,
                         struct subject_part *s)
{
    struct call *call = l->call;
    json_t *items = json_array();
    struct touched t;
    set_name(l, row, "recipient", KEPT_K_RECIPIENT, s->recipient);
    set_name(l, row, "scope", s->scope_kind, s->scope);
    if (s->consent != KEPT_C_NONE)
        set(call, row, "consent", json_string(consent_kind_name(s->consent)));
    const struct kept_policy *shown = kept_app_policy(call->app, e->policy_version);
    if (s->language != 0 && shown != NULL && s->language <= kept_policy_info(shown)->languages)
        set(call, row, "language", json_string(kept_policy_language(shown, s->language - 1)));
    while (kept_next_touched(&s->items, &t)) {
        json_t *item = json_object();
        set_name(l, item, "item", KEPT_K_ITEM, t.item);
        set(call, item, "decision", json_string(decision_name(t.decision)));
        if (t.decision != KEPT_ALLOW)
            set(call, item, "reason", json_string(kept_reason_name(t.reason)));
        add(call, items, item);
    }
    set(call, row, "items", items);
}

/* Tags lead here; only the seal says that an entry is this person's, and no other is shown. */
static int trail_row(void *arg, uint64_t index, struct kept_span bytes)
{
    struct listing *l = arg;
    struct kept_entry e;
    struct actor_part a;
    struct subject_part s;
    struct kept_buf own;
    kept_buf_init_secret(&own, KEPT_MAX_ENTRY_BYTES);
    int rc = kept_entry_decode(bytes, &e);
    if (rc == 0)
        rc = kept_entry_open_subject(bytes, l->call->subject->keys->trace, &own);
    if (rc == 0)
        rc = kept_subject_decode(kept_buf_span(&own), &s);
    l->call->holes = l->call->holes || rc == KEPT_E_NOMEM;
    if (rc != 0) {
        l->unreadable++;
    } else if (room(l)) {
        json_t *row = row_json(l, index, &e);
        if (open_actor(l, bytes, &a))
            actor_json(l, row, &a);
        subject_json(l, row, &e, &s);
        add(l->call, l->rows, row);
    }
    kept_buf_release(&own);
    return l->more || l->call->holes;
}

static int list(struct call *call, struct listing *l, const char *key, int rc, struct kept_err *err)
{
    json_t *root = json_object();
    set(call, root, "app", json_string(call->app->name));
    set(call, root, key, l->rows);
    set(call, root, "unreadable", json_integer((json_int_t)l->unreadable));
    if (l->more)
        set(call, root, "more", json_true());
    kept_buf_release(&l->plain);
    if (rc != 0) {
        json_decref(root);
        return rc;
    }
    return finish(call, root, err);
}

int kept_act_TRAIL(struct call *call, struct kept_err *err)
{
    struct listing l = {.call = call, .rows = json_array()};
    kept_buf_init_secret(&l.plain, KEPT_MAX_ENTRY_BYTES);
    int rc = kept_ledger_trail(call->app->ledger, call->subject->keys->trace + KEPT_KEY_BYTES,
                               trail_row, &l, err);
    return list(call, &l, "entries", rc, err);
}

int kept_act_AUDIT(struct call *call, struct kept_err *err)
{
    const char *wanted = call->request->text;
    struct listing l = {.call = call,
                        .rows = json_array(),
                        .wanted = wanted != NULL && wanted[0] != 0 ? wanted : NULL};
    kept_buf_init_secret(&l.plain, KEPT_MAX_ENTRY_BYTES);
    int rc = kept_ledger_each(call->app->ledger, 0, audit_row, &l, err);
    return list(call, &l, "entries", rc, err);
}

/* ---- policy.show and stat -------------------------------------------------------------------- */

int kept_act_POLICY_SHOW(struct call *call, struct kept_err *err)
{
    json_t *root = json_object(), *versions = json_array();
    char hash[65];
    for (size_t i = 0; i < call->app->version_count; i++) {
        const struct version *v = &call->app->versions[i];
        json_t *row = json_object();
        kept_hex(kept_policy_info(v->policy)->hash, 32, hash);
        set(call, row, "version", json_integer(v->number));
        set(call, row, "published", time_json(v->published));
        set(call, row, "effective", time_json(v->effective));
        set(call, row, "sha256", json_string(hash));
        set(call, row, "in_force", json_boolean(v->policy == call->policy));
        add(call, versions, row);
    }
    set(call, root, "app", json_string(call->app->name));
    set(call, root, "versions", versions);
    return finish(call, root, err);
}

int kept_act_STAT(struct call *call, struct kept_err *err)
{
    static const char *const todo_names[] = {"", "sweeps_pending", "reseals_pending",
                                             "traces_pending"};
    json_t *root = json_object();
    const struct app *app = call->app;
    uint64_t bytes = 0, n = 0;
    int rc = kept_store_bytes(call->kept->store, &bytes, err);
    set(call, root, "app", json_string(app->name));
    set(call, root, "people_ever", json_integer((json_int_t)app->next_number - 1));
    set(call, root, "ledger_entries",
        json_integer((json_int_t)kept_ledger_size(app->ledger)));
    set(call, root, "journal_obligations",
        json_integer((json_int_t)kept_journal_length(app->keyring)));
    set(call, root, "epoch", json_integer(kept_keyring_epoch(app->keyring)));
    set(call, root, "store_bytes", json_integer((json_int_t)bytes));
    set(call, root, "policy_version", json_integer(call->info->version));
    set(call, root, "service_ceased", json_boolean(app->ceased));
    for (unsigned kind = KEPT_TODO_SWEEP; rc == 0 && kind <= KEPT_TODO_TRACE; kind++) {
        rc = kept_todo_count(call->kept->store, kind, &n, err);
        set(call, root, todo_names[kind], json_integer((json_int_t)n));
    }
    if (rc != 0) {
        json_decref(root);
        return rc;
    }
    return finish(call, root, err);
}
