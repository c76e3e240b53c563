/* read_tellings.c - whom we tell what, how and how long before: changes of the policy, the end of the
 * service, incidents; and what the model says. */
#include <string.h>

#include "policy/duties_int.h"

const char *kept_material_code(enum kept_material material)
{
    static const char *const codes[] = {
#define X(name, word, code) code,
        KEPT_MATERIALS(X)
#undef X
    };
    return (unsigned)material < KEPT_MATERIAL_COUNT ? codes[material] : "?";
}

static void begin_side(struct reader *r, const struct node *node, struct telling_rule *side)
{
    side->said = true;
    side->rule = kept_rule(r, node, node->key_line);
    side->column = node->key_column;
}

static enum kept_consent_kind consent_of(int word)
{
    return word > 0 ? (enum kept_consent_kind)(KEPT_C_IMPLIED + word) : KEPT_C_NONE;
}

static void read_material(struct reader *r, const struct node *node, struct telling_rule *side)
{
    *side = (struct telling_rule){.rule = {.clause = "", .line = 0}};
    if (node == NULL || !kept_keys_of(r, node, SECTION_MATERIAL))
        return;
    begin_side(r, node, side);
    side->triggers = kept_read_words(r, node, MATERIAL_triggers);
    side->channels = kept_read_words(r, node, MATERIAL_channels);
    kept_read_length(r, kept_at(r, node, MATERIAL_lead), &side->lead);
    side->consent = consent_of(kept_word_at(r, node, MATERIAL_consent));
}

static void read_minor(struct reader *r, const struct node *node, struct telling_rule *side)
{
    *side = (struct telling_rule){.rule = {.clause = "", .line = 0}};
    if (node == NULL || !kept_keys_of(r, node, SECTION_MINOR))
        return;
    begin_side(r, node, side);
    side->channels = kept_read_words(r, node, MINOR_channels);
    kept_read_length(r, kept_at(r, node, MINOR_lead), &side->lead);
    side->consent = consent_of(kept_word_at(r, node, MINOR_consent));
}

static void read_changes(struct reader *r, const struct node *root)
{
    const struct node *changes = kept_at(r, root, POLICY_changes);
    const struct node *back = kept_at(r, changes, CHANGES_retroactive);
    read_material(r, kept_at(r, changes, CHANGES_material), &r->policy->duties.material);
    read_minor(r, kept_at(r, changes, CHANGES_minor), &r->policy->duties.minor);
    if (kept_flag_at(r, changes, CHANGES_retroactive))
        kept_find(r, CODE_RETROACTIVE, back->line, back->column, "remove it",
                  "no version reaches back: what was done is judged by the version of its day "
                  "(PIPL 7, 14)");
}

static void read_cessation(struct reader *r, const struct node *root)
{
    struct telling_rule *end = &r->policy->duties.cessation;
    const struct node *node = kept_at(r, root, POLICY_cessation);
    *end = (struct telling_rule){.rule = {.clause = "", .line = 0}};
    if (node == NULL || node->kind != NODE_MAP)
        return; /* which read_head.c reported */
    end->said = true;
    end->rule = r->policy->cessation;
    end->column = node->key_column;
    kept_read_length(r, kept_at(r, node, CESSATION_lead), &end->lead);
    end->channels = kept_read_words(r, node, CESSATION_channels);
    end->disposition = kept_word_at(r, node, CESSATION_disposition) == 1 ? KEPT_DISPOSE_ANONYMISE
                                                                         : KEPT_DISPOSE_ERASE;
}

static void read_incident(struct reader *r, const struct node *node, const char *clause,
                          struct incident_rule *incident)
{
    *incident = (struct incident_rule){.rule = {.clause = "", .line = 0}, .fallback = -1};
    if (node == NULL || !kept_keys_of(r, node, SECTION_TOLD))
        return;
    incident->said = true;
    incident->rule = kept_rule(r, node, node->key_line);
    if (incident->rule.clause[0] == 0)
        incident->rule.clause = clause;
    incident->column = node->key_column;
    incident->deadline.from = KEPT_ANCHOR_AWARE;
    kept_read_deadline(r, kept_at(r, node, TOLD_deadline), &incident->deadline);
    incident->channels = kept_read_words(r, node, TOLD_channels);
    incident->fallback = kept_word_at(r, node, TOLD_fallback);
    incident->fields = kept_read_words(r, node, TOLD_fields);
}

static void read_incidents(struct reader *r, const struct node *root)
{
    const struct node *node = kept_at(r, root, POLICY_incident);
    bool there = node != NULL && kept_keys_of(r, node, SECTION_INCIDENT);
    const char *clause = there ? kept_rule(r, node, node->key_line).clause : "";
    for (unsigned i = 0; i < KEPT_TOLD_COUNT; i++)
        read_incident(r, there ? kept_at(r, node, (enum key)(INCIDENT_persons + i)) : NULL, clause,
                      &r->policy->duties.incidents[i]);
}

void kept_read_tellings(struct reader *r, const struct node *root)
{
    read_changes(r, root);
    read_cessation(r, root);
    read_incidents(r, root);
}

/* ---- what it says ------------------------------------------------------------------------------ */

struct kept_ending kept_policy_cessation(const struct kept_policy *policy, kept_ms told,
                                         const struct kept_calendar *calendar)
{
    const struct telling_rule *end = &policy->duties.cessation;
    const struct kept_deadline lead = {.within = end->lead, .filled = end->filled};
    return (struct kept_ending){.said = end->said,
                                .earliest = kept_due(&policy->info.zone, &lead, told, calendar),
                                .channels = end->channels, .disposition = end->disposition,
                                .clause = end->rule.clause, .line = end->rule.line};
}

struct kept_change kept_policy_change(const struct kept_policy *policy, uint32_t what, kept_ms told,
                                      const struct kept_calendar *calendar)
{
    const struct duties *d = &policy->duties;
    bool material = d->material.said && (what & d->material.triggers) != 0;
    const struct telling_rule *side = material ? &d->material : &d->minor;
    const struct kept_deadline lead = {.within = side->lead, .filled = side->filled};
    return (struct kept_change){.said = side->said, .material = material,
                                .channels = side->channels,
                                .lead = side->lead,
                                .earliest = kept_due(&policy->info.zone, &lead, told, calendar),
                                .consent = side->consent, .clause = side->rule.clause,
                                .line = side->rule.line};
}

struct kept_incident kept_policy_incident(const struct kept_policy *policy, enum kept_told who,
                                          const struct kept_anchors *anchors,
                                          const struct kept_calendar *calendar)
{
    struct kept_incident answer = {.clause = "", .due = {.clause = ""}};
    if ((unsigned)who >= KEPT_TOLD_COUNT)
        return answer;
    bool own = policy->duties.incidents[who].said;
    const struct incident_rule *rule = own ? &policy->duties.incidents[who] : &policy->told_by_law[who];
    if (!rule->said)
        return answer;
    answer = (struct kept_incident){
        .said = true, .filled = own ? NULL : rule->filled, .channels = rule->channels, .fields = rule->fields,
        .falls_back = rule->fallback >= 0,
        .fallback = rule->fallback >= 0 ? (enum kept_channel)rule->fallback : KEPT_CH_COUNT,
        .due = kept_due(&policy->info.zone, &rule->deadline, anchors->at[rule->deadline.from],
                        calendar),
        .clause = rule->rule.clause, .line = rule->rule.line};
    answer.due.clause = answer.clause;
    answer.due.line = answer.line;
    return answer;
}
