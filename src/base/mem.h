/* mem.h - the only door to the heap.
 *
 * Sizes are checked for overflow; every failure returns NULL and leaves the old block as it was.
 * kept_free(NULL) is a no-op. Secrets never live here: see crypto/crypto.h. Thread-safe. */
#ifndef KEPT_BASE_MEM_H
#define KEPT_BASE_MEM_H

#include "kept.h"

/* count * size zeroed bytes (at least one), or NULL. */
void *kept_alloc(size_t count, size_t size) KEPT_MUST_USE;

/* Resize to count * size bytes; new bytes are not zeroed. NULL: p is unchanged. */
void *kept_resize(void *p, size_t count, size_t size) KEPT_MUST_USE;

/* Make room for want elements of size bytes, growing by doubling, at most max. *array and *cap are
 * set on success only; new elements are zero, and the former block is wiped. Returns 0, KEPT_E_LIMIT (want > max), KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_grow(void *array, size_t *cap, size_t want, size_t max, size_t size);

void kept_free(void *p);

/* A heap for a library that makes blocks for people's values: n zeroed bytes, aligned for anything, or NULL;
 * and back, every byte overwritten. NULL is a no-op. */
void *kept_wiped_alloc(size_t n) KEPT_MUST_USE;
void kept_wiped_free(void *p);

/* Overwrite with zeros in a way the compiler keeps. */
void kept_wipe(void *p, size_t n);

/* Copies owned by the caller, NUL-terminated; NULL when there is no memory. */
char *kept_strdup(const char *s) KEPT_MUST_USE;
char *kept_strndup(const char *s, size_t n) KEPT_MUST_USE;
void *kept_memdup(const void *p, size_t n) KEPT_MUST_USE;

/* An array that is written before it is read: the compiler need not clear it first (it clears what is
 * declared without a value). For places that every operation passes. */
#if defined(__has_attribute) && __has_attribute(uninitialized)
#define KEPT_SCRATCH __attribute__((uninitialized))
#else
#define KEPT_SCRATCH
#endif

#endif
