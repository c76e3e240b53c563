/* csv.h - rows out of the bytes of a CSV file (RFC 4180), one at a time. PURE: bytes in, cells out.
 *
 * A row ends with LF, CRLF or the input's end; a cell in quotes may hold separators, line ends and quotes
 * ("" is one); empty lines are no rows. What is no CSV is a bad row, and reading goes on with the line
 * behind it. Memory is bounded by KEPT_MAX_ROW_BYTES and KEPT_MAX_COLUMNS, and wiped. One thread. */
#ifndef KEPT_TRANSFER_CSV_H
#define KEPT_TRANSFER_CSV_H

#include "base/buf.h"

enum kept_csv_state { KEPT_CSV_START, KEPT_CSV_PLAIN, KEPT_CSV_QUOTED, KEPT_CSV_QUOTE_END,
                      KEPT_CSV_SKIP };

struct kept_csv {
    char separator;
    enum kept_csv_state state;
    struct kept_buf bytes;  /* secret: the cells, one behind the other */
    size_t *ends;           /* of each cell, in bytes */
    size_t count, cap;      /* cells that have ended */
    uint64_t line;          /* that the next byte stands on, from 1 */
    uint64_t row_line;      /* that the row began on */
    const char *bad;        /* why the row is none; NULL: it is good */
    size_t bad_cell;        /* in which cell, from 1 */
    bool given;             /* the row was handed over: what comes now is the next */
    bool begun;             /* something of the row was seen */
    bool cr;                /* the last byte was a carriage return that may end the row */
};

void kept_csv_init(struct kept_csv *csv, char separator);
void kept_csv_release(struct kept_csv *csv);

/* kept_csv_next(csv, in, end, err): read on in in, until a row is whole. end: nothing comes behind in.
 * Returns 1 (a row: count cells, or .bad), 0 (in is used up), KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_csv_next(struct kept_csv *csv, struct kept_cursor *in, bool end,
                                struct kept_err *err);
/* A cell of the row, borrowed until the next call. */
struct kept_span kept_csv_cell(const struct kept_csv *csv, size_t index);

/* A value as a cell: in quotes where it needs them. */
void kept_csv_put(struct kept_buf *out, char separator, struct kept_span value);

#endif
