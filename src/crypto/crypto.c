/* crypto.c - libsodium for everything, OpenSSL for SHA-256 (its hardware path is three times
 * faster here). */
/* The one-shot EVP calls of OpenSSL 3 look the algorithm up at every call; the direct ones do not. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/crypto.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <sodium.h>
#include <string.h>
#include <sys/resource.h>


_Static_assert(crypto_aead_aes256gcm_KEYBYTES == KEPT_KEY_BYTES, "key size");
_Static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == KEPT_KEY_BYTES, "key size");
_Static_assert(crypto_aead_aes256gcm_ABYTES == KEPT_TAG_BYTES, "tag size");
_Static_assert(crypto_aead_xchacha20poly1305_ietf_ABYTES == KEPT_TAG_BYTES, "tag size");

#define GCM_NONCE crypto_aead_aes256gcm_NPUBBYTES
#define XCHACHA_NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES

int kept_crypto_init(void)
{
    const struct rlimit none = {0, 0};
    if (sodium_init() < 0)
        return KEPT_E_CRYPTO;
    (void)setrlimit(RLIMIT_CORE, &none);
    return 0;
}

void *kept_secret_new(size_t n)
{
    void *p = sodium_malloc(n);
    if (p != NULL)
        memset(p, 0, n);
    return p;
}

void kept_secret_free(void *secret)
{
    sodium_free(secret);
}

bool kept_secret_equal(const void *a, const void *b, size_t n)
{
    return sodium_memcmp(a, b, n) == 0;
}

void kept_random(void *p, size_t n)
{
    randombytes_buf(p, n);
}

uint32_t kept_random_below(uint32_t bound)
{
    return randombytes_uniform(bound);
}

void kept_random_many(void *p, size_t n)
{
    uint8_t seed[randombytes_SEEDBYTES];
    randombytes_buf(seed, sizeof seed);
    randombytes_buf_deterministic(p, n, seed);
    sodium_memzero(seed, sizeof seed);
}

void kept_random_id(struct kept_id *ret_id)
{
    randombytes_buf(ret_id->b, sizeof ret_id->b);
}

enum kept_suite kept_suite_default(void)
{
    return crypto_aead_aes256gcm_is_available() ? KEPT_SUITE_AES_GCM : KEPT_SUITE_XCHACHA;
}

static size_t nonce_bytes(enum kept_suite suite)
{
    return suite == KEPT_SUITE_AES_GCM ? GCM_NONCE : suite == KEPT_SUITE_XCHACHA ? XCHACHA_NONCE : 0;
}

size_t kept_seal_overhead(enum kept_suite suite)
{
    size_t n = nonce_bytes(suite);
    return n == 0 ? 0 : n + KEPT_TAG_BYTES;
}

int kept_seal_nonce(enum kept_suite suite, const uint8_t key[KEPT_KEY_BYTES], const uint8_t *nonce,
                    struct kept_span aad, struct kept_span plain, uint8_t *out)
{
    int rc = -1;
    if (suite == KEPT_SUITE_AES_GCM && crypto_aead_aes256gcm_is_available())
        rc = crypto_aead_aes256gcm_encrypt(out, NULL, plain.p, plain.n, aad.p, aad.n, NULL, nonce,
                                           key);
    else if (suite == KEPT_SUITE_XCHACHA)
        rc = crypto_aead_xchacha20poly1305_ietf_encrypt(out, NULL, plain.p, plain.n, aad.p, aad.n,
                                                        NULL, nonce, key);
    return rc == 0 ? 0 : KEPT_E_CRYPTO;
}

int kept_unseal_nonce(enum kept_suite suite, const uint8_t key[KEPT_KEY_BYTES],
                      const uint8_t *nonce, struct kept_span aad, struct kept_span sealed,
                      uint8_t *out)
{
    int rc = -1;
    if (sealed.n < KEPT_TAG_BYTES)
        return KEPT_E_CRYPTO;
    if (suite == KEPT_SUITE_AES_GCM && crypto_aead_aes256gcm_is_available())
        rc = crypto_aead_aes256gcm_decrypt(out, NULL, NULL, sealed.p, sealed.n, aad.p, aad.n, nonce,
                                           key);
    else if (suite == KEPT_SUITE_XCHACHA)
        rc = crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, sealed.p, sealed.n, aad.p,
                                                        aad.n, nonce, key);
    return rc == 0 ? 0 : KEPT_E_CRYPTO;
}

int kept_seal(enum kept_suite suite, const uint8_t key[KEPT_KEY_BYTES], struct kept_span aad,
              struct kept_span plain, uint8_t *out)
{
    return kept_seal_ahead(NULL, suite, key, aad, plain, out);
}

int kept_seal_ahead(struct kept_nonces *nonces, enum kept_suite suite,
                    const uint8_t key[KEPT_KEY_BYTES], struct kept_span aad, struct kept_span plain,
                    uint8_t *out)
{
    size_t n = nonce_bytes(suite);
    if (n == 0)
        return KEPT_E_CRYPTO;
    if (nonces == NULL) {
        randombytes_buf(out, n);
        return kept_seal_nonce(suite, key, out, aad, plain, out + n);
    }
    if (nonces->left < n) {
        kept_random_many(nonces->bytes, sizeof nonces->bytes);
        nonces->left = sizeof nonces->bytes;
    }
    nonces->left -= n; /* taken, whatever comes of it */
    memcpy(out, nonces->bytes + nonces->left, n);
    return kept_seal_nonce(suite, key, out, aad, plain, out + n);
}

int kept_unseal(enum kept_suite suite, const uint8_t key[KEPT_KEY_BYTES], struct kept_span aad,
                struct kept_span sealed, uint8_t *out)
{
    size_t n = nonce_bytes(suite);
    if (n == 0 || sealed.n < n + KEPT_TAG_BYTES)
        return KEPT_E_CRYPTO;
    return kept_unseal_nonce(suite, key, sealed.p, aad,
                             (struct kept_span){sealed.p + n, sealed.n - n}, out);
}

void kept_sha256(struct kept_span data, uint8_t ret_hash[KEPT_HASH_BYTES])
{
    kept_sha256_parts(&data, 1, ret_hash);
}

void kept_sha256_parts(const struct kept_span *parts, size_t count,
                       uint8_t ret_hash[KEPT_HASH_BYTES])
{
    SHA256_CTX ctx;
    (void)SHA256_Init(&ctx);
    for (size_t i = 0; i < count; i++)
        (void)SHA256_Update(&ctx, parts[i].p, parts[i].n);
    (void)SHA256_Final(ret_hash, &ctx);
}

_Static_assert(sizeof(SHA256_CTX) <= sizeof(struct kept_hash), "a hash under way fits");

void kept_hash_begin(struct kept_hash *hash)
{
    (void)SHA256_Init((SHA256_CTX *)hash->room);
}

void kept_hash_more(struct kept_hash *hash, struct kept_span data)
{
    (void)SHA256_Update((SHA256_CTX *)hash->room, data.p, data.n);
}

void kept_hash_end(struct kept_hash *hash, uint8_t ret_hash[KEPT_HASH_BYTES])
{
    (void)SHA256_Final(ret_hash, (SHA256_CTX *)hash->room);
    sodium_memzero(hash, sizeof *hash);
}

void kept_derive(const uint8_t key[KEPT_KEY_BYTES], const char *label, struct kept_span data,
                 uint8_t ret_key[KEPT_KEY_BYTES])
{
    crypto_generichash_state st;
    (void)crypto_generichash_init(&st, key, KEPT_KEY_BYTES, KEPT_KEY_BYTES);
    /* The NUL behind the label keeps ("ab", "c") and ("a", "bc") apart. */
    (void)crypto_generichash_update(&st, (const uint8_t *)label, strlen(label) + 1);
    (void)crypto_generichash_update(&st, data.p, data.n);
    (void)crypto_generichash_final(&st, ret_key, KEPT_KEY_BYTES);
    sodium_memzero(&st, sizeof st);
}

_Static_assert(crypto_pwhash_SALTBYTES == KEPT_SALT_BYTES, "salt size");

int kept_stretch(struct kept_span passphrase, const uint8_t salt[KEPT_SALT_BYTES], uint32_t rounds,
                 uint64_t bytes, uint8_t ret_key[KEPT_KEY_BYTES])
{
    if (rounds < crypto_pwhash_OPSLIMIT_MIN || bytes < crypto_pwhash_MEMLIMIT_MIN ||
        bytes > crypto_pwhash_MEMLIMIT_MAX || passphrase.n > crypto_pwhash_PASSWD_MAX)
        return KEPT_E_USAGE;
    int rc = crypto_pwhash(ret_key, KEPT_KEY_BYTES, (const char *)passphrase.p, passphrase.n, salt,
                           rounds, (size_t)bytes, crypto_pwhash_ALG_ARGON2ID13);
    return rc == 0 ? 0 : KEPT_E_NOMEM;
}

_Static_assert(crypto_pwhash_STRBYTES == KEPT_VERIFIER, "verifier size");

int kept_password_hash(struct kept_span password, uint32_t rounds, size_t bytes, char ret_verifier[KEPT_VERIFIER])
{
    return crypto_pwhash_str_alg(ret_verifier, (const char *)password.p, password.n, rounds, bytes,
                                 crypto_pwhash_ALG_ARGON2ID13) == 0
               ? 0
               : KEPT_E_NOMEM;
}

bool kept_password_is(struct kept_span password, const char verifier[KEPT_VERIFIER])
{
    return crypto_pwhash_str_verify(verifier, (const char *)password.p, password.n) == 0;
}

int kept_hmac_sha1(struct kept_span key, struct kept_span message, uint8_t ret_mac[KEPT_SHA1_BYTES])
{
    unsigned n = 0;
    return HMAC(EVP_sha1(), key.p, (int)key.n, message.p, message.n, ret_mac, &n) != NULL && n == KEPT_SHA1_BYTES
               ? 0
               : KEPT_E_CRYPTO;
}

int kept_hmac_sha256(struct kept_span key, struct kept_span message, uint8_t ret_mac[KEPT_HASH_BYTES])
{
    unsigned n = 0;
    return HMAC(EVP_sha256(), key.p, (int)key.n, message.p, message.n, ret_mac, &n) != NULL && n == KEPT_HASH_BYTES
               ? 0
               : KEPT_E_CRYPTO;
}

void kept_token(const uint8_t key[KEPT_KEY_BYTES], struct kept_span data,
                uint8_t ret_token[KEPT_TOKEN_BYTES])
{
    (void)crypto_generichash(ret_token, KEPT_TOKEN_BYTES, data.p, data.n, key, KEPT_KEY_BYTES);
}

void kept_tag(const uint8_t key[16], struct kept_span data, uint8_t ret_tag[16])
{
    (void)crypto_shorthash_siphashx24(ret_tag, data.p, data.n, key);
}

void kept_sign_public(const uint8_t seed[KEPT_SIGN_SEED_BYTES],
                      uint8_t ret_public[KEPT_SIGN_PUBLIC_BYTES])
{
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    (void)crypto_sign_seed_keypair(ret_public, secret, seed);
    sodium_memzero(secret, sizeof secret);
}

void kept_sign(const uint8_t seed[KEPT_SIGN_SEED_BYTES], struct kept_span message,
               uint8_t ret_signature[KEPT_SIGNATURE_BYTES])
{
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES];
    (void)crypto_sign_seed_keypair(public_key, secret, seed);
    (void)crypto_sign_detached(ret_signature, NULL, message.p, message.n, secret);
    sodium_memzero(secret, sizeof secret);
}

bool kept_sign_verify(const uint8_t public_key[KEPT_SIGN_PUBLIC_BYTES], struct kept_span message,
                      const uint8_t signature[KEPT_SIGNATURE_BYTES])
{
    return crypto_sign_verify_detached(signature, message.p, message.n, public_key) == 0;
}

void kept_base64(struct kept_span data, char *ret_text)
{
    (void)sodium_bin2base64(ret_text, sodium_base64_ENCODED_LEN(data.n, sodium_base64_VARIANT_ORIGINAL),
                            data.p, data.n, sodium_base64_VARIANT_ORIGINAL);
}

int kept_unbase64(const char *text, size_t n, uint8_t *ret_bytes, size_t max, size_t *ret_n)
{
    const char *end = NULL;
    /* libsodium takes some bytes from 0x80 on for letters of the alphabet. */
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)text[i] >= 0x80)
            return KEPT_E_USAGE;
    if (sodium_base642bin(ret_bytes, max, text, n, NULL, ret_n, &end,
                          sodium_base64_VARIANT_ORIGINAL) != 0 ||
        end != text + n)
        return KEPT_E_USAGE;
    return 0;
}
