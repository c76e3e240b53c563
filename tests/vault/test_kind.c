/* test_kind.c - kinds of item: the vectors of Chinese practice, and what tries to get past them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "vault/kind.h"

static struct kept_span span_of(const char *text)
{
    return (struct kept_span){(const uint8_t *)text, strlen(text)};
}

struct pair {
    const char *in;
    const char *out;
};

static void expect_normal(enum kept_item_kind kind, const char *in, const char *want)
{
    struct kept_buf out;
    kept_buf_init_secret(&out, 1 << 16);
    kept_buf_text(&out, "<");
    int rc = kept_kind_normal(kind, span_of(in), &out);
    if (rc != 0 || strcmp((char *)out.p + 1, want) != 0)
        print_message("%s: %s -> %d %s\n", kept_kind_name(kind), in, rc, (char *)out.p);
    assert_int_equal(rc, 0);
    assert_string_equal((char *)out.p + 1, want);
    assert_int_equal(kept_kind_check(kind, span_of(in), NULL), 0);
    /* The normal form is its own normal form. */
    kept_buf_clear(&out);
    assert_int_equal(kept_kind_normal(kind, span_of(want), &out), 0);
    assert_string_equal((char *)out.p, want);
    kept_buf_release(&out);
}

static void expect_mask(enum kept_item_kind kind, const char *in, const char *want)
{
    struct kept_buf out;
    kept_buf_init(&out, 1 << 16);
    assert_int_equal(kept_kind_mask(kind, span_of(in), &out), 0);
    if (strcmp((char *)out.p, want) != 0)
        print_message("%s: %s -> %s\n", kept_kind_name(kind), in, (char *)out.p);
    assert_string_equal((char *)out.p, want);
    kept_buf_release(&out);
}

/* Refused by check and normal; nothing appended; the error says nothing of the value; hidden whole. */
static void expect_bad(enum kept_item_kind kind, struct kept_span in, int code)
{
    struct kept_buf out;
    struct kept_err err = {0, ""};
    kept_buf_init(&out, 1 << 16);
    kept_buf_text(&out, "<");
    int rc = kept_kind_check(kind, in, &err);
    if (rc != code)
        print_message("%s: %.*s -> %d\n", kept_kind_name(kind), (int)in.n, (const char *)in.p, rc);
    assert_int_equal(rc, code);
    assert_int_equal(err.code, code);
    assert_true(strlen(err.text) > 20);
    if (in.n > 6) {
        char *value = calloc(1, in.n + 1);
        memcpy(value, in.p, in.n);
        assert_null(strstr(err.text, value));
        free(value);
    }
    assert_int_equal(kept_kind_normal(kind, in, &out), code);
    assert_string_equal((char *)out.p, "<");
    kept_buf_clear(&out);
    if (kind != KEPT_KIND_BANK_CARD) {
        assert_int_equal(kept_kind_mask(kind, in, &out), 0);
        assert_string_equal((char *)out.p, KEPT_KIND_HIDDEN);
    }
    kept_buf_release(&out);
}

#define NORMAL(kind, ...)                                                                          \
    do {                                                                                           \
        static const struct pair pairs[] = {__VA_ARGS__};                                          \
        for (size_t i_ = 0; i_ < sizeof pairs / sizeof pairs[0]; i_++)                             \
            expect_normal(kind, pairs[i_].in, pairs[i_].out);                                      \
    } while (0)
#define MASK(kind, ...)                                                                            \
    do {                                                                                           \
        static const struct pair pairs[] = {__VA_ARGS__};                                          \
        for (size_t i_ = 0; i_ < sizeof pairs / sizeof pairs[0]; i_++)                             \
            expect_mask(kind, pairs[i_].in, pairs[i_].out);                                        \
    } while (0)
#define BAD(kind, ...)                                                                             \
    do {                                                                                           \
        static const char *const bad[] = {__VA_ARGS__};                                            \
        for (size_t i_ = 0; i_ < sizeof bad / sizeof bad[0]; i_++)                                 \
            expect_bad(kind, span_of(bad[i_]), KEPT_E_USAGE);                                      \
    } while (0)

static void test_names_and_tokens_of_kinds(void **state)
{
    (void)state;
    static const char *const tokens[] = {"phone", "mail", "imei", "mac", "device-id", "id-card",
                                         "bank-card", "text"};
    static const char *const none[] = {"name", "date", "coordinates", "blob", "number", "ipv4",
                                       "ipv6", "address", "plate", "landline", "url", "photo"};
    static const char *const streams[] = {"photo", "blob"};
    size_t can = 0;
    for (int k = KEPT_KIND_NONE + 1; k < KEPT_KIND_COUNT; k++) {
        enum kept_item_kind kind = (enum kept_item_kind)k;
        assert_int_equal(kept_kind_named(kept_kind_name(kind)), kind);
        can += kept_kind_can_token(kind);
    }
    for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++)
        assert_true(kept_kind_can_token(kept_kind_named(tokens[i])));
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        assert_int_not_equal(kept_kind_named(none[i]), KEPT_KIND_NONE);
        assert_false(kept_kind_can_token(kept_kind_named(none[i])));
    }
    assert_int_equal(can, sizeof tokens / sizeof tokens[0]);
    for (int k = KEPT_KIND_NONE; k <= KEPT_KIND_COUNT; k++) {
        bool is = false;
        for (size_t i = 0; i < sizeof streams / sizeof streams[0]; i++)
            is = is || strcmp(kept_kind_name((enum kept_item_kind)k), streams[i]) == 0;
        assert_int_equal(kept_kind_can_stream((enum kept_item_kind)k), is);
    }
    assert_int_equal(kept_kind_named("phones"), KEPT_KIND_NONE);
    assert_int_equal(kept_kind_named(""), KEPT_KIND_NONE);
    assert_int_equal(kept_kind_named(NULL), KEPT_KIND_NONE);
    assert_string_equal(kept_kind_name((enum kept_item_kind)99), "");
    assert_false(kept_kind_can_token(KEPT_KIND_NONE));
    expect_bad(KEPT_KIND_NONE, span_of("anything"), KEPT_E_USAGE);
    expect_bad((enum kept_item_kind)77, span_of("anything"), KEPT_E_USAGE);
}

static void test_empty_is_no_value_of_any_kind(void **state)
{
    (void)state;
    for (int k = KEPT_KIND_NONE + 1; k < KEPT_KIND_COUNT; k++) {
        enum kept_item_kind kind = (enum kept_item_kind)k;
        expect_bad(kind, span_of(""), KEPT_E_USAGE);
        assert_int_equal(kept_kind_check(kind, (struct kept_span){NULL, 0}, NULL), KEPT_E_USAGE);
        if (kind != KEPT_KIND_TEXT && kind != KEPT_KIND_BLOB)
            expect_bad(kind, span_of("   "), KEPT_E_USAGE);
    }
}

static void test_too_long_is_a_limit(void **state)
{
    (void)state;
    size_t n = KEPT_MAX_VALUE_BYTES + 1;
    uint8_t *p = malloc(n);
    memset(p, '1', n);
    for (int k = KEPT_KIND_NONE + 1; k < KEPT_KIND_COUNT; k++) {
        expect_bad((enum kept_item_kind)k, (struct kept_span){p, n}, KEPT_E_LIMIT);
        if (k != KEPT_KIND_TEXT && k != KEPT_KIND_BLOB && k != KEPT_KIND_PHOTO)
            expect_bad((enum kept_item_kind)k, (struct kept_span){p, 4000}, KEPT_E_LIMIT);
    }
    assert_int_equal(kept_kind_check(KEPT_KIND_BLOB, (struct kept_span){p, n - 1}, NULL), 0);
    free(p);
}

static void test_hostile_bytes_pass_only_as_blobs(void **state)
{
    (void)state;
    static const char *const bad[] = {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                                      "\xe6\xac", "abc\x80", "\xf8\x88\x80\x80\x80",
                                      "\xe6\xac\xa7\xe9\x98\xb3\xe9"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        for (int k = KEPT_KIND_NONE + 1; k < KEPT_KIND_COUNT; k++)
            if (k == KEPT_KIND_BLOB)
                expect_normal(KEPT_KIND_BLOB, bad[i], bad[i]);
            else
                expect_bad((enum kept_item_kind)k, span_of(bad[i]), KEPT_E_USAGE);
    for (int k = KEPT_KIND_NONE + 1; k < KEPT_KIND_COUNT; k++)
        if (k != KEPT_KIND_BLOB) {
            struct kept_span nul = {(const uint8_t *)"13800138000\0", 12};
            assert_int_equal(kept_kind_check((enum kept_item_kind)k, nul, NULL), KEPT_E_USAGE);
        }
}

/* Random bytes: no crash, no unmasked byte of what is not of its kind, masks are UTF-8. */
static void test_random_bytes_do_no_harm(void **state)
{
    (void)state;
    static const char letters[] = "0123456789+-.,:@ *xXaAfF\xe6\xac\xa7\xe9\x98\xb3\xc2\xb7";
    uint32_t seed = 12345;
    for (unsigned round = 0; round < 200000; round++) {
        uint8_t p[24];
        seed = seed * 1664525u + 1013904223u;
        size_t n = (seed >> 8) % sizeof p;
        for (size_t i = 0; i < n; i++) {
            seed = seed * 1664525u + 1013904223u;
            p[i] = (uint8_t)letters[(seed >> 9) % (sizeof letters - 1)];
        }
        enum kept_item_kind kind = (enum kept_item_kind)(1 + (seed >> 4) % (KEPT_KIND_COUNT - 1));
        struct kept_buf out, again;
        kept_buf_init(&out, 4096);
        kept_buf_init(&again, 4096);
        struct kept_span in = {p, n};
        bool fits = kept_kind_check(kind, in, NULL) == 0;
        assert_int_equal(kept_kind_normal(kind, in, &out) == 0, fits);
        if (fits) {
            assert_int_equal(kept_kind_normal(kind, kept_buf_span(&out), &again), 0);
            assert_int_equal(again.n, out.n);
            assert_memory_equal(again.p, out.p, out.n);
        }
        kept_buf_clear(&out);
        assert_int_equal(kept_kind_mask(kind, in, &out), 0);
        assert_true(kept_utf8_valid(kept_buf_span(&out)));
        assert_true(out.n > 0);
        if (!fits && kind != KEPT_KIND_BANK_CARD)
            assert_string_equal((char *)out.p, KEPT_KIND_HIDDEN);
        kept_buf_release(&out);
        kept_buf_release(&again);
    }
}

static void test_phone(void **state)
{
    (void)state;
    NORMAL(KEPT_KIND_PHONE, {"18049531999", "18049531999"}, {"+8618049531999", "18049531999"},
           {"+86 180 4953 1999", "18049531999"}, {"+86-180-4953-1999", "18049531999"},
           {"008618049531999", "18049531999"}, {"0086 180-4953-1999", "18049531999"},
           {" 13000000000 ", "13000000000"}, {"19999999999", "19999999999"});
    BAD(KEPT_KIND_PHONE, "12049531999", "1804953199", "180495319990", "8618049531999",
        "+8518049531999", "008518049531999", "0086180495319990", "++8618049531999", "+18049531999",
        "18049531999x", "1804953199９", "+86", "+", "180.4953.1999", "28049531999");
    MASK(KEPT_KIND_PHONE, {"18049531999", "180****1999"}, {"+86 180 4953 1999", "180****1999"});
}

static void test_name(void **state)
{
    (void)state;
    NORMAL(KEPT_KIND_NAME, {"段正淳", "段正淳"}, {" 段正淳　", "段正淳"},
           {"John  Smith", "John Smith"}, {"John　 Smith", "John Smith"},
           {"阿凡提•买买提", "阿凡提·买买提"}, {"阿凡提・买买提", "阿凡提·买买提"},
           {"O'Neil", "O'Neil"}, {"𠮷野家", "𠮷野家"});
    BAD(KEPT_KIND_NAME, "a\nb", "a\tb", "a\x7f", "\xe2\x80\xae" "abc", "a\xe2\x80\x8b" "b",
        "\xef\xbb\xbf" "abc", "a\xc2\x85", "\xe2\x80\xa8", "\xe2\x81\xa6" "x", "　", "\x1b[2J");
    MASK(KEPT_KIND_NAME, {"段正淳", "段**"}, {"李明", "李*"}, {"李", "*"}, {"欧阳", "欧*"},
         {"欧阳锋", "欧阳*"}, {"欧阳娜娜", "欧阳**"}, {"诸葛亮", "诸葛*"}, {"司马相如", "司马**"},
         {"東方不敗", "東方**"}, {"阿凡提·买买提", "阿**·***"}, {"John Smith", "J*** *****"},
         {"𠮷野家", "𠮷**"});
    char name[129 * 3 + 1] = "";
    for (int i = 0; i < 128; i++)
        memcpy(name + 3 * i, "段", 4);
    assert_int_equal(kept_kind_check(KEPT_KIND_NAME, span_of(name), NULL), 0);
    memcpy(name + 3 * 128, "段", 4);
    expect_bad(KEPT_KIND_NAME, span_of(name), KEPT_E_LIMIT);
}

static void test_mail(void **state)
{
    (void)state;
    NORMAL(KEPT_KIND_MAIL, {"duandazhi-jack@gmail.com.cn", "duandazhi-jack@gmail.com.cn"},
           {" A.b+c@EXAMPLE.Com ", "A.b+c@example.com"}, {"x@a-b.cn", "x@a-b.cn"},
           {"o'neil!#$%&*/=?^_`{|}~-@xn--fiqs8s.cn", "o'neil!#$%&*/=?^_`{|}~-@xn--fiqs8s.cn"});
    BAD(KEPT_KIND_MAIL, "a", "@", "a@", "@b.cn", "a@b", "a@b.c", ".a@b.cn", "a.@b.cn", "a..b@b.cn",
        "a@@b.cn", "a@b@c.cn", "a b@c.cn", "a@b..cn", "a@.cn", "a@b.cn.", "a@-b.cn", "a@b-.cn",
        "a@b.-cn", "a@b.cn-", "a@1.2.3.4", "a@[1.2.3.4]", "a@b_c.cn", "\"a b\"@c.cn", "欧@b.cn",
        "a@欧.cn", "a,b@c.cn", "a@b.cn\r\nBcc: x@y.cn", "<a@b.cn>", "a@b.cn\n",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@b.cn",
        "a@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.cn");
    MASK(KEPT_KIND_MAIL, {"duandazhi-jack@gmail.com.cn", "d*************@gmail.com.cn"},
         {"ab@c.cn", "a*@c.cn"}, {"a@c.cn", "*@c.cn"});
    char mail[300] = "a@";
    for (size_t i = 2; i < 251; i++)
        mail[i] = i % 60 == 0 ? '.' : 'b';
    memcpy(mail + 251, ".cn", 4);
    assert_int_equal(kept_kind_check(KEPT_KIND_MAIL, span_of(mail), NULL), 0); /* 254 */
    memcpy(mail + 251, "b.cn", 5);
    expect_bad(KEPT_KIND_MAIL, span_of(mail), KEPT_E_LIMIT);
}

static void test_id_card(void **state)
{
    (void)state;
    NORMAL(KEPT_KIND_ID_CARD, {"51343620000320711X", "51343620000320711X"},
           {"51343620000320711x", "51343620000320711X"},
           {"411224198012257571", "411224198012257571"},
           {"11010519491231002X", "11010519491231002X"},
           {"110101199003077758", "110101199003077758"},
           {"110101 19900307 7758", "110101199003077758"});
    BAD(KEPT_KIND_ID_CARD, "513436200003207110", "51343620000320711", "51343620000320711XX",
        "5134362000032071１X", "X1343620000320711X", "411224198012257572", "411224198002307571",
        "011224198012257571", "513436200003207-", "abcdefghijklmnopqr", "X", "-", "11010119900230775X");
    /* Check characters that fit: a region that there is not, days that nobody was born on. */
    BAD(KEPT_KIND_ID_CARD, "16122419801225757X", "990101199003077751", "110101189903077754",
        "110101210003077752", "110101199002307750", "110101199013077751", "110101199000077752");
    /* Before 1999: 15 digits, no check character; not valid since 2013. */
    BAD(KEPT_KIND_ID_CARD, "110101900307775", "513436000320711");
    NORMAL(KEPT_KIND_ID_CARD, {"911124198108030024", "911124198108030024"},
           {"830000199201300022", "830000199201300022"});
    /* Every single wrong digit is found. */
    char id[] = "411224198012257571";
    for (size_t i = 0; i < 18; i++)
        for (char c = '0'; c <= '9'; c++) {
            char was = id[i];
            id[i] = c;
            assert_int_equal(kept_kind_check(KEPT_KIND_ID_CARD, span_of(id), NULL) == 0, c == was);
            id[i] = was;
        }
    MASK(KEPT_KIND_ID_CARD, {"51343620000320711X", "5***************1X"},
         {"51343620000320711x", "5***************1X"}, {"513436200003207110", "****"});
}

static void test_bank_card(void **state)
{
    (void)state;
    NORMAL(KEPT_KIND_BANK_CARD, {"4111111111111111", "4111111111111111"},
           {"4111 1111 1111 1111", "4111111111111111"},
           {"4111-1111-1111-1111", "4111111111111111"});
    BAD(KEPT_KIND_BANK_CARD, "4111111111111112", "11011111222233333256", "41111111111",
        "4111x11111111111", "411111111111111１", "0000000000000000", "41111111111111111111");
    MASK(KEPT_KIND_BANK_CARD, {"11011111222233333256", "1101 **** **** **** 3256"},
         {"4111111111111111", "4111 **** **** 1111"}, {"4111111111111112", "4111 **** **** 1112"},
         {"4111 1111 1111 1111", "4111 **** **** 1111"},
         {"6222021234567890123", "6222 **** **** *** 0123"}, {"41111111111", "****"},
         {"not a card", "****"}, {"4111111111111111111111111111", "****"});
}

static void test_devices(void **state)
{
    (void)state;
    NORMAL(KEPT_KIND_IMEI, {"490154203237518", "490154203237518"},
           {"49-015420-323751-8", "490154203237518"});
    BAD(KEPT_KIND_IMEI, "490154203237519", "49015420323751", "4901542032375188",
        "49015420323751x", "000000000000000");
    MASK(KEPT_KIND_IMEI, {"490154203237518", "49015420*******"}, {"490154203237519", "****"});
    NORMAL(KEPT_KIND_MAC, {"00:1A:2B:3C:4D:5E", "00:1a:2b:3c:4d:5e"},
           {"00-1a-2b-3c-4d-5e", "00:1a:2b:3c:4d:5e"}, {"001a.2b3c.4d5e", "00:1a:2b:3c:4d:5e"},
           {"001A2B3C4D5E", "00:1a:2b:3c:4d:5e"});
    BAD(KEPT_KIND_MAC, "00:1A:2B:3C:4D", "00:1A:2B:3C:4D:5G", "00:1A-2B:3C:4D:5E",
        "00:1A:2B:3C:4D:5E:6F", "001A:2B3C:4D5E", "00.1a.2b.3c.4d.5e", "0:01A:2B:3C:4D:5E",
        "00:1A:2B:3C:4D:5:", "001a2b3c4d5", "00:00:00:00:00:00", "FF:FF:FF:FF:FF:FF",
        "02:00:00:00:00:00");
    MASK(KEPT_KIND_MAC, {"00-1A-2B-3C-4D-5E", "00:1a:2b:**:**:**"}, {"00:1A", "****"});
    NORMAL(KEPT_KIND_IPV4, {"192.168.0.255", "192.168.0.255"}, {" 10.0.0.1 ", "10.0.0.1"});
    BAD(KEPT_KIND_IPV4, "192.168.0", "192.168.0.256", "192.168.0.1.1", "192.168.00.1", "1.2.3.04",
        "1.2.3.", ".1.2.3", "1..2.3", "1.2.3.4.", "1,2,3,4", "1.2.3.4/8", "::1", "1.2.3.0x4");
    MASK(KEPT_KIND_IPV4, {"192.168.0.1", "192.168.*.*"}, {"1.2.3.256", "****"});
    NORMAL(KEPT_KIND_DEVICE_ID, {"9774D56D682E549C", "9774d56d682e549c"},
           {"6F9619FF-8B86-D011-B42D-00CF4FC964FF", "6f9619ff-8b86-d011-b42d-00cf4fc964ff"},
           {"{6F9619FF-8B86-D011-B42D-00CF4FC964FF}", "6f9619ff-8b86-d011-b42d-00cf4fc964ff"},
           {"OAID_MixedCase-7", "OAID_MixedCase-7"}, {"R58M123ABCD", "R58M123ABCD"});
    BAD(KEPT_KIND_DEVICE_ID, "short", "has space1", "semi;colon1", "设备标识设备标识", "a/b/c/d/e1",
        "undefined", "00000000-0000-0000-0000-000000000000", "0000000000000000", "{not-a-uuid-1}",
        "6F9619FF-8B86-D011-B42D-00CF4FC964F}");
    MASK(KEPT_KIND_DEVICE_ID, {"9774D56D682E549C", "9774****"},
         {"6F9619FF-8B86-D011-B42D-00CF4FC964FF", "6f96****"});
}

static void test_places(void **state)
{
    (void)state;
    NORMAL(KEPT_KIND_COORDINATES, {"39.9042,116.4074", "39.9042,116.4074"},
           {" +39.90420 , 116.4074000 ", "39.9042,116.4074"}, {"-0.0,000", "0,0"},
           {"90,-180", "90,-180"}, {"90.000,180.0", "90,180"}, {"-33.8568,151.2153", "-33.8568,151.2153"});
    BAD(KEPT_KIND_COORDINATES, "90.0001,0", "-90.1,0", "0,180.01", "0,-181", "91,0", "39.9", "39.9,",
        ",1", "a,b", "1,2,3", "1.2.3,4", ".5,1", "5.,1", "1e1,2", "nan,0", "1 2,3", "--1,2", "+,1",
        "9999999999999999999,1");
    MASK(KEPT_KIND_COORDINATES, {"39.9042,116.4074", "39.90,116.41"}, {"39,116", "39.00,116.00"},
         {"39.5,116.05", "39.50,116.05"}, {"-33.8568,151.2153", "-33.86,151.22"},
         {"89.999,179.996", "90.00,180.00"}, {"-0.001,-0.005", "0.00,-0.01"},
         {"0.00499999,0.0049", "0.00,0.00"}, {"91,0", "****"});
    NORMAL(KEPT_KIND_ADDRESS, {" 北京市海淀区马连洼街道289号 ", "北京市海淀区马连洼街道289号"});
    MASK(KEPT_KIND_ADDRESS, {"北京市海淀区马连洼街道289号", "北京市海淀区马********"},
         {"北京市海淀区", "********"}, {"289号", "********"},
         {"北京市海淀区马连洼街道289号院3号楼2单元501室", "北京市海淀区马连洼街道28********"});
    BAD(KEPT_KIND_ADDRESS, "a\nb", "\xe2\x80\xae" "x");
    NORMAL(KEPT_KIND_LANDLINE, {"0915-7518479", "09157518479"}, {"010 1234 5678", "01012345678"});
    BAD(KEPT_KIND_LANDLINE, "7518479", "0015751847", "0915751847900", "19157518479");
    MASK(KEPT_KIND_LANDLINE, {"09157518479", "0915*****79"});
    NORMAL(KEPT_KIND_PLATE, {"苏D40000", "苏D40000"}, {"京a·12345", "京A12345"},
           {"粤B D12345", "粤BD12345"}, {"粤Z1234港", "粤Z1234港"}, {"京AF11234", "京AF11234"},
           {"沪ADB1234", "沪ADB1234"}, {"沪A·D12345", "沪AD12345"}, {"苏A12345D", "苏A12345D"},
           {"苏A12345F", "苏A12345F"}, {"京A1234警", "京A1234警"});
    /* Eight characters are new energy: its letter, in its place. */
    BAD(KEPT_KIND_PLATE, "苏A123456", "苏AL12345", "苏A12345L", "苏AD1234A", "京AF1A234", "苏AA1234D", "苏AD123A5",
        "苏A1234DD", "苏AD1234警");
    BAD(KEPT_KIND_PLATE, "苏D4000", "苏D4000000", "苏440000", "D苏40000", "苏D4000I", "苏D40O00",
        "洋D40000", "苏D港0000", "苏D4000苏", "粤Z123港4");
    MASK(KEPT_KIND_PLATE, {"苏D40000", "苏D4***0"}, {"粤BD12345", "粤BD****5"},
         {"粤Z1234港", "粤Z1***港"});
}

static void test_numbers_and_dates(void **state)
{
    (void)state;
    NORMAL(KEPT_KIND_NUMBER, {"0", "0"}, {"-0.00", "0"}, {"+007.50", "7.5"}, {"-12", "-12"},
           {"100", "100"}, {"123456789012345678901234567890", "123456789012345678901234567890"});
    BAD(KEPT_KIND_NUMBER, "", "-", ".", "1.", ".1", "1..2", "1,000", "0x10", "1e5", "１",
        "1234567890123456789012345678901");
    MASK(KEPT_KIND_NUMBER, {"7", "****"}, {"1234567", "****"});
    NORMAL(KEPT_KIND_DATE, {"1990-03-07", "1990-03-07"}, {"2024-02-29", "2024-02-29"});
    BAD(KEPT_KIND_DATE, "2023-02-29", "1990-13-01", "1990-00-10", "1990-1-1", "1990/03/07",
        "0000-01-01", "19900307", "1990-03-07T00:00");
    MASK(KEPT_KIND_DATE, {"1990-03-07", "1990-**-**"}, {"1990-13-01", "****"});
}

static void test_ipv6(void **state)
{
    (void)state;
    /* RFC 5952, section by section. */
    NORMAL(KEPT_KIND_IPV6, {"2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"},
           {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"}, {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
           {"2001:DB8::AAAA", "2001:db8::aaaa"}, {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
           {"2001:db8:0:0:1::1", "2001:db8::1:0:0:1"}, {"0:0:0:0:0:0:0:0", "::"}, {"::", "::"},
           {"::1", "::1"}, {"1::", "1::"}, {"0:0:0:0:0:0:0:1", "::1"}, {"1:0:0:0:0:0:0:0", "1::"},
           {"::ffff:192.0.2.1", "::ffff:192.0.2.1"}, {"::FFFF:c000:201", "::ffff:192.0.2.1"},
           {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"}, {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
           {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"}, {"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"},
           {" fe80::1 ", "fe80::1"});
    BAD(KEPT_KIND_IPV6, ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "1:2:3:4:5:6:7:8::",
        "::1:2:3:4:5:6:7:8", "1:2:3:4::5:6:7:8", "12345::", "::g", ":1:2:3:4:5:6:7", "1:2:3:4:5:6:7:",
        "fe80::1%eth0", "[::1]", "::1/64", "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3", "::1.2.3.4:5",
        "::01.2.3.4", "::256.2.3.4", "1.2.3.4", "::1 ::2", "１::");
    MASK(KEPT_KIND_IPV6, {"2001:db8:85a3:1:2:3:4:5", "2001:db8:85a3:*:*:*:*:*"},
         {"fe80::1", "fe80:0:0:*:*:*:*:*"}, {"::ffff:192.0.2.1", "0:0:0:*:*:*:*:*"},
         {"2002:c000:201::1", "2002:c000:*:*:*:*:*:*"}, {"::g", "****"});
}

static void test_url(void **state)
{
    (void)state;
    NORMAL(KEPT_KIND_URL, {"HTTP://Example.COM", "http://example.com/"},
           {"https://example.com:443/a", "https://example.com/a"},
           {"http://example.com:0080", "http://example.com/"}, {"http://example.com:/x", "http://example.com/x"},
           {"https://example.com:8443/%7euser/%2e%2E/a%2fb", "https://example.com:8443/a%2Fb"},
           {"http://example.com/a/b/../c/./d/..", "http://example.com/a/c/"},
           {"http://example.com/../../x", "http://example.com/x"}, {"http://example.com/...", "http://example.com/..."},
           {"http://example.com?q=%E6%AC%A7", "http://example.com/?q=%E6%AC%A7"},
           {"http://example.com/欧?阳#锋", "http://example.com/%E6%AC%A7?%E9%98%B3#%E9%94%8B"},
           {"https://192.0.2.1/x#a", "https://192.0.2.1/x#a"}, {"https://[2001:DB8:0::1]:8080/", "https://[2001:db8::1]:8080/"},
           {"http://[::1]", "http://[::1]/"}, {"https://xn--fiqs8s.example.cn/?a=1&b=/?#/?", "https://xn--fiqs8s.example.cn/?a=1&b=/?#/?"},
           {"http://example.com/#", "http://example.com/#"}, {"http://example.com/a/./", "http://example.com/a/"});
    BAD(KEPT_KIND_URL, "example.com", "ftp://example.com/", "http:/example.com", "http://", "http://localhost/",
        "https:///x", "http://user@example.com/", "http://user:secret@example.com/", "http://example.com:0/",
        "http://example.com:65536/", "http://example.com:8x/", "http://exa mple.com/", "http://example.com/a b",
        "http://example.com/%4", "http://example.com/%zz", "http://example.com/<x>", "http://example.com/#a#b",
        "javascript:alert(1)", "http://欧.example/", "http://-a.example/", "http://[::1/", "http://[::g]/",
        "http://example.com\\x/", "http://example.com/\"", "http://1.2.3/", "http://example.com/a\nb",
        "http://example.com/\xe2\x80\xae", "https", "httpx://example.com/", "http://[::1]8/");
    MASK(KEPT_KIND_URL, {"https://example.com/people/42?token=9", "https://example.com/****"},
         {"http://example.com", "http://example.com/****"}, {"http://a.cn:81/?x", "http://a.cn:81/****"},
         {"http://user@example.com/", "****"});
    /* Escapes make it longer: it must still fit. */
    char url[2049] = "http://a.cn/";
    memset(url + 12, 'x', 2048 - 12);
    assert_int_equal(kept_kind_check(KEPT_KIND_URL, span_of(url), NULL), 0);
    memcpy(url + 2045, "\xe6\xac\xa7", 3);
    expect_bad(KEPT_KIND_URL, span_of(url), KEPT_E_LIMIT);
}

static void test_photo(void **state)
{
    (void)state;
    static const uint8_t jpeg[] = {0xff, 0xd8, 0xff, 0xe1, 0x00, 0x10, 'E', 'x', 'i', 'f', 0, 0};
    static const uint8_t png[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13, 'I', 'H', 'D',
                                  'R', 0, 0, 0, 1, 0, 0, 0, 1, 8, 6, 0, 0, 0};
    static const uint8_t gif[] = {'G', 'I', 'F', '8', '9', 'a', 1, 0, 1, 0, 0, 0, 0};
    static const uint8_t webp[] = {'R', 'I', 'F', 'F', 12, 0, 0, 0, 'W', 'E', 'B', 'P', 'V', 'P', '8', 'L',
                                   0, 0, 0, 0};
    static const struct {
        const uint8_t *p;
        size_t n;
        const char *type;
    } photos[] = {{jpeg, sizeof jpeg, "image/jpeg"}, {png, sizeof png, "image/png"},
                  {gif, sizeof gif, "image/gif"}, {webp, sizeof webp, "image/webp"}};
    for (size_t i = 0; i < 4; i++) {
        uint8_t p[64];
        struct kept_buf out;
        struct kept_span photo = {photos[i].p, photos[i].n};
        kept_buf_init_secret(&out, 100);
        assert_string_equal(kept_photo_type(photo), photos[i].type);
        assert_true(photo.n <= KEPT_KIND_HEAD);
        assert_int_equal(kept_kind_normal(KEPT_KIND_PHOTO, photo, &out), 0);
        assert_int_equal(out.n, photo.n); /* stored as it is */
        assert_memory_equal(out.p, photo.p, photo.n);
        kept_buf_clear(&out);
        assert_int_equal(kept_kind_mask(KEPT_KIND_PHOTO, photo, &out), 0);
        assert_string_equal((char *)out.p, "****");
        kept_buf_release(&out);
        /* Cut anywhere in what is looked at, it is none; nor with another first byte, nor later. */
        for (size_t n = 1; n < (i == 0 ? 4 : i == 1 ? 24 : photo.n); n++)
            expect_bad(KEPT_KIND_PHOTO, (struct kept_span){photo.p, n}, KEPT_E_USAGE);
        memcpy(p + 1, photo.p, photo.n);
        p[0] = ' ';
        expect_bad(KEPT_KIND_PHOTO, (struct kept_span){p, photo.n + 1}, KEPT_E_USAGE);
        p[1] ^= 0x20;
        expect_bad(KEPT_KIND_PHOTO, (struct kept_span){p + 1, photo.n}, KEPT_E_USAGE);
    }
    uint8_t flat[sizeof png];
    memcpy(flat, png, sizeof png);
    flat[19] = 0; /* no width */
    expect_bad(KEPT_KIND_PHOTO, (struct kept_span){flat, sizeof flat}, KEPT_E_USAGE);
    BAD(KEPT_KIND_PHOTO, "<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "%PDF-1.7 and more of it",
        "MZ\x90 a program, not a photo", "BM a bitmap, not of ours", "\xff\xd8\xff\xd9", "GIF88a--------",
        "II*\x01 a TIFF, not of ours", "RIFF----WAVEfmt ----");
}

static void test_text_and_blobs_reveal_no_length(void **state)
{
    (void)state;
    NORMAL(KEPT_KIND_TEXT, {"两行\n文字 ", "两行\n文字 "}, {"x", "x"});
    MASK(KEPT_KIND_TEXT, {"x", "****"}, {"a much longer text than the other one", "****"});
    MASK(KEPT_KIND_BLOB, {"x", "****"}, {"\xff\xfe a much longer one", "****"});
}

static void test_a_full_buffer_fails_and_keeps_what_it_had(void **state)
{
    (void)state;
    struct kept_buf out;
    kept_buf_init(&out, 10);
    kept_buf_text(&out, "abc");
    assert_int_equal(kept_kind_mask(KEPT_KIND_PHONE, span_of("18049531999"), &out), KEPT_E_LIMIT);
    assert_string_equal((char *)out.p, "abc");
    assert_int_equal(kept_kind_mask(KEPT_KIND_TEXT, span_of("x"), &out), KEPT_E_LIMIT); /* sticky */
    kept_buf_clear(&out);
    kept_buf_text(&out, "abc");
    assert_int_equal(kept_kind_normal(KEPT_KIND_PHONE, span_of("18049531999"), &out), KEPT_E_LIMIT);
    assert_string_equal((char *)out.p, "abc");
    kept_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_and_tokens_of_kinds),
        cmocka_unit_test(test_empty_is_no_value_of_any_kind),
        cmocka_unit_test(test_too_long_is_a_limit),
        cmocka_unit_test(test_hostile_bytes_pass_only_as_blobs),
        cmocka_unit_test(test_random_bytes_do_no_harm),
        cmocka_unit_test(test_phone),
        cmocka_unit_test(test_name),
        cmocka_unit_test(test_mail),
        cmocka_unit_test(test_id_card),
        cmocka_unit_test(test_bank_card),
        cmocka_unit_test(test_devices),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_numbers_and_dates),
        cmocka_unit_test(test_ipv6),
        cmocka_unit_test(test_url),
        cmocka_unit_test(test_photo),
        cmocka_unit_test(test_text_and_blobs_reveal_no_length),
        cmocka_unit_test(test_a_full_buffer_fails_and_keeps_what_it_had),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
