/* kind_mask.c - what of a value may be shown: Chinese practice (3+4 of a phone, the surname of a
 * name, the TAC of an IMEI), counted in characters. */
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "vault/kind_int.h"

#define STARS "********"
#define MIDDLE_DOT 0xb7u

/* Surnames of two characters; the others are one. */
static const char *const compound[] = {
    "欧阳", "太史", "端木", "上官", "司马", "东方", "独孤", "南宫", "万俟", "闻人", "夏侯", "诸葛",
    "尉迟", "公羊", "赫连", "澹台", "皇甫", "宗政", "濮阳", "公冶", "太叔", "申屠", "公孙", "慕容",
    "仲孙", "钟离", "长孙", "宇文", "司徒", "鲜于", "司空", "闾丘", "子车", "亓官", "司寇", "巫马",
    "公西", "颛孙", "壤驷", "公良", "漆雕", "乐正", "宰父", "谷梁", "拓跋", "夹谷", "轩辕", "令狐",
    "段干", "百里", "呼延", "东郭", "南门", "羊舌", "微生", "梁丘", "左丘", "西门", "第五", "南荣",
    "东里", "仲长", "即墨", "达奚", "褚师", "纳兰", "歐陽", "東方", "司馬", "諸葛", "長孫", "公孫",
    "聞人", "萬俟", "鍾離", "軒轅", "東郭", "南宮", "獨孤", "尉遲", "赫連", "鮮于", "濮陽", "慕容",
};

static void stars(struct kept_buf *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        kept_buf_u8(out, '*');
}

/* Keep the first and the last so many bytes of plain ASCII, a star for each between. */
static void keep(struct kept_buf *out, struct kept_span v, size_t first, size_t last)
{
    kept_buf_bytes(out, v.p, first);
    stars(out, v.n - first - last);
    kept_buf_bytes(out, v.p + v.n - last, last);
}

static void mask_name(struct kept_span v, struct kept_buf *out)
{
    size_t chars = kept_utf8_length(v), shown = chars > 1 ? 1 : 0;
    size_t i = 0;
    /* "欧阳" alone may be 欧 with the given name 阳: two characters show one. */
    for (size_t k = 0; chars > 2 && k < sizeof compound / sizeof compound[0]; k++)
        if (v.n > 6 && strncmp((const char *)v.p, compound[k], 6) == 0)
            shown = 2;
    for (size_t at = 0; at < v.n; i++) {
        size_t from = at;
        uint32_t c = kept_utf8_next(v, &at);
        if (i < shown || c == MIDDLE_DOT || c == ' ')
            kept_buf_bytes(out, v.p + from, at - from);
        else
            stars(out, 1);
    }
}

static void mask_mail(struct kept_span v, struct kept_buf *out)
{
    const uint8_t *at = memchr(v.p, '@', v.n);
    size_t local = at == NULL ? v.n : (size_t)(at - v.p);
    keep(out, v, local > 1 ? 1 : 0, v.n - local);
}

/* The last eight characters or the last half, whichever is more, as eight stars. */
static void mask_address(struct kept_span v, struct kept_buf *out)
{
    size_t chars = kept_utf8_length(v);
    size_t hidden = chars / 2 + chars % 2 > 8 ? chars / 2 + chars % 2 : 8;
    if (chars > hidden)
        kept_buf_bytes(out, v.p, kept_utf8_offset(v, chars - hidden));
    kept_buf_text(out, STARS);
}

/* Two decimals, about a kilometre; half away from zero, without floating point. */
static void mask_degrees(struct kept_span v, struct kept_buf *out)
{
    unsigned hundredths = 0, decimals = 0;
    bool minus = v.n > 0 && v.p[0] == '-', dot = false;
    for (size_t i = minus ? 1 : 0; i < v.n && decimals < 3; i++) {
        if (v.p[i] == '.') {
            dot = true;
            continue;
        }
        unsigned d = v.p[i] - (unsigned)'0';
        decimals += dot;
        if (decimals < 3)
            hundredths = hundredths * 10 + d;
        else
            hundredths += d >= 5;
    }
    for (; decimals < 2; decimals++)
        hundredths *= 10;
    kept_buf_printf(out, "%s%u.%02u", minus && hundredths > 0 ? "-" : "", hundredths / 100,
                    hundredths % 100);
}

static void mask_coordinates(struct kept_span v, struct kept_buf *out)
{
    const uint8_t *comma = memchr(v.p, ',', v.n);
    size_t n = comma == NULL ? v.n : (size_t)(comma - v.p);
    mask_degrees((struct kept_span){v.p, n}, out);
    kept_buf_u8(out, ',');
    if (n < v.n)
        mask_degrees((struct kept_span){v.p + n + 1, v.n - n - 1}, out);
}

static void mask_ipv4(struct kept_span v, struct kept_buf *out)
{
    size_t dots = 0, n = 0;
    while (n < v.n && dots < 2)
        dots += v.p[n++] == '.';
    kept_buf_bytes(out, v.p, n);
    kept_buf_text(out, "*.*");
}

/* Province, letter and one more; the last one. */
static void mask_plate(struct kept_span v, struct kept_buf *out)
{
    size_t chars = kept_utf8_length(v), last = kept_utf8_offset(v, chars - 1);
    kept_buf_bytes(out, v.p, kept_utf8_offset(v, 3));
    stars(out, chars - 4);
    kept_buf_bytes(out, v.p + last, v.n - last);
}

/* Groups of four. No check digit is asked for: a card typed wrong is masked all the same. */
static void mask_bank_card(struct kept_span value, struct kept_buf *out)
{
    uint8_t d[24] = {0};
    size_t n = kept_kind_digits(value, d, sizeof d);
    if (n < 12) {
        kept_buf_text(out, KEPT_KIND_HIDDEN);
    } else {
        kept_buf_bytes(out, d, 4);
        for (size_t i = 4; i < n - 4; i++)
            kept_buf_text(out, i % 4 == 0 ? " *" : "*");
        kept_buf_u8(out, ' ');
        kept_buf_bytes(out, d + n - 4, 4);
    }
    kept_wipe(d, sizeof d);
}

/* v is the normal form, so it has the shape its kind promises. */
static void mask(enum kept_item_kind kind, struct kept_span v, struct kept_buf *out)
{
    switch ((int)kind) {
    case KEPT_KIND_NAME: mask_name(v, out); break;
    case KEPT_KIND_PHONE: keep(out, v, 3, 4); break;
    case KEPT_KIND_LANDLINE: keep(out, v, 4, 2); break;
    case KEPT_KIND_MAIL: mask_mail(v, out); break;
    case KEPT_KIND_ADDRESS: mask_address(v, out); break;
    case KEPT_KIND_DATE: keep(out, (struct kept_span){v.p, 4}, 4, 0);
        kept_buf_text(out, "-**-**"); break;
    case KEPT_KIND_COORDINATES: mask_coordinates(v, out); break;
    case KEPT_KIND_IMEI: keep(out, v, 8, 0); break;
    case KEPT_KIND_MAC: kept_buf_bytes(out, v.p, 8);
        kept_buf_text(out, ":**:**:**"); break;
    case KEPT_KIND_IPV4: mask_ipv4(v, out); break;
    case KEPT_KIND_DEVICE_ID: kept_buf_bytes(out, v.p, 4);
        kept_buf_text(out, KEPT_KIND_HIDDEN); break;
    case KEPT_KIND_ID_CARD: keep(out, v, 1, 2); break;
    case KEPT_KIND_PLATE: mask_plate(v, out); break;
    default: kept_buf_text(out, KEPT_KIND_HIDDEN); break;
    }
}

static bool shows_nothing(enum kept_item_kind kind)
{
    return kind == KEPT_KIND_TEXT || kind == KEPT_KIND_BLOB || kind == KEPT_KIND_NUMBER;
}

int kept_kind_mask(enum kept_item_kind kind, struct kept_span value, struct kept_buf *out)
{
    struct kept_buf normal, form;
    if (out->failed != 0)
        return out->failed;
    kept_buf_init_secret(&normal, KEPT_MAX_VALUE_BYTES);
    kept_buf_init_secret(&form, KEPT_MAX_VALUE_BYTES);
    int rc = shows_nothing(kind) ? KEPT_E_USAGE : 0;
    if (rc == 0 && kind == KEPT_KIND_BANK_CARD)
        mask_bank_card(value, &form);
    else if (rc == 0 && (rc = kept_kind_normal(kind, value, &normal)) == 0)
        mask(kind, kept_buf_span(&normal), &form);
    if (rc == KEPT_E_USAGE || rc == KEPT_E_LIMIT) { /* not of its kind: nothing of it is shown */
        kept_buf_text(&form, KEPT_KIND_HIDDEN);
        rc = 0;
    }
    if (rc == 0 && (rc = form.failed) == 0) {
        kept_buf_bytes(out, form.p, form.n);
        rc = out->failed;
    }
    kept_buf_release(&form);
    kept_buf_release(&normal);
    return rc;
}
