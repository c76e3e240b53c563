/* render_tables.c - the tables of what is collected, of purposes and of recipients: in the notice, and as
 * lists of their own. */
#include "policy/render_int.h"
#include "policy/show_int.h"

/* ---- items ------------------------------------------------------------------------------------ */

static void item_name(struct render *r, const struct item_rule *item, const struct kept_mark *mark)
{
    kept_page_cell(&r->page, mark);
    kept_tell(r, NULL, kept_saying(r, SAY_I_NAME, KEPT_WITH({"text", kept_text_of(r, &item->text)})));
    if (item->pub.sensitive)
        kept_page_badge(&r->page, NULL, kept_plain(r, SAY_I_SENSITIVE));
    kept_page_cell_end(&r->page);
}

static const char *choices(struct render *r, const struct item_rule *item)
{
    const struct kept_limits *l = item->pub.limits;
    struct listing words = kept_listing_new(r, l->choice_count);
    for (size_t i = 0; i < l->choice_count; i++)
        kept_listing_add(&words, kept_text_of(r, &item->choice_texts[i]));
    return kept_saying(r, SAY_I_CHOICES, KEPT_WITH({"choices", kept_listed(r, words.v, words.n)}));
}

static const char *match(struct render *r, const struct item_rule *item)
{
    uint32_t met = kept_policy_index(r->p, KEPT_K_ITEM, item->pub.match);
    uint32_t through = kept_policy_index(r->p, KEPT_K_FUNCTION, item->pub.found_through);
    return kept_saying(r, SAY_I_MATCH,
                    KEPT_WITH({"item", kept_name_text(r, KEPT_K_ITEM, met)},
                              {"function", kept_name_text(r, KEPT_K_FUNCTION, through)},
                              {"count", kept_number_text(r, item->pub.match_limit)}));
}

static void item_about(struct render *r, const struct item_rule *item)
{
    kept_page_cell(&r->page, NULL);
    kept_tell(r, NULL, kept_saying(r, SAY_I_ABOUT,
                                KEPT_WITH({"information", kept_group(r, "information", item->information)},
                                          {"source", kept_group(r, "source", item->source)})));
    if (item->pub.limits != NULL && item->pub.limits->choice_count > 0)
        kept_tell(r, NULL, choices(r, item));
    if (item->separate_consent)
        kept_tell(r, NULL, kept_plain(r, SAY_I_SEPARATE));
    if (item->pub.hashed)
        kept_tell(r, NULL, kept_plain(r, SAY_I_HASH));
    if (item->pub.locked)
        kept_tell(r, NULL, kept_plain(r, SAY_I_LOCKED));
    if (item->pub.by_code)
        kept_tell(r, NULL, kept_plain(r, SAY_I_BY_CODE));
    if (item->pub.match != 0)
        kept_tell(r, NULL, match(r, item));
    if (item->pub.many && item->pub.place != KEPT_PLACE_DEVICE && item->pub.place != KEPT_PLACE_TRANSIENT)
        kept_tell(r, NULL, kept_plain(r, SAY_I_MANY));
    if (item->pub.token)
        kept_tell(r, NULL, kept_plain(r, SAY_I_TOKEN));
    if (item->pub.mask_whole)
        kept_tell(r, NULL, kept_plain(r, SAY_I_WHOLE));
    if (item->partition != 0)
        kept_tell(r, NULL, kept_saying(r, SAY_I_APART,
                                       KEPT_WITH({"partition", kept_name_text(r, KEPT_K_PARTITION, item->partition)})));
    kept_page_cell_end(&r->page);
}

const char *kept_item_end(struct render *r, const struct item_rule *item)
{
    if (item->pub.place == KEPT_PLACE_DEVICE)
        return kept_plain(r, SAY_I_DEVICE);
    if (item->pub.place == KEPT_PLACE_TRANSIENT)
        return kept_plain(r, SAY_I_TRANSIENT);
    if (item->pub.retain == 0)
        return kept_plain(r, SAY_I_ACCOUNT);
    return kept_saying(r, SAY_I_TIME, KEPT_WITH({"time", kept_time_of(r, item->pub.retain)}));
}

static void item_time(struct render *r, const struct item_rule *item)
{
    struct kept_mark mark = kept_rule_mark("items", item->pub.name, &item->rule);
    mark.part = "retain";
    kept_page_cell(&r->page, &mark);
    kept_tell(r, NULL, kept_item_end(r, item));
    if (item->pub.place == KEPT_PLACE_EXTERNAL)
        kept_tell(r, NULL, kept_plain(r, SAY_I_EXTERNAL));
    if (item->statute != NULL)
        kept_tell(r, NULL, kept_saying(r, SAY_I_LAW, KEPT_WITH({"statute", kept_text_of(r, &item->statutes)})));
    if (item->pub.class == KEPT_CLASS_LAW)
        kept_tell(r, NULL, kept_plain(r, SAY_I_OUTLIVES));
    if (item->pub.at_least > 0)
        kept_tell(r, NULL, kept_saying(r, SAY_I_LEAST, KEPT_WITH({"time", kept_time_of(r, item->pub.at_least)})));
    if (item->pub.then == KEPT_DISPOSE_ANONYMISE)
        kept_tell(r, NULL, kept_plain(r, SAY_I_ANONYMOUS));
    if (item->pub.then == KEPT_DISPOSE_ARCHIVE)
        kept_tell(r, NULL, kept_saying(r, SAY_I_ARCHIVE, KEPT_WITH({"time", kept_time_of(r, item->pub.archive)})));
    kept_page_cell_end(&r->page);
}

/* Items of a log's fields that are kept in one of the ways of a mask (1u << kept_log_keep). */
static const char *fields_of(struct render *r, const struct kept_log *log, unsigned ways)
{
    struct list items = kept_list_new(r, log->field_count);
    for (size_t i = 0; i < log->field_count; i++)
        if ((ways >> log->fields[i].keep & 1u) != 0 && !kept_list_has(&items, log->fields[i].item))
            kept_list_add(&items, log->fields[i].item);
    return items.n == 0 ? NULL : kept_names_of(r, KEPT_K_ITEM, &items);
}

static void log_book(struct render *r, const struct log_book *log)
{
    const struct kept_mark mark = kept_mark("logs", log->pub.name, log->pub.clause);
    const char *network = fields_of(r, &log->pub, 1u << KEPT_LOG_NETWORK);
    const char *tokens = fields_of(r, &log->pub, 1u << KEPT_LOG_TOKEN | 1u << KEPT_LOG_TOKENS);
    const char *all = fields_of(r, &log->pub, ~0u);
    kept_tell(r, &mark, kept_saying(r, SAY_LOG_KEPT,
                                    KEPT_WITH({"text", kept_text_of(r, &log->text)}, {"items", all != NULL ? all : ""},
                                              {"purposes", kept_names_of(r, KEPT_K_PURPOSE, &log->purposes)},
                                              {"time", kept_time_of(r, log->pub.retain)})));
    if (network != NULL)
        kept_tell(r, &mark, kept_saying(r, SAY_LOG_NETWORK, KEPT_WITH({"items", network})));
    if (tokens != NULL)
        kept_tell(r, &mark, kept_saying(r, SAY_LOG_TOKENS, KEPT_WITH({"items", tokens})));
}

static void logs(struct render *r)
{
    struct kept_mark mark = kept_mark("log", NULL, r->p->duties.log.clause);
    if (r->p->duties.log_personal == LOG_NEVER)
        kept_tell(r, &mark, kept_plain(r, SAY_LOG_NEVER));
    else
        kept_tell(r, &mark, kept_saying(r, SAY_LOG_DECLARED,
                                        KEPT_WITH({"information", kept_group(r, "information", "log")})));
}

void kept_render_items(struct render *r)
{
    const struct kept_policy *p = r->p;
    const char *const columns[] = {kept_plain(r, SAY_I_COL_ITEM), kept_plain(r, SAY_I_COL_SOURCE),
                                   kept_plain(r, SAY_I_COL_PURPOSE), kept_plain(r, SAY_I_COL_FUNCTION),
                                   kept_plain(r, SAY_I_COL_TIME)};
    struct kept_mark undeclared = kept_mark("undeclared", NULL, p->undeclared.clause);
    kept_tell(r, NULL, kept_saying(r, SAY_I_INTRO,
                                KEPT_WITH({"count", kept_number_text(r, p->info.items)})));
    kept_tell(r, &undeclared, kept_plain(r, SAY_I_UNDECLARED));
    if (p->duties.log_personal != LOG_UNSAID)
        logs(r);
    for (size_t i = 0; i < p->duties.log_count; i++)
        log_book(r, &p->duties.logs[i]);
    kept_page_table(&r->page, "collected", kept_plain(r, SAY_I_CAPTION), columns, 5);
    for (size_t i = 0; i < p->info.items; i++) {
        const struct item_rule *item = &p->items[i];
        struct kept_mark mark = kept_rule_mark("items", item->pub.name, &item->rule);
        struct list purposes = kept_item_purposes(r, i);
        struct list functions = kept_functions_with(r, KEPT_K_ITEM, i);
        kept_page_row(&r->page);
        item_name(r, item, &mark);
        item_about(r, item);
        kept_cell(r, NULL, kept_names_of(r, KEPT_K_PURPOSE, &purposes));
        kept_cell(r, NULL, kept_names_of(r, KEPT_K_FUNCTION, &functions));
        item_time(r, item);
        kept_page_row_end(&r->page);
    }
    kept_page_table_end(&r->page);
}

/* ---- purposes --------------------------------------------------------------------------------- */

void kept_render_purposes(struct render *r)
{
    const struct kept_policy *p = r->p;
    const char *const columns[] = {kept_plain(r, SAY_P_COL_PURPOSE), kept_plain(r, SAY_P_COL_CONSENT),
                                   kept_plain(r, SAY_P_COL_FUNCTIONS)};
    kept_page_table(&r->page, "purposes-table", kept_plain(r, SAY_P_CAPTION), columns, 3);
    for (size_t i = 0; i < p->info.purposes; i++) {
        const struct purpose_rule *purpose = &p->purposes[i];
        struct kept_mark mark = kept_mark("purposes", purpose->name, purpose->rule.clause);
        struct list functions = kept_functions_with(r, KEPT_K_PURPOSE, i);
        kept_page_row(&r->page);
        kept_cell(r, &mark, kept_saying(r, SAY_P_NAME, KEPT_WITH({"text", kept_text_of(r, &purpose->text)})));
        kept_page_cell(&r->page, NULL);
        if (purpose->law)
            kept_tell(r, NULL, kept_plain(r, SAY_P_LAW));
        else
            kept_tell(r, NULL, kept_group(r, "purpose-consent", kept_show_consent(purpose->consent)));
        if (purpose->related.n > 0)
            kept_tell(r, NULL,
                      kept_saying(r, SAY_P_RELATED,
                               KEPT_WITH({"purposes", kept_names_of(r, KEPT_K_PURPOSE, &purpose->related)})));
        kept_page_cell_end(&r->page);
        kept_cell(r, NULL, kept_names_of(r, KEPT_K_FUNCTION, &functions));
        kept_page_row_end(&r->page);
    }
    kept_page_table_end(&r->page);
}

/* ---- recipients ------------------------------------------------------------------------------- */

static void recipient_who(struct render *r, const struct recipient_rule *to)
{
    struct kept_mark mark = kept_rule_mark("recipients", to->name, &to->rule);
    kept_page_cell(&r->page, &mark);
    kept_tell(r, NULL, kept_saying(r, SAY_R_NAME, KEPT_WITH({"text", kept_text_of(r, &to->text)})));
    kept_page_cell_end(&r->page);
}

static void recipient_what(struct render *r, const struct recipient_rule *to)
{
    kept_page_cell(&r->page, NULL);
    if (to->items.n > 0)
        kept_tell(r, NULL, kept_saying(r, SAY_R_ITEMS,
                                    KEPT_WITH({"items", kept_names_of(r, KEPT_K_ITEM, &to->items)})));
    if (to->masked_all && to->items.n > 0)
        kept_tell(r, NULL, kept_plain(r, SAY_R_MASKED_ALL));
    else if (to->masked.n > 0)
        kept_tell(r, NULL, kept_saying(r, SAY_R_MASKED,
                                    KEPT_WITH({"items", kept_names_of(r, KEPT_K_ITEM, &to->masked)})));
    if (to->aggregate_only)
        kept_tell(r, NULL, kept_plain(r, SAY_R_AGGREGATE));
    if (to->gives.n > 0)
        kept_tell(r, NULL, kept_saying(r, SAY_R_GIVES,
                                    KEPT_WITH({"items", kept_names_of(r, KEPT_K_ITEM, &to->gives)},
                                              {"lawful", kept_text_of(r, &to->lawful_source)})));
    if (to->permissions.n > 0)
        kept_tell(r, NULL,
                  kept_saying(r, SAY_R_PERMISSIONS,
                           KEPT_WITH({"permissions",
                                      kept_names_of(r, KEPT_K_PERMISSION, &to->permissions)})));
    kept_page_cell_end(&r->page);
}

static void recipient_terms(struct render *r, const struct recipient_rule *to)
{
    kept_page_cell(&r->page, NULL);
    kept_tell(r, NULL, kept_group(r, "recipient-consent", kept_show_consent(to->consent)));
    kept_tell(r, NULL,
              kept_saying(r, SAY_R_ABOUT,
                          KEPT_WITH({"kind", kept_group(r, "recipient-kind", to->kind)},
                                    {"role", kept_group(r, "recipient-role",
                                                        kept_show_recipient_role(to->role))})));
    kept_tell(r, NULL, kept_group(r, "onward", to->onward));
    if (to->sdk)
        kept_tell(r, NULL, kept_plain(r, to->self_start == SELF_START_CONSENT ? SAY_R_START_CONSENT
                                                                              : SAY_R_START_NEVER));
    if (to->agreement.line != 0) {
        struct kept_mark mark = kept_mark("recipients", to->name, to->agreement.clause);
        mark.part = "agreement";
        kept_tell(r, &mark, kept_saying(r, SAY_R_AGREEMENT,
                                     KEPT_WITH({"signed", kept_date_of(r, to->signed_at)},
                                               {"expires", kept_date_of(r, to->expires_at)})));
        if (to->checked)
            kept_tell(r, &mark, kept_plain(r, SAY_R_CHECKED));
    }
    if (to->link != NULL)
        kept_page_link(&r->page, NULL, to->link, kept_plain(r, SAY_R_LINK));
    kept_page_cell_end(&r->page);
}

static void recipient_row(struct render *r, const struct recipient_rule *to)
{
    kept_page_row(&r->page);
    recipient_who(r, to);
    recipient_what(r, to);
    kept_cell(r, NULL, kept_names_of(r, KEPT_K_PURPOSE, &to->purposes));
    kept_page_cell(&r->page, NULL);
    kept_tell(r, NULL, kept_saying(r, SAY_R_WHERE, KEPT_WITH({"region", kept_region_word(r, to->region)})));
    if (to->mechanism != NULL)
        kept_tell(r, NULL, kept_saying(r, SAY_R_EXPORT,
                                    KEPT_WITH({"mechanism", kept_group(r, "mechanism", to->mechanism)})));
    kept_page_cell_end(&r->page);
    recipient_terms(r, to);
    kept_page_row_end(&r->page);
}

void kept_render_recipients(struct render *r)
{
    const struct kept_policy *p = r->p;
    const char *const columns[] = {kept_plain(r, SAY_R_COL_WHO), kept_plain(r, SAY_R_COL_ITEMS),
                                   kept_plain(r, SAY_R_COL_PURPOSE), kept_plain(r, SAY_R_COL_WHERE),
                                   kept_plain(r, SAY_R_COL_CONSENT)};
    if (p->info.recipients == 0) {
        kept_tell(r, NULL, kept_plain(r, SAY_R_NONE));
        return;
    }
    kept_tell(r, NULL, kept_saying(r, SAY_R_INTRO,
                                KEPT_WITH({"count", kept_number_text(r, p->info.recipients)})));
    kept_page_table(&r->page, "recipients-table", kept_plain(r, SAY_R_CAPTION), columns, 5);
    for (size_t i = 0; i < p->info.recipients; i++)
        recipient_row(r, &p->recipients[i]);
    kept_page_table_end(&r->page);
}
