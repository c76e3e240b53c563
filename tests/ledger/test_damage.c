/* Any flipped bit, any dropped, swapped, doubled or cut piece of a ledger's files is found. */
#include "aid.h"

struct file {
    char name[NAME_BYTES];
    struct kept_buf bytes;
};

struct files {
    struct file f[1000];
    size_t n;
};

static void load_all(const struct aid *a, struct files *files)
{
    char **names = NULL;
    size_t count = 0;
    assert_int_equal(kept_dir_list(a->folder, "", &names, &count, NULL), 0);
    assert_true(count <= 1000);
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(files->f[i].name, NAME_BYTES, "%.31s", names[i]);
        aid_get(a->folder, names[i], &files->f[i].bytes);
    }
    files->n = count;
    kept_names_free(names, count);
}

static void release_all(struct files *files)
{
    for (size_t i = 0; i < files->n; i++)
        kept_buf_release(&files->f[i].bytes);
}

static void put_back(const struct aid *a, const struct file *f)
{
    aid_put(a->folder, f->name, f->bytes.p, f->bytes.n);
}

static bool derived(const struct file *f)
{
    return strncmp(f->name, "index-", 6) == 0 || strncmp(f->name, "tags-", 5) == 0;
}

/* Verification objects, or says that there is a torn tail or a derived file gone. */
static bool found(const struct aid *a)
{
    struct kept_verify_report report;
    return aid_verify_at(a, a->folder, &report) != 0 || report.torn_bytes != 0 ||
           report.derived_missing != 0;
}

static bool refused(const struct aid *a)
{
    struct kept_verify_report report;
    int rc = aid_verify_at(a, a->folder, &report);
    assert_true(rc == 0 || report.what[0] != 0);
    return rc != 0;
}

/* The handle is closed; what is under the checkpoint must be refused, not only reported. */
static void flip(const struct aid *a, struct files *files, size_t step)
{
    for (size_t i = 0; i < files->n; i++) {
        struct file *f = &files->f[i];
        for (size_t bit = 0; bit < f->bytes.n * 8; bit += step) {
            f->bytes.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
            put_back(a, f);
            if (!refused(a))
                fail_msg("bit %zu of %s flipped unnoticed", bit, f->name);
            f->bytes.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        put_back(a, f);
    }
    assert_false(found(a));
}

static void every_bit(void **state)
{
    struct aid a;
    static struct files files;
    (void)state;
    aid_start(&a, 320);
    aid_fill(&a, 8, 2);
    aid_checkpoint(&a);
    aid_close(&a);
    load_all(&a, &files);
    assert_true(files.n >= 6);
    flip(&a, &files, 1);
    release_all(&files);
    aid_end(&a);
}

/* Blocks in index files, lists of every level. */
static void some_bits_of_a_larger_log(void **state)
{
    struct aid a;
    static struct files files;
    (void)state;
    aid_start(&a, 500);
    aid_fill(&a, 1500, 50);
    aid_checkpoint(&a);
    aid_close(&a);
    load_all(&a, &files);
    flip(&a, &files, 9973);
    release_all(&files);
    aid_end(&a);
}

/* Behind the checkpoint: refused, or reported as torn. */
static void every_bit_behind_the_checkpoint(void **state)
{
    struct aid a;
    struct kept_buf seg;
    (void)state;
    aid_start(&a, 0);
    aid_fill(&a, 2, 1);
    aid_checkpoint(&a);
    size_t from = a.ledger->segs[0].size;
    aid_fill(&a, 8, 3);
    aid_close(&a);
    aid_get(a.folder, "segment-00000000", &seg);
    for (size_t bit = from * 8; bit < seg.n * 8; bit++) {
        seg.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
        aid_put(a.folder, "segment-00000000", seg.p, seg.n);
        if (!found(&a))
            fail_msg("bit %zu flipped unnoticed", bit);
        seg.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    kept_buf_release(&seg);
    aid_end(&a);
}

/* Frames and marks of a segment. */
struct pieces {
    size_t at[600], n;
};

static void cut_up(const struct kept_buf *seg, struct pieces *pieces)
{
    size_t at = HEADER_BYTES;
    pieces->n = 0;
    while (at < seg->n) {
        pieces->at[pieces->n++] = at;
        at += kept_frame_claims(seg->p + at);
    }
    pieces->at[pieces->n] = at;
}

static void with_segment(const struct aid *a, const struct file *f, const struct kept_buf *changed,
                         bool must_refuse, const char *how)
{
    aid_put(a->folder, f->name, changed->p, changed->n);
    if (must_refuse ? !refused(a) : !found(a))
        fail_msg("%s in %s unnoticed", how, f->name);
}

static void pieces_of(const struct aid *a, struct file *f, bool must_refuse)
{
    struct pieces p;
    struct kept_buf c;
    cut_up(&f->bytes, &p);
    kept_buf_init(&c, 1u << 20);
    for (size_t i = 0; i < p.n; i++) {
        const uint8_t *b = f->bytes.p;
        size_t at = p.at[i], next = p.at[i + 1], end = f->bytes.n;
        bool last = i + 1 == p.n;
        kept_buf_clear(&c); /* dropped */
        kept_buf_bytes(&c, b, at);
        kept_buf_bytes(&c, b + next, end - next);
        if (!last || must_refuse)
            with_segment(a, f, &c, must_refuse, "a dropped piece");
        kept_buf_clear(&c); /* doubled */
        kept_buf_bytes(&c, b, next);
        kept_buf_bytes(&c, b + at, end - at);
        /* Doubling the last piece of an open segment leaves a tail that looks torn. */
        with_segment(a, f, &c, false, "a doubled piece");
        if (last)
            continue;
        size_t after = p.at[i + 2];
        kept_buf_clear(&c); /* swapped with the next */
        kept_buf_bytes(&c, b, at);
        kept_buf_bytes(&c, b + next, after - next);
        kept_buf_bytes(&c, b + at, next - at);
        kept_buf_bytes(&c, b + after, end - after);
        with_segment(a, f, &c, must_refuse, "a swapped pair");
    }
    for (size_t n = 0; must_refuse && n < f->bytes.n; n++) {
        kept_buf_clear(&c);
        kept_buf_bytes(&c, f->bytes.p, n);
        with_segment(a, f, &c, true, "a cut");
    }
    put_back(a, f);
    kept_buf_release(&c);
}

static void every_piece(void **state)
{
    static struct files files;
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct aid a;
        aid_start(&a, i == 0 ? 500 : 0);
        aid_fill(&a, 15, 2);
        aid_checkpoint(&a);
        aid_close(&a);
        load_all(&a, &files);
        for (size_t s = 0; s < files.n; s++)
            if (strncmp(files.f[s].name, "segment-", 8) == 0)
                pieces_of(&a, &files.f[s], true);
        assert_false(found(&a));
        release_all(&files);
        aid_end(&a);
    }
}

static void every_piece_behind_the_checkpoint(void **state)
{
    struct aid a;
    struct file f = {.name = "segment-00000000"};
    (void)state;
    aid_start(&a, 0);
    aid_fill(&a, 15, 4);
    aid_close(&a);
    aid_get(a.folder, f.name, &f.bytes);
    pieces_of(&a, &f, false);
    kept_buf_release(&f.bytes);
    aid_end(&a);
}

static bool same_kind(const struct file *a, const struct file *b)
{
    return strncmp(a->name, b->name, 6) == 0;
}

static void whole_files(void **state)
{
    struct aid a;
    static struct files files;
    char path[512], next[NAME_BYTES];
    (void)state;
    aid_start(&a, 500);
    aid_fill(&a, 200, 7);
    aid_checkpoint(&a);
    uint32_t segments = (uint32_t)a.ledger->seg_n;
    aid_close(&a);
    load_all(&a, &files);
    for (size_t i = 0; i < files.n; i++) {
        struct file *f = &files.f[i];
        assert_int_equal(kept_path(path, sizeof path, a.folder, f->name, NULL), 0);
        assert_int_equal(unlink(path), 0);
        if (derived(f) ? !found(&a) : !refused(&a))
            fail_msg("%s dropped unnoticed", f->name);
        for (size_t n = 0; n < f->bytes.n; n += 1 + f->bytes.n / 50) {
            aid_put(a.folder, f->name, f->bytes.p, n);
            if (!refused(&a))
                fail_msg("%s cut unnoticed", f->name);
        }
        put_back(&a, f);
        for (size_t j = i + 1; j < files.n && j < i + 4; j++) {
            struct file *g = &files.f[j];
            if (!same_kind(f, g))
                continue;
            aid_put(a.folder, f->name, g->bytes.p, g->bytes.n);
            if (!refused(&a))
                fail_msg("%s as a copy of %s unnoticed", f->name, g->name);
            aid_put(a.folder, g->name, f->bytes.p, f->bytes.n);
            if (!refused(&a))
                fail_msg("%s and %s swapped unnoticed", f->name, g->name);
            put_back(&a, f);
            put_back(&a, g);
        }
        /* Doubled as the next of its kind. */
        if (strncmp(f->name, "segment-", 8) == 0)
            kept_segment_name(next, segments);
        else if (strncmp(f->name, "index-", 6) == 0)
            kept_index_name(next, segments);
        else
            kept_list_name(next, 0, segments);
        aid_put(a.folder, next, f->bytes.p, f->bytes.n);
        if (!refused(&a))
            fail_msg("%s doubled as %s unnoticed", f->name, next);
        assert_int_equal(kept_path(path, sizeof path, a.folder, next, NULL), 0);
        assert_int_equal(unlink(path), 0);
    }
    assert_false(found(&a));
    release_all(&files);
    aid_end(&a);
}

/* Opening after any damage either refuses or gives the right log. */
static void opening_never_believes_damage(void **state)
{
    struct aid a;
    static struct files files;
    char copy[96];
    uint8_t want[32], root[32];
    (void)state;
    aid_start(&a, 500);
    aid_fill(&a, 700, 20);
    aid_checkpoint(&a);
    aid_close(&a);
    load_all(&a, &files);
    slow_root(0, 700, want);
    (void)snprintf(copy, sizeof copy, "%s/copy", a.root);
    aid_copy(a.folder, copy);
    for (size_t i = 0; i < files.n; i++) {
        struct file *f = &files.f[i];
        for (size_t bit = i % 7; bit < f->bytes.n * 8; bit += 1 + f->bytes.n * 3) {
            struct kept_ledger *ledger = NULL;
            struct kept_ledger_options o = a.options;
            o.folder = copy;
            f->bytes.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
            aid_put(copy, f->name, f->bytes.p, f->bytes.n);
            int rc = kept_ledger_open(&o, kept_buf_span(&a.anchor), &ledger, NULL);
            if (rc == 0) {
                assert_int_equal(kept_ledger_size(ledger), 700);
                kept_ledger_root(ledger, root);
                assert_memory_equal(root, want, 32);
                kept_ledger_close(ledger);
            } else {
                assert_false(derived(f));
            }
            f->bytes.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
            aid_put(copy, f->name, f->bytes.p, f->bytes.n);
        }
    }
    release_all(&files);
    aid_end(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_bit),
        cmocka_unit_test(some_bits_of_a_larger_log),
        cmocka_unit_test(every_bit_behind_the_checkpoint),
        cmocka_unit_test(every_piece),
        cmocka_unit_test(every_piece_behind_the_checkpoint),
        cmocka_unit_test(whole_files),
        cmocka_unit_test(opening_never_believes_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
