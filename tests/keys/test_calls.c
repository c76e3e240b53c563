/* test_calls.c - the system's calls that seldom fail do: whatever a keyring needs of them, the error is a
 * clean one, nothing is changed, no descriptor and no child is left, and the next try works. */
#include "keys_aid.h"

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <sodium.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>

#include "../aid/disk.h"

#ifdef __clang__ /* <bits/poll2.h> and its like declare what stands here inline */
#pragma clang diagnostic ignored "-Wstatic-in-inline"
#endif

/* ---- calls, in front of the libraries' --------------------------------------------------------- */

static const char *failing = ""; /* a call's name */
static int fails_with;
static unsigned times;           /* how often it still fails */
static unsigned before;          /* how often it still goes well */
static const char *only;         /* paths that end so; NULL: all */

static bool fails(const char *name)
{
    if (times == 0 || strcmp(name, failing) != 0)
        return false;
    if (before > 0) {
        before--;
        return false;
    }
    times--;
    errno = fails_with;
    return true;
}

static bool fails_at(const char *name, const char *path)
{
    size_t n = strlen(path), m = only == NULL ? 0 : strlen(only);
    return n >= m && (only == NULL || strcmp(path + n - m, only) == 0) && fails(name);
}

static void fail_next(const char *name, int with, unsigned how_often)
{
    failing = name;
    fails_with = with;
    times = how_often;
}

static void *real(const char *name)
{
    void *p = dlsym(RTLD_NEXT, name);
    if (p == NULL)
        abort();
    return p;
}

#define TAKE(type, name, params, args, failed)                                                     \
    type name params;                                                                              \
    type name params                                                                               \
    {                                                                                              \
        __typeof__(&name) call;                                                                    \
        void *at = real(#name);                                                                    \
        memcpy(&call, &at, sizeof call);                                                           \
        return fails(#name) ? (failed) : call args;                                                \
    }

#define FILES posix_spawn_file_actions_t *restrict files
TAKE(int, posix_spawn_file_actions_init, (posix_spawn_file_actions_t * files), (files), fails_with)
TAKE(int, posix_spawn_file_actions_addopen, (FILES, int fd, const char *restrict path, int flags, mode_t mode),
     (files, fd, path, flags, mode), fails_with)
TAKE(int, posix_spawn_file_actions_adddup2, (posix_spawn_file_actions_t * files, int fd, int to), (files, fd, to),
     fails_with)
TAKE(int, posix_spawn_file_actions_addclosefrom_np, (posix_spawn_file_actions_t * files, int from), (files, from),
     fails_with)
TAKE(int, posix_spawn_file_actions_addchdir_np, (FILES, const char *restrict path), (files, path), fails_with)
TAKE(int, posix_spawnattr_init, (posix_spawnattr_t * how), (how), fails_with)
TAKE(int, posix_spawnattr_setsigmask, (posix_spawnattr_t *restrict how, const sigset_t *restrict set), (how, set),
     fails_with)
TAKE(int, posix_spawnattr_setsigdefault, (posix_spawnattr_t *restrict how, const sigset_t *restrict set), (how, set),
     fails_with)
TAKE(int, posix_spawnattr_setpgroup, (posix_spawnattr_t * how, pid_t group), (how, group), fails_with)
TAKE(int, posix_spawnattr_setflags, (posix_spawnattr_t * how, short flags), (how, flags), fails_with)
TAKE(int, pipe2, (int ends[2], int flags), (ends, flags), -1)
TAKE(int, timerfd_create, (clockid_t clock, int flags), (clock, flags), -1)
TAKE(int, timerfd_settime,
     (int fd, int flags, const struct itimerspec *to, struct itimerspec *old), (fd, flags, to, old), -1)
TAKE(int, pidfd_open, (pid_t pid, unsigned flags), (pid, flags), -1)
TAKE(int, waitid, (idtype_t type, id_t id, siginfo_t *how, int options), (type, id, how, options), -1)
TAKE(int, sodium_init, (void), (), -1)
TAKE(int, crypto_aead_aes256gcm_is_available, (void), (), 0)
TAKE(int, crypto_pwhash,
     (unsigned char *const out, unsigned long long n, const char *const words, unsigned long long words_n,
      const unsigned char *const salt, unsigned long long rounds, size_t bytes, int way),
     (out, n, words, words_n, salt, rounds, bytes, way), -1)

/* What is built with _FORTIFY_SOURCE calls the second name of each. */
int __poll_chk(struct pollfd *on, nfds_t n, int wait, size_t room);
ssize_t __read_chk(int fd, void *p, size_t n, size_t room);
char *__realpath_chk(const char *path, char *whole, size_t room);

int poll(struct pollfd *on, nfds_t n, int wait)
{
    return fails("poll") ? -1 : (int)syscall(SYS_poll, on, n, wait);
}

int __poll_chk(struct pollfd *on, nfds_t n, int wait, size_t room)
{
    return n * sizeof *on > room ? -1 : poll(on, n, wait);
}

ssize_t read(int fd, void *p, size_t n)
{
    return fails("read") ? -1 : syscall(SYS_read, fd, p, n);
}

ssize_t __read_chk(int fd, void *p, size_t n, size_t room)
{
    return n > room ? -1 : read(fd, p, n);
}

char *realpath(const char *restrict path, char *restrict whole)
{
    char *(*call)(const char *, char *);
    void *at = real("realpath");
    memcpy(&call, &at, sizeof call);
    return fails_at("realpath", path) ? NULL : call(path, whole);
}

char *__realpath_chk(const char *path, char *whole, size_t room)
{
    return room < 4096 ? NULL : realpath(path, whole);
}

int lstat(const char *restrict path, struct stat *restrict st)
{
    return fails_at("lstat", path) ? -1 : (int)syscall(SYS_lstat, path, st);
}

/* ---- programs ---------------------------------------------------------------------------------- */

static unsigned descriptors(void)
{
    unsigned n = 0;
    DIR *dir = opendir("/proc/self/fd");
    assert_non_null(dir);
    while (readdir(dir) != NULL)
        n++;
    (void)closedir(dir);
    return n;
}

static int run(struct ring *r, struct kept_root **ret)
{
    struct kept_provider p = {.kind = KEPT_BY_COMMAND};
    (void)snprintf(p.path, sizeof p.path, "/bin/cat %s", r->root_path);
    return kept_provider_root(&p, NULL, ret, &r->err);
}

static void runs(struct ring *r)
{
    struct kept_root *root = NULL;
    char one[9], two[9];
    if (run(r, &root) != 0)
        fail_msg("%s", r->err.text);
    kept_root_name(root, one);
    kept_root_name(r->root, two);
    assert_string_equal(one, two);
    kept_root_free(root);
}

static void test_a_program_that_cannot_be_started_or_watched(void **state)
{
    static const char *const calls[] = {
        "pipe2", "timerfd_create", "timerfd_settime", "pidfd_open", "poll", "read", "waitid",
        "posix_spawn_file_actions_init", "posix_spawn_file_actions_addopen", "posix_spawn_file_actions_adddup2",
        "posix_spawn_file_actions_addclosefrom_np", "posix_spawn_file_actions_addchdir_np",
        "posix_spawnattr_init", "posix_spawnattr_setsigmask", "posix_spawnattr_setsigdefault",
        "posix_spawnattr_setpgroup", "posix_spawnattr_setflags"};
    struct ring r;
    struct kept_root *root = NULL;
    (void)state;
    ring_up(&r);
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        unsigned open = descriptors();
        fail_next(calls[i], EMFILE, 1);
        int rc = run(&r, &root);
        if (rc != KEPT_E_IO || times != 0)
            fail_msg("%s: %d %s", calls[i], rc, r.err.text);
        assert_null(root);
        assert_int_equal(descriptors(), open);
        if (strcmp(calls[i], "waitid") == 0) /* which did not reap it */
            assert_true(waitpid(-1, NULL, 0) > 0);
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
        assert_int_equal(errno, ECHILD);
        runs(&r);
    }
    ring_down(&r);
}

static void test_a_signal_comes_between(void **state)
{
    static const char *const calls[] = {"poll", "read", "waitid"};
    struct ring r;
    int ends[2];
    struct kept_root *root = NULL;
    struct kept_provider p = {.kind = KEPT_BY_PASSPHRASE, .words = KEPT_WORDS_FD, .rounds = 1, .bytes = 8192};
    (void)state;
    ring_up(&r);
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        fail_next(calls[i], EINTR, 3);
        runs(&r);
        assert_int_equal(times, 0);
    }
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "some words\n", 11), 11);
    p.fd = ends[0];
    fail_next("read", EINTR, 2);
    assert_int_equal(kept_provider_root(&p, NULL, &root, &r.err), 0);
    assert_int_equal(times, 0);
    kept_root_free(root);
    (void)close(ends[0]);
    (void)close(ends[1]);
    ring_down(&r);
}

static void test_the_home_of_a_program(void **state)
{
    static const char *const want[] = {"none", "/somewhere", "none"};
    char text[400], path[128], long_home[5000], home[1024] = "";
    struct ring r;
    (void)state;
    ring_up(&r);
    (void)snprintf(home, sizeof home, "%s", getenv("HOME") == NULL ? "/" : getenv("HOME"));
    (void)snprintf(path, sizeof path, "%s/program", r.dir);
    memset(long_home, 'h', sizeof long_home);
    long_home[0] = '/';
    long_home[sizeof long_home - 1] = 0;
    for (size_t i = 0; i < 3; i++) {
        struct kept_provider p = {.kind = KEPT_BY_COMMAND};
        struct kept_root *root = NULL;
        (void)snprintf(text, sizeof text, "#!/bin/sh\ntest \"${HOME-none}\" = %s && exec /bin/cat %s\n", want[i],
                       r.root_path);
        spit(path, text, strlen(text));
        assert_int_equal(chmod(path, 0700), 0);
        (void)snprintf(p.path, sizeof p.path, "%s", path);
        assert_int_equal(i == 0 ? unsetenv("HOME") : setenv("HOME", i == 1 ? want[1] : long_home, 1), 0);
        int rc = kept_provider_root(&p, NULL, &root, &r.err);
        if (rc != 0)
            fail_msg("home %zu: %d %s", i, rc, r.err.text);
        kept_root_free(root);
    }
    assert_int_equal(setenv("HOME", home, 1), 0);
    ring_down(&r);
}

/* A program that is ours though we are not root. */
static void test_a_program_of_our_own(void **state)
{
    struct ring r;
    struct kept_root *root = NULL;
    struct kept_provider p = {.kind = KEPT_BY_COMMAND};
    const uid_t nobody = 65534;
    char text[256], key[128];
    (void)state;
    if (geteuid() != 0)
        skip();
    ring_up(&r);
    (void)snprintf(p.path, sizeof p.path, "%s/program", r.dir);
    (void)snprintf(key, sizeof key, "%s/key", r.dir);
    (void)snprintf(text, sizeof text, "#!/bin/sh\nexec /bin/cat %s\n", key);
    spit(p.path, text, strlen(text));
    assert_int_equal(link(r.root_path, key), 0);
    assert_int_equal(chmod(p.path, 0755), 0);
    assert_int_equal(chmod(r.dir, 0755), 0);
    assert_int_equal(chmod(key, 0644), 0);
    for (uid_t owner = nobody - 1; owner <= nobody; owner++) {
        assert_int_equal(chown(p.path, owner, owner), 0);
        assert_int_equal(seteuid(nobody), 0);
        int rc = kept_provider_root(&p, NULL, &root, &r.err);
        assert_int_equal(seteuid(0), 0);
        assert_int_equal(rc, owner == nobody ? 0 : KEPT_E_USAGE);
        kept_root_free(root);
    }
    ring_down(&r);
}

/* ---- the library of ciphers --------------------------------------------------------------------- */

static void test_a_library_that_does_not_begin(void **state)
{
    struct ring r;
    struct kept_root *root = NULL;
    struct kept_keyring *k = NULL;
    struct kept_provider p = {.kind = KEPT_BY_PASSPHRASE, .words = KEPT_WORDS_FILE, .rounds = 1, .bytes = 8192};
    (void)state;
    ring_up(&r);
    kept_keyring_close(ring_new(&r));
    (void)snprintf(p.path, sizeof p.path, "%s/words", r.dir);
    spit(p.path, "some words\n", 11);
    fail_next("sodium_init", 0, 1);
    assert_int_equal(kept_root_load(r.root_path, &root, &r.err), KEPT_E_NOMEM);
    fail_next("sodium_init", 0, 1);
    assert_int_equal(kept_keyring_open(r.folder, "widgets", r.root, &k, &r.err), KEPT_E_NOMEM);
    for (unsigned i = 0; i < 2; i++) { /* for the root, then for the words */
        fail_next("sodium_init", 0, 1);
        before = i;
        assert_int_equal(kept_provider_root(&p, NULL, &root, &r.err), KEPT_E_NOMEM);
        assert_int_equal(times, 0);
    }
    assert_null(root);
    kept_keyring_close(ring_open(&r));
    ring_down(&r);
}

static void test_a_processor_without_aes(void **state)
{
    struct ring r;
    struct kept_keyring *k = NULL;
    (void)state;
    ring_up(&r);
    fail_next("crypto_aead_aes256gcm_is_available", 0, 1000);
    k = ring_new(&r); /* under the other cipher, which opens everywhere */
    kept_keyring_close(k);
    times = 0;
    kept_keyring_close(ring_open(&r));
    if (kept_suite_default() == KEPT_SUITE_AES_GCM) {
        assert_int_equal(kept_keyring_create(r.folder, "other", r.root, T0, &r.err), 0);
        fail_next("crypto_aead_aes256gcm_is_available", 0, 1000);
        assert_int_equal(kept_keyring_open(r.folder, "other", r.root, &k, &r.err), KEPT_E_CRYPTO);
        assert_non_null(strstr(r.err.text, "no AES instructions"));
        times = 0;
        assert_int_equal(kept_keyring_open(r.folder, "other", r.root, &k, &r.err), 0);
        kept_keyring_close(k);
    }
    ring_down(&r);
}

static void test_a_passphrase_without_memory(void **state)
{
    struct ring r;
    struct kept_root *root = NULL;
    struct kept_provider p = {.kind = KEPT_BY_PASSPHRASE, .words = KEPT_WORDS_FILE};
    (void)state;
    ring_up(&r);
    (void)snprintf(p.path, sizeof p.path, "%s/words", r.dir);
    spit(p.path, "correct horse battery staple", 28);
    fail_next("crypto_pwhash", 0, 1);
    assert_int_equal(kept_provider_make(&p, NULL, &root, &r.err), KEPT_E_NOMEM);
    assert_non_null(strstr(r.err.text, "needs 256 MiB"));
    assert_null(root);
    assert_int_equal(p.rounds, KEPT_PASS_ROUNDS); /* nobody said a cost: the usual one */
    assert_int_equal(p.bytes, KEPT_PASS_BYTES);
    assert_string_equal(p.root, "");
    ring_down(&r);
}

/* ---- folders ------------------------------------------------------------------------------------ */

static void test_a_folder_nobody_can_place(void **state)
{
    struct ring r;
    struct kept_provider p = {.kind = KEPT_BY_FILE, .root = "00000000"}, found;
    char text[512];
    (void)state;
    ring_up(&r);
    kept_keyring_close(ring_new(&r));
    (void)snprintf(p.path, sizeof p.path, "%s", r.root_path);
    assert_int_equal(kept_provider_save(r.folder, &p, &r.err), 0); /* "./root" */
    only = "/keyring";
    fail_next("realpath", EACCES, 1);
    assert_int_equal(kept_provider_load(r.folder, &found, &r.err), KEPT_E_IO);
    assert_int_equal(kept_provider_load(r.folder, &found, &r.err), 0);
    fail_next("realpath", EACCES, 1);
    assert_int_equal(kept_provider_save(r.folder, &p, &r.err), 0); /* by its whole path, then */
    (void)snprintf(text, sizeof text, "%s/root.provider", r.folder);
    uint8_t bytes[1024] = {0};
    assert_in_range(slurp(text, bytes, sizeof bytes - 1), 20, 1000);
    (void)snprintf(text, sizeof text, "where file:%s\n", r.root_path);
    assert_non_null(strstr((char *)bytes, text));
    only = NULL;
    ring_down(&r);
}

/* An app that cannot be looked at is not left out of a change: it would stay under the former key. */
static void test_an_app_that_cannot_be_looked_at(void **state)
{
    struct ring r;
    struct kept_root *second = NULL;
    char path[128];
    (void)state;
    ring_up(&r);
    kept_keyring_close(ring_new(&r));
    (void)snprintf(path, sizeof path, "%s/second", r.dir);
    assert_int_equal(kept_root_create(path, &r.err), 0);
    assert_int_equal(kept_root_load(path, &second, &r.err), 0);
    only = "/widgets";
    fail_next("lstat", EIO, 1);
    assert_int_equal(ring_change(r.folder, r.root, second, &r.err), KEPT_E_IO);
    kept_keyring_close(ring_open(&r));
    fail_next("lstat", EIO, 1);
    assert_int_equal(kept_keyring_opens(r.folder, r.root, &r.err), KEPT_E_IO);
    fail_next("lstat", ENOENT, 1); /* gone since its name was read: no app */
    assert_int_equal(kept_keyring_opens(r.folder, second, &r.err), KEPT_E_CRYPTO);
    /* A file that goes between reading its name and looking at it is not ours to judge. */
    only = "/widgets/lock";
    fail_next("lstat", ENOENT, 1);
    kept_keyring_close(ring_open(&r));
    assert_int_equal(times, 0);
    only = NULL;
    kept_root_free(second);
    ring_down(&r);
}

/* Another process makes the same keyring, and is done first. */
static void test_a_keyring_made_by_two(void **state)
{
    static const int codes[][2] = {{ENOTEMPTY, KEPT_E_CONFLICT}, {EEXIST, KEPT_E_CONFLICT}, {EIO, KEPT_E_IO}};
    struct ring r;
    char path[256];
    (void)state;
    ring_up(&r);
    disk_fail(r.dir, DISK_RENAME, -1, 0, false);
    assert_int_equal(kept_keyring_create(r.folder, "first", r.root, T0, &r.err), 0);
    long last = disk_calls() - 1;
    for (size_t i = 0; i < 3; i++) {
        disk_fail(r.dir, DISK_RENAME, last, codes[i][0], false);
        assert_int_equal(kept_keyring_create(r.folder, "widgets", r.root, T0, &r.err), codes[i][1]);
        assert_int_equal(disk_failed(), 1);
        disk_fail_off();
        assert_int_not_equal(access(r.app, F_OK), 0);
    }
    /* What somebody else put beside a first attempt is not ours to remove. */
    (void)snprintf(path, sizeof path, "%s/.widgets.new", r.folder);
    assert_int_equal(mkdir(path, 0700), 0);
    (void)snprintf(path, sizeof path, "%s/.widgets.new/strange", r.folder);
    spit(path, "x", 1);
    assert_int_equal(kept_keyring_create(r.folder, "widgets", r.root, T0, &r.err), KEPT_E_IO);
    assert_non_null(strstr(r.err.text, "empty it"));
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(unlink(path), 0);
    kept_keyring_close(ring_new(&r));
    ring_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_program_that_cannot_be_started_or_watched),
        cmocka_unit_test(test_a_signal_comes_between),
        cmocka_unit_test(test_the_home_of_a_program),
        cmocka_unit_test(test_a_program_of_our_own),
        cmocka_unit_test(test_a_library_that_does_not_begin),
        cmocka_unit_test(test_a_processor_without_aes),
        cmocka_unit_test(test_a_passphrase_without_memory),
        cmocka_unit_test(test_a_folder_nobody_can_place),
        cmocka_unit_test(test_an_app_that_cannot_be_looked_at),
        cmocka_unit_test(test_a_keyring_made_by_two),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
