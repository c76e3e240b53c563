/* server_aid.h - a holder of keys in a process of its own, and messages to it, byte by byte. */
#ifndef KEPT_TESTS_SERVER_AID_H
#define KEPT_TESTS_SERVER_AID_H

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../aid/world.h"
#include "base/limits.h"
#include "server/client.h"
#include "server/server.h"
#include "server/socket.h"
#include "wire/wire.h"

struct holder {
    struct world w; /* closed while it is served */
    struct kept_options store;
    struct kept_server_options options;
    pid_t pid;      /* 0: not running */
};

static inline void nap(unsigned ms)
{
    const struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    (void)nanosleep(&t, NULL);
}

/* Serve in a child; returns when it answers. What it says of itself goes into DIR/log. */
static inline void holder_start(struct holder *h)
{
    struct kept_client *client = NULL;
    char log[WORLD_PATH];
    h->store = world_options(&h->w);
    h->options.store = &h->store;
    world_beside(&h->w, log, "log");
    if ((h->pid = fork()) == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves nobody behind */
        struct kept_err err = {0};
        FILE *to = freopen(log, "ae", stderr);
        int rc = to == NULL ? KEPT_E_IO : kept_server_run(&h->options, &err);
        if (rc != 0)
            (void)fprintf(stderr, "%s\n", err.text);
        exit(-rc); /* and leaks are looked for */
    }
    for (unsigned i = 0; i < 2000 && client == NULL; i++)
        if (kept_client_open(h->w.store, &client, NULL) != 0)
            nap(10);
    assert_non_null(client);
    kept_client_close(client);
}

/* Its exit code, or 1000 and the signal that ended it. */
static inline int holder_wait(struct holder *h)
{
    int status = 0;
    assert_int_equal(waitpid(h->pid, &status, 0), h->pid);
    h->pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static inline int holder_end(struct holder *h, int number)
{
    assert_int_equal(kill(h->pid, number), 0);
    return holder_wait(h);
}

static inline void holder_up(struct holder *h)
{
    (void)alarm(240); /* what hangs has failed */
    *h = (struct holder){.pid = 0};
    world_up(&h->w);
    world_publish(&h->w, "shop", 1);
    world_close(&h->w);
}

static inline void holder_down(struct holder *h)
{
    if (h->pid != 0)
        assert_int_equal(holder_end(h, SIGTERM), 0);
    world_open(&h->w);
    world_check(&h->w);
    world_down(&h->w);
}

/* ---- bytes -------------------------------------------------------------------------------------- */

static inline int raw_open(struct holder *h)
{
    pid_t pid = 0;
    int fd = -1;
    assert_int_equal(kept_socket_connect(h->w.store, &fd, &pid, NULL), 0);
    assert_int_equal(pid, h->pid);
    return fd;
}

/* All of it; false: the other side has gone. */
static inline bool raw_send(int fd, const void *p, size_t n)
{
    for (size_t at = 0; at < n;) {
        ssize_t sent = send(fd, (const uint8_t *)p + at, n - at, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        at += (size_t)sent;
    }
    return true;
}

/* The next message into in, which holds what came before; 1, or 0: the other side has gone. */
static inline int raw_next(int fd, struct kept_buf *in, struct kept_wire_head *ret_head)
{
    for (;;) {
        int rc = in->n == 0 ? 0 : kept_wire_peek(kept_buf_span(in), ret_head);
        assert_true(rc >= 0);
        if (rc == 1 && in->n >= KEPT_WIRE_HEAD + ret_head->body)
            return 1;
        size_t before = in->n;
        uint8_t *to = kept_buf_room(in, 65536);
        assert_non_null(to);
        ssize_t n = recv(fd, to, 65536, 0);
        in->n = before + (n > 0 ? (size_t)n : 0);
        if (n <= 0 && errno != EINTR)
            return 0;
    }
}

static inline void raw_drop(struct kept_buf *in, const struct kept_wire_head *head)
{
    size_t n = KEPT_WIRE_HEAD + head->body;
    memmove(in->p, in->p + n, in->n - n);
    in->n -= n;
}

/* The next message is a FAULT that says this. */
static inline void raw_faults(int fd, int error, const char *words)
{
    struct kept_buf in;
    struct kept_wire_head head;
    const char *text = NULL;
    int code = 0;
    kept_buf_init(&in, KEPT_WIRE_MAX);
    assert_int_equal(raw_next(fd, &in, &head), 1);
    assert_int_equal(head.kind, KEPT_WIRE_FAULT);
    assert_int_equal(kept_wire_fault_read(kept_wire_body(kept_buf_span(&in), &head), &code, &text), 0);
    if (code != error || strstr(text, words) == NULL)
        fail_msg("%d %s, not %d %s", code, text, error, words);
    kept_buf_release(&in);
}

/* ---- questions ---------------------------------------------------------------------------------- */

static inline struct kept_client *client_of(struct holder *h)
{
    struct kept_client *client = NULL;
    assert_int_equal(kept_client_open(h->w.store, &client, NULL), 0);
    return client;
}

/* A reply that must come; freed with kept_wire_reply_free. */
static inline struct kept_reply *ask_client(struct kept_client *client, const struct kept_request *request)
{
    struct kept_reply *reply = NULL;
    struct kept_err err = {0};
    if (kept_client_call(client, request, &reply, &err) != 0)
        fail_msg("%s: %d %s", kept_op_name(request->op), err.code, err.text);
    return reply;
}

/* Is it served, by somebody who answers? */
static inline void answers(struct holder *h)
{
    struct kept_client *client = client_of(h);
    kept_wire_reply_free(ask_client(client, &(struct kept_request){.op = KEPT_OP_STAT, .app = "shop"}));
    kept_client_close(client);
}

/* A document, as text in out; the error, which stands in err. */
static inline int document(struct kept_client *client, const char *what, const char *key, const char *value,
                           struct kept_buf *out, struct kept_err *err)
{
    struct kept_wire_ask ask = {what, {"name", key}, {"shop", value}, key != NULL ? 2 : 1};
    kept_buf_clear(out);
    return kept_client_ask(client, &ask, out, err);
}

#endif
