/* memory_catalog.c - apps, policy versions, callers, and facts of the store, in memory. */
#include <string.h>

#include "store/memory_int.h"

#define POLICY_HEAD (8 + 8) /* effective, published in front of a policy's text */

static struct key named(enum letter letter, const char *name)
{
    struct key key = kept_key(letter);
    kept_key_bytes(&key, name, strlen(name));
    return key;
}

static bool is_there(struct kept_store *store, const struct key *key)
{
    struct kept_span nothing;
    return kept_map_get(kept_view_now(store), kept_key_span(key), &nothing);
}

/* ---- apps --------------------------------------------------------------------------------------*/

static int last_number(void *arg, uint32_t app, const char *name)
{
    (void)name;
    *(uint64_t *)arg = app;
    return 0;
}

int kept_memory_app_last(struct kept_store *store, uint64_t *ret_app, struct kept_err *err)
{
    *ret_app = 0;
    return kept_memory_app_each(store, last_number, ret_app, err);
}

int kept_memory_app_add(struct kept_store *store, uint32_t app, const char *name,
                        struct kept_err *err)
{
    const struct key taken = named(ROW_APP_NAME, name);
    struct key row = kept_key(ROW_APP);
    kept_key_u32(&row, app);
    if (is_there(store, &taken))
        return KEPT_E_CONFLICT;
    const struct kept_span text = {(const uint8_t *)name, strlen(name) + 1};
    struct change change = kept_change_begin(store);
    kept_change_put(&change, &taken, NULL, 0);
    kept_change_put(&change, &row, &text, 1);
    return kept_change_end(&change, err);
}

int kept_memory_app_each(struct kept_store *store, kept_saw_app *visit, void *arg,
                         struct kept_err *err)
{
    struct kept_map *rows = kept_map_keep(kept_view_now(store));
    struct key at = kept_key(ROW_APP);
    struct kept_map_row row;
    int rc = 0;
    (void)err;
    while (rc == 0 && kept_key_each(rows, &at, 1, &row))
        rc = visit(arg, kept_be32(row.key.p + 1), (const char *)row.value.p);
    kept_map_drop(rows);
    return rc;
}

/* ---- policy versions ---------------------------------------------------------------------------*/

int kept_memory_policy_put(struct kept_store *store, uint32_t app, uint32_t version,
                           kept_ms effective, kept_ms published, struct kept_span text,
                           struct kept_err *err)
{
    uint8_t head[POLICY_HEAD];
    struct key row = kept_key(ROW_POLICY);
    kept_key_u32(&row, app);
    kept_key_u32(&row, version);
    if (is_there(store, &row))
        return KEPT_E_CONFLICT;
    kept_put_be64(head, (uint64_t)effective);
    kept_put_be64(head + 8, (uint64_t)published);
    const struct kept_span parts[] = {{head, sizeof head}, text};
    struct change change = kept_change_begin(store);
    kept_change_put(&change, &row, parts, 2);
    return kept_change_end(&change, err);
}

int kept_memory_policy_each(struct kept_store *store, uint32_t app, kept_saw_policy *visit,
                            void *arg, struct kept_err *err)
{
    struct kept_map *rows = kept_map_keep(kept_view_now(store));
    struct key at = kept_key(ROW_POLICY);
    struct kept_map_row row;
    int rc = 0;
    (void)err;
    kept_key_u32(&at, app);
    while (rc == 0 && kept_key_each(rows, &at, 1 + 4, &row)) {
        const uint8_t *p = row.value.p;
        rc = visit(arg, kept_be32(row.key.p + 1 + 4), (kept_ms)kept_be64(p),
                   (kept_ms)kept_be64(p + 8),
                   (struct kept_span){p + POLICY_HEAD, row.value.n - POLICY_HEAD});
    }
    kept_map_drop(rows);
    return rc;
}

/* ---- callers -----------------------------------------------------------------------------------*/

int kept_memory_caller_put(struct kept_store *store, uint32_t app, const struct kept_id *id,
                           struct kept_span body, struct kept_err *err)
{
    struct key row = kept_key(ROW_CALLER);
    kept_key_u32(&row, app);
    kept_key_bytes(&row, id->b, KEPT_ID_BYTES);
    struct change change = kept_change_begin(store);
    kept_change_put(&change, &row, &body, 1);
    return kept_change_end(&change, err);
}

int kept_memory_caller_each(struct kept_store *store, uint32_t app, kept_saw_caller *visit, void *arg,
                            struct kept_err *err)
{
    struct kept_map *rows = kept_map_keep(kept_view_now(store));
    struct key at = kept_key(ROW_CALLER);
    struct kept_map_row row;
    int rc = 0;
    (void)err;
    kept_key_u32(&at, app);
    while (rc == 0 && kept_key_each(rows, &at, 1 + 4, &row)) {
        struct kept_id id;
        memcpy(id.b, row.key.p + 1 + 4, KEPT_ID_BYTES);
        rc = visit(arg, &id, row.value);
    }
    kept_map_drop(rows);
    return rc;
}

/* ---- facts of the store ------------------------------------------------------------------------*/

int kept_memory_meta_put(struct kept_store *store, const char *name, struct kept_span value,
                         struct kept_err *err)
{
    const struct key row = named(ROW_META, name);
    struct change change = kept_change_begin(store);
    kept_change_put(&change, &row, &value, 1);
    return kept_change_end(&change, err);
}

int kept_memory_meta_get(struct kept_store *store, const char *name, struct kept_buf *out,
                         struct kept_err *err)
{
    const struct key row = named(ROW_META, name);
    struct kept_span value;
    (void)err;
    if (!kept_map_get(kept_view_now(store), kept_key_span(&row), &value))
        return KEPT_E_NOTFOUND;
    kept_buf_bytes(out, value.p, value.n);
    return 0;
}
