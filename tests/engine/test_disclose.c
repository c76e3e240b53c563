/* test_disclose.c - what a recipient gets masked comes masked with the verdict, each record of it; what
 * it gets as it is, and what it may not have, comes as a verdict alone. */
#include "../aid/world.h"

static struct kept_reply *give(struct world *w, struct kept_id id, const char *item, uint32_t record)
{
    const struct kept_field f = {.name = item, .record = record};
    return ASK(w, .op = KEPT_OP_DISCLOSE, .subject = id, .function = "account", .purpose = "service",
               .recipient = "courier", .fields = &f, .field_count = 1);
}

static void is(const struct kept_reply *r, size_t i, enum kept_decision decision, const char *text)
{
    assert_true(i < r->field_count);
    assert_int_equal(r->fields[i].decision, decision);
    assert_int_equal(r->fields[i].value.n, strlen(text));
    if (text[0] != 0)
        assert_memory_equal(r->fields[i].value.p, text, strlen(text));
}

static void test_masked_values_leave_masked(void **state)
{
    struct world w;
    (void)state;
    world_up(&w);
    char *text = world_policy("shop", 1, "items: [phone, name]\n    purposes: [service]",
                              "items: [phone, name, note]\n    masked: [phone, note]\n    purposes: [service]");
    kept_reply_free(ASK(&w, .op = KEPT_OP_POLICY_PUBLISH, .text = text));
    free(text);
    struct kept_id id = world_person(&w);
    world_put(&w, id, "account", "phone", "13800138000");
    world_put(&w, id, "account", "name", "Ada");
    struct kept_reply *r = give(&w, id, "phone", 0);
    assert_int_equal(r->decision, KEPT_MASK);
    is(r, 0, KEPT_MASK, "138****8000");
    assert_int_equal(r->fields[0].record, 1);
    kept_reply_free(r);
    r = give(&w, id, "name", 0); /* as it is: by reading, not by this */
    is(r, 0, KEPT_ALLOW, "");
    kept_reply_free(r);
    r = give(&w, id, "badge", 0); /* not for this recipient */
    is(r, 0, KEPT_DENY, "");
    assert_int_equal(r->reason, KEPT_R_ITEM_NOT_IN_AGREEMENT);
    kept_reply_free(r);
    r = give(&w, id, "phone", 7); /* there is no such record: the verdict alone */
    is(r, 0, KEPT_MASK, "");
    kept_reply_free(r);
    world_put(&w, id, "notes", "note", "one");
    world_put(&w, id, "notes", "note", "two, and longer");
    const struct kept_field note = {.name = "note"};
    r = ASK(&w, .op = KEPT_OP_DISCLOSE, .subject = id, .function = "notes", .purpose = "service",
            .recipient = "courier", .fields = &note, .field_count = 1);
    assert_int_equal(r->field_count, 2); /* each record, ascending, and nothing of its length */
    is(r, 0, KEPT_MASK, "****");
    is(r, 1, KEPT_MASK, "****");
    assert_true(r->fields[0].record < r->fields[1].record);
    kept_reply_free(r);
    kept_reply_free(ASK(&w, .op = KEPT_OP_CONSENT_WITHDRAW, .subject = id, .function = "account"));
    r = give(&w, id, "phone", 0);
    is(r, 0, KEPT_DENY, "");
    kept_reply_free(r);
    kept_reply_free(ASK(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id));
    r = give(&w, id, "phone", 0);
    is(r, 0, KEPT_DENY, "");
    assert_int_equal(r->reason, KEPT_R_ERASED);
    kept_reply_free(r);
    world_down(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_masked_values_leave_masked)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
