/* reference_client.h - of the slow decision (reference.h): what stands in the way, and what the client a function
 * is offered on has to say. */
#ifndef KEPT_TESTS_POLICY_REFERENCE_CLIENT_H
#define KEPT_TESTS_POLICY_REFERENCE_CLIENT_H

#include <stdlib.h>
#include <string.h>

#include "policy/policy_int.h"

struct obstacle {
    int step; /* the smaller, the earlier */
    enum kept_reason reason;
    const char *clause;
    int line;
};
struct obstacles {
    struct obstacle rows[64];
    size_t n;
};

static void in_the_way(struct obstacles *o, int step, enum kept_reason reason, const char *clause,
                       int line)
{
    o->rows[o->n++] = (struct obstacle){step, reason, clause, line};
}

/* A version as its numbers; false: it is none. */
static bool ref_numbers(const char *text, unsigned long long ret[16])
{
    size_t n = 0;
    memset(ret, 0, 16 * sizeof *ret);
    for (const char *at = text; at != NULL && n < 16; n++) {
        char *end = NULL;
        if (*at < '0' || *at > '9')
            return false;
        ret[n] = strtoull(at, &end, 10);
        if (*end == 0)
            return true;
        if (*end != '.')
            return false;
        at = end + 1;
    }
    return false;
}

/* -1, 0, 1; 9: one of them is not known. */
static int ref_order(const char *a, const char *b)
{
    unsigned long long x[16], y[16];
    if (!ref_numbers(a, x) || !ref_numbers(b, y))
        return 9;
    for (int i = 0; i < 16; i++)
        if (x[i] != y[i])
            return x[i] < y[i] ? -1 : 1;
    return 0;
}

/* Step 13, before the permissions: the client. What speaks against it first, then what is not known. */
static void ref_client(struct obstacles *o, const struct kept_question *q, const struct function_rule *f)
{
    static const char *const systems[] = {"android", "ios", "harmonyos", "windows", "macos", "linux"};
    static const char *const surfaces[] = {"phone", "tablet", "watch", "pc", "tv", "vr", "car", "web", "cinema"};
    static const struct kept_client none;
    const struct kept_client *c = q->client != NULL ? q->client : &none;
    const struct client_rule *r = &f->client;
    bool against = false, no_os = false, no_app = false, no_surface = false;
    if (r->systems != 0) {
        int found = -1;
        for (int i = 0; c->os != NULL && i < 6; i++)
            if (strcmp(systems[i], c->os) == 0)
                found = i;
        bool listed = found >= 0 && (r->systems & (1u << found)) != 0;
        int order = listed && r->os_from[found] != NULL ? ref_order(c->os_version, r->os_from[found]) : 1;
        no_os = c->os == NULL || *c->os == 0 || order == 9;
        against |= !no_os && (!listed || order < 0);
    }
    if (r->app_from != NULL || r->app_below != NULL) {
        int from = r->app_from != NULL ? ref_order(c->app_version, r->app_from) : 1;
        int below = r->app_below != NULL ? ref_order(c->app_version, r->app_below) : -1;
        no_app = from == 9 || below == 9;
        against |= !no_app && (from < 0 || below >= 0);
    }
    if (r->surfaces != 0) {
        bool listed = false;
        for (int i = 0; c->surface != NULL && i < 9; i++)
            listed |= strcmp(surfaces[i], c->surface) == 0 && (r->surfaces & (1u << i)) != 0;
        no_surface = c->surface == NULL || *c->surface == 0;
        against |= !no_surface && !listed;
    }
    bool collect = q->use == KEPT_USE_COLLECT && (q->facts & KEPT_F_IMPORTED) == 0;
    if (against)
        in_the_way(o, 125, KEPT_R_CLIENT, f->rule.clause, f->rule.line);
    if (collect && no_os)
        in_the_way(o, 126, KEPT_R_OS_UNKNOWN, f->rule.clause, f->rule.line);
    if (collect && no_app)
        in_the_way(o, 127, KEPT_R_APP_VERSION_UNKNOWN, f->rule.clause, f->rule.line);
    if (collect && no_surface)
        in_the_way(o, 128, KEPT_R_SURFACE_UNKNOWN, f->rule.clause, f->rule.line);
}

#endif
