/* kind_text.c - kinds that are text: text, name, address; and blob, which is anything. */
#include <string.h>

#include "base/utf8.h"
#include "vault/kind_int.h"

#define NAME_MAX_CHARS 128u
#define ADDRESS_MAX_CHARS 256u

int kept_normal_blob(struct kept_span value, struct kept_buf *out)
{
    put(out, value.p, value.n);
    return 0;
}

int kept_normal_text(struct kept_span value, struct kept_buf *out)
{
    if (!kept_utf8_valid(value))
        return KEPT_E_USAGE;
    put(out, value.p, value.n);
    return 0;
}

/* One line: single spaces, none at the ends. */
static int one_line(struct kept_span value, size_t max_chars, bool dots, struct kept_buf *out)
{
    static const uint8_t dot[2] = {0xc2, 0xb7};
    size_t chars = 0;
    bool gap = false;
    if (!kept_utf8_valid(value))
        return KEPT_E_USAGE;
    for (size_t at = 0; at < value.n;) {
        size_t from = at;
        uint32_t c = kept_utf8_next(value, &at);
        if (kept_kind_is_hostile(c))
            return KEPT_E_USAGE;
        if (kept_kind_is_space(c)) {
            gap = chars > 0;
            continue;
        }
        if (gap) {
            put(out, " ", 1);
            chars++;
        }
        gap = false;
        chars++;
        if (dots && kept_kind_is_middle_dot(c))
            put(out, dot, sizeof dot);
        else
            put(out, value.p + from, at - from);
    }
    return chars == 0 ? KEPT_E_USAGE : chars > max_chars ? KEPT_E_LIMIT : 0;
}

/* ---- name ----------------------------------------------------------------------------------------*/

/* Surnames of two characters; the others are one. */
static const char *const compound[] = {
    "欧阳", "太史", "端木", "上官", "司马", "东方", "独孤", "南宫", "万俟", "闻人", "夏侯", "诸葛",
    "尉迟", "公羊", "赫连", "澹台", "皇甫", "宗政", "濮阳", "公冶", "太叔", "申屠", "公孙", "慕容",
    "仲孙", "钟离", "长孙", "宇文", "司徒", "鲜于", "司空", "闾丘", "子车", "亓官", "司寇", "巫马",
    "公西", "颛孙", "壤驷", "公良", "漆雕", "乐正", "宰父", "谷梁", "拓跋", "夹谷", "轩辕", "令狐",
    "段干", "百里", "呼延", "东郭", "南门", "羊舌", "微生", "梁丘", "左丘", "西门", "第五", "南荣",
    "东里", "仲长", "即墨", "达奚", "褚师", "纳兰", "歐陽", "東方", "司馬", "諸葛", "長孫", "公孫",
    "聞人", "萬俟", "鍾離", "軒轅", "東郭", "南宮", "獨孤", "尉遲", "赫連", "鮮于", "濮陽",
};

int kept_normal_name(struct kept_span value, struct kept_buf *out)
{
    return one_line(value, NAME_MAX_CHARS, true, out);
}

void kept_mask_name(struct kept_span v, struct kept_buf *out)
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
        if (i < shown || c == KEPT_MIDDLE_DOT || c == ' ')
            kept_buf_bytes(out, v.p + from, at - from);
        else
            kept_kind_stars(out, 1);
    }
}

/* ---- address -------------------------------------------------------------------------------------*/

int kept_normal_address(struct kept_span value, struct kept_buf *out)
{
    return one_line(value, ADDRESS_MAX_CHARS, false, out);
}

/* The last eight characters or the last half, whichever is more, as eight stars. */
void kept_mask_address(struct kept_span v, struct kept_buf *out)
{
    size_t chars = kept_utf8_length(v);
    size_t hidden = chars / 2 + chars % 2 > 8 ? chars / 2 + chars % 2 : 8;
    if (chars > hidden)
        kept_buf_bytes(out, v.p, kept_utf8_offset(v, chars - hidden));
    kept_kind_stars(out, 8);
}
