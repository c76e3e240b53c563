/* sql_int.h - what the files of the SQLite engine share. */
#ifndef KEPT_STORE_SQL_INT_H
#define KEPT_STORE_SQL_INT_H

#include <sqlite3.h>

#include "store/sql.h"
#include "store/store_int.h"

#define KEPT_STORE_NAME "store.db"
#define KEPT_STORE_NEW ".store.db.new"
#define KEPT_STORE_PAGE 16384 /* five people with full packs (KEPT_PACK_BYTES): docs/performance.md */
#define KEPT_STORE_ID_NAME "store-id"
#define KEPT_STORE_BUSY_MS 1000       /* for the short locks of a foreign reader */
#define KEPT_STORE_MAX_PAGES 33554431 /* 2^25 - 1, 512 GiB: sql_wipe.c tells pages apart by it */
#define KEPT_STORE_LOG_PAGES 1024     /* checkpoint when the log has so many: 16 MiB */

/* One kept_cell_walk, as the virtual table sees it. */
struct kept_walk {
    kept_next_key *next;
    kept_saw_body *found;
    void *arg;
    int rc;       /* what found returned */
    bool bad_key; /* next gave a key of 64 bits */
};

/* The file methods of store.db with our write in front: see sql_wipe.c. */
struct kept_wipe_file {
    sqlite3_io_methods methods; /* first: pMethods of the file points here */
    const sqlite3_io_methods *below;
};

struct kept_sqlite {
    sqlite3 *db;
    sqlite3_stmt *pending; /* the statement whose row the caller has borrowed */
    int failure;           /* the code of the last one */
    struct kept_walk walk;
    struct kept_wipe_file wipe;
    sqlite3_stmt *stmt[KEPT_SQL_COUNT];
    char path[KEPT_MAX_PATH]; /* of store.db */
};

/* ---- sql.c: statements and errors --------------------------------------------------------------*/

/* The KEPT_E_* for an SQLite result, with detail in err. */
int kept_sql_fail(struct kept_store *store, int code, const char *what, struct kept_err *err);
/* A statement ready to bind; borrowed rows end here. */
sqlite3_stmt *kept_sql_ready(struct kept_store *store, enum kept_sql which);
/* The same, with count numbers of 63 bits bound from ?1 on. NULL: one has more. */
sqlite3_stmt *kept_sql_with(struct kept_store *store, enum kept_sql which, const uint64_t *numbers,
                            int count);
/* Run a bound statement that gives no rows, and reset it. A transaction that the failure ended, or
 * that can no longer be trusted, becomes KEPT_TX_LOST. */
KEPT_MUST_USE int kept_sql_run(struct kept_store *store, sqlite3_stmt *stmt, const char *what,
                               struct kept_err *err);
/* Step to a row: 0 (the statement stays on it), KEPT_E_NOTFOUND (and reset), or a failure. */
KEPT_MUST_USE int kept_sql_row(struct kept_store *store, sqlite3_stmt *stmt, const char *what,
                               struct kept_err *err);
/* The number in the first column of the first row. */
KEPT_MUST_USE int kept_sql_number(struct kept_store *store, sqlite3_stmt *stmt, const char *what,
                                  uint64_t *ret_number, struct kept_err *err);
KEPT_MUST_USE int kept_sql_bind_u64(sqlite3_stmt *stmt, int index, uint64_t value);
KEPT_MUST_USE int kept_sql_bind_span(sqlite3_stmt *stmt, int index, struct kept_span span);
struct kept_span kept_sql_span(sqlite3_stmt *stmt, int column);
/* Reset, when a visitor or a row is done with. */
void kept_sql_done(sqlite3_stmt *stmt);
/* End the transaction in SQLite and say why. */
void kept_sql_lose(struct kept_store *store, int why);
/* Forget the borrowed row. */
void kept_sql_settle(struct kept_store *store);
/* Move the log into store.db and cut it; SQLITE_OK only when nothing is left in it. */
int kept_sql_truncate_log(struct kept_store *store);

/* ---- sql_walk.c --------------------------------------------------------------------------------*/
KEPT_MUST_USE int kept_walk_register(struct kept_store *store, struct kept_err *err);

/* ---- sql_wipe.c --------------------------------------------------------------------------------*/
/* From now on every page written to store.db has zeros where no cell is. */
KEPT_MUST_USE int kept_wipe_install(struct kept_store *store, struct kept_err *err);
/* Zero what a b-tree page does not use; other pages stay as they are. */
void kept_wipe_page(uint8_t page[KEPT_STORE_PAGE], uint32_t number);

#endif
