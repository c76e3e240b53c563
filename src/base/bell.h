/* bell.h - a descriptor that is readable once it was rung, for somebody else's event loop.
 * Threads: ring and hush from any thread; init and release by one, while nobody rings. */
#ifndef KEPT_BASE_BELL_H
#define KEPT_BASE_BELL_H

#include <stdatomic.h>
#include <stdbool.h>

#include "kept.h"

struct kept_bell {
    int fd;           /* -1: there is none, and ringing does nothing */
    atomic_bool rung; /* and not hushed since: ringing again costs no call of the system */
};

/* Non-blocking, closed on exec. KEPT_E_IO: the system has no more descriptors (errno says). */
KEPT_MUST_USE int kept_bell_init(struct kept_bell *bell);
void kept_bell_release(struct kept_bell *bell);
void kept_bell_ring(struct kept_bell *bell);
/* Not readable, until it is rung again. Look for work after this, not before. */
void kept_bell_hush(struct kept_bell *bell);

#endif
