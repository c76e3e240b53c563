/* words.c - what the words around a number say it is: `order no. 13812345678` is no phone number. */
#include <string.h>

#include "base/utf8.h"
#include "scan/scan_int.h"

/* The word that ends nearest before the number counts; of several that end there the longest. */
static const struct {
    const char *word;
    uint8_t bytes;
    enum kept_hint hint;
} words[] = {
#define AS(hint, word) {word, sizeof(word) - 1, KEPT_HINT_##hint},
    AS(PHONE, "电话") AS(PHONE, "手机") AS(PHONE, "联系方式") AS(PHONE, "联系") AS(PHONE, "联系我")
    AS(PHONE, "致电") AS(PHONE, "拨打") AS(PHONE, "来电") AS(PHONE, "短信") AS(PHONE, "微信")
    AS(PHONE, "微信同号") AS(PHONE, "座机") AS(PHONE, "传真") AS(PHONE, "tel") AS(PHONE, "phone")
    AS(PHONE, "telephone") AS(PHONE, "mobile") AS(PHONE, "cell") AS(PHONE, "call") AS(PHONE, "sms")
    AS(PHONE, "whatsapp") AS(PHONE, "wechat") AS(PHONE, "msisdn") AS(PHONE, "fax")
    AS(CARD, "卡") AS(CARD, "银行卡") AS(CARD, "信用卡") AS(CARD, "借记卡") AS(CARD, "储蓄卡")
    AS(CARD, "账号") AS(CARD, "帐号") AS(CARD, "账户") AS(CARD, "card") AS(CARD, "visa")
    AS(CARD, "mastercard") AS(CARD, "amex") AS(CARD, "unionpay") AS(CARD, "pan")
    AS(ID, "身份证") AS(ID, "证件") AS(ID, "id card") AS(ID, "idcard") AS(ID, "identity card")
    AS(IMEI, "imei") AS(IMEI, "imei1") AS(IMEI, "imei2") AS(IMEI, "串号") AS(IMEI, "设备号")
    AS(NET, "mac") AS(NET, "网卡") AS(NET, "网卡地址") AS(NET, "物理地址") AS(NET, "ether")
    AS(NET, "hwaddr") AS(NET, "bssid") AS(NET, "ip") AS(NET, "client") AS(NET, "host")
    AS(OTHER, "订单") AS(OTHER, "订购") AS(OTHER, "单号") AS(OTHER, "运单") AS(OTHER, "快递")
    AS(OTHER, "包裹") AS(OTHER, "物流") AS(OTHER, "流水") AS(OTHER, "交易") AS(OTHER, "编号")
    AS(OTHER, "编码") AS(OTHER, "条码") AS(OTHER, "条形码") AS(OTHER, "代码") AS(OTHER, "发票")
    AS(OTHER, "合同") AS(OTHER, "案号") AS(OTHER, "序列") AS(OTHER, "批号") AS(OTHER, "批次")
    AS(OTHER, "会员卡") AS(OTHER, "优惠卡") AS(OTHER, "卡券") AS(OTHER, "时间戳") AS(OTHER, "时间")
    AS(OTHER, "金额") AS(OTHER, "总计") AS(OTHER, "合计") AS(OTHER, "共计") AS(OTHER, "价格")
    AS(OTHER, "资本") AS(OTHER, "营收") AS(OTHER, "收入") AS(OTHER, "人口") AS(OTHER, "数量")
    AS(OTHER, "总数") AS(OTHER, "大小") AS(OTHER, "长度") AS(OTHER, "面积") AS(OTHER, "余额")
    AS(OTHER, "版本") AS(OTHER, "第") AS(OTHER, "图") AS(OTHER, "群") AS(OTHER, "qq")
    AS(OTHER, "学号") AS(OTHER, "工号") AS(OTHER, "税号") AS(OTHER, "信用代码") AS(OTHER, "验证码")
    AS(OTHER, "取件码") AS(OTHER, "order") AS(OTHER, "invoice") AS(OTHER, "tracking")
    AS(OTHER, "parcel") AS(OTHER, "shipment") AS(OTHER, "ticket") AS(OTHER, "transaction")
    AS(OTHER, "txn") AS(OTHER, "trade") AS(OTHER, "reference") AS(OTHER, "ref") AS(OTHER, "case")
    AS(OTHER, "po") AS(OTHER, "sku") AS(OTHER, "part") AS(OTHER, "serial") AS(OTHER, "sn")
    AS(OTHER, "batch") AS(OTHER, "lot") AS(OTHER, "version") AS(OTHER, "ver") AS(OTHER, "release")
    AS(OTHER, "build") AS(OTHER, "commit") AS(OTHER, "trace") AS(OTHER, "span")
    AS(OTHER, "seq") AS(OTHER, "sequence") AS(OTHER, "uid") AS(OTHER, "id") AS(OTHER, "job")
    AS(OTHER, "timestamp") AS(OTHER, "ts") AS(OTHER, "time") AS(OTHER, "epoch") AS(OTHER, "amount")
    AS(OTHER, "total") AS(OTHER, "price") AS(OTHER, "size") AS(OTHER, "length") AS(OTHER, "count")
    AS(OTHER, "population") AS(OTHER, "balance") AS(OTHER, "revenue") AS(OTHER, "uptime")
    AS(OTHER, "bytes") AS(OTHER, "offset") AS(OTHER, "section") AS(OTHER, "figure") AS(OTHER, "oid")
    AS(OTHER, "page") AS(OTHER, "pages") AS(OTHER, "isbn") AS(OTHER, "iccid") AS(OTHER, "imsi")
    AS(OTHER, "orderno") AS(OTHER, "ordersn") AS(OTHER, "orderid") AS(OTHER, "tradeno")
    AS(OTHER, "requestid") AS(OTHER, "traceid") AS(OTHER, "userid") AS(OTHER, "txid")
    AS(OTHER, "crc") AS(OTHER, "checksum") AS(OTHER, "hash") AS(OTHER, "key") AS(OTHER, "code")
#undef AS
};

/* Words that say nothing by themselves: the one before them counts. */
static const char *const idle[] = {"number", "no", "num", "nr", "号码", "号", "码", "是", "为", "的",
                                   "is", "of", "was", "my", "his", "her", "the"};

/* Units behind a number. Letters are a word of their own. */
static const char *const units[] = {
    "元", "块", "万", "亿", "人", "个", "次", "件", "条", "台", "米", "公里", "平方", "毫秒", "纳秒", "微秒",
    "秒", "字节", "吨", "股", "倍", "usd", "cny", "rmb", "eur", "yuan", "bytes", "byte", "b", "kb", "mb",
    "gb", "ms", "us", "ns", "s", "sec", "seconds", "m", "km", "kg", "items", "people", "users", "times"};

static uint32_t low(uint32_t c)
{
    return c - 'A' < 26u ? c + 32 : c;
}

static struct kept_span span_of(const char *word)
{
    return (struct kept_span){(const uint8_t *)word, strlen(word)};
}

/* Characters of a word that stands at from; 0: it does not, or is part of a longer one. */
static size_t stands(const struct kept_window *w, size_t from, const char *word)
{
    struct kept_span s = span_of(word);
    size_t i = from, at = 0;
    for (uint32_t c; (c = kept_utf8_next(s, &at)) != 0; i++)
        if (low(kept_at(w, i)) != c)
            return 0;
    /* orderNo: a capital begins a word too. */
    uint32_t first = kept_at(w, from), before = kept_at(w, from - 1);
    bool inside = kept_is_letter(first) && kept_is_letter(before) &&
                  !(low(first) != first && low(before) == before);
    return inside ? 0 : i - from;
}

/* Characters of a word that ends before the cell, or 0. The last byte is compared first: it tells
 * nearly all of them apart. */
static size_t ends(const struct kept_window *w, size_t end, const char *word, size_t bytes)
{
    uint32_t c = low(kept_at(w, end - 1));
    if ((uint8_t)word[bytes - 1] != (c < 0x80 ? c : (c & 0x3f) | 0x80))
        return 0;
    size_t n = kept_utf8_length((struct kept_span){(const uint8_t *)word, bytes});
    return n <= end ? stands(w, end - n, word) : 0;
}

/* What may stand between a word and its number. */
static size_t over_punctuation(const struct kept_window *w, size_t end)
{
    size_t most = 12;
    while (end > 0 && most-- > 0) {
        uint32_t c = kept_at(w, end - 1);
        if (c == 0 || c >= 0x80 || strchr(" \t:=\"'#([<>+-*/._", (int)c) == NULL)
            break;
        end--;
    }
    return end;
}

enum kept_hint kept_hint_before(const struct kept_window *w, size_t at)
{
    size_t end = over_punctuation(w, at);
    /* No farther than the window surely reaches: else the cut into pieces would decide. */
    while (at - end <= KEPT_SCAN_BEHIND / 2) {
        enum kept_hint hint = KEPT_HINT_NONE;
        size_t best = 0, skip = 0;
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
            size_t n = ends(w, end, words[i].word, words[i].bytes);
            if (n > best) {
                best = n;
                hint = words[i].hint;
            }
        }
        for (size_t i = 0; i < sizeof idle / sizeof idle[0]; i++) {
            size_t n = ends(w, end, idle[i], strlen(idle[i]));
            skip = n > skip ? n : skip;
        }
        if (best > 0 && best >= skip)
            return hint;
        if (skip == 0)
            return KEPT_HINT_NONE;
        end = over_punctuation(w, end - skip);
    }
    return KEPT_HINT_NONE;
}

bool kept_unit_behind(const struct kept_window *w, size_t at)
{
    size_t from = kept_at(w, at) == ' ' ? at + 1 : at;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        size_t n = stands(w, from, units[i]);
        if (n > 0 && !(kept_is_letter((uint8_t)units[i][0]) && kept_is_alnum(kept_at(w, from + n))))
            return true;
    }
    return false;
}
