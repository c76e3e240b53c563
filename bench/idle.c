/* idle.c - what connections cost that say nothing: idle ADDRESS:PORT COUNT PID...
 * Each asks once, over HTTP/1.1, and stays. They come from as many addresses of this machine as it takes for no
 * address to have too many. Prints KiB of memory (resident, and no file's: those the system takes back) of those processes for 10 000 connections. */
#include <arpa/inet.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "bench.h"

#define OF_ADDRESS 1000u

static long resident(const char *pid)
{
    char path[64], line[128];
    long kib = -1;
    (void)snprintf(path, sizeof path, "/proc/%s/status", pid);
    FILE *f = fopen(path, "r");
    while (f != NULL && fgets(line, sizeof line, f) != NULL)
        if (sscanf(line, "RssAnon: %ld", &kib) == 1)
            break;
    if (f != NULL)
        (void)fclose(f);
    if (kib < 0)
        bench_die("no such process", NULL);
    return kib;
}

static long all(char **pids, int count)
{
    long kib = 0;
    for (int i = 0; i < count; i++)
        kib += resident(pids[i]);
    return kib;
}

static void join_in(const struct sockaddr_in *to, unsigned number)
{
    static const char ask[] = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    char answer[1024];
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000002u + number / OF_ADDRESS)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&from, sizeof from) != 0 ||
        connect(fd, (const struct sockaddr *)to, sizeof *to) != 0 ||
        send(fd, ask, sizeof ask - 1, 0) != (ssize_t)(sizeof ask - 1) || recv(fd, answer, sizeof answer, 0) < 12 ||
        memcmp(answer, "HTTP/1.1 200", 12) != 0)
        bench_die("a connection that is not served", NULL);
}

int main(int argc, char **argv)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    struct rlimit files;
    char *colon = argc < 4 ? NULL : strchr(argv[1], ':');
    if (colon == NULL)
        bench_die("usage: idle ADDRESS:PORT COUNT PID...", NULL);
    *colon = 0;
    unsigned count = (unsigned)strtoul(argv[2], NULL, 10);
    to.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
    if (inet_pton(AF_INET, argv[1], &to.sin_addr) != 1 || count == 0)
        bench_die("no address, or no connections", NULL);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    long before = all(argv + 3, argc - 3);
    for (unsigned i = 0; i < count; i++)
        join_in(&to, i);
    printf("%ld\n", (all(argv + 3, argc - 3) - before) * 10000 / (long)count);
    return 0;
}
