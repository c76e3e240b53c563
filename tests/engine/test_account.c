/* test_account.c - codes and proofs: nobody learns who is registered, floods stop, nothing survives a person. */
#include <ctype.h>
#include <jansson.h>

#include "../aid/world.h"

#define NUMBER "13800138000"
#define STRANGER "13900139000"
#define BEGIN(w, field_, ...) ASK(w, .op = KEPT_OP_ACCOUNT_BEGIN, .fields = (field_), .field_count = 1, __VA_ARGS__)
#define PROVE(w, field_, code, ...)                                                                \
    ASK(w, .op = KEPT_OP_ACCOUNT_PROVE, .fields = (field_), .field_count = 1, .secret = (code), __VA_ARGS__)

static const struct kept_field phone = {.name = "phone", .value = {(const uint8_t *)NUMBER, 11}},
                               other = {.name = "phone", .value = {(const uint8_t *)STRANGER, 11}},
                               on_file = {.name = "phone"};

/* A shop where people register by phone. */
static void open_shop(struct world *w)
{
    world_up(w);
    char *text = world_policy("shop", 1, "items:", "account: {mode: phone, function: account}\nitems:");
    kept_reply_free(ASK(w, .op = KEPT_OP_POLICY_PUBLISH, .text = text));
    free(text);
    w->app = "shop";
}

static json_t *take(struct world *w, uint32_t limit)
{
    struct kept_reply *reply = ASK(w, .op = KEPT_OP_POST_TAKE, .limit = limit);
    json_t *root = json_loads(reply->json, 0, NULL);
    assert_non_null(root);
    kept_reply_free(reply);
    return root;
}

static size_t due(struct world *w, char ret_code[7], char ret_to[32])
{
    json_t *root = take(w, 10), *all = json_object_get(root, "messages"), *first = json_array_get(all, 0);
    const char *text = json_string_value(json_object_get(first, "text"));
    const char *to = json_string_value(json_object_get(first, "to"));
    size_t count = json_array_size(all), n = 0;
    for (; text != NULL && *text != 0 && n < 6; text++)
        n = isdigit((unsigned char)*text) ? n + 1 : 0;
    (void)snprintf(ret_code, 7, "%.6s", n == 6 ? text - 6 : "");
    (void)snprintf(ret_to, 32, "%s", to != NULL ? to : "");
    json_decref(root);
    return count;
}

static void is(struct kept_reply *reply, enum kept_decision decision, enum kept_reason reason)
{
    if (reply->decision != decision || reply->reason != reason)
        fail_msg("%s %s", kept_decision_name(reply->decision), kept_reason_name(reply->reason));
    kept_reply_free(reply);
}

/* Word for word, and entry for entry: the answers differ in nothing that depends on who is registered. */
static void test_the_answer_tells_nobody_who_is_registered(void **state)
{
    struct world w;
    char code[7], to[32];
    (void)state;
    open_shop(&w);
    struct kept_id id = world_person(&w);
    world_put(&w, id, "account", "phone", NUMBER);
    struct kept_reply *known = BEGIN(&w, &phone, .source = "192.0.2.1"),
                      *unknown = BEGIN(&w, &other, .source = "192.0.2.1");
    assert_string_equal(known->json, unknown->json);
    assert_int_equal(known->decision, unknown->decision);
    assert_int_equal(known->reason, unknown->reason);
    assert_string_equal(known->clause, unknown->clause);
    assert_true(known->version == unknown->version);
    assert_memory_equal(&known->subject, &unknown->subject, sizeof id);
    static const struct kept_id nobody = {{0}};
    assert_memory_equal(&known->subject, &nobody, sizeof nobody);
    kept_reply_free(known);
    kept_reply_free(unknown);
    assert_int_equal(due(&w, code, to), 2); /* each gets one */
    is(BEGIN(&w, &phone, .facts = 0), KEPT_DENY, KEPT_R_TOO_OFTEN);
    is(BEGIN(&w, &other, .facts = 0), KEPT_DENY, KEPT_R_TOO_OFTEN);
    /* Somebody with a number on file, and somebody without: the same again. */
    struct kept_id bare = world_person(&w);
    known = BEGIN(&w, &on_file, .subject = bare);
    w.now += KEPT_MINUTE + KEPT_SECOND;
    unknown = BEGIN(&w, &on_file, .subject = id);
    assert_int_equal(known->decision, KEPT_ALLOW);
    assert_int_equal(unknown->decision, KEPT_ALLOW);
    assert_int_equal(strlen(known->json), strlen(unknown->json));
    kept_reply_free(known);
    kept_reply_free(unknown);
    world_down(&w);
}

static void test_who_has_the_address_is_found_by_the_code(void **state)
{
    struct world w;
    char code[7], to[32];
    (void)state;
    open_shop(&w);
    struct kept_id id = world_person(&w);
    world_put(&w, id, "account", "phone", NUMBER);
    is(BEGIN(&w, &phone, .facts = 0), KEPT_ALLOW, KEPT_R_NONE);
    assert_int_equal(due(&w, code, to), 1);
    assert_string_equal(to, NUMBER);
    is(PROVE(&w, &phone, strcmp(code, "123456") == 0 ? "654321" : "123456", .facts = 0), KEPT_DENY, KEPT_R_CODE);
    is(PROVE(&w, &other, code, .facts = 0), KEPT_DENY, KEPT_R_CODE);
    struct kept_reply *reply = PROVE(&w, &phone, code, .facts = 0);
    assert_int_equal(reply->decision, KEPT_ALLOW);
    assert_memory_equal(&reply->subject, &id, sizeof id);
    assert_true(world_json_has(reply, "code"));
    kept_reply_free(reply);
    is(PROVE(&w, &phone, code, .facts = 0), KEPT_DENY, KEPT_R_CODE);
    /* A right code for an address that nobody has stays good for who registers with it. */
    w.now += KEPT_MINUTE + KEPT_SECOND;
    is(BEGIN(&w, &other, .facts = 0), KEPT_ALLOW, KEPT_R_NONE);
    json_t *root = take(&w, 1);
    json_decref(root);
    world_reopen(&w);
    w.now += KEPT_MINUTE;
    (void)due(&w, code, to);
    assert_string_equal(to, STRANGER); /* not told: due again */
    is(PROVE(&w, &other, code, .facts = 0), KEPT_DENY, KEPT_R_NO_VALUE);
    struct kept_id fresh = world_person(&w);
    is(PROVE(&w, &other, code, .subject = fresh), KEPT_ALLOW, KEPT_R_NONE);
    is(PROVE(&w, &other, code, .subject = fresh), KEPT_DENY, KEPT_R_CODE);
    world_down(&w);
}

static void test_floods_stop_at_the_source_and_at_the_address(void **state)
{
    struct world w;
    char number[16];
    unsigned sent = 0, wrong = 0;
    (void)state;
    open_shop(&w);
    for (unsigned i = 0; i < 60; i++) {
        (void)snprintf(number, sizeof number, "139%08u", i);
        const struct kept_field each = {.name = "phone", .value = {(const uint8_t *)number, 11}};
        struct kept_reply *reply = BEGIN(&w, &each, .source = "192.0.2.9");
        sent += reply->decision == KEPT_ALLOW;
        kept_reply_free(reply);
    }
    assert_int_equal(sent, 30);
    is(BEGIN(&w, &phone, .source = "192.0.2.10"), KEPT_ALLOW, KEPT_R_NONE); /* others go on */
    for (unsigned i = 0; i < 40; i++) { /* guessing, with a new code each time it is spent */
        struct kept_reply *reply = PROVE(&w, &phone, "x", .facts = 0);
        wrong += reply->reason == KEPT_R_CODE;
        kept_reply_free(reply);
    }
    assert_int_equal(wrong, 15);
    w.now += KEPT_DAY + KEPT_HOUR;
    is(PROVE(&w, &phone, "x", .facts = 0), KEPT_DENY, KEPT_R_CODE);
    ALLOWS(&w, .op = KEPT_OP_TICK); /* what is past its time goes */
    assert_int_equal(world_sql_number(&w, "SELECT count(*) FROM slip WHERE kind = 1"), 0);
    assert_int_equal(world_sql_number(&w, "SELECT count(*) FROM slip WHERE kind = 2"), 1);
    world_down(&w);
}

static void test_messages_are_owed_until_told_and_no_longer_than_they_are_good(void **state)
{
    struct world w;
    char code[7], to[32];
    struct kept_id which;
    (void)state;
    open_shop(&w);
    uint64_t before = world_number(&w, "ledger_entries");
    is(BEGIN(&w, &phone, .facts = 0), KEPT_ALLOW, KEPT_R_NONE);
    json_t *root = take(&w, 1);
    assert_int_equal(world_number(&w, "ledger_entries"), before + 3); /* an entry each, and the question before */
    assert_int_equal(kept_id_parse(json_string_value(json_object_get(
                         json_array_get(json_object_get(root, "messages"), 0), "id")), &which), 0);
    json_decref(root);
    assert_int_equal(due(&w, code, to), 0); /* it is with a sender */
    w.now += 31 * KEPT_SECOND;
    assert_int_equal(due(&w, code, to), 1); /* who never told: again, and later the next time */
    w.now += 31 * KEPT_SECOND;
    assert_int_equal(due(&w, code, to), 0);
    w.now += 30 * KEPT_SECOND;
    assert_int_equal(due(&w, code, to), 1);
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_POST_TELL, .subject = which, .text = "perhaps");
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_POST_TELL, .text = "sent");
    is(ASK(&w, .op = KEPT_OP_POST_TELL, .subject = which, .text = "sent 250"), KEPT_ALLOW, KEPT_R_NONE);
    is(ASK(&w, .op = KEPT_OP_POST_TELL, .subject = which, .text = "sent 250"), KEPT_DENY, KEPT_R_NO_VALUE);
    w.now += KEPT_HOUR;
    assert_int_equal(due(&w, code, to), 0);
    /* Too old: it is dropped, and that is said. */
    is(BEGIN(&w, &phone, .facts = 0), KEPT_ALLOW, KEPT_R_NONE);
    w.now += 11 * KEPT_MINUTE;
    root = take(&w, 1);
    assert_int_equal(json_array_size(json_object_get(root, "messages")), 0);
    assert_int_equal(json_integer_value(json_object_get(root, "dropped")), 1);
    json_decref(root);
    assert_int_equal(world_sql_number(&w, "SELECT count(*) FROM slip WHERE kind = 4"), 0);
    world_down(&w);
}

static void test_all_of_it_goes_with_the_person(void **state)
{
    struct world w;
    char code[7], to[32];
    (void)state;
    open_shop(&w);
    struct kept_id id = world_person(&w);
    world_put(&w, id, "account", "phone", NUMBER);
    is(BEGIN(&w, &on_file, .subject = id), KEPT_ALLOW, KEPT_R_NONE);
    (void)due(&w, code, to);
    is(PROVE(&w, &on_file, code, .subject = id), KEPT_ALLOW, KEPT_R_NONE);
    w.now += 2 * KEPT_MINUTE;
    is(BEGIN(&w, &on_file, .subject = id), KEPT_ALLOW, KEPT_R_NONE);
    assert_int_equal(world_sql_number(&w, "SELECT count(*) FROM slip WHERE key > 0"), 4);
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id);
    assert_int_equal(world_sql_number(&w, "SELECT count(*) FROM slip WHERE key > 0"), 0);
    assert_int_equal(due(&w, code, to), 0);
    is(BEGIN(&w, &on_file, .subject = id), KEPT_DENY, KEPT_R_ERASED);
    world_down(&w);
}

static void test_what_is_refused(void **state)
{
    struct world w;
    const struct kept_field name = {.name = "name", .value = {(const uint8_t *)"Lei", 3}},
                            none = {.name = "nothing", .value = {(const uint8_t *)"x", 1}},
                            bad = {.name = "phone", .value = {(const uint8_t *)"12", 2}};
    (void)state;
    open_shop(&w);
    struct kept_id id = world_person(&w);
    is(BEGIN(&w, &none, .subject = id), KEPT_DENY, KEPT_R_UNDECLARED);
    is(BEGIN(&w, &bad, .facts = 0), KEPT_DENY, KEPT_R_INVALID);
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_ACCOUNT_BEGIN, .fields = &name, .field_count = 1);
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_ACCOUNT_BEGIN);
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_ACCOUNT_BEGIN, .fields = &on_file, .field_count = 1);
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_ACCOUNT_BEGIN, .fields = &phone, .field_count = 1, .channel = "pigeon");
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_ACCOUNT_PROVE, .fields = &phone, .field_count = 1);
    const struct kept_evidence paper = {.reference = "file 9"};
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_ACCOUNT_PROVE, .subject = id, .evidence = &paper);
    world_down(&w);
    /* A shop without accounts registers nobody. */
    world_shop(&w);
    is(BEGIN(&w, &phone, .facts = 0), KEPT_DENY, KEPT_R_NO_ACCOUNTS);
    assert_int_equal(world_sql_number(&w, "SELECT count(*) FROM slip"), 0);
    world_down(&w);
}

/* Somebody with a disk editor makes no proof, and a row turned to another person is nobody's. */
static void test_rows_that_were_changed_prove_nothing(void **state)
{
    struct world w;
    char code[7], to[32];
    (void)state;
    open_shop(&w);
    struct kept_id id = world_person(&w);
    world_put(&w, id, "account", "phone", NUMBER);
    is(BEGIN(&w, &on_file, .subject = id), KEPT_ALLOW, KEPT_R_NONE);
    (void)due(&w, code, to);
    is(PROVE(&w, &on_file, code, .subject = id), KEPT_ALLOW, KEPT_R_NONE);
    world_close(&w);
    world_sql(&w, "UPDATE slip SET key = key + 1048576 WHERE kind = 3");
    world_open(&w);
    FAILS(&w, KEPT_E_CORRUPT, .op = KEPT_OP_ACCOUNT_SHOW, .subject = id);
    world_down(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_answer_tells_nobody_who_is_registered),
        cmocka_unit_test(test_who_has_the_address_is_found_by_the_code),
        cmocka_unit_test(test_floods_stop_at_the_source_and_at_the_address),
        cmocka_unit_test(test_messages_are_owed_until_told_and_no_longer_than_they_are_good),
        cmocka_unit_test(test_all_of_it_goes_with_the_person),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_rows_that_were_changed_prove_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
