/* vault_int.h - what the files of this room share. */
#ifndef KEPT_VAULT_INT_H
#define KEPT_VAULT_INT_H

#include "vault/vault.h"

/* Set (add or replace) and drop a directory row. */
KEPT_MUST_USE int kept_directory_set(struct kept_store *store, struct kept_subject *subject,
                                     const struct kept_dir_row *row, struct kept_err *err);
KEPT_MUST_USE int kept_directory_drop(struct kept_store *store, struct kept_subject *subject,
                                      const struct kept_dir_row *row, struct kept_err *err);

#endif
