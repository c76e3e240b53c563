/* read_parties.c - recipients, roles, exemptions: who else may, and on what ground. */
#include <string.h>

#include "policy/policy_int.h"

static const struct node *first_of(const struct reader *r, const struct node *root,
                                   const char *key)
{
    const struct node *map = kept_child(r, root, key);
    return map != NULL && map->kind == NODE_MAP ? kept_node(r, map->first) : NULL;
}

static bool is_all(const struct reader *r, const struct node *map, const char *key)
{
    const struct node *node = kept_child(r, map, key);
    return node != NULL && node->kind == NODE_SCALAR && strcmp(node->text, "all") == 0;
}

static void read_agreement(struct reader *r, const struct node *node,
                           struct recipient_rule *recipient)
{
    static const char *const keys[] = {"signed", "expires", "checked", "clause", NULL};
    const struct node *agreement = kept_child(r, node, "agreement");
    int32_t from = 0, until = 0, checked = 0;
    recipient->agreement = (struct rule){.clause = "", .line = 0};
    if (agreement == NULL || !kept_keys(r, agreement, keys, "an agreement"))
        return;
    recipient->agreement = kept_rule(r, agreement, agreement->key_line);
    const struct node *expires =
        kept_need(r, agreement, "expires", "an agreement that never ends is never looked at again");
    bool has_from = kept_date(
        r, kept_need(r, agreement, "signed", "nothing is shared before it is signed (PIPL 21)"),
        &from);
    bool has_until = kept_date(r, expires, &until);
    const struct node *check = kept_child(r, agreement, "checked");
    recipient->checked = check != NULL && kept_date(r, check, &checked);
    if (has_from && has_until && until <= from)
        kept_find(r, KEPT_ERROR, "AGREEMENT_DATES", expires->line, expires->column,
                  "let it expire after it was signed", "the agreement expires before it begins");
    recipient->signed_at = kept_zone_start(&r->policy->info.zone, from);
    recipient->expires_at = kept_zone_start(&r->policy->info.zone, until);
}

static void read_sharing(struct reader *r, const struct node *node,
                         struct recipient_rule *recipient)
{
    static const char *const consents[] = {"none", "explicit", "separate", "written", NULL};
    static const char *const onward[] = {"never", "aggregate", "with_consent", NULL};
    static const char *const self_start[] = {"never", "consent", NULL};
    static const char *const mechanisms[] = {"assessment", "contract", "certification", NULL};
    const struct node *consent = kept_child(r, node, "consent");
    bool owes = recipient->role == RECIPIENT_JOINT || recipient->role == RECIPIENT_INDEPENDENT;
    recipient->consent = owes ? KEPT_C_SEPARATE : KEPT_C_NONE;
    int word = consent != NULL ? kept_word(r, consent, consents) : -1;
    if (word >= 0)
        recipient->consent = word == 0   ? KEPT_C_NONE
                                         : (enum kept_consent_kind)(KEPT_C_IMPLIED + word);
    recipient->aggregate_only = kept_flag(r, node, "aggregate_only", false);
    recipient->onward = kept_choice(r, node, "onward", onward, "never");
    recipient->self_start =
        strcmp(kept_choice(r, node, "self_start", self_start, "never"), "consent") == 0
            ? SELF_START_CONSENT
            : SELF_START_NEVER;
    recipient->mechanism = kept_choice(r, node, "export_mechanism", mechanisms, NULL);
}

static void read_recipient(struct reader *r, const struct node *node,
                           struct recipient_rule *recipient)
{
    static const char *const keys[] = {
        "text", "role", "kind", "items", "masked", "gives", "lawful_source", "purposes",
        "permissions", "region", "consent", "agreement", "aggregate_only", "onward", "link",
        "self_start", "export_mechanism", "clause", NULL};
    static const char *const roles[] = {"processor", "joint", "independent", "authority", NULL};
    static const char *const kinds[] = {
        "sdk", "affiliate", "partner", "data-service", "analysis", "marketing", "adviser",
        "research", "delivery", "successor", "authority", NULL};
    recipient->column = node->key_column;
    recipient->role = RECIPIENT_INDEPENDENT;
    recipient->kind = "partner";
    recipient->onward = "never";
    recipient->agreement.clause = "";
    size_t lost = r->lost;
    recipient->lost = true;
    if (!kept_keys(r, node, keys, "a recipient"))
        return;
    recipient->text = kept_text(r, node, "text", true);
    const struct node *role =
        kept_need(r, node, "role", "it decides which consent and which agreement are owed");
    int word = role != NULL ? kept_word(r, role, roles) : -1;
    if (word >= 0)
        recipient->role = (enum recipient_role)(word + 1);
    (void)kept_need(r, node, "kind", "people are told what kind of recipient it is");
    recipient->kind = kept_choice(r, node, "kind", kinds, "partner");
    recipient->sdk = strcmp(recipient->kind, "sdk") == 0;
    recipient->items = kept_names(r, node, "items", KEPT_K_ITEM);
    recipient->masked_all = is_all(r, node, "masked");
    if (!recipient->masked_all)
        recipient->masked = kept_names(r, node, "masked", KEPT_K_ITEM);
    recipient->gives = kept_names(r, node, "gives", KEPT_K_ITEM);
    recipient->lawful_source = kept_text(r, node, "lawful_source", false);
    recipient->purposes = kept_names(r, node, "purposes", KEPT_K_PURPOSE);
    recipient->permissions = kept_names(r, node, "permissions", KEPT_K_PERMISSION);
    recipient->link = kept_string(r, kept_child(r, node, "link"));
    const struct node *region =
        kept_need(r, node, "region", "people must know where their data goes (PIPL 39)");
    recipient->region = region != NULL ? kept_region(r, region) : KEPT_REF_NONE;
    read_sharing(r, node, recipient);
    read_agreement(r, node, recipient);
    recipient->lost = r->lost != lost || role == NULL || region == NULL;
}

/* The names of operations, in the order of enum kept_op. */
const char *const *kept_operation_words(void)
{
    static const char *const words[] = {
        "none", "subject_new", "subject_find", "subject_show", "subject_set",
        "consent_acknowledge", "consent_grant", "consent_refuse", "consent_withdraw",
        "permission_set", "collect", "use", "disclose", "erase_subject", "erase_record", "why",
        "trail", "audit", "policy_publish", "policy_show", "service_cease", "rotate", "tick",
        "stat", "guardian_add", "guardian_revoke", "contacts", "subject_list",
        "import", NULL};
    _Static_assert(sizeof words / sizeof words[0] == KEPT_OP_COUNT + 1, "every operation is named");
    return words;
}

static void read_operations(struct reader *r, const struct node *node, struct role_rule *role)
{
    uint64_t never = role->name[0] == 0 ? KEPT_OPS_STAFF_ALONE : KEPT_OPS_APP_ALONE;
    (void)kept_need(r, node, "operations", "a role may call what is listed, and nothing else");
    if (is_all(r, node, "operations")) {
        role->operations = (((uint64_t)1 << KEPT_OP_COUNT) - 2) & ~never;
        return;
    }
    const struct node *list = kept_list(r, node, "operations");
    for (uint32_t i = list != NULL ? list->first : NO_NODE; i != NO_NODE;
         i = r->tree.nodes[i].next) {
        int word = kept_word(r, &r->tree.nodes[i], kept_operation_words() + 1);
        if (word >= 0)
            role->operations |= (uint64_t)1 << (word + 1);
    }
    role->not_open = role->operations & never;
    role->operations &= ~never;
}

static void read_role(struct reader *r, const struct node *node, struct role_rule *role)
{
    static const char *const keys[] = {"text", "operations", "purposes", "masked", "raw", "law",
                                       "clause", NULL};
    role->column = node->key_column;
    if (!kept_keys(r, node, keys, "a role"))
        return;
    role->text = kept_text(r, node, "text", false);
    read_operations(r, node, role);
    role->law = kept_flag(r, node, "law", false);
    role->all_purposes = is_all(r, node, "purposes");
    if (!role->all_purposes)
        role->purposes = kept_names(r, node, "purposes", KEPT_K_PURPOSE);
    role->sees_all = is_all(r, node, "masked");
    if (!role->sees_all)
        role->sees = kept_names(r, node, "masked", KEPT_K_ITEM);
    role->raw = kept_names(r, node, "raw", KEPT_K_ITEM);
    if (role->name[0] == 0 && (kept_child(r, node, "raw") != NULL ||
                               kept_child(r, node, "masked") != NULL ||
                               kept_child(r, node, "purposes") != NULL || role->law))
        kept_find(r, KEPT_ERROR, "APP_ROLE", node->key_line, node->key_column,
                  "keep only 'operations'",
                  "the role 'app' is the app itself: it sees what its functions may have, and no "
                  "more or less");
}

static void read_exemption(struct reader *r, const struct node *node,
                           struct exemption_rule *exemption)
{
    static const char *const keys[] = {"text", "for", "spares_notice", "spares_age",
                                       "deidentified", "clause", NULL};
    static const char *const uses[] = {"collect", "use", "share", NULL};
    if (!kept_keys(r, node, keys, "an exemption"))
        return;
    exemption->text = kept_text(r, node, "text", true);
    exemption->spares_notice = kept_flag(r, node, "spares_notice", false);
    exemption->spares_age = kept_flag(r, node, "spares_age", false);
    exemption->deidentified = kept_flag(r, node, "deidentified", false);
    (void)kept_need(r, node, "for", "an exemption opens the operations listed, and no other");
    const struct node *list = kept_list(r, node, "for");
    for (uint32_t i = list != NULL ? list->first : NO_NODE; i != NO_NODE;
         i = r->tree.nodes[i].next) {
        int word = kept_word(r, &r->tree.nodes[i], uses);
        if (word >= 0)
            exemption->uses |= 1u << (KEPT_USE_COLLECT + word);
    }
}

void kept_read_parties(struct reader *r, const struct node *root)
{
    struct kept_policy *p = r->policy;
    size_t n = 0;
    for (const struct node *i = first_of(r, root, "recipients"); i != NULL;
         i = kept_node(r, i->next))
        read_recipient(r, i, &p->recipients[n++]);
    n = 0;
    for (const struct node *i = first_of(r, root, "roles"); i != NULL; i = kept_node(r, i->next))
        read_role(r, i, &p->roles[n++]);
    n = 0;
    for (const struct node *i = first_of(r, root, "exemptions"); i != NULL;
         i = kept_node(r, i->next))
        read_exemption(r, i, &p->exemptions[n++]);
}
