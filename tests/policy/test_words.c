/* test_words.c - what the words of a policy are held against, at the edges: names listed in other words, numbers that
 * begin lists and sections, texts of two languages, rules that were lost. What is found, and what is no mistake. */
#include "duties_aid.h"

/* How often a code is found in a policy that may be silent on the rest. */
static unsigned found(const char *text, const char *code)
{
    struct kept_findings findings = {0};
    struct kept_err err = {0};
    unsigned n = 0;
    assert_int_equal(kept_policy_examine(span_of(text), &findings, &err), 0);
    for (size_t i = 0; i < findings.count; i++)
        n += strcmp(findings.rows[i].code, code) == 0;
    kept_findings_release(&findings);
    return n;
}

#define ONE "kept: 1\nlanguages: {authority: en}\n"
#define TWO "kept: 1\nlanguages: {authority: zh, also: [en]}\n"
#define SENTENCE(text) "notice: {sentences: [{text: \"" text "\"}]}\n"
#define SAID(zh, en) "notice: {sentences: [{text: {zh: \"" zh "\", en: \"" en "\"}}]}\n"
#define ITEM(text) "items:\n  it: {text: \"" text "\", kind: text, information: basic, source: user, sensitive: true, retain: account}\n"
#define LIST(list, name) ONE SENTENCE("Sensitive are: " list) ITEM(name)
#define LISTED(list, name) LIST(list, name), "SENSITIVE_UNSAID"
#define TEN(x) x " " x " " x " " x " " x " " x " " x " " x " " x " " x

static const struct {
    const char *text, *code;
    unsigned found;
} cases[] = {
    /* a list in English */
    {LISTED("papers of identity", "identity"), 0},
    {LISTED("mail addresses", "address"), 1}, /* some of them only */
    {LISTED("address books", "address"), 0}, /* said of it */
    {LISTED("identity", "IP, identity"), 0}, /* two letters are no word */
    {LISTED("identity", "ID"), 1},
    {LISTED("alpha bravo charlie delta echoes foxtrot golfers hotels india", "india"), 1}, /* behind the eighth word */
    {LISTED("alpha bravo charlie delta echoes foxtrot golfers hotels", "hotels, alpha"), 1}, /* eight that are narrower than one */
    /* seventeen parts: the last is looked at no more */
    {LISTED("parts of alpha", "alpha, alpha, alpha, alpha, alpha, alpha, alpha, alpha, alpha, alpha, alpha, alpha, alpha, alpha, alpha, alpha, bravo"), 0},
    {LISTED("parts of alpha", "alpha, alpha, alpha, alpha, alpha, alpha, alpha, alpha, alpha, alpha, alpha, alpha, alpha, alpha, alpha, bravo"), 1},
    /* and in Chinese: whose it is, says nothing of what */
    {LISTED("您的姓名", "姓名"), 0},
    {LISTED("你的姓名", "姓名"), 0},
    {LISTED("个人姓名", "姓名"), 0},
    {LISTED("各类姓名", "姓名"), 0},
    {LISTED("真实姓名", "姓名"), 1},
    {LISTED("真姓名", "姓名"), 1},
    {LISTED("姓名", "姓名等"), 0},
    {LISTED("姓名", "姓名信息"), 0},
    {LISTED("姓名", "姓名拼音"), 1},
    {LISTED("网络", "设备ID号"), 1}, /* letters between signs */
    {LISTED("设备", "旧ID设备"), 0},

    /* numbers */
    {ONE SENTENCE("(1) one (2) two, as in (1) and 1.2.3 above, (3) three"), "NUMBERING", 0},
    {ONE SENTENCE("2.1.1 one (1) first (2) second (3) third"), "NUMBERING", 0},
    {ONE SENTENCE("2.1.1 one (1) first (3) third"), "NUMBERING", 1},
    {ONE "notice: {sentences: [{text: I. One}, {text: III. Three}]}\n", "NUMBERING", 1},
    {ONE "notice: {sentences: [{text: I. One}, {text: III.Three}]}\n", "NUMBERING", 0}, /* no heading */
    {ONE "notice: {sentences: [{text: I. One}, {text: XXXX. Forty}]}\n", "NUMBERING", 0},
    {ONE "notice: {sentences: [{text: XXXVIII. One}, {text: XL. Another}]}\n", "NUMBERING", 0},
    {ONE "notice: {sentences: [{text: 一、甲}, {text: 五十、乙}]}\n", "NUMBERING", 0},
    {ONE "notice: {sentences: [{text: Part 1}, {text: Part of it}, {text: Part 3}]}\n", "NUMBERING", 1},

    /* two languages */
    {TWO SAID("保存100天", "We keep it for long."), "LANG_CONFLICT", 1}, /* no Chinese sign for it is looked for */
    {TWO SAID("保存十四天", "We keep it for 14 days."), "LANG_CONFLICT", 0},
    {TWO SAID("号码12345678901234567890123456789012", "That number."), "LANG_CONFLICT", 0}, /* longer than any mark */
    {TWO SAID(TEN("7") " " TEN("7") " " TEN("7") " 7 7 9", "7"), "LANG_CONFLICT", 0}, /* behind the thirty-second */
    {TWO SAID(TEN("7") " " TEN("7") " " TEN("7") " 7 9", "7"), "LANG_CONFLICT", 1},
    {"kept: 1\nlanguages: {authority: en, also: [fr]}\n"
     "notice: {sentences: [{text: {en: We keep it for 20 days., fr: Nous le gardons.}}]}\n", "LANG_CONFLICT", 1},
    {"kept: 1\nlanguages: {authority: zh, also: [fr]}\n"
     "notice: {sentences: [{text: {zh: 我们可能出售。, fr: Nous.}}]}\n", "LANG_CONFLICT", 0}, /* words are known of English only */

    /* promises */
    {ONE "controller: {name: We}\n" SENTENCE("Contact us."), "PROMISED_SECTION_MISSING", 1},
    {ONE "controller: {name: We, contact: a@example.org}\n" SENTENCE("Contact us."), "PROMISED_SECTION_MISSING", 0},

    /* what is fixed to a device, and where it stays */
#define UTILITY "app_type: utility\njurisdiction: CN\n"
    {ONE UTILITY "items:\n  it: {text: it, kind: imei, information: network-id, source: generated, retain: account}\n", "FIXED_IDENTIFIER", 1},
    {ONE UTILITY "items:\n  it: {text: it, kind: imei, information: network-id, source: generated, place: device}\n", "FIXED_IDENTIFIER", 0},
    {ONE UTILITY "items:\n  it: {text: it, kind: imei, information: network-id, source: generated, retain: account, store: hash}\n", "FIXED_IDENTIFIER", 0},
    {ONE UTILITY "items:\n  it: {text: it, kind: imei, information: nothing, source: generated, retain: account}\n", "FIXED_IDENTIFIER", 0},

    /* rules that were lost claim nothing */
    {ONE SENTENCE("Sensitive are: names") "items:\n  it: 5\n", "SENSITIVE_UNSAID", 0},
    {TWO SAID("敏感个人信息包括：姓名", "Sensitive are: names")
     "items:\n  it: {text: {zh: 指纹}, kind: text, information: basic, source: user, sensitive: true, retain: account}\n", "SENSITIVE_UNSAID", 1},
    {TWO "notice: {sentences: [{text: {zh: 见“推广”部分}}, {text: {en: Promotions}}, {clause: A-1}]}\n", "SECTION_UNKNOWN", 1},
    {ONE "title: Widgets\ncontroller: 5\n" SENTENCE("This is of the Other Gadgets."), "IDENTITY_MISMATCH", 1},
    {ONE "title: Widgets\ncontroller: {name: Other Gadgets Ltd.}\n" SENTENCE("This is of the Other Gadgets."), "IDENTITY_MISMATCH", 0},
    {TWO "title: {zh: 小部件}\n" SAID("这样。", "This is of the Other Gadgets."), "IDENTITY_MISMATCH", 0}, /* it has no name to differ from */
    {TWO "title: {zh: 小部件, en: Widgets}\ncontroller: {name: {zh: 我们}}\n" SAID("这样。", "This is of the Other Gadgets."), "IDENTITY_MISMATCH", 1},
    {ONE "title: Gadgets\n" SENTENCE("This is of the Other Gadgets."), "IDENTITY_MISMATCH", 0},
    {ONE "title: Widgets\n" SENTENCE("This is of the Abcdefghijklmnopqrstuvwxyz Abcdefghijklmnopqrstuvwxyz Abcdefghijklmnopqrstuvwxyz."),
     "IDENTITY_MISMATCH", 0}, /* longer than any name */

    /* who gets what nobody gave */
#define SDK(kind, more) "recipients: {them: {text: them, role: processor, kind: " kind ", items: [it], purposes: [ads], region: CN" more "}}\n"
#define MADE(more) ONE "purposes: {ads: {text: ads}}\nitems:\n  it: {text: it, kind: text" more ", retain: account}\n"
    {MADE(", information: health, source: generated") SDK("sdk", ""), "NECESSITY", 1},
    {MADE(", information: health, source: generated") SDK("delivery", ""), "NECESSITY", 0},
    {MADE(", information: health, source: generated") SDK("sdk", ", aggregate_only: true"), "NECESSITY", 0},
    {MADE(", information: health, source: generated") "recipients: {them: {text: them, role: processor, items: [it], purposes: [ads], region: CN}}\n", "NECESSITY", 0},
    {MADE(", information: health, source: user") SDK("sdk", ""), "NECESSITY", 0},
    {MADE(", information: health") SDK("sdk", ""), "NECESSITY", 0},
    {MADE(", source: generated") SDK("sdk", ""), "NECESSITY", 0},
    {MADE(", information: basic, source: generated") SDK("sdk", ""), "NECESSITY", 0},
    {ONE "purposes: {ads: {text: ads}}\nitems:\n  it: 5\n" SDK("sdk", ""), "NECESSITY", 0},
};

static void each_case(void **state)
{
    (void)state;
    unsigned wrong = 0;
    for (size_t i = 0; i < COUNT(cases); i++) {
        unsigned n = found(cases[i].text, cases[i].code);
        if (n != cases[i].found) {
            print_error("case %zu: %s %u times, not %u:\n%s", i, cases[i].code, n, cases[i].found, cases[i].text);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

/* What would take for ever is looked at no further: sentences, and items in long ones. */
static void no_further(void **state)
{
    enum { LONG = 60000, ITEMS = 50, SENTENCES = 70 };
    struct kept_buf text;
    (void)state;
    kept_buf_init(&text, 1u << 20);
    kept_buf_text(&text, ONE "notice: {sentences: [{text: \"Sensitive are: ");
    for (unsigned i = 0; i < LONG; i++)
        kept_buf_u8(&text, 'a');
    kept_buf_text(&text, "\"}]}\nitems:\n");
    for (unsigned i = 0; i < ITEMS; i++)
        kept_buf_printf(&text, "  it%u: {text: zeta, kind: text, information: basic, source: user, sensitive: true, retain: account}\n", i);
    kept_buf_u8(&text, 0);
    assert_int_equal(text.failed, 0);
    assert_int_equal(found((const char *)text.p, "SENSITIVE_UNSAID"), (2u << 20) / LONG + 1);
    for (int way = 0; way < 2; way++) {
        kept_buf_clear(&text);
        kept_buf_text(&text, ONE "notice:\n  sentences:\n");
        for (unsigned i = 0; i < SENTENCES; i++)
            kept_buf_printf(&text, "    - text: '%s'\n", way == 0 ? "Sensitive are: alpha" : "See section \"Promotions\"");
        kept_buf_text(&text, ITEM("zeta"));
        kept_buf_u8(&text, 0);
        assert_int_equal(found((const char *)text.p, way == 0 ? "SENSITIVE_UNSAID" : "SECTION_UNKNOWN"), 64);
    }
    kept_buf_release(&text);
}

/* What is left out is named as far as there is room. */
static void named_as_far(void **state)
{
    static const char text[] = LIST("nothing", "alphaalphaalphaalphaalphaalpha bravobravobravobravo, "
                                      "charliecharliecharliecharlie deltadeltadeltadeltadelta, "
                                      "echoechoechoechoechoecho foxtrotfoxtrotfoxtrotfoxtrot, golf");
    struct kept_findings findings = {0};
    bool there = false;
    (void)state;
    assert_int_equal(kept_policy_examine(span_of(text), &findings, NULL), 0);
    for (size_t i = 0; i < findings.count; i++)
        if (strcmp(findings.rows[i].code, "SENSITIVE_UNSAID") == 0) {
            there = true;
            assert_non_null(strstr(findings.rows[i].text, "bravobravobravobravo, charlie"));
            assert_non_null(strstr(findings.rows[i].text, ", golf"));
            assert_null(strstr(findings.rows[i].text, "foxtrot"));
        }
    assert_true(there);
    kept_findings_release(&findings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_case),
        cmocka_unit_test(no_further),
        cmocka_unit_test(named_as_far),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
