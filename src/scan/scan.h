/* scan.h - personal data in free text, Chinese and English: where it stands and what it is.
 *
 * Found: phone, landline, id-card, bank-card, imei, mail, plate, ipv4, ipv6, mac, as people write
 * them: with spaces or hyphens, +86, in full-width characters, in the query of a URL. A finding has passed the check of its
 * kind (vault/kind.h), stands alone (not inside a longer number, code or path), and is not named as
 * something else by the word before it (`order no. 13812345678`) or the unit behind it. Not found:
 * names, postal addresses, dates, numbers in words or broken over lines. A judgement, not a proof:
 * tests/scan measures how often it is right.
 *
 * Text comes in pieces of any size; memory is flat (a window of some 50 KiB). Not UTF-8: bytes that
 * do not fit stand between findings like punctuation.
 * Invariants: 1. Findings come in order and never overlap.  2. How the text is cut into pieces changes
 * nothing.  3. A mask is no finding: what was redacted is not found again.
 * Threads: a handle belongs to one thread.  Clauses: S0-1.4, S1-1.5. */
#ifndef KEPT_SCAN_H
#define KEPT_SCAN_H

#include "vault/kind.h"

struct kept_finding {
    enum kept_item_kind kind;
    uint64_t at;            /* bytes of text before it */
    uint64_t line;          /* from 1 */
    size_t n;               /* its bytes */
    struct kept_span value; /* its normal form, until the call returns: personal data */
};

/* Who is told; either may be NULL. A result other than 0 ends the scan and is handed back. */
struct kept_scan_to {
    void *arg;
    int (*found)(void *arg, const struct kept_finding *finding);
    /* The text again, in pieces, with each finding as kept_kind_mask shows it. */
    int (*text)(void *arg, struct kept_span piece);
};

struct kept_scan;

/* KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_scan_new(const struct kept_scan_to *to, struct kept_scan **ret_scan);
/* 0; KEPT_E_NOMEM; what found or text returned. After an error: only kept_scan_free. */
KEPT_MUST_USE int kept_scan_feed(struct kept_scan *scan, struct kept_span text);
/* There is no more: what the window still holds is told. Once. Errors as kept_scan_feed. */
KEPT_MUST_USE int kept_scan_end(struct kept_scan *scan);
void kept_scan_free(struct kept_scan *scan); /* wipes; NULL is a no-op */

/* Append a text to out with its findings masked. KEPT_E_NOMEM, KEPT_E_LIMIT (of out). */
KEPT_MUST_USE int kept_scan_redact(struct kept_span text, struct kept_buf *out);

#endif
