/* Are parts that are left out seen - in a list, among the headings of the notice - and references not taken for
 * them? Is a list held against all that a name names? */
#include "duties_aid.h"

/* How often one code is found in a policy of two languages with these sentences, and one sensitive item. */
static unsigned found(const char *sentences, const char *item, const char *code)
{
    struct kept_findings findings = {0};
    struct kept_err err = {0};
    char text[2000];
    unsigned n = 0;
    assert_true((size_t)snprintf(text, sizeof text,
                                 "kept: 1\nlanguages: {authority: zh, also: [en]}\nnotice:\n  sentences:\n%s"
                                 "items:\n  it: {text: %s, kind: text, information: basic, source: user, "
                                 "sensitive: true, retain: account}\n", sentences, item) < sizeof text);
    assert_int_equal(kept_policy_examine(span_of(text), &findings, &err), 0);
    for (size_t i = 0; i < findings.count; i++)
        n += strcmp(findings.rows[i].code, code) == 0;
    kept_findings_release(&findings);
    return n;
}

#define SAID(zh, en) "    - text: {zh: \"" zh "\", en: \"" en "\"}\n"
#define NOTE "{zh: 备注, en: a note}"

static void a_part_that_is_missing(void **state)
{
    static const struct {
        const char *sentences;
        unsigned found;
    } cases[] = {
        {SAID("一、收集", "I. What we take") SAID("这样。", "So.") SAID("二、共享", "II. Who gets it"), 0},
        {SAID("一、收集", "I. What we take") SAID("三、保护", "III. How it is kept"), 2}, /* in each language */
        {SAID("一、收集", "I. What we take") SAID("二、保护", "III. How it is kept"), 1},
        {SAID("第一部分 收集", "Part 1: what we take") SAID("第三部分 保护", "Part 2: how it is kept"), 1},
        {SAID("第一部分 收集", "Part 1: what we take") SAID("第二部分 保护", "Part 3: how it is kept"), 1},
        {SAID("九、甲", "IX. One") SAID("十、乙", "X. Two") SAID("十一、丙", "XI. Three"), 0},
        {SAID("十九、甲", "XIX. One") SAID("二十一、乙", "XXI. Two"), 2},
        {SAID("四、甲", "IV. One") SAID("一、乙", "I. Anew") SAID("二、丙", "II. On"), 0}, /* another list begins */
        {SAID("一次、甲", "I am one") SAID("三个、乙", "Partly 3"), 0}, /* no headings */
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        if (found(cases[i].sentences, NOTE, "NUMBERING") != cases[i].found)
            fail_msg("%s: %u", cases[i].sentences, found(cases[i].sentences, NOTE, "NUMBERING"));
}

static void a_reference_is_no_part(void **state)
{
    static const struct {
        const char *text;
        bool broken;
    } cases[] = {
        {"See 1.4.3.2; what 1.4.3.2 says, holds.", false},
        {"1.4.3.2 names more than 1.4.3.1 does.", false},
        {"1.4.3.2.1 one, 1.4.3.2.2 two, 1.4.3.2.3 three as in 1.4.1.2.1", false},
        {"1.4.3.2.1 one, 1.4.3.2.2 two, 1.4.1.2.3 three", true},
        {"(1) one, (2) two with (1), (3) three", false},
        {"(1) one, (2) two with (1), (2) two again, (3) three", false},
        {"(1) one, (2) two, (3) three with (2), (4) four", false},
        {"(1) one, (2) two, (3) three with (2), (5) five", true},
        {"(1) one, (3) three", true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char sentences[200];
        (void)snprintf(sentences, sizeof sentences, SAID("这样。", "%s"), cases[i].text);
        if (found(sentences, NOTE, "NUMBERING") != cases[i].broken)
            fail_msg("%s", cases[i].text);
    }
}

static void a_name_is_listed_whole(void **state)
{
    static const struct {
        const char *zh, *en, *item;
        unsigned missing;
    } cases[] = {
        {"邮箱地址、手机号", "mail addresses and mobile numbers", "{zh: 邮箱地址, en: mail address}", 0},
        {"邮箱地址、手机号", "mail addresses and mobile numbers", "{zh: 您的手机号, en: your mobile number}", 0},
        {"邮箱地址、手机号", "mail addresses and mobile numbers", "{zh: 地址, en: address}", 2},
        {"地址、手机号", "addresses and mobile numbers", "{zh: 邮箱地址, en: mail address}", 0},
        {"通信、健康", "communications, health", "{zh: 通信地址, en: address}", 2},
        {"通信、健康", "communications, health", "{zh: 健康信息, en: health data}", 0},
        {"您的姓名、银行账号", "names; bank accounts", "{zh: 姓名、银行账号, en: 'name, bank account'}", 0},
        {"银行账号", "bank accounts", "{zh: 姓名、银行账号, en: 'name, bank account'}", 2},
        {"身份证件", "papers of identity", "{zh: 身份证号, en: identity number}", 0},
        {"指纹", "fingerprints", "{zh: 指纹、只在您的设备上保存, en: 'fingerprint, which stays on your own device'}", 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char sentences[300];
        (void)snprintf(sentences, sizeof sentences, SAID("敏感个人信息包括%s。", "Sensitive are: %s."), cases[i].zh,
                       cases[i].en);
        const unsigned n = found(sentences, cases[i].item, "SENSITIVE_UNSAID");
        if (n != cases[i].missing)
            fail_msg("%s / %s: %u", cases[i].en, cases[i].item, n);
    }
}

/* What is left out is named, and nothing else. */
static void what_is_left_out_is_named(void **state)
{
    struct kept_findings findings = {0};
    struct kept_err err = {0};
    static const char text[] =
        "kept: 1\nlanguages: {authority: en}\nnotice:\n  sentences:\n"
        "    - text: 'Sensitive are: mail addresses, bank accounts.'\n"
        "items:\n  it: {text: 'name, address, bank account', kind: text, information: basic, source: user, "
        "sensitive: true, retain: account}\n";
    (void)state;
    assert_int_equal(kept_policy_examine(span_of(text), &findings, &err), 0);
    bool there = false;
    for (size_t i = 0; i < findings.count; i++)
        if (strcmp(findings.rows[i].code, "SENSITIVE_UNSAID") == 0) {
            there = true;
            assert_non_null(strstr(findings.rows[i].text, ": name, address (PIPL 28, 30)"));
            assert_int_equal(findings.rows[i].severity, KEPT_WARNING);
        }
    assert_true(there);
    kept_findings_release(&findings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_part_that_is_missing),
        cmocka_unit_test(a_reference_is_no_part),
        cmocka_unit_test(a_name_is_listed_whole),
        cmocka_unit_test(what_is_left_out_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
