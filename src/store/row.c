/* row.c - the doors to rows: may the caller now, are keys, names and sizes what they can be, and what is
 * said when there is none. Then the engine. */
#include <string.h>

#include "store/store_int.h"

/* A visit may hold others, but not itself. */
enum kept_visit {
    VISIT_WALK = 1u << 0,
    VISIT_TOKEN = 1u << 1,
    VISIT_LEDGER = 1u << 2,
    VISIT_JOURNAL = 1u << 3,
    VISIT_APP = 1u << 4,
    VISIT_POLICY = 1u << 5,
    VISIT_CALLER = 1u << 6
};

static int begin_visit(struct kept_store *store, unsigned visit, struct kept_err *err)
{
    int rc = kept_store_may_read(store, err);
    if (rc != 0)
        return rc;
    if ((store->visiting & visit) != 0)
        return kept_fail(err, KEPT_E_USAGE, "a visitor may not start the same visit again");
    store->visiting |= visit;
    return 0;
}

static int end_visit(struct kept_store *store, unsigned visit, int rc)
{
    store->visiting &= ~visit;
    return rc;
}

static int check_key(uint64_t key, struct kept_err *err)
{
    return key <= INT64_MAX ? 0 : kept_fail(err, KEPT_E_USAGE, "a row key has 63 bits");
}

static int check_body(struct kept_span body, struct kept_err *err)
{
    return body.n <= KEPT_MAX_BODY
               ? 0
               : kept_fail(err, KEPT_E_LIMIT, "a body of %zu bytes is too large", body.n);
}

static int check_name(const char *name, struct kept_err *err)
{
    size_t n = strnlen(name, KEPT_MAX_NAME + 1);
    return n > 0 && n <= KEPT_MAX_NAME
               ? 0
               : kept_fail(err, KEPT_E_USAGE, "a name has 1 to %u bytes", KEPT_MAX_NAME);
}

static int may_read(struct kept_store *store, uint64_t key, struct kept_err *err)
{
    int rc = kept_store_may_read(store, err);
    return rc != 0 ? rc : check_key(key, err);
}

static int may_write(struct kept_store *store, uint64_t key, struct kept_err *err)
{
    int rc = kept_store_may_write(store, err);
    return rc != 0 ? rc : check_key(key, err);
}

/* Words for what an engine says without any. */
static int or_none(int rc, const char *words, struct kept_err *err)
{
    return rc == KEPT_E_NOTFOUND ? kept_fail(err, rc, "%s", words) : rc;
}

/* ---- tables by key -----------------------------------------------------------------------------*/

static int next(struct kept_store *store, enum kept_table table, uint64_t from, uint64_t *ret_key,
                struct kept_err *err)
{
    int rc = kept_store_may_read(store, err);
    if (rc == 0)
        rc = from > INT64_MAX ? KEPT_E_NOTFOUND
                              : store->engine->next(store, table, from, ret_key, err);
    return or_none(rc, "there is no further row", err);
}

static int count(struct kept_store *store, enum kept_table table, uint64_t from, uint64_t to,
                 uint64_t *ret_count, struct kept_err *err)
{
    int rc = may_read(store, from, err);
    if (rc != 0 || (rc = check_key(to, err)) != 0)
        return rc;
    return store->engine->count(store, table, from, to, ret_count, err);
}

static int delete_range(struct kept_store *store, enum kept_table table, uint64_t from,
                        uint64_t to, uint32_t limit, uint32_t *ret_deleted, struct kept_err *err)
{
    int rc = may_write(store, from, err);
    if (rc != 0 || (rc = check_key(to, err)) != 0)
        return rc;
    return store->engine->delete_range(store, table, from, to, limit, ret_deleted, err);
}

/* ---- cells -------------------------------------------------------------------------------------*/

int kept_cell_get(struct kept_store *store, uint64_t key, struct kept_span *ret_body,
                  struct kept_err *err)
{
    int rc = may_read(store, key, err);
    if (rc != 0)
        return rc;
    return or_none(store->engine->cell_get(store, key, ret_body, err), "there is no such cell",
                   err);
}

int kept_cell_walk(struct kept_store *store, bool (*next_key)(void *arg, uint64_t *ret_key),
                   int (*found)(void *arg, struct kept_span body), void *arg,
                   struct kept_err *err)
{
    int rc = begin_visit(store, VISIT_WALK, err);
    if (rc != 0)
        return rc;
    return end_visit(store, VISIT_WALK, store->engine->cell_walk(store, next_key, found, arg, err));
}

int kept_cell_put(struct kept_store *store, uint64_t key, struct kept_span body,
                  struct kept_err *err)
{
    int rc = may_write(store, key, err);
    if (rc != 0 || (rc = check_body(body, err)) != 0)
        return rc;
    return store->engine->cell_put(store, key, body, err);
}

int kept_cell_delete(struct kept_store *store, uint64_t key, struct kept_err *err)
{
    int rc = may_write(store, key, err);
    return rc != 0 ? rc : store->engine->cell_delete(store, key, err);
}

int kept_cell_delete_range(struct kept_store *store, uint64_t from, uint64_t to, uint32_t limit,
                           uint32_t *ret_deleted, struct kept_err *err)
{
    return delete_range(store, KEPT_TABLE_CELL, from, to, limit, ret_deleted, err);
}

int kept_cell_next(struct kept_store *store, uint64_t from, uint64_t *ret_key,
                   struct kept_err *err)
{
    return next(store, KEPT_TABLE_CELL, from, ret_key, err);
}

/* ---- chunks ------------------------------------------------------------------------------------*/

int kept_chunk_put(struct kept_store *store, uint64_t key, uint32_t number, struct kept_span body,
                   struct kept_err *err)
{
    int rc = may_write(store, key, err);
    if (rc != 0 || (rc = check_body(body, err)) != 0)
        return rc;
    return store->engine->chunk_put(store, key, number, body, err);
}

int kept_chunk_get(struct kept_store *store, uint64_t key, uint32_t number,
                   struct kept_span *ret_body, struct kept_err *err)
{
    int rc = may_read(store, key, err);
    if (rc != 0)
        return rc;
    return or_none(store->engine->chunk_get(store, key, number, ret_body, err),
                   "there is no such chunk", err);
}

int kept_chunk_delete_range(struct kept_store *store, uint64_t from, uint64_t to, uint32_t limit,
                            uint32_t *ret_deleted, struct kept_err *err)
{
    return delete_range(store, KEPT_TABLE_CHUNK, from, to, limit, ret_deleted, err);
}

int kept_chunk_next(struct kept_store *store, uint64_t from, uint64_t *ret_key,
                    struct kept_err *err)
{
    return next(store, KEPT_TABLE_CHUNK, from, ret_key, err);
}

int kept_chunk_count(struct kept_store *store, uint64_t from, uint64_t to, uint64_t *ret_count,
                     struct kept_err *err)
{
    return count(store, KEPT_TABLE_CHUNK, from, to, ret_count, err);
}

/* ---- tokens ------------------------------------------------------------------------------------*/

int kept_token_put(struct kept_store *store, uint32_t app, const uint8_t token[16], uint64_t key,
                   struct kept_err *err)
{
    int rc = may_write(store, key, err);
    return rc != 0 ? rc : store->engine->token_put(store, app, token, key, err);
}

int kept_token_find(struct kept_store *store, uint32_t app, const uint8_t token[16],
                    int (*visit)(void *arg, uint64_t key), void *arg, struct kept_err *err)
{
    int rc = begin_visit(store, VISIT_TOKEN, err);
    if (rc != 0)
        return rc;
    rc = store->engine->token_find(store, app, token, visit, arg, err);
    return end_visit(store, VISIT_TOKEN, rc);
}

int kept_token_has(struct kept_store *store, uint32_t app, const uint8_t token[16], uint64_t key,
                   struct kept_err *err)
{
    int rc = may_read(store, key, err);
    if (rc != 0)
        return rc;
    return or_none(store->engine->token_has(store, app, token, key, err), "there is no such token",
                   err);
}

int kept_token_next(struct kept_store *store, uint64_t from, uint64_t *ret_key,
                    struct kept_err *err)
{
    return next(store, KEPT_TABLE_TOKEN, from, ret_key, err);
}

int kept_token_count(struct kept_store *store, uint64_t from, uint64_t to, uint64_t *ret_count,
                     struct kept_err *err)
{
    return count(store, KEPT_TABLE_TOKEN, from, to, ret_count, err);
}

int kept_token_delete_range(struct kept_store *store, uint64_t from, uint64_t to, uint32_t limit,
                            uint32_t *ret_deleted, struct kept_err *err)
{
    return delete_range(store, KEPT_TABLE_TOKEN, from, to, limit, ret_deleted, err);
}

/* ---- slips -------------------------------------------------------------------------------------*/

static int check_slip(enum kept_slip_kind kind, struct kept_err *err)
{
    return kind > 0 && kind < KEPT_SLIP_KINDS ? 0
                                              : kept_fail(err, KEPT_E_USAGE, "there is no such kind of slip");
}

int kept_slip_put(struct kept_store *store, const struct kept_slip *slip, struct kept_err *err)
{
    int rc = check_slip(slip->kind, err);
    if (rc != 0 || (rc = may_write(store, slip->key, err)) != 0 ||
        (rc = check_body(slip->body, err)) != 0)
        return rc;
    return store->engine->slip_put(store, slip, err);
}

int kept_slip_get(struct kept_store *store, enum kept_slip_kind kind, uint32_t app,
                  const struct kept_id *id, struct kept_slip *ret_slip, struct kept_err *err)
{
    int rc = kept_store_may_read(store, err);
    if (rc != 0 || (rc = check_slip(kind, err)) != 0)
        return rc;
    return or_none(store->engine->slip_get(store, kind, app, id, ret_slip, err),
                   "there is no such slip", err);
}

int kept_slip_due(struct kept_store *store, enum kept_slip_kind kind, uint32_t app, kept_ms now,
                  struct kept_slip *ret_slip, struct kept_err *err)
{
    int rc = kept_store_may_read(store, err);
    if (rc != 0 || (rc = check_slip(kind, err)) != 0)
        return rc;
    return or_none(store->engine->slip_due(store, kind, app, now, ret_slip, err), "nothing is due", err);
}

int kept_slip_from(struct kept_store *store, enum kept_slip_kind kind, uint32_t app,
                   const struct kept_id *id, struct kept_slip *ret_slip, struct kept_err *err)
{
    int rc = kept_store_may_read(store, err);
    if (rc != 0 || (rc = check_slip(kind, err)) != 0)
        return rc;
    return or_none(store->engine->slip_from(store, kind, app, id, ret_slip, err), "there are no more slips", err);
}

int kept_slip_delete(struct kept_store *store, enum kept_slip_kind kind, uint32_t app,
                     const struct kept_id *id, struct kept_err *err)
{
    int rc = kept_store_may_write(store, err);
    if (rc != 0 || (rc = check_slip(kind, err)) != 0)
        return rc;
    return store->engine->slip_delete(store, kind, app, id, err);
}

int kept_slip_count(struct kept_store *store, enum kept_slip_kind kind, uint32_t app, kept_ms now,
                    uint64_t *ret_count, struct kept_err *err)
{
    int rc = kept_store_may_read(store, err);
    if (rc != 0 || (rc = check_slip(kind, err)) != 0)
        return rc;
    return store->engine->slip_count(store, kind, app, now, ret_count, err);
}

int kept_slip_delete_range(struct kept_store *store, uint64_t from, uint64_t to, uint32_t limit,
                           uint32_t *ret_deleted, struct kept_err *err)
{
    return delete_range(store, KEPT_TABLE_SLIP, from, to, limit, ret_deleted, err);
}

int kept_slip_next(struct kept_store *store, uint64_t from, uint64_t *ret_key, struct kept_err *err)
{
    return next(store, KEPT_TABLE_SLIP, from, ret_key, err);
}

/* ---- work to do later --------------------------------------------------------------------------*/

int kept_todo_put(struct kept_store *store, enum kept_todo kind, uint64_t key, kept_ms at,
                  struct kept_err *err)
{
    int rc = may_write(store, key, err);
    return rc != 0 ? rc : store->engine->todo_put(store, kind, key, at, err);
}

int kept_todo_next(struct kept_store *store, enum kept_todo kind, kept_ms now, uint64_t *ret_key,
                   kept_ms *ret_at, struct kept_err *err)
{
    int rc = kept_store_may_read(store, err);
    if (rc != 0)
        return rc;
    return or_none(store->engine->todo_next(store, kind, now, ret_key, ret_at, err),
                   "nothing is due", err);
}

int kept_todo_get(struct kept_store *store, enum kept_todo kind, uint64_t key, kept_ms *ret_at,
                  struct kept_err *err)
{
    int rc = may_read(store, key, err);
    if (rc != 0)
        return rc;
    return or_none(store->engine->todo_get(store, kind, key, ret_at, err),
                   "nothing is to do for this key", err);
}

int kept_todo_delete(struct kept_store *store, enum kept_todo kind, uint64_t key,
                     struct kept_err *err)
{
    int rc = may_write(store, key, err);
    return rc != 0 ? rc : store->engine->todo_delete(store, kind, key, err);
}

int kept_todo_due(struct kept_store *store, enum kept_todo kind, kept_ms now, uint64_t *ret_count,
                  struct kept_err *err)
{
    int rc = kept_store_may_read(store, err);
    return rc != 0 ? rc : store->engine->todo_due(store, kind, now, ret_count, err);
}

int kept_todo_count(struct kept_store *store, enum kept_todo kind, uint64_t *ret_count,
                    struct kept_err *err)
{
    return kept_todo_due(store, kind, INT64_MAX, ret_count, err);
}

/* ---- queues ------------------------------------------------------------------------------------*/

/* The fact that holds the highest number ever deleted. NULL: there is no such queue. */
static const char *sent_of(enum kept_queue queue)
{
    return queue == KEPT_QUEUE_LEDGER    ? "queue-ledger-sent"
           : queue == KEPT_QUEUE_JOURNAL ? "queue-journal-sent"
                                         : NULL;
}

static int check_queue(enum kept_queue queue, struct kept_err *err)
{
    return sent_of(queue) != NULL ? 0 : kept_fail(err, KEPT_E_USAGE, "there is no such queue");
}

int kept_queue_resume(struct kept_store *store, struct kept_err *err)
{
    for (int i = KEPT_QUEUE_LEDGER; i <= KEPT_QUEUE_JOURNAL; i++) {
        enum kept_queue queue = (enum kept_queue)i;
        uint64_t sent = 0, last = 0;
        int rc = kept_meta_get_u64(store, sent_of(queue), 0, &sent, err);
        if (rc != 0)
            return rc;
        rc = store->engine->queue_last(store, queue, &last, err);
        if (rc != 0 && rc != KEPT_E_NOTFOUND)
            return rc;
        store->next_seq[i] = (last > sent ? last : sent) + 1;
    }
    return 0;
}

int kept_queue_put(struct kept_store *store, enum kept_queue queue, uint32_t app, uint64_t key,
                   const struct kept_id *id, struct kept_span body, uint64_t *ret_seq,
                   struct kept_err *err)
{
    int rc = check_queue(queue, err);
    if (rc != 0 || (rc = may_write(store, key, err)) != 0 || (rc = check_body(body, err)) != 0)
        return rc;
    uint64_t seq = store->next_seq[queue];
    if ((rc = store->engine->queue_put(store, queue, seq, app, key, id, body, err)) != 0)
        return rc;
    /* A number whose transaction is undone is skipped, not given again. */
    store->next_seq[queue] = seq + 1;
    *ret_seq = seq;
    return 0;
}

int kept_queue_each(struct kept_store *store, enum kept_queue queue,
                    int (*visit)(void *arg, uint64_t seq, uint32_t app, uint64_t key,
                                 const struct kept_id *id, struct kept_span body),
                    void *arg, struct kept_err *err)
{
    const unsigned which = queue == KEPT_QUEUE_LEDGER ? VISIT_LEDGER : VISIT_JOURNAL;
    int rc = check_queue(queue, err);
    if (rc != 0 || (rc = begin_visit(store, which, err)) != 0)
        return rc;
    return end_visit(store, which, store->engine->queue_each(store, queue, visit, arg, err));
}

int kept_queue_delete(struct kept_store *store, enum kept_queue queue, uint64_t up_to,
                      struct kept_err *err)
{
    int rc = check_queue(queue, err);
    if (rc != 0 || (rc = kept_store_may_write(store, err)) != 0)
        return rc;
    /* What was never given cannot be sent: it would keep later numbers from being given. */
    if (up_to >= store->next_seq[queue])
        up_to = store->next_seq[queue] - 1;
    uint64_t sent = 0;
    if ((rc = kept_meta_get_u64(store, sent_of(queue), 0, &sent, err)) == 0 && sent < up_to)
        rc = kept_meta_put_u64(store, sent_of(queue), up_to, err);
    return rc != 0 ? rc : store->engine->queue_delete(store, queue, up_to, err);
}

/* ---- apps and policy versions ------------------------------------------------------------------*/

int kept_app_add(struct kept_store *store, const char *name, uint32_t *ret_app,
                 struct kept_err *err)
{
    uint64_t last = 0;
    int rc = check_name(name, err);
    if (rc != 0 || (rc = kept_store_may_write(store, err)) != 0 ||
        (rc = store->engine->app_last(store, &last, err)) != 0)
        return rc;
    if (last >= KEPT_MAX_APPS)
        return kept_fail(err, KEPT_E_LIMIT, "a store holds at most %u apps", KEPT_MAX_APPS);
    rc = store->engine->app_add(store, (uint32_t)last + 1, name, err);
    if (rc == KEPT_E_CONFLICT)
        return kept_fail(err, rc, "the app %s exists already", name);
    if (rc == 0)
        *ret_app = (uint32_t)last + 1;
    return rc;
}

int kept_app_each(struct kept_store *store, int (*visit)(void *arg, uint32_t app, const char *name),
                  void *arg, struct kept_err *err)
{
    int rc = begin_visit(store, VISIT_APP, err);
    if (rc != 0)
        return rc;
    return end_visit(store, VISIT_APP, store->engine->app_each(store, visit, arg, err));
}

int kept_policy_row_put(struct kept_store *store, uint32_t app, uint32_t version,
                        kept_ms effective, kept_ms published, struct kept_span text,
                        struct kept_err *err)
{
    int rc = kept_store_may_write(store, err);
    if (rc != 0 || (rc = check_body(text, err)) != 0)
        return rc;
    rc = store->engine->policy_put(store, app, version, effective, published, text, err);
    if (rc == KEPT_E_CONFLICT)
        return kept_fail(err, rc, "version %u is published already and cannot change", version);
    return rc;
}

int kept_policy_row_each(struct kept_store *store, uint32_t app,
                         int (*visit)(void *arg, uint32_t version, kept_ms effective,
                                      kept_ms published, struct kept_span text),
                         void *arg, struct kept_err *err)
{
    int rc = begin_visit(store, VISIT_POLICY, err);
    if (rc != 0)
        return rc;
    return end_visit(store, VISIT_POLICY, store->engine->policy_each(store, app, visit, arg, err));
}

/* ---- callers -----------------------------------------------------------------------------------*/

int kept_caller_put(struct kept_store *store, uint32_t app, const struct kept_id *id, struct kept_span body,
                    struct kept_err *err)
{
    int rc = kept_store_may_write(store, err);
    if (rc != 0 || (rc = check_body(body, err)) != 0)
        return rc;
    return store->engine->caller_put(store, app, id, body, err);
}

int kept_caller_each(struct kept_store *store, uint32_t app,
                     int (*visit)(void *arg, const struct kept_id *id, struct kept_span body), void *arg,
                     struct kept_err *err)
{
    int rc = begin_visit(store, VISIT_CALLER, err);
    if (rc != 0)
        return rc;
    return end_visit(store, VISIT_CALLER, store->engine->caller_each(store, app, visit, arg, err));
}

/* ---- facts of the store ------------------------------------------------------------------------*/

int kept_meta_put(struct kept_store *store, const char *name, struct kept_span value,
                  struct kept_err *err)
{
    int rc = check_name(name, err);
    if (rc != 0 || (rc = kept_store_may_write(store, err)) != 0 ||
        (rc = check_body(value, err)) != 0)
        return rc;
    return store->engine->meta_put(store, name, value, err);
}

int kept_meta_get(struct kept_store *store, const char *name, struct kept_buf *out,
                  struct kept_err *err)
{
    int rc = check_name(name, err);
    if (rc != 0 || (rc = kept_store_may_read(store, err)) != 0)
        return rc;
    rc = store->engine->meta_get(store, name, out, err);
    if (rc == KEPT_E_NOTFOUND)
        return kept_fail(err, rc, "the store does not know %s", name);
    if (rc == 0 && out->failed != 0)
        return kept_fail(err, out->failed, "%s does not fit", name);
    return rc;
}

int kept_meta_put_u64(struct kept_store *store, const char *name, uint64_t value,
                      struct kept_err *err)
{
    uint8_t bytes[8];
    kept_put_be64(bytes, value);
    return kept_meta_put(store, name, (struct kept_span){bytes, sizeof bytes}, err);
}

int kept_meta_get_u64(struct kept_store *store, const char *name, uint64_t fallback,
                      uint64_t *ret_value, struct kept_err *err)
{
    struct kept_buf value;
    kept_buf_init(&value, sizeof *ret_value);
    int rc = kept_meta_get(store, name, &value, NULL);
    if (rc == 0 && value.n == sizeof *ret_value)
        *ret_value = kept_be64(value.p);
    else if (rc == KEPT_E_NOTFOUND) {
        *ret_value = fallback;
        rc = 0;
    } else if (rc == 0 || rc == KEPT_E_LIMIT)
        rc = kept_fail(err, KEPT_E_CORRUPT, "%s is not a number", name);
    else
        rc = kept_fail(err, rc, "cannot read %s", name);
    kept_buf_release(&value);
    return rc;
}
