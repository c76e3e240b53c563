/* test_keyring.c - creating, opening, sealing, turning epochs over and destroying them. */
#include "keys_aid.h"

static const char aad_text[] = "suite app subject epoch generation";
static const uint8_t plain[96] = {1, 2, 3, 4, 5};

static int unwrap_back(struct kept_keyring *k, uint32_t epoch, const uint8_t *box, size_t n)
{
    uint8_t out[sizeof plain];
    memset(out, 0xee, sizeof out);
    int rc = kept_keyring_unwrap(k, epoch, text_of(aad_text), span_of(box, n), out);
    if (rc == 0)
        assert_memory_equal(out, plain, sizeof plain);
    return rc;
}

static void test_a_keyring_is_made_opened_and_owned_by_one(void **state)
{
    (void)state;
    struct ring r;
    struct kept_keyring *two = NULL;
    ring_up(&r);
    assert_int_equal(kept_keyring_open(r.folder, "widgets", r.root, &two, &r.err), KEPT_E_NOTFOUND);
    struct kept_keyring *k = ring_new(&r);
    assert_int_equal(kept_keyring_epoch(k), 1);
    assert_int_equal(kept_keyring_audit(k), 1);
    assert_int_equal(kept_keyring_token(k), 1);
    assert_non_null(kept_keyring_signing_seed(k));
    assert_non_null(kept_keyring_audit_key(k, 1));
    assert_null(kept_keyring_audit_key(k, 2));
    assert_null(kept_keyring_token_key(k, 0));
    assert_int_equal(kept_journal_length(k), 0);
    assert_int_equal(kept_anchor_note(k).n, 0);
    assert_int_equal(kept_keyring_open(r.folder, "widgets", r.root, &two, &r.err), KEPT_E_BUSY);
    assert_null(two);
    assert_int_equal(kept_keyring_create(r.folder, "widgets", r.root, T0, &r.err), KEPT_E_CONFLICT);
    uint8_t seed[32];
    memcpy(seed, kept_keyring_signing_seed(k), 32);
    kept_keyring_close(k);
    k = ring_open(&r);
    assert_memory_equal(seed, kept_keyring_signing_seed(k), 32);
    kept_keyring_close(k);
    kept_keyring_close(NULL);
    ring_down(&r);
}

static void test_names_that_are_paths_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"", ".", "..", "../x", "a/b", "/etc", "A", "a b", "a_b",
                                      ".a", "a.", "\xe6\xac\xa7", "a\n", "widgets/",
                                      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
    struct ring r;
    struct kept_keyring *k = NULL;
    ring_up(&r);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(kept_keyring_create(r.folder, bad[i], r.root, T0, &r.err), KEPT_E_USAGE);
        assert_int_equal(kept_keyring_open(r.folder, bad[i], r.root, &k, &r.err), KEPT_E_USAGE);
    }
    assert_int_not_equal(access(r.folder, F_OK), 0); /* nothing was made */
    assert_int_equal(kept_keyring_create(r.folder, bad[14] + 1, r.root, T0, &r.err), 0); /* 64 */
    assert_int_equal(kept_keyring_create(r.folder, "0-9", r.root, T0, &r.err), 0);
    assert_int_equal(kept_keyring_create(r.folder, "early", r.root, -1, &r.err), KEPT_E_USAGE);
    ring_down(&r);
}

static void test_another_root_key_is_refused_and_both_are_named(void **state)
{
    (void)state;
    struct ring r;
    struct kept_keyring *k = NULL;
    struct kept_root *other = NULL;
    char path[128], ours[9], theirs[9];
    ring_up(&r);
    kept_keyring_close(ring_new(&r));
    (void)snprintf(path, sizeof path, "%s/other", r.dir);
    assert_int_equal(kept_root_create(path, &r.err), 0);
    assert_int_equal(kept_root_load(path, &other, &r.err), 0);
    assert_int_equal(kept_keyring_open(r.folder, "widgets", other, &k, &r.err), KEPT_E_CRYPTO);
    kept_root_name(r.root, ours);
    kept_root_name(other, theirs);
    assert_non_null(strstr(r.err.text, ours));
    assert_non_null(strstr(r.err.text, theirs));
    kept_root_free(other);
    ring_down(&r);
}

static void test_a_keyring_does_not_open_as_another_app(void **state)
{
    (void)state;
    struct ring r;
    char other[160];
    struct kept_keyring *k = NULL;
    ring_up(&r);
    kept_keyring_close(ring_new(&r));
    (void)snprintf(other, sizeof other, "%s/gadgets", r.folder);
    assert_int_equal(rename(r.app, other), 0);
    assert_int_equal(kept_keyring_open(r.folder, "gadgets", r.root, &k, &r.err), KEPT_E_CRYPTO);
    ring_down(&r);
}

static void test_boxes_open_only_as_they_were_sealed(void **state)
{
    (void)state;
    struct ring r;
    uint8_t box[256], out[sizeof plain];
    ring_up(&r);
    struct kept_keyring *k = ring_new(&r);
    size_t n = sizeof plain + kept_keyring_wrap_overhead(k);
    assert_true(n <= sizeof box);
    assert_int_equal(kept_keyring_wrap(k, 1, text_of(aad_text), span_of(plain, sizeof plain), box), 0);
    assert_int_equal(unwrap_back(k, 1, box, n), 0);
    assert_int_equal(unwrap_back(k, 2, box, n), KEPT_E_NOTFOUND);
    assert_int_equal(kept_keyring_wrap(k, 2, text_of(aad_text), span_of(plain, 4), box + 200),
                     KEPT_E_NOTFOUND);
    assert_int_equal(kept_keyring_unwrap(k, 1, text_of("other"), span_of(box, n), out),
                     KEPT_E_CRYPTO);
    for (size_t cut = 0; cut < n; cut++)
        assert_int_equal(unwrap_back(k, 1, box, cut), KEPT_E_CRYPTO);
    for (size_t bit = 0; bit < 8 * n; bit++) {
        box[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(unwrap_back(k, 1, box, n), KEPT_E_CRYPTO);
        box[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    kept_keyring_close(k);
    k = ring_open(&r);
    assert_int_equal(unwrap_back(k, 1, box, n), 0);
    kept_keyring_close(k);
    ring_down(&r);
}

static void expect_epoch(struct kept_keyring *k, size_t i, uint32_t number, kept_ms created,
                         kept_ms retired, kept_ms destroy_at)
{
    struct kept_epoch e[16];
    size_t n = kept_keyring_epochs(k, e, 16);
    assert_true(i < n);
    assert_int_equal(e[i].number, number);
    assert_int_equal(e[i].created, created);
    assert_int_equal(e[i].retired, retired);
    assert_int_equal(e[i].destroy_at, destroy_at);
}

/* Does any file of the app's folder, hidden ones too, hold these bytes? */
static bool folder_holds(const struct ring *r, const uint8_t *p, size_t n)
{
    static uint8_t content[1 << 16];
    char path[512];
    bool found = false;
    DIR *d = opendir(r->app);
    assert_non_null(d);
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        (void)snprintf(path, sizeof path, "%s/%s", r->app, e->d_name);
        size_t size = slurp(path, content, sizeof content);
        for (size_t i = 0; size != SIZE_MAX && i + n <= size; i++)
            found = found || memcmp(content + i, p, n) == 0;
    }
    (void)closedir(d);
    return found;
}

static void test_epochs_turn_over_and_die_on_their_day(void **state)
{
    (void)state;
    struct ring r;
    uint8_t box[3][256], sealed[512];
    char path[256];
    uint32_t destroyed = 99;
    struct kept_epoch one[1];
    ring_up(&r);
    struct kept_keyring *k = ring_new(&r);
    size_t n = sizeof plain + kept_keyring_wrap_overhead(k);
    for (unsigned e = 1; e <= 3; e++) {
        assert_int_equal(kept_keyring_epoch(k), e);
        assert_int_equal(kept_keyring_wrap(k, e, text_of(aad_text), span_of(plain, sizeof plain),
                                           box[e - 1]), 0);
        if (e < 3)
            assert_int_equal(kept_keyring_rotate(k, T0 + e * 30 * DAY, 90 * DAY, &r.err), 0);
    }
    for (int again = 0; again < 2; again++) {
        assert_int_equal(kept_keyring_epochs(k, one, 1), 1);
        expect_epoch(k, 0, 1, T0, T0 + 30 * DAY, T0 + 120 * DAY);
        expect_epoch(k, 1, 2, T0 + 30 * DAY, T0 + 60 * DAY, T0 + 150 * DAY);
        expect_epoch(k, 2, 3, T0 + 60 * DAY, 0, 0);
        for (uint32_t e = 1; e <= 3; e++)
            assert_int_equal(unwrap_back(k, e, box[e - 1], n), 0);
        kept_keyring_close(k);
        k = ring_open(&r);
    }
    (void)snprintf(path, sizeof path, "%s/epoch-1", r.app);
    size_t sealed_n = slurp(path, sealed, sizeof sealed);
    assert_true(sealed_n < sizeof sealed);
    assert_int_equal(kept_keyring_destroy_due(k, T0 + 120 * DAY - 1, &destroyed, &r.err), 0);
    assert_int_equal(destroyed, 0);
    assert_true(folder_holds(&r, sealed + 26 + 12, 16));
    assert_int_equal(kept_keyring_destroy_due(k, T0 + 120 * DAY, &destroyed, &r.err), 0);
    assert_int_equal(destroyed, 1);
    for (int again = 0; again < 2; again++) {
        assert_int_equal(unwrap_back(k, 1, box[0], n), KEPT_E_NOTFOUND);
        assert_int_equal(unwrap_back(k, 2, box[1], n), 0);
        assert_int_equal(access(path, F_OK), -1);
        for (size_t at = 0; at + 16 <= sealed_n - 26; at++) /* no part of the seal is anywhere */
            assert_false(folder_holds(&r, sealed + 26 + at, 16));
        expect_epoch(k, 0, 2, T0 + 30 * DAY, T0 + 60 * DAY, T0 + 150 * DAY);
        kept_keyring_close(k);
        k = ring_open(&r);
    }
    assert_int_equal(kept_keyring_destroy_due(k, INT64_MAX, &destroyed, &r.err), 0);
    assert_int_equal(destroyed, 1);
    expect_epoch(k, 0, 3, T0 + 60 * DAY, 0, 0); /* the current epoch never dies */
    assert_int_equal(unwrap_back(k, 3, box[2], n), 0);
    kept_keyring_close(k);
    /* Somebody puts the destroyed epoch back from a copy. */
    spit(path, sealed, sealed_n);
    assert_int_equal(kept_keyring_open(r.folder, "widgets", r.root, &k, &r.err), 0);
    assert_int_equal(kept_keyring_destroy_due(k, T0 + 200 * DAY, &destroyed, &r.err), 0);
    assert_int_equal(destroyed, 1); /* its day stands in the calendar of the newest: it dies again */
    assert_int_equal(kept_keyring_rotate(k, T0 + 201 * DAY, DAY, &r.err), KEPT_OK);
    kept_keyring_close(k);
    spit(path, sealed, sealed_n); /* forgotten by the calendar: refused */
    assert_int_equal(kept_keyring_open(r.folder, "widgets", r.root, &k, &r.err), KEPT_E_CORRUPT);
    assert_non_null(strstr(r.err.text, "remove epoch-1"));
    ring_down(&r);
}

static void test_rotation_refuses_impossible_times(void **state)
{
    (void)state;
    struct ring r;
    ring_up(&r);
    struct kept_keyring *k = ring_new(&r);
    assert_int_equal(kept_keyring_rotate(k, -1, 0, &r.err), KEPT_E_USAGE);
    assert_int_equal(kept_keyring_rotate(k, T0, -1, &r.err), KEPT_E_USAGE);
    assert_int_equal(kept_keyring_rotate(k, T0, INT64_MAX, &r.err), KEPT_E_USAGE);
    assert_int_equal(kept_keyring_rotate(k, T0 - 1, 0, &r.err), KEPT_E_CLOCK);
    assert_int_equal(kept_keyring_epoch(k), 1);
    expect_epoch(k, 0, 1, T0, 0, 0);
    kept_keyring_close(k);
    ring_down(&r);
}

static void test_many_epochs_keep_their_order_and_their_limit(void **state)
{
    (void)state;
    struct ring r;
    struct kept_epoch e[300];
    uint32_t destroyed = 0;
    ring_up(&r);
    struct kept_keyring *k = ring_new(&r);
    for (unsigned i = 1; i < 256; i++)
        assert_int_equal(kept_keyring_rotate(k, T0 + i, i % 2 ? 1000 : 5000, &r.err), 0);
    assert_int_equal(kept_keyring_rotate(k, T0 + 256, 1, &r.err), KEPT_E_LIMIT);
    kept_keyring_close(k);
    k = ring_open(&r);
    assert_int_equal(kept_keyring_epoch(k), 256);
    assert_int_equal(kept_keyring_epochs(k, e, 300), 256);
    for (unsigned i = 0; i < 255; i++) {
        assert_int_equal(e[i].number, i + 1);
        assert_int_equal(e[i].destroy_at, e[i].retired + ((i + 1) % 2 ? 1000 : 5000));
    }
    /* A shorter window kills a younger epoch before an older one: each has its own day. */
    assert_int_equal(kept_keyring_destroy_due(k, T0 + 2000, &destroyed, &r.err), 0);
    assert_int_equal(destroyed, 128);
    kept_keyring_close(k);
    k = ring_open(&r);
    assert_int_equal(kept_keyring_epochs(k, e, 300), 128);
    assert_int_equal(e[0].number, 2);
    assert_int_equal(kept_keyring_rotate(k, T0 + 3000, 1, &r.err), 0);
    kept_keyring_close(k);
    ring_down(&r);
}

static void test_audit_and_token_keys_turn_over(void **state)
{
    (void)state;
    struct ring r;
    uint8_t audit[32], token[32];
    ring_up(&r);
    struct kept_keyring *k = ring_new(&r);
    const uint8_t *borrowed = kept_keyring_audit_key(k, 1);
    memcpy(audit, borrowed, 32);
    memcpy(token, kept_keyring_token_key(k, 1), 32);
    assert_memory_not_equal(audit, token, 32);
    for (unsigned i = 2; i <= 70; i++)
        assert_int_equal(kept_keyring_new_audit(k, T0 + i, &r.err), 0);
    assert_ptr_equal(kept_keyring_audit_key(k, 1), borrowed); /* borrowed until the keyring closes */
    assert_memory_equal(borrowed, audit, 32);
    assert_int_equal(kept_keyring_new_audit(k, T0, &r.err), KEPT_E_CLOCK);
    assert_int_equal(kept_keyring_audit(k), 70);
    assert_int_equal(kept_keyring_new_token(k, T0 + 5, &r.err), 0);
    assert_int_equal(kept_keyring_new_token(k, T0 + 6, &r.err), KEPT_E_CONFLICT);
    assert_int_equal(kept_keyring_token(k), 2);
    kept_keyring_close(k);
    k = ring_open(&r);
    assert_int_equal(kept_keyring_audit(k), 70);
    assert_memory_equal(kept_keyring_audit_key(k, 1), audit, 32);
    assert_memory_equal(kept_keyring_token_key(k, 1), token, 32);
    assert_int_equal(kept_keyring_destroy_token(k, 2, &r.err), KEPT_E_CONFLICT);
    assert_int_equal(kept_keyring_destroy_token(k, 1, &r.err), 0);
    assert_int_equal(kept_keyring_destroy_token(k, 1, &r.err), 0);
    assert_int_equal(kept_keyring_destroy_audit(k, 70, &r.err), KEPT_E_CONFLICT);
    assert_int_equal(kept_keyring_destroy_audit(k, 3, &r.err), 0);
    assert_null(kept_keyring_token_key(k, 1));
    kept_keyring_close(k);
    k = ring_open(&r);
    assert_null(kept_keyring_token_key(k, 1));
    assert_null(kept_keyring_audit_key(k, 3));
    assert_non_null(kept_keyring_audit_key(k, 4));
    assert_int_equal(kept_keyring_new_token(k, T0 + 9, &r.err), 0);
    assert_int_equal(kept_keyring_token(k), 3); /* a number is never used again */
    kept_keyring_close(k);
    ring_down(&r);
}

static void test_copies_of_keys_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"epoch-1.bak", "epoch-01", "epoch-0", "epoch-", "epoch",
                                      "epoch-1~", "epoch-4294967296", "audit-1 (copy)", "token-x",
                                      "signing-1", "signing~", "epoch-99999999999999999999"};
    struct ring r;
    struct kept_keyring *k = NULL;
    char path[256];
    ring_up(&r);
    kept_keyring_close(ring_new(&r));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", r.app, bad[i]);
        spit(path, "x", 1);
        assert_int_equal(kept_keyring_open(r.folder, "widgets", r.root, &k, &r.err), KEPT_E_CORRUPT);
        assert_int_equal(unlink(path), 0);
    }
    (void)snprintf(path, sizeof path, "%s/notes", r.app);
    spit(path, "x", 1); /* other files are nobody's business */
    kept_keyring_close(ring_open(&r));
    ring_down(&r);
}

static void test_what_a_crash_left_beside_a_key_goes(void **state)
{
    (void)state;
    static const char *const left[] = {".epoch-1.new", ".epoch-2.new", ".audit-1.new", ".signing.new"};
    struct ring r;
    char path[256];
    ring_up(&r);
    kept_keyring_close(ring_new(&r));
    for (size_t i = 0; i < sizeof left / sizeof left[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", r.app, left[i]);
        spit(path, "half a key", 10);
    }
    kept_keyring_close(ring_open(&r));
    for (size_t i = 0; i < sizeof left / sizeof left[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", r.app, left[i]);
        assert_int_equal(access(path, F_OK), -1);
    }
    ring_down(&r);
}

/* Folder of all keyrings, folder of the app, each file in it: nothing for group and others. */
static void test_a_keyring_open_to_others_is_refused(void **state)
{
    static const mode_t bits[] = {0040, 0020, 0010, 0004, 0002, 0001, 0077};
    static const char *const files[] = {"epoch-1", "audit-1", "token-1", "signing",
                                        "journal", "anchor",  "lock"};
    struct ring r;
    char path[256];
    struct kept_keyring *k = NULL;
    struct kept_root *other = NULL;
    (void)state;
    ring_up(&r);
    kept_keyring_close(ring_new(&r));
    (void)snprintf(path, sizeof path, "%s/new", r.dir);
    assert_int_equal(kept_root_create(path, &r.err), 0);
    assert_int_equal(kept_root_load(path, &other, &r.err), 0);
    for (size_t place = 0; place < 2 + sizeof files / sizeof files[0]; place++) {
        bool folder = place < 2;
        mode_t closed = folder ? 0700 : 0600;
        if (folder)
            (void)snprintf(path, sizeof path, "%s", place == 0 ? r.folder : r.app);
        else
            (void)snprintf(path, sizeof path, "%s/%s", r.app, files[place - 2]);
        for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++) {
            assert_int_equal(chmod(path, closed | bits[i]), 0);
            int rc = kept_keyring_open(r.folder, "widgets", r.root, &k, &r.err);
            if (rc != KEPT_E_USAGE)
                fail_msg("%s with %o: %d", path, (unsigned)(closed | bits[i]), rc);
            assert_null(k);
            assert_non_null(strstr(r.err.text, path)); /* where, and how to mend it */
            assert_non_null(strstr(r.err.text, folder ? "chmod 700" : "chmod 600"));
            assert_int_equal(ring_change(r.folder, r.root, other, &r.err),
                             KEPT_E_USAGE);
        }
        assert_int_equal(chmod(path, closed), 0);
        kept_keyring_close(ring_open(&r));
    }
    /* A link leads where nobody looked. */
    char aside[256];
    (void)snprintf(path, sizeof path, "%s/epoch-1", r.app);
    (void)snprintf(aside, sizeof aside, "%s/aside", r.dir);
    assert_int_equal(rename(path, aside), 0);
    assert_int_equal(symlink(aside, path), 0);
    assert_int_equal(kept_keyring_open(r.folder, "widgets", r.root, &k, &r.err), KEPT_E_USAGE);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rename(aside, path), 0);
    kept_keyring_close(ring_open(&r));
    if (geteuid() == 0) { /* another's file is another's to read */
        assert_int_equal(chown(path, 12345, (gid_t)-1), 0);
        assert_int_equal(kept_keyring_open(r.folder, "widgets", r.root, &k, &r.err), KEPT_E_USAGE);
        assert_non_null(strstr(r.err.text, "another user"));
    }
    kept_root_free(other);
    ring_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_keyring_is_made_opened_and_owned_by_one),
        cmocka_unit_test(test_names_that_are_paths_are_refused),
        cmocka_unit_test(test_another_root_key_is_refused_and_both_are_named),
        cmocka_unit_test(test_a_keyring_does_not_open_as_another_app),
        cmocka_unit_test(test_boxes_open_only_as_they_were_sealed),
        cmocka_unit_test(test_epochs_turn_over_and_die_on_their_day),
        cmocka_unit_test(test_rotation_refuses_impossible_times),
        cmocka_unit_test(test_many_epochs_keep_their_order_and_their_limit),
        cmocka_unit_test(test_audit_and_token_keys_turn_over),
        cmocka_unit_test(test_copies_of_keys_are_refused),
        cmocka_unit_test(test_what_a_crash_left_beside_a_key_goes),
        cmocka_unit_test(test_a_keyring_open_to_others_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
