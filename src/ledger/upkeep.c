/* upkeep.c - making tag lists: one for each closed segment, sixteen into one of the next level. */
#include "base/mem.h"
#include "ledger/ledger_int.h"

#define FAN 16u
#define MERGE_AT_ONCE (1u << 21) /* entries sorted in memory at a time */
#define READS_A_BITE 4u          /* segments read again, unless all is wanted */

static uint32_t group_size(unsigned level)
{
    return 1u << (4 * level);
}

/* Closed segments that cannot grow any more: an entry behind them is durable. */
static uint32_t settled(const struct kept_ledger *ledger)
{
    uint64_t durable = kept_ledger_durable(ledger);
    uint32_t n = 0;
    while (n + 1 < ledger->seg_n && ledger->segs[n + 1].first < durable)
        n++;
    return n;
}

static void note_level(struct kept_ledger *ledger, unsigned level, uint32_t group, uint8_t to)
{
    uint32_t from = group << (4 * level);
    KEPT_INVARIANT(from + group_size(level) < ledger->seg_n); /* lists are of closed segments */
    for (uint32_t s = from; s < from + group_size(level); s++)
        ledger->segs[s].list = to;
}

static void remove_list(struct kept_ledger *ledger, unsigned level, uint32_t group)
{
    char name[NAME_BYTES];
    kept_list_name(name, level, group);
    kept_remove(ledger->folder, name);
}

void kept_list_demote(struct kept_ledger *ledger, unsigned level, uint32_t group)
{
    note_level(ledger, level, group, NO_LIST);
    remove_list(ledger, level, group);
}

/* Sort and write one list of level 0. */
static int write_list(struct kept_ledger *ledger, uint32_t segment, struct kept_tagset *set,
                      struct kept_err *err)
{
    struct kept_list_writer writer;
    struct kept_tagged *scratch = kept_alloc(set->n, sizeof *scratch);
    if (scratch == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for a tag list");
    kept_tags_sort(set->p, scratch, set->n);
    kept_free(scratch);
    int rc = kept_list_create(&writer, ledger->folder, ledger->origin_hash, 0, segment,
                              ledger->segs[segment].first, set->n, err);
    for (size_t i = 0; rc == 0 && i < set->n; i++)
        rc = kept_list_put(&writer, &set->p[i], err);
    if ((rc = kept_list_finish(&writer, rc, err)) == 0)
        ledger->segs[segment].list = 0;
    return rc;
}

static int read_tags(struct kept_ledger *ledger, uint32_t segment, struct kept_tagset *set,
                     struct kept_err *err)
{
    struct kept_walk walk;
    uint64_t first = ledger->segs[segment].first;
    int rc = kept_walk_init(&walk, &ledger->source, ledger->salt, 256u << 10);
    if (rc != 0)
        return rc;
    kept_walk_seek(&walk, segment, HEADER_BYTES, first, ledger->segs[segment].size);
    while ((rc = kept_walk_next(&walk, err)) == 1) {
        if (walk.frame.tag == NULL)
            continue;
        rc = kept_tagset_add(set, kept_be64(walk.frame.tag), walk.was.index - first, walk.was.offset);
        if (rc != 0)
            break;
    }
    kept_walk_release(&walk);
    return rc;
}

static int make_pending(struct kept_ledger *ledger, uint32_t ready, struct kept_err *err)
{
    size_t keep = 0;
    int rc = 0;
    for (size_t i = 0; i < ledger->pending_n; i++) {
        struct kept_pending *p = &ledger->pending[i];
        if (rc == 0 && p->segment < ready)
            rc = write_list(ledger, p->segment, &p->set, err);
        /* Sorted or not, a set whose list could not be written is of no more use than the file. */
        if (p->segment < ready)
            kept_tagset_release(&p->set);
        else
            ledger->pending[keep++] = *p;
    }
    ledger->pending_n = keep;
    return rc;
}

static int make_lists(struct kept_ledger *ledger, uint32_t ready, int all, struct kept_err *err)
{
    uint32_t reads = 0;
    int rc = make_pending(ledger, ready, err);
    for (uint32_t s = 0; rc == 0 && s < ready && (all != 0 || reads < READS_A_BITE); s++) {
        struct kept_tagset set = {.n = 0};
        if (ledger->segs[s].list != NO_LIST)
            continue;
        reads++;
        if ((rc = read_tags(ledger, s, &set, err)) == 0)
            rc = write_list(ledger, s, &set, err);
        kept_tagset_release(&set);
    }
    return rc;
}

/* ---- merging ---- */

struct merge {
    struct kept_ledger *ledger;
    unsigned level;             /* of the result */
    uint32_t group;
    uint64_t first, count;
    uint32_t passes, pass;      /* each pass sorts the tags of its share of the number line */
    struct kept_tagset set;
};

static int count_inputs(struct merge *m, struct kept_err *err)
{
    struct kept_list list;
    for (uint32_t i = 0; i < FAN; i++) {
        uint32_t group = m->group * FAN + i;
        int rc = kept_list_open(&list, m->ledger->folder, m->ledger->origin_hash, m->level - 1,
                                group, err);
        if (rc != 0) {
            kept_list_demote(m->ledger, m->level - 1, group);
            return rc;
        }
        m->count += list.count;
        kept_list_close(&list);
    }
    return m->count > UINT32_MAX ? KEPT_E_LIMIT : 0; /* no test: 64 GiB of lists */
}

/* The records of one input that belong to this pass. */
static int take_input(struct merge *m, uint32_t group, struct kept_err *err)
{
    struct kept_list list;
    struct kept_tagged t;
    int rc = kept_list_open(&list, m->ledger->folder, m->ledger->origin_hash, m->level - 1, group,
                            err);
    if (rc != 0)
        return rc;
    const uint32_t per = LIST_PER_BLOCK;
    for (uint64_t done = 0; rc == 0 && done < list.count; done += per) {
        rc = kept_list_block(&list, (uint32_t)(done / per), err);
        for (uint32_t i = 0; rc == 0 && i < list.block_n; i++) {
            kept_list_record(&list, i, &t);
            if ((t.tag >> 32) * m->passes >> 32 != m->pass) /* no test: two million entries */
                continue; /* no test: nor this */
            t.index += (uint32_t)(list.first - m->first);
            rc = kept_grow(&m->set.p, &m->set.cap, m->set.n + 1, (size_t)1 << 31, sizeof t);
            if (rc == 0)
                m->set.p[m->set.n++] = t;
        }
    }
    if (rc == KEPT_E_CORRUPT)
        kept_list_demote(m->ledger, m->level - 1, group);
    kept_list_close(&list);
    return rc;
}

static int write_pass(struct merge *m, struct kept_list_writer *writer, struct kept_err *err)
{
    int rc = 0;
    m->set.n = 0;
    for (uint32_t i = 0; rc == 0 && i < FAN; i++)
        rc = take_input(m, m->group * FAN + i, err);
    if (rc != 0)
        return rc;
    struct kept_tagged *scratch = kept_alloc(m->set.n, sizeof *scratch);
    if (scratch == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory to merge tag lists");
    kept_tags_sort(m->set.p, scratch, m->set.n);
    kept_free(scratch);
    for (size_t i = 0; rc == 0 && i < m->set.n; i++)
        rc = kept_list_put(writer, &m->set.p[i], err);
    return rc;
}

static int merge_group(struct kept_ledger *ledger, unsigned level, uint32_t group,
                       struct kept_err *err)
{
    struct merge m = {.ledger = ledger, .level = level, .group = group};
    struct kept_list_writer writer;
    m.first = ledger->segs[(size_t)group << (4 * level)].first;
    int rc = count_inputs(&m, err);
    if (rc != 0)
        return rc;
    m.passes = (uint32_t)(m.count / MERGE_AT_ONCE) + 1;
    rc = kept_list_create(&writer, ledger->folder, ledger->origin_hash, level, group, m.first,
                          m.count, err);
    for (m.pass = 0; rc == 0 && m.pass < m.passes; m.pass++)
        rc = write_pass(&m, &writer, err);
    rc = kept_list_finish(&writer, rc, err);
    kept_tagset_release(&m.set);
    if (rc != 0)
        return rc;
    note_level(ledger, level, group, (uint8_t)level);
    for (uint32_t i = 0; i < FAN; i++)
        remove_list(ledger, level - 1, group * FAN + i);
    return 0;
}

/* Are all segments of a group covered by lists of just the level below? */
static bool ripe(const struct kept_ledger *ledger, unsigned level, uint32_t group)
{
    uint32_t from = group << (4 * level);
    for (uint32_t s = from; s < from + group_size(level); s++)
        if (ledger->segs[s].list != level - 1)
            return false;
    return true;
}

int kept_lists_upkeep(struct kept_ledger *ledger, int all, struct kept_err *err)
{
    uint32_t ready = settled(ledger);
    int rc = make_lists(ledger, ready, all, err);
    for (unsigned level = 1; rc == 0 && level < KEPT_LIST_LEVELS; level++) {
        for (uint32_t g = 0; rc == 0 && (g + 1) * group_size(level) <= ready; g++) {
            if (!ripe(ledger, level, g))
                continue;
            rc = merge_group(ledger, level, g, err);
            if (all == 0)
                return rc; /* one merge a bite */
        }
    }
    return rc;
}
