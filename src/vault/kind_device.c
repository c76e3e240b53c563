/* kind_device.c - what names a device or its place in a network: IMEI, MAC, device identifier, IPv4,
 * IPv6. */
#include <string.h>

#include "vault/kind_int.h"

/* ---- IMEI ----------------------------------------------------------------------------------------*/

int kept_normal_imei(struct kept_span value, struct kept_buf *out)
{
    uint8_t d[15] = {0};
    size_t n = kept_kind_digits(value, d, sizeof d);
    return kept_kind_give(d, n, n == sizeof d && kept_kind_luhn(d, n), out);
}

/* The type of the phone stays, its serial number goes. */
void kept_mask_imei(struct kept_span v, struct kept_buf *out)
{
    kept_kind_keep(out, v, 8, 0);
}

/* ---- MAC -----------------------------------------------------------------------------------------*/

/* Twelve hex digits of aa:bb:cc:dd:ee:ff, aa-bb-..., aabb.ccdd.eeff, aabbccddeeff: one separator,
 * evenly. */
static bool mac_digits(struct kept_span value, uint8_t d[12])
{
    static const char hex[] = "0123456789abcdef";
    size_t group = value.n == 17 ? 2 : value.n == 14 ? 4 : value.n == 12 ? 12 : 0, n = 0;
    for (size_t i = 0; group != 0 && i < value.n; i++) {
        uint8_t c = value.p[i];
        if (i % (group + 1) == group) {
            if (c != value.p[group] || (group == 4 && c != '.') ||
                (group == 2 && c != ':' && c != '-'))
                return false;
            continue;
        }
        int v = hex_of(c);
        if (v < 0 || n == 12)
            return false;
        d[n++] = (uint8_t)hex[v];
    }
    return n == 12;
}

int kept_normal_mac(struct kept_span value, struct kept_buf *out)
{
    static const char *const nobody[] = {"000000000000", "ffffffffffff", "020000000000"};
    uint8_t d[12], text[17];
    if (!mac_digits(value, d))
        return KEPT_E_USAGE;
    for (size_t i = 0; i < sizeof nobody / sizeof nobody[0]; i++)
        if (strncmp((const char *)d, nobody[i], sizeof d) == 0)
            return KEPT_E_USAGE;
    for (size_t i = 0; i < 6; i++) {
        memcpy(text + 3 * i, d + 2 * i, 2);
        if (i < 5)
            text[3 * i + 2] = ':';
    }
    return kept_kind_give(text, sizeof text, true, out);
}

/* The maker stays. */
void kept_mask_mac(struct kept_span v, struct kept_buf *out)
{
    kept_buf_bytes(out, v.p, 8);
    kept_buf_text(out, ":**:**:**");
}

/* ---- device identifier ---------------------------------------------------------------------------*/

#define DEVICE_MIN 8u
#define UUID_TEXT 36u

static bool is_uuid(struct kept_span v)
{
    bool is = v.n == UUID_TEXT;
    for (size_t i = 0; is && i < v.n; i++)
        is = i == 8 || i == 13 || i == 18 || i == 23 ? v.p[i] == '-' : hex_of(v.p[i]) >= 0;
    return is;
}

/* OAID, IDFA and other UUIDs, Android's id, serial numbers. Systems give zeros or a word to an app
 * that may not know: a digit other than 0 must be there. */
int kept_normal_device_id(struct kept_span value, struct kept_buf *out)
{
    bool hex = true, known = false;
    if (value.n == UUID_TEXT + 2 && value.p[0] == '{' && value.p[value.n - 1] == '}' &&
        is_uuid((struct kept_span){value.p + 1, UUID_TEXT}))
        value = (struct kept_span){value.p + 1, UUID_TEXT};
    if (value.n < DEVICE_MIN)
        return KEPT_E_USAGE;
    for (size_t i = 0; i < value.n; i++) {
        uint8_t c = value.p[i];
        if (!is_letter(c) && !is_digit(c) && memchr("._:-", c, 4) == NULL)
            return KEPT_E_USAGE;
        hex = hex && (hex_of(c) >= 0 || c == '-');
        known = known || (is_digit(c) && c != '0');
    }
    if (!known)
        return KEPT_E_USAGE;
    /* Hex and UUIDs are printed in either case by different systems; other ids mean their case. */
    for (size_t i = 0; i < value.n; i++) {
        uint8_t c = hex ? lower(value.p[i]) : value.p[i];
        put(out, &c, 1);
    }
    return 0;
}

void kept_mask_device_id(struct kept_span v, struct kept_buf *out)
{
    kept_buf_bytes(out, v.p, 4);
    kept_buf_text(out, KEPT_KIND_HIDDEN);
}

/* ---- IPv4 ----------------------------------------------------------------------------------------*/

bool kept_kind_is_ipv4(struct kept_span text, uint8_t ret[4])
{
    unsigned parts = 0;
    for (size_t i = 0; i <= text.n; parts++) {
        unsigned v = 0;
        size_t from = i;
        for (; i < text.n && is_digit(text.p[i]) && i - from < 3; i++)
            v = v * 10 + (text.p[i] - (unsigned)'0');
        /* A leading zero is octal to some readers: refused. */
        if (parts == 4 || i == from || v > 255 || (text.p[from] == '0' && i - from > 1) ||
            (i < text.n && text.p[i] != '.'))
            return false;
        ret[parts] = (uint8_t)v;
        i++;
    }
    return parts == 4;
}

int kept_normal_ipv4(struct kept_span value, struct kept_buf *out)
{
    uint8_t byte[4];
    if (!kept_kind_is_ipv4(value, byte))
        return KEPT_E_USAGE;
    put(out, value.p, value.n);
    return 0;
}

void kept_mask_ipv4(struct kept_span v, struct kept_buf *out)
{
    size_t dots = 0, n = 0;
    while (n < v.n && dots < 2)
        dots += v.p[n++] == '.';
    kept_buf_bytes(out, v.p, n);
    kept_buf_text(out, "*.*");
}

/* ---- IPv6 ----------------------------------------------------------------------------------------*/

#define NO_GAP 9u

/* Up to four hex digits at *at, which goes on behind them. */
static bool hex_group(struct kept_span text, size_t *at, uint16_t *ret)
{
    size_t from = *at;
    unsigned v = 0;
    for (; *at < text.n && *at - from < 4 && hex_of(text.p[*at]) >= 0; ++*at)
        v = v << 4 | (unsigned)hex_of(text.p[*at]);
    *ret = (uint16_t)v;
    return *at > from;
}

/* An IPv4 address at the end stands for the last two groups. */
static bool ipv4_tail(struct kept_span rest, uint16_t *group, size_t *n)
{
    uint8_t byte[4];
    if (*n > 6 || !kept_kind_is_ipv4(rest, byte))
        return false;
    group[(*n)++] = (uint16_t)(byte[0] << 8 | byte[1]);
    group[(*n)++] = (uint16_t)(byte[2] << 8 | byte[3]);
    return true;
}

/* RFC 4291 2.2: eight groups of hex digits; one run of zero groups may stand as "::". */
bool kept_kind_is_ipv6(struct kept_span text, uint16_t ret[8])
{
    uint16_t group[8] = {0};
    size_t n = 0, at = 0, gap = NO_GAP;
    if (text.n >= 2 && text.p[0] == ':' && text.p[1] == ':') {
        gap = 0;
        at = 2;
    }
    while (at < text.n) {
        size_t from = at;
        if (n == 8 || !hex_group(text, &at, &group[n]))
            return false;
        if (at < text.n && text.p[at] == '.') {
            if (!ipv4_tail((struct kept_span){text.p + from, text.n - from}, group, &n))
                return false;
            break;
        }
        n++;
        if (at == text.n)
            break;
        if (text.p[at++] != ':' || at == text.n)
            return false;
        if (text.p[at] != ':')
            continue;
        if (gap != NO_GAP)
            return false;
        gap = n;
        at++;
    }
    if (gap == NO_GAP ? n != 8 : n > 7)
        return false;
    for (size_t i = 0; i < 8; i++)
        ret[i] = i < gap ? group[i] : i < gap + 8 - n ? 0 : group[i - (8 - n)];
    return true;
}

/* RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups, the first of
 * equals, as "::"; an address of IPv4 in its own form. */
size_t kept_kind_ipv6_text(const uint16_t group[8], char ret[KEPT_IPV6_TEXT])
{
    size_t best = 8, length = 1, n = 0;
    if (group[5] == 0xffff && (group[0] | group[1] | group[2] | group[3] | group[4]) == 0)
        return (size_t)snprintf(ret, KEPT_IPV6_TEXT, "::ffff:%u.%u.%u.%u", group[6] >> 8,
                                group[6] & 255u, group[7] >> 8, group[7] & 255u);
    for (size_t i = 0; i < 8; i++) {
        size_t run = 0;
        while (i + run < 8 && group[i + run] == 0)
            run++;
        if (run > length) {
            best = i;
            length = run;
        }
        i += run;
    }
    for (size_t i = 0; i < 8; i++) {
        if (i == best) {
            n += (size_t)snprintf(ret + n, KEPT_IPV6_TEXT - n, "::");
            i += length - 1;
            continue;
        }
        const char *colon = i > 0 && i != best + length ? ":" : "";
        n += (size_t)snprintf(ret + n, KEPT_IPV6_TEXT - n, "%s%x", colon, group[i]);
    }
    return n;
}

int kept_normal_ipv6(struct kept_span value, struct kept_buf *out)
{
    uint16_t group[8];
    char text[KEPT_IPV6_TEXT];
    if (!kept_kind_is_ipv6(value, group))
        return KEPT_E_USAGE;
    size_t n = kept_kind_ipv6_text(group, text);
    put(out, text, n);
    return 0;
}

/* /48, the net; of a 6to4 address /32, since an IPv4 address stands in the 32 bits behind 2002. */
void kept_mask_ipv6(struct kept_span v, struct kept_buf *out)
{
    uint16_t group[8] = {0};
    (void)kept_kind_is_ipv6(v, group);
    size_t shown = group[0] == 0x2002 ? 2 : 3;
    for (size_t i = 0; i < 8; i++)
        if (i < shown)
            kept_buf_printf(out, "%s%x", i > 0 ? ":" : "", group[i]);
        else
            kept_buf_text(out, ":*");
}
