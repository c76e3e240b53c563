/* scan.c - every frame from some point on: what opening and verifying share.
 *
 * What may a crash leave behind? Batches are written one after the other, each synced before the next
 * is begun, and a segment is synced before the next is created. So only the last segment can be torn,
 * and only behind its last mark: a bad frame with a whole mark behind it was durable once, and no
 * crash explains it. Zeros to its end are room that was made ahead. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/id.h"
#include "base/mem.h"
#include "ledger/ledger_int.h"

#define SEARCH_BYTES (1u << 20)

static int damaged(struct kept_scan *scan, struct kept_err *err, uint32_t segment, const char *how)
{
    (void)snprintf(scan->what, sizeof scan->what, "entry %llu, segment %u: %s",
                   (unsigned long long)scan->tree.n, (unsigned)segment, how);
    return kept_fail(err, KEPT_E_CORRUPT, "ledger: %s", scan->what);
}

static bool is_mark(const uint8_t *p, uint64_t salt, uint32_t segment, uint32_t offset)
{
    uint8_t want[MARK_BYTES];
    if (kept_be32(p) != MARK_WORD)
        return false;
    const struct kept_place place = {salt, segment, offset, kept_be64(p + 4)};
    kept_mark_put(want, &place);
    return kept_bytes_equal(p, want, MARK_BYTES);
}

/* Is there a whole mark in the segment at offset from or later? */
static int find_mark(struct kept_source *source, uint64_t salt, uint32_t segment, uint32_t from,
                     uint32_t size, bool *ret_found, struct kept_err *err)
{
    int rc = 0;
    *ret_found = false;
    uint8_t *bytes = kept_alloc(SEARCH_BYTES, 1);
    if (bytes == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory to look for marks");
    while (rc == 0 && !*ret_found && from < size && size - from >= MARK_BYTES) {
        size_t n = size - from < SEARCH_BYTES ? size - from : SEARCH_BYTES;
        size_t last = n - MARK_BYTES + 1;
        rc = kept_source_read(source, segment, from, bytes, n, err);
        for (size_t i = 0; rc == 0 && i < last && !*ret_found; i++) {
            const uint8_t *p = memchr(bytes + i, (int)(MARK_WORD >> 24), last - i);
            if (p == NULL)
                break;
            i = (size_t)(p - bytes);
            *ret_found = is_mark(p, salt, segment, from + (uint32_t)i);
        }
        from += (uint32_t)last;
    }
    kept_free(bytes);
    return rc;
}

/* Are all bytes of the segment zero from there on? */
static int all_zero(struct kept_source *source, uint32_t segment, uint32_t from, uint32_t size,
                    bool *ret_zero, struct kept_err *err)
{
    uint8_t bytes[4096];
    int rc = 0;
    *ret_zero = true;
    while (rc == 0 && *ret_zero && from < size) {
        size_t n = size - from < sizeof bytes ? size - from : sizeof bytes;
        rc = kept_source_read(source, segment, from, bytes, n, err);
        *ret_zero = rc == 0 && bytes[0] == 0 && memcmp(bytes, bytes + 1, n - 1) == 0;
        from += (uint32_t)n;
    }
    return rc;
}

/* The header of a segment, which must continue the tree. Sets scan->drop when it is torn. */
static int read_header(struct kept_scan *scan, struct kept_source *source, uint32_t segment,
                       uint32_t size, struct kept_err *err)
{
    uint8_t bytes[HEADER_BYTES], root[32];
    struct kept_header header = {.segment = 0};
    bool found = false;
    int rc = KEPT_E_CORRUPT;
    if (size >= HEADER_BYTES) {
        if ((rc = kept_source_read(source, segment, 0, bytes, HEADER_BYTES, err)) != 0)
            return rc;
        rc = kept_header_get(bytes, scan->origin_hash, &header);
    }
    if (rc == KEPT_E_FORMAT)
        return damaged(scan, err, segment, "the header is of another log or a newer format");
    if (rc != 0) {
        if (segment + 1 != scan->segments || segment == 0)
            return damaged(scan, err, segment, "the header does not check");
        rc = find_mark(source, kept_be64(scan->origin_hash), segment, 1, size, &found, err);
        if (rc == 0 && found)
            rc = damaged(scan, err, segment, "the header does not check");
        scan->drop = true;
        scan->torn_bytes = size;
        return rc;
    }
    kept_tree_root(&scan->tree, root);
    if (header.segment != segment || header.first != scan->tree.n ||
        !kept_bytes_equal(root, header.root, 32))
        return damaged(scan, err, segment, "the header does not continue the segment before");
    return 0;
}

/* The frames of one segment. */
static int scan_frames(struct kept_scan *scan, struct kept_walk *walk, uint32_t *ret_good,
                       struct kept_err *err)
{
    int rc;
    *ret_good = walk->at.offset;
    while ((rc = kept_walk_next(walk, err)) == 1) {
        scan->done_n = kept_tree_add(&scan->tree, walk->frame.leaf, scan->done);
        *ret_good = walk->at.offset;
        if ((rc = scan->entry(scan->arg, walk)) != 0) {
            KEPT_INVARIANT(rc != KEPT_E_CORRUPT); /* which means a bad frame here */
            return rc;
        }
    }
    return rc;
}

static int scan_segment(struct kept_scan *scan, struct kept_walk *walk, uint32_t segment,
                        struct kept_err *err)
{
    uint32_t size = 0, good = 0, offset = scan->start_offset;
    struct kept_err ignored = {.code = 0};
    bool found = false, zero = false;
    int rc = kept_source_size(walk->source, segment, &size, err);
    if (rc != 0)
        return rc;
    if (segment != scan->start_segment || offset == 0) {
        if ((rc = read_header(scan, walk->source, segment, size, err)) != 0 || scan->drop)
            return rc;
        offset = HEADER_BYTES;
        if ((rc = scan->segment(scan->arg, segment, scan->tree.n, size)) != 0)
            return rc;
    }
    if (offset > size)
        return damaged(scan, err, segment, "the file is too short");
    kept_walk_seek(walk, segment, offset, scan->tree.n, size);
    rc = scan_frames(scan, walk, &good, &ignored);
    if (rc != 0 && rc != KEPT_E_CORRUPT)
        return kept_fail(err, rc, "%s", ignored.text);
    scan->last = segment;
    scan->last_size = good;
    if (good == size)
        return 0;
    if (segment + 1 != scan->segments)
        return damaged(scan, err, segment, "the entry does not check");
    int failed = all_zero(walk->source, segment, good, size, &zero, err);
    if (failed != 0 || zero) {
        scan->room = size - good;
        return failed;
    }
    if (rc != 0) {
        rc = find_mark(walk->source, walk->at.salt, segment, walk->at.offset + 1, size, &found, err);
        if (rc != 0)
            return rc;
        if (found)
            return damaged(scan, err, segment, "the entry does not check");
    }
    scan->torn_bytes = size - good;
    return 0;
}

int kept_scan_run(struct kept_scan *scan, struct kept_err *err)
{
    struct kept_source source;
    struct kept_walk walk;
    kept_source_init(&source, scan->folder, NULL);
    scan->drop = false;
    scan->torn_bytes = 0;
    scan->room = 0;
    scan->what[0] = 0;
    int rc = kept_walk_init(&walk, &source, kept_be64(scan->origin_hash), 256u << 10);
    if (rc != 0)
        rc = kept_fail(err, rc, "no memory to read the ledger");
    for (uint32_t s = scan->start_segment; rc == 0 && s < scan->segments; s++)
        rc = scan_segment(scan, &walk, s, err);
    kept_walk_release(&walk);
    kept_source_release(&source);
    return rc;
}
