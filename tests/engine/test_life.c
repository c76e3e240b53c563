/* test_life.c - collection, use and consent: what the policy says is what happens. */
#include "../aid/world.h"

#include "engine/admin.h"

static struct kept_reply *collect(struct world *w, struct kept_id id, const char *function,
                                  const struct kept_field *fields, size_t count)
{
    return ASK(w, .op = KEPT_OP_COLLECT, .subject = id, .function = function, .fields = fields,
               .field_count = count);
}

static void refuses(struct world *w, struct kept_id id, const char *function, const char *item,
                    const char *value, enum kept_reason reason)
{
    const struct kept_field field = world_field(item, value);
    SAYS(w, KEPT_DENY, reason, .op = KEPT_OP_COLLECT, .subject = id, .function = function,
         .fields = &field, .field_count = 1);
}

/* How many records stand in the store? It is sound. */
static uint64_t records(struct world *w)
{
    struct kept_buf json;
    uint64_t problems = 1;
    kept_buf_init(&json, 1 << 20);
    assert_int_equal(kept_admin_check(w->kept, &json, &problems, &w->err), 0);
    assert_int_equal(problems, 0);
    const char *at = strstr((const char *)json.p, "\"records\":");
    assert_non_null(at);
    uint64_t n = strtoull(at + strlen("\"records\":"), NULL, 10);
    kept_buf_release(&json);
    return n;
}

/* ---- values ---------------------------------------------------------------------------------- */

static void test_one_value_or_many(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    world_put(&w, id, "account", "phone", "+86 13800138000");
    READS(&w, id, "phone", "service", "13800138000"); /* the normal form */
    world_put(&w, id, "account", "phone", "13800138001");
    READS(&w, id, "phone", "service", "13800138001");
    assert_int_equal(records(&w), 1);
    const struct kept_field old = world_field("phone", "13800138000"),
                            new = world_field("phone", "13800138001");
    SAYS(&w, KEPT_DENY, KEPT_R_NO_VALUE, .op = KEPT_OP_SUBJECT_FIND, .fields = &old,
         .field_count = 1);
    ALLOWS(&w, .op = KEPT_OP_SUBJECT_FIND, .fields = &new, .field_count = 1);
    /* Many values; two of an item that holds one: refused as a whole, by its name. */
    const struct kept_field fields[] = {world_field("note", "one"), world_field("note", "two"),
                                        world_field("visit", "window"),
                                        world_field("visit", "door")};
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_COLLECT, .subject = id, .function = "notes",
          .fields = fields, .field_count = 4);
    assert_int_equal(records(&w), 1);
    struct kept_reply *reply = collect(&w, id, "notes", fields, 3);
    assert_int_equal(reply->fields[0].record, 2);
    assert_int_equal(reply->fields[1].record, 3);
    kept_reply_free(reply);
    READS(&w, id, "visit", "service", "window");
    const struct kept_field note = {.name = "note"};
    reply = ASK(&w, .op = KEPT_OP_USE, .subject = id, .purpose = "service", .fields = &note,
                .field_count = 1);
    assert_int_equal(reply->field_count, 2);
    assert_memory_equal(reply->fields[1].value.p, "two", 3);
    kept_reply_free(reply);
    world_down(&w);
}

static void test_values_in_chunks(void **state)
{
    static uint8_t bytes[5 << 20];
    const size_t sizes[] = {1, 65535, 65536, 65537, 131072, 131073, sizeof bytes, 65536, 3};
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 2654435761u >> 13);
    const struct kept_field photo = {.name = "photo"};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        world_put_bytes(&w, id, "notes", "photo", (struct kept_span){bytes, sizes[i]});
        struct kept_reply *reply = ASK(&w, .op = KEPT_OP_USE, .subject = id, .purpose = "service",
                                       .fields = &photo, .field_count = 1);
        assert_int_equal(reply->fields[0].value.n, sizes[i]);
        assert_memory_equal(reply->fields[0].value.p, bytes, sizes[i]);
        kept_reply_free(reply);
        int64_t chunks = sizes[i] > 65536 ? (int64_t)((sizes[i] + 65535) / 65536) : 0;
        assert_int_equal(world_sql_number(&w, "SELECT count(*) FROM chunk"), chunks);
    }
    ALLOWS(&w, .op = KEPT_OP_ROTATE);
    ALLOWS(&w, .op = KEPT_OP_ERASE_RECORD, .subject = id, .item = "photo");
    assert_int_equal(world_sql_number(&w, "SELECT count(*) FROM chunk"), 0);
    world_down(&w);
}

static void test_what_is_not_taken(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    uint64_t before = records(&w);
    /* Undeclared fields are stripped and counted, and the rest goes on. */
    const struct kept_field fields[] = {world_field("shoe-size", "42"), world_field("note", "hi"),
                                        world_field("hat-size", "57"), world_field("phone", "x")};
    struct kept_reply *reply = collect(&w, id, "notes", fields, 4);
    assert_int_equal(reply->decision, KEPT_ALLOW);
    assert_int_equal(reply->stripped, 2);
    assert_int_equal(reply->fields[0].reason, KEPT_R_UNDECLARED);
    assert_string_equal(reply->fields[0].clause, "T-4");
    assert_int_equal(reply->fields[1].decision, KEPT_ALLOW);
    assert_int_equal(reply->fields[3].reason, KEPT_R_FUNCTION);
    kept_reply_free(reply);
    assert_int_equal(records(&w), before + 1);
    refuses(&w, id, "notes", "note", "", KEPT_R_INVALID);
    refuses(&w, id, "account", "phone", "12345", KEPT_R_INVALID);
    refuses(&w, id, "notes", "face", "smile", KEPT_R_ON_DEVICE);
    refuses(&w, id, "notes", "tilt", "left", KEPT_R_TRANSIENT);
    refuses(&w, id, "no-such", "note", "hi", KEPT_R_FUNCTION);
    refuses(&w, id, NULL, "note", "hi", KEPT_R_FUNCTION);
    /* Without what the function cannot do without, nothing is stored. */
    const struct kept_field name = world_field("name", "Jane Doe");
    reply = collect(&w, id, "account", &name, 1);
    assert_int_equal(reply->decision, KEPT_DENY);
    assert_int_equal(reply->reason, KEPT_R_MANDATORY_MISSING);
    assert_string_equal(reply->json, "{\"missing\":[\"phone\"]}"); /* kinds of item, never values */
    kept_reply_free(reply);
    const struct kept_field both[] = {world_field("name", "Jane Doe"), world_field("phone", "1")};
    reply = collect(&w, id, "account", both, 2);
    assert_int_equal(reply->fields[0].reason, KEPT_R_MANDATORY_MISSING);
    assert_int_equal(reply->fields[1].reason, KEPT_R_INVALID);
    kept_reply_free(reply);
    assert_int_equal(records(&w), before + 1);
    world_put(&w, id, "account", "phone", "13800138000");
    world_put(&w, id, "account", "name", "Jane Doe"); /* it is held now */
    world_down(&w);
}

static void test_locked_and_hashed(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    world_put(&w, id, "account", "phone", "13800138000");
    world_put(&w, id, "account", "badge", "gold");
    refuses(&w, id, "account", "badge", "platinum", KEPT_R_LOCKED);
    READS(&w, id, "badge", "service", "gold");
    const struct kept_field badge = world_field("badge", "silver");
    ALLOWS(&w, .op = KEPT_OP_COLLECT, .subject = id, .function = "account", .role = "officer",
           .fields = &badge, .field_count = 1);
    READS(&w, id, "badge", "service", "silver");
    world_put(&w, id, "notes", "imei", "490154203237518");
    HIDES(&w, id, "imei", "service", KEPT_R_NO_VALUE);
    const struct kept_field imei = world_field("imei", "49-015420-323751-8"),
                            other = world_field("imei", "356938035643809");
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_SUBJECT_FIND, .fields = &imei,
                                   .field_count = 1);
    assert_memory_equal(&reply->subject, &id, sizeof id);
    kept_reply_free(reply);
    SAYS(&w, KEPT_DENY, KEPT_R_NO_VALUE, .op = KEPT_OP_SUBJECT_FIND, .fields = &other,
         .field_count = 1);
    const struct kept_field note = world_field("note", "hi");
    SAYS(&w, KEPT_DENY, KEPT_R_NOT_SEARCHABLE, .op = KEPT_OP_SUBJECT_FIND, .fields = &note,
         .field_count = 1);
    world_down(&w);
}

static void test_retention_ends(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    world_put(&w, id, "notes", "visit", "door");
    w.now += KEPT_DAY - 1;
    READS(&w, id, "visit", "service", "door");
    w.now += 1;
    HIDES(&w, id, "visit", "service", KEPT_R_NO_VALUE);
    world_put(&w, id, "notes", "visit", "window");
    READS(&w, id, "visit", "service", "window");
    world_down(&w);
}

static void test_once_in_a_launch(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    world_agree(&w, id, "counter", KEPT_C_EXPLICIT);
    const struct kept_field visit = world_field("visit", "door");
    struct kept_request r = {.op = KEPT_OP_COLLECT, .subject = id, .function = "counter",
                             .fields = &visit, .field_count = 1, .facts = KEPT_F_IN_USE};
    world_says(&w, KEPT_DENY, KEPT_R_FREQUENCY, __FILE__, __LINE__, &r); /* which launch? */
    r.launch = 1;
    r.facts = 0;
    world_says(&w, KEPT_DENY, KEPT_R_NOT_IN_USE, __FILE__, __LINE__, &r);
    r.facts = KEPT_F_IN_USE;
    world_says(&w, KEPT_ALLOW, KEPT_R_NONE, __FILE__, __LINE__, &r);
    world_says(&w, KEPT_DENY, KEPT_R_FREQUENCY, __FILE__, __LINE__, &r);
    world_reopen(&w);
    world_says(&w, KEPT_DENY, KEPT_R_FREQUENCY, __FILE__, __LINE__, &r);
    r.launch = 2;
    world_says(&w, KEPT_ALLOW, KEPT_R_NONE, __FILE__, __LINE__, &r);
    world_down(&w);
}

/* One of a batch fails, the others commit. */
static void test_a_batch_with_a_failure_in_it(void **state)
{
    struct world w;
    struct kept_reply *replies[4];
    size_t n = 0;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w), nobody = id;
    nobody.b[15] ^= 1;
    const struct kept_field one = world_field("note", "one"), two = world_field("note", "two");
    const struct kept_request requests[] = {
        {.op = KEPT_OP_COLLECT, .app = "shop", .subject = id, .function = "notes", .fields = &one,
         .field_count = 1},
        {.op = KEPT_OP_COLLECT, .app = "shop", .subject = nobody, .function = "notes",
         .fields = &one, .field_count = 1},
        {.op = KEPT_OP_CONSENT_GRANT, .app = "shop", .subject = id, .function = "caring"},
        {.op = KEPT_OP_COLLECT, .app = "shop", .subject = id, .function = "notes", .fields = &two,
         .field_count = 1}};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(kept_submit(w.kept, &requests[i], &w.err), 0);
    struct kept_reply *none = NULL;
    assert_int_equal(kept_call(w.kept, &requests[0], &none, &w.err), KEPT_E_CONFLICT);
    assert_int_equal(kept_reap(w.kept, replies, 4, 1, &n, NULL), 0);
    assert_int_equal(n, 4);
    const int errors[] = {0, KEPT_E_NOTFOUND, KEPT_E_USAGE, 0};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(replies[i]->error, errors[i]);
        if (errors[i] != 0) {
            static const struct kept_id zero;
            assert_memory_equal(&replies[i]->entry, &zero, sizeof zero);
            assert_int_equal(replies[i]->field_count, 0);
            assert_int_equal(replies[i]->decision, KEPT_DENY);
        }
        kept_reply_free(replies[i]);
    }
    const struct kept_field note = {.name = "note"};
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_USE, .subject = id, .purpose = "service",
                                   .fields = &note, .field_count = 1);
    assert_int_equal(reply->field_count, 2);
    kept_reply_free(reply);
    assert_int_equal(kept_reap(w.kept, replies, 4, 1, &n, NULL), 0);
    assert_int_equal(n, 0);
    world_down(&w);
}

/* ---- consent --------------------------------------------------------------------------------- */

static void test_before_the_notice_nothing(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_SUBJECT_NEW);
    struct kept_id id = reply->subject;
    kept_reply_free(reply);
    refuses(&w, id, "notes", "note", "hi", KEPT_R_NO_NOTICE);
    FAILS(&w, KEPT_E_CONFLICT, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .function = "notes",
          .consent = KEPT_C_EXPLICIT);
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_CONSENT_ACKNOWLEDGE, .subject = id, .language = "fr");
    ALLOWS(&w, .op = KEPT_OP_CONSENT_ACKNOWLEDGE, .subject = id, .language = "zh");
    refuses(&w, id, "notes", "note", "hi", KEPT_R_NEEDS_CONSENT);
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .function = "notes",
          .consent = KEPT_C_IMPLIED);
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .function = "notes",
          .item = "note", .consent = KEPT_C_EXPLICIT);
    FAILS(&w, KEPT_E_NOTFOUND, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .function = "no-such",
          .consent = KEPT_C_EXPLICIT);
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_CONSENT_GRANT, .subject = id,
          .consent = KEPT_C_SEPARATE);
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .function = "notes",
          .consent = KEPT_C_EXPLICIT, .expires = w.now);
    FAILS(&w, KEPT_E_NOTFOUND, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .function = "notes",
          .consent = KEPT_C_EXPLICIT, .policy_version = 7);
    ALLOWS(&w, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .function = "notes",
           .consent = KEPT_C_EXPLICIT, .expires = w.now + KEPT_HOUR);
    world_put(&w, id, "notes", "note", "hi");
    reply = ASK(&w, .op = KEPT_OP_SUBJECT_SHOW, .subject = id);
    assert_true(world_json_has(reply, "\"language\":\"zh\""));
    assert_int_equal(world_json_count(reply, "\"text_sha256\""), 2);
    assert_int_equal(world_json_count(reply, "\"policy_version\":1"), 3);
    kept_reply_free(reply);
    w.now += KEPT_HOUR - 1;
    READS(&w, id, "note", "service", "hi");
    w.now += 1;
    HIDES(&w, id, "note", "service", KEPT_R_CONSENT_EXPIRED);
    refuses(&w, id, "notes", "note", "hi", KEPT_R_CONSENT_EXPIRED);
    world_down(&w);
}

static void test_withdrawing_is_no_harder(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    world_put(&w, id, "notes", "note", "hi");
    /* What was never granted can be withdrawn; an unknown scope cannot. */
    ALLOWS(&w, .op = KEPT_OP_CONSENT_WITHDRAW, .subject = id, .function = "caring");
    FAILS(&w, KEPT_E_NOTFOUND, .op = KEPT_OP_CONSENT_WITHDRAW, .subject = id,
          .function = "no-such");
    ALLOWS(&w, .op = KEPT_OP_CONSENT_WITHDRAW, .subject = id, .item = "note");
    HIDES(&w, id, "note", "service", KEPT_R_WITHDRAWN);
    refuses(&w, id, "notes", "note", "again", KEPT_R_WITHDRAWN);
    world_put(&w, id, "notes", "visit", "door"); /* of the same function: still agreed */
    ALLOWS(&w, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .item = "note",
           .consent = KEPT_C_EXPLICIT);
    READS(&w, id, "note", "service", "hi");
    ALLOWS(&w, .op = KEPT_OP_CONSENT_REFUSE, .subject = id);
    HIDES(&w, id, "note", "service", KEPT_R_REFUSED);
    w.now += KEPT_MINUTE;
    ALLOWS(&w, .op = KEPT_OP_CONSENT_ACKNOWLEDGE, .subject = id);
    READS(&w, id, "note", "service", "hi");
    world_down(&w);
}

static void test_permissions_are_reported(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    world_agree(&w, id, "caring", KEPT_C_SEPARATE);
    refuses(&w, id, "caring", "health", "tall", KEPT_R_PERMISSION);
    SAYS(&w, KEPT_DENY, KEPT_R_UNDECLARED, .op = KEPT_OP_PERMISSION_SET, .subject = id,
         .permission = "microphone", .on = 1);
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_PERMISSION_SET, .subject = id, .on = 1);
    ALLOWS(&w, .op = KEPT_OP_PERMISSION_SET, .subject = id, .permission = "camera", .on = 1);
    world_put(&w, id, "caring", "health", "tall");
    READS(&w, id, "health", "care", "tall");
    HIDES(&w, id, "health", "service", KEPT_R_PURPOSE);
    world_down(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_value_or_many),
        cmocka_unit_test(test_values_in_chunks),
        cmocka_unit_test(test_what_is_not_taken),
        cmocka_unit_test(test_locked_and_hashed),
        cmocka_unit_test(test_retention_ends),
        cmocka_unit_test(test_once_in_a_launch),
        cmocka_unit_test(test_a_batch_with_a_failure_in_it),
        cmocka_unit_test(test_before_the_notice_nothing),
        cmocka_unit_test(test_withdrawing_is_no_harder),
        cmocka_unit_test(test_permissions_are_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
