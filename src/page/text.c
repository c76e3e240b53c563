/* text.c - what is particular to plain text: columns, wrapping, the marks behind a paragraph. */
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "page/page_int.h"

/* Characters of East Asia, which take two columns and between which a line may end. */
static bool wide(uint32_t c)
{
    return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) ||
           (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
           (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
           (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x1F300 && c <= 0x1FAFF) ||
           (c >= 0x20000 && c <= 0x3FFFD);
}

/* Marks that stand at no line's beginning. */
static bool closing(uint32_t c)
{
    static const uint32_t none[] = {0x3001, 0x3002, 0x300B, 0x300D, 0x3011, 0xFF01, 0xFF09,
                                    0xFF0C, 0xFF1A, 0xFF1B, 0xFF1F, 0x201D, 0x2019};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        if (none[i] == c)
            return true;
    return false;
}

size_t kept_page_columns(struct kept_span text)
{
    size_t at = 0, columns = 0;
    for (uint32_t c = kept_utf8_next(text, &at); c != 0; c = kept_utf8_next(text, &at))
        columns += wide(c) ? 2 : 1;
    return columns;
}

size_t kept_page_line(struct kept_span text, size_t from, size_t room, bool cut, size_t *ret_next)
{
    size_t at = from, columns = 0, end = 0, next = 0;
    uint32_t before = 0;
    while (at < text.n) {
        size_t here = at;
        uint32_t c = kept_utf8_next(text, &at);
        if (c == ' ') {
            end = here;
            next = at;
        } else if (here > from && (wide(c) || wide(before)) && before != ' ' && !closing(c)) {
            end = here;
            next = here;
        }
        columns += wide(c) ? 2 : 1;
        if (columns > room && c != ' ' && next <= from && cut && here > from)
            end = next = here; /* a word longer than a line */
        if (columns > room && c != ' ' && next > from) {
            *ret_next = next;
            return end;
        }
        before = c;
    }
    *ret_next = text.n;
    return text.n;
}

static void wrap(struct kept_buf *out, struct kept_span text, const char *first, const char *next)
{
    size_t at = 0;
    do {
        const char *indent = at == 0 ? first : next;
        size_t begin = at;
        size_t room = KEPT_PAGE_COLUMNS - strlen(indent);
        size_t end = kept_page_line(text, begin, room, false, &at);
        kept_buf_text(out, indent);
        kept_buf_bytes(out, text.p + begin, end - begin);
        kept_buf_u8(out, '\n');
    } while (at < text.n);
}

void kept_text_flush(struct kept_page *page, const char *first, const char *next)
{
    if (page->marks.failed != 0)
        page->line.failed = page->marks.failed;
    if (page->marks.n > 0)
        kept_buf_printf(&page->line, " [%.*s]", (int)page->marks.n, (const char *)page->marks.p);
    if (page->line.n > 0)
        wrap(page->out, kept_buf_span(&page->line), first, next);
    if (page->out->failed == 0)
        page->out->failed = page->line.failed != 0 ? page->line.failed : page->marks.failed;
    kept_buf_clear(&page->line);
    kept_buf_clear(&page->marks);
    page->last[0] = 0;
}

/* A control character could steer a terminal. */
static void plain(struct kept_buf *out, const char *text)
{
    for (; *text != 0; text++)
        kept_buf_u8(out, (unsigned char)*text >= 0x20 && *text != 0x7F ? (uint8_t)*text : ' ');
}

void kept_text_say(struct kept_page *page, const struct kept_mark *mark, const char *text)
{
    char rule[sizeof page->last] = "";
    if (page->line.n > 0 && page->line.p[page->line.n - 1] != ' ' &&
        (page->line.p[page->line.n - 1] < 0x80 || (unsigned char)text[0] < 0x80))
        kept_buf_u8(&page->line, ' ');
    const char *stars = mark != NULL && mark->strong ? "**" : "";
    kept_buf_text(&page->line, stars);
    plain(&page->line, text);
    kept_buf_text(&page->line, stars);
    if (mark == NULL)
        return;
    (void)snprintf(rule, sizeof rule, "%s%s%s%s%s", mark->kind, mark->name != NULL ? "/" : "",
                   mark->name != NULL ? mark->name : "", mark->part != NULL ? "/" : "",
                   mark->part != NULL ? mark->part : "");
    if (strcmp(rule, page->last) == 0)
        return;
    if (page->marks.n > 0)
        kept_buf_text(&page->marks, ", ");
    plain(&page->marks, rule);
    (void)snprintf(page->last, sizeof page->last, "%s", rule);
}

void kept_text_title(struct kept_page *page, const char *text, char under)
{
    struct kept_span span = {(const uint8_t *)text, strlen(text)};
    size_t columns = kept_page_columns(span);
    kept_text_flush(page, "", "");
    kept_text_say(page, NULL, text);
    kept_text_flush(page, "", "");
    for (size_t i = 0; i < columns && i < KEPT_PAGE_COLUMNS; i++)
        kept_buf_u8(page->out, (uint8_t)under);
    kept_buf_text(page->out, "\n\n");
}
