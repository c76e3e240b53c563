/* account_int.h - accounts inside the engine: where an app's slips are, what was shown of an address, and accounts elsewhere. */
#ifndef KEPT_ENGINE_ACCOUNT_INT_H
#define KEPT_ENGINE_ACCOUNT_INT_H

#include "account/account.h"
#include "engine/engine_int.h"
#include "login/login.h"

struct json_t;

/* account.c */
struct kept_desk kept_desk_of(const struct call *call);
const char *kept_level_word(enum kept_identity level);
/* Did the call's person give back, a short while ago, a code that was sent to this value? */
bool kept_address_shown(const struct call *call, const struct kept_item *item, struct kept_span normal);
/* Is it an item by whose value people register and log in, in this policy? */
bool kept_is_way(const struct call *call, const struct kept_item *item);
/* The call's person has shown who they are, to a level; the report is the reply's. address: which was shown, or NULL. */
KEPT_MUST_USE int kept_prove(struct call *call, enum kept_identity level, const struct kept_address *address, struct kept_err *err);

/* providers.c: by whom people log in; rows of the app, sealed. */
struct provider {
    uint32_t recipient, item; /* kept_ref: who it is, and the item that the number there is kept in */
    kept_ms added;
    struct kept_login_provider login;
};
/* The provider of this name, KEPT_E_NOTFOUND: there is none; KEPT_E_CORRUPT, KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_provider_get(struct call *call, uint32_t recipient, struct provider *ret_provider, struct kept_err *err);
/* Each of them, until visit returns something else than 0, which is returned. */
KEPT_MUST_USE int kept_provider_each(struct call *call, int (*visit)(void *arg, const struct provider *provider), void *arg,
                                     struct kept_err *err);

/* elsewhere.c: account.begin and account.prove by a provider, bindings. */
KEPT_MUST_USE int kept_begin_elsewhere(struct call *call, struct kept_err *err);
KEPT_MUST_USE int kept_prove_elsewhere(struct call *call, struct kept_err *err);
/* What binds the call's person to providers: a row each, {"provider", "since", "leave"}, of an array of json_t, and may fail. */
KEPT_MUST_USE int kept_bound_json(struct call *call, struct json_t *rows, struct kept_err *err);
/* The same as text, `,"unbound":[...]`; nothing where nothing is bound. KEPT_E_NOMEM, and those of the store. */
KEPT_MUST_USE int kept_bound_text(struct call *call, struct kept_buf *out, struct kept_err *err);
/* Is an item filled by account.bind alone? *ret_is. */
KEPT_MUST_USE int kept_is_number(struct call *call, const struct kept_item *item, bool *ret_is, struct kept_err *err);

#endif
