/* test_caller.c - rows, tokens, the table, and what a caller may ask: each file of the room, without store or policy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "caller/caller.h"

static const uint8_t key[KEPT_KEY_BYTES] = {1}, other_key[KEPT_KEY_BYTES] = {2};

static struct kept_caller_row *row_of(const struct kept_caller *from)
{
    struct kept_err err = {0};
    struct kept_caller_row *row = kept_alloc(1, sizeof *row);
    assert_non_null(row);
    if (kept_caller_read(from, row, &err) != 0)
        fail_msg("%s", err.text);
    row->state = KEPT_CALLER_LIVE;
    return row;
}

static void drop(struct kept_caller_row *row)
{
    kept_caller_release(row);
    kept_free(row);
}

static void a_row_comes_back_as_it_was(void **state)
{
    const struct kept_caller from = {.name = "desk", .roles = "support,app", .operations = "use,collect", .functions = "notes",
                                     .purposes = "service,billing"};
    struct kept_caller_row *row = row_of(&from), back = {.version = 0};
    struct kept_buf body;
    (void)state;
    row->id = (struct kept_id){{7}};
    row->added = 5;
    row->expires = 6;
    memset(row->hash, 3, sizeof row->hash);
    memcpy(row->added_by, "owner", 6);
    kept_buf_init(&body, 1u << 16);
    assert_int_equal(kept_caller_seal(key, "shop", row, &body), 0);
    assert_int_equal(kept_caller_open(key, "shop", &row->id, kept_buf_span(&body), &back), 0);
    assert_true(back.version == 1 && back.added == 5 && back.expires == 6 && back.revoked == 0 && !back.certificate);
    assert_true(back.operations == (1ull << KEPT_OP_USE | 1ull << KEPT_OP_COLLECT));
    assert_string_equal(back.name, "desk");
    assert_string_equal(back.added_by, "owner");
    assert_memory_equal(back.hash, row->hash, sizeof back.hash);
    assert_string_equal(kept_caller_first(&back.roles), "support");
    assert_string_equal(kept_caller_next(&back.roles, kept_caller_first(&back.roles)), "app");
    assert_true(kept_caller_lists(&back.purposes, "billing") && !kept_caller_lists(&back.purposes, "bill"));
    kept_caller_release(&back);
    /* Of another app, another id, another key, cut or changed: it does not open. */
    const struct kept_id id = {{8}};
    assert_int_equal(kept_caller_open(key, "club", &row->id, kept_buf_span(&body), &back), KEPT_E_CRYPTO);
    assert_int_equal(kept_caller_open(key, "shop", &id, kept_buf_span(&body), &back), KEPT_E_CRYPTO);
    assert_int_equal(kept_caller_open(other_key, "shop", &row->id, kept_buf_span(&body), &back), KEPT_E_CRYPTO);
    for (size_t i = 0; i < body.n; i++) {
        assert_int_not_equal(kept_caller_open(key, "shop", &row->id, (struct kept_span){body.p, i}, &back), 0);
        body.p[i] ^= 1;
        assert_int_not_equal(kept_caller_open(key, "shop", &row->id, kept_buf_span(&body), &back), 0);
        body.p[i] ^= 1;
    }
    kept_buf_release(&body);
    drop(row);
}

static void what_a_row_may_not_be(void **state)
{
    static const struct {
        struct kept_caller from;
        int error;
    } all[] = {{{.name = "a_b.c-0"}, 0}, {{.name = NULL}, KEPT_E_USAGE}, {{.name = "a/b"}, KEPT_E_USAGE}, {{.name = ".a"}, KEPT_E_USAGE},
               {{.name = "\xc3\xa4"}, KEPT_E_USAGE}, {{.name = "a", .roles = ","}, KEPT_E_USAGE}, {{.name = "a", .roles = "b,"}, KEPT_E_USAGE},
               {{.name = "a", .functions = "b c"}, KEPT_E_USAGE}, {{.name = "a", .purposes = "\xff"}, KEPT_E_USAGE},
               {{.name = "a", .operations = "use,use"}, 0}, {{.name = "a", .operations = "uses"}, KEPT_E_USAGE},
               {{.name = "a", .operations = "caller.add"}, KEPT_E_USAGE}, {{.name = "a", .operations = "caller.list,stat,policy.show"}, 0},
               {{.name = "a", .operations = "caller.list,audit"}, KEPT_E_USAGE}};
    char long_list[KEPT_MAX_CALLER_LIST + 2];
    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct kept_caller_row row = {.version = 0};
        struct kept_err err = {0};
        if (kept_caller_read(&all[i].from, &row, &err) != all[i].error)
            fail_msg("%zu: %s", i, err.text);
        kept_caller_release(&row);
    }
    memset(long_list, 'a', sizeof long_list);
    for (size_t i = 40; i < sizeof long_list; i += 41)
        long_list[i] = ',';
    long_list[sizeof long_list - 1] = 0;
    struct kept_caller_row row = {.version = 0};
    assert_int_equal(kept_caller_read(&(struct kept_caller){.name = "a", .functions = long_list}, &row, NULL), KEPT_E_LIMIT);
}

/* A scanner needs nothing but the text to know one. */
static void a_token_checks_itself(void **state)
{
    char text[KEPT_CALLER_TOKEN], other[KEPT_CALLER_TOKEN], want[9];
    uint8_t hash[KEPT_HASH_BYTES], check[KEPT_HASH_BYTES];
    (void)state;
    kept_caller_token(KEPT_TOKEN_SERVICE, text, hash);
    kept_caller_token(KEPT_TOKEN_PERSON, other, check);
    assert_true(strlen(text) == 77 && strcmp(text, other) != 0);
    assert_true(kept_caller_is_person((struct kept_span){(const uint8_t *)other, 77}));
    assert_false(kept_caller_is_person((struct kept_span){(const uint8_t *)text, 77}));
    assert_false(kept_caller_is_person((struct kept_span){(const uint8_t *)other, 5})); /* the front alone */
    kept_sha256((struct kept_span){(const uint8_t *)text, 69}, check);
    (void)snprintf(want, sizeof want, "%02x%02x%02x%02x", check[0], check[1], check[2], check[3]);
    assert_string_equal(text + 69, want);
    kept_sha256((struct kept_span){(const uint8_t *)text, 77}, check);
    assert_memory_equal(check, hash, sizeof hash);
}

static void each_of_many_is_found_and_nobody_else(void **state)
{
    enum { MANY = 3000 };
    static char tokens[MANY][KEPT_CALLER_TOKEN];
    struct kept_callers table = {.rows = NULL};
    (void)state;
    assert_null(kept_callers_find(&table, (struct kept_span){(const uint8_t *)"x", 1}, false, 0));
    for (size_t i = 0; i < MANY; i++) {
        struct kept_caller_row *row = row_of(&(struct kept_caller){.name = "a"});
        kept_caller_token(KEPT_TOKEN_SERVICE, tokens[i], row->hash);
        row->added = (kept_ms)i;
        assert_int_equal(kept_callers_take(&table, row), 0);
    }
    for (size_t i = 0; i < MANY; i++) {
        struct kept_span shown = {(const uint8_t *)tokens[i], KEPT_CALLER_TOKEN - 1};
        const struct kept_caller_row *row = kept_callers_find(&table, shown, false, 0);
        assert_true(row != NULL && row->added == (kept_ms)i);
        assert_null(kept_callers_find(&table, shown, true, 0));
        shown.n--;
        assert_null(kept_callers_find(&table, shown, false, 0));
    }
    /* Of one hash - a certificate made to collide at its front, or revoked and added again - the one who is somebody. */
    struct kept_span first = {(const uint8_t *)tokens[0], KEPT_CALLER_TOKEN - 1};
    table.rows[0]->state = KEPT_CALLER_REVOKED;
    assert_null(kept_callers_find(&table, first, false, 0));
    struct kept_caller_row *again = row_of(&(struct kept_caller){.name = "b"});
    memcpy(again->hash, table.rows[0]->hash, sizeof again->hash);
    assert_int_equal(kept_callers_take(&table, again), 0);
    assert_ptr_equal(kept_callers_find(&table, first, false, 0), again);
    again->state = KEPT_CALLER_PENDING;
    assert_null(kept_callers_find(&table, first, false, 0));
    assert_ptr_equal(kept_callers_named(&table, NULL, "b"), again); /* its name is taken */
    again->state = KEPT_CALLER_UNDONE;
    assert_null(kept_callers_named(&table, NULL, "b"));
    kept_callers_free(&table);
}

static void what_is_left_out_is_filled_in(void **state)
{
    char actor[KEPT_CALLER_ACTOR];
    struct kept_caller_row *one = row_of(&(struct kept_caller){.name = "one", .functions = "notes", .purposes = "service"}),
                           *two = row_of(&(struct kept_caller){.name = "two", .roles = "support,app", .functions = "notes,account"});
    struct kept_request r = {.op = KEPT_OP_COLLECT};
    (void)state;
    assert_int_equal(kept_caller_fill(one, &r, actor, NULL), 0);
    assert_string_equal(r.actor, "one");
    assert_string_equal(r.function, "notes");
    assert_string_equal(r.purpose, "service");
    assert_null(r.role);
    r = (struct kept_request){.op = KEPT_OP_SUBJECT_SHOW}; /* which names none */
    assert_int_equal(kept_caller_fill(one, &r, actor, NULL), 0);
    assert_null(r.function);
    r = (struct kept_request){.op = KEPT_OP_COLLECT, .actor = "anna"};
    assert_int_equal(kept_caller_fill(two, &r, actor, NULL), 0);
    assert_string_equal(r.actor, "two/anna");
    assert_string_equal(r.role, "support");
    assert_null(r.function); /* which of them? */
    assert_false(kept_caller_may(two, &r));
    r = (struct kept_request){.op = KEPT_OP_COLLECT, .role = "app", .function = "account"};
    assert_int_equal(kept_caller_fill(two, &r, actor, NULL), 0);
    assert_null(r.role);
    assert_true(kept_caller_may(two, &r));
    r = (struct kept_request){.op = KEPT_OP_STAT, .actor = "0123456789012345678901234567890123456789012345678901234567890"};
    assert_int_equal(kept_caller_fill(two, &r, actor, NULL), KEPT_E_USAGE);
    drop(one);
    drop(two);
}

/* What nobody may whose row does not list it; and that what is listed is all. */
static void operations_are_listed_or_the_owners(void **state)
{
    struct kept_caller_row *plain = row_of(&(struct kept_caller){.name = "plain"}),
                           *reader = row_of(&(struct kept_caller){.name = "reader", .operations = "use"}),
                           *boss = row_of(&(struct kept_caller){.name = "boss", .roles = "officer", .staff = 1});
    const uint64_t owners = 1ull << KEPT_OP_CALLER_ADD | 1ull << KEPT_OP_CALLER_REVOKE | 1ull << KEPT_OP_CALLER_LIST | 1ull << KEPT_OP_CALLER_REVIEW |
                            1ull << KEPT_OP_POLICY_PUBLISH | 1ull << KEPT_OP_SERVICE_CEASE | 1ull << KEPT_OP_ROTATE |
                            1ull << KEPT_OP_TICK | 1ull << KEPT_OP_POST_TAKE | 1ull << KEPT_OP_POST_TELL |
                            1ull << KEPT_OP_STAFF_ATTEST | 1ull << KEPT_OP_ORDER_DONE | 1ull << KEPT_OP_ORDER_SHOW |
                            1ull << KEPT_OP_PROVIDER_ADD | 1ull << KEPT_OP_PROVIDER_REMOVE;
    (void)state;
    for (unsigned op = 0; op <= KEPT_OP_COUNT + 1; op++) {
        const struct kept_request r = {.op = (enum kept_op)op};
        assert_int_equal(kept_caller_may(plain, &r), op > 0 && op < KEPT_OP_COUNT && (owners >> op & 1u) == 0);
        assert_int_equal(kept_caller_may(reader, &r), op == KEPT_OP_USE);
    }
    /* To staff their role's policy gives it, and nothing else of it. */
    assert_true(kept_caller_may(boss, &(struct kept_request){.op = KEPT_OP_STAFF_ATTEST, .role = "officer"}));
    assert_false(kept_caller_may(boss, &(struct kept_request){.op = KEPT_OP_STAFF_ATTEST, .role = "support"}));
    assert_false(kept_caller_may(boss, &(struct kept_request){.op = KEPT_OP_CALLER_REVOKE, .role = "officer"}));
    drop(plain);
    drop(reader);
    drop(boss);
}

/* Only what is attested, or said of who left, takes room; what is no such thing does not open. */
static void what_is_on_file_comes_back(void **state)
{
    struct kept_caller_row *row = row_of(&(struct kept_caller){.name = "ann", .roles = "support", .staff = 1}), back = {.version = 0};
    struct kept_buf plain, more;
    (void)state;
    kept_buf_init(&plain, 1u << 16);
    kept_buf_init(&more, 1u << 16);
    kept_caller_encode(row, &plain);
    assert_int_equal(plain.p[0], 2);
    row->attested[0] = (struct kept_attested){.at = 5, .until = 9, .evidence = "file 12", .by = "boss"};
    row->attested[KEPT_ATTESTATIONS - 1] = (struct kept_attested){.at = 6, .evidence = "course 7", .by = "boss"};
    (void)snprintf(row->because, sizeof row->because, "left");
    kept_caller_encode(row, &more);
    assert_int_equal(more.p[0], 4);
    assert_int_equal(kept_caller_decode(kept_buf_span(&more), &back), 0);
    assert_memory_equal(back.attested, row->attested, sizeof back.attested);
    assert_string_equal(back.because, "left");
    assert_true(back.kind == KEPT_CALLER_STAFF && kept_attested_now(&back.attested[0], 8) && !kept_attested_now(&back.attested[0], 9) &&
                kept_attested_now(&back.attested[KEPT_ATTESTATIONS - 1], 1ll << 60) && !kept_attested_now(&back.attested[1], 1));
    kept_caller_release(&back);
    for (size_t i = 0; i < more.n; i++)
        assert_int_not_equal(kept_caller_decode((struct kept_span){more.p, i}, &back), 0);
    /* The same thing twice, one that nobody knows, one without a beginning. */
    const size_t at = plain.n + 1;
    more.p[at] = KEPT_ATTESTATIONS;
    assert_int_equal(kept_caller_decode(kept_buf_span(&more), &back), KEPT_E_CORRUPT);
    more.p[at] = KEPT_ATTESTATIONS - 1;
    assert_int_equal(kept_caller_decode(kept_buf_span(&more), &back), KEPT_E_CORRUPT);
    more.p[at] = 0;
    memset(more.p + at + 1, 0, 8);
    assert_int_equal(kept_caller_decode(kept_buf_span(&more), &back), KEPT_E_CORRUPT);
    /* A format that says more, and then nothing. */
    plain.p[0] = 4;
    kept_buf_u8(&plain, 0);
    kept_buf_u8(&plain, 0);
    assert_int_equal(kept_caller_decode(kept_buf_span(&plain), &back), KEPT_E_CORRUPT);
    plain.p[0] = 5;
    assert_int_equal(kept_caller_decode(kept_buf_span(&plain), &back), KEPT_E_FORMAT);
    kept_buf_release(&plain);
    kept_buf_release(&more);
    drop(row);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_comes_back_as_it_was),
        cmocka_unit_test(what_a_row_may_not_be),
        cmocka_unit_test(a_token_checks_itself),
        cmocka_unit_test(each_of_many_is_found_and_nobody_else),
        cmocka_unit_test(what_is_left_out_is_filled_in),
        cmocka_unit_test(operations_are_listed_or_the_owners),
        cmocka_unit_test(what_is_on_file_comes_back),
    };
    return kept_crypto_init() != 0 || cmocka_run_group_tests(tests, NULL, NULL);
}
