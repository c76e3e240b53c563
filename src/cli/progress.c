/* progress.c - how far a long command came: a bar on a terminal, a line now and then elsewhere. */
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/cli.h"

#define DRAWN_EVERY (KEPT_SECOND / 5)
#define SAID_EVERY (10 * KEPT_SECOND)
#define BAR 24u

static kept_ms now(void)
{
    struct kept_clock clock = kept_clock_system();
    return kept_now(&clock);
}

void cli_progress_begin(struct progress *p, const struct cli *cli, const char *what)
{
    bool none = cli->option[O_QUIET] != NULL || cli->option[O_JSON] != NULL;
    *p = (struct progress){.what = what, .started = now(), .none = none,
                           .terminal = isatty(STDERR_FILENO) == 1};
    p->said = p->started;
}

double cli_progress_seconds(const struct progress *p)
{
    return (double)(now() - p->started) / 1000;
}

/* "1 h 20 min", "3 min 5 s", "12 s". */
static void duration(double seconds, char ret[32])
{
    unsigned long s = (unsigned long)(seconds + 0.5);
    if (s >= 3600)
        (void)snprintf(ret, 32, "%lu h %lu min", s / 3600, s / 60 % 60);
    else if (s >= 60)
        (void)snprintf(ret, 32, "%lu min %lu s", s / 60, s % 60);
    else
        (void)snprintf(ret, 32, "%lu s", s);
}

void cli_progress(struct progress *p, double part, uint64_t count)
{
    char left[32], bar[BAR + 1];
    kept_ms at = now();
    if (p->none || at - p->said < (p->terminal ? DRAWN_EVERY : SAID_EVERY))
        return;
    p->said = at;
    double seconds = (double)(at - p->started) / 1000;
    part = part < 0 ? 0 : part > 1 ? 1 : part;
    duration(part > 0 ? seconds * (1 - part) / part : 0, left);
    if (!p->terminal) {
        (void)fprintf(stderr, "kept: %.0f %%, %llu %s, %.0f/s, %s left\n", part * 100,
                      (unsigned long long)count, p->what, (double)count / seconds, left);
        return;
    }
    memset(bar, ' ', BAR);
    memset(bar, '=', (size_t)(part * BAR));
    bar[BAR] = 0;
    (void)fprintf(stderr, "\r\x1b[K[%s] %3.0f %%  %llu %s  %.0f/s  %s left", bar, part * 100,
                  (unsigned long long)count, p->what, (double)count / seconds, left);
    (void)fflush(stderr);
    p->drawn = true;
}

void cli_progress_end(struct progress *p)
{
    if (p->drawn)
        (void)fputs("\r\x1b[K", stderr);
    p->drawn = false;
}
