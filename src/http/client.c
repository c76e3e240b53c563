/* client.c - connections: how many, from where, and whether something goes on. */
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/id.h"
#include "base/mem.h"
#include "http/loop_int.h"
#include "http/tls.h"

/* Told to stop, a connection that is silent for so long (ms) has nothing under way; one that begins is answered. */
#define IDLE_WHEN_STOPPING 200u

/* ---- addresses ---- */

/* IPv4 whole; of IPv6 the network, which is what one household or machine gets. */
static void key_of(const struct sockaddr_storage *from, uint8_t ret_key[16])
{
    memset(ret_key, 0, 16);
    if (from->ss_family == AF_INET)
        memcpy(ret_key, &((const struct sockaddr_in *)(const void *)from)->sin_addr, 4);
    else if (from->ss_family == AF_INET6) {
        memcpy(ret_key, &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr, 8);
        ret_key[15] = 6;
    }
}

static struct kept_http_address **bucket_of(struct loop *loop, const uint8_t key[16])
{
    uint32_t h = (kept_be32(key) ^ kept_be32(key + 4) ^ key[15]) * 2654435761u;
    return &loop->addresses[h >> 20];
}

static struct kept_http_address *address_of(struct loop *loop, h2o_socket_t *sock)
{
    struct sockaddr_storage from = {.ss_family = AF_UNSPEC};
    uint8_t key[16];
    if (h2o_socket_getpeername(sock, (struct sockaddr *)&from) == 0)
        return NULL;
    key_of(&from, key);
    struct kept_http_address **bucket = bucket_of(loop, key), *a = *bucket;
    while (a != NULL && !kept_bytes_equal(a->key, key, sizeof key))
        a = a->next;
    if (a == NULL && (a = kept_alloc(1, sizeof *a)) != NULL) {
        memcpy(a->key, key, sizeof key);
        a->next = *bucket;
        *bucket = a;
    }
    return a;
}

static void address_leave(struct loop *loop, struct kept_http_address *address)
{
    struct kept_http_address **at = bucket_of(loop, address->key);
    if (--address->count > 0)
        return;
    while (*at != address)
        at = &(*at)->next;
    *at = address->next;
    kept_free(address);
}

/* ---- connections ---- */

static void release_when_done(struct kept_http_client *client)
{
    if (client->sock == NULL && client->in_flight == 0 && client->open == 0)
        kept_free(client);
}

static void on_close(void *data)
{
    struct kept_http_client *client = data;
    struct loop *loop = client->loop;
    if (client->before != NULL)
        client->before->next = client->next;
    else
        loop->clients = client->next;
    if (client->next != NULL)
        client->next->before = client->before;
    address_leave(loop, client->address);
    loop->http.metrics.connections--;
    client->sock = NULL;
    release_when_done(client);
}

int kept_http_client_new(struct loop *loop, h2o_socket_t *sock)
{
    struct kept_http_address *address = address_of(loop, sock);
    struct kept_http_client *client = address != NULL ? kept_alloc(1, sizeof *client) : NULL;
    if (address != NULL)
        address->count++;
    if (client == NULL || address->count > loop->most_of_address) {
        if (address != NULL)
            address_leave(loop, address);
        kept_free(client);
        loop->http.metrics.refused++;
        h2o_socket_close(sock);
        return KEPT_E_LIMIT;
    }
    *client = (struct kept_http_client){.loop = loop, .sock = sock, .address = address, .next = loop->clients,
                                        .last = loop->http.now};
    if (loop->clients != NULL)
        loop->clients->before = client;
    loop->clients = client;
    sock->on_close.cb = on_close;
    sock->on_close.data = client;
    loop->http.metrics.connections++;
    loop->http.metrics.accepted++;
    return 0;
}

struct kept_http_client *kept_http_client_of(h2o_req_t *req)
{
    return req->conn->callbacks->get_socket(req->conn)->on_close.data;
}

/* libh2o keeps its socket with the connection's BIO, and has no other way from the one to the other. */
_Static_assert(H2O_LIBRARY_VERSION_MAJOR == 0 && H2O_LIBRARY_VERSION_MINOR == 13, "look whether it still does");

void kept_http_client_shows(const SSL *tls, int where, int ret)
{
    const h2o_socket_t *sock = (where & SSL_CB_HANDSHAKE_DONE) != 0 ? BIO_get_data(SSL_get_rbio(tls)) : NULL;
    struct kept_http_client *client = sock != NULL ? sock->on_close.data : NULL;
    (void)ret;
    if (client != NULL)
        client->shown = kept_http_tls_shown(tls, client->certificate);
}

void kept_http_client_charge(struct kept_http_client *client, int by)
{
    client->in_flight += (uint32_t)by;
    client->last = client->loop->http.now;
    release_when_done(client);
}

void kept_http_client_open(struct kept_http_client *client, int by)
{
    client->open += (uint32_t)by;
    client->last = client->loop->http.now;
    release_when_done(client);
}

bool kept_http_client_may(const struct kept_http_client *client)
{
    return client->in_flight < KEPT_HTTP_OF_CONNECTION;
}

void kept_http_client_source(const struct kept_http_client *client, char ret_text[KEPT_HTTP_SOURCE])
{
    if (client == NULL)
        memcpy(ret_text, "nowhere", sizeof "nowhere");
    else
        kept_hex(client->address->key, sizeof client->address->key, ret_text);
}

/* ---- once a second ---- */

/* libh2o finds the end of the stream, or cannot write, and closes it. */
static void cut(struct kept_http_client *client, int how, uint64_t *counter)
{
    (void)shutdown(h2o_socket_get_fd(client->sock), how);
    client->last = client->loop->http.now;
    if (counter != NULL)
        (*counter)++;
}

void kept_http_clients_sweep(struct loop *loop)
{
    struct kept_http_metrics *m = &loop->http.metrics;
    struct kept_http_client *largest = NULL;
    uint64_t now = loop->http.now, buffered = 0;
    for (struct kept_http_client *c = loop->clients; c != NULL; c = c->next) {
        uint64_t still = now - c->last;
        if (c->open == 0 && still > KEPT_HTTP_SECONDS * 1000u)
            cut(c, SHUT_RDWR, &m->closed_idle);
        else if (c->open > 0 && c->in_flight == 0 && still > KEPT_HTTP_STALL_SECONDS * 1000u)
            cut(c, SHUT_RDWR, &m->closed_stalled);
        buffered += c->sock->input->size;
        if (largest == NULL || c->sock->input->size > largest->sock->input->size)
            largest = c;
    }
    if (buffered > KEPT_HTTP_MAX_BUFFERED)
        cut(largest, SHUT_RDWR, &m->closed_large);
}

void kept_http_clients_stop(struct loop *loop)
{
    for (struct kept_http_client *c = loop->clients; c != NULL; c = c->next)
        if (c->open == 0 && c->sock->input->size == 0 && loop->http.now - c->last > IDLE_WHEN_STOPPING)
            cut(c, SHUT_RDWR, NULL);
}
