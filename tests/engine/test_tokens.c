/* test_tokens.c - the key of look-up tokens turns over while people are looked up and come in: two
 * keys live meanwhile, each tick makes some tokens anew, and at the end the former key is gone and
 * told; whatever fails in between, nobody is lost. */
#include "../aid/world.h"

#include <errno.h>

#include "../aid/disk.h"


static bool finds(struct world *w, const char *item, const char *value, struct kept_id id)
{
    const struct kept_field field = world_field(item, value);
    struct kept_reply *reply = ASK(w, .op = KEPT_OP_SUBJECT_FIND, .fields = &field,
                                   .field_count = 1);
    bool found = reply->decision == KEPT_ALLOW && memcmp(&reply->subject, &id, sizeof id) == 0;
    if (!found)
        assert_int_equal(reply->reason, KEPT_R_NO_VALUE);
    kept_reply_free(reply);
    return found;
}

static struct kept_id somebody(struct world *w, const char *phone, const char *imei)
{
    struct kept_id id = world_person(w);
    world_put(w, id, "account", "phone", phone);
    if (imei != NULL)
        world_put(w, id, "notes", "imei", imei);
    return id;
}

#define PHONE_A "13800138000"
#define PHONE_B "13800138001"
#define IMEI_A "490154203237518"
#define IMEI_B "356938035643809"

static void turn(struct world *w)
{
    ALLOWS(w, .op = KEPT_OP_ROTATE, .text = "tokens");
}

/* Two may have the same device: the first of them is found, whoever's token is made anew first. */
static void test_who_shares_a_value(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id first = somebody(&w, PHONE_A, IMEI_A), second = somebody(&w, PHONE_B, IMEI_A);
    assert_true(finds(&w, "imei", IMEI_A, first));
    turn(&w);
    assert_true(finds(&w, "imei", IMEI_A, first));
    world_put(&w, second, "notes", "imei", IMEI_A);
    assert_true(finds(&w, "imei", IMEI_A, first));
    assert_true(finds(&w, "phone", PHONE_B, second));
    world_tick_says(&w, "\"people_retokened\":2,\"tokens_left\":false");
    assert_true(finds(&w, "imei", IMEI_A, first));
    turn(&w);
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = first);
    assert_true(finds(&w, "imei", IMEI_A, second));
    world_put(&w, second, "notes", "imei", IMEI_A);
    assert_true(finds(&w, "imei", IMEI_A, second));
    world_down(&w);
}

static void test_a_rotation_of_the_token_key(void **state)
{
    struct world w;
    struct world_blobs before = {NULL, 0}, after = {NULL, 0};
    (void)state;
    world_shop(&w);
    struct kept_id a = somebody(&w, PHONE_A, IMEI_A), gone = somebody(&w, "13800138009", NULL);
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = gone);
    world_tick_says(&w, "\"people_retokened\":0,\"tokens_left\":false");
    world_blobs(&w, &before, "SELECT token, key, 0 FROM token ORDER BY key");
    assert_int_equal(before.count, 2);
    SAYS(&w, KEPT_DENY, KEPT_R_OPERATION, .op = KEPT_OP_ROTATE, .text = "tokens",
         .role = "officer");
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_ROTATE, .text = "token");
    assert_false(world_has_key(&w, "token-2"));
    turn(&w);
    assert_true(world_has_key(&w, "token-1") && world_has_key(&w, "token-2"));
    FAILS(&w, KEPT_E_CONFLICT, .op = KEPT_OP_ROTATE, .text = "tokens"); /* one at a time */
    /* Who was there before is found, who comes now is, and a change is. */
    assert_true(finds(&w, "phone", PHONE_A, a) && finds(&w, "imei", IMEI_A, a));
    struct kept_id b = somebody(&w, PHONE_B, IMEI_B);
    assert_true(finds(&w, "phone", PHONE_B, b) && finds(&w, "imei", IMEI_B, b));
    world_reopen(&w);
    assert_true(finds(&w, "phone", PHONE_A, a) && finds(&w, "phone", PHONE_B, b));
    world_tick_says(&w, "\"people_retokened\":2,\"tokens_left\":false");
    assert_true(!world_has_key(&w, "token-1") && world_has_key(&w, "token-2"));
    assert_true(finds(&w, "phone", PHONE_A, a) && finds(&w, "imei", IMEI_A, a));
    assert_true(finds(&w, "phone", PHONE_B, b) && finds(&w, "imei", IMEI_B, b));
    assert_false(finds(&w, "phone", "13800138009", gone));
    /* No token is what it was. */
    world_blobs(&w, &after, "SELECT token, key, 0 FROM token ORDER BY key");
    assert_int_equal(after.count, 4);
    for (size_t i = 0; i < before.count; i++)
        for (size_t j = 0; j < after.count; j++)
            assert_memory_not_equal(before.rows[i].p, after.rows[j].p, 16);
    world_blobs_free(&before);
    world_blobs_free(&after);
    assert_int_equal(world_audit_has(&w, "token key 2 is to be made"), 1);
    assert_int_equal(world_audit_has(&w, "token key 2 is made"), 1);
    assert_int_equal(world_audit_has(&w, "token key 1 is to be destroyed"), 1);
    assert_int_equal(world_audit_has(&w, "token key 1 is destroyed"), 1);
    turn(&w); /* and again */
    world_tick_says(&w, "\"people_retokened\":2,\"tokens_left\":false");
    assert_true(!world_has_key(&w, "token-2") && world_has_key(&w, "token-3"));
    world_reopen(&w);
    assert_true(finds(&w, "phone", PHONE_A, a) && finds(&w, "imei", IMEI_B, b));
    world_check(&w);
    world_down(&w);
}

/* More people than a tick takes: both keys live in between, and life goes on. */
static void test_in_several_ticks(void **state)
{
    enum { PEOPLE = 1040, A_TICK = 1024 };
    static struct kept_id ids[PEOPLE];
    struct world w;
    char text[16], words[64];
    (void)state;
    world_shop(&w);
    for (unsigned i = 0; i < PEOPLE; i++) {
        (void)snprintf(text, sizeof text, "139%08u", i);
        ids[i] = somebody(&w, text, NULL);
    }
    turn(&w);
    (void)snprintf(words, sizeof words, "\"people_retokened\":%d,\"tokens_left\":true", A_TICK);
    world_tick_says(&w, words);
    assert_true(world_has_key(&w, "token-1"));
    world_reopen(&w);
    assert_true(finds(&w, "phone", "13900000000", ids[0]));       /* made anew */
    assert_true(finds(&w, "phone", "13900001039", ids[1039]));    /* not yet */
    world_put(&w, ids[0], "account", "phone", PHONE_A);           /* a change behind the cursor */
    world_put(&w, ids[1038], "account", "phone", PHONE_B);        /* and before it */
    assert_true(finds(&w, "phone", PHONE_A, ids[0]) && finds(&w, "phone", PHONE_B, ids[1038]));
    assert_false(finds(&w, "phone", "13900000000", ids[0]));
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = ids[1037]);
    FAILS(&w, KEPT_E_CONFLICT, .op = KEPT_OP_ROTATE, .text = "tokens");
    (void)snprintf(words, sizeof words, "\"people_retokened\":%d,\"tokens_left\":false",
                   PEOPLE - A_TICK - 1);
    world_tick_says(&w, words);
    assert_false(world_has_key(&w, "token-1"));
    assert_true(finds(&w, "phone", "13900001039", ids[1039]));
    assert_true(finds(&w, "phone", PHONE_A, ids[0]) && finds(&w, "phone", PHONE_B, ids[1038]));
    world_down(&w);
}

/* More records of one person than a tick takes. */
static void test_within_a_person(void **state)
{
    enum { AT_ONCE = 1500, TIMES = 3 };
    struct world w;
    char (*text)[16] = calloc(AT_ONCE, sizeof *text);
    struct kept_field *fields = calloc(AT_ONCE, sizeof *fields);
    (void)state;
    assert_true(text != NULL && fields != NULL);
    world_up(&w);
    char *policy = world_policy("shop", 1, "kind: phone, information: basic, source: user, ",
                                "kind: phone, values: many, information: basic, source: user, ");
    ALLOWS(&w, .op = KEPT_OP_POLICY_PUBLISH, .text = policy);
    free(policy);
    struct kept_id id = world_person(&w);
    for (unsigned t = 0; t < TIMES; t++) {
        for (unsigned i = 0; i < AT_ONCE; i++) {
            (void)snprintf(text[i], sizeof text[i], "139%08u", t * AT_ONCE + i);
            fields[i] = world_field("phone", text[i]);
        }
        ALLOWS(&w, .op = KEPT_OP_COLLECT, .subject = id, .function = "account", .fields = fields,
               .field_count = AT_ONCE);
    }
    struct kept_id other = somebody(&w, PHONE_A, NULL);
    turn(&w);
    world_tick_says(&w, "\"people_retokened\":0,\"tokens_left\":true");
    assert_true(finds(&w, "phone", "13900000000", id) && finds(&w, "phone", "13900004499", id));
    assert_true(finds(&w, "phone", PHONE_A, other));
    world_tick_says(&w, "\"people_retokened\":2,\"tokens_left\":false");
    assert_false(world_has_key(&w, "token-1"));
    assert_true(finds(&w, "phone", "13900000000", id) && finds(&w, "phone", "13900004499", id));
    assert_true(finds(&w, "phone", "13900004095", id) && finds(&w, "phone", "13900004096", id));
    assert_true(finds(&w, "phone", PHONE_A, other));
    assert_true(world_sql_number(&w, "SELECT count(*) FROM token") == AT_ONCE * TIMES + 1);
    free(text);
    free(fields);
    world_down(&w);
}

/* ---- restores -------------------------------------------------------------------------------- */

/* A store whose tokens nobody can compute any more says so, and makes them anew. */
static void test_a_store_from_before_the_rotation(void **state)
{
    struct world w;
    const struct kept_field phone = world_field("phone", PHONE_A);
    (void)state;
    world_shop(&w);
    struct kept_id a = somebody(&w, PHONE_A, IMEI_A);
    world_save(&w, "before");
    turn(&w);
    world_save(&w, "between");
    world_tick_says(&w, "\"people_retokened\":1,\"tokens_left\":false");
    world_put_back(&w, "before");
    FAILS(&w, KEPT_E_CONFLICT, .op = KEPT_OP_SUBJECT_FIND, .fields = &phone, .field_count = 1);
    FAILS(&w, KEPT_E_CONFLICT, .op = KEPT_OP_ROTATE, .text = "tokens");
    world_tick_says(&w, "\"people_retokened\":1,\"tokens_left\":false");
    assert_true(finds(&w, "phone", PHONE_A, a) && finds(&w, "imei", IMEI_A, a));
    turn(&w);
    world_tick_says(&w, "\"tokens_left\":false");
    assert_true(world_has_key(&w, "token-3"));
    world_put_back(&w, "between"); /* on its way to a key that is gone, too */
    FAILS(&w, KEPT_E_CONFLICT, .op = KEPT_OP_SUBJECT_FIND, .fields = &phone, .field_count = 1);
    world_tick_says(&w, "\"people_retokened\":1,\"tokens_left\":false");
    assert_true(finds(&w, "phone", PHONE_A, a) && finds(&w, "imei", IMEI_A, a));
    world_check(&w);
    world_down(&w);
}

/* ---- failures -------------------------------------------------------------------------------- */

/* A record that does not open is found no more, and holds up nobody. */
static void test_damage_holds_up_nobody(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id broken = somebody(&w, PHONE_A, NULL), b = somebody(&w, PHONE_B, NULL);
    world_close(&w);
    world_sql(&w, "UPDATE cell SET body = substr(body, 1, 40) || x'0000' || substr(body, 43) WHERE key = %lld",
              (long long)world_key(broken));
    world_open(&w);
    turn(&w);
    world_tick_says(&w, "\"people_retokened\":1,\"tokens_left\":false");
    assert_false(world_has_key(&w, "token-1"));
    assert_true(finds(&w, "phone", PHONE_B, b));
    world_down(&w);
}

/* The disk says no at the n-th change of the operation that begins it, or of the tick. */
static bool fail_once(long n, bool at_begin)
{
    struct world w;
    const struct kept_request begin = {.op = KEPT_OP_ROTATE, .app = "shop", .text = "tokens"},
                              tick = {.op = KEPT_OP_TICK, .app = "shop"};
    world_shop(&w);
    struct kept_id a = somebody(&w, PHONE_A, IMEI_A);
    if (!at_begin)
        turn(&w);
    bool over = false;
    int rc = world_call_failing(&w, at_begin ? &begin : &tick,
                                (struct world_failure){WORLD_CHANGES, n, n % 2 == 0, n % 4 >= 2}, &over);
    assert_true(finds(&w, "phone", PHONE_A, a) && finds(&w, "imei", IMEI_A, a));
    world_tick_says(&w, "\"tokens_left\":false");
    world_tick_says(&w, "\"people_retokened\":0");
    bool begun = world_has_key(&w, "token-2");
    if (!at_begin || rc == 0)
        assert_true(begun);
    if (world_has_key(&w, "token-1") == begun)
        fail_msg("change %ld: two keys, or none", n);
    if (world_audit_has(&w, "token key 2 is made") != begun ||
        world_audit_has(&w, "token key 1 is destroyed") != begun)
        fail_msg("change %ld: begun %d, told %zu and %zu times", n, begun,
                 world_audit_has(&w, "token key 2 is made"), world_audit_has(&w, "token key 1 is destroyed"));
    assert_true(finds(&w, "phone", PHONE_A, a) && finds(&w, "imei", IMEI_A, a));
    world_check(&w);
    world_down(&w);
    return over;
}

static void test_whatever_fails_nobody_is_lost(void **state)
{
    (void)state;
    for (int at_begin = 0; at_begin < 2; at_begin++)
        for (long n = 0; !fail_once(n, at_begin == 1); n++)
            assert_true(n < 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_shares_a_value),
        cmocka_unit_test(test_a_rotation_of_the_token_key),
        cmocka_unit_test(test_in_several_ticks),
        cmocka_unit_test(test_within_a_person),
        cmocka_unit_test(test_a_store_from_before_the_rotation),
        cmocka_unit_test(test_damage_holds_up_nobody),
        cmocka_unit_test(test_whatever_fails_nobody_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
