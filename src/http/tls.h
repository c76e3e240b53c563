/* tls.h - what this room takes from OpenSSL: certificates, digests, random bytes. */
#ifndef KEPT_HTTP_TLS_H
#define KEPT_HTTP_TLS_H

#include "http/http.h"

struct ssl_ctx_st;

/* TLS 1.2 and 1.3 with the certificate of the options, read now; or with one made for localhost, this process's own.
 * KEPT_E_USAGE: cannot be read, do not fit each other; KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_http_tls_new(const struct kept_http_options *options, struct ssl_ctx_st **ret_tls,
                                    struct kept_err *err);
void kept_http_tls_free(struct ssl_ctx_st *tls);

#endif
