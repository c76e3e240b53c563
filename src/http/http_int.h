/* http_int.h - what the files of this room share. All but loop.c, client.c and tls.c know nothing of sockets. */
#ifndef KEPT_HTTP_HTTP_INT_H
#define KEPT_HTTP_HTTP_INT_H

#include "base/buf.h"
#include "base/limits.h"
#include "http/http.h"
#include "wire/wire.h"

/* ---- the tables: params.def, routes.def (table.c) ---- */

enum kept_http_type {
    KEPT_HTTP_TEXT, KEPT_HTTP_ID, KEPT_HTTP_COUNT, KEPT_HTTP_PLACE, KEPT_HTTP_TIME, KEPT_HTTP_DATE, KEPT_HTTP_YES,
    KEPT_HTTP_FACT, KEPT_HTTP_HASH, KEPT_HTTP_KIND, KEPT_HTTP_HOW, KEPT_HTTP_VOICE, KEPT_HTTP_LEGACY, KEPT_HTTP_ITEMS,
    KEPT_HTTP_VALUES, KEPT_HTTP_REST, KEPT_HTTP_WORD
};
enum kept_http_param_id {
#define PARAM(id, name, type, member, example, about) KEPT_HTTP_P_##id,
#include "http/params.def"
#undef PARAM
    KEPT_HTTP_PARAMS
};
struct kept_http_param {
    const char *name;
    enum kept_http_type type;
    size_t offset; /* in struct kept_http_making */
    uint32_t fact;
    const char *example, *about;
};

enum kept_http_method { KEPT_HTTP_GET, KEPT_HTTP_POST, KEPT_HTTP_PUT, KEPT_HTTP_PATCH, KEPT_HTTP_DELETE, KEPT_HTTP_METHODS };
enum kept_http_does { KEPT_HTTP_CALL, KEPT_HTTP_ASK, KEPT_HTTP_OWN };
enum kept_http_own { KEPT_HTTP_NONE, KEPT_HTTP_BATCH, KEPT_HTTP_PROBLEMS, KEPT_HTTP_OPENAPI, KEPT_HTTP_HEALTH };
enum kept_http_who { KEPT_HTTP_PUBLIC, KEPT_HTTP_CALLER, KEPT_HTTP_ANYBODY };
struct kept_http_route {
    enum kept_http_method method;
    const char *path;
    enum kept_http_does does;
    enum kept_op op;
    enum kept_http_own own;
    const char *ask;
    enum kept_http_who who;
    const char *params, *example, *summary;
};
extern const struct kept_http_param kept_http_params[KEPT_HTTP_PARAMS];
extern const struct kept_http_route kept_http_routes[];
extern const size_t kept_http_route_count;
const char *kept_http_method_name(enum kept_http_method method);
/* KEPT_HTTP_PARAMS: there is none of this name. */
size_t kept_http_param_find(const char *name, size_t n);

/* What a route takes, worked out once: bits of params. */
__extension__ typedef unsigned __int128 kept_http_bits; /* a bit each of what a request can be told */
#define KEPT_HTTP_BIT(param) ((kept_http_bits)1 << (param))
struct kept_http_plan {
    kept_http_bits takes, needs, in_path;
};
#define KEPT_HTTP_MAX_ROUTES 80u
#define KEPT_HTTP_MAX_NODES 128u
struct kept_http_node { /* one piece of a path */
    const char *text;   /* NULL: any; then param says what it is */
    size_t n, param;
    bool rest;          /* any, to the end */
    uint16_t child, next; /* 0: none */
    int16_t routes[KEPT_HTTP_METHODS]; /* -1: none */
};
struct kept_http_table {
    struct kept_http_plan plans[KEPT_HTTP_MAX_ROUTES];
    struct kept_http_node nodes[KEPT_HTTP_MAX_NODES];
    size_t node_count;
};
void kept_http_table_make(struct kept_http_table *table);

/* ---- an address, taken apart (target.c) ---- */

#define KEPT_HTTP_MAX_PIECES 16u
#define KEPT_HTTP_MAX_PAIRS 32u
#define KEPT_HTTP_MAX_CAPTURES 4u
struct kept_http_target {
    char text[KEPT_HTTP_MAX_TARGET + KEPT_HTTP_MAX_PAIRS + 2]; /* decoded, NULs between */
    char *pieces[KEPT_HTTP_MAX_PIECES];
    size_t piece_count;
    const char *names[KEPT_HTTP_MAX_PAIRS];
    char *values[KEPT_HTTP_MAX_PAIRS];
    size_t pair_count;
};
/* Decode path and query. KEPT_E_LIMIT: too long, too many pieces; KEPT_E_USAGE: no path, a broken escape, no UTF-8. */
KEPT_MUST_USE int kept_http_target_read(struct kept_span text, struct kept_http_target *target, struct kept_err *err);

struct kept_http_match {
    bool lines; /* the body is lines of a log, no JSON */
    const struct kept_http_route *route; /* NULL: none of this method */
    const struct kept_http_plan *plan;
    size_t params[KEPT_HTTP_MAX_CAPTURES];
    char *captures[KEPT_HTTP_MAX_CAPTURES];
    size_t count;
    unsigned methods; /* bits: what the path knows */
};
/* method: KEPT_HTTP_METHODS for one that nothing here has. KEPT_E_NOTFOUND: no such path; KEPT_E_DENIED: not with this
 * method. */
KEPT_MUST_USE int kept_http_match(const struct kept_http_table *table, enum kept_http_method method,
                                  struct kept_http_target *target, struct kept_http_match *ret_match);

/* ---- requests of what was sent (make.c, body.c) ---- */

struct kept_http_making { /* one operation on its way from text to kept_request */
    struct kept_request request;
    struct kept_evidence evidence;
    struct kept_guardian guardian;
    struct kept_caller caller;
    uint8_t sha256[32], text_sha256[32];
    const char *name, *version, *as, *in, *tile, *entry;
    kept_http_bits given;
    size_t first, count; /* of maker.fields */
};
struct kept_http_maker { /* its memory is used again from request to request */
    struct kept_http_making *of;
    struct kept_request *requests;
    size_t count, cap, request_cap;
    struct kept_field *fields;
    size_t field_count, field_cap;
    struct kept_buf bytes;  /* secret: values given as hex digits */
    void *body;             /* json_t of the body, which texts are borrowed from */
};
void kept_http_maker_init(struct kept_http_maker *maker);
void kept_http_maker_release(struct kept_http_maker *maker);
/* Forget the request before, and wipe what it held. */
void kept_http_maker_clear(struct kept_http_maker *maker);

/* Allocations of jansson in this process: wiped when they are freed. */
void kept_http_json_wipes(void);

/* One operation, or for BATCH several, of path, query and body; .requests[0 .. count) are ready for the wire, and
 * borrow from target and maker. KEPT_E_USAGE says what is wrong with which member; KEPT_E_LIMIT; KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_http_make(struct kept_http_maker *maker, const struct kept_http_table *table,
                                 const struct kept_http_match *match, const struct kept_http_target *target,
                                 struct kept_span body, struct kept_err *err);
/* Nesting of JSON text, brackets in strings aside; more than max: max + 1. */
size_t kept_http_depth(struct kept_span text, size_t max);
/* ---- answers as JSON (json.c, answer.c, problem.c) ---- */

void kept_http_json_text(struct kept_buf *out, const char *p, size_t n); /* with its quotes */
/* "name":, with a comma where something stands before it. */
void kept_http_json_name(struct kept_buf *out, const char *name);
void kept_http_json_member(struct kept_buf *out, const char *name, const char *text);
void kept_http_json_number(struct kept_buf *out, const char *name, uint64_t number);
void kept_http_json_time(struct kept_buf *out, const char *name, kept_ms at); /* 0: nothing */

/* HTTP status of an error of kept; of a reply. */
unsigned kept_http_status_of(int error);
unsigned kept_http_status(const struct kept_reply *reply, enum kept_op op);
const char *kept_http_status_text(unsigned status);
/* A reply as an object; one that denies or failed as a problem (RFC 9457). */
void kept_http_reply_json(struct kept_buf *out, const struct kept_reply *reply, enum kept_op op, const char *request_id);
/* A problem that is no reply: text is detail. */
void kept_http_problem_json(struct kept_buf *out, unsigned status, const char *name, const char *text,
                            const char *request_id);
void kept_http_problems_json(struct kept_buf *out); /* all reasons, for /v1/problems */
const char *kept_http_remedy(enum kept_reason reason); /* NULL: none */

/* ---- what tls.c lends, which sees the library ---- */

#define KEPT_HTTP_DIGEST 32
/* SHA-256. */
KEPT_MUST_USE int kept_http_digest(const struct kept_span *parts, size_t count, uint8_t ret_digest[KEPT_HTTP_DIGEST]);
KEPT_MUST_USE int kept_http_random(void *p, size_t n);

/* ---- one request (exchange.c) ---- */

#define KEPT_HTTP_COOKIES 4u /* fields of them: HTTP/2 may part what a browser sends */
struct kept_http_asked { /* what came, borrowed; the parts that matter here */
    struct kept_span method, target, key, if_none_match, type;
    struct kept_span authorization; /* of two: nothing */
    size_t authorizations;          /* header fields of that name */
    const uint8_t *certificate;     /* SHA-256 of what the connection showed; NULL: nothing */
    struct kept_span cookies[KEPT_HTTP_COOKIES], origin, host, language; /* of /me; host: as the client names the site */
    bool tls;
    uint8_t *body; /* wiped once it was read */
    size_t body_n;
};
struct kept_http_answer { /* how it goes; what goes is the exchange's .body */
    unsigned status;
    const char *type;     /* a literal, or one of the message that is being heard */
    const char *tag;      /* of a document: ETag; NULL: none */
    const char *location;
    unsigned methods;     /* of 405: bits */
    unsigned retry;       /* seconds; 0: nothing is said */
    const char *cookies[2]; /* Set-Cookie, whole; NULL: none */
    bool page, download;  /* of /me: a page of its own style; a file to be kept */
    bool replayed, open;  /* open: a public document, which may be kept by caches that ask again */
};
#define KEPT_HTTP_REQUEST_ID 33
#define KEPT_HTTP_TAG 80
struct kept_http;
struct kept_http_client;
struct kept_http_me;
struct kept_me_words;
struct kept_http_exchange { /* its memory is used again from request to request */
    struct kept_http *http;
    struct kept_http_client *client; /* whose connection; NULL: nobody's, of a test */
    struct kept_http_me *me;         /* of /me (me.h); NULL: another route */
    void *request;                   /* h2o_req_t; NULL: nobody waits any more */
    const struct kept_http_route *route;
    struct kept_http_exchange *next; /* of those that are free */
    uint32_t slot;                   /* + 1 while the holder has it; 0 */
    bool head, answered;
    uint64_t begun;                  /* ms of the loop */
    char if_none_match[KEPT_HTTP_TAG];
    char id[KEPT_HTTP_REQUEST_ID];
    struct kept_buf body;            /* secret: what is sent */
    uint8_t *ops;                    /* of a batch, each operation */
    size_t op_count;
};
/* NULL: no memory. */
struct kept_http_exchange *kept_http_exchange_new(struct kept_http *http, struct kept_http_client *client, void *request);
/* Begin. Answers at once (kept_http_send), or when the holder has. */
void kept_http_begin(struct kept_http_exchange *x, const struct kept_http_asked *asked);
/* A message of the holder's. */
void kept_http_heard(struct kept_http_exchange *x, const struct kept_wire_head *head, struct kept_span body);
/* x->body is the answer, and goes as *a says; a failed buffer becomes 500. */
void kept_http_answered(struct kept_http_exchange *x, struct kept_http_answer *a);
/* An answer of our own, as a problem. */
void kept_http_refuse_error(struct kept_http_exchange *x, int code, const struct kept_err *err);
void kept_http_refuse(struct kept_http_exchange *x, unsigned status, const char *name, const char *text, unsigned retry);
/* The request has ended, answered or not: what was sent is wiped. */
void kept_http_end(struct kept_http_exchange *x);
/* Of loop.c: out with it; only while x->request is there. */
void kept_http_send(struct kept_http_exchange *x, const struct kept_http_answer *answer);

/* ---- the holder (link.c) ---- */

struct kept_http_slot {
    struct kept_http_exchange *x;    /* NULL: free, or nobody waits any more */
    struct kept_http_client *client; /* who is charged */
    uint32_t turn, next_free;        /* + 1 */
};
struct kept_http_link {
    int fd;
    struct kept_buf out, in; /* secret */
    size_t sent, taken;
    struct kept_http_slot *slots;
    uint32_t first_free, in_flight; /* first_free: + 1 */
    bool gone;               /* the holder: nothing more is answered */
};
KEPT_MUST_USE int kept_http_link_init(struct kept_http_link *link, int fd);
void kept_http_link_release(struct kept_http_link *link);
bool kept_http_link_full(const struct kept_http_link *link); /* or its holder has gone */
bool kept_http_link_hot(const struct kept_http_link *link); /* half full: nobody is accepted */
/* An id for an exchange; not when full. */
uint64_t kept_http_link_take(struct kept_http_link *link, struct kept_http_exchange *x);
/* Nothing was sent after all. */
void kept_http_link_drop(struct kept_http_link *link, struct kept_http_exchange *x);
/* 0: all is written; 1: the holder has to take some first; KEPT_E_IO. */
KEPT_MUST_USE int kept_http_link_flush(struct kept_http_link *link);
/* Read what is there and hand it out. 0, KEPT_E_IO (gone), KEPT_E_FORMAT, KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_http_link_read(struct kept_http_link *link);
/* The holder has gone: every exchange that waits gets 503, and all that come. */
void kept_http_link_fail(struct kept_http_link *link);

/* ---- numbers (metrics.c) ---- */

#define KEPT_HTTP_STEPS 12u
struct kept_http_metrics {
    uint64_t requests[KEPT_HTTP_METHODS + 1], statuses[6]; /* statuses[s]: of s hundred */
    uint64_t of_step[KEPT_HTTP_STEPS + 1], seconds_ms;
    uint64_t accepted, refused, closed_idle, closed_stalled, closed_large, bytes_out, replayed, reloads[2];
    uint64_t connections, waiting; /* now */
};
void kept_http_metrics_time(struct kept_http_metrics *m, uint64_t ms);
void kept_http_metrics_text(const struct kept_http_metrics *m, unsigned worker, struct kept_buf *out);

/* ---- all of it ---- */

struct kept_http {
    const struct kept_http_options *options;
    struct kept_http_table table;
    struct kept_http_maker maker;
    struct kept_http_target target;
    struct kept_http_link link;
    struct kept_http_metrics metrics;
    struct kept_buf openapi;
    struct kept_me_words *words; /* of /me */
    char page_policy[256];       /* and the Content-Security-Policy of its pages */
    struct kept_http_exchange *free; /* to be used again */
    size_t free_count;
    struct kept_clock clock;
    char prefix[17];         /* of request ids */
    uint64_t number;
    uint64_t now;            /* ms of the loop */
};
KEPT_MUST_USE int kept_http_init(struct kept_http *http, const struct kept_http_options *options, int holder_fd);
void kept_http_release(struct kept_http *http);
/* Charge and discharge a connection (client.c). */
void kept_http_client_charge(struct kept_http_client *client, int by);
bool kept_http_client_may(const struct kept_http_client *client);
/* Where it comes from, as a text to count by; NULL: "nowhere". */
#define KEPT_HTTP_SOURCE 33u
void kept_http_client_source(const struct kept_http_client *client, char ret_text[KEPT_HTTP_SOURCE]);

#endif
