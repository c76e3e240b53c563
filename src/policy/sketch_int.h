/* sketch_int.h - what choosing (sketch.c) and writing (sketch_write.c) share. */
#ifndef KEPT_POLICY_SKETCH_INT_H
#define KEPT_POLICY_SKETCH_INT_H

#include "base/error.h"
#include "policy/sketch.h"
#include "policy/tree.h"

#define SKETCH_LANGUAGES 2u
#define SKETCH_VALUES 32u

/* Where nothing is answered. */
#define DEFAULT_TYPE "other"
#define DEFAULT_LANGUAGES "en"
#define DEFAULT_LAW "CN"
#define DEFAULT_MINORS "refused"
#define DEFAULT_RETENTION "1 year"

/* What is put in for <name>. */
struct sketch_value {
    const char *name;
    const char *text[SKETCH_LANGUAGES]; /* in each language of the sketch; "": it is left out */
    bool yaml;                         /* it is YAML already: a list, a day */
};

struct sketch {
    struct arena arena;
    struct kept_findings findings; /* of stock and profile: none, or they are broken */
    struct reader stock, law;
    const struct node *kind, *law_row; /* of the stock */
    bool *chosen;                      /* by index of a node of the stock */
    const char *languages[SKETCH_LANGUAGES];
    size_t language_count;
    const char *minors;
    struct sketch_value values[SKETCH_VALUES];
    size_t value_count;
};

KEPT_MUST_USE int kept_sketch_begin(struct sketch *d, struct kept_err *err); /* then end it, in any case */
void kept_sketch_end(struct sketch *d);
const char *kept_sketch_or_else(const struct kept_answers *answers, enum kept_answer which,
                                const char *otherwise);

/* The entries of a map or list of the stock: first and next; NULL at the end, and of NULL. */
const struct node *kept_sketch_first(const struct sketch *d, const struct node *node);
const struct node *kept_sketch_next(const struct sketch *d, const struct node *node);
/* The text of an entry that may be missing. */
const char *kept_sketch_said(const struct reader *r, const struct node *map, const char *key,
                             const char *otherwise);
/* May somebody ask for this function or recipient? The others follow from the kind of app, or from a law. */
bool kept_sketch_can_be_asked_for(const struct sketch *d, const struct node *row);
/* A section of the stock, or an entry of one; NULL: there is none. */
const struct node *kept_sketch_section(const struct sketch *d, const char *name);
const struct node *kept_sketch_row(const struct sketch *d, const char *section, const char *name);
bool kept_sketch_chosen(const struct sketch *d, const struct node *row);
/* What a `when` asks for. */
bool kept_sketch_holds(const struct sketch *d, const char *word);

/* sketch_write.c: the policy of the stock, with what was chosen. out fails (KEPT_E_LIMIT, KEPT_E_NOMEM). */
void kept_sketch_write(const struct sketch *d, struct kept_buf *out);
/* One value as YAML has it between brackets: as it is where that is safe, else in quotes. */
void kept_sketch_quote(struct kept_buf *out, const char *text);

#endif
