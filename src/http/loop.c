/* loop.c - the worker: libh2o's event loop, requests in, answers out, and the holder of keys beside them. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "http/loop_int.h"
#include "http/tls.h"

/* ---- a request ---- */

struct handler {
    h2o_handler_t super;
    struct loop *loop;
};
/* Lies in the request's own memory: when that goes, the request has ended. */
struct ticket {
    struct kept_http_exchange *x;
    struct kept_http_client *client;
};

static void on_ticket_end(void *p)
{
    struct ticket *ticket = p;
    struct kept_http_client *client = ticket->client;
    kept_http_end(ticket->x);
    kept_http_client_open(client, -1);
}

static struct kept_span span(h2o_iovec_t v)
{
    return (struct kept_span){(const uint8_t *)v.base, v.len};
}

/* The headers that matter; the sum of all. A credential that is there twice is none. */
static size_t read_headers(const h2o_req_t *req, struct kept_http_asked *a)
{
    static const char key[] = "idempotency-key", origin[] = "origin";
    size_t bytes = 0, cookies = 0;
    for (size_t i = 0; i < req->headers.size; i++) {
        const h2o_header_t *h = &req->headers.entries[i];
        bytes += h->name->len + h->value.len;
        if (h->name == &H2O_TOKEN_AUTHORIZATION->buf) {
            a->authorization = span(h->value);
            a->authorizations++;
        } else if (h->name == &H2O_TOKEN_CONTENT_TYPE->buf) {
            a->type = span(h->value);
        } else if (h->name == &H2O_TOKEN_IF_NONE_MATCH->buf) {
            a->if_none_match = span(h->value);
        } else if (h->name == &H2O_TOKEN_COOKIE->buf) {
            if (cookies < KEPT_HTTP_COOKIES)
                a->cookies[cookies++] = span(h->value);
        } else if (h->name == &H2O_TOKEN_ACCEPT_LANGUAGE->buf) {
            a->language = span(h->value);
        } else if (h->name->len == sizeof origin - 1 && kept_bytes_equal(h->name->base, origin, sizeof origin - 1)) {
            a->origin = span(h->value);
        } else if (h->name->len == sizeof key - 1 && kept_bytes_equal(h->name->base, key, sizeof key - 1)) {
            a->key = span(h->value);
        }
    }
    if (a->authorizations > 1)
        a->authorization = (struct kept_span){NULL, 0};
    return bytes;
}

static int on_request(h2o_handler_t *self, h2o_req_t *req)
{
    struct loop *loop = ((struct handler *)self)->loop;
    struct kept_http_client *client = kept_http_client_of(req);
    struct kept_http_exchange *x = kept_http_exchange_new(&loop->http, client, req);
    if (x == NULL) {
        h2o_send_error_503(req, "Service Unavailable", "no memory", 0);
        return 0;
    }
    struct ticket *ticket = h2o_mem_alloc_shared(&req->pool, sizeof *ticket, on_ticket_end);
    *ticket = (struct ticket){x, client};
    kept_http_client_open(client, 1);
    struct kept_http_asked asked = {.method = span(req->input.method), .target = span(req->input.path),
                                    .host = span(req->input.authority), .tls = req->input.scheme == &H2O_URL_SCHEME_HTTPS,
                                    .body = (uint8_t *)req->entity.base, .body_n = req->entity.len,
                                    .certificate = client->shown ? client->certificate : NULL};
    if (read_headers(req, &asked) > KEPT_HTTP_MAX_HEAD)
        kept_http_refuse(x, 431, "limit", "the header fields have more than 32768 bytes", 0);
    else
        kept_http_begin(x, &asked);
    return 0;
}

/* ---- an answer ---- */

static void put_header(h2o_req_t *req, const h2o_token_t *token, const char *value)
{
    h2o_iovec_t copy = h2o_strdup(&req->pool, value, SIZE_MAX);
    h2o_add_header(&req->pool, &req->res.headers, token, NULL, copy.base, copy.len);
}

static void put_allow(h2o_req_t *req, unsigned methods)
{
    char text[64] = "";
    size_t n = 0;
    for (unsigned i = 0; i < KEPT_HTTP_METHODS; i++)
        if ((methods & 1u << i) != 0)
            n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", n > 0 ? ", " : "",
                                  i == KEPT_HTTP_GET ? "GET, HEAD" : kept_http_method_name((enum kept_http_method)i));
    put_header(req, H2O_TOKEN_ALLOW, text);
}

/* What nobody signed for is shown as what it is, and fetches nothing. */
static void put_open(h2o_req_t *req, const struct kept_http_answer *a)
{
    h2o_add_header_by_str(&req->pool, &req->res.headers, H2O_STRLIT("x-content-type-options"), 0, NULL, H2O_STRLIT("nosniff"));
    if (strncmp(a->type, "text/html", 9) == 0)
        h2o_add_header_by_str(&req->pool, &req->res.headers, H2O_STRLIT("content-security-policy"), 0, NULL,
                              H2O_STRLIT("default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"));
}

static void put_header_named(h2o_req_t *req, const char *name, const char *value)
{
    h2o_iovec_t copy = h2o_strdup(&req->pool, value, SIZE_MAX);
    h2o_add_header_by_str(&req->pool, &req->res.headers, name, strlen(name), 0, NULL, copy.base, copy.len);
}

/* A page of somebody's own: no script, one style, nowhere else's frame, form or base; and told to nobody whence they come. */
static void put_page(h2o_req_t *req, const struct kept_http *http, const struct kept_http_answer *a)
{
    put_header_named(req, "content-security-policy", http->page_policy);
    put_header_named(req, "x-content-type-options", "nosniff");
    put_header_named(req, "referrer-policy", "same-origin"); /* none at all, and a form's Origin would be null */
    put_header_named(req, "cross-origin-opener-policy", "same-origin");
    put_header_named(req, "x-frame-options", "DENY");
    put_header_named(req, "vary", "Cookie, Accept-Language");
    if (a->download)
        put_header_named(req, "content-disposition", "attachment; filename=\"my-data.json\"");
    for (size_t i = 0; i < sizeof a->cookies / sizeof a->cookies[0]; i++)
        if (a->cookies[i] != NULL)
            put_header_named(req, "set-cookie", a->cookies[i]);
}

static void put_rare(h2o_req_t *req, const struct kept_http_answer *a)
{
    char text[KEPT_HTTP_TAG + 2];
    if (a->open)
        put_open(req, a);
    if (a->tag != NULL) {
        (void)snprintf(text, sizeof text, "\"%s\"", a->tag);
        put_header(req, H2O_TOKEN_ETAG, text);
    }
    if (a->location != NULL)
        put_header(req, H2O_TOKEN_LOCATION, a->location);
    if (a->status == 405)
        put_allow(req, a->methods);
    if (a->status == 401)
        put_header(req, H2O_TOKEN_WWW_AUTHENTICATE, "Bearer realm=\"kept\"");
    if (a->retry > 0) {
        (void)snprintf(text, sizeof text, "%u", a->retry);
        put_header(req, H2O_TOKEN_RETRY_AFTER, text);
    }
    if (a->replayed)
        h2o_add_header_by_str(&req->pool, &req->res.headers, H2O_STRLIT("idempotency-replayed"), 0, NULL, H2O_STRLIT("true"));
}

void kept_http_send(struct kept_http_exchange *x, const struct kept_http_answer *a)
{
    static h2o_generator_t generator = {NULL, NULL}; /* style: static-variable: libh2o wants one, and writes nothing to it */
    h2o_req_t *req = x->request;
    h2o_iovec_t body = {.base = (char *)x->body.p, .len = x->body.n};
    bool empty = x->head || a->status == 304 || body.len == 0;
    if (req->entity.len > 0)
        kept_wipe(req->entity.base, req->entity.len);
    req->res.status = (int)a->status;
    req->res.reason = kept_http_status_text(a->status);
    req->res.content_length = a->status == 304 ? SIZE_MAX : body.len;
    h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE, NULL, a->type, strlen(a->type));
    if (a->open && a->tag != NULL)
        h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CACHE_CONTROL, NULL, H2O_STRLIT("no-cache"));
    else
        h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CACHE_CONTROL, NULL, H2O_STRLIT("no-store"));
    h2o_add_header_by_str(&req->pool, &req->res.headers, H2O_STRLIT("x-request-id"), 0, NULL, x->id, KEPT_HTTP_REQUEST_ID - 1);
    put_rare(req, a);
    if (a->page)
        put_page(req, x->http, a);
    x->http->metrics.bytes_out += empty ? 0 : body.len;
    h2o_start_response(req, &generator);
    h2o_send(req, &body, empty ? 0 : 1, H2O_SEND_STATE_FINAL);
}

/* ---- sockets ---- */

#define FILES_BESIDE 64u   /* descriptors that are no connections */
#define ACCEPTS 16u        /* of one turn */
#define BACKLOG_TURNS 64u  /* of ACCEPTS: what a socket may have waiting */

static void on_accept(h2o_socket_t *sock, const char *failed)
{
    struct listener *listener = sock->data;
    struct loop *loop = listener->loop;
    loop->http.now = h2o_now(loop->context.loop); /* held up, it is later than when the turn began */
    for (unsigned i = 0; failed == NULL && i < ACCEPTS && loop->http.metrics.connections < loop->most_clients; i++) {
        h2o_socket_t *client = h2o_evloop_socket_accept(sock);
        if (client == NULL)
            return;
        if (kept_http_client_new(loop, client) == 0)
            h2o_accept(&listener->accept, client);
    }
}

/* Nobody is accepted while there are too many, or the holder is behind. */
static void set_listening(struct loop *loop)
{
    bool want = !loop->stopping && loop->http.metrics.connections < loop->most_clients && !kept_http_link_hot(&loop->http.link);
    if (want == loop->listening)
        return;
    loop->listening = want;
    for (size_t i = 0; i < loop->listener_count; i++)
        if (want)
            h2o_socket_read_start(loop->listeners[i].sock, on_accept);
        else
            h2o_socket_read_stop(loop->listeners[i].sock);
}

static void stop(struct loop *loop, int why)
{
    loop->failed = loop->failed != 0 ? loop->failed : why;
    if (loop->stopping)
        return;
    loop->stopping = true;
    loop->deadline = loop->http.now + KEPT_HTTP_STOP_SECONDS * 1000u;
    set_listening(loop);
    for (size_t i = 0; i < loop->listener_count; i++) {
        /* Who is connected already, for all they know, is served. */
        for (unsigned turns = 0; turns < BACKLOG_TURNS; turns++)
            on_accept(loop->listeners[i].sock, NULL);
        h2o_socket_close(loop->listeners[i].sock);
    }
    loop->listener_count = 0;
    h2o_context_request_shutdown(&loop->context);
}

static void on_holder(h2o_socket_t *sock, const char *failed)
{
    struct loop *loop = sock->data;
    int rc = failed != NULL ? KEPT_E_IO : kept_http_link_read(&loop->http.link);
    if (rc == 0)
        return;
    h2o_socket_read_stop(sock);
    kept_http_link_fail(&loop->http.link);
    stop(loop, rc);
}

static void flush(struct loop *loop);
static void on_holder_takes(h2o_socket_t *sock, const char *failed)
{
    struct loop *loop = sock->data;
    loop->notify = false;
    if (failed == NULL)
        flush(loop);
}

/* What one turn of the loop gathered goes in one write. */
static void flush(struct loop *loop)
{
    if (loop->notify || loop->failed != 0)
        return;
    int rc = kept_http_link_flush(&loop->http.link);
    if (rc == 1) {
        loop->notify = true;
        h2o_socket_notify_write(loop->holder, on_holder_takes);
    } else if (rc != 0) {
        kept_http_link_fail(&loop->http.link);
        stop(loop, rc);
    }
}

static int load_certificate(struct loop *loop, struct kept_err *err)
{
    struct ssl_ctx_st *tls = NULL;
    int rc = kept_http_tls_new(loop->http.options, &tls, err);
    if (rc != 0)
        return rc;
    if (loop->http.options->client_certificates)
        kept_http_tls_ask(tls, kept_http_client_shows);
    h2o_ssl_register_alpn_protocols(tls, h2o_http2_alpn_protocols);
    for (size_t i = 0; i < loop->listener_count; i++) {
        struct ssl_ctx_st **at = &loop->listeners[i].accept.ssl_ctx;
        if (!loop->http.options->sockets[i].tls)
            continue;
        kept_http_tls_free(*at);
        *at = SSL_CTX_up_ref(tls) == 1 ? tls : NULL;
    }
    kept_http_tls_free(tls);
    return 0;
}

static void on_signal(h2o_socket_t *sock, const char *failed)
{
    struct loop *loop = sock->data;
    struct signalfd_siginfo info;
    struct kept_err err = {.code = 0};
    (void)failed;
    while (read(h2o_socket_get_fd(sock), &info, sizeof info) == (ssize_t)sizeof info)
        if (info.ssi_signo != SIGHUP)
            stop(loop, 0);
        else if (loop->tls && !loop->stopping)
            loop->http.metrics.reloads[load_certificate(loop, &err) == 0]++; /* the former one stays */
}

static void on_second(h2o_timeout_entry_t *entry)
{
    struct loop *loop = H2O_STRUCT_FROM_MEMBER(struct loop, tick, entry);
    kept_http_clients_sweep(loop);
    h2o_timeout_link(loop->context.loop, &loop->second, &loop->tick);
}

/* ---- begin and end ---- */

static h2o_socket_t *watch(struct loop *loop, int fd, void *data, h2o_socket_cb cb)
{
    h2o_socket_t *sock = h2o_evloop_socket_create(loop->context.loop, fd, H2O_SOCKET_FLAG_DONT_READ);
    sock->data = data;
    if (cb != NULL)
        h2o_socket_read_start(sock, cb);
    return sock;
}

static void configure(struct loop *loop)
{
    h2o_config_init(&loop->config);
    loop->config.server_name = h2o_iovec_init(H2O_STRLIT("kept"));
    loop->config.max_request_entity_size = KEPT_HTTP_MAX_BODY + 1;
    loop->config.handshake_timeout = KEPT_HTTP_HANDSHAKE_SECONDS * 1000u;
    loop->config.http1.req_timeout = KEPT_HTTP_SECONDS * 1000u;
    loop->config.http2.idle_timeout = KEPT_HTTP_SECONDS * 1000u;
    loop->config.http2.graceful_shutdown_timeout = KEPT_HTTP_STOP_SECONDS * 1000u;
    loop->config.http2.max_concurrent_requests_per_connection = 100;
    h2o_hostconf_t *host = h2o_config_register_host(&loop->config, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    h2o_pathconf_t *path = h2o_config_register_path(host, "/", 0);
    struct handler *handler = (struct handler *)h2o_create_handler(path, sizeof *handler);
    handler->super.on_req = on_request;
    handler->loop = loop;
    h2o_context_init(&loop->context, h2o_evloop_create(), &loop->config);
}

static sigset_t our_signals(void)
{
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGHUP);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    return set;
}

/* Told twice, it has stopped all the same. */
static void put_signals_back(const sigset_t *before)
{
    const sigset_t set = our_signals();
    const struct timespec now = {0, 0};
    while (sigtimedwait(&set, NULL, &now) > 0)
        continue;
    (void)sigprocmask(SIG_SETMASK, before, NULL);
}

static int set_signals(struct loop *loop, sigset_t *ret_before, struct kept_err *err)
{
    const sigset_t set = our_signals();
    (void)sigprocmask(SIG_BLOCK, &set, ret_before);
    (void)signal(SIGPIPE, SIG_IGN);
    int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd < 0)
        return kept_fail_errno(err, KEPT_E_IO, "no descriptor for signals");
    loop->signals = watch(loop, fd, loop, on_signal);
    return 0;
}

/* As many descriptors as there may be; and nobody ends with more rights than they began with. */
static void set_process(struct loop *loop)
{
    struct rlimit files = {0, 0};
    loop->most_clients = KEPT_HTTP_CONNECTIONS;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
        if (files.rlim_cur < KEPT_HTTP_CONNECTIONS + FILES_BESIDE)
            loop->most_clients = files.rlim_cur > 2 * FILES_BESIDE ? files.rlim_cur - FILES_BESIDE : FILES_BESIDE;
    }
    loop->most_of_address = loop->most_clients / 4 < KEPT_HTTP_OF_ADDRESS ? loop->most_clients / 4 : KEPT_HTTP_OF_ADDRESS;
    (void)prctl(PR_SET_NAME, "kept-http");
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static int open_all(struct loop *loop, const struct kept_http_options *o, struct kept_err *err)
{
    int rc = 0;
    loop->holder = watch(loop, loop->http.link.fd, loop, on_holder);
    for (size_t i = 0; i < o->socket_count; i++) {
        struct listener *l = &loop->listeners[i];
        *l = (struct listener){.loop = loop, .accept = {.ctx = &loop->context, .hosts = loop->config.hosts}};
        l->sock = watch(loop, o->sockets[i].fd, l, NULL);
        loop->listener_count++;
        loop->tls |= o->sockets[i].tls;
    }
    if (loop->tls)
        rc = load_certificate(loop, err);
    h2o_timeout_init(loop->context.loop, &loop->second, 1000);
    loop->tick.cb = on_second;
    h2o_timeout_link(loop->context.loop, &loop->second, &loop->tick);
    return rc;
}

/* Connections that are left when time is up are closed by the process's end. */
static void close_all(struct loop *loop)
{
    h2o_timeout_unlink(&loop->tick);
    for (size_t i = 0; i < loop->listener_count; i++)
        h2o_socket_close(loop->listeners[i].sock);
    for (size_t i = 0; i < KEPT_HTTP_SOCKETS; i++)
        kept_http_tls_free(loop->listeners[i].accept.ssl_ctx);
    if (loop->holder != NULL) {
        h2o_socket_close(loop->holder);
        loop->http.link.fd = -1;
    }
    if (loop->signals != NULL)
        h2o_socket_close(loop->signals);
    (void)h2o_evloop_run(loop->context.loop, 0); /* where closed sockets are freed */
    if (loop->clients != NULL)
        return;
    h2o_evloop_t *evloop = loop->context.loop;
    h2o_timeout_dispose(evloop, &loop->second);
    if (h2o_timeout_is_linked(&loop->context.http2._graceful_shutdown_timeout))
        h2o_timeout_unlink(&loop->context.http2._graceful_shutdown_timeout);
    h2o_context_dispose(&loop->context);
    h2o_config_dispose(&loop->config);
    (void)h2o_evloop_run(evloop, 0);
    h2o_evloop_destroy(evloop);
}

static void turn(struct loop *loop)
{
    loop->http.now = h2o_now(loop->context.loop);
    set_listening(loop);
    (void)h2o_evloop_run(loop->context.loop, loop->stopping ? 50 : 1000);
    loop->http.now = h2o_now(loop->context.loop);
    if (loop->stopping)
        kept_http_clients_stop(loop);
    flush(loop);
}

int kept_http_run(int holder_fd, const struct kept_http_options *options, struct kept_err *err)
{
    sigset_t before;
    struct loop *loop = kept_alloc(1, sizeof *loop);
    if (loop == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory");
    int rc = options->socket_count > KEPT_HTTP_SOCKETS ? kept_fail(err, KEPT_E_USAGE, "at most %u sockets", KEPT_HTTP_SOCKETS)
                                                 : kept_http_init(&loop->http, options, holder_fd);
    if (rc == 0) {
        kept_http_json_wipes();
        set_process(loop);
        (void)fcntl(holder_fd, F_SETFL, fcntl(holder_fd, F_GETFL) | O_NONBLOCK);
        configure(loop);
        rc = set_signals(loop, &before, err);
        if (rc == 0)
            rc = open_all(loop, options, err);
        while (rc == 0 && !(loop->stopping && (loop->clients == NULL || loop->http.now >= loop->deadline)))
            turn(loop);
        close_all(loop);
        put_signals_back(&before);
        if (rc == 0 && loop->failed != 0)
            rc = kept_fail(err, loop->failed, "the holder of keys has gone, or does not speak as this worker does");
    }
    kept_http_release(&loop->http);
    if (loop->clients == NULL)
        kept_free(loop);
    return rc;
}

int kept_http_work(int holder_fd, unsigned number, void *arg, struct kept_err *err)
{
    struct kept_http_options options = *(const struct kept_http_options *)arg;
    options.worker = number;
    return kept_http_run(holder_fd, &options, err);
}
