/* test_contacts.c - an address book meets members who may be found: by the policy's leave on both sides,
 * so many a day, and nothing is learnt or kept of anybody else. */
#include "../aid/world.h"

#include "base/limits.h"
#include "engine/admin.h"

static const char items[] =
    "  book:\n"
    "    {text: {en: contacts, zh: 通讯录}, kind: phone, information: contacts, source: user, "
    "place: transient, match: phone, found_through: findable, match_limit: 5, clause: T-50}\n"
    "\nfunctions:\n"
    "  meeting:\n"
    "    {text: {en: finds friends, zh: 找朋友}, kind: extended, consent: explicit, purposes: [service], "
    "optional: [book], permissions: [camera], refusing_costs: {en: None., zh: 无。}, clause: T-51}\n"
    "  findable:\n"
    "    {text: {en: be found, zh: 可被找到}, kind: extended, consent: explicit, purposes: [service], "
    "optional: [phone], refusing_costs: {en: None., zh: 无。}, clause: T-52}\n";

/* text with a piece of it replaced; text is freed. */
static char *edit(char *text, const char *from, const char *to)
{
    char *at = strstr(text, from);
    assert_non_null(at);
    size_t n = strlen(text) + strlen(to) + 1;
    char *out = calloc(1, n);
    (void)snprintf(out, n, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    free(text);
    return out;
}

static char *policy(unsigned version)
{
    return edit(world_policy("shop", version, "\nfunctions:\n", items), "rotate, tick, stat,",
                "rotate, tick, stat, contacts,");
}

static void up(struct world *w)
{
    world_up(w);
    char *text = policy(1);
    kept_reply_free(ASK(w, .op = KEPT_OP_POLICY_PUBLISH, .text = text));
    free(text);
}

/* Somebody with a number, who may be found or not. */
static struct kept_id member(struct world *w, const char *phone, bool findable)
{
    struct kept_id id = world_person(w);
    world_put(w, id, "account", "phone", phone);
    if (findable)
        world_agree(w, id, "findable", KEPT_C_EXPLICIT);
    return id;
}

static struct kept_id asker(struct world *w)
{
    struct kept_id id = member(w, "13900000000", true);
    world_agree(w, id, "meeting", KEPT_C_EXPLICIT);
    kept_reply_free(ASK(w, .op = KEPT_OP_PERMISSION_SET, .subject = id, .permission = "camera",
                        .on = 1));
    return id;
}

static struct kept_request step(struct kept_id id, const struct kept_field *fields, size_t n)
{
    return (struct kept_request){.op = KEPT_OP_CONTACTS, .app = "shop", .subject = id,
                                 .function = "meeting", .purpose = "service", .fields = fields,
                                 .field_count = n};
}

/* Both steps for one number. Who was found; zero: nobody. */
static struct kept_id find(struct world *w, struct kept_id id, const char *phone)
{
    uint8_t blind[32], element[32], output[64];
    struct kept_id found = {{0}};
    assert_int_equal(kept_contact_blind("phone", world_text(phone), blind, element, &w->err), 0);
    const struct kept_field one = {.name = "book", .value = {element, 32}};
    struct kept_request r = step(id, &one, 1);
    struct kept_reply *reply = world_ask(w, &r);
    if (reply->decision != KEPT_ALLOW || reply->fields[0].value.n != 32)
        fail_msg("evaluating: %s", kept_reason_name(reply->reason));
    assert_int_equal(kept_contact_finish("phone", world_text(phone), blind, reply->fields[0].value.p,
                                         output, &w->err), 0);
    kept_reply_free(reply);
    const struct kept_field two = {.name = "book", .value = {output, 64}};
    r = step(id, &two, 1);
    reply = world_ask(w, &r);
    assert_int_equal(reply->field_count, 1);
    if (reply->fields[0].decision == KEPT_ALLOW) {
        assert_int_equal(reply->fields[0].value.n, sizeof found);
        memcpy(found.b, reply->fields[0].value.p, sizeof found);
    } else {
        assert_int_equal(reply->fields[0].reason, KEPT_R_NO_VALUE);
        assert_int_equal(reply->fields[0].value.n, 0);
    }
    kept_reply_free(reply);
    return found;
}

static bool same(struct kept_id a, struct kept_id b)
{
    return memcmp(a.b, b.b, sizeof a) == 0;
}

static void next_day(struct world *w)
{
    w->now += KEPT_DAY;
}

static void refuses(struct world *w, struct kept_id id, enum kept_reason reason)
{
    uint8_t blind[32], element[32];
    assert_int_equal(kept_contact_blind("phone", world_text("13811112222"), blind, element, &w->err), 0);
    const struct kept_field one = {.name = "book", .value = {element, 32}};
    const struct kept_request r = step(id, &one, 1);
    struct kept_reply *reply = world_ask(w, &r);
    if (reply->reason != reason)
        fail_msg("%s, not %s", kept_reason_name(reply->reason), kept_reason_name(reason));
    assert_int_equal(reply->decision, KEPT_DENY);
    assert_int_equal(reply->fields[0].value.n, 0);
    kept_reply_free(reply);
}

static void test_members_who_agreed_are_found(void **state)
{
    static const struct kept_id nobody;
    struct world w;
    (void)state;
    up(&w);
    struct kept_id id = asker(&w), friend = member(&w, "13811112222", true);
    (void)member(&w, "13833334444", false);
    assert_true(same(find(&w, id, "13811112222"), friend));
    assert_true(same(find(&w, id, "+86 138 1111 2222"), friend)); /* two spellings of one number */
    assert_true(same(find(&w, id, "13833334444"), nobody));       /* a member, who did not agree */
    assert_true(same(find(&w, id, "13855556666"), nobody));       /* no member at all */
    assert_true(same(find(&w, id, "13900000000"), nobody));       /* oneself */
    next_day(&w);
    kept_reply_free(ASK(&w, .op = KEPT_OP_CONSENT_WITHDRAW, .subject = friend, .function = "findable"));
    assert_true(same(find(&w, id, "13811112222"), nobody));
    world_agree(&w, friend, "findable", KEPT_C_EXPLICIT);
    assert_true(same(find(&w, id, "13811112222"), friend));
    world_check(&w);
    /* The keys of look-up tokens turn over: still found. */
    kept_reply_free(ASK(&w, .op = KEPT_OP_ROTATE, .text = "tokens"));
    kept_reply_free(ASK(&w, .op = KEPT_OP_TICK));
    kept_reply_free(ASK(&w, .op = KEPT_OP_TICK));
    assert_true(same(find(&w, id, "13811112222"), friend));
    world_reopen(&w);
    world_check(&w);
    /* Another number: the former finds nobody. */
    world_put(&w, friend, "account", "phone", "13877778888");
    assert_true(same(find(&w, id, "13811112222"), nobody));
    assert_true(same(find(&w, id, "13877778888"), friend));
    next_day(&w);
    kept_reply_free(ASK(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = friend));
    assert_true(same(find(&w, id, "13877778888"), nobody));
    kept_reply_free(ASK(&w, .op = KEPT_OP_TICK));
    assert_true(same(find(&w, id, "13877778888"), nobody));
    world_check(&w);
    world_down(&w);
}

static void test_who_asks_needs_leave_too(void **state)
{
    struct world w;
    (void)state;
    up(&w);
    struct kept_id id = world_person(&w);
    refuses(&w, id, KEPT_R_PERMISSION);
    kept_reply_free(ASK(&w, .op = KEPT_OP_PERMISSION_SET, .subject = id, .permission = "camera",
                        .on = 1));
    refuses(&w, id, KEPT_R_NEEDS_CONSENT);
    world_agree(&w, id, "meeting", KEPT_C_EXPLICIT);
    uint64_t entries = world_number(&w, "ledger_entries");
    (void)find(&w, id, "13811112222");
    assert_int_equal(world_number(&w, "ledger_entries"), entries + 3); /* one a step, and the STAT's */
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_TRAIL, .subject = id);
    assert_true(world_json_has(reply, "\"operation\":\"contacts\""));
    assert_true(world_json_has(reply, "\"item\":\"book\""));
    kept_reply_free(reply);
    /* Collected it is not, in any form. */
    SAYS(&w, KEPT_DENY, KEPT_R_TRANSIENT, .op = KEPT_OP_COLLECT, .subject = id, .function = "meeting",
         .fields = &(const struct kept_field){.name = "book", .value = world_text("13811112222")},
         .field_count = 1);
    /* Another item has no book's rule, whatever is sent. */
    uint8_t bytes[64] = {0};
    const struct kept_field phone = {.name = "phone", .value = {bytes, 32}};
    struct kept_request r = step(id, &phone, 1);
    r.function = "account";
    reply = world_ask(&w, &r);
    assert_int_equal(reply->reason, KEPT_R_NOT_SEARCHABLE);
    kept_reply_free(reply);
    r = step(id, &phone, 1);
    r.role = "officer";
    reply = world_ask(&w, &r);
    assert_int_equal(reply->reason, KEPT_R_OPERATION);
    kept_reply_free(reply);
    kept_reply_free(ASK(&w, .op = KEPT_OP_CONSENT_WITHDRAW, .subject = id, .function = "meeting"));
    refuses(&w, id, KEPT_R_WITHDRAWN);
    world_down(&w);
}

static void test_so_many_a_day(void **state)
{
    struct world w;
    (void)state;
    up(&w);
    struct kept_id id = asker(&w), other = asker(&w);
    for (int i = 0; i < 5; i++)
        (void)find(&w, id, "13811112222");
    refuses(&w, id, KEPT_R_LIMIT);
    world_reopen(&w); /* and no restart forgets it */
    refuses(&w, id, KEPT_R_LIMIT);
    (void)find(&w, other, "13811112222"); /* each their own */
    next_day(&w);
    for (int i = 0; i < 5; i++)
        (void)find(&w, id, "13811112222");
    refuses(&w, id, KEPT_R_LIMIT);
    /* More at once than a day has: none of them, and none is counted. */
    next_day(&w);
    uint8_t blind[32], element[32];
    struct kept_field six[6];
    assert_int_equal(kept_contact_blind("phone", world_text("13811112222"), blind, element, &w.err), 0);
    for (size_t i = 0; i < 6; i++)
        six[i] = (struct kept_field){.name = "book", .value = {element, 32}};
    struct kept_request r = step(id, six, 6);
    struct kept_reply *reply = world_ask(&w, &r);
    assert_int_equal(reply->reason, KEPT_R_LIMIT);
    kept_reply_free(reply);
    r = step(id, six, 5);
    reply = world_ask(&w, &r);
    assert_int_equal(reply->decision, KEPT_ALLOW);
    assert_int_equal(reply->field_count, 5);
    kept_reply_free(reply);
    world_down(&w);
}

static void test_what_is_no_entry(void **state)
{
    struct world w;
    uint8_t bytes[64], blind[32], element[32];
    (void)state;
    up(&w);
    struct kept_id id = asker(&w);
    memset(bytes, 0xff, sizeof bytes);
    const struct kept_field bad[] = {{.name = "book", .value = {bytes, 32}},
                                     {.name = "book", .value = {bytes, 64}},
                                     {.name = "book", .value = {bytes, 31}}};
    struct kept_request r = step(id, bad, 1);
    world_fails(&w, KEPT_E_USAGE, &r); /* no element */
    r = step(id, bad, 2);
    world_fails(&w, KEPT_E_USAGE, &r); /* two steps */
    r = step(id, &bad[2], 1);
    world_fails(&w, KEPT_E_USAGE, &r);
    r = step(id, bad, 0);
    world_fails(&w, KEPT_E_USAGE, &r);
    r = step(id, &bad[1], 1);
    r.purpose = NULL;
    world_fails(&w, KEPT_E_USAGE, &r);
    /* An output that is none finds nobody; what failed counts for nothing. */
    r = step(id, &bad[1], 1);
    struct kept_reply *reply = world_ask(&w, &r);
    assert_int_equal(reply->fields[0].reason, KEPT_R_NO_VALUE);
    kept_reply_free(reply);
    for (int i = 0; i < 5; i++)
        (void)find(&w, id, "13811112222");
    assert_int_equal(kept_contact_blind("phone", world_text("1381111"), blind, element, &w.err),
                     KEPT_E_USAGE);
    assert_null(strstr(w.err.text, "1381111"));
    assert_int_equal(kept_contact_blind("hat", world_text("13811112222"), blind, element, &w.err),
                     KEPT_E_USAGE);
    assert_int_equal(kept_contact_finish("phone", world_text("13811112222"), element, bytes, bytes,
                                         &w.err), KEPT_E_USAGE);
    world_down(&w);
}

/* Of who is no member, and of what was asked, nothing is in any file. */
static void test_nothing_is_kept_of_others(void **state)
{
    struct world w;
    uint8_t blind[32], element[32], output[64];
    (void)state;
    up(&w);
    struct kept_id id = asker(&w);
    int64_t rows = world_sql_number(&w, "SELECT count(*) FROM token");
    assert_int_equal(rows, 2); /* the asker's own: found by it, and met */
    assert_int_equal(kept_contact_blind("phone", world_text("13811112222"), blind, element, &w.err), 0);
    const struct kept_field one = {.name = "book", .value = {element, 32}};
    struct kept_request r = step(id, &one, 1);
    struct kept_reply *reply = world_ask(&w, &r);
    assert_int_equal(kept_contact_finish("phone", world_text("13811112222"), blind,
                                         reply->fields[0].value.p, output, &w.err), 0);
    uint8_t evaluated[32];
    memcpy(evaluated, reply->fields[0].value.p, 32);
    kept_reply_free(reply);
    const struct kept_field two = {.name = "book", .value = {output, 64}};
    r = step(id, &two, 1);
    kept_reply_free(world_ask(&w, &r));
    world_close(&w);
    assert_int_equal(world_files_with(&w, "13811112222", 11), 0);
    assert_int_equal(world_files_with(&w, element, 16), 0);
    assert_int_equal(world_files_with(&w, evaluated, 16), 0);
    assert_int_equal(world_files_with(&w, output, 16), 0);
    world_open(&w);
    assert_int_equal(world_sql_number(&w, "SELECT count(*) FROM token"), rows);
    world_down(&w);
}

/* Members from before the policy had address books are met once their tokens are made anew. */
static void test_a_policy_that_comes_to_it_later(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id early = world_person(&w);
    world_put(&w, early, "account", "phone", "13811112222");
    char *text = policy(2);
    kept_reply_free(ASK(&w, .op = KEPT_OP_POLICY_PUBLISH, .text = text));
    free(text);
    struct kept_id id = asker(&w), late = member(&w, "13833334444", true);
    assert_true(same(find(&w, id, "13833334444"), late));
    assert_false(same(find(&w, id, "13811112222"), early)); /* under the first policy: not to be found */
    world_check(&w);
    world_down(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members_who_agreed_are_found),
        cmocka_unit_test(test_who_asks_needs_leave_too),
        cmocka_unit_test(test_so_many_a_day),
        cmocka_unit_test(test_what_is_no_entry),
        cmocka_unit_test(test_nothing_is_kept_of_others),
        cmocka_unit_test(test_a_policy_that_comes_to_it_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
