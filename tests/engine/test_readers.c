/* test_readers.c - several threads read one run: each reply is its own person's, each failure stays
 * with its call, and what forbids a read stops it, however many read. Run under the thread
 * sanitizer too (./check). */
#include "../aid/world.h"

#include <errno.h>

#include "../aid/disk.h"
#include "base/limits.h"

#define PEOPLE 1200u
#define ROUNDS 6u
#define A_PAGE 40u
#define REFUSED 400u /* reads while the disk refuses: several runs */

struct flying {
    struct kept_request request;
    struct kept_field field;
    unsigned person; /* PEOPLE: nobody */
};

static struct kept_id ids[PEOPLE];

static void phone_of(unsigned person, char text[16])
{
    (void)snprintf(text, 16, "138%08u", person);
}

/* Every seventh has a full row, so that their phone has a row of its own; every eleventh is erased;
 * every thirteenth lost that row to a disk editor. */
static void people(struct world *w)
{
    for (unsigned i = 0; i < PEOPLE; i++) {
        char phone[16];
        uint32_t slot = 0;
        ids[i] = world_person(w);
        phone_of(i, phone);
        if (i % 7 == 0)
            slot = world_cram(w, ids[i]);
        world_put(w, ids[i], "account", "phone", phone);
        if (i % 11 == 0)
            ALLOWS(w, .op = KEPT_OP_ERASE_SUBJECT, .subject = ids[i]);
        else if (i % 91 == 0)
            world_sql(w, "DELETE FROM cell WHERE key = %llu",
                      (unsigned long long)world_key(ids[i]) + slot + 1);
    }
}

static void open_with(struct world *w, int readers)
{
    struct kept_options o = world_options(w);
    world_close(w);
    o.readers = readers;
    assert_int_equal(kept_open(&o, &w->kept, &w->err), 0);
}

static void look(const struct kept_reply *reply)
{
    const struct flying *f = reply->tag;
    char phone[16];
    if (f->person == PEOPLE) {
        assert_int_equal(reply->error, KEPT_E_NOTFOUND);
    } else if (f->person % 11 == 0) {
        assert_int_equal(reply->error, 0);
        assert_int_equal(reply->reason, KEPT_R_ERASED);
    } else if (f->person % 91 == 0) {
        assert_int_equal(reply->error, KEPT_E_CORRUPT);
        assert_int_equal(reply->field_count, 0);
    } else {
        phone_of(f->person, phone);
        assert_int_equal(reply->error, 0);
        assert_int_equal(reply->decision, KEPT_ALLOW);
        assert_int_equal(reply->field_count, 1);
        assert_int_equal(reply->fields[0].value.n, strlen(phone));
        assert_memory_equal(reply->fields[0].value.p, phone, strlen(phone));
    }
}

static void ask_all(struct world *w, struct flying *flying)
{
    struct kept_reply *replies[64];
    size_t got = 0;
    for (unsigned i = 0; i <= PEOPLE; i++) {
        struct flying *f = &flying[i];
        f->person = (i * 37u) % (PEOPLE + 1);
        f->field = (struct kept_field){.name = "phone"};
        f->request = (struct kept_request){.op = KEPT_OP_USE, .app = "shop", .purpose = "service",
                                           .fields = &f->field, .field_count = 1, .tag = f};
        f->request.subject = ids[f->person % PEOPLE];
        f->request.subject.b[15] ^= f->person == PEOPLE;
        assert_int_equal(kept_submit(w->kept, &f->request, &w->err), 0);
    }
    for (size_t done = 0; done <= PEOPLE; done += got) {
        assert_int_equal(kept_reap(w->kept, replies, 64, 1, &got, &w->err), 0);
        assert_true(got > 0);
        for (size_t i = 0; i < got; i++) {
            assert_ptr_equal(replies[i]->tag, &flying[done + i]); /* in the order they came */
            look(replies[i]);
            kept_reply_free(replies[i]);
        }
    }
}

static void test_each_gets_their_own(void **state)
{
    static const int readers[] = {-1, 1, (int)KEPT_MAX_READERS, 0, 99};
    static struct flying flying[PEOPLE + 1];
    struct world w;
    (void)state;
    world_shop(&w);
    people(&w);
    for (size_t r = 0; r < sizeof readers / sizeof readers[0]; r++) {
        open_with(&w, readers[r]);
        uint64_t before = world_number(&w, "ledger_entries");
        for (unsigned round = 0; round < ROUNDS; round++)
            ask_all(&w, flying);
        /* One entry for each that was decided, none for what failed. */
        uint64_t failed = 1;
        for (unsigned i = 0; i < PEOPLE; i++)
            failed += i % 91 == 0 && i % 11 != 0;
        assert_int_equal(world_number(&w, "ledger_entries") - before,
                         1 + ROUNDS * (PEOPLE + 1 - failed));
    }
    world_down(&w);
}

/* A withdrawal between two runs: nothing read before it leaves after its reply. */
static void test_a_withdrawal_among_many_reads(void **state)
{
    static struct flying flying[PEOPLE];
    struct kept_reply *replies[8];
    struct world w;
    size_t got = 0, before = 0;
    bool withdrawn = false;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    world_put(&w, id, "account", "phone", "13800138000");
    open_with(&w, (int)KEPT_MAX_READERS);
    struct kept_request withdraw = {.op = KEPT_OP_CONSENT_WITHDRAW, .app = "shop", .subject = id,
                                    .function = "account", .tag = &withdrawn};
    for (unsigned i = 0; i < PEOPLE; i++) {
        struct flying *f = &flying[i];
        f->field = (struct kept_field){.name = "phone"};
        f->request = (struct kept_request){.op = KEPT_OP_USE, .app = "shop", .purpose = "service",
                                           .subject = id, .fields = &f->field, .field_count = 1,
                                           .tag = f};
        if (i == PEOPLE / 2)
            assert_int_equal(kept_submit(w.kept, &withdraw, &w.err), 0);
        assert_int_equal(kept_submit(w.kept, &f->request, &w.err), 0);
    }
    for (size_t done = 0; done < PEOPLE + 1; done += got) {
        assert_int_equal(kept_reap(w.kept, replies, 8, 1, &got, &w.err), 0);
        for (size_t i = 0; i < got; i++) {
            assert_int_equal(replies[i]->error, 0);
            if (replies[i]->tag == &withdrawn)
                withdrawn = true;
            else if (withdrawn)
                assert_int_equal(replies[i]->field_count == 0 ||
                                 replies[i]->fields[0].value.n == 0, 1);
            else
                before += replies[i]->decision == KEPT_ALLOW;
            kept_reply_free(replies[i]);
        }
    }
    assert_true(withdrawn);
    assert_true(before <= PEOPLE / 2);
    world_down(&w);
}

/* Whoever meets damage, the caller or a thread: nothing is written any more until the next opening. */
static void test_damage_met_by_any_reader_stops_writing(void **state)
{
    /* Who meets it is chance: often enough that each does. A new person goes to another page. */
    static const int readers[] = {-1, 1, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3};
    size_t met = 0;
    (void)state;
    for (size_t r = 0; r < sizeof readers / sizeof readers[0]; r++) {
        struct kept_reply *replies[64];
        static struct flying flying[PEOPLE];
        char path[WORLD_PATH];
        static const uint8_t nothing[16384]; /* a page */
        struct world w;
        size_t got = 0, failed = 0;
        world_shop(&w);
        for (unsigned i = 0; i < PEOPLE; i++)
            ids[i] = world_person(&w);
        world_close(&w);
        world_join(path, w.store, "store.db");
        int64_t page = world_sql_number(&w, "SELECT pageno FROM dbstat WHERE name = 'cell' AND "
                                            "pagetype = 'leaf' ORDER BY path LIMIT 1 OFFSET 12");
        assert_true(page > 0);
        FILE *f = fopen(path, "r+b");
        assert_non_null(f);
        assert_int_equal(fseek(f, (long)((page - 1) * (int64_t)sizeof nothing), SEEK_SET), 0);
        assert_int_equal(fwrite(nothing, 1, sizeof nothing, f), sizeof nothing);
        assert_int_equal(fclose(f), 0);
        world_open(&w);
        open_with(&w, readers[r]);
        for (unsigned i = 0; i < PEOPLE; i += A_PAGE) { /* one a page, or less */
            struct flying *q = &flying[i];
            q->field = (struct kept_field){.name = "phone"};
            q->request = (struct kept_request){.op = KEPT_OP_USE, .app = "shop",
                                               .subject = ids[i], .purpose = "service",
                                               .fields = &q->field, .field_count = 1};
            assert_int_equal(kept_submit(w.kept, &q->request, &w.err), 0);
        }
        for (size_t done = 0; done < PEOPLE / A_PAGE; done += got) {
            assert_int_equal(kept_reap(w.kept, replies, 64, 1, &got, &w.err), 0);
            for (size_t i = 0; i < got; i++) {
                failed += replies[i]->error == KEPT_E_CORRUPT;
                assert_true(replies[i]->error == 0 || replies[i]->error == KEPT_E_CORRUPT);
                kept_reply_free(replies[i]);
            }
        }
        met += failed;
        if (failed > 0)
            FAILS(&w, KEPT_E_CORRUPT, .op = KEPT_OP_SUBJECT_NEW);
        world_down(&w);
    }
    assert_true(met > 0);
}

/* The ledger cannot be written at its n-th write or sync, for each n, while threads read and seal:
 * what was released is in the ledger, and from the first that fails on all fail. */
static void test_a_ledger_that_fails_among_many_reads(void **state)
{
    static struct flying flying[REFUSED];
    size_t met = 0;
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    world_put(&w, id, "account", "phone", "13800138000");
    open_with(&w, (int)KEPT_MAX_READERS);
    for (long n = 0, over = 0; !over; n++) {
        struct kept_reply *replies[64];
        size_t got = 0, released = 0;
        uint64_t before = world_number(&w, "ledger_entries");
        disk_fail(w.dir, DISK_WRITE | DISK_SYNC, n, EIO, true);
        for (unsigned i = 0; i < REFUSED; i++) {
            struct flying *f = &flying[i];
            f->field = (struct kept_field){.name = "phone"};
            f->request = (struct kept_request){.op = KEPT_OP_USE, .app = "shop", .purpose = "service",
                                               .subject = id, .fields = &f->field, .field_count = 1};
            assert_int_equal(kept_submit(w.kept, &f->request, &w.err), 0);
        }
        for (size_t done = 0; done < REFUSED; done += got) {
            assert_int_equal(kept_reap(w.kept, replies, 64, 1, &got, &w.err), 0);
            for (size_t i = 0; i < got; i++) {
                if (replies[i]->error == 0)
                    assert_int_equal(released++, done + i); /* none after the first that failed */
                else
                    assert_int_equal(replies[i]->error, KEPT_E_IO);
                kept_reply_free(replies[i]);
            }
        }
        over = disk_failed() == 0;
        assert_true(over || n < 1000);
        assert_true(!over || released == REFUSED); /* the last to fail may be the signing behind them */
        met += released > 0 && released < REFUSED;
        disk_fail_off();
        open_with(&w, (int)KEPT_MAX_READERS);
        assert_true(world_number(&w, "ledger_entries") - before >= released);
    }
    assert_true(met > 0);
    world_check(&w);
    world_down(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_gets_their_own),
        cmocka_unit_test(test_a_withdrawal_among_many_reads),
        cmocka_unit_test(test_damage_met_by_any_reader_stops_writing),
        cmocka_unit_test(test_a_ledger_that_fails_among_many_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
