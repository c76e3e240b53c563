/* read_rules.c - purposes, permissions, items, functions: what the app does, with what, and why. */
#include <string.h>

#include "policy/duties_int.h"

static const struct node *first_of(const struct reader *r, const struct node *root,
                                   const char *key)
{
    const struct node *map = kept_child(r, root, key);
    return map != NULL && map->kind == NODE_MAP ? kept_node(r, map->first) : NULL;
}

static const struct node *next_of(const struct reader *r, const struct node *node)
{
    return kept_node(r, node->next);
}

static void read_purpose(struct reader *r, const struct node *node, struct purpose_rule *purpose)
{
    static const char *const keys[] = {"text", "related", "consent", "law", "clause", NULL};
    static const char *const consents[] = {"none", "explicit", "separate", "written", NULL};
    if (!kept_keys(r, node, keys, "a purpose"))
        return;
    purpose->text = kept_text(r, node, "text", true);
    purpose->related = kept_names(r, node, "related", KEPT_K_PURPOSE);
    purpose->law = kept_flag(r, node, "law", false);
    const struct node *consent = kept_child(r, node, "consent");
    int word = consent != NULL ? kept_word(r, consent, consents) : 0;
    purpose->consent = word > 0 ? (enum kept_consent_kind)(KEPT_C_IMPLIED + word) : KEPT_C_NONE;
}

static void read_permission(struct reader *r, const struct node *node,
                            struct permission_rule *permission)
{
    static const char *const keys[] = {"text", "clause", NULL};
    if (kept_keys(r, node, keys, "a permission"))
        permission->text = kept_text(r, node, "text", true);
    permission->column = node->key_column;
}

/* When a value goes: after a time, with the account, or never stored at all. */
static void read_retention(struct reader *r, const struct node *node, struct item_rule *item)
{
    static const char *const classes[] = {"ordinary", "sensitive", "law", NULL};
    static const char *const places[] = {"store", "device", "transient", "external", NULL};
    const struct node *retain = kept_child(r, node, "retain");
    const struct node *place = kept_child(r, node, "place");
    int word = place != NULL ? kept_word(r, place, places) : 0;
    item->pub.place = word > 0 ? (enum kept_place)word : KEPT_PLACE_STORE;
    item->pub.class = item->pub.sensitive ? KEPT_CLASS_SENSITIVE : KEPT_CLASS_ORDINARY;
    const struct node *class = kept_child(r, node, "retention_class");
    word = class != NULL ? kept_word(r, class, classes) : -1;
    if (word >= 0)
        item->pub.class = (enum kept_class)word;
    item->statute = kept_string(r, kept_child(r, node, "statute"));
    item->retain_said = retain != NULL;
    const char *text = retain != NULL && retain->kind == NODE_SCALAR ? retain->text : "";
    item->retain_account = strcmp(text, "account") == 0;
    if (retain != NULL && !item->retain_account)
        (void)kept_duration(r, retain, &item->pub.retain);
}

static void read_item(struct reader *r, const struct node *node, struct item_rule *item)
{
    static const char *const keys[] = {
        "text", "kind", "information", "sensitive", "separate_consent", "mask", "source", "retain",
        "retention_class", "statute", "place", "values", "token", "store", "purposes",
        "locked_after_verification", "unit", "min", "max", "decimals", "choices",
        "match", "found_through", "match_limit", "at_least", "then", "archive", "held_in", "clause", NULL};
    static const char *const information[] = {
        "basic", "identity", "biometric", "network-id", "health", "education", "property",
        "communication", "contacts", "log", "device", "location", "preference", "content", "other",
        NULL};
    static const char *const masks[] = {"kind", "whole", NULL};
    static const char *const sources[] = {"user", "generated", "third_party", "derived", NULL};
    static const char *const values[] = {"one", "many", NULL};
    static const char *const stores[] = {"value", "hash", NULL};
    size_t lost = r->lost;
    item->lost = true;
    if (!kept_keys(r, node, keys, "an item"))
        return;
    item->text = kept_text(r, node, "text", true);
    const struct node *kind = kept_need(r, node, "kind", "values are checked and masked by kind");
    int word = kind != NULL ? kept_word(r, kind, kept_kind_words()) : -1;
    if (word >= 0)
        item->pub.kind = kept_kind_words()[word];
    (void)kept_need(r, node, "information", "people are told which kinds are collected (PIPL 17)");
    item->information = kept_choice(r, node, "information", information, "other");
    (void)kept_need(r, node, "source", "people may ask where a value came from");
    item->source = kept_choice(r, node, "source", sources, "user");
    item->pub.source = item->source;
    item->from_others = strcmp(item->source, "third_party") == 0;
    item->mask = kept_choice(r, node, "mask", masks, "kind");
    item->pub.mask_whole = strcmp(item->mask, "whole") == 0;
    item->pub.sensitive = kept_flag(r, node, "sensitive", false);
    item->separate_consent = kept_flag(r, node, "separate_consent", false);
    item->pub.many = strcmp(kept_choice(r, node, "values", values, "one"), "many") == 0;
    item->pub.token = kept_flag(r, node, "token", false);
    item->pub.hashed = strcmp(kept_choice(r, node, "store", stores, "value"), "hash") == 0;
    item->pub.locked = kept_flag(r, node, "locked_after_verification", false);
    item->purposes = kept_names(r, node, "purposes", KEPT_K_PURPOSE);
    read_retention(r, node, item);
    kept_read_item_duties(r, node, item);
    if (word >= 0)
        kept_read_limits(r, node, item);
    kept_read_match(r, node, item);
    item->lost = r->lost != lost || kind == NULL;
}

static void read_function_consent(struct reader *r, const struct node *node,
                                  struct function_rule *function)
{
    static const char *const consents[] = {"notice", "implied", "explicit", "separate", "written",
                                           NULL};
    static const char *const bases[] = {"consent", "contract", "legal_obligation", NULL};
    const struct node *consent =
        kept_need(r, node, "consent", "people must know what they are asked for (PIPL 14)");
    int word = consent != NULL ? kept_word(r, consent, consents) : -1;
    function->consent = word >= 0 ? (enum kept_consent_kind)(KEPT_C_ACKNOWLEDGEMENT + word)
                                  : KEPT_C_SEPARATE;
    const char *basis = kept_choice(r, node, "basis", bases, "consent");
    function->basis = strcmp(basis, "contract") == 0           ? BASIS_CONTRACT
                      : strcmp(basis, "legal_obligation") == 0 ? BASIS_LEGAL_OBLIGATION
                                                               : BASIS_CONSENT;
}

static void read_function(struct reader *r, const struct node *node,
                          struct function_rule *function)
{
    static const char *const keys[] = {
        "text", "kind", "purposes", "mandatory", "optional", "permissions", "consent", "basis",
        "frequency", "in_use", "trigger", "case", "asked", "withdrawal", "refusing_costs", "client",
        "advertising", "personalised", "clause", NULL};
    static const char *const kinds[] = {"basic", "extended", NULL};
    static const char *const frequencies[] = {"any", "once_per_launch", NULL};
    static const char *const in_use[] = {"any", "required", NULL};
    static const char *const triggers[] = {"any", "user_action", NULL};
    static const char *const cases[] = {"any", "required", NULL};
    static const char *const asked[] = {"once", "each_launch", NULL};
    function->column = node->key_column;
    function->kind = FUNCTION_EXTENDED;
    function->consent = KEPT_C_SEPARATE;
    size_t lost = r->lost;
    function->lost = true;
    if (!kept_keys(r, node, keys, "a function"))
        return;
    function->text = kept_text(r, node, "text", true);
    function->cost = kept_text(r, node, "refusing_costs", true);
    const struct node *kind =
        kept_need(r, node, "kind", "refusing an extended function may not cost the basic one");
    if (kind != NULL && kept_word(r, kind, kinds) == 0)
        function->kind = FUNCTION_BASIC;
    if (kept_need(r, node, "purposes", "every use needs a purpose (PIPL 6)") == NULL)
        r->lost++;
    function->purposes = kept_names(r, node, "purposes", KEPT_K_PURPOSE);
    function->mandatory = kept_names(r, node, "mandatory", KEPT_K_ITEM);
    function->optional = kept_names(r, node, "optional", KEPT_K_ITEM);
    function->permissions = kept_names(r, node, "permissions", KEPT_K_PERMISSION);
    read_function_consent(r, node, function);
    function->once_per_launch =
        strcmp(kept_choice(r, node, "frequency", frequencies, "any"), "any") != 0;
    function->in_use = strcmp(kept_choice(r, node, "in_use", in_use, "any"), "any") != 0;
    function->user_action = strcmp(kept_choice(r, node, "trigger", triggers, "any"), "any") != 0;
    function->needs_case = strcmp(kept_choice(r, node, "case", cases, "any"), "any") != 0;
    function->each_launch = strcmp(kept_choice(r, node, "asked", asked, "once"), "once") != 0;
    int effect = kept_child(r, node, "withdrawal") != NULL
                     ? kept_word(r, kept_child(r, node, "withdrawal"), kept_effect_words())
                     : -1;
    function->effect = effect >= 0 ? (enum kept_withdrawal)effect : r->policy->info.withdrawal;
    kept_read_function_duties(r, node, function);
    function->lost = r->lost != lost;
}

void kept_read_rules(struct reader *r, const struct node *root)
{
    struct kept_policy *p = r->policy;
    size_t n = 0;
    for (const struct node *i = first_of(r, root, "purposes"); i != NULL; i = next_of(r, i))
        read_purpose(r, i, &p->purposes[n++]);
    n = 0;
    for (const struct node *i = first_of(r, root, "permissions"); i != NULL; i = next_of(r, i))
        read_permission(r, i, &p->permissions[n++]);
    n = 0;
    for (const struct node *i = first_of(r, root, "items"); i != NULL; i = next_of(r, i))
        read_item(r, i, &p->items[n++]);
    n = 0;
    for (const struct node *i = first_of(r, root, "functions"); i != NULL; i = next_of(r, i))
        read_function(r, i, &p->functions[n++]);
    for (size_t i = 0; i < n; i++)
        r->functions_lost = r->functions_lost || p->functions[i].lost;
}
