/* check.c - what a regulator would find: rules that are well-formed and still break a promise. A
 * rule of which part could not be read is not judged: that was reported where it stands. */
#include <stdio.h>
#include <string.h>

#include "policy/duties_int.h"

#define FIND(code, at, mend, ...)                                                                  \
    kept_find(r, code, (at)->rule.line, (at)->column, mend, __VA_ARGS__)
#define FIND_ITEM(code, at, mend, ...)                                                             \
    kept_find(r, code, (at)->pub.line, (at)->column, mend, __VA_ARGS__)

static bool holds(const struct list *list, uint32_t index)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->v[i] == index)
            return true;
    return false;
}

/* Have the three rows of purposes one in common? */
static bool meet(const uint64_t *a, const uint64_t *b, const uint64_t *c, size_t words)
{
    for (size_t i = 0; i < words; i++)
        if ((a[i] & b[i] & c[i]) != 0)
            return true;
    return false;
}

static const uint64_t *row_of(const struct bits *bits, size_t row)
{
    return bits->words + row * bits->row;
}

static void check_retention(struct reader *r, const struct item_rule *item)
{
    bool stays = item->pub.place == KEPT_PLACE_STORE || item->pub.place == KEPT_PLACE_EXTERNAL;
    if (stays && !item->retain_said)
        FIND_ITEM(CODE_NO_RETENTION, item,
                  "add 'retain: 90 days' (a number that holds) or 'retain: account'",
                  "'%s' has no end: it may be kept no longer than its purposes need (PIPL 19)",
                  item->pub.name);
    if (item->pub.place == KEPT_PLACE_TRANSIENT && item->retain_said)
        FIND_ITEM(CODE_RETENTION_ON_TRANSIENT, item,
                  "remove 'retain', or let 'place' be store",
                  "'%s' is never stored, so it cannot be kept for a time", item->pub.name);
    const bool archived = item->pub.then == KEPT_DISPOSE_ARCHIVE && item->pub.archive > 0; /* that is how long */
    if (item->pub.class == KEPT_CLASS_LAW && (item->statute == NULL || (item->pub.retain == 0 && !archived)))
        FIND_ITEM(CODE_STATUTE_MISSING, item,
                  "add 'statute: <law and article>' and 'retain: <its period>'",
                  "'%s' is kept against an erasure because a law says so: which, and how long?",
                  item->pub.name);
    if (item->pub.sensitive && item->pub.class == KEPT_CLASS_ORDINARY)
        FIND_ITEM(CODE_CLASS_CONFLICT, item, "remove 'retention_class'",
                  "'%s' is sensitive but is sealed as ordinary", item->pub.name);
}

static void check_item(struct reader *r, const struct item_rule *item, uint32_t index)
{
    const struct kept_policy *p = r->policy;
    const struct list *functions = &p->item_functions[index];
    bool purpose = false;
    if (item->lost)
        return;
    check_retention(r, item);
    if (item->pub.token && kept_kind_low_entropy(item->pub.kind))
        FIND_ITEM(CODE_TOKEN_LOW_ENTROPY, item, "remove 'token', or look up by another",
                  "'%s' is a %s: its look-up token could be found by trying every value",
                  item->pub.name, item->pub.kind);
    if (item->pub.hashed && kept_kind_low_entropy(item->pub.kind))
        FIND_ITEM(CODE_TOKEN_LOW_ENTROPY, item, "store the value",
                  "'%s' is a %s: its hash could be found by trying every value", item->pub.name,
                  item->pub.kind);
    if (item->pub.matched && (!item->pub.token || item->pub.hashed || item->pub.place != KEPT_PLACE_STORE))
        FIND_ITEM(CODE_MATCH_NOT_FOUND, item, "let it be stored, with 'token: true'",
                  "an address book is to meet '%s', by which nobody is found", item->pub.name);
    if (r->functions_lost) /* what was lost may have been this item, or its purpose */
        return;
    for (size_t i = 0; i < functions->n && !purpose; i++)
        purpose = p->functions[functions->v[i]].purposes.n == 0 || /* which is said there */
                  meet(row_of(&p->function_purposes, functions->v[i]),
                       row_of(&p->item_purposes, index), row_of(&p->item_purposes, index),
                       p->item_purposes.row);
    bool given = !item->from_others;
    for (size_t i = 0; !given && i < p->info.recipients; i++)
        given = p->recipients[i].lost || holds(&p->recipients[i].gives, index);
    if (!given)
        FIND_ITEM(CODE_SOURCE_UNNAMED, item,
                  "list it under `gives` of a recipient, or let 'source' be another",
                  "'%s' comes from others, but nobody is registered who gives it: where it came "
                  "from could not be told (PIPL 10, 23)", item->pub.name);
    if (functions->n == 0)
        FIND_ITEM(CODE_UNDECLARED_USE, item,
                  "name it as mandatory or optional in a function, or remove it",
                  "no function has '%s': it would be collected for nothing (PIPL 6)",
                  item->pub.name);
    else if (!purpose)
        FIND_ITEM(CODE_PURPOSE_CONFLICT, item,
                  "give the function and the item one purpose in common",
                  "no function that has '%s' follows one of its purposes: it could never be used",
                  item->pub.name);
}

static void check_sensitive(struct reader *r, const struct function_rule *function,
                            const struct list *items)
{
    const struct kept_policy *p = r->policy;
    for (size_t i = 0; i < items->n; i++) {
        const struct item_rule *item = &p->items[items->v[i]];
        if (!item->pub.sensitive || function->basis == BASIS_LEGAL_OBLIGATION)
            continue;
        if (function->consent == KEPT_C_IMPLIED)
            FIND(CODE_IMPLIED_FOR_SENSITIVE, function, "let 'consent' be separate",
                 "'%s' takes consent as implied, but '%s' is sensitive: using is not consenting "
                 "(PIPL 14, 29)", function->name, item->pub.name);
        else if (function->consent < KEPT_C_SEPARATE && !item->separate_consent)
            FIND(CODE_SENSITIVE_WITHOUT_SEPARATE_CONSENT, function,
                 "let 'consent' be separate, or ask on the item: 'separate_consent: true'",
                 "'%s' reaches the sensitive item '%s' without separate consent (PIPL 29)",
                 function->name, item->pub.name);
    }
}

static void check_mandatory(struct reader *r, const struct function_rule *function)
{
    const struct kept_policy *p = r->policy;
    int demands = kept_policy_demands(p);
    for (size_t i = 0; i < function->mandatory.n; i++) {
        const struct item_rule *item = &p->items[function->mandatory.v[i]];
        if (function->kind != FUNCTION_BASIC || demands == 2 || item->lost)
            continue;
        if (demands == 0)
            FIND(CODE_EXCESSIVE_MANDATORY, function,
                 "let it be optional, or move it to an extended function",
                 "the basic function '%s' demands '%s', but an app of type %s may demand nothing "
                 "(Provisions on necessary information, Art. 5)",
                 function->name, item->pub.name, p->app_type);
        else if (strcmp(item->pub.kind, "phone") != 0)
            FIND(CODE_MORE_THAN_A_PHONE, function,
                 "let it be optional, or move it to an extended function",
                 "the basic function '%s' demands '%s', but an app of type %s may demand a phone "
                 "number only (Provisions on necessary information, Art. 5)",
                 function->name, item->pub.name, p->app_type);
    }
}

static void check_observed(struct reader *r, const struct function_rule *function)
{
    char day[OBSERVE_DAY];
    if (function->observed_until != 0)
        FIND(CODE_OBSERVED, function, "leave out 'enforce' once the app asks before it acts",
             "'%s' is only observed until %s: its denials are recorded, and keep the app from nothing",
             function->name, kept_observe_day(function, day));
}

static void check_function(struct reader *r, const struct function_rule *function)
{
    if (function->lost)
        return;
    if (function->purposes.n == 0)
        FIND(CODE_NO_PURPOSE, function, "name at least one of 'purposes'",
             "'%s' serves no purpose: it could do nothing (PIPL 6)", function->name);
    for (size_t i = 0; i < function->mandatory.n; i++)
        if (holds(&function->optional, function->mandatory.v[i]))
            FIND(CODE_MANDATORY_AND_OPTIONAL, function, "keep it in one of the lists",
                 "'%s' calls '%s' mandatory and optional", function->name,
                 r->policy->items[function->mandatory.v[i]].pub.name);
    size_t before = r->findings->errors;
    check_sensitive(r, function, &function->mandatory);
    check_sensitive(r, function, &function->optional);
    bool wrong = r->findings->errors != before;
    check_mandatory(r, function);
    check_observed(r, function);
    if (function->consent == KEPT_C_IMPLIED && !wrong)
        FIND(CODE_IMPLIED_CONSENT, function, "let 'consent' be explicit",
             "'%s' takes consent as implied: it will not carry sensitive items or sharing",
             function->name);
}

static bool stored_in(const struct kept_policy *p, uint32_t region)
{
    return holds(&p->stored_in, region);
}

/* Some function must have the item for one of the recipient's purposes, or it cannot be shared. */
static bool shareable(const struct kept_policy *p, size_t recipient, uint32_t item)
{
    const struct list *functions = &p->item_functions[item];
    for (size_t i = 0; i < functions->n; i++)
        if (meet(row_of(&p->function_purposes, functions->v[i]), row_of(&p->item_purposes, item),
                 row_of(&p->recipient_purposes, recipient), p->item_purposes.row))
            return true;
    return false;
}

static void check_recipient_consent(struct reader *r, const struct recipient_rule *recipient)
{
    bool handler =
        recipient->role == RECIPIENT_JOINT || recipient->role == RECIPIENT_INDEPENDENT;
    if (handler && !recipient->aggregate_only && recipient->consent < KEPT_C_SEPARATE)
        FIND(CODE_SHARING_WITHOUT_SEPARATE_CONSENT, recipient,
             "let 'consent' be separate, or 'role' be processor if it only follows orders",
             "'%s' decides for itself what it does: giving it data needs separate consent "
             "(PIPL 23)", recipient->name);
    if (recipient->role != RECIPIENT_AUTHORITY && recipient->agreement.line == 0)
        FIND(CODE_NO_AGREEMENT, recipient, "add 'agreement: {signed: ..., expires: ...}'",
             "'%s' has signed nothing: nobody is bound to protect the data (PIPL 20, 21, 23)",
             recipient->name);
}

/* Who passes data in says why it may, and passes in what somebody here asked for. */
static void check_giver(struct reader *r, size_t index)
{
    const struct kept_policy *p = r->policy;
    const struct recipient_rule *giver = &p->recipients[index];
    bool said = giver->lawful_source.v[0] != NULL;
    if (giver->gives.n > 0 && !said)
        FIND(CODE_LAWFUL_SOURCE_MISSING, giver, "add 'lawful_source: <how it came to it>'",
             "'%s' gives data: that it got them lawfully must be known before they are used "
             "(PIPL 10)", giver->name);
    for (size_t i = 0; i < giver->gives.n && giver->purposes.n > 0; i++)
        if (!shareable(p, index, giver->gives.v[i]))
            FIND(CODE_GIVEN_NOT_COLLECTED, giver,
                 "add it to a function that serves one of these purposes, or remove it here",
                 "'%s' would give '%s', but no function takes it for one of these purposes",
                 giver->name, p->items[giver->gives.v[i]].pub.name);
}

static void check_recipient(struct reader *r, size_t index)
{
    const struct kept_policy *p = r->policy;
    const struct recipient_rule *recipient = &p->recipients[index];
    if (recipient->lost)
        return;
    if (recipient->items.n == 0 && recipient->gives.n == 0)
        FIND(CODE_OPEN_ENDED_RECIPIENT, recipient, "list 'items'",
             "'%s' names no item: 'whatever is necessary' is not a limit (PIPL 6, 23)",
             recipient->name);
    if (recipient->purposes.n == 0)
        FIND(CODE_OPEN_ENDED_RECIPIENT, recipient, "list 'purposes'",
             "'%s' names no purpose (PIPL 23)", recipient->name);
    bool judge = recipient->purposes.n > 0 && !r->functions_lost;
    for (size_t i = 0; judge && i < recipient->items.n; i++)
        if (!p->items[recipient->items.v[i]].lost && !shareable(p, index, recipient->items.v[i]))
            FIND(CODE_SHARED_NOT_COLLECTED, recipient,
                 "add it to a function that serves one of these purposes, or remove it here",
                 "'%s' would get '%s', but no function has it for one of these purposes",
                 recipient->name, p->items[recipient->items.v[i]].pub.name);
    check_giver(r, index);
    for (size_t i = 0; i < recipient->masked.n; i++)
        if (!holds(&recipient->items, recipient->masked.v[i]))
            FIND(CODE_MASKED_NOT_SHARED, recipient, "list it under 'items', too",
                 "'%s' would get '%s' masked, but does not get it at all", recipient->name,
                 p->items[recipient->masked.v[i]].pub.name);
    check_recipient_consent(r, recipient);
    if (r->regions_lost || stored_in(p, recipient->region))
        return;
    if (p->export == EXPORT_NEVER)
        FIND(CODE_EXPORT_FORBIDDEN, recipient,
             "choose a recipient inside, or let 'regions.export' be conditional",
             "'%s' sits outside the regions of storage, and this policy says never (PIPL 38)",
             recipient->name);
    else if (recipient->mechanism == NULL || recipient->consent < KEPT_C_SEPARATE ||
             !recipient->checked)
        FIND(CODE_EXPORT_CONDITIONS, recipient,
             "add 'export_mechanism', 'consent: separate' and 'agreement.checked'",
             "'%s' sits outside: a mechanism, separate consent and a check are owed (PIPL 38, 39)",
             recipient->name);
}

static void check_permissions(struct reader *r)
{
    const struct kept_policy *p = r->policy;
    uint64_t used[KEPT_MAX_DECLARED / 64] = {0};
    for (size_t f = 0; f < p->info.functions; f++) {
        const struct list *needs = &p->functions[f].permissions;
        for (size_t i = 0; i < needs->n; i++)
            used[needs->v[i] / 64] |= (uint64_t)1 << needs->v[i] % 64;
    }
    for (size_t i = 0; i < p->info.permissions && !r->functions_lost; i++)
        if ((used[i / 64] >> i % 64 & 1u) == 0)
            FIND(CODE_PERMISSION_WITHOUT_FUNCTION, &p->permissions[i],
                 "name it in the function that needs it, or do not ask for it",
                 "no function needs the permission '%s'", p->permissions[i].name);
}

static void check_ages(struct reader *r)
{
    const struct kept_policy *p = r->policy;
    int next = 0;
    if (r->ages_lost)
        return;
    for (size_t i = 0; i < p->band_count; i++) {
        const struct band_rule *band = &p->bands[i];
        if (band->below <= band->from)
            FIND(CODE_AGE_BANDS, band, "let 'below' be larger than 'from'",
                 "the band from %d below %d holds nobody", band->from, band->below);
        else if (band->from != next)
            FIND(CODE_AGE_BANDS, band, "let each band begin where the last one ends",
                 "the bands %s at %d: who is in between would be judged by a guess",
                 band->from > next ? "leave a gap" : "overlap", next);
        next = band->below;
    }
    if (p->band_count > 0 && next < 150)
        FIND(CODE_AGE_BANDS, &p->bands[p->band_count - 1],
             "leave out 'below' in the last band", "nobody of %d or older has a band", next);
}

/* Two names with one reference would be one thing on disk and in the ledger. */
static void check_reference(struct reader *r, const char *name, uint32_t ref, int line, int column)
{
    struct kept_policy *p = r->policy;
    for (size_t at = ref & p->slot_mask;; at = (at + 1) & p->slot_mask) {
        if (p->slots[at].kind == 0) {
            p->slots[at] = (struct slot){.ref = ref, .kind = 1};
            break;
        }
        if (p->slots[at].ref == ref && !r->duplicates) { /* which were reported, and collide */
            kept_find(r, CODE_REFERENCE_COLLISION, line, column, "rename one of them",
                      "'%s' and another name have the same stable reference %08x", name, ref);
            break;
        }
    }
}

void kept_check_references(struct reader *r)
{
    struct kept_policy *p = r->policy;
    size_t count = p->info.items + p->info.functions + p->info.purposes + p->info.permissions +
                   p->info.recipients + p->info.roles + p->info.partitions + p->region_count;
    size_t size = 16;
    while (size < 2 * count)
        size *= 2;
    p->slots = kept_arena_alloc(&p->arena, size, sizeof *p->slots);
    p->slot_mask = size - 1;
    if (p->slots == NULL)
        return;
    for (size_t i = 0; i < p->info.items; i++)
        check_reference(r, p->items[i].pub.name, p->items[i].pub.ref, p->items[i].pub.line,
                        p->items[i].column);
#define EACH(rows, count)                                                                          \
    for (size_t i = 0; i < (count); i++)                                                           \
        check_reference(r, (rows)[i].name, (rows)[i].ref, (rows)[i].rule.line, 1);
    EACH(p->functions, p->info.functions)
    EACH(p->purposes, p->info.purposes)
    EACH(p->permissions, p->info.permissions)
    EACH(p->recipients, p->info.recipients)
    EACH(p->roles, p->info.roles)
    EACH(p->partitions + 1, p->info.partitions - 1)
#undef EACH
    for (size_t i = 0; i < p->region_count; i++)
        check_reference(r, p->regions[i].name, p->regions[i].ref, p->stored.line, 1);
}

void kept_policy_check(struct reader *r)
{
    const struct kept_policy *p = r->policy;
    for (size_t i = 0; i < p->info.items; i++)
        check_item(r, &p->items[i], (uint32_t)i);
    for (size_t i = 0; i < p->info.functions; i++)
        check_function(r, &p->functions[i]);
    for (size_t i = 0; i < p->info.recipients; i++)
        check_recipient(r, i);
    check_permissions(r);
    check_ages(r);
    if (p->app_role == KEPT_NO_INDEX && (r->no_names >> KEPT_K_ROLE & 1u) == 0)
        kept_find(r, CODE_NO_APP_ROLE, 1, 1,
                  "add `app: {operations: all}` under `roles`, or list its operations there",
                  "no role is called app: the app itself may do nothing but what people are owed "
                  "and upkeep");
    if (p->info.implied_by_use)
        kept_find(r, CODE_IMPLIED_CONSENT, p->consent.line, 1,
                  "ask for consent by function instead",
                  "using counts as consenting: kept marks it implied, and never lets it stand for "
                  "explicit or separate consent (PIPL 14)");
}
