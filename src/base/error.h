/* error.h - how kept says that something failed, and that something is broken.
 *
 * Fallible functions return 0 or a negative KEPT_E_*; detail goes into a caller-owned kept_err.
 * Never personal data in a message: names of files, items and rules only, no values. */
#ifndef KEPT_BASE_ERROR_H
#define KEPT_BASE_ERROR_H

#include <stdbool.h>
#include <stdnoreturn.h>

#include "kept.h"

/* kept_fail(err, code, fmt, ...): note what happened and return code, so that a guard reads
 * `return kept_fail(err, KEPT_E_IO, "...")`. err may be NULL. Text is cut at KEPT_ERR_TEXT. */
int kept_fail(struct kept_err *err, int code, const char *fmt, ...) KEPT_PRINTF(3, 4);

/* kept_fail_errno: the same, with ": " and the system's words for errno behind the text. */
int kept_fail_errno(struct kept_err *err, int code, const char *fmt, ...) KEPT_PRINTF(3, 4);

/* Is a failure the request's own - its arguments, the state it met, a limit - and not one of disk, keys or
 * memory, after which the same request may succeed? */
bool kept_fault_of_request(int code);

/* An invariant of kept is broken: say where and abort. Going on could disclose data. */
noreturn void kept_bug(const char *file, int line, const char *what);
#define KEPT_BUG(what) kept_bug(__FILE__, __LINE__, (what))
#define KEPT_INVARIANT(cond)                                                                       \
    do {                                                                                           \
        if (!(cond))                                                                               \
            KEPT_BUG(#cond);                                                                       \
    } while (0)

#endif
