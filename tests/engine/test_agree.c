/* test_agree.c - consents with evidence, guardians to the second of a birthday, launches, permissions that
 * end, what a withdrawal deletes and whom it owes a word, and that a restore undoes none of it. */
#include <sys/stat.h>
#include <unistd.h>

#include "../aid/world.h"

static const struct kept_evidence paper = {.reference = "archive 2026/117",
                                           .signed_at = WORLD_T0 - KEPT_DAY};
static const struct kept_guardian parent = {.contact = "Li Hong, 13900001111",
                                            .relation = "parent", .method = "document"};

/* A world whose policy has these pieces replaced: pairs, NULL at the end. */
static void shop_with(struct world *w, const char *const *edits)
{
    world_up(w);
    w->app = "shop";
    char *text = world_policy("shop", 1,
                              "consent_withdraw, permission_set, collect, use, disclose, erase_subject, "
                              "erase_record, why, trail, policy_publish",
                              "consent_withdraw, guardian_add, guardian_revoke, permission_set, collect, "
                              "use, disclose, erase_subject, erase_record, why, trail, policy_publish");
    for (; edits[0] != NULL; edits += 2) {
        char *at = strstr(text, edits[0]), *next = NULL;
        assert_non_null(at);
        assert_true(asprintf(&next, "%.*s%s%s", (int)(at - text), text, edits[1],
                             at + strlen(edits[0])) > 0);
        free(text);
        text = next;
    }
    ALLOWS(w, .op = KEPT_OP_POLICY_PUBLISH, .text = text);
    free(text);
}

static void save(struct world *w)
{
    char to[WORLD_PATH];
    world_beside(w, to, "backup");
    world_copy(w->store, to);
}

/* store.db of then; ledger and keyring of now. */
static void restore(struct world *w)
{
    static const char *const files[] = {"store.db", "store.db-wal", "store.db-shm"};
    char from[WORLD_PATH], file[WORLD_PATH], to[WORLD_PATH];
    world_beside(w, from, "backup");
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        world_join(file, from, files[i]);
        world_join(to, w->store, files[i]);
        (void)unlink(to);
        FILE *in = fopen(file, "rb"), *out = in != NULL ? fopen(to, "wb") : NULL;
        for (int c = in != NULL ? getc(in) : EOF; c != EOF; c = getc(in))
            (void)putc(c, out);
        if (in != NULL) {
            (void)fclose(in);
            assert_int_equal(fclose(out), 0);
            (void)chmod(to, 0600);
        }
    }
}

static bool tells(struct world *w, struct kept_id id, enum kept_op op, const char *words)
{
    struct kept_reply *reply = ASK(w, .op = op, .subject = id, .item = op == KEPT_OP_WHY ? "phone" : NULL);
    bool has = world_json_has(reply, words);
    kept_reply_free(reply);
    return has;
}

#define COLLECT_SAYS(w, decision, reason, id, function_, item, value_, ...)                        \
    do {                                                                                           \
        const struct kept_field f_ = world_field(item, value_);                                    \
        SAYS(w, decision, reason, .op = KEPT_OP_COLLECT, .subject = (id), .function = (function_), \
             .fields = &f_, .field_count = 1, __VA_ARGS__);                                        \
    } while (0)

static void test_written_and_earlier_consents_have_evidence(void **state)
{
    static const char *const edits[] = {"    consent: separate\n    purposes: [care]",
                                        "    consent: written\n    purposes: [care]", NULL};
    static const struct kept_evidence nothing = {.reference = ""};
    static const struct kept_evidence future = {.reference = "x", .signed_at = WORLD_T0 + KEPT_DAY};
    struct world w;
    (void)state;
    shop_with(&w, edits);
    struct kept_id id = world_person(&w);
    ALLOWS(&w, .op = KEPT_OP_PERMISSION_SET, .subject = id, .permission = "camera", .on = 1);
    world_agree(&w, id, "caring", KEPT_C_SEPARATE);
    COLLECT_SAYS(&w, KEPT_DENY, KEPT_R_NEEDS_WRITTEN_CONSENT, id, "caring", "health", "well", .launch = 1);
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .function = "caring",
          .consent = KEPT_C_WRITTEN);
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .function = "caring",
          .consent = KEPT_C_WRITTEN, .evidence = &nothing);
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .function = "caring",
          .consent = KEPT_C_WRITTEN, .evidence = &future);
    ALLOWS(&w, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .function = "caring", .actor = "clerk-9",
           .consent = KEPT_C_WRITTEN, .evidence = &paper);
    COLLECT_SAYS(&w, KEPT_ALLOW, KEPT_R_NONE, id, "caring", "health", "well", .launch = 1);
    /* A legacy gives way to what the person did since. */
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .purpose = "ads",
          .consent = KEPT_C_EXPLICIT, .origin = KEPT_O_LEGACY);
    ALLOWS(&w, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .purpose = "ads",
           .consent = KEPT_C_EXPLICIT, .origin = KEPT_O_LEGACY, .evidence = &paper);
    ALLOWS(&w, .op = KEPT_OP_CONSENT_WITHDRAW, .subject = id, .purpose = "ads");
    FAILS(&w, KEPT_E_CONFLICT, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .purpose = "ads",
          .consent = KEPT_C_EXPLICIT, .origin = KEPT_O_LEGACY, .evidence = &paper);
    world_reopen(&w);
    assert_true(tells(&w, id, KEPT_OP_SUBJECT_SHOW,
                      "\"evidence\":{\"reference\":\"archive 2026/117\",\"signed\":\"2026-01-04T"));
    assert_true(tells(&w, id, KEPT_OP_SUBJECT_SHOW, "\"recorded_by\":\"clerk-9\""));
    assert_true(tells(&w, id, KEPT_OP_SUBJECT_SHOW, "\"origin\":\"legacy\""));
    assert_true(tells(&w, id, KEPT_OP_TRAIL, "\"consent\":\"written\""));
    assert_true(tells(&w, id, KEPT_OP_TRAIL, "\"origin\":\"legacy\""));
    /* A new answer takes the old paper with it; the ledger remembers. */
    world_agree(&w, id, "caring", KEPT_C_SEPARATE);
    assert_false(tells(&w, id, KEPT_OP_SUBJECT_SHOW, "clerk-9"));
    assert_true(tells(&w, id, KEPT_OP_TRAIL, "archive 2026/117"));
    assert_int_equal(world_files_with(&w, "archive 2026/117", 16), 0);
    world_down(&w);
}

static struct kept_id born(struct world *w, const char *day)
{
    struct kept_reply *reply = ASK(w, .op = KEPT_OP_SUBJECT_NEW, .birth_date = day);
    struct kept_id id = reply->subject;
    kept_reply_free(reply);
    ALLOWS(w, .op = KEPT_OP_CONSENT_ACKNOWLEDGE, .subject = id);
    return id;
}

#define AGES "undeclared: {clause: T-4}\nage: {bands: [{from: 0, below: 18, mode: guardian, clause: T-50}, {from: 18, mode: self}]}\n"

/* Eighteen in Berlin, summer time or winter, and whoever was born on 29 February. */
static void test_birthdays_begin_at_midnight_there(void **state)
{
    static const char *const edits[] = {"undeclared: {clause: T-4}\n", AGES, "\"+08:00\"",
                                        "Europe/Berlin", NULL};
    static const struct {
        const char *day;
        kept_ms midnight; /* of the eighteenth birthday, UTC */
    } rows[] = {
        {"2008-03-29", (kept_ms)1774738800000}, /* 2026-03-28T23:00Z, the night before summer time */
        {"2008-03-30", (kept_ms)1774821600000}, /* 2026-03-29T22:00Z, the night after */
        {"2008-10-25", (kept_ms)1792879200000}, /* 2026-10-24T22:00Z, before winter time */
        {"2008-10-26", (kept_ms)1792969200000}, /* 2026-10-25T23:00Z, after */
        {"2009-02-28", (kept_ms)1803769200000}, /* 2027-02-27T23:00Z */
        {"2012-02-29", (kept_ms)1898550000000}, /* 2030-02-28T23:00Z: no such day in 2030 */
    };
    struct world w;
    (void)state;
    shop_with(&w, edits);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct kept_id id = born(&w, rows[i].day);
        world_agree(&w, id, "notes", KEPT_C_EXPLICIT);
        w.now = rows[i].midnight - 1000;
        COLLECT_SAYS(&w, KEPT_DENY, KEPT_R_NEEDS_GUARDIAN, id, "notes", "note", "x", .launch = 1);
        w.now = rows[i].midnight;
        COLLECT_SAYS(&w, KEPT_ALLOW, KEPT_R_NONE, id, "notes", "note", "x", .launch = 1);
    }
    world_down(&w);
}

/* A guardian who is revoked stays so in a store of before; a guardian may be another person of the app. */
static void test_guardians_come_and_go(void **state)
{
    static const char *const edits[] = {"undeclared: {clause: T-4}\n", AGES, NULL};
    struct world w;
    (void)state;
    shop_with(&w, edits);
    struct kept_id id = born(&w, "2016-05-01"), adult = born(&w, "1980-05-01");
    struct kept_id other = born(&w, "2015-05-01");
    struct kept_guardian person = {.subject = adult, .relation = "parent", .method = "document"};
    struct kept_guardian child = {.subject = other, .relation = "parent", .method = "document"};
    struct kept_guardian self = {.subject = id, .relation = "parent", .method = "document"};
    FAILS(&w, KEPT_E_NOTFOUND, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .function = "notes",
          .consent = KEPT_C_GUARDIAN);
    FAILS(&w, KEPT_E_CONFLICT, .op = KEPT_OP_GUARDIAN_ADD, .subject = adult, .guardian = &parent,
          .evidence = &paper); /* of age */
    FAILS(&w, KEPT_E_CONFLICT, .op = KEPT_OP_GUARDIAN_ADD, .subject = id, .guardian = &child,
          .evidence = &paper);
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_GUARDIAN_ADD, .subject = id, .guardian = &self,
          .evidence = &paper);
    FAILS(&w, KEPT_E_NOTFOUND, .op = KEPT_OP_GUARDIAN_REVOKE, .subject = id, .guardian_number = 1);
    ALLOWS(&w, .op = KEPT_OP_GUARDIAN_ADD, .subject = id, .guardian = &person, .evidence = &paper);
    ALLOWS(&w, .op = KEPT_OP_GUARDIAN_ADD, .subject = id, .guardian = &parent, .evidence = &paper);
    FAILS(&w, KEPT_E_CONFLICT, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .function = "notes",
          .consent = KEPT_C_GUARDIAN); /* which of the two? */
    ALLOWS(&w, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .function = "notes",
           .consent = KEPT_C_GUARDIAN, .guardian_number = 2);
    COLLECT_SAYS(&w, KEPT_ALLOW, KEPT_R_NONE, id, "notes", "note", "x", .launch = 1);
    world_close(&w);
    save(&w);
    world_open(&w);
    w.now += KEPT_HOUR;
    ALLOWS(&w, .op = KEPT_OP_GUARDIAN_REVOKE, .subject = id, .guardian_number = 2);
    COLLECT_SAYS(&w, KEPT_DENY, KEPT_R_WITHDRAWN, id, "notes", "note", "x", .launch = 1);
    world_close(&w);
    restore(&w);
    world_open(&w);
    COLLECT_SAYS(&w, KEPT_DENY, KEPT_R_WITHDRAWN, id, "notes", "note", "x", .launch = 1);
    assert_true(tells(&w, id, KEPT_OP_SUBJECT_SHOW, "\"state\":\"revoked\""));
    assert_int_equal(world_files_with(&w, "Li Hong", 7), 0);
    world_down(&w);
}

/* Asked at each launch, once a launch; a permission that ends; a clock that is set back. */
static void test_launches_and_permissions(void **state)
{
    static const char *const edits[] = {"    in_use: required\n",
                                        "    in_use: required\n    asked: each_launch\n"
                                        "    permissions: [camera]\n", NULL};
    struct world w;
    (void)state;
    shop_with(&w, edits);
    struct kept_id id = world_person(&w);
#define VISIT(decision, reason, launch_)                                                           \
    COLLECT_SAYS(&w, decision, reason, id, "counter", "visit", "door", .launch = (launch_),        \
                 .facts = KEPT_F_IN_USE)
    ALLOWS(&w, .op = KEPT_OP_PERMISSION_SET, .subject = id, .permission = "camera", .on = 1,
           .expires = w.now + KEPT_HOUR);
    world_agree(&w, id, "counter", KEPT_C_EXPLICIT);
    VISIT(KEPT_DENY, KEPT_R_CONSENT_EXPIRED, 3); /* given, but in no launch */
    ALLOWS(&w, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .function = "counter",
           .consent = KEPT_C_EXPLICIT, .launch = 3);
    COLLECT_SAYS(&w, KEPT_DENY, KEPT_R_NOT_IN_USE, id, "counter", "visit", "door", .launch = 3);
    VISIT(KEPT_DENY, KEPT_R_CONSENT_EXPIRED, 0);
    VISIT(KEPT_ALLOW, KEPT_R_NONE, 3);
    VISIT(KEPT_DENY, KEPT_R_FREQUENCY, 3);
    VISIT(KEPT_DENY, KEPT_R_CONSENT_EXPIRED, 4);
    VISIT(KEPT_DENY, KEPT_R_CONSENT_EXPIRED, 2);
    world_reopen(&w);
    ALLOWS(&w, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .function = "counter",
           .consent = KEPT_C_EXPLICIT, .launch = 2);
    VISIT(KEPT_DENY, KEPT_R_FREQUENCY, 2); /* a launch of before the last one */
    ALLOWS(&w, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .function = "counter",
           .consent = KEPT_C_EXPLICIT, .launch = 4);
    w.now += KEPT_HOUR - 1;
    VISIT(KEPT_ALLOW, KEPT_R_NONE, 4);
    ALLOWS(&w, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .function = "counter",
           .consent = KEPT_C_EXPLICIT, .launch = 5);
    w.now += 1;
    VISIT(KEPT_DENY, KEPT_R_PERMISSION, 5); /* ended */
    w.now -= KEPT_MINUTE;
    VISIT(KEPT_DENY, KEPT_R_PERMISSION, 5); /* time stands still: nothing that ended comes back */
    ALLOWS(&w, .op = KEPT_OP_PERMISSION_SET, .subject = id, .permission = "camera", .on = 1);
    VISIT(KEPT_ALLOW, KEPT_R_NONE, 5);
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_PERMISSION_SET, .subject = id, .permission = "camera",
          .on = 1, .expires = w.now - 1);
#undef VISIT
    world_down(&w);
}

/* What rests on the withdrawn consent alone is deleted, what has another ground or a law stays, who got
 * it is owed a word; and a store of before does the same again. */
static void test_a_withdrawal_deletes_and_tells(void **state)
{
    static const char *const edits[] = {"    mandatory: [phone]\n    optional: [name, badge]\n",
                                        "    mandatory: [phone]\n    optional: [name, badge, note]\n"
                                        "    withdrawal: delete\n", NULL};
    const struct kept_field phone = {.name = "phone"};
    struct world w;
    (void)state;
    shop_with(&w, edits);
    struct kept_id id = world_person(&w);
    world_put(&w, id, "account", "phone", "13800138000");
    world_put(&w, id, "account", "note", "also of notes");
    world_put(&w, id, "billing", "invoice", "12.00");
    ALLOWS(&w, .op = KEPT_OP_DISCLOSE, .subject = id, .recipient = "courier", .purpose = "service",
           .fields = &phone, .field_count = 1);
    world_close(&w);
    save(&w);
    world_open(&w);
    w.now += KEPT_HOUR;
    struct kept_reply *reply =
        ASK(&w, .op = KEPT_OP_CONSENT_WITHDRAW, .subject = id, .function = "account");
    assert_true(world_json_has(reply, "\"deleted\":{\"phone\":1}"));
    assert_true(world_json_has(reply, "\"note\":\"another consent or ground carries it\""));
    assert_true(world_json_has(reply, "{\"recipient\":\"courier\",\"item\":\"phone\",\"tell\":\"delete\"}"));
    kept_reply_free(reply);
    for (int restored = 0; restored < 2; restored++) {
        assert_true(tells(&w, id, KEPT_OP_SUBJECT_SHOW, "\"records\":{\"note\":1,\"invoice\":1}"));
        assert_true(tells(&w, id, KEPT_OP_SUBJECT_SHOW, "\"tell\":\"delete\""));
        READS(&w, id, "note", "service", "also of notes");
        HIDES(&w, id, "phone", "service", KEPT_R_WITHDRAWN);
        assert_int_equal(world_number(&w, "reseals_pending"), 1);
        world_close(&w);
        restore(&w);
        world_open(&w);
    }
    world_down(&w);
}

/* The words behind a case are kept, and who passed a value in stands beside it. */
static void test_cases_and_sources(void **state)
{
    static const char *const edits[] = {
        "    consent: explicit\n    purposes: [service, ads]",
        "    consent: explicit\n    case: required\n    purposes: [service, ads]",
        "    items: [phone, name]\n    purposes: [service]",
        "    items: [phone, name]\n    gives: [phone]\n    lawful_source: {en: asked, zh: 已询问}\n"
        "    purposes: [service]", NULL};
    struct world w;
    (void)state;
    shop_with(&w, edits);
    struct kept_id id = world_person(&w);
    COLLECT_SAYS(&w, KEPT_DENY, KEPT_R_JUSTIFICATION, id, "account", "phone", "13800138000",
                 .recipient = "courier");
    COLLECT_SAYS(&w, KEPT_ALLOW, KEPT_R_NONE, id, "account", "phone", "13800138000",
                 .recipient = "courier", .text = "complaint 4711");
    assert_true(tells(&w, id, KEPT_OP_TRAIL, "\"justification\":\"complaint 4711\""));
    assert_true(tells(&w, id, KEPT_OP_WHY, "\"source\":\"third_party\",\"from\":\"courier\""));
    COLLECT_SAYS(&w, KEPT_ALLOW, KEPT_R_NONE, id, "account", "phone", "13800138001",
                 .text = "complaint 4711", .facts = KEPT_F_USER_ACTION);
    assert_true(tells(&w, id, KEPT_OP_WHY, "\"source\":\"user\",\"function\""));
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_AUDIT, .role = "officer", .text = "app");
    assert_true(world_json_has(reply, "complaint 4711"));
    kept_reply_free(reply);
    world_down(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_written_and_earlier_consents_have_evidence),
        cmocka_unit_test(test_birthdays_begin_at_midnight_there),
        cmocka_unit_test(test_guardians_come_and_go),
        cmocka_unit_test(test_launches_and_permissions),
        cmocka_unit_test(test_a_withdrawal_deletes_and_tells),
        cmocka_unit_test(test_cases_and_sources),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
