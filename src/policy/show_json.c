/* show_json.c - a policy as JSON: every key that it says, as it is understood. */
#include "base/decimal.h"
#include "policy/show_write.h"

void kept_show_quote(struct kept_buf *out, const char *text)
{
    kept_buf_u8(out, '"');
    for (; *text != 0; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            kept_buf_printf(out, "\\%c", c);
        else if (c < 0x20 || c == 0x7F)
            kept_buf_printf(out, "\\u%04x", c);
        else
            kept_buf_u8(out, c);
    }
    kept_buf_u8(out, '"');
}

static void limits(struct kept_buf *out, const struct kept_policy *p, const struct item_rule *item)
{
    const struct kept_limits *l = item->pub.limits;
    if (l == NULL)
        return;
    if (l->unit != NULL)
        string(out, "unit", l->unit);
    if (l->min != NULL)
        string(out, "min", l->min);
    if (l->max != NULL)
        string(out, "max", l->max);
    if (l->choice_count == 0 && l->decimals < KEPT_MAX_DIGITS)
        number(out, "decimals", l->decimals);
    if (l->choice_count == 0)
        return;
    begin(out, "choices", '{');
    for (size_t i = 0; i < l->choice_count; i++)
        text(out, p, l->choices[i], &item->choice_texts[i]);
    end(out, '}');
}

static void partitions(struct kept_buf *out, const struct kept_policy *p)
{
    begin(out, "partitions", '[');
    for (size_t i = 0; i < p->info.partitions; i++) {
        head(out, p->partitions[i].name, &p->partitions[i].rule);
        text(out, p, "text", &p->partitions[i].text);
        end(out, '}');
    }
    end(out, ']');
}

static const char *item_name(const struct kept_policy *p, enum kept_kind kind, uint32_t ref)
{
    return kept_policy_name(p, kind, kept_policy_index(p, kind, ref));
}

/* What becomes of it, who holds it, and whom its entries find. */
static void ends(struct kept_buf *out, const struct kept_policy *p, const struct item_rule *item)
{
    flag(out, "separate_consent", item->separate_consent);
    string(out, "then", kept_show_disposition(item->pub.then));
    number(out, "at_least_ms", item->pub.at_least);
    number(out, "archive_ms", item->pub.archive);
    string(out, "held_in", item->held_in);
    if (item->pub.match == KEPT_REF_NONE)
        return;
    string(out, "match", item_name(p, KEPT_K_ITEM, item->pub.match));
    string(out, "found_through", item_name(p, KEPT_K_FUNCTION, item->pub.found_through));
    number(out, "match_limit", item->pub.match_limit);
}

static void items(struct kept_buf *out, const struct kept_policy *p)
{
    begin(out, "items", '[');
    for (size_t i = 0; i < p->info.items; i++) {
        const struct item_rule *item = &p->items[i];
        struct rule rule = {.clause = item->pub.clause, .line = item->pub.line};
        head(out, item->pub.name, &rule);
        text(out, p, "text", &item->text);
        string(out, "kind", item->pub.kind);
        limits(out, p, item);
        string(out, "information", item->information);
        string(out, "source", item->source);
        flag(out, "sensitive", item->pub.sensitive);
        flag(out, "highlight", item->rule.highlight);
        string(out, "mask", item->mask);
        string(out, "place", kept_show_place(item->pub.place));
        string(out, "retention_class", kept_show_class(item->pub.class));
        number(out, "retain_ms", item->pub.retain);
        if (item->filled != NULL)
            string(out, "retain_from", item->filled);
        one_text(out, p, "statute", &item->statutes);
        string(out, "values", item->pub.many ? "many" : "one");
        string(out, "store", item->pub.hashed ? "hash" : "value");
        flag(out, "token", item->pub.token);
        flag(out, "locked_after_verification", item->pub.locked);
        flag(out, "changed_by_code", item->pub.by_code);
        string(out, "partition", p->partitions[item->partition].name);
        names(out, p, "purposes", KEPT_K_PURPOSE, &item->purposes);
        ends(out, p, item);
        end(out, '}');
    }
    end(out, ']');
}

/* null where it is offered on every client. */
static void client(struct kept_buf *out, const struct client_rule *rule)
{
    if (!rule->said) {
        string(out, "client", NULL);
        return;
    }
    begin(out, "client", '{');
    begin(out, "os", '{');
    for (unsigned i = 0; i <= OS_linux - OS_android; i++)
        if ((rule->systems >> i & 1u) != 0)
            string(out, kept_key_row((enum key)(OS_android + i))->name,
                   rule->os_from[i] != NULL ? rule->os_from[i] : "any");
    end(out, '}');
    string(out, "app_from", rule->app_from);
    string(out, "app_below", rule->app_below);
    words(out, "surfaces", CLIENT_surfaces, rule->surfaces);
    end(out, '}');
}

static void showing(struct kept_buf *out, const struct showing_rule *rule)
{
    flag(out, "advertising", rule->advertising);
    if (!rule->personalised) {
        string(out, "personalised", NULL);
        return;
    }
    begin(out, "personalised", '{');
    string(out, "otherwise", rule->nothing ? "nothing" : "generic");
    flag(out, "same_count", rule->same_count);
    end(out, '}');
}

static void observed(struct kept_buf *out, const struct function_rule *f)
{
    char day[OBSERVE_DAY];
    string(out, "observe_until", f->observed_until != 0 ? kept_observe_day(f, day) : NULL);
}

static void functions(struct kept_buf *out, const struct kept_policy *p)
{
    begin(out, "functions", '[');
    for (size_t i = 0; i < p->info.functions; i++) {
        const struct function_rule *f = &p->functions[i];
        head(out, f->name, &f->rule);
        text(out, p, "text", &f->text);
        text(out, p, "refusing_costs", &f->cost);
        string(out, "kind", f->kind == FUNCTION_BASIC ? "basic" : "extended");
        string(out, "consent", kept_show_consent(f->consent));
        string(out, "basis", kept_show_basis(f->basis));
        flag(out, "highlight", f->rule.highlight);
        flag(out, "once_per_launch", f->once_per_launch);
        flag(out, "in_use", f->in_use);
        flag(out, "user_action", f->user_action);
        flag(out, "case", f->needs_case);
        flag(out, "each_launch", f->each_launch);
        observed(out, f);
        string(out, "withdrawal", kept_key_word(WITHDRAWAL_effect, (size_t)f->effect));
        names(out, p, "purposes", KEPT_K_PURPOSE, &f->purposes);
        names(out, p, "mandatory", KEPT_K_ITEM, &f->mandatory);
        names(out, p, "optional", KEPT_K_ITEM, &f->optional);
        names(out, p, "permissions", KEPT_K_PERMISSION, &f->permissions);
        client(out, &f->client);
        showing(out, &f->showing);
        end(out, '}');
    }
    end(out, ']');
}

static void recipients(struct kept_buf *out, const struct kept_policy *p)
{
    begin(out, "recipients", '[');
    for (size_t i = 0; i < p->info.recipients; i++) {
        const struct recipient_rule *to = &p->recipients[i];
        head(out, to->name, &to->rule);
        text(out, p, "text", &to->text);
        string(out, "role", kept_show_recipient_role(to->role));
        string(out, "kind", to->kind);
        string(out, "region", kept_show_region(p, to->region));
        string(out, "consent", kept_show_consent(to->consent));
        string(out, "onward", to->onward);
        string(out, "link", to->link);
        string(out, "export_mechanism", to->mechanism);
        flag(out, "highlight", to->rule.highlight);
        flag(out, "aggregate_only", to->aggregate_only);
        flag(out, "self_start", to->self_start == SELF_START_CONSENT);
        if (to->agreement.line != 0) {
            begin(out, "agreement", '{');
            number(out, "signed_ms", to->signed_at);
            number(out, "expires_ms", to->expires_at);
            flag(out, "checked", to->checked);
            string(out, "clause", to->agreement.clause);
            number(out, "line", to->agreement.line);
            end(out, '}');
        }
        names(out, p, "items", KEPT_K_ITEM, &to->items);
        names(out, p, "masked", KEPT_K_ITEM, to->masked_all ? &to->items : &to->masked);
        names(out, p, "gives", KEPT_K_ITEM, &to->gives);
        text(out, p, "lawful_source", &to->lawful_source);
        names(out, p, "purposes", KEPT_K_PURPOSE, &to->purposes);
        names(out, p, "permissions", KEPT_K_PERMISSION, &to->permissions);
        end(out, '}');
    }
    end(out, ']');
}

static void operations(struct kept_buf *out, const char *key, uint64_t bits)
{
    begin(out, key, '[');
    for (unsigned op = 1; op < KEPT_OP_COUNT; op++)
        if ((bits >> op & 1u) != 0) {
            next(out);
            kept_show_quote(out, kept_key_word(ROLE_operations, op - 1));
        }
    end(out, ']');
}

static void approval(struct kept_buf *out, const struct approval_rule *rule)
{
    if (rule->rule.line == 0)
        return;
    begin(out, "approval", '{');
    string(out, "for", rule->minors ? "minors" : "everybody");
    string(out, "clause", rule->rule.clause);
    number(out, "line", rule->rule.line);
    end(out, '}');
}

static void required(struct kept_buf *out, const struct role_rule *role)
{
    begin(out, "requires", '[');
    for (size_t i = 0; i < KEPT_ATTESTATIONS; i++)
        if (role->required[i].line != 0) {
            head(out, kept_attestation_word(i), &role->required[i]);
            end(out, '}');
        }
    end(out, ']');
    if (role->alarm.reads == 0)
        return;
    begin(out, "alarm", '{');
    number(out, "reads", role->alarm.reads);
    number(out, "within_ms", role->alarm.within);
    string(out, "clause", role->alarm.clause);
    number(out, "line", role->alarm.line);
    end(out, '}');
}

static void roles(struct kept_buf *out, const struct kept_policy *p)
{
    begin(out, "roles", '[');
    for (size_t i = 0; i < p->info.roles; i++) {
        const struct role_rule *role = &p->roles[i];
        head(out, role->name, &role->rule);
        text(out, p, "text", &role->text);
        operations(out, "operations", role->operations);
        operations(out, "not_open", role->not_open);
        flag(out, "all_purposes", role->all_purposes || role->name[0] == 0);
        names(out, p, "purposes", KEPT_K_PURPOSE, &role->purposes);
        flag(out, "masked_all", role->sees_all);
        names(out, p, "masked", KEPT_K_ITEM, &role->sees);
        names(out, p, "raw", KEPT_K_ITEM, &role->raw);
        names(out, p, "partitions", KEPT_K_PARTITION, &role->partitions);
        flag(out, "law", role->law);
        approval(out, &role->approval);
        required(out, role);
        end(out, '}');
    }
    end(out, ']');
}

static void others(struct kept_buf *out, const struct kept_policy *p)
{
    begin(out, "exemptions", '[');
    for (size_t i = 0; i < p->exemption_count; i++) {
        const struct exemption_rule *e = &p->exemptions[i];
        head(out, e->code, &e->rule);
        text(out, p, "text", &e->text);
        flag(out, "collect", (e->uses >> KEPT_USE_COLLECT & 1u) != 0);
        flag(out, "use", (e->uses >> KEPT_USE_READ & 1u) != 0);
        flag(out, "share", (e->uses >> KEPT_USE_DISCLOSE & 1u) != 0);
        flag(out, "highlight", e->rule.highlight);
        flag(out, "spares_notice", e->spares_notice);
        flag(out, "spares_age", e->spares_age);
        flag(out, "deidentified", e->deidentified);
        approval(out, &e->approval);
        end(out, '}');
    }
    end(out, ']');
    begin(out, "ages", '[');
    for (size_t i = 0; i < p->band_count; i++) {
        begin(out, NULL, '{');
        number(out, "from", p->bands[i].from);
        number(out, "below", p->bands[i].below);
        string(out, "mode", kept_show_band(p->bands[i].mode));
        string(out, "form", p->bands[i].form);
        string(out, "clause", p->bands[i].rule.clause);
        number(out, "line", p->bands[i].rule.line);
        end(out, '}');
    }
    end(out, ']');
}

static void strings(struct kept_buf *out, const char *name, const char *const *list, size_t count)
{
    begin(out, name, '[');
    for (size_t i = 0; i < count; i++) {
        next(out);
        kept_show_quote(out, list[i]);
    }
    end(out, ']');
}

static void age(struct kept_buf *out, const struct kept_policy *p)
{
    section(out, "age", &p->age);
    string(out, "unknown", p->age_unknown_allowed ? "allow" : "deny");
    words(out, "on_discovery", AGE_on_discovery, p->duties.on_discovery);
    end(out, '}');
    section(out, "guardian", &p->guardian.rule);
    strings(out, "relations", p->guardian.relations, p->guardian.relation_count);
    strings(out, "verified_by", p->guardian.methods, p->guardian.method_count);
    flag(out, "evidence", p->guardian.evidence);
    end(out, '}');
}

/* Rules that stand alone. What they name of old is beside them, as it always was. */
static void rules(struct kept_buf *out, const struct kept_policy *p)
{
    const struct {
        const char *name;
        const struct rule *rule;
        const struct text *text;
    } rows[] = {{"notice_rule", &p->notice, NULL},
                {"refusal", &p->refusal, &p->refusal_text},
                {"cessation_rule", &p->cessation, &p->cessation_text},
                {"undeclared", &p->undeclared, NULL},
                {"withdrawal_rule", &p->withdrawal, NULL}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        section(out, rows[i].name, rows[i].rule);
        if (rows[i].text != NULL)
            text(out, p, "text", rows[i].text);
        end(out, '}');
    }
    section(out, "consent", &p->consent);
    flag(out, "implied_by_use", p->info.implied_by_use);
    string(out, "other_versions", kept_key_word(CONSENT_other_versions, p->ask_again));
    end(out, '}');
    section(out, "changes", &p->changes);
    string(out, "continued_use", kept_key_word(CHANGES_continued_use, p->continued_use));
    string(out, "wider_version", kept_key_word(CHANGES_wider_version, p->shown_first));
    flag(out, "high_risk", p->high_risk);
    end(out, '}');
}

static void regions(struct kept_buf *out, const struct kept_policy *p)
{
    const struct list *lists[] = {&p->stored_in, &p->served_in};
    section(out, "regions", &p->stored);
    string(out, "export", kept_key_word(REGIONS_export, p->export == EXPORT_CONDITIONAL));
    for (size_t k = 0; k < 2; k++) {
        begin(out, k == 0 ? "stored" : "served", '[');
        for (size_t i = 0; i < lists[k]->n; i++) {
            next(out);
            kept_show_quote(out, kept_show_region(p, lists[k]->v[i]));
        }
        end(out, ']');
    }
    end(out, '}');
}

static void policy_head(struct kept_buf *out, const struct kept_policy *p)
{
    string(out, "app", p->info.app);
    text(out, p, "title", &p->title);
    number(out, "version", p->info.version);
    number(out, "issued_ms", p->info.issued);
    number(out, "effective_ms", p->info.effective);
    string(out, "app_type", p->app_type);
    string(out, "jurisdiction", p->jurisdiction);
    number(out, "utc_offset_minutes", p->info.zone.offset_minutes);
    flag(out, "summer_time", p->info.zone.summer);
    string(out, "language", p->info.language);
    text(out, p, "controller", &p->controller);
    string(out, "controller_clause", p->controller_rule.clause);
    string(out, "contact", p->contact);
    string(out, "officer", p->officer);
    one_text(out, p, "address", &p->address);
    string(out, "phone", p->phone);
    strings(out, "languages", p->languages, p->info.languages);
    begin(out, "notice", '[');
    for (size_t i = 0; i < p->sentence_count; i++) {
        begin(out, NULL, '{');
        text(out, p, "text", &p->sentences[i]);
        flag(out, "highlight", p->sentence_rules[i].highlight);
        string(out, "clause", p->sentence_rules[i].clause);
        end(out, '}');
    }
    end(out, ']');
    string(out, "withdrawal", kept_key_word(WITHDRAWAL_effect, (size_t)p->info.withdrawal));
    flag(out, "implied_by_use", p->info.implied_by_use);
    string(out, "export", p->export == EXPORT_CONDITIONAL ? "conditional" : "never");
    begin(out, "stored", '[');
    for (size_t i = 0; i < p->stored_in.n; i++) {
        next(out);
        kept_show_quote(out, kept_show_region(p, p->stored_in.v[i]));
    }
    end(out, ']');
    number(out, "rotation_ms", p->info.rotation);
    number(out, "backup_window_ms", p->info.window);
    number(out, "evidence_ms", p->info.evidence);
}

/* What is not this policy's word, but its law's. */
static void profile(struct kept_buf *out, const struct kept_policy *p)
{
    const struct kept_fill *f = NULL;
    const char *lawyer = NULL, *name = NULL;
    begin(out, "profiles", '[');
    for (size_t i = 0; (name = kept_policy_profile(p, i, &lawyer)) != NULL; i++) {
        begin(out, NULL, '{');
        string(out, "name", name);
        string(out, "read_by_lawyer", lawyer);
        end(out, '}');
    }
    end(out, ']');
    begin(out, "fills", '[');
    for (size_t i = 0; (f = kept_policy_fill(p, i)) != NULL; i++) {
        begin(out, NULL, '{');
        string(out, "profile", f->profile);
        string(out, "what", f->what);
        string(out, "of", f->of);
        string(out, "value", f->value);
        string(out, "source", f->source);
        flag(out, "seen", f->seen);
        end(out, '}');
    }
    end(out, ']');
}

void kept_show_json(struct kept_buf *out, const struct kept_policy *p)
{
    /* Whatever stood in the buffer before is not ours to put a comma behind. */
    kept_buf_u8(out, '{');
    policy_head(out, p);
    begin(out, "purposes", '[');
    for (size_t i = 0; i < p->info.purposes; i++) {
        head(out, p->purposes[i].name, &p->purposes[i].rule);
        text(out, p, "text", &p->purposes[i].text);
        string(out, "consent", kept_show_consent(p->purposes[i].consent));
        flag(out, "law", p->purposes[i].law);
        flag(out, "advertises", p->purposes[i].advertises);
        names(out, p, "related", KEPT_K_PURPOSE, &p->purposes[i].related);
        end(out, '}');
    }
    end(out, ']');
    begin(out, "permissions", '[');
    for (size_t i = 0; i < p->info.permissions; i++) {
        head(out, p->permissions[i].name, &p->permissions[i].rule);
        text(out, p, "text", &p->permissions[i].text);
        end(out, '}');
    }
    end(out, ']');
    partitions(out, p);
    items(out, p);
    functions(out, p);
    recipients(out, p);
    roles(out, p);
    others(out, p);
    rules(out, p);
    regions(out, p);
    age(out, p);
    kept_show_json_duties(out, p);
    profile(out, p);
    kept_buf_u8(out, '}');
}
