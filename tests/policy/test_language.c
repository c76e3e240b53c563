/* Is the table of the language true: can every key stand where it says, as its example shows; is what it calls
 * the default what holds without it; is what is needed missed; and are the reasons and findings that it names
 * there? */
#include "base/buf.h"
#include "policy/findings.h"
#include "language_aid.h"

static bool about_the_value(const char *code)
{
    static const enum finding_code codes[] = {
        CODE_UNKNOWN_KEY, CODE_WRONG_TYPE, CODE_EMPTY_VALUE, CODE_BAD_VALUE, CODE_BAD_NAME,
        CODE_BAD_NUMBER, CODE_BAD_DATE, CODE_BAD_DURATION, CODE_BAD_TIME_ZONE, CODE_BAD_LANGUAGE,
        CODE_BAD_REGION, CODE_TOO_SHORT, CODE_LANGUAGE_VERSION, CODE_BLANK_CONTACT,
        CODE_UNKNOWN_LANGUAGE, CODE_DANGLING_REFERENCE, CODE_DUPLICATE_ENTRY, CODE_YAML_SYNTAX,
        CODE_DUPLICATE_KEY};
    for (size_t i = 0; i < COUNT(codes); i++)
        if (strcmp(kept_finding_row(codes[i])->code, code) == 0)
            return true;
    return false;
}

static void the_base_is_good(void **state)
{
    (void)state;
    const struct sample sample = say(POLICY_title, "Widgets");
    struct kept_policy *policy = NULL;
    struct kept_findings findings;
    read_sample(&sample, &policy, &findings);
    for (size_t i = 0; i < findings.count; i++)
        print_message("%d: %s %s\n", findings.rows[i].line, findings.rows[i].code, findings.rows[i].text);
    assert_int_equal(findings.count, 3); /* the permission has no function: here it is declared only */
    assert_string_equal(findings.rows[0].code, "WITHDRAWAL_KEEPS"); /* collect_only, which no default is */
    assert_string_equal(findings.rows[1].code, "PERMISSION_WITHOUT_FUNCTION");
    assert_string_equal(findings.rows[2].code, "PARTITION_UNREACHED");
    kept_findings_release(&findings);
    kept_policy_free(policy);
}

static void every_example_can_stand_where_it_is_shown(void **state)
{
    (void)state;
    size_t wrong = 0, asked = 0;
    for (enum key key = KEY_NONE + 1; key < KEY_COUNT; key++) {
        const struct key_row *row = kept_key_row(key);
        int indent = 0;
        if (mark_of(kept_section_row(row->section)->name, &indent) == NULL)
            fail_msg("the base has no %s", kept_section_row(row->section)->name);
        /* [en] makes texts maps; the examples of maps are of one language. */
        bool other_language = key == LANGUAGES_also || key == POLICY_languages;
        const struct sample sample = say(key, row->example);
        struct kept_policy *policy = NULL;
        struct kept_findings findings;
        read_sample(&sample, &policy, &findings);
        for (size_t i = 0; i < findings.count; i++)
            if (findings.rows[i].line == sample.line && about_the_value(findings.rows[i].code) &&
                !other_language) {
                print_message("%s of %s: %s %s\n", row->name, kept_section_row(row->section)->name,
                              findings.rows[i].code, findings.rows[i].text);
                wrong++;
            }
        asked++;
        kept_findings_release(&findings);
        kept_policy_free(policy);
    }
    assert_int_equal(wrong, 0);
    assert_true(asked > 100);
}

static void a_value_that_is_none_is_found_where_it_stands(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (enum key key = KEY_NONE + 1; key < KEY_COUNT; key++) {
        enum type_kind kind = kept_key_type(key)->kind;
        /* Anything may be a text; a clause, too. */
        bool any = kind == TYPE_STRING || kind == TYPE_TEXT || kind == TYPE_CLAUSE;
        /* Bounds belong to numbers, and an address book to what it meets: said there. */
        if (key == ITEM_min || key == ITEM_max || key == ITEM_decimals || key == ITEM_choices ||
            key == ITEM_unit || key == ITEM_found_through || key == ITEM_match_limit)
            continue;
        const struct sample sample = say(key, any ? "[a, {b: c}]" : "'No Such Thing!'");
        struct kept_policy *policy = NULL;
        struct kept_findings findings;
        bool found = false;
        read_sample(&sample, &policy, &findings);
        for (size_t i = 0; i < findings.count; i++)
            found = found || (findings.rows[i].line == sample.line && about_the_value(findings.rows[i].code));
        if (!found) {
            print_message("%s of %s takes anything\n", kept_key_row(key)->name,
                          kept_section_row(kept_key_row(key)->section)->name);
            wrong++;
        }
        kept_findings_release(&findings);
        kept_policy_free(policy);
    }
    assert_int_equal(wrong, 0);
}

static void what_is_needed_is_missed(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (enum key key = KEY_NONE + 1; key < KEY_COUNT; key++) {
        const struct key_row *row = kept_key_row(key);
        const struct sample sample = say(key, NULL);
        struct kept_policy *policy = NULL;
        struct kept_findings findings;
        char text[64];
        bool missed = false, needed = row->need.why != NULL && row->need.when == NULL;
        needed = needed || key == TOLD_deadline; /* of persons: no profile has hours for them */
        (void)snprintf(text, sizeof text, "'%s' is missing:", row->name);
        read_sample(&sample, &policy, &findings);
        for (size_t i = 0; i < findings.count; i++)
            missed = missed || (strcmp(findings.rows[i].code, "MISSING_KEY") == 0 &&
                                strncmp(findings.rows[i].text, text, strlen(text)) == 0 &&
                                strstr(findings.rows[i].text, row->need.why) != NULL);
        if (missed != needed) {
            print_message("%s of %s: needed %d, missed %d\n", row->name,
                          kept_section_row(row->section)->name, needed, missed);
            wrong++;
        }
        kept_findings_release(&findings);
        kept_policy_free(policy);
    }
    assert_int_equal(wrong, 0);
}

/* The policy as it is understood; NULL: it is not. */
static char *understood(const struct sample *sample)
{
    struct kept_policy *policy = NULL;
    struct kept_findings findings;
    struct kept_buf out;
    char *text = NULL;
    read_sample(sample, &policy, &findings);
    kept_buf_init(&out, 1u << 20);
    if (policy != NULL && kept_policy_show(policy, 1, &out) == 0) {
        text = calloc(1, out.n + 1);
        memcpy(text, out.p, out.n);
    }
    kept_buf_release(&out);
    kept_findings_release(&findings);
    kept_policy_free(policy);
    return text;
}

static void the_default_is_what_holds_without_it(void **state)
{
    (void)state;
    size_t asked = 0;
    for (enum key key = KEY_NONE + 1; key < KEY_COUNT; key++) {
        const struct key_row *row = kept_key_row(key);
        char value[96];
        if (row->need.otherwise == NULL)
            continue;
        (void)snprintf(value, sizeof value, row->type.kind == TYPE_NEW_NAMES ? "[%s]" : "%s",
                       row->need.otherwise);
        struct sample said = say(key, value), silent = say(key, NULL);
        char *a = understood(&said), *b = understood(&silent);
        if (a == NULL || b == NULL || strcmp(a, b) != 0)
            fail_msg("%s of %s: `%s` is not what holds without it", row->name,
                     kept_section_row(row->section)->name, value);
        free(a);
        free(b);
        asked++;
    }
    assert_true(asked >= 25);
}

/* What a policy says comes out of `policy show --json`: said as in the example or otherwise, the two differ. A few
 * keys say nothing by themselves, and those that must be there are in the base. */
static bool says_nothing(enum key key)
{
    static const enum key keys[] = {POLICY_kept, CHANGES_retroactive, POLICY_extends, POLICY_precedence,
                                    POLICY_origins};
    for (size_t i = 0; i < COUNT(keys); i++)
        if (keys[i] == key)
            return true;
    return kept_key_row(key)->section == SECTION_ORIGINS;
}

/* Another value than the example, that its type takes; NULL: none is known. */
static const char *otherwise(enum key key)
{
    static char value[160];
    const struct key_type *type = kept_key_type(key);
    const char *example = kept_key_row(key)->example;
    switch (type->kind) {
    case TYPE_FLAG:
        return strcmp(example, "true") == 0 ? "false" : "true";
    case TYPE_WORD:
        for (size_t i = 0; i < kept_key_words(key); i++)
            if (strcmp(kept_key_word(key, i), example) != 0) {
                (void)snprintf(value, sizeof value, "%s", kept_key_word(key, i));
                return value;
            }
        return NULL;
    case TYPE_TEXT:
    case TYPE_CLAUSE:
        return "other-words";
    case TYPE_LENGTH:
        return "77 days";
    default:
        return NULL;
    }
}

static void what_every_key_says_is_shown(void **state)
{
    (void)state;
    size_t shown = 0, unasked = 0, silent = 0;
    for (enum key key = KEY_NONE + 1; key < KEY_COUNT; key++) {
        const struct key_row *row = kept_key_row(key);
        const char *others[] = {NULL, otherwise(key)};
        bool asked = false, differs = false;
        if (says_nothing(key))
            continue;
        struct sample said = say(key, row->example);
        char *a = understood(&said);
        for (size_t i = 0; i < COUNT(others) && a != NULL; i++) {
            struct sample other = say(key, i == 0 ? NULL : others[i]);
            char *b = i == 0 || others[i] != NULL ? understood(&other) : NULL;
            asked = asked || (b != NULL && (i > 0 || (row->need.otherwise == NULL &&
                                                      row->need.otherwise_in_words == NULL &&
                                                      strcmp(row->example, "{}") != 0)));
            differs = differs || (b != NULL && strcmp(a, b) != 0);
            free(b);
        }
        free(a);
        shown += differs;
        unasked += !asked;
        silent += asked && !differs;
        if (asked && !differs)
            print_error("%s of %s is said, and not shown\n", row->name, kept_section_row(row->section)->name);
        if (!asked)
            print_message("not asked: %s of %s\n", row->name, kept_section_row(row->section)->name);
    }
    print_message("%zu keys are shown, %zu cannot be asked alone\n", shown, unasked);
    assert_int_equal(silent, 0);
    assert_true(shown >= 150);
}

static bool a_reason(const char *name, size_t n)
{
    for (unsigned i = 0; i < KEPT_R_COUNT; i++) {
        const char *reason = kept_reason_name((enum kept_reason)i);
        if (strlen(reason) == n && strncmp(reason, name, n) == 0)
            return true;
    }
    return false;
}

static bool a_finding(const char *name, size_t n)
{
    for (unsigned i = 0; i < CODE_COUNT; i++) {
        const char *code = kept_finding_row((enum finding_code)i)->code;
        if (strlen(code) == n && strncmp(code, name, n) == 0)
            return true;
    }
    return false;
}

/* What stands in capitals is a reason, a finding or an error, and is there. */
static void what_keys_feed_is_there(void **state)
{
    (void)state;
    static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    for (enum key key = KEY_NONE + 1; key < KEY_COUNT; key++) {
        const struct key_row *row = kept_key_row(key);
        assert_true(row->feed >= FEEDS_DECISION && row->feed <= FEEDS_TEXT);
        assert_true(row->meaning[strlen(row->meaning) - 1] == '.' && row->example[0] != 0);
        bool names = row->feed == FEEDS_DECISION || row->feed == FEEDS_MASK || row->feed == FEEDS_FINDING;
        for (const char *at = row->feeds; *at != 0; at += strspn(at, ", ")) {
            size_t n = strcspn(at, ", ");
            if ((names || strspn(at, capitals) == n) && !a_reason(at, n) && !a_finding(at, n) &&
                strncmp(at, "KEPT_E_", 7) != 0)
                fail_msg("%s of %s feeds '%.*s', which is no reason and no finding", row->name,
                         kept_section_row(row->section)->name, (int)n, at);
            at += n;
        }
    }
}

static void sections_and_words_are_said_once(void **state)
{
    (void)state;
    for (unsigned id = 0; id < SECTION_COUNT; id++) {
        const enum key first = kept_section_row((enum section)id)->first;
        const enum key end = kept_section_end((enum section)id);
        assert_true(first < end);
        for (enum key a = first; a < end; a++) {
            assert_int_equal(kept_key_row(a)->section, id);
            for (enum key b = a + 1; b < end; b++)
                assert_string_not_equal(kept_key_row(a)->name, kept_key_row(b)->name);
            for (size_t i = 0; i < kept_key_words(a); i++)
                for (size_t j = i + 1; j < kept_key_words(a); j++)
                    assert_string_not_equal(kept_key_word(a, i), kept_key_word(a, j));
        }
    }
    assert_string_equal(kept_key_word(ITEM_mask, 99), "");
    assert_int_equal(kept_key_words(ITEM_text), 0);
}

/* What the reader counts on: words in the order of the enums. */
static void words_stand_in_the_order_of_what_they_mean(void **state)
{
    (void)state;
    assert_int_equal(kept_key_words(ROLE_operations), KEPT_OP_COUNT - 1);
    for (unsigned op = 1; op < KEPT_OP_COUNT; op++) {
        char name[64];
        (void)snprintf(name, sizeof name, "%s", kept_op_name((enum kept_op)op));
        for (char *at = strchr(name, '.'); at != NULL; at = strchr(at, '.'))
            *at = '_';
        assert_string_equal(kept_key_word(ROLE_operations, op - 1), name);
    }
    assert_string_equal(kept_key_word(WITHDRAWAL_effect, KEPT_WITHDRAW_DELETE), "delete");
    assert_string_equal(kept_key_word(FUNCTION_withdrawal, KEPT_WITHDRAW_COLLECT_ONLY), "collect_only");
    assert_string_equal(kept_key_word(ITEM_place, KEPT_PLACE_EXTERNAL), "external");
    assert_string_equal(kept_key_word(ITEM_retention_class, KEPT_CLASS_LAW), "law");
    assert_string_equal(kept_key_word(BAND_mode, BAND_SELF - BAND_BLOCK), "self");
    assert_string_equal(kept_key_word(RECIPIENT_role, RECIPIENT_AUTHORITY - RECIPIENT_PROCESSOR), "authority");
    assert_string_equal(kept_key_word(FUNCTION_basis, BASIS_LEGAL_OBLIGATION), "legal_obligation");
    assert_string_equal(kept_key_word(FUNCTION_consent, KEPT_C_WRITTEN - KEPT_C_ACKNOWLEDGEMENT), "written");
    assert_string_equal(kept_key_word(RECIPIENT_consent, KEPT_C_WRITTEN - KEPT_C_IMPLIED), "written");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_base_is_good),
        cmocka_unit_test(every_example_can_stand_where_it_is_shown),
        cmocka_unit_test(a_value_that_is_none_is_found_where_it_stands),
        cmocka_unit_test(what_is_needed_is_missed),
        cmocka_unit_test(the_default_is_what_holds_without_it),
        cmocka_unit_test(what_every_key_says_is_shown),
        cmocka_unit_test(what_keys_feed_is_there),
        cmocka_unit_test(sections_and_words_are_said_once),
        cmocka_unit_test(words_stand_in_the_order_of_what_they_mean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
