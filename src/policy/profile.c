/* profile.c - profiles of laws: read like policies, and held to what a profile must say. */
#include "policy/profile.h"

#include <assert.h>
#include <string.h>

#include "policy/duties_int.h"
#include "policy/profiles.inc" /* made of profiles/NAME.yaml: the bytes of each */

struct kept_span kept_profile_text(const char *jurisdiction)
{
    static const struct {
        const char *jurisdiction;
        const uint8_t *text;
        size_t n;
    } all[] = {{"CN", profile_cn, sizeof profile_cn}, {"EU", profile_eu, sizeof profile_eu}};
    static_assert(sizeof all / sizeof all[0] <= KEPT_MAX_PROFILES, "a policy can be under all of them");
    for (size_t i = 0; jurisdiction != NULL && i < sizeof all / sizeof all[0]; i++)
        if (strcmp(all[i].jurisdiction, jurisdiction) == 0)
            return (struct kept_span){all[i].text, all[i].n};
    return (struct kept_span){NULL, 0};
}

/* Where it comes from is never left out. */
static const char *source(struct reader *r, const struct node *map, const char *key, bool *ret_seen)
{
    static const char *const words[] = {"true", "memory", NULL};
    const char *text = kept_string(r, kept_need(r, map, key, "each entry cites where it comes from"));
    *ret_seen = kept_word(r, kept_need(r, map, "seen", "who reads it must know whether the text was read"),
                          words) == 0;
    return text;
}

static uint32_t bits(struct reader *r, const struct node *list, const char *const *words)
{
    uint32_t bits = 0;
    for (uint32_t i = list != NULL ? list->first : NO_NODE; i != NO_NODE; i = r->tree.nodes[i].next) {
        const int word = kept_word(r, &r->tree.nodes[i], words);
        bits |= word >= 0 ? 1u << word : 0;
    }
    return bits;
}

static void read_entry(struct reader *r, const struct node *node, bool floor, struct profile_entry *e)
{
    static const char *const of_value[] = {"within", "from", "requests", "fields", "age",
                                           "at_least", "clause", "source", "seen", NULL};
    static const char *const of_floor[] = {"within", "requests", "age", "kind", "article", "seen", NULL};
    static const char *const kinds[] = {"law", "advice", NULL};
    static const char *const anchors[] = {"received", "verified", "checked", "aware", NULL};
    if (!kept_keys(r, node, floor ? of_floor : of_value, "an entry"))
        return;
    e->said = true;
    kept_read_length(r, kept_child(r, node, "within"), &e->within.within);
    const struct node *from = kept_child(r, node, "from");
    int word = from != NULL ? kept_word(r, from, anchors) : 0;
    e->within.from = word > 0 ? (enum kept_anchor)word : KEPT_ANCHOR_RECEIVED;
    const struct node *age = kept_child(r, node, "age");
    if (age != NULL)
        (void)kept_number(r, age, 1, 150, &e->age);
    e->requests = bits(r, kept_list(r, node, "requests"), kept_asked_words());
    e->fields = bits(r, kept_list(r, node, "fields"), kept_incident_words());
    (void)kept_duration(r, kept_child(r, node, "at_least"), &e->at_least);
    e->clause = kept_string(r, kept_child(r, node, "clause"));
    e->law = floor && kept_word(r, kept_need(r, node, "kind", "law binds, advice warns"), kinds) == 0;
    e->source = source(r, node, floor ? "article" : "source", &e->seen);
}

static void read_entries(struct reader *r, const struct node *map, const char *const *words, bool floor,
                         struct profile_entry *entries)
{
    if (map == NULL || !kept_keys(r, map, words, "this section"))
        return;
    for (size_t i = 0; words[i] != NULL; i++) {
        const struct node *node = kept_child(r, map, words[i]);
        if (node != NULL)
            read_entry(r, node, floor, &entries[i]);
    }
}

static void read_row(struct reader *r, const struct node *node, struct profile_row *row)
{
    static const char *const keys[] = {"information", "kind", "law", "at_least", "persons_below",
                                       "sensitive_below", "mechanism", "article", "seen", NULL};
    row->name = node->key;
    if (!kept_keys(r, node, keys, "an entry"))
        return;
    row->information = kept_string(r, kept_child(r, node, "information"));
    row->kind = kept_string(r, kept_child(r, node, "kind"));
    row->law = kept_string(r, kept_child(r, node, "law"));
    (void)kept_duration(r, kept_child(r, node, "at_least"), &row->at_least);
    const struct node *number = kept_child(r, node, "persons_below");
    if (number != NULL)
        (void)kept_number(r, number, 1, UINT32_MAX - 1, &row->persons_below);
    if ((number = kept_child(r, node, "sensitive_below")) != NULL)
        (void)kept_number(r, number, 1, UINT32_MAX - 1, &row->sensitive_below);
    row->mechanism = kept_string(r, kept_child(r, node, "mechanism"));
    row->article = source(r, node, "article", &row->seen);
}

static void read_rows(struct reader *r, const struct node *map, struct profile_rows *rows)
{
    if (map == NULL || !kept_keys(r, map, NULL, "this section"))
        return;
    rows->v = kept_arena_alloc(r->arena, map->count, sizeof *rows->v);
    for (uint32_t i = map->first; rows->v != NULL && i != NO_NODE; i = r->tree.nodes[i].next)
        read_row(r, &r->tree.nodes[i], &rows->v[rows->n++]);
}

static void read_apps(struct reader *r, const struct node *map, struct profile *profile)
{
    static const char *const keys[] = {"n", "items", NULL};
    if (map == NULL || !kept_keys(r, map, NULL, "'necessary'"))
        return;
    profile->apps = kept_arena_alloc(r->arena, map->count, sizeof *profile->apps);
    for (uint32_t i = map->first; profile->apps != NULL && i != NO_NODE; i = r->tree.nodes[i].next) {
        const struct node *node = &r->tree.nodes[i];
        struct profile_app *app = &profile->apps[profile->app_count++];
        app->type = node->key;
        if (!kept_keys(r, node, keys, "a kind of app"))
            continue;
        (void)kept_number(r, kept_need(r, node, "n", "an entry cites its number in Art. 5"), 1, 99,
                          &app->article);
        const struct node *list = kept_list(r, node, "items");
        app->items = list != NULL ? list->count : 0;
        app->phone_only = app->items == 1 && strcmp(r->tree.nodes[list->first].text, "phone") == 0;
    }
}

static void read_profile(struct reader *r, const struct node *root, struct profile *ret)
{
    static const char *const keys[] = {"profile", "name", "jurisdiction", "read_by_lawyer", "values",
                                       "floors", "sensitive", "retention", "export", "necessary", NULL};
    static const char *const values[] = {
#define X(name, word) #word,
        PROFILE_VALUES(X)
#undef X
        NULL};
    static const char *const floors[] = {
#define X(name, word) #word,
        PROFILE_FLOORS(X)
#undef X
        NULL};
    uint32_t version = 0;
    if (!kept_keys(r, root, keys, "the profile"))
        return;
    (void)kept_number(r, kept_need(r, root, "profile", "it names the version of the form"), 1, 1, &version);
    ret->name = kept_string(r, kept_need(r, root, "name", "people are told which profile said it"));
    ret->jurisdiction = kept_string(r, kept_need(r, root, "jurisdiction", "policies name it"));
    ret->lawyer = kept_string(r, kept_need(r, root, "read_by_lawyer", "a date, or never: this is no advice"));
    read_entries(r, kept_child(r, root, "values"), values, false, ret->values);
    read_entries(r, kept_child(r, root, "floors"), floors, true, ret->floors);
    read_rows(r, kept_child(r, root, "sensitive"), &ret->sensitive);
    read_rows(r, kept_child(r, root, "retention"), &ret->retention);
    read_rows(r, kept_child(r, root, "export"), &ret->export);
    read_apps(r, kept_child(r, root, "necessary"), ret);
    for (size_t i = 0; i < PROFILE_VALUE_COUNT; i++)
        ret->values[i].profile = ret->name;
    for (size_t i = 0; i < PROFILE_FLOOR_COUNT; i++)
        ret->floors[i].profile = ret->name;
}

int kept_profile_read(struct kept_span text, struct arena *arena, struct profile *ret,
                      struct kept_findings *findings)
{
    struct reader r = {.findings = findings, .arena = arena, .what = "profile",
                       .manual = "profiles/README.md", .head = "profile"};
    *ret = (struct profile){0};
    int rc = kept_tree_read(&r, text);
    if (rc == 0)
        read_profile(&r, &r.tree.nodes[r.tree.root], ret);
    kept_tree_release(&r.tree);
    if (rc != 0)
        return rc;
    if (r.nomem || arena->nomem)
        return KEPT_E_NOMEM;
    return findings->errors != 0 ? KEPT_E_POLICY : 0;
}

int kept_profile_demands(const struct profile *profile, const char *app_type)
{
    enum { NOTHING, A_PHONE, ITS_OWN };
    for (size_t i = 0; profile != NULL && i < profile->app_count; i++)
        if (strcmp(profile->apps[i].type, app_type) == 0)
            return profile->apps[i].items == 0 ? NOTHING : profile->apps[i].phone_only ? A_PHONE : ITS_OWN;
    return ITS_OWN;
}

const struct profile_row *kept_profile_export(const struct profile *profile, uint32_t persons,
                                              uint32_t sensitive)
{
    for (size_t i = 0; profile != NULL && i < profile->export.n; i++) {
        const struct profile_row *row = &profile->export.v[i];
        if ((row->persons_below == 0 || persons < row->persons_below) &&
            (row->sensitive_below == 0 || sensitive < row->sensitive_below))
            return row;
    }
    return NULL;
}
