/* page_int.h - the two kinds of page, to each other. */
#ifndef KEPT_PAGE_PAGE_INT_H
#define KEPT_PAGE_PAGE_INT_H

#include "page/page.h"

/* html.c */
void kept_html_begin(struct kept_page *page, const struct kept_page_head *head);
void kept_html_style(struct kept_buf *out);
void kept_html_mark(struct kept_page *page, const struct kept_mark *mark);

/* text.c: what waits in page->line, wrapped, with its marks; from the second line on indented. */
void kept_text_flush(struct kept_page *page, const char *first, const char *next);
void kept_text_say(struct kept_page *page, const struct kept_mark *mark, const char *text);
void kept_text_title(struct kept_page *page, const char *text, char under);

#endif
