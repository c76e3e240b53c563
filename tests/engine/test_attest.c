/* test_attest.c - what must be on file of staff before a role of theirs answers: said by another, in date, gone at once when it
 * is taken back; and what stays on file of who leaves. */
#include "self_aid.h"
#include "shown_aid.h"

#define MINE "a sentence nobody says"

static char token[SELF_TOKEN];

/* A member of staff, and a session of theirs. */
static void member(struct world *w, const char *name, const char *roles, char ret_token[SELF_TOKEN])
{
    uint8_t secret[KEPT_TOTP_SECRET];
    char first[KEPT_FIRST_PASSWORD], code[7];
    struct kept_reply *reply = ASK(w, .op = KEPT_OP_CALLER_ADD, .actor = "owner",
                                   .caller = &(struct kept_caller){.name = name, .roles = roles, .staff = 1});
    staff_told(reply->json, secret, first);
    kept_reply_free(reply);
    assert_int_equal(kept_totp(secret, (uint64_t)(w->now / 30000), code), 0);
    reply = self_ask(w, NULL, &(struct kept_request){.op = KEPT_OP_SESSION_OPEN, .secret = code,
                     .caller = &(struct kept_caller){.name = name, .password = first, .new_password = MINE}});
    (void)snprintf(ret_token, SELF_TOKEN, "%.77s", strstr(reply->json, "kses_"));
    kept_reply_free(reply);
}

static struct kept_id up(struct world *w)
{
    char *text = world_policy("shop", 1, "    raw: [note]\n", "    raw: [note]\n    requires: {confidentiality: {clause: T-44}, training: {}}\n");
    world_up(w);
    ALLOWS(w, .op = KEPT_OP_POLICY_PUBLISH, .text = text);
    free(text);
    w->app = "shop";
    member(w, "ann", "support", token);
    struct kept_id id = world_person(w);
    world_put(w, id, "account", "phone", "13800138000");
    return id;
}

#define ANN &(struct kept_caller){.name = "ann"}
#define PAPER(words) &(struct kept_evidence){.reference = (words)}
#define SIGNED(w, what, ...)                                                                                          \
    ALLOWS(w, .op = KEPT_OP_STAFF_ATTEST, .caller = ANN, .text = (what), .on = 1, .evidence = PAPER("file 2026/12"), .actor = "owner", \
           __VA_ARGS__)
#define TAKEN_BACK(w, what) ALLOWS(w, .op = KEPT_OP_STAFF_ATTEST, .caller = ANN, .text = (what), .actor = "owner")

static struct kept_reply *reads(struct world *w, struct kept_id id, const char *by)
{
    const struct kept_field phone = {.name = "phone"};
    return as(w, by, (struct kept_request){.op = KEPT_OP_USE, .subject = id, .purpose = "service", .fields = &phone, .field_count = 1});
}

static void refused(struct world *w, struct kept_id id, const char *clause, const char *missing)
{
    struct kept_reply *reply = reads(w, id, token);
    assert_int_equal(reply->decision, KEPT_DENY);
    assert_int_equal(reply->reason, KEPT_R_ATTESTATION);
    assert_string_equal(reply->clause, clause);
    assert_int_equal(reply->field_count, 0);
    if (!world_json_has(reply, missing))
        fail_msg("not %s: %s", missing, reply->json);
    kept_reply_free(reply);
}

static void answered(struct world *w, struct kept_id id)
{
    struct kept_reply *reply = reads(w, id, token);
    assert_int_equal(reply->decision, KEPT_MASK);
    assert_null(reply->json);
    kept_reply_free(reply);
}

static void nothing_without_it(void **state)
{
    struct world w;
    (void)state;
    struct kept_id id = up(&w);
    refused(&w, id, "T-44", "{\"missing\":[\"confidentiality\",\"training\"]}");
    struct kept_reply *reply = as(&w, token, (struct kept_request){.op = KEPT_OP_WHY, .subject = id, .item = "phone"});
    assert_int_equal(reply->reason, KEPT_R_ATTESTATION); /* no operation of the role's */
    kept_reply_free(reply);
    SIGNED(&w, "confidentiality", .expires = 0);
    refused(&w, id, "T-41", "{\"missing\":[\"training\"]}");
    SIGNED(&w, "training", .expires = w.now + KEPT_HOUR);
    answered(&w, id);
    world_reopen(&w);
    answered(&w, id);
    /* To the instant; and anew, when it was passed again. */
    w.now += 29 * KEPT_MINUTE;
    answered(&w, id);
    w.now += 29 * KEPT_MINUTE;
    answered(&w, id);
    w.now += 2 * KEPT_MINUTE - 1;
    answered(&w, id);
    w.now += 1;
    refused(&w, id, "T-41", "{\"missing\":[\"training\"]}");
    SIGNED(&w, "training", .expires = w.now + KEPT_DAY);
    answered(&w, id);
    /* Taken back, at the next request; and no restart brings it back. */
    TAKEN_BACK(&w, "confidentiality");
    refused(&w, id, "T-44", "{\"missing\":[\"confidentiality\"]}");
    reply = as(&w, token, (struct kept_request){.op = KEPT_OP_SESSION_CLOSE}); /* who leaves needs none */
    assert_int_equal(reply->decision, KEPT_ALLOW);
    kept_reply_free(reply);
    world_reopen(&w);
    reply = ASK(&w, .op = KEPT_OP_CALLER_LIST);
    assert_true(world_json_has(reply, "\"what\":\"training\"") && !world_json_has(reply, "\"what\":\"confidentiality\""));
    kept_reply_free(reply);
    assert_int_equal(world_audit_has(&w, "ann: confidentiality; file 2026/12"), 1);
    assert_int_equal(world_audit_has(&w, "ann: confidentiality taken back"), 1);
    world_down(&w);
}

/* A request that waits for its answer when it is taken back is decided again. */
static void what_waits_is_decided_again(void **state)
{
    const struct kept_field phone = {.name = "phone"};
    struct world w;
    (void)state;
    struct kept_id id = up(&w);
    SIGNED(&w, "confidentiality", .expires = 0);
    SIGNED(&w, "training", .expires = 0);
    struct kept_request read = {.op = KEPT_OP_USE, .tag = &w, .subject = id, .purpose = "service", .fields = &phone, .field_count = 1};
    const struct kept_request back = {.op = KEPT_OP_STAFF_ATTEST, .app = "shop", .caller = ANN, .text = "training", .actor = "owner"};
    const struct kept_request *first[] = {&read}, *second[] = {&back};
    struct kept_reply *replies[2] = {NULL};
    char actor[KEPT_ACTOR_ROOM];
    size_t n = 0, got = 0;
    const struct kept_caller_row *ann = who(&w, token);
    assert_int_equal(kept_caller_complete(ann, &read, actor, &w.err), 0);
    assert_int_equal(kept_submit_all(w.kept, ann, first, 1, &w.err), 0);
    assert_int_equal(kept_submit_all(w.kept, NULL, second, 1, &w.err), 0);
    for (; got < 2; got += n)
        assert_int_equal(kept_reap(w.kept, replies + got, 2 - got, 1, &n, &w.err), 0);
    if (replies[1]->tag == &w) /* answered behind the other: else it was before */
        assert_int_equal(replies[1]->reason, KEPT_R_ATTESTATION);
    else
        assert_int_equal(replies[0]->decision, KEPT_MASK);
    kept_reply_free(replies[0]);
    kept_reply_free(replies[1]);
    refused(&w, id, "T-41", "{\"missing\":[\"training\"]}");
    world_down(&w);
}

static void said_by_others_of_staff_alone(void **state)
{
    static const struct kept_caller service = {.name = "desk", .roles = "support"};
    char boss[SELF_TOKEN], desk[SELF_TOKEN];
    struct world w;
    (void)state;
    struct kept_id id = up(&w);
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_STAFF_ATTEST, .actor = "ann", .caller = ANN, .text = "training", .on = 1,
                                   .evidence = PAPER("I did it"));
    assert_int_equal(reply->decision, KEPT_DENY);
    assert_int_equal(reply->reason, KEPT_R_APPROVAL);
    kept_reply_free(reply);
    reply = ASK(&w, .op = KEPT_OP_STAFF_ATTEST, .actor = "backend/ann", .caller = ANN, .text = "training", .on = 1,
                .evidence = PAPER("I did it"));
    assert_int_equal(reply->reason, KEPT_R_APPROVAL);
    kept_reply_free(reply);
    refused(&w, id, "T-44", "\"training\"");
    /* In a role that the policy gives it to, of another, and never of oneself. */
    const struct kept_caller me = {.name = "boss"};
    member(&w, "boss", "officer,visitor", boss);
    struct kept_request attest = {.op = KEPT_OP_STAFF_ATTEST, .caller = ANN, .text = "vetting", .on = 1, .evidence = PAPER("file 9")};
    reply = as(&w, boss, attest);
    assert_int_equal(reply->decision, KEPT_ALLOW);
    assert_true(world_json_has(reply, "\"by\":\"boss\""));
    kept_reply_free(reply);
    attest.role = "visitor";
    reply = as(&w, boss, attest);
    assert_int_equal(reply->reason, KEPT_R_OPERATION);
    kept_reply_free(reply);
    attest.role = NULL;
    attest.caller = &me;
    reply = as(&w, boss, attest);
    assert_int_equal(reply->reason, KEPT_R_APPROVAL);
    kept_reply_free(reply);
    /* Behind a service nobody knows who sits; the owner is the owner. */
    reply = ASK(&w, .op = KEPT_OP_CALLER_ADD, .caller = &service);
    (void)snprintf(desk, sizeof desk, "%.77s", strstr(reply->json, "kept_"));
    kept_reply_free(reply);
    FAILS(&w, KEPT_E_NOTFOUND, .op = KEPT_OP_STAFF_ATTEST, .caller = &service, .text = "training", .on = 1, .evidence = PAPER("x"));
    reply = reads(&w, id, desk);
    assert_int_equal(reply->reason, KEPT_R_ATTESTATION);
    kept_reply_free(reply);
    const struct kept_field phone = {.name = "phone"};
    SAYS(&w, KEPT_MASK, KEPT_R_MASKED, .op = KEPT_OP_USE, .role = "support", .subject = id, .purpose = "service", .fields = &phone,
         .field_count = 1);
    world_down(&w);
}

static void what_it_must_say(void **state)
{
    const struct kept_evidence hash = {.reference = "x", .sha256 = {(const uint8_t *)MINE, 32}},
                               tomorrow = {.reference = "x", .signed_at = 4102444800000};
    char much[KEPT_MAX_REFERENCE + 2];
    struct world w;
    (void)state;
    (void)up(&w);
    memset(much, 'a', sizeof much);
    much[sizeof much - 1] = 0;
#define WRONG(...) FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_STAFF_ATTEST, .caller = ANN, .on = 1, __VA_ARGS__)
    WRONG(.text = "beauty", .evidence = PAPER("x"));
    WRONG(.evidence = PAPER("x"));
    WRONG(.text = "training");
    WRONG(.text = "training", .evidence = PAPER(""));
    WRONG(.text = "training", .evidence = PAPER(much));
    WRONG(.text = "training", .evidence = PAPER("\xff"));
    WRONG(.text = "training", .evidence = &hash);
    WRONG(.text = "training", .evidence = &tomorrow);
    WRONG(.text = "training", .evidence = PAPER("x"), .expires = w.now);
    FAILS(&w, KEPT_E_NOTFOUND, .op = KEPT_OP_STAFF_ATTEST, .caller = ANN, .text = "training"); /* there is none to take back */
    FAILS(&w, KEPT_E_NOTFOUND, .op = KEPT_OP_STAFF_ATTEST, .text = "training");
    much[KEPT_MAX_REFERENCE] = 0;
    ALLOWS(&w, .op = KEPT_OP_STAFF_ATTEST, .caller = ANN, .on = 1, .text = "vetting", .evidence = PAPER(much));
    world_down(&w);
}

static void who_leaves_stays_on_file(void **state)
{
    char much[KEPT_MAX_LEFT_BECAUSE + 2];
    struct world w;
    (void)state;
    struct kept_id id = up(&w);
    SIGNED(&w, "confidentiality", .expires = 0);
    SIGNED(&w, "training", .expires = w.now + KEPT_DAY);
    answered(&w, id);
    memset(much, 'a', sizeof much);
    much[sizeof much - 1] = 0;
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_CALLER_REVOKE, .caller = ANN, .text = much);
    assert_non_null(who(&w, token));
    ALLOWS(&w, .op = KEPT_OP_CALLER_REVOKE, .caller = ANN, .text = "left; reminded, file 2026/31", .actor = "owner");
    assert_null(who(&w, token)); /* in the same instant */
    for (unsigned i = 0; i < 2; i++) {
        struct kept_reply *reply = ASK(&w, .op = KEPT_OP_CALLER_REVIEW);
        assert_true(world_json_has(reply, "left; reminded, file 2026/31"));
        assert_true(world_json_has(reply, "\"what\":\"training\""));
        assert_true(world_json_has(reply, "\"callers\":[]"));
        kept_reply_free(reply);
        world_reopen(&w);
        assert_null(who(&w, token));
    }
    assert_int_equal(world_audit_has(&w, "caller ann; left; reminded, file 2026/31"), 1);
    FAILS(&w, KEPT_E_NOTFOUND, .op = KEPT_OP_STAFF_ATTEST, .caller = ANN, .text = "training");
    assert_int_equal(world_sql_number(&w, "SELECT count(*) FROM caller WHERE instr(body, 'file 2026')"), 0);
    world_down(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_without_it), cmocka_unit_test(what_waits_is_decided_again),
                                       cmocka_unit_test(said_by_others_of_staff_alone), cmocka_unit_test(what_it_must_say),
                                       cmocka_unit_test(who_leaves_stays_on_file)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
