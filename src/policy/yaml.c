/* yaml.c - bytes to a tree with marks, through libyaml's events. No recursion: a stack of at most
 * KEPT_MAX_POLICY_DEPTH open collections. What a policy does not need (anchors, aliases, tags,
 * directives, several documents) is refused: it hides what the file says from its reader. */
#include <string.h>
#include <yaml.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "policy/policy_int.h"

struct builder {
    struct reader *r;
    uint32_t open[KEPT_MAX_POLICY_DEPTH];
    size_t depth;
    const char *key; /* a key waiting for its value */
    int key_line, key_column;
    bool has_root;
};

static int line_of(const yaml_mark_t *mark)
{
    return (int)mark->line + 1;
}

static int column_of(const yaml_mark_t *mark)
{
    return (int)mark->column + 1;
}

/* A sentence about the kind of file it is. */
static const char *of_kind(const struct builder *b, const char *before, const char *behind,
                           char ret[MEND_TEXT])
{
    (void)snprintf(ret, MEND_TEXT, "%s%s%s", before, b->r->what, behind);
    return ret;
}

static int refuse(struct builder *b, const yaml_mark_t *mark, enum finding_code code, const char *text,
                  const char *mend)
{
    kept_find(b->r, code, line_of(mark), column_of(mark), mend, "%s", text);
    return KEPT_E_POLICY;
}

static int second(struct builder *b, const yaml_mark_t *mark)
{
    char text[MEND_TEXT], mend[MEND_TEXT];
    return refuse(b, mark, CODE_SECOND_DOCUMENT, of_kind(b, "a ", " is one document", text),
                  of_kind(b, "keep one ", " in a file", mend));
}

static uint32_t hash_text(const char *text)
{
    uint32_t hash = 2166136261u;
    for (; *text != 0; text++)
        hash = (hash ^ (uint8_t)*text) * 16777619u;
    return hash;
}

/* The node of that key in that map, or the free slot where it belongs. key_slots is a power of two, and one
 * is always free. */
static size_t key_slot(const struct tree *tree, uint32_t map, const char *key, uint32_t hash)
{
    size_t at = (hash ^ map * 2654435761u) & (tree->key_slots - 1);
    for (; tree->keys[at] != NO_NODE; at = (at + 1) & (tree->key_slots - 1)) {
        const struct node *node = &tree->nodes[tree->keys[at]];
        if (node->key_hash == hash && node->parent == map && strcmp(node->key, key) == 0) /* no test: two keys of one hash */
            break;
    }
    return at;
}

static int more_slots(struct tree *tree)
{
    size_t slots = tree->key_slots == 0 ? 256 : 2 * tree->key_slots;
    uint32_t *keys = kept_alloc(slots, sizeof *keys);
    if (keys == NULL)
        return KEPT_E_NOMEM;
    kept_free(tree->keys);
    tree->keys = keys;
    tree->key_slots = slots;
    for (size_t i = 0; i < slots; i++)
        keys[i] = NO_NODE;
    for (uint32_t i = 0; i < tree->count; i++)
        if (tree->nodes[i].key != NULL) {
            size_t at = key_slot(tree, tree->nodes[i].parent, tree->nodes[i].key, tree->nodes[i].key_hash);
            keys[at] = keys[at] == NO_NODE ? i : keys[at];
        }
    return 0;
}

const struct node *kept_entry(const struct reader *r, const struct node *map, const char *key)
{
    const struct tree *tree = &r->tree;
    if (map == NULL || map->kind != NODE_MAP) /* found by its key: there are some */
        return NULL;
    return kept_node(r, tree->keys[key_slot(tree, (uint32_t)(map - tree->nodes), key, hash_text(key))]);
}

/* The same key twice in one map: which of them counts would be a guess. */
static int duplicate(struct builder *b, const char *key, int *ret_line)
{
    struct tree *tree = &b->r->tree;
    int rc = tree->keyed * 2 >= tree->key_slots ? more_slots(tree) : 0;
    *ret_line = 0;
    if (rc != 0)
        return rc;
    uint32_t first = tree->keys[key_slot(tree, b->open[b->depth - 1], key, hash_text(key))];
    *ret_line = first != NO_NODE ? tree->nodes[first].key_line : 0;
    return 0;
}

static int link_child(struct builder *b, struct node *node, uint32_t index,
                      const yaml_mark_t *mark)
{
    struct tree *tree = &b->r->tree;
    if (b->depth == 0) {
        b->has_root = true; /* the only one: on_document refuses a second */
        tree->root = index;
        return 0;
    }
    node->parent = b->open[b->depth - 1];
    struct node *parent = &tree->nodes[node->parent];
    if (parent->count >= KEPT_MAX_DECLARED)
        return refuse(b, mark, CODE_TOO_MANY, "more than 16384 entries stand here",
                      "declare fewer entries");
    if (parent->kind == NODE_MAP) {
        node->key = b->key;
        node->key_line = b->key_line;
        node->key_column = b->key_column;
        node->key_hash = hash_text(b->key);
        b->key = NULL;
        size_t at = key_slot(tree, node->parent, node->key, node->key_hash); /* there is room: on_key */
        tree->keyed += tree->keys[at] == NO_NODE;
        tree->keys[at] = tree->keys[at] == NO_NODE ? index : tree->keys[at];
    }
    if (parent->first == NO_NODE)
        parent->first = index;
    else
        tree->nodes[parent->last].next = index;
    parent->last = index;
    parent->count++;
    return 0;
}

static int add_node(struct builder *b, enum node_kind kind, const yaml_mark_t *mark,
                    uint32_t *ret_index)
{
    struct tree *tree = &b->r->tree;
    if (tree->count >= KEPT_MAX_POLICY_NODES)
        return refuse(b, mark, CODE_TOO_MANY, "the file has too many entries",
                      "declare fewer entries");
    int rc = kept_grow(&tree->nodes, &tree->cap, tree->count + 1, KEPT_MAX_POLICY_NODES,
                       sizeof tree->nodes[0]);
    if (rc != 0)
        return rc;
    uint32_t index = (uint32_t)tree->count++;
    tree->nodes[index] = (struct node){.kind = kind, .parent = NO_NODE, .first = NO_NODE,
                                       .last = NO_NODE, .next = NO_NODE, .line = line_of(mark),
                                       .column = column_of(mark), .text = ""};
    *ret_index = index;
    return link_child(b, &tree->nodes[index], index, mark);
}

static int take_text(struct builder *b, const yaml_event_t *event, const char **ret_text)
{
    size_t n = event->data.scalar.length;
    const char *value = (const char *)event->data.scalar.value;
    if (strnlen(value, n) != n)
        return refuse(b, &event->start_mark, CODE_NUL_CHARACTER, "a text holds a NUL character",
                      "remove it");
    char *copy = kept_arena_alloc(b->r->arena, n + 1, 1);
    if (copy == NULL)
        return KEPT_E_NOMEM;
    memcpy(copy, value, n);
    *ret_text = copy;
    return 0;
}

static int on_key(struct builder *b, const yaml_event_t *event)
{
    const char *key = NULL;
    int rc = take_text(b, event, &key);
    if (rc != 0)
        return rc;
    int line = line_of(&event->start_mark), column = column_of(&event->start_mark), before = 0;
    if ((rc = duplicate(b, key, &before)) != 0)
        return rc;
    b->r->duplicates = b->r->duplicates || before != 0;
    if (before != 0)
        kept_find(b->r, CODE_DUPLICATE_KEY, line, column, "keep one of them",
                  "'%.64s' is said twice (first on line %d): which one holds would be a guess", key,
                  before);
    b->key = key;
    b->key_line = line;
    b->key_column = column;
    return 0;
}

static int on_scalar(struct builder *b, const yaml_event_t *event)
{
    struct tree *tree = &b->r->tree;
    if (b->depth > 0 && b->key == NULL) {
        const struct node *parent = &tree->nodes[b->open[b->depth - 1]];
        if (parent->kind == NODE_MAP)
            return on_key(b, event);
    }
    const char *text = NULL;
    int rc = take_text(b, event, &text);
    if (rc != 0)
        return rc;
    uint32_t index = 0;
    if ((rc = add_node(b, NODE_SCALAR, &event->start_mark, &index)) != 0)
        return rc;
    tree->nodes[index].text = text;
    tree->nodes[index].plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    return 0;
}

static int on_open(struct builder *b, const yaml_event_t *event, enum node_kind kind)
{
    const yaml_mark_t *mark = &event->start_mark;
    char mend[MEND_TEXT];
    if (b->depth > 0 && b->key == NULL && b->r->tree.nodes[b->open[b->depth - 1]].kind == NODE_MAP)
        return refuse(b, mark, CODE_COMPLEX_KEY, "a key must be a plain name",
                      "write the key as one word");
    if (b->depth >= KEPT_MAX_POLICY_DEPTH)
        return refuse(b, mark, CODE_TOO_DEEP, "the file is nested more than 16 levels deep",
                      of_kind(b, "no ", " needs more than 5 levels", mend));
    uint32_t index = 0;
    int rc = add_node(b, kind, mark, &index);
    if (rc == 0)
        b->open[b->depth++] = index;
    return rc;
}

static int on_document(struct builder *b, const yaml_event_t *event)
{
    if (b->has_root)
        return second(b, &event->start_mark);
    if (event->data.document_start.version_directive != NULL ||
        event->data.document_start.tag_directives.start !=
            event->data.document_start.tag_directives.end)
        return refuse(b, &event->start_mark, CODE_DIRECTIVE, "directives change what a file means",
                      "remove the lines that begin with %");
    return 0;
}

static int plain_only(struct builder *b, const yaml_event_t *event, const void *anchor,
                      const void *tag)
{
    if (anchor != NULL)
        return refuse(b, &event->start_mark, CODE_ANCHOR,
                      "anchors hide what a rule says from whoever reads it there",
                      "write the value out");
    if (tag != NULL)
        return refuse(b, &event->start_mark, CODE_TAG, "tags have no meaning here", "remove the tag");
    return 0;
}

static int on_event(struct builder *b, const yaml_event_t *event)
{
    int rc = 0;
    switch (event->type) { /* no test: libyaml has no other */
    case YAML_DOCUMENT_START_EVENT:
        return on_document(b, event);
    case YAML_ALIAS_EVENT:
        return plain_only(b, event, event->data.alias.anchor, NULL);
    case YAML_SCALAR_EVENT:
        rc = plain_only(b, event, event->data.scalar.anchor, event->data.scalar.tag);
        return rc != 0 ? rc : on_scalar(b, event);
    case YAML_SEQUENCE_START_EVENT:
        rc = plain_only(b, event, event->data.sequence_start.anchor,
                        event->data.sequence_start.tag);
        return rc != 0 ? rc : on_open(b, event, NODE_LIST);
    case YAML_MAPPING_START_EVENT:
        rc = plain_only(b, event, event->data.mapping_start.anchor, event->data.mapping_start.tag);
        return rc != 0 ? rc : on_open(b, event, NODE_MAP);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        b->depth--;
        return 0;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        break;
    }
    return 0;
}

static int syntax(struct builder *b, const yaml_parser_t *parser)
{
    if (parser->error == YAML_MEMORY_ERROR)
        return KEPT_E_NOMEM;
    const char *problem = parser->problem != NULL ? parser->problem : "not YAML"; /* no test: libyaml names each */
    kept_find(b->r, CODE_YAML_SYNTAX, line_of(&parser->problem_mark),
              column_of(&parser->problem_mark), "check indentation, quotes and brackets here",
              "this is not well-formed YAML: %.120s", problem);
    return KEPT_E_POLICY;
}

static int parse(struct builder *b, yaml_parser_t *parser)
{
    for (bool done = false; !done;) {
        yaml_event_t event;
        if (yaml_parser_parse(parser, &event) == 0)
            return syntax(b, parser);
        int rc = on_event(b, &event);
        done = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
        if (rc != 0)
            return rc;
    }
    if (b->has_root)
        return 0;
    char mend[MEND_TEXT];
    (void)snprintf(mend, sizeof mend, "begin with '%s: 1'", b->r->head);
    kept_find(b->r, CODE_EMPTY, 1, 1, mend,
              "the file says nothing: nothing would be allowed");
    return KEPT_E_POLICY;
}

/* Line and column (in characters) of the first byte that is not text. */
static void find_bad_byte(struct kept_span text, int *ret_line, int *ret_column)
{
    int line = 1, column = 1;
    size_t at = 0;
    while (at < text.n) { /* no test: it ends inside, at the byte that is known to be there */
        size_t n = 1;
        while (n <= 4 && n <= text.n - at &&
               !kept_utf8_valid((struct kept_span){text.p + at, n}))
            n++;
        if (n > 4 || n > text.n - at)
            break;
        column++;
        if (text.p[at] == '\n') {
            line++;
            column = 1;
        }
        at += n;
    }
    *ret_line = line;
    *ret_column = column;
}

static const uint8_t mark[] = {0xEF, 0xBB, 0xBF}; /* U+FEFF in UTF-8 */

static bool marked(struct kept_span text)
{
    return text.n >= sizeof mark && text.p[0] == mark[0] && text.p[1] == mark[1] &&
           text.p[2] == mark[2];
}

/* Byte order marks, which nobody sees: one at the start may stand, as editors put it there; UTF-16,
 * and one further inside, would be a mistake that looks like none. */
static int check_marks(struct reader *r, struct kept_span text)
{
    int line = 1, column = 1;
    if (text.n >= 2 && ((text.p[0] == 0xFF && text.p[1] == 0xFE) ||
                        (text.p[0] == 0xFE && text.p[1] == 0xFF))) {
        kept_find(r, CODE_BYTE_ORDER_MARK, 1, 1,
                  "save the file as UTF-8; it begins with the byte order mark of UTF-16",
                  "the file is UTF-16: people would read something else than kept");
        return KEPT_E_POLICY;
    }
    for (size_t i = 0; i < text.n; i++) {
        if (marked((struct kept_span){text.p + i, text.n - i})) {
            kept_find(r, CODE_BYTE_ORDER_MARK, line, column,
                      "remove what is invisible there: type the line anew",
                      "a byte order mark (U+FEFF) stands inside the file, where nobody sees it");
            return KEPT_E_POLICY;
        }
        column += (text.p[i] & 0xC0u) != 0x80u;
        if (text.p[i] == '\n') {
            line++;
            column = 1;
        }
    }
    return 0;
}

int kept_tree_read(struct reader *r, struct kept_span text)
{
    struct builder b = {.r = r};
    yaml_parser_t parser;
    if (text.n > KEPT_MAX_POLICY_BYTES) {
        kept_find(r, CODE_TOO_LARGE, 1, 1, "split what is not one file",
                  "the file is larger than 16 MiB");
        return KEPT_E_LIMIT;
    }
    if (marked(text)) {
        text.p += sizeof mark;
        text.n -= sizeof mark;
    }
    int rc = check_marks(r, text);
    if (rc != 0)
        return rc;
    if (!kept_utf8_valid(text)) {
        int line = 1, column = 1;
        find_bad_byte(text, &line, &column);
        kept_find(r, CODE_NOT_UTF8, line, column, "save the file as UTF-8",
                  "the file is not UTF-8 text: people would read something else than kept");
        return KEPT_E_POLICY;
    }
    if (yaml_parser_initialize(&parser) == 0)
        return KEPT_E_NOMEM;
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, text.n != 0 ? text.p : (const uint8_t *)"", text.n);
    rc = parse(&b, &parser);
    yaml_parser_delete(&parser);
    return rc;
}

void kept_tree_release(struct tree *tree)
{
    kept_free(tree->nodes);
    kept_free(tree->keys);
    *tree = (struct tree){0};
}
