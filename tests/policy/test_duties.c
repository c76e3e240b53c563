/* Does every mistake in what a policy owes get its code, at its line and column? And what the queries say
 * where nothing was said, or something unknown is asked. */
#include "duties_aid.h"

static const char good[] =
    "account: {mode: phone, function: keep}\n"
    "cancellation: {triggers: [support], cooling_off: 7 days, within: 15 working days, disposition: as_asked,\n"
    "  preconditions: {balance: {text: money}}}\n"
    "messages: {marketing: {channels: [push], from_age: 18}, service: {channels: [app]}}\n"
    "log: {personal: declared}\n"
    "incident: {persons: {deadline: {within: 72 hours, from: aware}, channels: [mail], fallback: site, "
    "fields: [facts, impact, measures, advice, contact]}}\n"
    "cookies: {categories: {security: {}, analysis: {}}, trackers: {seen: {text: seen, category: analysis, "
    "kind: pixel, party: first, lifetime: 30 days}}}\n"
    "rights:\n"
    "  deadline: {within: 15 working days, from: received}\n"
    "  channels: [mail]\n"
    "  fee: {rule: cost, free: 2, window: 1 year}\n"
    "  requests: {access: {}, copy: {}, correct: {}, delete: {}, withdraw: {}, explain: {}, port: {}, complaint: {}}\n"
    "  refusals: {abuse: {text: abused, discretionary: true}}\n"
    "changes: {material: {triggers: [reduction], channels: [mail], lead: 7 days}}\n"
    "cessation: {lead: 15 days, channels: [site]}\n";

static const struct {
    const char *old, *new, *code;
} mistakes[] = {
    {"mode: phone", "mode: fax", "BAD_VALUE"},
    {"mode: phone", "mode: none", "ACCOUNT_CONTRADICTION"},
    {"mode: phone", "mode: mail", "ACCOUNT_CONTRADICTION"},
    {"mode: phone", "mode: phone, real_name: legal_obligation", "STATUTE_MISSING"},
    {"function: keep", "function: kepp", "DANGLING_REFERENCE"},
    {"triggers: [support]", "triggers: [support, support]", "DUPLICATE_ENTRY"},
    {"triggers: [support]", "triggers: []", "EMPTY_VALUE"},
    {"triggers: [support], cooling_off", "cooling_off", "MISSING_KEY"},
    {"within: 15 working days, disp", "within: 6 days, disp", "CANCELLATION_CONTRADICTION"},
    {"within: 15 working days, disp", "within: 15 working weeks, disp", "BAD_DEADLINE"},
    {"cooling_off: 7 days, within: 15 working days, ", "", "CANCELLATION_OPEN"},
    {"triggers: [support]", "triggers: [uninstall]", "CANCELLATION_HIDDEN"},
    {"balance: {", "Balance: {", "BAD_NAME"},
    {"from_age: 18", "switch_off: false", "MARKETING_NOT_REFUSABLE"},
    {"channels: [push]", "channels: [puhs]", "BAD_VALUE"},
    {"from_age: 18", "from_age: 0", "BAD_NUMBER"},
    {"within: 72 hours", "within: 0 hours", "BAD_DEADLINE"},
    {"within: 72 hours", "within: 2000 hours", "BAD_DEADLINE"},
    {"within: 72 hours", "within: soon", "BAD_DEADLINE"},
    {"from: aware", "rest_day: counts", "MISSING_KEY"},
    {"advice, contact", "contact", "INCIDENT_FIELDS"},
    {"analysis: {}}", "analysis: {necessary: true}}", "TRACKER_NOT_NECESSARY"},
    {", analysis: {}}", "}", "CATEGORY_UNSAID"},
    {"party: first", "party: nobody", "DANGLING_REFERENCE"},
    {"lifetime: 30 days", "lifetime: forever", "BAD_DURATION"},
    {"analysis: {}", "analysys: {}", "UNKNOWN_KEY"},
    {"  deadline: {within: 15 working days, from: received}\n", "", "NO_DEADLINE"},
    {"  channels: [mail]\n", "", "NO_CHANNEL"},
    {"rule: cost, free: 2", "rule: free, free: 2", "FEE_CONTRADICTION"},
    {"free: 2, ", "", "MISSING_KEY"},
    {"access: {}, ", "", "RIGHT_MISSING"},
    {"access: {}", "acess: {}", "UNKNOWN_KEY"},
    {"abuse: {", "Abuse!: {", "BAD_NAME"},
    {"text: abused, ", "", "MISSING_KEY"},
    {"triggers: [reduction], ", "", "MISSING_KEY"},
    {"lead: 7 days", "lead: a week", "BAD_DEADLINE"},
    {"changes: {", "changes: {retroactive: true, ", "RETROACTIVE"},
    {"lead: 15 days", "lead: 15", "BAD_DEADLINE"},
    {"retain: account}\n  phone", "retain: account, at_least: 10 days}\n  phone", "STATUTE_MISSING"},
    {"retain: account}\n  phone", "retain: 5 days, at_least: 10 days, retention_class: law, statute: S}\n  phone", "RETENTION_TOO_SHORT"},
    {"retain: account}\n  phone", "retain: account, then: archive}\n  phone", "ARCHIVE_CONTRADICTION"},
    {"retain: account}\n  phone", "retain: account, archive: 9 days}\n  phone", "ARCHIVE_CONTRADICTION"},
    {"retain: account}\n  phone", "retain: account, held_in: crm}\n  phone", "HELD_ELSEWHERE"},
    {"retain: account}\n  phone", "retain: account, place: external}\n  phone", "HELD_NOWHERE"},
    {"retain: account}\n  phone", "retain: account, place: external, held_in: C R M}\n  phone", "BAD_NAME"},
    {"refusing_costs: nothing", "refusing_costs: nothing, client: {app_from: \"2\", app_below: \"1.9\"}", "CLIENT_NOBODY"},
    {"refusing_costs: nothing", "refusing_costs: nothing, client: {app_from: new}", "BAD_VERSION"},
    {"refusing_costs: nothing", "refusing_costs: nothing, client: {os: {symbian: any}}", "UNKNOWN_KEY"},
    {"refusing_costs: nothing", "refusing_costs: nothing, personalised: {}", "MISSING_KEY"},
    {"refusing_costs: nothing", "refusing_costs: nothing, personalised: {otherwise: nothing, same_count: true}", "PERSONALISED_CONTRADICTION"},
};

static void every_mistake_has_its_code(void **state)
{
    (void)state;
    char *text = small_text(good); /* under a law that fills in nothing */
    memcpy(strstr(text, "jurisdiction: CN"), "jurisdiction: XX", sizeof "jurisdiction: XX" - 1);
    for (size_t i = 0; i < COUNT(mistakes); i++) {
        const char *at = strstr(text, mistakes[i].old);
        assert_non_null(at);
        assert_false(finds_in(text, mistakes[i].code));
        size_t n = strlen(text) + strlen(mistakes[i].new) + 1;
        char *other = malloc(n);
        (void)snprintf(other, n, "%.*s%s%s", (int)(at - text), text, mistakes[i].new,
                       at + strlen(mistakes[i].old));
        if (!finds_in(other, mistakes[i].code))
            fail_msg("%s: %s is not found", mistakes[i].new, mistakes[i].code);
        free(other);
    }
    free(text);
}

static void silence_is_not_an_answer(void **state)
{
    (void)state;
    struct kept_policy *p = lawless("");
    struct kept_anchors at = {.at = {1, 1, 1, 1}};
    struct kept_leaving leaving = {.at = 1};
    assert_false(kept_policy_right(p, KEPT_ASK_ACCESS).said);
    assert_int_equal(kept_policy_right(p, KEPT_ASK_COUNT).identity, KEPT_IDENTITY_DOCUMENT);
    assert_false(kept_policy_account(p).said);
    assert_false(kept_policy_cancellation(p, &leaving, NULL).accepted);
    assert_false(kept_policy_cessation(p, 1, NULL).said);
    assert_false(kept_policy_change(p, 1, 1, NULL).said);
    assert_false(kept_policy_incident(p, KEPT_TOLD_PERSONS, &at, NULL).said);
    assert_false(kept_policy_incident(p, KEPT_TOLD_COUNT, &at, NULL).said);
    assert_int_equal(kept_policy_message(p, KEPT_MESSAGE_SERVICE, KEPT_CH_MAIL, false,
                                         KEPT_BIRTH_UNKNOWN, 1).verdict, KEPT_MESSAGE_UNDECLARED);
    assert_int_equal(kept_policy_tracker(p, NULL, 0, 0).verdict, KEPT_TRACKER_UNDECLARED);
    assert_false(kept_policy_log_may(p, 0));
    assert_false(kept_policy_fee(p, KEPT_ASK_ACCESS, 9).said);
    assert_null(kept_policy_held_in(p, 0));
    assert_int_equal(kept_policy_on_discovery(p), 0);
    kept_policy_free(p);
}

static enum kept_message_verdict send(const struct kept_policy *p, enum kept_message_class class,
                                      enum kept_channel channel, bool off, int32_t birth)
{
    return kept_policy_message(p, class, channel, off, birth, NOON_2026).verdict;
}

static void messages_follow_class_channel_choice_and_age(void **state)
{
    (void)state;
    struct kept_policy *p = small(good);
    int32_t child = day("2010-01-01"), grown = day("1990-01-01");
    assert_int_equal(send(p, KEPT_MESSAGE_MARKETING, KEPT_CH_PUSH, false, grown), KEPT_MESSAGE_SEND);
    assert_int_equal(send(p, KEPT_MESSAGE_MARKETING, KEPT_CH_SMS, false, grown), KEPT_MESSAGE_CHANNEL);
    assert_int_equal(send(p, KEPT_MESSAGE_MARKETING, KEPT_CH_PUSH, true, grown), KEPT_MESSAGE_SWITCHED_OFF);
    assert_int_equal(send(p, KEPT_MESSAGE_MARKETING, KEPT_CH_PUSH, false, child), KEPT_MESSAGE_AGE);
    assert_int_equal(send(p, KEPT_MESSAGE_MARKETING, KEPT_CH_PUSH, false, KEPT_BIRTH_UNKNOWN), KEPT_MESSAGE_AGE);
    assert_int_equal(send(p, KEPT_MESSAGE_SERVICE, KEPT_CH_APP, true, child), KEPT_MESSAGE_SEND);
    assert_int_equal(send(p, KEPT_MESSAGE_SECURITY, KEPT_CH_APP, false, grown), KEPT_MESSAGE_UNDECLARED);
    kept_policy_free(p);
}

/* S2-9.2: what is offered depends on system, version and surface; what is not known is not met. */
static void functions_are_offered_by_client(void **state)
{
    (void)state;
    static const struct {
        struct kept_client client;
        bool offered;
    } rows[] = {
        {{"android", "10", "2.1", "phone"}, true},      {{"android", "10.0.0", "2.0", "phone"}, true},
        {{"android", "9.9.9", "2.1", "phone"}, false},  {{"ios", NULL, "2.1", "phone"}, true},
        {{"windows", "10", "2.1", "phone"}, false},     {{NULL, NULL, "2.1", "phone"}, false},
        {{"android", NULL, "2.1", "phone"}, false},     {{"android", "10", "1.99", "phone"}, false},
        {{"android", "10", "3", "phone"}, false},       {{"android", "10", NULL, "phone"}, false},
        {{"android", "10", "2.1", "tv"}, false},        {{"android", "10", "2.1", NULL}, false},
        {{"android", "ten", "2.1", "phone"}, false},
    };
    char *text = small_text("");
    struct kept_policy *any = read_policy(text);
    char *at = strstr(text, "refusing_costs: nothing");
    char other[4096];
    (void)snprintf(other, sizeof other,
                   "%.*sclient: {os: {android: \"10\", ios: any}, app_from: \"2.0\", app_below: \"3\", "
                   "surfaces: [phone]}, %s", (int)(at - text), text, at);
    struct kept_policy *p = read_policy(other);
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_true(kept_policy_offered(p, 0, &rows[i].client) == rows[i].offered);
        assert_true(kept_policy_offered(any, 0, &rows[i].client));
        assert_false(kept_policy_offered(any, KEPT_NO_INDEX, &rows[i].client));
    }
    kept_policy_free(p);
    kept_policy_free(any);
    free(text);
}

/* An incident: when it is due, how, with which fields, and what if people cannot be reached singly. */
static void incidents_have_hours_and_fields(void **state)
{
    (void)state;
    struct kept_policy *p = lawless(good);
    struct kept_anchors at = {.at = {[KEPT_ANCHOR_AWARE] = noon("2026-10-01")}};
    struct kept_incident told = kept_policy_incident(p, KEPT_TOLD_PERSONS, &at, NULL);
    assert_true(told.said && told.falls_back && told.fallback == KEPT_CH_SITE);
    assert_true(told.due.before == noon("2026-10-04"));
    assert_int_equal(__builtin_popcount(told.fields), 5);
    assert_false(kept_policy_incident(p, KEPT_TOLD_AUTHORITY, &at, NULL).said);
    kept_policy_free(p);
}

/* Of what is in no table nothing is said, and nothing is read behind its end. */
static void nothing_is_said_of_what_is_not_there(void **state)
{
    (void)state;
    struct kept_policy *p = load_policy("tests/policy/made.yaml");
    const uint32_t far = 4000;
    const char *text = "";
    const struct kept_end end = kept_policy_end(p, far, 1, 2), deleted = kept_policy_deletion(p, far, 1, 2);
    assert_true(end.at == 0 && end.line == 0 && deleted.at == 0 && deleted.line == 0);
    assert_null(kept_policy_held_in(p, far));
    assert_null(kept_policy_held_in(p, index_of(p, KEPT_K_ITEM, "note")));
    assert_string_equal(kept_policy_held_in(p, index_of(p, KEPT_K_ITEM, "parcel")), "orders");
    assert_false(kept_policy_log_may(p, far));
    assert_false(kept_policy_log_may(p, index_of(p, KEPT_K_ITEM, "note")));
    assert_int_equal(kept_policy_refuse(p, KEPT_ASK_COUNT, kept_policy_refusal_code(p, 0), true).refusal,
                     KEPT_REFUSAL_UNKNOWN);
    assert_int_equal(kept_policy_refuse(p, KEPT_ASK_ACCESS, NULL, true).refusal, KEPT_REFUSAL_UNKNOWN);
    assert_int_equal(kept_policy_refuse(p, KEPT_ASK_ACCESS, "no-such-code", true).refusal, KEPT_REFUSAL_UNKNOWN);
    assert_null(kept_policy_refusal_code(p, far));
    assert_null(kept_policy_refusal_text(p, "no-such-code", 0));
    assert_null(kept_policy_refusal_text(p, kept_policy_refusal_code(p, 0), far));
    assert_false(kept_policy_fee(p, KEPT_ASK_COUNT, 9).said);
    assert_null(kept_policy_precondition(p, far, 0, &text));
    assert_int_equal(kept_policy_message(p, KEPT_MESSAGE_CLASSES, KEPT_CH_MAIL, false, 0, NOON_2026).verdict,
                     KEPT_MESSAGE_UNDECLARED);
    assert_string_equal(kept_channel_word(KEPT_CH_COUNT), "?");
    assert_string_equal(kept_asked_word(KEPT_ASK_COUNT), "?");
    assert_string_equal(kept_material_code(KEPT_MATERIAL_COUNT), "?");
    assert_int_equal(kept_asked_of("access"), KEPT_ASK_ACCESS);
    assert_int_equal(kept_asked_of("acess"), KEPT_ASK_COUNT);
    assert_int_equal(kept_asked_of(NULL), KEPT_ASK_COUNT);
    assert_string_equal(kept_decision_name(KEPT_ALLOW), "allow");
    assert_string_equal(kept_decision_name(KEPT_MASK), "mask");
    assert_string_equal(kept_decision_name(KEPT_DENY), "deny");
    assert_string_equal(kept_severity_name(KEPT_ERROR), "error");
    assert_string_equal(kept_severity_name(KEPT_WARNING), "warning");
    assert_null(kept_policy_costs(p, KEPT_NO_INDEX, far));
    assert_null(kept_policy_costs(p, 0, far));
    assert_false(kept_policy_each_launch(p, far));
    assert_int_equal(kept_policy_withdrawal(p, far), p->info.withdrawal);
    kept_policy_free(p);
}

/* Which lengths and versions are some, by every way in which they are none. */
static void lengths_and_versions(void **state)
{
    (void)state;
    static const char *const lengths[] = {"days", "0 days", "99999 days", "5", "5days", "5 dayz", "5 dayss", "5 weeks", "5 working"};
    char text[400];
    for (size_t i = 0; i < COUNT(lengths); i++) {
        (void)snprintf(text, sizeof text,
                       "rights: {deadline: {within: %s, from: received}, channels: [mail], requests: {access: {}}}\n", lengths[i]);
        if (!finds(text, "BAD_DEADLINE"))
            fail_msg("%s is a length", lengths[i]);
    }
    static const char *const versions[] = {"", "a", "1a", ".1", "1.", "1..2",
                                           "1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1"};
    char *whole = small_text("");
    for (size_t i = 0; i <= COUNT(versions); i++) {
        (void)snprintf(text, sizeof text, "refusing_costs: nothing, client: {app_from: \"%s\"}",
                       i < COUNT(versions) ? versions[i] : "1.22.333");
        char *one = changed(whole, "refusing_costs: nothing", text);
        struct kept_policy *policy = NULL;
        struct kept_findings findings = {0};
        int rc = kept_policy_read(span_of(one), &policy, &findings, NULL);
        if ((rc == 0) != (i == COUNT(versions)))
            fail_msg("%s", text);
        kept_policy_free(policy);
        kept_findings_release(&findings);
        free(one);
    }
    free(whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_mistake_has_its_code),
        cmocka_unit_test(silence_is_not_an_answer),
        cmocka_unit_test(messages_follow_class_channel_choice_and_age),
        cmocka_unit_test(functions_are_offered_by_client),
        cmocka_unit_test(incidents_have_hours_and_fields),
        cmocka_unit_test(nothing_is_said_of_what_is_not_there),
        cmocka_unit_test(lengths_and_versions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
