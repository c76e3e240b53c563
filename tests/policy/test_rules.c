/* test_rules.c - rules held against each other where one of them was lost, or says the rare thing: what is found is the
 * mistake, and nothing that would follow from it. And a policy that is too large to be judged whole. */
#include "duties_aid.h"

#define RECIPIENT(more) "recipients:\n  them: {text: them, role: processor, kind: partner, agreement: {signed: 2026-01-01, expires: 2028-01-01}, " more "}\n"
#define PHONE "source: user, retain: account}\nfunctions"
#define OTHERS "source: third_party, retain: account}\nfunctions"

static const struct {
    const char *sections, *old, *new, *code;
    bool found;
} cases[] = {
    /* where it came from */
    {"", PHONE, OTHERS, "SOURCE_UNNAMED", true},
    {"recipients: {them: 5}\n", PHONE, OTHERS, "SOURCE_UNNAMED", false}, /* they might have */
    {RECIPIENT("gives: [phone], purposes: [work], lawful_source: by contract, region: CN"), PHONE, OTHERS, "SOURCE_UNNAMED", false},
    /* what they give, get, and where they are */
    {RECIPIENT("gives: [phone], purposes: [ads], lawful_source: by contract, region: CN"), "", "", "GIVEN_NOT_COLLECTED", true},
    {RECIPIENT("gives: [phone], purposes: [], lawful_source: by contract, region: CN"), "", "", "GIVEN_NOT_COLLECTED", false},
    {RECIPIENT("gives: [phone], purposes: [], lawful_source: by contract, region: CN"), "", "", "OPEN_ENDED_RECIPIENT", true},
    {RECIPIENT("items: [phone], purposes: [work], region: SG"), "", "", "EXPORT_FORBIDDEN", true},
    {RECIPIENT("items: [phone], purposes: [work]"), "", "", "EXPORT_FORBIDDEN", false}, /* nobody knows where */
    {RECIPIENT("items: [phone], purposes: [work], region: SG, consent: explicit, export_mechanism: contract"), "stored: [CN]", "stored: [CN], export: conditional", "EXPORT_CONDITIONS", true},
    {RECIPIENT("items: [phone], purposes: [work], region: SG, consent: separate"), "stored: [CN]", "stored: [CN], export: conditional", "EXPORT_CONDITIONS", true},
    /* what a basic function may demand */
    {"", "app_type: other", "app_type: utility", "EXCESSIVE_MANDATORY", false},
    /* real names, and leaving */
    {"account: {mode: phone, function: keep, real_name: legal_obligation}\n", "", "", "STATUTE_MISSING", true},
    {"account: {mode: phone, function: keep, real_name: legal_obligation, statute: {zh: 法}}\n", "", "", "STATUTE_MISSING", true}, /* not in ours */
    {"account: {mode: phone, function: keep, real_name: legal_obligation, statute: a law}\n", "", "", "STATUTE_MISSING", false},
    {"cancellation: {triggers: [self_service], within: 1 months, cooling_off: 29 days}\n", "", "", "CANCELLATION_CONTRADICTION", true}, /* February */
    {"cancellation: {triggers: [self_service], within: 1 months, cooling_off: 27 days}\n", "", "", "CANCELLATION_CONTRADICTION", false},
    {"cancellation: {triggers: [self_service], within: 48 hours, cooling_off: 3 days}\n", "", "", "CANCELLATION_CONTRADICTION", true},
    /* the app itself is no role like others */
    {"", "operations: all", "operations: all, raw: [note]", "APP_ROLE", true},
    {"", "operations: all", "operations: all, masked: [note]", "APP_ROLE", true},
    {"", "operations: all", "operations: all, purposes: [work]", "APP_ROLE", true},
    {"partitions: {apart: {text: apart}}\n", "operations: all", "operations: all, partitions: [apart]", "APP_ROLE", true},
    {"", "operations: all", "operations: all, law: true", "APP_ROLE", true},
    {"", "operations: all", "operations: all", "APP_ROLE", false},
    /* values that cannot be read */
    {"rights: {identity: nonsense}\n", "", "", "BAD_VALUE", true},
    {"", "kind: text, information: content", "kind: choice, choices: {}, information: content", "BAD_VALUE", true},
    {"", "kind: text, information: content", "kind: number, min: [1], information: content", "WRONG_TYPE", true},
    {"", "kind: text, information: content", "kind: number, min: one, information: content", "BAD_NUMBER", true},
    /* one name twice is a mistake; beside what was meant to be it, it is the same one */
    {"", "optional: [note, phone]", "optional: [note, note, phone]", "DUPLICATE_ENTRY", true},
    {"", "optional: [note, phone]", "optional: [note, nite, phone]", "DUPLICATE_ENTRY", false},
    {"", "optional: [note, phone]", "optional: [note, nite, phone]", "DANGLING_REFERENCE", true},
    /* what a function demands and never comes: of what is lost nothing is known */
    {"", "information: content, source: user, retain: account", "information: content, source: user, place: external", "MANDATORY_APART", false},
};

static void each_case(void **state)
{
    (void)state;
    unsigned wrong = 0;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *text = small_text(cases[i].sections), *other = changed(text, cases[i].old, cases[i].new);
        if (finds_in(other, cases[i].code) != cases[i].found) {
            print_error("case %zu, %s: %s, and should%s\n", i, cases[i].code, cases[i].found ? "not found" : "found",
                        cases[i].found ? "" : " not");
            wrong++;
        }
        free(other);
        free(text);
    }
    assert_int_equal(wrong, 0);
}

/* A basic function that demands something lost demands nothing too much. */
static void lost_demands(void **state)
{
    (void)state;
    static const struct {
        const char *kind;
        bool found;
    } kinds[] = {{"kind: text", true}, {"kind: nonsense", false}};
    for (size_t i = 0; i < COUNT(kinds); i++) {
        char *text = small_text(""), *typed = changed(text, "app_type: other", "app_type: utility"),
             *basic = changed(typed, "kind: extended, consent: explicit, purposes: [work], optional: [note, phone]",
                              "kind: basic, consent: explicit, purposes: [work], mandatory: [note], optional: [phone]"),
             *kind = changed(basic, "kind: text", kinds[i].kind);
        if (finds_in(kind, "EXCESSIVE_MANDATORY") != kinds[i].found)
            fail_msg("%s", kinds[i].kind);
        assert_false(finds_in(kind, "MANDATORY_APART"));
        free(kind);
        free(basic);
        free(typed);
        free(text);
    }
}

/* Functions that each demand what no giver gives together, and givers: how many functions are found apart. */
static unsigned apart(unsigned functions, unsigned givers, unsigned items, unsigned purposes)
{
    struct kept_policy *policy = NULL;
    struct kept_findings findings = {0};
    struct kept_buf text;
    unsigned found = 0;
    kept_buf_init(&text, 4u << 20);
    kept_buf_text(&text, small_head);
    for (unsigned i = 0; i < purposes; i++)
        kept_buf_printf(&text, "  p%u: {text: p}\n", i);
    kept_buf_text(&text, "items:\n");
    for (unsigned i = 0; i < items; i++)
        kept_buf_printf(&text, "  i%u: {text: i, kind: text, information: property, source: third_party, retain: account}\n", i);
    kept_buf_text(&text, "functions:\n");
    for (unsigned f = 0; f < functions; f++) {
        kept_buf_printf(&text, "  f%u: {text: f, kind: extended, consent: explicit, refusing_costs: all, purposes: [work", f);
        for (unsigned i = 0; i < purposes; i++)
            kept_buf_printf(&text, ", p%u", i);
        kept_buf_text(&text, "], mandatory: [i0");
        for (unsigned i = 1; i < items; i++)
            kept_buf_printf(&text, ", i%u", i);
        kept_buf_text(&text, "]}\n");
    }
    kept_buf_text(&text, "recipients:\n");
    for (unsigned r = 0; r <= givers; r++) { /* the last of them gives the last item, the others the rest */
        kept_buf_printf(&text, "  r%u: {text: r, role: processor, kind: partner, lawful_source: a contract, region: CN, "
                               "agreement: {signed: 2026-01-01, expires: 2028-01-01}, purposes: [work", r);
        for (unsigned i = 0; i < purposes; i++)
            kept_buf_printf(&text, ", p%u", i);
        kept_buf_printf(&text, "], gives: [i%u", r < givers ? 0 : items - 1);
        for (unsigned i = 1; r < givers && i + 1 < items; i++)
            kept_buf_printf(&text, ", i%u", i);
        kept_buf_text(&text, "]}\n");
    }
    kept_buf_text(&text, small_roles);
    kept_buf_u8(&text, 0);
    assert_int_equal(text.failed, 0);
    int rc = kept_policy_read(span_of((const char *)text.p), &policy, &findings, NULL);
    assert_true(rc == 0 || rc == KEPT_E_POLICY);
    for (size_t i = 0; i < findings.count; i++)
        found += strcmp(findings.rows[i].code, "MANDATORY_APART") == 0;
    if (findings.count > 0 && found == 0)
        print_message("%s: %s\n", findings.rows[0].code, findings.rows[0].text);
    kept_findings_release(&findings);
    kept_policy_free(policy);
    kept_buf_release(&text);
    return found;
}

static void too_large_to_be_judged(void **state)
{
    (void)state;
    assert_int_equal(apart(3, 2, 5, 4), 3);
    assert_int_equal(apart(50, 50, 70, 25), 50);
    assert_int_equal(apart(120, 120, 70, 25), 0); /* read as any other, and not held against that rule */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_case),
        cmocka_unit_test(lost_demands),
        cmocka_unit_test(too_large_to_be_judged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
