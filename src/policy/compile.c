/* compile.c - names become small integers, rules become bits: a decision is a few tests of bits. */
#include <string.h>

#include "policy/policy_int.h"

static void set_bit(struct bits *bits, size_t row, size_t column)
{
    bits->words[row * bits->row + column / 64] |= (uint64_t)1 << (column % 64);
}

static void set_list(struct bits *bits, size_t row, const struct list *list)
{
    for (size_t i = 0; i < list->n; i++)
        set_bit(bits, row, list->v[i]);
}

/* A purpose stands for itself and for those directly related to it. */
static void set_purposes(const struct kept_policy *p, struct bits *bits, size_t row,
                         const struct list *list)
{
    set_list(bits, row, list);
    for (size_t i = 0; i < list->n; i++)
        set_list(bits, row, &p->purposes[list->v[i]].related);
}

static void set_all(struct bits *bits, size_t row, size_t columns)
{
    for (size_t i = 0; i < columns; i++)
        set_bit(bits, row, i);
}

static void make_bits(struct kept_policy *p, struct bits *bits, size_t rows, size_t columns)
{
    bits->row = (columns + 63) / 64;
    if (bits->row == 0)
        bits->row = 1;
    bits->words = kept_arena_alloc(&p->arena, rows * bits->row, sizeof *bits->words);
}

static void make_tables(struct kept_policy *p)
{
    const struct kept_policy_info *n = &p->info;
    make_bits(p, &p->function_items, n->functions, n->items);
    make_bits(p, &p->function_mandatory, n->functions, n->items);
    make_bits(p, &p->function_purposes, n->functions, n->purposes);
    make_bits(p, &p->item_purposes, n->items, n->purposes);
    make_bits(p, &p->role_purposes, n->roles, n->purposes);
    make_bits(p, &p->role_sees, n->roles, n->items);
    make_bits(p, &p->role_raw, n->roles, n->items);
    make_bits(p, &p->recipient_items, n->recipients, n->items);
    make_bits(p, &p->recipient_gives, n->recipients, n->items);
    make_bits(p, &p->recipient_masked, n->recipients, n->items);
    make_bits(p, &p->recipient_purposes, n->recipients, n->purposes);
    p->item_functions = kept_arena_alloc(&p->arena, n->items, sizeof *p->item_functions);
}

static void fill_functions(struct kept_policy *p)
{
    for (size_t f = 0; f < p->info.functions; f++) {
        const struct function_rule *function = &p->functions[f];
        set_list(&p->function_items, f, &function->mandatory);
        set_list(&p->function_items, f, &function->optional);
        set_list(&p->function_mandatory, f, &function->mandatory);
        set_purposes(p, &p->function_purposes, f, &function->purposes);
    }
}

/* Room for each to be in it once; an item that a function names twice is there once. */
static void count_functions(struct kept_policy *p, const struct list *items)
{
    for (size_t i = 0; i < items->n; i++)
        p->item_functions[items->v[i]].n++;
}

static void add_function(struct kept_policy *p, const struct list *items, uint32_t function)
{
    for (size_t i = 0; i < items->n; i++) {
        struct list *in = &p->item_functions[items->v[i]];
        if (in->n == 0 || in->v[in->n - 1] != function)
            in->v[in->n++] = function;
    }
}

/* In which functions each item is, in their order. */
static void fill_item_functions(struct kept_policy *p)
{
    for (size_t f = 0; f < p->info.functions; f++) {
        count_functions(p, &p->functions[f].mandatory);
        count_functions(p, &p->functions[f].optional);
    }
    for (size_t i = 0; i < p->info.items; i++) {
        struct list *in = &p->item_functions[i];
        in->v = kept_arena_alloc(&p->arena, in->n, sizeof *in->v);
        in->n = 0;
    }
    for (uint32_t f = 0; f < p->info.functions && !p->arena.nomem; f++) {
        add_function(p, &p->functions[f].mandatory, f);
        add_function(p, &p->functions[f].optional, f);
    }
}

/* An item that names no purposes is for those of its functions. */
static void fill_items(struct kept_policy *p)
{
    const struct bits *to = &p->item_purposes;
    fill_item_functions(p);
    for (size_t i = 0; i < p->info.items; i++) {
        const struct list *in = &p->item_functions[i];
        for (size_t k = 0; p->items[i].purposes.n == 0 && k < in->n; k++)
            for (size_t w = 0; w < to->row; w++)
                to->words[i * to->row + w] |= p->function_purposes.words[in->v[k] * to->row + w];
        set_purposes(p, &p->item_purposes, i, &p->items[i].purposes);
    }
}

/* What is behind a wall is not seen, whatever else the role is given: so a decision asks no more for it. */
static void wall_off(const struct kept_policy *p, size_t role)
{
    for (uint32_t i = 0; i < p->info.items; i++)
        if (kept_wall(p, &p->roles[role], i) != NULL)
            p->role_sees.words[role * p->role_sees.row + i / 64] &= ~((uint64_t)1 << (i % 64));
}

static void fill_parties(struct kept_policy *p)
{
    for (size_t i = 0; i < p->info.roles; i++) {
        const struct role_rule *role = &p->roles[i];
        set_list(&p->role_purposes, i, &role->purposes);
        set_list(&p->role_sees, i, &role->sees);
        set_list(&p->role_sees, i, &role->raw);
        set_list(&p->role_raw, i, &role->raw);
        if (role->all_purposes)
            set_all(&p->role_purposes, i, p->info.purposes);
        if (role->sees_all)
            set_all(&p->role_sees, i, p->info.items);
        wall_off(p, i);
    }
    for (size_t i = 0; i < p->info.recipients; i++) {
        const struct recipient_rule *party = &p->recipients[i];
        set_list(&p->recipient_items, i, &party->items);
        set_list(&p->recipient_gives, i, &party->gives);
        set_list(&p->recipient_masked, i, party->masked_all ? &party->items : &party->masked);
        set_list(&p->recipient_purposes, i, &party->purposes);
    }
}

static void add_slot(struct kept_policy *p, enum kept_kind kind, uint32_t ref, size_t index)
{
    size_t at = ref & p->slot_mask;
    while (p->slots[at].kind != 0)
        at = (at + 1) & p->slot_mask;
    p->slots[at] = (struct slot){.ref = ref, .index = (uint32_t)index, .kind = (uint32_t)kind};
}

/* The table was made large enough by the check for colliding references. */
static void fill_slots(struct kept_policy *p)
{
    memset(p->slots, 0, (p->slot_mask + 1) * sizeof *p->slots);
    for (size_t i = 0; i < p->info.items; i++)
        add_slot(p, KEPT_K_ITEM, p->items[i].pub.ref, i);
    for (size_t i = 0; i < p->info.functions; i++)
        add_slot(p, KEPT_K_FUNCTION, p->functions[i].ref, i);
    for (size_t i = 0; i < p->info.purposes; i++)
        add_slot(p, KEPT_K_PURPOSE, p->purposes[i].ref, i);
    for (size_t i = 0; i < p->info.permissions; i++)
        add_slot(p, KEPT_K_PERMISSION, p->permissions[i].ref, i);
    for (size_t i = 0; i < p->info.recipients; i++)
        add_slot(p, KEPT_K_RECIPIENT, p->recipients[i].ref, i);
    for (size_t i = 0; i < p->info.roles; i++)
        add_slot(p, KEPT_K_ROLE, p->roles[i].ref, i);
    for (size_t i = 1; i < p->info.partitions; i++)
        add_slot(p, KEPT_K_PARTITION, p->partitions[i].ref, i);
    for (size_t i = 0; i < p->region_count; i++)
        add_slot(p, KEPT_K_REGION, p->regions[i].ref, i);
}

int kept_compile(struct kept_policy *p)
{
    int oldest = 0;
    make_tables(p);
    if (p->arena.nomem)
        return KEPT_E_NOMEM;
    fill_functions(p);
    fill_items(p);
    fill_parties(p);
    fill_slots(p);
    /* Whoever is older than the last gated band need not be counted in years each time. */
    for (size_t i = 0; i < p->band_count; i++)
        if (p->bands[i].mode != BAND_SELF && p->bands[i].below > oldest)
            oldest = p->bands[i].below;
    for (uint32_t i = 0; i < p->info.purposes; i++)
        if ((int)kept_advertised_from(p, i) > oldest)
            oldest = (int)kept_advertised_from(p, i);
    p->grown_days = (int32_t)(oldest + 1) * 366;
    return p->arena.nomem ? KEPT_E_NOMEM : 0; /* no test: as in fill_items */
}
