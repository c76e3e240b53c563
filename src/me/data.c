/* data.c - the values that are held, kind of information by kind; how to correct and delete them; what is on the device only. */
#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "me/me_int.h"

static const char *const groups[] = {"basic", "identity", "biometric", "network-id", "health", "education", "property",
                                     "communication", "contacts", "log", "device", "location", "preference", "content", "other"};

static bool is_shown(const struct kept_field *f)
{
    return f->decision != KEPT_DENY && f->value.n > 0;
}

static const json_t *item_of(const struct kept_me_view *v, const struct kept_field *f)
{
    return kept_me_row(v->me->policy, "items", f->name != NULL ? f->name : "");
}

static bool is_of(const json_t *item, const char *group)
{
    return strcmp(kept_me_get(item, "information"), group) == 0;
}

static void cell(struct kept_me_view *v, const struct kept_mark *mark, const char *text)
{
    kept_page_cell(&v->page, mark);
    kept_page_say(&v->page, NULL, text);
    kept_page_cell_end(&v->page);
}

static void put_value(struct kept_me_view *v, const struct kept_field *f)
{
    char n[24];
    kept_page_cell(&v->page, NULL);
    if (kept_utf8_valid(f->value)) {
        struct kept_buf text;
        kept_buf_init_secret(&text, f->value.n + 1);
        kept_buf_bytes(&text, f->value.p, f->value.n);
        kept_page_say(&v->page, NULL, text.failed == 0 ? (const char *)text.p : "");
        kept_buf_release(&text);
    } else {
        (void)snprintf(n, sizeof n, "%zu", f->value.n);
        kept_page_say(&v->page, NULL, kept_me_say(v, KEPT_ME_DATA_BYTES, "n", n, KEPT_ME_END));
    }
    kept_page_cell_end(&v->page);
}

static void put_until(struct kept_me_view *v, const struct kept_field *f, const json_t *item)
{
    char date[KEPT_ME_DATE_ROOM];
    const char *statute = kept_me_text(v, item, "statute");
    if (statute[0] == 0)
        statute = kept_me_get(item, "statute");
    kept_page_cell(&v->page, NULL);
    kept_page_say(&v->page, NULL, f->until != 0 ? kept_me_date(v, f->until, false, date) : kept_me_say(v, KEPT_ME_DATA_ACCOUNT));
    if (statute[0] != 0)
        kept_page_say(&v->page, NULL, kept_me_say(v, KEPT_ME_DATA_LAW, "statute", statute, KEPT_ME_END));
    kept_page_cell_end(&v->page);
}

static void put_row(struct kept_me_view *v, const struct kept_field *f)
{
    const json_t *item = item_of(v, f);
    const struct kept_mark mark = {.kind = "items", .name = f->name, .clause = f->clause};
    char date[KEPT_ME_DATE_ROOM], source[256];
    kept_page_row(&v->page);
    cell(v, &mark, kept_me_named(v, "items", f->name));
    put_value(v, f);
    (void)snprintf(source, sizeof source, "%s%s%s", kept_me_word(v, "source", f->source != NULL ? f->source : "user"),
                   kept_me_comma(v), f->collected != 0 ? kept_me_date(v, f->collected, false, date) : "");
    cell(v, NULL, source);
    put_until(v, f, item);
    kept_page_row_end(&v->page);
}

/* A law keeps it: there is nothing to press. */
static bool is_law(const json_t *item)
{
    return strcmp(kept_me_get(item, "retention_class"), "law") == 0;
}

/* What people give themselves, one value of it, as a text of one line that a form can send. */
static bool is_mendable(const struct kept_me_view *v, const struct kept_field *f)
{
    const json_t *item = item_of(v, f);
    return is_shown(f) && f->value.n <= KEPT_ME_VALUE && kept_utf8_valid(f->value) && memchr(f->value.p, '\n', f->value.n) == NULL && !is_law(item) &&
           strcmp(kept_me_get(item, "source"), "user") == 0 && strcmp(kept_me_get(item, "values"), "one") == 0 &&
           strcmp(kept_me_get(item, "kind"), "blob") != 0 && strcmp(kept_me_get(item, "kind"), "photo") != 0;
}

static void put_mend_one(struct kept_me_view *v, const struct kept_field *f)
{
    const char *name = kept_me_named(v, "items", f->name);
    char id[KEPT_MAX_NAME + 8], label[256];
    struct kept_buf value;
    kept_buf_init_secret(&value, KEPT_ME_VALUE + 1);
    kept_buf_bytes(&value, f->value.p, f->value.n);
    (void)snprintf(id, sizeof id, "mend-%s", f->name);
    (void)snprintf(label, sizeof label, "%s", name);
    kept_me_form(v, false, "item", f->name);
    const struct kept_page_field field = {.name = "value", .label = label, .id = id, .value = value.failed == 0 ? (const char *)value.p : "",
                                          .type = "text", .complete = "off", .most = f->value.n > KEPT_ME_VALUE / 3 ? KEPT_ME_VALUE : KEPT_ME_VALUE / 3};
    kept_page_field(&v->page, &field);
    kept_me_press(v, "mend", KEPT_PAGE_PLAIN, kept_me_say(v, KEPT_ME_MEND_ONE, "item", name, KEPT_ME_END), NULL);
    kept_page_form_end(&v->page);
    kept_buf_release(&value);
}

/* A line to fill in for each value of theirs; of those that are verified, who changes them. */
static void put_mend(struct kept_me_view *v, const char *group)
{
    const char *missing = kept_me_level_missing(v->me, "correct");
    bool any = false;
    for (size_t i = 0; i < v->me->field_count; i++) {
        const struct kept_field *f = &v->me->fields[i];
        const json_t *item = item_of(v, f);
        if (!is_of(item, group) || !is_mendable(v, f))
            continue;
        if (!any) {
            kept_page_fold(&v->page, kept_me_say(v, KEPT_ME_MEND, "group", kept_me_word(v, "information", group), KEPT_ME_END));
            if (missing != NULL)
                kept_me_needs(v, KEPT_ME_MEND_NEEDS, missing);
            else
                kept_page_say(&v->page, NULL, kept_me_say(v, KEPT_ME_MEND_TEXT));
        }
        any = true;
        kept_page_par_end(&v->page);
        if (kept_me_by_code(v->me->policy, f->name))
            kept_page_say(&v->page, NULL, kept_me_say(v, KEPT_ME_MEND_CODE, "item", kept_me_named(v, "items", f->name), KEPT_ME_END));
        else if (json_is_true(json_object_get(item, "locked_after_verification")))
            kept_page_say(&v->page, NULL, kept_me_say(v, KEPT_ME_MEND_LOCKED, "item", kept_me_named(v, "items", f->name), "contact",
                                                      kept_me_get(v->me->policy, "contact"), KEPT_ME_END));
        else if (missing == NULL)
            put_mend_one(v, f);
    }
    if (any)
        kept_page_fold_end(&v->page);
}

/* One button an item that is held, and one for all of them where there are several. */
static void put_clear(struct kept_me_view *v, const char *group)
{
    const char *title = kept_me_word(v, "information", group), *last = "";
    size_t n = 0;
    kept_page_fold(&v->page, kept_me_say(v, KEPT_ME_CLEAR, "group", title, KEPT_ME_END));
    const char *missing = kept_me_level_missing(v->me, "delete");
    if (missing != NULL) {
        kept_me_needs(v, KEPT_ME_CLEAR_NEEDS, missing);
        kept_page_fold_end(&v->page);
        return;
    }
    kept_page_say(&v->page, NULL, kept_me_say(v, KEPT_ME_CLEAR_TEXT));
    for (size_t i = 0; i < v->me->field_count; i++) {
        const struct kept_field *f = &v->me->fields[i];
        if (!is_shown(f) || strcmp(f->name, last) == 0 || !is_of(item_of(v, f), group) || is_law(item_of(v, f)))
            continue;
        last = f->name;
        n++;
        kept_me_form(v, true, "item", f->name);
        kept_me_press(v, "clear", KEPT_PAGE_PLAIN, kept_me_say(v, KEPT_ME_CLEAR_ONE, "item", kept_me_named(v, "items", f->name), KEPT_ME_END),
                      NULL);
        kept_page_form_end(&v->page);
    }
    if (n > 1) {
        kept_me_form(v, true, "group", group);
        kept_me_press(v, "clear", KEPT_PAGE_GRAVE, kept_me_say(v, KEPT_ME_CLEAR_ALL, "group", title, KEPT_ME_END), NULL);
        kept_page_form_end(&v->page);
    }
    kept_page_fold_end(&v->page);
}

static bool put_group(struct kept_me_view *v, const char *group)
{
    char titles[4][128];
    const enum kept_me_sentence heads[] = {KEPT_ME_DATA_ITEM, KEPT_ME_DATA_VALUE, KEPT_ME_DATA_SOURCE, KEPT_ME_DATA_UNTIL};
    const char *columns[4];
    bool any = false;
    for (size_t i = 0; i < v->me->field_count; i++)
        any |= is_shown(&v->me->fields[i]) && is_of(item_of(v, &v->me->fields[i]), group);
    if (!any)
        return false;
    for (size_t i = 0; i < 4; i++) {
        (void)snprintf(titles[i], sizeof titles[i], "%s", kept_me_say(v, heads[i]));
        columns[i] = titles[i];
    }
    kept_page_table(&v->page, group, kept_me_say(v, KEPT_ME_DATA_CAPTION, "group", kept_me_word(v, "information", group), KEPT_ME_END),
                    columns, 4);
    for (size_t i = 0; i < v->me->field_count; i++)
        if (is_shown(&v->me->fields[i]) && is_of(item_of(v, &v->me->fields[i]), group))
            put_row(v, &v->me->fields[i]);
    kept_page_table_end(&v->page);
    put_mend(v, group);
    put_clear(v, group);
    return true;
}

/* Held, and not to be shown: of which there is a fingerprint, or which a law keeps shut. */
static bool put_unseen(struct kept_me_view *v)
{
    const json_t *item = NULL;
    size_t i;
    bool any = false;
    json_array_foreach(json_object_get(v->me->policy, "items"), i, item) {
        const char *name = kept_me_get(item, "name");
        const bool hashed = strcmp(kept_me_get(item, "store"), "hash") == 0;
        bool shown = false;
        for (size_t k = 0; k < v->me->field_count; k++)
            shown |= is_shown(&v->me->fields[k]) && strcmp(v->me->fields[k].name, name) == 0;
        if (shown || json_integer_value(json_object_get(json_object_get(v->me->subject, "records"), name)) == 0)
            continue;
        if (!any)
            kept_page_list(&v->page);
        any = true;
        const struct kept_mark mark = {.kind = "items", .name = name, .clause = kept_me_get(item, "clause")};
        kept_page_item(&v->page);
        kept_page_say(&v->page, &mark, kept_me_named(v, "items", name));
        kept_page_say(&v->page, NULL, kept_me_say(v, hashed ? KEPT_ME_DATA_HASHED : KEPT_ME_DATA_CLOSED));
        kept_page_item_end(&v->page);
    }
    if (any)
        kept_page_list_end(&v->page);
    return any;
}

void kept_me_put_data(struct kept_me_view *v)
{
    bool any = false;
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
        any |= put_group(v, groups[i]);
    any |= put_unseen(v);
    if (!any)
        kept_page_say(&v->page, NULL, kept_me_say(v, KEPT_ME_DATA_NONE));
}

void kept_me_put_device(struct kept_me_view *v)
{
    const json_t *item = NULL;
    size_t i;
    kept_page_say(&v->page, NULL, kept_me_say(v, KEPT_ME_DEVICE_TEXT));
    kept_page_par_end(&v->page);
    kept_page_list(&v->page);
    json_array_foreach(json_object_get(v->me->policy, "items"), i, item) {
        const char *name = kept_me_get(item, "name");
        const struct kept_mark mark = {.kind = "items", .name = name, .clause = kept_me_get(item, "clause")};
        if (strcmp(kept_me_get(item, "place"), "device") != 0)
            continue;
        kept_page_item(&v->page);
        kept_page_say(&v->page, &mark, kept_me_named(v, "items", name));
        kept_page_item_end(&v->page);
    }
    kept_page_list_end(&v->page);
}
