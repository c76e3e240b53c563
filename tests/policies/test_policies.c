/* Do the other four of policies/ keep what their clauses promise, and say of each rule which? One test for each clause that the
 * decision alone can keep; the names are those of the clause inventory. */
#include "scene.h"

static void clause_S2_1_2_no_purpose_but_those_named(void **state)
{
    (void)state;
    struct scene s = scene(home, KEPT_USE_READ, "hardware-model", NULL, "credit-scoring");
    expect(&s, KEPT_DENY, PURPOSE, "S2-1.4.1a");
    s = scene(home, KEPT_USE_READ, "hardware-model", NULL, "security");
    turns(&s, "phone-state", 1);
    expect(&s, KEPT_DENY, NEEDS_CONSENT, "S2-1.4.2.3b"); /* by anti-bot only, and asked for */
    s = scene(home, KEPT_USE_READ, "hardware-model", "operation", "software-management");
    expect(&s, KEPT_ALLOW, NONE, "S2-1.4.1a"); /* S2-1.4.3.1: directly related */
}

static void clause_S2_1_3a_register_rests_on_a_duty(void **state)
{
    (void)state;
    struct scene s = scene(home, KEPT_USE_COLLECT, "phone", "register", NULL);
    expect(&s, KEPT_ALLOW, NONE, "S2-1.3a");
    uint64_t present[4] = {0};
    uint32_t phone = index_of(home, KEPT_K_ITEM, "phone");
    uint32_t reg = index_of(home, KEPT_K_FUNCTION, "register");
    assert_int_equal(kept_policy_missing(home, reg, present), phone);
    present[phone / 64] |= (uint64_t)1 << (phone % 64);
    assert_int_equal(kept_policy_missing(home, reg, present), KEPT_NO_INDEX);
}

static void clause_S2_1_4_1a_catalogue(void **state)
{
    (void)state;
    static const char *const items[] = {
        "hardware-model", "os-version", "imei", "mac-address", "ip-address", "wlan-access-point",
        "bluetooth-device", "nfc-tag", "base-station", "app-version", "operation-log",
        "access-method", "network-type", "network-state", "network-quality", "service-log",
        "accelerometer", "imsi", "phone-status", "installed-apps", "running-processes",
        "app-source", "iccid", "idfa", "idfv"};
    for (size_t i = 0; i < COUNT(items); i++)
        assert_int_not_equal(index_of(home, KEPT_K_ITEM, items[i]), KEPT_NO_INDEX);
    struct scene s = scene(home, KEPT_USE_COLLECT, "undeclared-thing", "operation", NULL);
    expect(&s, KEPT_DENY, UNDECLARED, "S2-4.3a");
    s = scene(home, KEPT_USE_COLLECT, "accelerometer", "find-devices", NULL);
    expect(&s, KEPT_DENY, TRANSIENT, "S2-1.4.1a");
}

static void clause_S2_2_3_1x_no_self_start_without_consent(void **state)
{
    (void)state;
    struct scene s = scene(home, KEPT_USE_DISCLOSE, "android-id", "push", "messages");
    to(&s, "push-sdk");
    turns(&s, "notifications", 1);
    consents(&s, KEPT_K_FUNCTION, "push", KEPT_C_EXPLICIT, KEPT_CS_GRANTED);
    consents(&s, KEPT_K_PURPOSE, "messages", KEPT_C_EXPLICIT, KEPT_CS_GRANTED);
    expect(&s, KEPT_ALLOW, NONE, "S2-2.3.1");
    s.question.facts = KEPT_F_BACKGROUND;
    expect(&s, KEPT_DENY, NEEDS_CONSENT, "S2-2.3.1");
    consents(&s, KEPT_K_RECIPIENT, "push-sdk", KEPT_C_EXPLICIT, KEPT_CS_GRANTED);
    expect(&s, KEPT_ALLOW, NONE, "S2-2.3.1");
}

static void clause_S2_2_3_6_closed_world(void **state)
{
    (void)state;
    struct scene s = scene(home, KEPT_USE_DISCLOSE, "android-id", NULL, "statistics");
    to(&s, "unknown-sdk");
    expect(&s, KEPT_DENY, RECIPIENT, "S2-4.3a");
}

static void clause_S2_3_4_fewer_grounds_to_share(void **state)
{
    (void)state;
    struct scene s = scene(home, KEPT_USE_COLLECT, "imei", "anti-bot", NULL);
    turns(&s, "phone-state", 1);
    s.question.exemption = "stability";
    s.question.justified = true;
    expect(&s, KEPT_ALLOW, NONE, "S2-1.4.2.3b");
    s = scene(home, KEPT_USE_DISCLOSE, "android-id", NULL, "security");
    to(&s, "affiliate");
    s.question.justified = true;
    s.question.exemption = "stability";
    expect(&s, KEPT_DENY, JUSTIFICATION, "S2-1.4.3.2");
    s.question.exemption = "national-security";
    expect(&s, KEPT_ALLOW, NONE, "S2-3.1.4.1");
    s.question.justified = false;
    expect(&s, KEPT_DENY, JUSTIFICATION, "S2-3.4");
    s.question.exemption = "no-such-code";
    expect(&s, KEPT_DENY, JUSTIFICATION, "S2-4.3a");
}

static void clause_S2_1_4_3_2_research_without_names(void **state)
{
    (void)state;
    struct scene s = scene(home, KEPT_USE_READ, "click-stream", NULL, "statistics");
    s.question.exemption = "research";
    s.question.justified = true;
    expect(&s, KEPT_MASK, MASKED, "S2-1.4.3.2");
}

static void clause_S2_6_1_eighteen_to_the_day(void **state)
{
    (void)state;
    int32_t birth = 0;
    assert_int_equal(kept_date_parse("2008-06-02", 10, &birth), 0);
    struct scene s = scene(home, KEPT_USE_COLLECT, "hardware-model", "operation", NULL);
    s.context.birth_day = birth;
    /* 2026-06-02 begins in China eight hours before it begins in Greenwich. */
    s.question.now = ((kept_ms)20606 * KEPT_DAY) - 8 * KEPT_HOUR - 1;
    expect(&s, KEPT_DENY, AGE, "S2-6.1");
    s.question.now++;
    expect(&s, KEPT_ALLOW, NONE, "S2-1.4.1a");
    s.context.birth_day = KEPT_BIRTH_UNKNOWN;
    expect(&s, KEPT_DENY, AGE_UNKNOWN, "S2-6.1");
}

static void clause_S2_7_1_stored_in_one_place_only(void **state)
{
    (void)state;
    struct scene s = scene(home, KEPT_USE_COLLECT, "hardware-model", "operation", NULL);
    s.question.region = kept_ref(KEPT_K_REGION, "SG");
    expect(&s, KEPT_DENY, REGION, "S2-7.1b");
    s.question.region = kept_ref(KEPT_K_REGION, "CN");
    expect(&s, KEPT_ALLOW, NONE, "S2-1.4.1a");
    s = scene(home, KEPT_USE_DISCLOSE, "phone", NULL, "compliance");
    to(&s, "sms-gateway");
    expect(&s, KEPT_ALLOW, NONE, "S2-1.4.2.1a");
    s.question.region = kept_ref(KEPT_K_REGION, "HK");
    expect(&s, KEPT_DENY, REGION, "S2-7.1b");
}

static void clause_S1_0_5_fourteen_to_the_day(void **state)
{
    (void)state;
    int32_t birth = 0;
    assert_int_equal(kept_date_parse("2012-06-02", 10, &birth), 0);
    struct scene s = scene(messenger, KEPT_USE_COLLECT, "os-version", "basic-operation", NULL);
    s.context.birth_day = birth;
    s.question.now = ((kept_ms)20606 * KEPT_DAY) - 8 * KEPT_HOUR - 1;
    expect(&s, KEPT_DENY, AGE, "S1-0.5");
    s.question.now++;
    expect(&s, KEPT_ALLOW, NONE, "S1-1.3");
    s.context.birth_day = KEPT_BIRTH_UNKNOWN;
    expect(&s, KEPT_ALLOW, NONE, "S1-1.3");
}

static void clause_S1_1_28_masked_before_it_leaves(void **state)
{
    (void)state;
    struct scene s = scene(messenger, KEPT_USE_DISCLOSE, "account-name", "linked-accounts",
                           "experience");
    to(&s, "affiliate");
    consents(&s, KEPT_K_FUNCTION, "linked-accounts", KEPT_C_EXPLICIT, KEPT_CS_GRANTED);
    expect(&s, KEPT_DENY, NEEDS_SEPARATE_CONSENT, "S1-2.3");
    consents(&s, KEPT_K_RECIPIENT, "affiliate", KEPT_C_SEPARATE, KEPT_CS_GRANTED);
    expect(&s, KEPT_MASK, MASKED, "S1-2.3");
    s.question.item = index_of(messenger, KEPT_K_ITEM, "nickname");
    expect(&s, KEPT_ALLOW, NONE, "S1-2.3");
}

static void clause_S1_2_5_for_a_case(void **state)
{
    (void)state;
    struct scene s = scene(messenger, KEPT_USE_DISCLOSE, "id-number", NULL, "disputes");
    to(&s, "law-firm");
    consents(&s, KEPT_K_FUNCTION, "disputes", KEPT_C_SEPARATE, KEPT_CS_GRANTED);
    consents(&s, KEPT_K_RECIPIENT, "law-firm", KEPT_C_SEPARATE, KEPT_CS_GRANTED);
    expect(&s, KEPT_DENY, JUSTIFICATION, "S1-2.5");
    s.question.justified = true;
    expect(&s, KEPT_ALLOW, NONE, "S1-2.5");
}

static void clause_S3_1_4_nothing_listed_nothing_collected(void **state)
{
    (void)state;
    static const char *const items[] = {"device-model", "imei", "location", "photo", "phone"};
    for (size_t i = 0; i < COUNT(items); i++) {
        struct scene s = scene(wallpaper, KEPT_USE_COLLECT, items[i], "legal-records", NULL);
        expect(&s, KEPT_DENY, UNDECLARED, "S3-1.4");
    }
    assert_int_equal(wallpaper->info.recipients, 0);
}

static void clause_S4_1_10_from_whom(void **state)
{
    (void)state;
    struct scene s =
        scene(media, KEPT_USE_COLLECT, "partner-activity", "partner-service", NULL);
    consents(&s, KEPT_K_FUNCTION, "partner-service", KEPT_C_EXPLICIT, KEPT_CS_GRANTED);
    expect(&s, KEPT_DENY, RECIPIENT, "S4-1.8");
    to(&s, "nobody-known");
    expect(&s, KEPT_DENY, RECIPIENT, "S4-2.15");
    to(&s, "bank");
    expect(&s, KEPT_DENY, ITEM_NOT_IN_AGREEMENT, "S4-2.13");
    to(&s, "partner-service");
    expect(&s, KEPT_DENY, NEEDS_SEPARATE_CONSENT, "S4-1.8");
    consents(&s, KEPT_K_RECIPIENT, "partner-service", KEPT_C_SEPARATE, KEPT_CS_GRANTED);
    expect(&s, KEPT_ALLOW, NONE, "S4-1.8");
    s.question.now += 366 * KEPT_DAY;
    expect(&s, KEPT_DENY, AGREEMENT_EXPIRED, "S4-1.10");
    /* What the person says themselves may come from a party, too, if that party gives it. */
    s = scene(messenger, KEPT_USE_COLLECT, "nickname", "partner-login", NULL);
    consents(&s, KEPT_K_FUNCTION, "partner-login", KEPT_C_SEPARATE, KEPT_CS_GRANTED);
    consents(&s, KEPT_K_RECIPIENT, "other-platform", KEPT_C_SEPARATE, KEPT_CS_GRANTED);
    turns(&s, "third-party-platform", 1);
    to(&s, "other-platform");
    expect(&s, KEPT_ALLOW, NONE, "S1-1.18");
    to(&s, "supplier");
    expect(&s, KEPT_DENY, ITEM_NOT_IN_AGREEMENT, "S1-1.17");
}

static void clause_S4_14_1_the_guardian_is_asked(void **state)
{
    (void)state;
    struct scene s = scene(media, KEPT_USE_READ, "ip-address", "playing", "service");
    s.context.birth_day = 20605 - 13 * 365;
    expect(&s, KEPT_DENY, NEEDS_GUARDIAN, "S4-14.1");
    s.context.birth_day = 20605 - 16 * 365;
    expect(&s, KEPT_DENY, NEEDS_GUARDIAN, "S4-14.2");
    s.question.exemption = "vital-interest";
    expect(&s, KEPT_DENY, NEEDS_GUARDIAN, "S4-14.2"); /* reasons are missing */
    s.question.justified = true;
    expect(&s, KEPT_ALLOW, NONE, "S4-2.1");
    s.question.exemption = "public-interest"; /* is no ground that a minor's age gives way to */
    expect(&s, KEPT_DENY, NEEDS_GUARDIAN, "S4-14.2");
    assert_string_equal(media->bands[0].form, "express");
    assert_null(media->bands[2].form);
}

static void every_rule_carries_a_clause(void **state)
{
    (void)state;
    const struct kept_policy *all[] = {widgets, home, messenger, wallpaper, media};
    for (size_t k = 0; k < COUNT(all); k++) {
        const struct kept_policy *p = all[k];
        for (size_t i = 0; i < p->info.items; i++)
            assert_true(p->items[i].rule.clause[0] == 'S' && p->items[i].rule.line > 0);
        for (size_t i = 0; i < p->info.functions; i++)
            assert_int_equal(p->functions[i].rule.clause[0], 'S');
        for (size_t i = 0; i < p->info.purposes; i++)
            assert_int_equal(p->purposes[i].rule.clause[0], 'S');
        for (size_t i = 0; i < p->info.permissions; i++)
            assert_int_equal(p->permissions[i].rule.clause[0], 'S');
        for (size_t i = 0; i < p->info.recipients; i++)
            assert_int_equal(p->recipients[i].rule.clause[0], 'S');
        for (size_t i = 0; i < p->info.roles; i++)
            assert_int_equal(p->roles[i].rule.clause[0], 'S');
        for (size_t i = 0; i < p->exemption_count; i++)
            assert_int_equal(p->exemptions[i].rule.clause[0], 'S');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clause_S2_1_2_no_purpose_but_those_named),
        cmocka_unit_test(clause_S2_1_3a_register_rests_on_a_duty),
        cmocka_unit_test(clause_S2_1_4_1a_catalogue),
        cmocka_unit_test(clause_S2_1_4_3_2_research_without_names),
        cmocka_unit_test(clause_S2_2_3_1x_no_self_start_without_consent),
        cmocka_unit_test(clause_S2_2_3_6_closed_world),
        cmocka_unit_test(clause_S2_3_4_fewer_grounds_to_share),
        cmocka_unit_test(clause_S2_6_1_eighteen_to_the_day),
        cmocka_unit_test(clause_S2_7_1_stored_in_one_place_only),
        cmocka_unit_test(clause_S1_0_5_fourteen_to_the_day),
        cmocka_unit_test(clause_S1_1_28_masked_before_it_leaves),
        cmocka_unit_test(clause_S1_2_5_for_a_case),
        cmocka_unit_test(clause_S3_1_4_nothing_listed_nothing_collected),
        cmocka_unit_test(clause_S4_1_10_from_whom),
        cmocka_unit_test(clause_S4_14_1_the_guardian_is_asked),
        cmocka_unit_test(every_rule_carries_a_clause),
    };
    return cmocka_run_group_tests(tests, read_all, free_all);
}
