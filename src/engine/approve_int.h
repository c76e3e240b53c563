/* approve_int.h - approval by two, inside the engine: what was asked for, by whom, and what another made of it. A row stands in
 * the store as a slip of the person, sealed, until its end, and goes with them; and in the app's table, where readers look.
 * Only its state changes there, and only while no request is judged. Clauses: S0-5.6, S2-4.1.6. */
#ifndef KEPT_ENGINE_APPROVE_INT_H
#define KEPT_ENGINE_APPROVE_INT_H

#include "engine/staff_int.h"

enum approval_state {
    APPROVAL_PENDING = 0, /* not committed yet */
    APPROVAL_ASKED,
    APPROVAL_GRANTED,     /* as far as .granted says */
    APPROVAL_REFUSED,
    APPROVAL_UNDONE       /* never was: its commit failed; or it went with the person */
};
struct approval {
    struct kept_id subject;
    uint32_t number;                       /* by which people name it; random, of the app */
    uint8_t state;
    bool busy;                             /* a change of it is on its way to the disk */
    uint32_t role, purpose, recipient;     /* refs; recipient 0: it is to be read */
    kept_ms asked, until, decided;
    char asker[KEPT_MAX_NAME + 1], decider[KEPT_MAX_NAME + 1], exemption[KEPT_MAX_NAME + 1];
    char because[KEPT_MAX_APPROVAL_BECAUSE + 1];
    uint32_t items[KEPT_APPROVAL_ITEMS], count; /* refs */
    uint32_t granted;                      /* of items, a bit each */
};

/* approvals.c: the table, and its rows in the store */

/* Of an app, as it is opened; one that does not open is none. KEPT_E_NOMEM, KEPT_E_IO. */
KEPT_MUST_USE int kept_app_approvals(struct kept *kept, struct app *app, struct kept_err *err);
void kept_approvals_free(struct app *app);
/* Room for one more, the call's until it is settled. KEPT_E_LIMIT, KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_approval_new(struct call *call, struct approval **ret, struct kept_err *err);
/* Not over, of the call's person. NULL: there is none of that number. */
struct approval *kept_approval_find(const struct call *call, uint32_t number);
/* Into the transaction. KEPT_E_NOMEM, and the store's. */
KEPT_MUST_USE int kept_approval_put(struct call *call, const struct approval *approval, struct kept_err *err);
/* What the call came to is committed, or undone: what it asked for, or decided; and of who was erased nothing stays. */
void kept_approval_settle(struct call *call, bool done);

/* approve.c */
/* Must another approve of this, and did they? Else the verdict says which rule asks for it. Any thread. */
bool kept_approved(struct call *call);

#endif
