/* id.h - comparing and printing identities. */
#ifndef KEPT_BASE_ID_H
#define KEPT_BASE_ID_H

#include <stdbool.h>

#include "kept.h"

bool kept_id_is_zero(const struct kept_id *id);
/* The one behind it in the order of bytes; false: it was the last, and is all zeros now. */
bool kept_id_next(struct kept_id *id);
bool kept_id_equal(const struct kept_id *a, const struct kept_id *b);

/* Where an id stands, or would, among count rows sorted by the id at offset `at` of each, stride bytes apart. */
size_t kept_id_place(const void *rows, size_t count, size_t stride, size_t at, const struct kept_id *id);

/* Plain comparison of public bytes. Secrets are compared with kept_secret_equal (crypto). */
bool kept_bytes_equal(const void *a, const void *b, size_t n);
int kept_bytes_compare(const void *a, const void *b, size_t n);

void kept_hex(const void *p, size_t n, char *ret_hex); /* 2n + 1 bytes */
KEPT_MUST_USE int kept_unhex(const char *hex, size_t n, uint8_t *ret_bytes); /* exactly 2n digits */

#endif
