/* change.c - people, consents, permissions and collection. */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/id.h"
#include "engine/engine_int.h"

/* ---- people --------------------------------------------------------------------------------- */

static int set_facts(struct call *call, struct kept_err *err)
{
    const struct kept_request *r = call->request;
    struct kept_context *c = &call->subject->context;
    if (r->birth_date != NULL && r->birth_date[0] != 0) {
        int32_t day = 0;
        if (kept_date_parse(r->birth_date, strlen(r->birth_date), &day) != 0 ||
            day > kept_day_of(call->now, call->info->utc_offset_minutes))
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

static int next_number(struct call *call, uint64_t *ret_number, struct kept_err *err)
{
    char name[32];
    struct app *app = call->app;
    (void)snprintf(name, sizeof name, "next.%u", app->number);
    *ret_number = app->next_number++;
    return kept_meta_put_u64(call->kept->store, name, app->next_number, err);
}

int kept_act_SUBJECT_NEW(struct call *call, struct kept_err *err)
{
    uint64_t number = 0;
    struct kept_span body;
    int rc = next_number(call, &number, err);
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

/* ---- consent -------------------------------------------------------------------------------- */

/* Has a version begun? Its row says when, which may be later than its text does. */
static bool begun(const struct app *app, uint32_t number, kept_ms now)
{
    for (size_t i = 0; i < app->version_count; i++)
        if (app->versions[i].number == number)
            return app->versions[i].effective <= now;
    return false;
}

/* The version that was shown: the one named, else the newest in force. */
static int shown(struct call *call, struct kept_shown *ret, struct kept_err *err)
{
    uint32_t number = call->request->policy_version;
    const struct kept_policy *p = number != 0 ? kept_app_policy(call->app, number)
                                              : kept_app_in_force(call->app, call->now);
    if (p == NULL || !begun(call->app, kept_policy_info(p)->version, call->now))
        return kept_fail(err, KEPT_E_NOTFOUND, "version %u of the policy is not in effect: see `kept policy show`",
                         number);
    *ret = (struct kept_shown){p, call->request->language, call->now};
    /* The evidence outlives the context: the entry says which text, by version and language. */
    const char *language = ret->language != NULL && ret->language[0] != 0
                               ? ret->language
                               : kept_policy_info(p)->language;
    for (uint32_t i = 0; i < kept_policy_info(p)->languages; i++)
        if (strcmp(kept_policy_language(p, i), language) == 0)
            call->shown_language = i + 1;
    call->box->reply.policy_version = kept_policy_info(p)->version;
    return 0;
}

/* A scope must be something the policy shown declares. */
static int check_scope(const struct call *call, const struct kept_policy *policy,
                       struct kept_err *err)
{
    if (call->scope_kind != KEPT_K_NONE &&
        kept_policy_index(policy, call->scope_kind, call->scope) == KEPT_NO_INDEX)
        return kept_fail(err, KEPT_E_NOTFOUND, "the policy declares no such scope of consent: see `kept policy show`");
    return 0;
}

int kept_act_CONSENT_ACKNOWLEDGE(struct call *call, struct kept_err *err)
{
    struct kept_shown s;
    int rc = shown(call, &s, err);
    if (rc == 0 && kept_policy_info(s.policy)->version < call->subject->context.notice_version)
        rc = kept_fail(err, KEPT_E_CONFLICT, "a newer version was acknowledged already");
    call->changed = true;
    return rc != 0 ? rc : kept_consent_acknowledge(call->subject, &s, err);
}

int kept_act_CONSENT_GRANT(struct call *call, struct kept_err *err)
{
    struct kept_shown s;
    int rc = shown(call, &s, err);
    if (rc == 0)
        rc = check_scope(call, s.policy, err);
    call->changed = true;
    return rc != 0 ? rc
                   : kept_consent_grant(call->subject, &s, call->request->consent, call->scope_kind,
                                        call->scope, call->request->expires, err);
}

int kept_act_CONSENT_REFUSE(struct call *call, struct kept_err *err)
{
    struct kept_shown s;
    int rc = shown(call, &s, err);
    if (rc == 0)
        rc = check_scope(call, s.policy, err);
    call->changed = true;
    call->obligation = (struct kept_journal_row){
        .kind = KEPT_J_REFUSE, .scope_kind = call->scope_kind, .scope = call->scope};
    return rc != 0 ? rc
                   : kept_consent_refuse(call->subject, &s, call->scope_kind, call->scope, err);
}

int kept_act_CONSENT_WITHDRAW(struct call *call, struct kept_err *err)
{
    int rc = check_scope(call, call->policy, err);
    call->changed = true;
    call->obligation = (struct kept_journal_row){
        .kind = KEPT_J_WITHDRAW, .scope_kind = call->scope_kind, .scope = call->scope};
    return rc != 0 ? rc
                   : kept_consent_withdraw(call->subject, call->scope_kind, call->scope, call->now,
                                           err);
}

int kept_act_PERMISSION_SET(struct call *call, struct kept_err *err)
{
    const char *name = call->request->permission;
    struct kept_permission_row row = {.ref = name == NULL ? 0 : kept_ref(KEPT_K_PERMISSION, name),
                                      .on = call->request->on != 0,
                                      .reported_by = (uint8_t)call->actor_kind,
                                      .at = call->now};
    if (name == NULL || name[0] == 0)
        return kept_fail(err, KEPT_E_USAGE, "which permission? Name one, as the policy does");
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

static int judge(struct call *call, struct incoming *in, struct kept_err *err)
{
    struct kept_question q = call->question;
    q.use = KEPT_USE_COLLECT;
    q.item = in->index;
    in->verdict = kept_decide(call->policy, &call->subject->context, &q);
    if (in->item == NULL || in->verdict.decision == KEPT_DENY)
        return 0;
    int rc = kept_vault_find(call->kept->store, call->subject, in->ref, 0, &in->row, err);
    if (rc != 0 && rc != KEPT_E_NOTFOUND)
        return rc;
    in->held = rc == 0;
    if (in->held && in->item->locked && call->role_ref == KEPT_REF_NONE) {
        in->verdict = (struct kept_verdict){KEPT_DENY, KEPT_R_LOCKED, in->item->clause,
                                            in->item->line};
        return 0;
    }
    enum kept_item_kind kind = kept_kind_named(in->item->kind);
    if (kept_kind_check(kind, in->field->value, NULL) != 0)
        in->verdict = (struct kept_verdict){KEPT_DENY, KEPT_R_INVALID, in->item->clause,
                                            in->item->line};
    else if ((rc = kept_kind_normal(kind, in->field->value, &in->normal)) != 0)
        return kept_fail(err, rc, "item %s has no normal form", in->item->name);
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
        in[i].ref = f->item != 0 || f->name == NULL ? f->item : kept_ref(KEPT_K_ITEM, f->name);
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
    return 0;
}

static int store_value(struct call *call, struct incoming *in, struct kept_err *err)
{
    struct kept_store *store = call->kept->store;
    uint8_t token[KEPT_TOKEN_BYTES];
    char hex[KEPT_HASHED_BYTES + 1];
    const struct kept_item *item = in->item;
    struct kept_span value = kept_buf_span(&in->normal);
    const struct kept_stamp stamp = {
        .at = call->now,
        .until = item->retain > 0 ? call->now + item->retain : 0,
        .policy_version = call->info->version,
        .function = call->function_ref,
        .source = (call->question.facts & KEPT_F_USER_ACTION) != 0 ? KEPT_SOURCE_USER
                                                                   : KEPT_SOURCE_GENERATED,
    };
    bool replaces = in->held && !item->many;
    int rc = 0;
    if (item->hashed) { /* S0-3.2: the value itself never reaches the store */
        rc = kept_hashed(call->app, in->ref, value, hex, err);
        value = (struct kept_span){(const uint8_t *)hex, sizeof hex - 1};
    }
    if (rc == 0 && item->token)
        rc = kept_token_of(call->app, kept_keyring_token(call->app->keyring), in->ref, value, token,
                           err);
    if (rc == 0)
        rc = kept_vault_put(store, call->subject, replaces ? &in->row : NULL, in->ref, item->class,
                            &stamp, value, &in->row, err);
    if (rc == 0 && item->token)
        rc = kept_token_put(store, call->app->number, token, call->subject->key | in->row.slot,
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
    for (size_t i = 0; rc == 0 && i < count; i++) {
        rc = finish_field(call, &in[i], i == 0, err);
        if (rc == 0)
            rc = note_launch(call, &in[i], err);
    }
    for (size_t i = 0; i < count; i++)
        kept_buf_release(&in[i].normal);
    kept_free(in);
    return rc;
}

/* ---- finding, disclosing: reads, but beside collection because they share its pieces ---------- */

struct seeker {
    struct call *call;
    const struct kept_item *item;
    uint32_t number; /* of the token key */
    uint8_t token[KEPT_TOKEN_BYTES];
    struct kept_err *err;
    int rc;
    bool found;
};

/* Is the record behind a token what the token says? Somebody may have turned it to another person. */
static int confirm(struct seeker *s, const struct kept_dir_row *row)
{
    struct kept_stamp stamp = {0};
    struct kept_buf value;
    uint8_t token[KEPT_TOKEN_BYTES];
    kept_buf_init_secret(&value, KEPT_MAX_VALUE_BYTES);
    int rc = kept_vault_get(s->call->kept->store, s->call->subject, row, &stamp, &value, s->err);
    bool same = false;
    if (rc == 0 && (rc = kept_token_of(s->call->app, s->number, s->item->ref,
                                       kept_buf_span(&value), token, s->err)) == 0)
        same = kept_secret_equal(token, s->token, sizeof token);
    kept_buf_release(&value);
    if (rc == 0 && !same)
        return kept_fail(s->err, KEPT_E_CORRUPT,
                         "a look-up token leads to another value: the store was changed outside "
                         "kept");
    s->found = rc == 0 && (stamp.until == 0 || stamp.until > s->call->now);
    return rc;
}

/* A token leads through the living row: the head must open and its directory know the record. */
static int seek(void *arg, uint64_t key)
{
    struct seeker *s = arg;
    struct call *call = s->call;
    struct kept_head head;
    struct kept_span body;
    struct kept_dir_row row;
    uint64_t home = key & ~(uint64_t)KEPT_MAX_RECORDS;
    uint32_t slot = (uint32_t)(key & KEPT_MAX_RECORDS);
    s->rc = kept_cell_get(call->kept->store, home, &body, s->err);
    if (s->rc == KEPT_E_NOTFOUND) {
        s->rc = 0;
        return 0;
    }
    if (s->rc == 0 && (s->rc = kept_head_decode(home, body, &head)) != 0)
        s->rc = kept_fail(s->err, s->rc, "a person's row is damaged");
    if (s->rc != 0 || head.state == KEPT_S_ERASED || head.state == KEPT_S_KEPT_BY_LAW)
        return s->rc;
    s->rc = kept_load(call, &head, home, s->err);
    if (s->rc == 0) {
        s->rc = kept_vault_find(call->kept->store, call->subject, s->item->ref, slot, &row, s->err);
        s->rc = s->rc == 0 ? confirm(s, &row) : s->rc == KEPT_E_NOTFOUND ? 0 : s->rc;
    }
    if (!s->found) {
        call->opened = false;
        call->box->reply.subject = (struct kept_id){{0}};
        call->box->reply.version = 0;
    }
    return s->rc != 0 ? s->rc : s->found;
}

/* Under the newest token key, and while a rotation is under way under the former one. */
static int look_up(struct seeker *s, struct kept_span normal)
{
    const struct app *app = s->call->app;
    char hex[KEPT_HASHED_BYTES + 1];
    struct kept_span stored = normal;
    bool stale = false;
    int rc = 0;
    if (s->item->hashed) {
        rc = kept_hashed(app, s->item->ref, normal, hex, s->err);
        stored = (struct kept_span){(const uint8_t *)hex, sizeof hex - 1};
    }
    s->number = kept_keyring_token(app->keyring);
    for (; rc == 0 && !s->found && kept_token_lives(app, s->number); s->number--) {
        rc = kept_token_of(app, s->number, s->item->ref, stored, s->token, s->err);
        if (rc == 0)
            rc = kept_token_find(s->call->kept->store, app->number, s->token, seek, s, s->err);
        if (rc > 0) /* found: the visitor stopped the search */
            rc = 0;
    }
    if (rc == 0 && !s->found)
        rc = kept_tokens_stale(s->call->kept, app, &stale, s->err);
    return rc == 0 && stale ? kept_fail(s->err, KEPT_E_CONFLICT,
                                        "this store is older than the key of its look-up tokens: "
                                        "tick makes them anew, then look again")
                            : rc;
}

int kept_act_SUBJECT_FIND(struct call *call, struct kept_err *err)
{
    const struct kept_request *r = call->request;
    struct kept_buf normal;
    if (r->field_count != 1)
        return kept_fail(err, KEPT_E_USAGE, "a look-up takes one field: an item and its value");
    const struct kept_field *f = &r->fields[0];
    uint32_t ref = f->item != 0 || f->name == NULL ? f->item : kept_ref(KEPT_K_ITEM, f->name);
    uint32_t index = kept_policy_index(call->policy, KEPT_K_ITEM, ref);
    const struct kept_item *item = index == KEPT_NO_INDEX ? NULL
                                                          : kept_policy_item(call->policy, index);
    if (item == NULL || !item->token) {
        kept_verdict(call, KEPT_DENY, item == NULL ? KEPT_R_UNDECLARED : KEPT_R_NOT_SEARCHABLE,
                     item == NULL ? "" : item->clause, item == NULL ? 0 : item->line);
        return 0;
    }
    if (call->actor_kind == KEPT_ACTOR_STAFF &&
        !kept_policy_role_sees(call->policy, call->question.role, index)) {
        int line = 0;
        const char *clause = kept_policy_role_rule(call->policy, call->question.role, &line);
        kept_verdict(call, KEPT_DENY, KEPT_R_ROLE, clause, line);
        return kept_call_touch(call, ref, 0, 0, KEPT_DENY, KEPT_R_ROLE) == 0
                   ? 0
                   : kept_fail(err, KEPT_E_NOMEM, "no memory for a ledger entry");
    }
    enum kept_item_kind kind = kept_kind_named(item->kind);
    kept_buf_init_secret(&normal, KEPT_MAX_VALUE_BYTES);
    int rc = kept_kind_check(kind, f->value, err);
    if (rc == 0)
        rc = kept_kind_normal(kind, f->value, &normal);
    struct seeker s = {.call = call, .item = item, .err = err};
    if (rc == 0)
        rc = look_up(&s, kept_buf_span(&normal));
    kept_buf_release(&normal);
    if (rc == 0 && !s.found)
        kept_verdict(call, KEPT_DENY, KEPT_R_NO_VALUE, item->clause, item->line);
    if (rc == 0 && kept_call_touch(call, ref, 0, 0, s.found ? KEPT_ALLOW : KEPT_DENY,
                                   s.found ? KEPT_R_NONE : KEPT_R_NO_VALUE) != 0)
        rc = kept_fail(err, KEPT_E_NOMEM, "no memory for a ledger entry");
    return rc;
}

int kept_act_DISCLOSE(struct call *call, struct kept_err *err)
{
    const struct kept_request *r = call->request;
    if (r->field_count == 0)
        return kept_fail(err, KEPT_E_USAGE, "disclose needs at least one item");
    for (size_t i = 0; i < r->field_count; i++) {
        const struct kept_field *f = &r->fields[i];
        struct kept_question q = call->question;
        uint32_t ref = f->item != 0 || f->name == NULL ? f->item : kept_ref(KEPT_K_ITEM, f->name);
        q.use = KEPT_USE_DISCLOSE;
        q.item = kept_policy_index(call->policy, KEPT_K_ITEM, ref);
        struct kept_verdict v = kept_decide(call->policy, &call->subject->context, &q);
        const struct kept_field out = {
            .item = ref,
            .name = q.item == KEPT_NO_INDEX ? "" : kept_policy_item(call->policy, q.item)->name,
            .decision = v.decision,
            .reason = v.reason,
            .clause = v.clause,
            .line = v.line};
        int rc = kept_box_field(call->box, &out, (struct kept_span){NULL, 0}, err);
        if (rc == 0 && kept_call_touch(call, ref, 0, 0, v.decision, v.reason) != 0)
            rc = kept_fail(err, KEPT_E_NOMEM, "no memory for a ledger entry");
        if (rc != 0)
            return rc;
        if (i == 0 || v.decision > call->box->reply.decision)
            kept_verdict(call, v.decision, v.reason, v.clause, v.line);
    }
    return 0;
}
