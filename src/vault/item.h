/* item.h - a value against the rule of its item: of its kind, and within what the policy allows of
 * that kind. Pure; threads: all functions are thread-safe. */
#ifndef KEPT_VAULT_ITEM_H
#define KEPT_VAULT_ITEM_H

#include "policy/policy.h"
#include "vault/kind.h"

/* The normal form, appended to out, which should be secret: that of its kind; of a number without its
 * unit ("21.50 °C" is 21.5 where °C is the unit). KEPT_E_USAGE: not of its kind, another unit, out of
 * range, more decimals than declared, none of the choices; KEPT_E_LIMIT, KEPT_E_NOMEM. out is unchanged
 * then, and err (may be NULL) holds no value. */
KEPT_MUST_USE int kept_item_normal(const struct kept_item *item, struct kept_span value,
                                   struct kept_buf *out, struct kept_err *err);

/* The masked form of a normal form, appended to out: whole where the item says so, else as its kind
 * does. KEPT_E_NOMEM, KEPT_E_LIMIT (of out) only. */
KEPT_MUST_USE int kept_item_mask(const struct kept_item *item, struct kept_span value,
                                 struct kept_buf *out, struct kept_err *err);

#endif
