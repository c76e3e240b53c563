/* deep.h - folders whose paths are as long as paths get, so that one name in them is too long and a shorter
 * one is not. What lies deeper still gets there by moving its folder. */
#ifndef KEPT_TESTS_DEEP_H
#define KEPT_TESTS_DEEP_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/limits.h"

#define DEEP_PART 200u

/* The path of n bytes below base, of folders named d...d; all of them are made but the last. n is below
 * KEPT_MAX_PATH. */
static inline void deep_path(const char *base, size_t n, char ret_path[KEPT_MAX_PATH])
{
    size_t at = strlen(base);
    if (n >= KEPT_MAX_PATH || n < at + 2)
        abort();
    memcpy(ret_path, base, at + 1);
    while (at < n) {
        if (at != strlen(base) && mkdir(ret_path, 0700) != 0 && errno != EEXIST)
            abort();
        size_t part = n - at - 1 > DEEP_PART + 1 ? DEEP_PART : n - at - 1;
        ret_path[at++] = '/';
        memset(ret_path + at, 'd', part);
        at += part;
        ret_path[at] = 0;
    }
}

#endif
