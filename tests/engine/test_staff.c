/* test_staff.c - people of staff: who they are is shown by password and code, each code once; a session is theirs for as long
 * as it lasts; and who guesses learns nothing, is slowed down, and is on record. */
#include "self_aid.h"
#include "shown_aid.h"

#include "base/limits.h"

#define NEW "a sentence nobody says"

static uint8_t secret[KEPT_TOTP_SECRET];
static char first[KEPT_FIRST_PASSWORD];

static void up(struct world *w)
{
    world_shop(w);
    w->app = "shop";
    struct kept_reply *reply = ASK(w, .op = KEPT_OP_CALLER_ADD, .actor = "owner",
                                   .caller = &(struct kept_caller){.name = "ann", .roles = "support", .staff = 1});
    assert_int_equal(reply->decision, KEPT_ALLOW);
    assert_false(world_json_has(reply, "kept_"));
    staff_told(reply->json, secret, first);
    assert_int_equal(strlen(first), 24);
    kept_reply_free(reply);
}

static void code_at(kept_ms now, char code[7])
{
    assert_int_equal(kept_totp(secret, (uint64_t)(now / 30000), code), 0);
}

static struct kept_reply *login(struct world *w, const char *name, const char *password, const char *code, const char *fresh)
{
    return self_ask(w, NULL, &(struct kept_request){.op = KEPT_OP_SESSION_OPEN, .secret = code, .source = "192.0.2.1",
                    .caller = &(struct kept_caller){.name = name, .password = password, .new_password = fresh}});
}

/* Refused for that reason, whatever was wrong; and nothing said of why. */
static void refused(struct world *w, enum kept_reason reason, const char *name, const char *password, const char *code)
{
    struct kept_reply *reply = login(w, name, password, code, NULL);
    assert_non_null(reply);
    assert_int_equal(reply->error, 0);
    assert_int_equal(reply->decision, KEPT_DENY);
    assert_int_equal(reply->reason, reason);
    assert_null(reply->json);
    kept_reply_free(reply);
}

/* With a code of the next step: each is good once. */
static void opened(struct world *w, const char *password, const char *fresh, char token[SELF_TOKEN])
{
    char code[7];
    w->now += 30000;
    code_at(w->now, code);
    struct kept_reply *reply = login(w, "ann", password, code, fresh);
    assert_non_null(reply);
    if (reply->error != 0 || reply->decision != KEPT_ALLOW)
        fail_msg("%s %s", kept_reason_name(reply->reason), reply->err.text);
    (void)snprintf(token, SELF_TOKEN, "%.77s", strstr(reply->json, "kses_"));
    kept_reply_free(reply);
}

static void by_password_and_code(void **state)
{
    struct world w;
    char token[SELF_TOKEN], code[7], wrong[7];
    (void)state;
    up(&w);
    code_at(w.now, code);
    (void)snprintf(wrong, sizeof wrong, "%s", code);
    wrong[5] = wrong[5] == '0' ? '1' : '0';
    refused(&w, KEPT_R_LOGIN, "ann", "wrong", code);
    refused(&w, KEPT_R_LOGIN, "ann", first, wrong);
    refused(&w, KEPT_R_LOGIN, "bob", first, code);
    /* The first password is good for nothing but another. */
    struct kept_reply *reply = login(&w, "ann", first, code, NULL);
    assert_int_equal(reply->error, KEPT_E_USAGE);
    kept_reply_free(reply);
    opened(&w, first, NEW, token);
    assert_non_null(who(&w, token));
    code_at(w.now, code); /* that one was used */
    refused(&w, KEPT_R_LOGIN, "ann", NEW, code);
    w.now += 30000;
    code_at(w.now - 30000, code);
    refused(&w, KEPT_R_LOGIN, "ann", NEW, code);
    w.now += 5 * KEPT_MINUTE;
    code_at(w.now - 60000, code); /* too old, never used */
    refused(&w, KEPT_R_LOGIN, "ann", NEW, code);
    code_at(w.now, code);
    refused(&w, KEPT_R_LOGIN, "ann", first, code); /* is none any more */
    world_reopen(&w);
    code_at(w.now, code);
    refused(&w, KEPT_R_LOGIN, "ann", first, code);
    opened(&w, NEW, NULL, token);
    world_down(&w);
}

static void a_session_is_theirs_in_their_role(void **state)
{
    struct world w;
    char token[SELF_TOKEN];
    (void)state;
    up(&w);
    opened(&w, first, NEW, token);
    struct kept_id id = world_person(&w);
    world_put(&w, id, "account", "phone", "13800138000");
    const struct kept_field phone = {.name = "phone"};
    struct kept_reply *reply = as(&w, token, (struct kept_request){.op = KEPT_OP_USE, .subject = id, .purpose = "service",
                                                                   .fields = &phone, .field_count = 1, .actor = "somebody-else"});
    assert_int_equal(reply->error, 0);
    assert_int_not_equal(reply->reason, KEPT_R_CALLER);
    kept_reply_free(reply);
    reply = ASK(&w, .op = KEPT_OP_AUDIT, .role = "officer", .text = "ann");
    assert_true(world_json_has(reply, "\"use\""));
    assert_true(world_json_has(reply, "session.open"));
    assert_false(world_json_has(reply, "somebody-else"));
    kept_reply_free(reply);
    static const enum kept_op denied[] = {KEPT_OP_CALLER_ADD, KEPT_OP_CALLER_REVOKE, KEPT_OP_CALLER_LIST, KEPT_OP_SESSION_OPEN};
    for (size_t i = 0; i < sizeof denied / sizeof denied[0]; i++) {
        reply = as(&w, token, (struct kept_request){.op = denied[i], .caller = &(struct kept_caller){.name = "x"}});
        assert_int_equal(reply->decision, KEPT_DENY);
        assert_int_equal(reply->reason, KEPT_R_CALLER);
        kept_reply_free(reply);
    }
    reply = as(&w, token, (struct kept_request){.op = KEPT_OP_SUBJECT_SHOW, .role = "officer", .subject = id});
    assert_int_equal(reply->reason, KEPT_R_CALLER); /* not a role of theirs */
    kept_reply_free(reply);
    world_down(&w);
}

static void it_ends(void **state)
{
    struct world w;
    char token[SELF_TOKEN], second[SELF_TOKEN];
    (void)state;
    up(&w);
    opened(&w, first, NEW, token);
    opened(&w, NEW, NULL, second); /* one at a time */
    assert_null(who(&w, token));
    assert_non_null(who(&w, second));
    /* Idle: at the instant, not before; and each request begins it anew. */
    w.now += KEPT_STAFF_IDLE_MINUTES * KEPT_MINUTE - 1;
    assert_non_null(who(&w, second));
    w.now += KEPT_STAFF_IDLE_MINUTES * KEPT_MINUTE - 1;
    assert_non_null(who(&w, second));
    w.now += KEPT_STAFF_IDLE_MINUTES * KEPT_MINUTE;
    assert_null(who(&w, second));
    /* However busy, at its end. */
    opened(&w, NEW, NULL, token);
    for (unsigned i = 0; i < 2 * KEPT_STAFF_HOURS - 1; i++) {
        w.now += 30 * KEPT_MINUTE - 1;
        assert_non_null(who(&w, token));
    }
    w.now += 29 * KEPT_MINUTE;
    assert_non_null(who(&w, token));
    w.now += KEPT_MINUTE + KEPT_SECOND;
    assert_null(who(&w, token));
    /* Closed; by another password; revoked; and no restart brings it back. */
    opened(&w, NEW, NULL, token);
    kept_reply_free(as(&w, token, (struct kept_request){.op = KEPT_OP_SESSION_CLOSE}));
    assert_null(who(&w, token));
    opened(&w, NEW, NULL, token);
    opened(&w, NEW, "another sentence of hers", second);
    assert_null(who(&w, token));
    world_reopen(&w);
    assert_null(who(&w, token));
    assert_non_null(who(&w, second));
    ALLOWS(&w, .op = KEPT_OP_CALLER_REVOKE, .caller = &(struct kept_caller){.name = "ann"});
    assert_null(who(&w, second));
    world_reopen(&w);
    assert_null(who(&w, second));
    w.now += 30000;
    char code[7];
    code_at(w.now, code);
    refused(&w, KEPT_R_LOGIN, "ann", "another sentence of hers", code);
    world_down(&w);
}

static void who_guesses_is_slowed_down(void **state)
{
    static const char *const names[] = {"ann", "nobody"}; /* the same for both */
    (void)state;
    for (size_t n = 0; n < 2; n++) {
        struct world w;
        char code[7];
        up(&w);
        code_at(w.now, code);
        uint64_t before = world_number(&w, "ledger_entries");
        for (unsigned i = 0; i < KEPT_WRONG_OF_STAFF; i++)
            refused(&w, KEPT_R_LOGIN, names[n], "wrong", code);
        refused(&w, KEPT_R_TOO_OFTEN, names[n], first, code); /* right or not */
        assert_int_equal(world_number(&w, "ledger_entries"), before + 2); /* one of them, and the question before it */
        w.now += KEPT_MINUTE;
        refused(&w, KEPT_R_TOO_OFTEN, names[n], first, code);
        assert_int_equal(world_number(&w, "ledger_entries"), before + 4);
        w.now += KEPT_WRONG_STAFF_MINUTES * KEPT_MINUTE;
        code_at(w.now, code);
        refused(&w, KEPT_R_LOGIN, names[n], "wrong", code);
        world_down(&w);
    }
}

static void what_a_password_may_be(void **state)
{
    static const char *const bad[] = {"short", "eleven byte", "aaaaaaaaaaaaaaa", "Password1234", "ann ann annie", "xx1234567890",
                                      "qwertyuiop[]", "\xff\xff\xff sentence"};
    struct world w;
    char code[7], token[SELF_TOKEN], much[KEPT_MAX_PASSWORD + 2];
    struct kept_err err = {0};
    (void)state;
    up(&w);
    code_at(w.now, code);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct kept_reply *reply = login(&w, "ann", first, code, bad[i]);
        if (reply->error != KEPT_E_USAGE)
            fail_msg("%s was taken", bad[i]);
        kept_reply_free(reply);
    }
    for (size_t i = 0; i < sizeof much; i++)
        much[i] = (char)('a' + i % 26);
    much[KEPT_MAX_PASSWORD + 1] = 0;
    assert_int_equal(kept_staff_password("ann", much, &err), KEPT_E_USAGE);
    much[KEPT_MAX_PASSWORD] = 0;
    assert_int_equal(kept_staff_password("ann", much, &err), 0);
    assert_int_equal(kept_staff_password("ann", "twelve bytes", &err), 0);
    opened(&w, first, NEW, token); /* none of those took the place of the first */
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_CALLER_ADD, .caller = &(struct kept_caller){.name = "eve", .staff = 1});
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_CALLER_ADD, .caller = &(struct kept_caller){.name = "eve", .roles = "support,app", .staff = 1});
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_SESSION_CLOSE); /* who is in one needs no leave; nobody else is in any */
    assert_int_equal(reply->reason, KEPT_R_OPERATION);
    kept_reply_free(reply);
    /* Neither password nor secret stands in the store in the clear. */
    assert_int_equal(world_sql_number(&w, "SELECT count(*) FROM caller WHERE instr(body, 'argon2') OR instr(body, 'ann')"), 0);
    world_down(&w);
}

/* RFC 6238, appendix B, by its SHA-1 key; six of its eight digits. */
static void codes_are_those_of_the_rfc(void **state)
{
    static const struct {
        uint64_t time;
        const char *code;
    } all[] = {{59, "287082"}, {1111111109, "081804"}, {1111111111, "050471"}, {1234567890, "005924"}, {2000000000, "279037"},
               {20000000000, "353130"}};
    char code[7];
    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        assert_int_equal(kept_totp((const uint8_t *)"12345678901234567890", all[i].time / 30, code), 0);
        assert_string_equal(code, all[i].code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(codes_are_those_of_the_rfc), cmocka_unit_test(by_password_and_code),
                                       cmocka_unit_test(a_session_is_theirs_in_their_role), cmocka_unit_test(it_ends),
                                       cmocka_unit_test(who_guesses_is_slowed_down), cmocka_unit_test(what_a_password_may_be)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
