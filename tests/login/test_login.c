/* test_login.c - tokens and providers: what is right is taken, and each thing that can be wrong with one is refused for what it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../aid/idp.h"
#include "login/login.h"

#define NOW ((kept_ms)1772409600000)
#define AT "1772409600"
#define R1 "{\"alg\":\"RS256\",\"kid\":\"r1\"}"
#define E1 "{\"alg\":\"ES256\",\"kid\":\"e1\"}"
#define TIMES "\"iat\":" AT ",\"exp\":1772413200"
#define WHO "\"sub\":\"lei\",\"nonce\":\"n-1\""
#define FROM "\"iss\":\"" IDP_ISSUER "\",\"aud\":\"" IDP_CLIENT "\""
#define CLAIMS "{" FROM "," WHO "," TIMES "}"

static struct idp idp;
static struct kept_login_provider provider;
static struct kept_login login;

static struct kept_span span_of(const char *text)
{
    return (struct kept_span){(const uint8_t *)text, strlen(text)};
}

static enum kept_login_flaw flaw_at(struct kept_span token, kept_ms now)
{
    enum kept_login_flaw flaw = KEPT_LOGIN_FORM;
    struct kept_err err = {0};
    assert_int_equal(kept_login_check(&provider, token, now, &login, &flaw, &err), 0);
    if (flaw != KEPT_LOGIN_NONE)
        assert_int_equal(login.number[0], 0); /* nobody is named by what is wrong */
    return flaw;
}

#define IS(flaw_, how, header, claims)                                                             \
    do {                                                                                           \
        const enum kept_login_flaw is_ = flaw_at(span_of(idp_jws(&idp, how, header, claims)), NOW); \
        if (is_ != KEPT_LOGIN_##flaw_)                                                             \
            fail_msg("line %d: %s", __LINE__, kept_login_flaw_text(is_));                          \
    } while (0)

static void a_right_token_names_somebody(void **state)
{
    char number[KEPT_LOGIN_NUMBER];
    (void)state;
    IS(NONE, 'R', R1, CLAIMS);
    assert_string_equal(login.nonce, "n-1");
    assert_true(login.issued == NOW);
    assert_int_equal(strlen(login.number), 64);
    memcpy(number, login.number, sizeof number);
    /* By the other key, with an audience in an array, claims of no concern, fractions of a second: the same one. */
    IS(NONE, 'E', E1, "{" WHO "," FROM ",\"azp\":\"" IDP_CLIENT "\",\"name\":{\"a\":[1]},\"iat\":1772409599.25,\"exp\":1772413200}");
    assert_string_equal(login.number, number);
    IS(NONE, 'R', R1, "{" WHO ",\"iss\":\"" IDP_ISSUER "\",\"aud\":[\"" IDP_CLIENT "\"]," TIMES "}");
    IS(NONE, 'R', "{\"alg\":\"RS256\",\"typ\":\"jwt\",\"jku\":\"https://evil.example\"}", CLAIMS); /* the only key of its kind */
    /* Case is part of who somebody is. */
    IS(NONE, 'R', R1, "{" FROM ",\"sub\":\"Lei\",\"nonce\":\"n-1\"," TIMES "}");
    assert_string_not_equal(login.number, number);
}

static void the_key_says_the_algorithm(void **state)
{
    (void)state;
    IS(ALGORITHM, '-', "{\"alg\":\"none\"}", CLAIMS);
    IS(ALGORITHM, '-', "{\"alg\":\"None\",\"kid\":\"r1\"}", CLAIMS);
    IS(ALGORITHM, 'H', "{\"alg\":\"HS256\",\"kid\":\"r1\"}", CLAIMS);
    IS(ALGORITHM, 'R', "{\"alg\":\"RS512\",\"kid\":\"r1\"}", CLAIMS);
    IS(ALGORITHM, 'R', "{\"alg\":\"PS256\",\"kid\":\"r1\"}", CLAIMS);
    IS(ALGORITHM, 'R', "{\"kid\":\"r1\"}", CLAIMS);
    IS(ALGORITHM, 'R', "{\"alg\":[\"RS256\"],\"kid\":\"r1\"}", CLAIMS);
    IS(ALGORITHM, 'E', "{\"alg\":\"ES256\",\"kid\":\"r1\"}", CLAIMS); /* an RSA key is no point */
    IS(ALGORITHM, 'R', "{\"alg\":\"RS256\",\"kid\":\"e1\"}", CLAIMS);
    IS(SIGNATURE, 'H', R1, CLAIMS);
    IS(SIGNATURE, '-', R1, CLAIMS);
    IS(SIGNATURE, 'E', R1, CLAIMS);
    IS(SIGNATURE, 'R', E1, CLAIMS);
    IS(KEY, 'R', "{\"alg\":\"RS256\",\"kid\":\"r9\"}", CLAIMS);
    IS(FORM, 'R', "{\"alg\":\"RS256\",\"kid\":7}", CLAIMS);
    IS(FORM, 'R', "{\"alg\":\"RS256\",\"kid\":\"\"}", CLAIMS);
    IS(FORM, 'R', "{\"alg\":\"RS256\",\"kid\":\"r1\",\"crit\":[\"b64\"],\"b64\":false}", CLAIMS);
    IS(FORM, 'R', "{\"alg\":\"RS256\",\"kid\":\"r1\",\"typ\":\"at+jwt\"}", CLAIMS);
    IS(FORM, 'R', "{\"alg\":\"RS256\",\"alg\":\"RS256\",\"kid\":\"r1\"}", CLAIMS);
    IS(FORM, 'R', "[]", CLAIMS);
}

static void claims_are_all_there_and_right(void **state)
{
    (void)state;
    IS(ISSUER, 'R', R1, "{\"iss\":\"" IDP_ISSUER "/\",\"aud\":\"" IDP_CLIENT "\"," WHO "," TIMES "}");
    IS(ISSUER, 'R', R1, "{\"aud\":\"" IDP_CLIENT "\"," WHO "," TIMES "}");
    IS(AUDIENCE, 'R', R1, "{\"iss\":\"" IDP_ISSUER "\"," WHO "," TIMES "}");
    IS(AUDIENCE, 'R', R1, "{\"iss\":\"" IDP_ISSUER "\",\"aud\":\"lantern2\"," WHO "," TIMES "}");
    IS(AUDIENCE, 'R', R1, "{\"iss\":\"" IDP_ISSUER "\",\"aud\":[]," WHO "," TIMES "}");
    IS(AUDIENCE, 'R', R1, "{\"iss\":\"" IDP_ISSUER "\",\"aud\":[\"lantern\",\"other\"],\"azp\":\"lantern\"," WHO "," TIMES "}");
    IS(AUDIENCE, 'R', R1, "{" FROM ",\"azp\":\"other\"," WHO "," TIMES "}");
    IS(AUDIENCE, 'R', R1, "{" FROM ",\"azp\":1," WHO "," TIMES "}");
    IS(NONCE, 'R', R1, "{" FROM ",\"sub\":\"lei\"," TIMES "}");
    IS(NONCE, 'R', R1, "{" FROM ",\"sub\":\"lei\",\"nonce\":\"\"," TIMES "}");
    IS(NONCE, 'R', R1, "{" FROM ",\"sub\":\"lei\",\"nonce\":5," TIMES "}");
    IS(SUBJECT, 'R', R1, "{" FROM ",\"nonce\":\"n\"," TIMES "}");
    IS(SUBJECT, 'R', R1, "{" FROM ",\"nonce\":\"n\",\"sub\":12," TIMES "}");
    IS(SUBJECT, 'R', R1, "{" FROM ",\"nonce\":\"n\",\"sub\":\"a\\nb\"," TIMES "}");
    IS(SUBJECT, 'R', R1, "{" FROM ",\"nonce\":\"n\",\"sub\":\"\xc3\xa4\"," TIMES "}");
    IS(FORM, 'R', R1, "{" FROM "," WHO ",\"sub\":\"other\"," TIMES "}");
    IS(FORM, 'R', R1, "no JSON");
    IS(FORM, 'R', R1, "{" FROM "," WHO "}");
    IS(FORM, 'R', R1, "{" FROM "," WHO ",\"iat\":\"" AT "\",\"exp\":1772413200}");
    IS(FORM, 'R', R1, "{" FROM "," WHO ",\"iat\":" AT ",\"exp\":" AT "}");
    IS(FORM, 'R', R1, "{" FROM "," WHO ",\"iat\":-5,\"exp\":1772413200}");
    IS(FORM, 'R', R1, "{" FROM "," WHO ",\"iat\":" AT ",\"exp\":1e300}");
    IS(FORM, 'R', R1, "{" FROM "," WHO ",\"nbf\":\"now\"," TIMES "}");
    char claims[1024], long_[KEPT_MAX_ELSEWHERE + 2];
    memset(long_, 'a', sizeof long_ - 1);
    long_[sizeof long_ - 1] = 0;
    (void)snprintf(claims, sizeof claims, "{" FROM ",\"nonce\":\"n\",\"sub\":\"%s\"," TIMES "}", long_);
    IS(SUBJECT, 'R', R1, claims);
    long_[KEPT_MAX_ELSEWHERE] = 0;
    (void)snprintf(claims, sizeof claims, "{" FROM ",\"nonce\":\"n\",\"sub\":\"%s\"," TIMES "}", long_);
    IS(NONE, 'R', R1, claims);
}

/* Each bound, and the instant beside it. */
static void times_hold_to_the_second_and_the_skew(void **state)
{
    const kept_ms skew = (kept_ms)KEPT_LOGIN_SKEW_SECONDS * KEPT_SECOND, life = (kept_ms)KEPT_LOGIN_MINUTES * KEPT_MINUTE;
    (void)state;
    struct kept_span token = span_of(idp_jws(&idp, 'R', R1, CLAIMS));
    assert_int_equal(flaw_at(token, NOW - skew - 1), KEPT_LOGIN_EARLY);
    assert_int_equal(flaw_at(token, NOW - skew), KEPT_LOGIN_NONE);
    assert_int_equal(flaw_at(token, NOW + life + skew - 1), KEPT_LOGIN_NONE);
    assert_int_equal(flaw_at(token, NOW + life + skew), KEPT_LOGIN_EXPIRED); /* of an hour, and too old all the same */
    token = span_of(idp_jws(&idp, 'R', R1, "{" FROM "," WHO ",\"iat\":" AT ",\"exp\":1772409610}"));
    assert_int_equal(flaw_at(token, NOW + 10 * KEPT_SECOND + skew - 1), KEPT_LOGIN_NONE);
    assert_int_equal(flaw_at(token, NOW + 10 * KEPT_SECOND + skew), KEPT_LOGIN_EXPIRED);
    token = span_of(idp_jws(&idp, 'R', R1, "{" FROM "," WHO ",\"nbf\":1772409700," TIMES "}"));
    assert_int_equal(flaw_at(token, NOW), KEPT_LOGIN_EARLY);
    assert_int_equal(flaw_at(token, NOW + 100 * KEPT_SECOND - skew), KEPT_LOGIN_NONE);
}

/* Any bit of it changed, any end of it missing, anything behind it: none. */
static void what_was_changed_is_none(void **state)
{
    static char big[KEPT_MAX_ID_TOKEN + 2], copy[IDP_MAX];
    (void)state;
    (void)snprintf(copy, sizeof copy, "%s", idp_jws(&idp, 'E', E1, CLAIMS));
    const size_t n = strlen(copy);
    for (size_t i = 0; i < n; i++) {
        const char was = copy[i];
        copy[i] = was == 'A' ? 'B' : 'A';
        assert_int_not_equal(flaw_at(span_of(copy), NOW), KEPT_LOGIN_NONE);
        copy[i] = was;
    }
    for (size_t i = 0; i < n; i++)
        assert_int_not_equal(flaw_at((struct kept_span){(const uint8_t *)copy, i}, NOW), KEPT_LOGIN_NONE);
    assert_int_equal(flaw_at(span_of(copy), NOW), KEPT_LOGIN_NONE);
    static const char *const behind[] = {"=", ".", " ", "\n", "A", ".A"};
    for (size_t i = 0; i < sizeof behind / sizeof behind[0]; i++) {
        (void)snprintf(copy + n, sizeof copy - n, "%s", behind[i]);
        assert_int_not_equal(flaw_at(span_of(copy), NOW), KEPT_LOGIN_NONE);
    }
    static const char *const odd[] = {"", ".", "..", "...", "a.b.c", "\x80.\x80.\x80", "e30.e30.", "e30.e30.e30", "bnVsbA.bnVsbA."};
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
        assert_int_not_equal(flaw_at(span_of(odd[i]), NOW), KEPT_LOGIN_NONE);
    memset(big, 'A', sizeof big - 1);
    assert_int_equal(flaw_at(span_of(big), NOW), KEPT_LOGIN_FORM);
    /* Right in all but its size. */
    char claims[KEPT_MAX_ID_TOKEN];
    memset(claims, 0, sizeof claims);
    const int front = snprintf(claims, sizeof claims, "{" FROM "," WHO "," TIMES ",\"x\":\"");
    memset(claims + front, 'x', sizeof claims - (size_t)front - 3);
    memcpy(claims + sizeof claims - 3, "\"}", 3);
    IS(FORM, 'R', R1, claims);
}

/* ---- providers -------------------------------------------------------------------------------- */

static void refuses(const char *text, const char *why, int line)
{
    struct kept_login_provider read;
    struct kept_err err = {0};
    int rc = kept_login_provider_read(span_of(text), &read, &err);
    if ((rc != KEPT_E_USAGE && rc != KEPT_E_LIMIT) || strstr(err.text, why) == NULL)
        fail_msg("line %d: %d %s", line, rc, err.text);
}
#define REFUSES(text, why) refuses(text, why, __LINE__)

/* A provider with these keys, in a buffer of its own. */
static const char *with(const char *keys)
{
    static char text[IDP_MAX + 128];
    assert_true(strlen(keys) < IDP_MAX);
    (void)snprintf(text, sizeof text, "{\"issuer\":\"" IDP_ISSUER "\",\"client_id\":\"c\",\"jwks\":{\"keys\":[%s]}}", keys);
    return text;
}

static const char *jwk(EVP_PKEY *key, const char *kid, const char *more)
{
    static char texts[2][4096];
    static unsigned turn;
    char *text = texts[turn++ % 2];
    text[0] = 0;
    idp_jwk(key, kid, more, text, sizeof texts[0]);
    return text;
}

static void a_provider_is_read_whole_or_refused(void **state)
{
    static char text[IDP_MAX];
    struct kept_login_provider read;
    struct kept_err err = {0};
    (void)state;
    assert_int_equal(provider.key_count, 2);
    assert_string_equal(provider.leave, IDP_LEAVE);
    assert_int_equal(kept_login_provider_read(span_of(with(jwk(idp.rsa, "a", ""))), &read, &err), 0);
    assert_string_equal(read.leave, IDP_ISSUER);
    REFUSES("", "JSON object");
    REFUSES("[]", "JSON object");
    REFUSES("{}", "issuer");
    REFUSES("{\"issuer\":\"https://a\",\"issuer\":\"https://a\"}", "JSON object");
    REFUSES("{\"issuer\":\"https://a\",\"client_id\":\"c\",\"jwks_uri\":\"https://a/keys\"}", "nothing else");
    REFUSES("{\"issuer\":\"https://a\",\"client_id\":\"c\"}", "JWK set");
    REFUSES("{\"issuer\":\"https://a\",\"client_id\":\"\"}", "client_id");
    REFUSES("{\"issuer\":\"https://a\\\"\",\"client_id\":\"c\"}", "issuer");
    static const char *const unsafe[] = {"http://id.example", "https://", "https:///a", "https://a?b", "https://a#b", "ftp://a",
                                         "http://127.0.0.1.evil.example", "http://localhost.evil.example"};
    for (size_t i = 0; i < sizeof unsafe / sizeof unsafe[0]; i++) {
        (void)snprintf(text, sizeof text, "{\"issuer\":\"%s\",\"client_id\":\"c\",\"jwks\":{\"keys\":[%s]}}", unsafe[i],
                       jwk(idp.ec, "a", ""));
        REFUSES(text, "issuer");
    }
    (void)snprintf(text, sizeof text, "{\"issuer\":\"http://127.0.0.1:8080\",\"client_id\":\"c\",\"jwks\":{\"keys\":[%s]}}",
                   jwk(idp.ec, "a", ""));
    assert_int_equal(kept_login_provider_read(span_of(text), &read, &err), 0);
    (void)snprintf(text, sizeof text, "{\"issuer\":\"https://a\",\"client_id\":\"c\",\"leave\":\"javascript:1\",\"jwks\":{\"keys\":[%s]}}",
                   jwk(idp.ec, "a", ""));
    REFUSES(text, "leave");
    memset(text, ' ', KEPT_MAX_PROVIDER_BYTES + 1);
    text[KEPT_MAX_PROVIDER_BYTES + 1] = 0;
    REFUSES(text, "at most");
}

static void only_public_keys_that_may_sign_are_taken(void **state)
{
    static char text[IDP_MAX];
    struct kept_login_provider read;
    struct kept_err err = {0};
    EVP_PKEY *small = EVP_RSA_gen(1024);
    (void)state;
    REFUSES(with(""), "no key");
    REFUSES(with("7"), "no JWK");
    REFUSES(with("{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}"), "secret");
    REFUSES(with(jwk(idp.ec, "a", ",\"d\":\"AAAA\"")), "secret");
    REFUSES(with(jwk(small, "a", "")), "none that may sign");
    REFUSES(with(jwk(idp.rsa, "a", ",\"use\":\"enc\"")), "no key");
    REFUSES(with(jwk(idp.rsa, "a", ",\"alg\":\"RS512\"")), "no key");
    REFUSES(with(jwk(idp.rsa, "a", ",\"key_ops\":[\"encrypt\"]")), "no key");
    REFUSES(with("{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}"), "none that may sign");
    REFUSES(with("{\"kty\":\"RSA\",\"e\":\"AQAB\"}"), "none that may sign");
    REFUSES(with("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE\","
                 "\"y\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE\"}"), "none that may sign"); /* on no curve */
    (void)snprintf(text, sizeof text, "%s,%s", jwk(idp.rsa, "a", ""), jwk(idp.ec, "a", ""));
    REFUSES(with(text), "called the same");
    (void)snprintf(text, sizeof text, "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AAAA\"},{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"AA\"},%s",
                   jwk(idp.ec, "a", ",\"key_ops\":[\"verify\"]"));
    assert_int_equal(kept_login_provider_read(span_of(with(text)), &read, &err), 0);
    assert_int_equal(read.key_count, 1); /* the others stand there for others */
    text[0] = 0;
    for (unsigned i = 0; i <= KEPT_MAX_PROVIDER_KEYS; i++) {
        char kid[8];
        (void)snprintf(kid, sizeof kid, "k%u", i);
        (void)snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i == 0 ? "" : ",", jwk(idp.ec, kid, ""));
    }
    REFUSES(with(text), "more than");
    EVP_PKEY_free(small);
}

/* Two keys of a kind without a name in the header: which of them is meant would be a guess. */
static void a_header_names_its_key_where_there_are_two(void **state)
{
    static char text[IDP_MAX];
    struct kept_login_provider was = provider;
    struct kept_err err = {0};
    EVP_PKEY *second = EVP_EC_gen("P-256");
    (void)state;
    (void)snprintf(text, sizeof text, "%s,%s", jwk(idp.ec, "e1", ""), jwk(second, "e2", ""));
    assert_int_equal(kept_login_provider_read(span_of(with(text)), &provider, &err), 0);
    memcpy(provider.client, IDP_CLIENT, sizeof IDP_CLIENT);
    IS(KEY, 'E', "{\"alg\":\"ES256\"}", CLAIMS);
    IS(NONE, 'E', E1, CLAIMS);
    IS(SIGNATURE, 'E', "{\"alg\":\"ES256\",\"kid\":\"e2\"}", CLAIMS);
    provider = was;
    EVP_PKEY_free(second);
}

/* As bytes and back; cut anywhere, or longer, it is none. */
static void a_provider_comes_back_as_it_was(void **state)
{
    struct kept_login_provider back;
    struct kept_buf bytes;
    (void)state;
    kept_buf_init(&bytes, KEPT_MAX_PROVIDER_BYTES);
    kept_login_provider_encode(&provider, &bytes);
    assert_int_equal(bytes.failed, 0);
    assert_int_equal(kept_login_provider_decode(kept_buf_span(&bytes), &back), 0);
    assert_memory_equal(&back, &provider, sizeof back);
    for (size_t i = 0; i < bytes.n; i++)
        assert_int_equal(kept_login_provider_decode((struct kept_span){bytes.p, i}, &back), KEPT_E_CORRUPT);
    bytes.p[0] = 2;
    assert_int_equal(kept_login_provider_decode(kept_buf_span(&bytes), &back), KEPT_E_CORRUPT);
    bytes.p[0] = 1;
    kept_buf_u8(&bytes, 0);
    assert_int_equal(kept_login_provider_decode(kept_buf_span(&bytes), &back), KEPT_E_CORRUPT);
    kept_buf_release(&bytes);
}

static int up(void **state)
{
    struct kept_err err = {0};
    (void)state;
    if (kept_crypto_init() != 0)
        return 1;
    idp_up(&idp);
    return kept_login_provider_read(span_of(idp.provider), &provider, &err);
}

static int down(void **state)
{
    (void)state;
    idp_down(&idp);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_right_token_names_somebody),
        cmocka_unit_test(the_key_says_the_algorithm),
        cmocka_unit_test(claims_are_all_there_and_right),
        cmocka_unit_test(times_hold_to_the_second_and_the_skew),
        cmocka_unit_test(what_was_changed_is_none),
        cmocka_unit_test(a_provider_is_read_whole_or_refused),
        cmocka_unit_test(a_provider_comes_back_as_it_was),
        cmocka_unit_test(only_public_keys_that_may_sign_are_taken),
        cmocka_unit_test(a_header_names_its_key_where_there_are_two),
    };
    return cmocka_run_group_tests(tests, up, down);
}
