/* orders_told.c - orders on their way: handed to the sender, acknowledged by their system, and what is told of them. */
#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "engine/orders.h"
#include "engine/report_int.h"

#define MAX_RECEIPT 200u

static const char *then_word(unsigned then)
{
    return then == KEPT_DISPOSE_ANONYMISE ? "anonymise" : then == KEPT_DISPOSE_ARCHIVE ? "archive" : "erase";
}

static bool is_late(const struct kept_order *o, kept_ms now)
{
    return o->done == 0 ? o->due <= now : o->done > o->due;
}

/* ---- as JSON ----------------------------------------------------------------------------------- */

static json_t *items_json(struct call *call, const struct kept_order *o)
{
    json_t *items = json_array();
    for (size_t i = 0; i < o->item_count; i++) {
        json_t *item = json_object();
        set(call, item, "item", json_string(kept_ref_name(call->app, KEPT_K_ITEM, o->items[i].item)));
        set(call, item, "then", json_string(then_word(o->items[i].then)));
        set(call, item, "before", time_json(o->items[i].before));
        if (o->items[i].until != 0)
            set(call, item, "until", time_json(o->items[i].until));
        add(call, items, item);
    }
    return items;
}

/* What the system is told, and nothing of whom it is about but the reference. */
static json_t *order_json(struct call *call, const struct kept_order *o)
{
    json_t *row = json_object();
    set(call, row, "order", id_json(&o->id));
    set(call, row, "app", json_string(call->app->name));
    set(call, row, "kind", json_string(kept_order_word(o->kind)));
    set(call, row, "held_in", json_string(o->held_in));
    if (!kept_id_is_zero(&o->reference))
        set(call, row, "reference", id_json(&o->reference));
    set(call, row, "items", items_json(call, o));
    set(call, row, "because", json_string(kept_op_name((enum kept_op)o->cause)));
    set(call, row, "ordered", time_json(o->ordered));
    set(call, row, "due", time_json(o->due));
    return row;
}

static const char *state_of(const struct kept_order *o)
{
    return o->done != 0 ? "acknowledged" : o->taken != 0 ? "taken_over" : "open";
}

static void state_json(struct call *call, json_t *row, const struct kept_order *o)
{
    set(call, row, "state", json_string(state_of(o)));
    set(call, row, "since", time_json(o->first));
    if (o->taken != 0)
        set(call, row, "taken_over", time_json(o->taken));
    if (o->done != 0)
        set(call, row, "acknowledged", time_json(o->done));
    if (o->status != 0)
        set(call, row, "answered", json_integer(o->status));
    set(call, row, "tries", json_integer(o->tries));
    set(call, row, "overdue", json_boolean(is_late(o, call->now)));
}

/* ---- out --------------------------------------------------------------------------------------- */

struct hand {
    struct call *call;
    json_t *rows;
    uint32_t count;
};

static int hand_over(void *arg, const struct kept_order *order)
{
    struct hand *hand = arg;
    add(hand->call, hand->rows, order_json(hand->call, order));
    hand->count++;
    return 0;
}

int kept_orders_hand(struct call *call, json_t *rows, uint32_t limit, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    struct hand hand = {call, rows, 0};
    int rc = 0;
    while (rc == 0 && hand.count < limit)
        rc = kept_order_take(&desk, hand_over, &hand, err);
    return rc == KEPT_E_NOTFOUND ? 0 : rc;
}

/* ---- back -------------------------------------------------------------------------------------- */

/* The call's entry is about the order's person, while their row is there; who acknowledges is not told who that is. */
static int about(struct call *call, const struct kept_order *o, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    struct kept_head head;
    struct kept_span body;
    struct kept_id reference;
    struct kept_err own = {0};
    if (o->person == 0)
        return 0;
    int rc = kept_cell_get(call->kept->store, o->person, &body, &own);
    if (rc == 0 && kept_head_decode(o->person, body, &head) == 0) {
        kept_order_reference(&desk, o->held_in, &head.id, &reference);
        if (kept_id_equal(&reference, &o->reference))
            rc = kept_load(call, &head, o->person, &own);
    }
    if (rc != 0)
        call->opened = false;
    call->box->reply.subject = (struct kept_id){{0}};
    call->box->reply.version = 0;
    /* A row that is gone, or does not open, keeps nobody from acknowledging. */
    return rc == KEPT_E_NOTFOUND || rc == KEPT_E_CORRUPT ? 0 : rc == 0 ? 0 : kept_fail(err, rc, "%s", own.text);
}

static int note(struct call *call, const struct kept_order *o, const char *what, const char *receipt, struct kept_err *err)
{
    struct kept_buf text;
    char id[33];
    kept_id_hex(&o->id, id);
    kept_buf_init(&text, KEPT_MAX_TEXT);
    kept_buf_printf(&text, "order %s to %s: %s%s%s", id, o->held_in, what, receipt[0] != 0 ? ", receipt " : "", receipt);
    call->note = call->noted = kept_buf_take(&text);
    return call->note != NULL ? 0 : kept_fail(err, KEPT_E_NOMEM, "no memory");
}

static int touch(struct call *call, const struct kept_order *o, struct kept_err *err)
{
    for (size_t i = 0; i < o->item_count && i < KEPT_MAX_FIELDS; i++)
        if (kept_call_touch(call, o->items[i].item, 0, 0, KEPT_ALLOW, KEPT_R_NONE) != 0)
            return kept_fail(err, KEPT_E_NOMEM, "no memory for a ledger entry");
    return 0;
}

/* It is carried out: so it is told in the person's own entries, and remembered as long as they are. A second time changes
 * nothing. */
static int acknowledge(struct call *call, struct kept_order *o, const char *receipt, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    int rc = 0;
    const bool again = o->done != 0;
    if (!again)
        rc = kept_order_done(&desk, o, call->now + call->info->evidence, err);
    if (rc == 0 && !again) {
        o->done = call->now;
        o->taken = o->taken != 0 ? o->taken : call->now;
    }
    if (rc == 0)
        rc = about(call, o, err);
    if (rc == 0)
        rc = touch(call, o, err);
    return rc == 0 ? note(call, o, again ? "acknowledged again" : "acknowledged", receipt, err) : rc;
}

static int answer(struct call *call, const struct kept_order *o, struct kept_err *err)
{
    json_t *root = order_json(call, o);
    state_json(call, root, o);
    return kept_report_finish(call, root, err);
}

/* The order that the request names, or a verdict that there is none: KEPT_E_NOTFOUND. */
static int named(struct call *call, struct kept_order *ret_order, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    if (kept_id_is_zero(&call->request->subject))
        return kept_fail(err, KEPT_E_USAGE, "an order is named by the id that it came with");
    int rc = kept_order_get(&desk, &call->request->subject, ret_order, err);
    if (rc == KEPT_E_NOTFOUND)
        kept_verdict(call, KEPT_DENY, KEPT_R_NO_VALUE, "", 0);
    return rc;
}

int kept_act_ORDER_DONE(struct call *call, struct kept_err *err)
{
    const char *receipt = call->request->text != NULL ? call->request->text : "";
    struct kept_order order;
    if (strlen(receipt) > MAX_RECEIPT)
        return kept_fail(err, KEPT_E_USAGE, "a receipt is no longer than %u bytes", MAX_RECEIPT);
    int rc = named(call, &order, err);
    if (rc != 0)
        return rc == KEPT_E_NOTFOUND ? 0 : rc;
    if (call->by != NULL && strcmp(call->by->name, order.held_in) != 0) {
        kept_verdict(call, KEPT_DENY, KEPT_R_CALLER, "", 0); /* it is another system's */
        kept_order_release(&order);
        return 0;
    }
    rc = acknowledge(call, &order, receipt, err);
    if (rc == 0)
        rc = answer(call, &order, err);
    kept_order_release(&order);
    return rc;
}

/* "sent 202", "refused 404", "done 200": what the sender heard. */
int kept_orders_tell(struct call *call, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    const char *text = call->request->text, *number = strchr(text, ' ');
    struct kept_order order;
    uint32_t status = 0;
    int rc = named(call, &order, err);
    if (rc != 0)
        return rc == KEPT_E_NOTFOUND ? 0 : rc;
    for (number = number != NULL ? number + 1 : ""; *number >= '0' && *number <= '9' && status < 1000; number++)
        status = status * 10 + (uint32_t)(*number - '0');
    if (strncmp(text, "done", 4) == 0)
        rc = acknowledge(call, &order, "", err);
    else if (order.done == 0)
        rc = kept_order_told(&desk, &order, strncmp(text, "sent", 4) == 0, status, err);
    kept_order_release(&order);
    return rc;
}

/* ---- told -------------------------------------------------------------------------------------- */

struct listing {
    struct call *call;
    json_t *rows;
    const char *only; /* of this system; NULL: of all */
};

static int list_one(void *arg, const struct kept_order *order)
{
    struct listing *l = arg;
    if (l->only != NULL && strcmp(l->only, order->held_in) != 0)
        return 0;
    json_t *row = order_json(l->call, order);
    state_json(l->call, row, order);
    add(l->call, l->rows, row);
    return json_array_size(l->rows) >= KEPT_MAX_ORDER_PAGE;
}

/* Is it a system that asks over the network: one who may acknowledge? It sees its own orders. */
static const char *system_of(const struct call *call)
{
    const uint64_t may = call->by != NULL ? call->by->operations : 0;
    return (may >> KEPT_OP_ORDER_DONE & 1u) != 0 ? call->by->name : NULL;
}

int kept_act_ORDER_LIST(struct call *call, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    struct listing l = {call, json_array(), system_of(call)};
    bool more = false;
    int rc = kept_order_each(&desk, KEPT_ORDERS_COUNTED, list_one, &l, &more, err);
    more = more || rc > 0;
    json_t *root = json_object();
    set(call, root, "orders", l.rows);
    set(call, root, "more", json_boolean(more));
    if (rc >= 0)
        return kept_report_finish(call, root, err);
    kept_json_free(root);
    return rc;
}

struct numbers {
    struct call *call;
    json_t *systems;
    uint64_t open, overdue;
};

static int count_one(void *arg, const struct kept_order *order)
{
    struct numbers *n = arg;
    struct call *call = n->call;
    const bool late = is_late(order, call->now);
    json_t *one = json_object_get(n->systems, order->held_in);
    if (one == NULL) {
        one = json_object();
        set(call, n->systems, order->held_in, one);
        set(call, one, "open", json_integer(0));
        set(call, one, "overdue", json_integer(0));
    }
    set(call, one, "open", json_integer(json_integer_value(json_object_get(one, "open")) + 1));
    set(call, one, "overdue", json_integer(json_integer_value(json_object_get(one, "overdue")) + late));
    n->open++;
    n->overdue += late;
    return 0;
}

int kept_orders_numbers(struct call *call, json_t *root, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    struct numbers n = {.call = call, .systems = json_object()};
    bool more = false;
    int rc = kept_order_each(&desk, KEPT_ORDERS_COUNTED, count_one, &n, &more, err);
    set(call, root, "orders_open", json_integer((json_int_t)n.open));
    set(call, root, "orders_overdue", json_integer((json_int_t)n.overdue));
    if (more) /* too many to be counted each time */
        set(call, root, "orders_at_least", json_true());
    set(call, root, "orders", n.systems);
    return rc;
}

/* ---- of a person ------------------------------------------------------------------------------- */

/* Visit each system that any version of the policy names, once; the policy's own text. */
static int each_system(struct call *call, int (*visit)(struct call *call, const char *held_in, json_t *rows, struct kept_err *err),
                       json_t *rows, struct kept_err *err)
{
    json_t *seen = json_object();
    int rc = seen == NULL ? kept_fail(err, KEPT_E_NOMEM, "no memory for a report") : 0;
    for (size_t v = 0; rc == 0 && v < call->app->version_count; v++) {
        const struct kept_policy *policy = call->app->versions[v].policy;
        const size_t items = kept_policy_info(policy)->items;
        for (uint32_t i = 0; rc == 0 && i < items; i++) {
            const char *held_in = kept_policy_held_in(policy, i);
            if (held_in == NULL || json_object_get(seen, held_in) != NULL)
                continue;
            set(call, seen, held_in, json_true());
            rc = visit(call, held_in, rows, err);
        }
    }
    json_decref(seen);
    return rc;
}

static int tell_order(struct call *call, const char *held_in, json_t *rows, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    struct kept_order order;
    struct kept_id reference;
    kept_order_reference(&desk, held_in, &call->subject->id, &reference);
    int rc = kept_order_find(&desk, KEPT_ORDER_ERASE, held_in, &reference, &order, err);
    if (rc != 0)
        return rc == KEPT_E_NOTFOUND || rc == KEPT_E_CORRUPT ? 0 : rc;
    json_t *row = json_object();
    set(call, row, "held_in", json_string(order.held_in));
    set(call, row, "items", items_json(call, &order));
    set(call, row, "because", json_string(kept_op_name((enum kept_op)order.cause)));
    set(call, row, "due", time_json(order.due));
    state_json(call, row, &order);
    add(call, rows, row);
    kept_order_release(&order);
    return 0;
}

int kept_orders_of(struct call *call, json_t *rows, struct kept_err *err)
{
    return each_system(call, tell_order, rows, err);
}

void kept_references(struct call *call, json_t *rows)
{
    const struct kept_desk desk = kept_desk_of(call);
    for (uint32_t i = 0; i < call->info->items; i++) {
        const char *held_in = kept_policy_held_in(call->policy, i);
        struct kept_id reference;
        if (held_in == NULL)
            continue;
        json_t *row = json_object();
        kept_order_reference(&desk, held_in, &call->subject->id, &reference);
        set(call, row, "item", json_string(kept_policy_item(call->policy, i)->name));
        set(call, row, "held_in", json_string(held_in));
        set(call, row, "reference", id_json(&reference));
        add(call, rows, row);
    }
}
