/* mem.c - the only file that calls malloc. */
#define KEPT_MAY_ALLOCATE
#include "base/mem.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

void *kept_alloc(size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        return NULL;
    size_t n = count * size;
    return calloc(1, n == 0 ? 1 : n);
}

void *kept_resize(void *p, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        return NULL;
    size_t n = count * size;
    return realloc(p, n == 0 ? 1 : n);
}

int kept_grow(void *array, size_t *cap, size_t want, size_t max, size_t size)
{
    void **a = array;
    if (want <= *cap)
        return 0;
    if (want > max)
        return KEPT_E_LIMIT;
    size_t next = *cap < 8 ? 8 : *cap;
    while (next < want)
        next = next > max / 2 ? max : next * 2;
    void *p = kept_alloc(next, size);
    if (p == NULL)
        return KEPT_E_NOMEM;
    if (*a != NULL) { /* rows may be a person's: no copy of them stays behind */
        memcpy(p, *a, *cap * size);
        kept_wipe(*a, *cap * size);
        kept_free(*a);
    }
    *a = p;
    *cap = next;
    return 0;
}

void kept_free(void *p)
{
    free(p);
}

/* How long a block is stands before it. */
union length {
    size_t n;
    max_align_t align;
};

void *kept_wiped_alloc(size_t n)
{
    union length *length = n > SIZE_MAX - sizeof *length ? NULL : kept_alloc(1, sizeof *length + n);
    if (length == NULL)
        return NULL;
    length->n = n;
    return length + 1;
}

void kept_wiped_free(void *p)
{
    union length *length = p == NULL ? NULL : (union length *)p - 1;
    if (length != NULL)
        kept_wipe(length, sizeof *length + length->n);
    kept_free(length);
}

void kept_wipe(void *p, size_t n)
{
    if (p != NULL && n != 0)
        explicit_bzero(p, n);
}

char *kept_strndup(const char *s, size_t n)
{
    char *p = kept_alloc(n + 1, 1);
    if (p != NULL)
        memcpy(p, s, n);
    return p;
}

char *kept_strdup(const char *s)
{
    return kept_strndup(s, strlen(s));
}

void *kept_memdup(const void *p, size_t n)
{
    void *q = kept_alloc(n == 0 ? 1 : n, 1);
    if (q != NULL && n != 0)
        memcpy(q, p, n);
    return q;
}
