/* test_verify.c - signatures of others, by the examples of RFC 7515 (A.2, A.3), and what is no key, no signature, or another's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/crypto.h"

#define CLAIMS "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
#define RS "eyJhbGciOiJSUzI1NiJ9." CLAIMS
#define ES "eyJhbGciOiJFUzI1NiJ9." CLAIMS

static struct kept_span span_of(const char *text)
{
    return (struct kept_span){(const uint8_t *)text, strlen(text)};
}

static size_t bytes_of(const char *text, uint8_t *ret, size_t max)
{
    size_t n = 0;
    assert_int_equal(kept_unbase64url(span_of(text), ret, max, &n), 0);
    return n;
}

static struct kept_signer rsa(void)
{
    struct kept_signer s = {.kind = KEPT_SIGNER_RS256};
    s.a_n = bytes_of("ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMs"
                     "D1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xs"
                     "mtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
                     s.a, sizeof s.a);
    s.b_n = bytes_of("AQAB", s.b, sizeof s.b);
    return s;
}

static struct kept_signer p256(void)
{
    struct kept_signer s = {.kind = KEPT_SIGNER_ES256};
    s.a_n = bytes_of("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", s.a, sizeof s.a);
    s.b_n = bytes_of("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0", s.b, sizeof s.b);
    return s;
}

static size_t rs_signature(uint8_t ret[KEPT_MAX_RSA_BYTES])
{
    return bytes_of("cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZ"
                    "cAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwu"
                    "sC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
                    ret, KEPT_MAX_RSA_BYTES);
}

static size_t es_signature(uint8_t ret[KEPT_MAX_RSA_BYTES])
{
    return bytes_of("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q", ret, KEPT_MAX_RSA_BYTES);
}

static void the_examples_of_the_rfc(void **state)
{
    const struct kept_signer r = rsa(), e = p256();
    uint8_t rs[KEPT_MAX_RSA_BYTES], es[KEPT_MAX_RSA_BYTES];
    const struct kept_span of_rsa = {rs, rs_signature(rs)}, of_ec = {es, es_signature(es)};
    (void)state;
    assert_int_equal(kept_signer_check(&r), 0);
    assert_int_equal(kept_signer_check(&e), 0);
    assert_true(kept_signer_verify(&r, span_of(RS), of_rsa));
    assert_true(kept_signer_verify(&e, span_of(ES), of_ec));
    assert_false(kept_signer_verify(&r, span_of(ES), of_rsa));
    assert_false(kept_signer_verify(&e, span_of(RS), of_ec));
    assert_false(kept_signer_verify(&e, span_of(RS), of_rsa)); /* of the other kind, and its length */
    assert_false(kept_signer_verify(&r, span_of(ES), of_ec));
    assert_false(kept_signer_verify(&r, span_of(RS), (struct kept_span){rs, of_rsa.n - 1}));
    assert_false(kept_signer_verify(&r, span_of(RS), (struct kept_span){rs, 0}));
    for (size_t i = 0; i < of_ec.n; i++) {
        es[i] ^= 1;
        assert_false(kept_signer_verify(&e, span_of(ES), of_ec));
        es[i] ^= 1;
    }
    memset(es, 0, sizeof es); /* r and s of 0 sign nothing, by whatever key */
    assert_false(kept_signer_verify(&e, span_of(ES), (struct kept_span){es, 64}));
    memset(rs, 0, sizeof rs);
    rs[of_rsa.n - 1] = 1;
    assert_false(kept_signer_verify(&r, span_of(RS), of_rsa));
}

static void no_key(const struct kept_signer *signer)
{
    uint8_t rs[KEPT_MAX_RSA_BYTES];
    const struct kept_span signature = {rs, rs_signature(rs)};
    assert_int_equal(kept_signer_check(signer), KEPT_E_USAGE);
    assert_false(kept_signer_verify(signer, span_of(RS), signature));
}

static void what_is_no_key(void **state)
{
    struct kept_signer s = rsa();
    (void)state;
    s.kind = 0;
    no_key(&s);
    s = rsa();
    s.a_n = KEPT_MIN_RSA_BYTES - 1; /* 2040 bits */
    no_key(&s);
    s = rsa();
    s.a[0] &= 0x7f; /* 2047 */
    no_key(&s);
    s = rsa();
    s.a_n = KEPT_MAX_RSA_BYTES + 1;
    no_key(&s);
    s = rsa();
    s.a[s.a_n - 1] &= 0xfe; /* even */
    no_key(&s);
    s = rsa();
    s.b_n = 0;
    no_key(&s);
    s = rsa();
    s.b[0] = 1;
    s.b_n = 1; /* the exponent that signs whatever comes */
    no_key(&s);
    s = rsa();
    s.b[2] = 2; /* even */
    no_key(&s);
    s = rsa();
    s.b_n = KEPT_MAX_RSA_EXPONENT + 1;
    no_key(&s);
    s = p256();
    s.a_n = KEPT_P256_BYTES - 1;
    no_key(&s);
    s = p256();
    s.b[31] ^= 1; /* on no curve */
    no_key(&s);
    s = p256();
    memset(s.a, 0, sizeof s.a);
    memset(s.b, 0, sizeof s.b); /* nowhere */
    no_key(&s);
}

static void base64url_has_one_form(void **state)
{
    static const char *const odd[] = {"A", "AB", "AQA=", "A-B+", "A_B/", "AQ\nAB", " AQAB", "\x80\x80\x80\x80"};
    uint8_t out[8];
    size_t n = 9;
    (void)state;
    assert_int_equal(kept_unbase64url(span_of(""), out, sizeof out, &n), 0);
    assert_int_equal(n, 0);
    assert_int_equal(kept_unbase64url(span_of("-_-_"), out, sizeof out, &n), 0);
    assert_memory_equal(out, "\xfb\xff\xbf", 3);
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
        assert_int_equal(kept_unbase64url(span_of(odd[i]), out, sizeof out, &n), KEPT_E_USAGE);
    assert_int_equal(kept_unbase64url(span_of("AAAAAAAAAAAAAAAA"), out, sizeof out, &n), KEPT_E_USAGE); /* too long for it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_of_the_rfc),
        cmocka_unit_test(what_is_no_key),
        cmocka_unit_test(base64url_has_one_form),
    };
    return kept_crypto_init() != 0 || cmocka_run_group_tests(tests, NULL, NULL);
}
