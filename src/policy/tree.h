/* tree.h - a YAML file that people wrote, as a tree with marks, and the mistakes in it: each with its line
 * and column, why it matters and how to mend it. Policies are read by it, and mappings of imports.
 *
 * Strings live in the reader's arena and die with it. Threads: as for the reader's owner. */
#ifndef KEPT_POLICY_TREE_H
#define KEPT_POLICY_TREE_H

#include <stdbool.h>

#include "base/limits.h"
#include "policy/findings.h"
#include "policy/policy.h"

/* ---- arena: many small blocks, one owner ------------------------------------------------------ */

struct arena_block;
struct arena {
    struct arena_block *blocks;
    bool nomem; /* sticky: some block could not be had */
};
/* count * size zeroed bytes that live as long as the arena; NULL and .nomem when there are none. */
void *kept_arena_alloc(struct arena *arena, size_t count, size_t size) KEPT_MUST_USE;
void kept_arena_release(struct arena *arena);

/* ---- the tree --------------------------------------------------------------------------------- */

#define KEPT_MAX_POLICY_NODES (1u << 20)
#define NO_NODE UINT32_MAX

enum node_kind { NODE_SCALAR = 1, NODE_MAP, NODE_LIST };

struct node {
    enum node_kind kind;
    bool plain;             /* a scalar written without quotes */
    uint32_t parent, first, last, next;
    uint32_t count;         /* children */
    int line, column;       /* of the value */
    int key_line, key_column;
    const char *key;        /* in a map; NULL else */
    const char *meant;      /* the key that a misspelt one was meant to be; NULL else */
    const char *text;       /* of a scalar, NUL-terminated, without a NUL inside */
    uint32_t key_hash;
    uint32_t declares;      /* index of what a policy declares here, among its kind */
    uint32_t language;      /* 1 + index of the language this scalar is a text of; 0: none */
};
struct tree {
    struct node *nodes;
    size_t count, cap;
    uint32_t root;
    uint32_t *keys; /* the nodes that have one, by their map and its hash; NO_NODE: free */
    size_t key_slots, keyed;
};

/* ---- reading ---------------------------------------------------------------------------------- */

/* A mistake is reported once, where it stands, and not again by what follows from it: a misspelt
 * key, word or name is read on as the one it is near to; a value that is lost is counted, and the
 * checks that would need it are left out. */
struct reader {
    struct tree tree;
    struct arena *arena;       /* where its texts live */
    const char *what, *manual; /* "policy", and where every key of one is explained */
    const char *head;          /* its first key, whose value is the version of the language */
    struct kept_findings *findings;
    size_t lost;         /* values that could not be read */
    size_t compared;     /* names that nothing has, and that were compared with all there are */
    /* of a policy */
    unsigned no_names;   /* bit per enum kept_kind: that section is missing, or no map */
    bool functions_lost; /* of some function, or all of them */
    bool regions_lost, ages_lost, languages_lost, duplicates;
    bool nomem, stop;
    bool as_published;   /* it is only read, never loaded: what it is silent on is told, too */
    struct kept_policy *policy; /* NULL: it is none */
};

/* find.c. How grave it is, the table of findings says. */
void kept_find(struct reader *r, enum finding_code code, int line, int column, const char *mend,
               const char *fmt, ...) KEPT_PRINTF(6, 7);
/* Has this very mistake (its code, and how its text begins) been reported? Then the report says
 * that it stands on this line, too. */
bool kept_found(struct reader *r, enum finding_code code, const char *text, int line);
/* check_published.c: what it is called that a policy, as published, lacks this key. */
enum finding_code kept_gap_code(const char *key);
/* The closest of names (at most two letters away), or NULL. */
struct near {
    const char *want, *best;
    size_t distance;
};
void kept_near(struct near *near, const char *name);
/* "Did you mean 'x'?" or otherwise, in ret. */
#define MEND_TEXT 200
const char *kept_mean(const struct near *near, const char *otherwise, char ret[MEND_TEXT]);

/* yaml.c: KEPT_E_POLICY leaves a finding. */
KEPT_MUST_USE int kept_tree_read(struct reader *r, struct kept_span text);
void kept_tree_release(struct tree *tree);

/* value.c: one value each. They report what is wrong, and then yield what was meant, or nothing. */
const struct node *kept_node(const struct reader *r, uint32_t index);
const struct node *kept_child(const struct reader *r, const struct node *map, const char *key);
/* The same by the table of keys, where a map may have thousands; a misspelt key is not looked for. */
const struct node *kept_entry(const struct reader *r, const struct node *map, const char *key);
/* Of what is a map: kept_keys said so. */
const struct node *kept_need(struct reader *r, const struct node *map, const char *key,
                             const char *why);
bool kept_keys(struct reader *r, const struct node *map, const char *const *keys,
               const char *what);
const char *kept_string(struct reader *r, const struct node *node);
/* Index of the word in words, or -1. */
KEPT_MUST_USE int kept_word(struct reader *r, const struct node *node, const char *const *words);
/* The same where only every step-th of words is one, and the others say what they mean. */
KEPT_MUST_USE int kept_word_in(struct reader *r, const struct node *node, const char *const *words,
                               size_t step);
bool kept_flag(struct reader *r, const struct node *map, const char *key, bool otherwise);
bool kept_number(struct reader *r, const struct node *node, uint32_t min, uint32_t max,
                 uint32_t *ret);
bool kept_date(struct reader *r, const struct node *node, int32_t *ret_days);
bool kept_duration(struct reader *r, const struct node *node, kept_ms *ret_ms);
bool kept_name_valid(const char *name);
/* Scalars of a list, each once: how many; their nodes through first and next. */
const struct node *kept_list(struct reader *r, const struct node *map, const char *key);

#endif
