/* vault.c - sealing and opening values. */
#include "vault/vault.h"

#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/mem.h"
#include "vault/vault_int.h"

#define RECORD_FORMAT 1
#define AAD_BYTES (KEPT_AAD_HEAD + 32)
#define STAMP_MAX 64u
#define SMALL_VALUE 512u

static uint64_t record_key(const struct kept_subject *subject, uint32_t slot)
{
    return subject->key | slot;
}

static struct kept_span value_aad(uint8_t *aad, const struct kept_subject *subject,
                                  enum kept_suite suite, uint32_t generation,
                                  const struct kept_dir_row *row, uint32_t chunk)
{
    size_t n = kept_aad_head(aad, suite, subject->app, &subject->id);
    aad[n] = 'V';
    aad[n + 1] = (uint8_t)row->class;
    kept_put_be32(aad + n + 2, generation);
    kept_put_be32(aad + n + 6, row->item);
    kept_put_be32(aad + n + 10, row->slot);
    kept_put_be32(aad + n + 14, row->version);
    kept_put_be32(aad + n + 18, chunk);
    return (struct kept_span){aad, n + 22};
}

/* The key of a generation, present or former. */
static const uint8_t *class_key(const struct kept_subject *subject, uint32_t class,
                                uint32_t generation)
{
    const struct kept_subject_keys *k = subject->keys;
    if (class >= KEPT_CLASSES || generation == 0)
        return NULL;
    if (k->generation[class] == generation)
        return k->data[class];
    if (k->former_generation[class] == generation)
        return k->former[class];
    return NULL;
}

/* Stamps stand beside every value: what is absent takes no room. */
enum { HAS_UNTIL = 16, HAS_FUNCTION = 32, HAS_CHUNKS = 64, AT_WHOLE = 128, SOURCE = 15 };

static void stamp_encode(const struct kept_subject *subject, const struct kept_stamp *stamp,
                         struct kept_buf *out)
{
    bool whole = stamp->at < subject->created;
    kept_buf_u8(out, (uint8_t)((stamp->source & SOURCE) | (stamp->until != 0 ? HAS_UNTIL : 0) |
                               (stamp->function != 0 ? HAS_FUNCTION : 0) |
                               (stamp->chunks != 0 ? HAS_CHUNKS : 0) | (whole ? AT_WHOLE : 0)));
    kept_buf_varint(out, (uint64_t)(whole ? stamp->at : stamp->at - subject->created));
    if (stamp->until != 0)
        kept_buf_varint(out, (uint64_t)stamp->until);
    kept_buf_varint(out, stamp->policy_version);
    if (stamp->function != 0)
        kept_buf_u32(out, stamp->function);
    if (stamp->chunks != 0)
        kept_buf_varint(out, stamp->chunks);
}

static void stamp_decode(const struct kept_subject *subject, struct kept_cursor *c,
                         struct kept_stamp *ret)
{
    const uint64_t chunks_max = KEPT_MAX_VALUE_BYTES / KEPT_CHUNK_BYTES + 1;
    uint8_t has = kept_get_u8(c);
    kept_ms since = (has & AT_WHOLE) != 0 ? 0 : subject->created;
    ret->source = has & SOURCE;
    ret->at = since + (kept_ms)kept_get_varint(c, (uint64_t)(INT64_MAX - since));
    ret->until = (has & HAS_UNTIL) != 0 ? (kept_ms)kept_get_varint(c, INT64_MAX) : 0;
    ret->policy_version = (uint32_t)kept_get_varint(c, UINT32_MAX);
    ret->function = (has & HAS_FUNCTION) != 0 ? kept_get_u32(c) : KEPT_REF_NONE;
    ret->chunks = (has & HAS_CHUNKS) != 0 ? (uint32_t)kept_get_varint(c, chunks_max) : 0;
}

/* u8 suite | sealed chunk, one row each. */
static int put_chunks(struct kept_store *store, const struct kept_subject *subject,
                      const struct kept_dir_row *row, uint32_t generation, const uint8_t *key,
                      struct kept_span value, struct kept_err *err)
{
    uint8_t aad[AAD_BYTES];
    enum kept_suite suite = kept_suite_default();
    struct kept_buf body;
    int rc = 0;
    kept_buf_init(&body, KEPT_CHUNK_BYTES + 64);
    for (uint32_t i = 0; rc == 0 && (size_t)i * KEPT_CHUNK_BYTES < value.n; i++) {
        size_t at = (size_t)i * KEPT_CHUNK_BYTES;
        struct kept_span part = {value.p + at, value.n - at < KEPT_CHUNK_BYTES ? value.n - at
                                                                               : KEPT_CHUNK_BYTES};
        kept_buf_clear(&body);
        kept_buf_u8(&body, (uint8_t)suite);
        uint8_t *to = kept_buf_room(&body, part.n + kept_seal_overhead(suite));
        rc = to == NULL ? kept_fail(err, body.failed, "no memory for a chunk")
                        : kept_seal(suite, key,
                                    value_aad(aad, subject, suite, generation, row, i + 1), part,
                                    to);
        if (rc == 0)
            rc = kept_chunk_put(store, record_key(subject, row->slot), i, kept_buf_span(&body), err);
    }
    kept_buf_release(&body);
    return rc;
}

static int get_chunks(struct kept_store *store, const struct kept_subject *subject,
                      const struct kept_dir_row *row, uint32_t generation, const uint8_t *key,
                      uint32_t chunks, struct kept_buf *out, struct kept_err *err)
{
    uint8_t aad[AAD_BYTES];
    for (uint32_t i = 0; i < chunks; i++) {
        struct kept_span body;
        int rc = kept_chunk_get(store, record_key(subject, row->slot), i, &body, err);
        if (rc == KEPT_E_NOTFOUND)
            return kept_fail(err, KEPT_E_CORRUPT, "a chunk of a value is missing");
        if (rc != 0)
            return rc;
        enum kept_suite suite = body.n > 0 ? body.p[0] : 0;
        size_t over = kept_seal_overhead(suite);
        uint8_t *to = over == 0 || body.n <= over ? NULL : kept_buf_room(out, body.n - 1 - over);
        if (to == NULL ||
            kept_unseal(suite, key, value_aad(aad, subject, suite, generation, row, i + 1),
                        (struct kept_span){body.p + 1, body.n - 1}, to) != 0)
            return kept_fail(err, out->failed != 0 ? out->failed : KEPT_E_CORRUPT,
                             "a chunk of a value does not open: changed outside kept");
    }
    return 0;
}

/* Where a record's body goes. */
enum place {
    NEW,    /* there is none at this slot: into the person's row while there is room */
    AGAIN,  /* in place of another one: the same, and from wherever that lies */
    SAME    /* where it lies: the head need not be put with it, but for what lies there */
};

/* Somebody has more than the pack holds: all they have gets rows of its own, for good. A pack beside
 * such rows would leave pages half empty. */
static int spread(struct kept_store *store, struct kept_subject *subject, struct kept_err *err)
{
    struct kept_span body;
    uint32_t slot = 0;
    size_t at = 0;
    int rc = 0;
    while (rc == 0 && kept_pack_next(subject, &at, &slot, &body))
        rc = kept_cell_put(store, record_key(subject, slot), body, err);
    if (rc == 0) {
        kept_pack_clear(subject);
        subject->spread = true;
    }
    return rc;
}

static int place_body(struct kept_store *store, struct kept_subject *subject, uint32_t slot,
                      enum place place, struct kept_span body, struct kept_err *err)
{
    struct kept_span old;
    bool packed = kept_pack_find(subject, slot, &old);
    bool may = place == SAME ? packed : !subject->spread && body.n <= KEPT_PACK_VALUE;
    if (may && kept_pack_put(subject, slot, body)) {
        if (subject->pack_own.failed != 0)
            return kept_fail(err, subject->pack_own.failed, "no memory for a value");
        return place == AGAIN && !packed ? kept_cell_delete(store, record_key(subject, slot), err)
                                         : 0;
    }
    if (packed)
        kept_pack_drop(subject, slot);
    int rc = may ? spread(store, subject, err) : 0;
    return rc == 0 ? kept_cell_put(store, record_key(subject, slot), body, err) : rc;
}

/* Seal stamp and value under the present key of the row's class and put the record. */
static int seal_record(struct kept_store *store, struct kept_subject *subject,
                       const struct kept_dir_row *row, enum place place,
                       const struct kept_stamp *stamp, struct kept_span value,
                       struct kept_err *err)
{
    uint8_t aad[AAD_BYTES];
    enum kept_suite suite = kept_suite_default();
    uint32_t generation = subject->keys->generation[row->class];
    const uint8_t *key = subject->keys->data[row->class];
    struct kept_stamp s = *stamp;
    struct kept_buf plain, body;
    bool large = value.n > KEPT_CHUNK_BYTES;
    kept_buf_init_secret(&plain, KEPT_CHUNK_BYTES + STAMP_MAX);
    kept_buf_init(&body, KEPT_CHUNK_BYTES + 2 * STAMP_MAX);
    s.chunks = large ? (uint32_t)((value.n + KEPT_CHUNK_BYTES - 1) / KEPT_CHUNK_BYTES) : 0;
    int rc = kept_subject_count(subject, 1 + s.chunks, err);
    if (rc != 0)
        return rc;
    stamp_encode(subject, &s, &plain);
    if (!large)
        kept_buf_bytes(&plain, value.p, value.n);
    kept_buf_u8(&body, (uint8_t)(RECORD_FORMAT << 4 | suite));
    kept_buf_varint(&body, generation);
    uint8_t *to = kept_buf_room(&body, plain.n + kept_seal_overhead(suite));
    rc = plain.failed != 0 ? plain.failed : to == NULL ? body.failed : 0;
    if (rc == 0)
        rc = kept_seal(suite, key, value_aad(aad, subject, suite, generation, row, 0),
                       kept_buf_span(&plain), to);
    if (rc != 0)
        (void)kept_fail(err, rc, "cannot seal a value");
    if (rc == 0)
        rc = place_body(store, subject, row->slot, place, kept_buf_span(&body), err);
    if (rc == 0 && large)
        rc = put_chunks(store, subject, row, generation, key, value, err);
    kept_buf_release(&plain);
    kept_buf_release(&body);
    return rc;
}

static int drop_chunks(struct kept_store *store, uint64_t key, struct kept_err *err)
{
    uint32_t deleted = 0;
    return kept_chunk_delete_range(store, key, key, UINT32_MAX, &deleted, err);
}

int kept_vault_put(struct kept_store *store, struct kept_subject *subject,
                   const struct kept_dir_row *replace, uint32_t item, enum kept_class class,
                   const struct kept_stamp *stamp, struct kept_span value,
                   struct kept_dir_row *ret_row, struct kept_err *err)
{
    struct kept_dir_row row = {.item = item, .class = class, .version = 1};
    uint32_t deleted = 0;
    if (value.n > KEPT_MAX_VALUE_BYTES)
        return kept_fail(err, KEPT_E_LIMIT, "a value is larger than %u bytes",
                         KEPT_MAX_VALUE_BYTES);
    if (replace == NULL && subject->next_slot > KEPT_MAX_RECORDS)
        return kept_fail(err, KEPT_E_LIMIT, "one person has more than %u records",
                         KEPT_MAX_RECORDS);
    int rc = kept_subject_class(subject, class, err);
    if (rc != 0)
        return rc;
    if (replace != NULL && replace->class != (uint32_t)class) {
        /* The policy moved the item to another class: another key, another row. */
        if ((rc = kept_vault_delete(store, subject, replace, err)) != 0)
            return rc;
        replace = NULL;
    }
    if (replace != NULL) {
        row.slot = replace->slot;
        row.version = replace->version + 1;
        if ((rc = drop_chunks(store, record_key(subject, row.slot), err)) != 0 ||
            (rc = kept_token_delete_range(store, record_key(subject, row.slot),
                                          record_key(subject, row.slot), UINT32_MAX, &deleted,
                                          err)) != 0)
            return rc;
    } else {
        row.slot = subject->next_slot++;
    }
    enum place place = replace != NULL ? AGAIN : NEW;
    if ((rc = seal_record(store, subject, &row, place, stamp, value, err)) != 0 ||
        (rc = kept_directory_set(store, subject, &row, err)) != 0)
        return rc;
    *ret_row = row;
    return 0;
}

int kept_vault_open(struct kept_store *store, const struct kept_subject *subject,
                    const struct kept_dir_row *row, struct kept_span body,
                    struct kept_stamp *ret_stamp, struct kept_buf *out, struct kept_err *err)
{
    KEPT_SCRATCH uint8_t aad[AAD_BYTES], small[SMALL_VALUE];
    uint8_t *plain = small;
    struct kept_cursor c = kept_cursor(body);
    uint8_t first = kept_get_u8(&c), format = first >> 4;
    enum kept_suite suite = first & 15;
    uint32_t generation = (uint32_t)kept_get_varint(&c, UINT32_MAX);
    size_t over = kept_seal_overhead(suite);
    if (!c.bad && format > RECORD_FORMAT)
        return kept_fail(err, KEPT_E_FORMAT, "a record was written by a newer kept");
    const uint8_t *key = class_key(subject, row->class, generation);
    if (c.bad || format != RECORD_FORMAT || over == 0 || c.n < over || key == NULL)
        return kept_fail(err, KEPT_E_CORRUPT, "a record's row is damaged or not the living one");
    size_t n = c.n - over;
    if (n > sizeof small && (plain = kept_alloc(n, 1)) == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for a value");
    int rc = kept_unseal(suite, key, value_aad(aad, subject, suite, generation, row, 0),
                         (struct kept_span){c.p, c.n}, plain);
    if (rc != 0) {
        rc = kept_fail(err, KEPT_E_CORRUPT,
                       "a record does not open: changed outside kept, or an old version put back");
    } else {
        struct kept_cursor p = kept_cursor((struct kept_span){plain, n});
        stamp_decode(subject, &p, ret_stamp);
        if (p.bad)
            rc = kept_fail(err, KEPT_E_CORRUPT, "a record's stamps are damaged");
        else if (ret_stamp->chunks != 0)
            rc = get_chunks(store, subject, row, generation, key, ret_stamp->chunks, out, err);
        else
            kept_buf_bytes(out, p.p, p.n);
        if (rc == 0 && out->failed != 0)
            rc = kept_fail(err, out->failed, "a value does not fit in the reply");
    }
    kept_wipe(plain, n);
    if (plain != small)
        kept_free(plain);
    return rc;
}

int kept_vault_get(struct kept_store *store, const struct kept_subject *subject,
                   const struct kept_dir_row *row, struct kept_stamp *ret_stamp,
                   struct kept_buf *out, struct kept_err *err)
{
    struct kept_span body;
    int rc = 0;
    if (!kept_pack_find(subject, row->slot, &body))
        rc = kept_cell_get(store, record_key(subject, row->slot), &body, err);
    if (rc == KEPT_E_NOTFOUND)
        return kept_fail(err, KEPT_E_CORRUPT,
                         "a record the directory names is missing: the store was changed outside "
                         "kept");
    return rc != 0 ? rc : kept_vault_open(store, subject, row, body, ret_stamp, out, err);
}

int kept_vault_delete(struct kept_store *store, struct kept_subject *subject,
                      const struct kept_dir_row *row, struct kept_err *err)
{
    uint64_t key = record_key(subject, row->slot);
    uint32_t deleted = 0;
    struct kept_span body;
    int rc = 0;
    if (kept_pack_find(subject, row->slot, &body))
        kept_pack_drop(subject, row->slot);
    else
        rc = kept_cell_delete(store, key, err);
    if (rc == 0)
        rc = drop_chunks(store, key, err);
    if (rc == 0)
        rc = kept_token_delete_range(store, key, key, UINT32_MAX, &deleted, err);
    if (rc == 0)
        rc = kept_directory_drop(store, subject, row, err);
    return rc;
}

int kept_vault_reseal(struct kept_store *store, struct kept_subject *subject,
                      const struct kept_dir_row *row, struct kept_err *err)
{
    struct kept_stamp stamp = {0};
    struct kept_buf value;
    kept_buf_init_secret(&value, KEPT_MAX_VALUE_BYTES);
    int rc = kept_vault_get(store, subject, row, &stamp, &value, err);
    if (rc == 0)
        rc = seal_record(store, subject, row, SAME, &stamp, kept_buf_span(&value), err);
    kept_buf_release(&value);
    return rc;
}
