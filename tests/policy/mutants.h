/* mutants.h - a policy file with one thing of it changed, along the language's own table: every key that
 * stands in the file, each time it stands there, changed in each way that its type knows. The file is written
 * anew, with the number of its version one higher: the file itself is the former version. */
#ifndef KEPT_TESTS_POLICY_MUTANTS_H
#define KEPT_TESTS_POLICY_MUTANTS_H

#include "base/buf.h"
#include "policy_aid.h"

/* What is done to one node. */
enum change_kind { CHANGE_NOTHING = 0, CHANGE_DROP, CHANGE_VALUE, CHANGE_DROP_ONE, CHANGE_ADD };
struct change {
    enum change_kind kind;
    const struct node *at, *one; /* the value of the key; the element that goes */
    const char *text;            /* VALUE: what stands behind the key; ADD: what is one more element */
};

struct spot { /* where the walk is */
    const struct spot *above;
    const char *name; /* "items", "phone", "retain" */
    enum kept_kind kind; /* of a name of the policy's own; KEPT_K_NONE else */
};

struct mutation {
    enum key key;
    const struct spot *spot;
    const char *what; /* "gone", "other word" ... */
    struct change change;
};

struct mutator {
    struct arena arena;
    struct reader reader;
    struct kept_findings found;
    const struct kept_policy *policy; /* of the same file: what it declares */
    size_t seen[KEY_COUNT];           /* how often the walk met the key */
    size_t words;                     /* at most so many other words, elements ... are tried at one place */
    bool (*wanted)(void *to, enum key key, size_t nth);
    void (*tell)(void *to, const struct mutation *mutation);
    void *to;
};

/* ---- writing -------------------------------------------------------------------------------------- */

static inline void put_node(struct kept_buf *out, const struct reader *r, const struct node *node, int indent,
                            const struct change *change, size_t count);

static inline void put_scalar(struct kept_buf *out, const struct node *node)
{
    if (node->plain && strchr(node->text, '\n') == NULL) {
        kept_buf_printf(out, " %s\n", node->text);
        return;
    }
    kept_buf_text(out, " \"");
    for (const char *at = node->text; *at != 0; at++)
        if (*at == '\n')
            kept_buf_text(out, "\\n");
        else
            kept_buf_printf(out, "%s%c", *at == '"' || *at == '\\' ? "\\" : "", *at);
    kept_buf_text(out, "\"\n");
}

/* The elements of a map or list that stay, and the one that comes. */
static inline void put_elements(struct kept_buf *out, const struct reader *r, const struct node *node,
                                int indent, const struct change *change, size_t count)
{
    const char *added = NULL;
    for (size_t i = 0; i < count; i++)
        if (change[i].kind == CHANGE_ADD && change[i].at == node)
            added = change[i].text;
    size_t stays = 0;
    for (uint32_t i = node->first; i != NO_NODE; i = r->tree.nodes[i].next) {
        const struct node *child = &r->tree.nodes[i];
        bool gone = false;
        for (size_t k = 0; k < count; k++)
            gone = gone || (change[k].kind == CHANGE_DROP && change[k].at == child) ||
                   (change[k].kind == CHANGE_DROP_ONE && change[k].one == child);
        if (gone)
            continue;
        if (stays++ == 0)
            kept_buf_text(out, "\n");
        if (node->kind == NODE_MAP)
            kept_buf_printf(out, "%*s%s:", indent, "", child->key);
        else
            kept_buf_printf(out, "%*s-", indent, "");
        put_node(out, r, child, indent + 2, change, count);
    }
    if (added != NULL)
        kept_buf_printf(out, "%s%*s%s%s\n", stays == 0 ? "\n" : "", indent, "",
                        node->kind == NODE_MAP ? "" : "- ", added);
    else if (stays == 0)
        kept_buf_text(out, node->kind == NODE_MAP ? " {}\n" : " []\n");
}

static inline void put_node(struct kept_buf *out, const struct reader *r, const struct node *node, int indent,
                            const struct change *change, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (change[i].kind == CHANGE_VALUE && change[i].at == node) {
            kept_buf_printf(out, " %s\n", change[i].text);
            return;
        }
    if (node->kind == NODE_SCALAR)
        put_scalar(out, node);
    else
        put_elements(out, r, node, indent, change, count);
}

/* The file with the change, and with the version that follows its own. */
static inline void put_mutant(struct kept_buf *out, const struct mutator *m, const struct change *change)
{
    const struct reader *r = &m->reader;
    const struct node *root = kept_node(r, r->tree.root), *version = kept_child(r, root, "version");
    char number[16];
    struct change both[2] = {*change, {CHANGE_VALUE, version, NULL, number}};
    bool other = change->at == version && change->kind == CHANGE_VALUE;
    (void)snprintf(number, sizeof number, "%lu", (other ? strtoul(change->text, NULL, 10) : m->policy->info.version) + 1);
    both[0].text = other ? number : change->text;
    kept_buf_clear(out);
    put_node(out, r, root, 0, both, change->at == version ? 1 : 2);
    assert_int_equal(out->failed, 0);
}

/* ---- other values --------------------------------------------------------------------------------- */

static inline const char *format(struct mutator *m, const char *fmt, const char *a, const char *b)
{
    size_t n = strlen(fmt) + strlen(a) + strlen(b) + 1;
    char *text = kept_arena_alloc(&m->arena, n, 1);
    assert_non_null(text);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    (void)snprintf(text, n, fmt, a, b);
#pragma GCC diagnostic pop
    return text;
}

static inline void say(struct mutator *m, struct mutation mutation, enum change_kind kind, const char *what,
                       const char *text)
{
    mutation.change.kind = kind;
    mutation.change.text = text;
    mutation.what = what;
    m->tell(m->to, &mutation);
}

/* The number that a text begins with becomes another. */
static inline void other_numbers(struct mutator *m, struct mutation mutation, const char *text, int64_t min,
                                 int64_t max)
{
    char *rest = NULL;
    long long n = strtoll(text, &rest, 10);
    const long long others[] = {n + 1, n - 1, n * 2};
    static const char *const what[] = {"one more", "one less", "twice"};
    bool quoted = mutation.change.at->kind == NODE_SCALAR && !mutation.change.at->plain;
    for (size_t i = 0; i < COUNT(others); i++) {
        char number[32];
        bool outside = min <= max && (others[i] < min || others[i] > max);
        if (others[i] == n || (others[i] == others[0] && i > 0) || (outside && min < max))
            continue;
        (void)snprintf(number, sizeof number, "%lld", others[i]);
        say(m, mutation, CHANGE_VALUE, what[i], format(m, quoted ? "\"%s%s\"" : "%s%s", number, rest));
    }
}

static inline void other_dates(struct mutator *m, struct mutation mutation, const char *text)
{
    int32_t days = 0;
    assert_int_equal(kept_date_parse(text, strlen(text), &days), 0);
    for (int step = -1; step <= 1; step += 2) {
        int year, month, of_month;
        char date[32];
        kept_date_split(days + step, &year, &month, &of_month);
        (void)snprintf(date, sizeof date, "%04d-%02d-%02d", year, month, of_month);
        say(m, mutation, CHANGE_VALUE, step > 0 ? "a day later" : "a day earlier", format(m, "%s%s", date, ""));
    }
}

static inline bool is_in(const struct mutator *m, const struct node *list, const char *word)
{
    if (list->kind == NODE_SCALAR)
        return strcmp(list->text, word) == 0;
    for (uint32_t i = list->first; i != NO_NODE; i = m->reader.tree.nodes[i].next) {
        const struct node *one = kept_node(&m->reader, i);
        if (strcmp(list->kind == NODE_MAP ? one->key : one->kind == NODE_SCALAR ? one->text : "", word) == 0)
            return true;
    }
    return false;
}

/* The nth of the values that may stand there; NULL behind them. */
static inline const char *nth_value(const struct mutator *m, enum key key, size_t n)
{
    static const char *const regions[] = {"HK", "SG", "CN", "US"};
    static const char *const languages[] = {"fr", "en", "zh"};
    static const char *const names[] = {"another"};
    const struct key_type *type = kept_key_type(key);
    switch (type->kind) {
    case TYPE_WORD:
    case TYPE_WORDS: return n < kept_key_words(key) ? kept_key_word(key, n) : NULL;
    case TYPE_NAME:
    case TYPE_NAMES: return kept_policy_name(m->policy, type->kind_of_name, (uint32_t)n);
    case TYPE_REGION:
    case TYPE_REGIONS: return n < COUNT(regions) ? regions[n] : NULL;
    case TYPE_LANGUAGE:
    case TYPE_LANGUAGES: return n < COUNT(languages) ? languages[n] : NULL;
    case TYPE_NEW_NAMES: return n < COUNT(names) ? names[n] : NULL;
    case TYPE_TEXT: case TYPE_STRING: case TYPE_CLAUSE: case TYPE_MAIL: case TYPE_ZONE: case TYPE_FLAG:
    case TYPE_NUMBER: case TYPE_DECIMAL: case TYPE_DATE: case TYPE_LENGTH: case TYPE_NEW_NAME:
    case TYPE_CHOICES: case TYPE_MAP: case TYPE_LIST: case TYPE_NAMED: break;
    }
    return NULL;
}

/* Other values in place of the one, or beside those that stand there. Which of many: those that follow, so
 * that not the same few are tried everywhere. */
static inline void other_values(struct mutator *m, const struct mutation *mutation, enum change_kind kind,
                                const char *what)
{
    size_t all = 0, tried = 0;
    while (nth_value(m, mutation->key, all) != NULL)
        all++;
    for (size_t i = 0; i < all && tried < m->words; i++) {
        const char *value = nth_value(m, mutation->key, (i + m->seen[mutation->key] * 7) % all);
        if (value[0] == 0 || is_in(m, mutation->change.at, value))
            continue;
        tried++;
        say(m, *mutation, kind, what, value);
    }
}

static inline enum kept_kind kind_of_section(enum section section)
{
    return section == SECTION_ITEM         ? KEPT_K_ITEM
           : section == SECTION_FUNCTION   ? KEPT_K_FUNCTION
           : section == SECTION_PURPOSE    ? KEPT_K_PURPOSE
           : section == SECTION_PERMISSION ? KEPT_K_PERMISSION
           : section == SECTION_RECIPIENT  ? KEPT_K_RECIPIENT
           : section == SECTION_ROLE       ? KEPT_K_ROLE
           : section == SECTION_PARTITION  ? KEPT_K_PARTITION
                                           : KEPT_K_NONE;
}

static inline void without_each(struct mutator *m, const struct mutation *mutation)
{
    const struct node *at = mutation->change.at;
    uint32_t tried = 0;
    for (uint32_t i = at->first; i != NO_NODE; i = m->reader.tree.nodes[i].next, tried++) {
        struct mutation one = *mutation;
        struct spot spot = {mutation->spot, "-", KEPT_K_NONE};
        one.change.one = kept_node(&m->reader, i);
        if (tried >= m->words)
            break;
        if (one.change.one->key != NULL)
            spot.name = one.change.one->key;
        else if (one.change.one->kind == NODE_SCALAR)
            spot.name = one.change.one->text;
        const struct key_type *type = kept_key_type(mutation->key);
        spot.kind = type->kind == TYPE_NAMED ? kind_of_section(type->section) : type->kind_of_name;
        one.spot = &spot;
        say(m, one, CHANGE_DROP_ONE, "one less", NULL);
    }
}

/* A list of values, or a word that stands for all of them. */
static inline void other_list(struct mutator *m, const struct mutation *mutation)
{
    const struct key_type *type = kept_key_type(mutation->key);
    if (mutation->change.at->kind == NODE_SCALAR) {
        const char *first = nth_value(m, mutation->key, 0);
        if (first != NULL)
            say(m, *mutation, CHANGE_VALUE, "one in place of all", format(m, "[%s]%s", first, ""));
        return;
    }
    without_each(m, mutation);
    other_values(m, mutation, CHANGE_ADD, "one more");
    if (type->or != NULL)
        say(m, *mutation, CHANGE_VALUE, "all", type->or);
}

static inline void other_text(struct mutator *m, const struct mutation *mutation)
{
    struct mutation one = *mutation;
    if (one.change.at->kind == NODE_MAP && one.change.at->first != NO_NODE) /* a text in several languages */
        one.change.at = kept_node(&m->reader, one.change.at->first);
    struct kept_buf buf;
    kept_buf_init(&buf, 1 << 16);
    put_scalar(&buf, one.change.at);
    assert_true(buf.failed == 0 && buf.n > 2);
    buf.p[buf.n - 1] = 0; /* in place of the end of the line */
    const char *now = (const char *)buf.p;
    bool quoted = now[1] == '"';
    say(m, one, CHANGE_VALUE, "other words",
        format(m, quoted ? "\"Indeed, %s%s" : "Indeed, %s%s", now + (quoted ? 2 : 1), ""));
    kept_buf_release(&buf);
}

static inline void other_string(struct mutator *m, const struct mutation *mutation)
{
    const char *text = mutation->change.at->text;
    if (text[0] >= '0' && text[0] <= '9')
        other_numbers(m, *mutation, text, 0, -1);
    else if (strcmp(text, "any") == 0) /* a version of a system */
        say(m, *mutation, CHANGE_VALUE, "other word", "\"99\"");
    else if (strlen(text) == 2)
        say(m, *mutation, CHANGE_VALUE, "other word", strcmp(text, "EU") == 0 ? "CN" : "EU");
    else
        other_text(m, mutation);
}

static inline void other_length(struct mutator *m, const struct mutation *mutation)
{
    const struct key_type *type = kept_key_type(mutation->key);
    const char *text = mutation->change.at->text;
    if (type->or != NULL && strcmp(text, type->or) == 0) {
        say(m, *mutation, CHANGE_VALUE, "other word", "30 days");
        return;
    }
    other_numbers(m, *mutation, text, 0, -1);
    if (type->or != NULL)
        say(m, *mutation, CHANGE_VALUE, "other word", type->or);
}

static inline void other_scalar(struct mutator *m, const struct mutation *mutation)
{
    const struct key_type *type = kept_key_type(mutation->key);
    const char *text = mutation->change.at->text;
    switch (type->kind) {
    case TYPE_FLAG: say(m, *mutation, CHANGE_VALUE, "flipped", strcmp(text, "true") == 0 ? "false" : "true"); return;
    case TYPE_NUMBER: other_numbers(m, *mutation, text, type->min, type->max); return;
    case TYPE_DECIMAL: other_numbers(m, *mutation, text, 0, -1); return;
    case TYPE_DATE: other_dates(m, *mutation, text); return;
    case TYPE_ZONE: say(m, *mutation, CHANGE_VALUE, "other zone", "\"-07:00\""); return;
    case TYPE_MAIL: say(m, *mutation, CHANGE_VALUE, "other words", "else@example.org"); return;
    case TYPE_CLAUSE: say(m, *mutation, CHANGE_VALUE, "other words", "S9-9.9"); return;
    case TYPE_NEW_NAME: say(m, *mutation, CHANGE_VALUE, "other name", format(m, "%s%s", text, "-x")); return;
    case TYPE_LENGTH: other_length(m, mutation); return;
    case TYPE_STRING: other_string(m, mutation); return;
    case TYPE_WORD: other_values(m, mutation, CHANGE_VALUE, "other word"); return;
    case TYPE_NAME:
        other_values(m, mutation, CHANGE_VALUE, "other name");
        if (type->or != NULL && strcmp(type->or, text) != 0)
            say(m, *mutation, CHANGE_VALUE, "other name", type->or);
        return;
    case TYPE_REGION:
    case TYPE_LANGUAGE: other_values(m, mutation, CHANGE_VALUE, "other word"); return;
    case TYPE_TEXT: case TYPE_WORDS: case TYPE_NAMES: case TYPE_NEW_NAMES: case TYPE_REGIONS:
    case TYPE_LANGUAGES: case TYPE_CHOICES: case TYPE_MAP: case TYPE_LIST: case TYPE_NAMED: break;
    }
    fail_msg("%s: a type that no mutation knows", kept_key_row(mutation->key)->name);
}

/* ---- the walk --------------------------------------------------------------------------------------- */

/* What says no more than silence would is no other policy. */
static inline bool says_the_default(enum key key, const struct node *node)
{
    const struct key_need *need = &kept_key_row(key)->need;
    char number[16];
    if (node->kind == NODE_LIST && node->count == 0)
        return true;
    if (node->kind != NODE_SCALAR)
        return false;
    (void)snprintf(number, sizeof number, "%u", need->number);
    return (need->otherwise != NULL && strcmp(need->otherwise, node->text) == 0) ||
           (need->number != 0 && strcmp(number, node->text) == 0);
}

static inline void mutate(struct mutator *m, enum key key, const struct spot *spot, const struct node *at)
{
    struct mutation mutation = {.key = key, .spot = spot, .change = {.at = at}};
    if (!m->wanted(m->to, key, m->seen[key]++))
        return;
    if (!says_the_default(key, at))
        say(m, mutation, CHANGE_DROP, "gone", NULL);
    switch (kept_key_type(key)->kind) {
    case TYPE_MAP: return;
    case TYPE_LIST:
    case TYPE_NAMED: without_each(m, &mutation); return;
    case TYPE_CHOICES:
        without_each(m, &mutation);
        say(m, mutation, CHANGE_ADD, "one more", "another: another");
        return;
    case TYPE_TEXT: other_text(m, &mutation); return;
    case TYPE_WORDS: case TYPE_NAMES: case TYPE_NEW_NAMES: case TYPE_REGIONS: case TYPE_LANGUAGES:
        other_list(m, &mutation);
        return;
    case TYPE_STRING: case TYPE_CLAUSE: case TYPE_MAIL: case TYPE_LANGUAGE: case TYPE_REGION: case TYPE_ZONE:
    case TYPE_WORD: case TYPE_FLAG: case TYPE_NUMBER: case TYPE_DECIMAL: case TYPE_DATE: case TYPE_LENGTH:
    case TYPE_NEW_NAME: case TYPE_NAME: other_scalar(m, &mutation); return;
    }
}

static inline void walk(struct mutator *m, enum section section, const struct spot *above,
                        const struct node *map)
{
    for (enum key key = kept_section_row(section)->first; key < kept_section_end(section); key++) {
        const struct node *at = kept_child(&m->reader, map, kept_key_row(key)->name);
        const struct key_type *type = kept_key_type(key);
        struct spot spot = {above, kept_key_row(key)->name, KEPT_K_NONE};
        if (at == NULL)
            continue;
        mutate(m, key, &spot, at);
        if (type->kind == TYPE_MAP && at->kind == NODE_MAP)
            walk(m, type->section, &spot, at);
        if (type->kind != TYPE_LIST && type->kind != TYPE_NAMED)
            continue;
        for (uint32_t i = at->first; i != NO_NODE; i = m->reader.tree.nodes[i].next) {
            const struct node *one = kept_node(&m->reader, i);
            struct spot entry = {&spot, one->key != NULL ? one->key : "-", kind_of_section(type->section)};
            if (one->kind == NODE_MAP)
                walk(m, type->section, &entry, one);
        }
    }
}

static inline void mutator_open(struct mutator *m, struct kept_span text, const struct kept_policy *policy)
{
    m->policy = policy;
    m->reader = (struct reader){.findings = &m->found, .arena = &m->arena, .what = "policy", .manual = "",
                                .head = "kept"};
    assert_int_equal(kept_tree_read(&m->reader, text), 0);
}

static inline void mutator_close(struct mutator *m)
{
    kept_tree_release(&m->reader.tree);
    kept_findings_release(&m->found);
    kept_arena_release(&m->arena);
}

#endif
