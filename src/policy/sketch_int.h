/* sketch_int.h - what choosing (sketch.c) and writing (sketch_write.c) share. */
#ifndef KEPT_POLICY_SKETCH_INT_H
#define KEPT_POLICY_SKETCH_INT_H

#include "base/error.h"
#include "policy/sketch.h"
#include "policy/tree.h"

#define SKETCH_LANGUAGES 2u
#define SKETCH_VALUES 32u

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
