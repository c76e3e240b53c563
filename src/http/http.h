/* http.h - the service's door to the network: an HTTP worker, which parses foreign bytes and holds nothing.
 *
 * A worker knows neither store nor keys. What it parsed goes as flat messages (wire/wire.h) over a socket to
 * the holder of keys, and what comes back goes out as JSON. It is meant for a process of its own, forked
 * before any key is read.
 *
 *     listening sockets --> connections (libh2o: HTTP/1.1, HTTP/2, TLS) --> routes.def --> one message a
 *     request, all of one turn of the loop in one write --> the holder; answers found again by their id
 *
 * Invariants: 1. Everything is bounded: connections, in all and of one address; bytes of target, head and body;
 * depth of JSON; time without progress; requests in flight; bytes waiting for the holder (base/limits.h).
 * 2. Who may what is judged by the holder alone; here a missing credential is refused, and nothing granted.
 * 3. Values are wiped where they stood in memory of ours. 4. No log line or metric carries a path, a query, a
 * credential or a value.
 *
 * Threads: one worker a process. Signals: while it runs, SIGHUP loads the certificate anew, SIGTERM and SIGINT
 * stop it gracefully; it blocks them and reads them itself. */
#ifndef KEPT_HTTP_HTTP_H
#define KEPT_HTTP_HTTP_H

#include <stdbool.h>

#include "base/buf.h"
#include "kept.h"

/* A socket that listens; the worker's from kept_http_run on. */
struct kept_http_socket {
    int fd;
    bool tls;
};

struct kept_http_options {
    const struct kept_http_socket *sockets;
    size_t socket_count;
    const char *certificate; /* PEM files of the chain and its key; both NULL: self-made, for this machine */
    const char *key;
    bool client_certificates; /* clients are asked for one; who has none shows a token, or nothing */
    unsigned worker;         /* which of the workers this is: in metrics */
};

/* Is it written as an address is? KEPT_E_USAGE. */
KEPT_MUST_USE int kept_http_address_check(const char *address, struct kept_err *err);

/* kept_http_listen(address, ret_fd, err): a listening socket, to be made before workers are forked, who share
 * it. address: "127.0.0.1:8080", "[::1]:8080", "*:8080" (every address of this machine); port 0: any free one.
 * Returns 0, KEPT_E_USAGE (no address, or not one of this machine), KEPT_E_CONFLICT (somebody listens there),
 * KEPT_E_IO. */
KEPT_MUST_USE int kept_http_listen(const char *address, int *ret_fd, struct kept_err *err);

/* kept_http_listen_with(address, fds, count, ret_fd, err): the one of these listening sockets that is at that address,
 * taken from among them (-1 is put in its place); none is: as kept_http_listen. */
KEPT_MUST_USE int kept_http_listen_with(const char *address, int *fds, size_t count, int *ret_fd, struct kept_err *err);

/* Listening sockets that who started us has made (systemd's, sd_listen_fds(3)): how many, the caller's from now on. */
size_t kept_http_given(int *ret_fds, size_t room);

/* "127.0.0.1:40213": where a socket listens, for whoever asked for any port. */
#define KEPT_HTTP_WHERE 64
KEPT_MUST_USE int kept_http_where(int fd, char ret_text[KEPT_HTTP_WHERE], struct kept_err *err);

/* kept_http_check(options, err): what kept_http_run would refuse of its options, without serving: certificate
 * and key that cannot be read or do not fit each other (KEPT_E_USAGE), too many sockets. */
KEPT_MUST_USE int kept_http_check(const struct kept_http_options *options, struct kept_err *err);

/* kept_http_certificate(path, ret_sha256, ret_until, err): what a client is known by that shows the first certificate of
 * this PEM file, and when that certificate ends. KEPT_E_USAGE: none that can be read. */
KEPT_MUST_USE int kept_http_certificate(const char *path, uint8_t ret_sha256[32], kept_ms *ret_until, struct kept_err *err);

/* kept_http_run(holder_fd, options, err): serve until told to stop, or until the holder has gone. holder_fd: a
 * connected stream socket, owned by the worker from now on. Told to stop, it accepts nobody more, answers what
 * was begun (10 seconds at most) and returns 0. KEPT_E_IO: the holder has gone, and what was not answered got 503;
 * KEPT_E_USAGE: see kept_http_check; KEPT_E_FORMAT: the holder speaks another version; KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_http_run(int holder_fd, const struct kept_http_options *options, struct kept_err *err);

/* The same as a worker of the holder's (server/server.h): arg is struct kept_http_options, and number goes before its
 * .worker. */
KEPT_MUST_USE int kept_http_work(int holder_fd, unsigned number, void *arg, struct kept_err *err);

/* The API as OpenAPI 3.1 (JSON), from the same table that serves it. KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_http_openapi(struct kept_buf *out);

#endif
