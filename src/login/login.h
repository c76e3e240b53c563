/* login.h - who somebody is elsewhere: an id_token (OpenID Connect Core 1.0, 3.1.3.7) held against a provider's keys.
 *
 * A provider is what the operator says of it, as JSON:
 *   {"issuer": "https://id.example", "client_id": "shop", "leave": "https://id.example/apps", "jwks": {"keys": [...]}}
 * issuer: with https, or of this machine (http://127.0.0.1, http://localhost, http://[::1]), for development. leave: where people
 * end what binds them there; the issuer where nothing is said. jwks: a JWK set (RFC 7517) of public keys; those of other algorithms
 * or uses are passed by, a secret or private one is refused. Keys that turn over: both stand in the set for a while.
 * Pure: no network, no clock, no store. Ownership: borrowed for each call. Threads: any.
 * Errors hold no byte of a token. Clauses: S4-1.9, S4-5.12. */
#ifndef KEPT_LOGIN_LOGIN_H
#define KEPT_LOGIN_LOGIN_H

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "crypto/crypto.h"

/* ---- a provider (provider.c) --------------------------------------------------------------------- */

struct kept_login_key {
    struct kept_signer signer;
    char name[KEPT_MAX_KEY_NAME + 1]; /* kid; "": it has none */
};
struct kept_login_provider {
    char issuer[KEPT_MAX_ADDRESS + 1], client[KEPT_MAX_ADDRESS + 1], leave[KEPT_MAX_ADDRESS + 1];
    struct kept_login_key keys[KEPT_MAX_PROVIDER_KEYS];
    size_t key_count; /* at least one */
};
/* KEPT_E_USAGE says what is wrong with which part; KEPT_E_LIMIT: more than KEPT_MAX_PROVIDER_BYTES, or too many keys. */
KEPT_MUST_USE int kept_login_provider_read(struct kept_span text, struct kept_login_provider *ret_provider, struct kept_err *err);
/* As bytes, to be kept where nobody changes them: what comes back was checked when it was read, and is not again. Appended to out. */
void kept_login_provider_encode(const struct kept_login_provider *provider, struct kept_buf *out);
/* KEPT_E_CORRUPT: they are none. */
KEPT_MUST_USE int kept_login_provider_decode(struct kept_span bytes, struct kept_login_provider *ret_provider);
/* "RS256", "ES256". */
const char *kept_login_algorithm(enum kept_signer_kind kind);

/* ---- a token (token.c) --------------------------------------------------------------------------- */

/* Why it is none. For tests and operators: who asks is told no more than that. */
#define KEPT_LOGIN_FLAWS(X)                                                                        \
    X(NONE, "")                                                                                    \
    X(FORM, "it is no token in its one form")                                                      \
    X(ALGORITHM, "its algorithm is not the key's")                                                 \
    X(KEY, "no key of the provider is named")                                                      \
    X(SIGNATURE, "its signature is not right")                                                     \
    X(ISSUER, "another provider made it")                                                          \
    X(AUDIENCE, "it is for somebody else")                                                         \
    X(EXPIRED, "it is too old")                                                                    \
    X(EARLY, "it is of a time to come")                                                            \
    X(NONCE, "it has no nonce")                                                                    \
    X(SUBJECT, "it names nobody")
enum kept_login_flaw {
#define X(name, text) KEPT_LOGIN_##name,
    KEPT_LOGIN_FLAWS(X)
#undef X
};
const char *kept_login_flaw_text(enum kept_login_flaw flaw);

#define KEPT_LOGIN_NUMBER 65u /* bytes of its text, with the NUL */
struct kept_login {
    char number[KEPT_LOGIN_NUMBER];    /* who it is, there: hex of SHA-256 of "kept login", issuer and sub, each with a NUL behind */
    char nonce[KEPT_MAX_KEY_NAME + 1]; /* to be held against the one that was drawn */
    kept_ms issued;
};
/* Returns 0, and *ret_flaw: KEPT_LOGIN_NONE, and *ret_login is set; or why it is no token of this provider for us, now.
 * KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_login_check(const struct kept_login_provider *provider, struct kept_span token, kept_ms now,
                                   struct kept_login *ret_login, enum kept_login_flaw *ret_flaw, struct kept_err *err);

#endif
