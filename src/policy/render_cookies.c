/* render_cookies.c - what is set on people's devices: in the notice, and as a list of its own. */
#include "policy/render_int.h"

static const char *category_word(struct render *r, int category)
{
    return kept_group(r, "tracker-category", kept_key_word(TRACKER_category, (size_t)category));
}

static void categories(struct render *r)
{
    kept_page_list(&r->page);
    for (int i = 0; i < KEPT_TRACKER_CATEGORY_COUNT; i++) {
        const struct category_rule *c = &r->p->duties.categories[i];
        struct kept_mark mark = kept_mark("cookies", kept_key_word(TRACKER_category, (size_t)i), c->rule.clause);
        struct kept_value values[] = {{"category", category_word(r, i)},
                                      {"separate", kept_if(c->consent == KEPT_C_SEPARATE)}};
        bool asked = !c->necessary && c->consent != KEPT_C_NONE;
        if (!c->said)
            continue;
        kept_page_item(&r->page);
        kept_tell(r, &mark, kept_saying(r, asked          ? SAY_CK_ASKED
                                           : c->necessary ? SAY_CK_NEEDED
                                                          : SAY_CK_TOLD,
                                        values, asked ? 2 : 1));
        kept_page_item_end(&r->page);
    }
    kept_page_list_end(&r->page);
}

static const char *choice(struct render *r, int category)
{
    const struct category_rule *c = &r->p->duties.categories[category];
    return kept_plain(r, c->necessary                      ? SAY_CK_C_NEEDED
                         : c->consent == KEPT_C_NONE       ? SAY_CK_C_TOLD
                         : c->consent == KEPT_C_SEPARATE   ? SAY_CK_C_SEPARATE
                                                           : SAY_CK_C_ASKED);
}

static void tracker(struct render *r, const struct tracker_rule *t)
{
    struct kept_mark mark = kept_mark("trackers", t->name, t->rule.clause);
    bool ours = t->recipient == KEPT_NO_INDEX;
    kept_page_row(&r->page);
    kept_cell(r, &mark, kept_saying(r, SAY_CK_NAME, KEPT_WITH({"text", kept_text_of(r, &t->text)})));
    kept_cell(r, NULL, kept_saying(r, SAY_CK_ABOUT,
                                   KEPT_WITH({"kind", kept_group(r, "tracker-kind",
                                                                 kept_key_word(TRACKER_kind, t->kind))},
                                             {"name", t->name},
                                             {"category", category_word(r, t->category)})));
    kept_cell(r, NULL, ours ? kept_plain(r, SAY_CK_OURS)
                            : kept_saying(r, SAY_CK_THEIRS,
                                          KEPT_WITH({"text", kept_name_text(r, KEPT_K_RECIPIENT, t->recipient)})));
    kept_cell(r, NULL, t->lifetime == 0 ? kept_plain(r, SAY_CK_SESSION)
                                        : kept_saying(r, SAY_I_TIME,
                                                      KEPT_WITH({"time", kept_time_of(r, t->lifetime)})));
    kept_cell(r, NULL, choice(r, t->category));
    kept_page_row_end(&r->page);
}

void kept_render_cookies(struct render *r)
{
    const struct duties *d = &r->p->duties;
    struct kept_mark mark = kept_mark("cookies", NULL, d->cookies.clause);
    const char *const columns[] = {kept_plain(r, SAY_CK_COL_WHAT), kept_plain(r, SAY_CK_COL_KIND),
                                   kept_plain(r, SAY_CK_COL_WHOSE), kept_plain(r, SAY_CK_COL_TIME),
                                   kept_plain(r, SAY_CK_COL_CONSENT)};
    if (d->tracker_count == 0) {
        kept_tell(r, &mark, kept_plain(r, SAY_CK_NONE));
        return;
    }
    kept_tell(r, &mark, kept_saying(r, SAY_CK_INTRO,
                                    KEPT_WITH({"count", kept_number_text(r, d->tracker_count)},
                                              {"one", kept_if(d->tracker_count == 1)})));
    kept_tell(r, &mark, kept_group(r, "opt-out", kept_key_word(COOKIES_opt_out, d->opt_out)));
    categories(r);
    kept_page_table(&r->page, "cookies-table", kept_plain(r, SAY_CK_CAPTION), columns, 5);
    for (size_t i = 0; i < d->tracker_count; i++)
        tracker(r, &d->trackers[i]);
    kept_page_table_end(&r->page);
}
