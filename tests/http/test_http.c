/* test_http.c - the worker on real sockets, with the real engine behind it: does it serve what routes.def says,
 * refuse the rest, and go on serving whatever others send? With --serve it is a server for tests in other
 * languages: prints where it listens, and serves until its input ends. */
#include "holder.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "http/http.h"

struct server {
    struct world world;
    struct holder holder;
    pid_t worker;
    int plain, tls;
    char where[KEPT_HTTP_WHERE], tls_where[KEPT_HTTP_WHERE];
};

static void server_up(struct server *s)
{
    struct kept_err err = {.code = 0};
    int pair[2];
    assert_int_equal(kept_http_listen("127.0.0.1:0", &s->plain, &err), 0);
    assert_int_equal(kept_http_listen("127.0.0.1:0", &s->tls, &err), 0);
    assert_int_equal(kept_http_where(s->plain, s->where, &err), 0);
    assert_int_equal(kept_http_where(s->tls, s->tls_where, &err), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    s->worker = fork();
    if (s->worker == 0) {
        const struct kept_http_socket sockets[] = {{s->plain, false}, {s->tls, true}};
        const struct kept_http_options options = {.sockets = sockets, .socket_count = 2};
        (void)close(pair[0]);
        int rc = kept_http_run(pair[1], &options, &err);
        if (rc != 0)
            (void)fprintf(stderr, "worker: %s\n", err.text);
        exit(rc == 0 ? 0 : 1);
    }
    (void)close(pair[1]);
    (void)close(s->plain);
    (void)close(s->tls);
    world_up_in_memory(&s->world);
    holder_up(&s->holder, &s->world, pair[0]);
}

/* The widgets' policy in force. */
static void widgets(struct world *w)
{
    char *text = world_load("policies/widgets.yaml");
    w->now = 1772352000000; /* 2026-03-01 */
    w->app = "widgets";
    kept_reply_free(ASK(w, .op = KEPT_OP_POLICY_PUBLISH, .text = text));
    free(text);
}

static int serve(void)
{
    struct server s = {.worker = 0};
    server_up(&s);
    widgets(&s.world);
    (void)printf("%s %s %s %d\n", s.where, s.tls_where, HOLDER_TOKEN, (int)s.worker);
    (void)fflush(stdout);
    for (;;) {
        struct pollfd fds[] = {{0, POLLIN, 0}, {s.holder.fd, POLLIN, 0}};
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            break;
        if (fds[0].revents != 0)
            break;
        if (fds[1].revents != 0 && !holder_turn(&s.holder))
            break;
    }
    (void)kill(s.worker, SIGTERM);
    int status = 0;
    while (waitpid(s.worker, &status, WNOHANG) == 0) {
        struct pollfd one = {s.holder.fd, POLLIN, 0};
        if (poll(&one, 1, 100) > 0)
            (void)holder_turn(&s.holder);
    }
    holder_down(&s.holder);
    world_down(&s.world);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

/* The description of the API, on its own. */
static int describe(void)
{
    struct kept_buf out;
    kept_buf_init(&out, 1u << 20);
    int rc = kept_http_openapi(&out);
    (void)fwrite(out.p, 1, out.n, stdout);
    kept_buf_release(&out);
    return rc == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--openapi") == 0)
        return describe();
    if (argc > 1 && strcmp(argv[1], "--serve") == 0)
        return serve();
    return 0;
}
