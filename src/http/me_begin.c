/* me_begin.c - what came for /me, by its form: path, query, cookies, and a form that must have come from here. */
#include "http/me_int.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"

#define NAME "abcdefghijklmnopqrstuvwxyz0123456789-_."
/* What a page's address may say has happened. */
static const char *const saids[] = {"grant", "withdraw", "read", "mend", "clear", "some", "over", "out"};
#define SAIDS (sizeof saids / sizeof saids[0])

static bool put(char *to, size_t room, const char *text)
{
    size_t n = strlen(text);
    if (n < room)
        memcpy(to, text, n + 1);
    return n < room;
}

static void put_span(char *to, size_t room, struct kept_span text)
{
    if (text.n < room) {
        memcpy(to, text.p, text.n);
        to[text.n] = 0;
    }
}

static void read_cookies(struct kept_http_me *me, const struct kept_span cookies[KEPT_HTTP_COOKIES])
{
    put_span(me->session, sizeof me->session, kept_http_cookie(cookies, me->tls ? "__Host-kept" : "kept"));
    put_span(me->door, sizeof me->door, kept_http_cookie(cookies, me->tls ? "__Host-kept-form" : "kept-form"));
    if (strlen(me->door) != KEPT_HTTP_ME_DOOR - 1 || strspn(me->door, "0123456789abcdef") != KEPT_HTTP_ME_DOOR - 1)
        me->door[0] = 0;
}

static void read_query(struct kept_http_me *me, const struct kept_http_target *t)
{
    for (size_t i = 0; i < t->pair_count; i++) {
        const char *name = t->names[i];
        char *value = t->values[i], *end = NULL;
        if (strcmp(name, "in") == 0)
            me->language = kept_me_language(NULL, (struct kept_span){(const uint8_t *)value, strlen(value)},
                                            (struct kept_span){(const uint8_t *)me->language, strlen(me->language)});
        else if (strcmp(name, "from") == 0 && value[0] != 0 && strlen(value) < 18 && value[strspn(value, "0123456789")] == 0)
            me->from = strtoull(value, &end, 10);
        else if (strcmp(name, "said") == 0)
            for (size_t k = 0; k < SAIDS; k++)
                me->said = strcmp(saids[k], value) == 0 ? saids[k] : me->said;
    }
}

/* Everything a form may say, as far as it fits; what does not is none. */
static bool read_form(struct kept_http_me *me, const struct kept_http_form *form)
{
    const char *does = kept_http_form_get(form, "do"), *in = kept_http_form_get(form, "in");
    bool fits = put(me->address, sizeof me->address, kept_http_form_get(form, "address")) &&
                put(me->code, sizeof me->code, kept_http_form_get(form, "code")) &&
                put(me->value, sizeof me->value, kept_http_form_get(form, "value")) &&
                put(me->group, sizeof me->group, kept_http_form_get(form, "group"));
    me->scope = KEPT_ME_SCOPES;
    for (size_t i = 0; i < KEPT_ME_SCOPES; i++)
        if (kept_http_form_get(form, kept_http_me_scopes[i])[0] != 0) {
            fits = fits && me->scope == KEPT_ME_SCOPES && put(me->name, sizeof me->name, kept_http_form_get(form, kept_http_me_scopes[i]));
            me->scope = i;
        }
    for (unsigned i = DOES_BEGIN; i < DOES_COUNT; i++)
        if (strcmp(kept_http_me_does[i], does) == 0)
            me->does = (enum kept_me_does)i;
    me->sure = strcmp(kept_http_form_get(form, "sure"), "yes") == 0;
    me->language = kept_me_language(NULL, (struct kept_span){(const uint8_t *)in, strlen(in)},
                                    (struct kept_span){(const uint8_t *)me->language, strlen(me->language)});
    return fits && me->does != DOES_SHOW;
}

static bool is_form(struct kept_span type)
{
    static const char want[] = "application/x-www-form-urlencoded";
    return type.n >= sizeof want - 1 && kept_bytes_equal(type.p, want, sizeof want - 1) &&
           (type.n == sizeof want - 1 || type.p[sizeof want - 1] == ';');
}

/* true: it came from here, by who has the cookie. Else it is answered. */
static bool take_form(struct kept_http_exchange *x, const struct kept_http_asked *asked)
{
    struct kept_http_me *me = x->me;
    struct kept_http_form form = {.count = 0};
    char body[KEPT_HTTP_ME_FORM + 1], token[KEPT_HTTP_ME_TOKEN];
    const char *why = NULL;
    if (!kept_http_same_site(asked->origin, asked->host))
        why = "origin";
    else if (asked->body_n > KEPT_HTTP_ME_FORM)
        why = "large";
    else if (!is_form(asked->type))
        why = "body";
    if (why == NULL) {
        memcpy(body, asked->body, asked->body_n);
        if (kept_http_form_read(body, asked->body_n, &form) != 0 || !read_form(me, &form))
            why = "body";
    }
    const bool door = me->does == DOES_BEGIN || me->does == DOES_PROVE;
    const char *of = door ? me->door : me->session;
    if (why == NULL && of[0] == 0 && !door) {
        kept_wipe(body, sizeof body);
        kept_http_me_over(x);
        return false;
    }
    if (why == NULL && (of[0] == 0 || kept_http_form_token((struct kept_span){(const uint8_t *)of, strlen(of)}, me->app, token) != 0 ||
                        strlen(kept_http_form_get(&form, "form")) != sizeof token - 1 ||
                        !kept_bytes_equal(token, kept_http_form_get(&form, "form"), sizeof token - 1)))
        why = "form";
    kept_wipe(body, sizeof body);
    kept_wipe(asked->body, asked->body_n);
    if (why != NULL)
        kept_http_me_trouble(x, strcmp(why, "large") == 0 ? 413 : strcmp(why, "body") == 0 ? 400 : 403, why);
    return why == NULL;
}

bool kept_http_me_is(struct kept_span target)
{
    return target.n >= 3 && kept_bytes_equal(target.p, "/me", 3) && (target.n == 3 || target.p[3] == '/' || target.p[3] == '?');
}

static bool is(struct kept_span a, const char *text)
{
    return a.n == strlen(text) && kept_bytes_equal(a.p, text, a.n);
}

static void ask_policy(struct kept_http_exchange *x)
{
    const struct kept_wire_ask question = {.what = "policy", .keys = {"name", "version", "as"},
                                           .values = {x->me->app, "current", "json"}, .count = 3};
    kept_http_me_ask(x, STEP_POLICY, &question);
}

void kept_http_me_begin(struct kept_http_exchange *x, const struct kept_http_asked *asked)
{
    const struct kept_span none = {(const uint8_t *)"", 0};
    struct kept_http_target *t = &x->http->target;
    struct kept_err err = {.code = 0};
    struct kept_http_me *me = x->me = kept_alloc(1, sizeof *me);
    if (me == NULL) {
        kept_http_refuse(x, 503, "busy", "no memory", 1);
        return;
    }
    me->tls = asked->tls;
    me->language = kept_me_language(x->http->words, none, asked->language);
    const bool gets = is(asked->method, "GET") || x->head;
    me->post = is(asked->method, "POST");
    int rc = kept_http_target_read(asked->target, t, &err);
    if (rc == 0)
        read_query(me, t);
    const bool named = rc == 0 && t->piece_count == 2 && t->pieces[1][0] != 0;
    if (rc != 0 || t->piece_count > 2 || (named && (strspn(t->pieces[1], NAME) != strlen(t->pieces[1]) || !put(me->app, sizeof me->app, t->pieces[1])))) {
        kept_http_me_trouble(x, rc == KEPT_E_LIMIT ? 414 : 404, "address");
        return;
    }
    read_cookies(me, asked->cookies);
    if ((!gets && !me->post) || (me->post && !named)) {
        kept_http_me_trouble(x, 405, "method");
    } else if (!named) {
        const struct kept_wire_ask question = {.what = "doors"};
        kept_http_me_ask(x, STEP_DOORS, &question);
    } else if (gets || take_form(x, asked)) {
        ask_policy(x);
    }
}
