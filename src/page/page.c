/* page.c - sections, sentences, lists and tables, as HTML or as text. */
#include "page/page.h"

#include <string.h>

#include "page/page_int.h"

static void put(struct kept_page *page, const char *markup)
{
    kept_buf_text(page->out, markup);
}

static void escaped(struct kept_page *page, const char *text)
{
    kept_page_escape(page->out, text);
}

void kept_page_begin(struct kept_page *page, struct kept_buf *out, bool html,
                     const struct kept_page_head *head)
{
    *page = (struct kept_page){.out = out, .html = html, .brief = head->brief};
    page->packed = strncmp(head->language, "zh", 2) == 0 || strncmp(head->language, "ja", 2) == 0;
    kept_buf_init(&page->line, out->max);
    kept_buf_init(&page->marks, out->max);
    if (html)
        kept_html_begin(page, head);
    else
        kept_text_title(page, head->title, '=');
}

void kept_page_end(struct kept_page *page)
{
    kept_page_par_end(page);
    if (page->html)
        put(page, "</main>\n</body>\n</html>\n");
    kept_buf_release(&page->line);
    kept_buf_release(&page->marks);
}

void kept_page_contents(struct kept_page *page, const char *title, const char *const *ids,
                        const char *const *titles, size_t count)
{
    kept_page_par_end(page);
    if (!page->html) {
        kept_text_title(page, title, '-');
        for (size_t i = 0; i < count; i++) {
            kept_text_say(page, NULL, titles[i]);
            kept_text_flush(page, "  * ", "    ");
        }
        put(page, "\n");
        return;
    }
    put(page, "</header>\n");
    if (count > 0) {
        put(page, "<nav aria-labelledby=\"contents\"><div>\n<h2 id=\"contents\">");
        escaped(page, title);
        put(page, "</h2>\n<ol>\n");
    }
    for (size_t i = 0; i < count; i++) {
        put(page, "<li><a href=\"#");
        escaped(page, ids[i]);
        put(page, "\">");
        escaped(page, titles[i]);
        put(page, "</a></li>\n");
    }
    put(page, count > 0 ? "</ol>\n</div></nav>\n" : "");
    put(page, page->brief ? "<main id=\"text\" class=\"brief\">\n" : "<main id=\"text\">\n");
}

void kept_page_section(struct kept_page *page, const char *id, const char *title)
{
    kept_page_par_end(page);
    if (!page->html) {
        put(page, "\n");
        kept_text_title(page, title, '-');
        return;
    }
    put(page, "<section aria-labelledby=\"");
    escaped(page, id);
    put(page, "\">\n<h2 id=\"");
    escaped(page, id);
    put(page, "\">");
    escaped(page, title);
    put(page, "</h2>\n");
}

void kept_page_section_end(struct kept_page *page)
{
    kept_page_par_end(page);
    if (page->html)
        put(page, "</section>\n");
}

void kept_page_heading(struct kept_page *page, const struct kept_mark *mark, const char *text)
{
    kept_page_par_end(page);
    if (!page->html) {
        kept_text_say(page, mark, text);
        kept_text_flush(page, "## ", "   ");
        put(page, "\n");
        return;
    }
    put(page, "<h3");
    kept_html_mark(page, mark);
    put(page, ">");
    escaped(page, text);
    put(page, "</h3>\n");
}

/* A sentence begins: in a paragraph, unless there is something it stands in; with a space before it. */
static void open_sentence(struct kept_page *page)
{
    if (!page->in_par && !page->in_item && !page->in_cell) {
        put(page, "<p>");
        page->in_par = true;
    }
    if (page->said && !page->packed)
        put(page, " ");
    page->said = true;
}

void kept_page_say(struct kept_page *page, const struct kept_mark *mark, const char *text)
{
    if (text[0] == 0)
        return;
    if (!page->html) {
        kept_text_say(page, mark != NULL ? mark : page->cell_mark, text);
        return;
    }
    open_sentence(page);
    const struct kept_mark *of = mark != NULL ? mark : page->cell_mark;
    const bool strong = of != NULL && of->strong;
    if (mark != NULL || strong) {
        put(page, strong ? "<strong" : "<span");
        kept_html_mark(page, mark);
        put(page, ">");
    }
    escaped(page, text);
    if (mark != NULL || strong)
        put(page, strong ? "</strong>" : "</span>");
}

void kept_page_link(struct kept_page *page, const struct kept_mark *mark, const char *url,
                    const char *text)
{
    if (!page->html || (strncmp(url, "https://", 8) != 0 && strncmp(url, "http://", 7) != 0)) {
        kept_page_say(page, mark, text);
        if (strcmp(url, text) != 0)
            kept_page_say(page, mark, url);
        return;
    }
    open_sentence(page);
    put(page, "<a rel=\"external noopener noreferrer\" href=\"");
    escaped(page, url);
    put(page, "\"");
    kept_html_mark(page, mark);
    put(page, ">");
    escaped(page, text);
    put(page, "</a>");
}

void kept_page_badge(struct kept_page *page, const struct kept_mark *mark, const char *text)
{
    if (!page->html) {
        struct kept_buf bracketed; /* no colour sets it apart here */
        kept_buf_init(&bracketed, 4096);
        kept_buf_printf(&bracketed, "(%s)", text);
        kept_buf_u8(&bracketed, 0);
        if (bracketed.failed != 0)
            page->line.failed = bracketed.failed;
        kept_text_say(page, mark, bracketed.failed == 0 ? (const char *)bracketed.p : "");
        kept_buf_release(&bracketed);
        return;
    }
    open_sentence(page);
    put(page, "<span class=\"badge\"");
    kept_html_mark(page, mark);
    put(page, ">");
    escaped(page, text);
    put(page, "</span>");
}

void kept_page_par_end(struct kept_page *page)
{
    if (page->html && page->in_par)
        put(page, "</p>\n");
    if (!page->html && page->line.n > 0) {
        kept_text_flush(page, "", "");
        put(page, "\n");
    }
    page->in_par = false;
    page->said = false;
}

/* ---- lists ------------------------------------------------------------------------------------ */

void kept_page_list(struct kept_page *page)
{
    kept_page_par_end(page);
    if (page->html)
        put(page, "<ul>\n");
}

void kept_page_item(struct kept_page *page)
{
    if (page->html)
        put(page, "<li>");
    page->in_item = true;
    page->said = false;
}

void kept_page_item_end(struct kept_page *page)
{
    if (page->html)
        put(page, "</li>\n");
    else
        kept_text_flush(page, "  * ", "    ");
    page->in_item = false;
    page->said = false;
}

void kept_page_list_end(struct kept_page *page)
{
    put(page, page->html ? "</ul>\n" : "\n");
}

/* ---- tables ----------------------------------------------------------------------------------- */

/* Roles are said, too: on a phone the style makes blocks of rows, and some browsers would then forget that
 * they are a table. */
void kept_page_table(struct kept_page *page, const char *id, const char *caption,
                     const char *const *columns, size_t count)
{
    kept_page_par_end(page);
    page->column_count = count < KEPT_PAGE_CELLS ? count : KEPT_PAGE_CELLS;
    for (size_t i = 0; i < page->column_count; i++)
        page->columns[i] = columns[i];
    if (!page->html) {
        kept_text_say(page, NULL, caption);
        kept_text_flush(page, "", "");
        put(page, "\n");
        return;
    }
    put(page, "<table role=\"table\" id=\"");
    escaped(page, id);
    put(page, "\">\n<caption>");
    escaped(page, caption);
    put(page, "</caption>\n<thead role=\"rowgroup\"><tr role=\"row\">");
    for (size_t i = 0; i < page->column_count; i++) {
        put(page, "<th role=\"columnheader\" scope=\"col\">");
        escaped(page, columns[i]);
        put(page, "</th>");
    }
    put(page, "</tr></thead>\n<tbody role=\"rowgroup\">\n");
}

void kept_page_row(struct kept_page *page)
{
    page->cell = 0;
    if (page->html)
        put(page, "<tr role=\"row\">");
}

void kept_page_cell(struct kept_page *page, const struct kept_mark *mark)
{
    page->in_cell = true;
    page->said = false;
    page->cell_mark = mark;
    if (!page->html) {
        if (page->cell > 0 && page->cell < page->column_count)
            kept_buf_printf(&page->line, "%s: ", page->columns[page->cell]);
        return;
    }
    put(page, page->cell == 0 ? "<th role=\"rowheader\" scope=\"row\"" : "<td role=\"cell\"");
    if (page->cell > 0 && page->cell < page->column_count) {
        put(page, " data-label=\"");
        escaped(page, page->columns[page->cell]);
        put(page, "\"");
    }
    kept_html_mark(page, mark);
    put(page, ">");
}

void kept_page_cell_end(struct kept_page *page)
{
    if (page->html) {
        put(page, page->cell == 0 ? "</th>" : "</td>");
    } else if (page->line.n > 2 && page->line.p[page->line.n - 1] == ' ' &&
               page->line.p[page->line.n - 2] == ':') {
        kept_buf_clear(&page->line); /* an empty cell needs no line */
    } else {
        kept_text_flush(page, page->cell == 0 ? "  * " : "      ", page->cell == 0 ? "    " : "        ");
    }
    page->cell++;
    page->cell_mark = NULL;
    page->in_cell = false;
    page->said = false;
}

void kept_page_row_end(struct kept_page *page)
{
    put(page, page->html ? "</tr>\n" : "\n");
}

void kept_page_table_end(struct kept_page *page)
{
    if (page->html)
        put(page, "</tbody>\n</table>\n");
}

void kept_page_markup(struct kept_page *page, const struct kept_buf *markup)
{
    kept_page_par_end(page);
    if (page->html)
        kept_buf_bytes(page->out, markup->p, markup->n);
}

/* ---- CSV -------------------------------------------------------------------------------------- */

void kept_page_csv(struct kept_buf *out, bool first, const char *text)
{
    kept_buf_text(out, first ? "\"" : ",\"");
    if (text[0] != 0 && strchr("=+-@\t\r\n", text[0]) != NULL)
        kept_buf_u8(out, '\'');
    for (; *text != 0; text++) {
        if (*text == '"')
            kept_buf_u8(out, '"');
        kept_buf_u8(out, (uint8_t)*text);
    }
    kept_buf_u8(out, '"');
}
