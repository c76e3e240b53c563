/* scarce.c - memory that runs out. */
#include "scarce.h"

#include <execinfo.h>
#include <jansson.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdlib.h>

static long left = -1; /* allocations that still succeed; -1: all */
static bool once; /* only one fails, and those behind it succeed again */
static unsigned long failed;

/* Weak: programs without --wrap have none, and never get here. */
__attribute__((weak)) void *__real_calloc(size_t n, size_t size);
__attribute__((weak)) void *__real_realloc(void *p, size_t n);
__attribute__((weak)) void *__real_kept_secret_new(size_t n);
void *__wrap_kept_secret_new(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

#define MOST_SEEN (1u << 16) /* allocations of a run that is watched; more of them are all told as new */
#define DEEPEST 40
static bool watching;
static long seen;
static bool fresh[MOST_SEEN];
static uint64_t ways[2 * MOST_SEEN]; /* hashes of the ways, where they hash to; 0: free */

static void note_way(void)
{
    void *frames[DEEPEST];
    int depth = backtrace(frames, DEEPEST);
    uint64_t hash = 1469598103934665603u;
    for (int i = 0; i < depth; i++)
        hash = (hash ^ (uint64_t)(uintptr_t)frames[i]) * 1099511628211u;
    hash |= 1;
    size_t at = (size_t)(hash >> 40) % (2 * MOST_SEEN);
    while (ways[at] != 0 && ways[at] != hash)
        at = (at + 1) % (2 * MOST_SEEN);
    if (seen < MOST_SEEN) {
        fresh[seen] = ways[at] == 0;
        ways[at] = hash;
    }
    seen++;
}

static bool spent(void)
{
    if (watching)
        note_way();
    if (left < 0)
        return false;
    if (left > 0) {
        left--;
        return false;
    }
    failed++;
    left = once ? -1 : 0;
    return true;
}

__attribute__((weak)) void *__wrap_calloc(size_t n, size_t size) /* a test may bring its own */
{
    return spent() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
    return spent() ? NULL : __real_realloc(p, n);
}

void *__wrap_kept_secret_new(size_t n)
{
    return spent() ? NULL : __real_kept_secret_new(n);
}

/* ---- the libraries' own ---- */

static sqlite3_mem_methods below;

static void *sql_malloc(int n)
{
    return spent() ? NULL : below.xMalloc(n);
}

static void *sql_realloc(void *p, int n)
{
    return spent() ? NULL : below.xRealloc(p, n);
}

static void *json_malloc(size_t n)
{
    return spent() ? NULL : malloc(n);
}

int scarce_hook_up(void **state)
{
    sqlite3_mem_methods ours;
    (void)state;
    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &below) != SQLITE_OK)
        return -1;
    ours = below;
    ours.xMalloc = sql_malloc;
    ours.xRealloc = sql_realloc;
    if (sqlite3_config(SQLITE_CONFIG_MALLOC, &ours) != SQLITE_OK)
        return -1;
    json_set_alloc_funcs(json_malloc, free);
    return 0;
}

/* ---- */

void scarce_begin(long n, bool only_once)
{
    once = only_once;
    left = n;
    failed = 0;
}

void scarce_end(void)
{
    left = -1;
}

unsigned long scarce_failed(void)
{
    return failed;
}

void scarce_watch(void)
{
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
        ways[i] = 0;
    seen = 0;
    watching = true;
}

long scarce_next(long n)
{
    watching = false;
    while (n < seen && n < MOST_SEEN && !fresh[n])
        n++;
    return n < seen ? n : -1;
}
