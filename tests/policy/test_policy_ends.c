/* test_policy_ends.c - where things end: questions about what is not in a policy, texts that are cut, bytes
 * that are no text, files with too much in them. */
#include "policy_aid.h"

#include "base/mem.h"
#include "base/utf8.h"

static const char *const files[] = {"policies/messenger.yaml", "policies/media.yaml", "policies/widgets.yaml"};

/* ---- questions ------------------------------------------------------------------------------------ */

static void test_what_no_policy_has(void **state)
{
    static const uint64_t all[KEPT_MAX_DECLARED / 64 + 1];
    (void)state;
    for (size_t f = 0; f < COUNT(files); f++) {
        struct kept_policy *p = load_policy(files[f]);
        const struct kept_policy_info *n = &p->info;
        const uint32_t items = (uint32_t)n->items, functions = (uint32_t)n->functions, roles = (uint32_t)n->roles;
        const uint32_t purposes = (uint32_t)n->purposes, recipients = (uint32_t)n->recipients;
        int line = 7;
        for (uint32_t i = items; i < items + 3; i++) {
            assert_false(kept_policy_derived(p, i));
            assert_false(kept_policy_may_end(p, i));
            assert_false(kept_policy_gives(p, 0, i));
            for (int kind = KEPT_K_NONE; kind <= KEPT_K_REGION; kind++)
                assert_false(kept_policy_touches(p, (enum kept_kind)kind, 0, i));
        }
        assert_false(kept_policy_gives(p, recipients, 0));
        assert_true(kept_policy_touches(p, KEPT_K_NONE, 0, 0)); /* the whole policy is about all */
        assert_false(kept_policy_touches(p, KEPT_K_FUNCTION, functions, 0));
        assert_false(kept_policy_touches(p, KEPT_K_PURPOSE, purposes, 0));
        assert_false(kept_policy_touches(p, KEPT_K_RECIPIENT, recipients, 0));
        assert_false(kept_policy_touches(p, KEPT_K_PERMISSION, 0, 0));
        assert_false(kept_policy_touches(p, KEPT_K_ROLE, 0, 0));
        assert_false(kept_policy_touches(p, KEPT_K_REGION, 0, 0));
        assert_false(kept_policy_touches(p, (enum kept_kind)99, 0, 0));
        assert_false(kept_policy_each_launch(p, functions));
        assert_false(kept_policy_observed(p, functions, KEPT_R_NO_NOTICE, 0));
        assert_false(kept_policy_observed(p, KEPT_NO_INDEX, KEPT_R_NO_NOTICE, 0));
        assert_false(kept_policy_once_per_launch(p, functions));
        assert_int_equal(kept_policy_missing(p, functions, all), KEPT_NO_INDEX);
        assert_int_equal(kept_policy_withdrawal(p, functions), n->withdrawal);
        assert_null(kept_policy_costs(p, 0, n->languages));
        assert_null(kept_policy_language(p, n->languages));
        assert_string_equal(kept_policy_role_rule(p, roles, &line), "");
        assert_int_equal(line, 0);
        (void)kept_policy_undeclared_rule(p, &line);
        assert_int_equal(line, p->undeclared.line);
        kept_policy_free(p);
    }
    kept_policy_free(NULL);
    kept_findings_release(NULL);
}

/* Each answer about what is there, against the tables it comes of. */
static void test_what_a_policy_has(void **state)
{
    size_t touched = 0, given = 0, derived = 0, ending = 0, lacking = 0, launches = 0;
    (void)state;
    for (size_t f = 0; f < COUNT(files); f++) {
        struct kept_policy *p = load_policy(files[f]);
        const struct kept_policy_info *n = &p->info;
        for (uint32_t i = 0; i < n->items; i++) {
            derived += kept_policy_derived(p, i);
            assert_int_equal(kept_policy_derived(p, i), strcmp(p->items[i].source, "derived") == 0);
            bool ends = p->items[i].pub.retain > 0;
            for (size_t k = 0; k < p->item_functions[i].n; k++)
                ends = ends || kept_policy_withdrawal(p, p->item_functions[i].v[k]) == KEPT_WITHDRAW_DELETE;
            assert_int_equal(kept_policy_may_end(p, i), ends);
            ending += ends;
            for (uint32_t k = 0; k < n->items; k++)
                assert_int_equal(kept_policy_touches(p, KEPT_K_ITEM, k, i), k == i);
            for (uint32_t k = 0; k < n->functions; k++)
                touched += kept_policy_touches(p, KEPT_K_FUNCTION, k, i);
            for (uint32_t k = 0; k < n->purposes; k++)
                touched += kept_policy_touches(p, KEPT_K_PURPOSE, k, i);
            for (uint32_t k = 0; k < n->recipients; k++) {
                touched += kept_policy_touches(p, KEPT_K_RECIPIENT, k, i);
                given += kept_policy_gives(p, k, i);
            }
        }
        for (uint32_t k = 0; k < n->functions; k++) {
            uint64_t none[KEPT_MAX_DECLARED / 64 + 1] = {0}, whole[KEPT_MAX_DECLARED / 64 + 1];
            memset(whole, 0xff, sizeof whole);
            uint32_t first = kept_policy_missing(p, k, none);
            lacking += first != KEPT_NO_INDEX;
            if (first != KEPT_NO_INDEX)
                assert_true(kept_policy_touches(p, KEPT_K_FUNCTION, k, first));
            assert_int_equal(kept_policy_missing(p, k, whole), KEPT_NO_INDEX);
            launches += kept_policy_each_launch(p, k) ? 1 : 0;
            launches += kept_policy_once_per_launch(p, k) ? 1 : 0;
            for (size_t l = 0; l < n->languages; l++)
                (void)kept_policy_costs(p, k, l);
        }
        kept_policy_free(p);
    }
    assert_true(touched > 50 && given > 0 && derived > 0 && ending > 0 && lacking > 0);
    (void)launches;
}

static void test_ages_and_guardians(void **state)
{
    static const char *const words[] = {"block", "guardian", "self_and_guardian", "self", "none"};
    (void)state;
    for (size_t f = 0; f < COUNT(files); f++) {
        struct kept_policy *p = load_policy(files[f]);
        int32_t today = kept_zone_day(&p->info.zone, NOON_2026);
        assert_string_equal(kept_policy_age_band(p, KEPT_BIRTH_UNKNOWN, NOON_2026), "unknown");
        assert_string_equal(kept_policy_age_band(p, today + 1, NOON_2026), "unknown"); /* not born yet */
        assert_int_equal(kept_policy_of_age(p, KEPT_BIRTH_UNKNOWN, NOON_2026), !p->age_gated);
        for (int32_t years = 0; years < 120; years++) {
            int32_t born = today - years * 366 - 1;
            const char *band = kept_policy_age_band(p, born, NOON_2026);
            struct kept_guardian_need need = kept_policy_guardian_need(p, born, NOON_2026);
            bool known = false;
            for (size_t w = 0; w < COUNT(words); w++)
                known = known || strcmp(band, words[w]) == 0;
            assert_true(known);
            assert_int_equal(need.asked, strstr(band, "guardian") != NULL);
            assert_int_equal(need.with_self, strcmp(band, "self_and_guardian") == 0);
            assert_true(!need.asked || (need.line > 0 && (!need.written || need.evidence)));
            assert_int_equal(kept_policy_of_age(p, born, NOON_2026),
                             strcmp(band, "self") == 0 || (strcmp(band, "none") == 0 && !p->age_gated));
        }
        for (int relation = 0; relation < 2; relation++) {
            assert_false(kept_policy_guardian_word(p, relation != 0, NULL));
            assert_false(kept_policy_guardian_word(p, relation != 0, "a neighbour"));
            const struct guardian_rule *g = &p->guardian;
            size_t n = relation ? g->relation_count : g->method_count;
            for (size_t i = 0; i < n; i++)
                assert_true(kept_policy_guardian_word(p, relation != 0, relation ? g->relations[i] : g->methods[i]));
        }
        kept_policy_free(p);
    }
}

static void test_refs_of_nothing(void **state)
{
    (void)state;
    assert_int_equal(kept_ref(KEPT_K_NONE, "x"), KEPT_REF_NONE);
    assert_int_equal(kept_ref((enum kept_kind)99, "x"), KEPT_REF_NONE);
    assert_int_equal(kept_ref(KEPT_K_ITEM, NULL), KEPT_REF_NONE);
    for (int kind = KEPT_K_ITEM; kind <= KEPT_K_REGION; kind++) /* and one name means one thing */
        for (int other = KEPT_K_ITEM; other < kind; other++)
            assert_int_not_equal(kept_ref((enum kept_kind)kind, "x"), kept_ref((enum kept_kind)other, "x"));
}

/* ---- findings -------------------------------------------------------------------------------------- */

/* Cut anywhere, the text of a finding ends behind a whole character. */
static void test_a_finding_that_is_cut(void **state)
{
    static const char *const letters[] = {"a", "\xc3\xa9", "\xe4\xb8\xad", "\xf0\x9f\x94\x92"};
    struct kept_findings findings = {0};
    struct reader r = {.findings = &findings};
    (void)state;
    for (size_t letter = 0; letter < COUNT(letters); letter++)
        for (size_t before = 0; before < 4; before++) {
            char text[2048] = "xxx";
            size_t n = before, size = strlen(letters[letter]);
            for (; n + 5 < sizeof text; n += size)
                memcpy(text + n, letters[letter], size);
            text[n] = 0;
            kept_find(&r, CODE_MORE_THAN_A_PHONE, 1, 1, text, "%s", text);
            const struct kept_finding *row = &findings.rows[findings.count - 1];
            assert_true(kept_utf8_valid(span_of(row->text)));
            assert_true(kept_utf8_valid(span_of(row->mend)));
            assert_true(strlen(row->text) + 5 > sizeof row->text);
        }
    kept_find(&r, CODE_MORE_THAN_A_PHONE, 1, 1, "", "%s", "");
    assert_string_equal(findings.rows[findings.count - 1].text, "");
    kept_find(&r, CODE_MORE_THAN_A_PHONE, 1, 1, "\x80\x80", "%s", "\x80\x80\x80\x80\x80"); /* no characters at all */
    assert_int_equal(findings.errors, 0);
    kept_findings_release(&findings);
}

static void test_what_is_near_to_nothing(void **state)
{
    static char longest[KEPT_MAX_NAME + 3];
    char mend[MEND_TEXT];
    (void)state;
    memset(longest, 'x', sizeof longest - 1);
    struct near nothing = {.want = ""}, large = {.want = longest}, phone = {.want = "phone"};
    kept_near(&nothing, "a");
    kept_near(&large, longest + 1);
    kept_near(&phone, longest);
    struct near most = {.want = longest + 2};
    kept_near(&most, longest);
    assert_null(nothing.best);
    assert_null(large.best);
    assert_null(phone.best);
    assert_null(most.best);
    kept_near(&phone, "phoen");
    assert_string_equal(kept_mean(&phone, "otherwise", mend), "did you mean 'phoen'?");
    assert_string_equal(kept_mean(&large, "otherwise", mend), "otherwise");
}

/* ---- bytes ----------------------------------------------------------------------------------------- */

static void refused(const void *bytes, size_t n, const char *code, int line)
{
    struct kept_policy *policy = NULL;
    struct kept_findings findings = {0};
    struct kept_err err = {0};
    assert_int_equal(kept_policy_read((struct kept_span){bytes, n}, &policy, &findings, &err), KEPT_E_POLICY);
    assert_null(policy);
    assert_true(findings.count > 0);
    if (strcmp(findings.rows[0].code, code) != 0 || findings.rows[0].line != line)
        fail_msg("%s on line %d, not %s on %d", findings.rows[0].code, findings.rows[0].line, code, line);
    kept_findings_release(&findings);
}

static void test_bytes_that_are_no_text(void **state)
{
    (void)state;
    refused("\xff\xfe" "k\0", 4, "BYTE_ORDER_MARK", 1);
    refused("\xfe\xff" "\0k", 4, "BYTE_ORDER_MARK", 1);
    refused("\xff" "x", 2, "NOT_UTF8", 1);
    refused("\xfe" "x", 2, "NOT_UTF8", 1);
    refused("\xff", 1, "NOT_UTF8", 1);
    refused("kept: 1\napp: \xe4\xb8", 15, "NOT_UTF8", 2);
    refused("kept: 1\n\n\xf0\x9f\x94\x92\xed\xa0\x80", 16, "NOT_UTF8", 3);
    refused("kept: 1\n\xef\xbb\xbf" "app: x\n", 18, "BYTE_ORDER_MARK", 2);
    refused("kept: [1\n", 9, "YAML_SYNTAX", 2);
    refused("%TAG ! tag:x,2000:\n---\nkept: 1\n", 31, "DIRECTIVE", 1);
    refused("", 0, "EMPTY", 1);
}

static void test_a_file_of_too_much(void **state)
{
    const size_t lists = 4000, each = 300;
    size_t n = 0;
    char *text = malloc(lists * (each * 2 + 4) + 1);
    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < lists; i++) {
        memcpy(text + n, "- [", 3);
        n += 3;
        for (size_t k = 0; k < each; k++) {
            text[n++] = '1';
            text[n++] = k + 1 < each ? ',' : ']';
        }
        text[n++] = '\n';
    }
    struct kept_policy *policy = NULL;
    struct kept_findings findings = {0};
    struct kept_err err = {0};
    assert_true(kept_policy_read((struct kept_span){(const uint8_t *)text, n}, &policy, &findings, &err) < 0);
    assert_null(policy);
    assert_string_equal(findings.rows[0].code, "TOO_MANY");
    kept_findings_release(&findings);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_no_policy_has),
        cmocka_unit_test(test_what_a_policy_has),
        cmocka_unit_test(test_ages_and_guardians),
        cmocka_unit_test(test_refs_of_nothing),
        cmocka_unit_test(test_a_finding_that_is_cut),
        cmocka_unit_test(test_what_is_near_to_nothing),
        cmocka_unit_test(test_bytes_that_are_no_text),
        cmocka_unit_test(test_a_file_of_too_much),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
