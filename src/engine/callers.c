/* callers.c - who may ask the service: made, revoked, listed; and judged by what they show.
 *
 * Rows stand sealed in the store, and all of them in memory, where a look costs a hash. A change reaches the table when it
 * is committed. That somebody was revoked is an obligation of the journal, so that no restore and no disk editor
 * makes them a caller again. Who shows what nobody has is counted, and told with the next TICK. */
#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "engine/approve_int.h"
#include "engine/serve.h"

#define NOTE_BYTES 512u

/* The first bytes of an id, as the journal keeps them. */
static uint64_t front_of(const struct kept_id *id)
{
    return kept_be64(id->b);
}

/* ---- opening ----------------------------------------------------------------------------------- */

struct loading {
    struct kept *kept;
    struct app *app;
    uint8_t key[KEPT_KEY_BYTES];
    uint64_t *revoked; /* the fronts of their ids */
    size_t count, cap;
    int rc;
};

static int note_revoked(void *arg, uint64_t number, const struct kept_journal_row *row)
{
    struct loading *l = arg;
    (void)number;
    if (row->kind != KEPT_J_CALLER_REVOKED)
        return 0;
    int rc = kept_grow(&l->revoked, &l->cap, l->count + 1, SIZE_MAX / sizeof *l->revoked / 2, sizeof *l->revoked);
    if (rc == 0)
        l->revoked[l->count++] = row->version;
    return rc;
}

static bool is_revoked(const struct loading *l, const struct kept_id *id)
{
    for (size_t i = 0; i < l->count; i++)
        if (l->revoked[i] == front_of(id))
            return true;
    return false;
}

/* A row that does not open is nobody's; the others are served. */
static int load_row(void *arg, const struct kept_id *id, struct kept_span body)
{
    struct loading *l = arg;
    struct kept_caller_row *row = kept_alloc(1, sizeof *row);
    l->rc = row == NULL ? KEPT_E_NOMEM : kept_caller_open(l->key, l->app->name, id, body, row);
    if (l->rc == 0) {
        row->of = l->app;
        if (is_revoked(l, id))
            row->state = KEPT_CALLER_REVOKED;
        l->rc = kept_callers_take(&l->kept->callers, row);
    }
    if (l->rc == 0) {
        l->app->callers++;
        l->app->staff = l->app->staff || row->kind == KEPT_CALLER_STAFF;
        return 0;
    }
    if (row != NULL)
        kept_caller_release(row);
    kept_free(row);
    if (l->rc == KEPT_E_NOMEM)
        return 1;
    l->rc = 0;
    l->app->callers++;
    l->app->callers_damaged++;
    return 0;
}

int kept_app_callers(struct kept *kept, struct app *app, struct kept_err *err)
{
    struct loading l = {.kept = kept, .app = app};
    kept_caller_key(kept_keyring_signing_seed(app->keyring), l.key);
    int rc = kept_journal_each(app->keyring, 0, note_revoked, &l, err);
    if (rc == 0)
        rc = kept_caller_each(kept->store, app->number, load_row, &l, err);
    if (rc > 0)
        rc = kept_fail(err, l.rc, "no memory for the callers of %s", app->name);
    kept_wipe(l.key, sizeof l.key);
    kept_free(l.revoked);
    return rc;
}

/* ---- changes ----------------------------------------------------------------------------------- */

int kept_caller_put_row(struct call *call, const struct kept_caller_row *row, struct kept_err *err)
{
    uint8_t key[KEPT_KEY_BYTES];
    struct kept_buf body;
    kept_buf_init(&body, 5 * KEPT_MAX_CALLER_LIST);
    kept_caller_key(kept_keyring_signing_seed(call->app->keyring), key);
    int rc = kept_caller_seal(key, call->app->name, row, &body);
    kept_wipe(key, sizeof key);
    if (rc != 0)
        rc = kept_fail(err, rc, "cannot seal a caller");
    else
        rc = kept_caller_put(call->kept->store, call->app->number, &row->id, kept_buf_span(&body), err);
    kept_buf_release(&body);
    return rc;
}

/* Why somebody is a caller no more. */
static const char *because_of(const struct call *call)
{
    return call->request->text != NULL ? call->request->text : "";
}

/* What the entry says of it. */
static int note(struct call *call, const struct kept_caller_row *row)
{
    struct kept_buf text;
    kept_buf_init(&text, 4 * NOTE_BYTES);
    kept_buf_printf(&text, "caller %s", row->name);
    const struct {
        const char *what;
        const struct kept_caller_list *list;
    } lists[] = {{"roles", &row->roles}, {"functions", &row->functions}, {"purposes", &row->purposes}};
    for (size_t i = 0; call->row->op == KEPT_OP_CALLER_ADD && i < sizeof lists / sizeof lists[0]; i++) {
        const char *one = kept_caller_first(lists[i].list);
        if (one != NULL)
            kept_buf_printf(&text, "; %s", lists[i].what);
        for (; one != NULL && text.n < NOTE_BYTES; one = kept_caller_next(lists[i].list, one))
            kept_buf_printf(&text, " %s", one);
    }
    if (call->row->op == KEPT_OP_CALLER_REVOKE && because_of(call)[0] != 0)
        kept_buf_printf(&text, "; %s", because_of(call));
    call->note = call->noted = kept_buf_take(&text);
    return call->note != NULL ? 0 : KEPT_E_NOMEM;
}

static int check_names(const struct call *call, enum kept_kind kind, const char *what, const struct kept_caller_list *list,
                       struct kept_err *err)
{
    for (const char *one = kept_caller_first(list); one != NULL; one = kept_caller_next(list, one))
        if (kept_policy_index(call->policy, kind, kept_ref(kind, one)) == KEPT_NO_INDEX &&
            (kind != KEPT_K_ROLE || strcmp(one, "app") != 0))
            return kept_fail(err, KEPT_E_NOTFOUND, "the policy of %s has no %s of the name %s", call->app->name, what, one);
    return 0;
}

static int check_new(const struct call *call, const struct kept_caller_row *row, struct kept_err *err)
{
    int rc = check_names(call, KEPT_K_ROLE, "role", &row->roles, err);
    if (rc == 0)
        rc = check_names(call, KEPT_K_FUNCTION, "function", &row->functions, err);
    if (rc == 0)
        rc = check_names(call, KEPT_K_PURPOSE, "purpose", &row->purposes, err);
    if (rc == 0 && row->expires != 0 && row->expires <= call->now)
        rc = kept_fail(err, KEPT_E_USAGE, "the caller would have ended before it began");
    if (rc == 0 && kept_callers_named(&call->kept->callers, call->app, row->name) != NULL)
        rc = kept_fail(err, KEPT_E_CONFLICT, "%s is a caller already: revoke it, or take another name", row->name);
    if (rc == 0 && row->certificate && kept_callers_find(&call->kept->callers, (struct kept_span){row->hash, sizeof row->hash},
                                                         true, call->now) != NULL)
        rc = kept_fail(err, KEPT_E_CONFLICT, "a caller shows this certificate already");
    if (rc == 0 && call->app->callers >= KEPT_MAX_CALLERS)
        rc = kept_fail(err, KEPT_E_LIMIT, "%s has %u callers, with those that were revoked", call->app->name, KEPT_MAX_CALLERS);
    return rc;
}

/* ---- as JSON ----------------------------------------------------------------------------------- */

static json_t *list_json(struct call *call, const struct kept_caller_list *list)
{
    json_t *names = json_array();
    for (const char *one = kept_caller_first(list); one != NULL; one = kept_caller_next(list, one))
        add(call, names, json_string(one));
    return names;
}

static json_t *operations_json(struct call *call, uint64_t operations)
{
    json_t *names = json_array();
    for (unsigned op = 1; op < KEPT_OP_COUNT; op++)
        if ((operations >> op & 1u) != 0)
            add(call, names, json_string(kept_op_name((enum kept_op)op)));
    return names;
}

static json_t *caller_json(struct call *call, const struct kept_caller_row *row)
{
    json_t *root = json_object();
    const bool ended = row->expires != 0 && row->expires <= call->now;
    set(call, root, "name", json_string(row->name));
    set(call, root, "state", json_string(row->state == KEPT_CALLER_REVOKED ? "revoked" : ended ? "expired" : "live"));
    set(call, root, "shows", json_string(row->kind == KEPT_CALLER_STAFF ? "password" : row->certificate ? "certificate" : "token"));
    set(call, root, "roles", list_json(call, &row->roles));
    set(call, root, "operations", operations_json(call, row->operations));
    set(call, root, "functions", list_json(call, &row->functions));
    set(call, root, "purposes", list_json(call, &row->purposes));
    set(call, root, "added", time_json(row->added));
    set(call, root, "added_by", json_string(row->added_by));
    if (row->expires != 0)
        set(call, root, "expires", time_json(row->expires));
    if (row->revoked != 0)
        set(call, root, "revoked", time_json(row->revoked));
    if (row->because[0] != 0)
        set(call, root, "because", json_string(row->because));
    if (row->kind == KEPT_CALLER_STAFF)
        set(call, root, "attested", kept_attested_json(call, row));
    return root;
}

/* ---- the operations ---------------------------------------------------------------------------- */

/* What a new member of staff is told, this once. */
static void say_first(struct call *call, json_t *root, const struct kept_caller_row *row, const char *password)
{
    struct kept_buf uri;
    kept_buf_init_secret(&uri, NOTE_BYTES);
    kept_totp_uri(call->app->name, row->name, row->staff.secret, &uri);
    if (uri.failed != 0)
        call->holes = true;
    else
        set(call, root, "otpauth", json_stringn((const char *)uri.p, uri.n));
    set(call, root, "password", json_string(password));
    kept_buf_release(&uri);
}

static int add_row(struct call *call, struct kept_caller_row *row, struct kept_err *err)
{
    char token[KEPT_CALLER_TOKEN] = "", password[KEPT_FIRST_PASSWORD] = "";
    kept_random_id(&row->id);
    row->of = call->app;
    row->added = call->now;
    row->expires = call->request->expires;
    (void)snprintf(row->added_by, sizeof row->added_by, "%s", call->actor);
    int rc = check_new(call, row, err);
    if (rc == 0 && row->kind == KEPT_CALLER_STAFF && kept_staff_new(&row->staff, password) != 0)
        rc = kept_fail(err, KEPT_E_NOMEM, "no memory for a password");
    if (rc == 0 && row->kind == KEPT_CALLER_STAFF)
        kept_random(row->hash, sizeof row->hash); /* of nothing: there is no session yet */
    else if (rc == 0 && !row->certificate)
        kept_caller_token(KEPT_TOKEN_SERVICE, token, row->hash);
    row->state = KEPT_CALLER_LIVE;
    if (rc == 0)
        rc = kept_caller_put_row(call, row, err);
    row->state = KEPT_CALLER_PENDING;
    if (rc == 0 && note(call, row) != 0)
        rc = kept_fail(err, KEPT_E_NOMEM, "no memory for a ledger entry");
    if (rc == 0) {
        json_t *root = caller_json(call, row);
        if (token[0] != 0)
            set(call, root, "token", json_string(token));
        if (password[0] != 0)
            say_first(call, root, row, password);
        rc = kept_report_finish(call, root, err);
    }
    kept_wipe(token, sizeof token);
    kept_wipe(password, sizeof password);
    return rc;
}

int kept_act_CALLER_ADD(struct call *call, struct kept_err *err)
{
    if (call->request->caller == NULL)
        return kept_fail(err, KEPT_E_USAGE, "who is to be a caller? Its name goes into .caller");
    struct kept_caller_row *row = kept_alloc(1, sizeof *row);
    if (row == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for a caller");
    int rc = kept_caller_read(call->request->caller, row, err);
    if (rc == 0)
        rc = add_row(call, row, err);
    if (rc == 0 && kept_callers_take(&call->kept->callers, row) != 0)
        rc = kept_fail(err, KEPT_E_NOMEM, "no memory for a caller");
    if (rc != 0) {
        kept_caller_release(row);
        kept_free(row);
        return rc;
    }
    call->caller = row;
    return 0;
}

int kept_act_CALLER_REVOKE(struct call *call, struct kept_err *err)
{
    const struct kept_caller *of = call->request->caller;
    const char *name = of != NULL && of->name != NULL ? of->name : "";
    struct kept_caller_row *row = kept_callers_named(&call->kept->callers, call->app, name);
    if (row == NULL)
        return kept_fail(err, KEPT_E_NOTFOUND, "no caller of that name: caller.list tells who there is");
    if (strlen(because_of(call)) > KEPT_MAX_LEFT_BECAUSE)
        return kept_fail(err, KEPT_E_USAGE, "why somebody is a caller no more is said in at most %u bytes", KEPT_MAX_LEFT_BECAUSE);
    struct kept_caller_row gone = *row; /* its lists are the row's */
    gone.version++;
    gone.state = KEPT_CALLER_REVOKED;
    gone.revoked = call->now;
    memset(gone.hash, 0, sizeof gone.hash);
    kept_wipe(&gone.staff, sizeof gone.staff);
    (void)snprintf(gone.because, sizeof gone.because, "%s", because_of(call));
    int rc = kept_caller_put_row(call, &gone, err);
    if (rc == 0 && note(call, row) != 0)
        rc = kept_fail(err, KEPT_E_NOMEM, "no memory for a ledger entry");
    if (rc != 0)
        return rc;
    call->obligation = (struct kept_journal_row){.kind = KEPT_J_CALLER_REVOKED, .version = front_of(&row->id)};
    call->caller = row;
    row->busy = true;
    return kept_report_finish(call, caller_json(call, &gone), err);
}

int kept_act_CALLER_LIST(struct call *call, struct kept_err *err)
{
    const struct kept_callers *table = &call->kept->callers;
    json_t *root = json_object(), *rows = json_array();
    set(call, root, "app", json_string(call->app->name));
    for (size_t i = 0; i < table->count; i++) {
        const struct kept_caller_row *row = table->rows[i];
        if (row->of == call->app && (row->state == KEPT_CALLER_LIVE || row->state == KEPT_CALLER_REVOKED))
            add(call, rows, caller_json(call, row));
    }
    set(call, root, "callers", rows);
    if (call->app->callers_damaged != 0)
        set(call, root, "damaged", json_integer(call->app->callers_damaged));
    return kept_report_finish(call, root, err);
}

/* ---- who sees clear values ----------------------------------------------------------------------- */

/* The callers who may read in a role: not revoked, not ended, not limited to something else. */
static json_t *readers_json(struct call *call, const char *role)
{
    const struct kept_callers *table = &call->kept->callers;
    json_t *names = json_array();
    for (size_t i = 0; i < table->count; i++) {
        const struct kept_caller_row *row = table->rows[i];
        if (row->of == call->app && row->state == KEPT_CALLER_LIVE && (row->expires == 0 || row->expires > call->now) &&
            (row->operations == 0 || (row->operations >> KEPT_OP_USE & 1u) != 0) && kept_caller_lists(&row->roles, role))
            add(call, names, json_string(row->name));
    }
    return names;
}

static json_t *clear_json(struct call *call, uint32_t role)
{
    const struct kept_policy *policy = call->policy;
    json_t *items = json_array();
    for (uint32_t item = 0; item < call->info->items; item++)
        if (kept_policy_role_clear(policy, role, item))
            add(call, items, json_string(kept_policy_name(policy, KEPT_K_ITEM, item)));
    return items;
}

/* Every member of staff, also those who left: what is on file of them, until when, and what they were told as they went. */
static json_t *staff_json(struct call *call)
{
    const struct kept_callers *table = &call->kept->callers;
    json_t *rows = json_array();
    for (size_t i = 0; i < table->count; i++) {
        const struct kept_caller_row *row = table->rows[i];
        if (row->of == call->app && row->kind == KEPT_CALLER_STAFF &&
            (row->state == KEPT_CALLER_LIVE || row->state == KEPT_CALLER_REVOKED))
            add(call, rows, caller_json(call, row));
    }
    return rows;
}

/* The app itself sees what its functions may have; a role of staff what the policy gives it as it is. */
int kept_act_CALLER_REVIEW(struct call *call, struct kept_err *err)
{
    const struct kept_policy *policy = call->policy;
    json_t *root = json_object(), *rows = json_array();
    set(call, root, "app", json_string(call->app->name));
    set(call, root, "policy_version", json_integer(call->info->version));
    for (uint32_t role = 0; role < call->info->roles; role++) {
        const char *name = kept_policy_name(policy, KEPT_K_ROLE, role);
        const bool app = name[0] == 0;
        name = app ? "app" : name;
        json_t *items = app ? json_string("what its functions may have") : clear_json(call, role);
        if (!kept_policy_role_may(policy, app ? KEPT_NO_INDEX : role, KEPT_OP_USE) || (!app && json_array_size(items) == 0)) {
            json_decref(items);
            continue;
        }
        json_t *row = json_object();
        set(call, row, "role", json_string(name));
        set(call, row, "callers", readers_json(call, name));
        set(call, row, "clear", items);
        add(call, rows, row);
    }
    set(call, root, "see_clear_values", rows);
    set(call, root, "staff", staff_json(call));
    set(call, root, "beside", json_string("the owner of the store, in any role"));
    return kept_report_finish(call, root, err);
}

/* ---- committed, or not ------------------------------------------------------------------------- */

void kept_caller_settle(struct call *call, bool done)
{
    struct kept_caller_row *row = call->caller;
    kept_approval_settle(call, done);
    call->caller = NULL;
    kept_free(call->noted);
    call->noted = NULL;
    if (row != NULL)
        row->busy = false;
    kept_login_settle(call, row, done);
    if (row != NULL && call->row->op == KEPT_OP_CALLER_ADD) {
        row->state = done ? KEPT_CALLER_LIVE : KEPT_CALLER_UNDONE;
        call->app->callers += done;
        call->app->staff = call->app->staff || (done && row->kind == KEPT_CALLER_STAFF);
        return;
    }
    if (row == NULL || !done || call->row->op != KEPT_OP_CALLER_REVOKE)
        return;
    row->state = KEPT_CALLER_REVOKED;
    row->revoked = call->now;
    row->version++;
    (void)snprintf(row->because, sizeof row->because, "%s", because_of(call));
}

/* ---- who shows this? --------------------------------------------------------------------------- */

int kept_caller_judge(struct kept *kept, struct kept_span shown, int certificate, const struct kept_caller_row **ret_who,
               struct kept_err *err)
{
    (void)pthread_mutex_lock(&kept->mutex);
    *ret_who = kept_callers_find(&kept->callers, shown, certificate != 0, kept_now(&kept->clock));
    kept->strangers += *ret_who == NULL;
    (void)pthread_mutex_unlock(&kept->mutex);
    return *ret_who != NULL ? 0 : kept_fail(err, KEPT_E_DENIED, "what was shown is known to nobody here");
}

int kept_caller_complete(const struct kept_caller_row *who, struct kept_request *request, char actor[KEPT_ACTOR_ROOM],
                struct kept_err *err)
{
    const struct app *app = who->of;
    if (who->kind == KEPT_CALLER_PERSON || who->kind == KEPT_CALLER_VISITOR)
        return kept_self_complete(who, request, err);
    if (request->app == NULL || request->app[0] == 0)
        request->app = app->name;
    if (strcmp(request->app, app->name) != 0)
        return kept_fail(err, KEPT_E_USAGE, "the caller is of another app: leave the app out");
    return kept_caller_fill(who, request, actor, err);
}

int kept_caller_audits(struct kept *kept, const struct kept_caller_row *who, const char *name)
{
    const struct app *app = who->of;
    const struct kept_policy *policy = kept_app_in_force(app, kept_now(&kept->clock));
    struct kept_request audit = {.op = KEPT_OP_AUDIT};
    if (name == NULL || strcmp(name, app->name) != 0 || policy == NULL)
        return 0;
    for (const char *role = kept_caller_first(&who->roles); role != NULL; role = kept_caller_next(&who->roles, role)) {
        audit.role = role;
        const uint32_t index = kept_policy_index(policy, KEPT_K_ROLE, kept_ref(KEPT_K_ROLE, role));
        if (index != KEPT_NO_INDEX && kept_policy_role_may(policy, index, KEPT_OP_AUDIT) && kept_caller_may(who, &audit) &&
            kept_attested_for(policy, index, who, kept_now(&kept->clock)))
            return 1;
    }
    return 0;
}
