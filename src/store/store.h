/* store.h - rows in transactions, in SQLite or in the memory of this process. The only folder that sees
 * SQLite.
 *
 * The store knows nothing of privacy: bodies are sealed by the rooms above. Everything is keyed by a
 * 63-bit row key whose highest bits are the app, then the subject, then the slot, so that one
 * person's rows lie side by side (one look-up usually warms the page of the next):
 *     key = app (10 bits) | subject number (33 bits) | slot (20 bits); slot 0 is the head.
 * What is said here holds for every engine, and tests/store/test_conformance.c asks it of each.
 * Invariants: 1. One process owns the folder (lock file), and in it one handle that writes.  2. Nothing
 * is written outside a write transaction; a failed commit has changed nothing.  3. After an I/O error in
 * a write the store is read-only until reopened. A full disk is no such error: it undoes the transaction,
 * and with room again writing goes on. No memory for a row leaves the transaction as it was.  4. After a
 * scrub no byte of what was deleted is in any file of the store.
 * Of SQLite: 5. WAL, synchronous=FULL, secure_delete=ON, auto_vacuum=INCREMENTAL, page_size=16384,
 * foreign application_id and newer user_version are refused unchanged.  6. A store has fewer than 2^25
 * pages (512 GiB).
 * In memory "durable" means: until the memory is freed, or the process ends. Closing leaves the rows in
 * the memory, and opening finds them again; another process finds nothing.
 * Writing outside a write transaction is KEPT_E_USAGE; reading outside one is fine. A visitor may read
 * the store, but not start the visit it is in again (KEPT_E_USAGE). A key, or a bound of a range, of more
 * than 63 bits is KEPT_E_USAGE; a body of more than 16 MiB and 64 KiB is KEPT_E_LIMIT.
 * Threads: a handle belongs to one thread; a reader (kept_store_reader) may belong to another. */
#ifndef KEPT_STORE_H
#define KEPT_STORE_H

#include <stdbool.h>

#include "base/buf.h"
#include "kept.h"

#define KEPT_SLOT_BITS 20
#define KEPT_SUBJECT_BITS 33
#define KEPT_KEY(app, number, slot)                                                                \
    ((uint64_t)(app) << (KEPT_SUBJECT_BITS + KEPT_SLOT_BITS) |                                     \
     (uint64_t)(number) << KEPT_SLOT_BITS | (uint64_t)(slot))

struct kept_store;

/* Where a store is. The engine is chosen by what is named here, and nowhere else. */
struct kept_store_options {
    const char *folder;         /* of the lock, and of store.db; it exists */
    int cache_kib;              /* page cache of SQLite; 0: 65536 */
    struct kept_memory *memory; /* NULL: store.db; else the rows lie in it (kept.h) */
};

/* Make an empty store. KEPT_E_CONFLICT (there is one already, of whatever engine), KEPT_E_BUSY,
 * KEPT_E_IO, KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_store_create(const struct kept_store_options *options,
                                    const struct kept_id *store_id, struct kept_err *err);
/* Would kept_store_create find one? */
bool kept_store_exists(const struct kept_store_options *options);
/* KEPT_E_NOTFOUND, KEPT_E_BUSY (another process, or a second handle), KEPT_E_FORMAT (foreign or newer),
 * KEPT_E_CORRUPT, KEPT_E_IO, KEPT_E_USAGE (cache_kib), KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_store_open(const struct kept_store_options *options,
                                  struct kept_store **ret_store, struct kept_err *err);
/* Another connection to the same rows, for another thread, which reads and cannot write. Every
 * transaction of it sees what was committed when it began. Closed (kept_store_close) before store.
 * cache_kib: of its own. KEPT_E_IO, KEPT_E_NOMEM, KEPT_E_USAGE. */
KEPT_MUST_USE int kept_store_reader(const struct kept_store *store, int cache_kib,
                                    struct kept_store **ret_reader, struct kept_err *err);
/* A reader met damage: as if store had, it only reads until it is opened again. */
void kept_store_distrust(struct kept_store *store);
void kept_store_close(struct kept_store *store);
struct kept_id kept_store_id(const struct kept_store *store);

/* ---- transactions: at most one at a time on a handle ------------------------------------------*/

KEPT_MUST_USE int kept_store_begin_read(struct kept_store *store, struct kept_err *err);
void kept_store_end_read(struct kept_store *store);
/* KEPT_E_IO (disk full, read-only ...), KEPT_E_BUSY. */
KEPT_MUST_USE int kept_store_begin_write(struct kept_store *store, struct kept_err *err);
/* Durable when it returns 0. On failure everything since begin is undone; but KEPT_E_UNSETTLED: the
 * disk failed, also in undoing it, so that opening the store again may find it committed. */
KEPT_MUST_USE int kept_store_commit(struct kept_store *store, struct kept_err *err);
void kept_store_rollback(struct kept_store *store); /* no-op without a transaction */
/* A point inside a write transaction to which one operation of a batch can be undone alone. */
KEPT_MUST_USE int kept_store_mark(struct kept_store *store, struct kept_err *err);
KEPT_MUST_USE int kept_store_undo(struct kept_store *store, struct kept_err *err); /* to the mark */
KEPT_MUST_USE int kept_store_keep(struct kept_store *store, struct kept_err *err); /* drop the mark */

/* ---- cells: key -> body ------------------------------------------------------------------------*/

/* ret_body is borrowed until the next call on the store. KEPT_E_NOTFOUND. */
KEPT_MUST_USE int kept_cell_get(struct kept_store *store, uint64_t key, struct kept_span *ret_body,
                                struct kept_err *err);
/* Many, by ONE statement; the cheap way to read a batch. next(arg) gives the key to read, or false at
 * the end; found(arg, body) is called if that cell exists, its body borrowed during the call, before
 * next is asked again: a body may so decide what is read after it. A result of found other than 0
 * ends the walk and is its result. KEPT_E_USAGE: a key of more than 63 bits, or a walk in a walk. */
KEPT_MUST_USE int kept_cell_walk(struct kept_store *store,
                                 bool (*next)(void *arg, uint64_t *ret_key),
                                 int (*found)(void *arg, struct kept_span body), void *arg,
                                 struct kept_err *err);
KEPT_MUST_USE int kept_cell_put(struct kept_store *store, uint64_t key, struct kept_span body,
                                struct kept_err *err);
KEPT_MUST_USE int kept_cell_delete(struct kept_store *store, uint64_t key, struct kept_err *err);
/* Delete up to limit cells with from <= key <= to; ret_deleted says how many. */
KEPT_MUST_USE int kept_cell_delete_range(struct kept_store *store, uint64_t from, uint64_t to,
                                         uint32_t limit, uint32_t *ret_deleted,
                                         struct kept_err *err);
/* The smallest key >= from; from 0 begins at the first row, whose key may be none that kept gives
 * (over INT64_MAX: below zero on disk). KEPT_E_NOTFOUND. */
KEPT_MUST_USE int kept_cell_next(struct kept_store *store, uint64_t from, uint64_t *ret_key,
                                 struct kept_err *err);

/* ---- chunks of large values: (key, number) -> body --------------------------------------------*/

KEPT_MUST_USE int kept_chunk_put(struct kept_store *store, uint64_t key, uint32_t number,
                                 struct kept_span body, struct kept_err *err);
KEPT_MUST_USE int kept_chunk_get(struct kept_store *store, uint64_t key, uint32_t number,
                                 struct kept_span *ret_body, struct kept_err *err);
KEPT_MUST_USE int kept_chunk_delete_range(struct kept_store *store, uint64_t from, uint64_t to,
                                          uint32_t limit, uint32_t *ret_deleted,
                                          struct kept_err *err);

/* For the full check: the smallest row key >= from that has a chunk, as kept_cell_next. */
KEPT_MUST_USE int kept_chunk_next(struct kept_store *store, uint64_t from, uint64_t *ret_key,
                                  struct kept_err *err);
/* How many chunks have from <= key <= to. */
KEPT_MUST_USE int kept_chunk_count(struct kept_store *store, uint64_t from, uint64_t to,
                                   uint64_t *ret_count, struct kept_err *err);

/* ---- look-up tokens: (app, token[16]) -> subject keys -----------------------------------------*/

KEPT_MUST_USE int kept_token_put(struct kept_store *store, uint32_t app, const uint8_t token[16],
                                 uint64_t key, struct kept_err *err);
/* key: the record's key (its subject is its high bits). visit nonzero stops. */
KEPT_MUST_USE int kept_token_find(struct kept_store *store, uint32_t app, const uint8_t token[16],
                                  int (*visit)(void *arg, uint64_t key), void *arg,
                                  struct kept_err *err);
/* Is this very row there? 0 or KEPT_E_NOTFOUND. */
KEPT_MUST_USE int kept_token_has(struct kept_store *store, uint32_t app, const uint8_t token[16],
                                 uint64_t key, struct kept_err *err);
/* As kept_chunk_next and kept_chunk_count, by the record's key and over all apps. */
KEPT_MUST_USE int kept_token_next(struct kept_store *store, uint64_t from, uint64_t *ret_key,
                                  struct kept_err *err);
KEPT_MUST_USE int kept_token_count(struct kept_store *store, uint64_t from, uint64_t to,
                                   uint64_t *ret_count, struct kept_err *err);
/* Tokens of records with from <= key <= to, at most limit. */
KEPT_MUST_USE int kept_token_delete_range(struct kept_store *store, uint64_t from, uint64_t to,
                                          uint32_t limit, uint32_t *ret_deleted,
                                          struct kept_err *err);

/* ---- queues: what must still reach a file outside, in order -----------------------------------*/

enum kept_queue { KEPT_QUEUE_LEDGER = 1, KEPT_QUEUE_JOURNAL = 2 };
KEPT_MUST_USE int kept_queue_put(struct kept_store *store, enum kept_queue queue, uint32_t app,
                                 uint64_t key, const struct kept_id *id, struct kept_span body,
                                 uint64_t *ret_seq, struct kept_err *err);
KEPT_MUST_USE int kept_queue_each(struct kept_store *store, enum kept_queue queue,
                                  int (*visit)(void *arg, uint64_t seq, uint32_t app, uint64_t key,
                                               const struct kept_id *id, struct kept_span body),
                                  void *arg, struct kept_err *err);
/* Rows with seq <= up_to. */
KEPT_MUST_USE int kept_queue_delete(struct kept_store *store, enum kept_queue queue, uint64_t up_to,
                                    struct kept_err *err);

/* ---- work to do later: (kind, key) -> when -----------------------------------------------------*/

enum kept_todo { KEPT_TODO_SWEEP = 1, KEPT_TODO_RESEAL = 2, KEPT_TODO_TRACE = 3,
                 KEPT_TODO_END = 4,   /* the next value of a person ends */
                 KEPT_TODO_CHUNKS = 5,/* by a record's key: chunks that belong to no record (yet) */
                 KEPT_TODO_MINOR = 6, /* a child who was found out is to be erased, */
                 KEPT_TODO_MINOR_BY = 7 /* and by when that must be done */ };
KEPT_MUST_USE int kept_todo_put(struct kept_store *store, enum kept_todo kind, uint64_t key,
                                kept_ms at, struct kept_err *err); /* replaces */
/* The due row (at <= now) with the smallest (at, key). KEPT_E_NOTFOUND. */
KEPT_MUST_USE int kept_todo_next(struct kept_store *store, enum kept_todo kind, kept_ms now,
                                 uint64_t *ret_key, kept_ms *ret_at, struct kept_err *err);
/* Its row for one key. KEPT_E_NOTFOUND. */
KEPT_MUST_USE int kept_todo_get(struct kept_store *store, enum kept_todo kind, uint64_t key,
                                kept_ms *ret_at, struct kept_err *err);
KEPT_MUST_USE int kept_todo_delete(struct kept_store *store, enum kept_todo kind, uint64_t key,
                                   struct kept_err *err);
KEPT_MUST_USE int kept_todo_count(struct kept_store *store, enum kept_todo kind,
                                  uint64_t *ret_count, struct kept_err *err);
/* Of them those that are due, at <= now. */
KEPT_MUST_USE int kept_todo_due(struct kept_store *store, enum kept_todo kind, kept_ms now,
                                uint64_t *ret_count, struct kept_err *err);

/* ---- slips: small rows with an instant: codes, counts, proofs, messages that are owed -----------*/

enum kept_slip_kind {
    KEPT_SLIP_CODE = 1,  /* a one-time code; at: when it is of no use any more */
    KEPT_SLIP_TALLY,     /* how often something was done; at: when it counts no more */
    KEPT_SLIP_PROOF,     /* who a person has shown to be; at: until when */
    KEPT_SLIP_POST,      /* a message that is owed; at: when it is to be tried next */
    KEPT_SLIP_PROVIDER,  /* by whom people may log in; at: INT64_MAX */
    KEPT_SLIP_DEVICE,    /* a device that is linked; at: INT64_MAX */
    KEPT_SLIP_SECRET,    /* what a password is verified with; at: INT64_MAX */
    KEPT_SLIP_SESSION,   /* by which a person stays known; at: when it ends */
    KEPT_SLIP_LOG,       /* lines of a log; at: their end */
    KEPT_SLIP_LOG_KEY,   /* what they are sealed under; at: its end */
    KEPT_SLIP_ORDER,     /* to another system, open; at: when it is handed out next */
    KEPT_SLIP_ORDERED,   /* one that was acknowledged; at: when it is forgotten */
    KEPT_SLIP_APPROVAL,  /* that another approve of something; at: its end */
    KEPT_SLIP_KINDS
};
struct kept_slip {
    enum kept_slip_kind kind;
    uint32_t app;
    struct kept_id id;     /* kind, app and id are its name */
    uint64_t key;          /* row key of the person it is about; 0: of nobody */
    kept_ms at;
    struct kept_span body; /* sealed by whoever wrote it */
};
KEPT_MUST_USE int kept_slip_put(struct kept_store *store, const struct kept_slip *slip,
                                struct kept_err *err); /* replaces */
/* ret_slip's body is borrowed until the next call on the store. KEPT_E_NOTFOUND. */
KEPT_MUST_USE int kept_slip_get(struct kept_store *store, enum kept_slip_kind kind, uint32_t app,
                                const struct kept_id *id, struct kept_slip *ret_slip,
                                struct kept_err *err);
/* The one of a kind and app with the smallest (at, id), if it is due (at <= now), as _get. KEPT_E_NOTFOUND. */
KEPT_MUST_USE int kept_slip_due(struct kept_store *store, enum kept_slip_kind kind, uint32_t app,
                                kept_ms now, struct kept_slip *ret_slip, struct kept_err *err);
/* The one of a kind and app with the smallest id that is not below this, as _get. KEPT_E_NOTFOUND. */
KEPT_MUST_USE int kept_slip_from(struct kept_store *store, enum kept_slip_kind kind, uint32_t app,
                                 const struct kept_id *id, struct kept_slip *ret_slip, struct kept_err *err);
KEPT_MUST_USE int kept_slip_delete(struct kept_store *store, enum kept_slip_kind kind, uint32_t app,
                                   const struct kept_id *id, struct kept_err *err);
/* How many of a kind and app are due. */
KEPT_MUST_USE int kept_slip_count(struct kept_store *store, enum kept_slip_kind kind, uint32_t app,
                                  kept_ms now, uint64_t *ret_count, struct kept_err *err);
/* Of people with from <= key <= to, at most limit; from 1 on, those of nobody stay. */
KEPT_MUST_USE int kept_slip_delete_range(struct kept_store *store, uint64_t from, uint64_t to,
                                         uint32_t limit, uint32_t *ret_deleted,
                                         struct kept_err *err);
/* As kept_chunk_next. */
KEPT_MUST_USE int kept_slip_next(struct kept_store *store, uint64_t from, uint64_t *ret_key,
                                 struct kept_err *err);

/* ---- apps, policy versions, callers, facts of the store -------------------------------------------------*/

/* Apps are numbered from 1. KEPT_E_CONFLICT: it exists; KEPT_E_LIMIT. */
KEPT_MUST_USE int kept_app_add(struct kept_store *store, const char *name, uint32_t *ret_app,
                               struct kept_err *err);
KEPT_MUST_USE int kept_app_each(struct kept_store *store,
                                int (*visit)(void *arg, uint32_t app, const char *name), void *arg,
                                struct kept_err *err);
/* A version is immutable: KEPT_E_CONFLICT when it exists. */
KEPT_MUST_USE int kept_policy_row_put(struct kept_store *store, uint32_t app, uint32_t version,
                                      kept_ms effective, kept_ms published, struct kept_span text,
                                      struct kept_err *err);
KEPT_MUST_USE int kept_policy_row_each(struct kept_store *store, uint32_t app,
                                       int (*visit)(void *arg, uint32_t version, kept_ms effective,
                                                    kept_ms published, struct kept_span text),
                                       void *arg, struct kept_err *err);
/* Callers of an app: sealed bodies by id; put replaces. each visits by id. */
KEPT_MUST_USE int kept_caller_put(struct kept_store *store, uint32_t app, const struct kept_id *id,
                                  struct kept_span body, struct kept_err *err);
KEPT_MUST_USE int kept_caller_each(struct kept_store *store, uint32_t app,
                                   int (*visit)(void *arg, const struct kept_id *id, struct kept_span body),
                                   void *arg, struct kept_err *err);
/* Small named values. get appends to out. KEPT_E_NOTFOUND. */
KEPT_MUST_USE int kept_meta_put(struct kept_store *store, const char *name, struct kept_span value,
                                struct kept_err *err);
KEPT_MUST_USE int kept_meta_get(struct kept_store *store, const char *name, struct kept_buf *out,
                                struct kept_err *err);
KEPT_MUST_USE int kept_meta_put_u64(struct kept_store *store, const char *name, uint64_t value,
                                    struct kept_err *err);
/* fallback when absent */
KEPT_MUST_USE int kept_meta_get_u64(struct kept_store *store, const char *name, uint64_t fallback,
                                    uint64_t *ret_value, struct kept_err *err);

/* ---- upkeep ------------------------------------------------------------------------------------*/

/* SQLite: move everything out of the write-ahead log and cut it to nothing, so that no deleted byte stays
 * in it. Memory: rows are wiped when nobody sees them any more. *ret_done false: a reader (even a foreign
 * one) still needs an old state; try again later. Outside transactions. */
KEPT_MUST_USE int kept_store_scrub(struct kept_store *store, bool *ret_done, struct kept_err *err);
/* The engine's own check of its structures. KEPT_E_CORRUPT. */
KEPT_MUST_USE int kept_store_check(struct kept_store *store, struct kept_err *err);
/* Give free pages back, at most pages of them. Outside transactions. Memory holds none back. */
KEPT_MUST_USE int kept_store_shrink(struct kept_store *store, uint32_t pages, struct kept_err *err);
/* Bytes of all files of the store, or in memory. */
KEPT_MUST_USE int kept_store_bytes(struct kept_store *store, uint64_t *ret_bytes,
                                   struct kept_err *err);

#endif
