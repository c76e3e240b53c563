/* render_int.h - what the makers of documents share: how a policy's rules become words. */
#ifndef KEPT_POLICY_RENDER_INT_H
#define KEPT_POLICY_RENDER_INT_H

#include "page/page.h"
#include "page/words.h"
#include "policy/policy_int.h"
#include "policy/render.h"

enum saying {
#define SENTENCE(id, key, values) SAY_##id,
#define WORD(group, word)
#include "policy/sentences.def"
#undef SENTENCE
#undef WORD
    SAY_COUNT
};

struct render {
    const struct kept_policy *p;
    const struct kept_words *words;
    const char *language;
    size_t index;       /* of the language in the policy */
    struct arena arena; /* every text made on the way */
    struct kept_page page;
};

/* Templates that kept brings: made of templates/ by the makefile. */
struct kept_template {
    const char *language, *file;
    const unsigned char *p;
    size_t n;
};
extern const struct kept_template kept_templates[]; /* language NULL at the end */

/* ---- render_say.c: words. All text lives as long as r, or the policy; never NULL ---------------- */

#define KEPT_WITH(...)                                                                             \
    (const struct kept_value[]){__VA_ARGS__},                                                      \
        sizeof((const struct kept_value[]){__VA_ARGS__}) / sizeof(struct kept_value)

KEPT_MUST_USE int kept_render_words(struct kept_span text, const char *file,
                                    struct kept_words **ret_words, struct kept_err *err);
const char *kept_saying(struct render *r, enum saying id, const struct kept_value *values, size_t count);
const char *kept_plain(struct render *r, enum saying id); /* of no values */
/* Said as a sentence of the page, under a rule's mark. */
void kept_tell(struct render *r, const struct kept_mark *mark, const char *text);
/* The same as a whole cell of a table. */
void kept_cell(struct render *r, const struct kept_mark *mark, const char *text);
/* The words of a group; those of no template: as the policy writes them. */
const char *kept_group(struct render *r, const char *group, const char *word);
const char *kept_effect(struct render *r, enum kept_withdrawal effect); /* "we stop ..." */
const char *kept_text_of(const struct render *r, const struct text *text);
const char *kept_number_text(struct render *r, unsigned long long n);
const char *kept_time_of(struct render *r, kept_ms length);
const char *kept_date_of(struct render *r, kept_ms at);
const char *kept_length_of(struct render *r, const struct kept_length *length); /* "15 working days"; "": none */
const char *kept_due_of(struct render *r, const struct kept_deadline *deadline); /* "within ... after ..." */
const char *kept_disposed(struct render *r, enum kept_disposition disposition); /* "erased" */
/* A list of the words of a group, one for each bit: those of a key, in its order. */
const char *kept_words_of_bits(struct render *r, const char *group, enum key key, uint32_t bits);
const char *kept_channels_of(struct render *r, uint32_t channels); /* "by mail and on our site" */
/* What was written into a buffer, which it releases. */
const char *kept_taken(struct render *r, struct kept_buf *text);
/* "a, b and c"; with semicolons where an entry has commas. */
const char *kept_listed(struct render *r, const char *const *words, size_t count);
/* Two pieces of a sentence, with a space between them where the language has one. */
const char *kept_joined(struct render *r, const char *a, const char *b);
const char *kept_names_of(struct render *r, enum kept_kind kind, const struct list *list);
const char *kept_name_text(const struct render *r, enum kept_kind kind, uint32_t index);
const char *kept_region_word(struct render *r, uint32_t ref); /* in the language */
const char *kept_regions_of(struct render *r, const struct list *refs);
/* Empty lists with room for most, for filling; without memory they stay empty, and the arena says so. */
struct listing {
    const char **v;
    size_t n;
};
struct listing kept_listing_new(struct render *r, size_t most);
void kept_listing_add(struct listing *words, const char *text);
struct list kept_list_new(struct render *r, size_t most);
void kept_list_add(struct list *list, uint32_t index);
struct list kept_item_purposes(struct render *r, size_t item);
struct list kept_functions_with(struct render *r, enum kept_kind kind, size_t index);
/* Recipients that get something of what a function has, for one of its purposes. */
struct list kept_recipients_of(struct render *r, size_t function);
/* Until when an item is kept: a sentence. */
const char *kept_item_end(struct render *r, const struct item_rule *item); /* render_tables.c */
/* Do we have it, or somebody for us? */
static inline bool kept_is_held(const struct kept_item *item)
{
    return item->place == KEPT_PLACE_STORE || item->place == KEPT_PLACE_EXTERNAL;
}
static inline const char *kept_if(bool yes)
{
    return yes ? "yes" : "";
}
static inline struct kept_mark kept_mark(const char *kind, const char *name, const char *clause)
{
    return (struct kept_mark){.kind = kind, .name = name, .part = NULL, .clause = clause};
}

/* Of a rule, as heavy as it says that it weighs. */
static inline struct kept_mark kept_rule_mark(const char *kind, const char *name, const struct rule *rule)
{
    return (struct kept_mark){.kind = kind, .name = name, .clause = rule->clause, .strong = rule->highlight};
}

/* ---- the documents ----------------------------------------------------------------------------- */

void kept_render_items(struct render *r);      /* render_tables.c: the tables, and what stands by them */
void kept_render_purposes(struct render *r);
void kept_render_recipients(struct render *r);
void kept_render_cookies(struct render *r);    /* render_cookies.c */
const struct right_rule *kept_first_right(const struct kept_policy *p); /* NULL: none can be asked for */
void kept_render_rights(struct render *r);     /* render_rights.c: where there is one */
void kept_render_rights_short(struct render *r);
/* The request whose answer may take the longest, put off as it may be; NULL: none can be made. */
const struct kept_right *kept_last_answer(const struct kept_policy *p);
void kept_render_account(struct render *r);
void kept_render_messages(struct render *r);   /* render_tellings.c */
void kept_render_incidents(struct render *r);
void kept_render_changes(struct render *r);
void kept_render_end(struct render *r);
void kept_render_functions(struct render *r);  /* render_functions.c */
void kept_render_dates(struct render *r);      /* version, issued, in effect */
void kept_render_notice(struct render *r);     /* render_notice.c: into r->page */
void kept_render_summary(struct render *r);    /* render_summary.c */
void kept_render_picture(struct render *r, struct kept_buf *out); /* render_picture.c */
/* render_ropa.c, render_dpv.c: into out */
void kept_render_ropa_csv(struct render *r, struct kept_buf *out);
KEPT_MUST_USE int kept_render_ropa_json(struct render *r, struct kept_buf *out);
KEPT_MUST_USE int kept_render_dpv(struct render *r, struct kept_buf *out);

#endif
