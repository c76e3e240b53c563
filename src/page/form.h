/* form.h - what people fill in and press: forms, fields and buttons of an HTML page. They work without a script, by
 * keyboard, and with a screen reader: each field has its label, each button says what it does.
 *
 * Of HTML pages alone; text pages have no forms. Invariants and threads: page.h. */
#ifndef KEPT_PAGE_FORM_H
#define KEPT_PAGE_FORM_H

#include "page/page.h"

/* A form that is posted to action, with what goes along unseen; n of it. It stands on a line of its own, or (row) beside a text. */
struct kept_page_pair {
    const char *name, *value;
};
void kept_page_form(struct kept_page *page, const char *action, bool row, const struct kept_page_pair *hidden, size_t n);
void kept_page_form_end(struct kept_page *page);

/* A line to be filled in. NULL: nothing is said. */
struct kept_page_field {
    const char *name, *label;
    const char *id;           /* on the page; NULL: its name, which then stands there once */
    const char *value;        /* what stands in it already */
    const char *hint;         /* stands below the label */
    const char *type;         /* "text"; a browser's keyboards follow .mode and .complete */
    const char *mode, *complete;
    unsigned most;            /* characters */
};
void kept_page_field(struct kept_page *page, const struct kept_page_field *field);
/* A box to be ticked, without which the form does not go. */
void kept_page_tick(struct kept_page *page, const char *name, const char *label);

enum kept_page_weight { KEPT_PAGE_PLAIN, KEPT_PAGE_MAIN, KEPT_PAGE_GRAVE };
/* A button; pressed, name and value go with the form. about: what it is about, for who does not see what stands beside. */
void kept_page_button(struct kept_page *page, const struct kept_page_pair *sends, enum kept_page_weight weight,
                      const char *text, const char *about);

/* What has just happened, in front of all else; bad: it did not. */
void kept_page_notice(struct kept_page *page, bool bad, const char *text);
/* A row of a list that has a switch: a name, what is to be said of it, and whether it is on. */
void kept_page_switch(struct kept_page *page, const struct kept_mark *mark, const char *name, bool on, const char *state);
void kept_page_switch_end(struct kept_page *page);
/* What stands folded until somebody opens it. */
void kept_page_fold(struct kept_page *page, const char *title);
void kept_page_fold_end(struct kept_page *page);
/* A link within the site: path and query, or a fragment; as a kind of button where weight says so. current: it is where
 * the reader is; language: of its text, or NULL. */
void kept_page_way(struct kept_page *page, const char *target, const char *text, const char *language, bool current);

/* The style of a page with forms, which stands in it as it is here: for a policy that allows this one by its hash. */
void kept_page_style(struct kept_buf *out, bool forms);

#endif
