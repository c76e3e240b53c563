/* test_corners.c - bytes that check and do not fit: made by somebody who knows the formats, of which most
 * need no key. Each is refused, or costs time and not the answer. */
#include "aid.h"

static struct kept_span text(const char *s)
{
    return (struct kept_span){(const uint8_t *)s, strlen(s)};
}

/* ---- options, names, origins ------------------------------------------------------------------- */

static void what_is_asked_wrongly(void **state)
{
    struct aid a;
    struct kept_verify_report report;
    struct kept_buf out;
    (void)state;
    aid_start(&a, 0);
    struct kept_ledger_options o = a.options;
    assert_int_equal(kept_ledger_create(NULL, NULL), KEPT_E_USAGE);
    o.folder = NULL;
    assert_int_equal(kept_ledger_create(&o, NULL), KEPT_E_USAGE);
    o = a.options;
    o.seed = NULL;
    assert_int_equal(kept_ledger_create(&o, NULL), KEPT_E_USAGE);
    o = a.options;
    o.segment_bytes = MIN_SEGMENT - 1;
    assert_int_equal(kept_ledger_create(&o, NULL), KEPT_E_USAGE);
    o.segment_bytes = MAX_SEGMENT + 1;
    assert_int_equal(kept_ledger_create(&o, NULL), KEPT_E_USAGE);
    assert_int_equal(kept_ledger_verify(NULL, ORIGIN, a.public_key, NOTHING, &report, NULL), KEPT_E_USAGE);
    assert_int_equal(kept_ledger_verify(a.folder, "a b", a.public_key, NOTHING, &report, NULL), KEPT_E_USAGE);
    assert_int_equal(kept_ledger_verify("/nowhere/log", ORIGIN, a.public_key, NOTHING, &report, NULL),
                     KEPT_E_NOTFOUND);
    assert_int_equal(kept_ledger_verify(a.folder, "another", a.public_key, NOTHING, &report, NULL), KEPT_E_CORRUPT);
    aid_fill(&a, 3, 3);
    assert_int_equal(kept_ledger_sync(a.ledger, 3, NULL), 0); /* again, and there is nothing to do */
    kept_buf_init(&out, 4096);
    assert_int_equal(kept_ledger_prove_consistency(a.ledger, 3, 2, &out, NULL), KEPT_E_NOTFOUND);
    assert_int_equal(kept_ledger_prove_consistency(a.ledger, 1, 4, &out, NULL), KEPT_E_NOTFOUND);
    atomic_store(&a.ledger->failed, 1);
    assert_int_equal(kept_ledger_prove_consistency(a.ledger, 1, 2, &out, NULL), KEPT_E_IO);
    assert_int_equal(out.n, 0);
    kept_buf_release(&out);
    aid_end(&a);
}

static void white_space_in_an_origin(void **state)
{
    static const char *const bad[] = {"a b", "a\xc2\x85", "a\xc2\xa0", "a\xe1\x9a\x80", "a\xe2\x80\x80", "a\xe2\x80\x8a",
                                      "a\xe2\x80\xa8", "a\xe2\x80\xa9", "a\xe2\x80\xaf", "a\xe2\x81\x9f",
                                      "a\xe3\x80\x80", "a+b", "a\x7f", "a\tb", ""};
    static const char *const good[] = {"a\xe1\x9f\xbf", "a\xe2\x80\x8b", "a\xe2\x80\xaa", "a\xe2\x80\xb0",
                                       "a\xe2\x81\xa0", "a\xe3\x80\x81", "\xe4\xb8\xad"};
    struct kept_checkpoint c = {.size = 1};
    struct kept_buf note;
    (void)state;
    kept_buf_init(&note, 1000);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(kept_origin_valid(bad[i]));
        memcpy(c.origin, bad[i], strlen(bad[i]) + 1);
        assert_int_equal(kept_note_sign(&c, SEED, &note), KEPT_E_USAGE);
    }
    assert_int_equal(note.n, 0);
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(kept_origin_valid(good[i]));
    assert_false(kept_origin_valid(NULL));
    kept_buf_release(&note);
}

#define ROOT "WlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlo="
#define SIG "\xe2\x80\x94 "

static void notes_that_are_none(void **state)
{
    static const char *const bad[] = {
        "\n\n", "x", "\n1\n" ROOT "\n\nx", "o\n1\n" ROOT, "o\n\n", "o\n1\n\n", "o\n1\nshort\n\n",
        "o\n1\n" ROOT "x\n\n", "o\n1\n!lpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlo=\n\n",
        "o\n1\nWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWl==\n\n",     /* 31 bytes, or no text at all */
        "o\n1\nWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpa\n\n",     /* 33 */
        "o\n01\n" ROOT "\n\n", "o\n1:\n" ROOT "\n\n", "o\n18446744073709551616\n" ROOT "\n\n",
        "o\n1\n" ROOT "\nmore\n\nmore\n\n" SIG "x y\n", "o\n1\n" ROOT "\n\nno dash at all\n",
        "o\n1\n" ROOT "\n\n" SIG "x\n", "o\n1\n" ROOT "\n\n" SIG "xyz\n", "o\n1\n" ROOT "\n\n" SIG " xyz\n",
        "o\n1\n" ROOT "\n\n" SIG "o xyz", "a b\n1\n" ROOT "\n\n", "o\x01\n1\n" ROOT "\n\n"};
    struct kept_checkpoint c = {.size = 77};
    uint8_t public_key[32];
    struct kept_buf many;
    (void)state;
    kept_sign_public(SEED, public_key);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (kept_note_open(text(bad[i]), public_key, &c) != KEPT_E_CORRUPT)
            fail_msg("note %zu", i);
    assert_int_equal(kept_note_open(NOTHING, public_key, &c), KEPT_E_CORRUPT);
    assert_int_equal(kept_note_open(text("o\n1\n" ROOT "\nmore\n\n"), public_key, &c), KEPT_E_CRYPTO);
    assert_int_equal(kept_note_open(text("\xff\n"), public_key, &c), KEPT_E_CORRUPT);
    kept_buf_init(&many, 2 * MAX_NOTE);
    for (int i = 0; i < 300; i++)
        kept_buf_text(&many, "o");
    kept_buf_text(&many, "\n1\n" ROOT "\n\n");
    assert_int_equal(kept_note_open(kept_buf_span(&many), public_key, &c), KEPT_E_CORRUPT); /* an origin too long */
    kept_buf_clear(&many);
    kept_buf_text(&many, "o\n1\n" ROOT "\n\n");
    for (int i = 0; i < 64; i++)
        kept_buf_text(&many, SIG "somebody else\n");
    assert_int_equal(kept_note_open(kept_buf_span(&many), public_key, &c), KEPT_E_CRYPTO);
    kept_buf_text(&many, SIG "one too many\n");
    assert_int_equal(kept_note_open(kept_buf_span(&many), public_key, &c), KEPT_E_CORRUPT);
    while (many.n <= MAX_NOTE)
        kept_buf_text(&many, SIG "somebody else\n");
    assert_int_equal(kept_note_open(kept_buf_span(&many), public_key, &c), KEPT_E_CORRUPT);
    assert_int_equal(c.size, 77); /* untouched */
    kept_buf_release(&many);
}

static void names_that_are_near(void **state)
{
    static const char *const bad[] = {"index-0000000", "index-000000001", "index-0000000x", "index-0000000/",
                                      "index-0000 000", "segment-00000001", "index-"};
    uint32_t n = 7;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(kept_name_number(bad[i], "index-", &n));
    assert_int_equal(n, 7);
    assert_true(kept_name_number("index-00001234", "index-", &n));
    assert_int_equal(n, 1234);
}

/* A path too long is told; one letter less is another file, and is not touched. */
static void names_too_deep(void **state)
{
    static const char name[] = "index-00000000", near[] = "index-0000000";
    static char folder[KEPT_MAX_PATH + 1], path[KEPT_MAX_PATH];
    struct kept_writer writer;
    char root[] = "/tmp/kept-ledger-XXXXXX";
    const size_t want = KEPT_MAX_PATH - sizeof name; /* with a stroke and the name, one too many */
    (void)state;
    assert_non_null(mkdtemp(root));
    aid_put(root, near, "x", 1);
    (void)snprintf(folder, sizeof folder, "%s", root);
    for (size_t n = strlen(root); n < want; n++)
        folder[n] = n % 2 == strlen(root) % 2 ? '/' : '.';
    if (folder[want - 1] == '.')
        folder[want - 1] = '/'; /* of /./. */
    assert_int_equal(kept_path(path, sizeof path, folder, name, NULL), KEPT_E_LIMIT);
    assert_int_equal(kept_path(path, sizeof path, folder, near, NULL), 0);
    kept_remove(folder, name);
    assert_true(kept_file_exists(path));
    assert_int_equal(kept_writer_open(&writer, folder, name, NULL), KEPT_E_LIMIT);
    assert_int_equal(writer.fd, -1);
    assert_int_equal(kept_writer_close(&writer, KEPT_E_LIMIT, "nothing", NULL), KEPT_E_LIMIT);
    assert_true(kept_file_exists(path));
    kept_remove(folder, near);
    assert_false(kept_file_exists(path));
    aid_remove(root);
}

/* What is called a segment must be one of an unbroken row of them. */
static void segments_that_do_not_follow(void **state)
{
    static const char *const names[] = {"segment-00000000", "segment-00000001", "segment-0000000x"};
    char folder[] = "/tmp/kept-ledger-XXXXXX";
    uint32_t n = 7;
    struct kept_err err;
    (void)state;
    assert_non_null(mkdtemp(folder));
    aid_put(folder, names[0], "x", 1);
    aid_put(folder, names[1], "x", 1);
    assert_int_equal(kept_segments_count(folder, &n, &err), 0);
    assert_int_equal(n, 2);
    aid_put(folder, names[2], "x", 1);
    assert_int_equal(kept_segments_count(folder, &n, &err), KEPT_E_CORRUPT);
    kept_remove(folder, names[2]);
    kept_remove(folder, names[0]);
    assert_int_equal(kept_segments_count(folder, &n, &err), KEPT_E_CORRUPT);
    assert_int_equal(n, 2);
    aid_remove(folder);
}

/* ---- trees and tags ------------------------------------------------------------------------------ */

static void proofs_of_the_wrong_shape(void **state)
{
    uint8_t a[32] = {1}, b[32] = {2}, path[128] = {0}, empty[32];
    (void)state;
    kept_sha256(NOTHING, empty);
    const struct kept_span none = {path, 0}, odd = {path, 33}, one = {path, 32}, four = {path, 128};
    assert_false(kept_verify_inclusion(1, 1, a, none, a));
    assert_false(kept_verify_inclusion(0, 1, a, odd, a));
    assert_true(kept_verify_inclusion(0, 1, a, none, a));
    assert_false(kept_verify_inclusion(0, 1, a, one, a)); /* too long */
    assert_false(kept_verify_inclusion(0, 2, a, none, a)); /* too short */
    assert_false(kept_verify_consistency(2, 1, a, a, none));
    assert_false(kept_verify_consistency(1, 2, a, b, odd));
    assert_true(kept_verify_consistency(2, 2, a, a, none));
    assert_false(kept_verify_consistency(2, 2, a, a, one));
    assert_false(kept_verify_consistency(2, 2, a, b, none));
    assert_true(kept_verify_consistency(0, 2, empty, a, none));
    assert_false(kept_verify_consistency(0, 2, empty, a, one));
    assert_false(kept_verify_consistency(0, 2, a, a, none));
    assert_false(kept_verify_consistency(1, 2, a, b, none));
    assert_false(kept_verify_consistency(1, 2, a, b, four)); /* goes on behind the root */
    assert_false(kept_verify_consistency(3, 4, a, b, four));
}

/* Tags alike in the bits that the sort looks at, and one in a thousand million is: still in order. */
static void tags_that_are_nearly_alike(void **state)
{
    struct kept_tagged p[] = {{0x1000000000000009u, 1, 1}, {0x1000000000000002u, 2, 2}, {0x1000000000000009u, 3, 3},
                              {0x0fffffffffffffffu, 4, 4}, {0x1000000000000001u, 5, 5}}, scratch[5];
    static const uint32_t want[] = {4, 5, 2, 1, 3};
    (void)state;
    kept_tags_sort(p, scratch, 5);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(p[i].index, want[i]);
    struct kept_tagged first[] = {{3, 1, 1}, {2, 2, 2}, {1, 3, 3}}; /* to the front */
    kept_tags_sort(first, scratch, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(first[i].tag, i + 1);
}

/* ---- entries ------------------------------------------------------------------------------------- */

static void entries_that_do_not_fit(void **state)
{
    static uint8_t large[KEPT_MAX_ENTRY_BYTES + 2];
    static const uint8_t key[32] = {4};
    struct kept_entry e = {.id = aid_id(1), .at = AT, .suite = KEPT_SUITE_XCHACHA}, got;
    struct kept_buf out;
    const struct kept_span actor = text("clerk");
    (void)state;
    kept_buf_init(&out, 200000);
    assert_int_equal(kept_entry_encode(&e, key, (struct kept_span){large, sizeof large}, key, NOTHING, &out),
                     KEPT_E_LIMIT);
    assert_int_equal(kept_entry_encode(&e, key, (struct kept_span){large, 40000}, key,
                                       (struct kept_span){large, 40000}, &out), KEPT_E_LIMIT);
    assert_int_equal(out.n, 0);
    assert_int_equal(kept_entry_encode(&e, key, actor, key, NOTHING, &out), 0);
    size_t n = out.n;
    for (size_t room = 0; room < n; room++) { /* a buffer that ends anywhere */
        struct kept_buf small;
        kept_buf_init(&small, room);
        assert_int_equal(kept_entry_encode(&e, key, actor, key, NOTHING, &small), KEPT_E_LIMIT);
        assert_int_equal(small.n, 0);
        assert_int_equal(kept_entry_encode(&e, key, actor, key, NOTHING, &small), KEPT_E_LIMIT);
        kept_buf_release(&small);
    }
    struct kept_buf plain;
    kept_buf_init(&plain, actor.n - 1);
    assert_int_equal(kept_entry_open_actor(kept_buf_span(&out), key, &plain), KEPT_E_LIMIT);
    assert_int_equal(plain.n, 0);
    kept_buf_release(&plain);
    assert_int_equal(kept_entry_decode((struct kept_span){large, sizeof large}, &got), KEPT_E_CORRUPT);
    assert_int_equal(kept_entry_decode(NOTHING, &got), KEPT_E_CORRUPT);
    static const struct {
        size_t at;
        uint8_t value;
        int code;
    } wrong[] = {{0, 0, KEPT_E_CORRUPT}, {0, 2, KEPT_E_FORMAT}, {24, KEPT_ALLOW + 1, KEPT_E_CORRUPT},
                 {26, KEPT_ACTOR_ENGINE + 1, KEPT_E_CORRUPT}, {29, 9, KEPT_E_CORRUPT}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        uint8_t was = out.p[wrong[i].at];
        out.p[wrong[i].at] = wrong[i].value;
        assert_int_equal(kept_entry_decode(kept_buf_span(&out), &got), wrong[i].code);
        out.p[wrong[i].at] = was;
    }
    memset(out.p + 1, 0, 16);
    assert_int_equal(kept_entry_decode(kept_buf_span(&out), &got), KEPT_E_CORRUPT); /* no id */
    kept_buf_release(&out);
}

static void too_many_entries_wait(void **state)
{
    static uint8_t bytes[KEPT_MAX_ENTRY_BYTES];
    struct aid a;
    uint64_t n = 0;
    int rc = 0;
    (void)state;
    aid_start(&a, MAX_SEGMENT);
    memset(bytes, 1, sizeof bytes);
    while (rc == 0 && n < 10000) {
        rc = kept_ledger_append(a.ledger, (struct kept_span){bytes, sizeof bytes}, NULL, NULL, NULL, NULL);
        n += rc == 0;
    }
    assert_int_equal(rc, KEPT_E_LIMIT);
    assert_int_equal(kept_ledger_size(a.ledger), n);
    assert_in_range(n, 4000, 4100);
    aid_sync(&a); /* what waits is written, and there is room again */
    assert_int_equal(kept_ledger_append(a.ledger, (struct kept_span){bytes, sizeof bytes}, NULL, NULL, NULL, NULL), 0);
    aid_end(&a);
}

/* As many segments as a folder can list: no entry more. */
static void too_many_segments(void **state)
{
    struct aid a;
    uint8_t bytes[128];
    const struct kept_span entry = {bytes, aid_entry(3, bytes)};
    struct kept_err err;
    (void)state;
    aid_start(&a, 0);
    aid_fill(&a, 3, 3);
    struct kept_ledger *ledger = a.ledger;
    assert_int_equal(kept_grow(&ledger->segs, &ledger->seg_cap, MAX_SEGMENTS + 2u, MAX_SEGMENTS + 2u,
                               sizeof *ledger->segs), 0);
    ledger->segs[MAX_SEGMENTS] = ledger->segs[0];
    ledger->seg_n = MAX_SEGMENTS + 1u;
    assert_int_equal(kept_ledger_append(ledger, entry, NULL, NULL, NULL, &err), KEPT_E_LIMIT);
    assert_non_null(strstr(err.text, "another segment"));
    ledger->seg_n = 1;
    assert_int_equal(kept_ledger_size(ledger), 3);
    aid_append(&a, 3);
    aid_sync(&a);
    aid_end(&a);
}

/* ---- headers ------------------------------------------------------------------------------------- */

/* Give a changed header its hash again: it needs no key. */
static void header_again(const struct aid *a, uint32_t segment, size_t at, uint8_t change)
{
    char name[NAME_BYTES];
    uint8_t hash[32];
    struct kept_buf bytes;
    kept_segment_name(name, segment);
    aid_get(a->folder, name, &bytes);
    bytes.p[at] ^= change;
    kept_sha256((struct kept_span){bytes.p, 88}, hash);
    memcpy(bytes.p + 88, hash, 8);
    aid_put(a->folder, name, bytes.p, bytes.n);
    kept_buf_release(&bytes);
}

static void headers_that_check_and_do_not_fit(void **state)
{
    static const struct {
        size_t at;
        uint8_t change;
        int code;
    } wrong[] = {{0, 1, KEPT_E_CORRUPT},   {11, 3, KEPT_E_FORMAT},  {12, 1, KEPT_E_FORMAT},
                 {47, 1, KEPT_E_CORRUPT},  {55, 1, KEPT_E_CORRUPT}, {48, 0x80, KEPT_E_CORRUPT},
                 {60, 1, KEPT_E_CORRUPT}};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        for (uint32_t segment = 0; segment < 3; segment++) {
            struct aid a;
            struct kept_verify_report report;
            aid_start(&a, 1000);
            aid_fill(&a, 60, 5);
            aid_checkpoint(&a);
            assert_true(a.ledger->seg_n > 3);
            aid_close(&a);
            header_again(&a, segment, wrong[i].at, wrong[i].change);
            int rc = aid_try_open(&a);
            if (wrong[i].at < 48 || segment != 1)
                assert_true(rc != 0);
            if (wrong[i].at < 48)
                assert_int_equal(rc, wrong[i].code);
            assert_int_equal(aid_verify_at(&a, a.folder, &report), KEPT_E_CORRUPT);
            header_again(&a, segment, wrong[i].at, wrong[i].change);
            if (rc == 0)
                aid_close(&a);
            aid_open(&a);
            aid_verify(&a);
            aid_end(&a);
        }
}

/* The header of the last segment does not check, and whole entries stand behind it: no torn write looks so, and
 * nothing is dropped. */
static void a_last_header_before_entries(void **state)
{
    struct aid a;
    struct kept_buf bytes;
    char name[NAME_BYTES];
    (void)state;
    aid_start(&a, 4096);
    aid_fill(&a, 100, 3);
    uint32_t last = (uint32_t)a.ledger->seg_n - 1;
    assert_true(last > 0);
    aid_close(&a);
    kept_segment_name(name, last);
    aid_get(a.folder, name, &bytes);
    bytes.p[HEADER_BYTES - 1] ^= 1;
    aid_put(a.folder, name, bytes.p, bytes.n);
    assert_int_equal(aid_try_open(&a), KEPT_E_CORRUPT);
    bytes.p[HEADER_BYTES - 1] ^= 1;
    aid_put(a.folder, name, bytes.p, bytes.n);
    aid_open(&a);
    assert_int_equal(kept_ledger_size(a.ledger), 100);
    kept_buf_release(&bytes);
    aid_end(&a);
}

static void frames_alone(void **state)
{
    uint8_t mark[MARK_BYTES];
    const struct kept_place place = {1, 2, 3, 4};
    struct kept_frame frame;
    (void)state;
    kept_mark_put(mark, &place);
    assert_true(kept_frame_get(mark, MARK_BYTES, &place, &frame));
    assert_false(kept_frame_get(mark, MARK_BYTES - 1, &place, &frame));
}

/* ---- the checkpoint ------------------------------------------------------------------------------- */

static void a_checkpoint_that_is_not_there(void **state)
{
    static uint8_t large[MAX_NOTE + 10];
    struct aid a;
    struct kept_buf note;
    struct kept_verify_report report;
    (void)state;
    aid_start(&a, 2000);
    aid_fill(&a, 120, 10);
    aid_checkpoint(&a);
    aid_fill(&a, 125, 5);
    assert_int_equal(kept_ledger_checkpoint(a.ledger, AT - 5000, 0, NULL), 0); /* a clock set back: at once */
    assert_int_equal(a.ledger->checkpoint.size, 125);
    aid_fill(&a, 126, 1);
    assert_int_equal(kept_ledger_checkpoint(a.ledger, AT - 4999, 0, NULL), 0); /* a moment later: not yet */
    assert_int_equal(a.ledger->checkpoint.size, 125);
    aid_close(&a);
    aid_get(a.folder, "checkpoint", &note);
    aid_put(a.folder, "checkpoint", large, sizeof large);
    assert_int_equal(aid_try_open(&a), KEPT_E_CORRUPT);
    assert_int_equal(aid_verify_at(&a, a.folder, &report), KEPT_E_CORRUPT);
    assert_non_null(strstr(report.what, "missing or not a checkpoint"));
    aid_unlink(&a, "checkpoint");
    assert_int_equal(aid_verify_at(&a, a.folder, &report), KEPT_E_CORRUPT);
    assert_non_null(strstr(report.what, "missing or not a checkpoint"));
    assert_int_equal(aid_try_open(&a), KEPT_E_CORRUPT); /* entries, and nothing that speaks for them */
    assert_int_equal(kept_ledger_create(&a.options, NULL), KEPT_E_CONFLICT);
    assert_false(aid_there(&a, "checkpoint"));
    aid_put(a.folder, "checkpoint", note.p, note.n);
    kept_buf_release(&note);
    aid_open(&a);
    assert_int_equal(kept_ledger_size(a.ledger), 126);
    aid_end(&a);
    /* One segment alone. */
    aid_start(&a, 0);
    aid_fill(&a, 5, 5);
    aid_close(&a);
    aid_unlink(&a, "checkpoint");
    assert_int_equal(aid_try_open(&a), KEPT_E_CORRUPT);
    assert_int_equal(kept_ledger_create(&a.options, NULL), KEPT_E_CONFLICT);
    aid_stretch(&a, "segment-00000000", (uint64_t)5 << 30); /* longer than any */
    struct kept_err err = {.code = 0};
    assert_int_equal(kept_ledger_open(&a.options, NOTHING, &a.ledger, &err), KEPT_E_CORRUPT);
    assert_non_null(strstr(err.text, "larger than any segment"));
    aid_end(&a);
}

/* A checkpoint of the right key that speaks of other entries; and one that speaks of entries that are gone. */
static void a_checkpoint_of_other_entries(void **state)
{
    struct aid a;
    struct kept_buf note;
    struct kept_checkpoint c;
    struct kept_verify_report report;
    (void)state;
    aid_start(&a, 0);
    aid_fill(&a, 20, 5);
    aid_checkpoint(&a);
    c = a.ledger->checkpoint;
    const struct kept_batch nothing = {.chunk_n = 0};
    assert_int_equal(kept_ledger_write(a.ledger, &nothing, NULL), 0); /* no entries: nothing to sync */
    assert_int_equal(kept_ledger_durable(a.ledger), 20);
    aid_close(&a);
    c.root[0] ^= 1;
    kept_buf_init(&note, MAX_NOTE);
    assert_int_equal(kept_note_sign(&c, SEED, &note), 0);
    aid_put(a.folder, "checkpoint", note.p, note.n);
    kept_buf_release(&note);
    kept_buf_clear(&a.anchor);
    assert_int_equal(aid_verify_at(&a, a.folder, &report), KEPT_E_CORRUPT);
    assert_non_null(strstr(report.what, "do not give the checkpoint's root"));
    assert_int_equal(aid_try_open(&a), KEPT_E_CORRUPT);
    aid_stretch(&a, "segment-00000000", (uint64_t)5 << 30); /* longer than any segment; all of it a hole */
    assert_int_equal(aid_verify_at(&a, a.folder, &report), KEPT_E_CORRUPT);
    assert_int_equal(aid_try_open(&a), KEPT_E_CORRUPT);
    aid_unlink(&a, "segment-00000000");
    assert_int_equal(aid_verify_at(&a, a.folder, &report), KEPT_E_CORRUPT);
    assert_non_null(strstr(report.what, "all segments are missing"));
    aid_end(&a);
}

/* ---- segments that are changed while the log is open ---------------------------------------------- */

static void a_log_changed_while_it_is_open(void **state)
{
    (void)state;
    for (unsigned way = 0; way < 3; way++) {
        struct aid a;
        struct kept_buf bytes, out;
        char name[NAME_BYTES];
        uint64_t n = 0;
        int rc = 0;
        struct kept_id id = aid_id(899);
        aid_start(&a, 4096);
        aid_fill(&a, 900, 20);
        aid_checkpoint(&a);
        aid_reopen(&a);
        uint32_t segment = way == 2 ? (uint32_t)a.ledger->seg_n - 2 : 1;
        kept_segment_name(name, segment);
        aid_get(a.folder, name, &bytes);
        if (way == 0)
            memset(bytes.p + HEADER_BYTES, 0, bytes.n - HEADER_BYTES);
        if (way == 1)
            bytes.n = HEADER_BYTES + 3;
        if (way == 2)
            a.ledger->segs[segment + 1].first++; /* as if an entry lacked */
        aid_put(a.folder, name, bytes.p, bytes.n);
        kept_buf_init(&out, 4096);
        uint64_t inside = a.ledger->segs[segment].first + 2;
        assert_int_equal(kept_ledger_each(a.ledger, 0, aid_count, &n, NULL), KEPT_E_CORRUPT);
        assert_int_equal(kept_ledger_find(a.ledger, &id, &n, NULL), KEPT_E_CORRUPT);
        if (way < 2) {
            assert_int_equal(kept_ledger_entry(a.ledger, inside, &out, NULL), KEPT_E_CORRUPT);
            assert_int_equal(kept_ledger_prove(a.ledger, inside, 900, &out, NULL), KEPT_E_CORRUPT);
            assert_int_equal(kept_ledger_prove_consistency(a.ledger, inside, 900, &out, NULL), KEPT_E_CORRUPT);
            (void)aid_trail(&a, 3, &rc);
            assert_int_equal(rc, KEPT_E_CORRUPT);
        }
        assert_int_equal(out.n, 0);
        kept_buf_release(&out);
        kept_buf_release(&bytes);
        aid_end(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_asked_wrongly),
        cmocka_unit_test(white_space_in_an_origin),
        cmocka_unit_test(notes_that_are_none),
        cmocka_unit_test(names_that_are_near),
        cmocka_unit_test(names_too_deep),
        cmocka_unit_test(segments_that_do_not_follow),
        cmocka_unit_test(proofs_of_the_wrong_shape),
        cmocka_unit_test(tags_that_are_nearly_alike),
        cmocka_unit_test(entries_that_do_not_fit),
        cmocka_unit_test(too_many_entries_wait),
        cmocka_unit_test(too_many_segments),
        cmocka_unit_test(headers_that_check_and_do_not_fit),
        cmocka_unit_test(a_last_header_before_entries),
        cmocka_unit_test(frames_alone),
        cmocka_unit_test(a_checkpoint_that_is_not_there),
        cmocka_unit_test(a_checkpoint_of_other_entries),
        cmocka_unit_test(a_log_changed_while_it_is_open),
    };
    assert_int_equal(kept_crypto_init(), 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
