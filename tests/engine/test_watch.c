/* test_watch.c - who of staff reads unusually much: counted by member and role, told once a window, whatever else goes on. */
#include "../aid/world.h"
#include "base/limits.h"

#define ALARM "    alarm: {reads: 3, within: 2 hours, clause: T-45}\n"

static struct kept_id up(struct world *w)
{
    char *text = world_policy("shop", 1, "    raw: [note]\n", "    raw: [note]\n" ALARM);
    world_up(w);
    ALLOWS(w, .op = KEPT_OP_POLICY_PUBLISH, .text = text);
    free(text);
    w->app = "shop";
    struct kept_id id = world_person(w);
    world_put(w, id, "account", "phone", "13800138000");
    return id;
}

static void reads(struct world *w, struct kept_id id, const char *actor, const char *role, unsigned times)
{
    const struct kept_field phone = {.name = "phone"};
    for (unsigned i = 0; i < times; i++)
        kept_reply_free(ASK(w, .op = KEPT_OP_USE, .actor = actor, .role = role, .subject = id, .purpose = "service", .fields = &phone,
                            .field_count = 1));
}

static void told(struct world *w, unsigned times)
{
    assert_int_equal(world_number(w, "alarms_told"), times);
    struct kept_reply *reply = ASK(w, .op = KEPT_OP_AUDIT, .role = "officer", .text = "kept");
    assert_int_equal(world_json_count(reply, "\"operation\":\"alarm\""), times);
    kept_reply_free(reply);
}

static void one_too_many_is_told_once(void **state)
{
    struct world w;
    (void)state;
    struct kept_id id = up(&w);
    reads(&w, id, "clerk-7", "support", 3);
    reads(&w, id, "clerk-8", "support", 3);
    reads(&w, id, "clerk-7", "officer", 9); /* of that role nothing is said */
    reads(&w, id, "clerk-7", "", 9);
    told(&w, 0);
    reads(&w, id, "clerk-7", "support", 1);
    told(&w, 1);
    assert_int_equal(world_audit_has(&w, "clerk-7 read of people more than 3 times within 120 minutes"), 1);
    reads(&w, id, "clerk-7", "support", 20);
    told(&w, 1);
    reads(&w, id, "clerk-8", "support", 1);
    told(&w, 2);
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_STAT);
    assert_true(world_json_has(reply, "{\"who\":\"clerk-7\",\"role\":\"support\",\"reads\":24,\"more_than\":3,"));
    kept_reply_free(reply);
    /* The next window; to the instant. */
    w.now += 2 * KEPT_HOUR - 1;
    reads(&w, id, "clerk-7", "support", 4);
    told(&w, 2);
    w.now += 1;
    reads(&w, id, "clerk-7", "support", 3);
    told(&w, 2);
    reply = ASK(&w, .op = KEPT_OP_STAT);
    assert_true(world_json_has(reply, "\"alarms\":[]"));
    kept_reply_free(reply);
    reads(&w, id, "clerk-7", "support", 1);
    told(&w, 3);
    /* A restart begins counts anew, and what was told stays. */
    world_reopen(&w);
    assert_int_equal(world_number(&w, "alarms_told"), 0);
    assert_int_equal(world_audit_has(&w, "clerk-7 read of people more than 3"), 2);
    reads(&w, id, "clerk-7", "support", 4);
    assert_int_equal(world_number(&w, "alarms_told"), 1);
    world_down(&w);
}

/* What gives nothing is no read; nor is a request that fails. */
static void what_counts(void **state)
{
    const struct kept_field health = {.name = "health"};
    struct world w;
    (void)state;
    struct kept_id id = up(&w), nobody = {{9}};
    for (unsigned i = 0; i < 9; i++) {
        kept_reply_free(ASK(&w, .op = KEPT_OP_USE, .role = "support", .subject = id, .purpose = "service", .fields = &health, .field_count = 1));
        kept_reply_free(ASK(&w, .op = KEPT_OP_WHY, .role = "support", .subject = id, .item = "phone"));
        FAILS(&w, KEPT_E_NOTFOUND, .op = KEPT_OP_USE, .role = "support", .subject = nobody, .purpose = "service", .fields = &health,
              .field_count = 1);
    }
    told(&w, 0);
    world_down(&w);
}

/* Many at once, by as many threads as there are; and more names than are counted apart. */
static void of_many_at_once(void **state)
{
    enum { MANY = 256 };
    static struct kept_request requests[MANY];
    static struct kept_reply *replies[MANY];
    static char names[MANY][16];
    const struct kept_field phone = {.name = "phone"};
    struct world w;
    (void)state;
    struct kept_id id = up(&w);
    for (unsigned k = 0; k < 3; k++) {
        for (size_t i = 0; i < MANY; i++)
            requests[i] = (struct kept_request){.op = KEPT_OP_USE, .app = "shop", .actor = "clerk-7", .role = "support", .subject = id,
                                                .purpose = "service", .fields = &phone, .field_count = 1};
        assert_int_equal(kept_batch(w.kept, requests, MANY, replies, &w.err), 0);
        for (size_t i = 0; i < MANY; i++) {
            assert_int_equal(replies[i]->decision, KEPT_MASK);
            kept_reply_free(replies[i]);
        }
    }
    told(&w, 1);
    for (unsigned k = 0; k < KEPT_MAX_WATCHED / MANY; k++) {
        for (size_t i = 0; i < MANY; i++) {
            (void)snprintf(names[i], sizeof names[i], "clerk-%zu", k * MANY + i + 1000);
            requests[i].actor = names[i];
        }
        assert_int_equal(kept_batch(w.kept, requests, MANY, replies, &w.err), 0);
        for (size_t i = 0; i < MANY; i++)
            kept_reply_free(replies[i]);
    }
    told(&w, 1); /* one each; two of them had no room */
    reads(&w, id, "clerk-a", "support", 1);
    told(&w, 1);
    reads(&w, id, "clerk-b", "support", 1);
    told(&w, 2);
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_AUDIT, .role = "officer", .text = "kept");
    assert_int_equal(world_json_count(reply, "others read of people more than 3"), 1);
    kept_reply_free(reply);
    reads(&w, id, "clerk-7", "support", 1); /* theirs goes on */
    told(&w, 2);
    world_check(&w);
    world_down(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_too_many_is_told_once), cmocka_unit_test(what_counts),
                                       cmocka_unit_test(of_many_at_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
