/* tags.c - making, collecting and sorting tags. A tag is a keyed hash of an era: whoever has the key
 * finds the person's entries in it; without it tags of different eras, and of different people, are
 * unlinkable random numbers. */
#include <string.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "ledger/ledger_int.h"

#define DIGIT_BITS 11u
#define DIGITS (1u << DIGIT_BITS)
#define ROUNDS 4u /* even: the result stands in p */

_Static_assert(KEPT_ERA_SEGMENTS == 1u << 4 * (KEPT_LIST_LEVELS - 1), "the highest list covers an era");

uint64_t kept_tag_of(const uint8_t tag_key[16], uint32_t segment)
{
    uint8_t era[4], tag[16];
    kept_put_be32(era, segment / KEPT_ERA_SEGMENTS);
    kept_tag(tag_key, (struct kept_span){era, sizeof era}, tag);
    return kept_be64(tag);
}

int kept_tagset_add(struct kept_tagset *set, uint64_t tag, uint64_t index, uint32_t offset)
{
    int rc = kept_grow(&set->p, &set->cap, set->n + 1, (size_t)1 << 31, sizeof *set->p);
    if (rc == 0)
        set->p[set->n++] = (struct kept_tagged){tag, (uint32_t)index, offset};
    return rc;
}

void kept_tagset_release(struct kept_tagset *set)
{
    kept_free(set->p);
    *set = (struct kept_tagset){.n = 0};
}

/* Radix sort, least digit first: stable, and its cost does not depend on whose tags there are. The
 * upper 44 bits nearly always decide; the few pairs they leave in the wrong order are put right. */
void kept_tags_sort(struct kept_tagged *p, struct kept_tagged *scratch, size_t n)
{
    size_t at[DIGITS];
    struct kept_tagged *from = p, *to = scratch;
    for (unsigned shift = 64 - ROUNDS * DIGIT_BITS; shift < 64; shift += DIGIT_BITS) {
        memset(at, 0, sizeof at);
        for (size_t i = 0; i < n; i++)
            at[from[i].tag >> shift & (DIGITS - 1)]++;
        size_t sum = 0;
        for (size_t d = 0; d < DIGITS; d++) {
            size_t count = at[d];
            at[d] = sum;
            sum += count;
        }
        for (size_t i = 0; i < n; i++)
            to[at[from[i].tag >> shift & (DIGITS - 1)]++] = from[i];
        struct kept_tagged *swap = from;
        from = to;
        to = swap;
    }
    for (size_t i = 1; i < n; i++)
        for (size_t j = i; j > 0 && p[j - 1].tag > p[j].tag; j--) {
            struct kept_tagged swap = p[j];
            p[j] = p[j - 1];
            p[j - 1] = swap;
        }
}
