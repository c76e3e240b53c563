/* kind.h - what a value may look like: check it, bring it into one form, hide most of it.
 *
 * Pure functions: no store, no clock, no state. A value's normal form is what is stored and what a
 * look-up token is made of, so that two spellings of one thing are one thing.
 * Invariants: 1. What passes check has a normal form, and that is its own normal form.  2. A mask
 * never fails for a value's sake: what does not fit its kind is hidden whole.  3. No error text
 * holds a value.  4. Characters are counted, not bytes.  5. What systems put where they may not tell
 * an identifier (zeros, 02:00:00:00:00:00) is no value: people would share it, and their look-up.
 * Threads: all functions are thread-safe. */
#ifndef KEPT_VAULT_KIND_H
#define KEPT_VAULT_KIND_H

#include <stdbool.h>

#include "base/buf.h"
#include "kept.h"
#include "policy/kinds.h" /* the table: every kind, a row each */

enum kept_item_kind {
    KEPT_KIND_NONE = 0,
#define X(constant, name, max, flags, normal, mask, looks) KEPT_KIND_##constant,
    KEPT_ITEM_KINDS(X)
#undef X
    KEPT_KIND_COUNT
};

/* KEPT_KIND_NONE for an unknown name or NULL; "" for an unknown kind. */
enum kept_item_kind kept_kind_named(const char *name);
const char *kept_kind_name(enum kept_item_kind kind);

/* May values of this kind be found by a keyed look-up token? */
bool kept_kind_can_token(enum kept_item_kind kind);

/* Do the first KEPT_KIND_HEAD bytes (or all, if fewer) decide? Then a value may be checked by them
 * alone and stored as it comes, without being held whole. */
#define KEPT_KIND_HEAD 32u
bool kept_kind_can_stream(enum kept_item_kind kind);

/* Is this a value of its kind? 0; KEPT_E_USAGE (empty, not of its kind: err says what one looks
 * like; or an unknown kind), KEPT_E_LIMIT (too long). */
KEPT_MUST_USE int kept_kind_check(enum kept_item_kind kind, struct kept_span value,
                                  struct kept_err *err);

/* Append the normal form to out, which should be secret. Errors as kept_kind_check, and KEPT_E_NOMEM;
 * out is unchanged then. Normal forms: phone 11 digits; landline, imei, bank-card digits; id-card
 * upper case (15 digits, the form before 1999, are refused: they have no check character, and are
 * not valid since 2013); mail with its domain in lower case (the local part belongs to its host:
 * unchanged); name with single spaces and one kind of middle dot; coordinates and number without
 * idle zeros; mac lower case with colons; ipv6 as RFC 5952 writes it; device-id in lower case if it
 * is all hex, a UUID without braces; url with scheme, host and escapes in one case, without dot
 * segments, default port and needless escapes, other letters escaped (RFC 3986 6.2.2-3); plate upper
 * case; address in single spaces; text, photo, blob, date, ipv4 as they are. NOTHING is stripped
 * from a photo: place and camera (EXIF) stay in it. Unicode is not normalised. */
KEPT_MUST_USE int kept_kind_normal(enum kept_item_kind kind, struct kept_span value,
                                   struct kept_buf *out);

/* Append the masked form to out: what support staff may see. A value that is not of its kind, text,
 * photos, blobs and numbers become KEPT_KIND_HIDDEN, which says nothing of their length. KEPT_E_NOMEM
 * and KEPT_E_LIMIT (of out) only. Clauses: S0-7.5, S1-4.9. */
#define KEPT_KIND_HIDDEN "****"
KEPT_MUST_USE int kept_kind_mask(enum kept_item_kind kind, struct kept_span value,
                                 struct kept_buf *out);

/* The media type of a photo by its first KEPT_KIND_HEAD bytes; NULL: none that kept knows. What
 * follows them is not looked at. */
const char *kept_photo_type(struct kept_span head);

#endif
