/* orders.h - orders to the systems where items of `place: external` lie: what they are to delete, whether they did, and
 * the tickets by which a use that was allowed here is known there.
 *
 * All that is written is written in the open transaction of the call. A system is known by the name that the policy's
 * `held_in` gives it; over the network it is the caller of that name. */
#ifndef KEPT_ENGINE_ORDERS_H
#define KEPT_ENGINE_ORDERS_H

#include "account/order.h"
#include "engine/account_int.h"

struct json_t;

/* orders.c */

/* What is to be ordered, before it is sorted by system. Zeroed first; kept_wants_release. */
struct kept_want {
    const char *held_in; /* the policy's */
    struct kept_order_item item;
};
struct kept_wants {
    struct kept_want *rows;
    size_t count, cap;
};
void kept_wants_release(struct kept_wants *wants);
/* Want an item deleted, as far as it came in up to an instant; nothing is wanted of what no other system holds, or of what a
 * law keeps. KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_want(struct kept_wants *wants, const struct kept_policy *policy, uint32_t item, kept_ms before,
                            struct kept_err *err);
/* Order it, of the call's person; asked: the request whose deadline holds. *ret_count (may be NULL) grows by the systems. */
KEPT_MUST_USE int kept_wants_order(struct call *call, struct kept_wants *wants, enum kept_asked asked, size_t *ret_count,
                                   struct kept_err *err);
/* Order all that any version of the policy ever let lie elsewhere, of the call's person, who is erased. */
KEPT_MUST_USE int kept_orders_erase(struct call *call, kept_ms before, struct kept_err *err);

/* An erasure of records was replayed: order it, unless an order says so already. The call has its person. */
KEPT_MUST_USE int kept_orders_again(struct call *call, const struct kept_journal_row *row, bool *ret_ordered, struct kept_err *err);

/* Order what has reached its end, of everybody, where the last such order is carried out and a day old; forget what was
 * acknowledged long ago; of the call's app, in transactions of its own. */
KEPT_MUST_USE int kept_orders_upkeep(struct call *call, struct upkeep *work, struct kept_err *err);
/* Put all of them under the current epoch, before a key of one before is destroyed; in transactions of its own. */
KEPT_MUST_USE int kept_orders_rewrap(struct call *call, struct kept_err *err);

/* orders_told.c */

/* post.take: those that are due, at most limit, as rows. */
KEPT_MUST_USE int kept_orders_hand(struct call *call, struct json_t *rows, uint32_t limit, struct kept_err *err);
/* post.tell: what a system answered. */
KEPT_MUST_USE int kept_orders_tell(struct call *call, struct kept_err *err);
/* Orders about the call's person, as rows: for certificate, trail, subject.show. */
KEPT_MUST_USE int kept_orders_of(struct call *call, struct json_t *rows, struct kept_err *err);
/* Numbers for stat, into an object. */
KEPT_MUST_USE int kept_orders_numbers(struct call *call, struct json_t *root, struct kept_err *err);
/* What each system calls the call's person, and which items of the policy that governs it holds: an array. */
void kept_references(struct call *call, struct json_t *rows);

/* ticket.c */

/* USE: of the fields said so far, those that lie elsewhere: tickets, as the reply's JSON; nothing where none does. */
KEPT_MUST_USE int kept_tickets(struct call *call, struct kept_err *err);

#endif
