/* sql_open.c - making, opening and closing an SQLite store; every setting is made here, at every open. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/id.h"
#include "base/mem.h"
#include "store/sql_int.h"

#define HEADER_BYTES 100 /* of an SQLite file, as documented in its file format */
#define AT_PAGE_SIZE 16
#define AT_PAGE_COUNT 28
#define AT_USER_VERSION 60
#define AT_APPLICATION_ID 68
#define ROW_BYTES 4096 /* what a row has beside its body, at most */
#define DEFAULT_CACHE_KIB 65536

static int run_text(struct kept_store *store, const char *text, struct kept_err *err)
{
    return kept_sql_fail(store, sqlite3_exec(store->sql->db, text, NULL, NULL, NULL),
                         "cannot set up the store", err);
}

/* The first column of the first row. */
static int ask(struct kept_store *store, const char *text, int64_t *ret_value,
               struct kept_err *err)
{
    sqlite3_stmt *stmt = NULL;
    int code = sqlite3_prepare_v2(store->sql->db, text, -1, &stmt, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(stmt);
    if (code == SQLITE_ROW) {
        *ret_value = sqlite3_column_int64(stmt, 0);
        code = SQLITE_OK;
    } else if (code == SQLITE_DONE) {
        code = SQLITE_CORRUPT;
    }
    (void)sqlite3_finalize(stmt);
    return kept_sql_fail(store, code, "cannot read the store", err);
}

static int expect(struct kept_store *store, const char *pragma, int64_t value,
                  struct kept_err *err)
{
    char text[64];
    int64_t got = -1;
    (void)snprintf(text, sizeof text, "PRAGMA %s", pragma);
    int rc = ask(store, text, &got, err);
    if (rc == 0 && got != value)
        rc = kept_fail(err, KEPT_E_FORMAT, "the store's %s is %lld where %lld is needed", pragma,
                       (long long)got, (long long)value);
    return rc;
}

/* Set the journal mode, which can be refused without an error. */
static int expect_wal(struct kept_store *store, struct kept_err *err)
{
    sqlite3_stmt *stmt = NULL;
    int code = sqlite3_prepare_v2(store->sql->db, "PRAGMA journal_mode=WAL", -1, &stmt, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(stmt);
    const char *mode = code == SQLITE_ROW ? (const char *)sqlite3_column_text(stmt, 0) : NULL;
    int rc = 0;
    if (mode == NULL)
        rc = kept_sql_fail(store, code == SQLITE_DONE ? SQLITE_CORRUPT : code,
                           "cannot set up the store", err);
    else if (strcmp(mode, "wal") != 0)
        rc = kept_fail(err, KEPT_E_IO, "the store cannot keep a write-ahead log here");
    (void)sqlite3_finalize(stmt);
    return rc;
}

/* A connection that trusts nothing it finds in the file. */
static int connect_to(struct kept_store *store, const char *path, int flags, struct kept_err *err)
{
    static const struct {
        int what, value;
    } config[] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1},      {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0}, {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
        {SQLITE_DBCONFIG_DQS_DDL, 0},        {SQLITE_DBCONFIG_DQS_DML, 0},
        {SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0},
        {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
        {SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1}, /* until the store is known to be ours */
    };
    if (strncmp(path, "file:", 5) == 0)
        return kept_fail(err, KEPT_E_USAGE, "a store's path may not begin with file:");
    int code = sqlite3_open_v2(path, &store->sql->db,
                               SQLITE_OPEN_NOMUTEX | flags, NULL);
    for (size_t i = 0; code == SQLITE_OK && i < sizeof config / sizeof *config; i++)
        code = sqlite3_db_config(store->sql->db, config[i].what, config[i].value, (int *)NULL);
    if (code != SQLITE_OK)
        return kept_sql_fail(store, code, "cannot open the store", err);
    (void)sqlite3_extended_result_codes(store->sql->db, 1);
    (void)sqlite3_limit(store->sql->db, SQLITE_LIMIT_LENGTH, (int)(KEPT_MAX_BODY + ROW_BYTES));
    (void)sqlite3_limit(store->sql->db, SQLITE_LIMIT_ATTACHED, 0);
    (void)sqlite3_busy_timeout(store->sql->db, KEPT_STORE_BUSY_MS);
    return kept_wipe_install(store, err);
}

static void disconnect(struct kept_store *store)
{
    for (size_t i = 0; i < KEPT_SQL_COUNT; i++)
        (void)sqlite3_finalize(store->sql->stmt[i]);
    if (store->sql->db != NULL && sqlite3_close(store->sql->db) != SQLITE_OK)
        KEPT_BUG("a statement of the store is still open");
}

void kept_sqlite_close(struct kept_store *store)
{
    if (store->sql == NULL)
        return;
    kept_sql_settle(store);
    disconnect(store);
    kept_free(store->sql);
    store->sql = NULL;
}

static int side_new(struct kept_store *store, struct kept_err *err)
{
    store->sql = kept_alloc(1, sizeof *store->sql);
    return store->sql != NULL ? 0 : kept_fail(err, KEPT_E_NOMEM, "no memory to open a store");
}

static int path_of(const char *folder, char ret_path[KEPT_MAX_PATH], struct kept_err *err)
{
    return kept_path(ret_path, KEPT_MAX_PATH, folder, KEPT_STORE_NAME, err);
}

bool kept_sqlite_exists(const struct kept_store_options *options)
{
    char path[KEPT_MAX_PATH];
    return path_of(options->folder, path, NULL) == 0 && kept_file_exists(path);
}

/* ---- making ------------------------------------------------------------------------------------*/

static int fill(struct kept_store *store, const struct kept_id *store_id, struct kept_err *err)
{
#define X(format, text) text
    static const char schema[] = KEPT_SCHEMA KEPT_UPGRADES(X);
#undef X
    char text[sizeof schema + 512], hex[2 * KEPT_ID_BYTES + 1];
    kept_hex(store_id->b, KEPT_ID_BYTES, hex);
    (void)snprintf(text, sizeof text,
                   "PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY;" /* make() syncs, once */
                   "PRAGMA page_size=%d; PRAGMA auto_vacuum=INCREMENTAL; PRAGMA encoding='UTF-8';"
                   "BEGIN; %s INSERT INTO meta VALUES('%s', x'%s');"
                   "PRAGMA application_id=%d; PRAGMA user_version=%d; COMMIT;"
                   "PRAGMA journal_mode=WAL",
                   KEPT_STORE_PAGE, schema, KEPT_STORE_ID_NAME, hex, KEPT_APPLICATION_ID,
                   KEPT_STORE_FORMAT);
    (void)sqlite3_db_config(store->sql->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, (int *)NULL);
    return run_text(store, text, err);
}

/* Remove what a crash while making a store left behind. */
static int remove_new(const char *folder, struct kept_err *err)
{
    static const char *const names[] = {KEPT_STORE_NEW, KEPT_STORE_NEW "-wal",
                                        KEPT_STORE_NEW "-shm", KEPT_STORE_NEW "-journal"};
    char path[KEPT_MAX_PATH];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        int rc = kept_path(path, sizeof path, folder, names[i], err);
        if (rc != 0)
            return rc;
        (void)unlink(path);
    }
    return 0;
}

/* Make the whole store under another name, so that store.db is there complete or not at all. */
static int make(struct kept_store *store, const char *folder, const struct kept_id *store_id,
                struct kept_err *err)
{
    int rc = remove_new(folder, err);
    int fd = -1;
    if (rc != 0 || (rc = kept_path(store->sql->path, sizeof store->sql->path, folder, KEPT_STORE_NEW,
                                   err)) != 0)
        return rc;
    if ((rc = kept_file_open(store->sql->path, KEPT_FILE_CREATE, &fd, err)) != 0)
        return rc; /* made by us, so that its mode is ours */
    kept_file_close(fd);
    fd = -1;
    if ((rc = connect_to(store, store->sql->path, SQLITE_OPEN_READWRITE, err)) == 0)
        rc = fill(store, store_id, err);
    disconnect(store);
    store->sql->db = NULL;
    if (rc == 0 && (rc = kept_file_open(store->sql->path, KEPT_FILE_WRITE, &fd, err)) == 0)
        rc = kept_file_sync(fd, "a new store", err);
    kept_file_close(fd);
    return rc;
}

int kept_sqlite_create(const struct kept_store_options *options, const struct kept_id *id,
                       struct kept_err *err)
{
    struct kept_store store = {.lock_fd = -1};
    char path[KEPT_MAX_PATH];
    int rc = side_new(&store, err);
    if (rc != 0 || (rc = path_of(options->folder, path, err)) != 0)
        goto out;
    if ((rc = make(&store, options->folder, id, err)) == 0 && rename(store.sql->path, path) != 0)
        rc = kept_fail_errno(err, KEPT_E_IO, "cannot rename to %s", path);
    if (rc == 0)
        rc = kept_dir_sync(options->folder, "a new store's name", err);
    else
        (void)remove_new(options->folder, NULL);
out:
    kept_sqlite_close(&store);
    return rc;
}

/* ---- opening -----------------------------------------------------------------------------------*/

/* Without a log to complete it the file has all its pages. SQLite does not miss half a page. */
static bool is_whole(const char *path, const uint8_t header[HEADER_BYTES], uint64_t size)
{
    char log[KEPT_MAX_PATH + 8];
    struct stat st;
    (void)snprintf(log, sizeof log, "%s-wal", path);
    if (stat(log, &st) == 0 && st.st_size > 0)
        return true;
    return size >= (uint64_t)kept_be32(header + AT_PAGE_COUNT) * KEPT_STORE_PAGE;
}

/* Look at the file before SQLite does: it would mend, and so write to, any file of its own. */
static int check_header(const char *path, struct kept_err *err)
{
    uint8_t header[HEADER_BYTES];
    uint64_t size = 0;
    int fd = -1;
    int rc = kept_file_open(path, KEPT_FILE_WRITE, &fd, err);
    if (rc != 0)
        return rc;
    if ((rc = kept_file_size(fd, &size, err)) == 0 && size < HEADER_BYTES)
        rc = kept_fail(err, KEPT_E_CORRUPT, "%s is cut short, or empty", path);
    if (rc == 0)
        rc = kept_file_read(fd, 0, header, sizeof header, err);
    kept_file_close(fd);
    if (rc != 0)
        return rc;
    if (!kept_bytes_equal(header, "SQLite format 3", 16) ||
        kept_be32(header + AT_APPLICATION_ID) != KEPT_APPLICATION_ID)
        return kept_fail(err, KEPT_E_FORMAT, "%s is not a store of kept", path);
    if (kept_be32(header + AT_USER_VERSION) > KEPT_STORE_FORMAT)
        return kept_fail(err, KEPT_E_FORMAT, "%s was written by a newer kept (format %u)", path,
                         kept_be32(header + AT_USER_VERSION));
    if (header[AT_PAGE_SIZE] != KEPT_STORE_PAGE >> 8 || header[AT_PAGE_SIZE + 1] != 0)
        return kept_fail(err, KEPT_E_FORMAT, "%s has another page size than %d", path,
                         KEPT_STORE_PAGE);
    if (!is_whole(path, header, size))
        return kept_fail(err, KEPT_E_CORRUPT, "%s is cut short: restore it from a backup", path);
    return 0;
}

/* The same through SQLite, which reads the log too; then the settings, and that they took. */
static int settle_in(struct kept_store *store, int cache_kib, struct kept_err *err)
{
    char text[512];
    int64_t format = 0;
    int rc;
    if ((rc = expect(store, "application_id", KEPT_APPLICATION_ID, err)) != 0 ||
        (rc = ask(store, "PRAGMA user_version", &format, err)) != 0 ||
        (rc = format < 1 || format > KEPT_STORE_FORMAT
                  ? expect(store, "user_version", KEPT_STORE_FORMAT, err) : 0) != 0 ||
        (rc = expect(store, "page_size", KEPT_STORE_PAGE, err)) != 0 ||
        (rc = expect(store, "auto_vacuum", 2, err)) != 0)
        return rc;
    (void)sqlite3_db_config(store->sql->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, (int *)NULL);
    (void)snprintf(text, sizeof text,
                   "PRAGMA locking_mode=NORMAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
                   "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=0;"
                   "PRAGMA foreign_keys=OFF; PRAGMA recursive_triggers=OFF;"
                   "PRAGMA max_page_count=%d; PRAGMA cache_size=-%d",
                   KEPT_STORE_MAX_PAGES, cache_kib);
    if ((rc = run_text(store, text, err)) != 0 || (rc = expect_wal(store, err)) != 0 ||
        (rc = expect(store, "synchronous", 2, err)) != 0 ||
        (rc = expect(store, "secure_delete", 1, err)) != 0)
        return rc;
    return kept_sql_fail(store, sqlite3_wal_autocheckpoint(store->sql->db, KEPT_STORE_LOG_PAGES),
                         "cannot set up the store", err);
}

/* A store of an older format gets what came since, a step a transaction. */
static int upgrade(struct kept_store *store, struct kept_err *err)
{
    static const struct {
        int64_t format;
        const char *text;
    } steps[] = {
#define X(format, text) {format, "BEGIN IMMEDIATE;" text "PRAGMA user_version=" #format ";COMMIT"},
        KEPT_UPGRADES(X)
#undef X
    };
    int64_t format = 0;
    int rc = ask(store, "PRAGMA user_version", &format, err);
    for (size_t i = 0; rc == 0 && i < sizeof steps / sizeof steps[0]; i++)
        if (steps[i].format > format && (rc = run_text(store, steps[i].text, err)) != 0)
            (void)sqlite3_exec(store->sql->db, "ROLLBACK", NULL, NULL, NULL); /* if it had begun */
    return rc;
}

static int prepare(struct kept_store *store, struct kept_err *err)
{
    static const char *const texts[KEPT_SQL_COUNT] = {
#define X(name, text) text,
        KEPT_STATEMENTS(X)
#undef X
    };
    for (size_t i = 0; i < KEPT_SQL_COUNT; i++) {
        int code = sqlite3_prepare_v3(store->sql->db, texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                                      &store->sql->stmt[i], NULL);
        if (code == SQLITE_ERROR) /* no such table or column */
            return kept_sql_fail(store, SQLITE_CORRUPT, "the store lacks a table", err);
        if (code != SQLITE_OK)
            return kept_sql_fail(store, code, "cannot read the store", err);
    }
    return 0;
}

static int read_id(struct kept_store *store, struct kept_err *err)
{
    struct kept_buf buf;
    kept_buf_init(&buf, KEPT_ID_BYTES);
    int rc = kept_meta_get(store, KEPT_STORE_ID_NAME, &buf, err);
    if (rc == KEPT_E_NOTFOUND || rc == KEPT_E_LIMIT || (rc == 0 && buf.n != KEPT_ID_BYTES))
        rc = kept_fail(err, KEPT_E_CORRUPT, "the store has lost its id");
    if (rc == 0)
        memcpy(store->id.b, buf.p, KEPT_ID_BYTES);
    kept_buf_release(&buf);
    return rc;
}

int kept_sqlite_open(struct kept_store *store, const struct kept_store_options *options,
                     struct kept_err *err)
{
    int cache_kib = options->cache_kib == 0 ? DEFAULT_CACHE_KIB : options->cache_kib;
    int rc = side_new(store, err);
    if (rc != 0 || (rc = path_of(options->folder, store->sql->path, err)) != 0 ||
        (rc = check_header(store->sql->path, err)) != 0 ||
        (rc = connect_to(store, store->sql->path, SQLITE_OPEN_READWRITE, err)) != 0 ||
        (rc = settle_in(store, cache_kib, err)) != 0 || (rc = upgrade(store, err)) != 0 ||
        (rc = kept_walk_register(store, err)) != 0 || (rc = prepare(store, err)) != 0)
        return rc;
    return read_id(store, err);
}

int kept_sqlite_reader(const struct kept_store *store, int cache_kib, struct kept_store *reader,
                       struct kept_err *err)
{
    char text[128];
    int rc = side_new(reader, err);
    if (rc != 0)
        return rc;
    memcpy(reader->sql->path, store->sql->path, sizeof reader->sql->path);
    (void)snprintf(text, sizeof text,
                   "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=0; PRAGMA cache_size=-%d",
                   cache_kib == 0 ? DEFAULT_CACHE_KIB : cache_kib);
    if ((rc = connect_to(reader, reader->sql->path, SQLITE_OPEN_READONLY, err)) != 0 ||
        (rc = run_text(reader, text, err)) != 0 || (rc = kept_walk_register(reader, err)) != 0)
        return rc;
    return prepare(reader, err);
}
