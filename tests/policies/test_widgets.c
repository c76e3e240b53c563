/* Does policies/widgets.yaml keep what its clauses promise? One test for each clause that the
 * decision alone can keep; the names are those of the clause inventory. */
#include "scene.h"

static void clause_S0_0_1_nothing_before_the_notice(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < widgets->info.items; i++) {
        struct scene s = scene(widgets, KEPT_USE_COLLECT, widgets->items[i].pub.name,
                               "device-adaptation", NULL);
        s.context.notice_version = 0;
        expect(&s, KEPT_DENY, NO_NOTICE, "S0-0.1");
    }
    struct scene s = scene(widgets, KEPT_USE_COLLECT, "device-model", "device-adaptation", NULL);
    expect(&s, KEPT_ALLOW, NONE, "S0-1.1");
}

static void clause_S0_0_2_who_refuses_is_left_alone(void **state)
{
    (void)state;
    struct scene s = scene(widgets, KEPT_USE_COLLECT, "device-model", "device-adaptation", NULL);
    s.context.state = KEPT_S_REFUSED;
    expect(&s, KEPT_DENY, REFUSED, "S0-0.2");
}

static void clause_S0_0_3_implied_is_not_separate(void **state)
{
    (void)state;
    struct scene s = scene(widgets, KEPT_USE_COLLECT, "location", "location-assist", NULL);
    turns(&s, "location", 1);
    consents(&s, KEPT_K_NONE, NULL, KEPT_C_IMPLIED, KEPT_CS_GRANTED);
    consents(&s, KEPT_K_FUNCTION, "location-assist", KEPT_C_IMPLIED, KEPT_CS_GRANTED);
    expect(&s, KEPT_DENY, NEEDS_SEPARATE_CONSENT, "S0-3.1");
    consents(&s, KEPT_K_FUNCTION, "location-assist", KEPT_C_SEPARATE, KEPT_CS_GRANTED);
    expect(&s, KEPT_ALLOW, NONE, "S0-3.1");
}

static void clause_S0_1_2_six_purposes_and_no_other(void **state)
{
    (void)state;
    static const char *const six[] = {"adaptation", "normal-use", "bug-analysis", "improvement",
                                      "security", "account-security"};
    for (size_t i = 0; i < COUNT(six); i++) {
        struct scene s =
            scene(widgets, KEPT_USE_READ, "device-name", "device-adaptation", six[i]);
        expect(&s, KEPT_ALLOW, NONE, "S0-1.1");
    }
    struct scene s = scene(widgets, KEPT_USE_READ, "device-name", NULL, "marketing");
    expect(&s, KEPT_DENY, PURPOSE, "S0-1.1");
    s = scene(widgets, KEPT_USE_READ, "device-name", NULL, "advertising");
    expect(&s, KEPT_DENY, PURPOSE, "S0-1.1");
    s = scene(widgets, KEPT_USE_READ, "software-version", NULL, "marketing");
    expect(&s, KEPT_DENY, PURPOSE, "S0-1.4");
}

static void clause_S0_1_5_app_list_for_two_functions(void **state)
{
    (void)state;
    struct scene s = scene(widgets, KEPT_USE_COLLECT, "app-list", "device-adaptation", NULL);
    expect(&s, KEPT_DENY, FUNCTION, "S0-1.5");
    s = scene(widgets, KEPT_USE_COLLECT, "app-list", "no-such-function", NULL);
    expect(&s, KEPT_DENY, FUNCTION, "S0-0.6");
}

static void clause_S0_2_4_once_in_a_launch(void **state)
{
    (void)state;
    struct scene s = scene(widgets, KEPT_USE_COLLECT, "battery-level", "widget-display", NULL);
    consents(&s, KEPT_K_FUNCTION, "widget-display", KEPT_C_EXPLICIT, KEPT_CS_GRANTED);
    expect(&s, KEPT_ALLOW, NONE, "S0-2.4");
    s.launches[0] = (struct kept_launch_row){kept_ref(KEPT_K_FUNCTION, "widget-display"),
                                             kept_ref(KEPT_K_ITEM, "battery-level"), 1};
    s.context.launch_count = 1;
    expect(&s, KEPT_DENY, FREQUENCY, "S0-2.4");
    s.question.launch = 2;
    expect(&s, KEPT_ALLOW, NONE, "S0-2.4");
    consents(&s, KEPT_K_FUNCTION, "widget-display", KEPT_C_EXPLICIT, KEPT_CS_WITHDRAWN);
    expect(&s, KEPT_DENY, WITHDRAWN, "S0-2.4");
}

static void clause_S0_2_5_every_item_is_declared(void **state)
{
    (void)state;
    static const char *const items[] = {
        "device-model", "screen-resolution", "battery-level", "os-version", "free-storage",
        "network-type", "app-list", "file-names", "location", "app-version", "network-state",
        "bluetooth-state", "wifi-access-point", "imei", "advertising-id", "mac-address",
        "serial-number", "device-id"};
    for (size_t i = 0; i < COUNT(items); i++)
        assert_int_not_equal(index_of(widgets, KEPT_K_ITEM, items[i]), KEPT_NO_INDEX);
}

static void clause_S0_3_2_imei_only_as_a_hash(void **state)
{
    (void)state;
    const struct kept_item *imei =
        kept_policy_item(widgets, index_of(widgets, KEPT_K_ITEM, "imei"));
    assert_true(imei->hashed && imei->token && imei->mask_whole);
    struct scene s = scene(widgets, KEPT_USE_READ, "imei", NULL, "account-security");
    expect(&s, KEPT_DENY, NO_VALUE, "S0-3.2");
}

static void clause_S0_3_5_off_by_default(void **state)
{
    (void)state;
    struct scene s = scene(widgets, KEPT_USE_COLLECT, "app-list", "quick-launch", NULL);
    consents(&s, KEPT_K_FUNCTION, "quick-launch", KEPT_C_SEPARATE, KEPT_CS_GRANTED);
    expect(&s, KEPT_DENY, PERMISSION, "S0-3.4");
    turns(&s, "query-packages", 1);
    expect(&s, KEPT_ALLOW, NONE, "S0-3.4");
    turns(&s, "query-packages", 0);
    expect(&s, KEPT_DENY, PERMISSION, "S0-3.4");
}

static void clause_S0_3_6_consent_is_for_one_function(void **state)
{
    (void)state;
    struct scene s = scene(widgets, KEPT_USE_COLLECT, "app-list", "environment-safety", NULL);
    turns(&s, "query-packages", 1);
    consents(&s, KEPT_K_FUNCTION, "quick-launch", KEPT_C_SEPARATE, KEPT_CS_GRANTED);
    expect(&s, KEPT_DENY, NEEDS_SEPARATE_CONSENT, "S0-1.5");
}

static void clause_S0_3_7_withdrawal_stops_use_too(void **state)
{
    (void)state;
    struct scene s = scene(widgets, KEPT_USE_READ, "habits", "profiling", "personalisation");
    consents(&s, KEPT_K_FUNCTION, "profiling", KEPT_C_EXPLICIT, KEPT_CS_GRANTED);
    consents(&s, KEPT_K_PURPOSE, "personalisation", KEPT_C_EXPLICIT, KEPT_CS_GRANTED);
    expect(&s, KEPT_ALLOW, NONE, "S0-2.3");
    struct scene purpose = s;
    consents(&purpose, KEPT_K_PURPOSE, "personalisation", KEPT_C_EXPLICIT, KEPT_CS_WITHDRAWN);
    expect(&purpose, KEPT_DENY, WITHDRAWN, "S0-2.3");
    struct scene item = s;
    consents(&item, KEPT_K_ITEM, "habits", KEPT_C_EXPLICIT, KEPT_CS_WITHDRAWN);
    expect(&item, KEPT_DENY, WITHDRAWN, "S0-2.3");
    consents(&s, KEPT_K_FUNCTION, "profiling", KEPT_C_EXPLICIT, KEPT_CS_WITHDRAWN);
    expect(&s, KEPT_DENY, WITHDRAWN, "S0-2.3");
}

static void clause_S0_3_8_only_while_in_use(void **state)
{
    (void)state;
    struct scene s = scene(widgets, KEPT_USE_COLLECT, "location", "location-assist", NULL);
    turns(&s, "location", 1);
    consents(&s, KEPT_K_FUNCTION, "location-assist", KEPT_C_SEPARATE, KEPT_CS_GRANTED);
    s.question.facts = 0;
    expect(&s, KEPT_DENY, NOT_IN_USE, "S0-3.1");
}

static void clause_S0_4_1_sharing_needs_separate_consent(void **state)
{
    (void)state;
    struct scene s =
        scene(widgets, KEPT_USE_DISCLOSE, "contact-phone", "marketing-contact", "marketing");
    to(&s, "marketing-partner");
    consents(&s, KEPT_K_FUNCTION, "marketing-contact", KEPT_C_SEPARATE, KEPT_CS_GRANTED);
    consents(&s, KEPT_K_PURPOSE, "marketing", KEPT_C_SEPARATE, KEPT_CS_GRANTED);
    expect(&s, KEPT_DENY, NEEDS_SEPARATE_CONSENT, "S0-4.5");
    consents(&s, KEPT_K_RECIPIENT, "marketing-partner", KEPT_C_EXPLICIT, KEPT_CS_GRANTED);
    expect(&s, KEPT_DENY, NEEDS_SEPARATE_CONSENT, "S0-4.5");
    consents(&s, KEPT_K_RECIPIENT, "marketing-partner", KEPT_C_SEPARATE, KEPT_CS_GRANTED);
    expect(&s, KEPT_ALLOW, NONE, "S0-4.5");
    /* S0-4.5: who opts out is in no feed. */
    consents(&s, KEPT_K_PURPOSE, "marketing", KEPT_C_SEPARATE, KEPT_CS_WITHDRAWN);
    expect(&s, KEPT_DENY, WITHDRAWN, "S0-4.5");
}

static void clause_S0_4_2_exception_needs_a_justification(void **state)
{
    (void)state;
    struct scene s =
        scene(widgets, KEPT_USE_DISCLOSE, "contact-phone", "marketing-contact", "marketing");
    to(&s, "marketing-partner");
    s.question.exemption = "contract";
    expect(&s, KEPT_DENY, JUSTIFICATION, "S0-4.2");
    s.question.justified = true;
    expect(&s, KEPT_ALLOW, NONE, "S0-4.5");
}

static void clause_S0_4_3_items_of_the_agreement_only(void **state)
{
    (void)state;
    struct scene s = scene(widgets, KEPT_USE_DISCLOSE, "contact-phone", NULL, "support");
    to(&s, "data-service");
    expect(&s, KEPT_DENY, ITEM_NOT_IN_AGREEMENT, "S0-4.3");
    s = scene(widgets, KEPT_USE_DISCLOSE, "device-model", NULL, "improvement");
    to(&s, "data-service");
    expect(&s, KEPT_ALLOW, NONE, "S0-4.3");
}

static void clause_S0_4_4_statistics_only(void **state)
{
    (void)state;
    struct scene s = scene(widgets, KEPT_USE_DISCLOSE, "crash-report", NULL, "bug-analysis");
    to(&s, "crash-statistics");
    expect(&s, KEPT_DENY, AGGREGATE_ONLY, "S0-4.4");
}

static void clause_S0_4_7_nobody_unregistered(void **state)
{
    (void)state;
    struct scene s = scene(widgets, KEPT_USE_DISCLOSE, "device-model", NULL, "improvement");
    to(&s, "some-other-partner");
    expect(&s, KEPT_DENY, RECIPIENT, "S0-0.6");
}

static void clause_S0_4_8_sharing_needs_a_purpose(void **state)
{
    (void)state;
    struct scene s = scene(widgets, KEPT_USE_DISCLOSE, "device-model", NULL, NULL);
    to(&s, "data-service");
    expect(&s, KEPT_DENY, PURPOSE, "S0-1.1");
}

static void clause_S0_4_9_not_after_the_agreement(void **state)
{
    (void)state;
    struct scene s = scene(widgets, KEPT_USE_DISCLOSE, "device-model", NULL, "improvement");
    to(&s, "data-service");
    int32_t day = 0;
    assert_int_equal(kept_date_parse("2028-01-10", 10, &day), 0);
    s.question.now = (kept_ms)day * KEPT_DAY - 8 * KEPT_HOUR - 1;
    expect(&s, KEPT_ALLOW, NONE, "S0-4.3");
    s.question.now++;
    expect(&s, KEPT_DENY, AGREEMENT_EXPIRED, "S0-4.9");
}

static void clause_S0_5_3_authority_needs_a_ground(void **state)
{
    (void)state;
    struct scene s = scene(widgets, KEPT_USE_DISCLOSE, "access-log", NULL, "legal-duty");
    to(&s, "court");
    expect(&s, KEPT_DENY, JUSTIFICATION, "S0-5.3");
    s.question.exemption = "legal-demand";
    s.question.justified = true;
    expect(&s, KEPT_ALLOW, NONE, "S0-5.3");
}

static void clause_S0_6_2_ceased_means_nothing_more(void **state)
{
    (void)state;
    struct scene s = scene(widgets, KEPT_USE_COLLECT, "device-model", "device-adaptation", NULL);
    s.context.ceased = true;
    expect(&s, KEPT_DENY, CEASED, "S0-6.2");
}

static void clause_S0_7_5_support_sees_masked(void **state)
{
    (void)state;
    struct scene s = scene(widgets, KEPT_USE_READ, "contact-phone", NULL, "support");
    consents(&s, KEPT_K_FUNCTION, "feedback", KEPT_C_EXPLICIT, KEPT_CS_GRANTED);
    expect(&s, KEPT_ALLOW, NONE, "S0-12.2"); /* the app itself */
    as(&s, "support");
    expect(&s, KEPT_MASK, MASKED, "S0-7.5");
    as(&s, "officer");
    expect(&s, KEPT_ALLOW, NONE, "S0-12.2");
    as(&s, "auditor");
    expect(&s, KEPT_DENY, OPERATION, "S0-7.2");
    as(&s, "stranger");
    expect(&s, KEPT_DENY, ROLE, "S0-0.6");
}

static void clause_S0_8_1_a_minor_needs_a_guardian(void **state)
{
    (void)state;
    struct scene s = scene(widgets, KEPT_USE_COLLECT, "device-model", "device-adaptation", NULL);
    s.context.birth_day = 14032; /* eighteen tomorrow */
    expect(&s, KEPT_DENY, NEEDS_GUARDIAN, "S0-8.1");
    s.context.birth_day = KEPT_BIRTH_UNKNOWN;
    expect(&s, KEPT_ALLOW, NONE, "S0-1.1");
}

/* Whatever the person and a guardian agreed to, and with a code: to the day. */
static void clause_S0_4_5_nothing_is_advertised_to_minors(void **state)
{
    (void)state;
    struct scene s = scene(widgets, KEPT_USE_DISCLOSE, "contact-phone", "marketing-contact", "marketing");
    to(&s, "marketing-partner");
    consents(&s, KEPT_K_FUNCTION, "marketing-contact", KEPT_C_SEPARATE, KEPT_CS_GRANTED);
    consents(&s, KEPT_K_PURPOSE, "marketing", KEPT_C_SEPARATE, KEPT_CS_GRANTED);
    consents(&s, KEPT_K_RECIPIENT, "marketing-partner", KEPT_C_SEPARATE, KEPT_CS_GRANTED);
    consents(&s, KEPT_K_NONE, NULL, KEPT_C_GUARDIAN, KEPT_CS_GRANTED);
    s.context.birth_day = 14032; /* eighteen tomorrow */
    expect(&s, KEPT_DENY, AGE, "S0-4.5");
    s.question.exemption = "contract";
    s.question.justified = true;
    expect(&s, KEPT_DENY, AGE, "S0-4.5");
    s.question.exemption = NULL;
    s.context.birth_day = 14031; /* today */
    expect(&s, KEPT_ALLOW, NONE, "S0-4.5");
    s.context.birth_day = KEPT_BIRTH_UNKNOWN; /* is treated as grown up, as the policy says */
    expect(&s, KEPT_ALLOW, NONE, "S0-4.5");
}

/* Who is restricted is so for all but whom a law sends to what is set apart for it. */
static void clause_S0_6_1_a_restriction_stops_no_law(void **state)
{
    (void)state;
    struct scene s = scene(widgets, KEPT_USE_READ, "access-log", NULL, "legal-duty");
    s.context.state = KEPT_S_RESTRICTED;
    s.question.held = true;
    as(&s, "officer");
    expect(&s, KEPT_DENY, RESTRICTED, "");
    s.question.archived = true;
    expect(&s, KEPT_ALLOW, NONE, "S0-12.1");
    as(&s, "support");
    expect(&s, KEPT_DENY, RESTRICTED, "");
}

static void clause_S0_6_1_what_a_law_keeps_only_law_reads(void **state)
{
    (void)state;
    struct scene s = scene(widgets, KEPT_USE_READ, "access-log", NULL, "legal-duty");
    s.context.state = KEPT_S_KEPT_BY_LAW;
    s.question.held = true;
    expect(&s, KEPT_DENY, KEPT_BY_LAW, "");
    as(&s, "officer");
    expect(&s, KEPT_ALLOW, NONE, "S0-12.1");
    as(&s, "support");
    expect(&s, KEPT_DENY, KEPT_BY_LAW, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clause_S0_0_1_nothing_before_the_notice),
        cmocka_unit_test(clause_S0_0_2_who_refuses_is_left_alone),
        cmocka_unit_test(clause_S0_4_5_nothing_is_advertised_to_minors),
        cmocka_unit_test(clause_S0_6_1_a_restriction_stops_no_law),
        cmocka_unit_test(clause_S0_0_3_implied_is_not_separate),
        cmocka_unit_test(clause_S0_1_2_six_purposes_and_no_other),
        cmocka_unit_test(clause_S0_1_5_app_list_for_two_functions),
        cmocka_unit_test(clause_S0_2_4_once_in_a_launch),
        cmocka_unit_test(clause_S0_2_5_every_item_is_declared),
        cmocka_unit_test(clause_S0_3_2_imei_only_as_a_hash),
        cmocka_unit_test(clause_S0_3_5_off_by_default),
        cmocka_unit_test(clause_S0_3_6_consent_is_for_one_function),
        cmocka_unit_test(clause_S0_3_7_withdrawal_stops_use_too),
        cmocka_unit_test(clause_S0_3_8_only_while_in_use),
        cmocka_unit_test(clause_S0_4_1_sharing_needs_separate_consent),
        cmocka_unit_test(clause_S0_4_2_exception_needs_a_justification),
        cmocka_unit_test(clause_S0_4_3_items_of_the_agreement_only),
        cmocka_unit_test(clause_S0_4_4_statistics_only),
        cmocka_unit_test(clause_S0_4_7_nobody_unregistered),
        cmocka_unit_test(clause_S0_4_8_sharing_needs_a_purpose),
        cmocka_unit_test(clause_S0_4_9_not_after_the_agreement),
        cmocka_unit_test(clause_S0_5_3_authority_needs_a_ground),
        cmocka_unit_test(clause_S0_6_1_what_a_law_keeps_only_law_reads),
        cmocka_unit_test(clause_S0_6_2_ceased_means_nothing_more),
        cmocka_unit_test(clause_S0_7_5_support_sees_masked),
        cmocka_unit_test(clause_S0_8_1_a_minor_needs_a_guardian),
    };
    return cmocka_run_group_tests(tests, read_all, free_all);
}
