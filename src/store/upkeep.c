/* upkeep.c - scrubbing, shrinking, checking, measuring. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "store/store_int.h"

static int outside(struct kept_store *store, struct kept_err *err)
{
    kept_sql_settle(store);
    return store->tx == KEPT_TX_NONE
               ? 0
               : kept_fail(err, KEPT_E_USAGE, "upkeep is done outside transactions");
}

int kept_sql_truncate_log(struct kept_store *store)
{
    /* No waiting for readers: they may be long, and the caller comes back. */
    (void)sqlite3_busy_timeout(store->db, 0);
    int code = sqlite3_wal_checkpoint_v2(store->db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    (void)sqlite3_busy_timeout(store->db, KEPT_STORE_BUSY_MS);
    return code;
}

/* SQLite cuts the log without a sync: after a power cut the old log could be there again. It holds no
 * lock on the log that closing this descriptor would drop. */
static int sync_log(struct kept_store *store, struct kept_err *err)
{
    char path[KEPT_MAX_PATH + 8];
    int fd = -1;
    (void)snprintf(path, sizeof path, "%s-wal", store->path);
    int rc = kept_file_open(path, KEPT_FILE_WRITE, &fd, err);
    if (rc == 0)
        rc = kept_file_sync(fd, "the cut of the log", err);
    kept_file_close(fd);
    return rc;
}

int kept_store_scrub(struct kept_store *store, bool *ret_done, struct kept_err *err)
{
    int rc = outside(store, err);
    if (rc != 0)
        return rc;
    if (store->broken != 0)
        return kept_fail(err, store->broken,
                         "the store failed before and is read-only: close it and open it again");
    int code = kept_sql_truncate_log(store);
    if ((code & 0xff) != SQLITE_BUSY && code != SQLITE_OK)
        return kept_sql_fail(store, code, "cannot empty the log of the store", err);
    if (code == SQLITE_OK && (rc = sync_log(store, err)) != 0)
        return rc;
    *ret_done = code == SQLITE_OK;
    return 0;
}

int kept_store_check(struct kept_store *store, struct kept_err *err)
{
    sqlite3_stmt *stmt = NULL;
    int rc = kept_sql_may_read(store, err);
    if (rc != 0)
        return rc;
    kept_sql_settle(store);
    int code = sqlite3_prepare_v2(store->db, "PRAGMA integrity_check(1)", -1, &stmt, NULL);
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

int kept_store_shrink(struct kept_store *store, uint32_t pages, struct kept_err *err)
{
    char text[64];
    sqlite3_stmt *stmt = NULL;
    int rc = outside(store, err);
    if (rc != 0 || pages == 0 || (rc = kept_store_begin_write(store, err)) != 0)
        return rc;
    (void)snprintf(text, sizeof text, "PRAGMA incremental_vacuum(%u)", pages);
    int code = sqlite3_prepare_v2(store->db, text, -1, &stmt, NULL);
    for (uint32_t i = 0; code == SQLITE_OK || code == SQLITE_ROW; i++) {
        if (i > pages)
            code = SQLITE_INTERNAL; /* a row a page, and an end */
        else
            code = sqlite3_step(stmt);
    }
    (void)sqlite3_finalize(stmt);
    if (code != SQLITE_DONE) {
        rc = kept_sql_fail(store, code, "cannot give pages back", err);
        kept_store_rollback(store);
        return rc;
    }
    return kept_store_commit(store, err);
}

int kept_store_bytes(struct kept_store *store, uint64_t *ret_bytes, struct kept_err *err)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    uint64_t sum = 0;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char path[KEPT_MAX_PATH + 8];
        struct stat st;
        (void)snprintf(path, sizeof path, "%s%s", store->path, ends[i]);
        if (stat(path, &st) == 0)
            sum += (uint64_t)st.st_size;
        else if (i == 0)
            return kept_fail_errno(err, KEPT_E_IO, "cannot look at %s", store->path);
    }
    *ret_bytes = sum;
    return 0;
}
