/* show.c - JSON as people read it: fields one a line, lists as tables. */
#include <string.h>

#include "base/utf8.h"
#include "cli/cli.h"

#define MAX_COLUMNS 24u
#define MAX_DEPTH 4
#define MAX_LINE 100u  /* columns of a terminal that a table of a report takes at most */
#define MIN_COLUMN 12u /* a column is not cut below this for it */
#define ENTRY_INDENT 11u
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* ---- text ------------------------------------------------------------------------------------ */

/* Does a code point steer a terminal, or the order of what is read? */
static bool steers(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f;
}

void cli_safe(struct kept_buf *out, struct kept_span text)
{
    size_t at = 0;
    while (at < text.n) {
        size_t from = at;
        uint32_t c = kept_utf8_next(text, &at);
        if (at == from)
            break;
        if (steers(c))
            kept_buf_printf(out, "\\u{%x}", (unsigned)c);
        else
            kept_buf_bytes(out, text.p + from, at - from);
    }
}

/* Columns of a terminal: East Asian wide characters take two. */
static size_t columns_of_char(uint32_t c)
{
    bool wide = (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) ||
                (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
                (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
                (c >= 0xffe0 && c <= 0xffe6) || (c >= 0x1f300 && c <= 0x1faff) ||
                (c >= 0x20000 && c <= 0x3fffd);
    return wide ? 2 : 1;
}

/* Bytes of text that fit into width columns; *ret_width: the columns they take. */
static size_t fitting(const char *text, size_t width, size_t *ret_width)
{
    struct kept_span span = {(const uint8_t *)text, strlen(text)};
    size_t at = 0, taken = 0, from = 0;
    for (*ret_width = 0; at < span.n; *ret_width = taken) {
        from = at;
        uint32_t c = kept_utf8_next(span, &at);
        taken += at == from ? 0 : columns_of_char(c);
        if (at == from || taken > width)
            return from;
    }
    return at;
}

static size_t width_of(const char *text)
{
    size_t width = 0;
    (void)fitting(text, SIZE_MAX, &width);
    return width;
}

static void scalar(struct kept_buf *out, const json_t *value)
{
    if (json_is_string(value))
        cli_safe(out, (struct kept_span){(const uint8_t *)json_string_value(value),
                                         json_string_length(value)});
    else if (json_is_integer(value))
        kept_buf_printf(out, "%lld", (long long)json_integer_value(value));
    else if (json_is_boolean(value))
        kept_buf_text(out, json_is_true(value) ? "yes" : "no");
    else
        kept_buf_text(out, "-");
}

/* Anything in one line: lists with commas, objects by their values. */
static void one_line(struct kept_buf *out, const json_t *value)
{
    size_t i = 0, j = 0;
    const char *name = NULL;
    json_t *one = NULL, *part = NULL;
    if (!json_is_array(value)) {
        scalar(out, value);
        return;
    }
    json_array_foreach(value, i, one)
    {
        kept_buf_text(out, i > 0 ? ", " : "");
        if (!json_is_object(one)) {
            scalar(out, one);
            continue;
        }
        j = 0;
        json_object_foreach(one, name, part)
        {
            if (json_is_string(part) && strcmp(json_string_value(part), "allow") == 0)
                continue; /* what went through needs no word */
            kept_buf_text(out, j++ > 0 ? " " : "");
            scalar(out, part);
        }
    }
    if (json_array_size(value) == 0)
        kept_buf_text(out, "-");
}

/* ---- tables ---------------------------------------------------------------------------------- */

static void pad(FILE *to, size_t n)
{
    (void)fprintf(to, "%*s", (int)n, "");
}

static void measure(const json_t *row, size_t columns, size_t *widths)
{
    for (size_t i = 0; i < columns; i++) {
        const char *text = json_string_value(json_array_get(row, i));
        size_t w = text == NULL ? 0 : width_of(text);
        widths[i] = w > widths[i] ? w : widths[i];
    }
}

/* A cell, cut to its column where it is wider; how many columns it took. */
static size_t table_cell(FILE *to, const char *text, size_t width)
{
    size_t taken = 0, n = fitting(text, width, &taken);
    if (text[n] == 0) {
        (void)fputs(text, to);
        return taken;
    }
    n = fitting(text, width - 2, &taken);
    (void)fprintf(to, "%.*s..", (int)n, text);
    return taken + 2;
}

static void table_row(FILE *to, const json_t *row, size_t columns, const size_t *widths)
{
    size_t owed = 2; /* blanks are printed when something follows them */
    for (size_t i = 0; i < columns; i++) {
        const char *text = json_string_value(json_array_get(row, i));
        size_t taken = 0;
        if (widths[i] == 0)
            continue;
        if (text != NULL && text[0] != 0) {
            pad(to, owed);
            taken = table_cell(to, text, widths[i]);
            owed = 0;
        }
        owed += widths[i] + 2 - taken;
    }
    (void)fputc('\n', to);
}

/* Narrow the widest columns until a line fits, or nothing can be cut any more. */
static void narrow(size_t *widths, size_t count, size_t line)
{
    for (;;) {
        size_t total = 0, widest = 0;
        for (size_t i = 0; i < count; i++) {
            total += widths[i] > 0 ? widths[i] + 2 : 0;
            widest = widths[i] > widths[widest] ? i : widest;
        }
        if (total <= line || widths[widest] <= MIN_COLUMN)
            return;
        widths[widest]--;
    }
}

void cli_table(FILE *to, const char *const *columns, const json_t *rows, size_t line)
{
    size_t widths[MAX_COLUMNS] = {0}, count = 0, i = 0;
    json_t *row = NULL;
    json_t *head = json_array();
    while (columns[count] != NULL && count < MAX_COLUMNS)
        (void)json_array_append_new(head, json_string(columns[count++]));
    json_array_foreach(rows, i, row) measure(row, count, widths);
    for (i = 0; i < count; i++) /* a column without content has no title either */
        if (widths[i] > 0 && widths[i] < width_of(columns[i]))
            widths[i] = width_of(columns[i]);
    if (line > 0)
        narrow(widths, count, line);
    table_row(to, head, count, widths);
    json_array_foreach(rows, i, row) table_row(to, row, count, widths);
    json_decref(head);
}

/* Keys and hashes of a table in short form; --json has them whole. */
static void shorten(struct kept_buf *cell)
{
    const char *text = (const char *)cell->p;
    if (cell->n < 32 || strspn(text, "0123456789abcdef") != cell->n)
        return;
    cell->n = 8;
    kept_buf_text(cell, "..");
}

static json_t *cell_of(const json_t *value, bool whole)
{
    struct kept_buf cell;
    kept_buf_init_secret(&cell, 1u << 20);
    if (value != NULL)
        one_line(&cell, value);
    if (!whole)
        shorten(&cell);
    json_t *text = json_stringn(cell.n > 0 ? (const char *)cell.p : "", cell.n);
    kept_buf_release(&cell);
    return text;
}

/* What a table leaves to --json, so that it fits a terminal. */
static bool left_out(const char *name)
{
    static const char *const names[] = {"policy_version", "entry", "subjects", "text_sha256"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* The union of the keys of an array of objects, in the order in which they appear; lists, which are
 * long, come last. */
static size_t columns_of(const json_t *list, const char **columns)
{
    size_t count = 0, i = 0, j = 0;
    const char *name = NULL;
    json_t *one = NULL, *value = NULL;
    for (int lists = 0; lists <= 1; lists++)
        json_array_foreach(list, i, one)
        {
            json_object_foreach(one, name, value)
            {
                for (j = 0; j < count && strcmp(columns[j], name) != 0; j++)
                    continue;
                if (j == count && count + 1 < MAX_COLUMNS && !left_out(name) &&
                    json_is_array(value) == (lists == 1))
                    columns[count++] = name;
            }
        }
    columns[count] = NULL;
    return count;
}

static void list_table(FILE *to, const json_t *list)
{
    const char *columns[MAX_COLUMNS + 1];
    size_t count = columns_of(list, columns), i = 0;
    json_t *one = NULL, *rows = json_array();
    json_array_foreach(list, i, one)
    {
        json_t *row = json_array();
        for (size_t j = 0; j < count; j++)
            (void)json_array_append_new(row, cell_of(json_object_get(one, columns[j]),
                                                     strcmp(columns[j], "subject") == 0));
        (void)json_array_append_new(rows, row);
    }
    cli_table(to, columns, rows, MAX_LINE);
    json_decref(rows);
}

/* ---- entries of the ledger ------------------------------------------------------------------- */

/* What every entry has, each in a column that stands still from one listing to the next. */
static const struct {
    const char *name;
    size_t width;
} entry_columns[] = {{"index", 7}, {"at", 20}, {"operation", 19}, {"decision", 8}, {"actor", 16},
                     {"role", 16}};
/* What only some have stands below the entry, in this order; what has no place here, behind it. */
static const char *const entry_details[] = {"reason",   "function", "purpose",
                                            "recipient", "scope",   "consent",
                                            "language", "justification", "items"};

static bool is_column(const char *name)
{
    for (size_t i = 0; i < COUNT(entry_columns); i++)
        if (strcmp(entry_columns[i].name, name) == 0)
            return true;
    return false;
}

static bool is_detail(const char *name)
{
    for (size_t i = 0; i < COUNT(entry_details); i++)
        if (strcmp(entry_details[i], name) == 0)
            return true;
    return false;
}

static void detail(struct kept_buf *out, const char *name, const json_t *value)
{
    if (value == NULL || (json_is_array(value) && json_array_size(value) == 0))
        return;
    kept_buf_printf(out, "%s%s ", out->n > 0 ? "; " : "", name);
    one_line(out, value);
}

/* A consent's scope is one of these again, or an item. */
static bool said_already(const json_t *entry, const char *name)
{
    const json_t *scope = json_object_get(entry, "scope");
    return strcmp(name, "scope") == 0 && (json_equal(scope, json_object_get(entry, "function")) ||
                                          json_equal(scope, json_object_get(entry, "purpose")) ||
                                          json_equal(scope, json_object_get(entry, "recipient")));
}

static void entry_row(FILE *to, const json_t *entry, const size_t *widths)
{
    struct kept_buf text;
    const char *name = NULL;
    json_t *value = NULL, *row = json_array();
    for (size_t i = 0; i < COUNT(entry_columns); i++)
        (void)json_array_append_new(row, cell_of(json_object_get(entry, entry_columns[i].name),
                                                 false));
    table_row(to, row, COUNT(entry_columns), widths);
    json_decref(row);
    kept_buf_init_secret(&text, 1u << 20);
    for (size_t i = 0; i < COUNT(entry_details); i++)
        if (!said_already(entry, entry_details[i]))
            detail(&text, entry_details[i], json_object_get(entry, entry_details[i]));
    json_object_foreach((json_t *)(uintptr_t)entry, name, value)
        if (!is_column(name) && !is_detail(name) && !left_out(name))
            detail(&text, name, value);
    if (text.n > 0 && text.failed == 0) {
        pad(to, ENTRY_INDENT);
        cli_wrapped(to, (const char *)text.p, ENTRY_INDENT, ENTRY_INDENT, MAX_LINE);
    }
    kept_buf_release(&text);
}

static void entries(FILE *to, const json_t *list)
{
    size_t widths[COUNT(entry_columns)], i = 0;
    json_t *one = NULL, *head = json_array();
    for (size_t j = 0; j < COUNT(entry_columns); j++) {
        widths[j] = entry_columns[j].width;
        (void)json_array_append_new(head, json_string(entry_columns[j].name));
    }
    table_row(to, head, COUNT(entry_columns), widths);
    json_array_foreach(list, i, one) entry_row(to, one, widths);
    json_decref(head);
}

/* ---- reports --------------------------------------------------------------------------------- */

static void label(FILE *to, const char *name, int depth)
{
    char text[64];
    (void)snprintf(text, sizeof text, "%s", name);
    for (char *c = text; *c != 0; c++)
        *c = *c == '_' ? ' ' : *c;
    (void)fprintf(to, "%*s%-*s", 2 * depth, "", 20 - 2 * depth, text);
}

static void show_object(FILE *to, const json_t *root, int depth) /* bounded by MAX_DEPTH */
{
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach((json_t *)(uintptr_t)root, name, value)
    {
        label(to, name, depth);
        if (json_is_object(value) && json_object_size(value) > 0 && depth < MAX_DEPTH) {
            (void)fputc('\n', to);
            show_object(to, value, depth + 1);
        } else if (json_is_array(value) && json_is_object(json_array_get(value, 0))) {
            (void)fputc('\n', to);
            if (strcmp(name, "entries") == 0)
                entries(to, value);
            else
                list_table(to, value);
        } else {
            json_t *text = json_is_object(value) ? json_string("none") : cell_of(value, true);
            (void)fprintf(to, " %s\n", json_string_value(text));
            json_decref(text);
        }
    }
}

void cli_show(FILE *to, const json_t *root)
{
    show_object(to, root, 0);
}
