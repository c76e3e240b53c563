/* scarce.c - memory that runs out. */
#include "scarce.h"

#include <execinfo.h>
#include <jansson.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

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

#define MAX_CALLERS 32
#define PLACES (1u << 16)

static bool noting;
static int depth; /* callers that tell one place from another */
static long made;
static uint64_t seen[PLACES]; /* by hash; 0: free */
static long firsts[PLACES / 2];
static size_t places;

static void note_place(void)
{
    void *callers[MAX_CALLERS];
    int n = backtrace(callers, depth);
    uint64_t hash = 1469598103934665603u;
    for (int i = 0; i < n; i++)
        hash = (hash ^ (uint64_t)(uintptr_t)callers[i]) * 1099511628211u;
    size_t at = (hash ^ hash >> 32) % PLACES;
    while (seen[at] != 0 && seen[at] != hash)
        at = (at + 1) % PLACES;
    if (seen[at] == 0 && places < PLACES / 2) {
        seen[at] = hash;
        firsts[places++] = made;
    }
    made++;
}

bool scarce_spent(void)
{
    if (noting)
        note_place();
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
    return scarce_spent() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
    return scarce_spent() ? NULL : __real_realloc(p, n);
}

void *__wrap_kept_secret_new(size_t n)
{
    return scarce_spent() ? NULL : __real_kept_secret_new(n);
}

/* ---- the libraries' own ---- */

static sqlite3_mem_methods below;

static void *sql_malloc(int n)
{
    return scarce_spent() ? NULL : below.xMalloc(n);
}

static void *sql_realloc(void *p, int n)
{
    return scarce_spent() ? NULL : below.xRealloc(p, n);
}

static void *json_malloc(size_t n)
{
    return scarce_spent() ? NULL : malloc(n);
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

void scarce_places_begin(int callers)
{
    memset(seen, 0, sizeof seen);
    places = 0;
    made = 0;
    depth = callers < MAX_CALLERS ? callers : MAX_CALLERS;
    noting = true;
}

size_t scarce_places_end(const long **ret_n)
{
    noting = false;
    *ret_n = firsts;
    return places;
}
