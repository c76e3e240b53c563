/* orders.c - what other systems are told to delete: written in the transaction that causes it, of a person or, when its time
 * has come, of everybody. kept does not know what lies there; the system does, by the reference and the item. */
#include "engine/orders.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"

/* ---- what is wanted ---------------------------------------------------------------------------- */

void kept_wants_release(struct kept_wants *wants)
{
    kept_free(wants->rows);
    *wants = (struct kept_wants){NULL, 0, 0};
}

static int add(struct kept_wants *wants, const char *held_in, const struct kept_order_item *item, struct kept_err *err)
{
    int rc = kept_grow(&wants->rows, &wants->cap, wants->count + 1, KEPT_MAX_ORDER_ITEMS * 16u, sizeof *wants->rows);
    if (rc != 0)
        return kept_fail(err, rc, "no memory for orders");
    wants->rows[wants->count++] = (struct kept_want){held_in, *item};
    return 0;
}

int kept_want(struct kept_wants *wants, const struct kept_policy *policy, uint32_t item, kept_ms before, struct kept_err *err)
{
    const char *held_in = kept_policy_held_in(policy, item);
    const struct kept_item *rule = held_in != NULL ? kept_policy_item(policy, item) : NULL;
    if (rule == NULL || (rule->class == KEPT_CLASS_LAW && rule->then != KEPT_DISPOSE_ARCHIVE))
        return 0;
    const bool archive = rule->then == KEPT_DISPOSE_ARCHIVE;
    const struct kept_order_item one = {.item = rule->ref,
                                        .then = rule->then != KEPT_DISPOSE_NONE ? (uint8_t)rule->then : KEPT_DISPOSE_ERASE,
                                        .before = before,
                                        .until = archive ? before + rule->archive : 0};
    return add(wants, held_in, &one, err);
}

/* By system, item and what becomes of it. */
static int by_system(const void *a, const void *b)
{
    const struct kept_want *x = a, *y = b;
    const int order = strcmp(x->held_in, y->held_in);
    if (order != 0)
        return order;
    return x->item.item != y->item.item ? (x->item.item > y->item.item) - (x->item.item < y->item.item)
                                        : (x->item.then > y->item.then) - (x->item.then < y->item.then);
}

/* By when it is late: as the policy, or its law, says of such a request; where that needs a calendar of working days, or nobody
 * says, the named default. */
static kept_ms due_of(const struct call *call, enum kept_asked asked)
{
    struct kept_anchors anchors;
    for (size_t i = 0; i < KEPT_ANCHORS; i++)
        anchors.at[i] = call->now;
    const struct kept_due due = asked < KEPT_ASK_COUNT && call->policy != NULL
                                    ? kept_policy_due(call->policy, asked, &anchors, false, NULL)
                                    : (struct kept_due){.state = KEPT_DUE_UNSAID};
    return due.state == KEPT_DUE_SET ? due.before : call->now + (kept_ms)KEPT_ORDER_DAYS * KEPT_DAY;
}

/* One order of a run of wants of one system. */
static int give(struct call *call, const struct kept_desk *desk, const struct kept_want *first, size_t count,
                struct kept_order *order, struct kept_err *err)
{
    order->items = kept_alloc(count, sizeof *order->items);
    if (order->items == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for an order");
    for (size_t i = 0; i < count; i++)
        order->items[i] = first[i].item;
    order->item_count = count;
    (void)snprintf(order->held_in, sizeof order->held_in, "%s", first->held_in);
    if (call->opened) {
        order->person = call->subject->key;
        kept_order_reference(desk, order->held_in, &call->subject->id, &order->reference);
    }
    int rc = kept_order_give(desk, order, err);
    kept_order_release(order);
    return rc;
}

static size_t run_of(const struct kept_wants *wants, size_t from)
{
    size_t n = 1;
    while (from + n < wants->count && strcmp(wants->rows[from].held_in, wants->rows[from + n].held_in) == 0)
        n++;
    return n;
}

int kept_wants_order(struct call *call, struct kept_wants *wants, enum kept_asked asked, size_t *ret_count,
                     struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    int rc = 0;
    if (wants->count > 1)
        qsort(wants->rows, wants->count, sizeof *wants->rows, by_system);
    for (size_t i = 0, n = 0; rc == 0 && i < wants->count; i += n) {
        struct kept_order order = {.kind = KEPT_ORDER_ERASE, .cause = (uint32_t)call->row->op, .due = due_of(call, asked)};
        n = run_of(wants, i);
        rc = give(call, &desk, wants->rows + i, n, &order, err);
        if (rc == 0 && ret_count != NULL)
            ++*ret_count;
    }
    return rc;
}

int kept_orders_erase(struct call *call, kept_ms before, struct kept_err *err)
{
    struct kept_wants wants = {NULL, 0, 0};
    int rc = 0;
    for (size_t v = 0; rc == 0 && v < call->app->version_count; v++) {
        const struct kept_policy *policy = call->app->versions[v].policy;
        const size_t items = kept_policy_info(policy)->items;
        for (uint32_t i = 0; rc == 0 && i < items; i++)
            rc = kept_want(&wants, policy, i, before, err);
    }
    if (rc == 0)
        rc = kept_wants_order(call, &wants, KEPT_ASK_CANCEL, NULL, err);
    kept_wants_release(&wants);
    return rc;
}

/* Is there an order, open or carried out, of what came in up to then? */
static int is_ordered(const struct call *call, const struct kept_want *want, bool *ret_is, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    struct kept_order order;
    struct kept_id reference;
    kept_order_reference(&desk, want->held_in, &call->subject->id, &reference);
    int rc = kept_order_find(&desk, KEPT_ORDER_ERASE, want->held_in, &reference, &order, err);
    *ret_is = false;
    for (size_t i = 0; rc == 0 && i < order.item_count; i++)
        *ret_is = *ret_is || (order.items[i].item == want->item.item && order.items[i].before >= want->item.before);
    if (rc == 0)
        kept_order_release(&order);
    return rc == KEPT_E_NOTFOUND || rc == KEPT_E_CORRUPT ? 0 : rc;
}

int kept_orders_again(struct call *call, const struct kept_journal_row *row, bool *ret_ordered, struct kept_err *err)
{
    const struct kept_policy *governs = kept_app_policy(call->app, call->subject->context.policy_version);
    const uint32_t index = governs != NULL ? kept_policy_index(governs, KEPT_K_ITEM, row->scope) : KEPT_NO_INDEX;
    struct kept_wants wants = {NULL, 0, 0};
    bool there = true;
    int rc = index != KEPT_NO_INDEX ? kept_want(&wants, governs, index, row->at, err) : 0;
    if (rc == 0 && wants.count > 0)
        rc = is_ordered(call, wants.rows, &there, err);
    if (rc == 0 && !there)
        rc = kept_wants_order(call, &wants, KEPT_ASK_DELETE, NULL, err);
    kept_wants_release(&wants);
    *ret_ordered = rc == 0 && !there;
    return rc;
}

/* ---- what has reached its end ------------------------------------------------------------------ */

/* Is a later version of the policy, in effect, the one that says how long this is kept? */
static bool said_later(const struct app *app, size_t version, uint32_t ref, kept_ms now)
{
    for (size_t v = version + 1; v < app->version_count; v++)
        if (app->versions[v].effective <= now &&
            kept_policy_index(app->versions[v].policy, KEPT_K_ITEM, ref) != KEPT_NO_INDEX)
            return true;
    return false;
}

/* Everything of the item that came in long enough ago: what follows its end, and that of an archive. */
static int want_ended(struct kept_wants *wants, const struct kept_policy *policy, uint32_t item, kept_ms now,
                      struct kept_err *err)
{
    const char *held_in = kept_policy_held_in(policy, item);
    const struct kept_item *rule = held_in != NULL ? kept_policy_item(policy, item) : NULL;
    if (rule == NULL || rule->retain <= 0)
        return 0;
    const bool archive = rule->then == KEPT_DISPOSE_ARCHIVE;
    const kept_ms gone = now - rule->retain;
    const struct kept_order_item set_apart = {.item = rule->ref, .then = KEPT_DISPOSE_ARCHIVE, .before = gone,
                                              .until = now + rule->archive},
                                 end = {.item = rule->ref,
                                        .then = rule->then == KEPT_DISPOSE_ANONYMISE ? KEPT_DISPOSE_ANONYMISE
                                                                                     : KEPT_DISPOSE_ERASE,
                                        .before = archive ? gone - rule->archive : gone};
    int rc = archive ? add(wants, held_in, &set_apart, err) : 0;
    return rc == 0 ? add(wants, held_in, &end, err) : rc;
}

static int want_all_ended(struct call *call, struct kept_wants *wants, struct kept_err *err)
{
    const struct app *app = call->app;
    int rc = 0;
    for (size_t v = 0; rc == 0 && v < app->version_count; v++) {
        const struct kept_policy *policy = app->versions[v].policy;
        const size_t items = kept_policy_info(policy)->items;
        if (app->versions[v].effective > call->now)
            continue;
        for (uint32_t i = 0; rc == 0 && i < items; i++)
            if (!said_later(app, v, kept_policy_item(policy, i)->ref, call->now))
                rc = want_ended(wants, policy, i, call->now, err);
    }
    if (wants->count > 1)
        qsort(wants->rows, wants->count, sizeof *wants->rows, by_system);
    return rc;
}

/* Is there no such order, or one that was carried out and is old? One that is open stays as it is. */
static int is_time(const struct kept_desk *desk, const char *held_in, bool *ret_time, struct kept_err *err)
{
    static const struct kept_id everybody = {{0}};
    struct kept_order order;
    int rc = kept_order_find(desk, KEPT_ORDER_RETAIN, held_in, &everybody, &order, err);
    *ret_time = rc != 0;
    if (rc == 0) {
        *ret_time = order.done != 0 && order.first + (kept_ms)KEPT_ORDER_RETAIN_HOURS * KEPT_HOUR <= desk->now;
        kept_order_release(&order);
    }
    return rc == KEPT_E_NOTFOUND || rc == KEPT_E_CORRUPT ? 0 : rc;
}

/* The orders that are due, each item named in the entry of a call of the engine's own. */
static int order_ended(struct call *own, const struct kept_wants *wants, uint32_t *ret_count, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(own);
    int rc = 0;
    for (size_t i = 0, n = 0; rc == 0 && i < wants->count; i += n) {
        struct kept_order order = {.kind = KEPT_ORDER_RETAIN, .cause = KEPT_OP_TICK, .due = due_of(own, KEPT_ASK_COUNT)};
        bool now = false;
        n = run_of(wants, i);
        rc = is_time(&desk, wants->rows[i].held_in, &now, err);
        if (rc != 0 || !now)
            continue;
        rc = give(own, &desk, wants->rows + i, n, &order, err);
        for (size_t k = 0; rc == 0 && k < n && own->touched_count < KEPT_MAX_FIELDS; k++)
            if (kept_call_touch(own, wants->rows[i + k].item.item, 0, 0, KEPT_ALLOW, KEPT_R_NONE) != 0)
                rc = kept_fail(err, KEPT_E_NOMEM, "no memory for a ledger entry");
        *ret_count += rc == 0;
    }
    return rc;
}

static int retain(struct call *call, const struct kept_wants *wants, uint32_t *ret_count, struct kept_err *err)
{
    static const struct kept_request request = {.op = KEPT_OP_TICK, .exemption = "",
                                                .text = "other systems were ordered to delete what has reached its end"};
    struct kept_store *store = call->kept->store;
    uint32_t count = 0;
    struct call *own = kept_own_begin(call->kept, call->app, &request);
    if (own == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for a ledger entry");
    int rc = kept_store_begin_write(store, err);
    if (rc == 0)
        rc = order_ended(own, wants, &count, err);
    if (rc == 0 && count > 0)
        rc = kept_queue_entry(own, err);
    if (rc == 0 && count > 0)
        rc = kept_store_commit(store, err);
    kept_store_rollback(store); /* no-op once committed */
    if (rc == 0 && count > 0)
        rc = kept_own_place(own, err);
    kept_own_end(own);
    *ret_count += rc == 0 ? count : 0;
    return rc;
}

static int forget(struct call *call, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    uint32_t deleted = 0;
    int rc = kept_store_begin_write(desk.store, err);
    if (rc == 0)
        rc = kept_orders_due(&desk, &deleted, err);
    if (rc == 0 && deleted > 0)
        rc = kept_store_commit(desk.store, err);
    kept_store_rollback(desk.store); /* no-op once committed */
    return rc;
}

int kept_orders_upkeep(struct call *call, struct upkeep *work, struct kept_err *err)
{
    struct kept_wants wants = {NULL, 0, 0};
    int rc = want_all_ended(call, &wants, err);
    if (rc == 0 && wants.count > 0)
        rc = retain(call, &wants, &work->ordered, err);
    kept_wants_release(&wants);
    return rc == 0 ? forget(call, err) : rc;
}

/* ---- under a new epoch ------------------------------------------------------------------------- */

#define EPOCH_BYTES 4u
static const struct fact resealed = {"orders", "under which key orders are", EPOCH_BYTES};

static int reseal_bite(struct call *call, enum kept_slip_kind kind, struct kept_id *name, bool *ret_left, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    int rc = kept_store_begin_write(desk.store, err);
    if (rc == 0)
        rc = kept_orders_reseal(&desk, kind, name, ret_left, err);
    if (rc == 0)
        rc = kept_store_commit(desk.store, err);
    kept_store_rollback(desk.store); /* no-op once committed */
    return rc;
}

int kept_orders_rewrap(struct call *call, struct kept_err *err)
{
    static const enum kept_slip_kind kinds[] = {KEPT_SLIP_ORDER, KEPT_SLIP_ORDERED};
    struct kept_store *store = call->kept->store;
    const uint32_t epoch = kept_keyring_epoch(call->app->keyring);
    uint8_t bytes[EPOCH_BYTES];
    int rc = kept_fact_get(call->kept, call->app, &resealed, bytes, err);
    if (rc != 0 && rc != KEPT_E_NOTFOUND)
        return rc;
    if (rc == 0 ? kept_be32(bytes) == epoch : epoch == 1)
        return 0;
    rc = 0;
    for (size_t i = 0; rc == 0 && i < sizeof kinds / sizeof kinds[0]; i++) {
        struct kept_id name = {{0}};
        bool left = true;
        while (rc == 0 && left)
            rc = reseal_bite(call, kinds[i], &name, &left, err);
    }
    if (rc != 0 || (rc = kept_store_begin_write(store, err)) != 0)
        return rc;
    kept_put_be32(bytes, epoch);
    rc = kept_fact_put(call->kept, call->app, &resealed, bytes, err);
    if (rc == 0)
        rc = kept_store_commit(store, err);
    kept_store_rollback(store); /* no-op once committed */
    return rc;
}
