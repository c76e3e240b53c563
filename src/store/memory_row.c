/* memory_row.c - cells, chunks, tokens, queues and work to do later, in memory. */
#include <string.h>

#include "store/memory_int.h"

#define QUEUE_HEAD (4 + 8 + KEPT_ID_BYTES) /* app, key, id in front of a queued body */

static struct kept_span part(const void *p, size_t n)
{
    return (struct kept_span){p, n};
}

/* One row, written. */
static int put(struct kept_store *store, const struct key *key, struct kept_span value,
               struct kept_err *err)
{
    struct change change = kept_change_begin(store);
    kept_change_put(&change, key, &value, 1);
    return kept_change_end(&change, err);
}

static int get(struct kept_store *store, const struct key *key, struct kept_span *ret_body)
{
    return kept_map_get(kept_view_now(store), kept_key_span(key), ret_body) ? 0 : KEPT_E_NOTFOUND;
}

/* ---- tables by key -----------------------------------------------------------------------------*/

/* Their rows begin with the letter and the key. */
static const uint8_t letter_of[] = {ROW_CELL, ROW_CHUNK, ROW_TOKEN_KEY, ROW_SLIP_KEY};

static struct key first_of(enum kept_table table, uint64_t from)
{
    struct key key = kept_key(letter_of[table]);
    kept_key_u64(&key, from);
    return key;
}

static bool each_to(const struct kept_map *rows, struct key *at, uint64_t to,
                    struct kept_map_row *ret_row)
{
    return kept_key_each(rows, at, 1, ret_row) && kept_be64(ret_row->key.p + 1) <= to;
}

int kept_memory_next(struct kept_store *store, enum kept_table table, uint64_t from,
                     uint64_t *ret_key, struct kept_err *err)
{
    struct key at = first_of(table, from);
    struct kept_map_row row;
    (void)err;
    if (!each_to(kept_view_now(store), &at, INT64_MAX, &row))
        return KEPT_E_NOTFOUND;
    *ret_key = kept_be64(row.key.p + 1);
    return 0;
}

int kept_memory_count(struct kept_store *store, enum kept_table table, uint64_t from, uint64_t to,
                      uint64_t *ret_count, struct kept_err *err)
{
    struct key at = first_of(table, from);
    const struct kept_map *rows = kept_view_now(store);
    struct kept_map_row row;
    uint64_t n = 0;
    (void)err;
    while (each_to(rows, &at, to, &row))
        n++;
    *ret_count = n;
    return 0;
}

/* The row of a token by itself, from its row by key, and back. */
static struct key turned(struct kept_span key, enum letter to)
{
    const size_t key_at = to == ROW_TOKEN ? 1 : key.n - 8, rest_at = to == ROW_TOKEN ? 9 : 1;
    struct key other = kept_key(to);
    if (to == ROW_TOKEN_KEY)
        kept_key_bytes(&other, key.p + key_at, 8);
    kept_key_bytes(&other, key.p + rest_at, key.n - 9);
    if (to == ROW_TOKEN)
        kept_key_bytes(&other, key.p + key_at, 8);
    return other;
}

int kept_memory_delete_range(struct kept_store *store, enum kept_table table, uint64_t from,
                             uint64_t to, uint32_t limit, uint32_t *ret_deleted,
                             struct kept_err *err)
{
    struct key at = first_of(table, from);
    struct change change = kept_change_begin(store);
    struct kept_map *rows = kept_view_now(store); /* stays while the change is not ended */
    struct kept_map_row row;
    uint32_t n = 0;
    for (; n < limit && each_to(rows, &at, to, &row); n++) {
        struct key key = {.n = 0};
        if (table == KEPT_TABLE_SLIP) {
            kept_memory_slip_strike(&change, row.key);
            continue;
        }
        kept_key_bytes(&key, row.key.p, row.key.n);
        kept_change_remove(&change, &key);
        if (table == KEPT_TABLE_TOKEN) {
            key = turned(row.key, ROW_TOKEN);
            kept_change_remove(&change, &key);
        }
    }
    int rc = kept_change_end(&change, err);
    if (rc == 0)
        *ret_deleted = n;
    return rc;
}

/* ---- cells and chunks --------------------------------------------------------------------------*/

int kept_memory_cell_get(struct kept_store *store, uint64_t key, struct kept_span *ret_body,
                         struct kept_err *err)
{
    const struct key cell = first_of(KEPT_TABLE_CELL, key);
    (void)err;
    return get(store, &cell, ret_body);
}

int kept_memory_cell_walk(struct kept_store *store, kept_next_key *next, kept_saw_body *found,
                          void *arg, struct kept_err *err)
{
    struct kept_map *rows = kept_map_keep(kept_view_now(store));
    uint64_t key = 0;
    int rc = 0;
    while (rc == 0 && next(arg, &key)) {
        struct kept_span body;
        const struct key cell = first_of(KEPT_TABLE_CELL, key);
        if (key > INT64_MAX)
            rc = kept_fail(err, KEPT_E_USAGE, "a row key has 63 bits");
        else if (kept_map_get(rows, kept_key_span(&cell), &body))
            rc = found(arg, body);
    }
    kept_map_drop(rows);
    return rc;
}

int kept_memory_cell_put(struct kept_store *store, uint64_t key, struct kept_span body,
                         struct kept_err *err)
{
    const struct key cell = first_of(KEPT_TABLE_CELL, key);
    return put(store, &cell, body, err);
}

int kept_memory_cell_delete(struct kept_store *store, uint64_t key, struct kept_err *err)
{
    const struct key cell = first_of(KEPT_TABLE_CELL, key);
    struct change change = kept_change_begin(store);
    kept_change_remove(&change, &cell);
    return kept_change_end(&change, err);
}

static struct key chunk_key(uint64_t key, uint32_t number)
{
    struct key chunk = first_of(KEPT_TABLE_CHUNK, key);
    kept_key_u32(&chunk, number);
    return chunk;
}

int kept_memory_chunk_put(struct kept_store *store, uint64_t key, uint32_t number,
                          struct kept_span body, struct kept_err *err)
{
    const struct key chunk = chunk_key(key, number);
    return put(store, &chunk, body, err);
}

int kept_memory_chunk_get(struct kept_store *store, uint64_t key, uint32_t number,
                          struct kept_span *ret_body, struct kept_err *err)
{
    const struct key chunk = chunk_key(key, number);
    (void)err;
    return get(store, &chunk, ret_body);
}

/* ---- tokens ------------------------------------------------------------------------------------*/

static struct key token_key(uint32_t app, const uint8_t *token)
{
    struct key key = kept_key(ROW_TOKEN);
    kept_key_u32(&key, app);
    kept_key_bytes(&key, token, KEPT_TOKEN_BYTES);
    return key;
}

int kept_memory_token_put(struct kept_store *store, uint32_t app, const uint8_t *token,
                          uint64_t key, struct kept_err *err)
{
    struct key by_token = token_key(app, token);
    kept_key_u64(&by_token, key);
    const struct key by_key = turned(kept_key_span(&by_token), ROW_TOKEN_KEY);
    struct change change = kept_change_begin(store);
    kept_change_put(&change, &by_token, NULL, 0);
    kept_change_put(&change, &by_key, NULL, 0);
    return kept_change_end(&change, err);
}

int kept_memory_token_find(struct kept_store *store, uint32_t app, const uint8_t *token,
                           kept_saw_key *visit, void *arg, struct kept_err *err)
{
    struct key at = token_key(app, token);
    const size_t n = at.n;
    struct kept_map *rows = kept_map_keep(kept_view_now(store));
    struct kept_map_row row;
    int rc = 0;
    (void)err;
    while (rc == 0 && kept_key_each(rows, &at, n, &row))
        rc = visit(arg, kept_be64(row.key.p + n));
    kept_map_drop(rows);
    return rc;
}

int kept_memory_token_has(struct kept_store *store, uint32_t app, const uint8_t *token,
                          uint64_t key, struct kept_err *err)
{
    struct key row = token_key(app, token);
    struct kept_span nothing;
    (void)err;
    kept_key_u64(&row, key);
    return get(store, &row, &nothing);
}

/* ---- queues ------------------------------------------------------------------------------------*/

static struct key queue_key(enum kept_queue queue)
{
    struct key key = kept_key(ROW_QUEUE);
    kept_key_u32(&key, queue);
    return key;
}

int kept_memory_queue_put(struct kept_store *store, enum kept_queue queue, uint64_t seq,
                          uint32_t app, uint64_t key, const struct kept_id *id,
                          struct kept_span body, struct kept_err *err)
{
    uint8_t head[QUEUE_HEAD];
    struct key row = queue_key(queue);
    kept_key_u64(&row, seq);
    kept_put_be32(head, app);
    kept_put_be64(head + 4, key);
    memcpy(head + 12, id->b, KEPT_ID_BYTES);
    struct change change = kept_change_begin(store);
    kept_change_put(&change, &row, (const struct kept_span[]){part(head, sizeof head), body}, 2);
    return kept_change_end(&change, err);
}

int kept_memory_queue_each(struct kept_store *store, enum kept_queue queue, kept_saw_queued *visit,
                           void *arg, struct kept_err *err)
{
    struct key at = queue_key(queue);
    const size_t n = at.n;
    struct kept_map *rows = kept_map_keep(kept_view_now(store));
    struct kept_map_row row;
    int rc = 0;
    (void)err;
    while (rc == 0 && kept_key_each(rows, &at, n, &row)) {
        struct kept_id id;
        const uint8_t *p = row.value.p;
        memcpy(id.b, p + 12, KEPT_ID_BYTES);
        rc = visit(arg, kept_be64(row.key.p + n), kept_be32(p), kept_be64(p + 4), &id,
                   part(p + QUEUE_HEAD, row.value.n - QUEUE_HEAD));
    }
    kept_map_drop(rows);
    return rc;
}

int kept_memory_queue_delete(struct kept_store *store, enum kept_queue queue, uint64_t up_to,
                             struct kept_err *err)
{
    struct key at = queue_key(queue);
    const size_t n = at.n;
    struct change change = kept_change_begin(store);
    struct kept_map *rows = kept_view_now(store);
    struct kept_map_row row;
    while (kept_key_each(rows, &at, n, &row) && kept_be64(row.key.p + n) <= up_to) {
        struct key key = {.n = 0};
        kept_key_bytes(&key, row.key.p, row.key.n);
        kept_change_remove(&change, &key);
    }
    return kept_change_end(&change, err);
}

int kept_memory_queue_last(struct kept_store *store, enum kept_queue queue, uint64_t *ret_seq,
                           struct kept_err *err)
{
    struct key at = queue_key(queue);
    const size_t n = at.n;
    const struct kept_map *rows = kept_view_now(store);
    struct kept_map_row row;
    int rc = KEPT_E_NOTFOUND;
    (void)err;
    for (; kept_key_each(rows, &at, n, &row); rc = 0)
        *ret_seq = kept_be64(row.key.p + n);
    return rc;
}

/* ---- work to do later --------------------------------------------------------------------------*/

static struct key todo_key(enum kept_todo kind, uint64_t key)
{
    struct key row = kept_key(ROW_TODO);
    kept_key_u32(&row, kind);
    kept_key_u64(&row, key);
    return row;
}

static struct key todo_at(enum kept_todo kind, kept_ms at, uint64_t key)
{
    struct key row = kept_key(ROW_TODO_AT);
    kept_key_u32(&row, kind);
    kept_key_at(&row, at);
    kept_key_u64(&row, key);
    return row;
}

/* Take both rows of (kind, key) out of a change, if they are there. */
static void strike_out(struct change *change, enum kept_todo kind, uint64_t key)
{
    const struct key row = todo_key(kind, key);
    struct kept_span at;
    if (!kept_map_get(change->rows, kept_key_span(&row), &at))
        return;
    const struct key by_instant = todo_at(kind, kept_key_read_at(at.p), key);
    kept_change_remove(change, &by_instant);
    kept_change_remove(change, &row);
}

int kept_memory_todo_put(struct kept_store *store, enum kept_todo kind, uint64_t key, kept_ms at,
                         struct kept_err *err)
{
    const struct key row = todo_key(kind, key), by_instant = todo_at(kind, at, key);
    const struct kept_span instant = part(by_instant.b + 1 + 4, 8);
    struct change change = kept_change_begin(store);
    strike_out(&change, kind, key);
    kept_change_put(&change, &row, &instant, 1);
    kept_change_put(&change, &by_instant, NULL, 0);
    return kept_change_end(&change, err);
}

/* The rows of one kind by instant, as long as they are due. */
static bool each_due(const struct kept_map *rows, struct key *at, kept_ms now, kept_ms *ret_at,
                     struct kept_map_row *ret_row)
{
    if (!kept_key_each(rows, at, 1 + 4, ret_row))
        return false;
    *ret_at = kept_key_read_at(ret_row->key.p + 1 + 4);
    return *ret_at <= now;
}

int kept_memory_todo_next(struct kept_store *store, enum kept_todo kind, kept_ms now,
                          uint64_t *ret_key, kept_ms *ret_at, struct kept_err *err)
{
    struct key at = todo_at(kind, INT64_MIN, 0);
    struct kept_map_row row;
    kept_ms instant = 0;
    (void)err;
    if (!each_due(kept_view_now(store), &at, now, &instant, &row))
        return KEPT_E_NOTFOUND;
    *ret_at = instant;
    *ret_key = kept_be64(row.key.p + 1 + 4 + 8);
    return 0;
}

int kept_memory_todo_due(struct kept_store *store, enum kept_todo kind, kept_ms now,
                         uint64_t *ret_count, struct kept_err *err)
{
    struct key at = todo_at(kind, INT64_MIN, 0);
    const struct kept_map *rows = kept_view_now(store);
    struct kept_map_row row;
    kept_ms instant = 0;
    uint64_t n = 0;
    (void)err;
    while (each_due(rows, &at, now, &instant, &row))
        n++;
    *ret_count = n;
    return 0;
}

int kept_memory_todo_get(struct kept_store *store, enum kept_todo kind, uint64_t key,
                         kept_ms *ret_at, struct kept_err *err)
{
    const struct key row = todo_key(kind, key);
    struct kept_span at;
    (void)err;
    int rc = get(store, &row, &at);
    if (rc == 0)
        *ret_at = kept_key_read_at(at.p);
    return rc;
}

int kept_memory_todo_delete(struct kept_store *store, enum kept_todo kind, uint64_t key,
                            struct kept_err *err)
{
    struct change change = kept_change_begin(store);
    strike_out(&change, kind, key);
    return kept_change_end(&change, err);
}
