/* refs.c - references of names that were asked for lately: a hash of every name of every request
 * would cost more than the decision it serves. Names come from the app and its policy; a stranger
 * who sends others makes the cache useless, never wrong. */
#include <string.h>

#include "base/id.h"
#include "base/mem.h"
#include "engine/engine_int.h"

#define PLACES 512u /* a power of two */

struct name {
    uint32_t ref;
    uint8_t kind, length; /* kind 0: an empty place */
    char text[KEPT_MAX_NAME];
};

struct refs {
    struct name places[PLACES];
};

struct refs *kept_refs_new(void)
{
    return kept_alloc(1, sizeof(struct refs));
}

void kept_refs_free(struct refs *refs)
{
    kept_free(refs);
}

uint32_t kept_refs_get(struct refs *refs, enum kept_kind kind, const char *text)
{
    uint32_t hash = 2166136261u ^ (uint32_t)kind; /* FNV-1a */
    size_t n = 0;
    for (; text[n] != 0; n++) {
        if (n == KEPT_MAX_NAME)
            return kept_ref(kind, text);
        hash = (hash ^ (uint8_t)text[n]) * 16777619u;
    }
    struct name *at = &refs->places[(hash ^ hash >> 16) % PLACES];
    if (at->kind == (uint8_t)kind && at->length == n && kept_bytes_equal(at->text, text, n))
        return at->ref;
    at->kind = (uint8_t)kind;
    at->length = (uint8_t)n;
    memcpy(at->text, text, n);
    at->ref = kept_ref(kind, text);
    return at->ref;
}

uint32_t kept_field_ref(const struct kept_field *f)
{
    return f->item != 0 || f->name == NULL ? f->item : kept_ref(KEPT_K_ITEM, f->name);
}
