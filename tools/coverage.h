/* coverage.h - what is included before src/server/nursery.c where lines are counted (VARIANT=cov): a worker ends by _exit,
 * and is told to end once more when its holder has gone; what it reached would be left out. */
#include <signal.h>
#include <unistd.h>

void __gcov_dump(void);
_Noreturn static inline void counted_exit(int code)
{
    sigset_t all;
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_BLOCK, &all, NULL);
    __gcov_dump();
    _exit(code);
}
#define _exit counted_exit
