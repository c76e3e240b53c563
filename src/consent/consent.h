/* consent.h - who agreed to what, for which scope, until when.
 *
 * Pure changes of an opened subject; the engine seals and commits them.
 * Scope: a function, purpose, item or recipient; KEPT_K_NONE is the whole policy.
 * Invariants: 1. One row per scope (and one for the notice); a later act replaces the earlier, whose
 * history is in the ledger.  2. A withdrawal needs the scope alone: fewer facts than the grant.
 * 3. Withdrawing what was never granted is a success: the person's no stands.  4. Every row is bound
 * to policy version, language and the hash of the text that was shown.
 * Clauses: S0-0.1, S0-0.2, S0-3.6, S0-3.7, S0-4.1, S2-1.4.2.1b, S2-5.4. PIPL 14-16, 23, 29. */
#ifndef KEPT_CONSENT_H
#define KEPT_CONSENT_H

#include "subject/subject.h"

/* What was shown to the person when they were asked. */
struct kept_shown {
    const struct kept_policy *policy; /* the version shown */
    const char *language;             /* BCP 47; NULL: the language of authority */
    kept_ms now;
    kept_ms given;                    /* when they answered, if not now; 0: now */
    enum kept_origin origin;
};

/* What stands in the way of a consent that was given at an instant of the past: the newest act on the same
 * scope (kind: KEPT_C_ACKNOWLEDGEMENT for the notice) that is not older, or a no to everything. NULL:
 * nothing. The row of a grant is no obstacle, but leaves nothing to do. */
const struct kept_consent_row *kept_consent_overtakes(struct kept_subject *subject,
                                                      enum kept_consent_kind kind,
                                                      enum kept_kind scope_kind, uint32_t scope,
                                                      kept_ms given);

/* The notice of this version was seen: from now on this version governs. A refusal of the whole
 * policy ends. KEPT_E_USAGE: the policy has no such language. */
KEPT_MUST_USE int kept_consent_acknowledge(struct kept_subject *subject,
                                           const struct kept_shown *shown, struct kept_err *err);

/* kind: KEPT_C_EXPLICIT or _SEPARATE (implied consent is never granted by an act, it follows from
 * use: S0-0.3). expires: 0 or later than now. KEPT_E_USAGE; KEPT_E_CONFLICT (the notice of this
 * version was not acknowledged, or the person withdrew or refused everything and has not agreed to
 * go on); KEPT_E_LIMIT. */
KEPT_MUST_USE int kept_consent_grant(struct kept_subject *subject, const struct kept_shown *shown,
                                     enum kept_consent_kind kind, enum kept_kind scope_kind,
                                     uint32_t scope, kept_ms expires, struct kept_err *err);

/* Asked, and refused. Whole policy: the person's state is REFUSED and nothing is collected. */
KEPT_MUST_USE int kept_consent_refuse(struct kept_subject *subject, const struct kept_shown *shown,
                                      enum kept_kind scope_kind, uint32_t scope,
                                      struct kept_err *err);

/* At once and forward only. Whole policy: every row. */
KEPT_MUST_USE int kept_consent_withdraw(struct kept_subject *subject, enum kept_kind scope_kind,
                                        uint32_t scope, kept_ms now, struct kept_err *err);

/* Apply a withdrawal or refusal of the journal to a restored person: only rows not newer than it
 * change. ret_changed says whether anything did. */
KEPT_MUST_USE int kept_consent_replay(struct kept_subject *subject,
                                      const struct kept_journal_row *row, bool *ret_changed,
                                      struct kept_err *err);

#endif
