/* json.c - JSON, appended. */
#include <string.h>

#include "base/clock.h"
#include "http/http_int.h"

static void escape(struct kept_buf *out, uint8_t c)
{
    static const char hex[] = "0123456789abcdef";
    char text[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
    const char *at = c == '"' ? "\\\"" : c == '\\' ? "\\\\" : c == '\n' ? "\\n" : c == '\r' ? "\\r" : c == '\t' ? "\\t" : NULL;
    if (at != NULL)
        kept_buf_bytes(out, at, 2);
    else
        kept_buf_bytes(out, text, sizeof text);
}

/* Bytes until one that must be escaped. */
static size_t plain(const char *p, size_t n)
{
    size_t i = 0;
    while (i < n && (uint8_t)p[i] >= 0x20 && p[i] != '"' && p[i] != '\\')
        i++;
    return i;
}

void kept_http_json_text(struct kept_buf *out, const char *p, size_t n)
{
    size_t from = plain(p, n);
    uint8_t *to = kept_buf_room(out, from + 1 + (from == n));
    if (to == NULL)
        return;
    to[0] = '"';
    if (from > 0)
        memcpy(to + 1, p, from);
    if (from == n) {
        to[n + 1] = '"';
        return;
    }
    while (from < n) {
        escape(out, (uint8_t)p[from++]);
        size_t more = plain(p + from, n - from);
        kept_buf_bytes(out, p + from, more);
        from += more;
    }
    kept_buf_u8(out, '"');
}

/* In one piece: a reply has dozens. */
void kept_http_json_name(struct kept_buf *out, const char *name)
{
    size_t n = strlen(name);
    bool comma = out->n > 0 && out->p[out->n - 1] != '{' && out->p[out->n - 1] != '[';
    uint8_t *to = kept_buf_room(out, n + 3 + comma);
    if (to == NULL)
        return;
    if (comma)
        *to++ = ',';
    *to++ = '"';
    memcpy(to, name, n);
    to[n] = '"';
    to[n + 1] = ':';
}

void kept_http_json_member(struct kept_buf *out, const char *name, const char *text)
{
    kept_http_json_name(out, name);
    kept_http_json_text(out, text, strlen(text));
}

void kept_http_json_number(struct kept_buf *out, const char *name, uint64_t number)
{
    char digits[20];
    size_t n = sizeof digits;
    do {
        digits[--n] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    kept_http_json_name(out, name);
    kept_buf_bytes(out, digits + n, sizeof digits - n);
}

void kept_http_json_time(struct kept_buf *out, const char *name, kept_ms at)
{
    char text[KEPT_TIME_TEXT];
    if (at == 0)
        return;
    kept_time_text(at, text);
    kept_http_json_member(out, name, text);
}
