/* order.c - orders to other systems: rows of the transaction that causes them, handed out until they are acknowledged. */
#include "account/order.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"

#define DRAWN 4u /* bytes of an id that are drawn each time something is ordered */

/* Body: u8 kind | varint n, system | reference | u64 person | u32 cause | u64 first, ordered, due, taken, done |
 * u32 tries, status | 4 drawn bytes | u32 n | items, each u32 item | u8 then | u64 before, until. */

const char *kept_order_word(enum kept_order_kind kind)
{
    return kind == KEPT_ORDER_ERASE ? "erase" : kind == KEPT_ORDER_RETAIN ? "retain" : "?";
}

void kept_order_release(struct kept_order *order)
{
    kept_free(order->items);
    order->items = NULL;
    order->item_count = 0;
}

static void whose(uint8_t bytes[KEPT_MAX_NAME + 1 + KEPT_ID_BYTES], const char *held_in, const struct kept_id *id,
                  struct kept_span *ret_span)
{
    const size_t n = strnlen(held_in, KEPT_MAX_NAME);
    memcpy(bytes, held_in, n);
    bytes[n] = 0;
    memcpy(bytes + n + 1, id->b, KEPT_ID_BYTES);
    *ret_span = (struct kept_span){bytes, n + 1 + KEPT_ID_BYTES};
}

void kept_order_reference(const struct kept_desk *desk, const char *held_in, const struct kept_id *subject,
                          struct kept_id *ret_reference)
{
    uint8_t bytes[KEPT_MAX_NAME + 1 + KEPT_ID_BYTES];
    struct kept_span span;
    whose(bytes, held_in, subject, &span);
    kept_desk_name(desk, "kept reference", 0, span, ret_reference);
}

/* A row's name is its orders' id with nothing drawn. */
static struct kept_id name_of(const struct kept_id *id)
{
    struct kept_id name = *id;
    memset(name.b + KEPT_ID_BYTES - DRAWN, 0, DRAWN);
    return name;
}

static struct kept_id name_for(const struct kept_desk *desk, enum kept_order_kind kind, const char *held_in,
                               const struct kept_id *reference)
{
    uint8_t bytes[KEPT_MAX_NAME + 1 + KEPT_ID_BYTES];
    struct kept_span span;
    struct kept_id id;
    whose(bytes, held_in, reference, &span);
    kept_desk_name(desk, "kept order", kind, span, &id);
    return name_of(&id);
}

/* ---- a row ------------------------------------------------------------------------------------- */

static int put(const struct kept_desk *desk, enum kept_slip_kind kind, const struct kept_order *o, kept_ms at,
               struct kept_err *err)
{
    /* Its key is nobody's: an erasure forgets the person's slips, and this one is what is left to do. */
    struct kept_slip slip = {.kind = kind, .id = name_of(&o->id), .key = 0, .at = at};
    struct kept_buf body;
    kept_buf_init(&body, KEPT_MAX_ORDER_BYTES);
    kept_buf_u8(&body, (uint8_t)o->kind);
    kept_buf_varint(&body, strlen(o->held_in));
    kept_buf_text(&body, o->held_in);
    kept_buf_id(&body, &o->reference);
    kept_buf_u64(&body, o->person);
    kept_buf_u32(&body, o->cause);
    const kept_ms times[] = {o->first, o->ordered, o->due, o->taken, o->done};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
        kept_buf_u64(&body, (uint64_t)times[i]);
    kept_buf_u32(&body, o->tries);
    kept_buf_u32(&body, o->status);
    kept_buf_bytes(&body, o->id.b + KEPT_ID_BYTES - DRAWN, DRAWN);
    kept_buf_u32(&body, (uint32_t)o->item_count);
    for (size_t i = 0; i < o->item_count; i++) {
        kept_buf_u32(&body, o->items[i].item);
        kept_buf_u8(&body, o->items[i].then);
        kept_buf_u64(&body, (uint64_t)o->items[i].before);
        kept_buf_u64(&body, (uint64_t)o->items[i].until);
    }
    slip.body = kept_buf_span(&body);
    int rc = body.failed != 0 ? kept_fail(err, body.failed, "no memory for an order, or it names too many items")
                              : kept_desk_put(desk, &slip, err);
    kept_buf_release(&body);
    return rc;
}

static int damaged(struct kept_err *err)
{
    return kept_fail(err, KEPT_E_CORRUPT, "an order is damaged");
}

static int read_items(struct kept_cursor *c, struct kept_order *o, struct kept_err *err)
{
    const uint32_t n = kept_get_u32(c);
    if (c->bad || n > KEPT_MAX_ORDER_ITEMS)
        return damaged(err);
    o->items = n > 0 ? kept_alloc(n, sizeof *o->items) : NULL;
    if (n > 0 && o->items == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for an order");
    for (o->item_count = 0; o->item_count < n; o->item_count++) {
        struct kept_order_item *item = &o->items[o->item_count];
        item->item = kept_get_u32(c);
        item->then = kept_get_u8(c);
        item->before = (kept_ms)kept_get_u64(c);
        item->until = (kept_ms)kept_get_u64(c);
    }
    return c->bad || c->n != 0 ? damaged(err) : 0;
}

static int decode(const struct kept_id *name, struct kept_span plain, struct kept_order *o, struct kept_err *err)
{
    struct kept_cursor c = kept_cursor(plain);
    *o = (struct kept_order){.id = *name};
    o->kind = (enum kept_order_kind)kept_get_u8(&c);
    const struct kept_span held_in = kept_get_bytes(&c, (size_t)kept_get_varint(&c, KEPT_MAX_NAME));
    if (held_in.n > 0)
        memcpy(o->held_in, held_in.p, held_in.n);
    o->reference = kept_get_id(&c);
    o->person = kept_get_u64(&c);
    o->cause = kept_get_u32(&c);
    kept_ms *const times[] = {&o->first, &o->ordered, &o->due, &o->taken, &o->done};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
        *times[i] = (kept_ms)kept_get_u64(&c);
    o->tries = kept_get_u32(&c);
    o->status = kept_get_u32(&c);
    const struct kept_span drawn = kept_get_bytes(&c, DRAWN);
    if (c.bad)
        return damaged(err);
    memcpy(o->id.b + KEPT_ID_BYTES - DRAWN, drawn.p, DRAWN);
    return read_items(&c, o, err);
}

static int open_row(const struct kept_desk *desk, const struct kept_slip *slip, struct kept_order *ret_order,
                    struct kept_err *err)
{
    const struct kept_id name = slip->id;
    struct kept_buf plain;
    struct kept_order order = {.item_count = 0};
    kept_buf_init(&plain, KEPT_MAX_ORDER_BYTES);
    int rc = kept_desk_open(desk, slip, &plain, err);
    if (rc == 0)
        rc = decode(&name, kept_buf_span(&plain), &order, err);
    kept_buf_release(&plain);
    if (rc == 0)
        *ret_order = order;
    else
        kept_order_release(&order);
    return rc;
}

/* The open one of a name, else the one that was acknowledged. */
static int get(const struct kept_desk *desk, const struct kept_id *name, struct kept_order *ret_order, struct kept_err *err)
{
    static const enum kept_slip_kind kinds[] = {KEPT_SLIP_ORDER, KEPT_SLIP_ORDERED};
    int rc = KEPT_E_NOTFOUND;
    for (size_t i = 0; rc == KEPT_E_NOTFOUND && i < sizeof kinds / sizeof kinds[0]; i++) {
        struct kept_slip slip;
        rc = kept_slip_get(desk->store, kinds[i], desk->app, name, &slip, err);
        if (rc == 0)
            rc = open_row(desk, &slip, ret_order, err);
    }
    return rc;
}

int kept_order_find(const struct kept_desk *desk, enum kept_order_kind kind, const char *held_in,
                    const struct kept_id *reference, struct kept_order *ret_order, struct kept_err *err)
{
    const struct kept_id name = name_for(desk, kind, held_in, reference);
    return get(desk, &name, ret_order, err);
}

int kept_order_get(const struct kept_desk *desk, const struct kept_id *id, struct kept_order *ret_order, struct kept_err *err)
{
    const struct kept_id name = name_of(id);
    struct kept_order order;
    int rc = get(desk, &name, &order, err);
    if (rc == 0 && !kept_secret_equal(order.id.b, id->b, KEPT_ID_BYTES)) {
        kept_order_release(&order);
        rc = kept_fail(err, KEPT_E_NOTFOUND, "there is no such order: something was added to it since");
    }
    if (rc == 0)
        *ret_order = order;
    return rc;
}

/* ---- ordering ---------------------------------------------------------------------------------- */

static int by_item(const void *a, const void *b)
{
    const struct kept_order_item *x = a, *y = b;
    return x->item != y->item ? (x->item > y->item) - (x->item < y->item) : (x->then > y->then) - (x->then < y->then);
}

/* Two lists, as one without anything twice: of the same with the same the later instants. */
static int join(struct kept_order *o, const struct kept_order *other, struct kept_err *err)
{
    size_t n = o->item_count + other->item_count, kept = 0;
    struct kept_order_item *all = kept_alloc(n + 1, sizeof *all);
    if (all == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for an order");
    if (o->item_count > 0)
        memcpy(all, o->items, o->item_count * sizeof *all);
    if (other->item_count > 0)
        memcpy(all + o->item_count, other->items, other->item_count * sizeof *all);
    qsort(all, n, sizeof *all, by_item);
    for (size_t i = 0; i < n; i++) {
        struct kept_order_item *last = kept > 0 ? &all[kept - 1] : NULL;
        if (last == NULL || by_item(last, &all[i]) != 0) {
            all[kept++] = all[i];
            continue;
        }
        last->before = all[i].before > last->before ? all[i].before : last->before;
        last->until = all[i].until > last->until ? all[i].until : last->until;
    }
    kept_order_release(o);
    o->items = all;
    o->item_count = kept;
    return kept <= KEPT_MAX_ORDER_ITEMS ? 0 : kept_fail(err, KEPT_E_LIMIT, "an order names at most %u items", KEPT_MAX_ORDER_ITEMS);
}

/* Another id than the one before, so that what is acknowledged is what was asked for. */
static void draw(struct kept_order *o)
{
    uint8_t before[DRAWN];
    memcpy(before, o->id.b + KEPT_ID_BYTES - DRAWN, DRAWN);
    do
        kept_random(o->id.b + KEPT_ID_BYTES - DRAWN, DRAWN);
    while (kept_secret_equal(before, o->id.b + KEPT_ID_BYTES - DRAWN, DRAWN));
}

int kept_order_give(const struct kept_desk *desk, const struct kept_order *order, struct kept_err *err)
{
    struct kept_order now = *order, before = {.item_count = 0};
    const struct kept_id name = name_for(desk, order->kind, order->held_in, &order->reference);
    int rc = get(desk, &name, &before, NULL);
    if (rc == KEPT_E_NOTFOUND || rc == KEPT_E_CORRUPT) /* what does not open any more is ordered anew */
        rc = 0;
    else if (rc != 0)
        return kept_fail(err, rc, "an order cannot be read");
    now.id = kept_id_is_zero(&before.id) ? name : before.id;
    now.first = now.ordered = desk->now;
    now.taken = now.done = 0;
    now.tries = now.status = 0;
    now.items = NULL;
    now.item_count = 0;
    if (before.first != 0 && before.done == 0) {
        now.first = before.first;
        now.due = before.due < now.due ? before.due : now.due;
        rc = join(&now, &before, err);
    }
    draw(&now);
    if (rc == 0)
        rc = join(&now, order, err);
    if (rc == 0)
        rc = put(desk, KEPT_SLIP_ORDER, &now, desk->now, err);
    if (rc == 0 && before.done != 0)
        rc = kept_slip_delete(desk->store, KEPT_SLIP_ORDERED, desk->app, &name, err);
    kept_order_release(&before);
    kept_order_release(&now);
    return rc;
}

/* ---- out, and back ----------------------------------------------------------------------------- */

static kept_ms next_of(const struct kept_desk *desk, const struct kept_order *o)
{
    const kept_ms most = (kept_ms)KEPT_ORDER_AGAIN_HOURS * KEPT_HOUR;
    kept_ms pause = (kept_ms)KEPT_POST_SECONDS * KEPT_SECOND;
    for (uint32_t i = 1; i < o->tries && pause < most; i++)
        pause *= 2;
    if (o->taken != 0)
        pause = (kept_ms)KEPT_ORDER_REMIND_HOURS * KEPT_HOUR;
    else if (pause > most)
        pause = most;
    return desk->now + pause;
}

int kept_order_take(const struct kept_desk *desk, int (*visit)(void *arg, const struct kept_order *order), void *arg,
                    struct kept_err *err)
{
    struct kept_slip slip;
    struct kept_order order = {.item_count = 0};
    int rc = 0;
    do { /* one that opens no more is put away, so that it holds up no other */
        rc = kept_slip_due(desk->store, KEPT_SLIP_ORDER, desk->app, desk->now, &slip, err);
        if (rc != 0)
            return rc;
        const struct kept_id name = slip.id;
        rc = open_row(desk, &slip, &order, err);
        if (rc == KEPT_E_NOTFOUND || rc == KEPT_E_CORRUPT) {
            rc = kept_slip_delete(desk->store, KEPT_SLIP_ORDER, desk->app, &name, err);
            if (rc == 0)
                rc = KEPT_E_NOTFOUND;
        }
    } while (rc == KEPT_E_NOTFOUND);
    if (rc != 0)
        return rc;
    order.tries += order.tries < UINT32_MAX;
    rc = put(desk, KEPT_SLIP_ORDER, &order, next_of(desk, &order), err);
    if (rc == 0)
        rc = visit(arg, &order);
    kept_order_release(&order);
    return rc;
}

int kept_order_told(const struct kept_desk *desk, const struct kept_order *order, bool taken, uint32_t status,
                    struct kept_err *err)
{
    struct kept_order o = *order;
    o.status = status;
    o.taken = taken && o.taken == 0 ? desk->now : o.taken;
    return put(desk, KEPT_SLIP_ORDER, &o, next_of(desk, &o), err);
}

int kept_order_done(const struct kept_desk *desk, const struct kept_order *order, kept_ms until, struct kept_err *err)
{
    struct kept_order o = *order;
    const struct kept_id name = name_of(&o.id);
    o.done = desk->now;
    o.taken = o.taken != 0 ? o.taken : desk->now;
    int rc = put(desk, KEPT_SLIP_ORDERED, &o, until, err);
    return rc == 0 ? kept_slip_delete(desk->store, KEPT_SLIP_ORDER, desk->app, &name, err) : rc;
}

/* ---- all of them ------------------------------------------------------------------------------- */

int kept_order_each(const struct kept_desk *desk, uint32_t limit, int (*visit)(void *arg, const struct kept_order *order),
                    void *arg, bool *ret_more, struct kept_err *err)
{
    struct kept_id name = {{0}};
    struct kept_slip slip;
    int rc = 0;
    *ret_more = false;
    for (uint32_t n = 0; rc == 0; n++) {
        struct kept_order order;
        rc = kept_slip_from(desk->store, KEPT_SLIP_ORDER, desk->app, &name, &slip, err);
        if (rc != 0)
            break;
        *ret_more = n == limit;
        if (*ret_more)
            return 0;
        name = slip.id;
        rc = open_row(desk, &slip, &order, err);
        if (rc == 0) {
            rc = visit(arg, &order);
            kept_order_release(&order);
        } else if (rc == KEPT_E_NOTFOUND || rc == KEPT_E_CORRUPT) {
            rc = 0;
        }
        (void)kept_id_next(&name);
    }
    return rc == KEPT_E_NOTFOUND ? 0 : rc;
}

int kept_orders_reseal(const struct kept_desk *desk, enum kept_slip_kind kind, struct kept_id *name, bool *ret_left,
                       struct kept_err *err)
{
    const uint32_t epoch = kept_keyring_epoch(desk->keyring);
    struct kept_slip slip;
    int rc = 0;
    *ret_left = true;
    for (uint32_t n = 0; rc == 0 && n < KEPT_SLIPS_A_TICK; n++) {
        struct kept_order order;
        rc = kept_slip_from(desk->store, kind, desk->app, name, &slip, err);
        if (rc != 0)
            break;
        *name = slip.id;
        const kept_ms at = slip.at;
        if (slip.body.n < DRAWN || kept_be32(slip.body.p) != epoch) {
            rc = open_row(desk, &slip, &order, err);
            if (rc == 0) {
                rc = put(desk, kind, &order, at, err);
                kept_order_release(&order);
            }
            rc = rc == KEPT_E_NOTFOUND || rc == KEPT_E_CORRUPT ? 0 : rc; /* it opens no more: it will not */
        }
        (void)kept_id_next(name);
    }
    *ret_left = rc == 0;
    return rc == KEPT_E_NOTFOUND ? 0 : rc;
}

int kept_orders_due(const struct kept_desk *desk, uint32_t *deleted, struct kept_err *err)
{
    static const enum kept_slip_kind kinds[] = {KEPT_SLIP_ORDERED};
    return kept_desk_due_of(desk, kinds, sizeof kinds / sizeof kinds[0], deleted, err);
}
