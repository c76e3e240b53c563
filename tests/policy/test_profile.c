/* Are the profiles that are compiled in whole, with a source for each entry? Is a policy that is weaker than
 * its law refused by name of the article - and one that is not, not? */
#include "duties_aid.h"
#include "policy/explain.h"
#include "policy/kinds.h"
#include "policy/profile.h"

static struct arena arena;
static struct profile cn, eu;

static int read_both(void **state)
{
    static const char *const names[] = {"CN", "EU"};
    struct profile *const profiles[] = {&cn, &eu};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct kept_findings findings = {0};
        if (kept_profile_read(kept_profile_text(names[i]), &arena, profiles[i], &findings) != 0)
            fail_msg("%s: line %d: %s", names[i], findings.rows[0].line, findings.rows[0].text);
        kept_findings_release(&findings);
    }
    return 0;
}

static int release(void **state)
{
    (void)state;
    kept_arena_release(&arena);
    return 0;
}

static void every_entry_has_a_source(void **state)
{
    const struct profile *const profiles[] = {&cn, &eu};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct profile *p = profiles[i];
        assert_string_equal(p->lawyer, "never");
        for (unsigned v = 0; v < PROFILE_VALUE_COUNT; v++)
            assert_true(p->values[v].source != NULL || !p->values[v].said);
        for (unsigned f = 0; f < PROFILE_FLOOR_COUNT; f++)
            assert_true(p->floors[f].source != NULL && p->floors[f].said);
        for (size_t k = 0; k < p->sensitive.n; k++)
            assert_true(p->sensitive.v[k].article != NULL);
    }
    assert_int_equal(kept_profile_text("XX").n, 0);
    assert_int_equal(kept_profile_text(NULL).n, 0);
}

/* The same bytes are installed as files, for people to read. */
static void the_files_are_what_is_compiled_in(void **state)
{
    static const char *const names[][2] = {{"CN", "profiles/cn.yaml"}, {"EU", "profiles/eu.yaml"}};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        size_t n = 0;
        char *text = read_whole(names[i][1], &n);
        const struct kept_span built = kept_profile_text(names[i][0]);
        assert_int_equal(built.n, n);
        assert_memory_equal(built.p, text, n);
        assert_non_null(strstr(text, "NOT LEGAL ADVICE"));
        free(text);
    }
}

static void thirty_nine_kinds_of_app(void **state)
{
    static const char *const types[] = {
#define X(name, demands) name,
        KEPT_APP_TYPES(X)
#undef X
    };
    enum { NOTHING, A_PHONE, ITS_OWN };
    static const int demands[] = {
#define X(name, demands) demands,
        KEPT_APP_TYPES(X)
#undef X
    };
    (void)state;
    size_t none = 0, phones = 0;
    assert_int_equal(cn.app_count, 39);
    assert_int_equal(COUNT(types), 40); /* and other */
    for (size_t i = 0; i < cn.app_count; i++) {
        assert_string_equal(cn.apps[i].type, types[i]);
        assert_int_equal(cn.apps[i].article, i + 1);
        none += kept_profile_demands(&cn, types[i]) == NOTHING;
        phones += kept_profile_demands(&cn, types[i]) == A_PHONE;
    }
    for (size_t i = 0; i < COUNT(types); i++) /* what the manual says of a word is what holds */
        assert_int_equal(kept_profile_demands(&cn, types[i]), demands[i]);
    assert_int_equal(none, 13);
    assert_int_equal(phones, 6);
    assert_int_equal(kept_profile_demands(&eu, "utility"), ITS_OWN);
    assert_int_equal(kept_profile_demands(NULL, "utility"), ITS_OWN);
}

static void what_leaves_in_a_year(void **state)
{
    static const struct {
        uint32_t persons, sensitive;
        const char *mechanism;
    } cases[] = {{0, 0, "none"}, {99999, 0, "none"}, {100000, 0, "contract"}, {50, 1, "contract"},
                 {999999, 9999, "contract"}, {1000000, 0, "assessment"}, {10000, 10000, "assessment"}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_string_equal(
            kept_profile_export(&cn, cases[i].persons, cases[i].sensitive)->mechanism,
            cases[i].mechanism);
    assert_null(kept_profile_export(&eu, 5, 5));
}

/* A profile that is no profile is refused, where it is wrong. */
static void a_bad_profile(void **state)
{
    static const char head[] = "profile: 1\nname: x\njurisdiction: X\nread_by_lawyer: never\n";
    static const struct {
        const char *rest, *code;
    } cases[] = {
        {"floors: {guardian_below: {age: 14, kind: law, seen: true}}", "MISSING_KEY"},
        {"floors: {guardian_below: {age: 14, kind: law, article: A 1}}", "MISSING_KEY"},
        {"floors: {guardian_below: {age: 14, article: A 1, seen: true}}", "MISSING_KEY"},
        {"floors: {guardian_below: {age: 14, kind: law, article: A 1, seen: perhaps}}", "BAD_VALUE"},
        {"floors: {no_such_floor: {kind: law, article: A 1, seen: true}}", "UNKNOWN_KEY"},
        {"values: {answer: {within: soon, source: A 1, seen: true}}", "BAD_DEADLINE"},
        {"sensitive: {x: {kind: phone, seen: true}}", "MISSING_KEY"},
        {"necessary: {utility: {items: []}}", "MISSING_KEY"},
        {"values: [", "YAML_SYNTAX"},
        {"values: {answer: soon}", "WRONG_TYPE"},
        {"values: 5", "WRONG_TYPE"},
        {"values: {answer: {within: 5 days, requests: [acess], source: A 1, seen: true}}", "BAD_VALUE"},
        {"sensitive: {x: phone}", "WRONG_TYPE"},
        {"sensitive: [x]", "WRONG_TYPE"},
        {"necessary: {utility: phone}", "WRONG_TYPE"},
        {"necessary: phone", "WRONG_TYPE"},
        {"necessary: {utility: {n: 1, items: phone}}", "WRONG_TYPE"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[300];
        struct arena own = {0};
        struct profile profile;
        struct kept_findings findings = {0};
        (void)snprintf(text, sizeof text, "%s%s\n", head, cases[i].rest);
        assert_int_equal(kept_profile_read(span_of(text), &own, &profile, &findings), KEPT_E_POLICY);
        if (strcmp(findings.rows[0].code, cases[i].code) != 0)
            fail_msg("%s: %s", cases[i].rest, findings.rows[0].code);
        kept_findings_release(&findings);
        kept_arena_release(&own);
    }
}

/* ---- floors ------------------------------------------------------------------------------------ */

/* The small policy with one line of it, or a section, in that law. */
static bool weak(const char *law, const char *old, const char *new, const char *sections,
                 const char *code)
{
    char *small = small_text(sections), with[4096];
    const char *at = strstr(small, old);
    assert_non_null(at);
    (void)snprintf(with, sizeof with, "%.*s%s%s", (int)(at - small), small, new, at + strlen(old));
    char *jurisdiction = strstr(with, "jurisdiction: CN");
    assert_non_null(jurisdiction);
    memcpy(jurisdiction + 14, law, 2);
    free(small);
    return finds_in(with, code);
}

static void floors_hold(void **state)
{
#define RIGHTS(within, requests)                                                                   \
    "rights: {deadline: {within: " within ", from: received}, channels: [mail], requests: " requests "}\n"
#define TOLD(within)                                                                               \
    "incident: {authority: {deadline: {within: " within ", from: aware}, channels: [phone], fields: [facts]}}\n"
#define REFUSAL(requests)                                                                          \
    "rights: {deadline: {within: 15 working days, from: received}, channels: [mail], requests: "   \
    "{access: {}}, refusals: {abuse: {text: abuse" requests "}}}\n"
#define AGES(mode, age)                                                                            \
    "age: {bands: [{from: 0, below: " age ", mode: guardian}, {from: " age ", mode: " mode "}]}\n"
#define NOTE "kind: text, information: content, source: user, retain: account}"
    static const struct {
        const char *law, *old, *new, *sections, *code;
        bool weaker;
    } cases[] = {
        {"CN", "k", "k", AGES("self", "13"), "FLOOR_AGE", true},
        {"CN", "k", "k", AGES("self", "14"), "FLOOR_AGE", false},
        {"CN", "k", "k", AGES("block", "13"), "FLOOR_AGE", false},
        {"EU", "k", "k", AGES("self", "12"), "FLOOR_AGE", true},
        {"EU", "k", "k", AGES("self", "13"), "FLOOR_AGE", false},
        {"XX", "k", "k", AGES("self", "5"), "FLOOR_AGE", false},
        {"CN", "k", "k", TOLD("5 hours"), "FLOOR_INCIDENT", true},
        {"CN", "k", "k", TOLD("4 hours"), "FLOOR_INCIDENT", false},
        {"EU", "k", "k", TOLD("73 hours"), "FLOOR_INCIDENT", true},
        {"EU", "k", "k", TOLD("72 hours"), "FLOOR_INCIDENT", false},
        {"CN", "k", "k", REFUSAL(", requests: [withdraw]"), "FLOOR_WITHDRAWAL_REFUSED", true},
        {"CN", "k", "k", REFUSAL(", requests: [access, withdraw]"), "FLOOR_WITHDRAWAL_REFUSED", true},
        {"CN", "k", "k", REFUSAL(", requests: [access]"), "FLOOR_WITHDRAWAL_REFUSED", false},
        {"CN", "k", "k", REFUSAL(""), "FLOOR_WITHDRAWAL_REFUSED", false},
        {"EU", "k", "k", RIGHTS("40 days", "{access: {}}"), "FLOOR_ANSWER", true},
        {"EU", "k", "k", RIGHTS("1 month", "{access: {}}"), "FLOOR_ANSWER", false},
        {"CN", "k", "k", RIGHTS("16 working days", "{delete: {}}"), "SLOW_ANSWER", true},
        {"CN", "k", "k", RIGHTS("15 working days", "{delete: {}}"), "SLOW_ANSWER", false},
        {"CN", "collect_and_use", "collect_only", "", "WITHDRAWAL_KEEPS", true},
        {"CN", "k", "k", "", "WITHDRAWAL_KEEPS", false},
        {"CN", NOTE, "kind: coordinates, information: location, source: user, retain: account}", "",
         "FLOOR_SENSITIVE", true},
        {"CN", NOTE, "kind: text, information: health, source: user, retain: account}", "",
         "FLOOR_SENSITIVE", true},
        {"CN", NOTE, "kind: text, information: health, source: user, retain: account, sensitive: true}",
         "", "FLOOR_SENSITIVE", false},
        {"CN", NOTE, NOTE, "", "FLOOR_SENSITIVE", false},
        {"CN", NOTE, "kind: text, information: log, source: user, retain: 183 days, retention_class: law, "
                     "statute: 'Cybersecurity Law, Art. 23(3)'}", "", "FLOOR_RETENTION", true},
        {"CN", NOTE, "kind: text, information: log, source: user, retain: 184 days, retention_class: law, "
                     "statute: 'Cybersecurity Law, Art. 23(3)'}", "", "FLOOR_RETENTION", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        if (weak(cases[i].law, cases[i].old, cases[i].new, cases[i].sections, cases[i].code) !=
            cases[i].weaker)
            fail_msg("case %zu, %s: %s %s", i, cases[i].law, cases[i].code, cases[i].sections);
}

/* A ground for all requests is for all but a withdrawal, which nobody may refuse. */
static void a_withdrawal_is_never_refused(void **state)
{
    (void)state;
    struct kept_policy *p = small(REFUSAL(""));
    assert_int_equal(kept_policy_refuse(p, KEPT_ASK_WITHDRAW, "abuse", true).refusal,
                     KEPT_REFUSAL_OTHER);
    assert_int_equal(kept_policy_refuse(p, KEPT_ASK_ACCESS, "abuse", true).refusal, KEPT_REFUSAL_MUST);
    kept_policy_free(p);
}

/* ---- values: what holds where the policy is silent ----------------------------------------------- */

static char *shown(const struct kept_policy *p)
{
    struct kept_buf out;
    kept_buf_init(&out, 1u << 20);
    assert_int_equal(kept_policy_show(p, 0, &out), 0);
    char *text = calloc(1, out.n + 1);
    assert_non_null(text);
    memcpy(text, out.p, out.n);
    kept_buf_release(&out);
    return text;
}

/* The small policy under these laws. */
static struct kept_policy *under(const char *laws, const char *sections)
{
    char *text = small_text(sections);
    char *with = changed(text, "jurisdiction: CN", laws);
    struct kept_policy *p = read_policy(with);
    free(text);
    free(with);
    return p;
}

#define CN_LAW "jurisdiction: CN"
#define EU_LAW "jurisdiction: EU"
#define BOTH "jurisdiction: EU\nalso_under: [CN]"
#define NO_LAW "jurisdiction: XX"

/* Filled in, of whom, and shown as theirs? */
static void check_fill(const struct kept_policy *p, const char *filled, const char *profile)
{
    char *text = shown(p), mark[32];
    if (profile == NULL) {
        assert_null(filled);
    } else {
        assert_non_null(filled);
        (void)snprintf(mark, sizeof mark, "profile %s, ", profile);
        assert_int_equal(strncmp(filled, mark, strlen(mark)), 0);
        assert_non_null(strstr(text, filled + strlen(mark)));
    }
    free(text);
}

/* A request with no deadline of its own: 15 working days, a month, the stricter of both; its own if it has. */
static void answers_are_filled_in(void **state)
{
    static const char silent[] = "rights: {channels: [mail], requests: {access: {}}}\n";
    static const char own[] = RIGHTS("12 days", "{access: {}}");
    static const struct {
        const char *laws, *sections, *profile;
        uint32_t n;
        const char *last;
    } cases[] = {
        {CN_LAW, silent, "cn", 15, "2026-03-23"}, {EU_LAW, silent, "eu", 1, "2026-04-02"},
        {BOTH, silent, "cn", 15, "2026-03-23"},   {CN_LAW, own, NULL, 12, "2026-03-14"},
        {BOTH, own, NULL, 12, "2026-03-14"},
    };
    (void)state;
    struct kept_calendar calendar = china();
    const struct kept_anchors at = {.at = {noon("2026-03-02"), 0, 0, 0}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct kept_policy *p = under(cases[i].laws, cases[i].sections);
        struct kept_right right = kept_policy_right(p, KEPT_ASK_ACCESS);
        struct kept_due due = kept_policy_due(p, KEPT_ASK_ACCESS, &at, false, &calendar);
        assert_true(right.said && right.filled == NULL && right.line > 0);
        assert_int_equal(right.deadline.within.n, cases[i].n);
        assert_int_equal(due.last_day, day(cases[i].last));
        check_fill(p, due.filled, cases[i].profile);
        kept_policy_free(p);
    }
    assert_true(finds_lawless(silent, "NO_DEADLINE"));
    assert_false(finds(silent, "NO_DEADLINE"));
}

/* A request that the policy does not speak of is one that everybody may make; but none that no law gives. */
static void rights_are_filled_in(void **state)
{
    static const struct {
        const char *laws, *sections;
        enum kept_asked asked;
        const char *profile;
        bool offered;
    } cases[] = {
        {CN_LAW, "", KEPT_ASK_ACCESS, "cn", true},   {CN_LAW, "", KEPT_ASK_RELATIVES, "cn", true},
        {EU_LAW, "", KEPT_ASK_RELATIVES, NULL, false}, {EU_LAW, "", KEPT_ASK_OBJECT, "eu", true},
        {BOTH, "", KEPT_ASK_RELATIVES, "eu", true},  {CN_LAW, "", KEPT_ASK_QUESTION, NULL, false},
        {NO_LAW, "", KEPT_ASK_ACCESS, NULL, false},
        {CN_LAW, RIGHTS("12 days", "{access: {}}"), KEPT_ASK_ACCESS, NULL, true},
        {CN_LAW, RIGHTS("12 days", "{access: {}}"), KEPT_ASK_DELETE, "cn", true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct kept_policy *p = under(cases[i].laws, cases[i].sections);
        struct kept_right right = kept_policy_right(p, cases[i].asked);
        if (right.said != cases[i].offered)
            fail_msg("case %zu", i);
        check_fill(p, right.filled, cases[i].profile);
        if (right.filled != NULL)
            assert_true(right.channels == 1u << KEPT_CH_MAIL && right.deadline.within.n > 0 && right.line == 0);
        kept_policy_free(p);
    }
}

static void ends_are_filled_in(void **state)
{
    static const char leave[] = "cancellation: {triggers: [support]}\n";
    static const char week[] = "cancellation: {triggers: [support], within: 7 days}\n";
    static const char long_time[] = "cancellation: {triggers: [self_service], cooling_off: 15 days}\n";
    static const char end[] = "cessation: {channels: [site]}\n", soon[] = "cessation: {lead: 10 days, channels: [site]}\n";
    static const struct {
        const char *laws, *sections, *profile, *last;
        bool cancels;
    } cases[] = {
        {CN_LAW, leave, "cn", "2026-03-23", true},  {CN_LAW, week, NULL, "2026-03-09", true},
        {EU_LAW, leave, NULL, NULL, true},          {BOTH, leave, "cn", "2026-03-23", true},
        {CN_LAW, long_time, NULL, NULL, true},      {CN_LAW, end, "cn", "2026-04-01", false},
        {CN_LAW, "", "cn", "2026-04-01", false},    {CN_LAW, soon, NULL, "2026-03-12", false},
        {EU_LAW, end, NULL, NULL, false},           {NO_LAW, leave, NULL, NULL, true},
    };
    (void)state;
    struct kept_calendar calendar = china();
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct kept_policy *p = under(cases[i].laws, cases[i].sections);
        struct kept_leaving leaving = {.trigger = KEPT_TRIGGER_SUPPORT, .at = noon("2026-03-02")};
        struct kept_due due = cases[i].cancels
                                  ? kept_policy_cancellation(p, &leaving, &calendar).due
                                  : kept_policy_cessation(p, leaving.at, &calendar).earliest;
        if ((due.state == KEPT_DUE_SET) != (cases[i].last != NULL) ||
            (cases[i].last != NULL && due.last_day != day(cases[i].last)))
            fail_msg("case %zu", i);
        check_fill(p, due.filled, cases[i].profile);
        kept_policy_free(p);
    }
    assert_true(finds_lawless(leave, "CANCELLATION_OPEN"));
    assert_false(finds(leave, "CANCELLATION_OPEN"));
    assert_true(finds("cancellation: {triggers: [support], within: 30 days}\n", "SLOW_ANSWER"));
    assert_false(finds(week, "SLOW_ANSWER"));
}

static void incidents_are_filled_in(void **state)
{
    static const char silent[] = "incident: {authority: {channels: [phone], fields: [facts]}}\n";
    static const struct {
        const char *laws, *sections, *profile;
        unsigned hours;
        bool own;
    } cases[] = {
        {CN_LAW, "", "cn", 4, false},   {EU_LAW, "", "eu", 72, false}, {BOTH, "", "cn", 4, false},
        {CN_LAW, silent, "cn", 4, true}, {EU_LAW, silent, "eu", 72, true},
        {CN_LAW, TOLD("2 hours"), NULL, 2, true}, {EU_LAW, TOLD("30 hours"), NULL, 30, true},
    };
    (void)state;
    const struct kept_anchors at = {.at = {[KEPT_ANCHOR_AWARE] = noon("2026-10-01")}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct kept_policy *p = under(cases[i].laws, cases[i].sections);
        struct kept_incident told = kept_policy_incident(p, KEPT_TOLD_AUTHORITY, &at, NULL);
        assert_true(told.said && (told.filled == NULL) == cases[i].own);
        assert_true(told.due.before == noon("2026-10-01") + cases[i].hours * KEPT_HOUR);
        check_fill(p, told.due.filled, cases[i].profile);
        told = kept_policy_incident(p, KEPT_TOLD_PERSONS, &at, NULL); /* no law has hours for them */
        assert_true(told.said && told.filled != NULL && told.due.state == KEPT_DUE_UNSAID);
        assert_true((told.fields >> KEPT_FIELD_CONTACT & 1u) != 0);
        assert_false(kept_policy_incident(p, KEPT_TOLD_POLICE, &at, NULL).said);
        kept_policy_free(p);
    }
    struct kept_policy *p = lawless("");
    assert_false(kept_policy_incident(p, KEPT_TOLD_AUTHORITY, &at, NULL).said);
    kept_policy_free(p);
    assert_true(finds_lawless(silent, "MISSING_KEY"));
    assert_false(finds(silent, "MISSING_KEY"));
    assert_true(finds("incident: {persons: {channels: [mail], fields: [facts, impact, measures, advice, contact]}}\n",
                      "MISSING_KEY"));
}

/* A child of a known age needs a guardian, by name of the law; who tells no age is asked for none. */
static void ages_are_filled_in(void **state)
{
    static const struct {
        const char *laws, *sections;
        int years;
        enum kept_reason reason;
        const char *clause;
    } cases[] = {
        {CN_LAW, "", 13, KEPT_R_NEEDS_GUARDIAN, "PIPL 31"}, {CN_LAW, "", 14, KEPT_R_NEEDS_CONSENT, ""},
        {EU_LAW, "", 15, KEPT_R_NEEDS_GUARDIAN, "GDPR 8"},  {EU_LAW, "", 16, KEPT_R_NEEDS_CONSENT, ""},
        {BOTH, "", 15, KEPT_R_NEEDS_GUARDIAN, "GDPR 8"},    {NO_LAW, "", 5, KEPT_R_NEEDS_CONSENT, ""},
        {CN_LAW, AGES("self", "15"), 14, KEPT_R_NEEDS_GUARDIAN, ""},
        {CN_LAW, "", -1, KEPT_R_NEEDS_CONSENT, ""},
        {CN_LAW, AGES("self", "15"), -1, KEPT_R_AGE_UNKNOWN, ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct kept_policy *p = under(cases[i].laws, cases[i].sections);
        struct kept_context context = live(p);
        const int32_t today = kept_zone_day(&p->info.zone, NOON_2026);
        context.birth_day = cases[i].years < 0 ? KEPT_BIRTH_UNKNOWN : today - cases[i].years * 366 - 5;
        struct kept_question q = ask(KEPT_USE_COLLECT);
        q.item = q.function = 0;
        struct kept_verdict verdict = kept_decide(p, &context, &q);
        if (verdict.reason != cases[i].reason || strcmp(verdict.clause, cases[i].clause) != 0)
            fail_msg("case %zu: %s, '%s'", i, kept_reason_name(verdict.reason), verdict.clause);
        kept_policy_free(p);
    }
}

/* Who asks why hears the law's name, in both languages; where the policy says it, its rule's. */
static void a_law_is_named_as_the_rule(void **state)
{
    static const struct {
        const char *laws, *sections, *en, *zh;
    } cases[] = {{CN_LAW, "", "by the law: PIPL 31", "依据法律：PIPL 31"},
                 {EU_LAW, "", "by the law: GDPR 8", "依据法律：GDPR 8"},
                 {CN_LAW, AGES("self", "14"), "", ""}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        for (int zh = 0; zh <= 1; zh++) {
            struct kept_policy *p = under(cases[i].laws, cases[i].sections);
            struct kept_explanation e;
            struct kept_supposed of = {.use = KEPT_USE_COLLECT, .item = "note", .function = "keep", .age = 10,
                                       .now = NOON_2026};
            struct kept_buf out;
            kept_buf_init(&out, 1u << 16);
            assert_int_equal(kept_policy_explain(p, &of, &e), 0);
            assert_int_equal(kept_explanation_text(&e, zh != 0 ? "zh" : "en", &out), 0);
            kept_buf_u8(&out, 0);
            const bool law = strstr((const char *)out.p, zh != 0 ? "依据法律" : "by the law") != NULL;
            assert_int_equal(law, i < 2);
            if (law)
                assert_non_null(strstr((const char *)out.p, zh != 0 ? cases[i].zh : cases[i].en));
            kept_buf_release(&out);
            kept_policy_free(p);
        }
}

/* Evidence three years, and what a law keeps as long as that law says, where only the law is named. */
static void lengths_are_filled_in(void **state)
{
    static const struct {
        const char *laws, *item;
        kept_ms retain;
    } cases[] = {
        {CN_LAW, "retention_class: law, statute: 'E-Commerce Law, Art. 31'", 1096 * KEPT_DAY},
        {CN_LAW, "retention_class: law, statute: 'E-Commerce Law, Art. 31', retain: 2000 days", 2000 * KEPT_DAY},
        {BOTH, "retention_class: law, statute: 'E-Commerce Law, Art. 31'", 1096 * KEPT_DAY},
        {EU_LAW, "retention_class: law, statute: 'E-Commerce Law, Art. 31'", 0},
        {CN_LAW, "retention_class: law, statute: 'Some Other Law'", 0},
        {CN_LAW, "retention_class: ordinary", 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *small = small_text(""), *laws = changed(small, "jurisdiction: CN", cases[i].laws);
        char *text = changed(laws, "retain: account", cases[i].item);
        if (cases[i].retain > 0) {
            struct kept_policy *p = read_policy(text);
            struct kept_end end = kept_policy_end(p, 0, 1, 0);
            assert_true(end.at == 1 + cases[i].retain);
            assert_int_equal(end.filled != NULL, strstr(cases[i].item, "retain:") == NULL);
            check_fill(p, end.filled, end.filled != NULL ? "cn" : NULL);
            kept_policy_free(p);
        } else {
            assert_true(finds_in(text, "NO_RETENTION"));
        }
        free(small);
        free(laws);
        free(text);
    }
    char *small = small_text(""), *text = changed(small, "evidence: 4 years\n", "");
    struct kept_policy *p = read_policy(text);
    assert_true(kept_policy_info(p)->evidence == 1096 * KEPT_DAY);
    kept_policy_free(p);
    char *elsewhere = changed(text, "jurisdiction: CN", EU_LAW);
    assert_true(finds_in(elsewhere, "MISSING_KEY"));
    assert_false(finds_in(text, "MISSING_KEY"));
    free(small);
    free(text);
    free(elsewhere);
}

/* Each fill has its law and a value; of two laws, both are named; a floor of either holds. */
static void two_laws_hold_both(void **state)
{
    (void)state;
    struct kept_policy *p = under(BOTH, "");
    const struct kept_fill *fill = NULL;
    const char *lawyer = NULL;
    size_t n = 0;
    for (; (fill = kept_policy_fill(p, n)) != NULL; n++)
        assert_true(fill->what[0] != 0 && fill->source[0] != 0 && fill->profile[0] != 0);
    assert_true(n >= 4 && n <= KEPT_MAX_FILLS);
    const char *both_say = kept_policy_right(p, KEPT_ASK_RELATIVES).filled; /* one gives it, each is named */
    assert_true(strstr(both_say, "profile eu, GDPR") != NULL && strstr(both_say, "profile cn, PIPL") != NULL);
    assert_string_equal(kept_policy_profile(p, 0, &lawyer), "eu");
    assert_string_equal(kept_policy_profile(p, 1, &lawyer), "cn");
    assert_string_equal(lawyer, "never");
    assert_null(kept_policy_profile(p, 2, &lawyer));
    kept_policy_free(p);
    p = under(CN_LAW "\nalso_under: [CN]", ""); /* the same law twice is one */
    assert_null(kept_policy_profile(p, 1, &lawyer));
    kept_policy_free(p);
    p = lawless("");
    assert_null(kept_policy_fill(p, 0));
    assert_null(kept_policy_profile(p, 0, &lawyer));
    kept_policy_free(p);
    static const char forty[] = RIGHTS("40 days", "{access: {}}"), hours[] = TOLD("70 hours");
    char *text = small_text(forty), *both = changed(text, CN_LAW, CN_LAW "\nalso_under: [EU]");
    assert_false(finds_in(text, "FLOOR_ANSWER"));
    assert_true(finds_in(both, "FLOOR_ANSWER"));
    free(text);
    free(both);
    text = small_text(hours);
    both = changed(text, CN_LAW, BOTH);
    char *alone = changed(text, CN_LAW, EU_LAW), *wrong = changed(text, CN_LAW, CN_LAW "\nalso_under: [US]");
    assert_false(finds_in(alone, "FLOOR_INCIDENT"));
    assert_true(finds_in(both, "FLOOR_INCIDENT"));
    assert_true(finds_in(wrong, "BAD_VALUE"));
    free(text);
    free(both);
    free(alone);
    free(wrong);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_entry_has_a_source), cmocka_unit_test(the_files_are_what_is_compiled_in),
        cmocka_unit_test(thirty_nine_kinds_of_app), cmocka_unit_test(what_leaves_in_a_year),
        cmocka_unit_test(a_bad_profile),            cmocka_unit_test(floors_hold),
        cmocka_unit_test(a_withdrawal_is_never_refused),
        cmocka_unit_test(answers_are_filled_in),   cmocka_unit_test(rights_are_filled_in),
        cmocka_unit_test(ends_are_filled_in),      cmocka_unit_test(incidents_are_filled_in),
        cmocka_unit_test(ages_are_filled_in),      cmocka_unit_test(lengths_are_filled_in),
        cmocka_unit_test(two_laws_hold_both),      cmocka_unit_test(a_law_is_named_as_the_rule),
    };
    return cmocka_run_group_tests(tests, read_both, release);
}
