/* render_notice.c - the privacy notice: its sections in order, and what each says. */
#include <string.h>

#include "policy/render_int.h"
#include "policy/show_int.h"

/* ---- what to know first ------------------------------------------------------------------------ */

static void first(struct render *r)
{
    const struct kept_policy *p = r->p;
    kept_page_list(&r->page);
    for (size_t i = 0; i < p->sentence_count; i++) {
        struct kept_mark mark =
            kept_mark("notice", kept_number_text(r, i + 1),
                      p->sentence_rules[i].clause[0] != 0 ? p->sentence_rules[i].clause : p->notice.clause);
        mark.strong = p->sentence_rules[i].highlight;
        kept_page_item(&r->page);
        kept_tell(r, &mark, kept_text_of(r, &p->sentences[i]));
        kept_page_item_end(&r->page);
    }
    kept_page_list_end(&r->page);
}

/* ---- permissions ------------------------------------------------------------------------------- */

static void permissions(struct render *r)
{
    const struct kept_policy *p = r->p;
    kept_tell(r, NULL, kept_plain(r, SAY_PERM_INTRO));
    kept_page_list(&r->page);
    for (size_t i = 0; i < p->info.permissions; i++) {
        struct kept_mark mark = kept_mark("permissions", p->permissions[i].name, p->permissions[i].rule.clause);
        struct list uses = kept_functions_with(r, KEPT_K_PERMISSION, i);
        const char *text = kept_text_of(r, &p->permissions[i].text);
        kept_page_item(&r->page);
        if (uses.n > 0)
            kept_tell(r, &mark, kept_saying(r, SAY_PERM_FOR,
                                         KEPT_WITH({"text", text},
                                                   {"functions", kept_names_of(r, KEPT_K_FUNCTION, &uses)})));
        else
            kept_tell(r, &mark, kept_saying(r, SAY_PERM_UNUSED, KEPT_WITH({"text", text})));
        kept_page_item_end(&r->page);
    }
    kept_page_list_end(&r->page);
}

/* ---- where, how long, what one can do ----------------------------------------------------------- */

static void places(struct render *r)
{
    const struct kept_policy *p = r->p;
    struct kept_mark stored = kept_mark("regions", "stored", p->stored.clause);
    struct kept_mark export = kept_mark("regions", "export", p->stored.clause);
    struct kept_mark served = kept_mark("regions", "served", p->served.clause);
    kept_tell(r, &stored, kept_saying(r, SAY_STORED, KEPT_WITH({"regions", kept_regions_of(r, &p->stored_in)})));
    kept_tell(r, &export,
              kept_plain(r, p->export == EXPORT_NEVER ? SAY_EXPORT_NEVER : SAY_EXPORT_CONDITIONAL));
    if (p->served_said)
        kept_tell(r, &served,
                  kept_saying(r, SAY_SERVED, KEPT_WITH({"regions", kept_regions_of(r, &p->served_in)})));
}

static void times(struct render *r)
{
    const struct kept_policy_info *info = &r->p->info;
    struct kept_mark rotation = kept_mark("rotation", NULL, "");
    struct kept_mark window = kept_mark("backup_window", NULL, "");
    struct kept_mark evidence = kept_mark("evidence", NULL, "");
    kept_tell(r, NULL, kept_plain(r, SAY_T_ITEMS));
    kept_tell(r, &rotation,
              kept_saying(r, SAY_T_ROTATION, KEPT_WITH({"time", kept_time_of(r, info->rotation)})));
    kept_tell(r, &window, kept_saying(r, SAY_T_BACKUP, KEPT_WITH({"time", kept_time_of(r, info->window)})));
    kept_tell(r, &evidence,
              kept_saying(r, SAY_T_EVIDENCE, KEPT_WITH({"time", kept_time_of(r, info->evidence)})));
}

static void choices(struct render *r)
{
    const struct kept_policy *p = r->p;
    struct kept_mark refusal = kept_mark("refusal", NULL, p->refusal.clause);
    struct kept_mark withdrawal = kept_mark("withdrawal", NULL, p->withdrawal.clause);
    struct kept_mark consent = kept_mark("consent", NULL, p->consent.clause);
    struct kept_mark ask = kept_mark("controller", NULL, p->controller_rule.clause);
    const char *effect = kept_effect(r, p->info.withdrawal);
    kept_tell(r, &refusal, kept_plain(r, SAY_C_REFUSE));
    kept_tell(r, &refusal, kept_text_of(r, &p->refusal_text));
    kept_page_par_end(&r->page);
    kept_tell(r, &withdrawal, kept_saying(r, SAY_C_WITHDRAW, KEPT_WITH({"effect", effect})));
    if (p->info.implied_by_use)
        kept_tell(r, &consent, kept_plain(r, SAY_C_IMPLIED));
    kept_tell(r, &consent, kept_saying(r, SAY_C_VERSIONS, KEPT_WITH({"again", kept_if(p->ask_again)})));
    kept_page_par_end(&r->page);
    if (kept_first_right(p) == NULL) /* else the section on rights says it */
        kept_tell(r, &ask, kept_saying(r, SAY_C_ASK, KEPT_WITH({"contact", p->contact})));
}

/* ---- ages -------------------------------------------------------------------------------------- */

#define OLDEST 200 /* below: of a band that has no end */

static const char *range(struct render *r, const struct band_rule *band)
{
    struct kept_value from = {"from", kept_number_text(r, (unsigned)band->from)};
    struct kept_value below = {"below", kept_number_text(r, (unsigned)band->below)};
    struct kept_value both[] = {from, below};
    bool top = band->below >= OLDEST;
    if (band->from == 0)
        return top ? kept_plain(r, SAY_A_ALL) : kept_saying(r, SAY_A_BELOW, &below, 1);
    return top ? kept_saying(r, SAY_A_FROM, &from, 1) : kept_saying(r, SAY_A_RANGE, both, 2);
}

static void band(struct render *r, const struct band_rule *band)
{
    struct kept_mark mark =
        kept_mark("age", kept_number_text(r, (unsigned)band->from), band->rule.clause);
    const char *ages = range(r, band);
    bool asked = band->mode == BAND_GUARDIAN || band->mode == BAND_SELF_AND_GUARDIAN;
    enum saying id = band->mode == BAND_BLOCK      ? SAY_A_BLOCK
                     : band->mode == BAND_GUARDIAN ? SAY_A_GUARDIAN
                     : asked                       ? SAY_A_BOTH
                                                   : SAY_A_SELF;
    struct kept_value values[] = {{"range", ages},
                                  {"written", kept_if(band->written)},
                                  {"express", kept_if(band->form != NULL && !band->written)}};
    kept_page_item(&r->page);
    kept_tell(r, &mark, kept_saying(r, id, values, asked ? 3 : 1));
    kept_page_item_end(&r->page);
}

static const char *guardian_words(struct render *r, const char *const *words, size_t count)
{
    struct listing said = kept_listing_new(r, count);
    for (size_t i = 0; i < count; i++)
        kept_listing_add(&said, kept_group(r, "guardian", words[i]));
    return kept_listed(r, said.v, said.n);
}

static void ages(struct render *r)
{
    const struct kept_policy *p = r->p;
    const struct guardian_rule *g = &p->guardian;
    struct kept_mark age = kept_mark("age", NULL, p->age.clause);
    struct kept_mark guardian = kept_mark("age", "guardian", g->rule.clause);
    struct kept_mark found = kept_mark("age", "on_discovery", p->age.clause);
    bool asked = false;
    kept_page_list(&r->page);
    for (size_t i = 0; i < p->band_count; i++) {
        band(r, &p->bands[i]);
        asked = asked || p->bands[i].mode == BAND_GUARDIAN ||
                p->bands[i].mode == BAND_SELF_AND_GUARDIAN;
    }
    kept_page_list_end(&r->page);
    kept_tell(r, &age, kept_saying(r, SAY_A_UNKNOWN, KEPT_WITH({"allowed", kept_if(p->age_unknown_allowed)})));
    if (p->duties.on_discovery != 0)
        kept_tell(r, &found,
                  kept_saying(r, SAY_A_FOUND,
                              KEPT_WITH({"acts", kept_words_of_bits(r, "discovery", AGE_on_discovery,
                                                                    p->duties.on_discovery)})));
    if (asked)
        kept_tell(r, &guardian,
                  kept_saying(r, SAY_A_SHOWN,
                           KEPT_WITH({"relations", guardian_words(r, g->relations, g->relation_count)},
                                     {"methods", guardian_words(r, g->methods, g->method_count)},
                                     {"evidence", kept_if(g->evidence)})));
}

/* ---- what needs no agreement, and who sees it --------------------------------------------------- */

static void exemptions(struct render *r)
{
    static const struct {
        enum kept_use use;
        const char *word;
    } all[] = {{KEPT_USE_COLLECT, "collect"}, {KEPT_USE_READ, "use"}, {KEPT_USE_DISCLOSE, "share"}};
    kept_tell(r, NULL, kept_plain(r, SAY_E_INTRO));
    kept_page_list(&r->page);
    for (size_t i = 0; i < r->p->exemption_count; i++) {
        const struct exemption_rule *e = &r->p->exemptions[i];
        struct kept_mark mark = kept_rule_mark("exemptions", e->code, &e->rule);
        const char *uses[3] = {0};
        size_t n = 0;
        for (size_t u = 0; u < 3; u++)
            if ((e->uses >> all[u].use & 1u) != 0)
                uses[n++] = kept_group(r, "exemption-use", all[u].word);
        kept_page_item(&r->page);
        kept_tell(r, &mark, kept_saying(r, SAY_E_ONE,
                                     KEPT_WITH({"text", kept_text_of(r, &e->text)},
                                               {"uses", kept_listed(r, uses, n)},
                                               {"notice", kept_if(e->spares_notice)},
                                               {"age", kept_if(e->spares_age)},
                                               {"deidentified", kept_if(e->deidentified)})));
        kept_page_item_end(&r->page);
    }
    kept_page_list_end(&r->page);
}

/* What is kept apart, and of it what a role reaches. */
static void apart(struct render *r)
{
    for (size_t i = 0; i < r->p->info.partitions; i++) {
        const struct partition_rule *one = &r->p->partitions[i];
        struct kept_mark mark = kept_mark("partitions", one->name, one->rule.clause);
        if (i > 0 || one->text.v != NULL)
            kept_tell(r, &mark, kept_saying(r, i > 0 ? SAY_O_APART : SAY_O_REST,
                                            KEPT_WITH({"text", kept_name_text(r, KEPT_K_PARTITION, (uint32_t)i)})));
    }
}

static void reaches(struct render *r, const struct role_rule *role, struct kept_mark mark)
{
    struct list walled = kept_list_new(r, role->partitions.n);
    mark.part = "partitions";
    for (size_t i = 0; i < role->partitions.n; i++)
        if (role->partitions.v[i] != 0)
            kept_list_add(&walled, role->partitions.v[i]);
    if (r->p->info.partitions > 1)
        kept_tell(r, &mark, kept_saying(r, SAY_O_REACHES,
                                        KEPT_WITH({"apart", kept_names_of(r, KEPT_K_PARTITION, &walled)})));
}

static void roles(struct render *r)
{
    apart(r);
    kept_tell(r, NULL, kept_plain(r, SAY_O_INTRO));
    kept_page_list(&r->page);
    for (size_t i = 0; i < r->p->info.roles; i++) {
        const struct role_rule *role = &r->p->roles[i];
        struct kept_mark mark = kept_mark("roles", role->name, role->rule.clause);
        const char *text = kept_text_of(r, &role->text);
        if (role->name[0] == 0) /* the app itself is what the whole notice is about */
            continue;
        text = text[0] != 0 ? text : role->name;
        kept_page_item(&r->page);
        if (!role->sees_all && role->sees.n + role->raw.n == 0)
            kept_tell(r, &mark, kept_saying(r, SAY_O_NOTHING, KEPT_WITH({"text", text})));
        else
            kept_tell(r, &mark,
                      kept_saying(r, SAY_O_ROLE,
                               KEPT_WITH({"text", text}, {"all", kept_if(role->sees_all)},
                                         {"masked", kept_names_of(r, KEPT_K_ITEM, &role->sees)},
                                         {"raw", kept_names_of(r, KEPT_K_ITEM, &role->raw)},
                                         {"any", kept_if(role->all_purposes)},
                                         {"purposes", kept_names_of(r, KEPT_K_PURPOSE, &role->purposes)},
                                         {"law", kept_if(role->law)})));
        if (role->sees_all || role->sees.n + role->raw.n > 0)
            reaches(r, role, mark);
        kept_page_item_end(&r->page);
    }
    kept_page_list_end(&r->page);
}

/* ---- contact -------------------------------------------------------------------------------------- */

static void contact(struct render *r)
{
    const struct kept_policy *p = r->p;
    struct kept_mark mark = kept_mark("controller", NULL, p->controller_rule.clause);
    struct kept_mark law = kept_mark("jurisdiction", NULL, "");
    kept_tell(r, &mark, kept_saying(r, SAY_CONTROLLER, KEPT_WITH({"controller", kept_text_of(r, &p->controller)})));
    kept_tell(r, &mark, kept_saying(r, SAY_K_MAIL, KEPT_WITH({"contact", p->contact})));
    if (p->officer != NULL)
        kept_tell(r, &mark, kept_saying(r, SAY_K_OFFICER, KEPT_WITH({"officer", p->officer})));
    if (p->address.v != NULL)
        kept_tell(r, &mark, kept_saying(r, SAY_K_ADDRESS, KEPT_WITH({"address", kept_text_of(r, &p->address)})));
    if (p->phone != NULL)
        kept_tell(r, &mark, kept_saying(r, SAY_K_PHONE, KEPT_WITH({"phone", p->phone})));
    kept_page_par_end(&r->page);
    const char *laws[1 + KEPT_MAX_PROFILES] = {kept_group(r, "region", p->jurisdiction)};
    size_t n = 1;
    for (size_t i = 0; i < p->profile_count; i++)
        if (strcmp(p->profiles[i]->jurisdiction, p->jurisdiction) != 0)
            laws[n++] = kept_group(r, "region", p->profiles[i]->jurisdiction);
    kept_tell(r, &law, kept_saying(r, SAY_K_LAW, KEPT_WITH({"law", kept_listed(r, laws, n)})));
}

/* ---- the notice ---------------------------------------------------------------------------------- */

void kept_render_dates(struct render *r)
{
    const struct kept_policy *p = r->p;
    struct kept_mark version = kept_mark("version", NULL, "");
    struct kept_mark authority = kept_mark("languages", NULL, "");
    kept_tell(r, &version, kept_saying(r, SAY_VERSION,
                                    KEPT_WITH({"version", kept_number_text(r, p->info.version)},
                                              {"issued", kept_date_of(r, p->info.issued)},
                                              {"effective", kept_date_of(r, p->info.effective)})));
    struct listing others = kept_listing_new(r, p->info.languages);
    for (size_t i = 0; i < p->info.languages; i++)
        if (i != r->index)
            kept_listing_add(&others, kept_group(r, "language", p->languages[i]));
    if (others.n > 0)
        kept_tell(r, &authority,
                  kept_saying(r, SAY_AUTHORITY,
                           KEPT_WITH({"language", kept_group(r, "language", p->languages[0])},
                                     {"others", kept_listed(r, others.v, others.n)})));
}

/* ---- which sections there are ------------------------------------------------------------------- */

static bool any_permission(const struct kept_policy *p)
{
    return p->info.permissions > 0;
}

static bool any_cookie(const struct kept_policy *p)
{
    return p->duties.cookies.line != 0;
}

static bool any_right(const struct kept_policy *p)
{
    return kept_first_right(p) != NULL || p->rights_by_law != 0;
}

static bool any_account(const struct kept_policy *p)
{
    return p->duties.account.rule.line != 0 || p->duties.cancellation.rule.line != 0;
}

static bool any_band(const struct kept_policy *p)
{
    return p->band_count > 0;
}

static bool any_message(const struct kept_policy *p)
{
    bool any = false;
    for (unsigned i = 0; i < KEPT_MESSAGE_CLASSES; i++)
        any = any || p->duties.messages[i].said;
    return any;
}

static bool any_exemption(const struct kept_policy *p)
{
    return p->exemption_count > 0;
}

static bool any_role(const struct kept_policy *p)
{
    return p->info.roles > 1;
}

static bool any_incident(const struct kept_policy *p)
{
    bool any = false;
    for (unsigned i = 0; i < KEPT_TOLD_COUNT; i++)
        any = any || p->duties.incidents[i].said;
    return any;
}

static bool any_end(const struct kept_policy *p)
{
    return p->duties.cessation.said;
}

/* A section that would say nothing is left out; there NULL: it always says something. */
static const struct part {
    const char *id;
    enum saying title;
    void (*write)(struct render *r);
    bool (*there)(const struct kept_policy *p);
} sections[] = {
    {"first", SAY_S_FIRST, first, NULL},
    {"functions", SAY_S_FUNCTIONS, kept_render_functions, NULL},
    {"items", SAY_S_ITEMS, kept_render_items, NULL},
    {"purposes", SAY_S_PURPOSES, kept_render_purposes, NULL},
    {"permissions", SAY_S_PERMISSIONS, permissions, any_permission},
    {"cookies", SAY_S_COOKIES, kept_render_cookies, any_cookie},
    {"recipients", SAY_S_RECIPIENTS, kept_render_recipients, NULL},
    {"places", SAY_S_PLACES, places, NULL},
    {"times", SAY_S_TIMES, times, NULL},
    {"choices", SAY_S_CHOICES, choices, NULL},
    {"rights", SAY_S_RIGHTS, kept_render_rights, any_right},
    {"account", SAY_S_ACCOUNT, kept_render_account, any_account},
    {"ages", SAY_S_AGES, ages, any_band},
    {"messages", SAY_S_MESSAGES, kept_render_messages, any_message},
    {"exemptions", SAY_S_EXEMPTIONS, exemptions, any_exemption},
    {"roles", SAY_S_ROLES, roles, any_role},
    {"incidents", SAY_S_INCIDENTS, kept_render_incidents, any_incident},
    {"changes", SAY_S_CHANGES, kept_render_changes, NULL},
    {"end", SAY_S_END, kept_render_end, any_end},
    {"contact", SAY_S_CONTACT, contact, NULL},
};
#define SECTIONS (sizeof sections / sizeof sections[0])

void kept_render_notice(struct render *r)
{
    const char *ids[SECTIONS] = {NULL}, *titles[SECTIONS] = {NULL};
    const struct part *there[SECTIONS] = {NULL};
    size_t n = 0;
    for (size_t i = 0; i < SECTIONS; i++)
        if (sections[i].there == NULL || sections[i].there(r->p)) {
            there[n] = &sections[i];
            ids[n] = sections[i].id;
            titles[n++] = kept_plain(r, sections[i].title);
        }
    kept_render_dates(r);
    kept_page_contents(&r->page, kept_plain(r, SAY_CONTENTS), ids, titles, n);
    for (size_t i = 0; i < n; i++) {
        kept_page_section(&r->page, ids[i], titles[i]);
        there[i]->write(r);
        kept_page_section_end(&r->page);
    }
}
