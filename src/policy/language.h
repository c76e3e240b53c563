/* language.h - the language of policies as data: what the reader takes its keys, words, bounds and
 * defaults from, and what the JSON Schema and docs/policy-language.md are printed from. The table is
 * language.def.
 *
 * PURE, and constant: nothing is allocated, everything lives for ever; any thread. */
#ifndef KEPT_POLICY_LANGUAGE_H
#define KEPT_POLICY_LANGUAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "kept.h"

enum section {
#define SECTION(id, what, heading, meaning) SECTION_##id,
#define KEY(section, key, type, need, meaning, example, feeds)
#include "policy/language.def"
#undef SECTION
#undef KEY
    SECTION_COUNT
};

/* ITEM_retain: that a key is one of the table is seen by the compiler. */
enum key {
    KEY_NONE = 0,
#define SECTION(id, what, heading, meaning) FIRST_##id, BEFORE_##id = FIRST_##id - 1,
#define KEY(section, key, type, need, meaning, example, feeds) section##_##key,
#include "policy/language.def"
#undef SECTION
#undef KEY
    KEY_COUNT
};

enum type_kind {
    TYPE_TEXT = 1,   /* in each language of the policy; .one: or the same in all */
    TYPE_STRING, TYPE_CLAUSE, TYPE_MAIL, TYPE_LANGUAGE, TYPE_LANGUAGES, TYPE_REGION, TYPE_REGIONS,
    TYPE_ZONE,
    TYPE_WORD,       /* one of .words */
    TYPE_WORDS,      /* a list of them */
    TYPE_FLAG,
    TYPE_NUMBER,     /* whole, from .min to .max */
    TYPE_DECIMAL,
    TYPE_DATE,
    TYPE_LENGTH,     /* of time, at least .min milliseconds */
    TYPE_NEW_NAME,   /* said here */
    TYPE_NEW_NAMES,
    TYPE_NAME,       /* declared elsewhere, as a .kind_of_name */
    TYPE_NAMES,
    TYPE_CHOICES,    /* names, each with a text */
    TYPE_MAP,        /* of .section */
    TYPE_LIST,       /* of maps of .section */
    TYPE_NAMED       /* names, each with a map of .section */
};

struct key_type {
    enum type_kind kind;
    const char *const *words;    /* pairs: the word, and what it means ("": as it says); NULL-terminated */
    int64_t min, max;
    enum kept_kind kind_of_name;
    enum section section;
    bool one;                    /* of a text: one may stand for all languages */
    const char *or;              /* a word that may stand there instead: "all", "account" */
    bool same;                   /* as the key .as */
    enum key as;
};

struct key_need {
    const char *why;             /* it is needed, because; NULL: it is not */
    const char *when;            /* only then; the reader knows when that is. NULL: always */
    const char *otherwise;       /* the default: a word of the type */
    const char *otherwise_in_words; /* the default where it is no word */
    uint32_t number;             /* the default of a number; 0: none */
};

/* What a key changes. SAYS: only what people and auditors read. */
enum feed { FEEDS_DECISION = 1, FEEDS_VALUE, FEEDS_MASK, FEEDS_END, FEEDS_DUE, FEEDS_RECIPIENT,
            FEEDS_FINDING, FEEDS_TEXT };

struct key_row {
    enum section section;
    const char *name;
    struct key_type type;        /* kept_key_type follows .same */
    struct key_need need;
    const char *meaning, *example;
    enum feed feed;
    const char *feeds;           /* names of reasons or findings, or words */
};

struct section_row {
    const char *name;            /* "ITEM": unique, for references of the schema */
    const char *what;            /* as findings call it: "an item" */
    const char *heading;         /* as the reference calls it: "items: an item" */
    const char *meaning;
    enum key first;              /* its keys: from here to before the next section's */
};

const struct key_row *kept_key_row(enum key key);
const struct key_type *kept_key_type(enum key key);
const struct section_row *kept_section_row(enum section section);
/* Behind the last key of a section. */
enum key kept_section_end(enum section section);
/* The word of that index of a key of words, and how many words it has; "" for an index behind them. */
const char *kept_key_word(enum key key, size_t index);
size_t kept_key_words(enum key key);

#endif
