/* test_open.c - making and opening: what is refused, and that a refusal changes no byte. */
#include "store_aid.h"

#include <sys/wait.h>

#include "base/file.h"

static const struct kept_id id_of_test = {{7, 1, 2, 3}};

static void db_path(char ret_path[AID_PATH], const char *folder)
{
    aid_join(ret_path, folder, "store.db");
}

/* Run SQL on the file as a foreign program would. */
static void foreign(const char *folder, const char *sql)
{
    char path[AID_PATH];
    sqlite3 *db = NULL;
    db_path(path, folder);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* Opening fails with a code and changes neither store.db nor its log. */
static void refused(const char *folder, int code)
{
    static const char *const names[] = {"store.db", "store.db-wal"};
    uint8_t *before[2] = {NULL, NULL}, *after = NULL;
    size_t n[2] = {0, 0}, m = 0;
    char path[AID_PATH];
    struct kept_store *store = NULL;
    for (size_t i = 0; i < 2; i++) {
        aid_join(path, folder, names[i]);
        if (access(path, F_OK) == 0)
            before[i] = aid_load(path, &n[i]);
    }
    must_fail(code, kept_store_open(&(struct kept_store_options){.folder = folder}, &store, &err));
    assert_null(store);
    for (size_t i = 0; i < 2; i++) {
        aid_join(path, folder, names[i]);
        if (before[i] == NULL)
            continue;
        after = aid_load(path, &m);
        assert_int_equal(m, n[i]);
        assert_memory_equal(after, before[i], n[i]);
        free(after);
        free(before[i]);
    }
}

static void made_once(void **state)
{
    (void)state;
    char folder[AID_PATH];
    struct kept_store *s = aid_new(folder), *second = NULL;
    must_fail(KEPT_E_BUSY, kept_store_create(&(struct kept_store_options){.folder = folder}, &id_of_test, &err));
    must_fail(KEPT_E_BUSY, kept_store_open(&(struct kept_store_options){.folder = folder}, &second, &err));
    assert_null(second);
    kept_store_close(s);
    kept_store_close(NULL);
    must_fail(KEPT_E_CONFLICT, kept_store_create(&(struct kept_store_options){.folder = folder}, &id_of_test, &err));
    s = aid_open(folder);
    assert_memory_equal(kept_store_id(s).b, id_of_test.b, KEPT_ID_BYTES);
    aid_end(s, folder);
}

static void another_process_is_refused(void **state)
{
    (void)state;
    char folder[AID_PATH];
    int status = 0;
    struct kept_store *s = aid_new(folder), *second = NULL;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(kept_store_open(&(struct kept_store_options){.folder = folder}, &second, NULL) == KEPT_E_BUSY ? 0 : 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    aid_end(s, folder);
}

static void nothing_there(void **state)
{
    (void)state;
    char folder[AID_PATH], path[AID_PATH];
    struct kept_store *s = NULL;
    aid_folder_make(folder);
    must_fail(KEPT_E_NOTFOUND, kept_store_open(&(struct kept_store_options){.folder = folder}, &s, &err));
    must_fail(KEPT_E_NOTFOUND, kept_store_open(&(struct kept_store_options){.folder = "/nonexistent/folder"}, &s, &err));
    must_fail(KEPT_E_IO, kept_store_create(&(struct kept_store_options){.folder = "/nonexistent/folder"}, &id_of_test, &err));
    must_fail(KEPT_E_USAGE, kept_store_open(&(struct kept_store_options){.folder = folder, .cache_kib = -1}, &s, &err));
    aid_join(path, folder, "lock");
    assert_int_not_equal(access(path, F_OK), 0); /* a wrong folder stays as it was */
    aid_folder_remove(folder);
}

static void settings_are_what_they_must_be(void **state)
{
    (void)state;
    static const struct {
        const char *pragma, *value;
    } want[] = {
        {"journal_mode", "wal"},    {"synchronous", "2"},     {"secure_delete", "1"},
        {"auto_vacuum", "2"},       {"page_size", "16384"},    {"application_id", "1801810036"},
        {"user_version", "3"},      {"trusted_schema", "0"},  {"temp_store", "2"},
        {"mmap_size", "0"},         {"cache_size", "-1024"},  {"max_page_count", "33554431"},
        {"locking_mode", "normal"}, {"foreign_keys", "0"},    {"wal_autocheckpoint", "1024"},
    };
    char folder[AID_PATH], text[64], path[AID_PATH];
    struct stat st;
    int on = -1;
    struct kept_store *s = aid_new(folder);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        sqlite3_stmt *stmt = NULL;
        (void)snprintf(text, sizeof text, "PRAGMA %s", want[i].pragma);
        assert_int_equal(sqlite3_prepare_v2(s->sql->db, text, -1, &stmt, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
        assert_string_equal((const char *)sqlite3_column_text(stmt, 0), want[i].value);
        (void)sqlite3_finalize(stmt);
    }
    (void)sqlite3_db_config(s->sql->db, SQLITE_DBCONFIG_DEFENSIVE, -1, &on);
    assert_int_equal(on, 1);
    (void)sqlite3_db_config(s->sql->db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, -1, &on);
    assert_int_equal(on, 0);
    assert_int_not_equal(sqlite3_exec(s->sql->db, "SELECT load_extension('x')", NULL, NULL, NULL), 0);
    db_path(path, folder);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    aid_end(s, folder);
}

static void foreign_files(void **state)
{
    (void)state;
    char folder[AID_PATH], path[AID_PATH];
    static const uint8_t text[200] = "this is not a database at all, but long enough to be one";
    aid_folder_make(folder);
    db_path(path, folder);
    aid_save(path, text, sizeof text);
    refused(folder, KEPT_E_FORMAT);
    must_fail(KEPT_E_CONFLICT, kept_store_create(&(struct kept_store_options){.folder = folder}, &id_of_test, &err));
    aid_save(path, text, 0);
    refused(folder, KEPT_E_CORRUPT);
    foreign(folder, "CREATE TABLE mine(x)");
    refused(folder, KEPT_E_FORMAT);
    /* In WAL mode, with content only in a log that is still to be read. */
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "PRAGMA journal_mode=WAL; CREATE TABLE other(x)", NULL, NULL,
                                  NULL), SQLITE_OK);
    refused(folder, KEPT_E_FORMAT);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    aid_folder_remove(folder);
}

static void newer_and_other_formats(void **state)
{
    (void)state;
    char folder[AID_PATH], copy[AID_PATH], path[AID_PATH];
    kept_store_close(aid_new(folder));
    foreign(folder, "PRAGMA user_version=4");
    refused(folder, KEPT_E_FORMAT);
    foreign(folder, "PRAGMA user_version=0");
    refused(folder, KEPT_E_FORMAT);
    foreign(folder, "PRAGMA user_version=3; PRAGMA application_id=1");
    refused(folder, KEPT_E_FORMAT);
    foreign(folder, "PRAGMA application_id=1801810036");
    kept_store_close(aid_open(folder));
    /* A newer kept that was killed: its version stands only in the log. */
    sqlite3 *db = NULL;
    db_path(path, folder);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "PRAGMA user_version=4", NULL, NULL, NULL), SQLITE_OK);
    aid_folder_make(copy);
    aid_folder_copy(folder, copy);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    aid_join(path, copy, "store.db-shm");
    assert_int_equal(unlink(path), 0);
    refused(copy, KEPT_E_FORMAT);
    aid_folder_remove(copy);
    aid_folder_remove(folder);
}

/* As a kept of before callers made it: opening brings what came since, once, and loses nothing. */
static void older_formats_are_brought_up(void **state)
{
    struct kept_store *s = NULL;
    const struct kept_id id = {{7}};
    char folder[AID_PATH];
    (void)state;
    kept_store_close(aid_new(folder));
    foreign(folder, "DROP TABLE caller; DROP TABLE slip; PRAGMA user_version=1; INSERT INTO meta VALUES('old', x'01')");
    for (int i = 0; i < 2; i++) {
        struct kept_buf old;
        kept_buf_init(&old, 8);
        s = aid_open(folder);
        must(kept_meta_get(s, "old", &old, &err));
        assert_int_equal(old.n, 1);
        kept_buf_release(&old);
        must(kept_store_begin_write(s, &err));
        must(kept_caller_put(s, 1, &id, aid_text("body"), &err));
        must(kept_store_commit(s, &err));
        kept_store_close(s);
    }
    /* What came with a format and is not there: damaged, not made anew. */
    foreign(folder, "DROP TABLE caller");
    refused(folder, KEPT_E_CORRUPT);
    aid_folder_remove(folder);
}

static void other_layouts(void **state)
{
    (void)state;
    static const char *const makes[] = {
        "PRAGMA page_size=8192; PRAGMA auto_vacuum=2; CREATE TABLE cell(key)",
        "PRAGMA page_size=16384; PRAGMA auto_vacuum=0; CREATE TABLE cell(key)",
    };
    char folder[AID_PATH], path[AID_PATH];
    for (size_t i = 0; i < sizeof makes / sizeof *makes; i++) {
        aid_folder_make(folder);
        db_path(path, folder);
        foreign(folder, makes[i]);
        foreign(folder, "PRAGMA application_id=1801810036; PRAGMA user_version=1");
        refused(folder, KEPT_E_FORMAT);
        aid_folder_remove(folder);
    }
    /* Ours by its marks, without our tables. */
    kept_store_close(aid_new(folder));
    foreign(folder, "DROP TABLE todo");
    refused(folder, KEPT_E_CORRUPT);
    aid_folder_remove(folder);
    kept_store_close(aid_new(folder));
    foreign(folder, "DELETE FROM meta");
    refused(folder, KEPT_E_CORRUPT);
    aid_folder_remove(folder);
}

/* A schema with a trigger someone planted: it does not run. */
static void planted_triggers_sleep(void **state)
{
    (void)state;
    char folder[AID_PATH];
    struct kept_span body;
    kept_store_close(aid_new(folder));
    foreign(folder, "CREATE TRIGGER spy AFTER INSERT ON cell BEGIN"
                    " INSERT INTO meta VALUES('stolen', new.body); END");
    struct kept_store *s = aid_open(folder);
    must(kept_store_begin_write(s, &err));
    must(kept_cell_put(s, 1, aid_text("x"), &err));
    must(kept_store_commit(s, &err));
    must(kept_cell_get(s, 1, &body, &err));
    struct kept_buf buf;
    kept_buf_init(&buf, 100);
    must_fail(KEPT_E_NOTFOUND, kept_meta_get(s, "stolen", &buf, &err));
    kept_buf_release(&buf);
    aid_end(s, folder);
}

static void fill(struct kept_store *s)
{
    must(kept_store_begin_write(s, &err));
    for (uint64_t i = 0; i < 2000; i++)
        must(kept_cell_put(s, i * 7, aid_text("sixty bytes of body, more or less, in each cell"),
                           &err));
    must(kept_store_commit(s, &err));
}

struct one { /* a walk over one cell */
    uint64_t key;
    bool asked;
    size_t sum;
};

static bool the_one(void *arg, uint64_t *ret_key)
{
    struct one *one = arg;
    *ret_key = one->key;
    return !one->asked && (one->asked = true);
}

static int add_up(void *arg, struct kept_span body)
{
    ((struct one *)arg)->sum += body.n;
    return 0;
}

/* Read everything, write something: a clear error or none, never a crash. */
static int use_all(struct kept_store *s)
{
    uint64_t key = 0;
    int rc = 0;
    for (uint64_t from = 0; rc == 0 && from < 14000; from = key + 1) {
        rc = kept_cell_next(s, from, &key, NULL);
        struct one one = {.key = key};
        if (rc == 0)
            rc = kept_cell_walk(s, the_one, add_up, &one, NULL);
    }
    if (rc == KEPT_E_NOTFOUND)
        rc = 0;
    if (rc == 0)
        rc = kept_store_check(s, NULL);
    return rc;
}

static void truncated_and_damaged(void **state)
{
    (void)state;
    char folder[AID_PATH], path[AID_PATH];
    size_t n = 0;
    uint64_t random = 99;
    unsigned found = 0;
    struct kept_store *s = aid_new(folder);
    fill(s);
    kept_store_close(s);
    db_path(path, folder);
    uint8_t *whole = aid_load(path, &n), *bad = malloc(n);
    assert_non_null(bad);
    for (size_t cut = 0; cut < n; cut += 3001) {
        aid_save(path, whole, cut);
        refused(folder, KEPT_E_CORRUPT);
    }
    for (int round = 0; round < 200; round++) {
        memcpy(bad, whole, n);
        size_t at = 100 + aid_random(&random) % (n - 200);
        for (size_t i = 0; i < 64; i++)
            bad[at + i] = (uint8_t)aid_random(&random);
        aid_save(path, bad, n);
        int rc = kept_store_open(&(struct kept_store_options){.folder = folder}, &s, NULL);
        if (rc == 0) {
            rc = use_all(s);
            if (rc != 0) { /* seen once, nothing is written any more */
                found++;
                must_fail(KEPT_E_CORRUPT, kept_store_begin_write(s, &err));
            }
            kept_store_close(s);
        } else {
            found++;
        }
        assert_true(rc == 0 || rc == KEPT_E_CORRUPT || rc == KEPT_E_FORMAT);
    }
    assert_true(found > 20); /* damage to bodies is for the seals of the rooms above */
    free(bad);
    free(whole);
    aid_folder_remove(folder);
}

static void a_foreign_writer_is_busy(void **state)
{
    (void)state;
    char folder[AID_PATH];
    sqlite3 *db = NULL;
    struct kept_store *s = aid_new(folder);
    (void)sqlite3_busy_timeout(s->sql->db, 1);
    assert_int_equal(sqlite3_open(s->sql->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    must_fail(KEPT_E_BUSY, kept_store_begin_write(s, &err));
    assert_int_equal(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    must(kept_store_begin_write(s, &err));
    must(kept_store_commit(s, &err));
    aid_end(s, folder);
}

/* A row key that kept never gives, written by somebody else, is the first that is found. */
static void foreign_keys_come_first(void **state)
{
    (void)state;
    char folder[AID_PATH];
    struct kept_store *s = aid_new(folder);
    uint64_t key = 0;
    must(kept_store_begin_write(s, &err));
    must(kept_chunk_put(s, 20, 0, aid_text("a"), &err));
    must(kept_store_commit(s, &err));
    assert_int_equal(sqlite3_exec(s->sql->db, "INSERT INTO chunk VALUES(-5, 0, x'00')", NULL, NULL,
                                  NULL), SQLITE_OK);
    must(kept_chunk_next(s, 0, &key, &err));
    assert_true(key > INT64_MAX);
    must(kept_chunk_next(s, 1, &key, &err));
    assert_int_equal(key, 20);
    aid_end(s, folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(made_once),
        cmocka_unit_test(another_process_is_refused),
        cmocka_unit_test(nothing_there),
        cmocka_unit_test(settings_are_what_they_must_be),
        cmocka_unit_test(foreign_files),
        cmocka_unit_test(newer_and_other_formats),
        cmocka_unit_test(older_formats_are_brought_up),
        cmocka_unit_test(other_layouts),
        cmocka_unit_test(planted_triggers_sleep),
        cmocka_unit_test(truncated_and_damaged),
        cmocka_unit_test(a_foreign_writer_is_busy),
        cmocka_unit_test(foreign_keys_come_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
