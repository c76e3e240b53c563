/* test_mirror.c - the mirror of a keyring holds all that was acknowledged, whatever fails or however
 * the power goes; what differs by more than one step is for a person to settle. */
#include "keys_aid.h"

#include <errno.h>

#include "../aid/disk.h"

#define CHANGES (DISK_CREATE | DISK_WRITE | DISK_TRUNCATE | DISK_SYNC | DISK_RENAME | DISK_UNLINK | \
                 DISK_MKDIR)

struct pair {
    struct ring ring;
    char mirror[96], app[160];
    struct kept_keyring *k;
};

static int try_open(struct pair *p)
{
    struct ring *r = &p->ring;
    int rc = kept_keyring_open(r->folder, "widgets", r->root, &p->k, &r->err);
    if (rc == 0 && (rc = kept_keyring_mirror(p->k, p->mirror, &r->err)) != 0) {
        kept_keyring_close(p->k);
        p->k = NULL;
    }
    return rc;
}

static void open_pair(struct pair *p)
{
    if (try_open(p) != 0)
        fail_msg("%s", p->ring.err.text);
}

static void close_pair(struct pair *p)
{
    kept_keyring_close(p->k);
    p->k = NULL;
}

static void pair_up(struct pair *p)
{
    memset(p, 0, sizeof *p);
    ring_up(&p->ring);
    (void)snprintf(p->mirror, sizeof p->mirror, "%s/mirror", p->ring.dir);
    (void)snprintf(p->app, sizeof p->app, "%s/widgets", p->mirror);
    assert_int_equal(
        kept_keyring_create(p->ring.folder, "widgets", p->ring.root, T0, &p->ring.err), 0);
}

static void pair_down(struct pair *p)
{
    close_pair(p);
    ring_down(&p->ring);
}

static bool counts(const char *name)
{
    return name[0] != '.' && strcmp(name, "lock") != 0;
}

static const char *odd; /* the file that differs */

/* Every file of one folder is in the other, byte for byte. */
static bool holds(const char *a, const char *b)
{
    static uint8_t x[1 << 16], y[1 << 16];
    static char name[256];
    DIR *dir = opendir(a);
    bool same = dir != NULL;
    for (struct dirent *e = dir == NULL ? NULL : readdir(dir); e != NULL && same; e = readdir(dir)) {
        char from[512], to[512];
        if (!counts(e->d_name))
            continue;
        (void)snprintf(from, sizeof from, "%s/%s", a, e->d_name);
        (void)snprintf(to, sizeof to, "%s/%s", b, e->d_name);
        size_t n = slurp(from, x, sizeof x);
        same = slurp(to, y, sizeof y) == n && memcmp(x, y, n) == 0;
        (void)snprintf(name, sizeof name, "%s", e->d_name);
        odd = name;
    }
    if (dir != NULL)
        (void)closedir(dir);
    return same;
}

static void expect_same(const struct pair *p)
{
    if (!holds(p->ring.app, p->app) || !holds(p->app, p->ring.app))
        fail_msg("%s differs", odd);
}

static void copy(const char *from, const char *to)
{
    static uint8_t x[1 << 16];
    DIR *dir = opendir(from);
    assert_non_null(dir);
    assert_true(mkdir(to, 0700) == 0 || errno == EEXIST);
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        char a[512], b[512];
        if (!counts(e->d_name))
            continue;
        (void)snprintf(a, sizeof a, "%s/%s", from, e->d_name);
        (void)snprintf(b, sizeof b, "%s/%s", to, e->d_name);
        size_t n = slurp(a, x, sizeof x);
        spit(b, x, n);
        assert_int_equal(chmod(b, 0600), 0);
    }
    (void)closedir(dir);
}

static void drop(const char *folder)
{
    (void)nftw(folder, rm_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- steps ----------------------------------------------------------------------------------- */

/* Step n of a keyring's life; the number of them. */
#define STEPS 9
static int step(struct kept_keyring *k, unsigned n, struct kept_err *err)
{
    const struct kept_journal_row rows[] = {row_of(n), row_of(n + 1), row_of(n + 2)};
    uint32_t destroyed = 0;
    switch (n) {
    case 0:
    case 6:
        return kept_journal_append(k, rows, 3, err);
    case 1:
        return kept_keyring_rotate(k, T0 + DAY, DAY, err);
    case 2:
        return kept_keyring_new_token(k, T0 + DAY, err);
    case 3:
        return kept_anchor_write(k, text_of("origin\n7\nroot\n"), err);
    case 4:
        return kept_keyring_destroy_token(k, 1, err);
    case 5:
        return kept_keyring_destroy_due(k, T0 + 3 * DAY, &destroyed, err);
    case 7:
        return kept_keyring_new_audit(k, T0 + 3 * DAY, err);
    default:
        return kept_anchor_write(k, text_of("origin\n9\nroot\n"), err);
    }
}

static void test_every_step_is_in_both(void **state)
{
    struct pair p;
    (void)state;
    pair_up(&p);
    open_pair(&p);
    expect_same(&p);
    for (unsigned n = 0; n < STEPS; n++) {
        assert_int_equal(step(p.k, n, &p.ring.err), 0);
        expect_same(&p);
    }
    assert_int_equal(kept_keyring_mirror(p.k, p.mirror, &p.ring.err), KEPT_E_USAGE);
    close_pair(&p);
    expect_same(&p);
    open_pair(&p);
    expect_same(&p);
    close_pair(&p);
    /* The mirror serves in the keyring's place. */
    drop(p.ring.app);
    assert_int_equal(try_open(&p), KEPT_E_NOTFOUND);
    copy(p.app, p.ring.app);
    open_pair(&p);
    assert_int_equal(kept_journal_length(p.k), 6);
    assert_int_equal(kept_keyring_epoch(p.k), 2);
    pair_down(&p);
}

/* ---- settling -------------------------------------------------------------------------------- */

static void expect_refused(struct pair *p, int code, const char *words)
{
    char before[160], after[160];
    (void)snprintf(before, sizeof before, "%s/before", p->ring.dir);
    (void)snprintf(after, sizeof after, "%s/after", p->ring.dir);
    copy(p->ring.app, before);
    copy(p->app, after);
    assert_int_equal(try_open(p), code);
    if (strstr(p->ring.err.text, words) == NULL)
        fail_msg("%s is not in: %s", words, p->ring.err.text);
    /* Nothing was changed by trying. */
    assert_true(holds(before, p->ring.app) && holds(p->ring.app, before));
    assert_true(holds(after, p->app) && holds(p->app, after));
    drop(before);
    drop(after);
}

static void test_an_older_one_is_refused(void **state)
{
    struct pair p;
    char older[160], newer[160];
    (void)state;
    pair_up(&p);
    open_pair(&p);
    assert_int_equal(step(p.k, 0, &p.ring.err), 0);
    close_pair(&p);
    (void)snprintf(older, sizeof older, "%s/older", p.ring.dir);
    (void)snprintf(newer, sizeof newer, "%s/newer", p.ring.dir);
    copy(p.ring.app, older);
    open_pair(&p);
    for (unsigned n = 1; n < STEPS; n++)
        assert_int_equal(step(p.k, n, &p.ring.err), 0);
    close_pair(&p);
    copy(p.ring.app, newer);
    /* An older mirror: told, and settled by moving it away. */
    drop(p.app);
    copy(older, p.app);
    expect_refused(&p, KEPT_E_ROLLBACK, "is older than the keyring");
    drop(p.app);
    open_pair(&p);
    expect_same(&p);
    close_pair(&p);
    /* An older keyring: told, and settled by putting the mirror's files in its place. */
    drop(p.ring.app);
    copy(older, p.ring.app);
    expect_refused(&p, KEPT_E_ROLLBACK, "is older than its mirror");
    drop(p.ring.app);
    copy(p.app, p.ring.app);
    open_pair(&p);
    expect_same(&p);
    assert_true(holds(newer, p.app));
    pair_down(&p);
}

static void test_a_foreign_or_damaged_one_is_refused(void **state)
{
    static const char *const files[] = {"signing", "epoch-1", "journal", "anchor"};
    struct pair p;
    char whole[160], path[512];
    uint8_t bytes[4096];
    (void)state;
    pair_up(&p);
    open_pair(&p);
    for (unsigned n = 0; n < 4; n++)
        assert_int_equal(step(p.k, n, &p.ring.err), 0);
    assert_int_equal(step(p.k, 6, &p.ring.err), 0);
    close_pair(&p);
    (void)snprintf(whole, sizeof whole, "%s/whole", p.ring.dir);
    copy(p.app, whole);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", p.app, files[i]);
        size_t n = slurp(path, bytes, sizeof bytes);
        bytes[60] ^= 1;
        spit(path, bytes, n);
        expect_refused(&p, i == 2 ? KEPT_E_ROLLBACK : KEPT_E_CORRUPT, "move the mirror away");
        drop(p.app);
        copy(whole, p.app);
    }
    (void)snprintf(path, sizeof path, "%s/journal", p.app);
    assert_int_equal(unlink(path), 0);
    expect_refused(&p, KEPT_E_CORRUPT, "move the mirror away");
    pair_down(&p);
}

/* A change of the root key reaches the mirror at the next opening, and nothing stays under the old. */
static void test_a_change_of_root_follows(void **state)
{
    struct pair p;
    struct kept_root *other = NULL;
    char path[128];
    (void)state;
    pair_up(&p);
    open_pair(&p);
    for (unsigned n = 0; n < STEPS; n++)
        assert_int_equal(step(p.k, n, &p.ring.err), 0);
    close_pair(&p);
    (void)snprintf(path, sizeof path, "%s/other", p.ring.dir);
    assert_int_equal(kept_root_create(path, &p.ring.err), 0);
    assert_int_equal(kept_root_load(path, &other, &p.ring.err), 0);
    assert_int_equal(ring_change(p.ring.folder, p.ring.root, other, &p.ring.err), 0);
    kept_root_free(p.ring.root);
    p.ring.root = other;
    assert_false(holds(p.ring.app, p.app));
    open_pair(&p);
    assert_false(holds(p.ring.app, p.app)); /* it waits, for the mirrors of other apps */
    assert_int_equal(kept_keyring_mirror_settle(p.ring.folder, p.mirror, &p.ring.err), 0);
    expect_same(&p);
    pair_down(&p);
}

/* ---- failures and power cuts ----------------------------------------------------------------- */

/* The n-th change of a step fails: what was acknowledged is in both, nothing is written behind a
 * failure of the mirror, and opening again makes the two alike. */
static void test_whatever_fails(void **state)
{
    static const char *const folders[] = {"mirror", "keyring"};
    (void)state;
    for (size_t f = 0; f < 2; f++)
        for (unsigned first = 0; first < STEPS; first++) {
            bool over = false;
            for (long n = 0; !over; n++) { /* each change alone, and with all behind it */
                struct pair p;
                char root[512];
                struct kept_err err = {0};
                assert_true(n < 500);
                pair_up(&p);
                open_pair(&p);
                for (unsigned i = 0; i < first; i++)
                    assert_int_equal(step(p.k, i, &p.ring.err), 0);
                (void)snprintf(root, sizeof root, "%s/%s", p.ring.dir, folders[f]);
                disk_fail(root, CHANGES, n / 2, EIO, n % 2 == 0);
                int rc = step(p.k, first, &err);
                over = disk_failed() == 0;
                disk_fail_off();
                if (rc == 0)
                    expect_same(&p);
                else
                    assert_int_equal(rc, KEPT_E_IO);
                /* Behind a failure of the mirror nothing more is written. */
                if (rc != 0 && f == 0 && first + 1 < STEPS) {
                    assert_int_equal(step(p.k, 7, &err), KEPT_E_IO);
                    assert_int_equal(step(p.k, 6, &err), KEPT_E_IO);
                    assert_int_equal(step(p.k, 8, &err), KEPT_E_IO);
                }
                close_pair(&p);
                open_pair(&p);
                expect_same(&p);
                pair_down(&p);
            }
        }
}

static void test_making_fails(void **state)
{
    (void)state;
    for (int lasting = 0; lasting < 2; lasting++) {
        bool over = false;
        for (long n = 0; !over; n++) {
            struct pair p;
            assert_true(n < 500);
            pair_up(&p);
            disk_fail(p.ring.dir, CHANGES, n, EIO, lasting == 1);
            int rc = try_open(&p);
            over = disk_failed() == 0;
            disk_fail_off();
            assert_true(rc == 0 || rc == KEPT_E_IO);
            close_pair(&p);
            open_pair(&p);
            expect_same(&p);
            pair_down(&p);
        }
    }
}

/* The power goes at any event: both open and are made alike, and all that was acknowledged is there,
 * also from the mirror alone. */
static void test_the_power_goes(void **state)
{
    struct pair p, image;
    size_t acks[STEPS];
    (void)state;
    pair_up(&p);
    disk_record(p.ring.dir); /* the mirror is made under it */
    open_pair(&p);
    for (unsigned n = 0; n < STEPS; n++) {
        assert_int_equal(step(p.k, n, &p.ring.err), 0);
        acks[n] = disk_events();
    }
    disk_stop();
    for (size_t cut = 0; cut <= disk_events(); cut++)
        for (int kind = 0; kind < 3; kind++) {
            const struct disk_image made = {.cut = cut, .loss = (enum disk_loss)kind,
                                            .seed = cut * 3 + (size_t)kind};
            unsigned done = 0;
            while (done < STEPS && acks[done] <= cut)
                done++;
            image = p;
            image.k = NULL;
            ring_folder(image.ring.dir, sizeof image.ring.dir);
            (void)snprintf(image.ring.folder, sizeof image.ring.folder, "%s/keyring", image.ring.dir);
            (void)snprintf(image.ring.app, sizeof image.ring.app, "%s/widgets", image.ring.folder);
            (void)snprintf(image.mirror, sizeof image.mirror, "%s/mirror", image.ring.dir);
            (void)snprintf(image.app, sizeof image.app, "%s/widgets", image.mirror);
            disk_build(&made, image.ring.dir);
            for (int alone = 0; alone < 2; alone++) {
                if (try_open(&image) != 0)
                    fail_msg("cut %zu kind %d alone %d: %s", cut, kind, alone, image.ring.err.text);
                expect_same(&image);
                if (kept_journal_length(image.k) < (done > 6 ? 6u : done > 0 ? 3u : 0u) ||
                    kept_keyring_epoch(image.k) < (done > 1 ? 2u : 1u) ||
                    kept_keyring_audit(image.k) < (done > 7 ? 2u : 1u) ||
                    (done > 4 && kept_keyring_token_key(image.k, 1) != NULL))
                    fail_msg("cut %zu kind %d: step %u is lost", cut, kind, done);
                close_pair(&image);
                drop(image.ring.app);
                copy(image.app, image.ring.app);
            }
            drop(image.ring.dir);
        }
    disk_forget();
    pair_down(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_step_is_in_both),
        cmocka_unit_test(test_an_older_one_is_refused),
        cmocka_unit_test(test_a_foreign_or_damaged_one_is_refused),
        cmocka_unit_test(test_a_change_of_root_follows),
        cmocka_unit_test(test_whatever_fails),
        cmocka_unit_test(test_making_fails),
        cmocka_unit_test(test_the_power_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
