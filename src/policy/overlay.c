/* overlay.c - two trees become one text, a value a line, with the origin of each line behind it. */
#include "policy/overlay.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "policy/duties_int.h"
#include "policy/show_int.h"

#define ORIGINS_A_LINE 32u

struct side {
    struct arena arena;
    struct reader reader;
    const struct node *root;
};
struct joint {
    struct side product, base;
    bool base_wins;
    struct kept_buf *out, origins;
    unsigned line, noted;        /* of the output: the one being written; origins on this line of them */
};

static bool among(const char *const *words, const char *word)
{
    for (; *words != NULL; words++)
        if (strcmp(*words, word) == 0)
            return true;
    return false;
}

static int open_side(struct side *side, const struct kept_policy_file *file,
                     struct kept_findings *findings)
{
    size_t before = findings->count;
    side->reader = (struct reader){.arena = &side->arena, .findings = findings, .what = "policy",
                                   .manual = "policies/README.md", .head = "kept"};
    int rc = kept_tree_read(&side->reader, file->text);
    if (rc == 0)
        side->root = &side->reader.tree.nodes[side->reader.tree.root];
    if (rc == 0 && !kept_keys(&side->reader, side->root, NULL, "the policy"))
        rc = KEPT_E_POLICY;
    for (size_t i = before; i < findings->count; i++)
        (void)snprintf(findings->rows[i].file, sizeof findings->rows[i].file, "%s", file->name);
    return rc;
}

static void close_side(struct side *side)
{
    kept_tree_release(&side->reader.tree);
    kept_arena_release(&side->arena);
}

/* ---- writing ----------------------------------------------------------------------------------- */

/* The line that ends here was this line of this side's file. */
static void end_line(struct joint *j, const struct side *side, int line)
{
    kept_buf_u8(j->out, '\n');
    if (j->noted == ORIGINS_A_LINE) {
        kept_buf_text(&j->origins, "\"\n    - \"");
        j->noted = 0;
    }
    kept_buf_printf(&j->origins, "%s%u:%c:%d", j->noted > 0 ? " " : "", j->line,
                    side == &j->product ? '0' : '1', line);
    j->noted++;
    j->line++;
}

static void indent(struct joint *j, unsigned depth)
{
    for (unsigned i = 0; i < depth; i++)
        kept_buf_text(j->out, "  ");
}

static bool plain_list(const struct side *side, const struct node *list)
{
    for (const struct node *i = kept_node(&side->reader, list->first); i != NULL;
         i = kept_node(&side->reader, i->next))
        if (i->kind != NODE_SCALAR)
            return false;
    return true;
}

static void put_map(struct joint *j, const struct side *side, const struct node *map, unsigned depth);

/* A value behind its key, or behind the dash of a list. Depth is bounded by KEPT_MAX_POLICY_DEPTH, which
 * the reader of YAML holds to. */
static void put_value(struct joint *j, const struct side *side, const struct node *node, int line,
                      unsigned depth)
{
    const struct reader *r = &side->reader;
    if (node->kind == NODE_SCALAR) {
        bool nothing = node->plain && node->text[0] == 0;
        kept_buf_text(j->out, nothing ? "" : " ");
        if (!nothing)
            kept_show_quote(j->out, node->text);
        end_line(j, side, line);
    } else if (node->kind == NODE_LIST && plain_list(side, node)) {
        kept_buf_text(j->out, " [");
        for (const struct node *i = kept_node(r, node->first); i != NULL; i = kept_node(r, i->next)) {
            kept_show_quote(j->out, i->text);
            kept_buf_text(j->out, i->next != NO_NODE ? ", " : "");
        }
        kept_buf_u8(j->out, ']');
        end_line(j, side, line);
    } else if (node->count == 0) {
        kept_buf_text(j->out, " {}");
        end_line(j, side, line);
    } else if (node->kind == NODE_LIST) {
        end_line(j, side, line);
        for (const struct node *i = kept_node(r, node->first); i != NULL; i = kept_node(r, i->next)) {
            indent(j, depth);
            kept_buf_u8(j->out, '-');
            put_value(j, side, i, i->line, depth + 1);
        }
    } else {
        end_line(j, side, line);
        put_map(j, side, node, depth);
    }
}

static void put_map(struct joint *j, const struct side *side, const struct node *map, unsigned depth)
{
    for (const struct node *i = kept_node(&side->reader, map->first); i != NULL;
         i = kept_node(&side->reader, i->next)) {
        indent(j, depth);
        kept_show_quote(j->out, i->key);
        kept_buf_u8(j->out, ':');
        put_value(j, side, i, i->key_line, depth + 1);
    }
}

/* ---- joining ----------------------------------------------------------------------------------- */

static bool language_of(const struct side *side, const char *word)
{
    const struct node *languages = kept_child(&side->reader, side->root, "languages");
    const struct node *authority = kept_child(&side->reader, languages, "authority");
    const struct node *also = kept_child(&side->reader, languages, "also");
    if (authority != NULL && authority->kind == NODE_SCALAR && strcmp(authority->text, word) == 0)
        return true;
    for (const struct node *i = also != NULL && also->kind == NODE_LIST
                                    ? kept_node(&side->reader, also->first)
                                    : NULL;
         i != NULL; i = kept_node(&side->reader, i->next))
        if (i->kind == NODE_SCALAR && strcmp(i->text, word) == 0)
            return true;
    return false;
}

/* A text in several languages says one thing. */
static bool is_text(const struct joint *j, const struct side *side, const struct node *map)
{
    for (const struct node *i = kept_node(&side->reader, map->first); i != NULL;
         i = kept_node(&side->reader, i->next))
        if (!language_of(&j->product, i->key) && !language_of(&j->base, i->key))
            return false;
    return map->count > 0;
}

static bool taken_whole(const struct joint *j, const char *key, const struct node *a,
                        const struct node *b)
{
    static const char *const whole[] = {"languages", "deadline", "fee", "agreement", "client",
                                        "personalised", NULL};
    return a->kind != NODE_MAP || b->kind != NODE_MAP || among(whole, key) ||
           is_text(j, &j->product, a) || is_text(j, &j->base, b);
}

static bool absent(const struct node *node)
{
    return node == NULL || (node->kind == NODE_SCALAR && node->plain && node->text[0] == 0);
}

static void join_maps(struct joint *j, const struct node *a, const struct node *b, unsigned depth);

/* One key: what the product says (a), what the base says (b); not both NULL. */
static void join_key(struct joint *j, const char *key, const struct node *a, const struct node *b,
                     unsigned depth)
{
    indent(j, depth);
    kept_show_quote(j->out, key);
    kept_buf_u8(j->out, ':');
    if (a != NULL && b != NULL && !absent(a) && !absent(b) && !taken_whole(j, key, a, b)) {
        end_line(j, &j->product, a->key_line);
        join_maps(j, a, b, depth + 1);
        return;
    }
    bool from_base = absent(a) ? b != NULL : !absent(b) && j->base_wins;
    const struct node *node = from_base ? b : a;
    put_value(j, from_base ? &j->base : &j->product, node, node->key_line, depth + 1);
}

static void join_maps(struct joint *j, const struct node *a, const struct node *b, unsigned depth)
{
    static const char *const own[] = {"kept", "app", "title", "version", "issued", "effective", NULL};
    static const char *const done[] = {"extends", "precedence", "origins", NULL};
    const struct reader *ra = &j->product.reader, *rb = &j->base.reader;
    bool root = depth == 0;
    for (const struct node *i = kept_node(ra, a->first); i != NULL; i = kept_node(ra, i->next))
        if (!root || !among(done, i->key))
            join_key(j, i->key, i, root && among(own, i->key) ? NULL : kept_child(rb, b, i->key),
                     depth);
    for (const struct node *i = kept_node(rb, b->first); i != NULL; i = kept_node(rb, i->next))
        if (kept_child(ra, a, i->key) == NULL &&
            (!root || (!among(done, i->key) && !among(own, i->key))))
            join_key(j, i->key, NULL, i, depth);
}

/* ---- the door ---------------------------------------------------------------------------------- */

static bool beside(const char *name)
{
    return name[0] != 0 && name[0] != '.' && strlen(name) < KEPT_MAX_POLICY_FILE &&
           strpbrk(name, "/\\\n\r\t\"") == NULL;
}

int kept_policy_extends(struct kept_span text, char ret_name[KEPT_MAX_POLICY_FILE],
                        struct kept_err *err)
{
    struct kept_findings findings = {0};
    struct side side = {0};
    const struct kept_policy_file file = {.name = "", .text = text};
    ret_name[0] = 0;
    int rc = open_side(&side, &file, &findings);
    const struct node *node = rc == 0 ? kept_child(&side.reader, side.root, "extends") : NULL;
    if (rc == 0 && node != NULL && (node->kind != NODE_SCALAR || !beside(node->text)))
        rc = kept_fail(err, KEPT_E_POLICY,
                       "%d:%d: 'extends' names a file beside this one, without folders: group.yaml",
                       node->line, node->column);
    else if (rc == 0 && node != NULL)
        (void)snprintf(ret_name, KEPT_MAX_POLICY_FILE, "%s", node->text);
    else if (rc == KEPT_E_NOMEM)
        rc = kept_fail(err, rc, "no memory to read the policy");
    else
        rc = 0;
    close_side(&side);
    kept_findings_release(&findings);
    return rc;
}

static int precedence(struct joint *j, const struct kept_policy_file *product,
                      const struct kept_policy_file *base, struct kept_findings *findings)
{
    size_t before = findings->count;
    (void)kept_need_at(&j->product.reader, j->product.root, POLICY_precedence);
    int word = kept_word_at(&j->product.reader, j->product.root, POLICY_precedence);
    j->base_wins = word == 1;
    for (size_t i = before; i < findings->count; i++)
        (void)snprintf(findings->rows[i].file, sizeof findings->rows[i].file, "%s", product->name);
    before = findings->count;
    const struct node *chain = kept_child(&j->base.reader, j->base.root, "extends");
    if (chain != NULL)
        kept_find(&j->base.reader, CODE_OVERLAY_CHAIN, chain->key_line, chain->key_column,
                  "let the product extend one file that extends none",
                  "a base that extends another hides who said what");
    for (size_t i = before; i < findings->count; i++)
        (void)snprintf(findings->rows[i].file, sizeof findings->rows[i].file, "%s", base->name);
    return word < 0 || chain != NULL ? KEPT_E_POLICY : 0;
}

static void write_all(struct joint *j, const struct kept_policy_file *product,
                      const struct kept_policy_file *base)
{
    join_maps(j, j->product.root, j->base.root, 0);
    kept_buf_text(j->out, "\"origins\":\n  \"files\": [");
    kept_show_quote(j->out, product->name);
    kept_buf_text(j->out, ", ");
    kept_show_quote(j->out, base->name);
    kept_buf_text(j->out, "]\n  \"lines\":\n    - \"");
    kept_buf_bytes(j->out, j->origins.p, j->origins.n);
    kept_buf_text(j->out, "\"\n");
}

int kept_policy_overlay(const struct kept_policy_file *product,
                        const struct kept_policy_file *base, struct kept_buf *out,
                        struct kept_findings *findings, struct kept_err *err)
{
    struct joint j = {.out = out, .line = 1};
    kept_buf_init(&j.origins, KEPT_MAX_POLICY_BYTES);
    int rc = open_side(&j.product, product, findings);
    int rc_base = open_side(&j.base, base, findings);
    rc = rc != 0 ? rc : rc_base;
    if (rc == 0 && (rc = precedence(&j, product, base, findings)) == 0) {
        write_all(&j, product, base);
        rc = out->failed != 0 ? out->failed : j.origins.failed;
    }
    if (rc != 0 && findings->count > 0)
        rc = kept_fail(err, rc, "%s:%d:%d: %s: %.120s", findings->rows[0].file,
                       findings->rows[0].line, findings->rows[0].column, findings->rows[0].code,
                       findings->rows[0].text);
    else if (rc != 0)
        rc = kept_fail(err, rc, "%s over %s is too large, or there is no memory for it",
                       product->name, base->name);
    kept_buf_release(&j.origins);
    close_side(&j.product);
    close_side(&j.base);
    return rc;
}
