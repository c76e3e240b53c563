/* blob.c - large values: chunks, sealed one by one under a key that is the value's own. */
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/mem.h"
#include "vault/vault_int.h"

struct kept_span kept_value_aad(uint8_t aad[KEPT_VALUE_AAD], uint32_t app, const struct kept_id *id,
                                enum kept_suite suite, uint32_t generation,
                                const struct kept_dir_row *row, uint32_t chunk)
{
    size_t n = kept_aad_head(aad, suite, app, id);
    aad[n] = 'V';
    aad[n + 1] = (uint8_t)row->class;
    kept_put_be32(aad + n + 2, generation);
    kept_put_be32(aad + n + 6, row->item);
    kept_put_be32(aad + n + 10, row->slot);
    kept_put_be32(aad + n + 14, row->version);
    kept_put_be32(aad + n + 18, chunk);
    return (struct kept_span){aad, n + 22};
}

void kept_blob_at(struct kept_blob *blob, const struct kept_subject *subject,
                  const struct kept_dir_row *row, uint32_t generation,
                  const uint8_t key[KEPT_KEY_BYTES])
{
    *blob = (struct kept_blob){.id = subject->id,
                               .app = subject->app,
                               .key = subject->key | row->slot,
                               .row = *row,
                               .generation = generation};
    memcpy(blob->seal, key, sizeof blob->seal);
}

void kept_blob_new(struct kept_blob *blob, const struct kept_subject *subject,
                   const struct kept_dir_row *row)
{
    uint8_t key[KEPT_KEY_BYTES];
    kept_random(key, sizeof key);
    kept_blob_at(blob, subject, row, 0, key);
    kept_wipe(key, sizeof key);
}

uint32_t kept_blob_chunks(uint64_t size)
{
    return (uint32_t)((size + KEPT_CHUNK_BYTES - 1) / KEPT_CHUNK_BYTES);
}

/* u8 suite | sealed chunk, one row each. */
static int put_chunk(struct kept_store *store, const struct kept_blob *blob, uint32_t number,
                     struct kept_span part, struct kept_buf *body, struct kept_err *err)
{
    uint8_t aad[KEPT_VALUE_AAD];
    enum kept_suite suite = kept_suite_default();
    kept_buf_clear(body);
    kept_buf_u8(body, (uint8_t)suite);
    uint8_t *to = kept_buf_room(body, part.n + kept_seal_overhead(suite));
    int rc = to == NULL ? kept_fail(err, body->failed, "no memory for a chunk")
                        : kept_seal(suite, blob->seal,
                                    kept_value_aad(aad, blob->app, &blob->id, suite,
                                                   blob->generation, &blob->row, number + 1),
                                    part, to);
    return rc != 0 ? rc : kept_chunk_put(store, blob->key, number, kept_buf_span(body), err);
}

int kept_blob_append(struct kept_store *store, struct kept_blob *blob, struct kept_span value,
                     struct kept_err *err)
{
    struct kept_buf body;
    int rc = 0;
    if (blob->size % KEPT_CHUNK_BYTES != 0)
        return kept_fail(err, KEPT_E_BUG, "a value goes on behind its last chunk");
    if (value.n > KEPT_MAX_STREAM_BYTES - blob->size)
        return kept_fail(err, KEPT_E_LIMIT, "a value is larger than %llu bytes",
                         (unsigned long long)KEPT_MAX_STREAM_BYTES);
    kept_buf_init(&body, KEPT_CHUNK_BYTES + 64);
    for (size_t at = 0; rc == 0 && at < value.n; at += KEPT_CHUNK_BYTES) {
        size_t n = value.n - at < KEPT_CHUNK_BYTES ? value.n - at : KEPT_CHUNK_BYTES;
        rc = put_chunk(store, blob, blob->chunks + (uint32_t)(at / KEPT_CHUNK_BYTES),
                       (struct kept_span){value.p + at, n}, &body, err);
    }
    kept_buf_release(&body);
    if (rc == 0) {
        blob->size += value.n;
        blob->chunks = kept_blob_chunks(blob->size);
    }
    return rc;
}

/* How many bytes chunk number holds; 0: whatever it says (of a value that did not tell its size). */
static size_t chunk_size(const struct kept_blob *blob, uint32_t number)
{
    if (blob->generation != 0)
        return 0;
    return number + 1 < blob->chunks ? KEPT_CHUNK_BYTES
                                     : (size_t)(blob->size - (uint64_t)number * KEPT_CHUNK_BYTES);
}

int kept_blob_get(struct kept_store *store, const struct kept_blob *blob, uint32_t number,
                  struct kept_buf *out, struct kept_err *err)
{
    uint8_t aad[KEPT_VALUE_AAD];
    struct kept_span body;
    int rc = kept_chunk_get(store, blob->key, number, &body, err);
    if (rc == KEPT_E_NOTFOUND)
        return kept_fail(err, KEPT_E_CORRUPT, "a chunk of a value is missing");
    if (rc != 0)
        return rc;
    enum kept_suite suite = body.n > 0 ? body.p[0] : 0;
    size_t over = kept_seal_overhead(suite), size = chunk_size(blob, number);
    bool fits = over != 0 && body.n > 1 + over && (size == 0 || body.n == 1 + over + size);
    uint8_t *to = fits ? kept_buf_room(out, body.n - 1 - over) : NULL;
    if (to != NULL &&
        kept_unseal(suite, blob->seal,
                    kept_value_aad(aad, blob->app, &blob->id, suite, blob->generation, &blob->row,
                                   number + 1),
                    (struct kept_span){body.p + 1, body.n - 1}, to) == 0)
        return 0;
    return kept_fail(err, out->failed != 0 ? out->failed : KEPT_E_CORRUPT,
                     "a chunk of a value does not open: changed outside kept");
}
