/* read_tellings.c - whom we tell what, how and how long before: changes of the policy, the end of the
 * service, incidents; and what the model says. */
#include <string.h>

#include "policy/duties_int.h"

static const char *const material_words[] = {
#define X(name, word, code) word,
    KEPT_MATERIALS(X)
#undef X
    NULL};

const char *kept_material_code(enum kept_material material)
{
    static const char *const codes[] = {
#define X(name, word, code) code,
        KEPT_MATERIALS(X)
#undef X
    };
    return (unsigned)material < KEPT_MATERIAL_COUNT ? codes[material] : "?";
}

/* One side of `changes`: what is material, and what is not. */
static void read_side(struct reader *r, const struct node *changes, const char *key,
                      struct telling_rule *side)
{
    static const char *const of_material[] = {"triggers", "channels", "lead", "consent", "clause", NULL};
    static const char *const of_minor[] = {"channels", "lead", "consent", "clause", NULL};
    static const char *const consents[] = {"none", "explicit", "separate", NULL};
    bool material = strcmp(key, "material") == 0;
    const struct node *node = kept_child(r, changes, key);
    *side = (struct telling_rule){.rule = {.clause = "", .line = 0}};
    if (node == NULL || !kept_keys(r, node, material ? of_material : of_minor, key))
        return;
    side->said = true;
    side->rule = kept_rule(r, node, node->key_line);
    side->column = node->key_column;
    if (material && kept_need(r, node, "triggers", "people must know which changes they are asked about") != NULL)
        side->triggers = kept_read_words(r, node, "triggers", material_words);
    (void)kept_need(r, node, "channels", "a change that nobody is told of binds nobody (PIPL 17)");
    side->channels = kept_read_words(r, node, "channels", kept_channel_words());
    if (kept_child(r, node, "lead") != NULL)
        (void)kept_read_length(r, kept_child(r, node, "lead"), &side->lead);
    int word = kept_child(r, node, "consent") != NULL
                   ? kept_word(r, kept_child(r, node, "consent"), consents)
                   : 0;
    side->consent = word > 0 ? (enum kept_consent_kind)(KEPT_C_IMPLIED + word) : KEPT_C_NONE;
}

static void read_changes(struct reader *r, const struct node *root)
{
    const struct node *changes = kept_child(r, root, "changes");
    read_side(r, changes, "material", &r->policy->duties.material);
    read_side(r, changes, "minor", &r->policy->duties.minor);
    if (kept_flag(r, changes, "retroactive", false)) {
        const struct node *node = kept_child(r, changes, "retroactive");
        kept_find(r, KEPT_ERROR, "RETROACTIVE", node->line, node->column, "remove it",
                  "no version reaches back: what was done is judged by the version of its day "
                  "(PIPL 7, 14)");
    }
}

static void read_cessation(struct reader *r, const struct node *root)
{
    struct telling_rule *end = &r->policy->duties.cessation;
    const struct node *node = kept_child(r, root, "cessation");
    bool third = false;
    *end = (struct telling_rule){.rule = {.clause = "", .line = 0}};
    if (node == NULL || node->kind != NODE_MAP)
        return; /* which read_head.c reported */
    end->said = true;
    end->rule = r->policy->cessation;
    end->column = node->key_column;
    if (kept_child(r, node, "lead") != NULL)
        (void)kept_read_length(r, kept_child(r, node, "lead"), &end->lead);
    end->channels = kept_read_words(r, node, "channels", kept_channel_words());
    end->disposition = kept_read_disposition(r, node, "disposition", NULL, &third);
}

static void read_incident(struct reader *r, const struct node *map, const char *key,
                          const char *clause, struct incident_rule *incident)
{
    static const char *const keys[] = {"deadline", "channels", "fallback", "fields", "clause", NULL};
    static const char *const fields[] = {
#define X(name, word) word,
        KEPT_INCIDENT_FIELDS(X)
#undef X
        NULL};
    const struct node *node = kept_child(r, map, key);
    *incident = (struct incident_rule){.rule = {.clause = "", .line = 0}, .fallback = -1};
    if (node == NULL || !kept_keys(r, node, keys, "who is told of an incident"))
        return;
    incident->said = true;
    incident->rule = kept_rule(r, node, node->key_line);
    if (incident->rule.clause[0] == 0)
        incident->rule.clause = clause;
    incident->column = node->key_column;
    incident->deadline.from = KEPT_ANCHOR_AWARE;
    (void)kept_need(r, node, "deadline", "at once means hours that can be counted (PIPL 57)");
    kept_read_deadline(r, node, "deadline", &incident->deadline);
    (void)kept_need(r, node, "channels", "they must be reached");
    incident->channels = kept_read_words(r, node, "channels", kept_channel_words());
    if (kept_child(r, node, "fallback") != NULL)
        incident->fallback = kept_word(r, kept_child(r, node, "fallback"), kept_channel_words());
    (void)kept_need(r, node, "fields", "a notice says what it must say, or is not sent (PIPL 57)");
    incident->fields = kept_read_words(r, node, "fields", fields);
}

static void read_incidents(struct reader *r, const struct node *root)
{
    static const char *const keys[] = {"persons", "authority", "police", "guardians", "clause", NULL};
    const struct node *node = kept_child(r, root, "incident");
    bool there = node != NULL && kept_keys(r, node, keys, "'incident'");
    const char *clause = there ? kept_rule(r, node, node->key_line).clause : "";
    for (unsigned i = 0; i < KEPT_TOLD_COUNT; i++)
        read_incident(r, there ? node : NULL, keys[i], clause, &r->policy->duties.incidents[i]);
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
    const struct kept_deadline lead = {.within = end->lead};
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
    const struct kept_deadline lead = {.within = side->lead};
    return (struct kept_change){.said = side->said, .material = material,
                                .channels = side->channels,
                                .earliest = kept_due(&policy->info.zone, &lead, told, calendar),
                                .consent = side->consent, .clause = side->rule.clause,
                                .line = side->rule.line};
}

struct kept_incident kept_policy_incident(const struct kept_policy *policy, enum kept_told who,
                                          const struct kept_anchors *anchors,
                                          const struct kept_calendar *calendar)
{
    struct kept_incident answer = {.clause = "", .due = {.clause = ""}};
    if ((unsigned)who >= KEPT_TOLD_COUNT || !policy->duties.incidents[who].said)
        return answer;
    const struct incident_rule *rule = &policy->duties.incidents[who];
    answer = (struct kept_incident){
        .said = true, .channels = rule->channels, .fields = rule->fields,
        .falls_back = rule->fallback >= 0,
        .fallback = rule->fallback >= 0 ? (enum kept_channel)rule->fallback : KEPT_CH_COUNT,
        .due = kept_due(&policy->info.zone, &rule->deadline, anchors->at[rule->deadline.from],
                        calendar),
        .clause = rule->rule.clause, .line = rule->rule.line};
    answer.due.clause = answer.clause;
    answer.due.line = answer.line;
    return answer;
}
