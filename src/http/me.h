/* me.h - /me: a person's own page, from the request to what is asked of the holder, and back as HTML (me/me.h).
 *
 *     GET  /me           the apps that let people come by themselves
 *     GET  /me/APP       sign in; or, signed in, the page. in: language; from: of the trail; said: what happened
 *     POST /me/APP       what a button of such a page sends: do, form, and its own
 *
 * Invariants: 1. A form counts only if it came from this site (Origin) with a token that is made of the cookie it came
 * with, which no other site can read or send (HttpOnly, SameSite=Strict).  2. The session is the cookie's alone; whose it is, and
 * what they may, the holder judges.  3. Nothing personal stands in an address.  4. Every answer is a page in words, not
 * kept by any cache, with no script and one style, by its hash. */
#ifndef KEPT_HTTP_ME_H
#define KEPT_HTTP_ME_H

#include "http/http_int.h"
#include "me/me.h"

/* ---- what came, taken apart (me_form.c) ---- */

#define KEPT_HTTP_ME_PAIRS 16u
#define KEPT_HTTP_ME_NAME 65u      /* an item, an app, and a NUL */
#define KEPT_HTTP_ME_ADDRESS 256u
#define KEPT_HTTP_ME_DOOR 33u      /* random, hex: a cookie of who has not signed in yet */
#define KEPT_HTTP_ME_TOKEN 65u     /* hex */

struct kept_http_form {
    const char *names[KEPT_HTTP_ME_PAIRS], *values[KEPT_HTTP_ME_PAIRS];
    size_t count;
};
/* The body of a form (application/x-www-form-urlencoded), decoded where it stands; what is read borrows from it.
 * body[n] is written. KEPT_E_USAGE: broken escape, NUL, no UTF-8, a name twice; KEPT_E_LIMIT: too many. */
KEPT_MUST_USE int kept_http_form_read(char *body, size_t n, struct kept_http_form *ret_form);
/* "": it is not there. */
const char *kept_http_form_get(const struct kept_http_form *form, const char *name);
/* The value of a cookie, borrowed; empty: it is not there, or twice. */
struct kept_span kept_http_cookie(const struct kept_span cookies[KEPT_HTTP_COOKIES], const char *name);
/* Is the Origin that of the site (Host) that was asked? None is not. */
bool kept_http_same_site(struct kept_span origin, struct kept_span host);
/* The token of forms that belong to a cookie. */
KEPT_MUST_USE int kept_http_form_token(struct kept_span cookie, const char *app, char ret_token[KEPT_HTTP_ME_TOKEN]);

/* ---- pages (me.c) ---- */

struct kept_http_me;
/* Is this what /me serves? Then it is begun by kept_http_me_begin, which answers at once or when the holder has. */
bool kept_http_me_is(struct kept_span target);
void kept_http_me_begin(struct kept_http_exchange *x, const struct kept_http_asked *asked);
void kept_http_me_heard(struct kept_http_exchange *x, const struct kept_wire_head *head, struct kept_span body);
/* A problem as a page: status, and error's name. */
void kept_http_me_refuse(struct kept_http_exchange *x, unsigned status, unsigned retry);
void kept_http_me_free(struct kept_http_me *me);
/* What all pages share, of the whole worker (me_site.c). */
KEPT_MUST_USE int kept_http_me_init(struct kept_http *http);
void kept_http_me_release(struct kept_http *http);

#endif
