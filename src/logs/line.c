/* line.c - a line of a web server's log, in the common or combined format, taken apart. */
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "logs/logs.h"

void kept_log_give(const struct kept_log *log, struct kept_log_line *line, const char *name, struct kept_span value)
{
    for (size_t i = 0; i < log->field_count; i++)
        if (line->value[i].p == NULL && strcmp(log->fields[i].from, name) == 0) {
            line->value[i] = value;
            return;
        }
    line->dropped++;
}

struct rest { /* of a line */
    const uint8_t *p;
    size_t n;
};

static bool word(struct rest *rest, struct kept_span *ret)
{
    const uint8_t *end = rest->n > 0 ? memchr(rest->p, ' ', rest->n) : NULL;
    const size_t n = end != NULL ? (size_t)(end - rest->p) : rest->n;
    *ret = (struct kept_span){rest->p, n};
    rest->p += n + (end != NULL);
    rest->n -= n + (end != NULL);
    return n > 0;
}

/* "..." with \" and \\ in it, and the space behind; what is between, as it stands. */
static bool quoted(struct rest *rest, char open, char close, struct kept_span *ret)
{
    size_t i = 1;
    if (rest->n < 2 || rest->p[0] != (uint8_t)open)
        return false;
    while (i < rest->n && rest->p[i] != (uint8_t)close)
        i += rest->p[i] == '\\' ? 2 : 1;
    if (i >= rest->n)
        return false;
    *ret = (struct kept_span){rest->p + 1, i - 1};
    i += i + 1 < rest->n && rest->p[i + 1] == ' ' ? 2 : 1;
    rest->p += i;
    rest->n -= i;
    return true;
}

static int hex(uint8_t c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static int hex_pair(struct kept_span s, size_t at)
{
    return at + 1 < s.n && hex(s.p[at]) >= 0 && hex(s.p[at + 1]) >= 0 ? hex(s.p[at]) * 16 + hex(s.p[at + 1]) : -1;
}

/* The text itself: \xhh, \" and \\ as servers write them, %hh where it is an address. What would not be UTF-8 then is "?". */
static struct kept_span plain(struct kept_span raw, bool address, struct kept_buf *scratch)
{
    const size_t from = scratch->n;
    for (size_t i = 0; i < raw.n; i++) {
        int byte = raw.p[i], code = -1;
        if (byte == '\\' && i + 1 < raw.n && raw.p[i + 1] == 'x' && (code = hex_pair(raw, i + 2)) >= 0)
            i += 3;
        else if (byte == '\\' && i + 1 < raw.n && (raw.p[i + 1] == '"' || raw.p[i + 1] == '\\'))
            code = raw.p[++i];
        else if (address && byte == '%' && (code = hex_pair(raw, i + 1)) >= 0)
            i += 2;
        byte = code >= 0 ? code : byte;
        kept_buf_u8(scratch, byte < 0x20 || byte == 0x7f ? ' ' : (uint8_t)byte);
    }
    struct kept_span text = {scratch->p != NULL ? scratch->p + from : (const uint8_t *)"", scratch->n - from};
    if (scratch->failed == 0 && !kept_utf8_valid(text))
        for (size_t i = from; i < scratch->n; i++)
            scratch->p[i] = scratch->p[i] < 0x80 ? scratch->p[i] : '?';
    return text;
}

/* 23/Nov/2026:02:01:02 +0100 as RFC 3339, in UTC. */
static bool time_of(struct kept_span raw, struct kept_buf *scratch, struct kept_span *ret)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char text[40], iso[40];
    kept_ms at = 0;
    if (raw.n != 26 || raw.p[2] != '/' || raw.p[6] != '/' || raw.p[11] != ':' || raw.p[20] != ' ')
        return false;
    memcpy(text, raw.p, raw.n);
    text[raw.n] = 0;
    int month = 0;
    while (month < 12 && strncmp(months + (ptrdiff_t)month * 3, text + 3, 3) != 0)
        month++;
    (void)snprintf(iso, sizeof iso, "%.4s-%02d-%.2sT%.8s%.3s:%.2s", text + 7, month + 1, text, text + 12, text + 21, text + 24);
    if (month == 12 || kept_time_parse(iso, &at) != 0)
        return false;
    kept_time_text(at, text);
    const size_t from = scratch->n, n = strlen(text);
    kept_buf_bytes(scratch, text, n);
    *ret = (struct kept_span){scratch->failed == 0 ? scratch->p + from : NULL, n};
    return true;
}

struct taking {
    const struct kept_log *log;
    struct kept_log_line *line;
    struct kept_buf *scratch;
};

static void give(struct taking *t, const char *name, struct kept_span raw, bool address)
{
    if (raw.n > 0 && !(raw.n == 1 && raw.p[0] == '-'))
        kept_log_give(t->log, t->line, name, plain(raw, address, t->scratch));
}

/* METHOD TARGET PROTOCOL; what is none of that (garbage on the port) is one field that nobody declares. */
static void request(struct taking *t, struct kept_span raw)
{
    struct rest rest = {raw.p, raw.n};
    struct kept_span method, target, protocol;
    if (!word(&rest, &method) || !word(&rest, &target) || !word(&rest, &protocol) || rest.n > 0) {
        t->line->dropped++;
        return;
    }
    const uint8_t *mark = memchr(target.p, '?', target.n);
    const size_t path = mark != NULL ? (size_t)(mark - target.p) : target.n;
    give(t, "method", method, false);
    give(t, "path", (struct kept_span){target.p, path}, true);
    if (mark != NULL)
        give(t, "query", (struct kept_span){mark + 1, target.n - path - 1}, true);
    give(t, "protocol", protocol, false);
}

int kept_log_parse(const struct kept_log *log, struct kept_span line, struct kept_buf *scratch,
                   struct kept_log_line *ret_line, const char **ret_why)
{
    static const char *const names[] = {"address", "ident", "user"};
    struct taking t = {log, ret_line, scratch};
    struct rest rest = {line.p, line.n};
    struct kept_span piece[3], when, asked, status, bytes, time;
    if (log->format == KEPT_LOG_JSON)
        return kept_log_parse_json(log, line, scratch, ret_line, ret_why);
    kept_buf_clear(scratch);
    /* Values point into scratch: it must not move. Nothing grows longer but the time. */
    if (kept_buf_room(scratch, line.n + 64) == NULL)
        return KEPT_E_NOMEM;
    scratch->n = 0;
    *ret_why = "not of the format that the policy names";
    for (size_t i = 0; i < 3; i++)
        if (!word(&rest, &piece[i]))
            return KEPT_E_USAGE;
    if (!quoted(&rest, '[', ']', &when) || !quoted(&rest, '"', '"', &asked) || !word(&rest, &status) || !word(&rest, &bytes))
        return KEPT_E_USAGE;
    *ret_why = "its time is none";
    if (!time_of(when, scratch, &time))
        return KEPT_E_USAGE;
    for (size_t i = 0; i < 3; i++)
        give(&t, names[i], piece[i], false);
    kept_log_give(log, ret_line, "time", time);
    request(&t, asked);
    give(&t, "status", status, false);
    give(&t, "bytes", bytes, false);
    if (log->format == KEPT_LOG_COMBINED) {
        *ret_why = "referrer or agent is missing";
        if (!quoted(&rest, '"', '"', &when) || !quoted(&rest, '"', '"', &asked))
            return KEPT_E_USAGE;
        give(&t, "referrer", when, true);
        give(&t, "agent", asked, false);
    }
    ret_line->dropped += rest.n > 0; /* what some servers write behind it */
    return scratch->failed;
}
