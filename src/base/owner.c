/* owner.c - the mark that a fork wipes. */
#include "base/owner.h"

#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096u /* rounded up to a whole one by the system */

int kept_owner_init(struct kept_owner *owner)
{
    *owner = (struct kept_owner){.pid = kept_owner_pid()};
#ifdef MADV_WIPEONFORK
    void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return KEPT_E_NOMEM;
    if (madvise(page, PAGE, MADV_WIPEONFORK) == 0) {
        owner->mark = page;
        *owner->mark = 1;
    } else {
        (void)munmap(page, PAGE); /* an older system */
    }
#endif
    return 0;
}

void kept_owner_release(struct kept_owner *owner)
{
    if (owner->mark != NULL)
        (void)munmap((void *)(uintptr_t)owner->mark, PAGE);
    owner->mark = NULL;
}

pid_t kept_owner_pid(void)
{
    return getpid();
}
