/* index.c - derived files index-NNNNNNNN: for each block of 256 entries that ends in a segment its
 * hash and where it starts, and the hashes of larger subtrees it completes. With them a proof reads
 * a few records and hashes two blocks, whatever the size of the log. They can be made anew from the
 * segments, and are trusted only as far as the roots computed from them fit. */
#include <string.h>

#include "base/file.h"
#include "base/id.h"
#include "base/mem.h"
#include "crypto/crypto.h"
#include "ledger/ledger_int.h"

#define INDEX_HEADER 32u
#define MAX_RECORDS (1u << 30)
static const uint8_t INDEX_MAGIC[8] = {'k', 'e', 'p', 't', ' ', 'i', 'd', 'x'};

uint64_t kept_record_of(uint64_t block)
{
    /* Post-order: each block, then every subtree it completes; b blocks complete b - popcount(b). */
    return 2 * block - (uint64_t)__builtin_popcountll(block);
}

int kept_index_reserve(struct kept_index *index)
{
    return kept_grow(&index->records, &index->cap, index->n + 64, MAX_RECORDS,
                     sizeof *index->records);
}

void kept_index_add(struct kept_index *index, const struct kept_place *place, uint8_t (*done)[32],
                    size_t done_n)
{
    if ((place->index & (BLOCK - 1)) == 0) {
        index->block_segment = place->segment;
        index->block_offset = place->offset;
    }
    for (size_t i = 0; i < done_n; i++) {
        if (index->next++ < index->base)
            continue;
        struct kept_record *r = &index->records[index->n++];
        memcpy(r->hash, done[i], 32);
        r->segment = i == 0 ? index->block_segment : 0;
        r->offset = i == 0 ? index->block_offset : 0;
    }
}

int kept_index_encode(const struct kept_index *index, const uint8_t origin_hash[32],
                      uint32_t segment, uint64_t first, uint64_t next_first, struct kept_buf *out)
{
    uint8_t hash[32];
    uint64_t from = kept_record_of(first >> BLOCK_BITS);
    uint64_t to = kept_record_of(next_first >> BLOCK_BITS);
    if (from < index->base || to > index->next)
        return KEPT_E_BUG;
    size_t start = out->n;
    kept_buf_bytes(out, INDEX_MAGIC, 8);
    kept_buf_u32(out, LOG_FORMAT);
    kept_buf_u32(out, segment);
    kept_buf_u64(out, from);
    kept_buf_u64(out, to - from);
    for (uint64_t i = from; i < to; i++) {
        const struct kept_record *r = &index->records[i - index->base];
        kept_buf_bytes(out, r->hash, 32);
        kept_buf_u32(out, r->segment);
        kept_buf_u32(out, r->offset);
    }
    if (out->failed != 0)
        return out->failed;
    const struct kept_span parts[] = {{origin_hash, 32}, {out->p + start, out->n - start}};
    kept_sha256_parts(parts, 2, hash);
    kept_buf_bytes(out, hash, 32);
    return out->failed;
}

/* Check an index file's bytes and read record number. */
static int decode(struct kept_span bytes, const uint8_t origin_hash[32], uint32_t segment,
                  uint64_t number, struct kept_record *ret_record)
{
    uint8_t hash[32];
    if (bytes.n < INDEX_HEADER + 32)
        return KEPT_E_CORRUPT;
    const struct kept_span parts[] = {{origin_hash, 32}, {bytes.p, bytes.n - 32}};
    kept_sha256_parts(parts, 2, hash);
    if (!kept_bytes_equal(hash, bytes.p + bytes.n - 32, 32) ||
        !kept_bytes_equal(bytes.p, INDEX_MAGIC, 8) || kept_be32(bytes.p + 8) != LOG_FORMAT ||
        kept_be32(bytes.p + 12) != segment)
        return KEPT_E_CORRUPT;
    uint64_t from = kept_be64(bytes.p + 16), count = kept_be64(bytes.p + 24);
    if (count != (bytes.n - INDEX_HEADER - 32) / RECORD_BYTES || number < from ||
        number - from >= count)
        return KEPT_E_CORRUPT;
    const uint8_t *p = bytes.p + INDEX_HEADER + (number - from) * RECORD_BYTES;
    memcpy(ret_record->hash, p, 32);
    ret_record->segment = kept_be32(p + 32);
    ret_record->offset = kept_be32(p + 36);
    return 0;
}

/* The segment whose index file holds a record. */
static uint32_t file_of(const struct kept_ledger *ledger, uint64_t number)
{
    size_t lo = 0, hi = ledger->seg_n;
    while (hi - lo > 1) {
        size_t mid = lo + (hi - lo) / 2;
        if (kept_record_of(ledger->segs[mid].first >> BLOCK_BITS) <= number)
            lo = mid;
        else
            hi = mid;
    }
    return (uint32_t)lo;
}

int kept_index_get(struct kept_ledger *ledger, uint64_t number, struct kept_record *ret_record,
                   struct kept_err *err)
{
    const struct kept_index *index = &ledger->index;
    char name[NAME_BYTES], path[KEPT_MAX_PATH];
    struct kept_buf bytes;
    if (number >= index->next)
        return kept_fail(err, KEPT_E_NOTFOUND, "the tree has no such part yet");
    if (number >= index->base) {
        *ret_record = index->records[number - index->base];
        return 0;
    }
    uint32_t segment = file_of(ledger, number);
    kept_buf_init(&bytes, KEPT_MAX_FILE_BYTES);
    kept_index_name(name, segment);
    int rc = kept_path(path, sizeof path, ledger->folder, name, err);
    if (rc == 0)
        rc = kept_file_load(path, &bytes, err);
    if (rc == 0)
        rc = decode(kept_buf_span(&bytes), ledger->origin_hash, segment, number, ret_record);
    if (rc == KEPT_E_CORRUPT || rc == KEPT_E_NOTFOUND || rc == KEPT_E_LIMIT) /* a file larger than any index */
        rc = kept_fail(err, KEPT_E_CORRUPT, "the index of segment %u is damaged",
                       (unsigned)segment);
    kept_buf_release(&bytes);
    return rc;
}

int kept_index_node(struct kept_ledger *ledger, unsigned level, uint64_t n, uint8_t ret_hash[32],
                    struct kept_err *err)
{
    struct kept_record record;
    unsigned height = level - BLOCK_BITS;
    /* A subtree's record follows its last block's, one for each level. */
    uint64_t number = kept_record_of(((n + 1) << height) - 1) + height;
    int rc = kept_index_get(ledger, number, &record, err);
    if (rc == 0)
        memcpy(ret_hash, record.hash, 32);
    return rc;
}

uint32_t kept_ledger_segment_of(const struct kept_ledger *ledger, uint64_t index)
{
    size_t lo = 0, hi = ledger->seg_n;
    while (hi - lo > 1) {
        size_t mid = lo + (hi - lo) / 2;
        if (ledger->segs[mid].first <= index)
            lo = mid;
        else
            hi = mid;
    }
    return (uint32_t)lo;
}

void kept_index_locate(struct kept_ledger *ledger, uint64_t index, uint32_t *ret_segment,
                       uint32_t *ret_offset, uint64_t *ret_index)
{
    struct kept_record record = {.segment = 0};
    uint32_t segment = kept_ledger_segment_of(ledger, index);
    uint64_t block = index >> BLOCK_BITS;
    *ret_segment = segment;
    *ret_offset = HEADER_BYTES;
    *ret_index = ledger->segs[segment].first;
    if (block << BLOCK_BITS <= *ret_index)
        return; /* the segment starts inside the block */
    if (block == ledger->tree.n >> BLOCK_BITS) {
        record.segment = ledger->index.block_segment;
        record.offset = ledger->index.block_offset;
    } else if (kept_index_get(ledger, kept_record_of(block), &record, NULL) != 0) {
        return; /* a damaged index costs time, not the answer */
    }
    if (record.segment != segment || record.offset >= ledger->segs[segment].size)
        return;
    *ret_offset = record.offset;
    *ret_index = block << BLOCK_BITS;
}

static int write_one(struct kept_ledger *ledger, uint32_t segment, struct kept_err *err)
{
    char name[NAME_BYTES];
    struct kept_writer writer;
    struct kept_buf bytes;
    kept_buf_init(&bytes, KEPT_MAX_FILE_BYTES);
    int rc = kept_index_encode(&ledger->index, ledger->origin_hash, segment,
                               ledger->segs[segment].first, ledger->segs[segment + 1].first, &bytes);
    kept_index_name(name, segment);
    if (rc == 0)
        rc = kept_writer_open(&writer, ledger->folder, name, err);
    if (rc == 0) {
        rc = kept_writer_put(&writer, bytes.p, bytes.n, err);
        rc = kept_writer_close(&writer, rc, "the index of a segment", err);
    }
    kept_buf_release(&bytes);
    return rc;
}

int kept_index_upkeep(struct kept_ledger *ledger, struct kept_err *err)
{
    struct kept_index *index = &ledger->index;
    uint64_t durable = kept_ledger_durable(ledger), drop = 0;
    int rc = 0;
    size_t s = 0;
    while (s + 1 < ledger->seg_n && ledger->segs[s].indexed)
        s++;
    /* Only when the next segment is durable too can this one never grow again. */
    for (; s + 1 < ledger->seg_n && ledger->segs[s + 1].first < durable; s++) {
        if ((rc = write_one(ledger, (uint32_t)s, err)) != 0)
            break;
        ledger->segs[s].indexed = true;
        drop = kept_record_of(ledger->segs[s + 1].first >> BLOCK_BITS);
    }
    if (drop > index->base) {
        size_t gone = (size_t)(drop - index->base);
        index->n -= gone;
        memmove(index->records, index->records + gone, index->n * sizeof *index->records);
        index->base = drop;
    }
    return rc;
}

/* Walk everything once more into a fresh index. */
static int gather(struct kept_ledger *ledger, struct kept_tree *tree, struct kept_index *fresh,
                  struct kept_err *err)
{
    uint8_t done[64][32];
    struct kept_walk walk;
    int rc = kept_walk_init(&walk, &ledger->source, ledger->salt, 256u << 10);
    for (size_t s = 0; rc == 0 && s < ledger->seg_n; s++) {
        kept_walk_seek(&walk, (uint32_t)s, HEADER_BYTES, tree->n, ledger->segs[s].size);
        while ((rc = kept_index_reserve(fresh)) == 0 && (rc = kept_walk_next(&walk, err)) == 1)
            kept_index_add(fresh, &walk.was, done, kept_tree_add(tree, walk.frame.leaf, done));
    }
    kept_walk_release(&walk);
    return rc;
}

int kept_index_rebuild(struct kept_ledger *ledger, struct kept_err *err)
{
    struct kept_index fresh = {.n = 0};
    uint8_t root[32], want[32];
    struct kept_tree *tree = kept_alloc(1, sizeof *tree);
    if (tree == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory to index the ledger");
    int rc = gather(ledger, tree, &fresh, err);
    kept_tree_root(tree, root);
    kept_tree_root(&ledger->tree, want);
    if (rc == 0 && (tree->n != ledger->tree.n || !kept_bytes_equal(root, want, 32)))
        rc = kept_fail(err, KEPT_E_CORRUPT, "the segments do not give the ledger's tree");
    if (rc == 0) {
        kept_free(ledger->index.records);
        ledger->index = fresh;
        fresh.records = NULL;
        for (size_t s = 0; s < ledger->seg_n; s++)
            ledger->segs[s].indexed = false;
    }
    kept_free(fresh.records);
    kept_free(tree);
    return rc;
}
