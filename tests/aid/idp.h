/* idp.h - a provider of logins for tests, in memory: its keys, its JWK set, and tokens as it would make them, or as it never would. */
#ifndef KEPT_TESTS_AID_IDP_H
#define KEPT_TESTS_AID_IDP_H

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdbool.h>

#include "kept.h"

#define IDP_ISSUER "https://id.square.example"
#define IDP_CLIENT "lantern"
#define IDP_LEAVE "https://id.square.example/apps"
#define IDP_MAX 20000

struct idp {
    EVP_PKEY *rsa, *ec;        /* kid r1, e1; after a turn r2, e2 */
    bool turned;
    char text[IDP_MAX];        /* the last that was made */
    char provider[IDP_MAX];    /* as an operator says it: idp_up; idp_turn */
};
void idp_up(struct idp *idp);
void idp_down(struct idp *idp);
/* New keys, called r2 and e2. */
void idp_turn(struct idp *idp);
/* The JWK of a key, with more members (", \"use\": \"sig\""), appended to out. */
void idp_jwk(EVP_PKEY *key, const char *kid, const char *more, char *out, size_t max);
/* base64url, without padding. */
void idp_base64url(const void *p, size_t n, char *out, size_t max);
/* Header and claims, as JSON, signed: 'R' by the RSA key, 'E' by the other, 'H' HMAC with what everybody knows of the RSA key, '-' not
 * at all. In idp->text. */
const char *idp_jws(struct idp *idp, char how, const char *header, const char *claims);
/* What it says of sub, to this nonce, at this instant. In idp->text. */
const char *idp_token(struct idp *idp, const char *sub, const char *nonce, kept_ms now);

#endif
