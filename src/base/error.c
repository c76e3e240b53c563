/* error.c - error codes, their words, and the one place that aborts. */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    int code;
    const char *name;
    const char *text;
} table[] = {
    {KEPT_OK, "ok", "done"},
    {KEPT_E_USAGE, "usage", "the call is not one kept understands"},
    {KEPT_E_POLICY, "policy", "the policy has mistakes or does not fit the store"},
    {KEPT_E_DENIED, "denied", "the operation is not open to this role"},
    {KEPT_E_NOTFOUND, "notfound", "no such thing"},
    {KEPT_E_CONFLICT, "conflict", "the state does not allow it"},
    {KEPT_E_LIMIT, "limit", "a limit would be passed"},
    {KEPT_E_IO, "io", "the file system refused"},
    {KEPT_E_CRYPTO, "crypto", "a seal does not open with this key"},
    {KEPT_E_CORRUPT, "corrupt", "bytes on disk are not what kept wrote"},
    {KEPT_E_BUSY, "busy", "another process owns the store"},
    {KEPT_E_FORMAT, "format", "foreign, or written by a newer kept"},
    {KEPT_E_NOMEM, "nomem", "no memory"},
    {KEPT_E_ROLLBACK, "rollback", "older than the anchor says"},
    {KEPT_E_CLOCK, "clock", "the clock stands before what the store has seen"},
    {KEPT_E_UNSETTLED, "unsettled", "the change stands, or may; open the store again, which settles it"},
    {KEPT_E_BUG, "bug", "kept is broken here: please report it"},
};

const char *kept_error_name(int code)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (table[i].code == code)
            return table[i].name;
    return "unknown";
}

const char *kept_error_text(int code)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (table[i].code == code)
            return table[i].text;
    return "an error kept does not know";
}

const char *kept_version(void)
{
    return KEPT_VERSION;
}

KEPT_PRINTF(3, 0)
static void say(struct kept_err *err, int code, const char *fmt, va_list ap)
{
    err->code = code;
    (void)vsnprintf(err->text, sizeof err->text, fmt, ap);
}

int kept_fail(struct kept_err *err, int code, const char *fmt, ...)
{
    if (err != NULL) {
        va_list ap;
        va_start(ap, fmt);
        say(err, code, fmt, ap);
        va_end(ap);
    }
    return code;
}

int kept_fail_errno(struct kept_err *err, int code, const char *fmt, ...)
{
    int saved = errno;
    if (err != NULL) {
        va_list ap;
        va_start(ap, fmt);
        say(err, code, fmt, ap);
        va_end(ap);
        size_t n = strlen(err->text);
        char word[96];
        /* glibc's GNU strerror_r may return a static text and leave word alone. */
        const char *text = strerror_r(saved, word, sizeof word);
        (void)snprintf(err->text + n, sizeof err->text - n, ": %s", text);
    }
    return code;
}

void kept_bug(const char *file, int line, const char *what)
{
    (void)fprintf(stderr, "kept: broken invariant at %s:%d: %s\n", file, line, what);
    abort();
}

bool kept_fault_of_request(int code)
{
    return code == KEPT_E_USAGE || code == KEPT_E_NOTFOUND || code == KEPT_E_CONFLICT ||
           code == KEPT_E_LIMIT || code == KEPT_E_DENIED;
}
