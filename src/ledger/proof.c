/* proof.c - inclusion and consistency proofs (RFC 6962, 2.1.1 and 2.1.2). Every proof is checked
 * here before it leaves: a damaged index must not become a wrong proof in somebody's hands. */
#include <string.h>

#include "base/id.h"
#include "base/mem.h"
#include "crypto/crypto.h"
#include "ledger/ledger_int.h"

#define MAX_PATH_NODES 130u

int kept_nodes_block(struct kept_nodes *nodes, uint64_t block, const struct kept_leaves **ret_leaves,
                     struct kept_err *err)
{
    struct kept_ledger *ledger = nodes->ledger;
    uint64_t first = block << BLOCK_BITS, left = ledger->tree.n - first;
    uint32_t want = left < BLOCK ? (uint32_t)left : BLOCK;
    for (unsigned i = 0; i < 2; i++)
        if (nodes->leaves[i].have == want && nodes->leaves[i].block == block) {
            nodes->used = i;
            *ret_leaves = &nodes->leaves[i];
            return 0;
        }
    struct kept_leaves *to = &nodes->leaves[nodes->used ^= 1u];
    to->have = 0;
    int rc = kept_ledger_seek(ledger, &ledger->point, first, err);
    for (uint32_t i = 0; rc == 0 && i < want; i++) {
        rc = kept_ledger_next(ledger, &ledger->point, err);
        if (rc == 0)
            rc = kept_fail(err, KEPT_E_CORRUPT, "entry %llu is gone",
                           (unsigned long long)first + i);
        if (rc < 0)
            return rc;
        memcpy(to->leaf[i], ledger->point.frame.leaf, 32);
        rc = 0;
    }
    if (rc == 0) {
        to->block = block;
        to->have = want;
        *ret_leaves = to;
    }
    return rc;
}

/* The whole subtree number n of 2^level leaves. */
static int node(struct kept_nodes *nodes, unsigned level, uint64_t n, uint8_t ret_hash[32],
                struct kept_err *err)
{
    const struct kept_leaves *leaves = NULL;
    uint8_t part[BLOCK / 2][32];
    if (level >= BLOCK_BITS)
        return kept_index_node(nodes->ledger, level, n, ret_hash, err);
    uint64_t first = n << level;
    int rc = kept_nodes_block(nodes, first >> BLOCK_BITS, &leaves, err);
    if (rc != 0)
        return rc;
    size_t at = first & (BLOCK - 1), count = (size_t)1 << level;
    if (at + count > leaves->have) /* no test: range() asks for whole subtrees of what is there */
        return kept_fail(err, KEPT_E_BUG, "a subtree that is not whole"); /* no test: nor this */
    memcpy(part, leaves->leaf[at], count * 32);
    for (; count > 1; count /= 2)
        for (size_t i = 0; i < count / 2; i++)
            kept_node_hash(part[2 * i], part[2 * i + 1], part[i]);
    memcpy(ret_hash, part[0], 32);
    return 0;
}

/* MTH(D[lo:hi]), lo a multiple of the largest power of two <= hi - lo. */
static int range(struct kept_nodes *nodes, uint64_t lo, uint64_t hi, uint8_t ret_hash[32],
                 struct kept_err *err)
{
    uint8_t parts[64][32];
    size_t n = 0;
    int rc = 0;
    for (unsigned level = 63; rc == 0 && lo < hi; level--) { /* bit 0 makes lo reach hi */
        if (((hi - lo) >> level & 1) == 0)
            continue;
        rc = node(nodes, level, lo >> level, parts[n++], err);
        lo += (uint64_t)1 << level;
    }
    if (rc != 0)
        return rc;
    KEPT_INVARIANT(n > 0); /* nobody asks for an empty range */
    memcpy(ret_hash, parts[n - 1], 32);
    while (--n > 0)
        kept_node_hash(parts[n - 1], ret_hash, ret_hash);
    return 0;
}

int kept_nodes_root(struct kept_nodes *nodes, uint64_t size, uint8_t ret_root[32],
                    struct kept_err *err)
{
    if (size == nodes->ledger->tree.n) {
        kept_tree_root(&nodes->ledger->tree, ret_root);
        return 0;
    }
    if (size == 0) {
        kept_sha256((struct kept_span){(const uint8_t *)"", 0}, ret_root);
        return 0;
    }
    return range(nodes, 0, size, ret_root, err);
}

static uint64_t split(uint64_t n) /* largest power of two below n, n >= 2 */
{
    return (uint64_t)1 << (63 - __builtin_clzll(n - 1));
}

struct descent { /* towards a leaf, or the end of an older tree: [lo, hi) is the subtree that is left */
    uint64_t lo, hi;
    size_t count;
};

/* One step down; the hash of the half that is left aside goes into the path. */
static int step_down(struct kept_nodes *nodes, struct descent *d, uint64_t mid, bool left,
                     uint8_t (*path)[32], struct kept_err *err)
{
    uint8_t *aside = path[d->count++];
    if (left) {
        uint64_t hi = d->hi;
        d->hi = mid;
        return range(nodes, mid, hi, aside, err);
    }
    uint64_t lo = d->lo;
    d->lo = mid;
    return range(nodes, lo, mid, aside, err);
}

/* PATH(m, D[0:n]), leaf to root. */
static int inclusion(struct kept_nodes *nodes, uint64_t m, uint64_t n,
                     uint8_t (*path)[32], size_t *ret_n, struct kept_err *err)
{
    struct descent d = {0, n, 0};
    int rc = 0;
    while (rc == 0 && d.hi - d.lo > 1) {
        uint64_t mid = d.lo + split(d.hi - d.lo);
        rc = step_down(nodes, &d, mid, m < mid, path, err);
    }
    *ret_n = d.count;
    return rc;
}

/* SUBPROOF(m, D[0:n], true) of RFC 6962, 2.1.2, root to leaf. */
static int consistency(struct kept_nodes *nodes, uint64_t m, uint64_t n,
                       uint8_t (*path)[32], size_t *ret_n, struct kept_err *err)
{
    struct descent d = {0, n, 0};
    int rc = 0;
    while (rc == 0 && m != d.hi) {
        uint64_t mid = d.lo + split(d.hi - d.lo);
        rc = step_down(nodes, &d, mid, m <= mid, path, err);
    }
    if (rc == 0 && d.lo != 0) /* else the old tree is a subtree whose hash the verifier has */
        rc = range(nodes, d.lo, d.hi, path[d.count++], err);
    *ret_n = d.count;
    return rc;
}

/* What is asked: inclusion of index in size, or consistency of old with size. */
struct ask {
    bool inclusion;
    uint64_t index, old_size, size;
};

static int prove_once(struct kept_nodes *nodes, const struct ask *ask, struct kept_buf *out,
                      struct kept_err *err)
{
    uint8_t path[MAX_PATH_NODES][32], root[32], old_root[32];
    size_t n = 0, start = out->n;
    const struct kept_leaves *leaves = NULL;
    bool good = false;
    nodes->leaves[0].have = nodes->leaves[1].have = 0;
    int rc = kept_nodes_root(nodes, ask->size, root, err);
    if (rc == 0 && ask->inclusion)
        rc = inclusion(nodes, ask->index, ask->size, path, &n, err);
    else if (rc == 0)
        rc = consistency(nodes, ask->old_size, ask->size, path, &n, err);
    if (rc != 0)
        return rc;
    for (size_t i = n; i-- > 0;)
        kept_buf_bytes(out, path[i], 32);
    if (out->failed != 0)
        return kept_fail(err, out->failed, "no room for a proof");
    const struct kept_span proof = {out->p + start, out->n - start};
    if (ask->size == nodes->ledger->checkpoint.size)
        memcpy(root, nodes->ledger->checkpoint.root, 32); /* signed: the better witness */
    if (ask->inclusion) {
        if ((rc = kept_nodes_block(nodes, ask->index >> BLOCK_BITS, &leaves, err)) != 0)
            return rc;
        good = kept_verify_inclusion(ask->index, ask->size,
                                     leaves->leaf[ask->index & (BLOCK - 1)], proof, root);
    } else {
        if ((rc = kept_nodes_root(nodes, ask->old_size, old_root, err)) != 0)
            return rc;
        good = kept_verify_consistency(ask->old_size, ask->size, old_root, root, proof);
    }
    return good ? 0 : kept_fail(err, KEPT_E_CORRUPT, "the ledger's index gives a wrong proof");
}

static int prove(struct kept_ledger *ledger, const struct ask *ask, struct kept_buf *out,
                 struct kept_err *err)
{
    struct kept_err first = {.code = 0};
    size_t start = out->n;
    struct kept_nodes *nodes = kept_alloc(1, sizeof *nodes);
    if (nodes == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for a proof");
    nodes->ledger = ledger;
    int rc = prove_once(nodes, ask, out, &first);
    if (rc == KEPT_E_CORRUPT && ledger->index.base != 0) {
        out->n = start;
        rc = kept_index_rebuild(ledger, err); /* the segments know better */
        if (rc == 0)
            rc = prove_once(nodes, ask, out, err);
    } else if (rc != 0) {
        (void)kept_fail(err, rc, "%s", first.text);
    }
    if (rc != 0)
        out->n = start;
    kept_free(nodes);
    return rc;
}

int kept_ledger_prove(struct kept_ledger *ledger, uint64_t index, uint64_t size,
                      struct kept_buf *out, struct kept_err *err)
{
    const struct ask ask = {.inclusion = true, .index = index, .size = size};
    int rc = kept_ledger_usable(ledger, err);
    if (rc != 0)
        return rc;
    if (index >= size || size > kept_ledger_durable(ledger))
        return kept_fail(err, KEPT_E_NOTFOUND, "entry %llu is in no durable tree of %llu entries",
                         (unsigned long long)index, (unsigned long long)size);
    return prove(ledger, &ask, out, err);
}

int kept_ledger_prove_consistency(struct kept_ledger *ledger, uint64_t old_size, uint64_t size,
                                  struct kept_buf *out, struct kept_err *err)
{
    const struct ask ask = {.old_size = old_size, .size = size};
    int rc = kept_ledger_usable(ledger, err);
    if (rc != 0)
        return rc;
    if (old_size > size || size > kept_ledger_durable(ledger))
        return kept_fail(err, KEPT_E_NOTFOUND, "there are no durable trees of %llu and %llu entries",
                         (unsigned long long)old_size, (unsigned long long)size);
    if (old_size == 0 || old_size == size)
        return 0; /* the proof is empty */
    return prove(ledger, &ask, out, err);
}

int kept_ledger_prove_text(struct kept_ledger *ledger, uint64_t index, struct kept_buf *out,
                           struct kept_err *err)
{
    struct kept_buf proof;
    char text[48];
    size_t start = out->n;
    kept_buf_init(&proof, MAX_PATH_NODES * 32);
    int rc = kept_ledger_prove(ledger, index, ledger->checkpoint.size, &proof, err);
    if (rc == 0) {
        kept_buf_printf(out, "c2sp.org/tlog-proof@v1\nindex %llu\n", (unsigned long long)index);
        for (size_t at = 0; at < proof.n; at += 32) {
            kept_base64((struct kept_span){proof.p + at, 32}, text);
            kept_buf_printf(out, "%s\n", text);
        }
        kept_buf_text(out, "\n");
        kept_buf_bytes(out, ledger->note.p, ledger->note.n);
        if ((rc = out->failed) != 0) {
            out->n = start;
            rc = kept_fail(err, rc, "no room for a proof");
        }
    }
    kept_buf_release(&proof);
    return rc;
}
