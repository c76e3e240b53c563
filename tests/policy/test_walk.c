/* test_walk.c - two trees side by side, at the edges of the walk: sections that came and went, lists that were cut,
 * values of another shape, the same said in other words; and what it comes to, where policies say the rare thing. */
#include "duties_aid.h"

#include "base/mem.h"
#include "policy/difference_int.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_differs),
        cmocka_unit_test(what_it_does),
        cmocka_unit_test(clause_and_line),
        cmocka_unit_test(what_it_comes_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
