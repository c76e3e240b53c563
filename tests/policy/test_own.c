/* test_own.c - what people read and correct of themselves is decided by their rights alone: each state of the person, each
 * place a value rests in, each right that is there or not, and nothing else is anybody's own. */
#include "duties_aid.h"

#define ITEMS                                                                                      \
    "items:\n"                                                                                     \
    "  note: {text: a note, kind: text, information: content, source: user, retain: account}\n"     \
    "  sum: {text: a sum, kind: text, information: content, source: generated, retain: account}\n"  \
    "  lens: {text: a lens, kind: text, information: content, source: user, place: device}\n"       \
    "  clip: {text: clipboard, kind: text, information: content, source: user, place: transient}\n" \
    "  mail: {text: mail, kind: mail, information: basic, source: user, retain: account, token: true, store: hash}\n"
#define FUNCTIONS                                                                                  \
    "functions:\n  keep: {text: keeps, kind: extended, consent: explicit, purposes: [work], "       \
    "optional: [note, sum, lens, clip, mail], refusing_costs: nothing}\n"

/* Under the law of a country (XX: of which no profile speaks), with sections behind. */
static struct kept_policy *under(const char *law, const char *sections)
{
    char text[8192], jurisdiction[32];
    (void)snprintf(text, sizeof text, "%s%s%s%s%s", small_head, ITEMS, FUNCTIONS, small_roles, sections);
    (void)snprintf(jurisdiction, sizeof jurisdiction, "jurisdiction: %s", law);
    char *of_law = changed(text, "jurisdiction: CN", jurisdiction);
    struct kept_policy *p = read_policy(of_law);
    free(of_law);
    return p;
}

static struct kept_verdict own(const struct kept_policy *p, const struct kept_context *c, enum kept_use use, const char *item,
                               bool archived)
{
    struct kept_question q = ask(use);
    q.own = true;
    q.archived = archived;
    q.item = item != NULL ? index_of(p, KEPT_K_ITEM, item) : KEPT_NO_INDEX;
    return kept_decide(p, c, &q);
}

static enum kept_reason why(const struct kept_policy *p, enum kept_use use, const char *item, bool archived)
{
    const struct kept_context c = live(p);
    const struct kept_verdict v = own(p, &c, use, item, archived);
    assert_int_equal(v.decision, v.reason == KEPT_R_NONE ? KEPT_ALLOW : KEPT_DENY);
    assert_non_null(v.clause);
    return v.reason;
}

static void each_state(void **state)
{
    (void)state;
    static const struct {
        int state;
        enum kept_reason reason;
    } rows[] = {{KEPT_S_NONE, KEPT_R_DEFAULT}, {KEPT_S_LIVE, KEPT_R_NONE}, {KEPT_S_REFUSED, KEPT_R_NONE},
                {KEPT_S_RESTRICTED, KEPT_R_NONE}, {KEPT_S_ERASED, KEPT_R_ERASED}, {KEPT_S_KEPT_BY_LAW, KEPT_R_KEPT_BY_LAW},
                {99, KEPT_R_DEFAULT}};
    struct kept_policy *p = under("CN", "");
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int ceased = 0; ceased < 2; ceased++) {
            struct kept_context c = live(p);
            c.state = (enum kept_subject_state)rows[i].state;
            c.ceased = ceased != 0;
            const struct kept_verdict read = own(p, &c, KEPT_USE_READ, "note", false),
                                      correct = own(p, &c, KEPT_USE_COLLECT, "note", false);
            assert_int_equal(read.reason, rows[i].reason);
            assert_int_equal(read.decision, rows[i].reason == KEPT_R_NONE ? KEPT_ALLOW : KEPT_DENY);
            assert_int_equal(correct.reason, ceased != 0 ? KEPT_R_CEASED : rows[i].reason);
            assert_int_equal(correct.decision, correct.reason == KEPT_R_NONE ? KEPT_ALLOW : KEPT_DENY);
        }
    kept_policy_free(p);
}

static void each_item(void **state)
{
    (void)state;
    static const struct {
        const char *item;
        bool archived;
        enum kept_reason read, correct;
    } rows[] = {{"note", false, KEPT_R_NONE, KEPT_R_NONE},
                {"note", true, KEPT_R_KEPT_BY_LAW, KEPT_R_KEPT_BY_LAW},
                {"sum", false, KEPT_R_NONE, KEPT_R_ROLE}, /* the person never gave it */
                {"lens", false, KEPT_R_ON_DEVICE, KEPT_R_ON_DEVICE},
                {"clip", false, KEPT_R_TRANSIENT, KEPT_R_TRANSIENT},
                {"mail", false, KEPT_R_NO_VALUE, KEPT_R_NONE}, /* nobody can read it back; a new one may be given */
                {NULL, false, KEPT_R_UNDECLARED, KEPT_R_UNDECLARED}};
    struct kept_policy *p = under("CN", "");
    for (size_t i = 0; i < COUNT(rows); i++) {
        enum kept_reason read = why(p, KEPT_USE_READ, rows[i].item, rows[i].archived),
                         correct = why(p, KEPT_USE_COLLECT, rows[i].item, rows[i].archived);
        if (read != rows[i].read || correct != rows[i].correct)
            fail_msg("row %zu: %s, %s", i, kept_reason_text(read), kept_reason_text(correct));
    }
    assert_int_equal(why(p, KEPT_USE_DISCLOSE, "note", false), KEPT_R_DEFAULT); /* giving it to others is no right to see it */
    kept_policy_free(p);
}

/* The line of the rule that decided: the item's, or the right's; none where a law alone gives it. */
static void each_right(void **state)
{
    (void)state;
    static const char only_access[] = "rights: {channels: [mail], deadline: {within: 15 days, from: received}, requests: {access: {clause: R1}}}\n";
    struct kept_policy *p = under("XX", "");
    assert_int_equal(why(p, KEPT_USE_READ, "note", false), KEPT_R_DEFAULT); /* nobody gives it */
    assert_int_equal(why(p, KEPT_USE_COLLECT, "note", false), KEPT_R_DEFAULT);
    kept_policy_free(p);
    p = under("XX", only_access);
    const struct kept_context c = live(p);
    const struct kept_verdict v = own(p, &c, KEPT_USE_READ, "note", false);
    assert_int_equal(v.decision, KEPT_ALLOW);
    assert_string_equal(v.clause, "R1");
    assert_true(v.line > 0);
    assert_int_equal(why(p, KEPT_USE_COLLECT, "note", false), KEPT_R_DEFAULT);
    const struct kept_verdict item = own(p, &c, KEPT_USE_READ, "lens", false);
    assert_int_equal(item.line, kept_policy_item(p, index_of(p, KEPT_K_ITEM, "lens"))->line);
    kept_policy_free(p);
    p = under("CN", "");
    const struct kept_context there = live(p);
    assert_int_equal(own(p, &there, KEPT_USE_READ, "note", false).decision, KEPT_ALLOW);
    assert_int_equal(own(p, &there, KEPT_USE_READ, "note", false).line, 0);
    kept_policy_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_state),
        cmocka_unit_test(each_item),
        cmocka_unit_test(each_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
