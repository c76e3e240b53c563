/* tls.c - what this room takes from OpenSSL: certificates, digests, random bytes. */
#include "http/tls.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/clock.h"
#include "base/error.h"

int kept_http_random(void *p, size_t n)
{
    return n <= 64 && RAND_bytes(p, (int)n) == 1 ? 0 : KEPT_E_CRYPTO;
}

int kept_http_digest(const struct kept_span *parts, size_t count, uint8_t ret_digest[KEPT_HTTP_DIGEST])
{
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    bool ok = c != NULL && EVP_DigestInit_ex(c, EVP_sha256(), NULL) == 1;
    for (size_t i = 0; ok && i < count; i++)
        ok = EVP_DigestUpdate(c, parts[i].p, parts[i].n) == 1;
    ok = ok && EVP_DigestFinal_ex(c, ret_digest, NULL) == 1;
    EVP_MD_CTX_free(c);
    return ok ? 0 : KEPT_E_NOMEM;
}

/* ---- a certificate of our own ---- */

static bool add_names(X509 *x)
{
    X509V3_CTX c;
    X509V3_set_ctx(&c, x, x, NULL, NULL, 0);
    X509_EXTENSION *names = X509V3_EXT_conf_nid(NULL, &c, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1");
    X509_EXTENSION *basic = X509V3_EXT_conf_nid(NULL, &c, NID_basic_constraints, "critical,CA:FALSE");
    bool ok = names != NULL && basic != NULL && X509_add_ext(x, names, -1) == 1 && X509_add_ext(x, basic, -1) == 1;
    X509_EXTENSION_free(names);
    X509_EXTENSION_free(basic);
    return ok;
}

static bool fill(X509 *x, EVP_PKEY *key)
{
    uint64_t serial = 0;
    X509_NAME *name = X509_get_subject_name(x);
    return kept_http_random(&serial, sizeof serial) == 0 && X509_set_version(x, 2) == 1 &&
           ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), serial >> 1) == 1 &&
           X509_gmtime_adj(X509_getm_notBefore(x), -86400) != NULL &&
           X509_gmtime_adj(X509_getm_notAfter(x), 397L * 86400) != NULL && X509_set_pubkey(x, key) == 1 &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost", -1, -1, 0) == 1 &&
           X509_set_issuer_name(x, name) == 1 && add_names(x) && X509_sign(x, key, EVP_sha256()) > 0;
}

static bool use_own(SSL_CTX *tls)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x = X509_new();
    bool ok = key != NULL && x != NULL && fill(x, key) && SSL_CTX_use_certificate(tls, x) == 1 &&
              SSL_CTX_use_PrivateKey(tls, key) == 1;
    X509_free(x);
    EVP_PKEY_free(key);
    return ok;
}

/* ---- or somebody's ---- */

static int use_files(SSL_CTX *tls, const struct kept_http_options *o, struct kept_err *err)
{
    if (o->certificate == NULL || o->key == NULL)
        return kept_fail(err, KEPT_E_USAGE, "a certificate and its key come together: name both files, or none");
    if (SSL_CTX_use_certificate_chain_file(tls, o->certificate) != 1)
        return kept_fail(err, KEPT_E_USAGE, "%.160s holds no certificate in PEM that can be read", o->certificate);
    if (SSL_CTX_use_PrivateKey_file(tls, o->key, SSL_FILETYPE_PEM) != 1)
        return kept_fail(err, KEPT_E_USAGE, "%.160s holds no key in PEM that can be read, or another certificate's", o->key);
    if (SSL_CTX_check_private_key(tls) != 1)
        return kept_fail(err, KEPT_E_USAGE, "%.160s is not the key of the certificate", o->key);
    return 0;
}

/* Nobody is asked for a passphrase on a terminal that may not be there. */
static int no_passphrase(char *out, /* NOLINT(readability-non-const-parameter): OpenSSL's type */
                         int size, int writing, void *arg)
{
    (void)out;
    (void)size;
    (void)writing;
    (void)arg;
    return 0;
}

int kept_http_tls_new(const struct kept_http_options *options, SSL_CTX **ret_tls, struct kept_err *err)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    int rc = 0;
    if (tls == NULL || SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION) != 1)
        rc = kept_fail(err, KEPT_E_NOMEM, "no memory for TLS");
    if (rc == 0) {
        (void)SSL_CTX_set_options(tls, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                           SSL_OP_PRIORITIZE_CHACHA);
        (void)SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS);
        SSL_CTX_set_default_passwd_cb(tls, no_passphrase);
        if (options->certificate != NULL || options->key != NULL)
            rc = use_files(tls, options, err);
        else if (!use_own(tls))
            rc = kept_fail(err, KEPT_E_CRYPTO, "no certificate could be made");
    }
    ERR_clear_error();
    if (rc != 0) {
        SSL_CTX_free(tls);
        return rc;
    }
    *ret_tls = tls;
    return 0;
}

/* ---- a client's ---- */

static int any_certificate(X509_STORE_CTX *chain, void *arg)
{
    (void)chain;
    (void)arg;
    return 1;
}

void kept_http_tls_ask(SSL_CTX *tls, void (*done)(const SSL *tls, int where, int ret))
{
    static const unsigned char context[] = "kept"; /* without one OpenSSL refuses to resume */
    SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_cert_verify_callback(tls, any_certificate, NULL);
    (void)SSL_CTX_set_session_id_context(tls, context, sizeof context - 1);
    SSL_CTX_set_info_callback(tls, done);
}

static bool sha256_of(const X509 *x, uint8_t ret_sha256[KEPT_HTTP_DIGEST])
{
    unsigned n = 0;
    return X509_digest(x, EVP_sha256(), ret_sha256, &n) == 1 && n == KEPT_HTTP_DIGEST;
}

bool kept_http_tls_shown(const SSL *tls, uint8_t ret_sha256[KEPT_HTTP_DIGEST])
{
    const X509 *x = SSL_get0_peer_certificate(tls);
    return x != NULL && sha256_of(x, ret_sha256);
}

int kept_http_certificate(const char *path, uint8_t ret_sha256[32], kept_ms *ret_until, struct kept_err *err)
{
    BIO *file = BIO_new_file(path, "r");
    X509 *x = file != NULL ? PEM_read_bio_X509(file, NULL, no_passphrase, NULL) : NULL;
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    int days = 0, seconds = 0, rc = 0;
    if (x == NULL || epoch == NULL || ASN1_TIME_diff(&days, &seconds, epoch, X509_get0_notAfter(x)) != 1 ||
        !sha256_of(x, ret_sha256))
        rc = kept_fail(err, KEPT_E_USAGE, "%.160s holds no certificate in PEM that can be read", path);
    *ret_until = ((kept_ms)days * 86400 + seconds) * KEPT_SECOND;
    if (*ret_until <= 0)
        *ret_until = 1; /* 0 would be never */
    ASN1_TIME_free(epoch);
    X509_free(x);
    BIO_free_all(file);
    ERR_clear_error();
    return rc;
}

void kept_http_tls_free(SSL_CTX *tls)
{
    SSL_CTX_free(tls);
}
