/* test_erase.c - erased means erased: keys and tokens are in no file, and what somebody copied
 * before does not open once the erasure is final, with the root key and every file in hand. */
#include "../aid/world.h"

#include <sqlite3.h>

#include "base/error.h"
#include "keys/keys.h"
#include "subject/subject.h"
#include "vault/vault.h"

#define APP 1u

/* What a thief copied of one person before the erasure. */
struct loot {
    struct world_blobs cells, chunks, tokens;
};

static void take(struct world *w, struct kept_id id, struct loot *loot)
{
    unsigned long long from = world_key(id), to = from | 0xfffff;
    *loot = (struct loot){.cells = {NULL, 0}};
    world_blobs(w, &loot->cells, "SELECT body, key, 0 FROM cell WHERE key BETWEEN %llu AND %llu",
                from, to);
    world_blobs(w, &loot->chunks,
                "SELECT body, key, number FROM chunk WHERE key BETWEEN %llu AND %llu", from, to);
    world_blobs(w, &loot->tokens, "SELECT token, key, 0 FROM token WHERE key BETWEEN %llu AND %llu",
                from, to);
    assert_true(loot->cells.count > 0);
}

static void drop(struct loot *loot)
{
    world_blobs_free(&loot->cells);
    world_blobs_free(&loot->chunks);
    world_blobs_free(&loot->tokens);
}

static struct kept_head head_of(const struct world_blob *b)
{
    struct kept_head head;
    assert_int_equal(kept_head_decode(b->key, (struct kept_span){b->p, b->n}, &head), 0);
    return head;
}

/* In how many files stands anything of the loot? keys: the key box and the tokens only. */
static size_t left_in_files(struct world *w, const struct loot *loot, bool keys)
{
    const struct kept_head head = head_of(&loot->cells.rows[0]);
    size_t n = world_files_with(w, head.box.p, head.box.n);
    for (size_t i = 0; i < loot->tokens.count; i++)
        n += world_files_with(w, loot->tokens.rows[i].p, loot->tokens.rows[i].n);
    if (keys)
        return n;
    n += world_files_with(w, head.context.p, head.context.n);
    for (size_t at = 0; at + 48 <= head.pack.n; at += 16)
        n += world_files_with(w, head.pack.p + at, 48);
    for (size_t i = 1; i < loot->cells.count; i++)
        n += world_files_with(w, loot->cells.rows[i].p, loot->cells.rows[i].n);
    for (size_t i = 0; i < loot->chunks.count; i++)
        n += world_files_with(w, loot->chunks.rows[i].p + 64, 64);
    return n;
}

static bool is_large(const struct loot *loot, uint64_t slot)
{
    for (size_t c = 0; c < loot->chunks.count; c++)
        if ((loot->chunks.rows[c].key & 0xfffff) == slot)
            return true;
    return false;
}

/* A head with the records of another one. */
static struct world_blob graft(const struct world_blob *head, const struct world_blob *records)
{
    struct kept_head to = head_of(head), from = head_of(records);
    struct world_blob mixed = {.key = head->key, .n = head->n - to.pack.n + from.pack.n};
    mixed.p = malloc(mixed.n);
    assert_non_null(mixed.p);
    memcpy(mixed.p, head->p, head->n - to.pack.n);
    memcpy(mixed.p + head->n - to.pack.n, from.pack.p, from.pack.n);
    return mixed;
}

/* Open a copied head with one epoch key; then every copied record with the keys from it. */
static size_t open_with(struct kept_subject *s, struct kept_keyring *ring, const struct loot *loot,
                        const struct kept_head *copied, uint32_t epoch)
{
    size_t opened = 0;
    struct kept_head head = *copied;
    head.epoch = epoch;
    if (kept_subject_open(s, ring, APP, loot->cells.rows[0].key, &head, NULL) != 0)
        return 0;
    for (size_t r = 0; r < s->dir_count; r++) {
        struct kept_stamp stamp;
        struct kept_span body;
        struct kept_buf value;
        kept_buf_init(&value, 1 << 20);
        if (!is_large(loot, s->dir[r].slot) && kept_pack_find(s, s->dir[r].slot, &body))
            opened += kept_vault_open(NULL, s, &s->dir[r], body, &stamp, &value, NULL) == 0;
        kept_buf_release(&value);
    }
    for (size_t i = 1; i < loot->cells.count; i++) {
        const struct world_blob *b = &loot->cells.rows[i];
        struct kept_stamp stamp;
        struct kept_buf value;
        if (is_large(loot, b->key & 0xfffff))
            continue;
        kept_buf_init(&value, 1 << 20);
        for (size_t r = 0; r < s->dir_count; r++)
            if (s->dir[r].slot == (b->key & 0xfffff))
                opened += kept_vault_open(NULL, s, &s->dir[r], (struct kept_span){b->p, b->n},
                                          &stamp, &value, NULL) == 0;
        kept_buf_release(&value);
    }
    return 1 + opened;
}

/* How much of the loot opens for someone who has the root key and all files there are? The store is
 * closed meanwhile. Records in chunks are left out. */
static size_t attack(struct world *w, const struct loot *loot)
{
    struct kept_root *root = NULL;
    struct kept_keyring *ring = NULL;
    struct kept_epoch epochs[KEPT_MAX_EPOCHS];
    struct kept_subject s;
    struct kept_subject_keys *keys = kept_secret_new(sizeof *keys);
    size_t opened = 0;
    world_close(w);
    assert_non_null(keys);
    kept_subject_init(&s, keys);
    assert_int_equal(kept_root_load(w->root, &root, &w->err), 0);
    assert_int_equal(kept_keyring_open(w->keyring, "shop", root, &ring, &w->err), 0);
    const struct kept_head head = head_of(&loot->cells.rows[0]);
    size_t n = kept_keyring_epochs(ring, epochs, KEPT_MAX_EPOCHS);
    for (size_t i = 0; i < n; i++) {
        uint8_t aad[KEPT_AAD_HEAD + 8], plain[1024];
        opened += open_with(&s, ring, loot, &head, epochs[i].number);
        /* The box alone, under the name of the epoch it was made in. */
        size_t at = kept_aad_head(aad, head.suite, APP, &head.id);
        aad[at] = 'K';
        kept_put_be32(aad + at + 1, head.epoch);
        opened += kept_keyring_unwrap(ring, epochs[i].number, (struct kept_span){aad, at + 5},
                                      head.box, plain) == 0;
    }
    kept_keyring_close(ring);
    kept_root_free(root);
    kept_subject_release(&s);
    kept_secret_free(keys);
    world_open(w);
    return opened;
}

/* Somebody with one of everything, among others. */
static struct kept_id rich_person(struct world *w)
{
    static uint8_t photo[200000];
    struct kept_id id = world_person(w);
    memset(photo, 'p', sizeof photo);
    world_put(w, id, "account", "phone", "13800138000");
    world_put(w, id, "account", "phone", "13800138001"); /* the first is an old version now */
    world_put(w, id, "account", "name", "Jane Doe");
    world_put(w, id, "notes", "note", "first note");
    world_put(w, id, "notes", "note", "second note");
    world_put(w, id, "notes", "imei", "490154203237518");
    world_put_bytes(w, id, "notes", "photo", (struct kept_span){photo, sizeof photo});
    return id;
}

static void crowd(struct world *w, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        char phone[16];
        struct kept_id id = world_person(w);
        (void)snprintf(phone, sizeof phone, "139%08u", i);
        world_put(w, id, "account", "phone", phone);
        world_put(w, id, "notes", "note", "somebody else's");
    }
}

static struct kept_reply *tick(struct world *w)
{
    return ASK(w, .op = KEPT_OP_TICK);
}

/* ---- a person -------------------------------------------------------------------------------- */

static void test_a_person_is_gone_at_once(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = rich_person(&w);
    struct kept_field phone = world_field("phone", "13800138001");
    ALLOWS(&w, .op = KEPT_OP_SUBJECT_FIND, .fields = &phone, .field_count = 1);
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id);
    assert_true(world_json_has(reply, "\"certificate\":\"erasure\""));
    assert_true(world_json_has(reply, "\"keys_destroyed\":\"2026-01-05T08:00:00Z\""));
    assert_true(world_json_has(reply, "\"final\":\"2026-02-11T08:00:00Z\"")); /* + 7 + 30 days */
    assert_true(world_json_has(reply, "\"records_kept_by_law\":0"));
    kept_reply_free(reply);
    SAYS(&w, KEPT_DENY, KEPT_R_NO_VALUE, .op = KEPT_OP_SUBJECT_FIND, .fields = &phone,
         .field_count = 1);
    HIDES(&w, id, "phone", "service", KEPT_R_ERASED);
    SAYS(&w, KEPT_DENY, KEPT_R_ERASED, .op = KEPT_OP_COLLECT, .subject = id,
         .function = "account", .fields = &phone, .field_count = 1);
    SAYS(&w, KEPT_DENY, KEPT_R_ERASED, .op = KEPT_OP_CONSENT_ACKNOWLEDGE, .subject = id);
    SAYS(&w, KEPT_DENY, KEPT_R_ERASED, .op = KEPT_OP_CONSENT_GRANT, .subject = id,
         .function = "notes", .consent = KEPT_C_EXPLICIT);
    SAYS(&w, KEPT_DENY, KEPT_R_ERASED, .op = KEPT_OP_ERASE_RECORD, .subject = id, .item = "note");
    assert_true(world_shows(&w, id, "\"state\":\"erased\""));
    assert_true(world_shows(&w, id, "\"consents\":[]"));
    /* Again is a success with the same certificate, and owes nothing new. */
    uint64_t owed = world_number(&w, "journal_obligations");
    w.now += KEPT_HOUR;
    reply = ASK(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id);
    assert_true(world_json_has(reply, "\"keys_destroyed\":\"2026-01-05T08:00:00Z\""));
    kept_reply_free(reply);
    assert_int_equal(world_number(&w, "journal_obligations"), owed);
    world_reopen(&w);
    HIDES(&w, id, "phone", "service", KEPT_R_ERASED);
    world_down(&w);
}

static void test_nothing_is_left_in_any_file(void **state)
{
    struct world w;
    struct loot loot;
    (void)state;
    world_shop(&w);
    crowd(&w, 40);
    struct kept_id id = rich_person(&w);
    crowd(&w, 40);
    take(&w, id, &loot);
    assert_int_equal(loot.tokens.count, 2);
    assert_int_equal(loot.chunks.count, 4);
    assert_true(left_in_files(&w, &loot, true) >= 3);
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id);
    assert_true(world_shows(&w, id, "\"rows_swept\":\"pending\""));
    world_tick_says(&w, "\"swept\":1,\"sweep_blocked_by_reader\":false");
    assert_false(world_shows(&w, id, "\"rows_swept\":\"pending\""));
    assert_int_equal(left_in_files(&w, &loot, false), 0);
    world_close(&w);
    assert_int_equal(left_in_files(&w, &loot, false), 0);
    world_open(&w);
    drop(&loot);
    world_down(&w);
}

static void test_a_long_reader_delays_the_sweep_and_it_says_so(void **state)
{
    struct world w;
    struct loot loot;
    char path[WORLD_PATH];
    sqlite3 *reader = NULL;
    (void)state;
    world_shop(&w);
    crowd(&w, 10);
    struct kept_id id = rich_person(&w);
    take(&w, id, &loot);
    world_join(path, w.store, "store.db");
    assert_int_equal(sqlite3_open_v2(path, &reader, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(reader, "BEGIN; SELECT count(*) FROM cell", NULL, NULL, NULL),
                     SQLITE_OK);
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id);
    for (int i = 0; i < 3; i++) {
        world_tick_says(&w, "\"swept\":0,\"sweep_blocked_by_reader\":true");
        assert_true(world_shows(&w, id, "\"rows_swept\":\"pending\""));
        assert_int_equal(world_number(&w, "sweeps_pending"), 1);
        w.now += KEPT_SECOND;
    }
    HIDES(&w, id, "phone", "service", KEPT_R_ERASED);
    assert_true(left_in_files(&w, &loot, true) > 0);
    assert_int_equal(sqlite3_exec(reader, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    world_tick_says(&w, "\"swept\":1,\"sweep_blocked_by_reader\":false");
    assert_int_equal(world_number(&w, "sweeps_pending"), 0);
    assert_int_equal(left_in_files(&w, &loot, false), 0);
    (void)sqlite3_close(reader);
    drop(&loot);
    world_down(&w);
}

static void test_final_after_rotation_and_window(void **state)
{
    struct world w;
    struct loot loot;
    (void)state;
    world_shop(&w);
    struct kept_id other = rich_person(&w), id = rich_person(&w);
    take(&w, id, &loot);
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id);
    world_tick_says(&w, "\"swept\":1");
    /* Not final yet: with the copy and the keyring of today it still opens. So the attack works. */
    assert_true(attack(&w, &loot) > 4);
    w.now += 7 * KEPT_DAY;
    world_tick_says(&w, "\"people_rewrapped\":2");
    w.now += 30 * KEPT_DAY - 1;
    kept_reply_free(tick(&w));
    assert_true(attack(&w, &loot) > 4);
    assert_false(world_shows(&w, id, "\"final\":\"reached\""));
    assert_true(world_shows(&w, id, "\"final\":\"2026-02-11T08:00:00Z\""));
    w.now += 1;
    world_tick_says(&w, "\"epochs_destroyed\":1");
    assert_true(world_shows(&w, id, "\"final\":\"reached\""));
    assert_int_equal(attack(&w, &loot), 0);
    READS(&w, other, "name", "service", "Jane Doe");
    drop(&loot);
    world_down(&w);
}

/* ---- a record -------------------------------------------------------------------------------- */

static void test_a_record_is_gone_and_final(void **state)
{
    struct world w;
    struct loot loot, after;
    (void)state;
    world_shop(&w);
    struct kept_id id = rich_person(&w);
    take(&w, id, &loot);
    SAYS(&w, KEPT_DENY, KEPT_R_NO_VALUE, .op = KEPT_OP_ERASE_RECORD, .subject = id,
         .item = "badge");
    SAYS(&w, KEPT_DENY, KEPT_R_NO_VALUE, .op = KEPT_OP_ERASE_RECORD, .subject = id,
         .item = "note", .record = 99);
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_ERASE_RECORD, .subject = id);
    ALLOWS(&w, .op = KEPT_OP_ERASE_RECORD, .subject = id, .item = "note", .record = 3);
    READS(&w, id, "note", "service", "second note");
    ALLOWS(&w, .op = KEPT_OP_ERASE_RECORD, .subject = id, .item = "phone");
    HIDES(&w, id, "phone", "service", KEPT_R_NO_VALUE);
    SAYS(&w, KEPT_DENY, KEPT_R_NO_VALUE, .op = KEPT_OP_SUBJECT_FIND,
         .fields = &(struct kept_field){.name = "phone", .value = world_text("13800138001")},
         .field_count = 1);
    assert_int_equal(world_number(&w, "reseals_pending"), 1);
    assert_true(attack(&w, &loot) > 4);
    ALLOWS(&w, .op = KEPT_OP_ROTATE);
    assert_int_equal(world_number(&w, "reseals_pending"), 0);
    READS(&w, id, "note", "service", "second note");
    READS(&w, id, "name", "service", "Jane Doe");
    /* The living head opens none of the former records. */
    take(&w, id, &after);
    assert_true(after.cells.rows[0].n != loot.cells.rows[0].n ||
                memcmp(after.cells.rows[0].p, loot.cells.rows[0].p, loot.cells.rows[0].n) != 0);
    struct world_blob head = loot.cells.rows[0], mixed = graft(&after.cells.rows[0], &head);
    loot.cells.rows[0] = mixed;
    assert_int_equal(attack(&w, &loot), 2); /* head and box are those of today */
    loot.cells.rows[0] = head;
    free(mixed.p);
    w.now += 31 * KEPT_DAY;
    kept_reply_free(tick(&w));
    assert_int_equal(attack(&w, &loot), 0);
    READS(&w, id, "note", "service", "second note");
    drop(&loot);
    drop(&after);
    world_down(&w);
}

static void test_many_pages_of_records(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    world_put_many(&w, id, "notes", "note", 1600);
    world_put(&w, id, "notes", "note", "the last of them");
    long long key = (long long)world_key(id);
    assert_int_equal(world_sql_number(&w, "SELECT count(*) FROM chunk WHERE key = %lld", key), 3);
    ALLOWS(&w, .op = KEPT_OP_ERASE_RECORD, .subject = id, .item = "note", .record = 1000);
    ALLOWS(&w, .op = KEPT_OP_ROTATE);
    world_reopen(&w);
    const struct kept_field field = {.name = "note"};
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_USE, .subject = id, .purpose = "service",
                                   .fields = &field, .field_count = 1);
    assert_int_equal(reply->field_count, 1600);
    bool last = false;
    for (size_t i = 0; i < reply->field_count; i++) {
        assert_int_not_equal(reply->fields[i].record, 1000);
        last = last || reply->fields[i].value.n == strlen("the last of them");
    }
    assert_true(last);
    kept_reply_free(reply);
    const struct kept_field one = {.name = "note", .record = 1601};
    reply = ASK(&w, .op = KEPT_OP_USE, .subject = id, .purpose = "service", .fields = &one,
                .field_count = 1);
    assert_int_equal(reply->field_count, 1);
    assert_int_equal(reply->fields[0].record, 1601);
    kept_reply_free(reply);
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id);
    world_tick_says(&w, "\"swept\":1");
    assert_int_equal(world_sql_number(&w, "SELECT count(*) FROM cell WHERE key BETWEEN %lld AND "
                                          "%lld", key, key | 0xfffff), 1);
    assert_int_equal(world_sql_number(&w, "SELECT count(*) FROM chunk WHERE key BETWEEN %lld AND "
                                          "%lld", key, key | 0xfffff), 0);
    world_down(&w);
}

/* More rows than one bite of the sweep takes. */
static void test_a_sweep_in_bites(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w), other = world_person(&w);
    world_put(&w, other, "notes", "note", "stays");
    world_put_many(&w, id, "notes", "note", 8500);
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id);
    world_tick_says(&w, "\"swept\":1");
    assert_int_equal(world_sql_number(&w, "SELECT count(*) FROM cell"), 2);
    READS(&w, other, "note", "service", "stays");
    world_down(&w);
}

/* ---- what a law keeps, and how long evidence lives ------------------------------------------- */

static void reads_invoice(struct world *w, struct kept_id id, const char *role,
                          enum kept_decision decision, enum kept_reason reason)
{
    const struct kept_field field = {.name = "invoice"};
    SAYS(w, decision, reason, .op = KEPT_OP_USE, .subject = id, .role = role,
         .purpose = "legal-duty", .fields = &field, .field_count = 1);
}

static void test_what_a_law_keeps_stays(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = rich_person(&w);
    world_put(&w, id, "billing", "invoice", "one mug, 5.00");
    world_put(&w, id, "billing", "invoice", "two mugs, 9.00");
    SAYS(&w, KEPT_DENY, KEPT_R_KEPT_BY_LAW, .op = KEPT_OP_ERASE_RECORD, .subject = id,
         .item = "invoice");
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id);
    assert_true(world_json_has(reply, "\"records_kept_by_law\":2"));
    kept_reply_free(reply);
    world_tick_says(&w, "\"swept\":1");
    HIDES(&w, id, "name", "service", KEPT_R_KEPT_BY_LAW);
    reads_invoice(&w, id, NULL, KEPT_DENY, KEPT_R_KEPT_BY_LAW);
    reads_invoice(&w, id, "officer", KEPT_ALLOW, KEPT_R_NONE);
    long long key = (long long)world_key(id);
    assert_int_equal(world_sql_number(&w, "SELECT count(*) FROM cell WHERE key BETWEEN %lld AND "
                                          "%lld", key, key | 0xfffff), 1);
    ALLOWS(&w, .op = KEPT_OP_ROTATE);
    w.now += 31 * KEPT_DAY;
    kept_reply_free(tick(&w));
    reads_invoice(&w, id, "officer", KEPT_ALLOW, KEPT_R_NONE);
    w.now += 1101 * KEPT_DAY; /* evidence ends; the law's ten years do not */
    world_tick_says(&w, "\"traces_ended\":0");
    reads_invoice(&w, id, "officer", KEPT_ALLOW, KEPT_R_NONE);
    world_down(&w);
}

static void test_evidence_ends(void **state)
{
    struct world w;
    struct loot loot;
    (void)state;
    world_shop(&w);
    crowd(&w, 3);
    struct kept_id id = rich_person(&w);
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id);
    world_tick_says(&w, "\"swept\":1");
    w.now += 1100 * KEPT_DAY - 1;
    world_tick_says(&w, "\"traces_ended\":0");
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_TRAIL, .subject = id);
    assert_true(world_json_count(reply, "\"operation\":\"collect\"") == 7);
    kept_reply_free(reply);
    take(&w, id, &loot); /* the trace key's box */
    assert_int_equal(left_in_files(&w, &loot, true) > 0, 1);
    uint64_t entries = world_number(&w, "ledger_entries");
    w.now += KEPT_DAY;
    world_tick_says(&w, "\"traces_ended\":1");
    FAILS(&w, KEPT_E_NOTFOUND, .op = KEPT_OP_TRAIL, .subject = id);
    FAILS(&w, KEPT_E_NOTFOUND, .op = KEPT_OP_SUBJECT_SHOW, .subject = id);
    assert_int_equal(left_in_files(&w, &loot, true), 0);
    assert_true(world_number(&w, "ledger_entries") > entries); /* counted for ever */
    world_reopen(&w);
    drop(&loot);
    world_down(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_person_is_gone_at_once),
        cmocka_unit_test(test_nothing_is_left_in_any_file),
        cmocka_unit_test(test_a_long_reader_delays_the_sweep_and_it_says_so),
        cmocka_unit_test(test_final_after_rotation_and_window),
        cmocka_unit_test(test_a_record_is_gone_and_final),
        cmocka_unit_test(test_many_pages_of_records),
        cmocka_unit_test(test_a_sweep_in_bites),
        cmocka_unit_test(test_what_a_law_keeps_stays),
        cmocka_unit_test(test_evidence_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
