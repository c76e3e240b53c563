/* root_int.h - making and saving root keys, for root.c and recovery.c. */
#ifndef KEPT_KEYS_ROOT_INT_H
#define KEPT_KEYS_ROOT_INT_H

#include <string.h>

#include "keys/keys_int.h"

/* An empty root key in guarded memory; NULL with err set. */
struct kept_root *kept_root_new(struct kept_err *err) KEPT_MUST_USE;
/* Name the key that was put in. KEPT_E_CORRUPT: all zero, which no key is. */
KEPT_MUST_USE int kept_root_settle(struct kept_root *root);
/* Write it to a file that must not exist. KEPT_E_CONFLICT, KEPT_E_IO. */
KEPT_MUST_USE int kept_root_save(const struct kept_root *root, const char *path,
                                 struct kept_err *err);

#endif
