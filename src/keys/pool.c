/* pool.c - guarded memory for many keys. */
#include "keys/keys_int.h"

#include "base/mem.h"

uint8_t *kept_pool_take(struct kept_pool *pool)
{
    for (size_t i = 0; i < sizeof pool->used / sizeof pool->used[0]; i++) {
        if (pool->used[i])
            continue;
        uint8_t **block = &pool->blocks[i / KEPT_POOL_KEYS];
        if (*block == NULL)
            *block = kept_secret_new((size_t)KEPT_POOL_KEYS * KEPT_KEY_BYTES);
        if (*block == NULL)
            return NULL;
        pool->used[i] = true;
        return *block + i % KEPT_POOL_KEYS * KEPT_KEY_BYTES;
    }
    return NULL;
}

void kept_pool_give(struct kept_pool *pool, uint8_t *key)
{
    if (key == NULL)
        return;
    kept_wipe(key, KEPT_KEY_BYTES);
    for (size_t i = 0; i < sizeof pool->used / sizeof pool->used[0]; i++) {
        uint8_t *block = pool->blocks[i / KEPT_POOL_KEYS];
        if (block != NULL && block + i % KEPT_POOL_KEYS * KEPT_KEY_BYTES == key)
            pool->used[i] = false;
    }
}

void kept_pool_release(struct kept_pool *pool)
{
    for (size_t i = 0; i < KEPT_POOL_BLOCKS; i++)
        kept_secret_free(pool->blocks[i]);
    *pool = (struct kept_pool){{0}, {0}};
}
