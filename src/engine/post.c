/* post.c - the outbox: messages, and orders to other systems, that are due go to a sender, who tells what became of them. Until it does they
 * are due again, later and later; a sender that dies loses none, and one may go twice. */
#include <string.h>

#include "base/error.h"
#include "engine/orders.h"
#include "engine/report_int.h"

struct hand {
    struct call *call;
    json_t *messages;
    uint32_t count;
};

static int hand_over(void *arg, const struct kept_letter *letter)
{
    struct hand *hand = arg;
    json_t *row = json_object();
    set(hand->call, row, "id", id_json(&letter->id));
    set(hand->call, row, "by", json_string(kept_carrier_word(letter->carrier)));
    set(hand->call, row, "to", text_json(letter->to));
    set(hand->call, row, "title", text_json(letter->title));
    set(hand->call, row, "text", text_json(letter->text));
    set(hand->call, row, "until", time_json(letter->expires));
    set(hand->call, row, "tries", json_integer(letter->tries));
    add(hand->call, hand->messages, row);
    hand->count++;
    return 0;
}

int kept_act_POST_TAKE(struct call *call, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    uint32_t limit = call->request->limit, dropped = 0;
    struct hand hand = {call, json_array(), 0};
    int rc = 0;
    if (limit == 0 || limit > KEPT_POST_AT_ONCE)
        limit = KEPT_POST_AT_ONCE;
    while (rc == 0 && hand.count < limit)
        rc = kept_letter_take(&desk, hand_over, &hand, &dropped, err);
    rc = rc == KEPT_E_NOTFOUND ? 0 : rc;
    json_t *orders = json_array();
    if (rc == 0)
        rc = kept_orders_hand(call, orders, limit, err);
    call->absent = hand.count;
    call->quiet = call->idle = hand.count == 0 && dropped == 0 && json_array_size(orders) == 0;
    json_t *root = json_object();
    set(call, root, "messages", hand.messages);
    set(call, root, "orders", orders);
    set(call, root, "dropped", json_integer(dropped));
    if (rc == 0)
        return kept_report_finish(call, root, err);
    kept_json_free(root);
    return rc;
}

int kept_act_POST_TELL(struct call *call, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    const struct kept_request *r = call->request;
    if (r->text == NULL || (strncmp(r->text, "sent", 4) != 0 && strncmp(r->text, "refused", 7) != 0 && strncmp(r->text, "done", 4) != 0))
        return kept_fail(err, KEPT_E_USAGE, "what became of it: sent, refused, or of an order done; and the receipt");
    if (kept_id_is_zero(&r->subject))
        return kept_fail(err, KEPT_E_USAGE, "a message is named by the id that post.take gave");
    int rc = kept_letter_done(&desk, &r->subject, err);
    return rc != KEPT_E_NOTFOUND ? rc : kept_orders_tell(call, err); /* no message: an order, or it was told twice */
}
