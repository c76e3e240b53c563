/* show_json.c - a policy as JSON (RFC 8259), written by a small writer: every string is escaped,
 * commas come by themselves. */
#include "base/decimal.h"
#include "policy/duties_int.h"
#include "policy/overlay.h"
#include "policy/show_int.h"

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

/* A comma, unless something was just opened. */
static void next(struct kept_buf *out)
{
    uint8_t last = out->n > 0 ? out->p[out->n - 1] : '{';
    if (last != '{' && last != '[' && last != ':')
        kept_buf_u8(out, ',');
}

static void key(struct kept_buf *out, const char *name)
{
    next(out);
    kept_show_quote(out, name);
    kept_buf_u8(out, ':');
}

static void begin(struct kept_buf *out, const char *name, char bracket)
{
    if (name != NULL)
        key(out, name);
    else
        next(out);
    kept_buf_u8(out, (uint8_t)bracket);
}

static void end(struct kept_buf *out, char bracket)
{
    kept_buf_u8(out, (uint8_t)bracket);
}

static void string(struct kept_buf *out, const char *name, const char *value)
{
    key(out, name);
    if (value != NULL)
        kept_show_quote(out, value);
    else
        kept_buf_text(out, "null");
}

static void number(struct kept_buf *out, const char *name, long long value)
{
    key(out, name);
    kept_buf_printf(out, "%lld", value);
}

static void flag(struct kept_buf *out, const char *name, bool value)
{
    key(out, name);
    kept_buf_text(out, value ? "true" : "false");
}

static void text(struct kept_buf *out, const struct kept_policy *p, const char *name,
                 const struct text *value)
{
    begin(out, name, '{');
    for (size_t i = 0; value->v != NULL && i < p->info.languages; i++)
        if (value->v[i] != NULL)
            string(out, p->languages[i], value->v[i]);
    end(out, '}');
}

static void names(struct kept_buf *out, const struct kept_policy *p, const char *name,
                  enum kept_kind kind, const struct list *list)
{
    begin(out, name, '[');
    for (size_t i = 0; i < list->n; i++) {
        next(out);
        kept_show_quote(out, kept_policy_name(p, kind, list->v[i]));
    }
    end(out, ']');
}

static void head(struct kept_buf *out, const char *name, const struct rule *rule)
{
    begin(out, NULL, '{');
    string(out, "name", name);
    string(out, "clause", rule->clause);
    number(out, "line", rule->line);
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
        string(out, "mask", item->mask);
        string(out, "place", kept_show_place(item->pub.place));
        string(out, "retention_class", kept_show_class(item->pub.class));
        number(out, "retain_ms", item->pub.retain);
        if (item->filled != NULL)
            string(out, "retain_from", item->filled);
        string(out, "statute", item->statute);
        string(out, "values", item->pub.many ? "many" : "one");
        string(out, "store", item->pub.hashed ? "hash" : "value");
        flag(out, "token", item->pub.token);
        flag(out, "locked_after_verification", item->pub.locked);
        string(out, "partition", p->partitions[item->partition].name);
        names(out, p, "purposes", KEPT_K_PURPOSE, &item->purposes);
        end(out, '}');
    }
    end(out, ']');
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
        flag(out, "once_per_launch", f->once_per_launch);
        flag(out, "in_use", f->in_use);
        flag(out, "user_action", f->user_action);
        flag(out, "case", f->needs_case);
        flag(out, "each_launch", f->each_launch);
        string(out, "withdrawal", kept_key_word(WITHDRAWAL_effect, (size_t)f->effect));
        names(out, p, "purposes", KEPT_K_PURPOSE, &f->purposes);
        names(out, p, "mandatory", KEPT_K_ITEM, &f->mandatory);
        names(out, p, "optional", KEPT_K_ITEM, &f->optional);
        names(out, p, "permissions", KEPT_K_PERMISSION, &f->permissions);
        end(out, '}');
    }
    end(out, ']');
}

static const char *region_name(const struct kept_policy *p, uint32_t ref)
{
    for (size_t i = 0; i < p->region_count; i++)
        if (p->regions[i].ref == ref)
            return p->regions[i].name;
    return NULL;
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
        string(out, "region", region_name(p, to->region));
        string(out, "consent", kept_show_consent(to->consent));
        string(out, "onward", to->onward);
        string(out, "link", to->link);
        flag(out, "aggregate_only", to->aggregate_only);
        flag(out, "self_start", to->self_start == SELF_START_CONSENT);
        if (to->agreement.line != 0) {
            begin(out, "agreement", '{');
            number(out, "signed_ms", to->signed_at);
            number(out, "expires_ms", to->expires_at);
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

static void roles(struct kept_buf *out, const struct kept_policy *p)
{
    begin(out, "roles", '[');
    for (size_t i = 0; i < p->info.roles; i++) {
        const struct role_rule *role = &p->roles[i];
        head(out, role->name, &role->rule);
        operations(out, "operations", role->operations);
        operations(out, "not_open", role->not_open);
        flag(out, "all_purposes", role->all_purposes || role->name[0] == 0);
        names(out, p, "purposes", KEPT_K_PURPOSE, &role->purposes);
        flag(out, "masked_all", role->sees_all);
        names(out, p, "masked", KEPT_K_ITEM, &role->sees);
        names(out, p, "raw", KEPT_K_ITEM, &role->raw);
        names(out, p, "partitions", KEPT_K_PARTITION, &role->partitions);
        flag(out, "law", role->law);
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
        flag(out, "spares_notice", e->spares_notice);
        flag(out, "spares_age", e->spares_age);
        flag(out, "deidentified", e->deidentified);
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
        number(out, "line", p->bands[i].rule.line);
        end(out, '}');
    }
    end(out, ']');
}

static void bits(struct kept_buf *out, const char *name, const char *const *words, uint32_t set)
{
    begin(out, name, '[');
    for (unsigned i = 0; words[i] != NULL; i++)
        if ((set >> i & 1u) != 0) {
            next(out);
            kept_show_quote(out, words[i]);
        }
    end(out, ']');
}

static void length(struct kept_buf *out, const char *name, const struct kept_length *value,
                   const char *from)
{
    if (value->n == 0) {
        string(out, name, NULL);
        return;
    }
    begin(out, name, '{');
    number(out, "n", value->n);
    string(out, "unit", kept_show_unit(value->unit));
    if (from != NULL)
        string(out, "from", from);
    end(out, '}');
}

static void deadline(struct kept_buf *out, const struct kept_deadline *d)
{
    length(out, "deadline", &d->within, kept_show_anchor(d->from));
    if (d->filled != NULL)
        string(out, "deadline_from", d->filled);
}

static void rights(struct kept_buf *out, const struct kept_policy *p)
{
    const struct duties *d = &p->duties;
    begin(out, "rights", '[');
    for (unsigned i = 0; i < KEPT_ASK_COUNT; i++) {
        const struct right_rule *right = &d->asked[i];
        if (!right->pub.said)
            continue;
        struct rule rule = {.clause = right->pub.clause, .line = right->pub.line};
        head(out, kept_asked_word((enum kept_asked)i), &rule);
        deadline(out, &right->pub.deadline);
        length(out, "extension", &right->pub.extension, NULL);
        bits(out, "channels", kept_channel_words(), right->pub.channels);
        string(out, "identity", kept_show_identity(right->pub.identity));
        number(out, "free", right->fee.free);
        number(out, "window_ms", right->fee.window);
        end(out, '}');
    }
    end(out, ']');
    begin(out, "refusals", '[');
    for (size_t i = 0; i < d->refusal_count; i++) {
        const struct refusal_rule *refusal = &d->refusals[i];
        head(out, refusal->code, &refusal->rule);
        text(out, p, "text", &refusal->text);
        bits(out, "requests", kept_asked_words(), refusal->requests);
        flag(out, "discretionary", refusal->discretionary);
        flag(out, "reason", !refusal->unreasoned);
        end(out, '}');
    }
    end(out, ']');
}

static void telling(struct kept_buf *out, const char *name, const struct telling_rule *t)
{
    if (!t->said)
        return;
    begin(out, name, '{');
    string(out, "clause", t->rule.clause);
    number(out, "line", t->rule.line);
    length(out, "lead", &t->lead, NULL);
    bits(out, "channels", kept_channel_words(), t->channels);
    string(out, "consent", kept_show_consent(t->consent));
    string(out, "disposition", kept_show_disposition(t->disposition));
    end(out, '}');
}

static void duties(struct kept_buf *out, const struct kept_policy *p)
{
    const struct duties *d = &p->duties;
    rights(out, p);
    if (d->cancellation.rule.line != 0) {
        begin(out, "cancellation", '{');
        string(out, "clause", d->cancellation.rule.clause);
        number(out, "cooling_off_ms", d->cancellation.cooling_off);
        deadline(out, &d->cancellation.within);
        string(out, "disposition", d->cancellation.as_asked
                                       ? "as_asked"
                                       : kept_show_disposition(d->cancellation.disposition));
        end(out, '}');
    }
    telling(out, "cessation", &d->cessation);
    telling(out, "material_change", &d->material);
    telling(out, "minor_change", &d->minor);
    begin(out, "trackers", '[');
    for (size_t i = 0; i < d->tracker_count; i++) {
        head(out, d->trackers[i].name, &d->trackers[i].rule);
        text(out, p, "text", &d->trackers[i].text);
        number(out, "lifetime_ms", d->trackers[i].lifetime);
        string(out, "party", kept_policy_name(p, KEPT_K_RECIPIENT, d->trackers[i].recipient));
        end(out, '}');
    }
    end(out, ']');
    begin(out, "values", '[');
    for (size_t i = 0; i < p->value_count; i++) {
        int line = 0;
        const char *file = kept_policy_origin(p, p->values[i].line, &line);
        begin(out, NULL, '{');
        string(out, "path", p->values[i].path);
        string(out, "text", p->values[i].text);
        string(out, "file", file);
        number(out, "line", line);
        end(out, '}');
    }
    end(out, ']');
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
    string(out, "contact", p->contact);
    string(out, "officer", p->officer);
    begin(out, "notice", '[');
    for (size_t i = 0; i < p->sentence_count; i++) {
        begin(out, NULL, '{');
        text(out, p, "text", &p->sentences[i]);
        string(out, "clause", p->sentence_clauses[i]);
        end(out, '}');
    }
    end(out, ']');
    string(out, "withdrawal", kept_key_word(WITHDRAWAL_effect, (size_t)p->info.withdrawal));
    flag(out, "implied_by_use", p->info.implied_by_use);
    string(out, "export", p->export == EXPORT_CONDITIONAL ? "conditional" : "never");
    begin(out, "stored", '[');
    for (size_t i = 0; i < p->stored_in.n; i++) {
        next(out);
        kept_show_quote(out, region_name(p, p->stored_in.v[i]));
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
    duties(out, p);
    profile(out, p);
    kept_buf_u8(out, '}');
}
