/* read_rules.c - purposes, permissions, items, functions: what the app does, with what, and why. */
#include <string.h>

#include "policy/duties_int.h"

static const struct node *first_of(const struct reader *r, const struct node *root, enum key key)
{
    const struct node *map = kept_at(r, root, key);
    return map != NULL && map->kind == NODE_MAP ? kept_node(r, map->first) : NULL;
}

static const struct node *next_of(const struct reader *r, const struct node *node)
{
    return kept_node(r, node->next);
}

static void read_purpose(struct reader *r, const struct node *node, struct purpose_rule *purpose)
{
    if (!kept_keys_of(r, node, SECTION_PURPOSE))
        return;
    purpose->text = kept_text_at(r, node, PURPOSE_text);
    purpose->related = kept_names_at(r, node, PURPOSE_related);
    purpose->law = kept_flag_at(r, node, PURPOSE_law);
    purpose->advertises = kept_flag_at(r, node, PURPOSE_advertises);
    int word = kept_word_at(r, node, PURPOSE_consent);
    purpose->consent = word > 0 ? (enum kept_consent_kind)(KEPT_C_IMPLIED + word) : KEPT_C_NONE;
}

static void read_permission(struct reader *r, const struct node *node,
                            struct permission_rule *permission)
{
    if (kept_keys_of(r, node, SECTION_PERMISSION))
        permission->text = kept_text_at(r, node, PERMISSION_text);
    permission->column = node->key_column;
}

static void read_partition(struct reader *r, const struct node *node)
{
    if (kept_keys_of(r, node, SECTION_PARTITION))
        r->policy->partitions[node->declares].text = kept_text_at(r, node, PARTITION_text);
}

/* When a value goes: after a time, with the account, or never stored at all. */
static void read_retention(struct reader *r, const struct node *node, struct item_rule *item)
{
    const struct node *retain = kept_at(r, node, ITEM_retain);
    int word = kept_word_at(r, node, ITEM_place);
    item->pub.place = (enum kept_place)word;
    item->pub.class = item->pub.sensitive ? KEPT_CLASS_SENSITIVE : KEPT_CLASS_ORDINARY;
    word = kept_word_at(r, node, ITEM_retention_class);
    if (word >= 0)
        item->pub.class = (enum kept_class)word;
    item->statutes = kept_one_text_at(r, node, ITEM_statute);
    item->statute = item->statutes.v != NULL ? item->statutes.v[0] : NULL;
    item->retain_said = retain != NULL;
    item->retain_account = kept_or_at(r, node, ITEM_retain);
    if (retain != NULL && !item->retain_account)
        (void)kept_duration(r, retain, &item->pub.retain);
}

static void read_item(struct reader *r, const struct node *node, struct item_rule *item)
{
    size_t lost = r->lost;
    item->lost = true;
    if (!kept_keys_of(r, node, SECTION_ITEM))
        return;
    item->text = kept_text_at(r, node, ITEM_text);
    const char *kind = kept_choice_at(r, node, ITEM_kind);
    if (kind != NULL)
        item->pub.kind = kind;
    const char *information = kept_choice_at(r, node, ITEM_information);
    item->information = information != NULL ? information : "other";
    const char *source = kept_choice_at(r, node, ITEM_source);
    item->source = source != NULL ? source : "user";
    item->pub.source = item->source;
    item->from_others = strcmp(item->source, "third_party") == 0;
    item->mask = kept_choice_at(r, node, ITEM_mask);
    item->pub.mask_whole = strcmp(item->mask, "whole") == 0;
    item->pub.sensitive = kept_flag_at(r, node, ITEM_sensitive);
    item->separate_consent = kept_flag_at(r, node, ITEM_separate_consent);
    item->pub.many = kept_word_at(r, node, ITEM_values) == 1;
    item->pub.token = kept_flag_at(r, node, ITEM_token);
    item->pub.hashed = kept_word_at(r, node, ITEM_store) == 1;
    item->pub.locked = kept_flag_at(r, node, ITEM_locked_after_verification);
    item->pub.by_code = kept_flag_at(r, node, ITEM_changed_by_code);
    item->purposes = kept_names_at(r, node, ITEM_purposes);
    uint32_t partition = kept_name_at(r, node, ITEM_partition);
    item->partition = partition != KEPT_NO_INDEX ? partition : 0;
    item->pub.partition = r->policy->partitions[item->partition].ref;
    read_retention(r, node, item);
    kept_read_item_duties(r, node, item);
    if (kind != NULL)
        kept_read_limits(r, node, item);
    kept_read_match(r, node, item);
    item->lost = r->lost != lost || kept_at(r, node, ITEM_kind) == NULL;
}

static void read_function_consent(struct reader *r, const struct node *node,
                                  struct function_rule *function)
{
    int word = kept_word_at(r, node, FUNCTION_consent);
    function->consent = word >= 0 ? (enum kept_consent_kind)(KEPT_C_ACKNOWLEDGEMENT + word)
                                  : KEPT_C_SEPARATE;
    function->basis = (enum basis)kept_word_at(r, node, FUNCTION_basis);
    word = kept_word_at(r, node, FUNCTION_withdrawal);
    function->effect = word >= 0 ? (enum kept_withdrawal)word : r->policy->info.withdrawal;
    function->each_launch = kept_word_at(r, node, FUNCTION_asked) == 1;
}

/* A day that cannot be read leaves it enforced. */
static void read_enforcement(struct reader *r, const struct node *node, struct function_rule *function)
{
    bool observe = kept_word_at(r, node, FUNCTION_enforce) == 1;
    const struct node *day = observe ? kept_need_at(r, node, FUNCTION_observe_until) : kept_at(r, node, FUNCTION_observe_until);
    int32_t last = 0;
    if (day == NULL || !kept_date_at(r, node, FUNCTION_observe_until, &last))
        return;
    if (!observe) {
        kept_find(r, CODE_OBSERVE_UNSAID, day->line, day->column, "add 'enforce: observe', or leave the day out",
                  "'%s' names a last day of observing, and is enforced always", function->name);
        return;
    }
    function->observe_day = last;
    function->observed_until = kept_zone_start(&r->policy->info.zone, last + 1);
}

static void read_function(struct reader *r, const struct node *node,
                          struct function_rule *function)
{
    function->column = node->key_column;
    function->kind = FUNCTION_EXTENDED;
    function->consent = KEPT_C_SEPARATE;
    size_t lost = r->lost;
    function->lost = true;
    if (!kept_keys_of(r, node, SECTION_FUNCTION))
        return;
    function->text = kept_text_at(r, node, FUNCTION_text);
    function->cost = kept_text_at(r, node, FUNCTION_refusing_costs);
    if (kept_word_at(r, node, FUNCTION_kind) == 0)
        function->kind = FUNCTION_BASIC;
    if (kept_at(r, node, FUNCTION_purposes) == NULL)
        r->lost++;
    function->purposes = kept_names_at(r, node, FUNCTION_purposes);
    function->mandatory = kept_names_at(r, node, FUNCTION_mandatory);
    function->optional = kept_names_at(r, node, FUNCTION_optional);
    function->permissions = kept_names_at(r, node, FUNCTION_permissions);
    read_function_consent(r, node, function);
    function->once_per_launch = kept_word_at(r, node, FUNCTION_frequency) == 1;
    function->in_use = kept_word_at(r, node, FUNCTION_in_use) == 1;
    function->user_action = kept_word_at(r, node, FUNCTION_trigger) == 1;
    function->needs_case = kept_word_at(r, node, FUNCTION_case) == 1;
    read_enforcement(r, node, function);
    kept_read_function_duties(r, node, function);
    function->lost = r->lost != lost;
}

void kept_read_rules(struct reader *r, const struct node *root)
{
    struct kept_policy *p = r->policy;
    size_t n = 0;
    for (const struct node *i = first_of(r, root, POLICY_purposes); i != NULL; i = next_of(r, i))
        read_purpose(r, i, &p->purposes[n++]);
    n = 0;
    for (const struct node *i = first_of(r, root, POLICY_permissions); i != NULL; i = next_of(r, i))
        read_permission(r, i, &p->permissions[n++]);
    for (const struct node *i = first_of(r, root, POLICY_partitions); i != NULL; i = next_of(r, i))
        read_partition(r, i);
    n = 0;
    for (const struct node *i = first_of(r, root, POLICY_items); i != NULL; i = next_of(r, i))
        read_item(r, i, &p->items[n++]);
    n = 0;
    for (const struct node *i = first_of(r, root, POLICY_functions); i != NULL; i = next_of(r, i))
        read_function(r, i, &p->functions[n++]);
    for (size_t i = 0; i < n; i++)
        r->functions_lost = r->functions_lost || p->functions[i].lost;
}
