/* check_texts.c - what the words that people read say of themselves: sentences that break off, sections that
 * are promised and missing, lists without an end, languages that do not say the same. A text is judged by
 * few plain marks, so that what is found is worth looking at; it is a warning, and a person decides. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/duties_int.h"

#define MAX_MARKS 32u /* numbers and names of one text that are compared */

static bool ends_with(const char *text, const char *tail)
{
    size_t n = strlen(text), k = strlen(tail);
    return n >= k && strcmp(text + n - k, tail) == 0;
}

bool kept_names_any(const char *text, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcasestr(text, *words) != NULL)
            return true;
    return false;
}

static void check_whole(struct reader *r, const struct node *node)
{
    static const char *const open[] = {",", ";", "，", "、", "；", "...", "…"};
    for (size_t i = 0; i < sizeof open / sizeof open[0]; i++)
        if (ends_with(node->text, open[i])) {
            kept_find(r, CODE_TRUNCATED, node->line, node->column, "finish the sentence, or remove it",
                      "this text breaks off: what people were to be told is not there");
            return;
        }
}

/* Personal data under another name is personal data. */
static void check_pseudonyms(struct reader *r, const struct node *node)
{
    static const char *const names[] = {"pseudonym", "化名", "假名", "去标识", NULL};
    static const char *const nobody[] = {"not personal", "不属于个人信息", "不是个人信息", NULL};
    if (kept_names_any(node->text, names) && kept_names_any(node->text, nobody))
        kept_find(r, CODE_PSEUDONYM_CLAIM, node->line, node->column, "call it personal information",
                  "what is kept under a pseudonym is personal information still (PIPL 4, 73)");
}

/* ---- languages --------------------------------------------------------------------------------- */

struct marks {
    struct {
        const char *at;
        size_t n;
    } v[MAX_MARKS];
    size_t count;
};

/* Numbers; names: words of Latin letters with two capitals or more (MAC, SDK, IMEI), which any language
 * writes alike. */
static void collect(const char *text, bool names, struct marks *ret)
{
    ret->count = 0;
    for (const char *p = text; *p != 0 && ret->count < MAX_MARKS;) {
        size_t n = 0, capitals = 0, digits = 0;
        for (; isalnum((unsigned char)p[n]) != 0; n++) {
            capitals += isupper((unsigned char)p[n]) != 0;
            digits += isdigit((unsigned char)p[n]) != 0;
        }
        if (n > 0 && (names ? capitals > 1 : digits == n)) {
            ret->v[ret->count].at = p;
            ret->v[ret->count++].n = n;
        }
        p += n > 0 ? n : 1;
    }
}

/* A number of one or two digits as Chinese writes it: 14 is 十四. */
static void chinese(const char *digits, size_t n, char ret[16])
{
    static const char *const ones[] = {"", "一", "二", "三", "四", "五", "六", "七", "八", "九"};
    unsigned tens = n == 2 ? (unsigned)(digits[0] - '0') : 0, one = (unsigned)(digits[n - 1] - '0');
    (void)snprintf(ret, 16, "%s%s%s", tens > 1 ? ones[tens] : "", tens > 0 ? "十" : "", ones[one]);
}

/* How many marks of a has b not? ret: the first of them. */
static size_t lacks(const struct marks *a, const char *b, bool names, char ret[32])
{
    size_t missing = 0;
    for (size_t i = 0; i < a->count; i++) {
        char word[32], other[16] = "";
        if (a->v[i].n >= sizeof word)
            continue;
        (void)snprintf(word, sizeof word, "%.*s", (int)a->v[i].n, a->v[i].at);
        if (!names && a->v[i].n <= 2)
            chinese(word, a->v[i].n, other);
        if (strcasestr(b, word) != NULL || (other[0] != 0 && strstr(b, other) != NULL))
            continue;
        if (missing++ == 0)
            (void)snprintf(ret, 32, "%s", word);
    }
    return missing;
}

static void check_pair(struct reader *r, const struct node *one, const struct node *other, bool names)
{
    struct marks marks;
    char mark[32] = "";
    collect(one->text, names, &marks);
    if (lacks(&marks, other->text, names, mark) < (names ? 2 : 1)) /* one name may be a translation */
        return;
    kept_find(r, CODE_LANG_CONFLICT, other->line, other->column,
              "let both languages say the same, and look which of them is true",
              "the text in '%.16s' says '%s', and this one does not: people who read different "
              "languages are told different things", one->key, mark);
}

/* What weighs much and is said in one language, and how another would say it. */
static void check_weighty(struct reader *r, const struct node *zh, const struct node *other)
{
    static const char *const china[] = {"china", "prc", "mainland", NULL};
    static const char *const cancel[] = {"cancel", "clos", "delet", "end ", "ends", "ending", "leav", NULL};
    static const char *const after[] = {"after", "later", NULL};
    static const char *const share[] = {"shar", "provid", "disclos", NULL};
    static const char *const hold[] = {"we hold", "held by us", "we keep", "we have", NULL};
    static const char *const cheat[] = {"cheat", "machine", "bot", NULL};
    static const char *const boot[] = {"boot", "start-up", "startup", "starts up", "switched on", NULL};
    static const char *const person[] = {"you", "user", "person", "people", NULL};
    static const struct {
        const char *said;
        const char *const *as;
    } words[] = {{"中国", china}, {"境内", china}, {"注销", cancel}, {"天后", after},
                 {"共享", share}, {"我们持有", hold}, {"外挂", cheat}, {"开机", boot}, {"您使用时", person}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strstr(zh->text, words[i].said) == NULL || kept_names_any(other->text, words[i].as))
            continue;
        kept_find(r, CODE_LANG_CONFLICT, other->line, other->column,
                  "let both languages say the same, and look which of them is true",
                  "the text in 'zh' says '%s', and this one does not: people who read different "
                  "languages are told different things", words[i].said);
        return;
    }
}

/* A number, or a list of names, in one language only. The text of authority is the first. */
static void check_languages(struct reader *r, const struct node *first)
{
    const struct node *map = kept_node(r, first->parent);
    for (uint32_t i = map->first; i != NO_NODE; i = r->tree.nodes[i].next) {
        const struct node *other = &r->tree.nodes[i];
        if (other == first || other->language == 0)
            continue;
        size_t before = r->findings->count;
        check_pair(r, first, other, false);
        if (r->findings->count == before)
            check_pair(r, other, first, false);
        if (r->findings->count == before)
            check_pair(r, first, other, true);
        bool zh = strncmp(first->key, "zh", 2) == 0 && strncmp(other->key, "en", 2) == 0;
        if (zh && r->findings->count == before)
            check_weighty(r, first, other);
    }
}

/* ---- promises ---------------------------------------------------------------------------------- */

/* What the notice speaks of, and no section carries out. */
static void check_promises(struct reader *r, const struct node *notice)
{
    static const char *const cookies[] = {"cookie", NULL}, *const minors[] = {"minors", "未成年", NULL},
                      *const contact[] = {"how to reach us", "contact us", "联系我们", NULL};
    const struct kept_policy *p = r->policy;
    const struct node *list = kept_child(r, notice, "sentences");
    for (uint32_t i = list != NULL ? list->first : NO_NODE; i != NO_NODE; i = r->tree.nodes[i].next) {
        const struct node *text = kept_child(r, &r->tree.nodes[i], "text");
        if (text != NULL && text->kind == NODE_MAP && text->first != NO_NODE)
            text = &r->tree.nodes[text->first];
        if (text == NULL || text->kind != NODE_SCALAR)
            continue;
        const char *section = kept_names_any(text->text, cookies) && p->duties.cookies.line == 0 ? "cookies"
                              : kept_names_any(text->text, minors) && p->age.line == 0           ? "age"
                              : kept_names_any(text->text, contact) && p->contact == NULL ? "controller"
                                                                                            : NULL;
        if (section != NULL)
            kept_find(r, CODE_PROMISED_SECTION_MISSING, text->line, text->column,
                      "add the section, or remove the promise",
                      "people are told of what only '%s' could say, and there is no such section", section);
    }
}

/* ---- items, and grounds ------------------------------------------------------------------------ */

static void check_item_words(struct reader *r, const struct item_rule *item, const char *text)
{
    static const char *const others[] = {"other information", "other data", "and so on", "etc.", "等信息",
                                         "其他信息", NULL};
    static const char *const unknown[] = {"anonym", "匿名", NULL};
    static const char *const telling[] = {"imei", "mac", "device-id", "phone", "mail", "id-card", "name",
                                          NULL};
    if (kept_names_any(text, others))
        kept_find(r, CODE_OPEN_ENDED_ITEM, item->pub.line, item->column, "name what is collected",
                  "'%s' has no end: 'and other' could be anything (PIPL 6, 17)", item->pub.name);
    for (size_t i = 0; telling[i] != NULL; i++)
        if (strcmp(telling[i], item->pub.kind) == 0 && kept_names_any(text, unknown))
            kept_find(r, CODE_ANONYMOUS_CLAIM, item->pub.line, item->column,
                      "do not call it anonymous",
                      "'%s' is called anonymous, and is a %s, by which a person or device is found "
                      "again (PIPL 73)", item->pub.name, item->pub.kind);
}

static bool fixed(const struct item_rule *item)
{
    return (strcmp(item->pub.kind, "imei") == 0 ||
            (strcmp(item->pub.kind, "mac") == 0 && strcmp(item->information, "network-id") == 0)) &&
           item->pub.place == KEPT_PLACE_STORE && !item->pub.hashed;
}

static void check_item(struct reader *r, const struct item_rule *item)
{
    for (size_t l = 0; l < r->policy->info.languages; l++)
        if (item->text.v[l] != NULL)
            check_item_words(r, item, item->text.v[l]);
    if (fixed(item) && kept_policy_demands(r->policy) < 2)
        kept_find(r, CODE_FIXED_IDENTIFIER, item->pub.line, item->column,
                  "let 'store' be hash, or take an identifier that can be reset",
                  "nobody can change '%s', and an app of type %s needs it for nothing (GB/T 41391 F)",
                  item->pub.name, r->policy->app_type);
}

struct ground { /* of a refusal, of an exemption */
    const char *words, *code;
    int line;
    size_t at; /* its place in the file */
};

static int by_words(const void *a, const void *b)
{
    const struct ground *one = a, *other = b;
    int order = strcmp(one->words, other->words);
    return order != 0 ? order : (one->at > other->at) - (one->at < other->at);
}

static void add_ground(struct ground *all, size_t *n, const struct text *text, const char *code, int line)
{
    if (text->v == NULL || text->v[0] == NULL)
        return;
    all[*n] = (struct ground){text->v[0], code, line, *n};
    (*n)++;
}

/* The same words stand beside each other once they are sorted: there may be thousands. */
static void check_same(struct reader *r, struct ground *all, size_t n)
{
    qsort(all, n, sizeof *all, by_words);
    for (size_t i = 1; i < n; i++)
        if (strcmp(all[i].words, all[i - 1].words) == 0)
            kept_find(r, CODE_SAID_TWICE, all[i].line, 1, "remove one of them", "'%s' is the same ground as '%s'",
                      all[i].code, all[i - 1].code);
}

static void check_grounds(struct reader *r)
{
    struct kept_policy *p = r->policy;
    const struct duties *d = &p->duties;
    size_t most = d->refusal_count > p->exemption_count ? d->refusal_count : p->exemption_count, n = 0;
    struct ground *all = kept_arena_alloc(&p->arena, most, sizeof *all);
    if (all == NULL)
        return;
    for (size_t i = 0; i < d->refusal_count; i++)
        add_ground(all, &n, &d->refusals[i].text, d->refusals[i].code, d->refusals[i].rule.line);
    check_same(r, all, n);
    n = 0;
    for (size_t i = 0; i < p->exemption_count; i++)
        add_ground(all, &n, &p->exemptions[i].text, p->exemptions[i].code, p->exemptions[i].rule.line);
    check_same(r, all, n);
}

void kept_check_texts(struct reader *r, const struct node *root)
{
    const struct kept_policy *p = r->policy;
    for (size_t i = 0; i < r->tree.count; i++) {
        const struct node *node = &r->tree.nodes[i];
        if (node->language == 0)
            continue;
        check_whole(r, node);
        check_pseudonyms(r, node);
        if (node->language == 1 && p->info.languages > 1)
            check_languages(r, node);
    }
    check_promises(r, kept_at(r, root, POLICY_notice));
    for (size_t i = 0; i < p->info.items; i++)
        if (!p->items[i].lost)
            check_item(r, &p->items[i]);
    check_grounds(r);
}
