/* test_words.c - who has the root key, told in every wrong way: words, notes, paper. */
#include "keys_aid.h"

#include "../aid/deep.h"
#include "base/mem.h"
#include "keys/root_int.h"

#define WORDS "correct horse battery staple"

static void refused(struct ring *r, int rc, int code, const char *words)
{
    if (rc != code || strstr(r->err.text, words) == NULL)
        fail_msg("%d, not %d for %s: %s", rc, code, words, r->err.text);
}

static struct kept_provider cheap(enum kept_words from)
{
    return (struct kept_provider){.kind = KEPT_BY_PASSPHRASE, .words = from, .rounds = 1, .bytes = 8192, .fd = -1};
}

/* ---- a passphrase ------------------------------------------------------------------------------- */

struct answer {
    const char *words, *error;
    int rc;
};

static int answer(void *arg, int fresh, char *ret_text, size_t size, struct kept_err *err)
{
    const struct answer *a = arg;
    (void)fresh;
    (void)snprintf(ret_text, size, "%s", a->words);
    if (a->error != NULL)
        (void)snprintf(err->text, sizeof err->text, "%s", a->error);
    return a->rc;
}

static void test_what_somebody_answers(void **state)
{
    struct ring r;
    struct kept_root *root = NULL;
    struct kept_provider p = cheap(KEPT_WORDS_ASKED);
    struct answer a = {.words = "two\nlines"};
    const struct kept_ask nobody = {NULL, NULL}, ask = {answer, &a};
    (void)state;
    ring_up(&r);
    refused(&r, kept_provider_root(&p, &nobody, &root, &r.err), KEPT_E_USAGE, "nobody is here");
    refused(&r, kept_provider_root(&p, &ask, &root, &r.err), KEPT_E_USAGE, "one line");
    a.rc = 7; /* no code of ours */
    refused(&r, kept_provider_root(&p, &ask, &root, &r.err), KEPT_E_IO, "no passphrase was given");
    a.rc = KEPT_E_USAGE;
    a.error = "the terminal is gone";
    refused(&r, kept_provider_root(&p, &ask, &root, &r.err), KEPT_E_USAGE, "the terminal is gone");
    p.words = (enum kept_words)9;
    assert_int_equal(kept_provider_root(&p, &ask, &root, &r.err), KEPT_E_BUG);
    assert_null(root);
    ring_down(&r);
}

static void test_lines_of_a_file(void **state)
{
    static char longest[KEPT_MAX_PASSPHRASE + 100];
    struct ring r;
    struct kept_root *root = NULL;
    struct kept_provider p = cheap(KEPT_WORDS_FILE);
    uint8_t plain[9] = "", with[9] = "";
    (void)state;
    ring_up(&r);
    (void)snprintf(p.path, sizeof p.path, "%s/words", r.dir);
    memset(longest, 'w', sizeof longest);
    for (size_t n = KEPT_MAX_PASSPHRASE; n < KEPT_MAX_PASSPHRASE + 4; n++) {
        spit(p.path, longest, n);
        int rc = kept_provider_root(&p, NULL, &root, &r.err);
        assert_int_equal(rc, n == KEPT_MAX_PASSPHRASE ? 0 : KEPT_E_LIMIT);
        kept_root_free(root);
    }
    spit(p.path, WORDS, strlen(WORDS));
    assert_int_equal(kept_provider_root(&p, NULL, &root, &r.err), 0);
    kept_root_name(root, (char *)plain);
    kept_root_free(root);
    spit(p.path, WORDS "\r\nmore\n", strlen(WORDS) + 7); /* a line's end of elsewhere is no part of it */
    assert_int_equal(kept_provider_root(&p, NULL, &root, &r.err), 0);
    kept_root_name(root, (char *)with);
    kept_root_free(root);
    assert_memory_equal(plain, with, sizeof plain);
    spit(p.path, "zero\0inside it", 14);
    refused(&r, kept_provider_root(&p, NULL, &root, &r.err), KEPT_E_USAGE, "one line");
    ring_down(&r);
}

static void test_a_command_that_is_none(void **state)
{
    static char text[2 * KEPT_MAX_WHERE], out[64];
    struct ring r;
    size_t n = 0;
    (void)state;
    ring_up(&r);
    memset(text, 'x', sizeof text - 1);
    text[0] = '/';
    refused(&r, kept_command_run(text, out, sizeof out, &n, &r.err), KEPT_E_LIMIT, "too long");
    refused(&r, kept_command_run("   ", out, sizeof out, &n, &r.err), KEPT_E_USAGE, "whole path");
    refused(&r, kept_command_run("cat /etc/passwd", out, sizeof out, &n, &r.err), KEPT_E_USAGE, "whole path");
    refused(&r, kept_command_run("/etc/passwd/x", out, sizeof out, &n, &r.err), KEPT_E_IO, "cannot look at");
    assert_int_equal(n, 0);
    ring_down(&r);
}

/* ---- the note in the keyring's folder ------------------------------------------------------------ */

static void note(struct ring *r, const void *text, size_t n)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/root.provider", r->folder);
    spit(path, text, n);
}

static void test_notes_that_nobody_wrote(void **state)
{
#define HEAD "kept root provider 1\nroot 01234567\nwhere "
#define SALT "00112233445566778899aabbccddeeff"
    static const char *const bad[] = {
        HEAD "passphrase\n",                                                       /* no cost */
        HEAD "passphrase\nargon2id rounds x bytes 8192 salt " SALT "\n",
        HEAD "passphrase\nargon2id rounds 1 bytes 8192 salt " SALT "0\n",
        HEAD "passphrase\nargon2id rounds 1 bytes 8192 salt 0011\n",
        HEAD "passphrase\nargon2id rounds 1 bytes 8192 salt 00112233445566778899aabbccddeefg\n",
        HEAD "passphrase\nargon2id rounds 1 bytes 8192 salt 00112233445566778899AABBCCDDEEFF\n",
        HEAD "passphrase\nargon2id rounds 1 bytes 8192 salt " SALT " \n",
        HEAD "passphrase\nargon2id rounds 0 bytes 8192 salt " SALT "\n",
        HEAD "passphrase\nargon2id rounds 65 bytes 8192 salt " SALT "\n",
        HEAD "passphrase\nargon2id rounds 1 bytes 9999999999999 salt " SALT "\n",
        HEAD "passphrase:fd:x\n",
        "kept root provider 1\nroot 0123456x\nwhere file:/x\n",
    };
    static const char good[] = HEAD "passphrase\nargon2id rounds 64 bytes 8192 salt " SALT "\n";
    static char longest[5000];
    struct ring r;
    struct kept_provider p;
    (void)state;
    ring_up(&r);
    kept_keyring_close(ring_new(&r));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        note(&r, bad[i], strlen(bad[i]));
        refused(&r, kept_provider_load(r.folder, &p, &r.err), KEPT_E_CORRUPT, "does not say who has");
    }
    note(&r, good, strlen(good));
    assert_int_equal(kept_provider_load(r.folder, &p, &r.err), 0);
    assert_int_equal(p.rounds, 64);
    note(&r, good, sizeof good); /* with its zero */
    refused(&r, kept_provider_load(r.folder, &p, &r.err), KEPT_E_CORRUPT, "no text that kept wrote");
    memset(longest, 'x', sizeof longest);
    note(&r, longest, 4096);
    refused(&r, kept_provider_load(r.folder, &p, &r.err), KEPT_E_CORRUPT, "no text that kept wrote");
    note(&r, longest, 4097);
    assert_int_equal(kept_provider_load(r.folder, &p, &r.err), KEPT_E_LIMIT);
    refused(&r, kept_provider_find(r.folder, NULL, &p, &r.err), KEPT_E_LIMIT, "root.provider");
    refused(&r, kept_provider_find(r.folder, "file:/x", &p, &r.err), KEPT_E_LIMIT, "root.provider");
    ring_down(&r);
}

static void test_what_is_said_and_what_is_known(void **state)
{
    struct ring r;
    struct kept_provider p, words = cheap(KEPT_WORDS_FILE);
    struct kept_root *root = NULL;
    char where[200], path[128];
    (void)state;
    ring_up(&r);
    kept_keyring_close(ring_new(&r));
    /* Nothing is known. */
    refused(&r, kept_provider_find(r.folder, "passphrase:fd:x", &p, &r.err), KEPT_E_USAGE, "descriptor");
    refused(&r, kept_provider_find(r.folder, "", &p, &r.err), KEPT_E_USAGE, "nothing says");
    refused(&r, kept_provider_find(r.folder, "passphrase", &p, &r.err), KEPT_E_USAGE, "does not come of a passphrase");
    (void)snprintf(where, sizeof where, "file:%s", r.root_path);
    assert_int_equal(kept_provider_find(r.folder, where, &p, &r.err), 0);
    assert_string_equal(p.root, "");
    /* A file is known. */
    assert_int_equal(kept_provider_make(&p, NULL, &root, &r.err), 0); /* there already */
    kept_root_free(root);
    assert_int_equal(kept_provider_save(r.folder, &p, &r.err), 0);
    refused(&r, kept_provider_find(r.folder, "passphrase", &p, &r.err), KEPT_E_USAGE, "does not come of a passphrase");
    assert_int_equal(kept_provider_find(r.folder, "", &p, &r.err), 0);
    assert_int_equal(kept_provider_root(&p, NULL, &root, &r.err), 0);
    assert_int_equal(kept_provider_check(&p, root, &r.err), 0);
    kept_root_free(root);
    /* Another file is made, and is another key. */
    (void)snprintf(path, sizeof path, "%s/fresh", r.dir);
    struct kept_provider fresh = {.kind = KEPT_BY_FILE};
    (void)snprintf(fresh.path, sizeof fresh.path, "%s", path);
    assert_int_equal(kept_provider_make(&fresh, NULL, &root, &r.err), 0);
    assert_int_equal(access(path, F_OK), 0);
    refused(&r, kept_provider_check(&p, root, &r.err), KEPT_E_CRYPTO, fresh.root);
    kept_root_free(root);
    (void)snprintf(fresh.path, sizeof fresh.path, "%s/none/fresh", r.dir);
    assert_int_equal(kept_provider_make(&fresh, NULL, &root, &r.err), KEPT_E_NOTFOUND);
    assert_null(root);
    /* A passphrase is known. */
    (void)snprintf(words.path, sizeof words.path, "%s/words", r.dir);
    spit(words.path, WORDS "\n", strlen(WORDS) + 1);
    assert_int_equal(kept_provider_make(&words, NULL, &root, &r.err), 0);
    assert_int_equal(kept_provider_save(r.folder, &words, &r.err), 0);
    assert_int_equal(kept_provider_find(r.folder, "passphrase:fd:0", &p, &r.err), 0);
    assert_memory_equal(p.salt, words.salt, sizeof p.salt);
    assert_string_equal(p.root, words.root);
    refused(&r, kept_provider_check(&words, r.root, &r.err), KEPT_E_CRYPTO, "not the passphrase");
    words.root[0] = 0; /* not known yet: any may be it */
    assert_int_equal(kept_provider_check(&words, r.root, &r.err), 0);
    kept_root_free(root);
    ring_down(&r);
}

static void test_paths_of_a_note(void **state)
{
    static char deep[KEPT_MAX_PATH];
    struct ring r;
    struct kept_provider p = {.kind = KEPT_BY_FILE, .path = "/etc/hostname", .root = "01234567"}, found;
    (void)state;
    ring_up(&r);
    kept_keyring_close(ring_new(&r));
    assert_int_equal(kept_provider_save(r.folder, &p, &r.err), 0); /* elsewhere: by its whole path */
    assert_int_equal(kept_provider_load(r.folder, &found, &r.err), 0);
    assert_string_equal(found.path, "/etc/hostname");
    /* A short name whose file lies too deep to be noted. */
    deep_path(r.dir, 1500, deep);
    spit(deep, "x", 1);
    (void)snprintf(p.path, sizeof p.path, "%s/short", r.dir);
    assert_int_equal(symlink(deep, p.path), 0);
    p.whole_paths = true;
    refused(&r, kept_provider_save(r.folder, &p, &r.err), KEPT_E_LIMIT, "at most");
    assert_int_equal(kept_provider_load(r.folder, &found, &r.err), 0);
    assert_string_equal(found.path, "/etc/hostname"); /* what stood there still does */
    ring_down(&r);
}

/* ---- paper --------------------------------------------------------------------------------------- */

static int read_paper(struct ring *r, const char *text)
{
    struct kept_root *root = NULL;
    int rc = kept_root_read_recovery(text, &root, &r->err);
    if (rc == 0)
        assert_memory_equal(root->key, r->root->key, KEPT_KEY_BYTES);
    kept_root_free(root);
    return rc;
}

/* with in place of each c of the paper behind its title's name. */
static void typed(const char *paper, char c, const char *with, char ret[2048])
{
    size_t n = 0, head = strlen("kept root key ");
    for (size_t i = 0; paper[i] != 0; i++) {
        ret[n] = paper[i];
        ret[n + 1] = 0;
        if (i >= head && paper[i] == c)
            (void)snprintf(ret + n, 2048 - n, "%s", with);
        n += strlen(ret + n);
    }
}

static void test_paper_as_people_type_it(void **state)
{
    struct ring r;
    struct kept_buf paper;
    char text[2048], other[2100];
    (void)state;
    ring_up(&r);
    kept_buf_init_secret(&paper, 2048);
    assert_int_equal(kept_root_recovery(r.root, &paper), 0);
    kept_buf_u8(&paper, 0);
    const char *whole = (const char *)paper.p;
    assert_int_equal(read_paper(&r, whole), 0);
    typed(whole, '\n', "\r\n \t\n", text);
    assert_int_equal(read_paper(&r, text), 0);
    typed(whole, '\n', "\n\n", text);
    (void)snprintf(other, sizeof other, "\r\n \t%s - \n", text);
    assert_int_equal(read_paper(&r, other), 0);
    char *second = strstr(text, "\n2  ");
    assert_non_null(second);
    second[3] = '-';
    second[2] = '\t';
    second[8] = '-';
    assert_int_equal(read_paper(&r, text), 0);
    typed(whole, '\n', " x\n", text); /* words behind the digits */
    refused(&r, read_paper(&r, text), KEPT_E_CORRUPT, "line 1");
    (void)snprintf(other, sizeof other, "%s9  0000 0000 0000\n", whole);
    refused(&r, read_paper(&r, other), KEPT_E_CORRUPT, "behind line 8");
    (void)snprintf(other, sizeof other, "%s", whole);
    char *first = strstr(other, "\n1  ");
    first[2] = '0'; /* no blank behind the number */
    refused(&r, read_paper(&r, other), KEPT_E_CORRUPT, "line 1");
    kept_buf_release(&paper);
    /* Paper of a key that is none, and of a name that is none. */
    struct kept_root nobody = {{0}, {1, 2, 3, 4}};
    kept_buf_init_secret(&paper, 2048);
    assert_int_equal(kept_root_recovery(&nobody, &paper), 0);
    kept_buf_u8(&paper, 0);
    refused(&r, read_paper(&r, (const char *)paper.p), KEPT_E_CORRUPT, "does not fit its digits");
    kept_buf_release(&paper);
    ring_down(&r);
}

static void test_a_name_that_is_none(void **state)
{
    struct ring r;
    struct kept_buf paper;
    (void)state;
    ring_up(&r);
    kept_buf_init_secret(&paper, 2048);
    assert_int_equal(kept_root_recovery(r.root, &paper), 0);
    kept_buf_u8(&paper, 0);
    paper.p[strlen("kept root key ") + 1] = 'x';
    refused(&r, read_paper(&r, (const char *)paper.p), KEPT_E_CORRUPT, "first line");
    paper.p[strlen("kept root key ") + 1] = '\n'; /* the line is over */
    assert_int_equal(read_paper(&r, (const char *)paper.p), KEPT_E_CORRUPT);
    kept_buf_release(&paper);
    ring_down(&r);
}

/* ---- the file ------------------------------------------------------------------------------------ */

static void test_a_file_of_the_folder_we_are_in(void **state)
{
    struct ring r;
    struct kept_root *root = NULL;
    char before[KEPT_MAX_PATH];
    (void)state;
    ring_up(&r);
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(r.dir), 0);
    assert_int_equal(kept_root_create("here", &r.err), 0);
    assert_int_equal(kept_root_load("here", &root, &r.err), 0);
    kept_root_free(root);
    assert_int_equal(chdir(before), 0);
    assert_int_equal(kept_root_load("here", &root, &r.err), KEPT_E_NOTFOUND);
    ring_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_somebody_answers),
        cmocka_unit_test(test_lines_of_a_file),
        cmocka_unit_test(test_a_command_that_is_none),
        cmocka_unit_test(test_notes_that_nobody_wrote),
        cmocka_unit_test(test_what_is_said_and_what_is_known),
        cmocka_unit_test(test_paths_of_a_note),
        cmocka_unit_test(test_paper_as_people_type_it),
        cmocka_unit_test(test_a_name_that_is_none),
        cmocka_unit_test(test_a_file_of_the_folder_we_are_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
