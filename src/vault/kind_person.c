/* kind_person.c - numbers that name a person or what is theirs: phone, landline, identity card, bank
 * card, number plate. */
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "vault/kind_int.h"

/* ---- phone, landline -----------------------------------------------------------------------------*/

int kept_normal_phone(struct kept_span value, struct kept_buf *out)
{
    uint8_t d[16] = {0};
    bool plus = value.p[0] == '+';
    size_t n = kept_kind_digits((struct kept_span){value.p + plus, value.n - plus}, d, 15);
    size_t prefix = plus ? 2 : n == 15 ? 4 : 0;
    bool fits = n == 11 + prefix && d[prefix] == '1' && d[prefix + 1] >= '3' &&
                (!plus || (d[0] == '8' && d[1] == '6')) &&
                (prefix != 4 || (d[0] == '0' && d[1] == '0' && d[2] == '8' && d[3] == '6'));
    if (fits)
        memmove(d, d + prefix, 11);
    int rc = kept_kind_give(d, 11, fits, out);
    kept_wipe(d, sizeof d);
    return rc;
}

void kept_mask_phone(struct kept_span v, struct kept_buf *out)
{
    kept_kind_keep(out, v, 3, 4);
}

int kept_normal_landline(struct kept_span value, struct kept_buf *out)
{
    uint8_t d[12] = {0};
    size_t n = kept_kind_digits(value, d, sizeof d);
    return kept_kind_give(d, n, n >= 10 && d[0] == '0' && d[1] != '0', out);
}

void kept_mask_landline(struct kept_span v, struct kept_buf *out)
{
    kept_kind_keep(out, v, 4, 2);
}

/* ---- identity card -------------------------------------------------------------------------------*/

/* The first two digits of GB/T 2260: provinces, and Taiwan (71, 83 on its residence permit), Hong
 * Kong and Macao. 9 and a province: a foreigner's permanent residence (form of 2023). */
static bool is_region(const uint8_t *d)
{
    static const uint8_t provinces[] = {11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34,
                                        35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52,
                                        53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83};
    const uint8_t *p = d[0] == '9' ? d + 1 : d;
    unsigned code = (p[0] - (unsigned)'0') * 10 + (p[1] - (unsigned)'0');
    return memchr(provinces, (int)code, sizeof provinces) != NULL;
}

/* A day that exists, from 1900 on: who is older has none of these numbers. A day to come is not
 * found: there is no clock here. */
static bool is_birth(const uint8_t *d)
{
    char date[11] = {0};
    int32_t days = 0;
    memcpy(date, d, 4);
    memcpy(date + 5, d + 4, 2);
    memcpy(date + 8, d + 6, 2);
    date[4] = date[7] = '-';
    bool fits = ((d[0] == '1' && d[1] == '9') || (d[0] == '2' && d[1] == '0')) &&
                kept_date_parse(date, 10, &days) == 0;
    kept_wipe(date, sizeof date);
    return fits;
}

/* GB 11643: region, day of birth, order; ISO 7064 MOD 11-2 over 17 digits. */
int kept_normal_id_card(struct kept_span value, struct kept_buf *out)
{
    static const uint8_t weights[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    static const char checks[] = "10X98765432";
    uint8_t d[18] = {0};
    unsigned sum = 0;
    uint8_t last = upper(value.p[value.n - 1]);
    value.n--;
    bool fits = kept_kind_digits(value, d, 17) == 17;
    for (size_t i = 0; fits && i < 17; i++)
        sum += weights[i] * (d[i] - (unsigned)'0');
    fits = fits && last == (uint8_t)checks[sum % 11] && is_region(d) && is_birth(d + 6);
    d[17] = last;
    return kept_kind_give(d, sizeof d, fits, out);
}

void kept_mask_id_card(struct kept_span v, struct kept_buf *out)
{
    kept_kind_keep(out, v, 1, 2);
}

/* ---- bank card -----------------------------------------------------------------------------------*/

int kept_normal_bank_card(struct kept_span value, struct kept_buf *out)
{
    uint8_t d[19] = {0};
    size_t n = kept_kind_digits(value, d, sizeof d);
    return kept_kind_give(d, n, n >= 12 && kept_kind_luhn(d, n), out);
}

/* Groups of four. No check digit is asked for: a card typed wrong is masked all the same. */
void kept_mask_bank_card(struct kept_span value, struct kept_buf *out)
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

/* ---- number plate --------------------------------------------------------------------------------*/

/* New energy: D A B C E (electric alone) and F G H J K (others), first with four digits at the end
 * (small cars), or last behind five digits (large ones). v: six characters. */
static bool is_new_energy(const char *v)
{
    static const char letters[] = "DABCEFGHJK";
    size_t digits = 0;
    bool small = strchr(letters, v[0]) != NULL, large = strchr(letters, v[5]) != NULL;
    for (size_t i = 0; i < 6; i++)
        digits += is_digit((uint8_t)v[i]);
    for (size_t i = 2; i < 6; i++)
        small = small && is_digit((uint8_t)v[i]);
    return small || (large && digits == 5);
}

/* GA 36: one of the provinces' characters, a letter, five letters or digits, of which the last may
 * be a character for a use; or six of new energy. Letters I and O are not in use behind the first.
 * Not known: plates of the forces and of embassies. */
int kept_normal_plate(struct kept_span value, struct kept_buf *out)
{
    static const char *const first = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";
    static const char *const last = "挂学警港澳使领";
    char c[5], tail[8] = {0};
    size_t chars = 0;
    if (!kept_utf8_valid(value))
        return KEPT_E_USAGE;
    for (size_t at = 0; at < value.n;) {
        size_t from = at;
        uint32_t point = kept_utf8_next(value, &at);
        if (kept_kind_is_space(point) || kept_kind_is_middle_dot(point) || point == '-')
            continue;
        size_t n = at - from;
        memcpy(c, value.p + from, n);
        c[n] = 0;
        c[0] = n == 1 ? (char)upper((uint8_t)c[0]) : c[0];
        unsigned plain = n == 1 ? (unsigned char)c[0] : 0;
        bool fits = chars == 0   ? n == 3 && strstr(first, c) != NULL
                    : chars == 1 ? is_upper(plain)
                    : n == 1     ? (is_upper(plain) && plain != 'I' && plain != 'O') || is_digit(plain)
                                 : n == 3 && chars == 6 && at == value.n && strstr(last, c) != NULL;
        if (!fits || chars == 8)
            return KEPT_E_USAGE;
        if (chars >= 2)
            tail[chars - 2] = c[0];
        chars++;
        put(out, c, n);
    }
    return chars == 7 || (chars == 8 && is_new_energy(tail)) ? 0 : KEPT_E_USAGE;
}

/* Province, letter and one more; the last one. */
void kept_mask_plate(struct kept_span v, struct kept_buf *out)
{
    size_t chars = kept_utf8_length(v), last = kept_utf8_offset(v, chars - 1);
    kept_buf_bytes(out, v.p, kept_utf8_offset(v, 3));
    kept_kind_stars(out, chars - 4);
    kept_buf_bytes(out, v.p + last, v.n - last);
}
