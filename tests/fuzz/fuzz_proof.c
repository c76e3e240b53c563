/* fuzz_proof.c - proofs: the right one is taken; one that was changed anywhere is not; and any bytes
 * are answered. The right ones are made by the definition (RFC 6962, 2.1), slowly. */
#include "crypto/crypto.h"
#include "fuzz.h"
#include "ledger/ledger_int.h"

#define LEAVES 70u

static void leaf_of(uint64_t i, uint8_t ret[32])
{
    uint8_t bytes[8];
    kept_put_be64(bytes, i);
    kept_leaf_hash((struct kept_span){bytes, 8}, ret);
}

static void root_of(uint64_t lo, uint64_t hi, uint8_t ret[32])
{
    static struct { bool known; uint8_t hash[32]; } cache[LEAVES + 1][LEAVES + 1];
    uint8_t left[32], right[32];
    uint64_t k = 1;
    if (cache[lo][hi].known) {
        memcpy(ret, cache[lo][hi].hash, 32);
        return;
    }
    if (hi == lo) {
        kept_sha256((struct kept_span){left, 0}, ret);
    } else if (hi - lo == 1) {
        leaf_of(lo, ret);
    } else {
        while (k * 2 < hi - lo)
            k *= 2;
        root_of(lo, lo + k, left);
        root_of(lo + k, hi, right);
        kept_node_hash(left, right, ret);
    }
    memcpy(cache[lo][hi].hash, ret, 32);
    cache[lo][hi].known = true;
}

static void put(struct kept_buf *out, uint64_t lo, uint64_t hi)
{
    uint8_t hash[32];
    root_of(lo, hi, hash);
    kept_buf_bytes(out, hash, 32);
}

/* PATH(m, D[lo:hi]) */
static void path(struct kept_buf *out, uint64_t m, uint64_t lo, uint64_t hi)
{
    uint64_t k = 1;
    if (hi - lo <= 1)
        return;
    while (k * 2 < hi - lo)
        k *= 2;
    if (m < k) {
        path(out, m, lo, lo + k);
        put(out, lo + k, hi);
    } else {
        path(out, m - k, lo + k, hi);
        put(out, lo, lo + k);
    }
}

/* SUBPROOF(m, D[lo:hi], b) */
static void subproof(struct kept_buf *out, uint64_t m, uint64_t lo, uint64_t hi, bool whole)
{
    uint64_t k = 1;
    if (m == hi - lo) {
        if (!whole)
            put(out, lo, hi);
        return;
    }
    while (k * 2 < hi - lo)
        k *= 2;
    if (m <= k) {
        subproof(out, m, lo, lo + k, whole);
        put(out, lo + k, hi);
    } else {
        subproof(out, m - k, lo + k, hi, false);
        put(out, lo, lo + k);
    }
}

static void inclusion(struct fuzz *f, struct kept_buf *proof)
{
    uint8_t leaf[32], root[32];
    uint64_t size = 1 + fuzz_below(f, LEAVES), index = fuzz_below(f, (uint32_t)size);
    struct kept_buf right;
    leaf_of(index, leaf);
    root_of(0, size, root);
    path(proof, index, 0, size);
    FUZZ_MUST(kept_verify_inclusion(index, size, leaf, kept_buf_span(proof), root));
    FUZZ_MUST(!kept_verify_inclusion(size, size, leaf, kept_buf_span(proof), root));
    kept_buf_init(&right, 1 << 20);
    kept_buf_bytes(&right, proof->p, proof->n);
    fuzz_edit(f, proof);
    bool same = proof->n == right.n && (right.n == 0 || memcmp(proof->p, right.p, right.n) == 0);
    FUZZ_MUST(kept_verify_inclusion(index, size, leaf, kept_buf_span(proof), root) == same);
    kept_buf_release(&right);
}

static void consistency(struct fuzz *f, struct kept_buf *proof)
{
    uint8_t old_root[32], root[32];
    uint64_t size = 1 + fuzz_below(f, LEAVES), old = fuzz_below(f, (uint32_t)size + 1);
    struct kept_buf right;
    root_of(0, old, old_root);
    root_of(0, size, root);
    if (old > 0)
        subproof(proof, old, 0, size, true);
    FUZZ_MUST(kept_verify_consistency(old, size, old_root, root, kept_buf_span(proof)));
    kept_buf_init(&right, 1 << 20);
    kept_buf_bytes(&right, proof->p, proof->n);
    fuzz_edit(f, proof);
    bool same = proof->n == right.n && (right.n == 0 || memcmp(proof->p, right.p, right.n) == 0);
    FUZZ_MUST(kept_verify_consistency(old, size, old_root, root, kept_buf_span(proof)) == same);
    kept_buf_release(&right);
}

void fuzz_proof(const uint8_t *p, size_t n)
{
    struct fuzz f = fuzz_of(p, n);
    struct kept_buf proof;
    uint8_t root[32] = {0};
    kept_buf_init(&proof, 1 << 20);
    uint8_t what = fuzz_u8(&f) % 3;
    if (what == 0) {
        inclusion(&f, &proof);
    } else if (what == 1) {
        consistency(&f, &proof);
    } else {
        uint64_t a = fuzz_number(&f), b = fuzz_number(&f);
        struct kept_span any = fuzz_rest(&f);
        FUZZ_MUST(!kept_verify_inclusion(a, b, root, any, root) || any.n == 0);
        FUZZ_MUST(!kept_verify_consistency(a, b, root, root, any) || a == b);
    }
    kept_buf_release(&proof);
}

void seeds_proof(fuzz_give_fn *give)
{
    for (uint8_t what = 0; what < 2; what++)
        for (unsigned size = 1; size < LEAVES; size += 11) {
            const uint8_t seed[] = {what, (uint8_t)size, (uint8_t)(size / 2), 3, 0, 40, 0, 1};
            give(seed, 3);
            give(seed, sizeof seed);
        }
    static const uint8_t any[2 + 1 + 64] = {2, 14, 15};
    give(any, sizeof any);
}
