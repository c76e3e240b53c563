/* fuzz_body.c - the body of every route, as JSON: any bytes become requests whose messages decode to the same, or an
 * error that says something and repeats nothing. The first byte says which route. */
#include "fuzz.h"
#include "http/http_int.h"
#include "wire/wire.h"

static void decodes(const struct kept_http_maker *maker)
{
    struct kept_buf out;
    struct kept_wire_head head;
    struct kept_wire_calls calls;
    struct kept_wire_request request = {.fields = NULL};
    kept_buf_init_secret(&out, KEPT_WIRE_MAX);
    kept_wire_call(&out, 7, NULL, maker->requests, maker->count);
    if (out.failed == 0) {
        FUZZ_MUST(kept_wire_peek(kept_buf_span(&out), &head) == 1 && head.kind == KEPT_WIRE_CALL && head.id == 7);
        FUZZ_MUST(kept_wire_calls_begin(kept_wire_body(kept_buf_span(&out), &head), &calls) == 0);
        for (size_t i = 0; i < maker->count; i++) {
            FUZZ_MUST(kept_wire_calls_next(&calls, &request) == 1);
            FUZZ_MUST(request.request.op == maker->requests[i].op && request.request.op != KEPT_OP_NONE);
            FUZZ_MUST(request.request.field_count == maker->requests[i].field_count);
        }
        FUZZ_MUST(kept_wire_calls_next(&calls, &request) == 0);
    }
    kept_wire_request_release(&request);
    kept_buf_release(&out);
}

void fuzz_body(const uint8_t *p, size_t n)
{
    static struct kept_http_table table;
    static struct kept_http_target target;
    struct kept_http_maker maker;
    struct kept_err err = {.code = 0};
    struct fuzz f = fuzz_of(p, n);
    if (table.node_count == 0)
        kept_http_table_make(&table);
    size_t route = fuzz_u8(&f) % kept_http_route_count;
    struct kept_http_match match = {.route = &kept_http_routes[route], .plan = &table.plans[route]};
    struct kept_span body = fuzz_rest(&f);
    target.piece_count = target.pair_count = 0;
    kept_http_maker_init(&maker);
    int rc = kept_http_make(&maker, &table, &match, &target, body, &err);
    FUZZ_MUST(rc == 0 || rc == KEPT_E_USAGE || rc == KEPT_E_LIMIT);
    FUZZ_MUST(rc == 0 || err.text[0] != 0);
    if (rc == 0 && (match.route->does == KEPT_HTTP_CALL || match.route->own == KEPT_HTTP_BATCH))
        decodes(&maker);
    kept_http_maker_release(&maker);
}

void seeds_body(fuzz_give_fn *give)
{
    for (size_t i = 0; i < kept_http_route_count; i++) {
        char text[2048];
        const char *example = kept_http_routes[i].example;
        text[0] = (char)i;
        int n = snprintf(text + 1, sizeof text - 1, "%s", example[0] == '{' ? example : "{}");
        give(text, (size_t)n + 1);
    }
    static const char all[] = "\x00{\"values\": {\"a\": [\"b\", {\"hex\": \"00ff\"}], \"c\": \"\\ud83d\\ude00\"}, \"birth_date\": \"1990-02-28\"}";
    give(all, sizeof all - 1);
}
