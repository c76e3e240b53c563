/* rows.h - rows of a foreign file, CSV or JSON Lines, as cells of the columns a mapping names. PURE.
 *
 * Rows count from 1, behind the heading; lines from 1, in the file. A row that cannot be read is handed
 * over with the reason, and the next one follows. One thread. */
#ifndef KEPT_TRANSFER_ROWS_H
#define KEPT_TRANSFER_ROWS_H

#include "transfer/mapping.h"

/* What stands in a column: nothing, a value, or (a list of JSON) several. */
struct kept_cell {
    const struct kept_span *values;
    size_t count;
};
struct kept_row {
    uint64_t number, line;
    const char *bad;         /* why it cannot be read; NULL: it can */
    size_t bad_column;       /* into the mapping's columns, or KEPT_NO_COLUMN */
    const struct kept_cell *cells; /* one a column of the mapping */
};

struct kept_rows;

/* format: not 0. KEPT_E_NOMEM. mapping is borrowed. */
KEPT_MUST_USE int kept_rows_new(const struct kept_mapping *mapping, enum kept_rows_format format,
                                struct kept_rows **ret_rows, struct kept_err *err);
void kept_rows_free(struct kept_rows *rows);

/* kept_rows_next(rows, in, end, ret_row, err): read on in in; end: nothing comes behind it. The first piece
 * has three bytes or more, if the file has: a byte order mark is passed there.
 * Returns 1 (*ret_row is borrowed until the next call), 0 (in is used up), KEPT_E_FORMAT (the heading lacks a
 * column, or has it twice; err names it), KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_rows_next(struct kept_rows *rows, struct kept_cursor *in, bool end,
                                 const struct kept_row **ret_row, struct kept_err *err);
/* Line of what is read next. */
uint64_t kept_rows_line(const struct kept_rows *rows);

#endif
