/* listen.c - sockets that listen, made before workers are. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/limits.h"
#include "http/http.h"
#include "http/tls.h"

#define BACKLOG 1024
#define GIVEN_FROM 3 /* sd_listen_fds(3) */

/* "127.0.0.1:8080", "[::1]:8080", "*:8080". */
static int address_of(const char *text, struct sockaddr_storage *ret, socklen_t *ret_n, struct kept_err *err)
{
    const char *colon = strrchr(text, ':');
    char host[64] = "";
    size_t n = colon == NULL ? 0 : (size_t)(colon - text), digits = colon == NULL ? 0 : strspn(colon + 1, "0123456789");
    unsigned long port = digits > 0 && digits <= 5 && colon[1 + digits] == 0 ? strtoul(colon + 1, NULL, 10) : 65536;
    struct sockaddr_in *in = (struct sockaddr_in *)(void *)ret;
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)(void *)ret;
    bool six = n > 2 && text[0] == '[' && text[n - 1] == ']', any = n == 1 && text[0] == '*';
    memset(ret, 0, sizeof *ret);
    if (n == 0 || n >= sizeof host || port > 65535)
        return kept_fail(err, KEPT_E_USAGE, "an address is ADDRESS:PORT: 127.0.0.1:8080, [::1]:8080, or *:8080 for all of this machine's");
    memcpy(host, text + (six ? 1 : 0), six ? n - 2 : n);
    if (six || any) {
        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons((uint16_t)port);
        *ret_n = sizeof *in6;
        return any || inet_pton(AF_INET6, host, &in6->sin6_addr) == 1
                   ? 0
                   : kept_fail(err, KEPT_E_USAGE, "%.64s is no IPv6 address: [::1]:8080", text);
    }
    in->sin_family = AF_INET;
    in->sin_port = htons((uint16_t)port);
    *ret_n = sizeof *in;
    return inet_pton(AF_INET, host, &in->sin_addr) == 1
               ? 0
               : kept_fail(err, KEPT_E_USAGE, "%.64s is no IPv4 address and port: 127.0.0.1:8080; names are not looked up", text);
}

int kept_http_address_check(const char *address, struct kept_err *err)
{
    struct sockaddr_storage at;
    socklen_t n = 0;
    return address_of(address, &at, &n, err);
}

int kept_http_listen(const char *address, int *ret_fd, struct kept_err *err)
{
    struct sockaddr_storage at;
    socklen_t n = 0;
    int rc = address_of(address, &at, &n, err), yes = 1, no = 0;
    if (rc != 0)
        return rc;
    int fd = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return kept_fail_errno(err, KEPT_E_IO, "no socket for %.64s", address);
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (at.ss_family == AF_INET6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, address[0] == '*' ? &no : &yes, sizeof yes);
    if (bind(fd, (const struct sockaddr *)&at, n) != 0 || listen(fd, BACKLOG) != 0) {
        rc = kept_fail_errno(err,
                             errno == EADDRINUSE                              ? KEPT_E_CONFLICT
                             : errno == EADDRNOTAVAIL || errno == EACCES ? KEPT_E_USAGE
                                                                              : KEPT_E_IO,
                             "cannot listen at %.64s", address);
        (void)close(fd);
        return rc;
    }
    *ret_fd = fd;
    return 0;
}

/* Is that where it listens? */
static bool is_at(int fd, const struct sockaddr_storage *at)
{
    struct sockaddr_storage its = {.ss_family = AF_UNSPEC};
    socklen_t n = sizeof its;
    const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)at, *in_its = (struct sockaddr_in *)(void *)&its;
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)at, *in6_its = (struct sockaddr_in6 *)(void *)&its;
    if (getsockname(fd, (struct sockaddr *)&its, &n) != 0 || its.ss_family != at->ss_family)
        return false;
    return its.ss_family == AF_INET6 ? in6->sin6_port == in6_its->sin6_port &&
                                           IN6_ARE_ADDR_EQUAL(&in6->sin6_addr, &in6_its->sin6_addr)
                                     : in->sin_port == in_its->sin_port && in->sin_addr.s_addr == in_its->sin_addr.s_addr;
}

int kept_http_listen_with(const char *address, int *fds, size_t count, int *ret_fd, struct kept_err *err)
{
    struct sockaddr_storage at;
    socklen_t n = 0;
    int rc = address_of(address, &at, &n, err);
    for (size_t i = 0; rc == 0 && i < count; i++)
        if (fds[i] >= 0 && is_at(fds[i], &at)) {
            *ret_fd = fds[i];
            fds[i] = -1;
            return 0;
        }
    return rc == 0 ? kept_http_listen(address, ret_fd, err) : rc;
}

size_t kept_http_given(int *ret_fds, size_t room)
{
    const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
    size_t given = 0;
    if (pid == NULL || count == NULL || strtol(pid, NULL, 10) != (long)getpid())
        return 0;
    for (long n = strtol(count, NULL, 10); (long)given < n && given < room; given++) {
        int fd = GIVEN_FROM + (int)given;
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
        (void)fcntl(fd, F_SETFL, O_NONBLOCK);
        ret_fds[given] = fd;
    }
    return given;
}

int kept_http_where(int fd, char ret_text[KEPT_HTTP_WHERE], struct kept_err *err)
{
    struct sockaddr_storage at;
    socklen_t n = sizeof at;
    char host[INET6_ADDRSTRLEN] = "";
    if (getsockname(fd, (struct sockaddr *)&at, &n) != 0)
        return kept_fail_errno(err, KEPT_E_IO, "a socket that does not say where it listens");
    if (at.ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)&at;
        (void)inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof host);
        (void)snprintf(ret_text, KEPT_HTTP_WHERE, "[%s]:%u", host, ntohs(in6->sin6_port));
    } else {
        const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)&at;
        (void)inet_ntop(AF_INET, &in->sin_addr, host, sizeof host);
        (void)snprintf(ret_text, KEPT_HTTP_WHERE, "%s:%u", host, ntohs(in->sin_port));
    }
    return 0;
}

int kept_http_check(const struct kept_http_options *options, struct kept_err *err)
{
    struct ssl_ctx_st *tls = NULL;
    int rc = options->socket_count > KEPT_HTTP_SOCKETS ? kept_fail(err, KEPT_E_USAGE, "at most %u sockets", KEPT_HTTP_SOCKETS)
                                                       : kept_http_tls_new(options, &tls, err);
    kept_http_tls_free(tls);
    return rc;
}
