/* staff_int.h - staff inside the engine: what is on file of a member, and what their role asks for, beside what it may.
 * Clauses: S1-4.12, S1-4.13, S1-4.14, S4-7.8, S4-7.10. */
#ifndef KEPT_ENGINE_STAFF_INT_H
#define KEPT_ENGINE_STAFF_INT_H

#include "engine/report_int.h"

/* staff.c: a member's row as it will be, in the transaction; it is the table's when that is committed. after borrows the
 * row's lists. KEPT_E_NOMEM, and the store's. */
KEPT_MUST_USE int kept_staff_put(struct call *call, struct kept_caller_row *row, const struct kept_caller_row *after,
                                 struct kept_err *err);
/* Is this actor that member: by name, or somebody whom a caller of another name asks for by it? */
bool kept_staff_is(const char *actor, const char *name);

/* attest.c */
/* Is all on file, and in date, that the policy in force requires of who asks over the network in a role of staff? Else
 * the verdict says which rule is not met, and the JSON what is missing. A service never has any of it. Any thread. */
bool kept_attested_enough(struct call *call);
/* The same of one role, for who is at the door. */
bool kept_attested_for(const struct kept_policy *policy, uint32_t role, const struct kept_caller_row *who, kept_ms now);
/* What is on file of a member, with its end. */
json_t *kept_attested_json(struct call *call, const struct kept_caller_row *row);

/* watch.c: a reply leaves, under the mutex: was it a read of staff, and one too many (S1-4.13)? Then the ledger is told. */
void kept_watch(struct call *call);
/* What was told of this window, and how often since the store was opened. */
void kept_watch_json(struct call *call, json_t *root);

#endif
