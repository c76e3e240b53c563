/* test_walk.c - two trees side by side, at the edges of the walk: sections that came and went, lists that were cut,
 * values of another shape, the same said in other words; and what it comes to, where policies say the rare thing. */
#include "duties_aid.h"

#include "base/mem.h"
#include "policy/difference_int.h"
#include "policy/phrases.h"

/* Every change, as "rule key -> what": "rights deadline changed, ...". */
static void listed(const char *then, const char *now, char *ret, size_t size)
{
    static const char *const words[] = {[KEPT_WHAT_ADDED] = "added", [KEPT_WHAT_REMOVED] = "removed",
                                        [KEPT_WHAT_CHANGED] = "changed", [KEPT_WHAT_ORDER] = "order"};
    struct kept_difference *d = kept_alloc(1, sizeof *d);
    struct kept_err err = {0};
    size_t n = 0;
    assert_non_null(d);
    if (kept_difference_walk(d, span_of(then), span_of(now), &err) != 0)
        fail_msg("%s", err.text);
    ret[0] = 0;
    for (size_t i = 0; i < d->count; i++)
        n += (size_t)snprintf(ret + n, size - n, "%s%s%s%s %s", n > 0 ? ", " : "", d->changes[i].rule,
                              d->changes[i].rule[0] != 0 ? "." : "", kept_key_row(d->changes[i].key)->name,
                              words[d->changes[i].what]);
    kept_difference_free(d);
}

static const struct {
    const char *then, *now, *changes;
} pairs[] = {
    {"kept: 1\n", "kept: 1\n", ""},
    /* what was no map is one now; a map that is not there; one of another shape */
    {"purposes: none\n", "purposes: {ads: {text: a}}\n", "purposes.ads.purposes added"},
    {"purposes: {ads: {text: a}}\n", "purposes: [ads]\n", "purposes.ads.purposes removed"},
    {"kept: 1\n", "purposes: {ads: {text: a}}\n", "kept removed, purposes.ads.purposes added"},
    {"purposes: {ads: {text: a}}\n", "kept: 1\n", "kept added, purposes.ads.purposes removed"},
    /* names that moved, and others between them */
    {"purposes: {a: {text: a}, b: {text: b}}\n", "purposes: {b: {text: b}, a: {text: z}}\n", "purposes.a.text changed"},
    {"purposes: {a: {text: a}}\n", "purposes: {c: {text: c}, a: {text: a}}\n", "purposes.c.purposes added"},
    /* lists of rules: longer at an end, in the middle, not lists at all */
    {"notice: {sentences: [{text: a}, {text: b}]}\n", "notice: {sentences: [{text: a}]}\n", "notice.sentences[2].sentences removed"},
    {"notice: {sentences: [{text: a}]}\n", "notice: {sentences: [{text: a}, {text: b}]}\n", "notice.sentences[2].sentences added"},
    {"notice: {sentences: [{text: a}, {text: c}]}\n", "notice: {sentences: [{text: a}, {text: b}, {text: c}]}\n", "notice.sentences[2].sentences added"},
    {"notice: {sentences: [{text: a}, {text: b}, {text: c}]}\n", "notice: {sentences: [{text: a}, {text: c}]}\n", "notice.sentences[2].sentences removed"},
    {"notice: {sentences: [{text: a}]}\n", "notice: {sentences: [{text: b}]}\n", "notice.sentences[1].text changed"},
    {"notice: {sentences: [{text: a}]}\n", "notice: {sentences: [{text: b}, {text: c}]}\n", "notice.sentences[1].text changed, notice.sentences[2].sentences added"},
    {"notice: {sentences: [{text: a}, {text: x}]}\n", "notice: {sentences: [{text: b}]}\n", "notice.sentences[1].text changed, notice.sentences[2].sentences removed"},
    {"notice: {clause: A, sentences: none}\n", "notice: {clause: A, sentences: [{text: b}]}\n", "notice.sentences[1].sentences added"},
    {"notice: {clause: A, sentences: [{text: b}]}\n", "notice: {clause: A, sentences: none}\n", "notice.sentences[1].sentences removed"},
    {"notice: {clause: A, sentences: [{text: [a, b]}]}\n", "notice: {clause: A, sentences: [{text: [a, c]}]}\n", "notice.sentences[1].text changed"},
    {"notice: {clause: A, sentences: [{text: {zh: a}}]}\n", "notice: {clause: A, sentences: [{text: {en: a}}]}\n", "notice.sentences[1].text changed"},
    {"notice: {clause: A, sentences: [{text: [a]}]}\n", "notice: {clause: A, sentences: [{text: a}]}\n", ""}, /* written in another way */
    {"notice: {clause: A, sentences: [{text: [a]}]}\n", "notice: {clause: A, sentences: [{text: b}]}\n", "notice.sentences[1].text changed"},
    {"notice: {clause: A, sentences: [{text: [a]}]}\n", "notice: {clause: A, sentences: [{text: [a, b]}]}\n", "notice.sentences[1].text changed"},
    /* order */
    {"functions: {f: {purposes: [a, b]}}\n", "functions: {f: {purposes: [b, a]}}\n", "functions.f.purposes order"},
    {"functions: {f: {purposes: [a, b, b]}}\n", "functions: {f: {purposes: [b, a, a]}}\n", "functions.f.purposes order"},
    {"functions: {f: {purposes: [a, a]}}\n", "functions: {f: {purposes: [a, b]}}\n", "functions.f.purposes changed"},
    {"functions: {f: {purposes: [a, b]}}\n", "functions: {f: {purposes: [a, a]}}\n", "functions.f.purposes changed"},
    /* lengths of time: the same in other units, and none */
    {"rotation: 7 days\n", "rotation: 1 week\n", ""},
    {"rotation: 7 days\n", "rotation: 2 weeks\n", "rotation changed"},
    {"rotation: 7 days\n", "rotation: 7 dais\n", "rotation changed"},
    {"rotation: 7 days\n", "rotation: soon\n", "rotation changed"},
    {"rotation: '/'\n", "rotation: 7 days\n", "rotation changed"},
};

static void what_differs(void **state)
{
    (void)state;
    unsigned wrong = 0;
    for (size_t i = 0; i < COUNT(pairs); i++) {
        char changes[512];
        listed(pairs[i].then, pairs[i].now, changes, sizeof changes);
        if (strcmp(changes, pairs[i].changes) != 0) {
            print_error("%s%s-> %s\nnot %s\n", pairs[i].then, pairs[i].now, changes, pairs[i].changes);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

/* What one change does to people's rights. */
static const struct {
    const char *then, *now;
    enum kept_effect effect;
    bool gives;
} rights[] = {
    {"rights: {deadline: {within: 15 working days}}\n", "rights: {deadline: {within: 30 working days}}\n", KEPT_EFFECT_REDUCES, false},
    {"rights: {deadline: {within: 15 working days}}\n", "rights: {deadline: {within: 10 working days}}\n", KEPT_EFFECT_WIDENS, true},
    {"rights: {deadline: {within: 15 working days}}\n", "rights: {deadline: {within: 15 days}}\n", KEPT_EFFECT_REDUCES, false}, /* which is longer, is not known */
    {"rights: {deadline: {within: soon}}\n", "rights: {deadline: {within: 15 days}}\n", KEPT_EFFECT_REDUCES, false},
    {"rights: {deadline: {within: 15 days}}\n", "rights: {deadline: {within: soon}}\n", KEPT_EFFECT_REDUCES, false},
    {"withdrawal: {effect: collect_only}\n", "withdrawal: {effect: delete}\n", KEPT_EFFECT_WIDENS, true},
    {"withdrawal: {effect: delete}\n", "withdrawal: {effect: collect_only}\n", KEPT_EFFECT_REDUCES, false},
    {"withdrawal: {effect: delete}\n", "withdrawal: {effect: nothing}\n", KEPT_EFFECT_REDUCES, false}, /* no word that is known */
    {"withdrawal: {effect: nothing}\n", "withdrawal: {effect: delete}\n", KEPT_EFFECT_REDUCES, false},
    {"items: {i: {retain: 30 days}}\n", "items: {i: {retain: 10 days}}\n", KEPT_EFFECT_NONE, true},
    {"items: {i: {retain: 10 days}}\n", "items: {i: {retain: 30 days}}\n", KEPT_EFFECT_NONE, false},
    {"items: {i: {retain: account}}\n", "items: {i: {retain: 30 days}}\n", KEPT_EFFECT_NONE, false},
    {"items: {i: {retain: 30 days}}\n", "items: {i: {retain: account}}\n", KEPT_EFFECT_NONE, false},
};

static void what_it_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rights); i++) {
        struct kept_difference *d = kept_alloc(1, sizeof *d);
        assert_non_null(d);
        assert_int_equal(kept_difference_walk(d, span_of(rights[i].then), span_of(rights[i].now), NULL), 0);
        assert_int_equal(d->count, 1);
        if (d->changes[0].effect != rights[i].effect || d->changes[0].gives != rights[i].gives)
            fail_msg("%s%s-> %d, %d", rights[i].then, rights[i].now, d->changes[0].effect, d->changes[0].gives);
        kept_difference_free(d);
    }
}

/* A rule is named with the clause of the nearest that has one, and with its line in each version. */
static void clause_and_line(void **state)
{
    struct kept_difference *d = kept_alloc(1, sizeof *d);
    (void)state;
    assert_non_null(d);
    assert_int_equal(kept_difference_walk(d, span_of("kept: 1\nrights:\n  clause: A-1\n  deadline: {within: 15 days}\n"),
                                          span_of("kept: 1\nrights:\n  clause: [A-1]\n  deadline: {within: 20 days}\n"), NULL), 0);
    assert_int_equal(d->count, 1); /* a list of one is written as its word */
    assert_string_equal(d->changes[0].then.clause, "A-1");
    assert_string_equal(d->changes[0].now.clause, ""); /* no clause, as it stands */
    assert_true(d->changes[0].then.line == 4 && d->changes[0].now.line == 4);
    kept_difference_free(d);
}

/* ---- what two policies come to ------------------------------------------------------------------- */

/* The small policy, and the small policy with some of it changed, as the next version. */
static struct kept_difference *next(const char *sections, const char *old, const char *new)
{
    char *then = small_text(sections), *number = changed(then, "version: 1", "version: 2"), *now = changed(number, old, new);
    struct kept_difference *d = NULL;
    struct kept_err err = {0};
    if (kept_policy_difference(span_of(then), span_of(now), &d, &err) != 0)
        fail_msg("%s", err.text);
    free(now);
    free(number);
    free(then);
    return d;
}

#define FUNCTIONS "functions:\n  keep: {text: keeps, kind: extended, consent: explicit, purposes: [work], optional: [note, "
#define FUNCTIONS_HEALTH "  health: {text: health, kind: text, information: health, source: user, sensitive: true, separate_consent: true, retain: account}\n" FUNCTIONS "health, "

static const struct {
    const char *sections, *old, *new;
    bool assessed, takes_more, late;
} comes[] = {
    {"", "a note, kind", "the note, kind", false, false, true}, /* on the day of the one before */
    {"", "effective: 2026-02-01", "effective: 2026-09-01", false, false, false},
    {"", "effective: 2026-02-01", "effective: 2026-01-15", false, false, true}, /* before it */
    {"", FUNCTIONS, FUNCTIONS_HEALTH, true, true, true},
    {"", "stored: [CN]", "stored: [CN], export: conditional", true, true, true},
    {"", "kind: text, information: content, source: user, retain: account", "kind: text, information: content, source: user, sensitive: true, separate_consent: true, retain: account", true, false, true},
};

static void what_it_comes_to(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(comes); i++) {
        struct kept_difference *d = next(comes[i].sections, comes[i].old, comes[i].new);
        if (d->assessment_owed != comes[i].assessed || d->takes_more != comes[i].takes_more || d->late != comes[i].late)
            fail_msg("case %zu: assessed %d, takes more %d, late %d", i, d->assessment_owed, d->takes_more, d->late);
        kept_difference_free(d);
    }
}

/* ---- as people read it ---------------------------------------------------------------------------- */

#define RECIPIENT(role, items, region)                                                                            \
    "recipients:\n  them: {text: them, role: " role ", kind: partner, items: [" items "], purposes: [work], region: " \
    region ", agreement: {signed: 2026-01-01, expires: 2028-01-01}}\n"
#define RIGHTS(days) "rights: {channels: [mail], deadline: {within: " days " working days, from: received}, requests: {access: {}, copy: {}, correct: {}, delete: {}, port: {}, withdraw: {}, explain: {}, complaint: {}}}\n"

static const struct {
    const char *sections, *old, *new, *said;
} sayings[] = {
    {"", "a note, kind", "the note, kind", "The new text is published"},
    {"changes: {minor: {channels: [mail]}}\n", "a note, kind", "the note, kind", "By mail, as the version in force promises for other changes"},
    {"changes: {material: {triggers: [processing], channels: [mail]}}\n", "rotation: 7 days", "rotation: 6 days", "By mail, as the version in force promises for material changes"},
    {"", "rotation: 7 days", "rotation: 6 days", "Prominently"},
    {"changes: {material: {triggers: [processing], channels: [mail], lead: 10 working days}}\n", "rotation: 7 days", "rotation: 6 days", "working days need a calendar"},
    {"changes: {material: {triggers: [processing], channels: [mail], lead: 7 days}}\n", "rotation: 7 days", "rotation: 6 days", "Before 2026-01-"},
    {"changes: {continued_use: accepts}\n", "a note, kind", "the note, kind", "Going on with the service accepts it (changes.continued_use, line 27)."},
    {"changes: {continued_use: accepts}\n" RIGHTS("10"), "within: 10", "within: 15", "for what reduces rights that is not enough"},
    {"", "a note, kind", "the note, kind", "Going on accepts nothing"},
};

static void as_people_read_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(sayings); i++) {
        struct kept_difference *d = next(sayings[i].sections, sayings[i].old, sayings[i].new);
        struct kept_buf out;
        kept_buf_init(&out, 1u << 20);
        assert_int_equal(kept_difference_text(d, "en", &out), 0);
        if (strstr((const char *)out.p, sayings[i].said) == NULL)
            fail_msg("'%s' is not in:\n%s", sayings[i].said, (const char *)out.p);
        kept_buf_release(&out);
        kept_difference_free(d);
    }
    assert_string_equal(kept_difference_trigger_text(KEPT_MATERIAL_NONE, "en"), kept_phrase(P_T_NONE, "en"));
    assert_string_not_equal(kept_difference_trigger_text(KEPT_MATERIAL_RIGHTS, "en"), kept_phrase(P_T_NONE, "en"));
}

/* What is owed an assessment: who gets what, as what, and where. */
static void an_assessment_is_owed(void **state)
{
    (void)state;
    static const struct {
        const char *old, *new;
        bool owed;
    } cases[] = {{"items: [note]", "items: [note, phone]", true}, {"role: processor", "role: independent", true},
                 {"region: DE", "region: FR", true}, {"text: them", "text: those", false}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *text = small_text(RECIPIENT("processor", "note", "DE")), *free_text = changed(text, "jurisdiction: CN", "jurisdiction: XX"),
             *then = changed(free_text, "stored: [CN]", "stored: [DE, FR]"),
             *number = changed(then, "version: 1", "version: 2"), *now = changed(number, cases[i].old, cases[i].new);
        struct kept_difference *d = NULL;
        struct kept_err err = {0};
        if (kept_policy_difference(span_of(then), span_of(now), &d, &err) != 0)
            fail_msg("%s: %s", cases[i].new, err.text);
        if (d->assessment_owed != cases[i].owed)
            fail_msg("%s", cases[i].new);
        kept_difference_free(d);
        free(now);
        free(number);
        free(then);
        free(free_text);
        free(text);
    }
}

/* Where every word counts: who is asked again when one changed, in a language that was there or not. */
static void every_word_counts(void **state)
{
    (void)state;
    static const char again[] = "consent: {other_versions: ask_again}\n";
    static const struct {
        const char *old, *new;
        size_t asked;
    } cases[] = {{"rotation: 7 days", "rotation: 6 days", 0}, {"a note, kind", "the note, kind", 1},
                 {"authority: en", "authority: fr", 1}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct kept_difference *d = next(again, cases[i].old, cases[i].new);
        if (d->asked_count != cases[i].asked)
            fail_msg("%s: %zu are asked", cases[i].new, d->asked_count);
        if (d->asked_count > 0)
            assert_int_equal(d->asked[0].why, KEPT_AGAIN_ANY_CHANGE);
        kept_difference_free(d);
    }
}

/* A day before it was written is too late for it, whatever the one before says. */
static void on_which_day(void **state)
{
    (void)state;
    struct kept_difference *d = next("", "issued: 2026-01-01\neffective: 2026-02-01", "issued: 2026-03-01\neffective: 2026-03-05");
    assert_false(d->late);
    kept_difference_effective(d, d->now->info.issued - 5 * KEPT_DAY);
    assert_true(d->now->info.effective > d->then->info.effective && d->late);
    kept_difference_effective(d, d->now->info.issued + KEPT_DAY);
    assert_false(d->late);
    kept_difference_free(d);
}

/* Who decides for whom: freer is what a guardian, or nobody, decided before. */
static void whose_word_counts(void **state)
{
    (void)state;
    static const struct {
        const char *then, *now;
        bool freer;
    } cases[] = {
        {"", "", false},
        {"age: {bands: [{from: 0, below: 14, mode: block}, {from: 14, mode: self}]}\n", "age: {bands: [{from: 0, below: 14, mode: guardian}, {from: 14, mode: self}]}\n", true},
        {"age: {bands: [{from: 0, below: 14, mode: guardian}, {from: 14, mode: self}]}\n", "age: {bands: [{from: 0, below: 14, mode: block}, {from: 14, mode: self}]}\n", false},
        {"age: {bands: [{from: 0, mode: self}]}\n", "age: {bands: [{from: 0, below: 14, mode: guardian}, {from: 14, mode: self}]}\n", false},
        {"age: {bands: [{from: 0, below: 14, mode: guardian}, {from: 14, mode: self}]}\n", "age: {bands: [{from: 0, mode: self}]}\n", true},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct kept_policy *then = lawless(cases[i].then), *now = lawless(cases[i].now);
        const char *what = NULL;
        bool more = kept_policy_takes_more(now, then, &what);
        if (more != cases[i].freer)
            fail_msg("%s-> %s: %s", cases[i].then, cases[i].now, what != NULL ? what : "nothing");
        if (more)
            assert_string_equal(what, "age");
        kept_policy_free(then);
        kept_policy_free(now);
    }
}

/* ---- what was agreed to before ----------------------------------------------------------------------- */

/* What was agreed to under the version before covers what this one does, or not. */
static void covered_by_before(void **state)
{
    (void)state;
    static const char them[] = "recipients:\n  them: {text: them, role: processor, kind: partner, items: [note], purposes: [work], region: CN, "
                               "consent: separate, agreement: {signed: 2026-01-01, expires: 2028-01-01}}\n";
    static const char item[] = "  size: {text: size, kind: text, information: basic, source: user, retain: account}\n"
                               "functions:\n  keep: {text: keeps, kind: extended, consent: explicit, purposes: [work], optional: [size, ";
    static const char functions[] = "functions:\n  keep: {text: keeps, kind: extended, consent: explicit, purposes: [work], optional: [";
    static const struct {
        const char *old[2], *new[2];
        enum kept_kind kind;
        const char *name;
        bool covered;
    } cases[] = {
        {{"version: 1", ""}, {"version: 2", ""}, KEPT_K_ITEM, "note", true},
        {{"  ads: {text: advertise}\n", "retain: account}\n  phone"}, {"  ads: {text: advertise}\n  more: {text: more}\n", "retain: account, purposes: [work, more]}\n  phone"}, KEPT_K_ITEM, "note", false},
        {{"version: 1", "  ads: {text: advertise}\n"}, {"version: 2", "  ads: {text: advertise}\n  more: {text: more}\n"}, KEPT_K_FUNCTION, "keep", true},
        {{functions, "items: [note]"}, {item, "items: [note, size]"}, KEPT_K_RECIPIENT, "them", false},
        {{functions, ""}, {item, ""}, KEPT_K_RECIPIENT, "them", true},
        {{functions, ""}, {item, ""}, KEPT_K_FUNCTION, "keep", false},
    };
    char *text = small_text(them);
    struct kept_policy *then = read_policy(text);
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *once = changed(text, cases[i].old[0], cases[i].new[0]), *twice = changed(once, cases[i].old[1], cases[i].new[1]),
             *number = strstr(twice, "version: 2") != NULL ? strdup(twice) : changed(twice, "version: 1", "version: 2");
        struct kept_policy *now = read_policy(number);
        assert_int_equal(kept_policy_relate(now, then), 0);
        struct kept_consent_row row = consent_row(cases[i].kind, cases[i].name, KEPT_C_SEPARATE, KEPT_CS_GRANTED);
        if (kept_covered(now, &row) != cases[i].covered)
            fail_msg("case %zu", i);
        kept_policy_free(now);
        free(number);
        free(twice);
        free(once);
    }
    kept_policy_free(then);
    free(text);
}

/* A purpose that came later reaches what was there before by somebody's word only: on the purpose, on the item, on a
 * function or a recipient that has both, given under a version that has it. */
static void a_purpose_reaches_back(void **state)
{
    (void)state;
    static const char them[] =
        "recipients:\n  them: {text: them, role: processor, kind: partner, items: [note], purposes: [work], region: CN, "
        "consent: separate, agreement: {signed: 2026-01-01, expires: 2028-01-01}}\n"
        "  those: {text: those, role: processor, kind: partner, items: [note], purposes: [work], region: CN, "
        "consent: separate, agreement: {signed: 2026-01-01, expires: 2028-01-01}}\n";
    static const char rest[] = "functions:\n  rest: {text: rest, kind: extended, consent: explicit, purposes: [work, more], optional: [phone], refusing_costs: nothing}\n"
                               "  first: {text: first, kind: extended, consent: explicit, purposes: [work], optional: [note], refusing_costs: nothing}\n";
    static const struct {
        enum kept_kind kind;
        const char *name;
        uint32_t version;
        enum kept_consent_state state;
        enum kept_consent_kind consent;
        bool reaches;
    } cases[] = {
        {KEPT_K_FUNCTION, "keep", 2, KEPT_CS_GRANTED, KEPT_C_EXPLICIT, false},
        {KEPT_K_FUNCTION, "keep", 1, KEPT_CS_GRANTED, KEPT_C_EXPLICIT, true}, /* under a version without it */
        {KEPT_K_FUNCTION, "keep", 2, KEPT_CS_REFUSED, KEPT_C_EXPLICIT, true},
        {KEPT_K_FUNCTION, "keep", 2, KEPT_CS_GRANTED, KEPT_C_IMPLIED, true},
        {KEPT_K_FUNCTION, "rest", 2, KEPT_CS_GRANTED, KEPT_C_EXPLICIT, true}, /* without the item */
        {KEPT_K_FUNCTION, "first", 2, KEPT_CS_GRANTED, KEPT_C_EXPLICIT, true}, /* without the purpose */
        {KEPT_K_FUNCTION, "gone", 2, KEPT_CS_GRANTED, KEPT_C_EXPLICIT, true},
        {KEPT_K_PURPOSE, "more", 2, KEPT_CS_GRANTED, KEPT_C_EXPLICIT, false},
        {KEPT_K_PURPOSE, "work", 2, KEPT_CS_GRANTED, KEPT_C_EXPLICIT, true},
        {KEPT_K_ITEM, "note", 2, KEPT_CS_GRANTED, KEPT_C_EXPLICIT, false},
        {KEPT_K_ITEM, "phone", 2, KEPT_CS_GRANTED, KEPT_C_EXPLICIT, true},
        {KEPT_K_RECIPIENT, "them", 2, KEPT_CS_GRANTED, KEPT_C_SEPARATE, false},
        {KEPT_K_RECIPIENT, "those", 2, KEPT_CS_GRANTED, KEPT_C_SEPARATE, true},
        {KEPT_K_RECIPIENT, "gone", 2, KEPT_CS_GRANTED, KEPT_C_SEPARATE, true},
    };
    char *text = small_text(them), *number = changed(text, "version: 1", "version: 2"),
         *purpose = changed(number, "  ads: {text: advertise}\n", "  ads: {text: advertise}\n  more: {text: more}\n"),
         *used = changed(purpose, "consent: explicit, purposes: [work]", "consent: explicit, purposes: [work, more]"),
         *all = changed(used, "functions:\n", rest);
    struct kept_policy *then = read_policy(text), *now = read_policy(all);
    assert_int_equal(kept_policy_relate(now, then), 0);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct kept_consent_row row = consent_row(cases[i].kind, cases[i].name, cases[i].consent, cases[i].state);
        struct kept_context c = live(now);
        struct kept_question q = ask(KEPT_USE_READ);
        struct kept_verdict v;
        row.policy_version = cases[i].version;
        c.consents = &row;
        c.consent_count = 1;
        q.item = index_of(now, KEPT_K_ITEM, "note");
        q.purpose = index_of(now, KEPT_K_PURPOSE, "more");
        q.recipient = index_of(now, KEPT_K_RECIPIENT, "them");
        if (kept_policy_reaches_back(now, &c, &q, 1, &v) != cases[i].reaches)
            fail_msg("case %zu", i);
        if (cases[i].reaches)
            assert_true(v.decision == KEPT_DENY && v.reason == KEPT_R_NEEDS_CONSENT);
        assert_false(kept_policy_reaches_back(now, &c, &q, 2, &v)); /* collected when it was there */
    }
    kept_policy_free(then);
    kept_policy_free(now);
    free(all);
    free(used);
    free(purpose);
    free(number);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_differs),
        cmocka_unit_test(what_it_does),
        cmocka_unit_test(clause_and_line),
        cmocka_unit_test(what_it_comes_to),
        cmocka_unit_test(as_people_read_it),
        cmocka_unit_test(an_assessment_is_owed),
        cmocka_unit_test(every_word_counts),
        cmocka_unit_test(on_which_day),
        cmocka_unit_test(whose_word_counts),
        cmocka_unit_test(covered_by_before),
        cmocka_unit_test(a_purpose_reaches_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
