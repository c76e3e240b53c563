/* Entries: what is encoded is decoded, opens under its keys only, and hostile bytes are refused. */
#include "aid.h"

static const uint8_t KEY_A[32] = {1}, KEY_S[32] = {2}, OTHER[32] = {3};

static struct kept_span text(const char *s)
{
    return (struct kept_span){(const uint8_t *)s, strlen(s)};
}

static struct kept_entry sample(uint8_t suite)
{
    struct kept_entry e = {.at = AT, .event = KEPT_OP_USE, .decision = KEPT_MASK,
                           .reason = KEPT_R_MASKED, .actor_kind = KEPT_ACTOR_STAFF,
                           .policy_version = 7, .subject_version = 300, .suite = suite};
    e.id = aid_id(42);
    return e;
}

static void encode(uint8_t suite, const char *actor, const char *subject, struct kept_buf *out)
{
    struct kept_entry e = sample(suite);
    kept_buf_init(out, KEPT_MAX_ENTRY_BYTES + 1000);
    assert_int_equal(kept_entry_encode(&e, KEY_A, text(actor), KEY_S, text(subject), out), 0);
}

static void roundtrip(void **state)
{
    static const char *const PARTS[] = {"", "x", "clerk-7 support"};
    (void)state;
    for (unsigned suite = 1; suite <= 2; suite++)
        for (unsigned i = 0; i < 9; i++) {
            const char *actor = PARTS[i / 3], *subject = PARTS[i % 3];
            struct kept_buf bytes, plain;
            struct kept_entry e, want = sample((uint8_t)suite);
            encode((uint8_t)suite, actor, subject, &bytes);
            kept_buf_init_secret(&plain, 1000);
            assert_int_equal(kept_entry_decode(kept_buf_span(&bytes), &e), 0);
            assert_memory_equal(e.id.b, want.id.b, 16);
            assert_true(e.at == want.at && e.event == want.event && e.decision == want.decision &&
                        e.reason == want.reason && e.actor_kind == want.actor_kind &&
                        e.policy_version == 7 && e.subject_version == 300 && e.suite == suite);
            assert_int_equal(e.actor.n, actor[0] == 0 ? 0 : strlen(actor) + 16);
            assert_int_equal(e.subject.n, subject[0] == 0 ? 0 : strlen(subject) + 16);
            int rc = kept_entry_open_actor(kept_buf_span(&bytes), KEY_A, &plain);
            assert_int_equal(rc, actor[0] == 0 ? KEPT_E_NOTFOUND : 0);
            assert_int_equal(plain.n, strlen(actor));
            assert_memory_equal(plain.n == 0 ? "" : (const char *)plain.p, actor, plain.n);
            kept_buf_clear(&plain);
            rc = kept_entry_open_subject(kept_buf_span(&bytes), KEY_S, &plain);
            assert_int_equal(rc, subject[0] == 0 ? KEPT_E_NOTFOUND : 0);
            assert_int_equal(plain.n, strlen(subject));
            /* Another key does not fit, and the parts do not open for each other. */
            kept_buf_clear(&plain);
            assert_int_equal(kept_entry_open_subject(kept_buf_span(&bytes), OTHER, &plain),
                             KEPT_E_NOTFOUND);
            assert_int_equal(kept_entry_open_actor(kept_buf_span(&bytes), KEY_S, &plain),
                             KEPT_E_NOTFOUND);
            assert_int_equal(kept_entry_open_actor(kept_buf_span(&bytes), NULL, &plain),
                             KEPT_E_USAGE);
            assert_int_equal(plain.n, 0);
            kept_buf_release(&plain);
            kept_buf_release(&bytes);
        }
}

static void one_key_for_both_parts_still_makes_two_nonces(void **state)
{
    struct kept_entry e = sample(1), got;
    struct kept_buf bytes;
    (void)state;
    kept_buf_init(&bytes, 1000);
    assert_int_equal(kept_entry_encode(&e, KEY_A, text("same text"), KEY_A, text("same text"),
                                       &bytes), 0);
    assert_int_equal(kept_entry_decode(kept_buf_span(&bytes), &got), 0);
    assert_memory_not_equal(got.actor.p, got.subject.p, 9); /* one keystream would show here */
    kept_buf_release(&bytes);
}

static void every_flipped_bit_is_refused(void **state)
{
    struct kept_buf bytes, plain;
    (void)state;
    for (unsigned suite = 1; suite <= 2; suite++) {
        encode((uint8_t)suite, "actor part", "subject part", &bytes);
        kept_buf_init(&plain, 1000);
        for (size_t bit = 0; bit < bytes.n * 8; bit++) {
            struct kept_entry e;
            bytes.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
            int a = kept_entry_open_actor(kept_buf_span(&bytes), KEY_A, &plain);
            int s = kept_entry_open_subject(kept_buf_span(&bytes), KEY_S, &plain);
            assert_true(a != 0 || s != 0);
            if (kept_entry_decode(kept_buf_span(&bytes), &e) == 0) {
                /* Decodable, so canonical: length and place of everything still fit. */
                assert_true(a == KEPT_E_NOTFOUND || a == KEPT_E_CRYPTO || s == KEPT_E_NOTFOUND ||
                            s == KEPT_E_CRYPTO);
            }
            bytes.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
            kept_buf_clear(&plain);
        }
        kept_buf_release(&plain);
        kept_buf_release(&bytes);
    }
}

static void parts_do_not_move_between_entries(void **state)
{
    struct kept_entry a = sample(1), b = sample(1), got;
    struct kept_buf ab, bb, plain;
    (void)state;
    b.id = aid_id(43);
    kept_buf_init(&ab, 1000);
    kept_buf_init(&bb, 1000);
    kept_buf_init(&plain, 1000);
    assert_int_equal(kept_entry_encode(&a, KEY_A, text("aaaa"), KEY_S, text("ssss"), &ab), 0);
    assert_int_equal(kept_entry_encode(&b, KEY_A, text("bbbb"), KEY_S, text("tttt"), &bb), 0);
    assert_int_equal(kept_entry_decode(kept_buf_span(&bb), &got), 0);
    /* Graft b's actor part (commitment and all) onto a. */
    size_t at = (size_t)(got.actor.p - bb.p) - 16;
    memcpy(ab.p + at, bb.p + at, 16 + got.actor.n);
    assert_int_equal(kept_entry_open_actor(kept_buf_span(&ab), KEY_A, &plain), KEPT_E_NOTFOUND);
    assert_int_equal(kept_entry_open_subject(kept_buf_span(&ab), KEY_S, &plain), 0);
    kept_buf_release(&ab);
    kept_buf_release(&bb);
    kept_buf_release(&plain);
}

static void truncated_and_padded_are_refused(void **state)
{
    struct kept_buf bytes;
    struct kept_entry e;
    (void)state;
    encode(1, "actor", "subject", &bytes);
    for (size_t n = 0; n < bytes.n; n++)
        assert_int_equal(kept_entry_decode((struct kept_span){bytes.p, n}, &e), KEPT_E_CORRUPT);
    kept_buf_u8(&bytes, 0);
    assert_int_equal(kept_entry_decode(kept_buf_span(&bytes), &e), KEPT_E_CORRUPT);
    bytes.n--;
    bytes.p[0] = 2;
    assert_int_equal(kept_entry_decode(kept_buf_span(&bytes), &e), KEPT_E_FORMAT);
    bytes.p[0] = 0;
    assert_int_equal(kept_entry_decode(kept_buf_span(&bytes), &e), KEPT_E_CORRUPT);
    kept_buf_release(&bytes);
}

static void hostile_bytes_are_refused_or_canonical(void **state)
{
    uint8_t noise[300];
    (void)state;
    for (unsigned round = 0; round < 20000; round++) {
        struct kept_entry e;
        size_t n = round % sizeof noise;
        kept_random(noise, sizeof noise);
        noise[0] = 1;
        if (n > 28) {
            noise[24] %= 3;
            noise[26] %= 5;
            noise[27] &= 0x7f;
            noise[28] &= 0x7f;
            noise[29] = 1;
        }
        if (kept_entry_decode((struct kept_span){noise, n}, &e) == 0) {
            assert_true(e.actor.n == 0 || (e.actor.p >= noise && e.actor.p + e.actor.n <= noise + n));
            assert_true(e.subject.n == 0 ||
                        (e.subject.p >= noise && e.subject.p + e.subject.n <= noise + n));
        }
    }
}

static void what_cannot_be_encoded(void **state)
{
    static uint8_t large[KEPT_MAX_ENTRY_BYTES];
    struct kept_buf out;
    struct kept_entry e;
    (void)state;
    kept_buf_init(&out, 200000);
    kept_buf_text(&out, "before");
#define REFUSED(code, change, ak, a, sk, s)                                                        \
    do {                                                                                           \
        e = sample(1);                                                                             \
        change;                                                                                    \
        assert_int_equal(kept_entry_encode(&e, ak, a, sk, s, &out), code);                         \
        assert_int_equal(out.n, 6);                                                                \
    } while (0)
    REFUSED(KEPT_E_USAGE, e.at = -1, KEY_A, text("a"), KEY_S, text("s"));
    REFUSED(KEPT_E_USAGE, e.at = (kept_ms)1 << 48, KEY_A, text("a"), KEY_S, text("s"));
    REFUSED(KEPT_E_USAGE, e.suite = 9, KEY_A, text("a"), KEY_S, text("s"));
    REFUSED(KEPT_E_USAGE, e.decision = 3, KEY_A, text("a"), KEY_S, text("s"));
    REFUSED(KEPT_E_USAGE, e.actor_kind = 5, KEY_A, text("a"), KEY_S, text("s"));
    REFUSED(KEPT_E_USAGE, memset(&e.id, 0, 16), KEY_A, text("a"), KEY_S, text("s"));
    REFUSED(KEPT_E_USAGE, (void)0, NULL, text("a"), KEY_S, text("s"));
    REFUSED(KEPT_E_USAGE, (void)0, KEY_A, text("a"), NULL, text("s"));
    const struct kept_span half = {large, KEPT_MAX_ENTRY_BYTES / 2}, full = {large, sizeof large};
    REFUSED(KEPT_E_LIMIT, (void)0, KEY_A, full, KEY_S, NOTHING);
    REFUSED(KEPT_E_LIMIT, (void)0, KEY_A, half, KEY_S, half);
    kept_buf_release(&out);
    kept_buf_init(&out, 60);
    e = sample(1);
    assert_int_equal(kept_entry_encode(&e, KEY_A, text("a"), KEY_S, text("s"), &out), KEPT_E_LIMIT);
    assert_int_equal(out.n, 0);
    kept_buf_release(&out);
}

static int start(void **state)
{
    (void)state;
    return kept_crypto_init();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roundtrip),
        cmocka_unit_test(one_key_for_both_parts_still_makes_two_nonces),
        cmocka_unit_test(every_flipped_bit_is_refused),
        cmocka_unit_test(parts_do_not_move_between_entries),
        cmocka_unit_test(truncated_and_padded_are_refused),
        cmocka_unit_test(hostile_bytes_are_refused_or_canonical),
        cmocka_unit_test(what_cannot_be_encoded),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
