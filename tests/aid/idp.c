/* idp.c - keys, sets of them, and tokens, by OpenSSL. */
#include "idp.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(int good, const char *what)
{
    if (good)
        return;
    (void)fprintf(stderr, "idp: %s\n", what);
    abort();
}

void idp_base64url(const void *p, size_t n, char *out, size_t max)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const unsigned char *b = p;
    size_t at = 0;
    must(max > 4 * (n / 3) + 4, "no room for base64url");
    for (size_t i = 0; i < n; i += 3) {
        const unsigned v = (unsigned)b[i] << 16 | (i + 1 < n ? (unsigned)b[i + 1] << 8 : 0) | (i + 2 < n ? b[i + 2] : 0u);
        for (unsigned k = 0; k < 4 && i + k <= n; k++)
            out[at++] = letters[v >> (18 - 6 * k) & 63];
    }
    out[at] = 0;
}

static void number(EVP_PKEY *key, const char *param, size_t least, char *out, size_t max)
{
    unsigned char bytes[1024];
    BIGNUM *n = NULL;
    must(EVP_PKEY_get_bn_param(key, param, &n) == 1, param);
    const int size = BN_num_bytes(n) > (int)least ? BN_num_bytes(n) : (int)least;
    must(BN_bn2binpad(n, bytes, size) == size, param);
    BN_free(n);
    idp_base64url(bytes, (size_t)size, out, max);
}

static void append(char *out, size_t max, const char *text)
{
    const size_t n = strlen(out);
    must(snprintf(out + n, max - n, "%s", text) < (int)(max - n), "no room");
}

void idp_jwk(EVP_PKEY *key, const char *kid, const char *more, char *out, size_t max)
{
    const bool rsa = EVP_PKEY_is_a(key, "RSA");
    char a[1500], b[1500];
    number(key, rsa ? OSSL_PKEY_PARAM_RSA_N : OSSL_PKEY_PARAM_EC_PUB_X, rsa ? 0 : 32, a, sizeof a);
    number(key, rsa ? OSSL_PKEY_PARAM_RSA_E : OSSL_PKEY_PARAM_EC_PUB_Y, rsa ? 0 : 32, b, sizeof b);
    const size_t n = strlen(out);
    (void)snprintf(out + n, max - n, rsa ? "{\"kty\":\"RSA\",\"kid\":\"%s\",\"n\":\"%s\",\"e\":\"%s\"%s}"
                                         : "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"%s\",\"x\":\"%s\",\"y\":\"%s\"%s}",
                   kid, a, b, more);
}

static void say(struct idp *idp, const char *rsa, const char *ec)
{
    (void)snprintf(idp->provider, sizeof idp->provider,
                   "{\"issuer\":\"" IDP_ISSUER "\",\"client_id\":\"" IDP_CLIENT "\",\"leave\":\"" IDP_LEAVE "\",\"jwks\":{\"keys\":[");
    idp_jwk(idp->rsa, rsa, ",\"use\":\"sig\",\"alg\":\"RS256\"", idp->provider, sizeof idp->provider);
    append(idp->provider, sizeof idp->provider, ",");
    idp_jwk(idp->ec, ec, "", idp->provider, sizeof idp->provider);
    append(idp->provider, sizeof idp->provider, "]}}");
}

static void draw(struct idp *idp)
{
    idp->rsa = EVP_RSA_gen(2048);
    idp->ec = EVP_EC_gen("P-256");
    must(idp->rsa != NULL && idp->ec != NULL, "no keys");
}

void idp_up(struct idp *idp)
{
    memset(idp, 0, sizeof *idp);
    draw(idp);
    say(idp, "r1", "e1");
}

void idp_turn(struct idp *idp)
{
    idp_down(idp);
    draw(idp);
    idp->turned = true;
    say(idp, "r2", "e2");
}

void idp_down(struct idp *idp)
{
    EVP_PKEY_free(idp->rsa);
    EVP_PKEY_free(idp->ec);
    idp->rsa = idp->ec = NULL;
}

/* r and s, 32 bytes each, of what OpenSSL made. */
static size_t raw(unsigned char *signature, size_t n)
{
    const unsigned char *p = signature;
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &p, (long)n);
    unsigned char out[64];
    must(pair != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(pair), out, 32) == 32 && BN_bn2binpad(ECDSA_SIG_get0_s(pair), out + 32, 32) == 32,
         "no pair");
    ECDSA_SIG_free(pair);
    memcpy(signature, out, sizeof out);
    return sizeof out;
}

static size_t sign(struct idp *idp, char how, const char *text, unsigned char signature[1024])
{
    size_t n = 1024;
    unsigned m = 0;
    char known[1500];
    if (how == '-')
        return 0;
    if (how == 'H') {
        number(idp->rsa, OSSL_PKEY_PARAM_RSA_N, 0, known, sizeof known);
        must(HMAC(EVP_sha256(), known, (int)strlen(known), (const unsigned char *)text, strlen(text), signature, &m) != NULL, "no HMAC");
        return m;
    }
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    must(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, how == 'R' ? idp->rsa : idp->ec) == 1 &&
             EVP_DigestSign(context, signature, &n, (const unsigned char *)text, strlen(text)) == 1, "no signature");
    EVP_MD_CTX_free(context);
    return how == 'E' ? raw(signature, n) : n;
}

static void append_base64url(struct idp *idp, const void *p, size_t n)
{
    const size_t at = strlen(idp->text);
    idp_base64url(p, n, idp->text + at, sizeof idp->text - at);
}

const char *idp_jws(struct idp *idp, char how, const char *header, const char *claims)
{
    unsigned char signature[1024];
    idp->text[0] = 0;
    append_base64url(idp, header, strlen(header));
    append(idp->text, sizeof idp->text, ".");
    append_base64url(idp, claims, strlen(claims));
    const size_t n = sign(idp, how, idp->text, signature);
    append(idp->text, sizeof idp->text, ".");
    append_base64url(idp, signature, n);
    return idp->text;
}

const char *idp_token(struct idp *idp, const char *sub, const char *nonce, kept_ms now)
{
    char claims[1024];
    const long long at = now / 1000;
    (void)snprintf(claims, sizeof claims,
                   "{\"iss\":\"" IDP_ISSUER "\",\"aud\":\"" IDP_CLIENT "\",\"sub\":\"%s\",\"nonce\":\"%s\",\"iat\":%lld,\"exp\":%lld}", sub, nonce,
                   at, at + 3600);
    return idp_jws(idp, 'R', idp->turned ? "{\"alg\":\"RS256\",\"kid\":\"r2\"}" : "{\"alg\":\"RS256\",\"kid\":\"r1\",\"typ\":\"JWT\"}", claims);
}
