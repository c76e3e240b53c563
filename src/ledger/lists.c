/* lists.c - derived files tags-L-GGGGGGGG: the tagged entries of one closed segment (level 0) or of
 * 16^L of them, sorted by tag. Blocks of fixed size, each with a check that depends on the header and
 * its number, so that a look-up reads two or three of them and still trusts what it read. */
#include <string.h>

#include "base/file.h"
#include "base/id.h"
#include "base/mem.h"
#include "crypto/crypto.h"
#include "ledger/ledger_int.h"

static const uint8_t LIST_MAGIC[8] = {'k', 'e', 'p', 't', ' ', 't', 'a', 'g'};
#define PROBES 3u /* interpolating look-ups before halving */

static void header_put(uint8_t out[LIST_HEADER], const uint8_t origin_hash[32], unsigned level,
                       uint32_t group, uint64_t first, uint64_t count)
{
    uint8_t hash[32];
    memcpy(out, LIST_MAGIC, 8);
    kept_put_be32(out + 8, LOG_FORMAT << 8 | level);
    kept_put_be32(out + 12, group);
    kept_put_be64(out + 16, first);
    kept_put_be64(out + 24, count);
    const struct kept_span parts[] = {{origin_hash, 32}, {out, 32}};
    kept_sha256_parts(parts, 2, hash);
    memcpy(out + 32, hash, 8);
}

static void block_check(const uint8_t header[LIST_HEADER], uint32_t block, const uint8_t *p,
                        size_t n, uint8_t ret_check[4])
{
    uint8_t number[4], hash[32];
    kept_put_be32(number, block);
    const struct kept_span parts[] = {{header, LIST_HEADER}, {number, 4}, {p, n}};
    kept_sha256_parts(parts, 3, hash);
    memcpy(ret_check, hash, 4);
}

static int list_bad(const struct kept_list *list, struct kept_err *err)
{
    return kept_fail(err, KEPT_E_CORRUPT, "tag list %u of level %u is damaged",
                     (unsigned)list->group, list->level);
}

int kept_list_open(struct kept_list *list, const char *folder, const uint8_t origin_hash[32],
                   unsigned level, uint32_t group, struct kept_err *err)
{
    char name[NAME_BYTES], path[KEPT_MAX_PATH];
    uint8_t want[LIST_HEADER];
    uint64_t size = 0;
    *list = (struct kept_list){.fd = -1, .level = level, .group = group, .block = UINT32_MAX};
    kept_list_name(name, level, group);
    int rc = kept_path(path, sizeof path, folder, name, err);
    if (rc == 0)
        rc = kept_file_open(path, KEPT_FILE_READ, &list->fd, err);
    if (rc == 0)
        rc = kept_file_size(list->fd, &size, err);
    if (rc == 0)
        rc = kept_file_read(list->fd, 0, list->header, LIST_HEADER, err);
    if (rc != 0)
        goto out;
    list->first = kept_be64(list->header + 16);
    list->count = kept_be64(list->header + 24);
    header_put(want, origin_hash, level, group, list->first, list->count);
    const uint64_t per = LIST_PER_BLOCK;
    if (!kept_bytes_equal(want, list->header, LIST_HEADER) || list->count > UINT32_MAX ||
        size != LIST_HEADER + list->count * LIST_RECORD +
                    (list->count + per - 1) / per * 4)
        rc = list_bad(list, err);
out:
    if (rc != 0)
        kept_list_close(list);
    return rc;
}

void kept_list_close(struct kept_list *list)
{
    kept_file_close(list->fd);
    list->fd = -1;
}

int kept_list_block(struct kept_list *list, uint32_t block, struct kept_err *err)
{
    const uint32_t per = LIST_PER_BLOCK, bytes = LIST_RECORD;
    uint8_t check[4];
    if (block == list->block)
        return 0;
    uint64_t left = list->count - (uint64_t)block * per;
    uint32_t n = left < per ? (uint32_t)left : per;
    list->block = UINT32_MAX;
    int rc = kept_file_read(list->fd, LIST_HEADER + (uint64_t)block * (per * bytes + 4),
                            list->bytes, n * bytes + 4, err);
    if (rc != 0)
        return rc;
    block_check(list->header, block, list->bytes, n * bytes, check);
    if (!kept_bytes_equal(check, list->bytes + n * bytes, 4))
        return list_bad(list, err);
    list->block = block;
    list->block_n = n;
    return 0;
}

void kept_list_record(const struct kept_list *list, uint32_t i, struct kept_tagged *ret_tagged)
{
    const uint8_t *p = list->bytes + i * LIST_RECORD;
    *ret_tagged = (struct kept_tagged){kept_be64(p), kept_be32(p + 8), kept_be32(p + 12)};
}

static uint64_t tag_at(const struct kept_list *list, uint32_t i)
{
    return kept_be64(list->bytes + i * LIST_RECORD);
}

int kept_list_find(struct kept_list *list, uint64_t tag, uint64_t *ret_number, struct kept_err *err)
{
    const uint32_t per = LIST_PER_BLOCK;
    uint32_t blocks = (uint32_t)((list->count + per - 1) / per);
    uint32_t lo = 0, hi = blocks; /* blocks before lo end below tag; blocks from hi do not */
    for (unsigned probe = 0; lo < hi; probe++) {
        /* Tags are random, so the place of one is known to within a block or two. */
        uint32_t mid = lo + (hi - lo) / 2;
        uint32_t guess = (uint32_t)(((tag >> 32) * blocks) >> 32);
        if (probe < PROBES && guess >= lo && guess < hi)
            mid = guess;
        int rc = kept_list_block(list, mid, err);
        if (rc != 0)
            return rc;
        if (tag_at(list, list->block_n - 1) < tag) {
            lo = mid + 1;
        } else {
            hi = mid;
            if (tag_at(list, 0) < tag)
                lo = mid; /* it begins in here */
        }
    }
    if (lo == blocks) {
        *ret_number = list->count;
        return 0;
    }
    int rc = kept_list_block(list, lo, err);
    if (rc != 0)
        return rc;
    uint32_t i = 0;
    while (i + 1 < list->block_n && tag_at(list, i) < tag)
        i++; /* its last is not below tag */
    *ret_number = (uint64_t)lo * per + i;
    return 0;
}

int kept_list_create(struct kept_list_writer *writer, const char *folder,
                     const uint8_t origin_hash[32], unsigned level, uint32_t group, uint64_t first,
                     uint64_t count, struct kept_err *err)
{
    char name[NAME_BYTES];
    kept_list_name(name, level, group);
    writer->level = level;
    writer->block = 0;
    writer->n = 0;
    header_put(writer->header, origin_hash, level, group, first, count);
    int rc = kept_writer_open(&writer->file, folder, name, err);
    return rc != 0 ? rc : kept_writer_put(&writer->file, writer->header, LIST_HEADER, err);
}

static int flush_block(struct kept_list_writer *writer, struct kept_err *err)
{
    size_t n = (size_t)writer->n * LIST_RECORD;
    if (n == 0)
        return 0;
    block_check(writer->header, writer->block++, writer->bytes, n, writer->bytes + n);
    writer->n = 0;
    return kept_writer_put(&writer->file, writer->bytes, n + 4, err);
}

int kept_list_put(struct kept_list_writer *writer, const struct kept_tagged *tagged,
                  struct kept_err *err)
{
    uint8_t *p = writer->bytes + writer->n * LIST_RECORD;
    kept_put_be64(p, tagged->tag);
    kept_put_be32(p + 8, tagged->index);
    kept_put_be32(p + 12, tagged->offset);
    writer->n++;
    return writer->n == LIST_PER_BLOCK ? flush_block(writer, err) : 0;
}

int kept_list_finish(struct kept_list_writer *writer, int rc, struct kept_err *err)
{
    if (rc == 0)
        rc = flush_block(writer, err);
    return kept_writer_close(&writer->file, rc, "a tag list", err);
}

/* One list file's name: note it, or say that it is stray. */
static bool note_list(const char *name, unsigned level, struct kept_segment *segs, uint32_t closed)
{
    char prefix[NAME_BYTES];
    uint32_t group = 0;
    kept_list_name(prefix, level, 0);
    prefix[strlen(prefix) - 8] = 0;
    if (!kept_name_number(name, prefix, &group) || group > closed >> (4 * level))
        return false;
    uint32_t from = group << (4 * level), n = 1u << (4 * level);
    if (closed < n || from > closed - n || segs[from].list != NO_LIST)
        return false;
    for (uint32_t s = from; s < from + n; s++)
        segs[s].list = (uint8_t)level;
    return true;
}

int kept_lists_find(const char *folder, struct kept_segment *segs, uint32_t closed, bool remove,
                    uint32_t *ret_stray, struct kept_err *err)
{
    char prefix[NAME_BYTES];
    uint32_t stray = 0;
    for (uint32_t s = 0; s < closed; s++)
        segs[s].list = NO_LIST;
    for (unsigned level = KEPT_LIST_LEVELS; level-- > 0;) { /* higher lists stand for lower ones */
        char **names = NULL;
        size_t count = 0;
        kept_list_name(prefix, level, 0);
        prefix[strlen(prefix) - 8] = 0;
        int rc = kept_dir_list(folder, prefix, &names, &count, err);
        if (rc != 0)
            return rc;
        for (size_t i = 0; i < count; i++) {
            if (note_list(names[i], level, segs, closed))
                continue;
            stray++;
            if (remove)
                kept_remove(folder, names[i]);
        }
        kept_names_free(names, count);
    }
    *ret_stray = stray;
    return 0;
}
