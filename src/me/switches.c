/* switches.c - what the person allows, one by one, and what needs no asking. */
#include <string.h>

#include "me/me_int.h"

struct choice {
    const char *scope; /* "function" */
    const char *list;  /* "functions": where the policy says it */
    enum kept_me_sentence says; /* of what it is, beside the text; KEPT_ME_SENTENCES: the text itself */
};

/* The last word on a scope, of the person's own. NULL: there is none. */
static const json_t *answer_of(const struct kept_me_view *v, const struct choice *c, const char *name)
{
    const json_t *row = NULL, *last = NULL;
    size_t i;
    json_array_foreach(json_object_get(v->me->subject, "consents"), i, row)
        if (strcmp(kept_me_get(row, "scope"), name) == 0 && strcmp(kept_me_get(row, "of"), c->scope) == 0 &&
            json_object_get(row, "guardian") == NULL)
            last = row;
    return last;
}

static const char *state_of(struct kept_me_view *v, const json_t *answer, bool *ret_on)
{
    char date[KEPT_ME_DATE_ROOM], version[24];
    const char *state = kept_me_get(answer, "state");
    (void)kept_me_date_of(v, kept_me_get(answer, "at"), false, date);
    (void)snprintf(version, sizeof version, "%lld", (long long)json_integer_value(json_object_get(answer, "policy_version")));
    *ret_on = strcmp(state, "granted") == 0;
    return *ret_on                              ? kept_me_say(v, KEPT_ME_SWITCH_ON, "date", date, "version", version, KEPT_ME_END)
           : strcmp(state, "refused") == 0   ? kept_me_say(v, KEPT_ME_SWITCH_NO, "date", date, KEPT_ME_END)
           : strcmp(state, "withdrawn") == 0 ? kept_me_say(v, KEPT_ME_SWITCH_BACK, "date", date, KEPT_ME_END)
                                              : kept_me_say(v, KEPT_ME_SWITCH_OFF);
}

static void put_items(struct kept_me_view *v, const json_t *row)
{
    struct kept_buf items;
    kept_buf_init(&items, 64u << 10);
    kept_me_list(v, json_object_get(row, "mandatory"), "items", &items);
    kept_me_list(v, json_object_get(row, "optional"), "items", &items);
    if (items.n > 0 && items.failed == 0)
        kept_page_say(&v->page, NULL, kept_me_say(v, KEPT_ME_SWITCH_NEEDS, "items", (const char *)items.p, KEPT_ME_END));
    kept_buf_release(&items);
    const char *costs = kept_me_text(v, row, "refusing_costs");
    if (costs[0] != 0)
        kept_page_say(&v->page, NULL, kept_me_say(v, KEPT_ME_SWITCH_COSTS, "text", costs, KEPT_ME_END));
    kept_page_par_end(&v->page);
}

static void put_choice(struct kept_me_view *v, const struct choice *c, const json_t *row, enum kept_consent_kind kind)
{
    const char *name = kept_me_get(row, "name"), *text = kept_me_named(v, c->list, name);
    const struct kept_mark mark = {.kind = c->list, .name = name, .clause = kept_me_get(row, "clause")};
    struct kept_buf title;
    bool on = false;
    kept_buf_init(&title, 16u << 10);
    kept_buf_text(&title, c->says == KEPT_ME_SENTENCES ? text : kept_me_say(v, c->says, "text", text, KEPT_ME_END));
    const char *said = title.failed == 0 && title.p != NULL ? (const char *)title.p : name;
    const char *state = state_of(v, answer_of(v, c, name), &on);
    kept_page_switch(&v->page, &mark, said, on, state);
    put_items(v, row);
    if (on || kind != KEPT_C_WRITTEN) {
        kept_me_form(v, true, c->scope, name);
        kept_me_press(v, on ? "withdraw" : "grant", KEPT_PAGE_PLAIN, kept_me_say(v, on ? KEPT_ME_SWITCH_WITHDRAW : KEPT_ME_SWITCH_GRANT),
                      said);
        kept_page_form_end(&v->page);
    } else {
        kept_page_say(&v->page, NULL, kept_me_say(v, KEPT_ME_SWITCH_PAPER));
    }
    kept_page_switch_end(&v->page);
    kept_buf_release(&title);
}

static size_t put_list(struct kept_me_view *v, const struct choice *c)
{
    const json_t *row = NULL;
    size_t i, n = 0;
    json_array_foreach(json_object_get(v->me->policy, c->list), i, row) {
        enum kept_consent_kind kind = kept_me_consent(v->me->policy, c->scope, kept_me_get(row, "name"));
        if (kind == KEPT_C_NONE)
            continue;
        put_choice(v, c, row, kind);
        n++;
    }
    return n;
}

static void put_always(struct kept_me_view *v)
{
    const json_t *row = NULL;
    size_t i;
    kept_page_fold(&v->page, kept_me_say(v, KEPT_ME_ALWAYS));
    kept_page_say(&v->page, NULL, kept_me_say(v, KEPT_ME_ALWAYS_TEXT));
    kept_page_par_end(&v->page);
    kept_page_list(&v->page);
    json_array_foreach(json_object_get(v->me->policy, "functions"), i, row) {
        const char *name = kept_me_get(row, "name");
        const struct kept_mark mark = {.kind = "functions", .name = name, .clause = kept_me_get(row, "clause")};
        if (kept_me_consent(v->me->policy, "function", name) != KEPT_C_NONE)
            continue;
        kept_page_item(&v->page);
        kept_page_say(&v->page, &mark, kept_me_named(v, "functions", name));
        kept_page_item_end(&v->page);
    }
    kept_page_list_end(&v->page);
    kept_page_fold_end(&v->page);
}

void kept_me_put_switches(struct kept_me_view *v)
{
    static const struct choice choices[] = {{"function", "functions", KEPT_ME_SENTENCES},
                                            {"purpose", "purposes", KEPT_ME_SWITCH_PURPOSE},
                                            {"recipient", "recipients", KEPT_ME_SWITCH_RECIPIENT},
                                            {"item", "items", KEPT_ME_SWITCH_ITEM}};
    size_t n = 0;
    kept_page_say(&v->page, NULL, kept_me_say(v, KEPT_ME_SWITCHES_TEXT));
    kept_page_par_end(&v->page);
    for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++)
        n += put_list(v, &choices[i]);
    if (n == 0)
        kept_page_say(&v->page, NULL, kept_me_say(v, KEPT_ME_SWITCHES_NONE));
    put_always(v);
}
