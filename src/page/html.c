/* html.c - what is particular to HTML: escaping, the head of a document, its style. */
#include "page/form.h"
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
    ":root{color-scheme:light dark;--ground:#fff;--text:#1c1e21;--soft:#55595f;--line:#d5d9de;",
    "--panel:#f4f6f8;--link:#0b57a4;--warn:#8a2a0b;--warn-ground:#fdeee8}",
    "@media(prefers-color-scheme:dark){:root{--ground:#14171a;--text:#e7e9ec;--soft:#a9b0b8;",
    "--line:#363c43;--panel:#1d2227;--link:#8cc2ff;--warn:#ffb59b;--warn-ground:#3a2018}}",
    "*{box-sizing:border-box}html{-webkit-text-size-adjust:100%;text-size-adjust:100%}",
    "body{margin:0;background:var(--ground);color:var(--text);line-height:1.6;",
    "font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','PingFang SC',",
    "'Microsoft YaHei','Noto Sans CJK SC',sans-serif;overflow-wrap:break-word}",
    ":lang(zh){line-height:1.75;line-break:strict}",
    "header,nav,main{max-width:58rem;margin:0 auto;padding:0 1.25rem}",
    "header{padding-top:2.5rem}header p{color:var(--soft)}main{padding-bottom:4rem}",
    "h1,h2,h3,caption{text-wrap:balance}p,li,td{text-wrap:pretty}",
    "h1{font-size:1.9rem;line-height:1.25;margin:0 0 .5rem;letter-spacing:-.01em}",
    "h2{font-size:1.4rem;line-height:1.3;margin:3rem 0 .75rem;padding-top:1rem;",
    "border-top:1px solid var(--line)}",
    "h3{font-size:1.08rem;line-height:1.4;margin:1.75rem 0 .35rem}",
    "p{margin:.5rem 0;max-width:44rem}ul{margin:.5rem 0;padding-left:1.3rem;max-width:44rem}",
    "li{margin:.3rem 0}li::marker{color:var(--soft)}",
    "a{color:var(--link);text-underline-offset:.18em;text-decoration-thickness:1px}",
    "a:hover{text-decoration-thickness:2px}",
    "a:focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:.15rem}",
    ".skip{position:absolute;left:-999rem}.skip:focus{left:1rem;top:1rem;background:var(--ground);",
    "padding:.5rem 1rem;z-index:1}",
    "nav{margin-top:1.5rem}nav>div{background:var(--panel);border-radius:.6rem;",
    "padding:1rem 1.25rem}nav h2{border:0;margin:0 0 .35rem;padding:0;font-size:1rem}",
    "nav ol{margin:0;padding:0;list-style:none;columns:16rem 2;counter-reset:n}",
    "nav li{margin:0;break-inside:avoid;counter-increment:n;display:flex}",
    "nav li::before{content:counter(n);color:var(--soft);flex:0 0 1.9rem;font-variant-numeric:tabular-nums}",
    "nav a{text-decoration:none;padding:.1rem 0}nav a:hover{text-decoration:underline}",
    "table{border-collapse:collapse;width:100%;margin:1.25rem 0 1.75rem;font-size:.94rem;line-height:1.5}",
    "caption{text-align:left;color:var(--soft);padding:0 0 .5rem}",
    "th,td{text-align:left;vertical-align:top;padding:.6rem 1.1rem .6rem 0;",
    "border-bottom:1px solid var(--line)}th:last-child,td:last-child{padding-right:0}",
    "thead th{border-bottom-width:2px;color:var(--soft);font-weight:600}",
    "tbody th{font-weight:600;min-width:8rem}td{min-width:6rem}th,td{overflow-wrap:anywhere}",
    ".badge{display:inline-block;background:var(--warn-ground);color:var(--warn);",
    "border-radius:.3rem;padding:0 .4rem;font-size:.85em;font-weight:600}",
    "figure{margin:1rem 0}figure svg{display:block;width:100%;max-width:23rem;height:auto}",
    "@media(min-width:52rem){.brief{columns:2;column-gap:3rem}}.brief li,.brief figure{break-inside:avoid}",
    ".brief h2{font-size:1.15rem;margin:1.5rem 0 .4rem;padding-top:.75rem;break-after:avoid}",
    ".brief section:first-child h2{margin-top:.5rem}",
    ".box{fill:var(--panel);stroke:var(--line)}.apart{fill:none;stroke:var(--soft);",
    "stroke-dasharray:5 4}.arrow{stroke:var(--soft);stroke-width:2;fill:none}",
    ".tip{fill:var(--soft)}svg text{fill:var(--text);font-size:13.5px}svg .strong{font-weight:700}",
    "svg .soft{fill:var(--soft)}",
    /* where there is room, the contents stand beside the text and stay */
    "@media screen and (min-width:78rem){body:has(nav){display:grid;grid-template-columns:15rem minmax(0,56rem);",
    "justify-content:center;column-gap:3.5rem;padding:0 1.5rem}body:has(nav)>header{grid-column:2;margin:0;",
    "padding:2.5rem 0 0;max-width:none}body>nav{grid-column:1;grid-row:1/span 2;position:sticky;top:0;",
    "align-self:start;max-height:100vh;overflow-y:auto;margin:0;padding:2.75rem 0 1rem;font-size:.92rem}",
    "nav+main{grid-column:2;margin:0;padding:0 0 4rem;max-width:none}nav>div{background:none;padding:0}",
    "nav ol{columns:auto}nav li{margin:.1rem 0}nav+main section:first-child h2{margin-top:1.5rem}}",
    "@media screen and (max-width:44rem){header{padding-top:1.5rem}h1{font-size:1.5rem}h2{font-size:1.25rem;",
    "margin-top:2.25rem}thead{position:absolute;width:1px;height:1px;",
    "overflow:hidden;clip-path:inset(50%)}table,tbody,caption{display:block}",
    "tbody tr{display:block;background:var(--panel);border-radius:.6rem;margin:.75rem 0;",
    "padding:.75rem 1rem}tbody th,tbody td{display:block;border:0;padding:.15rem 0;min-width:0}",
    "tbody th{padding-bottom:.3rem}tbody td{display:flow-root;padding-left:6.1rem}",
    "tbody td[data-label]::before{content:attr(data-label);float:left;margin-left:-6.1rem;width:5.5rem;",
    "color:var(--soft);font-size:.86rem;line-height:1.35;padding-top:.1rem}tbody td:empty{display:none}}",
    "@media print{:root{--ground:#fff;--text:#000;--soft:#333;--line:#999;--panel:#fff;",
    "--link:#000;--warn:#000;--warn-ground:#fff}html{font-size:9pt}body{font-size:9.5pt;line-height:1.45}",
    "nav,.skip{display:none}h1{font-size:15pt}h2{margin-top:1.5rem;font-size:12pt}h3{font-size:10pt}",
    "table{font-size:8.5pt}.brief{columns:2;column-gap:1.75rem;font-size:8.8pt;line-height:1.35}",
    ".brief h2{font-size:10.5pt;margin:.6rem 0 .2rem;padding-top:.35rem}",
    ".brief p,.brief li{margin:.15rem 0}.brief figure{margin:.5rem 0}.brief svg{max-width:62mm}",
    "header,main{max-width:none;padding:0}p,ul{max-width:none}",
    "h2,h3,caption{break-after:avoid}tr,li,figure{break-inside:avoid}thead{display:table-header-group}thead tr{break-after:avoid}",
    ".badge{border:1px solid #000}a[href^=http]::after{content:' (' attr(href) ')'}}",
};

void kept_html_style(struct kept_buf *out)
{
    for (size_t i = 0; i < sizeof style / sizeof style[0]; i++)
        kept_buf_text(out, style[i]);
}

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
    kept_page_style(out, head->forms);
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
