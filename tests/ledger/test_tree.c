/* The Merkle tree: published vectors, and every proof against the definition. */
#include "aid.h"

/* The leaves of the well-known Certificate Transparency reference tree. */
static const struct kept_span LEAVES[8] = {
    {(const uint8_t *)"", 0},
    {(const uint8_t *)"\x00", 1},
    {(const uint8_t *)"\x10", 1},
    {(const uint8_t *)"\x20\x21", 2},
    {(const uint8_t *)"\x30\x31", 2},
    {(const uint8_t *)"\x40\x41\x42\x43", 4},
    {(const uint8_t *)"\x50\x51\x52\x53\x54\x55\x56\x57", 8},
    {(const uint8_t *)"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16}};
static const char *const ROOTS[9] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

static void roots_of_rfc6962(void **state)
{
    struct kept_tree tree = {.n = 0};
    uint8_t root[32], leaf[32];
    char hex[65];
    (void)state;
    for (size_t n = 0; n <= 8; n++) {
        kept_tree_root(&tree, root);
        kept_hex(root, 32, hex);
        assert_string_equal(hex, ROOTS[n]);
        if (n < 8) {
            kept_leaf_hash(LEAVES[n], leaf);
            assert_int_equal(kept_tree_add(&tree, leaf, NULL), 0);
        }
    }
}

static void tree_is_the_definition(void **state)
{
    struct kept_tree tree = {.n = 0};
    uint8_t root[32], want[32], leaf[32], done[64][32];
    (void)state;
    for (uint64_t n = 0; n < 1100; n++) {
        kept_tree_root(&tree, root);
        if (n < 80 || n % 97 == 0 || (n & (n - 1)) == 0) {
            slow_root(0, n, want);
            assert_memory_equal(root, want, 32);
        }
        slow_leaf(n, leaf);
        size_t count = kept_tree_add(&tree, leaf, done);
        for (size_t i = 0; i < count; i++) {
            uint64_t size = (uint64_t)BLOCK << i;
            slow_root(n + 1 - size, n + 1, want);
            assert_memory_equal(done[i], want, 32);
        }
        assert_int_equal(count == 0, (n + 1) % BLOCK != 0);
    }
}

/* Every inclusion and consistency proof of all sizes up to max; each bit of some, flipped. */
static void proofs(struct aid *a, uint64_t from, uint64_t max, uint64_t step)
{
    struct kept_buf proof;
    uint8_t root[32], old_root[32], leaf[32];
    kept_buf_init(&proof, 8192);
    for (uint64_t size = from; size <= max; size += step) {
        slow_root(0, size, root);
        for (uint64_t i = 0; i < size; i += step) {
            kept_buf_clear(&proof);
            assert_int_equal(kept_ledger_prove(a->ledger, i, size, &proof, NULL), 0);
            slow_leaf(i, leaf);
            struct kept_span span = kept_buf_span(&proof);
            assert_true(kept_verify_inclusion(i, size, leaf, span, root));
            assert_false(kept_verify_inclusion(i + 1, size, leaf, span, root));
            assert_false(kept_verify_inclusion(size, size, leaf, span, root));
            if (proof.n != 0) {
                assert_false(kept_verify_inclusion(i, size, leaf,
                                                   (struct kept_span){span.p, span.n - 32}, root));
                proof.p[(i * 31) % proof.n] ^= 1;
                assert_false(kept_verify_inclusion(i, size, leaf, span, root));
            }
        }
        for (uint64_t old = 0; old <= size; old += step) {
            kept_buf_clear(&proof);
            assert_int_equal(kept_ledger_prove_consistency(a->ledger, old, size, &proof, NULL), 0);
            slow_root(0, old, old_root);
            struct kept_span span = kept_buf_span(&proof);
            assert_true(kept_verify_consistency(old, size, old_root, root, span));
            if (proof.n != 0) {
                assert_false(kept_verify_consistency(old, size, root, root, span));
                assert_false(kept_verify_consistency(old, size, old_root, old_root, span));
                assert_false(kept_verify_consistency(
                    old, size, old_root, root, (struct kept_span){span.p, span.n - 32}));
                proof.p[(old * 37) % proof.n] ^= 0x80;
                assert_false(kept_verify_consistency(old, size, old_root, root, span));
            }
        }
    }
    kept_buf_release(&proof);
}

static void all_small_proofs(void **state)
{
    struct aid a;
    (void)state;
    aid_start(&a, 0);
    aid_fill(&a, 71, 9);
    aid_checkpoint(&a);
    proofs(&a, 1, 71, 1);
    aid_end(&a);
}

/* Over block and segment borders, from memory, from index files, and after a new opening. */
static void proofs_through_indexes(void **state)
{
    struct aid a;
    (void)state;
    aid_start(&a, 4096);
    aid_fill(&a, 1500, 100);
    proofs(&a, 1, 1500, 83);
    aid_checkpoint(&a);
    assert_true(a.ledger->index.base > 0);
    proofs(&a, 2, 1500, 107);
    aid_reopen(&a);
    proofs(&a, 255, 1500, 89);
    proofs(&a, 256, 1500, 64);
    aid_end(&a);
}

static void a_damaged_index_gives_no_wrong_proof(void **state)
{
    struct aid a;
    struct kept_buf bytes, proof;
    uint8_t root[32], leaf[32];
    char name[NAME_BYTES];
    (void)state;
    aid_start(&a, 4096);
    aid_fill(&a, 1500, 100);
    aid_checkpoint(&a);
    for (uint32_t seg = 0; seg + 2 < a.ledger->seg_n; seg++) {
        kept_index_name(name, seg);
        aid_get(a.folder, name, &bytes);
        bytes.p[40] ^= 4;
        aid_put(a.folder, name, bytes.p, seg % 3 == 2 ? 0 : bytes.n);
        kept_buf_release(&bytes);
    }
    kept_buf_init(&proof, 8192);
    slow_root(0, 1500, root);
    for (uint64_t i = 0; i < 1500; i += 50) {
        kept_buf_clear(&proof);
        assert_int_equal(kept_ledger_prove(a.ledger, i, 1500, &proof, NULL), 0);
        slow_leaf(i, leaf);
        assert_true(kept_verify_inclusion(i, 1500, leaf, kept_buf_span(&proof), root));
    }
    assert_int_equal(kept_ledger_checkpoint(a.ledger, AT, 1, NULL), 0);
    aid_verify(&a);
    kept_buf_release(&proof);
    aid_end(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roots_of_rfc6962),
        cmocka_unit_test(tree_is_the_definition),
        cmocka_unit_test(all_small_proofs),
        cmocka_unit_test(proofs_through_indexes),
        cmocka_unit_test(a_damaged_index_gives_no_wrong_proof),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
