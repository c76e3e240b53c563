/* check_numbers.c - are the parts of what people read numbered one after the other? Lists within a text, and the
 * headings of the notice. Where a number is left out, something may be that people were to be told. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "policy/duties_int.h"

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

/* ---- numbering ---------------------------------------------------------------------------------- */

#define DEEPEST 6u /* of "1.4.3.2.2": more levels are not compared */

struct place_number {
    unsigned v[DEEPEST];
    size_t depth;
    bool dotted; /* "1.4.2", else "(3)" */
};

/* The number at p, if one stands there; how long it is. */
static size_t number_at(const char *p, struct place_number *ret)
{
    const char *at = p + (*p == '(' ? 1 : 0);
    char *end = NULL;
    *ret = (struct place_number){.dotted = *p != '('};
    while (digit(*at) && ret->depth < DEEPEST) {
        ret->v[ret->depth++] = (unsigned)strtoul(at, &end, 10);
        at = end;
        if (!ret->dotted || *at != '.' || !digit(at[1]))
            break;
        at++;
    }
    const bool whole = ret->dotted ? ret->depth > 2 : ret->depth == 1 && *at == ')';
    return whole ? (size_t)(at - p) + (ret->dotted ? 0 : 1) : 0;
}

/* Does b follow a in its list, or begin another? A number that was there before is a reference to its part; one
 * that counts on under a part before it is none, and neither is one behind a part that is left out. */
static bool follows(const struct place_number *a, const struct place_number *b)
{
    if (a->dotted != b->dotted || a->depth != b->depth)
        return true;
    if (!b->dotted)
        return b->v[0] <= a->v[0] + 1;
    for (size_t i = 0; i < a->depth; i++)
        if (a->v[i] != b->v[i])
            return b->v[i] > a->v[i] || b->v[a->depth - 1] != a->v[a->depth - 1] + 1;
    return true;
}

/* Is it where the list has come to? A reference to a part before is not: what follows it goes on from there. */
static bool goes_ahead(const struct place_number *a, const struct place_number *b)
{
    if (a->dotted != b->dotted || a->depth != b->depth)
        return true;
    return b->dotted || b->v[0] == 1 || b->v[0] > a->v[0];
}

static void check_numbering(struct reader *r, const struct node *node)
{
    struct place_number last = {.depth = 0}, here = last;
    unsigned open = 0; /* where a list stood when (1) came: another began, or it was a reference */
    for (const char *p = node->text; *p != 0;) {
        const bool begins = p == node->text || !isalnum((unsigned char)p[-1]);
        const size_t n = begins && (*p == '(' || digit(*p)) ? number_at(p, &here) : 0;
        const bool resumes = open > 0 && !here.dotted && here.v[0] == open + 1;
        if (n > 0 && last.depth > 0 && !resumes && !follows(&last, &here)) {
            kept_find(r, CODE_NUMBERING, node->line, node->column, "number the parts one after the other",
                      "%.*s does not follow the part before it: a part is missing, or the numbers are",
                      (int)n, p);
            return;
        }
        if (n > 0 && !here.dotted && here.v[0] == 1 && last.v[0] > 1 && !last.dotted)
            open = last.v[0];
        if (n > 0 && (last.depth == 0 || goes_ahead(&last, &here)))
            last = here;
        p += n > 0 ? n : 1;
    }
}

/* ---- parts --------------------------------------------------------------------------------------- */

/* Signs of one number, from units on: "XII." is 12; no more than 39 parts are numbered so. */
static unsigned roman(const char *text, size_t *ret_n)
{
    unsigned value = 0;
    size_t n = 0;
    for (; text[n] == 'I' || text[n] == 'V' || text[n] == 'X'; n++) {
        const unsigned one = text[n] == 'I' ? 1 : text[n] == 'V' ? 5 : 10;
        const char next = text[n + 1];
        const bool less = text[n] == 'I' && (next == 'V' || next == 'X');
        value = less ? value - one : value + one;
    }
    *ret_n = n;
    return n > 0 && text[n] == '.' && text[n + 1] == ' ' && value < 40 ? value : 0;
}

/* One to thirty-nine, as Chinese counts parts: 十二. */
static unsigned chinese_number(const char *text, size_t *ret_n)
{
    static const char *const ones[] = {"一", "二", "三", "四", "五", "六", "七", "八", "九", "十"};
    const size_t sign = 3; /* bytes of one in UTF-8 */
    unsigned value = 0, last = 0;
    size_t n = 0;
    for (bool found = true; found; n += found ? sign : 0) {
        found = false;
        for (unsigned i = 0; !found && i < 10; i++)
            if (strncmp(text + n, ones[i], sign) == 0) {
                found = true;
                last = i + 1;
                value = last < 10 ? value + last : value == 0 ? 10 : value * 10;
            }
    }
    *ret_n = n;
    return value < 40 ? value : 0;
}

/* The part that a sentence is the heading of: "IV. How we keep it", "四、", "第四部分", "Part 4"; 0: of none. */
static unsigned part_of(const char *text)
{
    size_t n = 0;
    unsigned part = roman(text, &n);
    if (part > 0)
        return part;
    if (strncasecmp(text, "part ", 5) == 0 && digit(text[5]))
        return (unsigned)strtoul(text + 5, NULL, 10);
    const bool ordinal = strncmp(text, "第", strlen("第")) == 0;
    text += ordinal ? strlen("第") : 0;
    part = chinese_number(text, &n);
    return part > 0 && strncmp(text + n, ordinal ? "部分" : "、", ordinal ? strlen("部分") : strlen("、")) == 0
               ? part
               : 0;
}

/* Headings are sentences of the notice, in each language in their order: last is that of this one. */
static void check_part(struct reader *r, const struct node *text, unsigned *last)
{
    const unsigned part = part_of(text->text);
    unsigned *before = &last[text->language - 1];
    if (part == 0)
        return;
    if (*before > 0 && part > *before + 1)
        kept_find(r, CODE_NUMBERING, text->line, text->column, "add the part that is missing, or number them anew",
                  "part %u follows part %u: what people were to be told between them is not there (PIPL 17)", part,
                  *before);
    *before = part;
}

static void check_parts(struct reader *r, const struct node *notice)
{
    const struct node *list = notice != NULL ? kept_child(r, notice, "sentences") : NULL;
    unsigned *last = kept_arena_alloc(&r->policy->arena, r->policy->info.languages, sizeof *last);
    for (uint32_t i = list != NULL && last != NULL ? list->first : NO_NODE; i != NO_NODE; i = r->tree.nodes[i].next) {
        const struct node *text = kept_child(r, &r->tree.nodes[i], "text");
        if (text != NULL && text->language != 0)
            check_part(r, text, last);
        for (uint32_t k = text != NULL && text->kind == NODE_MAP ? text->first : NO_NODE; k != NO_NODE;
             k = r->tree.nodes[k].next)
            if (r->tree.nodes[k].language != 0)
                check_part(r, &r->tree.nodes[k], last);
    }
}

void kept_check_numbers(struct reader *r, const struct node *root)
{
    for (size_t i = 0; i < r->tree.count; i++)
        if (r->tree.nodes[i].language != 0)
            check_numbering(r, &r->tree.nodes[i]);
    check_parts(r, kept_at(r, root, POLICY_notice));
}
