/* read_client.c - on which clients a function is offered and how it shows things; what follows the end of
 * a value, and who holds it; and what the model says. */
#include <string.h>

#include "policy/duties_int.h"

#define SYSTEMS ((unsigned)(OS_linux - OS_android) + 1)

/* Whole numbers with dots between them: 12, 12.0.1. */
static bool version_valid(const char *text)
{
    size_t n = strlen(text);
    return n > 0 && n <= KEPT_MAX_NAME && strspn(text, "0123456789.") == n && text[0] != '.' &&
           text[n - 1] != '.' && strstr(text, "..") == NULL;
}

/* The next number of a version; 0 behind the last, so that 2 and 2.0 are one. */
static unsigned long long part(const char **at)
{
    unsigned long long n = 0;
    for (; **at >= '0'; (*at)++) /* digits and dots, as it was checked */
        n = n < 100000000000ull ? n * 10 + (unsigned)(**at - '0') : n;
    if (**at == '.')
        (*at)++;
    return n;
}

static int compare_versions(const char *a, const char *b)
{
    while (*a != 0 || *b != 0) {
        unsigned long long x = part(&a), y = part(&b);
        if (x != y)
            return x < y ? -1 : 1;
    }
    return 0;
}

static const char *read_version(struct reader *r, const struct node *node)
{
    const char *text = kept_string(r, node);
    if (text == NULL || version_valid(text))
        return text;
    kept_find(r, CODE_BAD_VERSION, node->line, node->column,
              "write numbers with dots between them, in quotes: \"12.0\"",
              "'%.64s' is not a version: it could be compared with none", text);
    r->lost++;
    return NULL;
}

static void read_systems(struct reader *r, const struct node *client, struct client_rule *rule)
{
    const struct node *map = kept_at(r, client, CLIENT_os);
    if (map == NULL || !kept_keys_of(r, map, SECTION_OS))
        return;
    rule->os_from = kept_arena_alloc(&r->policy->arena, SYSTEMS, sizeof *rule->os_from);
    for (unsigned i = 0; rule->os_from != NULL && i < SYSTEMS; i++) {
        const struct node *node = kept_at(r, map, (enum key)(OS_android + i));
        if (node == NULL)
            continue;
        rule->systems |= 1u << i;
        if (node->kind != NODE_SCALAR || strcmp(node->text, "any") != 0)
            rule->os_from[i] = read_version(r, node);
    }
}

static void read_client(struct reader *r, const struct node *function, struct client_rule *rule)
{
    const struct node *node = kept_at(r, function, FUNCTION_client);
    if (node == NULL || !kept_keys_of(r, node, SECTION_CLIENT))
        return;
    rule->said = true;
    read_systems(r, node, rule);
    rule->app_from = read_version(r, kept_at(r, node, CLIENT_app_from));
    rule->app_below = read_version(r, kept_at(r, node, CLIENT_app_below));
    rule->surfaces = kept_read_words(r, node, CLIENT_surfaces);
    if (rule->app_from != NULL && rule->app_below != NULL &&
        compare_versions(rule->app_from, rule->app_below) >= 0)
        kept_find(r, CODE_CLIENT_NOBODY, node->key_line, node->key_column,
                  "let 'app_below' be the larger one",
                  "no version is from %.32s on and below %.32s: nobody would be offered this",
                  rule->app_from, rule->app_below);
}

void kept_read_function_duties(struct reader *r, const struct node *node,
                               struct function_rule *function)
{
    struct showing_rule *show = &function->showing;
    read_client(r, node, &function->client);
    show->advertising = kept_flag_at(r, node, FUNCTION_advertising);
    const struct node *map = kept_at(r, node, FUNCTION_personalised);
    if (map == NULL || !kept_keys_of(r, map, SECTION_PERSONALISED))
        return;
    show->personalised = true;
    show->nothing = kept_word_at(r, map, PERSONALISED_otherwise) == 1;
    show->same_count = kept_flag_at(r, map, PERSONALISED_same_count);
    if (show->nothing && show->same_count)
        kept_find(r, CODE_PERSONALISED_CONTRADICTION, map->key_line, map->key_column,
                  "remove 'same_count', or let 'otherwise' be generic",
                  "'%s' shows nothing otherwise, and as many: one of them is not kept",
                  function->name);
}

/* What follows a value's end, what a statute demands at least, and who holds what we do not. */
void kept_read_item_duties(struct reader *r, const struct node *node, struct item_rule *item)
{
    int word = kept_word_at(r, node, ITEM_then);
    item->pub.then = word > 0 ? (enum kept_disposition)(KEPT_DISPOSE_ERASE + word)
                              : KEPT_DISPOSE_ERASE;
    (void)kept_duration(r, kept_at(r, node, ITEM_at_least), &item->pub.at_least);
    (void)kept_duration(r, kept_at(r, node, ITEM_archive), &item->pub.archive);
    const struct node *held = kept_at(r, node, ITEM_held_in);
    item->held_in = kept_string_at(r, node, ITEM_held_in);
    if (item->held_in != NULL && !kept_name_valid(item->held_in)) {
        kept_find(r, CODE_BAD_NAME, held->line, held->column,
                  "use lower-case letters, digits, '.', '_', '-'; begin with a letter",
                  "'%.64s' cannot be the name of a system: orders to delete are addressed by it",
                  item->held_in);
        r->lost++;
    }
}

/* ---- what it says ------------------------------------------------------------------------------ */

static int surface_of(const char *word)
{
    for (size_t i = 0; word != NULL && i < kept_key_words(CLIENT_surfaces); i++)
        if (strcmp(kept_key_word(CLIENT_surfaces, i), word) == 0)
            return (int)i;
    return -1;
}

static int system_of(const char *word)
{
    for (unsigned i = 0; word != NULL && i < SYSTEMS; i++)
        if (strcmp(kept_key_row((enum key)(OS_android + i))->name, word) == 0)
            return (int)i;
    return -1;
}

static bool known_version(const char *text)
{
    return text != NULL && version_valid(text);
}

/* What one kind of fact says: CLIENT speaks against it; `unknown`: it is needed and not known. */
static enum kept_reason by_system(const struct client_rule *rule, const struct kept_client *client)
{
    int i = system_of(client->os);
    if (rule->systems == 0)
        return KEPT_R_NONE;
    if (client->os == NULL || client->os[0] == 0)
        return KEPT_R_OS_UNKNOWN;
    if (i < 0 || (rule->systems >> i & 1u) == 0)
        return KEPT_R_CLIENT;
    if (rule->os_from[i] == NULL)
        return KEPT_R_NONE;
    return !known_version(client->os_version) ? KEPT_R_OS_UNKNOWN
           : compare_versions(client->os_version, rule->os_from[i]) < 0 ? KEPT_R_CLIENT
                                                                        : KEPT_R_NONE;
}

static enum kept_reason by_app(const struct client_rule *rule, const struct kept_client *client)
{
    const char *version = client->app_version;
    if (rule->app_from == NULL && rule->app_below == NULL)
        return KEPT_R_NONE;
    if (!known_version(version))
        return KEPT_R_APP_VERSION_UNKNOWN;
    return (rule->app_from != NULL && compare_versions(version, rule->app_from) < 0) ||
                   (rule->app_below != NULL && compare_versions(version, rule->app_below) >= 0)
               ? KEPT_R_CLIENT
               : KEPT_R_NONE;
}

static enum kept_reason by_surface(const struct client_rule *rule, const struct kept_client *client)
{
    int i = surface_of(client->surface);
    if (rule->surfaces == 0)
        return KEPT_R_NONE;
    if (client->surface == NULL || client->surface[0] == 0)
        return KEPT_R_SURFACE_UNKNOWN;
    return i < 0 || (rule->surfaces >> i & 1u) == 0 ? KEPT_R_CLIENT : KEPT_R_NONE;
}

/* What speaks against it comes before what is not known. */
static enum kept_reason offer(const struct client_rule *rule, const struct kept_client *client)
{
    const enum kept_reason says[] = {by_system(rule, client), by_app(rule, client), by_surface(rule, client)};
    enum kept_reason reason = KEPT_R_NONE;
    for (size_t i = 0; i < sizeof says / sizeof says[0]; i++)
        if (says[i] == KEPT_R_CLIENT || reason == KEPT_R_NONE)
            reason = says[i];
    return reason;
}

bool kept_not_offered(const struct function_rule *f, const struct kept_question *q,
                      enum kept_reason *ret_reason)
{
    static const struct kept_client nothing;
    enum kept_reason reason = offer(&f->client, q->client != NULL ? q->client : &nothing);
    const bool now = q->use == KEPT_USE_COLLECT && (q->facts & KEPT_F_IMPORTED) == 0; /* else no client is there */
    if (reason == KEPT_R_NONE || (reason != KEPT_R_CLIENT && !now))
        return false;
    *ret_reason = reason;
    return true;
}

void kept_client_fitting(const struct function_rule *f, struct kept_client *ret)
{
    const struct client_rule *rule = &f->client;
    for (unsigned i = SYSTEMS; i-- > 0;)
        if ((rule->systems >> i & 1u) != 0)
            *ret = (struct kept_client){.os = kept_key_row((enum key)(OS_android + i))->name,
                                        .os_version = rule->os_from[i]};
    ret->app_version = rule->app_from != NULL ? rule->app_from : rule->app_below != NULL ? "0" : NULL;
    for (size_t i = kept_key_words(CLIENT_surfaces); i-- > 0;)
        if ((rule->surfaces >> i & 1u) != 0)
            ret->surface = kept_key_word(CLIENT_surfaces, i);
}

bool kept_policy_offered(const struct kept_policy *policy, uint32_t function,
                         const struct kept_client *client)
{
    return function < policy->info.functions &&
           offer(&policy->functions[function].client, client) == KEPT_R_NONE;
}

struct kept_showing kept_policy_showing(const struct kept_policy *policy, uint32_t function,
                                        bool opted_out)
{
    struct kept_showing answer = {.clause = ""};
    if (function >= policy->info.functions)
        return answer;
    const struct function_rule *f = &policy->functions[function];
    const struct showing_rule *show = &f->showing;
    bool generic = show->personalised && opted_out;
    return (struct kept_showing){.advertising = show->advertising,
                                 .shown = !(generic && show->nothing),
                                 .personalised = show->personalised && !opted_out,
                                 .same_count = show->same_count,
                                 .clause = f->rule.clause, .line = f->rule.line};
}

static kept_ms later(kept_ms a, kept_ms b)
{
    return a > b ? a : b;
}

struct kept_end kept_policy_end(const struct kept_policy *policy, uint32_t item, kept_ms collected,
                                kept_ms account_ended)
{
    struct kept_end end = {.clause = ""};
    if (item >= policy->info.items)
        return end;
    const struct kept_item *rule = &policy->items[item].pub;
    end.clause = rule->clause;
    end.line = rule->line;
    end.then = rule->then;
    end.filled = policy->items[item].filled;
    end.at = rule->retain > 0 ? collected + rule->retain : account_ended;
    if (end.at > 0)
        end.at = later(end.at, collected + rule->at_least);
    if (end.at > 0 && rule->then == KEPT_DISPOSE_ARCHIVE)
        end.archived_until = end.at + rule->archive;
    return end;
}

struct kept_end kept_policy_deletion(const struct kept_policy *policy, uint32_t item,
                                     kept_ms collected, kept_ms now)
{
    struct kept_end end = kept_policy_end(policy, item, collected, now);
    if (item >= policy->info.items)
        return end;
    const struct kept_item *rule = &policy->items[item].pub;
    kept_ms least = rule->at_least > 0               ? collected + rule->at_least
                    : rule->class == KEPT_CLASS_LAW  ? collected + rule->retain
                                                     : now;
    end.at = later(now, least);
    if (rule->then == KEPT_DISPOSE_ARCHIVE)
        end.archived_until = end.at + rule->archive;
    return end;
}

const char *kept_policy_held_in(const struct kept_policy *policy, uint32_t item)
{
    return item < policy->info.items && policy->items[item].pub.place == KEPT_PLACE_EXTERNAL
               ? policy->items[item].held_in
               : NULL;
}
