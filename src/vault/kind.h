/* kind.h - what a value may look like: check it, bring it into one form, hide most of it.
 *
 * Pure functions: no store, no clock, no state. A value's normal form is what is stored and what a
 * look-up token is made of, so that two spellings of one thing are one thing.
 * Invariants: 1. What passes check has a normal form, and that is its own normal form.  2. A mask
 * never fails for a value's sake: what does not fit its kind is hidden whole.  3. No error text
 * holds a value. 4. Characters are counted, not bytes.
 * Threads: all functions are thread-safe. */
#ifndef KEPT_VAULT_KIND_H
#define KEPT_VAULT_KIND_H

#include <stdbool.h>

#include "base/buf.h"
#include "kept.h"

/* X(constant, name in a policy, may have look-up tokens, what it looks like). Tokens are for
 * identifiers that cannot be guessed by trying all: no name, date, place or number has one. */
#define KEPT_ITEM_KINDS(X)                                                                         \
    X(TEXT, "text", false, "text in UTF-8")                                                        \
    X(NAME, "name", false, "a person's name: up to 128 characters, no control characters")         \
    X(PHONE, "phone", true, "a mainland mobile number: 11 digits from 13 to 19, +86 allowed")      \
    X(LANDLINE, "landline", false, "a mainland landline number with its area code: 010-12345678")  \
    X(MAIL, "mail", true, "a mail address: local part, @, domain")                                 \
    X(ADDRESS, "address", false, "a postal address: up to 256 characters")                         \
    X(NUMBER, "number", false, "a decimal number of up to 30 digits")                              \
    X(DATE, "date", false, "a date that exists: YYYY-MM-DD")                                       \
    X(COORDINATES, "coordinates", false, "latitude,longitude in degrees: 39.9042,116.4074")        \
    X(IMEI, "imei", true, "an IMEI: 15 digits, the last one a check digit")                        \
    X(MAC, "mac", true, "a MAC address: six pairs of hex digits")                                  \
    X(IPV4, "ipv4", false, "an IPv4 address: four numbers from 0 to 255")                          \
    X(DEVICE_ID, "device-id", true, "a device identifier: 8 to 128 of A-Z a-z 0-9 . _ : - { }")    \
    X(ID_CARD, "id-card", true, "a resident identity number: 18 characters, the last a check")     \
    X(BANK_CARD, "bank-card", true, "a bank card number: 12 to 19 digits, the last a check digit") \
    X(PLATE, "plate", false, "a number plate: province, letter, 5 or 6 letters or digits")         \
    X(BLOB, "blob", false, "bytes")

enum kept_item_kind {
    KEPT_KIND_NONE = 0,
#define X(constant, name, token, looks) KEPT_KIND_##constant,
    KEPT_ITEM_KINDS(X)
#undef X
    KEPT_KIND_COUNT
};

/* KEPT_KIND_NONE for an unknown name or NULL; "" for an unknown kind. */
enum kept_item_kind kept_kind_named(const char *name);
const char *kept_kind_name(enum kept_item_kind kind);

/* May values of this kind be found by a keyed look-up token? */
bool kept_kind_can_token(enum kept_item_kind kind);

/* Is this a value of its kind? 0; KEPT_E_USAGE (empty, not of its kind: err says what one looks
 * like; or an unknown kind), KEPT_E_LIMIT (too long). */
KEPT_MUST_USE int kept_kind_check(enum kept_item_kind kind, struct kept_span value,
                                  struct kept_err *err);

/* Append the normal form to out, which should be secret. Errors as kept_kind_check, and KEPT_E_NOMEM;
 * out is unchanged then. Normal forms: phone 11 digits; landline, imei, bank-card digits; id-card
 * upper case; mail with its domain in lower case (the local part belongs to its host: unchanged);
 * name with single spaces and one kind of middle dot; coordinates and number without idle zeros;
 * mac lower case with colons; device-id in lower case if it is all hex or a UUID; plate upper case;
 * address trimmed; text, blob, date, ipv4 as they are. Unicode is not normalised. */
KEPT_MUST_USE int kept_kind_normal(enum kept_item_kind kind, struct kept_span value,
                                   struct kept_buf *out);

/* Append the masked form to out: what support staff may see. A value that is not of its kind, text,
 * blobs and numbers become KEPT_KIND_HIDDEN, which says nothing of their length. KEPT_E_NOMEM and
 * KEPT_E_LIMIT (of out) only. Clauses: S0-7.5, S1-4.9. */
#define KEPT_KIND_HIDDEN "****"
KEPT_MUST_USE int kept_kind_mask(enum kept_item_kind kind, struct kept_span value,
                                 struct kept_buf *out);

#endif
