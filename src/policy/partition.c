/* partition.c - compartments: who reaches which, and what does not go together. */
#include "policy/policy_int.h"

/* The app itself is where every value comes from; what it may do with one its functions say. */
static bool is_app(const struct role_rule *role)
{
    return role->name[0] == 0;
}

const struct rule *kept_wall(const struct kept_policy *policy, const struct role_rule *role, uint32_t item)
{
    uint32_t at = item < policy->info.items ? policy->items[item].partition : 0;
    if (is_app(role) || kept_list_has(&role->partitions, at))
        return NULL;
    const struct rule *rule = &policy->partitions[at].rule;
    return rule->line != 0 ? rule : &role->rule;
}

/* An unknown role reaches nothing, and no rule says so. */
static const struct rule *wall_of(const struct kept_policy *policy, uint32_t role, uint32_t item)
{
    static const struct rule none = {.clause = "", .line = 0};
    if (role == KEPT_NO_INDEX) /* the app itself */
        return NULL;
    return role < policy->info.roles ? kept_wall(policy, &policy->roles[role], item) : &none;
}

bool kept_policy_role_reaches(const struct kept_policy *policy, uint32_t role, uint32_t item)
{
    return wall_of(policy, role, item) == NULL;
}

const char *kept_policy_partition_rule(const struct kept_policy *policy, uint32_t role, uint32_t item,
                                       int *ret_line)
{
    const struct rule *rule = wall_of(policy, role, item);
    *ret_line = rule != NULL ? rule->line : 0;
    return rule != NULL ? rule->clause : "";
}

void kept_policy_partition_counts(const struct kept_policy *policy, uint32_t partition,
                                  size_t *ret_items, size_t *ret_roles)
{
    size_t items = 0, roles = 0;
    for (size_t i = 0; i < policy->info.items; i++)
        items += policy->items[i].partition == partition;
    for (size_t i = 0; i < policy->info.roles; i++)
        roles += !is_app(&policy->roles[i]) && kept_list_has(&policy->roles[i].partitions, partition);
    *ret_items = items;
    *ret_roles = roles;
}

/* A role that is given an item by its name and does not reach it gets nothing: one of the two is a slip. */
static void check_given(struct reader *r, const struct role_rule *role, const struct list *items)
{
    const struct kept_policy *p = r->policy;
    for (size_t i = 0; i < items->n; i++) {
        const struct item_rule *item = &p->items[items->v[i]];
        if (!item->lost && kept_wall(p, role, items->v[i]) != NULL)
            kept_find(r, CODE_PARTITION_CLOSED, role->rule.line, role->column,
                      "name the partition under 'partitions' of the role, or do not give it the item",
                      "'%s' is given '%s', but does not reach its partition '%s': it gets nothing of it",
                      role->name, item->pub.name, p->partitions[item->partition].name);
    }
}

void kept_check_partitions(struct reader *r)
{
    const struct kept_policy *p = r->policy;
    for (uint32_t i = 1; i < p->info.partitions; i++) {
        const struct partition_rule *one = &p->partitions[i];
        size_t items = 0, roles = 0;
        kept_policy_partition_counts(p, i, &items, &roles);
        if (items == 0)
            kept_find(r, CODE_PARTITION_EMPTY, one->rule.line, one->column,
                      "let an item say 'partition', or remove it",
                      "no item is in the partition '%s': it keeps nothing apart", one->name);
        else if (roles == 0)
            kept_find(r, CODE_PARTITION_UNREACHED, one->rule.line, one->column,
                      "name it under 'partitions' of the role whose work needs it",
                      "no role reaches the partition '%s': only the app itself gets at what is in it",
                      one->name);
    }
    for (size_t i = 0; i < p->info.roles; i++) {
        check_given(r, &p->roles[i], &p->roles[i].sees);
        check_given(r, &p->roles[i], &p->roles[i].raw);
    }
}
