/* owner.h - is this still the process that began it? A forked child holds a copy of all memory, but no
 * thread, and files and locks that are its parent's.
 *
 * A page that the system empties in a child (Linux 4.14) answers without a system call, however the
 * child was made; where there is none, the process's number does. Thread-safe. */
#ifndef KEPT_BASE_OWNER_H
#define KEPT_BASE_OWNER_H

#include <stdbool.h>
#include <sys/types.h>

#include "kept.h"

struct kept_owner {
    volatile uint8_t *mark; /* 1 here, 0 in a child; NULL: go by the number */
    pid_t pid;
};

/* KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_owner_init(struct kept_owner *owner);
void kept_owner_release(struct kept_owner *owner);
pid_t kept_owner_pid(void);

static inline bool kept_owner_is_us(const struct kept_owner *owner)
{
    return owner->mark != NULL ? *owner->mark == 1 : owner->pid == kept_owner_pid();
}

#endif
