/* oprf.c - OPRF(ristretto255, SHA-512), mode OPRF, of RFC 9497; the group and its map are libsodium's. */
#include <sodium.h>
#include <string.h>

#include "crypto/crypto.h"

_Static_assert(KEPT_OPRF_BYTES == crypto_core_ristretto255_BYTES &&
                   KEPT_OPRF_BYTES == crypto_core_ristretto255_SCALARBYTES &&
                   KEPT_OPRF_OUTPUT == crypto_hash_sha512_BYTES,
               "an element, a scalar and a hash have their sizes");

/* contextString (3.1): mode 0 is OPRF; the NUL in it counts. */
#define CONTEXT "OPRFV1-\0-ristretto255-SHA512"
#define DST(name) ((struct kept_span){(const uint8_t *)name CONTEXT, sizeof(name CONTEXT) - 1})
#define PARTS 4u

static void hash_dst(crypto_hash_sha512_state *state, struct kept_span dst)
{
    uint8_t n = (uint8_t)dst.n;
    (void)crypto_hash_sha512_update(state, dst.p, dst.n);
    (void)crypto_hash_sha512_update(state, &n, 1);
}

/* expand_message_xmd of RFC 9380 5.3.1 for 64 bytes, which are one block of SHA-512. */
static void expand(const struct kept_span *parts, size_t count, struct kept_span dst,
                   uint8_t ret[crypto_hash_sha512_BYTES])
{
    static const uint8_t pad[128];
    static const uint8_t length[3] = {0, crypto_hash_sha512_BYTES, 0}, one = 1;
    crypto_hash_sha512_state state;
    (void)crypto_hash_sha512_init(&state);
    (void)crypto_hash_sha512_update(&state, pad, sizeof pad);
    for (size_t i = 0; i < count; i++)
        (void)crypto_hash_sha512_update(&state, parts[i].p, parts[i].n);
    (void)crypto_hash_sha512_update(&state, length, sizeof length);
    hash_dst(&state, dst);
    (void)crypto_hash_sha512_final(&state, ret);
    (void)crypto_hash_sha512_init(&state);
    (void)crypto_hash_sha512_update(&state, ret, crypto_hash_sha512_BYTES);
    (void)crypto_hash_sha512_update(&state, &one, 1);
    hash_dst(&state, dst);
    (void)crypto_hash_sha512_final(&state, ret);
    sodium_memzero(&state, sizeof state);
}

static int hash_to_group(struct kept_span input, uint8_t ret[KEPT_OPRF_BYTES])
{
    uint8_t wide[crypto_hash_sha512_BYTES];
    expand(&input, 1, DST("HashToGroup-"), wide);
    int rc = crypto_core_ristretto255_from_hash(ret, wide);
    sodium_memzero(wide, sizeof wide);
    return rc == 0 && !sodium_is_zero(ret, KEPT_OPRF_BYTES) ? 0 : KEPT_E_USAGE;
}

int kept_oprf_key(const uint8_t seed[KEPT_KEY_BYTES], struct kept_span info,
                  uint8_t ret_key[KEPT_OPRF_BYTES])
{
    uint8_t wide[crypto_hash_sha512_BYTES], length[2], counter = 0;
    int rc = KEPT_E_CRYPTO;
    if (info.n > UINT16_MAX)
        return KEPT_E_USAGE;
    length[0] = (uint8_t)(info.n >> 8);
    length[1] = (uint8_t)info.n;
    const struct kept_span parts[PARTS] = {
        {seed, KEPT_KEY_BYTES}, {length, sizeof length}, info, {&counter, 1}};
    do { /* a scalar of zero is as likely as a guess of the key */
        expand(parts, PARTS, DST("DeriveKeyPair"), wide);
        crypto_core_ristretto255_scalar_reduce(ret_key, wide);
        rc = sodium_is_zero(ret_key, KEPT_OPRF_BYTES) ? KEPT_E_CRYPTO : 0;
    } while (rc != 0 && ++counter != 0);
    sodium_memzero(wide, sizeof wide);
    return rc;
}

void kept_oprf_draw(uint8_t ret_blind[KEPT_OPRF_BYTES])
{
    crypto_core_ristretto255_scalar_random(ret_blind); /* never zero */
}

int kept_oprf_blind(struct kept_span input, const uint8_t blind[KEPT_OPRF_BYTES],
                    uint8_t ret_element[KEPT_OPRF_BYTES])
{
    uint8_t element[KEPT_OPRF_BYTES];
    if (input.n > UINT16_MAX || hash_to_group(input, element) != 0)
        return KEPT_E_USAGE;
    int rc = crypto_scalarmult_ristretto255(ret_element, blind, element);
    sodium_memzero(element, sizeof element);
    return rc == 0 ? 0 : KEPT_E_USAGE;
}

int kept_oprf_evaluate(const uint8_t key[KEPT_OPRF_BYTES], const uint8_t element[KEPT_OPRF_BYTES],
                       uint8_t ret_element[KEPT_OPRF_BYTES])
{
    /* Refuses what is no element, and the identity, which would give nothing away but waste. */
    return crypto_scalarmult_ristretto255(ret_element, key, element) == 0 ? 0 : KEPT_E_USAGE;
}

static void output_of(struct kept_span input, const uint8_t element[KEPT_OPRF_BYTES],
                      uint8_t ret_output[KEPT_OPRF_OUTPUT])
{
    static const char finalize[] = "Finalize";
    const uint8_t first[2] = {(uint8_t)(input.n >> 8), (uint8_t)input.n};
    const uint8_t second[2] = {0, KEPT_OPRF_BYTES};
    crypto_hash_sha512_state state;
    (void)crypto_hash_sha512_init(&state);
    (void)crypto_hash_sha512_update(&state, first, sizeof first);
    (void)crypto_hash_sha512_update(&state, input.p, input.n);
    (void)crypto_hash_sha512_update(&state, second, sizeof second);
    (void)crypto_hash_sha512_update(&state, element, KEPT_OPRF_BYTES);
    (void)crypto_hash_sha512_update(&state, (const uint8_t *)finalize, sizeof finalize - 1);
    (void)crypto_hash_sha512_final(&state, ret_output);
    sodium_memzero(&state, sizeof state);
}

int kept_oprf_finish(struct kept_span input, const uint8_t blind[KEPT_OPRF_BYTES],
                     const uint8_t evaluated[KEPT_OPRF_BYTES], uint8_t ret_output[KEPT_OPRF_OUTPUT])
{
    uint8_t inverse[KEPT_OPRF_BYTES], element[KEPT_OPRF_BYTES];
    int rc = input.n > UINT16_MAX ? -1 : crypto_core_ristretto255_scalar_invert(inverse, blind);
    if (rc == 0)
        rc = crypto_scalarmult_ristretto255(element, inverse, evaluated);
    if (rc == 0)
        output_of(input, element, ret_output);
    sodium_memzero(inverse, sizeof inverse);
    sodium_memzero(element, sizeof element);
    return rc == 0 ? 0 : KEPT_E_USAGE;
}

int kept_oprf_output(const uint8_t key[KEPT_OPRF_BYTES], struct kept_span input,
                     uint8_t ret_output[KEPT_OPRF_OUTPUT])
{
    uint8_t element[KEPT_OPRF_BYTES];
    int rc = kept_oprf_blind(input, key, element); /* the key is a scalar as a blind is */
    if (rc == 0)
        output_of(input, element, ret_output);
    sodium_memzero(element, sizeof element);
    return rc;
}
