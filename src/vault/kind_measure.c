/* kind_measure.c - what is measured or counted: number, date, coordinates. */
#include <string.h>

#include "base/clock.h"
#include "vault/kind_int.h"

/* ---- date ----------------------------------------------------------------------------------------*/

int kept_normal_date(struct kept_span value, struct kept_buf *out)
{
    int32_t days = 0;
    if (kept_date_parse((const char *)value.p, value.n, &days) != 0)
        return KEPT_E_USAGE;
    put(out, value.p, value.n);
    return 0;
}

void kept_mask_date(struct kept_span v, struct kept_buf *out)
{
    kept_buf_bytes(out, v.p, 4);
    kept_buf_text(out, "-**-**");
}

/* ---- number --------------------------------------------------------------------------------------*/

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
    if (!decimal(value, &d))
        return KEPT_E_USAGE;
    put_decimal(out, &d);
    return 0;
}

/* ---- coordinates ---------------------------------------------------------------------------------*/

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
    const uint8_t *comma = memchr(value.p, ',', value.n);
    if (comma == NULL)
        return KEPT_E_USAGE;
    struct kept_span a = {value.p, (size_t)(comma - value.p)};
    struct kept_span b = {comma + 1, value.n - a.n - 1};
    if (!decimal(kept_kind_trim(a), &lat) || !decimal(kept_kind_trim(b), &lon) || !within(&lat, 90) ||
        !within(&lon, 180))
        return KEPT_E_USAGE;
    put_decimal(out, &lat);
    put(out, ",", 1);
    put_decimal(out, &lon);
    return 0;
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

void kept_mask_coordinates(struct kept_span v, struct kept_buf *out)
{
    const uint8_t *comma = memchr(v.p, ',', v.n);
    size_t n = comma == NULL ? v.n : (size_t)(comma - v.p);
    mask_degrees((struct kept_span){v.p, n}, out);
    kept_buf_u8(out, ',');
    if (n < v.n)
        mask_degrees((struct kept_span){v.p + n + 1, v.n - n - 1}, out);
}
