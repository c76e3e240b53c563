/* test_memory.c - every door of the room while memory runs out at each place that allocates: no memory is
 * said, nothing is handed out that is not whole, nothing leaks; and what a policy says of names and of
 * people who are not in it. */
#include "duties_aid.h"

#include <yaml.h>

#include "../aid/scarce.h"
#include "policy/difference.h"
#include "policy/explain.h"
#include "policy/overlay.h"
#include "policy/render.h"
#include "policy/sketch.h"

/* libyaml has a heap of its own: what it answers when that is empty. */
int __real_yaml_parser_initialize(yaml_parser_t *parser);
int __real_yaml_parser_parse(yaml_parser_t *parser, yaml_event_t *event);
int __wrap_yaml_parser_initialize(yaml_parser_t *parser);
int __wrap_yaml_parser_parse(yaml_parser_t *parser, yaml_event_t *event);

int __wrap_yaml_parser_initialize(yaml_parser_t *parser)
{
    return scarce_spent() ? 0 : __real_yaml_parser_initialize(parser);
}

int __wrap_yaml_parser_parse(yaml_parser_t *parser, yaml_event_t *event)
{
    if (!scarce_spent())
        return __real_yaml_parser_parse(parser, event);
    parser->error = YAML_MEMORY_ERROR;
    return 0;
}

/* What a door gave while memory ran out is what it gives with all of it, or nothing. */
typedef int door_fn(struct kept_buf *out, struct kept_err *err);
struct door {
    const char *name;
    door_fn *open;
    int whole;      /* what it returns with all the memory there is */
    int callers;    /* that tell one place from another: more find more, and cost more */
    bool mute;      /* its result says it all: there is no sentence */
    bool once_only; /* not also with all the allocations behind it */
};

/* What the doors read, and a policy that is there already. */
static struct kept_span text, other;
static struct kept_policy *there;

/* A failure at each place that allocates: of that one only, or of all behind it, too. */
static void refuse(const struct door *d, const struct kept_buf *whole, long n, bool once, long *refused)
{
    struct kept_buf out;
    struct kept_err err = {0};
    kept_buf_init(&out, 64u << 20);
    scarce_begin(n, once);
    int rc = d->open(&out, &err);
    scarce_end();
    assert_true(scarce_failed() > 0);
    if (rc != KEPT_E_NOMEM && (rc != d->whole || out.n != whole->n || memcmp(out.p, whole->p, out.n) != 0))
        fail_msg("%s, allocation %ld: %d, %zu of %zu bytes", d->name, n, rc, out.n, whole->n);
    if (rc == KEPT_E_NOMEM && !d->mute && out.failed == 0 && (err.code != rc || err.text[0] == 0))
        fail_msg("%s, allocation %ld: it says nothing", d->name, n);
    *refused += rc == KEPT_E_NOMEM;
    kept_buf_release(&out);
}

static void try_door(const struct door *d)
{
    struct kept_buf whole;
    const long *places = NULL;
    long refused = 0;
    kept_buf_init(&whole, 64u << 20);
    scarce_places_begin(d->callers);
    int rc = d->open(&whole, NULL);
    size_t count = scarce_places_end(&places);
    if (rc != d->whole)
        fail_msg("%s: %d, with all the memory there is", d->name, rc);
    for (size_t i = 0; i < count; i++) {
        if (!d->once_only)
            refuse(d, &whole, places[i], false, &refused);
        refuse(d, &whole, places[i], true, &refused);
    }
    assert_true(refused > (long)count / 2);
    kept_buf_release(&whole);
}

/* ---- policies, right ones and wrong ones ---- */

static void put_findings(const struct kept_findings *findings, struct kept_buf *out)
{
    for (size_t i = 0; i < findings->count; i++)
        kept_buf_printf(out, "%s:%d %s\n", findings->rows[i].code, findings->rows[i].line,
                        findings->rows[i].text);
}

static int door_read(struct kept_buf *out, struct kept_err *err)
{
    struct kept_policy *policy = NULL;
    struct kept_findings findings = {0};
    int rc = kept_policy_read(text, &policy, &findings, err);
    assert_true((rc == 0) == (policy != NULL));
    if (rc != KEPT_E_NOMEM)
        put_findings(&findings, out);
    kept_policy_free(policy);
    kept_findings_release(&findings);
    return rc != KEPT_E_NOMEM && out->failed != 0 ? out->failed : rc;
}

static int door_examine(struct kept_buf *out, struct kept_err *err)
{
    struct kept_findings findings = {0};
    int rc = kept_policy_examine(text, &findings, err);
    if (rc == 0)
        put_findings(&findings, out);
    kept_findings_release(&findings);
    return rc != 0 ? rc : out->failed;
}

static const struct door read_it = {"read", door_read, 0, 12, false, false}, examine_it = {"examine", door_examine, 0, 12, false, false},
                         refuse_it = {"read wrong", door_read, KEPT_E_POLICY, 12, false, false};

/* Mistakes all over. */
static char *broken(const char *path)
{
    static const char *const words[] = {"clause", "source", "consent", "signed", "[", "days", "version"};
    size_t n = 0;
    char *all = read_whole(path, &n);
    for (size_t i = 0; i < COUNT(words); i++)
        for (char *at = strstr(all, words[i]); at != NULL; at = strstr(at + 60 * (i + 1), words[i]))
            at[1] = 'x';
    return all;
}

static void read_whole_or_not(void **state)
{
    (void)state;
    static const char *const right[] = {"tests/engine/shop.yaml", "tests/policy/made.yaml", "policies/wallpaper.yaml"};
    for (size_t i = 0; i < COUNT(right); i++) {
        size_t n = 0;
        char *whole = read_whole(right[i], &n);
        text = span_of(whole);
        try_door(&read_it);
        try_door(&examine_it);
        free(whole);
        whole = broken(right[i]);
        text = span_of(whole);
        try_door(&refuse_it);
        free(whole);
    }
}

static int door_profile(struct kept_buf *out, struct kept_err *err)
{
    struct arena arena = {0};
    struct kept_findings findings = {0};
    struct profile profile = {0};
    (void)err;
    int rc = kept_profile_read(text, &arena, &profile, &findings);
    if (rc == 0)
        kept_buf_printf(out, "%s %zu %zu", profile.name, profile.app_count, findings.count);
    kept_findings_release(&findings);
    kept_arena_release(&arena);
    return rc != 0 ? rc : out->failed;
}

static void profiles_whole_or_not(void **state)
{
    (void)state;
    static const char *const of[] = {"CN", "EU"};
    static const struct door door = {"profile", door_profile, 0, 12, true, false};
    for (size_t i = 0; i < COUNT(of); i++) {
        text = kept_profile_text(of[i]);
        try_door(&door);
    }
}

/* A profile that is wrong is so, or there was no memory to say it. */
static void wrong_profiles(void **state)
{
    (void)state;
    static const struct door door = {"wrong profile", door_profile, KEPT_E_POLICY, 12, true, false};
    text = span_of("profile: 1\nname: x\njurisdiction: X\nread_by_lawyer: never\nfloors: {nothing: {kind: law}}\n");
    try_door(&door);
}

/* Keys that the policies above are silent on. */
static void rare_keys(void **state)
{
    (void)state;
    char *rare = small_text("cancellation: {triggers: [self_service], preconditions: {balance: {text: money owed}}}\n"
                            "logs: {web: {text: visits, format: json, purposes: [work], retain: 30 days, fields: {agent: {item: note}}}}\n");
    text = span_of(rare);
    try_door(&read_it);
    free(rare);
}

/* ---- two of them ---- */

static int door_difference(struct kept_buf *out, struct kept_err *err)
{
    struct kept_difference *d = NULL;
    int rc = kept_policy_difference(text, other, &d, err);
    assert_true((rc == 0) == (d != NULL));
    if (rc == 0)
        rc = kept_difference_text(d, "en", out);
    kept_difference_free(d);
    return rc;
}

static int door_overlay(struct kept_buf *out, struct kept_err *err)
{
    const struct kept_policy_file over = {"over.yaml", text}, under = {"under.yaml", other};
    struct kept_findings findings = {0};
    char name[KEPT_MAX_POLICY_FILE];
    int rc = kept_policy_extends(text, name, err);
    if (rc == 0)
        rc = kept_policy_overlay(&over, &under, out, &findings, err);
    kept_findings_release(&findings);
    return rc;
}

static int door_relate(struct kept_buf *out, struct kept_err *err)
{
    struct kept_policy *now = NULL;
    struct kept_findings findings = {0};
    int rc = kept_policy_read(text, &now, &findings, err);
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

static void two_whole_or_not(void **state)
{
    (void)state;
    static const struct door overlay = {"overlay", door_overlay, 0, 12, false, false}, relate = {"relate", door_relate, 0, 12, true, false},
                             difference = {"difference", door_difference, 0, 12, false, false};
    static const char *const precedences[] = {"product", "base"};
    size_t n = 0;
    char *wallpaper = read_whole("policies/wallpaper.yaml", &n), *made = read_whole("tests/policy/made.yaml", &n);
    there = load_policy("policies/widgets.yaml");
    text = span_of(wallpaper);
    other = span_of(made);
    try_door(&difference);
    text = span_of(made);
    try_door(&relate);
    for (size_t i = 0; i < COUNT(precedences); i++) {
        char *over = malloc(strlen(made) + 64);
        struct kept_buf joint;
        (void)snprintf(over, strlen(made) + 64, "extends: under.yaml\nprecedence: %s\n%s", precedences[i], made);
        text = span_of(over);
        other = span_of(wallpaper);
        try_door(&overlay);
        kept_buf_init(&joint, 1u << 20);
        assert_int_equal(door_overlay(&joint, NULL), 0);
        text = kept_buf_span(&joint);
        try_door(&refuse_it); /* each value knows where it stood */
        kept_buf_release(&joint);
        free(over);
    }
    kept_policy_free(there);
    free(wallpaper);
    free(made);
}

/* ---- what is said of them ---- */

static int door_explain(struct kept_buf *out, struct kept_err *err)
{
    const struct kept_supposed of = {.use = KEPT_USE_COLLECT, .item = "location", .function = "location-assist",
                                     .age = 30, .now = NOON_2026};
    struct kept_explanation e;
    (void)err;
    int rc = kept_policy_explain(there, &of, &e);
    return rc != 0 ? rc : kept_explanation_text(&e, "zh", out);
}

static int door_show(struct kept_buf *out, struct kept_err *err)
{
    (void)err;
    int rc = 0;
    for (int json = 0; rc == 0 && json < 2; json++)
        rc = kept_policy_show(there, json, out);
    return rc;
}

static enum kept_rendering rendering;

static int door_document(struct kept_buf *out, struct kept_err *err)
{
    return kept_policy_render(there, rendering, NULL, NULL, out, err);
}

/* A document is whole, or there is an error: never one with a hole. */
static void documents_whole_or_not(void **state)
{
    (void)state;
    static const struct door explain = {"explain", door_explain, 0, 12, true, false}, show = {"show", door_show, 0, 12, true, false},
                             document = {"document", door_document, 0, 7, false, true};
    there = load_policy("policies/widgets.yaml");
    try_door(&explain);
    try_door(&show);
    kept_policy_free(there);
    there = load_policy("tests/policy/made.yaml");
    for (int as = 0; as < KEPT_RENDERINGS; as++) {
        rendering = (enum kept_rendering)as;
        try_door(&document);
    }
    kept_policy_free(there);
}

/* ---- one to begin with ---- */

static void choice(void *arg, const char *word, const char *meaning, int usual)
{
    kept_buf_printf(arg, "%s %s %d\n", word, meaning, usual);
}

static enum kept_answer answer;

static int door_choices(struct kept_buf *out, struct kept_err *err)
{
    const struct kept_answers answers = {.v = {[KEPT_ANSWER_TYPE] = "vehicle"}};
    int rc = kept_sketch_choices(&answers, answer, choice, out, err);
    return rc != 0 ? rc : out->failed;
}

static int door_sketch(struct kept_buf *out, struct kept_err *err)
{
    const struct kept_answers answers = {.v = {[KEPT_ANSWER_TYPE] = "vehicle", [KEPT_ANSWER_LANGUAGES] = "zh,en",
                                               [KEPT_ANSWER_RECIPIENTS] = "hosting,courier"}};
    int rc = kept_sketch(&answers, out, err);
    assert_true(rc == 0 || out->n == 0);
    return rc;
}

static void begun_whole_or_not(void **state)
{
    (void)state;
    static const struct door choices = {"choices", door_choices, 0, 12, false, false}, sketch = {"sketch", door_sketch, 0, 12, false, false};
    answer = KEPT_ANSWER_TYPE;
    try_door(&choices);
    answer = KEPT_ANSWER_RECIPIENTS;
    try_door(&choices);
    try_door(&sketch);
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
        cmocka_unit_test(read_whole_or_not),
        cmocka_unit_test(profiles_whole_or_not),
        cmocka_unit_test(wrong_profiles),
        cmocka_unit_test(rare_keys),
        cmocka_unit_test(two_whole_or_not),
        cmocka_unit_test(documents_whole_or_not),
        cmocka_unit_test(begun_whole_or_not),
        cmocka_unit_test(what_is_not_there),
    };
    return cmocka_run_group_tests(tests, scarce_hook_up, NULL);
}
