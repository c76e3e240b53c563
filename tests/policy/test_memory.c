/* test_memory.c - reading a policy, right ones and wrong ones, while memory runs out at the nth
 * allocation, for every n: no memory is said, no policy is handed out, nothing leaks; and what a policy
 * says of names and of people who are not in it. */
#include "policy_aid.h"

#include "../aid/scarce.h"
#include "policy/difference.h"
#include "policy/explain.h"
#include "policy/overlay.h"
#include "policy/render.h"
#include "policy/sketch.h"

static char *texts[3];

/* A right one, one with every kind of text, and one with mistakes all over. */
static void load_texts(void)
{
    size_t n = 0;
    texts[0] = read_whole("tests/engine/shop.yaml", &n);
    texts[1] = read_whole("policies/wallpaper.yaml", &n);
    texts[2] = read_whole("tests/engine/shop.yaml", &n);
    for (char *at = strstr(texts[2], "clause"); at != NULL; at = strstr(at + 60, "clause"))
        at[1] = 'x';
}

static int read_and_show(const char *text)
{
    struct kept_policy *policy = NULL;
    struct kept_findings findings = {0};
    struct kept_err err = {0};
    int rc = kept_policy_read(span_of(text), &policy, &findings, &err);
    assert_true((rc == 0) == (policy != NULL));
    if (rc != 0) {
        assert_int_equal(err.code, rc);
        assert_true(err.text[0] != 0);
    }
    for (int json = 0; rc == 0 && json < 2; json++) {
        struct kept_buf out;
        kept_buf_init(&out, KEPT_MAX_JSON_BYTES);
        rc = kept_policy_show(policy, json, &out);
        kept_buf_release(&out);
    }
    kept_policy_free(policy);
    kept_findings_release(&findings);
    return rc;
}

static void every_allocation_fails(void **state)
{
    (void)state;
    load_texts();
    for (size_t i = 0; i < COUNT(texts); i++) {
        int whole = read_and_show(texts[i]);
        assert_int_equal(whole, i < 2 ? 0 : KEPT_E_POLICY);
        for (int once = 0; once < 2; once++) {
            bool over = false;
            long n = 0, refused = 0;
            for (; !over; n += n < 100 ? 1 : 1 + n / 60) {
                assert_true(n < 100000);
                scarce_begin(n, once != 0);
                int rc = read_and_show(texts[i]);
                scarce_end();
                over = scarce_failed() == 0;
                if (over)
                    assert_int_equal(rc, whole);
                else if (rc != KEPT_E_NOMEM && rc != whole)
                    fail_msg("text %zu, allocation %ld: %d", i, n, rc);
                refused += rc == KEPT_E_NOMEM;
            }
            assert_true(refused > 20);
        }
        free(texts[i]);
    }
}

/* A policy to begin with is whole, or there is none. */
static void begun_whole_or_not(void **state)
{
    (void)state;
    const struct kept_answers answers = {.v = {[KEPT_ANSWER_TYPE] = "vehicle", [KEPT_ANSWER_LANGUAGES] = "zh,en",
                                               [KEPT_ANSWER_RECIPIENTS] = "hosting,courier"}};
    struct kept_buf whole;
    kept_buf_init(&whole, KEPT_MAX_SKETCH);
    assert_int_equal(kept_sketch(&answers, &whole, NULL), 0);
    bool over = false;
    long n = 0, refused = 0;
    for (; !over; n += n < 100 ? 1 : 1 + n / 60) {
        struct kept_buf out;
        struct kept_err err = {0};
        kept_buf_init(&out, KEPT_MAX_SKETCH);
        assert_true(n < 100000);
        scarce_begin(n, true);
        int rc = kept_sketch(&answers, &out, &err);
        scarce_end();
        over = scarce_failed() == 0;
        assert_true(rc == 0 || (rc == KEPT_E_NOMEM && out.n == 0 && err.text[0] != 0));
        assert_true(rc != 0 || (out.n == whole.n && memcmp(out.p, whole.p, out.n) == 0));
        refused += rc == KEPT_E_NOMEM;
        kept_buf_release(&out);
    }
    assert_true(refused > 50);
    kept_buf_release(&whole);
}

/* A document is whole, or there is an error: never one with a hole. */
static void rendered_whole_or_not(void **state)
{
    (void)state;
    struct kept_policy *p = load_policy("policies/wallpaper.yaml");
    static const enum kept_rendering as[] = {KEPT_RENDER_NOTICE, KEPT_RENDER_SUMMARY, KEPT_RENDER_ROPA_CSV};
    for (size_t i = 0; i < COUNT(as); i++) {
        struct kept_buf whole;
        kept_buf_init(&whole, 16u << 20);
        assert_int_equal(kept_policy_render(p, as[i], NULL, NULL, &whole, NULL), 0);
        bool over = false;
        long refused = 0;
        for (long n = 0; !over; n += n < 50 ? 1 : 1 + n / 30) {
            struct kept_buf out;
            struct kept_err err = {0};
            kept_buf_init(&out, 16u << 20);
            scarce_begin(n, true);
            int rc = kept_policy_render(p, as[i], NULL, NULL, &out, &err);
            scarce_end();
            over = scarce_failed() == 0;
            if (rc != KEPT_E_NOMEM && (rc != 0 || out.n != whole.n || memcmp(out.p, whole.p, out.n) != 0))
                fail_msg("document %zu, allocation %ld: %d, %zu of %zu bytes", i, n, rc, out.n, whole.n);
            refused += rc == KEPT_E_NOMEM;
            kept_buf_release(&out);
        }
        assert_true(refused > 100);
        kept_buf_release(&whole);
    }
    kept_policy_free(p);
}

/* ---- every other door ---- */

/* What a door gave while memory ran out; whole is what it gives with all of it. Returns its result. */
typedef int door_fn(struct kept_buf *out, struct kept_err *err);

static int door_examine(struct kept_buf *out, struct kept_err *err)
{
    struct kept_findings findings = {0};
    int rc = kept_policy_examine(span_of(texts[2]), &findings, err);
    for (size_t i = 0; rc == 0 && i < findings.count; i++)
        kept_buf_printf(out, "%s:%d\n", findings.rows[i].code, findings.rows[i].line);
    kept_findings_release(&findings);
    return rc != 0 ? rc : out->failed;
}

static int door_difference(struct kept_buf *out, struct kept_err *err)
{
    struct kept_difference *d = NULL;
    int rc = kept_policy_difference(span_of(texts[0]), span_of(texts[1]), &d, err);
    assert_true((rc == 0) == (d != NULL));
    if (rc == 0)
        rc = kept_difference_text(d, "en", out);
    kept_difference_free(d);
    return rc;
}

static int door_overlay(struct kept_buf *out, struct kept_err *err)
{
    const struct kept_policy_file over = {"over.yaml", span_of(texts[2])}, under = {"under.yaml", span_of(texts[1])};
    struct kept_findings findings = {0};
    char name[KEPT_MAX_POLICY_FILE];
    int rc = kept_policy_extends(span_of(texts[2]), name, err);
    if (rc == 0)
        rc = kept_policy_overlay(&over, &under, out, &findings, err);
    kept_findings_release(&findings);
    return rc;
}

static void choice(void *arg, const char *word, const char *meaning, int usual)
{
    kept_buf_printf(arg, "%s %s %d\n", word, meaning, usual);
}

static int door_choices_of(enum kept_answer which, struct kept_buf *out, struct kept_err *err)
{
    const struct kept_answers answers = {.v = {[KEPT_ANSWER_TYPE] = "vehicle"}};
    return kept_sketch_choices(&answers, which, choice, out, err);
}

static int door_choices(struct kept_buf *out, struct kept_err *err)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < KEPT_ANSWER_COUNT; i++)
        rc = door_choices_of((enum kept_answer)i, out, err);
    return rc != 0 ? rc : out->failed;
}

/* Made once, by those that need one: a policy that is there already. */
static struct kept_policy *there;

static int door_explain(struct kept_buf *out, struct kept_err *err)
{
    const struct kept_supposed of = {.use = KEPT_USE_COLLECT, .item = "location", .function = "location-assist",
                                     .age = 30, .now = NOON_2026};
    struct kept_explanation e;
    (void)err;
    int rc = kept_policy_explain(there, &of, &e);
    return rc != 0 ? rc : kept_explanation_text(&e, "zh", out);
}

static int door_relate(struct kept_buf *out, struct kept_err *err)
{
    struct kept_policy *now = NULL;
    struct kept_findings findings = {0};
    int rc = kept_policy_read(span_of(texts[1]), &now, &findings, err);
    if (rc == 0)
        rc = kept_policy_relate(now, there);
    if (rc == 0)
        rc = kept_policy_relate(now, now);
    if (rc == 0)
        kept_buf_printf(out, "%d", kept_policy_takes_more_than(now, 1));
    kept_policy_free(now);
    kept_findings_release(&findings);
    return rc != 0 ? rc : out->failed;
}

static int door_document(struct kept_buf *out, struct kept_err *err)
{
    int rc = 0;
    for (int as = 0; rc == 0 && as < KEPT_RENDERINGS; as++)
        rc = kept_policy_render(there, (enum kept_rendering)as, NULL, NULL, out, err);
    return rc;
}

/* The nth allocation fails, and once: all those behind it succeed. */
static void one_door(const char *name, door_fn *door, bool tells)
{
    struct kept_buf whole;
    kept_buf_init(&whole, 64u << 20);
    assert_int_equal(door(&whole, NULL), 0);
    for (int once = 0; once < 2; once++) {
        bool over = false;
        long refused = 0;
        for (long n = 0; !over; n += n < 300 ? 1 : 1 + n / 20) {
            struct kept_buf out;
            struct kept_err err = {0};
            kept_buf_init(&out, 64u << 20);
            assert_true(n < 1000000);
            scarce_begin(n, once != 0);
            int rc = door(&out, &err);
            scarce_end();
            over = scarce_failed() == 0;
            if (rc != KEPT_E_NOMEM && (rc != 0 || out.n != whole.n || memcmp(out.p, whole.p, out.n) != 0))
                fail_msg("%s, allocation %ld: %d, %zu of %zu bytes", name, n, rc, out.n, whole.n);
            if (rc == KEPT_E_NOMEM && tells && out.failed == 0 && err.code != rc)
                fail_msg("%s, allocation %ld: it says nothing", name, n);
            refused += rc == KEPT_E_NOMEM;
            kept_buf_release(&out);
        }
        assert_true(refused > 0);
    }
    kept_buf_release(&whole);
}

static void every_door_fails_clean(void **state)
{
    (void)state;
    size_t n = 0;
    texts[0] = read_whole("policies/wallpaper.yaml", &n);
    texts[1] = read_whole("tests/policy/made.yaml", &n);
    texts[2] = malloc(strlen(texts[1]) + 64);
    (void)snprintf(texts[2], strlen(texts[1]) + 64, "extends: under.yaml\nprecedence: product\n%s", texts[1]);
    there = load_policy("policies/widgets.yaml");
    one_door("examine", door_examine, true);
    one_door("difference", door_difference, true);
    one_door("overlay", door_overlay, true);
    one_door("choices", door_choices, true);
    one_door("explain", door_explain, false);
    one_door("relate", door_relate, false);
    one_door("documents", door_document, true);
    kept_policy_free(there);
    for (size_t i = 0; i < COUNT(texts); i++)
        free(texts[i]);
}

static void what_is_not_there(void **state)
{
    (void)state;
    struct kept_policy *p = load_policy("tests/engine/shop.yaml");
    struct kept_context c = live(p);
    struct kept_question q = ask(KEPT_USE_READ);
    int line = 0;
    assert_int_equal(kept_policy_index(p, KEPT_K_ITEM, 1), KEPT_NO_INDEX);
    assert_int_equal(kept_policy_index(p, KEPT_K_REGION, 1), KEPT_NO_INDEX);
    for (int kind = KEPT_K_NONE; kind <= KEPT_K_REGION + 1; kind++)
        assert_null(kept_policy_name(p, (enum kept_kind)kind, 4000));
    for (int kind = KEPT_K_ITEM; kind < KEPT_K_REGION; kind++)
        assert_non_null(kept_policy_name(p, (enum kept_kind)kind, 0));
    assert_false(kept_policy_role_sees(p, 4000, 0));
    assert_false(kept_policy_role_sees(p, KEPT_NO_INDEX, 4000));
    assert_false(kept_policy_role_sees(p, index_of(p, KEPT_K_ROLE, "visitor"), 0));
    assert_true(kept_policy_role_sees(p, index_of(p, KEPT_K_ROLE, "officer"), 0));
    assert_false(kept_policy_role_may(p, 4000, KEPT_OP_USE));
    assert_string_equal(kept_policy_age_band(p, 10000, NOON_2026), "self");
    assert_string_equal(kept_policy_role_rule(p, 4000, &line), "");
    assert_false(kept_policy_once_per_launch(p, KEPT_NO_INDEX));
    assert_int_equal(kept_policy_missing(p, KEPT_NO_INDEX, NULL), KEPT_NO_INDEX);
    assert_int_equal(kept_decide(NULL, &c, &q).decision, KEPT_DENY);
    assert_int_equal(kept_decide(p, NULL, &q).decision, KEPT_DENY);
    assert_int_equal(kept_decide(p, &c, NULL).decision, KEPT_DENY);
    assert_non_null(kept_decide(NULL, NULL, NULL).clause);
    kept_policy_free(p);
    kept_policy_free(NULL);
    p = load_policy("policies/wallpaper.yaml");
    assert_string_equal(kept_policy_age_band(p, KEPT_BIRTH_UNKNOWN, NOON_2026), "unknown");
    assert_string_equal(kept_policy_age_band(p, 30000, NOON_2026), "unknown"); /* born tomorrow */
    kept_policy_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_fails),
        cmocka_unit_test(begun_whole_or_not),
        cmocka_unit_test(rendered_whole_or_not),
        cmocka_unit_test(every_door_fails_clean),
        cmocka_unit_test(what_is_not_there),
    };
    return cmocka_run_group_tests(tests, scarce_hook_up, NULL);
}
