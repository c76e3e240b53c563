/* show.c - a policy as people read it: names, rules, the lines they stand on. JSON: show_json.c. */
#include <string.h>

#include "base/decimal.h"
#include "base/error.h"
#include "policy/show_int.h"

const char *kept_show_consent(enum kept_consent_kind kind)
{
    return kind == KEPT_C_NONE ? "none" : kept_key_word(FUNCTION_consent, (size_t)kind - KEPT_C_ACKNOWLEDGEMENT);
}

const char *kept_show_place(enum kept_place place)
{
    return kept_key_word(ITEM_place, (size_t)place);
}

const char *kept_show_class(enum kept_class class)
{
    return kept_key_word(ITEM_retention_class, (size_t)class);
}

const char *kept_show_basis(enum basis basis)
{
    return kept_key_word(FUNCTION_basis, (size_t)basis);
}

const char *kept_show_recipient_role(enum recipient_role role)
{
    return kept_key_word(RECIPIENT_role, (size_t)role - RECIPIENT_PROCESSOR);
}

const char *kept_show_band(enum band_mode mode)
{
    return kept_key_word(BAND_mode, (size_t)mode - BAND_BLOCK);
}

/* The text in the language of authority, or "". */
const char *kept_show_text(const struct text *text)
{
    return text->v[0] != NULL ? text->v[0] : "";
}

static void head(struct kept_buf *out, const char *word, const char *name,
                 const struct rule *rule)
{
    kept_buf_printf(out, "  %s %s  (line %d%s%s)\n", word, name[0] != 0 ? name : "app", rule->line,
                    rule->clause[0] != 0 ? ", " : "", rule->clause);
}

/* A day as the policy writes it: in its own time zone. */
static const char *day(const struct kept_policy *p, kept_ms at, char ret[KEPT_TIME_TEXT])
{
    int year = 0, month = 0, of_month = 0;
    kept_date_split(kept_zone_day(&p->info.zone, at), &year, &month, &of_month);
    (void)snprintf(ret, KEPT_TIME_TEXT, "%04d-%02d-%02d", year, month, of_month);
    return ret;
}

const char *kept_show_region(const struct kept_policy *p, uint32_t ref)
{
    size_t i = 0;
    while (p->regions[i].ref != ref) {
        i++;
        KEPT_INVARIANT(i < p->region_count); /* a policy knows the regions that it names */
    }
    return p->regions[i].name;
}

static void names(struct kept_buf *out, const struct kept_policy *p, const char *word,
                  enum kept_kind kind, const struct list *list)
{
    if (list->n == 0)
        return;
    kept_buf_printf(out, "      %s:", word);
    for (size_t i = 0; i < list->n; i++)
        kept_buf_printf(out, "%s %s", i > 0 ? "," : "", kept_policy_name(p, kind, list->v[i]));
    kept_buf_text(out, "\n");
}

static void show_limits(struct kept_buf *out, const struct item_rule *item)
{
    const struct kept_limits *l = item->pub.limits;
    if (l == NULL)
        return;
    for (size_t i = 0; i < l->choice_count; i++)
        kept_buf_printf(out, "%s%s (%s)%s", i == 0 ? "      choices: " : ", ", l->choices[i],
                        kept_show_text(&item->choice_texts[i]), i + 1 == l->choice_count ? "\n" : "");
    if (l->choice_count > 0)
        return;
    kept_buf_printf(out, "      number%s%s%s%s%s%s", l->unit != NULL ? " of " : "",
                    l->unit != NULL ? l->unit : "", l->min != NULL ? " from " : "",
                    l->min != NULL ? l->min : "", l->max != NULL ? " to " : "",
                    l->max != NULL ? l->max : "");
    if (l->decimals < KEPT_MAX_DIGITS)
        kept_buf_printf(out, ", %u decimals", l->decimals);
    kept_buf_text(out, "\n");
}

static void show_items(struct kept_buf *out, const struct kept_policy *p)
{
    for (size_t i = 0; i < p->info.items; i++) {
        const struct item_rule *item = &p->items[i];
        struct rule rule = {.clause = item->pub.clause, .line = item->pub.line};
        long long retained = (long long)item->pub.retain;
        bool days = retained % KEPT_DAY == 0;
        head(out, "item", item->pub.name, &rule);
        kept_buf_printf(out, "      %s: %s, %s%s%s%s%s\n", kept_show_text(&item->text),
                        item->pub.kind, item->information,
                        item->pub.sensitive ? ", sensitive" : "",
                        item->pub.many ? ", many values" : "",
                        item->pub.token ? ", found by look-up" : "",
                        item->pub.hashed ? ", stored as a hash only" : "");
        if (item->partition != 0)
            kept_buf_printf(out, "      partition: %s\n", p->partitions[item->partition].name);
        show_limits(out, item);
        kept_buf_printf(out, "      place: %s, class: %s, kept: ", kept_show_place(item->pub.place),
                        kept_show_class(item->pub.class));
        if (item->pub.retain != 0)
            kept_buf_printf(out, "%lld %s%s%s%s%s\n", retained / (days ? KEPT_DAY : KEPT_HOUR),
                            days ? "day" : "hour", retained == (days ? KEPT_DAY : KEPT_HOUR) ? "" : "s",
                            item->filled != NULL ? " [" : "", item->filled != NULL ? item->filled : "",
                            item->filled != NULL ? "]" : "");
        else
            kept_buf_text(out, item->pub.place == KEPT_PLACE_STORE ? "while the account lives\n"
                                                                   : "not by us\n");
        if (item->held_in != NULL)
            kept_buf_printf(out, "      held in: %s\n", item->held_in);
        if (item->statute != NULL)
            kept_buf_printf(out, "      by law: %s\n", item->statute);
        names(out, p, "purposes", KEPT_K_PURPOSE, &item->purposes);
    }
}

/* On which clients a function is offered, where it is not on all. */
static void show_client(struct kept_buf *out, const struct client_rule *c)
{
    const char *between = " ";
    if (!c->said)
        return;
    kept_buf_text(out, "      offered on:");
    for (unsigned i = 0; i <= (unsigned)(OS_linux - OS_android); i++)
        if ((c->systems >> i & 1u) != 0) {
            bool any = c->os_from[i] == NULL;
            kept_buf_printf(out, "%s%s%s%s", between, kept_key_row((enum key)(OS_android + i))->name,
                            any ? "" : " from ", any ? "" : c->os_from[i]);
            between = ", ";
        }
    for (unsigned i = 0; i < kept_key_words(CLIENT_surfaces); i++)
        if ((c->surfaces >> i & 1u) != 0) {
            kept_buf_printf(out, "%s%s", between, kept_key_word(CLIENT_surfaces, i));
            between = ", ";
        }
    if (c->app_from != NULL)
        kept_buf_printf(out, "%sthe app from %s", between, c->app_from);
    if (c->app_below != NULL)
        kept_buf_printf(out, "%sthe app below %s", c->app_from != NULL ? ", " : between, c->app_below);
    kept_buf_text(out, "\n");
}

static void show_observed(struct kept_buf *out, const struct function_rule *f)
{
    char day[OBSERVE_DAY];
    if (f->observed_until != 0)
        kept_buf_printf(out, "      only observed until %s\n", kept_observe_day(f, day));
}

static void show_functions(struct kept_buf *out, const struct kept_policy *p)
{
    for (size_t i = 0; i < p->info.functions; i++) {
        const struct function_rule *f = &p->functions[i];
        head(out, f->kind == FUNCTION_BASIC ? "basic function" : "function", f->name, &f->rule);
        kept_buf_printf(out, "      %s; consent: %s, basis: %s%s%s%s%s\n", kept_show_text(&f->text),
                        kept_show_consent(f->consent), kept_show_basis(f->basis),
                        f->once_per_launch ? ", once per launch" : "",
                        f->in_use ? ", only in use" : "",
                        f->user_action ? ", by the person's own action" : "",
                        f->needs_case ? ", for a case that is named" : "");
        show_observed(out, f);
        names(out, p, "purposes", KEPT_K_PURPOSE, &f->purposes);
        names(out, p, "mandatory", KEPT_K_ITEM, &f->mandatory);
        names(out, p, "optional", KEPT_K_ITEM, &f->optional);
        names(out, p, "permissions", KEPT_K_PERMISSION, &f->permissions);
        show_client(out, &f->client);
        kept_buf_printf(out, "      refusing costs: %s\n", kept_show_text(&f->cost));
    }
}

static void show_recipients(struct kept_buf *out, const struct kept_policy *p)
{
    for (size_t i = 0; i < p->info.recipients; i++) {
        const struct recipient_rule *to = &p->recipients[i];
        head(out, "recipient", to->name, &to->rule);
        kept_buf_printf(out, "      %s; %s, %s; consent: %s%s\n", kept_show_text(&to->text),
                        kept_show_recipient_role(to->role), to->kind,
                        kept_show_consent(to->consent),
                        to->aggregate_only ? "; statistics only" : "");
        names(out, p, "items", KEPT_K_ITEM, &to->items);
        names(out, p, "masked", KEPT_K_ITEM, to->masked_all ? &to->items : &to->masked);
        names(out, p, "gives", KEPT_K_ITEM, &to->gives);
        if (kept_show_text(&to->lawful_source)[0] != 0)
            kept_buf_printf(out, "      lawful source: %s\n", kept_show_text(&to->lawful_source));
        names(out, p, "purposes", KEPT_K_PURPOSE, &to->purposes);
        kept_buf_printf(out, "      holds it in: %s%s%s\n", kept_show_region(p, to->region),
                        to->mechanism != NULL ? "; sent there by: " : "",
                        to->mechanism != NULL ? to->mechanism : "");
        if (to->agreement.line != 0) {
            char from[KEPT_TIME_TEXT], until[KEPT_TIME_TEXT];
            kept_buf_printf(out, "      agreement: from %s to before %s%s (line %d)\n", day(p, to->signed_at, from),
                            day(p, to->expires_at, until), to->checked ? ", checked" : "", to->agreement.line);
        }
    }
}

static void operations(struct kept_buf *out, const char *word, uint64_t bits)
{
    kept_buf_printf(out, "      %s:", word);
    for (unsigned op = 1; op < KEPT_OP_COUNT; op++)
        if ((bits >> op & 1u) != 0)
            kept_buf_printf(out, " %s", kept_key_word(ROLE_operations, op - 1));
    kept_buf_text(out, "\n");
}

static void show_others(struct kept_buf *out, const struct kept_policy *p)
{
    for (size_t i = 0; i < p->info.roles; i++) {
        const struct role_rule *role = &p->roles[i];
        head(out, "role", role->name, &role->rule);
        operations(out, "may", role->operations);
        if (role->not_open != 0)
            operations(out, role->name[0] == 0 ? "may not, for staff alone may"
                                               : "may not, for the app alone may",
                       role->not_open);
        if (role->all_purposes)
            kept_buf_text(out, "      purposes: all\n");
        else
            names(out, p, "purposes", KEPT_K_PURPOSE, &role->purposes);
        for (size_t k = 0; k < KEPT_ATTESTATIONS; k++)
            if (role->required[k].line != 0)
                head(out, "    requires", kept_attestation_word(k), &role->required[k]);
        if (role->approval.rule.line != 0)
            head(out, "    approval, for", role->approval.minors ? "minors" : "everybody", &role->approval.rule);
        if (role->alarm.reads != 0)
            kept_buf_printf(out, "      alarm: more than %u reads within %lld minutes (line %d%s%s)\n", role->alarm.reads,
                            (long long)(role->alarm.within / KEPT_MINUTE), role->alarm.line, role->alarm.clause[0] != 0 ? ", " : "",
                            role->alarm.clause);
        if (role->law)
            kept_buf_text(out, "      sent by a law\n");
        if (role->sees_all)
            kept_buf_text(out, "      sees masked: all\n");
        names(out, p, "sees masked", KEPT_K_ITEM, &role->sees);
        names(out, p, "sees raw", KEPT_K_ITEM, &role->raw);
        if (p->info.partitions > 1 && role->name[0] != 0)
            names(out, p, "reaches", KEPT_K_PARTITION, &role->partitions);
    }
    for (size_t i = 0; i < p->exemption_count; i++) {
        const struct exemption_rule *e = &p->exemptions[i];
        head(out, "exemption", e->code, &e->rule);
        kept_buf_printf(out, "      %s; for:%s%s%s\n", kept_show_text(&e->text),
                        (e->uses >> KEPT_USE_COLLECT & 1u) != 0 ? " collect" : "",
                        (e->uses >> KEPT_USE_READ & 1u) != 0 ? " use" : "",
                        (e->uses >> KEPT_USE_DISCLOSE & 1u) != 0 ? " share" : "");
        if (e->approval.rule.line != 0)
            head(out, "    approval, for", e->approval.minors ? "minors" : "everybody", &e->approval.rule);
    }
    for (size_t i = 0; i < p->band_count; i++)
        kept_buf_printf(out, "  age from %d below %d: %s%s%s  (%s%.0d)\n", p->bands[i].from,
                        p->bands[i].below, kept_show_band(p->bands[i].mode),
                        p->bands[i].form != NULL ? ", " : "",
                        p->bands[i].form != NULL ? p->bands[i].form : "",
                        p->bands[i].rule.line > 0 ? "line " : p->bands[i].rule.clause,
                        p->bands[i].rule.line);
}

/* What is not this policy's word, but its law's. */
static void show_fills(struct kept_buf *out, const struct kept_policy *p)
{
    const struct kept_fill *f = NULL;
    const char *lawyer = NULL, *name = NULL;
    for (size_t i = 0; (f = kept_policy_fill(p, i)) != NULL; i++)
        kept_buf_printf(out, "  from the profile %s: %s%s%s%s: %s  (%s%s)\n", f->profile, f->what,
                        f->of[0] != 0 ? " (" : "", f->of, f->of[0] != 0 ? ")" : "",
                        f->value[0] != 0 ? f->value : "no time said", f->source,
                        f->seen ? "" : "; from memory");
    for (size_t i = 0; (name = kept_policy_profile(p, i, &lawyer)) != NULL; i++)
        kept_buf_printf(out, "      the profile %s is no legal advice; read by a lawyer: %s\n", name, lawyer);
}

static void show_text(struct kept_buf *out, const struct kept_policy *p)
{
    char issued[KEPT_TIME_TEXT], effective[KEPT_TIME_TEXT];
    kept_buf_printf(out, "policy of %s, version %u, issued %s, effective %s\n", p->info.app,
                    p->info.version, day(p, p->info.issued, issued), day(p, p->info.effective, effective));
    kept_buf_printf(out, "  controller %s <%s>, jurisdiction %s\n  language of authority %s",
                    kept_show_text(&p->controller), p->contact, p->jurisdiction, p->info.language);
    for (size_t i = 1; i < p->info.languages; i++)
        kept_buf_printf(out, ", also %s", p->languages[i]);
    kept_buf_printf(out, "\n  stored in:");
    for (size_t i = 0; i < p->region_count; i++)
        for (size_t j = 0; j < p->stored_in.n; j++)
            if (p->stored_in.v[j] == p->regions[i].ref)
                kept_buf_printf(out, " %s", p->regions[i].name);
    kept_buf_printf(out, "; export: %s\n",
                    p->export == EXPORT_CONDITIONAL ? "conditional" : "never");
    for (size_t i = 0; i < p->info.purposes; i++) {
        head(out, "purpose", p->purposes[i].name, &p->purposes[i].rule);
        kept_buf_printf(out, "      %s\n", kept_show_text(&p->purposes[i].text));
        names(out, p, "related", KEPT_K_PURPOSE, &p->purposes[i].related);
        if (p->purposes[i].advertises)
            kept_buf_text(out, "      advertises\n");
    }
    for (size_t i = 0; i < p->info.permissions; i++)
        head(out, "permission", p->permissions[i].name, &p->permissions[i].rule);
    for (size_t i = 0; i < p->info.partitions; i++) {
        if (p->partitions[i].rule.line == 0)
            continue;
        head(out, "partition", p->partitions[i].name, &p->partitions[i].rule);
        kept_buf_printf(out, "      %s\n", kept_show_text(&p->partitions[i].text));
    }
    show_items(out, p);
    show_functions(out, p);
    show_recipients(out, p);
    show_others(out, p);
    kept_show_duties(out, p);
    show_fills(out, p);
}

int kept_policy_show(const struct kept_policy *policy, int json, struct kept_buf *out)
{
    if (json != 0)
        kept_show_json(out, policy);
    else
        show_text(out, policy);
    return out->failed;
}
