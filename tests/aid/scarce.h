/* scarce.h - memory that runs out: the nth allocation fails, of kept, of its guarded memory, of SQLite and
 * of the JSON library together. Programs that use it are linked with --wrap (see the Makefile): calloc
 * and realloc are kept's two doors to the heap, kept_secret_new is the one to guarded memory. Threads: one. */
#ifndef KEPT_TESTS_SCARCE_H
#define KEPT_TESTS_SCARCE_H

#include <stdbool.h>
#include <stddef.h>

/* A group setup of cmocka: take the libraries' allocations over, before they make one. */
int scarce_hook_up(void **state);
/* From now on: n allocations succeed, the next one fails; with once those behind it succeed again,
 * else none does. */
void scarce_begin(long n, bool once);
void scarce_end(void);
unsigned long scarce_failed(void); /* since scarce_begin */

/* Which of them to refuse: the first allocation made at each place, that is by the same chain of so many
 * callers, of those made between begin and end; numbered as scarce_begin counts. The innermost five callers or so are
 * this file's and base's. Returns how many; they stay until the next begin. */
void scarce_places_begin(int callers);
size_t scarce_places_end(const long **ret_n);

/* For a test's own door to a heap: an allocation is asked for; true: it is to be refused. */
bool scarce_spent(void);

#endif
