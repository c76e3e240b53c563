/* fuzz_login.c - what operators say of providers, and tokens: as they come, and signed by a key of ours, so that headers and claims
 * are met behind the signature. */
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include "fuzz.h"
#include "login/login.h"

#define NOW ((kept_ms)1772409600000)
#define ISSUER "https://id.example"
#define CLIENT "shop"

static EVP_PKEY *key;
static struct kept_login_provider provider = {.issuer = ISSUER, .client = CLIENT, .leave = ISSUER, .key_count = 1};

static void make_provider(void)
{
    struct kept_signer *s = &provider.keys[0].signer;
    uint8_t point[1 + 2 * KEPT_P256_BYTES];
    size_t n = 0;
    key = EVP_EC_gen("P-256");
    FUZZ_MUST(key != NULL && EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point, &n) == 1 && n == sizeof point);
    *s = (struct kept_signer){.kind = KEPT_SIGNER_ES256, .a_n = KEPT_P256_BYTES, .b_n = KEPT_P256_BYTES};
    memcpy(s->a, point + 1, KEPT_P256_BYTES);
    memcpy(s->b, point + 1 + KEPT_P256_BYTES, KEPT_P256_BYTES);
    FUZZ_MUST(kept_signer_check(s) == 0);
}

static void base64url(struct kept_buf *out, struct kept_span data)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (size_t i = 0; i < data.n; i += 3) {
        const uint32_t v = (uint32_t)data.p[i] << 16 | (i + 1 < data.n ? (uint32_t)data.p[i + 1] << 8 : 0) |
                           (i + 2 < data.n ? data.p[i + 2] : 0u);
        for (unsigned k = 0; k < 4 && i + k <= data.n; k++)
            kept_buf_u8(out, (uint8_t)letters[v >> (18 - 6 * k) & 63]);
    }
}

static void sign(struct kept_buf *token)
{
    uint8_t der[128], raw[2 * KEPT_P256_BYTES];
    size_t n = sizeof der;
    const unsigned char *at = der;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    FUZZ_MUST(context != NULL && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
              EVP_DigestSign(context, der, &n, token->p, token->n) == 1);
    EVP_MD_CTX_free(context);
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &at, (long)n);
    FUZZ_MUST(pair != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(pair), raw, KEPT_P256_BYTES) > 0 &&
              BN_bn2binpad(ECDSA_SIG_get0_s(pair), raw + KEPT_P256_BYTES, KEPT_P256_BYTES) > 0);
    ECDSA_SIG_free(pair);
    kept_buf_u8(token, '.');
    base64url(token, (struct kept_span){raw, sizeof raw});
}

static enum kept_login_flaw check(struct kept_span token)
{
    enum kept_login_flaw flaw = KEPT_LOGIN_NONE;
    struct kept_login login;
    FUZZ_MUST(kept_login_check(&provider, token, NOW, &login, &flaw, NULL) == 0);
    FUZZ_MUST(strlen(login.number) == (flaw == KEPT_LOGIN_NONE ? KEPT_LOGIN_NUMBER - 1 : 0));
    FUZZ_MUST((login.nonce[0] != 0) == (flaw == KEPT_LOGIN_NONE));
    FUZZ_MUST(strcmp(kept_login_flaw_text(flaw), "?") != 0);
    return flaw;
}

static void check_signed(struct kept_span header, struct kept_span claims)
{
    struct kept_buf token;
    kept_buf_init(&token, 64u << 10);
    base64url(&token, header);
    kept_buf_u8(&token, '.');
    base64url(&token, claims);
    sign(&token);
    const enum kept_login_flaw flaw = check(kept_buf_span(&token));
    FUZZ_MUST(flaw != KEPT_LOGIN_SIGNATURE);
    if (flaw == KEPT_LOGIN_NONE && token.n > 0) { /* one bit of it, and it is none */
        token.p[token.n / 2] ^= 1;
        FUZZ_MUST(check(kept_buf_span(&token)) != KEPT_LOGIN_NONE);
    }
    kept_buf_release(&token);
}

void fuzz_login(const uint8_t *p, size_t n)
{
    static const char header[] = "{\"alg\":\"ES256\"}";
    struct fuzz f = fuzz_of(p, n);
    const uint8_t how = fuzz_u8(&f) % 4;
    if (key == NULL)
        make_provider();
    if (f.n > KEPT_MAX_PROVIDER_BYTES + 8)
        return;
    if (how == 0) {
        struct kept_login_provider read;
        const int rc = kept_login_provider_read((struct kept_span){f.p, f.n}, &read, NULL);
        FUZZ_MUST(rc == 0 || rc == KEPT_E_USAGE || rc == KEPT_E_LIMIT);
        FUZZ_MUST(rc != 0 || (read.key_count > 0 && read.key_count <= KEPT_MAX_PROVIDER_KEYS && read.issuer[0] != 0 && read.leave[0] != 0));
        const int back = kept_login_provider_decode((struct kept_span){f.p, f.n}, &read);
        FUZZ_MUST(back == KEPT_E_CORRUPT || (back == 0 && read.key_count > 0 && read.key_count <= KEPT_MAX_PROVIDER_KEYS));
    } else if (how == 1) {
        FUZZ_MUST(check((struct kept_span){f.p, f.n}) != KEPT_LOGIN_NONE);
    } else if (how == 2) {
        check_signed((struct kept_span){(const uint8_t *)header, sizeof header - 1}, (struct kept_span){f.p, f.n});
    } else {
        const uint8_t *cut = f.n > 0 ? memchr(f.p, 0, f.n) : NULL;
        const size_t first = cut != NULL ? (size_t)(cut - f.p) : f.n;
        check_signed((struct kept_span){f.p, first}, (struct kept_span){f.p + first, f.n - first});
    }
}

void seeds_login(fuzz_give_fn *give)
{
    static const char said[] = "\000{\"issuer\":\"https://id.example\",\"client_id\":\"shop\",\"leave\":\"https://id.example/apps\",\"jwks\":{\"keys\":["
        "{\"kty\":\"oct\"},{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"a\",\"use\":\"sig\",\"alg\":\"ES256\",\"key_ops\":[\"verify\"],"
        "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\",\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}}";
    static const char ours[] = "\000{\"issuer\":\"http://127.0.0.1:1\",\"client_id\":\"shop\",\"jwks\":{\"keys\":["
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
        "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}}"; /* the key of RFC 7515, A.3.1 */
    static const char token[] = "\001eyJhbGciOiJFUzI1NiJ9.e30.AAAA";
    static const char right[] = "\002{\"iss\":\"" ISSUER "\",\"aud\":[\"" CLIENT "\"],\"azp\":\"" CLIENT "\",\"sub\":\"a\",\"nonce\":\"b\","
                                "\"iat\":1772409600,\"nbf\":1772409600,\"exp\":1772409700.5}";
    static const char header[] = "\003{\"alg\":\"ES256\",\"kid\":\"\",\"typ\":\"JWT\",\"crit\":[]}\000{}";
    static const char bytes[] = "\000\001\001a\001b\001c\001\002\001k\001x\001y";
    give(bytes, sizeof bytes - 1);
    give(said, sizeof said - 1);
    give(ours, sizeof ours - 1);
    give(token, sizeof token - 1);
    give(right, sizeof right - 1);
    give(header, sizeof header - 1);
}
