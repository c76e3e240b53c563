/* test_paths.c - paths of every length up to the longest there is: what is too long is refused as such,
 * whichever file of a keyring it falls on, and a keyring is then as it was, or complete. */
#include "keys_aid.h"

#include "../aid/deep.h"

#define LONGEST (KEPT_MAX_PATH - 1)
#define LONGEST_NAME strlen("/widgets/.next-signing.new")
#define NAMES 60u /* more than any file's name and its app's together */

struct deep {
    struct ring r;
    char far[KEPT_MAX_PATH]; /* where a folder is, while it is too deep */
    char mirror[96];
    struct kept_root *second;
    unsigned refused;        /* calls that said the path is too long */
    uint64_t rows;           /* acknowledged */
};

static void deep_up(struct deep *d)
{
    char path[128];
    memset(d, 0, sizeof *d);
    ring_up(&d->r);
    (void)snprintf(d->mirror, sizeof d->mirror, "%s/mirror", d->r.dir);
    (void)snprintf(path, sizeof path, "%s/second", d->r.dir);
    assert_int_equal(kept_root_create(path, &d->r.err), 0);
    assert_int_equal(kept_root_load(path, &d->second, &d->r.err), 0);
}

static void deep_down(struct deep *d)
{
    kept_root_free(d->second);
    ring_down(&d->r);
}

/* 0, or refused as too long: by us, or where the system takes a name, by it. */
static int mild(struct deep *d, int rc)
{
    if (rc == 0)
        return 0;
    if (rc != KEPT_E_LIMIT && rc != KEPT_E_IO)
        fail_msg("%zu bytes: %d %s", strlen(d->far), rc, d->r.err.text);
    d->refused++;
    return rc;
}

/* All that is done with an open keyring; goes on behind what is refused. */
static void use(struct deep *d, struct kept_keyring *k)
{
    struct kept_err *err = &d->r.err;
    const struct kept_journal_row row = row_of((unsigned)d->rows);
    uint32_t gone = 0;
    d->rows += mild(d, kept_journal_append(k, &row, 1, err)) == 0;
    (void)mild(d, kept_keyring_rotate(k, T0 + DAY, DAY, err));
    (void)mild(d, kept_keyring_destroy_due(k, T0 + 9 * DAY, &gone, err));
    if (mild(d, kept_keyring_new_token(k, T0 + DAY, err)) == 0)
        (void)mild(d, kept_keyring_destroy_token(k, kept_keyring_token(k) - 1, err));
    if (mild(d, kept_keyring_new_audit(k, T0 + DAY, err)) == 0)
        (void)mild(d, kept_keyring_destroy_audit(k, kept_keyring_audit(k) - 1, err));
    (void)mild(d, kept_anchor_write(k, text_of("a note"), err));
}

/* The keyring opens with one of the two keys, whole, and lacks nothing that was acknowledged. */
static void expect_whole(struct deep *d)
{
    struct kept_keyring *k = NULL;
    int rc = kept_keyring_open(d->r.folder, "widgets", d->r.root, &k, &d->r.err);
    if (rc == KEPT_E_CRYPTO)
        rc = kept_keyring_open(d->r.folder, "widgets", d->second, &k, &d->r.err);
    if (rc != 0)
        fail_msg("%zu bytes: opened again: %d %s", strlen(d->far), rc, d->r.err.text);
    assert_in_range(kept_journal_length(k), d->rows, d->rows + 1);
    d->rows = kept_journal_length(k);
    kept_keyring_close(k);
}

static void test_a_keyring_that_lies_too_deep(void **state)
{
    (void)state;
    for (size_t n = LONGEST - NAMES; n < LONGEST; n++) {
        struct deep d;
        struct kept_keyring *k = NULL;
        deep_up(&d);
        kept_keyring_close(ring_new(&d.r));
        deep_path(d.r.dir, n, d.far);
        assert_int_equal(rename(d.r.folder, d.far), 0);
        if (mild(&d, kept_keyring_open(d.far, "widgets", d.r.root, &k, &d.r.err)) == 0) {
            use(&d, k);
            (void)mild(&d, kept_keyring_mirror(k, d.mirror, &d.r.err));
            kept_keyring_close(k);
        }
        (void)mild(&d, kept_keyring_opens(d.far, d.r.root, &d.r.err));
        (void)mild(&d, ring_change(d.far, d.r.root, d.second, &d.r.err));
        assert_int_equal(d.refused > 0, n + LONGEST_NAME > LONGEST);
        assert_int_equal(rename(d.far, d.r.folder), 0);
        expect_whole(&d);
        deep_down(&d);
    }
}

/* The root is changed in the keyring alone, if it was not yet, and the mirror is to follow. */
static void follow(struct deep *d)
{
    struct kept_keyring *k = NULL;
    int rc = ring_change(d->r.folder, d->r.root, d->second, &d->r.err);
    assert_true(rc == 0 || rc == KEPT_E_CRYPTO);
    assert_int_equal(kept_keyring_open(d->r.folder, "widgets", d->second, &k, &d->r.err), 0);
    if (mild(d, kept_keyring_mirror(k, d->far, &d->r.err)) == 0)
        (void)mild(d, kept_keyring_mirror_settle(d->r.folder, d->far, &d->r.err));
    kept_keyring_close(k);
}

static void test_a_mirror_that_lies_too_deep(void **state)
{
    (void)state;
    for (size_t n = LONGEST - NAMES; n < LONGEST; n++) {
        for (int there = 0; there < 2; there++) { /* to be made, or a step behind */
            struct deep d;
            deep_up(&d);
            struct kept_keyring *k = ring_new(&d.r);
            if (there) {
                assert_int_equal(kept_keyring_mirror(k, d.mirror, &d.r.err), 0);
                kept_keyring_close(k);
                k = ring_open(&d.r);
                assert_int_equal(kept_keyring_new_token(k, T0 + DAY, &d.r.err), 0);
            }
            deep_path(d.r.dir, n, d.far);
            assert_true(!there || rename(d.mirror, d.far) == 0);
            if (mild(&d, kept_keyring_mirror(k, d.far, &d.r.err)) == 0 && !there)
                use(&d, k);
            kept_keyring_close(k);
            const struct kept_provider where = {.kind = KEPT_BY_FILE, .path = "/nowhere"};
            const struct kept_root_change change = {d.r.root, d.second, &where};
            (void)mild(&d, kept_keyring_change_root(d.r.folder, d.far, &change, &d.r.err));
            follow(&d);
            assert_int_equal(d.refused > 0, n + LONGEST_NAME > LONGEST);
            expect_whole(&d);
            deep_down(&d);
        }
    }
}

static void test_a_keyring_made_too_deep(void **state)
{
    (void)state;
    for (size_t n = LONGEST - NAMES; n < LONGEST; n++) {
        struct deep d;
        struct kept_keyring *k = NULL;
        struct kept_provider who = {.kind = KEPT_BY_FILE, .path = "/nowhere", .root = "00000000"}, found;
        deep_up(&d);
        deep_path(d.r.dir, n, d.far);
        int rc = mild(&d, kept_keyring_create(d.far, "widgets", d.r.root, T0, &d.r.err));
        int opened = kept_keyring_open(d.far, "widgets", d.r.root, &k, &d.r.err);
        assert_true(rc != 0 ? opened == KEPT_E_NOTFOUND || opened == KEPT_E_LIMIT : opened == 0);
        kept_keyring_close(k);
        (void)mkdir(d.far, 0700);
        rc = mild(&d, kept_provider_save(d.far, &who, &d.r.err));
        opened = kept_provider_load(d.far, &found, &d.r.err);
        assert_true(rc != 0 ? opened == KEPT_E_NOTFOUND || opened == KEPT_E_LIMIT : opened == 0);
        deep_down(&d);
    }
}

static void test_a_root_key_made_too_deep(void **state)
{
    (void)state;
    for (size_t n = LONGEST - 12; n <= LONGEST; n++) {
        struct deep d;
        struct kept_root *root = NULL;
        deep_up(&d);
        deep_path(d.r.dir, n, d.far);
        int rc = mild(&d, kept_root_create(d.far, &d.r.err));
        assert_int_equal(rc == 0, n + strlen(".making") <= LONGEST);
        assert_int_equal(kept_root_load(d.far, &root, &d.r.err), rc == 0 ? 0 : KEPT_E_NOTFOUND);
        kept_root_free(root);
        deep_down(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_keyring_that_lies_too_deep),
        cmocka_unit_test(test_a_mirror_that_lies_too_deep),
        cmocka_unit_test(test_a_keyring_made_too_deep),
        cmocka_unit_test(test_a_root_key_made_too_deep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
