/* read_parties.c - recipients, roles, exemptions: who else may, and on what ground. */
#include <string.h>

#include "policy/policy_int.h"

static const struct node *first_of(const struct reader *r, const struct node *root, enum key key)
{
    const struct node *map = kept_at(r, root, key);
    return map != NULL && map->kind == NODE_MAP ? kept_node(r, map->first) : NULL;
}

static void read_agreement(struct reader *r, const struct node *node,
                           struct recipient_rule *recipient)
{
    const struct node *agreement = kept_at(r, node, RECIPIENT_agreement);
    int32_t from = 0, until = 0, checked = 0;
    recipient->agreement = (struct rule){.clause = "", .line = 0};
    if (agreement == NULL || !kept_keys_of(r, agreement, SECTION_AGREEMENT))
        return;
    recipient->agreement = kept_rule(r, agreement, agreement->key_line);
    const struct node *expires = kept_at(r, agreement, AGREEMENT_expires);
    bool has_from = kept_date_at(r, agreement, AGREEMENT_signed, &from);
    bool has_until = kept_date(r, expires, &until);
    recipient->checked = kept_date_at(r, agreement, AGREEMENT_checked, &checked);
    if (has_from && has_until && until <= from)
        kept_find(r, CODE_AGREEMENT_DATES, expires->line, expires->column,
                  "let it expire after it was signed", "the agreement expires before it begins");
    recipient->signed_at = kept_zone_start(&r->policy->info.zone, from);
    recipient->expires_at = kept_zone_start(&r->policy->info.zone, until);
}

static void read_sharing(struct reader *r, const struct node *node,
                         struct recipient_rule *recipient)
{
    bool owes = recipient->role == RECIPIENT_JOINT || recipient->role == RECIPIENT_INDEPENDENT;
    recipient->consent = owes ? KEPT_C_SEPARATE : KEPT_C_NONE;
    int word = kept_word_at(r, node, RECIPIENT_consent);
    if (word >= 0)
        recipient->consent = word == 0   ? KEPT_C_NONE
                                         : (enum kept_consent_kind)(KEPT_C_IMPLIED + word);
    recipient->aggregate_only = kept_flag_at(r, node, RECIPIENT_aggregate_only);
    recipient->onward = kept_choice_at(r, node, RECIPIENT_onward);
    recipient->self_start = (enum self_start)kept_word_at(r, node, RECIPIENT_self_start);
    recipient->mechanism = kept_choice_at(r, node, RECIPIENT_export_mechanism);
}

static void read_recipient(struct reader *r, const struct node *node,
                           struct recipient_rule *recipient)
{
    recipient->column = node->key_column;
    recipient->role = RECIPIENT_INDEPENDENT;
    recipient->kind = "partner";
    recipient->onward = kept_key_row(RECIPIENT_onward)->need.otherwise;
    recipient->agreement.clause = "";
    size_t lost = r->lost;
    recipient->lost = true;
    if (!kept_keys_of(r, node, SECTION_RECIPIENT))
        return;
    recipient->text = kept_text_at(r, node, RECIPIENT_text);
    int word = kept_word_at(r, node, RECIPIENT_role);
    if (word >= 0)
        recipient->role = (enum recipient_role)(word + 1);
    const char *kind = kept_choice_at(r, node, RECIPIENT_kind);
    if (kind != NULL)
        recipient->kind = kind;
    recipient->sdk = strcmp(recipient->kind, "sdk") == 0;
    recipient->items = kept_names_at(r, node, RECIPIENT_items);
    recipient->masked_all = kept_or_at(r, node, RECIPIENT_masked);
    recipient->masked = kept_names_at(r, node, RECIPIENT_masked);
    recipient->gives = kept_names_at(r, node, RECIPIENT_gives);
    recipient->lawful_source = kept_text_at(r, node, RECIPIENT_lawful_source);
    recipient->purposes = kept_names_at(r, node, RECIPIENT_purposes);
    recipient->permissions = kept_names_at(r, node, RECIPIENT_permissions);
    recipient->link = kept_string_at(r, node, RECIPIENT_link);
    const struct node *region = kept_at(r, node, RECIPIENT_region);
    recipient->region = region != NULL ? kept_region(r, region) : KEPT_REF_NONE;
    read_sharing(r, node, recipient);
    read_agreement(r, node, recipient);
    recipient->lost =
        r->lost != lost || kept_at(r, node, RECIPIENT_role) == NULL || region == NULL;
}

/* "all" is what is open to the role; what is listed beyond that is shown as not open. */
static void read_operations(struct reader *r, const struct node *node, struct role_rule *role)
{
    uint64_t never = role->name[0] == 0 ? KEPT_OPS_STAFF_ALONE : KEPT_OPS_APP_ALONE;
    uint64_t listed = kept_words_at(r, node, ROLE_operations) << KEPT_OP_SUBJECT_NEW;
    role->operations = listed & ~never;
    role->not_open = kept_or_at(r, node, ROLE_operations) ? 0 : listed & never;
}

/* Silence is the default partition. */
static struct list reached(struct reader *r, const struct node *node)
{
    struct list list = kept_names_at(r, node, ROLE_partitions);
    if (kept_at(r, node, ROLE_partitions) == NULL)
        list = (struct list){kept_arena_alloc(&r->policy->arena, 1, sizeof *list.v), 1};
    return list.v != NULL ? list : (struct list){0};
}

_Static_assert(REQUIRES_training - REQUIRES_confidentiality + 1 == KEPT_ATTESTATIONS, "a row each");

static void read_required(struct reader *r, const struct node *map, struct role_rule *role)
{
    if (map == NULL || !kept_keys_of(r, map, SECTION_REQUIRES))
        return;
    for (size_t i = 0; i < KEPT_ATTESTATIONS; i++) {
        const struct node *node = kept_at(r, map, (enum key)(REQUIRES_confidentiality + i));
        if (node != NULL && kept_keys_of(r, node, SECTION_ATTESTED))
            role->required[i] = kept_rule(r, node, node->key_line);
    }
}

static void read_alarm(struct reader *r, const struct node *node, struct kept_alarm *alarm)
{
    if (node == NULL || !kept_keys_of(r, node, SECTION_ALARM))
        return;
    const struct rule rule = kept_rule(r, node, node->key_line);
    kept_period_at(r, node, ALARM_within, &alarm->within);
    if (!kept_number_at(r, node, ALARM_reads, &alarm->reads))
        alarm->reads = 0;
    alarm->clause = rule.clause;
    alarm->line = rule.line;
}

static void read_approval(struct reader *r, const struct node *node, struct approval_rule *approval)
{
    if (node == NULL || !kept_keys_of(r, node, SECTION_APPROVAL))
        return;
    approval->rule = kept_rule(r, node, node->key_line);
    approval->minors = kept_word_at(r, node, APPROVAL_for) == 1;
}

static void read_role(struct reader *r, const struct node *node, struct role_rule *role)
{
    role->column = node->key_column;
    if (!kept_keys_of(r, node, SECTION_ROLE))
        return;
    role->text = kept_text_at(r, node, ROLE_text);
    read_operations(r, node, role);
    role->law = kept_flag_at(r, node, ROLE_law);
    role->all_purposes = kept_or_at(r, node, ROLE_purposes);
    role->purposes = kept_names_at(r, node, ROLE_purposes);
    role->sees_all = kept_or_at(r, node, ROLE_masked);
    role->sees = kept_names_at(r, node, ROLE_masked);
    role->raw = kept_names_at(r, node, ROLE_raw);
    role->partitions = reached(r, node);
    read_required(r, kept_at(r, node, ROLE_requires), role);
    read_alarm(r, kept_at(r, node, ROLE_alarm), &role->alarm);
    read_approval(r, kept_at(r, node, ROLE_approval), &role->approval);
    if (role->name[0] == 0 && (kept_at(r, node, ROLE_raw) != NULL ||
                               kept_at(r, node, ROLE_masked) != NULL ||
                               kept_at(r, node, ROLE_purposes) != NULL ||
                               kept_at(r, node, ROLE_partitions) != NULL ||
                               kept_at(r, node, ROLE_requires) != NULL ||
                               kept_at(r, node, ROLE_alarm) != NULL ||
                               kept_at(r, node, ROLE_approval) != NULL || role->law))
        kept_find(r, CODE_APP_ROLE, node->key_line, node->key_column,
                  "keep only 'operations'",
                  "the role 'app' is the app itself: it sees what its functions may have, and no "
                  "more or less");
}

static void read_exemption(struct reader *r, const struct node *node,
                           struct exemption_rule *exemption)
{
    if (!kept_keys_of(r, node, SECTION_EXEMPTION))
        return;
    exemption->text = kept_text_at(r, node, EXEMPTION_text);
    exemption->spares_notice = kept_flag_at(r, node, EXEMPTION_spares_notice);
    exemption->spares_age = kept_flag_at(r, node, EXEMPTION_spares_age);
    exemption->deidentified = kept_flag_at(r, node, EXEMPTION_deidentified);
    read_approval(r, kept_at(r, node, EXEMPTION_approval), &exemption->approval);
    exemption->uses = (unsigned)kept_words_at(r, node, EXEMPTION_for) << KEPT_USE_COLLECT;
}

void kept_read_parties(struct reader *r, const struct node *root)
{
    struct kept_policy *p = r->policy;
    size_t n = 0;
    for (const struct node *i = first_of(r, root, POLICY_recipients); i != NULL;
         i = kept_node(r, i->next))
        read_recipient(r, i, &p->recipients[n++]);
    n = 0;
    for (const struct node *i = first_of(r, root, POLICY_roles); i != NULL; i = kept_node(r, i->next))
        read_role(r, i, &p->roles[n++]);
    n = 0;
    for (const struct node *i = first_of(r, root, POLICY_exemptions); i != NULL;
         i = kept_node(r, i->next))
        read_exemption(r, i, &p->exemptions[n++]);
}
