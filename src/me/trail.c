/* trail.c - who did what with the person's data, when and why: the newest first, in the policy's own words. What they
 * looked at themselves, one after the other, is one line. */
#include <string.h>

#include "me/me_int.h"

static bool is_self(const json_t *row)
{
    return strcmp(kept_me_get(row, "actor"), "person") == 0;
}

static bool is_look(const json_t *row)
{
    static const char *const looks[] = {"subject.show", "account.show", "use", "trail", "why"};
    for (size_t i = 0; is_self(row) && i < sizeof looks / sizeof looks[0]; i++)
        if (strcmp(kept_me_get(row, "operation"), looks[i]) == 0)
            return true;
    return false;
}

static void cell(struct kept_me_view *v, const char *text)
{
    kept_page_cell(&v->page, NULL);
    kept_page_say(&v->page, NULL, text);
    kept_page_cell_end(&v->page);
}

static const char *who(struct kept_me_view *v, const json_t *row)
{
    const char *role = kept_me_get(row, "role");
    if (is_self(row))
        return kept_me_say(v, KEPT_ME_TRAIL_YOU);
    if (kept_me_get(row, "actor")[0] == 0)
        return kept_me_say(v, KEPT_ME_TRAIL_NOBODY);
    return role[0] != 0 ? kept_me_named(v, "roles", role) : kept_me_say(v, KEPT_ME_TRAIL_APP);
}

/* Items, or what was switched. */
static void put_what(struct kept_me_view *v, const json_t *row)
{
    static const char *const lists[] = {"functions", "purposes", "recipients", "items", "permissions"};
    const char *scope = kept_me_get(row, "scope");
    const json_t *item = NULL;
    struct kept_buf all;
    size_t i;
    kept_buf_init(&all, 1u << 20);
    json_array_foreach(json_object_get(row, "items"), i, item) {
        if (all.n > 0)
            kept_buf_text(&all, kept_me_comma(v));
        kept_buf_text(&all, kept_me_named(v, "items", kept_me_get(item, "item")));
        if (strcmp(kept_me_get(item, "decision"), "deny") == 0)
            kept_buf_printf(&all, " (%s)", kept_me_say(v, KEPT_ME_TRAIL_REFUSED));
    }
    for (i = 0; all.n == 0 && scope[0] != 0 && i < sizeof lists / sizeof lists[0]; i++)
        if (kept_me_row(v->me->policy, lists[i], scope) != NULL)
            kept_buf_text(&all, kept_me_named(v, lists[i], scope));
    cell(v, all.n > 0 && all.failed == 0 ? (const char *)all.p : "");
    kept_buf_release(&all);
}

static void put_why(struct kept_me_view *v, const json_t *row)
{
    const char *purpose = kept_me_get(row, "purpose"), *function = kept_me_get(row, "function"),
               *text = kept_me_get(row, "justification");
    kept_page_cell(&v->page, NULL);
    if (purpose[0] != 0)
        kept_page_say(&v->page, NULL, kept_me_named(v, "purposes", purpose));
    else if (function[0] != 0 && strcmp(function, kept_me_get(row, "scope")) != 0)
        kept_page_say(&v->page, NULL, kept_me_named(v, "functions", function));
    kept_page_say(&v->page, NULL, text);
    kept_page_cell_end(&v->page);
}

static void put_row(struct kept_me_view *v, const json_t *row, size_t looks)
{
    char date[KEPT_ME_DATE_ROOM], n[24];
    const char *recipient = kept_me_get(row, "recipient");
    kept_page_row(&v->page);
    cell(v, kept_me_date_of(v, kept_me_get(row, "at"), true, date));
    cell(v, who(v, row));
    kept_page_cell(&v->page, NULL);
    (void)snprintf(n, sizeof n, "%zu", looks);
    if (looks > 0) {
        kept_page_say(&v->page, NULL, kept_me_say(v, KEPT_ME_TRAIL_LOOKED, "n", n, KEPT_ME_END));
    } else {
        kept_page_say(&v->page, NULL, kept_me_word(v, "op", kept_me_get(row, "operation")));
        if (recipient[0] != 0)
            kept_page_say(&v->page, NULL, kept_me_say(v, KEPT_ME_TRAIL_TO, "recipient", kept_me_named(v, "recipients", recipient), KEPT_ME_END));
        if (strcmp(kept_me_get(row, "decision"), "deny") == 0)
            kept_page_badge(&v->page, NULL, kept_me_say(v, KEPT_ME_TRAIL_REFUSED));
    }
    kept_page_cell_end(&v->page);
    if (looks > 0)
        cell(v, "");
    else
        put_what(v, row);
    put_why(v, row);
    kept_page_row_end(&v->page);
}

static void put_rows(struct kept_me_view *v, const json_t *rows)
{
    const size_t count = json_array_size(rows);
    for (size_t i = 0, looks = 0; i < count; i++) {
        const json_t *row = json_array_get(rows, i);
        const size_t first = i;
        for (looks = 0; i < count && is_look(json_array_get(rows, i)); i++)
            looks++;
        i -= looks > 0;
        /* Each look at this page asks several things, each of which has its line in the ledger. */
        put_row(v, looks > 0 ? json_array_get(rows, first) : row, looks);
    }
}

static void put_pages(struct kept_me_view *v)
{
    char target[KEPT_ME_PATH + 64];
    const json_int_t next = json_integer_value(json_object_get(v->me->trail, "next"));
    if (v->me->from != 0) {
        (void)snprintf(target, sizeof target, "%s?in=%s#trail", v->path, v->me->language);
        kept_page_way(&v->page, target, kept_me_say(v, KEPT_ME_TRAIL_NEWEST), NULL, false);
    }
    if (next > 0) {
        (void)snprintf(target, sizeof target, "%s?in=%s&from=%lld#trail", v->path, v->me->language, (long long)next);
        kept_page_way(&v->page, target, kept_me_say(v, KEPT_ME_TRAIL_OLDER), NULL, false);
    }
    kept_page_par_end(&v->page);
}

void kept_me_put_trail(struct kept_me_view *v)
{
    const enum kept_me_sentence heads[] = {KEPT_ME_TRAIL_WHEN, KEPT_ME_TRAIL_WHO, KEPT_ME_TRAIL_DID, KEPT_ME_TRAIL_WHAT, KEPT_ME_TRAIL_WHY};
    char titles[5][128];
    const char *columns[5];
    kept_page_say(&v->page, NULL, kept_me_say(v, KEPT_ME_TRAIL_TEXT));
    kept_page_par_end(&v->page);
    for (size_t i = 0; i < 5; i++) {
        (void)snprintf(titles[i], sizeof titles[i], "%s", kept_me_say(v, heads[i]));
        columns[i] = titles[i];
    }
    kept_page_table(&v->page, "lines", kept_me_say(v, KEPT_ME_TRAIL_CAPTION), columns, 5);
    put_rows(v, json_object_get(v->me->trail, "entries"));
    kept_page_table_end(&v->page);
    put_pages(v);
}
