/* html.c - what is particular to HTML: escaping, the head of a document, its style. */
#include "page/page_int.h"

void kept_page_escape(struct kept_buf *out, const char *text)
{
    for (; *text != 0; text++) {
        unsigned char c = (unsigned char)*text;
        const char *as = c == '&'    ? "&amp;"
                         : c == '<'  ? "&lt;"
                         : c == '>'  ? "&gt;"
                         : c == '"'  ? "&quot;"
                         : c == '\'' ? "&#39;"
                                     : NULL;
        if (as != NULL)
            kept_buf_text(out, as);
        else if (c >= 0x20 && c != 0x7F)
            kept_buf_u8(out, c);
        else
            kept_buf_u8(out, ' '); /* a control character means nothing to a reader */
    }
}

/* Of sums of both schemes, each pair of text and ground has a contrast of 4.5 or more (WCAG 2, AA). */
static const char *const style[] = {
    ":root{color-scheme:light dark;--ground:#fff;--text:#1c1e21;--soft:#55595f;--line:#c9cdd3;",
    "--panel:#f4f6f8;--link:#0b57a4;--warn:#8a2a0b;--warn-ground:#fdeee8}",
    "@media(prefers-color-scheme:dark){:root{--ground:#14171a;--text:#e7e9ec;--soft:#a9b0b8;",
    "--line:#3d444c;--panel:#1d2227;--link:#8cc2ff;--warn:#ffb59b;--warn-ground:#3a2018}}",
    "*{box-sizing:border-box}html{-webkit-text-size-adjust:100%}",
    "body{margin:0;background:var(--ground);color:var(--text);line-height:1.6;",
    "font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','PingFang SC',",
    "'Microsoft YaHei','Noto Sans CJK SC',sans-serif;overflow-wrap:break-word}",
    "header,nav,main,footer{max-width:64rem;margin:0 auto;padding:0 1.25rem}",
    "header{padding-top:2rem}footer{padding:1rem 1.25rem 3rem;color:var(--soft)}",
    "h1{font-size:1.9rem;line-height:1.25;margin:0 0 .5rem}",
    "h2{font-size:1.4rem;line-height:1.3;margin:2.5rem 0 .75rem;padding-top:.75rem;",
    "border-top:1px solid var(--line)}",
    "h3{font-size:1.1rem;line-height:1.35;margin:1.75rem 0 .35rem}",
    "p{margin:.5rem 0;max-width:44rem}ul{padding-left:1.4rem;max-width:44rem}li{margin:.3rem 0}",
    "a{color:var(--link)}a:focus-visible,summary:focus-visible{outline:3px solid var(--link);",
    "outline-offset:2px}",
    ".skip{position:absolute;left:-999rem}.skip:focus{left:1rem;top:1rem;background:var(--ground);",
    "padding:.5rem 1rem;z-index:1}",
    "nav{margin-top:1.25rem}nav>div{background:var(--panel);border-radius:.6rem;",
    "padding:.75rem 1.25rem}nav h2{border:0;margin:0 0 .25rem;padding:0;font-size:1.05rem}",
    "nav ol{margin:0;padding-left:1.5rem;columns:18rem 2}nav li{margin:.15rem 0;",
    "break-inside:avoid}",
    "table{border-collapse:collapse;width:100%;margin:1rem 0 1.5rem;font-size:.95rem}",
    "caption{text-align:left;color:var(--soft);padding:.25rem 0 .5rem}",
    "th,td{text-align:left;vertical-align:top;padding:.5rem .75rem .5rem 0;",
    "border-bottom:1px solid var(--line)}thead th{border-bottom-width:2px;color:var(--soft);",
    "font-weight:600}tbody th{font-weight:600;min-width:9rem}",
    ".badge{display:inline-block;background:var(--warn-ground);color:var(--warn);",
    "border-radius:.3rem;padding:0 .4rem;font-size:.85em;font-weight:600}",
    "figure{margin:1rem 0}figure svg{display:block;width:100%;max-width:34rem;height:auto}",
    "@media(min-width:52rem){.brief{columns:2;column-gap:2.5rem}}.brief li,.brief figure{break-inside:avoid}",
    ".brief h2{font-size:1.15rem;margin:1.25rem 0 .5rem}.brief section:first-child h2{margin-top:0}",
    ".box{fill:var(--panel);stroke:var(--line)}.apart{fill:none;stroke:var(--soft);",
    "stroke-dasharray:5 4}.arrow{stroke:var(--soft);stroke-width:2;fill:none}",
    ".tip{fill:var(--soft)}svg text{fill:var(--text);font-size:15px}svg .strong{font-weight:700}",
    "svg .soft{fill:var(--soft)}",
    "@media(max-width:44rem){h1{font-size:1.5rem}thead{position:absolute;width:1px;height:1px;",
    "overflow:hidden;clip-path:inset(50%)}table,tbody,caption{display:block}",
    "tbody tr{display:block;background:var(--panel);border-radius:.6rem;margin:.75rem 0;",
    "padding:.6rem .9rem}tbody th,tbody td{display:block;border:0;padding:.15rem 0}",
    "tbody td[data-label]::before{content:attr(data-label);display:block;color:var(--soft);",
    "font-size:.85rem;margin-top:.25rem}tbody td:empty{display:none}}",
    "@media print{:root{--ground:#fff;--text:#000;--soft:#333;--line:#999;--panel:#fff;",
    "--link:#000;--warn:#000;--warn-ground:#fff}body{font-size:9.5pt}nav,.skip{display:none}",
    "html{font-size:9pt}h1{font-size:14pt}.brief{columns:2;column-gap:1.5rem;line-height:1.35}",
    ".brief p,.brief li{margin:.15rem 0}.brief svg{max-width:68mm}header,footer{padding-top:0}",
    "header,nav,main,footer{max-width:none;padding-left:0;padding-right:0}",
    "h2,h3{break-after:avoid}tr,li,figure{break-inside:avoid}",
    ".badge{border:1px solid #000}a[href^=http]::after{content:' (' attr(href) ')'}}",
};

void kept_html_begin(struct kept_page *page, const struct kept_page_head *head)
{
    struct kept_buf *out = page->out;
    kept_buf_text(out, "<!DOCTYPE html>\n<html lang=\"");
    kept_page_escape(out, head->language);
    kept_buf_text(out, "\">\n<head>\n<meta charset=\"utf-8\">\n"
                       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                       "<meta name=\"generator\" content=\"kept " KEPT_VERSION "\">\n"
                       "<title>");
    kept_page_escape(out, head->title);
    kept_buf_text(out, "</title>\n<style>");
    for (size_t i = 0; i < sizeof style / sizeof style[0]; i++)
        kept_buf_text(out, style[i]);
    kept_buf_text(out, "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#text\">");
    kept_page_escape(out, head->skip);
    kept_buf_text(out, "</a>\n<header>\n<h1>");
    kept_page_escape(out, head->title);
    kept_buf_text(out, "</h1>\n");
}

void kept_html_mark(struct kept_page *page, const struct kept_mark *mark)
{
    if (mark == NULL)
        return;
    kept_buf_text(page->out, " data-rule=\"");
    kept_page_escape(page->out, mark->kind);
    if (mark->name != NULL) {
        kept_buf_u8(page->out, '/');
        kept_page_escape(page->out, mark->name);
    }
    if (mark->part != NULL) {
        kept_buf_u8(page->out, '/');
        kept_page_escape(page->out, mark->part);
    }
    kept_buf_u8(page->out, '"');
    if (mark->clause != NULL && mark->clause[0] != 0) {
        kept_buf_text(page->out, " data-clause=\"");
        kept_page_escape(page->out, mark->clause);
        kept_buf_u8(page->out, '"');
    }
}
