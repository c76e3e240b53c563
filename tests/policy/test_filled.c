/* test_filled.c - laws as no country has them: what is filled in where one gives rights and names no day, where two say
 * different things together, where an item names two laws; and what is not, where the policy itself speaks. */
#include "duties_aid.h"

#include "policy/duties_int.h"

/* What two laws come to in a policy that is silent. The policy stays as it is with the reader. */
struct filled {
    struct kept_policy *policy;
    struct kept_findings findings;
    struct reader r;
};

static void fill(struct filled *f, struct profile *one, struct profile *other)
{
    char *text = small_text("");
    *f = (struct filled){.policy = lawless("")};
    f->r = (struct reader){.findings = &f->findings, .arena = &f->policy->arena, .what = "policy", .manual = "", .head = "kept",
                           .policy = f->policy};
    assert_int_equal(kept_tree_read(&f->r, span_of(text)), 0);
    f->policy->profiles[f->policy->profile_count++] = one;
    if (other != NULL)
        f->policy->profiles[f->policy->profile_count++] = other;
    kept_fill_in(&f->r, kept_node(&f->r, f->r.tree.root));
    free(text);
}

static void release(struct filled *f)
{
    assert_int_equal(f->findings.count, 0);
    f->policy->profile_count = 0;
    kept_tree_release(&f->r.tree);
    kept_findings_release(&f->findings);
    kept_policy_free(f->policy);
}

static const struct kept_fill *filled_as(const struct kept_policy *p, const char *what)
{
    const struct kept_fill *fill = NULL;
    for (size_t i = 0; (fill = kept_policy_fill(p, i)) != NULL; i++)
        if (strcmp(fill->what, what) == 0)
            return fill;
    return NULL;
}

/* Every request that there is has room in the list of them. */
static void rights_without_a_day(void **state)
{
    (void)state;
    static struct profile law = {.name = "law"};
    struct filled f;
    law.values[PROFILE_VALUE_RIGHTS] = (struct profile_entry){.said = true, .requests = (1u << KEPT_ASK_COUNT) - 1, .profile = "law", .source = "A 1"};
    fill(&f, &law, NULL);
    const struct kept_fill *rights = filled_as(f.policy, "requests that everybody may make");
    assert_non_null(rights);
    assert_string_equal(rights->value, ""); /* answered by no day that could be named */
    for (unsigned i = 0; i < KEPT_ASK_COUNT; i++) {
        assert_non_null(strstr(rights->of, kept_asked_word((enum kept_asked)i)));
        assert_true(kept_policy_right(f.policy, (enum kept_asked)i).said);
        assert_int_equal(kept_policy_right(f.policy, (enum kept_asked)i).deadline.within.n, 0);
    }
    assert_null(filled_as(f.policy, "answers to requests"));
    release(&f);
}

/* One law speaks of rights, the other is silent on them; a third has both: who said it is named. */
static void laws_together(void **state)
{
    (void)state;
    static struct profile one = {.name = "one"}, silent = {.name = "silent"}, also = {.name = "also"};
    struct filled f;
    one.values[PROFILE_VALUE_RIGHTS] = (struct profile_entry){.said = true, .requests = 1u << KEPT_ASK_ACCESS, .profile = "one", .source = "A 1"};
    also.values[PROFILE_VALUE_RIGHTS] = (struct profile_entry){.said = true, .requests = 1u << KEPT_ASK_COPY, .profile = "also", .source = "B 2"};
    fill(&f, &one, &silent);
    assert_string_equal(filled_as(f.policy, "requests that everybody may make")->source, "A 1");
    assert_string_equal(filled_as(f.policy, "requests that everybody may make")->of, "access");
    release(&f);
    fill(&f, &one, &also);
    assert_string_equal(filled_as(f.policy, "requests that everybody may make")->source, "A 1; profile also, B 2");
    assert_string_equal(filled_as(f.policy, "requests that everybody may make")->of, "access, copy");
    release(&f);
}

/* A law that makes children of an age and has no name for verdicts. */
static void an_age_without_a_name(void **state)
{
    (void)state;
    static const char *const clauses[] = {NULL, "A 7"};
    for (size_t i = 0; i < COUNT(clauses); i++) {
        static struct profile law = {.name = "law"};
        struct filled f;
        law.values[PROFILE_VALUE_GUARDIAN_BELOW] =
            (struct profile_entry){.said = true, .age = 15, .profile = "law", .source = "A 1", .clause = clauses[i]};
        fill(&f, &law, NULL);
        assert_string_equal(kept_policy_age_band(f.policy, NOON_2026 / KEPT_DAY - 366 * 10, NOON_2026), "guardian");
        const struct kept_guardian_need need = kept_policy_guardian_need(f.policy, NOON_2026 / KEPT_DAY - 366 * 10, NOON_2026);
        assert_true(need.asked);
        assert_string_equal(need.clause, clauses[i] != NULL ? clauses[i] : "");
        assert_false(kept_policy_guardian_need(f.policy, KEPT_BIRTH_UNKNOWN, NOON_2026).asked);
        release(&f);
    }
}

/* ---- under the laws that there are ---- */

/* `age` that is no map, or whose bands cannot be read: one mistake, and the policy is refused; its own `age` is never
 * mended by the law's. */
static void ages_that_cannot_be_read(void **state)
{
    (void)state;
    static const struct {
        const char *age, *code;
    } rows[] = {{"age: none\n", "WRONG_TYPE"}, {"age: {bands: [{from: 0, below: 18, mode: sometimes}, {from: 18, mode: self}]}\n", "BAD_VALUE"}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct kept_policy *policy = NULL;
        struct kept_findings findings = {0};
        char *text = small_text(rows[i].age);
        assert_int_equal(kept_policy_read(span_of(text), &policy, &findings, NULL), KEPT_E_POLICY);
        assert_null(policy);
        assert_int_equal(findings.errors, 1);
        assert_string_equal(findings.rows[0].code, rows[i].code);
        kept_findings_release(&findings);
        free(text);
    }
}

/* An item that names laws is kept as long as the longest of them says, in whatever order they stand. */
static void an_item_of_two_laws(void **state)
{
    (void)state;
    static const struct {
        const char *statute, *retain;
        kept_ms kept;
        const char *filled; /* NULL: the policy said it */
    } rows[] = {
        {"E-Commerce Law, Art. 31", "", 1096 * KEPT_DAY, "E-Commerce Law 31"},
        {"Anti-Money-Laundering Law; Electronic Signature Law", "", 3653 * KEPT_DAY, "Anti-Money-Laundering Law 34"}, /* the second is shorter */
        {"E-Commerce Law, Art. 31; Anti-Money-Laundering Law", "", 3653 * KEPT_DAY, "Anti-Money-Laundering Law 34"},
        {"E-Commerce Law, Art. 31", "retain: 1200 days, ", 1200 * KEPT_DAY, NULL},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char with[256];
        (void)snprintf(with, sizeof with, "source: user, %sretention_class: law, statute: \"%s\"}", rows[i].retain, rows[i].statute);
        char *text = small_text(""), *other = changed(text, "source: user, retain: account}", with);
        struct kept_policy *p = read_policy(other);
        const uint32_t note = index_of(p, KEPT_K_ITEM, "note");
        assert_true(kept_policy_item(p, note)->retain == rows[i].kept);
        const char *filled = kept_policy_end(p, note, NOON_2026, 0).filled;
        assert_int_equal(filled == NULL, rows[i].filled == NULL);
        assert_true(filled == NULL || strstr(filled, rows[i].filled) != NULL);
        kept_policy_free(p);
        free(other);
        free(text);
    }
}

/* An item that cannot be read is not filled in: its mistake is the only finding. */
static void an_item_that_cannot_be_read(void **state)
{
    (void)state;
    struct kept_policy *policy = NULL;
    struct kept_findings findings = {0};
    char *text = small_text("");
    char *other = changed(text, "source: user, retain: account}", "source: user, values: several, retention_class: law, statute: \"E-Commerce Law, Art. 31\"}");
    assert_int_equal(kept_policy_read(span_of(other), &policy, &findings, NULL), KEPT_E_POLICY);
    assert_int_equal(findings.errors, 1);
    assert_string_equal(findings.rows[0].code, "BAD_VALUE");
    kept_findings_release(&findings);
    free(other);
    free(text);
}

/* Kept while there is an account is no end before the law's; a month is. */
static void the_floor_of_a_law(void **state)
{
    (void)state;
    static const struct {
        const char *retain;
        bool short_of;
    } rows[] = {{"account", false}, {"30 days", true}, {"1096 days", false}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        char with[160];
        (void)snprintf(with, sizeof with, "source: user, retain: %s, retention_class: law, statute: \"E-Commerce Law, Art. 31\"}", rows[i].retain);
        char *text = small_text(""), *other = changed(text, "source: user, retain: account}", with);
        if (finds_in(other, "FLOOR_RETENTION") != rows[i].short_of)
            fail_msg("%s", rows[i].retain);
        free(other);
        free(text);
    }
}

/* Who is told when something happened, in what is no map: one mistake, and no day is asked for besides. */
static void told_in_no_map(void **state)
{
    (void)state;
    struct kept_policy *policy = NULL;
    struct kept_findings findings = {0};
    char *text = small_text("incident: {persons: soon}\n");
    assert_int_equal(kept_policy_read(span_of(text), &policy, &findings, NULL), KEPT_E_POLICY);
    assert_int_equal(findings.errors, 1);
    assert_string_equal(findings.rows[0].code, "WRONG_TYPE");
    kept_findings_release(&findings);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rights_without_a_day), cmocka_unit_test(laws_together), cmocka_unit_test(an_age_without_a_name),
        cmocka_unit_test(ages_that_cannot_be_read), cmocka_unit_test(an_item_of_two_laws),
        cmocka_unit_test(an_item_that_cannot_be_read), cmocka_unit_test(the_floor_of_a_law), cmocka_unit_test(told_in_no_map),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
