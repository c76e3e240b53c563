/* order.h - orders to the systems where items of `place: external` lie: to delete those of a person, or what has reached
 * its end. Of an order there is a row until it is acknowledged, and a while longer, so that it can be said.
 *
 * Invariants: 1. An order is written in the transaction that causes it; it is handed out until it is taken over, then
 * reminded of, and never dropped: only its system's acknowledgement closes it.
 * 2. A person, system and kind have one open order: what is ordered beside it is added, under an id of its own, and
 * the acknowledgement of the former one closes nothing. So there are no more orders than people and systems.
 * 3. It names nobody: the system knows the person by a reference, a hash under the app's key that is another for each
 * system. Inside the seal stands the number of the person's row, which says nothing when that row is gone.
 * 4. Rows outlive the epoch they were sealed in: kept_orders_reseal puts them under the newest before a key dies.
 * Threads, ownership: as account.h; what writes needs an open write transaction. Clauses: S2-4.1.2. */
#ifndef KEPT_ACCOUNT_ORDER_H
#define KEPT_ACCOUNT_ORDER_H

#include "account/account.h"

enum kept_order_kind { KEPT_ORDER_ERASE = 1, KEPT_ORDER_RETAIN };
const char *kept_order_word(enum kept_order_kind kind); /* "erase"; "?" for none of them */

/* What is to be done with an item. */
struct kept_order_item {
    uint32_t item;              /* kept_ref */
    uint8_t then;               /* enum kept_disposition: ERASE, ANONYMISE, ARCHIVE */
    kept_ms before;             /* with what came in up to this instant */
    kept_ms until;              /* ARCHIVE: until when; else 0 */
};

struct kept_order {
    struct kept_id id;          /* by which the system knows it: 12 bytes of what it is about, 4 drawn anew each time */
    enum kept_order_kind kind;
    char held_in[KEPT_MAX_NAME + 1];
    struct kept_id reference;   /* of the person; zero: of everybody */
    uint64_t person;            /* their row key; 0: of everybody */
    uint32_t cause;             /* enum kept_op */
    kept_ms first, ordered;     /* since when it is open, and when something was added last */
    kept_ms due;                /* it is late after that */
    kept_ms taken, done;        /* taken over, acknowledged; 0: not yet */
    uint32_t tries, status;     /* handed out so often; what the system answered last, a number of HTTP, or 0 */
    struct kept_order_item *items; /* its own, ascending; kept_order_release */
    size_t item_count;
};
void kept_order_release(struct kept_order *order);

/* What a system calls a person: the same for ever, and another for each system. */
void kept_order_reference(const struct kept_desk *desk, const char *held_in, const struct kept_id *subject,
                          struct kept_id *ret_reference);
/* Give an order: kind, system, reference, person, cause, due and items are the caller's, the rest is written here. One that
 * is open takes it in, and stays due when it was. KEPT_E_LIMIT: too many items; KEPT_E_NOMEM; store. */
KEPT_MUST_USE int kept_order_give(const struct kept_desk *desk, const struct kept_order *order, struct kept_err *err);
/* The order of that kind to a system about a reference: the open one, else the one that was acknowledged last. ret_order is
 * the caller's. KEPT_E_NOTFOUND. */
KEPT_MUST_USE int kept_order_find(const struct kept_desk *desk, enum kept_order_kind kind, const char *held_in,
                                  const struct kept_id *reference, struct kept_order *ret_order, struct kept_err *err);
/* By its id. KEPT_E_NOTFOUND: there is none, or something was added since. */
KEPT_MUST_USE int kept_order_get(const struct kept_desk *desk, const struct kept_id *id, struct kept_order *ret_order,
                                 struct kept_err *err);
/* The next that is due is handed to visit, and is due again later, until it is acknowledged. KEPT_E_NOTFOUND: none is. */
KEPT_MUST_USE int kept_order_take(const struct kept_desk *desk, int (*visit)(void *arg, const struct kept_order *order),
                                  void *arg, struct kept_err *err);
/* What the system answered to an open order: taken over (from then on it is only reminded of), or not. */
KEPT_MUST_USE int kept_order_told(const struct kept_desk *desk, const struct kept_order *order, bool taken, uint32_t status,
                                  struct kept_err *err);
/* It is carried out, and remembered until an instant. */
KEPT_MUST_USE int kept_order_done(const struct kept_desk *desk, const struct kept_order *order, kept_ms until,
                                  struct kept_err *err);
/* Every open order, until visit says other than 0, which is returned; at most as many. One that does not open is passed by. */
KEPT_MUST_USE int kept_order_each(const struct kept_desk *desk, uint32_t limit,
                                  int (*visit)(void *arg, const struct kept_order *order), void *arg, bool *ret_more,
                                  struct kept_err *err);
/* Put a bite of them under the newest epoch, from a name on, which is moved; *ret_left: there are more. */
KEPT_MUST_USE int kept_orders_reseal(const struct kept_desk *desk, enum kept_slip_kind kind, struct kept_id *name, bool *ret_left,
                                     struct kept_err *err);
/* Forget what was acknowledged long enough ago, a bounded number; *deleted grows. */
KEPT_MUST_USE int kept_orders_due(const struct kept_desk *desk, uint32_t *deleted, struct kept_err *err);

#endif
