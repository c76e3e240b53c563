/* table.c - what is served, as it is looked up: params.def and routes.def, and a tree of the paths' pieces. */
#include <stddef.h>
#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "http/http_int.h"

#define OF_FACT(member) .fact = (uint32_t)(member)
#define OF_MEMBER(member) .offset = offsetof(struct kept_http_making, member)
#define OF_TEXT OF_MEMBER
#define OF_ID OF_MEMBER
#define OF_COUNT OF_MEMBER
#define OF_PLACE OF_MEMBER
#define OF_TIME OF_MEMBER
#define OF_DATE OF_MEMBER
#define OF_YES OF_MEMBER
#define OF_HASH OF_MEMBER
#define OF_KIND OF_MEMBER
#define OF_HOW OF_MEMBER
#define OF_VOICE OF_MEMBER
#define OF_LEGACY OF_MEMBER
#define OF_ITEMS OF_MEMBER
#define OF_VALUES OF_MEMBER
#define OF_REST OF_MEMBER
#define OF_WORD OF_MEMBER
const struct kept_http_param kept_http_params[KEPT_HTTP_PARAMS] = {
#define PARAM(id, word, kind, where, eg, says) {word, KEPT_HTTP_##kind, OF_##kind(where), .example = (eg), .about = (says)},
#include "http/params.def"
#undef PARAM
};

#define DOES_CALL(what) .does = KEPT_HTTP_CALL, .op = KEPT_OP_##what
#define DOES_ASK(what) .does = KEPT_HTTP_ASK, .ask = what
#define DOES_OWN(what) .does = KEPT_HTTP_OWN, .own = KEPT_HTTP_##what
const struct kept_http_route kept_http_routes[] = {
#define ROUTE(verb, at, how, what, whom, takes, eg, says) \
    {KEPT_HTTP_##verb, at, DOES_##how(what), .who = KEPT_HTTP_##whom, .params = (takes), .example = (eg), .summary = (says)},
#include "http/routes.def"
#undef ROUTE
};
const size_t kept_http_route_count = sizeof kept_http_routes / sizeof kept_http_routes[0];
_Static_assert(sizeof kept_http_routes / sizeof kept_http_routes[0] <= KEPT_HTTP_MAX_ROUTES, "routes");
_Static_assert(KEPT_HTTP_PARAMS <= 128, "a bit each");

const char *kept_http_method_name(enum kept_http_method method)
{
    static const char *const names[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
    return method < KEPT_HTTP_METHODS ? names[method] : "other";
}

size_t kept_http_param_find(const char *name, size_t n)
{
    size_t i = 0;
    while (i < KEPT_HTTP_PARAMS &&
           (strlen(kept_http_params[i].name) != n || !kept_bytes_equal(kept_http_params[i].name, name, n)))
        i++;
    return i;
}

static size_t param_of_table(const char *name, size_t n)
{
    size_t param = kept_http_param_find(name, n);
    KEPT_INVARIANT(param < KEPT_HTTP_PARAMS);
    return param;
}

static void plan_make(const struct kept_http_route *route, struct kept_http_plan *plan)
{
    for (const char *p = route->params; *p != 0;) {
        size_t n = strcspn(p, " !");
        if (n > 0) {
            kept_http_bits bit = KEPT_HTTP_BIT(param_of_table(p, n));
            plan->takes |= bit;
            plan->needs |= p[n] == '!' ? bit : 0;
        }
        p += n + (p[n] != 0);
    }
    for (const char *p = strchr(route->path, '{'); p != NULL; p = strchr(p + 1, '{'))
        plan->in_path |= KEPT_HTTP_BIT(param_of_table(p + 1, strcspn(p + 1, "}")));
    plan->takes |= plan->in_path;
}

/* The child of a node for a piece of a path, made where there is none. Texts come before what takes any. */
static uint16_t child_for(struct kept_http_table *t, uint16_t parent, const char *p, size_t n)
{
    size_t param = p[0] == '{' ? param_of_table(p + 1, n - 2) : 0;
    uint16_t *at = &t->nodes[parent].child;
    for (; *at != 0; at = &t->nodes[*at].next) {
        const struct kept_http_node *have = &t->nodes[*at];
        if (p[0] == '{' ? have->text == NULL && have->param == param
                        : have->text != NULL && have->n == n && kept_bytes_equal(have->text, p, n))
            return *at;
        if (p[0] != '{' && have->text == NULL)
            break;
    }
    KEPT_INVARIANT(t->node_count < KEPT_HTTP_MAX_NODES);
    uint16_t made = (uint16_t)t->node_count++, next = *at;
    *at = made;
    t->nodes[made] = (struct kept_http_node){.text = p[0] == '{' ? NULL : p, .n = n, .param = param, .next = next,
                                             .rest = p[0] == '{' && kept_http_params[param].type == KEPT_HTTP_REST};
    for (size_t m = 0; m < KEPT_HTTP_METHODS; m++)
        t->nodes[made].routes[m] = -1;
    return made;
}

void kept_http_table_make(struct kept_http_table *table)
{
    *table = (struct kept_http_table){.node_count = 1};
    for (size_t i = 0; i < kept_http_route_count; i++) {
        const struct kept_http_route *route = &kept_http_routes[i];
        uint16_t at = 0;
        plan_make(route, &table->plans[i]);
        for (const char *p = route->path + 1;;) {
            size_t n = strcspn(p, "/");
            at = child_for(table, at, p, n);
            if (p[n] == 0)
                break;
            p += n + 1;
        }
        KEPT_INVARIANT(table->nodes[at].routes[route->method] < 0);
        table->nodes[at].routes[route->method] = (int16_t)i;
    }
}

/* Pieces cut apart at NULs become one text again. */
static char *join(struct kept_http_target *target, size_t from)
{
    for (size_t i = from + 1; i < target->piece_count; i++)
        *(target->pieces[i] - 1) = '/';
    return target->pieces[from];
}

static uint16_t step(const struct kept_http_table *t, uint16_t at, const char *piece)
{
    size_t n = strlen(piece);
    for (at = t->nodes[at].child; at != 0; at = t->nodes[at].next) {
        const struct kept_http_node *node = &t->nodes[at];
        if (node->text == NULL ? n > 0 : node->n == n && kept_bytes_equal(node->text, piece, n))
            return at;
    }
    return 0;
}

int kept_http_match(const struct kept_http_table *table, enum kept_http_method method,
                    struct kept_http_target *target, struct kept_http_match *ret_match)
{
    struct kept_http_match m = {.route = NULL};
    uint16_t at = 0;
    for (size_t i = 0; i < target->piece_count; i++) {
        if ((at = step(table, at, target->pieces[i])) == 0)
            return KEPT_E_NOTFOUND;
        const struct kept_http_node *node = &table->nodes[at];
        if (node->text != NULL)
            continue;
        KEPT_INVARIANT(m.count < KEPT_HTTP_MAX_CAPTURES);
        m.params[m.count] = node->param;
        m.captures[m.count++] = node->rest ? join(target, i) : target->pieces[i];
        if (node->rest)
            break;
    }
    for (unsigned i = 0; i < KEPT_HTTP_METHODS; i++)
        m.methods |= table->nodes[at].routes[i] >= 0 ? 1u << i : 0;
    if (at == 0 || m.methods == 0)
        return KEPT_E_NOTFOUND;
    if (method < KEPT_HTTP_METHODS && table->nodes[at].routes[method] >= 0) {
        m.route = &kept_http_routes[table->nodes[at].routes[method]];
        m.plan = &table->plans[table->nodes[at].routes[method]];
    }
    *ret_match = m;
    return m.route != NULL ? 0 : KEPT_E_DENIED;
}
