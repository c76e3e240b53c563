/* difference.c - two policy files side by side, along the table of the language: every key that differs. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "policy/difference_int.h"

#define MAX_CHANGES KEPT_MAX_POLICY_NODES
#define MAX_PATH_TEXT 1024u

struct walk {
    struct kept_difference *d;
    struct kept_trees *trees;
    const struct reader *then, *now;
    int rc;
};
/* Where the walk is: a section, in both files; NULL: it is not there. */
struct place {
    const struct place *above;
    const char *path; /* "items.contact-phone" */
    const struct node *then, *now;
};

/* ---- what stands there -------------------------------------------------------------------------- */

static const char *kept_text_of(struct walk *w, struct kept_buf *buf)
{
    char *copy = buf->failed != 0 ? NULL : kept_arena_alloc(&w->trees->arena, buf->n + 1, 1);
    if (copy == NULL)
        w->rc = KEPT_E_NOMEM;
    else if (buf->n > 0)
        memcpy(copy, buf->p, buf->n);
    kept_buf_release(buf);
    return copy != NULL ? copy : "";
}

static void flatten(const struct reader *r, const struct node *node, struct kept_buf *out)
{
    if (node->kind == NODE_SCALAR) {
        kept_buf_text(out, node->text);
        return;
    }
    for (uint32_t i = node->first; i != NO_NODE; i = r->tree.nodes[i].next) {
        const struct node *child = &r->tree.nodes[i];
        if (i != node->first)
            kept_buf_text(out, node->kind == NODE_MAP ? "; " : ", ");
        if (node->kind == NODE_MAP)
            kept_buf_printf(out, "%s: ", child->key);
        flatten(r, child, out);
    }
}

/* A value as it is written, or what holds where the file is silent. */
static const char *value_of(struct walk *w, const struct reader *r, enum key key, const struct node *node)
{
    const struct key_need *need = &kept_key_row(key)->need;
    struct kept_buf buf;
    if (node != NULL && node->kind == NODE_SCALAR)
        return node->text;
    if (node == NULL && need->number == 0)
        return need->otherwise != NULL ? need->otherwise
               : need->otherwise_in_words != NULL ? need->otherwise_in_words
                                                  : "";
    kept_buf_init(&buf, KEPT_MAX_POLICY_BYTES);
    if (node != NULL)
        flatten(r, node, &buf);
    else
        kept_buf_printf(&buf, "%u", need->number);
    return kept_text_of(w, &buf);
}

static int line_of(const struct node *node)
{
    return node->key != NULL ? node->key_line : node->line;
}

/* The clause of the innermost rule that carries one. */
static const char *clause_of(const struct reader *r, const struct place *at, bool now)
{
    for (; at != NULL; at = at->above) {
        const struct node *clause = kept_child(r, now ? at->now : at->then, "clause");
        if (clause != NULL && clause->kind == NODE_SCALAR)
            return clause->text;
    }
    return "";
}

/* A rule that is silent is named by its own line, or by that of the rule around it. */
static int silent_line(const struct place *at, bool now)
{
    while ((now ? at->now : at->then) == NULL) /* the policy itself is there in both */
        at = at->above;
    return line_of(now ? at->now : at->then);
}

static struct kept_side side(struct walk *w, const struct place *at, enum key key,
                             const struct node *node, bool now)
{
    const struct reader *r = now ? w->now : w->then;
    return (struct kept_side){.value = value_of(w, r, key, node),
                              .clause = clause_of(r, at, now),
                              .line = node != NULL ? line_of(node) : silent_line(at, now),
                              .said = node != NULL};
}

/* ---- the same, or not ---------------------------------------------------------------------------- */

static bool same_tree(const struct reader *ra, const struct node *a, const struct reader *rb,
                      const struct node *b)
{
    if (a == NULL || b == NULL || a->kind != b->kind || a->count != b->count)
        return a == b;
    if (a->kind == NODE_SCALAR)
        return strcmp(a->text, b->text) == 0;
    for (uint32_t i = a->first, k = b->first; i != NO_NODE; i = ra->tree.nodes[i].next, k = rb->tree.nodes[k].next) {
        const struct node *x = &ra->tree.nodes[i], *y = &rb->tree.nodes[k];
        if ((x->key != NULL && strcmp(x->key, y->key) != 0) || !same_tree(ra, x, rb, y))
            return false;
    }
    return true; /* there are as many of them */
}

static bool within(const struct reader *ra, const struct node *a, const struct reader *rb,
                   const struct node *b)
{
    for (uint32_t i = a->first; i != NO_NODE; i = ra->tree.nodes[i].next) {
        bool found = false;
        for (uint32_t k = b->first; !found && k != NO_NODE; k = rb->tree.nodes[k].next)
            found = a->kind == NODE_MAP
                        ? strcmp(ra->tree.nodes[i].key, rb->tree.nodes[k].key) == 0 &&
                              same_tree(ra, &ra->tree.nodes[i], rb, &rb->tree.nodes[k])
                        : same_tree(ra, &ra->tree.nodes[i], rb, &rb->tree.nodes[k]);
        if (!found)
            return false;
    }
    return true;
}

/* A length in milliseconds; 0: it is none, but a word. */
static kept_ms length_of(const char *text)
{
    struct kept_findings none = {0};
    struct reader r = {.findings = &none};
    const struct node node = {.kind = NODE_SCALAR, .text = text};
    kept_ms ms = 0;
    bool read = text[0] >= '0' && text[0] <= '9' && kept_duration(&r, &node, &ms);
    kept_findings_release(&none);
    return read ? ms : 0;
}

static bool same_value(enum key key, const char *then, const char *now)
{
    kept_ms ms = kept_key_type(key)->kind == TYPE_LENGTH ? length_of(then) : 0;
    return strcmp(then, now) == 0 || (ms != 0 && ms == length_of(now));
}

/* ---- what it does to rights ---------------------------------------------------------------------- */

/* Where a value stands among those the key may have; -1: not known. */
static int64_t rank_of(enum key key, const char *value)
{
    const struct key_type *type = kept_key_type(key);
    if (type->kind == TYPE_FLAG)
        return strcmp(value, "true") == 0;
    if (type->kind == TYPE_LENGTH)
        return length_of(value) > 0 ? length_of(value) : -1;
    for (size_t i = 0; type->kind == TYPE_WORD && i < kept_key_words(key); i++)
        if (strcmp(kept_key_word(key, i), value) == 0)
            return (int64_t)i;
    return -1;
}

/* "15 working days" and "30 working days": both counts, where what is counted is the same. */
static bool counts_of(const char *then, const char *now, int64_t *ret_then, int64_t *ret_now)
{
    char *a = NULL, *b = NULL;
    *ret_then = strtol(then, &a, 10);
    *ret_now = strtol(now, &b, 10);
    return a != then && b != now && strcmp(a, b) == 0;
}

static enum kept_effect effect_of(const struct kept_edit *c)
{
    int order = kept_difference_order(c->key);
    int64_t then = rank_of(c->key, c->then.value), now = rank_of(c->key, c->now.value);
    bool request = kept_key_row(c->key)->section == SECTION_REQUESTS;
    if (request && c->what == KEPT_WHAT_ADDED) /* people may ask for something more */
        return KEPT_EFFECT_WIDENS;
    if (order != 0 && kept_key_type(c->key)->kind == TYPE_STRING &&
        !counts_of(c->then.value, c->now.value, &then, &now))
        return KEPT_EFFECT_REDUCES;
    if (c->words || (order == 0 && c->trigger != KEPT_MATERIAL_RIGHTS))
        return KEPT_EFFECT_NONE;
    if (order == 0 || then < 0 || now < 0)
        return KEPT_EFFECT_REDUCES;
    return (now > then) == (order > 0) ? KEPT_EFFECT_REDUCES : KEPT_EFFECT_WIDENS;
}

/* Does it take nothing from people? What is not known, may. */
static bool gives(const struct kept_edit *c)
{
    int direction = kept_difference_gives(c->key);
    int64_t then = rank_of(c->key, c->then.value), now = rank_of(c->key, c->now.value);
    return c->effect == KEPT_EFFECT_WIDENS ||
           (direction != 0 && then >= 0 && now >= 0 && (now > then) == (direction > 0));
}

/* ---- the list ------------------------------------------------------------------------------------ */

static bool is_words(enum key key, enum kept_what what)
{
    enum type_kind kind = kept_key_type(key)->kind;
    bool text = kind == TYPE_TEXT || kind == TYPE_CLAUSE || kind == TYPE_LIST;
    if (what == KEPT_WHAT_ORDER)
        return key != FUNCTION_purposes; /* whose first is meant where a collection names none */
    return text && kept_difference_trigger(key) == KEPT_MATERIAL_NONE;
}

static void note(struct walk *w, const struct place *at, enum key key, enum kept_what what,
                 const struct node *then, const struct node *now)
{
    struct kept_difference *d = w->d;
    int rc = kept_grow(&d->changes, &d->cap, d->count + 1, MAX_CHANGES, sizeof *d->changes);
    if (rc != 0) {
        w->rc = rc;
        return;
    }
    struct kept_edit c = {.key = key, .what = what, .rule = at->path,
                            .words = is_words(key, what),
                            .then = side(w, at, key, then, false), .now = side(w, at, key, now, true)};
    c.trigger = c.words ? KEPT_MATERIAL_NONE : kept_difference_trigger(key);
    c.effect = effect_of(&c);
    c.gives = gives(&c);
    d->changes[d->count++] = c;
}

static const char *path_of(struct walk *w, const struct place *at, const char *name)
{
    struct kept_buf buf;
    kept_buf_init(&buf, MAX_PATH_TEXT);
    kept_buf_printf(&buf, "%s%s%s", at->path, at->path[0] != 0 ? "." : "", name);
    return kept_text_of(w, &buf);
}

/* ---- the walk ------------------------------------------------------------------------------------ */

static void walk_section(struct walk *w, const struct place *at, enum section section);

/* Does a section that is not there still say something: has one of its keys a default? */
static bool has_defaults(enum section section)
{
    for (enum key key = kept_section_row(section)->first; key < kept_section_end(section); key++)
        if (kept_key_row(key)->need.otherwise != NULL)
            return true;
    return false;
}

static void walk_map(struct walk *w, const struct place *at, enum key key, const struct node *then,
                     const struct node *now)
{
    size_t before = w->d->count;
    enum section section = kept_key_type(key)->section;
    const struct place in = {at, path_of(w, at, kept_key_row(key)->name), then, now};
    if ((then != NULL && now != NULL) || has_defaults(section))
        walk_section(w, &in, section);
    /* All in it is as it would be without it; and yet somebody wrote it, or took it away. */
    if (before == w->d->count && (then == NULL) != (now == NULL))
        note(w, &in, key, now != NULL ? KEPT_WHAT_ADDED : KEPT_WHAT_REMOVED, then, now);
}

/* The child of that name: mostly the one that hint points at, for files keep their order. */
static const struct node *named(const struct reader *r, const struct node *map, const struct node *of,
                                uint32_t *hint)
{
    const struct node *node = *hint != NO_NODE ? &r->tree.nodes[*hint] : NULL;
    if (node == NULL || strcmp(node->key, of->key) != 0)
        node = kept_child(r, map, of->key);
    if (node != NULL)
        *hint = node->next;
    return node;
}

static void walk_named(struct walk *w, const struct place *at, enum key key, const struct node *then,
                       const struct node *now)
{
    const char *name = kept_key_row(key)->name;
    const struct place in = {at, path_of(w, at, name), then, now};
    uint32_t hint = then != NULL && then->kind == NODE_MAP ? then->first : NO_NODE;
    for (uint32_t i = now != NULL && now->kind == NODE_MAP ? now->first : NO_NODE;
         w->rc == 0 && i != NO_NODE; i = w->now->tree.nodes[i].next) {
        const struct node *new = &w->now->tree.nodes[i], *old = named(w->then, then, new, &hint);
        const struct place rule = {&in, path_of(w, &in, new->key), old, new};
        if (old != NULL)
            walk_section(w, &rule, kept_key_type(key)->section);
        else
            note(w, &rule, key, KEPT_WHAT_ADDED, NULL, new);
    }
    hint = now != NULL && now->kind == NODE_MAP ? now->first : NO_NODE;
    for (uint32_t i = then != NULL && then->kind == NODE_MAP ? then->first : NO_NODE;
         w->rc == 0 && i != NO_NODE; i = w->then->tree.nodes[i].next) {
        const struct node *old = &w->then->tree.nodes[i];
        const struct place rule = {&in, path_of(w, &in, old->key), old, NULL};
        if (named(w->now, now, old, &hint) == NULL)
            note(w, &rule, key, KEPT_WHAT_REMOVED, old, NULL);
    }
}

static uint32_t first_of(const struct node *list)
{
    return list != NULL && list->kind == NODE_LIST ? list->first : NO_NODE;
}

/* Entries have no names: what is alike at both ends stays, the rest is paired as it stands. */
static void walk_list(struct walk *w, const struct place *at, enum key key, const struct node *then,
                      const struct node *now)
{
    uint32_t i = first_of(then), k = first_of(now);
    size_t a = i != NO_NODE ? then->count : 0, b = k != NO_NODE ? now->count : 0, number = 1;
    for (; w->rc == 0 && (i != NO_NODE || k != NO_NODE); number++) {
        const struct node *old = i != NO_NODE ? &w->then->tree.nodes[i] : NULL;
        const struct node *new = k != NO_NODE ? &w->now->tree.nodes[k] : NULL;
        const struct node *old_next =
            old != NULL && old->next != NO_NODE ? &w->then->tree.nodes[old->next] : NULL;
        const struct node *new_next =
            new != NULL && new->next != NO_NODE ? &w->now->tree.nodes[new->next] : NULL;
        bool same = old != NULL && new != NULL && same_tree(w->then, old, w->now, new);
        /* One list is longer, and goes on here with what the other has next: this one is extra. */
        if (!same && a > b && same_tree(w->then, old_next, w->now, new))
            new = NULL;
        else if (!same && b > a && same_tree(w->then, old, w->now, new_next))
            old = NULL;
        char name[32];
        (void)snprintf(name, sizeof name, "%s[%zu]", kept_key_row(key)->name, number);
        const struct place in = {at, same ? "" : path_of(w, at, name), old, new};
        if (old != NULL && new != NULL && !same)
            walk_section(w, &in, kept_key_type(key)->section);
        else if (!same)
            note(w, &in, key, new != NULL ? KEPT_WHAT_ADDED : KEPT_WHAT_REMOVED, old, new);
        i = old != NULL ? old->next : i;
        k = new != NULL ? new->next : k;
        a -= old != NULL;
        b -= new != NULL;
    }
}

static void walk_value(struct walk *w, const struct place *at, enum key key, const struct node *then,
                       const struct node *now)
{
    if (then != NULL && now != NULL && then->kind != NODE_SCALAR && then->kind == now->kind) {
        if (same_tree(w->then, then, w->now, now))
            return;
        bool order = then->count == now->count && within(w->then, then, w->now, now) &&
                     within(w->now, now, w->then, then);
        note(w, at, key, order ? KEPT_WHAT_ORDER : KEPT_WHAT_CHANGED, then, now);
        return;
    }
    if (!same_value(key, value_of(w, w->then, key, then), value_of(w, w->now, key, now)))
        note(w, at, key,
             then == NULL ? KEPT_WHAT_ADDED : now == NULL ? KEPT_WHAT_REMOVED : KEPT_WHAT_CHANGED,
             then, now);
}

static void walk_section(struct walk *w, const struct place *at, enum section section)
{
    for (enum key key = kept_section_row(section)->first;
         w->rc == 0 && key < kept_section_end(section); key++) {
        const char *name = kept_key_row(key)->name;
        const struct node *then = kept_child(w->then, at->then, name);
        const struct node *now = kept_child(w->now, at->now, name);
        enum type_kind kind = kept_key_type(key)->kind;
        /* Which line was which of two files: kept writes it, and it follows from all the rest. */
        if ((then == NULL && now == NULL) || key == POLICY_origins)
            continue;
        if (kind == TYPE_MAP)
            walk_map(w, at, key, then, now);
        else if (kind == TYPE_NAMED)
            walk_named(w, at, key, then, now);
        else if (kind == TYPE_LIST)
            walk_list(w, at, key, then, now);
        else
            walk_value(w, at, key, then, now);
    }
}

/* ---- the door ------------------------------------------------------------------------------------ */

static int read_tree(struct reader *r, struct kept_trees *trees, struct kept_span text)
{
    *r = (struct reader){.findings = &trees->found, .arena = &trees->arena, .what = "policy",
                         .manual = "", .head = "kept"};
    return kept_tree_read(r, text);
}

int kept_difference_walk(struct kept_difference *d, struct kept_span then, struct kept_span now,
                         struct kept_err *err)
{
    struct kept_trees *trees = kept_alloc(1, sizeof *trees);
    d->inside = trees;
    if (trees == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory to compare");
    int rc = read_tree(&trees->then, trees, then);
    if (rc == 0)
        rc = read_tree(&trees->now, trees, now);
    if (rc != 0)
        return kept_fail(err, rc, "a policy cannot be read");
    struct walk w = {d, trees, &trees->then, &trees->now, 0};
    const struct place root = {NULL, "", &trees->then.tree.nodes[trees->then.tree.root],
                               &trees->now.tree.nodes[trees->now.tree.root]};
    walk_section(&w, &root, SECTION_POLICY);
    return w.rc == 0 ? 0 : kept_fail(err, w.rc, "no memory to compare");
}

static int read_policy(struct kept_span text, const char *which, struct kept_policy **ret,
                       struct kept_err *err)
{
    struct kept_findings findings = {0};
    struct kept_err why = {0};
    int rc = kept_policy_read(text, ret, &findings, &why);
    kept_findings_release(&findings);
    return rc == 0 ? 0 : kept_fail(err, rc, "%s: %.400s", which, why.text);
}

int kept_policy_difference(struct kept_span then, struct kept_span now, struct kept_difference **ret,
                           struct kept_err *err)
{
    struct kept_difference *d = kept_alloc(1, sizeof *d);
    *ret = NULL;
    if (d == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory to compare");
    int rc = read_policy(then, "the former policy", &d->then, err);
    if (rc == 0)
        rc = read_policy(now, "the later policy", &d->now, err);
    if (rc == 0)
        rc = kept_difference_walk(d, then, now, err);
    if (rc == 0 && (rc = kept_difference_judge(d)) != 0)
        rc = kept_fail(err, rc, "no memory to compare");
    if (rc == 0)
        *ret = d;
    else
        kept_difference_free(d);
    return rc;
}

void kept_difference_free(struct kept_difference *d)
{
    if (d == NULL)
        return;
    struct kept_trees *trees = d->inside;
    if (trees != NULL) {
        kept_tree_release(&trees->then.tree);
        kept_tree_release(&trees->now.tree);
        kept_findings_release(&trees->found);
        kept_arena_release(&trees->arena);
    }
    kept_free(trees);
    kept_policy_free(d->then);
    kept_policy_free(d->now);
    kept_free(d->changes);
    kept_free(d->asked);
    kept_free(d);
}
