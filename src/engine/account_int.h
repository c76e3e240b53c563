/* account_int.h - accounts inside the engine: where an app's slips are, and what was shown of an address. */
#ifndef KEPT_ENGINE_ACCOUNT_INT_H
#define KEPT_ENGINE_ACCOUNT_INT_H

#include "account/account.h"
#include "engine/engine_int.h"

/* account.c */
struct kept_desk kept_desk_of(const struct call *call);
const char *kept_level_word(enum kept_identity level);
/* Did the call's person give back, a short while ago, a code that was sent to this value? */
bool kept_address_shown(const struct call *call, const struct kept_item *item, struct kept_span normal);

#endif
