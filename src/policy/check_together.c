/* check_together.c - can anybody ever bring what a function demands? A request is for one purpose and of one
 * caller: the app itself, or a recipient that gives; what others give, the app cannot bring, and they not what they
 * do not give. But what another request brought before is held. So this goes on as requests could, one after the
 * other, until nothing more comes in; a function that was not reached by then never is. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "policy/duties_int.h"

#define MAX_STEPS 20000000u /* items looked at: a policy that needs more is hostile, and not judged */

struct gathering {
    struct reader *r;
    const struct kept_policy *p;
    uint64_t *held, *reached; /* bit per item, per function */
    size_t steps;
    bool more; /* the last round brought something */
};

static bool has(const uint64_t *bits, size_t index)
{
    return (bits[index / 64] >> index % 64 & 1u) != 0;
}

static void set(uint64_t *bits, size_t index)
{
    bits[index / 64] |= (uint64_t)1 << index % 64;
}

static bool taken_in(const struct item_rule *item)
{
    return item->lost || item->pub.place == KEPT_PLACE_STORE || item->pub.place == KEPT_PLACE_EXTERNAL;
}

/* Does the item come with a request of this caller (KEPT_NO_INDEX: the app itself) for this purpose? */
static bool comes(struct gathering *g, uint32_t caller, uint32_t purpose, uint32_t index)
{
    const struct item_rule *item = &g->p->items[index];
    g->steps++;
    if (!taken_in(item) || !kept_bit(&g->p->item_purposes, index, purpose))
        return item->lost;
    return caller == KEPT_NO_INDEX ? !item->from_others
                                   : kept_bit(&g->p->recipient_gives, caller, index) &&
                                         kept_bit(&g->p->recipient_purposes, caller, purpose);
}

static void take(struct gathering *g, const struct list *items, uint32_t caller, uint32_t purpose)
{
    for (size_t i = 0; i < items->n; i++) {
        const uint32_t index = items->v[i];
        if (has(g->held, index) || g->p->items[index].pub.place != KEPT_PLACE_STORE ||
            !comes(g, caller, purpose, index))
            continue;
        set(g->held, index);
        g->more = true;
    }
}

/* The first item that the function demands and this request would be without; KEPT_NO_INDEX: none. */
static uint32_t without(struct gathering *g, const struct function_rule *f, uint32_t caller, uint32_t purpose)
{
    for (size_t i = 0; i < f->mandatory.n; i++)
        if (!has(g->held, f->mandatory.v[i]) && !comes(g, caller, purpose, f->mandatory.v[i]))
            return f->mandatory.v[i];
    return KEPT_NO_INDEX;
}

static void ask(struct gathering *g, uint32_t function, uint32_t caller)
{
    const struct function_rule *f = &g->p->functions[function];
    for (uint32_t purpose = 0; purpose < g->p->info.purposes && g->steps < MAX_STEPS; purpose++) {
        g->steps++;
        if (!kept_bit(&g->p->function_purposes, function, purpose) ||
            without(g, f, caller, purpose) != KEPT_NO_INDEX)
            continue;
        set(g->reached, function);
        take(g, &f->mandatory, caller, purpose);
        take(g, &f->optional, caller, purpose);
    }
}

static void gather(struct gathering *g)
{
    do {
        g->more = false;
        for (uint32_t f = 0; f < g->p->info.functions && g->steps < MAX_STEPS; f++) {
            ask(g, f, KEPT_NO_INDEX);
            for (uint32_t r = 0; r < g->p->info.recipients && g->steps < MAX_STEPS; r++, g->steps++)
                if (g->p->recipients[r].gives.n > 0)
                    ask(g, f, r);
        }
    } while (g->more);
}

/* Is there anything to collect for it, if what it demands were there? What comes from others and from nobody in
 * particular, was found where it stands. */
static bool to_judge(const struct kept_policy *p, const struct function_rule *f)
{
    bool some = false;
    for (size_t i = 0; i < f->mandatory.n + f->optional.n; i++) {
        const bool demanded = i < f->mandatory.n;
        const uint32_t index = demanded ? f->mandatory.v[i] : f->optional.v[i - f->mandatory.n];
        const struct item_rule *item = &p->items[index];
        bool given = !item->from_others;
        for (uint32_t r = 0; !given && r < p->info.recipients; r++)
            given = kept_bit(&p->recipient_gives, r, index);
        if (demanded && (item->lost || !given))
            return false;
        some = some || taken_in(item);
    }
    return some;
}

static void tell(struct gathering *g, const struct function_rule *f)
{
    const uint32_t missing = without(g, f, KEPT_NO_INDEX, f->purposes.v[0]);
    KEPT_INVARIANT(missing != KEPT_NO_INDEX); /* else it was reached: the last round asked just this */
    if (!to_judge(g->p, f))
        return;
    const struct item_rule *item = &g->p->items[missing];
    kept_find(g->r, CODE_MANDATORY_APART, f->rule.line, f->column,
              "let it be optional here, or mandatory in a function of its own, which is used first",
              "'%s' demands '%s', which %s: it never comes together with what else is demanded, and nothing could "
              "be collected", f->name, item->pub.name,
              !taken_in(item)     ? "is never stored here"
              : item->from_others ? "only others give"
                                  : "is collected for other purposes");
}

void kept_check_together(struct reader *r)
{
    struct kept_policy *p = r->policy;
    struct gathering g = {.r = r, .p = p};
    for (size_t i = 0; i < p->info.recipients; i++)
        if (p->recipients[i].lost)
            return;
    g.held = kept_arena_alloc(&p->arena, p->info.items / 64 + 1, sizeof *g.held);
    g.reached = kept_arena_alloc(&p->arena, p->info.functions / 64 + 1, sizeof *g.reached);
    if (r->functions_lost || g.held == NULL || g.reached == NULL)
        return;
    gather(&g);
    for (size_t f = 0; f < p->info.functions && g.steps < MAX_STEPS; f++)
        if (!has(g.reached, f) && p->functions[f].purposes.n > 0)
            tell(&g, &p->functions[f]);
}
