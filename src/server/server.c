/* server.c - the holder's loop: begin, serve, stop. */
#include "server/server.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/note.h"
#include "server/server_int.h"
#include "server/socket.h"

#define EVENTS 128
#define LOOK (KEPT_SECOND) /* between two looks at what has waited too long */

void kept_server_harden(void)
{
    const struct rlimit none = {0, 0};
    (void)prctl(PR_SET_DUMPABLE, 0);
    (void)setrlimit(RLIMIT_CORE, &none);
}

/* ---- begin -------------------------------------------------------------------------------------- */

static int watch(struct kept_server *server, struct kept_watched *watched, enum kept_watch what, int fd,
                 struct kept_err *err)
{
    struct epoll_event event = {.events = EPOLLIN, .data = {.ptr = watched}};
    *watched = (struct kept_watched){what, fd};
    return epoll_ctl(server->epoll, EPOLL_CTL_ADD, fd, &event) == 0
               ? 0
               : kept_fail_errno(err, KEPT_E_IO, "cannot wait for events");
}

static int watch_signals(struct kept_server *server, sigset_t *ret_before, struct kept_err *err)
{
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGHUP);
    (void)sigprocmask(SIG_BLOCK, &set, ret_before);
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd < 0 ? kept_fail_errno(err, KEPT_E_IO, "cannot wait for signals")
                  : watch(server, &server->signals, KEPT_WATCH_SIGNALS, fd, err);
}

static int open_doors(struct kept_server *server, struct kept_err *err)
{
    int fd = -1;
    int rc = kept_event_fd(server->kept, &fd, err);
    if (rc == 0)
        rc = watch(server, &server->engine, KEPT_WATCH_ENGINE, fd, err);
    if (rc == 0)
        rc = kept_socket_listen(server->options->store->store, &fd, err);
    if (rc == 0)
        rc = watch(server, &server->socket, KEPT_WATCH_SOCKET, fd, err);
    return rc == 0 ? kept_nursery_watch(server, err) : rc;
}

/* The service's manager, if there is one, waits for this. */
static void tell_manager(const char *words)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    if (path == NULL || (path[0] != '/' && path[0] != '@') || strlen(path) >= sizeof to.sun_path)
        return;
    memcpy(to.sun_path, path, strlen(path));
    to.sun_path[0] = path[0] == '@' ? 0 : path[0];
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    socklen_t n = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
    if (fd >= 0)
        (void)sendto(fd, words, strlen(words), MSG_NOSIGNAL, (const struct sockaddr *)&to, n);
    kept_file_close(fd);
}

/* ---- stop --------------------------------------------------------------------------------------- */

void kept_server_stop(struct kept_server *server)
{
    if (server->stopping) {
        server->at_once = true;
        return;
    }
    server->stopping = true;
    server->stop_by = server->now + KEPT_STOP_SECONDS * KEPT_SECOND;
    kept_note(KEPT_INFO, "stopping", "what was begun is answered");
    tell_manager("STOPPING=1");
    kept_socket_remove(server->options->store->store);
    kept_file_close(server->socket.fd);
    server->socket.fd = -1;
    kept_nursery_signal(server, SIGTERM);
}

static bool over(const struct kept_server *server)
{
    return server->stopping && (server->at_once || server->now >= server->stop_by ||
                                (server->in_flight == 0 && kept_conns_quiet(server)));
}

static void read_signals(struct kept_server *server)
{
    struct signalfd_siginfo told;
    while (read(server->signals.fd, &told, sizeof told) == (ssize_t)sizeof told) {
        if (told.ssi_signo == SIGHUP)
            kept_nursery_signal(server, SIGHUP);
        else
            kept_server_stop(server);
    }
}

/* ---- serve -------------------------------------------------------------------------------------- */

static void dispatch(struct kept_server *server, const struct epoll_event *event)
{
    struct kept_watched *watched = event->data.ptr;
    switch (watched->what) {
    case KEPT_WATCH_SIGNALS:
        read_signals(server);
        break;
    case KEPT_WATCH_SOCKET:
        if (server->socket.fd >= 0)
            kept_conn_accept(server);
        break;
    case KEPT_WATCH_NURSERY:
        if (server->nursery.fd >= 0)
            kept_nursery_event(server);
        break;
    case KEPT_WATCH_CONN:
        kept_conn_event(server, (struct kept_conn *)(void *)watched, event->events);
        break;
    case KEPT_WATCH_ENGINE: /* the turn reaps */
        break;
    }
}

/* How long nothing may happen, in ms: nobody waits longer than that for what time alone brings. */
static int patience(const struct kept_server *server)
{
    kept_ms until = server->tick_at - server->now;
    if (server->again)
        return 0;
    return (int)(!server->ticking && until > 0 && until < LOOK ? until : LOOK);
}

static void turn(struct kept_server *server)
{
    const struct kept_clock clock = kept_clock_system();
    struct epoll_event events[EVENTS];
    int n = epoll_wait(server->epoll, events, EVENTS, patience(server));
    server->now = kept_now(&clock);
    for (int i = 0; i < n; i++)
        dispatch(server, &events[i]);
    kept_work_tick(server);
    kept_work_reap(server, false);
    kept_questions_turn(server);
    kept_conns_turn(server);
    kept_nursery_turn(server);
    if (server->failed != 0 && !server->stopping)
        kept_server_stop(server);
}

static int serve(struct kept_server *server, struct kept_err *err)
{
    kept_note(KEPT_INFO, "serving", "store %s, %u worker%s", server->options->store->store, server->options->workers,
              server->options->workers == 1 ? "" : "s");
    tell_manager("READY=1");
    kept_nursery_turn(server); /* who connected already waits for them */
    while (!over(server))
        turn(server);
    if (server->in_flight > 0 || !kept_conns_quiet(server))
        kept_note(KEPT_WARN, "stopped.early", "%zu requests were not answered", server->in_flight);
    return server->failed == 0 ? 0
                               : kept_fail(err, KEPT_E_IO, "a part of the service failed: start it again, which mends it");
}

/* ---- around ------------------------------------------------------------------------------------- */

static void release(struct kept_server *server)
{
    kept_nursery_end(server);
    if (server->socket.fd >= 0)
        kept_socket_remove(server->options->store->store);
    kept_file_close(server->socket.fd);
    kept_file_close(server->signals.fd);
    kept_file_close(server->epoll);
    for (size_t before = 0; server->in_flight != before && server->in_flight > 0;) {
        before = server->in_flight; /* what was begun is done, though nobody is told */
        kept_work_reap(server, true);
    }
    kept_close(server->kept);
    kept_questions_free(server);
    kept_shelf_free(server);
    kept_works_free(server);
    kept_repeats_release(&server->repeats);
    kept_conns_free(server);
}

/* Where nothing else is said: a processor for each worker and one for the holder's own thread; readers beside it
 * have what is left, for on a processor that is taken they only get in each other's way. */
static struct kept_options store_options(const struct kept_server_options *options)
{
    struct kept_options store = *options->store;
    long left = sysconf(_SC_NPROCESSORS_ONLN) - 1 - (long)options->workers;
    if (store.readers == 0)
        store.readers = left > 0 ? (int)left : -1;
    if (store.cache_kib == 0)
        store.cache_kib = KEPT_SERVE_CACHE_KIB;
    return store;
}

int kept_server_run(const struct kept_server_options *options, struct kept_err *err)
{
    const struct kept_options store = store_options(options);
    const struct kept_clock clock = kept_clock_system();
    sigset_t before;
    if (options->workers > KEPT_MAX_WORKERS)
        return kept_fail(err, KEPT_E_LIMIT, "at most %u workers", KEPT_MAX_WORKERS);
    struct kept_server *server = kept_alloc(1, sizeof *server);
    if (server == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory to serve");
    server->options = options;
    server->signals.fd = server->socket.fd = server->nursery.fd = server->epoll = -1;
    server->questions_end = &server->questions;
    server->now = server->began = kept_now(&clock);
    (void)sigprocmask(SIG_BLOCK, NULL, &before);
    kept_server_harden();
    int rc = kept_nursery_start(server, err); /* first of all: it must see no key */
    if (rc == 0 && kept_repeats_init(&server->repeats) != 0)
        rc = kept_fail(err, KEPT_E_NOMEM, "no memory for keys of idempotency");
    if (rc == 0 && (server->epoll = epoll_create1(EPOLL_CLOEXEC)) < 0)
        rc = kept_fail_errno(err, KEPT_E_IO, "cannot wait for events");
    if (rc == 0)
        rc = watch_signals(server, &before, err);
    if (rc == 0)
        rc = kept_open(&store, &server->kept, err);
    if (rc == 0)
        rc = open_doors(server, err);
    server->now = server->began = kept_now(&clock); /* a passphrase takes its time */
    if (rc == 0)
        rc = serve(server, err);
    release(server);
    if (rc == 0)
        kept_note(KEPT_INFO, "stopped", "all that was begun is answered");
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    kept_free(server);
    return rc;
}

int kept_server_check(const struct kept_server_options *options, struct kept_err *err)
{
    struct kept *kept = NULL;
    int fd = -1;
    if (options->workers > KEPT_MAX_WORKERS)
        return kept_fail(err, KEPT_E_LIMIT, "at most %u workers", KEPT_MAX_WORKERS);
    int rc = kept_open(options->store, &kept, err);
    if (rc == 0)
        rc = kept_socket_listen(options->store->store, &fd, err);
    if (fd >= 0)
        kept_socket_remove(options->store->store);
    kept_file_close(fd);
    kept_close(kept);
    return rc;
}
