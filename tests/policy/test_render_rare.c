/* What do documents say where a policy says what few do, or leaves out what most say? told.yaml says every key
 * once; here it says one of them another way, and a small policy says next to nothing. */
#include "render_aid.h"

#include "duties_aid.h"
#include "policy/overlay.h"

enum { TEXT = KEPT_RENDERINGS, JSON }; /* beside the renderings: what `kept policy show` says */

static char *say(const struct kept_policy *p, int as)
{
    struct kept_buf out;
    if (as < KEPT_RENDERINGS)
        return render(p, (enum kept_rendering)as, NULL);
    kept_buf_init(&out, KEPT_MAX_JSON_BYTES);
    assert_int_equal(kept_policy_show(p, as == JSON, &out), 0);
    char *text = kept_buf_take(&out);
    assert_non_null(text);
    return text;
}

static char *say_text(const char *policy, int as)
{
    struct kept_policy *p = read_policy(policy);
    char *said = say(p, as);
    kept_policy_free(p);
    return said;
}

static char *everything(const char *language)
{
    size_t n = 0;
    char *form = read_whole("tests/policy/told.yaml", &n), with[48];
    (void)snprintf(with, sizeof with, ": %s}", language);
    char *text = put_so(form, ": ~}", with);
    free(form);
    return text;
}

/* ---- everything, one thing another way ----------------------------------------------------------- */

#define ACCOUNT "account: {mode: mail, real_name: legal_obligation, statute: Name Law 24, function: keep, clause: C-28}\n"
#define CANCELLATION                                                                               \
    "cancellation:\n  triggers: [self_service]\n  cooling_off: 5 days\n  within: 12 working days\n  disposition: erase\n" \
    "  clause: C-29\n  preconditions:\n    balance: {text: there is money in your wallet, clause: C-30}\n"
#define BANDS                                                                                      \
    "    - {from: 0, below: 11, mode: block}\n    - {from: 11, below: 14, mode: guardian, form: written, clause: C-15}\n" \
    "    - {from: 14, mode: self}\n"
#define KEEPS "    consent: explicit\n    basis: consent\n"

static const struct {
    const char *from[4], *to[4];
    int as;
    const char *says, *no_more; /* NULL: whatever */
} told[] = {
    {{"mode: guardian, form: written"}, {"mode: self_and_guardian"}, KEPT_RENDER_NOTICE, "you and your guardian both agree", NULL},
    {{BANDS}, {"    - {from: 0, mode: guardian, clause: C-15}\n"}, KEPT_RENDER_NOTICE, "of any age", NULL},
    {{"analysis: {}"}, {"analysis: {consent: separate}"}, KEPT_RENDER_COOKIES, "We ask first, in a question of its own.", NULL},
    {{ACCOUNT}, {""}, KEPT_RENDER_NOTICE, NULL, "data-rule=\"account\""},
    {{CANCELLATION}, {""}, KEPT_RENDER_NOTICE, NULL, "data-rule=\"cancellation\""},
    {{ACCOUNT, CANCELLATION}, {"", ""}, KEPT_RENDER_NOTICE, NULL, "aria-labelledby=\"account\""},
    {{"personal: declared"}, {"personal: never"}, KEPT_RENDER_ROPA_JSON, "\"log\": \"never\"", "\"log\": \"declared\""},
    {{"masked: [mail], gives"}, {"masked: all, gives"}, KEPT_RENDER_RECIPIENTS, "All of it masked", NULL},
    {{"masked: [mail], gives"}, {"masked: all, gives"}, TEXT, "masked: mail, note", NULL},
    {{"masked: [mail], gives"}, {"masked: all, gives"}, JSON, "\"masked\":[\"mail\",\"note\"]", NULL},
    {{"items: [mail, note], masked: [mail], "}, {"masked: all, "}, KEPT_RENDER_RECIPIENTS, NULL, "masked"},
    {{"items: [mail, note], masked: [mail], "}, {""}, KEPT_RENDER_SUMMARY, "A partner (Hong Kong): your orders.", NULL},
    {{"values: many, purposes", "values: many, then: archive, archive: 3 years, ", "source: user, place: device", "place: transient"},
     {"purposes", "", "source: user, place: device, values: many", "place: transient, values: many"},
     KEPT_RENDER_COLLECTED, NULL, "Each one is kept"},
    {{"text: It is over., "}, {""}, KEPT_RENDER_NOTICE, "From that day on nothing more is collected.", "It is over."},
    {{"channels: [site, letter], disposition"}, {"disposition"}, KEPT_RENDER_NOTICE, "you are told, at the latest 15 days", NULL},
    {{"lead: 15 days, channels: [site, letter], "}, {""}, KEPT_RENDER_NOTICE, NULL, "Before the service ends you are told"},
    {{"min: \"1\", "}, {""}, TEXT, "number of CNY to 900, 2 decimals", NULL},
    {{"max: \"900\", "}, {""}, TEXT, "number of CNY from 1, 2 decimals", NULL},
    {{"app_from: \"2.0\", "}, {""}, TEXT, "tablet, the app below 3.0\n", NULL},
    {{"app_below: \"3.0\", "}, {""}, TEXT, "tablet, the app from 2.0\n", NULL},
    {{"app: {operations: all}"}, {"app: {operations: [collect, use, audit]}"}, TEXT,
     "may not, for staff alone may: audit", NULL},
    {{"operations: [use, subject_find]"}, {"operations: [use, tick]"}, TEXT, "may not, for the app alone may: tick", NULL},
    {{"otherwise: generic, same_count: true"}, {"otherwise: nothing"}, JSON, "\"otherwise\":\"nothing\"", NULL},
    {{NULL}, {NULL}, TEXT, "; 2 free in 365 days, then at cost", NULL},
    {{NULL}, {NULL}, KEPT_RENDER_DPV, "\"dpv:ExpressedConsent\"", NULL},
    {{KEEPS}, {"    consent: notice\n    basis: contract\n"}, KEPT_RENDER_DPV, "\"dpv:Contract\"", NULL},
    {{"title: The title\n"}, {""}, KEPT_RENDER_DPV, NULL, "\"dct:title\""},
    {{NULL}, {NULL}, KEPT_RENDER_ROPA_JSON, "\"at_least\": \"P730D\"", NULL},
    {{"at_least: 2 years"}, {"at_least: 20 hours"}, KEPT_RENDER_ROPA_JSON, "\"at_least\": \"PT20H\"", NULL},
    {{"at_least: 2 years"}, {"at_least: 20 hours"}, KEPT_RENDER_COLLECTED, "20 hours", NULL},
    {{NULL}, {NULL}, KEPT_RENDER_ROPA_JSON, "\"transfer\": true", NULL},
    {{NULL}, {NULL}, KEPT_RENDER_ROPA_JSON, "\"transfer\": false", NULL},
    {{NULL}, {NULL}, KEPT_RENDER_ROPA_CSV, "(Hong Kong)", NULL},
    {{"text: what you write, kind"}, {"text: what you write、draw, kind"}, KEPT_RENDER_NOTICE, "draw; ", "what you write; "},
    {{"text: what you write, kind"}, {"text: what you write，draw, kind"}, KEPT_RENDER_NOTICE, "draw; ", "what you write; "},
};

static void it_is_said_so(size_t i, const char *base)
{
    char *text = strdup(base);
    for (size_t k = 0; k < COUNT(told[i].from) && told[i].from[k] != NULL; k++) {
        char *other = put_so(text, told[i].from[k], told[i].to[k]);
        free(text);
        text = other;
    }
    char *before = say_text(base, told[i].as), *after = say_text(text, told[i].as);
    if (told[i].says != NULL && (strstr(after, told[i].says) == NULL ||
                                 (told[i].from[0] != NULL && strstr(before, told[i].says) != NULL)))
        fail_msg("row %zu: '%s' is not said, or was before", i, told[i].says);
    if (told[i].no_more != NULL && (strstr(after, told[i].no_more) != NULL || strstr(before, told[i].no_more) == NULL))
        fail_msg("row %zu: '%s' is still said, or was not before", i, told[i].no_more);
    free(before);
    free(after);
    free(text);
}

static void each_is_said_another_way(void **state)
{
    (void)state;
    char *base = everything("en");
    for (size_t i = 0; i < COUNT(told); i++)
        it_is_said_so(i, base);
    free(base);
}

/* ---- next to nothing ----------------------------------------------------------------------------- */

static void what_is_not_said_is_not_told(void **state)
{
    (void)state;
    struct kept_policy *p = lawless("");
    static const struct {
        int as;
        const char *says, *not;
    } rows[] = {
        {KEPT_RENDER_NOTICE, "To see, correct, copy or delete", "data-rule=\"rights"},
        {KEPT_RENDER_NOTICE, "data-rule=\"refusal\"", "aria-labelledby=\"account\""},
        {KEPT_RENDER_SUMMARY, "To see, correct, copy or delete", "aria-labelledby=\"rights\""},
        {KEPT_RENDER_SUMMARY, "as long as you have an account", "The longest term"},
        {KEPT_RENDER_COOKIES, "Nothing is set on your device", "<table"},
        {KEPT_RENDER_ROPA_JSON, "\"rights\": []", "\"log\""},
        {KEPT_RENDER_ROPA_CSV, ",\"\"\r\n", "working days"},
        {KEPT_RENDER_DPV, "dpv:PrivacyNotice", "dct:title"},
        {JSON, "\"values\":[]", "retain_from"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *said = say(p, rows[i].as);
        if (strstr(said, rows[i].says) == NULL || strstr(said, rows[i].not) != NULL)
            fail_msg("row %zu: '%s', and not '%s', in %s", i, rows[i].says, rows[i].not, said);
        free(said);
    }
    kept_policy_free(p);
}

/* The ground of a function in that vocabulary: the notice alone is no consent, and has none. */
static void each_consent_is_its_own_ground(void **state)
{
    (void)state;
    static const char *const rows[][2] = {{"notice", NULL}, {"implied", "\"dpv:ImpliedConsent\""},
                                          {"explicit", "\"dpv:ExpressedConsent\""},
                                          {"separate", "\"dpv:ExplicitlyExpressedConsent\""},
                                          {"written", "\"dpv:ExplicitlyExpressedConsent\""}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        char consent[64], *text = small_text("");
        (void)snprintf(consent, sizeof consent, "consent: %s, basis: consent", rows[i][0]);
        char *other = put_so(text, "consent: explicit", consent), *said = say_text(other, KEPT_RENDER_DPV);
        assert_int_equal(count_of(said, "dpv:hasLegalBasis"), rows[i][1] != NULL);
        if (rows[i][1] != NULL && strstr(said, rows[i][1]) == NULL)
            fail_msg("%s is not %s", rows[i][0], rows[i][1]);
        free(said);
        free(other);
        free(text);
    }
}

/* What others hold for us is held; what never leaves the device is not. */
static void held_elsewhere_is_held(void **state)
{
    (void)state;
    static const struct {
        const char *where;
        bool held, for_good;
    } rows[] = {{"source: user, retain: account, place: external, held_in: files", true, true},
                {"source: user, retain: 30 days, place: external, held_in: files", true, false},
                {"source: user, place: device", false, false}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *text = small_text(""), *one = put_so(text, "optional: [note, phone]", "optional: [note]");
        char *alone = put_so(one, "  phone: {text: phone, kind: phone, information: basic, source: user, retain: account}\n", "");
        char *other = put_so(alone, "source: user, retain: account", rows[i].where);
        char *dpv = say_text(other, KEPT_RENDER_DPV), *record = say_text(other, KEPT_RENDER_ROPA_JSON);
        assert_int_equal(strstr(dpv, "\"dpv:Store\"") != NULL, rows[i].held);
        assert_int_equal(strstr(record, "\"retain\": \"account\"") != NULL, rows[i].for_good);
        free(dpv);
        free(record);
        free(other);
        free(alone);
        free(one);
        free(text);
    }
}

/* Rights that nobody has to show anything for, and of whose cost nothing is said; and none at all. */
static void rights_without_conditions(void **state)
{
    (void)state;
    struct kept_policy *p = lawless("rights: {channels: [mail], identity: none, deadline: {within: 2 days, from: received}, "
                                    "requests: {access: {}, copy: {}}}\n");
    char *html = render(p, KEPT_RENDER_NOTICE, NULL), *summary = render(p, KEPT_RENDER_SUMMARY, NULL);
    char *shown = say(p, TEXT);
    assert_non_null(strstr(html, "You need not show who you are."));
    assert_non_null(strstr(shown, "right access: within 2 days of when it is received; by: mail; shown by: none  (line"));
    free(html);
    free(summary);
    free(shown);
    kept_policy_free(p);
    p = lawless("rights: {channels: [mail], identity: none, requests: {}}\n");
    html = render(p, KEPT_RENDER_NOTICE, NULL);
    summary = render(p, KEPT_RENDER_SUMMARY, NULL);
    assert_null(section_or_none(html, "rights"));
    assert_null(section_or_none(summary, "rights"));
    assert_non_null(strstr(html, "To see, correct, copy or delete"));
    assert_non_null(strstr(summary, "To see, correct, copy or delete"));
    free(html);
    free(summary);
    kept_policy_free(p);
}

/* What is the same for all requests stands above the table; what differs in one thing has a column. */
static void what_differs_has_a_column(void **state)
{
    (void)state;
    static const struct {
        const char *copy, *column; /* NULL: none */
    } rows[] = {
        {"{}", NULL},
        {"{deadline: {within: 15 days, from: received}, extension: 5 days}", NULL},
        {"{deadline: {within: 16 days, from: received}}", "Answered"},
        {"{deadline: {within: 15 working days, from: received}}", "Answered"},
        {"{deadline: {within: 15 days, from: verified}}", "Answered"},
        {"{deadline: {within: 15 days, from: received, rest_day: moves}}", "Answered"},
        {"{extension: 6 days}", "Answered"},
        {"{channels: [phone]}", "You ask"},
        {"{identity: document}", "We go by"},
        {"{fee: {rule: cost, free: 2, window: 2 years}}", "Cost"},
        {"{fee: {rule: cost, free: 3, window: 1 year}}", "Cost"},
        {"{fee: {rule: free}}", "Cost"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char sections[512], column[64];
        (void)snprintf(sections, sizeof sections,
                       "rights:\n  deadline: {within: 15 days, from: received}\n  extension: 5 days\n  channels: [mail]\n"
                       "  identity: code\n  fee: {rule: cost, free: 2, window: 1 year}\n"
                       "  requests: {access: {}, copy: %s}\n", rows[i].copy);
        struct kept_policy *p = lawless(sections);
        char *html = render(p, KEPT_RENDER_NOTICE, NULL), *part = section(html, "rights");
        (void)snprintf(column, sizeof column, ">%s</th>", rows[i].column != NULL ? rows[i].column : "You may");
        size_t columns = count_of(part, "scope=\"col\"");
        if (columns != (rows[i].column != NULL ? 2 : 1) || strstr(part, column) == NULL)
            fail_msg("%s: %zu columns, %s", rows[i].copy, columns, part);
        free(part);
        free(html);
        kept_policy_free(p);
    }
}

/* ---- many, and few ------------------------------------------------------------------------------- */

static void eight_recipients_are_not_all_drawn(void **state)
{
    (void)state;
    char *text = small_text("recipients:\n"), more[4096];
    size_t n = (size_t)snprintf(more, sizeof more, "%s", text);
    for (int i = 1; i <= 8; i++)
        n += (size_t)snprintf(more + n, sizeof more - n,
                              "  r%d: {text: host %d, role: processor, kind: partner, items: [note], purposes: [work], region: CN, "
                              "agreement: {signed: 2026-01-01, expires: 2028-01-01}}\n", i, i);
    char *summary = say_text(more, KEPT_RENDER_SUMMARY);
    char *drawn = section(summary, "picture"), *listed = section(summary, "shared");
    assert_non_null(strstr(drawn, "host 6 "));
    assert_null(strstr(drawn, ">host 7 "));
    assert_non_null(strstr(drawn, "and 2 more"));
    assert_non_null(strstr(listed, "Host 7 "));
    assert_null(strstr(listed, "Host 8 "));
    assert_non_null(strstr(listed, "and 1 more"));
    free(drawn);
    free(listed);
    free(summary);
    free(text);
}

/* Between two Chinese words there is no space, and between two English ones there is. */
static void pieces_are_joined_as_their_language_does(void **state)
{
    (void)state;
    char *en = everything("en"), *zh = everything("zh");
    char *in_en = say_text(en, KEPT_RENDER_SUMMARY), *in_zh = say_text(zh, KEPT_RENDER_SUMMARY);
    assert_non_null(strstr(in_en, " (2)"));
    assert_null(strstr(in_zh, " （2"));
    assert_non_null(strstr(in_zh, "（2"));
    free(in_en);
    free(in_zh);
    free(en);
    free(zh);
}

static void a_language_that_only_begins_so_is_another(void **state)
{
    (void)state;
    static const char *const languages[] = {"eng", "zhx"};
    for (size_t i = 0; i < COUNT(languages); i++) {
        char *text = everything(languages[i]);
        struct kept_policy *p = read_policy(text);
        struct kept_err err = {0};
        struct kept_buf out;
        kept_buf_init(&out, 1 << 20);
        assert_int_equal(kept_policy_render(p, KEPT_RENDER_NOTICE, NULL, NULL, &out, &err), KEPT_E_NOTFOUND);
        assert_non_null(strstr(err.text, "kept brings no sentences in"));
        assert_int_equal(out.n, 0);
        kept_policy_free(p);
        free(text);
    }
}

/* ---- of two files, and of a law ------------------------------------------------------------------ */

static void each_value_names_its_file(void **state)
{
    (void)state;
    char *under = small_text("");
    const char over[] = "extends: group.yaml\nprecedence: product\nkept: 1\napp: demo\nversion: 2\nissued: 2026-01-02\n"
                        "effective: 2026-02-02\nevidence: 5 years\n";
    const struct kept_policy_file product = {"shop.yaml", span_of(over)}, base = {"group.yaml", span_of(under)};
    struct kept_findings findings = {0};
    struct kept_err err = {0};
    struct kept_buf out;
    kept_buf_init(&out, KEPT_MAX_POLICY_BYTES);
    assert_int_equal(kept_policy_overlay(&product, &base, &out, &findings, &err), 0);
    char *text = kept_buf_take(&out);
    char *json = say_text(text, JSON), *shown = say_text(text, TEXT);
    assert_non_null(strstr(json, "{\"path\":\"evidence\",\"text\":\"5 years\",\"file\":\"shop.yaml\",\"line\":8}"));
    assert_non_null(strstr(json, "\"path\":\"rotation\",\"text\":\"7 days\",\"file\":\"group.yaml\""));
    assert_non_null(strstr(shown, "  evidence: 5 years  (shop.yaml:8)\n"));
    assert_non_null(strstr(shown, "  regions.stored: a list  (group.yaml:"));
    free(json);
    free(shown);
    free(text);
    free(under);
    kept_findings_release(&findings);
}

/* How long what a law keeps is kept is that law's word, where the policy is silent. */
static void what_a_law_filled_in_names_it(void **state)
{
    (void)state;
    char *text = small_text("");
    char *logged = put_so(text, "  phone: {text: phone, kind: phone, information: basic, source: user, retain: account}\n",
                          "  phone: {text: phone, kind: phone, information: basic, source: user, retain: account}\n"
                          "  visits: {text: when you were here, kind: text, information: log, source: generated, retention_class: law, statute: \"Cybersecurity Law, Art. 23\"}\n");
    char *used = put_so(logged, "optional: [note, phone]", "optional: [note, phone, visits]");
    char *json = say_text(used, JSON), *shown = say_text(used, TEXT);
    assert_non_null(strstr(json, "\"retain_from\":\""));
    assert_non_null(strstr(shown, "days ["));
    free(json);
    free(shown);
    free(used);
    free(logged);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_said_another_way),
        cmocka_unit_test(what_is_not_said_is_not_told),
        cmocka_unit_test(each_consent_is_its_own_ground),
        cmocka_unit_test(held_elsewhere_is_held),
        cmocka_unit_test(rights_without_conditions),
        cmocka_unit_test(what_differs_has_a_column),
        cmocka_unit_test(eight_recipients_are_not_all_drawn),
        cmocka_unit_test(pieces_are_joined_as_their_language_does),
        cmocka_unit_test(a_language_that_only_begins_so_is_another),
        cmocka_unit_test(each_value_names_its_file),
        cmocka_unit_test(what_a_law_filled_in_names_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
