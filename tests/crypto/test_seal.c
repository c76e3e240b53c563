/* test_seal.c - nonces that are drawn ahead, and text that is looked at in strides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "crypto/crypto.h"

#define NONCE 12u
#define EACH 3000u

static const uint8_t key[KEPT_KEY_BYTES] = {1};
static uint8_t seen[3 * EACH][NONCE];

/* Nonces of count sealings, as they stand before what was sealed. */
static void seal(struct kept_nonces *nonces, uint8_t (*ret)[NONCE], size_t count)
{
    const struct kept_span plain = {(const uint8_t *)"x", 1};
    for (size_t i = 0; i < count; i++) {
        uint8_t out[64], back[1];
        assert_int_equal(kept_seal_ahead(nonces, KEPT_SUITE_AES_GCM, key, plain, plain, out), 0);
        memcpy(ret[i], out, NONCE);
        const struct kept_span sealed = {out, plain.n + kept_seal_overhead(KEPT_SUITE_AES_GCM)};
        assert_int_equal(kept_unseal(KEPT_SUITE_AES_GCM, key, plain, sealed, back), 0);
    }
}

static int order(const void *a, const void *b)
{
    return memcmp(a, b, NONCE);
}

static void no_nonce_comes_twice(void **state)
{
    static struct kept_nonces ahead[2];
    (void)state;
    seal(&ahead[0], seen, EACH);
    seal(&ahead[1], seen + EACH, EACH);
    seal(NULL, seen + 2 * EACH, EACH);
    qsort(seen, 3 * EACH, NONCE, order);
    for (size_t i = 1; i < 3 * EACH; i++)
        assert_memory_not_equal(seen[i - 1], seen[i], NONCE);
}

static void the_longer_nonce_is_drawn_too(void **state)
{
    struct kept_nonces ahead = {0};
    const struct kept_span plain = {(const uint8_t *)"x", 1};
    uint8_t out[2][64], back[1];
    (void)state;
    for (size_t i = 0; i < 100; i++) {
        struct kept_nonces *from = i % 3 == 0 ? NULL : &ahead;
        assert_int_equal(kept_seal_ahead(from, KEPT_SUITE_XCHACHA, key, plain, plain, out[i % 2]), 0);
        assert_memory_not_equal(out[0], out[1], 24);
        const struct kept_span sealed = {out[i % 2],
                                         plain.n + kept_seal_overhead(KEPT_SUITE_XCHACHA)};
        assert_int_equal(kept_unseal(KEPT_SUITE_XCHACHA, key, plain, sealed, back), 0);
    }
    assert_int_equal(kept_seal_ahead(&ahead, (enum kept_suite)9, key, plain, plain, out[0]),
                     KEPT_E_CRYPTO);
}

/* Text is looked at in strides; whatever stands wherever is found. */
static void text_in_strides(void **state)
{
    static const uint8_t bad[] = {0, 0x80, 0xff, 0xc3, 0xed};
    char text[41];
    (void)state;
    for (size_t n = 0; n <= 40; n++) {
        memset(text, 'a', sizeof text);
        assert_true(kept_utf8_valid((struct kept_span){(uint8_t *)text, n}));
        for (size_t at = 0; at < n; at++) {
            for (size_t b = 0; b < sizeof bad; b++) {
                text[at] = (char)bad[b];
                assert_false(kept_utf8_valid((struct kept_span){(uint8_t *)text, n}));
            }
            text[at] = 1;
            assert_true(kept_utf8_valid((struct kept_span){(uint8_t *)text, n}));
            text[at] = 'a';
        }
        for (size_t at = 0; at + 3 <= n; at++) {
            memcpy(text + at, "\xe4\xb8\xad", 3);
            assert_true(kept_utf8_valid((struct kept_span){(uint8_t *)text, n}));
            memcpy(text + at, "aaa", 3);
        }
    }
}

/* RFC 4231, case 2: what other systems' libraries come to as well. */
static void a_signature_is_what_others_come_to(void **state)
{
    static const char jefe[] = "Jefe", text[] = "what do ya want for nothing?";
    static const uint8_t is[] = {0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e, 0x6a, 0x04, 0x24, 0x26, 0x08, 0x95, 0x75, 0xc7,
                                 0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27, 0x39, 0x83, 0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec, 0x38, 0x43};
    uint8_t mac[KEPT_HASH_BYTES];
    (void)state;
    assert_int_equal(kept_hmac_sha256((struct kept_span){(const uint8_t *)jefe, 4}, (struct kept_span){(const uint8_t *)text, 28}, mac), 0);
    assert_memory_equal(mac, is, sizeof is);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_nonce_comes_twice),
        cmocka_unit_test(the_longer_nonce_is_drawn_too),
        cmocka_unit_test(text_in_strides),
        cmocka_unit_test(a_signature_is_what_others_come_to),
    };
    if (kept_crypto_init() != 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
