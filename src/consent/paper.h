/* paper.h - papers: what stands beside a person's consents and no decision looks at.
 *
 * Evidence of a consent, the guardians of a minor, what recipients are owed to be told: sealed in the
 * context, as one run of bytes that a read carries along unread (kept_subject.papers).
 * One paper: varint length of the rest | u8 kind | u8 scope kind | u8 by | u8 state << 4 | has |
 *   u32 scope | [1: u32 to] | [2: id[16]] | [4: sha256[32]] | varint at | varint until |
 *   KEPT_PAPER_TEXTS times: varint n, text
 * Threads: as the subject. */
#ifndef KEPT_CONSENT_PAPER_H
#define KEPT_CONSENT_PAPER_H

#include "subject/subject.h"

enum kept_paper_kind {
    KEPT_P_EVIDENCE = 1, /* of the row on (scope kind, scope) that `by` gave: 0 the person, else a guardian */
    KEPT_P_GUARDIAN,     /* number `by`; scope: 1 agreed in writing */
    KEPT_P_OWED,         /* recipient `to` is to be told of item `scope` */
    KEPT_P_SHOWN,        /* version `scope` of the policy was put in front of the person */
    KEPT_P_MINOR         /* seems to be a child: reported at, by the recorder; reference: the day of birth that was said */
};
enum kept_guardian_state { KEPT_G_SPEAKS = 1, KEPT_G_REVOKED };
enum kept_minor_state { KEPT_M_REPORTED = 1, KEPT_M_CONFIRMED /* erased until `until`; 0: not by this */ };
enum kept_owed { KEPT_OWED_STOP = 1, KEPT_OWED_DELETE };
enum { KEPT_PT_REFERENCE, KEPT_PT_RECORDER, KEPT_PT_CONTACT, KEPT_PT_RELATION, KEPT_PT_METHOD,
       KEPT_PAPER_TEXTS };

struct kept_paper {
    uint8_t kind;       /* enum kept_paper_kind */
    uint8_t scope_kind; /* enum kept_kind */
    uint8_t by;         /* number of a guardian, or 0 */
    uint8_t state;      /* of a guardian, of what is owed, of a report */
    uint32_t scope, to;
    struct kept_id subject;  /* all zero: none */
    const uint8_t *sha256;   /* 32 bytes, or NULL; borrowed like the texts */
    kept_ms at;              /* signed, began to speak, owed since */
    kept_ms until;           /* speaks no more since; 0: does */
    struct kept_span text[KEPT_PAPER_TEXTS];
};

/* The paper at *at, which moves on; false at the end. Begin with 0. What it borrows lives until the
 * papers change. A run that is damaged ends (the seal around it says it cannot be). */
bool kept_paper_next(const struct kept_subject *subject, size_t *at, struct kept_paper *ret_paper);
/* The one of this kind, scope kind, by, scope and to; false: there is none. */
bool kept_paper_find(const struct kept_subject *subject, const struct kept_paper *like,
                     struct kept_paper *ret_paper);
/* Put it in place of the one like it; what it borrows may be of the papers. KEPT_E_LIMIT,
 * KEPT_E_NOMEM: nothing changed. */
KEPT_MUST_USE int kept_paper_put(struct kept_subject *subject, const struct kept_paper *paper,
                                 struct kept_err *err);
/* Take out the one like it; none is success. */
KEPT_MUST_USE int kept_paper_drop(struct kept_subject *subject, const struct kept_paper *like,
                                  struct kept_err *err);

#endif
