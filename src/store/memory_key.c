/* memory_key.c - keys of rows in the memory engine. */
#include "store/memory_int.h"

#include <string.h>

#include "base/id.h"

#define SIGN (1ull << 63)

struct key kept_key(enum letter letter)
{
    return (struct key){.b = {(uint8_t)letter}, .n = 1};
}

void kept_key_bytes(struct key *key, const void *p, size_t n)
{
    KEPT_INVARIANT(n < sizeof key->b - key->n);
    memcpy(key->b + key->n, p, n);
    key->n += n;
}

void kept_key_u32(struct key *key, uint32_t v)
{
    uint8_t bytes[4];
    kept_put_be32(bytes, v);
    kept_key_bytes(key, bytes, sizeof bytes);
}

void kept_key_u64(struct key *key, uint64_t v)
{
    uint8_t bytes[8];
    kept_put_be64(bytes, v);
    kept_key_bytes(key, bytes, sizeof bytes);
}

void kept_key_at(struct key *key, kept_ms at)
{
    kept_key_u64(key, (uint64_t)at ^ SIGN);
}

kept_ms kept_key_read_at(const uint8_t *p)
{
    return (kept_ms)(kept_be64(p) ^ SIGN);
}

bool kept_key_each(const struct kept_map *map, struct key *at, size_t n,
                   struct kept_map_row *ret_row)
{
    if (!kept_map_first(map, kept_key_span(at), ret_row) || ret_row->key.n < n ||
        !kept_bytes_equal(ret_row->key.p, at->b, n))
        return false;
    memcpy(at->b, ret_row->key.p, ret_row->key.n);
    at->b[ret_row->key.n] = 0; /* the shortest key behind this one */
    at->n = ret_row->key.n + 1;
    return true;
}
