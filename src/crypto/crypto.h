/* crypto.h - the only folder that sees libsodium and OpenSSL.
 *
 * Suites have numbers that reach the disk:
 *   1  AES-256-GCM, random 96-bit nonce; at most KEPT_MAX_SEALS seals under one key (NIST SP 800-38D)
 *   2  XChaCha20-Poly1305, random 192-bit nonce
 * New seals use suite 1 where the processor has AES instructions, else 2; both always open.
 * A sealed value is nonce, ciphertext, tag: kept_seal_overhead(suite) bytes more than the plain text.
 * Threads: every function is thread-safe; kept_crypto_init is called first, once or often.
 * Secrets: keys are 32 bytes; long-lived ones stand in kept_secret (guard pages, locked, wiped). */
#ifndef KEPT_CRYPTO_H
#define KEPT_CRYPTO_H

#include <stdbool.h>

#include "kept.h"

#define KEPT_KEY_BYTES 32
#define KEPT_HASH_BYTES 32
#define KEPT_SEAL_MAX_OVERHEAD 40 /* suite 2: 24 + 16 */

enum kept_suite { KEPT_SUITE_AES_GCM = 1, KEPT_SUITE_XCHACHA = 2 };

/* Returns 0 or KEPT_E_CRYPTO (the libraries do not start). Also switches core dumps off. */
KEPT_MUST_USE int kept_crypto_init(void);

/* ---- guarded memory ---- */

/* n bytes between guard pages, locked out of swap and core dumps; NULL when there are none. */
void *kept_secret_new(size_t n) KEPT_MUST_USE;
void kept_secret_free(void *secret); /* wipes */
bool kept_secret_equal(const void *a, const void *b, size_t n); /* constant time */

/* ---- random ---- */

void kept_random(void *p, size_t n);
void kept_random_id(struct kept_id *ret_id);
uint32_t kept_random_below(uint32_t bound); /* each as likely as the others */
/* Many random bytes for less: ChaCha20 under a seed fresh from the system at every call, and wiped.
 * For ids and nonces drawn in bulk; keys come from kept_random. */
void kept_random_many(void *p, size_t n);

/* ---- sealing ---- */

enum kept_suite kept_suite_default(void);
size_t kept_seal_overhead(enum kept_suite suite); /* 0 for an unknown suite */

/* kept_seal(suite, key, aad, plain, out): out holds plain.n + overhead bytes; a fresh nonce is
 * drawn. Returns 0, KEPT_E_CRYPTO (unknown suite, or suite 1 without AES instructions). */
KEPT_MUST_USE int kept_seal(enum kept_suite suite, const uint8_t key[KEPT_KEY_BYTES],
                            struct kept_span aad, struct kept_span plain, uint8_t *out);

/* Nonces drawn ahead, for one that seals much: zeroed first, one thread at a time, and never used in a
 * forked child. NULL: as kept_seal. */
struct kept_nonces {
    size_t left;
    uint8_t bytes[64 * 12];
};
KEPT_MUST_USE int kept_seal_ahead(struct kept_nonces *nonces, enum kept_suite suite,
                                  const uint8_t key[KEPT_KEY_BYTES], struct kept_span aad,
                                  struct kept_span plain, uint8_t *out);

/* kept_open(suite, key, aad, sealed, out): out holds sealed.n - overhead bytes; nothing is released
 * when the tag is wrong. Returns 0, KEPT_E_CRYPTO. */
KEPT_MUST_USE int kept_unseal(enum kept_suite suite, const uint8_t key[KEPT_KEY_BYTES],
                              struct kept_span aad, struct kept_span sealed, uint8_t *out);

/* The same with a nonce the caller guarantees to be unique under the key, kept elsewhere (12 bytes
 * suite 1, 24 bytes suite 2); out holds plain.n + 16 bytes. */
#define KEPT_TAG_BYTES 16
KEPT_MUST_USE int kept_seal_nonce(enum kept_suite suite, const uint8_t key[KEPT_KEY_BYTES],
                                  const uint8_t *nonce, struct kept_span aad,
                                  struct kept_span plain, uint8_t *out);
KEPT_MUST_USE int kept_unseal_nonce(enum kept_suite suite, const uint8_t key[KEPT_KEY_BYTES],
                                    const uint8_t *nonce, struct kept_span aad,
                                    struct kept_span sealed, uint8_t *out);

/* ---- hashes and keyed functions ---- */

void kept_sha256(struct kept_span data, uint8_t ret_hash[KEPT_HASH_BYTES]);
/* The same of what is too large to be in memory. */
struct kept_hash {
    uint64_t room[16];
};
void kept_hash_begin(struct kept_hash *hash);
void kept_hash_more(struct kept_hash *hash, struct kept_span data);
void kept_hash_end(struct kept_hash *hash, uint8_t ret_hash[KEPT_HASH_BYTES]);
/* SHA-256 over several spans in turn. */
void kept_sha256_parts(const struct kept_span *parts, size_t count,
                       uint8_t ret_hash[KEPT_HASH_BYTES]);

/* A key for one use from another key: BLAKE2b keyed, over the label (at most 64 bytes) and data. */
void kept_derive(const uint8_t key[KEPT_KEY_BYTES], const char *label, struct kept_span data,
                 uint8_t ret_key[KEPT_KEY_BYTES]);

/* A key from a passphrase: Argon2id 1.3, rounds passes over bytes of memory. KEPT_E_USAGE (more or less
 * than the library takes), KEPT_E_NOMEM (that much memory is not there). */
#define KEPT_SALT_BYTES 16
KEPT_MUST_USE int kept_stretch(struct kept_span passphrase, const uint8_t salt[KEPT_SALT_BYTES],
                               uint32_t rounds, uint64_t bytes, uint8_t ret_key[KEPT_KEY_BYTES]);

/* Look-up token: 16 bytes of keyed BLAKE2b over app, item and the value's normal form. */
#define KEPT_TOKEN_BYTES 16
void kept_token(const uint8_t key[KEPT_KEY_BYTES], struct kept_span data,
                uint8_t ret_token[KEPT_TOKEN_BYTES]);

/* A short keyed tag (SipHash-2-4-128, 16-byte key): 16 bytes, of which users may keep fewer. */
void kept_tag(const uint8_t key[16], struct kept_span data, uint8_t ret_tag[16]);

/* ---- OPRF(ristretto255, SHA-512), mode OPRF of RFC 9497: who asks learns F(key, input) and the key's
 * owner learns neither. Inputs have at most 65535 bytes. All return KEPT_E_USAGE for what is no element
 * (or no scalar), and then set nothing of use. ---- */

#define KEPT_OPRF_BYTES 32  /* an element of the group, and a scalar: key, blind */
#define KEPT_OPRF_OUTPUT 64
/* DeriveKeyPair (3.2.1): a key of a seed. */
KEPT_MUST_USE int kept_oprf_key(const uint8_t seed[KEPT_KEY_BYTES], struct kept_span info,
                                uint8_t ret_key[KEPT_OPRF_BYTES]);
/* Who asks: a blind for each input, drawn and used once; Blind, and Finalize with what came back. */
void kept_oprf_draw(uint8_t ret_blind[KEPT_OPRF_BYTES]);
KEPT_MUST_USE int kept_oprf_blind(struct kept_span input, const uint8_t blind[KEPT_OPRF_BYTES],
                                  uint8_t ret_element[KEPT_OPRF_BYTES]);
KEPT_MUST_USE int kept_oprf_finish(struct kept_span input, const uint8_t blind[KEPT_OPRF_BYTES],
                                   const uint8_t evaluated[KEPT_OPRF_BYTES],
                                   uint8_t ret_output[KEPT_OPRF_OUTPUT]);
/* Who has the key: BlindEvaluate; Evaluate of an input that is known. */
KEPT_MUST_USE int kept_oprf_evaluate(const uint8_t key[KEPT_OPRF_BYTES],
                                     const uint8_t element[KEPT_OPRF_BYTES],
                                     uint8_t ret_element[KEPT_OPRF_BYTES]);
KEPT_MUST_USE int kept_oprf_output(const uint8_t key[KEPT_OPRF_BYTES], struct kept_span input,
                                   uint8_t ret_output[KEPT_OPRF_OUTPUT]);

/* ---- people who log in ---- */

/* A verifier of a password, as text: Argon2id, its salt and its cost (passes, and bytes of memory) in front. KEPT_E_NOMEM. */
#define KEPT_VERIFIER 128u
KEPT_MUST_USE int kept_password_hash(struct kept_span password, uint32_t rounds, size_t bytes,
                                     char ret_verifier[KEPT_VERIFIER]);
bool kept_password_is(struct kept_span password, const char verifier[KEPT_VERIFIER]);
/* HMAC-SHA-1 (RFC 2104), for one-time codes (RFC 6238), which need no more. KEPT_E_CRYPTO. */
#define KEPT_SHA1_BYTES 20u
KEPT_MUST_USE int kept_hmac_sha1(struct kept_span key, struct kept_span message, uint8_t ret_mac[KEPT_SHA1_BYTES]);

/* HMAC-SHA-256 (RFC 2104), by which another system knows that it is we who ask. KEPT_E_CRYPTO. */
KEPT_MUST_USE int kept_hmac_sha256(struct kept_span key, struct kept_span message, uint8_t ret_mac[KEPT_HASH_BYTES]);

/* ---- signatures (Ed25519, RFC 8032) ---- */

#define KEPT_SIGN_SEED_BYTES 32
#define KEPT_SIGN_PUBLIC_BYTES 32
#define KEPT_SIGNATURE_BYTES 64
void kept_sign_public(const uint8_t seed[KEPT_SIGN_SEED_BYTES],
                      uint8_t ret_public[KEPT_SIGN_PUBLIC_BYTES]);
void kept_sign(const uint8_t seed[KEPT_SIGN_SEED_BYTES], struct kept_span message,
               uint8_t ret_signature[KEPT_SIGNATURE_BYTES]);
bool kept_sign_verify(const uint8_t public_key[KEPT_SIGN_PUBLIC_BYTES], struct kept_span message,
                      const uint8_t signature[KEPT_SIGNATURE_BYTES]);

/* ---- base64 (RFC 4648, standard alphabet, padded): for signed notes ---- */

/* ret_text: 4 * ceil(n / 3) + 1 bytes. */
void kept_base64(struct kept_span data, char *ret_text);
/* ret_bytes holds max bytes. Returns 0, KEPT_E_USAGE (not base64, or longer than max). */
KEPT_MUST_USE int kept_unbase64(const char *text, size_t n, uint8_t *ret_bytes, size_t max,
                                size_t *ret_n);

#endif
