/* test_root.c - the root key's file and its recovery copy: every refusal, and every slip of the pen. */
#include "keys_aid.h"

#include <ctype.h>

static void refused(struct ring *r, int code, const char *words)
{
    struct kept_root *root = NULL;
    assert_int_equal(kept_root_load(r->root_path, &root, &r->err), code);
    assert_null(root);
    assert_int_equal(r->err.code, code);
    if (strstr(r->err.text, words) == NULL)
        print_message("%s\n", r->err.text);
    assert_non_null(strstr(r->err.text, words));
}

static void test_a_root_key_is_made_and_loaded(void **state)
{
    (void)state;
    struct ring r;
    struct stat st;
    struct kept_root *again = NULL;
    char one[9], two[9];
    uint8_t text[128];
    ring_up(&r);
    assert_int_equal(stat(r.root_path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(slurp(r.root_path, text, sizeof text), 65);
    assert_int_equal(text[64], '\n');
    assert_int_equal(kept_root_load(r.root_path, &again, &r.err), 0);
    kept_root_name(r.root, one);
    kept_root_name(again, two);
    assert_string_equal(one, two);
    assert_int_equal(strlen(one), 8);
    text[64] = 0;
    assert_null(strstr((char *)text, one)); /* the name is no part of the key */
    kept_root_free(again);
    ring_down(&r);
}

static void test_a_root_key_is_never_written_over(void **state)
{
    (void)state;
    struct ring r;
    uint8_t before[128], after[128];
    ring_up(&r);
    size_t n = slurp(r.root_path, before, sizeof before);
    assert_int_equal(kept_root_create(r.root_path, &r.err), KEPT_E_CONFLICT);
    assert_int_equal(slurp(r.root_path, after, sizeof after), n);
    assert_memory_equal(before, after, n);
    ring_down(&r);
}

static void test_an_open_mode_is_refused_with_the_cure(void **state)
{
    (void)state;
    static const mode_t modes[] = {0644, 0640, 0604, 0660, 0601, 0610, 0602, 0777};
    struct ring r;
    char cure[128];
    ring_up(&r);
    (void)snprintf(cure, sizeof cure, "chmod 600 %s", r.root_path);
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        assert_int_equal(chmod(r.root_path, modes[i]), 0);
        refused(&r, KEPT_E_USAGE, cure);
    }
    struct kept_root *root = NULL;
    assert_int_equal(chmod(r.root_path, 0400), 0);
    assert_int_equal(kept_root_load(r.root_path, &root, &r.err), 0);
    kept_root_free(root);
    ring_down(&r);
}

static void test_links_folders_pipes_and_strangers_are_refused(void **state)
{
    (void)state;
    struct ring r;
    char other[128];
    ring_up(&r);
    (void)snprintf(other, sizeof other, "%s/elsewhere", r.dir);
    assert_int_equal(rename(r.root_path, other), 0);
    refused(&r, KEPT_E_NOTFOUND, "recovery copy");
    assert_int_equal(symlink(other, r.root_path), 0);
    refused(&r, KEPT_E_USAGE, "symbolic link");
    assert_int_equal(unlink(r.root_path), 0);
    assert_int_equal(mkfifo(r.root_path, 0600), 0);
    refused(&r, KEPT_E_USAGE, "not a plain file");
    assert_int_equal(unlink(r.root_path), 0);
    assert_int_equal(mkdir(r.root_path, 0700), 0);
    refused(&r, KEPT_E_USAGE, "not a plain file");
    assert_int_equal(rmdir(r.root_path), 0);
    assert_int_equal(rename(other, r.root_path), 0);
    if (geteuid() == 0) { /* only root can give a file away */
        assert_int_equal(chown(r.root_path, 12345, (gid_t)-1), 0);
        refused(&r, KEPT_E_USAGE, "another user");
    }
    ring_down(&r);
}

static void test_garbage_is_refused_and_not_repeated(void **state)
{
    (void)state;
    struct ring r;
    char text[80];
    ring_up(&r);
    assert_int_equal(slurp(r.root_path, (uint8_t *)text, sizeof text), 65);
    char good[66];
    memcpy(good, text, 65);
    good[65] = 0;
    static const struct {
        size_t at;
        char c;
    } bad[] = {{0, 'g'}, {31, ' '}, {63, 'x'}, {64, 'x'}, {64, '0'}, {10, 0}, {64, '\r'}, {40, '\n'}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        memcpy(text, good, 65);
        text[bad[i].at] = bad[i].c;
        spit(r.root_path, text, 65);
        refused(&r, KEPT_E_CORRUPT, "not a root key");
        good[64] = 0;
        assert_null(strstr(r.err.text, good));
        char part[9] = {0};
        memcpy(part, good + 20, 8);
        assert_null(strstr(r.err.text, part));
        good[64] = '\n';
    }
    for (size_t n = 0; n < 64; n += 7) {
        spit(r.root_path, good, n);
        refused(&r, KEPT_E_CORRUPT, "64 hex digits");
    }
    (void)snprintf(text, sizeof text, "%.64s\n\n", good);
    spit(r.root_path, text, 66);
    refused(&r, KEPT_E_CORRUPT, "64 hex digits");
    memset(text, '0', 64);
    spit(r.root_path, text, 64);
    refused(&r, KEPT_E_CORRUPT, "not a root key"); /* an overwritten key is no key */
    struct kept_root *root = NULL;
    spit(r.root_path, good, 64); /* no newline, upper case: still the key */
    assert_int_equal(kept_root_load(r.root_path, &root, &r.err), 0);
    kept_root_free(root);
    for (size_t i = 0; i < 64; i++)
        good[i] = (char)toupper(good[i]);
    spit(r.root_path, good, 65);
    assert_int_equal(kept_root_load(r.root_path, &root, &r.err), 0);
    kept_root_free(root);
    ring_down(&r);
}

/* ---- recovery ---------------------------------------------------------------------------------- */

static char *recovery_of(struct ring *r)
{
    struct kept_buf out;
    kept_buf_init_secret(&out, 4096);
    assert_int_equal(kept_root_recovery(r->root, &out), 0);
    char *text = strdup((char *)out.p);
    kept_buf_release(&out);
    return text;
}

static int recover(struct ring *r, const char *text, char path[128])
{
    (void)snprintf(path, 128, "%s/recovered", r->dir);
    return kept_root_from_recovery(text, path, &r->err);
}

static void test_a_recovery_copy_brings_the_key_back(void **state)
{
    (void)state;
    struct ring r;
    char path[128];
    uint8_t one[80], two[80];
    ring_up(&r);
    char *text = recovery_of(&r);
    assert_int_equal(recover(&r, text, path), 0);
    assert_int_equal(slurp(r.root_path, one, sizeof one), 65);
    assert_int_equal(slurp(path, two, sizeof two), 65);
    assert_memory_equal(one, two, 65);
    assert_int_equal(recover(&r, text, path), KEPT_E_CONFLICT); /* never over a key */
    assert_int_equal(unlink(path), 0);
    for (char *p = strchr(text, '\n'); *p != 0; p++)
        *p = (char)toupper(*p);
    assert_int_equal(recover(&r, text, path), 0); /* as people type it */
    free(text);
    ring_down(&r);
}

static void test_every_single_mistyped_digit_is_found(void **state)
{
    (void)state;
    static const char digits[] = "0123456789abcdef";
    struct ring r;
    char path[128], line[16];
    ring_up(&r);
    char *text = recovery_of(&r);
    char *body = strchr(text, '\n') + 1;
    unsigned tried = 0;
    for (char *p = text + strlen("kept root key "); *p != 0; p++) {
        if (p > text + 22 && p < body)
            continue; /* the words of the title */
        if (strchr(digits, *p) == NULL)
            continue;
        char was = *p;
        for (const char *d = digits; *d != 0; d++) {
            if (*d == was)
                continue;
            *p = *d;
            tried++;
            assert_int_equal(recover(&r, text, path), KEPT_E_CORRUPT);
            assert_int_not_equal(access(path, F_OK), 0);
        }
        *p = was;
    }
    assert_int_equal(tried, (8 + 8 * 13) * 15);
    /* The message names the line. */
    (void)snprintf(line, sizeof line, "line 3");
    char *third = strstr(text, "\n3  ") + 5;
    *third = *third == '0' ? '1' : '0';
    assert_int_equal(recover(&r, text, path), KEPT_E_CORRUPT);
    assert_non_null(strstr(r.err.text, line));
    free(text);
    ring_down(&r);
}

static void test_swapped_missing_and_foreign_lines_are_found(void **state)
{
    (void)state;
    struct ring r;
    char path[128];
    ring_up(&r);
    char *good = recovery_of(&r);
    size_t n = strlen(good);
    char *text = strdup(good);
    /* every swap of neighbouring characters */
    for (size_t i = 0; i + 1 < n; i++) {
        memcpy(text, good, n + 1);
        if (good[i] == good[i + 1] || !isxdigit(good[i]) || !isxdigit(good[i + 1]) ||
            (i > 22 && good + i < strchr(good, '\n')))
            continue;
        text[i] = good[i + 1];
        text[i + 1] = good[i];
        if (i < 9)
            continue; /* "de" of no word here: the title's own letters */
        assert_int_equal(recover(&r, text, path), KEPT_E_CORRUPT);
    }
    /* every cut, but for the last newline */
    for (size_t i = 0; i + 1 < n; i++) {
        memcpy(text, good, n + 1);
        text[i] = 0;
        assert_int_equal(recover(&r, text, path), KEPT_E_CORRUPT);
    }
    /* two lines exchanged, digits and checks together */
    memcpy(text, good, n + 1);
    char *one = strchr(text, '\n') + 1, *two = strchr(one, '\n') + 1;
    size_t len = (size_t)(two - one);
    char keep[64];
    memcpy(keep, one + 1, len - 1);
    memcpy(one + 1, two + 1, len - 1);
    memcpy(two + 1, keep, len - 1);
    assert_int_equal(recover(&r, text, path), KEPT_E_CORRUPT);
    assert_int_equal(recover(&r, "", path), KEPT_E_CORRUPT);
    assert_int_equal(recover(&r, "hello\n", path), KEPT_E_CORRUPT);
    char *more = malloc(n + 8);
    (void)snprintf(more, n + 8, "%s9  x\n", good);
    assert_int_equal(recover(&r, more, path), KEPT_E_CORRUPT);
    free(more);
    free(text);
    free(good);
    ring_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_root_key_is_made_and_loaded),
        cmocka_unit_test(test_a_root_key_is_never_written_over),
        cmocka_unit_test(test_an_open_mode_is_refused_with_the_cure),
        cmocka_unit_test(test_links_folders_pipes_and_strangers_are_refused),
        cmocka_unit_test(test_garbage_is_refused_and_not_repeated),
        cmocka_unit_test(test_a_recovery_copy_brings_the_key_back),
        cmocka_unit_test(test_every_single_mistyped_digit_is_found),
        cmocka_unit_test(test_swapped_missing_and_foreign_lines_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
