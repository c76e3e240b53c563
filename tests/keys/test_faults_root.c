/* test_faults_root.c - the disk dies at step N of a change of the root key, for every N: one root key opens all,
 * and it is the one that is named. */
#include "dying_disk.h"

/* ---- change of root ---------------------------------------------------------------------------- */

static void make_two_apps(struct ring *r, struct boxes *b, struct kept_root **ret_other)
{
    char path[128];
    struct kept_keyring *k = ring_new(r);
    wrap(k, 1, b);
    assert_int_equal(kept_keyring_rotate(k, T0 + 1, 10 * DAY, &r->err), 0);
    wrap(k, 2, b);
    assert_int_equal(kept_anchor_write(k, text_of("note\n"), &r->err), 0);
    kept_keyring_close(k);
    assert_int_equal(kept_keyring_create(r->folder, "gadgets", r->root, T0, &r->err), 0);
    (void)snprintf(path, sizeof path, "%s/new-root", r->dir);
    assert_int_equal(kept_root_create(path, &r->err), 0);
    assert_int_equal(kept_root_load(path, ret_other, &r->err), 0);
}

static void expect_under(struct ring *r, struct boxes *b, struct kept_root *good,
                         struct kept_root *bad)
{
    struct kept_keyring *k = NULL;
    struct kept_epoch e[4];
    assert_int_equal(kept_keyring_open(r->folder, "widgets", bad, &k, &r->err), KEPT_E_CRYPTO);
    assert_int_equal(kept_keyring_open(r->folder, "widgets", good, &k, &r->err), 0);
    assert_int_equal(unwrap(k, 1, b), 0);
    assert_int_equal(unwrap(k, 2, b), 0);
    assert_int_equal(kept_keyring_epochs(k, e, 4), 2);
    assert_int_equal(e[0].destroy_at, T0 + 1 + 10 * DAY);
    assert_int_equal(kept_anchor_note(k).n, 5);
    kept_keyring_close(k);
    assert_int_equal(kept_keyring_open(r->folder, "gadgets", good, &k, &r->err), 0);
    kept_keyring_close(k);
}

static const char *const two_apps[] = {"widgets", "gadgets"};

/* In how many of the two keyrings of a folder does a root key open all? */
static unsigned opened_by(struct ring *r, const char *folder, struct kept_root *root)
{
    unsigned opened = 0;
    for (size_t i = 0; i < 2; i++) {
        struct kept_keyring *k = NULL;
        int rc = kept_keyring_open(folder, two_apps[i], root, &k, &r->err);
        if (rc != 0 && rc != KEPT_E_CRYPTO)
            fail_msg("%d %s", rc, r->err.text);
        opened += rc == 0;
        kept_keyring_close(k);
    }
    return opened;
}

/* Exactly one of two root keys opens everything, and it is the one that the folder names. */
static bool is_changed(struct ring *r, const char *folder, struct kept_root *was,
                       struct kept_root *now, long n)
{
    struct kept_provider named = {.root = ""};
    char name[9];
    int rc = kept_provider_load(folder, &named, &r->err);
    assert_true(rc == 0 || rc == KEPT_E_NOTFOUND);
    kept_root_name(now, name);
    bool changed = rc == 0 && strcmp(named.root, name) == 0;
    unsigned with_old = opened_by(r, folder, was), with_new = opened_by(r, folder, now);
    if (with_old != (changed ? 0 : 2) || with_new != (changed ? 2 : 0))
        fail_msg("step %ld: the former opens %u of 2, the new one %u, and %s is named", n, with_old,
                 with_new, changed ? "the new one" : "the former");
    assert_int_equal(kept_keyring_opens(folder, changed ? now : was, &r->err), 0);
    assert_int_equal(kept_keyring_opens(folder, changed ? was : now, &r->err), KEPT_E_CRYPTO);
    return changed;
}

static void mirror_both(struct ring *r, const char *mirror, struct kept_root *root)
{
    for (size_t i = 0; i < 2; i++) {
        struct kept_keyring *k = NULL;
        assert_int_equal(kept_keyring_open(r->folder, two_apps[i], root, &k, &r->err), 0);
        if (kept_keyring_mirror(k, mirror, &r->err) != 0)
            fail_msg("%s", r->err.text);
        kept_keyring_close(k);
    }
    if (kept_keyring_mirror_settle(r->folder, mirror, &r->err) != 0)
        fail_msg("%s", r->err.text);
}

static void expect_no_leftovers(const char *folder)
{
    for (size_t i = 0; i < 2; i++) {
        char path[256];
        (void)snprintf(path, sizeof path, "%s/%s", folder, two_apps[i]);
        DIR *dir = opendir(path);
        assert_non_null(dir);
        for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir))
            if (strncmp(e->d_name, "next-", 5) == 0 || strncmp(e->d_name, "dying-", 6) == 0)
                fail_msg("%s/%s is left", path, e->d_name);
        assert_int_equal(closedir(dir), 0);
    }
}

/* The disk fails at any step of a change, once or for good; also in the mirror. */
static void test_a_change_of_root_is_whole_or_not_at_all(void **state)
{
    (void)state;
    for (int mirrored = 0; mirrored <= 1; mirrored++)
        for (int only_once = 0; only_once <= 1; only_once++) {
            bool over = false;
            long n = 1, changed_at = 0;
            for (; !over; n++) {
                struct ring r;
                struct boxes b;
                struct kept_root *other = NULL;
                char mirror[96];
                const struct kept_provider somewhere = {.kind = KEPT_BY_FILE, .path = "/nowhere"};
                assert_true(n < 400);
                ring_up(&r);
                make_two_apps(&r, &b, &other);
                (void)snprintf(mirror, sizeof mirror, "%s/mirror", r.dir);
                struct kept_provider first = {.kind = KEPT_BY_FILE, .path = "/first"};
                kept_root_name(r.root, first.root);
                assert_int_equal(kept_provider_save(r.folder, &first, &r.err), 0);
                if (mirrored == 1)
                    mirror_both(&r, mirror, r.root);
                const struct kept_root_change change = {.from = r.root, .to = other,
                                                        .provider = &somewhere};
                die_at(n, only_once == 1);
                int rc = kept_keyring_change_root(r.folder, mirrored == 1 ? mirror : NULL, &change,
                                                  &r.err);
                over = survived(rc, n);
                revive();
                assert_true(rc == 0 || rc == KEPT_E_IO);
                bool changed = is_changed(&r, r.folder, r.root, other, n);
                assert_true(changed || rc != 0);
                if (changed && changed_at == 0)
                    changed_at = n;
                if (mirrored == 1) {
                    bool copy = is_changed(&r, mirror, r.root, other, n);
                    assert_true(changed || !copy); /* the mirror is never first */
                    mirror_both(&r, mirror, changed ? other : r.root);
                    assert_true(is_changed(&r, mirror, r.root, other, n) == changed);
                    expect_no_leftovers(mirror);
                }
                if (!changed)
                    assert_int_equal(ring_change(r.folder, r.root, other, &r.err), 0);
                expect_under(&r, &b, other, r.root);
                expect_no_leftovers(r.folder);
                /* Back again: the old key is as good as any. */
                assert_int_equal(ring_change(r.folder, other, r.root, &r.err), 0);
                expect_under(&r, &b, r.root, other);
                kept_root_free(other);
                ring_down(&r);
            }
            /* Nine keys before it, and behind. (A failure alone may be one that costs nothing.) */
            if (only_once == 0)
                assert_true(changed_at > 9 * 4 && changed_at < n - 9);
        }
}

/* The mirror comes along at the next opening, and if that is cut short, at the one after. */
static void test_a_mirror_follows_whole_or_not_at_all(void **state)
{
    (void)state;
    bool over = false;
    for (long n = 1; !over; n++) {
        struct ring r;
        struct boxes b;
        struct kept_root *other = NULL;
        char mirror[96];
        assert_true(n < 400);
        ring_up(&r);
        make_two_apps(&r, &b, &other);
        (void)snprintf(mirror, sizeof mirror, "%s/mirror", r.dir);
        struct kept_provider first = {.kind = KEPT_BY_FILE, .path = "/first"};
        kept_root_name(r.root, first.root);
        assert_int_equal(kept_provider_save(r.folder, &first, &r.err), 0);
        mirror_both(&r, mirror, r.root);
        assert_int_equal(ring_change(r.folder, r.root, other, &r.err), 0); /* the mirror is away */
        assert_false(is_changed(&r, mirror, r.root, other, n));
        die_at(n, n % 2 == 0);
        int rc = 0;
        for (size_t i = 0; rc == 0 && i < 2; i++) {
            struct kept_keyring *k = NULL;
            rc = kept_keyring_open(r.folder, two_apps[i], other, &k, &r.err);
            if (rc == 0)
                rc = kept_keyring_mirror(k, mirror, &r.err);
            kept_keyring_close(k);
        }
        if (rc == 0)
            rc = kept_keyring_mirror_settle(r.folder, mirror, &r.err);
        over = survived(rc, n);
        revive();
        bool changed = is_changed(&r, mirror, r.root, other, n);
        assert_true(changed || rc != 0);
        mirror_both(&r, mirror, other);
        assert_true(is_changed(&r, mirror, r.root, other, n));
        expect_no_leftovers(mirror);
        kept_root_free(other);
        ring_down(&r);
    }
}

static void test_a_change_of_root_changes_nothing_it_cannot_finish(void **state)
{
    (void)state;
    struct ring r;
    struct boxes b;
    struct kept_root *other = NULL;
    struct kept_keyring *k = NULL;
    uint8_t p[512];
    char path[256];
    ring_up(&r);
    make_two_apps(&r, &b, &other);
    assert_int_equal(ring_change(r.folder, r.root, r.root, &r.err), KEPT_E_USAGE);
    (void)snprintf(path, sizeof path, "%s/nowhere", r.dir);
    assert_int_equal(ring_change(path, r.root, other, &r.err), KEPT_E_NOTFOUND);
    k = ring_open(&r); /* a server runs */
    assert_int_equal(ring_change(r.folder, r.root, other, &r.err), KEPT_E_BUSY);
    kept_keyring_close(k);
    (void)snprintf(path, sizeof path, "%s/token-1", r.app); /* the last file there is, damaged */
    size_t n = slurp(path, p, sizeof p);
    p[n - 1] ^= 1;
    spit(path, p, n);
    die_at(-1, false);
    assert_int_equal(ring_change(r.folder, r.root, other, &r.err), KEPT_E_CRYPTO);
    assert_int_equal(steps, 0);
    p[n - 1] ^= 1;
    spit(path, p, n);
    expect_under(&r, &b, r.root, other);
    /* Under a third key nothing opens, and both keys are named. */
    struct kept_root *third = NULL;
    (void)snprintf(path, sizeof path, "%s/third", r.dir);
    assert_int_equal(kept_root_create(path, &r.err), 0);
    assert_int_equal(kept_root_load(path, &third, &r.err), 0);
    assert_int_equal(ring_change(r.folder, third, other, &r.err), KEPT_E_CRYPTO);
    expect_under(&r, &b, r.root, other);
    kept_root_free(third);
    kept_root_free(other);
    ring_down(&r);
}

/* The blocks that held a key's former seal are overwritten, not only unlinked. */
static void test_a_former_seal_is_wiped(void **state)
{
    (void)state;
    struct ring r;
    struct boxes b;
    struct kept_root *other = NULL;
    char path[256];
    uint8_t p[1024];
    ring_up(&r);
    make_two_apps(&r, &b, &other);
    (void)snprintf(path, sizeof path, "%s/epoch-1", r.app);
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    assert_int_equal(ring_change(r.folder, r.root, other, &r.err), 0);
    ssize_t n = pread(fd, p, sizeof p, 0);
    assert_true(n > 80);
    for (ssize_t i = 0; i < n; i++)
        assert_int_equal(p[i], 0);
    assert_int_equal(close(fd), 0);
    kept_root_free(other);
    ring_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_change_of_root_is_whole_or_not_at_all),
        cmocka_unit_test(test_a_mirror_follows_whole_or_not_at_all),
        cmocka_unit_test(test_a_change_of_root_changes_nothing_it_cannot_finish),
        cmocka_unit_test(test_a_former_seal_is_wiped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
