/* rows.c - CSV with its heading, and lines of JSON, to cells of the mapping's columns. */
#include "transfer/rows.h"

#include <jansson.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "transfer/csv.h"

struct kept_rows {
    const struct kept_mapping *mapping;
    enum kept_rows_format format;
    struct kept_csv csv;      /* of JSON Lines: what splits them is below */
    bool headed;              /* the heading was read */
    size_t width;             /* cells of the heading */
    size_t *places;           /* where each column of the mapping stands in a row of CSV */
    bool begun;               /* past a byte order mark, if there is one */
    struct kept_buf text;     /* secret: a line of JSON */
    struct kept_buf numbers;  /* secret: its numbers as text */
    json_t *json;             /* the line; its strings are borrowed */
    uint64_t line;
    bool too_long;
    struct kept_span *spans;  /* of all cells */
    size_t span_count, span_cap;
    struct kept_cell *cells;
    size_t *firsts;           /* index of each cell's first span, while spans grows */
    struct kept_row row;
};

int kept_rows_new(const struct kept_mapping *mapping, enum kept_rows_format format,
                  struct kept_rows **ret_rows, struct kept_err *err)
{
    *ret_rows = NULL;
    struct kept_rows *r = kept_alloc(1, sizeof *r);
    if (r == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory to read rows");
    r->mapping = mapping;
    r->format = format;
    r->line = 1;
    kept_csv_init(&r->csv, mapping->separator);
    kept_buf_init_secret(&r->text, KEPT_MAX_ROW_BYTES);
    kept_buf_init_secret(&r->numbers, KEPT_MAX_ROW_BYTES + 64);
    r->places = kept_alloc(mapping->column_count, sizeof *r->places);
    r->cells = kept_alloc(mapping->column_count, sizeof *r->cells);
    r->firsts = kept_alloc(mapping->column_count, sizeof *r->firsts);
    if (r->places == NULL || r->cells == NULL || r->firsts == NULL) {
        kept_rows_free(r);
        return kept_fail(err, KEPT_E_NOMEM, "no memory to read rows");
    }
    r->row.cells = r->cells;
    *ret_rows = r;
    return 0;
}

/* What a line of JSON said of a person does not stay in memory. */
static void wipe_json(json_t *value)
{
    const char *key = NULL;
    json_t *one = NULL, *inner = NULL;
    size_t i = 0;
    if (value != NULL)
        json_object_foreach(value, key, one)
        {
            if (json_is_string(one))
                kept_wipe((void *)(uintptr_t)json_string_value(one), json_string_length(one));
            json_array_foreach(one, i, inner) if (json_is_string(inner))
                kept_wipe((void *)(uintptr_t)json_string_value(inner), json_string_length(inner));
        }
    json_decref(value);
}

void kept_rows_free(struct kept_rows *rows)
{
    if (rows == NULL)
        return;
    kept_csv_release(&rows->csv);
    kept_buf_release(&rows->text);
    kept_buf_release(&rows->numbers);
    wipe_json(rows->json);
    kept_free(rows->places);
    kept_free(rows->spans);
    kept_free(rows->cells);
    kept_free(rows->firsts);
    kept_free(rows);
}

uint64_t kept_rows_line(const struct kept_rows *rows)
{
    return rows->format == KEPT_ROWS_CSV ? rows->csv.line : rows->line;
}

static void spoil(struct kept_rows *r, const char *why, size_t column)
{
    if (r->row.bad != NULL)
        return;
    r->row.bad = why;
    r->row.bad_column = column;
}

/* A byte order mark, which nobody sees, may stand at the start. */
static void pass_mark(struct kept_rows *r, struct kept_cursor *in)
{
    if (!r->begun && in->n >= 3 && in->p[0] == 0xEF && in->p[1] == 0xBB && in->p[2] == 0xBF) {
        in->p += 3;
        in->n -= 3;
    }
    r->begun = r->begun || in->n > 0;
}

/* ---- cells ------------------------------------------------------------------------------------ */

/* One more value of a column; cells point at their spans when all are there. */
static int add_value(struct kept_rows *r, size_t column, struct kept_span value)
{
    if (!kept_utf8_valid(value)) {
        spoil(r, "the value is not UTF-8", column);
        return 0;
    }
    int rc = kept_grow(&r->spans, &r->span_cap, r->span_count + 1, KEPT_MAX_FIELDS,
                       sizeof *r->spans);
    if (rc == KEPT_E_LIMIT) {
        spoil(r, "more values than a row may have", column);
        return 0;
    }
    if (rc != 0)
        return rc;
    if (r->cells[column].count++ == 0)
        r->firsts[column] = r->span_count;
    r->spans[r->span_count++] = value;
    return 0;
}

static void begin_cells(struct kept_rows *r)
{
    memset(r->cells, 0, r->mapping->column_count * sizeof *r->cells);
    r->span_count = 0;
    r->row.bad = NULL;
    r->row.bad_column = KEPT_NO_COLUMN;
    r->row.number++;
}

static void end_cells(struct kept_rows *r, const struct kept_row **ret_row)
{
    for (size_t c = 0; c < r->mapping->column_count; c++)
        r->cells[c].values = r->cells[c].count > 0 ? &r->spans[r->firsts[c]] : NULL;
    *ret_row = &r->row;
}

/* ---- CSV -------------------------------------------------------------------------------------- */

static bool same(struct kept_span span, const char *text)
{
    size_t n = strlen(text);
    return span.n == n && (n == 0 || strncmp((const char *)span.p, text, n) == 0);
}

static int read_heading(struct kept_rows *r, struct kept_err *err)
{
    const struct kept_mapping *m = r->mapping;
    if (r->csv.bad != NULL)
        return kept_fail(err, KEPT_E_FORMAT, "line %llu, the heading: %s",
                         (unsigned long long)r->csv.row_line, r->csv.bad);
    r->headed = true;
    r->width = r->csv.count;
    for (size_t c = 0; c < m->column_count; c++) {
        size_t found = 0;
        for (size_t i = 0; i < r->csv.count; i++)
            if (same(kept_csv_cell(&r->csv, i), m->columns[c])) {
                r->places[c] = i;
                found++;
            }
        if (found != 1)
            return kept_fail(err, KEPT_E_FORMAT,
                             "the heading (line %llu) %s column '%.64s', which the mapping names",
                             (unsigned long long)r->csv.row_line,
                             found == 0 ? "has no" : "has more than one", m->columns[c]);
    }
    return 0;
}

static int take_csv(struct kept_rows *r, const struct kept_row **ret_row)
{
    int rc = 0;
    begin_cells(r);
    r->row.line = r->csv.row_line;
    if (r->csv.bad != NULL)
        spoil(r, r->csv.bad, KEPT_NO_COLUMN);
    else if (r->csv.count != r->width)
        spoil(r, r->csv.count < r->width ? "it has fewer columns than the heading"
                                         : "it has more columns than the heading", KEPT_NO_COLUMN);
    for (size_t c = 0; rc == 0 && r->row.bad == NULL && c < r->mapping->column_count; c++) {
        struct kept_span value = kept_csv_cell(&r->csv, r->places[c]);
        if (value.n > 0)
            rc = add_value(r, c, value);
    }
    end_cells(r, ret_row);
    return rc != 0 ? rc : 1;
}

static int next_csv(struct kept_rows *r, struct kept_cursor *in, bool end,
                    const struct kept_row **ret_row, struct kept_err *err)
{
    for (;;) {
        int rc = kept_csv_next(&r->csv, in, end, err);
        if (rc == 0 && end && !r->headed && in->n == 0)
            return kept_fail(err, KEPT_E_FORMAT, "the file has no heading: it is empty");
        if (rc <= 0)
            return rc;
        if (r->headed)
            return take_csv(r, ret_row);
        if ((rc = read_heading(r, err)) != 0)
            return rc;
    }
}

/* ---- JSON Lines ------------------------------------------------------------------------------- */

static int add_scalar(struct kept_rows *r, size_t column, const json_t *value)
{
    if (json_is_string(value))
        return add_value(r, column, (struct kept_span){(const uint8_t *)json_string_value(value),
                                                       json_string_length(value)});
    if (json_is_true(value) || json_is_false(value)) {
        const char *word = json_is_true(value) ? "true" : "false";
        return add_value(r, column, (struct kept_span){(const uint8_t *)word, strlen(word)});
    }
    if (json_is_integer(value)) {
        char text[32];
        int n = snprintf(text, sizeof text, "%lld", (long long)json_integer_value(value));
        size_t at = r->numbers.n;
        kept_buf_bytes(&r->numbers, text, (size_t)n);
        kept_wipe(text, sizeof text);
        return r->numbers.failed != 0 ? r->numbers.failed
                                      : add_value(r, column, (struct kept_span){r->numbers.p + at,
                                                                                (size_t)n});
    }
    spoil(r, json_is_real(value) ? "a number with a fraction: write it as text, so that it stays as it is"
                                 : "it holds an object, or a list in a list", column);
    return 0;
}

static int take_members(struct kept_rows *r)
{
    const struct kept_mapping *m = r->mapping;
    int rc = 0;
    /* Numbers are borrowed: their buffer must not move. They are no longer than they were in the line. */
    kept_buf_clear(&r->numbers);
    if (kept_buf_room(&r->numbers, r->text.n + 32) == NULL)
        return KEPT_E_NOMEM;
    r->numbers.n = 0;
    for (size_t c = 0; rc == 0 && c < m->column_count; c++) {
        const json_t *value = json_object_get(r->json, m->columns[c]), *one = NULL;
        size_t i = 0;
        if (value == NULL || json_is_null(value))
            continue;
        if (!json_is_array(value)) {
            rc = add_scalar(r, c, value);
            continue;
        }
        json_array_foreach((json_t *)(uintptr_t)value, i, one)
        {
            if (rc == 0)
                rc = add_scalar(r, c, one);
        }
    }
    return rc;
}

static int take_line(struct kept_rows *r, const struct kept_row **ret_row)
{
    int rc = 0;
    begin_cells(r);
    wipe_json(r->json);
    r->json = NULL;
    r->row.line = r->line;
    if (r->too_long)
        spoil(r, "the row is longer than a row may be", KEPT_NO_COLUMN);
    else if (!kept_utf8_valid(kept_buf_span(&r->text)))
        spoil(r, "the line is not UTF-8", KEPT_NO_COLUMN);
    else if ((r->json = json_loadb((const char *)r->text.p, r->text.n, JSON_REJECT_DUPLICATES,
                                   NULL)) == NULL)
        spoil(r, "the line is no JSON, or has a name twice", KEPT_NO_COLUMN);
    else if (!json_is_object(r->json))
        spoil(r, "the line is no JSON object", KEPT_NO_COLUMN);
    else
        rc = take_members(r);
    end_cells(r, ret_row);
    kept_buf_clear(&r->text);
    r->too_long = false;
    return rc != 0 ? rc : 1;
}

static bool blank(const struct kept_rows *r)
{
    for (size_t i = 0; i < r->text.n; i++)
        if (strchr(" \t\r", r->text.p[i]) == NULL)
            return false;
    return !r->too_long;
}

static int next_line(struct kept_rows *r, struct kept_cursor *in, bool end,
                     const struct kept_row **ret_row, struct kept_err *err)
{
    while (in->n > 0 || end) {
        const uint8_t *stop = in->n > 0 ? memchr(in->p, '\n', in->n) : NULL;
        size_t n = stop != NULL ? (size_t)(stop - in->p) : in->n;
        if (r->text.n + n > KEPT_MAX_ROW_BYTES)
            r->too_long = true;
        if (!r->too_long && n > 0)
            kept_buf_bytes(&r->text, in->p, n);
        if (r->text.failed != 0)
            return kept_fail(err, r->text.failed, "no memory for a row");
        in->p += n + (stop != NULL);
        in->n -= n + (stop != NULL);
        if (stop == NULL && !end)
            return 0;
        int rc = 0;
        if (!blank(r) && (rc = take_line(r, ret_row)) < 0)
            return kept_fail(err, rc, "no memory for a row");
        kept_buf_clear(&r->text);
        r->line += stop != NULL;
        if (rc > 0 || stop == NULL)
            return rc;
    }
    return 0;
}

int kept_rows_next(struct kept_rows *rows, struct kept_cursor *in, bool end,
                   const struct kept_row **ret_row, struct kept_err *err)
{
    pass_mark(rows, in);
    return rows->format == KEPT_ROWS_CSV ? next_csv(rows, in, end, ret_row, err)
                                         : next_line(rows, in, end, ret_row, err);
}
