/* tx.c - transactions.
 *
 *            begin_read                      begin_write            mark
 *   READ <--------------- NONE -----------------------------> WRITE ----> WRITE, marked
 *     |     end_read       ^ ^          commit, rollback        |   <----  undo, keep
 *     +--------------------+ +----------------------------------+
 *                          |            commit, rollback        | a write failed
 *                          +----------------- LOST <------------+ (SQLite has rolled back)
 */
#include "store/store_int.h"

static int run(struct kept_store *store, enum kept_sql which, const char *what,
               struct kept_err *err)
{
    sqlite3_stmt *stmt = kept_sql_ready(store, which);
    if (stmt == NULL)
        return kept_fail(err, KEPT_E_BUG, "%s: it is being done already", what);
    return kept_sql_run(store, stmt, what, err);
}

static int want(struct kept_store *store, enum kept_tx tx, struct kept_err *err)
{
    return store->tx == tx ? 0
                           : kept_fail(err, KEPT_E_USAGE,
                                       tx == KEPT_TX_NONE ? "a transaction is open already"
                                                          : "no write transaction is open");
}

int kept_store_begin_read(struct kept_store *store, struct kept_err *err)
{
    int rc = want(store, KEPT_TX_NONE, err);
    if (rc == 0 && (rc = run(store, KEPT_SQL_BEGIN_READ, "cannot begin reading", err)) == 0)
        store->tx = KEPT_TX_READ;
    return rc;
}

void kept_store_end_read(struct kept_store *store)
{
    if (store->tx == KEPT_TX_READ)
        kept_store_rollback(store);
}

int kept_store_begin_write(struct kept_store *store, struct kept_err *err)
{
    int rc = want(store, KEPT_TX_NONE, err);
    if (rc != 0)
        return rc;
    if (store->broken != 0)
        return kept_fail(err, store->broken,
                         "the store failed before and is read-only: close it and open it again");
    if ((rc = run(store, KEPT_SQL_BEGIN_WRITE, "cannot begin writing", err)) == 0)
        store->tx = KEPT_TX_WRITE;
    return rc;
}

int kept_store_commit(struct kept_store *store, struct kept_err *err)
{
    if (store->tx == KEPT_TX_LOST) {
        store->tx = KEPT_TX_NONE;
        return kept_fail(err, store->lost, "the transaction was undone by an earlier failure");
    }
    int rc = want(store, KEPT_TX_WRITE, err);
    if (rc != 0)
        return rc;
    if (store->marked)
        return kept_fail(err, KEPT_E_USAGE, "the mark must be kept or undone before the commit");
    if ((rc = run(store, KEPT_SQL_COMMIT, "cannot commit", err)) != 0) {
        bool unwritten = store->failure == SQLITE_IOERR_WRITE;
        kept_sql_lose(store, rc);
        /* A failed sync can leave the whole commit in the log, where recovery after a crash would
         * find it. Cutting the log now makes the failure final. */
        if (store->broken != 0 && kept_sql_truncate_log(store) != SQLITE_OK && !unwritten)
            rc = kept_fail(err, KEPT_E_UNSETTLED,
                           "the disk failed in a commit, and again as it was undone: it may stand; "
                           "mend the disk and open the store again, which tells");
    }
    store->tx = KEPT_TX_NONE;
    return rc;
}

void kept_store_rollback(struct kept_store *store)
{
    if (store->tx == KEPT_TX_READ || store->tx == KEPT_TX_WRITE)
        kept_sql_lose(store, 0);
    store->tx = KEPT_TX_NONE;
}

int kept_store_mark(struct kept_store *store, struct kept_err *err)
{
    int rc = kept_sql_may_write(store, err);
    if (rc != 0)
        return rc;
    if (store->marked)
        return kept_fail(err, KEPT_E_USAGE, "there is a mark already");
    if ((rc = run(store, KEPT_SQL_MARK, "cannot set a mark", err)) == 0)
        store->marked = true;
    return rc;
}

/* Undoing leaves the savepoint open, so both ends release it. */
static int end_mark(struct kept_store *store, bool undo, struct kept_err *err)
{
    int rc = kept_sql_may_write(store, err);
    if (rc != 0)
        return rc;
    if (!store->marked)
        return kept_fail(err, KEPT_E_USAGE, "there is no mark");
    if (undo)
        rc = run(store, KEPT_SQL_UNDO, "cannot undo to the mark", err);
    if (rc == 0)
        rc = run(store, KEPT_SQL_KEEP, "cannot drop the mark", err);
    if (rc == 0)
        store->marked = false;
    else if (store->tx == KEPT_TX_WRITE)
        kept_sql_lose(store, rc); /* half undone is worse than all undone */
    return rc;
}

int kept_store_undo(struct kept_store *store, struct kept_err *err)
{
    return end_mark(store, true, err);
}

int kept_store_keep(struct kept_store *store, struct kept_err *err)
{
    return end_mark(store, false, err);
}
