/* client.c - messages to who serves a store, and the answers. */
#include "server/client.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "server/server.h"
#include "server/socket.h"

#define PIECE 65536u

struct kept_client {
    int fd;
    pid_t pid;
    uint64_t id;         /* of the message before */
    struct kept_buf out; /* secret, both */
    struct kept_buf in;  /* the answer, from its head on */
    int *doors;          /* where descriptors go that come with an answer; NULL: none may */
    size_t door_count;
};

int kept_client_open(const char *store, struct kept_client **ret_client, struct kept_err *err)
{
    const struct timeval patience = {.tv_sec = KEPT_CLIENT_SECONDS};
    struct kept_client *client = kept_alloc(1, sizeof *client);
    if (client == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for a connection");
    kept_buf_init_secret(&client->out, KEPT_WIRE_MAX);
    kept_buf_init_secret(&client->in, KEPT_WIRE_MAX + PIECE);
    int rc = kept_socket_connect(store, &client->fd, &client->pid, err);
    if (rc != 0) {
        kept_free(client);
        return rc;
    }
    (void)setsockopt(client->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    *ret_client = client;
    return 0;
}

void kept_client_close(struct kept_client *client)
{
    if (client == NULL)
        return;
    kept_file_close(client->fd);
    kept_buf_release(&client->out);
    kept_buf_release(&client->in);
    kept_free(client);
}

pid_t kept_client_pid(const struct kept_client *client)
{
    return client->pid;
}

static int gone(const struct kept_client *client, struct kept_err *err)
{
    return kept_fail(err, KEPT_E_IO,
                     "process %ld, which serves the store, ended the connection: whether this was done, the "
                     "trail tells", (long)client->pid);
}

static int send_all(struct kept_client *client, struct kept_err *err)
{
    for (size_t at = 0; at < client->out.n;) {
        ssize_t n = send(client->fd, client->out.p + at, client->out.n - at, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return 0; /* it may have said why before it went: that is read next */
        at += (size_t)n;
    }
    (void)err;
    return 0;
}

/* One whole message into client->in. */
static int receive(struct kept_client *client, struct kept_wire_head *ret_head, struct kept_err *err)
{
    kept_buf_clear(&client->in);
    for (;;) {
        int rc = kept_wire_peek(kept_buf_span(&client->in), ret_head);
        if (rc < 0)
            return kept_fail(err, rc, "process %ld, which serves the store, is of another version of kept",
                             (long)client->pid);
        if (rc == 1 && client->in.n >= KEPT_WIRE_HEAD + ret_head->body)
            return 0;
        size_t before = client->in.n;
        uint8_t *to = kept_buf_room(&client->in, PIECE);
        if (to == NULL)
            return kept_fail(err, KEPT_E_NOMEM, "no memory for an answer");
        size_t doors = client->doors != NULL ? KEPT_MAX_DOORS - client->door_count : 0;
        ssize_t n = kept_socket_receive(client->fd, to, PIECE, 0, client->doors + client->door_count, &doors);
        int why = errno;
        client->door_count += doors;
        client->in.n = before + (n > 0 ? (size_t)n : 0);
        if (n < 0 && why == EINTR)
            continue;
        if (n < 0 && why == EAGAIN)
            return kept_fail(err, KEPT_E_BUSY, "process %ld, which serves the store, has not answered for %u s",
                             (long)client->pid, KEPT_CLIENT_SECONDS);
        if (n <= 0)
            return gone(client, err);
    }
}

/* Send what is in client->out, and wait for the answer to it, of the kind that is wanted. */
static int exchange(struct kept_client *client, enum kept_wire_kind want, struct kept_span *ret_body,
                    struct kept_err *err)
{
    struct kept_wire_head head;
    const char *text = NULL;
    int error = 0;
    if (client->out.failed != 0)
        return kept_fail(err, client->out.failed, "this is too large to be sent to who serves the store (process "
                         "%ld): at most %u MiB; or stop it first", (long)client->pid, KEPT_WIRE_MAX >> 20);
    int rc = send_all(client, err);
    kept_buf_clear(&client->out);
    if (rc == 0)
        rc = receive(client, &head, err);
    if (rc != 0)
        return rc;
    *ret_body = kept_wire_body(kept_buf_span(&client->in), &head);
    if (head.kind == KEPT_WIRE_FAULT && kept_wire_fault_read(*ret_body, &error, &text) == 0)
        return kept_fail(err, error < 0 ? error : KEPT_E_FORMAT, "%s", text);
    if (head.kind != want || head.id != client->id)
        return kept_fail(err, KEPT_E_FORMAT, "process %ld, which serves the store, answered something else",
                         (long)client->pid);
    return 0;
}

int kept_client_call(struct kept_client *client, const struct kept_request *request,
                     struct kept_reply **ret_reply, struct kept_err *err)
{
    struct kept_wire_answers answers;
    struct kept_reply *reply = NULL;
    struct kept_span body;
    *ret_reply = NULL;
    kept_wire_call(&client->out, ++client->id, NULL, request, 1);
    int rc = exchange(client, KEPT_WIRE_ANSWER, &body, err);
    if (rc != 0)
        return rc;
    rc = kept_wire_answers_begin(body, &answers);
    if (rc == 0 && (rc = kept_wire_answers_next(&answers, &reply)) == 1)
        rc = 0;
    kept_buf_clear(&client->in);
    if (rc != 0)
        return kept_fail(err, rc, "the answer of process %ld, which serves the store, cannot be read",
                         (long)client->pid);
    if (reply->error != 0) {
        rc = kept_fail(err, reply->error, "%s", reply->err.text);
        kept_wire_reply_free(reply);
        return rc;
    }
    reply->tag = request->tag;
    *ret_reply = reply;
    return 0;
}

int kept_client_ask(struct kept_client *client, const struct kept_wire_ask *ask, struct kept_buf *out,
                    struct kept_err *err)
{
    struct kept_wire_document document;
    struct kept_span body;
    kept_wire_question(&client->out, ++client->id, NULL, ask);
    int rc = exchange(client, KEPT_WIRE_DOCUMENT, &body, err);
    if (rc == 0 && kept_wire_document_read(body, &document) != 0)
        rc = kept_fail(err, KEPT_E_FORMAT, "the answer of process %ld, which serves the store, cannot be read",
                       (long)client->pid);
    if (rc == 0 && document.error != 0)
        rc = kept_fail(err, document.error, "%s", document.text);
    if (rc == 0)
        kept_buf_bytes(out, document.bytes.p, document.bytes.n);
    kept_buf_clear(&client->in);
    return rc != 0 ? rc : out->failed != 0 ? kept_fail(err, out->failed, "no room for an answer") : 0;
}

/* Until it has closed the store, and us. */
static int gone_by(struct kept_client *client, struct kept_err *err)
{
    const struct timeval patience = {.tv_sec = KEPT_TAKE_OVER_SECONDS};
    uint8_t more;
    ssize_t n;
    (void)setsockopt(client->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    do
        n = recv(client->fd, &more, sizeof more, 0);
    while (n < 0 && errno == EINTR);
    return n < 0 && errno == EAGAIN
               ? kept_fail(err, KEPT_E_BUSY, "process %ld was told to stop, and has not closed the store after %u s",
                           (long)client->pid, KEPT_TAKE_OVER_SECONDS)
               : 0;
}

int kept_server_take_over(const char *store, int *ret_doors, size_t *ret_count, struct kept_err *err)
{
    const struct kept_wire_ask ask = {.what = "take-over"};
    struct kept_client *client = NULL;
    struct kept_buf said;
    *ret_count = 0;
    kept_buf_init(&said, 1024);
    int rc = kept_client_open(store, &client, err);
    if (rc != 0)
        return rc;
    client->doors = ret_doors;
    rc = kept_client_ask(client, &ask, &said, err);
    *ret_count = client->door_count;
    if (rc == 0)
        rc = gone_by(client, err);
    kept_buf_release(&said);
    kept_client_close(client);
    return rc;
}
