/* item.c - a value against the rule of its item. */
#include "vault/item.h"

#include <string.h>

#include "base/decimal.h"
#include "base/error.h"
#include "vault/kind_int.h"

static struct kept_span span_of(const char *text)
{
    return (struct kept_span){(const uint8_t *)text, strlen(text)};
}

static bool ends_with(struct kept_span value, struct kept_span tail)
{
    if (value.n < tail.n)
        return false;
    for (size_t i = 0; i < tail.n; i++)
        if (value.p[value.n - tail.n + i] != tail.p[i])
            return false;
    return true;
}

/* Without the item's own unit and the blanks before it. Another unit stays, and is no number. */
static struct kept_span without_unit(const struct kept_limits *limits, struct kept_span value)
{
    value = kept_kind_trim(value);
    struct kept_span unit = span_of(limits->unit != NULL ? limits->unit : "");
    if (unit.n > 0 && ends_with(value, unit))
        value.n -= unit.n;
    return kept_kind_trim(value);
}

static bool in_range(const struct kept_limits *limits, const struct kept_decimal *d)
{
    struct kept_decimal bound;
    if (d->fraction.n > limits->decimals)
        return false;
    if (limits->min != NULL && (!kept_decimal_parse(span_of(limits->min), &bound) ||
                                kept_decimal_compare(d, &bound) < 0))
        return false;
    return limits->max == NULL || (kept_decimal_parse(span_of(limits->max), &bound) &&
                                   kept_decimal_compare(d, &bound) <= 0);
}

static int check_number(const struct kept_item *item, struct kept_span value, struct kept_err *err)
{
    const struct kept_limits *l = item->limits;
    struct kept_decimal d;
    if (kept_decimal_parse(value, &d) && in_range(l, &d))
        return 0;
    return kept_fail(err, KEPT_E_USAGE,
                     "a value of %s should be a number%s%.32s%s%s%s%s%s, as line %d of the policy says",
                     item->name, l->unit != NULL ? " of " : "", l->unit != NULL ? l->unit : "",
                     l->min != NULL ? " from " : "", l->min != NULL ? l->min : "",
                     l->max != NULL ? " to " : "", l->max != NULL ? l->max : "",
                     l->decimals < KEPT_MAX_DIGITS ? ", with few decimals" : "", item->line);
}

static int check_choice(const struct kept_item *item, struct kept_span value, struct kept_err *err)
{
    for (size_t i = 0; i < item->limits->choice_count; i++) {
        struct kept_span choice = span_of(item->limits->choices[i]);
        if (choice.n == value.n && ends_with(value, choice))
            return 0;
    }
    return kept_fail(err, KEPT_E_USAGE,
                     "a value of %s should be one of the %zu choices on line %d of the policy",
                     item->name, item->limits->choice_count, item->line);
}

int kept_item_normal(const struct kept_item *item, struct kept_span value, struct kept_buf *out,
                     struct kept_err *err)
{
    enum kept_item_kind kind = kept_kind_named(item->kind);
    int rc = 0;
    if (item->limits != NULL && kind == KEPT_KIND_NUMBER) {
        value = without_unit(item->limits, value);
        rc = check_number(item, value, err);
    } else if (item->limits != NULL) {
        value = kept_kind_trim(value);
        rc = check_choice(item, value, err);
    }
    if (rc == 0)
        rc = kept_kind_check(kind, value, err);
    if (rc == 0 && (rc = kept_kind_normal(kind, value, out)) != 0)
        rc = kept_fail(err, rc, "no memory for the normal form of %s", item->name);
    return rc;
}

int kept_item_mask(const struct kept_item *item, struct kept_span value, struct kept_buf *out,
                   struct kept_err *err)
{
    if (item->mask_whole)
        kept_buf_text(out, KEPT_KIND_HIDDEN);
    int rc = item->mask_whole ? out->failed
                              : kept_kind_mask(kept_kind_named(item->kind), value, out);
    return rc == 0 ? 0 : kept_fail(err, rc, "item %s cannot be masked", item->name);
}
