/* admin_int.h - what the files behind admin.h share. */
#ifndef KEPT_ENGINE_ADMIN_INT_H
#define KEPT_ENGINE_ADMIN_INT_H

#include <jansson.h>

#include "base/buf.h"
#include "engine/engine_int.h"

/* Take root (may be NULL: no memory) as compact text into out. */
KEPT_MUST_USE int kept_admin_dump(json_t *root, struct kept_buf *out, struct kept_err *err);
json_t *kept_admin_time(kept_ms at);
struct kept_difference;
/* What two versions differ in (admin.h, kept_admin_policy_compare); NULL: no memory. */
json_t *kept_difference_json(const struct kept_difference *difference, const char *language);

/* Write the app's verifier key (public; C2SP form) beside its ledger and in its keyring, where
 * verification finds it. Nothing is written that is there already. KEPT_E_IO. */
KEPT_MUST_USE int kept_app_verifier(const struct kept *kept, const struct app *app,
                                    struct kept_err *err);

/* Lock the handle and find the app (ret_app NULL: none is wanted); begin also brings the ledgers up to date.
 * On success kept_admin_end must follow. */
KEPT_MUST_USE int kept_admin_look(struct kept *kept, const char *name, struct app **ret_app,
                                  struct kept_err *err);
KEPT_MUST_USE int kept_admin_begin(struct kept *kept, const char *name, struct app **ret_app,
                                   struct kept_err *err);
void kept_admin_end(struct kept *kept);

#endif
