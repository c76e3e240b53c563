/* begin.c - what came is judged by its form, and becomes a message to the holder of keys. */
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "http/http_int.h"
#include "http/me.h"

static bool same(struct kept_span a, const char *text)
{
    return a.n == strlen(text) && kept_bytes_equal(a.p, text, a.n);
}

static enum kept_http_method method_of(struct kept_http_exchange *x, struct kept_span method)
{
    unsigned i = 0;
    x->head = same(method, "HEAD");
    if (x->head)
        return KEPT_HTTP_GET;
    while (i < KEPT_HTTP_METHODS && !same(method, kept_http_method_name((enum kept_http_method)i)))
        i++;
    return (enum kept_http_method)i;
}

/* "Bearer TOKEN": the token, of the characters that RFC 6750 allows. */
static bool token_of(struct kept_span authorization, struct kept_credential *ret_credential)
{
    static const char scheme[] = "bearer ";
    size_t n = sizeof scheme - 1;
    if (authorization.n <= n || authorization.n > n + KEPT_HTTP_MAX_SECRET)
        return false;
    for (size_t i = 0; i < n; i++)
        if ((authorization.p[i] | 0x20) != scheme[i])
            return false;
    for (size_t i = n; i < authorization.n; i++) {
        uint8_t c = authorization.p[i];
        if (c <= 0x20 || c > 0x7e || c == ',' || c == '"')
            return false;
    }
    *ret_credential = (struct kept_credential){.kind = KEPT_CREDENTIAL_TOKEN,
                                               .secret = {authorization.p + n, authorization.n - n}};
    return true;
}

/* What is shown by this request, else by its connection: a header that is no token does not become another's. Where
 * anybody may ask, nothing says who does. */
static bool credential_of(const struct kept_http_route *route, const struct kept_http_asked *asked,
                          struct kept_credential *ret_credential)
{
    if (route->who == KEPT_HTTP_PUBLIC)
        return true;
    if (asked->authorizations > 0)
        return token_of(asked->authorization, ret_credential);
    if (asked->certificate != NULL)
        *ret_credential = (struct kept_credential){.kind = KEPT_CREDENTIAL_CERTIFICATE,
                                                    .secret = {asked->certificate, KEPT_HTTP_DIGEST}};
    return asked->certificate != NULL || route->who == KEPT_HTTP_ANYBODY;
}

/* The media type, perhaps with parameters. */
static bool is_type(struct kept_span type, const char *want)
{
    size_t n = strlen(want);
    if (type.n < n || (type.n > n && type.p[n] != ';' && type.p[n] != ' '))
        return false;
    for (size_t i = 0; i < n; i++)
        if ((type.p[i] | (want[i] >= 'a' && want[i] <= 'z' ? 0x20 : 0)) != want[i])
            return false;
    return true;
}

/* Lines of a log may be the body itself. */
static bool is_lines(const struct kept_http_route *route, struct kept_span type)
{
    return route->op == KEPT_OP_LOG_TAKE && (is_type(type, "text/plain") || is_type(type, "application/x-ndjson"));
}

/* A quoted tag without its quotes; W/ is as good, of a GET. */
static void note_tag(struct kept_http_exchange *x, struct kept_span tag)
{
    if (tag.n > 2 && tag.p[0] == 'W' && tag.p[1] == '/')
        tag = (struct kept_span){tag.p + 2, tag.n - 2};
    if (tag.n < 2 || tag.n - 2 >= sizeof x->if_none_match || tag.p[0] != '"' || tag.p[tag.n - 1] != '"')
        return;
    memcpy(x->if_none_match, tag.p + 1, tag.n - 2);
    x->if_none_match[tag.n - 2] = 0;
}

/* ---- keys ---- */

/* By which it is known when it comes again: who asks for what with which key; and whether it says the same. */
static int key_of(const struct kept_http_asked *asked, const struct kept_credential *who, struct kept_wire_key *ret_key)
{
    const uint8_t kind = (uint8_t)who->kind;
    const struct kept_span gap = {(const uint8_t *)"", 1};
    const struct kept_span parts[] = {{&kind, 1}, who->secret, gap, asked->method, gap, asked->target, gap, asked->key};
    int rc = kept_http_digest(parts, sizeof parts / sizeof parts[0], ret_key->name);
    return rc == 0 ? kept_http_digest(&(struct kept_span){asked->body, asked->body_n}, 1, ret_key->body) : rc;
}

/* ---- the message ---- */

static void put_ask(struct kept_http_exchange *x, uint64_t id, const struct kept_credential *who)
{
    const struct kept_http_making *m = &x->http->maker.of[0];
    struct kept_wire_ask ask = {.what = x->route->ask};
    for (size_t i = 0; i < KEPT_HTTP_PARAMS; i++) {
        const struct kept_http_param *p = &kept_http_params[i];
        if ((m->given & KEPT_HTTP_BIT(i)) == 0 || (p->type != KEPT_HTTP_WORD && p->type != KEPT_HTTP_REST))
            continue;
        ask.keys[ask.count] = p->name;
        ask.values[ask.count++] = *(const char *const *)(const void *)((const char *)m + p->offset);
    }
    kept_wire_question(&x->http->link.out, id, who, &ask);
}

/* key: NULL: it has none. */
static int put_message(struct kept_http_exchange *x, const struct kept_credential *who, const struct kept_wire_key *key,
                       struct kept_err *err)
{
    struct kept_http *http = x->http;
    struct kept_http_maker *maker = &http->maker;
    if (x->route->own == KEPT_HTTP_BATCH) {
        x->ops = kept_alloc(maker->count, 1);
        if (x->ops == NULL)
            return kept_fail(err, KEPT_E_NOMEM, "no memory");
        x->op_count = maker->count;
        for (size_t i = 0; i < maker->count; i++)
            x->ops[i] = (uint8_t)maker->requests[i].op;
    }
    char source[KEPT_HTTP_SOURCE];
    if (who->kind == KEPT_CREDENTIAL_NONE && x->route->does == KEPT_HTTP_CALL) {
        kept_http_client_source(x->client, source); /* whatever they say of it */
        maker->requests[0].source = source;
    }
    uint64_t id = kept_http_link_take(&http->link, x);
    if (x->route->does == KEPT_HTTP_ASK)
        put_ask(x, id, who);
    else if (key != NULL)
        kept_wire_keyed(&http->link.out, id, key, who, maker->requests, maker->count);
    else
        kept_wire_call(&http->link.out, id, who, maker->requests, maker->count);
    int rc = http->link.out.failed;
    if (rc == 0)
        return 0;
    http->link.out.failed = 0;
    kept_http_link_drop(&http->link, x);
    return kept_fail(err, rc, "the request is too large, or there is no memory for it");
}

static void pass_on(struct kept_http_exchange *x, const struct kept_http_asked *asked, const struct kept_http_match *match,
                    const struct kept_credential *who)
{
    struct kept_http *http = x->http;
    struct kept_err err = {.code = 0};
    if (kept_http_link_full(&http->link)) {
        kept_http_refuse(x, 503, "busy", http->link.gone ? "the holder of keys has gone; nothing was done"
                                                             : "more requests wait than KEPT_HTTP_IN_FLIGHT or KEPT_HTTP_MAX_QUEUED allow", 1);
        return;
    }
    if (x->client != NULL && !kept_http_client_may(x->client)) {
        kept_http_refuse(x, 429, "limit", "this connection has too many requests under way", 1);
        return;
    }
    /* Without a credential the answer would be for whoever guesses the key. */
    const bool keyed = asked->key.n > 0 && x->route->method != KEPT_HTTP_GET && who->kind != KEPT_CREDENTIAL_NONE;
    if (asked->key.n > KEPT_HTTP_MAX_KEY) {
        kept_http_refuse(x, 400, "key", "an Idempotency-Key has at most 128 bytes", 0);
        return;
    }
    struct kept_wire_key key;
    int rc = keyed ? key_of(asked, who, &key) : 0;
    if (rc == 0)
        rc = kept_http_make(&http->maker, &http->table, match, &http->target, (struct kept_span){asked->body, asked->body_n}, &err);
    if (rc == 0)
        rc = put_message(x, who, keyed ? &key : NULL, &err);
    kept_http_maker_clear(&http->maker);
    kept_wipe(asked->body, asked->body_n);
    if (rc != 0)
        kept_http_refuse_error(x, rc, &err);
}

/* ---- what this room answers itself ---- */

static void own(struct kept_http_exchange *x)
{
    struct kept_http_answer a = {.status = 200, .type = "application/json", .open = true};
    switch (x->route->own) {
    case KEPT_HTTP_OPENAPI:
        kept_buf_bytes(&x->body, x->http->openapi.p, x->http->openapi.n);
        break;
    case KEPT_HTTP_PROBLEMS:
        kept_http_problems_json(&x->body);
        break;
    case KEPT_HTTP_HEALTH:
        a.open = false;
        kept_buf_text(&x->body, "{\"alive\":true}");
        break;
    case KEPT_HTTP_BATCH:
    case KEPT_HTTP_NONE:
        break;
    }
    kept_http_answered(x, &a);
}

void kept_http_begin(struct kept_http_exchange *x, const struct kept_http_asked *asked)
{
    struct kept_http *http = x->http;
    struct kept_err err = {.code = 0};
    struct kept_http_match match = {.route = NULL};
    struct kept_credential who = {.kind = KEPT_CREDENTIAL_NONE};
    enum kept_http_method method = method_of(x, asked->method);
    http->metrics.requests[method]++;
    if (kept_http_me_is(asked->target)) {
        kept_http_me_begin(x, asked);
        return;
    }
    int rc = kept_http_target_read(asked->target, &http->target, &err);
    if (rc == 0)
        rc = kept_http_match(&http->table, method, &http->target, &match);
    x->route = match.route;
    if (rc == KEPT_E_NOTFOUND) {
        kept_http_refuse(x, 404, "notfound", "there is nothing at this address: GET /v1/openapi.json says what there is", 0);
    } else if (rc == KEPT_E_DENIED) {
        struct kept_http_answer a = {.status = 405, .type = "application/problem+json", .methods = match.methods};
        kept_http_problem_json(&x->body, 405, "method", "this address does not know the method: see Allow", x->id);
        kept_http_answered(x, &a);
    } else if (rc != 0) {
        kept_http_refuse(x, rc == KEPT_E_LIMIT ? 414 : 400, kept_error_name(rc), err.text, 0);
    } else if (asked->body_n > 0 && (x->route->method == KEPT_HTTP_GET || x->route->does == KEPT_HTTP_ASK)) {
        kept_http_refuse(x, 400, "usage", "a GET has no body", 0);
    } else if (asked->body_n > 0 && !is_type(asked->type, "application/json") &&
               !is_lines(x->route, asked->type)) {
        kept_http_refuse(x, 415, "usage", "the body is JSON: say Content-Type: application/json", 0);
    } else if (asked->body_n > KEPT_HTTP_MAX_BODY) {
        kept_http_refuse(x, 413, "limit", "a body has at most 2097152 bytes", 0);
    } else if (!credential_of(x->route, asked, &who)) {
        kept_http_refuse(x, 401, "credential", "say who you are: Authorization: Bearer TOKEN, or the certificate of a caller", 0);
    } else if (x->route->does == KEPT_HTTP_OWN && x->route->own != KEPT_HTTP_BATCH) {
        own(x);
    } else {
        match.lines = asked->body_n > 0 && is_lines(x->route, asked->type);
        note_tag(x, asked->if_none_match);
        pass_on(x, asked, &match, &who);
    }
}
