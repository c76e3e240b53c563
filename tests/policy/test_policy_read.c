/* Does a policy say through its getters, as text and as JSON, what its file says? Are names and
 * hashes stable? */
#include <jansson.h>

#include "crypto/crypto.h"
#include "duties_aid.h"
#include "policy/reference.h"

static void references_are_stable(void **state)
{
    (void)state;
    uint8_t hash[32];
    kept_sha256(span_of("kept:item:account.phone"), hash);
    uint32_t want = (uint32_t)hash[0] << 24 | (uint32_t)hash[1] << 16 | (uint32_t)hash[2] << 8 | hash[3];
    assert_int_equal(kept_ref(KEPT_K_ITEM, "account.phone"), want);
    assert_int_equal(kept_ref(KEPT_K_ITEM, "phone"), 0xc953628cu);
    assert_int_equal(kept_ref(KEPT_K_NONE, "phone"), KEPT_REF_NONE);
    assert_int_equal(kept_ref(KEPT_K_ITEM, NULL), KEPT_REF_NONE);
    assert_int_not_equal(kept_ref(KEPT_K_ITEM, "phone"), kept_ref(KEPT_K_PURPOSE, "phone"));
}

static void reasons_have_names_and_texts(void **state)
{
    (void)state;
    assert_string_equal(kept_reason_name(KEPT_R_NO_NOTICE), "NO_NOTICE");
    for (int i = 0; i < KEPT_R_COUNT; i++)
        assert_true(kept_reason_text((enum kept_reason)i)[0] != 0);
    assert_string_equal(kept_reason_name((enum kept_reason)999), "UNKNOWN");
}

static void the_head_is_read(void **state)
{
    (void)state;
    struct kept_policy *p = load_policy("policies/smart-home.yaml");
    const struct kept_policy_info *info = kept_policy_info(p);
    assert_string_equal(info->app, "smart-home");
    assert_string_equal(info->language, "zh");
    assert_int_equal(info->version, 1);
    assert_int_equal(info->zone.offset_minutes, 480);
    /* 2026-02-15 00:00 in China */
    assert_true(info->effective == (kept_ms)20499 * KEPT_DAY - 8 * KEPT_HOUR);
    assert_true(info->rotation == 7 * KEPT_DAY && info->window == 30 * KEPT_DAY);
    assert_true(info->evidence == 1100 * KEPT_DAY);
    assert_int_equal(info->withdrawal, KEPT_WITHDRAW_COLLECT_AND_USE);
    assert_true(info->implied_by_use);
    assert_string_equal(kept_policy_language(p, 0), "zh");
    assert_string_equal(kept_policy_language(p, 1), "en");
    assert_null(kept_policy_language(p, 2));
    const struct kept_item *phone = kept_policy_item(p, index_of(p, KEPT_K_ITEM, "phone"));
    assert_string_equal(phone->kind, "phone");
    assert_true(phone->sensitive && phone->token && phone->locked && !phone->many);
    assert_int_equal(phone->class, KEPT_CLASS_SENSITIVE);
    assert_string_equal(phone->clause, "S2-1.3a");
    const struct kept_item *order = kept_policy_item(p, index_of(p, KEPT_K_ITEM, "order-record"));
    assert_int_equal(order->class, KEPT_CLASS_LAW);
    assert_true(order->retain == 1096 * KEPT_DAY && order->many);
    assert_null(kept_policy_item(p, info->items));
    kept_policy_free(p);
}

static void names_and_indices_go_both_ways(void **state)
{
    (void)state;
    struct kept_policy *p = load_policy("policies/widgets.yaml");
    static const enum kept_kind kinds[] = {KEPT_K_ITEM, KEPT_K_FUNCTION, KEPT_K_PURPOSE,
                                           KEPT_K_PERMISSION, KEPT_K_RECIPIENT, KEPT_K_ROLE,
                                           KEPT_K_REGION};
    for (size_t k = 0; k < COUNT(kinds); k++) {
        uint32_t i = 0;
        for (const char *name; (name = kept_policy_name(p, kinds[k], i)) != NULL; i++)
            assert_int_equal(index_of(p, kinds[k], name), i);
        assert_true(i > 0);
        assert_int_equal(index_of(p, kinds[k], "not-declared"), KEPT_NO_INDEX);
    }
    assert_int_equal(index_of(p, KEPT_K_PURPOSE, "imei"), KEPT_NO_INDEX);
    assert_null(kept_policy_name(p, KEPT_K_NONE, 0));
    kept_policy_free(p);
}

static void roles_may_what_is_listed(void **state)
{
    (void)state;
    struct kept_policy *p = load_policy("policies/widgets.yaml");
    uint32_t app = index_of(p, KEPT_K_ROLE, ""), auditor = index_of(p, KEPT_K_ROLE, "auditor");
    uint32_t support = index_of(p, KEPT_K_ROLE, "support");
    assert_true(kept_policy_role_may(p, KEPT_NO_INDEX, KEPT_OP_COLLECT));
    assert_true(kept_policy_role_may(p, app, KEPT_OP_ERASE_SUBJECT));
    assert_false(kept_policy_role_may(p, app, KEPT_OP_AUDIT));
    assert_true(kept_policy_role_may(p, auditor, KEPT_OP_AUDIT));
    assert_false(kept_policy_role_may(p, auditor, KEPT_OP_USE));
    assert_false(kept_policy_role_may(p, support, KEPT_OP_ERASE_SUBJECT));
    assert_false(kept_policy_role_may(p, 99, KEPT_OP_USE));
    assert_false(kept_policy_role_may(p, app, (enum kept_op)200));
    assert_false(kept_policy_role_may(p, app, KEPT_OP_NONE));
    kept_policy_free(p);
}

/* The hash of a language moves with its words and with what the rules come to, and with nothing else. */
static void text_hashes_follow_words_and_rules(void **state)
{
    (void)state;
    size_t n = 0;
    char *text = read_whole("policies/smart-home.yaml", &n);
    struct kept_policy *p = read_policy(text);
    uint8_t zh[32], en[32], again[32];
    assert_true(kept_policy_text_hash(p, "zh", zh));
    assert_true(kept_policy_text_hash(p, "en", en));
    assert_false(kept_policy_text_hash(p, "fr", again));
    assert_false(kept_policy_text_hash(p, NULL, again));
    kept_policy_free(p);
    char *word = strstr(text, "mobile number");
    assert_non_null(word);
    word[0] = 'M';
    char *comment = strstr(text, "# ");
    comment[1] = '#'; /* neither a word nor a rule */
    p = read_policy(text);
    assert_true(kept_policy_text_hash(p, "zh", again));
    assert_memory_equal(zh, again, 32);
    assert_true(kept_policy_text_hash(p, "en", again));
    assert_memory_not_equal(en, again, 32);
    kept_policy_free(p);
    char *retain = strstr(text, "retain: 180 days");
    retain[8] = '2'; /* a rule, of which no word says anything */
    p = read_policy(text);
    assert_true(kept_policy_text_hash(p, "zh", again));
    assert_memory_not_equal(zh, again, 32);
    kept_policy_free(p);
    free(text);
}

static void shown_as_json(void **state)
{
    (void)state;
    static const char *const files[] = {"policies/widgets.yaml", "policies/smart-home.yaml",
                                        "policies/messenger.yaml", "policies/wallpaper.yaml",
                                        "policies/media.yaml"};
    for (size_t i = 0; i < COUNT(files); i++) {
        struct kept_policy *p = load_policy(files[i]);
        struct kept_buf out;
        kept_buf_init(&out, 1 << 20);
        assert_int_equal(kept_policy_show(p, 1, &out), 0);
        json_error_t error;
        json_t *json = json_loadb((const char *)out.p, out.n, JSON_REJECT_DUPLICATES, &error);
        if (json == NULL)
            fail_msg("%s", error.text);
        assert_int_equal(json_array_size(json_object_get(json, "items")), p->info.items);
        assert_int_equal(json_array_size(json_object_get(json, "recipients")), p->info.recipients);
        assert_string_equal(json_string_value(json_object_get(json, "app")), p->info.app);
        json_decref(json);
        kept_buf_release(&out);
        kept_buf_init(&out, 100); /* too little room is an error, not half a policy */
        assert_int_equal(kept_policy_show(p, 1, &out), KEPT_E_LIMIT);
        kept_buf_release(&out);
        kept_policy_free(p);
    }
}

static void shown_as_text(void **state)
{
    (void)state;
    struct kept_policy *p = load_policy("policies/widgets.yaml");
    struct kept_buf out;
    kept_buf_init(&out, 1 << 20);
    assert_int_equal(kept_policy_show(p, 0, &out), 0);
    const char *text = (const char *)out.p;
    assert_non_null(strstr(text, "policy of widgets, version 1"));
    assert_non_null(strstr(text, "item imei"));
    assert_non_null(strstr(text, "stored as a hash only"));
    assert_non_null(strstr(text, "role app"));
    assert_non_null(strstr(text, "agreement: from 2026-01-10 to before"));
    kept_buf_release(&out);
    kept_policy_free(p);
    p = load_policy("policies/media.yaml");
    kept_buf_init(&out, 1 << 20);
    assert_int_equal(kept_policy_show(p, 0, &out), 0);
    text = (const char *)out.p;
    assert_non_null(strstr(text, "age from 14 below 18: self_and_guardian, express"));
    assert_non_null(strstr(text, "gives: social-id, social-nickname, social-avatar"));
    assert_non_null(strstr(text, "lawful source: your account there, with your permission"));
    assert_non_null(strstr(text, "for a case that is named"));
    kept_buf_release(&out);
    kept_policy_free(p);
}

static char *shown(const struct kept_policy *p, int json)
{
    struct kept_buf out;
    kept_buf_init(&out, KEPT_MAX_JSON_BYTES);
    assert_int_equal(kept_policy_show(p, json, &out), 0);
    char *text = strdup((const char *)out.p);
    kept_buf_release(&out);
    return text;
}

/* What a number or a choice may be, what an address book meets, where a length came from. */
static void limits_are_shown(void **state)
{
    (void)state;
    struct kept_policy *p = load_policy("tests/policy/made.yaml");
    char *text = shown(p, 0), *json = shown(p, 1);
    assert_non_null(strstr(text, "      number of kWh from 0 to 85, 1 decimals\n"));
    assert_non_null(strstr(text, "      choices: yes (agrees), no (does not), maybe (does not know)\n"));
    static const char *const said[] = {"\"unit\":\"kWh\"", "\"min\":\"0\"", "\"max\":\"85\"", "\"decimals\":1",
                                       "\"match\":\"phone\"", "\"found_through\":\"findable\"", "\"match_limit\":500"};
    for (size_t i = 0; i < COUNT(said); i++)
        if (strstr(json, said[i]) == NULL)
            fail_msg("no %s in %s", said[i], json);
    assert_non_null(strstr(json, "\"maybe\""));
    free(json);
    free(text);
    kept_policy_free(p);
    char *whole = small_text("");
    char *plain = changed(whole, "kind: text,", "kind: number, min: -4,");
    p = read_policy(plain);
    text = shown(p, 0);
    json = shown(p, 1);
    assert_non_null(strstr(text, "      number from -4\n"));
    assert_non_null(strstr(json, "\"min\":\"-4\""));
    assert_null(strstr(json, "\"max\""));
    assert_null(strstr(json, "\"decimals\""));
    free(json);
    free(text);
    kept_policy_free(p);
    free(plain);
    free(whole);
}

/* Signs that JSON does not hold as they are. */
static void signs_are_escaped(void **state)
{
    (void)state;
    char *whole = small_text("");
    char *odd = changed(whole, "text: a note,", "text: \"a \\\"note\\\" \\\\ of\\ttwo\\x7f\",");
    struct kept_policy *p = read_policy(odd);
    char *json = shown(p, 1);
    assert_non_null(strstr(json, "a \\\"note\\\" \\\\ of\\u0009two\\u007f"));
    free(json);
    kept_policy_free(p);
    free(odd);
    free(whole);
}

/* docs/policy-language.md ends with the page that is made of the tables. */
static void the_page_is_what_the_tables_say(void **state)
{
    (void)state;
    size_t n = 0;
    char *page = read_whole("docs/policy-language.md", &n);
    struct kept_buf out;
    kept_buf_init(&out, 1 << 20);
    kept_policy_reference(&out);
    assert_int_equal(out.failed, 0);
    const char *at = strstr(page, "## Every key\n");
    assert_non_null(at);
    assert_string_equal(at, (const char *)out.p);
    kept_buf_release(&out);
    free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(references_are_stable),
        cmocka_unit_test(reasons_have_names_and_texts),
        cmocka_unit_test(the_head_is_read),
        cmocka_unit_test(names_and_indices_go_both_ways),
        cmocka_unit_test(roles_may_what_is_listed),
        cmocka_unit_test(text_hashes_follow_words_and_rules),
        cmocka_unit_test(shown_as_json),
        cmocka_unit_test(shown_as_text),
        cmocka_unit_test(limits_are_shown),
        cmocka_unit_test(signs_are_escaped),
        cmocka_unit_test(the_page_is_what_the_tables_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
