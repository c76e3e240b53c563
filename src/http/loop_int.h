/* loop_int.h - the worker's loop and its connections: loop.c, client.c. */
#ifndef KEPT_HTTP_LOOP_INT_H
#define KEPT_HTTP_LOOP_INT_H

#include "http/h2o.h"
#include "http/http_int.h"

struct kept_http_address { /* how many connections come from one */
    struct kept_http_address *next;
    uint8_t key[16];
    uint32_t count;
};
struct kept_http_client { /* a connection */
    struct loop *loop;
    h2o_socket_t *sock;             /* NULL: closed, but the holder still has requests of it */
    struct kept_http_address *address;
    struct kept_http_client *next, *before;
    uint32_t open, in_flight;       /* requests that are here; that the holder has */
    uint64_t last;                  /* ms of the loop: when something went on */
    bool shown;                     /* a certificate, in TLS: */
    uint8_t certificate[KEPT_HTTP_DIGEST];
};
#define ADDRESS_BUCKETS 4096u
struct listener {
    h2o_socket_t *sock;
    h2o_accept_ctx_t accept;
    struct loop *loop;
};
struct loop {
    struct kept_http http;
    h2o_globalconf_t config;
    h2o_context_t context;
    struct listener listeners[KEPT_HTTP_SOCKETS];
    size_t listener_count;
    bool listening;                 /* their sockets are read */
    h2o_socket_t *holder, *signals;
    struct kept_http_client *clients;
    uint64_t most_clients, most_of_address; /* KEPT_HTTP_CONNECTIONS, or what descriptors there are for; a quarter at most */
    struct kept_http_address *addresses[ADDRESS_BUCKETS];
    h2o_timeout_t second;
    h2o_timeout_entry_t tick;
    bool stopping, notify, tls;
    uint64_t deadline;              /* once stopping */
    int failed;                     /* KEPT_E_*: why it ends */
};

/* client.c. A socket just accepted: 0, or it was closed (too many of one address, no memory). */
int kept_http_client_new(struct loop *loop, h2o_socket_t *sock);
struct kept_http_client *kept_http_client_of(h2o_req_t *req);
/* What TLS says of a connection of ours: a handshake that was made or resumed shows a certificate, or none. */
void kept_http_client_shows(const struct ssl_st *tls, int where, int ret);
/* A request of it began (1) or ended (-1). */
void kept_http_client_open(struct kept_http_client *client, int by);
/* Once a second: close who does nothing, takes nothing, or sends too much. */
void kept_http_clients_sweep(struct loop *loop);
/* Told to stop: close who is not in the middle of something. */
void kept_http_clients_stop(struct loop *loop);

#endif
