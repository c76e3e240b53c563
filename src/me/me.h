/* me.h - a person's own page: what is held of them, what they allow, who read what, and how to end it; as HTML.
 *
 * Made in the worker, which has no keys: of the policy in force (JSON, as policy.show gives it) and of what the holder
 * of keys answered this person. Every word comes from templates/me or from the policy; markup from the room page. What a
 * page's buttons send back comes through http/me.c; here nothing is asked and nothing decided.
 * Invariants: 1. No text goes out but escaped (page.h). 2. A page is whole in each language: the sentences are one
 * table.  3. Nothing personal stands in an address; forms post.
 * PURE but for memory. Threads: words are immutable; the rest belongs to one. */
#ifndef KEPT_ME_ME_H
#define KEPT_ME_ME_H

#include "base/buf.h"

struct json_t;

/* The sentences, read once. KEPT_E_POLICY: a mistake in templates/me; KEPT_E_NOMEM. */
struct kept_me_words;
KEPT_MUST_USE int kept_me_words_new(struct kept_me_words **ret_words, struct kept_err *err);
void kept_me_words_free(struct kept_me_words *words);
/* Of the languages there are: wanted, if it is one, else the first of them that accept (Accept-Language) names, else the
 * first. Never NULL. */
const char *kept_me_language(const struct kept_me_words *words, struct kept_span wanted, struct kept_span accept);

struct kept_me { /* what a page is made of; borrowed */
    const struct kept_me_words *words;
    const char *language;      /* as kept_me_language gives it */
    const char *app;           /* NULL: of no app yet */
    const char *form;          /* goes with every form, and shows that it came from here */
    const char *said;          /* what has just happened: a name of the group said; NULL */
    const struct json_t *policy; /* in force; NULL: not known */
    /* what is held of the person; NULL where it was not asked */
    const struct json_t *subject, *account, *trail;
    const struct kept_field *fields; /* of USE */
    size_t field_count;
    uint64_t from;             /* where the page of the trail began; 0: at the newest */
};

/* Pages, appended to out; its sticky error is the only one. */
void kept_me_doors(const struct kept_me *me, const struct json_t *doors, struct kept_buf *out);
void kept_me_sign_in(const struct kept_me *me, struct kept_buf *out);
void kept_me_code(const struct kept_me *me, const char *address, struct kept_buf *out);
void kept_me_home(const struct kept_me *me, struct kept_buf *out);
void kept_me_erase(const struct kept_me *me, struct kept_buf *out);
void kept_me_erased(const struct kept_me *me, const struct json_t *certificate, struct kept_buf *out);
/* why: a name of the group bad. */
void kept_me_trouble(const struct kept_me *me, const char *why, struct kept_buf *out);
/* All that is held, as one JSON file. */
void kept_me_copy(const struct kept_me *me, struct kept_buf *out);
/* Of pages: what `style` of a Content-Security-Policy is made of. */
void kept_me_style(struct kept_buf *out);

/* ---- what the policy says of what people ask ---- */

#define KEPT_ME_VALUE 1024u /* bytes of a value that can be corrected there */
#define KEPT_ME_ITEMS 1024u /* of a policy that such a page shows */
/* Items whose values the person can be shown: names, borrowed. group: those of this kind of information that no
 * law keeps; NULL: all. */
size_t kept_me_items(const struct json_t *policy, const char *group, struct kept_field fields[KEPT_ME_ITEMS]);
bool kept_me_has_item(const struct json_t *policy, const char *name);
/* Is it changed only when a code sent to the new number or address came back? */
bool kept_me_by_code(const struct json_t *policy, const char *name);
/* The item that an address belongs to: of kind mail where there is an @ in it, else of kind phone. NULL: none. */
const char *kept_me_address_item(const struct json_t *policy, const char *address);
/* May people come by themselves? */
bool kept_me_open(const struct json_t *policy);
/* What people may switch: scope is "function", "purpose", "recipient" or "item". KEPT_C_NONE: nothing, or not here. */
enum kept_consent_kind kept_me_consent(const struct json_t *policy, const char *scope, const char *name);
/* How well somebody must be known for a right ("copy", "correct", "delete", "cancel"), if that is better than they are; else NULL. */
const char *kept_me_level_missing(const struct kept_me *me, const char *right);

#endif
