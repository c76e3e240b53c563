/* bell.h - a descriptor that is readable once it was rung, for somebody else's event loop.
 * Threads: ring and hush from any thread; init and release by one, while nobody rings. */
#ifndef KEPT_BASE_BELL_H
#define KEPT_BASE_BELL_H

#include "kept.h"

struct kept_bell {
    int fd; /* -1: there is none, and ringing does nothing */
};

/* Non-blocking, closed on exec. KEPT_E_IO: the system has no more descriptors (errno says). */
KEPT_MUST_USE int kept_bell_init(struct kept_bell *bell);
void kept_bell_release(struct kept_bell *bell);
void kept_bell_ring(const struct kept_bell *bell);
void kept_bell_hush(const struct kept_bell *bell); /* not readable, until it is rung again */

#endif
