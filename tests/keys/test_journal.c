/* test_journal.c - obligations stay: chain, torn tails, cuts, and the anchor that knows better. */
#include "keys_aid.h"

struct seen {
    unsigned count;
    uint64_t next;
    uint64_t stop_at;
};

static int look(void *arg, uint64_t number, const struct kept_journal_row *row)
{
    struct seen *s = arg;
    struct kept_journal_row want = row_of((unsigned)number);
    assert_int_equal(number, s->next);
    assert_int_equal(row->kind, want.kind);
    assert_memory_equal(row->op.b, want.op.b, 16);
    assert_memory_equal(row->subject.b, want.subject.b, 16);
    assert_int_equal(row->at, want.at);
    assert_int_equal(row->version, want.version);
    assert_int_equal(row->scope_kind, want.scope_kind);
    assert_int_equal(row->scope, want.scope);
    assert_int_equal(row->record, want.record);
    s->next++;
    s->count++;
    return number == s->stop_at ? KEPT_E_LIMIT : 0;
}

static void expect_rows(struct kept_keyring *k, uint64_t rows)
{
    struct kept_err err;
    assert_int_equal(kept_journal_length(k), rows);
    for (uint64_t from = 0; from <= rows + 1; from++) {
        struct seen s = {.next = from, .stop_at = UINT64_MAX};
        assert_int_equal(kept_journal_each(k, from, look, &s, &err), 0);
        assert_int_equal(s.count, from < rows ? rows - from : 0);
    }
}

static void append(struct kept_keyring *k, unsigned from, unsigned count)
{
    struct kept_journal_row rows[32];
    struct kept_err err;
    for (unsigned i = 0; i < count; i++)
        rows[i] = row_of(from + i);
    assert_int_equal(kept_journal_append(k, rows, count, &err), 0);
}

/* Close without the anchor that closing writes, as a crash would: the anchor is put back. */
static void crash(struct ring *r, struct kept_keyring *k)
{
    uint8_t anchor[4096];
    char path[256];
    (void)snprintf(path, sizeof path, "%s/anchor", r->app);
    size_t n = slurp(path, anchor, sizeof anchor);
    kept_keyring_close(k);
    spit(path, anchor, n);
}

static void test_rows_come_back_as_they_went(void **state)
{
    (void)state;
    struct ring r;
    uint8_t hash[3][32];
    ring_up(&r);
    struct kept_keyring *k = ring_new(&r);
    expect_rows(k, 0);
    kept_journal_hash(k, hash[0]);
    append(k, 0, 1);
    kept_journal_hash(k, hash[1]);
    assert_memory_not_equal(hash[0], hash[1], 32);
    append(k, 1, 5);
    append(k, 6, 0);
    expect_rows(k, 6);
    kept_journal_hash(k, hash[1]);
    kept_keyring_close(k);
    k = ring_open(&r);
    expect_rows(k, 6);
    kept_journal_hash(k, hash[2]);
    assert_memory_equal(hash[1], hash[2], 32);
    for (unsigned i = 6; i < 300; i += 21)
        append(k, i, 21);
    expect_rows(k, 300);
    crash(&r, k);
    k = ring_open(&r);
    expect_rows(k, 300);
    struct seen s = {.next = 3, .stop_at = 5};
    assert_int_equal(kept_journal_each(k, 3, look, &s, &r.err), KEPT_E_LIMIT);
    assert_int_equal(s.count, 3);
    kept_keyring_close(k);
    ring_down(&r);
}

static void test_unknown_obligations_are_refused(void **state)
{
    (void)state;
    struct ring r;
    ring_up(&r);
    struct kept_keyring *k = ring_new(&r);
    struct kept_journal_row rows[2] = {row_of(0), row_of(1)};
    rows[1].kind = 0;
    assert_int_equal(kept_journal_append(k, rows, 2, &r.err), KEPT_E_USAGE);
    rows[1].kind = KEPT_J_CALLER_REVOKED + 1;
    assert_int_equal(kept_journal_append(k, rows, 2, &r.err), KEPT_E_USAGE);
    assert_int_equal(kept_journal_append(k, rows, 4097, &r.err), KEPT_E_LIMIT);
    assert_int_equal(kept_journal_length(k), 0);
    for (int kind = KEPT_J_ERASE_SUBJECT; kind <= KEPT_J_CALLER_REVOKED; kind++) {
        rows[0].kind = (enum kept_obligation)kind;
        assert_int_equal(kept_journal_append(k, rows, 1, &r.err), 0);
    }
    assert_int_equal(kept_journal_length(k), KEPT_J_CALLER_REVOKED);
    kept_keyring_close(k);
    ring_down(&r);
}

#define FRAME 102
#define HEAD 44

/* Appends of 2, 1 and 3 rows; the anchor has seen the first `anchored` of them (0, 2, 3 or 6). */
static size_t make(struct ring *r, uint64_t anchored, uint8_t *ret_journal, char path[256])
{
    static const unsigned sizes[] = {2, 1, 3};
    unsigned at = 0;
    struct kept_keyring *k = ring_new(r);
    for (unsigned i = 0; i < 3; i++) {
        append(k, at, sizes[i]);
        at += sizes[i];
        if (at == anchored)
            assert_int_equal(kept_anchor_write(k, text_of("note"), &r->err), 0);
    }
    crash(r, k);
    (void)snprintf(path, 256, "%s/journal", r->app);
    size_t n = slurp(path, ret_journal, 4096);
    assert_int_equal(n, HEAD + 6 * FRAME);
    return n;
}

static void test_a_cut_at_each_byte_is_mended_or_refused(void **state)
{
    (void)state;
    static const uint64_t anchors[] = {0, 2, 3, 6};
    static const uint64_t whole[] = {0, 0, 2, 3, 3, 3, 6}; /* rows of whole appends, by frames */
    uint8_t journal[4096];
    char path[256];
    for (size_t a = 0; a < 4; a++) {
        struct ring r;
        uint8_t anchor[4096];
        char anchor_path[256];
        ring_up(&r);
        size_t n = make(&r, anchors[a], journal, path);
        (void)snprintf(anchor_path, sizeof anchor_path, "%s/anchor", r.app);
        size_t anchor_n = slurp(anchor_path, anchor, sizeof anchor);
        for (size_t cut = 0; cut <= n; cut++) {
            struct kept_keyring *k = NULL;
            struct stat st;
            spit(path, journal, cut);
            spit(anchor_path, anchor, anchor_n);
            uint64_t rows = cut < HEAD ? 0 : whole[(cut - HEAD) / FRAME];
            int rc = kept_keyring_open(r.folder, "widgets", r.root, &k, &r.err);
            if (cut < HEAD || rows < anchors[a]) {
                assert_int_equal(rc, KEPT_E_ROLLBACK);
                assert_int_equal(stat(path, &st), 0);
                assert_int_equal(st.st_size, cut); /* refused unchanged */
                continue;
            }
            assert_int_equal(rc, 0);
            expect_rows(k, rows);
            assert_int_equal(stat(path, &st), 0);
            assert_int_equal(st.st_size, HEAD + rows * FRAME);
            append(k, (unsigned)rows, 2); /* and goes on behind the cut */
            crash(&r, k);
            k = ring_open(&r);
            expect_rows(k, rows + 2);
            kept_keyring_close(k);
        }
        ring_down(&r);
    }
}

static void test_each_flipped_bit_is_found_or_was_never_acknowledged(void **state)
{
    (void)state;
    static const uint64_t anchors[] = {0, 2, 6};
    uint8_t journal[4096];
    char path[256], anchor_path[256];
    for (size_t a = 0; a < 3; a++) {
        struct ring r;
        uint8_t anchor[4096];
        ring_up(&r);
        size_t n = make(&r, anchors[a], journal, path);
        (void)snprintf(anchor_path, sizeof anchor_path, "%s/anchor", r.app);
        size_t anchor_n = slurp(anchor_path, anchor, sizeof anchor);
        for (size_t bit = 0; bit < 8 * n; bit++) {
            struct kept_keyring *k = NULL;
            journal[bit / 8] ^= (uint8_t)(1u << bit % 8);
            spit(path, journal, n);
            spit(anchor_path, anchor, anchor_n);
            journal[bit / 8] ^= (uint8_t)(1u << bit % 8);
            int rc = kept_keyring_open(r.folder, "widgets", r.root, &k, &r.err);
            /* Only the last append, behind the anchor, can look like one that a crash tore. */
            if (rc == 0) {
                assert_true(anchors[a] < 6 && bit / 8 >= HEAD + 3 * FRAME);
                expect_rows(k, 3);
                kept_keyring_close(k);
            } else {
                assert_true(bit / 8 < 12 ? rc == KEPT_E_FORMAT : rc == KEPT_E_CORRUPT);
            }
        }
        ring_down(&r);
    }
}

static void test_a_tail_of_garbage_is_cut(void **state)
{
    (void)state;
    struct ring r;
    uint8_t journal[4096];
    char path[256];
    ring_up(&r);
    size_t n = make(&r, 6, journal, path);
    kept_random(journal + n, 5 * FRAME);
    for (size_t more = 1; more <= 5 * FRAME; more += 13) {
        spit(path, journal, n + more);
        struct kept_keyring *k = ring_open(&r);
        expect_rows(k, 6);
        kept_keyring_close(k);
    }
    ring_down(&r);
}

static void test_another_history_is_refused(void **state)
{
    (void)state;
    struct ring r;
    uint8_t journal[4096], fresh[256];
    char path[256];
    struct kept_keyring *k = NULL;
    ring_up(&r);
    size_t n = make(&r, 6, journal, path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(kept_keyring_open(r.folder, "widgets", r.root, &k, &r.err), KEPT_E_ROLLBACK);
    memcpy(fresh, journal, HEAD); /* an old copy of the journal: empty, then other rows */
    spit(path, fresh, HEAD);
    assert_int_equal(kept_keyring_open(r.folder, "widgets", r.root, &k, &r.err), KEPT_E_ROLLBACK);
    /* The same length with rows swapped, repeated, or left out. */
    uint8_t other[4096];
    memcpy(other, journal, n);
    memcpy(other + HEAD, journal + HEAD + 2 * FRAME, FRAME);
    spit(path, other, n);
    assert_int_equal(kept_keyring_open(r.folder, "widgets", r.root, &k, &r.err), KEPT_E_CORRUPT);
    memcpy(other, journal, n);
    memmove(other + HEAD + 2 * FRAME, journal + HEAD + 3 * FRAME, 3 * FRAME);
    spit(path, other, n - FRAME);
    assert_int_equal(kept_keyring_open(r.folder, "widgets", r.root, &k, &r.err), KEPT_E_CORRUPT);
    spit(path, journal, n);
    k = ring_open(&r);
    kept_keyring_close(k);
    /* A true history of the same length that the anchor has not seen. */
    char anchor_path[256];
    uint8_t anchor[4096];
    (void)snprintf(anchor_path, sizeof anchor_path, "%s/anchor", r.app);
    size_t anchor_n = slurp(anchor_path, anchor, sizeof anchor);
    char aside[256];
    (void)snprintf(aside, sizeof aside, "%s/aside", r.dir);
    ring_down(&r);
    ring_up(&r);
    k = ring_new(&r);
    append(k, 0, 3);
    kept_keyring_close(k);
    (void)snprintf(anchor_path, sizeof anchor_path, "%s/anchor", r.app);
    spit(anchor_path, anchor, anchor_n); /* of another keyring */
    assert_int_equal(kept_keyring_open(r.folder, "widgets", r.root, &k, &r.err), KEPT_E_CORRUPT);
    ring_down(&r);
}

static void test_a_forked_journal_is_refused(void **state)
{
    (void)state;
    struct ring r;
    uint8_t empty[256], one[4096], other_anchor[4096];
    char path[256], anchor_path[256];
    struct kept_keyring *k = NULL;
    ring_up(&r);
    k = ring_new(&r);
    (void)snprintf(path, sizeof path, "%s/journal", r.app);
    (void)snprintf(anchor_path, sizeof anchor_path, "%s/anchor", r.app);
    uint8_t first_anchor[4096];
    size_t first_n = slurp(anchor_path, first_anchor, sizeof first_anchor);
    append(k, 0, 2);
    kept_keyring_close(k);
    size_t n = slurp(path, one, sizeof one);
    assert_int_equal(slurp(path, empty, HEAD), HEAD);
    /* back to the beginning, then on with other rows: a fork of equal length */
    spit(path, empty, HEAD);
    spit(anchor_path, first_anchor, first_n);
    k = ring_open(&r);
    append(k, 5, 2);
    kept_keyring_close(k);
    size_t other_n = slurp(anchor_path, other_anchor, sizeof other_anchor);
    spit(path, one, n); /* the first history under the second one's anchor */
    assert_int_equal(kept_keyring_open(r.folder, "widgets", r.root, &k, &r.err), KEPT_E_ROLLBACK);
    (void)other_n;
    ring_down(&r);
}

/* ---- anchor ------------------------------------------------------------------------------------ */

static void test_the_anchor_keeps_the_note_and_the_newest_keys(void **state)
{
    (void)state;
    struct ring r;
    char path[256];
    struct kept_keyring *k = NULL;
    ring_up(&r);
    k = ring_new(&r);
    assert_int_equal(kept_anchor_write(k, text_of("first\n"), &r.err), 0);
    assert_int_equal(kept_anchor_write(k, text_of("second note\n"), &r.err), 0);
    assert_int_equal(kept_anchor_write(k, kept_anchor_note(k), &r.err), 0); /* itself */
    assert_memory_equal(kept_anchor_note(k).p, "second note\n", 12);
    uint8_t *large = calloc(1, 70000);
    assert_int_equal(kept_anchor_write(k, span_of(large, 65537), &r.err), KEPT_E_LIMIT);
    assert_int_equal(kept_anchor_note(k).n, 12);
    assert_int_equal(kept_anchor_write(k, span_of(large, 65536), &r.err), 0);
    free(large);
    assert_int_equal(kept_anchor_write(k, text_of("third\n"), &r.err), 0);
    assert_int_equal(kept_keyring_rotate(k, T0 + 1, DAY, &r.err), 0);
    kept_keyring_close(k); /* closing anchors the new epoch */
    k = ring_open(&r);
    assert_int_equal(kept_anchor_note(k).n, 6);
    assert_memory_equal(kept_anchor_note(k).p, "third\n", 6);
    kept_keyring_close(k);
    static const char *const newest[] = {"epoch-2", "audit-1", "token-1"};
    for (size_t i = 0; i < 3; i++) {
        uint8_t content[512];
        (void)snprintf(path, sizeof path, "%s/%s", r.app, newest[i]);
        size_t n = slurp(path, content, sizeof content);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(kept_keyring_open(r.folder, "widgets", r.root, &k, &r.err), KEPT_E_ROLLBACK);
        assert_non_null(strstr(r.err.text, newest[i]));
        spit(path, content, n);
    }
    (void)snprintf(path, sizeof path, "%s/anchor", r.app);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(kept_keyring_open(r.folder, "widgets", r.root, &k, &r.err), KEPT_E_ROLLBACK);
    ring_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_come_back_as_they_went),
        cmocka_unit_test(test_unknown_obligations_are_refused),
        cmocka_unit_test(test_a_cut_at_each_byte_is_mended_or_refused),
        cmocka_unit_test(test_each_flipped_bit_is_found_or_was_never_acknowledged),
        cmocka_unit_test(test_a_tail_of_garbage_is_cut),
        cmocka_unit_test(test_another_history_is_refused),
        cmocka_unit_test(test_a_forked_journal_is_refused),
        cmocka_unit_test(test_the_anchor_keeps_the_note_and_the_newest_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
