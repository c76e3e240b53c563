/* providers.c - by whom people may log in: what the operator says of each, sealed as a row of the app.
 *
 * A provider is a recipient of the policy that gives an item: the number there is kept in that. Row: u8 1 | u32 recipient |
 * u32 item | u64 added | the provider (kept_login_provider_encode). */
#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "engine/account_int.h"
#include "engine/report_int.h"

#define VERSION 1u
#define HEAD 17u

static void name_of(const struct call *call, uint32_t recipient, struct kept_id *ret_name)
{
    const struct kept_desk desk = kept_desk_of(call);
    kept_desk_name(&desk, "kept provider", recipient, (struct kept_span){NULL, 0}, ret_name);
}

static int decode(struct kept_span body, struct provider *ret, struct kept_err *err)
{
    struct kept_cursor c = kept_cursor(body);
    const bool known = kept_get_u8(&c) == VERSION;
    ret->recipient = kept_get_u32(&c);
    ret->item = kept_get_u32(&c);
    ret->added = (kept_ms)kept_get_u64(&c);
    return known && !c.bad && kept_login_provider_decode((struct kept_span){c.p, c.n}, &ret->login) == 0
               ? 0
               : kept_fail(err, KEPT_E_CORRUPT, "what is known of a provider is damaged");
}

int kept_provider_get(struct call *call, uint32_t recipient, struct provider *ret_provider, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    struct kept_slip slip;
    struct kept_buf plain;
    struct kept_id name;
    name_of(call, recipient, &name);
    kept_buf_init(&plain, HEAD + KEPT_MAX_PROVIDER_BYTES);
    int rc = kept_desk_get(&desk, KEPT_SLIP_PROVIDER, &name, &slip, &plain, err);
    if (rc == 0)
        rc = decode(kept_buf_span(&plain), ret_provider, err);
    kept_buf_release(&plain);
    return rc == KEPT_E_NOTFOUND ? kept_fail(err, rc, "nobody logs in by a provider of that name: kept provider add") : rc;
}

static int visit_slip(struct call *call, const struct kept_slip *slip, struct provider *room,
                      int (*visit)(void *arg, const struct provider *provider), void *arg, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    struct kept_buf plain;
    kept_buf_init(&plain, HEAD + KEPT_MAX_PROVIDER_BYTES);
    int rc = kept_desk_open(&desk, slip, &plain, err);
    if (rc == 0)
        rc = decode(kept_buf_span(&plain), room, err);
    kept_buf_release(&plain);
    return rc == 0 ? visit(arg, room) : rc;
}

int kept_provider_each(struct call *call, int (*visit)(void *arg, const struct provider *provider), void *arg, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    struct kept_id name = {{0}};
    struct kept_slip slip;
    struct provider *room = NULL;
    int rc = 0;
    while (rc == 0 && (rc = kept_slip_from(desk.store, KEPT_SLIP_PROVIDER, desk.app, &name, &slip, err)) == 0) {
        name = slip.id;
        if (room == NULL && (room = kept_alloc(1, sizeof *room)) == NULL)
            rc = kept_fail(err, KEPT_E_NOMEM, "no memory for a provider");
        else
            rc = visit_slip(call, &slip, room, visit, arg, err);
        (void)kept_id_next(&name);
    }
    kept_free(room);
    return rc == KEPT_E_NOTFOUND ? 0 : rc;
}

/* ---- provider.add ------------------------------------------------------------------------------- */

/* A number there is found by a token, of an item that this recipient gives, and that holds one. */
static int check_item(const struct call *call, uint32_t ref, struct kept_err *err)
{
    const uint32_t index = kept_policy_index(call->policy, KEPT_K_ITEM, ref);
    const struct kept_item *item = index == KEPT_NO_INDEX ? NULL : kept_policy_item(call->policy, index);
    if (call->question.recipient == KEPT_NO_INDEX)
        return kept_fail(err, KEPT_E_USAGE, "the policy has no recipient of that name");
    if (item == NULL || !kept_policy_gives(call->policy, call->question.recipient, index))
        return kept_fail(err, KEPT_E_USAGE, "the policy does not say that %s gives that item (recipients: gives)",
                         call->request->recipient);
    if (!item->token || item->many || item->place != KEPT_PLACE_STORE || strcmp(item->kind, "device-id") != 0)
        return kept_fail(err, KEPT_E_USAGE, "the number there is kept in an item of kind device-id, with token: true, of one value: "
                                            "%s is another", item->name);
    return 0;
}

static int is_free(void *arg, const struct provider *provider)
{
    const struct provider *new = arg;
    return provider->item == new->item && provider->recipient != new->recipient;
}

static int check_room(struct call *call, struct provider *new, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    struct kept_slip slip;
    struct kept_id name;
    uint64_t count = 0;
    name_of(call, new->recipient, &name);
    int rc = kept_slip_count(desk.store, KEPT_SLIP_PROVIDER, desk.app, INT64_MAX, &count, err);
    if (rc == 0 && count >= KEPT_MAX_PROVIDERS &&
        (rc = kept_slip_get(desk.store, KEPT_SLIP_PROVIDER, desk.app, &name, &slip, err)) == KEPT_E_NOTFOUND)
        rc = kept_fail(err, KEPT_E_LIMIT, "people log in by %u providers at most", KEPT_MAX_PROVIDERS);
    if (rc == 0)
        rc = kept_provider_each(call, is_free, new, err);
    return rc > 0 ? kept_fail(err, KEPT_E_CONFLICT, "another provider has that item for its numbers") : rc;
}

static int put(struct call *call, const struct provider *new, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    struct kept_slip slip = {.kind = KEPT_SLIP_PROVIDER, .at = INT64_MAX};
    struct kept_buf body;
    name_of(call, new->recipient, &slip.id);
    kept_buf_init(&body, HEAD + KEPT_MAX_PROVIDER_BYTES);
    kept_buf_u8(&body, VERSION);
    kept_buf_u32(&body, new->recipient);
    kept_buf_u32(&body, new->item);
    kept_buf_u64(&body, (uint64_t)new->added);
    kept_login_provider_encode(&new->login, &body);
    slip.body = kept_buf_span(&body);
    int rc = body.failed != 0 ? kept_fail(err, body.failed, "no memory for a provider") : kept_desk_put(&desk, &slip, err);
    kept_buf_release(&body);
    return rc;
}

static json_t *provider_json(struct call *call, const struct provider *p)
{
    json_t *row = json_object(), *keys = json_array();
    for (size_t i = 0; i < p->login.key_count; i++) {
        json_t *key = json_object();
        set(call, key, "kid", json_string(p->login.keys[i].name));
        set(call, key, "alg", json_string(kept_login_algorithm(p->login.keys[i].signer.kind)));
        add(call, keys, key);
    }
    set(call, row, "provider", json_string(kept_ref_name(call->app, KEPT_K_RECIPIENT, p->recipient)));
    set(call, row, "item", json_string(kept_ref_name(call->app, KEPT_K_ITEM, p->item)));
    set(call, row, "issuer", json_string(p->login.issuer));
    set(call, row, "client_id", json_string(p->login.client));
    set(call, row, "leave", json_string(p->login.leave));
    set(call, row, "added", time_json(p->added));
    set(call, row, "keys", keys);
    return row;
}

/* What the ledger says of it: who signs for it from now on. */
static int note(struct call *call, const struct provider *p, struct kept_err *err)
{
    struct kept_buf text;
    kept_buf_init(&text, KEPT_MAX_TEXT);
    kept_buf_printf(&text, "provider %s: issuer %s, keys", call->request->recipient, p->login.issuer);
    for (size_t i = 0; i < p->login.key_count; i++)
        kept_buf_printf(&text, " %s", p->login.keys[i].name[0] != 0 ? p->login.keys[i].name : "(without a name)");
    call->note = call->noted = kept_buf_take(&text);
    return call->note != NULL ? 0 : kept_fail(err, KEPT_E_NOMEM, "no memory");
}

int kept_act_PROVIDER_ADD(struct call *call, struct kept_err *err)
{
    const struct kept_request *r = call->request;
    if (call->recipient_ref == KEPT_REF_NONE || r->field_count != 1)
        return kept_fail(err, KEPT_E_USAGE, "a provider is a recipient of the policy, and one field: the item its numbers are kept in, "
                                            "with issuer, client_id and jwks as JSON");
    struct provider *new = kept_alloc(1, sizeof *new);
    if (new == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for a provider");
    new->recipient = call->recipient_ref;
    new->item = kept_field_ref(&r->fields[0]);
    new->added = call->now;
    int rc = check_item(call, new->item, err);
    if (rc == 0)
        rc = kept_login_provider_read(r->fields[0].value, &new->login, err);
    if (rc == 0)
        rc = check_room(call, new, err);
    if (rc == 0)
        rc = put(call, new, err);
    if (rc == 0)
        rc = note(call, new, err);
    if (rc == 0)
        rc = kept_report_finish(call, provider_json(call, new), err);
    kept_free(new);
    return rc;
}

/* ---- provider.remove, provider.list --------------------------------------------------------------- */

int kept_act_PROVIDER_REMOVE(struct call *call, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    struct kept_slip slip;
    struct kept_id name;
    if (call->recipient_ref == KEPT_REF_NONE)
        return kept_fail(err, KEPT_E_USAGE, "which provider? It has the name of a recipient of the policy");
    name_of(call, call->recipient_ref, &name);
    int rc = kept_slip_get(desk.store, KEPT_SLIP_PROVIDER, desk.app, &name, &slip, err);
    if (rc == KEPT_E_NOTFOUND)
        return kept_fail(err, rc, "nobody logs in by a provider of that name");
    call->note = "nobody logs in by this provider any more";
    return rc == 0 ? kept_slip_delete(desk.store, KEPT_SLIP_PROVIDER, desk.app, &name, err) : rc;
}

struct listing {
    struct call *call;
    json_t *rows;
};

static int list(void *arg, const struct provider *provider)
{
    const struct listing *l = arg;
    add(l->call, l->rows, provider_json(l->call, provider));
    return 0;
}

int kept_act_PROVIDER_LIST(struct call *call, struct kept_err *err)
{
    json_t *root = json_object();
    struct listing l = {call, json_array()};
    int rc = kept_provider_each(call, list, &l, err);
    set(call, root, "providers", l.rows);
    if (rc == 0)
        return kept_report_finish(call, root, err);
    kept_json_free(root);
    return rc;
}
