/* make.h - between make.c, which knows what a request is told, and body.c, which knows JSON. */
#ifndef KEPT_HTTP_MAKE_H
#define KEPT_HTTP_MAKE_H

#include "http/http_int.h"

/* All of the operation begun last: KEPT_E_USAGE says what is wrong, by the member's name. A param is told once. */
KEPT_MUST_USE int kept_http_making_begin(struct kept_http_maker *maker, struct kept_err *err);
/* text is borrowed, and may be cut up. */
KEPT_MUST_USE int kept_http_put_text(struct kept_http_maker *maker, size_t param, char *text, struct kept_err *err);
KEPT_MUST_USE int kept_http_put_number(struct kept_http_maker *maker, size_t param, uint64_t number, struct kept_err *err);
KEPT_MUST_USE int kept_http_put_yes(struct kept_http_maker *maker, size_t param, bool yes, struct kept_err *err);
/* A param of several parts is told, which then follow. */
KEPT_MUST_USE int kept_http_give(struct kept_http_maker *maker, size_t param, struct kept_err *err);
KEPT_MUST_USE int kept_http_add_field(struct kept_http_maker *maker, const char *name, struct kept_span value,
                                      struct kept_err *err);
KEPT_MUST_USE int kept_http_making_end(struct kept_http_maker *maker, const struct kept_http_route *route,
                                       const struct kept_http_plan *plan, struct kept_err *err);

/* The body as JSON into maker->body; its members into the operation begun last; a batch's operations. */
KEPT_MUST_USE int kept_http_body_read(struct kept_http_maker *maker, struct kept_span body, struct kept_err *err);
KEPT_MUST_USE int kept_http_body_members(struct kept_http_maker *maker, struct kept_err *err);
KEPT_MUST_USE int kept_http_body_batch(struct kept_http_maker *maker, const struct kept_http_table *table,
                                       struct kept_err *err);

#endif
