/* verify.c - signatures that others make: RS256 and ES256, each by a key of its own kind. */
#include "crypto/crypto.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <string.h>

#define POINT (1 + 2 * KEPT_P256_BYTES)
#define ES256_BYTES (2 * KEPT_P256_BYTES)
#define DER_MAX 80 /* of two such numbers in a sequence */

static bool in_shape(const struct kept_signer *s)
{
    if (s->kind == KEPT_SIGNER_ES256)
        return s->a_n == KEPT_P256_BYTES && s->b_n == KEPT_P256_BYTES;
    if (s->kind != KEPT_SIGNER_RS256 || s->a_n < KEPT_MIN_RSA_BYTES || s->a_n > KEPT_MAX_RSA_BYTES || s->b_n == 0 ||
        s->b_n > KEPT_MAX_RSA_EXPONENT)
        return false;
    /* 2048 bits are 2048; both are odd, and 1 signs nothing. */
    const bool whole = s->a_n > KEPT_MIN_RSA_BYTES ? s->a[0] != 0 : (s->a[0] & 0x80) != 0;
    return whole && s->b[0] != 0 && (s->a[s->a_n - 1] & 1) != 0 && (s->b[s->b_n - 1] & 1) != 0 &&
           (s->b_n > 1 || s->b[0] > 1);
}

static bool push_rsa(OSSL_PARAM_BLD *build, const struct kept_signer *s, BIGNUM *n, BIGNUM *e)
{
    return BN_bin2bn(s->a, (int)s->a_n, n) != NULL && BN_bin2bn(s->b, (int)s->b_n, e) != NULL &&
           OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
           OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e) == 1;
}

static bool push_point(OSSL_PARAM_BLD *build, const struct kept_signer *s, uint8_t point[POINT])
{
    point[0] = POINT_CONVERSION_UNCOMPRESSED;
    memcpy(point + 1, s->a, KEPT_P256_BYTES);
    memcpy(point + 1 + KEPT_P256_BYTES, s->b, KEPT_P256_BYTES);
    return OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) == 1 &&
           OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, POINT) == 1;
}

/* NULL: it is no key. A point that is not on the curve is none. */
static EVP_PKEY *key_of(const struct kept_signer *s)
{
    uint8_t point[POINT];
    EVP_PKEY *key = NULL;
    OSSL_PARAM *params = NULL;
    if (!in_shape(s))
        return NULL;
    const bool rsa = s->kind == KEPT_SIGNER_RS256;
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    BIGNUM *n = BN_new(), *e = BN_new();
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, rsa ? "RSA" : "EC", NULL);
    if (build != NULL && n != NULL && e != NULL && context != NULL &&
        (rsa ? push_rsa(build, s, n, e) : push_point(build, s, point)) &&
        (params = OSSL_PARAM_BLD_to_param(build)) != NULL && EVP_PKEY_fromdata_init(context) == 1 &&
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        key = NULL;
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    BN_free(n);
    BN_free(e);
    EVP_PKEY_CTX_free(context);
    return key;
}

int kept_signer_check(const struct kept_signer *signer)
{
    EVP_PKEY *key = key_of(signer);
    EVP_PKEY_CTX *context = key != NULL ? EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL) : NULL;
    const bool good = context != NULL && EVP_PKEY_public_check(context) == 1;
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return good ? 0 : KEPT_E_USAGE;
}

/* r and s as OpenSSL reads them; 0: there is no memory. */
static size_t der_of(const uint8_t *rs, uint8_t ret_der[DER_MAX])
{
    ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(rs, KEPT_P256_BYTES, NULL), *s = BN_bin2bn(rs + KEPT_P256_BYTES, KEPT_P256_BYTES, NULL);
    unsigned char *at = ret_der;
    int n = 0;
    if (pair != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(pair, r, s) == 1) {
        r = s = NULL; /* the pair's */
        if (i2d_ECDSA_SIG(pair, NULL) <= DER_MAX)
            n = i2d_ECDSA_SIG(pair, &at);
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(pair);
    return n > 0 ? (size_t)n : 0;
}

bool kept_signer_verify(const struct kept_signer *signer, struct kept_span message, struct kept_span signature)
{
    const bool rsa = signer->kind == KEPT_SIGNER_RS256;
    uint8_t der[DER_MAX];
    if (signature.n != (rsa ? signer->a_n : ES256_BYTES))
        return false;
    if (!rsa)
        signature = (struct kept_span){der, der_of(signature.p, der)};
    EVP_PKEY *key = key_of(signer);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    const bool good = signature.n > 0 && key != NULL && context != NULL &&
                      EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
                      EVP_DigestVerify(context, signature.p, signature.n, message.p, message.n) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return good;
}
