/* sketch_write.c - entries of the stock as YAML: in the style they stand in there, in the languages that were
 * asked for, with what is put in, and each answer quoted where it could be read as something else. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "policy/sketch_int.h"
#include "policy/show_int.h"

#define WIDTH 120u /* of what is written between brackets, on one line */

/* ---- values ------------------------------------------------------------------------------------ */

/* What YAML 1.1 reads as something else than text. */
static bool is_word_of_yaml(const char *text)
{
    static const char *const words[] = {"true", "false", "yes", "no", "on", "off", "null", "y", "n", NULL};
    size_t i = 0;
    while (words[i] != NULL && strcasecmp(words[i], text) != 0)
        i++;
    return words[i] != NULL;
}

/* Is it the same text without quotes, wherever it stands? */
static bool plain(const char *text)
{
    unsigned char first = (unsigned char)text[0];
    size_t n = strlen(text);
    if (n == 0 || text[n - 1] == ' ' || strpbrk(text, ",:?#[]{}\"'\\") != NULL || is_word_of_yaml(text))
        return false;
    if (isdigit(first) != 0) /* "15 working days", and no number or time */
        return strchr(text, ' ') != NULL && strpbrk(text, "abcdefghijklmnopqrstuvwxyz") != NULL;
    return isalpha(first) != 0 || first >= 0x80;
}

/* A mail address or an address on the web. */
static bool plain_address(const char *text)
{
    size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_@/:+");
    return isalpha((unsigned char)text[0]) != 0 && text[n] == 0 && text[n - 1] != ':' &&
           !is_word_of_yaml(text);
}

void kept_sketch_quote(struct kept_buf *out, const char *text)
{
    if (plain(text) || plain_address(text))
        kept_buf_text(out, text);
    else
        kept_show_quote(out, text);
}

static const struct sketch_value *value_of(const struct sketch *d, const char *name, size_t n)
{
    size_t i = 0;
    while (strncmp(d->values[i].name, name, n) != 0 || d->values[i].name[n] != 0) {
        i++;
        KEPT_INVARIANT(i < d->value_count); /* the stock names a value that there is */
    }
    return &d->values[i];
}

struct filled {
    bool yaml;  /* it is one value, of YAML */
    bool empty; /* a value of it is: it is left out */
    bool put;   /* something was put in */
};

/* text with its <values>; what is put in is not looked through again. out: NULL to ask only. */
static struct filled fill(const struct sketch *d, const char *text, size_t language, struct kept_buf *out)
{
    struct filled ret = {0};
    for (const char *p = text; *p != 0;) {
        size_t n = *p == '<' ? strcspn(p, ">") : strcspn(p, "<");
        if (*p != '<') {
            if (out != NULL)
                kept_buf_bytes(out, p, n);
            p += n;
            continue;
        }
        const struct sketch_value *value = value_of(d, p + 1, n - 1);
        const char *put = value->text[language];
        ret.put = true;
        ret.empty = ret.empty || put[0] == 0;
        ret.yaml = value->yaml && p == text && p[n + 1] == 0;
        if (out != NULL)
            kept_buf_text(out, put);
        p += n + 1;
    }
    return ret;
}

static void scalar(const struct sketch *d, const struct node *node, size_t language, struct kept_buf *out)
{
    struct kept_buf text;
    kept_buf_init(&text, KEPT_MAX_SKETCH);
    struct filled filled = fill(d, node->text, language, &text);
    const char *said = text.p != NULL ? (const char *)text.p : "";
    bool as_it_is = filled.yaml || (!filled.put && node->plain && strpbrk(said, ",[]{}") == NULL);
    if (text.failed != 0)
        out->failed = text.failed;
    else if (as_it_is)
        kept_buf_text(out, said);
    else
        kept_sketch_quote(out, said);
    kept_buf_release(&text);
}

/* ---- what is left out ---------------------------------------------------------------------------- */

/* A name in a list, of what was not chosen. */
static bool passed_over(const struct sketch *d, const char *list, const char *name)
{
    static const char *const sections[][2] = {{"items", "items"}, {"mandatory", "items"}, {"optional", "items"},
                                              {"masked", "items"}, {"raw", "items"}, {"purposes", "purposes"},
                                              {"permissions", "permissions"}};
    for (size_t i = 0; list != NULL && i < sizeof sections / sizeof sections[0]; i++)
        if (strcmp(sections[i][0], list) == 0) {
            const struct node *row = kept_sketch_row(d, sections[i][1], name);
            return row != NULL && !kept_sketch_chosen(d, row);
        }
    return false;
}

static bool is_text(const struct sketch *d, const struct node *node)
{
    const struct node *first = node->kind == NODE_MAP ? kept_sketch_first(d, node) : NULL;
    return first != NULL && strcmp(first->key, "en") == 0;
}

static const struct node *in_language(const struct sketch *d, const struct node *text, size_t language)
{
    return kept_child(&d->stock, text, d->languages[language]);
}

static bool is_chosen_section(const struct node *node)
{
    return node->kind == NODE_SCALAR && strcmp(node->text, "chosen") == 0;
}

/* What is for us, and not for the file. */
static bool is_ours(const struct node *node)
{
    static const char *const ours[] = {"when", "decide", "as", "needs", "permission"};
    for (size_t i = 0; node->key != NULL && i < sizeof ours / sizeof ours[0]; i++)
        if (strcmp(node->key, ours[i]) == 0)
            return true;
    return false;
}

static bool left_out(const struct sketch *d, const struct node *node)
{
    if (is_ours(node))
        return true;
    if (is_text(d, node))
        return fill(d, in_language(d, node, 0)->text, 0, NULL).empty;
    if (is_chosen_section(node)) {
        const struct node *row = kept_sketch_first(d, kept_sketch_section(d, node->key));
        while (row != NULL && !kept_sketch_chosen(d, row))
            row = kept_sketch_next(d, row);
        return row == NULL;
    }
    if (node->kind == NODE_SCALAR)
        return fill(d, node->text, 0, NULL).empty;
    const struct node *when = kept_child(&d->stock, node, "when");
    if (when != NULL && !kept_sketch_holds(d, when->text))
        return true;
    if (node->kind == NODE_MAP || node->count == 0)
        return false;
    const struct node *name = kept_sketch_first(d, node);
    while (name != NULL && name->kind == NODE_SCALAR && passed_over(d, node->key, name->text))
        name = kept_sketch_next(d, name);
    return name == NULL;
}

/* ---- on one line --------------------------------------------------------------------------------- */

static void flow(const struct sketch *d, const struct node *node, struct kept_buf *out)
{
    const char *between = "";
    if (node->kind == NODE_SCALAR) {
        scalar(d, node, 0, out);
        return;
    }
    if (is_text(d, node) && d->language_count == 1) {
        scalar(d, in_language(d, node, 0), 0, out);
        return;
    }
    kept_buf_text(out, node->kind == NODE_MAP ? "{" : "[");
    if (is_text(d, node)) {
        for (size_t l = 0; l < d->language_count; l++) {
            kept_buf_printf(out, "%s%s: ", l > 0 ? ", " : "", d->languages[l]);
            scalar(d, in_language(d, node, l), l, out);
        }
    } else {
        for (const struct node *at = kept_sketch_first(d, node); at != NULL; at = kept_sketch_next(d, at)) {
            if (left_out(d, at) || (node->kind == NODE_LIST && passed_over(d, node->key, at->text)))
                continue;
            kept_buf_text(out, between);
            if (at->key != NULL)
                kept_buf_printf(out, "%s: ", at->key);
            flow(d, at, out);
            between = ", ";
        }
    }
    kept_buf_text(out, node->kind == NODE_MAP ? "}" : "]");
}

/* Does it stand between brackets in the stock? */
static bool is_flow(const struct sketch *d, const struct node *node)
{
    const struct node *first = kept_sketch_first(d, node);
    if (node->kind == NODE_SCALAR || first == NULL || is_text(d, node))
        return true;
    if (node->kind == NODE_LIST)
        return first->kind == NODE_SCALAR;
    return first->key_line != node->line || first->key_column != node->column;
}

/* On the line that is begun, behind lead, if it is meant to be and fits; one value does, however long. */
static bool on_one_line(const struct sketch *d, const struct node *node, const char *lead, size_t column,
                        struct kept_buf *out)
{
    struct kept_buf line;
    if (!is_flow(d, node))
        return false;
    kept_buf_init(&line, KEPT_MAX_SKETCH);
    flow(d, node, &line);
    bool single = node->kind != NODE_MAP || (is_text(d, node) && d->language_count == 1);
    bool fits = single || column + line.n <= WIDTH;
    if (line.failed != 0)
        out->failed = line.failed;
    else if (fits) {
        kept_buf_text(out, lead);
        kept_buf_bytes(out, line.p, line.n);
        kept_buf_text(out, "\n");
    }
    kept_buf_release(&line);
    return fits;
}

/* ---- on several lines ---------------------------------------------------------------------------- */

static void indent_by(struct kept_buf *out, size_t indent)
{
    kept_buf_printf(out, "%*s", (int)indent, "");
}

static void comment(const struct sketch *d, const struct node *of, size_t indent, struct kept_buf *out)
{
    const struct node *decide = of->kind == NODE_MAP ? kept_child(&d->stock, of, "decide") : NULL;
    if (decide == NULL || fill(d, in_language(d, decide, 0)->text, 0, NULL).empty)
        return;
    indent_by(out, indent);
    kept_buf_text(out, "# decide: ");
    (void)fill(d, in_language(d, decide, 0)->text, 0, out);
    kept_buf_text(out, "\n");
}

static void entry(const struct sketch *d, const struct node *node, size_t indent, bool begun, struct kept_buf *out);

static void children(const struct sketch *d, const struct node *node, size_t indent, bool begun, struct kept_buf *out)
{
    for (const struct node *at = kept_sketch_first(d, node); at != NULL; at = kept_sketch_next(d, at)) {
        if (left_out(d, at))
            continue;
        entry(d, at, indent, begun, out);
        begun = false;
    }
}

static void text_lines(const struct sketch *d, const struct node *text, size_t indent, struct kept_buf *out)
{
    for (size_t l = 0; l < d->language_count; l++) {
        indent_by(out, indent);
        kept_buf_printf(out, "%s: ", d->languages[l]);
        scalar(d, in_language(d, text, l), l, out);
        kept_buf_text(out, "\n");
    }
}

static void elements(const struct sketch *d, const struct node *list, size_t indent, struct kept_buf *out)
{
    for (const struct node *at = kept_sketch_first(d, list); at != NULL; at = kept_sketch_next(d, at)) {
        indent_by(out, indent);
        kept_buf_text(out, "- ");
        if (!on_one_line(d, at, "", indent + 2, out))
            children(d, at, indent + 2, true, out);
    }
}

static void chosen_rows(const struct sketch *d, const struct node *section, size_t indent, struct kept_buf *out)
{
    for (const struct node *row = kept_sketch_first(d, section); row != NULL; row = kept_sketch_next(d, row))
        if (kept_sketch_chosen(d, row))
            entry(d, row, indent, false, out);
}

/* `key: value`, to the end of its last line. begun: its line is, up to its key. */
static void entry(const struct sketch *d, const struct node *node, size_t indent, bool begun, struct kept_buf *out)
{
    const struct node *basic = kept_sketch_row(d, "functions", "basic");
    const char *key = node == basic ? value_of(d, "function", 8)->text[0] : node->key;
    if (!begun) {
        comment(d, node, indent, out);
        indent_by(out, indent);
    }
    kept_buf_printf(out, "%s:", key);
    if (is_chosen_section(node)) {
        kept_buf_text(out, "\n");
        chosen_rows(d, kept_sketch_section(d, node->key), indent + 2, out);
        return;
    }
    if (on_one_line(d, node, " ", indent + strlen(key) + 2, out))
        return;
    kept_buf_text(out, "\n");
    if (is_text(d, node))
        text_lines(d, node, indent + 2, out);
    else if (node->kind == NODE_LIST)
        elements(d, node, indent + 2, out);
    else
        children(d, node, indent + 2, false, out);
}

void kept_sketch_write(const struct sketch *d, struct kept_buf *out)
{
    const struct node *line = kept_sketch_first(d, kept_sketch_section(d, "head"));
    for (; line != NULL; line = kept_sketch_next(d, line)) {
        kept_buf_text(out, "# ");
        (void)fill(d, in_language(d, line, 0)->text, 0, out);
        kept_buf_text(out, "\n");
    }
    const struct node *part = kept_sketch_first(d, kept_sketch_section(d, "policy"));
    for (; part != NULL; part = kept_sketch_next(d, part)) {
        const struct node *first = kept_sketch_first(d, part);
        while (first != NULL && left_out(d, first))
            first = kept_sketch_next(d, first);
        if (first == NULL || left_out(d, part))
            continue;
        if (part != kept_sketch_first(d, kept_sketch_section(d, "policy")))
            kept_buf_text(out, "\n");
        comment(d, part, 0, out);
        children(d, part, 0, false, out);
    }
}
