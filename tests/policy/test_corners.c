/* test_corners.c - what stands beside the usual way: what only others hold is demanded, functions that are only observed,
 * a name that is no language, ends that come by an archive, changes that are told though they matter to nobody, and
 * documents of a policy that lacks what most have. */
#include "render_aid.h"

#include "duties_aid.h"
#include "policy/difference.h"
#include "policy/duties_int.h"
#include "policy/explain.h"
#include "policy/overlay.h"

/* ---- what is demanded together ------------------------------------------------------------------- */

#define GIVEN                                                                                      \
    "recipients:\n"                                                                                \
    "  bureau: {text: bureau, role: processor, kind: partner, gives: [credit], purposes: [work], lawful_source: by contract, " \
    "region: CN, agreement: {signed: 2026-01-01, expires: 2028-01-01}}\n"

/* One function that demands some of them, and has the others besides: what more is said of the credit. */
static bool apart(const char *credit, const char *demands, const char *besides)
{
    char text[4096];
    (void)snprintf(text, sizeof text,
                   "%sitems:\n"
                   "  name: {text: name, kind: text, information: basic, source: user, retain: account}\n"
                   "  credit: {text: credit, kind: text, information: property, source: third_party, %s}\n"
                   "  file: {text: file, kind: text, information: content, source: user, retain: account, place: external, held_in: files}\n"
                   "functions:\n"
                   "  lend: {text: lends, kind: extended, consent: explicit, purposes: [work], mandatory: [%s], optional: [%s], refusing_costs: nothing}\n"
                   GIVEN "%s", small_head, credit, demands, besides, small_roles);
    return finds_in(text, "MANDATORY_APART");
}

static void demanded_together(void **state)
{
    (void)state;
    assert_true(apart("retain: account", "file, credit", "name")); /* the app brings the one, the bureau the other */
    assert_false(apart("retain: account", "file, name", "credit")); /* one request brings both, wherever they are held */
    assert_false(apart("retain: soon", "file, credit", "name")); /* of an item that cannot be read nothing is known */
}

/* ---- decisions ------------------------------------------------------------------------------------ */

/* A role that is given a value by name, and does not reach the partition it is in, does not see it as it is. */
static void behind_a_wall(void **state)
{
    (void)state;
    char *text = small_text("partitions: {apart: {text: apart}}\n");
    char *parted = changed(text, "  phone: {text: phone,", "  phone: {text: phone, partition: apart,");
    char *roles = changed(parted, "  app: {operations: all}\n",
                          "  app: {operations: all}\n  desk: {text: desk, operations: [use], purposes: all, raw: [note, phone]}\n");
    struct kept_policy *p = read_policy(roles);
    const uint32_t desk = index_of(p, KEPT_K_ROLE, "desk");
    assert_true(kept_policy_role_clear(p, desk, index_of(p, KEPT_K_ITEM, "note")));
    assert_false(kept_policy_role_clear(p, desk, index_of(p, KEPT_K_ITEM, "phone")));
    kept_policy_free(p);
    free(roles);
    free(parted);
    free(text);
}

/* Kept while there is an account, and archived for claims then: it may end before the person does. */
static void ends_in_an_archive(void **state)
{
    (void)state;
    static const struct {
        const char *retain;
        bool ends;
    } rows[] = {{"retain: account, place: external, held_in: files, then: archive, archive: 3 years, statute: a law}", true},
                {"retain: account, place: external, held_in: files}", false}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *text = small_text(""), *other = changed(text, "retain: account}", rows[i].retain);
        struct kept_policy *p = read_policy(other);
        assert_int_equal(kept_policy_may_end(p, index_of(p, KEPT_K_ITEM, "note")), rows[i].ends);
        kept_policy_free(p);
        free(other);
        free(text);
    }
}

/* ---- observed only -------------------------------------------------------------------------------- */

static void only_observed(void **state)
{
    (void)state;
    char *text = small_text(""), *other = changed(text, "refusing_costs: nothing", "refusing_costs: nothing, enforce: observe, observe_until: 2026-12-31");
    struct kept_policy *p = read_policy(other);
    const kept_ms until = ((kept_ms)day("2027-01-01") * 24 - 8) * KEPT_HOUR; /* midnight in China */
    assert_true(kept_policy_observed_until(p, 0) == until);
    assert_true(kept_policy_observed(p, 0, KEPT_R_NEEDS_CONSENT, until - 1));
    assert_false(kept_policy_observed(p, 0, KEPT_R_NEEDS_CONSENT, until));
    assert_false(kept_policy_observed(p, 0, KEPT_R_REFUSED, until - 1)); /* a no is a no */
    assert_false(kept_policy_observed(p, 0, KEPT_R_NONE, until - 1));
    assert_false(kept_policy_observed(p, 0, KEPT_R_COUNT, until - 1)); /* no reason at all */
    const struct {
        kept_ms now;
        unsigned consents;
        bool observed;
    } rows[] = {{NOON_2026, 0, true}, {NOON_2026, 1u << KEPT_C_EXPLICIT, false}, {until, 0, false}};
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int chinese = 0; chinese < 2; chinese++) {
            const struct kept_supposed of = {.use = KEPT_USE_COLLECT, .item = "note", .function = "keep", .age = 30,
                                             .consents = rows[i].consents, .now = rows[i].now};
            struct kept_explanation e;
            struct kept_buf out;
            assert_int_equal(kept_policy_explain(p, &of, &e), 0);
            assert_true(e.observed_until == (rows[i].observed ? until : 0));
            kept_buf_init(&out, 1u << 16);
            assert_int_equal(kept_explanation_text(&e, chinese != 0 ? "zh" : "en", &out), 0);
            assert_int_equal(strstr((const char *)out.p, chinese != 0 ? "仅作观察" : "Only observed before") != NULL, rows[i].observed);
            kept_buf_release(&out);
        }
    kept_policy_free(p);
    free(other);
    free(text);
}

/* ---- reading -------------------------------------------------------------------------------------- */

static void names_of_languages(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool valid;
    } rows[] = {{"en", true}, {"zh-Hant", true}, {"zh-Hans-CN-x1", true}, {"abcdefgh", true}, {"aa-abcdefgh-abcdefgh-abcdefgh-abcde", true}, /* 35 */
                {"", false}, {"e", false}, {"abcdefghi", false}, {"En", false}, {"{n", false}, {"1n", false}, {"en-", false}, {"en--us", false},
                {"en-abcdefghi", false}, {"en_us", false}, {"en-us!", false}, {"aa-abcdefgh-abcdefgh-abcdefgh-abcdef", false}};
    for (size_t i = 0; i < COUNT(rows); i++)
        if (kept_language_valid(rows[i].name) != rows[i].valid)
            fail_msg("%s", rows[i].name);
}

/* As many choices as there may be, and one more. */
static void many_choices(void **state)
{
    (void)state;
    for (unsigned more = 0; more < 2; more++) {
        struct kept_buf with;
        kept_buf_init(&with, 1u << 20);
        kept_buf_text(&with, "a note, kind: choice, choices: {");
        for (unsigned i = 0; i < 1024 + more; i++)
            kept_buf_printf(&with, "%sc%u: c", i > 0 ? ", " : "", i);
        kept_buf_text(&with, "}");
        char *text = small_text(""), *other = changed(text, "a note, kind: text", (const char *)with.p);
        assert_int_equal(finds_in(other, "BAD_VALUE"), more == 1);
        kept_buf_release(&with);
        free(other);
        free(text);
    }
}

/* Who must show who they are how, in no word that there is: it is said, and a code is asked for meanwhile. */
static void no_such_identity(void **state)
{
    (void)state;
    assert_true(finds("rights: {identity: blood, channels: [mail], deadline: {within: 15 days, from: received}, requests: {access: {}}}\n", "BAD_VALUE"));
    struct kept_policy *p = small("rights: {channels: [mail], deadline: {within: 15 days, from: received}, requests: {access: {}, copy: {identity: document}}}\n");
    assert_int_equal(kept_policy_right(p, KEPT_ASK_ACCESS).identity, KEPT_IDENTITY_CODE);
    assert_int_equal(kept_policy_right(p, KEPT_ASK_COPY).identity, KEPT_IDENTITY_DOCUMENT);
    kept_policy_free(p);
}

/* A base that was itself made of two files says nothing of that any more. */
static void a_base_with_origins(void **state)
{
    (void)state;
    struct kept_buf joint;
    struct kept_findings findings = {0};
    char *base = small_text("origins: {files: [a.yaml, b.yaml], lines: [\"1:0:1\"]}\n");
    const struct kept_policy_file over = {"over.yaml", span_of("extends: under.yaml\nprecedence: product\nkept: 1\napp: shop\nversion: 2\n"
                                                               "issued: 2026-03-01\neffective: 2026-04-01\n")},
                                  under = {"under.yaml", span_of(base)};
    kept_buf_init(&joint, 1u << 20);
    assert_int_equal(kept_policy_overlay(&over, &under, &joint, &findings, NULL), 0);
    assert_null(strstr((const char *)joint.p, "b.yaml"));
    struct kept_policy *p = read_policy((const char *)joint.p);
    int line = 0;
    assert_string_equal(kept_policy_origin(p, kept_policy_item(p, 0)->line, &line), "under.yaml");
    assert_true(line > 0);
    kept_policy_free(p);
    kept_findings_release(&findings);
    kept_buf_release(&joint);
    free(base);
}

/* ---- two versions --------------------------------------------------------------------------------- */

/* What matters to nobody is told as the former version promised for such changes; what matters, as it promised for those. */
static void told_as_promised(void **state)
{
    (void)state;
    static const char promised[] = "changes: {material: {triggers: [reduction, processing, recipients, rights, contact], channels: [popup]}, minor: {channels: [site]}}\n";
    static const struct {
        const char *old, *new, *says, *not;
    } rows[] = {{"text: a note", "text: one note", "By site, as the version in force promises for other changes (changes.minor", "changes.material"},
                {"purposes: [work]", "purposes: [work, ads]", "By popup, as the version in force promises for material changes (changes.material", "changes.minor"}};
    assert_true(finds("changes: {minor: {channels: []}}\n", "EMPTY_VALUE")); /* a promise to tell by no way is none */
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *then = small_text(promised);
        char *number = changed(then, "version: 1", "version: 2"), *now = changed(number, rows[i].old, rows[i].new);
        struct kept_difference *d = NULL;
        struct kept_err err = {0};
        struct kept_buf out;
        kept_buf_init(&out, 1u << 20);
        if (kept_policy_difference(span_of(then), span_of(now), &d, &err) != 0)
            fail_msg("%s", err.text);
        assert_int_equal(kept_difference_text(d, "en", &out), 0);
        assert_non_null(strstr((const char *)out.p, rows[i].says));
        assert_null(strstr((const char *)out.p, rows[i].not));
        kept_difference_free(d);
        kept_buf_release(&out);
        free(now);
        free(number);
        free(then);
    }
}

/* ---- documents ------------------------------------------------------------------------------------ */

/* A name that is no language, whoever sent it, is not said again; one that is, is. */
static void no_name_of_a_language(void **state)
{
    (void)state;
    struct kept_policy *p = small("");
    static const struct {
        const char *name;
        bool said;
    } rows[] = {{"<b>zz</b>", false}, {"tlh", true}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct kept_err err = {0};
        struct kept_buf out;
        kept_buf_init(&out, 1u << 20);
        assert_int_equal(kept_policy_render(p, KEPT_RENDER_TEXT, rows[i].name, NULL, &out, &err), KEPT_E_NOTFOUND);
        assert_int_equal(strstr(err.text, rows[i].name) != NULL, rows[i].said);
        assert_non_null(strstr(err.text, "en"));
        assert_int_equal(out.n, 0);
        kept_buf_release(&out);
    }
    kept_policy_free(p);
}

/* Nobody wrote the sentences of French: there is no message in it, and none in another language in its place. */
static void no_code_in_french(void **state)
{
    (void)state;
    char *text = small_text(""), *french = changed(text, "authority: en", "authority: fr");
    struct kept_policy *p = read_policy(french);
    struct kept_buf title, body;
    struct kept_err err = {0};
    kept_buf_init(&title, 4096);
    kept_buf_init(&body, 4096);
    assert_int_equal(kept_policy_code_message(p, "fr", "481516", 10, &title, &body, &err), KEPT_E_NOTFOUND);
    assert_true(title.n == 0 && body.n == 0);
    assert_non_null(strstr(err.text, "'fr'"));
    assert_null(strstr(err.text, "481516"));
    kept_policy_free(p);
    free(french);
    free(text);
}

/* People may ask by letter, and no address is said: none is shown, and the document is whole. */
static void by_letter_to_nowhere(void **state)
{
    (void)state;
    static const char rights[] = "rights: {channels: [letter], deadline: {within: 15 days, from: received}, requests: {access: {}}}\n";
    char *text = small_text(rights);
    char *reached = changed(text, "contact: a@example.org", "contact: a@example.org, address: \"1 Long Street\"");
    assert_true(finds_in(text, "CHANNEL_UNREACHED"));
    assert_false(finds_in(reached, "CHANNEL_UNREACHED"));
    const char *const texts[] = {text, reached};
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct kept_policy *p = read_policy(texts[i]);
        char *notice = render(p, KEPT_RENDER_NOTICE, NULL), *part = section(notice, "rights");
        assert_non_null(strstr(part, "a@example.org"));
        assert_int_equal(strstr(part, "1 Long Street") != NULL, i == 1);
        free(part);
        free(notice);
        kept_policy_free(p);
    }
    free(reached);
    free(text);
}

/* Rights that a law gives and names no day for: they are told, and no day is. */
static void rights_without_a_day(void **state)
{
    (void)state;
    struct kept_policy *p = small("");
    assert_true(p->rights_by_law != 0 && p->right_by_law.deadline.within.n == 15);
    char *dated = render(p, KEPT_RENDER_TEXT, NULL);
    p->right_by_law.deadline.within.n = 0;
    char *bare = render(p, KEPT_RENDER_TEXT, NULL);
    assert_non_null(strstr(dated, "15 working days"));
    assert_null(strstr(bare, "15 working days"));
    assert_non_null(strstr(bare, "a@example.org"));
    assert_true(strlen(bare) < strlen(dated));
    free(bare);
    free(dated);
    kept_policy_free(p);
}

/* The officer answers for a log, where there is one. */
static void who_answers_for_a_log(void **state)
{
    (void)state;
    char *text = small_text("logs: {web: {text: visits, format: combined, purposes: [work], retain: 30 days, fields: {agent: {item: note}}}}\n");
    char *officer = changed(text, "contact: a@example.org", "contact: a@example.org, officer: o@example.org");
    const char *const texts[] = {text, officer}, *const who[] = {"a@example.org", "o@example.org"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct kept_policy *p = read_policy(texts[i]);
        char *csv = render(p, KEPT_RENDER_ROPA_CSV, NULL);
        const char *row = strstr(csv, "logs/web");
        assert_non_null(row);
        const char *end = strstr(row, "\r\n");
        assert_non_null(end);
        assert_non_null(memmem(row, (size_t)(end - row), who[i], strlen(who[i])));
        assert_null(memmem(row, (size_t)(end - row), who[1 - i], strlen(who[1 - i])));
        free(csv);
        kept_policy_free(p);
    }
    free(officer);
    free(text);
}

/* What stays on the device is not collected: the summary begins the kind of information with what is. */
static void a_summary_of_what_leaves_the_device(void **state)
{
    (void)state;
    char *text = small_text("");
    char *more = changed(text, "items:\n", "items:\n  lens: {text: the lens, kind: text, information: content, source: user, place: device}\n");
    char *used = changed(more, "optional: [note,", "optional: [lens, note,");
    struct kept_policy *p = read_policy(used);
    char *summary = render(p, KEPT_RENDER_SUMMARY, NULL);
    assert_int_equal(count_of(summary, "a note"), 1);
    assert_null(strstr(summary, "the lens, "));
    free(summary);
    kept_policy_free(p);
    free(used);
    free(more);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(demanded_together), cmocka_unit_test(behind_a_wall), cmocka_unit_test(ends_in_an_archive),
        cmocka_unit_test(only_observed), cmocka_unit_test(names_of_languages), cmocka_unit_test(many_choices),
        cmocka_unit_test(no_such_identity), cmocka_unit_test(a_base_with_origins), cmocka_unit_test(told_as_promised),
        cmocka_unit_test(no_name_of_a_language), cmocka_unit_test(no_code_in_french), cmocka_unit_test(by_letter_to_nowhere),
        cmocka_unit_test(rights_without_a_day), cmocka_unit_test(who_answers_for_a_log),
        cmocka_unit_test(a_summary_of_what_leaves_the_device),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
