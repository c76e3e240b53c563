/* test_apps.c - apps that never see each other, versions of a policy, clocks, owners and limits. */
#include "base/limits.h"
#include "../aid/world.h"

#include <sys/stat.h>
#include <unistd.h>

/* ---- two apps -------------------------------------------------------------------------------- */

static void test_two_apps_do_not_see_each_other(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    world_publish(&w, "club", 1);
    struct kept_id guest = world_person(&w);
    world_put(&w, guest, "account", "phone", "13800138000");
    w.app = "club";
    struct kept_id member = world_person(&w);
    world_put(&w, member, "account", "phone", "13800138000");
    const struct kept_field phone = world_field("phone", "13800138000");
    assert_int_equal(world_sql_number(&w, "SELECT count(DISTINCT token) FROM token"), 2);
    for (int i = 0; i < 2; i++) {
        w.app = i == 0 ? "shop" : "club";
        struct kept_reply *reply = ASK(&w, .op = KEPT_OP_SUBJECT_FIND, .fields = &phone,
                                       .field_count = 1);
        assert_memory_equal(&reply->subject, i == 0 ? &guest : &member, sizeof guest);
        kept_reply_free(reply);
    }
    /* Every operation on a person of the other app. */
    w.app = "shop";
    for (enum kept_op op = KEPT_OP_SUBJECT_SHOW; op < KEPT_OP_COUNT; op++) {
        struct kept_request r = {.op = op, .subject = member, .region = "CN", .consent = 3,
                                 .permission = "camera", .item = "phone", .fields = &phone,
                                 .field_count = 1};
        if ((op >= KEPT_OP_AUDIT && op <= KEPT_OP_CALLER_REVIEW) || op >= KEPT_OP_POST_TAKE)
            continue; /* about nobody */
        if (op == KEPT_OP_COLLECT || op == KEPT_OP_USE || op == KEPT_OP_DISCLOSE || op == KEPT_OP_CONTACTS) {
            r.item = NULL;
            r.purpose = "service";
            r.function = "account";
        }
        world_fails(&w, KEPT_E_NOTFOUND, &r);
    }
    /* The other's number under this app's: nobody either. */
    struct kept_id forged = member;
    memcpy(forged.b, guest.b, 6);
    FAILS(&w, KEPT_E_NOTFOUND, .op = KEPT_OP_SUBJECT_SHOW, .subject = forged);
    /* Trails and audits of one say nothing of the other; upkeep of one leaves the other whole. */
    w.app = "club";
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = member);
    w.app = "shop";
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_AUDIT, .role = "officer");
    assert_false(world_json_has(reply, "erase.subject"));
    kept_reply_free(reply);
    ALLOWS(&w, .op = KEPT_OP_TICK);
    ALLOWS(&w, .op = KEPT_OP_ROTATE);
    READS(&w, guest, "phone", "service", "13800138000");
    w.app = "club";
    HIDES(&w, member, "phone", "service", KEPT_R_ERASED);
    ALLOWS(&w, .op = KEPT_OP_SERVICE_CEASE);
    w.app = "shop";
    world_put(&w, guest, "account", "phone", "13800138001"); /* the shop is open */
    world_reopen(&w);
    READS(&w, guest, "phone", "service", "13800138001");
    FAILS(&w, KEPT_E_NOTFOUND, .op = KEPT_OP_STAT, .app = "no-such-app");
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_STAT, .app = ""); /* which of two? */
    world_down(&w);
}

/* ---- versions of a policy -------------------------------------------------------------------- */

static uint32_t governing(struct world *w, struct kept_id id)
{
    struct kept_reply *reply = ASK(w, .op = KEPT_OP_SUBJECT_SHOW, .subject = id);
    uint32_t version = reply->policy_version;
    kept_reply_free(reply);
    return version;
}

static void test_versions_govern_by_acknowledgement(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id old = world_person(&w), moved = world_person(&w);
    char *second = world_policy("shop", 2, "retain: 1 day,", "retain: 2 days,");
    ALLOWS(&w, .op = KEPT_OP_POLICY_PUBLISH, .text = second, .at = w.now + KEPT_HOUR);
    FAILS(&w, KEPT_E_CONFLICT, .op = KEPT_OP_POLICY_PUBLISH, .text = second);
    FAILS(&w, KEPT_E_NOTFOUND, .op = KEPT_OP_CONSENT_ACKNOWLEDGE, .subject = moved,
          .policy_version = 2); /* not in effect yet */
    struct kept_id before = world_person(&w);
    w.now += KEPT_HOUR;
    struct kept_id fresh = world_person(&w);
    ALLOWS(&w, .op = KEPT_OP_CONSENT_ACKNOWLEDGE, .subject = moved);
    FAILS(&w, KEPT_E_CONFLICT, .op = KEPT_OP_CONSENT_ACKNOWLEDGE, .subject = moved,
          .policy_version = 1);
    for (int reopened = 0; reopened < 2; reopened++) {
        assert_int_equal(governing(&w, old), 1);
        assert_int_equal(governing(&w, before), 1);
        assert_int_equal(governing(&w, moved), 2);
        assert_int_equal(governing(&w, fresh), 2);
        world_reopen(&w);
    }
    world_put(&w, old, "notes", "visit", "door");
    const struct kept_field visit = world_field("visit", "door");
    SAYS(&w, KEPT_DENY, KEPT_R_CONSENT_STALE, .op = KEPT_OP_COLLECT, .subject = moved,
         .function = "notes", .fields = &visit, .field_count = 1); /* agreed to a day, not to two */
    world_agree(&w, moved, "notes", KEPT_C_SEPARATE);
    world_put(&w, moved, "notes", "visit", "door");
    w.now += KEPT_DAY;
    HIDES(&w, old, "visit", "service", KEPT_R_NO_VALUE);
    READS(&w, moved, "visit", "service", "door");
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_POLICY_SHOW);
    assert_int_equal(world_json_count(reply, "\"sha256\""), 2);
    assert_int_equal(world_json_count(reply, "\"in_force\":true"), 1);
    kept_reply_free(reply);
    char *third = world_policy("shop", 3, NULL, NULL);
    char *bad = world_policy("shop", 4, "[note,", "[x,");
    FAILS(&w, KEPT_E_POLICY, .op = KEPT_OP_POLICY_PUBLISH, .text = bad);
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_POLICY_PUBLISH);
    ALLOWS(&w, .op = KEPT_OP_POLICY_PUBLISH, .text = third, .at = w.now + 2 * KEPT_DAY);
    free(bad);
    bad = world_policy("shop", 4, NULL, NULL);
    FAILS(&w, KEPT_E_CONFLICT, .op = KEPT_OP_POLICY_PUBLISH, .text = bad); /* before version 3 */
    free(second);
    free(third);
    free(bad);
    world_down(&w);
}

static void test_an_app_whose_policy_is_not_in_effect(void **state)
{
    struct world w;
    (void)state;
    world_up(&w);
    char *text = world_policy("shop", 1, NULL, NULL);
    FAILS(&w, KEPT_E_NOTFOUND, .op = KEPT_OP_SUBJECT_NEW);
    ALLOWS(&w, .op = KEPT_OP_POLICY_PUBLISH, .text = text, .at = w.now + KEPT_DAY);
    FAILS(&w, KEPT_E_POLICY, .op = KEPT_OP_SUBJECT_NEW);
    w.now += KEPT_DAY;
    (void)world_person(&w);
    free(text);
    world_down(&w);
}

/* ---- clocks, owners, keys -------------------------------------------------------------------- */

static void test_a_clock_set_back(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    kept_ms noon = w.now;
    w.now -= KEPT_MINUTE; /* it jitters: time stands still */
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_SUBJECT_SHOW, .subject = id);
    assert_int_equal(reply->at, noon);
    kept_reply_free(reply);
    w.now = noon - KEPT_HOUR;
    FAILS(&w, KEPT_E_CLOCK, .op = KEPT_OP_SUBJECT_SHOW, .subject = id);
    FAILS(&w, KEPT_E_CLOCK, .op = KEPT_OP_SUBJECT_NEW);
    world_close(&w);
    assert_int_equal(world_try_open(&w), KEPT_E_CLOCK);
    w.now = noon;
    world_open(&w);
    assert_int_equal(governing(&w, id), 1);
    world_down(&w);
}

static void test_one_owner(void **state)
{
    struct world w;
    struct kept *second = NULL;
    struct kept_err err = {0};
    (void)state;
    world_shop(&w);
    const struct kept_options o = world_options(&w);
    assert_int_equal(kept_open(&o, &second, &err), KEPT_E_BUSY);
    assert_null(second);
    assert_int_equal(err.code, KEPT_E_BUSY);
    (void)world_person(&w); /* the first is none the worse */
    assert_int_equal(kept_init(&o, &err), KEPT_E_CONFLICT);
    world_down(&w);
}

static void test_a_wrong_root_key(void **state)
{
    struct world w;
    char other[WORLD_PATH], saved[WORLD_PATH];
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    world_close(&w);
    world_beside(&w, other, "other.key");
    world_beside(&w, saved, "saved.key");
    assert_int_equal(rename(w.root, saved), 0);
    assert_int_equal(world_try_open(&w), KEPT_E_NOTFOUND);
    FILE *f = fopen(other, "w");
    assert_non_null(f);
    for (int i = 0; i < 64; i++)
        (void)putc("0123456789abcdef"[i % 16], f);
    (void)putc('\n', f);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(other, 0600), 0);
    assert_int_equal(rename(other, w.root), 0);
    assert_int_equal(world_try_open(&w), KEPT_E_CRYPTO);
    assert_int_equal(rename(saved, w.root), 0);
    assert_int_equal(chmod(w.root, 0644), 0);
    assert_int_equal(world_try_open(&w), KEPT_E_USAGE);
    assert_int_equal(chmod(w.root, 0600), 0);
    world_open(&w);
    assert_int_equal(governing(&w, id), 1);
    world_down(&w);
}

static void test_keys_stand_apart_from_data(void **state)
{
    struct world w;
    struct kept_err err = {0};
    char inner[WORLD_PATH];
    (void)state;
    world_up(&w);
    struct kept_options o = world_options(&w);
    world_join(inner, w.store, "keys");
    o.keyring = inner;
    assert_int_equal(kept_init(&o, &err), KEPT_E_USAGE);
    o = world_options(&w);
    o.root_key = inner;
    assert_int_equal(kept_init(&o, &err), KEPT_E_USAGE);
    o = world_options(&w);
    o.store = NULL;
    assert_int_equal(kept_init(&o, &err), KEPT_E_USAGE);
    world_down(&w);
}

/* ---- limits ---------------------------------------------------------------------------------- */

static void test_limits(void **state)
{
    static struct kept_field fields[4097];
    static char text[2050];
    char name[66];
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    memset(name, 'n', sizeof name - 1);
    name[65] = 0;
    memset(text, 't', sizeof text - 1);
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_SUBJECT_SHOW, .subject = id, .actor = name);
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_SUBJECT_SHOW, .subject = id, .role = name);
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_SUBJECT_SHOW, .subject = id, .function = name);
    FAILS(&w, KEPT_E_LIMIT, .op = KEPT_OP_SUBJECT_SHOW, .subject = id, .text = text);
    text[2048] = 0;
    ALLOWS(&w, .op = KEPT_OP_SUBJECT_SHOW, .subject = id, .text = text);
    name[64] = 0;
    ALLOWS(&w, .op = KEPT_OP_SUBJECT_SHOW, .subject = id, .actor = name);
    for (size_t i = 0; i <= KEPT_MAX_FIELDS; i++)
        fields[i] = world_field("note", "n");
    FAILS(&w, KEPT_E_LIMIT, .op = KEPT_OP_COLLECT, .subject = id, .function = "notes",
          .fields = fields, .field_count = KEPT_MAX_FIELDS + 1);
    ALLOWS(&w, .op = KEPT_OP_COLLECT, .subject = id, .function = "notes", .fields = fields,
           .field_count = KEPT_MAX_FIELDS);
    /* Nothing leaves that the entry cannot name: neither behind many refused items ... */
    for (size_t i = 0; i < 10; i++)
        fields[i] = (struct kept_field){.item = 0x1000 + (uint32_t)i};
    FAILS(&w, KEPT_E_LIMIT, .op = KEPT_OP_USE, .subject = id, .purpose = "service",
          .fields = (struct kept_field[]){{.item = 0x1000}, {.name = "note"}}, .field_count = 2);
    /* ... nor in words that no report could show. */
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_SUBJECT_SHOW, .subject = id, .actor = "x\xff");
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_WHY, .subject = id, .item = "\xff\xfe");
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_SUBJECT_SET, .subject = id, .region = "china");
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .function = "notes",
          .consent = KEPT_C_EXPLICIT, .expires = INT64_MAX);
    for (size_t i = 0; i < 10; i++)
        fields[i] = world_field("note", "n");
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_COLLECT, .subject = id, .function = "notes",
          .field_count = 1); /* fields that are not there */
    fields[0].value.p = NULL;
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_COLLECT, .subject = id, .function = "notes",
          .fields = fields, .field_count = 1);
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_NONE);
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_COUNT);
    FAILS(&w, KEPT_E_USAGE, .op = (enum kept_op)-1);
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_USE, .subject = id, .purpose = "service");
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_COLLECT, .subject = id, .function = "notes");
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_SUBJECT_SHOW);
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_SUBJECT_SET, .subject = id);
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_SUBJECT_SET, .subject = id, .birth_date = "2026-02-30");
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_SUBJECT_NEW, .birth_date = "2999-01-01");
    world_down(&w);
}

static void test_in_flight(void **state)
{
    struct world w;
    struct kept_reply *replies[512];
    size_t n = 0, got = 0;
    (void)state;
    world_shop(&w);
    const struct kept_request r = {.op = KEPT_OP_SUBJECT_NEW, .app = "shop"};
    for (int i = 0; i < 4096; i++)
        assert_int_equal(kept_submit(w.kept, &r, &w.err), 0);
    assert_int_equal(kept_submit(w.kept, &r, &w.err), KEPT_E_LIMIT);
    while (got < 4096) {
        assert_int_equal(kept_reap(w.kept, replies, 512, 1, &n, &w.err), 0);
        assert_true(n > 0);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(replies[i]->error, 0);
            kept_reply_free(replies[i]);
        }
        got += n;
    }
    assert_int_equal(world_number(&w, "people_ever"), 4096);
    /* What is in flight when the store closes is freed; its replies were never handed over. */
    for (int i = 0; i < 3; i++)
        assert_int_equal(kept_submit(w.kept, &r, &w.err), 0);
    world_close(&w);
    world_open(&w);
    assert_int_equal(world_number(&w, "people_ever"), 4096);
    world_down(&w);
}

/* Who may come near the store beside us: nobody may write, the group may read the folder. */
static void test_a_store_open_to_others_is_refused(void **state)
{
    static const struct {
        const char *name;
        mode_t mode;
        int rc;
    } rows[] = {
        {"", 0750, 0},            {"", 0740, 0},           {"", 0770, KEPT_E_USAGE},
        {"", 0705, KEPT_E_USAGE}, {"", 0701, KEPT_E_USAGE}, {"", 0702, KEPT_E_USAGE},
        {"ledger", 0750, 0},      {"ledger", 0720, KEPT_E_USAGE}, {"ledger", 0704, KEPT_E_USAGE},
        {"store.db", 0640, 0},    {"store.db", 0644, 0}, /* closed by its folder */
        {"store.db", 0660, KEPT_E_USAGE}, {"store.db", 0602, KEPT_E_USAGE},
        {"lock", 0620, KEPT_E_USAGE},
    };
    struct world w;
    char path[WORLD_PATH];
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    world_close(&w);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        mode_t closed = rows[i].mode & 0100 ? 0700 : 0600;
        world_join(path, w.store, rows[i].name);
        assert_int_equal(chmod(path, rows[i].mode), 0);
        int rc = world_try_open(&w);
        if (rc != rows[i].rc)
            fail_msg("%s with %o: %d %s", path, (unsigned)rows[i].mode, rc, w.err.text);
        if (rc != 0) {
            assert_non_null(strstr(w.err.text, "open to others"));
            assert_non_null(strstr(w.err.text, closed == 0700 ? "chmod 700" : "chmod 600"));
        }
        world_close(&w);
        assert_int_equal(chmod(path, closed), 0);
    }
    static const mode_t bits[] = {0040, 0004, 0020, 0001};
    for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++) {
        assert_int_equal(chmod(w.keyring, 0700 | bits[i]), 0);
        assert_int_equal(world_try_open(&w), KEPT_E_USAGE);
        assert_non_null(strstr(w.err.text, "the keyring"));
        world_close(&w);
    }
    assert_int_equal(chmod(w.keyring, 0700), 0);
    world_open(&w);
    ALLOWS(&w, .op = KEPT_OP_SUBJECT_SHOW, .subject = id);
    world_down(&w);
    /* A folder that was there before is no better. */
    world_up(&w);
    world_close(&w);
    world_join(path, w.store, "store.db");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(chmod(w.keyring, 0755), 0);
    const struct kept_options o = world_options(&w);
    assert_int_equal(kept_init(&o, &w.err), KEPT_E_USAGE);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(chmod(w.keyring, 0700), 0);
    assert_int_equal(kept_init(&o, &w.err), 0);
    world_down(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_apps_do_not_see_each_other),
        cmocka_unit_test(test_versions_govern_by_acknowledgement),
        cmocka_unit_test(test_an_app_whose_policy_is_not_in_effect),
        cmocka_unit_test(test_a_clock_set_back),
        cmocka_unit_test(test_one_owner),
        cmocka_unit_test(test_a_wrong_root_key),
        cmocka_unit_test(test_keys_stand_apart_from_data),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_in_flight),
        cmocka_unit_test(test_a_store_open_to_others_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
