/* address.c - what names a mailbox, a machine or a car in text: mail, MAC, IPv4, IPv6, number plate. */
#include <string.h>

#include "scan/scan_int.h"

/* ---- mail ----------------------------------------------------------------------------------------*/

#define LOCAL_MAX 64u
#define DOMAIN_MAX 190u /* with the local part no longer than a mail address may be */

static bool is_local(uint32_t c)
{
    return kept_is_alnum(c) || c == '.' || c == '_' || c == '-' || c == '+' || c == '%';
}

/* a@b.png: a picture for fine screens, not a mailbox. */
static bool is_file(const char *text)
{
    static const char *const endings[] = {".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".css",
                                          ".js", ".ts", ".json", ".html", ".pdf", ".zip", ".txt"};
    size_t n = strlen(text);
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        size_t m = strlen(endings[i]);
        if (n > m && strncmp(text + n - m, endings[i], m) == 0)
            return true;
    }
    return false;
}

/* scheme://user:secret@host and scp's git@host:path. */
static bool is_login(const struct kept_window *w, size_t from, size_t at, size_t end)
{
    size_t i = from;
    if (kept_at(w, i - 1) == ':')
        for (i--; kept_is_alnum(kept_at(w, i - 1)) && from - i < KEPT_SCAN_BEHIND / 2;)
            i--;
    bool scheme = kept_at(w, i - 1) == '/' && kept_at(w, i - 2) == '/';
    bool git = at - from == 3 && kept_at(w, from) == 'g' && kept_at(w, from + 1) == 'i' &&
               kept_at(w, from + 2) == 't' && kept_at(w, end) == ':';
    return scheme || git;
}

bool kept_match_mail(const struct kept_window *w, size_t at, struct kept_hit *hit)
{
    size_t i = at;
    uint32_t before = kept_at(w, at - 1);
    if (!kept_is_alnum(kept_at(w, at)) && kept_at(w, at) != '_')
        return false;
    /* At the first letter or digit of what may be a local part. */
    if (kept_is_alnum(before) || before == '_' || (is_local(before) && kept_is_alnum(kept_at(w, at - 2))))
        return false;
    /* Nor is it one behind another address's sign, masked or not: a@b.cn+c@d.cn is not two. */
    uint32_t other = kept_at(w, at - 2);
    if (before == '@' && (is_local(other) || other == '*'))
        return false;
    while (is_local(kept_at(w, i)) && i - at <= LOCAL_MAX)
        i++;
    size_t sign = i;
    if (kept_at(w, i++) != '@')
        return false;
    while ((kept_is_alnum(kept_at(w, i)) || kept_at(w, i) == '-' || kept_at(w, i) == '.') &&
           i - sign <= DOMAIN_MAX)
        i++;
    while (kept_at(w, i - 1) == '.' || kept_at(w, i - 1) == '-')
        i--;
    if (kept_at(w, i) == '@' || i <= sign + 1 || is_login(w, at, sign, i))
        return false;
    hit->n = 0;
    hit->end = i;
    for (i = at; i < hit->end; i++)
        kept_hit_add(hit, kept_at(w, i));
    return !is_file(hit->value) && kept_hit_fits(hit, KEPT_KIND_MAIL);
}

/* ---- network -------------------------------------------------------------------------------------*/

/* Not inside a word or a longer number. A colon may end a word. */
static bool is_apart(const struct kept_window *w, size_t at)
{
    uint32_t c = kept_at(w, at - 1), before = kept_at(w, at - 2);
    return !kept_is_alnum(c) && c != '_' && c != '.' && c != '-' &&
           (c != ':' || (!kept_is_digit(before) && before != ':'));
}

bool kept_match_mac(const struct kept_window *w, size_t at, struct kept_hit *hit)
{
    uint32_t sep = kept_at(w, at + 2), before = kept_at(w, at - 1);
    bool letter = false;
    if ((sep != ':' && sep != '-') || !kept_is_hex(kept_at(w, at)))
        return false;
    hit->n = 0;
    for (size_t i = 0; i < 17; i++) {
        uint32_t c = kept_at(w, at + i);
        if (i % 3 == 2 ? c != sep : !kept_is_hex(c))
            return false;
        letter = letter || kept_is_letter(c);
        kept_hit_add(hit, c);
    }
    hit->end = at + 17;
    uint32_t c = kept_at(w, at + 17);
    if (kept_is_alnum(c) || c == '_' || ((c == ':' || c == '-') && kept_is_hex(kept_at(w, at + 18))))
        return false;
    if (kept_is_alnum(before) || before == '_' ||
        ((before == ':' || before == '-') && kept_is_hex(kept_at(w, at - 2)) &&
         kept_is_hex(kept_at(w, at - 3)) && !kept_is_letter(kept_at(w, at - 4))))
        return false;
    /* Without a letter it may be a date and a time. */
    if (!letter && sep == '-' && kept_hint_before(w, at) != KEPT_HINT_NET)
        return false;
    return kept_hit_fits(hit, KEPT_KIND_MAC);
}

/* Of one machine, and not of every machine. bits: the prefix behind a slash, or 32. */
static bool is_of_one(const unsigned byte[4], unsigned bits)
{
    uint32_t v = byte[0] << 24 | byte[1] << 16 | byte[2] << 8 | byte[3];
    if (byte[0] == 0 || byte[0] == 127 || byte[0] >= 224)
        return false;
    return bits >= 31 || (v & (0xffffffffu >> bits)) != 0;
}

/* Digits at *i, at most three; false: none. */
static bool small(const struct kept_window *w, size_t *i, unsigned *ret, struct kept_hit *hit)
{
    size_t from = *i;
    unsigned v = 0;
    for (; kept_is_digit(kept_at(w, *i)) && *i - from < 3; ++*i) {
        v = v * 10 + (kept_at(w, *i) - '0');
        if (hit != NULL)
            kept_hit_add(hit, kept_at(w, *i));
    }
    *ret = v;
    return *i > from;
}

bool kept_match_ipv4(const struct kept_window *w, size_t at, struct kept_hit *hit)
{
    unsigned byte[4] = {0}, bits = 32;
    size_t i = at;
    if (!kept_is_digit(kept_at(w, at)) || !is_apart(w, at))
        return false;
    hit->n = 0;
    for (unsigned part = 0; part < 4; part++) {
        if (part > 0) {
            if (kept_at(w, i++) != '.')
                return false;
            kept_hit_add(hit, '.');
        }
        if (!small(w, &i, &byte[part], hit))
            return false;
    }
    hit->end = i;
    uint32_t c = kept_at(w, i), next = kept_at(w, i + 1);
    if (kept_is_alnum(c) || c == '_' || ((c == '.' || c == '-') && kept_is_alnum(next)))
        return false;
    if (c == '/' && kept_is_digit(next)) {
        i++;
        if (!small(w, &i, &bits, NULL) || bits > 32)
            return false;
    }
    if (!is_of_one(byte, bits) || !kept_hit_fits(hit, KEPT_KIND_IPV4))
        return false;
    /* 23.3.4.1 is a chapter unless a word says otherwise: nothing is counted from 0, nor far. */
    enum kept_hint hint = kept_hint_before(w, at);
    bool chapter = byte[0] < 50;
    for (unsigned part = 1; part < 4; part++)
        chapter = chapter && byte[part] > 0 && byte[part] < 32;
    return hint == KEPT_HINT_NET || (hint != KEPT_HINT_OTHER && !chapter);
}

/* Addresses that machines have in a net: global, unique local, link local. */
static bool is_in_use(const struct kept_window *w, size_t at)
{
    uint32_t a = kept_at(w, at) | 32u, b = kept_at(w, at + 1) | 32u;
    size_t digits = 0;
    while (kept_is_hex(kept_at(w, at + digits)) && digits < 5)
        digits++;
    if (digits != 4)
        return false;
    return kept_at(w, at) == '2' || kept_at(w, at) == '3' ||
           (a == 'f' && (b == 'c' || b == 'd' || (b == 'e' && (kept_at(w, at + 2) | 32u) >= '8' &&
                                                  (kept_at(w, at + 2) | 32u) <= 'b')));
}

bool kept_match_ipv6(const struct kept_window *w, size_t at, struct kept_hit *hit)
{
    uint32_t c = 0;
    size_t i = at, colons = 0;
    if (!kept_is_hex(kept_at(w, at)) || !is_apart(w, at) || !is_in_use(w, at) ||
        (kept_at(w, at - 1) == ':' && kept_is_hex(kept_at(w, at - 2))))
        return false;
    for (; (c = kept_at(w, i)) == ':' || c == '.' || kept_is_hex(c); i++) {
        colons += c == ':';
        if (i - at >= 46)
            return false;
    }
    if (colons < 2 || kept_is_letter(c) || c == '_')
        return false;
    while (kept_at(w, i - 1) == '.' || (kept_at(w, i - 1) == ':' && kept_at(w, i - 2) != ':'))
        i--;
    if (kept_at(w, i) == '/' && kept_at(w, i - 1) == ':')
        return false; /* 2001:db8::/32 is a net */
    hit->n = 0;
    hit->end = i;
    for (i = at; i < hit->end; i++)
        kept_hit_add(hit, kept_at(w, i));
    return kept_hit_fits(hit, KEPT_KIND_IPV6);
}

/* ---- number plate --------------------------------------------------------------------------------*/

/* The longest of seven or eight characters; three of them digits, since words follow a place too. */
bool kept_match_plate(const struct kept_window *w, size_t at, struct kept_hit *hit)
{
    static const char last[] = "挂学警港澳";
    size_t i = at + 1, digits = 0, chars = 2;
    uint32_t c = kept_at(w, at);
    i += kept_at(w, i) == ' ';
    if (c < 0x4e00 || c > 0x9fff || !kept_is_letter(kept_at(w, i)))
        return false;
    hit->n = 0;
    kept_hit_add(hit, c);
    kept_hit_add(hit, kept_at(w, i++));
    c = kept_at(w, i);
    if (c == ' ' || c == '-' || c == 0xb7 || c == 0x2022 || c == 0x30fb || c == 0x2027)
        i++;
    for (; chars < 8 && kept_is_alnum(kept_at(w, i)); chars++) {
        digits += kept_is_digit(kept_at(w, i));
        kept_hit_add(hit, kept_at(w, i++));
    }
    c = kept_at(w, i);
    if (chars == 6 && c >= 0x4e00 && c <= 0x9fff) {
        struct kept_hit use = {.n = 0};
        kept_hit_add(&use, c);
        if (strstr(last, use.value) == NULL)
            return false;
        kept_hit_add(hit, c);
        i++;
    }
    hit->end = i;
    return digits >= 3 && !kept_is_alnum(kept_at(w, i)) && kept_hit_fits(hit, KEPT_KIND_PLATE);
}
