/* test_roles.c - who may call what, and what the ledger says of it: the refusals are made from the
 * table of operations itself, so that an operation without a refusal cannot be added. */
#include "../aid/world.h"
#include "requests.h"

enum { APP = 1, STAFF = 2, PERSON = 4, VISITOR = 8, CHANGE = 1, SUBJECT = 2, ERASED = 4, SOLO = 8, NAMED = 16 };

static const struct {
    enum kept_op op;
    const char *name;
    unsigned who, flags;
} table[] = {
#define OP(op, name, who, flags, help) {KEPT_OP_##op, name, who, flags},
#include "engine/ops.def"
#undef OP
};
#define ROWS (sizeof table / sizeof table[0])

static void is_refused(struct world *w, const struct kept_request *r, const char *name)
{
    uint64_t before = world_number(w, "ledger_entries");
    struct kept_reply *reply = NULL;
    int rc = kept_call(w->kept, r, &reply, &w->err);
    if (rc != 0)
        fail_msg("%s as %s: %d %s", name, r->role, rc, w->err.text);
    if (reply->decision != KEPT_DENY || reply->reason != KEPT_R_OPERATION)
        fail_msg("%s as %s: %d %s", name, r->role == NULL ? "the app" : r->role,
                 (int)reply->decision, kept_reason_name(reply->reason));
    assert_int_equal(reply->field_count, 0);
    assert_null(reply->json);
    kept_reply_free(reply);
    uint64_t after = world_number(w, "ledger_entries");
    if (after != before + 2) /* the refusal, and the question before it */
        fail_msg("%s: a refusal leaves %d entries", name, (int)(after - before) - 1);
}

static void test_every_operation_has_a_refusal(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    assert_int_equal(ROWS, KEPT_OP_COUNT - 1);
    struct kept_id id = world_person(&w);
    world_put(&w, id, "account", "phone", "13800138000");
    const struct kept_field phone = world_field("phone", "13800138000");
    char *text = world_policy("shop", 2, NULL, NULL);
    for (size_t i = 0; i < ROWS; i++) {
        struct kept_request r = right(table[i].op, id, &phone, text);
        assert_string_equal(kept_op_name(table[i].op), table[i].name);
        r.role = "visitor"; /* a role that may do nothing */
        is_refused(&w, &r, table[i].name);
        r.role = "no-such-role";
        is_refused(&w, &r, table[i].name);
        r.role = "officer"; /* may do much, but not what is the app's alone */
        if ((table[i].who & STAFF) == 0)
            is_refused(&w, &r, table[i].name);
        r.role = NULL;
        if ((table[i].who & APP) == 0)
            is_refused(&w, &r, table[i].name);
    }
    READS(&w, id, "phone", "service", "13800138000"); /* and nothing happened */
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_AUDIT, .role = "officer", .text = "mallory");
    assert_true(world_json_count(reply, "\"reason\":\"OPERATION\"") >= 2 * ROWS);
    assert_int_equal(world_json_count(reply, "\"decision\":\"allow\""), 0);
    kept_reply_free(reply);
    free(text);
    world_down(&w);
}

static void test_every_operation_leaves_one_entry(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    const struct kept_field phone = world_field("phone", "13800138000");
    for (size_t i = 0; i < ROWS; i++) {
        struct kept_id id = world_person(&w);
        char *text = world_policy("shop", 2 + (unsigned)i, NULL, NULL);
        world_put(&w, id, "account", "phone", "13800138000");
        struct kept_request r = right(table[i].op, id, &phone, text);
        if (r.op == KEPT_OP_AUDIT)
            r.role = "officer";
        /* It ends everything: test_order has it. Guardians: test_agree; the shop has no address book:
         * test_contacts; no accounts: test_account, test_elsewhere; no logs: test_logs; no children: test_minors; no
         * orders: test_orders; no staff: test_attest, test_approve. */
        if ((r.op >= KEPT_OP_ACCOUNT_BEGIN && r.op <= KEPT_OP_APPROVAL_LIST && r.op != KEPT_OP_ACCOUNT_SHOW && r.op != KEPT_OP_ORDER_LIST && r.op != KEPT_OP_PROVIDER_LIST) ||
            r.op == KEPT_OP_SERVICE_CEASE || r.op == KEPT_OP_GUARDIAN_ADD ||
            r.op == KEPT_OP_GUARDIAN_REVOKE || r.op == KEPT_OP_CONTACTS) {
            free(text);
            continue;
        }
        if (r.op == KEPT_OP_TICK) /* writes an entry when there was something to do */
            ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id);
        uint64_t before = world_number(&w, "ledger_entries");
        struct kept_reply *reply = world_ask(&w, &r);
        if (reply->decision != KEPT_ALLOW)
            fail_msg("%s: %s", table[i].name, kept_reason_name(reply->reason));
        kept_reply_free(reply);
        uint64_t after = world_number(&w, "ledger_entries");
        if (after != before + 2)
            fail_msg("%s leaves %d entries", table[i].name, (int)(after - before) - 1);
        free(text);
    }
    world_down(&w);
}

static void test_masks_and_raw_values(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    world_put(&w, id, "account", "phone", "13800138000");
    world_put(&w, id, "notes", "note", "call me");
    const struct kept_field fields[] = {{.name = "phone"}, {.name = "note"}};
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_USE, .subject = id, .role = "support",
                                   .purpose = "service", .fields = fields, .field_count = 2);
    assert_int_equal(reply->field_count, 2);
    assert_int_equal(reply->fields[0].decision, KEPT_MASK);
    assert_int_equal(reply->fields[0].value.n, 11);
    assert_memory_not_equal(reply->fields[0].value.p, "13800138000", 11);
    assert_int_equal(reply->fields[1].decision, KEPT_ALLOW);
    assert_memory_equal(reply->fields[1].value.p, "call me", 7);
    assert_int_equal(reply->decision, KEPT_ALLOW);
    kept_reply_free(reply);
    SAYS(&w, KEPT_DENY, KEPT_R_ROLE, .op = KEPT_OP_USE, .subject = id, .role = "support",
         .purpose = "ads", .fields = fields, .field_count = 1);
    const struct kept_field badge = {.name = "badge"};
    SAYS(&w, KEPT_DENY, KEPT_R_ROLE, .op = KEPT_OP_USE, .subject = id, .role = "support",
         .purpose = "service", .fields = &badge, .field_count = 1);
    world_down(&w);
}

/* ---- trail and audit ------------------------------------------------------------------------- */

static void test_a_trail_is_all_and_only_ones_own(void **state)
{
    struct world w;
    char hex[33];
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w), other = world_person(&w);
    world_put(&w, id, "account", "phone", "13800138000");
    world_put(&w, other, "notes", "note", "other");
    for (int i = 0; i < 5; i++) {
        const struct kept_field phone = {.name = "phone"};
        ALLOWS(&w, .op = KEPT_OP_USE, .subject = id, .role = "officer", .actor = "clerk-7",
               .purpose = "service", .fields = &phone, .field_count = 1);
        SAYS(&w, KEPT_DENY, KEPT_R_NO_VALUE, .op = KEPT_OP_USE, .subject = other,
             .role = "officer", .actor = "clerk-8", .purpose = "service", .fields = &phone,
             .field_count = 1);
    }
    ALLOWS(&w, .op = KEPT_OP_DISCLOSE, .subject = id, .purpose = "service",
           .recipient = "courier",
           .fields = &(struct kept_field){.name = "phone"}, .field_count = 1);
    for (int reopened = 0; reopened < 2; reopened++) {
        struct kept_reply *reply = ASK(&w, .op = KEPT_OP_TRAIL, .subject = id);
        /* new, acknowledge, two grants, collect, five reads, disclose; and earlier questions */
        assert_int_equal(world_json_count(reply, "\"operation\""), 11 + (size_t)reopened);
        assert_int_equal(world_json_count(reply, "\"actor\":\"clerk-7\""), 5);
        assert_int_equal(world_json_count(reply, "clerk-8"), 0);
        assert_int_equal(world_json_count(reply, "\"recipient\":\"courier\""), 1);
        assert_int_equal(world_json_count(reply, "\"scope\":\"notes\""), 1);
        assert_true(world_json_has(reply, "\"unreadable\":0"));
        assert_false(world_json_has(reply, "13800138000"));
        kept_reply_free(reply);
        world_reopen(&w);
    }
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_AUDIT, .role = "officer", .text = "clerk-7");
    assert_int_equal(world_json_count(reply, "\"operation\":\"use\""), 5);
    assert_int_equal(world_json_count(reply, "\"role\":\"officer\""), 5);
    assert_int_equal(world_json_count(reply, "\"items\":[{\"item\":\"phone\",\"decision\":\"allow\"}]"),
                     5);
    assert_int_equal(world_json_count(reply, "\"purpose\":\"service\""), 5);
    kept_id_hex(&id, hex);
    assert_false(world_json_has(reply, hex)); /* what was done, not to whom */
    kept_reply_free(reply);
    /* The evidence outlives the person. */
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id);
    ALLOWS(&w, .op = KEPT_OP_TICK);
    reply = ASK(&w, .op = KEPT_OP_TRAIL, .subject = id);
    assert_int_equal(world_json_count(reply, "\"actor\":\"clerk-7\""), 5);
    assert_int_equal(world_json_count(reply, "\"operation\":\"erase.subject\""), 1);
    kept_reply_free(reply);
    world_down(&w);
}

static void test_why(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_WHY, .subject = id, .item = "health",
                                   .purpose = "care", .function = "caring");
    assert_true(world_json_has(reply, "\"clause\":\"T-22\""));
    assert_int_equal(world_json_count(reply, "\"decision\":\"deny\""), 2);
    kept_reply_free(reply);
    reply = ASK(&w, .op = KEPT_OP_WHY, .subject = id, .item = "phone", .purpose = "service",
                .function = "account", .recipient = "courier");
    assert_int_equal(world_json_count(reply, "\"decision\":\"allow\""), 3);
    kept_reply_free(reply);
    world_down(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_operation_has_a_refusal),
        cmocka_unit_test(test_every_operation_leaves_one_entry),
        cmocka_unit_test(test_masks_and_raw_values),
        cmocka_unit_test(test_a_trail_is_all_and_only_ones_own),
        cmocka_unit_test(test_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
