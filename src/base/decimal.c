/* decimal.c - decimal numbers, read, compared and written without floating point. */
#include "base/decimal.h"

static bool is_digit(uint8_t c)
{
    return (unsigned)(c - '0') < 10u;
}

bool kept_decimal_parse(struct kept_span s, struct kept_decimal *ret)
{
    size_t dot = 0, digits = 0;
    *ret = (struct kept_decimal){.minus = s.n > 0 && s.p[0] == '-'};
    if (s.n > 0 && (s.p[0] == '-' || s.p[0] == '+'))
        s = (struct kept_span){s.p + 1, s.n - 1};
    dot = s.n;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '.' && dot == s.n)
            dot = i;
        else if (is_digit(s.p[i]))
            digits++;
        else
            return false;
    }
    /* A digit on both sides of the dot. */
    if (digits == 0 || digits > KEPT_MAX_DIGITS || dot == 0 || (dot < s.n && dot + 1 == s.n))
        return false;
    ret->whole = (struct kept_span){s.p, dot};
    while (ret->whole.n > 0 && ret->whole.p[0] == '0')
        ret->whole = (struct kept_span){ret->whole.p + 1, ret->whole.n - 1};
    if (dot < s.n)
        ret->fraction = (struct kept_span){s.p + dot + 1, s.n - dot - 1};
    while (ret->fraction.n > 0 && ret->fraction.p[ret->fraction.n - 1] == '0')
        ret->fraction.n--;
    ret->minus = ret->minus && ret->whole.n + ret->fraction.n > 0;
    return true;
}

static int compare_sizes(const struct kept_decimal *a, const struct kept_decimal *b)
{
    if (a->whole.n != b->whole.n)
        return a->whole.n < b->whole.n ? -1 : 1;
    for (size_t i = 0; i < a->whole.n; i++)
        if (a->whole.p[i] != b->whole.p[i])
            return a->whole.p[i] < b->whole.p[i] ? -1 : 1;
    for (size_t i = 0; i < a->fraction.n || i < b->fraction.n; i++) {
        int x = i < a->fraction.n ? a->fraction.p[i] : '0';
        int y = i < b->fraction.n ? b->fraction.p[i] : '0';
        if (x != y)
            return x < y ? -1 : 1;
    }
    return 0;
}

int kept_decimal_compare(const struct kept_decimal *a, const struct kept_decimal *b)
{
    if (a->minus != b->minus)
        return a->minus ? -1 : 1;
    return a->minus ? compare_sizes(b, a) : compare_sizes(a, b);
}

void kept_decimal_put(struct kept_buf *out, const struct kept_decimal *d)
{
    if (d->minus)
        kept_buf_u8(out, '-');
    if (d->whole.n > 0)
        kept_buf_bytes(out, d->whole.p, d->whole.n);
    else
        kept_buf_u8(out, '0');
    if (d->fraction.n > 0) {
        kept_buf_u8(out, '.');
        kept_buf_bytes(out, d->fraction.p, d->fraction.n);
    }
}
