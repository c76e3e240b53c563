/* scarce.c - memory that runs out. */
#include "scarce.h"

#include <jansson.h>
#include <sqlite3.h>
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

static bool spent(void)
{
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
