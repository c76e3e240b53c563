/* me_int.h - what the files of this room share. */
#ifndef KEPT_ME_ME_INT_H
#define KEPT_ME_ME_INT_H

#include <jansson.h>

#include "me/me.h"
#include "page/form.h"
#include "page/words.h"

enum kept_me_sentence {
#define SAID(id, name, values) KEPT_ME_##id,
#include "me/sentences.def"
#undef SAID
    KEPT_ME_SENTENCES
};

#define KEPT_ME_PATH 160u
struct kept_me_view { /* a page while it is written */
    const struct kept_me *me;
    struct kept_page page;
    struct kept_buf text;  /* scratch: a sentence */
    char path[KEPT_ME_PATH]; /* "/me/APP" */
};

/* Begin with title and, where there are any, a list of contents; end. */
struct kept_me_part {
    const char *id;
    enum kept_me_sentence title;
};
void kept_me_begin(struct kept_me_view *v, struct kept_buf *out, enum kept_me_sentence title, const struct kept_me_part *parts,
                   size_t count);
void kept_me_end(struct kept_me_view *v);
void kept_me_part(struct kept_me_view *v, const struct kept_me_part *part);

/* A sentence, until the next; with values, names and texts in turn: "date", text, KEPT_ME_END. */
#define KEPT_ME_END ((const char *)NULL)
const char *kept_me_say(struct kept_me_view *v, enum kept_me_sentence sentence, ...);
const char *kept_me_word(const struct kept_me_view *v, const char *group, const char *name);
/* What the policy calls something, in the reader's language, or in the one there is; its name where it says nothing. */
const char *kept_me_text(const struct kept_me_view *v, const json_t *of, const char *key);
const json_t *kept_me_row(const json_t *policy, const char *list, const char *name);
const char *kept_me_named(const struct kept_me_view *v, const char *list, const char *name);
const char *kept_me_get(const json_t *of, const char *key); /* "": not there, or no text */

/* An instant as a date where the policy's clocks are; clock: with hours and minutes. */
#define KEPT_ME_DATE_ROOM 96u
const char *kept_me_date(struct kept_me_view *v, kept_ms at, bool clock, char ret_text[KEPT_ME_DATE_ROOM]);
const char *kept_me_date_of(struct kept_me_view *v, const char *rfc3339, bool clock, char ret_text[KEPT_ME_DATE_ROOM]);
/* Names of a JSON array as texts with commas between, into out. */
void kept_me_list(struct kept_me_view *v, const json_t *names, const char *list, struct kept_buf *out);
const char *kept_me_comma(const struct kept_me_view *v);

/* A form of one button or more, beside a text (row) or on its own: kept_page_form with what every form sends. */
void kept_me_form(struct kept_me_view *v, bool row, const char *name, const char *value);
void kept_me_press(struct kept_me_view *v, const char *does, enum kept_page_weight weight, const char *text, const char *about);
/* Why a right is not open to somebody known as little as this. */
void kept_me_needs(struct kept_me_view *v, enum kept_me_sentence sentence, const char *level);

/* switches.c, data.c, trail.c: parts of the home page */
void kept_me_put_switches(struct kept_me_view *v);
void kept_me_put_data(struct kept_me_view *v);
void kept_me_put_device(struct kept_me_view *v);
void kept_me_put_trail(struct kept_me_view *v);

#endif
