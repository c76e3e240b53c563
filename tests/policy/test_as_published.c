/* Does looking at the five policies as they were published find what the inventory of clauses says - exactly:
 * each finding that the file lists, as often as it says, and no other? And is none of them ever loaded? */
#include "duties_aid.h"
#include "policy/findings.h"

#define MAX_CODES 64u

struct listed {
    char code[48];
    unsigned count;
};

/* The lines "# finding: CODE xN: rows and why". */
static size_t read_list(const char *text, struct listed ret[MAX_CODES])
{
    static const char mark[] = "# finding: ";
    size_t n = 0;
    for (const char *p = text; (p = strstr(p, mark)) != NULL; p += sizeof mark - 1) {
        int end = 0;
        assert_true(n < MAX_CODES);
        if (sscanf(p, "# finding: %47[A-Z_] x%u: %n", ret[n].code, &ret[n].count, &end) != 2 || end == 0)
            fail_msg("not a finding: %.60s", p);
        assert_true(p[end] != 0 && p[end] != '\n'); /* it says why */
        for (size_t i = 0; i < n; i++)
            assert_string_not_equal(ret[i].code, ret[n].code);
        n++;
    }
    return n;
}

static unsigned count_of(const struct kept_findings *findings, const char *code)
{
    unsigned n = 0;
    for (size_t i = 0; i < findings->count; i++)
        n += strcmp(findings->rows[i].code, code) == 0;
    return n;
}

static void exactly(const char *name)
{
    struct listed listed[MAX_CODES];
    struct kept_findings findings = {0}, refused = {0};
    struct kept_policy *policy = NULL;
    struct kept_err err = {0};
    char path[80];
    size_t n = 0;
    unsigned wrong = 0;
    (void)snprintf(path, sizeof path, "tests/as-published/%s.yaml", name);
    char *text = read_whole(path, &n);
    size_t count = read_list(text, listed);
    assert_true(count > 5);
    assert_int_equal(kept_policy_examine(span_of(text), &findings, &err), 0);
    for (size_t i = 0; i < count; i++)
        if (count_of(&findings, listed[i].code) != listed[i].count) {
            print_error("%s: %s: %u, and %u are listed\n", name, listed[i].code,
                        count_of(&findings, listed[i].code), listed[i].count);
            wrong++;
        }
    for (size_t i = 0; i < findings.count; i++) {
        bool found = false;
        for (size_t k = 0; k < count; k++)
            found = found || strcmp(listed[k].code, findings.rows[i].code) == 0;
        if (!found) {
            print_error("%s:%d: %s is not listed\n", name, findings.rows[i].line,
                        findings.rows[i].code);
            wrong++;
        }
        assert_true(findings.rows[i].mend[0] != 0);
    }
    assert_int_equal(wrong, 0);
    assert_true(findings.errors > 0);
    assert_int_equal(kept_policy_read(span_of(text), &policy, &refused, &err), KEPT_E_POLICY);
    assert_null(policy);
    kept_findings_release(&findings);
    kept_findings_release(&refused);
    free(text);
}

static void widgets_as_published(void **state)
{
    (void)state;
    exactly("widgets");
}

static void wallpaper_as_published(void **state)
{
    (void)state;
    exactly("wallpaper");
}

static void smart_home_as_published(void **state)
{
    (void)state;
    exactly("smart-home");
}

static void messenger_as_published(void **state)
{
    (void)state;
    exactly("messenger");
}

static void media_as_published(void **state)
{
    (void)state;
    exactly("media");
}

/* Does the line "# finding: CODE xN: ..." of a file name the row? */
static bool names_row(const char *text, const char *code, const char *row)
{
    char mark[80], line[600], name[32];
    (void)snprintf(mark, sizeof mark, "# finding: %s x", code);
    const char *at = strstr(text, mark);
    if (at == NULL)
        return false;
    (void)snprintf(line, sizeof line, "%.*s,", (int)strcspn(at, "\n"), at);
    for (unsigned i = 0; i < 4; i++) {
        (void)snprintf(name, sizeof name, "%.20s%c", row, " ,;:"[i]);
        if (strstr(line, name) != NULL)
            return true;
    }
    return false;
}

/* Is each row of the page found in its file by the code that it names? */
static void the_page_says_what_the_files_say(void **state)
{
    size_t n = 0, rows = 0;
    (void)state;
    char *page = read_whole("docs/findings-of-the-seeds.md", &n);
    for (const char *line = page; *line != 0; line += strcspn(line, "\n") + (line[strcspn(line, "\n")] != 0)) {
        char row[16], codes[200], file[32], path[80];
        if (sscanf(line, "| S%13[0-9.a-zA-Z-] | %*[^|]| %199[^|]| %31[^ |] |", row, codes, file) != 3)
            continue;
        memmove(row + 1, row, strlen(row) + 1);
        row[0] = 'S';
        (void)snprintf(path, sizeof path, "tests/as-published/%s.yaml", file);
        char *text = read_whole(path, &n);
        for (char *code = codes; *code != 0; code += strcspn(code, ", ") + strspn(code + strcspn(code, ", "), ", ")) {
            char one[64];
            (void)snprintf(one, sizeof one, "%.*s", (int)strcspn(code, ", "), code);
            if (!names_row(text, one, row))
                fail_msg("%s: %s does not name %s", path, one, row);
        }
        free(text);
        rows++;
    }
    assert_true(rows >= 55);
    free(page);
}

/* A policy without a defect has no silence to be told of, and looking at it loads nothing either. */
static void a_mended_policy_is_silent_on_nothing(void **state)
{
    static const char *const silence[] = {"NO_LOCATION", "NO_DATE", "NO_CONTROLLER", "NO_INCIDENT_RULE",
                                          "TRUNCATED", "PROMISED_SECTION_MISSING",
                                          "LANG_CONFLICT", "OPEN_ENDED_ITEM", "ANONYMOUS_CLAIM"};
    static const char *const names[] = {"widgets", "smart-home", "messenger", "wallpaper", "media"};
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        struct kept_findings findings = {0};
        struct kept_err err = {0};
        char path[80];
        size_t n = 0;
        (void)snprintf(path, sizeof path, "policies/%s.yaml", names[i]);
        char *text = read_whole(path, &n);
        assert_int_equal(kept_policy_examine(span_of(text), &findings, &err), 0);
        assert_int_equal(findings.errors, 0);
        for (size_t k = 0; k < COUNT(silence); k++)
            if (count_of(&findings, silence[k]) != 0)
                fail_msg("%s: %s", names[i], silence[k]);
        kept_findings_release(&findings);
        free(text);
    }
}

#define RIGHTS_WITH(refusals)                                                                      \
    "rights: {deadline: {within: 15 days, from: received}, channels: [mail], requests: {access: {}}, refusals: {" \
    refusals "}}\nroles:"
#define LEAVING(first)                                                                             \
    "cancellation: {triggers: [self_service], preconditions: {x: {text: " first "}}}\nroles:"
#define COUNTS(kind, item)                                                                         \
    "  talk: {text: talks, kind: extended, consent: explicit, purposes: [work], optional: [sound], "   \
    "refusing_costs: nothing}\nrecipients: {counts: {text: counts, role: processor, kind: " kind       \
    ", items: [" item "], purposes: [work], region: CN, agreement: {signed: 2026-01-01, expires: 2028-01-01}}}\nroles:"

/* The small policy, with a title, and sound that nobody gave. */
static char *titled(const char *sections)
{
    char *small = small_text(sections), *with = changed(small, "app_type", "title: Small Desk\napp_type");
    char *all = changed(with, "  phone: {", "  sound: {text: sound, kind: blob, information: content, source: generated, "
                                            "retain: account}\n  phone: {");
    free(small);
    free(with);
    return all;
}

/* Each lint of words, and the same words mended. */
static void words_that_do_not_hold(void **state)
{
    static const struct {
        const char *old, *bad, *good, *code;
    } cases[] = {
        {"Read this.", "'When we need it,'", "'When we need it, we ask.'", "TRUNCATED"},
        {"Read this.", "'Here is how we use cookies.'", "'Here is how we use it.'",
         "PROMISED_SECTION_MISSING"},
        {"Read this.", "Of minors we ask a guardian.", "Of anybody we ask.", "PROMISED_SECTION_MISSING"},
        {"text: a note,", "text: a note and other information,", "text: a note and a sketch,",
         "OPEN_ENDED_ITEM"},
        {"text: phone, kind", "text: an anonymous number, kind", "text: a number, kind",
         "ANONYMOUS_CLAIM"},
        {"Read this.", "Stop using Other Desk at once.", "Stop using Small Desk at once.", "IDENTITY_MISMATCH"},
        {"Read this.", "We follow Other Desk, too.", "We follow the Cybersecurity Law, too.", "IDENTITY_MISMATCH"},
        {"Read this.", "'There are (1) this, (2) that and (4) the rest.'",
         "'There are (1) this, (2) that and (3) the rest.'", "NUMBERING"},
        {"Read this.", "'See 1.4.3.2, and 1.4.1.3.'", "'See 1.4.1.3, and 1.4.3.2.'", "NUMBERING"},
        {"Read this.", "'(1) one (2) two (4) four'", "'(1) one (2) two (1) one (2) two'", "NUMBERING"},
        {"Read this.", "We use it for three purposes.", "We use it for two purposes.", "PURPOSES_MISCOUNTED"},
        {"Read this.", "We use it for 4 purposes.", "We use it for 12 purposes of ours or 2 purposes of yours.",
         "PURPOSES_MISCOUNTED"},
        {"Read this.", "'More is in the section \"Cakes\".'", "'More is in the sections below.'", "SECTION_UNKNOWN"},
        {"Read this.", "'See part \"Cakes\".'", "'See part \"Cakes\".'}, {text: Cakes are good.", "SECTION_UNKNOWN"},
        {"roles:", "exemptions: {x: {text: our services need it, for: [collect]}}\nroles:",
         "exemptions: {x: {text: a duty of law, for: [collect]}}\nroles:", "EXEMPTION_TOO_BROAD"},
        {"roles:", RIGHTS_WITH("x: {text: beyond common means and cost}"),
         RIGHTS_WITH("x: {text: beyond common means and cost, discretionary: true}"), "EXEMPTION_TOO_BROAD"},
        {"roles:", "exemptions: {x: {text: a, for: [collect]}, y: {text: a, for: [share]}}\nroles:",
         "exemptions: {x: {text: a, for: [collect]}, y: {text: b, for: [share]}}\nroles:", "SAID_TWICE"},
        {"roles:", LEAVING("a character in a game"), LEAVING("money in your wallet"), "CANCELLATION_CONDITION"},
        {"roles:", COUNTS("sdk", "sound"), COUNTS("sdk", "note"), "NECESSITY"},
        {"roles:", COUNTS("analysis", "sound"), COUNTS("partner", "sound"), "NECESSITY"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        for (unsigned good = 0; good < 2; good++) {
            char *text = titled("");
            const char *at = strstr(text, cases[i].old), *new = good ? cases[i].good : cases[i].bad;
            assert_non_null(at);
            size_t n = strlen(text) + strlen(new) + 1;
            char *other = malloc(n);
            assert_non_null(other);
            (void)snprintf(other, n, "%.*s%s%s", (int)(at - text), text, new,
                           at + strlen(cases[i].old));
            if (finds_in(other, cases[i].code) != (good == 0))
                fail_msg("%s: %s", cases[i].code, new);
            free(text);
            free(other);
        }
}

static void languages_that_drift(void **state)
{
    static const struct {
        const char *zh, *en;
        bool drifts;
    } cases[] = {
        {"申请后 7 天生效", "takes effect after 15 days", true},
        {"申请后 7 天生效", "takes effect after 7 days", false},
        {"未满十四岁", "below 14", false},
        {"未满十六岁", "below 14", true},
        {"申请后 7 天后生效", "takes effect within 7 days", true},
        {"存放在中国境内", "stored in mainland China", false},
        {"存放在中国境内", "stored", true},
        {"可以注销账号", "you may log out", true},
        {"可以注销账号", "you may cancel the account", false},
        {"收集 MAC 地址", "takes the hardware address", false},
        {"收集 IMEI、IMSI 和 MAC", "takes what identifies the device", true},
        {"收集 IMEI、IMSI 和 MAC", "takes IMEI, IMSI and MAC", false},
        {"如何共享个人信息", "How we deal with it", true},
        {"如何共享个人信息", "How we share it", false},
        {"删除我们持有的信息", "delete what is held by you", true},
        {"删除我们持有的信息", "delete what we hold", false},
        {"区分用户与外挂", "tells users from external software", true},
        {"区分用户与外挂", "tells users from cheats", false},
        {"开机广播", "start broadcasting", true},
        {"开机广播", "broadcast at boot", false},
        {"您使用时的位置", "location of our product", true},
        {"您使用时的位置", "where you are while using it", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[512];
        (void)snprintf(text, sizeof text,
                       "kept: 1\nlanguages: {authority: zh, also: [en]}\npurposes:\n"
                       "  work: {text: {zh: %s, en: '%s'}}\n", cases[i].zh, cases[i].en);
        if (finds_in(text, "LANG_CONFLICT") != cases[i].drifts)
            fail_msg("%s / %s", cases[i].zh, cases[i].en);
    }
}

/* Silence is told of a policy that is only looked at, and each gap goes when it is filled. */
static void each_silence_has_its_code(void **state)
{
    static const char whole[] =
        "age: {bands: [{from: 0, below: 14, mode: guardian}, {from: 14, mode: self}]}\n"
        "changes: {minor: {channels: [app]}}\ncessation: {lead: 30 days, channels: [app]}\n"
        "incident: {authority: {deadline: {within: 4 hours, from: aware}, channels: [phone], fields: [facts]}}\n"
        "rights: {deadline: {within: 15 days, from: received}, channels: [mail], requests: {access: {}}}\n";
    static const struct {
        const char *old, *new, *code;
    } cases[] = {
        {"age: {", "#", "NO_AGE_RULE"},         {"changes: {", "#", "NO_CHANGE_RULE"},
        {"lead: 30 days, ", "", "NO_LEAD"},     {"incident: {", "#", "NO_INCIDENT_RULE"},
        {"rights: {", "#", "NO_DEADLINE"},      {"regions: {stored: [CN]}", "", "NO_LOCATION"},
        {"issued: 2026-01-01\n", "", "NO_DATE"}, {"effective: 2026-02-01\n", "", "NO_DATE"},
        {"name: We, ", "", "NO_CONTROLLER"},    {"contact: a@example.org", "contact: ''", "BLANK_CONTACT"},
        {"stored: [CN]}", "stored: [CN, HK], export: conditional}", "EXPORT_CONDITIONS"},
        {"deadline: {within: 15 days, from: received}, ", "", "NO_DEADLINE"},
        {"retain: account", "clause: X", "NO_RETENTION"},
        {"Read this.", "What has a pseudonym is not personal.", "PSEUDONYM_CLAIM"},
        {"kind: text, information: content, source: user", "kind: imei, information: network-id, source: generated",
         "FIXED_IDENTIFIER"},
    };
    (void)state;
    char *text = small_text(whole), *utility = changed(text, "app_type: other", "app_type: utility");
    for (size_t i = 0; i < COUNT(cases); i++)
        for (unsigned silent = 0; silent < 2; silent++) {
            struct kept_findings findings = {0};
            struct kept_err err = {0};
            char *other = changed(utility, cases[i].old, silent != 0 ? cases[i].new : cases[i].old);
            assert_int_equal(kept_policy_examine(span_of(other), &findings, &err), 0);
            if ((count_of(&findings, cases[i].code) > 0) != (silent != 0))
                fail_msg("%s, %u", cases[i].code, silent);
            kept_findings_release(&findings);
            free(other);
        }
    char *hashed = changed(utility, "kind: text, information: content, source: user",
                           "kind: imei, information: network-id, store: hash, source: generated");
    assert_false(finds_in(hashed, "FIXED_IDENTIFIER")); /* as a token only */
    free(hashed);
    free(utility);
    free(text);
}

/* A sentence that lists what is sensitive, in either language. */
static void what_is_sensitive_is_listed(void **state)
{
    static const struct {
        const char *zh, *en;
        unsigned misses;
    } cases[] = {
        {"敏感个人信息包括手机号和邮箱", "'Sensitive are: mobile numbers and mail'", 0},
        {"敏感个人信息包括邮箱", "'Sensitive are: mobile numbers and mail'", 1},
        {"敏感个人信息包括邮箱", "'Sensitive are: mail'", 2},
        {"我们保护敏感信息", "We protect what is sensitive", 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct kept_findings findings = {0};
        struct kept_err err = {0};
        char text[700];
        (void)snprintf(text, sizeof text,
                       "kept: 1\nlanguages: {authority: zh, also: [en]}\nnotice:\n  sentences:\n    - text: {zh: %s, en: %s}\n"
                       "items:\n  phone: {text: {zh: 手机号, en: mobile number}, kind: phone, information: basic, "
                       "source: user, sensitive: true, retain: account}\n"
                       "  note: {text: {zh: 备注, en: a note}, kind: text, information: content, source: user, "
                       "retain: account}\n", cases[i].zh, cases[i].en);
        assert_int_equal(kept_policy_examine(span_of(text), &findings, &err), 0);
        if (count_of(&findings, "SENSITIVE_UNSAID") != cases[i].misses)
            fail_msg("%s / %s: %u", cases[i].zh, cases[i].en, count_of(&findings, "SENSITIVE_UNSAID"));
        kept_findings_release(&findings);
    }
}

static void a_ground_said_twice(void **state)
{
    (void)state;
    static const char head[] = "rights: {deadline: {within: 15 days, from: received}, channels: [mail], "
                               "requests: {access: {}}, refusals: {one: {text: abuse}, two: {text: ";
    char text[300];
    (void)snprintf(text, sizeof text, "%sabuse}}}\n", head);
    assert_true(finds(text, "SAID_TWICE"));
    (void)snprintf(text, sizeof text, "%sharm}}}\n", head);
    assert_false(finds(text, "SAID_TWICE"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(widgets_as_published),
        cmocka_unit_test(wallpaper_as_published),
        cmocka_unit_test(smart_home_as_published),
        cmocka_unit_test(messenger_as_published),
        cmocka_unit_test(media_as_published),
        cmocka_unit_test(the_page_says_what_the_files_say),
        cmocka_unit_test(a_mended_policy_is_silent_on_nothing),
        cmocka_unit_test(words_that_do_not_hold),
        cmocka_unit_test(languages_that_drift),
        cmocka_unit_test(each_silence_has_its_code),
        cmocka_unit_test(what_is_sensitive_is_listed),
        cmocka_unit_test(a_ground_said_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
