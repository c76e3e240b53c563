/* tls.h - what this room takes from OpenSSL: certificates, digests, random bytes. */
#ifndef KEPT_HTTP_TLS_H
#define KEPT_HTTP_TLS_H

#include "http/http_int.h"

struct ssl_ctx_st;
struct ssl_st;

/* TLS 1.2 and 1.3 with the certificate of the options, read now; or with one made for localhost, this process's own.
 * KEPT_E_USAGE: cannot be read, do not fit each other; KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_http_tls_new(const struct kept_http_options *options, struct ssl_ctx_st **ret_tls,
                                    struct kept_err *err);
/* Ask clients for a certificate, any: it is not checked whose it is or who signed it, for a caller is known by its SHA-256; that
 * the client has its key the handshake shows. done: each time one was made or resumed. */
void kept_http_tls_ask(struct ssl_ctx_st *tls, void (*done)(const struct ssl_st *tls, int where, int ret));
/* The certificate that was shown; false: none. */
bool kept_http_tls_shown(const struct ssl_st *tls, uint8_t ret_sha256[KEPT_HTTP_DIGEST]);
void kept_http_tls_free(struct ssl_ctx_st *tls);

#endif
