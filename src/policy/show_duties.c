/* show_duties.c - what a policy owes, as people read it; and where each value of a policy that was made of
 * two files comes from. */
#include "policy/duties_int.h"
#include "policy/overlay.h"
#include "policy/show_int.h"

const char *kept_show_unit(enum kept_unit unit)
{
    static const char *const words[] = {"", "hours", "days", "working days", "months"};
    return words[unit];
}

const char *kept_show_anchor(enum kept_anchor anchor)
{
    static const char *const words[] = {"received", "verified", "checked", "aware"};
    return words[anchor];
}

const char *kept_show_disposition(enum kept_disposition disposition)
{
    static const char *const words[] = {"none", "erase", "anonymise", "archive"};
    return words[disposition];
}

const char *kept_show_identity(enum kept_identity identity)
{
    static const char *const words[] = {"none", "account", "code", "document"};
    return words[identity];
}

static void where(struct kept_buf *out, const struct rule *rule)
{
    kept_buf_printf(out, "  (line %d%s%s)\n", rule->line, rule->clause[0] != 0 ? ", " : "",
                    rule->clause);
}

static void words_of(struct kept_buf *out, const char *before, const char *const *words,
                     uint32_t bits)
{
    if (bits == 0)
        return;
    kept_buf_printf(out, "; %s:", before);
    for (unsigned i = 0; words[i] != NULL; i++)
        if ((bits >> i & 1u) != 0)
            kept_buf_printf(out, " %s", words[i]);
}

static void deadline(struct kept_buf *out, const struct kept_deadline *d)
{
    if (d->within.n == 0)
        kept_buf_text(out, "no deadline");
    else
        kept_buf_printf(out, "within %u %s of when it is %s%s", d->within.n,
                        kept_show_unit(d->within.unit), kept_show_anchor(d->from),
                        d->moves ? ", to the next working day" : "");
    if (d->filled != NULL)
        kept_buf_printf(out, " [%s]", d->filled);
}

static void rights(struct kept_buf *out, const struct kept_policy *p)
{
    const struct duties *d = &p->duties;
    for (unsigned i = 0; i < KEPT_ASK_COUNT; i++) {
        const struct right_rule *right = &d->asked[i];
        if (!right->pub.said)
            continue;
        kept_buf_printf(out, "  right %s: ", kept_asked_word((enum kept_asked)i));
        deadline(out, &right->pub.deadline);
        if (right->pub.extension.n > 0)
            kept_buf_printf(out, ", once %u %s more", right->pub.extension.n,
                            kept_show_unit(right->pub.extension.unit));
        words_of(out, "by", kept_channel_words(), right->pub.channels);
        kept_buf_printf(out, "; shown by: %s", kept_show_identity(right->pub.identity));
        if (right->fee.said && right->fee.free > 0)
            kept_buf_printf(out, "; %u free in %lld days, then at cost", right->fee.free,
                            (long long)(right->fee.window / KEPT_DAY));
        else if (right->fee.said)
            kept_buf_text(out, "; free");
        where(out, &(struct rule){.clause = right->pub.clause, .line = right->pub.line});
    }
    for (size_t i = 0; i < d->refusal_count; i++) {
        kept_buf_printf(out, "  refusal %s: %s; %s%s", d->refusals[i].code,
                        kept_show_text(&d->refusals[i].text),
                        d->refusals[i].discretionary ? "may" : "must",
                        d->refusals[i].unreasoned ? "" : ", with reasons");
        where(out, &d->refusals[i].rule);
    }
}

static void telling(struct kept_buf *out, const char *name, const struct telling_rule *t)
{
    if (!t->said)
        return;
    kept_buf_printf(out, "  %s", name);
    if (t->lead.n > 0)
        kept_buf_printf(out, ": %u %s before", t->lead.n, kept_show_unit(t->lead.unit));
    if (t->filled != NULL)
        kept_buf_printf(out, " [%s]", t->filled);
    words_of(out, "by", kept_channel_words(), t->channels);
    if (t->triggers != 0)
        kept_buf_text(out, "; what is material:");
    for (unsigned i = 0; i < KEPT_MATERIAL_COUNT; i++)
        if ((t->triggers >> i & 1u) != 0)
            kept_buf_printf(out, " %s", kept_material_code((enum kept_material)i));
    if (t->consent != KEPT_C_NONE)
        kept_buf_printf(out, "; consent: %s", kept_show_consent(t->consent));
    if (t->disposition != KEPT_DISPOSE_NONE)
        kept_buf_printf(out, "; data: %s", kept_show_disposition(t->disposition));
    where(out, &t->rule);
}

static void ends(struct kept_buf *out, const struct kept_policy *p)
{
    static const char *const triggers[] = {
#define X(name, word) word,
        KEPT_TRIGGERS(X)
#undef X
        NULL};
    const struct cancellation_rule *c = &p->duties.cancellation;
    if (c->rule.line != 0) {
        kept_buf_text(out, "  cancellation: ");
        deadline(out, &c->within);
        words_of(out, "by", triggers, c->triggers);
        if (c->cooling_off > 0)
            kept_buf_printf(out, "; takes effect after %lld days",
                            (long long)(c->cooling_off / KEPT_DAY));
        kept_buf_printf(out, "; data: %s", c->as_asked ? "as asked"
                                                       : kept_show_disposition(c->disposition));
        where(out, &c->rule);
    }
    telling(out, "cessation", &p->duties.cessation);
    telling(out, "material change", &p->duties.material);
    telling(out, "other change", &p->duties.minor);
}

static void messages(struct kept_buf *out, const struct kept_policy *p)
{
    static const char *const classes[] = {"marketing", "service", "security"};
    static const char *const told[] = {"persons", "authority", "police", "guardians"};
    for (unsigned i = 0; i < KEPT_MESSAGE_CLASSES; i++) {
        const struct message_rule *m = &p->duties.messages[i];
        if (!m->said)
            continue;
        kept_buf_printf(out, "  messages %s: %s", classes[i],
                        m->can_switch_off ? "can be switched off" : "cannot be switched off");
        words_of(out, "by", kept_channel_words(), m->channels);
        if (m->from_age > 0)
            kept_buf_printf(out, "; from %u years on", m->from_age);
        where(out, &m->rule);
    }
    for (unsigned i = 0; i < KEPT_TOLD_COUNT; i++) {
        const struct incident_rule *incident = &p->duties.incidents[i];
        if (!incident->said)
            continue;
        kept_buf_printf(out, "  incident, %s: ", told[i]);
        deadline(out, &incident->deadline);
        words_of(out, "by", kept_channel_words(), incident->channels);
        where(out, &incident->rule);
    }
}

static void trackers(struct kept_buf *out, const struct kept_policy *p)
{
    static const char *const categories[] = {
#define X(name, word) word,
        KEPT_TRACKER_CATEGORIES(X)
#undef X
    };
    static const char *const kinds[] = {"cookie", "beacon", "pixel", "sdk", "proxy"};
    for (size_t i = 0; i < p->duties.tracker_count; i++) {
        const struct tracker_rule *t = &p->duties.trackers[i];
        const char *party = kept_policy_name(p, KEPT_K_RECIPIENT, t->recipient);
        kept_buf_printf(out, "  tracker %s: %s; %s of %s, %s, ", t->name, kept_show_text(&t->text),
                        kinds[t->kind], party != NULL ? party : "ours",
                        categories[t->category]);
        if (t->lifetime > 0)
            kept_buf_printf(out, "%lld days", (long long)(t->lifetime / KEPT_DAY));
        else
            kept_buf_text(out, "one session");
        where(out, &t->rule);
    }
}

static void logs(struct kept_buf *out, const struct kept_policy *p)
{
    for (size_t i = 0; i < p->duties.log_count; i++) {
        const struct log_book *log = &p->duties.logs[i];
        const struct rule rule = {.clause = log->pub.clause, .line = log->pub.line};
        kept_buf_printf(out, "  log %s: %s; %s, at most %lld days,", log->pub.name, kept_show_text(&log->text),
                        kept_key_word(LOGBOOK_format, log->pub.format), (long long)(log->pub.retain / KEPT_DAY));
        for (size_t k = 0; k < log->pub.field_count; k++)
            kept_buf_printf(out, "%s %s as %s (%s)", k > 0 ? "," : "", log->pub.fields[k].name,
                            kept_policy_name(p, KEPT_K_ITEM, log->pub.fields[k].item),
                            kept_key_word(LOG_FIELD_keep, log->pub.fields[k].keep));
        kept_buf_text(out, " ");
        where(out, &rule);
    }
}

void kept_show_duties(struct kept_buf *out, const struct kept_policy *p)
{
    rights(out, p);
    ends(out, p);
    messages(out, p);
    logs(out, p);
    trackers(out, p);
    for (size_t i = 0; i < p->value_count; i++) {
        const struct said *said = &p->values[i];
        int line = 0;
        const char *file = kept_policy_origin(p, said->line, &line);
        if (i == 0)
            kept_buf_text(out, "where each value stands\n");
        kept_buf_printf(out, "  %s: %s  (%s:%d)\n", said->path,
                        said->text[0] != 0 ? said->text : "a list", file, line);
    }
}
