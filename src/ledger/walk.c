/* walk.c - reading entries in order, from files and from what is not yet written. */
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "ledger/ledger_int.h"

void kept_source_init(struct kept_source *source, const char *folder, struct kept_ledger *ledger)
{
    *source = (struct kept_source){.folder = folder, .ledger = ledger, .fd = -1};
}

void kept_source_release(struct kept_source *source)
{
    kept_file_close(source->fd);
    source->fd = -1;
}

static int open_segment(struct kept_source *source, uint32_t segment, struct kept_err *err)
{
    char name[NAME_BYTES], path[KEPT_MAX_PATH];
    if (source->fd >= 0 && source->segment == segment)
        return 0;
    kept_source_release(source);
    kept_segment_name(name, segment);
    int rc = kept_path(path, sizeof path, source->folder, name, err);
    if (rc == 0)
        rc = kept_file_open(path, KEPT_FILE_READ, &source->fd, err);
    if (rc == 0)
        source->segment = segment;
    return rc;
}

int kept_source_read(struct kept_source *source, uint32_t segment, uint32_t offset, uint8_t *p,
                     size_t n, struct kept_err *err)
{
    if (source->ledger != NULL)
        n = kept_ledger_memory(source->ledger, segment, offset, p, n);
    if (n == 0)
        return 0;
    int rc = open_segment(source, segment, err);
    return rc != 0 ? rc : kept_file_read(source->fd, offset, p, n, err);
}

int kept_source_size(struct kept_source *source, uint32_t segment, uint32_t *ret_size,
                     struct kept_err *err)
{
    uint64_t size = 0;
    int rc = open_segment(source, segment, err);
    if (rc == 0)
        rc = kept_file_size(source->fd, &size, err);
    if (rc == 0 && size > UINT32_MAX)
        rc = kept_fail(err, KEPT_E_CORRUPT, "segment %u is larger than any segment can be",
                       (unsigned)segment);
    if (rc == 0)
        *ret_size = (uint32_t)size;
    return rc;
}

int kept_walk_init(struct kept_walk *walk, struct kept_source *source, uint64_t salt, size_t ahead)
{
    *walk = (struct kept_walk){.source = source, .ahead = ahead};
    walk->at.salt = salt;
    walk->cap = ahead > MAX_FRAME ? ahead : MAX_FRAME;
    walk->window = kept_alloc(walk->cap, 1);
    return walk->window == NULL ? KEPT_E_NOMEM : 0;
}

void kept_walk_release(struct kept_walk *walk)
{
    kept_free(walk->window);
    walk->window = NULL;
}

void kept_walk_seek(struct kept_walk *walk, uint32_t segment, uint32_t offset, uint64_t index,
                    uint32_t end)
{
    if (segment != walk->at.segment || end != walk->end || offset < walk->base ||
        offset - walk->base > walk->have)
        walk->have = 0;
    walk->at.segment = segment;
    walk->at.offset = offset;
    walk->at.index = index;
    walk->end = end;
}

/* Have n bytes from walk->at in the window; NULL and *ret_rc when the segment has them not. */
static const uint8_t *have(struct kept_walk *walk, size_t n, int *ret_rc, struct kept_err *err)
{
    size_t skip = walk->at.offset - walk->base; /* not below: kept_walk_seek empties the window */
    if (walk->have != 0 && skip + n <= walk->have)
        return walk->window + skip;
    size_t left = walk->end - walk->at.offset;
    if (n > left) {
        *ret_rc = kept_fail(err, KEPT_E_CORRUPT, "segment %u ends inside entry %llu",
                            (unsigned)walk->at.segment, (unsigned long long)walk->at.index);
        return NULL;
    }
    size_t want = n > walk->ahead ? n : walk->ahead;
    want = want > left ? left : want;
    walk->have = 0;
    *ret_rc = kept_source_read(walk->source, walk->at.segment, walk->at.offset, walk->window, want,
                               err);
    if (*ret_rc != 0)
        return NULL;
    walk->base = walk->at.offset;
    walk->have = want;
    return walk->window;
}

static int bad(const struct kept_walk *walk, struct kept_err *err)
{
    return kept_fail(err, KEPT_E_CORRUPT, "entry %llu (segment %u, byte %u) does not check",
                     (unsigned long long)walk->at.index, (unsigned)walk->at.segment,
                     (unsigned)walk->at.offset);
}

int kept_walk_next(struct kept_walk *walk, struct kept_err *err)
{
    int rc = 0;
    while (walk->at.offset != walk->end) {
        const uint8_t *p = have(walk, 4, &rc, err);
        if (p == NULL)
            return rc;
        uint32_t n = kept_frame_claims(p);
        if (n == 0)
            return bad(walk, err);
        if ((p = have(walk, n, &rc, err)) == NULL)
            return rc;
        if (!kept_frame_get(p, n, &walk->at, &walk->frame))
            return bad(walk, err);
        walk->was = walk->at;
        walk->at.offset += n;
        if (walk->frame.mark)
            continue;
        walk->at.index++;
        return 1;
    }
    return 0;
}

int kept_walk_skip(struct kept_walk *walk, uint64_t count, struct kept_err *err)
{
    int rc = 0;
    while (count != 0) {
        const uint8_t *p = have(walk, 4, &rc, err);
        if (p == NULL)
            return rc;
        uint32_t n = kept_frame_claims(p);
        if (n == 0 || n > walk->end - walk->at.offset)
            return bad(walk, err);
        walk->at.offset += n;
        if (kept_be32(p) == MARK_WORD)
            continue;
        walk->at.index++;
        count--;
    }
    return 0;
}
