/* kind_normal.c - one function per kind: does a value fit, and what is its one spelling. */
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "vault/kind_int.h"

#define SHORT_MAX 64u          /* bytes of a number, address or date as people type it */
#define NAME_MAX_CHARS 128u
#define ADDRESS_MAX_CHARS 256u
#define MAIL_MAX 254u          /* RFC 5321 4.5.3.1.3, less the angle brackets */
#define MAIL_LOCAL_MAX 64u
#define LABEL_MAX 63u
#define DEVICE_MIN 8u
#define DEVICE_MAX 128u
#define MIDDLE_DOT 0xb7u

static bool is_digit(unsigned c)
{
    return c >= '0' && c <= '9';
}

static bool is_upper(unsigned c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_letter(unsigned c)
{
    return is_upper(c) || (c >= 'a' && c <= 'z');
}

static uint8_t lower(uint8_t c)
{
    return is_upper(c) ? (uint8_t)(c + 32) : c;
}

static uint8_t upper(uint8_t c)
{
    return c >= 'a' && c <= 'z' ? (uint8_t)(c - 32) : c;
}

static int hex_of(uint8_t c)
{
    c = lower(c);
    return is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void put(struct kept_buf *out, const void *p, size_t n)
{
    if (out != NULL)
        kept_buf_bytes(out, p, n);
}

static struct kept_span trim(struct kept_span s)
{
    while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t'))
        s = (struct kept_span){s.p + 1, s.n - 1};
    while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
        s.n--;
    return s;
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

/* Put digits out and wipe them. */
static int give(uint8_t *digits, size_t n, bool fits, struct kept_buf *out)
{
    if (fits)
        put(out, digits, n);
    kept_wipe(digits, n);
    return fits ? 0 : KEPT_E_USAGE;
}

/* Luhn (ISO/IEC 7812-1): the last digit checks the others. */
static bool luhn(const uint8_t *digits, size_t n)
{
    unsigned sum = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned d = digits[n - 1 - i] - (unsigned)'0';
        sum += i % 2 == 0 ? d : d > 4 ? 2 * d - 9 : 2 * d;
    }
    return sum % 10 == 0;
}

/* ---- numbers that name a person or a thing ------------------------------------------------------*/

int kept_normal_phone(struct kept_span value, struct kept_buf *out)
{
    uint8_t d[16] = {0};
    value = trim(value);
    if (value.n > SHORT_MAX)
        return KEPT_E_LIMIT;
    bool plus = value.n > 0 && value.p[0] == '+';
    size_t n = kept_kind_digits((struct kept_span){value.p + plus, value.n - plus}, d, 15);
    size_t prefix = plus ? 2 : n == 15 ? 4 : 0;
    bool fits = n == 11 + prefix && d[prefix] == '1' && d[prefix + 1] >= '3' &&
                (!plus || (d[0] == '8' && d[1] == '6')) &&
                (prefix != 4 || (d[0] == '0' && d[1] == '0' && d[2] == '8' && d[3] == '6'));
    if (fits)
        memmove(d, d + prefix, 11);
    int rc = give(d, 11, fits, out);
    kept_wipe(d, sizeof d);
    return rc;
}

int kept_normal_landline(struct kept_span value, struct kept_buf *out)
{
    uint8_t d[12] = {0};
    value = trim(value);
    if (value.n > SHORT_MAX)
        return KEPT_E_LIMIT;
    size_t n = kept_kind_digits(value, d, sizeof d);
    return give(d, n, n >= 10 && d[0] == '0' && d[1] != '0', out);
}

int kept_normal_imei(struct kept_span value, struct kept_buf *out)
{
    uint8_t d[15] = {0};
    value = trim(value);
    if (value.n > SHORT_MAX)
        return KEPT_E_LIMIT;
    size_t n = kept_kind_digits(value, d, sizeof d);
    return give(d, n, n == sizeof d && luhn(d, n), out);
}

int kept_normal_bank_card(struct kept_span value, struct kept_buf *out)
{
    uint8_t d[19] = {0};
    value = trim(value);
    if (value.n > SHORT_MAX)
        return KEPT_E_LIMIT;
    size_t n = kept_kind_digits(value, d, sizeof d);
    return give(d, n, n >= 12 && luhn(d, n), out);
}

/* GB 11643: region, day of birth, order; ISO 7064 MOD 11-2 over 17 digits. */
int kept_normal_id_card(struct kept_span value, struct kept_buf *out)
{
    static const uint8_t weights[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    static const char checks[] = "10X98765432";
    uint8_t d[18] = {0};
    char date[11];
    unsigned sum = 0;
    int32_t days = 0;
    value = trim(value);
    if (value.n > SHORT_MAX)
        return KEPT_E_LIMIT;
    uint8_t last = value.n > 0 ? upper(value.p[value.n - 1]) : 0;
    if (value.n > 0)
        value.n--;
    bool fits = kept_kind_digits(value, d, 17) == 17;
    for (size_t i = 0; fits && i < 17; i++)
        sum += weights[i] * (d[i] - (unsigned)'0');
    if (fits) {
        memcpy(date, d + 6, 4);
        memcpy(date + 5, d + 10, 2);
        memcpy(date + 8, d + 12, 2);
        date[4] = date[7] = '-';
        date[10] = 0;
        fits = d[0] != '0' && last == (uint8_t)checks[sum % 11] &&
               kept_date_parse(date, 10, &days) == 0;
        kept_wipe(date, sizeof date);
    }
    d[17] = last;
    return give(d, sizeof d, fits, out);
}

int kept_normal_mac(struct kept_span value, struct kept_buf *out)
{
    static const char hex[] = "0123456789abcdef";
    uint8_t d[12], text[17];
    size_t n = 0;
    value = trim(value);
    if (value.n > SHORT_MAX)
        return KEPT_E_LIMIT;
    /* aa:bb:cc:dd:ee:ff, aa-bb-..., aabb.ccdd.eeff, aabbccddeeff: one separator, evenly. */
    size_t group = value.n == 17 ? 2 : value.n == 14 ? 4 : value.n == 12 ? 12 : 0;
    if (group == 0)
        return KEPT_E_USAGE;
    for (size_t i = 0; i < value.n; i++) {
        if (i % (group + 1) == group) {
            if (value.p[i] != value.p[group] || (group == 4 && value.p[i] != '.') ||
                (group == 2 && value.p[i] != ':' && value.p[i] != '-'))
                return KEPT_E_USAGE;
            continue;
        }
        int v = hex_of(value.p[i]);
        if (v < 0 || n == sizeof d)
            return KEPT_E_USAGE;
        d[n++] = (uint8_t)hex[v];
    }
    for (size_t i = 0; i < 6; i++) {
        memcpy(text + 3 * i, d + 2 * i, 2);
        if (i < 5)
            text[3 * i + 2] = ':';
    }
    return give(text, sizeof text, n == sizeof d, out);
}

int kept_normal_ipv4(struct kept_span value, struct kept_buf *out)
{
    unsigned parts = 0;
    value = trim(value);
    if (value.n > SHORT_MAX)
        return KEPT_E_LIMIT;
    for (size_t i = 0; i <= value.n; parts++) {
        unsigned v = 0;
        size_t from = i;
        for (; i < value.n && is_digit(value.p[i]) && i - from < 3; i++)
            v = v * 10 + (value.p[i] - (unsigned)'0');
        /* A leading zero is octal to some readers: refused. */
        if (i == from || v > 255 || (value.p[from] == '0' && i - from > 1) ||
            (i < value.n && value.p[i] != '.'))
            return KEPT_E_USAGE;
        i++;
    }
    if (parts != 4)
        return KEPT_E_USAGE;
    put(out, value.p, value.n);
    return 0;
}

int kept_normal_device_id(struct kept_span value, struct kept_buf *out)
{
    bool hex = true;
    value = trim(value);
    if (value.n > DEVICE_MAX)
        return KEPT_E_LIMIT;
    if (value.n < DEVICE_MIN)
        return KEPT_E_USAGE;
    for (size_t i = 0; i < value.n; i++) {
        uint8_t c = value.p[i];
        if (!is_letter(c) && !is_digit(c) && memchr("._:-{}", c, 6) == NULL)
            return KEPT_E_USAGE;
        hex = hex && (hex_of(c) >= 0 || c == '-');
    }
    /* Hex and UUIDs are printed in either case by different systems; other ids mean their case. */
    for (size_t i = 0; i < value.n; i++) {
        uint8_t c = hex ? lower(value.p[i]) : value.p[i];
        put(out, &c, 1);
    }
    return 0;
}

/* ---- mail ---------------------------------------------------------------------------------------*/

static bool local_fits(struct kept_span local)
{
    if (local.n == 0 || local.n > MAIL_LOCAL_MAX)
        return false;
    for (size_t i = 0; i < local.n; i++) {
        uint8_t c = local.p[i];
        bool dot = c == '.' && i > 0 && i + 1 < local.n && local.p[i - 1] != '.';
        if (!is_letter(c) && !is_digit(c) && !dot && (c == 0 || strchr("!#$%&'*+-/=?^_`{|}~", c) == NULL))
            return false;
    }
    return true;
}

static bool domain_fits(struct kept_span domain)
{
    size_t label = 0, labels = 1;
    for (size_t i = 0; i < domain.n; i++) {
        uint8_t c = domain.p[i];
        if (c == '.') {
            if (label == 0 || domain.p[i - 1] == '-')
                return false;
            label = 0;
            labels++;
            continue;
        }
        if ((!is_letter(c) && !is_digit(c) && (c != '-' || label == 0)) || ++label > LABEL_MAX)
            return false;
    }
    return label >= 2 && labels >= 2 && domain.p[domain.n - 1] != '-' &&
           is_letter(domain.p[domain.n - label]);
}

int kept_normal_mail(struct kept_span value, struct kept_buf *out)
{
    value = trim(value);
    if (value.n > MAIL_MAX)
        return KEPT_E_LIMIT;
    const uint8_t *at = memchr(value.p, '@', value.n);
    if (at == NULL)
        return KEPT_E_USAGE;
    struct kept_span local = {value.p, (size_t)(at - value.p)};
    struct kept_span domain = {at + 1, value.n - local.n - 1};
    if (!local_fits(local) || !domain_fits(domain))
        return KEPT_E_USAGE;
    put(out, local.p, local.n + 1);
    for (size_t i = 0; i < domain.n; i++) {
        uint8_t c = lower(domain.p[i]);
        put(out, &c, 1);
    }
    return 0;
}

/* ---- text ---------------------------------------------------------------------------------------*/

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

/* Controls, separators of lines, and marks that turn the direction of what follows: they do not
 * belong in one line of text, and hide what stands there. */
static bool is_hostile(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x200b || c == 0x200e || c == 0x200f ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
           (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe0fff);
}

static bool is_space(uint32_t c)
{
    return c == ' ' || c == 0xa0 || c == 0x3000 || (c >= 0x2000 && c <= 0x200a);
}

static bool is_middle_dot(uint32_t c)
{
    return c == MIDDLE_DOT || c == 0x2022 || c == 0x2027 || c == 0x30fb || c == 0xff65;
}

/* One line: single spaces, none at the ends. */
static int one_line(struct kept_span value, size_t max_chars, bool dots, struct kept_buf *out)
{
    static const uint8_t dot[2] = {0xc2, 0xb7};
    size_t chars = 0;
    bool gap = false;
    if (value.n > 8 * max_chars)
        return KEPT_E_LIMIT;
    if (!kept_utf8_valid(value))
        return KEPT_E_USAGE;
    for (size_t at = 0; at < value.n;) {
        size_t from = at;
        uint32_t c = kept_utf8_next(value, &at);
        if (is_hostile(c))
            return KEPT_E_USAGE;
        if (is_space(c)) {
            gap = chars > 0;
            continue;
        }
        if (gap) {
            put(out, " ", 1);
            chars++;
        }
        gap = false;
        chars++;
        if (dots && is_middle_dot(c))
            put(out, dot, sizeof dot);
        else
            put(out, value.p + from, at - from);
    }
    return chars == 0 ? KEPT_E_USAGE : chars > max_chars ? KEPT_E_LIMIT : 0;
}

int kept_normal_name(struct kept_span value, struct kept_buf *out)
{
    return one_line(value, NAME_MAX_CHARS, true, out);
}

int kept_normal_address(struct kept_span value, struct kept_buf *out)
{
    return one_line(value, ADDRESS_MAX_CHARS, false, out);
}

/* GA 36: one of the provinces' characters, a letter, five (six: new energy) letters or digits; the
 * last may be a character for a use. Letters I and O are not in use behind the first. */
int kept_normal_plate(struct kept_span value, struct kept_buf *out)
{
    static const char *const first = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";
    static const char *const last = "挂学警港澳使领";
    char c[5];
    size_t chars = 0;
    if (value.n > SHORT_MAX)
        return KEPT_E_LIMIT;
    if (!kept_utf8_valid(value))
        return KEPT_E_USAGE;
    for (size_t at = 0; at < value.n;) {
        size_t from = at;
        uint32_t point = kept_utf8_next(value, &at);
        if (is_space(point) || is_middle_dot(point) || point == '-')
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
        if (!fits || ++chars > 8)
            return KEPT_E_USAGE;
        put(out, c, n);
    }
    return chars >= 7 ? 0 : KEPT_E_USAGE;
}

/* ---- numbers, dates, places -------------------------------------------------------------------- */

int kept_normal_date(struct kept_span value, struct kept_buf *out)
{
    int32_t days = 0;
    value = trim(value);
    if (value.n > SHORT_MAX)
        return KEPT_E_LIMIT;
    if (kept_date_parse((const char *)value.p, value.n, &days) != 0)
        return KEPT_E_USAGE;
    put(out, value.p, value.n);
    return 0;
}

struct decimal {
    bool minus;
    struct kept_span whole;    /* without leading zeros: may be empty */
    struct kept_span fraction; /* without trailing zeros: may be empty */
};

static bool decimal(struct kept_span s, struct decimal *ret)
{
    size_t i = 0, dot = 0, digits = 0;
    *ret = (struct decimal){.minus = s.n > 0 && s.p[0] == '-'};
    if (s.n > 0 && (s.p[0] == '-' || s.p[0] == '+'))
        s = (struct kept_span){s.p + 1, s.n - 1};
    for (dot = s.n; i < s.n; i++) {
        if (s.p[i] == '.' && dot == s.n)
            dot = i;
        else if (is_digit(s.p[i]))
            digits++;
        else
            return false;
    }
    /* A digit on both sides of the dot. */
    if (digits == 0 || digits > 30 || dot == 0 || (dot < s.n && dot + 1 == s.n))
        return false;
    ret->whole = (struct kept_span){s.p, dot};
    while (ret->whole.n > 0 && ret->whole.p[0] == '0')
        ret->whole = (struct kept_span){ret->whole.p + 1, ret->whole.n - 1};
    ret->fraction = (struct kept_span){s.p + (dot < s.n ? dot + 1 : dot), dot < s.n ? s.n - dot - 1 : 0};
    while (ret->fraction.n > 0 && ret->fraction.p[ret->fraction.n - 1] == '0')
        ret->fraction.n--;
    ret->minus = ret->minus && ret->whole.n + ret->fraction.n > 0;
    return true;
}

static void put_decimal(struct kept_buf *out, const struct decimal *d)
{
    if (d->minus)
        put(out, "-", 1);
    put(out, d->whole.n > 0 ? d->whole.p : (const uint8_t *)"0", d->whole.n > 0 ? d->whole.n : 1);
    if (d->fraction.n > 0) {
        put(out, ".", 1);
        put(out, d->fraction.p, d->fraction.n);
    }
}

int kept_normal_number(struct kept_span value, struct kept_buf *out)
{
    struct decimal d;
    value = trim(value);
    if (value.n > SHORT_MAX)
        return KEPT_E_LIMIT;
    if (!decimal(value, &d))
        return KEPT_E_USAGE;
    put_decimal(out, &d);
    return 0;
}

/* |d| <= limit, of whole degrees. */
static bool within(const struct decimal *d, unsigned limit)
{
    unsigned v = 0;
    if (d->whole.n > 3)
        return false;
    for (size_t i = 0; i < d->whole.n; i++)
        v = v * 10 + (d->whole.p[i] - (unsigned)'0');
    return v < limit || (v == limit && d->fraction.n == 0);
}

int kept_normal_coordinates(struct kept_span value, struct kept_buf *out)
{
    struct decimal lat, lon;
    value = trim(value);
    if (value.n > SHORT_MAX)
        return KEPT_E_LIMIT;
    const uint8_t *comma = memchr(value.p, ',', value.n);
    if (comma == NULL)
        return KEPT_E_USAGE;
    struct kept_span a = {value.p, (size_t)(comma - value.p)};
    struct kept_span b = {comma + 1, value.n - a.n - 1};
    if (!decimal(trim(a), &lat) || !decimal(trim(b), &lon) || !within(&lat, 90) ||
        !within(&lon, 180))
        return KEPT_E_USAGE;
    put_decimal(out, &lat);
    put(out, ",", 1);
    put_decimal(out, &lon);
    return 0;
}
