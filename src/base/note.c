/* note.c - a line of JSON for each event. */
#include "base/note.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"

#define MAX_TEXT 1024u

/* Text that any reader of JSON takes: what is not ASCII, or steers a terminal, becomes a question mark. */
static void put_text(struct kept_buf *out, const char *text)
{
    for (; *text != 0; text++) {
        if (*text == '"' || *text == '\\')
            kept_buf_u8(out, '\\');
        kept_buf_u8(out, *text >= ' ' && *text <= '~' ? (uint8_t)*text : '?');
    }
}

void kept_note(enum kept_level level, const char *event, const char *fmt, ...)
{
    static const char *const levels[] = {"info", "warning", "error"};
    const struct kept_clock clock = kept_clock_system();
    char text[MAX_TEXT], at[KEPT_TIME_TEXT];
    struct kept_buf line;
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    kept_time_text(kept_now(&clock), at);
    kept_buf_init(&line, 4 * MAX_TEXT);
    kept_buf_printf(&line, "{\"time\":\"%s\",\"level\":\"%s\",\"event\":\"%s\",\"pid\":%ld,\"text\":\"", at,
                    levels[level], event, (long)getpid());
    put_text(&line, text);
    kept_buf_text(&line, "\"}\n");
    if (line.failed == 0) {
        ssize_t told = write(STDERR_FILENO, line.p, line.n);
        (void)told; /* there is nobody else to tell */
    }
    kept_buf_release(&line);
}
