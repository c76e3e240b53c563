/* test_oprf.c - RFC 9497, A.1.1 (ristretto255-SHA512, OPRF mode), and what is no element of the group. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/crypto.h"

#define SEED "a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3"
#define KEY "5ebcea5ee37023ccb9fc2d2019f9d7737be85591ae8652ffa9ef0f4d37063b0e"
#define BLIND "64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706"

static const struct {
    const char *input, *blinded, *evaluated, *output;
} vectors[] = {
    {"00", "609a0ae68c15a3cf6903766461307e5c8bb2f95e7e6550e1ffa2dc99e412803c",
     "7ec6578ae5120958eb2db1745758ff379e77cb64fe77b0b2d8cc917ea0869c7e",
     "527759c3d9366f277d8c6020418d96bb393ba2afb20ff90df23fb7708264e2f3"
     "ab9135e3bd69955851de4b1f9fe8a0973396719b7912ba9ee8aa7d0b5e24bcf6"},
    {"5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a",
     "da27ef466870f5f15296299850aa088629945a17d1f5b7f5ff043f76b3c06418",
     "b4cbf5a4f1eeda5a63ce7b77c7d23f461db3fcab0dd28e4e17cecb5c90d02c25",
     "f4a74c9c592497375e796aa837e907b1a045d34306a749db9f34221f7e750cb4"
     "f2a6413a6bf6fa5e19ba6348eb673934a722a7ede2e7621306d18951e7cf2c73"},
};

static size_t unhex(const char *hex, uint8_t *ret)
{
    size_t n = strlen(hex) / 2;
    for (size_t i = 0; i < n; i++) {
        char pair[3] = {hex[2 * i], hex[2 * i + 1], 0};
        ret[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return n;
}

static void test_the_vectors_of_the_rfc(void **state)
{
    uint8_t seed[32], key[32], derived[32], blind[32], input[32], want[64], got[64], back[64];
    (void)state;
    (void)unhex(SEED, seed);
    (void)unhex(KEY, key);
    (void)unhex(BLIND, blind);
    assert_int_equal(kept_oprf_key(seed, (struct kept_span){(const uint8_t *)"test key", 8}, derived),
                     0);
    assert_memory_equal(derived, key, 32);
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        struct kept_span in = {input, unhex(vectors[i].input, input)};
        assert_int_equal(kept_oprf_blind(in, blind, got), 0);
        (void)unhex(vectors[i].blinded, want);
        assert_memory_equal(got, want, 32);
        assert_int_equal(kept_oprf_evaluate(key, want, got), 0);
        (void)unhex(vectors[i].evaluated, want);
        assert_memory_equal(got, want, 32);
        assert_int_equal(kept_oprf_finish(in, blind, got, back), 0);
        (void)unhex(vectors[i].output, want);
        assert_memory_equal(back, want, 64);
        assert_int_equal(kept_oprf_output(key, in, back), 0);
        assert_memory_equal(back, want, 64);
    }
}

/* Any blind leads to the same output, and hides the input behind another element. */
static void test_a_blind_hides_and_goes(void **state)
{
    static const struct kept_span phone = {(const uint8_t *)"13800001111", 11};
    uint8_t key[32], blind[32], one[32], two[32], evaluated[32], output[64], want[64];
    (void)state;
    (void)unhex(KEY, key);
    assert_int_equal(kept_oprf_output(key, phone, want), 0);
    for (int i = 0; i < 20; i++) {
        kept_oprf_draw(blind);
        assert_int_equal(kept_oprf_blind(phone, blind, one), 0);
        assert_int_equal(kept_oprf_evaluate(key, one, evaluated), 0);
        assert_int_equal(kept_oprf_finish(phone, blind, evaluated, output), 0);
        assert_memory_equal(output, want, 64);
        if (i > 0)
            assert_memory_not_equal(one, two, 32);
        memcpy(two, one, 32);
    }
}

static void test_what_is_no_element(void **state)
{
    static const char *const bad[] = {
        "0000000000000000000000000000000000000000000000000000000000000000", /* the identity */
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", /* not canonical */
        "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "0100000000000000000000000000000000000000000000000000000000000000", /* negative */
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* p */
        "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371", /* no square */
    };
    uint8_t key[32], element[32], out[64], zero[32] = {0};
    (void)state;
    (void)unhex(KEY, key);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        (void)unhex(bad[i], element);
        assert_int_equal(kept_oprf_evaluate(key, element, out), KEPT_E_USAGE);
        assert_int_equal(kept_oprf_finish((struct kept_span){zero, 1}, key, element, out),
                         KEPT_E_USAGE);
    }
    (void)unhex(vectors[0].blinded, element);
    assert_int_equal(kept_oprf_evaluate(zero, element, out), KEPT_E_USAGE);
    assert_int_equal(kept_oprf_blind((struct kept_span){zero, 1}, zero, out), KEPT_E_USAGE);
    assert_int_equal(kept_oprf_finish((struct kept_span){zero, 1}, zero, element, out), KEPT_E_USAGE);
    uint8_t *large = calloc(1, 65536);
    assert_int_equal(kept_oprf_blind((struct kept_span){large, 65536}, key, out), KEPT_E_USAGE);
    assert_int_equal(kept_oprf_blind((struct kept_span){large, 65535}, key, out), 0);
    free(large);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_vectors_of_the_rfc),
        cmocka_unit_test(test_a_blind_hides_and_goes),
        cmocka_unit_test(test_what_is_no_element),
    };
    return kept_crypto_init() == 0 ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
