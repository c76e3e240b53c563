/* test_stream_bytes.c - values by stream, as bytes: found out when one was changed outside kept, and in flat
 * memory. KEPT_LONG=1: a gigabyte instead of 64 megabytes. */
#include "stream_aid.h"

/* ---- a disk editor --------------------------------------------------------------------------- */

static void put_chunk(struct world *w, const struct world_blob *b, const uint8_t *p, size_t n,
                      unsigned number)
{
    static sqlite3 *disk; /* of one test: fast, and it need not survive anything */
    static const struct world *of;
    char path[WORLD_PATH];
    sqlite3_stmt *stmt = NULL;
    if (of != w || number == DONE) {
        (void)sqlite3_close(disk);
        disk = NULL;
        of = number == DONE ? NULL : w;
        if (number == DONE)
            return;
        world_join(path, w->store, "store.db");
        assert_int_equal(sqlite3_open_v2(path, &disk, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
        (void)sqlite3_exec(disk, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
    }
    assert_int_equal(sqlite3_prepare_v2(disk, "UPDATE chunk SET body = ?1 WHERE key = ?2 AND "
                                        "number = ?3", -1, &stmt, NULL), SQLITE_OK);
    (void)sqlite3_bind_blob(stmt, 1, p, (int)n, SQLITE_STATIC);
    (void)sqlite3_bind_int64(stmt, 2, (sqlite3_int64)b->key);
    (void)sqlite3_bind_int64(stmt, 3, (sqlite3_int64)number);
    assert_int_equal(sqlite3_step(stmt), SQLITE_DONE);
    (void)sqlite3_finalize(stmt);
}

/* How far one comes, and that it ends in damage: nothing of the changed chunk comes out. */
static void stops_at(struct world *w, struct kept_id id, uint64_t bytes)
{
    const struct kept_request r = reading(id);
    struct kept_stream *s = open_it(w, &r);
    uint64_t at = 0;
    assert_int_equal(read_on(w, s, &at, 1, 1 << 20), KEPT_E_CORRUPT);
    assert_int_equal(at, bytes);
    assert_int_equal(read_on(w, s, &at, 1, 1 << 20), KEPT_E_CORRUPT);
    kept_stream_close(s);
}

static void test_every_change_of_a_chunk_is_found(void **state)
{
    struct world w;
    struct world_blobs c = {NULL, 0}, others = {NULL, 0};
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w), other = world_person(&w);
    write_value(&w, id, 2 * CHUNK + 3, 1, CHUNK);
    write_value(&w, other, 2 * CHUNK + 3, 1, CHUNK);
    world_blobs(&w, &c, "SELECT body, key, number FROM chunk WHERE key BETWEEN %llu AND %llu "
                "ORDER BY number", (unsigned long long)world_key(id),
                (unsigned long long)world_key(id) | KEPT_MAX_RECORDS);
    world_blobs(&w, &others, "SELECT body, key, number FROM chunk WHERE key BETWEEN %llu AND %llu "
                "ORDER BY number", (unsigned long long)world_key(other),
                (unsigned long long)world_key(other) | KEPT_MAX_RECORDS);
    assert_int_equal(c.count, 3);
    assert_int_equal(others.count, 3);
    /* Every bit of the last chunk, and some of a whole one. */
    for (size_t bit = 0; bit < c.rows[2].n * 8; bit++) {
        c.rows[2].p[bit / 8] ^= (uint8_t)(1u << bit % 8);
        put_chunk(&w, &c.rows[2], c.rows[2].p, c.rows[2].n, 2);
        stops_at(&w, id, 2 * CHUNK);
        c.rows[2].p[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    put_chunk(&w, &c.rows[2], c.rows[2].p, c.rows[2].n, 2);
    for (size_t i = 0; i < c.rows[1].n; i += 4099) {
        c.rows[1].p[i] ^= 0x10;
        put_chunk(&w, &c.rows[1], c.rows[1].p, c.rows[1].n, 1);
        stops_at(&w, id, CHUNK);
        c.rows[1].p[i] ^= 0x10;
    }
    /* Each in another's place, of another person, cut, longer, empty, gone. */
    put_chunk(&w, &c.rows[1], c.rows[0].p, c.rows[0].n, 1);
    stops_at(&w, id, CHUNK);
    put_chunk(&w, &c.rows[0], c.rows[1].p, c.rows[1].n, 0);
    stops_at(&w, id, 0);
    put_chunk(&w, &c.rows[0], others.rows[0].p, others.rows[0].n, 0);
    stops_at(&w, id, 0);
    put_chunk(&w, &c.rows[0], c.rows[0].p, c.rows[0].n, 0);
    put_chunk(&w, &c.rows[1], c.rows[1].p, c.rows[1].n - 1, 1);
    stops_at(&w, id, CHUNK);
    put_chunk(&w, &c.rows[1], c.rows[2].p, c.rows[2].n, 1);
    stops_at(&w, id, CHUNK);
    put_chunk(&w, &c.rows[1], c.rows[1].p, 0, 1);
    stops_at(&w, id, CHUNK);
    put_chunk(&w, &c.rows[1], c.rows[1].p, c.rows[1].n, 1);
    put_chunk(&w, &c.rows[2], c.rows[1].p, c.rows[1].n, 2);
    stops_at(&w, id, 2 * CHUNK);
    world_sql(&w, "DELETE FROM chunk WHERE key = %llu AND number = 2",
              (unsigned long long)c.rows[2].key);
    stops_at(&w, id, 2 * CHUNK);
    assert_true(world_problems(&w) > 0);
    /* One more than there are is not the value's, and the full check says so. */
    read_value(&w, other, 2 * CHUNK + 3, 1, CHUNK);
    world_blobs_free(&c);
    world_blobs_free(&others);
    put_chunk(&w, NULL, NULL, 0, DONE);
    world_down(&w);
}

/* A chunk of an earlier value, of the same length and in the same place. */
static void test_an_old_chunk_does_not_open(void **state)
{
    struct world w;
    struct world_blobs old = {NULL, 0}, new = {NULL, 0};
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    uint8_t *bytes = calloc(1, 2 * CHUNK);
    world_put_bytes(&w, id, "notes", "photo", (struct kept_span){bytes, 2 * CHUNK});
    world_blobs(&w, &old, "SELECT body, key, number FROM chunk WHERE number = 0");
    world_put_bytes(&w, id, "notes", "photo", (struct kept_span){bytes, 2 * CHUNK});
    world_blobs(&w, &new, "SELECT body, key, number FROM chunk WHERE number = 0");
    assert_int_equal(old.rows[0].key, new.rows[0].key); /* the same slot */
    put_chunk(&w, &new.rows[0], old.rows[0].p, old.rows[0].n, 0);
    assert_int_equal(world_read_error(&w, id, "photo", "service"), KEPT_E_CORRUPT);
    free(bytes);
    world_blobs_free(&old);
    world_blobs_free(&new);
    put_chunk(&w, NULL, NULL, 0, DONE);
    world_down(&w);
}

/* ---- flat memory ----------------------------------------------------------------------------- */

/* A sanitizer holds back what was freed, for a while. */
#ifdef __SANITIZE_ADDRESS__
#define MORE_KIB (48 << 10)
#else
#define MORE_KIB (16 << 10)
#endif

static long resident_kib(void)
{
    long pages = 0, whole = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%ld %ld", &whole, &pages), 2);
    (void)fclose(f);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static void test_flat_memory(void **state)
{
    static uint8_t piece[1 << 20];
    const bool large = getenv("KEPT_LONG") != NULL;
    const uint64_t size = (large ? 1024ull : 64ull) << 20;
    struct world w;
    long most = 0;
    size_t n = 0;
    (void)state;
    if (large && getenv("TMPDIR") == NULL)
        (void)setenv("TMPDIR", "/var/tmp", 1); /* not in memory, which is what is measured */
    world_shop(&w);
    struct kept_id id = world_person(&w);
    write_value(&w, id, BITE, 1, 1 << 20); /* what is allocated once is allocated now */
    read_value(&w, id, BITE, 1, 1 << 20);
    const long before = resident_kib();
    const struct kept_request in = writing(id), out = reading(id);
    struct kept_stream *s = begin(&w, &in);
    for (uint64_t at = 0; at < size; at += sizeof piece) {
        memset(piece, (int)(at >> 20), sizeof piece);
        assert_int_equal(kept_stream_append(s, (struct kept_span){piece, sizeof piece}, &w.err), 0);
        most = resident_kib() > most ? resident_kib() : most;
    }
    finish(&w, s, KEPT_ALLOW, KEPT_R_NONE);
    s = open_it(&w, &out);
    assert_int_equal(kept_stream_size(s), size);
    for (uint64_t at = 0; at < size; at += n) {
        assert_int_equal(kept_stream_read(s, piece, CHUNK, &n, &w.err), 0);
        assert_int_equal(n, CHUNK);
        assert_int_equal(piece[0], (uint8_t)(at >> 20));
        assert_int_equal(piece[n - 1], (uint8_t)(at >> 20));
        most = resident_kib() > most ? resident_kib() : most;
    }
    assert_int_equal(kept_stream_read(s, piece, CHUNK, &n, &w.err), 0);
    assert_int_equal(n, 0);
    kept_stream_close(s);
    print_message("%llu MiB in and out: %ld KiB more memory at most\n",
                  (unsigned long long)(size >> 20), most - before);
    assert_true(most - before < MORE_KIB);
    if (large)
        world_check(&w);
    world_down(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_change_of_a_chunk_is_found),
        cmocka_unit_test(test_an_old_chunk_does_not_open),
        cmocka_unit_test(test_flat_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
