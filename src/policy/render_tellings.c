/* render_tellings.c - what people are told and sent: messages, incidents, changes of the notice, the end of
 * the service. */
#include "policy/render_int.h"
#include "policy/show_int.h"

/* ---- messages ---------------------------------------------------------------------------------- */

static const char *const classes[KEPT_MESSAGE_CLASSES] = {"marketing", "service", "security"};

void kept_render_messages(struct render *r)
{
    kept_tell(r, NULL, kept_plain(r, SAY_M_INTRO));
    kept_page_list(&r->page);
    for (unsigned i = 0; i < KEPT_MESSAGE_CLASSES; i++) {
        const struct message_rule *m = &r->p->duties.messages[i];
        struct kept_mark mark = kept_mark("messages", classes[i], m->rule.clause);
        if (!m->said)
            continue;
        kept_page_item(&r->page);
        kept_tell(r, &mark, kept_saying(r, SAY_M_ONE,
                                        KEPT_WITH({"class", kept_group(r, "message", classes[i])},
                                                  {"channels", kept_channels_of(r, m->channels)},
                                                  {"age", m->from_age > 0 ? kept_number_text(r, m->from_age) : ""},
                                                  {"off", kept_if(m->can_switch_off)})));
        kept_page_item_end(&r->page);
    }
    kept_page_list_end(&r->page);
}

/* ---- incidents --------------------------------------------------------------------------------- */

void kept_render_incidents(struct render *r)
{
    const char *const columns[] = {kept_plain(r, SAY_N_COL_WHO), kept_plain(r, SAY_N_COL_DUE),
                                   kept_plain(r, SAY_N_COL_HOW), kept_plain(r, SAY_N_COL_WHAT)};
    kept_tell(r, NULL, kept_plain(r, SAY_N_INTRO));
    kept_page_table(&r->page, "incidents-table", kept_plain(r, SAY_N_CAPTION), columns, 4);
    for (unsigned i = 0; i < KEPT_TOLD_COUNT; i++) {
        const struct incident_rule *told = &r->p->duties.incidents[i];
        const char *word = kept_key_row((enum key)(INCIDENT_persons + i))->name;
        struct kept_mark mark = kept_mark("incident", word, told->rule.clause);
        const char *fallback = told->fallback >= 0 ? kept_channels_of(r, 1u << told->fallback) : "";
        if (!told->said)
            continue;
        kept_page_row(&r->page);
        kept_cell(r, &mark, kept_saying(r, SAY_N_WHO, KEPT_WITH({"who", kept_group(r, "told", word)})));
        kept_cell(r, NULL, kept_saying(r, SAY_N_DUE, KEPT_WITH({"due", kept_due_of(r, &told->deadline)})));
        kept_cell(r, NULL, kept_saying(r, SAY_N_HOW,
                                       KEPT_WITH({"channels", kept_channels_of(r, told->channels)},
                                                 {"fallback", fallback})));
        kept_cell(r, NULL, kept_saying(r, SAY_N_WHAT, KEPT_WITH({"fields", kept_words_of_bits(r, "incident-field",
                                                                                 TOLD_fields, told->fields)})));
        kept_page_row_end(&r->page);
    }
    kept_page_table_end(&r->page);
}

/* ---- changes ----------------------------------------------------------------------------------- */

static void asked_anew(struct render *r, const struct telling_rule *t, const struct kept_mark *mark)
{
    bool separate = t->consent == KEPT_C_SEPARATE;
    kept_tell(r, mark, t->consent == KEPT_C_NONE
                           ? kept_plain(r, SAY_CH_UNASKED)
                           : kept_saying(r, SAY_CH_ASKED, KEPT_WITH({"separate", kept_if(separate)})));
    kept_page_par_end(&r->page);
}

static void told_of(struct render *r, const struct telling_rule *t, const struct kept_mark *mark,
                    enum saying id)
{
    kept_tell(r, mark, kept_saying(r, id, KEPT_WITH({"channels", kept_channels_of(r, t->channels)},
                                                    {"lead", kept_length_of(r, &t->lead)})));
    asked_anew(r, t, mark);
}

static void material(struct render *r, const struct telling_rule *t)
{
    struct kept_mark mark = kept_mark("changes", "material", t->rule.clause);
    kept_page_par_end(&r->page);
    kept_tell(r, &mark, kept_plain(r, SAY_CH_MATTERS));
    kept_page_list(&r->page);
    for (size_t i = 0; i < kept_key_words(MATERIAL_triggers); i++) {
        if ((t->triggers >> i & 1u) == 0)
            continue;
        kept_page_item(&r->page);
        kept_tell(r, &mark, kept_saying(r, SAY_LV_ONE,
                                        KEPT_WITH({"text", kept_group(r, "change", kept_key_word(
                                                                          MATERIAL_triggers, i))})));
        kept_page_item_end(&r->page);
    }
    kept_page_list_end(&r->page);
    told_of(r, t, &mark, SAY_CH_TOLD);
}

void kept_render_changes(struct render *r)
{
    const struct kept_policy *p = r->p;
    struct kept_mark mark = kept_mark("changes", NULL, p->changes.clause);
    struct kept_mark minor = kept_mark("changes", "minor", p->duties.minor.rule.clause);
    kept_tell(r, &mark, kept_saying(r, SAY_CH_WIDER, KEPT_WITH({"first", kept_if(p->shown_first)})));
    kept_tell(r, &mark, kept_saying(r, SAY_CH_CONTINUED, KEPT_WITH({"accepts", kept_if(p->continued_use)})));
    kept_tell(r, &mark, kept_plain(r, SAY_CH_BACK));
    if (p->duties.material.said)
        material(r, &p->duties.material);
    if (p->duties.minor.said)
        told_of(r, &p->duties.minor, &minor, SAY_CH_MINOR);
}

/* ---- the end ----------------------------------------------------------------------------------- */

void kept_render_end(struct render *r)
{
    const struct telling_rule *end = &r->p->duties.cessation;
    struct kept_mark mark = kept_mark("cessation", NULL, end->rule.clause);
    const char *text = kept_text_of(r, &r->p->cessation_text);
    if (end->channels != 0 || end->lead.n > 0)
        kept_tell(r, &mark, kept_saying(r, SAY_END_TOLD,
                                        KEPT_WITH({"channels", kept_channels_of(r, end->channels)},
                                                  {"lead", kept_length_of(r, &end->lead)})));
    kept_tell(r, &mark, text[0] != 0 ? kept_saying(r, SAY_K_CEASED, KEPT_WITH({"text", text}))
                                     : kept_plain(r, SAY_END_STOPS));
    kept_tell(r, &mark, kept_saying(r, SAY_END_DATA, KEPT_WITH({"then", kept_disposed(r, end->disposition)})));
}
