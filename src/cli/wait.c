/* wait.c - a store that another process owns: wait a little, then say who it is. */
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>

#include "base/error.h"
#include "base/file.h"
#include "cli/cli.h"
#include "server/client.h"

#define NAPS_A_SECOND 20u

bool cli_again(const struct cli *cli, int rc, unsigned *tries)
{
    const struct timespec nap = {.tv_nsec = 1000000000 / NAPS_A_SECOND};
    if (rc != KEPT_E_BUSY || *tries >= cli->wait_seconds * NAPS_A_SECOND)
        return false;
    (*tries)++;
    (void)nanosleep(&nap, NULL);
    return true;
}

/* The process whose lock stands on a file, from the system's list of locks; 0: it does not tell.
 * A line: "12: FLOCK  ADVISORY  WRITE 4711 fd:01:2359302 0 EOF". */
static long holder_of(const char *path)
{
    char line[256], place[64];
    struct stat st;
    long found = 0;
    FILE *locks = stat(path, &st) == 0 ? fopen("/proc/locks", "re") : NULL;
    if (locks == NULL)
        return 0;
    (void)snprintf(place, sizeof place, " %02x:%02x:%llu ", major(st.st_dev), minor(st.st_dev),
                   (unsigned long long)st.st_ino);
    while (found == 0 && fgets(line, sizeof line, locks) != NULL) {
        const char *at = strstr(line, place);
        if (at == NULL || strstr(line, " FLOCK ") == NULL || strstr(line, " -> ") != NULL)
            continue;
        while (at > line && at[-1] >= '0' && at[-1] <= '9')
            at--;
        found = strtol(at, NULL, 10);
    }
    (void)fclose(locks);
    return found > 0 ? found : 0;
}

/* The process that serves a store; 0: none does. */
static long served_by(const char *store)
{
    struct kept_client *client = NULL;
    long pid = kept_client_open(store, &client, NULL) == 0 ? (long)kept_client_pid(client) : 0;
    kept_client_close(client);
    return pid;
}

int cli_owner(struct cli *cli, int rc, struct kept_err *err)
{
    char path[KEPT_MAX_PATH], who[48] = "";
    const struct kept_options options = cli_options(cli);
    if (rc != KEPT_E_BUSY || kept_path(path, sizeof path, options.store, "lock", NULL) != 0)
        return rc;
    long pid = served_by(options.store);
    if (pid > 0) {
        cli_detail(cli, "pid", json_integer(pid));
        return kept_fail(err, rc,
                         "the store is served by process %ld, and this needs the store for itself: stop that "
                         "first (kill %ld), or do it where the store is not served", pid, pid);
    }
    pid = holder_of(path);
    if (pid > 0) {
        (void)snprintf(who, sizeof who, " (process %ld)", pid);
        cli_detail(cli, "pid", json_integer(pid));
    }
    return kept_fail(err, rc,
                     "another process%s owns the store, after %u s of waiting: let it finish or "
                     "stop it, or wait longer with --wait SECONDS",
                     who, cli->wait_seconds);
}

int cli_own(struct cli *cli, struct kept **ret_kept, struct kept_err *err)
{
    const struct kept_options options = cli_options(cli);
    unsigned tries = 0;
    int rc = 0;
    do
        rc = kept_open(&options, ret_kept, err);
    while (served_by(options.store) == 0 && cli_again(cli, rc, &tries));
    return cli_owner(cli, rc, err);
}
