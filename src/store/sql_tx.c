/* sql_tx.c - transactions in SQLite. Who may begin and end one is settled at the doors (store.c). */
#include "store/sql_int.h"

static int run(struct kept_store *store, enum kept_sql which, const char *what,
               struct kept_err *err)
{
    return kept_sql_run(store, kept_sql_ready(store, which), what, err);
}

int kept_sqlite_begin_read(struct kept_store *store, struct kept_err *err)
{
    return run(store, KEPT_SQL_BEGIN_READ, "cannot begin reading", err);
}

int kept_sqlite_begin_write(struct kept_store *store, struct kept_err *err)
{
    return run(store, KEPT_SQL_BEGIN_WRITE, "cannot begin writing", err);
}

int kept_sqlite_commit(struct kept_store *store, struct kept_err *err)
{
    int rc = run(store, KEPT_SQL_COMMIT, "cannot commit", err);
    if (rc != 0) {
        bool unwritten = store->sql->failure == SQLITE_IOERR_WRITE;
        kept_sql_lose(store, rc);
        /* A failed sync can leave the whole commit in the log, where recovery after a crash would
         * find it. Cutting the log now makes the failure final. */
        if (store->broken != 0 && kept_sql_truncate_log(store) != SQLITE_OK && !unwritten)
            rc = kept_fail(err, KEPT_E_UNSETTLED,
                           "the disk failed in a commit, and again as it was undone: it may stand; "
                           "mend the disk and open the store again, which tells");
    }
    return rc;
}

void kept_sqlite_rollback(struct kept_store *store)
{
    kept_sql_lose(store, 0);
}

int kept_sqlite_mark(struct kept_store *store, struct kept_err *err)
{
    return run(store, KEPT_SQL_MARK, "cannot set a mark", err);
}

/* Half undone is worse than all undone. */
static int or_lose(struct kept_store *store, int rc)
{
    if (rc != 0 && store->tx == KEPT_TX_WRITE)
        kept_sql_lose(store, rc);
    return rc;
}

int kept_sqlite_keep(struct kept_store *store, struct kept_err *err)
{
    return or_lose(store, run(store, KEPT_SQL_KEEP, "cannot drop the mark", err));
}

/* Undoing leaves the savepoint open, so both ends release it. */
int kept_sqlite_undo(struct kept_store *store, struct kept_err *err)
{
    int rc = or_lose(store, run(store, KEPT_SQL_UNDO, "cannot undo to the mark", err));
    return rc != 0 ? rc : kept_sqlite_keep(store, err);
}
