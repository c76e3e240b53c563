/* report.c - what can be asked about: people, reasons, versions, numbers (trail.c: who did what).
 * Reports are JSON in the reply; the command line prints them as text unless told otherwise. */
#include "engine/minor_int.h"
#include "engine/orders.h"
#include "engine/staff_int.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "policy/explain.h"

int kept_report_finish(struct call *call, json_t *root, struct kept_err *err)
{
    struct kept_buf text;
    bool whole = root != NULL && !call->holes;
    kept_buf_init_secret(&text, KEPT_MAX_JSON_BYTES);
    int rc = whole ? kept_json_text(root, &text) : KEPT_E_NOMEM;
    kept_json_free(root);
    if (rc == 0 && (call->box->reply.json = kept_buf_take(&text)) == NULL)
        rc = KEPT_E_NOMEM;
    kept_buf_release(&text);
    return rc == 0                ? 0
           : rc == KEPT_E_LIMIT ? kept_fail(err, rc, "a report is too large: ask for fewer rows")
                                : kept_fail(err, KEPT_E_NOMEM, "no memory for a report");
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

static const char *consent_state_name(unsigned state)
{
    return state == KEPT_CS_GRANTED   ? "granted"
           : state == KEPT_CS_REFUSED ? "refused"
                                      : "withdrawn";
}

/* ---- subject.show ---------------------------------------------------------------------------- */

/* What shows a consent, and who recorded it. */
static void paper_of(struct call *call, const struct kept_consent_row *r, json_t *row)
{
    const struct kept_paper like = {.kind = KEPT_P_EVIDENCE, .scope_kind = r->scope_kind,
                                    .by = r->by, .scope = r->scope};
    struct kept_paper p;
    if (!kept_paper_find(call->subject, &like, &p))
        return;
    set(call, row, "evidence", evidence_json(call, p.sha256, p.text[KEPT_PT_REFERENCE], p.at));
    set(call, row, "recorded_by", text_json(p.text[KEPT_PT_RECORDER]));
}

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
        if (r->scope_kind != KEPT_K_NONE)
            set(call, row, "of", json_string(scope_kind_name(r->scope_kind)));
        set(call, row, "state", json_string(consent_state_name(r->state)));
        set(call, row, "policy_version", json_integer(r->policy_version));
        set(call, row, "language", json_string(language != NULL ? language : ""));
        set(call, row, "text_sha256", json_string(hash));
        set(call, row, "at", time_json(r->at));
        if (r->expires != 0)
            set(call, row, "expires", time_json(r->expires));
        if (r->origin != KEPT_O_ASKED)
            set(call, row, "origin", json_string(origin_name(r->origin)));
        if (r->by != 0)
            set(call, row, "guardian", json_integer(r->by));
        if ((r->flags & KEPT_CF_EVIDENCE) != 0)
            paper_of(call, r, row);
        add(call, rows, row);
    }
    return rows;
}

/* Which later versions were put in front of them, and when; that is no agreeing. */
static json_t *shown_json(struct call *call)
{
    json_t *rows = json_array();
    struct kept_paper p;
    for (size_t at = 0; kept_paper_next(call->subject, &at, &p);) {
        if (p.kind != KEPT_P_SHOWN)
            continue;
        json_t *row = json_object();
        set(call, row, "policy_version", json_integer(p.scope));
        set(call, row, "at", time_json(p.at));
        add(call, rows, row);
    }
    return rows;
}

/* Who speaks, or spoke, for a minor. The contact is the app's and the person's to see, as the day of birth is. */
static json_t *guardians_json(struct call *call)
{
    json_t *rows = json_array();
    struct kept_paper p;
    for (size_t at = 0; kept_paper_next(call->subject, &at, &p);) {
        if (p.kind != KEPT_P_GUARDIAN)
            continue;
        json_t *row = json_object();
        set(call, row, "number", json_integer(p.by));
        set(call, row, "state", json_string(p.state == KEPT_G_SPEAKS ? "speaks" : "revoked"));
        set(call, row, "relation", text_json(p.text[KEPT_PT_RELATION]));
        set(call, row, "verified_by", text_json(p.text[KEPT_PT_METHOD]));
        set(call, row, "form", json_string(p.scope != 0 ? "written" : "express"));
        set(call, row, "since", time_json(p.at));
        if (p.until != 0)
            set(call, row, "until", time_json(p.until));
        if (!kept_id_is_zero(&p.subject))
            set(call, row, "person", id_json(&p.subject));
        else if (call->actor_kind != KEPT_ACTOR_STAFF)
            set(call, row, "contact", text_json(p.text[KEPT_PT_CONTACT]));
        set(call, row, "recorded_by", text_json(p.text[KEPT_PT_RECORDER]));
        if (p.sha256 != NULL || p.text[KEPT_PT_REFERENCE].n != 0)
            set(call, row, "evidence",
                evidence_json(call, p.sha256, p.text[KEPT_PT_REFERENCE], p.at));
        add(call, rows, row);
    }
    return rows;
}

/* Which recipients are owed a word, since a withdrawal, and which. */
static json_t *owed_json(struct call *call)
{
    json_t *rows = json_array();
    struct kept_paper p;
    for (size_t at = 0; kept_paper_next(call->subject, &at, &p);) {
        if (p.kind != KEPT_P_OWED)
            continue;
        json_t *row = json_object();
        set(call, row, "recipient", json_string(kept_ref_name(call->app, KEPT_K_RECIPIENT, p.to)));
        set(call, row, "item", json_string(kept_ref_name(call->app, KEPT_K_ITEM, p.scope)));
        set(call, row, "tell", json_string(p.state == KEPT_OWED_DELETE ? "delete" : "stop"));
        set(call, row, "since", time_json(p.at));
        add(call, rows, row);
    }
    return rows;
}

/* May who asks know what is held of an item? Its partition must be one that the role reaches. */
static bool reaches(const struct call *call, uint32_t item)
{
    return kept_policy_role_reaches(call->policy, call->question.role,
                                    kept_policy_index(call->policy, KEPT_K_ITEM, item));
}

static int count_row(void *arg, const struct kept_dir_row *row)
{
    json_t *items = ((void **)arg)[0];
    struct call *call = ((void **)arg)[1];
    const char *name = kept_ref_name(call->app, KEPT_K_ITEM, row->item);
    if (!reaches(call, row->item))
        return 0;
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

/* What decisions rest on. A role sees the band, which is what its work depends on; the day of birth
 * itself is shown to the app and the person alone. */
static void facts_json(struct call *call, json_t *root)
{
    const struct kept_context *c = &call->subject->context;
    char day[16];
    int year = 0, month = 0, of_month = 0;
    const char *region = kept_ref_name(call->app, KEPT_K_REGION, c->region);
    set(call, root, "region", /* it is held as a reference, and names stand in policies */
        json_string(region[0] == 0               ? "unknown"
                    : strcmp(region, "?") == 0 ? "one that no policy here names"
                                                : region));
    if (call->actor_kind != KEPT_ACTOR_STAFF && c->birth_day != KEPT_BIRTH_UNKNOWN) {
        kept_date_split(c->birth_day, &year, &month, &of_month);
        (void)snprintf(day, sizeof day, "%04d-%02d-%02d", year, month, of_month);
        set(call, root, "birth_date", json_string(day));
    }
    set(call, root, "age_band",
        json_string(kept_policy_age_band(call->policy, c->birth_day, call->now)));
}

/* What lies on their own device, of all that this policy declares: theirs to change and delete there (S1-1.8). */
static json_t *device_json(struct call *call)
{
    json_t *names = json_array();
    for (uint32_t i = 0; i < call->info->items; i++) {
        const struct kept_item *item = kept_policy_item(call->policy, i);
        if (item->place == KEPT_PLACE_DEVICE)
            add(call, names, json_string(item->name));
    }
    return names;
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
    facts_json(call, root);
    set(call, root, "consents", consents_json(call));
    set(call, root, "guardians", guardians_json(call));
    set(call, root, "shown", shown_json(call));
    set(call, root, "recipients_to_be_told", owed_json(call));
    kept_minor_told(call, root);
    for (size_t i = 0; i < s->context.permission_count; i++)
        set(call, permissions,
                                  kept_ref_name(call->app, KEPT_K_PERMISSION,
                                                s->permissions[i].ref),
                                  json_string(s->permissions[i].on ? "on" : "off"));
    set(call, root, "permissions", permissions);
    int rc = kept_vault_each(call->kept->store, s, 0, count_row, arg, err);
    set(call, root, "records", items);
    json_t *orders = json_array(), *elsewhere = json_array();
    if (rc == 0)
        rc = kept_orders_of(call, orders, err);
    set(call, root, "orders", orders);
    if (call->actor_kind == KEPT_ACTOR_APP)
        kept_references(call, elsewhere);
    set(call, root, "held_elsewhere", elsewhere);
    set(call, root, "on_device", device_json(call));
    erasure_json(call, root);
    if (rc != 0) {
        kept_json_free(root);
        return rc;
    }
    return kept_report_finish(call, root, err);
}

/* ---- why ------------------------------------------------------------------------------------- */

static void verdict_json(struct call *call, json_t *root, const char *use,
                         const struct kept_verdict *v)
{
    bool observed = v->decision == KEPT_DENY &&
                    kept_policy_observed(call->policy, call->question.function, v->reason, call->now);
    json_t *row = json_object();
    struct kept_rule_at at;
    const char *says = NULL;
    bool there = kept_policy_rule_at(call->policy, v->line, call->request->language, &at, &says, NULL);
    set(call, row, "decision", json_string(kept_decision_name(v->decision)));
    set(call, row, "reason", json_string(kept_reason_name(v->reason)));
    set(call, row, "means", json_string(kept_reason_text(v->reason)));
    if (observed)
        set(call, row, "observed", json_true());
    set(call, row, "clause", json_string(v->clause));
    set(call, row, "line", json_integer(v->line));
    if (there)
        set(call, row, "rule", json_sprintf("%s %s", at.kind, at.name));
    if (says != NULL)
        set(call, row, "says", json_string(says));
    set(call, root, use, row);
}

#define HELD_SHOWN 100u /* records of one item that a report tells of */

struct held {
    struct call *call;
    json_t *rows;
    size_t count;
    struct kept_buf value; /* secret scratch */
    struct kept_err *err;
    int rc;
};

/* One record: how it came, by whom, under which version, until when; never its value (S0-2.1). */
static int held_row(void *arg, const struct kept_dir_row *row)
{
    static const char *const sources[] = {[KEPT_SOURCE_USER] = "user",
                                          [KEPT_SOURCE_GENERATED] = "generated",
                                          [KEPT_SOURCE_THIRD_PARTY] = "third_party",
                                          [KEPT_SOURCE_DERIVED] = "derived"};
    struct held *h = arg;
    struct call *call = h->call;
    struct kept_stamp stamp = {0};
    if (h->count++ >= HELD_SHOWN)
        return 0;
    kept_buf_clear(&h->value);
    h->rc = kept_vault_get(call->kept->store, call->subject, row, &stamp, &h->value, h->err);
    if (h->rc != 0)
        return 1;
    json_t *one = json_object();
    set(call, one, "record", json_integer(row->slot));
    set(call, one, "source",
        json_string(stamp.source >= KEPT_SOURCE_USER && stamp.source <= KEPT_SOURCE_DERIVED
                        ? sources[stamp.source]
                        : "?"));
    if (stamp.from != KEPT_REF_NONE)
        set(call, one, "from", json_string(kept_ref_name(call->app, KEPT_K_RECIPIENT, stamp.from)));
    if (stamp.function != KEPT_REF_NONE)
        set(call, one, "function",
            json_string(kept_ref_name(call->app, KEPT_K_FUNCTION, stamp.function)));
    set(call, one, "collected", time_json(stamp.at));
    set(call, one, "policy_version", json_integer(stamp.policy_version));
    if (stamp.until != 0)
        set(call, one, "until", time_json(stamp.until));
    const kept_ms gone = kept_gone_at(call, row->item, &stamp);
    if (gone != stamp.until)
        set(call, one, "archived_until", time_json(gone));
    add(call, h->rows, one);
    return 0;
}

static int held_json(struct call *call, json_t *root, uint32_t item, struct kept_err *err)
{
    struct held h = {.call = call, .rows = json_array(), .err = err};
    kept_buf_init_secret(&h.value, KEPT_MAX_VALUE_BYTES);
    int rc = kept_vault_each(call->kept->store, call->subject, item, held_row, &h, err);
    kept_buf_release(&h.value);
    set(call, root, "held", h.rows);
    if (h.count > HELD_SHOWN)
        set(call, root, "held_in_all", json_integer((json_int_t)h.count));
    return h.rc != 0 ? h.rc : rc < 0 ? rc : 0;
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
        if (r->text != NULL && r->text[0] != 0)
            set(call, root, "case", json_string(r->text));
        uint32_t item = kept_ref(KEPT_K_ITEM, r->item);
        int rc = reaches(call, item) ? held_json(call, root, item, err) : 0;
        if (rc != 0) {
            kept_json_free(root);
            return rc;
        }
    }
    return kept_report_finish(call, root, err);
}

/* ---- policy.show and stat -------------------------------------------------------------------- */

static json_t *version_json(struct call *call, const struct version *v)
{
    json_t *row = json_object();
    char hash[65];
    kept_hex(kept_policy_info(v->policy)->hash, 32, hash);
    set(call, row, "version", json_integer(v->number));
    set(call, row, "published", time_json(v->published));
    set(call, row, "effective", time_json(v->effective));
    set(call, row, "sha256", json_string(hash));
    set(call, row, "in_force", json_boolean(v->policy == call->policy));
    return row;
}

/* One version, with the text that was published: what its seal and its hash say it was. */
static int show_version(struct call *call, const struct version *v, struct kept_err *err)
{
    struct kept_buf text;
    uint8_t hash[KEPT_HASH_BYTES];
    json_t *row = NULL;
    kept_buf_init(&text, KEPT_MAX_POLICY_BYTES + 1);
    int rc = kept_app_text(call->kept, call->app, v->number, &text, err);
    if (rc == 0) {
        kept_sha256(kept_buf_span(&text), hash);
        if (!kept_bytes_equal(hash, kept_policy_info(v->policy)->hash, sizeof hash))
            rc = kept_fail(err, KEPT_E_CORRUPT, "version %u of the policy of %s was changed outside kept",
                           v->number, call->app->name);
    }
    if (rc == 0) {
        row = version_json(call, v);
        set(call, row, "app", json_string(call->app->name));
        set(call, row, "text", json_stringn((const char *)text.p, text.n));
        rc = kept_report_finish(call, row, err);
    }
    kept_buf_release(&text);
    return rc;
}

int kept_act_POLICY_SHOW(struct call *call, struct kept_err *err)
{
    const uint32_t wanted = call->request->policy_version;
    for (size_t i = 0; wanted != 0 && i < call->app->version_count; i++)
        if (call->app->versions[i].number == wanted)
            return show_version(call, &call->app->versions[i], err);
    if (wanted != 0)
        return kept_fail(err, KEPT_E_NOTFOUND, "there is no version %u of the policy of %s: see `kept policy show`",
                         wanted, call->app->name);
    json_t *root = json_object(), *versions = json_array();
    for (size_t i = 0; i < call->app->version_count; i++)
        add(call, versions, version_json(call, &call->app->versions[i]));
    set(call, root, "app", json_string(call->app->name));
    set(call, root, "versions", versions);
    return kept_report_finish(call, root, err);
}

static json_t *partitions_json(struct call *call)
{
    json_t *all = json_object();
    for (uint32_t i = 0; i < call->info->partitions; i++) {
        size_t items = 0, roles = 0;
        kept_policy_partition_counts(call->policy, i, &items, &roles);
        json_t *one = json_object();
        set(call, one, "items", json_integer((json_int_t)items));
        set(call, one, "roles", json_integer((json_int_t)roles));
        set(call, all, kept_policy_name(call->policy, KEPT_K_PARTITION, i), one);
    }
    return all;
}

int kept_act_STAT(struct call *call, struct kept_err *err)
{
    static const char *const todo_names[] = {"", "sweeps_pending", "reseals_pending",
                                             "traces_pending", "people_with_ends_ahead",
                                             "chunks_to_delete"};
    json_t *root = json_object();
    const struct app *app = call->app;
    uint64_t bytes = 0, n = 0;
    struct kept_buf mark;
    kept_buf_init(&mark, KEPT_MAX_MARK);
    int rc = kept_mark_get(call, &mark, err);
    if (rc == 0 && mark.n > 0)
        set(call, root, "mark", json_stringn((const char *)mark.p, mark.n));
    kept_buf_release(&mark);
    if (rc == 0)
        rc = kept_store_bytes(call->kept->store, &bytes, err);
    set(call, root, "app", json_string(app->name));
    set(call, root, "people_ever", json_integer((json_int_t)app->next_number - 1));
    set(call, root, "ledger_entries",
        json_integer((json_int_t)kept_ledger_size(app->ledger)));
    set(call, root, "journal_obligations",
        json_integer((json_int_t)kept_journal_length(app->keyring)));
    set(call, root, "epoch", json_integer(kept_keyring_epoch(app->keyring)));
    set(call, root, "store_bytes", json_integer((json_int_t)bytes));
    set(call, root, "policy_version", json_integer(call->info->version));
    set(call, root, "partitions", partitions_json(call));
    set(call, root, "service_ceased", json_boolean(app->ceased));
    if (rc == 0)
        rc = kept_observe_json(call, root, err);
    for (unsigned kind = KEPT_TODO_SWEEP; rc == 0 && kind <= KEPT_TODO_CHUNKS; kind++) {
        rc = kept_todo_count(call->kept->store, kind, &n, err);
        set(call, root, todo_names[kind], json_integer((json_int_t)n));
    }
    kept_watch_json(call, root);
    if (rc == 0)
        rc = kept_minors_counted(call, root, err);
    json_t *logs = json_array();
    if (rc == 0)
        rc = kept_logs_told(call, logs, err);
    set(call, root, "logs", logs);
    if (rc == 0)
        rc = kept_orders_numbers(call, root, err);
    if (rc == 0)
        rc = kept_todo_due(call->kept->store, KEPT_TODO_END, call->now, &n, err);
    set(call, root, "people_with_ends_due", json_integer((json_int_t)n));
    for (unsigned kind = KEPT_TURN_EPOCH; rc == 0 && kind <= KEPT_TURN_TOKEN; kind++) {
        struct turn turn;
        if ((rc = kept_turn_get(call->kept, app, (enum turn_kind)kind, &turn, err)) == 0)
            set(call, root, kind == KEPT_TURN_EPOCH ? "rewrap_percent" : "tokens_percent",
                json_integer(kept_turn_percent(app, &turn)));
    }
    if (rc != 0) {
        kept_json_free(root);
        return rc;
    }
    return kept_report_finish(call, root, err);
}
