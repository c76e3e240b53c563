/* ref.c - the stable reference of a name: it reaches the disk, the compiled index never does. */
#include <string.h>

#include "base/buf.h"
#include "crypto/crypto.h"
#include "kept.h"

static const char *kind_word(enum kept_kind kind)
{
    switch (kind) {
    case KEPT_K_ITEM: return "item";
    case KEPT_K_FUNCTION: return "function";
    case KEPT_K_PURPOSE: return "purpose";
    case KEPT_K_PERMISSION: return "permission";
    case KEPT_K_RECIPIENT: return "recipient";
    case KEPT_K_ROLE: return "role";
    case KEPT_K_REGION: return "region";
    case KEPT_K_PARTITION: return "partition";
    case KEPT_K_NONE: break;
    }
    return NULL;
}

uint32_t kept_ref(enum kept_kind kind, const char *name)
{
    const char *word = kind_word(kind);
    if (word == NULL || name == NULL)
        return KEPT_REF_NONE;
    const struct kept_span parts[] = {
        {(const uint8_t *)"kept:", 5},
        {(const uint8_t *)word, strlen(word)},
        {(const uint8_t *)":", 1},
        {(const uint8_t *)name, strlen(name)},
    };
    uint8_t hash[KEPT_HASH_BYTES];
    kept_sha256_parts(parts, sizeof parts / sizeof parts[0], hash);
    uint32_t ref = kept_be32(hash);
    return ref == KEPT_REF_NONE ? 1 : ref; /* zero means: no name */ /* no test: no name is known whose hash is 0 */
}
