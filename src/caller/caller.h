/* caller.h - who may ask the service, known by what they show: rows, sealed for the store; the table in which
 * they are found; and what a request of theirs may be about.
 *
 * A service shows a token: "kept_", 64 hex digits of 32 random bytes, 8 of a check (the first four bytes of the
 * SHA-256 of the text before it), by which a scanner tells a leaked one from other text. A person's session is
 * shown by such a token, too, "kper_" in front; it stands elsewhere (account.h). Nothing here parses it: the
 * SHA-256 of what was shown, whole, is looked up. Or it shows a certificate in TLS, and is looked up by that one's SHA-256.
 * Invariants: 1. No row holds what a caller shows, only its hash; of one that was revoked not even that.
 * 2. A row opens only under the app's keys, for that app, id and version: who can write the store and has no keys makes no
 * caller.  3. Nobody known, revoked, expired: nobody. What the row does not list is denied where it lists anything.
 * 4. A row in the table stands where it is until the table is freed; only its state changes.
 * Clauses: S0-7.2, S2-4.1.5, S4-7.8.  Threads: none of its own; reading what rows are limited to, any. */
#ifndef KEPT_CALLER_CALLER_H
#define KEPT_CALLER_CALLER_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/limits.h"
#include "crypto/crypto.h"
#include "kept.h"

/* ---- rows ---- */

/* PERSON, VISITOR stand in no store but here and now: people, by their session, and whoever shows nothing. */
enum kept_caller_kind { KEPT_CALLER_SERVICE = 0, KEPT_CALLER_PERSON, KEPT_CALLER_VISITOR, KEPT_CALLER_STAFF };
enum kept_caller_state {
    KEPT_CALLER_PENDING = 0, /* not committed yet */
    KEPT_CALLER_LIVE,
    KEPT_CALLER_REVOKED,
    KEPT_CALLER_UNDONE       /* never was: its commit failed */
};

/* Names, each with its NUL, one behind the other. */
struct kept_caller_list {
    char *text; /* NULL: none */
    size_t n;   /* bytes */
};

/* A member of staff: one session at a time, whose token's hash is the row's. Changes only while no request is judged. */
#define KEPT_TOTP_SECRET 20u
struct kept_staff {
    char verifier[KEPT_VERIFIER];      /* of the password */
    bool first;                        /* which is the first one: good for nothing but to set another */
    uint8_t secret[KEPT_TOTP_SECRET];  /* of the codes */
    uint64_t step;                     /* of the newest code that was used: none but later ones are good */
    kept_ms since, seen;               /* when the session began (0: there is none), and was last asked in */
};

/* What a member of staff has signed, passed ... by its number in the policy's language (kept_attestation_word). */
struct kept_attested {
    kept_ms at, until;                 /* at 0: there is none; until 0: without an end */
    char evidence[KEPT_MAX_REFERENCE + 1], by[KEPT_MAX_NAME + 1]; /* what shows it; who put it on file */
};

struct kept_caller_row {
    enum kept_caller_kind kind;
    struct kept_id id;             /* PERSON: name of the session's slip */
    struct kept_id subject;        /* PERSON: who they are */
    kept_ms code, document;        /* PERSON: until when such a proof holds; 0: there is none */
    uint32_t version;              /* of the row: from 1 */
    enum kept_caller_state state;
    bool certificate;              /* shows one; else a token */
    uint8_t hash[KEPT_HASH_BYTES]; /* of what it shows */
    char name[KEPT_MAX_CALLER_NAME + 1], added_by[KEPT_MAX_NAME + 1];
    struct kept_caller_list roles, functions, purposes;
    uint64_t operations;           /* bits of enum kept_op; 0: what its roles may */
    kept_ms added, expires, revoked; /* 0: never */
    struct kept_staff staff;       /* STAFF */
    struct kept_attested attested[KEPT_ATTESTATIONS]; /* STAFF: kept when they have left */
    char because[KEPT_MAX_LEFT_BECAUSE + 1]; /* REVOKED: why, and what they were reminded of */
    bool busy;                     /* STAFF: a change of it is on its way to the disk */
    void *of;                      /* the holder's: whose it is */
};

/* What is to be a caller, checked, into a row of zeros; id, hash and times are the caller's. KEPT_E_USAGE says what is wrong with
 * which part; KEPT_E_LIMIT (a list is too long); KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_caller_read(const struct kept_caller *from, struct kept_caller_row *ret_row, struct kept_err *err);
void kept_caller_release(struct kept_caller_row *row);

/* The names of a list: the first, and the one behind; NULL: none. */
const char *kept_caller_first(const struct kept_caller_list *list);
const char *kept_caller_next(const struct kept_caller_list *list, const char *name);
bool kept_caller_lists(const struct kept_caller_list *list, const char *name);

/* ---- sealed for the store: u8 suite | be32 version | seal of row.c's bytes, AAD "kept caller 1" app NUL id version ---- */

void kept_caller_key(const uint8_t seed[KEPT_SIGN_SEED_BYTES], uint8_t ret_key[KEPT_KEY_BYTES]);
/* Appended to out. KEPT_E_LIMIT, KEPT_E_NOMEM, KEPT_E_CRYPTO. */
KEPT_MUST_USE int kept_caller_seal(const uint8_t key[KEPT_KEY_BYTES], const char *app, const struct kept_caller_row *row,
                                   struct kept_buf *out);
/* Into a row of zeros. KEPT_E_CRYPTO: it is not what was sealed for this app and id; KEPT_E_FORMAT: by a newer kept;
 * KEPT_E_CORRUPT; KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_caller_open(const uint8_t key[KEPT_KEY_BYTES], const char *app, const struct kept_id *id,
                                   struct kept_span body, struct kept_caller_row *ret_row);
/* The bytes inside the seal, and back. */
void kept_caller_encode(const struct kept_caller_row *row, struct kept_buf *out);
KEPT_MUST_USE int kept_caller_decode(struct kept_span plain, struct kept_caller_row *ret_row);

/* ---- tokens ---- */

#define KEPT_CALLER_TOKEN 78u /* bytes of its text, with the NUL */
#define KEPT_TOKEN_SERVICE "kept_"
#define KEPT_TOKEN_STAFF "kses_"  /* of a session of staff */
#define KEPT_TOKEN_PERSON "kper_" /* of a person's session: the front says in which table to look, and no more */
/* Draw one, with such a front; the hash is what a row keeps. */
void kept_caller_token(const char *front, char ret_text[KEPT_CALLER_TOKEN], uint8_t ret_hash[KEPT_HASH_BYTES]);
/* Would this be a person's? */
bool kept_caller_is_person(struct kept_span shown);

/* ---- the table ---- */

struct kept_callers {
    struct kept_caller_row **rows; /* in the order of their coming */
    size_t count, cap;
    uint32_t *places;              /* of rows by hash, + 1; 0: none */
    size_t size;                   /* of places: a power of two, or 0 */
};
void kept_callers_free(struct kept_callers *table);
/* Take a row in, which is the table's from then on; on failure it is the caller's still. KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_callers_take(struct kept_callers *table, struct kept_caller_row *row);
/* Who shows this, and is somebody at that instant; NULL: nobody. shown: a token's text, or the 32 bytes of a certificate's
 * SHA-256. Costs a hash and a look, whoever it is. */
const struct kept_caller_row *kept_callers_find(const struct kept_callers *table, struct kept_span shown, bool certificate,
                                                kept_ms now);
/* A row shows something else from now on. */
void kept_callers_moved(struct kept_callers *table);
/* Of that name, and of whose (of): one who is, or is about to be. NULL: there is none. */
struct kept_caller_row *kept_callers_named(const struct kept_callers *table, const void *of, const char *name);

/* ---- staff (staff.c) ---- */

/* A first password and a secret of codes, both drawn. KEPT_E_NOMEM. */
#define KEPT_FIRST_PASSWORD 26u /* bytes of its text, with the NUL: 120 bits, in fives */
KEPT_MUST_USE int kept_staff_new(struct kept_staff *ret_staff, char ret_password[KEPT_FIRST_PASSWORD]);
/* May this be a password of that name? KEPT_E_USAGE says what is wrong with it. */
KEPT_MUST_USE int kept_staff_password(const char *name, const char *password, struct kept_err *err);
/* The code of a step (RFC 6238: HMAC-SHA-1, 30 s, 6 digits). KEPT_E_CRYPTO. */
#define KEPT_TOTP_DIGITS 6u
KEPT_MUST_USE int kept_totp(const uint8_t secret[KEPT_TOTP_SECRET], uint64_t step, char ret_code[KEPT_TOTP_DIGITS + 1]);
/* The step whose code this is: of now, or a step before or after, and later than the newest that was used; 0: of none. */
uint64_t kept_totp_step(const struct kept_staff *staff, const char *code, kept_ms now);
/* What is put into an authenticator: otpauth://totp/... KEPT_E_NOMEM is out's. */
void kept_totp_uri(const char *app, const char *name, const uint8_t secret[KEPT_TOTP_SECRET], struct kept_buf *out);
/* Is the session not over at that instant? */
bool kept_staff_is_in(const struct kept_staff *staff, kept_ms now);

/* Does this hold at that instant? */
bool kept_attested_now(const struct kept_attested *attested, kept_ms now);

/* ---- what a request of theirs may be about ---- */

#define KEPT_CALLER_ACTOR (KEPT_MAX_NAME + 1)
/* Fill in what the request leaves out and the row says: actor, role, and a function or purpose where there is but one. What it
 * points to lives as long as row and actor. A request that says for whom it asks gets NAME/ACTOR, in actor. KEPT_E_USAGE: that
 * is too long. */
KEPT_MUST_USE int kept_caller_fill(const struct kept_caller_row *row, struct kept_request *request,
                                   char actor[KEPT_CALLER_ACTOR], struct kept_err *err);
/* May it ask this, filled in? Any thread. */
bool kept_caller_may(const struct kept_caller_row *row, const struct kept_request *request);

#endif
