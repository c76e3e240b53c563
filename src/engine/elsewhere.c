/* elsewhere.c - accounts at a provider: a login there begins with a nonce of ours and comes back as an id_token; it shows who
 * somebody is, or binds who they are there to who they are here.
 *
 * A binding is a value: the number there (login.h), in the item that the policy says the provider gives. So it is collected as
 * any value - consents, permissions, statutes -, sealed under the person's keys, found by its token, erased with them, and in
 * their trail. What is wrong with a token is told nobody, and a login that is bound to nobody is answered as one that is wrong. */
#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "engine/account_int.h"
#include "engine/report_int.h"

/* A login that came back. */
struct came {
    struct provider provider;
    struct kept_login login;
    const struct kept_item *item; /* that the number is kept in */
};

/* A denial is a value: 0. */
static int deny(struct call *call, enum kept_reason reason)
{
    const struct kept_account account = kept_policy_account(call->policy);
    kept_verdict(call, KEPT_DENY, reason, account.said ? account.clause : "", account.line);
    return 0;
}

static bool has_way(const struct call *call)
{
    return (kept_policy_account(call->policy).ways >> KEPT_WAY_THIRD_PARTY & 1) != 0;
}

static struct kept_span source_of(const struct call *call)
{
    const char *source = call->request->source;
    return (struct kept_span){(const uint8_t *)source, source != NULL ? strlen(source) : 0};
}

/* ---- account.begin ------------------------------------------------------------------------------ */

static int count_begun(struct call *call, bool *ret_over, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    const struct kept_span person = {call->opened ? call->subject->id.b : NULL, call->opened ? KEPT_ID_BYTES : 0};
    const struct kept_tally tallies[] = {{"kept codes of", person, KEPT_CODES_OF_PERSON, KEPT_HOUR},
                                         {"kept codes from", source_of(call), KEPT_CODES_OF_SOURCE, KEPT_HOUR}};
    int rc = 0;
    *ret_over = false;
    for (size_t i = 0; rc == 0 && !*ret_over && i < sizeof tallies / sizeof tallies[0]; i++)
        rc = kept_tally_over(&desk, &tallies[i], ret_over, err);
    for (size_t i = 0; rc == 0 && !*ret_over && i < sizeof tallies / sizeof tallies[0]; i++)
        rc = kept_tally_add(&desk, &tallies[i], err);
    return rc;
}

int kept_begin_elsewhere(struct call *call, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    char nonce[KEPT_NONCE_TEXT];
    bool over = false;
    kept_ms until = 0;
    if (!has_way(call))
        return deny(call, KEPT_R_NO_ACCOUNTS);
    struct provider *provider = kept_alloc(1, sizeof *provider);
    if (provider == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for a provider");
    int rc = kept_provider_get(call, call->recipient_ref, provider, err);
    if (rc == 0)
        rc = count_begun(call, &over, err);
    if (rc == 0 && over)
        rc = deny(call, KEPT_R_TOO_OFTEN);
    else if (rc == 0 && (rc = kept_nonce_make(&desk, provider->recipient, call->opened ? call->subject->key : 0, nonce, &until,
                                              err)) == 0) {
        json_t *root = json_object();
        set(call, root, "nonce", json_string(nonce));
        set(call, root, "issuer", json_string(provider->login.issuer));
        set(call, root, "client_id", json_string(provider->login.client));
        set(call, root, "until", time_json(until));
        rc = kept_report_finish(call, root, err);
        kept_wipe(nonce, sizeof nonce);
    }
    kept_free(provider);
    return rc;
}

/* ---- what came back ----------------------------------------------------------------------------- */

/* By whom was it begun? A person's own session takes no login that others began: else whoever makes somebody's browser bring
 * another token binds, or shows, an account that is not theirs. The app, which began it for them, takes one of nobody yet. */
static bool is_begun_by(const struct call *call, uint64_t person)
{
    const bool self = kept_by_self(call) && call->by->kind == KEPT_CALLER_PERSON;
    return person == 0 ? !self : call->opened && call->subject->key == person;
}

/* *ret_good: it is a token of this provider for us, now, to a nonce that was drawn for this and is not spent. */
static int check_token(struct call *call, struct came *came, bool *ret_good, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    const char *token = call->request->secret;
    enum kept_login_flaw flaw = KEPT_LOGIN_FORM;
    uint64_t person = 0;
    *ret_good = false;
    int rc = kept_login_check(&came->provider.login, (struct kept_span){(const uint8_t *)token, strlen(token)}, call->now,
                              &came->login, &flaw, err);
    if (rc != 0 || flaw != KEPT_LOGIN_NONE)
        return rc;
    rc = kept_nonce_find(&desk, came->provider.recipient, came->login.nonce, &person, err);
    *ret_good = rc == 0 && is_begun_by(call, person);
    return rc == KEPT_E_NOTFOUND ? 0 : rc;
}

static int count_wrong(struct call *call, bool add, bool *ret_over, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    const struct kept_tally tally = {"kept wrong from", source_of(call), KEPT_WRONG_OF_SOURCE, KEPT_HOUR};
    *ret_over = false;
    return add ? kept_tally_add(&desk, &tally, err) : kept_tally_over(&desk, &tally, ret_over, err);
}

/* The login that came back, or a verdict that says no: *ret_go false. */
static int take(struct call *call, struct came *came, bool *ret_go, struct kept_err *err)
{
    const char *token = call->request->secret;
    bool over = false;
    *ret_go = false;
    if (token == NULL || token[0] == 0 || call->recipient_ref == KEPT_REF_NONE)
        return kept_fail(err, KEPT_E_USAGE, "which provider, and which id_token did it give?");
    if (!has_way(call))
        return deny(call, KEPT_R_NO_ACCOUNTS);
    int rc = kept_provider_get(call, call->recipient_ref, &came->provider, err);
    if (rc == 0)
        rc = count_wrong(call, false, &over, err);
    if (rc != 0 || over)
        return rc != 0 ? rc : deny(call, KEPT_R_TOO_OFTEN);
    const uint32_t index = kept_policy_index(call->policy, KEPT_K_ITEM, came->provider.item);
    came->item = index != KEPT_NO_INDEX ? kept_policy_item(call->policy, index) : NULL;
    if (came->item == NULL) /* a version of the policy that has it no more */
        return deny(call, KEPT_R_UNDECLARED);
    rc = check_token(call, came, ret_go, err);
    if (rc != 0 || *ret_go)
        return rc;
    (void)deny(call, KEPT_R_ID_TOKEN);
    return count_wrong(call, true, &over, err);
}

/* Whose is the number? Found: that person is the call's; else nobody is. What looking touched is nothing to tell. */
static int find(struct call *call, const struct came *came, bool *ret_found, struct kept_err *err)
{
    const struct kept_field number = {.item = came->provider.item,
                                      .value = {(const uint8_t *)came->login.number, KEPT_LOGIN_NUMBER - 1}};
    int rc = kept_find_by(call, &number, ret_found, err);
    call->touched_count = 0;
    return rc;
}

static int spend(struct call *call, const struct came *came, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    return kept_nonce_spend(&desk, came->provider.recipient, came->login.nonce, err);
}

/* What a login that came back is for; a token that is none of ours is answered before. */
static int with_login(struct call *call, int (*then)(struct call *call, const struct came *came, struct kept_err *err),
                      struct kept_err *err)
{
    struct came *came = kept_alloc(1, sizeof *came);
    bool go = false;
    if (came == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for a login");
    int rc = take(call, came, &go, err);
    if (rc == 0 && go)
        rc = then(call, came, err);
    kept_wipe(came, sizeof *came);
    kept_free(came);
    return rc;
}

/* ---- account.prove ------------------------------------------------------------------------------ */

/* The nonce of who is not known yet stays good: they may register, and bind. */
static int prove(struct call *call, const struct came *came, struct kept_err *err)
{
    const bool named = call->opened;
    const struct kept_id asked = call->opened ? call->subject->id : (struct kept_id){{0}};
    bool found = false;
    int rc = find(call, came, &found, err);
    if (rc == 0 && (!found || (named && !kept_id_equal(&asked, &call->subject->id)))) {
        if (named) /* whoever it is, the answer is about whom it was asked */
            rc = kept_load_subject(call, err);
        (void)deny(call, KEPT_R_ID_TOKEN);
        if (!named) {
            call->opened = false;
            call->box->reply.subject = (struct kept_id){{0}};
            call->box->reply.version = 0;
        }
        return rc;
    }
    if (rc == 0)
        rc = spend(call, came, err);
    if (rc != 0)
        return rc;
    kept_verdict(call, KEPT_ALLOW, KEPT_R_NONE, "", 0);
    return kept_prove(call, KEPT_IDENTITY_CODE, NULL, err);
}

int kept_prove_elsewhere(struct call *call, struct kept_err *err)
{
    return with_login(call, prove, err);
}

/* ---- account.bind ------------------------------------------------------------------------------- */

/* Somebody else's? The person of the call is theirs again afterwards. */
static int is_others(struct call *call, const struct came *came, bool *ret_is, struct kept_err *err)
{
    const struct kept_id mine = call->subject->id;
    bool found = false;
    int rc = find(call, came, &found, err);
    *ret_is = rc == 0 && found && !kept_id_equal(&mine, &call->subject->id);
    if (rc == 0)
        rc = kept_load_subject(call, err);
    kept_verdict(call, KEPT_ALLOW, KEPT_R_NONE, "", 0);
    return rc;
}

/* As COLLECT of the item, by the one way in. */
static int collect(struct call *call, const struct came *came, struct kept_err *err)
{
    const struct kept_field number = {.item = came->provider.item,
                                      .value = {(const uint8_t *)came->login.number, KEPT_LOGIN_NUMBER - 1}};
    const struct kept_request *asked = call->request;
    struct kept_request as = *asked;
    as.fields = &number;
    as.field_count = 1;
    call->request = &as;
    int rc = kept_act_COLLECT(call, err);
    call->request = asked;
    return rc;
}

static int say(struct call *call, const char *what, const struct provider *p, struct kept_err *err)
{
    json_t *root = json_object();
    set(call, root, what, json_string(kept_ref_name(call->app, KEPT_K_RECIPIENT, p->recipient)));
    set(call, root, "item", json_string(kept_ref_name(call->app, KEPT_K_ITEM, p->item)));
    set(call, root, "leave", json_string(p->login.leave));
    return kept_report_finish(call, root, err);
}

static int bind_(struct call *call, const struct came *came, struct kept_err *err)
{
    bool others = false;
    int rc = is_others(call, came, &others, err);
    if (rc == 0 && others)
        return deny(call, KEPT_R_BOUND);
    if (rc == 0)
        rc = collect(call, came, err);
    if (rc != 0 || call->box->reply.decision == KEPT_DENY)
        return rc;
    rc = spend(call, came, err);
    return rc == 0 ? say(call, "bound", &came->provider, err) : rc;
}

int kept_act_ACCOUNT_BIND(struct call *call, struct kept_err *err)
{
    return with_login(call, bind_, err);
}

/* ---- what is bound ------------------------------------------------------------------------------ */

/* The record of a person's number at a provider; KEPT_E_NOTFOUND. */
static int record_of(struct call *call, const struct provider *p, struct kept_dir_row *ret_row, struct kept_err *err)
{
    return kept_vault_find(call->kept->store, call->subject, p->item, 0, ret_row, err);
}

struct bound {
    struct call *call;
    json_t *rows;
    struct kept_err *err;
    int rc;
};

static int tell_bound(void *arg, const struct provider *p)
{
    struct bound *b = arg;
    struct call *call = b->call;
    struct kept_stamp stamp = {0};
    struct kept_dir_row row;
    b->rc = record_of(call, p, &row, b->err);
    if (b->rc == 0)
        b->rc = kept_vault_stamp(call->kept->store, call->subject, &row, &stamp, b->err);
    if (b->rc == 0) {
        json_t *one = json_object();
        set(call, one, "provider", json_string(kept_ref_name(call->app, KEPT_K_RECIPIENT, p->recipient)));
        set(call, one, "since", time_json(stamp.at));
        set(call, one, "leave", json_string(p->login.leave));
        add(call, b->rows, one);
    }
    b->rc = b->rc == KEPT_E_NOTFOUND ? 0 : b->rc;
    return b->rc != 0;
}

int kept_bound_json(struct call *call, struct json_t *rows, struct kept_err *err)
{
    struct bound b = {.call = call, .rows = rows, .err = err};
    int rc = kept_provider_each(call, tell_bound, &b, err);
    return rc > 0 ? b.rc : rc;
}

int kept_bound_text(struct call *call, struct kept_buf *out, struct kept_err *err)
{
    json_t *rows = json_array();
    int rc = kept_bound_json(call, rows, err);
    if (rc == KEPT_E_CORRUPT) /* nobody can tell by whom; erasing goes on */
        rc = 0;
    if (rc == 0 && json_array_size(rows) > 0) {
        kept_buf_text(out, ",\"unbound\":");
        rc = kept_json_text(rows, out);
    }
    if (rc == 0 && call->holes)
        rc = KEPT_E_NOMEM;
    json_decref(rows);
    return rc == 0 ? 0 : kept_fail(err, rc, "no memory to say what was bound");
}

static int is_of(void *arg, const struct provider *p)
{
    const uint32_t *item = arg;
    return p->item == *item;
}

/* Providers are asked only of items that could be one's. */
int kept_is_number(struct call *call, const struct kept_item *item, bool *ret_is, struct kept_err *err)
{
    uint32_t ref = item->ref;
    *ret_is = false;
    if (!item->token || strcmp(item->source, "third_party") != 0)
        return 0;
    int rc = kept_provider_each(call, is_of, &ref, err);
    *ret_is = rc > 0;
    return rc > 0 ? 0 : rc;
}

/* ---- account.unbind ------------------------------------------------------------------------------ */

struct ways {
    struct call *call;
    uint32_t without; /* this item */
    struct kept_err *err;
    int rc;
};

static int look_for_other(void *arg, const struct provider *p)
{
    struct ways *w = arg;
    struct kept_dir_row row;
    if (p->item == w->without)
        return 0;
    w->rc = record_of(w->call, p, &row, w->err);
    if (w->rc == KEPT_E_NOTFOUND) {
        w->rc = 0;
        return 0;
    }
    return 1;
}

/* Another account elsewhere, or an address that codes go to. */
static int has_other_way(struct call *call, const struct provider *p, bool *ret_has, struct kept_err *err)
{
    struct ways w = {.call = call, .without = p->item, .err = err};
    struct kept_dir_row row;
    int rc = kept_provider_each(call, look_for_other, &w, err);
    *ret_has = rc > 0 && w.rc == 0;
    if (rc != 0)
        return rc > 0 ? w.rc : rc;
    for (uint32_t i = 0; rc == 0 && !*ret_has && i < call->info->items; i++) {
        const struct kept_item *item = kept_policy_item(call->policy, i);
        if (!kept_is_way(call, item))
            continue;
        rc = kept_vault_find(call->kept->store, call->subject, item->ref, 0, &row, err);
        *ret_has = rc == 0;
        rc = rc == KEPT_E_NOTFOUND ? 0 : rc;
    }
    return rc;
}

/* As ERASE_RECORD of the item, by the one way out; its certificate is the trail's, the answer says where else it ends. */
static int erase(struct call *call, const struct provider *p, struct kept_err *err)
{
    const struct kept_request *asked = call->request;
    struct kept_request as = *asked;
    as.item = kept_ref_name(call->app, KEPT_K_ITEM, p->item);
    as.record = 0;
    call->request = &as;
    int rc = kept_act_ERASE_RECORD(call, err);
    call->request = asked;
    kept_free(call->box->reply.json);
    call->box->reply.json = NULL;
    return rc;
}

static int unbind(struct call *call, const struct provider *p, struct kept_err *err)
{
    struct kept_dir_row row;
    bool other = false;
    int rc = record_of(call, p, &row, err);
    if (rc == KEPT_E_NOTFOUND)
        return deny(call, KEPT_R_NO_VALUE);
    if (rc == 0)
        rc = has_other_way(call, p, &other, err);
    if (rc == 0 && !other)
        return deny(call, KEPT_R_ONLY_WAY);
    if (rc == 0)
        rc = erase(call, p, err);
    return rc == 0 && call->box->reply.decision != KEPT_DENY ? say(call, "unbound", p, err) : rc;
}

int kept_act_ACCOUNT_UNBIND(struct call *call, struct kept_err *err)
{
    struct provider *p = kept_alloc(1, sizeof *p);
    if (p == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for a provider");
    int rc = call->recipient_ref == KEPT_REF_NONE ? kept_fail(err, KEPT_E_USAGE, "unbound from which provider?")
                                                  : kept_provider_get(call, call->recipient_ref, p, err);
    if (rc == 0)
        rc = unbind(call, p, err);
    kept_free(p);
    return rc;
}
