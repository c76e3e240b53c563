/* open.c - opening: what is there, what of it is whole, and whether it is all that was promised.
 *
 * Only the last segment, and what no index covers, is read; the rest is trusted as far as its hashes
 * give the root in the last segment's header and in the checkpoint. When they do not, everything is
 * read. Nothing is cut before the log is known to hold what checkpoint and anchor say. */
#include <string.h>

#include "base/file.h"
#include "base/id.h"
#include "base/mem.h"
#include "ledger/ledger_int.h"

struct opening {
    struct kept_ledger *ledger;
    struct kept_scan scan;
    uint32_t files;                 /* segment files there are */
    uint32_t indexed;               /* leading segments with an index file */
    struct kept_checkpoint anchor;
    bool anchored;
    bool whole;                     /* everything was read */
};

static int load_note(struct kept_ledger *ledger, struct kept_err *err)
{
    char path[KEPT_MAX_PATH];
    int rc = kept_path(path, sizeof path, ledger->folder, "checkpoint", err);
    if (rc != 0)
        return rc;
    rc = kept_file_load(path, &ledger->note, err);
    if (rc != 0)
        return rc == KEPT_E_LIMIT ? KEPT_E_CORRUPT : rc;
    rc = kept_note_open(kept_buf_span(&ledger->note), ledger->public_key, &ledger->checkpoint);
    if (rc != 0)
        return kept_fail(err, rc, "the checkpoint in %s is not one signed by this ledger's key",
                         ledger->folder);
    if (strcmp(ledger->checkpoint.origin, ledger->origin) != 0)
        return kept_fail(err, KEPT_E_CONFLICT, "%s holds the ledger of another origin",
                         ledger->folder);
    return 0;
}

static int load_anchor(struct opening *o, struct kept_span anchored, struct kept_err *err)
{
    if (anchored.n == 0)
        return 0;
    int rc = kept_note_open(anchored, o->ledger->public_key, &o->anchor);
    if (rc != 0)
        return kept_fail(err, rc, "the anchored checkpoint is not one signed by this ledger's key");
    if (strcmp(o->anchor.origin, o->ledger->origin) != 0)
        return kept_fail(err, KEPT_E_CONFLICT, "the anchored checkpoint is of another origin");
    o->anchored = true;
    return 0;
}

/* Headers and sizes of all segments; the last header may be torn. */
static int load_segments(struct opening *o, struct kept_err *err)
{
    struct kept_ledger *ledger = o->ledger;
    uint8_t bytes[HEADER_BYTES];
    struct kept_source source;
    kept_source_init(&source, ledger->folder, NULL);
    int rc = kept_grow(&ledger->segs, &ledger->seg_cap, o->files + 1u, MAX_SEGMENTS + 2u,
                       sizeof *ledger->segs);
    for (uint32_t s = 0; rc == 0 && s < o->files; s++) {
        struct kept_header header = {.segment = 0};
        uint32_t size = 0;
        if ((rc = kept_source_size(&source, s, &size, err)) != 0)
            break;
        int whole = KEPT_E_CORRUPT;
        if (size >= HEADER_BYTES && (rc = kept_source_read(&source, s, 0, bytes, HEADER_BYTES,
                                                           err)) == 0)
            whole = kept_header_get(bytes, ledger->origin_hash, &header);
        if (rc == 0 && whole != 0 && s + 1 == o->files && s > 0)
            break; /* the scan judges it */
        if (rc == 0 && (whole != 0 || header.segment != s ||
                        (s > 0 && header.first < ledger->segs[s - 1].first)))
            rc = kept_fail(err, whole == KEPT_E_FORMAT ? whole : KEPT_E_CORRUPT,
                           "the header of segment %u does not check", (unsigned)s);
        ledger->segs[ledger->seg_n++] =
            (struct kept_segment){.first = header.first, .size = size, .list = NO_LIST};
    }
    kept_source_release(&source);
    return rc;
}

/* How many leading closed segments have an index file; files of others are taken away. */
static int find_indexes(struct opening *o, struct kept_err *err)
{
    struct kept_ledger *ledger = o->ledger;
    char **names = NULL;
    size_t count = 0;
    int rc = kept_dir_list(ledger->folder, "index-", &names, &count, err);
    for (size_t i = 0; i < count; i++) {
        uint32_t n = 0;
        if (!kept_name_number(names[i], "index-", &n) || n + 1 >= ledger->seg_n)
            kept_remove(ledger->folder, names[i]);
        else if (n == o->indexed)
            o->indexed++;
    }
    kept_names_free(names, count);
    return rc;
}

static int scan_begins(void *arg, uint32_t segment, uint64_t first, uint32_t size)
{
    struct opening *o = arg;
    o->ledger->tags.n = 0; /* in the end those of the last segment are left */
    o->ledger->segs[segment].first = first;
    o->ledger->segs[segment].size = size;
    return 0;
}

static int scan_entry(void *arg, const struct kept_walk *walk)
{
    struct opening *o = arg;
    struct kept_ledger *ledger = o->ledger;
    int rc = kept_index_reserve(&ledger->index);
    if (rc == 0)
        kept_index_add(&ledger->index, &walk->was, o->scan.done, o->scan.done_n);
    if (rc == 0 && walk->frame.tag != NULL)
        rc = kept_tagset_add(&ledger->tags, kept_be64(walk->frame.tag),
                             walk->was.index - ledger->segs[walk->was.segment].first,
                             walk->was.offset);
    return rc;
}

/* Start behind what the indexes cover: one block before, to know where the next begins. */
static int start_late(struct opening *o, struct kept_err *err)
{
    struct kept_ledger *ledger = o->ledger;
    struct kept_record record = {.segment = 0};
    uint64_t blocks = ledger->segs[o->indexed].first >> BLOCK_BITS;
    if (blocks == 0)
        return KEPT_E_NOTFOUND;
    ledger->index.base = ledger->index.next = kept_record_of(blocks);
    uint64_t n = blocks - 1;
    for (unsigned bit = 0; bit + BLOCK_BITS < 64; bit++) {
        if ((n >> bit & 1) == 0)
            continue;
        int rc = kept_index_node(ledger, bit + BLOCK_BITS, (n >> bit) - 1,
                                 o->scan.tree.node[bit + BLOCK_BITS], err);
        if (rc != 0)
            return rc;
    }
    int rc = kept_index_get(ledger, kept_record_of(n), &record, err);
    if (rc != 0)
        return rc;
    o->scan.tree.n = n << BLOCK_BITS;
    o->scan.start_segment = record.segment;
    o->scan.start_offset = record.offset;
    ledger->index.next = kept_record_of(n);
    return record.segment <= o->indexed ? 0 : KEPT_E_CORRUPT; /* a wrong offset shows in the frames */
}

/* Read what must be read. late: from where the indexes end; else everything. */
static int scan_log(struct opening *o, bool late, struct kept_err *err)
{
    struct kept_ledger *ledger = o->ledger;
    o->scan = (struct kept_scan){.folder = ledger->folder, .segments = o->files,
                                 .entry = scan_entry, .segment = scan_begins, .arg = o};
    memcpy(o->scan.origin_hash, ledger->origin_hash, 32);
    ledger->index.n = 0;
    ledger->index.base = ledger->index.next = 0;
    ledger->tags.n = 0;
    int rc = late ? start_late(o, err) : 0;
    if (rc == 0)
        rc = kept_scan_run(&o->scan, err);
    if (rc != 0)
        return rc;
    o->whole = !late;
    ledger->seg_n = o->scan.last + 1;
    ledger->segs[o->scan.last].size = o->scan.last_size;
    for (uint32_t s = 0; s < ledger->seg_n; s++)
        ledger->segs[s].indexed = late && s < o->indexed;
    ledger->tree = ledger->durable_tree = o->scan.tree;
    return 0;
}

/* Is a checkpoint a prefix of what is here? KEPT_E_NOTFOUND: no. */
static int has_prefix(struct opening *o, const struct kept_checkpoint *checkpoint,
                      struct kept_err *err)
{
    struct kept_nodes *nodes = NULL;
    uint8_t root[32];
    if (checkpoint->size > o->ledger->tree.n)
        return KEPT_E_NOTFOUND;
    if ((nodes = kept_alloc(1, sizeof *nodes)) == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory to open the ledger");
    nodes->ledger = o->ledger;
    int rc = kept_nodes_root(nodes, checkpoint->size, root, err);
    kept_free(nodes);
    if (rc == 0 && !kept_bytes_equal(root, checkpoint->root, 32))
        rc = KEPT_E_NOTFOUND;
    return rc;
}

/* The log must hold what the published and the anchored checkpoint say. */
static int judge(struct opening *o, struct kept_err *err)
{
    struct kept_ledger *ledger = o->ledger;
    int rc = has_prefix(o, &ledger->checkpoint, err);
    if (rc == KEPT_E_NOTFOUND)
        return kept_fail(err, KEPT_E_CORRUPT,
                         "the ledger's %llu entries do not hold the %llu of its checkpoint",
                         (unsigned long long)ledger->tree.n,
                         (unsigned long long)ledger->checkpoint.size);
    if (rc != 0 || !o->anchored)
        return rc;
    rc = has_prefix(o, &o->anchor, err);
    if (rc == KEPT_E_NOTFOUND)
        rc = kept_fail(err, KEPT_E_ROLLBACK,
                       "the ledger's %llu entries do not hold the %llu that were anchored: it was "
                       "rolled back, or is another copy",
                       (unsigned long long)ledger->tree.n, (unsigned long long)o->anchor.size);
    return rc;
}

static int recover(struct opening *o, struct kept_err *err)
{
    struct kept_err first = {.code = 0};
    int rc = KEPT_E_NOTFOUND;
    if (o->indexed > 0) {
        rc = scan_log(o, true, &first);
        if (rc == 0)
            rc = judge(o, &first);
        if (rc == 0 || rc == KEPT_E_IO || rc == KEPT_E_NOMEM) {
            if (rc != 0)
                return kept_fail(err, rc, "%s", first.text);
            return 0;
        }
    }
    /* The indexes may be what is wrong; they are not the evidence. */
    o->ledger->seg_n = o->files;
    rc = scan_log(o, false, err);
    return rc != 0 ? rc : judge(o, err);
}

/* Cut what is torn, and make durable what a killed process may have left in the page cache. */
static int mend(struct opening *o, struct kept_err *err)
{
    struct kept_ledger *ledger = o->ledger;
    char name[NAME_BYTES], path[KEPT_MAX_PATH];
    uint32_t last = o->scan.last;
    if (o->scan.drop) {
        kept_segment_name(name, last + 1);
        kept_remove(ledger->folder, name);
    }
    kept_segment_name(name, last);
    int rc = kept_path(path, sizeof path, ledger->folder, name, err);
    if (rc == 0) /* no test: it was read by this path */
        rc = kept_file_open(path, KEPT_FILE_WRITE, &ledger->fd, err);
    if (rc == 0 && o->scan.torn_bytes != 0 && !o->scan.drop)
        rc = kept_file_truncate(ledger->fd, o->scan.last_size, err);
    ledger->fd_segment = last;
    ledger->fd_end = o->scan.last_size;
    ledger->fd_room = o->scan.last_size + o->scan.room;
    /* Entries behind the checkpoint were perhaps never synced; those it covers were. */
    if (rc == 0 && ledger->tree.n > ledger->checkpoint.size)
        rc = kept_file_sync(ledger->fd, "entries found behind the checkpoint", err);
    if (rc == 0 && last > 0 && ledger->segs[last].first >= ledger->checkpoint.size)
        rc = kept_dir_sync(ledger->folder, "the name of the last segment found", err);
    atomic_store_explicit(&ledger->durable, ledger->tree.n, memory_order_release);
    return rc;
}

/* A crash came between anchoring and publishing: take the anchored checkpoint over. */
static int adopt(struct opening *o, struct kept_span anchored, struct kept_err *err)
{
    struct kept_ledger *ledger = o->ledger;
    if (!o->anchored || o->anchor.size <= ledger->checkpoint.size)
        return 0;
    kept_buf_clear(&ledger->note);
    kept_buf_bytes(&ledger->note, anchored.p, anchored.n);
    if (ledger->note.failed != 0)
        return kept_fail(err, ledger->note.failed, "no room for a checkpoint");
    ledger->checkpoint = o->anchor;
    return kept_file_replace(ledger->folder, "checkpoint", anchored,
                             "the anchored checkpoint, published late", err);
}

/* Nothing to open: a creation that was interrupted, or everything is gone. */
static int nothing_here(struct opening *o, struct kept_err *err)
{
    if (o->anchored && o->anchor.size != 0)
        return kept_fail(err, KEPT_E_ROLLBACK, "%llu entries were anchored and nothing is in %s",
                         (unsigned long long)o->anchor.size, o->ledger->folder);
    return kept_fail(err, KEPT_E_NOTFOUND, "there is no ledger in %s", o->ledger->folder);
}

static int open_log(struct opening *o, struct kept_span anchored, struct kept_err *err)
{
    struct kept_ledger *ledger = o->ledger;
    uint32_t stray = 0, size = 0;
    int rc = load_anchor(o, anchored, err);
    if (rc != 0)
        return rc;
    rc = kept_segments_count(ledger->folder, &o->files, err);
    if (rc == KEPT_E_NOTFOUND || (rc == 0 && o->files == 0))
        return nothing_here(o, err);
    if (rc == 0 && (rc = load_note(ledger, err)) == KEPT_E_NOTFOUND) {
        rc = o->files == 1 ? kept_source_size(&ledger->source, 0, &size, err) : 0;
        if (rc == 0 && o->files == 1 && size <= HEADER_BYTES)
            return nothing_here(o, err);
        if (rc == 0)
            rc = kept_fail(err, KEPT_E_CORRUPT, "the ledger in %s has no checkpoint",
                           ledger->folder);
    }
    if (rc == 0)
        rc = load_segments(o, err);
    if (rc == 0)
        rc = find_indexes(o, err);
    if (rc == 0)
        rc = recover(o, err);
    if (rc == 0)
        rc = mend(o, err);
    if (rc == 0)
        rc = adopt(o, anchored, err);
    if (rc == 0)
        rc = kept_lists_find(ledger->folder, ledger->segs, (uint32_t)ledger->seg_n - 1, true,
                             &stray, err);
    return rc;
}

int kept_ledger_open(const struct kept_ledger_options *options, struct kept_span anchored,
                     struct kept_ledger **ret_ledger, struct kept_err *err)
{
    struct opening *o = NULL;
    *ret_ledger = NULL;
    int rc = kept_options_check(options, err);
    if (rc != 0)
        return rc;
    if ((o = kept_alloc(1, sizeof *o)) == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory to open the ledger");
    if ((rc = kept_ledger_make(options, &o->ledger, err)) != 0)
        goto out;
    if ((rc = open_log(o, anchored, err)) != 0)
        goto out;
    *ret_ledger = o->ledger;
    o->ledger = NULL;
out:
    kept_ledger_close(o->ledger);
    kept_free(o);
    return rc;
}
