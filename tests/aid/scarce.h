/* scarce.h - memory that runs out: the nth allocation fails, of kept, of its guarded memory, of SQLite and
 * of the JSON library together. Programs that use it are linked with --wrap (see the Makefile): calloc
 * and realloc are kept's two doors to the heap, kept_secret_new is the one to guarded memory. Threads: one. */
#ifndef KEPT_TESTS_SCARCE_H
#define KEPT_TESTS_SCARCE_H

#include <stdbool.h>

/* A group setup of cmocka: take the libraries' allocations over, before they make one. */
int scarce_hook_up(void **state);
/* From now on: n allocations succeed, the next one fails; with once those behind it succeed again,
 * else none does. */
void scarce_begin(long n, bool once);
void scarce_end(void);
unsigned long scarce_failed(void); /* since scarce_begin */

/* A sweep that fails each allocation takes long where loops make many of a kind. Watch a run in which none fails:
 * then scarce_next(n) is the first allocation from n on that was reached by another way of calls than all before
 * it; -1: there is none. */
void scarce_watch(void);
long scarce_next(long n); /* ends the watch */

#endif
