/* memory.c - the memory engine: whose the rows are, transactions, upkeep.
 *
 * A state of the store is one root of a map that never changes (map.h). Committing puts a root in the
 * place of the former; a reader that holds the former goes on with it. */
#include "store/memory_int.h"

#include <pthread.h>

#include "base/mem.h"

struct kept_memory {
    pthread_mutex_t mutex;  /* for what stands below */
    unsigned holders;       /* the caller, and each open handle */
    bool made, owned;       /* it holds a store; a handle that writes is open */
    struct kept_id id;
    struct kept_map *rows;  /* as last committed */
    struct kept_view *views;
};

struct kept_view {
    struct kept_memory *memory;
    bool owns;                /* it is the handle that writes */
    struct kept_view *next;   /* of memory->views */
    struct kept_map *held;    /* reading: the state it sees, or lent from; under the mutex */
    struct kept_map *working; /* writing */
    struct kept_map *mark;
};

/* ---- the memory --------------------------------------------------------------------------------*/

struct kept_memory *kept_memory_new(void)
{
    struct kept_memory *memory = kept_alloc(1, sizeof *memory);
    if (memory == NULL)
        return NULL;
    (void)pthread_mutex_init(&memory->mutex, NULL);
    memory->holders = 1;
    return memory;
}

void kept_memory_free(struct kept_memory *memory)
{
    if (memory == NULL)
        return;
    (void)pthread_mutex_lock(&memory->mutex);
    unsigned left = --memory->holders;
    (void)pthread_mutex_unlock(&memory->mutex);
    if (left > 0)
        return; /* the last handle to close frees it */
    kept_map_drop(memory->rows);
    (void)pthread_mutex_destroy(&memory->mutex);
    kept_free(memory);
}

bool kept_memory_exists(const struct kept_store_options *options)
{
    return options->memory->made;
}

int kept_memory_create(const struct kept_store_options *options, const struct kept_id *id,
                       struct kept_err *err)
{
    (void)err;
    options->memory->id = *id;
    options->memory->made = true;
    return 0;
}

/* ---- handles -----------------------------------------------------------------------------------*/

static int view_new(struct kept_store *store, struct kept_memory *memory, bool owns,
                    struct kept_err *err)
{
    struct kept_view *view = kept_alloc(1, sizeof *view);
    if (view == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory to open a store");
    (void)pthread_mutex_lock(&memory->mutex);
    bool taken = owns && memory->owned;
    if (!taken) {
        memory->owned = memory->owned || owns;
        memory->holders++;
        view->memory = memory;
        view->owns = owns;
        view->next = memory->views;
        memory->views = view;
        store->id = memory->id;
    }
    (void)pthread_mutex_unlock(&memory->mutex);
    if (taken) {
        kept_free(view);
        return kept_fail(err, KEPT_E_BUSY, "this memory is open already, through another handle");
    }
    store->view = view;
    return 0;
}

int kept_memory_open(struct kept_store *store, const struct kept_store_options *options,
                     struct kept_err *err)
{
    return view_new(store, options->memory, true, err);
}

int kept_memory_reader(const struct kept_store *store, int cache_kib, struct kept_store *reader,
                       struct kept_err *err)
{
    (void)cache_kib;
    return view_new(reader, store->view->memory, false, err);
}

/* What a view sees from now on; it takes the reference over. */
static void hold(struct kept_view *view, bool newest)
{
    struct kept_memory *memory = view->memory;
    struct kept_map *before = view->held;
    (void)pthread_mutex_lock(&memory->mutex);
    view->held = newest ? kept_map_keep(memory->rows) : NULL;
    (void)pthread_mutex_unlock(&memory->mutex);
    kept_map_drop(before);
}

void kept_memory_close(struct kept_store *store)
{
    struct kept_view *view = store->view;
    if (view == NULL)
        return;
    struct kept_memory *memory = view->memory;
    hold(view, false);
    (void)pthread_mutex_lock(&memory->mutex);
    struct kept_view **at = &memory->views;
    while (*at != view)
        at = &(*at)->next;
    *at = view->next;
    if (view->owns)
        memory->owned = false;
    (void)pthread_mutex_unlock(&memory->mutex);
    kept_free(view);
    store->view = NULL;
    kept_memory_free(memory);
}

/* ---- transactions ------------------------------------------------------------------------------*/

struct kept_map *kept_view_now(struct kept_store *store)
{
    if (store->tx == KEPT_TX_WRITE)
        return store->view->working;
    if (store->tx == KEPT_TX_NONE)
        hold(store->view, true);
    return store->view->held;
}

int kept_memory_begin_read(struct kept_store *store, struct kept_err *err)
{
    (void)err;
    hold(store->view, true);
    return 0;
}

int kept_memory_begin_write(struct kept_store *store, struct kept_err *err)
{
    (void)err;
    hold(store->view, false); /* what was lent ends here */
    store->view->working = kept_map_keep(store->view->memory->rows);
    return 0;
}

int kept_memory_commit(struct kept_store *store, struct kept_err *err)
{
    struct kept_view *view = store->view;
    (void)err;
    (void)pthread_mutex_lock(&view->memory->mutex);
    struct kept_map *before = view->memory->rows;
    view->memory->rows = view->working;
    (void)pthread_mutex_unlock(&view->memory->mutex);
    view->working = NULL;
    kept_map_drop(before);
    return 0;
}

static void drop(struct kept_map **map)
{
    kept_map_drop(*map);
    *map = NULL;
}

void kept_memory_rollback(struct kept_store *store)
{
    drop(&store->view->working);
    drop(&store->view->mark);
    hold(store->view, false);
}

int kept_memory_mark(struct kept_store *store, struct kept_err *err)
{
    (void)err;
    store->view->mark = kept_map_keep(store->view->working);
    return 0;
}

int kept_memory_undo(struct kept_store *store, struct kept_err *err)
{
    (void)err;
    drop(&store->view->working);
    store->view->working = store->view->mark;
    store->view->mark = NULL;
    return 0;
}

int kept_memory_keep(struct kept_store *store, struct kept_err *err)
{
    (void)err;
    drop(&store->view->mark);
    return 0;
}

/* ---- changes -----------------------------------------------------------------------------------*/

struct change kept_change_begin(struct kept_store *store)
{
    return (struct change){store, kept_map_keep(store->view->working), 0};
}

static void replace(struct change *change, struct kept_map *rows)
{
    if (change->rc != 0)
        return;
    kept_map_drop(change->rows);
    change->rows = rows;
}

void kept_change_put(struct change *change, const struct key *key, const struct kept_span *parts,
                     size_t count)
{
    struct kept_map *rows = NULL;
    if (change->rc != 0)
        return;
    change->rc = kept_map_put(change->rows, kept_key_span(key), parts, count, &rows);
    replace(change, rows);
}

void kept_change_remove(struct change *change, const struct key *key)
{
    struct kept_map *rows = NULL;
    if (change->rc != 0)
        return;
    change->rc = kept_map_remove(change->rows, kept_key_span(key), &rows);
    if (change->rc == KEPT_E_NOTFOUND) {
        change->rc = 0;
        return;
    }
    replace(change, rows);
}

int kept_change_end(struct change *change, struct kept_err *err)
{
    if (change->rc != 0) {
        kept_map_drop(change->rows);
        return kept_fail(err, change->rc, "no memory to write a row");
    }
    kept_map_drop(change->store->view->working);
    change->store->view->working = change->rows;
    return 0;
}

/* ---- upkeep ------------------------------------------------------------------------------------*/

/* What is deleted is wiped as soon as nobody sees it any more. */
int kept_memory_scrub(struct kept_store *store, bool *ret_done, struct kept_err *err)
{
    struct kept_memory *memory = store->view->memory;
    (void)err;
    hold(store->view, false);
    *ret_done = true;
    (void)pthread_mutex_lock(&memory->mutex);
    for (const struct kept_view *view = memory->views; view != NULL; view = view->next)
        if (view->held != NULL && view->held != memory->rows)
            *ret_done = false;
    (void)pthread_mutex_unlock(&memory->mutex);
    return 0;
}

/* Every row is in its place: the order that everything else relies on. */
int kept_memory_check(struct kept_store *store, struct kept_err *err)
{
    struct kept_map *rows = kept_view_now(store);
    struct kept_map_row row;
    struct kept_span value;
    for (struct key at = {.n = 0}; kept_key_each(rows, &at, 0, &row);)
        if (!kept_map_get(rows, row.key, &value) || value.p != row.value.p)
            return kept_fail(err, KEPT_E_CORRUPT, "a row in memory is out of its order");
    return 0;
}

int kept_memory_shrink(struct kept_store *store, uint32_t pages, struct kept_err *err)
{
    (void)store;
    (void)pages;
    (void)err;
    return 0; /* nothing is held in reserve */
}

int kept_memory_bytes(struct kept_store *store, uint64_t *ret_bytes, struct kept_err *err)
{
    (void)err;
    *ret_bytes = kept_map_bytes(kept_view_now(store));
    return 0;
}
