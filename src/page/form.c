/* form.c - forms, fields, buttons: what people fill in and press. */
#include "page/form.h"

#include "page/page_int.h"

static void put(struct kept_page *page, const char *markup)
{
    kept_buf_text(page->out, markup);
}

static void attribute(struct kept_page *page, const char *name, const char *value)
{
    if (value == NULL)
        return;
    kept_buf_printf(page->out, " %s=\"", name);
    kept_page_escape(page->out, value);
    put(page, "\"");
}

static void element(struct kept_page *page, const char *open, const char *text, const char *close)
{
    put(page, open);
    kept_page_escape(page->out, text);
    put(page, close);
}

void kept_page_form(struct kept_page *page, const char *action, bool row, const struct kept_page_pair *hidden, size_t n)
{
    kept_page_par_end(page);
    put(page, "<form method=\"post\"");
    attribute(page, "action", action);
    attribute(page, "class", row ? "row" : NULL);
    put(page, ">");
    for (size_t i = 0; i < n; i++) {
        put(page, "<input type=\"hidden\"");
        attribute(page, "name", hidden[i].name);
        attribute(page, "value", hidden[i].value);
        put(page, ">");
    }
    put(page, "\n");
}

void kept_page_form_end(struct kept_page *page)
{
    kept_page_par_end(page);
    put(page, "</form>\n");
}

void kept_page_field(struct kept_page *page, const struct kept_page_field *field)
{
    const char *id = field->id != NULL ? field->id : field->name;
    char most[16];
    (void)snprintf(most, sizeof most, "%u", field->most);
    kept_page_par_end(page);
    put(page, "<label");
    attribute(page, "for", id);
    element(page, ">", field->label, "</label>\n");
    if (field->hint != NULL) {
        put(page, "<p class=\"hint\" id=\"");
        kept_page_escape(page->out, id);
        element(page, "-hint\">", field->hint, "</p>\n");
    }
    put(page, "<input required");
    attribute(page, "type", field->type);
    attribute(page, "id", id);
    attribute(page, "name", field->name);
    attribute(page, "value", field->value);
    attribute(page, "inputmode", field->mode);
    attribute(page, "autocomplete", field->complete);
    attribute(page, "maxlength", most);
    if (field->hint != NULL) {
        put(page, " aria-describedby=\"");
        kept_page_escape(page->out, id);
        put(page, "-hint\"");
    }
    put(page, ">\n");
}

void kept_page_tick(struct kept_page *page, const char *name, const char *label)
{
    kept_page_par_end(page);
    put(page, "<label class=\"tick\"><input type=\"checkbox\" required value=\"yes\"");
    attribute(page, "name", name);
    element(page, "> <span>", label, "</span></label>\n");
}

void kept_page_button(struct kept_page *page, const struct kept_page_pair *sends, enum kept_page_weight weight,
                      const char *text, const char *about)
{
    kept_page_par_end(page);
    put(page, "<button type=\"submit\"");
    attribute(page, "name", sends->name);
    attribute(page, "value", sends->value);
    attribute(page, "class", weight == KEPT_PAGE_MAIN ? "main" : weight == KEPT_PAGE_GRAVE ? "grave" : NULL);
    element(page, ">", text, "");
    if (about != NULL)
        element(page, "<span class=\"unseen\">: ", about, "</span>");
    put(page, "</button>\n");
}

void kept_page_notice(struct kept_page *page, bool bad, const char *text)
{
    kept_page_par_end(page);
    element(page, bad ? "<p class=\"notice bad\" role=\"alert\">" : "<p class=\"notice\" role=\"status\">", text, "</p>\n");
}

void kept_page_switch(struct kept_page *page, const struct kept_mark *mark, const char *name, bool on, const char *state)
{
    kept_page_par_end(page);
    put(page, "<div class=\"switch\"><div><h3");
    kept_html_mark(page, mark);
    element(page, ">", name, "</h3>\n");
    element(page, on ? "<p class=\"state on\">" : "<p class=\"state\">", state, "</p>\n");
}

void kept_page_switch_end(struct kept_page *page)
{
    kept_page_par_end(page);
    put(page, "</div></div>\n");
}

void kept_page_fold(struct kept_page *page, const char *title)
{
    kept_page_par_end(page);
    element(page, "<details><summary>", title, "</summary>\n");
}

void kept_page_fold_end(struct kept_page *page)
{
    kept_page_par_end(page);
    put(page, "</details>\n");
}

void kept_page_way(struct kept_page *page, const char *target, const char *text, const char *language, bool current)
{
    kept_page_say(page, NULL, " "); /* a paragraph is open, and a space before it */
    put(page, "<a");
    attribute(page, "href", target);
    attribute(page, "lang", language);
    attribute(page, "hreflang", language);
    attribute(page, "aria-current", current ? "true" : NULL);
    element(page, ">", text, "</a>");
}

/* ---- style ---- */

static const char *const of_forms[] = {
    ":root{--main:#0b57a4;--on-main:#fff;--good:#14632f;--good-ground:#e6f4ea;--edge:#767c84}",
    "@media(prefers-color-scheme:dark){:root{--main:#8cc2ff;--on-main:#0d1a26;--good:#9be0b0;--good-ground:#17301f;--edge:#8b939c}}",
    "form{margin:.75rem 0}label{display:block;font-weight:600;margin:1rem 0 .25rem}",
    ".hint{color:var(--soft);margin:0 0 .35rem;font-size:.94rem}",
    "input:not([type=checkbox]):not([type=hidden]){display:block;width:100%;max-width:24rem;min-height:2.9rem;font:inherit;",
    "font-size:1.05rem;padding:.45rem .75rem;color:var(--text);background:var(--ground);border:1px solid var(--edge);border-radius:.5rem}",
    "input:focus-visible,button:focus-visible,summary:focus-visible{outline:3px solid var(--link);outline-offset:2px}",
    "input[type=checkbox]{width:1.35rem;height:1.35rem;flex:none;margin:.15rem 0 0;accent-color:var(--main)}",
    ".tick{display:flex;gap:.65rem;align-items:flex-start;font-weight:400;max-width:44rem}",
    "button{font:inherit;font-weight:600;min-height:2.75rem;padding:.4rem 1.1rem;margin:.75rem .5rem 0 0;border-radius:.5rem;",
    "border:1px solid var(--edge);background:var(--ground);color:var(--text);cursor:pointer}",
    "button:hover{border-color:var(--text)}button.main{background:var(--main);border-color:var(--main);color:var(--on-main)}",
    "button.grave{background:var(--warn-ground);border-color:var(--warn);color:var(--warn)}",
    ".unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}",
    ".notice{background:var(--good-ground);color:var(--good);border-radius:.6rem;padding:.75rem 1rem;max-width:none;font-weight:600}",
    ".notice.bad{background:var(--warn-ground);color:var(--warn)}",
    ".switch{display:flex;border-bottom:1px solid var(--line);padding:.9rem 0}.switch>div{flex:1;min-width:0;position:relative}",
    ".switch h3{margin:0}.switch .state{margin:.1rem 0 0;color:var(--soft);font-size:.94rem}.switch .state.on{color:var(--good);font-weight:600}",
    ".switch p{margin:.2rem 0 0}form.row{margin:0}form.row button{margin:.6rem .5rem 0 0}",
    "@media screen and (min-width:44rem){.switch>div{padding-right:12rem}.switch form.row{position:absolute;right:0;top:0}",
    ".switch form.row button{margin:0;min-width:10.5rem}}",
    "details{margin:.5rem 0}summary{cursor:pointer;min-height:2.5rem;padding:.45rem 0;color:var(--link);font-weight:600}",
    "a[aria-current]{color:var(--text);text-decoration:none;font-weight:600}",
    "header a{display:inline-block;margin-right:.9rem;padding:.2rem 0}",
    "@media print{form,button,summary,.notice{display:none}.switch{padding:.3rem 0;break-inside:avoid}}",
};

void kept_page_style(struct kept_buf *out, bool forms)
{
    kept_html_style(out);
    for (size_t i = 0; forms && i < sizeof of_forms / sizeof of_forms[0]; i++)
        kept_buf_text(out, of_forms[i]);
}
