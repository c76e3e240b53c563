/* target.c - path and query of a request, taken apart and decoded in place. */
#include <string.h>

#include "base/error.h"
#include "base/utf8.h"
#include "http/http_int.h"

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* p[0 .. n) decoded to *to, which then stands behind the NUL at its end. */
static int decode(const char *p, size_t n, bool query, char **to, struct kept_err *err)
{
    char *begin = *to, *out = begin;
    for (size_t i = 0; i < n; i++) {
        char c = p[i];
        if (c == '%') {
            int high = n - i > 2 ? digit(p[i + 1]) : -1, low = n - i > 2 ? digit(p[i + 2]) : -1;
            if (high < 0 || low < 0 || (high == 0 && low == 0))
                return kept_fail(err, KEPT_E_USAGE, "the address has a broken %%-escape");
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+' && query) {
            c = ' ';
        } else if (c == 0) {
            return kept_fail(err, KEPT_E_USAGE, "the address has a NUL in it");
        }
        *out++ = c;
    }
    *out = 0;
    *to = out + 1;
    return kept_utf8_valid((struct kept_span){(const uint8_t *)begin, (size_t)(out - begin)})
               ? 0
               : kept_fail(err, KEPT_E_USAGE, "the address is not UTF-8");
}

static int read_path(struct kept_http_target *t, const char *p, size_t n, char **to, struct kept_err *err)
{
    int rc = 0;
    for (size_t i = 1; rc == 0 && i <= n;) {
        const char *slash = memchr(p + i, '/', n - i);
        size_t end = slash == NULL ? n : (size_t)(slash - p);
        if (t->piece_count == KEPT_HTTP_MAX_PIECES)
            return kept_fail(err, KEPT_E_LIMIT, "a path has at most %u pieces", KEPT_HTTP_MAX_PIECES);
        t->pieces[t->piece_count++] = *to;
        rc = decode(p + i, end - i, false, to, err);
        i = end + 1;
    }
    return rc;
}

static int read_query(struct kept_http_target *t, const char *p, size_t n, char **to, struct kept_err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < n;) {
        const char *amp = memchr(p + i, '&', n - i);
        size_t end = amp == NULL ? n : (size_t)(amp - p);
        const char *equals = memchr(p + i, '=', end - i);
        size_t name = equals == NULL ? end : (size_t)(equals - p);
        if (end > i && t->pair_count == KEPT_HTTP_MAX_PAIRS)
            return kept_fail(err, KEPT_E_LIMIT, "a query has at most %u members", KEPT_HTTP_MAX_PAIRS);
        if (end > i) {
            t->names[t->pair_count] = *to;
            rc = decode(p + i, name - i, true, to, err);
            t->values[t->pair_count++] = *to;
            if (rc == 0)
                rc = decode(p + name + (equals != NULL), end - name - (equals != NULL), true, to, err);
        }
        i = end + 1;
    }
    return rc;
}

int kept_http_target_read(struct kept_span text, struct kept_http_target *target, struct kept_err *err)
{
    const char *p = (const char *)text.p;
    char *to = target->text;
    target->piece_count = target->pair_count = 0;
    if (text.n > KEPT_HTTP_MAX_TARGET)
        return kept_fail(err, KEPT_E_LIMIT, "an address has at most %u bytes", KEPT_HTTP_MAX_TARGET);
    if (text.n == 0 || p[0] != '/')
        return kept_fail(err, KEPT_E_USAGE, "an address begins with a slash");
    const char *mark = memchr(p, '?', text.n);
    size_t path = mark == NULL ? text.n : (size_t)(mark - p);
    int rc = read_path(target, p, path, &to, err);
    if (rc == 0 && mark != NULL)
        rc = read_query(target, mark + 1, text.n - path - 1, &to, err);
    return rc;
}
