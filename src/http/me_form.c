/* me_form.c - forms, cookies, origins: bytes that anybody may send. */
#include <string.h>

#include "base/id.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "http/me.h"

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* In place: what is decoded is never longer. */
static int decode(char *p, size_t n)
{
    size_t to = 0;
    for (size_t i = 0; i < n; to++) {
        const bool escaped = p[i] == '%';
        int high = escaped && n - i > 2 ? digit(p[i + 1]) : -1, low = high >= 0 ? digit(p[i + 2]) : -1;
        if (p[i] == 0 || (escaped && (low < 0 || high + low == 0)))
            return KEPT_E_USAGE;
        p[to] = (char)(escaped ? (high << 4 | low) : p[i] == '+' ? ' ' : p[i]);
        i += escaped ? 3 : 1;
    }
    p[to] = 0;
    return kept_utf8_valid((struct kept_span){(const uint8_t *)p, to}) ? 0 : KEPT_E_USAGE;
}

static size_t find(const struct kept_http_form *form, const char *name)
{
    size_t i = 0;
    while (i < form->count && strcmp(form->names[i], name) != 0)
        i++;
    return i;
}

int kept_http_form_read(char *body, size_t n, struct kept_http_form *ret_form)
{
    struct kept_http_form form = {.count = 0};
    int rc = 0;
    body[n] = 0;
    for (size_t i = 0; rc == 0 && i < n;) {
        char *amp = memchr(body + i, '&', n - i), *equals = NULL;
        size_t end = amp == NULL ? n : (size_t)(amp - body);
        equals = memchr(body + i, '=', end - i);
        if (equals == NULL)
            return KEPT_E_USAGE;
        if (form.count == KEPT_HTTP_ME_PAIRS)
            return KEPT_E_LIMIT;
        form.names[form.count] = body + i;
        form.values[form.count] = equals + 1;
        rc = decode(equals + 1, (size_t)(body + end - (equals + 1)));
        if (rc == 0)
            rc = decode(body + i, (size_t)(equals - (body + i)));
        if (rc == 0 && find(&form, body + i) < form.count)
            rc = KEPT_E_USAGE;
        form.count++;
        i = end + 1;
    }
    if (rc == 0)
        *ret_form = form;
    return rc;
}

const char *kept_http_form_get(const struct kept_http_form *form, const char *name)
{
    const size_t i = find(form, name);
    return i < form->count ? form->values[i] : "";
}

static size_t find_cookie(struct kept_span cookies, const char *name, struct kept_span *found)
{
    size_t n = strlen(name), times = 0;
    for (size_t i = 0, end = 0; i < cookies.n; i = end + 1) {
        while (i < cookies.n && cookies.p[i] == ' ')
            i++;
        for (end = i; end < cookies.n && cookies.p[end] != ';'; end++)
            continue;
        if (end - i > n && cookies.p[i + n] == '=' && kept_bytes_equal(cookies.p + i, name, n)) {
            *found = (struct kept_span){cookies.p + i + n + 1, end - i - n - 1};
            times++;
        }
    }
    return times;
}

struct kept_span kept_http_cookie(const struct kept_span cookies[KEPT_HTTP_COOKIES], const char *name)
{
    const struct kept_span none = {(const uint8_t *)"", 0};
    struct kept_span found = none;
    size_t times = 0;
    for (size_t i = 0; i < KEPT_HTTP_COOKIES; i++)
        times += find_cookie(cookies[i], name, &found);
    return times == 1 ? found : none;
}

bool kept_http_same_site(struct kept_span origin, struct kept_span host)
{
    static const char *const schemes[] = {"https://", "http://"}; /* TLS may end before us */
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        size_t n = strlen(schemes[i]);
        if (host.n > 0 && origin.n == n + host.n && kept_bytes_equal(origin.p, schemes[i], n) &&
            kept_bytes_equal(origin.p + n, host.p, host.n))
            return true;
    }
    return false;
}

int kept_http_form_token(struct kept_span cookie, const char *app, char ret_token[KEPT_HTTP_ME_TOKEN])
{
    static const uint8_t about[] = "kept form";
    uint8_t digest[KEPT_HTTP_DIGEST];
    const struct kept_span parts[] = {{about, sizeof about}, cookie, {about, 1}, {(const uint8_t *)app, strlen(app)}};
    int rc = kept_http_digest(parts, sizeof parts / sizeof parts[0], digest);
    if (rc == 0)
        kept_hex(digest, sizeof digest, ret_token);
    return rc;
}
