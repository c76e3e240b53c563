/* holder.h - a holder of keys for the tests of the worker: the real engine on the shop's policy, behind the real
 * messages, one request at a time. It knows one token. */
#ifndef KEPT_TESTS_HTTP_HOLDER_H
#define KEPT_TESTS_HTTP_HOLDER_H

#include <errno.h>
#include <unistd.h>

#include "../aid/world.h"
#include "base/id.h"
#include "wire/wire.h"

#define HOLDER_TOKEN "kept_test_0123456789"

/* libh2o's own queue between threads, which its h2o_multithread_destroy_queue does not free. */
const char *__lsan_default_suppressions(void);
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void)
{
    return "leak:h2o_multithread_create_queue\n";
}

const char *__lsan_default_options(void);
__attribute__((visibility("default"))) const char *__lsan_default_options(void)
{
    return "print_suppressions=0";
}

struct holder {
    struct world *world;
    int fd;
    struct kept_buf in, out;
    unsigned delay_ms; /* before each answer */
};

static inline bool holder_knows(const struct kept_credential *c)
{
    return c->kind == KEPT_CREDENTIAL_TOKEN && c->secret.n == strlen(HOLDER_TOKEN) &&
           kept_bytes_equal(c->secret.p, HOLDER_TOKEN, c->secret.n);
}

static inline void holder_call(struct holder *h, uint64_t id, struct kept_span body)
{
    struct kept_wire_calls calls;
    struct kept_wire_request request = {.fields = NULL};
    static struct kept_reply *replies[KEPT_WIRE_MAX_REQUESTS];
    size_t count = 0;
    assert_int_equal(kept_wire_calls_begin(body, &calls), 0);
    if (!holder_knows(&calls.credential)) {
        kept_wire_fault(&h->out, id, KEPT_E_DENIED, "unknown");
        return;
    }
    while (kept_wire_calls_next(&calls, &request) == 1) {
        struct kept_err err = {.code = 0};
        struct kept_reply *reply = NULL;
        if (request.request.app == NULL)
            request.request.app = h->world->app;
        if (request.request.actor == NULL)
            request.request.actor = "test";
        int rc = kept_call(h->world->kept, &request.request, &reply, &err);
        if (reply == NULL) {
            reply = calloc(1, sizeof *reply);
            reply->error = rc;
            reply->err = err;
        }
        replies[count++] = reply;
    }
    kept_wire_answer(&h->out, id, replies, count);
    for (size_t i = 0; i < count; i++)
        if (replies[i]->error != 0)
            free(replies[i]);
        else
            kept_reply_free(replies[i]);
    kept_wire_request_release(&request);
}

static inline void holder_ask(struct holder *h, uint64_t id, struct kept_span body)
{
    struct kept_credential c;
    struct kept_wire_ask ask;
    struct kept_wire_document d = {.error = KEPT_E_NOTFOUND, .text = "no such document"};
    assert_int_equal(kept_wire_ask_read(body, &c, &ask), 0);
    if (strcmp(ask.what, "ready") == 0)
        d = (struct kept_wire_document){.type = "application/json", .tag = "", .bytes = world_text("{\"ready\":true}")};
    else if (strcmp(ask.what, "policy") == 0 && strcmp(kept_wire_arg(&ask, "name"), "widgets") == 0)
        d = (struct kept_wire_document){.type = "application/json", .tag = "widgets-1-json", .bytes = world_text("{\"app\":\"widgets\"}")};
    else if (strcmp(ask.what, "metrics") == 0)
        d = (struct kept_wire_document){.type = "text/plain", .tag = "",
                                        .bytes = world_text("# HELP kept_up The holder answers.\n# TYPE kept_up gauge\nkept_up 1\n")};
    kept_wire_reply_document(&h->out, id, &d);
}

/* false: the worker has gone. */
static inline bool holder_turn(struct holder *h)
{
    size_t at = 0;
    uint8_t *to = kept_buf_room(&h->in, 65536);
    ssize_t n = read(h->fd, to, 65536);
    h->in.n -= 65536 - (n > 0 ? (size_t)n : 0);
    if (n <= 0)
        return n < 0 && errno == EINTR;
    for (;;) {
        struct kept_wire_head head;
        struct kept_span rest = {h->in.p + at, h->in.n - at};
        if (kept_wire_peek(rest, &head) != 1 || rest.n < KEPT_WIRE_HEAD + head.body)
            break;
        if (h->delay_ms > 0)
            (void)usleep(h->delay_ms * 1000);
        if (head.kind == KEPT_WIRE_CALL)
            holder_call(h, head.id, kept_wire_body(rest, &head));
        else
            holder_ask(h, head.id, kept_wire_body(rest, &head));
        at += KEPT_WIRE_HEAD + head.body;
    }
    memmove(h->in.p, h->in.p + at, h->in.n - at);
    h->in.n -= at;
    for (size_t sent = 0; sent < h->out.n;) {
        ssize_t m = write(h->fd, h->out.p + sent, h->out.n - sent);
        if (m <= 0)
            return false;
        sent += (size_t)m;
    }
    kept_buf_clear(&h->out);
    return true;
}

static inline void holder_up(struct holder *h, struct world *world, int fd)
{
    *h = (struct holder){.world = world, .fd = fd};
    kept_buf_init_secret(&h->in, 16u << 20);
    kept_buf_init_secret(&h->out, 16u << 20);
}

static inline void holder_down(struct holder *h)
{
    kept_buf_release(&h->in);
    kept_buf_release(&h->out);
    (void)close(h->fd);
}

#endif
