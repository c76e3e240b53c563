/* sql_upkeep.c - scrubbing, shrinking, checking, measuring an SQLite store. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "store/sql_int.h"

int kept_sql_truncate_log(struct kept_store *store)
{
    /* No waiting for readers: they may be long, and the caller comes back. */
    (void)sqlite3_busy_timeout(store->sql->db, 0);
    int code = sqlite3_wal_checkpoint_v2(store->sql->db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    (void)sqlite3_busy_timeout(store->sql->db, KEPT_STORE_BUSY_MS);
    return code;
}

/* SQLite cuts the log without a sync: after a power cut the old log could be there again. It holds no
 * lock on the log that closing this descriptor would drop. */
static int sync_log(struct kept_store *store, struct kept_err *err)
{
    char path[KEPT_MAX_PATH + 8];
    int fd = -1;
    (void)snprintf(path, sizeof path, "%s-wal", store->sql->path);
    int rc = kept_file_open(path, KEPT_FILE_WRITE, &fd, err);
    if (rc == 0)
        rc = kept_file_sync(fd, "the cut of the log", err);
    kept_file_close(fd);
    return rc;
}

int kept_sqlite_scrub(struct kept_store *store, bool *ret_done, struct kept_err *err)
{
    int rc = 0;
    kept_sql_settle(store);
    int code = kept_sql_truncate_log(store);
    if ((code & 0xff) != SQLITE_BUSY && code != SQLITE_OK)
        return kept_sql_fail(store, code, "cannot empty the log of the store", err);
    if (code == SQLITE_OK && (rc = sync_log(store, err)) != 0)
        return rc;
    *ret_done = code == SQLITE_OK;
    return 0;
}

int kept_sqlite_check(struct kept_store *store, struct kept_err *err)
{
    sqlite3_stmt *stmt = NULL;
    int rc = KEPT_E_BUG;
    kept_sql_settle(store);
    int code = sqlite3_prepare_v2(store->sql->db, "PRAGMA integrity_check(1)", -1, &stmt, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(stmt);
    /* Its words name rows; ours do not. */
    const char *words = code == SQLITE_ROW ? (const char *)sqlite3_column_text(stmt, 0) : NULL;
    if (words != NULL && strcmp(words, "ok") == 0)
        rc = 0;
    else if (words != NULL)
        rc = kept_sql_fail(store, SQLITE_CORRUPT, "the check found damage", err);
    else
        rc = kept_sql_fail(store, code, "cannot check the store", err);
    (void)sqlite3_finalize(stmt);
    return rc;
}

int kept_sqlite_shrink(struct kept_store *store, uint32_t pages, struct kept_err *err)
{
    char text[64];
    sqlite3_stmt *stmt = NULL;
    kept_sql_settle(store);
    (void)snprintf(text, sizeof text, "PRAGMA incremental_vacuum(%u)", pages);
    int code = sqlite3_prepare_v2(store->sql->db, text, -1, &stmt, NULL);
    for (uint32_t i = 0; code == SQLITE_OK || code == SQLITE_ROW; i++) {
        if (i > pages)
            code = SQLITE_INTERNAL; /* a row a page, and an end */
        else
            code = sqlite3_step(stmt);
    }
    (void)sqlite3_finalize(stmt);
    return code == SQLITE_DONE ? 0 : kept_sql_fail(store, code, "cannot give pages back", err);
}

int kept_sqlite_bytes(struct kept_store *store, uint64_t *ret_bytes, struct kept_err *err)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    uint64_t sum = 0;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char path[KEPT_MAX_PATH + 8];
        struct stat st;
        (void)snprintf(path, sizeof path, "%s%s", store->sql->path, ends[i]);
        if (stat(path, &st) == 0)
            sum += (uint64_t)st.st_size;
        else if (i == 0)
            return kept_fail_errno(err, KEPT_E_IO, "cannot look at %s", store->sql->path);
    }
    *ret_bytes = sum;
    return 0;
}
