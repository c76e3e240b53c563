/* read_duties.c - accounts and how they end, messages, logs, the too young; and what the model says. */
#include <string.h>

#include "policy/duties_int.h"

static void read_account(struct reader *r, const struct node *root)
{
    struct account_rule *a = &r->policy->duties.account;
    const struct node *node = kept_at(r, root, POLICY_account);
    *a = (struct account_rule){.rule = {.clause = "", .line = 0}, .function = KEPT_NO_INDEX};
    if (node == NULL || !kept_keys_of(r, node, SECTION_ACCOUNT))
        return;
    a->rule = kept_rule(r, node, node->key_line);
    a->column = node->key_column;
    int word = kept_word_at(r, node, ACCOUNT_mode);
    if (word > 0)
        a->ways = word == 4 ? (1u << KEPT_WAY_COUNT) - 1 : 1u << (word - 1);
    word = kept_word_at(r, node, ACCOUNT_real_name);
    a->real_name = word > 0 ? (enum kept_real_name)word : KEPT_REAL_NAME_NONE;
    a->statute = kept_one_text_at(r, node, ACCOUNT_statute);
    a->function = kept_name_at(r, node, ACCOUNT_function);
    a->self_service = kept_flag_at(r, node, ACCOUNT_self_service);
}

static void read_preconditions(struct reader *r, const struct node *map, struct cancellation_rule *c)
{
    const struct node *node = kept_at(r, map, CANCELLATION_preconditions);
    if (node == NULL || !kept_keys(r, node, NULL, "'preconditions'"))
        return;
    c->open = kept_arena_alloc(&r->policy->arena, node->count, sizeof *c->open);
    for (uint32_t i = node->first; c->open != NULL && i != NO_NODE; i = r->tree.nodes[i].next) {
        const struct node *one = &r->tree.nodes[i];
        struct precondition_rule *rule = &c->open[c->open_count++];
        *rule = (struct precondition_rule){.rule = {.clause = "", .line = one->key_line},
                                           .name = one->key};
        if (!kept_name_valid(one->key))
            kept_find(r, CODE_BAD_NAME, one->key_line, one->key_column,
                      "use lower-case letters, digits, '.', '_', '-'; begin with a letter",
                      "'%.64s' cannot be the name of a precondition", one->key);
        if (!kept_keys_of(r, one, SECTION_PRECONDITION))
            continue;
        rule->rule = kept_rule(r, one, one->key_line);
        rule->text = kept_text_at(r, one, PRECONDITION_text);
    }
}

static void read_cancellation(struct reader *r, const struct node *root)
{
    struct cancellation_rule *c = &r->policy->duties.cancellation;
    const struct node *node = kept_at(r, root, POLICY_cancellation);
    *c = (struct cancellation_rule){.rule = {.clause = "", .line = 0}};
    if (node == NULL || !kept_keys_of(r, node, SECTION_CANCELLATION))
        return;
    c->rule = kept_rule(r, node, node->key_line);
    c->column = node->key_column;
    c->triggers = kept_read_words(r, node, CANCELLATION_triggers);
    (void)kept_duration(r, kept_at(r, node, CANCELLATION_cooling_off), &c->cooling_off);
    kept_read_length(r, kept_at(r, node, CANCELLATION_within), &c->within.within);
    int disposition = kept_word_at(r, node, CANCELLATION_disposition);
    c->as_asked = disposition == 2;
    c->disposition = disposition == 1 ? KEPT_DISPOSE_ANONYMISE : KEPT_DISPOSE_ERASE;
    read_preconditions(r, node, c);
}

static void read_message(struct reader *r, const struct node *node, struct message_rule *message,
                         bool off)
{
    *message = (struct message_rule){.rule = {.clause = "", .line = 0}};
    if (node == NULL || !kept_keys_of(r, node, SECTION_MESSAGE))
        return;
    message->said = true;
    message->rule = kept_rule(r, node, node->key_line);
    message->column = node->key_column;
    message->channels = kept_read_words(r, node, MESSAGE_channels);
    message->can_switch_off = kept_flag(r, node, kept_key_row(MESSAGE_switch_off)->name, off);
    (void)kept_number_at(r, node, MESSAGE_from_age, &message->from_age);
}

static void read_messages(struct reader *r, const struct node *root)
{
    const struct node *node = kept_at(r, root, POLICY_messages);
    bool there = node != NULL && kept_keys_of(r, node, SECTION_MESSAGES);
    for (unsigned i = 0; i < KEPT_MESSAGE_CLASSES; i++)
        read_message(r, there ? kept_at(r, node, (enum key)(MESSAGES_marketing + i)) : NULL,
                     &r->policy->duties.messages[i], i == KEPT_MESSAGE_MARKETING);
}

static void read_log(struct reader *r, const struct node *root)
{
    struct duties *d = &r->policy->duties;
    const struct node *node = kept_at(r, root, POLICY_log);
    d->log = (struct rule){.clause = "", .line = 0};
    if (node == NULL || !kept_keys_of(r, node, SECTION_LOG))
        return;
    d->log = kept_rule(r, node, node->key_line);
    int word = kept_word_at(r, node, LOG_personal);
    d->log_personal = word < 0 ? LOG_UNSAID : word == 0 ? LOG_NEVER : LOG_DECLARED;
}

void kept_read_duties(struct reader *r, const struct node *root)
{
    read_account(r, root);
    read_cancellation(r, root);
    read_messages(r, root);
    read_log(r, root);
    r->policy->duties.on_discovery =
        kept_read_words(r, kept_at(r, root, POLICY_age), AGE_on_discovery);
}

/* ---- what it says ------------------------------------------------------------------------------ */

struct kept_account kept_policy_account(const struct kept_policy *policy)
{
    const struct account_rule *a = &policy->duties.account;
    return (struct kept_account){.said = a->rule.line != 0, .ways = a->ways,
                                 .real_name = a->real_name, .function = a->function,
                                 .self_service = a->self_service,
                                 .clause = a->rule.clause, .line = a->rule.line};
}

static const struct precondition_rule *first_open(const struct cancellation_rule *c,
                                                  const struct kept_leaving *leaving)
{
    for (size_t i = 0; i < c->open_count; i++)
        for (size_t k = 0; k < leaving->open_count; k++)
            if (strcmp(c->open[i].name, leaving->open[k]) == 0)
                return &c->open[i];
    return NULL;
}

struct kept_cancellation kept_policy_cancellation(const struct kept_policy *policy,
                                                  const struct kept_leaving *leaving,
                                                  const struct kept_calendar *calendar)
{
    const struct cancellation_rule *c = &policy->duties.cancellation;
    const struct precondition_rule *open = first_open(c, leaving);
    const struct rule *rule = open != NULL ? &open->rule : &c->rule;
    struct kept_cancellation answer = {
        .said = c->rule.line != 0, .blocked_by = open != NULL ? open->name : NULL,
        .effective = leaving->at + c->cooling_off, .disposition = c->disposition,
        .due = kept_due(&policy->info.zone, &c->within, leaving->at, calendar),
        .clause = rule->clause, .line = rule->line};
    answer.accepted = answer.said && open == NULL && (unsigned)leaving->trigger < 32 &&
                      (c->triggers >> leaving->trigger & 1u) != 0;
    bool can = leaving->asked == KEPT_DISPOSE_ERASE || leaving->asked == KEPT_DISPOSE_ANONYMISE;
    if (c->as_asked && can)
        answer.disposition = leaving->asked;
    return answer;
}

const char *kept_policy_precondition(const struct kept_policy *policy, size_t index, size_t language,
                                     const char **ret_text)
{
    const struct cancellation_rule *c = &policy->duties.cancellation;
    if (index >= c->open_count)
        return NULL;
    *ret_text = language < policy->info.languages ? c->open[index].text.v[language] : NULL;
    return c->open[index].name;
}

uint32_t kept_policy_on_discovery(const struct kept_policy *policy)
{
    return policy->duties.on_discovery;
}

/* What keeps somebody of this birthday from what begins at an age; who tells none is taken as the policy takes them
 * elsewhere. */
static enum kept_reason too_young(const struct kept_policy *p, uint32_t from_age, int32_t birth_day, kept_ms now)
{
    if (from_age == 0)
        return KEPT_R_NONE;
    int32_t today = kept_zone_day(&p->info.zone, now);
    if (birth_day == KEPT_BIRTH_UNKNOWN || birth_day > today)
        return p->age_unknown_allowed ? KEPT_R_NONE : KEPT_R_AGE_UNKNOWN;
    return kept_age_years(birth_day, today) >= (int)from_age ? KEPT_R_NONE : KEPT_R_AGE;
}

uint32_t kept_advertised_from(const struct kept_policy *policy, uint32_t purpose)
{
    return purpose < policy->info.purposes && policy->purposes[purpose].advertises
               ? policy->duties.messages[KEPT_MESSAGE_MARKETING].from_age
               : 0;
}

bool kept_not_advertised(const struct kept_policy *policy, uint32_t purpose, int32_t birth_day, kept_ms now,
                         enum kept_reason *ret_why)
{
    *ret_why = too_young(policy, kept_advertised_from(policy, purpose), birth_day, now);
    return *ret_why != KEPT_R_NONE;
}

struct kept_message kept_policy_message(const struct kept_policy *policy,
                                        enum kept_message_class class, enum kept_channel channel,
                                        bool switched_off, int32_t birth_day, kept_ms now)
{
    struct kept_message answer = {.verdict = KEPT_MESSAGE_UNDECLARED, .clause = ""};
    if ((unsigned)class >= KEPT_MESSAGE_CLASSES || !policy->duties.messages[class].said)
        return answer;
    const struct message_rule *message = &policy->duties.messages[class];
    bool by = (unsigned)channel < KEPT_CH_COUNT && (message->channels >> channel & 1u) != 0;
    answer.can_switch_off = message->can_switch_off;
    answer.clause = message->rule.clause;
    answer.line = message->rule.line;
    answer.verdict = !by                                             ? KEPT_MESSAGE_CHANNEL
                     : switched_off && message->can_switch_off       ? KEPT_MESSAGE_SWITCHED_OFF
                     : too_young(policy, message->from_age, birth_day, now) != KEPT_R_NONE ? KEPT_MESSAGE_AGE
                                                                                           : KEPT_MESSAGE_SEND;
    return answer;
}

bool kept_policy_log_may(const struct kept_policy *policy, uint32_t item)
{
    return item < policy->info.items && policy->duties.log_personal == LOG_DECLARED &&
           strcmp(policy->items[item].information, "log") == 0;
}
