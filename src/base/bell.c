/* bell.c - an eventfd. */
#include "base/bell.h"

#include <sys/eventfd.h>
#include <unistd.h>

int kept_bell_init(struct kept_bell *bell)
{
    bell->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return bell->fd >= 0 ? 0 : KEPT_E_IO;
}

void kept_bell_release(struct kept_bell *bell)
{
    if (bell->fd >= 0)
        (void)close(bell->fd);
    bell->fd = -1;
}

void kept_bell_ring(const struct kept_bell *bell)
{
    if (bell->fd >= 0)
        (void)eventfd_write(bell->fd, 1); /* it fails when it was rung 2^64 times: it is readable */
}

void kept_bell_hush(const struct kept_bell *bell)
{
    eventfd_t rung = 0;
    if (bell->fd >= 0)
        (void)eventfd_read(bell->fd, &rung);
}
