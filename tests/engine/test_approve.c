/* test_approve.c - approval by two: nothing until another approved of exactly this; nobody's own; a part of it; no longer than it
 * was granted; and all of it in the person's own trail. */
#include "self_aid.h"
#include "shown_aid.h"

static char *edit(char *text, const char *from, const char *to)
{
    char *at = strstr(text, from), *out = calloc(1, strlen(text) + strlen(to) + 1);
    assert_true(at != NULL && out != NULL);
    (void)snprintf(out, strlen(text) + strlen(to) + 1, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    free(text);
    return out;
}

/* The shop: support needs approval, as said; the officer's word does it, and is needed for a demand. */
static struct kept_id up(struct world *w, const char *approval, const char *age)
{
    char *text = world_policy("shop", 1, "    raw: [note]\n", "    raw: [note]\n    approval: ");
    text = edit(text, "    approval: ", "    approval: APPROVAL\n");
    text = edit(text, "APPROVAL", approval);
    text = edit(text, "[subject_find, collect, use, why]", "[subject_find, collect, use, why, approval_ask]");
    text = edit(text, "\nroles:\n", "\nexemptions:\n  demand: {text: {en: a demand, zh: 要求}, for: [collect, use, share], approval: {clause: T-47}}\n"
                                    "\nroles:\n");
    text = edit(text, "regions: {stored", age);
    world_up(w);
    ALLOWS(w, .op = KEPT_OP_POLICY_PUBLISH, .text = text);
    free(text);
    w->app = "shop";
    struct kept_id id = world_person(w);
    world_put(w, id, "account", "phone", "13800138000");
    world_put(w, id, "account", "name", "Wang Fang");
    return id;
}
#define PLAIN "regions: {stored"

#define BY(name) .actor = (name), .role = "support"
#define BOSS(name) .actor = (name), .role = "officer"
static const struct kept_field phone = {.name = "phone"}, name = {.name = "name"}, both[] = {{.name = "phone"}, {.name = "name"}};
#define ONE(field) .fields = &(field), .field_count = 1
#define BOTH .fields = both, .field_count = 2
#define USED(w, decision, reason, ...) SAYS(w, decision, KEPT_R_##reason, .op = KEPT_OP_USE, .subject = id, .purpose = "service", __VA_ARGS__)
#define REFUSED(w, ...) USED(w, KEPT_DENY, APPROVAL, __VA_ARGS__)
#define ASKED(w, ...) number_of(ASK(w, .op = KEPT_OP_APPROVAL_ASK, .subject = id, .text = "case 7", __VA_ARGS__))

/* Of the reply, which is freed. */
static uint32_t number_of(struct kept_reply *reply)
{
    assert_int_equal(reply->decision, KEPT_ALLOW);
    const char *at = strstr(reply->json, "\"approval\":");
    assert_non_null(at);
    const uint32_t number = (uint32_t)strtoul(at + 11, NULL, 10);
    assert_in_range(number, 100000000, 999999999);
    kept_reply_free(reply);
    return number;
}

static void nothing_until_another_approved(void **state)
{
    struct world w;
    (void)state;
    struct kept_id id = up(&w, "{clause: T-46}", PLAIN), other = world_person(&w);
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_USE, .subject = id, .purpose = "service", ONE(phone), BY("clerk-7"));
    assert_int_equal(reply->reason, KEPT_R_APPROVAL);
    assert_string_equal(reply->clause, "T-46");
    assert_int_equal(reply->field_count, 0);
    kept_reply_free(reply);
    const uint32_t number = ASKED(&w, .purpose = "service", ONE(phone), BY("clerk-7"));
    REFUSED(&w, ONE(phone), BY("clerk-7")); /* it waits */
    /* Nobody's own, by whatever name. */
    static const char *const selves[] = {"clerk-7", "desk/clerk-7"};
    for (size_t i = 0; i < 2; i++)
        SAYS(&w, KEPT_DENY, KEPT_R_APPROVAL, .op = KEPT_OP_APPROVAL_GRANT, .subject = id, .record = number, BOSS(selves[i]));
    SAYS(&w, KEPT_DENY, KEPT_R_OPERATION, .op = KEPT_OP_APPROVAL_GRANT, .subject = id, .record = number, BY("clerk-8"));
    SAYS(&w, KEPT_DENY, KEPT_R_OPERATION, .op = KEPT_OP_APPROVAL_GRANT, .subject = id, .record = number);
    REFUSED(&w, ONE(phone), BY("clerk-7"));
    ALLOWS(&w, .op = KEPT_OP_APPROVAL_GRANT, .subject = id, .record = number, .text = "looked at", BOSS("boss"));
    USED(&w, KEPT_MASK, MASKED, ONE(phone), BY("clerk-7"));
    /* Exactly this, and nothing beside it. */
    REFUSED(&w, ONE(phone), BY("clerk-8"));
    REFUSED(&w, ONE(name), BY("clerk-7"));
    REFUSED(&w, BOTH, BY("clerk-7"));
    SAYS(&w, KEPT_DENY, KEPT_R_APPROVAL, .op = KEPT_OP_USE, .subject = id, .purpose = "care", ONE(phone), BY("clerk-7"));
    SAYS(&w, KEPT_DENY, KEPT_R_APPROVAL, .op = KEPT_OP_USE, .subject = other, .purpose = "service", ONE(phone), BY("clerk-7"));
    SAYS(&w, KEPT_DENY, KEPT_R_APPROVAL, .op = KEPT_OP_USE, .subject = id, .purpose = "service", .exemption = "demand", .text = "x", ONE(phone),
         BY("clerk-7"));
    USED(&w, KEPT_ALLOW, NONE, ONE(phone), BOSS("boss")); /* of that role nothing is said */
    /* As long as it was granted, over a restart, and not a moment longer. */
    world_reopen(&w);
    USED(&w, KEPT_MASK, MASKED, ONE(phone), BY("clerk-7"));
    w.now += KEPT_APPROVAL_HOURS * KEPT_HOUR - 1;
    USED(&w, KEPT_MASK, MASKED, ONE(phone), BY("clerk-7"));
    w.now += 1;
    REFUSED(&w, ONE(phone), BY("clerk-7"));
    FAILS(&w, KEPT_E_NOTFOUND, .op = KEPT_OP_APPROVAL_GRANT, .subject = id, .record = number, BOSS("boss"));
    kept_reply_free(ASK(&w, .op = KEPT_OP_TICK));
    world_reopen(&w);
    reply = ASK(&w, .op = KEPT_OP_APPROVAL_LIST, BOSS("boss"));
    assert_string_equal(reply->json, "{\"approvals\":[]}");
    kept_reply_free(reply);
    world_check(&w);
    world_down(&w);
}

static void a_part_and_a_no(void **state)
{
    struct world w;
    (void)state;
    struct kept_id id = up(&w, "{}", PLAIN);
    const uint32_t number = ASKED(&w, .purpose = "service", BOTH, BY("clerk-7"), .expires = w.now + KEPT_DAY);
    ALLOWS(&w, .op = KEPT_OP_APPROVAL_GRANT, .subject = id, .record = number, ONE(phone), BOSS("boss"));
    USED(&w, KEPT_MASK, MASKED, ONE(phone), BY("clerk-7"));
    REFUSED(&w, ONE(name), BY("clerk-7"));
    FAILS(&w, KEPT_E_CONFLICT, .op = KEPT_OP_APPROVAL_GRANT, .subject = id, .record = number, BOSS("boss"));
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_APPROVAL_LIST, BOSS("boss"));
    assert_true(world_json_has(reply, "\"state\":\"granted\"") && world_json_has(reply, "\"items\":[\"phone\",\"name\"],\"granted\":[\"phone\"]") &&
                world_json_has(reply, "\"decider\":\"boss\""));
    kept_reply_free(reply);
    /* Taken back, at once and for good. */
    ALLOWS(&w, .op = KEPT_OP_APPROVAL_REFUSE, .subject = id, .record = number, .text = "no case", BOSS("boss"));
    REFUSED(&w, ONE(phone), BY("clerk-7"));
    FAILS(&w, KEPT_E_CONFLICT, .op = KEPT_OP_APPROVAL_REFUSE, .subject = id, .record = number, BOSS("boss"));
    FAILS(&w, KEPT_E_CONFLICT, .op = KEPT_OP_APPROVAL_GRANT, .subject = id, .record = number, BOSS("boss"));
    world_reopen(&w);
    REFUSED(&w, ONE(phone), BY("clerk-7"));
    /* The person sees who asked, who said what, and what of it was refused. */
    char words[64];
    (void)snprintf(words, sizeof words, "approval %u of clerk-7: granted", number);
    reply = ASK(&w, .op = KEPT_OP_TRAIL, .subject = id);
    assert_true(world_json_has(reply, "approval.ask") && world_json_has(reply, words) && world_json_has(reply, "refused; no case"));
    assert_true(world_json_has(reply, "{\"item\":\"name\",\"decision\":\"deny\",\"reason\":\"APPROVAL\"}"));
    kept_reply_free(reply);
    /* Asked and refused before anything was granted; and by who asked it is not taken back either. */
    const uint32_t second = ASKED(&w, .purpose = "service", ONE(phone), BY("clerk-7"));
    SAYS(&w, KEPT_DENY, KEPT_R_APPROVAL, .op = KEPT_OP_APPROVAL_REFUSE, .subject = id, .record = second, BOSS("clerk-7"));
    ALLOWS(&w, .op = KEPT_OP_APPROVAL_REFUSE, .subject = id, .record = second, BOSS("boss"));
    REFUSED(&w, ONE(phone), BY("clerk-7"));
    world_down(&w);
}

/* On the ground of an exemption nobody does it alone, the app itself neither. */
static void a_ground_that_two_must_see(void **state)
{
    struct world w;
    (void)state;
    struct kept_id id = up(&w, "{for: minors}", PLAIN);
#define GIVES(w, decision, reason, ...)                                                                                       \
    SAYS(w, decision, KEPT_R_##reason, .op = KEPT_OP_DISCLOSE, .subject = id, .purpose = "service", .recipient = "courier", ONE(phone), __VA_ARGS__)
    GIVES(&w, KEPT_ALLOW, NONE, BOSS("kim")); /* without it consent does */
    GIVES(&w, KEPT_DENY, APPROVAL, .exemption = "demand", .text = "order 12", BOSS("kim"));
    GIVES(&w, KEPT_DENY, APPROVAL, .exemption = "demand", .text = "order 12");
    SAYS(&w, KEPT_DENY, KEPT_R_APPROVAL, .op = KEPT_OP_COLLECT, .subject = id, .function = "account", .exemption = "demand", .text = "order 12",
         .fields = &(struct kept_field){.name = "name", .value = world_text("Li")}, .field_count = 1);
    const uint32_t number = ASKED(&w, .purpose = "service", .recipient = "courier", .exemption = "demand", ONE(phone), BOSS("kim"));
    ALLOWS(&w, .op = KEPT_OP_APPROVAL_GRANT, .subject = id, .record = number, BOSS("lee"));
    GIVES(&w, KEPT_ALLOW, NONE, .exemption = "demand", .text = "order 12", BOSS("kim"));
    GIVES(&w, KEPT_DENY, APPROVAL, .exemption = "demand", .text = "order 12", BOSS("lee"));
    /* To be read it was not granted. */
    SAYS(&w, KEPT_DENY, KEPT_R_APPROVAL, .op = KEPT_OP_USE, .subject = id, .purpose = "service", .exemption = "demand", .text = "order 12",
         ONE(phone), BOSS("kim"));
    world_down(&w);
}

/* Who is not of age, or may not be. */
static void of_minors(void **state)
{
    static const struct {
        const char *age, *born;
        bool needed;
    } all[] = {{"age: {unknown: deny, bands: [{from: 0, below: 18, mode: block}, {from: 18, mode: self}]}\n" PLAIN, "2015-01-01", true},
               {"age: {unknown: deny, bands: [{from: 0, below: 18, mode: block}, {from: 18, mode: self}]}\n" PLAIN, "1990-01-01", false},
               {"age: {unknown: deny, bands: [{from: 0, below: 18, mode: block}, {from: 18, mode: self}]}\n" PLAIN, NULL, true},
               {"age: {unknown: allow, bands: [{from: 0, below: 18, mode: block}, {from: 18, mode: self}]}\n" PLAIN, NULL, false}};
    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        char *text = world_policy("shop", 1, "    raw: [note]\n", "    raw: [note]\n    approval: {for: minors, clause: T-46}\n");
        struct world w;
        text = edit(text, PLAIN, all[i].age);
        world_up(&w);
        ALLOWS(&w, .op = KEPT_OP_POLICY_PUBLISH, .text = text);
        free(text);
        w.app = "shop";
        struct kept_reply *reply = ASK(&w, .op = KEPT_OP_SUBJECT_NEW, .birth_date = all[i].born);
        const struct kept_id id = reply->subject;
        kept_reply_free(reply);
        reply = ASK(&w, .op = KEPT_OP_USE, .subject = id, .purpose = "service", ONE(phone), BY("clerk-7"));
        if ((reply->reason == KEPT_R_APPROVAL) != all[i].needed)
            fail_msg("%zu: %s", i, kept_reason_name(reply->reason));
        kept_reply_free(reply);
        world_down(&w);
    }
}

static void what_it_must_say(void **state)
{
    char much[KEPT_MAX_APPROVAL_BECAUSE + 2];
    struct kept_field many[KEPT_APPROVAL_ITEMS + 1];
    const struct kept_field none = {.name = "no-such-item"};
    struct world w;
    (void)state;
    struct kept_id id = up(&w, "{}", PLAIN);
    memset(much, 'a', sizeof much);
    much[sizeof much - 1] = 0;
    for (size_t i = 0; i < KEPT_APPROVAL_ITEMS + 1; i++)
        many[i] = phone;
#define WRONG(code, ...) FAILS(&w, code, .op = KEPT_OP_APPROVAL_ASK, .subject = id, __VA_ARGS__)
    WRONG(KEPT_E_USAGE, .purpose = "service", ONE(phone));
    WRONG(KEPT_E_USAGE, .purpose = "service", .text = much, ONE(phone));
    WRONG(KEPT_E_USAGE, .purpose = "service", .text = "case 7");
    WRONG(KEPT_E_USAGE, .purpose = "service", .text = "case 7", .fields = many, .field_count = KEPT_APPROVAL_ITEMS + 1);
    WRONG(KEPT_E_USAGE, .text = "case 7", ONE(phone));
    WRONG(KEPT_E_USAGE, .purpose = "no-such", .text = "case 7", ONE(phone));
    WRONG(KEPT_E_USAGE, .purpose = "service", .recipient = "no-such", .text = "case 7", ONE(phone));
    WRONG(KEPT_E_USAGE, .purpose = "service", .text = "case 7", ONE(phone), .expires = w.now);
    WRONG(KEPT_E_USAGE, .purpose = "service", .text = "case 7", ONE(phone), .expires = w.now + KEPT_APPROVAL_DAYS * KEPT_DAY + 1);
    WRONG(KEPT_E_NOTFOUND, .purpose = "service", .text = "case 7", ONE(none));
    much[KEPT_MAX_APPROVAL_BECAUSE] = 0;
    const uint32_t number = number_of(ASK(&w, .op = KEPT_OP_APPROVAL_ASK, .subject = id, .purpose = "service", .text = much, .fields = many,
                                          .field_count = KEPT_APPROVAL_ITEMS, .expires = w.now + KEPT_APPROVAL_DAYS * KEPT_DAY));
    FAILS(&w, KEPT_E_NOTFOUND, .op = KEPT_OP_APPROVAL_GRANT, .subject = id, .record = number ^ 1, BOSS("boss"));
    FAILS(&w, KEPT_E_NOTFOUND, .op = KEPT_OP_APPROVAL_GRANT, .subject = world_person(&w), .record = number, BOSS("boss"));
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_APPROVAL_GRANT, .subject = id, .record = number, ONE(name), BOSS("boss"));
    ALLOWS(&w, .op = KEPT_OP_APPROVAL_GRANT, .subject = id, .record = number, BOSS("boss")); /* none of those spoilt it */
    REFUSED(&w, ONE(phone), BY("app")); /* asked for by the app, not in this role */
    world_down(&w);
}

/* So many of one who asks; and with the person they go. */
static void they_are_few_and_go_with_the_person(void **state)
{
    struct world w;
    (void)state;
    struct kept_id id = up(&w, "{}", PLAIN);
    for (unsigned i = 0; i < KEPT_MAX_APPROVALS_OF; i++)
        (void)ASKED(&w, .purpose = "service", ONE(phone), BY("clerk-7"));
    FAILS(&w, KEPT_E_USAGE, .op = (enum kept_op)(KEPT_OP_COUNT + 1)); /* which was never looked up, and settles nothing */
    FAILS(&w, KEPT_E_LIMIT, .op = KEPT_OP_APPROVAL_ASK, .subject = id, .purpose = "service", .text = "case 7", ONE(phone), BY("clerk-7"));
    (void)ASKED(&w, .purpose = "service", ONE(phone), BY("clerk-8"));
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id);
    for (unsigned i = 0; i < 2; i++) {
        struct kept_reply *reply = ASK(&w, .op = KEPT_OP_APPROVAL_LIST, BOSS("boss"));
        assert_string_equal(reply->json, "{\"approvals\":[]}");
        kept_reply_free(reply);
        world_reopen(&w);
    }
    id = world_person(&w);
    (void)ASKED(&w, .purpose = "service", ONE(phone), BY("clerk-7"));
    world_down(&w);
}

/* Over the network the word of a person of staff counts, and no service's. */
static void who_grants_has_shown_who_they_are(void **state)
{
    struct world w;
    char service[SELF_TOKEN], code[7], first[KEPT_FIRST_PASSWORD], token[SELF_TOKEN];
    uint8_t secret[KEPT_TOTP_SECRET];
    (void)state;
    struct kept_id id = up(&w, "{}", PLAIN);
    const uint32_t number = ASKED(&w, .purpose = "service", ONE(phone), BY("clerk-7"));
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_CALLER_ADD, .caller = &(struct kept_caller){.name = "desk", .roles = "officer"});
    (void)snprintf(service, sizeof service, "%.77s", strstr(reply->json, "kept_"));
    kept_reply_free(reply);
    reply = as(&w, service, (struct kept_request){.op = KEPT_OP_APPROVAL_GRANT, .subject = id, .record = number, .actor = "anybody"});
    assert_int_equal(reply->reason, KEPT_R_APPROVAL);
    kept_reply_free(reply);
    reply = ASK(&w, .op = KEPT_OP_CALLER_ADD, .caller = &(struct kept_caller){.name = "lee", .roles = "officer,support", .staff = 1});
    staff_told(reply->json, secret, first);
    kept_reply_free(reply);
    assert_int_equal(kept_totp(secret, (uint64_t)(w.now / 30000), code), 0);
    reply = self_ask(&w, NULL, &(struct kept_request){.op = KEPT_OP_SESSION_OPEN, .secret = code,
                     .caller = &(struct kept_caller){.name = "lee", .password = first, .new_password = "a sentence nobody says"}});
    (void)snprintf(token, sizeof token, "%.77s", strstr(reply->json, "kses_"));
    kept_reply_free(reply);
    reply = as(&w, token, (struct kept_request){.op = KEPT_OP_APPROVAL_GRANT, .subject = id, .record = number});
    assert_int_equal(reply->decision, KEPT_ALLOW);
    kept_reply_free(reply);
    USED(&w, KEPT_MASK, MASKED, ONE(phone), BY("clerk-7"));
    /* In two roles nobody is two. */
    const uint32_t own = number_of(as(&w, token, (struct kept_request){.op = KEPT_OP_APPROVAL_ASK, .role = "support", .subject = id, .text = "case 8",
                                                                        .purpose = "service", ONE(phone)}));
    reply = as(&w, token, (struct kept_request){.op = KEPT_OP_APPROVAL_GRANT, .subject = id, .record = own});
    assert_int_equal(reply->reason, KEPT_R_APPROVAL);
    kept_reply_free(reply);
    ALLOWS(&w, .op = KEPT_OP_APPROVAL_GRANT, .subject = id, .record = own, BOSS("boss"));
    reply = as(&w, token, (struct kept_request){.op = KEPT_OP_USE, .role = "support", .subject = id, .purpose = "service", ONE(phone)});
    assert_int_equal(reply->decision, KEPT_MASK);
    kept_reply_free(reply);
    /* Who left, and who comes under that name. */
    ALLOWS(&w, .op = KEPT_OP_CALLER_REVOKE, .caller = &(struct kept_caller){.name = "lee"});
    w.now += 1;
    reply = ASK(&w, .op = KEPT_OP_CALLER_ADD, .caller = &(struct kept_caller){.name = "lee", .roles = "support"});
    (void)snprintf(service, sizeof service, "%.77s", strstr(reply->json, "kept_"));
    kept_reply_free(reply);
    reply = as(&w, service, (struct kept_request){.op = KEPT_OP_USE, .subject = id, .purpose = "service", ONE(phone)});
    assert_int_equal(reply->reason, KEPT_R_APPROVAL);
    kept_reply_free(reply);
    world_down(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_until_another_approved), cmocka_unit_test(a_part_and_a_no),
                                       cmocka_unit_test(a_ground_that_two_must_see), cmocka_unit_test(of_minors),
                                       cmocka_unit_test(what_it_must_say), cmocka_unit_test(they_are_few_and_go_with_the_person),
                                       cmocka_unit_test(who_grants_has_shown_who_they_are)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
