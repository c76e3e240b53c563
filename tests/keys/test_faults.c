/* test_faults.c - the disk dies at step N, for every N: the keyring is as it was, or complete, and
 * trying again finishes. Steps are the system calls that change the disk; they are taken over here,
 * in front of the C library's. */
#include "keys_aid.h"

#include <dlfcn.h>
#include <errno.h>

static long steps;          /* taken so far */
static long dies_at = -1;   /* -1: never */
static bool once;           /* only that step fails, and the disk lives on */

static bool dead(void)
{
    steps++;
    if (dies_at < 0 || (once ? steps != dies_at : steps < dies_at))
        return false;
    errno = EIO;
    return true;
}

static void *real(const char *name)
{
    void *p = dlsym(RTLD_NEXT, name);
    if (p == NULL)
        abort();
    return p;
}

#define CALL(name)                                                                                 \
    __typeof__(&name) call;                                                                        \
    void *at = real(#name);                                                                        \
    memcpy(&call, &at, sizeof call)

ssize_t pwrite(int fd, const void *p, size_t n, off_t at_byte);
ssize_t pwrite(int fd, const void *p, size_t n, off_t at_byte)
{
    CALL(pwrite);
    if (!dead())
        return call(fd, p, n, at_byte);
    if (n > 1 && call(fd, p, n / 2, at_byte) < 0) /* a torn write: half of it arrives */
        abort();
    errno = EIO;
    return -1;
}

int fdatasync(int fd)
{
    CALL(fdatasync);
    return dead() ? -1 : call(fd);
}

int rename(const char *from, const char *to)
{
    CALL(rename);
    return dead() ? -1 : call(from, to);
}

int unlink(const char *path)
{
    CALL(unlink);
    return dead() ? -1 : call(path);
}

int ftruncate(int fd, off_t size)
{
    CALL(ftruncate);
    return dead() ? -1 : call(fd, size);
}

int mkdir(const char *path, mode_t mode)
{
    CALL(mkdir);
    return dead() ? -1 : call(path, mode);
}

static void die_at(long n, bool only_once)
{
    steps = 0;
    dies_at = n;
    once = only_once;
}

static void revive(void)
{
    dies_at = -1;
}

/* Was the last step beyond everything there is to do? A step may also fail and not matter. */
static bool survived(int rc, long n)
{
    if (steps >= n)
        return false;
    assert_int_equal(rc, 0);
    return true;
}

/* ---- root -------------------------------------------------------------------------------------- */

static void test_a_root_file_is_whole_or_absent(void **state)
{
    (void)state;
    struct ring r;
    char path[128];
    ring_up(&r);
    (void)snprintf(path, sizeof path, "%s/second", r.dir);
    bool over = false;
    for (long n = 1; !over; n++) {
        assert_true(n < 20);
        die_at(n, true);
        int rc = kept_root_create(path, &r.err);
        over = survived(rc, n);
        revive();
        if (rc != 0) {
            assert_int_equal(rc, KEPT_E_IO);
            assert_int_equal(access(path, F_OK), -1);
        } else if (!over) { /* a step whose failure costs nothing: clearing what a crash left */
            assert_int_equal(unlink(path), 0);
        }
    }
    struct kept_root *root = NULL;
    assert_int_equal(kept_root_load(path, &root, &r.err), 0);
    kept_root_free(root);
    ring_down(&r);
}

/* ---- keyring ----------------------------------------------------------------------------------- */

static void test_create_is_all_or_nothing(void **state)
{
    (void)state;
    for (int only_once = 0; only_once <= 1; only_once++) {
        bool over = false;
        for (long n = 1; !over; n++) {
            struct ring r;
            struct kept_keyring *k = NULL;
            assert_true(n < 200);
            ring_up(&r);
            die_at(n, only_once == 1);
            int rc = kept_keyring_create(r.folder, "widgets", r.root, T0, &r.err);
            over = survived(rc, n);
            revive();
            int opened = kept_keyring_open(r.folder, "widgets", r.root, &k, &r.err);
            if (rc != 0 && opened == KEPT_E_NOTFOUND) { /* as it was: again, then */
                assert_int_equal(kept_keyring_create(r.folder, "widgets", r.root, T0, &r.err), 0);
                k = ring_open(&r);
            } else {
                assert_int_equal(opened, 0); /* complete, even if the last sync failed */
            }
            assert_int_equal(kept_keyring_epoch(k), 1);
            kept_keyring_close(k);
            ring_down(&r);
        }
    }
}

static const char aad_text[] = "aad";
static const uint8_t plain[64] = {7, 7, 7};

struct boxes {
    uint8_t box[4][128];
    size_t n;
};

static void wrap(struct kept_keyring *k, uint32_t epoch, struct boxes *b)
{
    b->n = sizeof plain + kept_keyring_wrap_overhead(k);
    assert_int_equal(kept_keyring_wrap(k, epoch, text_of(aad_text), span_of(plain, sizeof plain),
                                       b->box[epoch]), 0);
}

static int unwrap(struct kept_keyring *k, uint32_t epoch, struct boxes *b)
{
    uint8_t out[sizeof plain];
    int rc = kept_keyring_unwrap(k, epoch, text_of(aad_text), span_of(b->box[epoch], b->n), out);
    if (rc == 0)
        assert_memory_equal(out, plain, sizeof plain);
    return rc;
}

static void test_rotation_is_one_step(void **state)
{
    (void)state;
    for (int only_once = 0; only_once <= 1; only_once++) {
        bool over = false;
        for (long n = 1; !over; n++) {
            struct ring r;
            struct boxes b;
            struct kept_epoch e[4];
            assert_true(n < 50);
            ring_up(&r);
            struct kept_keyring *k = ring_new(&r);
            wrap(k, 1, &b);
            die_at(n, only_once == 1);
            int rc = kept_keyring_rotate(k, T0 + DAY, 9 * DAY, &r.err);
            over = survived(rc, n);
            size_t alive = kept_keyring_epochs(k, e, 4);
            assert_int_equal(alive, rc == 0 ? 2 : 1);
            assert_int_equal(e[0].destroy_at, rc == 0 ? T0 + 10 * DAY : 0);
            kept_keyring_close(k);
            revive();
            k = ring_open(&r);
            assert_int_equal(unwrap(k, 1, &b), 0);
            alive = kept_keyring_epochs(k, e, 4);
            if (rc == 0)
                assert_int_equal(alive, 2);
            if (alive == 2) { /* complete, dates and all */
                assert_int_equal(e[0].retired, T0 + DAY);
                assert_int_equal(e[0].destroy_at, T0 + 10 * DAY);
            } else { /* as it was, and it can be done again */
                assert_int_equal(e[0].retired, 0);
                assert_int_equal(kept_keyring_rotate(k, T0 + DAY, DAY, &r.err), 0);
            }
            assert_int_equal(kept_keyring_epoch(k), 2);
            kept_keyring_close(k);
            ring_down(&r);
        }
    }
}

static void test_a_failed_rotation_can_be_repeated_at_once(void **state)
{
    (void)state;
    for (long n = 1; n < 12; n++) {
        struct ring r;
        struct boxes b;
        ring_up(&r);
        struct kept_keyring *k = ring_new(&r);
        die_at(n, true);
        int rc = kept_keyring_rotate(k, T0 + DAY, DAY, &r.err);
        revive();
        if (rc != 0)
            assert_int_equal(kept_keyring_rotate(k, T0 + DAY, DAY, &r.err), 0);
        wrap(k, 2, &b);
        kept_keyring_close(k);
        k = ring_open(&r);
        assert_int_equal(unwrap(k, 2, &b), 0);
        kept_keyring_close(k);
        ring_down(&r);
    }
}

static void test_destruction_ends_destroyed(void **state)
{
    (void)state;
    for (int only_once = 0; only_once <= 1; only_once++) {
        bool over = false;
        for (long n = 1; !over; n++) {
            struct ring r;
            struct boxes b;
            uint32_t destroyed = 77;
            char path[256];
            assert_true(n < 50);
            ring_up(&r);
            struct kept_keyring *k = ring_new(&r);
            wrap(k, 1, &b);
            assert_int_equal(kept_keyring_rotate(k, T0 + 1, 10, &r.err), 0);
            wrap(k, 2, &b);
            assert_int_equal(kept_keyring_rotate(k, T0 + 2, 10, &r.err), 0);
            wrap(k, 3, &b);
            die_at(n, only_once == 1);
            int rc = kept_keyring_destroy_due(k, T0 + 100, &destroyed, &r.err);
            over = survived(rc, n);
            assert_int_equal(destroyed, rc == 0 ? 2 : 77); /* set on success only */
            assert_int_equal(unwrap(k, 3, &b), 0);
            kept_keyring_close(k);
            revive();
            k = ring_open(&r); /* a half-destroyed file does not lock anybody out */
            assert_int_equal(kept_keyring_destroy_due(k, T0 + 100, &destroyed, &r.err), 0);
            assert_int_equal(unwrap(k, 1, &b), KEPT_E_NOTFOUND);
            assert_int_equal(unwrap(k, 2, &b), KEPT_E_NOTFOUND);
            assert_int_equal(unwrap(k, 3, &b), 0);
            for (unsigned i = 1; i <= 2; i++) {
                (void)snprintf(path, sizeof path, "%s/epoch-%u", r.app, i);
                assert_int_equal(access(path, F_OK), -1);
            }
            kept_keyring_close(k);
            ring_down(&r);
        }
    }
}

static int count_rows(void *arg, uint64_t number, const struct kept_journal_row *row)
{
    struct kept_journal_row want = row_of((unsigned)number);
    assert_memory_equal(row->op.b, want.op.b, 16);
    ++*(uint64_t *)arg;
    return 0;
}

static void test_an_append_is_all_or_none(void **state)
{
    (void)state;
    for (int only_once = 0; only_once <= 1; only_once++) {
        bool over = false;
        for (long n = 1; !over; n++) {
            struct ring r;
            struct kept_journal_row rows[5];
            uint64_t count = 0;
            assert_true(n < 50);
            for (unsigned i = 0; i < 5; i++)
                rows[i] = row_of(i);
            ring_up(&r);
            struct kept_keyring *k = ring_new(&r);
            assert_int_equal(kept_journal_append(k, rows, 2, &r.err), 0);
            die_at(n, only_once == 1);
            int rc = kept_journal_append(k, rows + 2, 3, &r.err);
            over = survived(rc, n);
            assert_int_equal(kept_journal_length(k), rc == 0 ? 5 : 2);
            int again = rc == 0 ? 0 : kept_journal_append(k, rows + 2, 3, &r.err);
            if (again != 0)
                assert_int_equal(again, KEPT_E_IO);
            uint64_t said = kept_journal_length(k);
            kept_keyring_close(k);
            revive();
            k = ring_open(&r);
            uint64_t length = kept_journal_length(k);
            assert_true(length == 2 || length == 5);
            assert_true(length >= said); /* what was acknowledged is there */
            assert_int_equal(kept_journal_each(k, 0, count_rows, &count, &r.err), 0);
            assert_int_equal(count, length);
            if (length == 2)
                assert_int_equal(kept_journal_append(k, rows + 2, 3, &r.err), 0);
            kept_keyring_close(k);
            ring_down(&r);
        }
    }
}

static void test_an_anchor_is_the_old_one_or_the_new(void **state)
{
    (void)state;
    for (int only_once = 0; only_once <= 1; only_once++) {
        bool over = false;
        for (long n = 1; !over; n++) {
            struct ring r;
            assert_true(n < 50);
            ring_up(&r);
            struct kept_keyring *k = ring_new(&r);
            assert_int_equal(kept_anchor_write(k, text_of("old\n"), &r.err), 0);
            die_at(n, only_once == 1);
            int rc = kept_anchor_write(k, text_of("new\n"), &r.err);
            over = survived(rc, n);
            assert_memory_equal(kept_anchor_note(k).p, rc == 0 ? "new\n" : "old\n", 4);
            kept_keyring_close(k);
            revive();
            k = ring_open(&r);
            struct kept_span note = kept_anchor_note(k);
            assert_int_equal(note.n, 4);
            bool is_new = memcmp(note.p, "new\n", 4) == 0;
            assert_true(is_new || memcmp(note.p, "old\n", 4) == 0);
            assert_true(is_new || rc != 0);
            kept_keyring_close(k);
            ring_down(&r);
        }
    }
}

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
        cmocka_unit_test(test_a_root_file_is_whole_or_absent),
        cmocka_unit_test(test_create_is_all_or_nothing),
        cmocka_unit_test(test_rotation_is_one_step),
        cmocka_unit_test(test_a_failed_rotation_can_be_repeated_at_once),
        cmocka_unit_test(test_destruction_ends_destroyed),
        cmocka_unit_test(test_an_append_is_all_or_none),
        cmocka_unit_test(test_an_anchor_is_the_old_one_or_the_new),
        cmocka_unit_test(test_a_change_of_root_is_whole_or_not_at_all),
        cmocka_unit_test(test_a_mirror_follows_whole_or_not_at_all),
        cmocka_unit_test(test_a_change_of_root_changes_nothing_it_cannot_finish),
        cmocka_unit_test(test_a_former_seal_is_wiped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
