/* test_provider.c - who has the root key: what the words mean, what the keyring notes, where a
 * passphrase and a program's key come from, and every way in which they are refused. */
#include "keys_aid.h"

#include <dlfcn.h>
#include <sys/timerfd.h>

#define WORDS "correct horse battery staple"

/* A cost that tests can afford; what is written says what is read. */
static void cheap(struct kept_provider *p)
{
    p->rounds = 1;
    p->bytes = 64 * 1024;
}

static struct kept_provider parsed(const char *where)
{
    struct kept_provider p;
    struct kept_err err = {0};
    if (kept_provider_parse(where, &p, &err) != 0)
        fail_msg("%s: %s", where, err.text);
    return p;
}

static void test_what_the_words_mean(void **state)
{
    (void)state;
    static const struct {
        const char *where;
        enum kept_provider_kind kind;
        enum kept_words words;
        const char *path, *again;
    } good[] = {
        {"root.key", KEPT_BY_FILE, KEPT_WORDS_ASKED, "root.key", "file:root.key"},
        {"file:passphrase", KEPT_BY_FILE, KEPT_WORDS_ASKED, "passphrase", "file:passphrase"},
        {"./command:x", KEPT_BY_FILE, KEPT_WORDS_ASKED, "./command:x", "file:./command:x"},
        {"passphrases", KEPT_BY_FILE, KEPT_WORDS_ASKED, "passphrases", "file:passphrases"},
        {"passphrase", KEPT_BY_PASSPHRASE, KEPT_WORDS_ASKED, "", "passphrase"},
        {"passphrase:/a/b", KEPT_BY_PASSPHRASE, KEPT_WORDS_FILE, "/a/b", "passphrase:/a/b"},
        {"passphrase:fd:12", KEPT_BY_PASSPHRASE, KEPT_WORDS_FD, "", "passphrase"},
        {"passphrase:command:/bin/x y", KEPT_BY_PASSPHRASE, KEPT_WORDS_COMMAND, "/bin/x y",
         "passphrase:command:/bin/x y"},
        {"command:/bin/x y z", KEPT_BY_COMMAND, KEPT_WORDS_ASKED, "/bin/x y z", "command:/bin/x y z"},
    };
    static const char *const bad[] = {"", "file:", "passphrase:", "command:", "passphrase:fd:",
                                      "passphrase:fd:x", "passphrase:fd:3 4", "passphrase:fd:1234567",
                                      "passphrase:command:", "a\nb", "command:/bin/x\ty"};
    char words[KEPT_MAX_WHERE + 32], lengthy[KEPT_MAX_WHERE + 2];
    struct kept_provider p;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        p = parsed(good[i].where);
        assert_int_equal(p.kind, good[i].kind);
        assert_int_equal(p.words, good[i].words);
        assert_string_equal(p.path, good[i].path);
        kept_provider_words(&p, words);
        assert_string_equal(words, good[i].again);
    }
    assert_int_equal(parsed("passphrase:fd:12").fd, 12);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(kept_provider_parse(bad[i], &p, NULL), KEPT_E_USAGE);
    memset(lengthy, 'x', sizeof lengthy - 1);
    lengthy[sizeof lengthy - 1] = 0;
    assert_int_equal(kept_provider_parse(lengthy, &p, NULL), KEPT_E_LIMIT);
}

/* ---- what the keyring notes ------------------------------------------------------------------ */

static void test_the_note_is_read_as_it_was_written(void **state)
{
    (void)state;
    struct ring r;
    struct kept_provider p, back;
    char path[256];
    ring_up(&r);
    assert_int_equal(mkdir(r.folder, 0700), 0);
    assert_int_equal(kept_provider_load(r.folder, &back, &r.err), KEPT_E_NOTFOUND);
    assert_int_equal(kept_provider_find(r.folder, NULL, &back, &r.err), KEPT_E_USAGE);
    p = parsed("passphrase");
    memset(p.salt, 0xa7, sizeof p.salt);
    p.rounds = 5;
    p.bytes = 123456789;
    memcpy(p.root, "0badcafe", 9);
    assert_int_equal(kept_provider_save(r.folder, &p, &r.err), 0);
    assert_int_equal(kept_provider_load(r.folder, &back, &r.err), 0);
    assert_int_equal(back.rounds, 5);
    assert_int_equal(back.bytes, 123456789);
    assert_memory_equal(back.salt, p.salt, sizeof p.salt);
    assert_string_equal(back.root, "0badcafe");
    /* Words from elsewhere, with that salt; a file needs none. */
    assert_int_equal(kept_provider_find(r.folder, "passphrase:fd:0", &back, &r.err), 0);
    assert_memory_equal(back.salt, p.salt, sizeof p.salt);
    assert_int_equal(kept_provider_find(r.folder, r.root_path, &back, &r.err), 0);
    assert_int_equal(back.kind, KEPT_BY_FILE);
    assert_string_equal(back.root, "0badcafe");
    /* A file beside the keyring goes where the keyring goes; in a mirror its path is whole. */
    p = parsed(r.root_path);
    assert_int_equal(kept_provider_save(r.folder, &p, &r.err), KEPT_OK);
    uint8_t text[512] = {0};
    (void)snprintf(path, sizeof path, "%s/root.provider", r.folder);
    assert_true(slurp(path, text, sizeof text - 1) < sizeof text);
    assert_non_null(strstr((char *)text, "\nwhere file:./root\n"));
    p.whole_paths = true;
    assert_int_equal(kept_provider_save(r.folder, &p, &r.err), KEPT_OK);
    memset(text, 0, sizeof text);
    assert_true(slurp(path, text, sizeof text - 1) < sizeof text);
    assert_non_null(strstr((char *)text, r.root_path));
    ring_down(&r);
}

static void test_a_damaged_note_is_refused(void **state)
{
    (void)state;
    static const char good[] = "kept root provider 1\nroot 0badcafe\nwhere passphrase\nargon2id rounds 3 "
                               "bytes 65536 salt 00112233445566778899aabbccddeeff\n";
    static const struct {
        const char *from, *to;
        int code;
    } bad[] = {{"provider 1", "provider 2", KEPT_E_FORMAT},
               {"kept root", "kept boot", KEPT_E_CORRUPT},
               {"0badcafe", "0badcaf", KEPT_E_CORRUPT},
               {"0badcafe", "0badcafx", KEPT_E_CORRUPT},
               {"where passphrase", "where ", KEPT_E_CORRUPT},
               {"where passphrase\n", "", KEPT_E_CORRUPT},
               {"rounds 3", "rounds 0", KEPT_E_CORRUPT},
               {"rounds 3", "rounds 65", KEPT_E_CORRUPT},
               {"bytes 65536", "bytes 4294967297", KEPT_E_CORRUPT},
               {"ddeeff", "ddee", KEPT_E_CORRUPT},
               {"ddeeff", "ddeeff00", KEPT_E_CORRUPT},
               {"ddeeff\n", "ddeeff", KEPT_E_CORRUPT},
               {"ddeeff\n", "ddeeff\nmore\n", KEPT_E_CORRUPT},
               {"passphrase", "file:/x", KEPT_E_CORRUPT}};
    struct ring r;
    struct kept_provider p;
    char path[128], text[512];
    ring_up(&r);
    assert_int_equal(mkdir(r.folder, 0700), 0);
    (void)snprintf(path, sizeof path, "%s/root.provider", r.folder);
    spit(path, good, strlen(good));
    assert_int_equal(kept_provider_load(r.folder, &p, &r.err), 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const char *at = strstr(good, bad[i].from);
        assert_non_null(at);
        (void)snprintf(text, sizeof text, "%.*s%s%s", (int)(at - good), good, bad[i].to,
                       at + strlen(bad[i].from));
        spit(path, text, strlen(text));
        if (kept_provider_load(r.folder, &p, &r.err) != bad[i].code)
            fail_msg("%s for %s: %d %s", bad[i].to, bad[i].from, r.err.code, r.err.text);
    }
    for (size_t n = 0; n < strlen(good); n++) { /* every cut */
        spit(path, good, n);
        assert_int_equal(kept_provider_load(r.folder, &p, &r.err), KEPT_E_CORRUPT);
    }
    spit(path, "kept root provider 1\nroot 0badcafe\nwhere file:/x\n\0", 50);
    assert_int_equal(kept_provider_load(r.folder, &p, &r.err), KEPT_E_CORRUPT);
    spit(path, good, strlen(good));
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(kept_provider_load(r.folder, &p, &r.err), KEPT_E_USAGE);
    ring_down(&r);
}

/* ---- passphrases ----------------------------------------------------------------------------- */

/* The key of words in a file, with p's salt and cost; fresh draws them. */
static int key_of(struct ring *r, struct kept_provider *p, const char *words, bool fresh,
                  struct kept_root **ret)
{
    char path[128];
    struct kept_provider file = *p;
    (void)snprintf(path, sizeof path, "%s/words", r->dir);
    spit(path, words, strlen(words));
    file.words = KEPT_WORDS_FILE;
    (void)snprintf(file.path, sizeof file.path, "%s", path);
    int rc = fresh ? kept_provider_make(&file, NULL, ret, &r->err)
                   : kept_provider_root(&file, NULL, ret, &r->err);
    memcpy(p->salt, file.salt, sizeof p->salt);
    memcpy(p->root, file.root, sizeof p->root);
    return rc;
}

static void test_argon2id_is_the_one_of_rfc_9106(void **state)
{
    (void)state;
    /* By the reference program: echo -n password | argon2 somesaltsomesalt -id -t 3 -m 16 -p 1 -l 32 */
    static const uint8_t reference[KEPT_KEY_BYTES] = {
        0x76, 0x64, 0xad, 0x4b, 0xa1, 0xa3, 0xc9, 0x99, 0xfc, 0xdd, 0x09, 0x91, 0xff, 0xc2, 0x27, 0x0f,
        0x78, 0x30, 0x2d, 0x23, 0x83, 0x23, 0x3d, 0xb5, 0xe7, 0xbe, 0xfc, 0x85, 0xd1, 0xbb, 0x18, 0x19};
    uint8_t salt[KEPT_SALT_BYTES], one[KEPT_KEY_BYTES], two[KEPT_KEY_BYTES];
    struct kept_span words = text_of("password");
    memcpy(salt, "somesaltsomesalt", sizeof salt);
    assert_int_equal(kept_stretch(words, salt, 3, 64 << 20, one), 0);
    assert_memory_equal(one, reference, sizeof one);
    assert_int_equal(kept_stretch(words, salt, 1, 64 * 1024, one), 0);
    assert_int_equal(kept_stretch(words, salt, 2, 64 * 1024, two), 0);
    assert_memory_not_equal(one, two, sizeof one);
    assert_int_equal(kept_stretch(words, salt, 1, 128 * 1024, two), 0);
    assert_memory_not_equal(one, two, sizeof one);
    assert_int_equal(kept_stretch(words, salt, 0, 64 * 1024, two), KEPT_E_USAGE);
    assert_int_equal(kept_stretch(words, salt, 1, 1, two), KEPT_E_USAGE);
}

static void test_a_passphrase_opens_and_another_does_not(void **state)
{
    (void)state;
    struct ring r;
    struct kept_provider p = parsed("passphrase"), other;
    struct kept_root *root = NULL, *again = NULL;
    struct kept_keyring *k = NULL;
    char one[9], two[9];
    ring_up(&r);
    cheap(&p);
    assert_int_equal(key_of(&r, &p, WORDS "\n", true, &root), 0);
    other = p;
    kept_root_name(root, one);
    assert_string_equal(one, p.root);
    assert_int_equal(kept_keyring_create(r.folder, "widgets", root, T0, &r.err), 0);
    assert_int_equal(key_of(&r, &p, WORDS, false, &again), 0); /* a line's end is no part of it */
    kept_root_name(again, two);
    assert_string_equal(one, two);
    assert_int_equal(kept_provider_check(&p, again, &r.err), 0);
    assert_int_equal(kept_keyring_open(r.folder, "widgets", again, &k, &r.err), 0);
    kept_keyring_close(k);
    kept_root_free(again);
    assert_int_equal(key_of(&r, &p, WORDS " ", false, &again), 0); /* a blank is */
    assert_int_equal(kept_provider_check(&other, again, &r.err), KEPT_E_CRYPTO);
    assert_null(strstr(r.err.text, "staple"));
    assert_int_equal(kept_keyring_open(r.folder, "widgets", again, &k, &r.err), KEPT_E_CRYPTO);
    kept_root_free(again);
    /* The same words and another salt: another key. */
    assert_int_equal(key_of(&r, &p, WORDS, true, &again), 0);
    kept_root_name(again, two);
    assert_string_not_equal(one, two);
    kept_root_free(again);
    kept_root_free(root);
    ring_down(&r);
}

static void test_what_is_no_passphrase(void **state)
{
    (void)state;
    struct ring r;
    struct kept_provider p = parsed("passphrase");
    struct kept_root *root = NULL;
    char lengthy[KEPT_MAX_PASSPHRASE + 2];
    ring_up(&r);
    cheap(&p);
    memset(lengthy, 'x', sizeof lengthy - 1);
    lengthy[sizeof lengthy - 1] = 0;
    assert_int_equal(key_of(&r, &p, "", false, &root), KEPT_E_USAGE);
    assert_int_equal(key_of(&r, &p, "\n", false, &root), KEPT_E_USAGE);
    assert_int_equal(key_of(&r, &p, "\nsecond line", false, &root), KEPT_E_USAGE);
    assert_int_equal(key_of(&r, &p, lengthy, false, &root), KEPT_E_LIMIT);
    assert_int_equal(key_of(&r, &p, "eleven byte", true, &root), KEPT_E_USAGE); /* for a new one */
    assert_non_null(strstr(r.err.text, "at least 12"));
    assert_null(root);
    assert_int_equal(key_of(&r, &p, "twelve bytes", true, &root), 0);
    kept_root_free(root);
    lengthy[KEPT_MAX_PASSPHRASE] = 0;
    assert_int_equal(key_of(&r, &p, lengthy, true, &root), 0);
    kept_root_free(root);
    ring_down(&r);
}

static void test_a_passphrase_file_is_ours_alone(void **state)
{
    (void)state;
    struct ring r;
    struct kept_root *root = NULL;
    char path[128], where[160], other[160];
    ring_up(&r);
    (void)snprintf(path, sizeof path, "%s/words", r.dir);
    (void)snprintf(where, sizeof where, "passphrase:%s", path);
    struct kept_provider p = parsed(where);
    cheap(&p);
    assert_int_equal(kept_provider_root(&p, NULL, &root, &r.err), KEPT_E_NOTFOUND);
    spit(path, WORDS, strlen(WORDS));
    assert_int_equal(kept_provider_root(&p, NULL, &root, &r.err), 0);
    kept_root_free(root);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(kept_provider_root(&p, NULL, &root, &r.err), KEPT_E_USAGE);
    assert_non_null(strstr(r.err.text, "chmod 600"));
    assert_null(root);
    assert_int_equal(chmod(path, 0600), 0);
    (void)snprintf(other, sizeof other, "%s/elsewhere", r.dir);
    assert_int_equal(rename(path, other), 0);
    assert_int_equal(symlink(other, path), 0);
    assert_int_equal(kept_provider_root(&p, NULL, &root, &r.err), KEPT_E_USAGE);
    ring_down(&r);
}

/* Two lines of one descriptor are two passphrases: the former one, and the new. */
static void test_a_descriptor_gives_a_line_each_time(void **state)
{
    (void)state;
    static const char lines[] = WORDS "\nanother battery\n";
    struct ring r;
    struct kept_root *one = NULL, *two = NULL;
    char where[64], a[9], b[9];
    int ends[2];
    ring_up(&r);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], lines, strlen(lines)), (ssize_t)strlen(lines));
    assert_int_equal(close(ends[1]), 0);
    (void)snprintf(where, sizeof where, "passphrase:fd:%d", ends[0]);
    struct kept_provider p = parsed(where), q = parsed("passphrase");
    cheap(&p);
    cheap(&q);
    assert_int_equal(kept_provider_root(&p, NULL, &one, &r.err), 0);
    assert_int_equal(key_of(&r, &q, WORDS, false, &two), 0);
    kept_root_name(one, a);
    kept_root_name(two, b);
    assert_string_equal(a, b);
    kept_root_free(one);
    kept_root_free(two);
    assert_int_equal(kept_provider_root(&p, NULL, &one, &r.err), 0);
    kept_root_name(one, a);
    assert_string_not_equal(a, b);
    kept_root_free(one);
    assert_int_equal(kept_provider_root(&p, NULL, &one, &r.err), KEPT_E_USAGE); /* no third */
    assert_int_equal(close(ends[0]), 0);
    assert_int_equal(kept_provider_root(&p, NULL, &one, &r.err), KEPT_E_IO);
    ring_down(&r);
}

struct asked {
    const char *words;
    int rc, fresh;
};

static int answer(void *arg, int fresh, char *ret_text, size_t size, struct kept_err *err)
{
    struct asked *a = arg;
    (void)err;
    a->fresh = fresh;
    (void)snprintf(ret_text, size, "%s", a->words);
    return a->rc;
}

static void test_somebody_is_asked(void **state)
{
    (void)state;
    struct ring r;
    struct kept_root *root = NULL;
    struct asked asked = {.words = WORDS, .fresh = -1};
    const struct kept_ask ask = {answer, &asked};
    ring_up(&r);
    struct kept_provider p = parsed("passphrase");
    cheap(&p);
    assert_int_equal(kept_provider_root(&p, NULL, &root, &r.err), KEPT_E_USAGE);
    assert_non_null(strstr(r.err.text, "nobody is here"));
    assert_int_equal(kept_provider_root(&p, &ask, &root, &r.err), 0);
    assert_int_equal(asked.fresh, 0);
    kept_root_free(root);
    assert_int_equal(kept_provider_make(&p, &ask, &root, &r.err), 0);
    assert_int_equal(asked.fresh, 1);
    kept_root_free(root);
    asked.rc = KEPT_E_USAGE;
    assert_int_equal(kept_provider_root(&p, &ask, &root, &r.err), KEPT_E_USAGE);
    assert_null(root);
    ring_down(&r);
}

/* ---- programs -------------------------------------------------------------------------------- */

static void program(struct ring *r, char path[128], const char *text)
{
    (void)snprintf(path, 128, "%s/program", r->dir);
    (void)unlink(path);
    spit(path, text, strlen(text));
    assert_int_equal(chmod(path, 0700), 0);
}

static int run(struct ring *r, const char *prefix, const char *text, const char *arguments,
               struct kept_root **ret)
{
    char path[128], where[512];
    program(r, path, text);
    (void)snprintf(where, sizeof where, "%s%s%s", prefix, path, arguments);
    struct kept_provider p = parsed(where);
    cheap(&p);
    *ret = NULL;
    return kept_provider_root(&p, NULL, ret, &r->err);
}

static void test_a_program_prints_the_key(void **state)
{
    (void)state;
    struct ring r;
    struct kept_root *root = NULL;
    char text[512], one[9], two[9];
    ring_up(&r);
    (void)snprintf(text, sizeof text, "#!/bin/sh\nexec cat %s\n", r.root_path);
    assert_int_equal(run(&r, "command:", text, "", &root), 0);
    kept_root_name(root, one);
    kept_root_name(r.root, two);
    assert_string_equal(one, two);
    kept_root_free(root);
    /* Words as well, and they are stretched. */
    assert_int_equal(run(&r, "passphrase:command:", "#!/bin/sh\necho " WORDS "\n", "", &root), 0);
    kept_root_free(root);
    assert_int_equal(run(&r, "passphrase:command:", "#!/bin/sh\n", "", &root), KEPT_E_USAGE);
    ring_down(&r);
}

/* Arguments parted at blanks, no shell, nothing of ours but PATH, HOME and LC_ALL, in /. */
static void test_a_program_is_run_with_little(void **state)
{
    (void)state;
    struct ring r;
    struct kept_root *root = NULL;
    char text[512], seen[128];
    uint8_t out[2048] = {0};
    ring_up(&r);
    (void)snprintf(seen, sizeof seen, "%s/seen", r.dir);
    assert_int_equal(setenv("KEPT_TEST_SECRET", "x", 1), 0);
    int leak = open(r.root_path, O_RDONLY); /* not close-on-exec */
    assert_true(leak > 2);
    (void)snprintf(text, sizeof text,
                   "#!/bin/sh\n{ for a; do echo \"<$a>\"; done; env; pwd; ls /proc/self/fd; cat; } >%s\n"
                   "exec cat %s\n", seen, r.root_path);
    assert_int_equal(run(&r, "command:", text, " one  $HOME; *", &root), 0);
    kept_root_free(root);
    assert_true(slurp(seen, out, sizeof out - 1) < sizeof out);
    assert_non_null(strstr((char *)out, "<one>\n<$HOME;>\n<*>\n"));
    assert_non_null(strstr((char *)out, "\n/\n"));
    assert_null(strstr((char *)out, "KEPT_TEST_SECRET"));
    char fd[16];
    (void)snprintf(fd, sizeof fd, "\n%d\n", leak);
    if (leak > 3) /* ls has one of its own */
        assert_null(strstr((char *)out, fd));
    assert_int_equal(close(leak), 0);
    ring_down(&r);
}

static void refused(struct ring *r, const char *text, int code, const char *words)
{
    struct kept_root *root = NULL;
    int rc = run(r, "command:", text, "", &root);
    if (rc != code || strstr(r->err.text, words) == NULL)
        fail_msg("%s: %d %s", text, rc, r->err.text);
    assert_null(root);
}

static void test_a_program_that_fails(void **state)
{
    (void)state;
    struct ring r;
    char key[80] = {0}, text[512];
    ring_up(&r);
    assert_int_equal(slurp(r.root_path, (uint8_t *)key, 65), 65);
    key[64] = 0;
    refused(&r, "#!/bin/sh\nexit 3\n", KEPT_E_IO, "exit code 3");
    (void)snprintf(text, sizeof text, "#!/bin/sh\necho %s\nexit 1\n", key); /* its word does not count */
    refused(&r, text, KEPT_E_IO, "exit code 1");
    (void)snprintf(text, sizeof text, "#!/bin/sh\necho %s\nkill -9 $$\n", key);
    refused(&r, text, KEPT_E_IO, "signal 9");
    refused(&r, "#!/bin/sh\n", KEPT_E_CORRUPT, "no root key");
    refused(&r, "#!/bin/sh\necho junk\n", KEPT_E_CORRUPT, "no root key");
    (void)snprintf(text, sizeof text, "#!/bin/sh\necho %s\necho more\n", key);
    refused(&r, text, KEPT_E_CORRUPT, "no root key");
    assert_null(strstr(r.err.text, key));
    (void)snprintf(text, sizeof text, "#!/bin/sh\necho %.63sg\n", key);
    refused(&r, text, KEPT_E_CORRUPT, "no root key");
    assert_null(strstr(r.err.text, "g\n"));
    refused(&r, "#!/bin/sh\nyes junk\n", KEPT_E_LIMIT, "prints more");
    refused(&r, "#!/nowhere/at/all\n", KEPT_E_IO, "cannot run");
    ring_down(&r);
}

static void test_a_program_that_is_not_safe(void **state)
{
    (void)state;
    struct ring r;
    struct kept_root *root = NULL;
    char path[128], where[160];
    ring_up(&r);
    struct kept_provider p = parsed("command:program");
    assert_int_equal(kept_provider_root(&p, NULL, &root, &r.err), KEPT_E_USAGE);
    assert_non_null(strstr(r.err.text, "whole path"));
    p = parsed("command:/nowhere/program");
    assert_int_equal(kept_provider_root(&p, NULL, &root, &r.err), KEPT_E_NOTFOUND);
    p = parsed("command:/tmp");
    assert_int_equal(kept_provider_root(&p, NULL, &root, &r.err), KEPT_E_USAGE);
    program(&r, path, "#!/bin/sh\n");
    (void)snprintf(where, sizeof where, "command:%s", path);
    p = parsed(where);
    assert_int_equal(chmod(path, 0770), 0);
    assert_int_equal(kept_provider_root(&p, NULL, &root, &r.err), KEPT_E_USAGE);
    assert_non_null(strstr(r.err.text, "chmod go-w"));
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(kept_provider_root(&p, NULL, &root, &r.err), KEPT_E_USAGE);
    if (geteuid() == 0) {
        assert_int_equal(chmod(path, 0700), 0);
        assert_int_equal(chown(path, 12345, (gid_t)-1), 0);
        assert_int_equal(kept_provider_root(&p, NULL, &root, &r.err), KEPT_E_USAGE);
        assert_non_null(strstr(r.err.text, "another user"));
    }
    char many[256] = "command:/bin/true";
    for (unsigned i = 0; i < KEPT_MAX_COMMAND_WORDS; i++)
        (void)snprintf(many + strlen(many), sizeof many - strlen(many), " x");
    p = parsed(many);
    assert_int_equal(kept_provider_root(&p, NULL, &root, &r.err), KEPT_E_LIMIT);
    ring_down(&r);
}

/* The time it has, a hundred times shorter. */
static bool hurry;
int timerfd_settime(int fd, int flags, const struct itimerspec *next, struct itimerspec *last)
{
    struct itimerspec in = *next;
    int (*call)(int, int, const struct itimerspec *, struct itimerspec *);
    void *at = dlsym(RTLD_NEXT, "timerfd_settime");
    assert_non_null(at);
    memcpy(&call, &at, sizeof call);
    if (hurry) {
        in.it_value.tv_nsec = in.it_value.tv_sec * 10000000;
        in.it_value.tv_sec = 0;
    }
    return call(fd, flags, &in, last);
}

static bool is_gone(const char *pid_file)
{
    uint8_t text[512] = {0};
    char path[64];
    assert_true(slurp(pid_file, text, sizeof text - 1) < sizeof text);
    pid_t pid = (pid_t)strtol((char *)text, NULL, 10);
    assert_true(pid > 1);
    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    for (unsigned n = 0; n < 500; n++) { /* whoever inherits it may be slow to reap it */
        memset(text, 0, sizeof text);
        if (slurp(path, text, sizeof text - 1) >= sizeof text || strstr((char *)text, ") Z ") != NULL)
            return true;
        assert_int_equal(usleep(10000), 0);
    }
    return false;
}

/* It and all that it started are gone when its time is over, or itself. */
static void test_a_program_that_hangs(void **state)
{
    (void)state;
    static const struct {
        const char *behind; /* the note of its child's number */
        int code;
        const char *words;
    } cases[] = {{"wait", KEPT_E_IO, "more than 30 seconds"},
                 {"exec >&-; wait", KEPT_E_IO, "more than 30 seconds"},
                 {"echo junk; exit 0", KEPT_E_CORRUPT, "no root key"}}; /* the child holds the pipe */
    struct ring r;
    char text[256], seen[128];
    ring_up(&r);
    hurry = true;
    (void)snprintf(seen, sizeof seen, "%s/seen", r.dir);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        (void)snprintf(text, sizeof text, "#!/bin/sh\nsleep 1000 &\necho $! >%s\n%s\n", seen,
                       cases[i].behind);
        refused(&r, text, cases[i].code, cases[i].words);
        assert_true(is_gone(seen));
    }
    hurry = false;
    ring_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_the_words_mean),
        cmocka_unit_test(test_the_note_is_read_as_it_was_written),
        cmocka_unit_test(test_a_damaged_note_is_refused),
        cmocka_unit_test(test_argon2id_is_the_one_of_rfc_9106),
        cmocka_unit_test(test_a_passphrase_opens_and_another_does_not),
        cmocka_unit_test(test_what_is_no_passphrase),
        cmocka_unit_test(test_a_passphrase_file_is_ours_alone),
        cmocka_unit_test(test_a_descriptor_gives_a_line_each_time),
        cmocka_unit_test(test_somebody_is_asked),
        cmocka_unit_test(test_a_program_prints_the_key),
        cmocka_unit_test(test_a_program_is_run_with_little),
        cmocka_unit_test(test_a_program_that_fails),
        cmocka_unit_test(test_a_program_that_is_not_safe),
        cmocka_unit_test(test_a_program_that_hangs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
