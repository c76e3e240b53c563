/* page.h - a document that people read, written once and put out as HTML 5 or as plain text.
 *
 * The caller says sections, headings, sentences, lists and tables in order; what they look like is decided
 * here. HTML: one file, no script, no address of another host; landmarks, a list of contents, headings in
 * order, tables with caption and scope, dark and light as the reader has it, fit for paper and phone. Text:
 * lines of at most KEPT_PAGE_COLUMNS columns; a table is a list of its rows.
 *
 * Invariants: 1. Every text is escaped for where it stands, whatever its bytes: only this room writes
 * markup. 2. Every sentence carries its mark: data-rule and data-clause in HTML, [rule] in text. 3. The
 * buffer's sticky error is the only error: a writer checks once at its end. 4. What was opened is closed by
 * the one who opened it.
 * PURE. Threads: a page belongs to one. */
#ifndef KEPT_PAGE_PAGE_H
#define KEPT_PAGE_PAGE_H

#include "base/buf.h"

#define KEPT_PAGE_COLUMNS 78u /* of plain text */
#define KEPT_PAGE_CELLS 8u    /* columns of a table */

/* Which rule of the policy a sentence says: "items", "phone", part "retain" or NULL, clause or "". strong: it weighs
 * much, and stands out: in bold, or in text between two stars on each side. */
struct kept_mark {
    const char *kind, *name, *part, *clause;
    bool strong;
};

struct kept_page {
    struct kept_buf *out;
    bool html;
    /* inside */
    const char *columns[KEPT_PAGE_CELLS];
    size_t column_count, cell;
    bool brief;  /* of the head */
    bool packed; /* no space between sentences: Chinese */
    bool said, in_par, in_item, in_cell;
    const struct kept_mark *cell_mark;
    struct kept_buf line;  /* text: what is not wrapped yet */
    struct kept_buf marks; /* text: the rules of it */
    char last[160];        /* the rule said last */
};

/* Words of the page itself, in its language. */
struct kept_page_head {
    const char *language; /* BCP 47 */
    const char *title;
    const char *skip;     /* "Skip to the text" */
    bool forms;           /* it has forms (form.h), and their style */
    bool brief;           /* one sheet: two columns where there is room */
};

void kept_page_begin(struct kept_page *page, struct kept_buf *out, bool html,
                     const struct kept_page_head *head);
void kept_page_end(struct kept_page *page); /* also frees; always call it */

/* The list of contents: ids and titles of the sections to come. */
void kept_page_contents(struct kept_page *page, const char *title, const char *const *ids,
                        const char *const *titles, size_t count);
void kept_page_section(struct kept_page *page, const char *id, const char *title);
void kept_page_section_end(struct kept_page *page);
/* A heading below the section's; mark NULL: it says no rule. */
void kept_page_heading(struct kept_page *page, const struct kept_mark *mark, const char *text);

/* One sentence of a paragraph, an item of a list or a cell; a paragraph is opened where none is. mark NULL:
 * it says no rule. Empty text says nothing. */
void kept_page_say(struct kept_page *page, const struct kept_mark *mark, const char *text);
/* The same as a link; whatever is not http or https stands there as text. */
void kept_page_link(struct kept_page *page, const struct kept_mark *mark, const char *url,
                    const char *text);
/* A word that stands out in its cell ("sensitive"). */
void kept_page_badge(struct kept_page *page, const struct kept_mark *mark, const char *text);
void kept_page_par_end(struct kept_page *page);

void kept_page_list(struct kept_page *page);
void kept_page_item(struct kept_page *page);
void kept_page_item_end(struct kept_page *page);
void kept_page_list_end(struct kept_page *page);

/* A table; the first cell of a row heads it. columns: count (at most KEPT_PAGE_CELLS) borrowed titles. */
void kept_page_table(struct kept_page *page, const char *id, const char *caption,
                     const char *const *columns, size_t count);
void kept_page_row(struct kept_page *page);
void kept_page_cell(struct kept_page *page, const struct kept_mark *mark);
void kept_page_cell_end(struct kept_page *page);
void kept_page_row_end(struct kept_page *page);
void kept_page_table_end(struct kept_page *page);

/* HTML as it is, of this room's makers (a picture); nothing in text. */
void kept_page_markup(struct kept_page *page, const struct kept_buf *markup);

/* Text that means itself in HTML and XML, within elements and quoted attributes. */
void kept_page_escape(struct kept_buf *out, const char *text);
/* A cell of CSV (RFC 4180), in quotes; what a spreadsheet would take for a formula gets an apostrophe before
 * it. first: no comma before it. */
void kept_page_csv(struct kept_buf *out, bool first, const char *text);

/* Columns that text takes in a fixed font: two for each character of East Asia. */
size_t kept_page_columns(struct kept_span text);
/* Where a line of at most room columns that begins at byte from ends, and where the next begins. A word
 * longer than that is cut, or stands out. */
size_t kept_page_line(struct kept_span text, size_t from, size_t room, bool cut, size_t *ret_next);

#endif
