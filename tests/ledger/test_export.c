/* Exports as C2SP tlog-tiles and tlog-proof: by their paths and sizes here, and by the Go project's
 * verifier in tests/go/run. */
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include "aid.h"

extern char **environ;

static uint64_t size_of(const char *folder, const char *name)
{
    char path[600];
    struct stat st;
    assert_int_equal(kept_path(path, sizeof path, folder, name, NULL), 0);
    return stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
}

static void make_dir(const char *folder, const char *name, char *ret_path, size_t n)
{
    assert_int_equal(kept_path(ret_path, n, folder, name, NULL), 0);
    assert_int_equal(kept_dir_make(ret_path, true, NULL), 0);
}

/* One log that grows through sizes, exported each time into the same folder, with proofs. */
static void scenario(const char *folder, uint32_t segment_bytes, const uint64_t *sizes, size_t count)
{
    struct aid a;
    struct kept_buf out;
    char log[256], sub[256], name[64];
    aid_start(&a, segment_bytes);
    make_dir(folder, "log", log, sizeof log);
    kept_buf_init(&out, 1u << 20);
    assert_int_equal(kept_note_verifier(ORIGIN, a.public_key, &out), 0);
    aid_put(folder, "vkey", out.p, out.n);
    for (size_t i = 0; i < count; i++) {
        aid_fill(&a, sizes[i], 1000);
        aid_checkpoint(&a);
        if (i % 3 == 1)
            aid_reopen(&a);
        assert_int_equal(kept_ledger_export(a.ledger, log, 1, NULL), 0);
        make_dir(folder, "checkpoints", sub, sizeof sub);
        (void)snprintf(name, sizeof name, "%llu", (unsigned long long)sizes[i]);
        aid_put(sub, name, a.ledger->note.p, a.ledger->note.n);
        make_dir(folder, "consistency", sub, sizeof sub);
        for (size_t j = 0; j <= i; j++) {
            kept_buf_clear(&out);
            assert_int_equal(kept_ledger_prove_consistency(a.ledger, sizes[j], sizes[i], &out,
                                                           NULL), 0);
            (void)snprintf(name, sizeof name, "%llu-%llu", (unsigned long long)sizes[j],
                           (unsigned long long)sizes[i]);
            aid_put(sub, name, out.n == 0 ? (const uint8_t *)"" : out.p, out.n);
        }
        make_dir(folder, "proofs", sub, sizeof sub);
        for (uint64_t n = 0; n < sizes[i]; n += 1 + sizes[i] / 23) {
            kept_buf_clear(&out);
            assert_int_equal(kept_ledger_prove_text(a.ledger, n, &out, NULL), 0);
            (void)snprintf(name, sizeof name, "%llu-%llu.tlog-proof", (unsigned long long)n,
                           (unsigned long long)sizes[i]);
            aid_put(sub, name, out.p, out.n);
        }
    }
    kept_buf_release(&out);
    aid_end(&a);
}

static void go_agrees(void **state)
{
    static const uint64_t SMALL[] = {1, 2, 3, 4, 5, 7, 8, 13, 70};
    static const uint64_t EDGES[] = {100, 255, 256, 257, 511, 512, 513, 1000};
    static const uint64_t LARGE[] = {60000, 65536, 65537, 66333};
    char root[] = "/tmp/kept-export-XXXXXX", a[64], b[64], c[64], script[] = "tests/go/run";
    pid_t pid = 0;
    int status = 0;
    (void)state;
    assert_non_null(mkdtemp(root));
    make_dir(root, "small", a, sizeof a);
    make_dir(root, "edges", b, sizeof b);
    make_dir(root, "large", c, sizeof c);
    scenario(a, 0, SMALL, sizeof SMALL / sizeof *SMALL);
    scenario(b, 4096, EDGES, sizeof EDGES / sizeof *EDGES);
    scenario(c, 1u << 20, LARGE, sizeof LARGE / sizeof *LARGE);
    char *argv[] = {script, a, b, c, NULL};
    posix_spawn_file_actions_t quiet; /* its errors are still seen */
    assert_int_equal(posix_spawn_file_actions_init(&quiet), 0);
    assert_int_equal(posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0), 0);
    int rc = posix_spawn(&pid, script, &quiet, NULL, argv, environ);
    (void)posix_spawn_file_actions_destroy(&quiet);
    if (rc == 0)
        assert_int_equal(waitpid(pid, &status, 0), pid);
    aid_remove(root);
    if (rc != 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 77))
        skip();
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void paths_and_sizes(void **state)
{
    struct aid a;
    char to[96];
    struct kept_ledger_options other;
    struct kept_ledger *ledger = NULL;
    (void)state;
    aid_start(&a, 0);
    (void)snprintf(to, sizeof to, "%s/export", a.root);
    assert_int_equal(kept_ledger_export(a.ledger, to, 1, NULL), 0); /* of an empty log */
    assert_int_equal(size_of(to, "tile"), 0);
    aid_fill(&a, 256, 50);
    aid_checkpoint(&a);
    assert_int_equal(kept_ledger_export(a.ledger, to, 0, NULL), 0);
    assert_int_equal(size_of(to, "tile/0/000"), 8192);
    assert_int_equal(size_of(to, "tile/1/000.p/1"), 32);
    assert_int_equal(size_of(to, "tile/0/001.p/1"), 0);
    assert_int_equal(size_of(to, "tile/entries/000"), 0);
    aid_fill(&a, 70000, 5000);
    aid_checkpoint(&a);
    assert_int_equal(kept_ledger_export(a.ledger, to, 1, NULL), 0);
    assert_int_equal(size_of(to, "tile/0/272"), 8192); /* the example in tlog-tiles */
    assert_int_equal(size_of(to, "tile/0/273.p/112"), 112 * 32);
    assert_int_equal(size_of(to, "tile/1/000"), 8192);
    assert_int_equal(size_of(to, "tile/1/001.p/17"), 17 * 32);
    assert_int_equal(size_of(to, "tile/2/000.p/1"), 32);
    assert_true(size_of(to, "tile/entries/000") > 0);
    assert_true(size_of(to, "tile/entries/273.p/112") > 0);
    assert_int_equal(size_of(to, "checkpoint"), a.ledger->note.n);
    /* Another log, and an older one, do not go into this folder. */
    other = a.options;
    other.folder = a.root;
    other.anchor = NULL;
    char folder[96];
    (void)snprintf(folder, sizeof folder, "%s/other", a.root);
    other.folder = folder;
    assert_int_equal(kept_ledger_create(&other, NULL), 0);
    assert_int_equal(kept_ledger_open(&other, NOTHING, &ledger, NULL), 0);
    assert_int_equal(kept_ledger_export(ledger, to, 1, NULL), KEPT_E_CONFLICT);
    kept_ledger_close(ledger);
    (void)snprintf(folder, sizeof folder, "%s/third", a.root); /* nor one of another name, signed by the same key */
    other.origin = "kept.example/third/log";
    assert_int_equal(kept_ledger_create(&other, NULL), 0);
    assert_int_equal(kept_ledger_open(&other, NOTHING, &ledger, NULL), 0);
    assert_int_equal(kept_ledger_export(ledger, to, 1, NULL), KEPT_E_CONFLICT);
    kept_ledger_close(ledger);
    aid_put(to, "checkpoint", "x", 1);
    assert_int_equal(kept_ledger_export(a.ledger, to, 1, NULL), KEPT_E_CONFLICT);
    aid_end(&a);
}

/* N beyond 999: x001/x234/067. */
static void long_paths(void **state)
{
    struct aid a;
    char to[96];
    uint8_t bytes[128];
    const struct kept_span entry = {bytes, aid_entry(1, bytes)};
    (void)state;
    aid_start(&a, 0);
    for (uint64_t i = 0; i < 1001 * 256 + 3; i++) {
        assert_int_equal(kept_ledger_append(a.ledger, entry, NULL, NULL, NULL, NULL), 0);
        if (i % 50000 == 0)
            aid_sync(&a);
    }
    aid_sync(&a);
    aid_checkpoint(&a);
    (void)snprintf(to, sizeof to, "%s/export", a.root);
    assert_int_equal(kept_ledger_export(a.ledger, to, 0, NULL), 0);
    assert_int_equal(size_of(to, "tile/0/999"), 8192);
    assert_int_equal(size_of(to, "tile/0/x001/000"), 8192);
    assert_int_equal(size_of(to, "tile/0/x001/001.p/3"), 96);
    aid_end(&a);
}

/* An index damaged on disk is made anew before anything wrong is exported. */
static void a_damaged_index_is_not_exported(void **state)
{
    struct aid a;
    struct kept_buf bytes;
    char to[96], name[NAME_BYTES];
    (void)state;
    aid_start(&a, 8192);
    aid_fill(&a, 3000, 500);
    aid_checkpoint(&a);
    for (uint32_t s = 0; s + 2 < a.ledger->seg_n; s++) {
        kept_index_name(name, s);
        aid_get(a.folder, name, &bytes);
        bytes.p[bytes.n - 1] ^= 1;
        aid_put(a.folder, name, bytes.p, bytes.n);
        kept_buf_release(&bytes);
    }
    (void)snprintf(to, sizeof to, "%s/export", a.root);
    assert_int_equal(kept_ledger_export(a.ledger, to, 1, NULL), 0);
    aid_checkpoint(&a);
    aid_verify(&a);
    aid_end(&a);
}

/* Flip a bit of each record in an index, at that byte, and let it check all the same. */
static void forge(const struct aid *a, uint32_t segment, size_t at)
{
    struct kept_buf bytes;
    char name[NAME_BYTES];
    kept_index_name(name, segment);
    aid_get(a->folder, name, &bytes);
    size_t end = bytes.n - 32;
    for (size_t i = 32; i < end; i += RECORD_BYTES)
        bytes.p[i + at] ^= 0x40;
    const struct kept_span parts[] = {{a->ledger->origin_hash, 32}, {bytes.p, end}};
    kept_sha256_parts(parts, 2, bytes.p + end);
    aid_put(a->folder, name, bytes.p, bytes.n);
    kept_buf_release(&bytes);
}

/* An index that checks, and holds wrong hashes: what is exported is right. */
static void a_forged_index_is_not_believed(void **state)
{
    struct aid a;
    char to[96];
    (void)state;
    aid_start(&a, 8192);
    aid_fill(&a, 3000, 500);
    aid_checkpoint(&a);
    aid_reopen(&a);
    for (uint32_t s = 0; s + 2 < a.ledger->seg_n; s++)
        forge(&a, s, 0);
    (void)snprintf(to, sizeof to, "%s/export", a.root);
    assert_int_equal(kept_ledger_export(a.ledger, to, 1, NULL), 0);
    aid_checkpoint(&a);
    aid_verify(&a);
    aid_end(&a);
}

/* One that holds wrong places: all is read, where the scan would begin behind the end of a segment. */
static void a_forged_place_is_not_begun_at(void **state)
{
    struct aid a;
    (void)state;
    aid_start(&a, 8192);
    aid_fill(&a, 3000, 500);
    aid_checkpoint(&a);
    uint32_t closed = (uint32_t)a.ledger->seg_n - 1;
    aid_close(&a);
    for (uint32_t s = 0; s < closed; s++) {
        aid_open(&a);
        forge(&a, s, 37);
        aid_reopen(&a);
        assert_int_equal(kept_ledger_size(a.ledger), 3000);
        aid_close(&a);
    }
    aid_open(&a);
    aid_end(&a);
}

/* A folder that holds a log of the same name and key, and of other entries: longer than this one, or not. */
static void another_log_stays(void **state)
{
    struct aid a, b;
    char to[96];
    (void)state;
    for (uint64_t size = 10; size <= 90; size += 80) {
        aid_start(&a, 0);
        aid_fill(&a, 50, 100);
        aid_checkpoint(&a);
        (void)snprintf(to, sizeof to, "%s/export", a.root);
        assert_int_equal(kept_ledger_export(a.ledger, to, 1, NULL), 0);
        uint64_t was = size_of(to, "tile/0/000.p/50");
        assert_true(was != 0);
        aid_start(&b, 0);
        uint8_t bytes[128];
        for (uint64_t i = 0; i < size; i++)
            assert_int_equal(kept_ledger_append(b.ledger, (struct kept_span){bytes, aid_entry(i + 7, bytes)}, NULL, NULL,
                                                NULL, NULL), 0);
        aid_sync(&b);
        aid_checkpoint(&b);
        assert_int_equal(kept_ledger_export(b.ledger, to, 1, NULL), KEPT_E_CONFLICT);
        assert_int_equal(size_of(to, "tile/0/000.p/50"), was);
        assert_int_equal(kept_ledger_export(a.ledger, to, 1, NULL), 0);
        aid_end(&a);
        aid_end(&b);
    }
}

/* ---- one tile, without a folder ---- */

/* A checkpoint that promises more than there is: said, and nothing is handed out. */
static void a_tile_of_what_is_gone(void **state)
{
    struct aid a;
    struct kept_buf out;
    struct kept_err err = {.code = 0};
    (void)state;
    aid_start(&a, 0);
    aid_fill(&a, 20, 20);
    aid_checkpoint(&a);
    uint64_t size = a.ledger->checkpoint.size;
    a.ledger->checkpoint.size = size + 1;
    const struct kept_tile tile = {true, 0, 0, (uint32_t)size + 1};
    kept_buf_init(&out, 1u << 20);
    assert_int_equal(kept_ledger_tile(a.ledger, &tile, &out, &err), KEPT_E_CORRUPT);
    assert_non_null(strstr(err.text, "is gone"));
    assert_int_equal(out.n, 0);
    a.ledger->checkpoint.size = size;
    aid_end(&a);
    /* Neither an index says where a bundle begins, nor is there a segment to look for it in. */
    aid_start(&a, 8192);
    aid_fill(&a, 3000, 500);
    aid_checkpoint(&a);
    aid_reopen(&a);
    const struct kept_tile second = {true, 0, 1, BLOCK};
    assert_int_equal(kept_ledger_tile(a.ledger, &second, &out, NULL), 0);
    kept_buf_clear(&out);
    kept_source_release(&a.ledger->source);
    for (uint32_t s = 0; s + 2 < a.ledger->seg_n; s++) {
        char name[NAME_BYTES];
        kept_segment_name(name, s);
        kept_remove(a.folder, name);
        kept_index_name(name, s);
        kept_remove(a.folder, name);
    }
    assert_int_not_equal(kept_ledger_tile(a.ledger, &second, &out, &err), 0);
    assert_int_equal(out.n, 0);
    kept_buf_release(&out);
    aid_end(&a);
}

static void same_as(struct aid *a, const struct kept_tile *tile, const char *folder, const char *name)
{
    struct kept_buf want, out;
    aid_get(folder, name, &want);
    kept_buf_init(&out, 1u << 20);
    kept_buf_text(&out, "before"); /* it is appended */
    assert_int_equal(kept_ledger_tile(a->ledger, tile, &out, NULL), 0);
    assert_int_equal(out.n, want.n + 6);
    assert_memory_equal(out.p + 6, want.p, want.n);
    kept_buf_release(&out);
    kept_buf_release(&want);
}

static void no_tile(struct aid *a, const struct kept_tile *tile, int code)
{
    struct kept_buf out;
    kept_buf_init(&out, 1u << 20);
    assert_int_equal(kept_ledger_tile(a->ledger, tile, &out, NULL), code);
    assert_int_equal(out.n, 0);
    kept_buf_release(&out);
}

static void one_tile_at_a_time(void **state)
{
    static const struct {
        struct kept_tile tile;
        const char *name;
    } there[] = {{{false, 0, 0, 256}, "tile/0/000"},         {{false, 0, 2, 256}, "tile/0/002"},
                 {{false, 0, 3, 132}, "tile/0/003.p/132"},   {{false, 1, 0, 3}, "tile/1/000.p/3"},
                 {{true, 0, 1, 256}, "tile/entries/001"},    {{true, 77, 3, 132}, "tile/entries/003.p/132"}};
    static const struct kept_tile none[] = {
        {false, 0, 0, 0}, {false, 0, 0, 257}, {false, 0, 3, 133}, {true, 0, 3, 133}, {true, 0, 4, 1}, {false, 1, 0, 4},
        {false, 2, 0, 1}, {false, 8, 0, 1},   {false, 1u << 29, 0, 1}, {false, 0, (uint64_t)1 << 56, 1}};
    struct aid a;
    struct kept_buf small;
    char tiles[96], name[NAME_BYTES];
    (void)state;
    aid_start(&a, 4096);
    aid_fill(&a, 900, 20);
    aid_checkpoint(&a);
    (void)snprintf(tiles, sizeof tiles, "%s/tiles", a.root);
    assert_int_equal(kept_ledger_export(a.ledger, tiles, 1, NULL), 0);
    aid_fill(&a, 905, 5); /* what is not signed is not shown */
    for (size_t i = 0; i < sizeof there / sizeof there[0]; i++)
        same_as(&a, &there[i].tile, tiles, there[i].name);
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        no_tile(&a, &none[i], KEPT_E_NOTFOUND);
    kept_buf_init(&small, 95);
    assert_int_equal(kept_ledger_tile(a.ledger, &there[3].tile, &small, NULL), KEPT_E_LIMIT);
    kept_buf_release(&small);
    kept_index_name(name, kept_ledger_segment_of(a.ledger, 2 * BLOCK - 1));
    aid_flip(&a, name, 40);
    assert_true(a.ledger->index.base != 0);
    same_as(&a, &there[3].tile, tiles, there[3].name); /* made anew */
    assert_int_equal(a.ledger->index.base, 0);
    aid_checkpoint(&a);
    aid_flip(&a, name, 40);
    aid_flip(&a, "segment-00000001", HEADER_BYTES + 9);
    no_tile(&a, &there[3].tile, KEPT_E_CORRUPT); /* and when that cannot be */
    atomic_store(&a.ledger->failed, 1);
    no_tile(&a, &there[0].tile, KEPT_E_IO);
    aid_end(&a);
    /* No index file, which could be what is wrong. */
    aid_start(&a, 0);
    aid_fill(&a, 300, 20);
    aid_checkpoint(&a);
    aid_flip(&a, "segment-00000000", 3000);
    no_tile(&a, &there[0].tile, KEPT_E_CORRUPT);
    aid_end(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(go_agrees),
        cmocka_unit_test(paths_and_sizes),
        cmocka_unit_test(long_paths),
        cmocka_unit_test(a_damaged_index_is_not_exported),
        cmocka_unit_test(a_forged_index_is_not_believed),
        cmocka_unit_test(a_forged_place_is_not_begun_at),
        cmocka_unit_test(another_log_stays),
        cmocka_unit_test(a_tile_of_what_is_gone),
        cmocka_unit_test(one_tile_at_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
