/* root_int.h - what the files about root keys share: making, saving, and getting them from elsewhere. */
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
/* The text of a key: 64 hex digits, and a newline or not; hex has room for one byte more. KEPT_E_CORRUPT. */
KEPT_MUST_USE int kept_root_from_hex(char *hex, size_t n, struct kept_root *root);

/* Open a plain file, ours, closed to others, no link. what: "root key". KEPT_E_NOTFOUND, KEPT_E_USAGE
 * (how to mend it), KEPT_E_IO. */
KEPT_MUST_USE int kept_secret_open(const char *what, const char *path, int *ret_fd,
                                   struct kept_err *err);

/* command.c: what a program prints (keys.h says how it is run), into guarded memory of size bytes, with
 * a zero behind it. KEPT_E_USAGE (not a whole path, or not safe to run), KEPT_E_NOTFOUND, KEPT_E_IO (it
 * failed, hung, or was killed), KEPT_E_LIMIT (it prints too much). */
KEPT_MUST_USE int kept_command_run(const char *command, char *ret_text, size_t size, size_t *ret_n,
                                   struct kept_err *err);

/* passphrase.c: the words of a passphrase, guarded, with a zero behind them; kept_secret_free. */
KEPT_MUST_USE int kept_words_get(const struct kept_provider *provider, const struct kept_ask *ask,
                                 bool fresh, char **ret_text, struct kept_err *err);

#endif
