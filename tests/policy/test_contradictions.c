/* What the five policies say against each other: each is a parameter, and each test shows both sides. */
#include "duties_aid.h"
#include "duties_five.h"
#include "policy/overlay.h"

static struct kept_policy *small_with(const char *old, const char *new)
{
    char *text = small_text("");
    char *other = changed(text, old, new);
    struct kept_policy *p = read_policy(other);
    free(text);
    free(other);
    return p;
}

static bool finds_with(const char *old, const char *new, const char *code)
{
    char *text = small_text("");
    char *other = changed(text, old, new);
    bool found = finds_in(other, code);
    free(text);
    free(other);
    return found;
}

/* What a person with this consent to the function `keep` is told. */
static struct kept_verdict verdict(const struct kept_policy *p, enum kept_use use,
                                   enum kept_consent_state consent)
{
    struct kept_consent_row row =
        consent_row(KEPT_K_FUNCTION, "keep", KEPT_C_EXPLICIT, consent);
    struct kept_context context = live(p);
    struct kept_question question = ask(use);
    context.consents = &row;
    context.consent_count = 1;
    question.item = index_of(p, KEPT_K_ITEM, "note");
    question.function = index_of(p, KEPT_K_FUNCTION, "keep");
    question.purpose = index_of(p, KEPT_K_PURPOSE, "work");
    return kept_decide(p, &context, &question);
}

static int32_t aged(int years)
{
    char text[KEPT_TIME_TEXT];
    (void)snprintf(text, sizeof text, "%04d-06-01", 2026 - years);
    return day(text);
}

/* Who is too young: a guardian, nobody, both, and how a guardian agrees. */
static void contradiction_C1(void **state)
{
    (void)state;
    assert_true(kept_policy_guardian_need(widgets, aged(16), NOON_2026).written);
    assert_string_equal(kept_policy_age_band(messenger, aged(13), NOON_2026), "block");
    assert_string_equal(kept_policy_age_band(smart_home, aged(17), NOON_2026), "block");
    assert_string_equal(kept_policy_age_band(media, aged(13), NOON_2026), "guardian");
    struct kept_guardian_need need = kept_policy_guardian_need(media, aged(17), NOON_2026);
    assert_true(need.asked && need.with_self && !need.written);
}

/* No accounts; by phone; by anything. None, and yet one registers: found. */
static void contradiction_C2(void **state)
{
    (void)state;
    assert_int_equal(kept_policy_account(widgets).ways, 0);
    assert_int_equal(kept_policy_account(messenger).ways, 1u << KEPT_WAY_PHONE);
    assert_int_equal(kept_policy_account(messenger).real_name, KEPT_REAL_NAME_LEGAL_OBLIGATION);
    assert_int_equal(kept_policy_account(media).ways, (1u << KEPT_WAY_COUNT) - 1);
    assert_true(finds("account: {mode: none, function: keep}\n", "ACCOUNT_CONTRADICTION"));
    assert_true(finds("account: {mode: none, real_name: contract}\n", "ACCOUNT_CONTRADICTION"));
    assert_true(finds("account: {mode: mail, function: keep}\n", "ACCOUNT_CONTRADICTION"));
    assert_false(finds("account: {mode: phone, function: keep}\n", "ACCOUNT_CONTRADICTION"));
    assert_false(finds("account: {mode: none}\n", "ACCOUNT_CONTRADICTION"));
}

/* What cancels: removing the app, a button, asking support. */
static void contradiction_C3(void **state)
{
    (void)state;
    const struct kept_policy *const policies[] = {messenger, smart_home, media};
    static const bool accepted[][KEPT_TRIGGER_COUNT] = {
        {[KEPT_TRIGGER_SELF_SERVICE] = true, [KEPT_TRIGGER_UNINSTALL] = true},
        {[KEPT_TRIGGER_SELF_SERVICE] = true},
        {[KEPT_TRIGGER_SELF_SERVICE] = true, [KEPT_TRIGGER_SUPPORT] = true},
    };
    for (size_t i = 0; i < COUNT(policies); i++)
        for (unsigned t = 0; t < KEPT_TRIGGER_COUNT; t++) {
            struct kept_leaving leaving = {.trigger = (enum kept_trigger)t,
                                           .at = noon("2026-03-02")};
            assert_true(kept_policy_cancellation(policies[i], &leaving, &calendar).accepted ==
                        accepted[i][t]);
        }
}

/* Seven days to change one's mind, and seven days to be done by: two parameters, and the language of
 * authority says which of two texts holds. */
static void contradiction_C4(void **state)
{
    (void)state;
    struct kept_leaving leaving = {.trigger = KEPT_TRIGGER_SELF_SERVICE, .at = noon("2026-03-02")};
    struct kept_policy *after =
        small("cancellation: {triggers: [self_service], cooling_off: 7 days}\n");
    struct kept_policy *within = small("cancellation: {triggers: [self_service], within: 7 days}\n");
    struct kept_cancellation a = kept_policy_cancellation(after, &leaving, NULL);
    struct kept_cancellation b = kept_policy_cancellation(within, &leaving, NULL);
    struct kept_policy *silent = lawless("cancellation: {triggers: [self_service], cooling_off: 7 days}\n");
    struct kept_cancellation n = kept_policy_cancellation(silent, &leaving, NULL);
    assert_true(n.effective == leaving.at + 7 * KEPT_DAY && n.due.state == KEPT_DUE_UNSAID);
    assert_true(a.effective == leaving.at + 7 * KEPT_DAY && a.due.filled != NULL);
    assert_true(b.effective == leaving.at && b.due.last_day == day("2026-03-09") && b.due.filled == NULL);
    kept_policy_free(silent);
    kept_policy_free(after);
    kept_policy_free(within);
    assert_string_equal(kept_policy_info(smart_home)->language, "zh");
    assert_true(kept_policy_cancellation(smart_home, &leaving, &calendar).effective ==
                leaving.at + 7 * KEPT_DAY);
    assert_true(finds("cancellation: {triggers: [support], cooling_off: 8 days, within: 7 days}\n",
                      "CANCELLATION_CONTRADICTION"));
    assert_false(finds("cancellation: {triggers: [support], cooling_off: 7 days, within: 7 days}\n",
                       "CANCELLATION_CONTRADICTION"));
}

/* Until the anchor of its policy is known, a request has no day; and each has its own. */
static void contradiction_C5(void **state)
{
    (void)state;
    const struct kept_policy *const policies[] = {widgets, messenger, smart_home, media};
    static const char *const last[] = {NULL, "2026-10-16", "2026-11-06", "2026-10-16"};
    const struct kept_anchors received = {.at = {noon("2026-09-20"), 0, 0, 0}};
    for (size_t i = 0; i < COUNT(policies); i++) {
        struct kept_due due =
            kept_policy_due(policies[i], KEPT_ASK_DELETE, &received, false, &calendar);
        assert_int_equal(due.state, last[i] != NULL ? KEPT_DUE_SET : KEPT_DUE_WAITS);
        if (last[i] != NULL)
            assert_int_equal(due.last_day, day(last[i]));
    }
    assert_true(finds_lawless("rights: {channels: [mail], requests: {access: {}}}\n", "NO_DEADLINE"));
    assert_false(finds("rights: {channels: [mail], requests: {access: {}}}\n", "NO_DEADLINE"));
}

static const char abroad[] =
    "recipients:\n  maps:\n    {text: maps, role: processor, kind: sdk, items: [note], purposes: [work], "
    "region: SG, consent: separate, export_mechanism: contract, agreement: {signed: 2026-01-02, "
    "expires: 2028-01-02, checked: 2026-01-03}}\n";

/* Never abroad, also not with consent; or under conditions. Silence is never. */
static void contradiction_C6(void **state)
{
    (void)state;
    assert_true(finds(abroad, "EXPORT_FORBIDDEN"));
    char *text = small_text(abroad);
    char *open = changed(text, "stored: [CN]", "stored: [CN], export: conditional");
    char *loose = changed(open, ", checked: 2026-01-03", "");
    assert_false(finds_in(open, "EXPORT_FORBIDDEN"));
    assert_false(finds_in(open, "EXPORT_CONDITIONS"));
    assert_true(finds_in(loose, "EXPORT_CONDITIONS"));
    free(text);
    free(open);
    free(loose);
}

/* Hong Kong, Macao and Taiwan are places of their own, and outside for a policy that exports nothing. */
static void contradiction_C7(void **state)
{
    (void)state;
    assert_int_not_equal(kept_ref(KEPT_K_REGION, "CN"), kept_ref(KEPT_K_REGION, "HK"));
    static const char *const outside[] = {"stored: [CN, HK]", "stored: [CN, MO]", "stored: [TW]"};
    for (size_t i = 0; i < COUNT(outside); i++)
        assert_true(finds_with("stored: [CN]", outside[i], "EXPORT_FORBIDDEN"));
    assert_false(finds_with("stored: [CN]", "stored: [CN-11, CN]", "EXPORT_FORBIDDEN"));
    struct kept_policy *p = small_with("stored: [CN]", "stored: [CN, HK], export: conditional");
    assert_int_equal(p->stored_in.n, 2);
    kept_policy_free(p);
}

/* An affiliate that decides for itself needs separate consent; one that follows orders may go without,
 * and a policy can ask for it all the same. */
static void contradiction_C8(void **state)
{
    (void)state;
    static const char affiliate[] =
        "recipients:\n  sister: {text: a sister, role: %s, kind: affiliate, items: [note], "
        "purposes: [work], region: CN, consent: %s, agreement: {signed: 2026-01-02, expires: "
        "2028-01-02}}\n";
    static const struct {
        const char *role, *consent;
        bool found;
    } rows[] = {{"joint", "none", true}, {"joint", "separate", false}, {"processor", "none", false},
                {"processor", "separate", false}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[400];
        (void)snprintf(text, sizeof text, affiliate, rows[i].role, rows[i].consent);
        assert_true(finds(text, "SHARING_WITHOUT_SEPARATE_CONSENT") == rows[i].found);
    }
}

/* Fewer rights need an explicit yes in S1 and S4; in S2 going on, once shown, is enough. */
static void contradiction_C9(void **state)
{
    (void)state;
    uint32_t less = 1u << KEPT_MATERIAL_REDUCTION;
    assert_int_equal(kept_policy_change(messenger, less, 0, &calendar).consent, KEPT_C_EXPLICIT);
    assert_int_equal(kept_policy_change(media, less, 0, &calendar).consent, KEPT_C_EXPLICIT);
    assert_int_equal(kept_policy_change(smart_home, less, 0, &calendar).consent, KEPT_C_NONE);
    assert_int_equal(kept_policy_change(messenger, 0, 0, &calendar).consent, KEPT_C_NONE);
    assert_true(kept_policy_shown_first(smart_home) && !kept_policy_shown_first(messenger));
}

/* Withdrawn: no more collection in both; what is held is used on in one, and not in the other. */
static void contradiction_C10(void **state)
{
    (void)state;
    static const char *const effects[] = {"effect: collect_only", "effect: collect_and_use"};
    for (size_t i = 0; i < COUNT(effects); i++) {
        struct kept_policy *p = small_with("effect: collect_and_use", effects[i]);
        assert_int_equal(verdict(p, KEPT_USE_COLLECT, KEPT_CS_GRANTED).decision, KEPT_ALLOW);
        assert_int_equal(verdict(p, KEPT_USE_COLLECT, KEPT_CS_WITHDRAWN).decision, KEPT_DENY);
        assert_int_equal(verdict(p, KEPT_USE_READ, KEPT_CS_WITHDRAWN).decision,
                         i == 0 ? KEPT_ALLOW : KEPT_DENY);
        kept_policy_free(p);
    }
    assert_int_equal(kept_policy_info(media)->withdrawal, KEPT_WITHDRAW_COLLECT_ONLY);
    assert_int_equal(kept_policy_info(messenger)->withdrawal, KEPT_WITHDRAW_COLLECT_AND_USE);
}

/* Product over base, or base over product: the same two files, two results. More: test_overlay.c. */
static void contradiction_C11(void **state)
{
    (void)state;
    static const char *const words[] = {"product", "base"};
    char *base = small_text("");
    for (size_t i = 0; i < COUNT(words); i++) {
        char product[200];
        (void)snprintf(product, sizeof product,
                       "extends: base.yaml\nprecedence: %s\nkept: 1\napp: demo\nversion: 1\n"
                       "issued: 2026-01-01\neffective: 2026-02-01\nwithdrawal: {effect: delete}\n",
                       words[i]);
        const struct kept_policy_file over = {"product.yaml", span_of(product)};
        const struct kept_policy_file under = {"base.yaml", span_of(base)};
        struct kept_findings findings = {0};
        struct kept_buf out;
        kept_buf_init(&out, 1 << 16);
        assert_int_equal(kept_policy_overlay(&over, &under, &out, &findings, NULL), 0);
        struct kept_policy *p = read_policy((const char *)out.p);
        int line = 0; /* of the withdrawal's effect, which stands below it */
        assert_int_equal(kept_policy_info(p)->withdrawal,
                         i == 0 ? KEPT_WITHDRAW_DELETE : KEPT_WITHDRAW_COLLECT_AND_USE);
        assert_string_equal(kept_policy_origin(p, p->withdrawal.line + 1, &line),
                            i == 0 ? "product.yaml" : "base.yaml");
        kept_policy_free(p);
        kept_buf_release(&out);
        kept_findings_release(&findings);
    }
    free(base);
}

/* What is sensitive is each policy's word: a number here, not there; and it moves what is asked. */
static void contradiction_C12(void **state)
{
    (void)state;
    const struct kept_policy *const policies[] = {messenger, smart_home, media};
    static const bool sensitive[] = {true, true, false};
    for (size_t i = 0; i < COUNT(policies); i++)
        assert_true(kept_policy_item(policies[i], index_of(policies[i], KEPT_K_ITEM, "phone"))
                        ->sensitive == sensitive[i]);
    assert_true(finds_with("information: basic, source: user",
                           "information: basic, source: user, sensitive: true",
                           "SENSITIVE_WITHOUT_SEPARATE_CONSENT"));
    assert_false(finds("", "SENSITIVE_WITHOUT_SEPARATE_CONSENT"));
}

/* A pseudonym is personal in every policy, whatever its text says: a value kept as a hash only is
 * decided as one that is kept as it is. */
static void contradiction_C13(void **state)
{
    (void)state;
    static const char *const forms[] = {"kind: phone, information: basic",
                                        "kind: phone, store: hash, information: basic"};
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct kept_policy *p = small_with("kind: phone, information: basic", forms[i]);
        struct kept_context context = live(p);
        struct kept_question question = ask(KEPT_USE_COLLECT);
        question.item = index_of(p, KEPT_K_ITEM, "phone");
        question.function = index_of(p, KEPT_K_FUNCTION, "keep");
        assert_int_equal(kept_decide(p, &context, &question).reason, KEPT_R_NEEDS_CONSENT);
        kept_policy_free(p);
    }
}

/* Codes are each policy's own, and for each operation: research and cost in S2, news in S4. */
static void contradiction_C14(void **state)
{
    (void)state;
    assert_int_equal(kept_policy_refuse(smart_home, KEPT_ASK_COPY, "effort", true).refusal,
                     KEPT_REFUSAL_MAY);
    assert_int_equal(kept_policy_refuse(messenger, KEPT_ASK_COPY, "effort", true).refusal,
                     KEPT_REFUSAL_UNKNOWN);
    assert_int_equal(kept_policy_refuse(media, KEPT_ASK_DELETE, "news", true).refusal,
                     KEPT_REFUSAL_MAY);
    assert_int_equal(kept_policy_refuse(media, KEPT_ASK_COPY, "news", true).refusal,
                     KEPT_REFUSAL_OTHER);
    assert_int_equal(kept_policy_refuse(smart_home, KEPT_ASK_DELETE, "news", true).refusal,
                     KEPT_REFUSAL_UNKNOWN);
    assert_non_null(kept_policy_refusal_text(smart_home, "effort", 1));
    assert_null(kept_policy_refusal_text(smart_home, "news", 1));
}

/* Repeats cost what they cost us, or nothing, or nobody said. */
static void contradiction_C15(void **state)
{
    (void)state;
    assert_true(kept_policy_fee(smart_home, KEPT_ASK_ACCESS, 3).owed);
    assert_true(kept_policy_fee(media, KEPT_ASK_ACCESS, 3).said);
    assert_false(kept_policy_fee(media, KEPT_ASK_ACCESS, 3).owed);
    assert_false(kept_policy_fee(wallpaper, KEPT_ASK_ACCESS, 3).said);
}

/* A version that reaches back is never loaded. */
static void contradiction_C16(void **state)
{
    (void)state;
    assert_true(finds("changes: {retroactive: true}\n", "RETROACTIVE"));
    assert_false(finds("changes: {retroactive: false}\n", "RETROACTIVE"));
}

/* Deleting on request: at once; not before a statute's time; or into an archive with an end. */
static void contradiction_C17(void **state)
{
    (void)state;
    kept_ms collected = noon("2026-02-02"), now = noon("2026-03-02");
    struct kept_end end = kept_policy_deletion(media, index_of(media, KEPT_K_ITEM, "nickname"),
                                               collected, now);
    assert_true(end.at == now && end.then == KEPT_DISPOSE_ERASE && end.archived_until == 0);
    end = kept_policy_deletion(wallpaper, index_of(wallpaper, KEPT_K_ITEM, "purchase-record"),
                               collected, now);
    assert_true(end.at == collected + 1096 * KEPT_DAY);
    assert_string_equal(end.clause, "S3-2.3");
    struct kept_policy *p = small_with("kind: text, information: content, source: user, retain: account",
                                       "kind: text, information: content, source: user, retain: account, "
                                       "retention_class: law, values: many, then: archive, archive: 3 years, statute: Civil Code 188");
    end = kept_policy_deletion(p, index_of(p, KEPT_K_ITEM, "note"), collected, now);
    assert_int_equal(end.then, KEPT_DISPOSE_ARCHIVE);
    assert_true(end.at == now && end.archived_until == now + 3 * 365 * KEPT_DAY);
    kept_policy_free(p);
}

/* No advertising; advertising; and as much of it, not made for the person, for who switched that off. */
static void contradiction_C18(void **state)
{
    (void)state;
    uint32_t ads = index_of(media, KEPT_K_FUNCTION, "advertising");
    struct kept_showing on = kept_policy_showing(media, ads, false);
    struct kept_showing off = kept_policy_showing(media, ads, true);
    assert_true(on.advertising && on.shown && on.personalised);
    assert_true(off.advertising && off.shown && !off.personalised && off.same_count);
    for (uint32_t i = 0; i < kept_policy_info(smart_home)->functions; i++)
        assert_false(kept_policy_showing(smart_home, i, false).advertising);
    uint32_t contact = index_of(widgets, KEPT_K_FUNCTION, "marketing-contact");
    assert_true(kept_policy_showing(widgets, contact, false).advertising);
    assert_false(kept_policy_showing(widgets, contact, false).personalised);
    assert_false(kept_policy_showing(media, KEPT_NO_INDEX, false).shown);
    assert_true(finds_with("refusing_costs: nothing", "personalised: {}, refusing_costs: nothing",
                           "MISSING_KEY"));
}

/* Logs without anything personal, or with what is declared. */
static void contradiction_C19(void **state)
{
    (void)state;
    assert_false(kept_policy_log_may(messenger, index_of(messenger, KEPT_K_ITEM, "access-log")));
    assert_true(kept_policy_log_may(widgets, index_of(widgets, KEPT_K_ITEM, "access-log")));
    assert_false(kept_policy_log_may(widgets, index_of(widgets, KEPT_K_ITEM, "contact-phone")));
    char *text = small_text("log: {personal: never}\n");
    char *dirty = changed(text, "information: basic", "information: log");
    char *declared = changed(dirty, "personal: never", "personal: declared");
    assert_false(finds_in(text, "LOG_NOT_CLEAN"));
    assert_true(finds_in(dirty, "LOG_NOT_CLEAN"));
    assert_false(finds_in(declared, "LOG_NOT_CLEAN"));
    free(text);
    free(dirty);
    free(declared);
}

/* What not being tracked costs: a switch; the session, which is warned of; the account, which is wrong. */
static void contradiction_C20(void **state)
{
    (void)state;
    static const char *const words[] = {"preference", "logout", "cancel"};
    for (unsigned i = 0; i < COUNT(words); i++) {
        char text[200];
        (void)snprintf(text, sizeof text,
                       "cookies: {opt_out: %s, categories: {analysis: {}}, trackers: {seen: {text: seen, "
                       "category: analysis, kind: pixel, party: first, lifetime: session}}}\n",
                       words[i]);
        assert_true(finds(text, i == 1 ? "TRACKER_OPT_OUT_LOGOUT" : "TRACKER_OPT_OUT") == (i > 0));
        if (i == 2)
            continue;
        struct kept_policy *p = small(text);
        uint32_t analysis = 1u << KEPT_TRACKER_ANALYSIS;
        assert_int_equal(kept_policy_tracker(p, "seen", 0, 0).opt_out, i);
        assert_int_equal(kept_policy_tracker(p, "seen", 0, 0).verdict, KEPT_TRACKER_NEEDS_CONSENT);
        assert_int_equal(kept_policy_tracker(p, "seen", 0, analysis).verdict, KEPT_TRACKER_SET);
        assert_int_equal(kept_policy_tracker(p, "seen", analysis, analysis).verdict,
                         KEPT_TRACKER_REFUSED);
        assert_int_equal(kept_policy_tracker(p, "else", 0, analysis).verdict,
                         KEPT_TRACKER_UNDECLARED);
        kept_policy_free(p);
    }
}

/* Somebody turns out to be too young: restricted, cancelled, deleted; deleted; nothing is said. */
static void contradiction_C21(void **state)
{
    (void)state;
    assert_int_equal(kept_policy_on_discovery(messenger),
                     1u << KEPT_DISCOVERY_RESTRICT | 1u << KEPT_DISCOVERY_CANCEL |
                         1u << KEPT_DISCOVERY_DELETE);
    assert_int_equal(kept_policy_on_discovery(media), 1u << KEPT_DISCOVERY_DELETE);
    assert_int_equal(kept_policy_on_discovery(smart_home), 0);
}

/* How people are told of a change, by how much it matters. */
static void contradiction_C22(void **state)
{
    (void)state;
    uint32_t less = 1u << KEPT_MATERIAL_REDUCTION;
    assert_int_equal(kept_policy_change(smart_home, less, 0, &calendar).channels,
                     1u << KEPT_CH_PUSH | 1u << KEPT_CH_POPUP);
    assert_int_equal(kept_policy_change(media, less, 0, &calendar).channels,
                     1u << KEPT_CH_SITE | 1u << KEPT_CH_MAIL);
    assert_int_equal(kept_policy_change(messenger, less, 0, &calendar).channels,
                     1u << KEPT_CH_APP | 1u << KEPT_CH_MAIL | 1u << KEPT_CH_LETTER |
                         1u << KEPT_CH_PHONE);
    assert_int_equal(kept_policy_change(messenger, 0, 0, &calendar).channels, 1u << KEPT_CH_APP);
    struct kept_change told = kept_policy_change(messenger, less, noon("2026-03-02"), &calendar);
    assert_int_equal(told.earliest.last_day, day("2026-03-09"));
    assert_false(kept_policy_change(wallpaper, less, 0, &calendar).said);
}

/* Fifteen days, promptly, in advance. */
static void contradiction_C23(void **state)
{
    (void)state;
    kept_ms told = noon("2026-03-02");
    assert_true(kept_policy_cessation(media, told, NULL).earliest.before ==
                (kept_ms)day("2026-03-18") * KEPT_DAY - 8 * KEPT_HOUR);
    struct kept_due filled = kept_policy_cessation(smart_home, told, NULL).earliest;
    assert_true(filled.last_day == day("2026-04-01") && filled.filled != NULL); /* its law's, not its own */
    assert_true((kept_policy_cessation(smart_home, told, NULL).channels >> KEPT_CH_PUSH & 1u) != 0);
    assert_int_equal(kept_policy_cessation(widgets, told, NULL).earliest.state, KEPT_DUE_SET);
}

/* Data of who leaves: erased; or as they ask. */
static void contradiction_C24(void **state)
{
    (void)state;
    struct kept_leaving leaving = {.trigger = KEPT_TRIGGER_SELF_SERVICE, .at = noon("2026-03-02"),
                                   .asked = KEPT_DISPOSE_ANONYMISE};
    assert_int_equal(kept_policy_cancellation(media, &leaving, &calendar).disposition,
                     KEPT_DISPOSE_ANONYMISE);
    assert_int_equal(kept_policy_cancellation(smart_home, &leaving, &calendar).disposition,
                     KEPT_DISPOSE_ERASE);
    leaving.asked = KEPT_DISPOSE_NONE;
    assert_int_equal(kept_policy_cancellation(media, &leaving, &calendar).disposition,
                     KEPT_DISPOSE_ERASE);
}

/* Dates and standards that contradict themselves are findings. */
static void contradiction_C25(void **state)
{
    (void)state;
    assert_true(finds_with("effective: 2026-02-01", "effective: 2025-02-01",
                           "EFFECTIVE_BEFORE_ISSUED"));
    assert_true(finds_with("Read this.", "Read this under GB/T 35273-2017.", "OBSOLETE_STANDARD"));
    assert_true(finds_with("contact: a@example.org", "contact: \"\"", "BLANK_CONTACT"));
    assert_false(finds_with("Read this.", "Read this under GB/T 35273-2020.", "OBSOLETE_STANDARD"));
    assert_false(finds("", "EFFECTIVE_BEFORE_ISSUED"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contradiction_C1),  cmocka_unit_test(contradiction_C2),
        cmocka_unit_test(contradiction_C3),  cmocka_unit_test(contradiction_C4),
        cmocka_unit_test(contradiction_C5),  cmocka_unit_test(contradiction_C6),
        cmocka_unit_test(contradiction_C7),  cmocka_unit_test(contradiction_C8),
        cmocka_unit_test(contradiction_C9),  cmocka_unit_test(contradiction_C10),
        cmocka_unit_test(contradiction_C11),
        cmocka_unit_test(contradiction_C12), cmocka_unit_test(contradiction_C13),
        cmocka_unit_test(contradiction_C14), cmocka_unit_test(contradiction_C15),
        cmocka_unit_test(contradiction_C16), cmocka_unit_test(contradiction_C17),
        cmocka_unit_test(contradiction_C18), cmocka_unit_test(contradiction_C19),
        cmocka_unit_test(contradiction_C20), cmocka_unit_test(contradiction_C21),
        cmocka_unit_test(contradiction_C22), cmocka_unit_test(contradiction_C23),
        cmocka_unit_test(contradiction_C24), cmocka_unit_test(contradiction_C25),
    };
    return cmocka_run_group_tests(tests, load_all, free_all);
}
