/* test_check.c - the full check of a store walks all it holds: chunks, directory pages and look-up
 * tokens as well as rows; what is missing, damaged, moved or nobody's is found, and nothing else. */
#include "../aid/world.h"

#include "engine/admin.h"

static uint64_t problems_of(struct world *w, const char *words)
{
    struct kept_buf json;
    struct kept_err err = {0};
    uint64_t problems = 0;
    kept_buf_init(&json, 1 << 20);
    if (kept_admin_check(w->kept, &json, &problems, &err) != 0)
        fail_msg("check: %s", err.text);
    assert_int_equal(err.code, 0);
    assert_null(strstr((const char *)json.p, "13800138000"));
    if (words != NULL && strstr((const char *)json.p, words) == NULL)
        fail_msg("nothing says '%s': %s", words, (const char *)json.p);
    if (problems == 0)
        assert_null(strstr((const char *)json.p, "\"first\""));
    kept_buf_release(&json);
    return problems;
}

#define WHOLE(w) assert_int_equal(problems_of(w, NULL), 0)
/* Do something behind kept's back, expect to be told, and take it back. */
#define FINDS(w, words, undo, ...)                                                                 \
    do {                                                                                           \
        world_sql(w, __VA_ARGS__);                                                                 \
        assert_true(problems_of(w, words) > 0);                                                    \
        world_sql(w, "%s", undo);                                                                  \
        WHOLE(w);                                                                                  \
    } while (0)

/* Slot 1 has a token, slot 2 a token of a hashed value, slot 3 two chunks. */
static struct kept_id rich_person(struct world *w, const char *phone)
{
    static uint8_t photo[100000];
    struct kept_id id = world_person(w);
    memset(photo, phone[10], sizeof photo);
    world_put(w, id, "account", "phone", phone);
    world_put(w, id, "notes", "imei", "490154203237518");
    world_put_bytes(w, id, "notes", "photo", (struct kept_span){photo, sizeof photo});
    return id;
}

/* Both tables are copied aside, so that each edit can be taken back. */
static const char restore[] =
    "DELETE FROM chunk; INSERT INTO chunk SELECT * FROM chunks_aside;"
    "DELETE FROM token; INSERT INTO token SELECT * FROM tokens_aside;";

static void put_aside(struct world *w)
{
    world_sql(w, "CREATE TABLE chunks_aside AS SELECT * FROM chunk;"
                 "CREATE TABLE tokens_aside AS SELECT * FROM token;");
}

static void test_what_kept_wrote_is_whole(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = rich_person(&w, "13800138000"), other = rich_person(&w, "13800138001");
    WHOLE(&w);
    world_put(&w, id, "account", "phone", "13800138002"); /* a value, and its token, replaced */
    world_put(&w, id, "notes", "photo", "small now");
    WHOLE(&w);
    world_put_many(&w, id, "notes", "note", 1200); /* three directory pages */
    ALLOWS(&w, .op = KEPT_OP_ERASE_RECORD, .subject = id, .item = "note", .record = 600);
    ALLOWS(&w, .op = KEPT_OP_ERASE_RECORD, .subject = other, .item = "phone");
    WHOLE(&w);
    ALLOWS(&w, .op = KEPT_OP_ROTATE);
    WHOLE(&w);
    ALLOWS(&w, .op = KEPT_OP_ERASE_RECORD, .subject = id, .item = "note"); /* pages without rows */
    WHOLE(&w);
    world_put(&w, other, "billing", "invoice", "42 apples");
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id);
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = other);
    WHOLE(&w); /* what is left is the sweep's */
    ALLOWS(&w, .op = KEPT_OP_TICK);
    WHOLE(&w);
    assert_int_equal(world_sql_number(&w, "SELECT count(*) FROM chunk"), 0);
    world_down(&w);
}

static void test_chunks(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = rich_person(&w, "13800138000"), other = rich_person(&w, "13800138001");
    unsigned long long key = world_key(id), theirs = world_key(other);
    put_aside(&w);
    FINDS(&w, "a chunk of a value is missing", restore,
          "DELETE FROM chunk WHERE key = %llu AND number = 1", key | 3);
    FINDS(&w, "a chunk of a value does not open", restore,
          "UPDATE chunk SET body = zeroblob(length(body)) WHERE key = %llu AND number = 0", key | 3);
    FINDS(&w, "does not open", restore, /* two chunks of one value change places */
          "UPDATE chunk SET number = 2 WHERE key = %llu AND number = 0;"
          "UPDATE chunk SET number = 0 WHERE key = %llu AND number = 1;"
          "UPDATE chunk SET number = 1 WHERE key = %llu AND number = 2", key | 3, key | 3, key | 3);
    FINDS(&w, "does not open", restore, /* ... and of two people */
          "UPDATE chunk SET body = (SELECT body FROM chunk WHERE key = %llu AND number = 0)"
          " WHERE key = %llu AND number = 0", theirs | 3, key | 3);
    FINDS(&w, "belong to no living record", restore, /* one too many */
          "INSERT INTO chunk SELECT key, 2, body FROM chunk WHERE key = %llu AND number = 1", key | 3);
    FINDS(&w, "belong to no living record", restore, /* of a record without chunks, of none */
          "INSERT INTO chunk SELECT %llu, 0, body FROM chunk WHERE key = %llu AND number = 1",
          key | 1, key | 3);
    FINDS(&w, "belong to no living record", restore,
          "INSERT INTO chunk SELECT %llu, 0, body FROM chunk WHERE key = %llu AND number = 1",
          key | 77, key | 3);
    FINDS(&w, "chunks of a person whose own row is gone", restore,
          "INSERT INTO chunk SELECT key + 104857600, 0, body FROM chunk WHERE key = %llu AND number"
          " = 1", theirs | 3);
    FINDS(&w, "chunks that belong to no app", restore,
          "INSERT INTO chunk SELECT key + (1 << 53), 0, body FROM chunk WHERE key = %llu AND number"
          " = 1", theirs | 3);
    FINDS(&w, "chunks that belong to no app", restore,
          "INSERT INTO chunk SELECT -key, 0, body FROM chunk WHERE key = %llu AND number = 1",
          theirs | 3);
    world_down(&w);
}

static void test_directory_pages(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = rich_person(&w, "13800138000");
    world_put_many(&w, id, "notes", "note", 1100);
    unsigned long long key = world_key(id);
    put_aside(&w);
    FINDS(&w, "a page of a person's directory is missing", restore,
          "DELETE FROM chunk WHERE key = %llu AND number = 1", key);
    FINDS(&w, "a page of a person's directory does not open", restore,
          "UPDATE chunk SET body = zeroblob(length(body)) WHERE key = %llu AND number = 2", key);
    FINDS(&w, "does not open", restore,
          "UPDATE chunk SET number = 9 WHERE key = %llu AND number = 1;"
          "UPDATE chunk SET number = 1 WHERE key = %llu AND number = 2;"
          "UPDATE chunk SET number = 2 WHERE key = %llu AND number = 9", key, key, key);
    FINDS(&w, "directory pages belong to no living record", restore,
          "INSERT INTO chunk SELECT key, 3, body FROM chunk WHERE key = %llu AND number = 1", key);
    FINDS(&w, "directory pages belong to no living record", restore,
          "INSERT INTO chunk SELECT key, 0, body FROM chunk WHERE key = %llu AND number = 1", key);
    /* A page without rows is not read; that it is gone does not hide behind one too many. */
    ALLOWS(&w, .op = KEPT_OP_ERASE_RECORD, .subject = id, .item = "note");
    WHOLE(&w);
    world_sql(&w, "UPDATE chunk SET number = 8 WHERE key = %llu AND number = 2", key);
    assert_true(problems_of(&w, "a page of a person's directory is missing") > 0);
    world_down(&w);
}

static void test_tokens(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = rich_person(&w, "13800138000"), other = rich_person(&w, "13800138001");
    unsigned long long key = world_key(id), theirs = world_key(other);
    put_aside(&w);
    FINDS(&w, "a record lacks its look-up token", restore, "DELETE FROM token WHERE key = %llu",
          key | 1);
    FINDS(&w, "a record lacks its look-up token", restore, "DELETE FROM token WHERE key = %llu",
          key | 2); /* of a value that is stored as a hash */
    FINDS(&w, "a record lacks its look-up token", restore, /* turned to another's record */
          "UPDATE token SET key = %llu WHERE key = %llu", theirs | 1, key | 1);
    FINDS(&w, "a record lacks its look-up token", restore,
          "UPDATE token SET app = 7 WHERE key = %llu", key | 1);
    FINDS(&w, "tokens lead to no living record, or to another value", restore,
          "INSERT INTO token SELECT app, token, %llu FROM token WHERE key = %llu", theirs | 1, key | 1);
    FINDS(&w, "tokens lead to no living record", restore,
          "INSERT INTO token SELECT app, token, %llu FROM token WHERE key = %llu", key | 3, key | 1);
    FINDS(&w, "tokens lead to no living record", restore,
          "INSERT INTO token VALUES(1, x'00112233445566778899aabbccddeeff', %llu)", key | 1);
    FINDS(&w, "tokens of a person whose own row is gone", restore,
          "INSERT INTO token SELECT app, token, key + 104857600 FROM token WHERE key = %llu",
          theirs | 1);
    FINDS(&w, "tokens that belong to no app", restore,
          "INSERT INTO token SELECT 5, token, -1 FROM token WHERE key = %llu", theirs | 1);
    world_down(&w);
}

static void test_rows_of_no_app(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = rich_person(&w, "13800138000");
    unsigned long long key = world_key(id);
    FINDS(&w, "rows that belong to no app", "DELETE FROM cell WHERE key < 0",
          "INSERT INTO cell SELECT -key, body FROM cell WHERE key = %llu", key);
    FINDS(&w, "rows that belong to no app", "DELETE FROM cell WHERE key >= 2 << 53",
          "INSERT INTO cell SELECT key + (4 << 53), body FROM cell WHERE key = %llu", key);
    world_down(&w);
}

/* What an erased person left is the sweep's; without one it is found. */
static void test_leftovers_need_a_sweep(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = rich_person(&w, "13800138000");
    unsigned long long key = world_key(id);
    put_aside(&w);
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id);
    WHOLE(&w);
    ALLOWS(&w, .op = KEPT_OP_TICK);
    WHOLE(&w);
    FINDS(&w, "belong to no living record", "DELETE FROM chunk",
          "INSERT INTO chunk SELECT * FROM chunks_aside WHERE key = %llu", key | 3);
    FINDS(&w, "lead to no living record", "DELETE FROM token",
          "INSERT INTO token SELECT * FROM tokens_aside WHERE key = %llu", key | 1);
    world_down(&w);
}

/* Two apps: pieces of one are not the other's. */
static void test_each_app_has_its_own(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = rich_person(&w, "13800138000");
    world_publish(&w, "club", 1);
    w.app = "club";
    struct kept_id member = rich_person(&w, "13800138000");
    put_aside(&w);
    WHOLE(&w);
    FINDS(&w, "club: person", restore, "DELETE FROM token WHERE key = %llu",
          (unsigned long long)(world_key(member) | 1));
    FINDS(&w, "shop: person", restore, "DELETE FROM chunk WHERE key = %llu",
          (unsigned long long)(world_key(id) | 3));
    world_down(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_kept_wrote_is_whole),
        cmocka_unit_test(test_chunks),
        cmocka_unit_test(test_directory_pages),
        cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_rows_of_no_app),
        cmocka_unit_test(test_leftovers_need_a_sweep),
        cmocka_unit_test(test_each_app_has_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
