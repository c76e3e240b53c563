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
    for (uint32_t i = KEPT_HTTP_KEYS; i > 0; i--) {
        kept_buf_init_secret(&keys->rows[i - 1].answer, KEPT_HTTP_KEY_BYTES / 8);
        keys->rows[i - 1].next = keys->free;
        keys->free = i;
    }
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

static struct kept_http_key *row(struct kept_http_keys *keys, uint32_t number)
{
    return &keys->rows[number - 1];
}

static void forget(struct kept_http_keys *keys, struct kept_http_key *key)
{
    uint32_t self = (uint32_t)(key - keys->rows) + 1, *at = &keys->buckets[key->bucket - 1];
    while (*at != self)
        at = &row(keys, *at)->next;
    *at = key->next;
    *(key->older != 0 ? &row(keys, key->older)->newer : &keys->oldest) = key->newer;
    *(key->newer != 0 ? &row(keys, key->newer)->older : &keys->newest) = key->older;
    keys->bytes -= key->status != 0 ? key->answer.n : 0;
    kept_buf_release(&key->answer);
    key->bucket = 0;
    key->next = keys->free;
    keys->free = self;
}

static bool over(const struct kept_http_key *key, kept_ms now)
{
    return key->status != 0 && now - key->at > (kept_ms)KEPT_HTTP_KEY_SECONDS * KEPT_SECOND;
}

/* The oldest that is answered leaves; false: all are under way, or the first few are. */
static bool drop_oldest(struct kept_http_keys *keys)
{
    uint32_t number = keys->oldest;
    for (unsigned i = 0; i < 64 && number != 0; i++, number = row(keys, number)->newer)
        if (row(keys, number)->status != 0) {
            forget(keys, row(keys, number));
            return true;
        }
    return false;
}

static struct kept_http_key *find(struct kept_http_keys *keys, const uint8_t *name)
{
    uint32_t number = keys->buckets[bucket_of(name)];
    while (number != 0 && !kept_bytes_equal(row(keys, number)->name, name, KEPT_HTTP_DIGEST))
        number = row(keys, number)->next;
    return number == 0 ? NULL : row(keys, number);
}

static struct kept_http_key *put(struct kept_http_keys *keys, const uint8_t *name, const uint8_t *body, kept_ms now)
{
    uint32_t self = keys->free, bucket = bucket_of(name);
    struct kept_http_key *key = row(keys, self);
    keys->free = key->next;
    memcpy(key->name, name, KEPT_HTTP_DIGEST);
    memcpy(key->body, body, KEPT_HTTP_DIGEST);
    key->at = now;
    key->status = 0;
    key->location[0] = 0;
    key->next = keys->buckets[bucket];
    key->bucket = bucket + 1;
    keys->buckets[bucket] = self;
    key->older = keys->newest;
    key->newer = 0;
    *(key->older != 0 ? &row(keys, key->older)->newer : &keys->oldest) = self;
    keys->newest = self;
    return key;
}

int kept_http_keys_take(struct kept_http_keys *keys, const uint8_t name[KEPT_HTTP_DIGEST],
                        const uint8_t body[KEPT_HTTP_DIGEST], kept_ms now, struct kept_http_key **ret_key)
{
    while (keys->oldest != 0 && over(row(keys, keys->oldest), now))
        forget(keys, row(keys, keys->oldest));
    struct kept_http_key *key = find(keys, name);
    if (key != NULL && over(key, now)) {
        forget(keys, key);
        key = NULL;
    }
    if (key != NULL && !kept_bytes_equal(key->body, body, KEPT_HTTP_DIGEST))
        return KEPT_E_CONFLICT;
    if (key == NULL && keys->free == 0 && !drop_oldest(keys))
        return KEPT_E_LIMIT;
    *ret_key = key != NULL ? key : put(keys, name, body, now);
    return key == NULL ? 0 : key->status != 0 ? 1 : KEPT_E_BUSY;
}

void kept_http_keys_answer(struct kept_http_keys *keys, struct kept_http_key *key, unsigned status, const char *type,
                           const char *location, struct kept_span body)
{
    kept_buf_bytes(&key->answer, body.p, body.n);
    if (status == 0 || key->answer.failed != 0) {
        forget(keys, key);
        return;
    }
    key->status = status;
    key->type = type;
    (void)snprintf(key->location, sizeof key->location, "%s", location != NULL ? location : "");
    keys->bytes += key->answer.n;
    while (keys->bytes > KEPT_HTTP_KEY_BYTES && drop_oldest(keys))
        ;
}
