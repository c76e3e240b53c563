/* nursery.c - where workers are born: a process that was forked before any key was read, and forks each of
 * them; so that one which ended can be started again without a copy of the keys.
 *
 * It obeys the holder by a socket of its own: a letter, a number, and with START the worker's end of its
 * connection. When that socket ends, the holder has gone, and so do they all. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/note.h"
#include "server/server_int.h"
#include "server/socket.h"

#define LAST_SECONDS 3u       /* for workers whose holder has gone */
#define SOON (10 * KEPT_SECOND) /* a worker that lived no longer failed */

enum letter { START = 1, SIGNAL, ENDED };
struct order {
    enum letter letter;
    unsigned number; /* of the worker, or of the signal */
    pid_t pid;
    int status;
};

struct nursery {
    const struct kept_server_options *options;
    int holder, children; /* the socket; a signalfd of SIGCHLD */
    sigset_t before;      /* as it was when kept_server_run was called */
    pid_t pids[KEPT_MAX_WORKERS];
};

/* ---- orders ------------------------------------------------------------------------------------- */

static bool send_order(int socket, const struct order *order, int fd)
{
    return kept_socket_send(socket, order, sizeof *order, 0, &fd, fd >= 0 ? 1 : 0) == (ssize_t)sizeof *order;
}

/* 1: one is there; 0: none yet; -1: the other side has gone. *ret_fd: what came with it, or -1. */
static int receive_order(int socket, struct order *ret, int *ret_fd)
{
    size_t count = 1;
    *ret_fd = -1;
    ssize_t n = kept_socket_receive(socket, ret, sizeof *ret, MSG_DONTWAIT, ret_fd, &count);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    return n == (ssize_t)sizeof *ret ? 1 : -1;
}

/* ---- the process -------------------------------------------------------------------------------- */

_Noreturn static void live(struct nursery *nursery, unsigned number, int fd)
{
    struct kept_err err = {0};
    const struct kept_server_options *options = nursery->options;
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    kept_file_close(nursery->holder);
    kept_file_close(nursery->children);
    (void)sigprocmask(SIG_SETMASK, &nursery->before, NULL);
    int rc = options->work(fd, number, options->arg, &err);
    if (rc != 0)
        kept_note(KEPT_GRAVE, "worker.failed", "worker %u: %s", number, err.text[0] != 0 ? err.text : kept_error_text(rc));
    _exit(-rc); /* style: exit - a forked process, which has nothing of its parent's to put in order */
}

static void start(struct nursery *nursery, unsigned number, int fd)
{
    pid_t pid = number < KEPT_MAX_WORKERS && fd >= 0 ? fork() : -1;
    if (pid == 0)
        live(nursery, number, fd);
    kept_file_close(fd); /* where it could not be forked, the holder sees that the connection ended */
    if (pid > 0)
        nursery->pids[number] = pid;
}

static void tell_all(struct nursery *nursery, int number)
{
    for (size_t i = 0; i < KEPT_MAX_WORKERS; i++)
        if (nursery->pids[i] > 0)
            (void)kill(nursery->pids[i], number);
}

/* How many are left. */
static size_t bury(struct nursery *nursery)
{
    int status = 0;
    size_t left = 0;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
        for (unsigned i = 0; i < KEPT_MAX_WORKERS; i++)
            if (nursery->pids[i] == pid) {
                const struct order ended = {ENDED, i, pid, status};
                nursery->pids[i] = 0;
                (void)send_order(nursery->holder, &ended, -1);
            }
    for (size_t i = 0; i < KEPT_MAX_WORKERS; i++)
        left += nursery->pids[i] > 0;
    return left;
}

static void obey(struct nursery *nursery)
{
    struct order order = {.letter = 0};
    int fd = -1, rc;
    while ((rc = receive_order(nursery->holder, &order, &fd)) == 1) {
        if (order.letter == START)
            start(nursery, order.number, fd);
        else if (order.letter == SIGNAL)
            tell_all(nursery, (int)order.number);
    }
    if (rc < 0) {
        kept_file_close(nursery->holder);
        nursery->holder = -1;
    }
}

_Noreturn static void nurse(struct nursery *nursery)
{
    struct signalfd_siginfo told;
    (void)prctl(PR_SET_NAME, "kept-nursery");
    while (nursery->holder >= 0) {
        struct pollfd on[] = {{.fd = nursery->holder, .events = POLLIN}, {.fd = nursery->children, .events = POLLIN}};
        if (poll(on, 2, -1) < 0 && errno != EINTR)
            break;
        if (on[1].revents != 0 && read(nursery->children, &told, sizeof told) > 0)
            (void)bury(nursery);
        if (on[0].revents != 0)
            obey(nursery);
    }
    tell_all(nursery, SIGTERM); /* the holder has gone */
    const struct timespec nap = {.tv_nsec = 50000000};
    for (unsigned i = 0; i < LAST_SECONDS * 20 && bury(nursery) > 0; i++)
        (void)nanosleep(&nap, NULL);
    tell_all(nursery, SIGKILL);
    _exit(0); /* style: exit - as above */
}

int kept_nursery_start(struct kept_server *server, struct kept_err *err)
{
    int pair[2];
    sigset_t child;
    server->nursery = (struct kept_watched){KEPT_WATCH_NURSERY, -1};
    if (server->options->workers == 0)
        return 0;
    struct nursery nursery = {.options = server->options};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return kept_fail_errno(err, KEPT_E_IO, "cannot make a socket for the workers");
    /* Signals from the terminal go to all: only the holder may act on them here. */
    (void)sigemptyset(&child);
    (void)sigaddset(&child, SIGCHLD);
    sigset_t blocked = child;
    (void)sigaddset(&blocked, SIGINT);
    (void)sigaddset(&blocked, SIGTERM);
    (void)sigaddset(&blocked, SIGHUP);
    (void)sigprocmask(SIG_BLOCK, &blocked, &nursery.before);
    pid_t pid = fork();
    if (pid == 0) {
        kept_file_close(pair[0]);
        nursery.holder = pair[1];
        nursery.children = signalfd(-1, &child, SFD_CLOEXEC);
        nurse(&nursery);
    }
    (void)sigprocmask(SIG_SETMASK, &nursery.before, NULL);
    kept_file_close(pair[1]);
    if (pid < 0) {
        kept_file_close(pair[0]);
        return kept_fail_errno(err, KEPT_E_IO, "cannot fork a process for the workers");
    }
    server->nursery.fd = pair[0];
    server->nurse = pid;
    return 0;
}

/* ---- the holder's side -------------------------------------------------------------------------- */

int kept_nursery_watch(struct kept_server *server, struct kept_err *err)
{
    struct epoll_event event = {.events = EPOLLIN, .data = {.ptr = &server->nursery}};
    if (server->nursery.fd >= 0 && epoll_ctl(server->epoll, EPOLL_CTL_ADD, server->nursery.fd, &event) != 0)
        return kept_fail_errno(err, KEPT_E_IO, "cannot watch the workers");
    return 0;
}

static void said_why(const struct order *order)
{
    if (WIFSIGNALED(order->status))
        kept_note(KEPT_WARN, "worker.ended", "worker %u (process %ld) was ended by signal %d", order->number,
                  (long)order->pid, WTERMSIG(order->status));
    else
        kept_note(WEXITSTATUS(order->status) == 0 ? KEPT_INFO : KEPT_WARN, "worker.ended",
                  "worker %u (process %ld) ended with code %d", order->number, (long)order->pid,
                  WEXITSTATUS(order->status));
}

void kept_nursery_event(struct kept_server *server)
{
    struct order order;
    int fd = -1, rc;
    while ((rc = receive_order(server->nursery.fd, &order, &fd)) == 1) {
        kept_file_close(fd);
        if (order.letter == ENDED)
            said_why(&order);
    }
    if (rc < 0) { /* without it no worker is started again: stop, and let whoever started us do it anew */
        kept_file_close(server->nursery.fd);
        server->nursery.fd = -1;
        if (!server->stopping)
            kept_note(KEPT_GRAVE, "workers.lost", "the process that starts workers has gone");
        server->failed = server->stopping ? server->failed : KEPT_E_IO;
    }
}

static void start_worker(struct kept_server *server, unsigned number)
{
    struct kept_worker *worker = &server->workers[number];
    const struct order order = {START, number, 0, 0};
    int pair[2];
    worker->again = server->now + KEPT_SECOND;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0)
        return;
    worker->conn = send_order(server->nursery.fd, &order, pair[1]) ? kept_conn_new(server, pair[0], true, number) : NULL;
    kept_file_close(pair[1]);
    if (worker->conn == NULL)
        kept_file_close(pair[0]);
    server->restarts += worker->started != 0;
    worker->started = server->now;
}

void kept_nursery_turn(struct kept_server *server)
{
    for (unsigned i = 0; i < server->options->workers && server->nursery.fd >= 0 && !server->stopping; i++)
        if (server->workers[i].conn == NULL && server->workers[i].again <= server->now)
            start_worker(server, i);
}

void kept_nursery_gone(struct kept_server *server, unsigned number)
{
    struct kept_worker *worker = &server->workers[number];
    worker->conn = NULL;
    worker->failures = server->now - worker->started < SOON ? worker->failures + 1 : 0;
    unsigned wait = worker->failures < 5 ? 1u << worker->failures : KEPT_RESTART_SECONDS; /* 1, 2, 4 ... seconds */
    worker->again = server->now + (worker->failures == 0 ? 0 : (kept_ms)wait * KEPT_SECOND / 2);
}

void kept_nursery_signal(struct kept_server *server, int number)
{
    const struct order order = {SIGNAL, (unsigned)number, 0, 0};
    if (server->nursery.fd >= 0)
        (void)send_order(server->nursery.fd, &order, -1);
}

void kept_nursery_end(struct kept_server *server)
{
    kept_file_close(server->nursery.fd);
    server->nursery.fd = -1;
    while (server->nurse > 0 && waitpid(server->nurse, NULL, 0) < 0 && errno == EINTR)
        continue;
}
