/* render_functions.c - what each function does, takes and asks for. */
#include "policy/render_int.h"
#include "policy/show_int.h"

#define SYSTEMS ((unsigned)(OS_linux - OS_android) + 1)

static void function_asks(struct render *r, const struct function_rule *f, const struct kept_mark *mark)
{
    kept_tell(r, mark, kept_group(r, "function-consent", kept_show_consent(f->consent)));
    if (f->basis != BASIS_CONSENT)
        kept_tell(r, mark, kept_group(r, "function-basis", kept_show_basis(f->basis)));
    if (f->each_launch)
        kept_tell(r, mark, kept_plain(r, SAY_F_EACH));
    kept_tell(r, mark, kept_saying(r, SAY_F_COST, KEPT_WITH({"cost", kept_text_of(r, &f->cost)})));
    if (f->consent > KEPT_C_ACKNOWLEDGEMENT)
        kept_tell(r, mark, kept_saying(r, SAY_F_WITHDRAWAL, KEPT_WITH({"effect", kept_effect(r, f->effect)})));
}

/* On which clients it is offered. */
static void function_offered(struct render *r, const struct function_rule *f, const struct kept_mark *mark)
{
    const struct client_rule *c = &f->client;
    const char *systems[SYSTEMS];
    size_t n = 0;
    for (unsigned i = 0; i < SYSTEMS; i++) {
        const char *word = kept_group(r, "system", kept_key_row((enum key)(OS_android + i))->name);
        if ((c->systems >> i & 1u) != 0)
            systems[n++] = c->os_from[i] == NULL
                               ? word
                               : kept_saying(r, SAY_F_SYSTEM_FROM,
                                             KEPT_WITH({"system", word}, {"version", c->os_from[i]}));
    }
    if (c->surfaces != 0)
        kept_tell(r, mark, kept_saying(r, SAY_F_SURFACES,
                                       KEPT_WITH({"surfaces", kept_words_of_bits(r, "surface", CLIENT_surfaces,
                                                                                 c->surfaces)})));
    if (n > 0)
        kept_tell(r, mark, kept_saying(r, SAY_F_SYSTEMS, KEPT_WITH({"systems", kept_listed(r, systems, n)})));
    if (c->app_from != NULL)
        kept_tell(r, mark, kept_saying(r, SAY_F_APP_FROM, KEPT_WITH({"version", c->app_from})));
    if (c->app_below != NULL)
        kept_tell(r, mark, kept_saying(r, SAY_F_APP_BELOW, KEPT_WITH({"version", c->app_below})));
}

static void function_shows(struct render *r, const struct function_rule *f, const struct kept_mark *mark)
{
    if (f->showing.advertising)
        kept_tell(r, mark, kept_plain(r, SAY_F_ADVERTISING));
    if (f->showing.personalised)
        kept_tell(r, mark, kept_saying(r, SAY_F_PERSONALISED,
                                       KEPT_WITH({"nothing", kept_if(f->showing.nothing)},
                                                 {"same", kept_if(f->showing.same_count)})));
}

static void function_takes(struct render *r, const struct function_rule *f, const struct kept_mark *mark)
{
    kept_tell(r, mark, kept_saying(r, SAY_F_PURPOSES,
                                KEPT_WITH({"purposes", kept_names_of(r, KEPT_K_PURPOSE, &f->purposes)})));
    if (f->mandatory.n > 0)
        kept_tell(r, mark, kept_saying(r, SAY_F_MANDATORY,
                                    KEPT_WITH({"items", kept_names_of(r, KEPT_K_ITEM, &f->mandatory)})));
    if (f->optional.n > 0)
        kept_tell(r, mark, kept_saying(r, SAY_F_OPTIONAL,
                                    KEPT_WITH({"items", kept_names_of(r, KEPT_K_ITEM, &f->optional)})));
    if (f->permissions.n > 0)
        kept_tell(r, mark,
                  kept_saying(r, SAY_F_PERMISSIONS,
                           KEPT_WITH({"permissions",
                                      kept_names_of(r, KEPT_K_PERMISSION, &f->permissions)})));
    if (f->once_per_launch)
        kept_tell(r, mark, kept_plain(r, SAY_F_ONCE));
    if (f->in_use)
        kept_tell(r, mark, kept_plain(r, SAY_F_IN_USE));
    if (f->user_action)
        kept_tell(r, mark, kept_plain(r, SAY_F_ACTION));
    if (f->needs_case)
        kept_tell(r, mark, kept_plain(r, SAY_F_CASE));
}

void kept_render_functions(struct render *r)
{
    for (size_t i = 0; i < r->p->info.functions; i++) {
        const struct function_rule *f = &r->p->functions[i];
        struct kept_mark mark = kept_rule_mark("functions", f->name, &f->rule);
        kept_page_heading(&r->page, &mark,
                          kept_saying(r, SAY_F_HEADING, KEPT_WITH({"text", kept_text_of(r, &f->text)})));
        kept_tell(r, &mark, kept_plain(r, f->kind == FUNCTION_BASIC ? SAY_F_BASIC : SAY_F_EXTENDED));
        if (f->kind == FUNCTION_EXTENDED && f->consent > KEPT_C_ACKNOWLEDGEMENT)
            kept_tell(r, &mark, kept_plain(r, SAY_F_CHOSEN));
        function_offered(r, f, &mark);
        function_takes(r, f, &mark);
        function_shows(r, f, &mark);
        kept_page_par_end(&r->page);
        function_asks(r, f, &mark);
        kept_page_par_end(&r->page);
    }
}
