/* vault.c - sealing and opening values. */
#include "vault/vault.h"

#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/mem.h"
#include "vault/vault_int.h"

/* 1: without a key of its own, which all had once; 2: chunks under a key that stands in the record. */
enum { RECORD_FORMAT = 1, BLOB_FORMAT = 2, APART = 4 /* with either: in a partition that is named */ };
#define STAMP_MAX 128u
#define SMALL_VALUE 512u

static uint64_t record_key(const struct kept_subject *subject, uint32_t slot)
{
    return subject->key | slot;
}

static struct kept_span record_aad(uint8_t *aad, const struct kept_subject *subject,
                                   enum kept_suite suite, uint32_t generation,
                                   const struct kept_dir_row *row)
{
    return kept_value_aad(aad, subject->app, &subject->id, suite, generation, row, 0);
}

static const char *const sources[] = {"", "user", "generated", "third_party", "derived"};
#define SOURCES (sizeof sources / sizeof sources[0])

uint8_t kept_source_named(const char *name)
{
    for (uint8_t i = 1; name != NULL && i < SOURCES; i++)
        if (strcmp(sources[i], name) == 0)
            return i;
    return 0;
}

const char *kept_source_name(uint8_t source)
{
    return source < SOURCES ? sources[source] : "";
}

/* Stamps stand beside every value: what is absent takes no room. */
enum { HAS_UNTIL = 16, HAS_FUNCTION = 32, HAS_CHUNKS = 64, AT_WHOLE = 128, SOURCE = 15 };

static void stamp_encode(const struct kept_subject *subject, const struct kept_stamp *stamp,
                         const struct kept_blob *blob, struct kept_buf *out)
{
    bool whole = stamp->at < subject->created;
    kept_buf_u8(out, (uint8_t)((stamp->source & SOURCE) | (stamp->until != 0 ? HAS_UNTIL : 0) |
                               (stamp->function != 0 ? HAS_FUNCTION : 0) |
                               (blob != NULL ? HAS_CHUNKS : 0) | (whole ? AT_WHOLE : 0)));
    kept_buf_varint(out, (uint64_t)(whole ? stamp->at : stamp->at - subject->created));
    if (stamp->until != 0)
        kept_buf_varint(out, (uint64_t)stamp->until);
    kept_buf_varint(out, stamp->policy_version);
    if ((stamp->source & SOURCE) == KEPT_SOURCE_THIRD_PARTY)
        kept_buf_u32(out, stamp->from);
    if (stamp->function != 0)
        kept_buf_u32(out, stamp->function);
    if (blob != NULL) {
        kept_buf_varint(out, blob->size);
        kept_buf_bytes(out, blob->seal, sizeof blob->seal);
    }
}

/* blob: its place is known, its key and size are filled in. */
static void stamp_decode(const struct kept_subject *subject, unsigned format,
                         struct kept_cursor *c, struct kept_stamp *ret, struct kept_blob *blob)
{
    const uint64_t chunks_max = KEPT_MAX_VALUE_BYTES / KEPT_CHUNK_BYTES + 1;
    uint8_t has = kept_get_u8(c);
    kept_ms since = (has & AT_WHOLE) != 0 ? 0 : subject->created;
    ret->source = has & SOURCE;
    ret->at = since + (kept_ms)kept_get_varint(c, (uint64_t)(INT64_MAX - since));
    ret->until = (has & HAS_UNTIL) != 0 ? (kept_ms)kept_get_varint(c, INT64_MAX) : 0;
    ret->policy_version = (uint32_t)kept_get_varint(c, UINT32_MAX);
    ret->from = ret->source == KEPT_SOURCE_THIRD_PARTY ? kept_get_u32(c) : KEPT_REF_NONE;
    ret->function = (has & HAS_FUNCTION) != 0 ? kept_get_u32(c) : KEPT_REF_NONE;
    blob->size = 0;
    blob->chunks = 0;
    if ((has & HAS_CHUNKS) != 0 && format == RECORD_FORMAT) {
        blob->chunks = (uint32_t)kept_get_varint(c, chunks_max);
    } else if ((has & HAS_CHUNKS) != 0) {
        blob->size = kept_get_varint(c, KEPT_MAX_STREAM_BYTES);
        blob->chunks = kept_blob_chunks(blob->size);
        blob->generation = 0;
        struct kept_span key = kept_get_bytes(c, sizeof blob->seal);
        if (!c->bad)
            memcpy(blob->seal, key.p, sizeof blob->seal);
    }
    ret->chunks = blob->chunks;
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

/* Seal stamp and value, or what leads to its chunks, under the present key of the row's class and put
 * the record. */
static int seal_record(struct kept_store *store, struct kept_subject *subject,
                       const struct kept_dir_row *row, enum place place,
                       const struct kept_stamp *stamp, const struct kept_blob *blob,
                       struct kept_span value, struct kept_err *err)
{
    uint8_t aad[KEPT_VALUE_AAD];
    enum kept_suite suite = kept_suite_default();
    uint32_t generation = subject->keys->generation[row->class];
    bool apart = stamp->partition != KEPT_REF_NONE;
    const uint8_t *key = kept_subject_value_key(subject, row->class, generation, stamp->partition);
    unsigned format = blob != NULL ? BLOB_FORMAT : RECORD_FORMAT;
    struct kept_buf plain, body;
    int rc = kept_subject_count(subject, 1, err);
    if (rc != 0)
        return rc;
    KEPT_INVARIANT(key != NULL); /* whoever seals drew it */
    kept_buf_init_secret(&plain, KEPT_CHUNK_BYTES + STAMP_MAX);
    kept_buf_init(&body, KEPT_CHUNK_BYTES + 2 * STAMP_MAX);
    stamp_encode(subject, stamp, blob, &plain);
    if (blob == NULL)
        kept_buf_bytes(&plain, value.p, value.n);
    kept_buf_u8(&body, (uint8_t)((format | (apart ? APART : 0)) << 4 | suite));
    kept_buf_varint(&body, generation);
    if (apart)
        kept_buf_u32(&body, stamp->partition);
    uint8_t *to = kept_buf_room(&body, plain.n + kept_seal_overhead(suite));
    rc = plain.failed != 0 ? plain.failed : to == NULL ? body.failed : 0;
    if (rc == 0)
        rc = kept_seal_ahead(subject->nonces, suite, key,
                             record_aad(aad, subject, suite, generation, row),
                             kept_buf_span(&plain), to);
    if (rc != 0)
        (void)kept_fail(err, rc, "cannot seal a value");
    if (rc == 0)
        rc = place_body(store, subject, row->slot, place, kept_buf_span(&body), err);
    kept_buf_release(&plain);
    kept_buf_release(&body);
    return rc;
}

/* A whole value: in its record, or in chunks beside it. */
static int seal_value(struct kept_store *store, struct kept_subject *subject,
                      const struct kept_dir_row *row, enum place place,
                      const struct kept_stamp *stamp, struct kept_span value, struct kept_err *err)
{
    struct kept_blob blob;
    if (value.n <= KEPT_CHUNK_BYTES)
        return seal_record(store, subject, row, place, stamp, NULL, value, err);
    kept_blob_new(&blob, subject, row);
    int rc = kept_blob_append(store, &blob, value, err);
    if (rc == 0)
        rc = seal_record(store, subject, row, place, stamp, &blob, value, err);
    kept_wipe(&blob, sizeof blob);
    return rc;
}

/* The chunks under a record: few go at once, many in bites, by tick: no key that is left opens them. */
static int drop_chunks(struct kept_store *store, uint64_t key, bool *ret_left, struct kept_err *err)
{
    uint32_t deleted = 0;
    uint64_t rest = 0;
    int rc = kept_chunk_delete_range(store, key, key, KEPT_CHUNKS_A_BITE, &deleted, err);
    if (rc == 0 && deleted == KEPT_CHUNKS_A_BITE)
        rc = kept_chunk_count(store, key, key, &rest, err);
    if (rc == 0 && rest > 0)
        rc = kept_todo_put(store, KEPT_TODO_CHUNKS, key, 0, err);
    *ret_left = rest > 0;
    return rc;
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
    bool left = false;
    if (replace != NULL && replace->class == (uint32_t)class)
        rc = drop_chunks(store, record_key(subject, replace->slot), &left, err);
    if (rc == 0 && replace != NULL && (left || replace->class != (uint32_t)class)) {
        /* The policy moved the item to another class: another key, another row. Or the chunks of a
         * large value are still there: another row, too. */
        rc = kept_vault_delete(store, subject, replace, err);
        replace = NULL;
    }
    if (rc != 0)
        return rc;
    if (replace != NULL) {
        row.slot = replace->slot;
        row.version = replace->version + 1;
        if ((rc = kept_token_delete_range(store, record_key(subject, row.slot),
                                          record_key(subject, row.slot), UINT32_MAX, &deleted,
                                          err)) != 0)
            return rc;
    } else {
        row.slot = subject->next_slot++;
    }
    enum place place = replace != NULL ? AGAIN : NEW;
    if ((rc = seal_value(store, subject, &row, place, stamp, value, err)) != 0 ||
        (rc = kept_directory_set(store, subject, &row, err)) != 0)
        return rc;
    *ret_row = row;
    return 0;
}

/* The value of a record at hand into out; or what leads to its chunks into blob. */
static int open_body(const struct kept_subject *subject, const struct kept_dir_row *row,
                     struct kept_span body, struct kept_stamp *ret_stamp, struct kept_blob *blob,
                     struct kept_buf *out, struct kept_err *err)
{
    KEPT_SCRATCH uint8_t aad[KEPT_VALUE_AAD], small[SMALL_VALUE];
    uint8_t *plain = small;
    struct kept_cursor c = kept_cursor(body);
    uint8_t first = kept_get_u8(&c), format = first >> 4 & ~APART & 15;
    bool apart = (first >> 4 & APART) != 0;
    enum kept_suite suite = first & 15;
    uint32_t generation = (uint32_t)kept_get_varint(&c, UINT32_MAX);
    uint32_t partition = apart ? kept_get_u32(&c) : KEPT_REF_NONE;
    size_t over = kept_seal_overhead(suite);
    if (!c.bad && format > BLOB_FORMAT)
        return kept_fail(err, KEPT_E_FORMAT, "a record was written by a newer kept");
    const uint8_t *key = kept_subject_value_key(subject, row->class, generation, partition);
    if (c.bad || format < RECORD_FORMAT || over == 0 || c.n < over || key == NULL)
        return kept_fail(err, KEPT_E_CORRUPT, "a record's row is damaged or not the living one");
    size_t n = c.n - over;
    if (n > sizeof small && (plain = kept_alloc(n, 1)) == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for a value");
    int rc = kept_unseal(suite, key, record_aad(aad, subject, suite, generation, row),
                         (struct kept_span){c.p, c.n}, plain);
    if (rc != 0) {
        rc = kept_fail(err, KEPT_E_CORRUPT,
                       "a record does not open: changed outside kept, or an old version put back");
    } else {
        struct kept_cursor p = kept_cursor((struct kept_span){plain, n});
        kept_blob_at(blob, subject, row, generation, key);
        stamp_decode(subject, format, &p, ret_stamp, blob);
        ret_stamp->partition = partition;
        if (p.bad)
            rc = kept_fail(err, KEPT_E_CORRUPT, "a record's stamps are damaged");
        else if (blob->chunks == 0 && out != NULL)
            kept_buf_bytes(out, p.p, p.n);
        if (rc == 0 && out != NULL && out->failed != 0)
            rc = kept_fail(err, out->failed, "a value does not fit in the reply");
    }
    kept_wipe(plain, n);
    if (plain != small)
        kept_free(plain);
    return rc;
}

int kept_vault_open(struct kept_store *store, const struct kept_subject *subject,
                    const struct kept_dir_row *row, struct kept_span body,
                    struct kept_stamp *ret_stamp, struct kept_buf *out, struct kept_err *err)
{
    struct kept_blob blob;
    int rc = open_body(subject, row, body, ret_stamp, &blob, out, err);
    if (rc == 0 && blob.size > KEPT_MAX_VALUE_BYTES)
        rc = kept_fail(err, KEPT_E_LIMIT,
                       "a value is larger than the %u bytes that are given out whole: read it by "
                       "stream", KEPT_MAX_VALUE_BYTES);
    for (uint32_t i = 0; rc == 0 && i < blob.chunks; i++)
        rc = kept_blob_get(store, &blob, i, out, err);
    kept_wipe(&blob, sizeof blob);
    return rc;
}

static int find_body(struct kept_store *store, const struct kept_subject *subject, uint32_t slot,
                     struct kept_span *ret_body, struct kept_err *err)
{
    int rc = 0;
    if (!kept_pack_find(subject, slot, ret_body))
        rc = kept_cell_get(store, record_key(subject, slot), ret_body, err);
    return rc != KEPT_E_NOTFOUND
               ? rc
               : kept_fail(err, KEPT_E_CORRUPT,
                           "a record the directory names is missing: the store was changed "
                           "outside kept");
}

int kept_vault_get(struct kept_store *store, const struct kept_subject *subject,
                   const struct kept_dir_row *row, struct kept_stamp *ret_stamp,
                   struct kept_buf *out, struct kept_err *err)
{
    struct kept_span body;
    int rc = find_body(store, subject, row->slot, &body, err);
    return rc != 0 ? rc : kept_vault_open(store, subject, row, body, ret_stamp, out, err);
}

int kept_vault_stamp(struct kept_store *store, const struct kept_subject *subject,
                     const struct kept_dir_row *row, struct kept_stamp *ret_stamp,
                     struct kept_err *err)
{
    struct kept_blob blob;
    int rc = kept_vault_blob(store, subject, row, ret_stamp, &blob, NULL, err);
    kept_wipe(&blob, sizeof blob);
    return rc;
}

int kept_vault_blob(struct kept_store *store, const struct kept_subject *subject,
                    const struct kept_dir_row *row, struct kept_stamp *ret_stamp,
                    struct kept_blob *ret_blob, struct kept_buf *out, struct kept_err *err)
{
    struct kept_span body;
    int rc = find_body(store, subject, row->slot, &body, err);
    return rc != 0 ? rc : open_body(subject, row, body, ret_stamp, ret_blob, out, err);
}

int kept_vault_reserve(struct kept_subject *subject, uint32_t item, enum kept_class class,
                       struct kept_blob *ret_blob, struct kept_err *err)
{
    if (subject->next_slot > KEPT_MAX_RECORDS)
        return kept_fail(err, KEPT_E_LIMIT, "one person has more than %u records",
                         KEPT_MAX_RECORDS);
    const struct kept_dir_row row = {item, subject->next_slot++, 1, class};
    kept_blob_new(ret_blob, subject, &row);
    return 0;
}

int kept_vault_adopt(struct kept_store *store, struct kept_subject *subject,
                     const struct kept_blob *blob, const struct kept_stamp *stamp,
                     struct kept_err *err)
{
    int rc = kept_subject_class(subject, (enum kept_class)blob->row.class, err);
    if (rc == 0)
        rc = seal_record(store, subject, &blob->row, NEW, stamp, blob,
                         (struct kept_span){NULL, 0}, err);
    return rc != 0 ? rc : kept_directory_set(store, subject, &blob->row, err);
}

int kept_vault_delete(struct kept_store *store, struct kept_subject *subject,
                      const struct kept_dir_row *row, struct kept_err *err)
{
    uint64_t key = record_key(subject, row->slot);
    uint32_t deleted = 0;
    struct kept_span body;
    bool left = false;
    int rc = 0;
    if (kept_pack_find(subject, row->slot, &body))
        kept_pack_drop(subject, row->slot);
    else
        rc = kept_cell_delete(store, key, err);
    if (rc == 0)
        rc = drop_chunks(store, key, &left, err);
    if (rc == 0)
        rc = kept_token_delete_range(store, key, key, UINT32_MAX, &deleted, err);
    if (rc == 0)
        rc = kept_directory_drop(store, subject, row, err);
    return rc;
}

/* Chunks have a key of their own, so a gigabyte is sealed anew by its record alone; those that had none
 * get one. */
int kept_vault_reseal(struct kept_store *store, struct kept_subject *subject,
                      const struct kept_dir_row *row, const uint32_t *partition, struct kept_err *err)
{
    struct kept_stamp stamp = {0};
    struct kept_blob blob;
    struct kept_buf value;
    kept_buf_init_secret(&value, KEPT_MAX_VALUE_BYTES);
    int rc = kept_vault_blob(store, subject, row, &stamp, &blob, &value, err);
    if (rc == 0 && partition != NULL)
        stamp.partition = *partition;
    if (rc == 0 && blob.chunks > 0 && blob.generation == 0) {
        rc = seal_record(store, subject, row, SAME, &stamp, &blob, kept_buf_span(&value), err);
    } else if (rc == 0) {
        for (uint32_t i = 0; rc == 0 && i < blob.chunks; i++)
            rc = kept_blob_get(store, &blob, i, &value, err);
        if (rc == 0)
            rc = seal_value(store, subject, row, SAME, &stamp, kept_buf_span(&value), err);
    }
    kept_wipe(&blob, sizeof blob);
    kept_buf_release(&value);
    return rc;
}
