/* csv.c - a small machine over bytes: five states, one row at a time. */
#include "transfer/csv.h"

#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/mem.h"

void kept_csv_init(struct kept_csv *csv, char separator)
{
    *csv = (struct kept_csv){.separator = separator, .line = 1, .row_line = 1};
    kept_buf_init_secret(&csv->bytes, KEPT_MAX_ROW_BYTES);
}

void kept_csv_release(struct kept_csv *csv)
{
    kept_buf_release(&csv->bytes);
    kept_free(csv->ends);
    csv->ends = NULL;
    csv->count = csv->cap = 0;
}

struct kept_span kept_csv_cell(const struct kept_csv *csv, size_t index)
{
    size_t from = index > 0 ? csv->ends[index - 1] : 0;
    return (struct kept_span){csv->bytes.p != NULL ? csv->bytes.p + from : (const uint8_t *)"",
                              csv->ends[index] - from};
}

/* What follows is no row any more; the line that comes next may be one. */
static void spoil(struct kept_csv *csv, const char *why)
{
    if (csv->bad == NULL) {
        csv->bad = why;
        csv->bad_cell = csv->count + 1;
    }
    csv->state = KEPT_CSV_SKIP;
    csv->begun = true;
}

static int end_cell(struct kept_csv *csv)
{
    if (csv->count >= KEPT_MAX_COLUMNS) {
        spoil(csv, "more columns than a row may have");
        return 0;
    }
    int rc = kept_grow(&csv->ends, &csv->cap, csv->count + 1, KEPT_MAX_COLUMNS, sizeof *csv->ends);
    if (rc == 0)
        csv->ends[csv->count++] = csv->bytes.n;
    return rc;
}

/* A run of bytes into the cell. */
static int take(struct kept_csv *csv, const uint8_t *p, size_t n)
{
    if (csv->bytes.n + n > KEPT_MAX_ROW_BYTES) {
        spoil(csv, "the row is longer than a row may be");
        return 0;
    }
    kept_buf_bytes(&csv->bytes, p, n);
    return csv->bytes.failed;
}

static void begin_row(struct kept_csv *csv)
{
    kept_buf_clear(&csv->bytes);
    csv->count = 0;
    csv->bad = NULL;
    csv->bad_cell = 0;
    csv->begun = csv->given = false;
    csv->state = KEPT_CSV_START;
    csv->row_line = csv->line;
}

/* Bytes up to the next that means something in this state. */
static size_t plain_run(const struct kept_csv *csv, struct kept_span in)
{
    if (csv->state == KEPT_CSV_QUOTED) {
        const uint8_t *quote = memchr(in.p, '"', in.n);
        size_t n = quote != NULL ? (size_t)(quote - in.p) : in.n;
        const uint8_t *line = memchr(in.p, '\n', n);
        return line != NULL ? (size_t)(line - in.p) : n;
    }
    size_t n = 0;
    while (n < in.n && in.p[n] != (uint8_t)csv->separator && in.p[n] != '\n' && in.p[n] != '\r' &&
           in.p[n] != '"')
        n++;
    return n;
}

/* One byte outside quotes. true: the row ends with it. */
static bool outside(struct kept_csv *csv, uint8_t byte, int *rc)
{
    if (byte == '\n') {
        if (csv->state != KEPT_CSV_SKIP && csv->begun)
            *rc = end_cell(csv);
        return csv->begun;
    }
    if (csv->state == KEPT_CSV_SKIP)
        return false;
    if (csv->cr) {
        spoil(csv, "a carriage return stands outside quotes, and ends no line");
        return false;
    }
    if (byte == '\r') {
        csv->cr = true;
        return false;
    }
    csv->begun = true;
    if (byte == (uint8_t)csv->separator) {
        *rc = end_cell(csv);
        if (csv->state != KEPT_CSV_SKIP)
            csv->state = KEPT_CSV_START;
    } else if (csv->state == KEPT_CSV_QUOTE_END) {
        spoil(csv, "something stands behind a closing quote");
    } else if (byte == '"' && csv->state == KEPT_CSV_START) {
        csv->state = KEPT_CSV_QUOTED;
    } else if (byte == '"') {
        spoil(csv, "a quote stands inside a cell that is not in quotes");
    } else {
        csv->state = KEPT_CSV_PLAIN;
        *rc = take(csv, &byte, 1);
    }
    return false;
}

/* One byte; true: the row is whole. */
static bool step(struct kept_csv *csv, uint8_t byte, int *rc)
{
    bool whole = false;
    if (csv->state == KEPT_CSV_QUOTED) {
        if (byte == '"')
            csv->state = KEPT_CSV_QUOTE_END;
        else
            *rc = take(csv, &byte, 1);
    } else if (csv->state == KEPT_CSV_QUOTE_END && byte == '"' && !csv->cr) {
        csv->state = KEPT_CSV_QUOTED; /* two quotes are one */
        *rc = take(csv, &byte, 1);
    } else {
        whole = outside(csv, byte, rc);
    }
    if (byte == '\n') {
        csv->line++;
        csv->cr = false;
        if (!whole && !csv->begun)
            csv->row_line = csv->line; /* an empty line */
    }
    return whole;
}

/* The input ended: what was begun is a row, too. */
static int end_input(struct kept_csv *csv)
{
    if (!csv->begun)
        return 0;
    if (csv->state == KEPT_CSV_QUOTED)
        spoil(csv, "a quote is opened and never closed; nothing behind it was read");
    else if (csv->cr && csv->state != KEPT_CSV_SKIP)
        csv->cr = false;
    return csv->state != KEPT_CSV_SKIP ? end_cell(csv) : 0;
}

int kept_csv_next(struct kept_csv *csv, struct kept_cursor *in, bool end, struct kept_err *err)
{
    int rc = 0;
    bool whole = false;
    if (csv->given)
        begin_row(csv);
    while (rc == 0 && !whole && in->n > 0) {
        bool takes = (csv->state == KEPT_CSV_QUOTED || csv->state == KEPT_CSV_PLAIN) && !csv->cr;
        size_t n = takes ? plain_run(csv, (struct kept_span){in->p, in->n}) : 0;
        if (n > 0) {
            rc = take(csv, in->p, n);
        } else {
            whole = step(csv, *in->p, &rc);
            n = 1;
        }
        in->p += n;
        in->n -= n;
    }
    if (rc == 0 && !whole && end) {
        whole = csv->begun;
        rc = end_input(csv);
    }
    csv->given = whole;
    return rc != 0 ? kept_fail(err, rc, "no memory for a row") : whole;
}

void kept_csv_put(struct kept_buf *out, char separator, struct kept_span value)
{
    bool quotes = value.n > 0 && (value.p[0] == ' ' || value.p[value.n - 1] == ' ');
    for (size_t i = 0; !quotes && i < value.n; i++)
        quotes = value.p[i] == (uint8_t)separator || value.p[i] == '"' || value.p[i] == '\n' ||
                 value.p[i] == '\r';
    if (!quotes) {
        kept_buf_bytes(out, value.p, value.n);
        return;
    }
    kept_buf_u8(out, '"');
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] == '"')
            kept_buf_u8(out, '"');
        kept_buf_u8(out, value.p[i]);
    }
    kept_buf_u8(out, '"');
}
