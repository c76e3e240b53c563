/* store_int.h - what the doors of the store share with its engines: the handle, and what an engine
 * must do.
 *
 * The doors (store.c, row.c) hold everything that is the same whatever the rows lie in: the order of
 * calls, keys of 63 bits, names, sizes, who may write, numbers of queues, visits in visits, and the words
 * of "there is none". An engine is a table of functions and is only called when all that is right.
 * A new engine: functions kept_ENGINE_*, declared below and put in a table at the head of store.c, a place
 * in the union, a field of struct kept_store_options by which it is chosen, a row in
 * tests/store/test_conformance.c. */
#ifndef KEPT_STORE_INT_H
#define KEPT_STORE_INT_H

#include "base/error.h"
#include "base/limits.h"
#include "store/store.h"

#define KEPT_TOKEN_BYTES 16
#define KEPT_MAX_BODY (KEPT_MAX_VALUE_BYTES + 65536u) /* a sealed value is a little longer */
#define KEPT_MAX_CACHE_KIB (16 << 20)

enum kept_tx {
    KEPT_TX_NONE,
    KEPT_TX_READ,
    KEPT_TX_WRITE,
    KEPT_TX_LOST /* a write failed and undid the transaction; only commit and rollback end it */
};

struct kept_store {
    const struct kept_engine *engine;
    union { /* what the engine holds for this handle */
        struct kept_sqlite *sql;
        struct kept_view *view;
    };
    enum kept_tx tx;
    bool marked;
    unsigned visiting; /* enum kept_visit, a bit each */
    int lost;          /* why the transaction was lost */
    int broken;        /* after an I/O error or damage: why nothing is written any more */
    int lock_fd;
    uint64_t next_seq[KEPT_QUEUE_JOURNAL + 1];
    struct kept_id id;
};

typedef bool kept_next_key(void *arg, uint64_t *ret_key);
typedef int kept_saw_body(void *arg, struct kept_span body);
typedef int kept_saw_key(void *arg, uint64_t key);
typedef int kept_saw_queued(void *arg, uint64_t seq, uint32_t app, uint64_t key,
                            const struct kept_id *id, struct kept_span body);
typedef int kept_saw_app(void *arg, uint32_t app, const char *name);
typedef int kept_saw_policy(void *arg, uint32_t version, kept_ms effective, kept_ms published,
                            struct kept_span text);

typedef int kept_saw_caller(void *arg, const struct kept_id *id, struct kept_span body);

/* A table: what kept_*_next, _count and _delete_range go over. Tokens go by their records' keys, slips by
 * those of whom they are about. */
enum kept_table { KEPT_TABLE_CELL, KEPT_TABLE_CHUNK, KEPT_TABLE_TOKEN, KEPT_TABLE_SLIP };

/* X(type, name, arguments). What store.h says of the call of that name holds; beyond it:
 * - KEPT_E_NOTFOUND and KEPT_E_CONFLICT need no words; the doors have them.
 * - A failed write leaves the transaction as it was before it, or sets tx to KEPT_TX_LOST and undoes it.
 * - create: options->folder is locked. open, reader: set the union and id; on failure close is called,
 *   with the union as it was left. commit: on failure all is undone, or unsettled. rollback ends either kind.
 * - next: from 0 begins at the first row there is, even below zero. meta_get: appends; whether it fitted
 *   is the doors' question.
 * - queue_last: the highest number in it; KEPT_E_NOTFOUND. app_last: the highest number, or 0. */
#define KEPT_ENGINE_CALLS(X)                                                                       \
    X(bool, exists, (const struct kept_store_options *options))                                    \
    X(int, create,                                                                                 \
      (const struct kept_store_options *options, const struct kept_id *id, struct kept_err *err))  \
    X(int, open, (struct kept_store *store, const struct kept_store_options *options,              \
                  struct kept_err *err))                                                           \
    X(int, reader, (const struct kept_store *store, int cache_kib, struct kept_store *reader,      \
                    struct kept_err *err))                                                         \
    X(void, close, (struct kept_store *store))                                                     \
    X(int, begin_read, (struct kept_store *store, struct kept_err *err))                           \
    X(int, begin_write, (struct kept_store *store, struct kept_err *err))                          \
    X(int, commit, (struct kept_store *store, struct kept_err *err))                               \
    X(void, rollback, (struct kept_store *store))                                                  \
    X(int, mark, (struct kept_store *store, struct kept_err *err))                                 \
    X(int, undo, (struct kept_store *store, struct kept_err *err))                                 \
    X(int, keep, (struct kept_store *store, struct kept_err *err))                                 \
    X(int, next, (struct kept_store *store, enum kept_table table, uint64_t from,                  \
                  uint64_t *ret_key, struct kept_err *err))                                        \
    X(int, count, (struct kept_store *store, enum kept_table table, uint64_t from, uint64_t to,    \
                   uint64_t *ret_count, struct kept_err *err))                                     \
    X(int, delete_range, (struct kept_store *store, enum kept_table table, uint64_t from,          \
                          uint64_t to, uint32_t limit, uint32_t *ret_deleted,                      \
                          struct kept_err *err))                                                   \
    X(int, cell_get, (struct kept_store *store, uint64_t key, struct kept_span *ret_body,          \
                      struct kept_err *err))                                                       \
    X(int, cell_walk, (struct kept_store *store, kept_next_key *next, kept_saw_body *found,        \
                       void *arg, struct kept_err *err))                                           \
    X(int, cell_put, (struct kept_store *store, uint64_t key, struct kept_span body,               \
                      struct kept_err *err))                                                       \
    X(int, cell_delete, (struct kept_store *store, uint64_t key, struct kept_err *err))            \
    X(int, chunk_put, (struct kept_store *store, uint64_t key, uint32_t number,                    \
                       struct kept_span body, struct kept_err *err))                               \
    X(int, chunk_get, (struct kept_store *store, uint64_t key, uint32_t number,                    \
                       struct kept_span *ret_body, struct kept_err *err))                          \
    X(int, token_put, (struct kept_store *store, uint32_t app, const uint8_t *token, uint64_t key, \
                       struct kept_err *err))                                                      \
    X(int, token_find, (struct kept_store *store, uint32_t app, const uint8_t *token,              \
                        kept_saw_key *visit, void *arg, struct kept_err *err))                     \
    X(int, token_has, (struct kept_store *store, uint32_t app, const uint8_t *token, uint64_t key, \
                       struct kept_err *err))                                                      \
    X(int, queue_put, (struct kept_store *store, enum kept_queue queue, uint64_t seq,              \
                       uint32_t app, uint64_t key, const struct kept_id *id,                       \
                       struct kept_span body, struct kept_err *err))                               \
    X(int, queue_each, (struct kept_store *store, enum kept_queue queue, kept_saw_queued *visit,   \
                        void *arg, struct kept_err *err))                                          \
    X(int, queue_delete, (struct kept_store *store, enum kept_queue queue, uint64_t up_to,         \
                          struct kept_err *err))                                                   \
    X(int, queue_last, (struct kept_store *store, enum kept_queue queue, uint64_t *ret_seq,        \
                        struct kept_err *err))                                                     \
    X(int, todo_put, (struct kept_store *store, enum kept_todo kind, uint64_t key, kept_ms at,     \
                      struct kept_err *err))                                                       \
    X(int, todo_next, (struct kept_store *store, enum kept_todo kind, kept_ms now,                 \
                       uint64_t *ret_key, kept_ms *ret_at, struct kept_err *err))                  \
    X(int, todo_get, (struct kept_store *store, enum kept_todo kind, uint64_t key,                 \
                      kept_ms *ret_at, struct kept_err *err))                                      \
    X(int, todo_delete, (struct kept_store *store, enum kept_todo kind, uint64_t key,              \
                         struct kept_err *err))                                                    \
    X(int, todo_due, (struct kept_store *store, enum kept_todo kind, kept_ms now,                  \
                      uint64_t *ret_count, struct kept_err *err))                                  \
    X(int, slip_put, (struct kept_store *store, const struct kept_slip *slip, struct kept_err *err)) \
    X(int, slip_get, (struct kept_store *store, enum kept_slip_kind kind, uint32_t app,            \
                      const struct kept_id *id, struct kept_slip *ret_slip,                        \
                      struct kept_err *err))                                                       \
    X(int, slip_from, (struct kept_store *store, enum kept_slip_kind kind, uint32_t app,           \
                       const struct kept_id *id, struct kept_slip *ret_slip,                       \
                       struct kept_err *err))                                                      \
    X(int, slip_due, (struct kept_store *store, enum kept_slip_kind kind, uint32_t app,            \
                      kept_ms now, struct kept_slip *ret_slip, struct kept_err *err))              \
    X(int, slip_delete, (struct kept_store *store, enum kept_slip_kind kind, uint32_t app,         \
                         const struct kept_id *id, struct kept_err *err))                          \
    X(int, slip_count, (struct kept_store *store, enum kept_slip_kind kind, uint32_t app,          \
                        kept_ms now, uint64_t *ret_count, struct kept_err *err))                   \
    X(int, app_last, (struct kept_store *store, uint64_t *ret_app, struct kept_err *err))          \
    X(int, app_add, (struct kept_store *store, uint32_t app, const char *name,                     \
                     struct kept_err *err))                                                        \
    X(int, app_each, (struct kept_store *store, kept_saw_app *visit, void *arg,                    \
                      struct kept_err *err))                                                       \
    X(int, policy_put, (struct kept_store *store, uint32_t app, uint32_t version,                  \
                        kept_ms effective, kept_ms published, struct kept_span text,               \
                        struct kept_err *err))                                                     \
    X(int, policy_each, (struct kept_store *store, uint32_t app, kept_saw_policy *visit,           \
                         void *arg, struct kept_err *err))                                         \
    X(int, caller_put, (struct kept_store *store, uint32_t app, const struct kept_id *id,          \
                        struct kept_span body, struct kept_err *err))                              \
    X(int, caller_each, (struct kept_store *store, uint32_t app, kept_saw_caller *visit,           \
                         void *arg, struct kept_err *err))                                         \
    X(int, meta_put, (struct kept_store *store, const char *name, struct kept_span value,          \
                      struct kept_err *err))                                                       \
    X(int, meta_get, (struct kept_store *store, const char *name, struct kept_buf *out,            \
                      struct kept_err *err))                                                       \
    X(int, scrub, (struct kept_store *store, bool *ret_done, struct kept_err *err))                \
    X(int, check, (struct kept_store *store, struct kept_err *err))                                \
    X(int, shrink, (struct kept_store *store, uint32_t pages, struct kept_err *err))               \
    X(int, bytes, (struct kept_store *store, uint64_t *ret_bytes, struct kept_err *err))

struct kept_engine {
#define X(type, name, args) type (*name) args; /* NOLINT(bugprone-macro-parentheses): a declaration */
    KEPT_ENGINE_CALLS(X)
#undef X
};

#define X(type, name, args) type kept_sqlite_##name args;
KEPT_ENGINE_CALLS(X)
#undef X
#define X(type, name, args) type kept_memory_##name args;
KEPT_ENGINE_CALLS(X)
#undef X

/* ---- store.c: what the rows' doors ask first ---------------------------------------------------*/

/* KEPT_E_USAGE, KEPT_E_IO, KEPT_E_CORRUPT. */
KEPT_MUST_USE int kept_store_may_write(struct kept_store *store, struct kept_err *err);
/* Inline, as every read asks. */
static inline int kept_store_may_read(const struct kept_store *store, struct kept_err *err)
{
    if (store->tx == KEPT_TX_LOST)
        return kept_fail(err, store->lost, "the transaction was undone by an earlier failure");
    return 0;
}
/* Numbers of the queues go on behind the highest ever given. */
KEPT_MUST_USE int kept_queue_resume(struct kept_store *store, struct kept_err *err);

#endif
