/* post.h - messages leave: by SMTP, by an HTTP gateway, or printed; and orders, to the systems that they are for. The only
 * folder that sees libcurl.
 *
 * Who calls this holds no keys and has no store: it was handed a message (engine: post.take) and tells what
 * became of it (post.tell). Of the network it reads status lines only; what a server says beside its number is
 * neither kept nor told, for it may repeat an address. Of a system's answer to an order the caller may read whether it
 * says that it is done.
 * A connection is in the clear to this machine only; elsewhere TLS, with certificates checked, or none.
 * Threads: one post office belongs to one thread. */
#ifndef KEPT_POST_H
#define KEPT_POST_H

#include "kept.h"

/* A system to which orders go. */
struct kept_post_system {
    const char *name;     /* held_in of the policy */
    const char *url;      /* https://HOST/PATH; http on this machine only */
    const char *secret;   /* by which it knows us; one line */
};

struct kept_post_options {
    const char *smtp;     /* smtp://HOST:PORT or smtps://HOST:PORT, for mail; NULL: none */
    const char *gateway;  /* https://HOST/PATH, for text messages and voice; NULL: none */
    const char *from;     /* the address mail comes from; needed with smtp */
    const char *login;    /* NULL, or USER:PASSWORD for the SMTP server */
    const char *token;    /* NULL, or what the gateway is shown: Authorization: Bearer TOKEN */
    const struct kept_post_system *systems; /* beside either, or alone */
    size_t system_count;
    const char *ca;       /* NULL: the system's certificates; else a file of them (PEM) */
    int print;            /* not 0: nothing is sent; all goes to print_to, for development */
    void (*print_to)(void *arg, const char *line);
    void *arg;
};
struct kept_post;

/* KEPT_E_USAGE (an option is off: says which and why), KEPT_E_NOMEM. Options are borrowed until it is closed. */
KEPT_MUST_USE int kept_post_open(const struct kept_post_options *options, struct kept_post **ret_post,
                                 struct kept_err *err);
void kept_post_close(struct kept_post *post); /* NULL is a no-op */

struct kept_post_message {
    const char *id;       /* 32 hex digits: Message-ID, Idempotency-Key */
    const char *by;       /* "sms", "voice", "mail" */
    const char *to, *title, *text;
    kept_ms at;           /* now, for the date of a mail */
};
enum kept_posted {
    KEPT_POSTED_NOT = 0,  /* not now: to be tried again */
    KEPT_POSTED_SENT,
    KEPT_POSTED_REFUSED,  /* not at any time: such an address, such a message */
    KEPT_POSTED_NOWHERE   /* an order to a system that has no address here */
};
/* kept_post_send(post, message, ret_receipt): ret_receipt: "sent 250", "refused 550", "not sent: 28", without
 * anything of the message. Takes at most KEPT_POST_WAIT_SECONDS. */
#define KEPT_POST_RECEIPT 48
enum kept_posted kept_post_send(struct kept_post *post, const struct kept_post_message *message,
                                char ret_receipt[KEPT_POST_RECEIPT]);

struct kept_post_order {
    const char *id;       /* 32 hex digits: Idempotency-Key */
    const char *held_in;  /* name of the system */
    const char *body;     /* JSON: what it is to do */
    kept_ms at;           /* now */
};
/* POST of the body to its system, with Kept-Signature: t=SECONDS,v1=HEX, the HMAC-SHA-256 of "SECONDS.BODY" under the secret.
 * answer (empty before): what it said, at most KEPT_POST_MAX_ANSWER bytes; for the caller alone. REFUSED is said of an
 * answer of 400 to 499, too, that may be mended there: an order is never given up. As kept_post_send. */
struct kept_buf;
enum kept_posted kept_post_order(struct kept_post *post, const struct kept_post_order *order, struct kept_buf *answer,
                                 char ret_receipt[KEPT_POST_RECEIPT]);

#endif
