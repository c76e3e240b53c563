/* memory_slip.c - small rows with an instant, in memory: a row by name, one by instant, one by person. */
#include <string.h>

#include "store/memory_int.h"

#define HEAD (8 + 8) /* key, at in front of the body */

static struct key by_name(enum kept_slip_kind kind, uint32_t app, const struct kept_id *id)
{
    struct key key = kept_key(ROW_SLIP);
    kept_key_u32(&key, kind);
    kept_key_u32(&key, app);
    kept_key_bytes(&key, id->b, KEPT_ID_BYTES);
    return key;
}

#define AT (1 + 4 + 4) /* where the instant stands in a key by instant */

static struct key by_instant(enum kept_slip_kind kind, uint32_t app, kept_ms at,
                             const struct kept_id *id)
{
    struct key key = kept_key(ROW_SLIP_AT);
    kept_key_u32(&key, kind);
    kept_key_u32(&key, app);
    kept_key_at(&key, at);
    kept_key_bytes(&key, id->b, KEPT_ID_BYTES);
    return key;
}

static struct key by_person(uint64_t person, enum kept_slip_kind kind, uint32_t app,
                            const struct kept_id *id)
{
    struct key key = kept_key(ROW_SLIP_KEY);
    kept_key_u64(&key, person);
    kept_key_u32(&key, kind);
    kept_key_u32(&key, app);
    kept_key_bytes(&key, id->b, KEPT_ID_BYTES);
    return key;
}

/* Take all three rows of a slip out of a change, if they are there. */
static void strike_out(struct change *change, enum kept_slip_kind kind, uint32_t app,
                       const struct kept_id *id)
{
    const struct key name = by_name(kind, app, id);
    struct kept_span row;
    if (!kept_map_get(change->rows, kept_key_span(&name), &row))
        return;
    const struct key at = by_instant(kind, app, kept_key_read_at(row.p + 8), id),
                     person = by_person(kept_be64(row.p), kind, app, id);
    kept_change_remove(change, &at);
    kept_change_remove(change, &person);
    kept_change_remove(change, &name);
}

int kept_memory_slip_put(struct kept_store *store, const struct kept_slip *slip,
                         struct kept_err *err)
{
    const struct key name = by_name(slip->kind, slip->app, &slip->id),
                     at = by_instant(slip->kind, slip->app, slip->at, &slip->id),
                     person = by_person(slip->key, slip->kind, slip->app, &slip->id);
    uint8_t key[8];
    kept_put_be64(key, slip->key);
    struct change change = kept_change_begin(store);
    strike_out(&change, slip->kind, slip->app, &slip->id);
    kept_change_put(&change, &name,
                    (const struct kept_span[]){{key, 8}, {at.b + AT, 8}, slip->body}, 3);
    kept_change_put(&change, &at, NULL, 0);
    kept_change_put(&change, &person, NULL, 0);
    return kept_change_end(&change, err);
}

int kept_memory_slip_get(struct kept_store *store, enum kept_slip_kind kind, uint32_t app,
                         const struct kept_id *id, struct kept_slip *ret_slip, struct kept_err *err)
{
    const struct key name = by_name(kind, app, id);
    struct kept_span row;
    (void)err;
    if (!kept_map_get(kept_view_now(store), kept_key_span(&name), &row))
        return KEPT_E_NOTFOUND;
    *ret_slip = (struct kept_slip){.kind = kind, .app = app, .id = *id, .key = kept_be64(row.p),
                                   .at = kept_key_read_at(row.p + 8),
                                   .body = {row.p + HEAD, row.n - HEAD}};
    return 0;
}

int kept_memory_slip_from(struct kept_store *store, enum kept_slip_kind kind, uint32_t app,
                          const struct kept_id *id, struct kept_slip *ret_slip, struct kept_err *err)
{
    struct key name = by_name(kind, app, id);
    struct kept_map_row row;
    struct kept_id found;
    if (!kept_key_each(kept_view_now(store), &name, AT, &row))
        return KEPT_E_NOTFOUND;
    memcpy(found.b, row.key.p + AT, KEPT_ID_BYTES);
    return kept_memory_slip_get(store, kind, app, &found, ret_slip, err);
}

/* The rows of one kind and app by instant, as long as they are due. */
static bool each_due(const struct kept_map *rows, struct key *at, kept_ms now,
                     struct kept_map_row *ret_row)
{
    return kept_key_each(rows, at, AT, ret_row) && kept_key_read_at(ret_row->key.p + AT) <= now;
}

static struct key first_due(enum kept_slip_kind kind, uint32_t app)
{
    const struct kept_id least = {{0}};
    return by_instant(kind, app, INT64_MIN, &least);
}

int kept_memory_slip_due(struct kept_store *store, enum kept_slip_kind kind, uint32_t app, kept_ms now,
                         struct kept_slip *ret_slip, struct kept_err *err)
{
    struct key at = first_due(kind, app);
    struct kept_map_row row;
    struct kept_id id;
    if (!each_due(kept_view_now(store), &at, now, &row))
        return KEPT_E_NOTFOUND;
    memcpy(id.b, row.key.p + AT + 8, KEPT_ID_BYTES);
    return kept_memory_slip_get(store, kind, app, &id, ret_slip, err);
}

int kept_memory_slip_delete(struct kept_store *store, enum kept_slip_kind kind, uint32_t app,
                            const struct kept_id *id, struct kept_err *err)
{
    struct change change = kept_change_begin(store);
    strike_out(&change, kind, app, id);
    return kept_change_end(&change, err);
}

int kept_memory_slip_count(struct kept_store *store, enum kept_slip_kind kind, uint32_t app,
                           kept_ms now, uint64_t *ret_count, struct kept_err *err)
{
    struct key at = first_due(kind, app);
    const struct kept_map *rows = kept_view_now(store);
    struct kept_map_row row;
    uint64_t n = 0;
    (void)err;
    while (each_due(rows, &at, now, &row))
        n++;
    *ret_count = n;
    return 0;
}

void kept_memory_slip_strike(struct change *change, struct kept_span by_key)
{
    struct kept_id id;
    memcpy(id.b, by_key.p + 1 + 8 + 4 + 4, KEPT_ID_BYTES);
    strike_out(change, (enum kept_slip_kind)kept_be32(by_key.p + 1 + 8), kept_be32(by_key.p + 1 + 8 + 4),
               &id);
}
