/* pages.c - the pages there are, each from its title to its end. */
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "me/me_int.h"

static void say(struct kept_me_view *v, enum kept_me_sentence sentence)
{
    kept_page_say(&v->page, NULL, kept_me_say(v, sentence));
    kept_page_par_end(&v->page);
}

/* ---- before somebody is known ---- */

void kept_me_doors(const struct kept_me *me, const json_t *doors, struct kept_buf *out)
{
    struct kept_me_view v = {.me = me};
    const json_t *apps = json_object_get(doors, "apps"), *app = NULL;
    char target[KEPT_ME_PATH];
    size_t i;
    kept_me_begin(&v, out, KEPT_ME_DOORS, NULL, 0);
    say(&v, json_array_size(apps) > 0 ? KEPT_ME_DOORS_TEXT : KEPT_ME_DOORS_NONE);
    kept_page_list(&v.page);
    json_array_foreach(apps, i, app) {
        const char *name = json_string_value(app);
        (void)snprintf(target, sizeof target, "/me/%.64s?in=%s", name, me->language);
        kept_page_item(&v.page);
        kept_page_way(&v.page, target, name, NULL, false);
        kept_page_item_end(&v.page);
    }
    kept_page_list_end(&v.page);
    kept_me_end(&v);
}

static bool has_way(const struct kept_me *me, const char *way)
{
    const json_t *name = NULL;
    size_t i;
    json_array_foreach(json_object_get(json_object_get(me->policy, "account"), "ways"), i, name)
        if (strcmp(json_string_value(name) != NULL ? json_string_value(name) : "", way) == 0)
            return true;
    return false;
}

void kept_me_sign_in(const struct kept_me *me, struct kept_buf *out)
{
    static const struct kept_me_part part = {"sign-in", KEPT_ME_SIGN_IN};
    struct kept_me_view v = {.me = me};
    char hint[512], label[256];
    const bool phone = has_way(me, "phone"), mail = has_way(me, "mail");
    kept_me_begin(&v, out, KEPT_ME_TITLE, NULL, 0);
    kept_me_part(&v, &part);
    say(&v, KEPT_ME_SIGN_TEXT);
    (void)snprintf(hint, sizeof hint, "%s", kept_me_say(&v, KEPT_ME_SIGN_HINT));
    (void)snprintf(label, sizeof label, "%s", kept_me_say(&v, phone && mail ? KEPT_ME_SIGN_EITHER : mail ? KEPT_ME_SIGN_MAIL : KEPT_ME_SIGN_PHONE));
    kept_me_form(&v, false, NULL, NULL);
    const struct kept_page_field address = {.name = "address", .label = label, .hint = hint, .type = "text",
        .mode = phone && mail ? "text" : mail ? "email" : "tel", .complete = phone && mail ? "username" : mail ? "email" : "tel", .most = 254};
    kept_page_field(&v.page, &address);
    kept_me_press(&v, "begin", KEPT_PAGE_MAIN, kept_me_say(&v, KEPT_ME_SIGN_SEND), NULL);
    kept_page_form_end(&v.page);
    kept_page_section_end(&v.page);
    kept_me_end(&v);
}

void kept_me_code(const struct kept_me *me, const char *address, struct kept_buf *out)
{
    static const struct kept_me_part part = {"enter-code", KEPT_ME_CODE};
    struct kept_me_view v = {.me = me};
    char label[256];
    kept_me_begin(&v, out, KEPT_ME_TITLE, NULL, 0);
    kept_me_part(&v, &part);
    say(&v, KEPT_ME_CODE_TEXT);
    kept_me_form(&v, false, "address", address);
    (void)snprintf(label, sizeof label, "%s", kept_me_say(&v, KEPT_ME_CODE_FIELD));
    const struct kept_page_field code = {.name = "code", .label = label, .type = "text", .mode = "numeric",
                                         .complete = "one-time-code", .most = 16};
    kept_page_field(&v.page, &code);
    kept_me_press(&v, "prove", KEPT_PAGE_MAIN, kept_me_say(&v, KEPT_ME_CODE_GO), NULL);
    kept_page_form_end(&v.page);
    char target[KEPT_ME_PATH + 16];
    (void)snprintf(target, sizeof target, "%s?in=%s", v.path, me->language);
    kept_page_way(&v.page, target, kept_me_say(&v, KEPT_ME_CODE_AGAIN), NULL, false);
    kept_page_section_end(&v.page);
    kept_me_end(&v);
}

void kept_me_trouble(const struct kept_me *me, const char *why, struct kept_buf *out)
{
    struct kept_me_view v = {.me = me};
    char target[KEPT_ME_PATH + 16];
    kept_me_begin(&v, out, KEPT_ME_TROUBLE, NULL, 0);
    kept_page_notice(&v.page, true, kept_me_word(&v, "bad", why));
    (void)snprintf(target, sizeof target, "%s?in=%s", v.path, me->language);
    kept_page_way(&v.page, target, kept_me_say(&v, KEPT_ME_TROUBLE_BACK), NULL, false);
    kept_me_end(&v);
}

/* ---- the home page ---- */

static void put_read(struct kept_me_view *v)
{
    const json_t *row = NULL, *seen = NULL;
    const json_int_t version = json_integer_value(json_object_get(v->me->policy, "version"));
    char number[24], date[KEPT_ME_DATE_ROOM];
    size_t i;
    json_array_foreach(json_object_get(v->me->subject, "consents"), i, row)
        if (strcmp(kept_me_get(row, "kind"), "acknowledgement") == 0 && strcmp(kept_me_get(row, "state"), "granted") == 0)
            seen = row;
    const bool now = json_integer_value(json_object_get(v->me->subject, "notice_version")) == version;
    (void)snprintf(number, sizeof number, "%lld", (long long)version);
    (void)kept_me_date_of(v, kept_me_get(seen, "at"), false, date);
    kept_page_say(&v->page, NULL, now ? kept_me_say(v, KEPT_ME_READ_YES, "version", number, "date", date, KEPT_ME_END)
                                      : kept_me_say(v, KEPT_ME_READ_NO, "version", number, KEPT_ME_END));
    if (now)
        return;
    kept_me_form(v, false, NULL, NULL);
    kept_me_press(v, "read", KEPT_PAGE_MAIN, kept_me_say(v, KEPT_ME_READ_DO), NULL);
    kept_page_form_end(&v->page);
}

static void put_copy(struct kept_me_view *v)
{
    const char *missing = kept_me_level_missing(v->me, "copy");
    say(v, KEPT_ME_COPY_TEXT);
    if (missing != NULL) {
        kept_me_needs(v, KEPT_ME_COPY_NEEDS, missing);
        return;
    }
    kept_me_form(v, false, NULL, NULL);
    kept_me_press(v, "copy", KEPT_PAGE_PLAIN, kept_me_say(v, KEPT_ME_COPY_DO), NULL);
    kept_page_form_end(&v->page);
}

static void put_erase(struct kept_me_view *v)
{
    const char *missing = kept_me_level_missing(v->me, "cancel");
    say(v, KEPT_ME_ERASE_TEXT);
    if (missing != NULL) {
        kept_me_needs(v, KEPT_ME_ERASE_NEEDS, missing);
        return;
    }
    kept_me_form(v, false, NULL, NULL);
    kept_me_press(v, "erase", KEPT_PAGE_GRAVE, kept_me_say(v, KEPT_ME_ERASE_ASK), NULL);
    kept_page_form_end(&v->page);
}

static bool has_device(const struct kept_me *me)
{
    const json_t *item = NULL;
    size_t i;
    json_array_foreach(json_object_get(me->policy, "items"), i, item)
        if (strcmp(kept_me_get(item, "place"), "device") == 0)
            return true;
    return false;
}

void kept_me_home(const struct kept_me *me, struct kept_buf *out)
{
    static const struct {
        struct kept_me_part part;
        void (*put)(struct kept_me_view *v);
    } all[] = {{{"read", KEPT_ME_READ}, put_read},
               {{"switches", KEPT_ME_SWITCHES}, kept_me_put_switches},
               {{"data", KEPT_ME_DATA}, kept_me_put_data},
               {{"device", KEPT_ME_DEVICE}, kept_me_put_device},
               {{"trail", KEPT_ME_TRAIL}, kept_me_put_trail},
               {{"copy", KEPT_ME_COPY}, put_copy},
               {{"erase", KEPT_ME_ERASE}, put_erase}};
    struct kept_me_view v = {.me = me};
    struct kept_me_part parts[sizeof all / sizeof all[0]];
    size_t n = 0;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i].put != kept_me_put_device || has_device(me))
            parts[n++] = all[i].part;
    kept_me_begin(&v, out, KEPT_ME_TITLE, parts, n);
    kept_me_form(&v, false, NULL, NULL);
    kept_me_press(&v, "leave", KEPT_PAGE_PLAIN, kept_me_say(&v, KEPT_ME_OUT), NULL);
    kept_page_form_end(&v.page);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (all[i].put == kept_me_put_device && !has_device(me))
            continue;
        kept_me_part(&v, &all[i].part);
        all[i].put(&v);
        kept_page_section_end(&v.page);
    }
    kept_me_end(&v);
}

/* ---- the end ---- */

static void item(struct kept_me_view *v, const char *text)
{
    kept_page_item(&v->page);
    kept_page_say(&v->page, NULL, text);
    kept_page_item_end(&v->page);
}

static const char *days(char ret_text[24], const json_t *policy, const char *key)
{
    (void)snprintf(ret_text, 24, "%lld", (long long)(json_integer_value(json_object_get(policy, key)) / KEPT_DAY));
    return ret_text;
}

/* Items that are held and that a law keeps, with its name. */
static void put_law(struct kept_me_view *v)
{
    const json_t *row = NULL;
    size_t i;
    json_array_foreach(json_object_get(v->me->policy, "items"), i, row) {
        const char *name = kept_me_get(row, "name"), *statute = kept_me_text(v, row, "statute");
        if (strcmp(kept_me_get(row, "retention_class"), "law") != 0 ||
            json_integer_value(json_object_get(json_object_get(v->me->subject, "records"), name)) == 0)
            continue;
        item(v, kept_me_say(v, KEPT_ME_ERASE_STAYS_LAW, "item", kept_me_named(v, "items", name), "statute",
                            statute[0] != 0 ? statute : kept_me_get(row, "statute"), KEPT_ME_END));
    }
}

void kept_me_erase(const struct kept_me *me, struct kept_buf *out)
{
    static const struct kept_me_part goes = {"goes", KEPT_ME_ERASE_GOES}, stays = {"stays", KEPT_ME_ERASE_STAYS};
    struct kept_me_view v = {.me = me};
    char n[24], target[KEPT_ME_PATH + 16], text[256];
    kept_me_begin(&v, out, KEPT_ME_ERASE, NULL, 0);
    kept_me_part(&v, &goes);
    kept_page_list(&v.page);
    item(&v, kept_me_say(&v, KEPT_ME_ERASE_GOES_ALL));
    item(&v, kept_me_say(&v, KEPT_ME_ERASE_GOES_ACCOUNT));
    kept_page_list_end(&v.page);
    kept_page_section_end(&v.page);
    kept_me_part(&v, &stays);
    kept_page_list(&v.page);
    put_law(&v);
    item(&v, kept_me_say(&v, KEPT_ME_ERASE_STAYS_TRACE, "days", days(n, me->policy, "evidence_ms"), KEPT_ME_END));
    item(&v, kept_me_say(&v, KEPT_ME_ERASE_STAYS_BACKUP, "days", days(n, me->policy, "backup_window_ms"), KEPT_ME_END));
    item(&v, kept_me_say(&v, KEPT_ME_ERASE_STAYS_DEVICE));
    kept_page_list_end(&v.page);
    kept_me_form(&v, false, NULL, NULL);
    (void)snprintf(text, sizeof text, "%s", kept_me_say(&v, KEPT_ME_ERASE_SURE));
    kept_page_tick(&v.page, "sure", text);
    kept_me_press(&v, "erase-now", KEPT_PAGE_GRAVE, kept_me_say(&v, KEPT_ME_ERASE_DO), NULL);
    kept_page_form_end(&v.page);
    (void)snprintf(target, sizeof target, "%s?in=%s", v.path, me->language);
    kept_page_way(&v.page, target, kept_me_say(&v, KEPT_ME_ERASE_BACK), NULL, false);
    kept_page_section_end(&v.page);
    kept_me_end(&v);
}

void kept_me_erased(const struct kept_me *me, const json_t *certificate, struct kept_buf *out)
{
    struct kept_me_view v = {.me = me};
    char date[KEPT_ME_DATE_ROOM];
    kept_me_begin(&v, out, KEPT_ME_ERASED, NULL, 0);
    (void)kept_me_date_of(&v, kept_me_get(certificate, "keys_destroyed"), true, date);
    kept_page_notice(&v.page, false, kept_me_say(&v, KEPT_ME_ERASED_TEXT, "date", date, KEPT_ME_END));
    (void)kept_me_date_of(&v, kept_me_get(certificate, "final"), false, date);
    if (date[0] != 0)
        kept_page_say(&v.page, NULL, kept_me_say(&v, KEPT_ME_ERASED_FINAL, "date", date, KEPT_ME_END));
    kept_page_par_end(&v.page);
    kept_me_end(&v);
}

/* ---- the copy ---- */

static void set(json_t *to, const char *key, json_t *value)
{
    (void)json_object_set_new(to, key, value);
}

static json_t *value_of(const struct kept_field *f)
{
    static const char digits[] = "0123456789abcdef";
    if (kept_utf8_valid(f->value))
        return json_stringn((const char *)f->value.p, f->value.n);
    struct kept_buf hex;
    kept_buf_init_secret(&hex, 2 * f->value.n + 1);
    for (size_t i = 0; i < f->value.n; i++) {
        kept_buf_u8(&hex, (uint8_t)digits[f->value.p[i] >> 4]);
        kept_buf_u8(&hex, (uint8_t)digits[f->value.p[i] & 15]);
    }
    json_t *value = hex.failed == 0 ? json_pack("{s:s}", "hex", (const char *)hex.p) : NULL;
    kept_buf_release(&hex);
    return value;
}

static json_t *row_of(const struct kept_field *f)
{
    char text[KEPT_TIME_TEXT];
    json_t *row = json_object();
    set(row, "item", json_string(f->name));
    set(row, "value", value_of(f));
    set(row, "source", json_string(f->source != NULL ? f->source : ""));
    if (f->collected != 0) {
        kept_time_text(f->collected, text);
        set(row, "collected", json_string(text));
    }
    if (f->until != 0) {
        kept_time_text(f->until, text);
        set(row, "until", json_string(text));
    }
    return row;
}

static int append(const char *p, size_t n, void *out)
{
    kept_buf_bytes(out, p, n);
    return ((struct kept_buf *)out)->failed != 0 ? -1 : 0;
}

/* What lies on their device: what it is, and how they see to it there. */
static json_t *device_of(const struct kept_me *me)
{
    struct kept_me_view v = {.me = me};
    json_t *device = json_object(), *items = json_array();
    const json_t *item = NULL;
    size_t i;
    kept_buf_init_secret(&v.text, 64u << 10);
    json_array_foreach(json_object_get(me->policy, "items"), i, item)
        if (strcmp(kept_me_get(item, "place"), "device") == 0)
            (void)json_array_append_new(items, json_pack("{s:s, s:s}", "item", kept_me_get(item, "name"), "is",
                                                         kept_me_named(&v, "items", kept_me_get(item, "name"))));
    set(device, "items", items);
    set(device, "how", json_string(kept_me_say(&v, KEPT_ME_DEVICE_TEXT)));
    kept_buf_release(&v.text);
    return device;
}

void kept_me_copy(const struct kept_me *me, struct kept_buf *out)
{
    json_t *root = json_object(), *values = json_array();
    for (size_t i = 0; i < me->field_count; i++)
        if (me->fields[i].decision != KEPT_DENY && me->fields[i].value.n > 0)
            (void)json_array_append_new(values, row_of(&me->fields[i]));
    set(root, "app", json_string(me->app));
    set(root, "person", json_deep_copy(me->subject));
    set(root, "account", json_deep_copy(me->account));
    set(root, "values", values);
    if (has_device(me))
        set(root, "on_device", device_of(me));
    set(root, "trail", json_deep_copy(me->trail));
    if (root == NULL || json_dump_callback(root, append, out, JSON_INDENT(1)) != 0)
        out->failed = out->failed != 0 ? out->failed : KEPT_E_NOMEM;
    json_decref(root);
}
