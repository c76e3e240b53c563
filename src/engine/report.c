/* report.c - what can be asked about: people, reasons, trails, actors, versions, numbers.
 * Reports are JSON in the reply; the command line prints them as text unless told otherwise. */
#include <jansson.h>
#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "engine/engine_int.h"

/* Rows of one trail or audit; the newest are kept out when there are more, and it says so. */
#define MAX_ROWS 100000u

static int finish(struct call *call, json_t *root, struct kept_err *err)
{
    char *text = root == NULL ? NULL : json_dumps(root, JSON_COMPACT);
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

static json_t *consents_json(const struct call *call)
{
    json_t *rows = json_array();
    char hash[65];
    for (size_t i = 0; i < call->subject->context.consent_count; i++) {
        const struct kept_consent_row *r = &call->subject->consents[i];
        const struct kept_policy *shown = kept_app_policy(call->app, r->policy_version);
        const char *language = shown != NULL ? kept_policy_language(shown, r->language) : "";
        json_t *row = json_object();
        kept_hex(r->text_hash, sizeof r->text_hash, hash);
        (void)json_object_set_new(row, "kind", json_string(consent_kind_name(r->kind)));
        (void)json_object_set_new(row, "scope",
                                  json_string(r->scope_kind == KEPT_K_NONE
                                                  ? "policy"
                                                  : kept_ref_name(call->app, r->scope_kind,
                                                                  r->scope)));
        (void)json_object_set_new(row, "state", json_string(consent_state_name(r->state)));
        (void)json_object_set_new(row, "policy_version", json_integer(r->policy_version));
        (void)json_object_set_new(row, "language", json_string(language != NULL ? language : ""));
        (void)json_object_set_new(row, "text_sha256", json_string(hash));
        (void)json_object_set_new(row, "at", time_json(r->at));
        if (r->expires != 0)
            (void)json_object_set_new(row, "expires", time_json(r->expires));
        (void)json_array_append_new(rows, row);
    }
    return rows;
}

static int count_row(void *arg, const struct kept_dir_row *row)
{
    json_t *items = ((void **)arg)[0];
    const struct call *call = ((void **)arg)[1];
    const char *name = kept_ref_name(call->app, KEPT_K_ITEM, row->item);
    json_int_t n = json_integer_value(json_object_get(items, name));
    (void)json_object_set_new(items, name, json_integer(n + 1));
    return 0;
}

static void erasure_json(const struct call *call, json_t *root)
{
    const struct kept_subject *s = call->subject;
    bool done = false;
    if (s->erased_at == 0)
        return;
    kept_ms final = kept_final_at(call->app, call->info, s->erased_epoch, &done);
    (void)json_object_set_new(root, "keys_destroyed", time_json(s->erased_at));
    if (s->swept_at != 0)
        (void)json_object_set_new(root, "rows_swept", time_json(s->swept_at));
    else
        (void)json_object_set_new(root, "rows_swept", json_string("pending"));
    (void)json_object_set_new(root, "final",
                              done ? json_string("reached") : time_json(final));
    (void)json_object_set_new(root, "epoch", json_integer(s->erased_epoch));
}

int kept_act_SUBJECT_SHOW(struct call *call, struct kept_err *err)
{
    const struct kept_subject *s = call->subject;
    json_t *root = json_object(), *permissions = json_object(), *items = json_object();
    void *arg[] = {items, call};
    (void)json_object_set_new(root, "subject", id_json(&s->id));
    (void)json_object_set_new(root, "app", json_string(call->app->name));
    (void)json_object_set_new(root, "state", json_string(state_name(s->context.state)));
    (void)json_object_set_new(root, "version", json_integer((json_int_t)s->context.version));
    (void)json_object_set_new(root, "policy_version", json_integer(s->context.policy_version));
    (void)json_object_set_new(root, "notice_version", json_integer(s->context.notice_version));
    (void)json_object_set_new(root, "created", time_json(s->created));
    (void)json_object_set_new(root, "consents", consents_json(call));
    for (size_t i = 0; i < s->context.permission_count; i++)
        (void)json_object_set_new(permissions,
                                  kept_ref_name(call->app, KEPT_K_PERMISSION,
                                                s->permissions[i].ref),
                                  json_string(s->permissions[i].on ? "on" : "off"));
    (void)json_object_set_new(root, "permissions", permissions);
    int rc = kept_vault_each(call->kept->store, s, 0, count_row, arg, err);
    (void)json_object_set_new(root, "records", items);
    erasure_json(call, root);
    if (rc != 0) {
        json_decref(root);
        return rc;
    }
    return finish(call, root, err);
}

/* ---- why ------------------------------------------------------------------------------------- */

static void verdict_json(json_t *root, const char *use, const struct kept_verdict *v)
{
    json_t *row = json_object();
    (void)json_object_set_new(row, "decision", json_string(decision_name(v->decision)));
    (void)json_object_set_new(row, "reason", json_string(kept_reason_name(v->reason)));
    (void)json_object_set_new(row, "means", json_string(kept_reason_text(v->reason)));
    (void)json_object_set_new(row, "clause", json_string(v->clause));
    (void)json_object_set_new(row, "line", json_integer(v->line));
    (void)json_object_set_new(root, use, row);
}

int kept_act_WHY(struct call *call, struct kept_err *err)
{
    const struct kept_request *r = call->request;
    struct kept_question q = call->question;
    json_t *root = json_object();
    (void)json_object_set_new(root, "subject", id_json(&call->subject->id));
    (void)json_object_set_new(root, "state", json_string(state_name(call->subject->context.state)));
    (void)json_object_set_new(root, "policy_version", json_integer(call->info->version));
    erasure_json(call, root);
    if (r->item != NULL && r->item[0] != 0) {
        static const struct {
            enum kept_use use;
            const char *name;
        } uses[] = {{KEPT_USE_COLLECT, "collect"}, {KEPT_USE_READ, "use"}};
        (void)json_object_set_new(root, "item", json_string(r->item));
        q.item = kept_policy_index(call->policy, KEPT_K_ITEM, kept_ref(KEPT_K_ITEM, r->item));
        for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++) {
            q.use = uses[i].use;
            struct kept_verdict v = kept_decide(call->policy, &call->subject->context, &q);
            verdict_json(root, uses[i].name, &v);
        }
        if (call->recipient_ref != KEPT_REF_NONE) {
            q.use = KEPT_USE_DISCLOSE;
            struct kept_verdict v = kept_decide(call->policy, &call->subject->context, &q);
            verdict_json(root, "disclose", &v);
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
};

static bool open_actor(struct listing *l, struct kept_span bytes, struct actor_part *ret)
{
    const struct kept_keyring *ring = l->call->app->keyring;
    for (uint32_t n = kept_keyring_audit(ring); n > 0; n--) {
        const uint8_t *key = kept_keyring_audit_key(ring, n);
        kept_buf_clear(&l->plain);
        if (key != NULL && kept_entry_open_actor(bytes, key, &l->plain) == 0)
            return kept_actor_decode(kept_buf_span(&l->plain), ret) == 0;
    }
    return false;
}

static json_t *row_json(const struct listing *l, uint64_t index, const struct kept_entry *e)
{
    json_t *row = json_object();
    const struct kept_op_row *op = kept_op_row(e->event);
    (void)l;
    (void)json_object_set_new(row, "index", json_integer((json_int_t)index));
    (void)json_object_set_new(row, "entry", id_json(&e->id));
    (void)json_object_set_new(row, "at", time_json(e->at));
    (void)json_object_set_new(row, "operation", json_string(op == NULL ? "?" : op->name));
    (void)json_object_set_new(row, "decision", json_string(decision_name(e->decision)));
    if (e->decision != KEPT_ALLOW)
        (void)json_object_set_new(row, "reason", json_string(kept_reason_name(e->reason)));
    (void)json_object_set_new(row, "policy_version", json_integer(e->policy_version));
    return row;
}

static void set_name(const struct listing *l, json_t *row, const char *key, enum kept_kind kind,
                     uint32_t ref)
{
    if (ref != KEPT_REF_NONE)
        (void)json_object_set_new(row, key, json_string(kept_ref_name(l->call->app, kind, ref)));
}

static void actor_json(const struct listing *l, json_t *row, const struct actor_part *a)
{
    json_t *items = json_array();
    struct kept_cursor c = kept_cursor(a->items);
    (void)json_object_set_new(row, "actor", json_string(a->actor));
    set_name(l, row, "role", KEPT_K_ROLE, a->role);
    set_name(l, row, "function", KEPT_K_FUNCTION, a->function);
    set_name(l, row, "purpose", KEPT_K_PURPOSE, a->purpose);
    while (c.n > 0)
        (void)json_array_append_new(
            items, json_string(kept_ref_name(l->call->app, KEPT_K_ITEM, kept_get_u32(&c))));
    (void)json_object_set_new(row, "items", items);
    (void)json_object_set_new(row, "subjects", json_integer(a->subjects));
    if (a->text.n != 0)
        (void)json_object_set_new(row, "justification",
                                  json_stringn((const char *)a->text.p, a->text.n));
}

static int audit_row(void *arg, uint64_t index, struct kept_span bytes)
{
    struct listing *l = arg;
    struct kept_entry e;
    struct actor_part a;
    if (json_array_size(l->rows) >= MAX_ROWS)
        return 1;
    if (kept_entry_decode(bytes, &e) != 0 || !open_actor(l, bytes, &a)) {
        l->unreadable++;
        return 0;
    }
    if (l->wanted != NULL && strcmp(l->wanted, a.actor) != 0)
        return 0;
    json_t *row = row_json(l, index, &e);
    actor_json(l, row, &a);
    (void)json_array_append_new(l->rows, row);
    return 0;
}

static int trail_row(void *arg, uint64_t index, struct kept_span bytes)
{
    struct listing *l = arg;
    struct kept_entry e;
    struct actor_part a;
    struct subject_part s;
    struct touched t;
    if (json_array_size(l->rows) >= MAX_ROWS || kept_entry_decode(bytes, &e) != 0)
        return 1;
    json_t *row = row_json(l, index, &e);
    if (open_actor(l, bytes, &a))
        actor_json(l, row, &a);
    kept_buf_clear(&l->plain);
    if (kept_entry_open_subject(bytes, l->call->subject->keys->trace, &l->plain) == 0 &&
        kept_subject_decode(kept_buf_span(&l->plain), &s) == 0) {
        json_t *items = json_array();
        set_name(l, row, "recipient", KEPT_K_RECIPIENT, s.recipient);
        set_name(l, row, "scope", s.scope_kind, s.scope);
        if (s.consent != KEPT_C_NONE)
            (void)json_object_set_new(row, "consent", json_string(consent_kind_name(s.consent)));
        const struct kept_policy *shown = kept_app_policy(l->call->app, e.policy_version);
        if (s.language != 0 && shown != NULL &&
            s.language <= kept_policy_info(shown)->languages)
            (void)json_object_set_new(row, "language",
                                      json_string(kept_policy_language(shown, s.language - 1)));
        while (kept_next_touched(&s.items, &t)) {
            json_t *item = json_object();
            set_name(l, item, "item", KEPT_K_ITEM, t.item);
            (void)json_object_set_new(item, "decision", json_string(decision_name(t.decision)));
            if (t.decision != KEPT_ALLOW)
                (void)json_object_set_new(item, "reason", json_string(kept_reason_name(t.reason)));
            (void)json_array_append_new(items, item);
        }
        (void)json_object_set_new(row, "items", items);
    } else {
        l->unreadable++;
    }
    (void)json_array_append_new(l->rows, row);
    return 0;
}

static int list(struct call *call, struct listing *l, const char *key, int rc, struct kept_err *err)
{
    json_t *root = json_object();
    (void)json_object_set_new(root, "app", json_string(call->app->name));
    (void)json_object_set_new(root, key, l->rows);
    (void)json_object_set_new(root, "unreadable", json_integer((json_int_t)l->unreadable));
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
        (void)json_object_set_new(row, "version", json_integer(v->number));
        (void)json_object_set_new(row, "published", time_json(v->published));
        (void)json_object_set_new(row, "effective", time_json(v->effective));
        (void)json_object_set_new(row, "sha256", json_string(hash));
        (void)json_object_set_new(row, "in_force", json_boolean(v->policy == call->policy));
        (void)json_array_append_new(versions, row);
    }
    (void)json_object_set_new(root, "app", json_string(call->app->name));
    (void)json_object_set_new(root, "versions", versions);
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
    (void)json_object_set_new(root, "app", json_string(app->name));
    (void)json_object_set_new(root, "people_ever", json_integer((json_int_t)app->next_number - 1));
    (void)json_object_set_new(root, "ledger_entries",
                              json_integer((json_int_t)kept_ledger_size(app->ledger)));
    (void)json_object_set_new(root, "journal_obligations",
                              json_integer((json_int_t)kept_journal_length(app->keyring)));
    (void)json_object_set_new(root, "epoch", json_integer(kept_keyring_epoch(app->keyring)));
    (void)json_object_set_new(root, "store_bytes", json_integer((json_int_t)bytes));
    (void)json_object_set_new(root, "policy_version", json_integer(call->info->version));
    (void)json_object_set_new(root, "service_ceased", json_boolean(app->ceased));
    for (unsigned kind = KEPT_TODO_SWEEP; rc == 0 && kind <= KEPT_TODO_TRACE; kind++) {
        rc = kept_todo_count(call->kept->store, kind, &n, err);
        (void)json_object_set_new(root, todo_names[kind], json_integer((json_int_t)n));
    }
    if (rc != 0) {
        json_decref(root);
        return rc;
    }
    return finish(call, root, err);
}
