/* kind_web.c - mail and web addresses. */
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "vault/kind_int.h"

#define MAIL_LOCAL_MAX 64u /* RFC 5321 4.5.3.1; 254 in all, less the angle brackets */
#define LABEL_MAX 63u

bool kept_kind_is_domain(struct kept_span domain)
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

static void put_lower(struct kept_buf *out, struct kept_span text)
{
    for (size_t i = 0; i < text.n; i++) {
        uint8_t c = lower(text.p[i]);
        put(out, &c, 1);
    }
}

/* ---- mail ----------------------------------------------------------------------------------------*/

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

int kept_normal_mail(struct kept_span value, struct kept_buf *out)
{
    const uint8_t *at = memchr(value.p, '@', value.n);
    if (at == NULL)
        return KEPT_E_USAGE;
    struct kept_span local = {value.p, (size_t)(at - value.p)};
    struct kept_span domain = {at + 1, value.n - local.n - 1};
    if (!local_fits(local) || !kept_kind_is_domain(domain))
        return KEPT_E_USAGE;
    put(out, local.p, local.n + 1);
    put_lower(out, domain);
    return 0;
}

void kept_mask_mail(struct kept_span v, struct kept_buf *out)
{
    const uint8_t *at = memchr(v.p, '@', v.n);
    size_t local = at == NULL ? v.n : (size_t)(at - v.p);
    kept_kind_keep(out, v, local > 1 ? 1 : 0, v.n - local);
}

/* ---- web address ---------------------------------------------------------------------------------*/

/* RFC 3986 with a scheme of the web, an authority without a user, and what follows. Written into a
 * place of its own: a dot segment takes back what was written before it. */
struct url {
    uint8_t text[2048]; /* the normal form is no longer than a value may be */
    size_t n;
    size_t path; /* where the path begins */
    int rc;
};

static void add(struct url *u, const void *p, size_t n)
{
    if (u->rc == 0 && n > sizeof u->text - u->n)
        u->rc = KEPT_E_LIMIT;
    if (u->rc != 0)
        return;
    memcpy(u->text + u->n, p, n);
    u->n += n;
}

static void add_escape(struct url *u, uint8_t byte)
{
    static const char hex[] = "0123456789ABCDEF";
    const char escape[3] = {'%', hex[byte >> 4], hex[byte & 15]};
    add(u, escape, sizeof escape);
}

static bool is_unreserved(uint8_t c)
{
    return is_letter(c) || is_digit(c) || (c != 0 && strchr("-._~", c) != NULL);
}

/* One character of path, query or fragment; *at goes on behind it. */
static void add_char(struct url *u, struct kept_span s, size_t *at)
{
    size_t from = *at;
    uint32_t c = kept_utf8_next(s, at);
    if (c >= 0x80) {
        if (kept_kind_is_hostile(c))
            u->rc = KEPT_E_USAGE;
        for (size_t i = from; i < *at; i++)
            add_escape(u, s.p[i]);
    } else if (c == '%') {
        int high = from + 2 < s.n ? hex_of(s.p[from + 1]) : -1;
        int low = from + 2 < s.n ? hex_of(s.p[from + 2]) : -1;
        if (high < 0 || low < 0) {
            u->rc = KEPT_E_USAGE;
            return;
        }
        uint8_t byte = (uint8_t)(high << 4 | low);
        if (is_unreserved(byte))
            add(u, &byte, 1);
        else
            add_escape(u, byte);
        *at = from + 3;
    } else if (is_unreserved((uint8_t)c) || strchr("!$&'()*+,;=:@/?", (int)c) != NULL) {
        add(u, s.p + from, 1);
    } else {
        u->rc = KEPT_E_USAGE;
    }
}

/* RFC 3986 5.2.4: the segment just written, which begins behind a slash, may be . or .. */
static void end_segment(struct url *u, bool last)
{
    size_t from = u->n;
    while (from > u->path && u->text[from - 1] != '/')
        from--;
    size_t length = u->n - from;
    bool dots = length > 0 && length <= 2 && u->text[from] == '.' && u->text[u->n - 1] == '.';
    if (dots) {
        u->n = from; /* behind the slash */
        if (length == 2 && u->n - 1 > u->path)
            for (u->n--; u->n > u->path && u->text[u->n - 1] != '/';)
                u->n--;
    }
    if (!last && !dots)
        add(u, "/", 1);
}

static void add_path(struct url *u, struct kept_span path)
{
    u->path = u->n;
    add(u, "/", 1);
    for (size_t at = path.n > 0 ? 1 : 0; u->rc == 0 && at < path.n;) {
        if (path.p[at] == '/') {
            end_segment(u, false);
            at++;
        } else {
            add_char(u, path, &at);
        }
    }
    if (u->rc == 0)
        end_segment(u, true);
}

static void add_host(struct url *u, struct kept_span host)
{
    uint8_t byte[4];
    uint16_t group[8];
    char text[KEPT_IPV6_TEXT];
    if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']' &&
        kept_kind_is_ipv6((struct kept_span){host.p + 1, host.n - 2}, group)) {
        size_t n = kept_kind_ipv6_text(group, text);
        add(u, "[", 1);
        add(u, text, n);
        add(u, "]", 1);
    } else if (kept_kind_is_ipv4(host, byte)) {
        add(u, host.p, host.n);
    } else if (host.n <= 253 && kept_kind_is_domain(host)) {
        for (size_t i = 0; i < host.n; i++) {
            uint8_t c = lower(host.p[i]);
            add(u, &c, 1);
        }
    } else {
        u->rc = KEPT_E_USAGE;
    }
}

/* host[:port]; a user would bring a password along. */
static void add_authority(struct url *u, struct kept_span s, unsigned usual_port)
{
    size_t host = s.n;
    unsigned port = 0;
    while (host > 0 && is_digit(s.p[host - 1]))
        host--;
    bool named = host > 0 && s.p[host - 1] == ':' && memchr(s.p, ']', s.n - host) == NULL;
    size_t end = named ? host - 1 : s.n;
    add_host(u, (struct kept_span){s.p, end});
    for (size_t i = host; named && i < s.n && u->rc == 0; i++) {
        port = port * 10 + (s.p[i] - (unsigned)'0');
        if (port > 65535)
            u->rc = KEPT_E_USAGE;
    }
    if (named && host < s.n && port == 0)
        u->rc = KEPT_E_USAGE;
    if (port != 0 && port != usual_port) {
        char text[8];
        int n = snprintf(text, sizeof text, ":%u", port);
        add(u, text, n > 0 ? (size_t)n : 0);
    }
}

/* How much of s stands before one of the ASCII characters in stop. */
static size_t until(struct kept_span s, const char *stop)
{
    size_t n = 0;
    while (n < s.n && (s.p[n] == 0 || strchr(stop, s.p[n]) == NULL))
        n++;
    return n;
}

static struct kept_span behind(struct kept_span s, size_t n)
{
    return (struct kept_span){s.p + n, s.n - n};
}

int kept_normal_url(struct kept_span value, struct kept_buf *out)
{
    static const char https[] = "https://";
    struct url u = {.n = 0};
    size_t n = 0;
    if (!kept_utf8_valid(value))
        return KEPT_E_USAGE;
    while (n < 4 && n < value.n && lower(value.p[n]) == (uint8_t)https[n])
        n++;
    bool secure = n == 4 && n < value.n && lower(value.p[n]) == 's';
    if (n != 4 || value.n < 7u + secure || strncmp((const char *)value.p + n + secure, "://", 3) != 0)
        return KEPT_E_USAGE;
    struct kept_span rest = behind(value, 7u + secure);
    add(&u, "http", 4);
    add(&u, "s", secure);
    add(&u, "://", 3);
    size_t authority = until(rest, "/?#");
    add_authority(&u, (struct kept_span){rest.p, authority}, secure ? 443 : 80);
    rest = behind(rest, authority);
    size_t path = until(rest, "?#");
    if (u.rc == 0)
        add_path(&u, (struct kept_span){rest.p, path});
    rest = behind(rest, path);
    for (size_t at = 0; u.rc == 0 && at < rest.n;)
        if ((at == 0 || memchr(rest.p, '#', at) == NULL) && rest.p[at] == '#')
            add(&u, rest.p + at++, 1); /* the first # begins the fragment */
        else
            add_char(&u, rest, &at);
    if (u.rc == 0)
        put(out, u.text, u.n);
    kept_wipe(u.text, sizeof u.text);
    return u.rc;
}

/* The host stays, as it does of a mail address. */
void kept_mask_url(struct kept_span v, struct kept_buf *out)
{
    size_t host = 8 + until(behind(v, 8), "/"); /* http://x or https:// */
    kept_buf_bytes(out, v.p, host);
    kept_buf_text(out, "/" KEPT_KIND_HIDDEN);
}
