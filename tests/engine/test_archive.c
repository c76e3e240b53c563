/* test_archive.c - what is archived at its end (then: archive) is out of everybody's reach but of whom a law sends,
 * for what a law imposes; no erasure takes it, and it goes when the archive ends - also of somebody who is erased,
 * and after a restore. */
#include "../aid/world.h"

#include "engine/admin.h"
#include "store/store.h"

#define PLAIN "source: generated, retain: 1 day, clause: T-10}"
#define ARCHIVED                                                                                   \
    "source: generated, retain: 1 day, values: many, retention_class: law, statute: Civil Code 188, "  \
    "then: archive, archive: 30 days, purposes: [service, legal-duty], clause: T-10}"
#define SCRAP "retain: account, values: many}\n  photo"
#define SCRAP_ARCHIVED                                                                             \
    "retain: account, values: many, retention_class: law, statute: Civil Code 188, then: archive, archive: 30 days, purposes: [service, legal-duty]}\n  photo"

static void shop_with(struct world *w, const char *from, const char *to)
{
    world_up(w);
    char *text = world_policy("shop", 1, from, to);
    ALLOWS(w, .op = KEPT_OP_POLICY_PUBLISH, .text = text);
    free(text);
}

/* What the officer gets of an item for a purpose: a reason, or the value. */
static void officer(struct world *w, struct kept_id id, const char *item, const char *purpose, enum kept_reason reason,
                    const char *value)
{
    const struct kept_field field = {.name = item};
    struct kept_reply *reply = ASK(w, .op = KEPT_OP_USE, .subject = id, .role = "officer", .actor = "mei",
                                   .purpose = purpose, .fields = &field, .field_count = 1);
    if (reply->reason != reason)
        fail_msg("%s: %s", item, kept_reason_name(reply->reason));
    assert_int_equal(reply->decision, value != NULL ? reason == KEPT_R_MASKED ? KEPT_MASK : KEPT_ALLOW : KEPT_DENY);
    if (value != NULL && reason == KEPT_R_NONE) {
        assert_int_equal(reply->fields[0].value.n, strlen(value));
        assert_int_equal(memcmp(reply->fields[0].value.p, value, strlen(value)), 0);
    }
    kept_reply_free(reply);
}

static void test_of_the_living(void **state)
{
    struct world w;
    (void)state;
    shop_with(&w, PLAIN, ARCHIVED);
    struct kept_id id = world_person(&w);
    world_put(&w, id, "notes", "visit", "door");
    READS(&w, id, "visit", "service", "door");
    officer(&w, id, "visit", "legal-duty", KEPT_R_PURPOSE, NULL); /* it is in use still: not for claims */
    w.now += KEPT_DAY;
    world_tick_says(&w, "\"records_ended\":0");
    HIDES(&w, id, "visit", "service", KEPT_R_KEPT_BY_LAW);
    officer(&w, id, "visit", "service", KEPT_R_KEPT_BY_LAW, NULL); /* the law's role, for no purpose of the law */
    officer(&w, id, "visit", "legal-duty", KEPT_R_MASKED, "door");
    SAYS(&w, KEPT_DENY, KEPT_R_KEPT_BY_LAW, .op = KEPT_OP_ERASE_RECORD, .subject = id, .item = "visit");
    /* A new one is in use, and the archived one stays beside it. */
    world_put(&w, id, "notes", "visit", "window");
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_USE, .subject = id, .purpose = "service",
                                   .fields = &(struct kept_field){.name = "visit"}, .field_count = 1);
    assert_int_equal(reply->field_count, 2);
    assert_int_equal(reply->fields[0].reason, KEPT_R_KEPT_BY_LAW);
    assert_int_equal(reply->fields[1].decision, KEPT_ALLOW);
    kept_reply_free(reply);
    w.now += 30 * KEPT_DAY - 1;
    officer(&w, id, "visit", "legal-duty", KEPT_R_MASKED, "door");
    w.now += 1;
    world_tick_says(&w, "\"records_ended\":1");
    officer(&w, id, "visit", "legal-duty", KEPT_R_MASKED, "window"); /* that one is in the archive now */
    w.now += KEPT_DAY;
    officer(&w, id, "visit", "legal-duty", KEPT_R_NO_VALUE, NULL); /* hidden before it is deleted */
    world_tick_says(&w, "\"records_ended\":1,\"people_with_ends\":1,\"people_with_ends_left\":0");
    world_check(&w);
    world_down(&w);
}

/* An erasure leaves the archive, says until when, and the last of it ends the person wholly. */
static void test_of_the_erased(void **state)
{
    struct world w;
    (void)state;
    shop_with(&w, PLAIN, ARCHIVED);
    struct kept_id id = world_person(&w);
    world_put(&w, id, "notes", "visit", "door");
    world_put(&w, id, "notes", "note", "mine");
    w.now += KEPT_DAY / 2;
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id);
    assert_int_equal(reply->decision, KEPT_ALLOW);
    char until[KEPT_TIME_TEXT], words[120];
    kept_time_text(WORLD_T0 + 31 * KEPT_DAY, until);
    (void)snprintf(words, sizeof words, "\"kept\":[{\"item\":\"visit\",\"until\":\"%s\"", until);
    assert_true(world_json_has(reply, words));
    kept_reply_free(reply);
    HIDES(&w, id, "visit", "service", KEPT_R_KEPT_BY_LAW);
    officer(&w, id, "visit", "legal-duty", KEPT_R_MASKED, "door");
    w.now += 30 * KEPT_DAY;
    world_reopen(&w);
    officer(&w, id, "visit", "legal-duty", KEPT_R_MASKED, "door");
    w.now += KEPT_DAY / 2;
    world_tick_says(&w, "\"records_ended\":1");
    officer(&w, id, "visit", "legal-duty", KEPT_R_ERASED, NULL);
    world_check(&w);
    world_down(&w);
}

/* While the account lives, and then for so long (S3-2.2, S3-2.3). */
static void test_behind_the_account(void **state)
{
    struct world w;
    (void)state;
    shop_with(&w, SCRAP, SCRAP_ARCHIVED);
    struct kept_id id = world_person(&w);
    world_put(&w, id, "notes", "scrap", "contract");
    w.now += 400 * KEPT_DAY;
    world_tick_says(&w, "\"records_ended\":0");
    READS(&w, id, "scrap", "service", "contract");
    officer(&w, id, "scrap", "legal-duty", KEPT_R_PURPOSE, NULL);
    world_save(&w, "before");
    kept_ms erased = w.now;
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id);
    world_put_back(&w, "before"); /* the journal knows better */
    HIDES(&w, id, "scrap", "service", KEPT_R_KEPT_BY_LAW);
    officer(&w, id, "scrap", "legal-duty", KEPT_R_MASKED, "contract");
    w.now = erased + 30 * KEPT_DAY - 1;
    world_tick_says(&w, "\"records_ended\":0");
    officer(&w, id, "scrap", "legal-duty", KEPT_R_MASKED, "contract");
    w.now += 1;
    world_tick_says(&w, "\"records_ended\":1");
    officer(&w, id, "scrap", "legal-duty", KEPT_R_ERASED, NULL);
    world_check(&w);
    world_down(&w);
}

/* A later version that archives shorter, or not at all, does not reach back. */
static void test_a_later_version(void **state)
{
    struct world w;
    (void)state;
    shop_with(&w, PLAIN, ARCHIVED);
    struct kept_id id = world_person(&w);
    world_put(&w, id, "notes", "visit", "door");
    char *text = world_policy("shop", 2, PLAIN, PLAIN);
    ALLOWS(&w, .op = KEPT_OP_POLICY_PUBLISH, .text = text);
    free(text);
    w.now += 30 * KEPT_DAY;
    world_tick_says(&w, "\"records_ended\":0");
    w.now += KEPT_DAY;
    world_tick_says(&w, "\"records_ended\":1");
    world_down(&w);
}

/* The certificate names the systems that hold what kept does not. */
static void test_what_is_held_elsewhere(void **state)
{
    struct world w;
    (void)state;
    shop_with(&w, PLAIN, "source: generated, retain: 1 day, place: external, held_in: door-log, clause: T-10}");
    struct kept_id id = world_person(&w);
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id);
    assert_true(world_json_has(reply, "\"held_elsewhere\":[{\"item\":\"visit\",\"held_in\":\"door-log\"}]"));
    kept_reply_free(reply);
    world_down(&w);
    world_shop(&w);
    id = world_person(&w);
    reply = ASK(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id);
    assert_true(world_json_has(reply, "\"held_elsewhere\":[]"));
    kept_reply_free(reply);
    world_down(&w);
}

/* What could not be kept is not published. */
static void test_what_is_refused(void **state)
{
    static const char *const wrong[] = {
        "source: generated, retain: 1 day, values: many, statute: S, then: archive, archive: 30 days, clause: T-10}",
        "source: generated, retain: 1 day, retention_class: law, statute: S, then: archive, archive: 30 days, clause: T-10}",
        "source: generated, retain: 1 day, then: anonymise, clause: T-10}"};
    struct world w;
    (void)state;
    world_up(&w);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char *text = world_policy("shop", 1, PLAIN, wrong[i]);
        FAILS(&w, KEPT_E_POLICY, .op = KEPT_OP_POLICY_PUBLISH, .text = text);
        free(text);
    }
    char *text = world_policy("shop", 1, PLAIN, "source: generated, retain: 1 day, place: external, held_in: crm, then: anonymise, "
                                                "clause: T-10}");
    ALLOWS(&w, .op = KEPT_OP_POLICY_PUBLISH, .text = text); /* which another system does */
    free(text);
    world_down(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_of_the_living),   cmocka_unit_test(test_of_the_erased),
        cmocka_unit_test(test_behind_the_account), cmocka_unit_test(test_a_later_version),
        cmocka_unit_test(test_what_is_held_elsewhere), cmocka_unit_test(test_what_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
