/* Is a document whole, or is there an error, whichever allocation fails? Everything that a policy can say, in each
 * form and language: each allocation fails alone, of a policy to begin with and of what is rendered of it. */
#include "render_aid.h"

#include "../aid/scarce.h"
#include "policy/sketch.h"

/* Of the long documents, and under the sanitizer of all, some; and of the languages. KEPT_LONG=1: all. */
#ifdef __SANITIZE_ADDRESS__
#define SOME 19
#else
#define SOME 1
#endif
#define LONG (20u << 10) /* bytes */
#define WAY 32           /* callers that tell one place from another */

/* What runs out of memory: it appends to out, and returns what it is expected to, or KEPT_E_NOMEM. */
struct making {
    const struct kept_policy *policy;
    enum kept_rendering as;
    const struct kept_answers *answers; /* NULL: it is a document of the policy */
};

static int make(const struct making *m, struct kept_buf *out, struct kept_err *err)
{
    if (m->answers != NULL)
        return kept_sketch(m->answers, out, err);
    return kept_policy_render(m->policy, m->as, NULL, NULL, out, err);
}

/* Each place that allocates, one at a time: none leaves a document that is not whole. Returns how many there are. */
static long each_fails(const struct making *m, int whole_rc)
{
    struct kept_buf whole;
    kept_buf_init(&whole, 16u << 20);
    const long *places = NULL;
    scarce_places_begin(WAY);
    int got = make(m, &whole, NULL);
    long count = (long)scarce_places_end(&places);
    assert_int_equal(got, whole_rc);
    long some = whole.n > LONG ? 17 : SOME;
    for (long i = 0; i < count; i += getenv("KEPT_LONG") == NULL ? some : 1) {
        struct kept_buf out;
        struct kept_err err = {0};
        kept_buf_init(&out, 16u << 20);
        scarce_begin(places[i], true);
        int rc = make(m, &out, &err);
        scarce_end();
        assert_int_equal(scarce_failed(), 1);
        bool right = rc == whole_rc && out.n == whole.n && (out.n == 0 || memcmp(out.p, whole.p, out.n) == 0);
        if (rc == KEPT_E_NOMEM ? err.code != rc || err.text[0] == 0 : !right)
            fail_msg("allocation %ld: %d, %zu of %zu bytes", places[i], rc, out.n, whole.n);
        kept_buf_release(&out);
    }
    kept_buf_release(&whole);
    return count;
}

static void documents_are_whole_or_not(void **state)
{
    (void)state;
    static const char *const languages[] = {"en", "zh"};
    for (size_t l = 0; l < COUNT(languages); l++) {
        size_t n = 0;
        char *form = read_whole("tests/policy/told.yaml", &n), with[16];
        (void)snprintf(with, sizeof with, ": %s}", languages[l]);
        char *text = put_so(form, ": ~}", with);
        struct kept_policy *p = read_policy(text);
        struct making m = {.policy = p};
        for (int as = 0; as < KEPT_RENDERINGS; as++) {
            m.as = (enum kept_rendering)as;
            if ((size_t)as % COUNT(languages) == l || getenv("KEPT_LONG") != NULL)
                assert_true(each_fails(&m, 0) > 50);
        }
        kept_policy_free(p);
        free(text);
        free(form);
    }
}

/* Right answers, and some that are refused late: the reason is that, or that there is no memory. */
static void begun_or_not(void **state)
{
    (void)state;
    static const struct {
        struct kept_answers answers;
        int rc;
    } rows[] = {
        {{.today = 20000, .v = {[KEPT_ANSWER_TYPE] = "vehicle", [KEPT_ANSWER_LANGUAGES] = "zh,en", [KEPT_ANSWER_REGION] = "CN",
                                [KEPT_ANSWER_RECIPIENTS] = "hosting"}}, 0},
        {{.today = 20000, .v = {[KEPT_ANSWER_RETENTION] = "soon"}}, KEPT_E_USAGE},
        {{.today = 20000, .v = {[KEPT_ANSWER_CONTACT] = "nobody"}}, KEPT_E_USAGE},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_true(each_fails(&(struct making){.answers = &rows[i].answers}, rows[i].rc) > 20);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_are_whole_or_not),
        cmocka_unit_test(begun_or_not),
    };
    return cmocka_run_group_tests(tests, scarce_hook_up, NULL);
}
