/* account.h - who people show to be: one-time codes, how often something may be tried, proofs, and the
 * messages that are owed to people.
 *
 * All of it are slips of the store (store.h): small rows with an instant. A slip's name is a keyed hash, so
 * that the store tells nobody an address; its body is sealed under the app's epoch key, so that it opens no
 * longer than what it is about, and nobody with a disk editor can make one: AAD is kind, app, name and row
 * key of the person. Times are inside the seal; the row's own only says when to look.
 * Nothing here decides who may do what (engine), and nothing sends (post).
 * Ownership: a desk is borrowed for each call. Threads: those of the store and keyring it names.
 * Everything that writes needs an open write transaction. Clauses: S2-1.4.2.1a, S1-5.3, S1-5.13, S2-5.8a. */
#ifndef KEPT_ACCOUNT_H
#define KEPT_ACCOUNT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "crypto/crypto.h"
#include "keys/keys.h"
#include "policy/duties.h"
#include "store/store.h"

/* Where an app's slips are. */
struct kept_desk {
    struct kept_store *store;
    struct kept_keyring *keyring;
    uint32_t app;
    kept_ms now;
};

/* ---- slips (slip.c) ---------------------------------------------------------------------------- */

/* A name: keyed hash of what it is (label, at most 64 bytes), of which item (or 0), and whose. */
void kept_desk_name(const struct kept_desk *desk, const char *label, uint32_t item,
                    struct kept_span whose, struct kept_id *ret_name);
/* Seal and put, in place of the one that is there. KEPT_E_NOMEM, KEPT_E_LIMIT, store. */
KEPT_MUST_USE int kept_desk_put(const struct kept_desk *desk, const struct kept_slip *slip,
                                struct kept_err *err); /* its body in the clear; its app is the desk's */
/* Its body appended to plain, which should be secret; ret_slip's own is of no use. KEPT_E_NOTFOUND: none, or
 * one whose key is gone; KEPT_E_CORRUPT: the seal does not open; KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_desk_get(const struct kept_desk *desk, enum kept_slip_kind kind,
                                const struct kept_id *name, struct kept_slip *ret_slip,
                                struct kept_buf *plain, struct kept_err *err);
/* The same of one that was found otherwise. */
KEPT_MUST_USE int kept_desk_open(const struct kept_desk *desk, const struct kept_slip *slip,
                                 struct kept_buf *plain, struct kept_err *err);
/* Forget everything about a person: codes sent to them, proofs, messages. At most KEPT_SLIPS_A_TICK. */
KEPT_MUST_USE int kept_desk_forget(struct kept_store *store, uint64_t person, struct kept_err *err);
/* Delete what is past its time, a bounded number; messages are their sender's matter. *deleted grows. */
KEPT_MUST_USE int kept_desk_due(const struct kept_desk *desk, uint32_t *deleted, struct kept_err *err);
/* The same of other kinds, those that another room keeps. */
KEPT_MUST_USE int kept_desk_due_of(const struct kept_desk *desk, const enum kept_slip_kind *kinds, size_t count,
                                   uint32_t *deleted, struct kept_err *err);

/* Those of a kind, in the order of their names: seal what is not under the current epoch anew, all that still opens; before an
 * epoch key may go. Of kinds that outlive an epoch. *ret_count: how many. */
KEPT_MUST_USE int kept_desk_reseal(const struct kept_desk *desk, enum kept_slip_kind kind, uint32_t *ret_count,
                                   struct kept_err *err);

/* ---- how often (tally.c) ----------------------------------------------------------------------- */

/* Is this the one too many within a span of time that begins with the first? A count that is not there any
 * more is zero. Restarting changes nothing: counts are rows. */
struct kept_tally {
    const char *what;        /* "code to", at most 32 bytes */
    struct kept_span whose;  /* empty: nobody's, and never too many */
    uint32_t most;
    kept_ms span;
};
KEPT_MUST_USE int kept_tally_over(const struct kept_desk *desk, const struct kept_tally *tally,
                                  bool *ret_over, struct kept_err *err);
KEPT_MUST_USE int kept_tally_add(const struct kept_desk *desk, const struct kept_tally *tally,
                                 struct kept_err *err);

/* ---- codes (code.c) ---------------------------------------------------------------------------- */

/* An address: an item's value in its normal form. */
struct kept_address {
    uint32_t item;
    struct kept_span value;
};
/* Draw a code for an address, in place of a former one; only a keyed hash of it is kept. person: row key of
 * whom it is for, 0: whoever has the address. ret_code: digits, to be wiped. */
KEPT_MUST_USE int kept_code_make(const struct kept_desk *desk, const struct kept_address *to,
                                 uint64_t person, char ret_code[KEPT_CODE_DIGITS + 1],
                                 struct kept_err *err);
/* Is this the code? The answer takes as long, whatever it is. A wrong one is counted: after KEPT_CODE_TRIES
 * the code is gone. spend: a right one is gone, too, and never right again. */
KEPT_MUST_USE int kept_code_try(const struct kept_desk *desk, const struct kept_address *to,
                                struct kept_span code, bool spend, bool *ret_right,
                                struct kept_err *err);
KEPT_MUST_USE int kept_code_spend(const struct kept_desk *desk, const struct kept_address *to,
                                  struct kept_err *err);

/* ---- nonces (nonce.c) -------------------------------------------------------------------------- */

/* Draw one for a login by a provider (its recipient's ref), for KEPT_LOGIN_MINUTES; only a keyed hash of it is kept. person: row key
 * of who begins it, 0: who that is will be seen. ret_nonce: hex. */
#define KEPT_NONCE_TEXT (2 * KEPT_NONCE_BYTES + 1)
KEPT_MUST_USE int kept_nonce_make(const struct kept_desk *desk, uint32_t provider, uint64_t person, char ret_nonce[KEPT_NONCE_TEXT],
                                  kept_ms *ret_until, struct kept_err *err);
/* Was it drawn for such a login, and not spent yet? *ret_person: for whom. KEPT_E_NOTFOUND: no. */
KEPT_MUST_USE int kept_nonce_find(const struct kept_desk *desk, uint32_t provider, const char *nonce, uint64_t *ret_person,
                                  struct kept_err *err);
KEPT_MUST_USE int kept_nonce_spend(const struct kept_desk *desk, uint32_t provider, const char *nonce, struct kept_err *err);

/* ---- proofs (proof.c) -------------------------------------------------------------------------- */

/* How sure we are of somebody, until when; and the address that was shown last to be theirs. */
struct kept_proof {
    kept_ms until[KEPT_IDENTITY_DOCUMENT + 1]; /* by level; 0: never shown */
    uint32_t item;
    uint8_t address[KEPT_TOKEN_BYTES];
    kept_ms address_until;
};
/* Nothing was shown: zeros, and 0. */
KEPT_MUST_USE int kept_proof_get(const struct kept_desk *desk, const struct kept_id *subject,
                                 struct kept_proof *ret_proof, struct kept_err *err);
/* They have shown to be who they are, to a level; by an address, or otherwise (NULL). */
KEPT_MUST_USE int kept_proof_add(const struct kept_desk *desk, const struct kept_id *subject,
                                 uint64_t person, enum kept_identity level,
                                 const struct kept_address *address, kept_ms *ret_until,
                                 struct kept_err *err);
KEPT_MUST_USE int kept_proof_drop(const struct kept_desk *desk, const struct kept_id *subject,
                                  struct kept_err *err);
/* The highest level that holds now: each includes those before it. */
enum kept_identity kept_proof_level(const struct kept_proof *proof, kept_ms now);
/* Was this address shown to be theirs, a short while ago? */
bool kept_proof_has(const struct kept_desk *desk, const struct kept_proof *proof,
                    const struct kept_address *address);

/* ---- sessions (session.c) ---------------------------------------------------------------------- */

/* By which a person who has shown who they are stays known for KEPT_SESSION_HOURS. Its slip's name is a keyed
 * hash of the token's SHA-256: with the store alone nobody finds, opens or makes one. */
struct kept_session {
    struct kept_id name;         /* of its slip */
    struct kept_id subject;
    kept_ms since, until;
    kept_ms code;                /* until when a code counts as just shown, in this session */
};
KEPT_MUST_USE int kept_session_begin(const struct kept_desk *desk, const uint8_t hash[KEPT_HASH_BYTES],
                                     const struct kept_id *subject, uint64_t person, kept_ms code,
                                     kept_ms *ret_until, struct kept_err *err);
/* KEPT_E_NOTFOUND: there is none, or it is over. */
KEPT_MUST_USE int kept_session_find(const struct kept_desk *desk, const uint8_t hash[KEPT_HASH_BYTES],
                                    struct kept_session *ret_session, struct kept_err *err);
/* A code was shown again in it. KEPT_E_NOTFOUND. */
KEPT_MUST_USE int kept_session_renew(const struct kept_desk *desk, const struct kept_id *name, kept_ms code,
                                     struct kept_err *err);
KEPT_MUST_USE int kept_session_end(const struct kept_desk *desk, const struct kept_id *name, struct kept_err *err);
/* All of a person that began up to now. */
KEPT_MUST_USE int kept_sessions_end(const struct kept_desk *desk, const struct kept_id *subject, uint64_t person,
                                    struct kept_err *err);

/* ---- messages that are owed (outbox.c) --------------------------------------------------------- */

enum kept_carrier { KEPT_BY_SMS = 1, KEPT_BY_VOICE, KEPT_BY_MAIL };
const char *kept_carrier_word(enum kept_carrier carrier); /* "sms"; "?" for none of them */
struct kept_letter {
    struct kept_id id;           /* out; stays the same when it is tried again */
    enum kept_carrier carrier;
    struct kept_span to, title, text;
    kept_ms expires;             /* not sent any more then */
    uint32_t tries;              /* out: with this one */
};
/* Owe it: a row of the transaction that causes it. person: row key, or 0. KEPT_E_LIMIT: too many are owed,
 * or it is too long. */
KEPT_MUST_USE int kept_letter_owe(const struct kept_desk *desk, uint64_t person,
                                   const struct kept_letter *letter, struct kept_err *err);
/* The next that is due is handed to visit, and is due again a while later, until it is told that it went;
 * what is too old, or was tried too often, is dropped, and counted in *dropped. KEPT_E_NOTFOUND: none is due. */
KEPT_MUST_USE int kept_letter_take(const struct kept_desk *desk,
                                    int (*visit)(void *arg, const struct kept_letter *letter),
                                    void *arg, uint32_t *dropped, struct kept_err *err);
/* It went, or will never go. KEPT_E_NOTFOUND. */
KEPT_MUST_USE int kept_letter_done(const struct kept_desk *desk, const struct kept_id *id,
                                    struct kept_err *err);
/* How many are owed. */
KEPT_MUST_USE int kept_letters(const struct kept_desk *desk, uint64_t *ret_count,
                                struct kept_err *err);

#endif
