/* store.c - the doors to a store: making, opening, transactions, upkeep. Which engine holds the rows is
 * settled here once, and nobody above knows.
 *
 *            begin_read                      begin_write            mark
 *   READ <--------------- NONE -----------------------------> WRITE ----> WRITE, marked
 *     |     end_read       ^ ^          commit, rollback        |   <----  undo, keep
 *     +--------------------+ +----------------------------------+
 *                          |            commit, rollback        | a write failed
 *                          +----------------- LOST <------------+ (the engine has rolled back)
 */
#include "base/file.h"
#include "base/mem.h"
#include "store/store_int.h"

#define LOCK_NAME "lock"

static const struct kept_engine engine_sqlite = {
#define X(type, name, args) .name = kept_sqlite_##name,
    KEPT_ENGINE_CALLS(X)
#undef X
};
static const struct kept_engine engine_memory = {
#define X(type, name, args) .name = kept_memory_##name,
    KEPT_ENGINE_CALLS(X)
#undef X
};

static const struct kept_engine *engine_of(const struct kept_store_options *options)
{
    return options->memory != NULL ? &engine_memory : &engine_sqlite;
}

/* ---- making and opening ------------------------------------------------------------------------*/

static int handle_new(const struct kept_engine *engine, struct kept_store **ret_store,
                      struct kept_err *err)
{
    struct kept_store *store = kept_alloc(1, sizeof *store);
    if (store == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory to open a store");
    store->engine = engine;
    store->lock_fd = -1;
    *ret_store = store;
    return 0;
}

/* Whatever the rows lie in, the folder has one owner: the ledger lies beside them. */
static int lock(const char *folder, int *ret_fd, struct kept_err *err)
{
    char path[KEPT_MAX_PATH];
    int rc = kept_path(path, sizeof path, folder, LOCK_NAME, err);
    return rc != 0 ? rc : kept_file_lock(path, ret_fd, err);
}

static int check_cache(int cache_kib, struct kept_err *err)
{
    return cache_kib >= 0 && cache_kib <= KEPT_MAX_CACHE_KIB
               ? 0
               : kept_fail(err, KEPT_E_USAGE, "a cache has 0 to %d KiB", KEPT_MAX_CACHE_KIB);
}

bool kept_store_exists(const struct kept_store_options *options)
{
    /* A folder that holds a store of any engine is taken: it has that store's ledger. */
    return engine_of(options)->exists(options) || engine_sqlite.exists(options);
}

int kept_store_create(const struct kept_store_options *options, const struct kept_id *store_id,
                      struct kept_err *err)
{
    int fd = -1;
    int rc = lock(options->folder, &fd, err);
    if (rc == 0 && kept_store_exists(options))
        rc = kept_fail(err, KEPT_E_CONFLICT, "there is a store already: %s", options->folder);
    if (rc == 0)
        rc = engine_of(options)->create(options, store_id, err);
    kept_file_close(fd);
    return rc;
}

int kept_store_open(const struct kept_store_options *options, struct kept_store **ret_store,
                    struct kept_err *err)
{
    struct kept_store *store = NULL;
    *ret_store = NULL;
    int rc = check_cache(options->cache_kib, err);
    if (rc == 0 && !engine_of(options)->exists(options))
        rc = kept_fail(err, KEPT_E_NOTFOUND, "there is no store in %s", options->folder);
    if (rc != 0 || (rc = handle_new(engine_of(options), &store, err)) != 0)
        return rc;
    if ((rc = lock(options->folder, &store->lock_fd, err)) != 0 ||
        (rc = store->engine->open(store, options, err)) != 0 ||
        (rc = kept_queue_resume(store, err)) != 0) {
        kept_store_close(store);
        return rc;
    }
    *ret_store = store;
    return 0;
}

int kept_store_reader(const struct kept_store *store, int cache_kib,
                      struct kept_store **ret_reader, struct kept_err *err)
{
    struct kept_store *reader = NULL;
    *ret_reader = NULL;
    int rc = check_cache(cache_kib, err);
    if (rc != 0 || (rc = handle_new(store->engine, &reader, err)) != 0)
        return rc;
    reader->broken = KEPT_E_IO; /* it never writes */
    reader->id = store->id;
    if ((rc = store->engine->reader(store, cache_kib, reader, err)) != 0) {
        kept_store_close(reader);
        return rc;
    }
    *ret_reader = reader;
    return 0;
}

void kept_store_distrust(struct kept_store *store)
{
    if (store->broken == 0)
        store->broken = KEPT_E_CORRUPT;
}

void kept_store_close(struct kept_store *store)
{
    if (store == NULL)
        return;
    kept_store_rollback(store);
    store->engine->close(store);
    kept_file_close(store->lock_fd);
    kept_free(store);
}

struct kept_id kept_store_id(const struct kept_store *store)
{
    return store->id;
}

/* ---- transactions ------------------------------------------------------------------------------*/

static int want(const struct kept_store *store, enum kept_tx tx, struct kept_err *err)
{
    return store->tx == tx ? 0
                           : kept_fail(err, KEPT_E_USAGE,
                                       tx == KEPT_TX_NONE ? "a transaction is open already"
                                                          : "no write transaction is open");
}

static int not_broken(const struct kept_store *store, struct kept_err *err)
{
    return store->broken == 0
               ? 0
               : kept_fail(err, store->broken,
                           "the store failed before and is read-only: close it and open it again");
}

int kept_store_may_write(struct kept_store *store, struct kept_err *err)
{
    int rc = kept_store_may_read(store, err);
    if (rc != 0 || (rc = not_broken(store, err)) != 0)
        return rc;
    return store->tx == KEPT_TX_WRITE
               ? 0
               : kept_fail(err, KEPT_E_USAGE, "writing needs a write transaction");
}

static void end(struct kept_store *store)
{
    store->tx = KEPT_TX_NONE;
    store->marked = false;
}

int kept_store_begin_read(struct kept_store *store, struct kept_err *err)
{
    int rc = want(store, KEPT_TX_NONE, err);
    if (rc == 0 && (rc = store->engine->begin_read(store, err)) == 0)
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
    if (rc == 0 && (rc = not_broken(store, err)) == 0 &&
        (rc = store->engine->begin_write(store, err)) == 0)
        store->tx = KEPT_TX_WRITE;
    return rc;
}

int kept_store_commit(struct kept_store *store, struct kept_err *err)
{
    if (store->tx == KEPT_TX_LOST) {
        end(store);
        return kept_fail(err, store->lost, "the transaction was undone by an earlier failure");
    }
    int rc = want(store, KEPT_TX_WRITE, err);
    if (rc != 0)
        return rc;
    if (store->marked)
        return kept_fail(err, KEPT_E_USAGE, "the mark must be kept or undone before the commit");
    rc = store->engine->commit(store, err);
    end(store);
    return rc;
}

void kept_store_rollback(struct kept_store *store)
{
    if (store->tx == KEPT_TX_READ || store->tx == KEPT_TX_WRITE)
        store->engine->rollback(store);
    end(store);
}

int kept_store_mark(struct kept_store *store, struct kept_err *err)
{
    int rc = kept_store_may_write(store, err);
    if (rc != 0)
        return rc;
    if (store->marked)
        return kept_fail(err, KEPT_E_USAGE, "there is a mark already");
    if ((rc = store->engine->mark(store, err)) == 0)
        store->marked = true;
    return rc;
}

static int end_mark(struct kept_store *store,
                    int (*how)(struct kept_store *store, struct kept_err *err),
                    struct kept_err *err)
{
    int rc = kept_store_may_write(store, err);
    if (rc != 0)
        return rc;
    if (!store->marked)
        return kept_fail(err, KEPT_E_USAGE, "there is no mark");
    if ((rc = how(store, err)) == 0)
        store->marked = false;
    return rc;
}

int kept_store_undo(struct kept_store *store, struct kept_err *err)
{
    return end_mark(store, store->engine->undo, err);
}

int kept_store_keep(struct kept_store *store, struct kept_err *err)
{
    return end_mark(store, store->engine->keep, err);
}

/* ---- upkeep ------------------------------------------------------------------------------------*/

static int outside(const struct kept_store *store, struct kept_err *err)
{
    return store->tx == KEPT_TX_NONE
               ? 0
               : kept_fail(err, KEPT_E_USAGE, "upkeep is done outside transactions");
}

int kept_store_scrub(struct kept_store *store, bool *ret_done, struct kept_err *err)
{
    int rc = outside(store, err);
    if (rc != 0 || (rc = not_broken(store, err)) != 0)
        return rc;
    return store->engine->scrub(store, ret_done, err);
}

int kept_store_check(struct kept_store *store, struct kept_err *err)
{
    int rc = kept_store_may_read(store, err);
    return rc != 0 ? rc : store->engine->check(store, err);
}

int kept_store_shrink(struct kept_store *store, uint32_t pages, struct kept_err *err)
{
    int rc = outside(store, err);
    if (rc != 0 || pages == 0 || (rc = kept_store_begin_write(store, err)) != 0)
        return rc;
    if ((rc = store->engine->shrink(store, pages, err)) == 0)
        return kept_store_commit(store, err);
    kept_store_rollback(store);
    return rc;
}

int kept_store_bytes(struct kept_store *store, uint64_t *ret_bytes, struct kept_err *err)
{
    return store->engine->bytes(store, ret_bytes, err);
}
