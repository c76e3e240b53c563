/* test_tamper.c - somebody with a disk editor: what was changed outside kept is found where it is
 * read, and nothing is released. */
#include "../aid/world.h"

#include <sqlite3.h>

#include "engine/admin.h"
#include "subject/subject.h"

static sqlite3 *disk; /* the editor: fast, and it need not survive anything */

static void editor_open(struct world *w)
{
    char path[WORLD_PATH];
    world_join(path, w->store, "store.db");
    assert_int_equal(sqlite3_open_v2(path, &disk, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    (void)sqlite3_busy_timeout(disk, 2000);
    assert_int_equal(sqlite3_exec(disk, "PRAGMA synchronous = OFF", NULL, NULL, NULL), SQLITE_OK);
}

static void editor_close(void)
{
    (void)sqlite3_close(disk);
    disk = NULL;
}

static void put(const char *sql, uint64_t key, uint32_t number, const uint8_t *p, size_t n)
{
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(sqlite3_prepare_v2(disk, sql, -1, &stmt, NULL), SQLITE_OK);
    (void)sqlite3_bind_blob(stmt, 1, p, (int)n, SQLITE_STATIC);
    (void)sqlite3_bind_int64(stmt, 2, (sqlite3_int64)key);
    (void)sqlite3_bind_int64(stmt, 3, (sqlite3_int64)number);
    assert_int_equal(sqlite3_step(stmt), SQLITE_DONE);
    (void)sqlite3_finalize(stmt);
}

#define CELL "UPDATE cell SET body = ?1 WHERE key = ?2"
#define CHUNK "UPDATE chunk SET body = ?1 WHERE key = ?2 AND number = ?3"

static struct world_blob take(struct world *w, const char *table, uint64_t key, unsigned number)
{
    struct world_blobs blobs = {NULL, 0};
    if (strcmp(table, "cell") == 0)
        world_blobs(w, &blobs, "SELECT body, key, 0 FROM cell WHERE key = %llu",
                    (unsigned long long)key);
    else
        world_blobs(w, &blobs, "SELECT body, key, number FROM chunk WHERE key = %llu AND number = "
                               "%u", (unsigned long long)key, number);
    assert_int_equal(blobs.count, 1);
    struct world_blob b = blobs.rows[0];
    free(blobs.rows);
    return b;
}

static bool is_found(int rc)
{
    return rc == KEPT_E_CORRUPT || rc == KEPT_E_FORMAT || rc == KEPT_E_NOTFOUND;
}

/* Flip bits of a row one by one, every step-th of them: a read finds each. */
static void flip(struct world *w, const char *table, uint64_t key, unsigned number, size_t step,
                 struct kept_id id, const char *item, const char *purpose)
{
    struct world_blob b = take(w, table, key, number);
    const char *sql = strcmp(table, "cell") == 0 ? CELL : CHUNK;
    for (size_t bit = 0; bit < b.n * 8; bit += step) {
        b.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
        put(sql, key, number, b.p, b.n);
        int rc = world_read_error(w, id, item, purpose);
        if (!is_found(rc))
            fail_msg("%s: bit %zu of %zu bytes: %d", table, bit, b.n, rc);
        assert_null(strstr(w->err.text, "13800138000"));
        b.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t n = 0; n < b.n; n += 1 + b.n / 50) { /* cut short */
        put(sql, key, number, b.p, n);
        assert_true(is_found(world_read_error(w, id, item, purpose)));
    }
    put(sql, key, number, b.p, b.n);
    assert_int_equal(world_read_error(w, id, item, purpose), 0);
    free(b.p);
}

static uint32_t phone_slot, name_slot, photo_slot;

/* Somebody whose own row is full: their records have rows of their own. */
static struct kept_id rich_person(struct world *w)
{
    static uint8_t photo[100000];
    struct kept_id id = world_person(w);
    uint32_t slot = world_cram(w, id);
    memset(photo, 'p', sizeof photo);
    world_put(w, id, "account", "phone", "13800138000");
    world_put(w, id, "account", "name", "Jane Doe");
    world_put_bytes(w, id, "notes", "photo", (struct kept_span){photo, sizeof photo});
    phone_slot = slot + 1;
    name_slot = slot + 2;
    photo_slot = slot + 3;
    return id;
}

static void test_every_bit_of_a_head(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    world_put(&w, id, "account", "phone", "13800138000"); /* in the same row */
    editor_open(&w);
    flip(&w, "cell", world_key(id), 0, 1, id, "phone", "service");
    editor_close();
    READS(&w, id, "phone", "service", "13800138000");
    world_down(&w);
}

static void test_every_bit_of_a_record(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = rich_person(&w);
    editor_open(&w);
    flip(&w, "cell", world_key(id) | phone_slot, 0, 1, id, "phone", "service");
    flip(&w, "cell", world_key(id) | photo_slot, 0, 1, id, "photo", "service");
    flip(&w, "chunk", world_key(id) | photo_slot, 0, 10007, id, "photo", "service");
    flip(&w, "chunk", world_key(id) | photo_slot, 1, 10007, id, "photo", "service");
    editor_close();
    world_down(&w);
}

static void test_bits_of_a_page(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = rich_person(&w);
    world_put_many(&w, id, "notes", "note", 600);
    editor_open(&w);
    flip(&w, "chunk", world_key(id), 1, 97, id, "note", "service");
    editor_close();
    world_down(&w);
}

static void replace(struct world *w, const char *table, uint64_t key, unsigned number,
                    const struct world_blob *with, struct kept_id id, const char *item)
{
    struct world_blob own = take(w, table, key, number);
    const char *sql = strcmp(table, "cell") == 0 ? CELL : CHUNK;
    put(sql, key, number, with->p, with->n);
    int rc = world_read_error(w, id, item, "service");
    if (!is_found(rc))
        fail_msg("%s of %s was taken: %d", table, item, rc);
    put(sql, key, number, own.p, own.n);
    assert_int_equal(world_read_error(w, id, item, "service"), 0);
    free(own.p);
}

static void test_rows_cannot_trade_places(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = rich_person(&w), other = rich_person(&w);
    world_publish(&w, "club", 1);
    w.app = "club";
    struct kept_id member = rich_person(&w);
    w.app = "shop";
    editor_open(&w);
    uint64_t key = world_key(id);
    struct world_blob phone = take(&w, "cell", key | phone_slot, 0), name = take(&w, "cell", key | name_slot, 0),
                      head = take(&w, "cell", key, 0), first = take(&w, "chunk", key | photo_slot, 0),
                      theirs = take(&w, "cell", world_key(other) | phone_slot, 0),
                      their_head = take(&w, "cell", world_key(other), 0),
                      their_chunk = take(&w, "chunk", world_key(other) | photo_slot, 0),
                      abroad = take(&w, "cell", world_key(member) | phone_slot, 0),
                      head_abroad = take(&w, "cell", world_key(member), 0);
    replace(&w, "cell", key | phone_slot, 0, &name, id, "phone");         /* between items */
    replace(&w, "cell", key | name_slot, 0, &phone, id, "name");
    replace(&w, "cell", key | phone_slot, 0, &theirs, id, "phone");       /* between people */
    replace(&w, "cell", key | phone_slot, 0, &abroad, id, "phone");       /* between apps */
    replace(&w, "cell", key, 0, &their_head, id, "phone");
    replace(&w, "cell", key, 0, &head_abroad, id, "phone");
    replace(&w, "cell", key | phone_slot, 0, &head, id, "phone");         /* between kinds of row */
    replace(&w, "chunk", key | photo_slot, 1, &first, id, "photo");       /* between chunks */
    replace(&w, "chunk", key | photo_slot, 0, &their_chunk, id, "photo");
    /* The other's head under this one's number, asked for by the id that gives. */
    struct kept_id mixed = id;
    memcpy(mixed.b + 6, other.b + 6, 10);
    put(CELL, key, 0, their_head.p, their_head.n);
    assert_int_equal(world_read_error(&w, mixed, "phone", "service"), KEPT_E_CORRUPT);
    put(CELL, key, 0, head.p, head.n);
    READS(&w, id, "phone", "service", "13800138000");
    struct world_blob *all[] = {&phone, &name, &head, &first, &theirs, &their_head, &their_chunk,
                                &abroad, &head_abroad};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        free(all[i]->p);
    editor_close();
    world_down(&w);
}

/* The body of a record inside a copied head. */
static uint8_t *inside(const struct world_blob *head, uint32_t slot, size_t *ret_n)
{
    struct kept_head h;
    assert_int_equal(kept_head_decode(head->key, (struct kept_span){head->p, head->n}, &h), 0);
    size_t at = (size_t)(h.pack.p - head->p);
    for (; at < head->n; at += 5 + ((size_t)head->p[at + 3] << 8 | head->p[at + 4]))
        if (((uint32_t)head->p[at] << 16 | (uint32_t)head->p[at + 1] << 8 | head->p[at + 2]) == slot) {
            *ret_n = (size_t)head->p[at + 3] << 8 | head->p[at + 4];
            return head->p + at + 5;
        }
    fail_msg("record %u is not in the row", slot);
    return NULL;
}

/* Put one head's record over another's of the same length: neither place opens it. */
static void splice(struct world *w, const struct world_blob *into, uint32_t slot,
                   const struct world_blob *from, uint32_t taken, struct kept_id id,
                   const char *item)
{
    size_t n = 0, m = 0;
    uint8_t *to = inside(into, slot, &n), *what = inside(from, taken, &m), keep[512];
    assert_int_equal(n, m);
    assert_true(n <= sizeof keep);
    memcpy(keep, to, n);
    memcpy(to, what, n);
    put(CELL, into->key, 0, into->p, into->n);
    assert_int_equal(world_read_error(w, id, item, "service"), KEPT_E_CORRUPT);
    memcpy(to, keep, n);
    put(CELL, into->key, 0, into->p, into->n);
    assert_int_equal(world_read_error(w, id, item, "service"), 0);
}

static void test_records_in_one_row_cannot_trade_places(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w), other = world_person(&w);
    world_put(&w, id, "account", "phone", "13800138000");     /* slot 1 */
    world_put(&w, id, "notes", "note", "a phone 000");        /* slot 2: as long */
    world_put(&w, other, "account", "phone", "13800138001");
    editor_open(&w);
    struct world_blob old = take(&w, "cell", world_key(id), 0),
                      theirs = take(&w, "cell", world_key(other), 0);
    world_put(&w, id, "account", "phone", "13800138002");
    struct world_blob head = take(&w, "cell", world_key(id), 0);
    splice(&w, &head, 1, &head, 2, id, "phone");   /* between items */
    splice(&w, &head, 2, &head, 1, id, "note");
    splice(&w, &head, 1, &theirs, 1, id, "phone"); /* between people */
    splice(&w, &head, 1, &old, 1, id, "phone");    /* an older value */
    READS(&w, id, "phone", "service", "13800138002");
    free(old.p);
    free(theirs.p);
    free(head.p);
    editor_close();
    world_down(&w);
}

static void test_old_rows_do_not_come_back(void **state)
{
    static uint8_t photo[100000];
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = rich_person(&w);
    world_put_many(&w, id, "notes", "note", 600);
    uint64_t key = world_key(id);
    editor_open(&w);
    struct world_blob phone = take(&w, "cell", key | phone_slot, 0), chunk = take(&w, "chunk", key | photo_slot, 0),
                      large = take(&w, "cell", key | photo_slot, 0), page = take(&w, "chunk", key, 1),
                      head = take(&w, "cell", key, 0);
    world_put(&w, id, "account", "phone", "13800138001");
    world_put_bytes(&w, id, "notes", "photo", (struct kept_span){photo, sizeof photo});
    world_put(&w, id, "notes", "note", "one more");
    replace(&w, "cell", key | phone_slot, 0, &phone, id, "phone");
    replace(&w, "chunk", key | photo_slot, 0, &chunk, id, "photo");
    replace(&w, "cell", key | photo_slot, 0, &large, id, "photo");
    replace(&w, "chunk", key, 1, &page, id, "note");
    replace(&w, "cell", key, 0, &head, id, "phone"); /* an old head, but not the old record */
    /* What was erased does not come back with its row. */
    ALLOWS(&w, .op = KEPT_OP_ERASE_RECORD, .subject = id, .item = "name");
    struct world_blob body = take(&w, "cell", key | phone_slot, 0);
    put("REPLACE INTO cell(body, key) VALUES(?1, ?2)", key | name_slot, 0, body.p, body.n);
    HIDES(&w, id, "name", "service", KEPT_R_NO_VALUE);
    free(body.p);
    free(phone.p);
    free(chunk.p);
    free(large.p);
    free(page.p);
    free(head.p);
    editor_close();
    world_down(&w);
}

/* A whole older state of a person, head and records together, opens: the ledger knows better. */
static void test_a_whole_older_person_is_found_by_the_check(void **state)
{
    struct world w;
    struct kept_buf json;
    uint64_t problems = 0;
    (void)state;
    world_shop(&w);
    kept_buf_init(&json, 1 << 20);
    struct kept_id id = rich_person(&w);
    uint64_t key = world_key(id);
    editor_open(&w);
    struct world_blob head = take(&w, "cell", key, 0);
    ALLOWS(&w, .op = KEPT_OP_CONSENT_WITHDRAW, .subject = id, .function = "account");
    assert_int_equal(kept_admin_check(w.kept, &json, &problems, &w.err), 0);
    assert_int_equal(problems, 0);
    put(CELL, key, 0, head.p, head.n);
    kept_buf_clear(&json);
    assert_int_equal(kept_admin_check(w.kept, &json, &problems, &w.err), 0);
    assert_int_equal(problems, 1);
    assert_non_null(strstr((const char *)json.p, "an older row was put back"));
    kept_buf_release(&json);
    free(head.p);
    editor_close();
    world_down(&w);
}

/* What the journal knows of a person - a withdrawal, an erasure - no older row of theirs survives,
 * whole as it may be: it is found at the next look, and after opening again. */
static void test_the_journal_knows_better_than_an_older_person(void **state)
{
    static const struct kept_request acts[] = {
        {.op = KEPT_OP_CONSENT_WITHDRAW, .function = "account"},
        {.op = KEPT_OP_ERASE_RECORD, .item = "name"},
        {.op = KEPT_OP_ERASE_SUBJECT}};
    (void)state;
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        struct world w;
        struct kept_reply *reply = NULL;
        struct kept_request act = acts[i];
        world_shop(&w);
        struct kept_id id = rich_person(&w);
        uint64_t key = world_key(id);
        act.app = "shop";
        act.subject = id;
        editor_open(&w);
        struct world_blob head = take(&w, "cell", key, 0), phone = take(&w, "cell", key | phone_slot, 0);
        assert_int_equal(kept_call(w.kept, &act, &reply, &w.err), 0);
        kept_reply_free(reply);
        put(CELL, key, 0, head.p, head.n);
        put(CELL, key | phone_slot, 0, phone.p, phone.n);
        assert_int_equal(world_read_error(&w, id, "phone", "service"), KEPT_E_CORRUPT);
        world_reopen(&w);
        assert_int_equal(world_read_error(&w, id, "phone", "service"), KEPT_E_CORRUPT);
        free(head.p);
        free(phone.p);
        editor_close();
        world_down(&w);
    }
}

static void test_missing_rows(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = rich_person(&w);
    world_put_many(&w, id, "notes", "note", 600);
    unsigned long long key = world_key(id);
    world_sql(&w, "DELETE FROM cell WHERE key = %llu", key | phone_slot);
    assert_int_equal(world_read_error(&w, id, "phone", "service"), KEPT_E_CORRUPT);
    world_sql(&w, "DELETE FROM chunk WHERE key = %llu AND number = 1", key | photo_slot);
    assert_int_equal(world_read_error(&w, id, "photo", "service"), KEPT_E_CORRUPT);
    READS(&w, id, "name", "service", "Jane Doe");
    world_sql(&w, "DELETE FROM chunk WHERE key = %llu AND number = 1", key);
    assert_int_equal(world_read_error(&w, id, "note", "service"), KEPT_E_CORRUPT);
    world_sql(&w, "DELETE FROM cell WHERE key = %llu", key);
    assert_int_equal(world_read_error(&w, id, "name", "service"), KEPT_E_NOTFOUND);
    world_down(&w);
}

static void test_rows_nobody_knows_are_not_read(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = rich_person(&w);
    unsigned long long key = world_key(id);
    world_sql(&w, "INSERT INTO cell SELECT key + 40, body FROM cell WHERE key = %llu", key | phone_slot);
    READS(&w, id, "phone", "service", "13800138000");
    const struct kept_field field = {.name = "phone", .record = phone_slot + 40};
    SAYS(&w, KEPT_DENY, KEPT_R_NO_VALUE, .op = KEPT_OP_USE, .subject = id, .purpose = "service",
         .fields = &field, .field_count = 1);
    world_down(&w);
}

static void finds(struct world *w, const char *number, int code)
{
    const struct kept_field phone = world_field("phone", number);
    FAILS(w, code, .op = KEPT_OP_SUBJECT_FIND, .fields = &phone, .field_count = 1);
}

static void test_a_turned_token_is_found(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = rich_person(&w), other = world_person(&w);
    (void)world_cram(&w, other);
    world_put(&w, other, "account", "phone", "13800138001");
    const struct kept_field phone = world_field("phone", "13800138000");
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_SUBJECT_FIND, .fields = &phone,
                                   .field_count = 1);
    assert_memory_equal(&reply->subject, &id, sizeof id);
    kept_reply_free(reply);
    unsigned long long from = world_key(id) | phone_slot, to = world_key(other) | phone_slot;
    world_sql(&w, "UPDATE token SET key = %llu WHERE key = %llu", to + 100, from);
    SAYS(&w, KEPT_DENY, KEPT_R_NO_VALUE, .op = KEPT_OP_SUBJECT_FIND, .fields = &phone,
         .field_count = 1); /* to nobody's record */
    world_sql(&w, "UPDATE token SET key = %llu WHERE key = %llu", to, to + 100);
    finds(&w, "13800138000", KEPT_E_CORRUPT); /* to another person's record of the same item */
    world_sql(&w, "UPDATE token SET key = %llu WHERE key = %llu", from, to);
    finds(&w, "13800138001", KEPT_E_CORRUPT);
    world_down(&w);
}

/* ---- rows without a seal of a person's ------------------------------------------------------- */

static void test_a_policy_in_the_store_cannot_be_rewritten(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    world_close(&w);
    world_sql(&w, "UPDATE policy SET text = replace(text, 'consent: explicit', 'consent: notice')");
    assert_int_equal(world_try_open(&w), KEPT_E_CORRUPT);
    world_sql(&w, "UPDATE policy SET text = replace(text, 'consent: notice\n    purposes: "
                  "[service', 'consent: explicit\n    purposes: [service')");
    world_sql(&w, "UPDATE policy SET effective = effective - 1");
    assert_int_equal(world_try_open(&w), KEPT_E_CORRUPT);
    world_sql(&w, "UPDATE policy SET effective = effective + 1, text = 'app: shop'");
    assert_int_equal(world_try_open(&w), KEPT_E_CORRUPT);
    world_down(&w);
}

static void test_a_policy_is_not_another_apps(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    world_publish(&w, "club", 1);
    world_close(&w);
    world_sql(&w, "UPDATE policy SET text = (SELECT text FROM policy WHERE app = 2) WHERE app = 1");
    assert_int_equal(world_try_open(&w), KEPT_E_CORRUPT);
    world_down(&w);
}

static void test_a_ceased_service_cannot_be_revived(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = rich_person(&w);
    ALLOWS(&w, .op = KEPT_OP_SERVICE_CEASE);
    world_close(&w);
    world_sql(&w, "DELETE FROM meta WHERE name LIKE 'ceased%%'");
    world_open(&w);
    const struct kept_field phone = world_field("phone", "13800138001");
    SAYS(&w, KEPT_DENY, KEPT_R_CEASED, .op = KEPT_OP_COLLECT, .subject = id,
         .function = "account", .fields = &phone, .field_count = 1);
    world_down(&w);
}

static void test_nobody_is_written_over(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = rich_person(&w);
    world_close(&w);
    world_sql(&w, "UPDATE meta SET value = x'0000000000000001' WHERE name = 'next.1'");
    world_open(&w);
    FAILS(&w, KEPT_E_CORRUPT, .op = KEPT_OP_SUBJECT_NEW);
    READS(&w, id, "phone", "service", "13800138000");
    world_down(&w);
}

static void test_the_clock_of_the_store_is_not_the_only_one(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = rich_person(&w);
    w.now += KEPT_DAY;
    READS(&w, id, "phone", "service", "13800138000"); /* a read, which writes no row */
    world_close(&w);
    w.now -= KEPT_HOUR;
    assert_int_equal(world_try_open(&w), KEPT_E_CLOCK);
    world_sql(&w, "UPDATE meta SET value = x'0000000000000001' WHERE name = 'clock'");
    assert_int_equal(world_try_open(&w), KEPT_E_CLOCK);
    w.now += KEPT_HOUR;
    world_open(&w);
    READS(&w, id, "phone", "service", "13800138000");
    world_down(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_bit_of_a_head),
        cmocka_unit_test(test_every_bit_of_a_record),
        cmocka_unit_test(test_bits_of_a_page),
        cmocka_unit_test(test_rows_cannot_trade_places),
        cmocka_unit_test(test_records_in_one_row_cannot_trade_places),
        cmocka_unit_test(test_old_rows_do_not_come_back),
        cmocka_unit_test(test_a_whole_older_person_is_found_by_the_check),
        cmocka_unit_test(test_the_journal_knows_better_than_an_older_person),
        cmocka_unit_test(test_missing_rows),
        cmocka_unit_test(test_rows_nobody_knows_are_not_read),
        cmocka_unit_test(test_a_turned_token_is_found),
        cmocka_unit_test(test_a_policy_in_the_store_cannot_be_rewritten),
        cmocka_unit_test(test_a_policy_is_not_another_apps),
        cmocka_unit_test(test_a_ceased_service_cannot_be_revived),
        cmocka_unit_test(test_nobody_is_written_over),
        cmocka_unit_test(test_the_clock_of_the_store_is_not_the_only_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
