/* test_disk.c - the disk says no at the N-th write or sync of one operation, for every N: a clean
 * error or a whole success, never half; and after a failure that kept cannot judge, nothing more is
 * released until the store is opened again, which mends it. */
#include "../aid/world.h"

#include <errno.h>

#include "../aid/disk.h"
#include "engine/admin.h"

/* What keeps or loses bytes; reading on is left to work. */
#define CHANGES (DISK_CREATE | DISK_WRITE | DISK_TRUNCATE | DISK_SYNC | DISK_RENAME)

/* What a person looks like from outside. */
static void look(struct world *w, struct kept_id id, char out[256])
{
    const struct kept_field fields[] = {{.name = "note"}, {.name = "phone"}};
    struct kept_reply *use = ASK(w, .op = KEPT_OP_USE, .subject = id, .purpose = "service",
                                 .fields = fields, .field_count = 2);
    int n = snprintf(out, 256, "version %lu", (unsigned long)use->version);
    for (size_t i = 0; i < use->field_count && n < 200; i++)
        n += snprintf(out + n, 256 - (size_t)n, " | %d %d %zu", (int)use->fields[i].decision,
                      (int)use->fields[i].reason, use->fields[i].value.n);
    kept_reply_free(use);
}

static void every_change(const struct kept_request *template, bool last)
{
    struct world w;
    bool over = false;
    const char *name = kept_op_name(template->op);
    world_shop(&w);
    for (long n = 0; !over; n++) {
        char before[256], after[256], whole[256];
        struct kept_reply *reply = NULL;
        struct kept_request r = *template;
        struct kept_err err = {0};
        struct kept_id id = world_person(&w), twin = world_person(&w);
        struct kept_id *people[] = {&id, &twin};
        assert_true(n < 2000);
        for (int i = 0; i < 2; i++) {
            world_put(&w, *people[i], "account", "phone", "13800138000");
            world_put(&w, *people[i], "notes", "note", "first");
        }
        world_reopen(&w); /* its last checkpoint is behind us */
        r.app = "shop";
        if (r.op != KEPT_OP_TICK && r.op != KEPT_OP_ROTATE) {
            r.subject = twin; /* the twin is spared: what it becomes is the whole of it */
            kept_reply_free(world_ask(&w, &r));
        }
        look(&w, twin, whole);
        look(&w, id, before);
        if (r.op != KEPT_OP_TICK && r.op != KEPT_OP_ROTATE)
            r.subject = id;
        disk_fail(w.dir, CHANGES, n, EIO, last);
        int rc = kept_call(w.kept, &r, &reply, &err);
        over = disk_failed() == 0;
        disk_fail_off();
        if (rc != 0 && ((rc != KEPT_E_IO && rc != KEPT_E_UNSETTLED) || err.code != rc || err.text[0] == 0))
            fail_msg("%s, change %ld: %d %s", name, n, rc, err.text);
        kept_reply_free(reply);
        world_reopen(&w);
        look(&w, id, after);
        bool is_before = strcmp(after, before) == 0, is_whole = strcmp(after, whole) == 0;
        if (!is_before && !is_whole)
            fail_msg("%s, change %ld: half done: %s, neither %s nor %s", name, n, after, before,
                     whole);
        if (rc == 0 && !is_whole && r.op != KEPT_OP_TICK && r.op != KEPT_OP_ROTATE)
            fail_msg("%s, change %ld: said to be done, and is not: %s", name, n, after);
        world_check(&w);
    }
    world_down(&w);
}

#define EVERY(...)                                                                                 \
    every_change(&(struct kept_request){__VA_ARGS__}, false);                                      \
    every_change(&(struct kept_request){__VA_ARGS__}, true)

static void test_changes(void **state)
{
    const struct kept_field note = world_field("note", "second");
    (void)state;
    EVERY(.op = KEPT_OP_COLLECT, .function = "notes", .fields = &note, .field_count = 1);
    EVERY(.op = KEPT_OP_CONSENT_WITHDRAW, .function = "notes");
    EVERY(.op = KEPT_OP_CONSENT_REFUSE);
}

static void test_erasures(void **state)
{
    (void)state;
    EVERY(.op = KEPT_OP_ERASE_SUBJECT);
    EVERY(.op = KEPT_OP_ERASE_RECORD, .item = "note");
}

static void test_reads(void **state)
{
    const struct kept_field note = {.name = "note"};
    (void)state;
    EVERY(.op = KEPT_OP_USE, .purpose = "service", .fields = &note, .field_count = 1);
}

static void test_upkeep(void **state)
{
    (void)state;
    EVERY(.op = KEPT_OP_ROTATE);
}

/* When the ledger cannot be written, nothing is released, now or later; reopening mends it. */
static void test_nothing_without_the_ledger(void **state)
{
    struct world w;
    struct kept_reply *reply = NULL;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    world_put(&w, id, "notes", "note", "first");
    world_reopen(&w);
    const struct kept_field note = {.name = "note"};
    const struct kept_request r = {.op = KEPT_OP_USE, .app = "shop", .subject = id,
                                   .purpose = "service", .fields = &note, .field_count = 1};
    disk_fail(w.dir, CHANGES, 0, EIO, false);
    assert_int_equal(kept_call(w.kept, &r, &reply, &w.err), KEPT_E_IO);
    assert_null(reply);
    disk_fail_off();
    for (int i = 0; i < 3; i++) {
        assert_int_equal(kept_call(w.kept, &r, &reply, &w.err), KEPT_E_IO);
        assert_null(reply);
    }
    world_reopen(&w);
    READS(&w, id, "note", "service", "first");
    world_check(&w);
    world_down(&w);
}

/* All of a batch fails with its commit, and is told so; also without room for the words. */
static void test_a_batch_whose_commit_fails(void **state)
{
    struct world w;
    struct kept_reply *replies[3];
    size_t n = 0;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    const struct kept_field note = world_field("note", "never");
    const struct kept_request requests[] = {
        {.op = KEPT_OP_SUBJECT_NEW, .app = "shop"},
        {.op = KEPT_OP_COLLECT, .app = "shop", .subject = id, .function = "notes", .fields = &note,
         .field_count = 1},
        {.op = KEPT_OP_ERASE_SUBJECT, .app = "shop", .subject = id}};
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(kept_submit(w.kept, &requests[i], NULL), 0);
    disk_fail(w.dir, CHANGES, 0, EIO, true);
    assert_int_equal(kept_reap(w.kept, replies, 3, 1, &n, NULL), 0);
    disk_fail_off();
    assert_int_equal(n, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(replies[i]->error, KEPT_E_IO);
        assert_int_equal(replies[i]->decision, KEPT_DENY);
        assert_null(replies[i]->json); /* no certificate of what did not happen */
        assert_true(replies[i]->err.text[0] != 0);
        kept_reply_free(replies[i]);
    }
    world_reopen(&w);
    HIDES(&w, id, "note", "service", KEPT_R_NO_VALUE);
    assert_int_equal(world_number(&w, "people_ever"), 1);
    assert_int_equal(world_number(&w, "journal_obligations"), 0);
    world_check(&w);
    world_down(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_erasures),
        cmocka_unit_test(test_reads),
        cmocka_unit_test(test_upkeep),
        cmocka_unit_test(test_nothing_without_the_ledger),
        cmocka_unit_test(test_a_batch_whose_commit_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
