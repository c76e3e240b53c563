/* tree.c - RFC 6962 Merkle tree: growing it, and checking proofs (RFC 9162, 2.1.3.2 and 2.1.4.2). */
#include <string.h>

#include "base/id.h"
#include "crypto/crypto.h"
#include "ledger/ledger_int.h"

void kept_leaf_hash(struct kept_span entry, uint8_t ret_hash[32])
{
    static const uint8_t prefix[1] = {0}; /* leaf and node can never be taken for each other */
    const struct kept_span parts[] = {{prefix, 1}, entry};
    kept_sha256_parts(parts, 2, ret_hash);
}

void kept_node_hash(const uint8_t left[32], const uint8_t right[32], uint8_t ret_hash[32])
{
    uint8_t bytes[65];
    bytes[0] = 1;
    memcpy(bytes + 1, left, 32);
    memcpy(bytes + 33, right, 32);
    kept_sha256((struct kept_span){bytes, sizeof bytes}, ret_hash);
}

size_t kept_tree_add(struct kept_tree *tree, const uint8_t leaf[32], uint8_t (*ret_done)[32])
{
    uint8_t hash[32];
    unsigned level = 0;
    size_t done = 0;
    memcpy(hash, leaf, 32);
    for (; (tree->n >> level & 1) != 0; level++) {
        kept_node_hash(tree->node[level], hash, hash);
        if (ret_done != NULL && level + 1 >= BLOCK_BITS)
            memcpy(ret_done[done++], hash, 32);
    }
    memcpy(tree->node[level], hash, 32);
    tree->n++;
    return done;
}

void kept_tree_root(const struct kept_tree *tree, uint8_t ret_root[32])
{
    bool any = false;
    if (tree->n == 0)
        kept_sha256((struct kept_span){(const uint8_t *)"", 0}, ret_root);
    for (unsigned level = 0; level < 64; level++) {
        if ((tree->n >> level & 1) == 0)
            continue;
        if (any)
            kept_node_hash(tree->node[level], ret_root, ret_root);
        else
            memcpy(ret_root, tree->node[level], 32);
        any = true;
    }
}

bool kept_verify_inclusion(uint64_t index, uint64_t size, const uint8_t leaf[32],
                           struct kept_span proof, const uint8_t root[32])
{
    uint8_t hash[32];
    if (index >= size || proof.n % 32 != 0)
        return false;
    uint64_t fn = index, sn = size - 1;
    memcpy(hash, leaf, 32);
    for (size_t at = 0; at < proof.n; at += 32) {
        if (sn == 0)
            return false;
        if ((fn & 1) != 0 || fn == sn) {
            kept_node_hash(proof.p + at, hash, hash);
            while ((fn & 1) == 0 && fn != 0) { /* no test: fn is odd, or sn, which is not 0 */
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            kept_node_hash(hash, proof.p + at, hash);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && kept_bytes_equal(hash, root, 32);
}

/* The loop of RFC 9162, 2.1.4.2: both roots grow from the same hashes. */
static bool consistent(uint64_t fn, uint64_t sn, const uint8_t *first, struct kept_span rest,
                       const uint8_t old_root[32], const uint8_t root[32])
{
    uint8_t fr[32], sr[32];
    memcpy(fr, first, 32);
    memcpy(sr, first, 32);
    for (size_t at = 0; at < rest.n; at += 32) {
        const uint8_t *c = rest.p + at;
        if (sn == 0)
            return false;
        if ((fn & 1) != 0 || fn == sn) {
            kept_node_hash(c, fr, fr);
            kept_node_hash(c, sr, sr);
            while ((fn & 1) == 0 && fn != 0) { /* no test: fn is odd, or sn, which is not 0 */
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            kept_node_hash(sr, c, sr);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && kept_bytes_equal(fr, old_root, 32) && kept_bytes_equal(sr, root, 32);
}

bool kept_verify_consistency(uint64_t old_size, uint64_t size, const uint8_t old_root[32],
                             const uint8_t root[32], struct kept_span proof)
{
    uint8_t empty[32];
    if (old_size > size || proof.n % 32 != 0)
        return false;
    if (old_size == size)
        return proof.n == 0 && kept_bytes_equal(old_root, root, 32);
    if (old_size == 0) {
        /* Everything extends the empty tree; nothing needs proving, but its root is known. */
        kept_sha256((struct kept_span){(const uint8_t *)"", 0}, empty);
        return proof.n == 0 && kept_bytes_equal(old_root, empty, 32);
    }
    if (proof.n == 0)
        return false;
    const uint8_t *first = proof.p;
    struct kept_span rest = proof;
    if ((old_size & (old_size - 1)) == 0) {
        first = old_root; /* the old tree is one whole subtree: its root starts the path */
    } else {
        rest.p += 32;
        rest.n -= 32;
    }
    uint64_t fn = old_size - 1, sn = size - 1;
    while ((fn & 1) != 0) {
        fn >>= 1;
        sn >>= 1;
    }
    return consistent(fn, sn, first, rest, old_root, root);
}
