/* mapping.c - a mapping file to a struct; what is wrong in it is reported where it stands. */
#include "transfer/mapping.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "crypto/crypto.h"
#include "policy/tree.h"

struct memory {
    struct kept_mapping mapping;
    struct arena arena;
};

struct mapper {
    struct reader *r;
    struct kept_mapping *m;
    struct memory *memory;
};

/* ---- columns --------------------------------------------------------------------------------- */

static size_t column(struct mapper *p, const char *name)
{
    struct kept_mapping *m = p->m;
    for (size_t i = 0; i < m->column_count; i++)
        if (strcmp(m->columns[i], name) == 0)
            return i;
    if (kept_grow(&m->columns, &m->column_cap, m->column_count + 1, KEPT_MAX_COLUMNS,
                  sizeof *m->columns) != 0) {
        p->r->nomem = true;
        return KEPT_NO_COLUMN;
    }
    m->columns[m->column_count] = name;
    return m->column_count++;
}

/* {column: NAME, date: PATTERN}, {value: TEXT}, or NAME alone, which is a column. */
static struct kept_from from_node(struct mapper *p, const struct node *node)
{
    static const char *const keys[] = {"column", "value", "date", NULL};
    struct kept_from from = {.column = KEPT_NO_COLUMN};
    if (node == NULL)
        return from;
    from.given = true;
    if (node->kind == NODE_SCALAR) {
        const char *name = kept_string(p->r, node);
        from.column = name != NULL ? column(p, name) : KEPT_NO_COLUMN;
        return from;
    }
    if (!kept_keys(p->r, node, keys, "what a row brings"))
        return from;
    const struct node *name = kept_child(p->r, node, "column");
    const struct node *value = kept_child(p->r, node, "value");
    const struct node *date = kept_child(p->r, node, "date");
    if ((name == NULL) == (value == NULL))
        kept_find(p->r, CODE_BAD_VALUE, node->line, node->column,
                  "write {column: NAME} or {value: TEXT}",
                  "it comes from a column, or is one value for all rows");
    if (name != NULL && kept_string(p->r, name) != NULL)
        from.column = column(p, name->text);
    if (value != NULL)
        from.value = kept_string(p->r, value);
    if (date != NULL && (from.date = kept_string(p->r, date)) != NULL &&
        !kept_date_pattern_valid(from.date))
        kept_find(p->r, CODE_BAD_DATE, date->line, date->column,
                  "such as DD.MM.YYYY, YYYYMMDD or 'YYYY-MM-DD hh:mm:ss' (UTC)",
                  "'%.64s' does not say where year, month and day stand", from.date);
    return from;
}

static struct kept_from from_child(struct mapper *p, const struct node *map, const char *key)
{
    return from_node(p, kept_child(p->r, map, key));
}

static const char *name_child(struct mapper *p, const struct node *map, const char *key)
{
    const struct node *node = kept_child(p->r, map, key);
    const char *name = kept_string(p->r, node);
    if (name != NULL && !kept_name_valid(name)) {
        kept_find(p->r, CODE_BAD_NAME, node->line, node->column,
                  "write it as the policy does",
                  "'%.64s' is no name that a policy could declare", name);
        return NULL;
    }
    return name;
}

/* ---- what is collected ------------------------------------------------------------------------ */

static uint32_t facts_of(struct mapper *p, const struct node *map)
{
    static const char *const words[] = {"in-use", "user-action", "background", NULL};
    static const uint32_t bits[] = {KEPT_F_IN_USE, KEPT_F_USER_ACTION, KEPT_F_BACKGROUND};
    uint32_t facts = KEPT_F_IMPORTED;
    const struct node *list = kept_list(p->r, map, "facts");
    for (uint32_t i = list != NULL ? list->first : NO_NODE; i != NO_NODE;
         i = p->r->tree.nodes[i].next) {
        int word = kept_word(p->r, &p->r->tree.nodes[i], words);
        facts |= word >= 0 ? bits[word] : 0;
    }
    return facts;
}

static void read_items(struct mapper *p, const struct node *map, struct kept_mapped_collect *c)
{
    const struct node *items =
        kept_need(p->r, map, "items", "a collection without items takes nothing in");
    if (items == NULL || !kept_keys(p->r, items, NULL, "items"))
        return;
    c->items = kept_arena_alloc(p->r->arena, items->count, sizeof *c->items);
    for (uint32_t i = items->first; c->items != NULL && i != NO_NODE;
         i = p->r->tree.nodes[i].next) {
        const struct node *node = &p->r->tree.nodes[i];
        if (c->count >= KEPT_MAX_MAPPED) {
            kept_find(p->r, CODE_TOO_MANY, node->line, node->column, "split the mapping",
                      "more than %u items stand here", KEPT_MAX_MAPPED);
            return;
        }
        if (!kept_name_valid(node->key))
            kept_find(p->r, CODE_BAD_NAME, node->key_line, node->key_column,
                      "write it as the policy does",
                      "'%.64s' is no name that a policy could declare", node->key);
        c->items[c->count].item = node->key;
        c->items[c->count++].from = from_node(p, node);
    }
}

static void read_collect(struct mapper *p, const struct node *map, struct kept_mapped_collect *c)
{
    static const char *const keys[] = {"function", "purpose", "facts", "items", NULL};
    if (!kept_keys(p->r, map, keys, "a collection"))
        return;
    (void)kept_need(p->r, map, "function", "nothing is collected but by a function of the policy");
    c->function = name_child(p, map, "function");
    c->purpose = name_child(p, map, "purpose");
    c->facts = facts_of(p, map);
    read_items(p, map, c);
}

static void read_collects(struct mapper *p, const struct node *root)
{
    struct kept_mapping *m = p->m;
    const struct node *list = kept_list(p->r, root, "collect");
    if (list == NULL)
        return;
    m->collects = kept_arena_alloc(p->r->arena, list->count, sizeof *m->collects);
    for (uint32_t i = list->first; m->collects != NULL && i != NO_NODE;
         i = p->r->tree.nodes[i].next)
        read_collect(p, &p->r->tree.nodes[i], &m->collects[m->collect_count++]);
}

/* ---- consents --------------------------------------------------------------------------------- */

static void name_consent(struct mapper *p, struct kept_mapped_consent *c, const char *kind)
{
    const char *of = c->function != NULL    ? c->function
                     : c->purpose != NULL   ? c->purpose
                     : c->item != NULL      ? c->item
                     : c->recipient != NULL ? c->recipient
                                            : "";
    size_t n = strlen(kind) + strlen(of) + 2;
    char *name = kept_arena_alloc(p->r->arena, n, 1);
    if (name != NULL)
        (void)snprintf(name, n, "%s%s%s", kind, of[0] != 0 ? " " : "", of);
    c->name = name != NULL ? name : kind;
}

static void read_scope(struct mapper *p, const struct node *map, struct kept_mapped_consent *c)
{
    c->function = name_child(p, map, "function");
    c->purpose = name_child(p, map, "purpose");
    c->item = name_child(p, map, "item");
    c->recipient = name_child(p, map, "recipient");
    int scopes = (c->function != NULL) + (c->purpose != NULL) + (c->item != NULL) +
                 (c->recipient != NULL);
    if (scopes > 1 || (scopes == 1 && c->kind == KEPT_C_ACKNOWLEDGEMENT))
        kept_find(p->r, CODE_BAD_VALUE, map->line, map->column,
                  c->kind == KEPT_C_ACKNOWLEDGEMENT ? "remove it" : "write one consent for each",
                  c->kind == KEPT_C_ACKNOWLEDGEMENT
                      ? "an acknowledgement is of the whole notice"
                      : "a consent is about one function, purpose, item or recipient");
    if (scopes == 0 && c->kind == KEPT_C_SEPARATE)
        kept_find(p->r, CODE_MISSING_KEY, map->line, map->column,
                  "add function, purpose, item or recipient",
                  "separate consent names what it is for");
}

static void read_when(struct mapper *p, const struct node *map, struct kept_mapped_consent *c)
{
    static const char *const keys[] = {"column", "is", NULL};
    const struct node *when = kept_child(p->r, map, "when");
    c->when.column = KEPT_NO_COLUMN;
    if (when == NULL || !kept_keys(p->r, when, keys, "'when'"))
        return;
    const char *name = kept_string(
        p->r, kept_need(p->r, when, "column", "which column says whether the person agreed?"));
    c->is = kept_string(
        p->r, kept_need(p->r, when, "is", "what does it hold where the person agreed?"));
    if (name != NULL)
        c->when = (struct kept_from){.column = column(p, name), .given = true};
}

static void read_consent(struct mapper *p, const struct node *map, struct kept_mapped_consent *c)
{
    static const char *const keys[] = {"kind", "function", "purpose", "item", "recipient", "given",
                                       "version", "text_sha256", "language", "expires",
                                       "evidence", "when", NULL};
    static const char *const kinds[] = {"acknowledgement", "explicit", "separate", NULL};
    static const enum kept_consent_kind values[] = {KEPT_C_ACKNOWLEDGEMENT, KEPT_C_EXPLICIT,
                                                    KEPT_C_SEPARATE};
    if (!kept_keys(p->r, map, keys, "a consent"))
        return;
    const struct node *node = kept_need(p->r, map, "kind", "what did the person do?");
    int kind = node != NULL ? kept_word(p->r, node, kinds) : -1;
    c->kind = kind >= 0 ? values[kind] : KEPT_C_NONE;
    read_scope(p, map, c);
    (void)kept_need(p->r, map, "given", "a consent of before was given at an instant");
    (void)kept_need(p->r, map, "evidence", "whoever relies on a consent must prove it (PIPL 14)");
    c->given = from_child(p, map, "given");
    c->version = from_child(p, map, "version");
    c->text_sha256 = from_child(p, map, "text_sha256");
    c->language = from_child(p, map, "language");
    c->expires = from_child(p, map, "expires");
    c->evidence = from_child(p, map, "evidence");
    read_when(p, map, c);
    if (!c->version.given && !c->text_sha256.given)
        kept_find(p->r, CODE_MISSING_KEY, map->line, map->column,
                  "add 'version: {value: 1}', or text_sha256",
                  "which text did the person see? A consent holds for that text");
    name_consent(p, c, kind >= 0 ? kinds[kind] : "?");
}

static void read_consents(struct mapper *p, const struct node *root)
{
    struct kept_mapping *m = p->m;
    const struct node *list = kept_list(p->r, root, "consents");
    if (list == NULL)
        return;
    m->consents = kept_arena_alloc(p->r->arena, list->count, sizeof *m->consents);
    for (uint32_t i = list->first; m->consents != NULL && i != NO_NODE;
         i = p->r->tree.nodes[i].next)
        read_consent(p, &p->r->tree.nodes[i], &m->consents[m->consent_count++]);
}

/* ---- the person, and the whole ---------------------------------------------------------------- */

/* The key must be among what is collected: by it, the person is found the next time. */
static void find_key(struct mapper *p, const struct node *node)
{
    struct kept_mapping *m = p->m;
    for (size_t c = 0; c < m->collect_count; c++)
        for (size_t i = 0; i < m->collects[c].count; i++)
            if (strcmp(m->collects[c].items[i].item, m->key) == 0) {
                m->key_collect = c;
                m->key_item = i;
                return;
            }
    kept_find(p->r, CODE_DANGLING_REFERENCE, node->line, node->column,
              "add it to the items that are collected",
              "'%.64s' finds a person, but no item of this mapping has that name", m->key);
}

static void read_person(struct mapper *p, const struct node *root)
{
    static const char *const keys[] = {"subject", "key", "birth_date", "region", NULL};
    struct kept_mapping *m = p->m;
    const struct node *map = kept_child(p->r, root, "person");
    m->subject.column = m->birth_date.column = m->region.column = KEPT_NO_COLUMN;
    if (map == NULL || !kept_keys(p->r, map, keys, "a person"))
        return;
    m->subject = from_child(p, map, "subject");
    m->birth_date = from_child(p, map, "birth_date");
    m->region = from_child(p, map, "region");
    m->key = name_child(p, map, "key");
    if (m->key != NULL)
        find_key(p, kept_child(p->r, map, "key"));
    if (m->key != NULL && m->subject.given)
        kept_find(p->r, CODE_BAD_VALUE, map->line, map->column, "remove one of them",
                  "a person is found by 'subject' or by 'key', not by both");
}

static void read_head(struct mapper *p, const struct node *root)
{
    static const char *const keys[] = {"kept-mapping", "source", "format", "separator", "person",
                                       "collect", "consents", NULL};
    static const char *const formats[] = {"csv", "jsonl", NULL};
    struct kept_mapping *m = p->m;
    uint32_t version = 0;
    if (!kept_keys(p->r, root, keys, "a mapping"))
        return;
    const struct node *node =
        kept_need(p->r, root, "kept-mapping", "which version of the language is this?");
    if (node != NULL)
        (void)kept_number(p->r, node, 1, 1, &version);
    m->source = kept_string(
        p->r, kept_need(p->r, root, "source", "the ledger says where values come from"));
    node = kept_child(p->r, root, "format");
    int format = node != NULL ? kept_word(p->r, node, formats) : -1;
    m->format = format == 0 ? KEPT_ROWS_CSV : format == 1 ? KEPT_ROWS_JSONL : 0;
    m->separator = ',';
    node = kept_child(p->r, root, "separator");
    const char *separator = node != NULL && node->kind == NODE_SCALAR ? node->text : NULL;
    if (separator != NULL && strcmp(separator, "tab") == 0)
        m->separator = '\t';
    else if (separator != NULL && strlen(separator) == 1 && strchr("\"\r\n", separator[0]) == NULL)
        m->separator = separator[0];
    else if (node != NULL)
        kept_find(p->r, CODE_BAD_VALUE, node->line, node->column,
                  "write one character, such as ';', or tab", "this does not separate columns");
}

/* A row is one unit: the person, the consents, the collections. */
static void check_size(struct mapper *p)
{
    if (p->m->collect_count + p->m->consent_count >= KEPT_MAX_UNIT)
        kept_find(p->r, CODE_TOO_MANY, 1, 1, "split the mapping",
                  "more than %u consents and collections of one row", KEPT_MAX_UNIT - 1);
}

static void read_mapping(struct mapper *p, const struct node *root)
{
    read_head(p, root);
    read_collects(p, root);
    read_consents(p, root);
    read_person(p, root);
    check_size(p);
    if (p->m->collect_count == 0 && p->m->consent_count == 0 && p->r->findings->errors == 0)
        kept_find(p->r, CODE_MISSING_KEY, 1, 1, "add 'collect:' or 'consents:'",
                  "a mapping that brings neither values nor consents imports nothing");
}

static int say(const struct kept_findings *f, struct kept_err *err)
{
    const struct kept_finding *first = f->count > 0 ? &f->rows[0] : NULL;
    if (first == NULL)
        return kept_fail(err, KEPT_E_POLICY, "the mapping cannot be read");
    return kept_fail(err, KEPT_E_POLICY, "the mapping has %zu mistake%s; the first: %d:%d: %s: %.120s",
                     f->errors, f->errors == 1 ? "" : "s", first->line, first->column, first->code,
                     first->text);
}

int kept_mapping_read(struct kept_span text, struct kept_mapping **ret_mapping,
                      struct kept_findings *findings, struct kept_err *err)
{
    *ret_mapping = NULL;
    struct memory *memory = kept_alloc(1, sizeof *memory);
    if (memory == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory to read the mapping");
    struct kept_mapping *m = &memory->mapping;
    m->memory = memory;
    struct reader r = {.findings = findings, .what = "mapping", .manual = "docs/import.md",
                       .head = "kept-mapping", .arena = &memory->arena};
    struct mapper p = {.r = &r, .m = m, .memory = memory};
    int rc = kept_tree_read(&r, text);
    if (rc == 0) {
        read_mapping(&p, &r.tree.nodes[r.tree.root]);
        kept_sha256(text, m->hash);
    }
    if (rc == KEPT_E_NOMEM || r.nomem || memory->arena.nomem)
        rc = kept_fail(err, KEPT_E_NOMEM, "no memory to read the mapping");
    else if (rc == 0 || rc == KEPT_E_POLICY)
        rc = findings->errors != 0 ? say(findings, err) : 0;
    else
        rc = kept_fail(err, rc, "the mapping is too large");
    kept_tree_release(&r.tree);
    if (rc != 0)
        kept_mapping_free(m);
    else
        *ret_mapping = m;
    return rc;
}

void kept_mapping_free(struct kept_mapping *mapping)
{
    if (mapping == NULL)
        return;
    struct memory *memory = mapping->memory;
    kept_free(mapping->columns);
    kept_arena_release(&memory->arena);
    kept_free(memory);
}
