/* Is a supposed decision kept_decide's, traced to its rule; and do the needs it names make it one that is
 * allowed, for every function and item of every policy, or say that nothing does? */
#include "policy/explain.h"
#include "policy/phrases.h"
#include "duties_aid.h"

static const char *const files[] = {"policies/widgets.yaml", "policies/messenger.yaml",
                                    "policies/smart-home.yaml", "policies/wallpaper.yaml",
                                    "policies/media.yaml"};

static struct kept_explanation explain(const struct kept_policy *p, struct kept_supposed of)
{
    static struct kept_explanation e;
    of.now = NOON_2026;
    assert_int_equal(kept_policy_explain(p, &of, &e), 0);
    return e;
}

static bool has_need(const struct kept_explanation *e, enum kept_need_kind kind)
{
    for (size_t i = 0; i < e->need_count; i++)
        if (e->needs[i].kind == kind)
            return true;
    return false;
}

/* Whatever is declared to be collected by a function can be, once what is needed is there. */
static void what_is_declared_can_be_had(void **state)
{
    (void)state;
    size_t asked = 0, allowed = 0;
    for (size_t f = 0; f < COUNT(files); f++) {
        struct kept_policy *p = load_policy(files[f]);
        for (size_t i = 0; i < p->info.functions; i++)
            for (size_t k = 0; k < p->info.items; k++) {
                const struct kept_item *item = &p->items[k].pub;
                struct kept_explanation e = explain(
                    p, (struct kept_supposed){.use = KEPT_USE_COLLECT, .item = item->name,
                                              .function = p->functions[i].name, .age = 30});
                bool has = kept_bit(&p->function_items, i, k);
                bool comes = has && item->place == KEPT_PLACE_STORE && !p->items[k].from_others;
                bool fits = e.then.decision != KEPT_DENY;
                asked++;
                allowed += fits;
                if (!has && (e.verdict.decision != KEPT_DENY || fits || e.step != 8) &&
                    item->place == KEPT_PLACE_STORE)
                    fail_msg("%s: %s has no %s, step %u", files[f], p->functions[i].name, item->name, e.step);
                if (comes && !fits)
                    fail_msg("%s: %s of %s: %s", files[f], item->name, p->functions[i].name,
                             kept_reason_name(e.then.reason));
                assert_true(e.step > 0);
                assert_int_equal(e.verdict.decision == KEPT_DENY, e.step < 16);
                for (int zh = 0; zh < 2; zh++) {
                    struct kept_buf out;
                    kept_buf_init(&out, 1 << 16);
                    assert_int_equal(kept_explanation_text(&e, zh ? "zh" : "en", &out), 0);
                    assert_null(strstr((const char *)out.p, "{1}"));
                    kept_buf_release(&out);
                }
            }
        kept_policy_free(p);
    }
    assert_true(asked > 1000 && allowed > 100);
}

/* One thing less than is needed, and it is denied: the needs are no more than what is asked. */
static void the_verdict_is_that_of_the_engine(void **state)
{
    (void)state;
    struct kept_policy *p = load_policy("policies/widgets.yaml");
    struct kept_supposed of = {.use = KEPT_USE_COLLECT, .item = "location", .function = "location-assist",
                               .age = 30};
    struct kept_explanation e = explain(p, of);
    assert_int_equal(e.verdict.reason, KEPT_R_PERMISSION);
    assert_int_equal(e.step, 13);
    assert_true(has_need(&e, KEPT_NEED_PERMISSION) && has_need(&e, KEPT_NEED_CONSENT) &&
                has_need(&e, KEPT_NEED_IN_USE));
    assert_int_equal(e.need_count, 3);
    struct kept_rule_at at;
    const char *text = NULL, *costs = NULL;
    assert_true(kept_policy_rule_at(p, e.verdict.line, "en", &at, &text, &costs));
    assert_string_equal(at.kind, "function");
    assert_string_equal(at.name, "location-assist");
    assert_string_equal(text, "finds the place for weather and time zone");
    assert_string_equal(costs, "You choose the place by hand.");
    assert_false(kept_policy_rule_at(p, 1, "en", &at, &text, &costs));
    assert_null(text);
    of.age = 12;
    e = explain(p, of);
    assert_int_equal(e.step, 6);
    assert_true(has_need(&e, KEPT_NEED_GUARDIAN));
    of.age = 30;
    of.role = "nobody";
    e = explain(p, of);
    assert_int_equal(e.step, 7);
    assert_int_equal(e.need_count, 0);
    assert_int_equal(e.then.decision, KEPT_DENY);
    kept_policy_free(p);
}

static void authorities_need_an_exemption(void **state)
{
    (void)state;
    struct kept_policy *p = load_policy("policies/widgets.yaml");
    struct kept_supposed of = {.use = KEPT_USE_DISCLOSE, .item = "access-log", .purpose = "legal-duty",
                               .recipient = "court", .age = -1};
    struct kept_explanation e = explain(p, of);
    assert_int_equal(e.step, 12);
    assert_true(has_need(&e, KEPT_NEED_EXEMPTION));
    assert_int_equal(e.then.decision, KEPT_ALLOW);
    of.exemption = "legal-demand";
    e = explain(p, of);
    assert_true(has_need(&e, KEPT_NEED_JUSTIFIED));
    assert_int_equal(e.then.decision, KEPT_ALLOW);
    of.exemption = "because-we-can";
    e = explain(p, of);
    assert_int_equal(e.then.decision, KEPT_DENY);
    of.exemption = "legal-demand";
    of.justified = true;
    assert_int_equal(explain(p, of).verdict.decision, KEPT_ALLOW);
    kept_policy_free(p);
}

static void every_reason_has_words(void **state)
{
    (void)state;
    for (int i = 0; i < KEPT_R_COUNT; i++) {
        assert_string_equal(kept_explanation_reason((enum kept_reason)i, "en"),
                            kept_reason_text((enum kept_reason)i));
        assert_string_not_equal(kept_explanation_reason((enum kept_reason)i, "zh"),
                                kept_reason_text((enum kept_reason)i));
    }
}

/* One function that asks for everything, one for grown-ups; two recipients. */
static struct kept_policy *demanding(void)
{
    char *text = small_text(
        "age: {bands: [{from: 0, below: 14, mode: block}, {from: 14, below: 18, mode: guardian, form: written}, {from: 18, mode: self}]}\n"
        "permissions:\n  camera: {text: camera}\n"
        "recipients:\n"
        "  code: {text: code, role: processor, kind: sdk, items: [note], purposes: [work], region: CN, agreement: {signed: 2026-01-01, expires: 2028-01-01}}\n"
        "  host: {text: host, role: processor, kind: partner, items: [phone], purposes: [ads], region: CN, agreement: {signed: 2026-01-01, expires: 2028-01-01}}\n"
        "  police: {text: police, role: authority, kind: authority, items: [phone], purposes: [ads], region: CN}\n"
        "  seller: {text: seller, role: independent, kind: partner, gives: [rank], lawful_source: from you, purposes: [work], region: CN, "
        "agreement: {signed: 2026-01-01, expires: 2028-01-01}}\n"
        "exemptions:\n  law: {text: law, for: [use]}\n");
    char *more = changed(text, "functions:\n",
                         "functions:\n  watch: {text: watches, kind: extended, consent: written, purposes: [ads], optional: [phone], "
                         "permissions: [camera], in_use: required, trigger: user_action, frequency: once_per_launch, "
                         "case: required, asked: each_launch, refusing_costs: nothing}\n"
                         "  walk: {text: walks, kind: extended, consent: written, purposes: [ads], optional: [phone], "
                         "in_use: required, trigger: user_action, case: required, asked: each_launch, refusing_costs: nothing}\n");
    char *served = changed(more, "regions: {stored: [CN]}", "regions: {stored: [CN], served: [CN]}");
    char *given = changed(served, "functions:\n", "  rank: {text: rank, kind: text, information: other, source: third_party, retain: account}\n"
                          "functions:\n  rate: {text: rates, kind: extended, consent: explicit, purposes: [ads, work], optional: [rank], "
                          "refusing_costs: nothing}\n");
    struct kept_policy *p = read_policy(given);
    free(given);
    free(served);
    free(more);
    free(text);
    return p;
}

static const struct {
    struct kept_supposed of;
    enum kept_reason reason;
    unsigned step;
    unsigned needs; /* a bit each of enum kept_need_kind */
    enum kept_decision then;
} supposed[] = {
#define WATCH .use = KEPT_USE_COLLECT, .item = "phone", .function = "watch", .age = 30
#define N(kind) (1u << KEPT_NEED_##kind)
    {{WATCH}, KEPT_R_PERMISSION, 13,
     N(PERMISSION) | N(CONSENT) | N(JUSTIFIED) | N(IN_USE) | N(USER_ACTION) | N(ASKED_NOW), KEPT_ALLOW},
#define WALK .use = KEPT_USE_COLLECT, .item = "phone", .function = "walk", .age = 30, .consents = 1u << KEPT_C_WRITTEN
    {{WALK}, KEPT_R_JUSTIFICATION, 15, N(JUSTIFIED) | N(IN_USE) | N(USER_ACTION) | N(ASKED_NOW), KEPT_ALLOW},
    {{WALK, .justified = true}, KEPT_R_NOT_IN_USE, 15, N(IN_USE) | N(USER_ACTION) | N(ASKED_NOW), KEPT_ALLOW},
    {{WALK, .justified = true, .facts = KEPT_F_IN_USE}, KEPT_R_USER_ACTION, 15, N(USER_ACTION) | N(ASKED_NOW), KEPT_ALLOW},
    {{WALK, .justified = true, .facts = KEPT_F_IN_USE | KEPT_F_USER_ACTION}, KEPT_R_CONSENT_EXPIRED, 15, N(ASKED_NOW), KEPT_ALLOW},
    {{WALK, .justified = true, .facts = KEPT_F_IN_USE | KEPT_F_USER_ACTION, .launch = 4}, KEPT_R_CONSENT_EXPIRED, 15,
     N(ASKED_NOW), KEPT_ALLOW},
    {{.use = KEPT_USE_COLLECT, .item = "phone", .function = "walk", .age = 30}, KEPT_R_NEEDS_WRITTEN_CONSENT, 14,
     N(CONSENT) | N(JUSTIFIED) | N(IN_USE) | N(USER_ACTION) | N(ASKED_NOW), KEPT_ALLOW},
    {{.use = KEPT_USE_COLLECT, .item = "gone", .function = "keep", .age = 30}, KEPT_R_UNDECLARED, 4, 0, KEPT_DENY},
    {{.use = KEPT_USE_COLLECT, .item = "note", .function = "keep", .age = 30, .region = "US"}, KEPT_R_REGION, 10, 0, KEPT_DENY},
    {{.use = KEPT_USE_COLLECT, .item = "note", .function = "keep", .age = 30, .region = "CN"}, KEPT_R_NEEDS_CONSENT, 14, N(CONSENT), KEPT_ALLOW},
    {{.use = KEPT_USE_COLLECT, .item = "note", .function = "keep", .age = 30, .consents = 1u << KEPT_C_EXPLICIT}, KEPT_R_NONE, 16, 0, KEPT_ALLOW},
    {{.use = KEPT_USE_COLLECT, .item = "note", .function = "keep", .age = 9}, KEPT_R_AGE, 6, 0, KEPT_DENY},
    {{.use = KEPT_USE_COLLECT, .item = "note", .function = "keep", .age = -1}, KEPT_R_AGE_UNKNOWN, 6, N(AGE) | N(CONSENT), KEPT_ALLOW},
    {{.use = KEPT_USE_COLLECT, .item = "note", .function = "keep", .age = 15}, KEPT_R_NEEDS_GUARDIAN, 6, N(GUARDIAN) | N(CONSENT), KEPT_ALLOW},
    {{.use = KEPT_USE_COLLECT, .item = "note", .function = "keep", .age = 15, .consents = 1u << KEPT_C_GUARDIAN}, KEPT_R_NONE, 16, 0, KEPT_ALLOW},
    {{.use = KEPT_USE_READ, .item = "note", .purpose = "ads", .age = 30}, KEPT_R_PURPOSE, 9, 0, KEPT_DENY},
    {{.use = KEPT_USE_DISCLOSE, .item = "phone", .purpose = "work", .recipient = "host", .age = 30}, KEPT_R_PURPOSE, 11, 0, KEPT_DENY},
    {{.use = KEPT_USE_DISCLOSE, .item = "note", .purpose = "work", .function = "keep", .recipient = "code", .age = 30, .facts = KEPT_F_BACKGROUND,
      .consents = 1u << KEPT_C_EXPLICIT}, KEPT_R_USER_ACTION, 14, N(USER_ACTION), KEPT_ALLOW},
    /* an authority, where no exemption lets anything be shared */
    {{.use = KEPT_USE_DISCLOSE, .item = "phone", .purpose = "ads", .recipient = "police", .age = 30}, KEPT_R_JUSTIFICATION, 12, 0, KEPT_DENY},
    /* who gives it, gives it for another purpose; nobody is registered under that name; nothing is collected */
    {{.use = KEPT_USE_COLLECT, .item = "rank", .purpose = "work", .function = "rate", .age = 30}, KEPT_R_RECIPIENT, 11, N(SOURCE) | N(CONSENT), KEPT_ALLOW},
    {{.use = KEPT_USE_COLLECT, .item = "rank", .purpose = "ads", .function = "rate", .age = 30}, KEPT_R_RECIPIENT, 11, 0, KEPT_DENY},
    {{.use = KEPT_USE_COLLECT, .item = "rank", .purpose = "work", .function = "rate", .recipient = "nobody", .age = 30}, KEPT_R_RECIPIENT, 11, 0, KEPT_DENY},
    {{.use = KEPT_USE_DISCLOSE, .item = "note", .purpose = "work", .recipient = "nobody", .age = 30}, KEPT_R_RECIPIENT, 11, 0, KEPT_DENY},
    /* a guardian would do, were the role one that there is */
    {{.use = KEPT_USE_COLLECT, .item = "note", .function = "keep", .role = "nobody", .age = 15}, KEPT_R_NEEDS_GUARDIAN, 6, N(GUARDIAN), KEPT_DENY},
    /* any function that has it for the purpose */
    {{.use = KEPT_USE_READ, .item = "phone", .purpose = "ads", .age = 30}, KEPT_R_PERMISSION, 13, N(PERMISSION) | N(CONSENT) | N(JUSTIFIED), KEPT_ALLOW},
};

static void each_denial_has_its_step_and_needs(void **state)
{
    (void)state;
    struct kept_policy *p = demanding();
    size_t wrong = 0;
    for (size_t i = 0; i < COUNT(supposed); i++) {
        struct kept_explanation e = explain(p, supposed[i].of);
        unsigned needs = 0;
        for (size_t k = 0; k < e.need_count; k++)
            needs |= 1u << e.needs[k].kind;
        if (e.verdict.reason != supposed[i].reason || e.step != supposed[i].step || needs != supposed[i].needs ||
            e.then.decision != supposed[i].then) {
            print_message("%zu: %s at step %u, needs %x, then %s\n", i, kept_reason_name(e.verdict.reason), e.step,
                          needs, kept_reason_name(e.then.reason));
            wrong++;
        }
        struct kept_buf out;
        kept_buf_init(&out, 1 << 16);
        assert_int_equal(kept_explanation_text(&e, "en", &out), 0);
        if (supposed[i].of.consents != 0)
            assert_non_null(strstr((const char *)out.p, supposed[i].of.consents == 1u << KEPT_C_WRITTEN ? "written" : "consent"));
        kept_buf_release(&out);
    }
    kept_policy_free(p);
    assert_int_equal(wrong, 0);
}

/* A role's denial is traced to the role, in the words that there are. */
static void a_role_is_a_rule(void **state)
{
    (void)state;
    char *text = small_text("partitions:\n  desk: {text: the desk}\n");
    char *whole = changed(text, "roles:\n", "roles:\n  clerk: {operations: [use], purposes: [ads], masked: [phone]}\n");
    struct kept_policy *p = read_policy(whole);
    struct kept_explanation e = explain(p, (struct kept_supposed){.use = KEPT_USE_READ, .item = "note", .purpose = "work",
                                                                  .role = "clerk", .age = 30});
    struct kept_rule_at at;
    const char *words = "", *costs = "";
    assert_int_equal(e.verdict.reason, KEPT_R_ROLE);
    assert_int_equal(e.step, 7);
    assert_true(kept_policy_rule_at(p, e.verdict.line, "en", &at, &words, &costs));
    assert_string_equal(at.kind, "role");
    assert_string_equal(at.name, "clerk");
    assert_null(words);
    assert_null(costs);
    assert_true(kept_policy_rule_at(p, p->partitions[1].rule.line, "fr", &at, &words, &costs));
    assert_string_equal(at.kind, "partition");
    assert_string_equal(words, "the desk");
    assert_false(kept_policy_rule_at(p, 0, "en", &at, &words, &costs));
    assert_string_equal(at.kind, "");
    struct kept_buf out;
    kept_buf_init(&out, 1 << 16);
    assert_int_equal(kept_explanation_text(&e, "en", &out), 0);
    assert_non_null(strstr((const char *)out.p, "clerk"));
    kept_buf_release(&out);
    kept_policy_free(p);
    free(whole);
    free(text);
}

/* Rules that stand below others, in the language asked for, in that of authority, and without asking for words. */
static void rules_below_rules(void **state)
{
    (void)state;
    char *text = small_text("recipients:\n  code:\n    text: code\n    role: processor\n    kind: sdk\n    items: [note]\n"
                            "    purposes: [work]\n    region: CN\n    agreement:\n      signed: 2026-01-01\n      expires: 2028-01-01\n");
    struct kept_policy *p = read_policy(text);
    struct kept_rule_at at;
    const char *words = NULL;
    assert_true(kept_policy_rule_at(p, p->recipients[0].agreement.line, "en", &at, &words, NULL));
    assert_string_equal(at.kind, "agreement");
    assert_string_equal(at.name, "code");
    assert_string_equal(words, "code");
    assert_true(kept_policy_rule_at(p, p->recipients[0].agreement.line, NULL, &at, &words, NULL));
    assert_string_equal(words, "code");
    assert_true(kept_policy_rule_at(p, p->functions[0].rule.line, NULL, &at, NULL, &words));
    assert_string_equal(words, "nothing");
    assert_true(kept_policy_rule_at(p, p->items[0].rule.line, "en", &at, NULL, &words));
    assert_null(words);
    struct kept_buf beyond, none;
    kept_buf_init(&beyond, 1 << 10);
    kept_buf_init(&none, 1 << 10);
    kept_explanation_step(17, "en", &beyond);
    kept_explanation_step(0, "en", &none);
    assert_true(none.n > 0);
    assert_string_equal((const char *)beyond.p, (const char *)none.p);
    kept_buf_release(&beyond);
    kept_buf_release(&none);
    kept_policy_free(p);
    free(text);
}

/* A policy on one line, as programs write them: the function that was asked for is the one that denied, and what
 * does not help is named once. */
static void on_one_line(void **state)
{
    (void)state;
    static const char head[] = "{kept: 1, app: demo, version: 1, issued: 2026-01-01, effective: 2026-02-01, app_type: other, jurisdiction: CN, "
        "time_zone: \"+08:00\", languages: {authority: en}, controller: {name: We, contact: a@example.org}, "
        "notice: {sentences: [{text: Read this.}]}, withdrawal: {effect: collect_and_use}, regions: {stored: [CN]}, rotation: 7 days, "
        "backup_window: 30 days, evidence: 4 years, purposes: {work: {text: work, consent: explicit}}, permissions: {camera: {text: camera}}, "
        "items: {note: {text: a note, kind: text, information: content, source: user, retain: account}}, functions: {"
        "keep: {text: keeps, kind: extended, consent: explicit, purposes: [work], optional: [note], refusing_costs: nothing}, "
        "look: {text: looks, kind: extended, consent: explicit, purposes: [work], optional: [note], permissions: [camera], "
        "refusing_costs: nothing}}, roles: {app: {operations: all}}}";
    struct kept_policy *p = read_policy(head);
    struct kept_explanation e = explain(p, (struct kept_supposed){.use = KEPT_USE_COLLECT, .item = "note", .function = "look", .age = 30});
    assert_int_equal(e.verdict.reason, KEPT_R_PERMISSION);
    assert_int_equal(e.needs[0].kind, KEPT_NEED_PERMISSION);
    assert_string_equal(e.needs[0].name, "camera");
    assert_in_range(e.need_count, 2, 3);
    assert_int_equal(e.then.decision, KEPT_DENY); /* whose consent it is, no line tells */
    kept_policy_free(p);
}

/* More than an explanation has room for: what fits is named, and it does not come to a yes. */
static void more_is_needed_than_there_is_room_for(void **state)
{
    (void)state;
    char names[2048] = "", more[4096] = "permissions:\n";
    size_t n = 0, m = strlen(more);
    for (unsigned i = 0; i < KEPT_MAX_NEEDS + 6; i++) {
        n += (size_t)snprintf(names + n, sizeof names - n, "%sp%u", i > 0 ? ", " : "", i);
        m += (size_t)snprintf(more + m, sizeof more - m, "  p%u: {text: permission %u}\n", i, i);
    }
    char asked[2200], *text = small_text(more);
    (void)snprintf(asked, sizeof asked, "permissions: [%s], refusing_costs: nothing", names);
    char *whole = changed(text, "refusing_costs: nothing", asked);
    struct kept_policy *p = read_policy(whole);
    struct kept_explanation e = explain(p, (struct kept_supposed){.use = KEPT_USE_COLLECT, .item = "note", .function = "keep", .age = 30});
    assert_int_equal(e.need_count, KEPT_MAX_NEEDS);
    assert_string_equal(e.needs[KEPT_MAX_NEEDS - 1].name, "p63");
    assert_int_equal(e.then.decision, KEPT_DENY);
    assert_int_equal(e.then.reason, KEPT_R_PERMISSION);
    kept_policy_free(p);
    free(whole);
    free(text);
}

/* {1} to {6}, and no other brace: nothing else is filled in. */
static void phrases_are_well_made(void **state)
{
    (void)state;
    for (unsigned i = 0; i < PHRASES; i++)
        for (int zh = 0; zh < 2; zh++)
            for (const char *at = kept_phrase((enum phrase)i, zh ? "zh" : "en"); (at = strchr(at, '{')) != NULL; at++)
                assert_true(at[1] >= '1' && at[1] < '1' + (int)MAX_PHRASE_PARTS && at[2] == '}');
    static const char *const chinese[] = {"zh", "zh-CN"}, *const others[] = {"en", "zhx", "z", ""};
    for (size_t i = 0; i < COUNT(chinese); i++)
        assert_true(kept_phrase_chinese(chinese[i]));
    for (size_t i = 0; i < COUNT(others); i++)
        assert_false(kept_phrase_chinese(others[i]));
    assert_false(kept_phrase_chinese(NULL));
    assert_string_equal(kept_explanation_reason(KEPT_R_COUNT, "zh"), kept_reason_text(KEPT_R_COUNT));
    struct kept_buf out;
    kept_buf_init(&out, 1 << 12);
    kept_phrase_put(P_N_CONSENT, "en", (const char *const[MAX_PHRASE_PARTS]){NULL}, &out);
    assert_true(out.failed == 0 && strchr((const char *)out.p, '{') == NULL);
    kept_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_declared_can_be_had),
        cmocka_unit_test(the_verdict_is_that_of_the_engine),
        cmocka_unit_test(authorities_need_an_exemption),
        cmocka_unit_test(every_reason_has_words),
        cmocka_unit_test(each_denial_has_its_step_and_needs),
        cmocka_unit_test(a_role_is_a_rule),
        cmocka_unit_test(rules_below_rules),
        cmocka_unit_test(on_one_line),
        cmocka_unit_test(more_is_needed_than_there_is_room_for),
        cmocka_unit_test(phrases_are_well_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
