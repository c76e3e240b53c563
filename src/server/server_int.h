/* server_int.h - the holder's inside: what its files share. */
#ifndef KEPT_SERVER_SERVER_INT_H
#define KEPT_SERVER_SERVER_INT_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "server/server.h"
#include "wire/wire.h"

/* Who an event of the loop is for: the first member of whatever waits for one. */
enum kept_watch { KEPT_WATCH_SIGNALS = 1, KEPT_WATCH_SOCKET, KEPT_WATCH_ENGINE, KEPT_WATCH_NURSERY, KEPT_WATCH_CONN };
struct kept_watched {
    enum kept_watch what;
    int fd; /* -1: none */
};

/* ---- a connection (conn.c) ---- */

struct kept_conn {
    struct kept_watched watched;
    bool worker;          /* else: the owner's, by the socket */
    unsigned number;      /* of the worker */
    struct kept_buf in, out;
    size_t in_at, out_at; /* done with, of each */
    uint32_t events;      /* asked of epoll */
    size_t requests;      /* taken, not answered */
    size_t works;         /* messages taken, not answered */
    size_t large;         /* reserved for the message that is coming */
    bool stalled;         /* something is there that cannot be taken yet */
    bool crowded;         /* because there is no room for so large a message */
    bool ended;           /* nothing more comes */
    bool giving;          /* our doors go with what is sent next */
    bool broken;          /* nothing more goes either: to be freed when works is 0 */
    kept_ms half_since;   /* a message is there in part; 0: none is */
    kept_ms stuck_since;  /* answers are there that nobody reads; 0: none are */
    struct kept_conn *next;
};

/* ---- a message that is being answered (work.c) ---- */

struct kept_slot {
    struct kept_work *work;
    struct kept_wire_request wire;
    char actor[KEPT_MAX_NAME + 1]; /* of a caller that asks for somebody */
    struct kept_reply *reply;
};
struct kept_work {
    struct kept_conn *conn; /* NULL: the holder's own */
    struct kept_repeat *repeat; /* of one with a key; NULL */
    const struct kept_caller_row *who; /* NULL: the owner */
    struct kept_caller_row *own;       /* who, if a person or a visitor: the work's; else NULL */
    uint64_t id;
    size_t count, left;
    size_t large;           /* reserved, until it is answered */
    size_t n;
    uint8_t *body;          /* what the requests borrow; wiped */
    struct kept_work *next;
    struct kept_slot slots[];
};

/* A message with a key of idempotency, which may come again. */
struct kept_repeat {
    struct kept_wire_key key;
    kept_ms at;
    bool answered;
    struct kept_buf answer; /* secret: the body of the ANSWER; empty: it was too large */
    uint32_t next, bucket;  /* + 1; 0: none */
    uint32_t older, newer;  /* + 1 */
};
struct kept_repeats {
    struct kept_repeat *rows;
    uint32_t *buckets;
    uint32_t oldest, newest, free; /* + 1; 0: none. What was refused leaves at once, so that nobody unknown drives out others' */
    size_t bytes;
};

/* A question that waits until nothing is in flight. */
struct kept_waiting {
    struct kept_conn *conn;
    uint64_t id;
    size_t n;
    struct kept_waiting *next;
    uint8_t body[];
};

/* A document for who asks the same again. */
struct kept_shelved {
    struct kept_buf name;  /* the question */
    struct kept_buf bytes;
    const char *type;      /* a constant */
    char tag[160];
    kept_ms until;         /* 0: nothing is here */
};

/* ---- workers (nursery.c) ---- */

struct kept_worker {
    struct kept_conn *conn; /* NULL: it has ended */
    kept_ms started, again; /* again: when it is to be started */
    unsigned failures;      /* one soon after the other */
};

enum kept_outcome { KEPT_O_ALLOW, KEPT_O_MASK, KEPT_O_DENY, KEPT_O_ERROR, KEPT_O_COUNT };

struct kept_server {
    const struct kept_server_options *options;
    struct kept *kept;
    int epoll;
    struct kept_watched signals, socket, engine, nursery;
    struct kept_conn *conns;
    size_t conn_count;         /* of the socket; workers beside them */
    size_t in_flight, large;   /* requests; bytes reserved */
    pid_t nurse;               /* 0: there is none */
    struct kept_work *spare;   /* of one request each */
    size_t spares;
    struct kept_waiting *questions, **questions_end;
    size_t question_count;
    unsigned questions_left;   /* of this second */
    kept_ms questions_from;
    unsigned visits_left;      /* the same of visitors */
    kept_ms visits_from;
    struct kept_repeats repeats;
    struct kept_shelved shelf[KEPT_MAX_SHELF];
    size_t shelf_bytes;
    struct kept_worker workers[KEPT_MAX_WORKERS];
    kept_ms now, began, looked;
    /* upkeep */
    kept_ms tick_at;
    size_t tick_app;
    bool ticking;
    /* stopping */
    bool stopping, at_once;
    bool again;                /* the next turn does not wait */
    kept_ms stop_by;
    int failed;                /* why it stops by itself */
    /* numbers */
    uint64_t observed; /* denials of functions that are only observed yet */
    uint64_t done[KEPT_OP_COUNT][KEPT_O_COUNT];
    uint64_t accepted, refused, cut_off, faults, documents, restarts, ticks;
};

/* server.c: take nothing more, answer what was begun; called again: at once. */
void kept_server_stop(struct kept_server *server);

/* conn.c */
struct kept_conn *kept_conn_new(struct kept_server *server, int fd, bool worker, unsigned number);
void kept_conn_accept(struct kept_server *server);
void kept_conn_event(struct kept_server *server, struct kept_conn *conn, uint32_t events);
/* Take what is there and can be taken now; send what is to be sent; free who is gone. Once a turn. */
void kept_conns_turn(struct kept_server *server);
void kept_conns_free(struct kept_server *server);
/* Nothing waits to be sent, and nothing to be answered. */
bool kept_conns_quiet(const struct kept_server *server);
/* Of the message: refused. */
void kept_conn_fault(struct kept_server *server, struct kept_conn *conn, uint64_t id, int error, const char *text);
/* Append an answer to conn->out and see that it fits. */
void kept_conn_appended(struct kept_server *server, struct kept_conn *conn, uint64_t id, const char *too_large);

/* work.c */
enum kept_taken { KEPT_TAKEN = 1, KEPT_NOT_YET = 2 };
/* Take a CALL: KEPT_TAKEN (also when it was refused: a FAULT went back), or KEPT_NOT_YET: ask again. */
enum kept_taken kept_work_take(struct kept_server *server, struct kept_conn *conn, const struct kept_wire_head *head,
                               struct kept_span body);
/* Let the engine work, and hand out what it has answered; wait: for something at least, if anything is there. */
void kept_work_reap(struct kept_server *server, bool wait);
void kept_works_free(struct kept_server *server);
/* TICK, when it is due. */
void kept_work_tick(struct kept_server *server);

/* admit.c: who sent this? *ret_who NULL: the owner. *ret_own: who, if a person; else NULL: kept_self_free. KEPT_E_DENIED:
 * nobody who is known. */
struct kept_caller_row;
KEPT_MUST_USE int kept_server_admit(struct kept_server *server, const struct kept_conn *conn,
                                    const struct kept_credential *credential, const struct kept_caller_row **ret_who,
                                    struct kept_caller_row **ret_own, struct kept_err *err);
/* Does this show nothing, and come from the network? */
bool kept_server_is_visit(const struct kept_conn *conn, const struct kept_credential *credential);
/* They ask this app (NULL: the only one). *ret_own as above. KEPT_E_DENIED; KEPT_E_BUSY: too many do at once. */
KEPT_MUST_USE int kept_server_visit(struct kept_server *server, const char *app, enum kept_op op, struct kept_caller_row **ret_own,
                                    struct kept_err *err);
/* May they ask for this document? ask->what is one that there is. KEPT_E_DENIED. */
KEPT_MUST_USE int kept_server_may_ask(struct kept_server *server, const struct kept_conn *conn,
                                      const struct kept_credential *credential, const struct kept_wire_ask *ask,
                                      struct kept_err *err);

/* question.c */
enum kept_taken kept_question_take(struct kept_server *server, struct kept_conn *conn, const struct kept_wire_head *head,
                                   struct kept_span body);
/* Does one wait whose turn it is? Then nothing is begun. */
bool kept_questions_first(const struct kept_server *server);
/* Answer those that waited, if nothing is in flight. */
void kept_questions_turn(struct kept_server *server);
void kept_questions_free(struct kept_server *server);

/* repeat.c: what came with a key of idempotency is done once, whichever worker it comes by; forgotten after an hour, or when
 * there is no room, the oldest first; and with the process. */
KEPT_MUST_USE int kept_repeats_init(struct kept_repeats *repeats);
void kept_repeats_release(struct kept_repeats *repeats);
/* 0 and *ret_repeat: it is new. 1 and *ret_repeat: answered before. KEPT_E_CONFLICT: with another body; KEPT_E_BUSY: not answered
 * yet; KEPT_E_LIMIT: no room, all are under way. */
KEPT_MUST_USE int kept_repeats_take(struct kept_repeats *repeats, const struct kept_wire_key *key, kept_ms now,
                                    struct kept_repeat **ret_repeat);
/* Remember these replies; NULL: that it was done. */
void kept_repeats_answer(struct kept_repeats *repeats, struct kept_repeat *repeat, struct kept_reply *const *replies,
                         size_t count);
/* Nothing was done: it may be tried again. */
void kept_repeats_forget(struct kept_repeats *repeats, struct kept_repeat *repeat);

/* shelf.c: documents that were made lately; borrowed until the next put. NULL: not there any more. */
const struct kept_shelved *kept_shelf_get(struct kept_server *server, const struct kept_wire_ask *ask);
void kept_shelf_put(struct kept_server *server, const struct kept_wire_ask *ask,
                    const struct kept_wire_document *document, kept_ms until);
void kept_shelf_free(struct kept_server *server);

/* metrics.c: for Prometheus. */
void kept_server_metrics(struct kept_server *server, struct kept_buf *out);

/* nursery.c: a process of its own, forked before keys are read, forks the workers. */
KEPT_MUST_USE int kept_nursery_start(struct kept_server *server, struct kept_err *err);
KEPT_MUST_USE int kept_nursery_watch(struct kept_server *server, struct kept_err *err);
void kept_nursery_event(struct kept_server *server);  /* it says that a worker ended */
void kept_nursery_turn(struct kept_server *server);   /* start those whose time has come */
void kept_nursery_signal(struct kept_server *server, int number); /* to all workers */
void kept_nursery_gone(struct kept_server *server, unsigned number); /* a worker's connection ended */
void kept_nursery_end(struct kept_server *server);

#endif
