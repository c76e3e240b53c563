/* read.c - reading entries: one, all, one person's. */
#include <string.h>

#include "base/id.h"
#include "base/mem.h"
#include "ledger/ledger_int.h"

int kept_ledger_seek(struct kept_ledger *ledger, struct kept_walk *walk, uint64_t index,
                     struct kept_err *err)
{
    uint32_t segment = 0, offset = 0;
    uint64_t at = 0;
    kept_index_locate(ledger, index, &segment, &offset, &at);
    kept_walk_seek(walk, segment, offset, at, ledger->segs[segment].size);
    return kept_walk_skip(walk, index - at, err);
}

int kept_ledger_next(struct kept_ledger *ledger, struct kept_walk *walk, struct kept_err *err)
{
    int rc;
    while ((rc = kept_walk_next(walk, err)) == 0) {
        uint32_t next = walk->at.segment + 1;
        if (next >= ledger->seg_n)
            return 0;
        if (ledger->segs[next].first != walk->at.index)
            return kept_fail(err, KEPT_E_CORRUPT, "segment %u lacks entries", (unsigned)next - 1);
        kept_walk_seek(walk, next, HEADER_BYTES, walk->at.index, ledger->segs[next].size);
    }
    return rc;
}

int kept_ledger_entry(struct kept_ledger *ledger, uint64_t index, struct kept_buf *out,
                      struct kept_err *err)
{
    int rc = kept_ledger_usable(ledger, err);
    if (rc != 0)
        return rc;
    if (index >= ledger->tree.n)
        return kept_fail(err, KEPT_E_NOTFOUND, "the ledger has no entry %llu",
                         (unsigned long long)index);
    if ((rc = kept_ledger_seek(ledger, &ledger->point, index, err)) != 0)
        return rc;
    rc = kept_ledger_next(ledger, &ledger->point, err);
    if (rc == 0)
        return kept_fail(err, KEPT_E_CORRUPT, "entry %llu is gone", (unsigned long long)index);
    if (rc < 0)
        return rc;
    kept_buf_bytes(out, ledger->point.frame.entry.p, ledger->point.frame.entry.n);
    return out->failed == 0 ? 0 : kept_fail(err, out->failed, "no room for an entry");
}

int kept_ledger_each(struct kept_ledger *ledger, uint64_t from,
                     int (*visit)(void *arg, uint64_t index, struct kept_span entry), void *arg,
                     struct kept_err *err)
{
    struct kept_walk walk;
    uint64_t end = ledger->tree.n;
    int rc = kept_ledger_usable(ledger, err);
    if (rc != 0 || from >= end)
        return rc;
    if ((rc = kept_walk_init(&walk, &ledger->source, ledger->salt, 256u << 10)) != 0)
        return kept_fail(err, rc, "no memory to read the ledger");
    rc = kept_ledger_seek(ledger, &walk, from, err);
    while (rc == 0 && walk.at.index < end) {
        rc = kept_ledger_next(ledger, &walk, err);
        if (rc == 0)
            rc = kept_fail(err, KEPT_E_CORRUPT, "entry %llu is gone",
                           (unsigned long long)walk.at.index);
        if (rc != 1)
            break;
        rc = 0;
        if (visit(arg, walk.was.index, walk.frame.entry) != 0)
            break;
    }
    kept_walk_release(&walk);
    return rc;
}

struct seen {
    void (*seen)(void *arg, const struct kept_id *id);
    void *arg;
};

static struct kept_id id_of(struct kept_span entry)
{
    struct kept_id id; /* an entry has MIN_ENTRY bytes: version, id */
    memcpy(id.b, entry.p + 1, sizeof id.b);
    return id;
}

static int see(void *arg, uint64_t index, struct kept_span entry)
{
    const struct seen *s = arg;
    const struct kept_id id = id_of(entry);
    (void)index;
    s->seen(s->arg, &id);
    return 0;
}

int kept_ledger_since_checkpoint(struct kept_ledger *ledger,
                                 void (*seen)(void *arg, const struct kept_id *id), void *arg,
                                 struct kept_err *err)
{
    struct seen s = {seen, arg};
    return kept_ledger_each(ledger, ledger->checkpoint.size, see, &s, err);
}

struct sought {
    struct kept_id id;
    uint64_t index;
    bool found;
};

static int compare_id(void *arg, uint64_t index, struct kept_span entry)
{
    struct sought *s = arg;
    const struct kept_id id = id_of(entry);
    s->found = kept_id_equal(&id, &s->id);
    s->index = index;
    return s->found;
}

int kept_ledger_find(struct kept_ledger *ledger, const struct kept_id *id, uint64_t *ret_index,
                     struct kept_err *err)
{
    struct sought s = {.id = *id};
    int rc = kept_ledger_each(ledger, 0, compare_id, &s, err);
    if (rc == 0 && !s.found)
        rc = kept_fail(err, KEPT_E_NOTFOUND, "the ledger has no entry of this id");
    if (rc == 0)
        *ret_index = s.index;
    return rc;
}

/* ---- one person's entries ---- */

struct trail {
    struct kept_ledger *ledger;
    const uint8_t *tag_key;
    int (*visit)(void *arg, uint64_t index, struct kept_span entry);
    void *arg;
    struct kept_walk walk;
    bool stop;
};

/* Visit the entry at a place that an index named; the frame itself must agree. */
static int visit_at(struct trail *t, uint32_t segment, uint32_t offset, uint64_t index,
                    struct kept_err *err)
{
    if (offset >= t->ledger->segs[segment].size)
        return kept_fail(err, KEPT_E_CORRUPT, "a tag list points outside segment %u",
                         (unsigned)segment);
    kept_walk_seek(&t->walk, segment, offset, index, t->ledger->segs[segment].size);
    int rc = kept_walk_next(&t->walk, err);
    if (rc < 0)
        return rc;
    if (rc == 0 || t->walk.frame.tag == NULL ||
        kept_be64(t->walk.frame.tag) != kept_tag_of(t->tag_key, segment))
        return kept_fail(err, KEPT_E_CORRUPT, "entry %llu is not what a tag list says",
                         (unsigned long long)index);
    t->stop = t->visit(t->arg, index, t->walk.frame.entry) != 0;
    return 0;
}

static int trail_set(struct trail *t, uint32_t segment, const struct kept_tagset *set,
                     struct kept_err *err)
{
    uint64_t tag = kept_tag_of(t->tag_key, segment), first = t->ledger->segs[segment].first;
    size_t n = set->n;
    int rc = 0;
    for (size_t i = 0; rc == 0 && !t->stop && i < n; i++)
        if (set->p[i].tag == tag)
            rc = visit_at(t, segment, set->p[i].offset, first + set->p[i].index, err);
    return rc;
}

/* A closed segment without a list: its tags in memory, or read from the file. */
static int trail_segment(struct trail *t, uint32_t segment, struct kept_err *err)
{
    struct kept_ledger *ledger = t->ledger;
    const struct kept_segment *seg = &ledger->segs[segment];
    uint64_t tag = kept_tag_of(t->tag_key, segment);
    struct kept_walk all;
    for (size_t i = 0; i < ledger->pending_n; i++)
        if (ledger->pending[i].segment == segment)
            return trail_set(t, segment, &ledger->pending[i].set, err);
    int rc = kept_walk_init(&all, &ledger->source, ledger->salt, 256u << 10);
    if (rc != 0)
        return kept_fail(err, rc, "no memory to read the ledger");
    kept_walk_seek(&all, segment, HEADER_BYTES, seg->first, seg->size);
    while (!t->stop && (rc = kept_walk_next(&all, err)) == 1)
        if (all.frame.tag != NULL && kept_be64(all.frame.tag) == tag)
            t->stop = t->visit(t->arg, all.was.index, all.frame.entry) != 0;
    kept_walk_release(&all);
    return rc < 0 ? rc : 0;
}

/* Look a tag up in a list. KEPT_E_CORRUPT: the list is damaged, and nothing was visited from *from
 * on; *from says how far it got. */
static int trail_list(struct trail *t, unsigned level, uint32_t group, uint64_t *from,
                      struct kept_err *err)
{
    struct kept_ledger *ledger = t->ledger;
    uint64_t tag = kept_tag_of(t->tag_key, group << (4 * level)), i = 0;
    struct kept_tagged found;
    struct kept_list list;
    const uint32_t per = LIST_PER_BLOCK;
    int rc = kept_list_open(&list, ledger->folder, ledger->origin_hash, level, group, err);
    if (rc != 0)
        return rc == KEPT_E_NOTFOUND ? KEPT_E_CORRUPT : rc;
    if (list.first != ledger->segs[(size_t)group << (4 * level)].first)
        rc = KEPT_E_CORRUPT;
    if (rc == 0)
        rc = kept_list_find(&list, tag, &i, err);
    for (; rc == 0 && !t->stop && i < list.count; i++) {
        if ((rc = kept_list_block(&list, (uint32_t)(i / per), err)) != 0)
            break;
        kept_list_record(&list, (uint32_t)(i % per), &found);
        if (found.tag != tag)
            break;
        uint64_t index = list.first + found.index;
        if ((rc = visit_at(t, kept_ledger_segment_of(ledger, index), found.offset, index, err)) == 0)
            *from = index + 1;
    }
    kept_list_close(&list);
    return rc;
}

static int trail_closed(struct trail *t, struct kept_err *err)
{
    struct kept_ledger *ledger = t->ledger;
    uint64_t from = 0;
    int rc = 0;
    for (uint32_t s = 0; rc == 0 && !t->stop && s + 1 < ledger->seg_n;) {
        unsigned level = ledger->segs[s].list;
        if (level == NO_LIST) {
            rc = trail_segment(t, s++, err);
            continue;
        }
        uint32_t group = s >> (4 * level);
        rc = trail_list(t, level, group, &from, err);
        if (rc == KEPT_E_CORRUPT && from <= ledger->segs[s].first) {
            kept_list_demote(ledger, level, group); /* the segments still know */
            rc = 0;
            continue;
        }
        s = (group + 1) << (4 * level);
    }
    return rc;
}

int kept_ledger_trail(struct kept_ledger *ledger, const uint8_t tag_key[16],
                      int (*visit)(void *arg, uint64_t index, struct kept_span entry), void *arg,
                      struct kept_err *err)
{
    struct trail t = {.ledger = ledger, .tag_key = tag_key, .visit = visit, .arg = arg};
    int rc = kept_ledger_usable(ledger, err);
    if (rc != 0)
        return rc;
    /* Entries of one person lie apart: read little at a time. */
    if ((rc = kept_walk_init(&t.walk, &ledger->source, ledger->salt, 1024)) != 0)
        return kept_fail(err, rc, "no memory to read the ledger");
    rc = trail_closed(&t, err);
    if (rc == 0 && !t.stop)
        rc = trail_set(&t, (uint32_t)ledger->seg_n - 1, &ledger->tags, err);
    kept_walk_release(&t.walk);
    return rc;
}
