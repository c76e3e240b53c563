/* client.h - the other side of STORE/kept.sock: the command line, one question after the other, blocking. */
#ifndef KEPT_SERVER_CLIENT_H
#define KEPT_SERVER_CLIENT_H

#include <sys/types.h>

#include "base/buf.h"
#include "wire/wire.h"

struct kept_client;

/* KEPT_E_NOTFOUND: nobody serves this store; KEPT_E_DENIED: somebody who is not our user; KEPT_E_IO,
 * KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_client_open(const char *store, struct kept_client **ret_client, struct kept_err *err);
void kept_client_close(struct kept_client *client); /* NULL is a no-op */
pid_t kept_client_pid(const struct kept_client *client); /* who serves */

/* As kept_call, but that the reply is freed with kept_wire_reply_free, and its names live as long as it does.
 * KEPT_E_IO also: the connection ended, and nobody knows whether it was done; KEPT_E_FORMAT: another version
 * of kept serves. */
KEPT_MUST_USE int kept_client_call(struct kept_client *client, const struct kept_request *request,
                                   struct kept_reply **ret_reply, struct kept_err *err);

/* A document, appended to out. The error is that of whoever answers. */
KEPT_MUST_USE int kept_client_ask(struct kept_client *client, const struct kept_wire_ask *ask,
                                  struct kept_buf *out, struct kept_err *err);

#endif
