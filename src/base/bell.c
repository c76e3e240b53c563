/* bell.c - an eventfd. */
#include "base/bell.h"

#include <sys/eventfd.h>
#include <unistd.h>

int kept_bell_init(struct kept_bell *bell)
{
    atomic_init(&bell->rung, false);
    bell->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return bell->fd >= 0 ? 0 : KEPT_E_IO;
}

void kept_bell_release(struct kept_bell *bell)
{
    if (bell->fd >= 0)
        (void)close(bell->fd);
    bell->fd = -1;
}

void kept_bell_ring(struct kept_bell *bell)
{
    if (bell->fd >= 0 && !atomic_exchange(&bell->rung, true))
        (void)eventfd_write(bell->fd, 1);
}

void kept_bell_hush(struct kept_bell *bell)
{
    eventfd_t rung = 0;
    if (bell->fd < 0)
        return;
    /* In this order: who rings between the two is not heard, and need not be, for we look only now; the other
     * way round their ringing would be taken away, and all after it be thought heard. */
    (void)eventfd_read(bell->fd, &rung);
    atomic_store(&bell->rung, false);
}
