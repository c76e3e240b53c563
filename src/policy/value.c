/* value.c - one value of the tree at a time: what is wrong is reported where it stands. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "policy/policy_int.h"

const struct node *kept_node(const struct reader *r, uint32_t index)
{
    return index == NO_NODE ? NULL : &r->tree.nodes[index];
}

const struct node *kept_child(const struct reader *r, const struct node *map, const char *key)
{
    if (map == NULL || map->kind != NODE_MAP)
        return NULL;
    for (uint32_t i = map->first; i != NO_NODE; i = r->tree.nodes[i].next)
        if (strcmp(r->tree.nodes[i].key, key) == 0)
            return &r->tree.nodes[i];
    for (uint32_t i = map->first; i != NO_NODE; i = r->tree.nodes[i].next)
        if (r->tree.nodes[i].meant != NULL && strcmp(r->tree.nodes[i].meant, key) == 0)
            return &r->tree.nodes[i];
    return NULL;
}

/* Where a map is best pointed at: at its key, or where it begins. */
static void place_of(const struct node *node, int *ret_line, int *ret_column)
{
    *ret_line = node->key != NULL ? node->key_line : node->line;
    *ret_column = node->key != NULL ? node->key_column : node->column;
}

const struct node *kept_need(struct reader *r, const struct node *map, const char *key,
                             const char *why)
{
    const struct node *node = kept_child(r, map, key);
    if (node == NULL) {
        int line = 1, column = 1;
        char mend[MEND_TEXT];
        place_of(map, &line, &column);
        (void)snprintf(mend, sizeof mend, "add '%s:' here; %s shows its form", key,
                       r->manual);
        kept_find(r, r->as_published ? kept_gap_code(key) : CODE_MISSING_KEY, line, column, mend, "'%s' is missing: %s", key, why);
    }
    return node;
}

static bool listed(const char *const *words, const char *word)
{
    for (; *words != NULL; words++)
        if (strcmp(*words, word) == 0)
            return true;
    return false;
}

bool kept_keys(struct reader *r, const struct node *map, const char *const *keys,
               const char *what)
{
    if (map == NULL)
        return false;
    if (map->kind != NODE_MAP) {
        kept_find(r, CODE_WRONG_TYPE, map->line, map->column,
                  "write 'key: value' lines, indented below it", "%s must be a map of keys", what);
        r->lost++;
        return false;
    }
    for (uint32_t i = map->first; keys != NULL && i != NO_NODE; i = r->tree.nodes[i].next) {
        struct node *node = &r->tree.nodes[i];
        if (listed(keys, node->key))
            continue;
        struct near near = {.want = node->key};
        char mend[MEND_TEXT], remove[MEND_TEXT];
        (void)snprintf(remove, sizeof remove, "remove it; %s lists every key", r->manual);
        for (const char *const *k = keys; *k != NULL; k++)
            kept_near(&near, *k);
        if (near.best != NULL && kept_child(r, map, near.best) == NULL)
            node->meant = near.best;
        else
            r->lost++;
        kept_find(r, CODE_UNKNOWN_KEY, node->key_line, node->key_column,
                  kept_mean(&near, remove, mend),
                  "%s has no key '%.64s': a rule that kept does not know would be a promise it "
                  "does not keep", what, node->key);
    }
    return true;
}

const char *kept_string(struct reader *r, const struct node *node)
{
    if (node == NULL)
        return NULL;
    if (node->kind != NODE_SCALAR) {
        kept_find(r, CODE_WRONG_TYPE, node->line, node->column,
                  "write one value on this line", "'%.64s' must be one value",
                  node->key != NULL ? node->key : "this");
        r->lost++;
        return NULL;
    }
    if (node->text[strspn(node->text, " \t\r\n")] == 0) {
        kept_find(r, CODE_EMPTY_VALUE, node->line, node->column, "fill it in",
                  "'%.64s' is empty", node->key != NULL ? node->key : "this");
        r->lost++;
        return NULL;
    }
    return node->text;
}

struct rule kept_rule(struct reader *r, const struct node *map, int line)
{
    struct rule rule = {.clause = "", .line = line, .highlight = kept_flag(r, map, "highlight", false)};
    const char *clause = kept_string(r, kept_child(r, map, "clause"));
    if (clause != NULL && strlen(clause) > KEPT_MAX_NAME) {
        const struct node *node = kept_child(r, map, "clause");
        kept_find(r, CODE_BAD_VALUE, node->line, node->column, "shorten it",
                  "a clause id is at most 64 bytes long: it stands in every verdict");
    } else if (clause != NULL) {
        rule.clause = clause;
    }
    return rule;
}

int kept_word_in(struct reader *r, const struct node *node, const char *const *words, size_t step)
{
    const char *text = kept_string(r, node);
    if (text == NULL)
        return -1;
    struct near near = {.want = text};
    for (size_t i = 0; words[i] != NULL; i += step) {
        if (strcmp(words[i], text) == 0)
            return (int)(i / step);
        kept_near(&near, words[i]);
    }
    char all[MEND_TEXT] = "one of: ", mend[MEND_TEXT];
    size_t n = strlen(all);
    for (size_t i = 0; words[i] != NULL && n + strlen(words[i]) + 3 < sizeof all; i += step)
        n += (size_t)snprintf(all + n, sizeof all - n, "%s%s", i > 0 ? ", " : "", words[i]);
    kept_find(r, CODE_BAD_VALUE, node->line, node->column, kept_mean(&near, all, mend),
              "'%.64s' is not a value of '%.64s'", text, node->key != NULL ? node->key : "this");
    for (size_t i = 0; words[i] != NULL; i += step)
        if (words[i] == near.best)
            return (int)(i / step);
    r->lost++;
    return -1;
}

int kept_word(struct reader *r, const struct node *node, const char *const *words)
{
    return kept_word_in(r, node, words, 1);
}

bool kept_flag(struct reader *r, const struct node *map, const char *key, bool otherwise)
{
    static const char *const words[] = {"false", "true", NULL};
    const struct node *node = kept_child(r, map, key);
    if (node == NULL)
        return otherwise;
    int i = kept_word(r, node, words);
    return i >= 0 ? i == 1 : otherwise;
}

bool kept_number(struct reader *r, const struct node *node, uint32_t min, uint32_t max,
                 uint32_t *ret)
{
    const char *text = kept_string(r, node);
    if (text == NULL)
        return false;
    uint64_t value = 0;
    size_t n = strlen(text);
    bool good = n <= 10 && strspn(text, "0123456789") == n && (text[0] != '0' || n == 1);
    for (size_t i = 0; good && i < n; i++)
        value = value * 10 + (uint64_t)(text[i] - '0');
    if (!good || value < min || value > max) {
        kept_find(r, CODE_BAD_NUMBER, node->line, node->column,
                  "write a whole number without a unit", "'%.64s' must be a number from %u to %u",
                  node->key, min, max);
        r->lost++;
        return false;
    }
    *ret = (uint32_t)value;
    return true;
}

bool kept_date(struct reader *r, const struct node *node, int32_t *ret_days)
{
    const char *text = kept_string(r, node);
    if (text == NULL)
        return false;
    if (kept_date_parse(text, strlen(text), ret_days) != 0) {
        kept_find(r, CODE_BAD_DATE, node->line, node->column,
                  "write a day that exists as YYYY-MM-DD", "'%.64s' is not a day", text);
        r->lost++;
        return false;
    }
    return true;
}

/* "90 days": a count and a unit of fixed length. */
bool kept_duration(struct reader *r, const struct node *node, kept_ms *ret_ms)
{
    static const struct {
        const char *word;
        kept_ms ms;
    } units[] = {{"hour", KEPT_HOUR}, {"day", KEPT_DAY}, {"week", 7 * KEPT_DAY},
                 {"month", 30 * KEPT_DAY}, {"year", 365 * KEPT_DAY}};
    const char *text = kept_string(r, node);
    if (text == NULL)
        return false;
    size_t digits = strspn(text, "0123456789");
    kept_ms count = 0;
    for (size_t i = 0; i < digits && digits <= 5; i++)
        count = count * 10 + (text[i] - '0');
    if (count > 0 && text[digits] == ' ') {
        const char *word = text + digits + 1;
        for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
            size_t n = strlen(units[i].word);
            if (strncmp(word, units[i].word, n) == 0 &&
                (word[n] == 0 || (word[n] == 's' && word[n + 1] == 0)) &&
                count * units[i].ms <= 200 * 365 * KEPT_DAY) {
                *ret_ms = count * units[i].ms;
                return true;
            }
        }
    }
    kept_find(r, CODE_BAD_DURATION, node->line, node->column,
              "write a count and a unit: '12 hours', '90 days', '6 months', '3 years'",
              "'%.64s' is not a length of time", text);
    r->lost++;
    return false;
}

/* One language of a text. A tag that is mistaken in one place is often mistaken in all. */
static bool text_in(struct reader *r, const struct node *map, struct text *text,
                    const struct node *node)
{
    struct kept_policy *p = r->policy;
    for (size_t i = 0; i < p->info.languages; i++) {
        if (strcmp(p->languages[i], node->key) != 0)
            continue;
        const char *value = kept_string(r, node);
        if (value != NULL) {
            text->v[i] = value;
            r->tree.nodes[node - r->tree.nodes].language = (uint32_t)i + 1;
        }
        return true;
    }
    char what[96];
    (void)snprintf(what, sizeof what, "'%.32s' is not a language of this policy,", node->key);
    if (!r->languages_lost && !kept_found(r, CODE_UNKNOWN_LANGUAGE, what, node->key_line))
        kept_find(r, CODE_UNKNOWN_LANGUAGE, node->key_line, node->key_column,
                  "add it to 'languages', or remove the text", "%s but '%.64s' has a text in it",
                  what, map->key);
    return false;
}

static void text_missing(struct reader *r, const struct node *at, const char *key,
                         const char *language)
{
    int line = 1, column = 1;
    char mend[MEND_TEXT];
    place_of(at, &line, &column);
    (void)snprintf(mend, sizeof mend, "add '%.32s: ...' below '%.64s'", language, key);
    kept_find(r, CODE_TEXT_MISSING, line, column, mend,
              "'%.64s' has no text in '%.32s': who reads that language would not be told (PIPL 17)",
              key, language);
}

struct text kept_text(struct reader *r, const struct node *map, const char *key)
{
    struct kept_policy *p = r->policy;
    struct text text = {.v = kept_arena_alloc(&p->arena, p->info.languages + 1, sizeof *text.v)};
    const struct node *node = kept_child(r, map, key);
    if (text.v == NULL || node == NULL || p->info.languages == 0)
        return text;
    if (node->kind == NODE_SCALAR && p->info.languages == 1) {
        const char *value = kept_string(r, node);
        text.v[0] = value;
        r->tree.nodes[node - r->tree.nodes].language = value != NULL ? 1 : 0;
        return text;
    }
    if (!kept_keys(r, node, NULL, "a text in several languages"))
        return text;
    bool known = !r->languages_lost;
    for (uint32_t i = node->first; i != NO_NODE; i = r->tree.nodes[i].next)
        known = text_in(r, node, &text, &r->tree.nodes[i]) && known;
    for (size_t i = 0; known && i < p->info.languages; i++)
        if (text.v[i] == NULL && kept_child(r, node, p->languages[i]) == NULL)
            text_missing(r, node, key, p->languages[i]);
    return text;
}

bool kept_name_valid(const char *name)
{
    size_t n = strlen(name);
    return n > 0 && n <= KEPT_MAX_NAME && name[0] >= 'a' && name[0] <= 'z' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-") == n;
}

const struct node *kept_list(struct reader *r, const struct node *map, const char *key)
{
    const struct node *node = kept_child(r, map, key);
    if (node != NULL && node->kind != NODE_LIST) {
        kept_find(r, CODE_WRONG_TYPE, node->line, node->column, "write [one, two]",
                  "'%s' must be a list", key);
        r->lost++;
        return NULL;
    }
    return node;
}

struct found { /* a name among those declared */
    uint32_t index;
    struct near near;
};

/* The section that declares names of a kind to which rules refer. */
static const struct node *declared(const struct reader *r, enum kept_kind kind)
{
    static const enum key sections[] = {
        [KEPT_K_ITEM] = POLICY_items,           [KEPT_K_FUNCTION] = POLICY_functions,
        [KEPT_K_PURPOSE] = POLICY_purposes,     [KEPT_K_PERMISSION] = POLICY_permissions,
        [KEPT_K_RECIPIENT] = POLICY_recipients, [KEPT_K_PARTITION] = POLICY_partitions};
    return kept_at(r, kept_node(r, r->tree.root), sections[kind]);
}

/* Spelling is compared only where nothing has the very name: with all there are, at a hundred times the cost,
 * and so not for more names than are reported. */
static void look(struct reader *r, enum kept_kind kind, struct found *found)
{
    const char *first = kind == KEPT_K_PARTITION ? r->policy->partitions[0].name : NULL;
    const struct node *map = declared(r, kind), *entry = kept_entry(r, map, found->near.want);
    if (first != NULL && strcmp(first, found->near.want) == 0) /* declared or not */
        found->index = 0;
    else if (entry != NULL)
        found->index = entry->declares;
    if (found->index != KEPT_NO_INDEX || r->compared == KEPT_MAX_POLICY_ERRORS)
        return;
    r->compared++;
    if (first != NULL)
        kept_near(&found->near, first);
    for (uint32_t i = map != NULL && map->kind == NODE_MAP ? map->first : NO_NODE; i != NO_NODE; i = r->tree.nodes[i].next)
        kept_near(&found->near, r->tree.nodes[i].key);
}

const char *kept_named_kind(enum kept_kind kind)
{
    return kind == KEPT_K_ITEM         ? "item"
           : kind == KEPT_K_PURPOSE    ? "purpose"
           : kind == KEPT_K_FUNCTION   ? "function"
           : kind == KEPT_K_RECIPIENT  ? "recipient"
           : kind == KEPT_K_PERMISSION ? "permission"
           : kind == KEPT_K_PARTITION  ? "partition"
                                       : "name";
}

/* A name that nothing declares: the index of what was meant, or KEPT_NO_INDEX. */
static uint32_t dangling(struct reader *r, const struct node *node, enum kept_kind kind,
                         const struct near *near)
{
    char mend[MEND_TEXT], what[128];
    struct found meant = {.index = KEPT_NO_INDEX, .near = {.want = near->best}};
    (void)snprintf(what, sizeof what, "no %s '%.64s' is declared:", kept_named_kind(kind), near->want);
    if (near->best != NULL)
        look(r, kind, &meant);
    else
        r->lost++;
    bool said = (r->no_names >> kind & 1u) != 0 ||
                (near->best != NULL && !kept_name_valid(near->best)) ||
                kept_found(r, CODE_DANGLING_REFERENCE, what, node->line);
    if (!said)
        kept_find(r, CODE_DANGLING_REFERENCE, node->line, node->column,
                  kept_mean(near, "declare it, or remove it here", mend),
                  "%s this rule would allow nothing", what);
    return meant.index;
}

uint32_t kept_name_of(struct reader *r, const struct node *node, enum kept_kind kind)
{
    const char *name = kept_string(r, node);
    if (name == NULL)
        return KEPT_NO_INDEX;
    struct found found = {.index = KEPT_NO_INDEX, .near = {.want = name}};
    look(r, kind, &found);
    return found.index != KEPT_NO_INDEX ? found.index : dangling(r, node, kind, &found.near);
}

static void add_name(struct reader *r, const struct node *node, enum kept_kind kind,
                     struct list *list)
{
    const char *name = kept_string(r, node);
    if (name == NULL)
        return;
    struct found found = {.index = KEPT_NO_INDEX, .near = {.want = name}};
    look(r, kind, &found);
    bool meant = found.index == KEPT_NO_INDEX;
    if (meant && (found.index = dangling(r, node, kind, &found.near)) == KEPT_NO_INDEX)
        return;
    for (size_t i = 0; i < list->n; i++)
        if (list->v[i] == found.index) {
            if (!meant)
                kept_find(r, CODE_DUPLICATE_ENTRY, node->line, node->column,
                          "remove one of them", "'%.64s' stands twice in this list", name);
            return;
        }
    list->v[list->n++] = found.index;
}

struct list kept_names(struct reader *r, const struct node *map, const char *key,
                       enum kept_kind kind)
{
    struct list list = {0};
    const struct node *node = kept_list(r, map, key);
    if (node == NULL)
        return list;
    list.v = kept_arena_alloc(&r->policy->arena, node->count, sizeof *list.v);
    for (uint32_t i = node->first; list.v != NULL && i != NO_NODE; i = r->tree.nodes[i].next)
        add_name(r, &r->tree.nodes[i], kind, &list);
    return list;
}
