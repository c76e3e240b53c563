/* utf8.c - UTF-8 (RFC 3629). */
#include <string.h>

#include "base/utf8.h"

/* Length of the well-formed sequence at p, or 0; code point in *ret. */
static size_t sequence(const uint8_t *p, size_t n, uint32_t *ret)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (n == 0)
        return 0;
    if (p[0] < 0x80) {
        *ret = p[0];
        return 1;
    }
    size_t len = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : p[0] >= 0xc0 ? 2 : 0;
    if (len == 0 || len > n || p[0] > 0xf4)
        return 0;
    uint32_t c = p[0] & (0xffu >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (p[i] & 0x3fu);
    }
    if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *ret = c;
    return len;
}

/* Eight bytes of ASCII, none of them NUL? */
static bool plain(const uint8_t *p)
{
    uint64_t w;
    memcpy(&w, p, sizeof w);
    return ((w | (w - 0x0101010101010101u)) & 0x8080808080808080u) == 0;
}

bool kept_utf8_valid(struct kept_span text)
{
    for (size_t i = 0; i < text.n;) {
        if (text.n - i >= 8 && plain(text.p + i)) {
            i += 8;
            continue;
        }
        uint32_t c;
        size_t len = sequence(text.p + i, text.n - i, &c);
        if (len == 0 || c == 0)
            return false;
        i += len;
    }
    return true;
}

uint32_t kept_utf8_next(struct kept_span text, size_t *at)
{
    uint32_t c = 0;
    if (*at >= text.n)
        return 0;
    size_t len = sequence(text.p + *at, text.n - *at, &c);
    if (len == 0) {
        *at = text.n;
        return 0;
    }
    *at += len;
    return c;
}

size_t kept_utf8_length(struct kept_span text)
{
    size_t n = 0;
    for (size_t at = 0; kept_utf8_next(text, &at) != 0;)
        n++;
    return n;
}

size_t kept_utf8_offset(struct kept_span text, size_t index)
{
    size_t at = 0;
    while (index > 0 && kept_utf8_next(text, &at) != 0)
        index--;
    return at;
}

void kept_utf8_keep(char *text)
{
    size_t n = strlen(text), to = 0;
    for (size_t at = 0; at < n;) {
        uint32_t c = 0;
        size_t length = sequence((const uint8_t *)text + at, n - at, &c);
        for (size_t i = 0; i < length; i++)
            text[to++] = text[at + i];
        at += length > 0 ? length : 1;
    }
    text[to] = 0;
}
