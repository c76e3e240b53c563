/* test_logs.c - logs as a policy has them: who may read one for which purpose and by which rule, what of it is seen as it is,
 * hidden or not at all, and a log that outlives what people are told of its items. */
#include "duties_aid.h"

#include "policy/duties_int.h"

#define LOGS                                                                                       \
    "logs:\n"                                                                                      \
    "  web:\n    text: visits\n    format: combined\n    purposes: [work]\n    retain: 30 days\n    clause: L1\n" \
    "    fields:\n      agent: {item: note, from: browser}\n      caller: {item: phone}\n"              \
    "  crashes:\n    text: crashes\n    format: json\n    purposes: [ads]\n    retain: 90 days\n"       \
    "    fields: {}\n"
#define STAFF                                                                                      \
    "  app: {operations: all}\n"                                                                    \
    "  desk: {clause: D1, text: desk, operations: [use], purposes: [work], raw: [note], masked: [phone]}\n" \
    "  shop: {clause: D2, text: shop, operations: [use], purposes: [ads], raw: [phone]}\n"

/* With staff, or with nobody but them. */
static struct kept_policy *with_logs(const char *logs, const char *roles)
{
    char *text = small_text(logs), *staffed = changed(text, "  app: {operations: all}\n", roles);
    struct kept_policy *p = read_policy(staffed);
    free(staffed);
    free(text);
    return p;
}

static void by_name_and_number(void **state)
{
    (void)state;
    struct kept_policy *p = with_logs(LOGS, STAFF);
    const struct kept_log *web = kept_policy_log(p, "web"), *crashes = kept_policy_log(p, "crashes");
    assert_non_null(web);
    assert_non_null(crashes);
    assert_ptr_equal(kept_policy_log_at(p, 0), web);
    assert_ptr_equal(kept_policy_log_at(p, 1), crashes);
    assert_null(kept_policy_log_at(p, 2));
    assert_null(kept_policy_log(p, "we"));
    assert_null(kept_policy_log(p, NULL));
    assert_int_equal(web->field_count, 2);
    assert_string_equal(web->fields[0].from, "browser");
    assert_string_equal(web->fields[1].from, "caller"); /* its own name, where none is said */
    assert_int_equal(crashes->field_count, 0);
    kept_policy_free(p);
}

static void who_may_read(void **state)
{
    (void)state;
    struct kept_policy *p = with_logs(LOGS, STAFF);
    const struct kept_log *web = kept_policy_log(p, "web"), *crashes = kept_policy_log(p, "crashes");
    const uint32_t work = index_of(p, KEPT_K_PURPOSE, "work"), ads = index_of(p, KEPT_K_PURPOSE, "ads"),
                   desk = index_of(p, KEPT_K_ROLE, "desk"), shop = index_of(p, KEPT_K_ROLE, "shop");
    const struct {
        const struct kept_log *log;
        uint32_t role, purpose;
        enum kept_reason reason;
        const char *clause;
    } rows[] = {{web, KEPT_NO_INDEX, work, KEPT_R_NONE, "L1"},       {web, p->app_role, work, KEPT_R_NONE, "L1"},
                {web, desk, work, KEPT_R_NONE, "L1"},                {web, shop, work, KEPT_R_ROLE, "D2"},
                {web, desk, ads, KEPT_R_PURPOSE, "L1"},              {web, KEPT_NO_INDEX, KEPT_NO_INDEX, KEPT_R_PURPOSE, "L1"},
                {web, 4000, work, KEPT_R_ROLE, "L1"},                {crashes, shop, ads, KEPT_R_NONE, ""},
                {crashes, desk, ads, KEPT_R_ROLE, "D1"},             {crashes, KEPT_NO_INDEX, work, KEPT_R_PURPOSE, ""}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *clause = NULL;
        int line = 0;
        const enum kept_reason reason = kept_policy_log_read(p, rows[i].log, rows[i].role, rows[i].purpose, &clause, &line);
        if (reason != rows[i].reason || strcmp(clause, rows[i].clause) != 0)
            fail_msg("row %zu: %s by '%s'", i, kept_reason_text(reason), clause);
        assert_true(line > 0);
    }
    kept_policy_free(p);
}

static void what_is_seen(void **state)
{
    (void)state;
    struct kept_policy *p = with_logs(LOGS, STAFF);
    const struct kept_log_field *note = &kept_policy_log(p, "web")->fields[0], *phone = &kept_policy_log(p, "web")->fields[1];
    const uint32_t desk = index_of(p, KEPT_K_ROLE, "desk"), shop = index_of(p, KEPT_K_ROLE, "shop");
    assert_int_equal(kept_policy_log_sees(p, note, KEPT_NO_INDEX), KEPT_ALLOW);
    assert_int_equal(kept_policy_log_sees(p, phone, p->app_role), KEPT_ALLOW);
    assert_int_equal(kept_policy_log_sees(p, note, desk), KEPT_ALLOW);
    assert_int_equal(kept_policy_log_sees(p, phone, desk), KEPT_MASK);
    assert_int_equal(kept_policy_log_sees(p, phone, shop), KEPT_ALLOW);
    assert_int_equal(kept_policy_log_sees(p, note, shop), KEPT_DENY);
    assert_int_equal(kept_policy_log_sees(p, note, 4000), KEPT_DENY);
    kept_policy_free(p);
}

/* Where no role is called app, the app itself reads and sees nothing. */
static void no_app(void **state)
{
    (void)state;
    struct kept_policy *p = with_logs(LOGS, "  desk: {text: desk, operations: [use], purposes: [work], raw: [note]}\n");
    const struct kept_log *web = kept_policy_log(p, "web");
    const char *clause = NULL;
    int line = 0;
    assert_int_equal(p->app_role, KEPT_NO_INDEX);
    assert_int_equal(kept_policy_log_read(p, web, KEPT_NO_INDEX, index_of(p, KEPT_K_PURPOSE, "work"), &clause, &line), KEPT_R_ROLE);
    assert_int_equal(kept_policy_log_sees(p, &web->fields[0], KEPT_NO_INDEX), KEPT_DENY);
    assert_int_equal(kept_policy_log_sees(p, &web->fields[0], 0), KEPT_ALLOW);
    kept_policy_free(p);
}

/* What people are told of an item holds in the log, too; of an item that cannot be read nothing is known. */
static void a_log_that_outlives_its_items(void **state)
{
    (void)state;
    static const struct {
        const char *retain;
        bool outlives;
    } rows[] = {{"retain: account}", false}, {"retain: 30 days}", false}, {"retain: 29 days}", true},
                {"retain: 29 days, values: several}", false}, {"place: device}", false}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *text = small_text(LOGS), *other = changed(text, "retain: account}", rows[i].retain);
        if (finds_in(other, "LOG_OUTLIVES_ITEM") != rows[i].outlives)
            fail_msg("%s", rows[i].retain);
        free(other);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_name_and_number), cmocka_unit_test(who_may_read), cmocka_unit_test(what_is_seen),
        cmocka_unit_test(no_app), cmocka_unit_test(a_log_that_outlives_its_items),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
