/* decimal.h - decimal numbers as people write them, of up to KEPT_MAX_DIGITS digits, exactly: no
 * floating point. Pure and thread-safe. */
#ifndef KEPT_BASE_DECIMAL_H
#define KEPT_BASE_DECIMAL_H

#include <stdbool.h>

#include "base/buf.h"

#define KEPT_MAX_DIGITS 30u

struct kept_decimal {
    bool minus;                /* never of zero */
    struct kept_span whole;    /* without leading zeros: may be empty */
    struct kept_span fraction; /* without trailing zeros: may be empty */
};

/* [+-]digits[.digits]. false: it is none. What it borrows from text lives as long as text. */
bool kept_decimal_parse(struct kept_span text, struct kept_decimal *ret);
/* Returns less than 0, 0, more than 0, as a is less than, equal to, more than b. */
KEPT_MUST_USE int kept_decimal_compare(const struct kept_decimal *a, const struct kept_decimal *b);
/* Without idle zeros and sign: "-7.5", "0". */
void kept_decimal_put(struct kept_buf *out, const struct kept_decimal *d);

#endif
