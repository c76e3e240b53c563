/* fuzz_route.c - methods and addresses: any bytes are decoded inside their bounds and found to be a route, or not; what
 * stands in them is text that ends, and becomes a request or an error. */
#include "base/utf8.h"
#include "fuzz.h"
#include "http/http_int.h"

static void is_text(const struct kept_http_target *t, const char *text)
{
    FUZZ_MUST(text >= t->text && text < t->text + sizeof t->text);
    FUZZ_MUST(memchr(text, 0, (size_t)(t->text + sizeof t->text - text)) != NULL);
    FUZZ_MUST(kept_utf8_valid((struct kept_span){(const uint8_t *)text, strlen(text)}));
}

void fuzz_route(const uint8_t *p, size_t n)
{
    static struct kept_http_table table;
    static struct kept_http_target target;
    struct kept_http_match match = {.route = NULL};
    struct kept_http_maker maker;
    struct kept_err err = {.code = 0};
    struct fuzz f = fuzz_of(p, n);
    if (table.node_count == 0)
        kept_http_table_make(&table);
    enum kept_http_method method = (enum kept_http_method)(fuzz_u8(&f) % (KEPT_HTTP_METHODS + 1));
    struct kept_span text = fuzz_rest(&f);
    int rc = kept_http_target_read(text, &target, &err);
    FUZZ_MUST(rc == 0 || ((rc == KEPT_E_USAGE || rc == KEPT_E_LIMIT) && err.text[0] != 0));
    if (rc != 0)
        return;
    FUZZ_MUST(target.piece_count <= KEPT_HTTP_MAX_PIECES && target.pair_count <= KEPT_HTTP_MAX_PAIRS);
    for (size_t i = 0; i < target.piece_count; i++)
        is_text(&target, target.pieces[i]);
    for (size_t i = 0; i < target.pair_count; i++) {
        is_text(&target, target.names[i]);
        is_text(&target, target.values[i]);
    }
    rc = kept_http_match(&table, method, &target, &match);
    FUZZ_MUST(rc == 0 || rc == KEPT_E_NOTFOUND || rc == KEPT_E_DENIED);
    FUZZ_MUST((rc == 0) == (match.route != NULL) && (rc != 0 || match.route->method == method));
    if (rc != 0)
        return;
    for (size_t i = 0; i < match.count; i++)
        is_text(&target, match.captures[i]);
    kept_http_maker_init(&maker);
    rc = kept_http_make(&maker, &table, &match, &target, (struct kept_span){NULL, 0}, &err);
    FUZZ_MUST(rc == 0 || rc == KEPT_E_USAGE || rc == KEPT_E_LIMIT);
    kept_http_maker_release(&maker);
}

void seeds_route(fuzz_give_fn *give)
{
    for (size_t i = 0; i < kept_http_route_count; i++) {
        char text[512];
        const struct kept_http_route *r = &kept_http_routes[i];
        text[0] = (char)r->method;
        int n = snprintf(text + 1, sizeof text - 1, "%s?%s", r->path, r->example[0] == '{' ? "a=%20+b&&c" : r->example);
        give(text, (size_t)n + 1);
    }
    static const char other[] = "\x00/v1/ledger/app/tile/entries/x001/x234/067.p/12?%c3%a4=%E2%82%AC";
    give(other, sizeof other - 1);
}
