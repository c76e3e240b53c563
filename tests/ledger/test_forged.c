/* test_forged.c - segments changed while the log is open, by somebody who knows the formats: a frame's check
 * needs no key, so only the tree tells that an entry is another one. What is asked then is refused, and what
 * the segments hold is never taken for what was promised. */
#include "aid.h"

#define FIRST "segment-00000000"

static void flip(struct aid *a, const char *name, size_t at)
{
    aid_flip(a, name, at);
    a->ledger->point.have = 0; /* as if it had read elsewhere since */
}

/* Put a frame that checks where one stands. */
static void forge(struct aid *a, const struct kept_place *place, size_t entry_n, const uint8_t *tag)
{
    uint8_t entry[512], leaf[32];
    char name[NAME_BYTES];
    struct kept_buf bytes;
    assert_in_range(entry_n, MIN_ENTRY, sizeof entry);
    memset(entry, 0xee, sizeof entry);
    const struct kept_span span = {entry, entry_n};
    kept_leaf_hash(span, leaf);
    kept_segment_name(name, place->segment);
    aid_get(a->folder, name, &bytes);
    assert_true(place->offset + kept_frame_bytes(entry_n, tag != NULL) <= bytes.n);
    kept_frame_put(bytes.p + place->offset, place, span, tag, leaf);
    aid_put(a->folder, name, bytes.p, bytes.n);
    kept_buf_release(&bytes);
    a->ledger->point.have = 0; /* as if it had read elsewhere since */
}

/* Another entry of the same length; the tag stays. */
static void forge_one(struct aid *a, uint64_t index)
{
    uint32_t bytes = 0;
    uint8_t tag[TAG_BYTES];
    const struct kept_place place = aid_place(a, index, &bytes);
    const uint8_t *had = a->ledger->point.frame.tag;
    if (had != NULL)
        memcpy(tag, had, TAG_BYTES);
    forge(a, &place, bytes - HEAD_BYTES - (had != NULL ? TAG_BYTES : 0), had != NULL ? tag : NULL);
}

/* The last two entries become one. */
static void forge_two(struct aid *a)
{
    uint32_t first_bytes = 0, last_bytes = 0;
    uint64_t n = kept_ledger_size(a->ledger);
    const struct kept_place last = aid_place(a, n - 1, &last_bytes), place = aid_place(a, n - 2, &first_bytes);
    assert_true(place.segment == last.segment && place.offset + first_bytes == last.offset);
    forge(a, &place, first_bytes + last_bytes - HEAD_BYTES, NULL);
}

static void refused(int rc, const struct kept_err *err, const char *why)
{
    assert_int_equal(rc, KEPT_E_CORRUPT);
    if (strstr(err->text, why) == NULL)
        fail_msg("%s", err->text);
}

/* A log of one entry: its proof is empty, and the entry is read to check it. */
static void the_only_entry_is_damaged(void **state)
{
    struct aid a;
    struct kept_err err;
    struct kept_buf out;
    uint32_t bytes = 0;
    (void)state;
    kept_buf_init(&out, 4096);
    aid_start(&a, 0);
    aid_fill(&a, 1, 1);
    assert_int_equal(kept_ledger_prove(a.ledger, 0, 1, &out, NULL), 0);
    size_t at = aid_place(&a, 0, &bytes).offset + HEAD_BYTES + 3;
    flip(&a, FIRST, at);
    refused(kept_ledger_entry(a.ledger, 0, &out, &err), &err, "does not check");
    refused(kept_ledger_prove(a.ledger, 0, 1, &out, &err), &err, "does not check");
    assert_int_equal(out.n, 0);
    flip(&a, FIRST, at);
    assert_int_equal(kept_ledger_entry(a.ledger, 0, &out, NULL), 0);
    assert_int_equal(kept_ledger_prove(a.ledger, 0, 1, &out, NULL), 0);
    kept_buf_release(&out);
    aid_end(&a);
}

/* It is read as if it were the one; no proof leaves of it, or over it. */
static void another_entry_in_its_place(void **state)
{
    struct aid a;
    struct kept_err err;
    struct kept_buf out;
    (void)state;
    kept_buf_init(&out, 4096);
    aid_start(&a, 0);
    aid_fill(&a, 20, 5);
    forge_one(&a, 5);
    refused(kept_ledger_prove(a.ledger, 5, 20, &out, &err), &err, "wrong proof");
    refused(kept_ledger_prove(a.ledger, 9, 20, &out, &err), &err, "wrong proof");
    refused(kept_ledger_prove_consistency(a.ledger, 6, 20, &out, &err), &err, "wrong proof");
    assert_int_equal(out.n, 0);
    aid_end(&a);
    /* With index files: they are made anew, and then it is known to be no fault of theirs. */
    aid_start(&a, 4096);
    aid_fill(&a, 900, 20);
    aid_checkpoint(&a);
    assert_true(a.ledger->index.base != 0);
    forge_one(&a, 300);
    refused(kept_ledger_prove(a.ledger, 300, 900, &out, &err), &err, "do not give the ledger's tree");
    assert_true(a.ledger->index.base != 0); /* what was made anew is thrown away */
    assert_int_equal(out.n, 0);
    kept_buf_release(&out);
    aid_end(&a);
}

static void two_entries_become_one(void **state)
{
    (void)state;
    for (unsigned indexed = 0; indexed < 2; indexed++) {
        struct aid a;
        struct kept_err err;
        struct kept_buf out;
        uint64_t n = indexed ? 900 : 20, seen = 0;
        kept_buf_init(&out, 4096);
        aid_start(&a, indexed ? 4096 : 0);
        aid_fill(&a, n, 20);
        aid_checkpoint(&a);
        assert_int_equal(a.ledger->index.base != 0, indexed);
        forge_two(&a);
        refused(kept_ledger_entry(a.ledger, n - 1, &out, &err), &err, "is gone");
        refused(kept_ledger_each(a.ledger, 0, aid_count, &seen, &err), &err, "is gone");
        assert_int_equal(seen, n - 1);
        refused(kept_ledger_prove(a.ledger, n - 1, n, &out, &err), &err,
                indexed ? "do not give the ledger's tree" : "is gone");
        assert_int_equal(out.n, 0);
        kept_buf_release(&out);
        aid_end(&a);
    }
}

/* A block that begins inside a segment, an index that does not say where, and no way there. */
static void a_block_that_is_not_reached(void **state)
{
    struct aid a;
    struct kept_err err;
    struct kept_buf out;
    char name[NAME_BYTES];
    (void)state;
    kept_buf_init(&out, 4096);
    aid_start(&a, 4096);
    aid_fill(&a, 900, 20);
    aid_checkpoint(&a);
    uint32_t begins = kept_ledger_segment_of(a.ledger, 2 * BLOCK);
    assert_true(a.ledger->segs[begins].first < 2 * BLOCK);
    kept_index_name(name, kept_ledger_segment_of(a.ledger, 3 * BLOCK - 1));
    aid_flip(&a, name, 40);
    kept_segment_name(name, begins);
    flip(&a, name, HEADER_BYTES); /* the length of its first frame */
    refused(kept_ledger_prove(a.ledger, 2 * BLOCK + 5, 900, &out, &err), &err, "does not check");
    assert_int_equal(out.n, 0);
    kept_buf_release(&out);
    aid_end(&a);
}

/* An entry before which stands somebody's, and from which to the end of its segment, near enough to be
 * read at once, there is room for whole marks. */
static struct kept_place room_for_marks(struct aid *a)
{
    uint32_t bytes = 0;
    for (uint64_t i = 20; i < 150; i++) {
        const struct kept_place place = aid_place(a, i, &bytes);
        const struct kept_segment *seg = &a->ledger->segs[place.segment];
        uint32_t left = seg->size - place.offset;
        if (left % MARK_BYTES == 0 && left < 800 && i - 1 > seg->first && (i - 1) % 11 != 10)
            return place;
    }
    fail();
    return (struct kept_place){.index = 0};
}

/* The last entries of a closed segment become marks, which stand for nothing: a list that points there, behind
 * a record that is right, points at no entry. */
static void marks_where_entries_were(void **state)
{
    struct aid a;
    struct kept_list_writer writer;
    struct kept_buf bytes;
    char name[NAME_BYTES];
    uint8_t key[16];
    uint32_t frame = 0;
    uint64_t seen = 0, want = 0;
    (void)state;
    aid_start(&a, 2000);
    aid_fill(&a, 200, 10);
    aid_checkpoint(&a);
    const struct kept_place at = room_for_marks(&a);
    const uint64_t first = a.ledger->segs[at.segment].first, before = at.index - 1;
    aid_key((unsigned)(before % 11), key);
    for (uint64_t i = 0; i < first; i++)
        want += i % 11 == before % 11;
    const uint64_t tag = kept_tag_of(key, at.segment);
    const struct kept_tagged good = {tag, (uint32_t)(before - first), aid_place(&a, before, &frame).offset};
    const struct kept_tagged lie = {tag, (uint32_t)(at.index - first), at.offset};
    int rc = kept_list_create(&writer, a.folder, a.ledger->origin_hash, 0, at.segment, first, 2, NULL);
    assert_int_equal(rc, 0);
    assert_int_equal(kept_list_put(&writer, &good, NULL), 0);
    assert_int_equal(kept_list_finish(&writer, kept_list_put(&writer, &lie, NULL), NULL), 0);
    kept_segment_name(name, at.segment);
    aid_get(a.folder, name, &bytes);
    for (struct kept_place mark = at; mark.offset < a.ledger->segs[at.segment].size; mark.offset += MARK_BYTES)
        kept_mark_put(bytes.p + mark.offset, &mark);
    aid_put(a.folder, name, bytes.p, bytes.n);
    kept_buf_release(&bytes);
    assert_int_equal(kept_ledger_trail(a.ledger, key, aid_count, &seen, NULL), KEPT_E_CORRUPT);
    assert_int_equal(seen, want + 1);
    assert_int_equal(kept_ledger_each(a.ledger, 0, aid_count, &seen, NULL), KEPT_E_CORRUPT);
    aid_end(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_only_entry_is_damaged),
        cmocka_unit_test(another_entry_in_its_place),
        cmocka_unit_test(two_entries_become_one),
        cmocka_unit_test(a_block_that_is_not_reached),
        cmocka_unit_test(marks_where_entries_were),
    };
    assert_int_equal(kept_crypto_init(), 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
