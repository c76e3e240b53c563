/* kind_measure.c - what is measured or counted: number, choice, date, coordinates. */
#include <string.h>

#include "base/clock.h"
#include "base/decimal.h"
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

int kept_normal_number(struct kept_span value, struct kept_buf *out)
{
    struct kept_decimal d;
    if (!kept_decimal_parse(value, &d))
        return KEPT_E_USAGE;
    if (out != NULL)
        kept_decimal_put(out, &d);
    return 0;
}

/* ---- choice --------------------------------------------------------------------------------------*/

/* The name of one; which there are, the item's rule says (item.c). */
int kept_normal_choice(struct kept_span value, struct kept_buf *out)
{
    for (size_t i = 0; i < value.n; i++)
        if (!is_digit(value.p[i]) && (value.p[i] < 'a' || value.p[i] > 'z') &&
            (i == 0 || (value.p[i] != '.' && value.p[i] != '_' && value.p[i] != '-')))
            return KEPT_E_USAGE;
    put(out, value.p, value.n);
    return 0;
}

/* ---- coordinates ---------------------------------------------------------------------------------*/

/* |d| <= limit, of whole degrees. */
static bool within(const struct kept_decimal *d, unsigned limit)
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
    struct kept_decimal lat, lon;
    const uint8_t *comma = memchr(value.p, ',', value.n);
    if (comma == NULL)
        return KEPT_E_USAGE;
    struct kept_span a = {value.p, (size_t)(comma - value.p)};
    struct kept_span b = {comma + 1, value.n - a.n - 1};
    if (!kept_decimal_parse(kept_kind_trim(a), &lat) || !kept_decimal_parse(kept_kind_trim(b), &lon) || !within(&lat, 90) ||
        !within(&lon, 180))
        return KEPT_E_USAGE;
    if (out != NULL) {
        kept_decimal_put(out, &lat);
        kept_buf_u8(out, ',');
        kept_decimal_put(out, &lon);
    }
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
