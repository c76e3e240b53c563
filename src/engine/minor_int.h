/* minor_int.h - people who turned out to be children, and those who come of age, inside the engine (minor.c). */
#ifndef KEPT_ENGINE_MINOR_INT_H
#define KEPT_ENGINE_MINOR_INT_H

#include "engine/report_int.h"

/* Into the JSON of a person: how a report of theirs stands; when they come of age, and what they must agree to themselves
 * then, which only a guardian did. The day is theirs and the app's to see, as that of their birth is. */
void kept_minor_told(struct call *call, json_t *root);
/* Into the JSON of STAT: how many are to be erased, and how many of them late. KEPT_E_IO. */
KEPT_MUST_USE int kept_minors_counted(struct call *call, json_t *root, struct kept_err *err);
/* Erase who is to be erased, as ERASE_SUBJECT does, a bounded number of people; the call is of any app. */
KEPT_MUST_USE int kept_minors_due(struct call *call, struct upkeep *work, struct kept_err *err);
/* Nothing is to be done about this person any more, inside a transaction. */
KEPT_MUST_USE int kept_minor_done(struct kept_store *store, uint64_t key, struct kept_err *err);
/* Apply KEPT_J_RESTRICT to an opened person, as kept_replay. */
KEPT_MUST_USE int kept_minor_replay(struct call *call, const struct kept_journal_row *row, struct kept_err *err);

#endif
