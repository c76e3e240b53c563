/* test_scan.c - what the scanner finds, measured on a labelled corpus, and that neither the cut of
 * the text into pieces nor hostile bytes change it.
 *
 * tests/scan/corpus/FILE.txt: a text a line, [[kind|text]] where something should be found. A finding
 * is right when kind, begin and end are. KEPT_SCAN_CORPUS=FOLDER measures another corpus, without
 * floors; KEPT_SCAN_SHOW=1 prints what was missed and what was wrong. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "scan/scan.h"

#define MAX_MARKS 64u

struct mark {
    enum kept_item_kind kind;
    uint64_t at;
    size_t n;
};

struct marks {
    struct mark mark[MAX_MARKS];
    size_t count;
    char values[4096];
    int stop; /* returned at the first */
};

static int note(void *arg, const struct kept_finding *f)
{
    struct marks *m = arg;
    assert_true(m->count < MAX_MARKS);
    m->mark[m->count++] = (struct mark){f->kind, f->at, f->n};
    size_t n = strlen(m->values);
    (void)snprintf(m->values + n, sizeof m->values - n, "%s=%.*s@%u;", kept_kind_name(f->kind),
                   (int)f->value.n, (const char *)f->value.p, (unsigned)f->line);
    return m->stop;
}

/* piece: how many bytes at a time; 0: all. */
static int scan(struct kept_span text, size_t piece, struct marks *marks)
{
    struct kept_scan *scan = NULL;
    const struct kept_scan_to to = {.arg = marks, .found = note};
    int rc = kept_scan_new(&to, &scan);
    for (size_t at = 0; rc == 0 && at < text.n;) {
        size_t n = piece == 0 || piece > text.n - at ? text.n - at : piece;
        uint8_t *copy = malloc(n); /* so that a read past the piece is seen */
        memcpy(copy, text.p + at, n);
        rc = kept_scan_feed(scan, (struct kept_span){copy, n});
        free(copy);
        at += n;
    }
    if (rc == 0)
        rc = kept_scan_end(scan);
    kept_scan_free(scan);
    return rc;
}

static struct kept_span span_of(const char *text)
{
    return (struct kept_span){(const uint8_t *)text, strlen(text)};
}

static void expect(const char *text, const char *want)
{
    struct marks m = {.count = 0};
    assert_int_equal(scan(span_of(text), 0, &m), 0);
    if (strcmp(m.values, want) != 0)
        print_message("%s: %s\n", text, m.values);
    assert_string_equal(m.values, want);
}

/* ---- the corpus ------------------------------------------------------------------------------- */

struct figures {
    unsigned right, wrong, missed;
};

/* A labelled line into its text and its marks. */
static void unlabel(const char *line, char *text, struct marks *marks)
{
    size_t n = 0;
    marks->count = 0;
    while (*line != 0 && *line != '\n') {
        char name[32] = "";
        int length = 0;
        if (sscanf(line, "[[%31[a-z0-9-]|%n", name, &length) == 1 && length > 0) {
            const char *end = strstr(line + length, "]]");
            struct mark *m = &marks->mark[marks->count++];
            m->kind = kept_kind_named(name);
            assert_int_not_equal(m->kind, KEPT_KIND_NONE);
            assert_non_null(end);
            m->at = n;
            m->n = (size_t)(end - line) - (size_t)length;
            memcpy(text + n, line + length, m->n);
            n += m->n;
            line = end + 2;
            continue;
        }
        text[n++] = *line++;
    }
    text[n] = 0;
}

static bool has(const struct marks *in, const struct mark *m)
{
    for (size_t i = 0; i < in->count; i++)
        if (in->mark[i].kind == m->kind && in->mark[i].at == m->at && in->mark[i].n == m->n)
            return true;
    return false;
}

static void show(const char *what, const char *text, const struct mark *m)
{
    if (getenv("KEPT_SCAN_SHOW") != NULL)
        print_message("  %s %s '%.*s' in: %s\n", what, kept_kind_name(m->kind), (int)m->n,
                      text + m->at, text);
}

static void compare(const char *text, const struct marks *want, const struct marks *got,
                    struct figures *figures)
{
    for (size_t i = 0; i < got->count; i++) {
        bool right = has(want, &got->mark[i]);
        figures[got->mark[i].kind].right += right;
        figures[got->mark[i].kind].wrong += !right;
        if (!right)
            show("wrong ", text, &got->mark[i]);
    }
    for (size_t i = 0; i < want->count; i++)
        if (!has(got, &want->mark[i])) {
            figures[want->mark[i].kind].missed++;
            show("missed", text, &want->mark[i]);
        }
}

/* Each line of each file of the corpus. */
static void each_line(const char *folder, void (*visit)(const char *line, void *arg), void *arg)
{
    struct dirent **names = NULL;
    int files = scandir(folder, &names, NULL, alphasort);
    assert_true(files > 2);
    for (int i = 0; i < files; i++) {
        char path[512], line[4096];
        size_t n = strlen(names[i]->d_name);
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
        if (n > 4 && strcmp(names[i]->d_name + n - 4, ".txt") == 0) {
            FILE *f = fopen(path, "r");
            assert_non_null(f);
            while (fgets(line, sizeof line, f) != NULL)
                if (line[0] != '#')
                    visit(line, arg);
            (void)fclose(f);
        }
        free(names[i]);
    }
    free(names);
}

struct measured {
    struct figures figures[KEPT_KIND_COUNT];
    unsigned lines;
};

static void measure_line(const char *line, void *arg)
{
    struct measured *m = arg;
    char text[4096];
    struct marks want, got = {.count = 0};
    unlabel(line, text, &want);
    assert_int_equal(scan(span_of(text), 0, &got), 0);
    compare(text, &want, &got, m->figures);
    m->lines++;
}

static double share(unsigned of, unsigned rest)
{
    return of + rest == 0 ? 1.0 : (double)of / (double)(of + rest);
}

static const char *corpus(void)
{
    const char *other = getenv("KEPT_SCAN_CORPUS");
    return other != NULL ? other : "tests/scan/corpus";
}

/* floors.txt: kind, precision, recall; a kind without a line has no business being labelled. */
static void test_precision_and_recall(void **state)
{
    (void)state;
    static struct measured m;
    double precision = 0, recall = 0;
    char name[32];
    unsigned seen = 0, held = 0;
    each_line(corpus(), measure_line, &m);
    assert_true(m.lines > 500);
    print_message("%u lines\n%-10s %6s %6s %6s %10s %8s\n", m.lines, "kind", "right", "wrong", "missed",
                  "precision", "recall");
    for (int k = 1; k < KEPT_KIND_COUNT; k++) {
        const struct figures *f = &m.figures[k];
        if (f->right + f->wrong + f->missed == 0)
            continue;
        seen++;
        print_message("%-10s %6u %6u %6u %10.4f %8.4f\n", kept_kind_name((enum kept_item_kind)k),
                      f->right, f->wrong, f->missed, share(f->right, f->wrong),
                      share(f->right, f->missed));
    }
    if (getenv("KEPT_SCAN_CORPUS") != NULL)
        return;
    FILE *f = fopen("tests/scan/floors.txt", "r");
    char line[256];
    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL) {
        if (line[0] == '#')
            continue;
        assert_int_equal(sscanf(line, "%31s %lf %lf", name, &precision, &recall), 3);
        const struct figures *now = &m.figures[kept_kind_named(name)];
        if (share(now->right, now->wrong) < precision || share(now->right, now->missed) < recall)
            fail_msg("%s: below its floor of %.4f and %.4f", name, precision, recall);
        held++;
    }
    (void)fclose(f);
    assert_int_equal(held, seen);
}

/* ---- how it is told ----------------------------------------------------------------------------- */

static void test_positions_are_bytes_and_values_normal_forms(void **state)
{
    (void)state;
    struct marks m = {.count = 0};
    static const char text[] = "张三：１３８００１３８０００\n和 (+86)139-1234-5678，ID 11010519491231002x";
    assert_int_equal(scan(span_of(text), 0, &m), 0);
    assert_string_equal(m.values, "phone=13800138000@1;phone=13912345678@2;id-card=11010519491231002X@2;");
    assert_int_equal(m.mark[0].at, 9);
    assert_int_equal(m.mark[0].n, 33);
    assert_int_equal(m.mark[1].at, 9 + 33 + 5);
    assert_int_equal(m.mark[1].n, 18);
    expect("", "");
    expect("13800138000", "phone=13800138000@1;");
    expect("138\xe2\x80\x8b" "0013\xe2\x80\x8b" "8000", "phone=13800138000@1;"); /* marks of no width */
    expect("\xef\xbb\xbf" "13800138000", "phone=13800138000@1;");
    expect("A@Example.ORG 京a·12345", "mail=A@example.org@1;plate=京A12345@1;");
    expect("2001:0DB8:0:0:0:0:0:1 192.168.1.20/24 00-1A-2B-3C-4D-5E",
           "ipv6=2001:db8::1@1;ipv4=192.168.1.20@1;mac=00:1a:2b:3c:4d:5e@1;");
}

/* Each word is a reason for and against. */
static void test_words_and_neighbours_decide(void **state)
{
    (void)state;
    expect("13812345678", "phone=13812345678@1;");
    expect("order 13812345678", "");
    expect("order phone 13812345678", "phone=13812345678@1;");
    expect("ORDER NO.: 13812345678", "");
    expect("订单号是13812345678", "");
    expect("订单联系电话是13812345678", "phone=13812345678@1;");
    expect("reorder 13812345678", "phone=13812345678@1;"); /* another word */
    expect("13812345678元", "");
    expect("13812345678 ms", "");
    expect("13812345678 msg", "phone=13812345678@1;");
    expect("16012345678", "");                         /* a segment that is not given out */
    expect("手机16012345678", "phone=16012345678@1;"); /* unless somebody says so */
    expect("ABC-13812345678", "");
    expect("tel-13812345678", "phone=13812345678@1;");
    expect("card 4111111111111111", "bank-card=4111111111111111@1;");
    expect("4111111111111112", "");
    expect("订单 11010519491231002X", "id-card=11010519491231002X@1;"); /* checks itself */
}

static void test_redacted(void **state)
{
    (void)state;
    static const char text[] = "张三 13800138000，zhang.san@example.org;卡4111 1111 1111 1111 尾\n京A12345 "
                               "11010519491231002X 203.0.113.7 \xff 完";
    struct kept_buf out;
    kept_buf_init(&out, 4096);
    kept_buf_text(&out, "<");
    assert_int_equal(kept_scan_redact(span_of(text), &out), 0);
    assert_string_equal((char *)out.p,
                        "<张三 138****8000，z********@example.org;卡4111 **** **** 1111 尾\n京A1***5 "
                        "1***************2X 203.0.*.* \xff 完");
    kept_buf_release(&out);
    kept_buf_init(&out, 20);
    assert_int_equal(kept_scan_redact(span_of(text), &out), KEPT_E_LIMIT);
    kept_buf_release(&out);
}

static void redact_line(const char *line, void *arg)
{
    (void)arg;
    char text[4096];
    struct marks want, got = {.count = 0}, again = {.count = 0};
    struct kept_buf out;
    unlabel(line, text, &want);
    kept_buf_init(&out, 8192);
    assert_int_equal(kept_scan_redact(span_of(text), &out), 0);
    assert_int_equal(scan(span_of(text), 0, &got), 0);
    if (got.count == 0)
        assert_true(out.n == strlen(text) && (out.n == 0 || memcmp(out.p, text, out.n) == 0));
    assert_int_equal(scan(kept_buf_span(&out), 0, &again), 0);
    if (again.count != 0)
        print_message("%s -> %s: %s\n", text, (char *)out.p, again.values);
    assert_int_equal(again.count, 0);
    kept_buf_release(&out);
}

static void test_redacted_text_has_nothing_to_find(void **state)
{
    (void)state;
    each_line(corpus(), redact_line, NULL);
}

struct all {
    struct kept_buf text;
    uint64_t hash;
    unsigned count;
};

static void gather_line(const char *line, void *arg)
{
    struct all *all = arg;
    char text[4096];
    struct marks want;
    unlabel(line, text, &want);
    kept_buf_text(&all->text, text);
    kept_buf_u8(&all->text, '\n');
}

static int hash_finding(void *arg, const struct kept_finding *f)
{
    struct all *all = arg;
    const uint64_t facts[] = {(uint64_t)f->kind, f->at, f->n, f->line};
    for (size_t i = 0; i < 4; i++)
        all->hash = (all->hash ^ facts[i]) * 0x100000001b3u;
    all->count++;
    return 0;
}

static int hash_text(void *arg, struct kept_span piece)
{
    struct all *all = arg;
    for (size_t i = 0; i < piece.n; i++)
        all->hash = (all->hash ^ piece.p[i]) * 0x100000001b3u;
    return 0;
}

/* Text and findings each into a hash of their own, so that only their own order counts. */
static unsigned pieces(struct kept_span text, size_t piece, uint64_t *ret_found, uint64_t *ret_text)
{
    unsigned count = 0;
    for (int which = 0; which < 2; which++) {
        struct all all = {.hash = 0xcbf29ce484222325u};
        struct kept_scan *s = NULL;
        struct kept_scan_to to = {.arg = &all};
        if (which == 0)
            to.found = hash_finding;
        else
            to.text = hash_text;
        assert_int_equal(kept_scan_new(&to, &s), 0);
        for (size_t at = 0; at < text.n; at += piece)
            assert_int_equal(kept_scan_feed(s, (struct kept_span){text.p + at, text.n - at < piece ? text.n - at : piece}), 0);
        assert_int_equal(kept_scan_end(s), 0);
        kept_scan_free(s);
        *(which == 0 ? ret_found : ret_text) = all.hash;
        count = which == 0 ? all.count : count;
    }
    return count;
}

static void test_the_cut_into_pieces_changes_nothing(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 2, 3, 7, 61, 997, 4095, 4096, 4097, 30000};
    struct all all;
    kept_buf_init(&all.text, 1 << 20);
    each_line("tests/scan/corpus", gather_line, &all);
    assert_true(all.text.n > 20000);
    uint64_t found = 0, text = 0;
    unsigned count = pieces(kept_buf_span(&all.text), all.text.n, &found, &text);
    assert_true(count > 500);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        uint64_t found_now = 0, text_now = 0;
        assert_int_equal(pieces(kept_buf_span(&all.text), sizes[i], &found_now, &text_now), count);
        assert_true(found_now == found && text_now == text);
    }
    kept_buf_release(&all.text);
}

/* Bytes of every kind: no crash, text comes back whole where nothing is found, spans lie in the text. */
static void test_random_bytes_do_no_harm(void **state)
{
    (void)state;
    static const char letters[] = "0123456789+-.,:@/( )xXaAfF_#$%\n\xe6\xac\xa7\xc2\xb7\xef\xbc\x91\xe4\xba\xac"
                                  "13800138000 4111111111111111 86 \xe2\x80\x8b\xff\x00\xf0\x9f";
    uint32_t seed = 4711;
    for (unsigned round = 0; round < 3000; round++) {
        uint8_t p[600];
        seed = seed * 1664525u + 1013904223u;
        size_t n = (seed >> 8) % sizeof p;
        for (size_t i = 0; i < n; i++) {
            seed = seed * 1664525u + 1013904223u;
            p[i] = (uint8_t)letters[(seed >> 9) % (sizeof letters - 1)];
        }
        struct marks m = {.count = 0}, cut = {.count = 0};
        struct kept_buf out;
        kept_buf_init(&out, 8192);
        assert_int_equal(scan((struct kept_span){p, n}, 0, &m), 0);
        assert_int_equal(scan((struct kept_span){p, n}, 5, &cut), 0);
        assert_string_equal(m.values, cut.values);
        for (size_t i = 0, at = 0; i < m.count; i++) {
            assert_true(m.mark[i].at >= at && m.mark[i].at + m.mark[i].n <= n);
            at = m.mark[i].at + m.mark[i].n;
        }
        assert_int_equal(kept_scan_redact((struct kept_span){p, n}, &out), 0);
        if (m.count == 0)
            assert_true(out.n == n && (n == 0 || memcmp(out.p, p, n) == 0));
        kept_buf_release(&out);
    }
}

/* 16 MiB, some of it the worst there is for the window: memory stays where it was. */
static void test_memory_is_flat(void **state)
{
    (void)state;
    struct rusage before, after;
    struct all all = {.hash = 0};
    struct kept_scan *s = NULL;
    const struct kept_scan_to to = {.arg = &all, .found = hash_finding, .text = hash_text};
    static uint8_t piece[1 << 16];
    for (size_t i = 0; i < sizeof piece; i++)
        piece[i] = (uint8_t)"\xe2\x80\x8b"[i % 3]; /* marks of no width, one after the other */
    assert_int_equal(kept_scan_new(&to, &s), 0);
    assert_int_equal(getrusage(RUSAGE_SELF, &before), 0);
    for (unsigned i = 0; i < 256; i++) {
        if (i == 16)
            memset(piece, '1', sizeof piece); /* a number without an end */
        if (i == 32)
            memset(piece, 'a', sizeof piece); /* a word without an end */
        if (i == 64)
            for (size_t k = 0; k + 17 < sizeof piece; k += 18)
                memcpy(piece + k, "zhang 13800138000;", 18);
        assert_int_equal(kept_scan_feed(s, (struct kept_span){piece, sizeof piece}), 0);
    }
    assert_int_equal(kept_scan_end(s), 0);
    assert_int_equal(getrusage(RUSAGE_SELF, &after), 0);
    kept_scan_free(s);
    assert_true(all.count > 600000);
#ifndef __SANITIZE_ADDRESS__ /* it keeps what was freed */
    assert_true(after.ru_maxrss - before.ru_maxrss < 4096); /* KiB */
#endif
}

static int refuse(void *arg, struct kept_span piece)
{
    (void)arg;
    (void)piece;
    return KEPT_E_IO;
}

static void test_who_is_told_may_stop_it(void **state)
{
    (void)state;
    struct marks m = {.stop = 7};
    assert_int_equal(scan(span_of("13800138000 13912345678"), 0, &m), 7);
    assert_int_equal(m.count, 1);
    struct kept_scan *s = NULL;
    const struct kept_scan_to to = {.text = refuse};
    assert_int_equal(kept_scan_new(&to, &s), 0);
    assert_int_equal(kept_scan_feed(s, span_of("nothing")), 0);
    assert_int_equal(kept_scan_end(s), KEPT_E_IO);
    kept_scan_free(s);
    kept_scan_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_precision_and_recall),
        cmocka_unit_test(test_positions_are_bytes_and_values_normal_forms),
        cmocka_unit_test(test_words_and_neighbours_decide),
        cmocka_unit_test(test_redacted),
        cmocka_unit_test(test_redacted_text_has_nothing_to_find),
        cmocka_unit_test(test_the_cut_into_pieces_changes_nothing),
        cmocka_unit_test(test_random_bytes_do_no_harm),
        cmocka_unit_test(test_memory_is_flat),
        cmocka_unit_test(test_who_is_told_may_stop_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
