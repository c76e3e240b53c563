/* test_self.c - people ask for themselves: of nobody else, in no role, no longer than the session, and no more than they have
 * shown to be; and visitors, who show nothing, begin and no more. */
#include "self_aid.h"

#define ANN "13800138000"
#define BOB "13900139000"

static const struct kept_field phone = {.name = "phone", .value = {(const uint8_t *)ANN, 11}},
                               read_phone = {.name = "phone"}, name = {.name = "name"};

struct pair {
    struct world w;
    struct kept_id ann, bob;
    char token[SELF_TOKEN];
};

static void up(struct pair *p, const char *rights)
{
    self_shop(&p->w, rights);
    p->ann = world_person(&p->w);
    p->bob = world_person(&p->w);
    world_put(&p->w, p->ann, "account", "phone", ANN);
    world_put(&p->w, p->bob, "account", "phone", BOB);
    self_session(&p->w, p->ann, ANN, p->token);
}

static void test_a_session_is_of_one_person(void **state)
{
    struct pair p;
    (void)state;
    up(&p, "");
    struct kept_reply *reply = SELF(&p.w, p.token, .op = KEPT_OP_USE, .fields = &read_phone, .field_count = 1);
    assert_int_equal(reply->decision, KEPT_ALLOW);
    assert_memory_equal(&reply->subject, &p.ann, sizeof p.ann);
    assert_int_equal(reply->fields[0].value.n, 11);
    assert_memory_equal(reply->fields[0].value.p, ANN, 11);
    kept_reply_free(reply);
    SELF_ALLOWS(&p.w, p.token, .op = KEPT_OP_SUBJECT_SHOW);
    SELF_ALLOWS(&p.w, p.token, .op = KEPT_OP_SUBJECT_SHOW, .subject = p.ann);
    SELF_DENIES(&p.w, p.token, CALLER, .op = KEPT_OP_SUBJECT_SHOW, .subject = p.bob);
    SELF_DENIES(&p.w, p.token, CALLER, .op = KEPT_OP_USE, .subject = p.bob, .fields = &read_phone, .field_count = 1);
    SELF_DENIES(&p.w, p.token, CALLER, .op = KEPT_OP_ERASE_SUBJECT, .subject = p.bob);
    SELF_DENIES(&p.w, p.token, CALLER, .op = KEPT_OP_SUBJECT_SHOW, .role = "officer");
    SELF_DENIES(&p.w, p.token, OPERATION, .op = KEPT_OP_DISCLOSE, .recipient = "courier", .fields = &phone, .field_count = 1);
    SELF_DENIES(&p.w, p.token, OPERATION, .op = KEPT_OP_SUBJECT_SET, .birth_date = "1980-01-01");
    SELF_DENIES(&p.w, p.token, CALLER, .op = KEPT_OP_CONSENT_GRANT, .function = "notes", .consent = KEPT_C_GUARDIAN);
    SELF_DENIES(&p.w, p.token, CALLER, .op = KEPT_OP_CONSENT_GRANT, .function = "notes", .consent = KEPT_C_WRITTEN,
                .evidence = &(struct kept_evidence){.reference = "I say so"});
    SELF_DENIES(&p.w, p.token, CALLER, .op = KEPT_OP_PERMISSION_SET, .permission = "camera", .on = 1);
    SELF_ALLOWS(&p.w, p.token, .op = KEPT_OP_PERMISSION_SET, .permission = "camera");
    SELF_ALLOWS(&p.w, p.token, .op = KEPT_OP_CONSENT_WITHDRAW, .function = "notes");
    SELF_ALLOWS(&p.w, p.token, .op = KEPT_OP_CONSENT_GRANT, .function = "notes", .consent = KEPT_C_EXPLICIT);
    /* It stands in the ledger like every other read. */
    reply = SELF(&p.w, p.token, .op = KEPT_OP_TRAIL);
    assert_true(world_json_has(reply, "\"use\""));
    assert_true(world_json_has(reply, "\"person\""));
    kept_reply_free(reply);
    world_down(&p.w);
}

static void test_it_ends(void **state)
{
    struct pair p;
    char again[SELF_TOKEN], third[SELF_TOKEN];
    (void)state;
    up(&p, "");
    world_reopen(&p.w);
    SELF_ALLOWS(&p.w, p.token, .op = KEPT_OP_SUBJECT_SHOW);
    self_session(&p.w, p.ann, ANN, again);
    SELF_ALLOWS(&p.w, p.token, .op = KEPT_OP_ACCOUNT_LEAVE);
    SELF_NOBODY(&p.w, p.token, .op = KEPT_OP_SUBJECT_SHOW);
    SELF_ALLOWS(&p.w, again, .op = KEPT_OP_SUBJECT_SHOW);
    self_session(&p.w, p.ann, ANN, third);
    SELF_ALLOWS(&p.w, again, .op = KEPT_OP_ACCOUNT_LEAVE, .on = 1); /* all */
    SELF_NOBODY(&p.w, again, .op = KEPT_OP_SUBJECT_SHOW);
    SELF_NOBODY(&p.w, third, .op = KEPT_OP_SUBJECT_SHOW);
    self_session(&p.w, p.ann, ANN, again);
    ALLOWS(&p.w, .op = KEPT_OP_ACCOUNT_LEAVE, .subject = p.ann); /* the app, of whom it names */
    SELF_NOBODY(&p.w, again, .op = KEPT_OP_SUBJECT_SHOW);
    self_session(&p.w, p.bob, BOB, third);
    p.w.now += 24 * KEPT_HOUR;
    SELF_NOBODY(&p.w, third, .op = KEPT_OP_SUBJECT_SHOW);
    ALLOWS(&p.w, .op = KEPT_OP_TICK);
    self_session(&p.w, p.bob, BOB, third);
    ALLOWS(&p.w, .op = KEPT_OP_ERASE_SUBJECT, .subject = p.bob);
    SELF_NOBODY(&p.w, third, .op = KEPT_OP_SUBJECT_SHOW);
    /* What is nobody's, is nobody's. */
    static const char *const none[] = {"kper_", "kper_0", "kept_0000", ""};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        SELF_NOBODY(&p.w, none[i], .op = KEPT_OP_SUBJECT_SHOW);
    third[20] ^= 1;
    SELF_NOBODY(&p.w, third, .op = KEPT_OP_SUBJECT_SHOW);
    world_down(&p.w);
}

/* A row that somebody made or moved opens nothing. */
static void test_rows_that_were_changed_are_nobody(void **state)
{
    struct pair p;
    char of_bob[SELF_TOKEN];
    struct kept_reply *reply = NULL;
    (void)state;
    up(&p, "");
    self_session(&p.w, p.bob, BOB, of_bob);
    world_sql(&p.w, "UPDATE slip SET body = (SELECT body FROM slip b WHERE b.kind = 8 AND b.key <> slip.key LIMIT 1) WHERE kind = 8");
    reply = NULL;
    struct kept_caller_row *who = NULL;
    assert_int_equal(kept_self_judge(p.w.kept, world_text(p.token), &who, &p.w.err), KEPT_E_CORRUPT);
    assert_null(who);
    kept_reply_free(reply);
    world_down(&p.w);
}

/* The rights say how well somebody must be known; each kind of request at its level, and just below it. */
static void test_each_request_demands_its_level(void **state)
{
    static const char rights[] =
        "rights:\n  clause: T-90\n  deadline: {within: 15 working days, from: received}\n  channels: [app]\n  identity: code\n"
        "  requests:\n    access: {identity: document, clause: T-91}\n    correct: {clause: T-92}\n    delete: {clause: T-93}\n"
        "    cancel: {identity: code, clause: T-94}\n    withdraw: {identity: document, clause: T-95}\n";
    const struct kept_field new_name = world_field("name", "Ann Example");
    struct pair p;
    char code[7];
    (void)state;
    up(&p, rights);
    world_put(&p.w, p.ann, "account", "name", "Ann");
    /* A code was shown just now: enough for all but reading. */
    struct kept_reply *reply = SELF(&p.w, p.token, .op = KEPT_OP_USE, .fields = &read_phone, .field_count = 1);
    assert_int_equal(reply->reason, KEPT_R_NEED_VERIFICATION);
    assert_string_equal(reply->clause, "T-91");
    assert_true(world_json_has(reply, "\"needs\":\"document\""));
    assert_true(world_json_has(reply, "\"shown\":\"code\""));
    assert_int_equal(reply->field_count, 0);
    kept_reply_free(reply);
    SELF_DENIES(&p.w, p.token, NEED_VERIFICATION, .op = KEPT_OP_TRAIL);
    SELF_DENIES(&p.w, p.token, NEED_VERIFICATION, .op = KEPT_OP_WHY, .item = "phone");
    SELF_DENIES(&p.w, p.token, NEED_VERIFICATION, .op = KEPT_OP_SUBJECT_SHOW);
    SELF_ALLOWS(&p.w, p.token, .op = KEPT_OP_COLLECT, .fields = &new_name, .field_count = 1);
    /* Staff saw a document: now that, too, for as long as the session has shown a code. */
    ALLOWS(&p.w, .op = KEPT_OP_ACCOUNT_PROVE, .role = "officer", .subject = p.ann,
           .evidence = &(struct kept_evidence){.reference = "counter 4"});
    SELF_ALLOWS(&p.w, p.token, .op = KEPT_OP_USE, .fields = &name, .field_count = 1);
    SELF_ALLOWS(&p.w, p.token, .op = KEPT_OP_TRAIL);
    /* Half an hour on, the session alone: agreeing and taking back go on, whatever the policy would demand. */
    p.w.now += 31 * KEPT_MINUTE;
    SELF_DENIES(&p.w, p.token, NEED_VERIFICATION, .op = KEPT_OP_COLLECT, .fields = &new_name, .field_count = 1);
    SELF_DENIES(&p.w, p.token, NEED_VERIFICATION, .op = KEPT_OP_ERASE_RECORD, .item = "name");
    SELF_DENIES(&p.w, p.token, NEED_VERIFICATION, .op = KEPT_OP_ERASE_SUBJECT);
    SELF_ALLOWS(&p.w, p.token, .op = KEPT_OP_CONSENT_WITHDRAW, .function = "notes");
    SELF_ALLOWS(&p.w, p.token, .op = KEPT_OP_CONSENT_GRANT, .function = "notes", .consent = KEPT_C_EXPLICIT);
    SELF_ALLOWS(&p.w, p.token, .op = KEPT_OP_ACCOUNT_SHOW);
    /* Shown again, in the session itself. */
    SELF_ALLOWS(&p.w, p.token, .op = KEPT_OP_ACCOUNT_BEGIN, .fields = &read_phone, .field_count = 1);
    self_code(&p.w, code);
    SELF_ALLOWS(&p.w, p.token, .op = KEPT_OP_ACCOUNT_PROVE, .fields = &read_phone, .field_count = 1, .secret = code);
    SELF_ALLOWS(&p.w, p.token, .op = KEPT_OP_ERASE_RECORD, .item = "name");
    SELF_ALLOWS(&p.w, p.token, .op = KEPT_OP_ERASE_SUBJECT);
    SELF_NOBODY(&p.w, p.token, .op = KEPT_OP_ACCOUNT_SHOW);
    world_down(&p.w);
}

/* Another number than that on file shows whose number it is, and nothing of who they are. */
static void test_another_number_proves_nobody(void **state)
{
    const struct kept_field other = world_field("phone", "13700137000");
    struct pair p;
    char code[7], token[SELF_TOKEN];
    (void)state;
    up(&p, "");
    p.w.now += 31 * KEPT_MINUTE;
    SELF_DENIES(&p.w, p.token, NEED_VERIFICATION, .op = KEPT_OP_TRAIL);
    SELF_ALLOWS(&p.w, p.token, .op = KEPT_OP_ACCOUNT_BEGIN, .fields = &other, .field_count = 1);
    self_code(&p.w, code);
    self_token(SELF(&p.w, p.token, .op = KEPT_OP_ACCOUNT_PROVE, .fields = &other, .field_count = 1, .secret = code, .on = 1), token);
    assert_int_equal(strlen(token), 0);
    SELF_DENIES(&p.w, p.token, NEED_VERIFICATION, .op = KEPT_OP_TRAIL);
    world_down(&p.w);
}

/* Correcting is what is held, and given by the person; something new comes in as it does for anybody. */
static void test_people_correct_what_is_theirs(void **state)
{
    const struct kept_field ann = world_field("name", "Ann B."), note = world_field("note", "new"),
                            visit = world_field("visit", "yesterday"), badge = world_field("badge", "gold");
    struct pair p;
    (void)state;
    up(&p, "");
    SELF_DENIES(&p.w, p.token, FUNCTION, .op = KEPT_OP_COLLECT, .fields = &ann, .field_count = 1);
    SELF_ALLOWS(&p.w, p.token, .op = KEPT_OP_COLLECT, .function = "account", .fields = &ann, .field_count = 1);
    SELF_ALLOWS(&p.w, p.token, .op = KEPT_OP_COLLECT, .fields = &ann, .field_count = 1);
    SELF_ALLOWS(&p.w, p.token, .op = KEPT_OP_COLLECT, .function = "notes", .fields = &note, .field_count = 1);
    SELF_DENIES(&p.w, p.token, CALLER, .op = KEPT_OP_COLLECT, .function = "notes", .recipient = "courier", .fields = &note,
                .field_count = 1);
    world_put(&p.w, p.ann, "notes", "visit", "today");
    SELF_DENIES(&p.w, p.token, ROLE, .op = KEPT_OP_COLLECT, .fields = &visit, .field_count = 1);
    world_put(&p.w, p.ann, "account", "badge", "tin");
    SELF_DENIES(&p.w, p.token, LOCKED, .op = KEPT_OP_COLLECT, .fields = &badge, .field_count = 1);
    /* Withdrawn: what is still held is theirs to see and mend; the app has no use of it. */
    SELF_ALLOWS(&p.w, p.token, .op = KEPT_OP_CONSENT_WITHDRAW, .function = "account");
    SAYS(&p.w, KEPT_DENY, KEPT_R_WITHDRAWN, .op = KEPT_OP_USE, .subject = p.ann, .purpose = "service", .fields = &name, .field_count = 1);
    SELF_ALLOWS(&p.w, p.token, .op = KEPT_OP_USE, .fields = &name, .field_count = 1);
    SELF_ALLOWS(&p.w, p.token, .op = KEPT_OP_COLLECT, .fields = &ann, .field_count = 1);
    world_down(&p.w);
}

static void test_visitors_begin_and_no_more(void **state)
{
    struct pair p;
    char code[7], token[SELF_TOKEN];
    unsigned sent = 0;
    (void)state;
    up(&p, "");
    SELF_NOBODY(&p.w, NULL, .op = KEPT_OP_SUBJECT_SHOW, .subject = p.ann);
    SELF_NOBODY(&p.w, NULL, .op = KEPT_OP_SUBJECT_NEW);
    SELF_NOBODY(&p.w, NULL, .op = KEPT_OP_ACCOUNT_BEGIN, .subject = p.ann, .fields = &read_phone, .field_count = 1);
    SELF_NOBODY(&p.w, NULL, .op = KEPT_OP_ACCOUNT_BEGIN, .app = "other", .fields = &phone, .field_count = 1);
    p.w.now += KEPT_HOUR;
    SELF_ALLOWS(&p.w, NULL, .op = KEPT_OP_ACCOUNT_BEGIN, .fields = &phone, .field_count = 1, .source = "a");
    self_code(&p.w, code);
    SELF_DENIES(&p.w, NULL, CALLER, .op = KEPT_OP_ACCOUNT_PROVE, .role = "officer", .fields = &phone, .field_count = 1,
                .secret = code, .source = "a");
    self_token(SELF(&p.w, NULL, .op = KEPT_OP_ACCOUNT_PROVE, .fields = &phone, .field_count = 1, .secret = code, .on = 1,
                    .source = "a"), token);
    SELF_ALLOWS(&p.w, token, .op = KEPT_OP_TRAIL);
    for (unsigned i = 0; i < 40; i++) { /* of one place, so many an hour */
        char number[16];
        (void)snprintf(number, sizeof number, "137%08u", i);
        const struct kept_field each = world_field("phone", number);
        struct kept_reply *reply = SELF(&p.w, NULL, .op = KEPT_OP_ACCOUNT_BEGIN, .fields = &each, .field_count = 1, .source = "b");
        sent += reply->decision == KEPT_ALLOW;
        kept_reply_free(reply);
    }
    assert_int_equal(sent, 30);
    world_down(&p.w);
    /* Not where the policy does not say so. */
    world_shop(&p.w);
    SELF_NOBODY(&p.w, NULL, .op = KEPT_OP_ACCOUNT_BEGIN, .fields = &phone, .field_count = 1);
    world_down(&p.w);
}

/* In a role nobody gets a session for anybody. */
static void test_staff_get_no_session_for_people(void **state)
{
    struct pair p;
    (void)state;
    up(&p, "");
    FAILS(&p.w, KEPT_E_USAGE, .op = KEPT_OP_ACCOUNT_PROVE, .role = "officer", .subject = p.ann, .on = 1,
          .evidence = &(struct kept_evidence){.reference = "counter 4"});
    SAYS(&p.w, KEPT_DENY, KEPT_R_OPERATION, .op = KEPT_OP_ACCOUNT_LEAVE, .role = "support", .subject = p.ann);
    SELF_ALLOWS(&p.w, p.token, .op = KEPT_OP_SUBJECT_SHOW);
    world_down(&p.w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_session_is_of_one_person),
        cmocka_unit_test(test_it_ends),
        cmocka_unit_test(test_rows_that_were_changed_are_nobody),
        cmocka_unit_test(test_each_request_demands_its_level),
        cmocka_unit_test(test_another_number_proves_nobody),
        cmocka_unit_test(test_people_correct_what_is_theirs),
        cmocka_unit_test(test_visitors_begin_and_no_more),
        cmocka_unit_test(test_staff_get_no_session_for_people),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
