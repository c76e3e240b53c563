/* read_sections.c - regions and ages: where data may be, and whose it may be. */
#include <string.h>

#include "policy/policy_int.h"

/* ISO 3166: two letters, or a subdivision of them ("CN", "US-CA"). */
static bool region_valid(const char *text)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char others[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    size_t n = strlen(text);
    if (n < 2 || strspn(text, letters) < 2)
        return false;
    return n == 2 || (text[2] == '-' && n >= 4 && n <= 6 && strspn(text + 3, others) == n - 3);
}

uint32_t kept_region(struct reader *r, const struct node *node)
{
    struct kept_policy *p = r->policy;
    const char *text = kept_string(r, node);
    if (text == NULL)
        return KEPT_REF_NONE;
    if (!region_valid(text)) {
        kept_find(r, CODE_BAD_REGION, node->line, node->column,
                  "write an ISO 3166 code in capitals, such as CN",
                  "'%.64s' is not a region", text);
        r->lost++;
        return KEPT_REF_NONE;
    }
    for (size_t i = 0; i < p->region_count; i++)
        if (strcmp(p->regions[i].name, text) == 0)
            return p->regions[i].ref;
    struct region_rule region = {.name = text, .ref = kept_ref(KEPT_K_REGION, text)};
    p->regions[p->region_count++] = region;
    return region.ref;
}

static struct list regions(struct reader *r, const struct node *map, enum key key)
{
    struct list list = {0};
    const struct node *node = kept_list_at(r, map, key);
    if (node == NULL)
        return list;
    list.v = kept_arena_alloc(&r->policy->arena, node->count, sizeof *list.v);
    for (uint32_t i = node->first; list.v != NULL && i != NO_NODE; i = r->tree.nodes[i].next) {
        uint32_t ref = kept_region(r, &r->tree.nodes[i]);
        if (ref != KEPT_REF_NONE)
            list.v[list.n++] = ref;
    }
    return list;
}

static uint32_t length_of(const struct reader *r, const struct node *map, enum key key)
{
    const struct node *node = kept_at(r, map, key);
    return node != NULL ? node->count : 0;
}

static void read_regions(struct reader *r, const struct node *root)
{
    struct kept_policy *p = r->policy;
    const struct node *node = kept_at(r, root, POLICY_regions);
    size_t lost = r->lost;
    bool map = kept_keys_of(r, node, SECTION_REGIONS); /* first: the room is for what was meant */
    size_t room = (size_t)length_of(r, node, REGIONS_stored) + length_of(r, node, REGIONS_served) +
                  length_of(r, root, POLICY_recipients) + 1;
    p->regions = kept_arena_alloc(&p->arena, room, sizeof *p->regions);
    p->stored = p->served = (struct rule){.clause = "", .line = 0};
    r->regions_lost = !map;
    if (p->regions == NULL || !map)
        return;
    p->stored = p->served = kept_rule(r, node, node->key_line);
    p->stored_in = regions(r, node, REGIONS_stored);
    p->served_said = kept_at(r, node, REGIONS_served) != NULL;
    p->served_in = regions(r, node, REGIONS_served);
    p->export = kept_word_at(r, node, REGIONS_export) == 1 ? EXPORT_CONDITIONAL : EXPORT_NEVER;
    r->regions_lost = r->lost != lost || kept_at(r, node, REGIONS_stored) == NULL;
}

static void read_band(struct reader *r, const struct node *node, struct band_rule *band)
{
    uint32_t from = 0, below = 200;
    *band = (struct band_rule){.rule = {.clause = "", .line = node->line}, .mode = BAND_BLOCK,
                               .column = node->column};
    if (!kept_keys_of(r, node, SECTION_BAND))
        return;
    band->rule = kept_rule(r, node, node->line);
    if (!kept_number_at(r, node, BAND_from, &from))
        r->lost++;
    (void)kept_number_at(r, node, BAND_below, &below);
    band->from = (int)from;
    band->below = (int)below;
    int word = kept_word_at(r, node, BAND_mode);
    if (word >= 0)
        band->mode = (enum band_mode)(word + 1);
    bool guardian = band->mode == BAND_GUARDIAN || band->mode == BAND_SELF_AND_GUARDIAN;
    const struct node *form = kept_at(r, node, BAND_form);
    int said = kept_word_at(r, node, BAND_form);
    band->written = said == 1;
    band->form = said >= 0 || guardian ? kept_key_word(BAND_form, said == 1 ? 1 : 0) : NULL;
    if (form != NULL && !guardian)
        kept_find(r, CODE_AGE_BANDS, form->key_line, form->key_column,
                  "remove 'form', or let 'mode' be guardian or self_and_guardian",
                  "'form' says how a guardian agrees, but this band asks no guardian");
}

/* Words of a list, or the one word that holds where the policy is silent. */
static const char **words(struct reader *r, const struct node *map, enum key key,
                          size_t *ret_count)
{
    const struct node *list = kept_list_at(r, map, key);
    const char **v =
        kept_arena_alloc(&r->policy->arena, list != NULL ? list->count + 1 : 1, sizeof *v);
    size_t n = 0;
    for (uint32_t i = list != NULL ? list->first : NO_NODE; v != NULL && i != NO_NODE;
         i = r->tree.nodes[i].next) {
        const struct node *node = &r->tree.nodes[i];
        const char *word = kept_string(r, node);
        if (word != NULL && kept_name_valid(word))
            v[n++] = word;
        else if (word != NULL)
            kept_find(r, CODE_BAD_NAME, node->line, node->column,
                      "use lower-case letters, digits, '.', '_', '-'; begin with a letter",
                      "'%.64s' cannot be a word of '%s'", word, kept_key_row(key)->name);
    }
    if (list == NULL && v != NULL)
        v[n++] = kept_key_row(key)->need.otherwise;
    *ret_count = n;
    return v;
}

/* Silence is strict: a parent, shown by a document. */
static void read_guardian(struct reader *r, const struct node *age)
{
    struct guardian_rule *g = &r->policy->guardian;
    const struct node *node = kept_at(r, age, AGE_guardian);
    g->rule = (struct rule){.clause = "", .line = 0};
    if (node != NULL && kept_keys_of(r, node, SECTION_GUARDIAN))
        g->rule = kept_rule(r, node, node->key_line);
    else
        node = NULL;
    g->relations = words(r, node, GUARDIAN_relations, &g->relation_count);
    g->methods = words(r, node, GUARDIAN_verified_by, &g->method_count);
    g->evidence = kept_word_at(r, node, GUARDIAN_evidence) == 0;
}

static void read_age(struct reader *r, const struct node *root)
{
    struct kept_policy *p = r->policy;
    const struct node *node = kept_at(r, root, POLICY_age);
    size_t lost = r->lost;
    p->age = (struct rule){.clause = "", .line = 0};
    if (node == NULL || !kept_keys_of(r, node, SECTION_AGE))
        return;
    p->age = kept_rule(r, node, node->key_line);
    read_guardian(r, node);
    p->age_unknown_allowed = kept_word_at(r, node, AGE_unknown) == 1;
    const struct node *list = kept_list_at(r, node, AGE_bands);
    if (list == NULL)
        return;
    p->bands = kept_arena_alloc(&p->arena, list->count, sizeof *p->bands);
    for (uint32_t i = list->first; p->bands != NULL && i != NO_NODE; i = r->tree.nodes[i].next)
        read_band(r, &r->tree.nodes[i], &p->bands[p->band_count++]);
    for (size_t i = 0; i < p->band_count; i++)
        p->age_gated = p->age_gated || p->bands[i].mode != BAND_SELF;
    r->ages_lost = r->lost != lost;
}

void kept_read_sections(struct reader *r, const struct node *root)
{
    read_regions(r, root);
    read_age(r, root);
}
