/* test_edges.c - questions at the edge of what a policy says: clients of whom half is known, versions that are longer than
 * numbers, what somebody leaves open, laws side by side, and what is asked of things that are not there. */
#include "duties_aid.h"

#include "base/error.h"
#include "base/limits.h"
#include "policy/duties_int.h"
#include "policy/explain.h"
#include "policy/phrases.h"
#include "policy/profile.h"
#include "policy/render.h"

/* ---- decisions ------------------------------------------------------------------------------------ */

/* The small policy whose one function is written out, with something more in it. */
static struct kept_policy *with_function(const char *more)
{
    char *text = small_text(""), with[1024];
    (void)snprintf(with, sizeof with, "kind: extended,\n  consent: explicit, purposes: [work], optional: [note, phone], %s\n  refusing_costs: nothing}",
                   more);
    char *other = changed(text, "kind: extended, consent: explicit, purposes: [work], optional: [note, phone], refusing_costs: nothing}", with);
    struct kept_policy *p = read_policy(other);
    free(other);
    free(text);
    return p;
}

static enum kept_reason asked_from(const struct kept_policy *p, const struct kept_client *client)
{
    const struct kept_consent_row agreed = consent_row(KEPT_K_FUNCTION, "keep", KEPT_C_EXPLICIT, KEPT_CS_GRANTED);
    struct kept_context c = live(p);
    struct kept_question q = ask(KEPT_USE_COLLECT);
    c.consents = &agreed;
    c.consent_count = 1;
    q.item = index_of(p, KEPT_K_ITEM, "note");
    q.function = index_of(p, KEPT_K_FUNCTION, "keep");
    q.purpose = index_of(p, KEPT_K_PURPOSE, "work");
    q.client = client;
    return kept_decide(p, &c, &q).reason;
}

static void clients_half_known(void **state)
{
    (void)state;
    static const struct {
        struct kept_client client;
        enum kept_reason reason;
    } cases[] = {
        {{"android", "12", "2.1", "tv"}, KEPT_R_NONE},
        {{"android", "12.0.0", "2.10", "tv"}, KEPT_R_NONE},
        {{"android", "12", "99999999999999999999", "tv"}, KEPT_R_CLIENT}, /* longer than a number: beyond all */
        {{"android", "12", "2.0.99", "tv"}, KEPT_R_CLIENT},
        {{"", "12", "2.1", "tv"}, KEPT_R_OS_UNKNOWN},
        {{NULL, "12", "2.1", "tv"}, KEPT_R_OS_UNKNOWN},
        {{"android", "", "2.1", "tv"}, KEPT_R_OS_UNKNOWN},
        {{"android", "12", "", "tv"}, KEPT_R_APP_VERSION_UNKNOWN},
        {{"android", "12", "2.1", ""}, KEPT_R_SURFACE_UNKNOWN},
        {{"android", "12", "2.1", NULL}, KEPT_R_SURFACE_UNKNOWN},
        {{"android", "12", "2.1", "phone"}, KEPT_R_CLIENT},
    };
    struct kept_policy *p = with_function("client: {os: {android: \"12\"}, app_from: \"2.1\", app_below: \"100000000000000\", surfaces: [tv]},");
    for (size_t i = 0; i < COUNT(cases); i++) {
        enum kept_reason reason = asked_from(p, &cases[i].client);
        if (reason != cases[i].reason)
            fail_msg("case %zu: %s", i, kept_reason_text(reason));
    }
    kept_policy_free(p);
}

/* Once a launch: what was collected in the one before is no reason, in this one or a later it is. */
static void once_a_launch(void **state)
{
    (void)state;
    struct kept_policy *p = with_function("frequency: once_per_launch,");
    const struct kept_consent_row agreed = consent_row(KEPT_K_FUNCTION, "keep", KEPT_C_EXPLICIT, KEPT_CS_GRANTED);
    struct kept_launch_row row = {.function = kept_ref(KEPT_K_FUNCTION, "keep"), .item = kept_ref(KEPT_K_ITEM, "note")};
    struct kept_context c = live(p);
    struct kept_question q = ask(KEPT_USE_COLLECT);
    c.consents = &agreed;
    c.consent_count = 1;
    c.launches = &row;
    c.launch_count = 1;
    q.item = index_of(p, KEPT_K_ITEM, "note");
    q.function = index_of(p, KEPT_K_FUNCTION, "keep");
    q.purpose = index_of(p, KEPT_K_PURPOSE, "work");
    q.launch = 5;
    for (row.launch = 4; row.launch <= 6; row.launch++)
        assert_int_equal(kept_decide(p, &c, &q).reason, row.launch < 5 ? KEPT_R_NONE : KEPT_R_FREQUENCY);
    kept_policy_free(p);
}

/* Using it agrees, where the policy takes that for consent: to the function, or to everything; a refusal is none. */
static void by_using_it(void **state)
{
    (void)state;
    char *text = small_text(""), *other = changed(text, "consent: explicit", "consent: implied");
    struct kept_policy *p = read_policy(other);
    static const struct {
        enum kept_kind kind;
        enum kept_consent_state state;
        bool goes;
    } rows[] = {{KEPT_K_FUNCTION, KEPT_CS_GRANTED, true}, {KEPT_K_FUNCTION, KEPT_CS_REFUSED, false}, {KEPT_K_NONE, KEPT_CS_GRANTED, true}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct kept_consent_row row = consent_row(rows[i].kind, "keep", KEPT_C_IMPLIED, rows[i].state);
        struct kept_context c = live(p);
        struct kept_question q = ask(KEPT_USE_COLLECT);
        c.consents = &row;
        c.consent_count = 1;
        q.item = index_of(p, KEPT_K_ITEM, "note");
        q.function = index_of(p, KEPT_K_FUNCTION, "keep");
        q.purpose = index_of(p, KEPT_K_PURPOSE, "work");
        if ((kept_decide(p, &c, &q).decision == KEPT_ALLOW) != rows[i].goes)
            fail_msg("row %zu: %s", i, kept_reason_text(kept_decide(p, &c, &q).reason));
    }
    kept_policy_free(p);
    free(other);
    free(text);
}

/* ---- explanations ---------------------------------------------------------------------------------- */

static void lists_of_permissions(void **state)
{
    (void)state;
    static const struct {
        const char *list, *name;
        bool good, on;
    } cases[] = {{"camera", "camera", true, true}, {"camera=on", "camera", true, true}, {"camera=off,x", "camera", true, false},
                 {"camera=of", "", false, false}, {"camera=onn", "", false, false}, {"camera=offf", "", false, false},
                 {"camera=xyz", "", false, false}, {"camera=", "", false, false}, {"=on", "", false, false}, {"", "", false, false}};
    char name[KEPT_MAX_NAME + 1], longer[KEPT_MAX_NAME + 2];
    bool on = false;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *list = cases[i].list;
        if (kept_supposed_permission(&list, name, &on) != cases[i].good)
            fail_msg("%s", cases[i].list);
        if (cases[i].good) {
            assert_string_equal(name, cases[i].name);
            assert_int_equal(on, cases[i].on);
            assert_true(*list == 0 || *list == 'x');
        } else {
            assert_ptr_equal(list, cases[i].list); /* not moved on */
        }
    }
    memset(longer, 'a', sizeof longer);
    longer[sizeof longer - 1] = 0;
    const char *list = longer;
    assert_false(kept_supposed_permission(&list, name, &on));
    list = longer + 1;
    assert_true(kept_supposed_permission(&list, name, &on));
}

/* What must come together is listed whole where no item was asked about. */
static void comes_with(void **state)
{
    (void)state;
    char *text = small_text(""), *other = changed(text, "optional: [note, phone]", "mandatory: [note, phone]");
    struct kept_policy *p = read_policy(other);
    struct kept_explanation e = {.policy = p, .function = 0, .supposed = {.use = KEPT_USE_COLLECT}};
    assert_string_equal(kept_explanation_with(&e, 0), "note");
    assert_string_equal(kept_explanation_with(&e, 1), "phone");
    assert_null(kept_explanation_with(&e, 2));
    e.supposed.item = "note";
    assert_string_equal(kept_explanation_with(&e, 0), "phone");
    assert_null(kept_explanation_with(&e, 1));
    e.supposed.use = KEPT_USE_READ;
    assert_null(kept_explanation_with(&e, 0));
    kept_policy_free(p);
    free(other);
    free(text);
}

/* Of two permissions one is on: the other is what is needed. And an app that may not be too new is supposed to be old. */
static void what_is_needed_yet(void **state)
{
    (void)state;
    char *text = small_text("permissions: {camera: {text: camera}, location: {text: location}}\n");
    char *other = changed(text, "purposes: [work], optional: [note, phone]",
                          "purposes: [work], optional: [note, phone], permissions: [camera, location], client: {app_below: \"3\"}");
    struct kept_policy *p = read_policy(other);
    struct kept_supposed of = {.use = KEPT_USE_COLLECT, .item = "note", .function = "keep", .permissions = "camera",
                               .age = 30, .now = NOON_2026};
    struct kept_explanation e;
    unsigned permissions = 0;
    assert_int_equal(kept_policy_explain(p, &of, &e), 0);
    for (size_t i = 0; i < e.need_count; i++)
        if (e.needs[i].kind == KEPT_NEED_PERMISSION) {
            permissions++;
            assert_string_equal(e.needs[i].name, "location");
        }
    assert_int_equal(permissions, 1);
    assert_int_equal(e.then.decision, KEPT_ALLOW);
    kept_policy_free(p);
    free(other);
    free(text);
}

static void every_reason_in_words(void **state)
{
    (void)state;
    for (int i = 0; i <= KEPT_R_COUNT; i++) {
        const char *en = kept_phrase_reason((enum kept_reason)i, "en"), *zh = kept_phrase_reason((enum kept_reason)i, "zh-CN");
        assert_true(en != NULL && zh != NULL && en[0] != 0 && zh[0] != 0);
        assert_int_equal(strcmp(en, zh) == 0, i == KEPT_R_COUNT);
    }
    assert_string_equal(kept_phrase_reason(KEPT_R_ROLE, NULL), kept_reason_text(KEPT_R_ROLE));
}

/* ---- what is asked of what is not there ------------------------------------------------------------- */

static void not_there(void **state)
{
    (void)state;
    struct kept_policy *p = load_policy("policies/media.yaml");
    const struct kept_policy_info *n = kept_policy_info(p);
    const char *text = NULL;
    assert_non_null(kept_policy_precondition(p, 0, 0, &text));
    assert_non_null(text);
    assert_non_null(kept_policy_precondition(p, 0, n->languages, &text)); /* it has a name in any language */
    assert_null(text);
    assert_null(kept_policy_precondition(p, 9999, 0, &text));
    struct kept_leaving leaving = {.trigger = (enum kept_trigger)99, .at = NOON_2026};
    assert_false(kept_policy_cancellation(p, &leaving, NULL).accepted);
    leaving.trigger = KEPT_TRIGGER_SELF_SERVICE;
    assert_true(kept_policy_cancellation(p, &leaving, NULL).accepted);
    assert_int_equal(kept_policy_tracker(p, "no-such-tracker", 0, 0).verdict, KEPT_TRACKER_UNDECLARED);
    assert_int_equal(kept_policy_tracker(p, NULL, 0, 0).verdict, KEPT_TRACKER_UNDECLARED);
    for (unsigned class = 0; class < KEPT_MESSAGE_CLASSES; class++) {
        struct kept_message m = kept_policy_message(p, (enum kept_message_class)class, KEPT_CH_COUNT, false, 0, NOON_2026);
        assert_true(m.verdict == KEPT_MESSAGE_CHANNEL || m.verdict == KEPT_MESSAGE_UNDECLARED);
    }
    assert_false(kept_policy_role_clear(p, 9999, 0));
    assert_false(kept_policy_role_clear(p, 0, 9999));
    assert_null(kept_policy_name(p, (enum kept_kind)77, 0));
    kept_policy_free(p);
    p = small("");
    assert_null(kept_policy_costs(p, KEPT_NO_INDEX, 0)); /* refusing everything: nothing is said of it */
    kept_policy_free(p);
}

/* What may end: by its time, by being set apart, or by a withdrawal that deletes. */
static void what_may_end(void **state)
{
    (void)state;
    static const struct {
        const char *old, *new;
        bool ends;
    } cases[] = {{"a note", "one note", false}, {"retain: account", "retain: 30 days", true},
                 {"effect: collect_and_use", "effect: delete", true},
                 {"optional: [note, phone],", "optional: [note, phone], withdrawal: delete,", true}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *text = small_text(""), *other = changed(text, cases[i].old, cases[i].new);
        struct kept_policy *p = read_policy(other);
        if (kept_policy_may_end(p, index_of(p, KEPT_K_ITEM, "note")) != cases[i].ends)
            fail_msg("%s", cases[i].new);
        assert_false(kept_policy_may_end(p, KEPT_NO_INDEX));
        kept_policy_free(p);
        free(other);
        free(text);
    }
}

/* No channel is said: none is shown. And many things of a kind: the first few by name, and how many more. */
static void shown_as_it_is(void **state)
{
    (void)state;
    struct kept_buf out;
    struct kept_policy *p = small("cessation: {lead: 30 days}\n");
    kept_buf_init(&out, 1u << 20);
    assert_int_equal(kept_policy_show(p, false, &out), 0);
    const char *line = strstr((const char *)out.p, "30 days");
    assert_non_null(line);
    assert_true(strcspn(line, "\n") < strlen(line));
    assert_null(memmem(line, strcspn(line, "\n"), "; by:", strlen("; by:")));
    kept_policy_free(p);
    kept_buf_clear(&out);
    char *text = small_text("");
    char *more = changed(text, "functions:\n  keep: {text: keeps, kind: extended, consent: explicit, purposes: [work], optional: [",
                         "  size: {text: the size, kind: text, information: content, source: user, retain: account}\n"
                         "  shape: {text: the shape, kind: text, information: content, source: user, retain: account}\n"
                         "  colour: {text: the colour, kind: text, information: content, source: user, retain: account}\n"
                         "  taste: {text: the taste, kind: text, information: content, source: user, retain: account}\n"
                         "functions:\n  keep: {text: keeps, kind: extended, consent: explicit, purposes: [work], optional: [size, shape, colour, taste, ");
    p = read_policy(more);
    assert_int_equal(kept_policy_render(p, KEPT_RENDER_SUMMARY, NULL, NULL, &out, NULL), 0);
    assert_non_null(strstr((const char *)out.p, "the shape"));
    assert_null(strstr((const char *)out.p, "the colour"));
    assert_non_null(strstr((const char *)out.p, "2 more"));
    kept_buf_release(&out);
    kept_policy_free(p);
    free(more);
    free(text);
}

/* Names that nothing is near to are compared so often, and no more: as many as are reported. */
static void many_unknown_names(void **state)
{
    (void)state;
    struct kept_policy *policy = NULL;
    struct kept_findings findings = {0};
    struct kept_buf names;
    kept_buf_init(&names, 1u << 16);
    kept_buf_text(&names, "optional: [note, ");
    for (unsigned i = 0; i < 2 * KEPT_MAX_POLICY_ERRORS; i++)
        kept_buf_printf(&names, "zzzzzz-%u, ", i);
    kept_buf_text(&names, "phone]");
    char *text = small_text(""), *other = changed(text, "optional: [note, phone]", (const char *)names.p);
    assert_int_equal(kept_policy_read(span_of(other), &policy, &findings, NULL), KEPT_E_POLICY);
    assert_null(policy);
    assert_true(findings.count <= KEPT_MAX_POLICY_ERRORS + 1);
    assert_string_equal(findings.rows[0].code, "DANGLING_REFERENCE");
    kept_findings_release(&findings);
    kept_buf_release(&names);
    free(other);
    free(text);
}

/* Who sees a value as it is, is who the role lists under raw - and reaches its partition. */
static void seen_clear(void **state)
{
    (void)state;
    struct kept_policy *p = small("partitions: {apart: {text: apart}}\n");
    kept_policy_free(p);
    char *text = small_text("partitions: {apart: {text: apart}}\n");
    char *parted = changed(text, "  phone: {text: phone,", "  phone: {text: phone, partition: apart,");
    char *roles = changed(parted, "  app: {operations: all}\n",
                          "  app: {operations: all}\n  desk: {text: desk, operations: [use], purposes: all, raw: [note], masked: [phone]}\n"
                          "  back: {text: back, operations: [use], purposes: all, raw: [note, phone], partitions: [default, apart]}\n");
    p = read_policy(roles);
    uint32_t desk = index_of(p, KEPT_K_ROLE, "desk"), back = index_of(p, KEPT_K_ROLE, "back"),
             note = index_of(p, KEPT_K_ITEM, "note"), phone = index_of(p, KEPT_K_ITEM, "phone");
    assert_true(kept_policy_role_clear(p, desk, note));
    assert_false(kept_policy_role_clear(p, desk, phone));
    assert_true(kept_policy_role_clear(p, back, phone));
    kept_policy_free(p);
    free(roles);
    free(parted);
    free(text);
}

/* ---- laws side by side ------------------------------------------------------------------------------- */

/* Of what two laws say the stricter holds, whichever is named first. */
static void the_stricter_law(void **state)
{
    (void)state;
    const struct kept_length week = {7, KEPT_UNIT_DAYS}, month = {1, KEPT_UNIT_MONTHS};
    const struct {
        enum profile_value value;
        struct profile_entry loose, strict;
    } cases[] = {
        {PROFILE_VALUE_GUARDIAN_BELOW, {.age = 14}, {.age = 16}},
        {PROFILE_VALUE_EVIDENCE, {.at_least = 100}, {.at_least = 200}},
        {PROFILE_VALUE_ANSWER, {.within = {.within = month}}, {.within = {.within = week}}},
        {PROFILE_VALUE_CESSATION, {.within = {.within = week}}, {.within = {.within = month}}},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        for (int way = 0; way < 2; way++) {
            struct profile one = {.name = "one"}, other = {.name = "other"};
            struct kept_policy p = {.profiles = {&one, &other}, .profile_count = 2};
            struct profile_entry entry;
            assert_false(kept_profile_value(&p, cases[i].value, &entry));
            one.values[cases[i].value] = way == 0 ? cases[i].loose : cases[i].strict;
            other.values[cases[i].value] = way == 0 ? cases[i].strict : cases[i].loose;
            one.values[cases[i].value].said = other.values[cases[i].value].said = true;
            one.values[cases[i].value].requests = 1;
            other.values[cases[i].value].requests = 2;
            assert_true(kept_profile_value(&p, cases[i].value, &entry));
            assert_true(entry.age == cases[i].strict.age && entry.at_least == cases[i].strict.at_least &&
                        kept_longest(entry.within.within) == kept_longest(cases[i].strict.within.within));
            assert_int_equal(entry.requests, 3); /* and what each gives is given */
        }
    assert_true(kept_longest((struct kept_length){3, KEPT_UNIT_NONE}) == 0);
    assert_true(kept_longest((struct kept_length){3, (enum kept_unit)99}) == 0); /* no unit: no time, and so the stricter */
}

/* What a law is silent on is no floor: the same policy, held against a law that says nothing, is weak in nothing. */
static void a_law_that_says_nothing(void **state)
{
    (void)state;
    static const char weak[] =
        "rights: {channels: [mail], deadline: {within: 12 months, from: received}, requests: {access: {}, copy: {}, correct: {}, delete: {}, port: {}, withdraw: {}, explain: {}, complaint: {}},\n"
        "  refusals: {never: {text: we decide, requests: [withdraw]}}}\n"
        "age: {bands: [{from: 0, mode: self}]}\n"
        "incident: {authority: {deadline: {within: 90 days, from: aware}, channels: [mail], fields: [facts]}}\n"
        "account: {mode: phone, function: keep}\n"
        "cancellation: {triggers: [self_service], within: 12 months}\n";
    char *text = small_text(weak), *lost = changed(text, "effect: collect_and_use", "effect: collect_only");
    struct kept_policy *policy = NULL;
    struct kept_findings findings = {0};
    static struct profile nothing = {.name = "nothing"};
    assert_int_equal(kept_policy_read(span_of(lost), &policy, &findings, NULL), KEPT_E_POLICY);
    unsigned floors = 0;
    for (size_t i = 0; i < findings.count; i++)
        floors += strncmp(findings.rows[i].code, "FLOOR_", 6) == 0;
    assert_true(floors >= 3);
    kept_findings_release(&findings);
    char *free_text = changed(lost, "jurisdiction: CN", "jurisdiction: XX");
    struct kept_err err = {0};
    if (kept_policy_read(span_of(free_text), &policy, &findings, &err) != 0)
        fail_msg("%s", err.text);
    kept_findings_release(&findings);
    struct reader r = {.policy = policy, .findings = &findings};
    policy->profiles[0] = &nothing;
    policy->profile_count = 1;
    kept_check_floors(&r);
    assert_int_equal(findings.count, 0);
    static struct profile one = {.name = "one"};
    one.floors[PROFILE_FLOOR_ANSWER] = (struct profile_entry){
        .said = true, .law = true, .requests = 1u << KEPT_ASK_CANCEL, .source = "A 1",
        .within = {.within = {1, KEPT_UNIT_MONTHS}}};
    policy->profiles[0] = &one;
    kept_check_floors(&r);
    assert_int_equal(findings.count, 1); /* who leaves waits no longer than who asks to be deleted */
    assert_string_equal(findings.rows[0].code, "FLOOR_ANSWER");
    kept_findings_release(&findings);
    one.floors[PROFILE_FLOOR_ANSWER].law = false;
    kept_check_floors(&r);
    assert_int_equal(findings.count, 1);
    assert_string_equal(findings.rows[0].code, "SLOW_ANSWER"); /* what authorities expect only */
    policy->profile_count = 0;
    kept_policy_free(policy);
    kept_findings_release(&findings);
    free(free_text);
    free(lost);
    free(text);
}

/* ---- a message with a code --------------------------------------------------------------------------- */

static void a_code_in_words(void **state)
{
    (void)state;
    struct kept_policy *p = load_policy("tests/engine/shop.yaml");
    struct kept_buf title, text, other, small;
    const char *authority = kept_policy_language(p, 0);
    kept_buf_init(&title, 4096);
    kept_buf_init(&text, 4096);
    kept_buf_init(&other, 4096);
    kept_buf_init(&small, 3);
    assert_int_equal(kept_policy_code_message(p, authority, "481516", 10, &title, &text, NULL), 0);
    assert_true(title.n > 0);
    assert_non_null(strstr((const char *)text.p, "481516"));
    assert_non_null(strstr((const char *)text.p, "10"));
    kept_buf_clear(&title);
    assert_int_equal(kept_policy_code_message(p, "tlh", "481516", 10, &title, &other, NULL), 0); /* no language of it: that of authority */
    assert_string_equal((const char *)other.p, (const char *)text.p);
    kept_buf_clear(&title);
    kept_buf_clear(&other);
    assert_int_equal(kept_policy_code_message(p, NULL, "481516", 10, &title, &other, NULL), 0);
    assert_string_equal((const char *)other.p, (const char *)text.p);
    if (kept_policy_info(p)->languages > 1) {
        kept_buf_clear(&title);
        kept_buf_clear(&other);
        assert_int_equal(kept_policy_code_message(p, kept_policy_language(p, 1), "481516", 10, &title, &other, NULL), 0);
        assert_string_not_equal((const char *)other.p, (const char *)text.p);
    }
    struct kept_err err = {0};
    assert_int_equal(kept_policy_code_message(p, authority, "481516", 10, &small, &other, &err), KEPT_E_LIMIT);
    assert_int_equal(err.code, KEPT_E_LIMIT);
    assert_null(strstr(err.text, "481516"));
    kept_buf_clear(&small);
    assert_int_equal(kept_policy_code_message(p, authority, "481516", 10, &title, &small, &err), KEPT_E_LIMIT);
    kept_buf_release(&title);
    kept_buf_release(&text);
    kept_buf_release(&other);
    kept_buf_release(&small);
    kept_policy_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clients_half_known),
        cmocka_unit_test(once_a_launch),
        cmocka_unit_test(by_using_it),
        cmocka_unit_test(lists_of_permissions),
        cmocka_unit_test(comes_with),
        cmocka_unit_test(what_is_needed_yet),
        cmocka_unit_test(every_reason_in_words),
        cmocka_unit_test(not_there),
        cmocka_unit_test(seen_clear),
        cmocka_unit_test(what_may_end),
        cmocka_unit_test(shown_as_it_is),
        cmocka_unit_test(many_unknown_names),
        cmocka_unit_test(the_stricter_law),
        cmocka_unit_test(a_law_that_says_nothing),
        cmocka_unit_test(a_code_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
