/* test_partitions.c - compartments through the pipeline: a version that sets an item apart, what is held
 * already, large values, look-up, rotation, and the end. */
#include "../aid/world.h"

#include "base/limits.h"
#include "base/mem.h"
#include "engine/admin.h"

/* old's place in text is taken by new; text is freed, the result the caller's. */
static char *edit(char *text, const char *old, const char *new)
{
    const char *at = strstr(text, old);
    size_t n = strlen(text) + strlen(new) + 1;
    char *out = malloc(n);
    assert_non_null(at);
    assert_non_null(out);
    (void)snprintf(out, n, "%.*s%s%s", (int)(at - text), text, new, at + strlen(old));
    free(text);
    return out;
}

/* Phone, photo and hashed number of the device are kept apart; the officer reaches them. */
static void set_apart(struct world *w, unsigned version)
{
    char *text = world_policy("shop", version, "\nitems:\n  phone:\n    {",
                              "\npartitions:\n  who: {text: {en: who, zh: 谁}, clause: T-60}\n"
                              "items:\n  phone:\n    {partition: who, ");
    text = edit(text, "  photo:\n    {", "  photo:\n    {partition: who, ");
    text = edit(text, "  imei:\n    {", "  imei:\n    {partition: who, ");
    text = edit(text, "    law: true\n    clause: T-42", "    law: true\n    partitions: [default, who]\n    clause: T-42");
    ALLOWS(w, .op = KEPT_OP_POLICY_PUBLISH, .text = text);
    free(text);
}

/* What the check of the store says of a partition; it finds nothing wrong. */
static void holds(struct world *w, const char *words)
{
    struct kept_buf json;
    uint64_t problems = 1;
    kept_buf_init(&json, 1 << 20);
    assert_int_equal(kept_admin_check(w->kept, &json, &problems, &w->err), 0);
    kept_buf_u8(&json, 0);
    assert_int_equal(problems, 0);
    if (strstr((const char *)json.p, words) == NULL)
        fail_msg("no %s in %s", words, (const char *)json.p);
    kept_buf_release(&json);
}

#define USES(w, decision, reason, who, id, what)                                                   \
    SAYS(w, decision, reason, .op = KEPT_OP_USE, .subject = id, .role = who, .actor = "a",         \
         .purpose = "service", .fields = &(struct kept_field){.name = what}, .field_count = 1)

static void finds(struct world *w, const char *role, enum kept_decision decision, enum kept_reason reason)
{
    const struct kept_field phone = world_field("phone", "13800138000");
    SAYS(w, decision, reason, .op = KEPT_OP_SUBJECT_FIND, .role = role, .actor = "a", .fields = &phone,
         .field_count = 1);
}

static void test_a_version_sets_an_item_apart(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    world_put(&w, id, "account", "phone", "13800138000");
    world_put(&w, id, "account", "name", "Ada");
    USES(&w, KEPT_MASK, KEPT_R_MASKED, "support", id, "phone");
    finds(&w, "support", KEPT_ALLOW, KEPT_R_NONE);
    holds(&w, "\"records_apart\":{}");
    set_apart(&w, 2);
    USES(&w, KEPT_MASK, KEPT_R_MASKED, "support", id, "phone"); /* the version they live under says so */
    finds(&w, "support", KEPT_DENY, KEPT_R_PARTITION);          /* one is looked for under the newest */
    ALLOWS(&w, .op = KEPT_OP_CONSENT_ACKNOWLEDGE, .subject = id, .language = "en");
    USES(&w, KEPT_DENY, KEPT_R_PARTITION, "support", id, "phone");
    USES(&w, KEPT_MASK, KEPT_R_MASKED, "support", id, "name");
    USES(&w, KEPT_ALLOW, KEPT_R_NONE, "officer", id, "phone");
    finds(&w, "officer", KEPT_ALLOW, KEPT_R_NONE);
    READS(&w, id, "phone", "service", "13800138000");
    /* What was held moves when the person's keys are new: something of theirs was erased. */
    holds(&w, "\"records_apart\":{}");
    ALLOWS(&w, .op = KEPT_OP_ERASE_RECORD, .subject = id, .item = "name");
    ALLOWS(&w, .op = KEPT_OP_ROTATE);
    holds(&w, "\"records_apart\":{\"who\":1}");
    READS(&w, id, "phone", "service", "13800138000");
    finds(&w, "officer", KEPT_ALLOW, KEPT_R_NONE);
    finds(&w, "support", KEPT_DENY, KEPT_R_PARTITION);
    world_reopen(&w);
    READS(&w, id, "phone", "service", "13800138000");
    world_down(&w);
}

static void test_what_is_held_apart_is_not_told(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    set_apart(&w, 2);
    struct kept_id id = world_person(&w);
    world_put(&w, id, "account", "phone", "13800138000");
    world_put(&w, id, "account", "name", "Ada");
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_WHY, .subject = id, .item = "phone",
                                   .purpose = "service", .role = "support", .actor = "a");
    assert_true(world_json_has(reply, "PARTITION"));
    assert_false(world_json_has(reply, "\"held\""));
    kept_reply_free(reply);
    reply = ASK(&w, .op = KEPT_OP_WHY, .subject = id, .item = "phone", .purpose = "service",
                .role = "officer", .actor = "a");
    assert_true(world_json_has(reply, "\"collected\""));
    kept_reply_free(reply);
    reply = ASK(&w, .op = KEPT_OP_SUBJECT_SHOW, .subject = id, .role = "officer", .actor = "a");
    assert_true(world_json_has(reply, "\"phone\":1"));
    kept_reply_free(reply);
    SAYS(&w, KEPT_DENY, KEPT_R_PARTITION, .op = KEPT_OP_COLLECT, .subject = id, .role = "support",
         .actor = "a", .function = "account", .purpose = "service",
         .fields = &(const struct kept_field){.name = "phone", .value = world_text("13900139000")}, .field_count = 1);
    reply = ASK(&w, .op = KEPT_OP_STAT);
    assert_true(world_json_has(reply, "\"who\":{\"items\":3,\"roles\":1}"));
    kept_reply_free(reply);
    world_down(&w);
}

/* Large values, hashed ones, many rows: all have their place in it. */
static void test_all_that_is_set_apart_comes_back(void **state)
{
    static uint8_t picture[5 * KEPT_CHUNK_BYTES / 2];
    struct world w;
    (void)state;
    world_shop(&w);
    set_apart(&w, 2);
    struct kept_id id = world_person(&w);
    for (size_t i = 0; i < sizeof picture; i++)
        picture[i] = (uint8_t)(i * 7 + i / 251);
    world_put(&w, id, "account", "phone", "13800138000");
    world_put_bytes(&w, id, "notes", "photo", (struct kept_span){picture, sizeof picture});
    holds(&w, "\"records_apart\":{\"who\":2}");
    for (unsigned round = 0; round < 2; round++) {
        struct kept_reply *reply = ASK(&w, .op = KEPT_OP_USE, .subject = id, .purpose = "service",
                                       .fields = &(struct kept_field){.name = "photo"}, .field_count = 1);
        assert_int_equal(reply->fields[0].value.n, sizeof picture);
        assert_memory_equal(reply->fields[0].value.p, picture, sizeof picture);
        kept_reply_free(reply);
        world_put(&w, id, "account", "name", "Ada");
        ALLOWS(&w, .op = KEPT_OP_ERASE_RECORD, .subject = id, .item = "name");
        ALLOWS(&w, .op = KEPT_OP_ROTATE);
        holds(&w, "\"records_apart\":{\"who\":2}");
    }
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id);
    HIDES(&w, id, "phone", "service", KEPT_R_ERASED);
    holds(&w, "\"records_apart\":{}");
    world_down(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_version_sets_an_item_apart),
        cmocka_unit_test(test_what_is_held_apart_is_not_told),
        cmocka_unit_test(test_all_that_is_set_apart_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
