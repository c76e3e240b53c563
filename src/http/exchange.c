/* exchange.c - one request, from what came to what goes; between them the holder of keys. */
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "http/http_int.h"
#include "http/me.h"

#define KEEP_BYTES 65536u /* a larger body's memory is not kept for the next */
#define KEEP_FREE 4096u
static const char problem[] = "application/problem+json", json[] = "application/json";

/* ---- their memory ---- */

int kept_http_init(struct kept_http *http, const struct kept_http_options *options, int holder_fd)
{
    uint8_t seed[8] = {0};
    *http = (struct kept_http){.options = options, .clock = kept_clock_system()};
    kept_http_table_make(&http->table);
    kept_http_maker_init(&http->maker);
    kept_buf_init(&http->openapi, KEPT_HTTP_MAX_ANSWER);
    int rc = kept_http_link_init(&http->link, holder_fd);
    if (rc == 0)
        rc = kept_http_openapi(&http->openapi);
    if (rc == 0)
        rc = kept_http_me_init(http);
    if (rc == 0)
        rc = kept_http_random(seed, sizeof seed);
    kept_hex(seed, sizeof seed, http->prefix);
    return rc;
}

void kept_http_release(struct kept_http *http)
{
    while (http->free != NULL) {
        struct kept_http_exchange *x = http->free;
        http->free = x->next;
        kept_buf_release(&x->body);
        kept_free(x);
    }
    kept_http_me_release(http);
    kept_http_link_release(&http->link);
    kept_http_maker_release(&http->maker);
    kept_buf_release(&http->openapi);
}

static void name_it(struct kept_http_exchange *x)
{
    uint8_t number[8];
    kept_put_be64(number, x->http->number++);
    memcpy(x->id, x->http->prefix, 16);
    kept_hex(number, sizeof number, x->id + 16);
}

struct kept_http_exchange *kept_http_exchange_new(struct kept_http *http, struct kept_http_client *client, void *request)
{
    struct kept_http_exchange *x = http->free;
    if (x != NULL) {
        http->free = x->next;
        http->free_count--;
    } else if ((x = kept_alloc(1, sizeof *x)) != NULL) {
        kept_buf_init_secret(&x->body, KEPT_HTTP_MAX_ANSWER);
    } else {
        return NULL;
    }
    struct kept_buf body = x->body;
    *x = (struct kept_http_exchange){.http = http, .client = client, .request = request, .begun = http->now, .body = body};
    name_it(x);
    return x;
}

static void put_back(struct kept_http_exchange *x)
{
    struct kept_http *http = x->http;
    kept_free(x->ops);
    kept_http_me_free(x->me);
    x->me = NULL;
    if (http->free_count >= KEEP_FREE) {
        kept_buf_release(&x->body);
        kept_free(x);
        return;
    }
    if (x->body.cap > KEEP_BYTES)
        kept_buf_release(&x->body);
    else if (x->body.n > 0)
        kept_buf_clear(&x->body);
    x->next = http->free;
    http->free = x;
    http->free_count++;
}

void kept_http_end(struct kept_http_exchange *x)
{
    x->request = NULL;
    x->client = NULL;
    if (x->answered)
        kept_http_metrics_time(&x->http->metrics, x->http->now - x->begun);
    if (x->slot != 0)
        x->http->link.slots[x->slot - 1].x = NULL;
    put_back(x);
}

/* ---- answers ---- */

void kept_http_answered(struct kept_http_exchange *x, struct kept_http_answer *a)
{
    if (x->body.failed != 0) {
        kept_buf_release(&x->body);
        *a = (struct kept_http_answer){.status = 500, .type = problem};
        kept_http_problem_json(&x->body, 500, "limit", "the answer is too large for memory: ask for less", x->id);
    }
    x->http->metrics.statuses[a->status / 100]++;
    x->answered = true;
    if (x->request != NULL)
        kept_http_send(x, a);
    else
        put_back(x);
}

void kept_http_refuse(struct kept_http_exchange *x, unsigned status, const char *name, const char *text, unsigned retry)
{
    struct kept_http_answer a = {.status = status, .type = problem, .retry = retry};
    if (x->me != NULL) {
        kept_http_me_refuse(x, status, retry);
        return;
    }
    kept_http_problem_json(&x->body, status, name, text, x->id);
    kept_http_answered(x, &a);
}

void kept_http_refuse_error(struct kept_http_exchange *x, int code, const struct kept_err *err)
{
    kept_http_refuse(x, kept_http_status_of(code), kept_error_name(code), err->text, 0);
}

/* ---- what the holder says ---- */

static void heard_batch(struct kept_http_exchange *x, struct kept_wire_answers *answers, bool again)
{
    struct kept_http_answer a = {.status = 200, .type = json, .replayed = again};
    struct kept_reply *reply = NULL;
    int rc = 1;
    kept_buf_text(&x->body, "{\"replies\":[");
    for (size_t i = 0; i < x->op_count && rc == 1; i++) {
        rc = kept_wire_answers_next(answers, &reply);
        if (rc != 1)
            break;
        kept_buf_text(&x->body, i > 0 ? ",{" : "{");
        kept_http_json_number(&x->body, "status", kept_http_status(reply, (enum kept_op)x->ops[i]));
        kept_http_json_name(&x->body, "reply");
        kept_http_reply_json(&x->body, reply, (enum kept_op)x->ops[i], NULL);
        kept_buf_u8(&x->body, '}');
        kept_wire_reply_free(reply);
    }
    kept_buf_text(&x->body, "]}");
    if (rc != 1) {
        kept_buf_clear(&x->body);
        kept_http_refuse(x, 500, "format", "the holder of keys answered something else", 0);
        return;
    }
    kept_http_answered(x, &a);
}

/* again: it was answered before. */
static void heard_answer(struct kept_http_exchange *x, struct kept_span body, bool again)
{
    struct kept_wire_answers answers;
    struct kept_reply *reply = NULL;
    char location[64], hex[33];
    int rc = kept_wire_answers_begin(body, &answers);
    if (rc == 0 && x->route->own == KEPT_HTTP_BATCH) {
        heard_batch(x, &answers, again);
        return;
    }
    if (rc == 0)
        rc = kept_wire_answers_next(&answers, &reply);
    if (rc != 1) {
        kept_http_refuse(x, 500, "format", "the holder of keys answered something else", 0);
        return;
    }
    struct kept_http_answer a = {.status = kept_http_status(reply, x->route->op), .replayed = again};
    a.type = a.status >= 400 ? problem : json;
    a.retry = a.status == 503 ? 1 : 0;
    if (a.status == 201) {
        kept_id_hex(&reply->subject, hex);
        (void)snprintf(location, sizeof location, "/v1/subjects/%s", hex);
        a.location = location;
    }
    kept_http_reply_json(&x->body, reply, x->route->op, x->id);
    kept_wire_reply_free(reply);
    kept_http_answered(x, &a);
}

static bool is_metrics(const struct kept_http_exchange *x)
{
    return x->route->ask != NULL && strcmp(x->route->ask, "metrics") == 0;
}

/* Our numbers, and the holder's behind them. */
static void put_metrics(struct kept_http_exchange *x)
{
    x->http->metrics.waiting = x->http->link.in_flight;
    kept_http_metrics_text(&x->http->metrics, x->http->options->worker, &x->body);
}

static void heard_document(struct kept_http_exchange *x, struct kept_span body)
{
    struct kept_wire_document d;
    struct kept_http_answer a = {.status = 200, .open = x->route->who == KEPT_HTTP_PUBLIC};
    if (kept_wire_document_read(body, &d) != 0) {
        kept_http_refuse(x, 500, "format", "the holder of keys answered something else", 0);
        return;
    }
    if (d.error != 0 && !is_metrics(x)) {
        unsigned status = kept_http_status_of(d.error);
        kept_http_refuse(x, status, kept_error_name(d.error), d.text != NULL && d.text[0] != 0 ? d.text : kept_error_text(d.error),
                         status == 503 ? 1 : 0);
        return;
    }
    if (is_metrics(x))
        put_metrics(x);
    a.type = is_metrics(x) ? "text/plain; version=0.0.4; charset=utf-8" : d.type != NULL ? d.type : "application/octet-stream";
    a.tag = d.tag != NULL && d.tag[0] != 0 && strlen(d.tag) < KEPT_HTTP_TAG - 2 ? d.tag : NULL;
    if (a.tag != NULL && strcmp(a.tag, x->if_none_match) == 0)
        a.status = 304;
    else if (d.error == 0)
        kept_buf_bytes(&x->body, d.bytes.p, d.bytes.n);
    kept_http_answered(x, &a);
}

static void heard_fault(struct kept_http_exchange *x, struct kept_span body)
{
    const char *text = NULL;
    int error = KEPT_E_BUG;
    if (kept_wire_fault_read(body, &error, &text) != 0)
        text = "the holder of keys answered something else";
    /* The whole message was refused: it is the credential that was. */
    if (error == KEPT_E_DENIED && x->route->who != KEPT_HTTP_PUBLIC)
        kept_http_refuse(x, 401, "credential", "the credential is not one that is known, or no longer", 0);
    else
        kept_http_refuse(x, kept_http_status_of(error), kept_error_name(error), text != NULL ? text : kept_error_text(error),
                         error == KEPT_E_BUSY ? 1 : 0);
}

/* The key was there before. */
static void heard_again(struct kept_http_exchange *x, struct kept_span body)
{
    enum kept_wire_again state = KEPT_AGAIN_ANSWERED;
    struct kept_span answer;
    if (kept_wire_again_read(body, &state, &answer) != 0) {
        kept_http_refuse(x, 500, "format", "the holder of keys answered something else", 0);
    } else if (state == KEPT_AGAIN_OTHER) {
        kept_http_refuse(x, 422, "key", "this Idempotency-Key came with another body before", 0);
    } else if (state == KEPT_AGAIN_UNDER_WAY) {
        kept_http_refuse(x, 409, "key", "a request with this Idempotency-Key is under way", 1);
    } else if (state == KEPT_AGAIN_LARGE) {
        kept_http_refuse(x, 409, "key", "it was done before; the answer was too large to be given again", 0);
    } else {
        x->http->metrics.replayed++;
        heard_answer(x, answer, true);
    }
}

void kept_http_heard(struct kept_http_exchange *x, const struct kept_wire_head *head, struct kept_span body)
{
    if (x->me != NULL) {
        kept_http_me_heard(x, head, body);
        return;
    }
    bool asked = x->route->does == KEPT_HTTP_ASK;
    if (head->kind == KEPT_WIRE_FAULT)
        heard_fault(x, body);
    else if (head->kind == KEPT_WIRE_DOCUMENT && asked)
        heard_document(x, body);
    else if (head->kind == KEPT_WIRE_ANSWER && !asked)
        heard_answer(x, body, false);
    else if (head->kind == KEPT_WIRE_AGAIN && !asked)
        heard_again(x, body);
    else
        kept_http_refuse(x, 500, "format", "the holder of keys answered something else", 0);
}
