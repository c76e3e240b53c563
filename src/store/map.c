/* map.c - an AVL tree whose nodes never change: a change copies the path from the root to it. */
#include <stdatomic.h>
#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "store/map.h"

#define MAX_HEIGHT 64 /* of an AVL tree with more rows than memory can hold */

struct item {
    atomic_uint refs;
    uint32_t key_n, value_n;
    uint8_t bytes[]; /* key, value */
};

struct kept_map {
    atomic_uint refs;
    unsigned height;
    uint64_t bytes; /* of it and all below */
    struct item *item;
    struct kept_map *below[2]; /* smaller, larger */
};

/* ---- references --------------------------------------------------------------------------------*/

static struct item *item_keep(struct item *item)
{
    atomic_fetch_add_explicit(&item->refs, 1, memory_order_relaxed);
    return item;
}

static void item_drop(struct item *item)
{
    if (atomic_fetch_sub_explicit(&item->refs, 1, memory_order_acq_rel) != 1)
        return;
    kept_wipe(item->bytes, (size_t)item->key_n + item->value_n);
    kept_free(item);
}

struct kept_map *kept_map_keep(struct kept_map *map)
{
    if (map != NULL)
        atomic_fetch_add_explicit(&map->refs, 1, memory_order_relaxed);
    return map;
}

void kept_map_drop(struct kept_map *map)
{
    struct kept_map *stack[MAX_HEIGHT + 1];
    size_t n = 0;
    stack[n++] = map;
    while (n > 0) {
        struct kept_map *node = stack[--n];
        if (node == NULL ||
            atomic_fetch_sub_explicit(&node->refs, 1, memory_order_acq_rel) != 1)
            continue;
        stack[n++] = node->below[0]; /* each step down leaves one behind: no more than the height */
        stack[n++] = node->below[1];
        item_drop(node->item);
        kept_free(node);
    }
}

uint64_t kept_map_bytes(const struct kept_map *map)
{
    return map == NULL ? 0 : map->bytes;
}

/* ---- building: every function takes over what it is given --------------------------------------*/

static unsigned height(const struct kept_map *map)
{
    return map == NULL ? 0 : map->height;
}

/* *failed is set when there is no memory; from then on everything is dropped. */
static struct kept_map *make(struct item *item, struct kept_map *smaller, struct kept_map *larger,
                             bool *failed)
{
    struct kept_map *node = *failed ? NULL : kept_alloc(1, sizeof *node);
    if (node == NULL) {
        *failed = true;
        item_drop(item);
        kept_map_drop(smaller);
        kept_map_drop(larger);
        return NULL;
    }
    unsigned a = height(smaller), b = height(larger);
    atomic_init(&node->refs, 1);
    node->height = (a > b ? a : b) + 1;
    node->bytes = sizeof *node + sizeof *item + item->key_n + item->value_n +
                  kept_map_bytes(smaller) + kept_map_bytes(larger);
    node->item = item;
    node->below[0] = smaller;
    node->below[1] = larger;
    return node;
}

/* make, with the sides by number. */
static struct kept_map *make_sided(struct item *item, unsigned side, struct kept_map *on_side,
                                   struct kept_map *other, bool *failed)
{
    return side == 0 ? make(item, on_side, other, failed) : make(item, other, on_side, failed);
}

/* Turn so that tall, higher by two on its side, and low come level. */
static struct kept_map *turn(struct item *item, unsigned side, struct kept_map *tall,
                             struct kept_map *low, bool *failed)
{
    struct kept_map *outer = tall->below[side], *inner = tall->below[1 - side], *top;
    if (height(outer) >= height(inner)) {
        struct kept_map *down = make_sided(item, side, kept_map_keep(inner), low, failed);
        top = make_sided(item_keep(tall->item), side, kept_map_keep(outer), down, failed);
    } else {
        struct kept_map *left = make_sided(item_keep(tall->item), side, kept_map_keep(outer),
                                           kept_map_keep(inner->below[side]), failed);
        struct kept_map *right =
            make_sided(item, side, kept_map_keep(inner->below[1 - side]), low, failed);
        top = make_sided(item_keep(inner->item), side, left, right, failed);
    }
    kept_map_drop(tall);
    return top;
}

static struct kept_map *level(struct item *item, struct kept_map *smaller,
                              struct kept_map *larger, bool *failed)
{
    if (!*failed && height(smaller) > height(larger) + 1)
        return turn(item, 0, smaller, larger, failed);
    if (!*failed && height(larger) > height(smaller) + 1)
        return turn(item, 1, larger, smaller, failed);
    return make(item, smaller, larger, failed);
}

/* ---- the way down ------------------------------------------------------------------------------*/

static int compare(const struct item *item, struct kept_span key)
{
    size_t n = item->key_n < key.n ? item->key_n : key.n;
    int order = kept_bytes_compare(item->bytes, key.p, n);
    return order != 0 ? order : (item->key_n > key.n) - (item->key_n < key.n);
}

struct path {
    const struct kept_map *node[MAX_HEIGHT];
    unsigned side[MAX_HEIGHT];
    size_t n;
};

static void step(struct path *path, const struct kept_map *node, unsigned side)
{
    KEPT_INVARIANT(path->n < MAX_HEIGHT);
    path->node[path->n] = node;
    path->side[path->n++] = side;
}

/* The node with this key, or NULL; path holds those above it. */
static const struct kept_map *find(const struct kept_map *map, struct kept_span key,
                                   struct path *path)
{
    path->n = 0;
    while (map != NULL) {
        int order = compare(map->item, key);
        if (order == 0)
            return map;
        unsigned side = order < 0;
        step(path, map, side);
        map = map->below[side];
    }
    return NULL;
}

/* The way up again: new nodes for those above, with built in the place of what was below the last. */
static int rebuild(const struct path *path, struct kept_map *built, bool failed,
                   struct kept_map **ret_map)
{
    for (size_t i = path->n; i-- > 0 && !failed;) {
        const struct kept_map *node = path->node[i];
        unsigned side = path->side[i];
        struct kept_map *other = kept_map_keep(node->below[1 - side]);
        struct item *item = item_keep(node->item);
        built = side == 0 ? level(item, built, other, &failed) : level(item, other, built, &failed);
    }
    if (failed)
        return KEPT_E_NOMEM;
    *ret_map = built;
    return 0;
}

/* ---- the calls ---------------------------------------------------------------------------------*/

static int item_new(struct kept_span key, const struct kept_span *parts, size_t count,
                    struct item **ret_item)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        if (parts[i].n > UINT32_MAX - n)
            return KEPT_E_LIMIT;
        else
            n += parts[i].n;
    struct item *item = kept_alloc(1, sizeof *item + key.n + n);
    if (item == NULL)
        return KEPT_E_NOMEM;
    atomic_init(&item->refs, 1);
    item->key_n = (uint32_t)key.n;
    item->value_n = (uint32_t)n;
    memcpy(item->bytes, key.p, key.n);
    uint8_t *at = item->bytes + key.n;
    for (size_t i = 0; i < count; at += parts[i].n, i++)
        if (parts[i].n > 0)
            memcpy(at, parts[i].p, parts[i].n);
    *ret_item = item;
    return 0;
}

int kept_map_put(struct kept_map *map, struct kept_span key, const struct kept_span *parts,
                 size_t count, struct kept_map **ret_map)
{
    struct path path;
    struct item *item = NULL;
    bool failed = false;
    int rc = item_new(key, parts, count, &item);
    if (rc != 0)
        return rc;
    const struct kept_map *old = find(map, key, &path);
    struct kept_map *smaller = old == NULL ? NULL : kept_map_keep(old->below[0]);
    struct kept_map *larger = old == NULL ? NULL : kept_map_keep(old->below[1]);
    struct kept_map *node = make(item, smaller, larger, &failed);
    return rebuild(&path, node, failed, ret_map);
}

int kept_map_remove(struct kept_map *map, struct kept_span key, struct kept_map **ret_map)
{
    struct path path;
    bool failed = false;
    const struct kept_map *old = find(map, key, &path);
    if (old == NULL)
        return KEPT_E_NOTFOUND;
    if (old->below[0] == NULL || old->below[1] == NULL)
        return rebuild(&path, kept_map_keep(old->below[old->below[0] == NULL ? 1 : 0]), false,
                       ret_map);
    /* The next larger row takes its place: it is taken out below, and old's node made with it. */
    size_t place = path.n;
    step(&path, old, 1);
    const struct kept_map *heir = old->below[1];
    for (; heir->below[0] != NULL; heir = heir->below[0])
        step(&path, heir, 0);
    struct kept_map *built = kept_map_keep(heir->below[1]);
    for (; path.n > place + 1 && !failed; path.n--) {
        const struct kept_map *node = path.node[path.n - 1];
        built = level(item_keep(node->item), built, kept_map_keep(node->below[1]), &failed);
    }
    if (!failed)
        built = level(item_keep(heir->item), kept_map_keep(old->below[0]), built, &failed);
    path.n = place;
    return rebuild(&path, built, failed, ret_map);
}

static struct kept_map_row row_of(const struct item *item)
{
    return (struct kept_map_row){{item->bytes, item->key_n},
                                 {item->bytes + item->key_n, item->value_n}};
}

bool kept_map_first(const struct kept_map *map, struct kept_span from, struct kept_map_row *ret_row)
{
    const struct kept_map *best = NULL;
    while (map != NULL) {
        bool below = compare(map->item, from) < 0;
        if (!below)
            best = map;
        map = map->below[below ? 1 : 0];
    }
    if (best != NULL)
        *ret_row = row_of(best->item);
    return best != NULL;
}

bool kept_map_get(const struct kept_map *map, struct kept_span key, struct kept_span *ret_value)
{
    while (map != NULL) {
        int order = compare(map->item, key);
        if (order == 0) {
            *ret_value = row_of(map->item).value;
            return true;
        }
        map = map->below[order < 0 ? 1 : 0];
    }
    return false;
}
