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

void kept_http_json_text(struct kept_buf *out, const char *p, size_t n)
{
    size_t from = 0;
    kept_buf_u8(out, '"');
    for (size_t i = 0; i < n; i++) {
        uint8_t c = (uint8_t)p[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        kept_buf_bytes(out, p + from, i - from);
        escape(out, c);
        from = i + 1;
    }
    kept_buf_bytes(out, p + from, n - from);
    kept_buf_u8(out, '"');
}

void kept_http_json_name(struct kept_buf *out, const char *name)
{
    if (out->n > 0 && out->p[out->n - 1] != '{' && out->p[out->n - 1] != '[')
        kept_buf_u8(out, ',');
    kept_buf_u8(out, '"');
    kept_buf_text(out, name);
    kept_buf_bytes(out, "\":", 2);
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
