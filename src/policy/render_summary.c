/* render_summary.c - one page that a person reads in a minute. It names rules and leaves the rest to the
 * notice. */
#include <string.h>

#include "policy/render_int.h"

#define MOST_ITEMS 3u      /* named of each kind of information, and of each recipient */
#define MOST_SENSITIVE 6u
#define MOST_RECIPIENTS 7u

/* The first few, and how many more there are. */
static const char *few(struct render *r, const struct list *items, size_t most)
{
    struct list some = {.v = items->v, .n = items->n > most ? most : items->n};
    if (items->n == some.n)
        return kept_names_of(r, KEPT_K_ITEM, items);
    const char *first = kept_name_text(r, KEPT_K_ITEM, some.v[0]);
    for (size_t i = 1; i < some.n; i++)
        first = kept_saying(r, SAY_LIST_MORE,
                            KEPT_WITH({"a", first}, {"b", kept_name_text(r, KEPT_K_ITEM, some.v[i])}));
    return kept_saying(r, SAY_SUM_AND_MORE,
                       KEPT_WITH({"first", first}, {"n", kept_number_text(r, items->n - some.n)}));
}

/* The items of the same kind of information as the first, but for those that stay on the device; none when it
 * is not the first. */
static struct list group_of(struct render *r, size_t first)
{
    const struct kept_policy *p = r->p;
    struct list list = kept_list_new(r, p->info.items);
    for (size_t i = 0; i < p->info.items; i++) {
        if (strcmp(p->items[i].information, p->items[first].information) != 0 ||
            p->items[i].pub.place == KEPT_PLACE_DEVICE)
            continue;
        if (i < first || p->items[first].pub.place == KEPT_PLACE_DEVICE)
            return (struct list){0};
        kept_list_add(&list, (uint32_t)i);
    }
    return list;
}

static void collected(struct render *r)
{
    const struct kept_policy *p = r->p;
    struct list sensitive = kept_list_new(r, p->info.items);
    kept_page_list(&r->page);
    for (size_t i = 0; i < p->info.items; i++) {
        struct list group = group_of(r, i);
        struct kept_mark mark = kept_mark("information", p->items[i].information, "");
        if (p->items[i].pub.sensitive)
            kept_list_add(&sensitive, (uint32_t)i);
        if (group.n == 0)
            continue;
        kept_page_item(&r->page);
        kept_tell(r, &mark, kept_saying(r, SAY_SUM_GROUP,
                                        KEPT_WITH({"information",
                                                   kept_group(r, "information", p->items[i].information)},
                                                  {"items", few(r, &group, MOST_ITEMS)})));
        kept_page_item_end(&r->page);
    }
    kept_page_list_end(&r->page);
    if (sensitive.n > 0)
        kept_tell(r, NULL, kept_saying(r, SAY_SUM_SENSITIVE,
                                       KEPT_WITH({"items", few(r, &sensitive, MOST_SENSITIVE)})));
}

static void shared(struct render *r)
{
    const struct kept_policy *p = r->p;
    if (p->info.recipients == 0) {
        kept_tell(r, NULL, kept_plain(r, SAY_R_NONE));
        return;
    }
    kept_page_list(&r->page);
    for (size_t i = 0; i < p->info.recipients && i < MOST_RECIPIENTS; i++) {
        const struct recipient_rule *to = &p->recipients[i];
        struct kept_mark mark = kept_rule_mark("recipients", to->name, &to->rule);
        kept_page_item(&r->page);
        kept_tell(r, &mark, kept_saying(r, SAY_SUM_TO,
                                        KEPT_WITH({"text", kept_text_of(r, &to->text)},
                                                  {"items", few(r, to->items.n > 0 ? &to->items : &to->gives, MOST_ITEMS)},
                                                  {"region", kept_region_word(r, to->region)})));
        kept_page_item_end(&r->page);
    }
    if (p->info.recipients > MOST_RECIPIENTS) {
        kept_page_item(&r->page);
        kept_tell(r, NULL, kept_saying(r, SAY_SUM_MORE,
                                       KEPT_WITH({"n", kept_number_text(r, p->info.recipients -
                                                                               MOST_RECIPIENTS)})));
        kept_page_item_end(&r->page);
    }
    kept_page_list_end(&r->page);
}

static void times(struct render *r)
{
    const struct kept_policy *p = r->p;
    kept_ms longest = 0;
    bool account = false;
    for (size_t i = 0; i < p->info.items; i++) {
        const struct kept_item *item = &p->items[i].pub;
        account = account || (kept_is_held(item) && item->retain == 0);
        longest = kept_is_held(item) && item->retain > longest ? item->retain : longest;
    }
    kept_tell(r, NULL,
              kept_saying(r, SAY_SUM_TIMES,
                          KEPT_WITH({"longest", longest > 0 ? kept_time_of(r, longest) : ""},
                                    {"account", kept_if(account)})));
}

static void choices(struct render *r)
{
    const struct kept_policy *p = r->p;
    struct kept_mark withdrawal = kept_mark("withdrawal", NULL, p->withdrawal.clause);
    struct kept_mark controller = kept_mark("controller", NULL, p->controller_rule.clause);
    const char *effect = kept_effect(r, p->info.withdrawal);
    size_t asked = 0;
    for (size_t i = 0; i < p->info.functions; i++)
        asked += p->functions[i].consent > KEPT_C_ACKNOWLEDGEMENT;
    kept_tell(r, NULL,
              kept_saying(r, SAY_SUM_ASKED,
                          KEPT_WITH({"asked", kept_number_text(r, asked)},
                                    {"told", kept_number_text(r, p->info.functions - asked)})));
    kept_tell(r, &withdrawal, kept_saying(r, SAY_C_WITHDRAW, KEPT_WITH({"effect", effect})));
    if (kept_first_right(p) == NULL)
        kept_tell(r, &controller, kept_saying(r, SAY_C_ASK, KEPT_WITH({"contact", p->contact})));
}

static void picture(struct render *r)
{
    struct kept_buf drawn;
    kept_buf_init(&drawn, KEPT_MAX_JSON_BYTES);
    kept_render_picture(r, &drawn);
    kept_page_markup(&r->page, &drawn);
    if (drawn.failed != 0)
        r->page.out->failed = drawn.failed;
    kept_buf_release(&drawn);
}

void kept_render_summary(struct render *r)
{
    static const struct {
        const char *id;
        enum saying title;
        void (*write)(struct render *r);
    } parts[] = {{"picture", SAY_SUM_PICTURE, picture},      {"collected", SAY_S_ITEMS, collected},
                 {"shared", SAY_S_RECIPIENTS, shared},       {"times", SAY_S_TIMES, times},
                 {"choices", SAY_S_CHOICES, choices},       {"rights", SAY_S_RIGHTS, kept_render_rights_short}};
    kept_render_dates(r);
    kept_tell(r, NULL, kept_plain(r, SAY_SUM_INTRO));
    kept_page_contents(&r->page, "", NULL, NULL, 0);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (parts[i].write == kept_render_rights_short && kept_first_right(r->p) == NULL)
            continue;
        kept_page_section(&r->page, parts[i].id, kept_plain(r, parts[i].title));
        parts[i].write(r);
        kept_page_section_end(&r->page);
    }
}
