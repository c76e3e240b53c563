/* Do the policies in policies/ keep what their clauses promise? One test for each clause that the
 * decision alone can keep; the names are those of the clause inventory. */
#include "../policy/policy_aid.h"

static struct kept_policy *widgets, *home, *messenger, *wallpaper, *media;

struct scene { /* one person, one question, by name */
    const struct kept_policy *p;
    struct kept_context context;
    struct kept_consent_row consents[16];
    struct kept_permission_row permissions[8];
    struct kept_launch_row launches[2];
    struct kept_question question;
};

static struct scene scene(const struct kept_policy *p, enum kept_use use, const char *item,
                          const char *function, const char *purpose)
{
    struct scene s = {.p = p, .context = live(p), .question = ask(use)};
    s.question.item = index_of(p, KEPT_K_ITEM, item);
    if (function != NULL)
        s.question.function = index_of(p, KEPT_K_FUNCTION, function);
    s.question.unknown_function = function != NULL && s.question.function == KEPT_NO_INDEX;
    if (purpose != NULL)
        s.question.purpose = index_of(p, KEPT_K_PURPOSE, purpose);
    s.question.unknown_purpose = purpose != NULL && s.question.purpose == KEPT_NO_INDEX;
    return s;
}

static void consents(struct scene *s, enum kept_kind kind, const char *name,
                     enum kept_consent_kind consent, enum kept_consent_state state)
{
    size_t n = s->context.consent_count++;
    s->consents[n] = consent_row(kind, name, consent, state);
    s->consents[n].at = (kept_ms)n;
}

static void turns(struct scene *s, const char *permission, int on)
{
    size_t n = s->context.permission_count++;
    s->permissions[n] = (struct kept_permission_row){
        .ref = kept_ref(KEPT_K_PERMISSION, permission), .on = (uint8_t)on, .at = (kept_ms)n};
}

static void to(struct scene *s, const char *recipient)
{
    s->question.recipient = index_of(s->p, KEPT_K_RECIPIENT, recipient);
    s->question.unknown_recipient = s->question.recipient == KEPT_NO_INDEX;
}

static void as(struct scene *s, const char *role)
{
    s->question.role = index_of(s->p, KEPT_K_ROLE, role);
    s->question.unknown_role = s->question.role == KEPT_NO_INDEX;
}

static struct kept_verdict verdict(struct scene *s)
{
    s->context.consents = s->consents;
    s->context.permissions = s->permissions;
    s->context.launches = s->launches;
    return kept_decide(s->p, &s->context, &s->question);
}

static void expect_(struct scene *s, enum kept_decision decision, enum kept_reason reason,
                    const char *clause, int line)
{
    struct kept_verdict v = verdict(s);
    if (v.decision != decision || v.reason != reason || strcmp(v.clause, clause) != 0)
        fail_msg("line %d: decision %d, %s, clause %s (line %d of the policy)", line, v.decision,
                 kept_reason_name(v.reason), v.clause, v.line);
}
#define expect(s, decision, reason, clause) expect_(s, decision, KEPT_R_##reason, clause, __LINE__)

static int read_all(void **state)
{
    (void)state;
    messenger = load_policy("policies/messenger.yaml");
    wallpaper = load_policy("policies/wallpaper.yaml");
    media = load_policy("policies/media.yaml");
    widgets = load_policy("policies/widgets.yaml");
    home = load_policy("policies/smart-home.yaml");
    return 0;
}

static int free_all(void **state)
{
    (void)state;
    kept_policy_free(messenger);
    kept_policy_free(wallpaper);
    kept_policy_free(media);
    kept_policy_free(widgets);
    kept_policy_free(home);
    return 0;
}

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
        cmocka_unit_test(clause_S0_0_1_nothing_before_the_notice),
        cmocka_unit_test(clause_S0_0_2_who_refuses_is_left_alone),
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
