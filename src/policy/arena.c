/* arena.c - blocks that die together. */
#include <stdint.h>

#include "base/mem.h"
#include "policy/policy_int.h"

struct arena_block {
    struct arena_block *next;
    max_align_t body[];
};

void *kept_arena_alloc(struct arena *arena, size_t count, size_t size)
{
    if (count == 0)
        count = 1;
    if (count > (SIZE_MAX - sizeof(struct arena_block)) / size) {
        arena->nomem = true;
        return NULL;
    }
    struct arena_block *block = kept_alloc(1, sizeof *block + count * size);
    if (block == NULL) {
        arena->nomem = true;
        return NULL;
    }
    block->next = arena->blocks;
    arena->blocks = block;
    return block->body;
}

void kept_arena_release(struct arena *arena)
{
    while (arena->blocks != NULL) {
        struct arena_block *next = arena->blocks->next;
        kept_free(arena->blocks);
        arena->blocks = next;
    }
}
