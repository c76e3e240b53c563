/* policy.c - what the policy in force says of what people may ask of themselves. */
#include <string.h>

#include "me/me_int.h"

static bool is(const json_t *of, const char *key, const char *text)
{
    return strcmp(kept_me_get(of, key), text) == 0;
}

/* Stored, as a value. */
static bool is_held(const json_t *item)
{
    return is(item, "place", "store") && is(item, "store", "value");
}

size_t kept_me_items(const json_t *policy, const char *group, struct kept_field fields[KEPT_ME_ITEMS])
{
    const json_t *item = NULL;
    size_t i, n = 0;
    json_array_foreach(json_object_get(policy, "items"), i, item)
        if (is_held(item) && n < KEPT_ME_ITEMS &&
            (group == NULL || (is(item, "information", group) && !is(item, "retention_class", "law"))))
            fields[n++] = (struct kept_field){.name = kept_me_get(item, "name")};
    return n;
}

bool kept_me_has_item(const json_t *policy, const char *name)
{
    return name[0] != 0 && kept_me_row(policy, "items", name) != NULL;
}

bool kept_me_by_code(const json_t *policy, const char *name)
{
    return json_is_true(json_object_get(kept_me_row(policy, "items", name), "changed_by_code"));
}

bool kept_me_open(const json_t *policy)
{
    return json_is_true(json_object_get(json_object_get(policy, "account"), "self_service"));
}

/* The first of this kind among names; found by it people must be, so it has a token. */
static const char *of_kind(const json_t *policy, const json_t *names, const char *kind)
{
    const json_t *name = NULL;
    size_t i;
    json_array_foreach(names, i, name) {
        const json_t *item = json_is_string(name) ? kept_me_row(policy, "items", json_string_value(name)) : name;
        if (is(item, "kind", kind) && is(item, "place", "store") && json_is_true(json_object_get(item, "token")))
            return kept_me_get(item, "name");
    }
    return NULL;
}

const char *kept_me_address_item(const json_t *policy, const char *address)
{
    const char *kind = strchr(address, '@') != NULL ? "mail" : "phone";
    const json_t *function = kept_me_row(policy, "functions", kept_me_get(json_object_get(policy, "account"), "function"));
    const char *item = of_kind(policy, json_object_get(function, "mandatory"), kind);
    if (item == NULL)
        item = of_kind(policy, json_object_get(function, "optional"), kind);
    return item != NULL ? item : of_kind(policy, json_object_get(policy, "items"), kind);
}

enum kept_consent_kind kept_me_consent(const json_t *policy, const char *scope, const char *name)
{
    static const struct { const char *scope, *list; } lists[] = {
        {"function", "functions"}, {"purpose", "purposes"}, {"recipient", "recipients"}, {"item", "items"}};
    const json_t *row = NULL;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        if (strcmp(lists[i].scope, scope) == 0)
            row = kept_me_row(policy, lists[i].list, name);
    if (row == NULL)
        return KEPT_C_NONE;
    if (strcmp(scope, "item") == 0)
        return json_is_true(json_object_get(row, "separate_consent")) ? KEPT_C_SEPARATE : KEPT_C_NONE;
    return is(row, "consent", "explicit")   ? KEPT_C_EXPLICIT
           : is(row, "consent", "separate") ? KEPT_C_SEPARATE
           : is(row, "consent", "written")  ? KEPT_C_WRITTEN
                                            : KEPT_C_NONE;
}

/* ---- how well somebody must be known ---- */

static int rank(const char *level)
{
    static const char *const levels[] = {"none", "account", "code", "document"};
    for (int i = 0; i < 4; i++)
        if (strcmp(levels[i], level) == 0)
            return i;
    return 4;
}

const char *kept_me_level_missing(const struct kept_me *me, const char *right)
{
    const json_t *row = kept_me_row(me->policy, "rights", right);
    if (row == NULL && strcmp(right, "cancel") == 0)
        row = kept_me_row(me->policy, "rights", "delete");
    const char *needed = row != NULL ? kept_me_get(row, "identity") : "account", *shown = kept_me_get(me->account, "level");
    if (strcmp(shown, "none") == 0 || shown[0] == 0)
        shown = "account"; /* the session */
    return rank(shown) >= rank(needed) ? NULL : needed;
}
