/* kind_aid.c - what several kinds of item need: digits, check digits, stars. */
#include "base/mem.h"
#include "vault/kind_int.h"

struct kept_span kept_kind_trim(struct kept_span value)
{
    while (value.n > 0 && (value.p[0] == ' ' || value.p[0] == '\t'))
        value = (struct kept_span){value.p + 1, value.n - 1};
    while (value.n > 0 && (value.p[value.n - 1] == ' ' || value.p[value.n - 1] == '\t'))
        value.n--;
    return value;
}

size_t kept_kind_digits(struct kept_span value, uint8_t *ret_digits, size_t max)
{
    size_t n = 0;
    for (size_t i = 0; i < value.n; i++) {
        uint8_t c = value.p[i];
        if (c == ' ' || c == '-')
            continue;
        if (!is_digit(c) || n == max)
            return 0;
        ret_digits[n++] = c;
    }
    return n;
}

int kept_kind_give(uint8_t *digits, size_t n, bool fits, struct kept_buf *out)
{
    if (fits)
        put(out, digits, n);
    kept_wipe(digits, n);
    return fits ? 0 : KEPT_E_USAGE;
}

bool kept_kind_luhn(const uint8_t *digits, size_t n)
{
    unsigned sum = 0, any = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned d = digits[n - 1 - i] - (unsigned)'0';
        sum += i % 2 == 0 ? d : d > 4 ? 2 * d - 9 : 2 * d;
        any |= d;
    }
    return any != 0 && sum % 10 == 0;
}

void kept_kind_stars(struct kept_buf *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        kept_buf_u8(out, '*');
}

void kept_kind_keep(struct kept_buf *out, struct kept_span v, size_t first, size_t last)
{
    kept_buf_bytes(out, v.p, first);
    kept_kind_stars(out, v.n - first - last);
    kept_buf_bytes(out, v.p + v.n - last, last);
}

bool kept_kind_is_hostile(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x200b || c == 0x200e || c == 0x200f ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
           (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe0fff);
}

bool kept_kind_is_space(uint32_t c)
{
    return c == ' ' || c == 0xa0 || c == 0x3000 || (c >= 0x2000 && c <= 0x200a);
}

bool kept_kind_is_middle_dot(uint32_t c)
{
    return c == KEPT_MIDDLE_DOT || c == 0x2022 || c == 0x2027 || c == 0x30fb || c == 0xff65;
}

void kept_mask_hidden(struct kept_span v, struct kept_buf *out)
{
    (void)v;
    kept_buf_text(out, KEPT_KIND_HIDDEN);
}
