/* test_paths.c - a ledger that lies as deep as paths go: whichever of its files has too long a path, that
 * is told, nothing is changed, and the log is whole where its path is short again. */
#include "aid.h"

#include "../aid/deep.h"

#define LONGEST (KEPT_MAX_PATH - 1)
#define NAMES 32u

static void mild(int rc)
{
    if (rc != 0 && rc != KEPT_E_LIMIT && rc != KEPT_E_IO)
        fail_msg("%d", rc);
}

/* All that is asked of an open log. */
static void ask(struct aid *a, struct kept_ledger *ledger, const char *tiles)
{
    struct kept_buf out;
    struct kept_id id = aid_id(300);
    uint8_t key[16];
    uint64_t n = 0;
    kept_buf_init(&out, 1 << 20);
    aid_key(3, key);
    mild(kept_ledger_each(ledger, 0, aid_count, &n, NULL));
    mild(kept_ledger_trail(ledger, key, aid_count, &n, NULL));
    mild(kept_ledger_find(ledger, &id, &n, NULL));
    mild(kept_ledger_entry(ledger, 77, &out, NULL));
    mild(kept_ledger_prove(ledger, 77, 300, &out, NULL));
    mild(kept_ledger_prove_consistency(ledger, 300, 400, &out, NULL));
    mild(kept_ledger_export(ledger, tiles, 1, NULL));
    (void)a;
    kept_buf_release(&out);
}

static void test_a_ledger_that_lies_too_deep(void **state)
{
    static char far[KEPT_MAX_PATH];
    (void)state;
    for (size_t n = LONGEST - NAMES; n < LONGEST; n++)
        for (int open_first = 0; open_first < 2; open_first++) {
            struct aid a;
            struct kept_verify_report report;
            struct kept_ledger *ledger = NULL;
            char tiles[96];
            aid_start(&a, 2048);
            aid_fill(&a, 400, 100);
            aid_checkpoint(&a);
            aid_fill(&a, 430, 10);
            (void)snprintf(tiles, sizeof tiles, "%s/tiles", a.root);
            deep_path(a.root, n, far);
            struct kept_ledger_options options = a.options;
            options.folder = far;
            if (open_first) { /* and moved while it is open: its files are where it does not look */
                assert_int_equal(rename(a.folder, far), 0);
                kept_free(a.ledger->folder);
                a.ledger->folder = kept_strdup(far);
                a.ledger->options.folder = a.ledger->source.folder = a.ledger->folder;
                ledger = a.ledger;
                a.ledger = NULL;
            } else {
                aid_close(&a);
                assert_int_equal(rename(a.folder, far), 0);
                mild(kept_ledger_open(&options, kept_buf_span(&a.anchor), &ledger, NULL));
            }
            uint64_t acknowledged = 430;
            if (ledger != NULL) {
                ask(&a, ledger, tiles);
                uint8_t bytes[128];
                for (uint64_t i = 430; i < 500; i++) {
                    mild(kept_ledger_append(ledger, (struct kept_span){bytes, aid_entry(i, bytes)}, NULL, NULL, NULL,
                                            NULL));
                    int rc = i % 10 == 9 ? kept_ledger_sync(ledger, kept_ledger_flush(ledger), NULL) : -1;
                    acknowledged = rc == 0 ? i + 1 : acknowledged;
                }
                mild(kept_ledger_checkpoint(ledger, AT + 9000, 1, NULL));
                kept_ledger_close(ledger);
            }
            mild(kept_ledger_verify(far, ORIGIN, a.public_key, kept_buf_span(&a.anchor), &report, NULL));
            assert_int_equal(rename(far, a.folder), 0);
            aid_open(&a);
            assert_true(kept_ledger_size(a.ledger) >= acknowledged);
            aid_verify(&a);
            aid_end(&a);
        }
}

static void test_a_ledger_made_or_told_too_deep(void **state)
{
    static char far[KEPT_MAX_PATH];
    unsigned made = 0;
    (void)state;
    for (size_t n = LONGEST - NAMES; n < LONGEST; n++) {
        struct aid a;
        struct kept_ledger *ledger = NULL;
        aid_start(&a, 2048);
        aid_fill(&a, n % 2 == 0 ? 300 : 200, 150); /* a full tile, or a partial one a folder deeper */
        aid_checkpoint(&a);
        deep_path(a.root, n, far);
        struct kept_ledger_options options = a.options;
        options.folder = far;
        options.anchor = NULL;
        int rc = kept_ledger_create(&options, NULL);
        mild(rc);
        made += rc == 0;
        if (rc == 0)
            assert_int_equal(kept_ledger_open(&options, NOTHING, &ledger, NULL), 0);
        kept_ledger_close(ledger);
        aid_remove(far);
        mild(kept_ledger_export(a.ledger, far, 1, NULL));
        aid_verify(&a);
        aid_end(&a);
    }
    assert_in_range(made, 8, NAMES - 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_ledger_that_lies_too_deep),
        cmocka_unit_test(test_a_ledger_made_or_told_too_deep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
