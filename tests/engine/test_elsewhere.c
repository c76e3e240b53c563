/* test_elsewhere.c - accounts at a provider: bound by what it signed and after both consents, one login once, to one person; logins
 * that show the same person; and all of it away when they go. */
#include "elsewhere_aid.h"

static const struct kept_id nobody = {{0}};

/* Bound, and logged in by: the same person, each time, and a session if asked. */
static void test_a_bound_account_is_the_same_person(void **state)
{
    struct world w;
    struct idp idp;
    char who[64], hex[33], token[SELF_TOKEN];
    (void)state;
    elsewhere_up(&w, &idp, "any", "");
    struct kept_id id = elsewhere_person(&w), other = elsewhere_person(&w);
    world_put(&w, id, "account", "phone", "13800138000");
    elsewhere_said(ASK(&w, BIND(elsewhere_login(&w, &idp, id, "lei")), .subject = id), "bound", who, sizeof who);
    assert_string_equal(who, "town");
    kept_id_hex(&id, hex);
    elsewhere_said(ASK(&w, SHOW_TOKEN(elsewhere_login(&w, &idp, nobody, "lei"))), "subject", who, sizeof who);
    assert_string_equal(who, hex);
    world_reopen(&w);
    self_token(ASK(&w, SHOW_TOKEN(elsewhere_login(&w, &idp, nobody, "lei")), .on = 1), token);
    SELF_ALLOWS(&w, token, .op = KEPT_OP_SUBJECT_SHOW, .subject = id);
    SELF_DENIES(&w, token, CALLER, .op = KEPT_OP_SUBJECT_SHOW, .subject = other);
    /* Of somebody else than was asked: as one that is wrong, and the answer names whom it was asked of. */
    struct kept_reply *reply = ASK(&w, SHOW_TOKEN(elsewhere_login(&w, &idp, other, "lei")), .subject = other);
    assert_int_equal(reply->reason, KEPT_R_ID_TOKEN);
    assert_memory_equal(&reply->subject, &other, sizeof other);
    kept_reply_free(reply);
    /* What is kept is no name of theirs there. */
    reply = ASK(&w, .op = KEPT_OP_ACCOUNT_SHOW, .subject = id);
    assert_true(world_json_has(reply, "\"bound\":[{\"provider\":\"town\""));
    assert_true(world_json_has(reply, "\"state\":\"active\""));
    kept_reply_free(reply);
    idp_down(&idp);
    world_down(&w);
}

/* Each consent is asked, by the rule that asks for it; without either nothing is bound. */
static void test_binding_takes_both_consents(void **state)
{
    struct world w;
    struct idp idp;
    (void)state;
    elsewhere_up(&w, &idp, "any", "");
    struct kept_id id = world_person(&w);
    const char *token = elsewhere_login(&w, &idp, id, "lei");
    SAYS(&w, KEPT_DENY, KEPT_R_NEEDS_CONSENT, BIND(token), .subject = id);
    world_agree(&w, id, "town-login", KEPT_C_EXPLICIT);
    SAYS(&w, KEPT_DENY, KEPT_R_NEEDS_SEPARATE_CONSENT, BIND(token), .subject = id);
    ALLOWS(&w, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .recipient = "town", .consent = KEPT_C_SEPARATE);
    ALLOWS(&w, BIND(token), .subject = id); /* a denial spent nothing */
    SAYS(&w, KEPT_DENY, KEPT_R_ID_TOKEN, BIND(token), .subject = id);
    /* Not by its value, whoever asks: only what the provider signed makes a way in. */
    const struct kept_field number = world_field("town-id", "0123456789abcdef0123456789abcdef");
    SAYS(&w, KEPT_DENY, KEPT_R_ID_TOKEN, .op = KEPT_OP_COLLECT, .subject = id, .function = "town-login", .recipient = "town",
         .fields = &number, .field_count = 1);
    idp_down(&idp);
    world_down(&w);
}

/* A token is good once, for the login it was made for, for ten minutes, of the provider's keys. */
static void test_one_login_one_token(void **state)
{
    struct world w;
    struct idp idp;
    char token[IDP_MAX];
    (void)state;
    elsewhere_up(&w, &idp, "any", "");
    struct kept_id id = elsewhere_person(&w), other = elsewhere_person(&w);
    ALLOWS(&w, BIND(elsewhere_login(&w, &idp, id, "lei")), .subject = id);
    SAYS(&w, KEPT_DENY, KEPT_R_ID_TOKEN, SHOW_TOKEN(idp_token(&idp, "lei", "00112233445566778899aabbccddeeff", w.now)));
    (void)snprintf(token, sizeof token, "%s", elsewhere_login(&w, &idp, nobody, "lei"));
    ALLOWS(&w, SHOW_TOKEN(token));
    SAYS(&w, KEPT_DENY, KEPT_R_ID_TOKEN, SHOW_TOKEN(token)); /* again */
    (void)snprintf(token, sizeof token, "%s", elsewhere_login(&w, &idp, nobody, "lei"));
    world_reopen(&w);
    w.now += (kept_ms)KEPT_LOGIN_MINUTES * KEPT_MINUTE;
    SAYS(&w, KEPT_DENY, KEPT_R_ID_TOKEN, SHOW_TOKEN(token)); /* the skew is the provider's, not the nonce's */
    /* Begun for one, brought by another. */
    (void)snprintf(token, sizeof token, "%s", elsewhere_login(&w, &idp, other, "mei"));
    SAYS(&w, KEPT_DENY, KEPT_R_ID_TOKEN, BIND(token), .subject = id);
    SAYS(&w, KEPT_DENY, KEPT_R_ID_TOKEN, SHOW_TOKEN(token));
    ALLOWS(&w, BIND(token), .subject = other);
    /* Begun when nobody was known yet: the app may bind it to who registers. */
    struct kept_id third = elsewhere_person(&w);
    (void)snprintf(token, sizeof token, "%s", elsewhere_login(&w, &idp, nobody, "third"));
    SAYS(&w, KEPT_DENY, KEPT_R_ID_TOKEN, SHOW_TOKEN(token));
    ALLOWS(&w, BIND(token), .subject = third);
    idp_down(&idp);
    world_down(&w);
}

/* What is wrong and what is bound to nobody: one answer, word for word, about nobody. */
static void test_nobody_learns_who_is_bound(void **state)
{
    struct world w;
    struct idp idp;
    (void)state;
    elsewhere_up(&w, &idp, "any", "");
    struct kept_reply *unbound = ASK(&w, SHOW_TOKEN(elsewhere_login(&w, &idp, nobody, "stranger"))),
                      *wrong = ASK(&w, SHOW_TOKEN("not.a.token"));
    assert_int_equal(unbound->reason, KEPT_R_ID_TOKEN);
    assert_int_equal(wrong->reason, KEPT_R_ID_TOKEN);
    assert_string_equal(unbound->clause, wrong->clause);
    assert_int_equal(unbound->line, wrong->line);
    assert_null(unbound->json);
    assert_null(wrong->json);
    assert_int_equal(unbound->field_count, wrong->field_count);
    assert_memory_equal(&unbound->subject, &wrong->subject, sizeof nobody);
    assert_memory_equal(&unbound->subject, &nobody, sizeof nobody);
    assert_true(unbound->version == wrong->version);
    kept_reply_free(unbound);
    kept_reply_free(wrong);
    /* Wrong ones are counted by the place they come from. */
    for (unsigned i = 0; i < KEPT_WRONG_OF_SOURCE; i++)
        SAYS(&w, KEPT_DENY, KEPT_R_ID_TOKEN, SHOW_TOKEN("not.a.token"), .source = "192.0.2.7");
    SAYS(&w, KEPT_DENY, KEPT_R_TOO_OFTEN, SHOW_TOKEN("not.a.token"), .source = "192.0.2.7");
    SAYS(&w, KEPT_DENY, KEPT_R_ID_TOKEN, SHOW_TOKEN("not.a.token"), .source = "192.0.2.8");
    for (unsigned i = 0; i < KEPT_CODES_OF_SOURCE; i++)
        ALLOWS(&w, .op = KEPT_OP_ACCOUNT_BEGIN, .recipient = "town", .source = "192.0.2.9");
    SAYS(&w, KEPT_DENY, KEPT_R_TOO_OFTEN, .op = KEPT_OP_ACCOUNT_BEGIN, .recipient = "town", .source = "192.0.2.9");
    idp_down(&idp);
    world_down(&w);
}

/* One account there is one person here; who lets go of it first, or is erased, leaves it to others. */
static void test_an_account_there_is_of_one_person(void **state)
{
    struct world w;
    struct idp idp;
    (void)state;
    elsewhere_up(&w, &idp, "any", "");
    struct kept_id id = elsewhere_person(&w), other = elsewhere_person(&w);
    world_put(&w, id, "account", "phone", "13800138000");
    ALLOWS(&w, BIND(elsewhere_login(&w, &idp, id, "lei")), .subject = id);
    struct kept_reply *reply = ASK(&w, BIND(elsewhere_login(&w, &idp, other, "lei")), .subject = other);
    assert_int_equal(reply->reason, KEPT_R_BOUND);
    assert_memory_equal(&reply->subject, &other, sizeof other);
    assert_null(reply->json);
    kept_reply_free(reply);
    ALLOWS(&w, BIND(elsewhere_login(&w, &idp, id, "lei")), .subject = id); /* again: it is theirs */
    char leave[128];
    elsewhere_said(ASK(&w, .op = KEPT_OP_ACCOUNT_UNBIND, .subject = id, .recipient = "town"), "leave", leave, sizeof leave);
    assert_string_equal(leave, IDP_LEAVE);
    SAYS(&w, KEPT_DENY, KEPT_R_ID_TOKEN, SHOW_TOKEN(elsewhere_login(&w, &idp, nobody, "lei")));
    SAYS(&w, KEPT_DENY, KEPT_R_NO_VALUE, .op = KEPT_OP_ACCOUNT_UNBIND, .subject = id, .recipient = "town");
    ALLOWS(&w, BIND(elsewhere_login(&w, &idp, other, "lei")), .subject = other);
    reply = ASK(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = other);
    assert_true(world_json_has(reply, "\"unbound\":[{\"provider\":\"town\""));
    assert_true(world_json_has(reply, "\"leave\":\"" IDP_LEAVE "\""));
    kept_reply_free(reply);
    SAYS(&w, KEPT_DENY, KEPT_R_ID_TOKEN, SHOW_TOKEN(elsewhere_login(&w, &idp, nobody, "lei")));
    ALLOWS(&w, BIND(elsewhere_login(&w, &idp, id, "lei")), .subject = id);
    world_check(&w);
    idp_down(&idp);
    world_down(&w);
}

/* The last way in stays, but for who leaves altogether. */
static void test_the_only_way_in_stays(void **state)
{
    struct world w;
    struct idp idp, second;
    char nonce[64];
    (void)state;
    elsewhere_up(&w, &idp, "any", "");
    struct kept_id id = elsewhere_person(&w);
    ALLOWS(&w, BIND(elsewhere_login(&w, &idp, id, "lei")), .subject = id);
    SAYS(&w, KEPT_DENY, KEPT_R_ONLY_WAY, .op = KEPT_OP_ACCOUNT_UNBIND, .subject = id, .recipient = "town");
    ALLOWS(&w, SHOW_TOKEN(elsewhere_login(&w, &idp, nobody, "lei")));
    /* Another provider is another way. */
    idp_up(&second);
    ALLOWS(&w, PROVIDER(&w, ADD, "village", "village-id", second.provider));
    ALLOWS(&w, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .recipient = "village", .consent = KEPT_C_SEPARATE);
    elsewhere_said(ASK(&w, .op = KEPT_OP_ACCOUNT_BEGIN, .recipient = "village", .subject = id), "nonce", nonce, sizeof nonce);
    /* A nonce of the one is none of the other. */
    SAYS(&w, KEPT_DENY, KEPT_R_ID_TOKEN, BIND(idp_token(&idp, "lei", nonce, w.now)), .subject = id);
    ALLOWS(&w, .op = KEPT_OP_ACCOUNT_BIND, .recipient = "village", .function = "town-login", .subject = id,
           .secret = idp_token(&second, "lei", nonce, w.now));
    ALLOWS(&w, .op = KEPT_OP_ACCOUNT_UNBIND, .subject = id, .recipient = "town");
    SAYS(&w, KEPT_DENY, KEPT_R_ONLY_WAY, .op = KEPT_OP_ACCOUNT_UNBIND, .subject = id, .recipient = "village");
    ALLOWS(&w, .op = KEPT_OP_ERASE_RECORD, .subject = id, .item = "village-id"); /* a right is a right */
    idp_down(&idp);
    idp_down(&second);
    world_down(&w);
}

/* A backup from before brings no binding back that was let go of, and nobody who was erased. */
static void test_no_restore_binds_again(void **state)
{
    struct world w;
    struct idp idp;
    (void)state;
    elsewhere_up(&w, &idp, "any", "");
    struct kept_id id = elsewhere_person(&w), gone = elsewhere_person(&w);
    world_put(&w, id, "account", "phone", "13800138000");
    ALLOWS(&w, BIND(elsewhere_login(&w, &idp, id, "lei")), .subject = id);
    ALLOWS(&w, BIND(elsewhere_login(&w, &idp, gone, "mei")), .subject = gone);
    world_save(&w, "before");
    ALLOWS(&w, .op = KEPT_OP_ACCOUNT_UNBIND, .subject = id, .recipient = "town");
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = gone);
    world_put_back(&w, "before");
    SAYS(&w, KEPT_DENY, KEPT_R_ID_TOKEN, SHOW_TOKEN(elsewhere_login(&w, &idp, nobody, "lei")));
    SAYS(&w, KEPT_DENY, KEPT_R_ID_TOKEN, SHOW_TOKEN(elsewhere_login(&w, &idp, nobody, "mei")));
    ALLOWS(&w, BIND(elsewhere_login(&w, &idp, id, "mei")), .subject = id);
    world_check(&w);
    idp_down(&idp);
    world_down(&w);
}

static void test_a_policy_without_such_accounts(void **state)
{
    struct world w;
    struct idp idp;
    (void)state;
    elsewhere_up(&w, &idp, "phone", "");
    struct kept_id id = elsewhere_person(&w);
    SAYS(&w, KEPT_DENY, KEPT_R_NO_ACCOUNTS, .op = KEPT_OP_ACCOUNT_BEGIN, .recipient = "town");
    SAYS(&w, KEPT_DENY, KEPT_R_NO_ACCOUNTS, SHOW_TOKEN("a.b.c"));
    SAYS(&w, KEPT_DENY, KEPT_R_NO_ACCOUNTS, BIND("a.b.c"), .subject = id);
    idp_down(&idp);
    world_down(&w);
}

/* In a session: what was begun in it, by who has shown enough, and of themselves. A visitor may log in, and no more. */
static void test_people_bind_by_themselves(void **state)
{
    struct world w;
    struct idp idp;
    char token[SELF_TOKEN], nonce[64], jws[IDP_MAX];
    (void)state;
    elsewhere_up(&w, &idp, "any", "rights:\n  clause: T-90\n  deadline: {within: 15 working days, from: received}\n  channels: [app]\n"
                 "  identity: account\n  requests:\n    correct: {identity: code, clause: T-92}\n");
    struct kept_id id = elsewhere_person(&w), other = elsewhere_person(&w);
    world_put(&w, id, "account", "phone", "13800138000");
    self_session(&w, id, "13800138000", token);
    elsewhere_said(SELF(&w, token, .op = KEPT_OP_ACCOUNT_BEGIN, .recipient = "town"), "nonce", nonce, sizeof nonce);
    (void)snprintf(jws, sizeof jws, "%s", idp_token(&idp, "lei", nonce, w.now));
    SELF_DENIES(&w, token, CALLER, BIND(jws), .subject = other);
    SELF_ALLOWS(&w, token, BIND(jws));
    /* A login that others began, or nobody in particular: somebody else's account would become a way into this one. */
    SELF_DENIES(&w, token, ID_TOKEN, BIND(elsewhere_login(&w, &idp, nobody, "mallory")));
    SELF_DENIES(&w, token, ID_TOKEN, BIND(elsewhere_login(&w, &idp, other, "mallory")));
    w.now += (kept_ms)KEPT_PROOF_MINUTES * KEPT_MINUTE;
    elsewhere_said(SELF(&w, token, .op = KEPT_OP_ACCOUNT_BEGIN, .recipient = "town"), "nonce", nonce, sizeof nonce);
    SELF_DENIES(&w, token, NEED_VERIFICATION, BIND(idp_token(&idp, "lei", nonce, w.now)));
    /* The account there shows who they are as a code does. */
    SELF_ALLOWS(&w, token, SHOW_TOKEN(idp_token(&idp, "lei", nonce, w.now)));
    SELF_ALLOWS(&w, token, .op = KEPT_OP_ACCOUNT_UNBIND, .recipient = "town");
    SELF_DENIES(&w, token, OPERATION, .op = KEPT_OP_PROVIDER_LIST);
    /* Visitors. */
    ALLOWS(&w, BIND(elsewhere_login(&w, &idp, other, "mei")), .subject = other);
    elsewhere_said(SELF(&w, NULL, .op = KEPT_OP_ACCOUNT_BEGIN, .recipient = "town", .source = "192.0.2.7"), "nonce", nonce, sizeof nonce);
    self_token(SELF(&w, NULL, SHOW_TOKEN(idp_token(&idp, "mei", nonce, w.now)), .source = "192.0.2.7", .on = 1), token);
    SELF_ALLOWS(&w, token, .op = KEPT_OP_SUBJECT_SHOW, .subject = other);
    SELF_NOBODY(&w, NULL, BIND("a.b.c"));
    idp_down(&idp);
    world_down(&w);
}

/* Keys of a provider turn over; rows of providers outlive epochs, and cannot be made or changed without the keys. */
static void test_providers_come_turn_over_and_go(void **state)
{
    struct world w;
    struct idp idp;
    (void)state;
    elsewhere_up(&w, &idp, "any", "");
    struct kept_id id = elsewhere_person(&w);
    ALLOWS(&w, BIND(elsewhere_login(&w, &idp, id, "lei")), .subject = id);
    FAILS(&w, KEPT_E_USAGE, PROVIDER(&w, ADD, "nobody", "town-id", idp.provider));
    FAILS(&w, KEPT_E_USAGE, PROVIDER(&w, ADD, "town", "village-id", idp.provider)); /* which the town does not give */
    FAILS(&w, KEPT_E_USAGE, PROVIDER(&w, ADD, "town", "phone", idp.provider));
    FAILS(&w, KEPT_E_USAGE, PROVIDER(&w, ADD, "town", "town-id", "{}"));
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_PROVIDER_ADD, .recipient = "town");
    FAILS(&w, KEPT_E_NOTFOUND, .op = KEPT_OP_PROVIDER_REMOVE, .recipient = "village");
    FAILS(&w, KEPT_E_NOTFOUND, .op = KEPT_OP_ACCOUNT_BEGIN, .recipient = "village");
    FAILS(&w, KEPT_E_NOTFOUND, .op = KEPT_OP_ACCOUNT_UNBIND, .recipient = "village", .subject = id);
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_ACCOUNT_BIND, .recipient = "town", .subject = id);
    /* Through rotations, past the end of the key it was sealed under. */
    for (unsigned i = 0; i < 8; i++) {
        w.now += 8 * KEPT_DAY;
        ALLOWS(&w, .op = KEPT_OP_TICK);
    }
    ALLOWS(&w, SHOW_TOKEN(elsewhere_login(&w, &idp, nobody, "lei")));
    ALLOWS(&w, .op = KEPT_OP_ROTATE, .text = "tokens");
    ALLOWS(&w, SHOW_TOKEN(elsewhere_login(&w, &idp, nobody, "lei")));
    /* New keys: the old ones sign no more; who is bound stays bound. */
    struct idp old = idp;
    idp.rsa = idp.ec = NULL;
    idp_turn(&idp);
    ALLOWS(&w, PROVIDER(&w, ADD, "town", "town-id", idp.provider));
    SAYS(&w, KEPT_DENY, KEPT_R_ID_TOKEN, SHOW_TOKEN(elsewhere_login(&w, &old, nobody, "lei")));
    ALLOWS(&w, SHOW_TOKEN(elsewhere_login(&w, &idp, nobody, "lei")));
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_PROVIDER_LIST);
    assert_true(world_json_has(reply, "\"kid\":\"r2\""));
    assert_false(world_json_has(reply, "\"kid\":\"r1\""));
    kept_reply_free(reply);
    ALLOWS(&w, .op = KEPT_OP_PROVIDER_REMOVE, .recipient = "town");
    FAILS(&w, KEPT_E_NOTFOUND, SHOW_TOKEN("a.b.c"));
    ALLOWS(&w, PROVIDER(&w, ADD, "town", "town-id", idp.provider));
    ALLOWS(&w, SHOW_TOKEN(elsewhere_login(&w, &idp, nobody, "lei")));
    world_close(&w);
    world_sql(&w, "UPDATE slip SET body = substr(body, 1, 40) || x'00' || substr(body, 42) WHERE kind = 5");
    world_open(&w);
    FAILS(&w, KEPT_E_CORRUPT, .op = KEPT_OP_ACCOUNT_BEGIN, .recipient = "town");
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id); /* which a damaged row does not hold up */
    idp_down(&idp);
    idp_down(&old);
    world_down(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_bound_account_is_the_same_person),
        cmocka_unit_test(test_binding_takes_both_consents),
        cmocka_unit_test(test_one_login_one_token),
        cmocka_unit_test(test_nobody_learns_who_is_bound),
        cmocka_unit_test(test_an_account_there_is_of_one_person),
        cmocka_unit_test(test_the_only_way_in_stays),
        cmocka_unit_test(test_no_restore_binds_again),
        cmocka_unit_test(test_a_policy_without_such_accounts),
        cmocka_unit_test(test_people_bind_by_themselves),
        cmocka_unit_test(test_providers_come_turn_over_and_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
