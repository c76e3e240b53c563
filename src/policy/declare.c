/* declare.c - the first look at every section: which names there are, so that rules may refer to
 * each other in any order. */
#include <string.h>

#include "policy/policy_int.h"

/* A section: a map from names to rules. NULL when it is absent or empty. What refers to the names of one
 * that must be there is not blamed when it is not. */
static const struct node *section(struct reader *r, const struct node *root, enum key key,
                                  enum kept_kind kind)
{
    const struct node *node = kept_at(r, root, key);
    bool missing = node == NULL && kept_key_row(key)->need.why != NULL;
    bool empty = node != NULL && node->kind == NODE_SCALAR && node->plain && node->text[0] == 0;
    if (missing)
        r->no_names |= 1u << kind;
    if (node == NULL || empty)
        return NULL;
    if (kept_keys(r, node, NULL, kept_key_row(key)->name))
        return node;
    r->no_names |= 1u << kind;
    return NULL;
}

static void check_name(struct reader *r, const struct node *node)
{
    if (!kept_name_valid(node->key))
        kept_find(r, CODE_BAD_NAME, node->key_line, node->key_column,
                  "use lower-case letters, digits, '.', '_', '-'; begin with a letter",
                  "'%.64s' cannot be a name: names are at most 64 bytes and stand in the ledger",
                  node->key);
}

/* Fill .name, .ref and .rule of each row of a section. */
#define DECLARE(section_key, rows, total, kind)                                                    \
    do {                                                                                           \
        const struct node *map_ = section(r, root, section_key, kind);                                  \
        (rows) = kept_arena_alloc(&p->arena, map_ != NULL ? map_->count : 0, sizeof *(rows));      \
        for (uint32_t i_ = map_ != NULL ? map_->first : NO_NODE; (rows) != NULL && i_ != NO_NODE;  \
             i_ = r->tree.nodes[i_].next) {                                                        \
            struct node *node_ = &r->tree.nodes[i_];                                               \
            check_name(r, node_);                                                                  \
            node_->declares = (uint32_t)(total);                                                   \
            (rows)[total].name = node_->key;                                                       \
            (rows)[total].ref = kept_ref((kind), node_->key);                                      \
            (rows)[total].rule = kept_rule(r, node_, node_->key_line);                             \
            (total)++;                                                                             \
        }                                                                                          \
    } while (0)

static void declare_items(struct reader *r, const struct node *root)
{
    struct kept_policy *p = r->policy;
    const struct node *map = section(r, root, POLICY_items, KEPT_K_ITEM);
    p->items = kept_arena_alloc(&p->arena, map != NULL ? map->count : 0, sizeof *p->items);
    for (uint32_t i = map != NULL ? map->first : NO_NODE; p->items != NULL && i != NO_NODE;
         i = r->tree.nodes[i].next) {
        struct node *node = &r->tree.nodes[i];
        node->declares = (uint32_t)p->info.items;
        struct item_rule *item = &p->items[p->info.items++];
        struct rule rule = kept_rule(r, node, node->key_line);
        check_name(r, node);
        item->pub = (struct kept_item){.name = node->key, .ref = kept_ref(KEPT_K_ITEM, node->key),
                                       .clause = rule.clause, .line = rule.line, .kind = "text"};
        item->rule = rule;
        item->column = node->key_column;
    }
}

/* The default one is the first, whether the file has words for it or not. */
static void declare_partitions(struct reader *r, const struct node *root)
{
    struct kept_policy *p = r->policy;
    const struct node *map = section(r, root, POLICY_partitions, KEPT_K_PARTITION);
    p->partitions = kept_arena_alloc(&p->arena, map != NULL ? map->count + 1 : 1, sizeof *p->partitions);
    if (p->partitions == NULL)
        return;
    p->partitions[0] = (struct partition_rule){.name = "default", .rule = {.clause = "", .line = 0}};
    p->info.partitions = 1;
    for (uint32_t i = map != NULL ? map->first : NO_NODE; i != NO_NODE; i = r->tree.nodes[i].next) {
        struct node *node = &r->tree.nodes[i];
        bool first = strcmp(node->key, p->partitions[0].name) == 0;
        node->declares = first ? 0 : (uint32_t)p->info.partitions++;
        struct partition_rule *one = &p->partitions[node->declares];
        check_name(r, node);
        *one = (struct partition_rule){.name = node->key, .rule = kept_rule(r, node, node->key_line),
                                       .ref = first ? KEPT_REF_NONE : kept_ref(KEPT_K_PARTITION, node->key),
                                       .column = node->key_column};
    }
}

/* The file writes "app" for the role "": the app itself. */
static void declare_roles(struct reader *r, const struct node *root)
{
    struct kept_policy *p = r->policy;
    DECLARE(POLICY_roles, p->roles, p->info.roles, KEPT_K_ROLE);
    p->app_role = KEPT_NO_INDEX;
    for (size_t i = 0; p->roles != NULL && i < p->info.roles; i++)
        if (strcmp(p->roles[i].name, "app") == 0) {
            p->roles[i].name = "";
            p->roles[i].ref = kept_ref(KEPT_K_ROLE, "");
            p->app_role = (uint32_t)i;
        }
}

static void declare_exemptions(struct reader *r, const struct node *root)
{
    struct kept_policy *p = r->policy;
    const struct node *map = section(r, root, POLICY_exemptions, KEPT_K_NONE);
    p->exemptions =
        kept_arena_alloc(&p->arena, map != NULL ? map->count : 0, sizeof *p->exemptions);
    for (uint32_t i = map != NULL ? map->first : NO_NODE; p->exemptions != NULL && i != NO_NODE;
         i = r->tree.nodes[i].next) {
        const struct node *node = &r->tree.nodes[i];
        check_name(r, node);
        p->exemptions[p->exemption_count].code = node->key;
        p->exemptions[p->exemption_count++].rule = kept_rule(r, node, node->key_line);
    }
}

void kept_declare(struct reader *r, const struct node *root)
{
    struct kept_policy *p = r->policy;
    DECLARE(POLICY_purposes, p->purposes, p->info.purposes, KEPT_K_PURPOSE);
    DECLARE(POLICY_permissions, p->permissions, p->info.permissions, KEPT_K_PERMISSION);
    DECLARE(POLICY_functions, p->functions, p->info.functions, KEPT_K_FUNCTION);
    DECLARE(POLICY_recipients, p->recipients, p->info.recipients, KEPT_K_RECIPIENT);
    declare_partitions(r, root);
    declare_items(r, root);
    declare_roles(r, root);
    declare_exemptions(r, root);
    r->functions_lost = (r->no_names >> KEPT_K_FUNCTION & 1u) != 0;
}
