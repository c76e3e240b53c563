/* test_restore.c - backups and rollbacks: no restore undoes what is owed, and an older piece beside
 * newer ones is found. */
#include "../aid/world.h"

#include <unistd.h>

/* The parts of a world, saved under a name and put back. */
static void save(struct world *w, const char *part, const char *name)
{
    char to[WORLD_PATH];
    world_beside(w, to, name);
    world_copy(part, to);
}

static void put_back(struct world *w, const char *part, const char *name)
{
    char from[WORLD_PATH];
    world_beside(w, from, name);
    world_remove(part);
    world_copy(from, part);
}

/* A restore as it is done: store.db from the backup, the ledger and keyring of today. */
static void restore_store(struct world *w, const char *name)
{
    char from[WORLD_PATH], file[WORLD_PATH], to[WORLD_PATH];
    static const char *const files[] = {"store.db", "store.db-wal", "store.db-shm"};
    world_beside(w, from, name);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        world_join(file, from, files[i]);
        world_join(to, w->store, files[i]);
        (void)unlink(to);
        if (access(file, F_OK) == 0) {
            FILE *in = fopen(file, "rb"), *out = fopen(to, "wb");
            assert_non_null(in);
            assert_non_null(out);
            for (int c = getc(in); c != EOF; c = getc(in))
                (void)putc(c, out);
            (void)fclose(in);
            assert_int_equal(fclose(out), 0);
        }
    }
}

static void ledger_of(struct world *w, char out[WORLD_PATH])
{
    world_join(out, w->store, "ledger");
}

static struct kept_id ready_person(struct world *w, const char *phone)
{
    struct kept_id id = world_person(w);
    world_put(w, id, "account", "phone", phone);
    world_put(w, id, "notes", "note", "first");
    world_put(w, id, "notes", "note", "second");
    world_put(w, id, "notes", "visit", "door");
    return id;
}

/* ---- a restored store ------------------------------------------------------------------------ */

static void test_what_is_owed_survives_a_restore(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id erased = ready_person(&w, "13800138000"),
                   withdrawn = ready_person(&w, "13800138001"),
                   refused = ready_person(&w, "13800138002"),
                   other = ready_person(&w, "13800138003");
    world_close(&w);
    save(&w, w.store, "backup");
    world_open(&w);
    w.now += KEPT_HOUR;
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = erased);
    ALLOWS(&w, .op = KEPT_OP_CONSENT_WITHDRAW, .subject = withdrawn, .function = "notes");
    ALLOWS(&w, .op = KEPT_OP_CONSENT_REFUSE, .subject = refused);
    struct kept_id newer = ready_person(&w, "13800138004");
    ALLOWS(&w, .op = KEPT_OP_TICK);
    uint64_t entries = world_number(&w, "ledger_entries");
    world_close(&w);
    restore_store(&w, "backup");
    w.now += KEPT_HOUR;
    world_open(&w);
    HIDES(&w, erased, "phone", "service", KEPT_R_ERASED);
    HIDES(&w, withdrawn, "note", "service", KEPT_R_WITHDRAWN);
    HIDES(&w, refused, "note", "service", KEPT_R_REFUSED);
    READS(&w, other, "visit", "service", "door");
    READS(&w, withdrawn, "phone", "service", "13800138001");
    FAILS(&w, KEPT_E_NOTFOUND, .op = KEPT_OP_SUBJECT_SHOW, .subject = newer);
    SAYS(&w, KEPT_DENY, KEPT_R_NO_VALUE, .op = KEPT_OP_SUBJECT_FIND,
         .fields = &(struct kept_field){.name = "phone", .value = world_text("13800138000")},
         .field_count = 1);
    /* The date of the erasure is that of the erasure, not of the restore; and it is swept again. */
    assert_true(world_shows(&w, erased, "\"keys_destroyed\":\"2026-01-05T09:00:00Z\""));
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_TICK);
    assert_true(world_json_has(reply, "\"swept\":1"));
    kept_reply_free(reply);
    /* What the replay did is in the ledger, and the ledger lost nothing. */
    assert_true(world_number(&w, "ledger_entries") > entries + 3);
    /* Again and again: nothing happens twice. */
    entries = world_number(&w, "ledger_entries");
    world_reopen(&w);
    assert_int_equal(world_number(&w, "ledger_entries"), entries + 1); /* the question itself */
    world_down(&w);
}

/* Obligations of one person that follow each other at once, in one restore. */
static void test_each_of_several_obligations_is_replayed(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = ready_person(&w, "13800138000");
    world_close(&w);
    save(&w, w.store, "backup");
    world_open(&w);
    w.now += KEPT_HOUR;
    ALLOWS(&w, .op = KEPT_OP_CONSENT_WITHDRAW, .subject = id, .function = "account");
    ALLOWS(&w, .op = KEPT_OP_ERASE_RECORD, .subject = id, .item = "note", .record = 2);
    ALLOWS(&w, .op = KEPT_OP_ERASE_RECORD, .subject = id, .item = "visit");
    ALLOWS(&w, .op = KEPT_OP_ERASE_RECORD, .subject = id, .item = "note", .record = 3);
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_SUBJECT_SHOW, .subject = id);
    uint64_t version = reply->version;
    kept_reply_free(reply);
    world_close(&w);
    restore_store(&w, "backup");
    world_open(&w);
    HIDES(&w, id, "phone", "service", KEPT_R_WITHDRAWN);
    HIDES(&w, id, "note", "service", KEPT_R_NO_VALUE);
    HIDES(&w, id, "visit", "service", KEPT_R_NO_VALUE);
    reply = ASK(&w, .op = KEPT_OP_SUBJECT_SHOW, .subject = id);
    assert_true(reply->version >= version); /* never below what was told */
    kept_reply_free(reply);
    assert_int_equal(world_number(&w, "reseals_pending"), 1);
    world_down(&w);
}

/* What came after an obligation stays when the same store is opened again: a crash, no restore. */
static void test_a_replay_spares_what_came_later(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = ready_person(&w, "13800138000");
    world_reopen(&w);
    ALLOWS(&w, .op = KEPT_OP_CONSENT_WITHDRAW, .subject = id, .function = "notes");
    ALLOWS(&w, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .function = "notes",
           .consent = KEPT_C_EXPLICIT);
    ALLOWS(&w, .op = KEPT_OP_ERASE_RECORD, .subject = id, .item = "visit");
    world_put(&w, id, "notes", "visit", "window");
    ALLOWS(&w, .op = KEPT_OP_CONSENT_REFUSE, .subject = id);
    w.now += 1;
    ALLOWS(&w, .op = KEPT_OP_CONSENT_ACKNOWLEDGE, .subject = id);
    READS(&w, id, "visit", "service", "window");
    world_close(&w);
    /* As after a crash before the checkpoint: the store does not know how far the journal is. */
    world_sql(&w, "UPDATE meta SET value = x'0000000000000000' WHERE name = 'journal.1'");
    world_open(&w);
    READS(&w, id, "visit", "service", "window");
    READS(&w, id, "phone", "service", "13800138000");
    world_down(&w);
}

static void test_ceased_stays_ceased(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = ready_person(&w, "13800138000");
    world_close(&w);
    save(&w, w.store, "backup");
    world_open(&w);
    ALLOWS(&w, .op = KEPT_OP_SERVICE_CEASE);
    world_close(&w);
    restore_store(&w, "backup");
    world_open(&w);
    SAYS(&w, KEPT_DENY, KEPT_R_CEASED, .op = KEPT_OP_COLLECT, .subject = id, .function = "notes",
         .fields = &(struct kept_field){.name = "note", .value = world_text("late")},
         .field_count = 1);
    world_reopen(&w);
    READS(&w, id, "visit", "service", "door");
    SAYS(&w, KEPT_DENY, KEPT_R_CEASED, .op = KEPT_OP_COLLECT, .subject = id, .function = "notes",
         .fields = &(struct kept_field){.name = "note", .value = world_text("late")},
         .field_count = 1);
    world_down(&w);
}

/* After a restore the numbers of people lost with the old store are not given to others' rows. */
static void test_people_made_after_a_restore_are_others(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id first = ready_person(&w, "13800138000");
    world_close(&w);
    save(&w, w.store, "backup");
    world_open(&w);
    struct kept_id lost = ready_person(&w, "13800138001");
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = lost);
    world_close(&w);
    restore_store(&w, "backup");
    world_open(&w);
    struct kept_id fresh = ready_person(&w, "13800138002");
    assert_memory_not_equal(&fresh, &lost, sizeof fresh);
    FAILS(&w, KEPT_E_NOTFOUND, .op = KEPT_OP_SUBJECT_SHOW, .subject = lost);
    /* The journal's erasure of the one who is lost is not the new one's. */
    world_close(&w);
    world_sql(&w, "UPDATE meta SET value = x'0000000000000000' WHERE name = 'journal.1'");
    world_open(&w);
    READS(&w, fresh, "phone", "service", "13800138002");
    READS(&w, first, "phone", "service", "13800138000");
    world_down(&w);
}

/* A backup older than any epoch key that still lives: its people are gone for good, and the store
 * works on for all others. */
static void test_a_backup_older_than_the_window(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id old = ready_person(&w, "13800138000"), gone = ready_person(&w, "13800138009");
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = gone);
    world_close(&w);
    save(&w, w.store, "backup");
    world_open(&w);
    for (int i = 0; i < 6; i++) {
        w.now += 8 * KEPT_DAY;
        ALLOWS(&w, .op = KEPT_OP_TICK);
    }
    READS(&w, old, "phone", "service", "13800138000");
    world_close(&w);
    restore_store(&w, "backup");
    world_open(&w);
    assert_int_equal(world_read_error(&w, old, "phone", "service"), KEPT_E_NOTFOUND);
    struct kept_id fresh = ready_person(&w, "13800138001");
    for (int i = 0; i < 6; i++) {
        w.now += 8 * KEPT_DAY;
        ALLOWS(&w, .op = KEPT_OP_TICK);
    }
    assert_int_equal(world_number(&w, "sweeps_pending"), 0);
    READS(&w, fresh, "phone", "service", "13800138001");
    world_down(&w);
}

/* ---- rollbacks ------------------------------------------------------------------------------- */

static void test_an_older_keyring_is_refused(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = ready_person(&w, "13800138000");
    world_close(&w);
    save(&w, w.keyring, "old-keyring");
    save(&w, w.store, "backup");
    world_open(&w);
    ALLOWS(&w, .op = KEPT_OP_CONSENT_WITHDRAW, .subject = id, .function = "notes");
    world_close(&w);
    save(&w, w.keyring, "new-keyring");
    put_back(&w, w.keyring, "old-keyring");
    assert_int_equal(world_try_open(&w), KEPT_E_ROLLBACK); /* the store knows of more */
    put_back(&w, w.keyring, "new-keyring");
    world_open(&w);
    HIDES(&w, id, "note", "service", KEPT_R_WITHDRAWN);
    world_down(&w);
}

static void test_a_shorter_journal_is_refused(void **state)
{
    struct world w;
    char app[WORLD_PATH], journal[WORLD_PATH], old[WORLD_PATH];
    (void)state;
    world_shop(&w);
    struct kept_id id = ready_person(&w, "13800138000");
    world_close(&w);
    save(&w, w.store, "backup");
    world_join(app, w.keyring, "shop");
    world_join(journal, app, "journal");
    world_beside(&w, old, "old-journal");
    save(&w, app, "old-app");
    world_open(&w);
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id);
    world_close(&w);
    restore_store(&w, "backup");
    /* The journal of then, everything else of today. */
    assert_int_equal(rename(journal, old), 0);
    world_beside(&w, app, "old-app/journal");
    assert_int_equal(rename(app, journal), 0);
    assert_int_equal(world_try_open(&w), KEPT_E_ROLLBACK);
    assert_int_equal(unlink(journal), 0);
    int rc = world_try_open(&w);
    assert_true(rc == KEPT_E_ROLLBACK || rc == KEPT_E_CORRUPT);
    assert_int_equal(rename(old, journal), 0);
    world_open(&w);
    HIDES(&w, id, "phone", "service", KEPT_R_ERASED);
    world_down(&w);
}

static void test_an_older_ledger_is_refused(void **state)
{
    struct world w;
    char ledger[WORLD_PATH];
    (void)state;
    world_shop(&w);
    struct kept_id id = ready_person(&w, "13800138000");
    world_close(&w);
    ledger_of(&w, ledger);
    save(&w, ledger, "old-ledger");
    save(&w, w.store, "old-store");
    world_open(&w);
    READS(&w, id, "visit", "service", "door");
    READS(&w, id, "visit", "service", "door");
    world_close(&w);
    save(&w, w.store, "new-store");
    put_back(&w, ledger, "old-ledger"); /* the ledger alone */
    assert_int_equal(world_try_open(&w), KEPT_E_ROLLBACK);
    put_back(&w, w.store, "old-store"); /* ledger and store together: the anchor knows */
    assert_int_equal(world_try_open(&w), KEPT_E_ROLLBACK);
    put_back(&w, w.store, "new-store");
    world_open(&w);
    READS(&w, id, "visit", "service", "door");
    world_down(&w);
}

static void test_an_older_store_with_the_ledger_of_today(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = ready_person(&w, "13800138000");
    /* Copied while it runs, with entries still in the queue: as an unplanned copy is. */
    save(&w, w.store, "backup");
    world_put(&w, id, "notes", "visit", "window");
    uint64_t entries = world_number(&w, "ledger_entries");
    world_close(&w);
    restore_store(&w, "backup");
    world_open(&w);
    READS(&w, id, "visit", "service", "door");
    /* Each entry once: what the old queue held is in the ledger already. */
    assert_int_equal(world_number(&w, "ledger_entries"), entries + 2);
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_TRAIL, .subject = id);
    assert_int_equal(world_json_count(reply, "\"operation\":\"subject.new\""), 1);
    assert_int_equal(world_json_count(reply, "\"operation\":\"collect\""), 5);
    kept_reply_free(reply);
    world_down(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_owed_survives_a_restore),
        cmocka_unit_test(test_each_of_several_obligations_is_replayed),
        cmocka_unit_test(test_a_replay_spares_what_came_later),
        cmocka_unit_test(test_ceased_stays_ceased),
        cmocka_unit_test(test_people_made_after_a_restore_are_others),
        cmocka_unit_test(test_a_backup_older_than_the_window),
        cmocka_unit_test(test_an_older_keyring_is_refused),
        cmocka_unit_test(test_a_shorter_journal_is_refused),
        cmocka_unit_test(test_an_older_ledger_is_refused),
        cmocka_unit_test(test_an_older_store_with_the_ledger_of_today),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
