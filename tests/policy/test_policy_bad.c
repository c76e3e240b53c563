/* Does every mistake in a policy get its code, at its line and column, with a way to mend it - all of
 * them in one run? And does no bytes at all make the reader crash? */
#include "policy_aid.h"

static const char good[] =
    /*  1 */ "kept: 1\n"
    /*  2 */ "app: demo\n"
    /*  3 */ "version: 1\n"
    /*  4 */ "issued: 2026-01-01\n"
    /*  5 */ "effective: 2026-02-01\n"
    /*  6 */ "app_type: utility\n"
    /*  7 */ "jurisdiction: CN\n"
    /*  8 */ "time_zone: \"+08:00\"\n"
    /*  9 */ "languages: {authority: en, also: [zh]}\n"
    /* 10 */ "controller: {name: {en: We, zh: 我们}, contact: a@example.org}\n"
    /* 11 */ "notice:\n"
    /* 12 */ "  clause: A-1\n"
    /* 13 */ "  sentences: [{text: {en: Read this., zh: 请阅读。}}]\n"
    /* 14 */ "withdrawal: {effect: collect_and_use}\n"
    /* 15 */ "regions: {stored: [CN], export: never}\n"
    /* 16 */ "age: {bands: [{from: 0, below: 18, mode: block}, {from: 18, mode: self}]}\n"
    /* 17 */ "rotation: 7 days\n"
    /* 18 */ "backup_window: 30 days\n"
    /* 19 */ "evidence: 4 years\n"
    /* 20 */ "purposes:\n"
    /* 21 */ "  work: {text: {en: work, zh: 运行}}\n"
    /* 22 */ "  ads: {text: {en: ads, zh: 广告}, consent: separate}\n"
    /* 23 */ "permissions:\n"
    /* 24 */ "  camera: {text: {en: camera, zh: 相机}}\n"
    /* 25 */ "items:\n"
    /* 26 */ "  phone: {text: {en: phone, zh: 手机}, kind: phone, information: basic, source: user, retain: account, token: true}\n"
    /* 27 */ "  place:\n"
    /* 28 */ "    text: {en: place, zh: 位置}\n"
    /* 29 */ "    kind: coordinates\n"
    /* 30 */ "    information: location\n"
    /* 31 */ "    source: generated\n"
    /* 32 */ "    sensitive: true\n"
    /* 33 */ "    retain: 1 day\n"
    /* 34 */ "functions:\n"
    /* 35 */ "  show:\n"
    /* 36 */ "    text: {en: shows, zh: 展示}\n"
    /* 37 */ "    refusing_costs: {en: nothing, zh: 无}\n"
    /* 38 */ "    kind: basic\n"
    /* 39 */ "    consent: separate\n"
    /* 40 */ "    purposes: [work]\n"
    /* 41 */ "    optional: [place]\n"
    /* 42 */ "    permissions: [camera]\n"
    /* 43 */ "  offer:\n"
    /* 44 */ "    text: {en: offers, zh: 推荐}\n"
    /* 45 */ "    refusing_costs: {en: nothing, zh: 无}\n"
    /* 46 */ "    kind: extended\n"
    /* 47 */ "    consent: explicit\n"
    /* 48 */ "    purposes: [ads]\n"
    /* 49 */ "    mandatory: [phone]\n"
    /* 50 */ "recipients:\n"
    /* 51 */ "  agency:\n"
    /* 52 */ "    text: {en: agency, zh: 代理}\n"
    /* 53 */ "    role: independent\n"
    /* 54 */ "    kind: marketing\n"
    /* 55 */ "    items: [phone]\n"
    /* 56 */ "    purposes: [ads]\n"
    /* 57 */ "    region: CN\n"
    /* 58 */ "    agreement: {signed: 2026-01-01, expires: 2027-01-01}\n"
    /* 59 */ "roles:\n"
    /* 60 */ "  app: {operations: all}\n"
    /* 61 */ "  clerk: {operations: [use], purposes: [ads], masked: [phone]}\n"
    /* 62 */ "exemptions:\n"
    /* 63 */ "  law: {text: {en: law, zh: 法律}, for: [share]}\n";

struct bad {
    const char *from, *to; /* this text of the good policy becomes that one */
    const char *code;
    int line, column;
};

static const struct bad bads[] = {
    {"kept: 1\n", "kept: 2\n", "LANGUAGE_VERSION", 1, 7},
    {"kept: 1\n", "", "MISSING_KEY", 1, 1},
    {"app: demo\n", "app: Demo App\n", "BAD_NAME", 2, 6},
    {"version: 1\n", "version: one\n", "BAD_NUMBER", 3, 10},
    {"version: 1\n", "version: 0\n", "BAD_NUMBER", 3, 10},
    {"version: 1\n", "version: 99999999999\n", "BAD_NUMBER", 3, 10},
    {"version: 1\n", "version: 1\nversion: 2\n", "DUPLICATE_KEY", 4, 1},
    {"version: 1\n", "vresion: 1\n", "UNKNOWN_KEY", 3, 1},
    {"issued: 2026-01-01", "issued: 2026-02-30", "BAD_DATE", 4, 9},
    {"issued: 2026-01-01", "issued: 2026-03-01", "EFFECTIVE_BEFORE_ISSUED", 5, 12},
    {"app_type: utility", "app_type: utilty", "BAD_VALUE", 6, 11},
    {"time_zone: \"+08:00\"", "time_zone: Asia/Shangri-La", "BAD_TIME_ZONE", 8, 12},
    {"time_zone: \"+08:00\"", "time_zone: \"+15:00\"", "BAD_TIME_ZONE", 8, 12},
    {"authority: en", "authority: English!", "BAD_LANGUAGE", 9, 24},
    {"also: [zh]", "also: [zh, zh]", "DUPLICATE_ENTRY", 9, 39},
    {"also: [zh]", "also: zh", "WRONG_TYPE", 9, 34},
    {"contact: a@example.org", "contact: \"\"", "BLANK_CONTACT", 10, 47},
    {"contact: a@example.org", "contact: nobody", "BLANK_CONTACT", 10, 47},
    {"{en: Read this., zh: 请阅读。}", "{en: Read this.}", "TEXT_MISSING", 13, 16},
    {"{en: Read this., zh: 请阅读。}", "{en: Read this., zh: 请, fr: Lisez}", "UNKNOWN_LANGUAGE", 13,
     46},
    {"{en: Read this., zh: 请阅读。}", "{en: \" \", zh: 请}", "EMPTY_VALUE", 13, 27},
    {"effect: collect_and_use", "effect: nothing", "BAD_VALUE", 14, 22},
    {"withdrawal: {effect: collect_and_use}", "withdrawal: collect_and_use", "WRONG_TYPE", 14, 13},
    {"stored: [CN]", "stored: [China]", "BAD_REGION", 15, 20},
    {"regions: {stored: [CN], export: never}\n", "", "MISSING_KEY", 1, 1},
    {"below: 18", "below: 17", "AGE_BANDS", 16, 50},
    {"below: 18", "below: 19", "AGE_BANDS", 16, 50},
    {"{from: 18, mode: self}", "{from: 18, below: 60, mode: self}", "AGE_BANDS", 16, 50},
    {"mode: block", "mode: blok", "BAD_VALUE", 16, 42},
    {"mode: block}", "mode: block, form: written}", "AGE_BANDS", 16, 49},
    {"mode: block}", "mode: guardian, form: spoken}", "BAD_VALUE", 16, 58},
    {"rotation: 7 days", "rotation: a week", "BAD_DURATION", 17, 11},
    {"rotation: 7 days", "rotation: 7 dayss", "BAD_DURATION", 17, 11},
    {"evidence: 4 years", "evidence: 2 years", "SHORT_EVIDENCE", 19, 11},
    {"evidence: 4 years", "evidence: 9 hours", "TOO_SHORT", 19, 11},
    {"  work: {", "  Work: {", "BAD_NAME", 21, 3},
    {"consent: separate}\npermissions", "consent: implied}\npermissions", "BAD_VALUE", 22, 43},
    {"    permissions: [camera]\n", "", "PERMISSION_WITHOUT_FUNCTION", 24, 3},
    {", retain: account", "", "NO_RETENTION", 26, 3},
    {"kind: phone", "kind: fone", "BAD_VALUE", 26, 44},
    {"retain: account", "place: transient, retain: 1 day", "RETENTION_ON_TRANSIENT", 26, 3},
    {"retain: account", "retain: 1 day, retention_class: law", "STATUTE_MISSING", 26, 3},
    {"    retain: 1 day\n", "    retain: 1 day\n    retention_class: ordinary\n", "CLASS_CONFLICT",
     27, 3},
    {"    retain: 1 day\n", "    retain: 1 day\n    token: true\n", "TOKEN_LOW_ENTROPY", 27, 3},
    {"    retain: 1 day\n", "    retain: 1 day\n    store: hash\n", "TOKEN_LOW_ENTROPY", 27, 3},
    {"    retain: 1 day\n", "    retain: 1 day\n    purposes: [ads]\n", "PURPOSE_CONFLICT", 27, 3},
    {"    optional: [place]\n", "", "UNDECLARED_USE", 27, 3},
    {"optional: [place]", "optional: [plaec]", "DANGLING_REFERENCE", 41, 16},
    {"optional: [place]", "optional: [place, place]", "DUPLICATE_ENTRY", 41, 23},
    {"mandatory: [phone]", "mandatory: [phone]\n    optional: [phone]", "MANDATORY_AND_OPTIONAL", 43,
     3},
    {"optional: [place]", "mandatory: [place]", "EXCESSIVE_MANDATORY", 35, 3},
    {"    consent: separate\n    purposes: [work]", "    consent: explicit\n    purposes: [work]",
     "SENSITIVE_WITHOUT_SEPARATE_CONSENT", 35, 3},
    {"    consent: separate\n    purposes: [work]", "    consent: implied\n    purposes: [work]",
     "IMPLIED_FOR_SENSITIVE", 35, 3},
    {"    consent: explicit\n", "    consent: implied\n", "IMPLIED_CONSENT", 43, 3},
    {"    purposes: [work]\n", "    purposes: []\n", "NO_PURPOSE", 35, 3},
    {"    purposes: [work]\n", "    purposes: [wrok]\n", "DANGLING_REFERENCE", 40, 16},
    {"permissions: [camera]", "permissions: [microphone]", "DANGLING_REFERENCE", 42, 19},
    {"    items: [phone]\n", "", "OPEN_ENDED_RECIPIENT", 51, 3},
    {"    purposes: [ads]\n    region", "    region", "OPEN_ENDED_RECIPIENT", 51, 3},
    {"items: [phone]", "items: [phone, place]", "SHARED_NOT_COLLECTED", 51, 3},
    {"region: CN", "region: US", "EXPORT_FORBIDDEN", 51, 3},
    {"region: CN", "region: CN\n    consent: explicit", "SHARING_WITHOUT_SEPARATE_CONSENT", 51, 3},
    {"    agreement: {signed: 2026-01-01, expires: 2027-01-01}\n", "", "NO_AGREEMENT", 51, 3},
    {"source: user", "source: third_party", "SOURCE_UNNAMED", 26, 3},
    {"items: [phone]\n", "gives: [phone]\n", "LAWFUL_SOURCE_MISSING", 51, 3},
    {"items: [phone]\n", "gives: [place]\n    lawful_source: {en: a contract, zh: 合同}\n", "GIVEN_NOT_COLLECTED", 51, 3},
    {"items: [phone]\n", "items: [phone]\n    masked: [place]\n", "MASKED_NOT_SHARED", 51, 3},
    {"    purposes: [ads]\n    mandatory", "    purposes: [ads]\n    case: maybe\n    mandatory",
     "BAD_VALUE", 49, 11},
    {"expires: 2027-01-01", "expires: 2025-01-01", "AGREEMENT_DATES", 58, 46},
    {"operations: all}", "operations: all, raw: [phone]}", "APP_ROLE", 60, 3},
    {"operations: [use]", "operations: [usee]", "BAD_VALUE", 61, 24},
    {"for: [share]", "for: [sharing]", "BAD_VALUE", 63, 40},
    {"for: [share]", "for: [share], extra: 1", "UNKNOWN_KEY", 63, 48},
    {"kept: 1\n", "kept: &one 1\n", "ANCHOR", 1, 7},
    {"app: demo\n", "app: *one\n", "ANCHOR", 2, 6},
    {"app: demo\n", "app: !!str demo\n", "TAG", 2, 6},
    {"kept: 1\n", "%YAML 1.1\n---\nkept: 1\n", "DIRECTIVE", 1, 1},
    {"for: [share]}\n", "for: [share]}\n---\nkept: 1\n", "SECOND_DOCUMENT", 64, 1},
    {"app: demo\n", "? [a]\n: b\n", "COMPLEX_KEY", 2, 3},
    {"app: demo\n", "app: [[[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]]\n", "TOO_DEEP", 2, 21},
    {"app: demo\n", "app: \"de\\0mo\"\n", "NUL_CHARACTER", 2, 6},
    {"app: demo\n", "app: \"demo\n", "YAML_SYNTAX", 8, 13},
    {"app: demo\n", "app: d\xFFmo\n", "NOT_UTF8", 2, 7},
    {"functions:\n", "functions: []\n", "YAML_SYNTAX", 35, 3},
    {"  app: {operations: all}\n", "  app: {}\n", "MISSING_KEY", 60, 3},
    /* Slips on which much depends. */
    {"items:\n", "itmes:\n", "UNKNOWN_KEY", 25, 1},
    {"purposes:\n", "purpose:\n", "UNKNOWN_KEY", 20, 1},
    {"functions:\n", "funcitons:\n", "UNKNOWN_KEY", 34, 1},
    {"roles:\n", "rols:\n", "UNKNOWN_KEY", 59, 1},
    {"regions: {", "regoins: {", "UNKNOWN_KEY", 15, 1},
    {"stored: [CN]", "stord: [CN]", "UNKNOWN_KEY", 15, 11},
    {"also: [zh]", "also: [zz]", "UNKNOWN_LANGUAGE", 10, 29},
    {"also: [zh]", "als: [zh]", "UNKNOWN_KEY", 9, 28},
    {"controller: {name: {en:", "controller: {name: {ne:", "UNKNOWN_LANGUAGE", 10, 21},
    {"  place:\n", "  palce:\n", "DANGLING_REFERENCE", 41, 16},
    {"  place:\n", "  Place:\n", "BAD_NAME", 27, 3},
    {"  phone: {", "  fone: {", "DANGLING_REFERENCE", 49, 17},
    {"  ads: {", "  advertising: {", "DANGLING_REFERENCE", 48, 16},
    {"retain: account", "retian: account", "UNKNOWN_KEY", 26, 85},
    {"retain: account", "keep: account", "UNKNOWN_KEY", 26, 85},
    {"retain: account", "retain: acount", "BAD_DURATION", 26, 93},
    {"kind: coordinates", "kind: location", "BAD_VALUE", 29, 11},
    {"kind: coordinates", "knd: coordinates", "UNKNOWN_KEY", 29, 5},
    {"purposes: [work]", "purpose: [work]", "UNKNOWN_KEY", 40, 5},
    {"optional: [place]", "optional: place", "WRONG_TYPE", 41, 15},
    {"optional: [place]", "optional: [location]", "DANGLING_REFERENCE", 41, 16},
    {"role: independent", "role: independant", "BAD_VALUE", 53, 11},
    {"role: independent", "role: seller", "BAD_VALUE", 53, 11},
    {"    agreement: {", "    agrement: {", "UNKNOWN_KEY", 58, 5},
    {"region: CN\n", "region: China\n", "BAD_REGION", 57, 13},
    {"below: 18", "below: eighteen", "BAD_NUMBER", 16, 32},
    {"  work: {", "  work: {text: {en: work, zh: 运行}}\n  work: {", "DUPLICATE_KEY", 22, 3},
    {"retain: account", "retain: account, sensitive: maybe", "BAD_VALUE", 26, 113},
    /* Numbers and choices. */
    {"kind: coordinates\n", "kind: number\n    min: warm\n", "BAD_NUMBER", 30, 10},
    {"kind: coordinates\n", "kind: number\n    max: \"1 kWh\"\n", "BAD_NUMBER", 30, 10},
    {"kind: coordinates\n", "kind: number\n    min: 5\n    max: 4.5\n", "BAD_VALUE", 31, 10},
    {"kind: coordinates\n", "kind: number\n    unit: k Wh\n", "BAD_VALUE", 30, 11},
    {"kind: coordinates\n", "kind: number\n    unit: abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz\n", "BAD_VALUE", 30, 11},
    {"kind: coordinates\n", "kind: number\n    decimals: 99\n", "BAD_NUMBER", 30, 15},
    {"kind: coordinates\n", "kind: text\n    unit: kWh\n", "KEY_OF_OTHER_KIND", 30, 5},
    {"kind: coordinates\n", "kind: number\n    choices: {yes: {en: y, zh: 是}}\n", "KEY_OF_OTHER_KIND", 30, 5},
    {"kind: coordinates\n", "kind: choice\n", "MISSING_KEY", 27, 3},
    {"kind: coordinates\n", "kind: choice\n    choices: {}\n", "BAD_VALUE", 30, 14},
    {"kind: coordinates\n", "kind: choice\n    choices: [yes]\n", "WRONG_TYPE", 30, 14},
    {"kind: coordinates\n", "kind: choice\n    choices: {Yes: {en: y, zh: 是}}\n", "BAD_NAME", 30, 15},
    {"kind: coordinates\n", "kind: choice\n    choices: {yes: {en: y}}\n", "TEXT_MISSING", 30, 15},
    /* Addresses, regions, languages, bands, by every way in which they are none. */
    {"a@example.org", "a@b@example.org", "BLANK_CONTACT", 10, 47},
    {"a@example.org", "\"a @example.org\"", "BLANK_CONTACT", 10, 47},
    {"a@example.org", "a@example.org.", "BLANK_CONTACT", 10, 47},
    {"a@example.org", "\"@example.org\"", "BLANK_CONTACT", 10, 47},
    {"a@example.org", "a@example", "BLANK_CONTACT", 10, 47},
    {"stored: [CN]", "stored: [CN-]", "BAD_REGION", 15, 20},
    {"stored: [CN]", "stored: [CN-abcd]", "BAD_REGION", 15, 20},
    {"stored: [CN]", "stored: [CN-a_]", "BAD_REGION", 15, 20},
    {"stored: [CN]", "stored: [C1]", "BAD_REGION", 15, 20},
    {"stored: [CN]", "stored: [cN]", "BAD_REGION", 15, 20},
    {"stored: [CN]", "stored: [CNN]", "BAD_REGION", 15, 20},
    {"authority: en", "authority: e", "BAD_LANGUAGE", 9, 24},
    {"authority: en", "authority: \"{n\"", "BAD_LANGUAGE", 9, 24},
    {"authority: en", "authority: En", "BAD_LANGUAGE", 9, 24},
    {"authority: en", "authority: eng-abcdefghijklmnopqrstuvwxyz-abcdefghij", "BAD_LANGUAGE", 9, 24},
    {"{from: 0, below: 18, mode: block}", "5", "WRONG_TYPE", 16, 15},
    {"sentences: [{text: {en: Read this., zh: 请阅读。}}]", "sentences: [Read this.]", "WRONG_TYPE", 13, 15},
    {"evidence: 4 years", "evidence: 999999 years", "BAD_DURATION", 19, 11},
    {"evidence: 4 years", "evidence: 300 years", "BAD_DURATION", 19, 11},
    {"clause: A-1", "clause: abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz", "BAD_VALUE", 12, 11},
    /* Bytes that nobody sees. */
    {"kept: 1\n", "\xFF\xFEk\0e\0p\0t\0", "BYTE_ORDER_MARK", 1, 1},
    {"app: demo\n", "\xEF\xBB\xBF" "app: demo\n", "BYTE_ORDER_MARK", 2, 1},
    {"app: demo\n", "app: de\xEF\xBB\xBFmo\n", "BYTE_ORDER_MARK", 2, 8},
    {"kept: 1\n", "\xEF\xBB\xBFkept: 2\n", "LANGUAGE_VERSION", 1, 7},
};

static char *changed(const char *from, const char *to, size_t *ret_n)
{
    const char *at = strstr(good, from);
    if (at == NULL)
        fail_msg("the good policy has no '%s'", from);
    size_t n = strlen(good) - strlen(from) + strlen(to);
    char *text = malloc(n + 1);
    size_t before = (size_t)(at - good);
    memcpy(text, good, before);
    memcpy(text + before, to, strlen(to));
    memcpy(text + before + strlen(to), at + strlen(from), strlen(at + strlen(from)) + 1);
    *ret_n = n;
    return text;
}

static const struct kept_finding *find(const struct kept_findings *findings, const char *code)
{
    for (size_t i = 0; i < findings->count; i++)
        if (strcmp(findings->rows[i].code, code) == 0)
            return &findings->rows[i];
    return NULL;
}

static void the_good_policy_is_good(void **state)
{
    (void)state;
    struct kept_policy *policy = NULL;
    struct kept_findings findings = {0};
    assert_int_equal(kept_policy_read(span_of(good), &policy, &findings, NULL), 0);
    assert_int_equal(findings.count, 0);
    kept_findings_release(&findings);
    kept_policy_free(policy);
}

static void every_mistake_has_its_code_and_place(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < COUNT(bads); i++) {
        const struct bad *bad = &bads[i];
        struct kept_policy *policy = NULL;
        struct kept_findings findings = {0};
        struct kept_err err = {0};
        size_t n = 0;
        char *text = changed(bad->from, bad->to, &n);
        int rc = kept_policy_read((struct kept_span){(const uint8_t *)text, n}, &policy, &findings,
                                  &err);
        const struct kept_finding *row = find(&findings, bad->code);
        /* One mistake, one finding: what follows from it is not reported beside it. */
        if (row == NULL || row->line != bad->line || row->column != bad->column ||
            row->text[0] == 0 || row->mend[0] == 0 || findings.count != 1) {
            print_message("%zu: '%s' -> '%s': wanted %s %d:%d\n", i, bad->from, bad->to, bad->code,
                          bad->line, bad->column);
            for (size_t j = 0; j < findings.count; j++)
                print_message("   got %s %d:%d %s\n", findings.rows[j].code, findings.rows[j].line,
                              findings.rows[j].column, findings.rows[j].text);
            wrong++;
        }
        assert_int_equal(rc, findings.errors > 0 ? KEPT_E_POLICY : 0);
        assert_true((policy == NULL) == (rc != 0));
        if (rc != 0)
            assert_true(err.text[0] != 0 && err.code == KEPT_E_POLICY);
        kept_findings_release(&findings);
        kept_policy_free(policy);
        free(text);
    }
    assert_int_equal(wrong, 0);
}

static void all_mistakes_come_in_one_run_in_order(void **state)
{
    (void)state;
    static const char *const edits[][2] = {{"issued: 2026-01-01", "issued: yesterday"},
                                           {"kind: coordinates", "kind: coordinate"},
                                           {"optional: [place]", "optional: [plaec]"},
                                           {"region: CN", "region: nowhere"},
                                           {"for: [share]", "for: [share], extra: 1"}};
    char copy[sizeof good + 256];
    memcpy(copy, good, sizeof good);
    for (size_t i = 0; i < COUNT(edits); i++) {
        char *at = strstr(copy, edits[i][0]);
        size_t from = strlen(edits[i][0]), to = strlen(edits[i][1]);
        assert_non_null(at);
        memmove(at + to, at + from, strlen(at + from) + 1);
        memcpy(at, edits[i][1], to);
    }
    struct kept_policy *policy = NULL;
    struct kept_findings findings = {0};
    assert_int_equal(kept_policy_read(span_of(copy), &policy, &findings, NULL), KEPT_E_POLICY);
    assert_true(findings.errors >= 5);
    for (size_t i = 1; i < findings.count; i++)
        assert_true(findings.rows[i].line >= findings.rows[i - 1].line);
    assert_non_null(find(&findings, "BAD_DATE"));
    assert_non_null(find(&findings, "DANGLING_REFERENCE"));
    assert_non_null(find(&findings, "BAD_REGION"));
    assert_non_null(find(&findings, "UNKNOWN_KEY"));
    assert_string_equal(find(&findings, "DANGLING_REFERENCE")->mend, "did you mean 'place'?");
    kept_findings_release(&findings);
}

/* Read whatever it is; an answer is enough. */
static void read_anything(const char *text, size_t n)
{
    struct kept_policy *policy = NULL;
    struct kept_findings findings = {0};
    char *copy = malloc(n > 0 ? n : 1); /* ends where the text ends: reading on is seen by asan */
    memcpy(copy, text, n);
    int rc = kept_policy_read((struct kept_span){(const uint8_t *)copy, n}, &policy, &findings, NULL);
    assert_true(rc == 0 || rc == KEPT_E_POLICY);
    assert_true((rc == 0) == (policy != NULL));
    if (rc != 0)
        assert_true(findings.errors > 0 && findings.count > 0);
    kept_findings_release(&findings);
    kept_policy_free(policy);
    free(copy);
}

static void a_policy_cut_anywhere_is_answered(void **state)
{
    (void)state;
    for (size_t n = 0; n < strlen(good); n++)
        read_anything(good, n);
}

static void a_policy_with_any_byte_changed_is_answered(void **state)
{
    (void)state;
    static const char others[] = {'\0', '\n', ' ', ':', '{', '[', '-', '\t', '"', '\x7F', '\xE4'};
    char copy[sizeof good];
    for (size_t at = 0; at < strlen(good); at++) {
        memcpy(copy, good, sizeof good);
        for (size_t i = 0; i < COUNT(others); i++) {
            copy[at] = others[i];
            read_anything(copy, strlen(good));
        }
        for (int bit = 0; bit < 8; bit += 3) {
            copy[at] = (char)(good[at] ^ (1 << bit));
            read_anything(copy, strlen(good));
        }
    }
}

static void lines_swapped_dropped_or_doubled_are_answered(void **state)
{
    (void)state;
    struct random random = {.state = 77};
    char copy[sizeof good * 2];
    for (int round = 0; round < 3000; round++) {
        size_t n = 0;
        for (const char *line = good; *line != 0;) {
            size_t length = strcspn(line, "\n") + 1;
            uint32_t times = draw(&random, 30) == 0 ? 0 : draw(&random, 30) == 0 ? 2 : 1;
            for (uint32_t i = 0; i < times && n + length < sizeof copy; i++) {
                memcpy(copy + n, line, length);
                n += length;
            }
            line += length;
        }
        read_anything(copy, n);
    }
}

static void too_much_is_refused(void **state)
{
    (void)state;
    size_t n = KEPT_MAX_POLICY_BYTES + 1;
    char *text = malloc(n);
    memset(text, '#', n);
    struct kept_policy *policy = NULL;
    struct kept_findings findings = {0};
    int rc = kept_policy_read((struct kept_span){(const uint8_t *)text, n}, &policy, &findings, NULL);
    assert_int_equal(rc, KEPT_E_LIMIT);
    assert_non_null(find(&findings, "TOO_LARGE"));
    kept_findings_release(&findings);
    /* Very many keys in one map, and very many mistakes: quick, and the mistakes are counted. */
    n = 0;
    for (int i = 0; i < (int)KEPT_MAX_DECLARED + 10; i++)
        n += (size_t)snprintf(text + n, 64, "k%d: x\n", i);
    rc = kept_policy_read((struct kept_span){(const uint8_t *)text, n}, &policy, &findings, NULL);
    assert_int_equal(rc, KEPT_E_POLICY);
    assert_non_null(find(&findings, "TOO_MANY"));
    kept_findings_release(&findings);
    n = 0;
    for (int i = 0; i < 4000; i++)
        n += (size_t)snprintf(text + n, 64, "k%d: x\n", i);
    rc = kept_policy_read((struct kept_span){(const uint8_t *)text, n}, &policy, &findings, NULL);
    assert_int_equal(rc, KEPT_E_POLICY);
    assert_int_equal(findings.count, KEPT_MAX_POLICY_ERRORS);
    assert_true(findings.errors >= 4000);
    kept_findings_release(&findings);
    free(text);
}

static void two_names_with_one_reference_are_refused(void **state)
{
    (void)state;
    /* Found by drawing names until two references met. */
    enum { COUNT_NAMES = 200000 };
    uint32_t *refs = calloc(1u << 20, sizeof *refs), *names = calloc(1u << 20, sizeof *names);
    uint32_t one = 0, two = 0;
    for (uint32_t i = 1; i < COUNT_NAMES && two == 0; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "n%u", i);
        uint32_t ref = kept_ref(KEPT_K_PURPOSE, name), at = ref >> 12;
        for (; names[at] != 0; at = (at + 1) & ((1u << 20) - 1))
            if (refs[at] == ref) {
                one = names[at];
                two = i;
            }
        refs[at] = ref;
        names[at] = i;
    }
    free(refs);
    free(names);
    assert_int_not_equal(two, 0);
    char to[256];
    (void)snprintf(to, sizeof to,
                   "purposes:\n  n%u: {text: {en: a, zh: b}}\n  n%u: {text: {en: a, zh: b}}\n", one,
                   two);
    size_t n = 0;
    char *text = changed("purposes:\n", to, &n);
    struct kept_policy *policy = NULL;
    struct kept_findings findings = {0};
    assert_int_equal(kept_policy_read(span_of(text), &policy, &findings, NULL), KEPT_E_POLICY);
    assert_non_null(find(&findings, "REFERENCE_COLLISION"));
    assert_int_equal(find(&findings, "REFERENCE_COLLISION")->line, 22);
    kept_findings_release(&findings);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_good_policy_is_good),
        cmocka_unit_test(every_mistake_has_its_code_and_place),
        cmocka_unit_test(all_mistakes_come_in_one_run_in_order),
        cmocka_unit_test(a_policy_cut_anywhere_is_answered),
        cmocka_unit_test(a_policy_with_any_byte_changed_is_answered),
        cmocka_unit_test(lines_swapped_dropped_or_doubled_are_answered),
        cmocka_unit_test(too_much_is_refused),
        cmocka_unit_test(two_names_with_one_reference_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
