/* consent.h - who agreed to what, for which scope, until when, and what shows it.
 *
 * Pure changes of an opened subject; the engine seals and commits them.
 * Scope: a function, purpose, item or recipient; KEPT_K_NONE is the whole policy.
 * Invariants: 1. One row per scope and voice - the notice, the person, the guardians; a later act
 * replaces the earlier, whose history is in the ledger.  2. A withdrawal needs the scope alone: fewer
 * facts than the grant.  3. Withdrawing what was never granted is a success: the person's no stands.
 * 4. Every row is bound to policy version, language and the hash of what was said there.  5. Written
 * and earlier consents have evidence; a guardian's has a guardian who speaks.  6. What a guardian
 * agreed to counts while the minor's age asks for it (policy), and falls when the guardian is revoked.
 * Clauses: S0-0.1, S0-0.2, S0-3.6, S0-3.7, S0-4.1, S0-8.1, S2-1.4.2.1b, S2-5.4, S4-14.1.
 * PIPL 14-16, 23, 29, 31. */
#ifndef KEPT_CONSENT_H
#define KEPT_CONSENT_H

#include "consent/paper.h"

/* What was shown to the person when they were asked. */
struct kept_shown {
    const struct kept_policy *policy; /* the version shown */
    const char *language;             /* BCP 47; NULL: the language of authority */
    kept_ms now;
};

/* The notice of this version was seen, or its going on counts as that (origin): from now on this
 * version governs. A refusal of the whole policy ends, but not by KEPT_O_DEEMED. at: when, not after
 * now. KEPT_E_USAGE: the policy has no such language. */
KEPT_MUST_USE int kept_consent_acknowledge(struct kept_subject *subject,
                                           const struct kept_shown *shown, enum kept_origin origin,
                                           kept_ms at, struct kept_err *err);

/* The text of a version was put in front of the person, who has not answered: nothing else changes. */
KEPT_MUST_USE int kept_consent_shown(struct kept_subject *subject, const struct kept_shown *shown,
                                     struct kept_err *err);
bool kept_consent_was_shown(const struct kept_subject *subject, uint32_t version);

/* One consent, about to be given. */
struct kept_grant {
    enum kept_consent_kind kind; /* EXPLICIT, SEPARATE, WRITTEN, GUARDIAN */
    enum kept_kind scope_kind;
    uint32_t scope;
    kept_ms expires;             /* 0 or later than now */
    enum kept_origin origin;     /* ASKED or LEGACY */
    uint32_t guardian;           /* GUARDIAN: which; 0: the only one who speaks */
    const struct kept_evidence *evidence; /* NULL: none */
    const char *recorder;        /* who records it; needed with evidence */
};

/* Implied consent is never granted by an act, it follows from use (S0-0.3). KEPT_E_USAGE (kind, scope,
 * evidence); KEPT_E_NOTFOUND (no such guardian); KEPT_E_CONFLICT (the notice of this version was not
 * acknowledged; the person withdrew or refused everything and has not agreed to go on; no guardian
 * speaks, or several do and none is named; LEGACY: a later act of the person stands); KEPT_E_LIMIT. */
KEPT_MUST_USE int kept_consent_grant(struct kept_subject *subject, const struct kept_shown *shown,
                                     const struct kept_grant *grant, struct kept_err *err);

/* ---- guardians ---- */

/* A guardian begins to speak, and agrees in general: a row on the whole policy, in their voice.
 * relation, method, evidence have been held against the policy by the caller. *ret_number: from 1.
 * KEPT_E_USAGE (neither a person nor a contact; texts too long); KEPT_E_CONFLICT (as for a grant);
 * KEPT_E_LIMIT (KEPT_MAX_GUARDIANS who ever spoke). */
KEPT_MUST_USE int kept_guardian_add(struct kept_subject *subject, const struct kept_shown *shown,
                                    const struct kept_guardian *guardian,
                                    const struct kept_evidence *evidence, const char *recorder,
                                    uint32_t *ret_number, struct kept_err *err);
/* The guardian speaks no more, and every row in their voice is withdrawn; at once and forward only.
 * KEPT_E_NOTFOUND; revoked already is success, and changes nothing. */
KEPT_MUST_USE int kept_guardian_revoke(struct kept_subject *subject, uint32_t number, kept_ms now,
                                       struct kept_err *err);
/* Which one speaks: number, or with 0 the only one. KEPT_E_NOTFOUND, KEPT_E_CONFLICT. */
KEPT_MUST_USE int kept_guardian_which(const struct kept_subject *subject, uint32_t number,
                                      uint32_t *ret_number, struct kept_err *err);

/* Reference within KEPT_MAX_REFERENCE, a hash of 32 bytes or none, one of the two, signed not after
 * now. KEPT_E_USAGE. */
KEPT_MUST_USE int kept_evidence_check(const struct kept_evidence *evidence, kept_ms now,
                                      struct kept_err *err);

/* ---- no ---- */

/* Asked, and refused; voice: KEPT_C_GUARDIAN for a guardian's answer, else the person's own. The person,
 * whole policy: their state is REFUSED and nothing is collected; who is RESTRICTED stays that as well. */
KEPT_MUST_USE int kept_consent_refuse(struct kept_subject *subject, const struct kept_shown *shown,
                                      enum kept_consent_kind voice, enum kept_kind scope_kind,
                                      uint32_t scope, struct kept_err *err);

/* At once and forward only. Whole policy: every row in that voice. */
KEPT_MUST_USE int kept_consent_withdraw(struct kept_subject *subject, enum kept_consent_kind voice,
                                        enum kept_kind scope_kind, uint32_t scope, kept_ms now,
                                        struct kept_err *err);

/* Apply a withdrawal, refusal or revoked guardian of the journal to a restored person: only rows not
 * newer than it change. Its record is the guardian revoked; of the others 1: in a guardian's voice. ret_changed says whether anything did. */
KEPT_MUST_USE int kept_consent_replay(struct kept_subject *subject,
                                      const struct kept_journal_row *row, bool *ret_changed,
                                      struct kept_err *err);

#endif
