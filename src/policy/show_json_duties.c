/* show_json_duties.c - what a policy owes, as JSON: everything that duties.h answers is said here. */
#include "policy/duties_int.h"
#include "policy/overlay.h"
#include "policy/show_write.h"

static void rights(struct kept_buf *out, const struct kept_policy *p)
{
    const struct duties *d = &p->duties;
    section(out, "rights_rule", &d->rights);
    end(out, '}');
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
        section(out, "fee", &right->fee.rule);
        flag(out, "said", right->fee.said);
        end(out, '}');
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
    words(out, "triggers", MATERIAL_triggers, t->triggers);
    end(out, '}');
}

static void cancellation(struct kept_buf *out, const struct kept_policy *p)
{
    const struct cancellation_rule *c = &p->duties.cancellation;
    if (c->rule.line == 0)
        return;
    section(out, "cancellation", &c->rule);
    words(out, "triggers", CANCELLATION_triggers, c->triggers);
    number(out, "cooling_off_ms", c->cooling_off);
    deadline(out, &c->within);
    string(out, "disposition", c->as_asked ? "as_asked" : kept_show_disposition(c->disposition));
    begin(out, "preconditions", '[');
    for (size_t i = 0; i < c->open_count; i++) {
        head(out, c->open[i].name, &c->open[i].rule);
        text(out, p, "text", &c->open[i].text);
        end(out, '}');
    }
    end(out, ']');
    end(out, '}');
}

static void account(struct kept_buf *out, const struct kept_policy *p)
{
    const struct account_rule *a = &p->duties.account;
    if (a->rule.line == 0)
        return;
    section(out, "account", &a->rule);
    begin(out, "ways", '[');
    for (unsigned i = 0; i < KEPT_WAY_COUNT; i++)
        if ((a->ways >> i & 1u) != 0) {
            next(out);
            kept_show_quote(out, kept_key_word(ACCOUNT_mode, i + 1));
        }
    end(out, ']');
    string(out, "real_name", kept_key_word(ACCOUNT_real_name, (size_t)a->real_name));
    one_text(out, p, "statute", &a->statute);
    string(out, "function", kept_policy_name(p, KEPT_K_FUNCTION, a->function));
    flag(out, "self_service", a->self_service);
    end(out, '}');
}

static void messages(struct kept_buf *out, const struct kept_policy *p)
{
    begin(out, "messages", '{');
    for (unsigned i = 0; i < KEPT_MESSAGE_CLASSES; i++) {
        const struct message_rule *m = &p->duties.messages[i];
        if (!m->said)
            continue;
        section(out, kept_key_row((enum key)(MESSAGES_marketing + i))->name, &m->rule);
        bits(out, "channels", kept_channel_words(), m->channels);
        flag(out, "switch_off", m->can_switch_off);
        number(out, "from_age", m->from_age);
        end(out, '}');
    }
    end(out, '}');
}

static void incident(struct kept_buf *out, const struct kept_policy *p)
{
    begin(out, "incident", '{');
    for (unsigned i = 0; i < KEPT_TOLD_COUNT; i++) {
        const struct incident_rule *told = &p->duties.incidents[i];
        if (!told->said)
            continue;
        section(out, kept_key_row((enum key)(INCIDENT_persons + i))->name, &told->rule);
        deadline(out, &told->deadline);
        bits(out, "channels", kept_channel_words(), told->channels);
        string(out, "fallback",
               told->fallback >= 0 ? kept_channel_word((enum kept_channel)told->fallback) : NULL);
        words(out, "fields", TOLD_fields, told->fields);
        end(out, '}');
    }
    end(out, '}');
}

static void trackers(struct kept_buf *out, const struct kept_policy *p)
{
    const struct duties *d = &p->duties;
    section(out, "cookies", &d->cookies);
    string(out, "opt_out", kept_key_word(COOKIES_opt_out, (size_t)d->opt_out));
    begin(out, "categories", '{');
    for (unsigned i = 0; i < KEPT_TRACKER_CATEGORY_COUNT; i++) {
        const struct category_rule *c = &d->categories[i];
        if (!c->said)
            continue;
        section(out, kept_key_row((enum key)(CATEGORIES_authentication + i))->name, &c->rule);
        string(out, "consent", kept_show_consent(c->consent));
        flag(out, "necessary", c->necessary);
        end(out, '}');
    }
    end(out, '}');
    end(out, '}');
    begin(out, "trackers", '[');
    for (size_t i = 0; i < d->tracker_count; i++) {
        const struct tracker_rule *t = &d->trackers[i];
        head(out, t->name, &t->rule);
        text(out, p, "text", &t->text);
        string(out, "category", kept_key_row((enum key)(CATEGORIES_authentication + t->category))->name);
        string(out, "kind", kept_key_word(TRACKER_kind, (size_t)t->kind));
        number(out, "lifetime_ms", t->lifetime);
        string(out, "party", kept_policy_name(p, KEPT_K_RECIPIENT, t->recipient));
        end(out, '}');
    }
    end(out, ']');
}

static void logs(struct kept_buf *out, const struct kept_policy *p)
{
    begin(out, "logs", '[');
    for (size_t i = 0; i < p->duties.log_count; i++) {
        const struct log_book *log = &p->duties.logs[i];
        const struct rule rule = {.clause = log->pub.clause, .line = log->pub.line};
        head(out, log->pub.name, &rule);
        text(out, p, "text", &log->text);
        string(out, "format", kept_key_word(LOGBOOK_format, log->pub.format));
        names(out, p, "purposes", KEPT_K_PURPOSE, &log->purposes);
        number(out, "retain_ms", log->pub.retain);
        begin(out, "fields", '[');
        for (size_t k = 0; k < log->pub.field_count; k++) {
            const struct kept_log_field *field = &log->pub.fields[k];
            const struct rule said = {.clause = field->clause, .line = field->line};
            head(out, field->name, &said);
            string(out, "from", field->from);
            string(out, "item", kept_policy_name(p, KEPT_K_ITEM, field->item));
            string(out, "keep", kept_key_word(LOG_FIELD_keep, field->keep));
            end(out, '}');
        }
        end(out, ']');
        end(out, '}');
    }
    end(out, ']');
}

/* Of two files: which said what. */
static void values(struct kept_buf *out, const struct kept_policy *p)
{
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

void kept_show_json_duties(struct kept_buf *out, const struct kept_policy *p)
{
    const struct duties *d = &p->duties;
    rights(out, p);
    account(out, p);
    cancellation(out, p);
    telling(out, "cessation", &d->cessation);
    telling(out, "material_change", &d->material);
    telling(out, "minor_change", &d->minor);
    messages(out, p);
    incident(out, p);
    if (d->log.line != 0) {
        section(out, "log", &d->log);
        string(out, "personal", d->log_personal == LOG_NEVER ? "never" : "declared");
        end(out, '}');
    }
    logs(out, p);
    trackers(out, p);
    values(out, p);
}
