/* test_tamper.c - every bit of every file of a keyring, every cut, every exchange: found. And a
 * newer format is refused unchanged. */
#include "keys_aid.h"

static const char *const files[] = {"epoch-1", "epoch-2", "audit-1", "audit-2",
                                    "token-1", "signing", "journal", "anchor"};
#define FILES (sizeof files / sizeof files[0])

static void make(struct ring *r)
{
    struct kept_journal_row rows[3] = {row_of(0), row_of(1), row_of(2)};
    ring_up(r);
    struct kept_keyring *k = ring_new(r);
    assert_int_equal(kept_keyring_rotate(k, T0 + DAY, 90 * DAY, &r->err), 0);
    assert_int_equal(kept_keyring_new_audit(k, T0 + DAY, &r->err), 0);
    assert_int_equal(kept_journal_append(k, rows, 3, &r->err), 0);
    assert_int_equal(kept_anchor_write(k, text_of("a checkpoint\n"), &r->err), 0);
    kept_keyring_close(k);
}

static int try_open(struct ring *r)
{
    struct kept_keyring *k = NULL;
    int rc = kept_keyring_open(r->folder, "widgets", r->root, &k, &r->err);
    assert_true((rc == 0) == (k != NULL));
    kept_keyring_close(k);
    return rc;
}

static void expect_found(struct ring *r, const char *name, size_t at)
{
    int rc = try_open(r);
    if (rc != KEPT_E_CRYPTO && rc != KEPT_E_CORRUPT && rc != KEPT_E_FORMAT && rc != KEPT_E_ROLLBACK)
        print_message("%s at %zu: %d %s\n", name, at, rc, r->err.text);
    assert_true(rc == KEPT_E_CRYPTO || rc == KEPT_E_CORRUPT || rc == KEPT_E_FORMAT ||
                rc == KEPT_E_ROLLBACK);
}

static void test_every_flipped_bit_is_found(void **state)
{
    (void)state;
    struct ring r;
    uint8_t p[4096], after[4096];
    char path[256];
    make(&r);
    for (size_t f = 0; f < FILES; f++) {
        (void)snprintf(path, sizeof path, "%s/%s", r.app, files[f]);
        size_t n = slurp(path, p, sizeof p);
        for (size_t bit = 0; bit < 8 * n; bit++) {
            p[bit / 8] ^= (uint8_t)(1u << bit % 8);
            spit(path, p, n);
            expect_found(&r, files[f], bit / 8);
            assert_int_equal(slurp(path, after, sizeof after), n); /* and left as it is */
            assert_memory_equal(p, after, n);
            p[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        spit(path, p, n);
        assert_int_equal(try_open(&r), 0);
    }
    ring_down(&r);
}

static void test_every_cut_and_every_addition_is_found(void **state)
{
    (void)state;
    struct ring r;
    uint8_t p[4096];
    char path[256];
    make(&r);
    for (size_t f = 0; f < FILES; f++) {
        (void)snprintf(path, sizeof path, "%s/%s", r.app, files[f]);
        size_t n = slurp(path, p, sizeof p);
        for (size_t cut = 0; cut < n; cut++) {
            spit(path, p, cut);
            expect_found(&r, files[f], cut);
        }
        p[n] = 0;
        spit(path, p, n + 1);
        if (strcmp(files[f], "journal") != 0) /* a torn tail there, which is cut */
            expect_found(&r, files[f], n);
        spit(path, p, n);
        assert_int_equal(try_open(&r), 0);
    }
    ring_down(&r);
}

static void test_exchanged_files_are_found(void **state)
{
    (void)state;
    struct ring r;
    uint8_t p[FILES][4096];
    size_t n[FILES];
    char path[256];
    make(&r);
    for (size_t f = 0; f < FILES; f++) {
        (void)snprintf(path, sizeof path, "%s/%s", r.app, files[f]);
        n[f] = slurp(path, p[f], sizeof p[f]);
    }
    for (size_t f = 0; f < FILES; f++)
        for (size_t g = 0; g < FILES; g++) {
            if (f == g)
                continue;
            (void)snprintf(path, sizeof path, "%s/%s", r.app, files[f]);
            spit(path, p[g], n[g]);
            expect_found(&r, files[f], g);
            spit(path, p[f], n[f]);
        }
    assert_int_equal(try_open(&r), 0);
    ring_down(&r);
}

static void test_a_newer_format_is_refused_unchanged(void **state)
{
    (void)state;
    struct ring r;
    uint8_t p[4096], after[4096];
    char path[256];
    make(&r);
    for (size_t f = 0; f < FILES; f++) {
        (void)snprintf(path, sizeof path, "%s/%s", r.app, files[f]);
        size_t n = slurp(path, p, sizeof p);
        assert_int_equal(p[11], 1); /* magic 8, then the format's number */
        p[11] = 2;
        spit(path, p, n);
        assert_int_equal(try_open(&r), KEPT_E_FORMAT);
        assert_non_null(strstr(r.err.text, "newer kept"));
        assert_int_equal(slurp(path, after, sizeof after), n);
        assert_memory_equal(p, after, n);
        p[11] = 1;
        spit(path, p, n);
    }
    assert_int_equal(try_open(&r), 0);
    ring_down(&r);
}

static void test_zeros_under_a_key_s_name_are_found(void **state)
{
    (void)state;
    static const uint8_t zeros[4096];
    struct ring r;
    uint8_t p[4096];
    char path[256];
    make(&r);
    for (size_t f = 0; f < FILES; f++) {
        (void)snprintf(path, sizeof path, "%s/%s", r.app, files[f]);
        size_t n = slurp(path, p, sizeof p);
        spit(path, zeros, n);
        expect_found(&r, files[f], 0);
        spit(path, p, n);
    }
    assert_int_equal(try_open(&r), 0);
    ring_down(&r);
}

static void test_a_destruction_cut_short_is_finished(void **state)
{
    (void)state;
    struct ring r;
    struct kept_epoch e[4];
    char path[256], dying[256];
    make(&r);
    (void)snprintf(path, sizeof path, "%s/epoch-1", r.app);
    (void)snprintf(dying, sizeof dying, "%s/dying-epoch-1", r.app);
    assert_int_equal(rename(path, dying), 0);
    struct kept_keyring *k = ring_open(&r);
    assert_int_equal(access(dying, F_OK), -1);
    assert_int_equal(kept_keyring_epochs(k, e, 4), 1);
    kept_keyring_close(k);
    ring_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_flipped_bit_is_found),
        cmocka_unit_test(test_every_cut_and_every_addition_is_found),
        cmocka_unit_test(test_exchanged_files_are_found),
        cmocka_unit_test(test_a_newer_format_is_refused_unchanged),
        cmocka_unit_test(test_zeros_under_a_key_s_name_are_found),
        cmocka_unit_test(test_a_destruction_cut_short_is_finished),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
