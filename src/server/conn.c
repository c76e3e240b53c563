/* conn.c - connections: bytes in, messages taken, answers out; and who is cut off. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/note.h"
#include "server/server_int.h"
#include "server/socket.h"

#define PIECE 65536u
#define PIECES_A_TURN 4u /* of one connection, so that the others have theirs */

/* ---- there and gone ----------------------------------------------------------------------------- */

static int arm(struct kept_server *server, struct kept_conn *conn, int how, uint32_t events)
{
    struct epoll_event event = {.events = events, .data = {.ptr = conn}};
    conn->events = events;
    return epoll_ctl(server->epoll, how, conn->watched.fd, &event);
}

struct kept_conn *kept_conn_new(struct kept_server *server, int fd, bool worker, unsigned number)
{
    struct kept_conn *conn = kept_alloc(1, sizeof *conn);
    if (conn == NULL)
        return NULL;
    conn->watched = (struct kept_watched){KEPT_WATCH_CONN, fd};
    conn->worker = worker;
    conn->number = number;
    kept_buf_init_secret(&conn->in, KEPT_WIRE_MAX + PIECE);
    kept_buf_init_secret(&conn->out, KEPT_MAX_UNREAD);
    if (arm(server, conn, EPOLL_CTL_ADD, EPOLLIN) != 0) {
        kept_free(conn);
        return NULL;
    }
    conn->next = server->conns;
    server->conns = conn;
    server->conn_count += !worker;
    server->accepted++;
    return conn;
}

/* Nothing more comes or goes; what was taken is carried out, and its answers are dropped. */
static void break_off(struct kept_server *server, struct kept_conn *conn)
{
    if (conn->broken)
        return;
    conn->broken = true;
    kept_file_close(conn->watched.fd); /* and epoll forgets it */
    conn->watched.fd = -1;
    server->large -= conn->large;
    conn->large = 0;
    kept_buf_release(&conn->in);
    kept_buf_release(&conn->out);
    conn->in_at = conn->out_at = 0;
    if (conn->worker)
        kept_nursery_gone(server, conn->number);
}

static void cut_off(struct kept_server *server, struct kept_conn *conn, const char *why)
{
    server->cut_off++;
    kept_note(KEPT_WARN, "connection.cut", "%s", why);
    break_off(server, conn);
}

/* One who cannot be served is told so, as far as a socket takes it. */
static void turn_away(int fd, int error, const char *text)
{
    struct kept_buf out;
    kept_buf_init(&out, 1024);
    kept_wire_fault(&out, 0, error, text);
    if (out.failed == 0)
        (void)send(fd, out.p, out.n, MSG_NOSIGNAL | MSG_DONTWAIT);
    kept_buf_release(&out);
    kept_file_close(fd);
}

void kept_conn_accept(struct kept_server *server)
{
    for (unsigned i = 0; i < 64; i++) {
        pid_t pid = 0;
        struct kept_err err = {0};
        int fd = accept4(server->socket.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        if (kept_socket_ours(fd, &pid, &err) != 0) {
            server->refused++;
            kept_note(KEPT_WARN, "connection.refused", "%s", err.text);
            turn_away(fd, KEPT_E_DENIED, "the store is its owner's alone");
        } else if (server->conn_count >= KEPT_MAX_CONNECTIONS) {
            server->refused++;
            turn_away(fd, KEPT_E_BUSY, "too many connections to who serves the store: try again");
        } else if (kept_conn_new(server, fd, false, 0) == NULL) {
            server->refused++;
            turn_away(fd, KEPT_E_NOMEM, "no memory for a connection");
        }
    }
}

/* ---- out ---------------------------------------------------------------------------------------- */

static size_t unsent(const struct kept_conn *conn)
{
    return conn->out.n - conn->out_at;
}

/* What is done with is wiped at once; what is left moves to the front when it is worth it. */
static void sent(struct kept_conn *conn, size_t n)
{
    kept_wipe(conn->out.p + conn->out_at, n);
    conn->out_at += n;
    if (unsent(conn) == 0) {
        if (conn->out.cap > PIECE)
            kept_buf_release(&conn->out);
        else
            kept_buf_clear(&conn->out);
        conn->out_at = 0;
    } else if (conn->out_at > conn->out.n / 2) {
        size_t left = unsent(conn);
        memmove(conn->out.p, conn->out.p + conn->out_at, left);
        kept_wipe(conn->out.p + left, conn->out.n - left);
        conn->out.n = left;
        conn->out_at = 0;
    }
}

static void flush(struct kept_server *server, struct kept_conn *conn)
{
    while (!conn->broken && unsent(conn) > 0) {
        ssize_t n = kept_socket_send(conn->watched.fd, conn->out.p + conn->out_at, unsent(conn), MSG_DONTWAIT,
                                     server->options->doors, conn->giving ? server->options->door_count : 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN) {
            if (conn->stuck_since == 0)
                conn->stuck_since = server->now;
            return;
        }
        if (n <= 0) {
            break_off(server, conn);
            return;
        }
        conn->stuck_since = 0;
        conn->giving = false;
        sent(conn, (size_t)n);
    }
}

void kept_conn_appended(struct kept_server *server, struct kept_conn *conn, uint64_t id, const char *too_large)
{
    if (conn->out.failed == 0)
        return;
    int why = conn->out.failed;
    conn->out.failed = 0;
    if (why == KEPT_E_LIMIT)
        kept_wire_fault(&conn->out, id, why, too_large);
    else
        kept_wire_fault(&conn->out, id, why, "no memory for an answer");
    if (conn->out.failed != 0)
        cut_off(server, conn, "somebody reads no answers: they are cut off");
}

void kept_conn_fault(struct kept_server *server, struct kept_conn *conn, uint64_t id, int error, const char *text)
{
    server->faults++;
    kept_wire_fault(&conn->out, id, error, text);
    kept_conn_appended(server, conn, id, text);
}

/* ---- in ----------------------------------------------------------------------------------------- */

/* Room for a large message is reserved whole before it comes, so that two halves never wait for each other. */
static bool has_room(struct kept_server *server, struct kept_conn *conn, size_t whole)
{
    if (whole <= KEPT_LARGE_MESSAGE || conn->large != 0)
        return true;
    if (server->large + whole > KEPT_MAX_LARGE)
        return false;
    conn->large = whole;
    server->large += whole;
    return true;
}

static enum kept_taken take(struct kept_server *server, struct kept_conn *conn, const struct kept_wire_head *head,
                            struct kept_span body)
{
    if (kept_questions_first(server) || unsent(conn) > KEPT_MAX_QUEUED)
        return KEPT_NOT_YET;
    if (head->kind == KEPT_WIRE_CALL || head->kind == KEPT_WIRE_KEYED)
        return kept_work_take(server, conn, head, body);
    if (head->kind == KEPT_WIRE_ASK)
        return kept_question_take(server, conn, head, body);
    kept_conn_fault(server, conn, head->id, KEPT_E_FORMAT, "only calls and questions are answered here");
    return KEPT_TAKEN;
}

static void forget_taken(struct kept_conn *conn)
{
    size_t left = conn->in.n - conn->in_at;
    if (conn->in_at == 0)
        return;
    if (left == 0 && conn->in.cap > 2 * PIECE) {
        kept_buf_release(&conn->in);
    } else {
        if (left > 0)
            memmove(conn->in.p, conn->in.p + conn->in_at, left);
        kept_wipe(conn->in.p + left, conn->in.n - left);
        conn->in.n = left;
    }
    conn->in_at = 0;
}

/* Take the whole messages that are there. */
static void take_all(struct kept_server *server, struct kept_conn *conn)
{
    conn->stalled = conn->crowded = false;
    while (!conn->broken && !conn->stalled) {
        struct kept_wire_head head;
        struct kept_span rest = {conn->in.p + conn->in_at, conn->in.n - conn->in_at};
        int rc = rest.n == 0 ? 0 : kept_wire_peek(rest, &head);
        if (rc < 0) {
            kept_conn_fault(server, conn, 0, KEPT_E_FORMAT, "these bytes are no message of this version of kept");
            conn->ended = true; /* where the next one begins, nobody knows */
            conn->in_at = conn->in.n;
            break;
        }
        if (rc == 1 && !has_room(server, conn, KEPT_WIRE_HEAD + head.body)) {
            conn->stalled = conn->crowded = true;
            break;
        }
        if (rc == 0 || rest.n < KEPT_WIRE_HEAD + head.body)
            break;
        if (take(server, conn, &head, kept_wire_body(rest, &head)) == KEPT_NOT_YET) {
            conn->stalled = true;
            break;
        }
        server->large -= conn->large; /* what work.c has not taken over */
        conn->large = 0;
        conn->in_at += KEPT_WIRE_HEAD + head.body;
    }
    if (conn->broken)
        return;
    forget_taken(conn);
    if (conn->in.n == 0 || conn->stalled)
        conn->half_since = 0;
    else if (conn->half_since == 0)
        conn->half_since = server->now;
}

static void read_some(struct kept_server *server, struct kept_conn *conn)
{
    for (unsigned i = 0; i < PIECES_A_TURN && !conn->broken && !conn->ended && !conn->stalled; i++) {
        size_t before = conn->in.n;
        uint8_t *to = kept_buf_room(&conn->in, PIECE);
        if (to == NULL) {
            cut_off(server, conn, "no memory for what somebody sends: they are cut off");
            return;
        }
        ssize_t n = recv(conn->watched.fd, to, PIECE, MSG_DONTWAIT);
        int why = errno;
        conn->in.n = before + (n > 0 ? (size_t)n : 0);
        if (n < 0 && (why == EAGAIN || why == EINTR))
            break;
        if (n < 0) {
            break_off(server, conn);
            return;
        }
        conn->ended = n == 0;
        take_all(server, conn);
        if (n < (ssize_t)PIECE)
            break;
    }
}

void kept_conn_event(struct kept_server *server, struct kept_conn *conn, uint32_t events)
{
    if (conn->broken)
        return;
    if ((events & (EPOLLERR | EPOLLHUP)) != 0 && (events & EPOLLIN) == 0)
        break_off(server, conn); /* it hung up, and waits for no answer */
    else if ((events & EPOLLIN) != 0)
        read_some(server, conn);
    /* EPOLLOUT: the turn flushes */
}

/* ---- once a turn -------------------------------------------------------------------------------- */

static void check_time(struct kept_server *server, struct kept_conn *conn)
{
    if (conn->half_since != 0 && server->now - conn->half_since > KEPT_HALF_SECONDS * KEPT_SECOND && !conn->ended)
        cut_off(server, conn, "the rest of a message does not come: the connection is cut off");
    else if (conn->stuck_since != 0 && server->now - conn->stuck_since > KEPT_STUCK_SECONDS * KEPT_SECOND)
        cut_off(server, conn, "somebody reads no answers: they are cut off");
}

static void turn(struct kept_server *server, struct kept_conn *conn)
{
    flush(server, conn);
    if (conn->stalled && !conn->broken) {
        take_all(server, conn); /* where answers went, there is room for more */
        flush(server, conn);
    }
    check_time(server, conn);
    if (!conn->broken && conn->ended && conn->works == 0 && unsent(conn) == 0 && !conn->stalled)
        break_off(server, conn);
    if (conn->broken)
        return;
    /* What can be taken next time, and nothing else would wake us for. */
    server->again = server->again || (conn->stalled && !conn->crowded && unsent(conn) <= KEPT_MAX_QUEUED &&
                                      server->in_flight == 0 && !kept_questions_first(server));
    /* Once it stops, no more is read from the socket; workers have until they close. */
    bool deaf = conn->ended || conn->stalled || (server->stopping && !conn->worker) || server->at_once;
    uint32_t events = (deaf ? 0 : (uint32_t)EPOLLIN) | (unsent(conn) > 0 ? (uint32_t)EPOLLOUT : 0);
    if (events != conn->events && arm(server, conn, EPOLL_CTL_MOD, events) != 0)
        break_off(server, conn);
}

void kept_conns_turn(struct kept_server *server)
{
    server->again = false;
    for (struct kept_conn **at = &server->conns; *at != NULL;) {
        struct kept_conn *conn = *at;
        turn(server, conn);
        if (!conn->broken || conn->works > 0) {
            at = &conn->next;
            continue;
        }
        *at = conn->next;
        server->conn_count -= !conn->worker;
        kept_free(conn);
    }
}

bool kept_conns_quiet(const struct kept_server *server)
{
    for (const struct kept_conn *conn = server->conns; conn != NULL; conn = conn->next)
        if (conn->works > 0 || (!conn->broken && (unsent(conn) > 0 || conn->worker || conn->stalled)))
            return false;
    return true;
}

void kept_conns_free(struct kept_server *server)
{
    while (server->conns != NULL) {
        struct kept_conn *conn = server->conns;
        server->conns = conn->next;
        kept_file_close(conn->watched.fd);
        kept_buf_release(&conn->in);
        kept_buf_release(&conn->out);
        kept_free(conn);
    }
}
