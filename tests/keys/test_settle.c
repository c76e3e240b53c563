/* test_settle.c - what is left to settle between a keyring and its mirror, and between one root key and
 * the next: each is finished, or refused with nothing changed. */
#include "keys_aid.h"

#include "../aid/deep.h"
#include "base/id.h"
#include "keys/keys_int.h"

struct two {
    struct ring r;
    char mirror[96], copy[160]; /* of the app */
    struct kept_root *second;
};

static void two_up(struct two *t)
{
    char path[128];
    memset(t, 0, sizeof *t);
    ring_up(&t->r);
    (void)snprintf(t->mirror, sizeof t->mirror, "%s/mirror", t->r.dir);
    (void)snprintf(t->copy, sizeof t->copy, "%s/widgets", t->mirror);
    (void)snprintf(path, sizeof path, "%s/second", t->r.dir);
    assert_int_equal(kept_root_create(path, &t->r.err), 0);
    assert_int_equal(kept_root_load(path, &t->second, &t->r.err), 0);
}

static void two_down(struct two *t)
{
    kept_root_free(t->second);
    ring_down(&t->r);
}

static struct kept_keyring *attach(struct two *t, const struct kept_root *root, int *ret_rc)
{
    struct kept_keyring *k = NULL;
    int rc = kept_keyring_open(t->r.folder, "widgets", root, &k, &t->r.err);
    if (rc == 0)
        rc = kept_keyring_mirror(k, t->mirror, &t->r.err);
    *ret_rc = rc;
    return k;
}

/* A keyring with its mirror, both closed. */
static void make(struct two *t)
{
    int rc = -1;
    two_up(t);
    kept_keyring_close(ring_new(&t->r));
    struct kept_keyring *k = attach(t, t->r.root, &rc);
    assert_int_equal(rc, 0);
    kept_keyring_close(k);
}

static void expect(struct two *t, int code, const char *words)
{
    int rc = 0;
    kept_keyring_close(attach(t, t->r.root, &rc));
    if (rc != code || (rc != 0 && strstr(t->r.err.text, words) == NULL))
        fail_msg("%d, not %d for %s: %s", rc, code, words, t->r.err.text);
}

static size_t take(const char *folder, const char *name, uint8_t bytes[8192])
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return slurp(path, bytes, 8192);
}

static void put(const char *folder, const char *name, const uint8_t *bytes, size_t n)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    if (n == SIZE_MAX)
        assert_int_equal(unlink(path), 0);
    else
        spit(path, bytes, n);
}

static int change_with_mirror(struct two *t)
{
    const struct kept_provider somewhere = {.kind = KEPT_BY_FILE, .path = "/nowhere"};
    const struct kept_root_change change = {t->r.root, t->second, &somewhere};
    return kept_keyring_change_root(t->r.folder, t->mirror, &change, &t->r.err);
}

static int root_of(const char *folder, const char *name, const struct kept_root *root)
{
    uint8_t bytes[8192];
    size_t n = take(folder, name, bytes);
    return n != SIZE_MAX && n > 16 && memcmp(bytes + KEPT_ROOT_NAME_AT, root->name, sizeof root->name) == 0;
}

/* ---- a mirror that differs ------------------------------------------------------------------------ */

static void test_a_mirror_with_a_newer_key_alone(void **state)
{
    struct two t;
    uint8_t anchor[8192], mirrored[8192];
    int rc = 0;
    (void)state;
    make(&t);
    size_t n = take(t.r.app, "anchor", anchor), m = take(t.copy, "anchor", mirrored);
    struct kept_keyring *k = attach(&t, t.r.root, &rc);
    assert_int_equal(kept_keyring_new_token(k, T0 + 1, &t.r.err), 0);
    kept_keyring_close(k);
    /* The keyring is put back to before the token; and both anchors, which tell of it. */
    put(t.r.app, "token-2", NULL, SIZE_MAX);
    put(t.r.app, "anchor", anchor, n);
    expect(&t, KEPT_E_ROLLBACK, "is older than its mirror");
    put(t.copy, "anchor", mirrored, m);
    expect(&t, KEPT_E_ROLLBACK, "is older than its mirror");
    put(t.copy, "token-2", NULL, SIZE_MAX);
    expect(&t, 0, "");
    two_down(&t);
}

static void test_a_mirror_whose_note_is_newer(void **state)
{
    static const struct {
        const char *ours, *theirs;
        bool older;
    } notes[] = {{"log\n7\nroot\n", "log\n9\nroot\n", true}, {"log\n7:\n", "log\n7\n", false},
                 {"log\n7", "log\n7/\n", false}, {"log", "log\n1\n", true}, {"log\n10\n", "log\n9\n", false}};
    (void)state;
    for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++) {
        struct two t;
        uint8_t anchor[8192];
        int rc = 0;
        make(&t);
        struct kept_keyring *k = attach(&t, t.r.root, &rc);
        assert_int_equal(kept_anchor_write(k, text_of(notes[i].ours), &t.r.err), 0);
        size_t n = take(t.r.app, "anchor", anchor);
        assert_int_equal(kept_anchor_write(k, text_of(notes[i].theirs), &t.r.err), 0);
        kept_keyring_close(k);
        put(t.r.app, "anchor", anchor, n);
        expect(&t, notes[i].older ? KEPT_E_ROLLBACK : 0, "is older than its mirror");
        two_down(&t);
    }
}

static void test_damaged_keys_of_a_mirror(void **state)
{
    struct two t;
    uint8_t bytes[8192];
    (void)state;
    make(&t);
    size_t n = take(t.copy, "token-1", bytes);
    bytes[0] ^= 1;
    put(t.copy, "token-1", bytes, n);
    expect(&t, KEPT_E_CORRUPT, "move the mirror away");
    bytes[0] ^= 1;
    put(t.copy, "token-1", bytes, 5);
    expect(&t, KEPT_E_CORRUPT, "move the mirror away");
    put(t.copy, "token-1", bytes, n);
    put(t.copy, "next-nothing", bytes, 3);
    expect(&t, KEPT_E_CORRUPT, "is no key that waits");
    put(t.copy, "next-nothing", NULL, SIZE_MAX);
    expect(&t, 0, "");
    two_down(&t);
}

/* Files of an open keyring that somebody cuts or removes meanwhile. */
static void test_a_keyring_damaged_while_it_is_open(void **state)
{
    struct two t;
    uint8_t bytes[8192], signing[8192];
    (void)state;
    make(&t);
    struct kept_keyring *k = ring_open(&t.r);
    size_t n = take(t.r.app, "token-1", bytes), m = take(t.r.app, "signing", signing);
    put(t.r.app, "token-1", bytes, 5);
    assert_int_equal(kept_keyring_mirror(k, t.mirror, &t.r.err), KEPT_E_CORRUPT);
    put(t.r.app, "token-1", bytes, n);
    put(t.r.app, "signing", NULL, SIZE_MAX);
    assert_int_equal(kept_keyring_mirror(k, t.mirror, &t.r.err), KEPT_E_ROLLBACK);
    assert_int_equal(take(t.copy, "signing", bytes), m); /* the one that is left */
    put(t.r.app, "signing", signing, m);
    assert_int_equal(kept_keyring_mirror(k, t.mirror, &t.r.err), 0);
    kept_keyring_close(k);
    two_down(&t);
}

static void test_a_mirror_that_was_being_made(void **state)
{
    static const char *const left[] = {"epoch-9", "dying-epoch-3", "next-epoch-1", "journal"};
    struct two t;
    uint8_t bytes[8192] = "what a first attempt left";
    (void)state;
    make(&t);
    put(t.copy, "making", bytes, 10);
    put(t.copy, "somebody-elses", bytes, 10);
    for (size_t i = 0; i < 4; i++)
        put(t.copy, left[i], bytes, 25);
    expect(&t, 0, "");
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(take(t.copy, left[i], bytes), SIZE_MAX);
    assert_int_equal(take(t.copy, "making", bytes), SIZE_MAX);
    assert_int_equal(take(t.copy, "somebody-elses", bytes), 10);
    expect(&t, 0, "");
    two_down(&t);
}

/* ---- a change of root ----------------------------------------------------------------------------- */

/* A key that the keyring destroyed while its mirror was away is sealed anew there like the others. */
static void test_a_key_that_the_mirror_still_has(void **state)
{
    struct two t;
    int rc = 0;
    uint8_t bytes[8192];
    (void)state;
    make(&t);
    struct kept_keyring *k = attach(&t, t.r.root, &rc);
    assert_int_equal(kept_keyring_new_token(k, T0 + 1, &t.r.err), 0);
    kept_keyring_close(k);
    k = ring_open(&t.r);
    assert_int_equal(kept_keyring_destroy_token(k, 1, &t.r.err), 0);
    kept_keyring_close(k);
    assert_int_equal(change_with_mirror(&t), 0);
    assert_true(root_of(t.copy, "token-1", t.second));
    k = attach(&t, t.second, &rc);
    assert_int_equal(rc, 0);
    assert_int_equal(take(t.copy, "token-1", bytes), SIZE_MAX);
    kept_keyring_close(k);
    two_down(&t);
}

/* The keyring was changed alone, and its mirror is changed by doing it again. */
static void test_a_mirror_changed_behind_its_keyring(void **state)
{
    struct two t;
    int rc = 0;
    uint8_t ours[8192], theirs[8192];
    (void)state;
    make(&t);
    assert_int_equal(ring_change(t.r.folder, t.r.root, t.second, &t.r.err), 0);
    assert_true(root_of(t.copy, "epoch-1", t.r.root));
    assert_int_equal(change_with_mirror(&t), 0);
    size_t n = take(t.r.app, "epoch-1", ours);
    assert_int_equal(take(t.copy, "epoch-1", theirs), n);
    assert_memory_equal(ours, theirs, n); /* to the byte */
    kept_keyring_close(attach(&t, t.second, &rc));
    assert_int_equal(rc, 0);
    two_down(&t);
}

static void test_a_mirror_that_cannot_follow(void **state)
{
    struct two t;
    uint8_t bytes[8192];
    (void)state;
    make(&t);
    assert_int_equal(ring_change(t.r.folder, t.r.root, t.second, &t.r.err), 0);
    /* Its keys are under the former root, and nothing waits beside them. */
    assert_int_equal(kept_keyring_mirror_settle(t.r.folder, t.mirror, &t.r.err), KEPT_E_CORRUPT);
    assert_non_null(strstr(t.r.err.text, "under another root key"));
    assert_true(root_of(t.copy, "epoch-1", t.r.root));
    put(t.mirror, "root.provider", (const uint8_t *)"junk", 4);
    assert_int_equal(kept_keyring_mirror_settle(t.r.folder, t.mirror, &t.r.err), KEPT_E_CORRUPT);
    assert_non_null(strstr(t.r.err.text, "mirror/root.provider"));
    put(t.mirror, "root.provider", NULL, SIZE_MAX);
    assert_int_equal(take(t.mirror, "root.provider", bytes), SIZE_MAX);
    for (size_t n = KEPT_MAX_PATH - 30; n < KEPT_MAX_PATH - 10; n++) { /* nor say so, where paths end */
        static char far[KEPT_MAX_PATH];
        deep_path(t.r.dir, n, far);
        assert_int_equal(rename(t.mirror, far), 0);
        int rc = kept_keyring_mirror_settle(t.r.folder, far, &t.r.err);
        assert_true(rc == KEPT_E_CORRUPT || rc == KEPT_E_LIMIT);
        assert_int_equal(rc == KEPT_E_LIMIT, n + strlen("/widgets/next-audit-1") >= KEPT_MAX_PATH);
        assert_int_equal(rename(far, t.mirror), 0);
        assert_true(root_of(t.copy, "epoch-1", t.r.root));
    }
    two_down(&t);
}

/* Its root key has moved: the mirror is told. */
static void test_a_mirror_that_names_another_place(void **state)
{
    static const struct kept_provider places[] = {{.kind = KEPT_BY_FILE, .path = "/nowhere"},
                                                  {.kind = KEPT_BY_FILE, .path = "/elsewhere"},
                                                  {.kind = KEPT_BY_COMMAND, .path = "/elsewhere"}};
    struct two t;
    (void)state;
    make(&t);
    for (size_t i = 0; i < 3; i++) {
        struct kept_provider p = places[i], found;
        kept_root_name(t.r.root, p.root);
        assert_int_equal(kept_provider_save(t.r.folder, &p, &t.r.err), 0);
        for (int again = 0; again < 2; again++)
            assert_int_equal(kept_keyring_mirror_settle(t.r.folder, t.mirror, &t.r.err), 0);
        assert_int_equal(kept_provider_load(t.mirror, &found, &t.r.err), 0);
        assert_int_equal(found.kind, p.kind);
        assert_string_equal(found.path, p.path);
    }
    two_down(&t);
}

/* ---- what waits ------------------------------------------------------------------------------------ */

/* The change counted, and the power went before the new seals took their places: at each point of that. */
static void test_seals_that_wait(void **state)
{
    struct two t;
    uint8_t former[8192], bytes[8192];
    (void)state;
    for (int gone = 0; gone < 2; gone++) {
        make(&t);
        size_t n = take(t.r.app, "epoch-1", former);
        assert_int_equal(ring_change(t.r.folder, t.r.root, t.second, &t.r.err), 0);
        size_t m = take(t.r.app, "epoch-1", bytes);
        put(t.r.app, "next-epoch-1", bytes, m);
        put(t.r.app, "epoch-1", former, gone ? SIZE_MAX : n); /* gone: it is dying already */
        put(t.r.app, "next-audit-1", bytes, 3);               /* cut short: never counted */
        struct kept_keyring *k = NULL;
        assert_int_equal(kept_keyring_open(t.r.folder, "widgets", t.second, &k, &t.r.err), 0);
        kept_keyring_close(k);
        assert_int_equal(take(t.r.app, "next-epoch-1", bytes), SIZE_MAX);
        assert_int_equal(take(t.r.app, "next-audit-1", bytes), SIZE_MAX);
        assert_true(root_of(t.r.app, "epoch-1", t.second));
        two_down(&t);
    }
}

/* What waits is found, and the name the former is to die under is too long. */
static void test_seals_that_wait_too_deep(void **state)
{
    static char far[KEPT_MAX_PATH];
    unsigned refused = 0;
    (void)state;
    for (size_t n = KEPT_MAX_PATH - 45; n < KEPT_MAX_PATH - 10; n++) {
        struct two t;
        struct kept_keyring *k = NULL;
        uint8_t former[8192], bytes[8192];
        make(&t);
        size_t size = take(t.r.app, "epoch-1", former);
        assert_int_equal(ring_change(t.r.folder, t.r.root, t.second, &t.r.err), 0);
        size_t m = take(t.r.app, "epoch-1", bytes);
        put(t.r.app, "next-epoch-1", bytes, m);
        put(t.r.app, "epoch-1", former, size);
        deep_path(t.r.dir, n, far);
        assert_int_equal(rename(t.r.folder, far), 0);
        int rc = kept_keyring_opens(far, t.second, &t.r.err);
        assert_true(rc == 0 || rc == KEPT_E_LIMIT || rc == KEPT_E_IO);
        refused += rc != 0;
        rc = ring_change(far, t.second, t.r.root, &t.r.err); /* and back */
        assert_true(rc == 0 || rc == KEPT_E_LIMIT || rc == KEPT_E_IO);
        assert_int_equal(rename(far, t.r.folder), 0);
        assert_int_equal(kept_keyring_open(t.r.folder, "widgets", rc == 0 ? t.r.root : t.second, &k, &t.r.err), 0);
        kept_keyring_close(k);
        two_down(&t);
    }
    assert_in_range(refused, 5, 34);
}

/* A key of a name longer than all others, in the mirror or in both, where paths end. */
static void test_the_longest_name_too_deep(void **state)
{
    static char far[KEPT_MAX_PATH];
    (void)state;
    for (size_t n = KEPT_MAX_PATH - 50; n < KEPT_MAX_PATH - 10; n++)
        for (int both = 0; both < 2; both++) {
            struct two t;
            int rc = 0;
            uint8_t key[KEPT_KEY_BYTES] = {5};
            struct kept_epoch former = {1, T0, T0 + 1, T0 + 2};
            struct kept_keyfile file = {.kind = KEPT_KEY_EPOCH, .number = UINT32_MAX, .created = T0, .key = key,
                                        .retired = &former, .retired_count = 1, .suite = kept_suite_default()};
            make(&t);
            struct kept_keyplace place;
            assert_int_equal(kept_keyplace_init(&place, both ? t.r.folder : t.mirror, "widgets", t.r.root, &t.r.err), 0);
            assert_int_equal(kept_keyfile_write(&place, &file, &t.r.err), 0);
            kept_keyplace_release(&place);
            const char *moved = both ? t.mirror : t.r.folder;
            deep_path(t.r.dir, n, far);
            assert_int_equal(rename(moved, far), 0);
            const char *ring = both ? t.r.folder : far, *mirror = both ? far : t.mirror;
            struct kept_keyring *k = NULL;
            rc = kept_keyring_open(ring, "widgets", t.r.root, &k, &t.r.err);
            if (rc == 0)
                rc = kept_keyring_mirror(k, mirror, &t.r.err);
            kept_keyring_close(k);
            assert_true(rc == KEPT_E_LIMIT || rc == KEPT_E_IO || rc == (both ? 0 : KEPT_E_ROLLBACK));
            const struct kept_provider somewhere = {.kind = KEPT_BY_FILE, .path = "/nowhere"};
            const struct kept_root_change change = {t.r.root, t.second, &somewhere};
            rc = kept_keyring_change_root(ring, mirror, &change, &t.r.err);
            assert_true(rc == 0 || rc == KEPT_E_LIMIT || rc == KEPT_E_IO);
            assert_int_equal(rename(far, moved), 0);
            assert_int_equal(kept_keyring_open(t.r.folder, "widgets", t.r.root, &k, &t.r.err),
                             root_of(t.r.app, "signing", t.r.root) ? 0 : KEPT_E_CRYPTO);
            kept_keyring_close(k);
            two_down(&t);
        }
}

/* The name of a key's file, where the folder's own path leaves no room for it. */
static void test_a_file_too_deep(void **state)
{
    struct two t;
    static struct kept_keyplace place;
    uint8_t name[KEPT_ROOT_NAME_BYTES] = {7, 7, 7, 7};
    (void)state;
    two_up(&t);
    memset(place.folder, 'd', KEPT_MAX_PATH - 8);
    assert_int_equal(kept_keyfile_root(&place, KEPT_KEY_SIGNING, 1, name, &t.r.err), KEPT_E_LIMIT);
    assert_int_equal(name[0], 7);
    assert_int_equal(kept_keyfile_end(place.folder, "signing", &t.r.err), KEPT_E_LIMIT);
    two_down(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_mirror_with_a_newer_key_alone),
        cmocka_unit_test(test_a_mirror_whose_note_is_newer),
        cmocka_unit_test(test_damaged_keys_of_a_mirror),
        cmocka_unit_test(test_a_keyring_damaged_while_it_is_open),
        cmocka_unit_test(test_a_mirror_that_was_being_made),
        cmocka_unit_test(test_a_key_that_the_mirror_still_has),
        cmocka_unit_test(test_a_mirror_changed_behind_its_keyring),
        cmocka_unit_test(test_a_mirror_that_cannot_follow),
        cmocka_unit_test(test_a_mirror_that_names_another_place),
        cmocka_unit_test(test_seals_that_wait),
        cmocka_unit_test(test_seals_that_wait_too_deep),
        cmocka_unit_test(test_the_longest_name_too_deep),
        cmocka_unit_test(test_a_file_too_deep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
