/* read_logs.c - logs of servers and apps: what is taken of their lines, how long they stay, who may read them; and
 * what the model says. */
#include <string.h>

#include "policy/duties_int.h"

static void read_field(struct reader *r, const struct node *node, const struct log_book *log, struct kept_log_field *field)
{
    *field = (struct kept_log_field){.name = node->key, .from = node->key, .item = KEPT_NO_INDEX,
                                     .clause = log->pub.clause, .line = node->key_line};
    if (!kept_keys_of(r, node, SECTION_LOG_FIELD))
        return;
    const char *from = kept_string_at(r, node, LOG_FIELD_from);
    field->from = from != NULL ? from : field->name;
    field->item = kept_name_at(r, node, LOG_FIELD_item);
    const int word = kept_word_at(r, node, LOG_FIELD_keep);
    field->keep = word > 0 ? (enum kept_log_keep)word : KEPT_LOG_TEXT;
}

static void read_fields(struct reader *r, const struct node *map, struct log_book *log)
{
    if (map == NULL || !kept_keys(r, map, NULL, "'fields'"))
        return;
    struct kept_log_field *fields = kept_arena_alloc(&r->policy->arena, map->count, sizeof *fields);
    for (uint32_t i = map->first; fields != NULL && i != NO_NODE; i = r->tree.nodes[i].next)
        read_field(r, &r->tree.nodes[i], log, &fields[log->pub.field_count++]);
    log->pub.fields = fields;
}

static void read_log(struct reader *r, const struct node *node, struct log_book *log)
{
    *log = (struct log_book){.pub = {.name = node->key, .clause = "", .line = node->key_line}, .column = node->key_column};
    if (!kept_keys_of(r, node, SECTION_LOGBOOK))
        return;
    const struct rule rule = kept_rule(r, node, node->key_line);
    log->pub.clause = rule.clause;
    log->text = kept_text_at(r, node, LOGBOOK_text);
    const int word = kept_word_at(r, node, LOGBOOK_format);
    log->pub.format = word > 0 ? (enum kept_log_format)word : KEPT_LOG_COMMON;
    log->purposes = kept_names_at(r, node, LOGBOOK_purposes);
    kept_period_at(r, node, LOGBOOK_retain, &log->pub.retain);
    read_fields(r, kept_at(r, node, LOGBOOK_fields), log);
}

void kept_read_logs(struct reader *r, const struct node *root)
{
    struct duties *d = &r->policy->duties;
    const struct node *map = kept_at(r, root, POLICY_logs);
    if (map == NULL || !kept_keys(r, map, NULL, "'logs'"))
        return;
    d->logs = kept_arena_alloc(&r->policy->arena, map->count, sizeof *d->logs);
    for (uint32_t i = map->first; d->logs != NULL && i != NO_NODE; i = r->tree.nodes[i].next)
        read_log(r, &r->tree.nodes[i], &d->logs[d->log_count++]);
}

/* ---- sense ------------------------------------------------------------------------------------- */

/* What people are told of an item holds in the log, too. */
void kept_check_logs(struct reader *r)
{
    const struct duties *d = &r->policy->duties;
    for (size_t i = 0; i < d->log_count; i++)
        for (size_t k = 0; k < d->logs[i].pub.field_count; k++) {
            const struct log_book *log = &d->logs[i];
            const struct kept_log_field *field = &log->pub.fields[k];
            if (field->item >= r->policy->info.items)
                continue;
            const struct item_rule *item = &r->policy->items[field->item];
            if (!item->lost && item->pub.retain > 0 && log->pub.retain > item->pub.retain)
                kept_find(r, CODE_LOG_OUTLIVES_ITEM, log->pub.line, log->column,
                          "let the log end with the item, or the field be of another",
                          "'%s' is kept longer than '%s', as which '%s' is told to people", log->pub.name, item->pub.name,
                          field->name);
        }
}

/* ---- what it says ------------------------------------------------------------------------------ */

const struct kept_log *kept_policy_log_at(const struct kept_policy *policy, size_t index)
{
    return index < policy->duties.log_count ? &policy->duties.logs[index].pub : NULL;
}

const struct kept_log *kept_policy_log(const struct kept_policy *policy, const char *name)
{
    for (size_t i = 0; name != NULL && i < policy->duties.log_count; i++)
        if (strcmp(policy->duties.logs[i].pub.name, name) == 0)
            return &policy->duties.logs[i].pub;
    return NULL;
}

enum kept_reason kept_policy_log_read(const struct kept_policy *policy, const struct kept_log *log, uint32_t role,
                                      uint32_t purpose, const char **ret_clause, int *ret_line)
{
    const struct log_book *book = policy->duties.logs;
    while (&book->pub != log)
        book++;
    *ret_clause = log->clause;
    *ret_line = log->line;
    if (purpose >= policy->info.purposes || !kept_list_has(&book->purposes, purpose))
        return KEPT_R_PURPOSE;
    const uint32_t index = role == KEPT_NO_INDEX ? policy->app_role : role;
    if (index >= policy->info.roles)
        return KEPT_R_ROLE;
    const struct role_rule *who = &policy->roles[index];
    if (who->name[0] == 0 || kept_bit(&policy->role_purposes, index, purpose))
        return KEPT_R_NONE;
    *ret_clause = who->rule.clause;
    *ret_line = who->rule.line;
    return KEPT_R_ROLE;
}

enum kept_decision kept_policy_log_sees(const struct kept_policy *policy, const struct kept_log_field *field, uint32_t role)
{
    const bool app = role == KEPT_NO_INDEX || (role < policy->info.roles && policy->roles[role].name[0] == 0);
    if (app)
        return policy->app_role < policy->info.roles ? KEPT_ALLOW : KEPT_DENY;
    return !kept_policy_role_sees(policy, role, field->item)    ? KEPT_DENY
           : !kept_policy_role_clear(policy, role, field->item) ? KEPT_MASK
                                                                : KEPT_ALLOW;
}
