/* frame.c - the bytes of a segment: header, marks and frames.
 *
 * A check is four bytes of the leaf hash folded with the place, the length and the tag: a frame
 * that was moved, cut or changed does not check, and no second hash is paid for it. The tree, not
 * this check, is the protection against somebody who means harm. */
#include <string.h>

#include "base/id.h"
#include "crypto/crypto.h"
#include "ledger/ledger_int.h"

static const uint8_t SEGMENT_MAGIC[8] = {'k', 'e', 'p', 't', ' ', 'l', 'o', 'g'};

uint64_t kept_mix(uint64_t h, uint64_t w)
{
    h = (h ^ w) * 0x9e3779b97f4a7c15u; /* each step is a bijection of either input */
    return h ^ h >> 32;
}

void kept_origin_hash(const char *origin, uint8_t ret_hash[32])
{
    kept_sha256((struct kept_span){(const uint8_t *)origin, strlen(origin)}, ret_hash);
}

void kept_header_put(uint8_t out[HEADER_BYTES], const uint8_t origin_hash[32],
                     const struct kept_header *header)
{
    uint8_t hash[32];
    memcpy(out, SEGMENT_MAGIC, 8);
    kept_put_be32(out + 8, LOG_FORMAT);
    memcpy(out + 12, origin_hash, 32);
    kept_put_be32(out + 44, header->segment);
    kept_put_be64(out + 48, header->first);
    memcpy(out + 56, header->root, 32);
    kept_sha256((struct kept_span){out, 88}, hash);
    memcpy(out + 88, hash, 8);
}

int kept_header_get(const uint8_t in[HEADER_BYTES], const uint8_t origin_hash[32],
                    struct kept_header *ret_header)
{
    uint8_t hash[32];
    kept_sha256((struct kept_span){in, 88}, hash);
    if (!kept_bytes_equal(hash, in + 88, 8) || !kept_bytes_equal(in, SEGMENT_MAGIC, 8))
        return KEPT_E_CORRUPT;
    if (kept_be32(in + 8) != LOG_FORMAT || !kept_bytes_equal(in + 12, origin_hash, 32))
        return KEPT_E_FORMAT;
    ret_header->segment = kept_be32(in + 44);
    ret_header->first = kept_be64(in + 48);
    memcpy(ret_header->root, in + 56, 32);
    return 0;
}

size_t kept_frame_bytes(size_t entry_n, bool tagged)
{
    return HEAD_BYTES + entry_n + (tagged ? TAG_BYTES : 0);
}

static uint32_t check(const struct kept_place *place, uint32_t word, const uint8_t *tag,
                      const uint8_t leaf[32])
{
    uint64_t h = kept_mix(place->salt, place->index);
    h = kept_mix(h, (uint64_t)place->segment << 32 | place->offset);
    h = kept_mix(h, word);
    if (tag != NULL)
        h = kept_mix(h, kept_be64(tag));
    return (uint32_t)h ^ kept_be32(leaf);
}

void kept_frame_put(uint8_t *out, const struct kept_place *place, struct kept_span entry,
                    const uint8_t *tag, const uint8_t leaf[32])
{
    uint32_t word = (uint32_t)entry.n | (tag != NULL ? WORD_TAGGED : 0);
    kept_put_be32(out, word);
    kept_put_be32(out + 4, check(place, word, tag, leaf));
    memcpy(out + HEAD_BYTES, entry.p, entry.n);
    if (tag != NULL)
        memcpy(out + HEAD_BYTES + entry.n, tag, TAG_BYTES);
}

void kept_mark_put(uint8_t out[MARK_BYTES], const struct kept_place *place)
{
    uint8_t bytes[24], hash[32];
    kept_put_be64(bytes, place->salt);
    kept_put_be32(bytes + 8, place->segment);
    kept_put_be32(bytes + 12, place->offset);
    kept_put_be64(bytes + 16, place->index);
    kept_sha256((struct kept_span){bytes, sizeof bytes}, hash);
    kept_put_be32(out, MARK_WORD);
    kept_put_be64(out + 4, place->index);
    memcpy(out + 12, hash, 4);
}

uint32_t kept_frame_claims(const uint8_t *p)
{
    uint32_t word = kept_be32(p);
    if (word == MARK_WORD)
        return MARK_BYTES;
    uint32_t n = word & ~WORD_TAGGED;
    if (n < MIN_ENTRY || n > KEPT_MAX_ENTRY_BYTES)
        return 0;
    return (uint32_t)kept_frame_bytes(n, (word & WORD_TAGGED) != 0);
}

bool kept_frame_get(const uint8_t *p, size_t n, const struct kept_place *place,
                    struct kept_frame *ret_frame)
{
    uint32_t word = kept_be32(p);
    ret_frame->bytes = (uint32_t)n;
    ret_frame->mark = word == MARK_WORD;
    if (ret_frame->mark) {
        uint8_t want[MARK_BYTES];
        kept_mark_put(want, place);
        return n == MARK_BYTES && kept_bytes_equal(p, want, MARK_BYTES);
    }
    ret_frame->entry = (struct kept_span){p + HEAD_BYTES, word & ~WORD_TAGGED};
    ret_frame->tag = (word & WORD_TAGGED) != 0 ? p + HEAD_BYTES + ret_frame->entry.n : NULL;
    kept_leaf_hash(ret_frame->entry, ret_frame->leaf);
    return kept_be32(p + 4) == check(place, word, ret_frame->tag, ret_frame->leaf);
}
