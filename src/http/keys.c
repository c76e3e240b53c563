/* keys.c - keys of idempotency: an answer is given again, and nothing done twice. Of this worker, and of an hour. */
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/mem.h"
#include "http/http_int.h"

#define BUCKETS (2 * KEPT_HTTP_KEYS)

int kept_http_keys_init(struct kept_http_keys *keys)
{
    *keys = (struct kept_http_keys){.rows = kept_alloc(KEPT_HTTP_KEYS, sizeof *keys->rows),
                                    .buckets = kept_alloc(BUCKETS, sizeof *keys->buckets)};
    if (keys->rows == NULL || keys->buckets == NULL) {
        kept_http_keys_release(keys);
        return KEPT_E_NOMEM;
    }
    for (size_t i = 0; i < KEPT_HTTP_KEYS; i++)
        kept_buf_init_secret(&keys->rows[i].answer, KEPT_HTTP_KEY_BYTES / 8);
    return 0;
}

void kept_http_keys_release(struct kept_http_keys *keys)
{
    for (size_t i = 0; keys->rows != NULL && i < KEPT_HTTP_KEYS; i++)
        kept_buf_release(&keys->rows[i].answer);
    kept_free(keys->rows);
    kept_free(keys->buckets);
    *keys = (struct kept_http_keys){.rows = NULL};
}

static uint32_t bucket_of(const uint8_t *name)
{
    return kept_be32(name) % BUCKETS;
}

/* Out of its bucket; the row stays where it is in the ring. */
static void unlink_row(struct kept_http_keys *keys, struct kept_http_key *key)
{
    uint32_t self = (uint32_t)(key - keys->rows) + 1;
    if (key->bucket == 0)
        return;
    uint32_t *at = &keys->buckets[key->bucket - 1];
    while (*at != self)
        at = &keys->rows[*at - 1].next;
    *at = key->next;
    key->bucket = 0;
    keys->bytes -= key->answer.n;
    kept_buf_release(&key->answer);
}

static bool gone(const struct kept_http_key *key, kept_ms now)
{
    return key->bucket == 0 || (key->status != 0 && now - key->at > (kept_ms)KEPT_HTTP_KEY_SECONDS * KEPT_SECOND);
}

/* The oldest row leaves, unless its request is still under way. */
static bool drop_oldest(struct kept_http_keys *keys)
{
    struct kept_http_key *key = &keys->rows[keys->oldest];
    if (keys->count == 0 || (key->bucket != 0 && key->status == 0))
        return false;
    unlink_row(keys, key);
    keys->oldest = (keys->oldest + 1) % KEPT_HTTP_KEYS;
    keys->count--;
    return true;
}

int kept_http_keys_take(struct kept_http_keys *keys, const uint8_t name[KEPT_HTTP_DIGEST],
                        const uint8_t body[KEPT_HTTP_DIGEST], kept_ms now, struct kept_http_key **ret_key)
{
    while (keys->count > 0 && gone(&keys->rows[keys->oldest], now) && drop_oldest(keys))
        ;
    for (uint32_t i = keys->buckets[bucket_of(name)]; i != 0; i = keys->rows[i - 1].next) {
        struct kept_http_key *key = &keys->rows[i - 1];
        if (!kept_bytes_equal(key->name, name, KEPT_HTTP_DIGEST) || gone(key, now))
            continue;
        if (!kept_bytes_equal(key->body, body, KEPT_HTTP_DIGEST))
            return KEPT_E_CONFLICT;
        *ret_key = key;
        return key->status != 0 ? 1 : KEPT_E_BUSY;
    }
    if (keys->count == KEPT_HTTP_KEYS && !drop_oldest(keys))
        return KEPT_E_LIMIT;
    size_t row = (keys->oldest + keys->count++) % KEPT_HTTP_KEYS;
    struct kept_http_key *key = &keys->rows[row];
    uint32_t bucket = bucket_of(name);
    memcpy(key->name, name, KEPT_HTTP_DIGEST);
    memcpy(key->body, body, KEPT_HTTP_DIGEST);
    key->at = now;
    key->status = 0;
    key->location[0] = 0;
    key->next = keys->buckets[bucket];
    key->bucket = bucket + 1;
    keys->buckets[bucket] = (uint32_t)row + 1;
    *ret_key = key;
    return 0;
}

void kept_http_keys_answer(struct kept_http_keys *keys, struct kept_http_key *key, unsigned status, const char *type,
                           const char *location, struct kept_span body)
{
    kept_buf_bytes(&key->answer, body.p, body.n);
    if (status == 0 || key->answer.failed != 0) {
        unlink_row(keys, key);
        return;
    }
    key->status = status;
    key->type = type;
    (void)snprintf(key->location, sizeof key->location, "%s", location != NULL ? location : "");
    keys->bytes += key->answer.n;
    while (keys->bytes > KEPT_HTTP_KEY_BYTES && drop_oldest(keys))
        ;
}
