/* ledger.c - rows ledger_entries_per_s and verify_entries_per_s, without an engine around them.
 *
 * Entries as a read makes them: an actor part and a subject part, both sealed, committed to and
 * tagged; appended in batches, each batch durable before the next. Verification reads everything:
 * frames, leaves, the tree, the checkpoint's signature, the tag lists. */
#include "bench.h"

#include "crypto/crypto.h"
#include "ledger/ledger.h"

#define BATCH 256u
#define PEOPLE 1024u
#define ORIGIN "kept.example/bench/ledger"

struct keys {
    uint8_t seed[KEPT_SIGN_SEED_BYTES], audit[KEPT_KEY_BYTES];
    uint8_t trace[PEOPLE][KEPT_KEY_BYTES + 16];
};

static void check(int rc, const char *what, const struct kept_err *err)
{
    if (rc != 0)
        bench_die(what, err);
}

static void append(struct kept_ledger *ledger, const struct keys *keys, uint32_t number,
                   struct kept_buf *bytes)
{
    static const uint8_t actor[34] = "actor part of a read", subject[40] = "subject part of a read";
    struct kept_err err = {0};
    const uint8_t *trace = keys->trace[number % PEOPLE];
    struct kept_entry entry = {.at = 1780000000000 + number,
                               .event = KEPT_OP_USE,
                               .decision = KEPT_ALLOW,
                               .actor_kind = KEPT_ACTOR_APP,
                               .policy_version = 1,
                               .subject_version = 3,
                               .suite = (uint8_t)kept_suite_default()};
    kept_random_id(&entry.id);
    kept_buf_clear(bytes);
    check(kept_entry_encode(&entry, keys->audit, (struct kept_span){actor, sizeof actor}, trace,
                            (struct kept_span){subject, sizeof subject}, bytes),
          "encode", NULL);
    check(kept_ledger_append(ledger, kept_buf_span(bytes), trace + KEPT_KEY_BYTES, NULL, NULL,
                             &err),
          "append", &err);
}

int main(int argc, char **argv)
{
    if (argc < 3)
        bench_die("usage: ledger FOLDER ENTRIES", NULL);
    char folder[BENCH_PATH];
    uint8_t public_key[KEPT_SIGN_PUBLIC_BYTES];
    uint32_t entries = (uint32_t)strtoul(argv[2], NULL, 10);
    struct kept_err err = {0};
    struct kept_ledger *ledger = NULL;
    struct kept_buf bytes;
    struct kept_verify_report report;
    struct keys *keys = bench_alloc(1, sizeof *keys);
    check(kept_crypto_init(), "start", NULL);
    kept_random(keys, sizeof *keys);
    (void)snprintf(folder, sizeof folder, "%.3000s/ledger", argv[1]);
    const struct kept_ledger_options options = {
        .folder = folder, .origin = ORIGIN, .seed = keys->seed};
    check(kept_ledger_create(&options, &err), "create", &err);
    check(kept_ledger_open(&options, (struct kept_span){NULL, 0}, &ledger, &err), "open", &err);
    kept_buf_init(&bytes, 65536);
    double start = bench_now();
    for (uint32_t i = 0; i < entries; i++) {
        append(ledger, keys, i, &bytes);
        if (i % BATCH == BATCH - 1)
            check(kept_ledger_sync(ledger, kept_ledger_flush(ledger), &err), "sync", &err);
    }
    check(kept_ledger_sync(ledger, kept_ledger_flush(ledger), &err), "sync", &err);
    check(kept_ledger_checkpoint(ledger, 1780000000000, 1, &err), "checkpoint", &err);
    bench_row("ledger_entries_per_s", entries / (bench_now() - start), "/s, durable in batches of 256");
    kept_ledger_close(ledger);
    kept_sign_public(keys->seed, public_key);
    start = bench_now();
    check(kept_ledger_verify(folder, ORIGIN, public_key, (struct kept_span){NULL, 0}, &report, &err),
          "verify", &err);
    bench_row("verify_entries_per_s", (double)report.entries / (bench_now() - start), "/s");
    kept_buf_release(&bytes);
    free(keys);
    return 0;
}
