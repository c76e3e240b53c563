/* read_limits.c - what a number or a choice may be: its unit, range and precision, its values; and whom
 * an address book meets. */
#include <string.h>

#include "base/decimal.h"
#include "policy/policy_int.h"

#define MAX_CHOICES 1024u

static void misplaced(struct reader *r, const struct node *node, const char *kind, const char *is)
{
    if (node == NULL)
        return;
    kept_find(r, CODE_KEY_OF_OTHER_KIND, node->key_line, node->key_column,
              "remove it, or let 'kind' be what it is for",
              "'%.64s' is for items of kind %s, and this is of kind %s", node->key, kind, is);
    r->lost++;
}

/* A bound of a number, as it is written. NULL: none, or none that can be read. */
static const char *bound(struct reader *r, const struct node *node, struct kept_decimal *ret)
{
    const char *text = kept_string(r, node);
    if (text == NULL)
        return NULL;
    if (kept_decimal_parse((struct kept_span){(const uint8_t *)text, strlen(text)}, ret))
        return text;
    kept_find(r, CODE_BAD_NUMBER, node->line, node->column,
              "write a decimal number without a unit: -40, 0.5", "'%.64s' is not a number", text);
    r->lost++;
    return NULL;
}

static void read_number(struct reader *r, const struct node *item, struct kept_limits *limits)
{
    const struct node *unit = kept_at(r, item, ITEM_unit);
    const struct node *min = kept_at(r, item, ITEM_min), *max = kept_at(r, item, ITEM_max);
    struct kept_decimal low, high;
    limits->unit = unit != NULL ? kept_string(r, unit) : NULL;
    if (limits->unit != NULL && (strlen(limits->unit) > KEPT_MAX_UNIT_NAME ||
                                 strpbrk(limits->unit, "0123456789 .+-\t") != NULL)) {
        kept_find(r, CODE_BAD_VALUE, unit->line, unit->column,
                  "write it as it stands behind the number: kWh, %, °C",
                  "'%.64s' is not a unit: a unit has no digits, signs or blanks", limits->unit);
        r->lost++;
    }
    limits->min = min != NULL ? bound(r, min, &low) : NULL;
    limits->max = max != NULL ? bound(r, max, &high) : NULL;
    if (limits->min != NULL && limits->max != NULL && kept_decimal_compare(&low, &high) > 0) {
        kept_find(r, CODE_BAD_VALUE, max->line, max->column, "let 'max' be the larger one",
                  "no number lies between %.32s and %.32s: every value would be refused", limits->min,
                  limits->max);
        r->lost++;
    }
    limits->decimals = KEPT_MAX_DIGITS;
    (void)kept_number_at(r, item, ITEM_decimals, &limits->decimals);
}

static void read_choices(struct reader *r, const struct node *item, struct item_rule *rule,
                         struct kept_limits *limits)
{
    const struct node *map = kept_need_at(r, item, ITEM_choices);
    struct kept_policy *p = r->policy;
    if (map == NULL || !kept_keys(r, map, NULL, "choices"))
        return;
    if (map->count == 0 || map->count > MAX_CHOICES) {
        kept_find(r, CODE_BAD_VALUE, map->line, map->column, "list them, each with its text",
                  "there are 1 to %u choices, not %u", MAX_CHOICES, map->count);
        r->lost++;
        return;
    }
    const char **values = kept_arena_alloc(&p->arena, map->count, sizeof *values);
    rule->choice_texts = kept_arena_alloc(&p->arena, map->count, sizeof *rule->choice_texts);
    if (values == NULL || rule->choice_texts == NULL)
        return;
    for (uint32_t i = map->first; i != NO_NODE; i = r->tree.nodes[i].next) {
        const struct node *node = &r->tree.nodes[i];
        if (!kept_name_valid(node->key)) {
            kept_find(r, CODE_BAD_NAME, node->key_line, node->key_column,
                      "use lower-case letters, digits, '.', '_', '-'; begin with a letter",
                      "'%.64s' cannot be the name of a choice: it is what is stored", node->key);
            r->lost++;
        }
        rule->choice_texts[limits->choice_count] = kept_text(r, map, node->key);
        values[limits->choice_count++] = node->key;
    }
    limits->choices = values;
}

void kept_read_limits(struct reader *r, const struct node *node, struct item_rule *item)
{
    static const enum key of_number[] = {ITEM_unit, ITEM_min, ITEM_max, ITEM_decimals};
    bool number = strcmp(item->pub.kind, "number") == 0, any = false;
    bool choice = strcmp(item->pub.kind, "choice") == 0;
    for (size_t i = 0; i < sizeof of_number / sizeof of_number[0]; i++) {
        const struct node *child = kept_at(r, node, of_number[i]);
        any = any || child != NULL;
        if (!number)
            misplaced(r, child, "number", item->pub.kind);
    }
    if (!choice)
        misplaced(r, kept_at(r, node, ITEM_choices), "choice", item->pub.kind);
    if (!choice && !(number && any))
        return;
    struct kept_limits *limits = kept_arena_alloc(&r->policy->arena, 1, sizeof *limits);
    if (limits == NULL)
        return;
    item->pub.limits = limits;
    if (number)
        read_number(r, node, limits);
    else
        read_choices(r, node, item, limits);
}

/* An address book: never stored, met with the values of another item. */
void kept_read_match(struct reader *r, const struct node *node, struct item_rule *item)
{
    const struct node *match = kept_at(r, node, ITEM_match);
    uint32_t limit = 0;
    if (match == NULL) {
        if (kept_at(r, node, ITEM_found_through) != NULL || kept_at(r, node, ITEM_match_limit) != NULL)
            (void)kept_need_at(r, node, ITEM_match);
        return;
    }
    (void)kept_need_at(r, node, ITEM_found_through);
    uint32_t index = kept_name_at(r, node, ITEM_match);
    uint32_t function = kept_name_at(r, node, ITEM_found_through);
    (void)kept_number_at(r, node, ITEM_match_limit, &limit);
    item->pub.match_limit = limit;
    if (item->pub.place != KEPT_PLACE_TRANSIENT) {
        kept_find(r, CODE_MATCH_STORED, match->line, match->column, "let 'place' be transient",
                  "'%s' is met with members and not kept: who is no member agreed to nothing (PIPL 13)",
                  item->pub.name);
        r->lost++;
    }
    if (index == KEPT_NO_INDEX || function == KEPT_NO_INDEX)
        return;
    item->pub.match = r->policy->items[index].pub.ref;
    item->pub.found_through = r->policy->functions[function].ref;
    r->policy->items[index].pub.matched = true;
}
