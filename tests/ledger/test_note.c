/* Signed notes: the published examples, round trips, and everything that is not one. */
#include "aid.h"

static struct kept_span text(const char *s)
{
    return (struct kept_span){(const uint8_t *)s, strlen(s)};
}

/* The verifier key of the example in C2SP signed-note: its parts must come out of ours. */
static void verifier_key_of_the_specification(void **state)
{
    static const char WANT[] =
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    uint8_t raw[33];
    size_t n = 0;
    struct kept_buf out;
    (void)state;
    assert_int_equal(kept_unbase64(WANT + 25, strlen(WANT + 25), raw, sizeof raw, &n), 0);
    assert_int_equal(n, 33);
    kept_buf_init(&out, 500);
    assert_int_equal(kept_note_verifier("example.com/foo", raw + 1, &out), 0);
    assert_string_equal((const char *)out.p, WANT);
    assert_int_equal(kept_note_verifier("a b", raw + 1, &out), KEPT_E_USAGE);
    kept_buf_release(&out);
}

static void sign_and_open(void **state)
{
    struct kept_checkpoint c = {.origin = ORIGIN, .size = 18446744073709551615u}, got;
    uint8_t public_key[32], other[32], seed[32] = {9};
    struct kept_buf note;
    (void)state;
    memset(c.root, 0x5a, 32);
    kept_sign_public(SEED, public_key);
    kept_sign_public(seed, other);
    kept_buf_init(&note, 1000);
    assert_int_equal(kept_note_sign(&c, SEED, &note), 0);
    static const char BODY[] = ORIGIN "\n18446744073709551615\n"
                               "WlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlo=\n\n\xe2\x80\x94 "
                               ORIGIN " ";
    assert_memory_equal(note.p, BODY, sizeof BODY - 1);
    assert_int_equal(note.p[note.n - 1], '\n');
    assert_int_equal(kept_note_open(kept_buf_span(&note), public_key, &got), 0);
    assert_true(got.size == c.size && strcmp(got.origin, ORIGIN) == 0);
    assert_memory_equal(got.root, c.root, 32);
    assert_int_equal(kept_note_open(kept_buf_span(&note), other, &got), KEPT_E_CRYPTO);
    kept_buf_release(&note);
}

static void every_flipped_bit_is_refused(void **state)
{
    struct kept_checkpoint c = {.origin = ORIGIN, .size = 12345}, got;
    uint8_t public_key[32];
    struct kept_buf note;
    (void)state;
    kept_sign_public(SEED, public_key);
    kept_buf_init(&note, 1000);
    assert_int_equal(kept_note_sign(&c, SEED, &note), 0);
    for (size_t bit = 0; bit < note.n * 8; bit++) {
        note.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
        int rc = kept_note_open(kept_buf_span(&note), public_key, &got);
        assert_true(rc == KEPT_E_CORRUPT || rc == KEPT_E_CRYPTO);
        note.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t n = 0; n < note.n; n++)
        assert_int_not_equal(kept_note_open((struct kept_span){note.p, n}, public_key, &got), 0);
    kept_buf_release(&note);
}

static void witnesses_are_ignored_and_extensions_allowed(void **state)
{
    struct kept_checkpoint c = {.origin = ORIGIN, .size = 5}, got;
    uint8_t public_key[32], raw[68], seed[32] = {4};
    char b64[128];
    struct kept_buf note, both;
    (void)state;
    kept_sign_public(SEED, public_key);
    kept_buf_init(&note, 10000);
    kept_buf_init(&both, 10000);
    assert_int_equal(kept_note_sign(&c, SEED, &note), 0);
    kept_buf_bytes(&both, note.p, note.n);
    for (int i = 0; i < 16; i++)
        kept_buf_printf(&both, "\xe2\x80\x94 witness%d.example AAAAAQID\n", i);
    assert_int_equal(kept_note_open(kept_buf_span(&both), public_key, &got), 0);
    /* Signed by another key under the same name: unknown, and alone not enough. */
    kept_buf_clear(&both);
    assert_int_equal(kept_note_sign(&c, seed, &both), 0);
    assert_int_equal(kept_note_open(kept_buf_span(&both), public_key, &got), KEPT_E_CRYPTO);
    /* An extension line is part of what is signed. */
    kept_buf_clear(&both);
    kept_buf_text(&both, ORIGIN "\n5\n");
    kept_base64((struct kept_span){c.root, 32}, b64);
    kept_buf_printf(&both, "%s\nextension\n", b64);
    kept_sign(SEED, kept_buf_span(&both), raw + 4);
    uint8_t *sig = memchr(note.p + strlen(ORIGIN) + 60, ' ', note.n - strlen(ORIGIN) - 60);
    size_t n = 0;
    assert_non_null(sig);
    char *last = strrchr((char *)note.p, ' ');
    uint8_t known[68];
    assert_int_equal(kept_unbase64(last + 1, strlen(last + 1) - 1, known, 68, &n), 0);
    memcpy(raw, known, 4);
    kept_base64((struct kept_span){raw, 68}, b64);
    kept_buf_printf(&both, "\n\xe2\x80\x94 %s %s\n", ORIGIN, b64);
    assert_int_equal(kept_note_open(kept_buf_span(&both), public_key, &got), 0);
    kept_buf_release(&note);
    kept_buf_release(&both);
}

static void bad_bodies(void **state)
{
    static const char *const BODIES[] = {
        "", "\n", "\n\n", "x\n", ORIGIN "\n1\n", ORIGIN "\n01\nAAAA\n",
        "\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "a b\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "a+b\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "a\xc2\xa0" "b\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        ORIGIN "\n-1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        ORIGIN "\n00\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        ORIGIN "\n18446744073709551616\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        ORIGIN "\n\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        ORIGIN "\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\n",
        ORIGIN "\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
        ORIGIN "\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\n", /* 31 bytes */
        ORIGIN "\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\nx\n"};
    uint8_t public_key[32], raw[68];
    char b64[128];
    (void)state;
    kept_sign_public(SEED, public_key);
    for (size_t i = 0; i < sizeof BODIES / sizeof *BODIES; i++) {
        struct kept_buf note;
        struct kept_checkpoint got;
        kept_buf_init(&note, 1000);
        kept_sign(SEED, text(BODIES[i]), raw + 4);
        memset(raw, 0, 4);
        kept_base64((struct kept_span){raw, 68}, b64);
        kept_buf_printf(&note, "%s\n\xe2\x80\x94 %s %s\n", BODIES[i], ORIGIN, b64);
        assert_int_equal(kept_note_open(kept_buf_span(&note), public_key, &got), KEPT_E_CORRUPT);
        kept_buf_release(&note);
    }
}

static void origins(void **state)
{
    char longest[300];
    (void)state;
    memset(longest, 'a', sizeof longest);
    longest[256] = 0;
    assert_false(kept_origin_valid(longest));
    longest[255] = 0;
    assert_true(kept_origin_valid(longest));
    assert_true(kept_origin_valid("kept.example/\xe4\xba\xba"));
    assert_false(kept_origin_valid(NULL));
    assert_false(kept_origin_valid(""));
    assert_false(kept_origin_valid("a b"));
    assert_false(kept_origin_valid("a+b"));
    assert_false(kept_origin_valid("a\nb"));
    assert_false(kept_origin_valid("a\xe3\x80\x80" "b"));
    assert_false(kept_origin_valid("a\xff"));
}

static int start(void **state)
{
    (void)state;
    return kept_crypto_init();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verifier_key_of_the_specification),
        cmocka_unit_test(sign_and_open),
        cmocka_unit_test(every_flipped_bit_is_refused),
        cmocka_unit_test(witnesses_are_ignored_and_extensions_allowed),
        cmocka_unit_test(bad_bodies),
        cmocka_unit_test(origins),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
