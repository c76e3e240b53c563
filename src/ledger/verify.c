/* verify.c - the whole log, from files alone, without a secret. What is derived must be absent or
 * right: index files byte for byte, tag lists as the same multiset of records, sorted. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/id.h"
#include "base/mem.h"
#include "crypto/crypto.h"
#include "ledger/ledger_int.h"

struct sum {
    uint64_t hash, count;           /* of the tagged entries of a group */
};

struct verify {
    const char *folder;
    struct kept_verify_report *report;
    struct kept_scan scan;
    struct kept_checkpoint checkpoint, anchor;
    bool anchored, checkpoint_fits, anchor_fits;
    struct kept_segment *segs;      /* first and size of each */
    size_t seg_n, seg_cap;
    struct sum *sums[KEPT_LIST_LEVELS];
    size_t sum_cap[KEPT_LIST_LEVELS];
    struct kept_index index;
    uint64_t salt;
};

static int bad(struct verify *v, int code, struct kept_err *err, const char *what)
{
    (void)snprintf(v->report->what, sizeof v->report->what, "%s", what);
    return kept_fail(err, code, "ledger: %s", what);
}

/* ---- while scanning ---- */

static void compare_roots(struct verify *v)
{
    uint8_t root[32];
    bool at_checkpoint = v->scan.tree.n == v->checkpoint.size;
    bool at_anchor = v->anchored && v->scan.tree.n == v->anchor.size;
    if (!at_checkpoint && !at_anchor)
        return;
    kept_tree_root(&v->scan.tree, root);
    if (at_checkpoint)
        v->checkpoint_fits = kept_bytes_equal(root, v->checkpoint.root, 32);
    if (at_anchor)
        v->anchor_fits = kept_bytes_equal(root, v->anchor.root, 32);
}

static uint64_t record_hash(const struct verify *v, uint64_t tag, uint64_t index, uint32_t offset)
{
    uint64_t h = kept_mix(v->salt, index);
    h = kept_mix(h, offset);
    h = kept_mix(h, tag);
    return kept_mix(h, h >> 17);
}

static int on_entry(void *arg, const struct kept_walk *walk)
{
    struct verify *v = arg;
    int rc = kept_index_reserve(&v->index);
    if (rc != 0)
        return rc;
    kept_index_add(&v->index, &walk->was, v->scan.done, v->scan.done_n);
    compare_roots(v);
    if (walk->frame.tag == NULL)
        return 0;
    uint64_t hash = record_hash(v, kept_be64(walk->frame.tag), walk->was.index, walk->was.offset);
    for (unsigned level = 0; level < KEPT_LIST_LEVELS; level++) {
        struct sum *s = &v->sums[level][walk->was.segment >> (4 * level)];
        s->hash += hash;
        s->count++;
    }
    return 0;
}

/* The index file of a closed segment, if there is one, byte for byte. KEPT_E_CONFLICT: it differs. */
static int compare_index(struct verify *v, uint32_t segment, uint64_t next_first)
{
    char name[NAME_BYTES], path[KEPT_MAX_PATH];
    struct kept_buf want, have;
    kept_buf_init(&want, KEPT_MAX_FILE_BYTES);
    kept_buf_init(&have, KEPT_MAX_FILE_BYTES);
    kept_index_name(name, segment);
    int rc = kept_index_encode(&v->index, v->scan.origin_hash, segment, v->segs[segment].first,
                               next_first, &want);
    if (rc == 0)
        rc = kept_path(path, sizeof path, v->folder, name, NULL);
    if (rc == 0 && (rc = kept_file_load(path, &have, NULL)) == KEPT_E_NOTFOUND) {
        v->report->derived_missing++;
        rc = 0;
    } else if (rc == KEPT_E_LIMIT || (rc == 0 && (have.n != want.n ||
                                                  !kept_bytes_equal(have.p, want.p, want.n)))) {
        (void)snprintf(v->report->what, sizeof v->report->what,
                       "the index of segment %u is damaged (opening the ledger makes it anew)",
                       (unsigned)segment);
        rc = KEPT_E_CONFLICT;
    }
    kept_buf_release(&want);
    kept_buf_release(&have);
    size_t gone = (size_t)(kept_record_of(next_first >> BLOCK_BITS) - v->index.base);
    v->index.n -= gone;
    memmove(v->index.records, v->index.records + gone, v->index.n * sizeof *v->index.records);
    v->index.base += gone;
    return rc;
}

static int on_segment(void *arg, uint32_t segment, uint64_t first, uint32_t size)
{
    struct verify *v = arg;
    int rc = segment == 0 ? kept_index_reserve(&v->index) : compare_index(v, segment - 1, first);
    if (rc == 0)
        rc = kept_grow(&v->segs, &v->seg_cap, v->seg_n + 1, MAX_SEGMENTS + 2u, sizeof *v->segs);
    for (unsigned level = 0; rc == 0 && level < KEPT_LIST_LEVELS; level++) {
        uint32_t group = segment >> (4 * level);
        rc = kept_grow(&v->sums[level], &v->sum_cap[level], (size_t)group + 1, MAX_SEGMENTS + 2u,
                       sizeof **v->sums);
        if (rc == 0 && group << (4 * level) == segment)
            v->sums[level][group] = (struct sum){.hash = 0};
    }
    if (rc == 0)
        v->segs[v->seg_n++] = (struct kept_segment){.first = first, .size = size, .list = NO_LIST};
    return rc;
}

/* ---- tag lists ---- */

static int sum_list(struct verify *v, struct kept_list *list, struct sum *ret_sum,
                    struct kept_err *err)
{
    const uint32_t per = LIST_PER_BLOCK;
    struct kept_tagged t;
    uint64_t before = 0;
    int rc = 0;
    for (uint64_t done = 0; rc == 0 && done < list->count; done += per) {
        rc = kept_list_block(list, (uint32_t)(done / per), err);
        for (uint32_t i = 0; rc == 0 && i < list->block_n; i++) {
            kept_list_record(list, i, &t);
            if (t.tag < before)
                return KEPT_E_CORRUPT;
            before = t.tag;
            ret_sum->hash += record_hash(v, t.tag, list->first + t.index, t.offset);
            ret_sum->count++;
        }
    }
    return rc;
}

static int check_list(struct verify *v, unsigned level, uint32_t group, struct kept_err *err)
{
    struct kept_list list;
    struct sum sum = {.hash = 0};
    uint32_t from = group << (4 * level), n = 1u << (4 * level);
    if (group > v->seg_n || (uint64_t)from + n > v->seg_n - 1)
        return KEPT_E_CORRUPT; /* of segments that are not closed */
    int rc = kept_list_open(&list, v->folder, v->scan.origin_hash, level, group, err);
    if (rc == KEPT_E_NOTFOUND)
        return 0; /* merged away a moment ago */
    if (rc != 0)
        return rc;
    rc = sum_list(v, &list, &sum, err);
    if (rc == 0 && (list.first != v->segs[from].first || sum.count != v->sums[level][group].count ||
                    sum.hash != v->sums[level][group].hash))
        rc = KEPT_E_CORRUPT;
    kept_list_close(&list);
    for (uint32_t s = from; rc == 0 && s < from + n; s++)
        v->segs[s].list = (uint8_t)level;
    return rc;
}

static int check_lists(struct verify *v, struct kept_err *err)
{
    char **names = NULL, prefix[NAME_BYTES];
    struct kept_err ignored;
    size_t count = 0;
    int rc = kept_dir_list(v->folder, "tags-", &names, &count, err);
    for (size_t i = 0; rc == 0 && i < count; i++) {
        uint32_t group = 0;
        int found = KEPT_E_CORRUPT;
        for (unsigned level = 0; level < KEPT_LIST_LEVELS; level++) {
            kept_list_name(prefix, level, 0);
            prefix[strlen(prefix) - 8] = 0;
            if (kept_name_number(names[i], prefix, &group))
                found = check_list(v, level, group, &ignored);
        }
        if (found == KEPT_E_CORRUPT) {
            (void)snprintf(v->report->what, sizeof v->report->what,
                           "the tag list %.40s is damaged or does not belong here", names[i]);
            rc = kept_fail(err, KEPT_E_CORRUPT, "ledger: %s", v->report->what);
        } else if (found != 0) {
            rc = kept_fail(err, found, "%s", ignored.text);
        }
    }
    kept_names_free(names, count);
    for (size_t s = 0; rc == 0 && s + 1 < v->seg_n; s++)
        if (v->segs[s].list == NO_LIST)
            v->report->derived_missing++;
    return rc;
}

/* Index files of segments that are not closed: compare_index never saw them. */
static int check_strays(struct verify *v, struct kept_err *err)
{
    char **names = NULL;
    size_t count = 0;
    int rc = kept_dir_list(v->folder, "index-", &names, &count, err);
    for (size_t i = 0; rc == 0 && i < count; i++) {
        uint32_t n = 0;
        if (!kept_name_number(names[i], "index-", &n) || n + 1 >= v->seg_n)
            rc = bad(v, KEPT_E_CORRUPT, err, "an index file belongs to no closed segment");
    }
    kept_names_free(names, count);
    return rc;
}

/* ---- the whole ---- */

static int load(struct verify *v, const char *origin, const uint8_t public_key[32],
                struct kept_span anchored, struct kept_err *err)
{
    char path[KEPT_MAX_PATH];
    struct kept_buf note;
    kept_buf_init(&note, MAX_NOTE);
    int rc = kept_path(path, sizeof path, v->folder, "checkpoint", err);
    if (rc != 0)
        return rc;
    rc = kept_file_load(path, &note, err);
    if (rc == KEPT_E_NOTFOUND || rc == KEPT_E_LIMIT)
        rc = bad(v, KEPT_E_CORRUPT, err, "the checkpoint is missing or not a checkpoint");
    else if (rc == 0 &&
             (rc = kept_note_open(kept_buf_span(&note), public_key, &v->checkpoint)) != 0)
        rc = bad(v, rc, err, rc == KEPT_E_CRYPTO ? "the checkpoint is not signed by this key"
                                                 : "the checkpoint is not one");
    if (rc == 0 && strcmp(v->checkpoint.origin, origin) != 0)
        rc = bad(v, KEPT_E_CORRUPT, err, "the checkpoint is of another origin");
    if (rc == 0 && anchored.n != 0) {
        v->anchored = true;
        if ((rc = kept_note_open(anchored, public_key, &v->anchor)) != 0 ||
            strcmp(v->anchor.origin, origin) != 0)
            rc = bad(v, rc != 0 ? rc : KEPT_E_CORRUPT, err,
                     "the anchored checkpoint is not one of this ledger");
    }
    kept_buf_release(&note);
    return rc;
}

static int conclude(struct verify *v, struct kept_err *err)
{
    uint64_t n = v->scan.tree.n;
    v->report->bad_index = n;
    if (v->checkpoint.size > n)
        return bad(v, KEPT_E_CORRUPT, err, "entries that the checkpoint covers are missing");
    if (!v->checkpoint_fits)
        return bad(v, KEPT_E_CORRUPT, err, "the entries do not give the checkpoint's root");
    if (v->anchored && !v->anchor_fits)
        return bad(v, KEPT_E_ROLLBACK, err,
                   "the anchored checkpoint is not a prefix: rolled back, or another copy");
    int rc = check_strays(v, err);
    if (rc == 0)
        rc = check_lists(v, err);
    if (rc != 0)
        return rc;
    v->report->bad_index = 0;
    v->report->anchored = v->anchored;
    (void)snprintf(v->report->what, sizeof v->report->what, "internally consistent; %s%s%s",
                   v->anchored ? "fits the anchor" : "rollback not excluded",
                   v->report->torn_bytes != 0 ? "; a torn tail" : "",
                   v->report->derived_missing != 0 ? "; some derived files are missing" : "");
    return 0;
}

static int verify(struct verify *v, const char *origin, const uint8_t public_key[32],
                  struct kept_span anchored, struct kept_err *err)
{
    v->scan.folder = v->folder;
    v->scan.entry = on_entry;
    v->scan.segment = on_segment;
    v->scan.arg = v;
    kept_origin_hash(origin, v->scan.origin_hash);
    v->salt = kept_be64(v->scan.origin_hash);
    int rc = load(v, origin, public_key, anchored, err); /* before the segments: they may grow */
    if (rc != 0)
        return rc;
    v->report->checkpoint_size = v->checkpoint.size;
    compare_roots(v);
    if ((rc = kept_segments_count(v->folder, &v->scan.segments, err)) != 0)
        return rc == KEPT_E_CORRUPT ? bad(v, rc, err, "a segment is missing") : rc;
    if (v->scan.segments == 0)
        return bad(v, KEPT_E_CORRUPT, err, "all segments are missing");
    rc = kept_scan_run(&v->scan, err);
    v->report->entries = v->scan.tree.n;
    v->report->torn_bytes = v->scan.torn_bytes;
    if (rc == KEPT_E_CORRUPT) {
        v->report->bad_index = v->scan.tree.n;
        memcpy(v->report->what, v->scan.what, sizeof v->report->what);
    }
    if (rc == KEPT_E_CONFLICT) /* compare_index said what */
        rc = kept_fail(err, KEPT_E_CORRUPT, "ledger: %s", v->report->what);
    return rc != 0 ? rc : conclude(v, err);
}

int kept_ledger_verify(const char *folder, const char *origin, const uint8_t public_key[32],
                       struct kept_span anchored, struct kept_verify_report *ret_report,
                       struct kept_err *err)
{
    *ret_report = (struct kept_verify_report){.entries = 0};
    if (folder == NULL || !kept_origin_valid(origin))
        return kept_fail(err, KEPT_E_USAGE, "verifying needs a folder and an origin");
    if (!kept_file_exists(folder))
        return kept_fail(err, KEPT_E_NOTFOUND, "there is no ledger in %s", folder);
    struct verify *v = kept_alloc(1, sizeof *v);
    if (v == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory to verify the ledger");
    v->folder = folder;
    v->report = ret_report;
    int rc = verify(v, origin, public_key, anchored, err);
    kept_free(v->segs);
    for (unsigned level = 0; level < KEPT_LIST_LEVELS; level++)
        kept_free(v->sums[level]);
    kept_free(v->index.records);
    kept_free(v);
    return rc;
}
