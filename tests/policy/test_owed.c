/* Is what people are owed, and what is said of it, one: rights that only the law gives, ways to ask that reach
 * somebody, ends that kept can keep; and does a value from a file need no client? */
#include "render_aid.h"
#include "duties_aid.h"

#define ASKED(channels)                                                                            \
    "rights: {deadline: {within: 15 days, from: received}, channels: [" channels "], requests: {access: {}}}\n"

static const char by_law_en[] = "Besides, the law lets you", by_law_zh[] = "此外，法律还赋予您下列权利";

static bool tells(const struct kept_policy *p, enum kept_rendering as, const char *language, const char *words)
{
    char *text = render(p, as, language);
    bool found = strstr(text, words) != NULL;
    free(text);
    return found;
}

static void rights_of_the_law_are_in_the_notice(void **state)
{
    (void)state;
    struct kept_policy *p = small(ASKED("mail"));
    assert_true(tells(p, KEPT_RENDER_TEXT, "en", by_law_en));
    assert_true(tells(p, KEPT_RENDER_NOTICE, "en", "object to a use of it"));
    assert_true(tells(p, KEPT_RENDER_NOTICE, "en", "data-rule=\"rights/by-law\""));
    assert_true(tells(p, KEPT_RENDER_NOTICE, "en", "write to a@example.org; we answer within 15 working days"));
    assert_true(tells(p, KEPT_RENDER_SUMMARY, "en", "object to a use of it"));
    kept_policy_free(p);
    p = small(""); /* also where the policy does not speak of any */
    assert_true(tells(p, KEPT_RENDER_NOTICE, "en", "object to a use of it"));
    assert_true(tells(p, KEPT_RENDER_NOTICE, "en", "see what we hold of you"));
    kept_policy_free(p);
    p = lawless(ASKED("mail")); /* no law that kept knows gives any */
    assert_false(tells(p, KEPT_RENDER_TEXT, "en", by_law_en));
    assert_false(tells(p, KEPT_RENDER_NOTICE, "en", "object to a use of it"));
    kept_policy_free(p);
    p = load_policy("policies/smart-home.yaml");
    assert_true(tells(p, KEPT_RENDER_TEXT, "zh", by_law_zh));
    kept_policy_free(p);
}

static void who_is_to_call_is_told_the_number(void **state)
{
    static const struct {
        const char *channels, *with;
        bool unreached;
    } cases[] = {{"mail", "", false},
                 {"mail, phone", "", true},
                 {"mail, phone", ", phone: \"400 000\"", false},
                 {"letter", "", true},
                 {"letter", ", address: 1 Example Street", false},
                 {"phone, letter", ", address: 1 Example Street", true}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char sections[300], with[200];
        (void)snprintf(sections, sizeof sections, ASKED("%s"), cases[i].channels);
        (void)snprintf(with, sizeof with, "contact: a@example.org%s", cases[i].with);
        char *text = small_text(sections), *whole = changed(text, "contact: a@example.org", with);
        if (finds_in(whole, "CHANNEL_UNREACHED") != cases[i].unreached)
            fail_msg("%s with %s", cases[i].channels, cases[i].with);
        free(whole);
        free(text);
    }
    assert_false(finds("", "CHANNEL_UNREACHED"));
}

/* What an end promises and kept cannot do is an error; each with its mended side. */
static void ends_that_can_be_kept(void **state)
{
    static const struct {
        const char *end, *code;
    } cases[] = {
        {"retain: account, then: anonymise", "ANONYMISE_UNKEPT"},
        {"retain: account, place: external, held_in: crm, then: anonymise", NULL},
        {"retain: account, then: erase", NULL},
        {"retain: account, then: archive, archive: 3 years, statute: S, values: many", "ARCHIVE_CONTRADICTION"},
        {"retain: account, then: archive, archive: 3 years, statute: S, retention_class: law", "ARCHIVE_CONTRADICTION"},
        {"retain: account, then: archive, archive: 3 years, statute: S, retention_class: law, values: many", NULL},
        {"retain: account, statute: S, retention_class: law, values: many", "STATUTE_MISSING"}, /* for how long? */
        {"retain: 9 days, then: archive, archive: 3 years, statute: S, place: external, held_in: crm", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct kept_findings findings = {0};
        struct kept_policy *policy = NULL;
        struct kept_err err = {0};
        char *text = small_text(""), *other = changed(text, "retain: account", cases[i].end);
        int rc = kept_policy_read(span_of(other), &policy, &findings, &err);
        if ((rc != 0) != (cases[i].code != NULL) ||
            (rc != 0 && (findings.errors != 1 || !finds_in(other, cases[i].code))))
            fail_msg("%s: %s", cases[i].end, err.text);
        assert_false(cases[i].code != NULL && strcmp(cases[i].code, "ANONYMISE_UNKEPT") == 0 && policy != NULL);
        kept_findings_release(&findings);
        kept_policy_free(policy);
        free(other);
        free(text);
    }
}

/* What is archived is read by whom a law sends, for what a law imposes, and by nobody else. */
static void the_archive_is_for_whom_a_law_sends(void **state)
{
    (void)state;
    struct kept_policy *p = load_policy("policies/wallpaper.yaml");
    const uint32_t item = index_of(p, KEPT_K_ITEM, "purchase-record");
    struct kept_context context = {.state = KEPT_S_LIVE, .policy_version = p->info.version,
                                   .notice_version = p->info.version, .birth_day = KEPT_BIRTH_UNKNOWN};
    struct kept_question q = {.use = KEPT_USE_READ, .item = item, .function = KEPT_NO_INDEX, .recipient = KEPT_NO_INDEX,
                              .purpose = index_of(p, KEPT_K_PURPOSE, "claims"),
                              .role = index_of(p, KEPT_K_ROLE, "officer"), .archived = true, .now = NOON_2026};
    assert_int_not_equal(kept_decide(p, &context, &q).decision, KEPT_DENY);
    q.role = KEPT_NO_INDEX;
    assert_int_equal(kept_decide(p, &context, &q).reason, KEPT_R_KEPT_BY_LAW);
    q.role = index_of(p, KEPT_K_ROLE, "officer");
    q.purpose = index_of(p, KEPT_K_PURPOSE, "orders");
    assert_int_equal(kept_decide(p, &context, &q).reason, KEPT_R_KEPT_BY_LAW);
    q.purpose = index_of(p, KEPT_K_PURPOSE, "claims");
    q.use = KEPT_USE_DISCLOSE;
    assert_int_equal(kept_decide(p, &context, &q).decision, KEPT_DENY);
    q.use = KEPT_USE_READ;
    context.state = KEPT_S_REFUSED;
    assert_int_equal(kept_decide(p, &context, &q).reason, KEPT_R_REFUSED);
    kept_policy_free(p);
}

/* A file was made on no client; what a client is known to be still counts. */
static void what_comes_from_a_file_has_no_client(void **state)
{
    (void)state;
    char *text = small_text("");
    char *other = changed(text, "refusing_costs: nothing}",
                          "refusing_costs: nothing, client: {os: {android: \"10\"}, app_from: \"2.0\", surfaces: [phone]}}");
    struct kept_policy *p = read_policy(other);
    struct kept_consent_row row = {.scope_kind = KEPT_K_FUNCTION, .kind = KEPT_C_EXPLICIT, .state = KEPT_CS_GRANTED,
                                   .scope = kept_ref(KEPT_K_FUNCTION, "keep"), .policy_version = 1, .at = 1};
    struct kept_context context = {.state = KEPT_S_LIVE, .policy_version = 1, .notice_version = 1,
                                   .birth_day = 0, .consents = &row, .consent_count = 1};
    struct kept_client watch = {.os = "android", .os_version = "11", .app_version = "2.1", .surface = "watch"};
    struct kept_question q = {.use = KEPT_USE_COLLECT, .item = index_of(p, KEPT_K_ITEM, "note"),
                              .function = index_of(p, KEPT_K_FUNCTION, "keep"), .purpose = KEPT_NO_INDEX,
                              .recipient = KEPT_NO_INDEX, .role = KEPT_NO_INDEX, .now = NOON_2026};
    assert_int_equal(kept_decide(p, &context, &q).reason, KEPT_R_OS_UNKNOWN);
    q.facts = KEPT_F_IMPORTED;
    assert_int_equal(kept_decide(p, &context, &q).decision, KEPT_ALLOW);
    q.client = &watch;
    assert_int_equal(kept_decide(p, &context, &q).reason, KEPT_R_CLIENT);
    kept_policy_free(p);
    free(other);
    free(text);
}

/* A statute and an address are said in each language, or once for all; and a law is known by either name. */
static void names_that_languages_share(void **state)
{
    static const char both[] = "{zh: 电子商务法第三十一条, en: \"E-Commerce Law, Art. 31\"}", one[] = "\"E-Commerce Law, Art. 31\"";
    static const char form[] =
        "kept: 1\napp: demo\nversion: 1\nissued: 2026-01-01\neffective: 2026-02-01\napp_type: other\njurisdiction: CN\n"
        "time_zone: \"+08:00\"\nlanguages: {authority: zh, also: [en]}\n"
        "controller: {name: {zh: 我们, en: We}, contact: a@example.org, address: %s}\n"
        "notice: {sentences: [{text: {zh: 请阅读。, en: Read this.}}]}\nwithdrawal: {effect: collect_and_use}\n"
        "regions: {stored: [CN]}\nrotation: 7 days\nbackup_window: 30 days\nevidence: 4 years\n"
        "purposes: {work: {text: {zh: 工作, en: work}}}\n"
        "items: {order: {text: {zh: 订单, en: an order}, kind: text, information: property, source: user, "
        "retain: %s, retention_class: law, statute: %s}}\n"
        "functions: {keep: {text: {zh: 保存, en: keeps}, kind: extended, consent: explicit, purposes: [work], "
        "optional: [order], refusing_costs: {zh: 无, en: nothing}}}\nroles: {app: {operations: all}}\n";
    char text[3000];
    (void)state;
    (void)snprintf(text, sizeof text, form, "{zh: 示例路一号, en: 1 Example Street}", "4 years", both);
    struct kept_policy *p = read_policy(text);
    assert_true(tells(p, KEPT_RENDER_NOTICE, "zh", "电子商务法第三十一条"));
    assert_false(tells(p, KEPT_RENDER_NOTICE, "zh", "E-Commerce Law"));
    assert_true(tells(p, KEPT_RENDER_NOTICE, "en", "E-Commerce Law, Art. 31"));
    assert_true(tells(p, KEPT_RENDER_NOTICE, "zh", "示例路一号"));
    assert_true(tells(p, KEPT_RENDER_NOTICE, "en", "1 Example Street"));
    kept_policy_free(p);
    (void)snprintf(text, sizeof text, form, "1 Example Street", "4 years", one);
    p = read_policy(text);
    assert_true(tells(p, KEPT_RENDER_NOTICE, "zh", "E-Commerce Law, Art. 31"));
    assert_true(tells(p, KEPT_RENDER_NOTICE, "zh", "1 Example Street"));
    kept_policy_free(p);
    (void)snprintf(text, sizeof text, form, "1 Example Street", "4 years", "{zh: 电子商务法第三十一条}");
    assert_true(finds_in(text, "TEXT_MISSING")); /* of two languages one */
    (void)snprintf(text, sizeof text, form, "1 Example Street", "2 years", both);
    assert_true(finds_in(text, "FLOOR_RETENTION")); /* by the English name, where Chinese holds */
    (void)snprintf(text, sizeof text, form, "1 Example Street", "4 years", both);
    assert_false(finds_in(text, "FLOOR_RETENTION"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rights_of_the_law_are_in_the_notice),
        cmocka_unit_test(who_is_to_call_is_told_the_number),
        cmocka_unit_test(ends_that_can_be_kept),
        cmocka_unit_test(the_archive_is_for_whom_a_law_sends),
        cmocka_unit_test(what_comes_from_a_file_has_no_client),
        cmocka_unit_test(names_that_languages_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
