/* read_duties.c - accounts and how they end, messages, logs, the too young; and what the model says. */
#include <string.h>

#include "policy/duties_int.h"

static void read_account(struct reader *r, const struct node *root)
{
    static const char *const keys[] = {"mode", "real_name", "statute", "function", "clause", NULL};
    static const char *const modes[] = {"none", "phone", "mail", "third_party", "any", NULL};
    static const char *const bases[] = {"none", "consent", "contract", "legal_obligation", NULL};
    struct account_rule *a = &r->policy->duties.account;
    const struct node *node = kept_child(r, root, "account");
    *a = (struct account_rule){.rule = {.clause = "", .line = 0}, .function = KEPT_NO_INDEX};
    if (node == NULL || !kept_keys(r, node, keys, "'account'"))
        return;
    a->rule = kept_rule(r, node, node->key_line);
    a->column = node->key_column;
    const struct node *mode = kept_need(r, node, "mode", "people must know whether they need an account");
    int word = mode != NULL ? kept_word(r, mode, modes) : -1;
    if (word > 0)
        a->ways = word == 4 ? (1u << KEPT_WAY_COUNT) - 1 : 1u << (word - 1);
    word = kept_child(r, node, "real_name") != NULL
               ? kept_word(r, kept_child(r, node, "real_name"), bases)
               : 0;
    a->real_name = word > 0 ? (enum kept_real_name)word : KEPT_REAL_NAME_NONE;
    a->statute = kept_string(r, kept_child(r, node, "statute"));
    if (kept_child(r, node, "function") != NULL)
        a->function = kept_name_of(r, kept_child(r, node, "function"), KEPT_K_FUNCTION);
}

static void read_preconditions(struct reader *r, const struct node *map, struct cancellation_rule *c)
{
    static const char *const keys[] = {"text", "clause", NULL};
    const struct node *node = kept_child(r, map, "preconditions");
    if (node == NULL || !kept_keys(r, node, NULL, "'preconditions'"))
        return;
    c->open = kept_arena_alloc(&r->policy->arena, node->count, sizeof *c->open);
    for (uint32_t i = node->first; c->open != NULL && i != NO_NODE; i = r->tree.nodes[i].next) {
        const struct node *one = &r->tree.nodes[i];
        struct precondition_rule *rule = &c->open[c->open_count++];
        *rule = (struct precondition_rule){.rule = {.clause = "", .line = one->key_line},
                                           .name = one->key};
        if (!kept_name_valid(one->key))
            kept_find(r, KEPT_ERROR, "BAD_NAME", one->key_line, one->key_column,
                      "use lower-case letters, digits, '.', '_', '-'; begin with a letter",
                      "'%.64s' cannot be the name of a precondition", one->key);
        if (!kept_keys(r, one, keys, "a precondition"))
            continue;
        rule->rule = kept_rule(r, one, one->key_line);
        rule->text = kept_text(r, one, "text", true);
    }
}

static void read_cancellation(struct reader *r, const struct node *root)
{
    static const char *const keys[] = {"triggers", "cooling_off", "within", "preconditions",
                                       "disposition", "clause", NULL};
    static const char *const triggers[] = {
#define X(name, word) word,
        KEPT_TRIGGERS(X)
#undef X
        NULL};
    struct cancellation_rule *c = &r->policy->duties.cancellation;
    const struct node *node = kept_child(r, root, "cancellation");
    *c = (struct cancellation_rule){.rule = {.clause = "", .line = 0}};
    if (node == NULL || !kept_keys(r, node, keys, "'cancellation'"))
        return;
    c->rule = kept_rule(r, node, node->key_line);
    c->column = node->key_column;
    (void)kept_need(r, node, "triggers", "people must know how to leave (PIPL 47)");
    c->triggers = kept_read_words(r, node, "triggers", triggers);
    if (kept_child(r, node, "cooling_off") != NULL)
        (void)kept_duration(r, kept_child(r, node, "cooling_off"), &c->cooling_off);
    if (kept_child(r, node, "within") != NULL)
        (void)kept_read_length(r, kept_child(r, node, "within"), &c->within.within);
    c->disposition = kept_read_disposition(r, node, "disposition", "as_asked", &c->as_asked);
    read_preconditions(r, node, c);
}

static void read_message(struct reader *r, const struct node *map, const char *key,
                         struct message_rule *message, bool off)
{
    static const char *const keys[] = {"channels", "switch_off", "from_age", "clause", NULL};
    const struct node *node = kept_child(r, map, key);
    *message = (struct message_rule){.rule = {.clause = "", .line = 0}};
    if (node == NULL || !kept_keys(r, node, keys, "a class of messages"))
        return;
    message->said = true;
    message->rule = kept_rule(r, node, node->key_line);
    message->column = node->key_column;
    (void)kept_need(r, node, "channels", "people must know where messages reach them");
    message->channels = kept_read_words(r, node, "channels", kept_channel_words());
    message->can_switch_off = kept_flag(r, node, "switch_off", off);
    if (kept_child(r, node, "from_age") != NULL)
        (void)kept_number(r, kept_child(r, node, "from_age"), 1, 150, &message->from_age);
}

static void read_messages(struct reader *r, const struct node *root)
{
    static const char *const keys[] = {"marketing", "service", "security", NULL};
    const struct node *node = kept_child(r, root, "messages");
    bool there = node != NULL && kept_keys(r, node, keys, "'messages'");
    for (unsigned i = 0; i < KEPT_MESSAGE_CLASSES; i++)
        read_message(r, there ? node : NULL, keys[i], &r->policy->duties.messages[i],
                     i == KEPT_MESSAGE_MARKETING);
}

static void read_log(struct reader *r, const struct node *root)
{
    static const char *const keys[] = {"personal", "clause", NULL};
    static const char *const words[] = {"never", "declared", NULL};
    struct duties *d = &r->policy->duties;
    const struct node *node = kept_child(r, root, "log");
    d->log = (struct rule){.clause = "", .line = 0};
    if (node == NULL || !kept_keys(r, node, keys, "'log'"))
        return;
    d->log = kept_rule(r, node, node->key_line);
    const struct node *personal =
        kept_need(r, node, "personal", "logs hold what is about people, or nothing of it");
    int word = personal != NULL ? kept_word(r, personal, words) : -1;
    d->log_personal = word < 0 ? LOG_UNSAID : word == 0 ? LOG_NEVER : LOG_DECLARED;
}

void kept_read_duties(struct reader *r, const struct node *root)
{
    static const char *const found[] = {"restrict", "cancel", "delete", NULL};
    read_account(r, root);
    read_cancellation(r, root);
    read_messages(r, root);
    read_log(r, root);
    r->policy->duties.on_discovery =
        kept_read_words(r, kept_child(r, root, "age"), "on_discovery", found);
}

/* ---- what it says ------------------------------------------------------------------------------ */

struct kept_account kept_policy_account(const struct kept_policy *policy)
{
    const struct account_rule *a = &policy->duties.account;
    return (struct kept_account){.said = a->rule.line != 0, .ways = a->ways,
                                 .real_name = a->real_name, .function = a->function,
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

/* Old enough for this class; who tells no age is taken as the policy takes them elsewhere. */
static bool old_enough(const struct kept_policy *p, const struct message_rule *message,
                       int32_t birth_day, kept_ms now)
{
    if (message->from_age == 0)
        return true;
    int32_t today = kept_zone_day(&p->info.zone, now);
    if (birth_day == KEPT_BIRTH_UNKNOWN || birth_day > today)
        return p->age_unknown_allowed;
    return kept_age_years(birth_day, today) >= (int)message->from_age;
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
                     : !old_enough(policy, message, birth_day, now)  ? KEPT_MESSAGE_AGE
                                                                     : KEPT_MESSAGE_SEND;
    return answer;
}

bool kept_policy_log_may(const struct kept_policy *policy, uint32_t item)
{
    return item < policy->info.items && policy->duties.log_personal == LOG_DECLARED &&
           strcmp(policy->items[item].information, "log") == 0;
}
