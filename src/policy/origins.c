/* origins.c - the last section of a policy that was made of two files: which line was which. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/duties_int.h"
#include "policy/overlay.h"

/* One "12:0:34": line 12 was line 34 of the first file. NULL: it is none. */
static const char *read_origin(const char *at, struct origin *origin)
{
    char *end = NULL;
    unsigned long flat = strtoul(at, &end, 10);
    if (end == at || *end != ':' || (end[1] != '0' && end[1] != '1') || end[2] != ':')
        return NULL;
    origin->file = (unsigned)(end[1] - '0');
    at = end + 3;
    unsigned long line = strtoul(at, &end, 10);
    if (end == at || (*end != 0 && *end != ' ') || flat > INT32_MAX || line > INT32_MAX)
        return NULL;
    origin->flat = (int)flat;
    origin->line = (int)line;
    return *end == ' ' ? end + 1 : end;
}

static bool read_run(struct kept_policy *p, const char *at)
{
    while (*at != 0) {
        struct origin *origin = &p->origins[p->origin_count];
        if ((at = read_origin(at, origin)) == NULL ||
            (p->origin_count > 0 && origin->flat <= origin[-1].flat))
            return false;
        p->origin_count++;
    }
    return true;
}

static size_t colons(const struct reader *r, const struct node *lines)
{
    size_t n = 0;
    for (const struct node *i = kept_node(r, lines->first); i != NULL; i = kept_node(r, i->next))
        for (const char *at = i->text; *at != 0; at++)
            n += *at == ':';
    return n;
}

static bool read_lines(struct reader *r, const struct node *files, const struct node *lines)
{
    struct kept_policy *p = r->policy;
    const struct node *product = files != NULL ? kept_node(r, files->first) : NULL;
    const struct node *base = product != NULL ? kept_node(r, product->next) : NULL;
    if (base == NULL || files->count != 2 || lines == NULL || lines->count == 0 ||
        product->kind != NODE_SCALAR || base->kind != NODE_SCALAR)
        return false;
    p->origins = kept_arena_alloc(&p->arena, colons(r, lines) + 1, sizeof *p->origins);
    if (p->origins == NULL)
        return false;
    p->origin_files[0] = product->text;
    p->origin_files[1] = base->text;
    for (const struct node *i = kept_node(r, lines->first); i != NULL; i = kept_node(r, i->next))
        if (i->kind != NODE_SCALAR || !read_run(p, i->text))
            return false;
    return true;
}

/* The way to a value: items.phone.retain. */
static const char *path_to(struct reader *r, const struct node *node)
{
    const char *keys[KEPT_MAX_POLICY_DEPTH + 1];
    size_t depth = 0, n = 1;
    for (const struct node *i = node; i != NULL; i = kept_node(r, i->parent)) /* yaml.c holds the depth */
        if (i->key != NULL) {
            keys[depth++] = i->key;
            n += strlen(i->key) + 1;
        }
    char *path = kept_arena_alloc(&r->policy->arena, n, 1);
    for (size_t at = 0; path != NULL && depth > 0; depth--)
        at += (size_t)snprintf(path + at, n - at, "%s%s", keys[depth - 1], depth > 1 ? "." : "");
    return path;
}

/* Every value that was said, with the line it has here: what `kept policy show` lists. */
static void read_values(struct reader *r)
{
    struct kept_policy *p = r->policy;
    p->values = kept_arena_alloc(&p->arena, r->tree.count, sizeof *p->values);
    for (size_t i = 0; p->values != NULL && i < r->tree.count; i++) {
        const struct node *node = &r->tree.nodes[i];
        if (node->key == NULL || node->kind == NODE_MAP ||
            (node->kind == NODE_SCALAR && node->text[0] == 0))
            continue;
        int line = 0;
        const char *path = path_to(r, node);
        if (path != NULL && kept_policy_origin(p, node->key_line, &line) != NULL && strncmp(path, "origins.", 8) != 0)
            p->values[p->value_count++] =
                (struct said){.path = path, .text = node->text, .line = node->key_line};
    }
}

void kept_read_origins(struct reader *r, const struct node *root)
{
    struct kept_policy *p = r->policy;
    const struct node *extends = kept_at(r, root, POLICY_extends);
    (void)!kept_word_at(r, root, POLICY_precedence);
    if (extends != NULL && kept_string(r, extends) != NULL)
        kept_find(r, CODE_OVERLAY_ALONE, extends->key_line, extends->key_column,
                  "give kept the file, not its text: `kept policy check FILE`",
                  "this policy extends another file, which was not read with it");
    const struct node *node = kept_at(r, root, POLICY_origins);
    if (node == NULL || !kept_keys_of(r, node, SECTION_ORIGINS))
        return;
    if (!read_lines(r, kept_list_at(r, node, ORIGINS_files), kept_list_at(r, node, ORIGINS_lines))) {
        kept_find(r, CODE_BAD_ORIGINS, node->key_line, node->key_column,
                  "remove it: kept writes this section when it joins two files",
                  "'origins' does not say which line was which");
        p->origin_count = 0;
        return;
    }
    read_values(r);
}

const char *kept_policy_origin(const struct kept_policy *policy, int line, int *ret_line)
{
    size_t low = 0, high = policy->origin_count;
    *ret_line = line;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (policy->origins[middle].flat < line)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == policy->origin_count || policy->origins[low].flat != line)
        return NULL;
    *ret_line = policy->origins[low].line;
    return policy->origin_files[policy->origins[low].file];
}

/* Findings stand where people wrote what is wrong. */
void kept_origins_findings(const struct kept_policy *policy, struct kept_findings *findings)
{
    for (size_t i = 0; policy->origin_count > 0 && i < findings->count; i++) {
        struct kept_finding *row = &findings->rows[i];
        const char *file = kept_policy_origin(policy, row->line, &row->line);
        if (file != NULL) {
            row->column = 1;
            (void)snprintf(row->file, sizeof row->file, "%s", file);
        }
    }
}
