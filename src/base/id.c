/* id.c - identities and hex. */
#define KEPT_MAY_COMPARE
#include "base/id.h"

#include <string.h>

bool kept_bytes_equal(const void *a, const void *b, size_t n)
{
    return n == 0 || memcmp(a, b, n) == 0;
}

int kept_bytes_compare(const void *a, const void *b, size_t n)
{
    return n == 0 ? 0 : memcmp(a, b, n);
}

bool kept_id_equal(const struct kept_id *a, const struct kept_id *b)
{
    return kept_bytes_equal(a->b, b->b, sizeof a->b);
}

bool kept_id_is_zero(const struct kept_id *id)
{
    static const struct kept_id zero;
    return kept_id_equal(id, &zero);
}

void kept_hex(const void *p, size_t n, char *ret_hex)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *b = p;
    for (size_t i = 0; i < n; i++) {
        ret_hex[2 * i] = digits[b[i] >> 4];
        ret_hex[2 * i + 1] = digits[b[i] & 15];
    }
    ret_hex[2 * n] = 0;
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

int kept_unhex(const char *hex, size_t n, uint8_t *ret_bytes)
{
    if (strlen(hex) != 2 * n)
        return KEPT_E_USAGE;
    for (size_t i = 0; i < 2 * n; i++)
        if (digit(hex[i]) < 0)
            return KEPT_E_USAGE;
    for (size_t i = 0; i < n; i++)
        ret_bytes[i] = (uint8_t)(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
    return 0;
}

void kept_id_hex(const struct kept_id *id, char ret_hex[33])
{
    kept_hex(id->b, sizeof id->b, ret_hex);
}

int kept_id_parse(const char *hex, struct kept_id *ret_id)
{
    return hex != NULL && ret_id != NULL ? kept_unhex(hex, sizeof ret_id->b, ret_id->b)
                                         : KEPT_E_USAGE;
}

size_t kept_id_place(const void *rows, size_t count, size_t stride, size_t at, const struct kept_id *id)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (kept_bytes_compare((const uint8_t *)rows + middle * stride + at, id->b, KEPT_ID_BYTES) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool kept_id_next(struct kept_id *id)
{
    size_t i = KEPT_ID_BYTES;
    while (i > 0 && ++id->b[i - 1] == 0)
        i--;
    return i > 0;
}
