/* link.c - the holder of keys at the other end of a socket: what goes in one write, and whose the answers are. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "http/http_int.h"

#define PIECE (256u << 10) /* of one read */

int kept_http_link_init(struct kept_http_link *link, int fd)
{
    *link = (struct kept_http_link){.fd = fd, .slots = kept_alloc(KEPT_HTTP_IN_FLIGHT, sizeof *link->slots)};
    kept_buf_init_secret(&link->out, KEPT_HTTP_MAX_QUEUED + KEPT_WIRE_MAX);
    kept_buf_init_secret(&link->in, KEPT_WIRE_MAX + PIECE);
    if (link->slots == NULL)
        return KEPT_E_NOMEM;
    for (uint32_t i = KEPT_HTTP_IN_FLIGHT; i > 0; i--) {
        link->slots[i - 1].next_free = link->first_free;
        link->first_free = i;
    }
    return 0;
}

void kept_http_link_release(struct kept_http_link *link)
{
    kept_buf_release(&link->out);
    kept_buf_release(&link->in);
    kept_free(link->slots);
    if (link->fd >= 0)
        (void)close(link->fd);
    *link = (struct kept_http_link){.fd = -1};
}

bool kept_http_link_full(const struct kept_http_link *link)
{
    return link->gone || link->first_free == 0 || link->out.n - link->sent > KEPT_HTTP_MAX_QUEUED;
}

bool kept_http_link_hot(const struct kept_http_link *link)
{
    return link->in_flight > KEPT_HTTP_IN_FLIGHT / 2 || link->out.n - link->sent > KEPT_HTTP_MAX_QUEUED / 2;
}

uint64_t kept_http_link_take(struct kept_http_link *link, struct kept_http_exchange *x)
{
    KEPT_INVARIANT(link->first_free != 0);
    uint32_t number = link->first_free;
    struct kept_http_slot *slot = &link->slots[number - 1];
    link->first_free = slot->next_free;
    link->in_flight++;
    slot->turn++;
    slot->x = x;
    slot->client = x->client;
    x->slot = number;
    if (slot->client != NULL)
        kept_http_client_charge(slot->client, 1);
    return (uint64_t)slot->turn << 32 | number;
}

static void give_back(struct kept_http_link *link, uint32_t number)
{
    struct kept_http_slot *slot = &link->slots[number - 1];
    struct kept_http_client *client = slot->client;
    slot->x = NULL;
    slot->client = NULL;
    slot->next_free = link->first_free;
    link->first_free = number;
    link->in_flight--;
    if (client != NULL)
        kept_http_client_charge(client, -1);
}

void kept_http_link_drop(struct kept_http_link *link, struct kept_http_exchange *x)
{
    give_back(link, x->slot);
    x->slot = 0;
}

/* ---- out ---- */

int kept_http_link_flush(struct kept_http_link *link)
{
    while (link->sent < link->out.n) {
        ssize_t n = write(link->fd, link->out.p + link->sent, link->out.n - link->sent);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return 1;
        if (n < 0)
            return KEPT_E_IO;
        link->sent += (size_t)n;
    }
    if (link->out.n > 0)
        kept_buf_clear(&link->out);
    link->sent = 0;
    return 0;
}

/* ---- in ---- */

/* The exchange an id was given to; the slot is free again. NULL: nobody waits any more. */
static int whose(struct kept_http_link *link, uint64_t id, struct kept_http_exchange **ret_x)
{
    uint32_t number = (uint32_t)id, turn = (uint32_t)(id >> 32);
    if (number == 0 || number > KEPT_HTTP_IN_FLIGHT || link->slots[number - 1].turn != turn)
        return KEPT_E_FORMAT;
    *ret_x = link->slots[number - 1].x;
    if (*ret_x != NULL)
        (*ret_x)->slot = 0;
    link->slots[number - 1].turn++; /* a second answer to the same is nobody's */
    give_back(link, number);
    return 0;
}

static int hand_out(struct kept_http_link *link)
{
    for (;;) {
        struct kept_wire_head head;
        struct kept_http_exchange *x = NULL;
        struct kept_span rest = {link->in.p + link->taken, link->in.n - link->taken};
        int rc = kept_wire_peek(rest, &head);
        if (rc <= 0)
            return rc;
        if (rest.n - KEPT_WIRE_HEAD < head.body)
            return 0;
        link->taken += KEPT_WIRE_HEAD + head.body;
        rc = whose(link, head.id, &x);
        if (rc != 0)
            return rc;
        if (x != NULL)
            kept_http_heard(x, &head, kept_wire_body(rest, &head));
    }
}

/* What was handed out leaves the buffer; the start of a message stays. */
static void keep_rest(struct kept_http_link *link)
{
    size_t rest = link->in.n - link->taken, was = link->in.n;
    if (link->taken == 0)
        return;
    if (rest > 0)
        memmove(link->in.p, link->in.p + link->taken, rest);
    kept_wipe(link->in.p + rest, was - rest);
    link->in.n = rest;
    link->taken = 0;
}

int kept_http_link_read(struct kept_http_link *link)
{
    for (;;) {
        uint8_t *to = kept_buf_room(&link->in, PIECE);
        if (to == NULL)
            return KEPT_E_NOMEM;
        ssize_t n = read(link->fd, to, PIECE);
        link->in.n -= PIECE - (n > 0 ? (size_t)n : 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return 0;
        if (n <= 0)
            return KEPT_E_IO;
        int rc = hand_out(link);
        keep_rest(link);
        if (rc != 0 || (size_t)n < PIECE)
            return rc;
    }
}

void kept_http_link_fail(struct kept_http_link *link)
{
    link->gone = true;
    for (uint32_t i = 0; i < KEPT_HTTP_IN_FLIGHT; i++) {
        struct kept_http_exchange *x = link->slots[i].x;
        if (x == NULL)
            continue;
        x->slot = 0;
        give_back(link, i + 1);
        kept_http_refuse(x, 503, "busy", "the holder of keys has gone; whether it was done is not known", 1);
    }
}
