/* test_callers.c - who may ask the service: known by what they show, for as long as they are somebody, and never more than they
 * were made for; and who can write the store, or puts an old one back, makes no caller. */
#include "../aid/disk.h"
#include "../aid/world.h"

#include "base/limits.h"
#include "shown_aid.h"

#define TOKEN 78

/* Add a caller; its token. */
static void added(struct world *w, const struct kept_caller *caller, char token[TOKEN])
{
    struct kept_reply *reply = ASK(w, .op = KEPT_OP_CALLER_ADD, .caller = caller, .actor = "owner");
    const char *at = strstr(reply->json, "\"token\":\"");
    assert_int_equal(reply->decision, KEPT_ALLOW);
    assert_non_null(at);
    memcpy(token, at + 9, TOKEN - 1);
    token[TOKEN - 1] = 0;
    assert_true(strspn(token + 5, "0123456789abcdef") == TOKEN - 6 && strncmp(token, "kept_", 5) == 0);
    kept_reply_free(reply);
}

#define CALLER_MAY(w, token, ...) may(w, token, KEPT_R_NONE, (struct kept_request){__VA_ARGS__}, __LINE__)
#define CALLER_MAY_NOT(w, token, ...) may(w, token, KEPT_R_CALLER, (struct kept_request){__VA_ARGS__}, __LINE__)
static void may(struct world *w, const char *token, enum kept_reason reason, struct kept_request r, int line)
{
    uint64_t before = world_number(w, "ledger_entries");
    struct kept_reply *reply = as(w, token, r);
    if (reply->error != 0 || reply->reason != reason || (reply->decision == KEPT_DENY) != (reason != KEPT_R_NONE))
        fail_msg("line %d: %s: %d %s", line, kept_op_name(r.op), reply->error, kept_reason_name(reply->reason));
    if (reason != KEPT_R_NONE)
        assert_true(reply->json == NULL && reply->field_count == 0);
    kept_reply_free(reply);
    assert_int_equal(world_number(w, "ledger_entries"), before + 2); /* and the question before it */
}

static void known_as_long_as_it_is_somebody(void **state)
{
    struct world w;
    char token[TOKEN], other[TOKEN];
    (void)state;
    world_shop(&w);
    added(&w, &(struct kept_caller){.name = "backend"}, token);
    added(&w, &(struct kept_caller){.name = "other"}, other);
    assert_non_null(who(&w, token));
    assert_true(who(&w, token) != who(&w, other));
    for (size_t i = 0; i < TOKEN - 1; i++) { /* no other text is it */
        char wrong[TOKEN];
        memcpy(wrong, token, TOKEN);
        wrong[i] = wrong[i] == '0' ? '1' : '0';
        assert_null(who(&w, wrong));
    }
    assert_null(who(&w, ""));
    world_reopen(&w);
    assert_non_null(who(&w, token));
    ALLOWS(&w, .op = KEPT_OP_CALLER_REVOKE, .caller = &(struct kept_caller){.name = "backend"});
    assert_null(who(&w, token));
    assert_non_null(who(&w, other));
    world_reopen(&w);
    assert_null(who(&w, token));
    assert_non_null(who(&w, other));
    /* What is stored shows nobody: neither the token nor its hash stands in the store in the clear. */
    assert_int_equal(world_sql_number(&w, "SELECT count(*) FROM caller WHERE instr(body, 'backend') OR instr(body, 'kept_')"), 0);
    world_down(&w);
}

static void ends_at_its_instant(void **state)
{
    struct world w;
    char token[TOKEN];
    (void)state;
    world_shop(&w);
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_CALLER_ADD, .caller = &(struct kept_caller){.name = "brief"}, .expires = w.now);
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_CALLER_ADD, .caller = &(struct kept_caller){.name = "brief"},
                                   .expires = w.now + 1000);
    memcpy(token, strstr(reply->json, "kept_"), TOKEN - 1);
    token[TOKEN - 1] = 0;
    kept_reply_free(reply);
    w.now += 999;
    assert_non_null(who(&w, token));
    w.now += 1;
    assert_null(who(&w, token));
    world_down(&w);
}

static void shown_by_a_certificate(void **state)
{
    uint8_t hash[32] = {9, 8, 7}, wrong[32] = {9, 8, 6};
    const struct kept_caller gateway = {.name = "gateway", .certificate = {hash, 32}};
    const struct kept_caller_row *row = NULL;
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_CALLER_ADD, .caller = &gateway);
    assert_null(strstr(reply->json, "token\":\"")); /* there is none to tell */
    kept_reply_free(reply);
    assert_int_equal(kept_caller_judge(w.kept, (struct kept_span){hash, 32}, 1, &row, &w.err), 0);
    assert_int_equal(kept_caller_judge(w.kept, (struct kept_span){wrong, 32}, 1, &row, &w.err), KEPT_E_DENIED);
    assert_int_equal(kept_caller_judge(w.kept, (struct kept_span){hash, 31}, 1, &row, &w.err), KEPT_E_DENIED);
    assert_int_equal(kept_caller_judge(w.kept, (struct kept_span){hash, 32}, 0, &row, &w.err), KEPT_E_DENIED); /* not as a token */
    FAILS(&w, KEPT_E_CONFLICT, .op = KEPT_OP_CALLER_ADD, .caller = &(struct kept_caller){.name = "second", .certificate = {hash, 32}});
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_CALLER_ADD, .caller = &(struct kept_caller){.name = "third", .certificate = {hash, 31}});
    world_down(&w);
}

static void what_is_refused_when_it_is_made(void **state)
{
    static const struct {
        struct kept_caller caller;
        int error;
    } all[] = {
        {{.name = NULL}, KEPT_E_USAGE}, {{.name = ""}, KEPT_E_USAGE}, {{.name = "app"}, KEPT_E_USAGE}, {{.name = "kept"}, KEPT_E_USAGE},
        {{.name = "a/b"}, KEPT_E_USAGE}, {{.name = "Ada"}, KEPT_E_USAGE}, {{.name = "-a"}, KEPT_E_USAGE}, {{.name = "a b"}, KEPT_E_USAGE},
        {{.name = "0123456789012345678901234567890123456789012345678"}, KEPT_E_USAGE},
        {{.name = "a", .roles = "queen"}, KEPT_E_NOTFOUND}, {{.name = "a", .roles = "app,,support"}, KEPT_E_USAGE},
        {{.name = "a", .roles = "app, support"}, KEPT_E_USAGE}, {{.name = "a", .functions = "flying"}, KEPT_E_NOTFOUND},
        {{.name = "a", .purposes = "curiosity"}, KEPT_E_NOTFOUND}, {{.name = "a", .operations = "format"}, KEPT_E_USAGE},
        {{.name = "a", .operations = "caller.add"}, KEPT_E_USAGE}, {{.name = "a", .operations = "caller.list,use"}, KEPT_E_USAGE},
        {{.name = "a", .operations = "caller.revoke,trail"}, KEPT_E_USAGE}};
    struct world w;
    (void)state;
    world_shop(&w);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        FAILS(&w, all[i].error, .op = KEPT_OP_CALLER_ADD, .caller = &all[i].caller);
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_CALLER_ADD);
    FAILS(&w, KEPT_E_NOTFOUND, .op = KEPT_OP_CALLER_REVOKE, .caller = &(struct kept_caller){.name = "nobody"});
    FAILS(&w, KEPT_E_NOTFOUND, .op = KEPT_OP_CALLER_REVOKE);
    assert_int_equal(world_sql_number(&w, "SELECT count(*) FROM caller"), 0);
    char token[TOKEN];
    added(&w, &(struct kept_caller){.name = "a"}, token);
    FAILS(&w, KEPT_E_CONFLICT, .op = KEPT_OP_CALLER_ADD, .caller = &(struct kept_caller){.name = "a"});
    /* Two of one name in one run: the second is refused, and so is the name while the first is not committed. */
    const struct kept_caller twin = {.name = "twin"};
    const struct kept_request twins[] = {{.op = KEPT_OP_CALLER_ADD, .app = "shop", .caller = &twin},
                                         {.op = KEPT_OP_CALLER_ADD, .app = "shop", .caller = &twin}};
    struct kept_reply *replies[2];
    assert_int_equal(kept_batch(w.kept, twins, 2, replies, &w.err), 0);
    assert_true(replies[0]->error == 0 && replies[1]->error == KEPT_E_CONFLICT);
    kept_reply_free(replies[0]);
    kept_reply_free(replies[1]);
    world_down(&w);
}

static void never_more_than_it_was_made_for(void **state)
{
    struct world w;
    char plain[TOKEN], form[TOKEN], desk[TOKEN], manager[TOKEN];
    const struct kept_field phone = world_field("phone", "13800138000"), note = world_field("note", "hello");
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    world_put(&w, id, "account", "phone", "13800138000");
    added(&w, &(struct kept_caller){.name = "plain"}, plain);
    added(&w, &(struct kept_caller){.name = "form", .functions = "notes", .operations = "collect,consent.grant,subject.new"}, form);
    added(&w, &(struct kept_caller){.name = "desk", .roles = "support,officer", .purposes = "service"}, desk);
    added(&w, &(struct kept_caller){.name = "manager", .operations = "caller.list,caller.revoke"}, manager);
    CALLER_MAY(&w, plain, .op = KEPT_OP_USE, .subject = id, .purpose = "service", .fields = &phone, .field_count = 1);
    CALLER_MAY_NOT(&w, plain, .op = KEPT_OP_USE, .subject = id, .role = "support", .purpose = "service", .fields = &phone, .field_count = 1);
    for (enum kept_op op = KEPT_OP_CALLER_ADD; op <= KEPT_OP_CALLER_REVIEW; op++)
        CALLER_MAY_NOT(&w, plain, .op = op, .caller = &(struct kept_caller){.name = "friend"});
    CALLER_MAY_NOT(&w, plain, .op = KEPT_OP_SERVICE_CEASE);
    CALLER_MAY_NOT(&w, plain, .op = KEPT_OP_ROTATE);
    CALLER_MAY_NOT(&w, plain, .op = KEPT_OP_TICK);
    CALLER_MAY(&w, form, .op = KEPT_OP_COLLECT, .subject = id, .fields = &note, .field_count = 1);
    CALLER_MAY_NOT(&w, form, .op = KEPT_OP_COLLECT, .subject = id, .function = "account", .fields = &note, .field_count = 1);
    CALLER_MAY_NOT(&w, form, .op = KEPT_OP_USE, .subject = id, .purpose = "service", .fields = &phone, .field_count = 1);
    CALLER_MAY(&w, form, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .function = "notes", .consent = KEPT_C_EXPLICIT);
    CALLER_MAY_NOT(&w, form, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .function = "account", .consent = KEPT_C_EXPLICIT);
    CALLER_MAY_NOT(&w, form, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .purpose = "service", .consent = KEPT_C_EXPLICIT);
    CALLER_MAY_NOT(&w, form, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .item = "note", .consent = KEPT_C_EXPLICIT);
    CALLER_MAY_NOT(&w, form, .op = KEPT_OP_ERASE_SUBJECT, .subject = id); /* what people are owed, others do */
    CALLER_MAY_NOT(&w, form, .op = KEPT_OP_SUBJECT_NEW, .fields = &phone, .field_count = 1); /* it would find */
    CALLER_MAY(&w, desk, .op = KEPT_OP_SUBJECT_SHOW, .subject = id, .role = "officer");
    CALLER_MAY_NOT(&w, desk, .op = KEPT_OP_SUBJECT_SHOW, .subject = id, .role = "app");
    CALLER_MAY_NOT(&w, desk, .op = KEPT_OP_USE, .subject = id, .purpose = "marketing", .fields = &phone, .field_count = 1);
    CALLER_MAY(&w, manager, .op = KEPT_OP_CALLER_LIST);
    CALLER_MAY_NOT(&w, manager, .op = KEPT_OP_USE, .subject = id, .purpose = "service", .fields = &phone, .field_count = 1);
    CALLER_MAY_NOT(&w, manager, .op = KEPT_OP_TRAIL, .subject = id);
    CALLER_MAY(&w, manager, .op = KEPT_OP_CALLER_REVOKE, .caller = &(struct kept_caller){.name = "form"});
    assert_null(who(&w, form));
    world_down(&w);
}

static void the_ledger_says_who_and_for_whom(void **state)
{
    struct world w;
    char desk[TOKEN];
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    added(&w, &(struct kept_caller){.name = "desk", .roles = "officer"}, desk);
    kept_reply_free(as(&w, desk, (struct kept_request){.op = KEPT_OP_SUBJECT_SHOW, .subject = id}));
    kept_reply_free(as(&w, desk, (struct kept_request){.op = KEPT_OP_SUBJECT_SHOW, .subject = id, .actor = "anna"}));
    kept_reply_free(as(&w, desk, (struct kept_request){.op = KEPT_OP_SUBJECT_SHOW, .subject = id, .actor = "desk"}));
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_AUDIT, .role = "officer", .text = "desk");
    assert_int_equal(world_json_count(reply, "\"operation\":\"subject.show\""), 3);
    assert_int_equal(world_json_count(reply, "\"actor\":\"desk/anna\""), 1);
    kept_reply_free(reply);
    reply = ASK(&w, .op = KEPT_OP_AUDIT, .role = "officer", .text = "anna");
    assert_int_equal(world_json_count(reply, "\"operation\":"), 1);
    kept_reply_free(reply);
    reply = ASK(&w, .op = KEPT_OP_AUDIT, .role = "officer", .text = "owner");
    assert_true(world_json_has(reply, "\"says\":\"caller desk; roles officer\""));
    kept_reply_free(reply);
    reply = ASK(&w, .op = KEPT_OP_AUDIT, .role = "officer", .text = "des");
    assert_int_equal(world_json_count(reply, "\"operation\":"), 0);
    kept_reply_free(reply);
    /* Another app, and a name that no entry holds. */
    char actor[KEPT_ACTOR_ROOM];
    struct kept_request r = {.op = KEPT_OP_STAT, .app = "club"};
    assert_int_equal(kept_caller_complete(who(&w, desk), &r, actor, &w.err), KEPT_E_USAGE);
    r = (struct kept_request){.op = KEPT_OP_STAT, .actor = "0123456789012345678901234567890123456789012345678901234567890123"};
    assert_int_equal(kept_caller_complete(who(&w, desk), &r, actor, &w.err), KEPT_E_USAGE);
    world_down(&w);
}

/* Everyone who can see clear values, and nobody else: what the policy gives, who is in the role, and is somebody still. */
static void who_sees_clear_values(void **state)
{
    struct world w;
    char token[TOKEN];
    (void)state;
    world_shop(&w);
    added(&w, &(struct kept_caller){.name = "backend"}, token);
    added(&w, &(struct kept_caller){.name = "desk", .roles = "support,officer"}, token);
    added(&w, &(struct kept_caller){.name = "form", .roles = "app,officer", .operations = "collect"}, token);
    added(&w, &(struct kept_caller){.name = "former", .roles = "officer"}, token);
    ALLOWS(&w, .op = KEPT_OP_CALLER_REVOKE, .caller = &(struct kept_caller){.name = "former"});
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_CALLER_REVIEW);
    assert_true(world_json_has(reply, "{\"role\":\"app\",\"callers\":[\"backend\"],\"clear\":\"what its functions may have\"}"));
    assert_true(world_json_has(reply, "{\"role\":\"officer\",\"callers\":[\"desk\"],\"clear\":["));
    assert_true(world_json_has(reply, "{\"role\":\"support\",\"callers\":[\"desk\"],\"clear\":[\"note\""));
    assert_false(world_json_has(reply, "visitor")); /* who sees nothing */
    assert_false(world_json_has(reply, "form\""));
    assert_false(world_json_has(reply, "former"));
    kept_reply_free(reply);
    world_down(&w);
}

/* Who may audit may have the sealed entries of that ledger. */
static void sealed_entries_are_an_auditors(void **state)
{
    struct world w;
    char auditor[TOKEN], plain[TOKEN], narrow[TOKEN];
    (void)state;
    world_shop(&w);
    added(&w, &(struct kept_caller){.name = "auditor", .roles = "officer"}, auditor);
    added(&w, &(struct kept_caller){.name = "plain"}, plain);
    added(&w, &(struct kept_caller){.name = "narrow", .roles = "officer", .operations = "subject.show"}, narrow);
    assert_int_equal(kept_caller_audits(w.kept, who(&w, auditor), "shop"), 1);
    assert_int_equal(kept_caller_audits(w.kept, who(&w, auditor), "club"), 0);
    assert_int_equal(kept_caller_audits(w.kept, who(&w, auditor), NULL), 0);
    assert_int_equal(kept_caller_audits(w.kept, who(&w, plain), "shop"), 0);
    assert_int_equal(kept_caller_audits(w.kept, who(&w, narrow), "shop"), 0);
    world_down(&w);
}

static void policies_of_their_own_app_only(void **state)
{
    struct world w;
    char plain[TOKEN], release[TOKEN];
    (void)state;
    world_shop(&w);
    char *next = world_policy("shop", 2, NULL, NULL), *club = world_policy("club", 1, NULL, NULL);
    added(&w, &(struct kept_caller){.name = "plain"}, plain);
    added(&w, &(struct kept_caller){.name = "release", .operations = "policy.publish"}, release);
    CALLER_MAY_NOT(&w, plain, .op = KEPT_OP_POLICY_PUBLISH, .text = next);
    struct kept_reply *reply = as(&w, release, (struct kept_request){.op = KEPT_OP_POLICY_PUBLISH, .text = club});
    assert_int_equal(reply->error, KEPT_E_DENIED);
    kept_reply_free(reply);
    CALLER_MAY(&w, release, .op = KEPT_OP_POLICY_PUBLISH, .text = next);
    world_publish(&w, "club", 1);
    free(club);
    club = world_policy("club", 2, NULL, NULL);
    reply = as(&w, release, (struct kept_request){.op = KEPT_OP_POLICY_PUBLISH, .text = club});
    assert_int_equal(reply->error, KEPT_E_DENIED);
    kept_reply_free(reply);
    free(club);
    free(next);
    world_down(&w);
}

/* A row of before it was revoked, put back: the journal remembers. A row moved, or changed: nobody, and it is counted. */
static void a_store_that_was_changed_makes_no_caller(void **state)
{
    struct world w;
    char gone[TOKEN], moved[TOKEN], left[TOKEN];
    (void)state;
    world_shop(&w);
    added(&w, &(struct kept_caller){.name = "gone"}, gone);
    world_sql(&w, "CREATE TABLE aside AS SELECT * FROM caller");
    ALLOWS(&w, .op = KEPT_OP_CALLER_REVOKE, .caller = &(struct kept_caller){.name = "gone"});
    added(&w, &(struct kept_caller){.name = "moved"}, moved);
    added(&w, &(struct kept_caller){.name = "left"}, left);
    world_close(&w);
    world_sql(&w, "UPDATE caller SET body = (SELECT body FROM aside WHERE aside.id = caller.id) WHERE id IN (SELECT id FROM aside)");
    world_sql(&w, "DROP TABLE aside");
    world_open(&w);
    assert_null(who(&w, gone));
    assert_non_null(who(&w, moved));
    world_close(&w);
    /* Every byte of every row, one at a time: not one opens. */
    const int64_t n = world_sql_number(&w, "SELECT min(length(body)) FROM caller");
    for (int64_t i = 1; i <= n; i += 7) {
        world_sql(&w, "CREATE TABLE aside AS SELECT * FROM caller");
        world_sql(&w, "UPDATE caller SET body = CAST(substr(body, 1, %lld - 1) || CASE WHEN substr(body, %lld, 1) = x'00' THEN x'01' "
                  "ELSE x'00' END || substr(body, %lld + 1) AS BLOB)", (long long)i, (long long)i, (long long)i);
        world_open(&w);
        assert_true(who(&w, moved) == NULL && who(&w, left) == NULL);
        struct kept_reply *reply = ASK(&w, .op = KEPT_OP_CALLER_LIST);
        assert_true(world_json_has(reply, "\"callers\":[],\"damaged\":3"));
        kept_reply_free(reply);
        world_close(&w);
        world_sql(&w, "REPLACE INTO caller SELECT * FROM aside");
        world_sql(&w, "DROP TABLE aside");
    }
    world_sql(&w, "UPDATE caller SET id = zeroblob(15) || substr(id, 16)"); /* the same rows under other ids */
    world_open(&w);
    assert_true(who(&w, moved) == NULL && who(&w, left) == NULL);
    world_down(&w);
}

static void no_restore_makes_it_a_caller_again(void **state)
{
    struct world w;
    char gone[TOKEN], left[TOKEN];
    (void)state;
    world_shop(&w);
    added(&w, &(struct kept_caller){.name = "gone"}, gone);
    added(&w, &(struct kept_caller){.name = "left"}, left);
    world_save(&w, "before");
    ALLOWS(&w, .op = KEPT_OP_CALLER_REVOKE, .caller = &(struct kept_caller){.name = "gone"});
    world_put_back(&w, "before");
    assert_null(who(&w, gone));
    assert_non_null(who(&w, left));
    world_down(&w);
}

/* Each change of the disk in turn fails: whoever got a token is a caller, and nobody else; who was revoked is none. */
static void half_made_is_nobody(void **state)
{
    struct world w;
    bool over = false;
    (void)state;
    world_shop(&w);
    for (long n = 0; !over && n < 200; n++) {
        char name[32];
        (void)snprintf(name, sizeof name, "backend-%ld", n);
        const struct kept_caller caller = {.name = name};
        const struct kept_request add = {.op = KEPT_OP_CALLER_ADD, .app = "shop", .caller = &caller};
        int rc = world_call_failing(&w, &add, (struct world_failure){.changes = WORLD_CHANGES, .n = n}, &over);
        world_reopen(&w);
        struct kept_reply *reply = ASK(&w, .op = KEPT_OP_CALLER_LIST);
        char quoted[64];
        (void)snprintf(quoted, sizeof quoted, "\"name\":\"%s\"", name);
        if (rc == 0 && !world_json_has(reply, quoted))
            fail_msg("%s was added, and is not there", name);
        if (rc == KEPT_E_IO && world_json_has(reply, quoted))
            fail_msg("%s was not added, and is there", name);
        kept_reply_free(reply);
    }
    assert_true(over);
    world_down(&w);
}

static void who_shows_nothing_that_is_known_is_told_once(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    for (int i = 0; i < 17; i++)
        assert_null(who(&w, "kept_nobody"));
    ALLOWS(&w, .op = KEPT_OP_TICK);
    ALLOWS(&w, .op = KEPT_OP_TICK);
    assert_int_equal(world_audit_has(&w, "17 requests showed a credential that is nobody's"), 1);
    assert_null(who(&w, "kept_nobody"));
    ALLOWS(&w, .op = KEPT_OP_TICK);
    assert_int_equal(world_audit_has(&w, "1 requests showed a credential"), 1);
    world_down(&w);
}

static void rows_in_memory_are_as_good(void **state)
{
    struct world w;
    char token[TOKEN];
    (void)state;
    world_up_in_memory(&w);
    world_publish(&w, "shop", 1);
    w.app = "shop";
    added(&w, &(struct kept_caller){.name = "backend"}, token);
    world_reopen(&w);
    assert_non_null(who(&w, token));
    world_down(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_as_long_as_it_is_somebody),
        cmocka_unit_test(ends_at_its_instant),
        cmocka_unit_test(shown_by_a_certificate),
        cmocka_unit_test(what_is_refused_when_it_is_made),
        cmocka_unit_test(never_more_than_it_was_made_for),
        cmocka_unit_test(the_ledger_says_who_and_for_whom),
        cmocka_unit_test(who_sees_clear_values),
        cmocka_unit_test(sealed_entries_are_an_auditors),
        cmocka_unit_test(policies_of_their_own_app_only),
        cmocka_unit_test(a_store_that_was_changed_makes_no_caller),
        cmocka_unit_test(no_restore_makes_it_a_caller_again),
        cmocka_unit_test(half_made_is_nobody),
        cmocka_unit_test(who_shows_nothing_that_is_known_is_told_once),
        cmocka_unit_test(rows_in_memory_are_as_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
