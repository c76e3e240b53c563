/* read_limits.c - what a number or a choice may be: its unit, range and precision, its values; and whom
 * an address book meets. */
#include <string.h>

#include "base/decimal.h"
#include "policy/policy_int.h"

#define MAX_DECIMALS 12u
#define MAX_CHOICES 1024u

static void misplaced(struct reader *r, const struct node *node, const char *kind, const char *is)
{
    if (node == NULL)
        return;
    kept_find(r, KEPT_ERROR, "KEY_OF_OTHER_KIND", node->key_line, node->key_column,
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
    kept_find(r, KEPT_ERROR, "BAD_NUMBER", node->line, node->column,
              "write a decimal number without a unit: -40, 0.5", "'%.64s' is not a number", text);
    r->lost++;
    return NULL;
}

static void read_number(struct reader *r, const struct node *item, struct kept_limits *limits)
{
    const struct node *unit = kept_child(r, item, "unit"), *max = kept_child(r, item, "max");
    const struct node *min = kept_child(r, item, "min"), *decimals = kept_child(r, item, "decimals");
    struct kept_decimal low, high;
    uint32_t n = 0;
    limits->unit = unit != NULL ? kept_string(r, unit) : NULL;
    if (limits->unit != NULL && (strlen(limits->unit) > KEPT_MAX_UNIT_NAME ||
                                 strpbrk(limits->unit, "0123456789 .+-\t") != NULL)) {
        kept_find(r, KEPT_ERROR, "BAD_VALUE", unit->line, unit->column,
                  "write it as it stands behind the number: kWh, %, °C",
                  "'%.64s' is not a unit: a unit has no digits, signs or blanks", limits->unit);
        r->lost++;
    }
    limits->min = min != NULL ? bound(r, min, &low) : NULL;
    limits->max = max != NULL ? bound(r, max, &high) : NULL;
    if (limits->min != NULL && limits->max != NULL && kept_decimal_compare(&low, &high) > 0) {
        kept_find(r, KEPT_ERROR, "BAD_VALUE", max->line, max->column, "let 'max' be the larger one",
                  "no number lies between %.32s and %.32s: every value would be refused", limits->min,
                  limits->max);
        r->lost++;
    }
    limits->decimals = KEPT_MAX_DIGITS;
    if (decimals != NULL && kept_number(r, decimals, 0, MAX_DECIMALS, &n))
        limits->decimals = n;
}

static void read_choices(struct reader *r, const struct node *item, struct item_rule *rule,
                         struct kept_limits *limits)
{
    const struct node *map = kept_need(r, item, "choices", "only what is listed can come in");
    struct kept_policy *p = r->policy;
    if (map == NULL || !kept_keys(r, map, NULL, "choices"))
        return;
    if (map->count == 0 || map->count > MAX_CHOICES) {
        kept_find(r, KEPT_ERROR, "BAD_VALUE", map->line, map->column, "list them, each with its text",
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
            kept_find(r, KEPT_ERROR, "BAD_NAME", node->key_line, node->key_column,
                      "use lower-case letters, digits, '.', '_', '-'; begin with a letter",
                      "'%.64s' cannot be the name of a choice: it is what is stored", node->key);
            r->lost++;
        }
        rule->choice_texts[limits->choice_count] = kept_text(r, map, node->key, true);
        values[limits->choice_count++] = node->key;
    }
    limits->choices = values;
}

void kept_read_limits(struct reader *r, const struct node *node, struct item_rule *item)
{
    static const char *const of_number[] = {"unit", "min", "max", "decimals"};
    bool number = strcmp(item->pub.kind, "number") == 0, any = false;
    bool choice = strcmp(item->pub.kind, "choice") == 0;
    for (size_t i = 0; i < sizeof of_number / sizeof of_number[0]; i++) {
        const struct node *child = kept_child(r, node, of_number[i]);
        any = any || child != NULL;
        if (!number)
            misplaced(r, child, "number", item->pub.kind);
    }
    if (!choice)
        misplaced(r, kept_child(r, node, "choices"), "choice", item->pub.kind);
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
    static const char *const others[] = {"found_through", "match_limit"};
    const struct node *match = kept_child(r, node, "match");
    uint32_t limit = KEPT_MATCHES_A_DAY;
    if (match == NULL) {
        for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
            if (kept_child(r, node, others[i]) != NULL)
                (void)kept_need(r, node, "match", "it says which item an address book meets");
        return;
    }
    const struct node *through =
        kept_need(r, node, "found_through", "only who agreed to be found is found (PIPL 13, 29)");
    const struct node *most = kept_child(r, node, "match_limit");
    uint32_t index = kept_name_of(r, match, KEPT_K_ITEM);
    uint32_t function = through != NULL ? kept_name_of(r, through, KEPT_K_FUNCTION) : KEPT_NO_INDEX;
    if (most != NULL)
        (void)kept_number(r, most, 1, KEPT_MAX_MATCHES, &limit);
    item->pub.match_limit = limit;
    if (item->pub.place != KEPT_PLACE_TRANSIENT) {
        kept_find(r, KEPT_ERROR, "MATCH_STORED", match->line, match->column, "let 'place' be transient",
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
